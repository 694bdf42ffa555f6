"""Wrong uses of gradients, optimizers, averages, schedules and savers."""

from compat_suite.wrong_uses import wrong


@wrong
def gradients_length_mismatch(tf):
    x = tf.constant(1.0)
    tf.gradients(x * 2.0, x, grad_ys=[1.0, 2.0])


@wrong
def gradients_unknown_unconnected(tf):
    x = tf.constant(1.0)
    tf.gradients(x, x, unconnected_gradients="nope")


@wrong
def gradients_of_complex(tf):
    x = tf.constant(1.0 + 2.0j, name="x")
    tf.gradients(x * x, x)


@wrong
def gradients_of_integer_grad_ys(tf):
    x = tf.constant(1.0)
    tf.gradients(x * 2.0, x, grad_ys=[tf.constant(1)])


@wrong
def gradients_of_float_grad_ys_for_integer(tf):
    x = tf.constant(1)
    tf.gradients(x * 2, x, grad_ys=[tf.constant(1.0)])


@wrong
def gradients_of_complex_grad_ys_for_real(tf):
    x = tf.constant(1.0)
    tf.gradients(x * 2.0, x, grad_ys=[tf.constant(1.0 + 2.0j)])


@wrong
def gradients_of_real_grad_ys_for_complex(tf):
    x = tf.constant(1.0 + 2.0j)
    tf.gradients(x * 2.0, x, grad_ys=[tf.constant(1.0)])


@wrong
def gradients_of_grad_ys_shape(tf):
    x = tf.ones([2])
    tf.gradients(x * 2.0, x, grad_ys=[tf.ones([3])])


@wrong
def gradients_without_rule(tf):
    x = tf.ones([8, 1], name="x")
    tf.gradients(tf.raw_ops.AudioSpectrogram(input=x, window_size=4, stride=2, name="heard"), x)


@wrong
def gradients_prevented(tf):
    x = tf.constant([1.0], name="x")
    tf.gradients(tf.raw_ops.PreventGradient(input=x, message="not here"), x)


@wrong
def gradients_unknown_aggregation(tf):
    x = tf.constant(1.0)
    tf.gradients(x * x, x, aggregation_method=17)


@wrong
def gradients_of_other_graph(tf):
    with tf.Graph().as_default():
        x = tf.constant(1.0)
    y = tf.constant(2.0)
    tf.gradients(y, x, grad_ys=[x])


@wrong
def custom_gradient_of_wrong_count(tf):
    @tf.custom_gradient
    def f(x, y):
        return x * y, lambda dy: dy

    a, b = tf.constant(1.0), tf.constant(2.0)
    tf.gradients(f(a, b), [a, b])


@wrong
def minimize_without_variables(tf):
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


@wrong
def minimize_without_gradients(tf):
    tf.Variable(1.0, name="v")
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))


@wrong
def minimize_integer_loss(tf):
    v = tf.Variable(1, name="v")
    tf.train.GradientDescentOptimizer(0.1).minimize(v * 2)


@wrong
def minimize_over_tensor(tf):
    x = tf.constant(1.0)
    tf.train.GradientDescentOptimizer(0.1).minimize(x * x, var_list=[x])


@wrong
def apply_no_gradients(tf):
    tf.train.GradientDescentOptimizer(0.1).apply_gradients([])


@wrong
def apply_only_none(tf):
    v = tf.Variable(1.0, name="v")
    tf.train.GradientDescentOptimizer(0.1).apply_gradients([(None, v)])


@wrong
def apply_malformed_pairs(tf):
    v = tf.Variable(1.0, name="v")
    tf.train.GradientDescentOptimizer(0.1).apply_gradients([("text", v)])


@wrong
def optimizer_gate_unknown(tf):
    v = tf.Variable(1.0, name="v")
    tf.train.GradientDescentOptimizer(0.1).compute_gradients(v * v, gate_gradients=9)


@wrong
def clip_global_norm_of_tensor(tf):
    tf.clip_by_global_norm(tf.ones([2]), 1.0)


@wrong
def average_of_integer(tf):
    tf.train.ExponentialMovingAverage(0.9).apply([tf.Variable(1, name="v")])


@wrong
def average_applied_twice(tf):
    v = tf.Variable(1.0, name="v")
    ema = tf.train.ExponentialMovingAverage(0.9)
    ema.apply([v])
    ema.apply([v])


@wrong
def global_step_of_float(tf):
    tf.get_variable("global_step", [], collections=[tf.GraphKeys.GLOBAL_STEP])
    tf.train.get_global_step()


@wrong
def global_step_created_twice(tf):
    tf.train.create_global_step()
    tf.train.create_global_step()


@wrong
def schedule_without_step(tf):
    tf.train.exponential_decay(0.1, None, 10, 0.9)


@wrong
def piecewise_of_wrong_length(tf):
    tf.train.piecewise_constant(tf.constant(1), [1, 2], [0.1, 0.2])


@wrong
def saver_without_variables(tf):
    tf.train.Saver()


@wrong
def saver_restores_missing_file(tf):
    v = tf.Variable(1.0, name="v")
    tf.train.Saver([v]).restore(tf.Session(), "/nonexistent/model")


@wrong
def saver_restores_none(tf):
    v = tf.Variable(1.0, name="v")
    tf.train.Saver([v]).restore(tf.Session(), None)


@wrong
def saver_of_same_names(tf):
    v = tf.Variable(1.0, name="v")
    tf.train.Saver([v, v])
