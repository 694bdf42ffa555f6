"""Fake quantization: values moved to the grid that some bits can hold, in float32, for training.

Source: TF 1.15, core/kernels/fake_quant_ops_functor.h. All arithmetic is float32, in TF's order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, drawn, fixed, sample
from tfcompat.framework.shape_rules import merge, unchanged, with_rank
from tfcompat.framework.tensor import Tensor

Grid = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # smallest value, largest value, step


def _steps(num_bits: int, narrow_range: bool) -> tuple[int, int]:
    if not 2 <= num_bits <= 16:
        raise InvalidArgumentError(None, None, f"num_bits must be between 2 and 16, inclusive, got {num_bits}")
    return int(narrow_range), (1 << num_bits) - 1


def _grid(low: torch.Tensor, high: torch.Tensor, num_bits: int, narrow_range: bool) -> Grid:
    """The range moved a little so that zero is one of its points."""
    first, last = _steps(num_bits, narrow_range)
    step = (high - low) / (last - first)
    zero = first - low / step
    zero = torch.clamp(torch.sign(zero) * torch.floor(zero.abs() + 0.5), first, last)
    return (first - zero) * step, (last - zero) * step, step


def _quantized(inputs: torch.Tensor, low: torch.Tensor, high: torch.Tensor, bits: int, narrow: bool) -> torch.Tensor:
    smallest, largest, step = _grid(low, high, bits, narrow)
    zero = torch.trunc(-smallest / step + 0.5)
    shifted = torch.minimum(torch.maximum(inputs, smallest), largest) - smallest
    out = (torch.floor(shifted / step + 0.5) - zero) * step
    return torch.where((low == 0) & (high == 0), torch.zeros_like(out), out)


def _inside(inputs: torch.Tensor, low: torch.Tensor, high: torch.Tensor, bits: int, narrow: bool) -> Any:
    """Where the values lie: below the grid, within it, above it (a range of nothing counts as within)."""
    smallest, largest, _ = _grid(low, high, bits, narrow)
    none = (low == 0) & (high == 0)
    below, above = (inputs < smallest) & ~none, (inputs > largest) & ~none
    within = ((inputs >= smallest) & (inputs <= largest)) | none
    return below, within, above


def _ends(min: float, max: float, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    if not min < max:
        raise InvalidArgumentError(None, None, f"min has to be smaller than max, was: {min:g} >= {max:g}")
    return (torch.tensor(v, dtype=torch.float32, device=like.device) for v in (min, max))  # type: ignore[return-value]


def _some(inputs: Any = (2, 3)) -> Any:
    # Steps have no slope that differences could find.
    return drawn(lambda rng: rng.uniform(-8, 8, inputs), differentiable=False)


# --- range by attrs --------------------------------------------------------------------------------------------

fake_quant_with_min_max_args_op = op("FakeQuantWithMinMaxArgs")(unchanged)
fake_quant_with_min_max_args_gradient_op = op("FakeQuantWithMinMaxArgsGradient")(
    lambda c: merge(c.shape(0), c.shape(1))
)


@fake_quant_with_min_max_args_op.kernel
def _args(inputs: torch.Tensor, *, min: float, max: float, num_bits: int, narrow_range: bool) -> torch.Tensor:
    _steps(num_bits, narrow_range)
    low, high = _ends(min, max, inputs)
    return _quantized(inputs, low, high, num_bits, narrow_range)


@fake_quant_with_min_max_args_gradient_op.kernel
def _args_gradient(
    gradients: torch.Tensor, inputs: torch.Tensor, *, min: float, max: float, num_bits: int, narrow_range: bool
) -> torch.Tensor:
    _steps(num_bits, narrow_range)
    low, high = _ends(min, max, inputs)
    if gradients.shape != inputs.shape:
        raise InvalidArgumentError(None, None, "gradient and input must be the same size")
    return gradients * _inside(inputs, low, high, num_bits, narrow_range)[1]


@fake_quant_with_min_max_args_op.gradient
def _args_rule(node: Any, dy: Tensor) -> Tensor:
    attrs = {k: node.get_attr(k) for k in ("min", "max", "num_bits", "narrow_range")}
    return fake_quant_with_min_max_args_gradient_op(dy, node.inputs[0], **attrs)


@fake_quant_with_min_max_args_gradient_op.gradient
def _args_gradient_rule(node: Any, dy: Tensor) -> Any:
    attrs = {k: node.get_attr(k) for k in ("min", "max", "num_bits", "narrow_range")}
    return fake_quant_with_min_max_args_gradient_op(dy, node.inputs[1], **attrs), None


# --- range by tensors ------------------------------------------------------------------------------------------


def _vars_shape(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0), with_rank(c.shape(2), 0)
    return c.shape(0)


def _vars_gradient_shape(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(2), 0), with_rank(c.shape(3), 0)
    return [merge(c.shape(0), c.shape(1)), (), ()]


def _channels(inputs: Shape, *ends: Shape) -> int | None:
    if inputs is not None and not inputs:
        raise ShapeError("Shape must be at least rank 1 but is rank 0")
    found = inputs[-1] if inputs is not None else None
    for end in ends:
        (n,) = with_rank(end, 1)
        if n is not None and found is not None and n != found:
            raise ShapeError(f"Dimensions must be equal, but are {n} and {found}")
        found = found if n is None else n
    return found


def _channel_shape(c: ShapeContext) -> Shape:
    found = _channels(c.shape(0), c.shape(1), c.shape(2))
    shape = c.shape(0)
    return None if shape is None else (*shape[:-1], found)


def _channel_gradient_shape(c: ShapeContext) -> list[Shape]:
    shape = merge(c.shape(0), c.shape(1))
    found = _channels(shape, c.shape(2), c.shape(3))
    return [shape, (found,), (found,)]


fake_quant_with_min_max_vars_op = op("FakeQuantWithMinMaxVars")(_vars_shape)
fake_quant_with_min_max_vars_gradient_op = op("FakeQuantWithMinMaxVarsGradient")(_vars_gradient_shape)
fake_quant_with_min_max_vars_per_channel_op = op("FakeQuantWithMinMaxVarsPerChannel")(_channel_shape)
fake_quant_with_min_max_vars_per_channel_gradient_op = op("FakeQuantWithMinMaxVarsPerChannelGradient")(
    _channel_gradient_shape
)


@fake_quant_with_min_max_vars_op.kernel
@fake_quant_with_min_max_vars_per_channel_op.kernel
def _vars(
    inputs: torch.Tensor, min: torch.Tensor, max: torch.Tensor, *, num_bits: int, narrow_range: bool
) -> torch.Tensor:
    _steps(num_bits, narrow_range)
    if min.ndim and (min.shape != max.shape or min.shape != inputs.shape[-1:]):
        raise InvalidArgumentError(None, None, f"min has incorrect size, expected {inputs.shape[-1]} was {min.numel()}")
    return _quantized(inputs, min, max, num_bits, narrow_range)


@fake_quant_with_min_max_vars_gradient_op.kernel
@fake_quant_with_min_max_vars_per_channel_gradient_op.kernel
def _vars_gradient(
    gradients: torch.Tensor,
    inputs: torch.Tensor,
    min: torch.Tensor,
    max: torch.Tensor,
    *,
    num_bits: int,
    narrow_range: bool,
) -> list[torch.Tensor]:
    _steps(num_bits, narrow_range)
    if gradients.shape != inputs.shape:
        raise InvalidArgumentError(None, None, "gradient and input must be the same size")
    if min.ndim and (min.shape != max.shape or min.shape != inputs.shape[-1:]):
        raise InvalidArgumentError(None, None, f"min has incorrect size, expected {inputs.shape[-1]} was {min.numel()}")
    below, within, above = _inside(inputs, min, max, num_bits, narrow_range)
    axes = tuple(range(inputs.ndim - min.ndim))
    to_ends = [gradients * part for part in (below, above)]
    return [gradients * within, *(g.sum(axes) if axes else g for g in to_ends)]


@fake_quant_with_min_max_vars_op.gradient
def _vars_rule(node: Any, dy: Tensor) -> Any:
    attrs = {k: node.get_attr(k) for k in ("num_bits", "narrow_range")}
    return fake_quant_with_min_max_vars_gradient_op(dy, *node.inputs, **attrs)


@fake_quant_with_min_max_vars_per_channel_op.gradient
def _channel_rule(node: Any, dy: Tensor) -> Any:
    attrs = {k: node.get_attr(k) for k in ("num_bits", "narrow_range")}
    return fake_quant_with_min_max_vars_per_channel_gradient_op(dy, *node.inputs, **attrs)


# --- samples ---------------------------------------------------------------------------------------------------


@fake_quant_with_min_max_args_op.samples
def _args_samples() -> Iterator[Sample]:
    yield sample(_some())
    yield sample(_some((0, 2)), num_bits=4, narrow_range=True)


@fake_quant_with_min_max_args_gradient_op.samples
def _args_gradient_samples() -> Iterator[Sample]:
    yield sample(_some(), _some())


@fake_quant_with_min_max_vars_op.samples
def _vars_samples() -> Iterator[Sample]:
    yield sample(_some(), fixed(-2.0, np.float32), fixed(5.0, np.float32))
    yield sample(_some(), fixed(0.0, np.float32), fixed(0.0, np.float32), num_bits=3)


@fake_quant_with_min_max_vars_gradient_op.samples
def _vars_gradient_samples() -> Iterator[Sample]:
    yield sample(_some(), _some(), fixed(-2.0, np.float32), fixed(5.0, np.float32))


_LOW, _HIGH = [-1.0, -4.0, 0.0], [1.0, 2.0, 6.0]


@fake_quant_with_min_max_vars_per_channel_op.samples
def _channel_samples() -> Iterator[Sample]:
    yield sample(_some(), fixed(_LOW, np.float32), fixed(_HIGH, np.float32))


@fake_quant_with_min_max_vars_per_channel_gradient_op.samples
def _channel_gradient_samples() -> Iterator[Sample]:
    yield sample(_some(), _some(), fixed(_LOW, np.float32), fixed(_HIGH, np.float32))
    yield sample(_some(3), _some(3), fixed(_LOW, np.float32), fixed(_HIGH, np.float32))


# --- public functions ------------------------------------------------------------------------------------------


@export("quantization.fake_quant_with_min_max_args", "fake_quant_with_min_max_args")
def fake_quant_with_min_max_args(
    inputs: Any, min: float = -6, max: float = 6, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Tensor:
    """`inputs` on the grid of `num_bits` bits over [min, max]; slopes pass inside the range."""
    return fake_quant_with_min_max_args_op(
        inputs, min=min, max=max, num_bits=num_bits, narrow_range=narrow_range, name=name
    )


@export("quantization.fake_quant_with_min_max_args_gradient", "fake_quant_with_min_max_args_gradient")
def fake_quant_with_min_max_args_gradient(
    gradients: Any,
    inputs: Any,
    min: float = -6,
    max: float = 6,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Tensor:
    """The gradient of `fake_quant_with_min_max_args` by its inputs."""
    return fake_quant_with_min_max_args_gradient_op(
        gradients, inputs, min=min, max=max, num_bits=num_bits, narrow_range=narrow_range, name=name
    )


@export("quantization.fake_quant_with_min_max_vars", "fake_quant_with_min_max_vars")
def fake_quant_with_min_max_vars(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Tensor:
    """`inputs` on the grid of `num_bits` bits over [min, max], two scalars that can be learned."""
    return fake_quant_with_min_max_vars_op(inputs, min, max, num_bits=num_bits, narrow_range=narrow_range, name=name)


@export("quantization.fake_quant_with_min_max_vars_gradient", "fake_quant_with_min_max_vars_gradient")
def fake_quant_with_min_max_vars_gradient(
    gradients: Any,
    inputs: Any,
    min: Any,
    max: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """The gradients of `fake_quant_with_min_max_vars` by inputs, min and max."""
    return fake_quant_with_min_max_vars_gradient_op(
        gradients, inputs, min, max, num_bits=num_bits, narrow_range=narrow_range, name=name
    )


@export("quantization.fake_quant_with_min_max_vars_per_channel", "fake_quant_with_min_max_vars_per_channel")
def fake_quant_with_min_max_vars_per_channel(
    inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False, name: str | None = None
) -> Tensor:
    """As `fake_quant_with_min_max_vars`, with a range for each entry of the last dimension."""
    return fake_quant_with_min_max_vars_per_channel_op(
        inputs, min, max, num_bits=num_bits, narrow_range=narrow_range, name=name
    )


@export(
    "quantization.fake_quant_with_min_max_vars_per_channel_gradient",
    "fake_quant_with_min_max_vars_per_channel_gradient",
)
def fake_quant_with_min_max_vars_per_channel_gradient(
    gradients: Any,
    inputs: Any,
    min: Any,
    max: Any,
    num_bits: int = 8,
    narrow_range: bool = False,
    name: str | None = None,
) -> Any:
    """The gradients of `fake_quant_with_min_max_vars_per_channel` by inputs, min and max."""
    return fake_quant_with_min_max_vars_per_channel_gradient_op(
        gradients, inputs, min, max, num_bits=num_bits, narrow_range=narrow_range, name=name
    )
