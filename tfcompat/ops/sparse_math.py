"""Arithmetic of sparse tensors, and of sparse with dense ones.

Source: TF 1.15, python/ops/sparse_grad.py, core/kernels/sparse_*_op.cc. The *Grad ops and SparseDenseCwiseAdd have
gradients here, which TensorFlow lacks: second derivatives go through them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.op import Op, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import merge_dim, with_rank
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, exponents, gathering, permuting, ranges, reductions, segments, shapes, slicing
from tfcompat.ops.families import WIDE
from tfcompat.ops.scatter import dims_text
from tfcompat.ops.sparse_parts import (
    check_dims,
    check_parts,
    compare,
    flat_keys,
    keys_of,
    refuse,
    sorting,
    strides_of,
    united,
)
from tfcompat.ops.sparse_reductions import sparse_reduce_sum_op

_PLACES = [[0, 0], [0, 2], [1, 1], [2, 0]]
_OTHER_PLACES = [[0, 0], [1, 0], [1, 1]]
_DIMS = [3, 3]


def _places(values: Any = None) -> np.ndarray:
    return fixed(_PLACES if values is None else values, "int64")


def _wide(x: torch.Tensor) -> torch.Tensor:
    """Unsigned types that torch does not compute with, as int64."""
    return x.to(torch.int64) if x.dtype in WIDE else x


# --- sparse + sparse -----------------------------------------------------------------------------------------------


@op("SparseAdd", host=("a_shape", "b_shape"))
def sparse_add_op(c: ShapeContext) -> list[Shape]:
    shape = with_rank(c.shape(2), 1)
    return [(None, shape[0]), (None,), shape]


def _check_pair(a_indices: Any, a_values: Any, a_shape: Any, b_indices: Any, b_values: Any, b_shape: Any) -> None:
    """Raises InvalidArgumentError unless two sparse tensors are of one shape, with as many values as places."""
    if a_values.shape[0] != a_indices.shape[0] or b_values.shape[0] != b_indices.shape[0]:
        raise refuse(
            f"Expected {a_indices.shape[0]} and {b_indices.shape[0]} non-empty input values, got {a_values.shape[0]} "
            f"and {b_values.shape[0]}"
        )
    if len(a_shape) != len(b_shape):
        texts = [" ".join(str(d) for d in s) for s in (a_shape, b_shape)]
        raise refuse(f"Operands do not have the same ranks; got shapes: {texts[0]} and {texts[1]}")
    for i, (m, n) in enumerate(zip(a_shape, b_shape, strict=True)):
        if m != n:
            raise refuse(f"Operands' shapes do not match: got {m} and {n} for dimension {i}")


def _spread(values: torch.Tensor, at: torch.Tensor, count: int) -> torch.Tensor:
    """`values` at their places among `count`, zeros elsewhere."""
    wide = _wide(values)
    return torch.zeros(count, dtype=wide.dtype, device=values.device).index_copy_(0, at, wide)


@sparse_add_op.kernel
def _sparse_add(
    a_indices: Any,
    a_values: Any,
    a_shape: Any,
    b_indices: Any,
    b_values: Any,
    b_shape: Any,
    thresh: Any,
    *,
    device: torch.device,
) -> list[torch.Tensor]:
    if a_indices.shape[1] != b_indices.shape[1]:
        raise refuse(f"Input indices should have the same dimension, got {a_indices.shape[1]} and {b_indices.shape[1]}")
    _check_pair(a_indices, a_values, a_shape, b_indices, b_values, b_shape)
    if thresh.dim():
        raise refuse(f"The magnitude threshold must be a scalar: got shape {dims_text(thresh.shape)}")
    rows, at_a, at_b = united(a_indices, b_indices, a_shape)
    count = rows.shape[0]
    total = _spread(a_values, at_a, count) + _spread(b_values, at_b, count)
    met = torch.zeros(count, dtype=torch.int64, device=rows.device)
    met[at_a] += 1
    met[at_b] += 1
    kept = (met < 2) | (total.abs() >= _wide(thresh))
    if not bool(kept.all()):
        rows, total = rows[kept], total[kept]
    return [rows, total.to(a_values.dtype), torch.tensor(a_shape, dtype=torch.int64, device=device)]


@op("SparseAddGrad")
def sparse_add_grad_op(c: ShapeContext) -> list[Shape]:
    return [(with_rank(c.shape(1), 2)[0],), (with_rank(c.shape(2), 2)[0],)]


@sparse_add_grad_op.kernel
def _sparse_add_grad_kernel(
    backprop_val_grad: torch.Tensor, a_indices: torch.Tensor, b_indices: torch.Tensor, sum_indices: torch.Tensor
) -> list[torch.Tensor]:
    if not a_indices.dim() == b_indices.dim() == sum_indices.dim() == 2:
        texts = [dims_text(x.shape) for x in (a_indices, b_indices, sum_indices)]
        raise refuse(f"Input indices should be matrices but received shapes: {texts[0]} and {texts[1]} and {texts[2]}")
    count = sum_indices.shape[0]
    if backprop_val_grad.shape != (count,):
        raise refuse(
            "# elements of backprop_val_grad and # rows of sum_indices should match (#nnz of sum): got "
            f"{backprop_val_grad.numel()} and {count}"
        )
    out = []
    for indices in (a_indices, b_indices):
        at, known = _find(indices, sum_indices)
        # The place after the last stands for entries that a threshold left out.
        padded = torch.cat([_wide(backprop_val_grad), _wide(backprop_val_grad.new_zeros(1))])
        out.append(padded[torch.where(known, at, count)].to(backprop_val_grad.dtype))
    return out


def _find(wanted: torch.Tensor, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Where each wanted row stands among `rows` (which are sorted), and whether it does."""
    every = torch.cat([rows, wanted])
    keys = keys_of(every, [int(m) + 1 for m in every.max(0).values] if every.numel() else [0] * rows.shape[1])
    count = rows.shape[0]
    have, want = keys[:count], keys[count:]
    at = torch.searchsorted(have, want)
    known = at < count
    known &= have[at.clamp(max=max(count - 1, 0))] == want if count else known
    return at, known


