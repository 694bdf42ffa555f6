"""Sparse tensors rearranged: order, shape, slices, joins, filled rows, and the way to dense tensors.

Source: TF 1.15, core/ops/sparse_ops.cc, core/kernels/sparse_*_op.cc, python/ops/sparse_grad.py. The *Grad ops have
gradients here, which TensorFlow lacks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InternalError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import add_dims, merge, merge_dim, num_elements, with_rank
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import gathering, identity, permuting, ranges, reductions, segments, shapes
from tfcompat.ops.families import WIDE
from tfcompat.ops.scatter import dims_text
from tfcompat.ops.sparse_parts import (
    check_dims,
    check_parts,
    check_valid,
    flat_keys,
    join,
    keys_of,
    refuse,
    sorting,
    strides_of,
    take,
)

_PLACES = [[0, 0], [0, 2], [1, 1], [2, 0]]
_MIXED = [[2, 0], [0, 2], [0, 0], [1, 1]]


def _places(values: Any = None) -> np.ndarray:
    return fixed(_PLACES if values is None else values, "int64")


def _vector(*values: int) -> np.ndarray:
    return fixed(list(values), "int64")


def _device_vector(values: Sequence[int], like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(list(values), dtype=torch.int64, device=like.device)


# --- to dense ------------------------------------------------------------------------------------------------------


@op("SparseToDense", host=("output_shape",))
def sparse_to_dense_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 1)
    return c.shape_value(1)


@sparse_to_dense_op.kernel
def _sparse_to_dense(
    sparse_indices: torch.Tensor,
    output_shape: list[int],
    sparse_values: Any,
    default_value: Any,
    *,
    validate_indices: bool,
) -> Any:
    _check_dense_parts(sparse_indices, output_shape, sparse_values, default_value)
    rank = sparse_indices.shape[1] if sparse_indices.dim() > 1 else 1
    places = sparse_indices.reshape(-1, rank) if rank else sparse_indices.reshape(sparse_indices.shape[0], 0)
    if validate_indices:
        check_valid(places, output_shape)
    elif bool(((places < 0) | (places >= places.new_tensor(output_shape))).any()):
        raise refuse(f"Indices are not valid (out of bounds).  Shape: {dims_text(output_shape)}")
    keys = flat_keys(places, output_shape)
    if not validate_indices and places.shape[0] > 1:
        keys, last = _last_of_each(keys)
        sparse_values = take(sparse_values, last) if len(sparse_values.shape) else sparse_values
    size = math.prod(output_shape)
    if isinstance(sparse_values, np.ndarray):
        text = np.full(size, default_value.item(), object)
        text[keys.numpy()] = sparse_values if sparse_values.ndim else sparse_values.item()
        return text.reshape(output_shape)
    dense = default_value.expand(size).clone()
    if dense.dtype in WIDE:
        wide = dense.to(torch.int64)
        wide[keys] = sparse_values.to(torch.int64)
        return wide.to(dense.dtype).view(output_shape)
    dense[keys] = sparse_values
    return dense.view(output_shape)


def _check_dense_parts(indices: torch.Tensor, dims: list[int], values: Any, default: Any) -> None:
    if indices.dim() > 2:
        raise refuse(f"sparse_indices should be a scalar, vector, or matrix, got shape {dims_text(indices.shape)}")
    count = indices.shape[0] if indices.dim() else 1
    rank = indices.shape[1] if indices.dim() > 1 else 1
    if len(dims) != rank:
        raise refuse(f"output_shape has incorrect number of elements: {len(dims)} should be: {rank}")
    if len(values.shape) and tuple(values.shape) != (count,):
        raise refuse(f"sparse_values has incorrect shape {dims_text(values.shape)}, should be [] or [{count}]")
    if len(default.shape):
        raise refuse("default_value should be a scalar.")


def _last_of_each(keys: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The distinct keys, and where each stands last: later values win, as in a loop."""
    found, inverse = torch.unique(keys, return_inverse=True)
    at = torch.arange(keys.shape[0], device=keys.device)
    return found, at.new_zeros(found.shape[0]).scatter_reduce(0, inverse, at, "amax", include_self=False)


