"""`tensorflow.examples.tutorials.mnist.mnist`: a network of two hidden layers for MNIST.

Source: TF 1.15, examples/tutorials/mnist/mnist.py.
"""

from __future__ import annotations

import math
from typing import Any

import tfcompat as tf

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def _layer(scope: str, x: Any, inputs: int, outputs: int) -> Any:
    with tf.name_scope(scope):
        values = tf.random.truncated_normal([inputs, outputs], stddev=1.0 / math.sqrt(float(inputs)))
        weights = tf.Variable(values, name="weights")
        biases = tf.Variable(tf.zeros([outputs]), name="biases")
        return (
            tf.matmul(x, weights) + biases if scope == "softmax_linear" else tf.nn.relu(tf.matmul(x, weights) + biases)
        )


def inference(images: Any, hidden1_units: int, hidden2_units: int) -> Any:
    """Logits [batch, 10] of images [batch, 784]."""
    hidden1 = _layer("hidden1", images, IMAGE_PIXELS, hidden1_units)
    hidden2 = _layer("hidden2", hidden1, hidden1_units, hidden2_units)
    return _layer("softmax_linear", hidden2, hidden2_units, NUM_CLASSES)


def loss(logits: Any, labels: Any) -> Any:
    """The mean cross entropy of logits [batch, 10] and class numbers [batch]."""
    return tf.losses.sparse_softmax_cross_entropy(labels=tf.cast(labels, dtype=tf.int64), logits=logits)


def training(loss: Any, learning_rate: float) -> Any:
    """The op that takes a step of gradient descent, counts it in `global_step`, and a summary of the loss."""
    tf.summary.scalar("loss", loss)
    optimizer = tf.train.GradientDescentOptimizer(learning_rate)
    global_step = tf.Variable(0, name="global_step", trainable=False)
    return optimizer.minimize(loss, global_step=global_step)


def evaluation(logits: Any, labels: Any) -> Any:
    """How many of the batch are classified right."""
    correct = tf.nn.in_top_k(predictions=logits, targets=labels, k=1)
    return tf.reduce_sum(tf.cast(correct, tf.int32))
