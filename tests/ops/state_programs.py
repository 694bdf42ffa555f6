"""Programs about variables, scopes, initializers and random numbers, with results that TF 1.15 recorded.

`PROGRAMS[group][name](tf, np)` builds in a fresh default graph and returns numbers, strings or lists of them. Both
compat_suite/record/state.py (inside TF 1.15, Python 3.7) and the tests run them.
"""

# ruff: noqa: B023, SIM117

PROGRAMS = {"state": {}, "variables": {}, "scopes": {}, "initializers": {}, "random": {}}


def program(group):
    def register(fn):
        PROGRAMS[group][fn.__name__] = fn
        return fn

    return register


def caught(fn, length=None):
    """The class and the first line of the exception that `fn` raises."""
    try:
        return ["no error", str(fn())]
    except Exception as error:
        text = getattr(error, "message", None) or (str(error.args[0]) if error.args else str(error))
        return [type(error).__name__, text.split("\n")[0][:length]]


def session(tf, *fetches):
    """The values of the fetches after initialising all variables; a list fetch is one run."""
    with tf.Session() as s:
        s.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        return [s.run(f) for f in fetches]


def both(tf, value, **kwargs):
    """A reference variable and a resource variable."""
    return [tf.Variable(value, use_resource=r, **kwargs) for r in (False, True)]


# --- state -----------------------------------------------------------------------------------------------------


@program("state")
def assign_and_update(tf, np):
    out = []
    for v in both(tf, [1.0, 2.0]):
        out += session(tf, v.assign([3.0, 4.0]), v.assign_add([1.0, 1.0]), v.assign_sub([0.5, 0.25]), v)
        out += session(tf, tf.assign(v, [5.0, 6.0]), tf.assign_add(v, [1.0, 1.0]), tf.assign_sub(v, [1.0, 2.0]))
    return out


@program("state")
def updates_of_every_type(tf, np):
    out = []
    for name in ("uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64"):
        kind = getattr(tf, name)
        v = tf.Variable(tf.cast([1, 2, 3], kind))
        add = v.assign_add(tf.cast([1, 2, 3], kind))
        some = tf.scatter_sub(v, [0, 0, 2], tf.cast([1, 1, 1], kind))
        out += [np.asarray(x).astype(np.complex128).real for x in session(tf, v, add, some)]
    return out


@program("state")
def strings_and_bools(tf, np):
    out = []
    for v in both(tf, ["a", "b"]):
        out += session(tf, v, v.assign(["c", "d"]), tf.scatter_update(v, [0], ["z"]))
    for v in both(tf, [True, False]):
        out += session(tf, v, v.assign([False, False]), tf.scatter_update(v, [0], [True]))
    return out


@program("state")
def scatter(tf, np):
    out = []
    for v in both(tf, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]):
        pairs = [[0, 2, 0], [[2.0, 3.0], [4.0, 5.0], [7.0, 11.0]]]
        ops = ["update", "add", "sub", "mul", "div", "max", "min"]
        out += session(tf, *[getattr(tf, "scatter_" + o)(v, *pairs) for o in ops])
        out += session(tf, *[getattr(tf, "scatter_" + o)(v, [1, 2], 3.0) for o in ops])
        out += session(
            tf, tf.scatter_add(v, 1, [1.0, 1.0]), tf.scatter_sub(v, [[0], [1]], [[[1.0, 1.0]], [[2.0, 2.0]]])
        )
        out += session(tf, tf.scatter_add(v, np.zeros([0], np.int64), np.zeros([0, 2], np.float32)))
    ints = tf.Variable([-7, 2, 9])
    out += session(tf, tf.scatter_div(ints, [0, 1, 0], [2, 3, 2]), tf.scatter_max(ints, [0, 0], [5, 3]))
    return out


@program("state")
def scatter_nd(tf, np):
    out = []
    for v in both(tf, [[1.0, 2.0], [3.0, 4.0]]):
        out += session(
            tf,
            tf.scatter_nd_update(v, [[0, 1], [1, 0]], [9.0, 8.0]),
            tf.scatter_nd_add(v, [[0, 1], [0, 1]], [1.0, 2.0]),
            tf.scatter_nd_sub(v, [[1]], [[1.0, 2.0]]),
            tf.scatter_nd_update(v, [[[0], [1]]], [[[0.0, 1.0], [2.0, 3.0]]]),
            v.scatter_nd_add([[0, 0]], [5.0]),
        )
    return out


