"""Records the graphs of `compat_suite/graph_programs.py` as TensorFlow 1.15 builds them.

Run with an interpreter that has TensorFlow 1.15:  PYTHON compat_suite/record/graphs.py [--only NAME]
"""

import argparse
import gzip
import json
import os
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

import tensorflow as tf  # noqa: E402

from compat_suite.graph_facts import graph_facts  # noqa: E402
from compat_suite.graph_programs import PROGRAMS  # noqa: E402

OUT = os.path.join(ROOT, "compat_suite", "data", "graphs.json.gz")


def record(build):
    """Facts of the graph that one program builds."""
    graph = tf.Graph()
    with graph.as_default():
        build(tf)
    return graph_facts(graph)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", help="print one program's facts instead of writing the file")
    parser.add_argument("--out", default=OUT)
    args = parser.parse_args()
    tf.logging.set_verbosity(tf.logging.FATAL)
    if args.only:
        facts = record(PROGRAMS[args.only])
        for node in facts["forward"] + facts["gradients"]:
            print(json.dumps(node))
        print(json.dumps(facts["collections"]), facts["last_id"])
        return 0
    recorded, failed = {}, 0
    for name, build in PROGRAMS.items():
        try:
            recorded[name] = record(build)
        except Exception as error:  # a program that TF refuses is a mistake in the table: show all of them at once
            failed += 1
            print(f"FAILED {name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
    document = {"tensorflow": tf.__version__, "programs": recorded}
    text = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    with open(args.out, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(text)
    nodes = sum(len(f["forward"]) for f in recorded.values())
    grads = sum(len(f["gradients"]) for f in recorded.values())
    size = os.path.getsize(args.out)
    print(f"{len(recorded)} programs, {nodes} forward nodes, {grads} gradient nodes, {size} bytes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
