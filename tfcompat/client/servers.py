"""Targets of sessions: the servers of this process, whose resources outlive the sessions that use them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tfcompat.framework.errors import UnimplementedError
from tfcompat.runtime.resources import ResourceStore

_lock = threading.Lock()
_servers: dict[str, Callable[[], ResourceStore]] = {}


def register(target: str, resources: Callable[[], ResourceStore]) -> None:
    """Makes `target` known; sessions on it use what `resources()` gives."""
    with _lock:
        _servers[target] = resources


def unregister(target: str) -> None:
    """Forgets a target."""
    with _lock:
        _servers.pop(target, None)


def resources_of(target: str) -> ResourceStore | None:
    """The resources of a server; None for a target without one (a session of its own).

    Raises: UnimplementedError for a server that is not in this process.
    """
    with _lock:
        found = _servers.get(target)
    if found is not None:
        return found()
    if "://" in target:
        raise UnimplementedError(
            None, None, f"Cannot connect to {target}: sessions reach servers of the same process only."
        )
    return None
