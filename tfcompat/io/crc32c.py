"""CRC-32C (Castagnoli) of bytes, as every TensorFlow file format uses it; about 500 MB/s.

A CRC is linear: the checksum of a row of bytes is the xor of one table entry per (position, byte). NumPy looks up a
whole row that way, and Python only joins the rows. The table is made on the first long input.
"""

from __future__ import annotations

import functools
from typing import Any, TypeAlias

import numpy as np

Buffer: TypeAlias = "bytes | bytearray | memoryview | np.ndarray"

_POLYNOMIAL = 0x82F63B78  # reversed bits
_ROW = 512  # bytes; the table has a kilobyte per position and should stay in the processor's cache
_ROWS_AT_ONCE = 128
_SHORT = 48  # bytes below which a plain loop is faster
_MASK_DELTA = 0xA282EAD8


def _byte_table() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


_TABLE: list[int] = _byte_table().tolist()


@functools.cache
def _row_tables() -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """The entries of all positions in one flat array, where each position's start, and the first four as lists."""
    one = np.array(_TABLE, dtype=np.uint32)
    by_position = np.empty((_ROW, 256), np.uint32)
    by_position[-1] = one
    for position in range(_ROW - 2, -1, -1):
        later = by_position[position + 1]
        by_position[position] = one[later & 0xFF] ^ (later >> 8)
    starts = np.arange(_ROW, dtype=np.intp) * 256
    return by_position.ravel(), starts, by_position[:4].tolist()


def _short(data: Any, state: int) -> int:
    table = _TABLE
    for byte in data:
        state = table[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state


def _rows(data: np.ndarray, state: int) -> int:
    """Continues the register `state` over whole rows."""
    flat, starts, (t0, t1, t2, t3) = _row_tables()
    index = np.empty((_ROWS_AT_ONCE, _ROW), np.intp)
    found = np.empty((_ROWS_AT_ONCE, _ROW), np.uint32)
    for begin in range(0, len(data), _ROWS_AT_ONCE):
        rows = data[begin : begin + _ROWS_AT_ONCE]
        count = len(rows)
        np.add(rows, starts, out=index[:count])
        np.take(flat, index[:count], out=found[:count], mode="wrap")  # "wrap" because "raise" copies
        for row in np.bitwise_xor.reduce(found[:count], axis=1).tolist():
            # The register acts like a change of the row's first four bytes.
            state = t0[state & 0xFF] ^ t1[state >> 8 & 0xFF] ^ t2[state >> 16 & 0xFF] ^ t3[state >> 24] ^ row
    return state


def _part_of_row(data: np.ndarray, state: int) -> int:
    """Continues the register over fewer bytes than a row has, at least four."""
    flat, starts, _ = _row_tables()
    skipped = _ROW - len(data)
    index = starts[skipped:] + data
    index[:4] ^= (state & 0xFF, state >> 8 & 0xFF, state >> 16 & 0xFF, state >> 24)  # start is a multiple of 256
    return int(np.bitwise_xor.reduce(flat[index]))


def crc32c(data: Buffer, crc: int = 0) -> int:
    """The checksum of `data`, or of all bytes so far when `crc` is that of those before."""
    if type(data) is bytes and len(data) < _SHORT:
        return _short(data, crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
    view = memoryview(data).cast("B") if not isinstance(data, np.ndarray) else memoryview(_flat_bytes(data))
    size = len(view)
    state = crc ^ 0xFFFFFFFF
    if size < _SHORT:
        return _short(view, state) ^ 0xFFFFFFFF
    array = np.frombuffer(view, np.uint8)
    whole = size - size % _ROW
    if whole:
        state = _rows(array[:whole].reshape(-1, _ROW), state)
    rest = array[whole:]
    if len(rest) >= _SHORT:
        state = _part_of_row(rest, state)
    else:
        state = _short(view[whole:], state)
    return state ^ 0xFFFFFFFF


def _flat_bytes(array: np.ndarray) -> Any:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def mask(crc: int) -> int:
    """The form in which files store a checksum: a CRC of data that holds its own CRC would always be the same."""
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def unmask(masked: int) -> int:
    """The inverse of `mask`."""
    rotated = (masked - _MASK_DELTA) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF


def masked_crc32c(data: Buffer) -> int:
    """`mask(crc32c(data))`."""
    return mask(crc32c(data))
