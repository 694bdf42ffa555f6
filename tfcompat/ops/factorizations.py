"""Factors of matrices: QR, Cholesky, LU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, get_op, op
from tfcompat.framework.samples import Sample, sample
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import matmul
from tfcompat.ops.diagonals import matrix_band_part
from tfcompat.ops.linalg_common import (
    adjoint,
    check_matrices,
    joined,
    matrix,
    through_float,
    well_conditioned,
)

# --- QR --------------------------------------------------------------------------------------------------------


def _smaller(m: int | None, n: int | None) -> int | None:
    if m == 0 or n == 0:
        return 0
    return None if m is None or n is None else min(m, n)


@op("Qr")
def qr_op(c: ShapeContext) -> list[Shape]:
    batch, m, n = matrix(c.shape(0))
    p = m if c.attrs["full_matrices"] else _smaller(m, n)
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
