"""Passes keep values: random graphs through every pass and both executors, and each rule on a graph of its own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tfcompat as tf
from tfcompat.client.state import SessionState
from tfcompat.runtime import plan as plan_lib
from tfcompat.runtime import program as program_lib
from tfcompat.runtime.executors import reference, source
from tfcompat.runtime.passes import PASSES
from tfcompat.runtime.passes.fold import fold_constants
from tfcompat.runtime.passes.prune import prune
from tfcompat.runtime.passes.share import share_equal
from tfcompat.runtime.passes.simplify import simplify

UNARY = [tf.tanh, tf.sigmoid, tf.square, tf.negative, tf.identity, lambda t: t * 1.0, lambda t: t - 0.0, tf.nn.relu]
BINARY = [tf.add, tf.subtract, tf.multiply, tf.maximum, tf.minimum]


def random_graph(rng: np.random.RandomState, n: int):
    """A feed and some fetches of a graph of about n ops, gradients among them."""
    x = tf.placeholder(tf.float64, [None, 3])
    pool = [x, tf.constant(rng.randn(1, 3)), tf.constant(rng.randn(3))]
    for _ in range(n):
        kind = rng.randint(4)
        a, b = pool[rng.randint(len(pool))], pool[rng.randint(len(pool))]
        if kind == 0:
            pool.append(UNARY[rng.randint(len(UNARY))](a))
        elif kind == 1:
            pool.append(BINARY[rng.randint(len(BINARY))](a, b))
        elif kind == 2:
            pool.append(tf.reshape(a, tf.shape(a)))
        else:
            pool.append(tf.reduce_mean(a, axis=-1, keepdims=True) + b)
    y = tf.reduce_sum(pool[-1] * pool[-2])
    found = tf.gradients(y, [x])[0]
    return x, [y, pool[-1], *([found] if found is not None else [])]


def values_by(passes, run, graph, x, fetches, value):
    program = program_lib.make_program(graph, fetches, [], [x])
    program.feeds[0].dims = value.shape
    for p in passes:
        program = p(program)
    plan = plan_lib.make_plan(program, SessionState(torch.device("cpu")))
    feeds = [torch.from_numpy(value)]
    out = reference.run_steps(plan, feeds) if run == "reference" else source.compile_plan(plan)(feeds)
    return [t.numpy() for t in out], len(plan.steps)


@pytest.mark.parametrize("seed", range(25))
def test_passes_and_executors_agree_on_random_graphs(seed: int) -> None:
    rng = np.random.RandomState(seed)
    with tf.Graph().as_default() as graph:
        x, fetches = random_graph(rng, rng.randint(5, 60))
        value = rng.randn(rng.randint(1, 5), 3)
        plain, most = values_by((), "reference", graph, x, fetches, value)
        for passes in [(p,) for p in PASSES] + [PASSES]:
            for run in ("reference", "source"):
                got, steps = values_by(passes, run, graph, x, fetches, value)
                assert steps <= most
                for a, b in zip(plain, got, strict=True):
                    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def types_after(*passes, fetches, feeds=(), shapes=()) -> list[str]:
    program = program_lib.make_program(tf.get_default_graph(), fetches, [], list(feeds))
    for v, shape in zip(program.feeds, shapes, strict=False):
        v.dims = shape
    for p in passes:
        program = p(program)
    again = program
    for p in passes:
        again = p(again)
    assert len(again.instrs) == len(program.instrs)  # a second application changes nothing
    return [i.op.type for i in program.instrs]


def test_shapes_of_feeds_fold() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 2])
        n = tf.shape(x)[0] * 2
        assert types_after(fold_constants, fetches=[n], feeds=[x], shapes=[(3, 2)]) == []
        assert "Shape" in types_after(fold_constants, fetches=[n], feeds=[x])


def test_what_changes_nothing_goes() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2, 3])
        y = tf.identity(tf.reshape(x, [2, 3])) * 1.0
        y = tf.transpose(tf.reduce_sum(y - 0.0, axis=[]), [0, 1])
        assert types_after(fold_constants, simplify, fetches=[tf.tanh(y)], feeds=[x]) == ["Tanh"]
        # An addition of zero turns a negative zero into a positive one, and a one that widens is no identity.
        wide = x[:1] * tf.ones([2, 3])
        assert "AddV2" in types_after(fold_constants, simplify, fetches=[x + 0.0], feeds=[x])
        assert "Mul" in types_after(fold_constants, simplify, fetches=[wide], feeds=[x])


def test_equal_instructions_run_once() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2])
        y = tf.tanh(x) + tf.tanh(x)
        assert types_after(fold_constants, share_equal, fetches=[y], feeds=[x]) == ["Tanh", "AddV2"]
        drawn = tf.random_uniform([2]) + tf.random_uniform([2])
        assert types_after(fold_constants, share_equal, fetches=[drawn]).count("RandomUniform") == 2


def test_what_nobody_reads_goes() -> None:
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2])
        parts = tf.unstack(tf.tanh(x))
        checked = tf.check_numerics(x, "bad")
        with tf.control_dependencies([checked]):
            y = tf.identity(parts[0])
        kept = types_after(fold_constants, prune, fetches=[y], feeds=[x])
        assert "CheckNumerics" in kept


def test_reads_of_a_variable_are_not_shared_across_a_write() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        v = tf.Variable(1.0)
        before = v + 1.0
        with tf.control_dependencies([before]):
            write = tf.assign_add(v, 10.0)
        with tf.control_dependencies([write]):
            after = v + 1.0
        sess.run(tf.global_variables_initializer())
        for n in range(3):
            assert sess.run([before, after]) == [2.0 + 10 * n, 12.0 + 10 * n]
