"""Blocks of space moved into the batch or the depth, and back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.errors import InvalidArgumentError, UnimplementedError
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, shapes
from tfcompat.ops.movement import moves

Pairs = list[list[int]]


def _exact(n: int | None, by: int) -> int | None:
    if n is None:
        return None
    if n % by:
        raise ShapeError(f"Dimension size must be evenly divisible by {by} but is {n}")
    return n // by


# --- batches: shapes -----------------------------------------------------------------------------------------------


def _block_rank(block: Shape, dims: Shape, pairs: Shape) -> int:
    if block is None or len(block) != 1:
        raise ShapeError("block_shape must have rank 1.")
    m = block[0]
    if m is None:
        raise ShapeError("block_shape must have known size.")
    at_least_rank(dims, m + 1)
    merge(pairs, (m, 2))
    return m


def _positive(block: np.ndarray | None) -> list[int] | None:
    if block is None:
        return None
    sizes = block.ravel().tolist()
    if any(b < 1 for b in sizes):
        raise ShapeError("block_shape must be positive")
    return sizes  # type: ignore[no-any-return]


def _to_batch_shape(dims: Shape, m: int, block: list[int] | None, pads: np.ndarray | None) -> Shape:
    if pads is not None and (pads < 0).any():
        raise ShapeError("paddings cannot be negative")
    if dims is None:
        return None
    batch = dims[0] if m == 0 else None if block is None or dims[0] is None else dims[0] * math.prod(block)
    space: list[int | None] = [None] * m
    if block is not None and pads is not None:
        for i, (before, after) in enumerate(pads.reshape(-1, 2).tolist()):
            d = dims[i + 1]
            space[i] = _exact(None if d is None else d + before + after, block[i])
    return (batch, *space, *dims[m + 1 :])


def _from_batch_shape(dims: Shape, m: int, block: list[int] | None, crops: np.ndarray | None) -> Shape:
    if crops is not None and (crops < 0).any():
        raise ShapeError("crops cannot be negative")
    if dims is None:
        return None
    batch = dims[0] if m == 0 else None
    if m and block is not None:
        batch = dims[0]
        for b in block:
            batch = _exact(batch, b)
    space: list[int | None] = [None] * m
    if block is not None and crops is not None:
        for i, (before, after) in enumerate(crops.reshape(-1, 2).tolist()):
            d = dims[i + 1]
            if d is None:
                continue
            left = d * block[i]
            for cut in (before, after):
                if cut > left:
                    raise ShapeError(f"Negative dimension size caused by subtracting {cut} from {left}")
                left -= cut
            space[i] = left
    return (batch, *space, *dims[m + 1 :])


# --- batches: kernels ----------------------------------------------------------------------------------------------


def _check_blocks(rank: int, block: list[int], pairs: Pairs, what: str) -> None:
    m = len(block)
    if rank < m + 1:
        raise InvalidArgumentError(None, None, f"input rank should be >= {m + 1} instead of {rank}")
    if len(pairs) != m:
        raise InvalidArgumentError(None, None, f"{what} should have shape [{m}, 2] instead of [{len(pairs)}, 2]")
    if math.prod(block) <= 0:
        raise InvalidArgumentError(None, None, f"Product of block sizes must be positive, got {math.prod(block)}")
    for pair in pairs:
        if min(pair) < 0:
            raise InvalidArgumentError(None, None, f"{what.capitalize()} must be non-negative")


def _space_to_batch_nd(input: torch.Tensor, block_shape: list[int], paddings: Pairs) -> torch.Tensor:
    m = len(block_shape)
    _check_blocks(input.dim(), block_shape, paddings, "paddings")
    tail = input.shape[m + 1 :]
    order = [0, 0] * len(tail) + [p for pair in reversed(paddings) for p in pair]
    padded = torch.constant_pad_nd(input, order, 0)
    batch = padded.shape[0]
    split: list[int] = [batch]
    for i, b in enumerate(block_shape):
        size = padded.shape[i + 1]
        if size % b:
            raise InvalidArgumentError(None, None, f"padded_shape[{i}]={size} is not divisible by block_shape[{i}]={b}")
        split += [size // b, b]
    # [n, s0, b0, s1, b1, ...] -> [b0, b1, ..., n, s0, s1, ...]
    apart = padded.reshape(*split, *tail)
    perm = [*range(2, 2 * m + 1, 2), 0, *range(1, 2 * m, 2), *range(2 * m + 1, apart.dim())]
    return apart.permute(perm).reshape(batch * math.prod(block_shape), *split[1::2], *tail)


def _batch_to_space_nd(input: torch.Tensor, block_shape: list[int], crops: Pairs) -> torch.Tensor:
    m = len(block_shape)
    _check_blocks(input.dim(), block_shape, crops, "crops")
    many = math.prod(block_shape)
    if input.shape[0] % many:
        raise InvalidArgumentError(
            None, None, f"Input batch dimension ({input.shape[0]}) is not divisible by product of block sizes ({many})"
        )
    space, tail = input.shape[1 : m + 1], input.shape[m + 1 :]
    batch = input.shape[0] // many
    apart = input.reshape(*block_shape, batch, *space, *tail)
    perm = [m]
    for i in range(m):
        perm += [m + 1 + i, i]
    perm += range(2 * m + 1, apart.dim())
    joined = apart.permute(perm).reshape(batch, *(s * b for s, b in zip(space, block_shape, strict=True)), *tail)
    index: list[Any] = [slice(None)]
    for i, (before, after) in enumerate(crops):
        size = joined.shape[i + 1]
        if before + after > size:
            raise InvalidArgumentError(
                None,
                None,
                f"cropped_shape[{i}]={size - before - after} must be non-negative",
            )
        index.append(slice(before, size - after))
    return joined[tuple(index)]


@op("SpaceToBatchND", host=("block_shape", "paddings"))
def space_to_batch_nd_op(c: ShapeContext) -> Shape:
    m = _block_rank(c.shape(1), c.shape(0), c.shape(2))
    return _to_batch_shape(c.shape(0), m, _positive(c.value(1)), c.value(2))


space_to_batch_nd_op.kernel(_space_to_batch_nd)
moves(space_to_batch_nd_op, 0)


@op("BatchToSpaceND", host=("block_shape", "crops"), alias=True)
def batch_to_space_nd_op(c: ShapeContext) -> Shape:
    m = _block_rank(c.shape(1), c.shape(0), c.shape(2))
    return _from_batch_shape(c.shape(0), m, _positive(c.value(1)), c.value(2))


batch_to_space_nd_op.kernel(_batch_to_space_nd)
moves(batch_to_space_nd_op, 0)


@op("SpaceToBatch", host=("paddings",))
def space_to_batch_op(c: ShapeContext) -> Shape:
    dims = with_rank(c.shape(0), 4)
    _block_rank((2,), dims, c.shape(1))
    return _to_batch_shape(dims, 2, [c.attrs["block_size"]] * 2, c.value(1))


@space_to_batch_op.kernel
def _space_to_batch(input: torch.Tensor, paddings: Pairs, *, block_size: int) -> torch.Tensor:
    return _space_to_batch_nd(input, [block_size, block_size], paddings)


moves(space_to_batch_op, 0)


@op("BatchToSpace", host=("crops",), alias=True)
def batch_to_space_op(c: ShapeContext) -> Shape:
    dims = with_rank(c.shape(0), 4)
    _block_rank((2,), dims, c.shape(1))
    return _from_batch_shape(dims, 2, [c.attrs["block_size"]] * 2, c.value(1))


@batch_to_space_op.kernel
def _batch_to_space(input: torch.Tensor, crops: Pairs, *, block_size: int) -> torch.Tensor:
    return _batch_to_space_nd(input, [block_size, block_size], crops)


moves(batch_to_space_op, 0)


@space_to_batch_nd_op.gradient
def _space_to_batch_nd_grad(node: Any, dy: Any) -> tuple[Tensor, None, None]:
    return batch_to_space_nd_op(dy, node.inputs[1], node.inputs[2]), None, None


@batch_to_space_nd_op.gradient
def _batch_to_space_nd_grad(node: Any, dy: Any) -> tuple[Tensor, None, None]:
    return space_to_batch_nd_op(dy, node.inputs[1], node.inputs[2]), None, None


@space_to_batch_op.gradient
def _space_to_batch_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return batch_to_space(dy, node.inputs[1], block_size=node._attrs["block_size"]), None


@batch_to_space_op.gradient
def _batch_to_space_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return space_to_batch(dy, node.inputs[1], block_size=node._attrs["block_size"]), None


@space_to_batch_nd_op.samples
def _space_to_batch_nd_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 4, 2), fixed([2, 2]), fixed([[1, 0], [0, 2]]))
    yield sample(real(1, 4), fixed([4]), fixed([[0, 0]]))


@batch_to_space_nd_op.samples
def _batch_to_space_nd_samples() -> Iterator[Sample]:
    yield sample(real(8, 2, 3, 2), fixed([2, 2]), fixed([[1, 0], [0, 2]]))
    yield sample(real(4, 1), fixed([4]), fixed([[0, 1]]))


@space_to_batch_op.samples
def _space_to_batch_samples() -> Iterator[Sample]:
    yield sample(real(1, 3, 4, 1), fixed([[1, 0], [0, 0]]), block_size=2)


@batch_to_space_op.samples
def _batch_to_space_samples() -> Iterator[Sample]:
    yield sample(real(4, 2, 2, 1), fixed([[1, 0], [0, 0]]), block_size=2)


@export("space_to_batch_nd", "manip.space_to_batch_nd")
def space_to_batch_nd(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """Pads the space behind the batch axis, cuts it into blocks, and makes places inside blocks batch entries."""
    return space_to_batch_nd_op(input, block_shape, paddings, name=name)


@export("batch_to_space_nd", "manip.batch_to_space_nd")
def batch_to_space_nd(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """The reverse of `space_to_batch_nd`: batch entries become places inside blocks, then edges are cropped."""
    return batch_to_space_nd_op(input, block_shape, crops, name=name)


def _square(block_size: Any) -> np.ndarray:
    return np.array([block_size, block_size], dtype=np.int64)


@export("space_to_batch", "nn.space_to_batch")
def space_to_batch(
    input: Any, paddings: Any, block_size: Any = None, name: str | None = None, block_shape: Any = None
) -> Tensor:
    """`space_to_batch_nd` for images with square blocks (`block_shape` is the new name of `block_size`)."""
    size = shapes.renamed_argument("block_shape", block_shape, "block_size", block_size)
    out = space_to_batch_nd_op(input, _square(size), paddings, name=name)
    out.set_shape(out.shape.with_rank(4))
    return out


@export(v2=("space_to_batch", "nn.space_to_batch"))
def space_to_batch_v2(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """TF 2's name of `space_to_batch_nd`."""
    return space_to_batch_nd_op(input, block_shape, paddings, name=name)


