"""Name scopes and the other `with` blocks of the default graph."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tfcompat.framework import build, stacks
from tfcompat.framework.export import export


@export("name_scope", "keras.backend.name_scope")
class name_scope:  # TF spells it so
    """`with tf.name_scope(name, default_name, values) as scope:`: nodes made inside are named under the scope.

    The graph of `values` becomes the default one. `scope` ends with a slash and can be used as a name again.
    Raises: ValueError when neither name is given.
    """

    __slots__ = ("_graph_context", "_graph_scope", "_name", "_values")

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None) -> None:
        if default_name is not None and not isinstance(default_name, str):
            raise TypeError(
                f"`default_name` type ({type(default_name)}) is not a string type. You likely meant to pass this into the `values` kwarg."
            )
        self._name = default_name if name is None else name
        self._values = values
        if self._name is None and values is not None:
            raise ValueError(f"At least one of name ({name}) and default_name ({default_name}) must be provided.")
        self._graph_context: Any = None
        self._graph_scope: Any = None

    @property
    def name(self) -> str | None:
        return self._name

    def __enter__(self) -> str:
        graph = stacks.get_default_graph()
        if self._values:
            wanted = build.graph_of(list(self._values))
            if wanted is not graph:
                self._graph_context = wanted.as_default()
                graph = self._graph_context.__enter__()
        try:
            self._graph_scope = graph.name_scope(self._name)
            return self._graph_scope.__enter__()  # type: ignore[no-any-return]
        except BaseException:
            if self._graph_context is not None:
                self._graph_context.__exit__(None, None, None)
                self._graph_context = None
            raise

    def __exit__(self, *exc: Any) -> None:
        try:
            self._graph_scope.__exit__(*exc)
        finally:
            if self._graph_context is not None:
                self._graph_context.__exit__(*exc)
                self._graph_context = None


@export("control_dependencies")
def control_dependencies(control_inputs: Any) -> Any:
    """`graph.control_dependencies` of the default graph."""
    return stacks.get_default_graph().control_dependencies(control_inputs)


@export("device")
def device(device_name_or_function: Any) -> Any:
    """`graph.device` of the default graph."""
    return stacks.get_default_graph().device(device_name_or_function)


@export("colocate_with")
def colocate_with(op: Any, ignore_existing: bool = False) -> Any:
    """`graph.colocate_with` of the default graph."""
    return stacks.get_default_graph().colocate_with(op, ignore_existing)


@export("container")
def container(container_name: str) -> Any:
    """`graph.container` of the default graph."""
    return stacks.get_default_graph().container(container_name)


@export("init_scope", v2=("init_scope",))
@contextlib.contextmanager
def init_scope() -> Iterator[None]:
    """A block whose nodes go outside every function, branch and loop being built, and run without control inputs.

    Name scope and device stay what they are. Variables are made in such a block.
    """
    graph = stacks.get_default_graph()
    scope = graph._scopes.name
    devices: list[Any] = []
    outer: Any = graph
    while True:
        devices = devices or outer._scopes.devices
        if not outer.building_function:
            break
        outer = outer.outer_graph
    with outer.as_default(), outer.name_scope(scope + "/" if scope else None), outer.control_dependencies(None):
        before, outer._scopes.devices = outer._scopes.devices, devices
        try:
            yield
        finally:
            outer._scopes.devices = before


@export("op_scope")
@contextlib.contextmanager
def op_scope(values: Any, name: str | None, default_name: str | None = None) -> Iterator[str]:
    """The old argument order of name_scope."""
    with name_scope(name, default_name, values) as scope:
        yield scope


def strip_name_scope(name: str, export_scope: str | None) -> str:
    """`name` without the leading `export_scope/`."""
    if not export_scope:
        return name
    prefix = export_scope if export_scope.endswith("/") else export_scope + "/"
    head, _, tail = name.partition("loc:@")
    rest = tail if tail or name.startswith("loc:@") else head
    rest = rest.removeprefix(prefix)
    return f"loc:@{rest}" if name.startswith("loc:@") else rest


def prepend_name_scope(name: str, import_scope: str | None) -> str:
    """`name` under `import_scope`."""
    if not import_scope:
        return name
    prefix = import_scope if import_scope.endswith("/") else import_scope + "/"
    if name.startswith("loc:@"):
        return "loc:@" + prefix + name[5:]
    if name.startswith("^"):
        return "^" + prefix + name[1:]
    return prefix + name
