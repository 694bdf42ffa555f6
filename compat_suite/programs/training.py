"""Optimizers, gradients, averages, schedules."""

from compat_suite.programs import program


def _model(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    w = tf.Variable(tf.zeros([3, 1]), name="w")
    b = tf.Variable(0.0, name="b")
    return tf.reduce_mean(tf.square(tf.matmul(x, w) + b), name="loss")


def _resource_model(tf):
    with tf.variable_scope("m", use_resource=True):
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        w = tf.get_variable("w", [3, 1])
        b = tf.get_variable("b", [], initializer=tf.zeros_initializer())
        return tf.reduce_mean(tf.square(tf.matmul(x, w) + b), name="loss")


def _sparse_model(tf):
    table = tf.get_variable("table", [6, 2])
    ids = tf.placeholder(tf.int32, [None], name="ids")
    return tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, ids)))


def _minimize(tf, optimizer):
    step = tf.train.get_or_create_global_step()
    optimizer.minimize(_model(tf), global_step=step)
    tf.global_variables_initializer()


@program
def minimize_gradient_descent(tf):
    _minimize(tf, tf.train.GradientDescentOptimizer(0.1))


@program
def minimize_momentum(tf):
    _minimize(tf, tf.train.MomentumOptimizer(0.1, 0.9))


@program
def minimize_nesterov(tf):
    _minimize(tf, tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True))


@program
def minimize_adam(tf):
    _minimize(tf, tf.train.AdamOptimizer())


@program
def minimize_adagrad(tf):
    _minimize(tf, tf.train.AdagradOptimizer(0.1))


@program
def minimize_adagrad_da(tf):
    step = tf.train.get_or_create_global_step()
    optimizer = tf.train.AdagradDAOptimizer(0.1, step, l1_regularization_strength=0.01)
    optimizer.minimize(_model(tf), global_step=step)


@program
def minimize_adadelta(tf):
    _minimize(tf, tf.train.AdadeltaOptimizer(0.1))


@program
def minimize_rmsprop(tf):
    _minimize(tf, tf.train.RMSPropOptimizer(0.1))


@program
def minimize_rmsprop_centered(tf):
    _minimize(tf, tf.train.RMSPropOptimizer(0.1, momentum=0.5, centered=True))


@program
def minimize_ftrl(tf):
    _minimize(tf, tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.1, l2_regularization_strength=0.1))


@program
def minimize_ftrl_shrinkage(tf):
    _minimize(tf, tf.train.FtrlOptimizer(0.1, l2_shrinkage_regularization_strength=0.2))


@program
def minimize_proximal(tf):
    _minimize(tf, tf.train.ProximalGradientDescentOptimizer(0.1, l1_regularization_strength=0.1))


@program
def minimize_proximal_adagrad(tf):
    _minimize(tf, tf.train.ProximalAdagradOptimizer(0.1, l2_regularization_strength=0.1))


@program
def minimize_resource_variables(tf):
    loss = _resource_model(tf)
    tf.train.AdamOptimizer(0.01).minimize(loss)
    tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss)
    tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    tf.global_variables_initializer()


@program
def minimize_resource_global_step(tf):
    tf.get_variable_scope().set_use_resource(True)
    step = tf.train.get_or_create_global_step()
    tf.train.AdagradOptimizer(0.01).minimize(_resource_model(tf), step)
    tf.train.RMSPropOptimizer(0.01).minimize(_resource_model_again(tf), step)


def _resource_model_again(tf):
    with tf.variable_scope("m", reuse=True):
        return tf.nn.l2_loss(tf.get_variable("w"))


@program
def minimize_sparse_gradient_descent(tf):
    tf.train.GradientDescentOptimizer(0.1).minimize(_sparse_model(tf))


@program
def minimize_sparse_adam(tf):
    tf.train.AdamOptimizer(0.1).minimize(_sparse_model(tf))


@program
def minimize_sparse_adagrad_and_momentum(tf):
    loss = _sparse_model(tf)
    tf.train.AdagradOptimizer(0.1).minimize(loss)
    tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss)


