"""Sound as WAV files of 16-bit samples. Source: TF 1.15, core/lib/wav/wav_io.cc."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from tfcompat.framework import errors

_HEADER_SIZE = 44
_SAMPLE_SIZE = 2


def encode_wav(audio: Any, sample_rate: int) -> bytes:
    """The WAV file of samples between -1 and 1.

    Shapes: audio [frames, channels]. `sample_rate` is in Hz.
    Raises: InvalidArgumentError for what a WAV file cannot hold.
    """
    samples = np.asarray(audio, dtype=np.float32)
    frames, channels = samples.shape
    if not 0 < sample_rate < 2**32:
        raise errors.InvalidArgumentError(None, None, f"sample_rate must be in (0, 2^32), got: {sample_rate}")
    if not 0 < channels < 2**16:
        raise errors.InvalidArgumentError(None, None, f"num_channels must be in (0, 2^16), got: {channels}")
    if not frames:
        raise errors.InvalidArgumentError(None, None, "audio is null")
    size = frames * channels * _SAMPLE_SIZE
    if _HEADER_SIZE + size >= 2**32:
        raise errors.InvalidArgumentError(None, None, "Provided channels and frames cannot be encoded as a WAV.")
    # Halves are rounded away from zero; float64 holds the scaled samples and the added half exactly.
    scaled = samples.astype(np.float64) * 32768
    rounded = np.trunc(scaled + np.copysign(0.5, scaled))
    data = np.clip(np.nan_to_num(rounded, nan=-32768), -32768, 32767).astype("<i2").tobytes()
    frame_size = _SAMPLE_SIZE * channels
    return (
        struct.pack("<4sI4s", b"RIFF", _HEADER_SIZE + size - 8, b"WAVE")
        + struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, sample_rate, sample_rate * frame_size, frame_size, 16)
        + struct.pack("<4sI", b"data", size)
        + data
    )
