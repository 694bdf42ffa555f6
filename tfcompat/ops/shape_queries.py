"""What shape a tensor has: shape, shape_n, size, rank, as tensors or, where it is known while building, constants."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, ShapeContext, get_op, op
from tfcompat.framework.op import Shape as Dims
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import num_elements, scalar
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.constants import constant


def _vector_of_rank(dims: Dims) -> Dims:
    return (None,) if dims is None else (len(dims),)


@op("Shape")
def shape_op(c: ShapeContext) -> Dims:
    return _vector_of_rank(c.shape(0))


@shape_op.kernel
def _shape(input: Any, *, out_type: Any, device: Any) -> torch.Tensor:
    return torch.tensor(list(input.shape), dtype=out_type.torch, device=device)


shape_op.gradient(NOT_DIFFERENTIABLE)


@op("ShapeN")
def shape_n_op(c: ShapeContext) -> list[Dims]:
    return [_vector_of_rank(dims) for dims in c.shapes]


@shape_n_op.kernel
def _shape_n(input: list[Any], *, out_type: Any, device: Any) -> list[torch.Tensor]:
    return [torch.tensor(list(x.shape), dtype=out_type.torch, device=device) for x in input]


shape_n_op.gradient(NOT_DIFFERENTIABLE)

size_op = op("Size")(scalar)


@size_op.kernel
def _size(input: Any, *, out_type: Any, device: Any) -> torch.Tensor:
    return torch.tensor(math.prod(input.shape), dtype=out_type.torch, device=device)


size_op.gradient(NOT_DIFFERENTIABLE)

rank_op = op("Rank")(scalar)


@rank_op.kernel
def _rank(input: Any, *, device: Any) -> torch.Tensor:
    return torch.tensor(len(input.shape), dtype=torch.int32, device=device)


rank_op.gradient(NOT_DIFFERENTIABLE)


@shape_op.samples
@size_op.samples
@rank_op.samples
def _asking_samples() -> Iterator[Sample]:
    yield sample(real(2, 3))
    yield sample(real())
    yield sample(real(0, 3))


@shape_n_op.samples
def _shape_n_samples() -> Iterator[Sample]:
    yield sample([real(2, 3), real()])


def _is_sparse(value: Any) -> bool:
    """SparseTensor and SparseTensorValue: both have indices, values and dense_shape, and so has IndexedSlices."""
    return hasattr(value, "dense_shape") and hasattr(value, "indices") and type(value).__name__ != "IndexedSlices"


@export("shape")
def shape(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """The shape of `input` as an integer vector; a constant where it is known while building.

    Shapes: any -> [rank].
    """
    return shape_internal(input, name, out_type=out_type)


@export(v2=("shape",))
def shape_v2(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> Tensor:
    """The shape of `input` as an integer vector."""
    return shape_internal(input, name, out_type=out_type)


def shape_internal(input: Any, name: str | None = None, optimize: bool = True, out_type: Any = dtypes.int32) -> Tensor:
    """`shape`; with optimize=False always a Shape node."""
    with name_scope(name, "Shape", [input]) as scope:
        if _is_sparse(input):
            return get_op("Cast")(input.dense_shape, DstT=out_type)
        tensor = conversion.to_tensor(input)
        dims = tensor._dims
        if optimize and dims is not None and None not in dims:
            return constant(list(dims), out_type, name=scope)
        return shape_op(input, out_type=out_type, name=scope)  # converted again, as TF does: a variable is read twice


@export("shape_n")
def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> list[Tensor]:
    """The shape of each tensor of a list."""
    return shape_n_op(input, out_type=out_type, name=name)


@export("size")
def size(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """The number of elements of `input`, a scalar; a constant where it is known while building."""
    return size_internal(input, name, out_type=out_type)


@export(v2=("size",))
def size_v2(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> Tensor:
    """The number of elements of `input`."""
    return size_internal(input, name, out_type=out_type)


def size_internal(input: Any, name: str | None = None, optimize: bool = True, out_type: Any = dtypes.int32) -> Tensor:
    """`size`; with optimize=False always a Size node."""
    with name_scope(name, "Size", [input]) as scope:
        if _is_sparse(input):
            return get_op("Prod")(get_op("Cast")(input.dense_shape, DstT=out_type), 0, name=scope)
        tensor = conversion.to_tensor(input)
        dims = tensor._dims
        if optimize and dims is not None:
            if None not in dims:
                return constant(num_elements(dims), out_type, name=scope)
            if 0 in dims:
                return constant(0, out_type, name=scope)
        return size_op(input, out_type=out_type, name=scope)


@export("rank")
def rank(input: Any, name: str | None = None) -> Tensor:
    """The number of dimensions of `input`, an int32 scalar; a constant where it is known while building."""
    return rank_internal(input, name)


def rank_internal(input: Any, name: str | None = None, optimize: bool = True) -> Tensor:
    """`rank`; with optimize=False always a Rank node."""
    with name_scope(name, "Rank", [input]) as scope:
        if _is_sparse(input):
            return size_op(input.dense_shape, name=scope)
        tensor = conversion.to_tensor(input)
        if optimize and tensor._dims is not None:
            return constant(len(tensor._dims), dtypes.int32, name=scope)
        return rank_op(input, name=scope)
