"""tf.graph_util: GraphDefs cut down to what inference needs. Source: TF 1.15, python/framework/graph_util_impl.py."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from tfcompat.framework import protos, stacks, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor_proto import make_tensor_proto

_VARIABLE_OPS = frozenset(
    {
        "Assign",
        "AssignAdd",
        "AssignSub",
        "Queue",
        "ScatterAdd",
        "ScatterSub",
        "ScatterUpdate",
        "TruncatedNormal",
        "Variable",
        "VariableV2",
    }
)


def _node_name(text: str) -> str:
    return text.lstrip("^").split(":")[0]


@export("graph_util.must_run_on_cpu")
def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """Whether TensorFlow could place a node (Operation or NodeDef) on a CPU only: variables, or string values."""
    definition = node.node_def if hasattr(node, "node_def") else node
    if pin_variables_on_cpu and definition.op in _VARIABLE_OPS:
        return True
    if definition.op == "Const":
        return bool(definition.attr["dtype"].type == protos.DT_STRING)
    return definition.op in ("DynamicStitch", "Placeholder") and protos.DT_STRING in (
        definition.attr["dtype"].type,
        definition.attr["T"].type,
    )


@export("graph_util.extract_sub_graph")
def extract_sub_graph(graph_def: Any, dest_nodes: Iterable[str]) -> Any:
    """The nodes that `dest_nodes` need, in the GraphDef's order.

    Raises: TypeError for no GraphDef or a single string; AssertionError for a name that is not in the graph.
    """
    if type(graph_def).__name__ != "GraphDef":
        raise TypeError("graph_def must be a graph_pb2.GraphDef proto.")
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be a list.")
    by_name = {n.name: n for n in graph_def.node}
    for name in dest_nodes:
        assert name in by_name, f"{name} is not in graph"
    kept = _reachable(by_name, dest_nodes)
    made = protos.GraphDef()
    made.node.extend(n for n in graph_def.node if n.name in kept)
    made.library.CopyFrom(graph_def.library)
    made.versions.CopyFrom(graph_def.versions)
    return made


def _reachable(by_name: dict[str, Any], roots: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    stack = list(roots)
    while stack:
        name = stack.pop()
        if name in seen:
            continue
        seen.add(name)
        stack.extend(_node_name(i) for i in by_name[name].input)
    return seen


@export("graph_util.remove_training_nodes")
def remove_training_nodes(input_graph: Any, protected_nodes: Sequence[str] | None = None) -> Any:
    """A GraphDef without CheckNumerics, and without Identity nodes that nothing needs by name."""
    protected = set(protected_nodes or ())
    used_as_control = {i[1:] for n in input_graph.node for i in n.input if i.startswith("^")}
    kept = [n for n in input_graph.node if n.op != "CheckNumerics" or n.name in protected]
    removed = {n.name for n in input_graph.node} - {n.name for n in kept}
    by_name = {n.name: n for n in input_graph.node}
    splices: dict[str, str] = {}
    for n in input_graph.node:
        has_control = any(i.startswith("^") for i in n.input)
        if n.name in removed or (
            n.op == "Identity" and n.name not in protected and not has_control and n.name not in used_as_control
        ):
            splices[n.name] = n.input[0]

    def resolve(text: str) -> str:
        while (
            not text.startswith("^")
            and _node_name(text) in splices
            and by_name[_node_name(text)].op in ("Identity", "CheckNumerics")
        ):
            text = splices[_node_name(text)]
        return text

    made = protos.GraphDef()
    for n in input_graph.node:
        if n.name in splices:
            continue
        copy = made.node.add()
        copy.CopyFrom(n)
        del copy.input[:]
        copy.input.extend(resolve(i) for i in n.input if not (i.startswith("^") and i[1:] in splices))
    return made


@export("graph_util.tensor_shape_from_node_def_name")
def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> TensorShape:
    """The static shape of the tensor that a NodeDef's input names."""
    name = input_name if ":" in input_name else input_name + ":0"
    return graph.get_tensor_by_name(re.sub(r"^\^", "", name)).get_shape()


