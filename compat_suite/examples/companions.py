"""hessians, GradientTape, compute_gradients and the rest that stands on the same engine."""

import numpy as np

from compat_suite.examples import example, plain, raised, values


@example("hessians: of a quadratic form", [[[2.0, 3.0], [3.0, 8.0]]])
def hessian_of_quadratic(tf):
    x = tf.constant([1.0, 2.0])
    y = x[0] * x[0] + 3.0 * x[0] * x[1] + 4.0 * x[1] * x[1]
    return values(tf, tf.hessians(y, x))


@example("hessians: of several xs and of a matrix")
def hessians_of_several(tf):
    a, m = tf.constant([1.0, 2.0]), tf.constant([[1.0, -1.0], [0.5, 2.0]])
    y = tf.reduce_sum(tf.exp(a)) * tf.reduce_sum(tf.square(m)) + tf.reduce_prod(m)
    return values(tf, tf.hessians(y, [a, m]))


@example("hessians: a list of one per x", [1, 2])
def hessians_give_lists(tf):
    a, b = tf.constant([1.0]), tf.constant([2.0])
    y = tf.reduce_sum(a * a * b * b)
    return [len(tf.hessians(y, a)), len(tf.hessians(y, [a, b]))]


@example("hessians: dimension errors")
def hessian_errors(tf):
    x = tf.constant([1.0, 2.0])
    return [raised(lambda: tf.hessians(tf.constant(1.0), x)), raised(lambda: tf.hessians(tf.reduce_sum(x), x))]


