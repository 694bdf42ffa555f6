"""Name scopes, collections, control dependencies, devices, colocation, graphs and seeds."""

from compat_suite.programs import program


@program
def name_scopes(tf):
    with tf.name_scope("a"):
        tf.constant(1.0)
        with tf.name_scope("b"):
            tf.constant(1.0, name="c")
        with tf.name_scope("b"):
            tf.constant(1.0, name="c")
    with tf.name_scope("a") as scope:
        x = tf.constant(2.0)
        tf.identity(x, name=scope)
    with tf.name_scope("a/"):
        tf.constant(1.0, name="inside")
    with tf.name_scope(None):
        tf.constant(1.0, name="root")
    with tf.name_scope("outer", values=[x]):
        with tf.name_scope(None):
            tf.constant(1.0, name="root")
        with tf.name_scope(""):
            tf.constant(1.0, name="top")
    with tf.name_scope(None, "default", [x]) as s:
        tf.add(x, x, name=s)
    with tf.name_scope("given", "default"):
        x + 1


@program
def names_made_unique(tf):
    for _ in range(3):
        tf.constant(0, name="k")
    tf.constant(0, name="k_1")
    tf.constant(0, name="k")
    tf.constant(0, name="K")
    tf.constant(0, name="a.b-c_d")
    tf.constant(0, name="x/y/z")
    tf.constant(0, name="x/y")
    tf.constant(0, name="x")
    g = tf.get_default_graph()
    tf.constant(0, name=g.unique_name("mine"))
    g.unique_name("mine", mark_as_used=False)
    tf.constant(0, name="mine")


@program
def control_dependencies(tf):
    a = tf.constant(1.0, name="a")
    b = tf.constant(2.0, name="b")
    with tf.control_dependencies([a]):
        c = tf.identity(b, name="c")
        with tf.control_dependencies([b, c.op]):
            tf.add(a, b, name="d")
            tf.no_op(name="e")
        with tf.control_dependencies(None):
            tf.constant(3.0, name="free")
        tf.constant(4.0, name="f")
    with tf.control_dependencies([]):
        tf.constant(5.0, name="g")
    with tf.control_dependencies([c, c]):
        tf.multiply(c, 2.0, name="h")
    v = tf.Variable(0.0, name="v")
    with tf.control_dependencies([v]):
        tf.constant(1, name="after_v")


