"""`Summary` messages from arrays: what the kernels of the summary ops compute.

Source: TF 1.15, core/kernels/summary_op.cc, summary_image_op.cc, summary_audio_op.cc, summary_tensor_op.cc and
core/lib/histogram/histogram.cc.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import dtypes, errors, protos
from tfcompat.framework.compat_strings import as_bytes, as_text
from tfcompat.framework.dtypes import DType
from tfcompat.framework.tensor_proto import fill_with_bytes
from tfcompat.io.png_writer import encode_png
from tfcompat.io.tensor_slices import shape_text
from tfcompat.io.wav_writer import encode_wav

_LARGEST = sys.float_info.max
_TINY = 1e-6  # an image whose largest value is below this is shown black (or grey, with negative values)
_CHUNK = 1 << 20


def _error(message: str) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(None, None, message)


def _tag(tag: Any, message: str) -> str:
    array = np.asarray(tag, dtype=object)
    if array.ndim:
        raise _error(message)
    return as_text(array.item())


def scalar(tags: Any, values: Any) -> Any:
    """One value per tag, as float32.

    Shapes: tags and values alike.
    Raises: InvalidArgumentError when the shapes differ.
    """
    names, numbers = np.asarray(tags, dtype=object), np.asarray(values)
    if names.shape != numbers.shape:
        only = f" (tag '{as_text(names.reshape(-1)[0])}')" if names.size == 1 else ""
        text = f"tags and values not the same shape: {shape_text(names.shape)} != {shape_text(numbers.shape)}{only}"
        raise _error(text)
    summary = protos.Summary()
    with np.errstate(over="ignore"):
        singles = numbers.astype(np.float32)
    for name, number in zip(names.ravel(), singles.ravel().tolist()):
        summary.value.add(tag=as_text(name), simple_value=number)
    return summary


@functools.cache
def bucket_limits() -> np.ndarray:
    """The ends of TF's histogram buckets: from 1e-12 to 1e20 in steps of 10 %, both signs, and zero."""
    positive = []
    limit = 1.0e-12
    while limit < 1.0e20:
        positive.append(limit)
        limit *= 1.1
    positive.append(_LARGEST)
    return np.array([-x for x in reversed(positive)] + [0.0] + positive)


def histogram_proto(values: Any) -> Any:
    """The `HistogramProto` of finite values. Runs of empty buckets are one bucket, as in TF."""
    flat = np.asarray(values).ravel()
    limits = bucket_limits()
    counts = np.zeros(len(limits), dtype=np.int64)
    low, high, total, squares = _LARGEST, -_LARGEST, 0.0, 0.0
    for begin in range(0, flat.size, _CHUNK):
        part = flat[begin : begin + _CHUNK].astype(np.float64)
        buckets = np.minimum(np.searchsorted(limits, part, side="right"), len(limits) - 1)
        counts += np.bincount(buckets, minlength=len(limits))
        low, high = min(low, float(part.min())), max(high, float(part.max()))
        # One after the other, as TF adds: NumPy's sum takes another order and may end in another last digit.
        with np.errstate(over="ignore"):
            total = float(np.cumsum(np.concatenate(([total], part)))[-1])
            squares = float(np.cumsum(np.concatenate(([squares], part * part)))[-1])
    histogram = protos.HistogramProto(min=low, max=high, num=flat.size, sum=total, sum_squares=squares)
    # The last bucket of every run of empty ones stands for the run.
    kept = (counts > 0) | np.append(counts[1:] > 0, True)
    histogram.bucket_limit.extend(limits[kept].tolist())
    histogram.bucket.extend(counts[kept].astype(np.float64).tolist())
    return histogram


def histogram(tag: Any, values: Any, op_name: str = "") -> Any:
    """The histogram of a tensor's values.

    Raises: InvalidArgumentError for values that are not finite, and tags that are no scalar.
    """
    name = _tag(tag, "tags must be scalar")
    array = np.asarray(values)
    if array.dtype.kind not in "iub":
        checked = array.ravel().astype(np.float64)
        wrong = ~np.isfinite(checked)
        if wrong.any():
            what = "Nan" if np.isnan(checked[wrong.argmax()]) else "Infinity"
            raise _error(f"{what} in summary histogram for: {op_name}")
    summary = protos.Summary()
    summary.value.add(tag=name, histo=histogram_proto(array))
    return summary


def image(tag: Any, tensor: Any, max_images: int = 3, bad_color: Sequence[int] = (255, 0, 0, 255)) -> Any:
    """The first `max_images` images of a batch as PNG files. Floating point images are scaled to what a PNG shows.

    Shapes: tensor [batch, height, width, channels], 1, 3 or 4 channels. Pixels that are not finite get `bad_color`.
    Raises: InvalidArgumentError for any other shape, and a `bad_color` of fewer channels than a floating point image.
    """
    name = _tag(tag, "Tags must be a scalar")
    images = np.asarray(tensor)
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4):
        raise _error(f"Tensor must be 4-D with last dim 1, 3, or 4, not {shape_text(images.shape)}")
    batch, height, width, depth = images.shape
    if height >= 2**31 or width >= 2**31 or height * width >= 2**29:
        raise _error(f"Tensor too large for summary {shape_text(images.shape)}")
    if 0 in (height, width):
        raise _error(f"input tensor must have non-zero dims. Found: [{batch}, {height}, {width}, {depth}].")
    if images.dtype != np.uint8 and len(bad_color) < depth:
        text = f"expected depth <= bad_color.size, got depth = {depth}, bad_color.size = {len(bad_color)}"
        raise _error(text)
    summary = protos.Summary()
    for i, pixels in enumerate(images[:max_images]):
        shown = pixels if pixels.dtype == np.uint8 else scaled_to_bytes(pixels, bad_color[:depth])
        value = summary.value.add(tag=_numbered(f"{name}/image", i, max_images))
        value.image.height, value.image.width, value.image.colorspace = height, width, depth
        value.image.encoded_image_string = encode_png(shown)
    return summary


