"""Linear equations: triangular, square, least squares; inverses and determinants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, complex_, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, control_flow, exponents, matmul, permuting, reductions, shapes
from tfcompat.ops.diagonals import eye, matrix_band_part, matrix_diag_part
from tfcompat.ops.factorizations import cholesky_op
from tfcompat.ops.linalg_common import (
    adjoint as adjoint_tensor,
)
from tfcompat.ops.linalg_common import (
    adjoint_of,
    batch_alias,
    check_matrices,
    check_square,
    check_square_solver,
    refuse,
    solved,
    square,
    square_unchanged,
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


# --- square systems --------------------------------------------------------------------------------------------


@op("MatrixSolve")
def matrix_solve_op(c: ShapeContext) -> Shape:
    return solved(c, True)


@matrix_solve_op.kernel
@through_float
def _matrix_solve(matrix: torch.Tensor, rhs: torch.Tensor, *, adjoint: bool) -> torch.Tensor:
    check_square_solver(matrix, rhs)
    if not rhs.numel():
        return torch.zeros_like(rhs)
    x, info = torch.linalg.solve_ex(adjoint_of(matrix) if adjoint else matrix, rhs)
    if bool((info != 0).any()):
        raise refuse("Input matrix is not invertible.")
    return x


@matrix_solve_op.gradient
def _matrix_solve_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    a, x, adjoint = node.inputs[0], node.outputs[0], node._attrs["adjoint"]
    db = matrix_solve_op(a, dy, adjoint=not adjoint)
    first, second = (x, db) if adjoint else (db, x)
    return -matmul.matmul(first, second, adjoint_b=True), db


@matrix_solve_op.samples
def _matrix_solve_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3), real(3, 2))
    yield sample(well_conditioned(2, 3, 3), real(2, 3, 1), adjoint=True)
    yield sample(well_conditioned(3, 3, complex_numbers=True), complex_(3, 2), adjoint=True)
    yield sample(well_conditioned(0, 3, 3), real(0, 3, 2))


batch_alias(matrix_solve_op, "BatchMatrixSolve")


@export("linalg.solve", "matrix_solve", v2=("linalg.solve",))
def matrix_solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """Solves `matrix x = rhs` (with adjoint: `matrix^H x = rhs`).

    Shapes: matrix [..., m, m], rhs [..., m, k] -> [..., m, k].
    Raises: InvalidArgumentError for a singular matrix.
    """
    return matrix_solve_op(matrix, rhs, adjoint=adjoint, name=name)  # type: ignore[no-any-return]


@op("MatrixInverse")
def matrix_inverse_op(c: ShapeContext) -> Shape:
    return square_unchanged(c)


@matrix_inverse_op.kernel
@through_float
def _matrix_inverse(input: torch.Tensor, *, adjoint: bool) -> torch.Tensor:
    check_square(input)
    inverse, info = torch.linalg.inv_ex(adjoint_of(input) if adjoint else input)
    if bool((info != 0).any()):
        raise refuse("Input is not invertible.")
    return inverse


@matrix_inverse_op.gradient
def _matrix_inverse_grad(node: Any, dy: Any) -> Tensor:
    inverse = node.outputs[0]
    if node._attrs["adjoint"]:
        # TF 1.15 takes the rule of the plain inverse here too, which is the adjoint of the right one.
        return -adjoint_tensor(
            matmul.matmul(inverse, matmul.matmul(dy, inverse, adjoint_b=True), adjoint_a=True)
        )
    return -matmul.matmul(inverse, matmul.matmul(dy, inverse, adjoint_b=True), adjoint_a=True)


@matrix_inverse_op.samples
def _matrix_inverse_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3))
    yield sample(well_conditioned(2, 3, 3), adjoint=True)
    yield sample(well_conditioned(3, 3, complex_numbers=True))
    yield sample(well_conditioned(3, 3, complex_numbers=True), adjoint=True)


batch_alias(matrix_inverse_op, "BatchMatrixInverse")


@export("linalg.inv", "matrix_inverse", v2=("linalg.inv",))
def matrix_inverse(input: Any, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverses of square matrices, or of their adjoints.

    Raises: InvalidArgumentError for a singular matrix.
    """
    return matrix_inverse_op(input, adjoint=adjoint, name=name)  # type: ignore[no-any-return]