@export("batch_to_space")
def batch_to_space(
    input: Any, crops: Any, block_size: Any, name: str | None = None, block_shape: Any = None
) -> Tensor:
    """`batch_to_space_nd` for images with square blocks."""
    size = shapes.renamed_argument("block_shape", block_shape, "block_size", block_size)
    out = batch_to_space_nd_op(input, _square(size), crops, name=name)
    out.set_shape(out.shape.with_rank(4))
    return out


@export(v2=("batch_to_space",))
def batch_to_space_v2(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """TF 2's name of `batch_to_space_nd`; one number means square blocks."""
    if isinstance(block_shape, int):
        block_shape = _square(block_shape)
    return batch_to_space_nd_op(input, block_shape, crops, name=name)


@export("required_space_to_batch_paddings")
def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The paddings that make a shape divisible into blocks, and the crops that undo them.

    Raises: ValueError when the size of block_shape is not known.
    """
    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        space = conversion.to_tensor(input_shape, dtypes.int32, "input_shape")
        block = conversion.to_tensor(block_shape, dtypes.int32, "block_shape")
        block.shape.assert_is_fully_defined()
        block.shape.assert_has_rank(1)
        m = block._dims[0]  # type: ignore[index]
        if m == 0:
            return shapes.zeros([0, 2], dtypes.int32), shapes.zeros([0, 2], dtypes.int32)
        assert m is not None
        space.shape.assert_is_compatible_with([m])
        if base_paddings is not None:
            base = conversion.to_tensor(base_paddings, dtypes.int32, "base_paddings")
            base.shape.assert_is_compatible_with([m, 2])
        else:
            base = shapes.zeros([m, 2], dtypes.int32)
        known = [constant_value(t) for t in (block, space, base)]
        values: Sequence[Any] = (block, space, base) if any(k is None for k in known) else known
        blocks, sizes, pads = values
        start, end = pads[:, 0], pads[:, 1]
        whole = sizes + start + end
        extra = (blocks - whole % blocks) % blocks
        stop = end + extra
        paddings = arrays.stack([[start[i], stop[i]] for i in range(m)], name="paddings")
        crops = arrays.stack([[0, extra[i]] for i in range(m)], name="crops")
        return paddings, crops


# --- depth ---------------------------------------------------------------------------------------------------------


def _layout_axes(c: ShapeContext) -> tuple[tuple[int | None, ...], int, int, int]:
    """The input's dimensions and the places of height, width and depth."""
    form = c.attrs["data_format"]
    if form == "NCHW_VECT_C":
        dims = with_rank(c.shape(0), 5)
        return dims, 2, 3, 1
    dims = with_rank(c.shape(0), 4)
    return (dims, 1, 2, 3) if form == "NHWC" else (dims, 2, 3, 1)


def _times(d: int | None, by: int) -> int | None:
    return None if d is None else d * by


@op("SpaceToDepth", alias=True)
def space_to_depth_op(c: ShapeContext) -> Shape:
    dims, h, w, depth = _layout_axes(c)
    b = c.attrs["block_size"]
    out = list(dims)
    out[h], out[w], out[depth] = _exact(dims[h], b), _exact(dims[w], b), _times(dims[depth], b * b)
    return tuple(out)


@op("DepthToSpace", alias=True)
def depth_to_space_op(c: ShapeContext) -> Shape:
    dims, h, w, depth = _layout_axes(c)
    b = c.attrs["block_size"]
    out = list(dims)
    out[h], out[w], out[depth] = _times(dims[h], b), _times(dims[w], b), _exact(dims[depth], b * b)
    return tuple(out)


def _check_image(x: torch.Tensor, data_format: str) -> None:
    if data_format == "NCHW_VECT_C":
        raise UnimplementedError(None, None, "NCHW_VECT_C is not supported; use NHWC or NCHW")
    if x.dim() != 4:
        raise InvalidArgumentError(None, None, f"Input rank should be 4 instead of {x.dim()}")


@space_to_depth_op.kernel
def _space_to_depth(input: torch.Tensor, *, block_size: int, data_format: str) -> torch.Tensor:
    _check_image(input, data_format)
    b = block_size
    first = data_format != "NHWC"
    x = input.permute(0, 2, 3, 1) if first else input
    n, h, w, depth = x.shape
    if h % b or w % b:
        raise InvalidArgumentError(
            None, None, f"Image width {w} and height {h} should be divisible by block_size: {b}"
        )
    apart = x.reshape(n, h // b, b, w // b, b, depth)
    out = apart.permute(0, 1, 3, 2, 4, 5).reshape(n, h // b, w // b, b * b * depth)
    return out.permute(0, 3, 1, 2).contiguous() if first else out


@depth_to_space_op.kernel
def _depth_to_space(input: torch.Tensor, *, block_size: int, data_format: str) -> torch.Tensor:
    _check_image(input, data_format)
    b = block_size
    first = data_format != "NHWC"
    x = input.permute(0, 2, 3, 1) if first else input
    n, h, w, depth = x.shape
    if depth % (b * b):
        raise InvalidArgumentError(
            None, None, f"Input depth dimension {depth} should be divisible by: {b * b}"
        )
    apart = x.reshape(n, h, w, b, b, depth // (b * b))
    out = apart.permute(0, 1, 3, 2, 4, 5).reshape(n, h * b, w * b, depth // (b * b))
    return out.permute(0, 3, 1, 2).contiguous() if first else out


moves(space_to_depth_op, 0)
moves(depth_to_space_op, 0)


def _other_way(rule_of: Op, name: str) -> None:
    @rule_of.gradient
    def rule(node: Any, dy: Any) -> Tensor:
        form = node._attrs["data_format"]
        if form == "NCHW_VECT_C":
            raise ValueError(f"Cannot compute {name} gradient with NCHW_VECT_C. NCHW_VECT_C requires qint8 data type.")
        back = depth_to_space_op if rule_of is space_to_depth_op else space_to_depth_op
        return back(dy, block_size=node._attrs["block_size"], data_format=form)


_other_way(space_to_depth_op, "SpaceToDepth")
_other_way(depth_to_space_op, "DepthToSpace")


@space_to_depth_op.samples
def _space_to_depth_samples() -> Iterator[Sample]:
    yield sample(real(1, 4, 2, 3), block_size=2)
    yield sample(real(1, 3, 4, 2), block_size=2, data_format="NCHW")


@depth_to_space_op.samples
def _depth_to_space_samples() -> Iterator[Sample]:
    yield sample(real(1, 2, 1, 8), block_size=2)
    yield sample(real(1, 4, 2, 2), block_size=2, data_format="NCHW")


@export("space_to_depth", "nn.space_to_depth")
def space_to_depth(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Tensor:
    """Cuts images into square blocks and moves the places inside a block into the depth."""
    return space_to_depth_op(input, block_size=block_size, data_format=data_format, name=name)


@export("depth_to_space", "nn.depth_to_space")
def depth_to_space(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Tensor:
    """The reverse of `space_to_depth`."""
    return depth_to_space_op(input, block_size=block_size, data_format=data_format, name=name)


@export(v2=("nn.space_to_depth",))
def space_to_depth_v2(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Cuts images into square blocks and moves the places inside a block into the depth."""
    return space_to_depth(input, block_size, name, data_format)


@export(v2=("nn.depth_to_space",))
def depth_to_space_v2(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """The reverse of `space_to_depth`."""
    return depth_to_space(input, block_size, name, data_format)


