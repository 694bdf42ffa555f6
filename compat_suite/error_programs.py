"""Wrong uses of graph-mode TensorFlow, each to be answered with TF 1.15's exception class and key phrase.

Each function runs in a fresh default graph. The recorder keeps what TF 1.15 raises (a few uses look wrong and are
accepted: that is recorded too), the test replays them on tfcompat. Python 3.7 syntax: the recorder runs this file
inside TF 1.15's interpreter.
"""

import re

import numpy as np

WRONG = {}


def wrong(use):
    """Add a wrong use to the table under its function name."""
    WRONG[use.__name__] = use
    return use


# --- Session.run: fetches and feeds


@wrong
def fetch_of_other_graph(tf):
    with tf.Graph().as_default():
        x = tf.constant(1.0, name="x")
    tf.constant(2.0)
    tf.Session().run(x)


@wrong
def fetch_name_not_in_graph(tf):
    tf.constant(1.0, name="x")
    tf.Session().run("y:0")


@wrong
def fetch_name_without_output(tf):
    tf.constant(1.0, name="x")
    tf.Session().run("x:1")


@wrong
def fetch_operation_name_missing(tf):
    tf.constant(1.0, name="x")
    tf.Session().run("nothing")


@wrong
def fetch_of_none(tf):
    tf.constant(1.0)
    tf.Session().run(None)


@wrong
def fetch_of_number(tf):
    tf.constant(1.0)
    tf.Session().run(3.5)


@wrong
def fetch_list_with_none(tf):
    x = tf.constant(1.0)
    tf.Session().run([x, None])


@wrong
def fetch_name_malformed(tf):
    tf.constant(1.0, name="x")
    tf.Session().run("x:a:0")


@wrong
def feed_of_other_graph(tf):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, name="x")
    y = tf.constant(2.0)
    tf.Session().run(y, {x: 1.0})


@wrong
def feed_of_string_not_in_graph(tf):
    y = tf.constant(2.0)
    tf.Session().run(y, {"x:0": 1.0})


@wrong
def feed_key_is_number(tf):
    y = tf.constant(2.0)
    tf.Session().run(y, {3: 1.0})


