"""tf.sparse.cross: every combination of one feature from each column, as joined strings or as hashes.

Source: TF 1.15, core/kernels/sparse_cross_op.cc, python/ops/sparse_ops.py, core/lib/hash (FingerprintCat64).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, fixed, sample
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting
from tfcompat.ops.farmhash import fingerprint64
from tfcompat.ops.scatter import dims_text
from tfcompat.ops.sparse_parts import refuse

_DEFAULT_HASH_KEY = 0xDECAFCAFFE
_MULTIPLIER = np.uint64(0xC6A4A7935BD1E995)
_LARGEST = np.uint64(2**63 - 1)


@op("SparseCross", host=("shapes",))
def sparse_cross_op(c: ShapeContext) -> list[Shape]:
    return [(None, 2), (None,), (2,)]


class _Column:
    """The features of one input: row b has `counts[b]` of them, from `starts[b]` on."""

    def __init__(self, values: Any, starts: np.ndarray, counts: np.ndarray) -> None:
        self.values = values if isinstance(values, np.ndarray) else values.cpu().numpy()
        self.starts, self.counts = starts, counts

    def texts(self, places: np.ndarray) -> list[bytes]:
        if self.values.dtype == object:
            return list(self.values[places])
        return [b"%d" % v for v in self.values[places].tolist()]

    def hashes(self, places: np.ndarray) -> np.ndarray:
        if self.values.dtype != object:
            return self.values[places].astype(np.int64).view(np.uint64)
        each = np.array([fingerprint64(v) for v in self.values], np.uint64)
        return each[places] if len(each) else np.zeros(0, np.uint64)


def _mixed(value: np.ndarray) -> np.ndarray:
    return value ^ (value >> np.uint64(47))


def _concatenated(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """One fingerprint of two, element by element, modulo 2**64."""
    joined = (first ^ _MULTIPLIER) ^ (_mixed(second * _MULTIPLIER) * _MULTIPLIER)
    return _mixed(_mixed(joined * _MULTIPLIER) * _MULTIPLIER)


@sparse_cross_op.kernel
def _sparse_cross(
    indices: list[torch.Tensor],
    values: list[Any],
    shapes: list[list[int]],
    dense_inputs: list[Any],
    *,
    hashed_output: bool,
    num_buckets: int,
    hash_key: int,
    out_type: dtypes.DType,
    device: torch.device,
) -> list[Any]:
    if hashed_output != (out_type is dtypes.int64):
        # TF has kernels for these two pairs alone.
        raise InvalidArgumentError(None, None, f"hashed_output={hashed_output} does not go with {out_type.name} output")
    batch = shapes[0][0] if shapes else int(dense_inputs[0].shape[0]) if dense_inputs else 0
    _check(indices, values, shapes, dense_inputs, batch)
    columns = [_sparse_column(rows, v, batch) for rows, v in zip(indices, values, strict=True)]
    columns += [_dense_column(v, batch) for v in dense_inputs]
    counts = np.ones(batch, np.int64)
    for column in columns:
        counts = counts * column.counts
    row = np.repeat(np.arange(batch), counts)
    number = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = []
    rest = number
    for column in reversed(columns):  # the last column changes fastest
        size = np.maximum(column.counts, 1)[row]
        places.append(column.starts[row] + rest % size)
        rest = rest // size
    places.reverse()
    if hashed_output:
        crossed: Any = torch.from_numpy(_hashed(columns, places, num_buckets, hash_key, len(row))).to(device)
    else:
        parts = [column.texts(at) for column, at in zip(columns, places, strict=True)]
        crossed = np.empty(len(row), object)
        crossed[:] = [b"_X_".join(p) for p in zip(*parts, strict=True)] if parts else b""
    widest = int(counts.max()) if batch else 0
    made = torch.from_numpy(np.stack([row, number], 1).astype(np.int64))
    return [made.to(device), crossed, torch.tensor([batch, widest], dtype=torch.int64, device=device)]


def _hashed(
    columns: list[_Column], places: list[np.ndarray], num_buckets: int, hash_key: int, count: int
) -> np.ndarray:
    found = np.full(count, hash_key & (2**64 - 1), np.uint64)
    with np.errstate(over="ignore"):
        for column, at in zip(columns, places, strict=True):
            found = _concatenated(found, column.hashes(at))
    return (found % (np.uint64(num_buckets) if num_buckets else _LARGEST)).astype(np.int64)


def _sparse_column(indices: torch.Tensor, values: Any, batch: int) -> _Column:
    rows = indices[:, 0].cpu().numpy()
    starts = np.searchsorted(rows, np.arange(batch), "left")
    return _Column(values, starts, np.searchsorted(rows, np.arange(batch), "right") - starts)


def _dense_column(values: Any, batch: int) -> _Column:
    width = int(values.shape[1])
    return _Column(values.reshape(-1), np.arange(batch) * width, np.full(batch, width, np.int64))


def _check(indices: list[Any], values: list[Any], shapes: list[list[int]], dense: list[Any], batch: int) -> None:
    for i, (rows, v, dims) in enumerate(zip(indices, values, shapes, strict=True)):
        if rows.dim() != 2:
            raise refuse(f"Input indices should be a matrix but received shape {dims_text(rows.shape)} at position {i}")
        if rows.shape[1] != 2:
            raise refuse(f"Expected D2 of index to be 2 got {rows.shape[1]} at position {i}")
        if len(v.shape) != 1:
            raise refuse(
                f"Input values should be a std::vector but received shape {dims_text(v.shape)} at position {i}"
            )
        if v.shape[0] != rows.shape[0]:
            raise refuse(f"Expected size of values to be {rows.shape[0]} got {v.shape[0]} at position {i}")
        if len(dims) != 2:
            raise refuse(f"shape should imply a 2D tensor, but got {dims_text((len(dims),))} at position {i}")
        if dims[0] != batch:
            raise refuse(f"Expected batch size {batch} got {dims[0]} at position {i}")
    for i, v in enumerate(dense):
        if len(v.shape) != 2:
            raise refuse(f"Dense inputs should be a matrix but received shape {dims_text(v.shape)} at position {i}")
        if v.shape[0] != batch:
            raise refuse(f"Expected batch size {batch} got {v.shape[0]} at dense tensor {i}")


sparse_cross_op.gradient(NOT_DIFFERENTIABLE)


@sparse_cross_op.samples
def _sparse_cross_samples() -> Iterator[Sample]:
    places, shape = fixed([[0, 0], [1, 0], [1, 1]], "int64"), fixed([2, 2], "int64")
    numbers = fixed([1, 2, 3], "int64")
    yield sample(
        [places],
        [numbers],
        [shape],
        [fixed([[4, 5], [6, 7]], "int64")],
        hashed_output=True,
        num_buckets=10,
        hash_key=7,
        out_type=dtypes.int64,
        internal_type=dtypes.int64,
    )


@export("sparse.cross", v2=("sparse.cross",))
def sparse_cross(inputs: Any, name: str | None = None) -> SparseTensor:
    """Strings `a_X_b` for every a of the first input's row, b of the second's, and so on.

    Shapes: inputs [batch, ?] each, dense or sparse -> [batch, largest number of combinations].
    Raises: TypeError for anything but a list of tensors and sparse tensors.
    """
    return _crossed(inputs, False, 0, None, name)


@export("sparse.cross_hashed", v2=("sparse.cross_hashed",))
def sparse_cross_hashed(
    inputs: Any, num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> SparseTensor:
    """Like `sparse.cross`, with a hash in [0, num_buckets) (0: any int64 from 0) for each combination."""
    return _crossed(inputs, True, num_buckets, hash_key, name)


def _crossed(inputs: Any, hashed: bool, num_buckets: int, hash_key: int | None, name: str | None) -> SparseTensor:
    if not isinstance(inputs, list):
        raise TypeError("Inputs must be a list")
    if not all(isinstance(i, (SparseTensor, Tensor)) for i in inputs):
        raise TypeError("All inputs must be SparseTensors")
    parts = [i for i in inputs if isinstance(i, SparseTensor)]
    values = [i.values for i in parts]
    dense = [i for i in inputs if not isinstance(i, SparseTensor)]
    internal = dtypes.string
    for group in (values, dense):
        for i, tensor in enumerate(group):
            if tensor.dtype != dtypes.string:
                group[i] = casting.cast(tensor, dtypes.int64)
                internal = dtypes.int64
    return SparseTensor(
        *sparse_cross_op(
            indices=[i.indices for i in parts],
            values=values,
            shapes=[i.dense_shape for i in parts],
            dense_inputs=dense,
            hashed_output=hashed,
            num_buckets=num_buckets,
            hash_key=hash_key or _DEFAULT_HASH_KEY,
            out_type=dtypes.int64 if hashed else dtypes.string,
            internal_type=internal,
            name=name,
        )
    )
