"""Joining and taking apart: concat, stack, unstack, split, tile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import add_dims, at_least_rank, merge, multiply_dims, text, with_rank
from tfcompat.framework.shapes import Dimension, TensorShape
from tfcompat.framework.tensor import Tensor, dims_of
from tfcompat.ops import shapes
from tfcompat.ops.constants import constant
from tfcompat.ops.identity import identity
from tfcompat.ops.movement import moves

# --- concat --------------------------------------------------------------------------------------------------------


def _concat_shape(c: ShapeContext, at_input: int, parts: Sequence[Shape]) -> Shape:
    rank = next((len(p) for p in parts if p is not None), None)
    if rank == 0:
        raise ShapeError("Can't concatenate scalars (use tf.stack instead)")
    if rank is not None:
        for p in parts:
            with_rank(p, rank)
    axis = c.value(at_input)
    if axis is None:
        return None if rank is None else (None,) * rank
    at = int(axis)
    needed = -at if at < 0 else at + 1
    for p in reversed(parts):
        at_least_rank(p, needed)
    # From the last to the first, as TF does: messages name the shapes in that order.
    if rank is None:
        return None
    at %= rank
    before: Shape = None
    after: Shape = None
    middle: int | None = 0
    for p in reversed(parts):
        if p is None:
            middle = None
            continue
        before = merge(p[:at], before)
        middle = add_dims(middle, p[at])
        after = merge(p[at + 1 :], after)
    return (*(before or ()), middle, *(after or ()))


@op("ConcatV2", host=("axis",))
def concat_v2_op(c: ShapeContext) -> Shape:
    last = len(c) - 1
    with_rank(c.shape(last), 0)
    return _concat_shape(c, last, c.shapes[:last])


@op("Concat", host=("concat_dim",))
def concat_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 0)
    return _concat_shape(c, 0, c.shapes[1:])


@concat_v2_op.kernel
def _concat_v2(values: list[torch.Tensor], axis: int) -> torch.Tensor:
    rank = values[0].dim()
    for v in values:
        if v.dim() != rank:  # torch would pass over empty vectors of another rank
            raise InvalidArgumentError(None, None, _concat_failure((values, axis), {}))
    return torch.cat(values, axis)


@concat_op.kernel
def _concat(concat_dim: int, values: list[torch.Tensor]) -> torch.Tensor:
    return _concat_v2(values, concat_dim)


@concat_v2_op.failure
def _concat_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    values, axis = args
    first = tuple(values[0].shape)
    rank = len(first)
    if not -rank <= axis < rank:
        return f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), but got {axis}"
    for i, v in enumerate(values):
        dims = tuple(v.shape)
        if len(dims) != rank:
            return (
                "ConcatOp : Ranks of all input tensors should match: "
                f"shape[0] = {text(first)} vs. shape[{i}] = {text(dims)}"
            )
        if any(a != b for d, (a, b) in enumerate(zip(first, dims, strict=True)) if d != axis % rank):
            return (
                "ConcatOp : Dimensions of inputs should match: "
                f"shape[0] = {text(first)} vs. shape[{i}] = {text(dims)}"
            )
    return None


@concat_op.failure
def _old_concat_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    return _concat_failure((args[1], args[0]), attrs)


moves(concat_v2_op, 0)
moves(concat_op, 1)


@concat_v2_op.gradient
def _concat_v2_grad(node: Any, dy: Any) -> list[Any]:
    inputs = node.inputs
    return [*_concat_gradients(inputs[-1], list(inputs)[:-1], dy), None]


@concat_op.gradient
def _concat_grad(node: Any, dy: Any) -> list[Any]:
    inputs = node.inputs
    return [None, *_concat_gradients(inputs[0], list(inputs)[1:], dy)]


def _concat_gradients(axis: Tensor, values: list[Tensor], dy: Any) -> list[Any]:
    """The parts of dy that belong to each of the concatenated values."""
    if len(values) == 1:
        return [dy]
    if isinstance(dy, IndexedSlices):
        return _concat_sparse_gradients(axis, values, dy)
    axis = _in_context_of(axis, dy)
    axis = axis % shapes.rank(values[0])
    sizes = _shapes_of(values)
    if len(sizes) > 16:
        # One Split is cheaper than many Slices, as TF found.
        from tfcompat.ops import slicing

        lengths = shapes.squeeze(slicing.slice_op(stack(sizes, axis=1), [axis, 0], [1, -1]))
        return split(dy, lengths, axis)
    from tfcompat.ops import slicing

    offsets = concat_offset_op(axis, sizes)
    return [slicing.slice(dy, begin, length) for begin, length in zip(offsets, sizes, strict=True)]


def _in_context_of(axis: Tensor, dy: Tensor) -> Tensor:
    """The axis as a constant beside dy, when dy lives in another control flow context."""
    if axis.op.type != "Const":
        return axis
    here = getattr(dy.op, "_control_flow_context", None)
    if getattr(axis.op, "_control_flow_context", None) is here:
        return axis
    return constant(constant_value(axis), dtype=axis.dtype)


def _shapes_of(values: list[Tensor]) -> list[Tensor]:
    """Each value's shape: constants where all are known, else one ShapeN."""
    sizes = []
    for v in values:
        found = shapes.shape(v)
        if found.op.type != "Const":
            return shapes.shape_n(values)
        sizes.append(found)
    return sizes


