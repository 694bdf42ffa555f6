"""The families that element-wise ops come in: how unary and broadcasting binary ops are declared."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from tfcompat.framework import shape_rules, stacks
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.sparse_tensor import SparseTensor

Kernel = Callable[..., Any]

# torch stores these but computes little with them; int64 holds their values (uint64: modulo 2**64, as C does).
WIDE = frozenset({torch.uint16, torch.uint32, torch.uint64})


def widened(fn: Kernel) -> Kernel:
    """`fn` computed on int64 copies, the result cast back: for the unsigned types torch has few kernels for."""

    def kernel(*xs: torch.Tensor) -> torch.Tensor:
        return fn(*[x.to(torch.int64) for x in xs]).to(xs[0].dtype)  # type: ignore[no-any-return]

    return kernel


def numeric(made: Op, fn: Kernel) -> Op:
    """Gives `made` the kernel `fn`; plans call it directly, unsigned types of torch's second class go through int64."""
    wide = widened(fn)

    def kernel(*xs: torch.Tensor) -> Any:
        return wide(*xs) if xs[0].dtype in WIDE else fn(*xs)

    made.kernel(kernel)
    made.builder(lambda c: wide if c.attrs["T"].torch in WIDE else fn)
    return made


def unary(op_type: str, kernel: Kernel, gradient: Any = NOT_DIFFERENTIABLE, low: float = -2.0, high: float = 2.0) -> Op:
    """Declares an element-wise op of one input. `gradient(node, dy)`; low and high bound its samples."""
    made = numeric(op(op_type)(shape_rules.unchanged), kernel)
    made.gradient(gradient)

    def samples() -> Iterator[Sample]:
        yield sample(real(2, 3, low=low, high=high))
        yield sample(real(low=low, high=high))
        yield sample(real(0, 3, low=low, high=high))

    made.samples(samples)
    return made


def binary(
    op_type: str, kernel: Kernel, gradient: Any = NOT_DIFFERENTIABLE, low: float = -2.0, high: float = 2.0
) -> Op:
    """Declares a broadcasting op of two inputs. `gradient(node, dz)` returns both gradients, already summed."""
    made = numeric(op(op_type)(shape_rules.broadcast_binary), kernel)
    made.failure(incompatible_shapes)
    made.gradient(gradient)
    made.samples(binary_samples(low, high))
    return made


def binary_samples(low: float = -2.0, high: float = 2.0) -> Callable[[], Iterator[Sample]]:
    """Equal shapes, broadcasting both ways, and an empty result."""

    def samples() -> Iterator[Sample]:
        yield sample(real(2, 3, low=low, high=high), real(2, 3, low=low, high=high))
        yield sample(real(4, 1, 3, low=low, high=high), real(2, 1, low=low, high=high))
        yield sample(real(low=low, high=high), real(0, 2, low=low, high=high))

    return samples


def incompatible_shapes(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    """TF's message when two inputs do not broadcast; None when they do."""
    a, b = (tuple(x.shape) for x in args)
    try:
        torch.broadcast_shapes(a, b)
    except RuntimeError:
        return f"Incompatible shapes: {shape_rules.text(a)} vs. {shape_rules.text(b)}"
    return None


def is_integer(x: torch.Tensor) -> bool:
    return not (x.is_floating_point() or x.is_complex())


def sparse_too(default_name: str) -> Callable[[Kernel], Kernel]:
    """Makes a public function `f(x, name)` take a SparseTensor too: it is applied to the values.

    TensorFlow tries its argument as a dense tensor first; the name of that attempt stays taken.
    """

    def decorate(function: Kernel) -> Kernel:
        @functools.wraps(function)
        def apply(x: Any, name: str | None = None) -> Any:
            if type(x) is SparseTensor:
                if not (name and name.endswith("/")):
                    stacks.get_default_graph().unique_name(name or default_name)
                return x.with_values(function(x.values, name))
            return function(x, name)

        return apply

    return decorate
