"""Colours: HSV and RGB, contrast, hue and saturation, as ops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import FailedPreconditionError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, drawn, fixed, real, sample
from tfcompat.framework.shape_rules import at_least_rank, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, elementwise, exponents
from tfcompat.ops.linalg_common import refuse, through_float

# --- HSV -------------------------------------------------------------------------------------------------------


def _three_channels(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 1)
    if dims is None:
        return None
    if dims[-1] not in (None, 3):
        raise ShapeError(f"Dimension must be 3 but is {dims[-1]}")
    return (*dims[:-1], 3)


def _check_three(images: torch.Tensor) -> None:
    if not images.dim():
        raise refuse("input must be at least 1D[]")
    if images.shape[-1] != 3:
        raise FailedPreconditionError(
            None, None, f"input must have 3 channels but input only has {images.shape[-1]} channels."
        )


rgb_to_hsv_op = op("RGBToHSV")(_three_channels)
hsv_to_rgb_op = op("HSVToRGB")(_three_channels)


@rgb_to_hsv_op.kernel
@through_float
def _rgb_to_hsv(images: torch.Tensor) -> torch.Tensor:
    _check_three(images)
    r, g, b = images.unbind(-1)
    value = images.amax(-1)
    span = value - images.amin(-1)
    zero = torch.zeros_like(value)
    saturation = torch.where(value > 0, span / value, zero)
    norm = (1 / span) * (1 / 6)
    others = torch.where(g == value, norm * (b - r) + 2 / 6, norm * (r - g) + 4 / 6)
    hue = torch.where(r == value, norm * (g - b), others)
    hue = torch.where(span > 0, hue, zero)
    return torch.stack([torch.where(hue < 0, hue + 1, hue), saturation, value], dim=-1)


@hsv_to_rgb_op.kernel
@through_float
def _hsv_to_rgb(images: torch.Tensor) -> torch.Tensor:
    _check_three(images)
    hue, saturation, value = images.unbind(-1)
    place = hue * 6
    rgb = [(place - 3).abs() - 1, 2 - (place - 2).abs(), 2 - (place - 4).abs()]
    gray = 1 - saturation
    return torch.stack([(gray + saturation * c.clamp(0, 1)) * value for c in rgb], dim=-1)


hsv_to_rgb_op.gradient(NOT_DIFFERENTIABLE)


@rgb_to_hsv_op.samples
@hsv_to_rgb_op.samples
def _hsv_samples() -> Iterator[Sample]:
    yield sample(real(4, 3, low=0.1, high=0.9, distinct=True))
    yield sample(real(2, 2, 3, low=0.1, high=0.9, distinct=True))


def _inverse(x: Tensor) -> Tensor:
    return elementwise.divide_no_nan(1.0 if x.dtype is dtypes.float32 else np.float64(1.0), x)


class _Colors:
    """The three channels of an image and masks of which is the largest and the smallest, for the gradient of HSV."""

    def __init__(self, rgb: Tensor, hsv: Tensor) -> None:
        kind = rgb.dtype if rgb.dtype is dtypes.float64 else dtypes.float32

        def mask(condition: Any) -> Tensor:
            return casting.cast(condition, kind)  # type: ignore[no-any-return]

        self.mask = mask
        self.r, self.g, self.b = (rgb[..., i] for i in range(3))
        self.saturation, self.value = hsv[..., 1], hsv[..., 2]
        r, g, b = self.r, self.g, self.b
        self.r_largest = mask((r >= b) & (r >= g))
        self.g_largest = mask((g > r) & (g >= b))
        self.b_largest = mask((b > r) & (b > g))
        self.r_smallest = mask((r < b) & (r < g))
        self.g_smallest = mask((g <= r) & (g < b))
        self.b_smallest = mask((b <= r) & (b <= g))

    def saturation_by(self, x: Any, largest: Any, smallest: Any, inner: Any, outer: Any) -> Tensor:
        """d saturation / d x. inner, outer: the (mask, channel) pairs of the other two, in TF's order."""
        positive = self.mask(x > 0)
        (m1, c1), (m2, c2) = inner
        low = elementwise.add(m1 * c1, m2 * c2)
        up = largest * low * _inverse(exponents.square(x))
        (m3, c3), (m4, c4) = outer
        negative = smallest * -1
        down = negative * _inverse((m3 * c3) + (m4 * c4))
        return positive * elementwise.add(up, down)


