"""Operations on the bits of integers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, op
from tfcompat.framework.samples import Sample, fixed, ints, sample
from tfcompat.framework.shape_rules import broadcast_binary, unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import families


def _binary(op_type: str, fn: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Op:
    made = op(op_type)(broadcast_binary)
    made.kernel(fn)
    made.failure(families.incompatible_shapes)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(ints(2, 3, high=100), ints(2, 3, high=7))
        yield sample(ints(2, 1, high=100, dtype=np.uint8), ints(3, high=7, dtype=np.uint8))
        yield sample(ints(2, 1, high=100, dtype=np.uint32), ints(3, high=7, dtype=np.uint32))

    return made


def _in_range(y: torch.Tensor, bits: int) -> torch.Tensor:
    """Shifts outside 0 .. bits-1, which C++ leaves undefined, are clamped as TF does."""
    return y.to(torch.int64).clamp(0, bits - 1)


def _left_shift(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    bits = x.element_size() * 8
    if x.dtype is torch.uint64:
        return torch.bitwise_left_shift(x.view(torch.int64), _unsigned_shift(y)).view(torch.uint64)
    return torch.bitwise_left_shift(x.to(torch.int64), _in_range(y, bits)).to(x.dtype)


def _unsigned_shift(y: torch.Tensor) -> torch.Tensor:
    """uint64 shifts as int64: those with the top bit set are as far out as any."""
    low = y.view(torch.int64)
    return torch.where(low < 0, 63, low).clamp(0, 63)


def _right_shift(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    bits = x.element_size() * 8
    if x.dtype is not torch.uint64:
        return torch.bitwise_right_shift(x.to(torch.int64), _in_range(y, bits)).to(x.dtype)
    # An int64's sign would be shifted in; shift by one first, with the sign cleared.
    by = _unsigned_shift(y)
    value = x.view(torch.int64)
    half = torch.bitwise_right_shift(value, 1) & (2**63 - 1)
    shifted = torch.bitwise_right_shift(half, (by - 1).clamp(min=0))
    return torch.where(by == 0, value, shifted).view(torch.uint64)


def _signed(x: torch.Tensor) -> torch.Tensor:
    """The same bits under a type torch computes with."""
    same = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}.get(x.dtype)
    return x if same is None else x.view(same)


def _invert(x: torch.Tensor) -> torch.Tensor:
    return torch.bitwise_not(_signed(x)).view(x.dtype)


def _population_count(x: torch.Tensor) -> torch.Tensor:
    bits = x.element_size() * 8
    value = _signed(x).to(torch.int64)
    count = torch.zeros_like(value)
    for i in range(bits):
        count += torch.bitwise_right_shift(value, i) & 1
    return count.to(torch.uint8)


bitwise_and_op = _binary("BitwiseAnd", torch.bitwise_and)
bitwise_or_op = _binary("BitwiseOr", torch.bitwise_or)
bitwise_xor_op = _binary("BitwiseXor", torch.bitwise_xor)
left_shift_op = _binary("LeftShift", _left_shift)
right_shift_op = _binary("RightShift", _right_shift)
invert_op = op("Invert")(unchanged)
invert_op.kernel(_invert)
invert_op.gradient(NOT_DIFFERENTIABLE)
population_count_op = op("PopulationCount")(unchanged)
population_count_op.kernel(_population_count)
population_count_op.gradient(NOT_DIFFERENTIABLE)


@invert_op.samples
@population_count_op.samples
def _unary_samples() -> Iterator[Sample]:
    yield sample(ints(2, 3, low=-5, high=100))
    yield sample(fixed(np.array([0, 1, 255], np.uint8)))
    yield sample(fixed(np.array([0, 1, 65535], np.uint16)))
    yield sample(fixed(np.array([0, 1, 2**64 - 1], np.uint64)))


@export("bitwise.bitwise_and", v2=("bitwise.bitwise_and",))
def bitwise_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits set in both."""
    return bitwise_and_op(x, y, name=name)


@export("bitwise.bitwise_or", v2=("bitwise.bitwise_or",))
def bitwise_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits set in either."""
    return bitwise_or_op(x, y, name=name)


@export("bitwise.bitwise_xor", v2=("bitwise.bitwise_xor",))
def bitwise_xor(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The bits set in exactly one."""
    return bitwise_xor_op(x, y, name=name)


@export("bitwise.invert", v2=("bitwise.invert",))
def invert(x: Any, name: str | None = None) -> Tensor:
    """Every bit flipped."""
    return invert_op(x, name=name)


@export("bitwise.left_shift", v2=("bitwise.left_shift",))
def left_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x shifted left by y bits; y is clamped to the type's width."""
    return left_shift_op(x, y, name=name)


@export("bitwise.right_shift", v2=("bitwise.right_shift",))
def right_shift(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x shifted right by y bits, keeping the sign; y is clamped to the type's width."""
    return right_shift_op(x, y, name=name)
