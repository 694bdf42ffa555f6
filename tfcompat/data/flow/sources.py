"""Flows that read nothing: tensors, their slices, ranges, random numbers, Python generators."""

from __future__ import annotations

import os
from typing import Any

import torch

from tfcompat.data.flow.core import INFINITE, Element, Elements, Flow, Function, Run, row, shape_of
from tfcompat.framework import errors
from tfcompat.ops.philox.counter import MASK64, Cursor
from tfcompat.ops.philox.stream import WordStream


class Words:
    """Random 32-bit words one by one, as TensorFlow's SingleSampleAdapter gives them."""

    def __init__(self, seed: int, seed2: int) -> None:
        self._stream = WordStream(Cursor(seed & MASK64, (seed2 & MASK64) << 64))
        self._ready: list[int] = []
        self._ahead = 4

    def next(self) -> int:
        if not self._ready:
            self._ready = self._stream.take(self._ahead).tolist()[::-1]
            self._ahead = min(2 * self._ahead, 1024)
        return self._ready.pop()


def random_seeds(seed: int, seed2: int) -> tuple[int, int]:
    """The seeds to use: (0, 0) means to draw some."""
    if seed == 0 and seed2 == 0:
        return int.from_bytes(os.urandom(8), "little"), int.from_bytes(os.urandom(8), "little")
    return seed, seed2


class _Once(Elements):
    def __init__(self, element: Element) -> None:
        self._left: Element | None = element

    def next(self) -> Element:
        if self._left is None:
            raise StopIteration
        found, self._left = self._left, None
        return found


class Single(Flow):
    """One element: the tensors themselves."""

    kind = "Tensor"

    def __init__(self, components: Element) -> None:
        self.components = components

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Once(list(self.components))

    def cardinality(self) -> int:
        return 1


class _Sliced(Elements):
    def __init__(self, components: Element, size: int) -> None:
        self._at = 0
        self._size = size
        self._components = components

    def next(self) -> Element:
        i = self._at
        if i >= self._size:
            raise StopIteration
        self._at = i + 1
        return [row(v, i) for v in self._components]


class Slices(Flow):
    """One element for each index of the first dimension."""

    kind = "TensorSlice"

    def __init__(self, components: Element) -> None:
        sizes = []
        for v in components:
            shape = shape_of(v)
            if not shape:
                raise errors.InvalidArgumentError(
                    None, None, "All components must be at least 1-dimensional"
                )
            sizes.append(shape[0])
        if any(n != sizes[0] for n in sizes):
            raise errors.InvalidArgumentError(
                None, None, "All components must have the same size in the 0th dimension"
            )
        self.components = components
        self.size = sizes[0]

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Sliced(self.components, self.size)

    def cardinality(self) -> int:
        return self.size


class _SparseSliced(Elements):
    def __init__(self, flow: SparseSlices) -> None:
        self._flow = flow
        self._at = 0

    def next(self) -> Element:
        i, flow = self._at, self._flow
        if i >= flow.size:
            raise StopIteration
        self._at = i + 1
        a, b = flow.ends[i], flow.ends[i + 1]
        return [flow.indices[a:b, 1:], flow.values[a:b], flow.dims[1:]]


class SparseSlices(Flow):
    """Indices, values and dense shape of each slice of a sparse tensor whose indices are in order."""

    kind = "SparseTensorSlice"

    def __init__(self, indices: Any, values: Any, dims: Any) -> None:
        if indices.dim() != 2:
            raise errors.InvalidArgumentError(
                None, None, f"Input indices should be a matrix but received shape {list(indices.shape)}"
            )
        if len(values.shape) != 1:
            raise errors.InvalidArgumentError(
                None, None, f"Input values should be a vector but received shape {list(values.shape)}"
            )
        if dims.dim() != 1:
            raise errors.InvalidArgumentError(
                None, None, f"Input shape should be a vector but received shape {list(dims.shape)}"
            )
        first = indices[:, 0].contiguous()
        if bool((first[1:] < first[:-1]).any()):
            raise errors.UnimplementedError(
                None, None, "The SparseTensor must be ordered in the batch dimension; handling arbitrarily ordered input "
                "is not currently supported.",
            )
        self.indices, self.values, self.dims = indices, values, dims
        self.size = int(dims[0])
        self.ends = torch.searchsorted(first, torch.arange(self.size + 1)).tolist()

    def elements(self, run: Run, prefix: str) -> Elements:
        return _SparseSliced(self)

    def cardinality(self) -> int:
        return self.size


class _Counting(Elements):
    def __init__(self, start: int, stop: int, step: int) -> None:
        self._at, self._stop, self._step = start, stop, step

    def next(self) -> Element:
        at, step = self._at, self._step
        if at >= self._stop if step > 0 else at <= self._stop:
            raise StopIteration
        self._at = at + step
        return [torch.tensor(at)]


class Range(Flow):
    """The int64 numbers start, start + step ... before stop."""

    kind = "Range"

    def __init__(self, start: int, stop: int, step: int) -> None:
        if step == 0:
            raise errors.InvalidArgumentError(None, None, "step must be a non-zero integer.")
        self.start, self.stop, self.step = start, stop, step

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Counting(self.start, self.stop, self.step)

    def cardinality(self) -> int:
        return len(range(self.start, self.stop, self.step))


class _Drawn(Elements):
    def __init__(self, seed: int, seed2: int) -> None:
        self._words = Words(seed, seed2)

    def next(self) -> Element:
        return [torch.tensor(self._words.next())]


class RandomNumbers(Flow):
    """Random 32-bit numbers, as int64, without end."""

    kind = "Random"

    def __init__(self, seed: int, seed2: int) -> None:
        self.seeds = random_seeds(seed, seed2)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Drawn(*self.seeds)

    def cardinality(self) -> int:
        return INFINITE


class _Generated(Elements):
    def __init__(self, flow: Generated) -> None:
        self._flow = flow
        self._state: Element | None = None
        self._over = False

    def next(self) -> Element:
        if self._over:
            raise StopIteration
        if self._state is None:
            self._state = self._flow.init([])
        try:
            return self._flow.step(self._state)
        except errors.OutOfRangeError:
            # What ends the sequence is not asked again, and is told that it is over.
            self._finish()
            raise StopIteration from None

    def _finish(self) -> None:
        self._over = True
        if self._state is not None:
            self._flow.final(self._state)

    def __del__(self) -> None:
        if not self._over and self._state is not None:
            try:
                self._finish()
            except Exception:  # nobody is left to hear of it
                return


class Generated(Flow):
    """A state made by `init`, and an element for each call of `step` with it, until one is out of range."""

    kind = "Generator"

    def __init__(self, init: Function, step: Function, final: Function) -> None:
        self.init, self.step, self.final = init, step, final

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Generated(self)
