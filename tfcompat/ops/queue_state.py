"""Queues of one session: what they hold, who waits for them, and how they close.

Whoever wants to put elements in or take some out makes an attempt; attempts are served in order. A thread whose attempt
cannot be served sleeps until another thread's call serves it, or until the session closes.
Source: TF 1.15, core/kernels/queue_base.cc, fifo_queue.cc, random_shuffle_queue_op.cc, padding_fifo_queue.cc,
priority_queue.cc.
"""

from __future__ import annotations

import collections
import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework.dtypes import DType, cpp_name
from tfcompat.framework.errors import (
    CancelledError,
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    OpError,
    OutOfRangeError,
    UnimplementedError,
)
from tfcompat.framework.op import Shape
from tfcompat.framework.shape_rules import text as shape_text

Element = tuple[Any, ...]

# What serving an attempt came to.
NO_PROGRESS, PROGRESS, COMPLETE = 0, 1, 2

_made = itertools.count()


def private_name(node_name: str) -> str:
    """The name that messages give a resource without a shared name."""
    return f"_{next(_made)}_{node_name}"


class Attempt:
    """One call that waits its turn: `serve` says how far it came; then `error` or `result` is set."""

    __slots__ = ("done", "error", "need", "result", "serve", "taken", "wake")

    def __init__(self, need: int, serve: Callable[[Attempt], int]) -> None:
        self.need = need
        self.serve = serve
        self.taken: list[Element] = []
        self.done = False
        self.error: OpError | None = None
        self.result: Any = None
        self.wake: threading.Event | None = None

    def finish(self, error: OpError | None = None) -> None:
        self.done = True
        if error is not None:
            self.error = error
        if self.wake is not None:
            self.wake.set()

    def fail(self, error: OpError) -> int:
        self.error = error
        return COMPLETE