@wrong
def feed_of_wrong_shape(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    tf.Session().run(x * 2.0, {x: np.zeros((3, 2))})


@wrong
def feed_of_wrong_rank(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    tf.Session().run(x * 2.0, {x: [1.0, 2.0, 3.0]})


@wrong
def feed_of_text_for_float(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.Session().run(x * 2.0, {x: "text"})


@wrong
def feed_of_float_for_int(tf):
    x = tf.placeholder(tf.int32, [], name="x")
    tf.Session().run(x * 2, {x: 1.5})


@wrong
def feed_of_large_int_for_int8(tf):
    x = tf.placeholder(tf.int8, [], name="x")
    tf.Session().run(tf.identity(x), {x: 300})


@wrong
def feed_is_tensor(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.Session().run(x * 2.0, {x: tf.constant(1.0)})


@wrong
def feed_is_ragged_list(tf):
    x = tf.placeholder(tf.float32, name="x")
    tf.Session().run(x * 2.0, {x: [[1.0], [2.0, 3.0]]})


@wrong
def feed_is_none(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.Session().run(x * 2.0, {x: None})


@wrong
def feed_dict_is_a_list(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.Session().run(x * 2.0, [x, 1.0])


@wrong
def feed_of_unfeedable_tensor(tf):
    x = tf.constant(1.0, name="x")
    tf.get_default_graph().prevent_feeding(x)
    tf.Session().run(x * 2.0, {x: 1.0})


@wrong
def fetch_of_unfetchable_operation(tf):
    x = tf.constant(1.0, name="x")
    tf.get_default_graph().prevent_fetching(x.op)
    tf.Session().run(x)


@wrong
def placeholder_not_fed(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    tf.Session().run(x * 2.0)


@wrong
def placeholder_of_shape_not_fed(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    tf.Session().run(tf.reduce_sum(x))


@wrong
def run_after_close(tf):
    x = tf.constant(1.0)
    session = tf.Session()
    session.close()
    session.run(x)


@wrong
def run_of_empty_graph(tf):
    tf.Session().run([])
    tf.Session().run({})
    tf.Session().run("x")


@wrong
def eval_without_session(tf):
    tf.constant(1.0).eval()


@wrong
def run_of_operation_without_session(tf):
    tf.no_op().run()


@wrong
def eval_in_session_of_other_graph(tf):
    x = tf.constant(1.0)
    with tf.Session(graph=tf.Graph()):
        x.eval()


@wrong
def session_graph_is_no_graph(tf):
    tf.Session(graph="graph")


@wrong
def session_config_is_no_config(tf):
    tf.Session(config={"allow_soft_placement": True})


@wrong
def partial_run_without_setup(tf):
    x = tf.constant(1.0)
    tf.Session().partial_run("handle", x)


@wrong
def callable_with_too_few_arguments(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    run = tf.Session().make_callable(x * 2.0, feed_list=[x])
    run()


# --- Variables


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


# --- Graph


@wrong
def graph_finalized(tf):
    tf.get_default_graph().finalize()
    tf.constant(1.0)


@wrong
def tensor_name_not_found(tf):
    tf.constant(1.0, name="x")
    tf.get_default_graph().get_tensor_by_name("y:0")


@wrong
def tensor_name_without_output(tf):
    tf.constant(1.0, name="x")
    tf.get_default_graph().get_tensor_by_name("x")


@wrong
def tensor_name_with_output_too_high(tf):
    tf.constant(1.0, name="x")
    tf.get_default_graph().get_tensor_by_name("x:3")


@wrong
def operation_name_not_found(tf):
    tf.get_default_graph().get_operation_by_name("y")


@wrong
def operation_name_is_tensor_name(tf):
    tf.constant(1.0, name="x")
    tf.get_default_graph().get_operation_by_name("x:0")


@wrong
def operation_name_is_number(tf):
    tf.get_default_graph().get_operation_by_name(3)


@wrong
def graph_element_is_number(tf):
    tf.get_default_graph().as_graph_element(3)


@wrong
def operation_name_invalid(tf):
    tf.constant(1.0, name="not a name")


@wrong
def operation_name_starts_with_dash(tf):
    tf.constant(1.0, name="-x")


@wrong
def name_scope_invalid(tf):
    with tf.name_scope("bad scope!"):
        pass


@wrong
def mixing_graphs(tf):
    with tf.Graph().as_default():
        a = tf.constant(1.0, name="a")
    with tf.Graph().as_default():
        b = tf.constant(1.0, name="b")
        tf.add(a, b)


@wrong
def mixing_graphs_with_default(tf):
    b = tf.constant(1.0, name="b")
    with tf.Graph().as_default():
        tf.identity(b) + 1.0


@wrong
def control_dependency_of_other_graph(tf):
    with tf.Graph().as_default():
        a = tf.constant(1.0, name="a")
    with tf.control_dependencies([a]):
        tf.constant(1.0)


@wrong
def control_dependency_on_number(tf):
    with tf.control_dependencies([3]):
        tf.constant(1.0)


@wrong
def reset_default_graph_nested(tf):
    with tf.Graph().as_default():
        tf.reset_default_graph()


@wrong
def graph_def_with_unknown_op(tf):
    definition = tf.GraphDef()
    node = definition.node.add()
    node.name, node.op = "n", "NoSuchOp"
    tf.import_graph_def(definition)


@wrong
def graph_def_with_missing_input(tf):
    definition = tf.GraphDef()
    node = definition.node.add()
    node.name, node.op = "n", "Neg"
    node.attr["T"].type = 1
    node.input.append("nothing")
    tf.import_graph_def(definition)


@wrong
def graph_def_is_no_graph_def(tf):
    tf.import_graph_def("text")


@wrong
def input_map_key_missing(tf):
    tf.import_graph_def(tf.GraphDef(), input_map={"x:0": tf.constant(1.0)})


@wrong
def return_element_missing(tf):
    tf.import_graph_def(tf.GraphDef(), return_elements=["x:0"])


@wrong
def device_invalid(tf):
    with tf.device("/nonsense:0"):
        tf.constant(1.0)


# --- Tensors in Python


@wrong
def tensor_as_bool(tf):
    if tf.constant(1.0) > 0.0:
        pass


@wrong
def tensor_in_not(tf):
    not tf.constant(True)


@wrong
def tensor_iterated(tf):
    for _ in tf.constant([1.0, 2.0]):
        pass


@wrong
def tensor_len(tf):
    len(tf.constant([1.0, 2.0]))


@wrong
def tensor_item_assigned(tf):
    x = tf.constant([1.0, 2.0])
    x[0] = 3.0


@wrong
def tensor_set_shape_contradicts(tf):
    tf.placeholder(tf.float32, [2, 3]).set_shape([3, 3])


@wrong
def tensor_as_float(tf):
    float(tf.constant(1.0))


@wrong
def tensor_as_index(tf):
    range(tf.constant(1))


@wrong
def tensor_to_numpy(tf):
    tf.constant(1.0).numpy()


@wrong
def sparse_tensor_item(tf):
    tf.SparseTensor([[0, 0]], [1.0], [2, 2])[0]


@wrong
def slice_with_float(tf):
    tf.constant([1.0, 2.0])[0.5]


@wrong
def slice_with_tensor_of_float(tf):
    tf.constant([1.0, 2.0])[tf.constant(0.5)]


@wrong
def slice_of_scalar(tf):
    tf.constant(1.0)[0]


@wrong
def slice_out_of_bounds(tf):
    tf.constant([1.0, 2.0])[2]


@wrong
def slice_with_too_many_indices(tf):
    tf.constant([1.0, 2.0])[0, 0]


@wrong
def two_ellipses(tf):
    tf.zeros([2, 2, 2])[..., 0, ...]


@wrong
def constant_of_none(tf):
    tf.constant(None)


@wrong
def constant_of_mixed_list(tf):
    tf.constant([1.0, "text"])


@wrong
def constant_of_ragged_list(tf):
    tf.constant([[1.0], [2.0, 3.0]])


@wrong
def constant_float_as_int(tf):
    tf.constant(1.5, dtype=tf.int32)


@wrong
def constant_text_as_float(tf):
    tf.constant("text", dtype=tf.float32)


@wrong
def constant_of_wrong_shape(tf):
    tf.constant([1.0, 2.0, 3.0], shape=[2])


@wrong
def constant_of_tensor(tf):
    tf.constant(tf.constant(1.0))


@wrong
def convert_tensor_to_other_dtype(tf):
    tf.convert_to_tensor(tf.constant(1.0), dtype=tf.int32)


@wrong
def convert_unknown_object(tf):
    tf.convert_to_tensor(object())


@wrong
def convert_unknown_shape(tf):
    tf.convert_to_tensor(tf.TensorShape([None, 2]))


@wrong
def dtype_unknown(tf):
    tf.as_dtype("float33")


@wrong
def dtype_of_object(tf):
    tf.placeholder(object())


@wrong
def shape_negative(tf):
    tf.placeholder(tf.float32, [-2])


@wrong
def dimensions_incompatible(tf):
    tf.TensorShape([2, 3]).assert_is_compatible_with([2, 4])


@wrong
def shape_merge_incompatible(tf):
    tf.TensorShape([2, 3]).merge_with([2, 3, 4])


@wrong
def shape_unknown_as_list(tf):
    tf.TensorShape(None).as_list()


@wrong
def shape_unknown_length(tf):
    len(tf.TensorShape(None))


# --- Building ops


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


# --- Gradients and optimizers


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
    x = tf.constant([[1.0, 0.0], [0.0, 1.0]], name="x")
    tf.gradients(tf.linalg.lu(x, name="factors")[0], x)


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


# --- Cells and control flow


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


KEYS = {
    "apply_malformed_pairs": "has type string that does not match type float32",
    "conv_layer_of_wrong_rank": "expected ndim=4, found ndim=2",
    "dense_of_scalar": "expected min_ndim=2, found ndim=0",
    "gradients_of_complex": "must set grad_ys",
    "gradients_prevented": "not here",
    "graph_def_with_unknown_op": "Op type not registered 'NoSuchOp'",
    "minimize_over_tensor": "Trying to update a Tensor",
    "minimize_without_gradients": "No gradients provided for any variable, check your graph for ops",
    "resource_variable_not_initialized": "Error while reading resource variable v from Container: localhost. "
    "This could mean that the variable was uninitialized.",
    "saver_restores_missing_file": "/nonexistent",
    "tensor_as_float": "not 'Tensor'",
}
"""The phrase to look for where the first line of TF's message holds more than a program can rely on."""

_TAIL = re.compile(r" for '[^']*' \(op: .*| Originally defined at:.*| object at 0x.*|, <tf\.Tensor.*")


def key_phrase(name, message):
    """The part of TF's message that ours must contain: its first line without the decoration of the failing op."""
    return KEYS.get(name) or _TAIL.sub("", message.split("\n")[0])


def message_of(error):
    """An exception's text; for a KeyError without the quotes that str() puts around it."""
    return error.args[0] if len(error.args) == 1 and isinstance(error.args[0], str) else str(error)