@sparse_to_dense_op.gradient
def _sparse_to_dense_grad(node: Any, dy: Tensor) -> Any:
    indices, shape = node.inputs[0], node.inputs[1]
    values = gathering.gather_nd(dy, indices)
    default = reductions.reduce_sum(dy) - reductions.reduce_sum(values)
    return shapes.zeros_like(indices), shapes.zeros_like(shape), values, default


@sparse_to_dense_op.samples
def _sparse_to_dense_samples() -> Iterator[Sample]:
    yield sample(_places(), _vector(3, 3), real(4), real())


# --- order and shape -----------------------------------------------------------------------------------------------


@op("SparseReorder", host=("input_shape",), alias=True)
def sparse_reorder_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(2), 1)
    return [with_rank(c.shape(0), 2), with_rank(c.shape(1), 1)]


@sparse_reorder_op.kernel
def _sparse_reorder(input_indices: torch.Tensor, input_values: Any, input_shape: list[int]) -> list[Any]:
    check_parts(input_indices, input_values, input_shape)
    order = sorting(input_indices, input_shape)
    if order is None:
        return [input_indices, input_values]
    return [input_indices[order], take(input_values, order)]


@sparse_reorder_op.gradient
def _sparse_reorder_grad(node: Any, _: Any, dy: Tensor) -> Any:
    indices, shape = node.inputs[0], node.inputs[2]
    numbers = ranges.range(shapes.shape(indices)[0])
    unordered = SparseTensor(indices, numbers, shape)
    found, values = sparse_reorder_op(unordered.indices, unordered.values, unordered.dense_shape)
    known = unordered.shape
    ordered = SparseTensor(
        found, values, known.as_list() if known.is_fully_defined() else identity.identity(unordered.dense_shape)
    )
    return None, gathering.gather(dy, permuting.invert_permutation(ordered.values)), None


@sparse_reorder_op.samples
def _sparse_reorder_samples() -> Iterator[Sample]:
    yield sample(_places(_MIXED), real(4), _vector(3, 3))
    yield sample(_places(), real(4), _vector(3, 3))


@op("SparseReshape", host=("input_shape", "new_shape"), alias=True)
def sparse_reshape_op(c: ShapeContext) -> list[Shape]:
    indices, _, new = with_rank(c.shape(0), 2), with_rank(c.shape(1), 1), with_rank(c.shape(2), 1)
    return [(indices[0], new[0]), new]


@sparse_reshape_op.kernel
def _sparse_reshape(input_indices: torch.Tensor, input_shape: list[int], new_shape: list[int]) -> list[torch.Tensor]:
    check_parts(input_indices, None, input_shape)
    check_dims(input_shape)
    dims = _reshaped(input_shape, new_shape)
    made = _device_vector(dims, input_indices)
    if dims == input_shape:
        return [input_indices, made]
    keys = flat_keys(input_indices, input_shape)
    out = input_indices.new_empty((input_indices.shape[0], len(dims)))
    for d, stride in enumerate(strides_of(dims)):
        out[:, d] = keys // max(stride, 1)
        keys = keys % max(stride, 1)
    return [out, made]


