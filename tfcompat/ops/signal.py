"""tf.signal: frames of signals, windows, short-time spectra, mel scales, cosine transforms.

All of it is made of other ops, node by node as in TF 1.15's python/ops/signal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    comparison,
    constants,
    control_flow,
    elementwise,
    exponents,
    fft,
    gathering,
    padding,
    permuting,
    ranges,
    reductions,
    shapes,
    slicing,
    trigonometry,
    while_loop,
)

Window = Callable[..., Tensor]


def _scalar(value: Any, name: str) -> Tensor:
    made = conversion.to_tensor(value, name=name)
    made.shape.assert_has_rank(0)
    return made


def _ceil_div(a: Any, b: Any) -> Any:
    return -(-a // b)


# --- frames ----------------------------------------------------------------------------------------------------


def _common_divisor(a: Tensor, b: Tensor) -> Tensor:
    """The greatest common divisor: a constant where both are, else Euclid's algorithm in the graph."""
    with name_scope(None, "gcd", [a, b]):
        for t, label in ((a, "a"), (b, "b")):
            t.shape.assert_has_rank(0)
            if not t.dtype.is_integer:
                raise ValueError(f"{label} must be an integer type. Got: {t.dtype}")
        known_a, known_b = constant_value(a), constant_value(b)
        if known_a is not None and known_b is not None:
            return conversion.to_tensor(np.gcd(known_a, known_b))
        found: Tensor = while_loop.while_loop(
            lambda _, y: comparison.greater(y, shapes.zeros_like(y)),
            lambda x, y: [y, elementwise.floormod(x, y)],
            [a, b],
            back_prop=False,
        )[0]
        return found


