"""Elements of pipelines against TensorFlow 1.15's, order of shuffles and random numbers included."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import tfcompat as tf

sys.path.insert(0, str(Path(__file__).parent))
import pipelines

RECORDED = json.loads((Path(__file__).parent / "pipelines_tf115.json").read_text())


def close(a, b) -> bool:
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float):
        return a == pytest.approx(b, rel=1e-6)
    return a == b


@pytest.mark.parametrize("name", list(pipelines.CASES))
@pytest.mark.filterwarnings("ignore")
def test_elements_are_tensorflows(name: str) -> None:
    found = json.loads(json.dumps(pipelines.walks(tf, name)))
    assert close(RECORDED[name], found), f"{found} is not {RECORDED[name]}"
