"""Records what TF 1.15's optimizers, schedules, averages, clippings and two small networks compute.

Run with an interpreter that has TensorFlow 1.15:  PYTHON compat_suite/record/optimizers.py
"""

import gzip
import json
import os
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from compat_suite import curve_programs, optimizer_programs, schedule_programs  # noqa: E402

OUT = os.path.join(ROOT, "compat_suite", "data", "optimizers.json.gz")


def shortest(value, dtype):
    """Numbers in the fewest digits that give the same float back, and infinities as text."""
    if isinstance(value, dict):
        return {key: shortest(item, dtype) for key, item in value.items()}
    if isinstance(value, list):
        return [shortest(item, dtype) for item in value]
    if not isinstance(value, float):
        return value
    if not np.isfinite(value):
        return str(value)
    return float(str(np.float32(value))) if dtype == "float32" else value


def optimizers():
    """Case name -> its run, or the name of a case that gave exactly the same numbers."""
    recorded, seen = {}, {}
    for case in optimizer_programs.CASES:
        try:
            run = shortest(optimizer_programs.run_case(tf, case), case.dtype)
        except Exception as error:  # what TF itself refuses is a fact too
            run = {"error": type(error).__name__, "message": str(error).splitlines()[0][:160]}
            print(f"{case.name}: {run}", file=sys.stderr)
        key = json.dumps(run, sort_keys=True)
        recorded[case.name] = {"same_as": seen[key]} if key in seen else run
        seen.setdefault(key, case.name)
    return recorded


def main():
    tf.logging.set_verbosity(tf.logging.FATAL)
    document = {
        "tensorflow": tf.__version__,
        "optimizers": optimizers(),
        "schedules": {
            n: shortest(schedule_programs.run_schedule(tf, n), "float32") for n in schedule_programs.SCHEDULES
        },
        "averages": {n: shortest(schedule_programs.run_average(tf, n), "float64") for n in schedule_programs.AVERAGES},
        "clips": {n: shortest(schedule_programs.run_clip(tf, n), "float32") for n in schedule_programs.CLIPS},
        "curves": {n: curve_programs.run_curve(tf, n) for n in curve_programs.CURVES},
    }
    with open(OUT, "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())
    counts = {key: len(value) for key, value in document.items() if isinstance(value, dict)}
    print(counts, os.path.getsize(OUT), "bytes")


if __name__ == "__main__":
    main()
