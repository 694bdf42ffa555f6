"""Sound: 16-bit WAV files, spectrograms, cepstral coefficients."""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import text, with_rank
from tfcompat.framework.tensor import Tensor

# --- WAV files -------------------------------------------------------------------------------------------------


def _refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


@op("DecodeWav")
def decode_wav_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    channels, samples = c.attrs["desired_channels"], c.attrs["desired_samples"]
    if channels < -1:
        raise ShapeError(f"channels must be non-negative, got {channels}")
    if samples < -1:
        raise ShapeError(f"samples must be non-negative, got {samples}")
    return [(None if samples == -1 else samples, None if channels == -1 else channels), ()]


class _Reader:
    """Takes pieces off the front of a file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, n: int) -> bytes:
        if self.at > len(self.data):
            raise _refuse(f"Initial offset is outside data range: {self.at}")
        if self.at + n > len(self.data):
            raise _refuse("Data too short when trying to read string")
        self.at += n
        return self.data[self.at - n : self.at]

    def number(self, layout: str) -> int:
        return struct.unpack("<" + layout, self.take(struct.calcsize(layout)))[0]  # type: ignore[no-any-return]

    def expect(self, wanted: bytes) -> None:
        found = self.take(len(wanted))
        if found != wanted:
            shown = found.decode("latin1")
            raise _refuse(f"Header mismatch: Expected {wanted.decode()} but found {shown}")


def _read_format(file: _Reader) -> tuple[int, int, int]:
    """(channels, samples a second, bytes of a sample of all channels)."""
    file.expect(b"RIFF")
    file.number("I")
    file.expect(b"WAVE")
    file.expect(b"fmt ")
    size = file.number("I")
    if size not in (16, 18):
        raise _refuse(f"Bad file size for WAV: Expected 16 or 18, but got{size}")
    coding, channels, rate = file.number("H"), file.number("H"), file.number("I")
    if coding != 1:
        raise _refuse(f"Bad audio format for WAV: Expected 1 (PCM), but got{coding}")
    if channels < 1:
        raise _refuse(f"Bad number of channels for WAV: Expected at least 1, but got {channels}")
    per_second, per_sample, bits = file.number("I"), file.number("H"), file.number("H")
    if bits != 16:
        raise _refuse(f"Can only read 16-bit WAV files, but received {bits}")
    wanted = (bits * channels + 7) // 8
    if per_sample != wanted:
        raise _refuse(f"Bad bytes per sample in WAV header: Expected {wanted} but got {per_sample}")
    if per_second != per_sample * rate:
        raise _refuse(
            f"Bad bytes per second in WAV header: Expected {per_sample * rate} but got {per_second} "
            f"(sample_rate={rate}, bytes_per_sample={per_sample})"
        )
    if size == 18:
        file.at += 2
    return channels, rate, per_sample


def _read_samples(data: bytes) -> tuple[np.ndarray, int]:
    """([samples, channels] of int16, samples a second)."""
    file = _Reader(data)
    channels, rate, per_sample = _read_format(file)
    found = None
    while file.at < len(data):
        kind = file.take(4)
        size = file.number("I")
        if size > 2**31 - 1:
            shown = kind.decode("latin1")
            raise _refuse(f"WAV data chunk '{shown}' is too large: {size} bytes, but the limit is {2**31 - 1}")
        if kind != b"data":
            file.at += size
            continue
        if found is not None:
            raise _refuse("More than one data chunk found in WAV")
        found = np.frombuffer(file.take(size // per_sample * channels * 2), "<i2").reshape(-1, channels)
    if found is None:
        raise _refuse("No data chunk found in WAV")
    return found, rate


@decode_wav_op.kernel
def _decode_wav(
    contents: np.ndarray, *, desired_channels: int, desired_samples: int, device: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    if contents.ndim:
        raise _refuse(f"contents must be scalar, got shape {text(contents.shape)}")
    samples, rate = _read_samples(contents.item())
    audio = samples.astype(np.float32) / np.float32(2**15)
    if desired_samples != -1:
        audio = audio[:desired_samples]
        audio = np.pad(audio, [(0, desired_samples - len(audio)), (0, 0)])
    if desired_channels != -1:
        # A missing channel is a copy of the last one.
        audio = audio[:, np.minimum(np.arange(desired_channels), audio.shape[1] - 1)]
    signed = rate - 2**32 if rate >= 2**31 else rate
    return torch.tensor(audio, device=device), torch.tensor(signed, dtype=torch.int32, device=device)


@op("EncodeWav", host=("sample_rate",))
def encode_wav_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 2)
    with_rank(c.shape(1), 0)
    return ()


@encode_wav_op.kernel
def _encode_wav(audio: torch.Tensor, sample_rate: Any) -> np.ndarray:
    if audio.dim() != 2:
        raise _refuse(f"audio must be 2-dimensional{text(tuple(audio.shape))}")
    if isinstance(sample_rate, list):
        raise _refuse(f"Input sample_rate should be a scalar tensor, got [{len(sample_rate)}] instead.")
    frames, channels = audio.shape
    if sample_rate <= 0:
        raise _refuse(f"sample_rate must be in (0, 2^32), got: {sample_rate % 2**64}")
    if not 0 < channels < 2**16:
        raise _refuse(f"num_channels must be in (0, 2^16), got: {channels}")
    if not frames:
        raise _refuse("num_frames must be positive.")
    scaled = audio.detach().cpu().numpy() * np.float32(2**15)
    whole = np.where(scaled < 0, np.ceil(scaled - 0.5), np.floor(scaled + 0.5))  # halves away from zero
    data = np.clip(whole, -(2**15), 2**15 - 1).astype("<i2").tobytes()
    size, per_frame = len(data), 2 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, sample_rate, sample_rate * per_frame, per_frame, 16)
    file = struct.pack("<4sI4s", b"RIFF", size + 36, b"WAVE") + form + struct.pack("<4sI", b"data", size) + data
    out = np.empty((), object)
    out[()] = file
    return out


@encode_wav_op.samples
def _encode_wav_samples() -> Iterator[Sample]:
    yield sample(real(4, 2), fixed(8000))


@export("audio.decode_wav", v2=("audio.decode_wav",))
def decode_wav(contents: Any, desired_channels: int = -1, desired_samples: int = -1, name: str | None = None) -> Any:
    """The samples of a 16-bit PCM WAV file in [-1, 1), and how many of them make a second.

    desired_channels, desired_samples: numbers to cut or continue to; -1 for those of the file.
    Shapes: -> audio [samples, channels], sample_rate [].
    Raises: InvalidArgumentError for other contents.
    """
    return decode_wav_op(contents, desired_channels=desired_channels, desired_samples=desired_samples, name=name)


@export("audio.encode_wav", v2=("audio.encode_wav",))
def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> Tensor:
    """A 16-bit PCM WAV file of samples in [-1, 1); others are cut off.

    Shapes: audio [samples, channels].
    """
    return encode_wav_op(audio, sample_rate, name=name)  # type: ignore[no-any-return]


# --- spectrograms ----------------------------------------------------------------------------------------------


def _power_of_two(n: int) -> int:
    return 1 << max(n - 1, 0).bit_length()


@op("AudioSpectrogram")
def audio_spectrogram_op(c: ShapeContext) -> Shape:
    samples, channels = with_rank(c.shape(0), 2)
    window, stride = c.attrs["window_size"], c.attrs["stride"]
    rows = None
    if samples is not None:
        rows = 0 if samples < window else 1 + (samples - window) // stride
    return (channels, rows, 1 + _power_of_two(window) // 2)


@audio_spectrogram_op.kernel
def _audio_spectrogram(
    input: torch.Tensor, *, window_size: int, stride: int, magnitude_squared: bool
) -> torch.Tensor:
    if input.dim() != 2:
        raise _refuse(f"input must be 2-dimensional{text(tuple(input.shape))}")
    if window_size < 2 or stride < 1:
        raise _refuse(f"Spectrogram initialization failed for window size {window_size} and stride {stride}")
    length = _power_of_two(window_size)
    samples, channels = input.shape
    if samples < window_size:
        return input.new_zeros((channels, 0, 1 + length // 2))
    window = torch.hann_window(window_size, periodic=True, dtype=torch.float64, device=input.device)
    frames = input.t().double().unfold(1, window_size, stride) * window
    spectrum = torch.fft.rfft(frames, n=length)
    power = (spectrum.real**2 + spectrum.imag**2).float()
    return power if magnitude_squared else power.sqrt()


@audio_spectrogram_op.samples
def _audio_spectrogram_samples() -> Iterator[Sample]:
    yield sample(real(20, 2), window_size=6, stride=3)
    yield sample(real(4, 1), window_size=6, stride=3, magnitude_squared=True)


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log1p(np.asarray(hertz) / 700.0)


@functools.lru_cache(maxsize=16)
def _mel_bands(bins: int, rate: float, channels: int, lower: float, upper: float) -> np.ndarray | None:
    """The [bins, channels] matrix of triangular bands on the mel scale; None for numbers that make none."""
    if channels < 1 or rate <= 0 or bins < 2 or lower < 0 or upper <= lower:
        return None
    low, high = _mel(lower), _mel(upper)
    centers = low + (high - low) / (channels + 1) * np.arange(1, channels + 2)
    hertz = 0.5 * rate / (bins - 1)
    first, last = int(1.5 + lower / hertz), int(upper / hertz)
    weights = np.zeros((bins, channels))
    for i in range(first, min(last, bins - 1) + 1):
        here = _mel(i * hertz)
        band = int(np.searchsorted(centers[:channels], here)) - 1
        below = centers[band] if band >= 0 else low
        share = (centers[band + 1] - here) / (centers[band + 1] - below)
        if band >= 0:
            weights[i, band] += share
        if band + 1 < channels:
            weights[i, band + 1] += 1 - share
    return weights


@functools.lru_cache(maxsize=16)
def _cosines(channels: int, count: int) -> np.ndarray | None:
    if not 1 <= count <= channels:
        return None
    i, j = np.arange(count), np.arange(channels)[:, None]
    return np.sqrt(2.0 / channels) * np.cos(i * np.pi / channels * (j + 0.5))  # type: ignore[no-any-return]


@op("Mfcc", host=("sample_rate",))
def mfcc_op(c: ShapeContext) -> Shape:
    channels, rows, _ = with_rank(c.shape(0), 3)
    with_rank(c.shape(1), 0)
    return (channels, rows, c.attrs["dct_coefficient_count"])


@mfcc_op.kernel
def _mfcc(
    spectrogram: torch.Tensor,
    sample_rate: Any,
    *,
    upper_frequency_limit: float,
    lower_frequency_limit: float,
    filterbank_channel_count: int,
    dct_coefficient_count: int,
) -> torch.Tensor:
    if spectrogram.dim() != 3:
        raise _refuse(f"spectrogram must be 3-dimensional{text(tuple(spectrogram.shape))}")
    if isinstance(sample_rate, list):
        raise _refuse(f"Input sample_rate should be a scalar tensor, got [{len(sample_rate)}] instead.")
    bins, channels = spectrogram.shape[-1], filterbank_channel_count
    # Attrs are single precision numbers.
    lower, upper = float(np.float32(lower_frequency_limit)), float(np.float32(upper_frequency_limit))
    bands = _mel_bands(bins, float(sample_rate), channels, lower, upper)
    cosines = _cosines(channels, dct_coefficient_count)
    if bands is None or cosines is None:
        raise _refuse(f"Mfcc initialization failed for channel count {bins} and sample rate {sample_rate}")
    hertz = 0.5 * sample_rate / (bins - 1)
    if bins <= int(upper / hertz):
        raise _refuse(
            f"The spectrogram's {bins} bins end at {sample_rate / 2} Hz, below upper_frequency_limit {upper}"
        )
    wide = spectrogram.double().sqrt()
    energies = wide @ torch.from_numpy(bands).to(wide)
    return (energies.clamp_min(1e-12).log() @ torch.from_numpy(cosines).to(wide)).float()


@mfcc_op.samples
def _mfcc_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 129, low=0.1, high=1.0), fixed(22050))
