"""MetaGraphs: a graph together with its collections and its Saver, as one message.

Source: TF 1.15, python/framework/meta_graph.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from tfcompat.framework import graph_def as graph_def_lib
from tfcompat.framework import importer, protos, stacks, tf_logging, versions
from tfcompat.framework.collection_protos import (
    get_collection_proto_type,
    get_from_proto_function,
    get_to_proto_function,
    register_proto_function,
)
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.graph import Graph
from tfcompat.framework.scopes import prepend_name_scope, strip_name_scope
from tfcompat.ops.variable_base import VariableV1
from tfcompat.ops.variable_resource import ResourceVariable
from tfcompat.platform import gfile
from tfcompat.training import graph_io

_UNBOUND_INPUT_PREFIX = "$unbound_inputs_"
_SAVE_AND_RESTORE_OPS = frozenset({"SaveV2", "Save", "SaveSlices", "RestoreV2", "Restore", "RestoreSlice"})
# Control flow of other programs: our own importer rebuilds it from the nodes.
_SKIPPED = (GraphKeys.COND_CONTEXT, GraphKeys.WHILE_CONTEXT)


def _variable_to_proto(variable: Any, export_scope: str | None = None) -> Any:
    return variable.to_proto(export_scope=export_scope)


def _variable_from_proto(message: Any, import_scope: str | None = None) -> Any:
    kind = ResourceVariable if message.is_resource else VariableV1
    return kind.from_proto(message, import_scope=import_scope)


for _key in (
    GraphKeys.GLOBAL_VARIABLES,
    GraphKeys.TRAINABLE_VARIABLES,
    GraphKeys.MOVING_AVERAGE_VARIABLES,
    GraphKeys.LOCAL_VARIABLES,
    GraphKeys.MODEL_VARIABLES,
    GraphKeys.GLOBAL_STEP,
    GraphKeys.METRIC_VARIABLES,
):
    register_proto_function(_key, lambda: protos.VariableDef, _variable_to_proto, _variable_from_proto)


# --- which nodes -----------------------------------------------------------------------------------------------


def _op_name(tensor_name: str) -> str:
    if not tensor_name:
        raise ValueError("Tensor name cannot be empty or None.")
    return tensor_name.removeprefix("^").partition(":")[0]


def _scope_of(node_name: str) -> str:
    if not node_name:
        raise ValueError("Node name cannot be empty or None.")
    return node_name.removeprefix("^").rpartition("/")[0]


def _find_extraneous_saver_nodes(graph_def: Any, saver_def: Any) -> set[str]:
    """Nodes in the scopes of Savers other than the given one."""
    kept = set()
    if saver_def is not None:
        kept = {_scope_of(_op_name(n)) for n in (saver_def.save_tensor_name, saver_def.restore_op_name)}
    names = {node.name for node in graph_def.node if node.op in _SAVE_AND_RESTORE_OPS}
    scopes = tuple(s + "/" for s in {_scope_of(n) for n in names} - names - kept)
    return {node.name for node in graph_def.node if scopes and node.name.startswith(scopes)}


def _should_include_node(item: Any, export_scope: str | None, exclude_nodes: Any) -> bool:
    name = item if isinstance(item, str) else getattr(item, "name", None)
    if name is None:
        return True
    if exclude_nodes and name in exclude_nodes:
        return False
    return name.startswith(_UNBOUND_INPUT_PREFIX) or not export_scope or name.startswith(export_scope)


def _scoped_node(node: Any, export_scope: str | None, unbound_inputs: list[str], clear_devices: bool) -> Any:
    """The node without the export scope in its names; inputs from outside are marked as unbound."""
    made = type(node)()
    made.CopyFrom(node)
    for i, name in enumerate(node.input):
        if export_scope and not name.lstrip("^").startswith(export_scope):
            made.input[i] = re.sub(r"([\^]|^)(.*)", r"\1" + _UNBOUND_INPUT_PREFIX + r"\2", name, count=1)
            unbound_inputs.append(made.input[i])
        else:
            made.input[i] = strip_name_scope(name, export_scope)
    made.name = strip_name_scope(node.name, export_scope)
    if "_class" in node.attr:
        groups = [g.decode() for g in node.attr["_class"].list.s]
        inside = [g for g in groups if not export_scope or g.partition("@")[2].startswith(export_scope)]
        del made.attr["_class"]
        made.attr["_class"].list.SetInParent()
        made.attr["_class"].list.s.extend(strip_name_scope(g, export_scope).encode() for g in inside)
    if node.op in ("Enter", "RefEnter") and "frame_name" in node.attr:
        frame = node.attr["frame_name"].s.decode()
        made.attr["frame_name"].s = strip_name_scope(frame, export_scope).encode()
    if clear_devices:
        made.device = ""
    return made


# --- collections -----------------------------------------------------------------------------------------------


def _kind_of(item: Any) -> str:
    if isinstance(item, (str, bytes)):
        return "bytes_list"
    if isinstance(item, int):
        return "int64_list"
    if isinstance(item, float):
        return "float_list"
    return "any_list" if type(item).__name__ == "Any" else "node_list"


def add_collection_def(
    meta_graph_def: Any,
    key: Any,
    graph: Graph | None = None,
    export_scope: str | None = None,
    exclude_nodes: Any = None,
    override_contents: Any = None,
) -> None:
    """Adds a collection of the graph to the message; what cannot be written is left out with a warning."""
    if graph and not isinstance(graph, Graph):
        raise TypeError(f"graph must be of type Graph, not {type(graph)}")
    if not isinstance(key, (str, bytes)):
        tf_logging.warning("Only collections with string type keys will be serialized. This key has %s", type(key))
        return
    graph = graph or stacks.get_default_graph()
    items = override_contents or graph.get_collection(key)
    items = [x for x in items if _should_include_node(x, export_scope, exclude_nodes)]
    if not items:
        return
    try:
        _write_collection(meta_graph_def.collection_def[key], key, items, export_scope)
    except Exception as cause:  # any item may be in a collection, and fail in any way
        tf_logging.warning(
            "Issue encountered when serializing %s.\nType is unsupported, or the types of the items don't match field "
            "type in CollectionDef. Note this is a warning and probably safe to ignore.\n%s",
            key,
            cause,
        )
        if key in meta_graph_def.collection_def:
            del meta_graph_def.collection_def[key]


def _write_collection(message: Any, key: Any, items: list[Any], export_scope: str | None) -> None:
    to_proto = get_to_proto_function(key)
    if to_proto:
        proto_type = get_collection_proto_type(key)
        for x in items:
            made = to_proto(x, export_scope=export_scope)
            if made:
                if not isinstance(made, proto_type):
                    raise TypeError(f"{x} gave a {type(made).__name__}")
                message.bytes_list.value.append(made.SerializeToString())
        return
    kind = _kind_of(items[0])
    field = getattr(message, kind).value
    if kind == "node_list":
        field.extend(
            strip_name_scope(x.name, export_scope) for x in items if not export_scope or x.name.startswith(export_scope)
        )
    elif kind == "bytes_list":
        field.extend(x.encode() if isinstance(x, str) else x for x in items)
    else:
        field.extend(items)


def _read_collections(
    meta_graph_def: Any, graph: Graph, scope: str, unbound: str | None, wanted: Callable[[str], bool]
) -> None:
    """Adds the message's collections to the graph; equal variables become one object."""
    version = meta_graph_def.meta_info_def.tensorflow_version
    has_trainable = not version or tuple(int(n) for n in re.findall(r"\d+", version)[:2]) >= (1, 9)
    variables: dict[bytes, Any] = {}
    # Trainable variables first: before 1.9 only this collection told which ones they are.
    keys = sorted(meta_graph_def.collection_def, key=lambda k: (k != GraphKeys.TRAINABLE_VARIABLES, k))
    for key in keys:
        message = meta_graph_def.collection_def[key]
        if key == unbound or key in _SKIPPED or not wanted(key):
            continue
        kind = message.WhichOneof("kind")
        if kind is None:
            tf_logging.error("Cannot identify data type for collection %s. Skipping.", key)
            continue
        from_proto = get_from_proto_function(key)
        values = getattr(message, kind).value
        if from_proto is not None and kind == "bytes_list":
            for value in values:
                item = variables.get(value) if key in GraphKeys._VARIABLE_COLLECTIONS else None
                if item is None:
                    made = get_collection_proto_type(key)()
                    made.ParseFromString(value)
                    if not has_trainable and key in GraphKeys._VARIABLE_COLLECTIONS:
                        made.trainable = key == GraphKeys.TRAINABLE_VARIABLES
                    item = variables[value] = from_proto(made, import_scope=scope)
                graph.add_to_collection(key, item)
        elif kind == "node_list":
            for value in values:
                graph.add_to_collection(key, graph.as_graph_element(prepend_name_scope(value, scope)))
        elif kind == "int64_list":
            for value in values:
                graph.add_to_collection(key, int(value))
        elif kind == "bytes_list":
            for value in values:
                graph.add_to_collection(key, _prefixed_bytes(value, scope))
        else:
            for value in values:
                graph.add_to_collection(key, value)