@program("state")
def methods_with_slices(tf, np):
    out = []
    for v in both(tf, [[1.0, 2.0], [3.0, 4.0]]):
        delta = tf.IndexedSlices(tf.constant([[2.0, 4.0]]), tf.constant([1]))
        for how in ("sub", "add", "max", "min", "mul", "div", "update"):
            out += session(tf, getattr(v, "scatter_" + how)(delta))
        out.append(caught(lambda: v.scatter_add([1.0]))[0])
        out += session(tf, tf.batch_scatter_update(v, [[1], [0]], [[7.0], [8.0]]))
        out += session(tf, v[0].assign([7.0, 7.0]), v[:, 1:].assign([[8.0], [9.0]]), v[1, 0])
    return out


@program("state")
def count_up_to(tf, np):
    out = []
    for v in both(tf, 1):
        count = tf.count_up_to(v, 3)
        with tf.Session() as s:
            s.run(tf.global_variables_initializer())
            out += [s.run(count), s.run(count), caught(lambda: s.run(count)), s.run(v)]
    return out


@program("state")
def gather(tf, np):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], use_resource=True)
    return session(
        tf,
        tf.gather(v, [2, 0]),
        tf.gather(v, [[1], [1]]),
        v.sparse_read([0]),
        v.gather_nd([[1, 1], [2, 0]]),
        v.gather_nd([[2]]),
        tf.gradients(v.sparse_read([0, 0]), v)[0],
        tf.gradients(v.gather_nd([[1, 0]]), v)[0],
    )


@program("state")
def uninitialized(tf, np):
    v, r = both(tf, [1.0, 2.0])
    start = "Error while reading resource variable Variable_1 from Container: localhost. This could mean"
    with tf.Session() as s:
        run = lambda x: caught(lambda: s.run(x))
        return [
            run(v),
            run(v.value()),
            run(v.assign_add([1.0, 1.0])),
            run(tf.scatter_add(v, [0], [1.0])),
            run(tf.scatter_nd_add(v, [[0]], [1.0])),
            caught(lambda: s.run(r), len(start)),
            caught(lambda: s.run(r * 2.0), len(start)),
            run(r.assign_add([1.0, 1.0]))[0],
            run(r.scatter_nd_add([[0]], [1.0]))[0],
            run(r.sparse_read([0]))[0],
            s.run(r.is_initialized()),
            s.run(tf.is_variable_initialized(v)),
            s.run(tf.report_uninitialized_variables()),
            run(tf.assert_variables_initialized([v])),
        ]


@program("state")
def shapes_that_do_not_fit(tf, np):
    v, r = both(tf, [1.0, 2.0])
    x = tf.placeholder(tf.float32)
    out = [caught(lambda: f([1.0, 2.0, 3.0])) for f in (v.assign, v.assign_add, r.assign, r.assign_sub)] + [
        caught(lambda: tf.scatter_add(w, [0, 1], [1.0, 2.0, 3.0])) for w in (v, r)
    ]
    out += [caught(lambda: tf.scatter_nd_add(w, [[0], [1]], [1.0, 2.0, 3.0])) for w in (v, r)]
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        for op in (v.assign(x), v.assign_add(x), r.assign_add(x), tf.scatter_add(v, [0, 1], x)):
            out.append(caught(lambda: s.run(op, {x: [1.0, 2.0, 3.0]})))
        out.append(caught(lambda: s.run(tf.scatter_add(r, [0, 1], x), {x: [1.0, 2.0, 3.0]})))
        for w in (v, r):
            out.append(caught(lambda: s.run(tf.scatter_nd_add(w, [[0], [1]], x), {x: [1.0, 2.0, 3.0]})))
        out.append(s.run(tf.assign(v, x, validate_shape=False), {x: [[1.0, 2.0, 3.0]]}))
        out.append(s.run([v, r]))
    return out


@program("state")
def indices_outside(tf, np):
    out = []
    with tf.Session() as s:
        for v in both(tf, [[1.0, 2.0], [3.0, 4.0]]):
            s.run(v.initializer)
            for op in (
                tf.scatter_add(v, [0, 2], [[1.0, 1.0], [1.0, 1.0]]),
                tf.scatter_update(v, [[-1]], [[[1.0, 1.0]]]),
                tf.scatter_nd_add(v, [[0, 0], [0, 2]], [1.0, 1.0]),
                tf.scatter_nd_update(v, [[5]], [[1.0, 1.0]]),
            ):
                out.append(caught(lambda: s.run(op)))
        out.append(caught(lambda: s.run(v.sparse_read([0, 7]))))
        out.append(caught(lambda: s.run(v.gather_nd([[0, 7]]))))
    return out


@program("state")
def reads_are_snapshots(tf, np):
    r = tf.Variable([[1.0, 2.0], [3.0, 4.0]], use_resource=True)
    before = r.read_value()
    turned = tf.transpose(before)
    with tf.control_dependencies([before, turned]):
        write = r.assign_add([[1.0, 1.0], [1.0, 1.0]])
    with tf.control_dependencies([write]):
        late = [tf.identity(before), tf.identity(turned), r.read_value()]
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.control_dependencies([v.assign(tf.transpose(v.value()))]):
        flipped = v.read_value()
    return session(tf, late, late, flipped, flipped)


