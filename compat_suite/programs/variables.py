"""Variables, variable scopes, initializers."""

import numpy as np

from compat_suite.programs import program


@program
def ref_variables(tf):
    tf.Variable(1.0)
    tf.Variable([1, 2, 3], name="v")
    tf.Variable(tf.zeros([2, 3]), name="w")
    tf.Variable(tf.random_normal([2, 3], stddev=0.35), name="weights")
    tf.Variable(tf.truncated_normal([784, 10], stddev=0.1))
    tf.Variable(0, trainable=False, name="global_step")
    tf.Variable(np.ones((2, 2), np.float32), dtype=tf.float64)
    tf.Variable(lambda: tf.ones([2]), name="made", dtype=tf.float32)
    v = tf.Variable(tf.constant(0.1, shape=[4]), expected_shape=[4])
    tf.Variable(v.initialized_value() * 2.0, name="twice")
    tf.Variable(tf.placeholder(tf.float32), validate_shape=False, name="any_shape")
    tf.global_variables_initializer()


@program
def resource_variables(tf):
    v = tf.Variable([1.0, 2.0], use_resource=True, name="v")
    tf.Variable(tf.zeros([2]), use_resource=True)
    w = tf.get_variable("w", [2], use_resource=True, initializer=tf.zeros_initializer())
    v + w
    v.read_value()
    v.value()
    v.assign([3.0, 4.0])
    v.assign_add([1.0, 1.0])
    v.assign_sub([1.0, 1.0], read_value=False)
    tf.assign(w, v)
    v[0]
    tf.identity(v)
    tf.gather(v, [0])
    tf.nn.embedding_lookup(w, [1])
    v.sparse_read([0])
    tf.global_variables_initializer()


@program
def resource_variables_by_scope(tf):
    with tf.variable_scope("net", use_resource=True):
        w = tf.get_variable("w", [2, 3])
        b = tf.get_variable("b", [3], initializer=tf.zeros_initializer())
        y = tf.matmul(tf.ones([4, 2]), w) + b
    tf.gradients(y, [w, b])
    tf.global_variables_initializer()


@program
def variable_operators(tf):
    v = tf.Variable([1.0, 2.0, 3.0], name="v")
    v + 1.0
    1.0 - v
    v * v
    v / 2.0
    -v
    v[0]
    v[1:].assign([5.0, 6.0])
    tf.square(v)
    v**2
    abs(v)
    v > 1.0
    tf.reduce_sum(v)
    v.value()
    v.read_value()
    v.initialized_value()
    v.initializer
    tf.identity(v, name="copy")


