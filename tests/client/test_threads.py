"""Plans choose their number of threads by measurement, and leave torch's setting as they found it."""

from __future__ import annotations

import time

import pytest
import torch

from tfcompat.client import threads


def _runner(slow_at: int):
    seen: list[int] = []

    def run(feeds):
        n = torch.get_num_threads()
        seen.append(n)
        if n == slow_at:
            time.sleep(0.002)
        else:
            time.sleep(0.0006)
        return list(feeds)

    return run, seen


@pytest.mark.parametrize("slow_at, best", [(1, 2), (2, 1)])
def test_the_faster_number_of_threads_is_kept(slow_at: int, best: int) -> None:
    run, seen = _runner(slow_at)
    tuned = threads.Tuned(run, 2)
    before = torch.get_num_threads()
    for _ in range(10):
        assert tuned([1]) == [1]
        assert torch.get_num_threads() == before
    assert set(seen[:6]) == {1, 2}
    assert seen[6:] == [best] * 4


def test_short_plans_stay_with_one_thread() -> None:
    seen: list[int] = []

    def run(feeds):
        seen.append(torch.get_num_threads())
        return []

    tuned = threads.Tuned(run, 2)
    for _ in range(12):
        tuned([])
    assert seen[6:] == [1] * 6


def test_fixed_threads_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFCOMPAT_FIXED_THREADS", "1")
    run, seen = _runner(1)
    tuned = threads.Tuned(run, 2)
    for _ in range(8):
        tuned([])
    assert set(seen) == {2}
