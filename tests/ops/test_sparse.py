"""Sparse tensors, sets, confusion matrices: values, gradients, names and errors of TF 1.15 (sparse_cases_tf115.json.gz)."""

from __future__ import annotations

from pathlib import Path

from tests.recorded_cases import Cases

CASES = Cases(Path(__file__).with_name("sparse_cases.txt"))


@CASES.parametrize()
def test_as_tensorflow(program: str) -> None:
    CASES.check(program)
