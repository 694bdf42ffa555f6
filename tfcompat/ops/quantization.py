"""Real quantization: floats as small integers with a range, and back; quantize_and_dequantize for training.

Source: TF 1.15, core/kernels/{quantize_op,dequantize_op,quantize_and_dequantize_op,requantize}.cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, drawn, fixed, sample
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.tensor import Tensor

_F = np.float32


def _limits(dtype: torch.dtype) -> tuple[int, int]:
    info = torch.iinfo(dtype)
    return info.min, info.max


def _away(x: torch.Tensor) -> torch.Tensor:
    """Rounded, halves away from zero, as C++ rounds."""
    whole = torch.trunc(x)
    return whole + torch.where((x - whole).abs() >= 0.5, torch.sign(x), torch.zeros_like(x))


def _cast(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """Whole numbers in an integer type, held to its range."""
    low, high = _limits(dtype)
    return x.to(torch.float64).clamp(low, high).to(torch.int64).to(dtype)


def _scalar(value: Any, like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(float(value), dtype=torch.float32, device=like.device)


def _range(low: torch.Tensor, high: torch.Tensor, names: tuple[str, str]) -> tuple[np.float32, np.float32]:
    for value, name in zip((low, high), names, strict=True):
        if value.numel() != 1:
            raise InvalidArgumentError(
                None, None, f"{name} must contain a single float element, but it contains {value.numel()} elements"
            )
    return _F(low.item()), _F(high.item())


# --- floats to integers and back -------------------------------------------------------------------------------


@op("QuantizeV2")
def quantize_v2_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(1), 0), with_rank(c.shape(2), 0)
    return [c.shape(0), (), ()]


quantize_v2_op.gradient(NOT_DIFFERENTIABLE)


@quantize_v2_op.kernel
def _quantize_v2(
    input: torch.Tensor,
    min_range: torch.Tensor,
    max_range: torch.Tensor,
    *,
    T: dtypes.DType,
    mode: str,
    round_mode: str,
) -> list[torch.Tensor]:
    low, high = _range(min_range, max_range, ("min_range", "max_range"))
    if high < low:
        raise InvalidArgumentError(None, None, "input_max_range must be larger than input_min_range.")
    kind = T.torch
    first, last = _limits(kind)
    # A range of almost nothing would map every value to one number.
    nudge = _F(max(_F(1), abs(low), abs(high)) / _F(100))
    low = min(_F(0), low)
    high = max(_F(0), max(high, _F(low + nudge)))
    if round_mode == "HALF_TO_EVEN" and mode != "SCALED":
        raise InvalidArgumentError(
            None, None, f"Round mode 'HALF_TO_EVEN' only supported for mode 'SCALED', b ut mode is '{mode}'."
        )
    if mode == "SCALED":
        largest = np.finfo(_F).max
        by_low = _F(first / low) if first * low > 0 else largest
        by_high = _F(last / high) if last * high > 0 else largest
        scale = min(by_low, by_high)
        low, high = _F(_F(first) / scale), _F(_F(last) / scale)
        x = input.clamp(float(low), float(high)) * float(scale)
        out = torch.round(x) if round_mode == "HALF_TO_EVEN" else _away(x)
    elif mode == "MIN_COMBINED":
        scale = _F((float(last) - float(first)) / float(_F(high - low)))
        x = (input.clamp(float(low), float(high)) - float(low)) * float(scale)
        out = _away(x - (last - first + 1) / 2) if first else torch.floor(x + 0.5)
    else:
        out = _min_first(input, low, high, kind)
    return [_cast(out, kind), _scalar(low, input), _scalar(high, input)]


def _min_first(input: torch.Tensor, low: np.float32, high: np.float32, kind: torch.dtype) -> torch.Tensor:
    first, last = _limits(kind)
    if low == high:
        return torch.zeros_like(input)
    steps = 1 << (torch.iinfo(kind).bits)
    spread = (float(high) - float(low)) * (steps / (steps - 1.0))
    scale = steps / spread
    start = _away(torch.tensor(float(low) * scale, dtype=torch.float64)).item()
    lifted = _away(input.double() * scale) - start + first
    return lifted.clamp(first, last)


@quantize_v2_op.samples
def _quantize_v2_samples() -> Iterator[Sample]:
    x = drawn(lambda rng: rng.uniform(-3, 6, (2, 3)), differentiable=False)
    for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
        yield sample(x, fixed(-2.5, _F), fixed(5.0, _F), T=dtypes.qint8, mode=mode)


@op("Dequantize")
def dequantize_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0), with_rank(c.shape(2), 0)
    return c.shape(0)


dequantize_op.gradient(NOT_DIFFERENTIABLE)


@dequantize_op.kernel
def _dequantize(input: torch.Tensor, min_range: torch.Tensor, max_range: torch.Tensor, *, mode: str) -> torch.Tensor:
    low, high = _F(min_range.item()), _F(max_range.item())
    first, last = _limits(input.dtype)
    x = input.to(torch.int64).to(torch.float32)
    if mode == "MIN_COMBINED":
        half = float(_F(_F(last) - _F(first) + _F(1)) / _F(2)) if first else 0.0
        scale = _F(_F(high - low) / _F(_F(last) - _F(first)))
        return (x + half) * float(scale) + float(low)
    if mode == "SCALED":
        scale = max(_F(low / _F(first)), _F(high / _F(last))) if first else _F(high / _F(last))
        return x * float(scale)
    return _to_float(input, low, high)


def _to_float(input: torch.Tensor, low: np.float32, high: np.float32) -> torch.Tensor:
    """The floats that quantized values of a range stand for."""
    if low == high:
        return torch.full(input.shape, float(low), dtype=torch.float32, device=input.device)
    first, _ = _limits(input.dtype)
    steps = 1 << torch.iinfo(input.dtype).bits
    scale = (float(high) - float(low)) * (steps / (steps - 1.0)) / steps
    start = _away(torch.tensor(float(low) / scale, dtype=torch.float64)).item() * scale
    return (start + (input.to(torch.float64) - first) * scale).to(torch.float32)


# --- there and back in one op ----------------------------------------------------------------------------------


def _there_and_back(
    x: torch.Tensor, low: Any, high: Any, signed: bool, bits: int, given: bool, round_mode: str, narrow: bool
) -> torch.Tensor:
    if not (1 if not signed else 2) <= bits < 64 and bits != 1:
        raise InvalidArgumentError(None, None, f"num_bits is out of range: {bits} with signed_input_ {int(signed)}")
    kind = {torch.float64: np.float64}.get(x.dtype, np.float32)
    narrow_type = x.dtype if x.dtype in (torch.float16, torch.bfloat16) else None
    wide = x.float() if narrow_type is not None else x
    if given:
        low, high = kind(low.item()), kind(high.item())
        if low > high:
            raise InvalidArgumentError(None, None, f"Invalid range: input_min {low:g} > input_max {high:g}")
    elif not x.numel():
        return x.clone()
    else:
        low, high = kind(wide.min().item()), kind(wide.max().item())
    first = (-(1 << (bits - 1)) + int(narrow)) if signed else 0
    last = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
    largest = np.finfo(kind).max
    with np.errstate(all="ignore"):
        by_low = kind(first) / low if first * low > 0 else largest
        by_high = kind(last) / high if last * high > 0 else largest
        if by_low < by_high:
            scale, back = by_low, low / kind(first)
            high = kind(last) * back
        else:
            scale, back = by_high, high / kind(last)
            low = kind(first) * back
    if given:
        wide = torch.minimum(torch.maximum(wide, wide.new_tensor(low)), wide.new_tensor(high))
    scaled = wide * float(scale)
    out = (torch.round(scaled) if round_mode == "HALF_TO_EVEN" else torch.floor(scaled + 0.5)) * float(back)
    return out if narrow_type is None else out.to(narrow_type)


def _scalar_range(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0), with_rank(c.shape(2), 0)
    return c.shape(0)


quantize_and_dequantize_v2_op = op("QuantizeAndDequantizeV2")(_scalar_range)
quantize_and_dequantize_v3_op = op("QuantizeAndDequantizeV3")(_scalar_range)


@quantize_and_dequantize_v2_op.kernel
def _v2(
    input: torch.Tensor,
    input_min: torch.Tensor,
    input_max: torch.Tensor,
    *,
    signed_input: bool,
    num_bits: int,
    range_given: bool,
    round_mode: str,
    narrow_range: bool,
) -> torch.Tensor:
    return _there_and_back(input, input_min, input_max, signed_input, num_bits, range_given, round_mode, narrow_range)


@quantize_and_dequantize_v3_op.kernel
def _v3(
    input: torch.Tensor,
    input_min: torch.Tensor,
    input_max: torch.Tensor,
    num_bits: torch.Tensor,
    *,
    signed_input: bool,
    range_given: bool,
    narrow_range: bool,
) -> torch.Tensor:
    bits = int(num_bits.item())
    if not 0 < bits < (62 if signed_input else 63):
        raise InvalidArgumentError(None, None, f"num_bits is out of range: {bits} with signed_input_ {signed_input:d}")
    return _there_and_back(input, input_min, input_max, signed_input, bits, range_given, "HALF_TO_EVEN", narrow_range)


@quantize_and_dequantize_v2_op.gradient
def _v2_rule(node: Any, dy: Tensor) -> Any:
    # As if nothing were rounded: what training with quantized weights needs.
    return dy, None, None


@quantize_and_dequantize_v3_op.gradient
def _v3_rule(node: Any, dy: Tensor) -> Any:
    return dy, None, None, None


@quantize_and_dequantize_v2_op.samples
def _v2_samples() -> Iterator[Sample]:
    x = drawn(lambda rng: rng.uniform(-3, 6, (2, 3)), differentiable=False)
    yield sample(x, fixed(-1.0, np.float64), fixed(3.0, np.float64), range_given=True)
    yield sample(x, fixed(0.0, np.float64), fixed(0.0, np.float64), num_bits=4, round_mode="HALF_UP")


@quantize_and_dequantize_v3_op.samples
def _v3_samples() -> Iterator[Sample]:
    x = drawn(lambda rng: rng.uniform(-3, 6, (2, 3)), differentiable=False)
    yield sample(x, fixed(-1.0, np.float64), fixed(3.0, np.float64), fixed(5))


# --- another range ---------------------------------------------------------------------------------------------


@op("RequantizationRange")
def requantization_range_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(1), 0), with_rank(c.shape(2), 0)
    return [(), ()]


@requantization_range_op.kernel
def _requantization_range(input: torch.Tensor, input_min: torch.Tensor, input_max: torch.Tensor) -> list[torch.Tensor]:
    low, high = _F(input_min.item()), _F(input_max.item())
    used = torch.stack([input.min(), input.max()])
    # The range keeps zero in it.
    floats = _to_float(used, low, high)
    return [torch.clamp(floats[0], max=0.0), floats[1].clone()]


@op("Requantize")
def requantize_op(c: ShapeContext) -> list[Shape]:
    for i in range(1, 5):
        with_rank(c.shape(i), 0)
    return [c.shape(0), (), ()]


@requantize_op.kernel
def _requantize(
    input: torch.Tensor,
    input_min: torch.Tensor,
    input_max: torch.Tensor,
    requested_output_min: torch.Tensor,
    requested_output_max: torch.Tensor,
    *,
    out_type: dtypes.DType,
) -> list[torch.Tensor]:
    low, high = _F(requested_output_min.item()), _F(requested_output_max.item())
    if low > 0:
        raise InvalidArgumentError(None, None, f"requested_output_min must be <= 0, but got {low:g}")
    if high < low:
        raise InvalidArgumentError(
            None, None, f"requested_output_max must be >= requested_output_min, but got {high:g} and {low:g}"
        )
    x = _to_float(input, _F(input_min.item()), _F(input_max.item()))
    return [_cast(_min_first(x, low, high, out_type.torch), out_type.torch), _scalar(low, input), _scalar(high, input)]


@op("QuantizeDownAndShrinkRange")
def quantize_down_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(1), 0), with_rank(c.shape(2), 0)
    return [c.shape(0), (), ()]


@quantize_down_op.kernel
def _quantize_down(
    input: torch.Tensor, input_min: torch.Tensor, input_max: torch.Tensor, *, out_type: dtypes.DType
) -> list[torch.Tensor]:
    low, high = _F(input_min.item()), _F(input_max.item())
    ends = _to_float(torch.stack([input.min(), input.max()]), low, high)
    small, large = min(_F(ends[0].item()), _F(0)), _F(ends[1].item())
    x = _min_first(_to_float(input, low, high), small, large, out_type.torch)
    return [_cast(x, out_type.torch), _scalar(small, input), _scalar(large, input)]


for _op in (requantization_range_op, requantize_op, quantize_down_op):
    _op.gradient(NOT_DIFFERENTIABLE)


# --- public functions ------------------------------------------------------------------------------------------


@export("quantize_v2")
def quantize_v2(
    input: Any,
    min_range: Any,
    max_range: Any,
    T: Any,
    mode: str = "MIN_COMBINED",
    name: str | None = None,
    round_mode: str = "HALF_AWAY_FROM_ZERO",
) -> Any:
    """Floats as small integers: (output, output_min, output_max)."""
    return quantize_v2_op(input, min_range, max_range, T=T, mode=mode, round_mode=round_mode, name=name)


@export("quantization.quantize", "quantize")
def quantize(
    input: Any,
    min_range: Any,
    max_range: Any,
    T: Any,
    mode: str = "MIN_COMBINED",
    round_mode: str = "HALF_AWAY_FROM_ZERO",
    name: str | None = None,
) -> Any:
    """Floats as small integers: (output, output_min, output_max)."""
    return quantize_v2(input, min_range, max_range, T, mode=mode, round_mode=round_mode, name=name)


@export("quantization.dequantize", "dequantize")
def dequantize(
    input: Any, min_range: Any, max_range: Any, mode: str = "MIN_COMBINED", name: str | None = None
) -> Tensor:
    """The floats that quantized integers stand for."""
    return dequantize_op(input, min_range, max_range, mode=mode, name=name)


@export("quantization.quantize_and_dequantize")
def quantize_and_dequantize(
    input: Any,
    input_min: Any,
    input_max: Any,
    signed_input: bool = True,
    num_bits: int = 8,
    range_given: bool = False,
    round_mode: str = "HALF_TO_EVEN",
    name: str | None = None,
    narrow_range: bool = False,
) -> Tensor:
    """`input` rounded to what `num_bits` bits can hold; gradients pass as if nothing were rounded."""
    return quantize_and_dequantize_v2_op(
        input,
        input_min,
        input_max,
        signed_input=signed_input,
        num_bits=num_bits,
        range_given=range_given,
        round_mode=round_mode,
        narrow_range=narrow_range,
        name=name,
    )
