"""Lookup tables that change: MutableHashTable, DenseHashTable.

Source: TF 1.15, python/ops/lookup_ops.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import colocate_with, name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import lookup_ops
from tfcompat.training.lookup_tables import LookupInterface
from tfcompat.training.saveable import SaveableObject, SaveSpec


class _Mutable(LookupInterface):
    """What both kinds of changeable tables can do."""

    _default_value: Tensor
    _table_name: str

    def _start(self, name: str, checkpoint: bool) -> None:
        self._resource_handle = self._create_resource()
        if checkpoint:
            stacks.get_default_graph().add_to_collection(GraphKeys.SAVEABLE_OBJECTS, _TableSaveable(self, name))

    @property
    def name(self) -> str:
        return self._table_name

    def size(self, name: str | None = None) -> Tensor:
        with name_scope(name, f"{self.name}_Size", [self.resource_handle]), colocate_with(self.resource_handle):
            return lookup_ops.size_v2_op(self.resource_handle)  # type: ignore[no-any-return]

    def remove(self, keys: Any, name: str | None = None) -> Operation:
        """The operation that takes keys out; keys that are not there are passed over."""
        if keys.dtype != self._key_dtype:
            raise TypeError(f"Signature mismatch. Keys must be dtype {self._key_dtype!s}, got {keys.dtype!s}.")
        values = (self.resource_handle, keys, self._default_value)
        with name_scope(name, f"{self.name}_lookup_table_remove", values):
            return lookup_ops.remove_v2_op(self.resource_handle, keys)  # type: ignore[no-any-return]

    def lookup(self, keys: Any, name: str | None = None) -> Tensor:
        """The values of keys; the default value for those that are not there."""
        with name_scope(name, f"{self.name}_lookup_table_find", [self.resource_handle]):
            keys = to_tensor(keys, dtype=self._key_dtype, name="keys")
            with colocate_with(self.resource_handle):
                return lookup_ops.find_v2_op(self.resource_handle, keys, self._default_value)  # type: ignore[no-any-return]

    def insert(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """The operation that puts pairs in, or gives keys other values."""
        with name_scope(name, f"{self.name}_lookup_table_insert", [self.resource_handle]):
            keys = to_tensor(keys, self._key_dtype, name="keys")
            values = to_tensor(values, self._value_dtype, name="values")
            with colocate_with(self.resource_handle):
                return lookup_ops.insert_v2_op(self.resource_handle, keys, values)  # type: ignore[no-any-return]

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys and their values."""
        with (
            name_scope(name, f"{self.name}_lookup_table_export_values", [self.resource_handle]),
            colocate_with(self.resource_handle),
        ):
            keys, values = lookup_ops.export_v2_op(
                self.resource_handle, Tkeys=self._key_dtype, Tvalues=self._value_dtype
            )
        return keys, values


class _TableSaveable(SaveableObject):
    """A table in a checkpoint: its keys and its values."""

    def __init__(self, table: Any, name: str) -> None:
        keys, values = table.export()
        super().__init__(table, [SaveSpec(keys, "", name + "-keys"), SaveSpec(values, "", name + "-values")], name)

    def restore(self, restored_tensors: Any, restored_shapes: Any, name: str | None = None) -> Operation:
        """The operation that fills the table from a checkpoint."""
        with name_scope(name, f"{self.name}_table_restore"), colocate_with(self.op.resource_handle):
            return lookup_ops.import_v2_op(self.op.resource_handle, *restored_tensors[:2])  # type: ignore[no-any-return]


@export("contrib.lookup.MutableHashTable")
class MutableHashTable(_Mutable):
    """A table whose entries may change; values are scalars or vectors, as the default value is."""

    def __init__(
        self, key_dtype: Any, value_dtype: Any, default_value: Any, name: str = "MutableHashTable", checkpoint: bool = True
    ) -> None:
        super().__init__(key_dtype, value_dtype)
        self._default_value = to_tensor(default_value, dtype=self._value_dtype)
        self._checkpoint = checkpoint
        self._name = name
        self._start(name, checkpoint)

    def _create_resource(self) -> Tensor:
        shape = self._default_value.get_shape()
        settings: dict[str, Any] = {} if shape.ndims == 0 else {"value_shape": shape}
        handle = lookup_ops.TABLES["MutableHashTableOfTensors" if settings else "MutableHashTable"](
            use_node_name_sharing=self._checkpoint,
            key_dtype=self._key_dtype,
            value_dtype=self._value_dtype,
            name=self._name,
            **settings,
        )
        self._table_name = handle.op.name.split("/")[-1]
        return handle  # type: ignore[no-any-return]


@export("lookup.experimental.DenseHashTable", "contrib.lookup.MutableDenseHashTable", v2=("lookup.experimental.DenseHashTable",))
class DenseHashTable(_Mutable):
    """A changeable table with two keys set aside: one for empty places, one for deleted entries."""

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any,
        initial_num_buckets: int | None = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
    ) -> None:
        super().__init__(key_dtype, value_dtype)
        self._default_value = to_tensor(default_value, dtype=self._value_dtype, name="default_value")
        self._checkpoint = checkpoint
        self._name = name
        self._initial_num_buckets = initial_num_buckets
        self._empty_key = to_tensor(empty_key, dtype=self._key_dtype, name="empty_key")
        self._deleted_key = to_tensor(deleted_key, dtype=self._key_dtype, name="deleted_key")
        self._start(name, checkpoint)

    def _create_resource(self) -> Tensor:
        buckets = self._initial_num_buckets
        handle = lookup_ops.TABLES["MutableDenseHashTable"](
            self._empty_key,
            self._deleted_key,
            use_node_name_sharing=self._checkpoint,
            value_dtype=self._value_dtype,
            value_shape=self._default_value.get_shape(),
            initial_num_buckets=131072 if buckets is None else buckets,
            name=self._name,
        )
        self._table_name = handle.op.name.split("/")[-1]
        return handle  # type: ignore[no-any-return]

    def insert_or_assign(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """As `insert`."""
        return self.insert(keys, values, name)

    def erase(self, keys: Any, name: str | None = None) -> Operation:
        """As `remove`."""
        return self.remove(keys, name)
