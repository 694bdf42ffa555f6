"""Comparisons as bits, the raw Einsum op, and the clock.

Source: TF 1.15, core/kernels/{compare_and_bitpack_op,einsum_op,logging_ops}.cc.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, ints, real, sample
from tfcompat.framework.shape_rules import at_least_rank, scalar, with_rank
from tfcompat.framework.tensor import Tensor


@op("CompareAndBitpack")
def compare_and_bitpack_op(c: ShapeContext) -> Shape:
    shape = at_least_rank(c.shape(0), 1)
    with_rank(c.shape(1), 0)
    if shape is None:
        return None
    last = shape[-1]
    if last is not None and last % 8:
        raise ShapeError(f"Dimension size must be evenly divisible by 8 but is {last}")
    return (*shape[:-1], None if last is None else last // 8)


compare_and_bitpack_op.gradient(NOT_DIFFERENTIABLE)


@compare_and_bitpack_op.kernel
def _compare_and_bitpack(input: torch.Tensor, threshold: torch.Tensor) -> torch.Tensor:
    if not input.ndim or input.shape[-1] % 8:
        raise InvalidArgumentError(
            None, None, f"Inner dimension of input should be divisible by 8, but it has shape {list(input.shape)}"
        )
    if input.dtype is torch.bool:  # TF packs the values themselves, whatever the threshold
        above = input
    else:
        above = input > threshold
    bits = above.reshape(*input.shape[:-1], input.shape[-1] // 8, 8).to(torch.int32)
    weights = 2 ** torch.arange(7, -1, -1, dtype=torch.int32, device=input.device)
    return (bits * weights).sum(-1).to(torch.uint8)


@compare_and_bitpack_op.samples
def _compare_and_bitpack_samples() -> Iterator[Sample]:
    yield sample(ints(2, 16, low=-5), fixed(0))
    yield sample(ints(0, 8), fixed(1))


def _labels(equation: str) -> tuple[list[str], str]:
    left, arrow, right = equation.replace(" ", "").partition("->")
    if not arrow:
        raise ShapeError(f"Expecting exactly one '->' in einsum equation: {equation}")
    return left.split(","), right


@op("Einsum")
def einsum_op(c: ShapeContext) -> Shape:
    terms, output = _labels(c.attrs["equation"])
    if len(terms) != len(c.shapes):
        raise ShapeError(f"Expected {len(terms)} inputs for equation {c.attrs['equation']} but got: {len(c.shapes)}")
    if "..." in output:
        return None
    sizes: dict[str, int | None] = {}
    for term, shape in zip(terms, c.shapes, strict=True):
        if shape is None or "..." in term:
            continue
        for label, size in zip(term, with_rank(shape, len(term)), strict=True):
            known = sizes.get(label)
            if known is not None and size is not None and known != size:
                raise ShapeError(f"Dimensions must be equal, but are {known} and {size}")
            sizes[label] = size if known is None else known
    return tuple(sizes.get(label) for label in output)


@einsum_op.kernel
def _einsum(inputs: list[torch.Tensor], *, equation: str) -> torch.Tensor:
    return torch.einsum(equation, *inputs).clone()


@einsum_op.samples
def _einsum_samples() -> Iterator[Sample]:
    yield sample([real(2, 3), real(3, 4)], equation="ij,jk->ik")
    yield sample([real(2, 3)], equation="ij->ji")


einsum_op.gradient(NOT_DIFFERENTIABLE)  # TF 1.15 has no rule for the raw op; tf.einsum is made of others


@op("Timestamp")
def timestamp_op(c: ShapeContext) -> Shape:
    return scalar(c)


timestamp_op.gradient(NOT_DIFFERENTIABLE)


@timestamp_op.kernel
def _timestamp() -> torch.Tensor:
    return torch.tensor(time.time(), dtype=torch.float64)


@export("timestamp")
def timestamp(name: str | None = None) -> Tensor:
    """The time of the run, in seconds since the epoch."""
    return timestamp_op(name=name)
