"""Records results, nodes and messages of tests/ops/nn_programs.py from TF 1.15 into tests/ops/data/nn_tf115.npz.

Run with an interpreter that has TensorFlow 1.15:  PYTHON compat_suite/record/nn.py
"""

import json
import os
import sys
import warnings
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

import numpy as np  # noqa: E402

from tests.ops.nn_programs import ERRORS, PROGRAMS  # noqa: E402
from tests.ops.nn_running import message_of, run  # noqa: E402

OUT = os.path.join(ROOT, "tests", "ops", "data", "nn_tf115.npz")


def main():
    import tensorflow as tf

    tf.logging.set_verbosity(tf.logging.FATAL)
    arrays, facts = {}, {"version": tf.VERSION, "nodes": {}, "errors": {}}
    for name in sorted(PROGRAMS):
        values, nodes = run(tf, name, PROGRAMS[name])
        facts["nodes"][name] = nodes
        for i, value in enumerate(values):
            arrays[f"{name}/{i}"] = np.asarray(value)
    for name in sorted(ERRORS):
        facts["errors"][name] = message_of(tf, name, ERRORS[name])
    packed = zlib.compress(json.dumps(facts, sort_keys=True).encode("utf-8"), 9)
    np.savez_compressed(OUT, facts=np.frombuffer(packed, np.uint8), **arrays)
    print(f"{len(PROGRAMS)} programs, {len(ERRORS)} errors, {os.path.getsize(OUT)} bytes")


if __name__ == "__main__":
    main()