def _numbered(tag: str, i: int, most: int) -> str:
    """The number in a tag depends on how many were asked for, not on how many there are."""
    return f"{tag}/{i}" if most > 1 else tag


def scaled_to_bytes(pixels: np.ndarray, bad_color: Sequence[int]) -> np.ndarray:
    """An image of any floating point range in 0 to 255: zero to the maximum, or both signs around 128.

    Shapes: pixels [height, width, channels], bad_color [channels].
    """
    kind = pixels.dtype.type
    finite = np.isfinite(pixels).all(axis=-1)
    used = pixels[finite].astype(np.float32)
    low, high = (float(used.min()), float(used.max())) if used.size else (np.inf, -np.inf)
    largest, top, offset = (max(abs(low), abs(high)), 127.0, 128) if low < 0 else (high, 255.0, 0)
    # In float32 first and then in the image's own type, where the product is made: TF's last digits come from that.
    scale = kind(0 if largest < _TINY else np.float32(top) / np.float32(largest))
    out = np.empty(pixels.shape, np.uint8)
    out[finite] = (pixels[finite] * scale + kind(offset)).astype(np.uint8)
    out[~finite] = np.asarray(bad_color, np.uint8)
    return out


def audio(tag: Any, tensor: Any, sample_rate: float, max_outputs: int = 3) -> Any:
    """The first `max_outputs` sounds of a batch as WAV files.

    Shapes: tensor [batch, frames] or [batch, frames, channels]. `sample_rate` is in Hz.
    Raises: InvalidArgumentError for any other shape, a sample rate of 0 or less, and sounds without samples.
    """
    name = _tag(tag, "Tag must be a scalar")
    sounds = np.asarray(tensor, dtype=np.float32)
    if sounds.ndim not in (2, 3):
        raise _error(f"Tensor must be 3-D or 2-D, got: {shape_text(sounds.shape)}")
    if not sample_rate > 0:
        raise _error("sample_rate must be > 0")
    if sounds.ndim == 2:
        sounds = sounds[:, :, None]
    summary = protos.Summary()
    for i, sound in enumerate(sounds[:max_outputs]):
        value = summary.value.add(tag=_numbered(f"{name}/audio", i, max_outputs))
        value.audio.sample_rate = sample_rate
        value.audio.length_frames, value.audio.num_channels = sound.shape
        value.audio.content_type = "audio/wav"
        value.audio.encoded_audio_string = encode_wav(sound, max(1, int(np.rint(np.float32(sample_rate)))))
    return summary


def tensor(tag: Any, array: Any, metadata: bytes = b"", dtype: DType | None = None) -> Any:
    """A whole tensor under a tag, with a serialized `SummaryMetadata` that says which plugin shows it.

    Raises: InvalidArgumentError when the tag is no scalar.
    """
    summary = protos.Summary()
    value = summary.value.add(tag=_tag(tag, "tag must be scalar"))
    _fill_tensor(value.tensor, np.asarray(array), dtype)
    value.metadata.ParseFromString(metadata)
    value.metadata.SetInParent()
    return summary


def tensor_of_node(node_name: str, array: Any, dtype: DType | None = None) -> Any:
    """A whole tensor under the name of the op that has it: the older kind of tensor summary."""
    summary = protos.Summary()
    _fill_tensor(summary.value.add(node_name=node_name).tensor, np.asarray(array), dtype)
    return summary


def _fill_tensor(proto: Any, array: np.ndarray, dtype: DType | None) -> None:
    fill_with_bytes(proto, array, dtype or dtypes.as_dtype(array.dtype))


def plugin_metadata(plugin_name: str, content: bytes = b"", display_name: str = "", description: str = "") -> Any:
    """The `SummaryMetadata` that has TensorBoard's plugin of this name show a summary."""
    metadata = protos.SummaryMetadata(display_name=display_name, summary_description=description)
    metadata.plugin_data.plugin_name = plugin_name
    metadata.plugin_data.content = content
    return metadata


def merge(serialized: Iterable[Any]) -> Any:
    """All values of several serialized summaries in one.

    Raises: InvalidArgumentError when two have a tag in common, or an input is no summary.
    """
    from google.protobuf.message import DecodeError

    merged = protos.Summary()
    seen: set[str] = set()
    for text in serialized:
        try:
            summary = protos.Summary.FromString(as_bytes(text))
        except DecodeError:
            raise _error("Could not parse one of the summary inputs") from None
        for value in summary.value:
            if value.tag and value.tag in seen:
                raise _error(f"Duplicate tag {value.tag} found in summary inputs")
            seen.add(value.tag)
        merged.MergeFrom(summary)
    return merged
