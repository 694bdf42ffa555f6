"""Flows that read files: lines of text, TFRecords, records of fixed length, rows of CSV.

Source: TF 1.15, core/kernels/data/reader_dataset_ops.cc and experimental/csv_dataset_op.cc.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import torch

from tfcompat.data.flow.core import Element, Elements, Flow, Run, invalid, string_scalar
from tfcompat.framework import dtypes, errors
from tfcompat.io.tfrecord import RecordReader, _Inflated
from tfcompat.platform import filesystem

_BUFFER = 1 << 18


def check_compression(kind: bytes) -> str:
    """The name of a compression type. Raises InvalidArgumentError for an unknown one."""
    name = kind.decode()
    if name not in ("", "ZLIB", "GZIP"):
        raise invalid("Unsupported compression_type.")
    return name


def opened(path: str, compression: str) -> Any:
    """A file with `read(n)` and `close()`, what it reads being decompressed."""
    with filesystem.os_errors_as_tf(path):
        file: BinaryIO = open(filesystem.local(path), "rb", buffering=_BUFFER)
    return _Unpacked(file, compression) if compression else file


class _Unpacked:
    def __init__(self, file: BinaryIO, compression: str) -> None:
        self._file = file
        self._source = _Inflated(file, zlib.MAX_WBITS + (16 if compression == "GZIP" else 0))

    def read(self, size: int) -> bytes:
        return self._source.read(size)

    def close(self) -> None:
        self._file.close()


class _FromFiles(Elements):
    """What a reader of one file gives, for one file after the other.

    After damage inside a file the next one follows; a file that cannot be opened is tried again, as in TensorFlow.
    """

    def __init__(self, paths: Sequence[bytes], read: Callable[[str], Iterator[bytes]]) -> None:
        self._paths = paths
        self._at = 0
        self._read = read
        self._current: Iterator[bytes] | None = None

    def next(self) -> Element:
        while True:
            if self._current is None:
                if self._at >= len(self._paths):
                    raise StopIteration
                self._current = self._read(self._paths[self._at].decode("utf-8", "surrogateescape"))
            try:
                return [string_scalar(next(self._current))]
            except StopIteration:
                self._current = None
                self._at += 1
            except Exception as cause:
                self._current = None
                if not isinstance(cause, (errors.NotFoundError, errors.PermissionDeniedError)):
                    self._at += 1
                raise


class TextLines(Flow):
    """The lines of text files, without their ends."""

    kind = "TextLine"

    def __init__(self, paths: Sequence[bytes], compression: bytes, buffer_size: int) -> None:
        self.compression = check_compression(compression)
        if buffer_size < 0:
            raise invalid("`buffer_size` must be >= 0 (0 == default)")
        self.paths = list(paths)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _FromFiles(self.paths, self._lines)

    def _lines(self, path: str) -> Iterator[bytes]:
        file = opened(path, self.compression)
        try:
            rest = b""
            while True:
                chunk = file.read(_BUFFER)
                if not chunk:
                    break
                # TensorFlow drops every carriage return, wherever it stands.
                lines = (rest + chunk.replace(b"\r", b"")).split(b"\n")
                rest = lines.pop()
                yield from lines
            if rest:
                yield rest
        finally:
            file.close()


class Records(Flow):
    """The records of TFRecord files."""

    kind = "TFRecord"

    def __init__(self, paths: Sequence[bytes], compression: bytes, buffer_size: int) -> None:
        self.compression = check_compression(compression)
        if buffer_size < 0:
            raise invalid("`buffer_size` must be >= 0 (0 == no buffering)")
        self.paths = list(paths)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _FromFiles(self.paths, self._records)

    def _records(self, path: str) -> Iterator[bytes]:
        with RecordReader(path, self.compression) as reader:
            yield from reader


class FixedRecords(Flow):
    """Pieces of `record_bytes` each, between a file's header and footer."""

    kind = "FixedLengthRecord"

    def __init__(
        self, paths: Sequence[bytes], header: int, record: int, footer: int, buffer_size: int, compression: bytes = b""
    ) -> None:
        if header < 0:
            raise invalid("`header_bytes` must be >= 0")
        if record <= 0:
            raise invalid("`record_bytes` must be > 0")
        if footer < 0:
            raise invalid("`footer_bytes` must be >= 0")
        if buffer_size < 0:
            raise invalid("`buffer_size` must be >= 0 (0 == default)")
        self.compression = check_compression(compression)
        self.paths = list(paths)
        self.header, self.record, self.footer = header, record, footer

    def elements(self, run: Run, prefix: str) -> Elements:
        return _FromFiles(self.paths, self._pieces)

    def _pieces(self, path: str) -> Iterator[bytes]:
        if not self.compression:
            self._check_size(path)
        file = opened(path, self.compression)
        try:
            if len(file.read(self.header)) < self.header:
                return
            # What is held back may be the footer.
            held = file.read(self.footer)
            read = 0
            while True:
                held += file.read(self.footer + self.record - len(held))
                if len(held) < self.footer + self.record:
                    if self.compression and len(held) > self.footer:
                        raise errors.DataLossError(None, None, self._uneven(path, read + len(held) - self.footer))
                    return
                yield held[: self.record]
                read += self.record
                held = held[self.record :]
        finally:
            file.close()

    def _check_size(self, path: str) -> None:
        body = filesystem.statistics(path).length - self.header - self.footer
        if body % self.record:
            raise invalid(self._uneven(path, body))

    def _uneven(self, path: str, body: int) -> str:
        return (
            f"Excluding the header ({self.header} bytes) and footer ({self.footer} bytes), input file \"{path}\" has body "
            f"length {body} bytes, which is not an exact multiple of the record length ({self.record} bytes)."
        )


