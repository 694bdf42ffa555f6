"""Picking and comparing elements: where, unique, one_hot, masks, partitions, searching."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, bools, fixed, ints, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import merge_dim, text, with_rank
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, gathering, ranges, reductions, shapes, stitching
from tfcompat.ops.constants import constant

# --- where ---------------------------------------------------------------------------------------------------------


@op("Where")
def where_op(c: ShapeContext) -> Shape:
    dims = c.shape(0)
    return (None, None if dims is None else len(dims))


@where_op.kernel
def _where(input: torch.Tensor) -> torch.Tensor:
    if not input.dim():
        raise InvalidArgumentError(None, None, "WhereOp : Unhandled input dimensions: 0")
    return input.nonzero()


where_op.gradient(NOT_DIFFERENTIABLE)


@where_op.samples
def _where_samples() -> Iterator[Sample]:
    yield sample(bools(3, 4))
    yield sample(fixed([0.0, 2.0, np.nan]))


def _where_true(condition: Any, name: str | None) -> Tensor:
    with name_scope(name, "Where", [condition]) as scope:
        condition = conversion.to_tensor(condition, name="condition", preferred_dtype=dtypes.bool)
        return where_op(condition, name=scope)


@export("where")
def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """The indices of the true elements, one row each; or, given x and y, elements of x where true, else of y.

    Shapes: [D] of rank r -> [n, r]; with x and y: condition like them, or a vector that picks rows.
    Raises: ValueError when only one of x and y is given.
    """
    if x is None and y is None:
        return _where_true(condition, name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return get_op("Select")(condition, x, y, name=name)


@export("where_v2", v2=("where",))
def where_v2(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Tensor:
    """`where`, with condition, x and y broadcast against each other."""
    if x is None and y is None:
        return _where_true(condition, name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return get_op("SelectV2")(condition, x, y, name=name)


# --- unique --------------------------------------------------------------------------------------------------------


def _unique_rows(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Along the first axis: where each distinct entry occurs first, in order; which one each entry is; how often."""
    n = rows.shape[0]
    if n == 0:
        empty = torch.zeros(0, dtype=torch.int64, device=rows.device)
        return empty, empty, empty
    if rows.dim() == 1:
        values, inverse, counts = torch.unique(rows, return_inverse=True, return_counts=True)
    else:
        values, inverse, counts = torch.unique(rows, dim=0, return_inverse=True, return_counts=True)
    at = torch.arange(n, device=rows.device)
    first = torch.full((values.shape[0],), n, dtype=torch.int64, device=rows.device)
    first.scatter_reduce_(0, inverse, at, "amin")
    order = first.argsort()
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order), device=rows.device)
    return first[order], place[inverse], counts[order]


def _unique_strings(rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    seen: dict[Any, int] = {}
    first, which, counts = [], [], []
    flat = rows.reshape(rows.shape[0], -1)
    for i in range(rows.shape[0]):
        key = tuple(flat[i])
        k = seen.get(key)
        if k is None:
            k = seen[key] = len(first)
            first.append(i)
            counts.append(0)
        which.append(k)
        counts[k] += 1
    return tuple(torch.tensor(v, dtype=torch.int64) for v in (first, which, counts))  # type: ignore[return-value]


_SIGNED = {torch.uint16: torch.int32, torch.uint32: torch.int64}


def _distinct(rows: Any) -> tuple[Any, torch.Tensor, torch.Tensor]:
    """The distinct entries along the first axis, in order of first occurrence, with which and counts."""
    if isinstance(rows, np.ndarray):
        first, which, counts = _unique_strings(rows)
        return rows[first.numpy()], which, counts
    wide = _SIGNED.get(rows.dtype)
    first, which, counts = _unique_rows(rows.to(wide) if wide is not None else rows)
    if wide is not None:
        return rows.to(wide).index_select(0, first).to(rows.dtype), which, counts
    return rows.index_select(0, first), which, counts


def _vector_only(x: Any) -> None:
    if len(x.shape) != 1:
        raise InvalidArgumentError(None, None, "unique expects a 1D vector.")


@op("Unique")
def unique_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 1)
    return [(None,), c.shape(0)]


@unique_op.kernel
def _unique(x: Any, *, out_idx: Any) -> list[Any]:
    _vector_only(x)
    values, which, _ = _distinct(x)
    return [values, which.to(out_idx.torch)]