@rgb_to_hsv_op.gradient
def _rgb_to_hsv_grad(node: Any, dy: Any) -> Tensor:
    c = _Colors(node.inputs[0], node.outputs[0])
    r, g, b = c.r, c.g, c.b
    mask = c.mask
    ds_dr = c.saturation_by(
        r, c.r_largest, c.r_smallest, ((c.g_smallest, g), (c.b_smallest, b)), ((c.g_largest, g), (c.b_largest, b))
    )
    ds_dg = c.saturation_by(
        g, c.g_largest, c.g_smallest, ((c.r_smallest, r), (c.b_smallest, b)), ((c.r_largest, r), (c.b_largest, b))
    )
    ds_db = c.saturation_by(
        b, c.b_largest, c.b_smallest, ((c.g_smallest, g), (c.r_smallest, r)), ((c.g_largest, g), (c.r_largest, r))
    )

    # The hue is (difference of the two smaller) / span in sixths of a turn, from where its largest channel lies.
    def own(x: Any, largest: Any, p: Any, q: Any) -> Tensor:
        """The channel is the largest: it only widens the span, which is saturation times value."""
        difference = mask(x > 0) * largest * -1 * (p - q)
        return 60 * (difference * _inverse(exponents.square(c.saturation)) * _inverse(exponents.square(c.value)))  # type: ignore[no-any-return]

    def smallest(other: Any, largest: Any, lowest: Any, p: Any, q: Any, span: tuple[Any, Any]) -> Tensor:
        """Another is the largest and the channel the smallest."""
        part = mask(other > 0) * largest * lowest * (p - q)
        return 60 * (part * _inverse(exponents.square(span[0] - span[1])))  # type: ignore[no-any-return]

    def middle(other: Any, largest: Any, lowest: Any, sign: int, span: tuple[Any, Any]) -> Tensor:
        """Another is the largest and the channel between it and the smallest."""
        part = mask(other > 0) * largest * lowest
        if sign < 0:
            part = part * -1
        return 60 * (part * _inverse(span[0] - span[1]))  # type: ignore[no-any-return]

    def total(parts: list[Tensor]) -> Tensor:
        out = parts[0]
        for p in parts[1:]:
            out = out + p
        return out / 360  # type: ignore[no-any-return]

    dh_dr = total(
        [
            own(r, c.r_largest, g, b),
            smallest(g, c.g_largest, c.r_smallest, b, g, (r, g)),
            middle(g, c.g_largest, c.b_smallest, -1, (g, b)),
            smallest(b, c.b_largest, c.r_smallest, b, g, (b, r)),
            middle(b, c.b_largest, c.g_smallest, 1, (b, g)),
        ]
    )
    dh_dg = total(
        [
            own(g, c.g_largest, b, r),
            smallest(r, c.r_largest, c.g_smallest, r, b, (r, g)),
            middle(r, c.r_largest, c.b_smallest, 1, (r, b)),
            smallest(b, c.b_largest, c.g_smallest, r, b, (b, g)),
            middle(b, c.b_largest, c.r_smallest, -1, (b, r)),
        ]
    )
    dh_db = total(
        [
            own(b, c.b_largest, r, g),
            smallest(r, c.r_largest, c.b_smallest, g, r, (r, b)),
            middle(r, c.r_largest, c.g_smallest, -1, (r, g)),
            smallest(g, c.g_largest, c.b_smallest, g, r, (g, b)),
            middle(g, c.g_largest, c.r_smallest, 1, (g, r)),
        ]
    )
    by_value = arrays.stack([dy[..., 2] * m for m in (c.r_largest, c.g_largest, c.b_largest)], axis=-1)
    by_saturation = arrays.stack([dy[..., 1] * m for m in (ds_dr, ds_dg, ds_db)], axis=-1)
    by_hue = arrays.stack([dy[..., 0] * m for m in (dh_dr, dh_dg, dh_db)], axis=-1)
    return elementwise.add(elementwise.add(by_value, by_saturation), by_hue)


@export("image.rgb_to_hsv", v2=("image.rgb_to_hsv",))
def rgb_to_hsv(images: Any, name: str | None = None) -> Tensor:
    """Hue, saturation and value of colours, all in [0, 1] for colours in [0, 1].

    Shapes: [..., 3] -> [..., 3].
    """
    return rgb_to_hsv_op(images, name=name)  # type: ignore[no-any-return]


@export("image.hsv_to_rgb", v2=("image.hsv_to_rgb",))
def hsv_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """The colours of hues, saturations and values in [0, 1].

    Shapes: [..., 3] -> [..., 3].
    """
    return hsv_to_rgb_op(images, name=name)  # type: ignore[no-any-return]


# --- contrast --------------------------------------------------------------------------------------------------


def _image_and_scalar(c: ShapeContext) -> Shape:
    for i in range(1, len(c)):
        with_rank(c.shape(i), 0)
    return at_least_rank(c.shape(0), 3)