class Queue:
    """A first-in first-out queue; the other kinds differ in how elements are stored and checked."""

    kind = "FIFOQueue"
    many_needs_shapes = True
    takes_at_once = False  # whether a batch waits until all its elements are there, for the sake of their order

    def __init__(
        self, name: str, capacity: int, dtypes: Sequence[DType], shapes: Sequence[Shape], reserve: int = 0
    ) -> None:
        self.name = name
        self.capacity = capacity if capacity >= 0 else 2**31 - 1
        self.dtypes = list(dtypes)
        self.shapes = list(shapes)
        self.reserve = reserve
        self.closed = False
        self._lock = threading.RLock()
        self._enqueues: collections.deque[Attempt] = collections.deque()
        self._dequeues: collections.deque[Attempt] = collections.deque()
        self._items: Any = collections.deque()

    # --- elements: what the kinds of queues do differently ---------------------------------------------------------

    def _push(self, element: Element) -> None:
        self._items.append(element)

    def _pop(self) -> Element:
        return self._items.popleft()  # type: ignore[no-any-return]

    def _give_back(self, elements: list[Element]) -> None:
        self._items.extendleft(reversed(elements))

    def _batch(self, elements: list[Element]) -> list[Any]:
        return [stacked([e[i] for e in elements]) for i in range(len(self.dtypes))]

    def _accepts(self, wanted: Shape, got: tuple[int, ...]) -> bool:
        return wanted == got

    # --- what kernels call -----------------------------------------------------------------------------------------

    def size(self) -> int:
        with self._lock:
            return len(self._items)

    def enqueue(self, components: list[Any], timeout: float | None = None) -> None:
        """Puts one element in; waits while the queue is full."""
        self._check_types(components)
        for i, (wanted, value) in enumerate(zip(self.shapes, components, strict=False)):
            self._check_shape(i, wanted, tuple(value.shape))
        element = tuple(copied(v) for v in components)

        def serve(attempt: Attempt) -> int:
            if self.closed:
                return attempt.fail(self._is_closed())
            if len(self._items) >= self.capacity:
                return NO_PROGRESS
            self._push(element)
            return COMPLETE

        self._wait(self._enqueues, Attempt(1, serve), timeout, "Enqueue")

    def enqueue_many(self, components: list[Any], timeout: float | None = None) -> None:
        """Puts the rows of the components in, one after the other; waits while the queue is full."""
        self._check_types(components)
        for value in components:
            if not value.shape:
                raise InvalidArgumentError(None, None, "Input tensors must have at least one dimension")
        n = components[0].shape[0]
        if self.shapes:
            for i, (wanted, value) in enumerate(zip(self.shapes, components, strict=True)):
                self._check_shape(i, None if wanted is None else (n, *wanted), tuple(value.shape))
        for i, value in enumerate(components[1:], 1):
            if value.shape[0] != n:
                raise InvalidArgumentError(
                    None,
                    None,
                    "All input tensors must have the same size in the 0th dimension. "
                    f"Component {i} has {value.shape[0]}, and should have {n}",
                )
        if n == 0:
            return
        batch = [copied(v) for v in components]

        def serve(attempt: Attempt) -> int:
            if self.closed:
                return attempt.fail(self._is_closed())
            came = NO_PROGRESS
            while len(self._items) < self.capacity:
                came = PROGRESS
                at = n - attempt.need
                self._push(tuple(row(b, at) for b in batch))
                attempt.need -= 1
                if attempt.need == 0:
                    return COMPLETE
            return came

        self._wait(self._enqueues, Attempt(n, serve), timeout, "Enqueue")

    def dequeue(self, timeout: float | None = None) -> Element:
        """Takes one element; waits while there is none."""

        def serve(attempt: Attempt) -> int:
            held = len(self._items)
            if self.closed and held == 0:
                return attempt.fail(self._insufficient(1, held))
            if held <= (0 if self.closed else self.reserve):
                return NO_PROGRESS
            attempt.result = self._pop()
            return COMPLETE

        return self._wait(self._dequeues, Attempt(1, serve), timeout, "Dequeue")  # type: ignore[no-any-return]

    def dequeue_many(self, n: int, allow_small: bool = False, timeout: float | None = None) -> list[Any]:
        """Takes n elements stacked into batches; waits until they are there, or takes what is left at the end."""
        if self.many_needs_shapes and not self.shapes:
            raise InvalidArgumentError(
                None,
                None,
                f"{self.kind}'s DequeueMany and DequeueUpTo require the components to have specified shapes.",
            )
        if n < 0:
            op = "DequeueUpTo" if allow_small else "DequeueMany"
            raise InvalidArgumentError(None, None, f"{op} requested {n} < 0 elements")
        if n == 0:
            return [
                empty(dtype, (0, *(d or 0 for d in shape or ())))
                for dtype, shape in zip(self.dtypes, self.shapes, strict=True)
            ]

        def serve(attempt: Attempt) -> int:
            if self.closed and len(self._items) < attempt.need:
                self._give_back(attempt.taken)
                requested = attempt.need
                held = len(self._items) - len(attempt.taken)
                if allow_small and self._items:
                    attempt.taken = []
                    attempt.need = len(self._items)
                else:
                    # Pending enqueues may still bring elements.
                    if allow_small and self._enqueues:
                        attempt.need += len(attempt.taken)
                        attempt.taken = []
                        return NO_PROGRESS
                    attempt.taken = []
                    return attempt.fail(self._insufficient(requested, held))
            if self.takes_at_once and len(self._items) < attempt.need:
                return NO_PROGRESS
            came = NO_PROGRESS
            while len(self._items) > (0 if self.closed else self.reserve):
                came = PROGRESS
                attempt.taken.append(self._pop())
                attempt.need -= 1
                if attempt.need == 0:
                    return COMPLETE
            return came

        attempt = Attempt(n, serve)
        self._wait(self._dequeues, attempt, timeout, "Dequeue")
        # Stacking happens in the thread that asked, outside the lock.
        return self._batch(attempt.taken)

    def close(self, cancel_pending: bool) -> None:
        """Ends enqueueing, after those who wait to enqueue, or with them cancelled."""
        if cancel_pending:
            with self._lock:
                self.closed = True
                for attempt in self._enqueues:
                    attempt.finish(CancelledError(None, None, "Enqueue operation was cancelled"))
                self._enqueues.clear()
                self._serve_all()
            return

        def serve(attempt: Attempt) -> int:
            if self.closed:
                return attempt.fail(CancelledError(None, None, f"Queue '{self.name}' is already closed."))
            self.closed = True
            return COMPLETE

        self._wait(self._enqueues, Attempt(0, serve), None, "Enqueue")

    def close_resource(self) -> None:
        """The session ends: whoever waits is told so."""
        with self._lock:
            for attempts, what in ((self._enqueues, "Enqueue"), (self._dequeues, "Dequeue")):
                for attempt in attempts:
                    attempt.finish(CancelledError(None, None, f"{what} operation was cancelled"))
                attempts.clear()
            self.closed = True

    # --- waiting ---------------------------------------------------------------------------------------------------

    def _wait(self, line: collections.deque[Attempt], attempt: Attempt, timeout: float | None, what: str) -> Any:
        with self._lock:
            line.append(attempt)
            self._serve_all()
            if not attempt.done:
                attempt.wake = threading.Event()
        if attempt.wake is not None:
            self._sleep(line, attempt, timeout)
        if attempt.error is not None:
            raise attempt.error
        return attempt.result

    def _sleep(self, line: collections.deque[Attempt], attempt: Attempt, timeout: float | None) -> None:
        assert attempt.wake is not None
        try:
            woken = attempt.wake.wait(timeout)
        except BaseException:  # an interrupt: the attempt must not take elements for nobody
            self._withdraw(line, attempt)
            raise
        if not woken and not attempt.done:
            self._withdraw(line, attempt)
            raise DeadlineExceededError(None, None, "Timed out waiting for notification")

    def _withdraw(self, line: collections.deque[Attempt], attempt: Attempt) -> None:
        with self._lock:
            if not attempt.done:
                line.remove(attempt)
                if line is self._dequeues:
                    self._give_back(attempt.taken)
                self._serve_all()

    def _serve_all(self) -> None:
        changed = True
        while changed:
            changed = self._serve(self._enqueues)
            changed = self._serve(self._dequeues) or changed

    def _serve(self, line: collections.deque[Attempt]) -> bool:
        progress = False
        while line:
            attempt = line[0]
            came = attempt.serve(attempt)
            if came != COMPLETE:
                return progress or came == PROGRESS
            line.popleft()
            attempt.finish()
            progress = True
        return progress

    # --- checks ----------------------------------------------------------------------------------------------------

    def _is_closed(self) -> OpError:
        return CancelledError(None, None, f"{self.kind} '{self.name}' is closed.")

    def _insufficient(self, requested: int, held: int) -> OpError:
        return OutOfRangeError(
            None,
            None,
            f"{self.kind} '{self.name}' is closed and has insufficient elements "
            f"(requested {requested}, current size {held})",
        )

    def check_outputs(self, wanted: Sequence[DType]) -> None:
        """Raises InvalidArgumentError when a dequeue expects other types than the queue's."""
        if list(wanted) != self.dtypes:
            raise InvalidArgumentError(
                None,
                None,
                f"Queue's component types {_names(self.dtypes)} do not match the expected {_names(wanted)}",
            )

    def _other_setting(self, attrs: dict[str, Any]) -> str | None:
        """What differs in settings of this kind of queue alone."""
        return None

    def check_node(
        self, op_type: str, capacity: int, dtypes: Sequence[DType], shapes: Sequence[Shape], attrs: dict[str, Any]
    ) -> None:
        """Raises InvalidArgumentError when another node under the same shared name declares another queue."""
        problem = None
        if op_type.removesuffix("V2") != self.kind:
            problem = f"Shared queue '{self.name}' has type '{self.kind}' that does not match type of Node: {op_type}"
        elif (capacity if capacity >= 0 else 2**31 - 1) != self.capacity:
            problem = f"has capacity {self.capacity} but requested capacity was {capacity}"
        elif list(dtypes) != self.dtypes:
            problem = f"has component types {_names(self.dtypes)} but requested component types were {_names(dtypes)}"
        elif not self._same_shapes(shapes):
            problem = (
                f"has component shapes {_shape_list(self.shapes)} but requested component shapes were "
                f"{_shape_list(shapes)}"
            )
        else:
            problem = self._other_setting(attrs)
        if problem is not None:
            if not problem.startswith("Shared"):
                problem = f"Shared queue '{self.name}' {problem}"
            raise InvalidArgumentError(None, None, problem)

    def _same_shapes(self, shapes: Sequence[Shape]) -> bool:
        return list(shapes) == self.shapes

    def check_inputs(self, given: Sequence[DType]) -> None:
        """Raises InvalidArgumentError when an enqueue brings other types than the queue's."""
        if list(given) != self.dtypes:
            raise InvalidArgumentError(
                None,
                None,
                f"Signature mismatch, have: resource,{_joined(given)}-> expected: resource,{_joined(self.dtypes)}->",
            )

    def _check_types(self, components: list[Any]) -> None:
        if len(components) != len(self.dtypes):
            raise InvalidArgumentError(
                None,
                None,
                f"Wrong number of components in tuple. Expected {len(self.dtypes)}, got {len(components)}",
            )

    def _check_shape(self, i: int, wanted: Shape, got: tuple[int, ...]) -> None:
        if not self._accepts(wanted, got):
            raise InvalidArgumentError(
                None,
                None,
                f"Shape mismatch in tuple component {i}. Expected {shape_text(wanted)}, got {shape_text(got)}",
            )


