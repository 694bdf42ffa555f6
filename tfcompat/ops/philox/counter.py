"""Philox 4x32-10 as TensorFlow drives it: keys, 128-bit counters, and the state one random op keeps in a session.

A `Cursor` names one place in one stream; everything that draws numbers is a pure function of a cursor. Each step
of the counter gives a group of four 32-bit words.
Source: TF 1.15, core/lib/random/philox_random.h, core/util/guarded_philox_random.cc.
"""

from __future__ import annotations

import os
import threading
from typing import NamedTuple

MASK32 = 0xFFFFFFFF
MASK64 = 0xFFFFFFFFFFFFFFFF
WEYL_A, WEYL_B = 0x9E3779B9, 0xBB67AE85
MULTIPLIER_A, MULTIPLIER_B = 0xD2511F53, 0xCD9E8D57
ROUNDS = 10

# Reserved counter steps per output of the ops that fill a tensor; part of the numbers TF draws, not a tuning knob.
RESERVED_PER_OUTPUT = 256


class Cursor(NamedTuple):
    """A place in a Philox stream: the 64-bit key and the 128-bit counter of the next group of four words."""

    key: int
    counter: int

    def skip(self, groups: int) -> Cursor:
        """The cursor `groups` steps further on; `groups` is read as an unsigned 64-bit number, as TF does."""
        groups &= MASK64
        low, high = self.counter & MASK64, self.counter >> 64
        total = (low & MASK32) + (groups & MASK32)
        carry = total >> 32
        # TF adds the carry to the step's high half in 32 bits, so a step of 2**64 - x loses what overflows there.
        step_high = ((groups >> 32) + carry) & MASK32
        upper = (low >> 32) + step_high
        high = (high + (upper >> 32)) & MASK64
        return Cursor(self.key, (high << 64) | ((upper & MASK32) << 32) | (total & MASK32))


def round_keys(key: int) -> list[tuple[int, int]]:
    """The pair of 32-bit keys of each of the ten rounds."""
    low, high = key & MASK32, (key >> 32) & MASK32
    return [((low + i * WEYL_A) & MASK32, (high + i * WEYL_B) & MASK32) for i in range(ROUNDS)]


def one_group(cursor: Cursor) -> tuple[int, int, int, int]:
    """The four words at a cursor, in Python integers: the quick way for a handful of groups."""
    counter = cursor.counter
    c0, c1 = counter & MASK32, (counter >> 32) & MASK32
    c2, c3 = (counter >> 64) & MASK32, (counter >> 96) & MASK32
    for k0, k1 in round_keys(cursor.key):
        p, q = MULTIPLIER_A * c0, MULTIPLIER_B * c2
        c0, c1, c2, c3 = (q >> 32) ^ c1 ^ k0, q & MASK32, (p >> 32) ^ c3 ^ k1, p & MASK32
    return c0, c1, c2, c3


class PhiloxState:
    """The generator of one random op in one session: keyed by the op's two seeds, moved on by every execution.

    Seeds (0, 0) mean "not seeded": the stream then starts from the operating system's entropy. Thread safe.
    Source: TF 1.15, core/util/guarded_philox_random.cc.
    """

    __slots__ = ("_cursor", "_lock")

    def __init__(self, seed: int = 0, seed2: int = 0) -> None:
        if seed == 0 and seed2 == 0:
            seed, seed2 = (int.from_bytes(os.urandom(8), "little") for _ in range(2))
        self._cursor = Cursor(seed & MASK64, (seed2 & MASK64) << 64)
        self._lock = threading.Lock()

    @classmethod
    def at(cls, cursor: Cursor) -> PhiloxState:
        """A generator that goes on from a cursor, as the stateless ops make for themselves."""
        state = cls(1)
        state._cursor = cursor
        return state

    @property
    def cursor(self) -> Cursor:
        """Where the next reservation begins."""
        return self._cursor

    def reserve(self, groups: int) -> Cursor:
        """Take the next `groups` groups of four words; gives the cursor of the first."""
        with self._lock:
            start = self._cursor
            self._cursor = start.skip(groups)
        return start

    def reserve_words(self, words: int) -> Cursor:
        """Take enough groups for `words` 32-bit words."""
        return self.reserve((words + 3) // 4)

    def reserve_outputs(self, outputs: int) -> Cursor:
        """Take what TF's filling kernels take for `outputs` numbers: 256 groups each."""
        return self.reserve(outputs * RESERVED_PER_OUTPUT)


def wrap_int32(value: int) -> int:
    """`value` as a C int that overflowed: some kernels count their reservations in 32 bits."""
    return (value + 2**31) % 2**32 - 2**31
