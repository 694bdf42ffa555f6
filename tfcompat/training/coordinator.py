"""Stopping a group of threads together, and reporting what stopped them.

Source: TF 1.15, python/training/coordinator.py.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tfcompat.framework import errors, tf_logging
from tfcompat.framework.export import export


def _raise(exc_info: Any) -> None:
    """Raises what `sys.exc_info()` gave, with its own traceback."""
    kind, value, trace = exc_info
    if value is None:
        value = kind()
    raise value.with_traceback(trace)


@export("train.Coordinator", v2=("train.Coordinator",))
class Coordinator:
    """Threads ask `should_stop`; any of them may `request_stop`; `join` waits for all and raises what was reported.

    Exceptions of `clean_stop_exception_types` (default: OutOfRangeError, the end of the data) stop without an error.
    """

    def __init__(self, clean_stop_exception_types: Iterable[type] | None = None) -> None:
        if clean_stop_exception_types is None:
            clean_stop_exception_types = (errors.OutOfRangeError,)
        self._clean_stop_exception_types = tuple(clean_stop_exception_types)
        self._lock = threading.Lock()
        self._stop_event = threading.Event()
        self._exc_info_to_raise: Any = None
        self._joined = False
        self._registered_threads: set[threading.Thread] = set()

    def _filter_exception(self, ex: Any) -> Any:
        """None for an exception that is a clean stop."""
        value = ex[1] if isinstance(ex, tuple) else ex
        return None if isinstance(value, self._clean_stop_exception_types) else ex

    def request_stop(self, ex: Any = None) -> None:
        """Asks all threads to stop. `ex`: an exception, or what sys.exc_info() gave, that `join` should raise.

        Raises: `ex` itself when the threads were joined already, since nobody else would.
        """
        with self._lock:
            ex = self._filter_exception(ex)
            if self._joined:
                if isinstance(ex, tuple):
                    _raise(ex)
                elif ex is not None:
                    _raise(_as_exc_info(ex))
            if not self._stop_event.is_set():
                if ex and self._exc_info_to_raise is None:
                    self._exc_info_to_raise = self._reported(ex)
                self._stop_event.set()

    def _reported(self, ex: Any) -> Any:
        if isinstance(ex, tuple):
            tf_logging.info("Error reported to Coordinator: %s", ex[1], exc_info=ex)
            info = ex
        else:
            tf_logging.info("Error reported to Coordinator: %s, %s", type(ex), ex)
            info = sys.exc_info()
        if len(info) == 3 and info[0] and info[1]:
            return info
        try:
            raise ValueError(f"ex must be a tuple or sys.exc_info must return the current exception: {info}")
        except ValueError:
            return sys.exc_info()

    def clear_stop(self) -> None:
        """Forgets the request to stop, so that the coordinator can be used again."""
        with self._lock:
            self._joined = False
            self._exc_info_to_raise = None
            self._stop_event.clear()

    def should_stop(self) -> bool:
        """Whether a stop was requested."""
        return self._stop_event.is_set()

    @contextlib.contextmanager
    def stop_on_exception(self) -> Iterator[None]:
        """A block whose exceptions are reported as requests to stop, and go no further."""
        try:
            yield
        except BaseException:
            self.request_stop(ex=sys.exc_info())

    def wait_for_stop(self, timeout: float | None = None) -> bool:
        """Waits until a stop is requested; False when `timeout` seconds passed first."""
        return self._stop_event.wait(timeout)

    def register_thread(self, thread: threading.Thread) -> None:
        """Adds a thread to those that `join` waits for."""
        with self._lock:
            self._registered_threads.add(thread)

    def join(
        self,
        threads: Iterable[threading.Thread] | None = None,
        stop_grace_period_secs: float = 120,
        ignore_live_threads: bool = False,
    ) -> None:
        """Waits for the registered threads and `threads`; after a request to stop, for the grace period at most.

        Raises: what was reported to `request_stop`; RuntimeError when threads are still running, unless ignored.
        """
        with self._lock:
            waiting = list(self._registered_threads.union(threads or ()))
        while any(t.is_alive() for t in waiting) and not self.wait_for_stop(1.0):
            pass
        pause = 0.001
        while any(t.is_alive() for t in waiting) and stop_grace_period_secs >= 0.0:
            time.sleep(pause)
            stop_grace_period_secs -= pause
            # Longer and longer, up to what is left; never so short that the rest would not shrink.
            pause = max(min(2 * pause, stop_grace_period_secs), 0.001)
        stragglers = [t.name for t in waiting if t.is_alive()]
        with self._lock:
            self._joined = True
            self._registered_threads = set()
            if self._exc_info_to_raise:
                _raise(self._exc_info_to_raise)
            elif stragglers:
                message = "Coordinator stopped with threads still running: " + " ".join(stragglers)
                if not ignore_live_threads:
                    raise RuntimeError(message)
                tf_logging.info(message)

    @property
    def joined(self) -> bool:
        """Whether `join` was called."""
        return self._joined

    def raise_requested_exception(self) -> None:
        """Raises what was reported to `request_stop`, if anything was."""
        with self._lock:
            if self._exc_info_to_raise:
                _raise(self._exc_info_to_raise)


def _as_exc_info(ex: BaseException) -> Any:
    """The exception being handled, or `ex` itself outside of a handler."""
    info = sys.exc_info()
    return info if info[0] else (type(ex), ex, ex.__traceback__)


@export("train.LooperThread")
class LooperThread(threading.Thread):
    """A thread that calls `target` (or `run_loop`) again and again until told to stop.

    Every `timer_interval_secs`, or without a pause when that is None.
    """

    def __init__(
        self,
        coord: Coordinator,
        timer_interval_secs: float | None,
        target: Callable[..., Any] | None = None,
        args: Any = None,
        kwargs: Any = None,
    ) -> None:
        if not isinstance(coord, Coordinator):
            raise ValueError(f"'coord' argument must be a Coordinator: {coord}")
        super().__init__()
        self.daemon = True
        self._coord = coord
        self._timer_interval_secs = timer_interval_secs
        self._target: Any = target
        if target:
            self._args: Any = args or ()
            self._kwargs: Any = kwargs or {}
        elif args or kwargs:
            raise ValueError("'args' and 'kwargs' argument require that you also pass 'target'")
        self._coord.register_thread(self)

    @staticmethod
    def loop(
        coord: Coordinator, timer_interval_secs: float | None, target: Any, args: Any = None, kwargs: Any = None
    ) -> LooperThread:
        """A thread that calls `target`, started."""
        looper = LooperThread(coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)
        looper.start()
        return looper

    def run(self) -> None:
        with self._coord.stop_on_exception():
            self.start_loop()
            if self._timer_interval_secs is None:
                while not self._coord.should_stop():
                    self.run_loop()
            else:
                next_time = time.time()
                while not self._coord.wait_for_stop(next_time - time.time()):
                    next_time += self._timer_interval_secs
                    self.run_loop()
            self.stop_loop()

    def start_loop(self) -> None:
        """Called when the thread starts."""

    def stop_loop(self) -> None:
        """Called when the thread stops."""

    def run_loop(self) -> None:
        """Called again and again; calls `target`."""
        if self._target:
            self._target(*self._args, **self._kwargs)
