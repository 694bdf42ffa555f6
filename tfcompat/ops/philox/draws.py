"""One function per random op: stateful ones take the op's PhiloxState, stateless ones a seed, RNG ones a state vector.

Source: TF 1.15, core/kernels/random_op.cc, core/kernels/stateless_random_ops.cc, core/kernels/stateful_random_ops.cc,
python/ops/stateful_random_ops.py (create_rng_state).
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import torch

from tfcompat.ops.philox.choices import multinomial
from tfcompat.ops.philox.counter import MASK64, RESERVED_PER_OUTPUT, Cursor, PhiloxState, one_group
from tfcompat.ops.philox.fill import (
    fill_full_int,
    fill_normal,
    fill_truncated_normal,
    fill_uniform,
    fill_uniform_int,
)
from tfcompat.ops.philox.per_batch import binomial
from tfcompat.ops.philox.words import Device

Shape = Sequence[int]
RNG_STATE_SIZE = 3  # int64 words of a Philox generator's state: low and high half of the counter, then the key
_SCRAMBLE_KEY = 0x02461E29_3EC8F720


def random_uniform(
    state: PhiloxState, shape: Shape, dtype: torch.dtype = torch.float32, device: Device = None
) -> torch.Tensor:
    """Uniform numbers in [0, 1): op RandomUniform."""
    count = math.prod(shape)
    return fill_uniform(state.reserve_outputs(count), count, dtype, device).reshape(tuple(shape))


def random_uniform_int(
    state: PhiloxState,
    shape: Shape,
    minval: int,
    maxval: int,
    dtype: torch.dtype = torch.int32,
    device: Device = None,
) -> torch.Tensor:
    """Integers in [minval, maxval): op RandomUniformInt. An empty result is given without looking at the bounds.

    Raises: ValueError unless minval < maxval.
    """
    count = math.prod(shape)
    if count == 0:
        return torch.empty(tuple(shape), dtype=dtype, device=device)
    if minval >= maxval:
        raise ValueError(f"Need minval < maxval, got {minval} >= {maxval}")
    return fill_uniform_int(state.reserve_outputs(count), count, minval, maxval, dtype, device).reshape(tuple(shape))


def random_standard_normal(
    state: PhiloxState, shape: Shape, dtype: torch.dtype = torch.float32, device: Device = None
) -> torch.Tensor:
    """Standard normal numbers: op RandomStandardNormal."""
    count = math.prod(shape)
    return fill_normal(state.reserve_outputs(count), count, dtype, device).reshape(tuple(shape))


def truncated_normal(
    state: PhiloxState, shape: Shape, dtype: torch.dtype = torch.float32, device: Device = None
) -> torch.Tensor:
    """Standard normal numbers of magnitude below 2: op TruncatedNormal."""
    count = math.prod(shape)
    return fill_truncated_normal(state.reserve_outputs(count), count, dtype, device).reshape(tuple(shape))


def stateless_cursor(seed: Sequence[int]) -> Cursor:
    """The stream of a pair of seeds, which are scrambled by one turn of Philox under a fixed key.

    Raises: ValueError unless there are two seeds.
    """
    if len(seed) != 2:
        raise ValueError(f"seed must have shape [2], not [{len(seed)}]")
    mix = one_group(Cursor(_SCRAMBLE_KEY, (int(seed[1]) & MASK64) << 64 | (int(seed[0]) & MASK64)))
    return Cursor(mix[1] << 32 | mix[0], (mix[3] << 32 | mix[2]) << 64)


def stateless_random_uniform(
    shape: Shape, seed: Sequence[int], dtype: torch.dtype = torch.float32, device: Device = None
) -> torch.Tensor:
    """Uniform numbers in [0, 1): op StatelessRandomUniform."""
    return fill_uniform(stateless_cursor(seed), math.prod(shape), dtype, device).reshape(tuple(shape))


def stateless_random_normal(
    shape: Shape, seed: Sequence[int], dtype: torch.dtype = torch.float32, device: Device = None
) -> torch.Tensor:
    """Standard normal numbers: op StatelessRandomNormal."""
    return fill_normal(stateless_cursor(seed), math.prod(shape), dtype, device).reshape(tuple(shape))


def stateless_truncated_normal(
    shape: Shape, seed: Sequence[int], dtype: torch.dtype = torch.float32, device: Device = None
) -> torch.Tensor:
    """Standard normal numbers of magnitude below 2: op StatelessTruncatedNormal."""
    return fill_truncated_normal(stateless_cursor(seed), math.prod(shape), dtype, device).reshape(tuple(shape))


def stateless_random_uniform_int(
    shape: Shape,
    seed: Sequence[int],
    minval: int,
    maxval: int,
    dtype: torch.dtype = torch.int32,
    device: Device = None,
) -> torch.Tensor:
    """Integers in [minval, maxval): op StatelessRandomUniformInt. Bounds are not looked at for an empty result."""
    count = math.prod(shape)
    cursor = stateless_cursor(seed)
    if count == 0:
        return torch.empty(tuple(shape), dtype=dtype, device=device)
    return fill_uniform_int(cursor, count, minval, maxval, dtype, device).reshape(tuple(shape))


def stateless_multinomial(
    logits: torch.Tensor,
    num_samples: int,
    seed: Sequence[int],
    output_dtype: torch.dtype = torch.int64,
    threads: int = 1,
) -> torch.Tensor:
    """Class numbers from logits: op StatelessMultinomial."""
    return multinomial(PhiloxState.at(stateless_cursor(seed)), logits, num_samples, output_dtype, threads)


def rng_state_from_seed(seed: int | Sequence[int]) -> list[int]:
    """The state of a tf.random.experimental Philox generator made from a seed of up to 192 bits."""
    if isinstance(seed, int):
        seed = [seed >> 64 * i & MASK64 for i in range(RNG_STATE_SIZE)]
    parts = [_signed(int(part)) for part in list(seed)[:RNG_STATE_SIZE]]
    return [0] * (RNG_STATE_SIZE - len(parts)) + parts


def rng_cursor(rng_state: Sequence[int]) -> Cursor:
    """Where a generator's state vector (three int64) stands.

    Raises: ValueError when it is shorter.
    """
    if len(rng_state) < RNG_STATE_SIZE:
        raise ValueError(
            f"For the Philox algorithm, the size of state must be at least {RNG_STATE_SIZE}; got {len(rng_state)}"
        )
    low, high, key = (int(x) & MASK64 for x in rng_state[:RNG_STATE_SIZE])
    return Cursor(key, high << 64 | low)


def rng_state_at(cursor: Cursor) -> list[int]:
    """The state vector of a cursor."""
    return [_signed(cursor.counter & MASK64), _signed(cursor.counter >> 64), _signed(cursor.key)]


def rng_skip(rng_state: Sequence[int], delta: int) -> list[int]:
    """The state vector moved on as if `delta` numbers had been drawn: op RngSkip."""
    return _take(rng_state, delta)[1]


def _take(rng_state: Sequence[int], count: int) -> tuple[Cursor, list[int]]:
    cursor = rng_cursor(rng_state)
    return cursor, rng_state_at(cursor.skip(count * RESERVED_PER_OUTPUT))


def stateful_uniform(
    rng_state: Sequence[int], shape: Shape, dtype: torch.dtype = torch.float32, device: Device = None
) -> tuple[torch.Tensor, list[int]]:
    """Uniform numbers in [0, 1) and the generator's next state: op StatefulUniform."""
    count = math.prod(shape)
    cursor, after = _take(rng_state, count)
    return fill_uniform(cursor, count, dtype, device).reshape(tuple(shape)), after


