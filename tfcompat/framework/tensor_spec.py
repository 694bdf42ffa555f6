"""TensorSpec: dtype, static shape and name of a tensor, without the tensor.

Source: TF 1.15, python/framework/tensor_spec.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.type_spec import BatchableTypeSpec, register_type_spec_from_value_converter


@export("TensorSpec", v2=("TensorSpec",))
class TensorSpec(BatchableTypeSpec):
    """What is known of a tensor: `shape`, `dtype`, and the `name` it should have."""

    __slots__ = ("_dtype", "_name", "_shape")

    def __init__(self, shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> None:
        self._shape = TensorShape(shape)
        self._dtype = dtypes.as_dtype(dtype)
        self._name = name

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """A spec like another one, under another name where one is given."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor, by default named after its node.

        Raises: ValueError for anything but a tensor.
        """
        if not isinstance(tensor, Tensor):
            raise ValueError("`tensor` should be a tf.Tensor")
        return TensorSpec(tensor.shape, tensor.dtype, name or tensor.op.name)

    @property
    def shape(self) -> TensorShape:
        return self._shape

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def name(self) -> str | None:
        return self._name

    @property
    def value_type(self) -> Any:
        return Tensor

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Whether dtype and shape of a spec or tensor fit."""
        return (
            isinstance(spec_or_tensor, (TensorSpec, Tensor))
            and self._dtype.is_compatible_with(spec_or_tensor.dtype)
            and self._shape.is_compatible_with(spec_or_tensor.shape)
        )

    def most_specific_compatible_type(self, other: Any) -> TensorSpec:
        if type(self) is not type(other) or self._dtype != other.dtype:
            raise ValueError(f"Types are not compatible: {self!r} vs {other!r}")
        shape = self._shape.most_specific_compatible_shape(other.shape)
        return TensorSpec(shape, self._dtype, self._name if self._name == other.name else None)

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"

    def __hash__(self) -> int:
        return hash((self._shape._tuple, self.dtype))

    def __eq__(self, other: object) -> bool:
        return (
            type(self) is type(other)
            and self._shape._tuple == other._shape._tuple  # type: ignore[attr-defined]
            and self._dtype == other._dtype  # type: ignore[attr-defined]
            and self._name == other._name  # type: ignore[attr-defined]
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    def _serialize(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._name

    @property
    def _component_specs(self) -> Any:
        return self

    def _to_components(self, value: Any) -> Any:
        refused = f"Value {value!r} is not convertible to a tensor with dtype {self._dtype} and shape {self._shape}."
        try:
            value = conversion.convert_to_tensor(value, self._dtype)
        except (TypeError, ValueError):
            raise ValueError(refused) from None
        if not value.shape.is_compatible_with(self._shape):
            raise ValueError(refused)
        return value

    def _to_tensor_list(self, value: Any) -> list[Any]:
        return [self._to_components(value)]

    def _from_components(self, components: Any) -> Any:
        return components

    def _from_compatible_tensor_list(self, tensor_list: list[Any]) -> Any:
        assert len(tensor_list) == 1
        tensor_list[0].set_shape(self._shape)
        return tensor_list[0]

    def _to_batchable_tensor_list(self, value: Any, batched: bool = False) -> Any:
        if batched and self._shape.merge_with(value.shape).ndims == 0:
            raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        return self._to_components(value)

    def _batch(self, batch_size: int | None) -> TensorSpec:
        return TensorSpec(TensorShape([batch_size]).concatenate(self._shape), self._dtype)

    def _unbatch(self) -> TensorSpec:
        if self._shape.ndims == 0:
            raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        return TensorSpec(self._shape[1:], self._dtype)

    def _to_legacy_output_types(self) -> Any:
        return self._dtype

    def _to_legacy_output_shapes(self) -> Any:
        return self._shape

    def _to_legacy_output_classes(self) -> Any:
        return Tensor


class BoundedTensorSpec(TensorSpec):
    """A TensorSpec that also says the least and the greatest value; both broadcast to the shape.

    Raises: ValueError when a bound is missing or does not broadcast.
    """

    __slots__ = ("_maximum", "_minimum")

    def __init__(self, shape: Any, dtype: Any, minimum: Any, maximum: Any, name: str | None = None) -> None:
        super().__init__(shape, dtype, name)
        if minimum is None or maximum is None:
            raise ValueError(f"minimum and maximum must be provided; but saw '{minimum}' and '{maximum}'")
        self._minimum = self._bound("minimum", minimum)
        self._maximum = self._bound("maximum", maximum)

    def _bound(self, which: str, value: Any) -> np.ndarray:
        dims = self._shape._tuple
        found = np.shape(value)
        if dims is not None:
            paired = zip(reversed(found), reversed(dims), strict=False)
            if any(b is not None and 1 not in (a, b) and a != b for a, b in paired):
                raise ValueError(
                    f"{which} is not compatible with shape. Message: "
                    f"{ValueError(f'Incompatible shapes for broadcasting: {TensorShape(found)} and {self._shape}')!r}."
                )
        bound: np.ndarray = np.array(value, dtype=self.dtype.as_numpy_dtype)
        bound.setflags(write=False)
        return bound

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> BoundedTensorSpec:
        """A bounded spec like `spec`; bounds it lacks are those of its dtype."""
        dtype = dtypes.as_dtype(spec.dtype)
        low, high = getattr(spec, "minimum", dtype.min), getattr(spec, "maximum", dtype.max)
        return BoundedTensorSpec(spec.shape, dtype, low, high, name or spec.name)

    @property
    def minimum(self) -> np.ndarray:
        return self._minimum

    @property
    def maximum(self) -> np.ndarray:
        return self._maximum

    def __repr__(self) -> str:
        return (
            f"BoundedTensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r}, "
            f"minimum={self.minimum!r}, maximum={self.maximum!r})"
        )

    def __hash__(self) -> int:
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        return (
            super().__eq__(other)
            and np.allclose(self.minimum, other.minimum)  # type: ignore[attr-defined]
            and np.allclose(self.maximum, other.maximum)  # type: ignore[attr-defined]
        )

    def __reduce__(self) -> Any:
        return BoundedTensorSpec, (self._shape, self._dtype, self._minimum, self._maximum, self._name)

    def _serialize(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._minimum, self._maximum, self._name


register_type_spec_from_value_converter(Tensor, lambda t: TensorSpec(t.shape, t.dtype))
register_type_spec_from_value_converter(np.ndarray, lambda a: TensorSpec(a.shape, a.dtype))
