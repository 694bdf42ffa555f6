"""Sparse tensors packed into tensors (three variants or strings each) and back; SparseTensorSpec, which needs that.

Source: TF 1.15, core/kernels/serialize_sparse_op.cc, deserialize_sparse_variant_op.cc, python/framework/sparse_tensor.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tfcompat.framework import constant_value, dtypes, nest, protos, tensor_proto, values
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.sparse_tensor import SparseTensor, SparseTensorValue
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.framework.type_spec import BatchableTypeSpec, register_type_spec_from_value_converter
from tfcompat.ops.sparse_parts import join, refuse, take


@op("SerializeSparse")
def serialize_sparse_op(c: ShapeContext) -> Shape:
    return (3,)


@op("SerializeManySparse")
def serialize_many_sparse_op(c: ShapeContext) -> Shape:
    return (None, 3)


def _triple(indices: Any, items: Any, dims: Any) -> np.ndarray:
    out = np.empty(3, object)
    out[0], out[1], out[2] = indices, items, dims
    return out


def _packer(c: KernelContext) -> Any:
    """How the three parts of one sparse tensor become one row."""
    if c.attrs["out_type"] is not dtypes.string:
        return _triple
    kinds = (dtypes.int64, c.attrs["T"], dtypes.int64)

    def encode(*parts: Any) -> np.ndarray:
        out = np.empty(3, object)
        for i, (part, kind) in enumerate(zip(parts, kinds, strict=True)):
            proto = protos.TensorProto()
            tensor_proto.fill_with_bytes(proto, values.to_numpy(part, kind), kind)
            out[i] = proto.SerializeToString()
        return out

    return encode


def _check_parts(indices: Any, items: Any, dims: Any) -> None:
    if indices.dim() != 2:
        raise refuse(f"Input indices should be a matrix but received shape {list(indices.shape)}")
    if len(items.shape) != 1:
        raise refuse(f"Input values should be a vector but received shape {list(items.shape)}")
    if dims.dim() != 1:
        raise refuse(f"Input shape should be a vector but received shape {list(dims.shape)}")


@serialize_sparse_op.builder
def _serialize(c: KernelContext) -> Any:
    pack = _packer(c)

    def run(indices: Any, items: Any, dims: Any) -> Any:
        _check_parts(indices, items, dims)
        return pack(indices, items, dims)

    return run


@serialize_many_sparse_op.builder
def _serialize_many(c: KernelContext) -> Any:
    pack = _packer(c)

    def run(indices: Any, items: Any, dims: Any) -> Any:
        _check_parts(indices, items, dims)
        if dims.numel() < 2:
            raise refuse(f"Rank of input SparseTensor should be > 1, but saw rank: {dims.numel()}")
        rows = int(dims[0])
        out = np.empty((rows, 3), object)
        first = indices[:, 0]
        if first.numel() and not (int(first.min()) >= 0 and int(first.max()) < rows):
            bad = int(first.max()) if int(first.min()) >= 0 else int(first.min())
            raise refuse(f"Received unexpected column 0 value in input SparseTensor: {bad} < 0 or >= N (= {rows})")
        ordered = bool((first[1:] >= first[:-1]).all())
        if not ordered:
            at = torch.argsort(first, stable=True)
            indices, items, first = indices[at], take(items, at), first[at]
        ends = torch.searchsorted(first.contiguous(), torch.arange(rows + 1, device=first.device)).tolist()
        for i in range(rows):
            a, b = ends[i], ends[i + 1]
            out[i] = pack(indices[a:b, 1:], items[a:b], dims[1:])
        return out

    return run


@op("DeserializeSparse")
def deserialize_sparse_op(c: ShapeContext) -> list[Shape]:
    return [(None, None), (None,), (None,)]


@op("DeserializeManySparse")
def deserialize_many_sparse_op(c: ShapeContext) -> list[Shape]:
    width = with_rank(c.shape(0), 2)[1]
    if width is not None and width != 3:
        raise ShapeError(f"Dimension must be 3 but is {width}")
    return [(None, None), (None,), (None,)]


def _unpacked(part: Any) -> Any:
    """One part of a row: a value as it is, or made of a serialized TensorProto."""
    if not isinstance(part, bytes):
        return part
    try:
        proto = protos.TensorProto.FromString(part)
    except Exception:
        raise refuse("Could not parse serialized proto") from None
    return values.from_numpy(tensor_proto.make_ndarray(proto), dtypes.as_dtype(proto.dtype))


def _check_dtype(items: Any, dtype: dtypes.DType) -> None:
    if isinstance(items, np.ndarray) != (dtype.torch is None) or (
        isinstance(items, torch.Tensor) and items.dtype != dtype.torch
    ):
        found = dtypes.cpp_name(dtypes.string if isinstance(items, np.ndarray) else dtypes.from_torch(items.dtype))
        raise refuse(
            f"Requested SparseTensor of type {dtypes.cpp_name(dtype)} but SparseTensor[0].values.dtype() == {found}"
        )


def deserialized(rows: np.ndarray, dtype: dtypes.DType) -> list[Any]:
    """The parts of the sparse tensor packed in `rows` [..., 3]: leading dimensions become dimensions of the tensor."""
    if rows.ndim == 0 or rows.shape[-1] != 3:
        raise refuse(f"Serialized sparse should have 3 as the last dimension {list(rows.shape)}")
    lead = rows.shape[:-1]
    flat = rows.reshape(-1, 3)
    if not len(flat):
        raise refuse("Must have at least 1 serialized SparseTensor, but input matrix has 0 rows")
    parts = [[_unpacked(part) for part in row] for row in flat]
    for row in parts:
        _check_dtype(row[1], dtype)
    if not lead:
        return parts[0]
    ranks = {p[2].numel() for p in parts}
    if len(ranks) > 1:
        raise refuse(
            "Inconsistent shape across SparseTensors: rank prior to SparseTensor[1] was: "
            f"{parts[0][2].numel()} but rank of SparseTensor[1] is: {next(iter(ranks - {parts[0][2].numel()}))}"
        )
    counts = torch.tensor([p[0].shape[0] for p in parts])
    places = torch.tensor(np.indices(lead).reshape(len(lead), -1).T.copy(), dtype=torch.int64)
    prefix = torch.repeat_interleave(places, counts, dim=0)
    indices = torch.cat([prefix, torch.cat([p[0] for p in parts])], dim=1)
    dims = torch.stack([p[2] for p in parts]).amax(dim=0) if parts[0][2].numel() else parts[0][2]
    return [indices, join([p[1] for p in parts]), torch.cat([torch.tensor(lead, dtype=torch.int64), dims])]


@deserialize_sparse_op.kernel
def _deserialize(serialized_sparse: Any, *, dtype: dtypes.DType) -> list[Any]:
    return deserialized(serialized_sparse, dtype)


@deserialize_many_sparse_op.kernel
def _deserialize_many(serialized_sparse: Any, *, dtype: dtypes.DType) -> list[Any]:
    if serialized_sparse.ndim != 2:
        raise refuse(f"Serialized sparse should be a matrix but received shape {list(serialized_sparse.shape)}")
    return deserialized(serialized_sparse, dtype)


for _op in (serialize_sparse_op, serialize_many_sparse_op, deserialize_sparse_op, deserialize_many_sparse_op):
    _op.gradient(NOT_DIFFERENTIABLE)


def _sparse(value: Any) -> SparseTensor:
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        raise TypeError("Input must be a SparseTensor.")
    return value


@export("serialize_sparse", "io.serialize_sparse")
def serialize_sparse(sp_input: Any, name: str | None = None, out_type: Any = dtypes.string) -> Any:
    """A sparse tensor as a vector of three strings (or variants): its indices, values and dense shape.

    Raises: TypeError for anything but a SparseTensor.
    """
    sp = _sparse(sp_input)
    return serialize_sparse_op(sp.indices, sp.values, sp.dense_shape, out_type=out_type, name=name)


@export("serialize_many_sparse", "io.serialize_many_sparse")
def serialize_many_sparse(sp_input: Any, name: str | None = None, out_type: Any = dtypes.string) -> Any:
    """One row of three strings (or variants) for each index of the first dimension: a batch taken apart.

    Raises: TypeError for anything but a SparseTensor.
    """
    sp = _sparse(sp_input)
    return serialize_many_sparse_op(sp.indices, sp.values, sp.dense_shape, out_type=out_type, name=name)


def _made(parts: Any, rank: Any) -> SparseTensor:
    indices, items, dims = parts
    indices.set_shape([None, rank])
    dims.set_shape([rank])
    return SparseTensor(indices, items, dims)


@export("io.deserialize_many_sparse", "deserialize_many_sparse")
def deserialize_many_sparse(
    serialized_sparse: Any, dtype: Any, rank: Any = None, name: str | None = None
) -> SparseTensor:
    """The batch that `serialize_many_sparse` took apart, or one made of rows from several calls.

    Shapes: [n, 3] -> dense shape [n, ...]; `rank` is that of the result, where it is known.
    """
    return _made(deserialize_many_sparse_op(serialized_sparse, dtype=dtype, name=name), rank)


@export("SparseTensorSpec", v2=("SparseTensorSpec",))
class SparseTensorSpec(BatchableTypeSpec):
    """What is known of a sparse tensor: its dense shape and dtype."""

    __slots__ = ("_dtype", "_shape")

    def __init__(self, shape: Any = None, dtype: Any = dtypes.float32) -> None:
        self._shape = TensorShape(shape)
        self._dtype = dtypes.as_dtype(dtype)

    @property
    def value_type(self) -> Any:
        return SparseTensor

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def shape(self) -> TensorShape:
        return self._shape

    def _serialize(self) -> tuple[Any, ...]:
        return self._shape, self._dtype

    @property
    def _component_specs(self) -> list[TensorSpec]:
        rank = self._shape.ndims
        return [
            TensorSpec([None, rank], dtypes.int64),
            TensorSpec([None], self._dtype),
            TensorSpec([rank], dtypes.int64),
        ]

    def _to_components(self, value: Any) -> list[Any]:
        sp = _sparse(value)
        return [sp.indices, sp.values, sp.dense_shape]

    def _from_components(self, components: Any) -> Any:
        if all(isinstance(t, np.ndarray) for t in components):
            return SparseTensorValue(*components)
        return SparseTensor(*components)

    # As a single tensor it is packed, so that datasets can batch and slice it. A batch of packed tensors is described
    # by such a spec too, so nothing is known of the pack's shape.
    @property
    def _flat_tensor_specs(self) -> list[Any]:
        return [TensorSpec(None, dtypes.variant)]

    def _to_tensor_list(self, value: Any) -> list[Any]:
        return [serialize_sparse(SparseTensor.from_value(value), out_type=dtypes.variant)]

    def _to_batched_tensor_list(self, value: Any) -> list[Any]:
        dims = constant_value.partial_shape(value.dense_shape)
        if self._shape.merge_with(TensorShape._from_tuple(dims)).ndims == 0:
            raise ValueError("Unbatching a sparse tensor is only supported for rank >= 1")
        return [serialize_many_sparse(value, out_type=dtypes.variant)]

    def _from_compatible_tensor_list(self, tensor_list: list[Any]) -> Any:
        made = SparseTensor(*deserialize_sparse_op(tensor_list[0], dtype=self._dtype))
        rank = self._shape.ndims
        made.indices.set_shape([None, rank])
        made.dense_shape.set_shape([rank])
        return made

    def _batch(self, batch_size: int | None) -> SparseTensorSpec:
        return SparseTensorSpec(TensorShape([batch_size]).concatenate(self._shape), self._dtype)

    def _unbatch(self) -> SparseTensorSpec:
        if self._shape.ndims == 0:
            raise ValueError("Unbatching a tensor is only supported for rank >= 1")
        return SparseTensorSpec(self._shape[1:], self._dtype)

    def _to_legacy_output_types(self) -> Any:
        return self._dtype

    def _to_legacy_output_shapes(self) -> Any:
        return self._shape

    @classmethod
    def from_value(cls, value: Any) -> SparseTensorSpec:
        """The spec of a SparseTensor or SparseTensorValue. Raises TypeError for anything else."""
        if isinstance(value, SparseTensor):
            return cls(value.shape, value.dtype)
        if isinstance(value, SparseTensorValue):
            if isinstance(value.values, np.ndarray):
                return cls(value.dense_shape, value.values.dtype)
            return cls.from_value(SparseTensor.from_value(value))
        raise TypeError("Expected SparseTensor or SparseTensorValue")


register_type_spec_from_value_converter(SparseTensor, SparseTensorSpec.from_value)
register_type_spec_from_value_converter(SparseTensorValue, SparseTensorSpec.from_value)
nest.register_composite(
    SparseTensorSpec, lambda s: s._component_specs, lambda s, parts: s._from_components(parts), is_spec=True
)
