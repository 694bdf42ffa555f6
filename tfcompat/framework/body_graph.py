"""BodyGraph: the graph of a branch or a loop's body, which counts and names its nodes as part of the graph around it.

TensorFlow 1.15 puts the nodes of a branch into the main graph. Programs notice that through names (`cond/add`), through
collections and variables, and through op seeds, which are derived from the number of nodes made so far. So a BodyGraph
shares all of these with its outer graph, and `count_nodes` stands for nodes that TensorFlow makes and we do not need.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

from tfcompat.framework.build import create_node
from tfcompat.framework.func_graph import FuncGraph
from tfcompat.framework.graph import Graph
from tfcompat.framework.op import Op, get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor


class BodyGraph(FuncGraph):
    """A sub-graph that belongs to one node (a branch of If, the body of While) of `outer_graph`."""

    is_loop = False  # the body of a loop says True
    _root: Graph | None = None
    _own_count = 0

    def __init__(self, name: str, outer_graph: Graph | None = None, counted: bool = True) -> None:
        """`counted=False`: names and numbers of nodes are the graph's own, as in TensorFlow's functions."""
        super().__init__(name, outer_graph)
        outer = self.outer_graph
        if counted:
            root = outermost(outer)
            self._root = root
            self._lock = root._lock
            self._names_in_use = root._names_in_use
            self._nodes_by_name = root._nodes_by_name
        self._functions = outer._functions
        self._container = outer._container
        self._attr_scopes = dict(outer._attr_scopes)
        self._kernel_labels = dict(outer._kernel_labels)
        self._original_op = outer._original_op
        scopes, around = self._shared_scopes, outer._scopes
        if counted:
            scopes.name = around.name
        scopes.colocations = list(around.colocations)
        # Nodes outside that nodes inside want to run after, and what stands for them inside.
        self._outer_controls: dict[Operation, Operation] = {}
        self.captures_counted = True
        # For the parameters of a loop: what they are in the first round.
        self.initial_of: dict[Tensor, Tensor] = {}
        # A graph whose captures stand for the same nodes: the condition of a loop, for its body.
        self.counted_by: BodyGraph | None = None

    @property
    def in_loop(self) -> bool:
        """Whether this is part of the body of a loop."""
        return self.is_loop or in_loop(self.outer_graph)

    # The counter lives in the outermost graph; Graph.__init__ sets it before there is one.
    @property
    def _next_id_counter(self) -> int:
        return self._own_count if self._root is None else self._root._next_id_counter

    @_next_id_counter.setter
    def _next_id_counter(self, value: int) -> None:
        if self._root is None:
            self._own_count = value
        else:
            self._root._next_id_counter = value

    def _note_edit(self) -> None:
        super()._note_edit()
        self.outer_graph._note_edit()

    def _check_not_finalized(self) -> None:
        super()._check_not_finalized()
        if self._root is not None:
            self._root._check_not_finalized()

    def _add_node(self, decl: Op, inputs: list[Tensor], output_types: Any, attrs: Any, name: str) -> Operation:
        node = super()._add_node(decl, inputs, output_types, attrs, name)
        if self._root is not None:
            self._root._unfetchable.add(node)
        return node

    def _placeholder(self, dtype: Any, shape: TensorShape, name: str) -> Tensor:
        scopes = self._scopes
        controls, scopes.controls = scopes.controls, []
        colocations, scopes.colocations = scopes.colocations, []
        attrs = {"dtype": dtype, "shape": shape}
        full = f"{self.name}/{name}_{len(self._nodes_by_id)}/"
        try:
            with contextlib.nullcontext() if self.captures_counted else uncounted(self):
                node = create_node(self, get_op("Placeholder"), [], attrs, full, (dtype,))
        finally:
            scopes.controls, scopes.colocations = controls, colocations
        return node._outputs[0]

    def _capture(self, tensor: Tensor) -> Tensor:
        node = tensor._op
        if node._type == "Const" and isinstance(node._graph, BodyGraph) and not self._is_around(node._graph):
            # TensorFlow lets a branch use tensors of the other one; with constants that makes sense.
            loop = node._graph
            while loop is not None and not loop.is_loop:
                loop = loop.outer_graph if isinstance(loop.outer_graph, BodyGraph) else None  # type: ignore[assignment]
            if loop is None or loop is self.counted_by or self._is_around(loop):
                with uncounted(self):
                    return create_node(self, node._decl, [], dict(node._attrs), "Const", (tensor._dtype,))._outputs[0]
        other = self.counted_by
        if other is None or not self.captures_counted or tensor not in other._captures:
            return super()._capture(tensor)
        self.captures_counted = False
        try:
            return super()._capture(tensor)
        finally:
            self.captures_counted = True

    def _is_around(self, graph: Graph) -> bool:
        own: Any = self
        while own is not None and own is not graph:
            own = own.outer_graph if own.building_function else None
        return own is graph

    def _as_control_input(self, op: Operation) -> Operation | None:
        if op._graph is self:
            return op
        found = self._outer_controls.get(op)
        if found is None:
            scopes = self._scopes
            controls, scopes.controls = scopes.controls, []
            try:
                with uncounted(self):
                    found = create_node(self, get_op("NoOp"), [], {}, f"{self.name}/after_{len(self._outer_controls)}/", ())
            finally:
                scopes.controls = controls
            self._outer_controls[op] = found
        return found

    def outer_controls(self) -> list[Operation]:
        """Nodes outside that the outputs have to wait for; the node that owns this graph waits for them."""
        if not self._outer_controls:
            return []
        seen: set[Operation] = set()
        stack = [t._op for t in self.outputs]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(t._op for t in node._inputs)
                stack.extend(node._control_inputs)
        return [outer for outer, inner in self._outer_controls.items() if inner in seen]

    def named_parameter(self, dtype: Any, shape: TensorShape, name: str) -> Tensor:
        """A parameter whose name is final."""
        node = create_node(self, get_op("Placeholder"), [], {"dtype": dtype, "shape": shape}, name + "/", (dtype,))
        self.inputs.append(node._outputs[0])
        return node._outputs[0]

    def add_unused_parameter(self, like: Tensor) -> Tensor:
        """An input that nothing reads, for a tensor that only the other branch needs."""
        with uncounted(self):
            t = self._placeholder(like._dtype, like.shape, "unused")
        t._handle = like._handle
        return t


def count_nodes(graph: Graph, n: int) -> None:
    """Counts n nodes that TensorFlow would have made here."""
    graph._next_id_counter += n


# Ids of nodes that are not counted: an id n is followed by n + k * _STEP, and what is put before such a node has
# id - _STEP / 2 + k * _FINE. A double holds this exactly for a million nodes.
_STEP = 2.0**-14
_FINE = 2.0**-31


@contextlib.contextmanager
def uncounted(graph: Graph) -> Iterator[None]:
    """A block whose nodes (of `graph`) TensorFlow does not make: the count stays, their ids lie in between."""
    before = graph._next_id_counter
    first = len(graph._nodes_by_id)
    try:
        yield
    finally:
        nodes = graph._nodes_by_id
        made = _newest(nodes, len(nodes) - first)
        graph._next_id_counter = before
        place = before + _STEP
        while place in nodes:
            place += _STEP
        for node in made:
            _give_id(node, place)
            place += _STEP


@contextlib.contextmanager
def insert_before(node: Operation) -> Iterator[None]:
    """A block whose nodes (of the graph of `node`) come before `node` in the order of creation, and are not counted."""
    graph = node._graph
    before = graph._next_id_counter
    nodes = graph._nodes_by_id
    first = len(nodes)
    try:
        yield
    finally:
        made = _newest(nodes, len(nodes) - first)
        graph._next_id_counter = before
        place = node._id - _STEP / 2
        while place in nodes:
            place += _FINE
        for new in made:
            _give_id(new, place)
            place += _FINE


def _newest(nodes: dict[int, Operation], count: int) -> list[Operation]:
    """Takes out the `count` nodes added last; returns them in order."""
    made = [nodes.pop(i) for i in list(itertools.islice(reversed(nodes), count))]
    made.reverse()
    return made


def _give_id(node: Operation, place: float) -> None:
    node._id = place  # type: ignore[assignment]
    node._graph._nodes_by_id[place] = node  # type: ignore[index]


def outermost(graph: Graph) -> Graph:
    """The graph that nodes are counted in."""
    return graph._root if isinstance(graph, BodyGraph) and graph._root is not None else graph


def in_loop(graph: Any) -> bool:
    """Whether nodes made in `graph` now are part of the body of a loop."""
    return isinstance(graph, BodyGraph) and graph.in_loop