def _prefixed_bytes(value: bytes, scope: str) -> bytes:
    try:
        return prepend_name_scope(value.decode(), scope).encode() if scope else value
    except UnicodeDecodeError:
        return value


# --- the message -----------------------------------------------------------------------------------------------


def create_meta_graph_def(
    meta_info_def: Any = None,
    graph_def: Any = None,
    saver_def: Any = None,
    collection_list: Any = None,
    graph: Graph | None = None,
    export_scope: str | None = None,
    exclude_nodes: Any = None,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
) -> Any:
    """A MetaGraphDef of a graph, or of the given GraphDef with that graph's collections.

    Raises: TypeError for an argument of the wrong kind; ValueError for an op that is not known.
    """
    for name, value, kind in (
        ("graph", graph, Graph),
        ("meta_info_def", meta_info_def, protos.MetaGraphDef.MetaInfoDef),
        ("graph_def", graph_def, protos.GraphDef),
        ("saver_def", saver_def, protos.SaverDef),
    ):
        if value and not isinstance(value, kind):
            raise TypeError(f"{name} must be of type {kind.__name__}, not {type(value)}")
    graph = graph or stacks.get_default_graph()
    made = protos.MetaGraphDef()
    info = made.meta_info_def
    if meta_info_def:
        info.MergeFrom(meta_info_def)
    info.tensorflow_version = versions.VERSION
    info.tensorflow_git_version = versions.GIT_VERSION
    made.graph_def.MergeFrom(graph_def or graph.as_graph_def(add_shapes=True))
    if not info.stripped_op_list.op:
        info.stripped_op_list.MergeFrom(graph_def_lib.stripped_op_list_for_graph(made.graph_def))
    if strip_default_attrs:
        graph_def_lib.strip_defaults(made.graph_def)
        info.stripped_default_attrs = True
    if saver_def:
        made.saver_def.MergeFrom(saver_def)
    for key in graph.get_all_collection_keys() if collection_list is None else collection_list:
        contents = None
        if clear_extraneous_savers and key == GraphKeys.SAVERS:
            contents = [get_from_proto_function(key)(saver_def)]
        add_collection_def(made, key, graph, export_scope, exclude_nodes, contents)
    return made


