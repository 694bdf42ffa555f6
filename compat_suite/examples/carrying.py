"""What carries a gradient and what stops it."""

import numpy as np

from compat_suite.examples import example, fresh, raised, values


@example("carries: floating and complex tensors do", [[6.0], [6.0], [6.0]])
def floats_carry(tf):
    found = []
    for dtype in (tf.float16, tf.float32, tf.float64):
        x = tf.constant(3.0, dtype)
        found.append(values(tf, tf.gradients(x * x, x)))
    return found


@example("carries: a list of tensors does", [[1.0, 1.0]])
def tensor_lists_carry(tf):
    x = tf.constant([1.0, 2.0])
    items = tf.raw_ops.TensorListFromTensor(tensor=x, element_shape=tf.constant([], tf.int32))
    back = tf.raw_ops.TensorListStack(
        input_handle=items, element_shape=tf.constant([], tf.int32), element_dtype=tf.float32
    )
    return values(tf, tf.gradients(back, x))


@example("carries: integer, bool and string tensors are constants", [None, None, None])
def integers_do_not_carry(tf):
    i, b, s = tf.constant(3), tf.constant(True), tf.constant("s")
    y = tf.cast(i, tf.float32) * 2.0 + tf.cast(b, tf.float32) + tf.strings.to_number(s)
    return tf.gradients(y, [i, b, s])


@example("carries: an integer x with the zero option", [[0, 0]])
def integers_give_zeros(tf):
    i = tf.constant([3, 4])
    return values(tf, tf.gradients(tf.cast(i, tf.float32) * 2.0, [i], unconnected_gradients="zero"))


@example("carries: nothing flows through an integer", [None])
def cast_to_integer_disconnects(tf):
    x = tf.constant(3.7)
    return tf.gradients(tf.cast(tf.cast(x, tf.int32), tf.float32), x)


@example("carries: a cast between floats does", [[2.0]])
def cast_between_floats(tf):
    x = tf.constant(3.0)
    return [values(tf, tf.gradients(tf.cast(x, tf.float64) * 2.0, x))]


@example("carries: an integer y", [None])
def integer_y(tf):
    x = tf.constant(3)
    return tf.gradients(x * 2, x)


@example("stops: stop_gradient", [4.0, None])
def stop_gradient_stops(tf):
    x = tf.constant(4.0)
    return [values(tf, tf.gradients(x * tf.stop_gradient(x), x))[0], tf.gradients(tf.stop_gradient(x), x)[0]]


@example("stops: stop_gradients=[a, b] gives partial derivatives", [1.0, 1.0])
def partial_derivatives(tf):
    a = tf.constant(0.0)
    b = 2 * a
    return values(tf, tf.gradients(a + b, [a, b], stop_gradients=[a, b]))


@example("stops: without stop_gradients total derivatives", [3.0, 1.0])
def total_derivatives(tf):
    a = tf.constant(0.0)
    b = 2 * a
    return values(tf, tf.gradients(a + b, [a, b]))


@example("stops: stop_gradient in place gives partial derivatives too", [1.0, 1.0])
def partial_derivatives_in_place(tf):
    a = tf.stop_gradient(tf.constant(0.0))
    b = tf.stop_gradient(2 * a)
    return values(tf, tf.gradients(a + b, [a, b]))


@example("stops: stop_gradients works after the graph is built, in any order and on inner tensors")
def stop_gradients_afterwards(tf):
    x = tf.constant(2.0)
    h = tf.square(x)
    y = h * x + tf.exp(h)
    return [
        values(tf, tf.gradients(y, x, stop_gradients=h)),
        values(tf, tf.gradients(y, [x, h], stop_gradients=[h])),
        values(tf, tf.gradients(y, [h, x], stop_gradients=[x])),
        tf.gradients(h, x, stop_gradients=[h]),
    ]


