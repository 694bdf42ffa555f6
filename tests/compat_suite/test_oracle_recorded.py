"""The recorded numbers of TensorFlow, two cases an op; `python -m compat_suite oracle` compares all of them."""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np
import pytest

from compat_suite.oracle import compare, evaluate
from compat_suite.oracle.recorded import load, version

Pair = tuple[dict[str, Any], dict[str, Any]]
RECORDED = load()


def chosen() -> dict[str, list[Pair]]:
    """For each op the first case in double precision (or the first of all) and another one."""
    by_op: dict[str, list[Pair]] = {}
    for pair in RECORDED:
        by_op.setdefault(pair[0]["op"], []).append(pair)
    out = {}
    for op, pairs in by_op.items():
        first = next((p for p in pairs if p[0]["id"].endswith("float64")), pairs[0])
        other = pairs[zlib.crc32(op.encode()) % len(pairs)]
        out[op] = [first] if other is first else [first, other]
    return out


CHOSEN = chosen()


@pytest.fixture(scope="module")
def library() -> Any:
    return evaluate.libraries("tfcompat")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", sorted(CHOSEN))
def test_values_state_and_gradients_are_those_of_tensorflow(library: Any, op: str) -> None:
    tf, raw, _ = library
    for case, want in CHOSEN[op]:
        verdict = compare.judge(case, evaluate.answer(tf, raw, case), want)
        assert verdict.status in ("same", "close"), f"{case['id']}: {verdict.detail}"


def test_the_recording_is_broad() -> None:
    assert version().startswith("1.15")
    assert len(RECORDED) > 5000
    assert len(CHOSEN) > 450
    assert sum(bool(want.get("grad")) for _, want in RECORDED) > 1000


# --- the judge is judged ---------------------------------------------------------------------------------------

CASE = {"op": "Neg", "inputs": [["x", {"a": evaluate.pack(np.array([1.0, 2.0]))}]], "wrt": [0], "ys": None, "attrs": {}}
ANSWER = {"out": [evaluate.pack(np.array([-1.0, -2.0]))], "types": ["float64"], "grad": [evaluate.pack(np.ones(2))]}


@pytest.mark.parametrize(
    "change, status",
    [
        ({}, "same"),
        ({"out": [evaluate.pack(np.array([-1.0, -2.0 - 1e-12]))]}, "close"),
        ({"out": [evaluate.pack(np.array([-1.0, -2.1]))]}, "differs"),
        ({"out": [evaluate.pack(np.array([-1.0, np.nan]))]}, "differs"),
        ({"out": [evaluate.pack(np.array([[-1.0, -2.0]]))]}, "differs"),
        ({"out": [evaluate.pack(np.array([-1.0, -2.0], np.float32))]}, "differs"),
        ({"types": ["float32"]}, "differs"),
        ({"grad": [None]}, "differs"),
        ({"grad": [evaluate.pack(np.array([1.0, 0.9]))]}, "differs"),
        ({"grad": None, "no_grad": ["LookupError", "no gradient"]}, "error"),
        ({"error": ["run", "InvalidArgumentError", "bad"]}, "error"),
    ],
)
def test_planted_faults_are_seen(change: dict[str, Any], status: str) -> None:
    assert compare.judge(CASE, {**ANSWER, **change}, ANSWER).status == status


@pytest.mark.parametrize("name", ["float16", "bfloat16", "int8", "uint32", "complex64", "bool", "float64"])
def test_arrays_survive_json(name: str) -> None:
    array = np.array([[0, 1], [1, 3]]).astype("float32" if name == "bfloat16" else name)
    packed = json.loads(json.dumps([name, *evaluate.pack(array)[1:]]))
    assert np.array_equal(evaluate.unpack(packed), array)
    assert evaluate.unpack(evaluate.pack(np.float64(2.0))).shape == ()
