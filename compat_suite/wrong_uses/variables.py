"""Wrong uses of variables."""

from compat_suite.wrong_uses import wrong


@wrong
def ref_variable_not_initialized(tf):
    v = tf.Variable(1.0, name="v")
    tf.Session().run(v * 2.0)


@wrong
def resource_variable_not_initialized(tf):
    v = tf.Variable(1.0, name="v", use_resource=True)
    tf.Session().run(v * 2.0)


@wrong
def assign_add_to_variable_not_initialized(tf):
    v = tf.Variable(1.0, name="v")
    tf.Session().run(tf.assign_add(v, 1.0))


@wrong
def variable_without_initial_value(tf):
    tf.Variable(name="v")


@wrong
def variable_of_unknown_shape(tf):
    tf.Variable(tf.placeholder(tf.float32))


@wrong
def variable_of_other_dtype(tf):
    tf.Variable(tf.constant(1.0), dtype=tf.int32)


@wrong
def get_variable_twice(tf):
    tf.get_variable("v", [1])
    tf.get_variable("v", [1])


@wrong
def get_variable_reused_but_missing(tf):
    with tf.variable_scope("s", reuse=True):
        tf.get_variable("v", [1])


@wrong
def get_variable_reused_with_other_shape(tf):
    with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
        tf.get_variable("v", [1])
        tf.get_variable("v", [2])


@wrong
def get_variable_reused_with_other_dtype(tf):
    with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
        tf.get_variable("v", [1])
        tf.get_variable("v", [1], dtype=tf.int32)


@wrong
def get_variable_of_unknown_shape(tf):
    tf.get_variable("v", [None, 2])


@wrong
def get_variable_without_shape(tf):
    tf.get_variable("v")


@wrong
def get_variable_with_shape_and_constant(tf):
    tf.get_variable("v", [2], initializer=tf.constant([1.0, 2.0]))


@wrong
def get_variable_initializer_not_callable(tf):
    tf.get_variable("v", [2], initializer="zeros?")


@wrong
def variable_scope_without_name(tf):
    with tf.variable_scope(None):
        pass


@wrong
def variable_scope_of_number(tf):
    with tf.variable_scope(3):
        pass


@wrong
def assign_of_other_shape(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    v.assign([1.0, 2.0, 3.0])


@wrong
def assign_of_other_shape_to_resource(tf):
    v = tf.Variable([1.0, 2.0], name="v", use_resource=True)
    v.assign([1.0, 2.0, 3.0])


@wrong
def assign_of_other_shape_while_running(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    x = tf.placeholder(tf.float32, name="x")
    assign = tf.assign(v, x)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(assign, {x: [1.0, 2.0, 3.0]})


@wrong
def assign_of_other_dtype(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    tf.assign(v, tf.constant([1, 2]))


@wrong
def assign_to_tensor(tf):
    tf.assign(tf.constant(1.0), 2.0)


@wrong
def iterate_variable(tf):
    list(tf.Variable([1.0, 2.0], name="v"))


@wrong
def variable_load_without_session(tf):
    tf.Variable(1.0, name="v").load(2.0)


@wrong
def scatter_index_out_of_range(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    update = tf.scatter_update(v, [5], [1.0])
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(update)


@wrong
def partitioner_of_wrong_length(tf):
    tf.get_variable("v", [4, 2], partitioner=lambda shape, dtype: [2])
