"""Every optimizer of TF 1.15 on tfcompat, against the numbers TF 1.15 gave (compat_suite/data/optimizers.json.gz).

Record again with `python compat_suite/record/optimizers.py` inside TF 1.15.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compat_suite
import tfcompat as tf
from compat_suite import optimizer_programs, schedule_programs

DATA = Path(compat_suite.__file__).parent / "data" / "optimizers.json.gz"
with gzip.open(DATA, "rt", encoding="utf-8") as lines:
    RECORDED: dict[str, Any] = json.load(lines)

# float32: TF's kernels and ours round in different orders, and twenty steps let that grow.
TOLERANCE = {"float32": {"rtol": 2e-5, "atol": 2e-6}, "float64": {"rtol": 1e-9, "atol": 1e-12}}


def recorded_run(name: str) -> dict[str, Any]:
    """A case's numbers; cases with the same numbers are stored once."""
    run = RECORDED["optimizers"][name]
    return recorded_run(run["same_as"]) if "same_as" in run else run


CASES = [case for case in optimizer_programs.CASES if "error" not in recorded_run(case.name)]


def close(got: Any, want: Any, dtype: str, what: str) -> None:
    """Nested lists of numbers; infinities are recorded as text."""
    assert len(got) == len(want), what
    for mine, theirs in zip(got, want):
        if isinstance(theirs, list):
            close(mine, theirs, dtype, what)
        else:
            np.testing.assert_allclose(mine, float(theirs), **TOLERANCE[dtype], err_msg=what)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_optimizer_follows_tensorflow(case: optimizer_programs.Case) -> None:
    want = recorded_run(case.name)
    got = optimizer_programs.run_case(tf, case)
    assert got["names"] == want["names"]
    assert got["slot_names"] == want["slot_names"]
    assert got["global_step"] == want["global_step"] == optimizer_programs.STEPS
    # A schedule is float32 whatever the model is, and TF's graph optimizer divides by multiplying with reciprocals.
    dtype = "float32" if "decayed" in case.optimizer else case.dtype
    close(got["losses"], want["losses"], dtype, "losses")
    for step, values in want["values"].items():
        for name, mine, theirs in zip(want["names"], got["values"][step], values):
            close(mine, theirs, dtype, f"{name} after step {step}")


@pytest.mark.parametrize("name", RECORDED["schedules"])
def test_schedule_follows_tensorflow(name: str) -> None:
    want = RECORDED["schedules"][name]
    got = schedule_programs.run_schedule(tf, name)
    assert got["dtype"] == want["dtype"]
    close(got["variable"], want["variable"], "float32", "step as a variable")
    close(got["tensor"], want["tensor"], "float32", "step as a tensor")


@pytest.mark.parametrize("name", RECORDED["averages"])
def test_moving_average_follows_tensorflow(name: str) -> None:
    want = RECORDED["averages"][name]
    got = schedule_programs.run_average(tf, name)
    for key in ("names", "average_name", "restore"):
        assert got[key] == want[key]
    close(got["initial"], want["initial"], "float32", "initial values")
    close(got["values"], want["values"], "float32", "values after each update")


@pytest.mark.parametrize("name", RECORDED["clips"])
def test_clipping_follows_tensorflow(name: str) -> None:
    close(schedule_programs.run_clip(tf, name), RECORDED["clips"][name], "float32", name)