def _reshaped(dims: list[int], wanted: list[int]) -> list[int]:
    """`wanted` with its -1 filled in."""
    dense = math.prod(dims)
    unknown = [d for d, n in enumerate(wanted) if n == -1]
    if len(unknown) > 1:
        raise refuse(f"only one output dimension may be -1, not both {unknown[0]} and {unknown[1]}")
    for d, n in enumerate(wanted):
        if n < -1:
            raise refuse(f"size {d} must be non-negative, not {n}")
    out = [1 if n == -1 else n for n in wanted]
    product = math.prod(out)
    if unknown:
        if product <= 0:
            raise refuse(
                "reshape cannot infer the missing input size for an empty tensor unless all specified input sizes are "
                "non-zero"
            )
        if dense % product:
            raise refuse(
                f"Input to reshape is a SparseTensor with {dense} dense values, but the requested shape requires a "
                f"multiple of {product}. input_shape={dims_text(dims)} output_shape={dims_text(out)}"
            )
        out[unknown[0]] = dense // product
    if math.prod(out) != dense:
        raise refuse(
            f"Input to reshape is a tensor with {dense} dense values, but the requested shape has {math.prod(out)}. "
            f"input_shape={dims_text(dims)} output_shape={dims_text(out)}"
        )
    return out


sparse_reshape_op.gradient(NOT_DIFFERENTIABLE)


@sparse_reshape_op.samples
def _sparse_reshape_samples() -> Iterator[Sample]:
    yield sample(_places(), _vector(3, 4), _vector(2, -1, 2))
    yield sample(_places(), _vector(3, 4), _vector(3, 4))


# --- joining and cutting -------------------------------------------------------------------------------------------


@op("SparseConcat", host=("shapes",))
def sparse_concat_op(c: ShapeContext) -> list[Shape]:
    n = c.attrs["N"]
    rows: int | None = 0
    columns: int | None = None
    shape: Shape = None
    for i in range(n):
        indices, values = with_rank(c.shape(i), 2), with_rank(c.shape(i + n), 1)
        rows = add_dims(rows, merge_dim(indices[0], values[0]))
        columns = merge_dim(columns, indices[1])
        shape = merge(shape, with_rank(c.shape(i + 2 * n), 1))
    return [(rows, columns), (rows,), shape]


@sparse_concat_op.kernel
def _sparse_concat(
    indices: list[torch.Tensor], values: list[Any], shapes: list[list[int]], *, concat_dim: int
) -> list[Any]:
    rank = len(shapes[0])
    axis = concat_dim + rank if concat_dim < 0 else concat_dim
    if not 0 <= axis < rank:
        raise refuse(f"Concat dimension must be in range [{-rank}, {rank}), got {concat_dim}")
    for i, dims in enumerate(shapes):
        if len(dims) != rank:
            raise refuse(f"Ranks of all input tensors must match: expected {rank} but got {len(dims)} at position {i}")
        for j, (m, n) in enumerate(zip(shapes[0], dims, strict=True)):
            if j != axis and m != n:
                raise refuse(f"Input shapes must match: expected {m} for dimension {j} but got {n} at position {i}")
    offset = 0
    moved = []
    for rows, dims in zip(indices, shapes, strict=True):
        shift = rows.new_zeros(rank)
        shift[axis] = offset
        moved.append(rows + shift)
        offset += dims[axis]
    rows, joined = torch.cat(moved), join(values)
    total = list(shapes[0])
    total[axis] = offset
    order = sorting(rows, total)
    if order is not None:
        rows, joined = rows[order], take(joined, order)
    return [rows, joined, _device_vector(total, rows)]


sparse_concat_op.gradient(NOT_DIFFERENTIABLE)


@sparse_concat_op.samples
def _sparse_concat_samples() -> Iterator[Sample]:
    for axis in (0, -1):
        yield sample([_places(), _places()], [real(4), real(4)], [_vector(3, 3)] * 2, concat_dim=axis)


def _cut_shapes(c: ShapeContext, shape: int) -> tuple[Shape, Shape, Shape]:
    return (None, num_elements(c.shape(shape))), (None,), c.shape(shape)


@op("SparseSplit", host=("split_dim", "shape"))
def sparse_split_op(c: ShapeContext) -> list[Shape]:
    indices, values, shape = _cut_shapes(c, 3)
    n = c.attrs["num_split"]
    return [indices] * n + [values] * n + [shape] * n


