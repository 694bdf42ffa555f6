"""Sorted string tables: what is written reads back, and damage is found. (Bytes are compared in test_checkpoints.)"""

from __future__ import annotations

import io

import pytest

from tfcompat.framework import errors
from tfcompat.io import sorted_table
from tfcompat.io.sorted_table import Table, TableWriter, write_table
from tfcompat.io.varints import ordered_number, ordered_signed_number, ordered_string, read_varint, varint


def table_bytes(entries):
    file = io.BytesIO()
    write_table(file, entries)
    return file.getvalue()


def opened(tmp_path, data):
    path = tmp_path / "table"
    path.write_bytes(data)
    return Table(str(path))


ENTRIES = {
    "empty": [],
    "one": [(b"", b"header")],
    "shared prefixes": [(f"layer_{i // 7:02}/weights_{i:03}".encode(), b"v" * (i % 5)) for i in range(100)],
    "many blocks": [(f"key{i:06}".encode(), bytes([i % 256]) * 900) for i in range(1500)],
    "a large value": [(b"a", b"1"), (b"b", b"x" * 600_000), (b"c", b"2"), (b"\xff\xff", b"3")],
}


@pytest.mark.parametrize("entries", ENTRIES.values(), ids=ENTRIES)
def test_reads_what_was_written(tmp_path, entries):
    with opened(tmp_path, table_bytes(entries)) as table:
        assert list(table) == entries
        for key, value in entries[:: max(1, len(entries) // 20)]:
            assert table.get(key) == value
        assert table.get(b"key000001x") is None and table.get(b"\xff\xff\xff") is None


def test_blocks_are_as_large_as_in_tensorflow(tmp_path):
    with opened(tmp_path, table_bytes(ENTRIES["many blocks"])) as table:
        assert len(table._index) == 6  # 1500 entries of about 910 bytes in blocks of 256 KB
        assert table._index_keys[0] == b"key000289"  # the last key of the first block


def test_keys_must_rise():
    writer = TableWriter(io.BytesIO())
    writer.add(b"b", b"")
    for key in (b"a", b"b"):
        with pytest.raises(ValueError, match="does not come after"):
            writer.add(key, b"")


@pytest.mark.parametrize(
    "start, limit, want",
    [
        (b"abc", b"abf", b"abd"),
        (b"abc", b"abcd", b"abc"),
        (b"abc", b"abd", b"abc"),
        (b"the quick", b"the who", b"the r"),
    ],
)
def test_short_separators(start, limit, want):
    assert sorted_table._short_key_between(start, limit) == want
    assert sorted_table._short_key_after(b"\xff\x01b") == b"\xff\x02"
    assert sorted_table._short_key_after(b"\xff") == b"\xff"


def changed(data, at, mask=1):
    data = bytearray(data)
    data[at] ^= mask
    return bytes(data)


GOOD = table_bytes(ENTRIES["shared prefixes"])


@pytest.mark.parametrize(
    "data, message",
    [
        (b"", "file is too short to be an sstable"),
        (GOOD[:20], "file is too short to be an sstable"),
        (GOOD[:-1], "not an sstable (bad magic number)"),
        (changed(GOOD, -1), "not an sstable (bad magic number)"),
        (changed(GOOD, 10), "block checksum mismatch"),
        (changed(GOOD, -60), "block checksum mismatch"),
        (GOOD[:-48] + b"\xff" * 40 + GOOD[-8:], "bad block handle"),
        # Handles that point outside the file, one of them at nearly 2^63 bytes.
        (GOOD[:-48] + (b"\0\0" + varint(0) + varint(2**62)).ljust(40, b"\0") + GOOD[-8:], "truncated block read"),
        (GOOD[:-48] + (b"\0\0" + varint(10**6) + varint(8)).ljust(40, b"\0") + GOOD[-8:], "truncated block read"),
    ],
)
def test_damage_is_found(tmp_path, data, message):
    with pytest.raises(errors.DataLossError) as caught, opened(tmp_path, data) as table:
        list(table)
    assert caught.value.message == message


@pytest.mark.parametrize(
    "block, message",
    [
        (b"", "bad block contents"),
        (b"\xff\xff\xff\x7f", "bad block contents"),
        (b"\x05\x01\x01ab" + b"\0\0\0\0\1\0\0\0", "bad entry in block"),  # shares five bytes with nothing
        (b"\x00\x01\x7fab" + b"\0\0\0\0\1\0\0\0", "bad entry in block"),  # a value longer than the block
        (b"\x80\x80\x80" + b"\0\0\0\0\1\0\0\0", "bad entry in block"),  # a number without an end
    ],
)
def test_blocks_with_a_right_checksum_and_wrong_contents(block, message):
    with pytest.raises(errors.DataLossError) as caught:
        list(sorted_table._parse_block(block + b"\0\0\0\0\0", len(block)))
    assert caught.value.message == message


@pytest.mark.parametrize("kind, error", [(1, errors.UnimplementedError), (7, errors.DataLossError)])
def test_compressed_blocks_are_named(tmp_path, kind, error, monkeypatch):
    monkeypatch.setattr(sorted_table, "_NOT_COMPRESSED", kind)
    data = table_bytes([(b"a", b"b")])
    monkeypatch.undo()
    with pytest.raises(error, match="Snappy|bad block type"):
        opened(tmp_path, data)


def test_varints():
    for number in (0, 1, 127, 128, 300, 2**32, 2**63 - 1, 2**64 - 1):
        data = varint(number)
        assert read_varint(b"x" + data, 1, 1 + len(data)) == (number, 1 + len(data))
    assert varint(300) == b"\xac\x02"
    for data in (b"", b"\x80", b"\x80" * 11 + b"\0"):
        with pytest.raises(ValueError, match="bad varint"):
            read_varint(data, 0, len(data))


def test_ordered_codes_sort_like_what_they_stand_for():
    numbers = [-(2**63), -(2**55) - 1, -8193, -8192, -65, -64, -1, 0, 1, 63, 64, 8191, 8192, 2**27, 2**55, 2**63 - 1]
    codes = [ordered_signed_number(n) for n in numbers]
    assert codes == sorted(codes)
    # The two examples in the description of the format.
    assert ordered_signed_number(0x424242).hex() == "f0424242" and ordered_signed_number(-0x800).hex() == "3800"
    assert [ordered_number(n).hex() for n in (0, 1, 256)] == ["00", "0101", "020100"]
    texts = [b"", b"\0", b"\0\xff", b"a", b"a\0", b"ab", b"\xfe", b"\xff", b"\xff\0", b"\xff\xff"]
    coded = [ordered_string(t) for t in texts]
    assert coded == sorted(coded)
    assert ordered_string(b"a\0b\xffc") == b"a\0\xffb\xff\0c\0\1"