class RandomShuffleQueue(Queue):
    """Gives its elements in a random order, and keeps some back for a better mix until it is closed."""

    kind = "RandomShuffleQueue"

    def __init__(
        self,
        name: str,
        capacity: int,
        dtypes: Sequence[DType],
        shapes: Sequence[Shape],
        reserve: int,
        word: Callable[[], int],
        seeds: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__(name, capacity, dtypes, shapes, reserve)
        self.seeds = seeds
        self._items = []
        self._word = word

    def _other_setting(self, attrs: dict[str, Any]) -> str | None:
        if attrs["min_after_dequeue"] != self.reserve:
            return (
                f"has min_after_dequeue {self.reserve} but requested min_after_dequeue was "
                f"{attrs['min_after_dequeue']}."
            )
        seeds = attrs["seed"], attrs["seed2"]
        if seeds != (0, 0) and seeds != self.seeds:
            return f"has random seeds {self.seeds} but requested seeds are {seeds}."
        return None

    def _pop(self) -> Element:
        items = self._items
        at = self._word() % len(items)
        element = items[at]
        items[at] = items[-1]
        items.pop()
        return element  # type: ignore[no-any-return]

    def _give_back(self, elements: list[Element]) -> None:
        self._items.extend(reversed(elements))


class PaddingQueue(Queue):
    """First in, first out; elements of a batch are padded with zeros to one size."""

    kind = "PaddingFIFOQueue"
    many_needs_shapes = False

    def _accepts(self, wanted: Shape, got: tuple[int, ...]) -> bool:
        if wanted is None:
            return True
        return len(wanted) == len(got) and all(w is None or w == g for w, g in zip(wanted, got, strict=True))

    def _same_shapes(self, shapes: Sequence[Shape]) -> bool:
        if len(shapes) != len(self.shapes):
            return False
        for a, b in zip(shapes, self.shapes, strict=True):
            if a is None or b is None:
                continue
            if len(a) != len(b) or any(None not in (x, y) and x != y for x, y in zip(a, b, strict=True)):
                return False
        return True

    def _batch(self, elements: list[Element]) -> list[Any]:
        out = []
        for i, (dtype, wanted) in enumerate(zip(self.dtypes, self.shapes, strict=True)):
            values = [e[i] for e in elements]
            if wanted is not None and None not in wanted:
                out.append(stacked(values))
                continue
            rank = 0 if wanted is None else len(wanted)
            for v in values:
                if len(v.shape) != rank:
                    raise InternalError(
                        None,
                        None,
                        f"Mismatched ranks.  Element's rank is: {len(v.shape)} but element is meant to be a slice in "
                        f"output Tensor having rank: {rank + 1} (should be: {len(v.shape) + 1})",
                    )
            if rank > 4:
                raise UnimplementedError(None, None, f"CopyElementToLargerSlice Unhandled rank: {rank}")
            sizes = [max(v.shape[d] for v in values) for d in range(rank)]
            batch = empty(dtype, (len(values), *sizes), like=values[0])
            for at, v in enumerate(values):
                batch[(at, *(slice(0, s) for s in v.shape))] = v if v.shape or isinstance(v, torch.Tensor) else v.item()
            out.append(batch)
        return out


class PriorityQueue(Queue):
    """Gives the element with the smallest first component (an int64) first; equals in the order they came."""

    kind = "PriorityQueue"
    takes_at_once = True

    def __init__(self, name: str, capacity: int, dtypes: Sequence[DType], shapes: Sequence[Shape]) -> None:
        super().__init__(name, capacity, dtypes, shapes)
        self._items = []
        self._count = itertools.count()

    def _push(self, element: Element) -> None:
        heapq.heappush(self._items, (int(element[0]), next(self._count), element))

    def enqueue(self, components: list[Any], timeout: float | None = None) -> None:
        self._check_priority(components, 0)
        super().enqueue(components, timeout)

    def enqueue_many(self, components: list[Any], timeout: float | None = None) -> None:
        self._check_priority(components, 1)
        super().enqueue_many(components, timeout)

    def _check_priority(self, components: list[Any], batched: int) -> None:
        shape = tuple(components[0].shape[batched:]) if components else ()
        if shape and not self.shapes:
            raise InvalidArgumentError(
                None, None, f"Expected priority element to be a scalar, but received shape: {shape_text(shape)}"
            )

    def _pop(self) -> Element:
        return heapq.heappop(self._items)[2]  # type: ignore[no-any-return]

    def _give_back(self, elements: list[Element]) -> None:
        for element in elements:
            self._push(element)


def stacked(elements: list[Any]) -> Any:
    """Elements of one shape as a batch."""
    if isinstance(elements[0], torch.Tensor):
        return torch.stack(elements)
    batch = np.empty((len(elements), *elements[0].shape), object)
    for at, element in enumerate(elements):
        batch[at] = element if element.ndim else element.item()
    return batch


def empty(dtype: DType, shape: Sequence[int], like: Any = None) -> Any:
    """Zeros (empty strings) of a shape."""
    if dtype.torch is None:
        return np.full(tuple(shape), b"", object)
    return torch.zeros(tuple(shape), dtype=dtype.torch, device=None if like is None else like.device)


def copied(value: Any) -> Any:
    """A value of its own: what a run computed or was fed may be overwritten later."""
    return value.clone() if isinstance(value, torch.Tensor) else value.copy()


def row(batch: Any, at: int) -> Any:
    """Row `at` of a batch, a string too as an array."""
    found = batch[at]
    if isinstance(batch, np.ndarray) and batch.ndim == 1:
        scalar = np.empty((), object)
        scalar[()] = found
        return scalar
    return found


def _joined(types: Sequence[DType]) -> str:
    return ",".join(cpp_name(t) for t in types)


def _names(types: Sequence[DType]) -> str:
    return "[" + ", ".join(t.name for t in types) + "]"


def _shape_list(shapes: Sequence[Shape]) -> str:
    return "[" + ", ".join(shape_text(s) for s in shapes) + "]"
