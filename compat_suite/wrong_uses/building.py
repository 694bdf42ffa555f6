"""Ops built or run on dtypes, shapes and values that they refuse."""

import numpy as np

from compat_suite.wrong_uses import wrong


@wrong
def dtype_mismatch_in_add(tf):
    tf.add(tf.constant(1.0), tf.constant(1))


@wrong
def dtype_mismatch_in_operator(tf):
    tf.constant(1.0) * tf.constant(2.0, tf.float64)


@wrong
def dtype_mismatch_in_right_operator(tf):
    tf.placeholder(tf.int32) + 1.5


@wrong
def dtype_mismatch_in_matmul(tf):
    tf.matmul(tf.ones([2, 2]), tf.ones([2, 2], tf.int32))


@wrong
def dtype_mismatch_in_concat(tf):
    tf.concat([tf.ones([2]), tf.ones([2], tf.int32)], 0)


@wrong
def dtype_mismatch_in_stack(tf):
    tf.stack([tf.constant(1.0), tf.constant(1)])


@wrong
def dtype_mismatch_in_add_n(tf):
    tf.add_n([tf.constant(1.0), tf.constant(1)])


@wrong
def dtype_not_allowed(tf):
    tf.sqrt(tf.constant(4))


@wrong
def dtype_not_allowed_for_logical(tf):
    tf.logical_and(tf.constant(1.0), tf.constant(True))


@wrong
def divide_different_dtypes(tf):
    tf.constant(1.0) / tf.constant(2)


@wrong
def add_incompatible_shapes(tf):
    tf.ones([2, 3]) + tf.ones([2, 4])


@wrong
def add_incompatible_shapes_while_running(tf):
    x = tf.placeholder(tf.float32, name="x")
    y = tf.placeholder(tf.float32, name="y")
    tf.Session().run(x + y, {x: np.ones((2, 3)), y: np.ones((2, 4))})


@wrong
def matmul_incompatible_shapes(tf):
    tf.matmul(tf.ones([2, 3]), tf.ones([4, 5]))


@wrong
def matmul_of_vector(tf):
    tf.matmul(tf.ones([2, 3]), tf.ones([3]))


@wrong
def matmul_incompatible_shapes_while_running(tf):
    x = tf.placeholder(tf.float32, [None, None], name="x")
    y = tf.placeholder(tf.float32, [None, None], name="y")
    tf.Session().run(tf.matmul(x, y), {x: np.ones((2, 3)), y: np.ones((4, 5))})


@wrong
def concat_incompatible_shapes(tf):
    tf.concat([tf.ones([2, 3]), tf.ones([2, 4])], 0)


@wrong
def concat_incompatible_shapes_while_running(tf):
    x = tf.placeholder(tf.float32, [None, None], name="x")
    y = tf.placeholder(tf.float32, [None, None], name="y")
    tf.Session().run(tf.concat([x, y], 0), {x: np.ones((2, 3)), y: np.ones((2, 4))})


@wrong
def concat_axis_out_of_range(tf):
    tf.concat([tf.ones([2]), tf.ones([2])], 3)


@wrong
def stack_incompatible_shapes(tf):
    tf.stack([tf.ones([2]), tf.ones([3])])


@wrong
def reshape_of_other_size(tf):
    tf.reshape(tf.ones([2, 3]), [4, 2])


@wrong
def reshape_of_other_size_while_running(tf):
    x = tf.placeholder(tf.float32, name="x")
    tf.Session().run(tf.reshape(x, [4, 2]), {x: np.ones((2, 3))})


@wrong
def reshape_with_two_unknowns(tf):
    tf.reshape(tf.ones([2, 3]), [-1, -1])


@wrong
def reshape_with_two_unknowns_while_running(tf):
    tf.Session().run(tf.reshape(tf.ones([2, 3]), [-1, -1]))


@wrong
def transpose_with_wrong_permutation(tf):
    tf.transpose(tf.ones([2, 3]), [0, 1, 2])


@wrong
def split_uneven(tf):
    tf.split(tf.ones([5, 2]), 2)


@wrong
def unstack_unknown(tf):
    tf.unstack(tf.placeholder(tf.float32, name="x"))


@wrong
def unstack_unknown_dimension(tf):
    tf.unstack(tf.placeholder(tf.float32, [None, 2], name="x"))


@wrong
def squeeze_of_larger_dimension(tf):
    tf.squeeze(tf.ones([2, 3]), [0])


@wrong
def expand_dims_out_of_range(tf):
    tf.expand_dims(tf.ones([2]), 5)


@wrong
def reduction_axis_out_of_range(tf):
    tf.reduce_sum(tf.ones([2, 3]), axis=2)


@wrong
def gather_index_out_of_range(tf):
    x = tf.placeholder(tf.int32, [1], name="i")
    tf.Session().run(tf.gather(tf.ones([3]), x), {x: [7]})


