"""How many threads a plan runs with: measured, not guessed.

torch's kernels split their work over a team whose members wait for each other. On cores that other work keeps busy a
team of two can be a hundred times slower than one thread, and small kernels gain nothing from it. So a plan tries both
now and then and keeps what was faster. `TFCOMPAT_FIXED_THREADS=1` turns this off: results then do not depend on the
number of threads chosen (sums may differ in the last bit between the two).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch

Runner = Callable[[Sequence[Any]], list[Any]]

# What torch would use by itself, before any plan chose otherwise.
AVAILABLE = torch.get_num_threads()
_TRIALS = 3
_SECONDS_BETWEEN_TRIALS = 5.0
# Plans quicker than this have no kernel worth a second thread.
_TOO_SHORT = 2e-4


def allowed(config: Any) -> int:
    """The most threads a session may use: what its config asks for, else all that torch has."""
    asked = 0 if config is None else config.intra_op_parallelism_threads
    return min(asked, AVAILABLE) if asked > 0 else AVAILABLE


class Tuned:
    """A compiled plan that runs with one thread or with all, whichever has been faster lately."""

    __slots__ = ("_best", "_many", "_next_trial", "_run", "_times", "_todo", "source")

    def __init__(self, run: Runner, many: int) -> None:
        self._run = run
        self._many = many
        self._best = many
        self._times: dict[int, float] = {}
        self._todo: list[int] = [] if _is_fixed() else _trials(many)
        self._next_trial = 0.0
        self.source = getattr(run, "source", "")

    def __call__(self, feeds: Sequence[Any]) -> list[Any]:
        if not self._todo and self._next_trial and time.monotonic() > self._next_trial:
            self._times = {}
            self._todo = _trials(self._many)
        if self._todo:
            return self._try(feeds)
        return self._with(self._best, feeds)

    def _with(self, threads: int, feeds: Sequence[Any]) -> list[Any]:
        before = torch.get_num_threads()
        if threads == before:
            return self._run(feeds)
        torch.set_num_threads(threads)
        try:
            return self._run(feeds)
        finally:
            torch.set_num_threads(before)

    def _try(self, feeds: Sequence[Any]) -> list[Any]:
        try:
            threads = self._todo.pop()
        except IndexError:  # another thread took the last trial
            return self._with(self._best, feeds)
        start = time.perf_counter()
        result = self._with(threads, feeds)
        took = time.perf_counter() - start
        self._times[threads] = min(took, self._times.get(threads, took))
        if not self._todo:
            self._settle()
        return result

    def _settle(self) -> None:
        times = dict(self._times)
        self._best = min(times, key=times.__getitem__)
        if times.get(1, 1.0) < _TOO_SHORT:
            self._best, self._next_trial = 1, 0.0
        else:
            self._next_trial = time.monotonic() + _SECONDS_BETWEEN_TRIALS


def _trials(many: int) -> list[int]:
    return [1, many] * _TRIALS if many > 1 else [1]


def _is_fixed() -> bool:
    return os.environ.get("TFCOMPAT_FIXED_THREADS", "") not in ("", "0")
