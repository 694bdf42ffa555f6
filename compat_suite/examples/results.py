"""Signatures, the result of tf.gradients, grad_ys."""

import inspect
import warnings

import numpy as np

from compat_suite.examples import example, new_nodes, plain, raised, values


def _signature(function):
    found = []
    for parameter in inspect.signature(function).parameters.values():
        default = parameter.default
        if default is parameter.empty:
            found.append(parameter.name)
        else:
            found.append(f"{parameter.name}={getattr(default, 'value', default)}")
    return found


@example(
    "signatures: v1",
    ["ys", "xs", "grad_ys=None", "name=gradients", "colocate_gradients_with_ops=False", "gate_gradients=False",
     "aggregation_method=None", "stop_gradients=None", "unconnected_gradients=none"],
)  # fmt: skip
def signature_v1(tf):
    return _signature(tf.gradients)


@example(
    "signatures: v2",
    ["ys", "xs", "grad_ys=None", "name=gradients", "gate_gradients=False", "aggregation_method=None",
     "stop_gradients=None", "unconnected_gradients=none"],
)  # fmt: skip
def signature_v2(tf):
    return _signature(tf.compat.v2.gradients)


@example("signatures: one thing or a list", [[6.0], [6.0], [6.0]])
def one_or_list(tf):
    x = tf.constant(3.0)
    y = x * x
    return [values(tf, tf.gradients(y, x)), values(tf, tf.gradients([y], [x])), values(tf, tf.gradients((y,), (x,)))]


@example("signatures: variables as xs, ref and resource", [[2.0, 3.0], [2.0, 3.0]])
def variables_as_xs(tf):
    ref = tf.Variable(3.0, name="ref")
    resource = tf.Variable(2.0, name="resource", use_resource=True)
    return [
        values(tf, tf.gradients(ref * resource, [ref, resource])),
        values(tf, tf.gradients(ref * resource, (ref, resource))),
    ]


@example("signatures: variables as ys", [[1.0], [1.0]])
def variables_as_ys(tf):
    ref = tf.Variable(3.0, name="ref")
    resource = tf.Variable(2.0, name="resource", use_resource=True)
    return [values(tf, tf.gradients(ref, ref)), values(tf, tf.gradients(resource, resource))]


@example("signatures: IndexedSlices as y", [[[2.0, 2.0], [2.0, 2.0], [0.0, 0.0]]], beyond=True)
def slices_as_ys(tf):
    # TF 1.15 accepts them and then fails inside with an AttributeError.
    table = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    scaled = tf.IndexedSlices(table[:2] * 2.0, tf.constant([0, 1]), tf.constant([3, 2]))
    return values(tf, tf.gradients(scaled, table))


@example(
    "signatures: the values of IndexedSlices as y and as x", [[[2.0, 2.0], [2.0, 2.0], [0.0, 0.0]], [[1.0], [1.0]]]
)
def values_of_slices_as_ys_and_xs(tf):
    table = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    scaled = tf.IndexedSlices(table[:2] * 2.0, tf.constant([0, 1]), tf.constant([3, 2]))
    rows = tf.IndexedSlices(tf.constant([[1.0], [2.0]]), tf.constant([0, 1]), tf.constant([2, 1]))
    dense = tf.convert_to_tensor(rows)
    return [values(tf, tf.gradients(scaled.values, table))[0], values(tf, tf.gradients(dense, rows.values))[0]]


@example("signatures: a y that is only convertible to a tensor", [None])
def number_as_y(tf):
    x = tf.constant(3.0)
    return tf.gradients(2.0, x)


@example("result: always a list of len(xs)", [1, 2, 0, True])
def result_is_a_list(tf):
    x, z = tf.constant(3.0), tf.constant(4.0)
    found = tf.gradients(x * z, x)
    return [len(found), len(tf.gradients(x * z, [x, z])), len(tf.gradients(x * z, [])), isinstance(found, list)]


@example("result: entry i is the sum over all ys", [[9.0, 3.0]])
def result_sums_over_ys(tf):
    a, b = tf.constant(3.0), tf.constant(2.0)
    return [values(tf, tf.gradients([a * a, a * b, a + b - b], [a, b]))]


@example("result: the same x twice gets two equal entries", [6.0, 6.0])
def result_of_repeated_x(tf):
    x = tf.constant(3.0)
    return values(tf, tf.gradients(x * x, [x, x]))


