"""The command: shares cases out to worker processes, restarts those that die, prints what was found."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Worker:
    """A process that runs every `step`-th case from `first` on."""

    def __init__(self, asked: argparse.Namespace, first: int, step: int, folder: str) -> None:
        self.asked, self.at, self.step = asked, first, step
        self.file = Path(folder) / f"{first}.jsonl"
        self.file.touch()
        self.process: subprocess.Popen[bytes] | None = None
        self.size, self.moved = 0, time.monotonic()
        self.crashes: list[list[Any]] = []
        self.start()

    def start(self) -> None:
        a = self.asked
        numbers = [str(n) for n in (a.seed, self.at, self.step, a.cases)]
        command = [sys.executable, "-m", "compat_suite.fuzz.worker", *numbers, str(self.file), a.only, str(a.seconds)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.moved = time.monotonic()

    def begun(self) -> int | None:
        """The case that was begun and not ended."""
        lines = self.file.read_text(encoding="utf-8").splitlines()
        return int(lines[-1]) if lines and lines[-1].isdigit() else None

    def poll(self) -> bool:
        """Whether the worker still has something to do; a dead or stuck process is replaced."""
        assert self.process is not None
        size = self.file.stat().st_size
        if size != self.size:
            self.size, self.moved = size, time.monotonic()
        ended = self.process.poll()
        if ended is None and time.monotonic() - self.moved < 6 * self.asked.seconds + 30:
            return True
        if ended == 0:
            return False
        if ended is None:
            self.process.kill()
            self.process.wait()
        number = self.begun()
        if number is None:
            raise RuntimeError(f"a worker ended with {ended} outside a case")
        why = f"finding: process ended with {ended}" if ended is not None else "finding: stuck in native code"
        with self.file.open("a", encoding="utf-8") as out:
            out.write(json.dumps([number, "", why, ""]) + "\n")
        self.at = number + self.step
        if self.at >= self.asked.cases:
            return False
        self.start()
        return True

    def results(self) -> list[list[Any]]:
        lines = self.file.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("[")]


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m compat_suite fuzz", description="Random uses of every op.")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", metavar="REGEX", help="only ops whose type matches")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=20, help="limit for one case")
    parser.add_argument("--case", type=int, help="run this case alone, here, and say what comes")
    return parser.parse_args(argv)


def one_case(asked: argparse.Namespace) -> int:
    from compat_suite.fuzz.drawing import candidates
    from compat_suite.fuzz.worker import attempt, drawn

    use = drawn(asked.seed, asked.case, [n for n in candidates() if re.search(asked.only, n)])
    print(use, flush=True)
    came = attempt(use)
    print(came)
    return int(came.startswith("finding"))


def main(argv: Sequence[str]) -> int:
    """Exit status 0 when nothing was found."""
    asked = arguments(argv)
    if asked.case is not None:
        return one_case(asked)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        workers = [Worker(asked, first, asked.jobs, folder) for first in range(asked.jobs)]
        while any([w.poll() for w in workers]):
            time.sleep(0.2)
        results = sorted(r for w in workers for r in w.results())
    counts = Counter("finding" if came.startswith("finding") else came for _, _, came, _ in results)
    found = [r for r in results if r[2].startswith("finding")]
    for number, op, came, text in found:
        print(f"--seed {asked.seed} --case {number}: {op} {came}\n    {text}")
    ops = len({r[1] for r in results if r[1]})
    print(f"{len(results)} cases, {ops} op types, {len(found)} findings, {time.monotonic() - began:.0f} s")
    print(", ".join(f"{name} {n}" for name, n in counts.most_common()))
    return int(bool(found))