# --- determinants ----------------------------------------------------------------------------------------------


def _without_matrix(c: ShapeContext) -> Shape:
    dims = square(c.shape(0))
    return None if dims is None else dims[:-2]


def _sign_and_log(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    check_square(x)
    sign, log = torch.linalg.slogdet(x)
    finite = log.isfinite()
    sign = torch.where(finite, sign, torch.zeros_like(sign))
    infinite = torch.full_like(log, torch.inf)
    return sign, torch.where(finite, log, torch.where(log > 0, infinite, -infinite))


@op("MatrixDeterminant")
def matrix_determinant_op(c: ShapeContext) -> Shape:
    return _without_matrix(c)


@matrix_determinant_op.kernel
@through_float
def _matrix_determinant(input: torch.Tensor) -> torch.Tensor:
    sign, log = _sign_and_log(input)
    return sign * torch.exp(log)


def _one_by_one(x: Tensor, like: Tensor) -> Tensor:
    return shapes.reshape(x, arrays.concat([shapes.shape(like), [1, 1]], 0))


@matrix_determinant_op.gradient
def _matrix_determinant_grad(node: Any, dy: Any) -> Tensor:
    a, det = node.inputs[0], node.outputs[0]
    inverse = matrix_inverse_op(a, adjoint=True)
    # TF 1.15 multiplies by the determinant itself; the conjugate, which is the same for real numbers, is right.
    return _one_by_one(dy * casting.conj(det), det) * inverse


@matrix_determinant_op.samples
def _matrix_determinant_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3))
    yield sample(well_conditioned(2, 2, 2))
    yield sample(well_conditioned(2, 3, 3, complex_numbers=True))


batch_alias(matrix_determinant_op, "BatchMatrixDeterminant")


@export("linalg.det", "matrix_determinant", v2=("linalg.det",))
def matrix_determinant(input: Any, name: str | None = None) -> Tensor:
    """The determinants of square matrices.

    Shapes: [..., m, m] -> [...].
    """
    return matrix_determinant_op(input, name=name)  # type: ignore[no-any-return]


@op("LogMatrixDeterminant")
def log_matrix_determinant_op(c: ShapeContext) -> list[Shape]:
    dims = _without_matrix(c)
    return [dims, dims]


@log_matrix_determinant_op.kernel
@through_float
def _log_matrix_determinant(input: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    sign, log = _sign_and_log(input)
    return sign, log.to(input.dtype)


@log_matrix_determinant_op.gradient
def _log_matrix_determinant_grad(node: Any, d_sign: Any, d_log: Any) -> Tensor:
    a, log = node.inputs[0], node.outputs[1]
    inverse = matrix_inverse_op(a, adjoint=True)
    if not a.dtype.is_complex:
        return _one_by_one(d_log, log) * inverse
    # The logarithm is real; the sign moves along the unit circle, which TF 1.15 leaves out.
    sign = node.outputs[0]
    turn = casting.imag_part(casting.conj(d_sign) * sign)
    both = casting.complex(casting.real_part(d_log), -turn)
    return _one_by_one(both, log) * inverse


@log_matrix_determinant_op.samples
def _log_matrix_determinant_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3))
    yield sample(well_conditioned(2, 3, 3, complex_numbers=True))


@export("linalg.slogdet", v2=("linalg.slogdet",))
def slogdet(input: Any, name: str | None = None) -> Any:
    """Sign and logarithm of the absolute value of determinants.

    Shapes: [..., m, m] -> sign [...], log_abs_determinant [...].
    """
    return log_matrix_determinant_op(input, name=name)


@export("linalg.logdet", v2=("linalg.logdet",))
def logdet(matrix: Any, name: str | None = None) -> Tensor:
    """The logarithm of the determinants of positive definite matrices.

    Shapes: [..., m, m] -> [...].
    Raises: InvalidArgumentError when a matrix is not positive definite.
    """
    with name_scope(name, "logdet", [matrix]):
        factor = cholesky_op(matrix)
        return 2.0 * reductions.reduce_sum(
            exponents.log(casting.real_part(matrix_diag_part(factor))), axis=[-1]
        )