@program("state")
def training(tf, np):
    v = tf.get_variable("v", [3], initializer=tf.constant_initializer(2.0))
    r = tf.get_variable("r", [3], initializer=tf.ones_initializer(), use_resource=True)
    loss = tf.reduce_sum(v * v * r)
    dv, dr = tf.gradients(loss, [v, r])
    with tf.control_dependencies([dv, dr]):
        step = tf.group(v.assign_sub(0.1 * dv), r.assign_sub(0.1 * dr))
    return session(tf, *[step] * 3, loss, [v, r])[3:]


@program("state")
def groups_and_tuples(tf, np):
    v = tf.Variable([0.0, 0.0])
    first, none, second = tf.tuple([v.assign_add([1.0, 1.0]), None, tf.constant(2.0)])
    out = session(tf, first, second, v, tf.group(v.assign([5.0, 5.0])), v)
    out += [none is None, caught(lambda: tf.tuple([None])), caught(lambda: tf.group(1)), caught(lambda: tf.group(a=1))]
    out += [caught(lambda: tf.tuple([first], control_inputs=[1]))]
    return [o for o in out if o is not None]


# --- variables -------------------------------------------------------------------------------------------------


@program("variables")
def properties(tf, np):
    out = []
    for v in both(tf, [[1.0, 2.0]], name="v") + [tf.Variable(3, trainable=False, dtype=tf.int64)]:
        out += [repr(v), v.name, v.op.name, v.op.type, v.dtype.name, v.shape.as_list(), v.device, v.trainable]
        out += [v.initializer.name, v.initial_value.name, v.value().name, str(v.synchronization), str(v.aggregation)]
        out += [v.get_shape().as_list(), v == v, v != v, hash(v) == hash(v), v in {v}, v.constraint is None]
        out += [v.graph is tf.get_default_graph(), str(v._as_graph_element().dtype.name), v._shared_name]
    return out


@program("variables")
def wrong_arguments(tf, np):
    return [
        caught(lambda: tf.Variable()),
        caught(lambda: tf.Variable(1.0, collections="x")),
        caught(lambda: tf.Variable(1.0, constraint=3)),
        caught(lambda: tf.Variable(tf.placeholder(tf.float32, [None, 2], name="p"))),
        caught(lambda: tf.Variable(1.0, synchronization=7)),
        caught(lambda: tf.Variable(1.0, aggregation=9)),
        caught(lambda: iter(tf.Variable(1.0))),
        caught(lambda: tf.Variable([1.0], use_resource=True).set_shape([1])),
        caught(lambda: tf.convert_to_tensor(tf.Variable(1.0), tf.int32)),
        caught(lambda: tf.convert_to_tensor(tf.Variable(1.0, use_resource=True), tf.int32)),
        caught(lambda: tf.Variable(1.0, use_resource=True).numpy()),
        caught(lambda: tf.Variable(1.0).sparse_read([0]))[0],
        caught(lambda: tf.Variable(1.0).load(2.0)),
    ]


@program("variables")
def initial_values_from_variables(tf, np):
    out = []
    for r in (False, True):
        a = tf.Variable([1.0, 2.0], use_resource=r, name="a")
        b = tf.Variable(a.initialized_value() * 2.0, use_resource=r, name="b")
        # Reads of resource variables are not made safe.
        x, y = (a.initialized_value(), b.initialized_value()) if r else (a, b)
        c = tf.Variable(x * 2.0 + y, use_resource=r, name="c")
        d = tf.Variable(lambda: a.initialized_value() + 1.0, use_resource=r, name="d")
        out += session(tf, [a, b, c, d])
    return out


@program("variables")
def operators(tf, np):
    out = []
    for v in both(tf, [[4.0, 2.0], [1.0, 3.0]]):
        t = [
            v + 1.0,
            1.0 + v,
            v - 1.0,
            1.0 - v,
            v * 2.0,
            2.0 * v,
            v / 2.0,
            2.0 / v,
            v // 3.0,
            3.0 // v,
            v % 3.0,
            3.0 % v,
            v**2.0,
            2.0**v,
            -v,
            abs(v),
            v < 2.0,
            v <= 2.0,
            v > 2.0,
            v >= 2.0,
            v @ v,
            v[0],
            v[:, 1],
            v[..., 0],
        ]
        out += session(tf, t)[0]
    w = tf.Variable([True, False])
    out += session(tf, [w & True, w | True, ~w, w ^ True])[0]
    out.append(session(tf, np.float32(2.0) * v)[0])
    return out


@program("variables")
def in_place_operators(tf, np):
    v, r = both(tf, [1.0])
    v += 1.0
    out = [type(v).__name__] + session(tf, v)

    def minus():
        w = r
        w -= 1.0

    return out + [caught(minus)]