@program
def minimize_sparse_resource(tf):
    with tf.variable_scope("r", use_resource=True):
        loss = _sparse_model(tf)
    tf.train.AdamOptimizer(0.1).minimize(loss)
    tf.train.FtrlOptimizer(0.1).minimize(loss)


@program
def minimize_two_losses(tf):
    loss = _model(tf)
    optimizer = tf.train.AdamOptimizer(1e-4, name="First")
    optimizer.minimize(loss)
    optimizer.minimize(2.0 * loss, var_list=[tf.trainable_variables()[0]])
    tf.train.AdamOptimizer(1e-4).minimize(loss, name="train")


@program
def clipped_gradients_applied(tf):
    loss = _model(tf)
    optimizer = tf.train.AdamOptimizer(tf.placeholder(tf.float32, [], name="rate"))
    grads = tf.gradients(loss, tf.trainable_variables())
    clipped, _ = tf.clip_by_global_norm(grads, 5.0)
    optimizer.apply_gradients(zip(clipped, tf.trainable_variables()))


@program
def gradients_computed_and_applied(tf):
    loss = _model(tf)
    step = tf.Variable(0, trainable=False, name="step")
    optimizer = tf.train.GradientDescentOptimizer(tf.constant(0.5))
    pairs = optimizer.compute_gradients(loss)
    pairs = [(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in pairs]
    optimizer.apply_gradients(pairs, global_step=step, name="apply")


@program
def gradient_gates(tf):
    loss = _model(tf)
    for gate in (tf.train.Optimizer.GATE_NONE, tf.train.Optimizer.GATE_OP, tf.train.Optimizer.GATE_GRAPH):
        tf.train.GradientDescentOptimizer(0.1).compute_gradients(loss, gate_gradients=gate)
    tf.train.GradientDescentOptimizer(0.1).compute_gradients(loss, colocate_gradients_with_ops=True)


@program
def moving_averages(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(3.0, name="w")
    ema = tf.train.ExponentialMovingAverage(0.99)
    ema.apply([v, w])
    ema.average(v)
    ema.average_name(w)
    ema.variables_to_restore()


@program
def moving_averages_with_settings(tf):
    step = tf.train.get_or_create_global_step()
    v = tf.Variable([1.0, 2.0], name="v")
    tf.train.ExponentialMovingAverage(0.9, num_updates=step).apply([v])
    tf.train.ExponentialMovingAverage(0.9, zero_debias=True, name="debiased").apply([v])
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.train.ExponentialMovingAverage(0.5, name="of_tensor").apply([tf.square(x)])


@program
def moving_averages_of_training(tf):
    loss = _model(tf)
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    ema = tf.train.ExponentialMovingAverage(decay=0.9999)
    with tf.control_dependencies([train]):
        ema.apply(tf.trainable_variables())


@program
def learning_rate_decays(tf):
    step = tf.train.get_or_create_global_step()
    tf.train.exponential_decay(0.1, step, 100, 0.96)
    tf.train.exponential_decay(0.1, step, 100, 0.96, staircase=True, name="stairs")
    tf.train.piecewise_constant(step, [10, 20], [0.1, 0.01, 0.001])
    tf.train.polynomial_decay(0.1, step, 100)
    tf.train.inverse_time_decay(0.1, step, 10, 0.5)
    tf.train.natural_exp_decay(0.1, step, 10, 0.5)
    tf.train.cosine_decay(0.1, step, 100)
    tf.train.cosine_decay_restarts(0.1, step, 100)
    tf.train.linear_cosine_decay(0.1, step, 100)


@program
def learning_rate_decays_of_variables(tf):
    step = tf.Variable(0, trainable=False)
    rate = tf.train.exponential_decay(0.5, step, 1000, 0.9, staircase=True)
    tf.train.MomentumOptimizer(rate, 0.9).minimize(_model(tf), global_step=step)
    tf.train.polynomial_decay(0.1, step, 100, end_learning_rate=0.01, power=0.5, cycle=True)


@program
def global_steps(tf):
    step = tf.train.create_global_step()
    tf.train.get_global_step()
    tf.train.get_or_create_global_step()
    tf.assign_add(step, 1)
    tf.add(step, 1)


@program
def gradients_of_arithmetic(tf):
    a = tf.placeholder(tf.float32, [2, 3], name="a")
    b = tf.placeholder(tf.float32, [3], name="b")
    tf.gradients(a + b, [a, b])
    tf.gradients(a - b, [a, b])
    tf.gradients(a * b, [a, b])
    tf.gradients(a / b, [a, b])
    tf.gradients(tf.pow(a, b), [a, b])
    tf.gradients(tf.maximum(a, b), [a, b])
    tf.gradients(tf.minimum(a, b), [a, b])
    tf.gradients(tf.squared_difference(a, b), [a, b])
    tf.gradients(tf.add_n([a, a]), a)


@program
def gradients_of_same_shapes(tf):
    a = tf.placeholder(tf.float32, [2, 3], name="a")
    b = tf.placeholder(tf.float32, [2, 3], name="b")
    for f in (tf.add, tf.subtract, tf.multiply, tf.divide, tf.pow, tf.maximum, tf.squared_difference, tf.atan2):
        tf.gradients(f(a, b), [a, b])
    u = tf.placeholder(tf.float32, name="u")
    tf.gradients(u * a, [u, a])
    tf.gradients(u * 2.0, [u])


@program
def gradients_of_unary_functions(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    for f in (
        tf.square, tf.sqrt, tf.rsqrt, tf.exp, tf.expm1, tf.log, tf.log1p, tf.sin, tf.cos, tf.tan, tf.asin, tf.acos,
        tf.atan, tf.sinh, tf.cosh, tf.tanh, tf.asinh, tf.acosh, tf.atanh, tf.abs, tf.sign, tf.floor, tf.reciprocal,
        tf.lgamma, tf.digamma, tf.erf, tf.erfc, tf.sigmoid, tf.negative, tf.identity, tf.stop_gradient,
    ):  # fmt: skip
        tf.gradients(f(x), x)


@program
def gradients_of_reductions(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    u = tf.placeholder(tf.float32, [None, 3], name="u")
    for v in (x, u):
        tf.gradients(tf.reduce_sum(v), v)
        tf.gradients(tf.reduce_sum(v, axis=1), v)
        tf.gradients(tf.reduce_mean(v), v)
        tf.gradients(tf.reduce_mean(v, axis=0), v)
        tf.gradients(tf.reduce_max(v, axis=1), v)
        tf.gradients(tf.reduce_prod(v), v)
        tf.gradients(tf.reduce_logsumexp(v), v)
        tf.gradients(tf.norm(v), v)
        tf.gradients(tf.cumsum(v), v)


@program
def gradients_of_matmuls(tf):
    a = tf.placeholder(tf.float32, [2, 3], name="a")
    b = tf.placeholder(tf.float32, [3, 4], name="b")
    tf.gradients(tf.matmul(a, b), [a, b])
    tf.gradients(tf.matmul(a, a, transpose_a=True), a)
    tf.gradients(tf.matmul(b, b, transpose_b=True), b)
    p = tf.placeholder(tf.float32, [5, 2, 3], name="p")
    tf.gradients(tf.matmul(p, p, transpose_b=True), p)
    tf.gradients(tf.tensordot(p, b, 1), [p, b])
    m = tf.placeholder(tf.float32, [2, 2], name="m")
    tf.gradients(tf.matrix_inverse(m), m)
    tf.gradients(tf.cholesky(m), m)


@program
def gradients_of_arrays(tf):
    x = tf.placeholder(tf.float32, [4, 6], name="x")
    y = tf.placeholder(tf.float32, [4, 6], name="y")
    tf.gradients(tf.reshape(x, [-1]), x)
    tf.gradients(tf.transpose(x, [1, 0]), x)
    tf.gradients(tf.expand_dims(x, 0), x)
    tf.gradients(tf.concat([x, y], 0), [x, y])
    tf.gradients(tf.concat([x, y], 1), [x])
    tf.gradients(tf.stack([x, y]), [x, y])
    tf.gradients(tf.unstack(x)[1], x)
    tf.gradients(tf.split(x, 2, 1)[0], x)
    tf.gradients(tf.split(x, [1, 3])[1], x)
    tf.gradients(x[1:, 2], x)
    tf.gradients(tf.slice(x, [0, 1], [2, 2]), x)
    tf.gradients(tf.tile(x, [2, 1]), x)
    tf.gradients(tf.pad(x, [[1, 1], [0, 2]]), x)
    tf.gradients(tf.gather(x, [0, 2]), x)
    tf.gradients(tf.gather_nd(x, [[0, 1]]), x)
    tf.gradients(tf.where(x > y, x, y), [x, y])
    tf.gradients(tf.cast(x, tf.float64), x)
    tf.gradients(tf.squeeze(tf.expand_dims(x, 0)), x)
    tf.gradients(tf.broadcast_to(x, [2, 4, 6]), x)
    tf.gradients(tf.clip_by_value(x, -1.0, 1.0), x)
    tf.gradients(tf.reverse(x, [0]), x)
    tf.gradients(tf.matrix_band_part(x, 0, -1), x)
    tf.gradients(tf.boolean_mask(x, [True, False, True, True]), x)
    tf.gradients(tf.unsorted_segment_sum(x, [0, 1, 0, 1], 2), x)


@program
def gradients_of_nn(tf):
    x = tf.placeholder(tf.float32, [4, 6], name="x")
    for f in (tf.nn.relu, tf.nn.relu6, tf.nn.elu, tf.nn.selu, tf.nn.leaky_relu, tf.nn.softplus, tf.nn.softsign,
              tf.nn.softmax, tf.nn.log_softmax, tf.nn.l2_loss):  # fmt: skip
        tf.gradients(f(x), x)
    b = tf.placeholder(tf.float32, [6], name="b")
    tf.gradients(tf.nn.bias_add(x, b), [x, b])
    labels = tf.placeholder(tf.float32, [4, 6], name="labels")
    tf.gradients(tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=x), x)
    tf.gradients(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=x), [x, labels])
    tf.gradients(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[0, 1, 2, 3], logits=x), x)
    tf.gradients(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=x), x)
    tf.gradients(tf.nn.dropout(x, 0.5), x)
    tf.gradients(tf.nn.moments(x, [0])[1], x)
    tf.gradients(tf.nn.top_k(x, 2).values, x)


