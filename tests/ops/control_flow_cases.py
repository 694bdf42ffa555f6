"""Conditionals, checks, prints, Python functions, TensorArrays and loops to compare with TensorFlow 1.15.

`python tests/ops/control_flow_cases.py OUT.json.gz` with TensorFlow 1.15's interpreter records what the test compares with:
for each case the count and the names of nodes (outside loops and conditionals), values, gradients, or the error.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import sys

import numpy as np


def cases(tf):
    """name -> (function of x [2, 3], p (bool) and i (int), feeds for them)."""
    f32 = tf.float32

    def asserted(x, p, i):
        with tf.control_dependencies([tf.Assert(i < 3, [x, "text", i])]):
            return tf.identity(x)

    def checked(check):
        def make(x, p, i):
            with tf.control_dependencies([check(x, i)]):
                return tf.identity(x)

        return make

    def with_operations(x, p, i):
        v = tf.Variable(1.0)
        done = tf.cond(p, lambda: tf.assign(v, 5.0).op, lambda: tf.no_op())
        with tf.control_dependencies([tf.global_variables_initializer()]):
            return tf.identity(x), tf.cast(done, tf.int32)

    def structure(x, p, i):
        found = tf.cond(p, lambda: {"a": x, "b": (x * 2.0, i)}, lambda: {"a": -x, "b": (x, i + 1)})
        return found["a"], found["b"][0], found["b"][1]

    def arrays(x, p, i):
        a = tf.TensorArray(f32, size=2, clear_after_read=False).unstack(x)
        b = tf.TensorArray(f32, size=2).write(1, a.read(0) * 2.0).write(0, a.read(1) * a.read(0))
        c = tf.TensorArray(f32, size=3, infer_shape=False).split(tf.reshape(x, [6]), [1, 2, 3])
        return b.stack(), a.gather([1, 0, 1]), c.concat(), a.size()

    def grown(x, p, i):
        a = tf.TensorArray(f32, size=0, dynamic_size=True)
        a = tf.while_loop(lambda k, a: k < i, lambda k, a: (k + 1, a.write(k, x[0] * tf.cast(k, f32))), [0, a])[1]
        return a.stack()

    def read_twice(x, p, i):
        a = tf.TensorArray(f32, size=2).unstack(x)
        with tf.control_dependencies([a.read(0)]):
            return a.read(0)

    def array(**kwargs):
        return tf.TensorArray(f32, **kwargs)

    yes, no = {"p": True, "i": 1}, {"p": False, "i": 5}
    both = [yes, no]
    return {
        "cond": (lambda x, p, i: tf.cond(p, lambda: x * x, lambda: tf.exp(x)), both),
        "cond_constant": (lambda x, p, i: tf.cond(p, lambda: x, lambda: tf.zeros([2, 3])), both),
        "cond_nested": (
            lambda x, p, i: tf.cond(
                p, lambda: tf.cond(i < 2, lambda: x * x, lambda: x), lambda: tf.cond(i < 2, lambda: x, lambda: -x * x)
            ),
            [{"p": a, "i": b} for a in (True, False) for b in (1, 5)],
        ),
        "cond_structure": (structure, both),
        "cond_operations": (with_operations, both),
        "cond_strict": (lambda x, p, i: tf.cond(p, lambda: [x], lambda: [-x], strict=True), both),
        "cond_single": (lambda x, p, i: tf.cond(p, lambda: [x], lambda: [-x]), both),
        "cond_variable": (
            lambda x, p, i: tf.cond(
                p, lambda: x * tf.get_variable("v", [], initializer=tf.constant_initializer(2.0)), lambda: x
            ),
            both,
        ),
        "cond_not_scalar": (lambda x, p, i: tf.cond(x > 0.0, lambda: x, lambda: x), [yes]),
        "cond_not_bool": (lambda x, p, i: tf.cond(i, lambda: x, lambda: x), [yes]),
        "cond_python_bool": (lambda x, p, i: tf.cond(True, lambda: x, lambda: x), [yes]),
        "cond_none": (lambda x, p, i: tf.cond(p, lambda: None, lambda: x), [yes]),
        "cond_types": (lambda x, p, i: tf.cond(p, lambda: x, lambda: i), [yes]),
        "cond_structures": (lambda x, p, i: tf.cond(p, lambda: (x, x), lambda: x), [yes]),
        "cond_uncallable": (lambda x, p, i: tf.cond(p, x, lambda: x), [yes]),
        "case": (
            lambda x, p, i: tf.case([(i < 2, lambda: x), (i < 4, lambda: x * x)], default=lambda: -x, exclusive=False),
            [{"p": True, "i": v} for v in (1, 3, 9)],
        ),
        "case_exclusive": (
            lambda x, p, i: tf.case([(i < 2, lambda: x), (i < 4, lambda: x * x)], exclusive=True),
            [{"p": True, "i": v} for v in (1, 3, 9)],
        ),
        "switch_case": (
            lambda x, p, i: tf.switch_case(i, [lambda: x, lambda: x * x, lambda: -x]),
            [{"p": True, "i": v} for v in (0, 1, 2, 7)],
        ),
        "assert": (asserted, both),
        "assert_ints": (lambda x, p, i: tf.Assert(i < 3, [i, [1, 2, 3, 4]], summarize=2), both),
        "assert_positive": (checked(lambda x, i: tf.assert_positive(x)), both),
        "assert_negative": (checked(lambda x, i: tf.assert_negative(x, message="why")), both),
        "assert_non_negative": (checked(lambda x, i: tf.assert_non_negative(i)), both),
        "assert_non_positive": (checked(lambda x, i: tf.assert_non_positive(x)), both),
        "assert_equal": (checked(lambda x, i: tf.assert_equal(x, x + 0.0)), both),
        "assert_equal_same": (checked(lambda x, i: tf.assert_equal(x, x)), both),
        "assert_equal_static": (checked(lambda x, i: tf.assert_equal([1, 2], [1, 3], message="m")), both),
        "assert_less": (checked(lambda x, i: tf.assert_less(i, 3)), both),
        "assert_near": (checked(lambda x, i: tf.assert_near(x, x * 1.0000001)), both),
        "assert_rank": (checked(lambda x, i: tf.assert_rank(x, 2)), both),
        "assert_rank_wrong": (checked(lambda x, i: tf.assert_rank(x, 3, message="m")), both),
        "assert_rank_in": (checked(lambda x, i: tf.assert_rank_in(x, [1, 3])), both),
        "assert_rank_at_least": (checked(lambda x, i: tf.assert_rank_at_least(tf.placeholder_with_default(x, None), 3)), both),
        "assert_type": (checked(lambda x, i: tf.assert_type(x, tf.int32)), both),
        "assert_shapes": (checked(lambda x, i: tf.debugging.assert_shapes([(x, ("N", "M")), (x, ("N", 3))])), both),
        "is_non_decreasing": (lambda x, p, i: tf.is_non_decreasing(x), both),
        "is_strictly_increasing": (lambda x, p, i: tf.is_strictly_increasing([1, 2, 3]), both),
        "check_numerics": (lambda x, p, i: tf.check_numerics(x / tf.cast(i - 5, f32), "bad"), both),
        "verify": (lambda x, p, i: tf.verify_tensor_all_finite(x, "bad"), both),
        "print": (lambda x, p, i: tf.Print(x, [x, i], "message", summarize=2), both),
        "format": (lambda x, p, i: tf.strings.format("a {} b {}", [x, i], summarize=1), both),
        "py_func": (lambda x, p, i: tf.py_func(lambda a, b: (a * 2, "text"), [x, i], [f32, tf.string])[1], both),
        "py_func_count": (lambda x, p, i: tf.py_func(lambda: (1, 2), [], tf.int64), [yes]),
        "py_func_type": (lambda x, p, i: tf.py_func(lambda: 1.5, [], tf.int64), [yes]),
        "tensor_array": (arrays, [yes]),
        "tensor_array_grown": (grown, [{"p": True, "i": 3}]),
        "tensor_array_twice": (read_twice, [yes]),
        "tensor_array_out": (lambda x, p, i: tf.stop_gradient(array(size=2).unstack(x).read(i)), [{"p": True, "i": 2}]),
        "tensor_array_missing": (lambda x, p, i: array(size=2).write(0, x).read(1), [yes]),
        "tensor_array_unknown": (lambda x, p, i: array(size=2, infer_shape=False).write(0, x).read(1), [yes]),
        "tensor_array_rewritten": (lambda x, p, i: array(size=2).write(0, x).write(0, x).stack(), [yes]),
        "tensor_array_shapes": (lambda x, p, i: array(size=2).write(0, x).write(1, x[0]), [yes]),
        "tensor_array_no_size": (lambda x, p, i: array(), [yes]),
        "map_fn": (lambda x, p, i: tf.map_fn(lambda r: tf.reduce_sum(r) * r, x), [yes]),
        "map_fn_two": (
            lambda x, p, i: tf.map_fn(lambda r: (r[0] * 2.0, r[1] + 1), (x, tf.constant([1, 2])), dtype=(f32, tf.int32)),
            [yes],
        ),
        "map_fn_structure": (lambda x, p, i: tf.map_fn(lambda r: (r, r), x), [yes]),
        "map_fn_scalar": (lambda x, p, i: tf.map_fn(lambda r: r, i), [yes]),
        "foldl": (lambda x, p, i: tf.foldl(lambda a, r: tf.sin(a) * r, x), [yes]),
        "foldr": (lambda x, p, i: tf.foldr(lambda a, r: tf.sin(a) * r + a, x, initializer=tf.ones([3])), [yes]),
        "scan": (lambda x, p, i: tf.scan(lambda a, r: tf.sin(a) * r, x), [yes]),
        "scan_two": (
            lambda x, p, i: tf.scan(lambda a, r: (a[0] * r, a[1] + 1), x, initializer=(tf.ones([3]), tf.constant(0))),
            [yes],
        ),
        "scan_reverse": (lambda x, p, i: tf.scan(lambda a, r: a * r, x, reverse=True), [yes]),
        "loop": (lambda x, p, i: tf.while_loop(lambda k, y: k < i, lambda k, y: (k + 1, tf.sin(y) * x), [0, x])[1], both),
        "loop_of_cond": (
            lambda x, p, i: tf.while_loop(
                lambda k, y: k < 4, lambda k, y: (k + 1, tf.cond(k < i, lambda: y * x, lambda: y + x)), [0, x]
            )[1],
            both,
        ),
        "loop_in_loop": (
            lambda x, p, i: tf.while_loop(
                lambda k, y: k < 3,
                lambda k, y: (k + 1, tf.while_loop(lambda j, z: j < k, lambda j, z: (j + 1, z * x), [0, y])[1] + x),
                [0, x],
            )[1],
            [yes],
        ),
        "loop_in_cond": (
            lambda x, p, i: tf.cond(
                p, lambda: tf.while_loop(lambda k, y: k < 3, lambda k, y: (k + 1, y * x), [0, x])[1], lambda: x
            ),
            both,
        ),
        "loop_limited": (
            lambda x, p, i: tf.while_loop(lambda y: True, lambda y: y * 0.5, [x], maximum_iterations=i),
            both,
        ),
    }


X = np.array([[0.3, -0.7, 0.5], [1.1, 0.4, -0.2]], np.float32)
INSIDE = re.compile(r"(while|cond|AssertGuard|indexed_case)(_\d+)?/")


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        return [v.decode() for v in array.ravel().tolist()]
    return array.astype(np.float64).round(6).ravel().tolist()


def error_of(cause):
    """Class and text of an error, without what names nodes, lines and objects."""
    text = str(cause).split("\n\t")[0]
    for pattern, instead in (
        (r"\nTraceback .*", ""), (r"\n\n.*", ""), (r"_\d+: Could", "_N: Could"), (r"pyfunc_\d+", "pyfunc"),
        (r"tensorflow\.python\.framework\.ops\.", ""), (r"tfcompat\.framework\.tensor\.", ""),
    ):
        text = re.sub(pattern, instead, text, flags=re.S)
    return [type(cause).__name__, text]


def observe(tf, make, feeds, keep_graph=False):
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float32, [2, 3], name="x")
        p, i = tf.placeholder(tf.bool, [], name="p"), tf.placeholder(tf.int32, [], name="i")
        try:
            made = make(x, p, i)
        except Exception as cause:
            return {"error": error_of(cause)}
        out = {
            "count": graph._last_id,
            "nodes": [[n.name, n.type] for n in graph.get_operations() if not INSIDE.search(n.name)],
            "runs": [],
        }
        results = list(made) if isinstance(made, (list, tuple)) else [made]
        out["shapes"] = [str(t.shape) for t in results if hasattr(t, "shape")]
        floating = [t for t in results if getattr(t, "dtype", None) == tf.float32]
        try:
            gradient = tf.gradients(floating, x)[0] if floating else None
        except LookupError:
            gradient = None
        if gradient is not None and not isinstance(gradient, tf.IndexedSlices):
            results.append(gradient)
        out["connected"] = gradient is not None
        if keep_graph:
            tensors = [t for t in results if hasattr(t, "dtype")]
            out["graph"] = base64.b64encode(graph.as_graph_def().SerializeToString()).decode()
            out["fetches"] = [t.name for t in tensors]
        if tf.global_variables():
            sess.run(tf.global_variables_initializer())
        for feed in feeds:
            try:
                values = sess.run(results, {x: X, p: feed["p"], i: feed["i"]})
            except tf.errors.OpError as cause:
                out["runs"].append({"error": error_of(cause)})
            else:
                out["runs"].append({"values": [None if v is None else plain(v) for v in values]})
        return out


# Cases whose graphs are kept: conditionals and loops as TensorFlow 1 writes them.
IMPORTED = [
    "cond", "cond_constant", "cond_nested", "case_exclusive", "assert", "tensor_array_grown", "map_fn", "foldr", "scan",
    "loop", "loop_of_cond", "loop_in_loop", "loop_in_cond", "loop_limited",
]


if __name__ == "__main__":
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    found = {name: observe(tf, make, feeds, name in IMPORTED) for name, (make, feeds) in cases(tf).items()}
    with gzip.open(sys.argv[1], "wt") as file:
        json.dump({"tensorflow": tf.__version__, "cases": found}, file)
