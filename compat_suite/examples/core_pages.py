"""The pages about Graph, Session, Operation, Tensor, scopes and control dependencies."""

import collections

import numpy as np

from compat_suite.examples import example, plain, raised, values


@example("Graph: the default graph", [True, True, False])
def graph_default(tf):
    c = tf.constant(4.0)
    g = tf.Graph()
    with g.as_default():
        d = tf.constant(30.0)
        inside = d.graph is g and tf.get_default_graph() is g
    return [c.graph is tf.get_default_graph(), inside, d.graph is tf.get_default_graph()]


@example("Graph: names of nested scopes", ["c", "c_1", "nested/c", "nested/inner/c", "nested/inner_1/c"])
def graph_name_scopes(tf):
    g = tf.get_default_graph()
    found = [tf.constant(5.0, name="c").op.name, tf.constant(6.0, name="c").op.name]
    with g.name_scope("nested"):
        found.append(tf.constant(10.0, name="c").op.name)
        with g.name_scope("inner"):
            found.append(tf.constant(20.0, name="c").op.name)
        with g.name_scope("inner"):
            found.append(tf.constant(30.0, name="c").op.name)
    return found


@example("Graph: a scope string entered again", ["my_layer/", "my_layer/c", "my_layer/d", "my_layer_1/", "e"])
def graph_scope_string(tf):
    g = tf.get_default_graph()
    with g.name_scope("my_layer") as scope:
        first = tf.constant(1.0, name="c").op.name
    with g.name_scope(scope):
        second = tf.constant(1.0, name="d").op.name
    with g.name_scope("my_layer") as other:
        pass
    with g.name_scope("x"), g.name_scope(None):
        third = tf.constant(1.0, name="e").op.name
    return [scope, first, second, other, third]


@example("Graph: unique_name", ["n", "n_1", "n_2", "n_2"])
def graph_unique_name(tf):
    g = tf.get_default_graph()
    return [g.unique_name("n"), g.unique_name("n"), g.unique_name("n", mark_as_used=False), g.unique_name("n")]


@example("Graph: collections", [[1, 2], [1, 2], [], True, [1, 2, 3]])
def graph_collections(tf):
    g = tf.get_default_graph()
    g.add_to_collection("a", 1)
    g.add_to_collections(["a", "b"], 2)
    copy = g.get_collection("a")
    reference = g.get_collection_ref("a")
    reference.append(3)
    return [
        copy,
        g.get_collection("a")[:2],
        g.get_collection("none"),
        g.get_collection_ref("a") is reference,
        g.get_collection("a"),
    ]


@example("Graph: collections filtered by scope", [["s/a"], ["s/a", "t"]])
def graph_collections_by_scope(tf):
    for name in ("s/a", "t"):
        tf.add_to_collection("c", tf.constant(1.0, name=name))
    return [[t.op.name for t in tf.get_collection("c", scope=s)] for s in ("s", None)]


@example("Graph: lookups by name and by object", [["x", "y"], "x:0", "x", "x:0", True])
def graph_lookups(tf):
    g = tf.get_default_graph()
    x = tf.constant(1.0, name="x")
    tf.identity(x, name="y")
    return [
        [op.name for op in g.get_operations()],
        g.get_tensor_by_name("x:0").name,
        g.get_operation_by_name("x").name,
        g.as_graph_element("x:0").name,
        g.as_graph_element(x) is x,
    ]


@example("Graph: finalize", [False, True, "RuntimeError"])
def graph_finalize(tf):
    g = tf.get_default_graph()
    before = g.finalized
    g.finalize()
    return [before, g.finalized, raised(lambda: tf.constant(1.0))[0]]


@example("Graph: version grows with every operation", [True, 3])
def graph_version(tf):
    g = tf.get_default_graph()
    before = g.version
    for _ in range(3):
        tf.no_op()
    return [isinstance(before, int), g.version - before]


@example("Graph: device functions and merging")
def graph_devices(tf):
    g = tf.get_default_graph()
    with g.device("/device:GPU:0"):
        a = tf.constant(1.0)
        with g.device("/job:worker/task:1"):
            b = tf.constant(1.0)
        with g.device(None):
            c = tf.constant(1.0)
    with g.device(lambda op: "/device:GPU:0" if op.type == "MatMul" else "/device:CPU:0"):
        m = tf.matmul([[1.0]], [[2.0]])
    return [a.device, b.device, c.device, m.device, m.op.inputs[0].device]


