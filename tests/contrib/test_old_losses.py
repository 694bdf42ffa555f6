"""tf.contrib.losses: numbers that TF 1.15 gave."""

from __future__ import annotations

import numpy as np

import tfcompat as tf


def test_losses_are_those_of_tensorflow() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        p, q = tf.constant([[1.0, 2.0], [3.0, 5.0]]), tf.constant([[0.0, 1.0], [1.0, 0.0]])
        losses = tf.contrib.losses
        found = [
            losses.absolute_difference(p, q),
            losses.absolute_difference(p, q, tf.constant([1.0, 0.0])),
            losses.mean_squared_error(p, q, 2.0),
            losses.mean_squared_error(p, q, q),
            losses.sigmoid_cross_entropy(p, q, label_smoothing=0.1),
            losses.softmax_cross_entropy(p, q, tf.constant([1.0, 3.0]), 0.2),
            tf.contrib.slim.losses.sparse_softmax_cross_entropy(p, tf.constant([1, 0]), tf.constant([[1.0], [0.5]])),
            losses.get_total_loss(),
        ]
        values = session.run(found)
    expected = [2.25, 1.0, 15.5, 2.5, 1.611373, 3.097023, 0.688363, 26.646759]
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_sequences_are_embedded() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        y = tf.contrib.layers.embed_sequence([[0, 2]], 3, 2, initializer=tf.constant_initializer(np.arange(6.0)))
        session.run(tf.global_variables_initializer())
        assert [v.name for v in tf.model_variables()] == ["EmbedSequence/embeddings:0"]
        np.testing.assert_array_equal(session.run(y), [[[0, 1], [4, 5]]])
