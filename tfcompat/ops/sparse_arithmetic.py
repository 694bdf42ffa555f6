"""tf.sparse: sums, products, reductions, softmax, extremes; the operators of SparseTensor.

Source: TF 1.15, python/ops/sparse_ops.py, python/ops/math_ops.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.sparse_tensor import SparseTensor, is_sparse
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, constants, elementwise, ranges, shapes
from tfcompat.ops.shapes import renamed_argument
from tfcompat.ops.sparse import as_sparse
from tfcompat.ops.sparse_math import (
    sparse_add_op,
    sparse_dense_cwise_div_op,
    sparse_dense_cwise_mul_op,
    sparse_softmax_op,
    sparse_sparse_maximum_op,
    sparse_sparse_minimum_op,
    sparse_tensor_dense_add_op,
    sparse_tensor_dense_mat_mul_op,
)
from tfcompat.ops.sparse_reductions import (
    sparse_reduce_max_op,
    sparse_reduce_max_sparse_op,
    sparse_reduce_sum_op,
    sparse_reduce_sum_sparse_op,
)


@export("sparse_add", "sparse.add")
def sparse_add(a: Any, b: Any, threshold: Any = None, thresh: Any = None) -> Any:
    """The sum of two tensors of which at least one is sparse; of two sparse ones, without what is below `threshold`.

    Shapes: equal. The sum with a dense tensor is dense.
    Raises: TypeError when both are dense.
    """
    threshold = renamed_argument("threshold", threshold, "thresh", thresh)
    return sparse_add_v2(a, b, 0 if threshold is None else threshold)


@export(v2=("sparse.add",))
def sparse_add_v2(a: Any, b: Any, threshold: Any = 0) -> Any:
    """The sum of two tensors of which at least one is sparse."""
    if not (is_sparse(a) or is_sparse(b)):
        raise TypeError("At least one input should be SparseTensor; do you mean to use tf.add()?")
    if not (is_sparse(a) and is_sparse(b)):
        sparse, dense = (a, b) if is_sparse(a) else (b, a)
        return sparse_tensor_dense_add_op(sparse.indices, sparse.values, sparse.dense_shape, dense)
    a, b = as_sparse(a), as_sparse(b)
    threshold = conversion.to_tensor(threshold, a.values.dtype.real_dtype.base_dtype, "threshold")
    indices, values, shape = sparse_add_op(
        a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, threshold
    )
    a.shape.assert_is_compatible_with(b.shape)
    known = shapes.broadcast_static_shape(a.shape, b.shape)
    if known.is_fully_defined():
        shape = known.as_list()
    return SparseTensor(indices, values, shape)


@export("sparse_tensor_dense_matmul", "sparse.sparse_dense_matmul", "sparse.matmul", v2=("sparse.sparse_dense_matmul",))
def sparse_tensor_dense_matmul(
    sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """The product of a sparse matrix and a dense one, each conjugated and transposed where asked for.

    Shapes: sp_a [m, k], b [k, n] -> [m, n].
    """
    sp_a = as_sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sp_a.indices, sp_a.values, b]):
        b = conversion.to_tensor(b, name="b")
        return sparse_tensor_dense_mat_mul_op(  # type: ignore[no-any-return]
            sp_a.indices, sp_a.values, sp_a.dense_shape, b, adjoint_a=adjoint_a, adjoint_b=adjoint_b
        )


@export("sparse_softmax", "sparse.softmax", v2=("sparse.softmax",))
def sparse_softmax(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """Softmax along the last axis over the entries that are there; what is not there stays away."""
    with name_scope(name, "SparseSoftmax", [sp_input.indices, sp_input.values]):
        values = sparse_softmax_op(sp_input.indices, sp_input.values, sp_input.dense_shape)
        return SparseTensor(sp_input.indices, values, sp_input.dense_shape)


def _extreme(made: Op, a: SparseTensor, b: SparseTensor, name: str | None) -> SparseTensor:
    with name_scope(name, made.type, [a.indices, a.values, b.indices, b.values]) as scope:
        indices, values = made(a.indices, a.values, a.dense_shape, b.indices, b.values, b.dense_shape, name=scope)
    return SparseTensor(indices, values, a.dense_shape)


@export("sparse_maximum", "sparse.maximum", v2=("sparse.maximum",))
def sparse_maximum(sp_a: SparseTensor, sp_b: SparseTensor, name: str | None = None) -> SparseTensor:
    """The larger of two sparse tensors at each place of either; what is not there is zero."""
    return _extreme(sparse_sparse_maximum_op, sp_a, sp_b, name)


@export("sparse_minimum", "sparse.minimum", v2=("sparse.minimum",))
def sparse_minimum(sp_a: SparseTensor, sp_b: SparseTensor, name: str | None = None) -> SparseTensor:
    """The smaller of two sparse tensors at each place of either; what is not there is zero."""
    return _extreme(sparse_sparse_minimum_op, sp_a, sp_b, name)


# --- reductions ----------------------------------------------------------------------------------------------------


def _axes(sp_input: Any, axis: Any) -> Any:
    """The axes to reduce: those given, or all."""
    if axis is not None:
        return axis
    rank = sp_input.dense_shape.shape
    if rank.is_fully_defined():
        return constants.constant(np.arange(rank.dims[0].value), dtype=dtypes.int32)
    return ranges.range(0, shapes.rank(sp_input))


def _reduce(
    made: Op,
    sp_input: Any,
    axis: Any,
    keepdims: bool | None,
    reduction_axes: Any,
    keep_dims: bool | None,
    name: str | None = None,
) -> Any:
    keepdims = renamed_argument("keepdims", keepdims, "keep_dims", keep_dims)
    axis = _checked_axis(axis, reduction_axes)
    found = made(
        sp_input.indices,
        sp_input.values,
        sp_input.dense_shape,
        _axes(sp_input, axis),
        keep_dims=bool(keepdims),
        name=name,
    )
    return found if isinstance(found, Tensor) else SparseTensor(*found)


def _checked_axis(axis: Any, reduction_axes: Any) -> Any:
    if reduction_axes is None:
        return axis
    if axis is not None:
        raise ValueError("Can't specify both axis' and 'reduction_indices'.")
    return reduction_axes


@export("sparse_reduce_max", "sparse.reduce_max")
def sparse_reduce_max(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The largest entry over `axis` (None: all), as a dense tensor; 0 where there is no entry."""
    return _reduce(sparse_reduce_max_op, sp_input, axis, keepdims, reduction_axes, keep_dims)  # type: ignore[no-any-return]