@program("variables")
def collections(tf, np):
    tf.Variable(1.0, name="a")
    tf.Variable(1.0, name="b", trainable=False)
    tf.Variable(1.0, name="c", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    tf.Variable(1.0, name="d", collections=["mine"], trainable=False)
    tf.Variable(1.0, name="s/e", use_resource=True)
    names = lambda vs: [v.name for v in vs]
    return [
        names(tf.global_variables()),
        names(tf.trainable_variables()),
        names(tf.local_variables()),
        names(tf.get_collection("mine")),
        names(tf.global_variables("s")),
        names(tf.all_variables()),
        names(tf.model_variables()),
        names(tf.moving_average_variables()),
        tf.global_variables_initializer().name,
        tf.variables_initializer([]).name,
        tf.variables_initializer(tf.global_variables(), name="k").name,
        sorted(c.name for c in tf.get_default_graph().get_operation_by_name("k").control_inputs),
    ]


@program("variables")
def load_and_eval(tf, np):
    v, r = both(tf, [1.0, 2.0])
    with tf.Session() as s:
        v.load([3.0, 4.0], s)
        r.load([5.0, 6.0])
        return [v.eval(), r.eval(s), s.run([v, r])]


@program("variables")
def protos(tf, np):
    v, r = both(tf, [1.0, 2.0], name="v")
    out = []
    for w in (v, r):
        d = w.to_proto()
        out += [d.variable_name, d.initializer_name, d.snapshot_name, d.initial_value_name, d.is_resource, d.trainable]
    again = tf.Variable.from_proto(v.to_proto())
    out += [again.name, again.initializer is v.initializer, again.value() is v.value()]
    out.append(tf.Variable.SaveSliceInfo("f", [4, 3], [2, 0], [2, 3]).spec)
    with tf.name_scope("imported"):
        inner = tf.Variable(1.0)
    out += [inner.to_proto("imported").variable_name, inner.to_proto("other") is None]
    return out


@program("variables")
def creators(tf, np):
    seen = []

    def outer(next_creator, **kwargs):
        seen.append(("outer", kwargs["name"], sorted(kwargs)))
        return next_creator(**kwargs)

    def inner(next_creator, **kwargs):
        seen.append(("inner", kwargs["name"]))
        kwargs["name"] = "renamed"
        return next_creator(**kwargs)

    with tf.variable_creator_scope(outer), tf.variable_creator_scope(inner):
        v = tf.Variable(1.0, name="n")
        w = tf.get_variable("g", [2])
    return [v.name, w.name, str(seen)]


@program("variables")
def kinds(tf, np):
    out = [type(tf.Variable(1.0)).__name__, type(tf.Variable(1.0, use_resource=True)).__name__]
    with tf.variable_scope("s", use_resource=True):
        out += [type(tf.Variable(1.0)).__name__, type(tf.get_variable("v", [1])).__name__]
    tf.enable_resource_variables()
    out += [tf.resource_variables_enabled(), type(tf.Variable(1.0)).__name__, type(tf.get_variable("w", [1])).__name__]
    tf.disable_resource_variables()
    v = tf.Variable(1.0, use_resource=True)
    out += [type(v.assign(2.0)).__name__, isinstance(v, tf.Variable), isinstance(tf.Variable(1.0), tf.Variable)]
    return out


@program("variables")
def control_flow(tf, np):
    p = tf.placeholder(tf.bool, [])
    v, r = both(tf, 1.0)
    a = tf.cond(p, lambda: v.assign(3.0), lambda: v.value() + r)
    b = tf.cond(p, lambda: r.assign_add(3.0), lambda: r.assign(1.0))
    c = tf.cond(p, lambda: tf.get_variable("z", [2], initializer=tf.ones_initializer()) * 1.0, lambda: tf.zeros([2]))
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        out = [s.run(x, {p: f}) for x in (a, b, c) for f in (False, True)] + [s.run([v, r])]
    return out + [[x.name for x in tf.global_variables()]]


@program("variables")
def order_of_updates(tf, np):
    v = tf.Variable(0)
    with tf.control_dependencies([v.assign_add(1)]):
        x = v.read_value()
    r = tf.Variable(0, use_resource=True)
    with tf.control_dependencies([r.assign_add(1)]):
        with tf.control_dependencies([r.assign_add(10)]):
            y = r.read_value()
    return session(tf, x, x, y, y)


# --- scopes ----------------------------------------------------------------------------------------------------


@program("scopes")
def names(tf, np):
    out = []
    with tf.variable_scope("a") as a:
        out += [a.name, a.original_name_scope, tf.get_variable("v", [1]).name, tf.constant(1.0).name]
        with tf.variable_scope("b") as b:
            out += [b.name, b.original_name_scope, tf.get_variable("v", [1]).name, tf.constant(1.0).name]
    with tf.variable_scope("a"):
        out += [tf.get_variable("w", [1]).name, tf.constant(1.0).name, tf.get_variable_scope().original_name_scope]
    with tf.variable_scope(b, reuse=True) as again:
        out += [again.name, again.original_name_scope, tf.get_variable("v", [1]).name, tf.constant(1.0).name]
        with tf.variable_scope("c") as c:
            out += [c.name, c.original_name_scope, c.reuse]
    for _ in range(3):
        with tf.variable_scope(None, "d") as d:
            out += [d.name, tf.get_variable("v", [1]).name, tf.constant(1.0).name]
    with tf.name_scope("n"), tf.variable_scope("e"):
        out += [tf.get_variable("v", [1]).name, tf.constant(1.0).name, tf.Variable(1.0).name]
    with tf.variable_scope("a", auxiliary_name_scope=False) as f:
        out += [f.name, f.original_name_scope, tf.constant(1.0).name]
    with tf.variable_scope("") as g:
        out += [g.name, tf.constant(1.0).name]
    with tf.variable_op_scope([tf.constant(1.0)], None, "old") as h:
        out += [h.name, tf.get_variable("v", [1]).name]
    scope = tf.variable_scope("twice")
    for _ in range(2):
        with scope as i:
            out += [i.name, tf.constant(1.0).name]
    return out


@program("scopes")
def reuse(tf, np):
    v = tf.get_variable("v", [2])
    out = [caught(lambda: tf.get_variable("v", [2]), 60)]
    with tf.variable_scope("", reuse=True):
        out += [tf.get_variable("v", [2]) is v, tf.get_variable("v") is v, caught(lambda: tf.get_variable("w", [2]))]
        out += [caught(lambda: tf.get_variable("v", [3])), caught(lambda: tf.get_variable("v", [2], tf.int32))]
    with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
        out += [tf.get_variable("x", [2]) is tf.get_variable("x", [2])]
    with tf.variable_scope("t") as t:
        tf.get_variable("y", [2])
        t.reuse_variables()
        out += [t.reuse, tf.get_variable("y", [2]).name]
    out.append(caught(lambda: tf.get_variable("c", [2], initializer=tf.ones([2]))))
    out.append(caught(lambda: tf.get_variable("c", dtype=tf.int32, initializer=tf.ones([2]))))
    out.append(caught(lambda: tf.get_variable("c")))
    out.append(caught(lambda: tf.get_variable("c", [2], tf.complex64)))
    out.append(caught(lambda: tf.variable_scope(None)))
    out.append(caught(lambda: tf.variable_scope("a", reuse=3)))
    out.append(caught(lambda: tf.variable_scope("a", auxiliary_name_scope=3)))
    out.append(caught(lambda: tf.variable_scope(3).__enter__()))
    out.append(caught(lambda: tf.variable_scope(None, "d", reuse=True).__enter__()))
    out.append(caught(lambda: tf.get_variable("g", [2], custom_getter=3)))
    return out


@program("scopes")
def defaults(tf, np):
    with tf.variable_scope("s", initializer=tf.constant_initializer(3.0), dtype=tf.float64) as s:
        a = tf.get_variable("a", [2])
        with tf.variable_scope("t"):
            b = tf.get_variable("b", [2], initializer=tf.zeros_initializer())
            c = tf.get_variable("c", [2], dtype=tf.float32)
    d = tf.get_variable("d", [2], dtype=tf.int32)
    e = tf.get_variable("e", [2], dtype=tf.string)
    f = tf.get_variable("f", initializer=lambda: tf.constant([1.0, 2.0]))
    g = tf.get_variable("g", initializer=[1.0, 2.0])
    h = tf.get_variable("h", [2], initializer=tf.ones_initializer)
    k = tf.get_local_variable("k", [2], initializer=tf.ones_initializer())
    out = [[v.dtype.name, v.trainable] for v in (a, b, c, d, e, f, g, h, k)]
    out += [[v.name for v in s.global_variables()], [v.name for v in s.trainable_variables()]]
    return out + session(tf, [a, b, c, d, e, f, g, h, k])


@program("scopes")
def regularizers(tf, np):
    square = lambda v: tf.reduce_sum(v * v, name="square")
    with tf.variable_scope("s", regularizer=square, initializer=tf.constant_initializer(2.0)):
        tf.get_variable("a", [2])
        tf.get_variable("b", [2], regularizer=tf.no_regularizer)
        with tf.variable_scope("t", regularizer=lambda v: tf.reduce_max(v)):
            tf.get_variable("c", [3])
    tf.get_variable("d", [4], regularizer=square, initializer=tf.ones_initializer(), use_resource=True)
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    return [[x.name for x in losses]] + session(tf, losses)


@program("scopes")
def getters(tf, np):
    def suffix(getter, name, *args, **kwargs):
        return getter(name + "_x", *args, **kwargs)

    def doubled(getter, *args, **kwargs):
        return getter(*args, **kwargs) * 2.0

    ones = tf.ones_initializer()
    with tf.variable_scope("s", custom_getter=suffix) as s:
        a = tf.get_variable("a", [1], initializer=ones)
        with tf.variable_scope("t", custom_getter=doubled):
            b = tf.get_variable("b", [1], initializer=ones)
    with tf.variable_scope(s, reuse=True, custom_getter=doubled):
        c = tf.get_variable("a", [1])
    d = tf.get_variable("d", [1], initializer=ones, custom_getter=doubled)
    seen = []

    def spy(getter, **kwargs):
        seen.extend(sorted(kwargs))
        return getter(**kwargs)

    tf.get_variable("e", [1], custom_getter=spy)
    return [[v.name for v in tf.global_variables()], seen, b.name] + session(tf, [a, b, c, d])


@program("scopes")
def partitions(tf, np):
    grid = np.arange(10).reshape([5, 2]).astype(np.float32)
    p = tf.get_variable("p", initializer=tf.constant(grid), partitioner=tf.fixed_size_partitioner(2))
    with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(3, axis=1), use_resource=True):
        q = tf.get_variable("q", [2, 7], initializer=tf.ones_initializer())
        scalar = tf.get_variable("r", [])
    out = [[v.name for v in tf.global_variables()], [v._get_save_slice_info().spec for v in p], len(p), p.name]
    out += [p.shape.as_list(), p.dtype.name, type(scalar).__name__, [v.shape.as_list() for v in q]]
    out += session(tf, tf.identity(p), list(p), p.assign(tf.constant(grid + 1.0)), p.as_tensor(), p.assign_add(grid))
    with tf.variable_scope("", reuse=True):
        out += [tf.get_variable("p", [5, 2], partitioner=tf.fixed_size_partitioner(2)) is p, tf.get_variable("p") is p]
        out.append(caught(lambda: tf.get_variable("p", [5, 2], partitioner=tf.fixed_size_partitioner(3))))
    out.append(caught(lambda: tf.get_variable("p", [5, 2], partitioner=tf.fixed_size_partitioner(2))))
    out.append(caught(lambda: tf.get_variable("x", [None, 2], partitioner=tf.fixed_size_partitioner(2))))
    out.append(caught(lambda: tf.get_variable("x", [4, 4], partitioner=lambda **k: [2, 2])))
    out.append(caught(lambda: tf.get_variable("x", [4, 4], partitioner=lambda **k: [2])))
    made = tf.create_partitioned_variables([4, 2], [2, 1], tf.ones_initializer())
    out.append([v.name for v in made])
    return out


