"""Kernels that draw batch after batch from one stream: parameterized truncated normals and binomials.

A block of batches (see shards.py) starts at a place of its own; inside a block each batch goes on where the one
before stopped. Computed on the CPU, in the very type asked for, because rejection depends on every rounding.
Source: TF 1.15, core/kernels/parameterized_truncated_normal_op.cc, core/kernels/random_binomial_op.cc (CPU).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from tfcompat.ops.philox.counter import RESERVED_PER_OUTPUT, Cursor, PhiloxState, wrap_int32
from tfcompat.ops.philox.fill import normal_from_words, numbers_per_group, uniform_from_words
from tfcompat.ops.philox.shards import blocks
from tfcompat.ops.philox.words import words

_MOST_TRIES = 1000  # rejections in a row after which TF gives up; also part of how far it reserves
_BATCH_WITHOUT_PARAMETERS = 100  # equal parameters: TF cuts the output into batches of this size
_NORMAL_PROPOSAL_FROM = 1.3  # standard deviations that must lie inside the bounds on one side
# (sqrt, exp) cycles by item size in Eigen's cost model for AVX; they decide where a thread pool cuts.
_SQRT_EXP_COST = {2: (14, 19), 4: (14, 19), 8: (28, 55)}


class Batches(NamedTuple):
    """How many batches of how many samples; `total` outputs, so the last batch may be short."""

    number: int
    samples: int
    total: int


def batches_of(shape: Sequence[int], parameters: Sequence[torch.Tensor], same: bool, names: Sequence[str]) -> Batches:
    """Batches along the first axis, or ones of 100 samples when all share their parameters (`same`).

    Raises: ValueError for a shape of rank 0, and for parameters that are no scalars and not [1] or [shape[0]].
    """
    if len(shape) == 0:
        raise ValueError("Shape must have at least one dimension")
    count, samples = shape[0], math.prod(shape[1:])
    total = count * samples
    for name, value in zip(names, parameters, strict=True):
        if value.dim() > 1:
            raise ValueError(f"Input {name} should be a scalar or vector, got shape: {list(value.shape)}")
    if same:
        return Batches(-(-total // _BATCH_WITHOUT_PARAMETERS), _BATCH_WITHOUT_PARAMETERS, total)
    for name, value in zip(names, parameters, strict=True):
        if value.dim() == 1 and value.shape[0] not in (1, count):
            raise ValueError(f"Input {name} should have length 1 or shape[0], got shape: {list(value.shape)}")
    return Batches(count, samples, total)


def reserved(batches: Batches, tries: int) -> int:
    """Groups reserved for all batches, computed in C ints as TF does, overflow and all."""
    product = wrap_int32(batches.number * 2 * tries * (batches.samples + 3))
    return product // 4 if product >= 0 else -(-product // 4)


def _column(value: torch.Tensor, batches: Batches, dtype: np.dtype) -> np.ndarray:
    flat = value.detach().cpu().reshape(-1).numpy().astype(dtype)
    return np.broadcast_to(flat, (batches.number,)) if len(flat) == 1 else flat


def parameterized_truncated_normal(
    state: PhiloxState,
    shape: Sequence[int],
    means: torch.Tensor,
    stddevs: torch.Tensor,
    minvals: torch.Tensor,
    maxvals: torch.Tensor,
    threads: int = 1,
) -> torch.Tensor:
    """Normal numbers with given means, standard deviations and bounds; each parameter a scalar or one per row.

    Shapes: parameters [] or [1] or [shape[0]] -> shape, of the means' type and on their device.
    Raises: ValueError for bad shapes, a standard deviation <= 0, minval >= maxval, or two infinite bounds;
    RuntimeError when 1000 proposals in a row are refused.
    Source: TF 1.15, core/kernels/parameterized_truncated_normal_op.cc, the CPU kernel, on every device.
    """
    parameters = (means, stddevs, minvals, maxvals)
    same = means.numel() == 1 and stddevs.numel() == 1 and minvals.dim() == 0 and maxvals.dim() == 0
    batches = batches_of(shape, parameters, same, ("means", "stddevs", "minvals", "maxvals"))
    start = state.reserve(reserved(batches, _MOST_TRIES))
    dtype = torch.empty(0, dtype=means.dtype).numpy().dtype
    columns = [_column(p, batches, dtype) for p in parameters]
    out = np.empty(batches.total, dtype)
    sqrt_cost, exp_cost = _SQRT_EXP_COST[dtype.itemsize]
    per_sample = 33 + exp_cost
    cost = 11 + sqrt_cost + exp_cost + per_sample * 2 * batches.samples
    with np.errstate(all="ignore"):
        for first, limit in blocks(batches.number, cost, threads):
            cursor = start.skip(first * 2 * _MOST_TRIES * (batches.samples + 3) // 4)
            proposals = None
            for b in range(first, limit):
                row = tuple(column[b] for column in columns)
                if proposals is None or row != proposals.row:
                    need = min(batches.samples * (1 if not same else limit - b), 1 << 16)
                    proposals = _Proposals(cursor, row, need)
                begin, end = b * batches.samples, min((b + 1) * batches.samples, batches.total)
                cursor = proposals.accept(out[begin:end])
    return torch.from_numpy(out).view(tuple(shape)).to(means.device)


class _Proposals:
    """The proposals for one set of parameters from a cursor on, tested in bulk and handed out in order."""

    def __init__(self, cursor: Cursor, row: tuple, expected: int) -> None:
        self.row = row
        self._start = cursor
        self._normalize(*row)
        self._tries_ahead = max(8, expected // self._per_try + 8)
        self._drawn = 0  # tries tested so far
        self._next = 0  # the first try of the next batch
        self._where = np.empty(0, np.int64)  # numbers of the accepted proposals
        self._values = np.empty(0, row[0].dtype)

    def _normalize(self, mean: np.floating, stddev: np.floating, minval: np.floating, maxval: np.floating) -> None:
        """Bounds in standard deviations, turned so that a one-sided bound is the lower one; then pick a method."""
        if not (stddev > 0 and minval < maxval and (np.isfinite(minval) or np.isfinite(maxval))):
            raise ValueError("Invalid parameters")
        t = type(mean)
        if (np.isinf(minval) and minval < 0) or maxval < mean:
            minval, maxval, stddev = maxval, minval, -stddev
        self._mean, self._stddev = mean, stddev
        self._low = low = (minval - mean) / stddev
        self._high = high = (maxval - mean) / stddev
        root = np.sqrt(low * low + t(4))
        cutoff = t(2) * _exp(t(0.5) + (low * (low - root)) / t(4)) / (low + root)
        per_group = numbers_per_group(torch.from_numpy(np.empty(0, t)).dtype)
        margin = t(_NORMAL_PROPOSAL_FROM)
        self._propose: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
        if (low < -margin and high >= 0) or (high > margin and low <= 0):
            self._kind, self._propose, self._groups, self._per_try = "randn", self._normals, 1, per_group
        elif high - low < cutoff:
            self._kind, self._propose, self._groups, self._per_try = "uniform", self._uniforms, 2, per_group
        else:
            self._kind, self._propose, self._groups = "exponential distribution", self._exponentials, 1
            self._per_try = per_group // 2

    def _normals(self, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x = _numpy(normal_from_words, bits, type(self._mean))
        return x, (x >= self._low) & (x <= self._high)

    def _uniforms(self, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # A group of proposals, then a group of numbers to judge them by.
        drawn = _numpy(uniform_from_words, bits, type(self._mean)).reshape(-1, 2, self._per_try)
        t = type(self._mean)
        z = drawn[:, 0].reshape(-1) * (self._high - self._low) + self._low
        plus = t(0) if self._low < 0 else self._low * self._low
        return z, drawn[:, 1].reshape(-1) <= _exp((plus - z * z) / t(2))

    def _exponentials(self, bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        drawn = _numpy(uniform_from_words, bits, type(self._mean))
        t = type(self._mean)
        alpha = (self._low + np.sqrt(self._low * self._low + t(4))) / t(2)
        z = -_rounded(np.log, drawn[0::2]) / alpha + self._low
        x = alpha - z if self._low < alpha else np.full_like(z, self._low - alpha)
        return z, (drawn[1::2] <= _exp(-x * x / t(2))) & (z < self._high)

    def accept(self, out: np.ndarray) -> Cursor:
        """Fill one batch and give the cursor behind it; what is left of the last try is thrown away."""
        if len(out) == 0:
            return self._start.skip(self._next * self._groups)
        begin = self._next * self._per_try
        first = int(np.searchsorted(self._where, begin))
        while len(self._where) - first < len(out):
            self._check_run(self._where[first:], begin, self._drawn * self._per_try)
            bits = words(self._start.skip(self._drawn * self._groups), self._tries_ahead * self._groups).numpy()
            values, fits = self._propose(bits)
            accepted = np.flatnonzero(fits)
            self._where = np.concatenate((self._where[first:], accepted + self._drawn * self._per_try))
            self._values = np.concatenate((self._values[first:], values[accepted]))
            self._drawn += self._tries_ahead
            first = 0
        used = self._where[first : first + len(out)]
        self._check_run(used, begin, int(used[-1]))
        np.add(self._values[first : first + len(out)] * self._stddev, self._mean, out=out)
        self._next = int(used[-1]) // self._per_try + 1
        return self._start.skip(self._next * self._groups)

    def _check_run(self, accepted: np.ndarray, begin: int, end: int) -> None:
        """Raise when TF would have given up before `end`: too many proposals in a row were refused."""
        edges = np.concatenate(([begin - 1], accepted, [end]))
        if len(edges) > 1 and np.diff(edges).max() - 1 >= _MOST_TRIES + (self._kind == "randn"):
            raise RuntimeError(f"TruncatedNormal {self._kind} rejection sampler failed to accept a sample.")


def _numpy(make: Callable[[torch.Tensor, torch.dtype], torch.Tensor], bits: np.ndarray, t: type) -> np.ndarray:
    return make(torch.from_numpy(bits), torch.from_numpy(np.empty(0, t)).dtype).numpy()


def _rounded(function: np.ufunc, x: Any) -> Any:
    """A function in float64, rounded to x's type by way of float32: what the C library's float functions give."""
    y = function(np.asarray(x, np.float64))
    return y if x.dtype == np.float64 else y.astype(np.float32).astype(x.dtype)


def _exp(x: Any) -> Any:
    return _rounded(np.exp, x)


def binomial(
    cursor: Cursor,
    shape: Sequence[int],
    counts: torch.Tensor,
    probs: torch.Tensor,
    dtype: torch.dtype = torch.int64,
    threads: int = 1,
) -> tuple[torch.Tensor, Cursor]:
    """Numbers of successes in `counts` trials of probability `probs`; also gives the cursor behind what is reserved.

    Shapes: counts, probs [] or [1] or [shape[0]] -> shape.
    Raises: ValueError for bad shapes, and for NaN probabilities when the result is an integer.
    Source: TF 1.15, core/kernels/random_binomial_op.cc.
    """
    batches = batches_of(shape, (counts, probs), counts.numel() == 1 and probs.numel() == 1, ("counts", "probs"))
    t = torch.empty(0, dtype=counts.dtype).numpy().dtype
    count_column, prob_column = (_column(p, batches, t) for p in (counts, probs))
    if not dtype.is_floating_point and np.isnan(prob_column).any():
        raise ValueError("a binomial of NaN probability has no integer value")
    sqrt_cost, exp_cost = _SQRT_EXP_COST[t.itemsize]
    cost = 11 + sqrt_cost + exp_cost + 607 * batches.samples
    out = np.empty(batches.total)
    for first, limit in blocks(batches.number, cost, threads):
        stream = _Pairs(cursor.skip(first * 2 * 3 * (batches.samples + 3) // 4))
        for b in range(first, limit):
            begin, end = b * batches.samples, min((b + 1) * batches.samples, batches.total)
            out[begin:end] = _binomial_batch(stream, count_column[b], prob_column[b], end - begin)
    drawn = torch.from_numpy(out).to(dtype).view(tuple(shape))
    return drawn, cursor.skip(reserved(batches, 100) * RESERVED_PER_OUTPUT)


class _Pairs:
    """Pairs of uniform float64 numbers read one group at a time; a fresh sample never uses the rest of a pair."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._rows: list[list[float]] = []
        self._next = 0

    def group(self) -> list[float]:
        if self._next == len(self._rows):
            ahead = 1024 if self._rows else 64
            self._rows = uniform_from_words(words(self._cursor, ahead), torch.float64).view(-1, 2).tolist()
            self._cursor = self._cursor.skip(ahead)
            self._next = 0
        self._next += 1
        return self._rows[self._next - 1]


