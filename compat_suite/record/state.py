"""Records what TensorFlow 1.15 gives for the programs of tests/ops/state_programs.py.

    $TFCOMPAT_ORACLE_TF1 compat_suite/record/state.py tests/ops/data/state_tf115.json.gz

A result is the list a program returns, each item plain or ["array", type, shape, numbers]. Beside it, the names and
types of the nodes that were made. (Python 3.7 syntax.)
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import gzip
import json
import sys
import warnings

warnings.simplefilter("ignore")

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "ops"))

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from state_programs import PROGRAMS  # noqa: E402


def plain(value):
    """A result as JSON can hold it."""
    if hasattr(value, "values") and hasattr(value, "indices"):
        return ["slices", plain(value.values), plain(value.indices)]
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return ["bytes", value.decode()]
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        if array.dtype == object:
            return ["array", "string", list(array.shape), [v.decode() for v in array.ravel()]]
        return ["array", array.dtype.name, list(array.shape), array.ravel().tolist()]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"cannot record {type(value)!r}")


def main(out):
    tf.logging.set_verbosity(tf.logging.FATAL)
    recorded = {"tensorflow": tf.__version__, "groups": {}}
    for group, programs in PROGRAMS.items():
        recorded["groups"][group] = found = {}
        for name, build in programs.items():
            tf.reset_default_graph()
            result = plain(build(tf, np))
            nodes = [[o.type, o.name] for o in tf.get_default_graph().get_operations()]
            found[name] = {"result": result, "nodes": nodes}
    text = json.dumps(recorded, sort_keys=True, separators=(",", ":")).encode()
    with open(out, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text)
    print(sum(map(len, PROGRAMS.values())), "programs", os.path.getsize(out), "bytes")


if __name__ == "__main__":
    main(sys.argv[1])
