"""FuncGraph: a graph that is the body of a function, branch or loop. What it uses from outside becomes an input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.build import create_node
from tfcompat.framework.graph import Graph
from tfcompat.framework.op import get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor


class FuncGraph(Graph):
    """A sub-graph with explicit inputs and outputs.

    `inputs` are its placeholders: first the parameters, then one for each captured tensor of the outer graph.
    """

    building_function = True

    def __init__(self, name: str, outer_graph: Graph | None = None) -> None:
        super().__init__()
        self.name = name
        self.outer_graph = stacks.get_default_graph() if outer_graph is None else outer_graph
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.control_outputs: list[Operation] = []
        self.structured_outputs: Any = None
        self._captures: dict[Tensor, Tensor] = {}
        self._captured_by: dict[Tensor, Tensor] = {}
        self._seed = self.outer_graph.seed
        self._attached = self.outer_graph._attached
        self._collections = self.outer_graph._collections
        self._gradient_overrides = dict(self.outer_graph._gradient_overrides)
        self._shared_scopes.devices = list(self.outer_graph._scopes.devices)

    @property
    def captures(self) -> list[tuple[Tensor, Tensor]]:
        """(outer tensor, inner placeholder) in order of capture."""
        return list(self._captures.items())

    @property
    def external_captures(self) -> list[Tensor]:
        return list(self._captures)

    @property
    def internal_captures(self) -> list[Tensor]:
        return list(self._captures.values())

    def add_parameter(self, dtype: Any, shape: Any = None, name: str = "arg") -> Tensor:
        """A new input that the caller gives a value for."""
        t = self._placeholder(dtype, TensorShape(shape), name)
        self.inputs.append(t)
        return t

    def _placeholder(self, dtype: Any, shape: TensorShape, name: str) -> Tensor:
        scopes = self._scopes
        before, scopes.name = scopes.name, ""
        controls, scopes.controls = scopes.controls, []
        try:
            node = create_node(self, get_op("Placeholder"), [], {"dtype": dtype, "shape": shape}, name, (dtype,))
        finally:
            scopes.name, scopes.controls = before, controls
        return node._outputs[0]

    def capture(self, tensor: Tensor, name: str | None = None) -> Tensor:
        """The inner tensor for an outer one; captured through every function graph between."""
        return self._capture(tensor)

    def _capture(self, tensor: Tensor) -> Tensor:
        if tensor._op._graph is self:
            return tensor
        found = self._captures.get(tensor)
        if found is not None:
            return found
        outer = self.outer_graph
        if tensor._op._graph is not outer:
            if not outer.building_function:
                raise ValueError(f"{tensor} must be from the same graph as {outer}.")
            outer._capture(tensor)  # type: ignore[attr-defined]
        dtype = tensor._dtype
        inner = self._placeholder(dtype, tensor.shape, tensor._op._name.rpartition("/")[2] or "captured")
        inner._handle = tensor._handle
        self._captures[tensor] = inner
        self._captured_by[inner] = tensor
        self.inputs.append(inner)
        return inner

    def captured_placeholder(self, outer: Tensor) -> Tensor | None:
        return self._captures.get(outer)

    def captured_tensor(self, inner: Tensor) -> Tensor | None:
        return self._captured_by.get(inner)

    def _as_control_input(self, op: Operation) -> Operation | None:
        return op if op._graph is self else None

    def call_inputs(self, graph: Graph) -> list[Tensor]:
        """The captured tensors as seen in `graph` (captured again where it is a function's itself)."""
        return [t if t._op._graph is graph else graph._capture(t) for t in self._captures]  # type: ignore[attr-defined]


def build(
    name: str, fn: Callable[..., Any], args: Sequence[Any], flatten: Callable[[Any], list[Any]]
) -> FuncGraph:
    """Traces `fn(*args placeholders)`; args are (dtype, shape, name). `flatten` turns its result into tensors."""
    graph = FuncGraph(name)
    with graph.as_default():
        params = [graph.add_parameter(*a) for a in args]
        result = fn(*params)
        graph.structured_outputs = result
        graph.outputs = [graph._capture(t) for t in flatten(result)]
    return graph
