"""Records what TF 1.15 builds and computes for the expressions of tests/ops/array_programs.py.

    PYTHON_OF_TF_1_15 compat_suite/record/arrays.py tests/ops tests/ops/data/arrays_tf115.json.gz

The first argument is the folder of array_programs.py, the second the file to write. Python 3.7.
"""

import gzip
import json
import sys

import tensorflow as tf


def main():
    sys.path.insert(0, sys.argv[1])
    import array_programs

    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    recorded = {
        "tensorflow": tf.__version__,
        "nodes": {e: array_programs.nodes(tf, e) for e in array_programs.NODES},
        "values": {e: array_programs.values(tf, e) for e in array_programs.VALUES},
    }
    with open(sys.argv[2], "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
        packed.write(json.dumps(recorded, indent=0, sort_keys=True).encode())


if __name__ == "__main__":
    main()
