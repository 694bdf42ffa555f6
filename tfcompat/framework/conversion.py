"""Turning Python values into tensors: a registry of conversion functions by type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor

# (value, dtype=, name=, as_ref=) -> Tensor or NotImplemented
ConversionFunction = Callable[..., Any]

_registry: dict[int, list[tuple[Any, ConversionFunction]]] = {}
_by_type: dict[type, list[ConversionFunction]] = {}


@export("register_tensor_conversion_function")
def register_tensor_conversion_function(
    base_type: Any, conversion_func: ConversionFunction, priority: int = 100
) -> None:
    """Makes instances of `base_type` (a type or tuple of types) convertible to tensors; low priorities are tried first.

    Raises: TypeError when the arguments are no type and no callable.
    """
    if not (
        isinstance(base_type, type) or (isinstance(base_type, tuple) and all(isinstance(x, type) for x in base_type))
    ):
        raise TypeError("base_type must be a type or a tuple of types.")
    if not callable(conversion_func):
        raise TypeError("conversion_func must be callable.")
    _registry.setdefault(priority, []).append((base_type, conversion_func))
    _by_type.clear()


def _functions_for(kind: type) -> list[ConversionFunction]:
    found = _by_type.get(kind)
    if found is None:
        found = [
            function
            for priority in sorted(_registry)
            for base, function in _registry[priority]
            if issubclass(kind, base)
        ]
        _by_type[kind] = found
    return found


def to_tensor(
    value: Any,
    dtype: dtypes.DType | None = None,
    name: str | None = None,
    as_ref: bool = False,
    preferred_dtype: dtypes.DType | None = None,
) -> Tensor:
    """`convert_to_tensor` for callers inside the package: dtypes are DType objects already."""
    if type(value) is Tensor:
        if dtype is not None and dtype is not value._dtype and not dtype.is_compatible_with(value._dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value._dtype.name}: {value!r}"
            )
        return value
    for function in _functions_for(type(value)):
        result = NotImplemented
        if dtype is None and preferred_dtype is not None:
            try:
                result = function(value, dtype=preferred_dtype, name=name, as_ref=as_ref)
            except (TypeError, ValueError):
                result = NotImplemented
            else:
                if result is not NotImplemented and result.dtype.base_dtype != preferred_dtype.base_dtype:
                    raise TypeError(
                        "convert_to_tensor did not convert to the preferred dtype: "
                        f"{result.dtype.base_dtype.name} vs {preferred_dtype.base_dtype.name} "
                    )
        if result is NotImplemented:
            result = function(value, dtype=dtype, name=name, as_ref=as_ref)
        if result is NotImplemented:
            continue
        if not isinstance(result, Tensor):
            raise RuntimeError(
                f"{name}: Conversion function {function!r} for type {type(value)} returned non-Tensor: {result!r}"
            )
        if dtype is not None and not dtype.is_compatible_with(result.dtype):
            raise RuntimeError(
                f"{name}: Conversion function {function!r} for type {type(value)} returned incompatible dtype: "
                f"requested = {dtype.name}, actual = {result.dtype.name}"
            )
        return result  # type: ignore[no-any-return]
    label = f"{name}: " if name else ""
    raise TypeError(
        f"{label}Cannot convert {value!r} with type {type(value)} to Tensor: no conversion function registered."
    )


def _tensor_to_tensor(value: Tensor, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for Tensor with dtype {value.dtype.name}: {value!r}"
        )
    return value


register_tensor_conversion_function(Tensor, _tensor_to_tensor, 0)


@export("convert_to_tensor")
def convert_to_tensor(
    value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None, dtype_hint: Any = None
) -> Tensor:
    """Converts a value (Tensor, Variable, number, list, numpy array, registered type) to a Tensor.

    dtype must hold; preferred_dtype (or dtype_hint) holds where possible.
    Raises: TypeError for a value no conversion knows; ValueError when a tensor has another dtype.
    """
    hint = dtype_hint if dtype_hint is not None else preferred_dtype
    return to_tensor(
        value,
        None if dtype is None else dtypes.as_dtype(dtype),
        name,
        preferred_dtype=None if hint is None else dtypes.as_dtype(hint),
    )


def to_tensors(
    values: Sequence[Any],
    dtype: dtypes.DType | None = None,
    name: str | None = None,
    as_ref: bool = False,
    preferred_dtype: dtypes.DType | None = None,
) -> list[Tensor]:
    """Each value as a tensor; the i-th is named `name_i`."""
    if not isinstance(values, (list, tuple)):
        raise TypeError("values must be a sequence.")
    return [
        to_tensor(v, dtype, None if name is None else f"{name}_{i}", as_ref, preferred_dtype)
        for i, v in enumerate(values)
    ]


@export("convert_to_tensor_or_indexed_slices")
def convert_to_tensor_or_indexed_slices(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """Like convert_to_tensor, but an IndexedSlices stays one."""
    from tfcompat.framework.indexed_slices import IndexedSlices

    if isinstance(value, IndexedSlices):
        if dtype is not None and not dtypes.as_dtype(dtype).is_compatible_with(value.dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {dtypes.as_dtype(dtype).name} for Tensor with dtype "
                f"{value.dtype.name}: {str(value)!r}"
            )
        return value
    return convert_to_tensor(value, dtype, name)


def is_dense_tensor_like(value: Any) -> bool:
    """Whether `value` is a tensor or stands for one (a variable)."""
    return isinstance(value, Tensor) or getattr(type(value), "_is_tensor_like", False)
