"""Records what TensorFlow 1.15's Apply* kernels do, for tests/ops/test_training_ops.py.

    $TFCOMPAT_ORACLE_TF1 compat_suite/record/training_ops.py tests/ops/data/training_ops_tf115.json.gz

A case is an op type with the values of its inputs for three steps, and the variable and slots after each. Sparse cases
name a row twice. (Python 3.7 syntax.)
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import gzip
import json
import sys

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import op_def_registry

STEPS = 3
SCALARS = {
    "alpha": 0.1, "lr": 0.05, "l1": 0.02, "l2": 0.03, "l2_shrinkage": 0.1, "lr_power": -0.5, "rho": 0.9,
    "momentum": 0.8, "epsilon": 1e-3, "beta1": 0.9, "beta2": 0.99, "beta1_power": 0.81, "beta2_power": 0.9801,
    "global_step": 3, "logbase": 1.0, "sign_decay": 0.7, "beta": 0.9,
}  # fmt: skip
VARIANTS = [{}, {"lr_power": -0.3}, {"l1": 0.0, "l2": 0.0}, {"use_nesterov": True}, {"update_slots": False}]
POSITIVE = ("accum", "v", "vhat", "ms", "gradient_squared_accumulator", "accum_update")


def definitions():
    registry = op_def_registry.get_registered_ops()
    for name in sorted(registry):
        if "Apply" in name and "Accumulator" not in name and registry[name].input_arg[0].name != "handle":
            yield registry[name]


def is_state(arg):
    return arg.is_ref or arg.type == tf.resource.as_datatype_enum


def case_of(definition, shape, dtype, variant, draw):
    names = [a.name for a in definition.input_arg]
    attrs = [a.name for a in definition.attr]
    if any(key not in names + attrs for key in variant):
        return None
    sparse = "indices" in names
    rows = [4, 0, 2, 4] if sparse else None
    given = {"op": definition.name, "dtype": dtype, "attrs": {}, "states": {}, "scalars": {}, "steps": []}
    given["order"] = names
    for arg in definition.input_arg:
        if is_state(arg):
            low = 0.5 if arg.name in POSITIVE else -1.0
            given["states"][arg.name] = draw.uniform(low, 1.0, shape).round(3).tolist()
        elif arg.name in SCALARS:
            given["scalars"][arg.name] = variant.get(arg.name, SCALARS[arg.name])
    given["attrs"] = {k: v for k, v in variant.items() if k in attrs}
    grad_shape = [4] + shape[1:] if sparse else shape
    gradients = [draw.uniform(-1.0, 1.0, grad_shape).round(3).tolist() for _ in range(STEPS)]
    given["gradients"], given["indices"] = gradients, rows
    return given


def short(value):
    """A nested list of numbers with the digits that the type has."""
    digits = {"float16": 5, "float32": 9, "float64": 17}[value.dtype.name]
    return np.vectorize(lambda x: float(f"{x:.{digits}g}"))(value.astype(np.float64)).tolist()


def run(case):
    with tf.Graph().as_default(), tf.Session() as session:
        dtype = tf.as_dtype(case["dtype"])
        resource = case["op"].startswith("Resource")
        states = {n: tf.Variable(tf.constant(v, dtype), use_resource=resource) for n, v in case["states"].items()}
        session.run(tf.global_variables_initializer())
        out = []
        for gradient in case["gradients"]:
            inputs = dict(case["attrs"])
            for name in case["order"]:
                if name in states:
                    inputs[name] = states[name].handle if resource else states[name]._ref()
                elif name == "indices":
                    inputs[name] = tf.constant(case["indices"], tf.int64)
                elif name == "global_step":
                    inputs[name] = tf.constant(case["scalars"][name], tf.int64)
                elif name in case["scalars"]:
                    inputs[name] = tf.constant(case["scalars"][name], dtype)
                else:
                    inputs[name] = tf.constant(gradient, dtype)
            made = getattr(tf.raw_ops, case["op"])(**inputs)
            session.run(made if isinstance(made, tf.Operation) else made.op)
            out.append([short(v) for v in session.run([states[n] for n in case["states"]])])
        return out


def main(path):
    draw = np.random.RandomState(7)
    cases = []
    for definition in definitions():
        sparse = "indices" in [a.name for a in definition.input_arg]
        for variant in VARIANTS:
            for shape, dtype in [([5, 2], "float32"), ([5], "float32"), ([5, 2], "float64"), ([5, 1], "float16")]:
                if (dtype == "float16" and variant) or (shape == [5] and not sparse):
                    continue
                case = case_of(definition, shape, dtype, variant, draw)
                if case is None:
                    continue
                try:
                    case["results"] = run(case)
                except tf.errors.InvalidArgumentError as error:
                    if "No OpKernel" not in error.message and "Cannot assign a device" not in error.message:
                        raise
                    continue
                del case["steps"]
                cases.append(case)
        print(definition.name, len(cases), sparse)
    with gzip.open(path, "wt") as out:
        json.dump({"version": tf.__version__, "cases": cases}, out, separators=(",", ":"))


if __name__ == "__main__":
    main(sys.argv[1])
