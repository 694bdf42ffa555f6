"""Sub-graphs as FunctionDef messages and back: how conditionals, loops and calls are written to files.

Source: TF 1.15, core/framework/function.proto.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tfcompat.framework import op_defs, protos
from tfcompat.framework.body_graph import BodyGraph, outermost
from tfcompat.framework.func_graph import FuncGraph
from tfcompat.framework.graph import Graph
from tfcompat.framework.op_defs import OpDef
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor

_FUNCTION_ATTRS = ("func", "list(func)")


def function_name(graph: FuncGraph) -> str:
    """The name of a sub-graph in the library of the graph it belongs to."""
    found: str | None = graph.__dict__.get("_function_name")
    if found is None:
        base = re.sub(r"\W+", "_", graph.name).strip("_") or "function"
        taken: dict[str, int] = outermost(_main(graph))._attached.setdefault("function_names", {})
        n = taken.get(base, 0)
        while f"{base}_{n}" in graph._functions:
            n += 1
        taken[base] = n + 1
        found = graph.__dict__["_function_name"] = f"{base}_{n}"
    return found


def _main(graph: Graph) -> Graph:
    while graph.building_function:
        graph = graph.outer_graph  # type: ignore[attr-defined]
    return graph


def sub_graphs(nodes: Iterable[Operation]) -> list[FuncGraph]:
    """The sub-graphs that nodes hold as attrs, and those inside them, each once."""
    found: dict[FuncGraph, None] = {}
    stack = list(nodes)
    while stack:
        node = stack.pop()
        for spec in node._decl.definition.attrs.values():
            if spec.type not in _FUNCTION_ATTRS:
                continue
            value = node._attrs.get(spec.name)
            for graph in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(graph, FuncGraph) and graph not in found:
                    found[graph] = None
                    stack.extend(_needed(graph))
    return list(found)


def _needed(graph: FuncGraph) -> list[Operation]:
    """The nodes that a sub-graph's outputs need, in order of creation."""
    seen: set[Operation] = set()
    stack = [t._op for t in graph.outputs]
    stack.extend(graph.control_outputs)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(t._op for t in node._inputs)
            stack.extend(node._control_inputs)
    parameters = {t._op for t in graph.inputs}
    return sorted(seen - parameters, key=lambda n: n._id)


def function_def(graph: FuncGraph) -> Any:
    """A sub-graph as a FunctionDef."""
    from tfcompat.framework.graph_def import node_def

    made = protos.FunctionDef()
    made.signature.name = function_name(graph)
    arguments: dict[Tensor, str] = {}
    for i, t in enumerate(graph.inputs):
        arguments[t] = f"arg_{i}"
        made.signature.input_arg.add(
            name=f"arg_{i}", type=int(t._dtype.base_dtype.as_datatype_enum), is_ref=t._dtype._is_ref_dtype
        )
    parameters = {t._op for t in graph.inputs}
    for node in _needed(graph):
        written = made.node_def.add()
        written.CopyFrom(node_def(node))
        if "_class" in written.attr:  # names nodes outside
            del written.attr["_class"]
        del written.input[:]
        written.input.extend(_reference(t, arguments) for t in node._inputs)
        written.input.extend("^" + c._name for c in node._control_inputs if c not in parameters)
    for i, t in enumerate(graph.outputs):
        made.signature.output_arg.add(name=f"output_{i}", type=int(t._dtype.base_dtype.as_datatype_enum))
        made.ret[f"output_{i}"] = _reference(t, arguments)
    return made


def _reference(t: Tensor, arguments: dict[Tensor, str]) -> str:
    """A tensor as functions name it: an argument, or `node:output:number`."""
    found = arguments.get(t)
    if found is not None:
        return found
    at = t._index
    for arg, n in _output_sizes(t._op._decl.definition, t._op._attrs):
        if at < n:
            return f"{t._op._name}:{arg}:{at}"
        at -= n
    raise AssertionError(f"{t.name} is no output of {t._op._type}")


