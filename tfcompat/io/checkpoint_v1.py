"""Checkpoints of version 1: tables whose first entry lists the tensors and whose others each hold a slice as a proto.

Source: TF 1.15, core/util/tensor_slice_reader.cc, tensor_slice_writer.cc.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tfcompat.framework import dtypes, errors, protos
from tfcompat.framework.dtypes import DType
from tfcompat.framework.tensor_proto import element_field, elements_of_array, elements_to_array
from tfcompat.io import atomic_files
from tfcompat.io.sorted_table import Table, write_table
from tfcompat.io.tensor_bundle import check_version
from tfcompat.io.tensor_slices import (
    TensorSlice,
    check_disjoint,
    full_slice,
    parse_shape_and_slice,
    shape_text,
    slice_from_proto,
    slice_key,
    slices_that_cover,
)
from tfcompat.platform import filesystem

_META_KEY = b""
_VERSION = 1
_LARGEST_MESSAGE = 1 << 31
# Types that TF saves in this format.
_NOT_SAVED = frozenset((dtypes.bfloat16, dtypes.uint32, dtypes.uint64, dtypes.resource, dtypes.variant))


class _Stored(NamedTuple):
    """What the files say about a tensor: each slice, and the file it is in."""

    dtype: DType
    shape: tuple[int, ...]
    slices: dict[TensorSlice, int]


class SliceReader:
    """Reads the files that match a pattern as one checkpoint.

    Raises: NotFoundError when no file matches; DataLossError when one is no checkpoint.
    """

    def __init__(self, pattern: str) -> None:
        self._tables: list[Table] = []
        self._tensors: dict[str, _Stored] = {}
        start = "Unsuccessful TensorSliceReader constructor: "
        try:
            paths = filesystem.matching(pattern)
        except errors.OpError as cause:
            text = f"{start}Failed to get matching files on {pattern}: {status_text(cause)}"
            raise errors.InvalidArgumentError(None, None, text) from cause
        if not paths:
            text = f"{start}Failed to find any matching files for {pattern}"
            raise errors.NotFoundError(None, None, text)
        try:
            for path in paths:
                self._load(path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for table in self._tables:
            table.close()

    def __enter__(self) -> SliceReader:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_tables"):
            self.close()

    def _load(self, path: str) -> None:
        try:
            table = Table(path)
        except errors.OpError as cause:
            hint = ""
            if isinstance(cause, errors.DataLossError):
                hint = ": perhaps your file is in a different file format and you need to use a different "
                hint += "restore operator?"
            text = f"Unable to open table file {path}: {status_text(cause)}{hint}"
            raise errors.DataLossError(None, None, text) from cause
        self._tables.append(table)
        try:
            saved = _parsed(table.get(_META_KEY))
        except errors.DataLossError:
            saved = None
        if saved is None:
            text = f"Failed to find the saved tensor slices at the beginning of the checkpoint file: {path}"
            raise errors.InternalError(None, None, text)
        check_version(saved.meta.versions, _VERSION)
        for tensor in saved.meta.tensor:
            self._register(tensor, len(self._tables) - 1)

    def _register(self, tensor: Any, file: int) -> None:
        shape = tuple(dim.size for dim in tensor.shape.dim)
        if tensor.shape.unknown_rank or any(size < 0 for size in shape):
            text = f"Shape {shape_text(shape)} of tensor {tensor.name} is not valid"
            raise errors.InvalidArgumentError(None, None, text)
        try:
            dtype = dtypes.as_dtype(tensor.type).base_dtype
        except TypeError:
            text = f"Unknown data type {tensor.type} of tensor {tensor.name}"
            raise errors.DataLossError(None, None, text) from None
        known = self._tensors.setdefault(tensor.name, _Stored(dtype, shape, {}))
        if known.shape != shape:
            text = f"existing = {shape_text(known.shape)}, new = {shape_text(shape)}"
            raise errors.InternalError(
                None, None, f"Incompatible tensor shapes detected for tensor {tensor.name}: {text}"
            )
        if known.dtype is not dtype:
            text = f"existing = {known.dtype.name}, new = {dtype.name}"
            raise errors.InternalError(
                None, None, f"Incompatible tensor types detected for tensor {tensor.name}: {text}"
            )
        for proto in tensor.slice:
            part = slice_from_proto(proto)
            if part in known.slices:
                text = f"Overlapping slices: existing slice = {part}, new slice = {part}"
                raise errors.InternalError(None, None, text)
            known.slices[part] = file
        check_disjoint(list(known.slices), shape)

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def tensors(self) -> dict[str, tuple[DType, tuple[int, ...]]]:
        """Type and shape of every tensor by name."""
        return {name: (stored.dtype, stored.shape) for name, stored in self._tensors.items()}

    def slice_count(self, name: str) -> int:
        """In how many slices a tensor is stored."""
        return len(self._tensors[name].slices)

    def read(self, name: str, part: TensorSlice | None = None) -> np.ndarray:
        """A tensor's value, or a slice of it.

        Raises: NotFoundError for an unknown name; InvalidArgumentError when the slices do not have all of it;
        DataLossError when a stored slice is damaged.
        """
        stored = self._tensors.get(name)
        if stored is None:
            raise errors.NotFoundError(None, None, f"{name} not found in checkpoint file")
        wanted = part or full_slice(len(stored.shape))
        shape = wanted.shape_in(stored.shape)
        pieces = slices_that_cover(wanted, list(stored.slices), stored.shape)
        if pieces is None:
            text = f"Does not have sufficient slices for partitioned tensor {name} to restore in slice_spec: {wanted}"
            raise errors.InvalidArgumentError(None, None, text)
        origin = [start for start, _ in wanted.bounds_in(stored.shape)]
        values = []
        for piece, common in pieces:
            value = self._value(name, stored, piece)
            begin = [start for start, _ in piece.bounds_in(stored.shape)]
            inside = tuple(slice(a - o, b - o) for (a, b), o in zip(common, begin))
            values.append((tuple(slice(a - o, b - o) for (a, b), o in zip(common, origin)), value[inside]))
        result = np.empty(shape, object if stored.dtype is dtypes.string else stored.dtype.as_numpy_dtype)
        for target, value in values:
            result[target] = value
        return result

    def _value(self, name: str, stored: _Stored, part: TensorSlice) -> np.ndarray:
        table = self._tables[stored.slices[part]]
        saved = _parsed(table.get(slice_key(name.encode("utf-8", "surrogateescape"), part)))
        if saved is None:
            text = f"The data of slice {part or '(all)'} of tensor {name} is missing in {table.path}"
            raise errors.DataLossError(None, None, text)
        field = element_field(stored.dtype)
        if field is None:
            raise errors.UnimplementedError(None, None, f"Restoring data type {stored.dtype.name} not yet supported")
        flat = elements_to_array(getattr(saved.data.data, field), stored.dtype)
        shape = part.shape_in(stored.shape)
        if flat.size != math.prod(shape):
            text = f"Tensor {name}, slice {part} had an unexpected amount of data: "
            raise errors.DataLossError(None, None, f"{text}expected = {math.prod(shape)}, got = {flat.size}")
        return flat.reshape(shape)


def status_text(error: errors.OpError) -> str:
    """An error as C++ would print it: "Data loss: not an sstable"."""
    name = type(error).__name__.removesuffix("Error")
    words = "".join(" " + c.lower() if c.isupper() and i else c for i, c in enumerate(name))
    return f"{words}: {error.message}"


def _parsed(serialized: bytes | None) -> Any:
    from google.protobuf.message import DecodeError

    if serialized is None:
        return None
    try:
        return protos.SavedTensorSlices.FromString(serialized)
    except DecodeError:
        return None


def write_slices(path: str, names: Sequence[str], shapes_and_slices: Sequence[str], arrays: Sequence[Any]) -> None:
    """Writes a checkpoint of version 1 to one file; an empty shape-and-slice text stands for a whole tensor.

    Raises: InvalidArgumentError when a slice's text does not fit its array, or a slice is too large for a proto;
    UnimplementedError for types this format does not have.
    """
    saved = protos.SavedTensorSlices()
    saved.meta.versions.producer = _VERSION
    metas: dict[str, Any] = {}
    entries: dict[bytes, bytes] = {}
    for i in sorted(range(len(names)), key=lambda i: names[i]):
        name, array = names[i], np.asarray(arrays[i])
        dtype = dtypes.as_dtype(array.dtype)
        shape, part = _place(shapes_and_slices[i], array)
        if dtype in _NOT_SAVED:
            raise errors.UnimplementedError(None, None, f"Saving data type {dtype.name} not yet supported")
        meta = metas.get(name)
        if meta is None:
            meta = metas[name] = saved.meta.tensor.add(name=name, type=dtype.as_datatype_enum)
            meta.shape.SetInParent()
            for size in shape:
                meta.shape.dim.add(size=size)
        elif tuple(dim.size for dim in meta.shape.dim) != shape or meta.type != dtype.as_datatype_enum:
            raise errors.InternalError(None, None, f"Mismatching shapes or types: trying to add name {name}")
        meta.slice.append(part.to_proto())
        entries[slice_key(name.encode("utf-8", "surrogateescape"), part)] = _record(name, part, array, dtype)
    pairs = ((key, entries[key]) for key in sorted(entries))
    with atomic_files.written_atomically(path) as file:
        write_table(file, ((_META_KEY, saved.SerializeToString()), *pairs))


def _place(text: str, array: np.ndarray) -> tuple[tuple[int, ...], TensorSlice]:
    if not text:
        return array.shape, full_slice(array.ndim)
    shape, part, slice_shape = parse_shape_and_slice(text)
    check_slice_shape(text, slice_shape, array.shape)
    return shape, part


def check_slice_shape(text: str, slice_shape: Sequence[int], array_shape: Sequence[int]) -> None:
    """Raises InvalidArgumentError when a value does not have the shape that a shape-and-slice text gives it."""
    if tuple(slice_shape) != tuple(array_shape):
        raise errors.InvalidArgumentError(
            None,
            None,
            "Slice in shape_and_slice specification does not match the shape of the tensor to  save: "
            f"{text}, tensor: {shape_text(array_shape)}",
        )


def _record(name: str, part: TensorSlice, array: np.ndarray, dtype: DType) -> bytes:
    record = protos.SavedTensorSlices()
    record.data.name = name
    record.data.slice.CopyFrom(part.to_proto())
    record.data.data.SetInParent()
    field = element_field(dtype)
    assert field is not None
    getattr(record.data.data, field).extend(elements_of_array(array, dtype))
    if record.ByteSize() >= _LARGEST_MESSAGE:
        text = f"Tensor slice is too large to serialize (conservative estimate: {record.ByteSize()} bytes)"
        raise errors.InvalidArgumentError(None, None, text)
    serialized: bytes = record.SerializeToString()
    return serialized
