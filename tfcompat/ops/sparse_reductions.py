"""Sums and maxima of sparse tensors over axes, with dense or sparse results.

Source: TF 1.15, core/kernels/sparse_reduce_op.cc, python/ops/sparse_grad.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, gathering, reductions, shapes
from tfcompat.ops.families import WIDE
from tfcompat.ops.sparse_parts import check_dims, flat_keys, keys_of, refuse

# (values, group of each value, number of groups) -> one value for each group
Combine = Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]


def _sums(values: torch.Tensor, group: torch.Tensor, count: int) -> torch.Tensor:
    return values.new_zeros(count).index_add_(0, group, values)


def _maxima(values: torch.Tensor, group: torch.Tensor, count: int) -> torch.Tensor:
    return values.new_zeros(count).scatter_reduce(0, group, values, "amax", include_self=False)


def _combined(combine: Combine, values: torch.Tensor, group: torch.Tensor, count: int) -> torch.Tensor:
    if values.dtype in WIDE:
        return combine(values.to(torch.int64), group, count).to(values.dtype)
    return combine(values, group, count)


def _kept_axes(axes: Any, dims: list[int]) -> list[int]:
    """The axes that stay, from a scalar or list of those that go."""
    rank = len(dims)
    gone = axes if isinstance(axes, list) else [axes]
    for axis in gone:
        if not -rank <= axis < rank:
            raise refuse(f"Invalid reduction dimension {axis}, for input with {rank} dimensions.")
    check_dims(dims)
    dropped = {axis % rank for axis in gone}
    return [d for d in range(rank) if d not in dropped]


def _dense_shape(c: ShapeContext) -> Shape:
    dims, axes = c.value(2), c.value(3)
    if dims is None or axes is None:
        return None
    rank = dims.size
    if rank == 0:
        raise ShapeError("Number of dims in shape tensor must not be 0")
    gone = {int(a) % rank for a in axes.ravel()}
    sizes = [int(d) for d in dims]
    if c.attrs["keep_dims"]:
        return tuple(1 if d in gone else n for d, n in enumerate(sizes))
    return tuple(n for d, n in enumerate(sizes) if d not in gone)


def _reduction(op_type: str, combine: Combine) -> tuple[Op, Op]:
    """Declares an op with a dense result and `op_type`Sparse, whose result is sparse."""
    host = ("input_shape", "reduction_axes")
    dense = op(op_type, host=host)(_dense_shape)
    sparse = op(f"{op_type}Sparse", host=host)(lambda c: [None, None, None])

    def dense_kernel(
        input_indices: Any, input_values: Any, input_shape: list[int], reduction_axes: Any, *, keep_dims: bool
    ) -> torch.Tensor:
        kept = _kept_axes(reduction_axes, input_shape)
        sizes = [input_shape[d] for d in kept]
        group = flat_keys(input_indices[:, kept], sizes)
        found = _combined(combine, input_values, group, math.prod(sizes))
        wide = [n if d in kept else 1 for d, n in enumerate(input_shape)]
        return found.reshape(wide if keep_dims else sizes)

    def sparse_kernel(
        input_indices: Any,
        input_values: Any,
        input_shape: list[int],
        reduction_axes: Any,
        *,
        keep_dims: bool,
        device: torch.device,
    ) -> list[torch.Tensor]:
        kept = _kept_axes(reduction_axes, input_shape)
        sizes = [input_shape[d] for d in kept]
        rows = input_indices[:, kept]
        place, group = torch.unique(keys_of(rows, sizes), return_inverse=True)
        count = place.shape[0]
        values = _combined(combine, input_values, group, count)
        picked = rows.new_zeros((count, len(kept)))
        picked[group] = rows
        if keep_dims:
            wide = rows.new_zeros((count, len(input_shape)))
            wide[:, kept] = picked
            picked, sizes = wide, [n if d in kept else 1 for d, n in enumerate(input_shape)]
        return [picked, values, torch.tensor(sizes, dtype=torch.int64, device=device)]

    dense.kernel(dense_kernel)
    sparse.kernel(sparse_kernel)

    def samples() -> Iterator[Sample]:
        places, shape = fixed([[0, 0, 1], [0, 2, 0], [1, 1, 1], [1, 2, 1]], "int64"), fixed([2, 3, 2], "int64")
        for axes in ([0], [-1, 1], [0, 1, 2]):
            for keep_dims in (False, True):
                yield sample(places, real(4, distinct=True), shape, fixed(axes), keep_dims=keep_dims)

    dense.samples(samples)
    sparse.samples(samples)
    return dense, sparse


sparse_reduce_sum_op, sparse_reduce_sum_sparse_op = _reduction("SparseReduceSum", _sums)
sparse_reduce_max_op, sparse_reduce_max_sparse_op = _reduction("SparseReduceMax", _maxima)

# TensorFlow has no gradients for these three.
for _op in (sparse_reduce_sum_sparse_op, sparse_reduce_max_op, sparse_reduce_max_sparse_op):
    _op.gradient(NOT_DIFFERENTIABLE)


@sparse_reduce_sum_op.gradient
def _sparse_reduce_sum_grad(node: Any, dy: Tensor) -> Any:
    indices, shape = node.inputs[0], node.inputs[2]
    kept = reductions.reduced_shape(shape, node.inputs[3])
    wide = shapes.reshape(dy, kept)
    scale = shape // casting.cast(kept, dtypes.int64)
    return None, gathering.gather_nd(wide, indices // scale), None, None
