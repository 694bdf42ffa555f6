"""Variables in parts: PartitionedVariable, and the functions that decide how to cut.

Source: TF 1.15, python/ops/variables.py, python/ops/partitioned_variables.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tfcompat.framework import dtypes, scopes, stacks
from tfcompat.framework.conversion import register_tensor_conversion_function
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays
from tfcompat.ops.identity import identity
from tfcompat.ops.variable_base import incompatible_dtype

Partitioner = Callable[..., Sequence[int]]


class PartitionedVariable:
    """Several variables that together make one tensor, cut along one dimension.

    As a tensor it is the concatenation of its parts.
    """

    _is_tensor_like = True

    def __init__(
        self, name: str, shape: Any, dtype: Any, variable_list: Sequence[Any], partitions: Sequence[int]
    ) -> None:
        if not isinstance(variable_list, (list, tuple)):
            raise TypeError(f"variable_list is not a list or tuple: {variable_list}")
        if not isinstance(partitions, (list, tuple)):
            raise TypeError(f"partitions is not a list or tuple: {partitions}")
        if not all(p >= 1 for p in partitions):
            raise ValueError(f"partition values must be positive: {partitions}")
        if not variable_list:
            raise ValueError("variable_list may not be empty")
        for v in variable_list:
            info = v._get_save_slice_info()
            if info is None:
                raise ValueError(
                    f"All variables must have a save_slice_info available: {[v.name for v in variable_list]}"
                )
            if len(shape) != len(partitions):
                raise ValueError(f"len(shape) != len(partitions): {shape} vs. {partitions}")
            if info.full_shape != shape:
                raise ValueError(
                    f"All variables' full shapes must match shape: {shape}; but full shapes were: {[info.full_shape]}"
                )
        self._variable_list = sorted(variable_list, key=lambda v: v._get_save_slice_info().var_offset)
        self._name = name
        self._shape = shape
        self._dtype = dtype
        self._partitions = partitions

    def __iter__(self) -> Iterator[Any]:
        """The parts, in order. Not safe for changes while iterating."""
        return iter(self._variable_list)

    def __len__(self) -> int:
        axes = self._partition_axes()
        if len(axes) > 1:
            raise ValueError(f"Cannot get a length for {len(axes)} > 1 partition axes")
        return len(self._variable_list)

    def _partition_axes(self) -> list[int]:
        return [i for i, p in enumerate(self._partitions) if p > 1] or [0]

    def _single_axis(self, doing: str, noun: str) -> int:
        axes = self._partition_axes()
        if len(axes) > 1:
            raise NotImplementedError(
                f"Cannot {doing} along more than one dimension: {axes}.  Multi-axis partition {noun} is not supported"
            )
        return axes[0]

    def _concat(self) -> Tensor:
        if len(self._variable_list) == 1:
            with scopes.name_scope(None):
                return identity(self._variable_list[0], name=self._name)
        axis = self._single_axis("concatenate", "concat")
        with scopes.name_scope(self._name + "/ConcatPartitions/"):
            whole = arrays.concat(self._variable_list, axis)
        with scopes.name_scope(None):
            return identity(whole, name=self._name)

    def as_tensor(self) -> Tensor:
        """The whole as one tensor; every call makes new nodes."""
        with stacks.get_default_graph().control_dependencies(None):
            return self._concat()

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def shape(self) -> Any:
        return self._shape

    @property
    def _distribute_strategy(self) -> None:
        return None

    def get_shape(self) -> Any:
        """Alias of `shape`."""
        return self._shape

    def _get_variable_list(self) -> list[Any]:
        return self._variable_list

    def _get_partitions(self) -> Sequence[int]:
        return self._partitions

    def _each(self, method: str, value: Any, use_locking: bool, name: str | None, read_value: bool) -> list[Any]:
        axis = self._single_axis("do assign action", "assign action")
        if isinstance(value, list):
            assert len(value) == len(self._variable_list)
            values = value
        elif isinstance(value, PartitionedVariable):
            values = list(value)
        else:
            sizes = [v.shape[axis].value for v in self._variable_list]
            values = arrays.split(value, sizes, axis=axis)
        made = [
            getattr(v, method)(part, use_locking=use_locking, name=name, read_value=read_value)
            for v, part in zip(self._variable_list, values, strict=True)
        ]
        return made if read_value else [m.op if hasattr(m, "op") else m for m in made]

    def assign(
        self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> list[Any]:
        """Stores a whole value (a tensor, a list of parts, another partitioned variable), part by part."""
        return self._each("assign", value, use_locking, name, read_value)

    def assign_add(
        self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> list[Any]:
        """Adds a whole value in place, part by part."""
        return self._each("assign_add", value, use_locking, name, read_value)

    def assign_sub(
        self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> list[Any]:
        """Subtracts a whole value in place, part by part."""
        return self._each("assign_sub", value, use_locking, name, read_value)


def _to_tensor(v: PartitionedVariable, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    if dtype is not None and not dtype.is_compatible_with(v.dtype):
        raise incompatible_dtype(dtype, v)  # type: ignore[arg-type]
    if as_ref:
        raise NotImplementedError("PartitionedVariable doesn't support being used as a reference.")
    return v.as_tensor()


register_tensor_conversion_function(PartitionedVariable, _to_tensor)


def _element_size(dtype: Any, bytes_per_string_element: int) -> int:
    return bytes_per_string_element if dtype.base_dtype is dtypes.string else dtype.size


@export("variable_axis_size_partitioner")
def variable_axis_size_partitioner(
    max_shard_bytes: int, axis: int = 0, bytes_per_string_element: int = 16, max_shards: int | None = None
) -> Partitioner:
    """A partitioner that cuts `axis` into parts of at most `max_shard_bytes` bytes, where one slice is no larger.

    Raises: ValueError when a limit is not positive.
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise ValueError("Both max_shard_bytes and bytes_per_string_element must be positive.")
    if max_shards and max_shards < 1:
        raise ValueError("max_shards must be positive.")

    def partition(shape: Any, dtype: Any) -> list[int]:
        if not isinstance(shape, TensorShape):
            raise ValueError(f"shape is not a TensorShape: {shape}")
        if not shape.is_fully_defined():
            raise ValueError(f"shape is not fully defined: {shape}")
        if not isinstance(dtype, dtypes.DType):
            raise ValueError(f"dtype is not a DType: {dtype}")
        dims = shape.as_list()
        slice_bytes = shape.num_elements() / dims[axis] * _element_size(dtype, bytes_per_string_element)
        slices_per_shard = max(1, math.floor(max_shard_bytes / slice_bytes))
        shards = math.ceil(dims[axis] / slices_per_shard)
        partitions = [1] * len(dims)
        partitions[axis] = min(max_shards, shards) if max_shards else shards
        return partitions

    return partition


@export("min_max_variable_partitioner")
def min_max_variable_partitioner(
    max_partitions: int = 1, axis: int = 0, min_slice_size: int = 256 << 10, bytes_per_string_element: int = 16
) -> Partitioner:
    """A partitioner that cuts `axis` into at most `max_partitions` parts of at least `min_slice_size` bytes."""

    def partition(shape: Any, dtype: Any) -> list[int]:
        if axis >= len(shape):
            raise ValueError(f"Can not partition variable along axis {axis} when shape is only {shape}")
        total = shape.num_elements() * _element_size(dtype, bytes_per_string_element)
        partitions = [1] * len(shape)
        partitions[axis] = max(1, min(shape.as_list()[axis], max_partitions, math.ceil(total / min_slice_size)))
        return partitions

    return partition


@export("fixed_size_partitioner")
def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner:
    """A partitioner that cuts `axis` into `num_shards` parts (fewer where the dimension is smaller)."""

    def partition(shape: Any, **unused: Any) -> list[int]:
        partitions = [1] * len(shape)
        partitions[axis] = min(num_shards, shape.as_list()[axis])
        return partitions

    return partition
