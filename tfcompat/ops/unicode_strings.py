"""Unicode: text in one encoding as code points or in another encoding.

Source: TF 1.15, core/ops/string_ops.cc, core/kernels/unicode_ops.cc.
"""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, op
from tfcompat.framework.shape_rules import num_elements, unchanged, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.string_values import as_text_attr, each, string_vector

_LAST = 0x10FFFF


def _refuse(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)


class _Reader:
    """Characters of encoded text, with what is wrong in it replaced, left out or refused as the op's attrs say."""

    def __init__(self, attrs: dict[str, Any]) -> None:
        name = as_text_attr(attrs["input_encoding"])
        try:
            self.codec = codecs.lookup(name.lower()).name
        except LookupError:
            raise _refuse(f"Could not create converter for input encoding: {name}") from None
        self.how = as_text_attr(attrs["errors"])
        self.replacement = _replacement(attrs)
        self.replace_control = attrs["replace_control_characters"]

    def characters(self, data: bytes) -> Iterator[tuple[int, int]]:
        """(code point, where it starts) of each character."""
        for point, at in self._raw(data):
            if point is None:
                if self.how == "strict":
                    raise _refuse("Invalid formatting on input string")
            elif not (self.replace_control and point <= 0x1F):
                yield point, at
                continue
            if self.how != "ignore":
                yield self.replacement, at

    def _raw(self, data: bytes) -> Iterator[tuple[int | None, int]]:
        at = 0
        while at < len(data):
            try:
                text, bad, end = data[at:].decode(self.codec), None, len(data)
            except UnicodeDecodeError as problem:
                bad, end = at + problem.start, at + max(problem.end, problem.start + 1)
                text = data[at:bad].decode(self.codec)
            place = at
            for char in text:
                yield ord(char), place
                place += len(char.encode(self.codec))
            if bad is not None:
                yield None, bad
            at = end


def _replacement(attrs: dict[str, Any]) -> int:
    found = int(attrs["replacement_char"])
    if not _is_character(found):
        raise _refuse("replacement_char out of unicode codepoint range")
    return found


def _is_character(point: int) -> bool:
    return 0 <= point <= _LAST and not 0xD800 <= point <= 0xDFFF


def _encoded(points: list[int], encoding: str) -> bytes:
    return "".join(map(chr, points)).encode(encoding.lower())


transcode_op = op("UnicodeTranscode")(unchanged)
transcode_op.gradient(NOT_DIFFERENTIABLE)


@transcode_op.builder
def _build_transcode(c: KernelContext) -> Any:
    reader, encoding = _Reader(c.attrs), as_text_attr(c.attrs["output_encoding"])
    return lambda input: each(lambda data: _encoded([p for p, _ in reader.characters(data)], encoding), input)


def _decoded_shapes(c: ShapeContext) -> list[Shape]:
    count = num_elements(c.shape(0))
    splits = None if count is None else count + 1
    return [(splits,), *[(None,)] * (2 if c.op_type.endswith("Offsets") else 1)]


decode_op = op("UnicodeDecode")(_decoded_shapes)
decode_with_offsets_op = op("UnicodeDecodeWithOffsets")(_decoded_shapes)
decode_op.gradient(NOT_DIFFERENTIABLE)
decode_with_offsets_op.gradient(NOT_DIFFERENTIABLE)


@decode_op.builder
@decode_with_offsets_op.builder
def _build_decode(c: KernelContext) -> Any:
    reader, device = _Reader(c.attrs), c.device
    offsets, splits_type = c.node.type.endswith("Offsets"), c.attrs["Tsplits"].torch

    def decode(input: np.ndarray) -> list[torch.Tensor]:
        found: list[tuple[int, int]] = []
        splits = [0]
        for data in input.reshape(-1).tolist():
            found += reader.characters(data)
            splits.append(len(found))
        out = [
            torch.tensor(splits, dtype=splits_type, device=device),
            torch.tensor([p for p, _ in found], dtype=torch.int32, device=device),
        ]
        if offsets:
            out.append(torch.tensor([at for _, at in found], dtype=torch.int64, device=device))
        return out

    return decode


@op("UnicodeEncode")
def encode_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 1)
    (splits,) = with_rank(c.shape(1), 1)
    return (None if splits is None else splits - 1,)


encode_op.gradient(NOT_DIFFERENTIABLE)


@encode_op.builder
def _build_encode(c: KernelContext) -> Any:
    how, encoding = as_text_attr(c.attrs["errors"]), as_text_attr(c.attrs["output_encoding"])
    replacement = _replacement(c.attrs)

    def checked(points: list[int]) -> Iterator[int]:
        for point in points:
            if _is_character(point):
                yield point
            elif how == "strict":
                raise _refuse("Code point value out of valid Unicode range.")
            elif how == "replace":
                yield replacement

    def encode(input_values: torch.Tensor, input_splits: torch.Tensor) -> np.ndarray:
        points, splits = input_values.tolist(), input_splits.tolist()
        if not splits:
            raise _refuse("Input_splits should contain elements, but given input_values has 0 elements")
        if splits[0] != 0 or splits[-1] != len(points) or sorted(splits) != splits:
            raise _refuse("Values in input_splits must be equal or in ascending order.")
        return string_vector([_encoded(list(checked(points[a:b])), encoding) for a, b in itertools.pairwise(splits)])

    return encode


@export("strings.unicode_transcode", v2=("strings.unicode_transcode",))
def unicode_transcode(
    input: Any,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = 65533,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Tensor:
    """Each string in another encoding; what is wrong in it is replaced, left out ("ignore") or refused ("strict")."""
    return transcode_op(  # type: ignore[no-any-return]
        input,
        input_encoding=input_encoding,
        output_encoding=output_encoding,
        errors=errors,
        replacement_char=replacement_char,
        replace_control_characters=replace_control_characters,
        name=name,
    )
