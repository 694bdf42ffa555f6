"""Factors of matrices: QR, Cholesky, LU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, get_op, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import matmul, shapes
from tfcompat.ops.diagonals import eye, matrix_band_part, matrix_diag_part, matrix_set_diag
from tfcompat.ops.linalg_common import (
    adjoint,
    batch_alias,
    check_matrices,
    check_square,
    joined,
    matrix,
    refuse,
    smaller,
    square,
    square_unchanged,
    through_float,
    well_conditioned,
)
from tfcompat.ops.selecting import one_hot

# --- QR --------------------------------------------------------------------------------------------------------


@op("Qr")
def qr_op(c: ShapeContext) -> list[Shape]:
    batch, m, n = matrix(c.shape(0))
    p = m if c.attrs["full_matrices"] else smaller(m, n)
    return [joined(batch, m, p), joined(batch, p, n)]


@qr_op.kernel
@through_float
def _qr(input: torch.Tensor, *, full_matrices: bool) -> tuple[torch.Tensor, torch.Tensor]:
    # LAPACK's Householder vectors have the signs of Eigen's: the diagonal of r is not made positive.
    check_matrices(input)
    q, r = torch.linalg.qr(input, mode="complete" if full_matrices else "reduced")
    return q, r


@qr_op.gradient
def _qr_grad(node: Any, dq: Any, dr: Any) -> Tensor:
    q, r = node.outputs
    if q.dtype.is_complex:
        raise NotImplementedError(f"QrGrad not implemented for dtype: {q.dtype}")
    dims = r._dims
    if dims is None or None in dims[-2:]:
        raise NotImplementedError("QrGrad not implemented with dynamic shapes.")
    if dims[-2] != dims[-1]:
        raise NotImplementedError(
            "QrGrad not implemented when ncols > nrows or full_matrices is true and ncols != nrows."
        )
    # Of q = a r^-1: what dq has outside the column space of q, and inside it the skew part that keeps q orthogonal.
    inner = matmul.matmul(q, dq, adjoint_a=True)
    skew = inner - adjoint(inner)
    product = matmul.matmul(r, dr, adjoint_b=True)
    skew_r = product - adjoint(product)
    lower = matrix_band_part(skew + skew_r, -1, 0)
    inside = matmul.matmul(q, dr + _times_adjoint_inverse(lower, r))
    outside = _times_adjoint_inverse(dq - matmul.matmul(q, inner), r)
    return inside + outside


def _times_adjoint_inverse(x: Tensor, r: Tensor) -> Tensor:
    """x r^-H for an upper triangular r."""
    solve = get_op("MatrixTriangularSolve")
    return adjoint(solve(r, adjoint(x), lower=False, adjoint=False))


@qr_op.samples
def _qr_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3))
    yield sample(well_conditioned(2, 4, 3))
    yield sample(well_conditioned(3, 3), full_matrices=True)


@export("qr", "linalg.qr", v2=("linalg.qr",))
def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> Any:
    """Orthonormal q and upper triangular r with `input = q r`, of each matrix.

    Shapes: [..., m, n] -> q [..., m, p], r [..., p, n]; p is m with full_matrices, else min(m, n).
    Raises: InvalidArgumentError for an input of rank below 2.
    """
    return qr_op(input, full_matrices=full_matrices, name=name)


# --- Cholesky --------------------------------------------------------------------------------------------------


@op("Cholesky")
def cholesky_op(c: ShapeContext) -> Shape:
    return square_unchanged(c)


@cholesky_op.kernel
@through_float
def _cholesky(input: torch.Tensor) -> torch.Tensor:
    check_square(input)
    factor, info = torch.linalg.cholesky_ex(input)
    if bool((info != 0).any()):
        raise refuse("Cholesky decomposition was not successful. The input might not be valid.")
    return factor


@cholesky_op.gradient
def _cholesky_rule(node: Any, dl: Any) -> Tensor:
    # l^-H ((l^H dl) with its diagonal halved and its upper part dropped) l^-1, made symmetric.
    factor = node.outputs[0]
    rows = shapes.shape(factor)[-1]
    batch = shapes.shape(factor)[:-2]
    inverse = get_op("MatrixTriangularSolve")(factor, eye(rows, batch_shape=batch, dtype=factor.dtype))
    middle = matmul.matmul(factor, dl, adjoint_a=True)
    middle = matrix_set_diag(middle, 0.5 * matrix_diag_part(middle))
    middle = matrix_band_part(middle, -1, 0)
    da = matmul.matmul(matmul.matmul(inverse, middle, adjoint_a=True), inverse)
    da += adjoint(da)
    return da * 0.5


@export("cholesky", "linalg.cholesky", v2=("linalg.cholesky",))
def cholesky(input: Any, name: str | None = None) -> Tensor:
    """The lower triangular l with `input = l l^H`, of positive definite matrices (only their lower part is read).

    Shapes: [..., m, m] -> [..., m, m].
    Raises: InvalidArgumentError when a matrix is not positive definite.
    """
    return cholesky_op(input, name=name)  # type: ignore[no-any-return]


@op("CholeskyGrad")
def cholesky_grad_op(c: ShapeContext) -> Shape:
    return square_unchanged(c)


def _half_lower(x: torch.Tensor) -> torch.Tensor:
    return x.tril(-1) + torch.diag_embed(0.5 * x.diagonal(dim1=-2, dim2=-1))


@cholesky_grad_op.kernel
@through_float
def _cholesky_grad(l: torch.Tensor, grad: torch.Tensor) -> torch.Tensor:
    check_matrices(l, grad)
    if l.shape != grad.shape:
        raise refuse("Inputs (L and grad) must have the same shape.")
    if l.shape[-1] != l.shape[-2]:
        raise refuse("Inputs must be a square matrices.")
    factor = l.tril()
    middle = _half_lower(factor.mT @ grad.tril())
    right = torch.linalg.solve_triangular(factor, middle, upper=False, left=False)
    whole = torch.linalg.solve_triangular(factor.mT, right, upper=True)
    return 0.5 * (whole + whole.mT)


@cholesky_grad_op.gradient
def _cholesky_grad_rule(node: Any, d: Any) -> tuple[Tensor, Tensor]:
    # out is the symmetric part of s = l^-T half_lower(l^T g) l^-1; TF has no rule, this one may be applied again.
    solve = get_op("MatrixTriangularSolve")
    factor = matrix_band_part(node.inputs[0], -1, 0)
    grad = matrix_band_part(node.inputs[1], -1, 0)
    d = 0.5 * (d + adjoint(d))
    right = adjoint(solve(factor, d, lower=True))  # d l^-T
    inner = solve(factor, right, lower=True)
    inner = matrix_band_part(matrix_set_diag(inner, 0.5 * matrix_diag_part(inner)), -1, 0)
    dl = matmul.matmul(grad, inner, adjoint_b=True) - 2.0 * matmul.matmul(node.outputs[0], right)
    dg = matmul.matmul(factor, inner)
    return matrix_band_part(dl, -1, 0), matrix_band_part(dg, -1, 0)


@cholesky_grad_op.samples
def _cholesky_grad_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3), real(3, 3))
    yield sample(well_conditioned(2, 3, 3), real(2, 3, 3))


batch_alias(cholesky_op, "BatchCholesky")
batch_alias(cholesky_grad_op, "BatchCholeskyGrad")


# --- LU --------------------------------------------------------------------------------------------------------


@op("Lu")
def lu_op(c: ShapeContext) -> list[Shape]:
    dims = square(c.shape(0))
    return [dims, None if dims is None else dims[:-1]]


@lu_op.kernel
@through_float
def _lu(input: torch.Tensor, *, output_idx_type: Any) -> tuple[torch.Tensor, torch.Tensor]:
    if input.dim() < 2:
        raise refuse(f"Input tensor must have rank >= 2, got {input.dim()}")
    check_square(input)
    factors, pivots = torch.linalg.lu_factor_ex(input)[:2]
    if bool((factors.diagonal(dim1=-2, dim2=-1) == 0).any()):
        raise refuse("Input is not invertible.")
    rows = torch.arange(input.shape[-1], device=input.device, dtype=torch.float64).unsqueeze(-1)
    permutation = torch.lu_unpack(factors, pivots, unpack_data=False)[0]
    order = permutation.real.double().mT @ rows
    return factors, order.squeeze(-1).to(output_idx_type.torch)


@lu_op.gradient
def _lu_grad(node: Any, dlu: Any, dp: Any) -> Tensor:
    # With p a = l u: da = p^T l^-H (strictly_lower(l^H dl) + upper(du u^H)) u^-H. TF 1.15 has no rule.
    solve = get_op("MatrixTriangularSolve")
    factors, order = node.outputs
    ones = shapes.ones_like(matrix_diag_part(factors))
    lower = matrix_set_diag(matrix_band_part(factors, -1, 0), ones)
    upper = matrix_band_part(factors, 0, -1)
    d_upper = matrix_band_part(dlu, 0, -1)
    d_lower = dlu - d_upper
    left = matmul.matmul(lower, d_lower, adjoint_a=True)
    right = matmul.matmul(d_upper, upper, adjoint_b=True)
    middle = left - matrix_band_part(left, 0, -1) + matrix_band_part(right, 0, -1)
    middle = adjoint(solve(upper, adjoint(middle), lower=False))
    middle = solve(lower, middle, lower=True, adjoint=True)
    permutation = one_hot(order, shapes.shape(factors)[-1], dtype=factors.dtype)
    return matmul.matmul(permutation, middle, transpose_a=True)


@lu_op.samples
def _lu_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3))
    yield sample(real(2, 3, 3, distinct=True))
    yield sample(well_conditioned(3, 3, complex_numbers=True))


@export("linalg.lu", v2=("linalg.lu",))
def lu(input: Any, output_idx_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """Triangular factors of square matrices with their rows permuted: `input[p] = l u`.

    Shapes: [..., m, m] -> lu [..., m, m] (u with l below its diagonal, without l's ones), p [..., m].
    Raises: InvalidArgumentError for a singular matrix.
    """
    return lu_op(input, output_idx_type=output_idx_type, name=name)