@example("Graph: seed", [None, 7])
def graph_seed(tf):
    g = tf.get_default_graph()
    before = g.seed
    tf.set_random_seed(7)
    return [before, g.seed]


@example("Graph: is_feedable and is_fetchable", [True, False, True, False])
def graph_feedable(tf):
    g = tf.get_default_graph()
    x, y = tf.constant(1.0), tf.constant(2.0)
    found = [g.is_feedable(x), None, g.is_fetchable(y), None]
    g.prevent_feeding(x)
    g.prevent_fetching(y.op)
    found[1], found[3] = g.is_feedable(x), g.is_fetchable(y)
    return found


@example("Graph: as_graph_def and import", [["a", "b"], ["import/a", "import/b"], 3.0])
def graph_def_round_trip(tf):
    with tf.Graph().as_default() as g:
        a = tf.constant(1.0, name="a")
        tf.identity(a, name="b")
    definition = g.as_graph_def()
    (b,) = tf.import_graph_def(definition, return_elements=["b:0"], input_map={"a:0": tf.constant(3.0)})
    imported = [op.name for op in tf.get_default_graph().get_operations() if op.name.startswith("import/")]
    return [[n.name for n in definition.node], imported, values(tf, b)]


@example("Session: values of nested fetches")
def session_fetches(tf):
    a, b = tf.constant([10, 20]), tf.constant([1.0, 2.0])
    pair = collections.namedtuple("Pair", ["a", "b"])
    with tf.Session() as session:
        found = session.run({"k1": pair(a, b), "k2": [b, a], "k3": (a, (b,)), "k4": a.op, "k5": "Const_1:0"})
    kinds = [type(found[key]).__name__ for key in sorted(found)]
    return [kinds, plain(found["k1"].a), plain(found["k2"]), plain(found["k3"]), found["k4"], plain(found["k5"])]


@example("Session: types of what run gives", ["float32", "ndarray", "int32", "bytes", "NoneType", "bool_"])
def session_types(tf):
    fetches = [tf.constant(1.0), tf.constant([1.0]), tf.constant(1), tf.constant("s"), tf.no_op(), tf.constant(True)]
    with tf.Session() as session:
        return [{"bool": "bool_"}.get(type(v).__name__, type(v).__name__) for v in session.run(fetches)]


@example("Session: feeding any tensor", [16.0, 101.0, [7.0, 8.0]])
def session_feeds(tf):
    x = tf.placeholder(tf.float32, name="x")
    c = tf.constant(5.0)
    y = x + c
    with tf.Session() as session:
        return plain([session.run(y, {x: 11.0}), session.run(y, {x: 1.0, c: 100}), session.run(y, {"x:0": [2.0, 3.0]})])


@example("Session: feeding an intermediate tensor cuts its inputs off", [14.0])
def session_feeds_intermediate(tf):
    x = tf.placeholder(tf.float32, [])
    h = x * 3.0
    with tf.Session() as session:
        return [float(session.run(h * 2.0, {h: 7.0}))]


@example("Session: sparse feeds and fetches")
def session_sparse(tf):
    sp = tf.sparse_placeholder(tf.float32)
    fed = tf.SparseTensorValue(np.array([[0, 1], [2, 0]]), np.array([3.0, 4.0], np.float32), np.array([3, 2]))
    with tf.Session() as session:
        found = session.run(sp, {sp: fed})
        total = session.run(tf.sparse_reduce_sum(sp), {sp: (fed.indices, fed.values, fed.dense_shape)})
    return [type(found).__name__, plain(found.indices), plain(found.values), plain(found.dense_shape), float(total)]


@example("Session: as_default, eval and run", [6.0, None, True, True])
def session_default(tf):
    c = tf.constant(6.0)
    session = tf.Session()
    with session.as_default():
        found = [float(c.eval()), c.op.run(), tf.get_default_session() is session]
    session.close()
    return found + [tf.get_default_session() is None]


@example("Session: graph of a session", [True, 2.0])
def session_graph(tf):
    g = tf.Graph()
    with g.as_default():
        c = tf.constant(2.0)
    with tf.Session(graph=g) as session:
        return [session.graph is g, float(session.run(c))]