# -- CSV --------------------------------------------------------------------------------------------------------------


class Csv(Flow):
    """Rows of CSV files (RFC 4180), each field parsed as its default's type; an empty default means "required"."""

    kind = "CSV"

    def __init__(
        self, paths: Sequence[bytes], compression: bytes, buffer_size: int, header: bool, delim: bytes,
        use_quote_delim: bool, na_value: bytes, select_cols: Sequence[int], defaults: Element,
        types: Sequence[dtypes.DType],
    ) -> None:
        self.compression = check_compression(compression)
        if buffer_size < 0:
            raise invalid("buffer_size should be positive")
        if len(delim) != 1:
            raise invalid("field_delim should be only 1 char")
        if any(b <= a for a, b in itertools.pairwise(select_cols)):
            raise invalid("select_cols should be strictly increasing indices")
        if select_cols and select_cols[0] < 0:
            raise invalid("select_cols should be non-negative indices")
        if select_cols and len(select_cols) != len(defaults):
            raise invalid("select_cols should match output size")
        for i, d in enumerate(defaults):
            if len(d.shape) > 1 or (len(d.shape) == 1 and d.shape[0] > 1):
                raise invalid(f"There should only be 1 default per field but field {i} has {d.shape[0]}")
        self.paths = list(paths)
        self.header, self.delim, self.quotes = header, delim, use_quote_delim
        self.na_value, self.select, self.types = na_value, list(select_cols), list(types)
        self.defaults = [d.reshape(-1)[0] if int(np.prod(tuple(d.shape))) else None for d in defaults]

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Rows(self)

    def rows(self, path: str) -> Iterator[list[tuple[bytes, bool]]]:
        """The fields of each row, and whether they were quoted."""
        file = opened(path, self.compression)
        try:
            pieces = []
            while chunk := file.read(_BUFFER):
                pieces.append(chunk)
        finally:
            file.close()
        yield from _split_rows(b"".join(pieces), self.delim, self.quotes)

    def parsed(self, fields: list[tuple[bytes, bool]]) -> Element:
        n = len(self.types)
        if self.select:
            if self.select[-1] >= len(fields):
                raise invalid(f"Expect {n} fields but have {sum(c < len(fields) for c in self.select)} in record")
            fields = [fields[c] for c in self.select]
        if len(fields) != n:
            raise invalid(f"Expect {n} fields but have {'more' if len(fields) > n else len(fields)} in record")
        return [self._value(i, *field) for i, field in enumerate(fields)]

    def _value(self, i: int, text: bytes, quoted: bool) -> Any:
        dtype, default = self.types[i], self.defaults[i]
        if (not text and not quoted) or (not quoted and text == self.na_value):
            if default is None:
                raise invalid(f"Field {i} is required but missing in record!")
            return default if isinstance(default, torch.Tensor) else string_scalar(default)
        if dtype is dtypes.string:
            return string_scalar(text)
        if not text:
            if default is None:
                raise invalid(f"Field {i} is required but missing in record!")
            return default
        try:
            value: Any = int(text) if dtype in (dtypes.int32, dtypes.int64) else float(text)
            return torch.tensor(value, dtype=dtype.torch)
        except (ValueError, RuntimeError, OverflowError):
            shown = text.decode("utf-8", "replace")
            raise invalid(f"Field {i} in record is not a valid {dtype.name}: {shown}") from None


def _split_rows(data: bytes, delim: bytes, quotes: bool) -> Iterator[list[tuple[bytes, bool]]]:
    at, size = 0, len(data)
    while at < size:
        fields: list[tuple[bytes, bool]] = []
        if data[at : at + 1] in (b"\n", b"\r"):  # an empty line is no row
            at += 1
            continue
        while True:
            if quotes and data[at : at + 1] == b'"':
                text, at = _quoted(data, at + 1)
                fields.append((text, True))
                if at < size and data[at : at + 1] not in (delim, b"\n", b"\r"):
                    raise invalid("Quote inside a string has to be escaped by another quote")
            else:
                end = at
                while end < size and data[end : end + 1] not in (delim, b"\n", b"\r"):
                    end += 1
                text = data[at:end]
                if quotes and b'"' in text:
                    raise invalid("Unquoted fields cannot have quotes inside")
                fields.append((text, False))
                at = end
            ended = at >= size or data[at : at + 1] != delim
            at += 1
            if ended:
                if data[at - 1 : at + 1] == b"\r\n":
                    at += 1
                break
            if at >= size:
                fields.append((b"", False))
                break
        yield fields


def _quoted(data: bytes, at: int) -> tuple[bytes, int]:
    """The text of a quoted field that begins at `at`, and where it ends (after the quote)."""
    pieces = []
    while True:
        end = data.find(b'"', at)
        if end < 0:
            raise invalid("Reached end of file without closing quoted field in record")
        pieces.append(data[at:end])
        if data[end + 1 : end + 2] != b'"':
            return b"".join(pieces), end + 1
        pieces.append(b'"')
        at = end + 2


class _Rows(Elements):
    def __init__(self, flow: Csv) -> None:
        self._flow = flow
        self._paths = iter(flow.paths)
        self._current: Iterator[list[tuple[bytes, bool]]] | None = None

    def next(self) -> Element:
        while True:
            if self._current is None:
                path = next(self._paths).decode("utf-8", "surrogateescape")
                self._current = self._flow.rows(path)
                if self._flow.header:
                    next(self._current, None)
            try:
                fields = next(self._current)
            except StopIteration:
                self._current = None
                continue
            except Exception:
                self._current = None
                raise
            return self._flow.parsed(fields)
