"""Lists that hold tensors, as tensors: `tf.add([x, 1.0], y)` packs its list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tfcompat.framework import conversion
from tfcompat.framework.op import get_op
from tfcompat.framework.scopes import name_scope
from tfcompat.ops.arrays import pack_op
from tfcompat.ops.constants import constant

_PLAIN = frozenset([*{np.dtype(code).type for code in np.typecodes["All"]}, int, float, complex, bool, bytes, str])
_NEVER_PACKED = _PLAIN | {np.ndarray, memoryview}


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _leaves(value[key])
    else:
        yield value


def _dtype_within(values: Any) -> Any:
    """The dtype of the first tensor in nested lists; None without tensors."""
    for item in values:
        if conversion.is_dense_tensor_like(item):
            return item.dtype.base_dtype
        if isinstance(item, (list, tuple)):
            found = _dtype_within(item)
            if found is not None:
                return found
    return None


def _cast_tensors(values: Any, dtype: Any) -> Any:
    if isinstance(values, (list, tuple)):
        return [_cast_tensors(v, dtype) for v in values]
    if conversion.is_dense_tensor_like(values) and values.dtype.base_dtype != dtype:
        return get_op("Cast")(values, DstT=dtype)
    return values


def _pack_nested(values: Any, dtype: Any, name: str) -> Any:
    """Nested lists with tensors in them as Pack nodes; a list without any stays a list."""
    must_pack = False
    items: list[Any] = []
    with name_scope(name) as scope:
        for i, item in enumerate(values):
            if conversion.is_dense_tensor_like(item):
                if dtype is not None and item.dtype.base_dtype != dtype:
                    raise TypeError(
                        f"Cannot convert a list containing a tensor of dtype {item.dtype} to {dtype} "
                        f"(Tensor is: {item!r})"
                    )
                must_pack = True
            elif isinstance(item, (list, tuple)):
                item = _pack_nested(item, dtype, str(i))
                must_pack = must_pack or conversion.is_dense_tensor_like(item)
            items.append(item)
        if not must_pack:
            return items
        tensors = [
            item if conversion.is_dense_tensor_like(item) else constant(item, dtype=dtype, name=str(i))
            for i, item in enumerate(items)
        ]
        return pack_op(tensors, name=scope)


def _autopack(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    """Converts a list (of lists) that holds tensors by packing it; leaves other lists to the constants."""
    if as_ref:
        return NotImplemented
    for leaf in _leaves(value):
        if type(leaf) not in _NEVER_PACKED:
            break
    else:
        return NotImplemented
    found = _dtype_within(value)
    if found is None:
        return NotImplemented
    if dtype is None:
        dtype = found
    elif dtype != found:
        value = _cast_tensors(value, dtype)
    return _pack_nested(value, dtype, name or "packed")


# Before the conversion of lists to constants, which takes every element for a number.
conversion.register_tensor_conversion_function((list, tuple), _autopack, 99)
