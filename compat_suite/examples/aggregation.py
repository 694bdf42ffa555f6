"""Aggregation, gates, colocation and what goes beyond TensorFlow."""

import numpy as np

from compat_suite.examples import example, new_nodes, raised, values


def _three_paths(tf):
    x = tf.constant([2.0, 3.0], name="x")
    return x, tf.reduce_sum(tf.exp(x) + tf.square(x) + tf.sin(x) + x)


@example("aggregation: values of the methods", [0, 0, 1, 2])
def aggregation_values(tf):
    m = tf.AggregationMethod
    return [m.ADD_N, m.DEFAULT, m.EXPERIMENTAL_TREE, m.EXPERIMENTAL_ACCUMULATE_N]


@example("aggregation: the methods agree")
def aggregation_agrees(tf):
    x, y = _three_paths(tf)
    return [values(tf, tf.gradients(y, x, aggregation_method=method)) for method in (None, 0, 1, 2)]


@example("aggregation: one AddN, a tree of AddN, accumulate_n")
def aggregation_graphs(tf):
    found = []
    for method in (0, 1, 2):
        with tf.Graph().as_default():
            x, y = _three_paths(tf)
            nodes = new_nodes(tf, lambda x=x, y=y, m=method: tf.gradients(y, x, aggregation_method=m))
            kinds = ("AddN", "AccumulateNV2")
            found.append([[name, op, len(inputs)] for name, op, inputs in nodes if op in kinds])
    return found


@example("aggregation: anything else", ["ValueError", True])
def aggregation_unknown(tf):
    x, y = _three_paths(tf)
    return raised(lambda: tf.gradients(y, x, aggregation_method=17), "Invalid aggregation_method specified 17")


def _control_inputs(tf, **settings):
    a, b = tf.constant(2.0, name="a"), tf.constant(3.0, name="b")
    y = tf.multiply(a, b, name="y")
    graph = tf.get_default_graph()
    before = len(graph.get_operations())
    g = tf.gradients(y, [a, b], **settings)
    added = graph.get_operations()[before:]
    return [[op.name, op.type, sorted(c.name for c in op.control_inputs)] for op in added], values(tf, g)


@example("gates: gate_gradients=True ties the gradients of one op together")
def gates_on(tf):
    return list(_control_inputs(tf, gate_gradients=True))


@example("gates: gate_gradients=False")
def gates_off(tf):
    return list(_control_inputs(tf, gate_gradients=False))


@example("colocation: gradient ops on the forward op's device", [["/device:GPU:0"], [""]])
def colocation(tf):
    with tf.device("/gpu:0"):
        x = tf.constant(2.0, name="x")
        y = tf.square(x, name="y")
    found = []
    for on in (True, False):
        graph = tf.get_default_graph()
        before = len(graph.get_operations())
        tf.gradients(y, x, colocate_gradients_with_ops=on)
        made = [op for op in graph.get_operations()[before:] if "_grad/" in op.name and op.type == "Mul"]
        found.append(sorted({op.device for op in made}))
    return found


# Second and third derivatives: TF 1.15 gives many; where it refuses, the numbers are worked out by hand.


@example("beyond: any order of a power", [162.0, 162.0, 108.0, 36.0])
def orders_of_a_power(tf):
    x = tf.constant(3.0)
    g = 1.5 * x**4
    found = []
    for _ in range(4):
        (g,) = tf.gradients(g, x)
        found.append(values(tf, [g])[0])
    return found


@example("beyond: third derivatives of elementary functions")
def third_derivatives(tf):
    x = tf.constant([0.3, -0.7], tf.float64)
    found = []
    for f in (tf.exp, tf.sin, tf.tanh, tf.sigmoid, tf.nn.softplus, tf.atan, tf.erf, lambda t: tf.sqrt(1.0 + t * t)):
        g = f(x)
        for _ in range(3):
            (g,) = tf.gradients(g, x)
        found.append(values(tf, [g])[0])
    return found


@example("beyond: second order of matrix products and reductions")
def second_order_of_products(tf):
    w = tf.constant([[0.5, -1.0], [2.0, 0.3]], tf.float64)
    x = tf.constant([[1.0, 2.0]], tf.float64)
    y = tf.reduce_sum(tf.square(tf.matmul(tf.tanh(tf.matmul(x, w)), w)))
    g = tf.gradients(y, [x, w])
    return values(tf, tf.gradients(tf.reduce_sum(g[0]) + tf.reduce_sum(tf.square(g[1])), [x, w]))