@op("UniqueWithCounts")
def unique_with_counts_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 1)
    return [(None,), c.shape(0), (None,)]


@unique_with_counts_op.kernel
def _unique_with_counts(x: Any, *, out_idx: Any) -> list[Any]:
    _vector_only(x)
    values, which, counts = _distinct(x)
    return [values, which.to(out_idx.torch), counts.to(out_idx.torch)]


@op("UniqueV2", host=("axis",))
def unique_v2_op(c: ShapeContext) -> list[Shape]:
    return _unique_v2_shapes(c)[:2]


@op("UniqueWithCountsV2", host=("axis",))
def unique_with_counts_v2_op(c: ShapeContext) -> list[Shape]:
    return _unique_v2_shapes(c)


def _unique_v2_shapes(c: ShapeContext) -> list[Shape]:
    # TF claims vectors whatever the axis; what is true of every axis is claimed here.
    dims = c.shape(0)
    rank = None if dims is None else len(dims)
    if rank == 1:
        return [(None,), dims, (None,)]
    return [None if rank is None else (None,) * rank, (None,), (None,)]


def _unique_along(x: Any, axis: Any) -> tuple[Any, torch.Tensor, torch.Tensor]:
    if axis == []:
        _vector_only(x)
        return _distinct(x)
    if not isinstance(axis, list) or len(axis) != 1:
        raise InvalidArgumentError(None, None, "axis expects a 1D vector.")
    rank = len(x.shape)
    at = axis[0] + rank if axis[0] < 0 else axis[0]
    if not 0 <= at < rank:
        raise InvalidArgumentError(None, None, f"axis has to be between [0, {rank})")
    if isinstance(x, np.ndarray):
        values, which, counts = _distinct(np.moveaxis(x, at, 0))
        return np.moveaxis(values, 0, at), which, counts
    values, which, counts = _distinct(x.movedim(at, 0))
    return values.movedim(0, at).contiguous(), which, counts


@unique_v2_op.kernel
def _unique_v2(x: Any, axis: Any, *, out_idx: Any) -> list[Any]:
    values, which, _ = _unique_along(x, axis)
    return [values, which.to(out_idx.torch)]


@unique_with_counts_v2_op.kernel
def _unique_with_counts_v2(x: Any, axis: Any, *, out_idx: Any) -> list[Any]:
    values, which, counts = _unique_along(x, axis)
    return [values, which.to(out_idx.torch), counts.to(out_idx.torch)]


for _made in (unique_op, unique_with_counts_op, unique_v2_op, unique_with_counts_v2_op):
    _made.gradient(NOT_DIFFERENTIABLE)


@unique_op.samples
@unique_with_counts_op.samples
def _unique_samples() -> Iterator[Sample]:
    yield sample(ints(6, high=3))
    yield sample(ints(0))


@unique_v2_op.samples
@unique_with_counts_v2_op.samples
def _unique_v2_samples() -> Iterator[Sample]:
    yield sample(ints(4, 2, high=2), fixed([0]))
    yield sample(ints(4, high=2), fixed(np.zeros(0, np.int32)))


@export("unique")
def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """The distinct elements of a vector in order of first occurrence, and for each element which one it is."""
    return unique_op(x, out_idx=out_idx, name=name)


@export("unique_with_counts")
def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """`unique`, and how often each distinct element occurs."""
    return unique_with_counts_op(x, out_idx=out_idx, name=name)


@op("ListDiff")
def list_diff_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 1)
    with_rank(c.shape(1), 1)
    return [(None,), (None,)]


@list_diff_op.kernel
def _list_diff(x: Any, y: Any, *, out_idx: Any) -> list[Any]:
    for label, v in (("x", x), ("y", y)):
        if len(v.shape) != 1:
            raise InvalidArgumentError(None, None, f"{label} should be a 1D vector.")
    if isinstance(x, np.ndarray):
        known = set(y.tolist())
        kept = [i for i, v in enumerate(x.tolist()) if v not in known]
        return [x[kept], torch.tensor(kept, dtype=out_idx.torch)]
    wide = _SIGNED.get(x.dtype)
    left, right = (x, y) if wide is None else (x.to(wide), y.to(wide))
    if left.dtype is torch.bool:
        left, right = left.to(torch.uint8), right.to(torch.uint8)
    at = (~torch.isin(left, right)).nonzero().reshape(-1)
    return [(x if wide is None else left).index_select(0, at).to(x.dtype), at.to(out_idx.torch)]


