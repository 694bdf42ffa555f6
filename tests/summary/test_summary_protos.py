"""Summaries against what TF 1.15's kernels gave (tools/record_summaries.py)."""

from __future__ import annotations

import hashlib
import io
import json
import pathlib
import struct
import zlib

import numpy as np
import pytest

from tfcompat.framework import errors, protos
from tfcompat.io.png_writer import encode_png
from tfcompat.summary import summary_protos

ROWS = json.loads(pathlib.Path(__file__).with_name("summaries.json").read_text(encoding="utf-8"))["rows"]
NAMES = {
    "np": np,
    "histogram": lambda tag, values: summary_protos.histogram(tag, values, "op"),
    **{name: getattr(summary_protos, name) for name in ("scalar", "image", "audio", "tensor", "merge")},
}
# Other implementations of zlib compress to other bytes.
_ZLIB_OF_TENSORFLOW = zlib.ZLIB_RUNTIME_VERSION.startswith("1.") and "zlib-ng" not in zlib.ZLIB_RUNTIME_VERSION


def decoded(png):
    image = pytest.importorskip("PIL.Image", reason="reads PNG files back with Pillow")
    pixels = np.asarray(image.open(io.BytesIO(png)))
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["call"][:70])
def test_calls_of_tensorflow(row):
    if "error" in row:
        name, message = row["error"]
        with pytest.raises(getattr(errors, name)) as caught:
            eval(row["call"], NAMES)
        assert caught.value.message == message
        return
    summary = eval(row["call"], NAMES)
    if row["bytes"] is None:  # a large image
        if _ZLIB_OF_TENSORFLOW:
            assert hashlib.sha256(summary.SerializeToString()).hexdigest() == row["sha256"]
        return
    want = protos.Summary.FromString(bytes.fromhex(row["bytes"]))
    if "pixels" not in row:
        assert summary == want or (str(summary) == str(want) and "nan" in str(want))
        assert summary.SerializeToString() == bytes.fromhex(row["bytes"])
        return
    for value, expected, pixels in zip(summary.value, want.value, row["pixels"], strict=True):
        np.testing.assert_array_equal(decoded(value.image.encoded_image_string), pixels)
        if _ZLIB_OF_TENSORFLOW:
            assert value.image.encoded_image_string == expected.image.encoded_image_string
        value.image.encoded_image_string = expected.image.encoded_image_string = b""
    assert summary == want


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 5, 2), (9, 16, 3), (40, 33, 4)])
def test_png_files_hold_their_pixels(dtype, shape):
    smooth = np.add.outer(np.arange(shape[0]) * 300, np.arange(shape[1]) * 7)[:, :, None] + np.arange(shape[2])
    noise = np.random.RandomState(0).randint(0, 65536, shape)
    for values in (smooth, noise):
        pixels = values.astype(dtype)
        if dtype is np.uint8 and shape[2] != 2:
            np.testing.assert_array_equal(decoded(encode_png(pixels)), pixels)
        else:
            _check_against_the_format(encode_png(pixels), pixels)


def _check_against_the_format(png, pixels):
    """Undoes the filters as the PNG specification says, for what Pillow does not read as it is."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data = 8, b""
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", png, at + 8 + size)[0] == zlib.crc32(kind + body)
        data += body if kind == b"IDAT" else b""
        at += 12 + size
    height, width, channels = pixels.shape
    step = channels * pixels.dtype.itemsize
    length = width * step
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, length + 1)
    before = [0] * length
    for row, want in zip(rows, pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1)):
        now = []
        for x, byte in enumerate(row[1:].tolist()):
            left = now[x - step] if x >= step else 0
            corner = before[x - step] if x >= step else 0
            up = before[x]
            best = min((left, up, corner), key=lambda v: abs(left + up - corner - v))  # ties: the first
            now.append((byte + (0, left, up, (left + up) // 2, best)[row[0]]) % 256)
        assert bytes(now) == want.tobytes()
        before = now


@pytest.mark.parametrize(
    "image, message",
    [(np.zeros([2, 2, 1], np.int32), "not int32"), (np.zeros([2, 2], np.uint8), "1 to 4 channels")]
    + [(np.zeros(shape, np.uint8), "1 to 4 channels") for shape in ((0, 2, 1), (2, 2, 5))],
)
def test_what_is_no_image(image, message):
    with pytest.raises(ValueError, match=message):
        encode_png(image)


def test_bucket_limits():
    limits = summary_protos.bucket_limits()
    assert len(limits) == 1551 and limits[775] == 0 and limits[776] == 1e-12
    assert limits[-1] == -limits[0] == np.finfo(np.float64).max and (np.diff(limits) > 0).all()


def test_metadata_of_plugins():
    metadata = summary_protos.plugin_metadata("text", b"x", "shown", "about")
    assert protos.SummaryMetadata.FromString(metadata.SerializeToString()).plugin_data.plugin_name == "text"
    assert metadata.display_name == "shown" and metadata.summary_description == "about"
    value = summary_protos.tensor_of_node("node", np.array([1.0], np.float32)).value[0]
    assert value.node_name == "node" and not value.HasField("metadata")
