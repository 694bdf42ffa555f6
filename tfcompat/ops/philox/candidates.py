"""Candidate samplers: classes drawn for sampled losses, with the counts one may expect of them.

A sampler object is one op's: it holds its distribution (the learned one changes with every execution). All work is
done on the CPU, in bulk: a stretch of draws is turned into classes at once and cut where enough are found.
Source: TF 1.15, core/kernels/candidate_sampler_ops.cc, core/kernels/range_sampler.cc, core/lib/random/
weighted_picker.cc, core/lib/random/distribution_sampler.cc.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import torch

from tfcompat.ops.philox.counter import MASK32, MASK64, PhiloxState, wrap_int32
from tfcompat.ops.philox.stream import WordStream, doubles, first_fair

_WORDS_PER_CANDIDATE = 2048  # reserved for each candidate


class Candidates(NamedTuple):
    """What a candidate sampler gives: classes, and expected counts of the true and of the sampled ones."""

    sampled: torch.Tensor
    true_expected_count: torch.Tensor
    sampled_expected_count: torch.Tensor


class CandidateSampler:
    """Draws classes from [0, range_max); subclasses say how one draw is made and how probable a class is.

    Raises: ValueError unless range_max > 0.
    """

    def __init__(self, range_max: int) -> None:
        if range_max <= 0:
            raise ValueError(f"range_max must be positive, got {range_max}")
        self.range_max = range_max

    def sample(self, state: PhiloxState, true_classes: torch.Tensor, num_sampled: int, unique: bool) -> Candidates:
        """Draw `num_sampled` classes, without repeats if `unique`.

        Shapes: true_classes int64 [batch, num_true] -> int64 [num_sampled], float32 [batch, num_true],
        float32 [num_sampled].
        Raises: ValueError when true_classes is no matrix, or unique classes would run out.
        """
        if true_classes.dim() != 2:
            raise ValueError("true_classes must be a matrix")
        if unique and num_sampled > self.range_max:
            raise ValueError("Sampler's range is too small.")
        stream = WordStream(state.reserve_words(wrap_int32(_WORDS_PER_CANDIDATE * num_sampled)))
        true = true_classes.cpu().numpy()
        with np.errstate(all="ignore"):
            sampled, tries = self._pick(stream, num_sampled, unique)
            true_count, sampled_count = (
                _expected_count(self._probability(ids), num_sampled, tries) for ids in (true, sampled)
            )
        self._learn(true.reshape(-1))
        device = true_classes.device
        return Candidates(*(torch.from_numpy(x).to(device) for x in (sampled, true_count, sampled_count)))

    def _pick(self, stream: WordStream, count: int, unique: bool) -> tuple[np.ndarray, int]:
        """The classes, and how many draws they took."""
        if not unique or count == 0:
            return self._draw(stream, count), count
        drawn = np.empty(0, np.int64)
        while True:
            drawn = np.concatenate((drawn, self._draw(stream, max(count, len(drawn)))))
            first = np.sort(np.unique(drawn, return_index=True)[1])[:count]
            if len(first) == count:
                return drawn[first], int(first[-1]) + 1

    def _draw(self, stream: WordStream, count: int) -> np.ndarray:
        raise NotImplementedError

    def _probability(self, ids: np.ndarray) -> np.ndarray:
        """float32 chance of one draw giving each of the classes."""
        raise NotImplementedError

    def _learn(self, true: np.ndarray) -> None:
        """Take note of the true classes just seen."""


def _expected_count(chance: np.ndarray, count: int, tries: int) -> np.ndarray:
    """Expected occurrences in the sample, in float32 steps; with repeats left out, the chance of being in it."""
    chance = chance.astype(np.float32)
    if tries == count:
        return chance * np.float32(count)
    miss = np.log1p(-chance.astype(np.float64)).astype(np.float32) * np.float32(tries)
    return -np.expm1(miss.astype(np.float64)).astype(np.float32)


def _fair_words(stream: WordStream, count: int, n: int) -> np.ndarray:
    """`count` uniform integers in [0, n), n < 2**32, of one word each and one more for each draw refused."""
    kept = stream.take(count)
    least = first_fair(n, MASK32)
    while least:
        kept = kept[kept >= least]
        if len(kept) == count:
            break
        kept = np.concatenate((kept, stream.take(count - len(kept))))
    return kept.astype(np.int64) % n


class UniformSampler(CandidateSampler):
    """Every class alike: UniformCandidateSampler."""

    def _draw(self, stream: WordStream, count: int) -> np.ndarray:
        n, least = self.range_max, first_fair(self.range_max, MASK64)
        kept = np.empty(0, np.uint64)
        while len(kept) < count:
            halves = stream.take(2 * (count - len(kept))).astype(np.uint64)
            kept = np.concatenate((kept, halves[0::2] | halves[1::2] << np.uint64(32)))
            kept = kept[kept >= np.uint64(least)]
        return (kept % np.uint64(n)).astype(np.int64)

    def _probability(self, ids: np.ndarray) -> np.ndarray:
        return np.full(ids.shape, 1.0 / self.range_max, np.float32)


class LogUniformSampler(CandidateSampler):
    """LogUniformCandidateSampler: class k with chance log((k + 2) / (k + 1)) / log(range_max + 1), near Zipf's law."""

    def __init__(self, range_max: int) -> None:
        super().__init__(range_max)
        self._log_range = math.log1p(range_max)

    def _draw(self, stream: WordStream, count: int) -> np.ndarray:
        value = np.exp(doubles(stream.take(2 * count)) * self._log_range).astype(np.int64) - 1
        return value % self.range_max

    def _probability(self, ids: np.ndarray) -> np.ndarray:
        return (np.log((ids + 2.0) / (ids + 1.0)) / self._log_range).astype(np.float32)


