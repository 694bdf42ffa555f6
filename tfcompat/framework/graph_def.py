"""Graphs as GraphDef messages: nodes and attrs to protocol buffers and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcompat.framework import dtypes, op_defs, protos
from tfcompat.framework.export import export
from tfcompat.framework.op_defs import AttrDef, OpDef
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor_proto import make_ndarray, make_tensor_proto


def is_attr_value(value: Any) -> bool:
    """Whether `value` is an AttrValue message (ours or another library's)."""
    return type(value).__name__ == "AttrValue"


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8")


def _shape_proto(value: Any) -> Any:
    return (value if isinstance(value, TensorShape) else TensorShape(value)).as_proto()


def _func_proto(value: Any) -> Any:
    if type(value).__name__ == "NameAttrList":
        return value
    if hasattr(value, "outputs"):  # a sub-graph
        from tfcompat.framework.function_def import function_name

        return protos.NameAttrList(name=function_name(value))
    return protos.NameAttrList(name=value if isinstance(value, str) else value.name)


def attr_to_proto(kind: str, value: Any, tensor_dtype: Any = None) -> Any:
    """An attr's plain value as an AttrValue. `kind` is TF's attr type, such as `list(int)`."""
    made = protos.AttrValue()
    if kind.startswith("list("):
        made.list.SetInParent()
        base, target = kind[5:-1], made.list
        if base == "type":
            target.type.extend(int(v.as_datatype_enum) for v in value)
        elif base == "int":
            target.i.extend(int(v) for v in value)
        elif base == "float":
            target.f.extend(float(v) for v in value)
        elif base == "bool":
            target.b.extend(bool(v) for v in value)
        elif base == "string":
            target.s.extend(_bytes(v) for v in value)
        elif base == "shape":
            target.shape.extend(_shape_proto(v) for v in value)
        elif base == "func":
            target.func.extend(_func_proto(v) for v in value)
        elif base == "tensor":
            target.tensor.extend(make_tensor_proto(v) for v in value)
        return made
    if kind == "type":
        made.type = int(value.as_datatype_enum)
    elif kind == "int":
        made.i = int(value)
    elif kind == "float":
        made.f = float(value)
    elif kind == "bool":
        made.b = bool(value)
    elif kind == "string":
        made.s = _bytes(value)
    elif kind == "shape":
        made.shape.CopyFrom(_shape_proto(value))
    elif kind == "tensor":
        made.tensor.CopyFrom(_tensor_proto(value, tensor_dtype))
    elif kind == "func":
        made.func.CopyFrom(_func_proto(value))
    else:
        raise ValueError(f"unknown attr type {kind}")
    return made


def _tensor_proto(value: Any, dtype: Any) -> Any:
    if type(value).__name__ == "TensorProto":
        return value
    if isinstance(value, np.ndarray):
        return make_tensor_proto(value, dtype=dtype, shape=value.shape)
    return make_tensor_proto(value, dtype=dtype)


def _private_kind(value: Any) -> str:
    """The attr type of a value that no op definition describes (names with a leading underscore)."""
    if isinstance(value, (list, tuple)):
        return f"list({_private_kind(value[0]) if value else 'string'})"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, (str, bytes)):
        return "string"
    if isinstance(value, dtypes.DType):
        return "type"
    if isinstance(value, TensorShape):
        return "shape"
    if isinstance(value, np.ndarray):
        return "tensor"
    return "func"


def attr_value(op: Any, name: str) -> Any:
    """One attr of a node as an AttrValue."""
    value = op._attrs[name]
    if is_attr_value(value):
        return value
    spec = op._decl.definition.attrs.get(name)
    kind = _private_kind(value) if spec is None else spec.type
    return attr_to_proto(kind, value, op._attrs.get("dtype") if kind == "tensor" else None)


def public_attr(op: Any, name: str) -> Any:
    """The Python value `Operation.get_attr` returns."""
    value = attr_value(op, name)
    field = value.WhichOneof("value")
    if field is None:
        return []
    if field == "list":
        for item in ("s", "i", "f", "b", "type", "shape", "tensor", "func"):
            found = getattr(value.list, item)
            if found:
                return [dtypes.as_dtype(t) for t in found] if item == "type" else list(found)
        return []
    found = getattr(value, field)
    return dtypes.as_dtype(found) if field == "type" else found