@sparse_add_op.gradient
def _sparse_add_grad(node: Any, *dys: Any) -> Any:
    # What the threshold left out is known from the places of the sum.
    a_indices, b_indices = node.inputs[0], node.inputs[3]
    da, db = sparse_add_grad_op(dys[1], a_indices, b_indices, node.outputs[0])
    da.set_shape(node.inputs[1].shape)
    db.set_shape(node.inputs[4].shape)
    return None, da, None, None, db, None, None


def _sum_by_place(parts: list[tuple[Tensor, Tensor]], count: Tensor) -> Tensor:
    """Adds values at places 1 ... count; place 0 is dropped."""
    values = parts[0][0] if len(parts) == 1 else arrays.concat([p[0] for p in parts], 0)
    places = parts[0][1] if len(parts) == 1 else arrays.concat([p[1] for p in parts], 0)
    return segments.unsorted_segment_sum(values, places, count + 1)[1:]


@sparse_add_grad_op.gradient
def _sparse_add_grad_grad(node: Any, da: Tensor, db: Tensor) -> Any:
    # The op picks entries; given their numbers instead of gradients it says which.
    count = shapes.size(node.inputs[0], out_type=dtypes.int64)
    at_a, at_b = sparse_add_grad_op(ranges.range(1, count + 1), *node.inputs[1:])
    return _sum_by_place([(da, at_a), (db, at_b)], count), None, None, None


@sparse_add_op.samples
def _sparse_add_samples() -> Iterator[Sample]:
    shape = fixed(_DIMS, "int64")
    yield sample(_places(), real(4), shape, _places(_OTHER_PLACES), real(3), shape, fixed(0.0, "float64"))


@sparse_add_grad_op.samples
def _sparse_add_grad_samples() -> Iterator[Sample]:
    yield sample(real(5), _places(), _places(_OTHER_PLACES), _places([[0, 0], [0, 2], [1, 0], [1, 1], [2, 0]]))
    yield sample(real(3), _places(), _places(_OTHER_PLACES), _places([[0, 2], [1, 0], [2, 0]]))


