"""The gradient of While: a While that goes through the rounds backwards.

What a round of the backward loop needs from the same round of the forward loop is kept in lists, which become further
loop variables of the forward node. As pushing and popping have gradients too, the result can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.body_graph import BodyGraph
from tfcompat.framework.graph import Graph
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.gradients.engine import is_trainable, zeros_for
from tfcompat.gradients.registry import gradient_rule
from tfcompat.gradients.subgraphs import GradientGraph, input_gradients
from tfcompat.ops import constants, elementwise, loops, shapes
from tfcompat.ops import tensor_lists as lists


def _while_grad(node: Operation, *dys: Any) -> list[Any]:
    if node.__dict__.get("_no_gradient"):
        return [None] * len(node._inputs)
    found = _Backward(node, list(dys)).gradients()
    # The node has more inputs now than when it was asked.
    return found + [None] * (len(node._inputs) - len(found))


_while_grad.takes_none = True  # type: ignore[attr-defined]
loops.while_op.gradient(_while_grad)
loops.stateless_while_op.gradient(_while_grad)


class _LoopGradientGraph(GradientGraph):
    """The body of the backward loop: tensors of a forward round come out of lists."""

    def __init__(self, name: str, outer: Graph, node: Operation, outer_of: dict[Tensor, Tensor]) -> None:
        super().__init__(name, outer, node._attrs["body"], outer_of, self._take)
        self.is_loop = True
        self.node = node
        # For each list: the parameter, the list around the loop, and what is left of it after this round.
        self.taken: list[tuple[Tensor, Tensor, Tensor]] = []

    def _bring(self, tensor: Tensor) -> Tensor:
        if tensor in self.outer_of or tensor._op._type == "Const":
            return super()._bring(tensor)
        return self._take(tensor)

    def _take(self, tensor: Tensor) -> Tensor:
        kept = _kept_in_list(self.node, tensor)
        parameter = self.add_parameter(dtypes.variant, (), "list")
        parameter._handle = kept._handle
        with self.as_default(), self.control_dependencies(None):
            rest, value = lists.tensor_list_pop_back_op(
                parameter, lists.shape_constant(tensor._dims), element_dtype=tensor._dtype.base_dtype
            )
        value._handle = tensor._handle
        self.taken.append((parameter, kept, rest))
        return value  # type: ignore[no-any-return]


def _kept_in_list(node: Operation, tensor: Tensor) -> Tensor:
    """The list, as an output of the forward loop, onto which each round pushes `tensor` of its body."""
    known: dict[Tensor, Tensor] = node.__dict__.setdefault("_lists", {})
    found = known.get(tensor)
    if found is None:
        dtype = tensor._dtype.base_dtype
        found = known[tensor] = loops.append_loop_variable(
            node,
            lambda: lists.empty_list(tensor._dims, dtype),
            lambda before: lists.tensor_list_push_back_op(before, tensor),
        )
    return found


class _Backward:
    """One use of the rule."""

    def __init__(self, node: Operation, dys: list[Any]) -> None:
        self.node = node
        self.body = node._attrs["body"]
        self.params: list[Tensor] = list(self.body.inputs)
        self.results: list[Tensor] = list(self.body.outputs)
        dys += [None] * (len(self.params) - len(dys))
        self.dys = [conversion.to_tensor(dy) if isinstance(dy, IndexedSlices) else dy for dy in dys]
        self.changes = [after is not before for before, after in zip(self.params, self.results, strict=True)]
        self.around = stacks.get_default_graph()
        self.inputs: list[Tensor] = list(node._inputs)
        self.outputs: list[Tensor] = list(node._outputs)

    def gradients(self) -> list[Any]:
        changing, constant = self._reached(_has_gradient)
        out: list[Any] = [None if changes else dy for changes, dy in zip(self.changes, self.dys, strict=True)]
        # A variable that has an effect, but behind stop_gradient, has a gradient of zeros, as in TensorFlow.
        for k in self._reached(lambda node: True)[0]:
            if k not in changing:
                out[k] = zeros_for(self.inputs[k])
        if not changing:
            return out
        outer_of = {
            p: t for p, t, changes in zip(self.params, self.inputs, self.changes, strict=True) if not changes
        }
        graph = _LoopGradientGraph(f"{self.node._name}_grad/body", self.around, self.node, outer_of)
        loop = _LoopVariables(graph, self.around)
        loop.add_counter()
        for k in changing:
            dy = self.dys[k]
            loop.add(zeros_for(self.outputs[k]) if dy is None else dy, self.params[k]._dims, self.params[k]._handle)
        with graph.as_default():
            given = input_gradients(
                graph,
                [self.results[k] for k in changing],
                loop.parameters[1:],
                [self.params[k] for k in changing + constant],
            )
            for k, g in zip(changing, given, strict=False):
                if g is None:
                    g = zeros_for(graph._capture(self.params[k]))
                loop.next.append(graph._capture(conversion.to_tensor(g)))
        sums = [self._summed(loop, p, g) for p, g in zip(constant, given[len(changing) :], strict=True)]
        made = loop.finish(self.node)
        for at, k in enumerate(changing, 1):
            out[k] = made._outputs[at]
        for p, read in zip(constant, sums, strict=True):
            if read is not None:
                found = read(made._outputs)
                out[p] = found if out[p] is None else elementwise.add(out[p], conversion.to_tensor(found))
        return out

    # --- what depends on what ----------------------------------------------------------------------------------

    def _reached(self, passes: Callable[[Operation], bool]) -> tuple[list[int], list[int]]:
        """Positions that a gradient reaches through operations that let it pass.

        Of variables that change, and of those that stay the same.
        """
        position = {t: i for i, t in enumerate(self.params)}
        depends = {
            k: self._sources(t, position, passes)
            for k, t in enumerate(self.results)
            if self.changes[k] and is_trainable(t)
        }
        reached = {k for k in depends if self.dys[k] is not None}
        todo = list(reached)
        while todo:
            for i in depends[todo.pop()]:
                if i not in reached:
                    reached.add(i)
                    if self.changes[i]:
                        todo.append(i)
        changing = sorted(i for i in reached if self.changes[i])
        return changing, sorted(i for i in reached if not self.changes[i])

    def _sources(
        self, result: Tensor, position: dict[Tensor, int], passes: Callable[[Operation], bool]
    ) -> set[int]:
        """The parameters that a result depends on through operations that let gradients pass."""
        found: set[int] = set()
        seen: set[Operation] = set()
        stack = [result]
        while stack:
            t = stack.pop()
            if not is_trainable(t):
                continue
            at = position.get(t)
            if at is not None:
                found.add(at)
                continue
            node = t._op
            if node in seen:
                continue
            seen.add(node)
            if passes(node):
                stack.extend(node._inputs)
        return found

    # --- sums over the rounds ----------------------------------------------------------------------------------

    def _summed(self, loop: _LoopVariables, p: int, gradient: Any) -> Any:
        """Adds up over the rounds what constant p receives; returns a function from the loop's outputs to the sum."""
        if gradient is None:
            return None
        outer = self.inputs[p]
        if isinstance(gradient, IndexedSlices):
            return self._collected(loop, outer, gradient)
        dims = outer._dims if outer._dtype is not dtypes.resource else gradient._dims
        parameter = loop.add(zeros_for(outer), dims, outer._handle if outer._dtype is dtypes.variant else None)
        with loop.graph.as_default():
            loop.next.append(_plus(parameter, gradient))
        at = len(loop.parameters) - 1
        return lambda outputs: outputs[at]

    def _collected(self, loop: _LoopVariables, outer: Tensor, gradient: IndexedSlices) -> Any:
        """The rows of all rounds one after the other."""
        places = []
        indices = conversion.to_tensor(gradient.indices)
        for part in (gradient.values, indices):
            dims = part._dims
            rows = None if dims is None else (None, *dims[1:])
            parameter = loop.add(lists.empty_list(rows, part.dtype), (), None)
            with loop.graph.as_default():
                loop.next.append(lists.tensor_list_push_back_op(parameter, loop.graph._capture(part)))
            places.append((len(loop.parameters) - 1, rows, part.dtype))

        def read(outputs: list[Tensor]) -> IndexedSlices:
            values, rows = (lists.concatenated(outputs[at], dims, dtype) for at, dims, dtype in places)
            if outer._dtype is dtypes.resource:
                from tfcompat.ops.resource_variables import variable_shape

                return IndexedSlices(values, rows, variable_shape(outer))
            return IndexedSlices(values, rows, shapes.shape(outer))

        return read


