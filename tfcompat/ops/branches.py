"""If, Case: ops whose attrs are sub-graphs of which one runs. Public functions are in control_flow.py."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.body_graph import BodyGraph, uncounted
from tfcompat.framework.build import create_node
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor, dims_of


def branches_of(node_or_attrs: Any) -> list[Any]:
    """The sub-graphs of an If or Case in the order of the index that picks one (for If: then, else)."""
    attrs = getattr(node_or_attrs, "_attrs", node_or_attrs)
    if "branches" in attrs:
        return list(attrs["branches"])
    if "f" in attrs:  # a call is a choice of one
        return [attrs["f"]]
    return [attrs["then_branch"], attrs["else_branch"]]


def merged_shape(shapes: Sequence[Shape]) -> Shape:
    """What is known of a value that has one of these shapes."""
    first = shapes[0]
    if first is None or any(s is None or len(s) != len(first) for s in shapes):
        return None
    return tuple(d if all(s[i] == d for s in shapes) else None for i, d in enumerate(first))  # type: ignore[index]


def _branch_shapes(c: ShapeContext) -> list[Shape]:
    graphs = branches_of(c.attrs)
    if not all(hasattr(g, "outputs") for g in graphs):
        given = c.attrs.get("output_shapes") or []
        return [dims_of(s) for s in given] if given else [None] * len(c.attrs["Tout"])
    for i in range(len(graphs[0].outputs)):
        handles = [g.outputs[i]._handle for g in graphs]
        if handles[0] is not None and all(h is not None and h.dtype is handles[0].dtype for h in handles):
            c.out_handles[i] = handles[0]
    positions = c.attrs.get("_kept_out", range(len(graphs[0].outputs)))
    return [merged_shape([g.outputs[i]._dims for g in graphs]) for i in positions]


if_op = op("If", host=("cond",))(_branch_shapes)
stateless_if_op = op("StatelessIf", host=("cond",))(_branch_shapes)
case_op = op("Case", host=("branch_index",))(_branch_shapes)


def _compiled(c: KernelContext) -> list[Any]:
    """The branches as callables, over the inputs and outputs that the program kept."""
    made = []
    for g in branches_of(c.attrs):
        inputs, outputs = g.inputs, g.outputs
        if "_kept_in" in c.attrs:
            inputs = [inputs[i] for i in c.attrs["_kept_in"]]
            outputs = [outputs[i] for i in c.attrs["_kept_out"]]
        made.append(c.session.compile_function(g, inputs, outputs))
    return made


@if_op.builder
@stateless_if_op.builder
def _if_kernel(c: KernelContext) -> Any:
    then_branch, else_branch = _compiled(c)

    def run(cond: Any, inputs: list[Any]) -> list[Any]:
        return (then_branch if cond else else_branch)(inputs)  # type: ignore[no-any-return]

    return run


@case_op.builder
def _case_kernel(c: KernelContext) -> Any:
    branches = _compiled(c)
    last = len(branches) - 1

    def run(branch_index: int, inputs: list[Any]) -> list[Any]:
        return branches[branch_index if 0 <= branch_index <= last else last](inputs)  # type: ignore[no-any-return]

    return run


@op("FakeParam")
def fake_param_op(c: ShapeContext) -> Shape:
    return dims_of(c.attrs["shape"])


@fake_param_op.builder
def _fake(c: KernelContext) -> Any:
    """Stands for a value that exists only when another branch runs. Nobody uses it, but gradients may add zeros like it."""
    dtype = c.attrs["dtype"]
    value: Any = None
    if dtype.torch is not None:
        value = torch.zeros((), dtype=dtype.torch, device=c.device)
    elif dtype is dtypes.string:
        value = np.array(b"", object)
    return lambda: value


fake_param_op.gradient(NOT_DIFFERENTIABLE)


def align_inputs(graphs: Sequence[BodyGraph]) -> list[Tensor]:
    """Gives all branches the same inputs, in the same order; returns the outer tensors to pass."""
    outer = list(dict.fromkeys(t for g in graphs for t in g.external_captures))
    for g in graphs:
        have = dict(g.captures)
        g.inputs = [have[t] if t in have else g.add_unused_parameter(t) for t in outer]
    return outer


def is_stateful(graph: Any) -> bool:
    """Whether running the sub-graph could have an effect, or depend on more than its inputs."""
    return any(node._decl.is_stateful for node in graph._nodes_by_id.values()) or any(
        t._dtype._is_ref_dtype or t._dtype.name == "resource" for t in graph.inputs
    )


def make_if(pred: Tensor, then_branch: BodyGraph, else_branch: BodyGraph, name: str) -> Operation:
    """The If node over two traced branches whose outputs agree in number and dtypes. It is not counted."""
    return _make(
        if_op,
        stateless_if_op,
        pred,
        [then_branch, else_branch],
        name,
        {"Tcond": pred._dtype.base_dtype, "then_branch": then_branch, "else_branch": else_branch},
    )


def make_case(index: Tensor, branches: Sequence[BodyGraph], name: str) -> Operation:
    """The Case node over traced branches."""
    return _make(case_op, case_op, index, branches, name, {"branches": list(branches)})


def _make(
    stateful: Op, stateless: Op, choice: Tensor, graphs: Sequence[BodyGraph], name: str, attrs: dict[str, Any]
) -> Operation:
    graph = stacks.get_default_graph()
    inputs = align_inputs(graphs)
    outputs = graphs[0].outputs
    if any(len(g.outputs) != len(outputs) for g in graphs):
        raise ShapeError("branches differ in the number of their outputs")
    attrs["Tin"] = [t._dtype.base_dtype for t in inputs]
    attrs["Tout"] = [t._dtype.base_dtype for t in outputs]
    attrs["output_shapes"] = [
        TensorShape._from_tuple(merged_shape([g.outputs[i]._dims for g in graphs])) for i in range(len(outputs))
    ]
    kind = stateful if any(is_stateful(g) for g in graphs) else stateless
    controls = list(dict.fromkeys(c for g in graphs for c in g.outer_controls()))
    with (
        uncounted(graph) if attrs.get("branches") is None else contextlib.nullcontext(),
        graph.control_dependencies(controls),
    ):
        return create_node(graph, kind, [choice, *inputs], attrs, name, None)


def append_output(node: Operation, outputs: Sequence[Tensor]) -> Tensor:
    """Adds an output to an If or Case: one tensor of each branch. Returns the node's new output."""
    attrs = node._attrs
    dtype = outputs[0]._dtype.base_dtype
    for g, t in zip(branches_of(node), outputs, strict=True):
        g.outputs.append(t)
    made = Tensor(node, len(node._outputs), dtype)
    made._dims = merged_shape([t._dims for t in outputs])
    made._handle = outputs[0]._handle
    attrs["Tout"] = [*attrs["Tout"], dtype]
    if "output_shapes" in attrs:
        attrs["output_shapes"] = [*attrs["output_shapes"], made.shape]
    node._outputs.append(made)
    node._graph._note_edit()
    return made