list_diff_op.gradient(NOT_DIFFERENTIABLE)


@list_diff_op.samples
def _list_diff_samples() -> Iterator[Sample]:
    yield sample(fixed([1, 5, 2, 5]), fixed([2, 3]))


@export("setdiff1d")
def setdiff1d(x: Any, y: Any, index_dtype: Any = dtypes.int32, name: str | None = None) -> Any:
    """The elements of the vector x that are not in y, in order, and their indices in x."""
    return list_diff_op(x, y, out_idx=index_dtype, name=name)


@export("sparse.mask", "sparse_mask")
def sparse_mask(a: IndexedSlices, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """An IndexedSlices without the slices whose index is in `mask_indices`."""
    with name_scope(name, "sparse_mask", [a, mask_indices]) as scope:
        kept, at = list_diff_op(a.indices, mask_indices)
        return IndexedSlices(gathering.gather(a.values, at, name=scope), kept, a.dense_shape)


# --- one_hot -------------------------------------------------------------------------------------------------------


@op("OneHot", host=("depth",))
def one_hot_op(c: ShapeContext) -> Shape:
    axis = c.attrs["axis"]
    if axis < -1:
        raise ShapeError("axis must be >= -1")
    with_rank(c.shape(1), 0)
    value = c.value(1)
    if value is not None and int(value) < 0:
        raise ShapeError(f"Dimension size, given by scalar input 1, must be non-negative but is {int(value)}")
    indices = c.shape(0)
    if indices is None:
        return None
    at = (axis + len(indices) + 1) % (len(indices) + 1)
    return (*indices[:at], None if value is None else int(value), *indices[at:])


@one_hot_op.kernel
def _one_hot(indices: torch.Tensor, depth: int, on_value: Any, off_value: Any, *, axis: int) -> Any:
    rank = indices.dim()
    if axis != -1 and not 0 <= axis <= rank:
        raise InvalidArgumentError(
            None, None, f"Expected axis to be -1 or between [0, {rank + 1}).  But received: {axis}"
        )
    if depth < 0:
        raise InvalidArgumentError(None, None, f"depth must be non-negative, got: {depth}")
    at = rank if axis == -1 else axis
    classes = torch.arange(depth, device=indices.device, dtype=torch.int64)
    hot = indices.unsqueeze(at) == classes.reshape([-1] + [1] * (rank - at))
    if isinstance(on_value, np.ndarray):
        return np.where(hot.numpy(), on_value, off_value)
    return torch.where(hot, on_value, off_value)


one_hot_op.gradient(NOT_DIFFERENTIABLE)


@one_hot_op.samples
def _one_hot_samples() -> Iterator[Sample]:
    yield sample(ints(3, high=4), fixed(4), fixed(1.5), fixed(-1.0))
    yield sample(ints(2, 3, low=-1, high=5), fixed(3), fixed(1), fixed(0), axis=0)


@export("one_hot")
def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: Any = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """`on_value` (1) at the indices along a new axis of size `depth`, `off_value` (0) elsewhere.

    Raises: TypeError when dtype and the two values do not agree.
    """
    with name_scope(name, "one_hot", [indices, depth, on_value, off_value, axis, dtype]) as scope:
        on_type = None if on_value is None else conversion.to_tensor(on_value).dtype.base_dtype
        off_type = None if off_value is None else conversion.to_tensor(off_value).dtype.base_dtype
        if on_type is not None or off_type is not None:
            if dtype is None:
                dtype = on_type if on_type is not None else off_type
            elif on_type is not None and on_type != dtype:
                raise TypeError(f"dtype {on_type} of on_value does not match dtype parameter {dtype}")
            elif off_type is not None and off_type != dtype:
                raise TypeError(f"dtype {off_type} of off_value does not match dtype parameter {dtype}")
        elif dtype is None:
            dtype = dtypes.float32
        kind = dtypes.as_dtype(dtype)
        if on_type is None:
            on_value, on_type = conversion.to_tensor(1, kind, name="on_value"), dtype
        if off_type is None:
            off_value, off_type = conversion.to_tensor(0, kind, name="off_value"), dtype
        if on_type != off_type:
            raise TypeError(f"dtype {on_type} of on_value does not match dtype {off_type} of off_value")
        return one_hot_op(indices, depth, on_value, off_value, axis=-1 if axis is None else axis, name=scope)


# --- masks ---------------------------------------------------------------------------------------------------------


@export("boolean_mask")
def boolean_mask(tensor: Any, mask: Any, name: str | None = "boolean_mask", axis: int | None = None) -> Tensor:
    """The entries of `tensor` where `mask` is true; the axes from `axis` on that the mask covers become one.

    Raises: ValueError for a scalar mask, one of unknown rank, or one whose shape does not fit.
    """
    with name_scope(name, values=[tensor, mask]):
        tensor = conversion.to_tensor(tensor, name="tensor")
        mask = conversion.to_tensor(mask, name="mask")
        mask_shape, shape = mask.shape, tensor.shape
        n = mask_shape.ndims
        if n == 0:
            raise ValueError("mask cannot be scalar.")
        if n is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None.  E.g. shape=[None] is "
                "ok, but shape=None is not."
            )
        at = 0 if axis is None else axis
        shape[at : at + n].assert_is_compatible_with(mask_shape)
        count = get_op("Prod")(shapes.shape(tensor)[at : at + n], [0])
        before = shapes.shape(tensor)[:at]
        after = shapes.shape(tensor)[at + n :]
        flat = shapes.reshape(tensor, arrays.concat([before, [count], after], 0))
        known = shape[at : at + n].num_elements()
        flat.set_shape(shape[:at].concatenate(TensorShape([known])).concatenate(shape[at + n :]))
        indices = shapes.squeeze(where(shapes.reshape(mask, [-1])), axis=[1])
        return gathering.gather(flat, indices, axis=at)