def read_meta_graph_file(filename: str) -> Any:
    """A MetaGraphDef from a file, binary or text. Raises IOError when there is none, or it cannot be read."""
    from google.protobuf import text_format
    from google.protobuf.message import DecodeError

    if not gfile.file_exists(filename):
        raise OSError(f"File {filename} does not exist.")
    made = protos.MetaGraphDef()
    content = gfile.read_file_to_string(filename, binary_mode=True)
    try:
        made.ParseFromString(content)
        return made
    except (DecodeError, RuntimeError):
        pass
    try:
        text_format.Merge(content.decode("utf-8"), made)
    except (text_format.ParseError, UnicodeDecodeError) as cause:
        raise OSError(f"Cannot parse file {filename}: {cause}.") from None
    return made


# --- import ----------------------------------------------------------------------------------------------------


def import_scoped_meta_graph(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    graph: Graph | None = None,
    import_scope: str | None = None,
    input_map: Any = None,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    restore_collections_predicate: Callable[[str], bool] = lambda key: True,
) -> dict[str, Any]:
    """Adds a MetaGraph to a graph; the imported variables by their names inside the scope."""
    return import_scoped_meta_graph_with_return_elements(
        meta_graph_or_file,
        clear_devices,
        graph,
        import_scope,
        input_map,
        unbound_inputs_col_name,
        restore_collections_predicate,
    )[0]


def import_scoped_meta_graph_with_return_elements(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    graph: Graph | None = None,
    import_scope: str | None = None,
    input_map: Any = None,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    restore_collections_predicate: Callable[[str], bool] = lambda key: True,
    return_elements: Any = None,
) -> tuple[dict[str, Any], Any]:
    """`import_scoped_meta_graph`, and the elements of the imported graph that are asked for.

    Raises: ValueError when the graph was exported without some of its inputs and `input_map` does not give them.
    """
    message = meta_graph_or_file
    if not isinstance(message, protos.MetaGraphDef):
        message = read_meta_graph_file(message)
    _check_unbound(message, unbound_inputs_col_name, input_map)
    graph = graph or stacks.get_default_graph()
    with graph.as_default():
        info = message.meta_info_def
        producer_ops = info.stripped_op_list if info.HasField("stripped_op_list") else None
        if clear_devices:
            for node in message.graph_def.node:
                node.device = ""
        scope = graph.unique_name(import_scope or "", mark_as_used=False)
        returned = importer.import_graph_def(
            message.graph_def,
            name=import_scope or scope,
            input_map=input_map,
            producer_op_list=producer_ops,
            return_elements=return_elements,
        )
        _read_collections(message, graph, scope, unbound_inputs_col_name, restore_collections_predicate)
    variables = graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=scope)
    return {strip_name_scope(v.name, scope): v for v in variables}, returned