def _output_sizes(definition: OpDef, attrs: Any) -> list[tuple[str, int]]:
    """(name, number of tensors) of each output argument."""
    out = []
    for arg in definition.outputs:
        n = 1
        if arg.number_attr:
            n = attrs[arg.number_attr]
        elif arg.type_list_attr:
            n = len(attrs[arg.type_list_attr])
        out.append((arg.name, n))
    return out


class ImportedFunction:
    """A function of an imported library. A graph is made of it for each node that uses it."""

    def __init__(self, definition: Any) -> None:
        self.definition = definition
        self.name: str = definition.signature.name

    def types(self, outputs: bool) -> list[Any]:
        """The dtypes of the arguments or results."""
        from tfcompat.framework.dtypes import as_dtype

        args = self.definition.signature.output_arg if outputs else self.definition.signature.input_arg
        return [as_dtype(a.type) for a in args]


def graph_of_function(
    function: ImportedFunction, outer: Graph, given: Sequence[Tensor], dims: Sequence[Any], is_loop: bool
) -> BodyGraph:
    """A sub-graph with the nodes of `function`, whose inputs have the given static shapes."""
    from tfcompat.framework.importer import import_nodes

    definition = function.definition
    graph = BodyGraph(function.name, outer, counted=False)
    graph.is_loop = is_loop
    message = protos.GraphDef()
    names = []
    for i, arg in enumerate(definition.signature.input_arg):
        node = message.node.add(name=arg.name, op="Placeholder")
        node.attr["dtype"].type = arg.type + 100 if arg.is_ref else arg.type
        node.attr["shape"].shape.CopyFrom(_shape_proto(dims[i] if i < len(dims) else None))
        names.append(arg.name)
    sizes: dict[str, list[tuple[str, int]]] = {}
    for node in definition.node_def:
        sizes[node.name] = _sizes_of(node, outer)
    for node in definition.node_def:
        copy = message.node.add()
        copy.CopyFrom(node)
        if "_class" in copy.attr:
            del copy.attr["_class"]
        del copy.input[:]
        copy.input.extend(_flat_reference(text, sizes) for text in node.input)
    with graph.as_default():
        nodes = import_nodes(graph, message)
        graph.inputs = [nodes[name]._outputs[0] for name in names]
        for parameter, t in zip(graph.inputs, given, strict=False):
            parameter._handle = t._handle
        results = [_flat_reference(definition.ret[a.name], sizes) for a in definition.signature.output_arg]
        graph.outputs = [_tensor(nodes, text) for text in results]
        graph.control_outputs = [nodes[name] for name in getattr(definition, "control_ret", {}).values()]
    return graph


def _shape_proto(dims: Any) -> Any:
    from tfcompat.framework.shapes import TensorShape

    return TensorShape._from_tuple(dims).as_proto()


def _sizes_of(node: Any, outer: Graph) -> list[tuple[str, int]]:
    from tfcompat.framework.graph_def import attr_from_proto

    if op_defs.has_op_def(node.op):
        attrs = {key: attr_from_proto(value) for key, value in node.attr.items()}
        definition = op_defs.op_def(node.op)
        for key, spec in definition.attrs.items():
            if key not in attrs and spec.has_default:
                attrs[key] = spec.default
        return _output_sizes(definition, attrs)
    function = outer._get_function(node.op)
    if function is None:
        return []
    return [(a.name, 1) for a in function.definition.signature.output_arg]


def _flat_reference(text: str, sizes: dict[str, list[tuple[str, int]]]) -> str:
    """`node:output:number` as graphs write it, `node:number`."""
    if text.startswith("^"):
        return text
    name, _, rest = text.partition(":")
    if not rest:
        return name
    output, _, number = rest.partition(":")
    if not number:  # already a number, or an output without one
        if output.isdigit():
            return text
        number = "0"
    at = 0
    for arg, n in sizes.get(name, ()):
        if arg == output:
            return f"{name}:{at + int(number)}"
        at += n
    raise ValueError(f"the function's node '{name}' has no output '{output}'")


def _tensor(nodes: dict[str, Operation], text: str) -> Tensor:
    name, _, index = text.partition(":")
    return nodes[name]._outputs[int(index or 0)]
