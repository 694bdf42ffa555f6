"""IndexedSlices: a tensor of which only some rows are given, as gradients of gathers are."""

from __future__ import annotations

from typing import Any

from tfcompat.framework import nest
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor, dims_of


@export("IndexedSlices")
class IndexedSlices:
    """`dense[indices[i]] = values[i]`, other rows zero; equal indices add up.

    Shapes: values [n, ...], indices [n], dense_shape [rank] or None.
    """

    _is_composite = True

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self._values = values
        self._indices = indices
        self._dense_shape = dense_shape

    @property
    def values(self) -> Any:
        return self._values

    @property
    def indices(self) -> Any:
        return self._indices

    @property
    def dense_shape(self) -> Any:
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        if self._dense_shape is None:
            return TensorShape(None)
        from tfcompat.framework.constant_value import constant_value_as_shape

        if not isinstance(self._dense_shape, Tensor):
            return TensorShape._from_tuple(dims_of(list(self._dense_shape)))
        return constant_value_as_shape(self._dense_shape)  # type: ignore[no-any-return]

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def name(self) -> str:
        return self._values.name  # type: ignore[no-any-return]

    @property
    def device(self) -> str:
        return self._values.device  # type: ignore[no-any-return]

    @property
    def op(self) -> Any:
        return self._values.op

    @property
    def dtype(self) -> Any:
        return self._values.dtype

    @property
    def graph(self) -> Any:
        return self._values.graph

    def consumers(self) -> list[Any]:
        return self._values.consumers()  # type: ignore[no-any-return]

    def _as_graph_element(self) -> Any:
        return None

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        shape = "" if self._dense_shape is None else f", dense_shape={self._dense_shape}"
        return f"IndexedSlices(indices={self._indices}, values={self._values}{shape})"

    __repr__ = __str__


def _components(value: IndexedSlices) -> list[Any]:
    parts = [value.values, value.indices]
    return parts if value.dense_shape is None else [*parts, value.dense_shape]


nest.register_composite(IndexedSlices, _components, lambda value, parts: IndexedSlices(*parts))