@export(v2=("boolean_mask",))
def boolean_mask_v2(tensor: Any, mask: Any, axis: int | None = None, name: str | None = "boolean_mask") -> Tensor:
    """The entries of `tensor` where `mask` is true."""
    return boolean_mask(tensor, mask, name, axis)


def _all_axes(x: Tensor) -> Tensor:
    if x._dims is not None:
        return constant(np.arange(len(x._dims)), dtype=dtypes.int32)
    return get_op("Range")(0, shapes.rank(x), 1)


@export("sequence_mask")
def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None) -> Tensor:
    """True (or 1) in the first `lengths[i]` places of row i; rows have `maxlen` places, or the longest length.

    Raises: ValueError when maxlen is no scalar.
    """
    with name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = conversion.to_tensor(lengths)
        if maxlen is None:
            maxlen = get_op("Max")(lengths, _all_axes(lengths))
            maxlen = get_op("Maximum")(constant(0, maxlen.dtype), maxlen)
        else:
            maxlen = conversion.to_tensor(maxlen)
        if maxlen._dims:
            raise ValueError("maxlen must be scalar for sequence_mask")
        row = get_op("Range")(constant(0, maxlen.dtype), maxlen, constant(1, maxlen.dtype))
        column = get_op("Cast")(shapes.expand_dims(lengths, -1), DstT=maxlen.dtype)
        result = row < column
        if dtype is None or result.dtype.base_dtype == dtypes.as_dtype(dtype).base_dtype:
            return result  # type: ignore[no-any-return]
        return get_op("Cast")(result, DstT=dtype)


# --- partitions ----------------------------------------------------------------------------------------------------


@op("DynamicPartition")
def dynamic_partition_op(c: ShapeContext) -> list[Shape]:
    data, partitions = c.shapes
    n = c.attrs["num_partitions"]
    if partitions is None:
        return [None] * n
    rank = len(partitions)
    if data is None:
        return [None] * n
    _merge_prefix(data, partitions)
    return [(None, *data[rank:])] * n


def _merge_prefix(whole: Shape, prefix: Shape) -> None:
    if whole is None or prefix is None:
        return
    if len(whole) < len(prefix):
        raise ShapeError(f"Shape must be at least rank {len(prefix)} but is rank {len(whole)}")
    for a, b in zip(whole, prefix, strict=False):
        merge_dim(a, b)


