"""Flows that choose, order and join elements without looking into them.

Source: TF 1.15, core/kernels/data/{repeat,take,skip,shard,concatenate,zip,shuffle}_dataset_op.cc and experimental ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfcompat.data.flow.core import INFINITE, UNKNOWN, Element, Elements, Flow, Run, invalid
from tfcompat.data.flow.sources import Words, random_seeds
from tfcompat.framework import values


class _Empty(Elements):
    def next(self) -> Element:
        raise StopIteration


class _Repeated(Elements):
    def __init__(self, flow: Repeat, run: Run, prefix: str) -> None:
        self._flow, self._run, self._prefix = flow, run, prefix
        self._round = 0
        self._inner: Elements | None = None

    def next(self) -> Element:
        count = self._flow.count
        while count < 0 or self._round < count:
            fresh = self._inner is None
            if self._inner is None:
                self._inner = self._flow.inputs[0].iterate(self._run, self._prefix)
            try:
                return self._inner.next()
            except StopIteration:
                self._inner = None
                self._round += 1
                if fresh and count < 0:  # nothing, for ever
                    self._round, self._flow = 0, Repeat(self._flow.inputs[0], 0)
                    raise
        raise StopIteration


class Repeat(Flow):
    """The input again and again: `count` times, for ever when it is negative."""

    kind = "Repeat"

    def __init__(self, source: Flow, count: int) -> None:
        self.inputs = (source,)
        self.count = count

    def iterate(self, run: Run, prefix: str) -> Elements:
        return self.elements(run, f"{prefix}::{'Forever' if self.count < 0 else 'Finite'}{self.kind}")

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Repeated(self, run, prefix)

    def cardinality(self) -> int:
        n = self.inputs[0].cardinality()
        if self.count < 0:
            return 0 if n == 0 else INFINITE
        if self.count == 0:
            return 0
        return n * self.count if n >= 0 else n


class _Taken(Elements):
    def __init__(self, inner: Elements, count: int) -> None:
        self._inner, self._left = inner, count

    def next(self) -> Element:
        if self._left <= 0:
            raise StopIteration
        found = self._inner.next()
        self._left -= 1
        return found


class Take(Flow):
    """The first `count` elements; all of them when it is negative."""

    kind = "Take"

    def __init__(self, source: Flow, count: int) -> None:
        self.inputs = (source,)
        self.count = count

    def elements(self, run: Run, prefix: str) -> Elements:
        if self.count == 0:
            return _Empty()
        inner = self.inputs[0].iterate(run, prefix)
        return inner if self.count < 0 else _Taken(inner, self.count)

    def cardinality(self) -> int:
        n = self.inputs[0].cardinality()
        if self.count < 0 or n == UNKNOWN:
            return n
        return self.count if n == INFINITE else min(n, self.count)


class _Skipped(Elements):
    def __init__(self, inner: Elements, count: int) -> None:
        self._inner, self._left = inner, count

    def next(self) -> Element:
        while self._left > 0:
            self._inner.next()
            self._left -= 1
        return self._inner.next()


class Skip(Flow):
    """All but the first `count` elements; nothing when it is negative."""

    kind = "Skip"

    def __init__(self, source: Flow, count: int) -> None:
        self.inputs = (source,)
        self.count = count

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Empty() if self.count < 0 else _Skipped(self.inputs[0].iterate(run, prefix), self.count)

    def cardinality(self) -> int:
        n = self.inputs[0].cardinality()
        if n < 0:
            return n
        return 0 if self.count < 0 else max(n - self.count, 0)


class _Sharded(Elements):
    def __init__(self, inner: Elements, flow: Shard) -> None:
        self._inner, self._flow, self._at = inner, flow, 0

    def next(self) -> Element:
        flow = self._flow
        while True:
            try:
                found = self._inner.next()
            except StopIteration:
                if flow.require_non_empty and self._at < flow.num_shards:
                    raise invalid(
                        "There aren't enough elements in this dataset for each shard to have at least one element "
                        f"(# elems = {self._at}, # shards = {flow.num_shards}). If you are using datasets with "
                        "distribution strategy, consider setting the auto sharding policy to either DATA or OFF"
                    ) from None
                raise
            mine = self._at % flow.num_shards == flow.index
            self._at += 1
            if mine:
                return found


class Shard(Flow):
    """Every `num_shards`-th element, from number `index` on."""

    kind = "Shard"

    def __init__(self, source: Flow, num_shards: int, index: int, require_non_empty: bool) -> None:
        if num_shards <= 0:
            raise invalid(f"Number of shards must be greater than zero (currently num_shards = {num_shards}).")
        if not 0 <= index < num_shards:
            raise invalid(f"Index must be between 0 and {num_shards - 1} (currently index = {index}).")
        self.inputs = (source,)
        self.num_shards, self.index, self.require_non_empty = num_shards, index, require_non_empty

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Sharded(self.inputs[0].iterate(run, prefix), self)

    def cardinality(self) -> int:
        n = self.inputs[0].cardinality()
        return n if n < 0 else n // self.num_shards + (self.index < n % self.num_shards)


class _Joined(Elements):
    def __init__(self, flow: Concatenate, run: Run, prefix: str) -> None:
        self._flow, self._run, self._prefix, self._at = flow, run, prefix, 0
        self._inner: Elements | None = flow.inputs[0].iterate(run, f"{prefix}[0]")

    def next(self) -> Element:
        while self._inner is not None:
            try:
                return self._inner.next()
            except StopIteration:
                self._at += 1
                at = self._at
                more = at < len(self._flow.inputs)
                self._inner = self._flow.inputs[at].iterate(self._run, f"{self._prefix}[{at}]") if more else None
        raise StopIteration


class Concatenate(Flow):
    """The elements of one flow, then those of another."""

    kind = "Concatenate"

    def __init__(self, *inputs: Flow) -> None:
        self.inputs = inputs

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Joined(self, run, prefix)

    def cardinality(self) -> int:
        sizes = [f.cardinality() for f in self.inputs]
        if INFINITE in sizes:
            return INFINITE
        return UNKNOWN if UNKNOWN in sizes else sum(sizes)


class _Zipped(Elements):
    def __init__(self, inner: Sequence[Elements]) -> None:
        self._inner: Sequence[Elements] | None = inner

    def next(self) -> Element:
        if self._inner is None:
            raise StopIteration
        found: Element = []
        try:
            for inner in self._inner:
                found.extend(inner.next())
        except StopIteration:
            self._inner = None
            raise
        return found


class Zip(Flow):
    """One element of each input, side by side, as long as all have one."""

    kind = "Zip"

    def __init__(self, inputs: Sequence[Flow]) -> None:
        self.inputs = tuple(inputs)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Zipped([f.iterate(run, f"{prefix}[{i}]") for i, f in enumerate(self.inputs)])

    def cardinality(self) -> int:
        sizes = [f.cardinality() for f in self.inputs]
        if UNKNOWN in sizes:
            return UNKNOWN
        return min((n for n in sizes if n != INFINITE), default=INFINITE)


_MOST_EPOCHS_IN_BUFFER = 3


class _Shuffled(Elements):
    """The buffer is a ring; `slices` are its stretches of one round through the input each, taken from in turn."""

    def __init__(self, flow: Shuffle, run: Run, prefix: str, seeds: tuple[int, int]) -> None:
        self._flow, self._run, self._prefix = flow, run, prefix
        self._words = Words(*seeds)
        self._buffer: dict[int, Element] = {}
        self._slices: deque[list[int]] = deque([[0, 0]])
        self._held = 0
        self._epoch = 0
        self._first = True
        self._inner: Elements | None = None

    def _open(self) -> Elements:
        return self._flow.inputs[0].iterate(self._run, self._prefix)

    def _pull(self) -> Element | None:
        """The next element of the input over all its rounds, or None at the end."""
        count = self._flow.count
        while count == -1 or self._epoch < count:
            assert self._inner is not None
            try:
                found = self._inner.next()
            except StopIteration:
                if self._first and count == -1:
                    self._epoch = 0
                    return None
                self._epoch += 1
                end = self._slices[-1][1]
                self._slices.append([end, end])
                self._inner = self._open()
                continue
            self._first = False
            return found
        return None

    def next(self) -> Element:
        size = self._flow.buffer_size
        if self._inner is None and self._first and self._epoch == 0:
            self._inner = self._open()
        while self._inner is not None and self._held < size:
            found = self._pull()
            if found is None:
                self._inner = None
                self._first = False
                break
            self._buffer[self._slices[-1][1] % size] = found
            self._slices[-1][1] += 1
            self._held += 1
            if len(self._slices) > _MOST_EPOCHS_IN_BUFFER:
                break
        if not self._held:
            raise StopIteration
        while self._slices[0][0] == self._slices[0][1]:
            self._slices.popleft()
        stretch = self._slices[0]
        start, end = stretch
        at = (start + self._words.next() % (end - start)) % size
        first = start % size
        chosen, moved = self._buffer[at], self._buffer.pop(first)
        if at != first:
            self._buffer[at] = moved
        stretch[0] += 1
        self._held -= 1
        return chosen


class _SeedSource:
    """Seeds for the walks through one place of a pipeline: each of them is shuffled differently."""

    def __init__(self, seeds: tuple[int, int]) -> None:
        self._words = Words(*seeds)

    def next(self) -> tuple[int, int]:
        return self._words.next(), self._words.next()


class Shuffle(Flow):
    """Elements drawn from a buffer of the next `buffer_size`; with `count`, over so many rounds of the input."""

    kind = "Shuffle"

    def __init__(
        self, source: Flow, buffer_size: int, seed: int, seed2: int, reshuffle: bool = False, count: int = 1
    ) -> None:
        if buffer_size <= 0:
            raise invalid("buffer_size must be greater than zero.")
        if count <= 0 and count != -1:
            raise invalid("count must be greater than zero or equal to -1.")
        self.inputs = (source,)
        self.buffer_size, self.count, self.reshuffle = buffer_size, count, reshuffle
        self.seeds = random_seeds(seed, seed2)

    def elements(self, run: Run, prefix: str) -> Elements:
        seeds = self.seeds
        if self.reshuffle:
            source = run.shared(f"{prefix}::seeds", lambda: _SeedSource(self.seeds))
            with run.lock:
                seeds = source.next()
        return _Shuffled(self, run, prefix, seeds)

    def repeated(self, count: int) -> Flow:
        """What TensorFlow makes of this flow followed by a repetition."""
        return Shuffle(self.inputs[0], self.buffer_size, *self.seeds, False, count)

    def cardinality(self) -> int:
        n = self.inputs[0].cardinality()
        if self.count == -1 or n == INFINITE:
            return INFINITE
        return n if n < 0 else n * self.count


class _Directed(Elements):
    def __init__(self, selector: Elements, data: list[Elements | None]) -> None:
        self._selector: Elements | None = selector
        self._data = data

    def next(self) -> Element:
        while self._selector is not None:
            try:
                chosen = int(self._selector.next()[0])
            except StopIteration:
                self._selector = None
                break
            if not 0 <= chosen < len(self._data):
                raise invalid(f"Selector index out of range: {chosen} >= {len(self._data)}")
            inner = self._data[chosen]
            if inner is None:
                continue
            try:
                return inner.next()
            except StopIteration:
                self._data[chosen] = None
                if all(d is None for d in self._data):
                    self._selector = None
        raise StopIteration


class Directed(Flow):
    """Elements of the input that a flow of numbers names, one after the other."""

    kind = "DirectedInterleave"

    def __init__(self, selector: Flow, inputs: Sequence[Flow]) -> None:
        self.inputs = (selector, *inputs)

    def elements(self, run: Run, prefix: str) -> Elements:
        data: list[Elements | None] = [f.iterate(run, f"{prefix}[{i}]") for i, f in enumerate(self.inputs[1:])]
        return _Directed(self.inputs[0].iterate(run, f"{prefix}.selector"), data)

    def cardinality(self) -> int:
        return 0 if all(f.cardinality() == 0 for f in self.inputs[1:]) else UNKNOWN


class _Distinct(Elements):
    def __init__(self, inner: Elements, dtype: Any) -> None:
        self._inner, self._dtype = inner, dtype
        self._seen: set[Any] = set()

    def next(self) -> Element:
        while True:
            found = self._inner.next()
            array = values.to_numpy(found[0], self._dtype)
            key = (array.shape, tuple(array.ravel().tolist()) if array.dtype == object else np.asarray(array).tobytes())
            if key not in self._seen:
                self._seen.add(key)
                return found


class Unique(Flow):
    """Elements of one component that have not come before."""

    kind = "Unique"

    def __init__(self, source: Flow, dtype: Any) -> None:
        self.inputs = (source,)
        self.dtype = dtype

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Distinct(self.inputs[0].iterate(run, prefix), self.dtype)
