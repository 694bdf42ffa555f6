"""Lookup tables: the ops, and the tables as a session holds them.

Source: TF 1.15, core/ops/lookup_ops.cc, core/kernels/lookup_table_op.cc, lookup_util.cc, initializable_lookup_table.cc.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, values
from tfcompat.framework.dtypes import DType, cpp_name
from tfcompat.framework.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Fixed, KernelContext, Op, Shape, ShapeContext, op
from tfcompat.framework.shape_rules import no_outputs, with_rank
from tfcompat.framework.tensor import dims_of
from tfcompat.ops.decoding import on_device
from tfcompat.ops.number_text import parse_number
from tfcompat.ops.string_values import as_bytes_attr, as_text_attr, shape_text, string_array

WHOLE_LINE, LINE_NUMBER = -2, -1


def _refuse(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)


class Table:
    """Keys and their values. Keys are Python values (tuples for vectors), values numpy arrays of one shape or scalars."""

    def __init__(
        self, name: str, key_dtype: DType, value_dtype: DType, value_shape: Shape = (), static: bool = False
    ) -> None:
        self.name = name
        self.tensor = np.array([b"", name.encode()], object)  # what a fetch of the handle gives: container and name
        self.key_dtype = key_dtype
        self.value_dtype = value_dtype
        self.value_shape = tuple(d or 0 for d in value_shape or ())
        self.static = static
        self.initialized = not static
        self.key_rank = 0
        self.reserved: dict[Any, str] = {}
        self._lock = threading.RLock()
        self._items: dict[Any, Any] = {}

    def check_types(self, key_dtype: DType, value_dtype: DType | None) -> None:
        if key_dtype is not self.key_dtype or value_dtype not in (None, self.value_dtype):
            raise _refuse(
                f"Conflicting key/value dtypes {cpp_name(key_dtype)}->{cpp_name(value_dtype or self.value_dtype)} with "
                f"{cpp_name(self.key_dtype)}-{cpp_name(self.value_dtype)} for table {self.name}"
            )

    def _keys(self, keys: Any) -> tuple[list[Any], tuple[int, ...]]:
        shape = tuple(keys.shape)
        if self.key_rank:
            flat = [tuple(k) if isinstance(k, list) else k for k in keys.reshape(-1, shape[-1]).tolist()]
            shape = shape[:-1]
        else:
            flat = keys.reshape(-1).tolist()
        for key in flat:
            if key in self.reserved:
                raise _refuse(f"Using the {self.reserved[key]} as a table key is not allowed")
        return flat, shape

    def size(self) -> int:
        with self._lock:
            return len(self._items)

    def find(self, keys: Any, default: Any, device: Any) -> Any:
        if not self.initialized:
            raise FailedPreconditionError(None, None, "Table not initialized.")
        wanted = () if self.static else self.value_shape
        if tuple(default.shape) != wanted:
            raise _refuse(f"Expected shape {_shown(wanted)} for default value, got {shape_text(default)}")
        flat, shape = self._keys(keys)
        with self._lock:
            found = [self._items.get(k) for k in flat]
        if not self.value_shape:
            missing = default.item()
            return self._made([missing if v is None else v for v in found], shape, device)
        other = values.to_numpy(default, self.value_dtype)
        rows = [other if v is None else v for v in found]
        stacked = np.stack(rows) if rows else np.zeros((0, *self.value_shape), other.dtype)
        return on_device(stacked.reshape(*shape, *self.value_shape), self.value_dtype, device)

    def _made(self, flat: list[Any], shape: Sequence[int], device: Any) -> Any:
        return _array(flat, shape, self.value_dtype, device)

    def _pairs(self, keys: Any, given: Any) -> list[tuple[Any, Any]]:
        flat, shape = self._keys(keys)
        if tuple(given.shape) != (*shape, *self.value_shape):
            raise _refuse(f"Expected shape {_shown((*shape, *self.value_shape))} for value, got {shape_text(given)}")
        if self.value_shape:
            rows = list(np.array(values.to_numpy(given, self.value_dtype)).reshape(-1, *self.value_shape))
        else:
            rows = given.reshape(-1).tolist()
        return list(zip(flat, rows, strict=True))

    def insert(self, keys: Any, given: Any) -> None:
        if self.static:
            raise FailedPreconditionError(None, None, "HashTable does not support insertion")
        pairs = self._pairs(keys, given)
        with self._lock:
            self._items.update(pairs)

    def remove(self, keys: Any) -> None:
        flat, _ = self._keys(keys)
        with self._lock:
            for key in flat:
                self._items.pop(key, None)

    def replace(self, keys: Any, given: Any) -> None:
        """Import: these pairs and no others. A static table can be filled once."""
        if self.static:
            self.initialize(self._pairs(keys, given))
            return
        if self.reserved:  # what a dense table exported has its free places in it
            flat = _plain_keys(keys, self.key_rank)
            keep = [i for i, k in enumerate(flat) if k not in self.reserved]
            rows = np.array(values.to_numpy(given, self.value_dtype)).reshape(len(flat), *self.value_shape)
            pairs = [(flat[i], rows[i] if self.value_shape else rows[i : i + 1].tolist()[0]) for i in keep]
        else:
            pairs = self._pairs(keys, given)
        with self._lock:
            self._items = dict(pairs)

    def initialize(self, pairs: list[tuple[Any, Any]]) -> None:
        """Fills a static table; doing so again with the same pairs is fine."""
        with self._lock:
            made: dict[Any, Any] = {}
            for key, value in pairs:
                if made.setdefault(key, value) != value:
                    raise FailedPreconditionError(
                        None,
                        None,
                        f"HashTable has different value for same key. Key {_text(key)} has {_text(made[key])} and "
                        f"trying to add value {_text(value)}",
                    )
            if self.initialized:
                if made != self._items:
                    raise FailedPreconditionError(
                        None, None, "Table was already initialized with different data."
                    )
                return
            self._items = made
            self.initialized = True

    def export(self, device: Any) -> list[Any]:
        with self._lock:
            pairs = list(self._items.items())
        keys = [k for k, _ in pairs]
        if self.key_rank:
            made_keys = on_device(np.array(keys, self.key_dtype.as_numpy_dtype), self.key_dtype, device)
        else:
            made_keys = _array(keys, (len(keys),), self.key_dtype, device)
        if not self.value_shape:
            return [made_keys, self._made([v for _, v in pairs], (len(pairs),), device)]
        rows = np.array([v for _, v in pairs], self.value_dtype.as_numpy_dtype).reshape(-1, *self.value_shape)
        return [made_keys, on_device(rows, self.value_dtype, device)]


def _plain_keys(keys: Any, rank: int) -> list[Any]:
    if rank:
        return [tuple(k) for k in keys.reshape(-1, keys.shape[-1]).tolist()]
    return keys.reshape(-1).tolist()  # type: ignore[no-any-return]


def _array(flat: list[Any], shape: Sequence[int], dtype: DType, device: Any) -> Any:
    if dtype is dtypes.string:
        return string_array(flat, shape)
    return on_device(np.array(flat, dtype.as_numpy_dtype).reshape(tuple(shape)), dtype, device)


def _shown(shape: Sequence[int]) -> str:
    return "[" + ",".join(map(str, shape)) + "]"


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


# --- making tables ---------------------------------------------------------------------------------------------


def _resource(c: KernelContext, make: Any) -> Table:
    attrs = c.attrs
    shared = as_text_attr(attrs["shared_name"]) or (c.node.name if attrs["use_node_name_sharing"] else "")
    kind = "table" if shared else "private table"
    table = c.session.resources.get_or_create(kind, attrs["container"], shared or c.node.name, make)
    table.check_types(attrs["key_dtype"], attrs["value_dtype"])
    return table  # type: ignore[no-any-return]


def _build_table(c: KernelContext) -> Any:
    attrs, kind = c.attrs, c.node.type
    shape = dims_of(attrs["value_shape"]) if "value_shape" in attrs else ()
    static = kind.startswith("HashTable")
    if shape is not None and len(shape) > 1:
        raise _refuse(f"Default value must be a vector, got shape {_shown([d or 0 for d in shape])}")

    def make() -> Table:
        return Table(c.node.name, attrs["key_dtype"], attrs["value_dtype"], shape, static)

    return Fixed(_resource(c, make))


def _build_dense_table(c: KernelContext) -> Any:
    attrs = c.attrs
    shape = dims_of(attrs["value_shape"])

    def table(empty_key: Any, deleted_key: Any = None) -> Table:
        factor = attrs["max_load_factor"]
        if not 0 < factor < 1:
            raise _refuse(f"max_load_factor must be between 0 and 1, got: {factor}")
        buckets = attrs["initial_num_buckets"]
        if buckets < 4 or buckets & (buckets - 1):
            raise _refuse(f"Number of buckets must be at least 4 and a power of 2, got: {buckets}")
        if len(empty_key.shape) > 1:
            raise _refuse(f"Empty key must be a scalar or a vector, got shape {shape_text(empty_key)}")
        rank = len(empty_key.shape)
        reserved = {_key_of(empty_key, rank): "empty_key"}
        if deleted_key is not None:
            if tuple(deleted_key.shape) != tuple(empty_key.shape):
                raise _refuse(
                    f"Empty and deleted keys must have same shape, got shapes: {shape_text(empty_key)} and "
                    f"{shape_text(deleted_key)}"
                )
            deleted = _key_of(deleted_key, rank)
            if deleted in reserved:
                raise _refuse("Empty and deleted keys cannot be equal")
            reserved[deleted] = "deleted_key"
        made = _resource(c, lambda: Table(c.node.name, attrs["key_dtype"], attrs["value_dtype"], shape))
        made.key_rank, made.reserved = rank, reserved
        return made

    return table


def _key_of(value: Any, rank: int) -> Any:
    return tuple(value.tolist()) if rank else value.item()


_KINDS = ("HashTable", "MutableHashTable", "MutableHashTableOfTensors", "MutableDenseHashTable")
TABLES: dict[str, Op] = {}
for _kind in _KINDS:
    TABLES[_kind] = op(_kind + "V2")(lambda c: ())
    TABLES[_kind + " by reference"] = op(_kind)(lambda c: (2,))
for _name, _declared in TABLES.items():
    _declared.gradient(NOT_DIFFERENTIABLE)
    _declared.builder(_build_dense_table if "Dense" in _name else _build_table)


# --- using tables ----------------------------------------------------------------------------------------------


def _pair(op_type: str, rule: Any) -> tuple[Op, Op]:
    def checked(c: ShapeContext) -> Any:
        with_rank(c.shape(0), 0 if c.op_type.endswith("V2") else 1)
        return rule(c)

    pair = op(op_type + "V2")(checked), op(op_type, stateful=True)(checked)
    for made in pair:
        made.gradient(NOT_DIFFERENTIABLE)
    return pair


def _found_shape(c: ShapeContext) -> Shape:
    keys, default = c.shape(1), c.shape(2)
    if c.op_type.endswith("V2") and (default is None or len(default)):
        return None
    return keys if default is not None and not default else None


find_v2_op, find_op = _pair("LookupTableFind", _found_shape)
size_v2_op, size_op = _pair("LookupTableSize", lambda c: ())
insert_v2_op, insert_op = _pair("LookupTableInsert", no_outputs)
import_v2_op, import_op = _pair("LookupTableImport", no_outputs)
initialize_v2_op, initialize_op = _pair("InitializeTable", no_outputs)
export_v2_op, export_op = _pair("LookupTableExport", lambda c: [(None,), None])
initialize_from_file_v2_op, initialize_from_file_op = _pair("InitializeTableFromTextFile", no_outputs)


@op("LookupTableRemoveV2")
def remove_v2_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    return []


remove_v2_op.gradient(NOT_DIFFERENTIABLE)


@find_v2_op.kernel
@find_op.kernel
def _find(table: Any, keys: Any, default_value: Any, *, Tin: DType, Tout: DType, device: Any) -> Any:
    table.check_types(Tin, Tout)
    return table.find(keys, default_value, device)


@size_v2_op.kernel
@size_op.kernel
def _size(table: Any, *, device: Any) -> torch.Tensor:
    if not table.initialized:
        raise FailedPreconditionError(None, None, "Table not initialized.")
    return torch.tensor(table.size(), device=device)


@insert_v2_op.kernel
@insert_op.kernel
def _insert(table: Any, keys: Any, given: Any, *, Tin: DType, Tout: DType) -> None:
    table.check_types(Tin, Tout)
    table.insert(keys, given)


@remove_v2_op.kernel
def _remove(table: Any, keys: Any, *, Tin: DType) -> None:
    table.check_types(Tin, None)
    table.remove(keys)


@import_v2_op.kernel
@import_op.kernel
def _import(table: Any, keys: Any, given: Any, *, Tin: DType, Tout: DType) -> None:
    table.check_types(Tin, Tout)
    table.replace(keys, given)


@initialize_v2_op.kernel
@initialize_op.kernel
def _initialize(table: Any, keys: Any, given: Any, *, Tkey: DType, Tval: DType) -> None:
    table.check_types(Tkey, Tval)
    if len(keys.shape) != 1:
        raise _refuse(f"Keys must be a vector, but received shape{shape_text(keys)}")
    if len(given.shape) != 1:
        raise _refuse(f"Values must be a vector, but received shape{shape_text(given)}")
    if len(keys) != len(given):
        raise _refuse(f"Keys and values must have the same size {len(keys)} vs {len(given)}")
    table.initialize(table._pairs(keys, given))


@export_v2_op.kernel
@export_op.kernel
def _export(table: Any, *, device: Any) -> list[Any]:
    return table.export(device)  # type: ignore[no-any-return]


@initialize_from_file_v2_op.kernel
@initialize_from_file_op.kernel
def _initialize_from_file(
    table: Any, filename: np.ndarray, *, key_index: int, value_index: int, vocab_size: int, delimiter: Any
) -> None:
    if filename.size != 1:
        raise _refuse(f"filename should be a single string, but got {shape_text(filename)}")
    path = os.fsdecode(filename.item())
    if not path:
        raise _refuse("filename cannot be empty.")
    for what, index, dtype, plain in (
        ("Key", key_index, table.key_dtype, "table key"),
        ("Value", value_index, table.value_dtype, "table value"),
    ):
        if index == LINE_NUMBER and dtype is not dtypes.int64:
            raise _refuse(f"{what} index for line number requires {plain} dtype of int64, got {cpp_name(dtype)}")
    if key_index == WHOLE_LINE and not table.key_dtype.is_integer and table.key_dtype is not dtypes.string:
        raise _refuse(
            f"Key index for whole line requires string or integer table key, got {cpp_name(table.key_dtype)}"
        )
    if value_index == WHOLE_LINE and table.value_dtype is not dtypes.string:
        raise _refuse(
            f"Value index for whole line requires table value dtype of string, got {cpp_name(table.value_dtype)}"
        )
    table.initialize(_pairs_of_file(table, path, key_index, value_index, vocab_size, as_bytes_attr(delimiter)))


def _pairs_of_file(
    table: Table, path: str, key_index: int, value_index: int, vocab_size: int, delimiter: bytes
) -> list[tuple[Any, Any]]:
    try:
        with open(path.removeprefix("file://"), "rb") as file:
            lines = file.read().split(b"\n")
    except FileNotFoundError as cause:
        raise NotFoundError(None, None, f"{path}; No such file or directory") from cause
    except OSError as cause:
        raise FailedPreconditionError(None, None, f"{path}; {cause.strerror}") from cause
    if not lines[-1]:
        lines.pop()
    pairs = []
    position = 0
    for number, line in enumerate(lines):
        if number == vocab_size:
            break
        position += len(line) + 1
        line = line.replace(b"\r", b"")
        if not line:
            raise _refuse(f"Invalid content in {path}: empty line found at position {position}.")
        tokens = line.split(delimiter) if max(key_index, value_index) >= 0 else []
        if max(key_index, value_index) >= 0 and len(tokens) <= max(key_index, value_index):
            raise _refuse(
                f"Invalid number of columns in {path} line {number} ({_text(line)}) : expected "
                f"{max(key_index, value_index)} got {len(tokens)}"
            )
        pairs.append(
            (
                _entry(line, tokens, key_index, number, table.key_dtype),
                _entry(line, tokens, value_index, number, table.value_dtype),
            )
        )
    if vocab_size != -1 and len(pairs) != vocab_size:
        raise _refuse(f"Invalid vocab_size in {path}: expected {vocab_size} but got {len(pairs)}")
    return pairs


def _entry(line: bytes, tokens: list[bytes], index: int, number: int, dtype: DType) -> Any:
    if index == LINE_NUMBER:
        return number
    token = line if index == WHOLE_LINE else tokens[index]
    if dtype is dtypes.string:
        return token
    found = parse_number(token, dtype)
    if found is None:
        raise _refuse(f"Field {_text(token)} in line {number} is not a valid {cpp_name(dtype)}.")
    return found
