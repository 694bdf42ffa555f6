"""Runs the programs of state_programs.py and compares with what TF 1.15 recorded.

Record again with compat_suite/record/state.py inside TF 1.15.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

import tfcompat as tf
from tests.ops.state_programs import PROGRAMS

_FILE = Path(__file__).parent / "data" / "state_tf115.json.gz"
with gzip.open(_FILE, "rt", encoding="utf-8") as _lines:
    _RECORDED: dict[str, Any] = json.load(_lines)["groups"]


def names(group: str) -> list[str]:
    return sorted(PROGRAMS[group])


def check(group: str, name: str, rtol: float = 0.0, nodes: bool = True) -> None:
    """Runs a program in a fresh graph: results as recorded (to `rtol`), and the same nodes in the same order."""
    tf.reset_default_graph()
    got = PROGRAMS[group][name](tf, np)
    want = _RECORDED[group][name]
    compare(got, want["result"], rtol, name)
    if nodes:
        graph = tf.get_default_graph()
        assert [[o.type, o.name] for o in graph.get_operations()] == want["nodes"]


def compare(got: Any, want: Any, rtol: float, where: str) -> None:
    if isinstance(want, list) and want and want[0] in ("array", "bytes", "slices"):
        if want[0] == "slices":
            compare(got.values, want[1], rtol, f"{where}.values")
            compare(got.indices, want[2], rtol, f"{where}.indices")
        elif want[0] == "bytes":
            assert got == want[1].encode(), where
        else:
            _compare_arrays(got, want, rtol, where)
    elif isinstance(want, list):
        assert len(got) == len(want), f"{where}: {got} against {want}"
        for i, (g, w) in enumerate(zip(got, want, strict=True)):
            compare(g, w, rtol, f"{where}[{i}]")
    else:
        assert got == want, f"{where}: {got!r} against {want!r}"


def _compare_arrays(got: Any, want: list[Any], rtol: float, where: str) -> None:
    _, kind, shape, numbers = want
    array = np.asarray(got)
    assert list(array.shape) == shape, where
    if kind == "string":
        assert [v.decode() for v in array.ravel()] == numbers, where
        return
    assert array.dtype.name == kind, where
    expected = np.array(numbers, kind).reshape(shape)
    if rtol:
        np.testing.assert_allclose(array, expected, rtol=rtol, atol=rtol, err_msg=where)
    else:
        np.testing.assert_array_equal(array, expected, err_msg=where)
