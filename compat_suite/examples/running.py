"""Runs examples and compares what they return; as a program, one example in a process with eager execution on.

`python -m compat_suite.examples.running PACKAGE EXAMPLE` prints the example's value as JSON.
"""

import importlib
import json
import math
import sys
import warnings


def run(tf, entry):
    """The example's value as plain JSON data, from a fresh default graph."""
    if entry.eager:
        return json.loads(json.dumps(entry.use(tf)))
    with tf.Graph().as_default(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return json.loads(json.dumps(entry.use(tf)))


def same(got, want):
    """Equality of plain data; numbers to float32 rounding, not-a-number equal to itself."""
    if isinstance(want, dict) and isinstance(got, dict):
        return got.keys() == want.keys() and all(same(got[key], want[key]) for key in want)
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)):
        return len(got) == len(want) and all(same(g, w) for g, w in zip(got, want))
    if isinstance(want, bool) or isinstance(got, bool):
        return got is want
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        both_nan = isinstance(want, float) and isinstance(got, float) and math.isnan(want) and math.isnan(got)
        return both_nan or math.isclose(got, want, rel_tol=2e-5, abs_tol=2e-6)
    return got == want


def main():
    from compat_suite.gradient_examples import EXAMPLES

    tf = importlib.import_module(sys.argv[1])
    tf.enable_eager_execution()
    print(json.dumps(run(tf, EXAMPLES[sys.argv[2]])))


if __name__ == "__main__":
    main()
