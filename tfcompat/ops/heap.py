"""A priority queue that orders equal priorities as C++'s does (libstdc++), where TF's results depend on that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Heap:
    """Items by priority, the largest first."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[tuple[Any, Any]]) -> None:
        self._items: list[tuple[Any, Any]] = []
        for priority, item in items:
            self.push(priority, item)

    def __bool__(self) -> bool:
        return bool(self._items)

    def push(self, priority: Any, item: Any) -> None:
        self._items.append((priority, item))
        self._rise(len(self._items) - 1, 0, (priority, item))

    def _rise(self, hole: int, top: int, entry: tuple[Any, Any]) -> None:
        """Moves smaller parents down until the entry fits at the hole."""
        items = self._items
        while hole > top:
            parent = (hole - 1) // 2
            if not items[parent][0] < entry[0]:
                break
            items[hole] = items[parent]
            hole = parent
        items[hole] = entry

    def pop(self) -> tuple[Any, Any]:
        """The entry of the largest priority."""
        items = self._items
        first, last = items[0], items.pop()
        n = len(items)
        if n:
            # The hole sinks to the bottom along the larger children, then the last entry rises from there.
            hole, child = 0, 0
            while child < (n - 1) // 2:
                child = 2 * (child + 1)
                if items[child][0] < items[child - 1][0]:
                    child -= 1
                items[hole] = items[child]
                hole = child
            if n % 2 == 0 and child == (n - 2) // 2:
                child = 2 * (child + 1)
                items[hole] = items[child - 1]
                hole = child - 1
            self._rise(hole, 0, last)
        return first