@dynamic_partition_op.kernel
def _dynamic_partition(data: Any, partitions: torch.Tensor, *, num_partitions: int) -> list[Any]:
    rank = partitions.dim()
    dims = tuple(data.shape)
    if dims[:rank] != tuple(partitions.shape):
        raise InvalidArgumentError(
            None,
            None,
            f"data.shape must start with partitions.shape, got data.shape = {text(dims)}, partitions.shape = "
            f"{text(tuple(partitions.shape))}",
        )
    flat = partitions.reshape(-1)
    bad = (flat < 0) | (flat >= num_partitions)
    if bad.any():
        at = int(bad.nonzero()[0])
        place = ",".join(str(int(i)) for i in np.unravel_index(at, tuple(partitions.shape))) if rank else ""
        where_ = f"[{place}]" if rank else ""
        raise InvalidArgumentError(
            None, None, f"partitions{where_} = {int(flat[at])} is not in [0, {num_partitions})"
        )
    rows = data.reshape(flat.shape[0], *dims[rank:])
    # Sorted by partition, each is one stretch: the work does not grow with the number of partitions.
    order = flat.argsort(stable=True)
    sizes = torch.bincount(flat, minlength=num_partitions)
    if isinstance(data, np.ndarray):
        return np.split(rows[order.numpy()], sizes.cumsum(0)[:-1].numpy())
    return list(rows[order].split_with_sizes(sizes.tolist()))


@dynamic_partition_op.gradient
def _dynamic_partition_grad(node: Any, *dys: Any) -> tuple[Tensor, None]:
    data, partitions = node.inputs
    n = node._attrs["num_partitions"]
    prefix = shapes.shape(partitions)
    places = shapes.reshape(ranges.range(reductions.reduce_prod(prefix)), prefix)
    back = stitching.dynamic_stitch(dynamic_partition_op(places, partitions, num_partitions=n), list(dys))
    return shapes.reshape(back, shapes.shape(data)), None


@dynamic_partition_op.samples
def _dynamic_partition_samples() -> Iterator[Sample]:
    yield sample(real(4, 2), fixed([1, 0, 1, 1]), num_partitions=3)
    yield sample(real(2, 2), fixed([[0, 1], [1, 0]]), num_partitions=2)


@export("dynamic_partition")
def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Tensor]:
    """Deals the entries of `data` out to `num_partitions` tensors, as `partitions` says for each.

    Raises: InvalidArgumentError while running for a number that is not in [0, num_partitions).
    """
    return dynamic_partition_op(data, partitions, num_partitions=num_partitions, name=name)


# --- searching -----------------------------------------------------------------------------------------------------


def _bounds_shape(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 2)
    with_rank(c.shape(1), 2)
    return c.shape(1)


def _searching(op_type: str, right: bool) -> Op:
    made = op(op_type)(_bounds_shape)

    @made.kernel
    def _kernel(sorted_inputs: torch.Tensor, values: torch.Tensor, *, out_type: Any) -> torch.Tensor:
        if sorted_inputs.shape[0] != values.shape[0]:
            raise InvalidArgumentError(
                None, None, "Leading dim_size of both tensors must match."
            )
        found = torch.searchsorted(sorted_inputs.contiguous(), values.contiguous(), right=right)
        return found.to(out_type.torch)

    made.gradient(NOT_DIFFERENTIABLE)

    @made.samples
    def _samples() -> Iterator[Sample]:
        yield sample(fixed([[1, 3, 3, 7], [0, 1, 2, 3]]), fixed([[3, 8], [0, 2]]))

    return made


lower_bound_op = _searching("LowerBound", False)
upper_bound_op = _searching("UpperBound", True)


@export("searchsorted")
def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """Where each value would be put into the sorted last axis: before equal elements (left) or behind (right).

    Raises: ValueError for another side.
    """
    n = shapes.shape_internal(sorted_sequence)[-1]
    m = shapes.shape_internal(values)[-1]
    rows = shapes.reshape(sorted_sequence, [-1, n])
    wanted = shapes.reshape(values, [-1, m])
    if side not in ("left", "right"):
        raise ValueError(f"side must be either 'right' or 'left'.  Saw: {side}.")
    chosen = upper_bound_op if side == "right" else lower_bound_op
    found = chosen(rows, wanted, out_type=out_type, name=name)
    return shapes.reshape(found, shapes.shape_internal(values))


# --- grids and repetition ------------------------------------------------------------------------------------------


