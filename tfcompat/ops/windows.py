"""Sliding windows: what convolutions, pooling and morphology share about sizes, padding and data formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import ShapeError

Dim = int | None


class Format(NamedTuple):
    """Where the dimensions of a data format are; to_torch puts channels second, from_torch puts them back."""

    channel: int
    spatial: tuple[int, ...]
    to_torch: tuple[int, ...] | None  # None: channels are second already
    from_torch: tuple[int, ...] | None


def _format(letters: str) -> Format:
    n = len(letters)
    channel = letters.index("C")
    spatial = tuple(i for i in range(1, n) if i != channel)
    if channel == 1:
        return Format(1, spatial, None, None)
    return Format(channel, spatial, (0, n - 1, *range(1, n - 1)), (0, *range(2, n), 1))


FORMATS = {letters: _format(letters) for letters in ("NHWC", "NCHW", "NDHWC", "NCDHW")}


def format_of(data_format: str, op_type: str = "") -> Format:
    """The Format of an attr's value. Raises ShapeError for layouts that only some devices of TF's know."""
    found = FORMATS.get(data_format)
    if found is None:
        raise ShapeError(f"Invalid data format string: {data_format}")
    return found


def channels_second(x: torch.Tensor, layout: Format) -> torch.Tensor:
    """A view with torch's order of dimensions; for NHWC data its strides say channels_last, so nothing is copied."""
    return x if layout.to_torch is None else x.permute(layout.to_torch)


def channels_back(x: torch.Tensor, layout: Format) -> torch.Tensor:
    """The inverse view of `channels_second`."""
    return x if layout.from_torch is None else x.permute(layout.from_torch)


def empty_like_layout(dims: Sequence[int], layout: Format, like: torch.Tensor) -> torch.Tensor:
    """Memory of the given shape (in the data format's order), seen with channels second; its contents are arbitrary.

    torch's kernels of gradients read no more than the shape of it.
    """
    return channels_second(like.new_empty(dims), layout)


# --- sizes ---------------------------------------------------------------------------------------------------------


def static_size(
    size: Dim, window: Dim, stride: int, padding: str, dilation: int = 1, pads: Sequence[int] = (0, 0)
) -> Dim:
    """The output's extent as far as it is known. Raises ShapeError for a window that does not fit."""
    if stride <= 0:
        raise ShapeError(f"Stride must be > 0, but got {stride}")
    if dilation < 1:
        raise ShapeError(f"Dilation rate must be >= 1, but got {dilation}")
    if padding == "SAME":
        return None if size is None else -(-size // stride)
    if size is None or window is None:
        return None
    if padding == "EXPLICIT":
        size += pads[0] + pads[1]
    reach = (window - 1) * dilation + 1 if dilation > 1 else window
    if reach > size:
        raise ShapeError(f"Negative dimension size caused by subtracting {reach} from {size}")
    return (size - reach + stride) // stride


class Extent(NamedTuple):
    """One dimension of a window at work: how many outputs there are, and the padding before and after the input."""

    out: int
    before: int
    after: int


def extent(
    size: int, window: int, stride: int, padding: str, dilation: int = 1, pads: Sequence[int] = (0, 0)
) -> Extent:
    """Output size and padding of one dimension. Odd padding of SAME goes behind.

    Raises: InvalidArgumentError when nothing would be left.
    """
    reach = (window - 1) * dilation + 1
    before = after = 0
    if padding == "SAME":
        out = -(-size // stride)
        total = max(0, (out - 1) * stride + reach - size)
        before = total // 2
        after = total - before
    else:
        if padding == "EXPLICIT":
            before, after = pads
        out = int((size + before + after - reach + stride) / stride)  # towards zero, as C divides
        if out < 0:
            raise InvalidArgumentError(
                None,
                None,
                f"Computed output size would be negative: {out} [input_size: {size}, effective_filter_size: {reach}, "
                f"stride: {stride}]",
            )
    return Extent(out, before, after)


def explicit_pads(explicit_paddings: Sequence[int], layout: Format) -> list[tuple[int, int]]:
    """(before, after) of every spatial dimension, from the flat list over all dimensions; zeros for an empty one."""
    if not explicit_paddings:
        return [(0, 0)] * len(layout.spatial)
    return [(explicit_paddings[2 * i], explicit_paddings[2 * i + 1]) for i in layout.spatial]


def check_explicit(padding: str, explicit_paddings: Sequence[int], layout: Format) -> None:
    """Raises ShapeError for explicit paddings that do not go with the padding scheme or the data format."""
    if padding != "EXPLICIT":
        if explicit_paddings:
            raise ShapeError("explicit_paddings attribute must be empty if the padding attribute is not EXPLICIT")
        return
    wanted = 2 * (len(layout.spatial) + 2)
    if len(explicit_paddings) != wanted:
        raise ShapeError(f"explicit_paddings attribute must contain {wanted} values, but got: {len(explicit_paddings)}")
    if any(p < 0 for p in explicit_paddings):
        raise ShapeError("All elements of explicit_paddings must be nonnegative")
    outer = (0, layout.channel)
    if any(explicit_paddings[2 * i] or explicit_paddings[2 * i + 1] for i in outer):
        raise ShapeError("Nonzero explicit padding in the batch or depth dimensions is not supported")


def pad_list(extents: Sequence[Extent]) -> list[int]:
    """Paddings in the order in which torch pads: the last dimension first."""
    return [p for e in reversed(extents) for p in (e.before, e.after)]


def padded(x: torch.Tensor, extents: Sequence[Extent], value: float = 0.0) -> torch.Tensor:
    """x (channels second) with all padding written out."""
    return torch.constant_pad_nd(x, pad_list(extents), value)


def cropped(x: torch.Tensor, extents: Sequence[Extent], sizes: Sequence[int]) -> torch.Tensor:
    """The inverse of `padded`: a view of the spatial region of `sizes` behind the padding."""
    for i, (e, size) in enumerate(zip(extents, sizes, strict=True)):
        x = x.narrow(2 + i, e.before, size)
    return x


def through_float32(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """`kernel` computed in float32: for half and bfloat16 on the CPU, where torch has slow kernels or none."""

    def wide(*xs: Any) -> Any:
        narrow = next(x.dtype for x in xs if isinstance(x, torch.Tensor) and x.is_floating_point())
        found = kernel(*[x.float() if isinstance(x, torch.Tensor) and x.is_floating_point() else x for x in xs])
        return found.to(narrow)

    return wide


def needs_float32(dtype: Any, device: Any) -> bool:
    """Whether values of this dtype are computed through float32 on this device."""
    return dtype.torch in (torch.float16, torch.bfloat16) and getattr(device, "type", "cpu") == "cpu"
