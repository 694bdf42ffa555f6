"""Recurrent networks to compare with TensorFlow 1.15: names, counts, values and gradients.

`python tests/rnn/rnn_cases.py OUT.json.gz` with TensorFlow 1.15's interpreter records what the test compares with.
"""

from __future__ import annotations

import gzip
import json
import re
import sys

import numpy as np


def cases(tf):
    cell = tf.nn.rnn_cell
    f32 = tf.float32

    def steps(n=2, size=4):
        return [tf.placeholder(f32, [2, size], name=f"x{i}") for i in range(n)]

    def block(batch=2, time=3):
        return tf.placeholder(f32, [batch, time, 4], name="x")

    def static(made, n=2, **kwargs):
        return tf.nn.static_rnn(made, steps(n), dtype=f32, **kwargs)

    def raw():
        x = block()
        made = cell.BasicLSTMCell(3)
        rows = tf.TensorArray(f32, size=3).unstack(tf.transpose(x, [1, 0, 2]))
        lengths = tf.constant([2, 3])

        def loop(time, output, state, loop_state):
            following = made.zero_state(2, f32) if output is None else state
            finished = time >= lengths
            row = tf.cond(tf.reduce_all(finished), lambda: tf.zeros([2, 4]), lambda: rows.read(time))
            return finished, row, following, output, None

        return tf.nn.raw_rnn(made, loop)

    class Own(cell.RNNCell):
        @property
        def state_size(self):
            return 3

        @property
        def output_size(self):
            return 3

        def call(self, inputs, state):
            w = tf.get_variable("w", [4, 3])
            return (tf.tanh(tf.matmul(inputs, w) + state),) * 2

    return {
        "basic": lambda: static(cell.BasicRNNCell(3), 3),
        "lstm": lambda: static(cell.BasicLSTMCell(3), 3),
        "joined_state": lambda: static(cell.BasicLSTMCell(3, state_is_tuple=False)),
        "gru": lambda: static(cell.GRUCell(3)),
        "lstm_full": lambda: static(
            cell.LSTMCell(3, use_peepholes=True, num_proj=2, cell_clip=0.5, proj_clip=0.3)
        ),
        "multi": lambda: static(cell.MultiRNNCell([cell.BasicLSTMCell(3), cell.GRUCell(2)])),
        "own": lambda: static(Own()),
        "residual": lambda: static(cell.ResidualWrapper(cell.BasicRNNCell(4))),
        "device": lambda: static(cell.DeviceWrapper(cell.BasicRNNCell(4), "/cpu:0")),
        "dropout": lambda: static(cell.DropoutWrapper(cell.BasicLSTMCell(4), 0.5, 0.6, 0.7, seed=3)),
        "variational": lambda: static(
            cell.DropoutWrapper(
                cell.BasicLSTMCell(4), 0.5, 0.6, 0.7, seed=3, variational_recurrent=True, input_size=4, dtype=f32
            )
        ),
        "lengths": lambda: static(cell.BasicRNNCell(3), sequence_length=[1, 2]),
        "bidirectional": lambda: tf.nn.static_bidirectional_rnn(
            cell.BasicRNNCell(3), cell.BasicRNNCell(3), steps(), dtype=f32
        ),
        "bidirectional_lengths": lambda: tf.nn.static_bidirectional_rnn(
            cell.BasicRNNCell(3), cell.BasicRNNCell(3), steps(), dtype=f32, sequence_length=[1, 2]
        ),
        "dynamic": lambda: tf.nn.dynamic_rnn(cell.BasicRNNCell(3), block(), dtype=f32),
        "dynamic_lengths": lambda: tf.nn.dynamic_rnn(
            cell.LSTMCell(3, num_proj=2), block(), dtype=f32, sequence_length=[1, 2]
        ),
        "dynamic_unknown": lambda: tf.nn.dynamic_rnn(
            cell.GRUCell(3), block(None, None), dtype=f32, sequence_length=tf.constant([1, 2])
        ),
        "dynamic_multi": lambda: tf.nn.dynamic_rnn(
            cell.MultiRNNCell([cell.BasicLSTMCell(3), cell.GRUCell(2)]), block(), dtype=f32
        ),
        "dynamic_bidirectional": lambda: tf.nn.bidirectional_dynamic_rnn(
            cell.BasicRNNCell(3), cell.GRUCell(2), block(), dtype=f32, sequence_length=[1, 3]
        ),
        "raw": raw,
        "layer_norm": lambda: static(tf.contrib.rnn.LayerNormBasicLSTMCell(3)),
        "nas": lambda: static(tf.contrib.rnn.NASCell(3, num_proj=2, use_bias=True)),
        "projections": lambda: static(
            tf.contrib.rnn.OutputProjectionWrapper(
                tf.contrib.rnn.InputProjectionWrapper(cell.BasicRNNCell(3), 5), 2, activation=tf.tanh
            )
        ),
        "stacked": lambda: tf.contrib.rnn.stack_bidirectional_rnn(
            [cell.BasicRNNCell(3), cell.GRUCell(2)], [cell.BasicRNNCell(2), cell.BasicRNNCell(3)], steps(), dtype=f32
        ),
        "stacked_dynamic": lambda: tf.contrib.rnn.stack_bidirectional_dynamic_rnn(
            [cell.BasicRNNCell(3), cell.GRUCell(2)], [cell.BasicRNNCell(2), cell.BasicRNNCell(3)], block(), dtype=f32
        ),
    }


def tensors_of(value):
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in tensors_of(v)]
    if hasattr(value, "stack"):
        return [value.stack()]
    return [] if value is None else [value]


def observe(tf, make):
    """What a case gives: variables, nodes outside loops and conditionals, values of results and gradients."""
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as sess:
        tf.set_random_seed(3)
        made = make()
        count = graph._last_id
        inside = re.compile(r"(while|cond)(_\d+)?/|AssertGuard")
        nodes = [[n.name, n.type] for n in graph.get_operations() if not inside.search(n.name)]
        results = tensors_of(made)
        shapes = [[t.name, str(t.shape)] for t in results]
        rng = np.random.RandomState(0)
        for v in tf.global_variables():
            value = rng.randn(*v.shape.as_list()) * 0.3
            sess.run(v.initializer, {v.initial_value: value.astype(np.float32)})
        holders = [
            n.outputs[0] for n in graph.get_operations() if n.type == "Placeholder" and n.name.startswith("x")
        ]
        feeds = {p: rng.randn(*[d or (2, 3)[i] for i, d in enumerate(p.shape.as_list())]) for p in holders}
        floating = [t for t in results if t.dtype == tf.float32]
        grads = tf.gradients([tf.reduce_sum(t * t) for t in floating], tf.trainable_variables() + holders)
        values = sess.run(results + [g for g in grads if g is not None], feeds)
        return {
            "variables": [[v.name, v.shape.as_list()] for v in tf.trainable_variables()],
            "count": count,
            "nodes": nodes,
            "results": shapes,
            "connected": [g is not None for g in grads],
            "values": [np.asarray(v, np.float64).ravel().round(6).tolist() for v in values],
        }


if __name__ == "__main__":
    import tensorflow as tf

    found = {name: observe(tf, make) for name, make in cases(tf).items()}
    with gzip.open(sys.argv[1], "wt") as file:
        json.dump({"tensorflow": tf.__version__, "cases": found}, file)
