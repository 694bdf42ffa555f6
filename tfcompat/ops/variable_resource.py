"""Variables of the resource kind: reads are snapshots, writes are operations on a handle.

Source: TF 1.15, python/ops/resource_variable_ops.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tfcompat.framework import scopes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.conversion import register_tensor_conversion_function, to_tensor
from tfcompat.framework.dtypes import as_dtype
from tfcompat.framework.op import get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import assignment
from tfcompat.ops import resource_variables as ops
from tfcompat.ops.identity import identity_op
from tfcompat.ops.variable_base import SaveSliceInfo, VariableV1, checked_modes, graph_key
from tfcompat.ops.variable_ref import (
    check_initial_value,
    checked_collections,
    inside_control_flow,
    without_uninitialized_reads,
)


class BaseResourceVariable(VariableV1):
    """What resource variables share, given their handle and the nodes made with it."""

    def __init__(
        self,
        trainable: bool | None = None,
        shape: Any = None,
        dtype: Any = None,
        handle: Any = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        distribute_strategy: Any = None,
        name: str | None = None,
        unique_id: str | None = None,
        handle_name: str = "",
        graph_element: Any = None,
        initial_value: Any = None,
        initializer_op: Any = None,
        is_initialized_op: Any = None,
        cached_value: Any = None,
        save_slice_info: Any = None,
    ) -> None:
        self._in_graph_mode = True
        self._synchronization, self._aggregation, self._trainable = checked_modes(
            synchronization, aggregation, trainable, name
        )
        self._save_slice_info = save_slice_info
        self._initial_value = initial_value
        self._initializer_op = initializer_op
        self._is_initialized_op = is_initialized_op
        self._graph_element = graph_element
        self._cached_value = cached_value
        self._distribute_strategy = distribute_strategy
        self._graph_key = graph_key(stacks.get_default_graph())
        self._shape = shape if isinstance(shape, TensorShape) else TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._handle = handle
        self._unique_id = unique_id
        self._handle_name = handle_name + ":0"
        self._constraint = constraint

    # --- what it is ---

    @property
    def handle(self) -> Tensor:
        """The resource tensor that stands for the variable."""
        return self._handle  # type: ignore[no-any-return]

    # What tf.gradients differentiates with respect to when given this variable.
    @property
    def _gradient_handle(self) -> Tensor:
        return self._handle  # type: ignore[no-any-return]

    @property
    def name(self) -> str:
        return self._handle_name

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def device(self) -> str:
        return self._handle.device  # type: ignore[no-any-return]

    @property
    def graph(self) -> Any:
        return self._handle.graph

    @property
    def op(self) -> Operation:
        return self._handle.op  # type: ignore[no-any-return]

    @property
    def shape(self) -> TensorShape:
        return self._shape

    def _shape_as_list(self) -> list[int | None] | None:
        return None if self._shape.ndims is None else [d.value for d in self._shape.dims]  # type: ignore[union-attr]

    def _shape_tuple(self) -> tuple[int | None, ...] | None:
        dims = self._shape_as_list()
        return None if dims is None else tuple(dims)

    def set_shape(self, shape: Any) -> None:
        """Not possible: raises NotImplementedError."""
        raise NotImplementedError("ResourceVariable does not implement set_shape()")

    @property
    def create(self) -> Operation:
        """The operation that gives the variable its initial value."""
        return self._initializer_op  # type: ignore[no-any-return]

    @property
    def initializer(self) -> Operation:
        return self._initializer_op  # type: ignore[no-any-return]

    @property
    def initial_value(self) -> Any:
        return self._initial_value

    @property
    def constraint(self) -> Any:
        return self._constraint

    @property
    def trainable(self) -> bool:
        return self._trainable

    @property
    def synchronization(self) -> Any:
        return self._synchronization

    @property
    def aggregation(self) -> Any:
        return self._aggregation

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Whether the variable has a value, as a boolean tensor."""
        return ops.var_is_initialized_op(self.handle, name=name)  # type: ignore[no-any-return]

    def _as_graph_element(self) -> Any:
        return self._graph_element

    # --- reading ---

    def _read_variable_op(self) -> Tensor:
        return ops.read_variable_op(self._handle, dtype=self._dtype)  # type: ignore[no-any-return]

    def value(self) -> Tensor:
        if self._cached_value is not None:
            return self._cached_value  # type: ignore[no-any-return]
        graph = stacks.get_default_graph()
        with graph.colocate_with(None, ignore_existing=True), graph.device(self._handle.device):
            return self._read_variable_op()

    def read_value(self) -> Tensor:
        with scopes.name_scope("Read"), stacks.get_default_graph().device(self._handle.device):
            value = self._read_variable_op()
        return identity_op(value)  # type: ignore[no-any-return]

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        with scopes.name_scope("Gather" if name is None else name) as scope:
            value = ops.resource_gather_op(self._handle, indices, dtype=self._dtype, name=scope)
        return identity_op(value)  # type: ignore[no-any-return]

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        with scopes.name_scope("GatherNd" if name is None else name) as scope:
            value = ops.resource_gather_nd_op(self._handle, indices, dtype=self._dtype, name=scope)
        return identity_op(value)  # type: ignore[no-any-return]

    def numpy(self) -> Any:
        """The value, outside graphs only."""
        raise NotImplementedError("numpy() is only available when eager execution is enabled.")

    def _dense_var_to_tensor(self, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                f"Incompatible type conversion requested to type {dtype.name!r} for variable of type "
                f"{self.dtype.name!r}"
            )
        return self.read_value().op.inputs[0] if as_ref else self.value()

    # --- writing ---

    @contextlib.contextmanager
    def _assign_dependencies(self) -> Iterator[None]:
        """What is cached must be read before the variable changes."""
        if self._cached_value is None:
            yield
        else:
            with stacks.get_default_graph().control_dependencies([self._cached_value]):
                yield

    def _own_graph(self) -> contextlib.AbstractContextManager[Any]:
        """Where no graph was made the default one, a write goes to the graph of the variable."""
        return contextlib.nullcontext() if stacks.graph_stack() else self.handle.graph.as_default()

    def _lazy_read(self, op: Any) -> Any:
        return _UnreadVariable(self._handle, self.dtype, self._shape, op, self._unique_id)

    def _written(self, op: Any, read_value: bool) -> Any:
        return self._lazy_read(op) if read_value else op

    def assign(  # type: ignore[override]
        self, value: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        with self._own_graph():
            value = to_tensor(value, self.dtype)
            self._shape.assert_is_compatible_with(value.shape)
            return self._written(ops.assign_variable_op(self.handle, value, name=name), read_value)

    def assign_add(  # type: ignore[override]
        self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        with self._own_graph(), self._assign_dependencies():
            made = ops.assign_add_variable_op(self.handle, to_tensor(delta, self.dtype), name=name)
        return self._written(made, read_value)

    def assign_sub(  # type: ignore[override]
        self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True
    ) -> Any:
        with self._own_graph(), self._assign_dependencies():
            made = ops.assign_sub_variable_op(self.handle, to_tensor(delta, self.dtype), name=name)
        return self._written(made, read_value)

    def _scatter(self, how: str, indices: Any, updates: Any, use_locking: bool, name: str | None) -> Any:
        op = assignment.RESOURCE_SCATTER[how]
        return self._lazy_read(op(self.handle, indices, to_tensor(updates, self.dtype), name=name))

    def batch_scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        return self._lazy_read(super().batch_scatter_update(sparse_delta, use_locking, name))

    def _strided_slice_assign(
        self, begin: Any, end: Any, strides: Any, value: Any, name: str | None, **masks: int
    ) -> Any:
        with self._assign_dependencies():
            op = get_op("ResourceStridedSliceAssign")
            return self._lazy_read(
                op(self.handle, begin, end, strides, to_tensor(value, self.dtype), name=name, **masks)
            )

    def count_up_to(self, limit: int) -> Tensor:
        return ops.resource_count_up_to_op(self.handle, limit=limit, T=self.dtype)  # type: ignore[no-any-return]

    # --- protos ---

    def to_proto(self, export_scope: str | None = None) -> Any:
        from tfcompat.framework.protos import VariableDef

        if export_scope is not None and not self.handle.name.startswith(export_scope):
            return None
        snapshot = self._graph_element if self._cached_value is None else self._cached_value
        made = VariableDef(
            variable_name=scopes.strip_name_scope(self.handle.name, export_scope),
            initializer_name=scopes.strip_name_scope(self.initializer.name, export_scope),
            snapshot_name=scopes.strip_name_scope(snapshot.name, export_scope),
            is_resource=True,
            trainable=self.trainable,
            synchronization=self.synchronization.value,
            aggregation=self.aggregation.value,
        )
        if self._initial_value is not None:
            made.initial_value_name = scopes.strip_name_scope(self._initial_value.name, export_scope)
        if self._save_slice_info:
            made.save_slice_info_def.MergeFrom(self._save_slice_info.to_proto(export_scope))
        return made

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> ResourceVariable:
        return ResourceVariable(variable_def=variable_def, import_scope=import_scope)

    # --- Python ---

    def __bool__(self) -> bool:
        return bool(self.read_value())

    __nonzero__ = __bool__

    def __copy__(self) -> BaseResourceVariable:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> BaseResourceVariable:
        raise NotImplementedError("__deepcopy__() is only available when eager execution is enabled.")

    def _no_in_place(self, operator: str, assignment_form: str, tensor_form: str) -> RuntimeError:
        return RuntimeError(
            f"Variable {operator} value not supported. Use {assignment_form} to modify the variable value and "
            f"{tensor_form} to get a new Tensor object."
        )

    def __iadd__(self, other: Any) -> Any:
        raise self._no_in_place("+=", "variable.assign_add(value)", "variable = variable + value")

    def __isub__(self, other: Any) -> Any:
        raise self._no_in_place("-=", "variable.assign_sub(value)", "variable = variable - value")

    def __imul__(self, other: Any) -> Any:
        raise self._no_in_place("*=", "`var.assign(var * value)`", "`var = var * value`")

    def __itruediv__(self, other: Any) -> Any:
        raise self._no_in_place("/=", "`var.assign(var / value)`", "`var = var / value`")

    def __ipow__(self, other: Any) -> Any:
        raise self._no_in_place("**=", "`var.assign(var ** value)`", "`var = var ** value`")


def variable_handle(shape: Any, dtype: Any, shared_name: str, name: str) -> Tensor:
    """The handle of a new variable, in the container of the default graph."""
    container = stacks.get_default_graph()._container
    return ops.var_handle_op(  # type: ignore[no-any-return]
        shape=shape, dtype=dtype, shared_name=shared_name, name=name, container=container
    )


class ResourceVariable(BaseResourceVariable):
    """A variable whose reads are snapshots: a value read before a write stays what it was."""

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        dtype: Any = None,
        variable_def: Any = None,
        import_scope: str | None = None,
        constraint: Any = None,
        distribute_strategy: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        if variable_def is not None:
            if initial_value is not None:
                raise ValueError("variable_def and initial_value are mutually exclusive.")
            self._init_from_proto(variable_def, import_scope)
            return
        synchronization, aggregation, trainable = checked_modes(synchronization, aggregation, trainable, name)
        check_initial_value(initial_value, constraint)
        if isinstance(initial_value, Tensor) and initial_value.graph.building_function:
            raise inside_control_flow(name or "Variable")
        collections = checked_collections(collections, trainable)
        with scopes.init_scope():
            values = [] if callable(initial_value) else [initial_value]
            with scopes.name_scope(name, "Variable", values) as scope:
                parts = self._build(scope, initial_value, dtype, shape, caching_device)
            stacks.get_default_graph().add_to_collections(collections, self)
            super().__init__(
                trainable=trainable,
                constraint=constraint,
                synchronization=synchronization,
                aggregation=aggregation,
                distribute_strategy=distribute_strategy,
                name=scope,
                **parts,
            )

    def _build(self, scope: str, initial_value: Any, dtype: Any, shape: Any, caching_device: Any) -> dict[str, Any]:
        """Makes the variable's nodes, inside its name scope."""
        graph = stacks.get_default_graph()
        handle_name = scope.rstrip("/")
        with graph._attr_scope({"_class": [b"loc:@" + handle_name.encode()]}):
            with scopes.name_scope("Initializer"), graph.device(None):
                value = to_tensor(
                    initial_value() if callable(initial_value) else initial_value,
                    None if dtype is None else as_dtype(dtype),
                    name="initial_value",
                )
            if shape is None:
                shape = value.shape
            elif not value.shape.is_compatible_with(shape):
                raise ValueError(
                    f"The initial value's shape ({value.shape}) is not compatible with the explicitly supplied `shape` "
                    f"argument ({shape})."
                )
            handle = variable_handle(shape, value.dtype.base_dtype, handle_name, scope)
        dtype = value.dtype.base_dtype
        with scopes.name_scope("IsInitialized"):
            is_initialized_op = ops.var_is_initialized_op(handle)
        with (
            scopes.name_scope("Assign") as assign_scope,
            graph.colocate_with(None, ignore_existing=True),
            graph.device(handle.device),
        ):
            safe = without_uninitialized_reads(scope, value)
            initializer_op = ops.assign_variable_op(handle, safe, name=assign_scope)
        cached_value = None
        with scopes.name_scope("Read"):
            with graph.device(handle.device):
                graph_element = ops.read_variable_op(handle, dtype=dtype)
            if caching_device is not None:
                with graph.colocate_with(None, ignore_existing=True), graph.device(caching_device):
                    cached_value = identity_op(graph_element)
        return {
            "shape": shape,
            "dtype": dtype,
            "handle": handle,
            "unique_id": handle_name,
            "handle_name": handle_name,
            "graph_element": graph_element,
            "initial_value": value,
            "initializer_op": initializer_op,
            "is_initialized_op": is_initialized_op,
            "cached_value": cached_value,
        }

    def _init_from_proto(self, variable_def: Any, import_scope: str | None) -> None:
        if not variable_def.is_resource:
            raise ValueError("Trying to restore Variable as ResourceVariable.")
        graph = stacks.get_default_graph()

        def element(name: str) -> Any:
            return graph.as_graph_element(scopes.prepend_name_scope(name, import_scope))

        handle = element(variable_def.variable_name)
        cached_value = None
        if variable_def.snapshot_name:
            graph_element = element(variable_def.snapshot_name)
            if graph_element.op.type != "ReadVariableOp":
                cached_value = graph_element
            while graph_element.op.type != "ReadVariableOp":
                graph_element = graph_element.op.inputs[0]
        else:
            graph_element = graph.get_tensor_by_name(handle.op.name + "/Read/ReadVariableOp:0")
        info = None
        if variable_def.HasField("save_slice_info_def"):
            info = SaveSliceInfo(save_slice_info_def=variable_def.save_slice_info_def, import_scope=import_scope)
        super().__init__(
            trainable=variable_def.trainable,
            shape=handle.op._attrs["shape"],
            dtype=handle.op._attrs["dtype"],
            handle=handle,
            synchronization=variable_def.synchronization,
            aggregation=variable_def.aggregation,
            name=variable_def.variable_name,
            unique_id=handle.name,
            handle_name=handle.op.name,
            graph_element=graph_element,
            initial_value=element(variable_def.initial_value_name) if variable_def.initial_value_name else None,
            initializer_op=element(variable_def.initializer_name),
            cached_value=cached_value,
            save_slice_info=info,
        )


class UninitializedVariable(BaseResourceVariable):
    """A resource variable without an initial value: only a handle, to be assigned to before it is read."""

    def __init__(
        self,
        trainable: bool | None = None,
        caching_device: Any = None,
        name: str | None = None,
        shape: Any = None,
        dtype: Any = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        extra_handle_data: Any = None,
        distribute_strategy: Any = None,
        **unused_kwargs: Any,
    ) -> None:
        with scopes.init_scope():
            graph = stacks.get_default_graph()
            with scopes.name_scope(name, "Variable") as scope:
                handle_name = scope.rstrip("/")
                handle = variable_handle(shape, as_dtype(dtype), handle_name, scope)
                with scopes.name_scope("Read"), graph.device(handle.device):
                    graph_element = ops.read_variable_op(handle, dtype=as_dtype(dtype))
                graph.add_to_collection(GraphKeys.GLOBAL_VARIABLES, self)
        super().__init__(
            trainable=trainable,
            shape=shape,
            dtype=dtype,
            handle=handle,
            constraint=constraint,
            synchronization=synchronization,
            aggregation=aggregation,
            distribute_strategy=distribute_strategy,
            unique_id=handle_name,
            handle_name=handle_name,
            graph_element=graph_element,
        )


class _UnreadVariable(BaseResourceVariable):
    """A variable as it is after a write: reading it waits for that write."""

    def __init__(self, handle: Tensor, dtype: Any, shape: Any, parent_op: Any, unique_id: str | None) -> None:
        graph_element = None
        graph = stacks.get_default_graph()
        if not graph.building_function:
            with graph.control_dependencies([parent_op]):
                graph_element = ops.read_variable_op(handle, dtype=dtype)
        super().__init__(
            handle=handle,
            shape=shape,
            handle_name=handle.name,
            unique_id=unique_id,
            dtype=dtype,
            graph_element=graph_element,
        )
        self._parent_op = parent_op

    @property
    def name(self) -> str:
        return self._parent_op.name  # type: ignore[no-any-return]

    def value(self) -> Tensor:
        return self._read_variable_op()

    def read_value(self) -> Tensor:
        return self._read_variable_op()

    def _read_variable_op(self) -> Tensor:
        with stacks.get_default_graph().control_dependencies([self._parent_op]):
            return ops.read_variable_op(self._handle, dtype=self._dtype)  # type: ignore[no-any-return]

    @property
    def op(self) -> Operation:
        return self._parent_op  # type: ignore[no-any-return]


def _to_tensor(v: BaseResourceVariable, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    return v._dense_var_to_tensor(dtype, name, as_ref)


register_tensor_conversion_function(BaseResourceVariable, _to_tensor)


def is_resource_variable(value: Any) -> bool:
    """Whether `value` is a variable of the resource kind, or asks to be treated as one."""
    return isinstance(value, BaseResourceVariable) or hasattr(value, "_should_act_as_resource_variable")


def copy_to_graph_uninitialized(var: BaseResourceVariable) -> UninitializedVariable:
    """A variable of the same name, shape and dtype in the current graph, without a value."""
    return UninitializedVariable(
        trainable=var.trainable,
        constraint=var._constraint,
        shape=var.shape,
        dtype=var.dtype,
        name=var._shared_name,
        synchronization=var.synchronization,
        aggregation=var.aggregation,
        extra_handle_data=var.handle,
    )