def _check_image(x: torch.Tensor, **scalars: torch.Tensor) -> None:
    if x.dim() < 3:
        raise refuse(f"input must be at least 3-D, got shape{text(tuple(x.shape))}")
    for name, value in scalars.items():
        if value.dim():
            raise refuse(f"{name} must be scalar: {text(tuple(value.shape))}")


def _stretched(x: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """Every channel of every image stretched away from its mean."""
    mean = x.mean(dim=(-3, -2), keepdim=True)
    return mean + factor.to(x.dtype) * (x - mean)


adjust_contrast_v2_op = op("AdjustContrastv2")(_image_and_scalar)


@adjust_contrast_v2_op.kernel
def _adjust_contrast_v2(images: torch.Tensor, contrast_factor: torch.Tensor) -> torch.Tensor:
    _check_image(images, contrast_factor=contrast_factor)
    return _stretched(images.float(), contrast_factor).to(images.dtype)


adjust_contrast_op = op("AdjustContrast")(_image_and_scalar)


@adjust_contrast_op.kernel
def _adjust_contrast(
    images: torch.Tensor, contrast_factor: torch.Tensor, min_value: torch.Tensor, max_value: torch.Tensor
) -> torch.Tensor:
    _check_image(images, contrast_factor=contrast_factor, min_value=min_value, max_value=max_value)
    return torch.minimum(torch.maximum(_stretched(images.float(), contrast_factor), min_value), max_value)


# --- hue and saturation ----------------------------------------------------------------------------------------


def _at_least_three(c: ShapeContext) -> Shape:
    return at_least_rank(c.shape(0), 3)


def _check_color(x: torch.Tensor, label: str, scalar: torch.Tensor) -> None:
    _check_image(x, **{label: scalar})
    if x.shape[-1] != 3:
        raise refuse(f"input must have 3 channels but instead has {x.shape[-1]} channels.")


# Which of the largest, middle and smallest value is red, green and blue in each sixth of the circle of hues.
_ORDER = [[0, 1, 2], [1, 0, 2], [2, 0, 1], [2, 1, 0], [1, 2, 0], [0, 2, 1]]

adjust_hue_op = op("AdjustHue")(_at_least_three)


@adjust_hue_op.kernel
@through_float
def _adjust_hue(images: torch.Tensor, delta: torch.Tensor) -> torch.Tensor:
    _check_color(images, "delta", delta)
    r, g, b = images.unbind(-1)
    low, mid, high = images.sort(-1).values.unbind(-1)
    sixth = torch.where(
        r < g,
        torch.where(b < r, 1, torch.where(b > g, 3, 2)),
        torch.where(b < g, 0, torch.where(b > r, 4, 5)),
    )
    ratio = (mid - low) / (high - low)
    hue = sixth + torch.where(sixth % 2 == 0, ratio, 1 - ratio)
    hue = torch.where(high == low, torch.zeros_like(hue), hue) + delta * 6
    hue = torch.remainder(hue, 6)
    hue = torch.where(hue >= 6, hue - 6, hue)
    sixth = hue.to(torch.int64)
    ratio = hue - sixth
    ratio = torch.where(sixth % 2 == 1, 1 - ratio, ratio)
    values = torch.stack([high, low + ratio * (high - low), low], dim=-1)
    order = torch.tensor(_ORDER, device=images.device)
    return values.gather(-1, order[sixth])


adjust_saturation_op = op("AdjustSaturation")(_at_least_three)


@adjust_saturation_op.kernel
@through_float
def _adjust_saturation(images: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    _check_color(images, "scale", scale)
    hue, saturation, value = _rgb_to_hsv(images).unbind(-1)
    chroma = (saturation * scale).clamp(0, 1) * value
    base = value - chroma
    place = hue * 6
    middle = chroma * (1 - (torch.remainder(place, 2) - 1).abs())
    values = torch.stack([chroma, middle, torch.zeros_like(chroma)], dim=-1)
    sixth = place.to(torch.int64)
    order = torch.tensor([*_ORDER, [2, 2, 2]], device=images.device)  # a hue of 1 is gray, as in TF
    return values.gather(-1, order[sixth.clamp(0, 6)]) + base.unsqueeze(-1)


def _scalar_samples(*scalars: float) -> Iterator[Sample]:
    pixels = drawn(lambda rng: rng.uniform(0, 1, (2, 3, 2, 3)).astype(np.float32))
    yield sample(pixels, *(fixed(s, np.float32) for s in scalars))


def _give_samples(made: Op, *scalars: float) -> None:
    made.samples(lambda: _scalar_samples(*scalars))


_give_samples(adjust_contrast_v2_op, 1.7)
_give_samples(adjust_contrast_op, 1.7, 0.1, 0.9)
_give_samples(adjust_hue_op, 0.3)
_give_samples(adjust_saturation_op, 1.5)
