"""FarmHash's Fingerprint64, the hash behind tf.fingerprint and the hash buckets of strings.

Source: the published algorithm (farmhashna), whose value for given bytes never changes.
"""

from __future__ import annotations

import struct

_ALL = (1 << 64) - 1
_K0 = 0xC3A5C85C97CB3127
_K1 = 0xB492B66FBE98F273
_K2 = 0x9AE16A3B2F90404F


def fingerprint64(data: bytes) -> int:
    """The 64-bit fingerprint of some bytes, as an unsigned number."""
    n = len(data)
    if n <= 16:
        return _up_to_16(data, n)
    if n <= 32:
        return _up_to_32(data, n)
    return _up_to_64(data, n) if n <= 64 else _longer(data, n)


def _word(data: bytes, at: int) -> int:
    return struct.unpack_from("<Q", data, at)[0]  # type: ignore[no-any-return]


def _half(data: bytes, at: int) -> int:
    return struct.unpack_from("<I", data, at)[0]  # type: ignore[no-any-return]


def _turn(value: int, by: int) -> int:
    value &= _ALL
    return (value >> by | value << (64 - by)) & _ALL


def _fold(value: int) -> int:
    value &= _ALL
    return value ^ value >> 47


def _mix(u: int, v: int, mul: int) -> int:
    a = _fold((u ^ v) * mul)
    return _fold((v ^ a) * mul) * mul & _ALL


def _up_to_16(s: bytes, n: int) -> int:
    mul = _K2 + n * 2 & _ALL
    if n >= 8:
        a = _word(s, 0) + _K2 & _ALL
        b = _word(s, n - 8)
        c = _turn(b, 37) * mul + a & _ALL
        d = (_turn(a, 25) + b) * mul & _ALL
        return _mix(c, d, mul)
    if n >= 4:
        return _mix(n + (_half(s, 0) << 3), _half(s, n - 4), mul)
    if n:
        y = s[0] + (s[n >> 1] << 8)
        z = n + (s[n - 1] << 2)
        return _fold(y * _K2 & _ALL ^ z * _K0 & _ALL) * _K2 & _ALL
    return _K2


def _up_to_32(s: bytes, n: int) -> int:
    mul = _K2 + n * 2 & _ALL
    a = _word(s, 0) * _K1 & _ALL
    b = _word(s, 8)
    c = _word(s, n - 8) * mul & _ALL
    d = _word(s, n - 16) * _K2 & _ALL
    left = _turn(a + b, 43) + _turn(c, 30) + d & _ALL
    return _mix(left, a + _turn(b + _K2, 18) + c & _ALL, mul)


def _up_to_64(s: bytes, n: int) -> int:
    mul = _K2 + n * 2 & _ALL
    a = _word(s, 0) * _K2 & _ALL
    b = _word(s, 8)
    c = _word(s, n - 8) * mul & _ALL
    d = _word(s, n - 16) * _K2 & _ALL
    y = _turn(a + b, 43) + _turn(c, 30) + d & _ALL
    z = _mix(y, a + _turn(b + _K2, 18) + c & _ALL, mul)
    e = _word(s, 16) * mul & _ALL
    f = _word(s, 24)
    g = (y + _word(s, n - 32)) * mul & _ALL
    h = (z + _word(s, n - 24)) * mul & _ALL
    return _mix(_turn(e + f, 43) + _turn(g, 30) + h & _ALL, e + _turn(f + a, 18) + g & _ALL, mul)


def _weak(s: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = struct.unpack_from("<4Q", s, at)
    a = a + w & _ALL
    b = _turn(b + a + z, 21)
    c = a
    a = a + x + y & _ALL
    b = b + _turn(a, 44) & _ALL
    return a + z & _ALL, b + c & _ALL


def _longer(s: bytes, n: int) -> int:
    x = 81
    y = 81 * _K1 + 113 & _ALL
    z = _fold(y * _K2 + 113) * _K2 & _ALL
    v, w = (0, 0), (0, 0)
    x = x * _K2 + _word(s, 0) & _ALL
    blocks = (n - 1) // 64
    for at in range(0, blocks * 64, 64):
        x, y, z, v, w = _round(s, at, x, y, z, v, w, _K1, 1)
    mul = _K1 + ((z & 0xFF) << 1) & _ALL
    rest = (n - 1) & 63
    first = w[0] + rest & _ALL
    v = (v[0] + first & _ALL, v[1])
    w = (first + v[0] & _ALL, w[1])
    x, y, z, v, w = _round(s, n - 64, x, y, z, v, w, mul, 9)
    return _mix(
        _mix(v[0], w[0], mul) + _fold(y) * _K0 + z & _ALL,
        _mix(v[1], w[1], mul) + x & _ALL,
        mul,
    )


def _round(
    s: bytes, at: int, x: int, y: int, z: int, v: tuple[int, int], w: tuple[int, int], mul: int, weight: int
) -> tuple[int, int, int, tuple[int, int], tuple[int, int]]:
    """One block of 64 bytes; x and z come back swapped."""
    x = _turn(x + y + v[0] + _word(s, at + 8), 37) * mul & _ALL
    y = _turn(y + v[1] + _word(s, at + 48), 42) * mul & _ALL
    x ^= w[1] * weight & _ALL
    y = y + v[0] * weight + _word(s, at + 40) & _ALL
    z = _turn(z + w[0], 33) * mul & _ALL
    v = _weak(s, at, v[1] * mul & _ALL, x + w[0] & _ALL)
    w = _weak(s, at + 32, z + w[1] & _ALL, y + _word(s, at + 16) & _ALL)
    return z, y, x, v, w