class LearnedUnigramSampler(CandidateSampler):
    """By how often each class was a true one so far, plus one: LearnedUnigram and ThreadUnsafeUnigram samplers.

    Thread safe.
    """

    def __init__(self, range_max: int) -> None:
        super().__init__(range_max)
        if range_max >= 2**31 - 1:
            raise ValueError(f"range_max must be less than {2**31 - 1}, got {range_max}")
        self._weights = np.ones(range_max, np.int64)
        self._lock = threading.Lock()

    def sample(self, state: PhiloxState, true_classes: torch.Tensor, num_sampled: int, unique: bool) -> Candidates:
        """As for every sampler; then counts the true classes.

        Raises: ValueError for true classes outside [0, range_max), too.
        """
        if bool(((true_classes < 0) | (true_classes >= self.range_max)).any()):
            raise ValueError(f"true_classes must be in [0, {self.range_max})")
        with self._lock:
            return super().sample(state, true_classes, num_sampled, unique)

    def _draw(self, stream: WordStream, count: int) -> np.ndarray:
        reached = np.cumsum(self._weights)
        return np.searchsorted(reached, _fair_words(stream, count, int(reached[-1])), side="right")

    def _probability(self, ids: np.ndarray) -> np.ndarray:
        chance: np.ndarray = self._weights[ids].astype(np.float32) / np.float32(self._weights.sum())
        return chance

    def _learn(self, true: np.ndarray) -> None:
        room = 2**31 - 1 - int(self._weights.sum())
        np.add.at(self._weights, true[: max(room, 0)], 1)


class FixedUnigramSampler(CandidateSampler):
    """By given weights, each raised to the power `distortion`: FixedUnigramCandidateSampler.

    `unigrams` holds the weights of the ids after the `num_reserved_ids` that have none; with several shards, only
    ids equal to `shard` modulo `num_shards` are this sampler's, numbered from 0. `vocabulary_weights` reads a file's.
    Raises: ValueError unless the sampler has exactly range_max ids.
    """

    def __init__(
        self,
        range_max: int,
        unigrams: Sequence[float],
        distortion: float = 1.0,
        num_reserved_ids: int = 0,
        num_shards: int = 1,
        shard: int = 0,
    ) -> None:
        super().__init__(range_max)
        reserved = sum(i % num_shards == shard for i in range(num_reserved_ids))
        # TF goes on counting words from the number of ids kept so far, not from the number reserved.
        mine = [w for i, w in enumerate(unigrams, start=reserved) if i % num_shards == shard]
        raised = np.power(np.array(mine, np.float32).astype(np.float64), np.float32(distortion).astype(np.float64))
        weights = np.concatenate((np.zeros(reserved), raised)).astype(np.float32)
        if len(weights) != range_max:
            raise ValueError(f"range_max is {range_max}, but there are {len(weights)} ids")
        self._weights = weights
        self._total = np.add.accumulate(weights)[-1]  # one after the other in float32, as TF adds them
        self._keep, self._other = _alias_tables(weights)

    def _draw(self, stream: WordStream, count: int) -> np.ndarray:
        n = self.range_max
        least = first_fair(n, MASK32)
        pairs = stream.take(2 * count)
        chance, at = pairs[0::2], pairs[1::2]
        refused = np.flatnonzero(at < least)
        if refused.size:  # a refused draw shifts all that follows: give those words back and go one by one
            good = int(refused[0])
            stream.give_back(2 * (count - good))
            chance, at = chance[:good].copy(), at[:good].copy()
            rest = [(stream.word(), stream.below(n)) for _ in range(count - good)]
            chance = np.concatenate((chance, np.array([c for c, _ in rest], np.uint32)))
            at = np.concatenate((at, np.array([a for _, a in rest], np.uint32)))
        index = at.astype(np.int64) % n
        u = (chance & np.uint32(0x7FFFFF)).astype(np.float32) * np.float32(2.0**-23)
        return np.where(u < self._keep[index], index, self._other[index])

    def _probability(self, ids: np.ndarray) -> np.ndarray:
        inside = (ids >= 0) & (ids < self.range_max)
        return np.where(inside, self._weights[np.where(inside, ids, 0)] / self._total, np.float32(0))


