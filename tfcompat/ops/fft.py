"""Fourier transforms of the last one, two or three dimensions.

The real transforms exist in single precision only, as in TF 1.15. Gradients follow python/ops/signal/fft_ops.py node by
node where TF has them; transforms that cut their input, and the three-dimensional real ones, have rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import constant_value, conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, complex_, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, text, unknown, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    elementwise,
    exponents,
    matmul,
    padding,
    permuting,
    ranges,
    reductions,
    shapes,
)
from tfcompat.ops.linalg_common import refuse

Rule = Callable[..., Any]

# --- complex transforms ----------------------------------------------------------------------------------------


def _complex_op(op_type: str, rank: int, transform: Callable[..., torch.Tensor]) -> Op:
    made = op(op_type)(lambda c: at_least_rank(c.shape(0), rank))
    axes = tuple(range(-rank, 0))

    @made.kernel
    def kernel(input: torch.Tensor) -> torch.Tensor:
        _check_rank(input, rank)
        return transform(input, dim=axes) if input.numel() else input.clone()

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(complex_(*(4, 3, 2)[-rank:]))
        yield sample(complex_(2, *(3, 2, 5)[-rank:]))

    old = op(f"Batch{op_type}")(unknown)
    old.kernel(kernel)
    old.samples(samples)
    return made


def _check_rank(x: torch.Tensor, rank: int) -> None:
    if x.dim() < rank:
        raise refuse(f"Input must have rank of at least {rank} but got: {text(tuple(x.shape))}")


def _count(grad: Tensor, rank: int) -> Tensor:
    return reductions.reduce_prod(shapes.shape(grad)[-rank:])


def _forward_rule(inverse: Callable[[], Op], rank: int) -> Rule:
    def rule(node: Any, dy: Any) -> Tensor:
        size = casting.cast(_count(dy, rank), dy.dtype)
        return inverse()(dy) * size

    return rule


def _inverse_rule(forward: Callable[[], Op], rank: int) -> Rule:
    def rule(node: Any, dy: Any) -> Tensor:
        fraction = casting.cast(1.0 / casting.cast(_count(dy, rank), dy.dtype.real_dtype), dy.dtype)
        return forward()(dy) * fraction

    return rule


fft_op, ifft_op = _complex_op("FFT", 1, torch.fft.fftn), _complex_op("IFFT", 1, torch.fft.ifftn)
fft2d_op, ifft2d_op = _complex_op("FFT2D", 2, torch.fft.fftn), _complex_op("IFFT2D", 2, torch.fft.ifftn)
fft3d_op, ifft3d_op = _complex_op("FFT3D", 3, torch.fft.fftn), _complex_op("IFFT3D", 3, torch.fft.ifftn)


def _pair(forward: Op, inverse: Op, rank: int) -> None:
    forward.gradient(_forward_rule(lambda: inverse, rank))
    inverse.gradient(_inverse_rule(lambda: forward, rank))
    get_op(f"Batch{forward.type}").gradient(forward.gradient_fn)
    get_op(f"Batch{inverse.type}").gradient(inverse.gradient_fn)


# --- real transforms -------------------------------------------------------------------------------------------


def _real_shape(c: ShapeContext, rank: int, forward: bool) -> Shape:
    dims = at_least_rank(c.shape(0), rank)
    (count,) = with_rank(c.shape(1), 1)
    if count is not None and count != rank:
        raise ShapeError(f"Dimension must be {rank} but is {count}")
    if dims is None:
        return None
    lengths = c.value(1)
    if lengths is None:
        return (*dims[:-rank], *(None,) * rank)
    inner = lengths.tolist()
    if forward and inner[-1]:
        inner[-1] = inner[-1] // 2 + 1
    return (*dims[:-rank], *inner)


def _checked_lengths(x: torch.Tensor, lengths: Any, rank: int, forward: bool) -> list[int]:
    """How much of each of the last dimensions is transformed. Raises InvalidArgumentError when there is less."""
    _check_rank(x, rank)
    if not isinstance(lengths, list) or len(lengths) != rank:
        raise refuse(f"fft_length must have shape [{rank}]")
    taken = list(lengths)
    if not forward:
        taken[-1] = lengths[-1] // 2 + 1
    for i, least in enumerate(taken):
        at = x.dim() - rank + i
        if x.shape[at] and x.shape[at] < least:
            raise refuse(f"Input dimension {at} must have length of at least {least} but got: {x.shape[at]}")
    return taken


def _real_ops(suffix: str, rank: int) -> tuple[Op, Op]:
    axes = tuple(range(-rank, 0))
    forward = op(f"RFFT{suffix}", host=("fft_length",))(lambda c: _real_shape(c, rank, True))
    inverse = op(f"IRFFT{suffix}", host=("fft_length",))(lambda c: _real_shape(c, rank, False))

    @forward.kernel
    def forward_kernel(input: torch.Tensor, fft_length: list[int]) -> torch.Tensor:
        taken = _checked_lengths(input, fft_length, rank, True)
        if not input.numel() or 0 in taken:
            last = taken[-1] // 2 + 1 if taken[-1] else 0
            return input.new_zeros((*input.shape[:-rank], *taken[:-1], last), dtype=torch.complex64)
        return torch.fft.rfftn(input, s=taken, dim=axes)

    @inverse.kernel
    def inverse_kernel(input: torch.Tensor, fft_length: list[int]) -> torch.Tensor:
        taken = _checked_lengths(input, fft_length, rank, False)
        if not input.numel() or 0 in fft_length:
            return input.new_zeros((*input.shape[:-rank], *fft_length), dtype=torch.float32)
        if rank > 1:
            # Of a spectrum that is not that of real numbers, the outer dimensions come first.
            kept = input[(..., *(slice(0, n) for n in taken))]
            input = torch.fft.ifftn(kept, dim=axes[:-1])
        return torch.fft.irfft(input, n=fft_length[-1], dim=-1)

    @forward.samples
    def forward_samples() -> Iterator[Sample]:
        yield sample(real(*(4, 3, 6)[-rank:]), fixed([4, 3, 6][-rank:]))
        yield sample(real(2, *(3, 2, 5)[-rank:]), fixed([3, 2, 5][-rank:]))
        yield sample(real(*(4, 3, 6)[-rank:]), fixed([3, 3, 4][-rank:]))

    @inverse.samples
    def inverse_samples() -> Iterator[Sample]:
        yield sample(complex_(*(4, 3, 4)[-rank:]), fixed([4, 3, 6][-rank:]))
        yield sample(complex_(2, *(3, 2, 3)[-rank:]), fixed([3, 2, 5][-rank:]))
        yield sample(complex_(*(4, 3, 4)[-rank:]), fixed([3, 3, 4][-rank:]))

    return forward, inverse


rfft_op, irfft_op = _real_ops("", 1)
rfft2d_op, irfft2d_op = _real_ops("2D", 2)
rfft3d_op, irfft3d_op = _real_ops("3D", 3)


def _cut(node: Any, rank: int, forward: bool) -> list[int] | None:
    """By how much a transform is known to shorten each of its dimensions; None when it is not, or not known to."""
    dims, lengths = node.inputs[0]._dims, constant_value.folded(node.inputs[1])
    if dims is None or lengths is None or None in dims[-rank:]:
        return None
    taken = lengths.tolist()
    if not forward:
        taken[-1] = taken[-1] // 2 + 1
    less = [d - n for d, n in zip(dims[-rank:], taken, strict=True)]
    return less if any(less) else None


def _padded_back(x: Tensor, cut: list[int], rank: int) -> Tensor:
    """Zeros where the transform did not look."""
    assert x._dims is not None
    return padding.pad(x, [[0, 0]] * (len(x._dims) - rank) + [[0, n] for n in cut])


def _signs(length: Any) -> Tensor:
    """1, -1, 1, ..."""
    return casting.cast(1 - 2 * (ranges.range(length) % 2), dtypes.complex64)


def _twiddles(length: Any) -> Tensor:
    """exp(-2 pi i a b / length) for all a and b."""
    columns = arrays.tile(shapes.expand_dims(ranges.range(length), 0), (length, 1))
    rows = permuting.transpose(columns, [1, 0])
    product = casting.cast(columns * rows, dtypes.complex64)
    return exponents.exp(-2j * np.pi * product / casting.cast(length, dtypes.complex64))


def _tiled(matrix: Tensor, like: Tensor) -> Tensor:
    ones = shapes.ones([shapes.rank(like) - 2], dtypes.int32)
    spread = shapes.reshape(matrix, arrays.concat([ones, shapes.shape(matrix)], 0))
    return arrays.tile(spread, arrays.concat([shapes.shape(like)[:-2], [1, 1]], 0))


def _dropped_half(node: Any, dy: Tensor, rank: int) -> Tensor:
    """What the columns without a mirror image (the first, and the middle one of even lengths) still lack."""
    lengths = node.inputs[1]
    dims = shapes.shape(node.inputs[0])
    is_even = casting.cast(1 - (lengths[-1] % 2), dtypes.complex64)
    first = dy[..., 0:1]
    if rank == 1:
        middle = dy[..., -1:]
        return first + is_even * middle * _signs(dims[-1])
    rows = _tiled(_twiddles(dims[-2]), first)
    of_first = matmul.matmul(rows, casting.conj(first))
    middle = dy[..., -1:]
    of_middle = matmul.matmul(rows, casting.conj(middle))
    columns = dims[-1]
    ones = shapes.ones([shapes.rank(dy) - 1], dtypes.int32)
    spread = arrays.tile(of_middle, arrays.concat([ones, [columns]], 0)) * _signs(columns)
    return of_first + is_even * spread


def _real_forward_rule(rank: int, inverse_fn: Callable[..., Tensor]) -> Rule:
    def rule(node: Any, dy: Any) -> tuple[Tensor, None]:
        cut = _cut(node, rank, True)
        if cut is not None or rank == 3:
            return _by_complex_transform(node, dy, rank, cut), None
        lost = _dropped_half(node, dy, rank)
        size = casting.cast(_count(node.inputs[0], rank), dtypes.float32)
        back = inverse_fn(dy, node.inputs[1])
        return 0.5 * (back * size + casting.real_part(lost)), None

    return rule


def _by_complex_transform(node: Any, dy: Tensor, rank: int, cut: list[int] | None) -> Tensor:
    """The real part of the unscaled inverse transform of the half spectrum, its other half zero."""
    lengths = node.inputs[1]
    missing = lengths[-1] - shapes.shape(dy)[-1]
    before = shapes.zeros([shapes.rank(dy) - 1], dtypes.int32)
    after = arrays.concat([before, [missing]], 0)
    whole = padding.pad(dy, arrays.stack([shapes.zeros_like(after), after], axis=1))
    inverse = {1: ifft_op, 2: ifft2d_op, 3: ifft3d_op}[rank]
    size = casting.cast(reductions.reduce_prod(lengths), dtypes.float32)
    made = casting.real_part(inverse(whole)) * size
    if cut is None:
        return made
    made.set_shape(node.inputs[0].shape[:-rank].concatenate(constant_value.folded(lengths).tolist()))  # type: ignore[union-attr]
    return _padded_back(made, cut, rank)


def _real_inverse_rule(rank: int, forward_fn: Callable[..., Tensor]) -> Rule:
    def rule(node: Any, dy: Any) -> tuple[Tensor, None]:
        cut = _cut(node, rank, False)
        lengths = node.inputs[1]
        is_odd = elementwise.floormod(lengths[-1], 2)
        if cut is None:
            columns = shapes.shape(node.inputs[0])[-1]
        else:
            columns = lengths[-1] // 2 + 1
        # Columns with a mirror image count twice.
        inner = 2.0 * shapes.ones([columns - 2 + is_odd])
        mask = arrays.concat([[1.0], inner, shapes.ones([1 - is_odd])], 0)
        fraction = exponents.reciprocal(casting.cast(_count(dy, rank), dtypes.float32))
        forward = forward_fn(dy, lengths)
        made = forward * casting.cast(fraction * mask, dtypes.complex64)
        return made if cut is None else _padded_back(made, cut, rank), None

    return rule


# --- public names ----------------------------------------------------------------------------------------------


@export("fft", "signal.fft", "spectral.fft", v2=("signal.fft",))
def fft(input: Any, name: str | None = None) -> Tensor:
    """The Fourier transform of the last dimension."""
    return fft_op(input, name=name)  # type: ignore[no-any-return]


@export("ifft", "signal.ifft", "spectral.ifft", v2=("signal.ifft",))
def ifft(input: Any, name: str | None = None) -> Tensor:
    """The inverse Fourier transform of the last dimension, divided by its length."""
    return ifft_op(input, name=name)  # type: ignore[no-any-return]


@export("fft2d", "signal.fft2d", "spectral.fft2d", v2=("signal.fft2d",))
def fft2d(input: Any, name: str | None = None) -> Tensor:
    """The Fourier transform of the last two dimensions."""
    return fft2d_op(input, name=name)  # type: ignore[no-any-return]


@export("ifft2d", "signal.ifft2d", "spectral.ifft2d", v2=("signal.ifft2d",))
def ifft2d(input: Any, name: str | None = None) -> Tensor:
    """The inverse Fourier transform of the last two dimensions, divided by their size."""
    return ifft2d_op(input, name=name)  # type: ignore[no-any-return]


@export("fft3d", "signal.fft3d", "spectral.fft3d", v2=("signal.fft3d",))
def fft3d(input: Any, name: str | None = None) -> Tensor:
    """The Fourier transform of the last three dimensions."""
    return fft3d_op(input, name=name)  # type: ignore[no-any-return]


@export("ifft3d", "signal.ifft3d", "spectral.ifft3d", v2=("signal.ifft3d",))
def ifft3d(input: Any, name: str | None = None) -> Tensor:
    """The inverse Fourier transform of the last three dimensions, divided by their size."""
    return ifft3d_op(input, name=name)  # type: ignore[no-any-return]


def _default_lengths(x: Tensor, rank: int, forward: bool) -> Tensor:
    """The lengths of real signals: those of the input, or twice its last one less the ends."""
    inner = x.shape[-rank:]
    if inner.is_fully_defined():
        known = inner.as_list()
        if known and not forward:
            known[-1] = max(0, 2 * (known[-1] - 1))
        return conversion.to_tensor(known, dtypes.int32)
    dims = shapes.shape(x)[-rank:]
    if forward:
        return dims
    parts = arrays.unstack(dims)
    parts[-1] = elementwise.maximum(0, 2 * (parts[-1] - 1))
    return arrays.stack(parts)


def _long_enough(x: Tensor, lengths: Tensor, rank: int, forward: bool) -> Tensor:
    """The input with zeros after it where the transform is longer."""
    dims = x._dims
    wanted = constant_value.constant_value_as_shape(lengths)
    if dims is not None and 0 in dims:
        return x
    if wanted.is_fully_defined() and dims is not None:
        want = wanted.as_list()
        have = dims[-len(want) :]
        if None not in have:
            if not forward:
                want[-1] = want[-1] // 2 + 1
            pads = [[0, max(w - h, 0)] for w, h in zip(want, have, strict=False)]  # type: ignore[operator]
            if not any(p for _, p in pads):
                return x
            return padding.pad(x, [[0, 0]] * max(len(dims) - len(want), 0) + pads)
    total = shapes.rank(x)
    have_inner = shapes.shape(x)[-rank:]
    outer = shapes.zeros([elementwise.maximum(0, total - rank)], lengths.dtype)
    if not forward:
        lengths = arrays.concat([lengths[:-1], lengths[-1:] // 2 + 1], 0)
    inner = elementwise.maximum(0, lengths - have_inner)
    after = arrays.concat([outer, inner], 0)
    return padding.pad(x, arrays.stack([shapes.zeros_like(after), after], axis=1))


def _real_function(made: Op, rank: int, forward: bool, default_name: str) -> Callable[..., Tensor]:
    kind = dtypes.float32 if forward else dtypes.complex64

    def transform(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
        with name_scope(name, default_name, [input_tensor, fft_length]) as scope:
            x = conversion.to_tensor(input_tensor, kind)
            x.shape.with_rank_at_least(rank)
            if fft_length is None:
                lengths = _default_lengths(x, rank, forward)
            else:
                lengths = conversion.to_tensor(fft_length, dtypes.int32)
            return made(_long_enough(x, lengths, rank, forward), lengths, name=scope)  # type: ignore[no-any-return]

    transform.__name__ = transform.__qualname__ = default_name
    which = "transform" if forward else "inverse transform"
    dimensions = "dimension" if rank == 1 else f"{rank} dimensions"
    transform.__doc__ = (
        f"The Fourier {which} {'of' if forward else 'to'} real numbers over the last {dimensions}, half of whose "
        "spectrum is kept.\n\n    fft_length: the length of the real signal; the input is cut, or continued with zeros."
    )
    return transform


rfft = export("signal.rfft", "spectral.rfft", v2=("signal.rfft",))(_real_function(rfft_op, 1, True, "rfft"))
irfft = export("signal.irfft", "spectral.irfft", v2=("signal.irfft",))(_real_function(irfft_op, 1, False, "irfft"))
rfft2d = export("signal.rfft2d", "spectral.rfft2d", v2=("signal.rfft2d",))(
    _real_function(rfft2d_op, 2, True, "rfft2d")
)
irfft2d = export("signal.irfft2d", "spectral.irfft2d", v2=("signal.irfft2d",))(
    _real_function(irfft2d_op, 2, False, "irfft2d")
)
rfft3d = export("signal.rfft3d", "spectral.rfft3d", v2=("signal.rfft3d",))(
    _real_function(rfft3d_op, 3, True, "rfft3d")
)
irfft3d = export("signal.irfft3d", "spectral.irfft3d", v2=("signal.irfft3d",))(
    _real_function(irfft3d_op, 3, False, "irfft3d")
)

_pair(fft_op, ifft_op, 1)
_pair(fft2d_op, ifft2d_op, 2)
_pair(fft3d_op, ifft3d_op, 3)
rfft_op.gradient(_real_forward_rule(1, irfft))
irfft_op.gradient(_real_inverse_rule(1, rfft))
rfft2d_op.gradient(_real_forward_rule(2, irfft2d))
irfft2d_op.gradient(_real_inverse_rule(2, rfft2d))
rfft3d_op.gradient(_real_forward_rule(3, irfft3d))
irfft3d_op.gradient(_real_inverse_rule(3, rfft3d))


def _halves(x: Tensor, axes: Any, sign: int) -> tuple[Any, Any]:
    """(axes, half of their lengths) as roll takes them."""
    dims = x._dims
    if dims is None:
        raise ValueError("fftshift and ifftshift need a tensor of known rank")

    def half(axis: int) -> int:
        return sign * int(dims[axis] // 2)  # type: ignore[operator]

    if axes is None:
        axes = tuple(range(len(dims)))
    return axes, half(axes) if isinstance(axes, int) else [half(a) for a in axes]


@export("signal.fftshift", v2=("signal.fftshift",))
def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Moves the zero frequency from the start of each axis to its middle."""
    with name_scope(name, "fftshift") as scope:
        x = conversion.to_tensor(x)
        axes, shift = _halves(x, axes, 1)
        return permuting.roll(x, shift, axes, scope)


@export("signal.ifftshift", v2=("signal.ifftshift",))
def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Moves the zero frequency from the middle of each axis back to its start."""
    with name_scope(name, "ifftshift") as scope:
        x = conversion.to_tensor(x)
        axes, shift = _halves(x, axes, -1)
        return permuting.roll(x, shift, axes, scope)
