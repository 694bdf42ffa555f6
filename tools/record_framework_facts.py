"""Records tests/framework/facts/*.json anew: the expressions stay, TF 1.15 gives the answers.

    TFCOMPAT_ORACLE_TF1=.../python python tools/record_framework_facts.py

To ask something new, add a pair with an empty answer to a file first.
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).parents[1] / "tests/framework"

# Runs inside the oracle.
RECORD = """
import json, sys, warnings
sys.path.insert(0, sys.argv[1])
warnings.simplefilter("ignore")
from tensorflow.core.framework import tensor_shape_pb2
from tensorflow.python.framework import dtypes, tensor_shape
from tensorflow.python.util import nest
import facts

def record(name, *modules):
    scope = facts.names(name, *modules)
    rows = [[expression, facts.answer(expression, scope)] for expression, _ in facts.load(name)]
    with open(facts.HERE + "/" + name + ".json", "w") as file:
        file.write("[\\n" + ",\\n".join(json.dumps(row) for row in rows) + "\\n]\\n")

record("dtypes", dtypes)
record("nest", nest)
record("shapes_v1", tensor_shape, tensor_shape_pb2, dtypes.float32)
tensor_shape.enable_v2_tensorshape()
record("shapes_v2", tensor_shape, tensor_shape_pb2, dtypes.float32)
"""


def main() -> None:
    oracle = os.environ.get("TFCOMPAT_ORACLE_TF1")
    if not oracle:
        sys.exit("TFCOMPAT_ORACLE_TF1 must name the interpreter of an environment with TensorFlow 1.15")
    environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="3", PYTHONDONTWRITEBYTECODE="1")
    subprocess.run([oracle, "-c", RECORD, str(TESTS)], check=True, env=environment)


if __name__ == "__main__":
    main()