def _concat_sparse_gradients(axis: Tensor, values: list[Tensor], dy: IndexedSlices) -> list[IndexedSlices]:
    """For a gradient that is IndexedSlices: each part keeps slices, by columns, or by which rows it owns."""
    from tfcompat.ops import casting, gathering, selecting, slicing

    at = axis % shapes.rank(values[0])
    static = constant_value(axis)
    if static is None:
        raise ValueError("Can only compute IndexedSlices gradient with statically-known concat_dim")
    where = int(static)
    if where < 0:
        rank = constant_value(shapes.rank(values[0]))
        if rank is None:
            raise ValueError(
                "Can only compute IndexedSlices gradient with negative concat_dim when first value rank is "
                "statically-known."
            )
        where %= int(rank)
    sizes = [shapes.shape(v) for v in values]
    parts = []
    if where > 0:
        rank_vector = shapes.shape(sizes[0])
        mask = concat(
            [
                shapes.fill(shapes.expand_dims(at, 0), 0),
                [1],
                shapes.fill(rank_vector - at - 1, 0),
            ],
            0,
        )
        begin = shapes.fill(rank_vector, 0)
        for length in sizes:
            rows = slicing.slice(dy.values, begin, concat([[-1], slicing.slice(length, [1], [-1])], 0))
            parts.append(IndexedSlices(rows, dy.indices, length))
            begin = get_op("Add")(begin, length * mask)
        return parts
    start: Any = constant(0, dtype=dy.indices.dtype)
    for length in sizes:
        owned = gathering.gather(length, at)
        if owned.dtype != dy.indices.dtype:
            owned = casting.cast(owned, dtype=dy.indices.dtype)
        end = start + owned
        inside = get_op("LogicalAnd")(dy.indices >= start, dy.indices < end)
        chosen = shapes.squeeze(selecting.where(inside), axis=[1])
        new_indices = gathering.gather(dy.indices, chosen) - start
        parts.append(IndexedSlices(gathering.gather(dy.values, chosen), new_indices, length))
        start = end
    return parts


@concat_v2_op.samples
def _concat_v2_samples() -> Iterator[Sample]:
    yield sample([real(2, 3), real(2, 1)], fixed(1))
    yield sample([real(2, 3), real(1, 3), real(0, 3)], fixed(-2))


@concat_op.samples
def _concat_samples() -> Iterator[Sample]:
    yield sample(fixed(0), [real(2, 3), real(1, 3)])


@export("concat")
def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """Joins tensors along an existing axis.

    Shapes: [..., n_i, ...] each, equal elsewhere -> [..., sum of n_i, ...].
    Raises: ValueError while building, InvalidArgumentError while running, when shapes do not fit.
    """
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        with name_scope(name):
            conversion.to_tensor(axis, dtypes.int32, "concat_dim").get_shape().assert_has_rank(0)
            return identity(values[0], name=name)
    return concat_v2_op(values, axis, name=name)


@op("ConcatOffset", host=("concat_dim", "shape"))
def concat_offset_op(c: ShapeContext) -> list[Shape]:
    return list(c.shapes[1:])


