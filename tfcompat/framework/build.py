"""From a call of an op function to a node: inputs converted, types inferred, attrs checked, shapes inferred.

The rules and messages are those of TF 1.15's op_def_library.
"""

from __future__ import annotations

import collections
import contextlib
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfcompat.framework import constant_value, conversion, dtypes, op_defs, stacks
from tfcompat.framework import op as op_lib
from tfcompat.framework.graph import _VALID_OP_NAME, Graph
from tfcompat.framework.op import Op, ShapeContext, ShapeError
from tfcompat.framework.operation import Operation
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import HandleData, Tensor

_MISSING = object()


def graph_of(values: Sequence[Any]) -> Graph:
    """The graph that an op on these inputs goes to: the default one if it is a function's, else the inputs' own.

    Raises: ValueError when two inputs come from different graphs.
    """
    default = stacks.get_default_graph()
    if default.building_function:
        return default
    first: Any = None
    for value in values:
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if not isinstance(item, Tensor):
                item = getattr(item, "_graph_element_tensor", None)
                if not isinstance(item, Tensor):
                    continue
            graph = item._op._graph
            if graph.building_function:
                return default  # not reachable from there: making the node says so
            if first is None:
                first = item
            elif graph is not first._op._graph:
                raise ValueError(f"{item} must be from the same graph as {first}.")
    return default if first is None else first._op._graph


def apply_op(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any], name: str | None) -> Any:
    """Adds a node for `op` to the current graph and returns its outputs in TF's form.

    One output gives a Tensor, a list output a list, several a namedtuple-like list, none the Operation.
    """
    definition = op.definition
    values = _bind(definition, args, kwargs)
    node = _fast_node(op, definition, values, kwargs, name)
    if node is None:
        graph = graph_of(values)
        if graph is stacks.get_default_graph():
            node = _slow_node(graph, op, definition, values, kwargs, name)
        else:
            with graph.as_default():
                node = _slow_node(graph, op, definition, values, kwargs, name)
    return results(node, definition)


op_lib.set_builder(apply_op)


@functools.cache
def _result_type(op_type: str, names: tuple[str, ...]) -> Any:
    """The named tuple that an op with several outputs returns."""
    return collections.namedtuple(op_type, names)  # type: ignore[misc]


def results(node: Operation, definition: op_defs.OpDef) -> Any:
    """The outputs of a node as its op function returns them."""
    outputs = node._outputs
    args = definition.outputs
    if len(args) == 1:
        if args[0].is_list:
            return list(outputs) if outputs else node
        return outputs[0]
    if not args:
        return node
    kind = _result_type(definition.name, tuple(a.name for a in args))
    if not any(a.is_list for a in args):
        return kind._make(outputs)
    grouped: list[Any] = []
    at = 0
    for arg in args:
        if not arg.is_list:
            grouped.append(outputs[at])
            at += 1
            continue
        n = node._attrs[arg.number_attr] if arg.number_attr else len(node._attrs[arg.type_list_attr])
        grouped.append(list(outputs[at : at + n]))
        at += n
    return kind._make(grouped)


