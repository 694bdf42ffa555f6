"""The variables that tf.get_variable made, by name: shared on request, cut into parts where a partitioner says so.

Source: TF 1.15, python/ops/variable_scope.py.
"""

from __future__ import annotations

import contextlib
import enum
import inspect
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tfcompat.framework import dtypes, scopes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export_value
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import initializers, slicing
from tfcompat.ops.variable_base import (
    SaveSliceInfo,
    VariableAggregation,
    VariableSynchronization,
    VariableV1,
    checked_modes,
)
from tfcompat.ops.variable_parts import PartitionedVariable
from tfcompat.ops.variable_resource import ResourceVariable


class _ReuseMode(enum.Enum):
    """How get_variable treats a name that exists, or does not."""

    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE
export_value("AUTO_REUSE")

# Whether new variables are of the resource kind where neither the call nor the scope says. A list, to be changed.
default_use_resource = [False]


def _is_list_like(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


class PartitionInfo:
    """Which part of a partitioned variable an initializer is asked for."""

    def __init__(self, full_shape: Sequence[int], var_offset: Sequence[int]) -> None:
        for name, value in (("full_shape", full_shape), ("var_offset", var_offset)):
            if not _is_list_like(value):
                raise TypeError(f"`{name}` must be a sequence (like tuple or list) instead of {type(value).__name__}")
        if len(var_offset) != len(full_shape):
            raise ValueError(
                f"Expected equal length, but `var_offset` is of length {len(var_offset)} while full_shape is of length "
                f"{len(full_shape)}."
            )
        for offset, size in zip(var_offset, full_shape, strict=True):
            if offset < 0 or offset >= size:
                raise ValueError(
                    f"Expected 0 <= offset < shape but found offset={offset}, shape={size} for "
                    f"var_offset={var_offset}, full_shape={full_shape}"
                )
        self._full_shape = full_shape
        self._var_offset = var_offset

    @property
    def full_shape(self) -> Sequence[int]:
        return self._full_shape

    @property
    def var_offset(self) -> Sequence[int]:
        return self._var_offset

    def single_offset(self, shape: Sequence[int]) -> int:
        """The offset along the dimension that is cut; 0 when the part of this shape is the whole."""
        axis = self.single_slice_dim(shape)
        return 0 if axis is None else self._var_offset[axis]

    def single_slice_dim(self, shape: Sequence[int]) -> int | None:
        """The dimension that is cut, or None. Raises ValueError when several are, or the part sticks out."""
        if not _is_list_like(shape):
            raise TypeError(f"`shape` must be a sequence (like tuple or list) instead of {type(shape).__name__}")
        if len(shape) != len(self._full_shape):
            raise ValueError(
                f"Expected equal length, but received shape={shape} of length {len(shape)} while "
                f"self.full_shape={self._full_shape} is of length {len(self._full_shape)}."
            )
        for i, size in enumerate(shape):
            if self._var_offset[i] + size > self._full_shape[i]:
                raise ValueError(
                    f"With self.var_offset={self._var_offset}, a partition of shape={shape} would exceed "
                    f"self.full_shape={self._full_shape} in dimension {i}."
                )
        cut = [i for i, size in enumerate(shape) if size != self._full_shape[i]]
        if len(cut) > 1:
            raise ValueError(
                f"Cannot use single_slice_dim() with shape={shape} and self.full_shape={self._full_shape} since slice "
                f"dim could be either dimension {cut[1]} or {cut[0]}."
            )
        return cut[0] if cut else None


class VariableStore:
    """One graph's variables by full name. `get_variable` finds or makes one."""

    def __init__(self) -> None:
        self._vars: dict[str, Any] = {}
        self._partitioned_vars: dict[str, PartitionedVariable] = {}

    def get_variable(
        self,
        name: str,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        custom_getter: Any = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """The variable of that full name. `reuse`: True must exist, False must not, AUTO_REUSE or None either way.

        Raises: ValueError when that does not hold, or the existing variable has another shape or dtype.
        """
        if custom_getter is not None and not callable(custom_getter):
            raise ValueError(f"Passed a custom_getter which is not callable: {custom_getter}")
        dtype = getattr(dtype, "base_dtype", dtype)
        synchronization, aggregation, trainable = checked_modes(synchronization, aggregation, trainable, name)
        settings: dict[str, Any] = {
            "shape": shape,
            "dtype": dtype,
            "initializer": initializer,
            "regularizer": regularizer,
            "reuse": reuse,
            "trainable": trainable,
            "collections": collections,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "validate_shape": validate_shape,
            "use_resource": use_resource,
            "synchronization": synchronization,
            "aggregation": aggregation,
        }
        if custom_getter is None:
            return self._get(name, constraint=constraint, **settings)
        if _takes_constraint(custom_getter):
            settings["constraint"] = constraint
        return custom_getter(getter=self._get, name=name, **settings)

    def _get(
        self,
        name: str,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """What custom getters are given to call."""
        settings: dict[str, Any] = {
            "shape": shape,
            "dtype": dtype,
            "initializer": initializer,
            "regularizer": regularizer,
            "reuse": reuse,
            "trainable": trainable,
            "collections": collections,
            "caching_device": caching_device,
            "validate_shape": validate_shape,
            "use_resource": use_resource,
            "constraint": constraint,
            "synchronization": synchronization,
            "aggregation": aggregation,
        }
        is_scalar = shape is not None and isinstance(shape, Sequence) and not shape
        if partitioner is not None and not is_scalar:
            if not callable(partitioner):
                raise ValueError(f"Partitioner must be callable, but received: {partitioner}")
            with scopes.name_scope(None):
                return self._get_partitioned_variable(name, partitioner, **settings)
        if reuse is True and partitioner is None and name in self._partitioned_vars:
            return self._get_partitioned_variable(name, None, **settings)
        if f"{name}/part_0" in self._vars:
            raise ValueError(
                f"No partitioner was provided, but a partitioned version of the variable was found: {name}/part_0. "
                "Perhaps a variable of the same name was already created with partitioning?"
            )
        return self._get_single_variable(name, **settings)

    # --- partitioned -------------------------------------------------------------------------------------------

    def _get_partitioned_variable(
        self,
        name: str,
        partitioner: Any,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        initializer: Any = None,
        reuse: Any = None,
        **settings: Any,
    ) -> PartitionedVariable:
        if name in self._vars:
            raise ValueError(
                "A partitioner was provided, but an unpartitioned version of the variable was found: "
                f"{name}.  Perhaps a variable of the same name was already created without partitioning?"
            )
        shape = TensorShape(shape)
        if isinstance(initializer, Tensor):
            shape = shape.merge_with(initializer.get_shape())
        partitions = None if reuse and not partitioner else _partitions(partitioner, shape, dtype)
        if name in self._partitioned_vars:
            return self._shared_partitioned(name, shape, dtype, reuse, partitions)
        if reuse is True:
            raise ValueError(
                f"PartitionedVariable {name} does not exist, or was not created with tf.get_variable(). Did you mean "
                "to set reuse=False or reuse=tf.AUTO_REUSE in VarScope?"
            )
        assert partitions is not None
        axis, count = next(((i, n) for i, n in enumerate(partitions) if n > 1), (0, 1))
        self._check_parts(name, count)
        parts = []
        for i, (offset, part_shape) in enumerate(_slices(shape.as_list(), count, axis)):
            part_name = f"{name}/part_{i}"
            with scopes.name_scope(part_name + "/PartitionedInitializer"):
                init, init_shape, dtype = self._part_initializer(name, initializer, dtype, offset, part_shape)
            with scopes.name_scope(None):
                part = self._get_single_variable(
                    part_name,
                    shape=init_shape,
                    dtype=dtype,
                    initializer=init,
                    partition_info=PartitionInfo(shape.as_list(), offset),
                    reuse=reuse,
                    **settings,
                )
            part._set_save_slice_info(SaveSliceInfo(name, shape.as_list(), offset, part_shape))
            parts.append(part)
        made = PartitionedVariable(name, shape, dtype, parts, partitions)
        self._partitioned_vars[name] = made
        return made

    def _shared_partitioned(
        self, name: str, shape: TensorShape, dtype: Any, reuse: Any, partitions: Any
    ) -> PartitionedVariable:
        if reuse is False:
            raise ValueError(
                f"Partitioned variable with name {name} already exists. Did you mean to set reuse=True or "
                "reuse=tf.AUTO_REUSE in VarScope?"
            )
        found = self._partitioned_vars[name]
        if not shape.is_compatible_with(found.get_shape()):
            raise ValueError(
                f"Trying to reuse partitioned variable {name}, but specified shape {shape} and found shape "
                f"{found.get_shape()}."
            )
        if not dtype.is_compatible_with(found.dtype):
            raise ValueError(
                f"Trying to reuse partitioned variable {name}, but specified dtype {dtype.name} and found dtype "
                f"{found.dtype.name}."
            )
        if partitions is not None and found._get_partitions() != partitions:
            raise ValueError(
                f"Trying to reuse partitioned variable {name}, but specified partitions {partitions} and found "
                f"partitions {found._get_partitions()}."
            )
        return found

    def _check_parts(self, name: str, count: int) -> None:
        """Parts made before, by themselves, must be as many as are wanted now."""
        if f"{name}/part_0" not in self._vars:
            return
        start = (
            "Partitioner returned a different partitioning than what was already found.  Partitioner returned "
            f"{count} shards, and shard {name}/part_0 was found, but "
        )
        if f"{name}/part_{count - 1}" not in self._vars:
            raise ValueError(f"{start}{name}/part_{count - 1} was not.")
        if f"{name}/part_{count}" in self._vars:
            raise ValueError(f"{start}so was the extra shard {name}/part_{count}.")

    def _part_initializer(
        self, name: str, initializer: Any, dtype: Any, offset: list[int], shape: list[int]
    ) -> tuple[Any, list[int] | None, Any]:
        """Initializer, shape to pass with it, and dtype of one part."""
        if initializer is None:
            return default_initializer(name, dtype), shape, dtype
        if callable(initializer):
            return initializer, shape, dtype
        if isinstance(initializer, Tensor):
            part = slicing.slice(initializer, offset, shape)
            return part, None, part.dtype.base_dtype
        return slicing.slice(to_tensor(initializer, dtype), offset, shape), None, dtype

    # --- single ------------------------------------------------------------------------------------------------

    def _get_single_variable(
        self,
        name: str,
        shape: Any = None,
        dtype: Any = dtypes.float32,
        initializer: Any = None,
        regularizer: Any = None,
        partition_info: PartitionInfo | None = None,
        reuse: Any = None,
        use_resource: bool | None = None,
        **settings: Any,
    ) -> Any:
        from_value = initializer is not None and not callable(initializer)
        if shape is not None and from_value:
            raise ValueError("If initializer is a constant, do not specify shape.")
        dtype = dtypes.as_dtype(dtype)
        shape = TensorShape(shape)
        if name in self._vars:
            return self._shared(name, shape, dtype, reuse)
        if reuse is True:
            raise ValueError(
                f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean to set "
                "reuse=tf.AUTO_REUSE in VarScope?"
            )
        if initializer is None:
            initializer = default_initializer(name, dtype)
        variable_dtype = None
        with scopes.init_scope():
            if from_value:
                value = initializer
            else:
                value, variable_dtype = _initial_value(initializer, shape, dtype, partition_info)
        if use_resource is None:
            use_resource = default_use_resource[0]
        made = VariableV1(initial_value=value, name=name, dtype=variable_dtype, use_resource=use_resource, **settings)
        self._vars[name] = made
        if regularizer:
            _add_regularization(made, name, regularizer)
        return made

    def _shared(self, name: str, shape: TensorShape, dtype: Any, reuse: Any) -> Any:
        found = self._vars[name]
        if reuse is False:
            raise ValueError(_already_exists(name, found))
        if not shape.is_compatible_with(found.get_shape()):
            raise ValueError(
                f"Trying to share variable {name}, but specified shape {shape} and found shape {found.get_shape()}."
            )
        if not dtype.is_compatible_with(found.dtype):
            raise ValueError(
                f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype {found.dtype.name}."
            )
        return found


def _already_exists(name: str, variable: Any) -> str:
    message = (
        f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in "
        "VarScope?"
    )
    if isinstance(variable, ResourceVariable):
        return message
    where = [traceback.FrameSummary(*frame[:3], line=frame[3]) for frame in variable.op.traceback[::-1][:5]]
    return f"{message} Originally defined at:\n\n{''.join(traceback.format_list(where))}"


def _initial_value(
    initializer: Any, shape: TensorShape, dtype: Any, partition_info: PartitionInfo | None
) -> tuple[Callable[[], Any], Any]:
    """The function that computes the initial value, and the dtype to convert it to."""
    if inspect.isclass(initializer):
        initializer = initializer()
    if shape.is_fully_defined():
        return lambda: initializer(shape.as_list(), dtype=dtype, partition_info=partition_info), dtype.base_dtype
    if _needs_no_arguments(initializer):
        return initializer, None
    raise ValueError(
        "The initializer passed is not valid. It should be a callable with no arguments and the shape should not be "
        "provided or an instance of `tf.keras.initializers.*' and `shape` should be fully defined."
    )


def _needs_no_arguments(fn: Any) -> bool:
    params = inspect.signature(fn).parameters.values()
    return all(p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in params)


def _takes_constraint(getter: Any) -> bool:
    # A partial's own keywords count as taken.
    try:
        params = inspect.signature(getter).parameters
    except (TypeError, ValueError):
        return True
    return "constraint" in params or any(p.kind is p.VAR_KEYWORD for p in params.values())


def default_initializer(name: str, dtype: Any) -> Any:
    """What a variable without an initializer gets: Glorot's uniform numbers, or zeros where it is not floating.

    Raises: ValueError for a dtype that has no default.
    """
    if dtype.is_floating:
        return initializers.GlorotUniform()
    if dtype.is_integer or dtype.is_unsigned or dtype.is_bool or dtype is dtypes.string:
        return initializers.Zeros()
    raise ValueError(f"An initializer for variable {name} of {dtype.base_dtype} is required")


def _add_regularization(variable: Any, name: str, regularizer: Any) -> None:
    graph = stacks.get_default_graph()
    with graph.colocate_with(variable.op), scopes.name_scope(name + "/Regularizer/"), scopes.init_scope():
        loss = regularizer(variable)
    if loss is not None:
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)


def _partitions(partitioner: Any, shape: TensorShape, dtype: Any) -> Sequence[int]:
    """What the partitioner says for a shape. Raises ValueError when that is no way to cut it along one dimension."""
    if not shape.is_fully_defined():
        raise ValueError(f"Shape of a new partitioned variable must be fully defined, but instead was {shape}.")
    if len(shape) < 1:
        raise ValueError(f"A partitioned Variable must have rank at least 1, shape: {shape}")
    slicing = partitioner(shape=shape, dtype=dtype)
    if not isinstance(slicing, Sequence):
        raise ValueError(f"Partitioner must return a sequence, but saw: {slicing}")
    if len(slicing) != len(shape):
        raise ValueError(
            f"Partitioner returned a partition list that does not match the Variable's rank: {slicing} vs. {shape}"
        )
    if any(p < 1 for p in slicing):
        raise ValueError(f"Partitioner returned zero partitions for some axes: {slicing}")
    if sum(p > 1 for p in slicing) > 1:
        raise ValueError(f"Can only slice a variable along one dimension: shape: {shape}, partitioning: {slicing}")
    return slicing


def _slices(full_shape: list[int], count: int, axis: int) -> Iterator[tuple[list[int], list[int]]]:
    """Offset and shape of each part; the first ones are larger by one where the dimension does not divide evenly."""
    least, excess = divmod(full_shape[axis], count)
    offset = [0] * len(full_shape)
    for i in range(count):
        shape = list(full_shape)
        shape[axis] = least + (i < excess)
        yield list(offset), shape
        offset[axis] += shape[axis]


_STORE_KEY = ("__variable_store",)


def default_variable_store() -> VariableStore:
    """The store of the default graph, made on first use."""
    found = stacks.get_default_graph().get_collection_ref(_STORE_KEY)
    if not found:
        found.append(VariableStore())
    return found[0]  # type: ignore[no-any-return]


@contextlib.contextmanager
def with_variable_store(store: VariableStore) -> Iterator[None]:
    """A block in which `store` is the default graph's store."""
    found = stacks.get_default_graph().get_collection_ref(_STORE_KEY)
    before = list(found)
    found[:] = [store]
    try:
        yield
    finally:
        found[:] = before
