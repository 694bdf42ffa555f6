"""Math ops against TensorFlow 1.15: values, static shapes, errors, and every node that the calls and gradients make.

The lines of tests/ops/data/math_cases.txt are programs; tests/ops/data/math_tf115.json.gz holds TF's answers. Record
again with compat_suite/record/math_ops.py inside TF 1.15 after changing the lines.
"""

from __future__ import annotations

import gzip
import json
import math
import pathlib
from typing import Any

import pytest

import tfcompat as tf
from compat_suite.record.math_ops import evaluate

DATA = pathlib.Path(__file__).parent / "data"
with gzip.open(DATA / "math_tf115.json.gz", "rt", encoding="utf-8") as text:
    RECORDED: dict[str, Any] = json.load(text)
CASES = [pytest.param(c["source"], c["found"], id=f"{i}-{c['source'][:60]}") for i, c in enumerate(RECORDED["cases"])]

# float32 is computed in another order than in TF; of float64 the special functions use other series.
RTOL = {"float16": 2e-3, "float32": 2e-5, "complex64": 2e-5, "float64": 1e-10, "complex128": 1e-10}


def test_the_recording_is_of_these_lines_and_of_tf_1_15() -> None:
    lines = [line for line in (DATA / "math_cases.txt").read_text().split("\n") if line]
    assert [c["source"] for c in RECORDED["cases"]] == lines
    assert RECORDED["tensorflow"].startswith("1.15.")


def same_numbers(got: Any, want: Any) -> bool:
    """Equal dtype, shape and numbers; NaN equals NaN, infinities have signs."""
    if got is None or want is None:
        return got is want
    if isinstance(want[0], list):  # values and indices
        return len(got) == len(want) and all(same_numbers(g, w) for g, w in zip(got, want, strict=True))
    if got[:2] != want[:2] or len(got[2]) != len(want[2]):
        return False
    rtol = RTOL.get(want[0], 0.0)
    finite = [abs(v) for v in want[2] if isinstance(v, float) and math.isfinite(v)]
    scale = min(max(finite, default=0.0), 1.0)  # differences that cancel keep the roundings of what they are made of
    for g, w in zip(got[2], want[2], strict=True):
        if g == w or (g != g and w != w):
            continue
        if isinstance(w, (str, int)) or not (math.isfinite(g) and math.isfinite(w)):
            return False
        if abs(g - w) > rtol * max(abs(w), scale):
            return False
    return True


@pytest.mark.filterwarnings("ignore:Casting complex to real", "ignore:Converting sparse", "ignore:Falling back")
@pytest.mark.parametrize("source, want", CASES)
def test_same_as_tf(source: str, want: dict[str, Any]) -> None:
    got = evaluate(tf, source)
    for kind in ("build_error", "run_error"):
        assert got.get(kind) == want.get(kind), kind
    assert got.get("shapes") == want.get("shapes")
    assert got["nodes"] == want["nodes"]
    values, recorded = got.get("values"), want.get("values")
    assert (values is None) == (recorded is None)
    for i, (g, w) in enumerate(zip(values or (), recorded or (), strict=True)):
        assert same_numbers(g, w), f"result {i}: {g}, TF has {w}"


def test_the_comparison_sees_differences() -> None:
    one = ["float32", [2], [1.0, float("nan")]]
    assert same_numbers(one, ["float32", [2], [1.0 + 1e-6, float("nan")]])
    for other in (
        ["float64", [2], [1.0, float("nan")]],
        ["float32", [1, 2], [1.0, float("nan")]],
        ["float32", [2], [1.001, float("nan")]],
        ["float32", [2], [1.0, 0.0]],
        ["float32", [2], [1.0, float("inf")]],
        None,
    ):
        assert not same_numbers(one, other)
    assert not same_numbers(["int32", [1], [2]], ["int32", [1], [3]])
    assert not same_numbers(["float32", [1], [float("inf")]], ["float32", [1], [-float("inf")]])
