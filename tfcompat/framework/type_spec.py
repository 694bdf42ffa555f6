"""TypeSpec: what is known of a value before a run, be it one tensor or an object made of several.

Source: TF 1.15, python/framework/type_spec.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes, nest
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape


@export("TypeSpec", "data.experimental.Structure", v2=("TypeSpec",))
class TypeSpec:
    """Describes a value of `value_type`: subclasses say which tensors it comes apart into, and how it is put together.

    A subclass gives `_serialize` (its constructor's arguments, as a tuple), `_component_specs`, `_to_components` and
    `_from_components`. Two specs are equal when their types and serializations are.
    """

    __slots__: tuple[str, ...] = ()

    @property
    def value_type(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__}.value_type")

    @property
    def _component_specs(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__}._component_specs()")

    def _to_components(self, value: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}._to_components()")

    def _from_components(self, components: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}._from_components()")

    def _serialize(self) -> tuple[Any, ...]:
        raise NotImplementedError(f"{type(self).__name__}._serialize()")

    @classmethod
    def _deserialize(cls, serialization: tuple[Any, ...]) -> Any:
        return cls(*serialization)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a value, or every value of a spec, may be described by this one."""
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else type_spec_from_value(spec_or_value)
        return type(self) is type(other) and _compatible(self._serialize(), other._serialize())

    def most_specific_compatible_type(self, other: Any) -> Any:
        """The narrowest spec that describes what either describes.

        Raises: ValueError when there is none.
        """
        if type(self) is not type(other):
            raise ValueError(f"No TypeSpec is compatible with both {self} and {other}")
        return self._deserialize(_widened(self._serialize(), other._serialize()))

    # -- as a list of tensors ---------------------------------------------------------------------------------------

    @property
    def _flat_tensor_specs(self) -> list[Any]:
        return flat_components(self._component_specs)

    def _to_tensor_list(self, value: Any) -> list[Any]:
        return nest.flatten(self._to_components(value), expand_composites=True)

    def _from_tensor_list(self, tensor_list: list[Any]) -> Any:
        """The value made of tensors. Raises ValueError where they are not as described."""
        expected = self._flat_tensor_specs
        if len(tensor_list) != len(expected):
            raise ValueError("Incompatible input: wrong number of tensors")
        for i, (t, spec) in enumerate(zip(tensor_list, expected, strict=True)):
            if not type_spec_from_value(t).is_compatible_with(spec):
                raise ValueError(f"Incompatible input: tensor {i} ({t}) is incompatible with {spec}")
        return self._from_compatible_tensor_list(tensor_list)

    def _from_compatible_tensor_list(self, tensor_list: list[Any]) -> Any:
        return self._from_components(nest.pack_sequence_as(self._component_specs, tensor_list))

    # -- as the three structures of the first tf.data ---------------------------------------------------------------

    def _to_legacy_output_types(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__}._to_legacy_output_types()")

    def _to_legacy_output_shapes(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__}._to_legacy_output_shapes()")

    def _to_legacy_output_classes(self) -> Any:
        return self.value_type

    # -- comparing --------------------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _key(self._serialize()) == _key(other._serialize())  # type: ignore[attr-defined]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((type(self), _key(self._serialize())))

    def __reduce__(self) -> Any:
        return type(self), self._serialize()

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._serialize()!r}"


class BatchableTypeSpec(TypeSpec):
    """A TypeSpec of values that can be stacked and sliced along a new first dimension."""

    __slots__: tuple[str, ...] = ()

    def _batch(self, batch_size: int | None) -> Any:
        raise NotImplementedError(f"{type(self).__name__}._batch")

    def _unbatch(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__}._unbatch")

    def _to_batched_tensor_list(self, value: Any) -> list[Any]:
        tensors = self._to_tensor_list(value)
        if any(t.shape.ndims == 0 for t in tensors):
            raise ValueError(f"Value {value} has insufficient rank for batching.")
        return tensors


def flat_components(component_specs: Any) -> list[Any]:
    """The specs of single tensors in a structure of specs."""
    out: list[Any] = []
    for spec in nest.flatten(component_specs):
        inner = spec._component_specs
        out.extend([spec] if inner is spec else flat_components(inner))
    return out


def _key(value: Any) -> Any:
    """A serialization as something hashable."""
    if isinstance(value, dict):
        return tuple((_key(k), _key(value[k])) for k in sorted(value))
    if isinstance(value, (tuple, list)):
        return tuple(_key(v) for v in value)
    if isinstance(value, TensorShape):
        return TensorShape, value._tuple
    if isinstance(value, np.ndarray):
        return np.ndarray, value.shape, _key(value.tolist())
    return value


def _compatible(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_compatible, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_compatible(v, b[k]) for k, v in a.items())
    if isinstance(a, (TypeSpec, TensorShape, dtypes.DType)):
        return bool(a.is_compatible_with(b))
    return bool(a == b)


def _widened(a: Any, b: Any) -> Any:
    different = ValueError(f"Types are not compatible: {a!r} vs {b!r}")
    if type(a) is not type(b):
        raise different
    if isinstance(a, tuple):
        if len(a) != len(b):
            raise different
        parts = [_widened(x, y) for x, y in zip(a, b, strict=True)]
        return type(a)(*parts) if hasattr(a, "_fields") else tuple(parts)
    if isinstance(a, dict):
        if a.keys() != b.keys():
            raise different
        return {k: _widened(a[k], b[k]) for k in sorted(a)}
    if isinstance(a, TensorShape):
        return a.most_specific_compatible_shape(b)
    if isinstance(a, TypeSpec):
        return a.most_specific_compatible_type(b)
    if a != b:
        raise different
    return a


# -- from values ------------------------------------------------------------------------------------------------------

_converters: list[tuple[type, Callable[[Any], TypeSpec], bool]] = []


def register_type_spec_from_value_converter(
    type_object: type, converter_fn: Callable[[Any], TypeSpec], allow_subclass: bool = False
) -> None:
    """Lets `type_spec_from_value` describe values of a class; the latest registration is asked first."""
    _converters.append((type_object, converter_fn, allow_subclass))


def known_type_spec(value: Any) -> Any:
    """The spec of a value that has one without being converted, or None."""
    own = getattr(value, "_type_spec", None)
    if isinstance(own, TypeSpec):
        return own
    if isinstance(value, list) and value:
        specs = [known_type_spec(v) for v in value]
        if isinstance(specs[0], BatchableTypeSpec):
            merged: Any = specs[0]
            try:
                for spec in specs[1:]:
                    merged = merged.most_specific_compatible_type(spec)
                return merged._batch(len(specs))
            except (ValueError, TypeError):
                pass
    for kind, make, subclasses in reversed(_converters):
        if type(value) is kind or (subclasses and isinstance(value, kind)):
            return make(value)
    return None


def type_spec_from_value(value: Any) -> Any:
    """The spec of a value, of the tensor it converts to where it has none itself.

    Raises: TypeError when it cannot be converted.
    """
    spec = known_type_spec(value)
    if spec is None:
        try:
            spec = known_type_spec(conversion.convert_to_tensor(value))
        except (ValueError, TypeError):
            spec = None
    if spec is None:
        raise TypeError(f"Could not build a TypeSpec for {value!r} with type {type(value).__name__}")
    return spec
