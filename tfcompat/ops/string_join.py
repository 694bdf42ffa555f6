"""Joining strings element by element.

Source: TF 1.15, core/ops/string_ops.cc, core/kernels/string_join_op.cc.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, op
from tfcompat.framework.shape_rules import merge
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.scatter import dims_text


@op("StringJoin")
def string_join_op(c: ShapeContext) -> Shape:
    # One scalar makes the others' shape unknown to TensorFlow; equal ranks above zero are merged.
    if any(shape is None for shape in c.shapes):
        return None
    whole: Shape = ()
    for shape in c.shapes:
        if shape:
            whole = merge(whole, shape) if whole else shape
    return whole


string_join_op.gradient(NOT_DIFFERENTIABLE)


@string_join_op.kernel
def _string_join(inputs: list[np.ndarray], *, separator: Any) -> np.ndarray:
    between = separator.encode() if isinstance(separator, str) else separator
    shape: tuple[int, ...] = ()
    for value in inputs:
        if value.ndim:
            if shape and value.shape != shape:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"Input shapes do not match for indices: {dims_text(shape)} vs. {dims_text(value.shape)}",
                )
            shape = value.shape
    columns = [np.broadcast_to(value, shape).ravel().tolist() for value in inputs]
    joined = np.empty(int(np.prod(shape)), object)
    joined[:] = [between.join(row) for row in zip(*columns, strict=True)]
    return joined.reshape(shape)


@export("strings.join", "string_join", v2=("strings.join",))
def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """The strings of several tensors joined element by element; scalars go with every element.

    Raises: InvalidArgumentError while running when shapes differ.
    """
    return string_join_op(inputs, separator=separator, name=name)  # type: ignore[no-any-return]