def _extreme(op_type: str, function: Callable[..., torch.Tensor]) -> Op:
    """SparseSparseMaximum or -Minimum: element by element, a place that one side lacks counts as zero there."""

    def rule(c: ShapeContext) -> list[Shape]:
        for i, rank in enumerate((2, 1, 1, 2, 1, 1)):
            with_rank(c.shape(i), rank)
        return [(None, None), (None,)]

    made = op(op_type, host=("a_shape", "b_shape"))(rule)

    def kernel(
        a_indices: Any, a_values: Any, a_shape: Any, b_indices: Any, b_values: Any, b_shape: Any
    ) -> list[torch.Tensor]:
        _check_pair(a_indices, a_values, a_shape, b_indices, b_values, b_shape)
        rows, at_a, at_b = united(a_indices, b_indices, a_shape)
        count = rows.shape[0]
        found = function(_spread(a_values, at_a, count), _spread(b_values, at_b, count))
        return [rows, found.to(a_values.dtype)]

    def gradient(node: Any, *dys: Any) -> Any:
        raise NotImplementedError(f"Gradient for {op_type} is currently not implemented yet.")

    def samples() -> Iterator[Sample]:
        shape = fixed(_DIMS, "int64")
        values = [fixed([1.0, -2.0, 3.0, 4.0], "float64"), fixed([2.0, -1.0, -3.0], "float64")]
        yield sample(_places(), values[0], shape, _places(_OTHER_PLACES), values[1], shape)

    made.kernel(kernel)
    made.gradient(gradient)
    made.samples(samples)
    return made


sparse_sparse_maximum_op = _extreme("SparseSparseMaximum", torch.maximum)
sparse_sparse_minimum_op = _extreme("SparseSparseMinimum", torch.minimum)


# --- sparse + dense ------------------------------------------------------------------------------------------------


@op("SparseTensorDenseAdd", host=("a_shape",))
def sparse_tensor_dense_add_op(c: ShapeContext) -> Shape:
    return c.shape(3)


