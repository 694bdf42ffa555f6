"""Sorted string tables: files of sorted (key, value) pairs in blocks, after LevelDB's format.

Checkpoints keep their metadata (version 2) or all they have (version 1) in one. Within a block a key leaves out what
it shares with the one before; every block has a checksum; an index block says where blocks are and which keys they
have; a footer of 48 bytes says where the index is.
Source: TF 1.15, core/lib/io/table_builder.cc, block_builder.cc, block.cc, table.cc, format.cc.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from tfcompat.framework import errors
from tfcompat.io.crc32c import crc32c, mask
from tfcompat.io.varints import read_varint, varint
from tfcompat.platform import filesystem

_MAGIC = 0xDB4775248B80FB57
_FOOTER_SIZE = 48
_MAGIC_SIZE = 8
_TRAILER = struct.Struct("<BI")  # compression, masked checksum of the block and that byte
_NOT_COMPRESSED, _SNAPPY = 0, 1
_BLOCK_SIZE = 262144
_RESTART_INTERVAL = 16
_COUNT = struct.Struct("<I")


def _shared(a: bytes, b: bytes) -> int:
    """How many leading bytes are the same."""
    end = min(len(a), len(b))
    if a[:end] == b[:end]:
        return end
    return next(i for i in range(end) if a[i] != b[i])


class _BlockWriter:
    def __init__(self, restart_interval: int) -> None:
        self._restart_interval = restart_interval
        self.clear()

    def clear(self) -> None:
        self._data = bytearray()
        self._restarts = [0]
        self._since_restart = 0
        self._last_key = b""

    @property
    def size(self) -> int:
        return len(self._data) + 4 * len(self._restarts) + 4

    def __bool__(self) -> bool:
        return bool(self._data)

    def add(self, key: bytes, value: bytes) -> None:
        if self._since_restart < self._restart_interval:
            shared = _shared(self._last_key, key)
        else:
            # A key in full now and then lets a reader search in the middle of a block.
            shared = 0
            self._restarts.append(len(self._data))
            self._since_restart = 0
        self._data += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        self._last_key = key
        self._since_restart += 1

    def finished(self) -> bytes:
        return bytes(self._data) + struct.pack(f"<{len(self._restarts) + 1}I", *self._restarts, len(self._restarts))


def _short_key_between(start: bytes, limit: bytes) -> bytes:
    """A short key, at least `start` and below `limit`: index entries need no more."""
    at = _shared(start, limit)
    if at < min(len(start), len(limit)) and start[at] < 0xFF and start[at] + 1 < limit[at]:
        return start[:at] + bytes((start[at] + 1,))
    return start


def _short_key_after(key: bytes) -> bytes:
    for at, byte in enumerate(key):
        if byte != 0xFF:
            return key[:at] + bytes((byte + 1,))
    return key


class TableWriter:
    """Writes a table to an open file; keys must come in rising order."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offset = 0
        self._block = _BlockWriter(_RESTART_INTERVAL)
        self._index = _BlockWriter(1)
        self._last_key: bytes | None = None
        # The index entry of a finished block waits for the next key, which bounds it.
        self._pending: bytes | None = None

    def add(self, key: bytes, value: bytes) -> None:
        """Appends a pair. Raises: ValueError when the key is not above the last one."""
        if self._last_key is not None:
            if key <= self._last_key:
                raise ValueError(f"the key {key!r} does not come after {self._last_key!r}")
            if len(key) + len(value) >= 2 * _BLOCK_SIZE:
                self._finish_block()
            if self._pending is not None:
                self._index.add(_short_key_between(self._last_key, key), self._pending)
                self._pending = None
        self._last_key = key
        self._block.add(key, value)
        if self._block.size >= _BLOCK_SIZE:
            self._finish_block()

    def finish(self) -> None:
        """Writes what is left, the index and the footer; the file stays open."""
        self._finish_block()
        meta_handle = self._write_block(_BlockWriter(_RESTART_INTERVAL))
        if self._pending is not None and self._last_key is not None:
            self._index.add(_short_key_after(self._last_key), self._pending)
        footer = meta_handle + self._write_block(self._index)
        self._file.write(footer.ljust(_FOOTER_SIZE - _MAGIC_SIZE, b"\0") + _MAGIC.to_bytes(_MAGIC_SIZE, "little"))

    def _finish_block(self) -> None:
        if self._block:
            self._pending = self._write_block(self._block)
            self._block.clear()

    def _write_block(self, block: _BlockWriter) -> bytes:
        """Writes a block with its trailer; returns the handle: offset and size as varints."""
        data = block.finished()
        checksum = crc32c(bytes((_NOT_COMPRESSED,)), crc32c(data))
        self._file.write(data + _TRAILER.pack(_NOT_COMPRESSED, mask(checksum)))
        handle = varint(self._offset) + varint(len(data))
        self._offset += len(data) + _TRAILER.size
        return handle