@example("stops: prevent_gradient raises with its message", ["LookupError", True])
def prevent_gradient_raises(tf):
    x = tf.constant(1.0)
    return raised(
        lambda: tf.gradients(tf.raw_ops.PreventGradient(input=x, message="not allowed here"), x), "not allowed here"
    )


@example("stops: prevent_gradient off the path is silent", [2.0])
def prevent_gradient_off_the_path(tf):
    x, z = tf.constant(1.0), tf.constant(2.0)
    return values(tf, tf.gradients(x * tf.raw_ops.PreventGradient(input=z, message="no"), x))


@example("stops: an op type without a gradient", ["LookupError", True])
def no_gradient_defined(tf):
    x = tf.ones([8, 1])
    y = tf.raw_ops.AudioSpectrogram(input=x, window_size=4, stride=2, name="heard")
    return raised(lambda: tf.gradients(y, x), "No gradient defined for operation 'heard' (op type: AudioSpectrogram)")


@example("stops: an op type without a gradient off the path is silent", [[[1.0, 1.0], [1.0, 1.0]]])
def no_gradient_off_the_path(tf):
    x = tf.constant([[1.0, 0.0], [0.0, 1.0]])
    heard = tf.raw_ops.AudioSpectrogram(input=tf.ones([8, 1]), window_size=4, stride=2)
    return values(tf, tf.gradients(x + tf.reduce_sum(heard), x))


@example("stops: an op type declared not differentiable gives no flow and no error", [None])
def not_differentiable_is_silent(tf):
    x = tf.constant([3.0, 1.0])
    return tf.gradients(tf.cast(tf.argmax(x), tf.float32) + tf.cast(x > 2.0, tf.float32), x)


@example("stops: NoGradient is NotDifferentiable", True)
def no_gradient_is_an_alias(tf):
    return tf.NoGradient is tf.NotDifferentiable


@example("stops: zero_like gradients of sign, floor and round")
def flat_functions(tf):
    x = tf.constant([1.5, -2.5])
    return [values(tf, tf.gradients(f(x), x)) if tf.gradients(f(x), x)[0] is not None else None
            for f in (tf.sign, tf.floor, tf.ceil, tf.round)]  # fmt: skip


@example("unconnected: none", [None])
def unconnected_none(tf):
    a, b = tf.ones([1, 2]), tf.ones([3, 1])
    return tf.gradients([b], [a])


@example("unconnected: zero", [[[0.0, 0.0]]])
def unconnected_zero(tf):
    a, b = tf.ones([1, 2]), tf.ones([3, 1])
    return values(tf, tf.gradients([b], [a], unconnected_gradients="zero"))


@example("unconnected: by the enumeration", [None, [[0.0, 0.0]]])
def unconnected_by_enumeration(tf):
    a, b = tf.ones([1, 2]), tf.ones([3, 1])
    return [
        tf.gradients([b], [a], unconnected_gradients=tf.UnconnectedGradients.NONE)[0],
        values(tf, tf.gradients([b], [a], unconnected_gradients=tf.UnconnectedGradients.ZERO))[0],
    ]


@example("unconnected: zeros of the dynamic shape", [[[0.0, 0.0, 0.0]]])
def unconnected_zero_dynamic(tf):
    x = tf.placeholder(tf.float32, name="x")
    g = tf.gradients(tf.constant(1.0), x, unconnected_gradients="zero")
    return values(tf, g, {x: np.ones((1, 3))})


@example("unconnected: anything else", ["ValueError", True])
def unconnected_unknown(tf):
    x = tf.constant(1.0)
    return raised(
        lambda: tf.gradients(x, x, unconnected_gradients="nope"), "Unknown value for unconnected_gradients: 'nope'"
    )


@example("unconnected: values of the enumeration", ["none", "zero"])
def unconnected_values(tf):
    return [tf.UnconnectedGradients.NONE.value, tf.UnconnectedGradients.ZERO.value]