# --- least squares ---------------------------------------------------------------------------------------------


@op("MatrixSolveLs", numbers=("l2_regularizer",))
def matrix_solve_ls_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(2), 0)
    return solved(c, False)


@matrix_solve_ls_op.kernel
@through_float
def _matrix_solve_ls(matrix: torch.Tensor, rhs: torch.Tensor, l2_regularizer: Any, *, fast: bool) -> torch.Tensor:
    check_matrices(matrix, rhs)
    rows, columns = matrix.shape[-2:]
    if rows != rhs.shape[-2]:
        raise refuse("Input matrix and rhs are incompatible.")
    if isinstance(l2_regularizer, torch.Tensor) and l2_regularizer.dim():
        raise refuse(f"l2_regularizer must be scalar, got shape {text(tuple(l2_regularizer.shape))}")
    l2 = float(l2_regularizer)
    if l2 < 0:
        raise refuse("l2_regularizer must be >= 0.")
    if not rows or not columns:
        return rhs.new_zeros((*matrix.shape[:-2], columns, rhs.shape[-1]))
    if not fast:
        return torch.linalg.pinv(matrix) @ rhs
    tall = rows >= columns
    flipped = adjoint_of(matrix)
    gramian = flipped @ matrix if tall else matrix @ flipped
    if l2 > 0:
        gramian = gramian + l2 * torch.eye(gramian.shape[-1], dtype=gramian.dtype, device=gramian.device)
    factor, info = torch.linalg.cholesky_ex(gramian)
    if bool((info != 0).any()):
        remedy = "provide a larger l2_regularizer > 0" if tall else "provide an l2_regularizer > 0"
        raise refuse(f"Input matrix was rank deficient or ill-conditioned. Try setting fast=False or {remedy}.")
    return torch.cholesky_solve(flipped @ rhs, factor) if tall else flipped @ torch.cholesky_solve(rhs, factor)


@matrix_solve_ls_op.gradient
def _matrix_solve_ls_grad(node: Any, dy: Any) -> Any:
    if not node._attrs["fast"]:
        raise ValueError("Gradient not defined for fast=False")
    tall, wide = (lambda: _tall_gradient(node, dy)), (lambda: _wide_gradient(node, dy))
    dims = node.inputs[0]._dims
    if dims is not None and None not in dims[-2:]:
        return (*(tall() if dims[-2] >= dims[-1] else wide()), None)
    inner = shapes.shape(node.inputs[0])[-2:]
    return (*control_flow.cond(inner[-2] >= inner[-1], tall, wide), None)


