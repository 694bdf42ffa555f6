"""import_graph_def: the nodes of a GraphDef added to the default graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfcompat.framework import build, dtypes, op_defs, stacks
from tfcompat.framework.errors import NotFoundError
from tfcompat.framework.export import export
from tfcompat.framework.function_def import ImportedFunction, graph_of_function
from tfcompat.framework.graph import Graph
from tfcompat.framework.graph_def import attr_from_proto
from tfcompat.framework.op import get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor


@export("import_graph_def", "graph_util.import_graph_def")
def import_graph_def(
    graph_def: Any,
    input_map: Any = None,
    return_elements: Any = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
) -> list[Any] | None:
    """Adds the nodes of `graph_def` under the name scope `name` ("import"); returns `return_elements`.

    input_map: names of the GraphDef's tensors -> tensors to use instead.
    Raises: TypeError for arguments of the wrong kind; ValueError for unknown ops, missing inputs, unused map entries.
    Source: TF 1.15, python/framework/importer.py.
    """
    if type(graph_def).__name__ != "GraphDef":
        raise TypeError("graph_def must be a GraphDef proto.")
    mapped = _check_map(input_map)
    wanted = _check_elements(return_elements)
    graph = stacks.get_default_graph()
    _check_versions(graph, graph_def)
    prefix = _prefix(graph, name)
    for definition in graph_def.library.function:
        graph._add_function(ImportedFunction(definition))
    imported = _Import(graph, graph_def, mapped, prefix)
    imported.run()
    unused = [k for k in mapped if k not in imported.used and not imported.has(k)]
    if unused:
        raise ValueError(
            "Attempted to map inputs that were not found in graph_def: ["
            + ", ".join(u if u.startswith("^") or ":" in u else u + ":0" for u in unused)
            + "]"
        )
    return None if wanted is None else [imported.element(w) for w in wanted]


def import_nodes(graph: Graph, message: Any) -> dict[str, Operation]:
    """Adds the nodes of a function's body to its graph; returns them by name."""
    imported = _Import(graph, message, {}, "")
    imported.run()
    return imported.nodes


_MIN_PRODUCER, _CURRENT = 0, 134


def _check_versions(graph: Graph, graph_def: Any) -> None:
    """Raises ValueError for a graph this runtime is too new or too old for; notes the versions in an empty graph."""
    given = graph_def.versions
    if given.producer < _MIN_PRODUCER:
        raise ValueError(
            f"GraphDef producer version {given.producer} below min producer {_MIN_PRODUCER} supported by TensorFlow "
            "1.15.  Please regenerate your graph."
        )
    if given.min_consumer > _CURRENT:
        raise ValueError(
            f"GraphDef min consumer version {given.min_consumer} above current version {_CURRENT} for TensorFlow 1.15.  "
            "Please upgrade TensorFlow."
        )
    if not graph._nodes_by_id:
        graph._producer_version, graph._min_consumer = given.producer, given.min_consumer
    else:
        graph._producer_version = min(graph._producer_version, given.producer or graph._producer_version)
        graph._min_consumer = max(graph._min_consumer, given.min_consumer)


def _check_map(input_map: Any) -> dict[str, Any]:
    if input_map is None:
        return {}
    if not (isinstance(input_map, Mapping) and all(isinstance(k, (str, bytes)) for k in input_map)):
        raise TypeError("Argument `input_map` must be a dictionary mapping strings to Tensor objects.")
    out = {}
    for key, value in input_map.items():
        text = key.decode() if isinstance(key, bytes) else key
        out[text[:-2] if text.endswith(":0") and not text.startswith("^") else text] = value
    return out


def _check_elements(return_elements: Any) -> list[str] | None:
    if return_elements is None:
        return None
    if not (isinstance(return_elements, (list, tuple)) and all(isinstance(x, (str, bytes)) for x in return_elements)):
        raise TypeError("Argument `return_elements` must be a list of strings.")
    return [x.decode() if isinstance(x, bytes) else x for x in return_elements]


def _prefix(graph: Graph, name: str | None) -> str:
    if name is None:
        name = "import"
    if name == "":
        return graph.get_name_scope() + "/" if graph.get_name_scope() else ""
    opened = graph._open_name_scope(name)
    return opened + "/"


