"""Numbers in the byte forms that TensorFlow's files use: varints, and the ordered code of checkpoint keys."""

from __future__ import annotations

_LONGEST_VARINT = 10
_ESCAPED = {0: b"\x00\xff", 255: b"\xff\x00"}


def varint(number: int) -> bytes:
    """The number in groups of seven bits, the lowest first; a set high bit says that more follow."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def read_varint(data: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
    """The number that starts at `at`, and where it ends.

    Raises: ValueError when it does not end before `end`, or is too long.
    """
    number = 0
    for position in range(at, min(end, at + _LONGEST_VARINT)):
        byte = data[position]
        number |= (byte & 0x7F) << 7 * (position - at)
        if byte < 0x80:
            return number, position + 1
    raise ValueError("bad varint")


def ordered_number(number: int) -> bytes:
    """A number of 0 and more, so that byte strings compare as the numbers do: its length in bytes, then big-endian."""
    size = (number.bit_length() + 7) // 8
    return bytes((size,)) + number.to_bytes(size, "big")


def ordered_string(text: bytes) -> bytes:
    """A string with an end mark, so that a prefix comes first: 0 and 255 are escaped, 0 1 ends it."""
    return b"".join(_ESCAPED.get(byte) or bytes((byte,)) for byte in text) + b"\0\1"


def ordered_signed_number(number: int) -> bytes:
    """A signed number of 64 bits: as many leading bits as bytes, set for numbers of 0 and more, then the number."""
    magnitude = ~number if number < 0 else number
    # n bytes have 7 n bits for the number and its sign; beyond 8 bytes the marks spill into the second byte.
    size = magnitude.bit_length() // 7 + 1
    marks = ((1 << size) - 1) << (8 * size - size)
    return ((number & ((1 << 8 * size) - 1)) ^ marks).to_bytes(size, "big")