@program("scopes")
def partitioners(tf, np):
    shape = tf.TensorShape([100, 30])
    out = []
    for make in (
        tf.variable_axis_size_partitioner(1000),
        tf.variable_axis_size_partitioner(1000, axis=1),
        tf.variable_axis_size_partitioner(1000, max_shards=4),
        tf.variable_axis_size_partitioner(10),
        tf.min_max_variable_partitioner(max_partitions=5, min_slice_size=1000),
        tf.min_max_variable_partitioner(max_partitions=50, axis=1, min_slice_size=1000),
        tf.fixed_size_partitioner(7),
        tf.fixed_size_partitioner(700, axis=1),
    ):
        out += [make(shape=shape, dtype=tf.float32), make(shape=shape, dtype=tf.string)]
    out += [caught(lambda: tf.variable_axis_size_partitioner(0)), caught(lambda: make(shape=tf.TensorShape([3])))[0]]
    return out


@program("scopes")
def templates(tf, np):
    def scale(x, by=1.0):
        return x * tf.get_variable("w", [], initializer=tf.constant_initializer(3.0)) * by

    t = tf.make_template("t", scale)
    first, second = t(tf.constant(1.0)), t(tf.constant(2.0), by=10.0)
    u = tf.make_template("t", scale, create_scope_now_=True, by=2.0)
    third = u(tf.constant(1.0))
    out = [[v.name for v in tf.global_variables()], t.name, t.variable_scope_name, u.variable_scope.name]
    out += [[v.name for v in t.variables], [v.name for v in u.trainable_variables], first.name, second.name, third.name]
    out += session(tf, [first, second, third])
    bad = tf.make_template("bad", lambda: tf.Variable(1.0))
    bad()
    out.append(caught(bad, 80))
    out.append(caught(lambda: tf.make_template(None, scale)))
    return out


