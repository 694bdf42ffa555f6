"""Arguments of padded_batch as tensors.

Source: TF 1.15, python/data/ops/dataset_ops.py (PaddedBatchDataset).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcompat.data import nest
from tfcompat.framework import constant_value, conversion, dtypes
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor


def arguments(
    types: Any, input_shapes: Any, padded_shapes: Any, padding_values: Any
) -> tuple[list[Tensor], list[Tensor]]:
    """The shape to pad each component to, and what to pad it with.

    Raises: ValueError or TypeError where they do not fit the components.
    """
    flat = nest.flatten_up_to(input_shapes, padded_shapes)
    wanted = [_shape(given, known) for known, given in zip(nest.flatten(input_shapes), flat, strict=True)]
    if padding_values is None:
        padding_values = nest.map_structure(_zero, types)
    values = nest.map_structure_up_to(input_shapes, _value, padding_values, types)
    return wanted, nest.flatten(values)


def _shape(given: Any, known: TensorShape) -> Tensor:
    try:
        shape = TensorShape(given)
        made = conversion.convert_to_tensor([-1 if d is None else d for d in shape.as_list()], dtype=dtypes.int64)
    except (TypeError, ValueError):
        made = conversion.convert_to_tensor(given, preferred_dtype=dtypes.int64)
        if made.shape.ndims not in (None, 1):
            raise ValueError(
                f"Padded shape {given} must be a 1-D tensor of tf.int64 values, but its shape was {made.shape}."
            ) from None
        if made.dtype != dtypes.int64:
            raise TypeError(
                f"Padded shape {given} must be a 1-D tensor of tf.int64 values, but its element type was "
                f"{made.dtype.name}."
            ) from None
        shape = TensorShape(constant_value.partial_shape(made))
    if not _holds(shape._tuple, known._tuple):
        raise ValueError(
            f"The padded shape {shape} is not compatible with the corresponding input component shape {known}."
        )
    return made


def _holds(padded: Any, component: Any) -> bool:
    if padded is None or component is None:
        return True
    if len(padded) != len(component):
        return False
    return all(None in (p, c) or p >= c for p, c in zip(padded, component, strict=True))


def _zero(dtype: Any) -> Any:
    base = dtype.base_dtype
    if base is dtypes.string:
        return ""
    if base is dtypes.variant:
        raise TypeError(
            f"Unable to create padding for field of type 'variant' because t.base_type == dtypes.variant == {base}."
        )
    return np.zeros_like(dtype.as_numpy_dtype())


def _value(value: Any, dtype: Any) -> Tensor:
    made = conversion.convert_to_tensor(value, name="padding_value")
    if not made.shape.is_compatible_with(TensorShape([])):
        raise ValueError(f"Padding value should be a scalar, but is not: {made}")
    if made.dtype != dtype:
        raise TypeError(f"Padding value tensor ({made}) does not match output type: {dtype}")
    return made
