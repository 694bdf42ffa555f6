"""Records what TensorFlow 1.15 answers to the lines of tests/ops/data/math_cases.txt (see tests/ops/test_math_recorded.py).

    $TFCOMPAT_ORACLE_TF1 compat_suite/record/math_ops.py tests/ops/data/math_tf115.json.gz [other_cases.txt]

A line makes `y`, a tensor or a list of them; `ph` makes a fed placeholder and `G(y, x...)` calls tf.gradients.
`evaluate` runs in both libraries, so the two sides see the same program. (Python 3.7 syntax.)
"""

import gzip
import json
import os
import sys

import numpy as np

CASES = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "ops", "data", "math_cases.txt")


def plain(value):
    """A fetched value as [dtype, shape, numbers]."""
    if hasattr(value, "indices"):
        return [plain(value.values), plain(value.indices)]
    array = np.asarray(value)
    kind = array.dtype.kind
    if kind == "O":
        return ["object", list(array.shape), [repr(v) for v in array.ravel()]]
    if kind == "c":
        parts = np.stack([array.real, array.imag])
        return [str(array.dtype), list(array.shape), [float(v) for v in parts.ravel()]]
    return [str(array.dtype), list(array.shape), [float(v) if kind == "f" else int(v) for v in array.ravel()]]


def flat(y):
    return [t for part in y for t in flat(part)] if isinstance(y, (list, tuple)) else [y]


def first_line(error):
    """Class and first line of the message; where TF names its own source files there, not those."""
    text = str(error).split("\n")[0]
    return type(error).__name__ + ": " + text


def evaluate(tf, source):
    """What `source` does in the library `tf`: nodes, static shapes and values, or the error."""
    graph, feed, found = tf.Graph(), {}, {}

    def ph(value, dtype=None, shape="static"):
        array = np.asarray(value)
        if dtype is None:
            dtype = np.float32 if array.dtype == np.float64 else array.dtype
        dims = {"static": array.shape, "rank": [None] * array.ndim, "unknown": None}[shape]
        made = tf.placeholder(dtype, dims)
        feed[made] = array
        return made

    scope = {"tf": tf, "np": np, "ph": ph, "G": lambda y, *xs: tf.gradients(y, list(xs))}
    with graph.as_default():
        try:
            exec(source, scope)  # the lines of our own case file
            fetches = flat(scope["y"])
        except Exception as error:
            found["build_error"], fetches = first_line(error), None
    if fetches is not None:
        found["shapes"] = [None if t is None else str(t.get_shape()) for t in fetches]
        with tf.Session(graph=graph) as session:
            try:
                found["values"] = [None if t is None else plain(session.run(t, feed)) for t in fetches]
            except Exception as error:
                found["run_error"] = first_line(error)
    found["nodes"] = [
        [n.name, n.type, [t.name for t in n.inputs], sorted(c.name for c in n.control_inputs)]
        for n in graph.get_operations()
    ]
    return found


def main():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.compat.v1.logging.set_verbosity("ERROR")
    with open(sys.argv[2] if len(sys.argv) > 2 else CASES, encoding="utf-8") as lines:
        sources = [line for line in lines.read().split("\n") if line]
    made = [{"source": s, "found": evaluate(tf, s)} for s in sources]
    data = json.dumps({"tensorflow": tf.__version__, "cases": made}, sort_keys=True).encode()
    with open(sys.argv[1], "wb") as out:
        out.write(gzip.compress(data, 9))
    print(len(made), "cases from TensorFlow", tf.__version__)


if __name__ == "__main__":
    main()