def _bind(definition: op_defs.OpDef, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    inputs = definition.inputs
    if len(args) == len(inputs):
        return list(args)
    if len(args) > len(inputs):
        raise TypeError(f"{definition.name} takes {len(inputs)} inputs but {len(args)} were given")
    values = list(args)
    for arg in inputs[len(args) :]:
        value = kwargs.pop(arg.name, _MISSING)
        if value is _MISSING:
            raise ValueError(f"No argument for input {arg.name}")
        values.append(value)
    return values


def _fast_node(
    op: Op, definition: op_defs.OpDef, values: list[Any], kwargs: dict[str, Any], name: str | None
) -> Operation | None:
    """The common case without a name scope: every input is a Tensor of the default graph already. None: not so."""
    graph = stacks.get_default_graph()
    attrs: dict[str, Any] = {}
    for arg, value in zip(definition.inputs, values, strict=True):
        if type(value) is not Tensor or value._op._graph is not graph or arg.is_ref or arg.is_list:
            return None
        dtype = value._dtype
        if dtype._is_ref_dtype:
            dtype = dtype.base_dtype
        if arg.type is not None:
            if arg.type is not dtype:
                return None
        else:
            known = attrs.setdefault(arg.type_attr, dtype)
            if known is not dtype or (arg.type_attr in kwargs and kwargs[arg.type_attr] is not dtype):
                return None
    for key, dtype in attrs.items():
        allowed = definition.attrs[key].allowed
        if allowed is not None and dtype not in allowed:
            return None
    _fill_attrs(definition, attrs, kwargs)
    return create_node(graph, op, values, attrs, name, None)


def _slow_node(
    graph: Graph, op: Op, definition: op_defs.OpDef, values: list[Any], kwargs: dict[str, Any], name: str | None
) -> Operation:
    scope = graph._open_name_scope(name or definition.name)
    scopes = graph._scopes
    before, scopes.name = scopes.name, scope
    try:
        inputs, attrs = _convert_inputs(definition, values, kwargs)
        _fill_attrs(definition, attrs, kwargs)
    finally:
        scopes.name = before
    with contextlib.ExitStack() as beside:
        # A node that changes a variable is placed with it.
        for t in _reference_inputs(definition, inputs, attrs):
            beside.enter_context(graph.colocate_with(t._op))
        return create_node(graph, op, inputs, attrs, scope + "/", None)


def _reference_inputs(definition: op_defs.OpDef, inputs: list[Tensor], attrs: dict[str, Any]) -> list[Tensor]:
    if not any(arg.is_ref for arg in definition.inputs):
        return []
    found: list[Tensor] = []
    at = 0
    for arg in definition.inputs:
        n = 1
        if arg.is_list:
            n = attrs[arg.number_attr] if arg.number_attr else len(attrs[arg.type_list_attr])
        if arg.is_ref:
            found.extend(inputs[at : at + n])
        at += n
    return found


def _type_list(values: Sequence[Any]) -> str:
    return ", ".join(
        v.dtype.name if hasattr(v, "dtype") and isinstance(v.dtype, dtypes.DType) else "<NOT CONVERTIBLE TO TENSOR>"
        for v in values
    )


def _convert_inputs(
    definition: op_defs.OpDef, values: list[Any], kwargs: dict[str, Any]
) -> tuple[list[Tensor], dict[str, Any]]:
    attrs: dict[str, Any] = {}
    for key in definition.inferred:
        given = kwargs.get(key)
        if given is not None and definition.attrs[key].type == "type":
            attrs[key] = dtypes.as_dtype(given).base_dtype
    source: dict[str, str] = {}
    flat: list[Tensor] = []
    for arg, value in zip(definition.inputs, values, strict=True):
        if arg.is_list:
            tensors = _convert_list(definition, arg, value, attrs, source)
        else:
            tensors = [_convert_one(definition, arg, value, attrs, source)]
        if arg.is_ref:
            for t in tensors:
                if not t._dtype._is_ref_dtype:
                    raise TypeError(
                        f"'{definition.name}' Op requires that input '{arg.name}' be a mutable tensor (e.g.: a tf.Variable)"
                    )
        _note_types(definition, arg, tensors, attrs, source)
        flat.extend(tensors)
    return flat, attrs


def _convert_one(
    definition: op_defs.OpDef, arg: op_defs.ArgDef, value: Any, attrs: dict[str, Any], source: dict[str, str]
) -> Tensor:
    dtype = arg.type if arg.type is not None else attrs.get(arg.type_attr)
    preferred = None
    if dtype is None and definition.attrs[arg.type_attr].has_default:
        preferred = definition.attrs[arg.type_attr].default
    try:
        return conversion.to_tensor(value, dtype, arg.name, arg.is_ref, preferred)
    except TypeError as cause:
        if dtype is None:
            raise
        raise TypeError(
            f"Expected {dtype.name} passed to parameter '{arg.name}' of op '{definition.name}', got {value!r} of type "
            f"'{type(value).__name__}' instead. Error: {cause}"
        ) from None
    except ValueError:
        try:
            observed = conversion.to_tensor(value, as_ref=arg.is_ref).dtype.name
        except ValueError as cause:
            raise ValueError(f"Tried to convert '{arg.name}' to a tensor and failed. Error: {cause}") from None
        prefix = f"Input '{arg.name}' of '{definition.name}' Op has type {observed} that does not match"
        if arg.type is not None:
            raise TypeError(f"{prefix} expected type of {arg.type.name}.") from None
        wanted = attrs.get(arg.type_attr, definition.attrs[arg.type_attr].default)
        if wanted is None:
            raise
        origin = source.get(arg.type_attr, "Default in OpDef")
        raise TypeError(f"{prefix} type {wanted.name} of argument '{origin}'.") from None


def _convert_list(
    definition: op_defs.OpDef, arg: op_defs.ArgDef, values: Any, attrs: dict[str, Any], source: dict[str, str]
) -> list[Tensor]:
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"Expected list for '{arg.name}' argument to '{definition.name}' Op, not {values}.")
    if arg.type_list_attr:
        given = attrs.get(arg.type_list_attr)
        wanted: list[Any] = list(given) if given is not None else [None] * len(values)
        return [
            conversion.to_tensor(v, d, f"{arg.name}_{i}", arg.is_ref)
            for i, (v, d) in enumerate(zip(values, wanted, strict=True))
        ]
    dtype = arg.type
    preferred = None
    if dtype is None:
        dtype = attrs.get(arg.type_attr)
        if dtype is None:
            for v in values:
                if isinstance(v, Tensor) or conversion.is_dense_tensor_like(v):
                    dtype = v.dtype.base_dtype
                    break
        if dtype is None and definition.attrs[arg.type_attr].has_default:
            preferred = definition.attrs[arg.type_attr].default
    try:
        if not arg.is_ref and dtype is not None:
            dtype = dtype.base_dtype
        tensors = conversion.to_tensors(values, dtype, arg.name, arg.is_ref, preferred)
    except (TypeError, ValueError):
        prefix = f"Tensors in list passed to '{arg.name}' of '{definition.name}' Op have types [{_observed(values)}]"
        if arg.type is not None:
            raise TypeError(f"{prefix} that do not match expected type {arg.type.name}.") from None
        if arg.type_attr in attrs:
            wanted_name = attrs[arg.type_attr].name
            raise TypeError(f"{prefix} that do not match type {wanted_name} inferred from earlier arguments.") from None
        raise TypeError(f"{prefix} that don't all match.") from None
    if not all(t._dtype.base_dtype is tensors[0]._dtype.base_dtype for t in tensors):
        raise TypeError(
            f"Tensors in list passed to '{arg.name}' of '{definition.name}' Op have types [{_type_list(tensors)}] "
            "that don't all match."
        )
    return tensors


