"""Conditionals, checks, Python functions, TensorArrays and loops against what TensorFlow 1.15 gave.

See control_flow_cases.py. Graphs recorded there, with Switch, Merge, Enter and Exit, are imported and run as well.
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from tests.ops import control_flow_cases as recorded

FILE = Path(__file__).parent / "data" / "control_flow_tf115.json.gz"
RECORDED = json.loads(gzip.decompress(FILE.read_bytes()))["cases"]
CASES = recorded.cases(tf)


def check_runs(runs: list[Any], want: list[Any]) -> None:
    for got, value in zip(runs, want, strict=True):
        assert got.get("error") == value.get("error")
        for a, b in zip(got.get("values", []), value.get("values", []), strict=True):
            if b is None or (b and isinstance(b[0], str)):
                assert a == b
            else:
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("name", list(RECORDED))
def test_as_in_tensorflow(name: str) -> None:
    want = RECORDED[name]
    found = recorded.observe(tf, *CASES[name])
    assert found.get("error") == want.get("error")
    if "error" not in want:
        for key in ("count", "nodes", "shapes", "connected"):
            assert found[key] == want[key], key
        check_runs(found["runs"], want["runs"])


@pytest.mark.parametrize("name", recorded.IMPORTED)
def test_graphs_with_switch_and_enter_run(name: str) -> None:
    want = RECORDED[name]
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        message = tf.GraphDef.FromString(base64.b64decode(want["graph"]))
        tf.import_graph_def(message, name="")
        for feed, run in zip(CASES[name][1], want["runs"], strict=True):
            feeds = {"x:0": recorded.X, "p:0": feed["p"], "i:0": feed["i"]}
            for _ in range(2):
                if "error" in run:
                    with pytest.raises(tf.errors.OpError) as caught:
                        sess.run(want["fetches"], feeds)
                    assert recorded.error_of(caught.value) == run["error"]
                else:
                    values = [recorded.plain(v) for v in sess.run(want["fetches"], feeds)]
                    np.testing.assert_allclose(values[0], run["values"][0], rtol=1e-5, atol=2e-6)
                    np.testing.assert_allclose(values[-1], run["values"][-1], rtol=1e-5, atol=2e-6)
        assert len(graph.get_operations()) == len(message.node)


@pytest.mark.parametrize("name", ["cond", "cond_nested", "switch_case", "scan", "loop", "loop_of_cond", "loop_in_loop"])
def test_graphs_survive_their_message(name: str) -> None:
    """Written to a GraphDef with functions and read again: the same values, and gradients again."""
    make, feeds = CASES[name]
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        x = tf.placeholder(tf.float32, [2, 3], name="x")
        p, i = tf.placeholder(tf.bool, [], name="p"), tf.placeholder(tf.int32, [], name="i")
        y = tf.identity(make(x, p, i), name="y")
        g = tf.identity(tf.gradients(y, x)[0], name="g")
        want = [sess.run([y, g], {x: recorded.X, p: f["p"], i: f["i"]}) for f in feeds]
        message = tf.GraphDef.FromString(graph.as_graph_def().SerializeToString())
    with tf.Graph().as_default() as graph, tf.Session() as sess:
        tf.import_graph_def(message, name="")
        again = tf.gradients(graph.get_tensor_by_name("y:0"), graph.get_tensor_by_name("x:0"))[0]
        for f, values in zip(feeds, want, strict=True):
            got = sess.run(["y:0", "g:0", again], {"x:0": recorded.X, "p:0": f["p"], "i:0": f["i"]})
            for a, b in zip(got, [*values, values[1]], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-6)


def test_side_effects_only_where_taken() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        v, r = tf.Variable(0.0), tf.Variable(0.0, use_resource=True)
        p = tf.placeholder(tf.bool, [])
        step = tf.cond(
            p, lambda: tf.group(tf.assign_add(v, 1.0), r.assign_add(1.0)), lambda: tf.group(tf.assign_add(v, 100.0))
        )
        sess.run(tf.global_variables_initializer())
        for taken in (True, False, True):
            sess.run(step, {p: taken})
        assert sess.run([v, r]) == [102.0, 2.0]


def test_gradient_of_variables_used_in_branches() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        for resource in (False, True):
            v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], use_resource=resource)
            p = tf.placeholder(tf.bool, [])
            y = tf.cond(p, lambda v=v: tf.reduce_sum(v * v), lambda v=v: tf.reduce_sum(tf.nn.embedding_lookup(v, [1, 1])))
            g = tf.convert_to_tensor(tf.gradients(y, v)[0])
            sess.run(v.initializer)
            np.testing.assert_allclose(sess.run(g, {p: True}), [[2, 4], [6, 8]])
            np.testing.assert_allclose(sess.run(g, {p: False}), [[0, 0], [2, 2]])


def test_branch_tensors_cannot_be_used_outside() -> None:
    kept: list[Any] = []
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [])
        tf.cond(x > 0.0, lambda: kept.append(x * 2.0) or kept[0], lambda: x)
        with pytest.raises(ValueError, match="Cannot use 'cond/mul' as input to 'add'"):
            _ = kept[0] + 1.0
        with pytest.raises(ValueError, match="not an element of this graph|not fetchable"):
            sess.run(kept[0], {x: 1.0})


def test_third_derivative_through_nested_conditionals() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x, p = tf.placeholder(tf.float64, []), tf.placeholder(tf.bool, [])
        y = tf.cond(p, lambda: tf.cond(x > 0.0, lambda: x**5, lambda: tf.exp(x)), lambda: tf.sin(x))
        derivatives = [y]
        for _ in range(3):
            derivatives.append(tf.gradients(derivatives[-1], x)[0])
        np.testing.assert_allclose(sess.run(derivatives, {x: 2.0, p: True}), [32, 80, 160, 240])
        np.testing.assert_allclose(sess.run(derivatives, {x: -1.0, p: True}), [np.exp(-1)] * 4)
        np.testing.assert_allclose(
            sess.run(derivatives, {x: 0.5, p: False}), [np.sin(0.5), np.cos(0.5), -np.sin(0.5), -np.cos(0.5)]
        )