def _binomial_batch(stream: _Pairs, count: np.floating, prob: np.floating, samples: int) -> list[float]:
    if count <= 0 or prob <= 0:
        return [0.0] * samples
    if prob >= 1:
        return [float(count)] * samples
    if np.isnan(prob):
        return [math.nan] * samples
    flipped = bool(prob > 0.5)
    p = type(prob)(1) - prob if flipped else prob
    method = _binomial_by_rejection if count * p >= 10 else _binomial_by_inversion
    drawn = [method(stream, float(count), float(p)) for _ in range(samples)]
    return [float(count) - k for k in drawn] if flipped else drawn


def _binomial_by_inversion(stream: _Pairs, count: float, prob: float) -> float:
    """Add up geometric numbers until they pass the count of trials."""
    total, successes = 0.0, 0
    pair: list[float] = []
    scale = math.log1p(-prob)
    while True:
        if not pair:
            pair = list(stream.group())
        u = pair.pop()
        total += math.ceil(math.log(u) / scale) if u > 0 else math.inf
        if total > count:
            return float(successes)
        successes += 1


def _binomial_by_rejection(stream: _Pairs, count: float, prob: float) -> float:
    """Hormann's transformed rejection (BTRS), with TF's terms."""
    deviation = math.sqrt(count * prob * (1 - prob))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * prob
    c = count * prob + 0.5
    ratio = prob / (1 - prob)
    alpha = (2.83 + 5.1 / b) * deviation
    m = math.floor((count + 1) * prob)
    while True:
        v, u = stream.group()
        u -= 0.5
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + c) if us else -1
        if us >= 0.07 and v <= 0.92 - 4.2 / b:
            return float(k)
        if k < 0 or k > count:
            continue
        height = v * alpha / (a / (us * us) + b)
        bound = (
            (m + 0.5) * math.log((m + 1) / (ratio * (count - m + 1)))
            + (count + 1) * math.log((count - m + 1) / (count - k + 1))
            + (k + 0.5) * math.log(ratio * (count - k + 1) / (k + 1))
            + _stirling_tail(m)
            + _stirling_tail(count - m)
            - _stirling_tail(k)
            - _stirling_tail(count - k)
        )
        if height == 0 or math.log(height) <= bound:
            return float(k)


def _stirling_tail(k: float) -> float:
    """ln k! less Stirling's main terms; exact below ten, a series above."""
    if k <= 9:
        return math.lgamma(k + 1) - ((k + 0.5) * math.log(k + 1) - (k + 1) + 0.5 * math.log(2 * math.pi))
    square = (k + 1) ** 2
    return (1.0 / 12 - (1.0 / 360 + 1.0 / 1260 / square) / square) / (k + 1)