def _add_at(target: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """A copy of `target` with values added at flat places, which may repeat."""
    wide = _wide(target)
    out = wide.reshape(-1).clone() if wide is target else wide.reshape(-1)
    return out.index_add_(0, keys, _wide(values)).to(target.dtype).view(target.shape)


@sparse_tensor_dense_add_op.kernel
def _sparse_tensor_dense_add(a_indices: Any, a_values: Any, a_shape: Any, b: torch.Tensor) -> torch.Tensor:
    if a_indices.dim() != 2:
        raise refuse(f"Input a_indices should be a matrix but received shape: {dims_text(a_indices.shape)}")
    if a_values.dim() != 1:
        raise refuse(
            f"Inputs a_values and a_shape should be vectors but received shapes: {dims_text(a_values.shape)} and "
            f"{dims_text((len(a_shape),))}"
        )
    if len(a_shape) != b.dim():
        raise refuse(f"Two operands have different ranks; received: {len(a_shape)} and {b.dim()}")
    for i, (m, n) in enumerate(zip(a_shape, b.shape, strict=True)):
        if m != n:
            raise refuse(
                f"Dimension {i} does not equal (no broadcasting is supported): sparse side {m} vs dense side {n}"
            )
    outside = (a_indices < 0) | (a_indices >= a_indices.new_tensor(a_shape))
    if b.device.type == "cpu" and bool(outside.any()):
        axis = int(outside.nonzero()[0, 1])
        raise refuse(
            f"Sparse tensor has some invalid index on dimension {axis}; dense tensor shape: {dims_text(b.shape)}"
        )
    return _add_at(b, flat_keys(a_indices, a_shape), a_values)


@sparse_tensor_dense_add_op.gradient
def _sparse_tensor_dense_add_grad(node: Any, dy: Tensor) -> Any:
    return None, gathering.gather_nd(dy, node.inputs[0]), None, dy


@sparse_tensor_dense_add_op.samples
def _sparse_tensor_dense_add_samples() -> Iterator[Sample]:
    yield sample(_places(), real(4), fixed(_DIMS, "int64"), real(3, 3))
    yield sample(fixed([[1], [1]], "int64"), real(2), fixed([3], "int64"), real(3))


def _cwise(op_type: str, function: Callable[..., torch.Tensor]) -> Op:
    """An element-wise op at the places of the sparse tensor; the dense one broadcasts to the sparse one's shape."""

    def rule(c: ShapeContext) -> Shape:
        return (with_rank(c.shape(0), 2)[0],)

    made = op(op_type, host=("sp_shape",))(rule)

    def kernel(sp_indices: Any, sp_values: torch.Tensor, sp_shape: Any, dense: torch.Tensor) -> torch.Tensor:
        check_parts(sp_indices, sp_values, sp_shape, ("sp_indices", "sp_values", "sp_shape"))
        picked = _picked(sp_indices, sp_shape, dense)
        return function(_wide(sp_values), _wide(picked)).to(sp_values.dtype)

    made.kernel(kernel)

    @made.samples
    def samples() -> Iterator[Sample]:
        shape = fixed(_DIMS, "int64")
        yield sample(_places(), real(4), shape, real(3, 3, low=0.5, high=2.0))
        yield sample(_places(), real(4), shape, real(3, 1, low=0.5, high=2.0))
        yield sample(_places(), real(4), shape, real(3, low=0.5, high=2.0))

    return made


def _picked(indices: torch.Tensor, dims: list[int], dense: torch.Tensor) -> torch.Tensor:
    """The entries of `dense`, broadcast to `dims`, at the given places."""
    own = list(dense.shape)
    wide = [1] * (len(dims) - len(own)) + own
    if len(own) > len(dims) or any(n not in (1, m) for m, n in zip(dims, wide, strict=False)):
        texts = [",".join(str(d) for d in s) for s in (dims or [1], own or [1])]
        raise refuse(
            "SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: "
            f"[{texts[0]}] vs. [{texts[1]}]"
        )
    outside = (indices < 0) | (indices >= indices.new_tensor(dims))
    if dense.device.type == "cpu" and bool(outside.any()):
        raise refuse("Provided indices are out-of-bounds w.r.t. dense side with broadcasted shape")
    keys = torch.zeros(indices.shape[0], dtype=torch.int64, device=indices.device)
    for d, (size, stride) in enumerate(zip(wide, strides_of(wide), strict=True)):
        if size != 1:
            keys += indices[:, d] * stride
    return dense.reshape(-1)[keys]


def _divided(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    if a.is_floating_point() or a.is_complex():
        return a / b
    if bool((b == 0).any()):
        raise refuse("Integer division by zero")
    return torch.div(a, b, rounding_mode="trunc")


sparse_dense_cwise_add_op = _cwise("SparseDenseCwiseAdd", torch.add)
sparse_dense_cwise_mul_op = _cwise("SparseDenseCwiseMul", torch.mul)
sparse_dense_cwise_div_op = _cwise("SparseDenseCwiseDiv", _divided)


def _scaled_indices(node: Any) -> tuple[Tensor, Tensor]:
    """The places in the dense operand that the places of the sparse one broadcast from, and its shape."""
    indices, shape, dense = node.inputs[0], node.inputs[2], node.inputs[3]
    own = casting.cast(shapes.shape(dense), dtypes.int64)
    added = shapes.expand_dims(shapes.size(shape) - shapes.size(own), 0)
    wide = arrays.concat([shapes.ones(added, dtypes.int64), own], 0)
    scaling = shape // wide
    scaled = indices // scaling
    return slicing.slice(scaled, arrays.concat([[0], added], 0), [-1, -1]), own


def _dense_gradient(node: Any, values: Tensor, places: Tensor, own: Tensor) -> Tensor:
    # Places can repeat where the dense operand was broadcast, so they are added up.
    return sparse_tensor_dense_add_op(places, values, own, shapes.zeros_like(node.inputs[3]))  # type: ignore[no-any-return]


@sparse_dense_cwise_mul_op.gradient
def _cwise_mul_grad(node: Any, dy: Tensor) -> Any:
    places, own = _scaled_indices(node)
    picked = gathering.gather_nd(node.inputs[3], places)
    dx = dy * picked
    values = dy * node.inputs[1]
    zeros = shapes.zeros_like(node.inputs[3])
    sparse = SparseTensor(places, values, own)
    return None, dx, None, sparse_tensor_dense_add_op(sparse.indices, sparse.values, sparse.dense_shape, zeros)


@sparse_dense_cwise_div_op.gradient
def _cwise_div_grad(node: Any, dy: Tensor) -> Any:
    places, own = _scaled_indices(node)
    picked = gathering.gather_nd(node.inputs[3], places)
    dx = dy / picked
    values = dy * (-node.inputs[1] / exponents.square(picked))
    zeros = shapes.zeros_like(node.inputs[3])
    sparse = SparseTensor(places, values, own)
    return None, dx, None, sparse_tensor_dense_add_op(sparse.indices, sparse.values, sparse.dense_shape, zeros)


@sparse_dense_cwise_add_op.gradient
def _cwise_add_grad(node: Any, dy: Tensor) -> Any:
    places, own = _scaled_indices(node)
    return None, dy, None, _dense_gradient(node, dy, places, own)


# --- sparse matrix times dense matrix ------------------------------------------------------------------------------


# torch's own product is several times faster for large operands; below that making its matrix costs more.
_FAST = frozenset({torch.float32, torch.float64, torch.complex64, torch.complex128})
_LARGE = 1 << 14


@op("SparseTensorDenseMatMul", host=("a_shape",))
def sparse_tensor_dense_mat_mul_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 2)
    with_rank(c.shape(1), 1)
    a = with_rank(c.shape_value(2), 2)
    b = with_rank(c.shape(3), 2)
    left, inner = (a[1], a[0]) if c.attrs["adjoint_a"] else (a[0], a[1])
    right, other = (b[0], b[1]) if c.attrs["adjoint_b"] else (b[1], b[0])
    merge_dim(inner, other)
    return (left, right)


@sparse_tensor_dense_mat_mul_op.kernel
def _sparse_tensor_dense_mat_mul(
    a_indices: torch.Tensor,
    a_values: torch.Tensor,
    a_shape: list[int],
    b: torch.Tensor,
    *,
    adjoint_a: bool,
    adjoint_b: bool,
) -> torch.Tensor:
    _check_matmul(a_indices, a_values, a_shape, b)
    rows, columns = a_indices[:, 0].long(), a_indices[:, 1].long()
    dims = list(a_shape)
    if adjoint_a:
        rows, columns, dims = columns, rows, dims[::-1]
        a_values = a_values.conj() if a_values.is_complex() else a_values
    dense = b.mH if adjoint_b else b
    if dims[1] != dense.shape[0]:
        raise refuse(
            f"Cannot multiply A and B because inner dimension does not match: {dims[1]} vs. {dense.shape[0]}.  Did you "
            f"forget a transpose?  Dimensions of A: [{a_shape[0]}, {a_shape[1]}).  "
            f"Dimensions of B: {dims_text(b.shape)}"
        )
    if b.device.type == "cpu":
        _check_bounds(columns, dims[1], "k", int(not adjoint_a))
        _check_bounds(rows, dims[0], "m", int(adjoint_a))
    if b.dtype in _FAST and rows.shape[0] * dense.shape[1] >= _LARGE:
        matrix = torch.sparse_coo_tensor(torch.stack([rows, columns]), a_values, (dims[0], dims[1]))
        return torch.sparse.mm(matrix, dense)
    values, dense = _wide(a_values), _wide(dense)
    out = torch.zeros((dims[0], dense.shape[1]), dtype=values.dtype, device=b.device)
    out.index_add_(0, rows, dense.index_select(0, columns) * values.unsqueeze(1))
    return out.to(b.dtype)


def _check_matmul(a_indices: torch.Tensor, a_values: torch.Tensor, a_shape: Any, b: torch.Tensor) -> None:
    if b.dim() != 2:
        raise refuse("Tensor 'b' is not a matrix")
    if len(a_shape) != 2:
        raise refuse("Tensor 'a_shape' must have 2 elements")
    if a_values.dim() != 1:
        raise refuse("Tensor 'a_values' is not a vector")
    if a_indices.dim() != 2:
        raise refuse("Tensor 'a_indices' is not a matrix")
    if a_indices.shape[0] != a_values.shape[0]:
        raise refuse("Number of rows of a_indices does not match number of entries in a_values")
    if a_indices.shape[1] != 2:
        raise refuse("Number of columns of a_indices does not match number of entries in a_shape")


def _check_bounds(index: torch.Tensor, limit: int, letter: str, column: int) -> None:
    bad = (index < 0) | (index >= limit)
    if bool(bad.any()):
        at = int(bad.nonzero()[0, 0])
        raise refuse(f"{letter} ({int(index[at])}) from index[{at},{column}] out of bounds (>={limit})")


@sparse_tensor_dense_mat_mul_op.gradient
def _sparse_tensor_dense_mat_mul_grad(node: Any, dy: Tensor) -> Any:
    indices, values, shape, b = node.inputs
    adjoint_a, adjoint_b = node._attrs["adjoint_a"], node._attrs["adjoint_b"]
    if values.dtype.base_dtype in (dtypes.complex64, dtypes.complex128):
        raise NotImplementedError("SparseTensorDenseMatMul op does not support complex gradients.")
    db = sparse_tensor_dense_mat_mul_op(indices, values, shape, dy, adjoint_a=not adjoint_a)
    if adjoint_b:
        db = permuting.transpose(db)
    rows, columns = indices[:, 0], indices[:, 1]
    left = gathering.gather(dy, columns if adjoint_a else rows)
    right = gathering.gather(permuting.transpose(b) if adjoint_b else b, rows if adjoint_a else columns)
    return None, reductions.reduce_sum(left * right, axis=1), None, db


@sparse_tensor_dense_mat_mul_op.samples
def _sparse_tensor_dense_mat_mul_samples() -> Iterator[Sample]:
    places, shape = _places([[0, 0], [0, 2], [1, 1], [2, 0]]), fixed([4, 3], "int64")
    for adjoint_a in (False, True):
        for adjoint_b in (False, True):
            inner = 4 if adjoint_a else 3
            dense = real(2, inner) if adjoint_b else real(inner, 2)
            yield sample(places, real(4), shape, dense, adjoint_a=adjoint_a, adjoint_b=adjoint_b)


# --- softmax -------------------------------------------------------------------------------------------------------


@op("SparseSoftmax", host=("sp_shape",))
def sparse_softmax_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 2)
    with_rank(c.shape(2), 1)
    return with_rank(c.shape(1), 1)