@sparse_split_op.kernel
def _sparse_split(split_dim: int, indices: torch.Tensor, values: Any, shape: list[int], *, num_split: int) -> list[Any]:
    if isinstance(split_dim, list):
        raise refuse(f"Input axis should be a scalar but received shape {dims_text(np.shape(split_dim))}")
    check_parts(indices, values, shape)
    check_dims(shape)
    if not shape or split_dim >= len(shape):
        raise refuse(f"Input split_dim should be between 0 and rank ({len(shape)}), got {split_dim}")
    size = shape[split_dim]
    if not 1 <= num_split <= size:
        raise refuse(f"Input num_split should be between 1 and the splitting dimension size ({size}), got {num_split}")
    # The first parts are one longer where the size is no multiple of the number of parts.
    lengths = [size // num_split + (i < size % num_split) for i in range(num_split)]
    out: list[list[Any]] = [[], [], []]
    start = 0
    for length in lengths:
        at = indices[:, split_dim]
        chosen = ((at >= start) & (at < start + length)).nonzero()[:, 0]
        rows = indices[chosen]
        rows[:, split_dim] -= start
        dims = [*shape[:split_dim], length, *shape[split_dim + 1 :]]
        for parts, made in zip(out, (rows, take(values, chosen), _device_vector(dims, indices)), strict=True):
            parts.append(made)
        start += length
    return out[0] + out[1] + out[2]


sparse_split_op.gradient(NOT_DIFFERENTIABLE)


@sparse_split_op.samples
def _sparse_split_samples() -> Iterator[Sample]:
    yield sample(fixed(1, "int64"), _places(), real(4), _vector(3, 3), num_split=2)


@op("SparseSlice", host=("shape", "start", "size"))
def sparse_slice_op(c: ShapeContext) -> list[Shape]:
    return list(_cut_shapes(c, 2))


@sparse_slice_op.kernel
def _sparse_slice(indices: torch.Tensor, values: Any, shape: list[int], start: list[int], size: list[int]) -> list[Any]:
    check_parts(indices, values, shape)
    for name, given in (("start", start), ("size", size)):
        if len(given) != len(shape):
            raise refuse(f"Expected {name} to be a vector of length {len(shape)} but got length {len(given)}")
    first, stop = indices.new_tensor(start), indices.new_tensor([b + n for b, n in zip(start, size, strict=True)])
    chosen = ((indices >= first) & (indices < stop)).all(1).nonzero()[:, 0]
    dims = [n if b + n < m else m - b for m, b, n in zip(shape, start, size, strict=True)]
    if any(d < 0 for d in dims):
        d = next(d for d in dims if d < 0)
        raise refuse(f"Expected a non-negative size, got {d}")
    return [indices[chosen] - first, take(values, chosen), _device_vector(dims, indices)]


@sparse_slice_op.gradient
def _sparse_slice_grad(node: Any, *dys: Any) -> Any:
    values = sparse_slice_grad_op(dys[1], node.inputs[0], node.inputs[3], node.outputs[0])
    values.set_shape(node.inputs[1].shape)
    return None, values, None, None, None


@sparse_slice_op.samples
def _sparse_slice_samples() -> Iterator[Sample]:
    yield sample(_places(), real(4), _vector(3, 3), _vector(0, 1), _vector(2, 2))
    yield sample(_places(), real(4), _vector(3, 3), _vector(1, 0), _vector(5, 5))


@op("SparseSliceGrad", host=("input_start",))
def sparse_slice_grad_op(c: ShapeContext) -> Shape:
    return (with_rank(c.shape(1), 2)[0],)


@sparse_slice_grad_op.kernel
def _sparse_slice_grad_kernel(
    backprop_val_grad: torch.Tensor, input_indices: torch.Tensor, input_start: list[int], output_indices: torch.Tensor
) -> torch.Tensor:
    _check_slice_grad(backprop_val_grad, input_indices, input_start, output_indices)
    count = output_indices.shape[0]
    out = backprop_val_grad.new_zeros(input_indices.shape[0])
    if count == 0:
        return out
    wanted = output_indices + output_indices.new_tensor(input_start)
    both = torch.cat([input_indices, wanted])
    keys = keys_of(both, [int(m) + 1 for m in both.max(0).values])
    # The places of the slice are a subsequence of the input's: the k-th of them is the k-th that is a member.
    member = torch.isin(keys[:-count], keys[-count:]).nonzero()[:, 0]
    if member.shape[0] < count:
        raise InternalError(
            None,
            None,
            f"Elements of backprop_val_grad aren't all propagated. Num elements:{count}, used: {member.shape[0]}",
        )
    if out.dtype in WIDE:
        return out.to(torch.int64).index_copy_(0, member[:count], backprop_val_grad.to(torch.int64)).to(out.dtype)
    return out.index_copy_(0, member[:count], backprop_val_grad)


def _check_slice_grad(gradient: torch.Tensor, indices: torch.Tensor, start: list[int], cut: torch.Tensor) -> None:
    if not indices.dim() == cut.dim() == 2:
        raise refuse(
            f"Input and output indices should be matrices but received shapes: {dims_text(indices.shape)} and "
            f"{dims_text(cut.shape)}"
        )
    if gradient.dim() != 1:
        raise refuse(f"Input backprop_val_grad should be a vector but received shape: {dims_text(gradient.shape)}")
    if indices.shape[1] != cut.shape[1]:
        raise refuse(f"The input and output should have the same ndims: got: {indices.shape[1]} and {cut.shape[1]}")
    if cut.shape[0] > indices.shape[0]:
        raise refuse(
            f"# rows of output_indices should be not greater than of input_indices, got {cut.shape[0]} and "
            f"{indices.shape[0]}"
        )
    if gradient.shape[0] != cut.shape[0]:
        raise refuse(
            "# elements of backprop_val_grad and # rows of output_indices should match (#nnz of sum): got "
            f"{gradient.shape[0]} and {cut.shape[0]}"
        )
    if len(start) != indices.shape[1]:
        raise refuse(f"Expected input_start to be a vector of length {indices.shape[1]} but got length {len(start)}")


@sparse_slice_grad_op.gradient
def _sparse_slice_grad_grad(node: Any, dy: Tensor) -> Any:
    # Numbers instead of gradients go to the places the gradients go to.
    count = shapes.size(node.inputs[0], out_type=dtypes.int64)
    at = sparse_slice_grad_op(ranges.range(1, count + 1), *node.inputs[1:])
    return segments.unsorted_segment_sum(dy, at, count + 1)[1:], None, None, None


@sparse_slice_grad_op.samples
def _sparse_slice_grad_samples() -> Iterator[Sample]:
    yield sample(real(2), _places(), _vector(0, 1), _places([[0, 1], [1, 0]]))


# --- empty rows ----------------------------------------------------------------------------------------------------


@op("SparseFillEmptyRows", host=("dense_shape",))
def sparse_fill_empty_rows_op(c: ShapeContext) -> list[Shape]:
    indices, values, shape = with_rank(c.shape(0), 2), with_rank(c.shape(1), 1), with_rank(c.shape(2), 1)
    with_rank(c.shape(3), 0)
    count = merge_dim(indices[0], values[0])
    merge_dim(indices[1], shape[0])
    if shape[0] == 0:
        raise ShapeError("dense_shape must not be empty")
    dims = c.shape_value(2)
    return [(None, shape[0]), (None,), (dims[0] if dims else None,), (count,)]


@sparse_fill_empty_rows_op.kernel
def _sparse_fill_empty_rows(
    indices: torch.Tensor, values: Any, dense_shape: list[int], default_value: Any
) -> list[Any]:
    check_parts(indices, values, None)
    if indices.shape[0] != values.shape[0]:
        raise refuse(
            f"The length of `values` ({values.shape[0]}) must match the first dimension of `indices` "
            f"({indices.shape[0]})."
        )
    if len(default_value.shape):
        raise refuse(f"default_value must be a scalar, saw: {dims_text(default_value.shape)}")
    rows, count = dense_shape[0], indices.shape[0]
    if rows == 0:
        if count:
            raise refuse(f"Received SparseTensor with dense_shape[0] = 0 but indices.shape[0] = {count}")
        return [indices, values, indices.new_zeros(0, dtype=torch.bool), indices.new_zeros(0)]
    row = indices[:, 0]
    outside = (row < 0) | (row >= rows)
    if bool(outside.any()):
        at = int(outside.nonzero()[0, 0])
        raise refuse(f"indices({at}, 0) is invalid: {int(row[at])} >= {rows}")
    empty = torch.bincount(row, minlength=rows) == 0
    missing = empty.nonzero()[:, 0]
    added = indices.new_zeros((missing.shape[0], indices.shape[1]))
    added[:, 0] = missing
    # By row, the order within a row kept; a filled row has one entry only.
    order = torch.argsort(torch.cat([row, missing]), stable=True)
    place = torch.empty_like(order)
    place[order] = torch.arange(order.shape[0], device=order.device)
    if isinstance(values, np.ndarray):
        filled: Any = np.full(missing.shape[0], default_value.item(), object)
    else:
        filled = default_value.expand(missing.shape[0])
    return [torch.cat([indices, added])[order], take(join([values, filled]), order), empty, place[:count]]


@sparse_fill_empty_rows_op.gradient
def _sparse_fill_empty_rows_grad(node: Any, *dys: Any) -> Any:
    values, default = sparse_fill_empty_rows_grad_op(reverse_index_map=node.outputs[3], grad_values=dys[1])
    return None, values, None, default


@sparse_fill_empty_rows_op.samples
def _sparse_fill_empty_rows_samples() -> Iterator[Sample]:
    yield sample(_places([[0, 0], [2, 2], [2, 3]]), real(3), _vector(4, 4), real())


@op("SparseFillEmptyRowsGrad")
def sparse_fill_empty_rows_grad_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(1), 1)
    return [with_rank(c.shape(0), 1), ()]