@example("beyond: second order of softmax cross entropy")
def second_order_of_cross_entropy(tf):
    logits = tf.constant([[1.0, 2.0, -1.0]], tf.float64)
    labels = tf.constant([[0.2, 0.3, 0.5]], tf.float64)
    y = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits)
    (g,) = tf.gradients(y, logits)
    return values(tf, tf.gradients(g[0, 0] + 2.0 * g[0, 1], logits))


@example("beyond: second order of a convolution")
def second_order_of_convolution(tf):
    draw = np.random.RandomState(3)
    x = tf.constant(draw.normal(size=(1, 4, 4, 2)))
    w = tf.constant(draw.normal(size=(2, 2, 2, 1)))
    y = tf.reduce_sum(tf.square(tf.nn.conv2d(x, w, [1, 1, 1, 1], "VALID")))
    g = tf.gradients(y, [x, w])
    return values(tf, tf.gradients(tf.reduce_sum(tf.square(g[0])), [x, w])[1])


def _cube_by_loop(tf, x):
    return tf.while_loop(lambda i, p: i < 3, lambda i, p: (i + 1, p * x), [0, 1.0])[1]


@example("beyond: second order through a while loop", [12.0, 12.0], beyond=True)
def second_order_through_while(tf):
    x = tf.constant(2.0)
    (g,) = tf.gradients(_cube_by_loop(tf, x), x)
    return values(tf, [g, tf.gradients(g, x)[0]])


@example("beyond: second order through cond", [12.0, 0.0])
def second_order_through_cond(tf):
    p = tf.placeholder(tf.bool, [])
    x = tf.constant(2.0)
    (g,) = tf.gradients(tf.cond(p, lambda: x**3, lambda: x * x * 0.5 - x * x * 0.5 + x), x)
    h = tf.gradients(g, x)
    return [values(tf, h, {p: True})[0], values(tf, h, {p: False})[0]]


@example("beyond: second order of max pooling", [[[[0.0], [0.0]], [[0.0], [24.0]]]])
def second_order_of_max_pool(tf):
    # y = max(x)^3 with max(x) = 4: the second derivative is 6 * 4 at the largest entry and 0 elsewhere.
    x = tf.constant([[[[1.0], [2.0]], [[3.0], [4.0]]]])
    y = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID") ** 3
    (g,) = tf.gradients(y, x)
    return values(tf, tf.gradients(g, x)[0])


@example("beyond: third order of max pooling", 6.0)
def third_order_of_max_pool(tf):
    x = tf.constant([[[[1.0], [2.0]], [[3.0], [4.0]]]])
    g = tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID") ** 3
    for _ in range(3):
        (g,) = tf.gradients(g, x)
    return values(tf, tf.reduce_sum(g))


def _lrn_by_hand(tf, x):
    squares = tf.reduce_sum(tf.square(x), axis=3, keepdims=True)
    return x / (1.0 + squares) ** 0.5


@example("beyond: second order of local response normalisation", True, beyond=True)
def second_order_of_lrn(tf):
    x = tf.constant([[[[0.5, -1.0, 2.0]]]])
    found = []
    for y in (tf.nn.lrn(x, 5, bias=1.0, alpha=1.0, beta=0.5), _lrn_by_hand(tf, x)):
        (g,) = tf.gradients(y * y, x)
        found.append(np.array(values(tf, tf.gradients(g * x, x)[0])))
    return bool(np.allclose(found[0], found[1], rtol=1e-4))


@example("beyond: second order of a depthwise convolution", True)
def second_order_of_depthwise(tf):
    draw = np.random.RandomState(4)
    x = tf.constant(draw.normal(size=(1, 3, 3, 1)))
    w = tf.constant(draw.normal(size=(2, 2, 1, 1)))
    found = []
    for conv in (tf.nn.depthwise_conv2d, tf.nn.conv2d):  # with one channel they are the same
        y = tf.reduce_sum(conv(x, w, [1, 1, 1, 1], "VALID") ** 3)
        (g,) = tf.gradients(y, w)
        found.append(np.array(values(tf, tf.gradients(tf.reduce_sum(g * g), w)[0])))
    return bool(np.allclose(found[0], found[1], rtol=1e-9))


@example("beyond: second order through map_fn and scan", [[6.0, 12.0], [1.0, 1.0]], beyond=True)
def second_order_through_functional_ops(tf):
    x = tf.constant([1.0, 2.0])
    (cubes,) = tf.gradients(tf.map_fn(lambda a: a**3, x), x)
    (product,) = tf.gradients(tf.scan(lambda a, b: a * b, x)[1], x)
    return values(tf, [tf.gradients(cubes, x)[0], tf.gradients(product, x)[0]])
