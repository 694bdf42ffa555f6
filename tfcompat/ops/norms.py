"""Norms, traces, cross products, ranks and pseudo-inverses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import FailedPreconditionError
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge, text
from tfcompat.framework.stacks import get_default_graph
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    checks,
    elementwise,
    exponents,
    matmul,
    permuting,
    ranges,
    reductions,
    selecting,
    shapes,
    spectral,
)
from tfcompat.ops.diagonals import matrix_diag_part
from tfcompat.ops.families import numeric
from tfcompat.ops.identity import identity
from tfcompat.ops.linalg_common import refuse

# --- cross products --------------------------------------------------------------------------------------------


@op("Cross")
def cross_op(c: ShapeContext) -> Shape:
    dims = merge(at_least_rank(c.shape(0), 1), at_least_rank(c.shape(1), 1))
    if dims is None:
        return None
    if dims[-1] not in (None, 3):
        raise ShapeError(f"Dimension must be 3 but is {dims[-1]}")
    return (*dims[:-1], 3)


def _cross(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    if a.shape != b.shape:
        shown = f"{text(tuple(a.shape))} vs. {text(tuple(b.shape))}"
        raise refuse(f"Both inputs must be of same shape: {shown}")
    if not a.dim():
        raise refuse("Input must be at least 1D[]")
    if a.shape[-1] != 3:
        raise FailedPreconditionError(None, None, "Cross-products are only defined for 3-element vectors.")
    (a0, a1, a2), (b0, b1, b2) = a.unbind(-1), b.unbind(-1)
    return torch.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], dim=-1)


numeric(cross_op, _cross)


@cross_op.gradient
def _cross_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    u, v = node.inputs
    return cross(v, dy), cross(dy, u)


@cross_op.samples
def _cross_samples() -> Iterator[Sample]:
    yield sample(real(3), real(3))
    yield sample(real(2, 3), real(2, 3))


@export("cross", "linalg.cross", v2=("linalg.cross",))
def cross(a: Any, b: Any, name: str | None = None) -> Tensor:
    """The cross products of vectors of three elements.

    Shapes: [..., 3], [..., 3] -> [..., 3].
    """
    return cross_op(a, b, name=name)  # type: ignore[no-any-return]


# --- traces and norms ------------------------------------------------------------------------------------------


@export("linalg.trace", "trace", v2=("linalg.trace",))
def trace(x: Any, name: str | None = None) -> Tensor:
    """The sums of the main diagonals of matrices.

    Shapes: [..., m, n] -> [...].
    """
    with name_scope(name, "Trace", [x]) as scope:
        return reductions.reduce_sum(matrix_diag_part(conversion.to_tensor(x, name="x")), [-1], name=scope)


_MATRIX_NORMS = ["euclidean", "fro", 1, 2, np.inf]
_BAD_AXIS = "'axis' must be None, an integer, or a tuple of 2 unique integers"


def _norm_axis(ord: Any, axis: Any) -> tuple[Any, bool]:
    """The axes as a tuple (None: all), and whether the norm is one of matrices."""
    if isinstance(axis, (tuple, list)) and len(axis) == 2:
        if not all(isinstance(a, int) for a in axis) or axis[0] == axis[1]:
            raise ValueError(_BAD_AXIS)
        if ord not in _MATRIX_NORMS:
            raise ValueError(f"'ord' must be a supported matrix norm in {_MATRIX_NORMS}, got {ord}")
        return tuple(axis), True
    if not (axis is None or isinstance(axis, int)):
        raise ValueError(_BAD_AXIS)
    if (not np.isreal(ord) or ord <= 0) and ord not in ["euclidean", 1, 2, np.inf]:
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
    return (None if axis is None else (axis,)), False


@export("linalg.norm", "norm")
def norm(
    tensor: Any,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    keep_dims: Any = None,
) -> Tensor:
    """The norms of vectors (axis: an integer), of matrices (axis: two of them) or of all elements as one vector.

    ord: `euclidean`, 1, 2, infinity; for matrices `fro` too, for vectors any positive number.
    Raises: ValueError for another order or axis.
    """
    keepdims = shapes.renamed_argument("keepdims", keepdims, "keep_dims", keep_dims)
    axis, of_matrices = _norm_axis(ord, axis)
    with name_scope(name, "norm", [tensor]):
        tensor = conversion.to_tensor(tensor)
        if of_matrices and ord in (2, 2.0):
            out = _largest_singular_value(tensor, axis)
        elif ord in ("fro", "euclidean", 2, 2.0):
            squares = reductions.reduce_sum(tensor * casting.conj(tensor), axis, keepdims=True)
            out = exponents.sqrt(squares)
        else:
            out = _norm_of_sizes(elementwise.abs(tensor), ord, axis, of_matrices)
        return out if keepdims else shapes.squeeze(out, axis)


def _largest_singular_value(tensor: Tensor, axis: tuple[int, int]) -> Tensor:
    """The 2-norms of the matrices along two axes, which stay with size 1."""
    rank = shapes.rank(tensor)
    inner = [a if a >= 0 else a + rank for a in axis]
    others = selecting.setdiff1d(ranges.range(rank), inner)[0]
    perm = arrays.concat([others, inner], axis=0)
    values = elementwise.abs(spectral.svd_op(permuting.transpose(tensor, perm=perm), compute_uv=False)[0])
    largest = shapes.expand_dims(reductions.reduce_max(values, axis=-1, keepdims=True), axis=-1)
    return permuting.transpose(largest, perm=permuting.invert_permutation(perm))


def _norm_of_sizes(sizes: Tensor, ord: Any, axis: Any, of_matrices: bool) -> Tensor:
    first = None if axis is None else axis[0]
    if ord == 1:
        sums = reductions.reduce_sum(sizes, first, keepdims=True)
        return reductions.reduce_max(sums, axis[-1], keepdims=True) if of_matrices else sums
    if ord == np.inf:
        if of_matrices:
            sizes = reductions.reduce_sum(sizes, axis[1], keepdims=True)
        return reductions.reduce_max(sizes, first, keepdims=True)
    powers = reductions.reduce_sum(elementwise.pow(sizes, ord), axis, keepdims=True)
    return elementwise.pow(powers, 1.0 / ord)


@export(v2=("norm", "linalg.norm"))
def norm_v2(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None
) -> Tensor:
    """The norms of vectors or matrices."""
    return norm(tensor, ord, axis, keepdims, name)


@export("linalg.normalize", v2=("linalg.normalize",))
def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(`tensor` divided by its norms, the norms with their axes kept)."""
    with name_scope(name, "normalize", [tensor]):
        tensor = conversion.to_tensor(tensor)
        size = casting.cast(norm(tensor, ord, axis, keepdims=True), tensor.dtype)
        return tensor / size, size


