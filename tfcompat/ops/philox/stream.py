"""One stream read number by number, for algorithms that decide from each draw what to draw next.

Source: TF 1.15, core/lib/random/simple_philox.h, core/lib/random/exact_uniform_int.h.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfcompat.ops.philox.counter import MASK32, MASK64, Cursor
from tfcompat.ops.philox.words import words


class WordStream:
    """The words from a cursor on, in order, computed some groups ahead and never twice.

    Not thread safe: every execution of an op reads a stream of its own.
    """

    def __init__(self, cursor: Cursor, ahead: int = 16) -> None:
        self._cursor = cursor
        self._ahead = ahead
        self._words = np.empty(0, np.uint32)
        self._next = 0

    def take(self, count: int) -> np.ndarray:
        """The next `count` words.

        Shapes: -> uint32 [count]; the array is the caller's to read, not to write.
        """
        missing = self._next + count - len(self._words)
        if missing > 0:
            groups = max((missing + 3) // 4, self._ahead)
            fresh = words(self._cursor, groups).numpy().view(np.uint32).reshape(-1)
            self._cursor = self._cursor.skip(groups)
            self._words = np.concatenate((self._words[self._next :], fresh))
            self._next = 0
            self._ahead = min(2 * self._ahead, 4096)
        self._next += count
        return self._words[self._next - count : self._next]

    def give_back(self, count: int) -> None:
        """Undo the last `count` words of the latest `take`."""
        self._next -= count

    def word(self) -> int:
        """The next 32 random bits."""
        return int(self.take(1)[0])

    def word64(self) -> int:
        """The next 64 random bits, the first word being the lower half."""
        low, high = self.take(2)
        return int(low) | int(high) << 32

    def float32(self) -> float:
        """A uniform float32 in [0, 1)."""
        return (self.word() & 0x7FFFFF) * 2.0**-23

    def float64(self) -> float:
        """A uniform float64 in [0, 1), the first word being the upper part."""
        return float(doubles(self.take(2))[0])

    def below(self, n: int) -> int:
        """A uniform integer in [0, n), n < 2**32, drawn again while it would favour small numbers."""
        return self._exact(n, MASK32, self.word)

    def below64(self, n: int) -> int:
        """A uniform integer in [0, n), n < 2**64, drawn again while it would favour small numbers."""
        return self._exact(n, MASK64, self.word64)

    @staticmethod
    def _exact(n: int, mask: int, draw: Callable[[], int]) -> int:
        drawn = draw()
        while drawn < first_fair(n, mask):
            drawn = draw()
        return drawn % n if n else 0


def first_fair(n: int, mask: int) -> int:
    """The least draw that is kept when numbers from [0, mask] are reduced modulo n without favouring any."""
    return 0 if n & (n - 1) == 0 else mask % n + 1


def doubles(pairs: np.ndarray) -> np.ndarray:
    """Uniform float64 numbers in [0, 1) of consecutive pairs of words.

    Shapes: uint32 [2 n] -> [n].
    """
    upper = (pairs[0::2] & np.uint32(0xFFFFF)).astype(np.uint64)
    bits = (upper << np.uint64(32)) | pairs[1::2]
    fractions: np.ndarray = bits.astype(np.float64) * 2.0**-52
    return fractions
