"""Case files of one-line programs and what TF 1.15 answered to them: `check` compares nodes, shapes, values and errors.

A case file `<name>_cases.txt` and its recording `<name>_tf115.json.gz` lie in tests/ops/data; record with
compat_suite/record/math_ops.py.
"""

from __future__ import annotations

import gzip
import json
import pathlib
from typing import Any

import pytest

import tfcompat as tf
from compat_suite.record.math_ops import evaluate
from tests.ops.test_math_recorded import same_numbers

DATA = pathlib.Path(__file__).parent / "data"


def recorded(name: str) -> list[Any]:
    """Parameters (source, what TF found). Raises AssertionError when the recording is of other lines."""
    with gzip.open(DATA / f"{name}_tf115.json.gz", "rt", encoding="utf-8") as text:
        found: dict[str, Any] = json.load(text)
    lines = [line for line in (DATA / f"{name}_cases.txt").read_text().split("\n") if line]
    assert [c["source"] for c in found["cases"]] == lines, "record the cases again"
    assert found["tensorflow"].startswith("1.15.")
    return [pytest.param(c["source"], c["found"], id=f"{i}-{c['source'][:60]}") for i, c in enumerate(found["cases"])]


def check(source: str, want: dict[str, Any]) -> None:
    """The program has TF's nodes, static shapes and values, or its error."""
    got = evaluate(tf, source)
    for kind in ("build_error", "run_error"):
        assert got.get(kind) == want.get(kind), kind
    assert got.get("shapes") == want.get("shapes")
    assert got["nodes"] == want["nodes"]
    values, of_tf = got.get("values"), want.get("values")
    assert (values is None) == (of_tf is None)
    for i, (g, w) in enumerate(zip(values or (), of_tf or (), strict=True)):
        assert same_numbers(g, w), f"result {i}: {g}, TF has {w}"