@program("scopes")
def caching(tf, np):
    v = tf.get_variable("v", [1], caching_device="/cpu:0", initializer=tf.ones_initializer())
    r = tf.get_variable("r", [1], caching_device="/cpu:0", initializer=tf.ones_initializer(), use_resource=True)
    return [v.value().device, r.value().device, r.value() is r.value()] + session(tf, [v + 1.0, r + 1.0])


# --- initializers ----------------------------------------------------------------------------------------------


def _initializers(tf):
    i = tf.initializers
    return [
        tf.zeros_initializer(),
        tf.ones_initializer(),
        tf.constant_initializer([1.0, 2.0, 3.0]),
        tf.random_uniform_initializer(-1.0, 2.0, seed=3),
        tf.random_normal_initializer(1.0, 2.0, seed=3),
        tf.truncated_normal_initializer(stddev=0.1, seed=3),
        tf.uniform_unit_scaling_initializer(1.5, seed=3),
        tf.variance_scaling_initializer(seed=3),
        i.variance_scaling(2.0, "fan_out", "uniform", seed=3),
        i.variance_scaling(2.0, "fan_avg", "untruncated_normal", seed=3),
        i.variance_scaling(distribution="normal", seed=1),
        tf.glorot_uniform_initializer(seed=3),
        tf.glorot_normal_initializer(seed=3),
        i.he_normal(seed=3),
        i.he_uniform(seed=3),
        i.lecun_normal(seed=3),
        i.lecun_uniform(seed=3),
    ]