class _Import:
    def __init__(self, graph: Graph, graph_def: Any, mapped: dict[str, Any], prefix: str) -> None:
        self.graph = graph
        self.graph_def = graph_def
        self.mapped = mapped
        self.prefix = prefix
        self.used: set[str] = set()
        self.nodes: dict[str, Operation] = {}
        # (node, input position, source) of loops' back edges, which exist only in graphs with v1 control flow
        self.back_edges: list[tuple[Operation, int, str]] = []
        self.names = {n.name for n in graph_def.node}

    def run(self) -> None:
        defs: dict[str, Any] = {}
        for n in self.graph_def.node:
            if n.name in defs:
                raise ValueError(f"Node '{n.name}' is not unique")
            defs[n.name] = n
        for n in self._ordered(defs):
            self._add(n, defs)

    def _ordered(self, defs: dict[str, Any]) -> list[Any]:
        """Inputs before their readers; an edge out of NextIteration may point backwards."""
        done: set[str] = set()
        active: set[str] = set()
        out: list[Any] = []
        for root in self.graph_def.node:
            stack = [(root.name, False)]
            while stack:
                name, leave = stack.pop()
                if leave:
                    active.discard(name)
                    if name not in done:
                        done.add(name)
                        out.append(defs[name])
                    continue
                if name in done or name in active:
                    continue
                active.add(name)
                stack.append((name, True))
                for text in reversed(defs[name].input):
                    source = _source_of(text)
                    if source in done or source in self.mapped or text in self.mapped:
                        continue
                    if source not in defs:
                        continue
                    if defs[name].op in ("Merge", "RefMerge") and defs[source].op in (
                        "NextIteration",
                        "RefNextIteration",
                    ):
                        continue
                    if source in active:
                        raise ValueError(f"graph_def is invalid: cycle through node '{name}'")
                    stack.append((source, False))
        return out

    def _add(self, n: Any, defs: dict[str, Any]) -> None:
        if not op_defs.has_op_def(n.op) and self.graph._get_function(n.op) is None:
            raise NotFoundError(
                None, None, f"Op type not registered '{n.op}' in binary running on localhost. (node '{n.name}')"
            )
        attrs = {key: attr_from_proto(value) for key, value in n.attr.items()}
        if op_defs.has_op_def(n.op):
            decl = get_op(n.op)
        else:
            # A node whose type is a function is a call of it.
            called = self.graph._get_function(n.op)
            decl = get_op("StatefulPartitionedCall")
            attrs.update(Tin=called.types(outputs=False), Tout=called.types(outputs=True), f=called)
        for key, spec in decl.definition.attrs.items():
            if attrs.get(key) is None and spec.has_default:
                attrs[key] = spec.default
            elif key not in attrs:
                raise ValueError(f"NodeDef missing attr '{key}' from Op<name={n.op}>; NodeDef: {n.name}")
        inputs: list[Tensor] = []
        controls: list[Operation] = []
        late: list[tuple[int, str]] = []
        for text in n.input:
            if text.startswith("^"):
                controls.append(self._control(text, n.name))
                continue
            found = self._input(text, n.name, defs)
            if found is None:
                late.append((len(inputs), text))
                # Stands in until the back edge's source exists.
                found = inputs[0]
            inputs.append(found)
        self._resolve_functions(decl, attrs, inputs)
        types = build.output_types(decl.definition, attrs)
        _check_types(n, decl, attrs, inputs, self.prefix)
        node = self._create(n, decl, inputs, attrs, types, controls)
        self.nodes[n.name] = node
        for position, text in late:
            self.back_edges.append((node, position, text))
        self._close_edges(n.name)

    def _resolve_functions(self, decl: Any, attrs: dict[str, Any], inputs: list[Tensor]) -> None:
        """Makes graphs of the functions that a node's attrs name."""
        for key, spec in decl.definition.attrs.items():
            if spec.type not in ("func", "list(func)"):
                continue
            value = attrs.get(key)
            if isinstance(value, (list, tuple)):
                attrs[key] = [self._function(v, decl.type, attrs, inputs) for v in value]
            else:
                attrs[key] = self._function(value, decl.type, attrs, inputs)

    def _function(self, value: Any, op_type: str, attrs: dict[str, Any], inputs: list[Tensor]) -> Any:
        found = value if isinstance(value, ImportedFunction) else self.graph._get_function(getattr(value, "name", ""))
        if not isinstance(found, ImportedFunction):
            return value
        loop = op_type in ("While", "StatelessWhile")
        given: list[Tensor] = []
        dims: list[Any] = []
        if loop or op_type in ("PartitionedCall", "StatefulPartitionedCall"):
            given = inputs
        elif op_type in ("If", "StatelessIf", "Case"):
            given = inputs[1:]
        dims = [t._dims for t in given]
        if loop:
            dims = [s._tuple for s in attrs.get("output_shapes") or ()]
        return graph_of_function(found, self.graph, given, dims, loop)

    def _create(
        self,
        n: Any,
        decl: Any,
        inputs: list[Tensor],
        attrs: dict[str, Any],
        types: list[dtypes.DType],
        controls: list[Operation],
    ) -> Operation:
        attrs.pop("_output_shapes", None)
        if n.op.startswith("TensorArrayGrad"):
            source = attrs["source"]
            sources = self.graph._attached.setdefault("gradient_sources", set())
            sources.add(source.decode() if isinstance(source, bytes) else source)
        partners: list[Operation] = []
        if "_class" in attrs:
            attrs["_class"] = [self._class(c, n, partners) for c in attrs["_class"]]
        name = self.prefix + n.name
        scopes = self.graph._scopes
        before, scopes.name = scopes.name, ""
        try:
            taken = name in self.graph._nodes_by_name
            final = self.graph.unique_name(name)
            if not taken:
                # A name scope of that name does not count: only nodes do.
                final = name
            node = build.create_node(self.graph, decl, inputs, attrs, final + "/", types)
        finally:
            scopes.name = before
        if n.device:
            node._set_device(n.device)
        for function in [f for _, f in reversed(self.graph._scopes.devices)]:
            node._device = function(node)
        if partners:
            # Nodes that belong together go where the first of them was put.
            node._device = partners[-1]._device
        if controls:
            for c in controls:
                if c not in node._control_inputs:
                    node._control_inputs.append(c)
                    c._control_outputs.append(node)
        return node

    def _class(self, value: Any, n: Any, partners: list[Operation]) -> bytes:
        """A colocation class under the names the nodes got here. Raises ValueError for a node that is not there."""
        text = value if isinstance(value, bytes) else value.encode()
        if not text.startswith(b"loc:@"):
            return text
        name = text[5:].decode()
        if name == n.name:
            return b"loc:@" + (self.prefix + name).encode()
        partner = self.nodes.get(name)
        if partner is None:
            if name not in self.names:
                raise ValueError(f"Node '{n.name}' expects to be colocated with unknown node '{name}'")
            return b"loc:@" + (self.prefix + name).encode()
        partners.append(partner)
        return b"loc:@" + partner._name.encode()

    def has(self, key: str) -> bool:
        """Whether the GraphDef has the tensor or node that a key of the input map names."""
        node = self.nodes.get(_source_of(key))
        return node is not None and (key.startswith("^") or _index_of(key) < max(len(node._outputs), 1))

    def _control(self, text: str, reader: str) -> Operation:
        if text in self.mapped:
            self.used.add(text)
            target = self.mapped[text]
            return target if isinstance(target, Operation) else target.op  # type: ignore[no-any-return]
        found = self.nodes.get(text[1:])
        if found is None:
            raise ValueError(f"Node '{reader}': Unknown input node '{text}'")
        return found

    def _input(self, text: str, reader: str, defs: dict[str, Any]) -> Tensor | None:
        key = text.removesuffix(":0")
        if key in self.mapped:
            self.used.add(key)
            from tfcompat.framework.conversion import to_tensor

            return to_tensor(self.mapped[key])
        source = _source_of(text)
        index = _index_of(text)
        node = self.nodes.get(source)
        if node is None or index < 0:
            if source in defs and defs[source].op in ("NextIteration", "RefNextIteration"):
                return None
            raise ValueError(f"Node '{reader}': Unknown input node '{text}'")
        if index >= len(node._outputs):
            raise ValueError(
                f"Node '{reader}': Connecting to invalid output {index} of source node {source} which has {len(node._outputs)} outputs."
            )
        return node._outputs[index]

    def _close_edges(self, name: str) -> None:
        rest = []
        for node, position, text in self.back_edges:
            if _source_of(text) == name:
                node._update_input(position, self.nodes[name]._outputs[_index_of(text)])
            else:
                rest.append((node, position, text))
        self.back_edges = rest

    def element(self, name: str) -> Any:
        op_name, _, index = name.partition(":")
        if index and not index.isdigit():
            raise ValueError(f"Cannot convert {name!r} to a tensor name.")
        node = self.nodes.get(op_name)
        if node is not None and index and int(index) >= len(node._outputs):
            raise ValueError(
                f"Invalid return output {index} of node '{op_name}', which has {len(node._outputs)} output(s)"
            )
        if node is None:
            kind = "return tensor" if index else "return node"
            raise ValueError(f"Requested {kind} '{name}' not found in graph def")
        return node._outputs[int(index)] if index else node


