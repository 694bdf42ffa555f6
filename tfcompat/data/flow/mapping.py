"""Flows that call functions of the elements: map, filter, flat_map, interleave, scan, take_while; and ignore_errors.

Source: TF 1.15, core/kernels/data/{map,filter,flat_map,interleave}_dataset_op.cc and experimental ones.
"""

from __future__ import annotations

import os

from tfcompat.data.flow.ahead import AUTOTUNED_BUFFER, Ahead
from tfcompat.data.flow.core import Element, Elements, Flow, Function, Run, invalid
from tfcompat.framework import errors


def parallelism(asked: int, what: str) -> int:
    """How many calls at once: -1 leaves it to us."""
    if asked == -1:
        return max(os.cpu_count() or 1, 2)
    if asked <= 0:
        raise invalid(f"{what} must be greater than zero.")
    return asked


class _Mapped(Elements):
    def __init__(self, inner: Elements, function: Function, preserve: bool) -> None:
        self._inner, self._function, self._preserve = inner, function, preserve

    def next(self) -> Element:
        return _called(self._function, self._inner.next(), self._preserve)


def _called(function: Function, element: Element, preserve: bool) -> Element:
    """The result for one element. Out of range means the end, unless the number of elements is to stay."""
    try:
        return function(element)
    except errors.OutOfRangeError as cause:
        if preserve:
            raise invalid(f"Function invocation produced OutOfRangeError: {cause.message}") from cause
        raise StopIteration from cause


class Map(Flow):
    """The results of a function; `threads` of its calls at the same time where that is not None."""

    sloppy = False

    def __init__(self, source: Flow, function: Function, preserve: bool, threads: int | None = None) -> None:
        self.inputs = (source,)
        self.function, self.preserve, self.threads = function, preserve, threads
        self.kind = "Map" if threads is None else "ParallelMap"

    def made_sloppy(self) -> Map:
        """The same results in the order in which they are done."""
        made = Map(self.inputs[0], self.function, self.preserve, self.threads)
        made.sloppy = True
        return made

    def elements(self, run: Run, prefix: str) -> Elements:
        inner = self.inputs[0].iterate(run, prefix)
        if self.threads is None:
            return _Mapped(inner, self.function, self.preserve)
        function, preserve = self.function, self.preserve

        def work(element: Element) -> Element | None:
            try:
                return _called(function, element, preserve)
            except StopIteration:
                return None

        return _UntilNone(Ahead(run, inner, self.threads, work, self.threads, self.sloppy))

    def cardinality(self) -> int:
        return self.inputs[0].cardinality()


class _UntilNone(Elements):
    def __init__(self, inner: Elements) -> None:
        self._inner = inner

    def next(self) -> Element:
        found = self._inner.next()
        if found is None:
            raise StopIteration
        return found


class _Filtered(Elements):
    def __init__(self, inner: Elements, predicate: Function) -> None:
        self._inner, self._predicate = inner, predicate

    def next(self) -> Element:
        while True:
            found = self._inner.next()
            if self._predicate.truth(found):
                return found


class Filter(Flow):
    """The elements that a function says True to."""

    kind = "Filter"

    def __init__(self, source: Flow, predicate: Function) -> None:
        self.inputs = (source,)
        self.predicate = predicate

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Filtered(self.inputs[0].iterate(run, prefix), self.predicate)


class _Flattened(Elements):
    def __init__(self, flow: FlatMap, run: Run, prefix: str) -> None:
        self._flow, self._run, self._prefix, self._at = flow, run, prefix, 0
        self._outer: Elements | None = flow.inputs[0].iterate(run, prefix)
        self._inner: Elements | None = None

    def next(self) -> Element:
        while self._outer is not None:
            if self._inner is None:
                try:
                    element = self._outer.next()
                except StopIteration:
                    self._outer = None
                    raise
                flow = self._flow.function.flow(element)
                self._inner = flow.iterate(self._run, f"{self._prefix}[{self._at}]")
                self._at += 1
            try:
                return self._inner.next()
            except StopIteration:
                self._inner = None
        raise StopIteration


class FlatMap(Flow):
    """The elements of the flows that a function gives, one flow after the other."""

    kind = "FlatMap"

    def __init__(self, source: Flow, function: Function) -> None:
        self.inputs = (source,)
        self.function = function

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Flattened(self, run, prefix)


class _Interleaved(Elements):
    def __init__(self, flow: Interleave, run: Run, prefix: str) -> None:
        self._flow, self._run, self._prefix = flow, run, prefix
        self._input: Elements | None = flow.inputs[0].iterate(run, prefix)
        self._cycle: list[Elements | None] = [None] * flow.cycle_length
        self._at = 0
        self._block = 0
        self._open = 0

    def _advance(self) -> None:
        self._block = 0
        self._at = (self._at + 1) % len(self._cycle)

    def _begin(self) -> Elements | None:
        """The walk through the next flow, or None when there is no more."""
        assert self._input is not None
        try:
            element = self._input.next()
        except StopIteration:
            self._input = None
            return None
        return self._walk(element, self._at)

    def _walk(self, element: Element, place: int) -> Elements:
        return self._flow.function.flow(element).iterate(self._run, f"{self._prefix}[{place}]")

    def next(self) -> Element:
        while self._input is not None or self._open:
            inner = self._cycle[self._at]
            if inner is not None:
                try:
                    found = inner.next()
                except StopIteration:
                    self._cycle[self._at] = None
                    self._open -= 1
                    self._advance()
                    continue
                self._block += 1
                if self._block == self._flow.block_length:
                    self._advance()
                return found
            if self._input is None:
                self._advance()
                continue
            fresh = self._begin()
            if fresh is not None:
                self._cycle[self._at] = fresh
                self._open += 1
        raise StopIteration


