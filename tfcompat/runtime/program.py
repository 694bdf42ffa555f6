"""Program: the private slice of a graph that one (fetches, feeds) pair needs. Passes rewrite it, never the graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework.dtypes import DType
from tfcompat.framework.graph import Graph
from tfcompat.framework.op import Op, Shape
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor


class Value:
    """One tensor of a program: what is known of it, and its value when it is a constant."""

    __slots__ = ("const", "dims", "dtype", "handle", "instr", "name")

    def __init__(self, name: str, dtype: DType, dims: Shape, handle: Any = None) -> None:
        self.name = name
        self.dtype = dtype
        self.dims = dims
        self.handle = handle
        self.const: np.ndarray | None = None
        self.instr: Instr | None = None

    def __repr__(self) -> str:
        return f"<{self.name} {self.dtype.name} {self.dims}>"


class Instr:
    """One op to run: the node it came from stays attached for errors and profiles."""

    __slots__ = ("after", "attrs", "inputs", "node", "op", "outputs")

    def __init__(
        self, node: Operation, op: Op, attrs: dict[str, Any], inputs: list[Value], outputs: list[Value]
    ) -> None:
        self.node = node
        self.op = op
        self.attrs = attrs
        self.inputs = inputs
        self.outputs = outputs
        for v in outputs:
            v.instr = self

    def __repr__(self) -> str:
        return f"<{self.op.type} {self.node._name}>"


class Program:
    """Instructions in running order, the values fed to them, and the values fetched.

    `ordered` are the nodes that somebody waits for or asked to run: they run even when nobody reads their outputs,
    since what they check may fail. `required` are results of conditionals and loops that such nodes depend on: their
    side effects happen.
    """

    __slots__ = ("feeds", "fetches", "graph", "instrs", "ordered", "required")

    def __init__(
        self,
        graph: Graph,
        instrs: list[Instr],
        feeds: list[Value],
        fetches: list[Value],
        ordered: Iterable[Operation] = (),
        required: Iterable[Value] = (),
    ) -> None:
        self.graph = graph
        self.required = frozenset(required)
        self.ordered = frozenset(ordered)
        self.instrs = instrs
        self.feeds = feeds
        self.fetches = fetches

    def replace(self, instrs: list[Instr]) -> Program:
        return Program(self.graph, instrs, self.feeds, self.fetches, self.ordered, self.required)


def needed_nodes(targets: Iterable[Operation], fed: set[Tensor]) -> list[Operation]:
    """The nodes that must run, in running order.

    Order of creation is an order of dependency as long as nobody edited the graph; and it is the order in which the
    program was written, which is what side effects without explicit dependencies get.
    """
    seen: set[Operation] = set()
    stack = list(targets)
    in_order = True
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        for t in node._inputs:
            if t not in fed:
                source = t._op
                if source not in seen:
                    stack.append(source)
                if source._id >= node._id:
                    in_order = False
        for c in node._control_inputs:
            if _is_fed_placeholder(c, fed):
                continue
            if c not in seen:
                stack.append(c)
            if c._id >= node._id:
                in_order = False
    nodes = sorted(seen, key=lambda n: n._id)
    return nodes if in_order else _topological(nodes, fed)


def _is_fed_placeholder(node: Operation, fed: set[Tensor]) -> bool:
    """A placeholder whose value is given does not run; waiting for it is no wait."""
    return node._type in ("Placeholder", "PlaceholderV2") and node._outputs[0] in fed


def _topological(nodes: list[Operation], fed: set[Tensor]) -> list[Operation]:
    """Dependencies first, otherwise by creation. Raises ValueError for a cycle."""
    done: dict[Operation, bool] = {}
    out: list[Operation] = []
    for root in nodes:
        if root in done:
            continue
        stack = [(root, iter(_dependencies(root, fed)))]
        done[root] = False
        while stack:
            node, rest = stack[-1]
            for dep in rest:
                state = done.get(dep)
                if state is None:
                    done[dep] = False
                    stack.append((dep, iter(_dependencies(dep, fed))))
                    break
                if state is False:
                    raise ValueError(f"the graph has a cycle through {dep._name} and {node._name}")
            else:
                done[node] = True
                out.append(node)
                stack.pop()
    return out


def _dependencies(node: Operation, fed: set[Tensor]) -> list[Operation]:
    # A loop of an imported graph is a cycle: its NextIteration runs after the Merge that reads it.
    deps = {t._op for t in node._inputs if t not in fed and t._op._type not in ("NextIteration", "RefNextIteration")}
    deps.update(c for c in node._control_inputs if not _is_fed_placeholder(c, fed))
    return sorted(deps, key=lambda n: n._id)


def make_program(
    graph: Graph, fetches: Sequence[Tensor], targets: Sequence[Operation], feeds: Sequence[Tensor]
) -> Program:
    """The program that computes `fetches` and runs `targets`, with `feeds` given from outside."""
    fed = set(feeds)
    values: dict[Tensor, Value] = {}
    for t in feeds:
        # A function's input may be a reference; what a user feeds for one is a plain value.
        dtype = t._dtype if graph.building_function else t._dtype.base_dtype
        values[t] = Value(t.name, dtype, t._dims, t._handle)
    roots = [t._op for t in fetches if t not in fed]
    roots.extend(targets)
    instrs = []
    ordered = set(targets)
    late: dict[Tensor, Value] = {}  # read before they are made: what goes around a loop
    for node in needed_nodes(roots, fed):
        ordered.update(node._control_inputs)
        for t in node._inputs:
            if t not in values:
                late[t] = values[t] = Value(t.name, t._dtype, t._dims, t._handle)
        inputs = [values[t] for t in node._inputs]
        outputs = []
        for t in node._outputs:
            v = late.pop(t, None) or Value(t.name, t._dtype, t._dims, t._handle)
            outputs.append(v)
            # A fed tensor keeps the fed value although its node runs for another output or a target.
            values.setdefault(t, v)
        instrs.append(Instr(node, node._decl, node._attrs, inputs, outputs))
    required: list[Value] = []
    if any(_runs_sub_graph(instr.node) for instr in instrs):
        required = [values[t] for t in _results_waited_for(ordered, fed)]
    return Program(graph, instrs, [values[t] for t in feeds], [values[t] for t in fetches], ordered, required)


# Passes narrow these to the outputs that are needed.
SUB_GRAPH_OPS = frozenset(("While", "StatelessWhile", "If", "StatelessIf", "Case"))


def _runs_sub_graph(node: Operation) -> bool:
    return node._type in SUB_GRAPH_OPS and node._decl.is_stateful


def _results_waited_for(ordered: Iterable[Operation], fed: set[Tensor]) -> list[Tensor]:
    """Results of conditionals and loops with side effects that `ordered` nodes depend on."""
    found: list[Tensor] = []
    seen: set[Operation] = set()
    stack = list(ordered)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        for t in node._inputs:
            if t not in fed:
                stack.append(t._op)
                if _runs_sub_graph(t._op):
                    found.append(t)
    return found
