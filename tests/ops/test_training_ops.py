"""The Apply* ops against the values TF 1.15's kernels gave (tests/ops/data/training_ops_tf115.json.gz).

Record again with compat_suite/record/training_ops.py inside TF 1.15.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tfcompat.client.session import Session
from tfcompat.framework import dtypes, errors
from tfcompat.framework.graph import Graph
from tfcompat.framework.op import KernelContext
from tfcompat.ops.constants import constant
from tfcompat.ops.resource_variables import assign_variable_op, read_variable_op, var_handle_op
from tfcompat.ops.state import assign_op, variable_v2_op
from tfcompat.ops.training_ops import TRAINING_OPS
from tfcompat.runtime.resources import VariableCell

with gzip.open(Path(__file__).parent / "data" / "training_ops_tf115.json.gz", "rt", encoding="utf-8") as lines:
    CASES: list[dict[str, Any]] = json.load(lines)["cases"]

# Relative to the largest number of a variable: where differences cancel, roundings of the operands are left.
TOLERANCE = {"float16": 1e-2, "float32": 4e-6, "float64": 1e-14}


def make_state(name: str, value: Any, dtype: Any, resource: bool) -> tuple[Any, Any, Any]:
    """A variable by its ops alone: handle or reference, initializer, value."""
    shape = np.shape(value)
    if resource:
        handle = var_handle_op(dtype=dtype, shape=shape, shared_name=name, name=name)
        return handle, assign_variable_op(handle, constant(value, dtype)), read_variable_op(handle, dtype=dtype)
    ref = variable_v2_op(dtype=dtype, shape=shape, name=name)
    return ref, assign_op(ref, constant(value, dtype)), ref


def apply(case: dict[str, Any], states: dict[str, Any], gradient: Any, feed: bool = False) -> Any:
    dtype = dtypes.as_dtype(case["dtype"])
    inputs: list[Any] = []
    for name in case["order"]:
        if name in states:
            inputs.append(states[name][0])
        elif name == "indices":
            inputs.append(constant(case["indices"], dtypes.int64))
        elif name in case["scalars"]:
            inputs.append(constant(case["scalars"][name], dtypes.int64 if name == "global_step" else dtype))
        else:
            inputs.append(constant(gradient, dtype))
    return TRAINING_OPS[case["op"]](*inputs, **case["attrs"])


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{c['op']}-{c['dtype']}" for i, c in enumerate(CASES)])
def test_kernels_follow_tensorflow(case: dict[str, Any]) -> None:
    dtype = dtypes.as_dtype(case["dtype"])
    resource = case["op"].startswith("Resource")
    with Graph().as_default() as graph:
        states = {n: make_state(n, v, dtype, resource) for n, v in case["states"].items()}
        updates = [apply(case, states, g) for g in case["gradients"]]
        graph.finalize()
        with Session() as session:
            session.run([s[1] for s in states.values()])
            for update, want in zip(updates, case["results"]):
                session.run(update if resource else update.op)
                got = session.run([s[2] for s in states.values()])
                for name, mine, theirs in zip(states, got, want):
                    atol = TOLERANCE[case["dtype"]] * max(1.0, np.nanmax(np.abs(theirs)))
                    np.testing.assert_allclose(mine, theirs, rtol=0, atol=atol, err_msg=name)


def test_every_kind_of_op_has_a_case() -> None:
    assert set(TRAINING_OPS) == {c["op"] for c in CASES}


def adam(m_shape: Any = (2,), grad_shape: Any = (2,), op: str = "ApplyAdam", dtype: Any = dtypes.float32) -> Any:
    resource = op.startswith("Resource")
    states = [make_state(n, np.ones(s), dtype, resource) for n, s in (("var", (2,)), ("m", m_shape), ("v", (2,)))]
    half = constant(np.asarray(0.5, dtype.as_numpy_dtype))
    return states, TRAINING_OPS[op](*[s[0] for s in states], *[half] * 6, constant(np.ones(grad_shape), dtype))


def test_static_shapes_must_agree() -> None:
    with Graph().as_default():
        with pytest.raises(ValueError, match="Dimension 0 in both shapes must be equal, but are 2 and 3"):
            adam(grad_shape=(3,))
        with pytest.raises(ValueError, match="Shapes must be equal rank, but are 1 and 2"):
            adam(m_shape=(2, 1))
        _, update = adam()
        assert update.shape.as_list() == [2]


@pytest.mark.parametrize(
    "op, error, message",
    [
        ("ApplyAdam", errors.FailedPreconditionError, "Attempting to use uninitialized value m"),
        ("ResourceApplyAdam", errors.InternalError, "Invalid variable reference."),
    ],
)
def test_uninitialized_slots(op: str, error: Any, message: str) -> None:
    with Graph().as_default(), Session() as session:
        states, update = adam(op=op)
        session.run(states[0][1])
        with pytest.raises(error, match=message):
            session.run(update)


def test_types_without_a_kernel() -> None:
    with Graph().as_default(), Session() as session:
        states, update = adam(dtype=dtypes.int32)
        session.run([s[1] for s in states])
        with pytest.raises(errors.InvalidArgumentError, match="No OpKernel was registered to support Op 'ApplyAdam'"):
            session.run(update)


def test_rows_out_of_range() -> None:
    with Graph().as_default(), Session() as session:
        var = make_state("var", np.ones((3, 2)), dtypes.float32, False)
        accum = make_state("accum", np.ones((3, 2)), dtypes.float32, False)
        update = TRAINING_OPS["SparseApplyAdagrad"](
            var[0], accum[0], 0.1, constant(np.ones((2, 2)), dtypes.float32), constant([1, 3], dtypes.int32)
        )
        session.run([var[1], accum[1]])
        with pytest.raises(errors.InvalidArgumentError, match="Index 3 at offset 1 in indices is out of range"):
            session.run(update)
        np.testing.assert_array_equal(session.run(var[2]), np.ones((3, 2)))


def test_demands_on_scalars() -> None:
    with Graph().as_default(), Session() as session:
        states = [make_state(n, [1.0, 2.0], dtypes.float32, False) for n in ("var", "accum", "linear")]
        grad = constant([0.1, 0.1])
        session.run([s[1] for s in states])
        refs = [s[0] for s in states]
        for scalars, message in [
            ((0.0, 0.0, 0.0, -0.5), "lr is not a positive scalar"),
            ((0.1, -1.0, 0.0, -0.5), "l1 regularization strength is not a non-negative scalar"),
            ((0.1, 0.0, -1.0, -0.5), "l2 regularization strength is not a non-negative scalar"),
            ((0.1, 0.0, 0.0, 0.5), "lr_power is not a non-positive scalar"),
        ]:
            with pytest.raises(errors.InvalidArgumentError, match=message):
                session.run(TRAINING_OPS["ApplyFtrl"](*refs, grad, *scalars))


def test_an_update_with_beta_power_one_is_not_a_python_error() -> None:
    with Graph().as_default(), Session() as session:
        states = [make_state(n, [1.0, 2.0], dtypes.float32, False) for n in ("var", "m", "v")]
        session.run([s[1] for s in states])
        one, half = constant(1.0), constant(0.5)
        update = TRAINING_OPS["ApplyAdam"](
            *[s[0] for s in states], one, half, half, half, half, half, constant([1.0, 1.0])
        )
        assert np.isinf(session.run(update)).all()


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{c['op']}-{c['dtype']}" for i, c in enumerate(CASES)])
def test_scalars_may_stay_tensors(case: dict[str, Any]) -> None:
    """As on an accelerator, where reading a scalar would wait."""
    dtype = dtypes.as_dtype(case["dtype"])
    op = TRAINING_OPS[case["op"]]

    def tensor(value: Any, kind: Any = dtype) -> Any:
        return torch.tensor(value, dtype=kind.torch)

    cells = {}
    for name, value in case["states"].items():
        cells[name] = VariableCell(name, "", dtype, np.shape(value), case["op"].startswith("Resource"))
        cells[name].assign(tensor(value))
    attrs = {**{k: a.default for k, a in op.definition.attrs.items() if a.has_default}, **case["attrs"], "T": dtype}
    node = SimpleNamespace(name="node", _inputs=[SimpleNamespace(_op=SimpleNamespace(_type="Const"))] * 20)
    context = KernelContext(node, attrs, SimpleNamespace(type="accelerator"), None, (), {})
    assert op.build_fn is not None
    kernel = op.build_fn(context)
    assert kernel is not None
    for gradient, want in zip(case["gradients"], case["results"]):
        args = []
        for name in case["order"]:
            if name in cells:
                args.append(cells[name])
            elif name == "indices":
                args.append(tensor(case["indices"], dtypes.int64))
            elif name in case["scalars"]:
                args.append(tensor(case["scalars"][name], dtypes.int64 if name == "global_step" else dtype))
            else:
                args.append(tensor(gradient))
        kernel(*args)
        for cell, theirs in zip(cells.values(), want):
            atol = TOLERANCE[case["dtype"]] * max(1.0, np.nanmax(np.abs(theirs)))
            np.testing.assert_allclose(cell.tensor.numpy(), theirs, rtol=0, atol=atol)
