"""Calls of functions: PartitionedCall and StatefulPartitionedCall, whose attr is a sub-graph."""

from __future__ import annotations

from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.body_graph import BodyGraph
from tfcompat.framework.build import create_node
from tfcompat.framework.op import KernelContext, Shape, ShapeContext, op
from tfcompat.framework.operation import Operation
from tfcompat.ops import branches


def _results(c: ShapeContext) -> list[Shape]:
    graph = c.attrs["f"]
    if not hasattr(graph, "outputs"):
        return [None] * len(c.attrs["Tout"])
    for i, t in enumerate(graph.outputs):
        if t._handle is not None:
            c.out_handles[i] = t._handle
    return [t._dims for t in graph.outputs]


partitioned_call_op = op("PartitionedCall")(_results)
stateful_partitioned_call_op = op("StatefulPartitionedCall")(_results)


@partitioned_call_op.builder
@stateful_partitioned_call_op.builder
def _call(c: KernelContext) -> Any:
    return c.session.compile_function(c.attrs["f"])


def make_call(graph: BodyGraph, name: str) -> Operation:
    """A node that calls a traced sub-graph on what it captured."""
    around = stacks.get_default_graph()
    inputs = branches.align_inputs([graph])
    attrs = {
        "Tin": [t._dtype.base_dtype for t in inputs],
        "Tout": [t._dtype.base_dtype for t in graph.outputs],
        "f": graph,
    }
    kind = stateful_partitioned_call_op if branches.is_stateful(graph) else partitioned_call_op
    with around.control_dependencies(graph.outer_controls()):
        return create_node(around, kind, list(inputs), attrs, name, None)


