"""Sums of many tensors of one shape."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.shape_rules import merge, text
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import families, identity


def _one_shape(c: ShapeContext) -> Shape:
    shape = c.shapes[0]
    for i in range(1, len(c)):
        try:
            shape = merge(shape, c.shapes[i])
        except ShapeError as cause:
            raise ShapeError(f"{cause}\n\tFrom merging shape {i} with other shapes.") from None
    return shape


def _pass_to_all(node: Any, dy: Any) -> list[Any]:
    return [dy] * len(node._inputs)


def _add_all(inputs: list[torch.Tensor], node_name: str = "") -> torch.Tensor:
    first = inputs[0]
    for i, x in enumerate(inputs):
        if x.shape != first.shape:
            raise InvalidArgumentError(
                None,
                None,
                f"Inputs to operation {node_name or 'AddN'} of type AddN must have the same size and shape.  "
                f"Input 0: {text(tuple(first.shape))} != input {i}: {text(tuple(x.shape))}",
            )
    if first.dtype in families.WIDE:
        return sum(x.to(torch.int64) for x in inputs).to(first.dtype)  # type: ignore[union-attr]
    if len(inputs) == 1:
        return first.clone()
    total = torch.add(first, inputs[1])
    for x in inputs[2:]:
        total.add_(x)
    return total


def _sum_of_list(op_type: str) -> Op:
    made = op(op_type)(_one_shape)
    made.kernel(lambda inputs: _add_all(inputs))
    made.gradient(_pass_to_all)

    @made.builder
    def build(c: Any) -> Any:
        if c.attrs["T"] is dtypes.variant:
            # Lists of tensors know how to add themselves, element by element.
            return lambda inputs: functools.reduce(lambda total, x: total.added(x), inputs)
        name = c.node._name
        return lambda inputs: _add_all(inputs, name)

    return made


add_n_op = _sum_of_list("AddN")
accumulate_n_v2_op = _sum_of_list("AccumulateNV2")


@add_n_op.samples
def _add_n_samples() -> Iterator[Sample]:
    yield sample([real(2, 3), real(2, 3), real(2, 3)])
    yield sample([real()])


@accumulate_n_v2_op.samples
def _accumulate_n_samples() -> Iterator[Sample]:
    yield sample([real(2, 3), real(2, 3)], shape=[2, 3])


@export("add_n", v2=("add_n",))
def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of a list of tensors (or IndexedSlices, made dense) of one shape and dtype.

    Raises: ValueError when `inputs` is no list or is empty.
    """
    wrong = "inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape"
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise ValueError(wrong)
    values = [conversion.convert_to_tensor_or_indexed_slices(x) for x in inputs]
    if not all(isinstance(x, (Tensor, IndexedSlices)) for x in values):
        raise ValueError(wrong)
    if len(values) == 1:
        only = conversion.to_tensor(values[0]) if isinstance(values[0], IndexedSlices) else values[0]
        return identity.identity(only, name=name) if name else only
    return add_n_op(values, name=name)


@export("accumulate_n", v2=("math.accumulate_n",))
def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """The sum of a list of tensors of one shape and dtype, in memory that does not grow with their number.

    Raises: ValueError for inputs that do not fit together; TypeError when `tensor_dtype` is not theirs.
    """
    wrong = "inputs must be a list of at least one Tensor with the same dtype and shape"
    if not inputs or not isinstance(inputs, (list, tuple)):
        raise ValueError(wrong)
    values = [conversion.convert_to_tensor_or_indexed_slices(x) for x in inputs]
    if not all(isinstance(x, Tensor) for x in values) or any(x.dtype != values[0].dtype for x in values):
        raise ValueError(wrong)
    merged = TensorShape(None) if shape is None else TensorShape(shape)
    for x in values:
        merged = merged.merge_with(x.shape)
    if tensor_dtype is not None and tensor_dtype != values[0].dtype:
        raise TypeError(f"tensor_dtype is {tensor_dtype}, but input is of type {values[0].dtype}")
    if len(values) == 1:
        return values[0] if name is None else identity.identity(values[0], name=name)
    return accumulate_n_v2_op(values, shape=merged, name=name)