@example("variables: a read made by value() connects")
def reads_by_value(tf):
    found = []
    for use_resource in (False, True):
        v = tf.Variable(3.0, use_resource=use_resource)
        y = v.value() * 2.0
        found.append([values(tf, tf.gradients(y, v)), values(tf, tf.gradients(v.read_value() * 2.0, v))])
    return found


@example("variables: a fresh read made after the y does not connect", [None, None])
def fresh_reads_do_not_connect(tf):
    found = []
    for use_resource in (False, True):
        v = tf.Variable(3.0, use_resource=use_resource)
        y = v.value() * 2.0
        found.append(tf.gradients(y, v.read_value())[0])
    return found


@example("where: custom_gradient of the documentation", [1.0, True])
def custom_gradient_stable(tf):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)

        def grad(dy):
            return dy * (1 - 1 / (1 + e))

        return tf.log(1 + e), grad

    x = tf.constant(100.0)
    naive = tf.gradients(tf.log(1 + tf.exp(x)), x)
    return [values(tf, tf.gradients(log1pexp(x), x))[0], bool(np.isnan(values(tf, naive)[0]))]


@example("where: custom_gradient of several arguments and results", [2.0, 30.0])
def custom_gradient_of_several(tf):
    @tf.custom_gradient
    def f(x, y):
        def grad(da, db):
            return da * 2.0, db * 30.0

        return (x * y, x + y), grad

    x, y = tf.constant(3.0), tf.constant(4.0)
    return values(tf, tf.gradients(f(x, y), [x, y]))


@example("where: custom_gradient with variables", [[8.0, 5.0]])
def custom_gradient_with_variables(tf):
    with tf.variable_scope("s", use_resource=True):
        tf.get_variable("w", initializer=2.0)

    @tf.custom_gradient
    def f(x):
        with tf.variable_scope("s", reuse=True, use_resource=True):
            w = tf.get_variable("w")

        def grad(dy, variables=None):
            return dy * 4.0 * variables[0], [dy * 5.0 for _ in variables]

        return x * w, grad

    x = tf.constant(3.0)
    y = f(x)
    with tf.variable_scope("s", reuse=True):
        w = tf.get_variable("w")
    return [values(tf, tf.gradients(y, [x, w]))]


@example("where: gradient_override_map", [12.0])
def gradient_override_map(tf):
    name = fresh("TripleSquare")

    @tf.RegisterGradient(name)
    def _grad(op, dy):
        return 3.0 * op.inputs[0] * dy

    with tf.get_default_graph().gradient_override_map({"Square": name}):
        x = tf.constant(4.0)
        y = tf.square(x)
    return values(tf, tf.gradients(y, x))


@example("where: RegisterGradient refuses a second registration", ["KeyError", True])
def register_gradient_twice(tf):
    name = fresh("Twice")
    tf.RegisterGradient(name)(lambda op, dy: dy)
    return raised(lambda: tf.RegisterGradient(name)(lambda op, dy: dy), name)


@example("where: recompute_grad")
def recompute_grad(tf):
    w = tf.get_variable("w", initializer=2.0, use_resource=True)

    def f(x):
        return tf.tanh(x * w) * w

    x = tf.constant(0.3)
    y = tf.recompute_grad(f)(x)
    return values(tf, tf.gradients(y, [x, w]))


@example("where: grad_pass_through", [1.0])
def grad_pass_through(tf):
    x = tf.constant(3.0)
    with tf.variable_scope("s", use_resource=True):  # TF 1.15 asks for it, with or without variables inside
        y = tf.grad_pass_through(tf.square)(x)
    return values(tf, tf.gradients(y, x))


@example("where: cond", [6.0, 2.0])
def gradient_of_cond(tf):
    p = tf.placeholder(tf.bool, [])
    x = tf.constant(3.0)
    g = tf.gradients(tf.cond(p, lambda: x * x, lambda: 2.0 * x), x)
    return [values(tf, g, {p: True})[0], values(tf, g, {p: False})[0]]