@concat_offset_op.kernel
def _concat_offset(concat_dim: int, shape: list[list[int]], *, device: Any) -> list[torch.Tensor]:
    if isinstance(concat_dim, list):
        found = ",".join(map(str, np.shape(concat_dim)))
        raise InvalidArgumentError(
            None, None, f"Concat dim tensor should be a scalar integer, but got shape [{found}]"
        )
    for i, dims in enumerate(shape):
        if np.ndim(dims) != 1:
            found = ",".join(map(str, np.shape(dims)))
            raise InvalidArgumentError(None, None, f"input {i} should be a vector, but got shape [{found}]")
    rank = len(shape[0])
    if not -rank <= concat_dim < rank:
        raise InvalidArgumentError(None, None, f"Concat dim is out of range: {concat_dim} vs. {rank}")
    at = concat_dim % rank
    out = []
    offset = 0
    for i, dims in enumerate(shape):
        if len(dims) != rank:
            raise InvalidArgumentError(None, None, f"input {i} should contain {rank} elements, but got {len(dims)}")
        for d in range(rank):
            if d != at and dims[d] != shape[0][d]:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"All dimensions except {at} must match. Input {i} has shape [{' '.join(map(str, dims))}] and "
                    f"doesn't match input 0 with shape [{' '.join(map(str, shape[0]))}].",
                )
        begin = [0] * rank
        begin[at] = offset
        offset += dims[at]
        out.append(torch.tensor(begin, dtype=torch.int32, device=device))
    return out


concat_offset_op.gradient(NOT_DIFFERENTIABLE)


@concat_offset_op.samples
def _concat_offset_samples() -> Iterator[Sample]:
    yield sample(fixed(1), [fixed([2, 3]), fixed([2, 4]), fixed([2, 1])])


# --- stack, unstack ------------------------------------------------------------------------------------------------


def _new_axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ShapeError(f"Invalid axis: {axis}; must be in [{-rank},{rank})")
    return axis % rank


@op("Pack")
def pack_op(c: ShapeContext) -> Shape:
    merged: Shape = c.shapes[-1]
    for i in range(len(c) - 2, -1, -1):
        try:
            merged = merge(c.shapes[i], merged)
        except ShapeError as cause:
            raise ShapeError(f"{cause}\n\tFrom merging shape {i} with other shapes.") from None
    if merged is None:
        return None
    at = _new_axis(c.attrs["axis"], len(merged) + 1)
    return (*merged[:at], len(c), *merged[at:])


@pack_op.kernel
def _pack(values: list[torch.Tensor], *, axis: int) -> torch.Tensor:
    return torch.stack(values, axis)


@pack_op.failure
def _pack_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    values = args[0]
    rank = len(values[0].shape)
    if not -rank - 1 <= attrs["axis"] <= rank:
        return f"axis = {attrs['axis']} not in [{-rank - 1}, {rank + 1})"
    for i, v in enumerate(values):
        if tuple(v.shape) != tuple(values[0].shape):
            return (
                f"Shapes of all inputs must match: values[0].shape = {text(tuple(values[0].shape))} != "
                f"values[{i}].shape = {text(tuple(v.shape))}"
            )
    return None


moves(pack_op, 0)


@pack_op.gradient
def _pack_grad(node: Any, dy: Any) -> list[Tensor]:
    return unstack(dy, num=len(node.inputs), axis=node._attrs["axis"])


@pack_op.samples
def _pack_samples() -> Iterator[Sample]:
    yield sample([real(2, 3), real(2, 3)], axis=1)
    yield sample([real(), real(), real()])


