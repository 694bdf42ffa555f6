"""Oracle cases of ops on variables (assignments, scatters, training rules): inputs by the names of the arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from compat_suite.oracle.cases import REAL, Case, as_type, packed
from tfcompat.framework import dtypes, op_defs
from tfcompat.framework.op import OPS, Op

ROWS, COLUMNS = 4, 3
# Numbers that the training rules take; a gradient, an accumulator or a variable is an array.
NUMBERS = {
    "lr": 0.1, "alpha": 0.05, "delta": None, "rho": 0.9, "momentum": 0.8, "epsilon": 1e-3, "beta1": 0.9, "beta2": 0.99,
    "beta1_power": 0.81, "beta2_power": 0.98, "l1": 0.02, "l2": 0.03, "l2_shrinkage": 0.01, "lr_power": -0.5,
    "logbase": 2.0, "sign_decay": 0.7, "beta": 0.9, "global_step": 3,
}  # fmt: skip
WORDS = ("Apply", "Scatter", "Assign", "CountUpTo", "StridedSliceAssign", "ResourceGather", "IsVariableInitialized",
         "VarIsInitialized", "ReadVariableOp", "VariableShape", "TensorScatter")  # fmt: skip
TYPES = ("float32", "float64", "float16", "bfloat16", "int32", "int64", "complex64")


def _array(rng: np.random.RandomState, shape: tuple[int, ...], name: str, positive: bool) -> list[Any]:
    array = rng.uniform(0.2, 1.0, shape) if positive else rng.uniform(-1, 1, shape)
    return packed(as_type(array, name), name)


def _indices(op: Op, rng: np.random.RandomState, name: str) -> np.ndarray:
    if "Nd" in op.type:
        return np.array([[2], [0], [2]], name) if "Update" not in op.type else np.array([[2], [0], [3]], name)
    return np.array([2, 0, 2], name) if "Update" not in op.type else np.array([3, 0, 1], name)


def _case(op: Op, name: str, index: str, attrs: dict[str, Any], label: str) -> Case:
    rng = np.random.RandomState(3)
    sliced = "StridedSliceAssign" in op.type
    rows = any(a.name == "indices" for a in op.definition.inputs)
    inputs: list[list[Any]] = []
    for arg in op.definition.inputs:
        positive = arg.name in ("accum", "v", "vhat", "ms", "gradient_squared_accumulator", "accum_update") or (
            "Div" in op.type and arg.name == "updates"
        )
        if arg.name == "mg":  # the mean of the gradients, whose square the mean of squares must exceed
            inputs.append([arg.name, {_kind(arg): packed(as_type(np.full((ROWS, COLUMNS), 0.1), name), name)}])
        elif arg.is_ref or arg.type is dtypes.resource:
            shape = () if "CountUpTo" in op.type else (ROWS, COLUMNS)
            array = packed(np.zeros((), name), name) if not shape else _array(rng, shape, name, positive)
            inputs.append([arg.name, {_kind(arg): array}])
        elif arg.name == "indices":
            inputs.append([arg.name, {"a": packed(_indices(op, rng, index), index)}])
        elif arg.name in ("begin", "end", "strides"):
            numbers = {"begin": [1, 0], "end": [3, 3], "strides": [1, 2]}[arg.name]
            inputs.append([arg.name, {"a": packed(np.array(numbers, index), index)}])
        elif NUMBERS.get(arg.name) is not None:
            of = arg.type.name if arg.type else name
            inputs.append([arg.name, {"a": packed(as_type(np.array(NUMBERS[arg.name]), of), of)}])
        else:  # a gradient, updates, a value
            shape = (2, 2) if sliced else (3, COLUMNS) if rows else (ROWS, COLUMNS)
            inputs.append([arg.name, {"a": _array(rng, shape, name, positive)}])
    return {"id": f"{op.type}-{label}", "op": op.type, "inputs": inputs, "attrs": attrs, "wrt": [], "ys": None}


def _kind(arg: Any) -> str:
    return "ref" if arg.is_ref else "resource"


def _attrs(op: Op, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Attrs to try: none, and each boolean switch the other way round."""
    base: dict[str, Any] = {}
    for key, spec in op.definition.attrs.items():
        if spec.type == "type" and key not in op.definition.inferred and not spec.has_default:
            base[key] = {"type": name}
        if key == "limit":
            base[key] = 5
    yield "", base
    for key in ("use_nesterov", "update_slots"):
        if key in op.definition.attrs:
            yield f"-{key}", {**base, key: not op.definition.attrs[key].default}


def of_op(op: Op) -> Iterator[Case]:
    """The op in each type it takes, its switches both ways in float32."""
    types = [s for k, s in op.definition.attrs.items() if k in ("T", "dtype")]
    allowed = types[0].allowed if types else None
    for name in TYPES:
        if allowed is not None and dtypes.as_dtype(name) not in allowed:
            continue
        if "Apply" in op.type and name not in (*REAL, "complex64"):
            continue
        for suffix, attrs in _attrs(op, name):
            if suffix and name != "float32":
                continue
            yield _case(op, name, "int32", attrs, name + suffix)
    if any(a.name == "indices" for a in op.definition.inputs):
        yield _case(op, "float32", "int64", dict(next(_attrs(op, "float32"))[1]), "index64")


def cases() -> Iterator[Case]:
    """Cases of every op on variables that has a kernel and whose arguments are known by name."""
    for op_type in sorted(OPS):
        op = OPS[op_type]
        if (op.kernel_fn is None and op.build_fn is None) or not op_defs.in_raw_ops(op_type):
            continue
        on_variable = any(a.is_ref or a.type is dtypes.resource for a in op.definition.inputs)
        if on_variable and any(word in op_type for word in WORDS):
            yield from of_op(op)
