"""TFRecord files: the bytes TF 1.15 writes, and its errors for damaged files (all recorded from TF 1.15.0)."""

from __future__ import annotations

import struct
import zlib

import pytest

from tfcompat.framework import errors
from tfcompat.io import tfrecord
from tfcompat.io.crc32c import masked_crc32c
from tfcompat.io.tfrecord import TFRecordCompressionType, TFRecordOptions, TFRecordWriter, tf_record_iterator

HELLO_WORLD = bytes.fromhex("0500000000000000eab2043e68656c6c6fbb1f1c1906000000000000007369d537776f726c64210ac6af4f")
EMPTY = bytes.fromhex("0000000000000000 29039807 d8ea82a2")


def written(path, *records, options=None):
    with TFRecordWriter(str(path), options) as writer:
        for record in records:
            writer.write(record)
    return path.read_bytes()


def read(path, data, options=None):
    """The records before the error, and the error's text."""
    path.write_bytes(data)
    records = []
    try:
        for record in tf_record_iterator(str(path), options):
            records.append(record)
    except errors.DataLossError as error:
        return records, error.message
    return records, None


def test_bytes_are_those_of_tensorflow(tmp_path):
    assert written(tmp_path / "f", b"hello", b"world!") == HELLO_WORLD
    assert written(tmp_path / "f", b"") == written(tmp_path / "f", None) == EMPTY


@pytest.mark.parametrize(
    "options, want",
    [
        ("GZIP", "1f8b0800000000000003030000000000000000000"[:40]),
        ("ZLIB", "789c030000000001"),
        (TFRecordCompressionType.ZLIB, "789c030000000001"),
        (TFRecordOptions("ZLIB", window_bits=-15), "0300"),
    ],
)
def test_empty_compressed_files(tmp_path, options, want):
    assert written(tmp_path / "f", options=options).hex() == want


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
@pytest.mark.parametrize("settings", [{}, {"compression_level": 9, "mem_level": 1}, {"compression_strategy": 2}])
def test_compressed_files_read_back(tmp_path, kind, settings):
    records = [b"hello", b"", b"x" * 300_000, bytes(range(256)) * 2000]
    data = written(tmp_path / "f", *records, options=TFRecordOptions(kind, **settings))
    assert read(tmp_path / "g", data, kind) == (records, None)
    assert zlib.decompressobj(47).decompress(data) == b"".join(map(tfrecord.encode_record, records))


def test_raw_deflate_settings_reach_zlib(tmp_path):
    data = written(tmp_path / "f", b"hello" * 20, options=TFRecordOptions("ZLIB", window_bits=-15))
    assert zlib.decompress(data, -15) == tfrecord.encode_record(b"hello" * 20)


@pytest.mark.parametrize(
    "cut, records, message",
    [
        *((cut, [], None) for cut in (0, 1, 7, 11)),
        *((cut, [], "truncated record at 0") for cut in (12, 13, 16, 17, 20)),
        *((cut, [b"hello"], None) for cut in (21, 22, 30)),
        *((cut, [b"hello"], "truncated record at 21") for cut in (33, 40, 42)),
    ],
)
def test_truncated_files(tmp_path, cut, records, message):
    assert read(tmp_path / "f", HELLO_WORLD[:cut]) == (records, message)


@pytest.mark.parametrize(
    "position, records, message",
    [
        *((p, [], "corrupted record at 0") for p in (0, 5, 8, 11)),
        *((p, [], "corrupted record at 12") for p in (12, 16, 17, 20)),
        *((p, [b"hello"], "corrupted record at 21") for p in (21, 30)),
        *((p, [b"hello"], "corrupted record at 33") for p in (33, 40)),
    ],
)
def test_damaged_files(tmp_path, position, records, message):
    data = bytearray(HELLO_WORLD)
    data[position] ^= 1
    assert read(tmp_path / "f", data) == (records, message)