def _source_of(text: str) -> str:
    return text.lstrip("^").partition(":")[0]


def _index_of(text: str) -> int:
    """The output a name asks for; -1 for text that is no number."""
    index = text.partition(":")[2] or "0"
    return int(index) if index.isdigit() else -1


def _check_types(n: Any, decl: Any, attrs: dict[str, Any], inputs: Sequence[Tensor], prefix: str) -> None:
    """The inputs must be as many, and of the types, the op definition says. Raises ValueError."""
    expected: list[dtypes.DType] = []
    for arg in decl.definition.inputs:
        if arg.type_list_attr:
            expected.extend(attrs[arg.type_list_attr])
            continue
        dtype = arg.type if arg.type is not None else attrs[arg.type_attr]
        expected.extend([dtype] * (attrs[arg.number_attr] if arg.number_attr else 1))
    if len(expected) != len(inputs):
        names = ", ".join(dtypes.cpp_name(t) for t in expected)
        raise ValueError(
            f"NodeDef expected inputs '{names}' do not match {len(inputs)} inputs specified; NodeDef: {n.name}"
        )
    for i, (want, t) in enumerate(zip(expected, inputs, strict=True)):
        if t._dtype.base_dtype is not want.base_dtype:
            raise ValueError(
                f"Input {i} of node {prefix}{n.name} was passed {dtypes.cpp_name(t._dtype)} from {t.name} incompatible "
                f"with expected {dtypes.cpp_name(want)}."
            )
