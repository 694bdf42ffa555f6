"""Reading checkpoints of version 2: `<prefix>.index` says what there is, `<prefix>.data-00000-of-00001` has the values.

What is read is checked before memory is asked for: sizes against shapes, positions against the length of the file,
values against their checksum. Source: TF 1.15, core/util/tensor_bundle/tensor_bundle.cc.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import numpy as np

from tfcompat.framework import dtypes, errors, protos
from tfcompat.framework.dtypes import DType
from tfcompat.framework.tensor_proto import bfloat16_from_bits
from tfcompat.io.crc32c import crc32c, unmask
from tfcompat.io.sorted_table import Table
from tfcompat.io.tensor_slices import (
    TensorSlice,
    check_disjoint,
    full_slice,
    slice_from_proto,
    slice_key,
    slices_that_cover,
)
from tfcompat.io.varints import read_varint
from tfcompat.platform import filesystem

HEADER_KEY = b""
VERSION = 1
CHECKSUM_SIZE = 4
LARGEST_SHORT_LENGTH = 0xFFFFFFFF  # lengths of strings above this count as eight bytes in checksums


def index_file(prefix: str) -> str:
    """The file that holds the metadata."""
    return f"{prefix}.index"


def data_file(prefix: str, shard: int, shards: int) -> str:
    """A file that holds values."""
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


def key_of(name: str | bytes) -> bytes:
    return name.encode("utf-8", "surrogateescape") if isinstance(name, str) else name


def shown(key: bytes) -> str:
    return key.decode("utf-8", "backslashreplace")


def shape_of(entry: Any) -> tuple[int, ...]:
    return tuple(dim.size for dim in entry.shape.dim)


class BundleReader:
    """Reads a checkpoint.

    Raises: an OpError when its files cannot be read; DataLossError, naming file or tensor, when they are damaged.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._files: dict[int, tuple[BinaryIO, int]] = {}
        path = index_file(prefix)
        with Table(path) as table:
            try:
                self._serialized = dict(table)
            except errors.DataLossError as cause:
                text = f"{_corrupt(path)} (failed to seek to header entry): {cause.message}"
                raise errors.DataLossError(None, None, text) from cause
        header = protos.BundleHeaderProto()
        if HEADER_KEY not in self._serialized:
            raise errors.InternalError(None, None, f"{_corrupt(path)} (failed to seek to header entry)")
        if not _parsed(header, self._serialized.pop(HEADER_KEY)):
            text = f"{_corrupt(path)} (unable to parse header): Entry for key  not parseable."
            raise errors.DataLossError(None, None, text)
        check_version(header.version, VERSION)
        self._shards = header.num_shards
        self._swaps_bytes = (header.endianness == protos.BundleHeaderProto.BIG) != (sys.byteorder == "big")
        self.header = header

    def close(self) -> None:
        for file, _ in self._files.values():
            file.close()
        self._files.clear()

    def __enter__(self) -> BundleReader:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_files"):
            self.close()

    def __contains__(self, name: str | bytes) -> bool:
        return key_of(name) in self._serialized

    def all_keys(self) -> list[bytes]:
        """The names of tensors and the keys of slices, sorted."""
        return list(self._serialized)

    def entry(self, name: str | bytes) -> Any:
        """The `BundleEntryProto` of a tensor or slice.

        Raises: NotFoundError for an unknown name; DataLossError for an entry that cannot be understood.
        """
        key = key_of(name)
        serialized = self._serialized.get(key)
        if serialized is None:
            raise errors.NotFoundError(None, None, f"Key {shown(key)} not found in checkpoint")
        entry = protos.BundleEntryProto()
        if not _parsed(entry, serialized):
            raise errors.DataLossError(None, None, f"Entry for key {shown(key)} not parseable.")
        if entry.shape.unknown_rank or any(size < 0 for size in shape_of(entry)):
            text = " ".join(str(entry.shape).split())
            raise errors.DataLossError(None, None, f"Invalid tensor shape: {shown(key)} {text}")
        return entry

    def dtype_and_shape(self, name: str | bytes) -> tuple[DType, tuple[int, ...]]:
        """The type and full shape of a tensor. Raises: as `entry`."""
        entry = self.entry(name)
        return _dtype(name, entry), shape_of(entry)

    def tensors(self) -> dict[str, tuple[DType, tuple[int, ...]]]:
        """Type and shape of every tensor by name, in order; slices belong to their tensor and are left out."""
        entries = {key: self.entry(key) for key in self._serialized}
        slices = {slice_key(key, slice_from_proto(s)) for key, entry in entries.items() for s in entry.slices}
        found = {}
        for key, entry in entries.items():
            if key not in slices:
                found[key.decode("utf-8", "surrogateescape")] = _dtype(key, entry), shape_of(entry)
        return found

    def read(self, name: str | bytes, part: TensorSlice | None = None) -> np.ndarray:
        """A tensor's value or a slice of it, put together from stored slices where it was saved in parts.

        Raises: NotFoundError for an unknown name; DataLossError for damage; InvalidArgumentError when the stored
        slices do not have all of it.
        """
        key = key_of(name)
        entry = self.entry(key)
        if not entry.slices and (part is None or part.is_full):
            return self._value(key, entry)
        shape = shape_of(entry)
        wanted = part or full_slice(len(shape))
        result_shape = wanted.shape_in(shape)
        if not entry.slices:
            return self._value(key, entry)[_numpy_slices(wanted.bounds_in(shape))].copy()
        stored = [slice_from_proto(s) for s in entry.slices]
        check_disjoint(stored, shape)
        pieces = slices_that_cover(wanted, stored, shape)
        if pieces is None:
            raise errors.InvalidArgumentError(
                None,
                None,
                f"Does not have sufficient slices for partitioned tensor {shown(key)} "
                f"to restore in slice_spec: {wanted}",
            )
        return self._assembled(key, _dtype(key, entry), shape, wanted, result_shape, pieces)

    def _assembled(
        self,
        key: bytes,
        dtype: DType,
        shape: Sequence[int],
        wanted: TensorSlice,
        result_shape: Sequence[int],
        pieces: Iterable[tuple[TensorSlice, list[tuple[int, int]]]],
    ) -> np.ndarray:
        origin = [start for start, _ in wanted.bounds_in(shape)]
        # All values are read before the result is made: together they are as large as the result.
        values = []
        for stored, common in pieces:
            entry = self.entry(key if stored.is_full else slice_key(key, stored))
            if shape_of(entry) != stored.shape_in(shape) or _dtype(key, entry) is not dtype or entry.slices:
                text = f"The entry of slice {stored} of tensor {shown(key)} does not fit the tensor's own"
                raise errors.DataLossError(None, None, text)
            value = self._value(key, entry)
            stored_origin = [start for start, _ in stored.bounds_in(shape)]
            inside = _numpy_slices([(a - o, b - o) for (a, b), o in zip(common, stored_origin)])
            target = _numpy_slices([(a - o, b - o) for (a, b), o in zip(common, origin)])
            values.append((target, value[inside]))
        result = np.empty(result_shape, dtype=values[0][1].dtype if values else _numpy_type(dtype))
        for target, value in values:
            result[target] = value
        return result

    def _data(self, shard: int) -> tuple[BinaryIO, int]:
        """An open data file and its size."""
        if shard not in self._files:
            path = data_file(self._prefix, shard, self._shards)
            with filesystem.os_errors_as_tf(path):
                file = open(filesystem.local(path), "rb")
            self._files[shard] = file, os.fstat(file.fileno()).st_size
        return self._files[shard]

    def _value(self, key: bytes, entry: Any) -> np.ndarray:
        shape, dtype = shape_of(entry), _dtype(key, entry)
        elements = math.prod(shape)
        if not 0 <= entry.shard_id < self._shards:
            text = f"Invalid shard in bundle entry: key {shown(key)}; shard {entry.shard_id} of {self._shards}"
            raise errors.DataLossError(None, None, text)
        if dtype is dtypes.string:
            # A length takes a byte or more, and their checksum four, except that an empty tensor may have nothing.
            least = elements + CHECKSUM_SIZE if elements else 0
            if entry.size < least:
                raise errors.DataLossError(
                    None,
                    None,
                    f"Invalid size in bundle entry: key {shown(key)}; stored size {entry.size}; "
                    f"expected size is at least {least}",
                )
        elif not dtype.is_numpy_compatible:
            raise errors.UnimplementedError(None, None, f"Restoring data type {dtype.name} not yet supported")
        elif entry.size != elements * dtype.size:
            raise errors.DataLossError(
                None,
                None,
                f"Invalid size in bundle entry: key {shown(key)}; stored size {entry.size}; "
                f"expected size {elements * dtype.size}",
            )
        data = self._bytes(key, entry)
        if dtype is dtypes.string:
            flat, checksum = self._strings(key, data, elements)
        else:
            checksum = crc32c(data)
            flat = self._numbers(data, dtype)
        if unmask(entry.crc32c) != checksum:
            raise errors.DataLossError(
                None,
                None,
                f"Checksum does not match: stored {unmask(entry.crc32c):08d} vs. calculated on the restored bytes "
                f"{checksum} (tensor {shown(key)} in {data_file(self._prefix, entry.shard_id, self._shards)})",
            )
        return flat.reshape(shape)

    def _bytes(self, key: bytes, entry: Any) -> np.ndarray:
        file, file_size = self._data(entry.shard_id)
        if entry.offset < 0 or entry.size < 0 or entry.offset + entry.size > file_size:
            path = data_file(self._prefix, entry.shard_id, self._shards)
            raise errors.OutOfRangeError(
                None,
                None,
                f"Read less bytes than requested: tensor {shown(key)} at {entry.offset}, {entry.size} bytes, "
                f"in {path} of {file_size} bytes",
            )
        data = np.empty(entry.size, np.uint8)
        with filesystem.os_errors_as_tf(self._prefix):
            file.seek(entry.offset)
            read = file.readinto(data.data) if entry.size else 0  # type: ignore[attr-defined]
        if read != entry.size:
            raise errors.OutOfRangeError(None, None, f"Read less bytes than requested: tensor {shown(key)}")
        return data

    def _numbers(self, data: np.ndarray, dtype: DType) -> np.ndarray:
        kind = np.dtype(np.uint16) if dtype is dtypes.bfloat16 else np.dtype(dtype.as_numpy_dtype)
        flat = data.view(kind)
        if self._swaps_bytes:
            flat = flat.byteswap()
        return bfloat16_from_bits(flat) if dtype is dtypes.bfloat16 else flat

    def _strings(self, key: bytes, data: np.ndarray, elements: int) -> tuple[np.ndarray, int]:
        """The strings, and the checksum over lengths, the lengths' checksum and bytes."""
        flat = np.empty(elements, dtype=object)
        if not len(data):
            return flat, 0
        view = data.data
        lengths, at = [], 0
        try:
            for _ in range(elements):
                length, at = read_varint(view, at, len(view))
                lengths.append(length)
        except ValueError:
            text = f"String lengths longer than expected offset {len(view)} (tensor {shown(key)})"
            raise errors.DataLossError(None, None, text) from None
        order = {"little": "big", "big": "little"}[sys.byteorder] if self._swaps_bytes else sys.byteorder
        plain = b"".join(n.to_bytes(4 if n <= LARGEST_SHORT_LENGTH else 8, order) for n in lengths)  # type: ignore[arg-type]
        checksum = crc32c(plain)
        between = bytes(view[at : at + CHECKSUM_SIZE])
        stored = unmask(int.from_bytes(between, order))  # type: ignore[arg-type]
        if stored != checksum:
            raise errors.DataLossError(
                None,
                None,
                f"The length checksum does not match: expected {stored:08d} but actual is {checksum:08d} "
                f"(tensor {shown(key)})",
            )
        at += CHECKSUM_SIZE
        if at + sum(lengths) > len(view):
            raise errors.DataLossError(None, None, f"Strings longer than the entry of tensor {shown(key)}")
        checksum = crc32c(view[at : at + sum(lengths)], crc32c(between, checksum))
        for i, length in enumerate(lengths):
            flat[i] = bytes(view[at : at + length])
            at += length
        return flat, checksum