@example("result: xs=[] gives []", [])
def result_without_xs(tf):
    return tf.gradients(tf.constant(1.0), [])


@example("result: ys=[] gives all unconnected", [None, None])
def result_without_ys(tf):
    return tf.gradients([], [tf.constant(1.0), tf.constant(2.0)])


@example("result: ys=[] with zeros", [0.0])
def result_without_ys_zero(tf):
    return values(tf, tf.gradients([], [tf.constant(1.0)], unconnected_gradients="zero"))


@example("result: shapes of gradients are those of xs", [[2, 3], [3], []])
def result_shapes(tf):
    a, b, c = tf.ones([2, 3]), tf.ones([3]), tf.constant(2.0)
    return [g.shape.as_list() for g in tf.gradients((a + b) * c, [a, b, c])]


@example("result: names under the scope gradients, made unique")
def names_of_scopes(tf):
    x = tf.constant(3.0, name="x")
    with tf.name_scope("a"):
        y = tf.square(x, name="b")
    first = new_nodes(tf, lambda: tf.gradients(y, x))
    second = new_nodes(tf, lambda: tf.gradients(y, x))
    third = new_nodes(tf, lambda: tf.gradients(y, x, name="mine"))
    return [first, second, third]


@example("result: names of initial gradients", ["gradients/grad_ys_0", "gradients/grad_ys_1"])
def names_of_initial_gradients(tf):
    x = tf.constant([1.0, 2.0], name="x")
    nodes = new_nodes(tf, lambda: tf.gradients([x * 2.0, x * 3.0], x))
    return [name for name, _, _ in nodes if name.split("/")[-1].startswith("grad_ys")]


@example("result: names of sums", ["gradients/AddN", "gradients/AddN_1"])
def names_of_sums(tf):
    x = tf.constant(3.0, name="x")
    y = tf.sin(x)
    nodes = new_nodes(tf, lambda: tf.gradients(tf.exp(y) + tf.cos(y) + tf.sqrt(x), x))
    return [name for name, op, _ in nodes if op == "AddN"]


@example("result: names in a name scope of the caller")
def names_inside_scope(tf):
    x = tf.constant(3.0, name="x")
    with tf.name_scope("train"):
        return new_nodes(tf, lambda: tf.gradients(tf.exp(x), x))


@example("result: a y that is an x gets its initial gradient", [[1.0], [5.0], [1.0, 6.0]])
def y_is_x(tf):
    x = tf.constant(3.0)
    y = x * x
    return [
        values(tf, tf.gradients(x, x)),
        values(tf, tf.gradients(x, x, grad_ys=[5.0])),
        values(tf, tf.gradients(y, [y, x])),
    ]


@example(
    "result: a gather gives IndexedSlices", ["IndexedSlices", {"values": [[2.0, 2.0], [2.0, 2.0]], "indices": [0, 2]}]
)
def gather_gives_slices(tf):
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="table")
    (g,) = tf.gradients(2.0 * tf.gather(table, [0, 2]), table)
    return [type(g).__name__, values(tf, [g])[0]]


@example("result: several IndexedSlices are concatenated")
def slices_are_concatenated(tf):
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="table")
    y = tf.reduce_sum(tf.gather(table, [0, 0])) + 3.0 * tf.reduce_sum(tf.gather(table, [1]))
    (g,) = tf.gradients(y, table)
    found = values(tf, [g])[0]
    return [type(g).__name__, sorted(zip(found["indices"], found["values"]))]


@example("result: IndexedSlices with dense terms become dense", ["Tensor", [[3.0, 3.0], [2.0, 2.0], [2.0, 2.0]]])
def slices_with_dense(tf):
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="table")
    (g,) = tf.gradients(tf.reduce_sum(tf.gather(table, [0])) + 2.0 * tf.reduce_sum(table), table)
    return [type(g).__name__, values(tf, [g])[0]]


@example("result: a warning when a dense form of unknown shape is made", [["UserWarning", True]])
def slices_of_unknown_shape_warn(tf):
    table = tf.placeholder(tf.float32, name="table")
    y = tf.reduce_sum(tf.gather(table, [0])) + tf.reduce_sum(tf.square(table))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tf.gradients(y, table)
    found = [w for w in caught if "Converting sparse IndexedSlices" in str(w.message)]
    return [[w.category.__name__, "unknown shape" in str(w.message)] for w in found]