def stateful_standard_normal(
    rng_state: Sequence[int], shape: Shape, dtype: torch.dtype = torch.float32, device: Device = None
) -> tuple[torch.Tensor, list[int]]:
    """Standard normal numbers and the generator's next state: ops StatefulStandardNormal and ...V2."""
    count = math.prod(shape)
    cursor, after = _take(rng_state, count)
    return fill_normal(cursor, count, dtype, device).reshape(tuple(shape)), after


def stateful_truncated_normal(
    rng_state: Sequence[int], shape: Shape, dtype: torch.dtype = torch.float32, device: Device = None
) -> tuple[torch.Tensor, list[int]]:
    """Standard normal numbers of magnitude below 2 and the generator's next state: op StatefulTruncatedNormal."""
    count = math.prod(shape)
    cursor, after = _take(rng_state, count)
    return fill_truncated_normal(cursor, count, dtype, device).reshape(tuple(shape)), after


def stateful_uniform_int(
    rng_state: Sequence[int],
    shape: Shape,
    minval: int,
    maxval: int,
    dtype: torch.dtype = torch.int64,
    device: Device = None,
) -> tuple[torch.Tensor, list[int]]:
    """Integers in [minval, maxval) and the generator's next state: op StatefulUniformInt.

    Raises: ValueError unless minval < maxval, for empty results too.
    """
    count = math.prod(shape)
    cursor, after = _take(rng_state, count)
    return fill_uniform_int(cursor, count, minval, maxval, dtype, device).reshape(tuple(shape)), after


def stateful_uniform_full_int(
    rng_state: Sequence[int], shape: Shape, dtype: torch.dtype = torch.uint64, device: Device = None
) -> tuple[torch.Tensor, list[int]]:
    """Integers over their type's whole range and the generator's next state: op StatefulUniformFullInt."""
    count = math.prod(shape)
    cursor, after = _take(rng_state, count)
    return fill_full_int(cursor, count, dtype, device).reshape(tuple(shape)), after


def stateful_random_binomial(
    rng_state: Sequence[int],
    shape: Shape,
    counts: torch.Tensor,
    probs: torch.Tensor,
    dtype: torch.dtype = torch.int64,
    threads: int = 1,
) -> tuple[torch.Tensor, list[int]]:
    """Binomial numbers and the generator's next state: op StatefulRandomBinomial."""
    drawn, cursor = binomial(rng_cursor(rng_state), shape, counts, probs, dtype, threads)
    return drawn, rng_state_at(cursor)


def non_deterministic_ints(shape: Shape, dtype: torch.dtype = torch.int64) -> torch.Tensor:
    """Bits from the operating system: op NonDeterministicInts.

    Raises: TypeError for types that are not 32- or 64-bit integers.
    """
    if dtype not in (torch.int32, torch.int64, torch.uint32, torch.uint64):
        raise TypeError(f"Unsupported dtype: {dtype}")
    count = math.prod(shape)
    bits = bytearray(os.urandom(count * dtype.itemsize))
    return torch.frombuffer(bits, dtype=dtype).view(tuple(shape)) if count else torch.empty(tuple(shape), dtype=dtype)


def _signed(value: int) -> int:
    value &= MASK64
    return value - 2**64 if value >> 63 else value
