"""Slices of tensors, as checkpoints of partitioned variables name them: "4 5 0,2:-" is rows 0 and 1 of a 4 x 5 one.

Source: TF 1.15, core/framework/tensor_slice.cc, core/util/saved_tensor_slice_util.cc, tensor_slice_set.cc.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from tfcompat.framework import errors, protos
from tfcompat.io.varints import ordered_number, ordered_signed_number, ordered_string

_EVERYTHING = -1  # the length of an extent that covers its dimension


class TensorSlice(NamedTuple):
    """A (start, length) per dimension; (0, -1) is the whole dimension."""

    extents: tuple[tuple[int, int], ...]

    def __str__(self) -> str:
        return ":".join("-" if length == _EVERYTHING else f"{start},{length}" for start, length in self.extents)

    @property
    def is_full(self) -> bool:
        return all(length == _EVERYTHING for _, length in self.extents)

    def shape_in(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of this slice of a tensor.

        Raises: InternalError when ranks differ or the slice leaves the tensor.
        """
        if len(shape) != len(self.extents):
            raise errors.InternalError(None, None, f"Mismatching ranks: shape = {shape_text(shape)}, slice = {self}")
        for axis, ((start, length), size) in enumerate(zip(self.extents, shape)):
            if length != _EVERYTHING and start + length > size:
                text = f"Extent in dimension {axis} out of bounds: shape = {shape_text(shape)}, slice = {self}"
                raise errors.InternalError(None, None, text)
        return tuple(size if length == _EVERYTHING else length for (_, length), size in zip(self.extents, shape))

    def bounds_in(self, shape: Sequence[int]) -> list[tuple[int, int]]:
        """Start and end along each dimension."""
        return [(0, n) if length == _EVERYTHING else (s, s + length) for (s, length), n in zip(self.extents, shape)]

    def to_proto(self) -> Any:
        """The slice as a `TensorSliceProto`, in which whole dimensions are empty."""
        proto = protos.TensorSliceProto()
        for start, length in self.extents:
            extent = proto.extent.add()
            if length != _EVERYTHING:
                extent.start, extent.length = start, length
        return proto


def full_slice(rank: int) -> TensorSlice:
    """The slice that is all of a tensor."""
    return TensorSlice(((0, _EVERYTHING),) * rank)


def slice_from_proto(proto: Any) -> TensorSlice:
    """The slice in a `TensorSliceProto`. Raises: InvalidArgumentError for negative starts and empty extents."""
    extents = []
    for extent in proto.extent:
        length = extent.length if extent.WhichOneof("has_length") else _EVERYTHING
        if (extent.start, length) != (0, _EVERYTHING) and (extent.start < 0 or length <= 0):
            raise errors.InvalidArgumentError(
                None,
                None,
                "Expected non-negative start and positive length but got "
                f"start = {extent.start}, length = {length}: extent = {str(extent).strip()}",
            )
        extents.append((extent.start, length))
    return TensorSlice(tuple(extents))


def parse_slice(text: str) -> TensorSlice:
    """The slice that a text such as "0,2:-" names. Raises: InvalidArgumentError for any other text."""
    extents = []
    for part in filter(None, text.split(":")):
        if part == "-":
            extents.append((0, _EVERYTHING))
            continue
        numbers = [_integer(n) for n in part.split(",") if n]
        if len(numbers) != 2 or None in numbers:
            message = f"Expected a pair of numbers or '-' but got '{part}': string = {text}"
            raise errors.InvalidArgumentError(None, None, message)
        start, length = (n for n in numbers if n is not None)
        if start < 0 or length <= 0:
            raise errors.InvalidArgumentError(
                None,
                None,
                "Expected non-negative start and positive length but got "
                f"start = {start}, length = {length}: string = {text}",
            )
        extents.append((start, length))
    return TensorSlice(tuple(extents))


def parse_shape_and_slice(text: str) -> tuple[tuple[int, ...], TensorSlice, tuple[int, ...]]:
    """Full shape, slice and the slice's shape of a text such as "4 5 0,2:-".

    Raises: InvalidArgumentError for any other text; InternalError when the slice leaves the tensor.
    """
    *sizes, last = text.split(" ")
    if not sizes:
        message = f"Need least two elements in shape_and_slice specification: {text}"
        raise errors.InvalidArgumentError(None, None, message)
    part = parse_slice(last)
    shape = [_integer(size) for size in sizes]
    if None in shape:
        raise errors.InvalidArgumentError(None, None, f"Non numerical dimension in shape_and_slice: {text}")
    known = tuple(size for size in shape if size is not None)
    return known, part, part.shape_in(known)


def _integer(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() else None


def shape_text(shape: Sequence[int]) -> str:
    """A shape as TF's messages show it: [2,3]."""
    return f"[{','.join(map(str, shape))}]"


def slice_key(name: bytes, part: TensorSlice) -> bytes:
    """The key under which a checkpoint keeps a slice of the tensor `name`."""
    numbers = (number for extent in part.extents for number in extent)
    return b"".join(
        (
            ordered_number(0),
            ordered_string(name),
            ordered_number(len(part.extents)),
            *map(ordered_signed_number, numbers),
        )
    )


def overlap(a: Sequence[tuple[int, int]], b: Sequence[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """What two lists of (start, end) have in common, or None."""
    common = [(max(p[0], q[0]), min(p[1], q[1])) for p, q in zip(a, b)]
    return common if all(start < end for start, end in common) else None


def slices_that_cover(
    wanted: TensorSlice, stored: Sequence[TensorSlice], shape: Sequence[int]
) -> list[tuple[TensorSlice, list[tuple[int, int]]]] | None:
    """The stored slices that make up the wanted one, each with the (start, end) it gives; None when they do not.

    The stored slices must not overlap, so counting elements is enough.
    """
    bounds = wanted.bounds_in(shape)
    if wanted in stored:
        return [(wanted, bounds)]
    found = []
    elements = 0
    for part in stored:
        common = overlap(bounds, part.bounds_in(shape))
        if common is not None:
            found.append((part, common))
            elements += math.prod(end - start for start, end in common)
    return found if elements == math.prod(end - start for start, end in bounds) else None


def check_disjoint(stored: Sequence[TensorSlice], shape: Sequence[int]) -> None:
    """Raises InternalError when two of the slices overlap or one does not fit the shape."""
    for part in stored:
        part.shape_in(shape)
    # Sorted by start, only a slice that begins before the last one ends can meet it: few for a partitioned variable.
    ordered = sorted((part.bounds_in(shape), part) for part in stored)
    for position, (bounds, part) in enumerate(ordered):
        for later_bounds, later in ordered[position + 1 :]:
            if later_bounds and later_bounds[0][0] >= bounds[0][1]:
                break
            if overlap(bounds, later_bounds) is not None:
                message = f"Overlapping slices: existing slice = {part}, new slice = {later}"
                raise errors.InternalError(None, None, message)
