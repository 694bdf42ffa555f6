"""Loss curves of two small networks from given weights and batches, written against a module argument.

Everything that is random is drawn with numpy from a fixed seed, so that TF 1.15 (which recorded the curves; Python
3.7 syntax therefore) and tfcompat start from the same numbers and must follow the same curve.
"""

import numpy as np

STEPS = 20


def _weights(tf, draw, name, shape, scale):
    values = (draw.normal(size=shape) * scale).astype(np.float32)
    return tf.get_variable(name, initializer=values)


def perceptron(tf):
    """Three dense layers, softmax cross entropy, weight decay; 32 examples of 20 numbers in 5 classes."""
    draw = np.random.RandomState(2015)
    x = tf.placeholder(tf.float32, [None, 20])
    labels = tf.placeholder(tf.int64, [None])
    h = x
    sizes = [20, 32, 16, 5]
    penalty = []
    for i, n_out in enumerate(sizes[1:]):
        n_in = sizes[i]
        with tf.variable_scope(f"layer{i}"):
            w = _weights(tf, draw, "w", (n_in, n_out), 1.0 / np.sqrt(n_in))
            b = tf.get_variable("b", [n_out], initializer=tf.zeros_initializer())
        h = tf.matmul(h, w) + b
        h = tf.nn.relu(h) if i == 0 else tf.tanh(h) if i == 1 else h
        penalty.append(tf.nn.l2_loss(w))
    fit = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=h))
    loss = fit + 1e-3 * tf.add_n(penalty)
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
    centres = draw.normal(size=(5, 20))
    feeds = []
    for _ in range(STEPS):
        ids = draw.randint(0, 5, 32)
        feeds.append({x: centres[ids] + 0.5 * draw.normal(size=(32, 20)), labels: ids})
    return loss, train, feeds


def convolutional(tf):
    """Two convolutions with pooling, batch normalisation by hand, one dense layer; 8 images of 12 x 12 x 2."""
    draw = np.random.RandomState(2016)
    x = tf.placeholder(tf.float32, [None, 12, 12, 2])
    onehot = tf.placeholder(tf.float32, [None, 4])
    k1 = _weights(tf, draw, "k1", (3, 3, 2, 6), 0.3)
    k2 = _weights(tf, draw, "k2", (3, 3, 6, 8), 0.2)
    w = _weights(tf, draw, "w", (3 * 3 * 8, 4), 0.1)
    b1 = tf.Variable(tf.zeros([6]), name="b1")
    gamma = tf.Variable(tf.ones([8]), name="gamma")
    beta = tf.Variable(tf.zeros([8]), name="beta")
    h = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, k1, [1, 1, 1, 1], "SAME"), b1))
    h = tf.nn.max_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    h = tf.nn.conv2d(h, k2, [1, 1, 1, 1], "SAME")
    mean, variance = tf.nn.moments(h, [0, 1, 2])
    h = tf.nn.elu(tf.nn.batch_normalization(h, mean, variance, beta, gamma, 1e-3))
    h = tf.nn.avg_pool(h, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    logits = tf.matmul(tf.reshape(h, [-1, 3 * 3 * 8]), w)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=onehot, logits=logits))
    train = tf.train.AdamOptimizer(0.005).minimize(loss)
    patterns = draw.normal(size=(4, 12, 12, 2))
    feeds = []
    for _ in range(STEPS):
        ids = draw.randint(0, 4, 8)
        feeds.append({x: patterns[ids] + 0.3 * draw.normal(size=(8, 12, 12, 2)), onehot: np.eye(4)[ids]})
    return loss, train, feeds


CURVES = {"perceptron": perceptron, "convolutional": convolutional}


def run_curve(tf, name):
    """Twenty losses, each before its step, and the sum of squares of every variable at the end."""
    with tf.Graph().as_default():
        loss, train, feeds = CURVES[name](tf)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            losses = [float(session.run([loss, train], feed)[0]) for feed in feeds]
            norms = [float(np.sum(np.square(v.astype(np.float64)))) for v in session.run(tf.trainable_variables())]
        return {"losses": losses, "norms": norms}
