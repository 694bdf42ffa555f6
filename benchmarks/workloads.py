"""The workloads, each written once in TF1 graph style against a module `tf` (Python 3.7 syntax: TF 1.15 runs it too).

A workload is a function (tf) -> (step, check): `step()` runs one training step, `check` lists numbers after some
steps, which must be the same on every subject.
"""

import numpy as np


def _session(tf):
    config = tf.ConfigProto(intra_op_parallelism_threads=2, inter_op_parallelism_threads=2)
    sess = tf.Session(config=config)
    sess.run(tf.global_variables_initializer())
    return sess


def _trained(sess, train_op, loss, feed):
    def step():
        return sess.run([train_op, loss], feed_dict=feed)[1]

    return step, lambda: [float(step()) for _ in range(5)]


def scalar_regression(tf):
    """y = w x + b on 20 points: what one Session.run costs."""
    rng = np.random.RandomState(0)
    x_value = rng.rand(20).astype(np.float32)
    y_value = 3 * x_value + 0.5
    x = tf.placeholder(tf.float32, [None])
    y = tf.placeholder(tf.float32, [None])
    w = tf.Variable(0.0)
    b = tf.Variable(0.0)
    loss = tf.reduce_mean(tf.pow(w * x + b - y, 2))
    train_op = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
    return _trained(_session(tf), train_op, loss, {x: x_value, y: y_value})


def _dense(tf, rng, x, n, m, activation=None):
    w = tf.Variable(rng.randn(n, m).astype(np.float32) / np.float32(np.sqrt(n)))
    b = tf.Variable(np.zeros(m, np.float32))
    y = tf.nn.bias_add(tf.matmul(x, w), b)
    return y if activation is None else activation(y)


def mlp_adam(tf):
    """Three dense layers, batch 128, Adam."""
    rng = np.random.RandomState(0)
    x_value = rng.rand(128, 256).astype(np.float32)
    y_value = rng.randint(0, 10, 128)
    x = tf.placeholder(tf.float32, [None, 256])
    y = tf.placeholder(tf.int64, [None])
    h = _dense(tf, rng, x, 256, 256, tf.nn.relu)
    h = _dense(tf, rng, h, 256, 256, tf.nn.relu)
    logits = _dense(tf, rng, h, 256, 10)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    train_op = tf.train.AdamOptimizer(1e-3).minimize(loss)
    return _trained(_session(tf), train_op, loss, {x: x_value, y: y_value})


def small_convnet(tf):
    """Two convolutions with pooling on 16x16 images, batch 32, momentum."""
    rng = np.random.RandomState(0)
    x_value = rng.rand(32, 16, 16, 3).astype(np.float32)
    y_value = rng.randint(0, 10, 32)
    x = tf.placeholder(tf.float32, [None, 16, 16, 3])
    y = tf.placeholder(tf.int64, [None])
    h = x
    for n, m in ((3, 16), (16, 32)):
        w = tf.Variable(rng.randn(3, 3, n, m).astype(np.float32) * 0.1)
        h = tf.nn.relu(tf.nn.conv2d(h, w, strides=[1, 1, 1, 1], padding="SAME"))
        h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    logits = _dense(tf, rng, tf.reshape(h, [-1, 4 * 4 * 32]), 512, 10)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    train_op = tf.train.MomentumOptimizer(1e-2, 0.9).minimize(loss)
    return _trained(_session(tf), train_op, loss, {x: x_value, y: y_value})


def policy(tf):
    """One forward pass of a small net on a batch of one."""
    rng = np.random.RandomState(0)
    value = rng.rand(1, 24).astype(np.float32)
    x = tf.placeholder(tf.float32, [None, 24])
    h = _dense(tf, rng, x, 24, 64, tf.tanh)
    h = _dense(tf, rng, h, 64, 64, tf.tanh)
    action = _dense(tf, rng, h, 64, 4, tf.tanh)
    sess = _session(tf)

    def step():
        return sess.run(action, feed_dict={x: value})

    return step, lambda: [float(v) for v in step().ravel()]


WORKLOADS = {f.__name__: f for f in (scalar_regression, mlp_adam, small_convnet, policy)}