@example("Session: make_callable", [9.0, [None, 4.0]])
def session_callable(tf):
    x = tf.placeholder(tf.float32, [])
    with tf.Session() as session:
        square = session.make_callable(x * x, feed_list=[x])
        both = session.make_callable([tf.no_op(), x + 1.0], feed_list=[x])
        return [float(square(3.0)), plain(both(3.0))]


@example("Session: partial_run", [6.0, 60.0])
def session_partial_run(tf):
    a, b = tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    r1 = a * 2.0
    r2 = r1 * b
    with tf.Session() as session:
        handle = session.partial_run_setup([r1, r2], [a, b])
        first = session.partial_run(handle, r1, {a: 3.0})
        return [float(first), float(session.partial_run(handle, r2, {b: 10.0}))]


@example("Session: the same tensor fetched twice, and duplicate structures", [[1.0, 1.0], [], {}])
def session_duplicates(tf):
    c = tf.constant(1.0)
    with tf.Session() as session:
        return [plain(session.run([c, c])), session.run([]), session.run({})]


@example("Session: variables live in a session", [1.0, 5.0, 1.0])
def session_state(tf):
    v = tf.Variable(1.0)
    init, set5 = v.initializer, tf.assign(v, 5.0)
    one, two = tf.Session(), tf.Session()
    one.run(init)
    two.run(init)
    found = [float(one.run(v))]
    one.run(set5)
    return found + [float(one.run(v)), float(two.run(v))]


@example("Session: list of devices", True)
def session_devices(tf):
    with tf.Session() as session:
        return any("CPU:0" in device.name for device in session.list_devices())


@example("InteractiveSession: default without a with", [30.0])
def interactive_session(tf):
    session = tf.InteractiveSession()
    c = tf.constant(5.0) * tf.constant(6.0)
    found = [float(c.eval())]
    session.close()
    return found


@example("Operation: attributes")
def operation_attributes(tf):
    a = tf.constant([[1.0]], name="a")
    with tf.control_dependencies([a]), tf.device("/cpu:0"):
        op = tf.matmul(a, a, transpose_b=True, name="m").op
    return [
        op.name, op.type, [t.name for t in op.inputs], [t.name for t in op.outputs],
        [c.name for c in op.control_inputs], op.device, op.get_attr("transpose_b"), op.get_attr("T").name,
        op.node_def.op, op.values()[0].name, op.graph is tf.get_default_graph(), str(type(op).__name__),
    ]  # fmt: skip


@example("Operation: an unknown attr", ["ValueError", True])
def operation_unknown_attr(tf):
    op = tf.constant(1.0).op
    return raised(lambda: op.get_attr("nothing"), "nothing")


@example("Operation: repr", "<tf.Operation 'n' type=NoOp>")
def operation_repr(tf):
    return repr(tf.no_op(name="n"))


@example("Operation: colocation groups")
def operation_colocation(tf):
    a = tf.constant(1.0, name="a")
    with tf.colocate_with(a):
        b = tf.constant(2.0, name="b")
    return [plain(a.op.colocation_groups()), plain(b.op.colocation_groups())]