def _observed(values: Sequence[Any]) -> str:
    """The types that a list's members would have on their own, for the message."""
    names = []
    for v in values:
        if v is None:
            names.append("<NOT CONVERTIBLE TO TENSOR>")
            continue
        try:
            names.append(conversion.to_tensor(v).dtype.base_dtype.name)
        except (TypeError, ValueError):
            names.append("<NOT CONVERTIBLE TO TENSOR>")
    return ", ".join(names)


def _note_types(
    definition: op_defs.OpDef, arg: op_defs.ArgDef, tensors: list[Tensor], attrs: dict[str, Any], source: dict[str, str]
) -> None:
    """Takes the attrs that this input settles (its type, its length) and checks them against what is known."""
    if arg.number_attr:
        known = attrs.setdefault(arg.number_attr, len(tensors))
        if known != len(tensors):
            raise ValueError(
                f"List argument '{arg.name}' to '{definition.name}' Op with length {len(tensors)} must match length "
                f"{known} of argument '{source.get(arg.number_attr, arg.name)}'."
            )
        minimum = definition.attrs[arg.number_attr].minimum
        if minimum is not None and len(tensors) < minimum:
            raise ValueError(
                f"List argument '{arg.name}' to '{definition.name}' Op with length {len(tensors)} shorter than minimum "
                f"length {minimum}."
            )
        source.setdefault(arg.number_attr, arg.name)
    if arg.type_list_attr:
        types = [t._dtype.base_dtype for t in tensors]
        known_types = attrs.setdefault(arg.type_list_attr, types)
        if list(known_types) != types:
            raise TypeError(
                f"Input '{arg.name}' of '{definition.name}' Op has type list of "
                f"{', '.join(t.name for t in types)} that does not match type list "
                f"{', '.join(t.name for t in known_types)} of argument '{source.get(arg.type_list_attr, arg.name)}'."
            )
        source.setdefault(arg.type_list_attr, arg.name)
        allowed = definition.attrs[arg.type_list_attr].allowed
        if allowed is not None:
            for t in types:
                _check_type(arg, t, allowed)
        return
    if arg.type is not None:
        for t in tensors:
            if t._dtype.base_dtype is not arg.type:
                raise TypeError(
                    f"Input '{arg.name}' of '{definition.name}' Op has type {t._dtype.base_dtype.name} that does not "
                    f"match expected type of {arg.type.name}."
                )
        return
    if not tensors:
        if arg.type_attr not in attrs and definition.attrs[arg.type_attr].has_default:
            attrs[arg.type_attr] = definition.attrs[arg.type_attr].default
        return
    dtype = tensors[0]._dtype.base_dtype
    known = attrs.setdefault(arg.type_attr, dtype)
    if known is not dtype:
        raise TypeError(
            f"Input '{arg.name}' of '{definition.name}' Op has type {dtype.name} that does not match type {known.name} "
            f"of argument '{source.get(arg.type_attr, arg.name)}'."
        )
    source.setdefault(arg.type_attr, arg.name)
    allowed = definition.attrs[arg.type_attr].allowed
    if allowed is not None:
        _check_type(arg, dtype, allowed)