class _ParallelInterleaved(_Interleaved):
    """The same order, each open flow being read ahead by a thread; a whole cycle of them is opened at first."""

    def __init__(self, flow: Interleave, run: Run, prefix: str) -> None:
        super().__init__(flow, run, prefix)
        self._started = False

    def _walk(self, element: Element, place: int) -> Elements:
        inner = super()._walk(element, place)
        made = Ahead(self._run, inner, max(self._flow.buffered, self._flow.block_length))
        made.start()
        return made

    def next(self) -> Element:
        if not self._started:
            self._started = True
            for place in range(len(self._cycle)):
                self._at = place
                fresh = self._begin()
                if fresh is None:
                    break
                self._cycle[place] = fresh
                self._open += 1
            self._at = 0
        return super().next()


class Interleave(Flow):
    """Blocks of elements of several flows at a time, which a function gives, in turn; `threads` reads them ahead."""

    def __init__(
        self, source: Flow, function: Function, cycle_length: int, block_length: int, threads: bool = False,
        buffered: int = 2,
    ) -> None:
        if cycle_length == -1:
            cycle_length = max(os.cpu_count() or 1, 1)
        if cycle_length <= 0:
            raise invalid("cycle_length must be greater than zero.")
        if block_length <= 0:
            raise invalid("block_length must be greater than zero.")
        self.inputs = (source,)
        self.function, self.cycle_length, self.block_length = function, cycle_length, block_length
        self.threads, self.buffered = threads, buffered
        self.kind = "ParallelInterleave" if threads else "Interleave"

    def elements(self, run: Run, prefix: str) -> Elements:
        return (_ParallelInterleaved if self.threads else _Interleaved)(self, run, prefix)


class _Scanned(Elements):
    def __init__(self, inner: Elements, flow: Scan) -> None:
        self._inner, self._flow, self._state = inner, flow, list(flow.initial)

    def next(self) -> Element:
        found = _called(self._flow.function, [*self._state, *self._inner.next()], self._flow.preserve)
        n = len(self._state)
        self._state = found[:n]
        return found[n:]


class Scan(Flow):
    """Results of a function of a state and the element; the function also gives the next state, first."""

    kind = "Scan"

    def __init__(self, source: Flow, initial: Element, function: Function, preserve: bool) -> None:
        self.inputs = (source,)
        self.initial, self.function, self.preserve = initial, function, preserve

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Scanned(self.inputs[0].iterate(run, prefix), self)

    def cardinality(self) -> int:
        return self.inputs[0].cardinality()


class _While(Elements):
    def __init__(self, inner: Elements, predicate: Function) -> None:
        self._inner: Elements | None = inner
        self._predicate = predicate

    def next(self) -> Element:
        if self._inner is None:
            raise StopIteration
        found = self._inner.next()
        if not self._predicate.truth(found):
            self._inner = None
            raise StopIteration
        return found


class TakeWhile(Flow):
    """The elements before the first that a function says False to."""

    kind = "TakeWhile"

    def __init__(self, source: Flow, predicate: Function) -> None:
        self.inputs = (source,)
        self.predicate = predicate

    def elements(self, run: Run, prefix: str) -> Elements:
        return _While(self.inputs[0].iterate(run, prefix), self.predicate)


_MOST_FAILURES = 1_000_000


class _Forgiving(Elements):
    def __init__(self, inner: Elements) -> None:
        self._inner = inner

    def next(self) -> Element:
        for _ in range(_MOST_FAILURES):
            try:
                return self._inner.next()
            except (StopIteration, errors.CancelledError):
                raise
            except Exception:  # that is what the transformation is for
                continue
        # A file that cannot be opened fails for ever; TensorFlow hangs here.
        return self._inner.next()


class IgnoreErrors(Flow):
    """The elements that could be had; errors are passed over."""

    kind = "IgnoreErrors"

    def __init__(self, source: Flow) -> None:
        self.inputs = (source,)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Forgiving(self.inputs[0].iterate(run, prefix))


class Prefetch(Flow):
    """The same elements, read ahead by a thread."""

    kind = "Prefetch"

    def __init__(self, source: Flow, size: int) -> None:
        if size < 0 and size != -1:
            raise invalid("buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning")
        self.inputs = (source,)
        self.size = size

    def elements(self, run: Run, prefix: str) -> Elements:
        inner = self.inputs[0].iterate(run, prefix)
        if self.size == 0:
            return inner
        return Ahead(run, inner, AUTOTUNED_BUFFER if self.size == -1 else self.size)

    def cardinality(self) -> int:
        return self.inputs[0].cardinality()


class Same(Flow):
    """The elements of the input: for nodes that only say how a pipeline should run."""

    def __init__(self, source: Flow, kind: str) -> None:
        self.inputs = (source,)
        self.kind = kind

    def elements(self, run: Run, prefix: str) -> Elements:
        return self.inputs[0].iterate(run, prefix)

    def cardinality(self) -> int:
        return self.inputs[0].cardinality()