@sparse_fill_empty_rows_grad_op.kernel
def _sparse_fill_empty_rows_grad_kernel(
    reverse_index_map: torch.Tensor, grad_values: torch.Tensor
) -> list[torch.Tensor]:
    for name, part in (("reverse_index_map", reverse_index_map), ("grad_values", grad_values)):
        if part.dim() != 1:
            raise refuse(f"{name} must be a vector, saw: {dims_text(part.shape)}")
    full = grad_values.shape[0]
    outside = (reverse_index_map < 0) | (reverse_index_map >= full)
    if bool(outside.any()):
        first = int(reverse_index_map[outside][0])
        raise refuse(f"Elements in reverse index must be in [0, {full}) but got {first}")
    filled = torch.ones(full, dtype=torch.bool, device=grad_values.device)
    filled[reverse_index_map] = False
    rest = grad_values[filled]
    total = rest.to(torch.int64).sum() if rest.dtype in WIDE else rest.sum(dtype=rest.dtype)
    return [grad_values[reverse_index_map], total.to(grad_values.dtype)]


@sparse_fill_empty_rows_grad_op.gradient
def _sparse_fill_empty_rows_grad_grad(node: Any, dvalues: Tensor, ddefault: Tensor) -> Any:
    places, gradient = node.inputs
    full = shapes.size(gradient)
    taken = segments.unsorted_segment_sum(shapes.ones_like(dvalues), places, full)
    moved = segments.unsorted_segment_sum(dvalues, places, full)
    return None, moved + ddefault * (shapes.ones_like(taken) - taken)


@sparse_fill_empty_rows_grad_op.samples
def _sparse_fill_empty_rows_grad_samples() -> Iterator[Sample]:
    yield sample(_vector(2, 1, 0, 3), real(6))
