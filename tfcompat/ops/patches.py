"""Patches of images and volumes, laid out in the depth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, permuting, ranges, reductions, shapes
from tfcompat.ops.movement import moves


def _windows(size: int, window: int, stride: int, padding: str) -> tuple[int, int, int]:
    """Number of windows along an axis, and the padding before and after."""
    if padding == "VALID":
        return (size - window + stride) // stride, 0, 0
    count = -(-size // stride)
    total = max(0, (count - 1) * stride + window - size)
    return count, total // 2, total - total // 2


def _sized(values: Sequence[int], what: str, op_type: str, n: int) -> list[int]:
    if len(values) != n:
        raise ShapeError(f"{op_type} requires the {what} attribute to contain {n} values, but got: {len(values)}")
    return list(values[1:-1])


def _patches_shape(c: ShapeContext, n: int, rates: Sequence[int] | None) -> Shape:
    dims = with_rank(c.shape(0), n)
    ksizes = _sized(c.attrs["ksizes"], "ksizes", c.op_type, n)
    strides = _sized(c.attrs["strides"], "stride", c.op_type, n)
    steps = [1] * (n - 2) if rates is None else _sized(rates, "rates", c.op_type, n)
    depth = None if dims[-1] is None else dims[-1] * math.prod(ksizes)
    space: list[int | None] = []
    known = None not in dims[1:-1]
    for d, k, s, r in zip(dims[1:-1], ksizes, strides, steps, strict=True):
        if not known or d is None:
            space.append(None)
            continue
        count = _windows(d, (k - 1) * r + 1, s, c.attrs["padding"])[0]
        if count < 0:
            raise ShapeError(f"Computed output size would be negative: {count}")
        space.append(count)
    return (dims[0], *space, depth)


def _take_patches(
    x: torch.Tensor, ksizes: list[int], strides: list[int], rates: list[int], padding: str
) -> torch.Tensor:
    """[n, space, c] -> [n, windows, window * c]."""
    m = len(ksizes)
    if x.dim() != m + 2:
        raise InvalidArgumentError(None, None, f"input must be {m + 2}-dimensional, got {x.dim()}")
    spans = [(k - 1) * r + 1 for k, r in zip(ksizes, rates, strict=True)]
    windows = [_windows(d, *w, padding) for d, w in zip(x.shape[1:-1], zip(spans, strides, strict=True), strict=True)]
    if any(count <= 0 for count, _, _ in windows):
        return x.new_zeros([x.shape[0], *(max(n, 0) for n, _, _ in windows), x.shape[-1] * math.prod(ksizes)])
    pads = [0, 0, *(p for _, before, after in reversed(windows) for p in (before, after))]
    out = torch.constant_pad_nd(x, pads, 0)
    for i, (span, stride) in enumerate(zip(spans, strides, strict=True)):
        out = out.unfold(i + 1, span, stride)
    # Now [n, windows, c, window]; rates thin out the windows.
    out = out[(..., *[slice(None, None, r) for r in rates])]
    perm = [*range(m + 1), *range(m + 2, 2 * m + 2), m + 1]
    return out.permute(perm).reshape(*out.shape[: m + 1], x.shape[-1] * math.prod(ksizes))


@op("ExtractImagePatches")
def extract_image_patches_op(c: ShapeContext) -> Shape:
    return _patches_shape(c, 4, c.attrs["rates"])


@extract_image_patches_op.kernel
def _extract_image_patches(
    images: torch.Tensor, *, ksizes: list[int], strides: list[int], rates: list[int], padding: str
) -> torch.Tensor:
    return _take_patches(images, ksizes[1:-1], strides[1:-1], rates[1:-1], padding)


@op("ExtractVolumePatches")
def extract_volume_patches_op(c: ShapeContext) -> Shape:
    return _patches_shape(c, 5, None)


@extract_volume_patches_op.kernel
def _extract_volume_patches(
    input: torch.Tensor, *, ksizes: list[int], strides: list[int], padding: str
) -> torch.Tensor:
    return _take_patches(input, ksizes[1:-1], strides[1:-1], [1, 1, 1], padding)


moves(extract_image_patches_op, 0)
moves(extract_volume_patches_op, 0)


def _patches_grad(made: Op, attr_names: tuple[str, ...]) -> None:
    @made.gradient
    def rule(node: Any, dy: Tensor) -> Tensor:
        """Every element of a patch goes back to where it came from, and what comes from one place is added.

        TF multiplies with a sparse matrix of places; adding by segments is the same sum.
        """
        x = node.inputs[0]
        m = len(node._attrs["ksizes"]) - 2
        dims = shapes.shape(x, out_type=dtypes.int64)
        batch, depth = dims[0], dims[m + 1]
        space = dims[1 : m + 1]
        count = reductions.reduce_prod(space)
        # Places are numbered from 1, so that what padding puts in, 0, is a place of its own.
        numbers = shapes.reshape(ranges.range(1, count + 1, dtype=dtypes.int64), arrays.concat([[1], space, [1]], 0))
        places = made(numbers, **{k: node._attrs[k] for k in attr_names})
        rows = shapes.reshape(places, [-1])
        apart = shapes.reshape(dy, arrays.stack([batch, -1, depth]))
        values = permuting.transpose(apart, [1, 0, 2])
        summed = reductions.unsorted_segment_sum(values, rows, count + 1)[1:]
        spread = shapes.reshape(summed, arrays.concat([space, [batch, depth]], 0))
        dx = permuting.transpose(spread, [m, *range(m), m + 1])
        dx.set_shape(x.shape)
        return dx


_patches_grad(extract_image_patches_op, ("ksizes", "strides", "rates", "padding"))
_patches_grad(extract_volume_patches_op, ("ksizes", "strides", "padding"))


@extract_image_patches_op.samples
def _extract_image_patches_samples() -> Iterator[Sample]:
    yield sample(
        real(2, 4, 5, 2), ksizes=[1, 2, 3, 1], strides=[1, 1, 2, 1], rates=[1, 2, 1, 1], padding="SAME"
    )
    yield sample(real(1, 4, 4, 1), ksizes=[1, 3, 3, 1], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID")


@extract_volume_patches_op.samples
def _extract_volume_patches_samples() -> Iterator[Sample]:
    yield sample(real(1, 3, 2, 3, 1), ksizes=[1, 2, 2, 1, 1], strides=[1, 1, 1, 2, 1], padding="SAME")


@export("image.extract_image_patches", "extract_image_patches")
def extract_image_patches(
    images: Any,
    ksizes: Any = None,
    strides: Any = None,
    rates: Any = None,
    padding: Any = None,
    name: str | None = None,
    sizes: Any = None,
) -> Tensor:
    """Windows of images, each flattened into the depth (`sizes` is the new name of `ksizes`)."""
    ksizes = shapes.renamed_argument("sizes", sizes, "ksizes", ksizes)
    return extract_image_patches_op(
        images, ksizes=ksizes, strides=strides, rates=rates, padding=padding, name=name
    )


@export("image.extract_patches")
def extract_patches(
    images: Any, sizes: Any, strides: Any, rates: Any, padding: Any, name: str | None = None
) -> Tensor:
    """Windows of images, each flattened into the depth."""
    return extract_image_patches_op(images, ksizes=sizes, strides=strides, rates=rates, padding=padding, name=name)


@export("extract_volume_patches")
def extract_volume_patches(input: Any, ksizes: Any, strides: Any, padding: Any, name: str | None = None) -> Tensor:
    """Windows of volumes, each flattened into the depth."""
    return extract_volume_patches_op(input, ksizes=ksizes, strides=strides, padding=padding, name=name)
