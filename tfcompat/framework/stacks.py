"""The default graph and default session of each thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tfcompat.framework.export import export

if TYPE_CHECKING:
    from tfcompat.framework.graph import Graph


class _ThreadStacks(threading.local):
    def __init__(self) -> None:
        self.graphs: list[Graph] = []
        self.sessions: list[Any] = []


_stacks = _ThreadStacks()
_global_graph: Graph | None = None
_global_lock = threading.Lock()


def graph_stack() -> list[Graph]:
    return _stacks.graphs


@export("get_default_graph")
def get_default_graph() -> Graph:
    """The graph that ops are added to in this thread."""
    graphs = _stacks.graphs
    if graphs:
        return graphs[-1]
    return global_graph()


def global_graph() -> Graph:
    """The graph used where no `graph.as_default()` is active; shared by all threads."""
    global _global_graph
    if _global_graph is None:
        from tfcompat.framework.graph import Graph

        with _global_lock:
            if _global_graph is None:
                _global_graph = Graph()
    return _global_graph


@export("reset_default_graph")
def reset_default_graph() -> None:
    """Replaces the global default graph by an empty one.

    Raises: AssertionError inside a `with graph.as_default()` block.
    """
    global _global_graph
    if _stacks.graphs:
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, exit the "
            "nesting and create a new graph."
        )
    from tfcompat.framework.graph import Graph

    _global_graph = Graph()


@contextlib.contextmanager
def default_graph(graph: Graph) -> Iterator[Graph]:
    stack = _stacks.graphs
    stack.append(graph)
    try:
        yield graph
    finally:
        if stack[-1] is not graph:
            raise AssertionError("Nesting violated for default stack of Graph objects")
        stack.pop()


@export("get_default_session")
def get_default_session() -> Any:
    """The innermost session entered in this thread, or None."""
    sessions = _stacks.sessions
    return sessions[-1] if sessions else None


def session_stack() -> list[Any]:
    return _stacks.sessions


@contextlib.contextmanager
def default_session(session: Any) -> Iterator[Any]:
    stack = _stacks.sessions
    stack.append(session)
    try:
        yield session
    finally:
        # Sessions may be closed out of order (InteractiveSession), so remove this one wherever it is.
        for i in range(len(stack) - 1, -1, -1):
            if stack[i] is session:
                del stack[i]
                break