def _alias_tables(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Walker's alias method: the chance of keeping each class when it is drawn, and the class taken instead."""
    n = len(weights)
    total = 0.0
    for w in weights.tolist():
        total += w
    share = ((weights * np.float32(n)).astype(np.float64) / total).tolist()
    other = list(range(n))
    low = [i for i in range(n) if share[i] < 1.0]
    high = [i for i in range(n) if not share[i] < 1.0]
    while high and low:
        poor, rich = low.pop(), high.pop()
        other[poor] = rich
        share[rich] -= 1.0 - share[poor]
        (low if share[rich] < 1.0 else high).append(rich)
    for i in (*high, *low):  # what rounding left over
        share[i] = 1.0
        other[i] = i
    return np.array(share).astype(np.float32), np.array(other, np.int64)


def vocabulary_weights(lines: Iterable[str]) -> list[float]:
    """The weights of a vocabulary file: the last comma-separated field of every line.

    Raises: ValueError naming a line whose last field is no number.
    """
    weights = []
    for line in lines:
        line = line.rstrip("\r\n")
        try:
            weights.append(float(line.rsplit(",", 1)[-1]))
        except ValueError:
            raise ValueError(f"Wrong vocabulary format at line: {line}") from None
    return weights


class AllSampler(CandidateSampler):
    """Every class once, in order: AllCandidateSampler. Draws nothing, but moves its state on as TF's does."""

    def sample(self, state: PhiloxState, true_classes: torch.Tensor, num_sampled: int, unique: bool) -> Candidates:
        """All classes; every expected count is 1.

        Raises: ValueError when true_classes is no matrix or num_sampled is not range_max.
        """
        if true_classes.dim() != 2:
            raise ValueError("true_classes must be a matrix")
        if num_sampled != self.range_max:
            raise ValueError(f"all {self.range_max} candidates are sampled, not {num_sampled}")
        state.reserve_words(wrap_int32(_WORDS_PER_CANDIDATE * num_sampled))
        device = true_classes.device
        ids = torch.arange(num_sampled, dtype=torch.int64, device=device)
        return Candidates(ids, torch.ones(true_classes.shape, device=device), torch.ones(num_sampled, device=device))


def accidental_hits(
    true_classes: torch.Tensor, sampled: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Where sampled candidates are true classes after all: rows, positions in `sampled`, and weights of -FLT_MAX.

    Shapes: true_classes [batch, num_true], sampled [n] -> int32 [hits], int64 [hits], float32 [hits].
    Raises: ValueError for other ranks.
    Source: TF 1.15, core/kernels/candidate_sampler_ops.cc, ComputeAccidentalHits.
    """
    if true_classes.dim() != 2:
        raise ValueError("true_candidates must be a batch_size * num_true matrix")
    if sampled.dim() != 1:
        raise ValueError("sampled_candidates must be a vector, which is typically an output from CandidateSampler")
    position = {candidate: i for i, candidate in enumerate(sampled.tolist())}
    hits = [(i, position[c]) for i, row in enumerate(true_classes.tolist()) for c in row if c in position]
    device = true_classes.device
    rows = torch.tensor([i for i, _ in hits], dtype=torch.int32, device=device)
    ids = torch.tensor([j for _, j in hits], dtype=torch.int64, device=device)
    return rows, ids, torch.full((len(hits),), torch.finfo(torch.float32).min, device=device)