def _check_type(arg: op_defs.ArgDef, dtype: dtypes.DType, allowed: tuple[Any, ...]) -> None:
    if dtype not in allowed:
        names = ", ".join(d.name for d in allowed)
        raise TypeError(
            f"Value passed to parameter '{arg.name}' has DataType {dtype.name} not in list of allowed values: {names}"
        )


def _fill_attrs(definition: op_defs.OpDef, attrs: dict[str, Any], given: dict[str, Any]) -> None:
    """Adds the attrs the caller gave and the defaults of the others, each checked."""
    for key, spec in definition.attrs.items():
        if key in attrs:
            continue
        value = given.get(key, _MISSING)
        if value is _MISSING or (value is None and spec.has_default):
            if not spec.has_default:
                raise TypeError(f"No argument for attr {key}")
            attrs[key] = spec.default
        else:
            attrs[key] = _attr_value(definition, spec, value)
    if len(given) > len(definition.attrs) or not given.keys() <= definition.attrs.keys():
        unknown = [k for k in given if k not in definition.attrs and not k.startswith("_")]
        if unknown:
            raise TypeError("apply_op() got unexpected keyword arguments: " + ", ".join(sorted(unknown)))
        attrs.update((k, v) for k, v in given.items() if k.startswith("_"))


def _attr_value(definition: op_defs.OpDef, spec: op_defs.AttrDef, value: Any) -> Any:
    kind = spec.type
    if kind.startswith("list("):
        if not isinstance(value, (list, tuple)):
            if not hasattr(value, "__iter__") or isinstance(value, (str, bytes)):
                raise TypeError(f"Expected list for attr {spec.name}")
            value = list(value)
        out = [_scalar_attr(definition, spec, kind[5:-1], v) for v in value]
        if spec.minimum is not None and len(out) < spec.minimum:
            raise ValueError(
                f"Attr '{spec.name}' of '{definition.name}' Op passed list of length {len(out)} less than minimum "
                f"{spec.minimum}."
            )
        return out
    out = _scalar_attr(definition, spec, kind, value)
    if spec.minimum is not None and out < spec.minimum:
        raise ValueError(f"Attr '{spec.name}' of '{definition.name}' Op passed {out} less than minimum {spec.minimum}.")
    return out