@program
def control_dependencies_of_variables(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    with tf.control_dependencies([x]):
        v = tf.Variable(1.0, name="v")
        w = tf.get_variable("w", [2])
        y = v + x
    with tf.control_dependencies([v.assign(2.0)]):
        v.read_value()
        v.value()
        tf.identity(v)
        v + 1.0
    tf.group(v.assign_add(1.0), w.assign(w * 2.0), y, name="all")
    tf.tuple([v.assign_sub(1.0), y], control_inputs=[w.op])


@program
def groups(tf):
    a = tf.constant(1.0, name="a")
    b = tf.constant(2.0, name="b")
    tf.group(a, b)
    tf.group([a, b], name="g")
    tf.group()
    tf.group(a.op, tf.group(b, name="inner"))
    tf.tuple([a, b], name="t")
    tf.tuple([a, None, b])
    with tf.device("/cpu:0"):
        c = tf.constant(3.0)
    with tf.device("/gpu:0"):
        d = tf.constant(3.0)
    tf.group(a, c, d, name="devices")


@program
def device_scopes(tf):
    with tf.device("/cpu:0"):
        tf.constant(1.0)
        with tf.device("/job:worker"):
            tf.constant(1.0)
        with tf.device(None):
            tf.constant(1.0)
        tf.Variable(1.0, name="v")
        tf.get_variable("w", [2])
    with tf.device("/gpu:0"):
        x = tf.constant(2.0) * 3.0
    with tf.device("/device:GPU:1"):
        x = x + 1
    with tf.device("/job:ps/task:0/cpu:0"):
        tf.identity(x)
    with tf.device(lambda op: "/cpu:0" if op.type == "Const" else "/gpu:0"):
        tf.constant(1.0) + x
    with tf.device(tf.DeviceSpec(job="w", device_type="CPU", device_index=0)):
        tf.no_op()


@program
def replica_device_setter(tf):
    with tf.device(tf.train.replica_device_setter(ps_tasks=2)):
        a = tf.Variable(1.0, name="a")
        b = tf.get_variable("b", [2])
        tf.add(a, b, name="c")


@program
def colocations(tf):
    a = tf.constant(1.0, name="a")
    with tf.device("/gpu:0"):
        v = tf.Variable(2.0, name="v")
    with tf.colocate_with(a):
        tf.constant(2.0, name="b")
        with tf.colocate_with(v):
            tf.constant(2.0, name="c")
        with tf.colocate_with(v, ignore_existing=True):
            tf.constant(2.0, name="d")
        with tf.colocate_with(None, ignore_existing=True):
            tf.constant(2.0, name="e")
    with tf.get_default_graph().colocate_with(v.op):
        tf.get_variable("w", [1])


@program
def collections(tf):
    x = tf.constant(1.0, name="x")
    tf.add_to_collection("mine", x)
    tf.add_to_collection("mine", x)
    tf.add_to_collections(["one", "two"], x)
    tf.Variable(1.0, name="t")
    tf.Variable(1.0, trainable=False, name="n")
    tf.Variable(1.0, collections=["special"], name="s")
    tf.get_variable("l", [], collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False)
    tf.get_variable("r", [2], regularizer=lambda w: 0.1 * tf.nn.l2_loss(w))
    tf.add_to_collection(tf.GraphKeys.LOSSES, x)
    tf.losses.add_loss(2 * x)
    tf.losses.get_total_loss()
    tf.get_collection_ref("mine").append(x)
    tf.train.create_global_step()
    tf.variables_initializer(tf.get_collection("special"))
    tf.local_variables_initializer()
    tf.tables_initializer()


@program
def op_and_kernel_attributes(tf):
    g = tf.get_default_graph()
    x = tf.constant(1.0, name="x")
    with g.name_scope("n"), g.control_dependencies([x]), g.device("/cpu:0"):
        tf.identity(x)
    with g._attr_scope({"_mine": tf.AttrValue(s=b"v")}):
        tf.identity(x)
    with g.gradient_override_map({"Identity": "Other"}):
        tf.identity(x)
    g.create_op("Identity", [x], [tf.float32], name="made")


@program
def import_of_graph_def(tf):
    other = tf.Graph()
    with other.as_default():
        x = tf.placeholder(tf.float32, [2], name="x")
        y = tf.multiply(x, 2.0, name="y")
        with tf.control_dependencies([y]):
            tf.add(x, y, name="z")
    definition = other.as_graph_def()
    tf.import_graph_def(definition)
    tf.import_graph_def(definition, name="again", return_elements=["z:0", "y"])
    tf.import_graph_def(definition, name="")
    mine = tf.constant([1.0, 2.0], name="mine")
    tf.import_graph_def(definition, input_map={"x:0": mine}, return_elements=["z"])


@program
def seeds_of_graph(tf):
    tf.set_random_seed(1234)
    tf.random_normal([2])
    tf.random_uniform([2])
    tf.constant(1.0)
    tf.random_normal([2], seed=7)
    tf.truncated_normal([2, 2])
    tf.get_variable("w", [2, 2])
    tf.layers.dropout(tf.ones([2]), training=True)
    tf.nn.dropout(tf.ones([2]), 0.5)


@program
def seeds_of_ops(tf):
    tf.random_normal([2], seed=7)
    tf.random_normal([2])
    tf.random_uniform([2], seed=0)
    tf.random_uniform([2], minval=0, maxval=10, dtype=tf.int32, seed=3)
    tf.random_shuffle([1, 2, 3], seed=4)
    tf.multinomial([[0.5, 0.5]], 4, seed=5)


@program
def random_ops(tf):
    n = tf.placeholder(tf.int32, [], name="n")
    tf.random_normal([2, 3], mean=1.0, stddev=2.0)
    tf.random_normal([n, 3], dtype=tf.float64, name="noise")
    tf.random_uniform([2], -1, 1)
    tf.random_uniform([], maxval=5, dtype=tf.int64)
    tf.truncated_normal([3], stddev=0.1)
    tf.random_shuffle(tf.range(4))
    tf.multinomial(tf.log([[10.0, 10.0]]), 5)
    tf.random.categorical(tf.zeros([1, 2]), 3, dtype=tf.int32)
    tf.random_gamma([3], 0.5)
    tf.random_poisson(3.0, [2])
    tf.random_crop(tf.zeros([8, 8, 3]), [4, 4, 3])
    tf.random.normal([2])
    tf.random.uniform([2])
    tf.random.truncated_normal([2])
    tf.random.shuffle([1, 2])
    tf.random.stateless_normal([2], seed=[1, 2])
    tf.random.stateless_uniform([2], seed=[1, 2])
    tf.random.stateless_truncated_normal([2], seed=[1, 2])


@program
def distributions_normal(tf):
    d = tf.distributions.Normal(loc=0.0, scale=1.0)
    d.log_prob(tf.constant(0.5))
    d.sample(3, seed=1)
    d.mean()
    d.entropy()


@program
def saver(tf):
    tf.Variable(1.0, name="a")
    tf.get_variable("b", [2, 3])
    tf.train.Saver()


@program
def saver_variants(tf):
    a = tf.Variable(1.0, name="a")
    b = tf.get_variable("b", [2], use_resource=True)
    tf.train.Saver({"alpha": a, "beta": b})
    tf.train.Saver([a], name="second", max_to_keep=1)
    tf.train.Saver(sharded=True)
    tf.train.Saver(var_list=[b], write_version=tf.train.SaverDef.V1)


@program
def summaries(tf):
    x = tf.placeholder(tf.float32, [3], name="x")
    tf.summary.scalar("loss", tf.reduce_sum(x))
    tf.summary.histogram("weights", x)
    with tf.name_scope("train"):
        tf.summary.scalar("loss", tf.reduce_mean(x))
    tf.summary.scalar("loss", x[0], collections=["extra"])
    tf.summary.image("img", tf.zeros([1, 2, 2, 1]), max_outputs=1)
    tf.summary.text("words", tf.constant("hi"))
    tf.summary.scalar("spaces and (marks)", x[1], family="fam")
    tf.summary.merge([tf.summary.scalar("again", x[2])])
    tf.summary.merge_all()
    tf.summary.merge_all("extra")
    tf.summary.tensor_summary("t", x)


@program
def custom_gradient_function(tf):
    @tf.custom_gradient
    def f(x):
        def grad(dy):
            return dy * 2.0 * x

        return x * x, grad

    x = tf.placeholder(tf.float32, [2], name="x")
    y = f(x)
    tf.gradients(y, x)


@program
def python_functions(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.py_func(lambda a: a, [x], tf.float32, name="p")
    y.set_shape([2])
    tf.py_func(lambda a: (a, a), [x], [tf.float32, tf.float32], stateful=False)
