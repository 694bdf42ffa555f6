"""Images as PNG files, without an image library.

Filters, compression and the division into chunks are those of libpng's defaults, so files are as small as TF's and,
with the same zlib, the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIECE = 8192  # bytes of compressed data in a chunk
_COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # channels -> grey, grey and alpha, RGB, RGB and alpha


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))


def encode_png(image: Any, compression: int = -1) -> bytes:
    """The PNG file of an image of uint8 or uint16.

    Shapes: image [height, width, channels], 1 to 4 channels, neither side empty.
    Raises: ValueError for any other type or shape.
    """
    pixels = np.asarray(image)
    if pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"PNG images are of uint8 or uint16, not {pixels.dtype}")
    if pixels.ndim != 3 or pixels.shape[2] not in _COLOR_TYPES or 0 in pixels.shape:
        raise ValueError(f"PNG images have a height, a width and 1 to 4 channels, not the shape {pixels.shape}")
    height, width, channels = pixels.shape
    depth = pixels.dtype.itemsize
    rows = np.ascontiguousarray(pixels.astype(pixels.dtype.newbyteorder(">"))).view(np.uint8).reshape(height, -1)
    deflate = zlib.compressobj(compression, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_FILTERED)
    filtered = _filtered(rows, channels * depth)
    data = _small_window(deflate.compress(filtered) + deflate.flush(), len(filtered))
    header = struct.pack(">IIBBBBB", width, height, 8 * depth, _COLOR_TYPES[channels], 0, 0, 0)
    pieces = (_chunk(b"IDAT", data[at : at + _PIECE]) for at in range(0, len(data), _PIECE))
    return b"".join((_SIGNATURE, _chunk(b"IHDR", header), *pieces, _chunk(b"IEND", b"")))


def _small_window(data: bytes, size: int) -> bytes:
    """The zlib stream of `size` bytes, its header asking a reader for no larger window than these need."""
    bits = max(8, (size - 1).bit_length())
    if bits >= zlib.MAX_WBITS:
        return data
    first = (bits - 8) << 4 | zlib.DEFLATED
    level = data[1] & 0xE0
    return bytes((first, level + 31 - (first << 8 | level) % 31)) + data[2:]


def _filtered(rows: np.ndarray, pixel_size: int) -> bytes:
    """Each row as differences to its neighbours, after the number of the filter that makes them smallest."""
    # Of an image of one row or column, libpng does not look at the neighbours that are never there.
    tall, wide = rows.shape[0] > 1, rows.shape[1] > pixel_size
    here = rows.astype(np.int16)
    above = np.zeros_like(here)
    above[1:] = here[:-1]
    left = np.zeros_like(here)
    left[:, pixel_size:] = here[:, :-pixel_size]
    above_left = np.zeros_like(here)
    above_left[:, pixel_size:] = above[:, :-pixel_size]
    guesses = (0, left, above, (left + above) >> 1, _paeth(left, above, above_left))
    candidates = np.stack([(here - guess).astype(np.uint8) for guess in guesses])
    sizes = np.where(candidates < 128, candidates.astype(np.int64), 256 - candidates.astype(np.int64))
    tried = np.array([0] + [1] * wide + [2] * tall + [3, 4] * (wide and tall))
    best = tried[sizes.sum(axis=2)[tried].argmin(axis=0)]
    out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    out[:, 0] = best
    out[:, 1:] = candidates[best, np.arange(rows.shape[0])]
    return out.tobytes()


def _paeth(left: np.ndarray, above: np.ndarray, above_left: np.ndarray) -> np.ndarray:
    """Whichever neighbour is nearest to left + above - above_left."""
    to_left, to_above = np.abs(above - above_left), np.abs(left - above_left)
    to_both = np.abs(left + above - 2 * above_left)
    return np.where(
        (to_left <= to_above) & (to_left <= to_both), left, np.where(to_above <= to_both, above, above_left)
    )