@program("initializers")
def values(tf, np):
    tensors = [i([2, 3]) for i in _initializers(tf)] + [i([2, 2, 1, 3]) for i in _initializers(tf)]
    return session(tf, tensors)[0]


@program("initializers")
def matrices(tf, np):
    i = tf.initializers
    tensors = [i.orthogonal(seed=3)([4, 3]), i.orthogonal(2.0, seed=3)([3, 4]), i.orthogonal(seed=1)([2, 2, 3])]
    tensors += [i.identity()([3, 3]), i.identity(2.0)([2, 3]), i.identity(dtype=tf.float64)([3, 2])]
    return session(tf, tensors)[0] + [caught(lambda: i.identity()([3])), caught(lambda: i.orthogonal()([3]))]


@program("initializers")
def graph_seed(tf, np):
    tf.set_random_seed(7)
    tensors = [tf.get_variable("a", [2, 3]), tf.glorot_normal_initializer()([4]), tf.random_normal_initializer()([2])]
    return session(tf, tensors)


@program("initializers")
def configs(tf, np):
    out = []
    for i in _initializers(tf):
        config = i.get_config()
        out += [type(i).__name__, str(sorted(config.items())), type(type(i).from_config(config)).__name__]
    return out


@program("initializers")
def dtypes(tf, np):
    tensors = [i([2, 3], dtype=tf.float64) for i in _initializers(tf)]
    tensors += [tf.zeros_initializer(tf.int32)([2]), tf.ones_initializer()([2], tf.bool)]
    tensors += [
        tf.constant_initializer(7, tf.int64)([2]),
        tf.random_uniform_initializer(0, 9, seed=1, dtype=tf.int32)([4]),
    ]
    return [t.dtype.name for t in tensors] + session(tf, tensors)[0]


@program("initializers")
def wrong(tf, np):
    return [
        caught(lambda: tf.constant_initializer(object())),
        caught(lambda: tf.random_normal_initializer(dtype=tf.int32)),
        caught(lambda: tf.variance_scaling_initializer(scale=-1.0)),
        caught(lambda: tf.variance_scaling_initializer(mode="x")),
        caught(lambda: tf.variance_scaling_initializer(distribution="x")),
        caught(lambda: tf.constant_initializer([1, 2, 3], verify_shape=True)([2, 2])),
        caught(lambda: tf.constant_initializer([1, 2, 3])([2])),
        caught(lambda: tf.random_uniform_initializer(dtype=tf.int32)([2])),
    ]


# --- random ----------------------------------------------------------------------------------------------------


@program("random")
def op_seeds(tf, np):
    tensors = [
        tf.random_uniform([5], seed=1),
        tf.random_uniform([5], -1.0, 3.0, tf.float64, seed=1),
        tf.random_uniform([6], 2, 9, tf.int32, seed=5),
        tf.random_uniform([3], 0, 2**40, tf.int64, seed=5),
        tf.random_normal([2, 3], 1.0, 2.0, seed=1),
        tf.random_normal([3], dtype=tf.float64, seed=2),
        tf.truncated_normal([4], seed=3),
        tf.random_uniform([3], dtype=tf.float16, seed=3),
        tf.random_gamma([2], [0.5, 3.0], 2.0, seed=4),
        tf.random_poisson([1.0, 20.0], [3], seed=4),
        tf.multinomial([[1.0, 2.0, 0.5], [0.0, 0.0, 5.0]], 6, seed=5),
        tf.random_shuffle([1, 2, 3, 4, 5], seed=6),
        tf.random_shuffle([["a", "b"], ["c", "d"], ["e", "f"]], seed=6),
        tf.random.categorical([[0.1, 0.9]], 5, tf.int32, seed=7),
        tf.random_crop(np.arange(12).reshape([3, 4]), [2, 2], seed=8),
    ]
    return session(tf, tensors, tensors)[0] + session(tf, tensors, tensors)[1]