# --- ranks and pseudo-inverses ---------------------------------------------------------------------------------


def _checked_matrix(a: Tensor, validate: bool) -> Tensor:
    if not a.dtype.is_floating:
        raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {a.dtype.name}).")
    if a._dims is not None:
        if len(a._dims) < 2:
            raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {len(a._dims)}).")
    elif validate:
        check = checks.assert_rank_at_least(a, rank=2, message="Input `a` must have at least 2 dimensions.")
        with get_default_graph().control_dependencies([check]):
            return identity(a)
    return a


@export("linalg.matrix_rank", v2=("linalg.matrix_rank",))
def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """How many singular values of each matrix are larger than `tol` (by default, than rounding makes them).

    Shapes: [..., m, n] -> [...].
    """
    with name_scope(name or "matrix_rank"):
        a = _checked_matrix(conversion.convert_to_tensor(a, dtype_hint=dtypes.float32, name="a"), validate_args)
        s = spectral.svd(a, compute_uv=False)
        if tol is None:
            inner = None if a._dims is None else a._dims[-2:]
            if inner is not None and None not in inner:
                size: Any = np.max(inner)  # type: ignore[arg-type]
            else:
                size = reductions.reduce_max(shapes.shape(a)[-2:])
            eps = np.finfo(a.dtype.as_numpy_dtype).eps
            tol = eps * casting.cast(size, a.dtype) * reductions.reduce_max(s, axis=-1, keepdims=True)
        return reductions.reduce_sum(casting.cast(s > tol, dtypes.int32), axis=-1)


@export("linalg.pinv", v2=("linalg.pinv",))
def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The pseudo-inverses of matrices; singular values below `rcond` times the largest count as zero.

    Shapes: [..., m, n] -> [..., n, m].
    """
    with name_scope(name or "pinv"):
        a = _checked_matrix(conversion.to_tensor(a, name="a"), validate_args)
        kind = a.dtype.as_numpy_dtype
        if rcond is None:
            rows, columns = _dimension(a, -2), _dimension(a, -1)
            if isinstance(rows, int) and isinstance(columns, int):
                longest: Any = float(max(rows, columns))
            else:
                longest = casting.cast(elementwise.maximum(rows, columns), kind)
            rcond = 10.0 * longest * np.finfo(kind).eps
        rcond = conversion.convert_to_tensor(rcond, dtype=kind, name="rcond")
        s, u, v = spectral.svd(a, full_matrices=False, compute_uv=True)
        # Dividing by infinity gives the zeros, and gradients that are not NaN.
        cutoff = rcond * reductions.reduce_max(s, axis=-1)
        s = selecting.where_v2(s > shapes.expand_dims_v2(cutoff, -1), s, np.array(np.inf, kind))
        out = matmul.matmul(v / shapes.expand_dims_v2(s, -2), u, adjoint_b=True)
        if a._dims is not None:
            out.set_shape([*a._dims[:-2], a._dims[-1], a._dims[-2]])
        return out


def _dimension(a: Tensor, axis: int) -> Any:
    known = None if a._dims is None else a._dims[axis]
    return shapes.shape(a)[axis] if known is None else known
