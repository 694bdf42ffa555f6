"""State that outlives a run: a session's variables, queues, tables, iterators, random streams."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

import torch

from tfcompat.framework.dtypes import DType

T = TypeVar("T")


class VariableCell:
    """The storage of one variable. `tensor` is None until it is initialised; strings are numpy arrays.

    Kernels hold `lock` while they change the value: torch works outside the interpreter's own lock.
    """

    __slots__ = ("container", "dims", "dtype", "is_resource", "lock", "name", "tensor")

    def __init__(self, name: str, container: str, dtype: DType, dims: Any, is_resource: bool) -> None:
        self.name = name
        self.container = container
        self.dtype = dtype
        self.dims = dims
        self.is_resource = is_resource
        self.tensor: Any = None
        self.lock = threading.RLock()

    def assign(self, value: Any) -> None:
        """Stores a copy: in place where the storage fits, so that whoever shares it sees the new value."""
        with self.lock:
            old = self.tensor
            if isinstance(value, torch.Tensor):
                if isinstance(old, torch.Tensor) and old.shape == value.shape and old.dtype == value.dtype:
                    old.copy_(value)
                else:
                    self.tensor = value.clone(memory_format=torch.contiguous_format)
            else:
                self.tensor = value.copy()

    def __repr__(self) -> str:
        return f"<VariableCell {self.name}>"


class ResourceStore:
    """A session's resources by (container, name)."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._items: dict[tuple[str, str, str], Any] = {}

    def get_or_create(self, kind: str, container: str, name: str, make: Callable[[], T]) -> T:
        key = (kind, container, name)
        with self._lock:
            found = self._items.get(key)
            if found is None:
                found = self._items[key] = make()
            return found  # type: ignore[no-any-return]

    def get(self, kind: str, container: str, name: str) -> Any:
        with self._lock:
            return self._items.get((kind, container, name))

    def values(self) -> list[Any]:
        with self._lock:
            return list(self._items.values())

    def clear(self, container: str | None = None) -> None:
        """Forgets the resources of a container (None: all)."""
        with self._lock:
            for key in [k for k in self._items if container is None or k[1] == container]:
                item = self._items.pop(key)
                close = getattr(item, "close_resource", None)
                if close is not None:
                    close()
