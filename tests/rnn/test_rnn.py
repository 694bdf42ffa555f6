"""Recurrent networks against what TensorFlow 1.15 gave (see rnn_cases.py)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from tests.rnn import rnn_cases

RECORDED = json.loads(gzip.decompress((Path(__file__).parent / "data" / "rnn_tf115.json.gz").read_bytes()))["cases"]


@pytest.mark.parametrize("name", list(RECORDED))
def test_as_in_tensorflow(name: str) -> None:
    found = rnn_cases.observe(tf, rnn_cases.cases(tf)[name])
    want = RECORDED[name]
    for key in ("variables", "count", "nodes", "results", "connected"):
        assert found[key] == want[key], key
    for got, value in zip(found["values"], want["values"], strict=True):
        np.testing.assert_allclose(got, value, rtol=1e-4, atol=2e-5)


def second_order(make: Any) -> None:
    rng = np.random.RandomState(1)
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float64, [2, 3, 4])
        with tf.variable_scope("", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=1, dtype=tf.float64)):
            outputs, _ = make(x)
        first = tf.gradients(tf.reduce_sum(outputs * outputs), x)[0]
        total = tf.reduce_sum(first * tf.constant(rng.randn(2, 3, 4)))
        second = tf.gradients(total, x)[0]
        sess.run(tf.global_variables_initializer())
        value, along = rng.randn(2, 3, 4), rng.randn(2, 3, 4)
        ends = [sess.run(total, {x: value + e * along}) for e in (1e-5, -1e-5)]
        np.testing.assert_allclose((sess.run(second, {x: value}) * along).sum(), (ends[0] - ends[1]) / 2e-5, rtol=1e-5)


def test_second_order_through_dynamic_rnn() -> None:
    second_order(lambda x: tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(3), x, dtype=tf.float64))
    second_order(
        lambda x: tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(3), x, dtype=tf.float64, sequence_length=[1, 3])
    )


def f32(shape: Any) -> Any:
    return tf.placeholder(tf.float32, shape)


ERRORS = [
    (lambda c: tf.nn.static_rnn(3, [f32([2, 4])], dtype=tf.float32), TypeError, "The argument 'cell' (3) is not an RNNCell"),
    (lambda c: tf.nn.static_rnn(c, f32([2, 4]), dtype=tf.float32), TypeError, "inputs must be a sequence"),
    (lambda c: tf.nn.static_rnn(c, [], dtype=tf.float32), ValueError, "inputs must not be empty"),
    (lambda c: tf.nn.static_rnn(c, [f32([2, 4])]), ValueError, "If no initial_state is provided, dtype must be specified"),
    (lambda c: tf.nn.static_rnn(c, [tf.placeholder(tf.int32, [2, 4])], dtype=tf.float32), ValueError, "RNN cell only supports floating point inputs"),
    (lambda c: tf.nn.dynamic_rnn(c, f32([2, 3, 4])), ValueError, "If there is no initial_state, you must give a dtype."),
    (lambda c: tf.nn.dynamic_rnn(c, f32([2, 3, None]), dtype=tf.float32), ValueError, "Input size (depth of inputs) must be accessible"),
    (lambda c: tf.nn.dynamic_rnn(c, f32([2, 3, 4]), dtype=tf.float32, sequence_length=[[1]]), ValueError, "must be a vector of length batch_size"),
    (lambda c: tf.nn.rnn_cell.MultiRNNCell([]), ValueError, "Must specify at least one cell"),
    (lambda c: tf.nn.rnn_cell.DropoutWrapper(c, 1.5), ValueError, "Parameter input_keep_prob must be between 0 and 1"),
]


@pytest.mark.parametrize(("make", "kind", "text"), ERRORS)
def test_errors(make: Any, kind: type, text: str) -> None:
    with tf.Graph().as_default(), pytest.raises(kind) as caught:
        make(tf.nn.rnn_cell.BasicRNNCell(3))
    assert text in str(caught.value)
