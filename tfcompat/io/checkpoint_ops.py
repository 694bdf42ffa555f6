"""What the ops SaveV2, RestoreV2, MergeV2Checkpoints, SaveSlices and RestoreSlice do, on arrays.

Source: TF 1.15, core/kernels/save_restore_v2_ops.cc, save_restore_tensor.cc.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfcompat.framework import errors
from tfcompat.framework.dtypes import DType
from tfcompat.io.checkpoint_reader import is_version_2
from tfcompat.io.checkpoint_v1 import SliceReader, check_slice_shape
from tfcompat.io.checkpoint_v1 import write_slices as save_slices
from tfcompat.io.tensor_bundle import BundleReader
from tfcompat.io.tensor_bundle_writer import BundleWriter, merge_bundles
from tfcompat.io.tensor_slices import parse_shape_and_slice, shape_text

__all__ = ["merge_v2_checkpoints", "restore", "save_slices", "save_v2"]


def save_v2(
    prefix: str,
    names: Sequence[str],
    shapes_and_slices: Sequence[str],
    arrays: Sequence[Any],
    types: Sequence[DType | None] | None = None,
) -> None:
    """Writes a checkpoint of version 2 and one shard; an empty shape-and-slice text stands for a whole tensor.

    `types` is needed where an array's NumPy type does not say it (bfloat16 held as float32).
    Raises: InvalidArgumentError for a name that is given twice or a slice that does not fit its array.
    """
    with BundleWriter(prefix) as writer:
        for name, text, array, dtype in zip(names, shapes_and_slices, arrays, types or [None] * len(names)):
            array = np.asarray(array)
            if text:
                shape, part, slice_shape = parse_shape_and_slice(text)
                check_slice_shape(text, slice_shape, array.shape)
                writer.add_slice(name, shape, part, array, dtype)
            else:
                writer.add(name, array, dtype)


def merge_v2_checkpoints(prefixes: Sequence[str], destination_prefix: str, delete_old_dirs: bool = True) -> None:
    """Makes one checkpoint of several; then removes the directories they were in, where these are empty."""
    merge_bundles(prefixes, destination_prefix)
    if delete_old_dirs:
        for directory in {os.path.dirname(prefix) for prefix in prefixes} - {os.path.dirname(destination_prefix)}:
            with contextlib.suppress(OSError):
                os.rmdir(directory)


def restore(
    prefix: str, names: Sequence[str], shapes_and_slices: Sequence[str], types: Sequence[DType]
) -> list[np.ndarray]:
    """The values of tensors or slices of them, from a checkpoint of either version.

    Raises: NotFoundError for an unknown name; InvalidArgumentError when a type, or the full shape in a
    shape-and-slice text, is not the one in the file; DataLossError for damage.
    """
    if is_version_2(prefix):
        with BundleReader(prefix) as bundle:
            # In the order of names, which is that of the file's index; the answer is in the caller's.
            order = sorted(range(len(names)), key=lambda i: names[i])
            found = {i: _restore_from_bundle(bundle, names[i], shapes_and_slices[i], types[i]) for i in order}
        return [found[i] for i in range(len(names))]
    with SliceReader(prefix) as slices:
        return [_restore_from_slices(slices, prefix, *row) for row in zip(names, shapes_and_slices, types)]


def _restore_from_bundle(reader: BundleReader, name: str, text: str, dtype: DType) -> np.ndarray:
    stored_dtype, stored_shape = reader.dtype_and_shape(name)
    part = None
    if text:
        shape, part, _ = parse_shape_and_slice(text)
        if shape != stored_shape:
            raise errors.InvalidArgumentError(
                None,
                None,
                f"tensor_name = {name}; shape in shape_and_slice spec {shape_text(shape)} does not match the shape "
                f"stored in checkpoint: {shape_text(stored_shape)}",
            )
    if stored_dtype is not dtype.base_dtype:
        raise errors.InvalidArgumentError(
            None,
            None,
            f"tensor_name = {name}; expected dtype {_short_name(dtype)} does not equal original dtype "
            f"{_short_name(stored_dtype)}",
        )
    return reader.read(name, part)


def _restore_from_slices(reader: SliceReader, pattern: str, name: str, text: str, dtype: DType) -> np.ndarray:
    if name not in reader:
        message = f'Tensor name "{name}" not found in checkpoint files {pattern}'
        raise errors.NotFoundError(None, None, message)
    stored_dtype, stored_shape = reader.tensors()[name]
    if stored_dtype is not dtype.base_dtype:
        raise errors.InvalidArgumentError(
            None,
            None,
            f"Expected to restore a tensor of type {_short_name(dtype)}, got a tensor of type "
            f"{_short_name(stored_dtype)} instead: tensor_name = {name}",
        )
    part = None
    if text:
        shape, part, _ = parse_shape_and_slice(text)
        if shape != stored_shape:
            raise errors.InvalidArgumentError(
                None,
                None,
                "Shape in shape_and_slice spec does not match the shape in the save file: "
                f"{shape_text(shape)}, save file shape: {shape_text(stored_shape)}",
            )
    return reader.read(name, part)


def _short_name(dtype: DType) -> str:
    """The type as C++ writes it in messages."""
    return {"float32": "float", "float64": "double", "float16": "half"}.get(
        dtype.base_dtype.name, dtype.base_dtype.name
    )