@program
def assigns(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    n = tf.Variable(0, name="n")
    tf.assign(v, [3.0, 4.0])
    tf.assign(v, v * 2.0, name="double")
    tf.assign_add(n, 1)
    tf.assign_sub(v, [1.0, 1.0])
    v.assign(v + 1.0)
    n.assign_add(2)
    n.assign_sub(1)
    tf.assign(v, tf.placeholder(tf.float32), validate_shape=False)
    tf.scatter_update(v, [0], [9.0])
    tf.scatter_add(v, [1], [9.0])
    tf.scatter_sub(v, [1], [9.0])
    tf.scatter_mul(v, [1], [2.0])
    tf.scatter_nd_update(v, [[0]], [5.0])
    v.scatter_sub(tf.IndexedSlices(tf.constant([1.0]), tf.constant([0])))
    tf.count_up_to(n, 5)
    n.count_up_to(7)


@program
def initializedness(tf):
    v = tf.Variable(1.0, name="v")
    w = tf.get_variable("w", [1])
    tf.is_variable_initialized(v)
    tf.variables_initializer([v])
    tf.variables_initializer([v, w], name="both")
    tf.initialize_all_variables()
    tf.report_uninitialized_variables()
    tf.assert_variables_initialized()
    tf.local_variables_initializer()
    tf.group(v.initializer, w.initializer)


@program
def get_variable_defaults(tf):
    tf.get_variable("w", [3, 4])
    tf.get_variable("b", [4], initializer=tf.zeros_initializer())
    tf.get_variable("i", [2], dtype=tf.int32)
    tf.get_variable("d", [2, 2], dtype=tf.float64)
    tf.get_variable("scalar", [])
    tf.get_variable("from_value", initializer=tf.constant([1.0, 2.0]))
    tf.get_variable("from_number", initializer=3.0)
    tf.get_variable("from_numpy", initializer=np.eye(2, dtype=np.float32))
    tf.get_variable("fixed", [2], trainable=False)
    tf.get_variable("truth", [2], dtype=tf.bool)
    tf.get_local_variable("local", [2], initializer=tf.ones_initializer())
    tf.get_variable("deferred", [2], initializer=lambda shape, dtype, partition_info: tf.ones(shape, dtype))
    tf.get_variable("a/b", [1])


@program
def initializers_random(tf):
    shape = [4, 6]
    tf.get_variable("uniform", shape, initializer=tf.random_uniform_initializer(-0.1, 0.1))
    tf.get_variable("uniform_default", shape, initializer=tf.random_uniform_initializer)
    tf.get_variable("normal", shape, initializer=tf.random_normal_initializer(stddev=0.02, seed=3))
    tf.get_variable("normal_default", shape, initializer=tf.random_normal_initializer())
    tf.get_variable("truncated", shape, initializer=tf.truncated_normal_initializer(stddev=0.1))
    tf.get_variable("truncated_seed", shape, initializer=tf.truncated_normal_initializer(mean=0.5, seed=1))
    tf.get_variable("namespaced", shape, initializer=tf.initializers.random_normal(0.0, 0.1))
    tf.get_variable("ints", shape, tf.int32, initializer=tf.random_uniform_initializer(0, 9, dtype=tf.int32))
    tf.get_variable("unit", shape, initializer=tf.uniform_unit_scaling_initializer())


@program
def initializers_scaling(tf):
    shape = [4, 6]
    tf.get_variable("glorot_u", shape, initializer=tf.glorot_uniform_initializer())
    tf.get_variable("glorot_n", shape, initializer=tf.glorot_normal_initializer(seed=2))
    tf.get_variable("scaling", shape, initializer=tf.variance_scaling_initializer())
    tf.get_variable(
        "scaling_out",
        shape,
        initializer=tf.variance_scaling_initializer(scale=2.0, mode="fan_out", distribution="uniform"),
    )
    tf.get_variable(
        "untruncated",
        [3, 3, 2, 8],
        initializer=tf.variance_scaling_initializer(mode="fan_avg", distribution="untruncated_normal"),
    )
    tf.get_variable("he_n", shape, initializer=tf.initializers.he_normal())
    tf.get_variable("he_u", shape, initializer=tf.initializers.he_uniform())
    tf.get_variable("lecun_n", shape, initializer=tf.initializers.lecun_normal())
    tf.get_variable("lecun_u", shape, initializer=tf.initializers.lecun_uniform())
    tf.get_variable("keras_he", shape, initializer=tf.keras.initializers.he_normal())
    tf.get_variable("kernel", [5, 5, 3, 8], initializer=tf.glorot_uniform_initializer())


@program
def initializers_contrib(tf):
    tf.get_variable("xavier", [4, 6], initializer=tf.contrib.layers.xavier_initializer())
    tf.get_variable("xavier_n", [4, 6], initializer=tf.contrib.layers.xavier_initializer(uniform=False, seed=1))
    tf.get_variable("xavier_conv", [3, 3, 2, 4], initializer=tf.contrib.layers.xavier_initializer_conv2d())
    tf.get_variable("scaling", [4, 6], initializer=tf.contrib.layers.variance_scaling_initializer())
    tf.get_variable("l2", [4], regularizer=tf.contrib.layers.l2_regularizer(0.01))
    tf.get_variable("l1", [4], regularizer=tf.contrib.layers.l1_regularizer(0.01))


@program
def initializers_fixed(tf):
    tf.get_variable("constant", [2, 3], initializer=tf.constant_initializer(0.5))
    tf.get_variable("constant_list", [2, 2], initializer=tf.constant_initializer([1.0, 2.0, 3.0, 4.0]))
    tf.get_variable("constant_int", [2], tf.int32, initializer=tf.constant_initializer(7))
    tf.get_variable("zeros", [2], initializer=tf.zeros_initializer())
    tf.get_variable("zeros_class", [2], initializer=tf.zeros_initializer)
    tf.get_variable("ones", [2], initializer=tf.ones_initializer())
    tf.get_variable("identity", [3, 3], initializer=tf.initializers.identity())
    tf.get_variable("identity_gain", [2, 3], initializer=tf.initializers.identity(gain=0.5))
    tf.get_variable("big_zeros", [100, 20], initializer=tf.zeros_initializer())
    tf.get_variable("orthogonal", [4, 3], initializer=tf.orthogonal_initializer())
    tf.get_variable("orthogonal_conv", [2, 2, 3, 5], initializer=tf.orthogonal_initializer(gain=1.5, seed=4))


@program
def initializers_called(tf):
    tf.zeros_initializer()([2, 3])
    tf.ones_initializer()([2], dtype=tf.float64)
    tf.constant_initializer(3.0)([2])
    tf.glorot_uniform_initializer()([2, 3])
    tf.random_normal_initializer(1.0, 2.0)([2])
    tf.truncated_normal_initializer()([2])
    tf.variance_scaling_initializer()([2, 3])
    tf.initializers.identity()([2, 2])
    tf.orthogonal_initializer()([3, 2])
    tf.random_uniform_initializer(0.0, 1.0)([2])


@program
def variable_scopes_nested(tf):
    with tf.variable_scope("a"):
        tf.get_variable("v", [1])
        tf.Variable(1.0, name="v")
        with tf.variable_scope("b"):
            tf.get_variable("v", [1])
            tf.constant(1.0, name="c")
        with tf.variable_scope("b"):
            tf.get_variable("w", [1])
            tf.constant(1.0, name="c")
    with tf.variable_scope("a"):
        tf.get_variable("w", [1])
        tf.constant(1.0, name="c")
    with tf.name_scope("n"):
        tf.get_variable("outside", [1])
        with tf.variable_scope("inner"):
            tf.get_variable("v", [1])
            tf.Variable(2.0, name="v")
            tf.constant(1.0, name="c")


@program
def variable_scopes_reused(tf):
    with tf.variable_scope("s") as scope:
        v = tf.get_variable("v", [2])
        v + 1.0
    with tf.variable_scope("s", reuse=True):
        tf.get_variable("v", [2]) + 1.0
    with tf.variable_scope(scope, reuse=True):
        tf.get_variable("v") + 1.0
    with tf.variable_scope(scope) as again:
        tf.constant(1.0)
        again.reuse_variables()
        tf.get_variable("v", [2])
    with tf.variable_scope("other"), tf.variable_scope(scope):
        tf.constant(2.0)
    with tf.variable_scope(scope, auxiliary_name_scope=False):
        tf.constant(3.0)
    with tf.variable_scope(scope.original_name_scope, auxiliary_name_scope=False):
        tf.constant(4.0)
    with tf.variable_scope("root_reuse", reuse=tf.AUTO_REUSE):
        tf.get_variable("x", [1])
        tf.get_variable("x", [1])


@program
def variable_scopes_auto_reuse(tf):
    def layer(x):
        with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
            w = tf.get_variable("w", [3, 3])
            b = tf.get_variable("b", [3], initializer=tf.zeros_initializer())
            return tf.nn.relu(tf.matmul(x, w) + b)

    x = tf.placeholder(tf.float32, [None, 3], name="x")
    layer(layer(x))
    tf.trainable_variables("layer")


@program
def variable_scopes_default_names(tf):
    for _ in range(3):
        with tf.variable_scope(None, default_name="block"):
            tf.get_variable("w", [1])
            tf.constant(1.0)
    with tf.variable_scope(None, "scope", [tf.constant(1.0)]):
        tf.get_variable("w", [1])
    with tf.variable_scope("x"), tf.variable_scope(None, default_name="block"):
        tf.get_variable("w", [1])


@program
def variable_scope_settings(tf):
    with tf.variable_scope(
        "s",
        initializer=tf.constant_initializer(0.4),
        regularizer=lambda w: tf.reduce_sum(tf.square(w), name="penalty"),
        dtype=tf.float64,
    ):
        tf.get_variable("v", [2])
        with tf.variable_scope("t"):
            tf.get_variable("v", [2])
        with tf.variable_scope("u", initializer=tf.zeros_initializer(), regularizer=lambda w: None):
            tf.get_variable("v", [2])
    tf.get_variable_scope().set_initializer(tf.ones_initializer())
    tf.get_variable("plain", [2])
    with tf.variable_op_scope([tf.constant(1.0)], "old", "default"):
        tf.get_variable("v", [1])


@program
def variable_getters(tf):
    def in_half(getter, name, *args, **kwargs):
        return tf.multiply(getter(name, *args, **kwargs), 0.5, name="half_" + name)

    with tf.variable_scope("s", custom_getter=in_half):
        v = tf.get_variable("v", [2])
        v + 1.0
    with tf.variable_scope("c", constraint=lambda w: tf.clip_by_value(w, 0.0, 1.0)):
        tf.get_variable("v", [2])


@program
def partitioned_variables(tf):
    with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(3)):
        v = tf.get_variable("v", [7, 2])
    tf.convert_to_tensor(v)
    tf.nn.embedding_lookup(v, [0, 5])
    w = tf.get_variable(
        "w", [4, 6], partitioner=tf.fixed_size_partitioner(2, axis=1), initializer=tf.zeros_initializer()
    )
    w.as_tensor()
    tf.matmul(tf.ones([1, 4]), w)
    tf.get_variable("small", [4, 2], partitioner=tf.variable_axis_size_partitioner(16))
    tf.train.Saver()


@program
def regularization(tf):
    reg = tf.contrib.layers.l2_regularizer(0.1)
    with tf.variable_scope("net", regularizer=reg):
        tf.layers.dense(tf.ones([2, 3]), 4, name="d")
    tf.layers.dense(tf.ones([2, 3]), 4, kernel_regularizer=reg, name="e")
    tf.losses.get_regularization_losses()
    tf.losses.get_regularization_loss()
    tf.contrib.layers.apply_regularization(reg, tf.trainable_variables()[:1])
    tf.losses.get_total_loss()
