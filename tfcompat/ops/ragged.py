"""The kernels under ragged tensors: rows of different lengths as values and row splits.

Source: TF 1.15, core/kernels/{ragged_range_op,ragged_gather_op,ragged_tensor_to_sparse_kernel}.cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import at_most_rank
from tfcompat.ops import shapes


def _invalid(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)


# --- ranges ----------------------------------------------------------------------------------------------------


@op("RaggedRange")
def ragged_range_op(c: ShapeContext) -> list[Shape]:
    rows: int | None = None
    for i in range(3):
        shape = at_most_rank(c.shape(i), 1)
        if shape is not None and len(shape) == 1 and shape[0] is not None:
            rows = shape[0]
    scalars = all(s == () for s in c.shapes)
    return [(2,) if scalars else (None if rows is None else rows + 1,), (None,)]


ragged_range_op.gradient(NOT_DIFFERENTIABLE)


@ragged_range_op.kernel
def _ragged_range(
    starts: torch.Tensor, limits: torch.Tensor, deltas: torch.Tensor, *, Tsplits: dtypes.DType
) -> list[torch.Tensor]:
    for name, v in (("starts", starts), ("limits", limits), ("deltas", deltas)):
        if v.ndim > 1:
            raise _invalid(f"{name} must be a scalar or vector")
    lengths = {v.shape[0] for v in (starts, limits, deltas) if v.ndim}
    if len(lengths) > 1:
        raise _invalid("starts, limits, and deltas must have the same shape")
    rows = lengths.pop() if lengths else 1
    start, limit, delta = (v.reshape(-1).expand(rows).double() for v in (starts, limits, deltas))
    if bool((delta == 0).any()):
        raise _invalid("Requires delta != 0")
    sizes = torch.ceil((limit - start) / delta).clamp(min=0).to(torch.int64)
    splits = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])
    at = torch.repeat_interleave(torch.arange(rows, device=sizes.device), sizes)
    within = torch.arange(int(splits[-1]), device=sizes.device) - splits[at]
    begin, step = (v.reshape(-1).expand(rows)[at] for v in (starts, deltas))
    return [splits.to(Tsplits.torch), begin + step * within.to(starts.dtype)]


@ragged_range_op.samples
def _ragged_range_samples() -> Iterator[Sample]:
    yield sample(fixed([0, 5, 8]), fixed([3, 5, 2]), fixed([1, 1, -2]))
    yield sample(fixed(0), fixed([3, 0]), fixed(1))


# --- gather ----------------------------------------------------------------------------------------------------


@op("RaggedGather")
def ragged_gather_op(c: ShapeContext) -> list[Shape]:
    values, indices = c.shape(len(c) - 2), c.shape(len(c) - 1)
    splits: list[Shape] = [(None,)] * c.attrs["OUTPUT_RAGGED_RANK"]
    if splits and indices is not None and len(indices) == 1 and indices[0] is not None:
        splits[0] = (indices[0] + 1,)
    return [*splits, None if values is None else (None, *values[1:])]


@ragged_gather_op.kernel
def _ragged_gather(
    params_nested_splits: list[torch.Tensor],
    params_dense_values: Any,
    indices: torch.Tensor,
    *,
    OUTPUT_RAGGED_RANK: int,
) -> list[Any]:
    splits = [s.to(torch.int64) for s in params_nested_splits]
    kind = params_nested_splits[0].dtype
    for s in splits:
        if s.ndim != 1 or not s.numel() or int(s[0]) != 0:
            raise _invalid("Ragged splits must start with 0" if s.numel() else "Splits must be non-empty")
        if bool((s[1:] < s[:-1]).any()):
            raise _invalid("Ragged splits must be non-decreasing")
    ends = [int(s.numel()) - 1 for s in splits[1:]] + [params_dense_values.shape[0]]
    for s, end in zip(splits, ends, strict=True):
        if int(s[-1]) != end:
            raise _invalid("Ragged splits must not point past values")
    rows = indices.reshape(-1).to(torch.int64)
    count = splits[0].numel() - 1
    bad = ((rows < 0) | (rows >= count)).nonzero()
    if bad.numel():
        place = int(bad[0, 0])
        raise _invalid(f"indices[{place}] = {int(rows[place])} is not in [0, {count})")
    out: list[torch.Tensor] = []
    # Dimensions of the indices before the last become rows of equal length.
    for d in range(indices.ndim - 1):
        n = int(np.prod(indices.shape[: d + 1], dtype=np.int64))
        out.append(torch.arange(n + 1) * indices.shape[d + 1])
    for s in splits:
        sizes = s[rows + 1] - s[rows]
        made = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])
        out.append(made)
        at = torch.repeat_interleave(torch.arange(rows.numel()), sizes)
        rows = s[rows][at] + torch.arange(int(made[-1])) - made[at]
    if len(out) != OUTPUT_RAGGED_RANK:
        raise _invalid(f"OUTPUT_RAGGED_RANK is {OUTPUT_RAGGED_RANK}, the inputs give {len(out)}")
    strings = isinstance(params_dense_values, np.ndarray)
    return [*(s.to(kind) for s in out), params_dense_values[rows.numpy() if strings else rows]]


@ragged_gather_op.samples
def _ragged_gather_samples() -> Iterator[Sample]:
    yield sample([fixed([0, 2, 2, 5], np.int64)], fixed(np.arange(5.0)), fixed([2, 0, 2]), OUTPUT_RAGGED_RANK=1)


# --- to sparse -------------------------------------------------------------------------------------------------


@op("RaggedTensorToSparse", alias=True)
def ragged_tensor_to_sparse_op(c: ShapeContext) -> list[Shape]:
    values = c.shape(len(c) - 1)
    rank = None if values is None else len(values) + len(c) - 1
    count = None
    if values is not None and None not in values:
        count = int(np.prod(values, dtype=np.int64))
    return [(count, rank), (count,), (rank,)]


@ragged_tensor_to_sparse_op.kernel
def _ragged_tensor_to_sparse(rt_nested_splits: list[torch.Tensor], rt_dense_values: torch.Tensor) -> list[Any]:
    splits = [s.to(torch.int64) for s in rt_nested_splits]
    ends = [int(s.numel()) - 1 for s in splits[1:]] + [rt_dense_values.shape[0] if rt_dense_values.ndim else 0]
    for s, end in zip(splits, ends, strict=True):
        if s.ndim != 1 or not s.numel():
            raise _invalid("ragged splits may not be empty.")
        if int(s[0]) != 0:
            raise _invalid("First value of ragged splits must be 0.")
        if int(s[-1]) != end:
            raise _invalid("Final value of ragged splits must match the length the corresponding ragged values.")
    columns = [torch.arange(splits[0].numel() - 1)]
    dims = [splits[0].numel() - 1]
    for s in splits:
        sizes = s[1:] - s[:-1]
        if bool((sizes < 0).any()):
            raise _invalid("Ragged splits must be non-decreasing")
        at = torch.repeat_interleave(torch.arange(sizes.numel()), sizes)
        columns = [column[at] for column in columns]
        columns.append(torch.arange(int(s[-1])) - s[:-1][at])
        dims.append(int(sizes.max()) if sizes.numel() else 0)
    inner = rt_dense_values.shape[1:]
    if inner:
        n = int(np.prod(inner, dtype=np.int64))
        columns = [column.repeat_interleave(n) for column in columns]
        grid = torch.cartesian_prod(*(torch.arange(d) for d in inner)).reshape(-1, len(inner))
        columns += list(grid.repeat(rt_dense_values.shape[0], 1).unbind(1))
    return [torch.stack(columns, 1), rt_dense_values.reshape(-1), torch.tensor([*dims, *inner], dtype=torch.int64)]


@ragged_tensor_to_sparse_op.samples
def _ragged_tensor_to_sparse_samples() -> Iterator[Sample]:
    splits = fixed([0, 2, 2, 5], np.int64)
    yield sample([splits], real(5))
    yield sample([splits], real(5, 2))


@ragged_tensor_to_sparse_op.gradient
def _ragged_tensor_to_sparse_rule(node: Any, *grads: Any) -> Any:
    values = node.inputs[-1]
    return [None] * (len(node.inputs) - 1) + [shapes.reshape(grads[1], shapes.shape(values))]
