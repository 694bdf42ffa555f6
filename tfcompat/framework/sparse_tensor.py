"""SparseTensor: indices, values and a dense shape, taken together."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from tfcompat.framework import constant_value, conversion, dtypes, nest
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor


@export("SparseTensorValue")
class SparseTensorValue(namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])):
    """The numpy parts of a SparseTensor, as a run returns and takes them."""

    __slots__ = ()


@export("SparseTensor", "sparse.SparseTensor")
class SparseTensor:
    """`values[i]` stands at `indices[i]` of a tensor of `dense_shape`; everything else is zero.

    Shapes: indices [n, rank] int64, values [n], dense_shape [rank] int64.
    Raises: ValueError when the static shapes do not fit together.
    """

    _is_composite = True

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        with name_scope(None, "SparseTensor", [v for v in (indices, values, dense_shape) if isinstance(v, Tensor)]):
            self._indices = conversion.to_tensor(indices, dtypes.int64, "indices")
            self._values = conversion.to_tensor(values, name="values")
            self._dense_shape = conversion.to_tensor(dense_shape, dtypes.int64, "dense_shape")
        rows = self._indices.shape.with_rank(2)
        size = self._values.shape.with_rank(1)
        rank = self._dense_shape.shape.with_rank(1)
        rows[0].merge_with(size[0])
        rows[1].merge_with(rank[0])

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        if not isinstance(sparse_tensor_value, (SparseTensor, SparseTensorValue)):
            raise TypeError(f"Neither a SparseTensor nor SparseTensorValue: {sparse_tensor_value}.")
        v = sparse_tensor_value
        return cls(indices=v.indices, values=v.values, dense_shape=v.dense_shape)

    @property
    def indices(self) -> Tensor:
        return self._indices

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        return self._dense_shape

    def with_values(self, new_values: Any) -> SparseTensor:
        """The same places with other values."""
        return SparseTensor(self._indices, new_values, self._dense_shape)

    @property
    def op(self) -> Any:
        return self._values.op

    @property
    def dtype(self) -> Any:
        return self._values.dtype

    @property
    def graph(self) -> Any:
        return self._indices.graph

    @property
    def name(self) -> str:
        return self._values.name

    @property
    def shape(self) -> TensorShape:
        return constant_value.constant_value_as_shape(self._dense_shape)  # type: ignore[no-any-return]

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def _shape(self) -> TensorShape:
        return self.shape

    def consumers(self) -> list[Any]:
        return self._indices.consumers()

    def eval(self, feed_dict: Any = None, session: Any = None) -> SparseTensorValue:
        """Runs the three parts in the given or the default session."""
        from tfcompat.framework import stacks

        session = session or stacks.get_default_session()
        if session is None:
            return self._indices.eval()  # type: ignore[no-any-return] # raises TF's error for the missing session
        return SparseTensorValue(*session.run([self._indices, self._values, self._dense_shape], feed_dict))

    def __str__(self) -> str:
        return f"SparseTensor(indices={self._indices}, values={self._values}, dense_shape={self._dense_shape})"

    __repr__ = __str__

    @staticmethod
    def _override_operator(operator: str, func: Any) -> None:
        setattr(SparseTensor, operator, func)


nest.register_composite(
    SparseTensor,
    lambda x: [x.indices, x.values, x.dense_shape],
    lambda x, parts: SparseTensor(*parts),
)


def is_sparse(value: Any) -> bool:
    return isinstance(value, (SparseTensor, SparseTensorValue))


@export("convert_to_tensor_or_sparse_tensor")
def convert_to_tensor_or_sparse_tensor(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A SparseTensor (made of a SparseTensorValue) as it is, anything else as a Tensor.

    Raises: RuntimeError when a SparseTensor has another dtype than asked for.
    """
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype)
    if isinstance(value, SparseTensorValue):
        value = SparseTensor.from_value(value)
    if isinstance(value, SparseTensor):
        if dtype is not None and not dtype.is_compatible_with(value.dtype):
            raise RuntimeError(f"Sparse dtype: requested = {dtype.name}, actual = {value.dtype.name}")
        return value
    return conversion.convert_to_tensor(value, dtype=dtype, name=name)