def _scalar_attr(definition: op_defs.OpDef, spec: op_defs.AttrDef, kind: str, value: Any) -> Any:
    name = spec.name
    if kind == "bool":
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"Expected bool for argument '{name}' not {value!r}.")
        return bool(value)
    if kind == "int":
        if isinstance(value, (str, bytes)):
            raise TypeError(f"Expected int for argument '{name}' not {value!r}.")
        try:
            return int(value)
        except (TypeError, ValueError):
            raise TypeError(f"Expected int for argument '{name}' not {value!r}.") from None
    if kind == "float":
        if isinstance(value, (str, bytes)):
            raise TypeError(f"Expected float for argument '{name}' not {value!r}.")
        try:
            return float(value)
        except (TypeError, ValueError):
            raise TypeError(f"Expected float for argument '{name}' not {value!r}.") from None
    if kind == "type":
        try:
            made = dtypes.as_dtype(value).base_dtype
        except TypeError as cause:
            raise TypeError(f"Expected DataType for argument '{name}' not {value!r}.") from cause
        if spec.allowed is not None and made not in spec.allowed:
            names = ", ".join(d.name for d in spec.allowed)
            raise TypeError(
                f"Value passed to parameter '{name}' has DataType {made.name} not in list of allowed values: {names}"
            )
        return made
    if kind == "string":
        if isinstance(value, bytes):
            try:
                value = value.decode("utf-8")
            except UnicodeDecodeError:
                return value
        if not isinstance(value, str):
            raise TypeError(f"Expected string for argument '{name}' not {value!r}.")
        if spec.allowed is not None and value not in spec.allowed:
            choices = '", "'.join(spec.allowed)
            raise ValueError(f"Attr '{name}' of '{definition.name}' Op passed string '{value}' not in: \"{choices}\".")
        return value
    if kind == "tensor" and not hasattr(value, "shape") and type(value).__name__ != "TensorProto":
        raise TypeError(f"Don't know how to convert {value!r} to a TensorProto for argument '{name}'")
    if kind == "shape":
        try:
            return value if isinstance(value, TensorShape) else TensorShape(value)
        except (TypeError, ValueError) as cause:
            raise type(cause)(f"Error converting {name} to a TensorShape: {cause}.") from None
    return value


def infer_types(definition: op_defs.OpDef, inputs: Sequence[Tensor], attrs: dict[str, Any]) -> None:
    """Fills in the type attrs that the inputs settle, for nodes made from their parts. List inputs are left alone."""
    if any(a.is_list for a in definition.inputs) or len(inputs) != len(definition.inputs):
        return
    for arg, t in zip(definition.inputs, inputs, strict=True):
        if arg.type_attr:
            attrs.setdefault(arg.type_attr, t._dtype.base_dtype)


def output_types(definition: op_defs.OpDef, attrs: dict[str, Any]) -> list[dtypes.DType]:
    """The dtype of each output, lists flattened."""
    types: list[dtypes.DType] = []
    for arg in definition.outputs:
        if arg.type_list_attr:
            types.extend(attrs[arg.type_list_attr])
            continue
        dtype = arg.type if arg.type is not None else attrs[arg.type_attr]
        if arg.is_ref:
            dtype = dtype._as_ref
        types.extend([dtype] * (attrs[arg.number_attr] if arg.number_attr else 1))
    return types


def create_node(
    graph: Graph,
    op: Op,
    inputs: list[Tensor],
    attrs: dict[str, Any],
    name: str | None,
    types: Sequence[Any] | None,
) -> Operation:
    """Adds the node: name made unique, inputs captured where the graph is a function's, shapes inferred."""
    graph._check_not_finalized()
    if name is None:
        name = op.type
    if name and name[-1] == "/":
        name = name[:-1]
    else:
        if not _VALID_OP_NAME.match(name):
            raise ValueError(f"'{name}' is not a valid node name")
        name = graph.unique_name(name)
    for i, t in enumerate(inputs):
        if t._op._graph is not graph:
            try:
                inputs[i] = graph._capture(t) if graph.building_function else _foreign(t, graph)  # type: ignore[attr-defined]
            except ValueError:
                if not t._op._graph.building_function:
                    raise
                raise ValueError(_out_of_reach(t, graph, name)) from None
    definition = op.definition
    if types is None:
        types = output_types(definition, attrs)
    else:
        types = [dtypes.as_dtype(t) for t in types]
    for key, spec in definition.attrs.items():
        if key not in attrs and spec.has_default:
            attrs[key] = spec.default
    shapes, handles = infer(op, name, inputs, attrs, len(types))
    node = graph._add_node(op, inputs, types, attrs, name)
    for i, (out, dims) in enumerate(zip(node._outputs, shapes, strict=True)):
        out._dims = dims
        if handles and i in handles:
            out._handle = handles[i]
    return node