@example("where: inside cond", [6.0, 0.0])
def gradient_inside_cond(tf):
    p = tf.placeholder(tf.bool, [])
    x = tf.constant(3.0)
    y = tf.cond(p, lambda: tf.gradients(x * x, x)[0], lambda: 0.0 * x)
    return [values(tf, y, {p: True}), values(tf, y, {p: False})]


@example("where: case")
def gradient_of_case(tf):
    i = tf.placeholder(tf.int32, [])
    x = tf.constant(3.0)
    y = tf.case([(tf.equal(i, 0), lambda: x * x), (tf.equal(i, 1), lambda: tf.exp(x))], default=lambda: -x)
    g = tf.gradients(y, x)
    return [values(tf, g, {i: k})[0] for k in range(3)]


@example("where: while_loop", [80.0, 5.0])
def gradient_of_while(tf):
    x = tf.constant(2.0)
    _, power = tf.while_loop(lambda i, p: i < 5, lambda i, p: (i + 1, p * x), [0, 1.0])
    start = tf.constant(1.0)
    _, total = tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s + start), [0, 0.0])
    return [values(tf, tf.gradients(power, x))[0], values(tf, tf.gradients(total, start))[0]]


@example("where: while_loop with a tensor bound and a carried vector")
def gradient_of_while_dynamic(tf):
    n = tf.placeholder(tf.int32, [])
    w = tf.constant([[0.5, 0.2], [-0.3, 0.8]])
    x = tf.constant([[1.0, 2.0]])
    _, h = tf.while_loop(lambda i, h: i < n, lambda i, h: (i + 1, tf.tanh(tf.matmul(h, w))), [0, x])
    g = tf.gradients(tf.reduce_sum(h), [w, x])
    return [values(tf, g, {n: k}) for k in (0, 1, 3)]


@example("where: inside while_loop", [12.0])
def gradient_inside_while(tf):
    x = tf.constant(3.0)
    body = lambda i, s: (i + 1, s + tf.gradients(x * x, x)[0])
    return [values(tf, tf.while_loop(lambda i, s: i < 2, body, [0, 0.0])[1])]


@example("where: scan, map_fn, foldl")
def gradient_of_functional_ops(tf):
    x = tf.constant([1.0, 2.0, 3.0])
    return [
        values(tf, tf.gradients(tf.scan(lambda a, b: a * b, x), x))[0],
        values(tf, tf.gradients(tf.map_fn(lambda a: a * a, x), x))[0],
        values(tf, tf.gradients(tf.foldl(lambda a, b: a * b + b, x), x))[0],
        values(tf, tf.gradients(tf.foldr(lambda a, b: a - b * b, x), x))[0],
    ]


@example("where: TensorArray", [[2.0, 4.0]])
def gradient_of_tensor_array(tf):
    x = tf.constant([1.0, 2.0])
    array = tf.TensorArray(tf.float32, 2).unstack(x * x)
    array = tf.TensorArray(tf.float32, 2).write(0, array.read(0)).write(1, array.read(1))
    return [values(tf, tf.gradients(array.stack(), x))[0]]


@example("where: functions", [[6.0, 3.0]])
def gradient_of_function(tf):
    v = tf.Variable(2.0, use_resource=True)

    @tf.function
    def f(x):
        return x * x + v * 3.0

    x = tf.constant(3.0)
    return [values(tf, tf.gradients(f(x), [x, v]))]


@example("where: inside tf.function, with captured outer tensors and variables", [[6.0, 5.0, 2.0]])
def gradient_inside_function(tf):
    v = tf.Variable(2.0, use_resource=True)
    outer = tf.constant(5.0)

    @tf.function
    def f(x):
        y = x * x + outer * v
        return tf.gradients(y, [x, v, outer])

    return [values(tf, f(tf.constant(3.0)))]


@example("where: in eager mode a RuntimeError that names GradientTape", ["RuntimeError", True], eager=True)
def gradients_in_eager_mode(tf):
    x = tf.constant(1.0)
    return raised(lambda: tf.gradients(x * x, x), "GradientTape")