@export("stack")
def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Joins tensors of one shape along a new axis; a list of plain numbers becomes a constant.

    Raises: ValueError when the axis is out of range or the shapes differ.
    """
    if axis == 0:
        try:
            return conversion.to_tensor(values, name=name)
        except (TypeError, ValueError):  # tensors among the values that do not pack by themselves
            pass
    dims = conversion.to_tensor(values[0], name=name)._dims
    if dims is not None:
        n = len(dims) + 1
        if not -n <= axis < n:
            raise ValueError(f"axis = {axis} not in [{-n}, {n})")
    return pack_op(values, axis=axis, name=name)


@op("Unpack", alias=True)
def unpack_op(c: ShapeContext) -> list[Shape]:
    dims = c.shape(0)
    num = c.attrs["num"]
    if dims is None:
        return [None] * num
    at = _new_axis(c.attrs["axis"], len(dims))
    if dims[at] is not None and dims[at] != num:
        raise ShapeError(f"Dimension must be {num} but is {dims[at]}")
    return [dims[:at] + dims[at + 1 :]] * num


@unpack_op.kernel
def _unpack(value: torch.Tensor, *, num: int, axis: int) -> Sequence[torch.Tensor]:
    found = value.unbind(axis)
    if len(found) != num:
        raise InvalidArgumentError(
            None, None, f"Input shape axis {axis % value.dim()} must equal {num}, got shape {text(tuple(value.shape))}"
        )
    return found


@unpack_op.failure
def _unpack_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    rank = len(args[0].shape)
    if not -rank <= attrs["axis"] < rank:
        return f"axis = {attrs['axis']} not in [{-rank}, {rank})"
    return None


moves(unpack_op, 0)


@unpack_op.gradient
def _unpack_grad(node: Any, *dys: Any) -> Tensor:
    return stack(list(dys), axis=node._attrs["axis"])


@unpack_op.samples
def _unpack_samples() -> Iterator[Sample]:
    yield sample(real(3, 2), num=3)
    yield sample(real(3, 2), num=2, axis=-1)


@export("unstack")
def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """The slices of a tensor along an axis, which they lose.

    Raises: ValueError when the number of slices is not known, or the axis is out of range.
    """
    if num is None:
        value = conversion.to_tensor(value)
        dims = value._dims
        if dims is not None:
            n = len(dims)
            if not -n <= axis < n:
                raise ValueError(f"axis = {axis} not in [{-n}, {n})")
            num = dims[axis]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {value.shape}")
    return unpack_op(value, num=num, axis=axis, name=name)


@op("ParallelConcat")
def parallel_concat_op(c: ShapeContext) -> Shape:
    wanted = dims_of(c.attrs["shape"])
    if wanted is None or None in wanted:
        raise ShapeError("shape attr must be fully defined.")
    current: Shape = (1, *wanted[1:])
    for i, dims in enumerate(c.shapes):
        if dims is None or None in dims:
            raise ShapeError("All input shapes must be fully defined.")
        if not dims or dims[0] != 1:
            raise ShapeError("Size of first dimension must be 1.")
        try:
            current = merge(dims, current)
        except ShapeError as cause:
            raise ShapeError(f"{cause}\n\tFrom merging shape {i} with other shapes.") from None
    return wanted


@parallel_concat_op.kernel
def _parallel_concat(values: list[torch.Tensor]) -> torch.Tensor:
    return torch.cat(values, 0)


moves(parallel_concat_op, 0)


@parallel_concat_op.gradient
def _parallel_concat_grad(node: Any, dy: Tensor) -> list[Tensor]:
    # TF has none; each input is a row of the result.
    return split(dy, len(node.inputs), 0)


@parallel_concat_op.samples
def _parallel_concat_samples() -> Iterator[Sample]:
    yield sample([real(1, 3), real(1, 3)], shape=TensorShape([2, 3]))


@export("parallel_stack")
def parallel_stack(values: Sequence[Any], name: str = "parallel_stack") -> Tensor:
    """`stack` along axis 0 of values whose shapes are fully known."""
    with name_scope(name):
        dims = conversion.to_tensor(values[0]).get_shape()
        return parallel_concat_op(
            [shapes.expand_dims(v, 0) for v in values], shape=TensorShape([len(values)]).concatenate(dims)
        )


# --- split ---------------------------------------------------------------------------------------------------------


def _static_axis(value: np.ndarray | None, rank: int | None) -> int | None:
    """A constant axis as 0..rank-1; None while it cannot be said. Raises ShapeError outside."""
    if value is None:
        return None
    axis = int(value)
    if axis >= 0:
        return axis
    if rank is None:
        return None
    if axis < -rank:
        raise ShapeError(f"Dimension size, given by scalar input {axis} must be in range [{-rank}, {rank})")
    return axis + rank


def _one_axis(axis: Any, rank: int) -> int:
    """The axis to split along, which may come as a list of one."""
    if isinstance(axis, list):
        if len(axis) != 1:
            raise InvalidArgumentError(None, None, "split_dim must have exactly one element.")
        axis = axis[0]
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            None, None, f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}"
        )
    return axis  # type: ignore[no-any-return]


@op("Split", host=("split_dim",), alias=True)
def split_op(c: ShapeContext) -> list[Shape]:
    dims = c.shape(1)
    n = c.attrs["num_split"]
    with_rank(c.shape(0), 0)
    axis = _static_axis(c.value(0), None if dims is None else len(dims))
    if dims is None:
        return [None] * n
    if axis is None:
        return [(None,) * len(dims)] * n
    at_least_rank(dims, axis + 1)
    d = dims[axis]
    if d is not None and d % n:
        raise ShapeError(
            f"Dimension size must be evenly divisible by {n} but is {d}\n\t"
            "Number of ways to split should evenly divide the split dimension"
        )
    return [(*dims[:axis], None if d is None else d // n, *dims[axis + 1 :])] * n


@split_op.kernel
def _split(split_dim: int, value: torch.Tensor, *, num_split: int) -> Sequence[torch.Tensor]:
    rank = value.dim()
    split_dim = _one_axis(split_dim, rank)
    size = value.shape[split_dim]
    if size % num_split:
        raise InvalidArgumentError(
            None,
            None,
            "Number of ways to split should evenly divide the split dimension, but got split_dim "
            f"{split_dim % rank} (size = {size}) and num_split {num_split}",
        )
    return value.split_with_sizes([size // num_split] * num_split, split_dim)


moves(split_op, 1)


@split_op.gradient
def _split_grad(node: Any, *dys: Any) -> tuple[None, Tensor]:
    return None, concat(list(dys), node.inputs[0])


@split_op.samples
def _split_samples() -> Iterator[Sample]:
    yield sample(fixed(1), real(2, 6), num_split=3)
    yield sample(fixed(-2), real(2, 3), num_split=1)


@op("SplitV", host=("size_splits", "split_dim"), alias=True)
def split_v_op(c: ShapeContext) -> list[Shape]:
    dims = c.shape(0)
    n = c.attrs["num_split"]
    with_rank(c.shape(2), 0)
    axis = _static_axis(c.value(2), None if dims is None else len(dims))
    if dims is None:
        return [None] * n
    if not dims:
        raise ShapeError("Can't split scalars")
    sizes = c.value(1)
    if axis is None:
        return [(None,) * len(dims)] * n
    at_least_rank(dims, axis + 1)
    if sizes is None:
        return [(*dims[:axis], None, *dims[axis + 1 :])] * n
    return [
        (*dims[:axis], length, *dims[axis + 1 :]) for length in _static_lengths(sizes.ravel().tolist(), dims[axis], n)
    ]


def _static_lengths(sizes: list[int], whole: int | None, n: int) -> list[int | None]:
    if len(sizes) != n:
        raise ShapeError("Length of size_splits should be equal to num_outputs")
    if sizes.count(-1) > 1:
        raise ShapeError("size_splits can only have one -1")
    total = sum(s for s in sizes if s != -1)
    if whole is None:
        return [None if s == -1 else s for s in sizes]
    lengths: list[int | None] = []
    for i, s in enumerate(sizes):
        length = whole - total if s == -1 else s
        if length < 0:
            raise ShapeError(f"Split size at index {i} must be >= 0. Got: {length}")
        lengths.append(length)
    if -1 not in sizes and total != whole:
        raise ShapeError(f"can't split axis of size {whole} into pieces of size [{','.join(map(str, sizes))}]")
    return lengths


@split_v_op.kernel
def _split_v(value: torch.Tensor, size_splits: list[int], split_dim: int, *, num_split: int) -> Sequence[torch.Tensor]:
    rank = value.dim()
    if len(size_splits) != num_split:
        raise InvalidArgumentError(
            None,
            None,
            f"size_splits must be a 1-D tensor of length {num_split}, but got shape [{len(size_splits)}]",
        )
    split_dim = _one_axis(split_dim, rank)
    whole = value.shape[split_dim]
    total = sum(s for s in size_splits if s != -1)
    if size_splits.count(-1) > 1:
        raise InvalidArgumentError(None, None, "There can only be one -1 in the input.")
    if total > whole or (total != whole and -1 not in size_splits):
        raise InvalidArgumentError(
            None,
            None,
            "Determined shape must either match input shape along split_dim exactly if fully specified, or be less "
            f"than the size of the input along split_dim if not fully specified.  Got: {total}",
        )
    lengths = [whole - total if s == -1 else s for s in size_splits]
    for i, s in enumerate(lengths):
        if s < 0:
            raise InvalidArgumentError(None, None, f"Split size at index {i} must be >= 0. Got: {s}")
    return value.split_with_sizes(lengths, split_dim)


moves(split_v_op, 0)


@split_v_op.gradient
def _split_v_grad(node: Any, *dys: Any) -> list[Any]:
    return [concat(list(dys), node.inputs[2]), None, None]


@split_v_op.samples
def _split_v_samples() -> Iterator[Sample]:
    yield sample(real(2, 6), fixed([1, 2, 3]), fixed(1), num_split=3)
    yield sample(real(5, 2), fixed([2, -1]), fixed(0), num_split=2)


@export("split")
def split(
    value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split"
) -> list[Tensor]:
    """Cuts a tensor along an axis: into equal parts for a number, into parts of the given sizes for a vector.

    Raises: ValueError when the number of parts is not known, or does not divide the axis.
    """
    sizes = conversion.to_tensor(num_or_size_splits)
    if isinstance(num_or_size_splits, (int, Dimension)):
        return split_op(axis, value, num_split=num_or_size_splits, name=name)
    if sizes._rank() == 0:
        raise ValueError(
            "Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: "
            f"{num_or_size_splits}"
        )
    if num is None:
        if sizes._dims:
            num = sizes._dims[0]
        if num is None:
            raise ValueError(f"Cannot infer num from shape {num_or_size_splits}")
    return split_v_op(value, sizes, axis, num_split=num, name=name)


# --- tile ----------------------------------------------------------------------------------------------------------


@op("Tile", host=("multiples",))
def tile_op(c: ShapeContext) -> Shape:
    dims = c.shape(0)
    count = with_rank(c.shape(1), 1)[0]
    if dims is not None and count is not None and count != len(dims):
        raise ShapeError(f"Shape must be rank {len(dims)} but is rank {count}")
    multiples = c.shape_value(1)
    if multiples is None:
        return None if dims is None else (None,) * len(dims)
    return tuple(multiply_dims(pair) for pair in zip(with_rank(dims, len(multiples)), multiples, strict=True))


@tile_op.kernel
def _tile(input: torch.Tensor, multiples: list[int]) -> torch.Tensor:
    if len(multiples) != input.dim():
        raise InvalidArgumentError(
            None,
            None,
            f"Expected multiples argument to be a vector of length {input.dim()} but got length {len(multiples)}",
        )
    for i, m in enumerate(multiples):
        if m < 0:
            raise InvalidArgumentError(None, None, f"Expected multiples[{i}] >= 0, but got {m}")
    return input.repeat(multiples)


moves(tile_op, 0)


@tile_op.gradient
def _tile_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    from tfcompat.ops import casting, permuting, reductions

    source, multiples = node.inputs
    dims = shapes.shape(source, out_type=multiples.dtype)
    # [m0, n0, m1, n1, ...]: each dimension taken apart into repetition and content.
    pairs = shapes.reshape(permuting.transpose(stack([multiples, dims])), [-1])
    axes = get_op("Range")(0, shapes.size(pairs), 2, name="range")
    if isinstance(dy, IndexedSlices):
        rows = casting.cast(dims[0], dy.indices.dtype)
        dy = reductions.unsorted_segment_sum(dy.values, get_op("FloorMod")(dy.indices, rows), rows)
        pairs = concat([[1], pairs[1:]], axis=0)
    dx = reductions.reduce_sum(shapes.reshape(dy, pairs), axes)
    dx.set_shape(source.shape)
    return dx, None


@tile_op.samples
def _tile_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed([2, 1]))
    yield sample(real(2), fixed([3]))
    yield sample(real(2), fixed([0]))


@export("tile", "manip.tile")
def tile(input: Any, multiples: Any, name: str | None = None) -> Tensor:
    """Repeats a tensor `multiples[i]` times along axis i."""
    return tile_op(input, multiples, name=name)