@example("tape: gradient", [6.0])
def tape_gradient(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return values(tf, [tape.gradient(y, x)])


@example("tape: nested", [6.0, 2.0])
def tape_nested(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x
        first = inner.gradient(y, x)
    return values(tf, [first, outer.gradient(first, x)])


@example("tape: persistent", [108.0, 6.0])
def tape_persistent(tf):
    x = tf.constant(3.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        z = y * y
    return values(tf, [tape.gradient(z, x), tape.gradient(y, x)])


@example("tape: once only unless persistent", ["RuntimeError", True])
def tape_once(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.gradient(y, x)
    return raised(lambda: tape.gradient(y, x), "can only be called once on non-persistent tapes")


@example("tape: watches trainable variables by itself", [[4.0], None])
def tape_watches_variables(tf):
    v = tf.Variable(2.0, use_resource=True)
    fixed = tf.Variable(3.0, use_resource=True, trainable=False)
    with tf.GradientTape() as tape:
        y = v * v + fixed
    g = tape.gradient(y, [v, fixed])
    return [values(tf, g[:1]), g[1]]


@example("tape: watch_accessed_variables=False", [None, [4.0]])
def tape_watches_nothing(tf):
    v, w = tf.Variable(2.0, use_resource=True), tf.Variable(4.0, use_resource=True)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = v * w
    g = tape.gradient(y, [w, v])
    return [g[0], values(tf, g[1:])]


@example("tape: stop_recording", [1.0])
def tape_stop_recording(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tape.stop_recording():
            y = x * x
        z = x + y
    return values(tf, [tape.gradient(z, x)])


@example("tape: output_gradients and unconnected_gradients", [[12.0, 24.0], 0.0])
def tape_settings(tf):
    x, other = tf.constant([1.0, 2.0]), tf.constant(1.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, other])
        y = x * x
    first = tape.gradient(y, x, output_gradients=tf.constant([6.0, 6.0]))
    second = tape.gradient(y, other, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return values(tf, [first, second])


@example("tape: structure of sources is kept", {"a": 4.0, "b": [3.0]})
def tape_structure(tf):
    a, b = tf.constant(3.0), tf.constant(4.0)
    with tf.GradientTape() as tape:
        tape.watch([a, b])
        y = a * b
    g = tape.gradient(y, {"a": a, "b": [b]})
    return {"a": values(tf, [g["a"]])[0], "b": values(tf, g["b"])}


@example("tape: reset and watched_variables", [["v:0"], 1.0])
def tape_reset(tf):
    v = tf.Variable(2.0, use_resource=True, name="v")
    with tf.GradientTape() as tape:
        y = v * v
        tape.reset()
        y = y + v
    return [[w.name for w in tape.watched_variables()], values(tf, [tape.gradient(y, v)])[0]]


@example("tape: jacobian", [[[2.0, 0.0], [0.0, 4.0]]])
def tape_jacobian(tf):
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return values(tf, [tape.jacobian(y, x)])


@example("tape: batch_jacobian", [[[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]]])
def tape_batch_jacobian(tf):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return values(tf, [tape.batch_jacobian(y, x)])


@example("forward accumulator: product with a vector", [9.0], beyond=True)
def forward_accumulator(tf):
    x = tf.constant([2.0, 3.0])
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.5, 0.5])) as accumulator:
        y = tf.reduce_sum(x * x)
    return values(tf, [accumulator.jvp(y)])


@example("compute_gradient: theory and difference agree", True)
def compute_gradient(tf):
    x = tf.constant([1.0, 2.0])
    y = tf.square(x) * 3.0
    with tf.Session():
        start = np.array([1.0, 2.0], np.float32)
        theory, numeric = tf.test.compute_gradient(x, [2], y, [2], x_init_value=start, delta=1e-2)
        error = tf.test.compute_gradient_error(x, [2], y, [2], x_init_value=start, delta=1e-2)
    return bool(
        np.allclose(theory, [[6.0, 0.0], [0.0, 12.0]]) and np.allclose(theory, numeric, atol=1e-2) and error < 1e-2
    )


@example("compute_gradients: pairs for each gate")
def compute_gradients_gates(tf):
    found = []
    v, w = tf.Variable(2.0, name="v"), tf.Variable(3.0, name="w")
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    for gate in (optimizer.GATE_NONE, optimizer.GATE_OP, optimizer.GATE_GRAPH):
        pairs = optimizer.compute_gradients(v * v * w, gate_gradients=gate)
        found.append([gate, [variable.name for _, variable in pairs], values(tf, [g for g, _ in pairs])])
    return found


@example("compute_gradients: a variable without a path gets None", [["v:0", "w:0"], True])
def compute_gradients_none(tf):
    v, _ = tf.Variable(2.0, name="v"), tf.Variable(3.0, name="w")
    pairs = tf.train.GradientDescentOptimizer(0.1).compute_gradients(v * v)
    return [[variable.name for _, variable in pairs], pairs[1][0] is None]


@example("compute_gradients: grad_loss and var_list", [["v:0"], [40.0]])
def compute_gradients_settings(tf):
    v, w = tf.Variable(2.0, name="v"), tf.Variable(3.0, name="w")
    pairs = tf.train.GradientDescentOptimizer(0.1).compute_gradients(
        v * v * w * 0.0 + v * 4.0, [v], grad_loss=tf.constant(10.0)
    )
    return [[variable.name for _, variable in pairs], values(tf, [g for g, _ in pairs])]


@example("IndexedSlices: members, and the dense form", [[[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]], "Tensor", [3, 2]])
def indexed_slices(tf):
    s = tf.IndexedSlices(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([0, 2]), tf.constant([3, 2]))
    dense = tf.convert_to_tensor(s)
    return [values(tf, dense), type(dense).__name__, plain(values(tf, s.dense_shape))]


@example("IndexedSlices: rows named twice are added", [[5.0], [2.0]])
def indexed_slices_twice(tf):
    s = tf.IndexedSlices(tf.constant([[1.0], [2.0], [4.0]]), tf.constant([0, 1, 0]), tf.constant([2, 1]))
    return values(tf, tf.convert_to_tensor(s))


@example("IndexedSlices: without a dense shape there is no dense form", ["ValueError", True])
def indexed_slices_without_shape(tf):
    s = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0]))
    return raised(lambda: tf.convert_to_tensor(s), "Tensor conversion requested for IndexedSlices without dense_shape")


@example("IndexedSlices: attributes")
def indexed_slices_attributes(tf):
    s = tf.IndexedSlices(tf.constant([[1.0]], name="v"), tf.constant([0], name="i"))
    return [s.name, s.op.name, s.dtype.name, s.device, s.values.name, s.indices.name, s.dense_shape is None, str(s)]


@example("IndexedSlices: negative and scaled")
def indexed_slices_arithmetic(tf):
    s = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0]))
    return [values(tf, (-s).values), values(tf, tf.scalar_mul(2.0, s).values), type(-s).__name__]