def _out_of_reach(t: Tensor, graph: Graph, name: str) -> str:
    """TF's message for the use of a tensor of a loop, branch or function that is not open here."""
    source = t._op._name
    if getattr(t._op._graph, "in_loop", False):
        why = (
            "they are in different while loops"
            if getattr(graph, "in_loop", False)
            else f"'{source}' is in a while loop"
        )
    else:
        why = f"'{source}' is in a branch or function, which may not run"
    return f"Cannot use '{source}' as input to '{name}' because {why}. See info log for more details."


def _foreign(t: Tensor, graph: Graph) -> Tensor:
    inner = t._op._graph
    if t._op._type == "Const" and getattr(inner, "in_loop", True) is False:
        # A constant made in a branch of a conditional is one everywhere.
        return create_node(graph, t._op._decl, [], dict(t._op._attrs), "Const", (t._dtype,))._outputs[0]
    raise ValueError(f"{t} must be from the same graph as {graph}.")


def infer(
    op: Op, name: str, inputs: list[Tensor], attrs: dict[str, Any], n_outputs: int
) -> tuple[list[Any], dict[int, HandleData]]:
    """Static output shapes by the op's shape rule. Raises ValueError with TF's wording when the inputs cannot fit."""
    rule = op.shape_fn
    if rule is None:
        return [None] * n_outputs, {}
    shapes = [t._dims for t in inputs]
    context = ShapeContext(
        op.type,
        shapes,
        [t._dtype for t in inputs],
        attrs,
        constant_value.Lookup(inputs),
        [t._handle for t in inputs],
    )
    try:
        found = rule(context)
    except ShapeError as cause:
        raise ValueError(_shape_message(op, name, context, str(cause))) from None
    except (ArithmeticError, AttributeError, LookupError, MemoryError) as cause:
        # Attrs and constants so far from any use that the rule did not expect them.
        raise ValueError(f"{type(cause).__name__} in the shapes of '{name}' (op: '{op.type}'): {cause}") from cause
    if not isinstance(found, list):
        found = [found]
    if len(found) != n_outputs:
        raise ValueError(f"{op.type} has {n_outputs} outputs by its attrs, its inputs ask for {len(found)}")
    return found, context.out_handles


class _Recorder(ShapeContext):
    """Runs a failed shape rule again and notes which constants it asked for, as values and as shapes."""

    __slots__ = ("as_shapes", "as_values")

    def __init__(self, context: ShapeContext) -> None:
        super().__init__(
            context.op_type, context.shapes, context.dtypes, context.attrs, context._constant, context.handles
        )
        self.as_values: dict[int, np.ndarray] = {}
        self.as_shapes: dict[int, Any] = {}

    def value(self, i: int) -> np.ndarray | None:
        found = super().value(i)
        if found is not None:
            self.as_values[i] = found
        return found

    def shape_value(self, i: int) -> Any:
        found = super().shape_value(i)
        if found is not None:
            self.as_shapes[i] = found
        return found


def _shape_message(op: Op, name: str, context: ShapeContext, text: str) -> str:
    recorder = _Recorder(context)
    with contextlib.suppress(ShapeError):
        op.shape_fn(recorder)  # type: ignore[misc]
    listed = ", ".join(_shape_text(s) for s in context.shapes)
    message = f"{text} for '{name}' (op: '{op.type}') with input shapes: {listed}"
    values = [
        f"input[{i}] = <{_value_text(v.tolist())}>"
        for i, v in sorted(recorder.as_values.items())
        if i not in recorder.as_shapes
    ]
    if values:
        message += " and with computed input tensors: " + ", ".join(values)
    partial = [f"input[{i}] = {_shape_text(s)}" for i, s in sorted(recorder.as_shapes.items())]
    if partial:
        message += " and with input tensors computed as partial shapes: " + ",".join(partial)
    return message + "."


def _value_text(value: Any) -> str:
    """Numbers as TensorFlow summarises a tensor: `1 2`, `[1 2][3 4]`."""
    if not isinstance(value, list):
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    if value and isinstance(value[0], list):
        return "".join(f"[{_value_text(v)}]" for v in value)
    return " ".join(str(v) for v in value)


def _shape_text(shape: Any) -> str:
    if shape is None:
        return "?"
    return "[" + ",".join("?" if d is None else str(d) for d in shape) + "]"