@program
def gradients_of_images(tf):
    x = tf.placeholder(tf.float32, [2, 8, 8, 3], name="x")
    w = tf.placeholder(tf.float32, [3, 3, 3, 4], name="w")
    tf.gradients(tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"), [x, w])
    tf.gradients(tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"), x)
    tf.gradients(tf.nn.avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), x)
    tf.gradients(tf.nn.lrn(x), x)
    tf.gradients(tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME"), [x, w])
    tf.gradients(tf.nn.conv2d_transpose(x, tf.zeros([2, 2, 5, 3]), [2, 16, 16, 5], [1, 2, 2, 1]), x)
    s, o = tf.ones([3]), tf.zeros([3])
    tf.gradients(tf.nn.fused_batch_norm(x, s, o)[0], [x, s, o])
    tf.gradients(tf.image.resize_bilinear(x, [4, 4]), x)
    tf.gradients(tf.image.resize_nearest_neighbor(x, [4, 4]), x)


@program
def gradients_second_order(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.reduce_sum(tf.exp(x) * tf.square(x))
    (g,) = tf.gradients(y, x)
    tf.gradients(g, x)
    (h,) = tf.gradients(tf.tanh(x), x)
    tf.gradients(h, x)
    tf.gradients(tf.gradients(tf.sigmoid(x), x)[0], x)


@program
def gradients_with_settings(tf):
    a = tf.placeholder(tf.float32, [2], name="a")
    b = 2.0 * a
    tf.gradients(a + b, [a, b], stop_gradients=[a, b])
    tf.gradients([b, a], [a], grad_ys=[tf.ones([2]), None])
    tf.gradients(b, [a, tf.constant(1.0)], unconnected_gradients="zero")
    tf.gradients(b * b + b * a, [a], name="named")
    tf.gradients(b * b + b * a, [a], aggregation_method=tf.AggregationMethod.EXPERIMENTAL_TREE)
    tf.gradients(b * b + b * a, [a], aggregation_method=tf.AggregationMethod.EXPERIMENTAL_ACCUMULATE_N)
    tf.gradients(b * b, [a], gate_gradients=True)
    tf.gradients(b, a, colocate_gradients_with_ops=True)
    with tf.name_scope("inner"):
        tf.gradients(b, a)


@program
def gradients_on_devices(tf):
    with tf.device("/gpu:0"):
        x = tf.Variable([1.0, 2.0], name="x")
        y = tf.square(x)
    with tf.device("/cpu:0"):
        z = tf.reduce_sum(y * 3.0)
    tf.gradients(z, x, colocate_gradients_with_ops=True)
    tf.gradients(z, x)


@program
def gradients_of_variables(tf):
    v = tf.Variable([1.0, 2.0, 3.0], name="v")
    r = tf.Variable([1.0, 2.0, 3.0], use_resource=True, name="r")
    tf.gradients(v * 2.0, v)
    tf.gradients(r * 2.0, r)
    tf.gradients(tf.gather(v, [0, 1]), v)
    tf.gradients(tf.gather(r, [0, 1]), r)
    tf.gradients(tf.gather(v, [0]) + tf.gather(v, [1]), v)
    tf.gradients(tf.reduce_sum(tf.gather(v, [0])) + tf.reduce_sum(v), v)
    tf.gradients(v[0], v)
    tf.gradients(r.read_value() * v.read_value(), [r, v])


@program
def hessians(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.hessians(tf.reduce_sum(tf.square(x)), x)


@program
def multilayer_perceptron(tf):
    x = tf.placeholder(tf.float32, [None, 784], name="x-input")
    y_ = tf.placeholder(tf.float32, [None, 10], name="y-input")

    def layer(inputs, n_in, n_out, name, act=tf.nn.relu):
        with tf.name_scope(name):
            with tf.name_scope("weights"):
                w = tf.Variable(tf.truncated_normal([n_in, n_out], stddev=0.1))
                tf.summary.histogram("histogram", w)
            with tf.name_scope("biases"):
                b = tf.Variable(tf.constant(0.1, shape=[n_out]))
            with tf.name_scope("Wx_plus_b"):
                before = tf.matmul(inputs, w) + b
            return act(before, name="activation")

    h = layer(x, 784, 500, "layer1")
    with tf.name_scope("dropout"):
        keep = tf.placeholder(tf.float32)
        tf.summary.scalar("dropout_keep_probability", keep)
        h = tf.nn.dropout(h, keep)
    y = layer(h, 500, 10, "layer2", act=tf.identity)
    with tf.name_scope("cross_entropy"), tf.name_scope("total"):
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y_, logits=y))
    tf.summary.scalar("cross_entropy", loss)
    with tf.name_scope("train"):
        tf.train.AdamOptimizer(0.001).minimize(loss)
    with tf.name_scope("accuracy"):
        with tf.name_scope("correct_prediction"):
            correct = tf.equal(tf.argmax(y, 1), tf.argmax(y_, 1))
        with tf.name_scope("accuracy"):
            tf.reduce_mean(tf.cast(correct, tf.float32))
    tf.summary.merge_all()
    tf.global_variables_initializer()


@program
def word_vectors(tf):
    inputs = tf.placeholder(tf.int32, [8], name="inputs")
    labels = tf.placeholder(tf.int32, [8, 1], name="labels")
    table = tf.Variable(tf.random_uniform([50, 6], -1.0, 1.0))
    embed = tf.nn.embedding_lookup(table, inputs)
    weights = tf.Variable(tf.truncated_normal([50, 6], stddev=0.4))
    biases = tf.Variable(tf.zeros([50]))
    loss = tf.reduce_mean(
        tf.nn.nce_loss(weights=weights, biases=biases, labels=labels, inputs=embed, num_sampled=4, num_classes=50)
    )
    tf.train.GradientDescentOptimizer(1.0).minimize(loss)
    norm = tf.sqrt(tf.reduce_sum(tf.square(table), 1, keepdims=True))
    tf.matmul(tf.nn.embedding_lookup(table / norm, [1, 2]), table / norm, transpose_b=True)


@program
def adversarial_pair(tf):
    z = tf.placeholder(tf.float32, [None, 4], name="z")
    x = tf.placeholder(tf.float32, [None, 6], name="x")

    def generate(noise):
        with tf.variable_scope("generator"):
            return tf.layers.dense(tf.layers.dense(noise, 8, tf.nn.relu), 6, tf.nn.sigmoid)

    def judge(data, reuse=False):
        with tf.variable_scope("discriminator", reuse=reuse):
            return tf.layers.dense(tf.layers.dense(data, 8, tf.nn.leaky_relu, name="h"), 1, name="out")

    fake = generate(z)
    real_logit, fake_logit = judge(x), judge(fake, reuse=True)
    d_loss = tf.reduce_mean(
        tf.nn.sigmoid_cross_entropy_with_logits(logits=real_logit, labels=tf.ones_like(real_logit))
    ) + tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=fake_logit, labels=tf.zeros_like(fake_logit)))
    g_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=fake_logit, labels=tf.ones_like(fake_logit)))
    d_vars = tf.trainable_variables("discriminator")
    g_vars = [v for v in tf.trainable_variables() if v.name.startswith("generator")]
    tf.train.AdamOptimizer(2e-4, beta1=0.5).minimize(d_loss, var_list=d_vars)
    tf.train.AdamOptimizer(2e-4, beta1=0.5).minimize(g_loss, var_list=g_vars)


