"""Element-wise arithmetic: the families of unary and broadcasting binary ops, and how broadcasting is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.shape_rules import broadcast_binary, unchanged

Kernel = Callable[..., Any]
Samples = Callable[[], Iterator[Sample]]


def unary(op_type: str, kernel: Kernel, gradient: Any = NOT_DIFFERENTIABLE, low: float = -2.0, high: float = 2.0) -> Op:
    """Declares an element-wise op of one input. `gradient(node, dy)`; low and high bound its samples."""
    made = op(op_type)(unchanged)
    made.kernel(kernel)
    made.gradient(gradient)

    def samples() -> Iterator[Sample]:
        yield sample(real(2, 3, low=low, high=high))
        yield sample(real(low=low, high=high))
        yield sample(real(0, 3, low=low, high=high))

    made.samples(samples)
    return made


def binary(op_type: str, kernel: Kernel, gradient: Any = NOT_DIFFERENTIABLE, low: float = -2.0, high: float = 2.0) -> Op:
    """Declares a broadcasting op of two inputs. `gradient(node, dz)` returns both gradients, already summed."""
    made = op(op_type)(broadcast_binary)
    made.kernel(kernel)
    made.gradient(gradient)

    def samples() -> Iterator[Sample]:
        yield sample(real(2, 3, low=low, high=high), real(2, 3, low=low, high=high))
        yield sample(real(4, 1, 3, low=low, high=high), real(2, 1, low=low, high=high))
        yield sample(real(low=low, high=high), real(0, 2, low=low, high=high))

    made.samples(samples)
    return made


mul_op = binary("Mul", torch.mul)
