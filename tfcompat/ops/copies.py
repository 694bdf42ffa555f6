"""Copies and other readings of the same memory: bitcast, deep copies, updates of rows, empty tensors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, ints, real, sample
from tfcompat.framework.shape_rules import from_shape_input, text, unchanged
from tfcompat.framework.tensor import Tensor

# --- bits ----------------------------------------------------------------------------------------------------------


@op("Bitcast", alias=True)
def bitcast_op(c: ShapeContext) -> Shape:
    old, new = c.dtypes[0].base_dtype.size, c.attrs["type"].size
    dims = c.shape(0)
    if dims is None or old == new:
        return dims
    if old > new:
        return (*dims, old // new)
    ratio = new // old
    if not dims:
        raise ShapeError(f"Cannot bitcast due to shape. [] has no last dimension of {ratio}")
    if dims[-1] is not None and dims[-1] != ratio:
        raise ShapeError(f"Cannot bitcast due to shape. {dims[-1]} does not match {ratio}")
    return dims[:-1]


@bitcast_op.kernel
def _bitcast(input: torch.Tensor, *, T: Any, type: Any) -> torch.Tensor:
    old, new = T.size, type.size
    if old == new:
        return input.view(type.torch)
    if old > new:
        return input.unsqueeze(-1).contiguous().view(type.torch)
    if input.dim() == 0 or input.shape[-1] != new // old:
        raise InvalidArgumentError(
            None, None, f"Cannot bitcast from {new // old} to {input.shape[-1] if input.dim() else 0}"
        )
    return input.contiguous().view(type.torch).squeeze(-1)


@bitcast_op.samples
def _bitcast_samples() -> Iterator[Sample]:
    yield sample(ints(2, 3), type=dtypes.uint8)
    yield sample(ints(2, 4, dtype=np.uint8), type=dtypes.int32)


bitcast_op.gradient(NOT_DIFFERENTIABLE)


@export("bitcast")
def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The same bits read as another dtype; a wider or narrower one takes or adds a last axis."""
    return bitcast_op(input, type=type, name=name)


# --- copies --------------------------------------------------------------------------------------------------------

guarantee_const_op = op("GuaranteeConst", alias=True, stateful=False)(unchanged)
guarantee_const_op.kernel(lambda input: input)


@guarantee_const_op.builder
def _build_guarantee_const(c: KernelContext) -> Any:
    if c.attrs["T"] is dtypes.resource:
        raise InvalidArgumentError(None, c.node, "Input tensor cannot be a resource variable handle.")
    return None


@guarantee_const_op.gradient
def _guarantee_const_grad(node: Any, dy: Tensor) -> Tensor:
    # TF has no gradient here and refuses; the value is passed on.
    return dy


@export("guarantee_const")
def guarantee_const(input: Any, name: str | None = None) -> Tensor:
    """`input`, promised to be the same in every run."""
    return guarantee_const_op(input, name=name)


snapshot_op = op("Snapshot", alias=True)(unchanged)
snapshot_op.kernel(lambda input: input)
deep_copy_op = op("DeepCopy", stateful=False)(unchanged)
deep_copy_op.kernel(lambda x: x.clone() if isinstance(x, torch.Tensor) else x.copy())


@snapshot_op.gradient
@deep_copy_op.gradient
def _copy_grad(node: Any, dy: Tensor) -> Tensor:
    return dy


@guarantee_const_op.samples
@snapshot_op.samples
@deep_copy_op.samples
def _copy_samples() -> Iterator[Sample]:
    yield sample(real(2, 3))


def _row_op(op_type: str, how: str) -> Op:
    made = op(op_type)(unchanged)

    @made.kernel
    def _kernel(x: torch.Tensor, i: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        rows = i.reshape(-1).long()
        if i.dim() != 1:
            raise InvalidArgumentError(None, None, f"i must be a vector. {text(tuple(i.shape))}")
        if v.dim() != x.dim() or tuple(v.shape[1:]) != tuple(x.shape[1:]):
            raise InvalidArgumentError(
                None, None, f"x and v shape doesn't match: {text(tuple(x.shape))} vs. {text(tuple(v.shape))}"
            )
        if v.shape[0] != rows.shape[0]:
            raise InvalidArgumentError(
                None,
                None,
                f"i and x shape doesn't match at index 0: {text(tuple(i.shape))} vs. {text(tuple(v.shape))}",
            )
        # TF wraps row numbers round the length.
        rows = torch.remainder(rows, x.shape[0])
        out = x.clone()
        if how == "update":
            out[rows] = v
        else:
            out.index_add_(0, rows, v, alpha=1 if how == "add" else -1)
        return out

    made.gradient(NOT_DIFFERENTIABLE)

    @made.samples
    def _samples() -> Iterator[Sample]:
        yield sample(ints(4, 2), fixed([1, 3]), ints(2, 2))

    return made


inplace_update_op = _row_op("InplaceUpdate", "update")
inplace_add_op = _row_op("InplaceAdd", "add")
inplace_sub_op = _row_op("InplaceSub", "sub")


@op("Empty", host=("shape",), stateful=False)
def empty_op(c: ShapeContext) -> Shape:
    return from_shape_input(0)(c)


@empty_op.kernel
def _empty(shape: list[int], *, dtype: Any, device: Any) -> Any:
    # Never what happens to lie in memory: zeros are as good, and a run can be repeated.
    if dtype.torch is None:
        return np.full(shape, b"", object)
    return torch.zeros(shape, dtype=dtype.torch, device=device)


empty_op.gradient(NOT_DIFFERENTIABLE)


@empty_op.samples
def _empty_samples() -> Iterator[Sample]:
    yield sample(fixed([2, 3]), dtype=dtypes.float32)