@export("graph_util.convert_variables_to_constants")
def convert_variables_to_constants(
    sess: Any,
    input_graph_def: Any,
    output_node_names: Sequence[str],
    variable_names_whitelist: Any = None,
    variable_names_blacklist: Any = None,
) -> Any:
    """The sub-graph of `output_node_names` with the session's variable values in place of the variables.

    whitelist: only these variables are frozen; blacklist: these are not.
    """
    inference = extract_sub_graph(input_graph_def, output_node_names)
    by_name = {n.name: n for n in inference.node}
    chosen: dict[str, str] = {}
    for n in inference.node:
        if n.op not in ("Variable", "VariableV2", "VarHandleOp"):
            continue
        if variable_names_whitelist is not None and n.name not in variable_names_whitelist:
            continue
        if variable_names_blacklist is not None and n.name in variable_names_blacklist:
            continue
        chosen[n.name] = n.name + ("/Read/ReadVariableOp:0" if n.op == "VarHandleOp" else ":0")
    values = dict(zip(chosen, _values(sess, chosen), strict=True))
    tf_logging.info("Froze %d variables.", len(values))
    made = protos.GraphDef()
    for n in inference.node:
        if n.op == "ResourceGather" and _handle_of(by_name, n.input[0]) in values:
            _add_axis(made.node.add(), f"{n.name}/axis")
        _freeze_node(made.node.add(), n, values, by_name)
    made.library.CopyFrom(inference.library)
    made.versions.CopyFrom(inference.versions)
    tf_logging.info("Converted %d variables to const ops.", len(values))
    return made


def _values(sess: Any, chosen: dict[str, str]) -> list[Any]:
    if not chosen:
        return []
    graph = sess.graph if sess is not None else stacks.get_default_graph()
    known = []
    for name, tensor in chosen.items():
        try:
            known.append(graph.get_tensor_by_name(tensor))
        except KeyError:
            reads = [
                op for op in graph.get_operations() if op.type == "ReadVariableOp" and op.inputs[0].op.name == name
            ]
            known.append(reads[0].outputs[0])
    return list(sess.run(known))


def _handle_of(by_name: dict[str, Any], text: str) -> str:
    """The variable behind an input, through Identity and Switch nodes."""
    name = _node_name(text)
    while name in by_name and by_name[name].op in ("Identity", "Switch", "Enter") and by_name[name].input:
        name = _node_name(by_name[name].input[0])
    return name


def _freeze_node(made: Any, n: Any, values: dict[str, Any], by_name: dict[str, Any]) -> None:
    if n.name in values:
        dtype = n.attr["dtype"]
        made.op, made.name = "Const", n.name
        made.attr["dtype"].CopyFrom(dtype)
        value = values[n.name]
        made.attr["value"].tensor.CopyFrom(
            make_tensor_proto(value, dtype=dtype.type, shape=getattr(value, "shape", ()))
        )
        return
    made.CopyFrom(n)
    if n.op == "ReadVariableOp" and _handle_of(by_name, n.input[0]) in values:
        # What was a handle is the value itself now.
        made.op = "Identity"
        del made.attr["dtype"]
        made.attr["T"].CopyFrom(n.attr["dtype"])
    elif n.op == "ResourceGather" and _handle_of(by_name, n.input[0]) in values:
        _freeze_gather(made, n)
    elif n.op in ("Identity", "Switch", "Enter") and n.attr["T"].type == protos.DT_RESOURCE:
        source = _handle_of(by_name, n.input[0])
        if source in values:
            made.attr["T"].CopyFrom(by_name[source].attr["dtype"])


def _freeze_gather(made: Any, n: Any) -> None:
    made.op = "GatherV2"
    axis = f"{n.name}/axis"
    for key in ("dtype", "validate_indices", "batch_dims"):
        if key in made.attr:
            del made.attr[key]
    made.attr["Tparams"].CopyFrom(n.attr["dtype"])
    made.attr["Taxis"].type = protos.DT_INT32
    made.input.append(axis)


def _add_axis(made: Any, name: str) -> None:
    made.op, made.name = "Const", name
    made.attr["dtype"].type = protos.DT_INT32
    made.attr["value"].tensor.CopyFrom(make_tensor_proto(0, dtype=protos.DT_INT32, shape=()))