def _check_unbound(message: Any, collection: str | None, input_map: Any) -> None:
    if not collection or collection not in message.collection_def:
        return
    entry = message.collection_def[collection]
    kind = entry.WhichOneof("kind")
    names = [v.decode() if isinstance(v, bytes) else v for v in getattr(entry, kind).value] if kind else []
    if names and (not input_map or sorted(names) != sorted(input_map)):
        missing = ",".join(n for n in names if not input_map or n not in input_map)
        raise ValueError(f"Graph contains unbound inputs: {missing}. Must provide these inputs through input_map.")


# --- export ----------------------------------------------------------------------------------------------------


def export_scoped_meta_graph(
    filename: str | None = None,
    graph_def: Any = None,
    graph: Graph | None = None,
    export_scope: str | None = None,
    as_text: bool = False,
    unbound_inputs_col_name: str | None = "unbound_inputs",
    clear_devices: bool = False,
    saver_def: Any = None,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    save_debug_info: bool = False,
    **kwargs: Any,
) -> tuple[Any, dict[str, Any]]:
    """A MetaGraphDef of a graph or of one scope of it, written to `filename` where given, and its variables by name."""
    graph = graph or stacks.get_default_graph()
    exclude_nodes: set[str] | None = None
    unbound_inputs: list[str] = []
    if export_scope or clear_extraneous_savers or clear_devices:
        whole = graph_def or graph.as_graph_def(add_shapes=True)
        if clear_extraneous_savers:
            exclude_nodes = _find_extraneous_saver_nodes(whole, saver_def)
        graph_def = protos.GraphDef(versions=whole.versions, library=whole.library)
        for node in whole.node:
            if _should_include_node(node.name, export_scope, exclude_nodes):
                graph_def.node.append(_scoped_node(node, export_scope, unbound_inputs, clear_devices))
        if unbound_inputs_col_name:
            graph.clear_collection(unbound_inputs_col_name)
            for name in unbound_inputs:
                graph.add_to_collection(unbound_inputs_col_name, name)
    variables = {
        strip_name_scope(v.name, export_scope): v
        for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=export_scope)
        if _should_include_node(v, export_scope, exclude_nodes)
    }
    made = create_meta_graph_def(
        graph_def=graph_def,
        graph=graph,
        export_scope=export_scope,
        exclude_nodes=exclude_nodes,
        clear_extraneous_savers=clear_extraneous_savers,
        saver_def=saver_def,
        strip_default_attrs=strip_default_attrs,
        **kwargs,
    )
    if filename:
        graph_io.write_graph(made, os.path.dirname(filename), os.path.basename(filename), as_text=as_text)
        if save_debug_info:
            _write_debug_info(made, graph, export_scope, filename, as_text)
    return made, variables


def _write_debug_info(made: Any, graph: Graph, export_scope: str | None, filename: str, as_text: bool) -> None:
    """Writes where each node was made, beside the MetaGraph."""
    from tfcompat.framework.protos import GraphDebugInfo

    info = GraphDebugInfo()
    files: dict[str, int] = {}
    for node in made.graph_def.node:
        op = graph.get_operation_by_name(prepend_name_scope(node.name, export_scope))
        trace = info.traces[f"{op.name}@"]
        for frame in reversed(op.traceback):
            path, line, function, code = frame[:4]
            entry = trace.file_line_cols.add(line=line, func=function, code=code or "")
            entry.file_index = files.setdefault(path, len(files))
    info.files.extend(files)
    path = os.path.splitext(filename)[0] + ".debug"
    graph_io.write_graph(info, os.path.dirname(path), os.path.basename(path), as_text=as_text)


def copy_scoped_meta_graph(
    from_scope: str, to_scope: str, from_graph: Graph | None = None, to_graph: Graph | None = None
) -> dict[str, Any]:
    """Copies one scope of a graph under another scope, with its collections; the new variables by name.

    Raises: ValueError when both scopes are one.
    """
    from_graph = from_graph or stacks.get_default_graph()
    to_graph = to_graph or stacks.get_default_graph()
    if from_graph is to_graph and from_scope == to_scope:
        raise ValueError("'from_scope' and 'to_scope' need to be different when performing copy in the same graph.")
    message, _ = export_scoped_meta_graph(export_scope=from_scope, graph=from_graph)
    return import_scoped_meta_graph(message, graph=to_graph, import_scope=to_scope)
