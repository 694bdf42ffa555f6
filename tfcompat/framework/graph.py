"""Graph: the nodes a program has built, their names, scopes and collections. It only ever grows."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tfcompat.framework import device as device_lib
from tfcompat.framework import sites, stacks
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor

_VALID_OP_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\-/]*$")
_VALID_SCOPE_NAME = re.compile(r"^[A-Za-z0-9_.\-/]*$")


class _ControlDependencies:
    """One `with graph.control_dependencies(...)` block."""

    __slots__ = ("graph", "inputs", "is_new_stack", "saved", "seen")

    def __init__(self, graph: Graph, inputs: list[Operation] | None) -> None:
        self.graph = graph
        self.is_new_stack = inputs is None
        self.inputs = inputs or []
        self.seen: set[Operation] = set()
        self.saved: list[_ControlDependencies] = []

    @property
    def control_inputs(self) -> list[Operation]:
        return self.inputs

    def __enter__(self) -> None:
        scopes = self.graph._scopes
        if self.is_new_stack:
            self.saved = scopes.controls
            scopes.controls = []
        scopes.controls.append(self)

    def __exit__(self, *exc: object) -> None:
        scopes = self.graph._scopes
        scopes.controls.remove(self)
        if self.is_new_stack:
            scopes.controls = self.saved


class _Scopes:
    """The scope state of a graph (per thread after `switch_to_thread_local`)."""

    def __init__(self) -> None:
        self.name = ""
        self.controls: list[_ControlDependencies] = []
        self.devices: list[tuple[Any, Callable[[Any], str]]] = []
        self.colocations: list[Operation] = []


class _ThreadScopes(threading.local):
    def __init__(self) -> None:
        self.scopes: _Scopes | None = None


@export("Graph")
class Graph:
    """A dataflow graph under construction.

    Source: TF 1.15, python/framework/ops.py.
    """

    building_function = False

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._nodes_by_id: dict[int, Operation] = {}
        self._nodes_by_name: dict[str, Operation] = {}
        self._names_in_use: dict[str, int] = {}
        self._next_id_counter = 0
        self._edits = 0
        self._shared_scopes = _Scopes()
        self._local_scopes: _ThreadScopes | None = None
        self._finalized = False
        self._seed: int | None = None
        self._container = ""
        self._collections: dict[Any, list[Any]] = {}
        self._unfeedable: set[Tensor] = set()
        self._unfetchable: set[Any] = set()
        self._gradient_overrides: dict[str, str] = {}
        self._attr_scopes: dict[str, Any] = {}
        self._kernel_labels: dict[str, str] = {}
        self._functions: dict[str, Any] = {}
        self._original_op: Operation | None = None
        self._producer_version = 134
        self._min_consumer = 0
        # Private state of other layers (variable store, variable scopes, tables ...), keyed by them.
        self._attached: dict[str, Any] = {}

    # --- nodes -------------------------------------------------------------------------------------------------

    @property
    def _scopes(self) -> _Scopes:
        local = self._local_scopes
        if local is None:
            return self._shared_scopes
        if local.scopes is None:
            local.scopes = _Scopes()
            local.scopes.devices = list(self._shared_scopes.devices)
        return local.scopes

    def _next_id(self) -> int:
        self._check_not_finalized()
        with self._lock:
            self._next_id_counter += 1
            return self._next_id_counter

    @property
    def _last_id(self) -> int:
        return self._next_id_counter

    @property
    def version(self) -> int:
        """The id of the newest node; grows with every node."""
        return self._next_id_counter

    @property
    def graph_def_versions(self) -> Any:
        from tfcompat.framework.protos import VersionDef

        return VersionDef(producer=self._producer_version, min_consumer=self._min_consumer)

    def _note_edit(self) -> None:
        """Called when an existing node changed, so that cached plans are made again."""
        self._edits += 1

    def _check_not_finalized(self) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    def _add_node(
        self,
        decl: Op,
        inputs: list[Tensor],
        output_types: Sequence[Any],
        attrs: dict[str, Any],
        name: str,
    ) -> Operation:
        """Adds a node whose name is final (already unique) and whose inputs are checked."""
        scopes = self._scopes
        control_inputs: list[Operation] = []
        if scopes.controls:
            control_inputs = self._control_inputs_for([t._op for t in inputs])
        if self._attr_scopes:
            for key, value in self._attr_scopes.items():
                if callable(value):
                    value = value(decl)
                if value is not None:
                    attrs.setdefault(key, value)
        if decl.type in self._kernel_labels:
            attrs.setdefault("_kernel", self._kernel_labels[decl.type])
        if self._container and attrs.get("container") == "" and decl.is_stateful:
            attrs["container"] = self._container
        if decl.type in self._gradient_overrides:
            attrs.setdefault("_gradient_op_type", self._gradient_overrides[decl.type])
        with self._lock:
            self._check_not_finalized()
            self._next_id_counter += 1
            node = Operation(
                self, self._next_id_counter, name, decl, inputs, output_types, attrs, control_inputs, sites.user_stack()
            )
            self._nodes_by_id[node._id] = node
            self._nodes_by_name[name] = node
        if self._original_op is not None:
            node._original_op = self._original_op
        if scopes.devices:
            for _, function in reversed(scopes.devices):
                node._device = function(node)
        if scopes.colocations:
            self._colocate(node, scopes.colocations)
        for controller in scopes.controls:
            controller.seen.add(node)
        return node

    def _colocate(self, node: Operation, with_ops: list[Operation]) -> None:
        groups: list[bytes] = []
        for op in with_ops:
            groups.extend(op.colocation_groups())
            node._device = op._device
        node._attrs["_class"] = sorted(set(groups))

    def _control_inputs_for(self, input_ops: list[Operation]) -> list[Operation]:
        """The control inputs that the open scopes add, less those the data inputs imply already."""
        found: list[Operation] = []
        inputs = set(input_ops)
        for controller in self._scopes.controls:
            if controller.seen.isdisjoint(inputs):
                found.extend(c for c in controller.inputs if c not in inputs)
        return list(dict.fromkeys(found))

    def create_op(
        self,
        op_type: str,
        inputs: Sequence[Tensor],
        dtypes: Sequence[Any] | None = None,
        input_types: Any = None,
        name: str | None = None,
        attrs: dict[str, Any] | None = None,
        op_def: Any = None,
        compute_shapes: bool = True,
        compute_device: bool = True,
    ) -> Operation:
        """Adds a node from its parts; the low-level entry that the op functions stand on.

        Raises: TypeError for an input that is no Tensor; ValueError for a bad name or inputs that do not fit.
        """
        from tfcompat.framework import build
        from tfcompat.framework.graph_def import attr_from_proto, is_attr_value

        for i, value in enumerate(inputs):
            if not isinstance(value, Tensor):
                raise TypeError(f"Input #{i} is not a tensor: {value}")
        decl = get_op(op_type)
        plain = {k: attr_from_proto(v) if is_attr_value(v) else v for k, v in (attrs or {}).items()}
        build.infer_types(decl.definition, inputs, plain)
        return build.create_node(self, decl, list(inputs), plain, name, dtypes)

    def get_operations(self) -> list[Operation]:
        """All nodes, in order of creation."""
        with self._lock:
            return list(self._nodes_by_id.values())

    def get_operation_by_name(self, name: str) -> Operation:
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)  # type: ignore[no-any-return]

    def _get_operation_by_name_unsafe(self, name: str) -> Operation:
        return self._nodes_by_name[name]

    def get_tensor_by_name(self, name: str) -> Tensor:
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)  # type: ignore[no-any-return]

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The node or tensor of this graph that `obj` (an object or a name) stands for.

        Raises: KeyError for an unknown name, ValueError for another graph's object, TypeError for anything else.
        """
        if self._finalized:
            return self._as_graph_element(obj, allow_tensor, allow_operation)
        with self._lock:
            return self._as_graph_element(obj, allow_tensor, allow_operation)

    def _as_graph_element(self, obj: Any, allow_tensor: bool, allow_operation: bool) -> Any:
        if not allow_tensor and not allow_operation:
            raise ValueError("allow_tensor and allow_operation can't both be False.")
        allowed = " or ".join(n for n, ok in (("Tensor", allow_tensor), ("Operation", allow_operation)) if ok)
        convert = getattr(obj, "_as_graph_element", None)
        if convert is not None and not isinstance(obj, Graph):
            made = convert()
            obj = obj if made is None else made
        if isinstance(obj, bytes):
            obj = obj.decode()
        if isinstance(obj, str):
            return self._element_by_name(obj, allow_tensor, allow_operation, allowed)
        if isinstance(obj, Tensor) and allow_tensor:
            if obj.graph is not self:
                raise ValueError(f"Tensor {obj} is not an element of this graph.")
            return obj
        if isinstance(obj, Operation) and allow_operation:
            if obj._graph is not self:
                raise ValueError(f"Operation {obj!r} is not an element of this graph.")
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {allowed}.")

    def _element_by_name(self, name: str, allow_tensor: bool, allow_operation: bool, allowed: str) -> Any:
        if ":" in name and allow_tensor:
            op_name, _, index = name.rpartition(":")
            if ":" in op_name or not index.isdigit():
                raise ValueError(
                    f"The name {name!r} looks a like a Tensor name, but is not a valid one. Tensor names must be of the "
                    'form "<op_name>:<output_index>".'
                )
            node = self._nodes_by_name.get(op_name)
            if node is None:
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, does not "
                    "exist in the graph."
                )
            if int(index) >= len(node._outputs):
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, exists but "
                    f"only has {len(node._outputs)} outputs."
                )
            return node._outputs[int(index)]
        if ":" in name:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a {allowed}.")
        if not allow_operation:
            if name in self._nodes_by_name:
                detail = (
                    f"The name {name!r} refers to an Operation, not a {allowed}. Tensor names must be of the form "
                    '"<op_name>:<output_index>".'
                )
            else:
                detail = (
                    f"The name {name!r} looks like an (invalid) Operation name, not a {allowed}. Tensor names must be "
                    'of the form "<op_name>:<output_index>".'
                )
            raise ValueError(detail)
        if name not in self._nodes_by_name:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
        return self._nodes_by_name[name]

    # --- names -------------------------------------------------------------------------------------------------

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` under the current name scope, with _1, _2 ... where it is taken (case does not tell names apart)."""
        scope = self._scopes.name
        if scope:
            name = f"{scope}/{name}"
        used = self._names_in_use
        key = name.lower()
        i = used.get(key, 0)
        if mark_as_used:
            used[key] = i + 1
        if i > 0:
            base = key
            while key in used:
                key = f"{base}_{i}"
                i += 1
            if mark_as_used:
                used[key] = 1
            name = f"{name}_{i - 1}"
        return name

    def get_name_scope(self) -> str:
        return self._scopes.name

    @property
    def _name_stack(self) -> str:
        return self._scopes.name

    @contextlib.contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """A block whose nodes are named under `name/`; a name with a trailing slash is taken as it is."""
        scope = self._open_name_scope(name)
        scopes = self._scopes
        before, scopes.name = scopes.name, scope
        try:
            yield f"{scope}/" if scope else ""
        finally:
            scopes.name = before

    def _open_name_scope(self, name: str | None) -> str:
        """The full name of the scope that `name` opens now, marked as used."""
        if not name:
            return ""
        if not isinstance(name, str):
            raise TypeError(f"name for name_scope must be a string, not {name!r}")
        if self._scopes.name:
            if not _VALID_SCOPE_NAME.match(name):
                raise ValueError(f"'{name}' is not a valid scope name")
        elif not _VALID_OP_NAME.match(name):
            raise ValueError(f"'{name}' is not a valid scope name")
        return name[:-1] if name[-1] == "/" else self.unique_name(name)

    # --- scopes ------------------------------------------------------------------------------------------------

    def as_default(self) -> contextlib.AbstractContextManager[Graph]:
        """A block in which this graph is the default one, in this thread."""
        return stacks.default_graph(self)

    def __enter__(self) -> Graph:  # pragma: no cover - TF's Graph is no context manager either
        raise TypeError("use `with graph.as_default():`")

    def __exit__(self, *exc: object) -> None:
        raise TypeError("use `with graph.as_default():`")

    def switch_to_thread_local(self) -> None:
        """From now on each thread has its own name, control and device scopes."""
        if self._local_scopes is None:
            self._local_scopes = _ThreadScopes()
            self._local_scopes.scopes = self._shared_scopes

    def control_dependencies(self, control_inputs: Any) -> _ControlDependencies:
        """A block whose nodes run after `control_inputs` (nodes, tensors, variables); None clears outer ones."""
        if control_inputs is None:
            return _ControlDependencies(self, None)
        ops: list[Operation] = []
        for c in control_inputs:
            if not isinstance(c, (Operation, Tensor)):
                element = getattr(c, "_as_graph_element", None)
                # A dependency on a resource variable, or on one just written, is no reason to read it.
                if element is not None and not hasattr(c, "_handle"):
                    made = element()
                    c = c if made is None else made
                if isinstance(getattr(c, "op", None), Operation):
                    c = c.op
            if not self.building_function:
                c = self.as_graph_element(c)
            if isinstance(c, Tensor):
                c = c._op
            if not isinstance(c, Operation):
                raise TypeError(f"Can not convert a {type(c).__name__} into a Tensor or Operation.")
            c = self._as_control_input(c)
            if c is not None and c not in ops:
                ops.append(c)
        return _ControlDependencies(self, ops)

    def _as_control_input(self, op: Operation) -> Operation | None:
        """Function graphs override this: a node of an outer graph is no control input of theirs."""
        if op._graph is not self:
            raise ValueError(f"Operation {op!r} is not an element of this graph.")
        return op

    @contextlib.contextmanager
    def device(self, device_name_or_function: Any) -> Iterator[None]:
        """A block whose nodes are placed by a device name, DeviceSpec or function of the node; None clears."""
        scopes = self._scopes
        before = scopes.devices
        if device_name_or_function is None:
            scopes.devices = []
        else:
            entry = (device_name_or_function, device_lib.as_device_function(device_name_or_function))
            scopes.devices = [*before, entry]
        try:
            yield
        finally:
            self._scopes.devices = before

    @contextlib.contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """A block whose nodes share the device of `op`."""
        if op is None and not ignore_existing:
            raise ValueError("Trying to reset colocation (op is None) but ignore_existing is not True")
        scopes = self._scopes
        if op is not None and not isinstance(op, Operation):
            op = op.op if hasattr(op, "op") else self.as_graph_element(op)
        before, devices = scopes.colocations, scopes.devices
        outer = [] if ignore_existing else before
        scopes.colocations = [*outer, op] if op is not None else list(outer)
        scopes.devices = []  # colocation is stronger than the device scopes around it
        try:
            yield
        finally:
            scopes.colocations, scopes.devices = before, devices

    @contextlib.contextmanager
    def container(self, container_name: str) -> Iterator[str]:
        before, self._container = self._container, container_name
        try:
            yield container_name
        finally:
            self._container = before

    @contextlib.contextmanager
    def gradient_override_map(self, op_type_map: dict[str, str]) -> Iterator[None]:
        """A block whose nodes of the given types use gradients registered under other names."""
        if not isinstance(op_type_map, dict):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        for key, value in op_type_map.items():
            if not (isinstance(key, str) and isinstance(value, str)):
                raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        before = self._gradient_overrides
        self._gradient_overrides = {**before, **op_type_map}
        try:
            yield
        finally:
            self._gradient_overrides = before

    @contextlib.contextmanager
    def _kernel_label_map(self, op_to_kernel_label_map: dict[str, str]) -> Iterator[None]:
        before = self._kernel_labels
        self._kernel_labels = {**before, **op_to_kernel_label_map}
        try:
            yield
        finally:
            self._kernel_labels = before

    @contextlib.contextmanager
    def _attr_scope(self, attr_map: dict[str, Any]) -> Iterator[None]:
        before = self._attr_scopes
        merged = {**before, **attr_map}
        self._attr_scopes = {k: v for k, v in merged.items() if v is not None}
        try:
            yield
        finally:
            self._attr_scopes = before

    @contextlib.contextmanager
    def _original_op_scope(self, op: Operation) -> Iterator[None]:
        before, self._original_op = self._original_op, op
        try:
            yield
        finally:
            self._original_op = before

    # --- state -------------------------------------------------------------------------------------------------

    @property
    def seed(self) -> int | None:
        return self._seed

    @seed.setter
    def seed(self, seed: int | None) -> None:
        self._seed = seed

    @property
    def finalized(self) -> bool:
        return self._finalized

    def finalize(self) -> None:
        """Makes the graph read-only."""
        self._finalized = True

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    def is_feedable(self, tensor: Any) -> bool:
        return tensor not in self._unfeedable

    def is_fetchable(self, tensor_or_op: Any) -> bool:
        element = tensor_or_op._op if isinstance(tensor_or_op, Tensor) else tensor_or_op
        return tensor_or_op not in self._unfetchable and element not in self._unfetchable

    def prevent_feeding(self, tensor: Any) -> None:
        self._unfeedable.add(tensor)

    def prevent_fetching(self, op: Any) -> None:
        self._unfetchable.add(op)

    # --- collections -------------------------------------------------------------------------------------------

    def add_to_collection(self, name: Any, value: Any) -> None:
        self._check_not_finalized()
        with self._lock:
            self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Adds to each collection once; a single string is one name."""
        unique = [names] if isinstance(names, str) else list(dict.fromkeys(names))
        for name in unique:
            self.add_to_collection(name, value)

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """A copy of the collection; with `scope`, the items whose name matches it (re.match)."""
        with self._lock:
            items = self._collections.get(name, [])
            if scope is None:
                return list(items)
            pattern = re.compile(scope)
            return [item for item in items if hasattr(item, "name") and pattern.match(item.name)]

    def get_collection_ref(self, name: Any) -> list[Any]:
        with self._lock:
            return self._collections.setdefault(name, [])

    def get_all_collection_keys(self) -> list[str]:
        with self._lock:
            return [name for name in self._collections if isinstance(name, str)]

    def clear_collection(self, name: Any) -> None:
        self._check_not_finalized()
        with self._lock:
            self._collections.pop(name, None)

    @property
    def collections(self) -> list[Any]:
        """The names of the collections."""
        return list(self._collections)

    # --- functions and export ----------------------------------------------------------------------------------

    def _add_function(self, function: Any) -> None:
        self._functions[function.name] = function

    def _is_function(self, name: str) -> bool:
        return name in self._functions

    def _get_function(self, name: str) -> Any:
        return self._functions.get(name)

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> Any:
        """The graph as a GraphDef message; with `from_version`, only nodes made after it."""
        from tfcompat.framework.graph_def import graph_def

        return graph_def(self, from_version, add_shapes)

    def _as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> tuple[Any, int]:
        return self.as_graph_def(from_version, add_shapes), self.version
