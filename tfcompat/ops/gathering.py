"""Rows by index: gather, gather_nd, scatter_nd and the updates of tensors by index."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import KernelContext, Op, Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge, num_elements, text, with_rank
from tfcompat.framework.stacks import get_default_graph
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, permuting, ranges, shapes
from tfcompat.ops.identity import identity
from tfcompat.ops.movement import moves
from tfcompat.ops.scatter import apply_rows, check_indices, flat_rows

# --- gather --------------------------------------------------------------------------------------------------------


def _concatenated(*parts: Shape) -> Shape:
    out: tuple[int | None, ...] = ()
    for p in parts:
        if p is None:
            return None
        out += p
    return out


@op("Gather")
def gather_op(c: ShapeContext) -> Shape:
    params = at_least_rank(c.shape(0), 1)
    return _concatenated(c.shape(1), None if params is None else params[1:])


@op("GatherV2", host=("axis",))
def gather_v2_op(c: ShapeContext) -> Shape:
    params, indices = at_least_rank(c.shape(0), 1), c.shape(1)
    with_rank(c.shape(2), 0)
    value = c.value(2)
    if value is None:
        if params is None or indices is None:
            return None
        return (None,) * (len(params) + len(indices) - 1)
    axis, batch = int(value), c.attrs["batch_dims"]
    at_least_rank(params, -axis if axis < 0 else axis + 1)
    at_least_rank(params, -batch if batch < 0 else batch + 1)
    if params is None or indices is None:
        return None
    axis %= len(params)
    return _concatenated(params[:axis], indices[batch:], params[axis + 1 :])


@gather_v2_op.kernel
def _gather_v2(params: torch.Tensor, indices: torch.Tensor, axis: int, *, batch_dims: int) -> torch.Tensor:
    dims = tuple(params.shape)
    rank = len(dims)
    if not -rank <= axis < rank:
        raise InvalidArgumentError(None, None, f"Expected axis in the range [{-rank}, {rank}), but got {axis}")
    axis %= rank
    if batch_dims:
        check_indices(indices, dims[axis])
        return _gather_batches(params, indices, axis, batch_dims)
    picked = params.index_select(axis, indices.reshape(-1))  # refuses indices outside, negative ones too
    if indices.dim() == 1:
        return picked
    return picked.reshape([*dims[:axis], *indices.shape, *dims[axis + 1 :]])


def _gather_batches(params: torch.Tensor, indices: torch.Tensor, axis: int, batch: int) -> torch.Tensor:
    """Each batch entry gathers with its own indices."""
    index_dims = tuple(indices.shape)
    dims = tuple(params.shape)
    if not -len(index_dims) <= batch <= len(index_dims):
        raise InvalidArgumentError(
            None,
            None,
            f"Expected batch_dims in the range [{-len(index_dims)}, {len(index_dims)}), but got {batch}",
        )
    if batch < 0:
        batch += len(index_dims)
    if batch >= len(dims):
        raise InvalidArgumentError(None, None, f"batch_dims ({batch}) must be less than rank(params) ({len(dims)}).")
    if axis < batch:
        raise InvalidArgumentError(
            None, None, f"batch_dims ({batch}) must be less than or equal to axis ({axis})."
        )
    for i in range(batch):
        if dims[i] != index_dims[i]:
            raise InvalidArgumentError(
                None,
                None,
                f"params.shape[{i}]: {dims[i]} should be equal to indices.shape[{i}]: {index_dims[i]}",
            )
    outer, inner = dims[batch:axis], dims[axis + 1 :]
    groups, size = math.prod(dims[:batch]), dims[axis]
    n, m, k = math.prod(outer), math.prod(inner), math.prod(index_dims[batch:])
    rows = params.reshape(groups, n, size, m).transpose(1, 2).reshape(groups * size, n, m)
    start = torch.arange(groups, device=indices.device).unsqueeze(1) * size
    picked = rows.index_select(0, (indices.reshape(groups, k).long() + start).reshape(-1))
    picked = picked.reshape(groups, k, n, m).transpose(1, 2)
    return picked.reshape([*dims[:batch], *outer, *index_dims[batch:], *inner])


@gather_v2_op.failure
def _gather_v2_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    params, indices, axis = args
    return _outside(params, indices, axis)


def _outside(params: Any, indices: torch.Tensor, axis: int) -> str | None:
    try:
        check_indices(indices.cpu(), params.shape[axis])
    except InvalidArgumentError as cause:
        return cause.message
    return None


def _build_gather(c: KernelContext) -> Any:
    """The common case: a vector of indices, into rows or along another constant axis."""
    axis = c.constants.get(2)
    dims, indices = c.shapes[0], c.shapes[1]
    if axis is None or c.attrs["batch_dims"] or dims is None or indices is None or len(indices) != 1:
        return None
    if not -len(dims) <= axis < len(dims):
        return None
    axis %= len(dims)
    return lambda params, indices, _: params.index_select(axis, indices)


moves(gather_v2_op, 0, own=_build_gather)


@gather_op.kernel
def _gather(params: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    return _gather_v2(params, indices, 0, batch_dims=0)


@gather_op.failure
def _gather_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    return _outside(args[0], args[1], 0)


moves(gather_op, 0)


@gather_op.samples
def _gather_samples() -> Iterator[Sample]:
    yield sample(real(4, 2), fixed([3, 0, 3]))


@gather_v2_op.samples
def _gather_v2_samples() -> Iterator[Sample]:
    yield sample(real(4, 2), fixed([3, 0, 3]), fixed(0))
    yield sample(real(4, 2), fixed([[1], [0]]), fixed(-1))
    yield sample(real(2, 4, 3), fixed([[1, 0], [2, 2]]), fixed(2), batch_dims=1)
    yield sample(real(4), fixed(1), fixed(0))


def _static(value: Any) -> Any:
    """The value of a tensor where it is known while building; any other value as it is."""
    return constant_value(value) if isinstance(value, Tensor) else value


@export("gather")
def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    name: str | None = None,
    axis: Any = None,
    batch_dims: int = 0,
) -> Tensor:
    """The slices of `params` along `axis` that `indices` name; the first `batch_dims` axes go in step.

    Shapes: params [B, P1, n, P2], indices [B, I] -> [B, P1, I, P2].
    Raises: InvalidArgumentError while running for an index that is not in [0, n).
    """
    if axis is None:
        axis = batch_dims
    if _static(axis) != 0:
        return gather_v2_op(params, indices, axis, batch_dims=batch_dims, name=name)
    try:
        return params.sparse_read(indices, name=name)  # a resource variable reads only the rows
    except AttributeError:  # a tensor, or a reference variable
        return gather_v2_op(params, indices, axis, name=name)


@export(v2=("gather",))
def gather_v2(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: Any = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Tensor:
    """The slices of `params` along `axis` that `indices` name."""
    return gather(params, indices, validate_indices, name, axis, batch_dims)


def _int32_shape(params: Tensor) -> Tensor:
    """The shape of params, made beside it: through int64, which also fits what GPUs gather from."""
    from tfcompat.framework import dtypes

    with get_default_graph().colocate_with(params.op):
        dims = shapes.shape(params, out_type=dtypes.int64)
        return casting.cast(dims, dtypes.int32)


@gather_op.gradient
def _gather_grad(node: Any, dy: Any) -> tuple[IndexedSlices, None]:
    params, indices = node.inputs
    dims = _int32_shape(params)
    count = shapes.expand_dims(shapes.size(indices), 0)
    values = shapes.reshape(dy, arrays.concat([count, dims[1:]], 0))
    return IndexedSlices(values, shapes.reshape(indices, count), dims), None


@gather_v2_op.gradient
def _gather_v2_grad(node: Any, dy: Any) -> tuple[Any, None, None]:
    params, indices, axis = node.inputs
    dims = _int32_shape(params)
    count = shapes.expand_dims(shapes.size(indices), 0)
    static = constant_value(axis)
    batch = int(node._attrs["batch_dims"])
    if batch < 0:
        batch += len(indices._dims)
    if static is not None and static == 0:
        values = shapes.reshape(dy, arrays.concat([count, dims[1:]], 0))
        return IndexedSlices(values, shapes.reshape(indices, count), dims), None, None
    return _dense_gather_grad(dims, indices, axis, batch, dy), None, None


def _dense_gather_grad(dims: Tensor, indices: Tensor, axis: Tensor, batch: int, dy: Any) -> Tensor:
    """The gathered axis is moved behind the batch axes, rows are added up, and the axis is moved back."""
    outer, inner = dims[:axis], dims[axis:][1:]
    values_shape = arrays.concat([outer, [-1], inner], 0)
    n_values, n_outer = shapes.size(values_shape), shapes.size(outer)
    in_batch = ranges.range(batch)
    before_axis = ranges.range(batch, n_outer)
    after_axis = ranges.range(n_outer + 1, n_values)
    values = shapes.reshape(dy, values_shape)
    forth = arrays.concat([in_batch, [n_outer], before_axis, after_axis], 0)
    rows = permuting.transpose(values, forth)
    size = dims[axis]
    if batch and constant_value(axis) != batch:
        # TF counts the rows of a batch entry by the wrong axis here and fails, or adds in the wrong places.
        dims = arrays.concat([dims[:batch], [size]], 0)
    summed = _sum_rows(dims, rows, indices, batch, size)
    back = arrays.concat([in_batch, before_axis + 1, [batch], after_axis], 0)
    return permuting.transpose(summed, back)


def _sum_rows(dims: Tensor, values: Tensor, indices: Tensor, batch: int, rows: Tensor) -> Tensor:
    from tfcompat.ops import reductions

    count = shapes.expand_dims(shapes.size(indices), 0)
    if not batch:
        return reductions.unsorted_segment_sum(values, shapes.reshape(indices, count), rows)
    values_shape = shapes.shape(values)
    outer = values_shape[:batch]
    inner = values_shape[batch:][1:]
    groups = get_op("Prod")(outer, [0], keep_dims=False)
    flat_shape = arrays.concat([[-1], inner], 0)
    rows = rows * groups
    indices = _batch_offsets(dims, indices, batch, as_function=True)
    values = shapes.reshape(values, flat_shape)
    summed = reductions.unsorted_segment_sum(values, shapes.reshape(indices, count), rows)
    return shapes.reshape(summed, arrays.concat([outer, flat_shape], 0))


def _batch_offsets(dims: Tensor, indices: Tensor, batch: int, as_function: bool = False) -> Tensor:
    """The indices counted through all batches: each batch entry is shifted by where its rows begin.

    as_function: nodes named as by tf.range (the gradient) and not as by the op alone (batch_gather).
    """
    dtype = indices.dtype.base_dtype
    rank = len(indices._dims)  # type: ignore[arg-type]
    if as_function:
        sizes = casting.cast(dims, dtype)
        step = shapes.ones((), dtype=dtype)
    else:
        step = shapes.ones((), dtype=dtype)
        sizes = get_op("Cast")(dims, DstT=dtype)
    out = indices
    for d in range(batch, 0, -1):
        count = sizes[d - 1]
        step *= sizes[d]
        first, one = shapes.zeros((), dtype=dtype), shapes.ones((), dtype=dtype)
        offsets = ranges.range(first, count, one) if as_function else get_op("Range")(first, count, one)
        offsets *= step
        where = arrays.stack([1] * (d - 1) + [count] + [1] * (rank - d), axis=0)
        out += shapes.reshape(offsets, where)
    return out


@export("batch_gather")
def batch_gather(params: Any, indices: Any, name: str | None = None) -> Tensor:
    """`gather` where all but the last axis of `indices` go in step with `params`.

    Raises: ValueError when the rank of indices is not known.
    """
    with name_scope(name, "BatchGather", [params, indices]):
        indices = conversion.to_tensor(indices, name="indices")
        params = conversion.to_tensor(params, name="params")
        if indices._dims is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        batch = len(indices._dims) - 1
        if params._dims is not None and batch >= len(params._dims):
            raise ValueError(f"batch_dims = {batch} must be less than rank(params) = {len(params._dims)}")
        if batch < 0:
            raise ValueError(f"batch_dims = {batch} must be less than rank(indices) = 0")
        return _flat_batch_gather(params, indices, batch)


def _flat_batch_gather(params: Tensor, indices: Tensor, batch: int) -> Tensor:
    index_dims = shapes.shape(indices)
    dims = shapes.shape(params)
    flat = shapes.reshape(_batch_offsets(dims, indices, batch), [-1])
    tail = dims[batch + 1 :]
    rows = get_op("Prod")(dims[: batch + 1], [0], keep_dims=False)
    table = shapes.reshape(params, arrays.concat([[rows], tail], axis=0))
    out = shapes.reshape(gather(table, flat), arrays.concat([index_dims, tail], axis=0))
    known = indices.shape[:batch].merge_with(params.shape[:batch])
    out.set_shape(known.concatenate(indices.shape[batch:]).concatenate(params.shape[batch + 1 :]))
    return out


# --- gather_nd -----------------------------------------------------------------------------------------------------


@op("GatherNd")
def gather_nd_op(c: ShapeContext) -> Shape:
    params, indices = c.shape(0), at_least_rank(c.shape(1), 1)
    if params is None or indices is None or indices[-1] is None:
        return None
    depth = indices[-1]
    if depth > len(params):
        raise ShapeError(
            f"indices.shape[-1] must be <= params.rank, but saw indices shape: {text(indices)} and params shape: "
            f"{text(params)}"
        )
    return indices[:-1] + params[depth:]


@gather_nd_op.kernel
def _gather_nd(params: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    dims, index_dims = tuple(params.shape), tuple(indices.shape)
    if not dims:
        raise InvalidArgumentError(None, None, "params must be at least a vector")
    if not index_dims:
        raise InvalidArgumentError(None, None, "indices must be at least a vector")
    depth = index_dims[-1]
    if depth > len(dims):
        raise InvalidArgumentError(
            None, None, f"index innermost dimension length must be <= params rank; saw: {depth} vs. {len(dims)}"
        )
    count = math.prod(dims[:depth])
    groups = math.prod(index_dims[:-1])
    out = (*index_dims[:-1], *dims[depth:])
    if groups and not math.prod(dims) and count == 0:
        raise InvalidArgumentError(
            None, None, f"Requested more than 0 entries, but params is empty.  Params shape: {text(dims)}"
        )
    rows = _flat_rows(indices.reshape(groups, depth), dims, index_dims[:-1], "param shape")
    return params.reshape(count, *dims[depth:]).index_select(0, rows).reshape(out)


def _flat_rows(vectors: torch.Tensor, dims: tuple[int, ...], outer: tuple[int, ...], what: str) -> torch.Tensor:
    """`scatter.flat_rows`, with the place in the index tensor in the message."""
    try:
        return flat_rows(vectors, dims, what)
    except InvalidArgumentError as cause:
        if len(outer) == 1:
            raise
        at, _, rest = cause.message.partition("]")
        place = np.unravel_index(int(at.partition("[")[2]), outer) if outer else ()
        where = "[" + ",".join(str(int(i)) for i in place) + "]" if outer else ""
        raise InvalidArgumentError(None, None, f"indices{where}{rest}") from None


moves(gather_nd_op, 0)


@gather_nd_op.gradient
def _gather_nd_grad(node: Any, dy: Any) -> tuple[Any, None]:
    params, indices = node.inputs
    dims = shapes.shape(params, out_type=indices.dtype)
    known = indices._dims
    if known is not None and len(known) == 2 and known[-1] == 1:
        return IndexedSlices(dy, shapes.squeeze(indices, axis=-1), dims), None
    return scatter_nd_op(indices, dy, dims), None


@gather_nd_op.samples
def _gather_nd_samples() -> Iterator[Sample]:
    yield sample(real(3, 4), fixed([[0, 1], [2, 3], [0, 1]]))
    yield sample(real(3, 4), fixed([[0], [2]]))
    yield sample(real(3, 4), fixed(np.zeros((2, 0), np.int32)))


@export("gather_nd", "manip.gather_nd")
def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: Any = 0) -> Tensor:
    """The slices of `params` that index vectors name; the first `batch_dims` axes go in step.

    Shapes: params [n_1, ..., n_k, P], indices [I, k] -> [I, P].
    """
    known = _static(batch_dims)
    if known is not None:
        batch_dims = int(np.asarray(known).item())
    if batch_dims != 0:
        return _batch_gather_nd(params, indices, batch_dims, name)
    try:
        return params.gather_nd(indices, name=name)  # a resource variable reads only the slices
    except AttributeError:  # a tensor, or a reference variable
        return gather_nd_op(params, indices, name=name)


@export(v2=("gather_nd",))
def gather_nd_v2(params: Any, indices: Any, batch_dims: Any = 0, name: str | None = None) -> Tensor:
    """The slices of `params` that index vectors name."""
    return gather_nd(params, indices, name, batch_dims)


def _batch_gather_nd(params: Any, indices: Any, batch: Any, name: str | None) -> Tensor:
    """Puts the batch coordinates in front of each index vector, then gathers in the whole tensor."""
    from tfcompat.ops import selecting

    with name_scope(name, "BatchGatherND", [params, indices]):
        indices = conversion.to_tensor(indices, name="indices")
        params = conversion.to_tensor(params, name="params")
        _check_batch(batch, params, indices)
        dims, index_dims = shapes.shape(params), shapes.shape(indices)
        batch_shape = dims[:batch]
        groups = get_op("Prod")(batch_shape, [0])
        inner_rank = shapes.rank(indices) - batch - 1
        inner = index_dims[batch:-1]
        counts = [
            get_op("Cast")(get_op("Range")(0, n, 1), DstT=indices.dtype) for n in arrays.unstack(batch_shape, axis=0)
        ]
        grid = selecting.meshgrid(*counts, indexing="ij") if counts else []
        flat = [shapes.reshape(g, (-1,)) for g in grid]
        coordinates = permuting.transpose(arrays.stack(flat, axis=0))
        grid_shape = shapes.shape(coordinates)
        from tfcompat.framework import dtypes

        spread = arrays.concat([grid_shape[:1], shapes.ones(inner_rank, dtype=dtypes.int32), grid_shape[1:]], axis=0)
        coordinates = shapes.reshape(coordinates, spread)
        coordinates = arrays.tile(coordinates, arrays.concat(((1,), inner, (1,)), axis=0))
        own = shapes.reshape(indices, arrays.concat(([groups], index_dims[batch:]), axis=0))
        out = gather_nd_op(params, arrays.concat((coordinates, own), axis=-1))
        return shapes.reshape(out, arrays.concat((batch_shape, shapes.shape(out)[1:]), axis=0))


def _check_batch(batch: Any, params: Tensor, indices: Tensor) -> None:
    if not isinstance(batch, int):
        raise TypeError(f"batch_dims must be an int; got {batch!r}")
    if batch < 0:
        raise ValueError("tf.gather_nd does not allow negative batch_dims.")
    for label, dims in (("indices", indices._dims), ("params", params._dims)):
        if dims is not None and batch >= len(dims):
            raise ValueError(f"batch_dims = {batch} must be less than rank({label}) = {len(dims)}")


# --- scatter_nd and friends ----------------------------------------------------------------------------------------


def _check_updates(indices: Shape, updates: Shape, target: Shape, label: str) -> None:
    if num_elements(target) == 0 and ((num_elements(indices) or 0) > 0 or (num_elements(updates) or 0) > 0):
        raise ShapeError("Indices and updates specified for empty output shape")
    if indices is None or updates is None:
        return
    outer = len(indices) - 1
    depth = indices[-1]
    if depth is None:
        return
    try:
        merge(indices[:outer], updates[:outer])
    except ShapeError as cause:
        raise ShapeError(
            f"The outer {outer} dimensions of indices.shape={text(indices)} must match the outer {outer} dimensions of "
            f"updates.shape={text(updates)}: {cause}"
        ) from None
    if target is None:
        return
    try:
        merge(target[depth:], updates[outer:])
    except ShapeError as cause:
        raise ShapeError(
            f"The inner {len(target) - depth} dimensions of {label}.shape={text(target)} must match the inner "
            f"{len(updates) - outer} dimensions of updates.shape={text(updates)}: {cause}"
        ) from None


@op("ScatterNd", host=("shape",))
def scatter_nd_op(c: ShapeContext) -> Shape:
    indices, updates = at_least_rank(c.shape(0), 1), at_least_rank(c.shape(1), 1)
    rank = with_rank(c.shape(2), 1)[0]
    _check_updates(indices, updates, None if rank is None else (None,) * rank, "output")
    target = c.shape_value(2)
    _check_updates(indices, updates, target, "output")
    return target


def _check_nd(dims: tuple[int, ...], indices: torch.Tensor, updates: Any) -> tuple[int, tuple[int, ...]]:
    """Raises InvalidArgumentError when the shapes do not fit; gives the length of index vectors and their number."""

    def fail(message: str) -> InvalidArgumentError:
        return InvalidArgumentError(None, None, message)

    index_dims, update_dims = tuple(indices.shape), tuple(updates.shape)
    for label, found in (("Indices", index_dims), ("Updates", update_dims)):
        if not found:
            raise fail(f"{label} shape must have rank at least one. Found:[]")
    if 0 in dims and 0 not in index_dims + update_dims:
        raise fail(f"Indices and updates specified for empty output.  indices shape: {text(index_dims)}")
    depth, outer = index_dims[-1], index_dims[:-1]
    if update_dims[: len(outer)] != outer:
        raise fail(
            f"Outer dimensions of indices and update must match. Indices shape: {text(index_dims)}, updates shape:"
            f"{text(update_dims)}"
        )
    inner = update_dims[len(outer) :]
    if len(inner) != len(dims) - depth:
        raise fail(
            "Inner dimensions of output shape must match inner dimensions of updates shape. Output: "
            f"{text(dims)} updates: {text(update_dims)}"
        )
    if inner != dims[depth:]:
        raise fail(
            f"The inner {len(inner)} dimensions of output.shape={text(dims)} must match the inner {len(inner)} "
            f"dimensions of updates.shape={text(update_dims)}"
        )
    return depth, outer


def _put(target: torch.Tensor, indices: torch.Tensor, updates: torch.Tensor, how: str) -> torch.Tensor:
    """`target` with the updates written or added, changed in place and returned."""
    dims = tuple(target.shape)
    depth, outer = _check_nd(dims, indices, updates)
    groups = math.prod(outer)
    rows = _flat_rows(indices.reshape(groups, depth), dims, outer, "shape")
    inner = dims[depth:]
    apply_rows(target.view(math.prod(dims[:depth]), *inner), rows, updates.reshape(groups, *inner), how)
    return target


@scatter_nd_op.kernel
def _scatter_nd(indices: torch.Tensor, updates: Any, shape: list[int]) -> Any:
    if isinstance(updates, np.ndarray):
        return _scatter_nd_strings(indices, updates, shape)
    if updates.dtype is torch.bool:
        counts = torch.zeros(shape, dtype=torch.int32, device=updates.device)
        return _put(counts, indices, updates.to(torch.int32), "add") != 0
    return _put(torch.zeros(shape, dtype=updates.dtype, device=updates.device), indices, updates, "add")


def _scatter_nd_strings(indices: torch.Tensor, updates: np.ndarray, shape: list[int]) -> np.ndarray:
    """Adding strings joins them."""
    out = np.full(shape, b"", object)
    depth, outer = _check_nd(tuple(shape), indices, updates)
    rows = _flat_rows(indices.reshape(math.prod(outer), depth), tuple(shape), outer, "shape")
    flat = out.reshape(math.prod(shape[:depth]), -1)
    for row, update in zip(rows.tolist(), updates.reshape(len(rows), -1), strict=True):
        flat[row] = flat[row] + update
    return out


@scatter_nd_op.gradient
def _scatter_nd_grad(node: Any, dy: Any) -> tuple[None, Tensor, None]:
    return None, gather_nd_op(dy, node.inputs[0]), None


@scatter_nd_op.samples
def _scatter_nd_samples() -> Iterator[Sample]:
    yield sample(fixed([[1], [3], [1]]), real(3, 2), fixed([4, 2]))
    yield sample(fixed([[1, 0]]), real(1), fixed([2, 2]))


@export("scatter_nd", "manip.scatter_nd")
def scatter_nd(indices: Any, updates: Any, shape: Any, name: str | None = None) -> Tensor:
    """Zeros of `shape` to which the updates are added at the index vectors; repeated ones add up."""
    return scatter_nd_op(indices, updates, shape, name=name)


def _updated(c: ShapeContext) -> Shape:
    target = at_least_rank(c.shape(0), 1)
    indices, updates = at_least_rank(c.shape(1), 1), at_least_rank(c.shape(2), 1)
    _check_updates(indices, updates, target, "output")
    return target


def _scattering(op_type: str, how: str) -> Op:
    made = op(op_type)(_updated)

    @made.kernel
    def _kernel(tensor: Any, indices: torch.Tensor, updates: Any) -> Any:
        if isinstance(tensor, np.ndarray):
            return _replaced_strings(tensor, indices, updates)
        if tensor.dtype is torch.bool and how == "add":
            return _put(tensor.to(torch.int32), indices, updates.to(torch.int32), "add") != 0
        return _put(tensor.clone(memory_format=torch.contiguous_format), indices, updates, how)

    @made.samples
    def _samples() -> Iterator[Sample]:
        repeated = [[1], [3]] if how == "update" else [[1], [3], [1]]
        yield sample(real(4, 2), fixed(repeated), real(len(repeated), 2))

    return made


def _replaced_strings(tensor: np.ndarray, indices: torch.Tensor, updates: np.ndarray) -> np.ndarray:
    out = tensor.copy()
    dims = out.shape
    depth, outer = _check_nd(dims, indices, updates)
    rows = _flat_rows(indices.reshape(math.prod(outer), depth), dims, outer, "shape")
    out.reshape(math.prod(dims[:depth]), *dims[depth:])[rows.numpy()] = updates.reshape(len(rows), *dims[depth:])
    return out


tensor_scatter_update_op = _scattering("TensorScatterUpdate", "update")
tensor_scatter_add_op = _scattering("TensorScatterAdd", "add")
tensor_scatter_sub_op = _scattering("TensorScatterSub", "sub")
scatter_nd_non_aliasing_add_op = _scattering("ScatterNdNonAliasingAdd", "add")


@tensor_scatter_update_op.gradient
def _tensor_scatter_update_grad(node: Any, dy: Any) -> tuple[Tensor, None, Tensor]:
    _, indices, updates = node.inputs
    for_updates = gather_nd_op(dy, indices)
    kept = tensor_scatter_update_op(identity(dy), indices, shapes.zeros_like(updates, dtype=dy.dtype))
    return kept, None, for_updates


@tensor_scatter_add_op.gradient
def _tensor_scatter_add_grad(node: Any, dy: Any) -> tuple[Tensor, None, Tensor]:
    for_updates = gather_nd_op(dy, node.inputs[1])
    return identity(dy), None, for_updates


@tensor_scatter_sub_op.gradient
def _tensor_scatter_sub_grad(node: Any, dy: Any) -> tuple[Tensor, None, Tensor]:
    for_updates = gather_nd_op(dy, node.inputs[1])
    kept = identity(dy)
    return kept, None, -for_updates


@scatter_nd_non_aliasing_add_op.gradient
def _scatter_nd_non_aliasing_add_grad(node: Any, dy: Any) -> tuple[Any, None, Tensor]:
    return dy, None, gather_nd_op(dy, node.inputs[1])


@export("tensor_scatter_update", "tensor_scatter_nd_update")
def tensor_scatter_update(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """A copy of `tensor` with the updates written at the index vectors."""
    return tensor_scatter_update_op(tensor, indices, updates, name=name)


@export("tensor_scatter_add", "tensor_scatter_nd_add")
def tensor_scatter_add(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """A copy of `tensor` with the updates added at the index vectors."""
    return tensor_scatter_add_op(tensor, indices, updates, name=name)


@export("tensor_scatter_sub", "tensor_scatter_nd_sub")
def tensor_scatter_sub(tensor: Any, indices: Any, updates: Any, name: str | None = None) -> Tensor:
    """A copy of `tensor` with the updates subtracted at the index vectors."""
    return tensor_scatter_sub_op(tensor, indices, updates, name=name)


