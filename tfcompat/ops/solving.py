"""Linear equations: triangular, square, least squares; inverses and determinants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, complex_, real, sample
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import matmul
from tfcompat.ops.diagonals import matrix_band_part
from tfcompat.ops.linalg_common import (
    adjoint_of,
    batch_alias,
    check_square_solver,
    refuse,
    solved,
    through_float,
    well_conditioned,
)

# --- triangular systems ----------------------------------------------------------------------------------------


@op("MatrixTriangularSolve")
def matrix_triangular_solve_op(c: ShapeContext) -> Shape:
    return solved(c, True)


@matrix_triangular_solve_op.kernel
@through_float
def _matrix_triangular_solve(
    matrix: torch.Tensor, rhs: torch.Tensor, *, lower: bool, adjoint: bool
) -> torch.Tensor:
    check_square_solver(matrix, rhs)
    if not rhs.numel():
        return torch.zeros_like(rhs)
    if bool((matrix.diagonal(dim1=-2, dim2=-1) == 0).any()):
        raise refuse("Input matrix is not invertible.")
    if adjoint:
        return torch.linalg.solve_triangular(adjoint_of(matrix), rhs, upper=lower)
    return torch.linalg.solve_triangular(matrix, rhs, upper=not lower)


@matrix_triangular_solve_op.gradient
def _matrix_triangular_solve_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    a, x = node.inputs[0], node.outputs[0]
    lower, adjoint = node._attrs["lower"], node._attrs["adjoint"]
    db = matrix_triangular_solve_op(a, dy, lower=lower, adjoint=not adjoint)
    first, second = (x, db) if adjoint else (db, x)
    da = -matmul.matmul(first, second, adjoint_b=True)
    return matrix_band_part(da, *((-1, 0) if lower else (0, -1))), db


@matrix_triangular_solve_op.samples
def _triangular_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3), real(3, 2))
    yield sample(well_conditioned(3, 3), real(3, 2), lower=False)
    yield sample(well_conditioned(2, 3, 3), real(2, 3, 1), adjoint=True)
    yield sample(well_conditioned(3, 3), real(3, 2), lower=False, adjoint=True)
    yield sample(well_conditioned(3, 3, complex_numbers=True), complex_(3, 2), adjoint=True)


batch_alias(matrix_triangular_solve_op, "BatchMatrixTriangularSolve")


@export("linalg.triangular_solve", "matrix_triangular_solve", v2=("linalg.triangular_solve",))
def matrix_triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """Solves `matrix x = rhs` with triangular matrices, of which only the lower (or upper) part is read.

    Shapes: matrix [..., m, m], rhs [..., m, k] -> [..., m, k].
    Raises: InvalidArgumentError for a zero on a diagonal.
    """
    return matrix_triangular_solve_op(matrix, rhs, lower=lower, adjoint=adjoint, name=name)  # type: ignore[no-any-return]
