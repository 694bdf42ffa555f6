"""Neural network functions against results, nodes and messages recorded from TF 1.15 (compat_suite/record/nn.py)."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import numpy as np
import pytest

import tfcompat as tf
from tests.ops.nn_programs import ERRORS, OTHER_NODES, PROGRAMS
from tests.ops.nn_running import message_of, run

FILE = np.load(Path(__file__).parent / "data" / "nn_tf115.npz")
FACTS = json.loads(zlib.decompress(FILE["facts"].tobytes()))

# Relative to what a type resolves; sums of float32 differ by some units in the last place.
TOLERANCE = {"float16": 2e-3, "float32": 3e-5, "float64": 1e-10}


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_results_and_nodes_are_tensorflows(name: str) -> None:
    values, nodes = run(tf, name, PROGRAMS[name])
    for i, got in enumerate(values):
        want = FILE[f"{name}/{i}"]
        label = f"{name}: result {i}"
        assert np.shape(got) == want.shape, label
        assert np.asarray(got).dtype == want.dtype, label
        close = TOLERANCE.get(want.dtype.name)
        if close is None:
            np.testing.assert_array_equal(got, want, err_msg=label)
        else:
            np.testing.assert_allclose(got, want, rtol=close, atol=close, err_msg=label)
    assert f"{name}/{len(values)}" not in FILE.files, name
    if name not in OTHER_NODES:
        assert nodes == FACTS["nodes"][name]


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_messages_are_tensorflows(name: str) -> None:
    assert message_of(tf, name, ERRORS[name]) == FACTS["errors"][name]