def attr_from_proto(value: Any) -> Any:
    """The plain value of an AttrValue, in the form nodes hold it."""
    field = value.WhichOneof("value")
    if field is None:
        return None
    if field == "list":
        items = value.list
        for name in ("s", "i", "f", "b", "type", "shape", "tensor", "func"):
            found = getattr(items, name)
            if len(found):
                return [_plain(name, v) for v in found]
        return []
    return _plain(field, getattr(value, field))


def _plain(field: str, value: Any) -> Any:
    if field == "s":
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value
    if field == "type":
        return dtypes.as_dtype(value)
    if field == "shape":
        return TensorShape(value)
    if field == "tensor":
        return make_ndarray(value)
    return value


def node_def(op: Any) -> Any:
    """A node as a NodeDef."""
    node = protos.NodeDef(name=op._name, op=op._type, device=op._device)
    node.input.extend(t._as_node_def_input() for t in op._inputs)
    # TensorFlow writes control inputs in the order of their names.
    node.input.extend(sorted(f"^{c._name}" for c in op._control_inputs))
    for name in op._attrs:
        node.attr[name].CopyFrom(attr_value(op, name))
    return node


def graph_def(graph: Any, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """The nodes of a graph, in order of creation, as a GraphDef with its function library."""
    made = protos.GraphDef()
    made.versions.producer = graph._producer_version
    made.versions.min_consumer = graph._min_consumer
    for op in graph.get_operations():
        if from_version is not None and op._id <= from_version:
            continue
        node = made.node.add()
        node.CopyFrom(node_def(op))
        if add_shapes and op._outputs:
            shapes = node.attr["_output_shapes"].list.shape
            shapes.extend(t.shape.as_proto() for t in op._outputs)
    from tfcompat.framework.function_def import ImportedFunction, function_def, sub_graphs

    for sub_graph in sub_graphs(graph.get_operations()):
        made.library.function.add().CopyFrom(function_def(sub_graph))
    for function in graph._functions.values():
        definition = getattr(function, "definition", None)
        # The nodes that use an imported function have graphs of their own by now.
        if definition is not None and not isinstance(function, ImportedFunction):
            made.library.function.add().CopyFrom(definition)
    return made


def op_def_proto(definition: OpDef) -> Any:
    """TensorFlow's OpDef message of an op type."""
    made = protos.OpDef(
        name=definition.name, is_stateful=definition.is_stateful, is_commutative=definition.is_commutative
    )
    made.allows_uninitialized_input = definition.allows_uninitialized_input
    for source, target in ((definition.inputs, made.input_arg), (definition.outputs, made.output_arg)):
        for arg in source:
            entry = target.add(name=arg.name, is_ref=arg.is_ref)
            if arg.type is not None:
                entry.type = int(arg.type.as_datatype_enum)
            entry.type_attr = arg.type_attr
            entry.number_attr = arg.number_attr
            entry.type_list_attr = arg.type_list_attr
    for attr in definition.attrs.values():
        entry = made.attr.add(name=attr.name, type=attr.type)
        if attr.has_default and attr.default is not None:
            entry.default_value.CopyFrom(attr_to_proto(attr.type, attr.default))
        if attr.minimum is not None:
            entry.has_minimum, entry.minimum = True, attr.minimum
        if attr.allowed is not None:
            entry.allowed_values.CopyFrom(_allowed(attr))
    return made


def _allowed(attr: AttrDef) -> Any:
    base = attr.type[5:-1] if attr.type.startswith("list(") else attr.type
    return attr_to_proto(f"list({base})", attr.allowed)


def strip_defaults(graph_def_message: Any) -> None:
    """Removes attrs that have their op definition's default value, in place."""
    for node in graph_def_message.node:
        if not op_defs.has_op_def(node.op):
            continue
        for name, spec in op_defs.op_def(node.op).attrs.items():
            stands = spec.has_default and name in node.attr and spec.default is not None
            if stands and node.attr[name] == attr_to_proto(spec.type, spec.default):
                del node.attr[name]


@export("contrib.util.stripped_op_list_for_graph")
def stripped_op_list_for_graph(graph_def_message: Any) -> Any:
    """The op definitions a GraphDef uses, as an OpList."""
    used = {node.op for node in graph_def_message.node}
    for function in graph_def_message.library.function:
        used.update(node.op for node in function.node_def)
    return protos.OpList(op=[op_def_proto(op_defs.op_def(t)) for t in sorted(used) if op_defs.has_op_def(t)])