def _tall_gradient(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    """Of x = (a^H a + l2)^-1 a^H b."""
    a, b, l2 = node.inputs
    x = node.outputs[0]
    factor = _regularized_factor(a, casting.cast(l2, a.dtype.base_dtype), True)
    z = cholesky_solve(factor, dy)
    product = matmul.matmul(x, z, adjoint_b=True)
    twice = product + _adjoint_where_complex(product)
    da = -matmul.matmul(a, twice) + matmul.matmul(b, z, adjoint_b=True)
    return da, matmul.matmul(a, z)


def _wide_gradient(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    """Of x = a^H (a a^H + l2)^-1 b."""
    a, b, l2 = node.inputs
    factor = _regularized_factor(a, casting.cast(l2, a.dtype.base_dtype), False)
    db = cholesky_solve(factor, matmul.matmul(a, dy))
    z = cholesky_solve(factor, b)
    first = -matmul.matmul(db, matmul.matmul(z, a, adjoint_a=True))
    rest = dy - matmul.matmul(a, db, adjoint_a=True)
    return first + matmul.matmul(z, rest, adjoint_b=True), db


def _adjoint_where_complex(x: Tensor) -> Tensor:
    """The transpose that TF 1.15 takes here; conjugated for complex numbers, where TF leaves that out."""
    return permuting.matrix_transpose(x, conjugate=x.dtype.is_complex)


@matrix_solve_ls_op.samples
def _matrix_solve_ls_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(4, 3), real(4, 2), fixed(0.1, np.float64))
    yield sample(well_conditioned(2, 3, 4), real(2, 3, 2), fixed(0.0, np.float64))
    yield sample(well_conditioned(4, 3, complex_numbers=True), complex_(4, 2), fixed(0.0, np.float64))


batch_alias(matrix_solve_ls_op, "BatchMatrixSolveLs", numbers=("l2_regularizer",))


def _regularized_factor(matrix: Tensor, l2_regularizer: Any, first_kind: bool) -> Tensor:
    """The Cholesky factor of `matrix^H matrix + l2` (first kind) or `matrix matrix^H + l2`."""
    gramian = matmul.matmul(matrix, matrix, adjoint_a=first_kind, adjoint_b=not first_kind)
    if isinstance(l2_regularizer, Tensor) or l2_regularizer != 0:
        whole = shapes.shape(matrix)
        batch = whole[:-2]
        size = whole[-1] if first_kind else whole[-2]
        identity = eye(size, batch_shape=batch, dtype=matrix.dtype)
        dims = matrix._dims
        if dims is not None:
            n = dims[-1 if first_kind else -2]
            identity.set_shape([*dims[:-2], n, n])
        gramian += l2_regularizer * identity
    return cholesky_op(gramian)  # type: ignore[no-any-return]


@export("cholesky_solve", "linalg.cholesky_solve", v2=("linalg.cholesky_solve",))
def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Tensor:
    """Solves `a x = rhs` given the Cholesky factor of a.

    Shapes: chol [..., m, m], rhs [..., m, k] -> [..., m, k].
    """
    with name_scope(name, "cholesky_solve", [chol, rhs]):
        y = matrix_triangular_solve_op(chol, rhs, adjoint=False, lower=True)
        return matrix_triangular_solve_op(chol, y, adjoint=True, lower=True)  # type: ignore[no-any-return]


# Above this many bytes, and more matrices than their smaller dimension, TF solves each matrix by itself.
_CACHE_BYTES = 256_000


def _in_steps(matrix: Tensor) -> bool:
    """Whether least squares become products and Cholesky factors in the graph, not one MatrixSolveLs node."""
    dims = matrix._dims
    if dims is None or None in dims:
        return True
    size = int(np.prod(dims)) * matrix.dtype.size
    return size <= _CACHE_BYTES or int(np.prod(dims[:-2])) <= min(dims[-2:])  # type: ignore[type-var]


@export("linalg.lstsq", "matrix_solve_ls", v2=("linalg.lstsq",))
def matrix_solve_ls(
    matrix: Any, rhs: Any, l2_regularizer: Any = 0.0, fast: bool = True, name: str | None = None
) -> Tensor:
    """The least-squares solution of `matrix x = rhs`, of minimal norm where there are many.

    fast: by the Cholesky factor of the Gramian matrix, for matrices of full rank; else by singular values, where
    l2_regularizer has no effect.
    Shapes: matrix [..., m, n], rhs [..., m, k] -> [..., n, k].
    Raises: NotImplementedError for complex128 with a regularizer, as TF 1.15 does.
    """
    matrix = conversion.to_tensor(matrix, name="matrix")
    if matrix.dtype == dtypes.complex128 and l2_regularizer != 0:
        raise NotImplementedError(
            "matrix_solve_ls is currently disabled for complex128 and l2_regularizer != 0 due to poor accuracy."
        )
    if not fast or not _in_steps(matrix):
        return matrix_solve_ls_op(matrix, rhs, l2_regularizer, fast=fast, name=name)  # type: ignore[no-any-return]

    def tall() -> Tensor:
        factor = _regularized_factor(matrix, l2_regularizer, True)
        return cholesky_solve(factor, matmul.matmul(matrix, rhs, adjoint_a=True))

    def wide() -> Tensor:
        factor = _regularized_factor(matrix, l2_regularizer, False)
        return matmul.matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)

    with name_scope(name, "matrix_solve_ls", [matrix, rhs, l2_regularizer]):
        dims = matrix._dims
        if dims is not None and None not in dims[-2:]:
            return tall() if dims[-2] >= dims[-1] else wide()  # type: ignore[operator]
        inner = shapes.shape(matrix)[-2:]
        return control_flow.cond(inner[-2] >= inner[-1], tall, wide)  # type: ignore[no-any-return]
