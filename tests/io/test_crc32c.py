"""CRC-32C against published check values and a bit-by-bit definition."""

from __future__ import annotations

import numpy as np
import pytest

from tfcompat.io.crc32c import crc32c, mask, masked_crc32c, unmask

# RFC 3720, section B.4
PUBLISHED = [
    (b"\0" * 32, 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
    (b"123456789", 0xE3069283),
    (b"", 0),
]


def bit_by_bit(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize("data, want", PUBLISHED)
def test_published_values(data, want):
    assert crc32c(data) == want


@pytest.mark.parametrize("size", [1, 4, 47, 48, 49, 511, 512, 513, 559, 560, 1024, 1500, 65535, 65536, 66100])
def test_every_way_through_gives_the_definition(size):
    data = np.random.RandomState(size).bytes(size)
    want = bit_by_bit(data)
    assert crc32c(data) == want
    assert crc32c(bytearray(data)) == crc32c(memoryview(data)) == crc32c(np.frombuffer(data, np.uint8)) == want
    assert crc32c(data[size // 3 :], crc32c(data[: size // 3])) == want


def test_arrays_count_as_their_bytes():
    array = np.arange(600, dtype=np.float32).reshape(20, 30)
    assert crc32c(array) == crc32c(array.tobytes())
    assert crc32c(array.T) == crc32c(np.ascontiguousarray(array.T).tobytes())
    assert crc32c(np.array(1.5)) == crc32c(np.array(1.5).tobytes())


def test_masks():
    for crc in (0, 1, 0x8A9136AA, 0xFFFFFFFF):
        assert unmask(mask(crc)) == crc
    # The masked checksum of the length of an empty record, as it stands in TFRecord files.
    assert masked_crc32c(b"\0" * 8) == int.from_bytes(bytes.fromhex("29039807"), "little")