@pytest.mark.parametrize(
    "position, message",
    [
        (0, "inflate() failed with error -3: incorrect header check"),
        (2, "inflate() failed with error -3: unknown compression method"),
        (-1, "inflate() failed with error -3: incorrect length check"),
        (-6, "inflate() failed with error -3: incorrect data check"),
    ],
)
def test_damaged_gzip_files(tmp_path, position, message):
    data = bytearray(written(tmp_path / "f", b"hello", b"world!" * 50, options="GZIP"))
    data[position] ^= 0x55
    assert read(tmp_path / "g", data, "GZIP") == ([], message)


def test_what_follows_a_compressed_stream_is_ignored(tmp_path):
    data = written(tmp_path / "f", b"hello", options="GZIP")
    assert read(tmp_path / "g", data + data + b"junk", "GZIP") == ([b"hello"], None)
    assert read(tmp_path / "g", data[:-4], "GZIP") == ([b"hello"], None)
    assert read(tmp_path / "g", data) == ([], "corrupted record at 0")
    assert read(tmp_path / "g", HELLO_WORLD, "ZLIB") == ([], "inflate() failed with error -3: incorrect header check")


def test_a_huge_length_asks_for_no_memory(tmp_path):
    length = struct.pack("<Q", 2**62)
    data = length + struct.pack("<I", masked_crc32c(length)) + b"abc"
    assert read(tmp_path / "f", data) == ([], "truncated record at 0")


@pytest.mark.parametrize("record, kind", [("abc", "str"), (bytearray(b"a"), "bytearray"), (1, "int")])
def test_only_bytes_are_written(tmp_path, record, kind):
    with TFRecordWriter(str(tmp_path / "f")) as writer, pytest.raises(TypeError) as caught:
        writer.write(record)
    assert str(caught.value) == f"expected bytes, {kind} found"


def test_closed_writers(tmp_path):
    writer = TFRecordWriter(str(tmp_path / "f"))
    writer.close()
    writer.close()
    for call in (lambda: writer.write(b"a"), writer.flush):
        with pytest.raises(errors.FailedPreconditionError) as caught:
            call()
        assert caught.value.message == "Writer not initialized or previously closed"


def test_flush_reaches_the_file(tmp_path):
    for options in (None, "GZIP"):
        writer = TFRecordWriter(str(tmp_path / "f"), options)
        writer.write(b"abc")
        writer.flush()
        assert list(tf_record_iterator(str(tmp_path / "f"), options)) == [b"abc"]
        writer.write(b"d")
        del writer  # closes
        assert list(tf_record_iterator(str(tmp_path / "f"), options)) == [b"abc", b"d"]


@pytest.mark.parametrize(
    "path, error, message",
    [
        ("/nodir/x", errors.NotFoundError, "/nodir/x; No such file or directory"),
        ("/", errors.FailedPreconditionError, "/; Is a directory"),
    ],
)
def test_files_that_cannot_be_opened(path, error, message):
    for call in (lambda: TFRecordWriter(path), lambda: list(tf_record_iterator(path))):
        with pytest.raises(error) as caught:
            call()
        assert caught.value.message == message


@pytest.mark.parametrize(
    "options, want",
    [("GZIP", "GZIP"), ("ZLIB", "ZLIB"), ("", ""), (None, ""), (0, ""), (1, "ZLIB"), (2, "GZIP")]
    + [(TFRecordOptions("GZIP"), "GZIP"), (TFRecordOptions(TFRecordCompressionType.ZLIB), "ZLIB")],
)
def test_compression_types(options, want):
    assert TFRecordOptions.get_compression_type_string(options) == want


@pytest.mark.parametrize("options", ["gzip", 5, "x"])
def test_unknown_compression_types(options):
    with pytest.raises(ValueError) as caught:
        TFRecordOptions(options)
    assert str(caught.value) == f'Not a valid compression_type: "{options}"'