def _plus(total: Tensor, gradient: Any) -> Tensor:
    gradient = conversion.to_tensor(gradient)
    if total._dtype is dtypes.variant:
        return get_op("AddN")([total, gradient])  # type: ignore[no-any-return]
    return elementwise.add(total, gradient)


def _has_gradient(node: Operation) -> bool:
    try:
        return gradient_rule(node) is not None
    except LookupError:  # the walk raises it, if the gradient really comes through here
        return True


class _LoopVariables:
    """Parameters, first and next values of the backward loop."""

    def __init__(self, graph: _LoopGradientGraph, around: Graph) -> None:
        self.graph = graph
        self.around = around
        self.parameters: list[Tensor] = []
        self.initial: list[Tensor] = []
        self.next: list[Tensor] = []

    def add(self, initial: Tensor, dims: Any, handle: Any) -> Tensor:
        parameter = self.graph.add_parameter(initial._dtype.base_dtype, TensorShape._from_tuple(dims), "grad")
        parameter._handle = handle
        self.parameters.append(parameter)
        self.initial.append(initial)
        return parameter

    def add_counter(self) -> None:
        parameter = self.add(constants.constant(0, dtypes.int32), (), None)
        with self.graph.as_default():
            self.next.append(elementwise.add(parameter, constants.constant(1, dtypes.int32)))

    def finish(self, node: Operation) -> Operation:
        """The backward loop as a node: as many rounds as `node` has run."""
        graph = self.graph
        for parameter, kept, rest in graph.taken:
            self.parameters.append(parameter)
            self.initial.append(kept)
            self.next.append(rest)
        rounds = loops.trip_count(node)
        test = BodyGraph(f"{node._name}_grad/cond", self.around)
        with test.as_default():
            params = [test.add_parameter(t._dtype, t.shape, "grad") for t in self.parameters]
            test.outputs = [get_op("Less")(params[0], rounds)]
        graph.inputs = self.parameters + [t for t in graph.inputs if graph.captured_tensor(t) is not None]
        graph.outputs = list(self.next)
        captured = loops.align_captures(test, graph)
        inputs = [t if t._op._graph is self.around else self.around._capture(t) for t in self.initial]  # type: ignore[attr-defined]
        return loops.make_while([*inputs, *captured], test, graph, "While")
