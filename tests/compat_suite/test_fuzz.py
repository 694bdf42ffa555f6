"""The fuzzer draws the same cases again, ends each in a value or TF's error, and names what kills a process."""

from __future__ import annotations

import re
import sys

import pytest

from compat_suite.fuzz import main, worker
from compat_suite.fuzz.drawing import candidates


def test_cases_depend_on_seed_and_number_alone() -> None:
    ops = candidates()
    assert str(worker.drawn(5, 17, ops)) == str(worker.drawn(5, 17, ops))
    assert len(ops) > 400


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", range(0, 120, 3))
def test_every_use_ends_in_a_value_or_an_error_of_tensorflow(number: int) -> None:
    use = worker.drawn(11, number, candidates())
    came = worker.attempt(use)
    assert not came.startswith("finding"), f"{use}: {came}"


def test_a_dead_process_is_a_finding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A worker that dies in every case stands for a kernel that crashes."""
    import compat_suite.fuzz.command as command

    text = "import os,sys; open(sys.argv[1],'a').write(sys.argv[2]+chr(10)); os._exit(139)"

    def start(self: command.Worker) -> None:
        arguments = [sys.executable, "-c", text, str(self.file), str(self.at)]
        self.process = command.subprocess.Popen(arguments)

    monkeypatch.setattr(command.Worker, "start", start)
    assert main(["--cases", "2", "--seed", "1"]) == 1
    printed = capsys.readouterr().out
    assert re.search(r"--seed 1 --case 0: .*process ended with 139", printed)
    assert re.search(r"--seed 1 --case 1: .*process ended with 139", printed)