@example("Tensor: attributes")
def tensor_attributes(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    y = tf.square(x, name="y")
    return [
        x.name, x.dtype.name, x.shape.as_list(), x.get_shape().ndims, x.op.name, x.value_index, x.device,
        [op.name for op in x.consumers()], repr(y), str(y), x.graph is y.graph,
    ]  # fmt: skip


@example("Tensor: set_shape adds what is known", [None, [28, 28, 3], [28, 28, 3]])
def tensor_set_shape(tf):
    x = tf.placeholder(tf.float32)
    before = x.shape.ndims
    x.set_shape([28, 28, 3])
    after = x.shape.as_list()
    x.set_shape([None, 28, None])
    return [before, after, x.shape.as_list()]


@example("Tensor: static shapes follow from shapes", [[2, 4], [None, 4], None])
def tensor_static_shapes(tf):
    c = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    d = tf.ones([3, 4])
    p = tf.placeholder(tf.float32, [None, 3])
    u = tf.placeholder(tf.float32)
    return [tf.matmul(c, d).shape.as_list(), tf.matmul(p, d).shape.as_list(), (u + d).shape.ndims]


@example("Tensor: hashing and equality are by identity", [True, False, True])
def tensor_identity(tf):
    a, b = tf.constant(1.0), tf.constant(1.0)
    return [a == a, a == b, len({a, b, a}) == 2]


@example("Tensor: operators")
def tensor_operators(tf):
    x = tf.constant([7.0, -8.0])
    i = tf.constant([7, -8])
    b = tf.constant([True, False])
    return values(
        tf,
        [x + 1.0, 1.0 - x, x * x, x / 2.0, x // 2.0, x % 3.0, x**2, -x, abs(x), i // 2, i % 3, i / 2, -i, abs(i),
         x < 0.0, x >= 7.0, b & True, b | True, b ^ True, ~b],
    )  # fmt: skip


@example("Tensor: indexing")
def tensor_indexing(tf):
    x = tf.constant(np.arange(24).reshape(2, 3, 4))
    n = tf.constant(1)
    return values(
        tf,
        [
            x[0],
            x[:, 1],
            x[..., -1],
            x[1, 2, 3],
            x[:, ::2, 1:3],
            x[:, None, 0, 0],
            x[n],
            x[n:, : n + 1, 0],
            x[::-1, 0, 0],
        ],
    )


@example("Tensor: strings of dtypes and shapes")
def dtype_and_shape_strings(tf):
    return [
        str(tf.float32),
        repr(tf.float32),
        str(tf.TensorShape([None, 3])),
        repr(tf.TensorShape([None, 3])),
        str(tf.TensorShape(None)),
        str(tf.Dimension(3)),
        str(tf.Dimension(None)),
        tf.float32.size,
        float(tf.float32.max),
        tf.int8.min,
        tf.float32.is_floating,
        tf.as_dtype("int32").name,
        tf.as_dtype(np.float64).name,
    ]


@example("variable_scope: names", ["foo/bar/v:0", "foo/bar/c:0", "foo_1/x:0"])
def scope_names(tf):
    with tf.variable_scope("foo"), tf.variable_scope("bar"):
        v = tf.get_variable("v", [1])
        c = tf.constant(1.0, name="c")
    with tf.name_scope("foo"):
        x = tf.constant(1.0, name="x")
    return [v.name, c.name, x.name]


@example("variable_scope: entering again without name scope", ["my/a:0", "my/b:0", "my_1/b:0"])
def scope_original_name_scope(tf):
    with tf.variable_scope("my") as vs:
        a = tf.constant(1.0, name="a")
    with tf.variable_scope(vs, auxiliary_name_scope=False) as vs1, tf.name_scope(vs1.original_name_scope):
        b = tf.constant(1.0, name="b")
    with tf.variable_scope(vs):
        c = tf.constant(1.0, name="b")
    return [a.name, b.name, c.name]


@example("variable_scope: AUTO_REUSE", [True, "foo/v:0"])
def scope_auto_reuse(tf):
    def foo():
        with tf.variable_scope("foo", reuse=tf.AUTO_REUSE):
            return tf.get_variable("v", [1])

    v1, v2 = foo(), foo()
    return [v1 is v2, v1.name]


@example("variable_scope: reuse=True", [True])
def scope_reuse(tf):
    with tf.variable_scope("foo"):
        v = tf.get_variable("v", [1])
    with tf.variable_scope("foo", reuse=True):
        return [tf.get_variable("v", [1]) is v]


@example("variable_scope: reuse_variables", [True])
def scope_reuse_variables(tf):
    with tf.variable_scope("foo") as scope:
        v = tf.get_variable("v", [1])
        scope.reuse_variables()
        return [tf.get_variable("v", [1]) is v]


@example("variable_scope: reuse is inherited", [True, True, False])
def scope_reuse_inherited(tf):
    with tf.variable_scope("foo"):
        pass
    with tf.variable_scope("foo", reuse=True) as foo:
        with tf.variable_scope("bar") as bar:
            inner = bar.reuse
        outer = foo.reuse
    with tf.variable_scope("foo") as again:
        return [bool(inner), bool(outer), bool(again.reuse)]


@example("variable_scope: errors", [["ValueError", True], ["ValueError", True]])
def scope_errors(tf):
    def again():
        with tf.variable_scope("foo"):
            tf.get_variable("v", [1])

    def missing():
        with tf.variable_scope("foo", reuse=True):
            tf.get_variable("w", [1])

    again()
    return [raised(again, "Variable foo/v already exists"), raised(missing, "Variable foo/w does not exist")]


@example("variable_scope: default_name is made unique", ["s/v:0", "s_1/v:0", "named/v:0"])
def scope_default_name(tf):
    found = []
    for name in (None, None, "named"):
        with tf.variable_scope(name, "s"):
            found.append(tf.get_variable("v", [1]).name)
    return found


@example("variable_scope: initializer, regularizer and dtype are inherited")
def scope_settings(tf):
    with tf.variable_scope("foo", initializer=tf.constant_initializer(0.4), dtype=tf.float64,
                           regularizer=lambda w: tf.reduce_sum(w)):  # fmt: skip
        v = tf.get_variable("v", [2])
        with tf.variable_scope("bar"):
            w = tf.get_variable("w", [1], initializer=tf.ones_initializer())
    return [v.dtype.name, values(tf, v), values(tf, w), values(tf, tf.get_collection("regularization_losses"))]


@example("variable_scope: custom getters nest", ["foo/v:0", 6.0])
def scope_custom_getter(tf):
    def doubled(getter, name, *args, **kwargs):
        return getter(name, *args, **kwargs) * 2.0

    def tripled(getter, name, *args, **kwargs):
        return getter(name, *args, **kwargs) * 3.0

    with tf.variable_scope("foo", custom_getter=doubled), tf.variable_scope("", custom_getter=tripled):
        v = tf.get_variable("v", [], initializer=tf.ones_initializer())
    return [tf.global_variables()[0].name.replace("//", "/"), values(tf, v)]


@example("variable_scope: scope object", ["a/b", "a/b/", True])
def scope_object(tf):
    with tf.variable_scope("a"), tf.variable_scope("b") as scope:
        return [scope.name, scope.original_name_scope, tf.get_variable_scope() is scope]


@example("name_scope: values and default names", ["my_op", "my_op_1", "given"])
def name_scope_defaults(tf):
    def my_op(a, name=None):
        with tf.name_scope(name, "my_op", [a]) as scope:
            return tf.identity(a, name=scope)

    x = tf.constant(1.0)
    return [my_op(x).op.name, my_op(x).op.name, my_op(x, name="given").op.name]


@example("name_scope: does not touch variable names", ["v:0", "scope/add:0"])
def name_scope_and_get_variable(tf):
    with tf.name_scope("scope"):
        v = tf.get_variable("v", [1])
        return [v.name, (v + 1.0).name]


@example("control_dependencies: order is kept", [3.0, 6.0])
def control_dependencies_order(tf):
    v = tf.Variable(1.0)
    add = tf.assign_add(v, 2.0)
    with tf.control_dependencies([add]):
        double = tf.assign(v, v.read_value() * 2.0)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(add.op if hasattr(add, "op") else add)
        first = float(session.run(v))
        session.run(v.initializer)
        session.run(double)
        return [first, float(session.run(v))]


@example("control_dependencies: nested lists add up, None clears", [["a", "b"], [], ["a"]])
def control_dependencies_nest(tf):
    a, b = tf.no_op(name="a"), tf.no_op(name="b")
    with tf.control_dependencies([a]):
        with tf.control_dependencies([b]):
            c = tf.no_op()
        with tf.control_dependencies(None):
            d = tf.no_op()
        e = tf.no_op()
    return [sorted(x.name for x in op.control_inputs) for op in (c, d, e)]


@example("control_dependencies: an existing tensor is not tied, a new one is", [[], ["a"]])
def control_dependencies_existing(tf):
    a = tf.no_op(name="a")
    t = tf.constant(1.0)
    with tf.control_dependencies([a]):
        outside = t
        inside = tf.identity(t)
    return [[c.name for c in x.op.control_inputs] for x in (outside, inside)]


@example("control_dependencies: an op that depends on them already gets no edge", [["Identity", []]])
def control_dependencies_pruned(tf):
    a = tf.constant(1.0, name="a")
    with tf.control_dependencies([a]):
        b = tf.identity(a)
    return [[b.op.type, [c.name for c in b.op.control_inputs]]]


@example("stop_gradient: expectation maximisation keeps one side fixed")
def stop_gradient_side(tf):
    x = tf.constant([1.0, 2.0])
    return values(tf, tf.gradients(tf.reduce_sum(tf.square(x - tf.stop_gradient(tf.exp(x)))), x))


@example("stop_gradient: the forward value passes unchanged", [[1.5, -2.0]])
def stop_gradient_value(tf):
    return [values(tf, tf.stop_gradient(tf.constant([1.5, -2.0])))]
