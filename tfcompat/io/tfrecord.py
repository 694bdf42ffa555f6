"""TFRecord files: `tf.io.TFRecordWriter`, `tf.io.tf_record_iterator`, and a reader for the rest of tfcompat.

A record is its length (8 bytes), a checksum of that, the bytes, a checksum of those; a file may be compressed as a
whole. Source: TF 1.15, python/lib/io/tf_record.py, core/lib/io/record_reader.cc, record_writer.cc, zlib_inputstream.cc.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Any, BinaryIO

from tfcompat.framework import errors
from tfcompat.framework.export import export
from tfcompat.io.crc32c import masked_crc32c
from tfcompat.platform import filesystem

_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")
_LENGTH = struct.Struct("<Q")
# How much is read at once: a length in a damaged file must not decide how much memory is asked for.
_CHUNK = 1 << 18
_BUFFER = 1 << 20


@export("io.TFRecordCompressionType", "python_io.TFRecordCompressionType")
class TFRecordCompressionType:
    """How a TFRecord file is compressed."""

    NONE = 0
    ZLIB = 1
    GZIP = 2


@export("io.TFRecordOptions", "python_io.TFRecordOptions", v2=("io.TFRecordOptions",))
class TFRecordOptions:
    """Compression of a TFRecord file: "GZIP", "ZLIB" or "", and zlib's settings where they are not None.

    Raises: ValueError for an unknown compression type.
    """

    compression_type_map = {
        TFRecordCompressionType.ZLIB: "ZLIB",
        TFRecordCompressionType.GZIP: "GZIP",
        TFRecordCompressionType.NONE: "",
    }

    def __init__(
        self,
        compression_type: Any = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.flush_mode = flush_mode
        # The two buffer sizes have no effect on what is written; Python's zlib keeps its own buffers.
        self.input_buffer_size = input_buffer_size
        self.output_buffer_size = output_buffer_size
        self.window_bits = window_bits
        self.compression_level = compression_level
        self.compression_method = compression_method
        self.mem_level = mem_level
        self.compression_strategy = compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """ "GZIP", "ZLIB" or "" for options, a `TFRecordCompressionType`, such a string, or None.

        Raises: ValueError for anything else.
        """
        if not options:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        if options in cls.compression_type_map:
            return cls.compression_type_map[options]
        if options in cls.compression_type_map.values():
            return str(options)
        raise ValueError(f'Not a valid compression_type: "{options}"')

    def _compressor(self) -> Any:
        kind = self.get_compression_type_string(self.compression_type)
        if not kind:
            return None
        settings = {
            "level": self.compression_level,
            "method": self.compression_method,
            "wbits": self.window_bits,
            "memLevel": self.mem_level,
            "strategy": self.compression_strategy,
        }
        given: dict[str, Any] = {name: value for name, value in settings.items() if value is not None}
        default_bits = zlib.MAX_WBITS + (16 if kind == "GZIP" else 0)
        return zlib.compressobj(**{"wbits": default_bits, "memLevel": 9, **given})


def encode_record(data: bytes) -> bytes:
    """One record as it stands in a file."""
    length = _LENGTH.pack(len(data))
    return b"".join((length, _FOOTER.pack(masked_crc32c(length)), data, _FOOTER.pack(masked_crc32c(data))))


@export("io.TFRecordWriter", "python_io.TFRecordWriter", v2=("io.TFRecordWriter",))
class TFRecordWriter:
    """Writes records to a new file at `path`; usable in a `with` statement.

    `options` is a `TFRecordOptions`, a `TFRecordCompressionType` or "GZIP", "ZLIB", "".
    Raises: an OpError when the file cannot be opened; ValueError for unknown options.
    """

    def __init__(self, path: Any, options: Any = None) -> None:
        if not isinstance(options, TFRecordOptions):
            options = TFRecordOptions(compression_type=options)
        self._path = filesystem.name_of(path)
        self._file: BinaryIO | None = None
        self._compressor = options._compressor()
        with filesystem.os_errors_as_tf(self._path):
            self._file = open(filesystem.local(self._path), "wb", buffering=_BUFFER)

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, unused_type: type[BaseException] | None, unused_value: object, unused_traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_file", None) is not None:
            self.close()

    def _open_file(self) -> BinaryIO:
        if self._file is None:
            raise errors.FailedPreconditionError(None, None, "Writer not initialized or previously closed")
        return self._file

    def write(self, record: bytes) -> None:
        """Appends a record.

        Raises: TypeError for anything but bytes (TF takes None for no bytes); FailedPreconditionError when closed.
        """
        if record is not None and not isinstance(record, bytes):
            raise TypeError(f"expected bytes, {type(record).__name__} found")
        file = self._open_file()
        encoded = encode_record(record or b"")
        if self._compressor is not None:
            encoded = self._compressor.compress(encoded)
        with filesystem.os_errors_as_tf(self._path):
            file.write(encoded)

    def flush(self) -> None:
        """Hands all records so far to the operating system. Raises: FailedPreconditionError when closed."""
        file = self._open_file()
        with filesystem.os_errors_as_tf(self._path):
            if self._compressor is not None:
                file.write(self._compressor.flush(zlib.Z_PARTIAL_FLUSH))
            file.flush()

    def close(self) -> None:
        """Finishes the file; a second call does nothing."""
        file, self._file = self._file, None
        if file is not None:
            with filesystem.os_errors_as_tf(self._path), file:
                if self._compressor is not None:
                    file.write(self._compressor.flush())


class _Inflated:
    """The bytes behind a compressed file. Data after the end of the compressed stream, or its lack, is no error."""

    def __init__(self, file: BinaryIO, window_bits: int) -> None:
        self._file = file
        self._inflate = zlib.decompressobj(window_bits)
        self._ready = bytearray()

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and not self._inflate.eof:
            compressed = self._inflate.unconsumed_tail or self._file.read(_CHUNK)
            if not compressed:
                break
            try:
                self._ready += self._inflate.decompress(compressed, _CHUNK)
            except zlib.error as cause:
                text = str(cause).replace("Error ", "", 1).replace(" while decompressing data", "")
                raise errors.DataLossError(None, None, f"inflate() failed with error {text}") from cause
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data


class RecordReader:
    """Reads the records of a file one after the other.

    `compression_type` is "GZIP", "ZLIB" or "". Raises: an OpError when the file cannot be opened.
    """

    def __init__(self, path: str, compression_type: str = "") -> None:
        with filesystem.os_errors_as_tf(path):
            self._file: BinaryIO = open(filesystem.local(path), "rb", buffering=_BUFFER)
        self._source: Any = self._file
        if compression_type:
            self._source = _Inflated(self._file, zlib.MAX_WBITS + (16 if compression_type == "GZIP" else 0))
        self._path = path
        self.offset = 0
        """Where the next record starts, in (uncompressed) bytes."""

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> RecordReader:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def read(self) -> bytes | None:
        """The next record; None at the end of the file, and TF counts an unfinished header as the end.

        Raises: DataLossError for a damaged or unfinished record, naming where in the file it is.
        """
        with filesystem.os_errors_as_tf(self._path):
            header = self._source.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return None
            length, checksum = _HEADER.unpack(header)
            if masked_crc32c(header[: _LENGTH.size]) != checksum:
                raise errors.DataLossError(None, None, f"corrupted record at {self.offset}")
            data = self._read_exactly(length)
            footer = self._source.read(_FOOTER.size)
        if data is None or len(footer) < _FOOTER.size:
            raise errors.DataLossError(None, None, f"truncated record at {self.offset}")
        if _FOOTER.unpack(footer)[0] != masked_crc32c(data):
            raise errors.DataLossError(None, None, f"corrupted record at {self.offset + _HEADER.size}")
        self.offset += _HEADER.size + length + _FOOTER.size
        return data

    def _read_exactly(self, size: int) -> bytes | None:
        if size <= _CHUNK:
            data: bytes = self._source.read(size)
            return data if len(data) == size else None
        pieces = []
        while size > 0:
            piece = self._source.read(min(size, _CHUNK))
            if not piece:
                return None
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def __iter__(self) -> Iterator[bytes]:
        while (record := self.read()) is not None:
            yield record


@export("io.tf_record_iterator", "python_io.tf_record_iterator")
def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """The records of a TFRecord file, opened when the first one is asked for.

    Raises: an OpError when the file cannot be opened; DataLossError at a damaged record.
    """
    compression_type = TFRecordOptions.get_compression_type_string(options)
    with RecordReader(filesystem.name_of(path), compression_type) as reader:
        yield from reader
