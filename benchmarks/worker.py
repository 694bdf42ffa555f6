"""One subject in one process: builds a workload, then times a slice for every line it reads.

    python worker.py MODULE WORKLOAD         (MODULE: tfcompat, tensorflow, tensorflow.compat.v1)
"""

import importlib
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main():
    module, name = sys.argv[1:3]
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints goes to stderr; the pipe carries answers only
    answers = os.fdopen(out, "w")
    tf = importlib.import_module(module)
    if module == "tensorflow.compat.v1":
        tf.disable_v2_behavior()
    from workloads import WORKLOADS

    step, check = WORKLOADS[name](tf)
    answers.write(json.dumps({"check": check()}) + "\n")
    answers.flush()
    for _ in range(20):
        step()
    for line in sys.stdin:
        seconds = float(line)
        times = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            begin = time.perf_counter()
            step()
            times.append(time.perf_counter() - begin)
        times.sort()
        answers.write(json.dumps({"median": times[len(times) // 2], "steps": len(times)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
