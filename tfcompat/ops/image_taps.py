"""Which pixels of an axis a resized axis is made of, and with what weights.

Resizing is linear and works axis by axis: an output pixel is a weighted sum of few input pixels, its taps. The numbers
are computed in single precision, as TF 1.15's kernels do, so that positions on the edge between pixels agree.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import torch

F32 = np.float32


class Taps:
    """Input positions and weights, [taps, output length] each."""

    __slots__ = ("_there", "index", "length", "weight")

    def __init__(self, index: np.ndarray, weight: np.ndarray, length: int) -> None:
        self.index = np.ascontiguousarray(index, np.int64)
        self.weight = np.ascontiguousarray(weight, np.float32)
        self.length = length  # of the input axis
        self._there: dict[torch.device, tuple[torch.Tensor, torch.Tensor]] = {}

    def on(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """Both as tensors on a device, kept."""
        found = self._there.get(device)
        if found is None:
            found = (torch.from_numpy(self.index).to(device), torch.from_numpy(self.weight).to(device))
            self._there[device] = found
        return found


def scale_of(size: int, resized: int, align_corners: bool) -> np.float32:
    """Input pixels per output pixel."""
    if align_corners and resized > 1:
        return F32(size - 1) / F32(resized - 1)
    return F32(size) / F32(resized)


def _places(size: int, resized: int, align_corners: bool, half_pixel_centers: bool) -> np.ndarray:
    """Where the output pixels lie on the input axis."""
    x = np.arange(resized, dtype=np.float32)
    scale = scale_of(size, resized, align_corners)
    return (x + F32(0.5)) * scale - F32(0.5) if half_pixel_centers else x * scale


@functools.lru_cache(maxsize=64)
def linear(size: int, resized: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    """Two taps: the pixels before and after, weighted by nearness."""
    place = _places(size, resized, align_corners, half_pixel_centers)
    floor = np.floor(place)
    after = place - floor
    lower, upper = np.maximum(floor, 0), np.minimum(np.ceil(place), size - 1)
    return Taps(np.stack([lower, upper]), np.stack([1 - after, after]), size)


@functools.lru_cache(maxsize=64)
def nearest(size: int, resized: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    """One tap."""
    x = np.arange(resized, dtype=np.float32)
    place = (x + F32(0.5) if half_pixel_centers else x) * scale_of(size, resized, align_corners)
    whole = np.floor(place + F32(0.5)) if align_corners else np.floor(place)
    index = np.clip(whole, 0, size - 1)
    return Taps(index[None], np.ones((1, resized)), size)


_CUBIC_STEPS = 1 << 10


@functools.cache
def _cubic_table(a: float) -> np.ndarray:
    """The cubic kernel at k / 1024 (first column) and 1 + k / 1024 (second)."""
    x = (np.arange(_CUBIC_STEPS + 1) / _CUBIC_STEPS).astype(np.float32).astype(np.float64)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    x = (x + 1.0).astype(np.float32).astype(np.float64)
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.stack([near, far], 1).astype(np.float32)  # type: ignore[no-any-return]


@functools.lru_cache(maxsize=64)
def cubic(size: int, resized: int, align_corners: bool, half_pixel_centers: bool) -> Taps:
    """Four taps. With half pixels Keys' kernel, whose taps outside the image have no weight; else the pixels at the
    edge count for those outside."""
    place = _places(size, resized, align_corners, half_pixel_centers)
    floor = np.floor(place).astype(np.int64)
    delta = (place - floor.astype(np.float32)).astype(np.float32)
    step = np.rint(delta * F32(_CUBIC_STEPS)).astype(np.int64)
    table = _cubic_table(-0.5 if half_pixel_centers else -0.75)
    wanted = floor + np.arange(-1, 3)[:, None]
    index = np.clip(wanted, 0, size - 1)
    back = _CUBIC_STEPS - step
    weight = np.stack([table[step, 1], table[step, 0], table[back, 0], table[back, 1]])
    if half_pixel_centers:
        weight = np.where(index == wanted, weight, F32(0))
        total = ((weight[0] + weight[1]) + weight[2]) + weight[3]
        usable = np.abs(total) >= F32(1000) * np.finfo(np.float32).tiny
        weight = np.where(usable, weight * (F32(1) / np.where(usable, total, F32(1))), weight)
    return Taps(index, weight, size)


@functools.lru_cache(maxsize=64)
def area(size: int, resized: int, align_corners: bool) -> Taps:
    """As many taps as an output pixel covers, weighted by how much of each it covers (not yet divided by the area)."""
    scale = scale_of(size, resized, align_corners)
    x = np.arange(resized, dtype=np.float32)
    start, end = x * scale, (x + F32(1)) * scale
    first, last = np.floor(start).astype(np.int64), np.ceil(end).astype(np.int64)
    taps = max(int((last - first).max()), 1)
    place = first + np.arange(taps)[:, None]
    begins_before = place < start
    ends_after = place + 1 > end
    whole = np.where(ends_after, scale, (place + 1) - start)
    inside = np.where(ends_after, end - place, F32(1))
    weight = np.where(place < last, np.where(begins_before, whole, inside), 0)
    return Taps(np.clip(place, 0, size - 1), weight.astype(np.float32), size)


def _lanczos(radius: float) -> Callable[[np.ndarray], np.ndarray]:
    def kernel(x: np.ndarray) -> np.ndarray:
        safe = np.where(x <= 1e-3, 1.0, x)
        value = radius * np.sin(np.pi * safe) * np.sin(np.pi * safe / radius) / (np.pi**2 * safe * safe)
        return np.where(x > radius, 0.0, np.where(x <= 1e-3, 1.0, value))

    return kernel


def _keys(x: np.ndarray) -> np.ndarray:
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    near = (1.5 * x - 2.5) * x * x + 1.0
    return np.where(x >= 2, 0.0, np.where(x >= 1, far, near))


def _mitchell(x: np.ndarray) -> np.ndarray:
    far = ((-7.0 / 18.0 * x + 2.0) * x - 10.0 / 3.0) * x + 16.0 / 9.0
    near = (7.0 / 6.0 * x - 2.0) * x * x + 8.0 / 9.0
    return np.where(x >= 2, 0.0, np.where(x >= 1, far, near))


# Name -> radius and kernel, of distances.
KERNELS: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
    "lanczos1": (1.0, _lanczos(1.0)),
    "lanczos3": (3.0, _lanczos(3.0)),
    "lanczos5": (5.0, _lanczos(5.0)),
    "gaussian": (1.5, lambda x: np.where(x >= 1.5, 0.0, np.exp(-x * x / 0.5))),
    "box": (1.0, lambda x: np.where(x < 0.5, 1.0, np.where(x == 0.5, 0.5, 0.0))),
    "triangle": (1.0, lambda x: np.where(x < 1.0, 1.0 - x, 0.0)),
    "keyscubic": (2.0, _keys),
    "mitchellcubic": (2.0, _mitchell),
}


@functools.lru_cache(maxsize=64)
def sampled(size: int, resized: int, scale: float, translation: float, kernel: str, antialias: bool) -> Taps:
    """Taps of a kernel laid over the input at the place of each output pixel; none where that is outside."""
    radius, function = KERNELS[kernel]
    inverse = F32(1.0 / scale)
    spread = max(inverse, F32(1)) if antialias else F32(1)
    place = (np.arange(resized, dtype=np.float32) + F32(0.5)) * inverse + -inverse * F32(translation)
    reach = F32(radius) * spread
    first = np.clip(np.ceil(place - reach - F32(0.5)), 0, size - 1).astype(np.int64)
    last = np.clip(np.floor(place + reach - F32(0.5)), 0, size - 1).astype(np.int64)
    taps = int((last - first).max()) + 1
    index = first + np.arange(taps)[:, None]
    distance = np.abs((index.astype(np.float32) + F32(0.5) - place) * (F32(1) / spread))
    weight = function(distance.astype(np.float64)).astype(np.float32)
    outside = (place < 0) | (place > size)
    weight = np.where((index <= last) & ~outside, weight, F32(0))
    total = np.zeros_like(weight[0])
    for row in weight:
        total = total + row
    usable = np.abs(total) >= F32(1000) * np.finfo(np.float32).tiny
    weight = np.where(usable, weight * (F32(1) / np.where(usable, total, F32(1))), F32(0))
    return Taps(np.minimum(index, size - 1), weight, size)


# --- applying them ---------------------------------------------------------------------------------------------


def _along(weights: torch.Tensor, x: torch.Tensor, axis: int) -> torch.Tensor:
    shape = [1] * x.dim()
    shape[axis] = -1
    return weights.view(shape).to(x.dtype)


def resample(x: torch.Tensor, axis: int, taps: Taps) -> torch.Tensor:
    """The weighted sums along one axis, tap by tap."""
    index, weight = taps.on(x.device)
    out = x.index_select(axis, index[0]) * _along(weight[0], x, axis)
    for k in range(1, len(index)):
        out += x.index_select(axis, index[k]) * _along(weight[k], x, axis)
    return out


def interpolate(x: torch.Tensor, axis: int, taps: Taps) -> torch.Tensor:
    """Two taps as `a + (b - a) w`, which is exactly a where both are equal."""
    index, weight = taps.on(x.device)
    a, b = x.index_select(axis, index[0]), x.index_select(axis, index[1])
    return b.sub_(a).mul_(_along(weight[1], x, axis)).add_(a)


def spread(g: torch.Tensor, axis: int, taps: Taps) -> torch.Tensor:
    """The transpose of `resample`: every output's gradient goes to its taps."""
    index, weight = taps.on(g.device)
    shape = list(g.shape)
    shape[axis] = taps.length
    out = g.new_zeros(shape)
    for k in range(len(index)):
        out.index_add_(axis, index[k], g * _along(weight[k], g, axis))
    return out