@program
def variational_autoencoder(tf):
    x = tf.placeholder(tf.float32, [None, 12], name="x")
    h = tf.layers.dense(x, 8, tf.nn.softplus)
    mean, log_var = tf.layers.dense(h, 2), tf.layers.dense(h, 2)
    eps = tf.random_normal(tf.shape(mean), 0, 1, dtype=tf.float32)
    z = mean + tf.sqrt(tf.exp(log_var)) * eps
    y = tf.layers.dense(tf.layers.dense(z, 8, tf.nn.softplus), 12, tf.nn.sigmoid)
    reconstruction = -tf.reduce_sum(x * tf.log(1e-10 + y) + (1 - x) * tf.log(1e-10 + 1 - y), 1)
    latent = -0.5 * tf.reduce_sum(1 + log_var - tf.square(mean) - tf.exp(log_var), 1)
    tf.train.AdamOptimizer(0.001).minimize(tf.reduce_mean(reconstruction + latent))


@program
def towers_on_devices(tf):
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    tower_grads = []
    with tf.variable_scope(tf.get_variable_scope()):
        for i in range(2):
            with tf.device(f"/gpu:{i}"), tf.name_scope(f"tower_{i}"):
                x = tf.placeholder(tf.float32, [4, 3], name="x")
                w = tf.get_variable("w", [3, 1])
                loss = tf.reduce_mean(tf.square(tf.matmul(x, w)))
                tf.get_variable_scope().reuse_variables()
                tower_grads.append(optimizer.compute_gradients(loss))
    averaged = []
    for pairs in zip(*tower_grads):
        stacked = tf.concat(axis=0, values=[tf.expand_dims(g, 0) for g, _ in pairs])
        averaged.append((tf.reduce_mean(stacked, 0), pairs[0][1]))
    optimizer.apply_gradients(averaged)