@example("result: a warning when a dense form of 100,000,000 elements is made", [["UserWarning", True]])
def large_slices_warn(tf):
    table = tf.placeholder(tf.float32, [100000, 1000], name="table")
    y = tf.reduce_sum(tf.gather(table, [0])) + tf.reduce_sum(tf.square(table))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tf.gradients(y, table)
    found = [w for w in caught if "Converting sparse IndexedSlices" in str(w.message)]
    return [[w.category.__name__, "100000000 elements" in str(w.message)] for w in found]


@example("result: no warning below that size", 0)
def small_slices_do_not_warn(tf):
    table = tf.placeholder(tf.float32, [100000, 999], name="table")
    y = tf.reduce_sum(tf.gather(table, [0])) + tf.reduce_sum(tf.square(table))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tf.gradients(y, table)
    return sum("Converting sparse IndexedSlices" in str(w.message) for w in caught)


@example("grad_ys: missing or None means ones of y's shape and dtype", [[2.0, 2.0], [2.0, 2.0], [2.0, 2.0]])
def grad_ys_missing(tf):
    x = tf.constant([1.0, 2.0])
    y = x * 2.0
    return [values(tf, tf.gradients(y, x, grad_ys=given))[0] for given in (None, [None], [tf.ones([2])])]


@example("grad_ys: ones of y's dynamic shape", [[2.0, 2.0, 2.0], [[2.0], [2.0]]])
def grad_ys_dynamic(tf):
    x = tf.placeholder(tf.float32, name="x")
    g = tf.gradients(x * 2.0, x)
    return [values(tf, g, {x: np.ones(3)})[0], values(tf, g, {x: np.ones((2, 1))})[0]]


@example("grad_ys: given values multiply", [[10.0, 200.0], 32.0])
def grad_ys_given(tf):
    x = tf.constant([1.0, 2.0])
    z = tf.constant(2.0)
    return [
        values(tf, tf.gradients(x * 2.0, x, grad_ys=[[5.0, 100.0]]))[0],
        values(tf, tf.gradients([z * z, z * 3.0], z, grad_ys=[8.0, None]))[0] - 3.0,
    ]


@example("grad_ys: length differs from ys", ["ValueError", True])
def grad_ys_length(tf):
    x = tf.constant(1.0)
    return raised(lambda: tf.gradients(x * 2.0, x, grad_ys=[1.0, 2.0]), "Passed 2 grad_ys for 1 ys")


@example("grad_ys: complex y without grad_ys", ["TypeError", True, True])
def grad_ys_of_complex(tf):
    x = tf.constant(1.0 + 2.0j)
    return raised(lambda: tf.gradients(x * x, x), "Gradients of complex tensors", "must set grad_ys (y.dtype = ")


@example("grad_ys: complex y with grad_ys")
def grad_ys_given_for_complex(tf):
    x = tf.constant(1.0 + 2.0j)
    return values(tf, tf.gradients(x * x, x, grad_ys=[tf.constant(1.0 + 0.0j)]))


@example("grad_ys: kinds of dtype must match", [["TypeError", True, True], ["TypeError", True, True]])
def grad_ys_of_other_kind(tf):
    real, both = tf.constant(1.0), tf.constant(1.0 + 2.0j)
    return [
        raised(lambda: tf.gradients(real * 2.0, real, grad_ys=[tf.constant(1j)]), "complex128", "float32"),
        raised(lambda: tf.gradients(both * 2.0, both, grad_ys=[tf.constant(1.0)]), "float32", "complex128"),
    ]


@example("grad_ys: a shape that cannot match", ["ValueError"])
def grad_ys_of_other_shape(tf):
    x = tf.ones([2])
    return raised(lambda: tf.gradients(x * 2.0, x, grad_ys=[tf.ones([3])]))


@example("grad_ys: a tensor that depends on x is a constant of the walk", [27.0])
def grad_ys_depends_on_x(tf):
    x = tf.constant(3.0)
    return values(tf, tf.gradients(x * 3.0, x, grad_ys=[x * x]))


@example("result: gradients of a chain, by hand")
def chain_by_hand(tf):
    x = tf.constant([0.5, -1.0, 2.0])
    y = tf.reduce_sum(tf.exp(tf.sin(x)) * tf.square(x) / (1.0 + tf.abs(x)))
    return plain(values(tf, tf.gradients(y, x)))