@export("meshgrid")
def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """The coordinates of a grid, one tensor for each of the vectors given.

    indexing: "xy" (first two axes swapped, as for images) or "ij".
    Raises: TypeError for another keyword, ValueError for another indexing.
    """
    indexing = kwargs.pop("indexing", "xy")
    name = kwargs.pop("name", "meshgrid")
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError("indexing parameter must be either 'xy' or 'ij'")
    with name_scope(name, "meshgrid", args):
        n = len(args)
        axes = [
            shapes.reshape(arrays.stack(x), [1] * i + [-1] + [1] * (n - i - 1)) for i, x in enumerate(args)
        ]
        sizes = [shapes.size(x) for x in args]
        dtype = conversion.to_tensor(args[0]).dtype.base_dtype
        if indexing == "xy" and n > 1:
            axes[0] = shapes.reshape(axes[0], [1, -1] + [1] * (n - 2))
            axes[1] = shapes.reshape(axes[1], [-1, 1] + [1] * (n - 2))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        factor = shapes.ones(sizes, dtype)
        return [x * factor for x in axes]


@export("repeat")
def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Tensor:
    """Repeats elements along an axis (of the flattened input without one), all alike or each `repeats[i]` times."""
    if axis is None:
        input = shapes.reshape(input, [-1])
        axis = 0
    return _repeat_along(input, repeats, axis, name)


def _repeat_along(data: Any, repeats: Any, axis: int, name: str | None) -> Tensor:
    if not isinstance(axis, int):
        raise TypeError(f"axis must be an int; got {type(axis).__name__}")
    with name_scope(name, "Repeat", [data, repeats]):
        data = conversion.to_tensor(data, name="data")
        repeats = _as_int32(repeats, "repeats")
        repeats.shape.with_rank_at_most(1)
        data = _at_least_vector(data)
        dims = shapes.shape(data)
        axis = _positive_axis(axis, data.shape.ndims)
        if repeats.shape.ndims == 1:
            data.shape.dims[axis].assert_is_compatible_with(repeats.shape[0])
        if repeats.shape.ndims == 0:
            tiled = _tile_axis(shapes.expand_dims(data, axis + 1), axis + 1, repeats)
            return shapes.reshape(tiled, arrays.concat([dims[:axis], [-1], dims[axis + 1 :]], axis=0))
        if repeats.shape.ndims != axis + 1:
            own, rank = shapes.shape(repeats), shapes.rank(repeats)
            wanted = arrays.concat([dims[: axis + 1 - rank], own], axis=0)
            repeats = shapes.broadcast_to(repeats, wanted)
            repeats.set_shape([None] * (axis + 1))
        # Everything is tiled to the most repetitions, and a mask throws the surplus away.
        most = get_op("Maximum")(0, get_op("Max")(repeats, _all_axes(repeats)))
        mask = sequence_mask(repeats, most)
        tiled = _tile_axis(shapes.expand_dims(data, axis + 1), axis + 1, most)
        result = boolean_mask(tiled, mask)
        if axis:
            result = shapes.reshape(result, arrays.concat([dims[:axis], [-1], dims[axis + 1 :]], axis=0))
        if data.shape.ndims is not None:
            first = repeats.shape[0]
            length = 0 if first == 0 else None
            result.set_shape(data.shape[:axis].concatenate([length]).concatenate(data.shape[axis + 1 :]))
        return result


def _as_int32(value: Any, name: str) -> Tensor:
    value = conversion.to_tensor(value, name=name, preferred_dtype=dtypes.int32)
    if not value.dtype.is_integer:
        raise TypeError(f"{name} must be an integer tensor; dtype={value.dtype}")
    return get_op("Cast")(value, DstT=dtypes.int32)


def _positive_axis(axis: int, rank: int | None) -> int:
    if rank is None:
        if axis < 0:
            raise ValueError("axis may only be negative if ndims is statically known.")
        return axis
    if not -rank <= axis < rank:
        raise ValueError(f"axis={axis} out of bounds: expected {-rank}<=axis<{rank}")
    return axis % rank


def _tile_axis(data: Tensor, axis: int, multiple: Tensor) -> Tensor:
    if data._dims is not None:
        multiples: Any = [1] * len(data._dims)
        multiples[axis] = multiple
    else:
        ones = shapes.ones(shapes.rank(data), dtypes.int32)
        multiples = arrays.concat([ones[:axis], [multiple], ones[axis + 1 :]], axis=0)
    return arrays.tile(data, multiples)


def _at_least_vector(data: Tensor) -> Tensor:
    if data._dims is not None:
        return data if data._dims else arrays.stack([data])
    dims = shapes.shape(data)
    rank = shapes.rank(data)
    return shapes.reshape(data, arrays.concat([[1], dims], axis=0)[-rank:])