@export("sparse_reduce_max_sparse", "sparse.reduce_max_sparse")
def sparse_reduce_max_sparse(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> SparseTensor:
    """The largest entry over `axis` (None: all), as a sparse tensor."""
    return _reduce(sparse_reduce_max_sparse_op, sp_input, axis, keepdims, reduction_axes, keep_dims)  # type: ignore[no-any-return]


@export("sparse_reduce_sum", "sparse.reduce_sum")
def sparse_reduce_sum(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The sum over `axis` (None: all), as a dense tensor."""
    return _reduce(sparse_reduce_sum_op, sp_input, axis, keepdims, reduction_axes, keep_dims)  # type: ignore[no-any-return]


@export("sparse_reduce_sum_sparse", "sparse.reduce_sum_sparse")
def sparse_reduce_sum_sparse(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    reduction_axes: Any = None,
    keep_dims: bool | None = None,
) -> SparseTensor:
    """The sum over `axis` (None: all), as a sparse tensor."""
    return _reduce(sparse_reduce_sum_sparse_op, sp_input, axis, keepdims, reduction_axes, keep_dims)  # type: ignore[no-any-return]


@export(v2=("sparse.reduce_max",))
def sparse_reduce_max_v2(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:
    """The largest entry over `axis` (None: all), dense or sparse."""
    made = sparse_reduce_max_sparse_op if output_is_sparse else sparse_reduce_max_op
    return _reduce(made, sp_input, axis, keepdims, None, None, name)


@export(v2=("sparse.reduce_sum",))
def sparse_reduce_sum_v2(
    sp_input: Any,
    axis: Any = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Any:
    """The sum over `axis` (None: all), dense or sparse."""
    made = sparse_reduce_sum_sparse_op if output_is_sparse else sparse_reduce_sum_op
    return _reduce(made, sp_input, axis, keepdims, None, None, name)


# --- operators -----------------------------------------------------------------------------------------------------


def _divided(indices: Tensor, values: Tensor, shape: Tensor, dense: Any, name: str) -> Tensor:
    """True division: integers become floats first."""
    with name_scope(name, "truediv", [indices, values, shape, dense]) as scope:
        values = conversion.to_tensor(values, name="sp_values")
        dense = conversion.to_tensor(dense, name="y")
        if values.dtype.base_dtype != dense.dtype.base_dtype:
            raise TypeError(
                f"x and y must have the same dtype, got {values.dtype.base_dtype!r} != {dense.dtype.base_dtype!r}"
            )
        wider = elementwise.true_division_type(values.dtype.base_dtype)
        if wider is not None:
            values, dense = casting.cast(values, wider), casting.cast(dense, wider)
        return sparse_dense_cwise_div_op(indices, values, shape, dense, name=scope)  # type: ignore[no-any-return]


def _install(name: str, function: Callable[..., Tensor]) -> None:
    """Makes `sparse op dense` a sparse tensor with the places of the first."""

    def operator(x: SparseTensor, y: Any) -> SparseTensor:
        with name_scope(None, name, [x, y]) as scope:
            dense = conversion.to_tensor(y, x.dtype.base_dtype, "y")
            return SparseTensor(
                x.indices, function(x.indices, x.values, x.dense_shape, dense, name=scope), x.dense_shape
            )

    SparseTensor._override_operator(f"__{name}__", operator)


_install("div", sparse_dense_cwise_div_op)
_install("truediv", _divided)
_install("mul", sparse_dense_cwise_mul_op)