def write_table(file: BinaryIO, entries: Iterable[tuple[bytes, bytes]]) -> None:
    """Writes pairs that are sorted by key as a table."""
    writer = TableWriter(file)
    for key, value in entries:
        writer.add(key, value)
    writer.finish()


class Table:
    """Reads a table file. Blocks are read when asked for; the last one read is kept.

    Raises: an OpError when the file cannot be read; DataLossError when it is no table or damaged.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        with filesystem.os_errors_as_tf(path):
            self._file: BinaryIO = open(filesystem.local(path), "rb")
            self._size = self._file.seek(0, 2)
        try:
            self._index = self._read_index()
        except BaseException:
            self._file.close()
            raise
        self._index_keys = [key for key, _ in self._index]
        self._cached: tuple[bytes, dict[bytes, bytes]] | None = None

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def _read_at(self, offset: int, size: int) -> bytes:
        with filesystem.os_errors_as_tf(self.path):
            self._file.seek(offset)
            return self._file.read(size)

    def _read_index(self) -> list[tuple[bytes, bytes]]:
        if self._size < _FOOTER_SIZE:
            raise errors.DataLossError(None, None, "file is too short to be an sstable")
        footer = self._read_at(self._size - _FOOTER_SIZE, _FOOTER_SIZE)
        if int.from_bytes(footer[-_MAGIC_SIZE:], "little") != _MAGIC:
            raise errors.DataLossError(None, None, "not an sstable (bad magic number)")
        _, _, end = _handle(footer, 0)  # the meta index, which is always empty
        offset, size, _ = _handle(footer, end)
        return list(self._entries(offset, size))

    def _entries(self, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
        """The pairs of one block."""
        # The file's own size bounds what a handle can make us read.
        if offset + size + _TRAILER.size > self._size:
            raise errors.DataLossError(None, None, "truncated block read")
        block = self._read_at(offset, size + _TRAILER.size)
        if len(block) != size + _TRAILER.size:
            raise errors.DataLossError(None, None, "truncated block read")
        compression, checksum = _TRAILER.unpack_from(block, size)
        if mask(crc32c(memoryview(block)[: size + 1])) != checksum:
            raise errors.DataLossError(None, None, "block checksum mismatch")
        if compression == _SNAPPY:
            raise errors.UnimplementedError(None, None, f"Snappy compressed tables are not supported: {self.path}")
        if compression != _NOT_COMPRESSED:
            raise errors.DataLossError(None, None, "bad block type")
        return _parse_block(block, size)

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """All pairs in the order of their keys."""
        for _, value in self._index:
            offset, size, _ = _handle(value, 0)
            yield from self._entries(offset, size)

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None."""
        at = bisect_left(self._index_keys, key)
        if at == len(self._index):
            return None
        handle = self._index[at][1]
        if self._cached is None or self._cached[0] != handle:
            offset, size, _ = _handle(handle, 0)
            self._cached = handle, dict(self._entries(offset, size))
        return self._cached[1].get(key)


def _handle(data: bytes, at: int) -> tuple[int, int, int]:
    """Offset and size of a block, and where in `data` they end."""
    try:
        offset, at = read_varint(data, at, len(data))
        size, at = read_varint(data, at, len(data))
    except ValueError:
        raise errors.DataLossError(None, None, "bad block handle") from None
    return offset, size, at


def _parse_block(block: bytes, size: int) -> Iterator[tuple[bytes, bytes]]:
    restarts = _COUNT.unpack_from(block, size - 4)[0] if size >= 4 else 0
    end = size - 4 - 4 * restarts
    if size < 4 or end < 0:
        raise errors.DataLossError(None, None, "bad block contents")
    at, key = 0, b""
    while restarts and at < end:
        try:
            shared, at = read_varint(block, at, end)
            own, at = read_varint(block, at, end)
            length, at = read_varint(block, at, end)
        except ValueError:
            raise errors.DataLossError(None, None, "bad entry in block") from None
        if shared > len(key) or at + own + length > end:
            raise errors.DataLossError(None, None, "bad entry in block")
        key = key[:shared] + block[at : at + own]
        at += own
        yield key, block[at : at + length]
        at += length
