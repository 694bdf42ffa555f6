"""Functions of elements traced into graphs of their own.

Source: TF 1.15, python/data/ops/dataset_ops.py (StructuredFunctionWrapper), python/framework/function.py (capture by value).
"""

from __future__ import annotations

import functools
import itertools
import warnings
from collections.abc import Callable
from typing import Any

from tfcompat.data import nest, structure
from tfcompat.framework import conversion
from tfcompat.framework.build import create_node
from tfcompat.framework.func_graph import FuncGraph
from tfcompat.framework.tensor import Tensor

_numbers = itertools.count()


def _name_of(func: Callable[..., Any]) -> str:
    while isinstance(func, functools.partial):
        func = func.func
    return getattr(func, "__name__", None) or type(func).__name__


class TracedFunction:
    """A Python function of elements, called once with placeholders.

    `graph` is what it does, `captured` the tensors from around it that it uses, `output_structure` what it gives.
    Raises: TypeError when its result cannot be an element.
    """

    def __init__(self, func: Callable[..., Any], transformation: str, input_structure: Any) -> None:
        readable = transformation.replace(".", "_").removesuffix("()")
        self.graph = FuncGraph(f"__inference_{readable}_{_name_of(func)}_{next(_numbers)}")
        graph = self.graph
        graph._seed_used = False  # type: ignore[attr-defined]
        with graph.as_default():
            params = [
                graph.add_parameter(spec.dtype, spec.shape, f"args_{i}")
                for i, spec in enumerate(structure.flat_specs(input_structure))
            ]
            args = structure.from_compatible_tensors(input_structure, params)
            result = func(*args) if type(args) is tuple else func(args)
            if isinstance(result, list):
                result = tuple(result)
            try:
                self.output_structure = structure.spec_of(result)
            except (ValueError, TypeError):
                raise TypeError(
                    f"Unsupported return value from function passed to {transformation}: {result}."
                ) from None
            tensors = structure.to_tensors(self.output_structure, result)
            graph.outputs = [graph._capture(conversion.convert_to_tensor(t)) for t in tensors]
        graph.structured_outputs = result
        if graph.seed and graph.seed == graph.outer_graph.seed and graph._seed_used:  # type: ignore[attr-defined]
            warnings.warn(
                f"Seed {graph.seed} from outer graph might be getting used by function {readable}_{_name_of(func)}, if the "
                "random op has not been provided any seed. Explicitly set the seed in the function if this is not the "
                "intended behavior.",
                stacklevel=4,
            )
        # What has an effect happens although nothing in the result needs it.
        graph.control_outputs = [n for n in graph._nodes_by_id.values() if _has_effect(n)]

    @property
    def captured(self) -> list[Tensor]:
        return self.graph.external_captures

    @property
    def output_types(self) -> Any:
        return structure.legacy_types(self.output_structure)

    @property
    def output_shapes(self) -> Any:
        return structure.legacy_shapes(self.output_structure)

    @property
    def output_classes(self) -> Any:
        return structure.legacy_classes(self.output_structure)


def _has_effect(node: Any) -> bool:
    kind = node._type
    if kind in ("Placeholder", "VarHandleOp") or kind.endswith("Dataset") or kind.startswith("Random"):
        return False
    return bool(node._decl.is_stateful)


def trace_with_state(
    func: Callable[..., Any], transformation: str, state: Any, element: Any, has_output: bool, what: str
) -> tuple[TracedFunction, Any]:
    """A function of (state, element) that gives the next state (`has_output`: and a value), and the state's structure.

    Traced again with less known of the state's shape until the next state fits.
    Raises: TypeError when class or type of the state changes.
    """
    while True:
        traced = TracedFunction(func, transformation, (state, element))
        after: Any = traced.output_structure
        if has_output:
            if not (nest.is_sequence(after) and isinstance(after, tuple) and len(after) == 2):
                raise TypeError("The scan function must return a pair comprising the new state and the output value.")
            after = after[0]
        for name, of in (("classes", structure.legacy_classes), ("types", structure.legacy_types)):
            old, new = of(state), of(after)
            for a, b in zip(nest.flatten(new), nest.flatten(old), strict=False):
                if not issubclass(a, b) if name == "classes" and isinstance(a, type) else a != b:
                    raise TypeError(
                        f"The element {name} for the new state must match the initial state. Expected {old}; got {new}."
                    )
        shapes = structure.legacy_shapes(state)
        flat = nest.flatten(shapes)
        weak = [
            a.most_specific_compatible_shape(b)
            for a, b in zip(flat, nest.flatten(structure.legacy_shapes(after)), strict=False)
        ]
        if all(a.ndims is None or a._tuple == b._tuple for a, b in zip(flat, weak, strict=False)):
            return traced, state
        state = structure.from_legacy(
            structure.legacy_types(state), nest.pack_sequence_as(shapes, [*weak, *flat[len(weak) :]]), structure.legacy_classes(state)
        )


class StatefulCapture(ValueError):
    """A node that keeps state was asked for by value."""


def function_by_value(name: str, finish: Callable[[Callable[[Tensor], Tensor]], Tensor]) -> FuncGraph:
    """A function without inputs: nodes from around it are copied into it.

    `finish(copy)` builds the output; `copy(tensor)` is the copy of an outer tensor.
    Raises: ValueError for a placeholder; StatefulCapture for a node with state that makes no dataset.
    """
    graph = FuncGraph(f"{name}_{next(_numbers)}")
    copies: dict[Any, Any] = {}

    def copy_node(node: Any) -> Any:
        todo = [node]
        while todo:
            top = todo[-1]
            missing = [t._op for t in top._inputs if t._op not in copies]
            if top in copies:
                todo.pop()
            elif missing:
                todo.extend(missing)
            else:
                copies[todo.pop()] = _copied(graph, top, copies)
        return copies[node]

    with graph.as_default(), graph.control_dependencies(None):
        graph.outputs = [finish(lambda t: copy_node(t._op)._outputs[t._index])]
    return graph


def _copied(graph: FuncGraph, node: Any, copies: dict[Any, Any]) -> Any:
    if node._type in ("Placeholder", "PlaceholderV2"):
        raise ValueError(f"Cannot capture a placeholder (name:{node.name}, type:{node._type}) by value.")
    makes_dataset = len(node._outputs) == 1 and node._outputs[0]._dtype.name == "variant"
    if node._decl.definition.is_stateful and not makes_dataset:
        raise StatefulCapture(f"Cannot capture a stateful node (name:{node.name}, type:{node._type}) by value.")
    inputs = [copies[t._op]._outputs[t._index] for t in node._inputs]
    types = [t._dtype for t in node._outputs]
    return create_node(graph, node._decl, inputs, dict(node._attrs), node._name, types)