@sparse_softmax_op.kernel
def _sparse_softmax(sp_indices: torch.Tensor, sp_values: torch.Tensor, sp_shape: list[int]) -> torch.Tensor:
    if sp_indices.dim() != 2:
        raise refuse(f"Input sp_indices should be a matrix but received shape: {dims_text(sp_indices.shape)}")
    if len(sp_shape) < 2:
        raise refuse(f"Input should have rank >= 2, but received shape: {' '.join(str(d) for d in sp_shape)}")
    check_dims(sp_shape)
    # TensorFlow gives the results in row-major order, whatever the order of the places.
    order = sorting(sp_indices, sp_shape)
    if order is not None:
        sp_indices, sp_values = sp_indices[order], sp_values[order]
    starts = torch.ones(sp_indices.shape[0], dtype=torch.int64, device=sp_indices.device)
    starts[1:] = (compare(sp_indices[:-1, :-1], sp_indices[1:, :-1]) != 0).long()
    group = torch.cumsum(starts, 0) - 1
    count = int(group[-1]) + 1 if group.numel() else 0
    top = sp_values.new_zeros(count).scatter_reduce(0, group, sp_values, "amax", include_self=False)
    powers = torch.exp(sp_values - top[group])
    return powers / sp_values.new_zeros(count).index_add_(0, group, powers)[group]


@sparse_softmax_op.gradient
def _sparse_softmax_grad(node: Any, dy: Tensor) -> Any:
    # As for a dense softmax s: (dy - sum(dy s)) s, over the places that are there.
    indices, shape = node.inputs[0], node.inputs[2]
    found = node.outputs[0]
    output = SparseTensor(indices, found, shape)
    given = SparseTensor(indices, dy, shape)
    product = SparseTensor(indices, output.values * given.values, shape)
    axes = conversion.to_tensor([-1], dtypes.int32, "reduction_axes")
    total = -sparse_reduce_sum_op(product.indices, product.values, product.dense_shape, axes, keep_dims=True)
    spread = SparseTensor(
        indices, sparse_dense_cwise_add_op(given.indices, given.values, given.dense_shape, total), shape
    )
    return None, spread.values * output.values, None


@sparse_softmax_op.samples
def _sparse_softmax_samples() -> Iterator[Sample]:
    yield sample(_places(), real(4), fixed(_DIMS, "int64"))
    yield sample(_places([[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 0, 0], [1, 0, 2]]), real(5), fixed([2, 2, 3], "int64"))