def _framed_shape(signal: Tensor, frame_length: Tensor, frame_step: Tensor, pad_end: bool, axis: Tensor) -> Any:
    length, step, at = constant_value(frame_length), constant_value(frame_step), constant_value(axis)
    if signal._dims is None:
        return None
    if at is None:
        return [None] * (len(signal._dims) + 1)
    dims = list(signal._dims)
    where = int(at)
    samples, frames = dims[where] if dims else None, None
    if samples is not None and step is not None:
        if pad_end:
            frames = max(0, _ceil_div(samples, int(step)))
        elif length is not None:
            frames = max(0, (samples - int(length) + int(step)) // int(step))
    return [*dims[:where], frames, None if length is None else int(length), *dims[where:][1:]]


@export("signal.frame", v2=("signal.frame",))
def frame(
    signal: Any,
    frame_length: Any,
    frame_step: Any,
    pad_end: bool = False,
    pad_value: Any = 0,
    axis: Any = -1,
    name: str | None = None,
) -> Tensor:
    """Cuts an axis into frames of `frame_length` samples, one every `frame_step` samples.

    pad_end: also the frames that begin before the end of the signal, continued with pad_value.
    Shapes: [..., samples, ...] -> [..., frames, frame_length, ...].
    """
    with name_scope(name, "frame", [signal, frame_length, frame_step, pad_value]):
        signal = conversion.to_tensor(signal, name="signal")
        frame_length = conversion.to_tensor(frame_length, name="frame_length")
        frame_step = conversion.to_tensor(frame_step, name="frame_step")
        axis = conversion.to_tensor(axis, name="axis")
        signal.shape.with_rank_at_least(1)
        for t in (frame_length, frame_step, axis):
            t.shape.assert_has_rank(0)
        static = _framed_shape(signal, frame_length, frame_step, pad_end, axis)
        rank = shapes.rank(signal)
        axis = ranges.range(rank)[axis]
        dims = shapes.shape(signal)
        outer, samples, inner = arrays.split(dims, [axis, 1, rank - 1 - axis])
        samples = shapes.reshape(samples, [])
        outer_rank, inner_rank = shapes.size(outer), shapes.size(inner)
        if pad_end:
            pad_value = conversion.to_tensor(pad_value, signal.dtype)
            pad_value.shape.assert_has_rank(0)
            frames = _ceil_div(samples, frame_step)
            missing = elementwise.maximum(0, frame_length + frame_step * (frames - 1) - samples)
            before = shapes.zeros([outer_rank, 2], dtype=missing.dtype)
            after = shapes.zeros([inner_rank, 2], dtype=missing.dtype)
            signal = padding.pad(signal, arrays.concat([before, [[0, missing]], after], 0), constant_values=pad_value)
            dims = shapes.shape(signal)
            samples = dims[axis]
        else:
            frames = elementwise.maximum(0, 1 + (samples - frame_length) // frame_step)
        # Frames and steps are whole numbers of the longest pieces that divide both: those are gathered.
        piece = _common_divisor(frame_length, frame_step)
        per_frame = frame_length // piece
        per_step = frame_step // piece
        pieces = samples // piece
        kept = arrays.concat([outer, [pieces * piece], inner], 0)
        cut = arrays.concat([outer, [pieces, piece], inner], 0)
        parts = shapes.reshape(slicing.strided_slice(signal, shapes.zeros_like(dims), kept), cut)
        first = shapes.reshape(ranges.range(frames) * per_step, [frames, 1])
        within = shapes.reshape(ranges.range(per_frame), [1, per_frame])
        chosen = gathering.gather(parts, first + within, axis=axis)
        out = shapes.reshape(chosen, arrays.concat([outer, [frames, frame_length], inner], 0))
        if static:
            out.set_shape(static)
        return out


@export("signal.overlap_and_add", v2=("signal.overlap_and_add",))
def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Tensor:
    """The signal whose frames, one every `frame_step` samples, add up where they overlap.

    Shapes: [..., frames, frame_length] -> [..., (frames - 1) * frame_step + frame_length].
    Raises: ValueError when frame_step is no integer scalar or signal has no two dimensions.
    """
    with name_scope(name, "overlap_and_add", [signal, frame_step]):
        signal = conversion.to_tensor(signal, name="signal")
        signal.shape.with_rank_at_least(2)
        frame_step = _scalar(frame_step, "frame_step")
        if not frame_step.dtype.is_integer:
            raise ValueError(f"frame_step must be an integer. Got {frame_step.dtype}")
        dims = shapes.shape(signal)
        outer = dims[:-2]
        outer_rank = shapes.size(outer)

        def whole(inner: list[Any]) -> Tensor:
            return arrays.concat([outer, inner], 0)

        length, frames = dims[-1], dims[-2]
        total = length + frame_step * (frames - 1)
        step = constant_value(frame_step)
        if step is not None and signal._dims is not None and int(step) == signal._dims[-1]:
            return shapes.reshape(signal, whole([total]), name="fast_path")
        # A frame is made of segments of one step; segment s of frame f goes to place f + s.
        segments = _ceil_div(length, frame_step)
        pads: Any = [[0, segments], [0, segments * frame_step - length]]
        pads = arrays.concat([shapes.zeros([outer_rank, 2], dtypes.int32), pads], 0)
        signal = padding.pad(signal, pads)
        signal = shapes.reshape(signal, whole([frames + segments, segments, frame_step]))
        perm = arrays.concat([ranges.range(outer_rank), outer_rank + [1, 0, 2]], 0)
        signal = permuting.transpose(signal, perm)
        # Dropping the end before cutting anew moves each row of segments one place further.
        signal = shapes.reshape(signal, whole([(frames + segments) * segments, frame_step]))
        signal = signal[..., : (frames + segments - 1) * segments, :]
        signal = shapes.reshape(signal, whole([segments, (frames + segments - 1), frame_step]))
        signal = reductions.reduce_sum(signal, -3)
        signal = shapes.reshape(signal, whole([(frames + segments - 1) * frame_step]))
        return signal[..., :total]


# --- windows ---------------------------------------------------------------------------------------------------


def _raised_cosine(
    name: str | None, default_name: str, window_length: Any, periodic: Any, dtype: Any, a: float, b: float
) -> Tensor:
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {dtype}")
    with name_scope(name, default_name, [window_length, periodic]):
        window_length = conversion.to_tensor(window_length, dtypes.int32, name="window_length")
        window_length.shape.assert_has_rank(0)
        known = constant_value(window_length)
        if known is not None and known == 1:
            return shapes.ones([1], dtype=dtype)
        flag = casting.cast(conversion.to_tensor(periodic, dtypes.bool, name="periodic"), dtypes.int32)
        flag.shape.assert_has_rank(0)
        even = 1 - elementwise.floormod(window_length, 2)
        n = casting.cast(window_length + flag * even - 1, dtype=dtype)
        count = casting.cast(ranges.range(window_length), dtype)
        angle = constants.constant(2 * np.pi, dtype=dtype) * count / n

        def window() -> Tensor:
            return casting.cast(a - b * trigonometry.cos(angle), dtype=dtype)  # type: ignore[no-any-return]

        if known is not None:
            return window()
        one = comparison.equal(window_length, 1)
        return control_flow.cond(one, lambda: shapes.ones([1], dtype=dtype), window)  # type: ignore[no-any-return]


@export("signal.hann_window", v2=("signal.hann_window",))
def hann_window(
    window_length: Any, periodic: Any = True, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """A Hann window: 0.5 - 0.5 cos. `periodic` for spectra, not for filters.

    Raises: ValueError when dtype is not floating.
    """
    return _raised_cosine(name, "hann_window", window_length, periodic, dtype, 0.5, 0.5)


@export("signal.hamming_window", v2=("signal.hamming_window",))
def hamming_window(
    window_length: Any, periodic: Any = True, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """A Hamming window: 0.54 - 0.46 cos. `periodic` for spectra, not for filters.

    Raises: ValueError when dtype is not floating.
    """
    return _raised_cosine(name, "hamming_window", window_length, periodic, dtype, 0.54, 0.46)


# --- short-time Fourier transforms -----------------------------------------------------------------------------


def _next_power_of_two(value: Tensor) -> Tensor:
    known = constant_value(value)
    if known is not None:
        return constants.constant(int(2 ** np.ceil(np.log(known) / np.log(2.0))), value.dtype)
    # In the order TF makes the nodes.
    exponent = exponents.log(casting.cast(value, dtypes.float32)) / exponents.log(2.0)
    return casting.cast(elementwise.pow(2.0, elementwise.ceil(exponent)), value.dtype)  # type: ignore[no-any-return]


@export("signal.stft", v2=("signal.stft",))
def stft(
    signals: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Window | None = hann_window,
    pad_end: bool = False,
    name: str | None = None,
) -> Tensor:
    """The spectra of windowed frames of a signal.

    fft_length: by default the power of two that holds a frame.
    Shapes: [..., samples] -> [..., frames, fft_length // 2 + 1], complex64.
    """
    with name_scope(name, "stft", [signals, frame_length, frame_step]):
        signals = conversion.to_tensor(signals, name="signals")
        signals.shape.with_rank_at_least(1)
        frame_length = _scalar(frame_length, "frame_length")
        frame_step = _scalar(frame_step, "frame_step")
        if fft_length is None:
            fft_length = _next_power_of_two(frame_length)
        else:
            fft_length = conversion.to_tensor(fft_length, name="fft_length")
        framed = frame(signals, frame_length, frame_step, pad_end=pad_end)
        if window_fn is not None:
            framed *= window_fn(frame_length, dtype=framed.dtype)
        return fft.rfft(framed, [fft_length])


@export("signal.inverse_stft_window_fn", v2=("signal.inverse_stft_window_fn",))
def inverse_stft_window_fn(
    frame_step: Any, forward_window_fn: Window = hann_window, name: str | None = None
) -> Callable[[Any, Any], Tensor]:
    """The window function with which `inverse_stft` undoes a `stft` made with `forward_window_fn`."""
    with name_scope(name, "inverse_stft_window_fn", [forward_window_fn]):
        frame_step = _scalar(frame_step, "frame_step")

    def inverse_window(frame_length: Any, dtype: Any) -> Tensor:
        with name_scope(name, "inverse_stft_window_fn", [forward_window_fn]):
            frame_length = _scalar(frame_length, "frame_length")
            forward = forward_window_fn(frame_length, dtype=dtype)
            squares = exponents.square(forward)
            # What the squares of all windows that cover a sample add up to.
            overlaps = _ceil_div(frame_length, frame_step)
            squares = padding.pad(squares, [(0, overlaps * frame_step - frame_length)])
            squares = shapes.reshape(squares, [overlaps, frame_step])
            sums = reductions.reduce_sum(squares, 0, keepdims=True)
            sums = shapes.reshape(arrays.tile(sums, [overlaps, 1]), [overlaps * frame_step])
            return forward / sums[:frame_length]

    return inverse_window


@export("signal.inverse_stft", v2=("signal.inverse_stft",))
def inverse_stft(
    stfts: Any,
    frame_length: Any,
    frame_step: Any,
    fft_length: Any = None,
    window_fn: Window | None = hann_window,
    name: str | None = None,
) -> Tensor:
    """The signal that windowed spectra add up to; exact with `inverse_stft_window_fn`.

    Shapes: [..., frames, fft_length // 2 + 1] -> [..., samples].
    """
    with name_scope(name, "inverse_stft", [stfts]):
        stfts = conversion.to_tensor(stfts, name="stfts")
        stfts.shape.with_rank_at_least(2)
        frame_length = _scalar(frame_length, "frame_length")
        frame_step = _scalar(frame_step, "frame_step")
        if fft_length is None:
            fft_length = _next_power_of_two(frame_length)
        else:
            fft_length = _scalar(fft_length, "fft_length")
        frames = _of_length(fft.irfft(stfts, [fft_length]), frame_length)
        if window_fn is not None:
            frames *= window_fn(frame_length, dtype=stfts.dtype.real_dtype)
        return overlap_and_add(frames, frame_step)


def _of_length(frames: Tensor, frame_length: Tensor) -> Tensor:
    """The last dimension cut or continued with zeros."""
    wanted = constant_value(frame_length)
    have = None if frames._dims is None else frames._dims[-1]
    if wanted is None or have is None:
        frames = frames[..., :frame_length]
        rank, dims = shapes.rank(frames), shapes.shape(frames)
        before = shapes.zeros([rank - 1, 2], dtype=frame_length.dtype)
        frames = padding.pad(
            frames, arrays.concat([before, [[0, elementwise.maximum(0, frame_length - dims[-1])]]], 0)
        )
    elif have > wanted:
        frames = frames[..., : int(wanted)]
    elif have < wanted:
        assert frames._dims is not None
        frames = padding.pad(frames, [[0, 0]] * (len(frames._dims) - 1) + [[0, int(wanted) - have]])
    if wanted is not None and frames._dims is not None:
        frames.set_shape([None] * (len(frames._dims) - 1) + [int(wanted)])
    return frames


# --- mel scale -------------------------------------------------------------------------------------------------

_MEL_BREAK_HERTZ = 700.0
_MEL_HIGH_Q = 1127.0


def _hertz_to_mel(frequencies: Any) -> Tensor:
    with name_scope(None, "hertz_to_mel", [frequencies]):
        return _MEL_HIGH_Q * exponents.log(1.0 + (conversion.to_tensor(frequencies) / _MEL_BREAK_HERTZ))


def _check_mel(bins: Any, rate: Any, lower: Any, upper: Any, dtype: Any) -> None:
    if bins <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {bins}")
    if rate <= 0.0:
        raise ValueError(f"sample_rate must be positive. Got: {rate}")
    if lower < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {lower}")
    if lower >= upper:
        raise ValueError(f"lower_edge_hertz {lower:.1f} >= upper_edge_hertz {upper:.1f}")
    if upper > rate / 2:
        raise ValueError(
            "upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). "
            f"Got: {upper} for sample_rate: {rate}"
        )
    if not dtype.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {dtype}")


@export("signal.linear_to_mel_weight_matrix", v2=("signal.linear_to_mel_weight_matrix",))
def linear_to_mel_weight_matrix(
    num_mel_bins: Any = 20,
    num_spectrogram_bins: Any = 129,
    sample_rate: Any = 8000,
    lower_edge_hertz: Any = 125.0,
    upper_edge_hertz: Any = 3800.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """The matrix that turns spectra of evenly spaced frequencies into spectra on the mel scale (triangular bands).

    Shapes: -> [num_spectrogram_bins, num_mel_bins].
    Raises: ValueError for arguments that do not fit.
    """
    with name_scope(name, "linear_to_mel_weight_matrix") as scope:
        if isinstance(sample_rate, Tensor):
            known = constant_value(sample_rate)
            if known is None:
                raise ValueError(
                    "`sample_rate` was a non-constant Tensor. Must be a Python float or a constant Tensor."
                )
            sample_rate = known
        _check_mel(num_mel_bins, sample_rate, lower_edge_hertz, upper_edge_hertz, dtype)
        sample_rate = conversion.to_tensor(sample_rate, dtype, name="sample_rate")
        lower = conversion.to_tensor(lower_edge_hertz, dtype, name="lower_edge_hertz")
        upper = conversion.to_tensor(upper_edge_hertz, dtype, name="upper_edge_hertz")
        zero = conversion.to_tensor(0.0, dtype)
        # The constant component belongs to no band.
        linear = ranges.linspace(zero, sample_rate / 2.0, num_spectrogram_bins)[1:]
        bins = shapes.expand_dims(_hertz_to_mel(linear), 1)
        edges = ranges.linspace(_hertz_to_mel(lower), _hertz_to_mel(upper), num_mel_bins + 2)
        parts = arrays.split(frame(edges, frame_length=3, frame_step=1), 3, axis=1)
        start, middle, end = (shapes.reshape(t, [1, num_mel_bins]) for t in parts)
        rising = (bins - start) / (middle - start)
        falling = (end - bins) / (end - middle)
        weights = elementwise.maximum(zero, elementwise.minimum(rising, falling))
        return padding.pad(weights, [[1, 0], [0, 0]], name=scope)


@export("signal.mfccs_from_log_mel_spectrograms", v2=("signal.mfccs_from_log_mel_spectrograms",))
def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Tensor:
    """Mel-frequency cepstral coefficients: the scaled cosine transform of logarithmic mel spectra.

    Shapes: [..., num_mel_bins] -> the same.
    """
    with name_scope(name, "mfccs_from_log_mel_spectrograms", [log_mel_spectrograms]):
        spectra = conversion.to_tensor(log_mel_spectrograms, dtypes.float32)
        known = spectra._dims[-1] if spectra._dims else None
        if known == 0:
            raise ValueError(f"num_mel_bins must be positive. Got: {spectra}")
        bins = shapes.shape(spectra)[-1] if known is None else known
        transformed = dct(spectra, type=2)
        return transformed * exponents.rsqrt(casting.cast(bins, dtypes.float32) * 2.0)


# --- cosine transforms -----------------------------------------------------------------------------------------


def _check_dct(input: Any, kind: int, n: Any, axis: Any, norm: Any) -> None:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if n is not None and n < 1:
        raise ValueError("n should be a positive integer or None")
    if kind not in (1, 2, 3):
        raise ValueError("Only Types I, II and III (I)DCT are supported.")
    if kind == 1:
        if norm == "ortho":
            raise ValueError("Normalization is not supported for the Type-I DCT.")
        last = input.shape[-1]
        last = getattr(last, "value", last)
        if last is not None and last < 2:
            raise ValueError("Type-I DCT requires the dimension to be greater than one.")
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")


def _last_dimension(x: Tensor) -> Any:
    """The last dimension as a number where it is known (and not 0, as in TF), else as a tensor."""
    return (x._dims[-1] if x._dims else None) or shapes.shape(x)[-1]


@export("signal.dct", "spectral.dct", v2=("signal.dct",))
def dct(
    input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The discrete cosine transform of type I, II or III of the last dimension.

    n: the length to cut or to continue with zeros to. norm: `ortho` for an orthogonal transform (not of type I).
    Raises: ValueError and NotImplementedError for other types, norms and axes.
    """
    _check_dct(input, type, n, axis, norm)
    with name_scope(name, "dct", [input]):
        x = conversion.to_tensor(input, dtypes.float32)
        length = _last_dimension(x)
        if n is not None:
            if n <= length:
                x = x[..., 0:n]
            else:
                pads = [[0, 0] for _ in x.shape.as_list()]
                pads[-1][1] = n - length
                x = padding.pad(x, paddings=conversion.to_tensor(pads, dtypes.int32))
        count = _last_dimension(x)
        size = casting.cast(count, dtypes.float32)
        if type == 1:
            mirrored = arrays.concat([x, x[..., -2:0:-1]], axis=-1)
            return casting.real_part(fft.rfft(mirrored))
        if type == 2:
            turn = casting.complex(0.0, -ranges.range(size) * math.pi * 0.5 / size)
            scale = 2.0 * exponents.exp(turn)
            spectrum = fft.rfft(x, fft_length=[2 * count])[..., :count]
            out = casting.real_part(spectrum * scale)
            if norm == "ortho":
                first = 0.5 * exponents.rsqrt(size)
                out *= _first_and_others(first, first * exponents.sqrt(2.0), count)
            return out
        if norm == "ortho":
            first = exponents.sqrt(size)
            x *= _first_and_others(first, first * exponents.sqrt(0.5), count)
        else:
            x *= size
        scale = 2.0 * exponents.exp(casting.complex(0.0, ranges.range(size) * math.pi * 0.5 / size))
        signal = fft.irfft(scale * casting.complex(x, 0.0), fft_length=[2 * count])
        return casting.real_part(signal)[..., :count]


def _first_and_others(first: Tensor, others: Tensor, count: Any) -> Tensor:
    """[first, others, others, ...]."""
    return padding.pad(shapes.expand_dims(first, 0), [[0, count - 1]], constant_values=others)


@export("signal.idct", "spectral.idct", v2=("signal.idct",))
def idct(
    input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Tensor:
    """The inverse of `dct`, but for a factor without `norm`: types II and III are each other's inverse."""
    _check_dct(input, type, n, axis, norm)
    return dct(input, {1: 1, 2: 3, 3: 2}[type], n, axis, norm, name)
