"""Tests over a file of short programs and what TF 1.15 made of them (see compat_suite/record/cases.py)."""

from __future__ import annotations

import gzip
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from compat_suite.record import cases

# By kind of number; a file of programs may give others.
TOLERANCE = {"float16": 2e-3, "float32": 2e-5, "float64": 1e-9, "complex64": 2e-5, "complex128": 1e-9}


class Cases:
    """The programs of one file, for `pytest.mark.parametrize`, and the comparison with the recording."""

    def __init__(self, path: Path, **tolerance: float) -> None:
        self.tolerance = TOLERANCE | tolerance
        self.preamble, self.programs = cases.read(path)
        with gzip.open(path.with_name(path.stem + "_tf115.json.gz"), "rt", encoding="utf-8") as lines:
            self.recorded: dict[str, Any] = json.load(lines)["cases"]

    def parametrize(self) -> Any:
        return pytest.mark.parametrize("program", self.programs, ids=[p[:60] for p in self.programs])

    def check(self, program: str, skip: tuple[str, ...] = ()) -> None:
        """Raises AssertionError when we do anything else than TF 1.15. `skip` names parts not to compare."""
        want = self.recorded[program]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            got = json.loads(json.dumps(cases.evaluate(tf, self.preamble, program)))
        assert got.keys() == want.keys(), (got, want)
        for part, value in want.items():
            if part == "values":
                same_values(got[part], value, part, self.tolerance)
            elif part not in skip:
                assert got[part] == value, part


def same_values(got: Any, want: Any, where: str, tolerance: dict[str, float]) -> None:
    """Compares fetched values in their JSON form."""
    if isinstance(want, dict):
        assert got.keys() == want.keys(), where
        for key in want:
            same_values(got[key], want[key], f"{where}.{key}", tolerance)
    elif isinstance(want, list) and want and isinstance(want[0], str):
        assert got[:2] == want[:2], where
        if want[0] in tolerance:
            close = tolerance[want[0]]
            np.testing.assert_allclose(got[2], want[2], rtol=close, atol=close, err_msg=where)
        else:
            assert got[2] == want[2], where
    elif isinstance(want, list):
        assert len(got) == len(want), where
        for i, (a, b) in enumerate(zip(got, want, strict=True)):
            same_values(a, b, f"{where}[{i}]", tolerance)
    else:
        assert got == want, where
