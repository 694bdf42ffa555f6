"""The ops that write and read checkpoints: SaveV2, RestoreV2, MergeV2Checkpoints, and those of version 1.

Source: TF 1.15, core/ops/io_ops.cc, core/kernels/save_restore_v2_ops.cc, save_op.cc, restore_op.cc.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import errors, values
from tfcompat.framework.dtypes import DType
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.shape_rules import merge_dim, no_outputs, scalar, with_rank
from tfcompat.io import checkpoint_ops
from tfcompat.io.tensor_slices import parse_shape_and_slice


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _texts(given: Sequence[bytes]) -> list[str]:
    return [_text(v) for v in given]


def _as_array(value: Any, dtype: DType) -> Any:
    return values.to_numpy(value, dtype)


def _as_value(array: Any, dtype: DType, device: torch.device) -> Any:
    made = values.from_numpy(np.asarray(array), dtype)
    return made.to(device) if isinstance(made, torch.Tensor) and device.type != "cpu" else made


def _names_and_slices(c: ShapeContext, first: int) -> None:
    """Names and slices are vectors of one length."""
    merge_dim(*(with_rank(c.shape(i), 1)[0] for i in (first, first + 1)))


# --- version 2 -------------------------------------------------------------------------------------------------


@op("SaveV2", host=("prefix", "tensor_names", "shape_and_slices"))
def save_v2_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    _names_and_slices(c, 1)
    return []


save_v2_op.gradient(NOT_DIFFERENTIABLE)


@save_v2_op.kernel
def _save_v2(
    prefix: bytes, tensor_names: list[bytes], shape_and_slices: list[bytes], tensors: list[Any], *, dtypes: Any
) -> None:
    if not len(tensor_names) == len(shape_and_slices) == len(tensors):
        raise errors.InvalidArgumentError(
            None,
            None,
            f"Got {len(tensor_names)} tensor names, {len(shape_and_slices)} shapes and slices but {len(tensors)} "
            "tensors.",
        )
    arrays = [_as_array(t, dtype) for t, dtype in zip(tensors, dtypes, strict=True)]
    types = [dtype.base_dtype for dtype in dtypes]
    checkpoint_ops.save_v2(_text(prefix), _texts(tensor_names), _texts(shape_and_slices), arrays, types)


@op("RestoreV2", host=("prefix", "tensor_names", "shape_and_slices"))
def restore_v2_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    _names_and_slices(c, 1)
    outputs = len(c.attrs["dtypes"])
    slices = c.value(2)
    if slices is None:
        return [None] * outputs
    if slices.size != outputs:
        raise ShapeError("The number of shape_and_slice doesn't match tensor outputs.")
    return [_slice_shape(s) for s in slices.ravel().tolist()]


def _slice_shape(text: bytes) -> Shape:
    return parse_shape_and_slice(_text(text))[2] if text else None


restore_v2_op.gradient(NOT_DIFFERENTIABLE)


@restore_v2_op.kernel
def _restore_v2(
    prefix: bytes,
    tensor_names: list[bytes],
    shape_and_slices: list[bytes],
    *,
    dtypes: Any,
    device: torch.device,
) -> list[Any]:
    arrays = checkpoint_ops.restore(_text(prefix), _texts(tensor_names), _texts(shape_and_slices), dtypes)
    return [_as_value(a, dtype, device) for a, dtype in zip(arrays, dtypes, strict=True)]


@op("MergeV2Checkpoints", host=("checkpoint_prefixes", "destination_prefix"))
def merge_v2_checkpoints_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 1)
    with_rank(c.shape(1), 0)
    return []


merge_v2_checkpoints_op.gradient(NOT_DIFFERENTIABLE)


@merge_v2_checkpoints_op.kernel
def _merge(checkpoint_prefixes: list[bytes], destination_prefix: bytes, *, delete_old_dirs: bool) -> None:
    checkpoint_ops.merge_v2_checkpoints(_texts(checkpoint_prefixes), _text(destination_prefix), delete_old_dirs)


# --- names -----------------------------------------------------------------------------------------------------


def _string(text: bytes) -> np.ndarray:
    made = np.empty((), object)
    made[()] = text
    return made


sharded_filename_op = op("ShardedFilename", host=("basename", "shard", "num_shards"))(scalar)
sharded_filename_op.gradient(NOT_DIFFERENTIABLE)


@sharded_filename_op.kernel
def _sharded_filename(basename: bytes, shard: int, num_shards: int) -> np.ndarray:
    return _string(b"%s-%05d-of-%05d" % (basename, shard, num_shards))


sharded_filespec_op = op("ShardedFilespec", host=("basename", "num_shards"))(scalar)
sharded_filespec_op.gradient(NOT_DIFFERENTIABLE)


@sharded_filespec_op.kernel
def _sharded_filespec(basename: bytes, num_shards: int) -> np.ndarray:
    return _string(b"%s-?????-of-%05d" % (basename, num_shards))


# --- version 1 -------------------------------------------------------------------------------------------------

save_op = op("Save", host=("filename", "tensor_names"))(no_outputs)
save_op.gradient(NOT_DIFFERENTIABLE)


@save_op.kernel
def _save(filename: bytes, tensor_names: list[bytes], data: list[Any], *, T: Any) -> None:
    _save_slices(filename, tensor_names, [b""] * len(tensor_names), data, T=T)


save_slices_op = op("SaveSlices", host=("filename", "tensor_names", "shapes_and_slices"))(no_outputs)
save_slices_op.gradient(NOT_DIFFERENTIABLE)


@save_slices_op.kernel
def _save_slices(
    filename: bytes, tensor_names: list[bytes], shapes_and_slices: list[bytes], data: list[Any], *, T: Any
) -> None:
    if not len(tensor_names) == len(shapes_and_slices) == len(data):
        raise errors.InvalidArgumentError(None, None, f"Got {len(tensor_names)} names but {len(data)} tensors.")
    arrays = [_as_array(t, dtype) for t, dtype in zip(data, T, strict=True)]
    checkpoint_ops.save_slices(_text(filename), _texts(tensor_names), _texts(shapes_and_slices), arrays)


@op("Restore", host=("file_pattern", "tensor_name"))
def restore_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 0)
    with_rank(c.shape(1), 0)
    return None


restore_op.gradient(NOT_DIFFERENTIABLE)


@restore_op.kernel
def _restore(file_pattern: bytes, tensor_name: bytes, *, dt: DType, device: torch.device) -> Any:
    return _restore_slice(file_pattern, tensor_name, b"", dt=dt, device=device)


@op("RestoreSlice", host=("file_pattern", "tensor_name", "shape_and_slice"))
def restore_slice_op(c: ShapeContext) -> Shape:
    for i in range(3):
        with_rank(c.shape(i), 0)
    text = c.value(2)
    return None if text is None else _slice_shape(text.item())


restore_slice_op.gradient(NOT_DIFFERENTIABLE)


@restore_slice_op.kernel
def _restore_slice(
    file_pattern: bytes, tensor_name: bytes, shape_and_slice: bytes, *, dt: DType, device: torch.device
) -> Any:
    (array,) = checkpoint_ops.restore(_text(file_pattern), [_text(tensor_name)], [_text(shape_and_slice)], [dt])
    return _as_value(array, dt, device)
