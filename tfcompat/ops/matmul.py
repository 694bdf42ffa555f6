"""Matrix products: MatMul, BatchMatMul, SparseMatMul, and tf.matmul, tensordot and matvec on top of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes, nest
from tfcompat.framework.export import export
from tfcompat.framework.op import KernelContext, Op, Shape, ShapeContext, get_op, op
from tfcompat.framework.samples import Sample, complex_, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, broadcast, merge, merge_dim, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, comparison, elementwise, gathering, permuting, ranges, reductions, shapes

Kernel = Callable[..., torch.Tensor]


# --- MatMul ----------------------------------------------------------------------------------------------------


@op("MatMul")
def mat_mul_op(c: ShapeContext) -> Shape:
    m, k = with_rank(c.shape(0), 2)
    k2, n = with_rank(c.shape(1), 2)
    if c.attrs["transpose_a"]:
        m, k = k, m
    if c.attrs["transpose_b"]:
        k2, n = n, k2
    merge_dim(k, k2)
    return (m, n)


def _integers_on_host(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    # CUDA has no integer matrix product.
    return torch.matmul(a.cpu(), b.cpu()).to(a.device)


def _product(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    if a.device.type == "cuda" and not (a.is_floating_point() or a.is_complex()):
        return _integers_on_host(a, b)
    return torch.matmul(a, b)


@mat_mul_op.kernel
def _mat_mul(a: torch.Tensor, b: torch.Tensor, *, transpose_a: bool, transpose_b: bool) -> torch.Tensor:
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError  # the failure function has the message
    return _product(a.t() if transpose_a else a, b.t() if transpose_b else b)


@mat_mul_op.builder
def _build_mat_mul(c: KernelContext) -> Kernel | None:
    kind = c.attrs["T"]
    if c.device.type == "cuda" and kind.is_integer:
        return None
    mm = torch.mm  # refuses other ranks by itself
    ta, tb = c.attrs["transpose_a"], c.attrs["transpose_b"]
    if ta and tb:
        return lambda a, b: mm(a.t(), b.t())
    if ta:
        return lambda a, b: mm(a.t(), b)
    if tb:
        return lambda a, b: mm(a, b.t())
    return mm


@mat_mul_op.failure
def _mat_mul_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    a, b = (tuple(x.shape) for x in args)
    for i, dims in enumerate((a, b)):
        if len(dims) != 2:
            return f"In[{i}] is not a matrix. Instead it has shape {text(dims)}"
    if a[0 if attrs["transpose_a"] else 1] != b[1 if attrs["transpose_b"] else 0]:
        return f"Matrix size-incompatible: In[0]: {text(a)}, In[1]: {text(b)}"
    return None


@mat_mul_op.gradient
def _mat_mul_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    ta, tb = node._attrs["transpose_a"], node._attrs["transpose_b"]
    a, b = casting.conj(node.inputs[0]), casting.conj(node.inputs[1])
    if not ta and not tb:
        return mat_mul_op(dy, b, transpose_b=True), mat_mul_op(a, dy, transpose_a=True)
    if not ta:
        return mat_mul_op(dy, b), mat_mul_op(dy, a, transpose_a=True)
    if not tb:
        return mat_mul_op(b, dy, transpose_b=True), mat_mul_op(a, dy)
    da = mat_mul_op(b, dy, transpose_a=True, transpose_b=True)
    return da, mat_mul_op(dy, a, transpose_a=True, transpose_b=True)


@mat_mul_op.samples
def _mat_mul_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), real(3, 4))
    yield sample(real(3, 2), real(3, 4), transpose_a=True)
    yield sample(real(2, 3), real(4, 3), transpose_b=True)
    yield sample(real(3, 2), real(4, 3), transpose_a=True, transpose_b=True)
    yield sample(real(0, 3), real(3, 4))
    yield sample(real(2, 0), real(0, 4))
    yield sample(complex_(2, 3), complex_(3, 2))


# --- batches ---------------------------------------------------------------------------------------------------


def _batch_dims(c: ShapeContext, join: Callable[[Shape, Shape], Shape]) -> Shape:
    x, y = at_least_rank(c.shape(0), 2), at_least_rank(c.shape(1), 2)
    adj_x, adj_y = c.attrs["adj_x"], c.attrs["adj_y"]
    if x is None or y is None:
        return None
    batch = join(x[:-2], y[:-2])
    merge_dim(x[-2] if adj_x else x[-1], y[-1] if adj_y else y[-2])
    if batch is None:
        return None
    return (*batch, x[-1] if adj_x else x[-2], y[-2] if adj_y else y[-1])


def _batched(op_type: str, join: Callable[[Shape, Shape], Shape]) -> Op:
    made = op(op_type)(lambda c: _batch_dims(c, join))

    def adjoint(x: torch.Tensor) -> torch.Tensor:
        return x.mH if x.is_complex() else x.mT

    @made.kernel
    def kernel(x: torch.Tensor, y: torch.Tensor, *, adj_x: bool, adj_y: bool) -> torch.Tensor:
        if x.ndim < 2 or y.ndim < 2:
            raise ValueError  # the failure function has the message
        if op_type == "BatchMatMul" and x.shape[:-2] != y.shape[:-2]:
            raise ValueError
        return _product(adjoint(x) if adj_x else x, adjoint(y) if adj_y else y)

    @made.failure
    def failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
        x, y = (tuple(a.shape) for a in args)
        if op_type == "BatchMatMul":
            if len(x) != len(y):
                return f"In[0] and In[1] has different ndims: {text(x)} vs. {text(y)}"
            if len(x) < 2:
                return f"In[0] and In[1] ndims must be >= 2: {len(x)}"
            for i in range(len(x) - 2):
                if x[i] != y[i]:
                    return f"In[0].dim({i}) and In[1].dim({i}) must be the same: {text(x)} vs {text(y)}"
        for i, dims in enumerate((x, y)):
            if len(dims) < 2:
                return f"In[{i}] ndims must be >= 2: {len(dims)}"
        try:
            torch.broadcast_shapes(x[:-2], y[:-2])
        except RuntimeError:
            return f"In[0] and In[1] must have compatible batch dimensions: {text(x)} vs. {text(y)}"
        adj_x, adj_y = attrs["adj_x"], attrs["adj_y"]
        k, k2 = x[-2] if adj_x else x[-1], y[-1] if adj_y else y[-2]
        if k != k2:
            return f"In[0] mismatch In[1] shape: {k} vs. {k2}: {text(x)} {text(y)} {int(adj_x)} {int(adj_y)}"
        return None

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(real(2, 2, 3), real(2, 3, 4))
        yield sample(real(2, 3, 2), real(2, 3, 4), adj_x=True)
        yield sample(real(2, 2, 3), real(2, 4, 3), adj_y=True)
        yield sample(real(2, 3, 2), real(2, 4, 3), adj_x=True, adj_y=True)
        yield sample(complex_(2, 3, 2), complex_(2, 3, 2), adj_x=True)
        if op_type == "BatchMatMulV2":
            yield sample(real(5, 1, 2, 3), real(2, 3, 2))

    return made


batch_mat_mul_op = _batched("BatchMatMul", merge)
batch_mat_mul_v2_op = _batched("BatchMatMulV2", broadcast)


def _batch_products(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    x, y = node.inputs
    adj_x, adj_y = node._attrs["adj_x"], node._attrs["adj_y"]
    if not adj_x and not adj_y:
        return matmul(dy, y, adjoint_b=True), matmul(x, dy, adjoint_a=True)
    if not adj_x:
        return matmul(dy, y), matmul(dy, x, adjoint_a=True)
    if not adj_y:
        return matmul(y, dy, adjoint_b=True), matmul(x, dy)
    return matmul(y, dy, adjoint_a=True, adjoint_b=True), matmul(dy, x, adjoint_a=True, adjoint_b=True)


batch_mat_mul_op.gradient(_batch_products)


@batch_mat_mul_v2_op.gradient
def _batch_mat_mul_v2_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    x, y = node.inputs
    gx, gy = _batch_products(node, dy)
    if x._dims is not None and None not in x._dims and x._dims == y._dims:
        return gx, gy
    sx = shapes.shape(x)
    sy = shapes.shape(y)
    rx, ry = shapes.broadcast_gradient_args(sx[:-2], sy[:-2])
    gx = elementwise.reduced_to(gx, rx, sx)
    return gx, elementwise.reduced_to(gy, ry, sy)


# --- SparseMatMul ----------------------------------------------------------------------------------------------


@op("SparseMatMul")
def sparse_mat_mul_op(c: ShapeContext) -> Shape:
    return mat_mul_op.shape_fn(c)  # type: ignore[no-any-return,misc]


@sparse_mat_mul_op.kernel
def _sparse_mat_mul(a: torch.Tensor, b: torch.Tensor, *, transpose_a: bool, transpose_b: bool) -> torch.Tensor:
    return _mat_mul(a.float(), b.float(), transpose_a=transpose_a, transpose_b=transpose_b)


sparse_mat_mul_op.failure(_mat_mul_failure)


@sparse_mat_mul_op.gradient
def _sparse_mat_mul_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    a, b = node.inputs
    attrs = node._attrs
    sparse = {a: attrs["a_is_sparse"], b: attrs["b_is_sparse"]}
    sparse[dy] = dy.op.type == "ReluGrad"

    def product(t1: Tensor, t2: Tensor, kind: Any, ta: bool = False, tb: bool = False) -> Tensor:
        t1_sparse, t2_sparse = sparse[t1], sparse[t2]
        if tb:
            t2 = permuting.transpose(t2)
        made = matmul(t1, t2, transpose_a=ta, a_is_sparse=t1_sparse, b_is_sparse=t2_sparse)
        return made if made.dtype == kind else casting.cast(made, kind)

    ta, tb = attrs["transpose_a"], attrs["transpose_b"]
    if not ta and not tb:
        return product(dy, b, a.dtype, tb=True), product(a, dy, b.dtype, ta=True)
    if not ta:
        return product(dy, b, a.dtype), product(dy, a, b.dtype, ta=True)
    if not tb:
        return product(b, dy, a.dtype, tb=True), product(a, dy, b.dtype)
    return product(b, dy, a.dtype, ta=True, tb=True), product(dy, a, b.dtype, ta=True, tb=True)


@sparse_mat_mul_op.samples
def _sparse_mat_mul_samples() -> Iterator[Sample]:
    for ta in (False, True):
        for tb in (False, True):
            a, b = real(*((3, 2) if ta else (2, 3))), real(*((4, 3) if tb else (3, 4)))
            yield sample(a, b, transpose_a=ta, transpose_b=tb)


# --- public names ----------------------------------------------------------------------------------------------


@export("matmul", "linalg.matmul", v2=("matmul",))
def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product of the last two dimensions; leading ones are batches and broadcast.

    Shapes: a [..., m, k], b [..., k, n], each after its transpose -> [..., m, n].
    Raises: ValueError when k differs, or when both a transpose and an adjoint are asked for.
    """
    with name_scope(name, "MatMul", [a, b]) as scope:
        if transpose_a and adjoint_a:
            raise ValueError("Only one of transpose_a and adjoint_a can be True.")
        if transpose_b and adjoint_b:
            raise ValueError("Only one of transpose_b and adjoint_b can be True.")
        a = conversion.to_tensor(a, name="a")
        b = conversion.to_tensor(b, name="b")
        batched = any(t._dims is None or len(t._dims) > 2 for t in (a, b))
        if not a_is_sparse and not b_is_sparse and batched:
            if transpose_a:
                a, adjoint_a = casting.conj(a), True
            if transpose_b:
                b, adjoint_b = casting.conj(b), True
            return batch_mat_mul_v2_op(a, b, adj_x=adjoint_a, adj_y=adjoint_b, name=scope)
        if adjoint_a:
            a, transpose_a = casting.conj(a), True
        if adjoint_b:
            b, transpose_b = casting.conj(b), True
        kinds = (a.dtype.base_dtype, b.dtype.base_dtype)
        narrow = all(k in (dtypes.bfloat16, dtypes.float32) for k in kinds)
        if ((a_is_sparse or b_is_sparse) and narrow) or (dtypes.bfloat16 in kinds and kinds[0] is not kinds[1]):
            product = sparse_mat_mul_op(
                a,
                b,
                transpose_a=transpose_a,
                transpose_b=transpose_b,
                a_is_sparse=a_is_sparse,
                b_is_sparse=b_is_sparse,
                name=scope,
            )
            return casting.cast(product, dtypes.bfloat16) if kinds == (dtypes.bfloat16,) * 2 else product
        return mat_mul_op(a, b, transpose_a=transpose_a, transpose_b=transpose_b, name=scope)