def _numpy_type(dtype: DType) -> Any:
    return object if dtype is dtypes.string else dtype.as_numpy_dtype


def _numpy_slices(bounds: Sequence[tuple[int, int]]) -> tuple[slice, ...]:
    return tuple(slice(start, end) for start, end in bounds)


def _dtype(name: str | bytes, entry: Any) -> DType:
    try:
        return dtypes.as_dtype(entry.dtype).base_dtype
    except TypeError:
        text = f"Unknown data type {entry.dtype} of tensor {shown(key_of(name))}"
        raise errors.DataLossError(None, None, text) from None


def _parsed(message: Any, serialized: bytes) -> bool:
    from google.protobuf.message import DecodeError

    try:
        message.ParseFromString(serialized)
    except DecodeError:
        return False
    return True


def _corrupt(path: str) -> str:
    return (
        f"Unable to read file ({path}). Perhaps the file is corrupt or was produced by a newer version of TensorFlow "
        "with format changes"
    )


def check_version(versions: Any, consumer: int) -> None:
    """Raises InvalidArgumentError for a checkpoint of a later format than `consumer`."""
    if versions.min_consumer > consumer:
        raise errors.InvalidArgumentError(
            None,
            None,
            f"Checkpoint min consumer version {versions.min_consumer} above current version {consumer} for "
            "TensorFlow 1.15.0.  Please upgrade TensorFlow.",
        )
    if consumer in versions.bad_consumers:
        raise errors.InvalidArgumentError(
            None,
            None,
            f"Checkpoint disallows consumer version {consumer}.  Please upgrade TensorFlow: this version is likely "
            "buggy.",
        )
