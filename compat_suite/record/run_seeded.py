"""Runs a TF1 script on real TensorFlow after seeding the default graph, NumPy and random, as `tfcompat run --seed` does.

<python with TF 1.15> compat_suite/record/run_seeded.py SEED script.py [arguments]
"""

import os
import random
import runpy
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def main():
    seed, script = int(sys.argv[1]), sys.argv[2]
    import numpy as np
    import tensorflow as tf

    random.seed(seed)
    np.random.seed(seed)
    tf.set_random_seed(seed)
    sys.argv = sys.argv[2:]
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
