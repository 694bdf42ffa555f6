"""Gradients of If and Case: the same choice between the gradients of the branches; of a call: a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.body_graph import uncounted
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor
from tfcompat.gradients.engine import is_trainable, zeros_for
from tfcompat.gradients.subgraphs import GradientGraph, input_gradients
from tfcompat.ops import arrays, branches, calls, casting, constants, shapes


def _choice_grad(node: Operation, *dys: Any) -> list[Any]:
    dys = tuple(conversion.to_tensor(dy) if isinstance(dy, IndexedSlices) else dy for dy in dys)
    around = stacks.get_default_graph()
    choices = 0 if "f" in node._attrs else 1  # inputs before those of the branches
    graphs = []
    found = []
    for i, forward in enumerate(branches.branches_of(node)):
        outer_of = dict(zip(forward.inputs, node._inputs[choices:], strict=True))
        graph = GradientGraph(f"{node._name}_grad/branch{i}", around, forward, outer_of, _fetcher(node, i))
        with graph.as_default():
            xs = [t for t in forward.inputs if is_trainable(t)]
            found.append(dict(zip(xs, input_gradients(graph, forward.outputs[: len(dys)], dys, xs), strict=True)))
        graphs.append(graph)
    out = _Outputs(graphs)
    for forward_inputs in zip(*(g.forward.inputs for g in graphs), strict=True):
        out.add(forward_inputs, [d.get(t) for d, t in zip(found, forward_inputs, strict=True)])
    if not out.readers:
        return [None] * len(node._inputs)
    if "f" in node._attrs:
        made = calls.make_call(graphs[0], node._type)
    elif "then_branch" in node._attrs:
        made = branches.make_if(node._inputs[0], graphs[0], graphs[1], "If")
    else:
        made = branches.make_case(node._inputs[0], graphs, "Case")
    results: list[Any] = [None] * choices
    results.extend(None if read is None else read(made._outputs) for read in out.per_input)
    return results


_choice_grad.takes_none = True  # type: ignore[attr-defined]
branches.if_op.gradient(_choice_grad)
branches.stateless_if_op.gradient(_choice_grad)
branches.case_op.gradient(_choice_grad)
calls.partitioned_call_op.gradient(_choice_grad)
calls.stateful_partitioned_call_op.gradient(_choice_grad)


def _fetcher(node: Operation, index: int) -> Callable[[Tensor], Tensor]:
    """Gives out a tensor of branch `index` as an output of the node; the other branches have nothing there."""
    made: dict[Tensor, Tensor] = node.__dict__.setdefault("_intermediates", {})

    def fetch(tensor: Tensor) -> Tensor:
        found = made.get(tensor)
        if found is None:
            each = []
            for i, graph in enumerate(branches.branches_of(node)):
                if i == index:
                    each.append(tensor)
                    continue
                with graph.as_default(), uncounted(graph), graph.control_dependencies(None):
                    each.append(branches.fake_param_op(dtype=tensor._dtype.base_dtype, shape=tensor.shape))
            found = made[tensor] = branches.append_output(node, each)
            found._handle = tensor._handle
        return found

    return fetch


class _Outputs:
    """Collects what the gradient branches return, so that all return the same kinds of things in the same order."""

    def __init__(self, graphs: list[GradientGraph]) -> None:
        self.graphs = graphs
        self.per_input: list[Any] = []

    @property
    def readers(self) -> list[Any]:
        return [r for r in self.per_input if r is not None]

    def add(self, inputs: tuple[Tensor, ...], gradients: list[Any]) -> None:
        given = [g for g in gradients if g is not None]
        if not given:
            self.per_input.append(None)
        elif all(isinstance(g, IndexedSlices) for g in given):
            self.per_input.append(self._add_slices(inputs, gradients))
        else:
            self.per_input.append(self._add_dense(inputs, gradients))

    def _append(self, values: list[Tensor]) -> int:
        for graph, value in zip(self.graphs, values, strict=True):
            graph.outputs.append(graph._capture(value))
        return len(self.graphs[0].outputs) - 1

    def _add_dense(self, inputs: tuple[Tensor, ...], gradients: list[Any]) -> Callable[[list[Tensor]], Tensor]:
        values = []
        for graph, x, g in zip(self.graphs, inputs, gradients, strict=True):
            with graph.as_default():
                values.append(zeros_for(graph._capture(x)) if g is None else conversion.to_tensor(g))
        at = self._append(values)
        return lambda outputs: outputs[at]

    def _add_slices(self, inputs: tuple[Tensor, ...], gradients: list[Any]) -> Callable[[list[Tensor]], IndexedSlices]:
        """Rows from each branch; a branch without a gradient has no rows."""
        first = next(g for g in gradients if g is not None)
        index_types = {g.indices.dtype for g in gradients if g is not None}
        index_type = dtypes.int64 if len(index_types) > 1 else first.indices.dtype
        parts: list[tuple[Tensor, Tensor, Tensor]] = []
        for graph, x, g in zip(self.graphs, inputs, gradients, strict=True):
            with graph.as_default():
                shape = _dense_shape(graph._capture(x), g)
                if g is None:
                    row: Tensor = shape[1:]  # type: ignore[index]
                    empty = arrays.concat([constants.constant([0]), row], 0)
                    parts.append((shapes.zeros(empty, first.values.dtype), shapes.zeros([0], index_type), shape))
                else:
                    indices = g.indices if g.indices.dtype == index_type else casting.cast(g.indices, index_type)
                    parts.append((g.values, conversion.to_tensor(indices), shape))
        at = [self._append([p[i] for p in parts]) for i in range(3)]
        return lambda outputs: IndexedSlices(outputs[at[0]], outputs[at[1]], outputs[at[2]])


def _dense_shape(x: Tensor, g: Any) -> Tensor:
    if g is not None and g.dense_shape is not None:
        return casting.cast(conversion.to_tensor(g.dense_shape), dtypes.int32)  # type: ignore[no-any-return]
    if x._dtype is dtypes.resource:
        from tfcompat.ops.resource_variables import variable_shape

        return variable_shape(x)  # type: ignore[no-any-return]
    return shapes.shape(x)