@export("sparse_matmul")
def sparse_matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product of matrices of which many elements are zero (computed densely here)."""
    return sparse_mat_mul_op(
        a,
        b,
        transpose_a=transpose_a,
        transpose_b=transpose_b,
        a_is_sparse=a_is_sparse,
        b_is_sparse=b_is_sparse,
        name=name,
    )


@export("linalg.matvec", v2=("linalg.matvec",))
def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """A matrix times a vector.

    Shapes: a [..., m, k] after its transpose, b [..., k] -> [..., m].
    """
    with name_scope(name, "MatVec", [a, b]):
        column = shapes.expand_dims(b, axis=-1)
        product = matmul(
            a, column, transpose_a=transpose_a, adjoint_a=adjoint_a, a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse
        )
        return shapes.squeeze(product, axis=-1)


# --- tensordot -------------------------------------------------------------------------------------------------


def _is_int(value: Any) -> bool:
    return isinstance(value, (int, np.integer))


def _dot_axes(a: Tensor, axes: Any) -> tuple[Any, Any]:
    """The axes of a and of b to contract: lists, or tensors where they are not known."""
    if _is_int(axes):
        if axes < 0:
            raise ValueError("'axes' must be at least 0.")
        rank = a._rank()
        if rank is not None:
            if axes > rank:
                raise ValueError(f"'axes' must not be larger than the number of dimensions of tensor {a}.")
            return list(range(rank - axes, rank)), list(range(axes))
        rank_a = shapes.rank(a)
        first = ranges.range(rank_a - axes, rank_a, dtype=dtypes.int32)
        return first, ranges.range(axes, dtype=dtypes.int32)
    if isinstance(axes, (list, tuple)):
        if len(axes) != 2:
            raise ValueError("'axes' must be an integer or have length 2.")
        of_a, of_b = axes
        if _is_int(of_a) and _is_int(of_b):
            of_a, of_b = [of_a], [of_b]
        if len(of_a) != len(of_b):
            raise ValueError(
                f"Different number of contraction axes 'a' and 'b', {len(of_a)} != {len(of_b)}."
            )
        return of_a, of_b
    axes = conversion.to_tensor(axes, dtypes.int32, name="axes")
    return axes[0], axes[1]


def _as_matrix(a: Tensor, axes: Any, flipped: bool) -> tuple[Tensor, Any, Any]:
    """`a` as [free, contracted] (flipped: the other way), its free dims (list or tensor), and those known before."""
    dims = a._dims
    listed = isinstance(axes, (list, tuple))
    if dims is not None and None not in dims and listed:
        axes = [i if i >= 0 else i + len(dims) for i in axes]
        free = [i for i in range(len(dims)) if i not in axes]
        free_dims = [dims[i] for i in free]
        rows, columns = int(np.prod(free_dims)), int(np.prod([dims[i] for i in axes]))
        perm, shape = ([*axes, *free], [columns, rows]) if flipped else ([*free, *axes], [rows, columns])
        return shapes.reshape(permuting.transpose(a, perm), shape), free_dims, free_dims
    if dims is not None and listed:
        axes = [i if i >= 0 else i + len(dims) for i in axes]
        free = [i for i in range(len(dims)) if i not in axes]
        static: list[Any] | None = [dims[i] for i in free]
        axes = conversion.to_tensor(axes, dtypes.int32, name="axes")
        free = conversion.to_tensor(free, dtypes.int32, name="free")
        shape_a = shapes.shape(a)
    else:
        static = None
        shape_a = shapes.shape(a)
        rank_a = shapes.rank(a)
        axes = conversion.to_tensor(axes, dtypes.int32, name="axes")
        axes = comparison.select_op(axes >= 0, axes, axes + rank_a)
        free, _ = get_op("ListDiff")(ranges.range(rank_a), axes)
    free_dims = gathering.gather(shape_a, free)
    axes_dims = gathering.gather(shape_a, axes)
    rows = reductions.reduce_prod(free_dims)
    columns = reductions.reduce_prod(axes_dims)
    if flipped:
        perm = arrays.concat([axes, free], 0)
        shape = arrays.stack([columns, rows])
    else:
        perm = arrays.concat([free, axes], 0)
        shape = arrays.stack([rows, columns])
    return shapes.reshape(permuting.transpose(a, perm), shape), free_dims, static


@export("tensordot", "linalg.tensordot", v2=("tensordot",))
def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products over `axes` of both: a number n (the last n of a, the first n of b) or two lists.

    Raises: ValueError for axes that do not fit.
    """
    with name_scope(name, "Tensordot", [a, b, *_tensors_in(axes)]) as scope:
        a = conversion.to_tensor(a, name="a")
        b = conversion.to_tensor(b, name="b")
        axes_a, axes_b = _dot_axes(a, axes)
        left, free_a, static_a = _as_matrix(a, axes_a, False)
        right, free_b, static_b = _as_matrix(b, axes_b, True)
        product = matmul(left, right)
        if isinstance(free_a, list) and isinstance(free_b, list):
            return shapes.reshape(product, free_a + free_b, name=scope)
        free_a = conversion.to_tensor(free_a, dtypes.int32)
        free_b = conversion.to_tensor(free_b, dtypes.int32)
        made = shapes.reshape(product, arrays.concat([free_a, free_b], 0), name=scope)
        if static_a is not None and static_b is not None:
            made.set_shape(static_a + static_b)
        return made


def _tensors_in(axes: Any) -> list[Tensor]:
    return [x for x in nest.flatten(axes) if isinstance(x, Tensor)]
