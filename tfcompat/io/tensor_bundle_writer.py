"""Writing checkpoints of version 2, the very bytes that TF 1.15 and 2.x write, so that they appear all at once.

Source: TF 1.15, core/util/tensor_bundle/tensor_bundle.cc.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from tfcompat.framework import dtypes, errors, protos
from tfcompat.framework.dtypes import DType
from tfcompat.framework.tensor_proto import bfloat16_bits
from tfcompat.io import atomic_files
from tfcompat.io.crc32c import crc32c, mask
from tfcompat.io.sorted_table import write_table
from tfcompat.io.tensor_bundle import (
    CHECKSUM_SIZE,
    HEADER_KEY,
    LARGEST_SHORT_LENGTH,
    VERSION,
    BundleReader,
    data_file,
    index_file,
    key_of,
    shape_of,
    shown,
)
from tfcompat.io.tensor_slices import TensorSlice, slice_key
from tfcompat.io.varints import varint
from tfcompat.platform import filesystem

_WRITE_BUFFER = 1 << 23


def _header(shards: int) -> Any:
    header = protos.BundleHeaderProto(num_shards=shards)
    if sys.byteorder == "big":
        header.endianness = protos.BundleHeaderProto.BIG
    header.version.producer = VERSION
    return header


def _write_index(prefix: str, header: Any, entries: dict[bytes, Any]) -> None:
    with atomic_files.written_atomically(index_file(prefix)) as file:
        _write_entries(file, header, entries)


def _write_entries(file: BinaryIO, header: Any, entries: dict[bytes, Any]) -> None:
    pairs = ((key, entries[key].SerializeToString()) for key in sorted(entries))
    write_table(file, ((HEADER_KEY, header.SerializeToString()), *pairs))


class BundleWriter:
    """Writes a checkpoint of one shard. `finish` makes it appear; until then, and after `discard`, nothing is there.

    Raises: an OpError when the files cannot be written.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._entries: dict[bytes, Any] = {}
        self._offset = 0
        self._temporary = atomic_files.temporary_name(data_file(prefix, 0, 1))
        directory = os.path.dirname(prefix)
        if directory:
            filesystem.make_directory(directory)
        with filesystem.os_errors_as_tf(prefix):
            self._file: BinaryIO = open(filesystem.local(self._temporary), "wb", buffering=_WRITE_BUFFER)

    def __enter__(self) -> BundleWriter:
        return self

    def __exit__(self, kind: object, *unused: object) -> None:
        if kind is None:
            self.finish()
        else:
            self.discard()

    def add(self, name: str | bytes, array: Any, dtype: DType | None = None) -> None:
        """Adds a tensor. `dtype` is needed where NumPy's type does not say it (bfloat16 held as float32).

        Raises: InvalidArgumentError for a name that is there already; UnimplementedError for resource and variant.
        """
        key = key_of(name)
        if key in self._entries:
            raise errors.InvalidArgumentError(None, None, f"Adding duplicate key: {shown(key)}")
        array = np.asarray(array)
        kind = (dtype or dtypes.as_dtype(array.dtype)).base_dtype
        entry = protos.BundleEntryProto(dtype=kind.as_datatype_enum, offset=self._offset)
        entry.shape.SetInParent()
        for size in array.shape:
            entry.shape.dim.add(size=size)
        with filesystem.os_errors_as_tf(self._prefix):
            entry.size, checksum = self._write(array, kind)
        entry.crc32c = mask(checksum)
        self._offset += entry.size
        self._entries[key] = entry

    def add_slice(
        self, name: str | bytes, full_shape: Sequence[int], part: TensorSlice, array: Any, dtype: DType | None = None
    ) -> None:
        """Adds a slice of a tensor of shape `full_shape`; the slices of a tensor may be in several bundles.

        Raises: InvalidArgumentError for a slice that is there already, or when types or shapes disagree.
        """
        array = np.asarray(array)
        if part.is_full or part.shape_in(full_shape) == tuple(full_shape):
            self.add(name, array, dtype)
            return
        key = key_of(name)
        kind = (dtype or dtypes.as_dtype(array.dtype)).base_dtype
        entry = self._entries.get(key)
        if entry is None:
            entry = protos.BundleEntryProto(dtype=kind.as_datatype_enum)
            for size in full_shape:
                entry.shape.dim.add(size=size)
            self._entries[key] = entry
        elif entry.dtype != kind.as_datatype_enum or shape_of(entry) != tuple(full_shape) or not entry.slices:
            text = f"Slices of {shown(key)} have different types or full shapes"
            raise errors.InvalidArgumentError(None, None, text)
        self.add(slice_key(key, part), array, dtype)
        entry.slices.append(part.to_proto())

    def _write(self, array: np.ndarray, dtype: DType) -> tuple[int, int]:
        """Writes a tensor's bytes; returns how many, and their checksum."""
        if dtype is dtypes.string:
            return self._write_strings(array)
        if not dtype.is_numpy_compatible:
            raise errors.UnimplementedError(None, None, f"Saving data type {dtype.name} not yet supported")
        if dtype is dtypes.bfloat16:
            array = bfloat16_bits(array)
        elif array.dtype.itemsize != dtype.size or array.dtype.hasobject:
            raise TypeError(f"An array of {array.dtype} does not hold values of type {dtype.name}")
        if array.dtype.byteorder not in "=|":
            array = array.astype(array.dtype.newbyteorder("="))
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        self._file.write(flat.data)
        return flat.size, crc32c(flat)

    def _write_strings(self, array: np.ndarray) -> tuple[int, int]:
        # Lengths, a checksum of them, all the bytes. The checksums count a length as a plain number, not as a varint.
        strings = [s.encode("utf-8") if isinstance(s, str) else bytes(s) for s in array.ravel().tolist()]
        plain = b"".join(len(s).to_bytes(4 if len(s) <= LARGEST_SHORT_LENGTH else 8, sys.byteorder) for s in strings)
        checksum = crc32c(plain)
        between = mask(checksum).to_bytes(CHECKSUM_SIZE, sys.byteorder)
        lengths = b"".join(varint(len(s)) for s in strings)
        data = b"".join(strings)
        for piece in (lengths, between, data):
            self._file.write(piece)
        return len(lengths) + CHECKSUM_SIZE + len(data), crc32c(data, crc32c(between, checksum))

    def discard(self) -> None:
        """Gives up: removes what was written."""
        self._file.close()
        atomic_files.remove_if_there(self._temporary)

    def finish(self) -> None:
        """Makes the checkpoint appear under its prefix.

        Both files are on the disk before either gets its name, so an older checkpoint of another prefix is never
        touched, and one of the same prefix only for the moment between two renames (as in TF).
        """
        try:
            with filesystem.os_errors_as_tf(self._prefix):
                atomic_files.sync(self._file)
                self._file.close()
            with atomic_files.written_atomically(index_file(self._prefix)) as file:
                _write_entries(file, _header(1), self._entries)
                atomic_files.sync(file)
                atomic_files.move(self._temporary, data_file(self._prefix, 0, 1))
        except BaseException:
            self.discard()
            raise


