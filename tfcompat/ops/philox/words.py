"""Blocks of Philox words as tensors: numpy on the CPU in blocks that stay in cache, torch int64 elsewhere.

All functions give int32 tensors of shape [groups, 4] whose bits are TF's uint32 words in stream order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tfcompat.ops.philox.counter import MASK32, MASK64, MULTIPLIER_A, MULTIPLIER_B, Cursor, one_group, round_keys

_BLOCK = 16384  # groups: six uint64 buffers of this size fit a core's second-level cache
_SMALL = 7  # up to here Python integers beat fifty calls on arrays

_LOW, _32 = np.uint64(MASK32), np.uint64(32)
_MULTIPLIERS = np.array([[MULTIPLIER_A], [MULTIPLIER_B]], np.uint64)

Device = torch.device | str | None


def words(cursor: Cursor, groups: int, device: Device = None) -> torch.Tensor:
    """The words of `groups` consecutive groups from `cursor` on.

    Shapes: -> int32 [groups, 4].
    """
    device = torch.device("cpu" if device is None else device)
    out = torch.empty((groups, 4), dtype=torch.int32, device=device)
    low = cursor.counter & MASK64
    before_wrap = min(groups, MASK64 + 1 - low)
    _fill(out[:before_wrap], cursor)
    if before_wrap < groups:  # the low half of the counter runs over once at most
        _fill(out[before_wrap:], Cursor(cursor.key, (((cursor.counter >> 64) + 1) & MASK64) << 64))
    return out


def words_at(cursor: Cursor, steps: torch.Tensor) -> torch.Tensor:
    """The words of the groups `steps` further on than `cursor`; steps must be less than 2**62.

    Shapes: steps int64 [n] -> int32 [n, 4], on the device of `steps`.
    """
    low, high = cursor.counter & MASK64, cursor.counter >> 64
    if low >= 2**62:  # a sum could run over: take the groups on either side of the wrap apart
        wrapped = steps >= MASK64 + 1 - low if low > MASK64 - 2**62 else torch.zeros_like(steps, dtype=torch.bool)
        if bool(wrapped.any()):
            out = torch.empty((steps.numel(), 4), dtype=torch.int32, device=steps.device)
            after = Cursor(cursor.key, ((high + 1) & MASK64) << 64)
            out[wrapped] = words_at(after, steps[wrapped] - (MASK64 + 1 - low))
            out[~wrapped] = _at(steps[~wrapped], cursor)
            return out
    return _at(steps, cursor)


def _fill(out: torch.Tensor, cursor: Cursor) -> None:
    """Words from a cursor on, for a range over which the low 64 bits of the counter do not run over."""
    groups = out.shape[0]
    if groups == 0:
        return
    low, high = cursor.counter & MASK64, cursor.counter >> 64
    if out.device.type != "cpu":
        counter = torch.arange(groups, dtype=torch.int64, device=out.device) + _signed(low)
        out.copy_(_torch_rounds(counter, high, cursor.key))
        return
    array = out.numpy()
    if groups <= _SMALL:
        rows = [one_group(Cursor(cursor.key, cursor.counter + i)) for i in range(groups)]
        array.view(np.uint32)[:] = np.array(rows, np.uint32)
        return
    pairs = array.view(np.uint64)
    for start in range(0, groups, _BLOCK):
        block = pairs[start : start + _BLOCK]
        _numpy_rounds(np.arange(len(block), dtype=np.uint64) + np.uint64(low + start), high, cursor.key, block)


def _at(steps: torch.Tensor, cursor: Cursor) -> torch.Tensor:
    low, high = cursor.counter & MASK64, cursor.counter >> 64
    if steps.device.type != "cpu":
        return _torch_rounds(steps + _signed(low), high, cursor.key)
    counters = steps.numpy().view(np.uint64) + np.uint64(low)
    pairs = np.empty((steps.numel(), 2), np.uint64)
    for i in range(0, len(pairs), _BLOCK):
        _numpy_rounds(counters[i : i + _BLOCK], high, cursor.key, pairs[i : i + _BLOCK])
    return torch.from_numpy(pairs.view(np.int32))


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _first_rounds(c0: Any, c1: Any, high: int, keys: list[tuple[int, int]]) -> tuple[Any, Any, Any, Any]:
    """Two rounds written with operators: while half of the state is one number for the whole block, keep it one."""
    c2, c3 = high & MASK32, high >> 32
    for k0, k1 in keys[:2]:
        p, q = c0 * MULTIPLIER_A, c2 * MULTIPLIER_B
        c0, c1, c2, c3 = ((q >> 32) & MASK32) ^ c1 ^ k0, q & MASK32, ((p >> 32) & MASK32) ^ c3 ^ k1, p & MASK32
    return c0, c1, c2, c3


def _numpy_rounds(counter: np.ndarray, high: int, key: int, out: np.ndarray) -> None:
    """All ten rounds over uint64 counters (low halves); each row of `out` takes two uint64 of two words."""
    keys = round_keys(key)
    c0, c1 = counter & _LOW, counter >> _32
    upper = int(c1[0])
    shared = upper == int(c1[-1]) and bool((c1 == c1[0]).all())
    state = _first_rounds(c0, upper if shared else c1, high, keys)
    # Words 0 and 2 make one array of two rows, and so do 1 and 3: half as many calls, each over twice the numbers.
    even, odd, spare = np.empty((3, 2, len(counter)), np.uint64)
    even[0], odd[0], even[1], odd[1] = state
    for k in np.array(keys[2:], np.uint64)[:, :, None]:
        np.multiply(even, _MULTIPLIERS, out=spare)
        crossed = spare[::-1]
        np.right_shift(crossed, _32, out=even)
        # The low halves in `odd` keep their upper 32 bits; the mask below drops them where they would matter.
        np.bitwise_xor(even, odd, out=even)
        np.bitwise_xor(even, k, out=even)
        np.bitwise_and(even, _LOW, out=even)
        odd, spare = crossed, odd
    np.left_shift(odd, _32, out=odd)
    np.bitwise_or(even, odd, out=out.T)


def _torch_rounds(counter: torch.Tensor, high: int, key: int) -> torch.Tensor:
    """The same over int64 tensors of any device: products wrap, and masks undo the sign that a shift drags in."""
    keys = round_keys(key)
    c0, c1, c2, c3 = _first_rounds(counter & MASK32, (counter >> 32) & MASK32, high, keys)
    c1, c3 = (x if isinstance(x, torch.Tensor) else torch.full_like(counter, x) for x in (c1, c3))
    for k0, k1 in keys[2:]:
        p, q = c0 * MULTIPLIER_A, c2 * MULTIPLIER_B
        c0 = (q >> 32).bitwise_xor_(c1).bitwise_xor_(k0).bitwise_and_(MASK32)
        c2 = (p >> 32).bitwise_xor_(c3).bitwise_xor_(k1).bitwise_and_(MASK32)
        c1, c3 = q, p
    return torch.stack((c0 | (c1 << 32), c2 | (c3 << 32)), dim=1).view(torch.int32)