@wrong
def gather_float_indices(tf):
    tf.gather(tf.ones([3]), [0.5])


@wrong
def pad_of_wrong_rank(tf):
    tf.pad(tf.ones([2, 3]), [[1, 1]])


@wrong
def tile_of_wrong_rank(tf):
    tf.tile(tf.ones([2, 3]), [2])


@wrong
def where_with_one_argument(tf):
    tf.where([True, False], [1.0, 2.0])


@wrong
def cast_of_text(tf):
    tf.Session().run(tf.cast(tf.constant("1"), tf.float32))


@wrong
def conv2d_of_wrong_rank(tf):
    tf.nn.conv2d(tf.ones([2, 3]), tf.ones([2, 2, 1, 1]), [1, 1, 1, 1], "SAME")


@wrong
def conv2d_of_wrong_depth(tf):
    tf.nn.conv2d(tf.ones([1, 4, 4, 3]), tf.ones([2, 2, 2, 1]), [1, 1, 1, 1], "SAME")


@wrong
def conv2d_with_unknown_padding(tf):
    tf.nn.conv2d(tf.ones([1, 4, 4, 1]), tf.ones([2, 2, 1, 1]), [1, 1, 1, 1], "NONE")


@wrong
def bias_add_of_wrong_size(tf):
    tf.nn.bias_add(tf.ones([2, 3]), tf.ones([4]))


@wrong
def softmax_cross_entropy_positional(tf):
    tf.nn.softmax_cross_entropy_with_logits(tf.ones([2, 3]), tf.ones([2, 3]))


@wrong
def sigmoid_cross_entropy_shapes(tf):
    tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.ones([2, 3]), logits=tf.ones([2, 4]))


@wrong
def sparse_softmax_rank_mismatch(tf):
    tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.ones([2, 3], tf.int32), logits=tf.ones([2, 3]))


@wrong
def sparse_softmax_label_out_of_range(tf):
    x = tf.placeholder(tf.int32, [1], name="labels")
    y = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=x, logits=tf.ones([1, 3]))
    tf.Session().run(y, {x: [5]})


@wrong
def dropout_keep_prob_out_of_range(tf):
    tf.nn.dropout(tf.ones([2]), 1.5)


@wrong
def dropout_of_integers(tf):
    tf.nn.dropout(tf.ones([2], tf.int32), 0.5)


@wrong
def embedding_without_parameters(tf):
    tf.nn.embedding_lookup([], [0])


@wrong
def one_hot_of_float(tf):
    tf.one_hot([0.5], 3)


@wrong
def dense_of_unknown_depth(tf):
    tf.layers.dense(tf.placeholder(tf.float32, [None, None]), 3)


@wrong
def dense_of_scalar(tf):
    tf.layers.dense(tf.constant(1.0), 3)


@wrong
def conv_layer_of_wrong_rank(tf):
    tf.layers.conv2d(tf.ones([2, 3]), 3, 3)


@wrong
def loss_shapes_differ(tf):
    tf.losses.mean_squared_error(tf.ones([2, 3]), tf.ones([2, 4]))


@wrong
def loss_of_none(tf):
    tf.losses.mean_squared_error(None, tf.ones([2]))


@wrong
def check_numerics_fails(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.Session().run(tf.check_numerics(x, "bad number"), {x: np.nan})


@wrong
def assert_fails(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.Session().run(tf.Assert(x > 0.0, [x]), {x: -1.0})


@wrong
def assert_equal_fails_statically(tf):
    tf.assert_equal(tf.constant(1), tf.constant(2))


@wrong
def assert_equal_fails_while_running(tf):
    x = tf.placeholder(tf.int32, [], name="x")
    tf.Session().run(tf.assert_equal(x, 2, message="not two"), {x: 1})


@wrong
def assert_rank_fails(tf):
    tf.assert_rank(tf.ones([2, 3]), 1)


@wrong
def py_func_fails(tf):
    def fail(_):
        raise ValueError("from Python")

    tf.Session().run(tf.py_func(fail, [1.0], tf.float32))


@wrong
def matrix_inverse_of_singular(tf):
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    tf.Session().run(tf.matrix_inverse(x), {x: np.zeros((2, 2))})


@wrong
def cholesky_of_indefinite(tf):
    x = tf.placeholder(tf.float32, [2, 2], name="x")
    tf.Session().run(tf.cholesky(x), {x: -np.eye(2)})


@wrong
def integer_division_by_zero(tf):
    x = tf.placeholder(tf.int32, [], name="x")
    tf.Session().run(1 // x, {x: 0})


@wrong
def group_of_number(tf):
    tf.group(3)


@wrong
def summary_without_tags(tf):
    tf.summary.scalar(None, 1.0)


@wrong
def scalar_summary_of_vector(tf):
    tf.Session().run(tf.summary.scalar("s", tf.placeholder_with_default([1.0, 2.0], None)))