def merge_bundles(prefixes: Sequence[str], merged_prefix: str) -> None:
    """Makes one checkpoint of several; their data files are renamed to be its shards.

    Raises: InvalidArgumentError when a tensor is in two of them, or their formats differ.
    """
    directory = os.path.dirname(merged_prefix)
    if directory:
        filesystem.make_directory(directory)
    merged: dict[bytes, Any] = {}
    header: Any = None
    shards: dict[str, int] = {}
    for prefix in prefixes:
        with BundleReader(prefix) as reader:
            header = _merged_header(header, reader.header)
            for key in reader.all_keys():
                _merge_entry(merged, shards, key, reader.entry(key), prefix, reader.header.num_shards)
    if header is None:
        return
    header.num_shards = len(shards) or header.num_shards  # a bundle without tensors gives no file
    for path, shard in shards.items():
        atomic_files.move(path, data_file(merged_prefix, shard, len(shards)))
    _write_index(merged_prefix, header, merged)
    for prefix in prefixes:
        with contextlib.suppress(errors.OpError):
            filesystem.delete_file(index_file(prefix))


def _merged_header(merged: Any, header: Any) -> Any:
    if merged is None:
        return protos.BundleHeaderProto.FromString(header.SerializeToString())
    merged.num_shards += header.num_shards
    if merged.endianness != header.endianness:
        text = "Merging bundles with conflicting endianness; inputs corrupted?"
        raise errors.InvalidArgumentError(None, None, text)
    if merged.version != header.version:
        text = (
            f"Merging bundles with different format versions: merged {merged.version.SerializeToString()!r} "
            f"vs. curr {header.version.SerializeToString()!r}"
        )
        raise errors.InvalidArgumentError(None, None, text)
    return merged


def _merge_entry(
    merged: dict[bytes, Any], shards: dict[str, int], key: bytes, entry: Any, prefix: str, num_shards: int
) -> None:
    existing = merged.get(key)
    if existing is None:
        path = data_file(prefix, entry.shard_id, num_shards)
        entry.shard_id = shards.setdefault(path, len(shards))
        merged[key] = entry
        return
    if not existing.slices:
        text = f"Duplicate tensor keyed by {shown(key)} encountered, when merging prefix: {prefix}"
        raise errors.InvalidArgumentError(None, None, text)
    if not entry.slices:
        text = f"Duplicate tensor keyed by {shown(key)}; attempting to merge in a non-slice bundle entry"
        raise errors.InternalError(None, None, text)
    if entry.dtype != existing.dtype or shape_of(entry) != shape_of(existing):
        text = f"Slices of {shown(key)} have different types or full shapes"
        raise errors.InvalidArgumentError(None, None, text)
    existing.slices.extend(entry.slices)
