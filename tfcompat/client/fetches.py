"""The structure of a `run` call's fetches: flattened to graph elements and put together again."""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tfcompat.client.fetched_types import IndexedSlicesValue, SparseTensorValue
from tfcompat.framework.errors import InaccessibleTensorError
from tfcompat.framework.graph import Graph
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.operation import Operation
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor

# type -> (fetch -> (elements, contraction), feed, feed list), as tf.register_session_run_conversion_functions takes
_registered: list[tuple[type, Callable[..., Any], Any, Any]] = []


def register_fetch_type(kind: type, fetch: Callable[..., Any], feed: Any = None, feed_list: Any = None) -> None:
    for known in _registered:
        if issubclass(kind, known[0]):
            raise ValueError(f"{kind} has already been registered so ignore it.")
    _registered.insert(0, (kind, fetch, feed, feed_list))


def conversion_for(value: Any) -> tuple[type, Callable[..., Any], Any, Any] | None:
    for entry in _registered:
        if isinstance(value, entry[0]):
            return entry
    return None


# What rebuilds a result: it takes the list of element values.
Pack = Callable[[list[Any]], Any]


class FetchPlan:
    """The distinct elements of a fetch structure, and how the user's structure is made from their values."""

    def __init__(self, graph: Graph, fetches: Any) -> None:
        self.graph = graph
        self.elements: list[Any] = []
        self._index: dict[Any, int] = {}
        self.pack: Pack = self._mapper(fetches)

    @property
    def tensors(self) -> list[Tensor]:
        return [e for e in self.elements if isinstance(e, Tensor)]

    @property
    def targets(self) -> list[Operation]:
        return [e for e in self.elements if isinstance(e, Operation)]

    def _mapper(self, fetch: Any) -> Pack:
        if fetch is None:
            raise TypeError(f"Fetch argument {fetch!r} has invalid type {type(fetch)!r}")
        if isinstance(fetch, (Tensor, Operation, str, bytes)):
            return self._element(fetch, fetch)
        if isinstance(fetch, tuple) and hasattr(fetch, "_fields"):
            return self._rebuilt(list(fetch), lambda values, kind=type(fetch): kind(*values))
        if isinstance(fetch, (list, tuple)):
            return self._rebuilt(list(fetch), type(fetch) if type(fetch) in (list, tuple) else _as(type(fetch)))
        if isinstance(fetch, Mapping):
            return self._mapping(fetch)
        if hasattr(type(fetch), "__attrs_attrs__"):
            names = [a.name for a in type(fetch).__attrs_attrs__]
            return self._rebuilt(
                [getattr(fetch, n) for n in names],
                lambda values, kind=type(fetch), names=names: kind(**dict(zip(names, values, strict=True))),
            )
        entry = conversion_for(fetch)
        if entry is not None:
            parts, contract = entry[1](fetch)
            return self._rebuilt(list(parts), contract)
        return self._element(fetch, fetch)

    def _mapping(self, fetch: Mapping[Any, Any]) -> Pack:
        keys = list(fetch)
        kind = type(fetch)
        if isinstance(fetch, collections.defaultdict):
            factory = fetch.default_factory
            return self._rebuilt([fetch[k] for k in keys], lambda values: kind(factory, zip(keys, values, strict=True)))
        return self._rebuilt([fetch[k] for k in keys], lambda values: kind(zip(keys, values, strict=True)))  # type: ignore[call-arg]

    def _rebuilt(self, parts: Sequence[Any], build: Callable[[list[Any]], Any]) -> Pack:
        mappers = [self._mapper(p) for p in parts]
        return lambda values: build([m(values) for m in mappers])

    def _element(self, fetch: Any, original: Any) -> Pack:
        try:
            element = self.graph.as_graph_element(fetch, allow_tensor=True, allow_operation=True)
        except TypeError as cause:
            raise TypeError(
                f"Fetch argument {original!r} has invalid type {type(original)!r}, must be a string or Tensor. ({cause})"
            ) from None
        except ValueError as cause:
            raise ValueError(f"Fetch argument {original!r} cannot be interpreted as a Tensor. ({cause})") from None
        except KeyError as cause:
            raise ValueError(f"Fetch argument {original!r} cannot be interpreted as a Tensor. ({cause})") from None
        if not self.graph.is_fetchable(element):
            name = element.op.name if isinstance(element, Tensor) else element.name
            raise InaccessibleTensorError(
                f"Operation {name!r} has been marked as not fetchable. Typically this happens when it is defined in "
                "another function or code block. Use return values,explicit Python locals or TensorFlow collections to "
                "access it."
            )
        if isinstance(element, Operation):
            if element not in self._index:
                self._index[element] = -1
                self.elements.append(element)
            return lambda values: None
        at = self._index.get(element)
        if at is None:
            at = self._index[element] = sum(isinstance(e, Tensor) for e in self.elements)
            self.elements.append(element)
        return lambda values: values[at]


def _as(kind: type) -> Callable[[list[Any]], Any]:
    return lambda values: kind(values)


def _fetch_slices(value: IndexedSlices) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    if value.dense_shape is None:
        return [value.values, value.indices], lambda parts: IndexedSlicesValue(parts[0], parts[1], None)
    return [value.values, value.indices, value.dense_shape], lambda parts: IndexedSlicesValue(*parts)


register_fetch_type(IndexedSlices, _fetch_slices, lambda feed, value: _feed_slices(feed, value), None)


def _feed_slices(feed: IndexedSlices, value: Any) -> list[tuple[Any, Any]]:
    if feed.dense_shape is None:
        return [(feed.values, value[0]), (feed.indices, value[1])]
    return list(zip([feed.values, feed.indices, feed.dense_shape], value, strict=True))


def _fetch_sparse(value: SparseTensor) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    return [value.indices, value.values, value.dense_shape], lambda parts: SparseTensorValue(*parts)


def _feed_sparse(feed: SparseTensor, value: Any) -> list[tuple[Any, Any]]:
    return list(zip([feed.indices, feed.values, feed.dense_shape], value, strict=True))


register_fetch_type(
    SparseTensor, _fetch_sparse, _feed_sparse, lambda feed: [feed.indices, feed.values, feed.dense_shape]
)
