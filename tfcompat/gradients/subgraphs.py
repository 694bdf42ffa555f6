"""The gradient of a sub-graph, as a sub-graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework.body_graph import BodyGraph
from tfcompat.framework.build import create_node
from tfcompat.framework.graph import Graph
from tfcompat.framework.tensor import Tensor
from tfcompat.gradients import engine


class GradientGraph(BodyGraph):
    """A graph that uses tensors of a forward sub-graph beside it.

    What it needs of them comes in through `fetch`: called with a tensor that the forward graph computes, it returns a
    tensor around both graphs that has its value. Constants are copied, inputs are looked up in `outer_of`.
    """

    def __init__(
        self,
        name: str,
        outer_graph: Graph,
        forward: Any,
        outer_of: dict[Tensor, Tensor],
        fetch: Callable[[Tensor], Tensor],
    ) -> None:
        super().__init__(name, outer_graph)
        self.forward = forward
        self.outer_of = outer_of
        self.fetch = fetch
        self.copies: dict[Tensor, Tensor] = {}

    def _capture(self, tensor: Tensor) -> Tensor:
        if tensor._op._graph is not self.forward:
            return super()._capture(tensor)
        found = self.copies.get(tensor)
        if found is None:
            found = self.copies[tensor] = self._bring(tensor)
        return found

    def _bring(self, tensor: Tensor) -> Tensor:
        outer = self.outer_of.get(tensor)
        if outer is not None:
            return super()._capture(outer)
        node = tensor._op
        if node._type == "Const":
            return create_node(self, node._decl, [], dict(node._attrs), "Const", (tensor._dtype,))._outputs[0]
        made = super()._capture(self.fetch(tensor))
        made._dims = tensor._dims
        return made


def input_gradients(graph: GradientGraph, ys: Sequence[Tensor], dys: Sequence[Any], xs: Sequence[Tensor]) -> list[Any]:
    """The gradients (tensors of `graph`, IndexedSlices or None) of the forward graph's xs, given those of its ys.

    To be called with `graph` as the default graph.
    """
    pairs = [(y, dy) for y, dy in zip(ys, dys, strict=True) if dy is not None]
    return engine.between(graph, [y for y, _ in pairs], [dy for _, dy in pairs], xs)
