"""Wrong fetches, feeds and uses of sessions."""

import numpy as np

from compat_suite.wrong_uses import wrong


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