@program("random")
def graph_seeds(tf, np):
    tf.set_random_seed(1234)
    tensors = [
        tf.random_uniform([2]),
        tf.random_normal([2]),
        tf.random_uniform([2], seed=3),
        tf.random_shuffle([1, 2, 3, 4]),
    ]
    out = [str(tf.get_seed(None)), str(tf.get_seed(5))] + session(tf, tensors, tensors)
    tf.set_random_seed(None)
    return out + [str(tf.get_seed(None)), str(tf.get_seed(5)), str(tf.get_seed(0))]


@program("random")
def stateless(tf, np):
    r = tf.random
    tensors = [
        r.stateless_uniform([3], [1, 2]),
        r.stateless_uniform([3], [1, 2], 5, 50, tf.int32),
        r.stateless_normal([3], [3, -4], 1.0, 2.0),
        r.stateless_truncated_normal([3], [5, 6], dtype=tf.float64),
        r.stateless_multinomial([[1.0, 2.0]], 4, [7, 8]),
        r.stateless_categorical([[1.0, 2.0]], 4, [7, 8]),
    ]
    return session(tf, tensors)[0] + [
        caught(lambda: r.stateless_uniform([2], [1, 2, 3])),
        caught(lambda: r.stateless_uniform([2], [1, 2], dtype=tf.int32)),
    ]


@program("random")
def samplers(tf, np):
    true = np.array([[1, 2], [3, 4]], np.int64)
    n = tf.nn
    made = [
        n.uniform_candidate_sampler(true, 2, 4, True, 9, seed=1),
        n.log_uniform_candidate_sampler(true, 2, 4, False, 9, seed=1),
        n.learned_unigram_candidate_sampler(true, 2, 4, True, 9, seed=1),
        n.fixed_unigram_candidate_sampler(
            true, 2, 3, True, 5, unigrams=[1.0, 2.0, 3.0, 4.0, 5.0], distortion=0.75, seed=1
        ),
        n.all_candidate_sampler(true, 2, 5, True, seed=1),
        n.compute_accidental_hits(true, np.array([2, 3, 7], np.int64), 2),
    ]
    out = [type(m).__name__ + str(m._fields) for m in made]
    with tf.Session() as s:
        for m in made:
            out += list(s.run(m)) + list(s.run(m))
        out.append(caught(lambda: s.run(n.uniform_candidate_sampler(true, 2, 5, True, 3)[0])))
    return out


@program("random")
def gamma_gradient(tf, np):
    a = tf.constant([0.5, 3.0])
    x = tf.random_gamma([2], a, seed=3)
    return session(tf, [x, tf.gradients(x, a)[0]])


@program("random")
def shapes_and_errors(tf, np):
    p = tf.placeholder(tf.int32, [2])
    out = [
        tf.random_uniform(p).shape.as_list(),
        tf.random_uniform([]).shape.as_list(),
        tf.random_gamma([3], [[1.0, 2.0]]).shape.as_list(),
        tf.random_poisson([1.0], [2]).shape.as_list(),
        tf.multinomial(tf.placeholder(tf.float32, [None, 3]), 5).shape.as_list(),
        tf.random_uniform((tf.Dimension(2), 3)).shape.as_list(),
        caught(lambda: tf.random_uniform([2], dtype=tf.uint8)),
        caught(lambda: tf.random_uniform([2], dtype=tf.int32)),
        caught(lambda: tf.random_uniform(2)),
        caught(lambda: tf.multinomial([1.0], 3)),
        caught(lambda: tf.random_uniform([2], [0, 1], [2, 3], tf.int32)),
    ]
    with tf.Session() as s:
        out.append(caught(lambda: s.run(tf.random_uniform([2], 5, 5, tf.int32))))
        out.append(s.run(tf.random_uniform([0], 5, 5, tf.int32)))
        out.append(caught(lambda: s.run(tf.random_uniform(p), {p: [2, -1]})))
        out.append(caught(lambda: s.run(tf.random_crop([[1.0, 2.0]], [2, 2])))[0])
    return out


@program("random")
def streams(tf, np):
    x = tf.random_uniform([2], seed=1)
    y = tf.random_uniform([2], seed=1)
    out = []
    for _ in range(2):
        with tf.Session() as s:
            out += [s.run(x), s.run([x, y]), s.run(x)]
    return out
