"""Working ahead of the reader: threads that keep a bounded buffer of elements filled."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any

from tfcompat.data.flow.core import Element, Elements, Run
from tfcompat.framework import errors

_MOST_THREADS = 32
# How far prefetching with the size left open goes.
AUTOTUNED_BUFFER = 8


class _Slot:
    __slots__ = ("done", "error", "value")

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None


class _Shop:
    """What threads and reader share. The threads do not hold the reader's object, so that it can be collected."""

    def __init__(self, inner: Elements, work: Callable[[Element], Any] | None, size: int) -> None:
        self.inner = inner
        self.work = work
        self.size = size
        self.change = threading.Condition()
        self.pulling = threading.Lock()
        self.slots: deque[_Slot] = deque()
        self.over = False
        self.closed = False

    def close(self) -> None:
        with self.change:
            self.closed = True
            self.slots.clear()
            self.change.notify_all()

    def stopped(self) -> bool:
        return self.closed or self.over

    def pull(self) -> tuple[_Slot, Element] | None:
        """The next element of the input and the slot for what is made of it; None when there is no more to do."""
        with self.pulling:
            slot = _Slot()
            with self.change:
                while len(self.slots) >= self.size and not self.stopped():
                    self.change.wait()
                if self.stopped():
                    return None
            try:
                element = self.inner.next()
            except StopIteration:
                with self.change:
                    self.over = True
                    self.change.notify_all()
                return None
            except BaseException as cause:
                element, slot.error, slot.done = [], cause, True
            with self.change:
                if self.closed:
                    return None
                self.slots.append(slot)
                self.change.notify_all()
            return slot, element

    def labour(self) -> None:
        """A thread's life: pull, work, deliver."""
        while True:
            found = self.pull()
            if found is None:
                return
            slot, element = found
            if slot.done:
                continue
            try:
                slot.value = element if self.work is None else self.work(element)
            except BaseException as cause:
                slot.error = cause
            with self.change:
                slot.done = True
                self.change.notify_all()


class Ahead(Elements):
    """The elements of `inner`, each given to `work` where there is some, at most `size` of them ahead, in order.

    `threads` of them are worked on at the same time; the input itself is read by one thread at a time. `sloppy`: what is
    done first comes first.
    """

    def __init__(
        self,
        run: Run,
        inner: Elements,
        size: int,
        work: Callable[[Element], Any] | None = None,
        threads: int = 1,
        sloppy: bool = False,
    ) -> None:
        self._sloppy = sloppy
        self._shop = _Shop(inner, work, size)
        self._threads = min(threads, size, _MOST_THREADS)
        self._started = False
        run.on_close(self._shop)
        weakref.finalize(self, self._shop.close).atexit = False

    def start(self) -> None:
        """Begins now rather than when the first element is asked for."""
        if self._started:
            return
        self._started = True
        for _ in range(self._threads):
            threading.Thread(target=self._shop.labour, name="tf_data_ahead", daemon=True).start()

    def _ready(self) -> _Slot | None:
        """The slot whose element may come next; the caller holds the lock."""
        slots = self._shop.slots
        if self._sloppy:
            return next((slot for slot in slots if slot.done), None)
        return slots[0] if slots and slots[0].done else None

    def next(self) -> Element:
        self.start()
        shop = self._shop
        with shop.change:
            while not (shop.closed or self._ready() or (shop.over and not shop.slots)):
                shop.change.wait()
            if shop.closed:
                raise errors.CancelledError(None, None, "Iterator was cancelled")
            if not shop.slots:
                raise StopIteration
            slot = self._ready()
            assert slot is not None
            shop.slots.remove(slot)
            shop.change.notify_all()
        if slot.error is not None:
            raise slot.error
        return slot.value  # type: ignore[no-any-return]
