"""Wrong uses of cells, cond and while_loop."""

from compat_suite.wrong_uses import wrong


@wrong
def rnn_without_initial_state(tf):
    tf.nn.static_rnn(tf.nn.rnn_cell.BasicRNNCell(3), [tf.ones([2, 3])])


@wrong
def rnn_without_inputs(tf):
    tf.nn.static_rnn(tf.nn.rnn_cell.BasicRNNCell(3), [], dtype=tf.float32)


@wrong
def rnn_cell_of_unknown_depth(tf):
    tf.nn.static_rnn(tf.nn.rnn_cell.BasicRNNCell(3), [tf.placeholder(tf.float32, [2, None])], dtype=tf.float32)


@wrong
def cond_of_python_bool(tf):
    tf.cond(True, lambda: 1.0, lambda: 2.0)


@wrong
def cond_branches_of_other_structure(tf):
    p = tf.placeholder(tf.bool, [])
    tf.cond(p, lambda: (tf.constant(1.0), tf.constant(2.0)), lambda: tf.constant(1.0))


@wrong
def cond_branches_of_other_dtype(tf):
    p = tf.placeholder(tf.bool, [])
    tf.cond(p, lambda: tf.constant(1.0), lambda: tf.constant(1))


@wrong
def cond_branch_not_callable(tf):
    tf.cond(tf.placeholder(tf.bool, []), tf.constant(1.0), lambda: tf.constant(2.0))


@wrong
def while_without_variables(tf):
    tf.while_loop(lambda: True, lambda: None, [])


@wrong
def while_body_of_other_count(tf):
    tf.while_loop(lambda i, j: i < 3, lambda i, j: i + 1, [tf.constant(0), tf.constant(0)])


@wrong
def while_shape_changes(tf):
    tf.while_loop(lambda x: tf.size(x) < 9, lambda x: tf.concat([x, x], 0), [tf.ones([2])])
