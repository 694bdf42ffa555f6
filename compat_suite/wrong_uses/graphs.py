"""Wrong names, graphs and GraphDefs."""

from compat_suite.wrong_uses import wrong


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
