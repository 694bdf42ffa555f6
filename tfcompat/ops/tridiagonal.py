"""Tridiagonal matrices, given by their three diagonals: equations and products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, complex_, drawn, real, sample
from tfcompat.framework.shape_rules import at_least_rank, merge, merge_dim
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, constants, gathering, padding, permuting, reductions, shapes
from tfcompat.ops.diagonals import matrix_diag_part
from tfcompat.ops.linalg_common import check_matrices, matrix, refuse

# --- equations -------------------------------------------------------------------------------------------------


@op("TridiagonalSolve")
def tridiagonal_solve_op(c: ShapeContext) -> Shape:
    batch, rows, m = matrix(c.shape(0))
    batch2, m2, _ = matrix(c.shape(1))
    merge(batch, batch2)
    merge_dim(m, m2)
    _needs(rows, 3)
    return c.shape(1)


def _needs(dim: int | None, value: int) -> None:
    if dim is not None and dim != value:
        raise ShapeError(f"Dimension must be {value} but is {dim}")


_SINGULAR = "The matrix is not invertible."
_SINGULAR_NUMBER = "The matrix is not invertible: it is a scalar with value zero."
_NEEDS_PIVOTS = (
    "The matrix is either not invertible, or requires pivoting. Try setting partial_pivoting = True."
)


@tridiagonal_solve_op.kernel
def _tridiagonal_solve(diagonals: torch.Tensor, rhs: torch.Tensor, *, partial_pivoting: bool) -> torch.Tensor:
    check_matrices(diagonals, rhs)
    if diagonals.shape[-2] != 3:
        raise refuse(f"Expected diagonals to be provided as a matrix with 3 rows, got {diagonals.shape[-2]} rows.")
    n = diagonals.shape[-1]
    if n != rhs.shape[-2]:
        raise refuse(
            "Expected the same number of left-hand sides and right-hand sides, got "
            f"{n} and {rhs.shape[-2]}."
        )
    if not n or not rhs.numel():
        return rhs.clone()
    # Equations first: every step works on all batches and right-hand sides at once.
    upper, middle, lower = (x.unsqueeze(-1) for x in diagonals.movedim((-2, -1), (0, 1)))
    right = rhs.movedim(-2, 0)
    if n == 1:
        _nonzero(middle[0], _SINGULAR_NUMBER)
        x = [right[0] / middle[0]]
    elif partial_pivoting:
        x = _with_pivots(upper, middle, lower, right)
    else:
        x = _without_pivots(upper, middle, lower, right)
    return torch.stack(x, dim=-2)


def _nonzero(x: torch.Tensor, message: str) -> None:
    if bool((x == 0).any()):
        raise refuse(message)


def _with_pivots(
    upper: torch.Tensor, middle: torch.Tensor, lower: torch.Tensor, right: torch.Tensor
) -> list[torch.Tensor]:
    """Gaussian elimination; rows i and i + 1 change places where the lower one has the larger first entry."""
    n = middle.shape[0]
    nothing = torch.zeros_like(middle[0])
    first, second, y = middle[0], upper[0], right[0]
    rows = []
    for i in range(n - 1):
        below, below_next = middle[i + 1], upper[i + 1] if i < n - 2 else nothing
        swap = first.abs() < lower[i + 1].abs()
        pivot = torch.where(swap, lower[i + 1], first)
        _nonzero(pivot, _SINGULAR)
        factor = torch.where(swap, first, lower[i + 1]) / pivot
        p_second, p_third = torch.where(swap, below, second), torch.where(swap, below_next, nothing)
        p_right = torch.where(swap, right[i + 1], y)
        rows.append((pivot, p_second, p_third, p_right))
        o_second, o_third = torch.where(swap, second, below), torch.where(swap, nothing, below_next)
        o_right = torch.where(swap, y, right[i + 1])
        first, second, y = o_second - factor * p_second, o_third - factor * p_third, o_right - factor * p_right
    _nonzero(first, _SINGULAR)
    x = [y / first]
    after = torch.zeros_like(x[0])
    for pivot, p_second, p_third, p_right in reversed(rows):
        x.append((p_right - p_second * x[-1] - p_third * after) / pivot)
        after = x[-2]
    return x[::-1]


def _without_pivots(
    upper: torch.Tensor, middle: torch.Tensor, lower: torch.Tensor, right: torch.Tensor
) -> list[torch.Tensor]:
    """Thomas's algorithm."""
    _nonzero(middle[0], _NEEDS_PIVOTS)
    u, y = [upper[0] / middle[0]], [right[0] / middle[0]]
    for i in range(1, middle.shape[0]):
        pivot = middle[i] - lower[i] * u[-1]
        _nonzero(pivot, _NEEDS_PIVOTS)
        u.append(upper[i] / pivot)
        y.append((right[i] - lower[i] * y[-1]) / pivot)
    x = [y[-1]]
    for i in range(len(y) - 2, -1, -1):
        x.append(y[i] - u[i] * x[-1])
    return x[::-1]


@tridiagonal_solve_op.gradient
def _tridiagonal_solve_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    diagonals = node.inputs[0]
    x = node.outputs[0]
    pivoting = node._attrs["partial_pivoting"]
    flipped = _transposed(diagonals)
    if diagonals.dtype.is_complex:  # TF 1.15 forgets to conjugate
        d_rhs = casting.conj(tridiagonal_solve_op(flipped, casting.conj(dy), partial_pivoting=pivoting))
        return -_three_diagonals(d_rhs, casting.conj(x)), d_rhs
    d_rhs = tridiagonal_solve_op(flipped, dy, partial_pivoting=pivoting)
    return -_three_diagonals(d_rhs, x), d_rhs


def _no_padding(rank: Tensor) -> Tensor:
    """Rows of zeros, one for each dimension but the last two."""
    return shapes.zeros((rank - 2, 2), dtype=dtypes.int32)


def _transposed(diagonals: Tensor) -> Tensor:
    """The diagonals of the transposed matrix."""
    middle = diagonals[..., 1, :]
    if diagonals.shape.is_fully_defined():
        zeros = shapes.zeros([*diagonals.shape.as_list()[:-2], 1], dtype=diagonals.dtype)
        upper = arrays.concat((diagonals[..., 2, 1:], zeros), axis=-1)
        lower = arrays.concat((zeros, diagonals[..., 0, :-1]), axis=-1)
    else:
        zeros = _no_padding(shapes.rank(diagonals))
        after = arrays.concat((zeros, constants.constant([[0, 1]])), axis=0)
        upper = padding.pad(diagonals[..., 2, 1:], after)
        before = arrays.concat((zeros, constants.constant([[1, 0]])), axis=0)
        lower = padding.pad(diagonals[..., 0, :-1], before)
    return arrays.stack([upper, middle, lower], axis=-2)


def _three_diagonals(x: Tensor, y: Tensor) -> Tensor:
    """The three diagonals of x y^T, without computing the rest."""
    middle = reductions.reduce_sum(x * y, axis=-1)
    if y.shape.is_fully_defined():
        zeros = shapes.zeros([*x.shape.as_list()[:-2], 1, x.shape.as_list()[-1]], dtype=x.dtype)
        upper = reductions.reduce_sum(x * arrays.concat((y[..., 1:, :], zeros), axis=-2), axis=-1)
        lower = reductions.reduce_sum(x * arrays.concat((zeros, y[..., :-1, :]), axis=-2), axis=-1)
    else:
        zeros = _no_padding(shapes.rank(y))
        after = arrays.concat((zeros, constants.constant([[0, 1], [0, 0]])), axis=0)
        upper = reductions.reduce_sum(x * padding.pad(y[..., 1:, :], after), axis=-1)
        before = arrays.concat((zeros, constants.constant([[1, 0], [0, 0]])), axis=0)
        lower = reductions.reduce_sum(x * padding.pad(y[..., :-1, :], before), axis=-1)
    return arrays.stack([upper, middle, lower], axis=-2)


@tridiagonal_solve_op.samples
def _tridiagonal_solve_samples() -> Iterator[Sample]:
    def heavy_middle(*dims: int) -> Any:
        def draw(rng: Any) -> Any:
            x = rng.uniform(-1, 1, dims)
            x[..., 1, :] += 3
            return x

        return drawn(draw)

    yield sample(heavy_middle(3, 4), real(4, 2))
    yield sample(heavy_middle(2, 3, 4), real(2, 4, 1), partial_pivoting=False)
    yield sample(heavy_middle(3, 1), real(1, 2))
    yield sample(complex_(2, 3, 4), complex_(2, 4, 2))


# --- products --------------------------------------------------------------------------------------------------


@op("TridiagonalMatMul")
def tridiagonal_mat_mul_op(c: ShapeContext) -> Shape:
    upper, middle, lower, right = (at_least_rank(c.shape(i), 2) for i in range(4))
    batch, m, _ = matrix(right)
    upper = merge(upper, middle)
    for diagonal in (middle, lower):
        batch = merge(None if diagonal is None else diagonal[:-2], batch)
    middle = merge(lower, merge(upper, middle))
    _, one, m2 = matrix(middle)
    merge_dim(m2, m)
    _needs(one, 1)
    return right


@tridiagonal_mat_mul_op.kernel
def _tridiagonal_mat_mul(
    superdiag: torch.Tensor, maindiag: torch.Tensor, subdiag: torch.Tensor, rhs: torch.Tensor
) -> torch.Tensor:
    check_matrices(superdiag, maindiag, subdiag, rhs)
    m = rhs.shape[-2]
    for label, x in (("superdiagonal", superdiag), ("main diagonal", maindiag), ("subdiagonal", subdiag)):
        if x.shape[-2:] != (1, m):
            raise refuse(f"Invalid {label} shape.")
    out = rhs * maindiag.mT
    if m > 1:
        out[..., 1:, :] += rhs[..., :-1, :] * subdiag.mT[..., 1:, :]
        out[..., :-1, :] += rhs[..., 1:, :] * superdiag.mT[..., :-1, :]
    return out


def _shifted_up(x: Tensor) -> Tensor:
    """Rows moved up by one, zeros below."""
    zeros = _no_padding(shapes.rank(x))
    pad = arrays.concat([zeros, constants.constant([[0, 1], [0, 0]])], axis=0)
    return padding.pad(x[..., 1:, :], pad)


def _shifted_down(x: Tensor) -> Tensor:
    """Rows moved down by one, zeros above."""
    zeros = _no_padding(shapes.rank(x))
    pad = arrays.concat([zeros, constants.constant([[1, 0], [0, 0]])], axis=0)
    return padding.pad(x[..., :-1, :], pad)


@tridiagonal_mat_mul_op.gradient
def _tridiagonal_mat_mul_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    upper, middle, lower = (permuting.matrix_transpose(t, conjugate=True) for t in node.inputs[:3])
    right = casting.conj(node.inputs[3])
    d_upper = reductions.reduce_sum(_shifted_up(right) * dy, axis=-1)
    d_middle = reductions.reduce_sum(right * dy, axis=-1)
    d_lower = reductions.reduce_sum(_shifted_down(right) * dy, axis=-1)
    d_right = _shifted_down(upper * dy) + middle * dy + _shifted_up(lower * dy)
    return (
        shapes.expand_dims(d_upper, -2),
        shapes.expand_dims(d_middle, -2),
        shapes.expand_dims(d_lower, -2),
        d_right,
    )


@tridiagonal_mat_mul_op.samples
def _tridiagonal_mat_mul_samples() -> Iterator[Sample]:
    yield sample(real(1, 4), real(1, 4), real(1, 4), real(4, 2))
    yield sample(real(2, 1, 3), real(2, 1, 3), real(2, 1, 3), real(2, 3, 1))
    yield sample(complex_(1, 3), complex_(1, 3), complex_(1, 3), complex_(3, 2))


# --- public names ----------------------------------------------------------------------------------------------


@export("linalg.tridiagonal_solve", v2=("linalg.tridiagonal_solve",))
def tridiagonal_solve(
    diagonals: Any,
    rhs: Any,
    diagonals_format: str = "compact",
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
) -> Tensor:
    """Solves equations with a tridiagonal matrix.

    diagonals_format: `compact` ([..., 3, m]: above, main, below; the last entry above and the first below are
    ignored), `sequence` (three tensors, the outer two of length m or m - 1) or `matrix` ([..., m, m]).
    Shapes: rhs [..., m] or [..., m, k] -> the same.
    Raises: ValueError for shapes that do not fit or another format.
    """
    if diagonals_format == "sequence":
        diagonals = _stacked(diagonals)
    elif diagonals_format == "matrix":
        diagonals = _taken_from_matrix(diagonals)
    elif diagonals_format != "compact":
        raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")
    return _solve_compact(diagonals, rhs, transpose_rhs, conjugate_rhs, partial_pivoting, name)


def _stacked(diagonals: Any) -> Tensor:
    if not isinstance(diagonals, (tuple, list)) or len(diagonals) != 3:
        raise ValueError("Expected diagonals to be a sequence of length 3.")
    upper, middle, lower = diagonals
    front = middle.shape[:-1]
    if not lower.shape[:-1].is_compatible_with(front) or not upper.shape[:-1].is_compatible_with(front):
        raise ValueError(
            "Tensors representing the three diagonals must have the same shape,except for the last dimension, got "
            f"{lower.shape}, {middle.shape}, {upper.shape}"
        )
    m = middle._dims[-1]

    def padded(t: Tensor, label: str, sides: list[int]) -> Tensor:
        assert t._dims is not None
        n = t._dims[-1]
        if not n or n == m:
            return t
        if m is not None and n == m - 1:
            return padding.pad(t, [[0, 0] for _ in t._dims[:-1]] + [sides])
        raise ValueError(f"Expected {label} to be have length {m} or {m - 1}, got {n}.")

    lower = padded(lower, "subdiagonal", [1, 0])
    upper = padded(upper, "superdiagonal", [0, 1])
    return arrays.stack((upper, middle, lower), axis=-2)


def _taken_from_matrix(whole: Any) -> Tensor:
    rows, columns = whole._dims[-2:]
    if rows and columns and rows != columns:
        raise ValueError(f"Expected last two dimensions of diagonals to be same, got {columns} and {rows}")
    m = columns or rows
    if not m:
        raise ValueError('The size of the matrix needs to be known for diagonals_format="matrix"')
    # Entry [0, 0] fills the two places that nobody reads.
    first = [[[1, 0], [0, 0], [0, 0]]]
    inner = [[[i + 1, i], [i, i], [i - 1, i]] for i in range(1, m - 1)]
    last = [[[0, 0], [m - 1, m - 1], [m - 2, m - 1]]]
    taken = gathering.gather_nd(permuting.transpose(whole), first + inner + last)
    return permuting.transpose(taken)


def _solve_compact(
    diagonals: Any, rhs: Any, transpose_rhs: bool, conjugate_rhs: bool, pivoting: bool, name: str | None
) -> Tensor:
    rank, rhs_rank = len(diagonals.shape), len(rhs.shape)
    if rank < 2:
        raise ValueError(f"Expected diagonals to have rank at least 2, got {rank}")
    if rhs_rank not in (rank, rank - 1):
        raise ValueError(f"Expected the rank of rhs to be {rank - 1} or {rank}, got {rhs_rank}")
    rows = diagonals._dims[-2]
    if rows and rows != 3:
        raise ValueError(f"Expected 3 diagonals got {rows}")
    if not diagonals.shape[:-2].is_compatible_with(rhs.shape[: rank - 2]):
        raise ValueError(f"Batch shapes {diagonals.shape[:-2]} and {rhs.shape[:rank - 2]} are incompatible")

    def check(right: Tensor) -> None:
        assert right._dims is not None
        m, m2 = diagonals._dims[-1], right._dims[-2]
        if m and m2 and m != m2:
            raise ValueError(f"Expected number of left-hand sided and right-hand sides to be equal, got {m} and {m2}")

    if rhs_rank == rank - 1:
        if conjugate_rhs:
            rhs = casting.conj(rhs)
        rhs = shapes.expand_dims(rhs, -1)
        check(rhs)
        return shapes.squeeze(tridiagonal_solve_op(diagonals, rhs, partial_pivoting=pivoting, name=name), -1)
    if transpose_rhs:
        rhs = permuting.matrix_transpose(rhs, conjugate=conjugate_rhs)
    elif conjugate_rhs:
        rhs = casting.conj(rhs)
    check(rhs)
    x = tridiagonal_solve_op(diagonals, rhs, partial_pivoting=pivoting, name=name)
    return permuting.matrix_transpose(x) if transpose_rhs else x


@export("linalg.tridiagonal_matmul", v2=("linalg.tridiagonal_matmul",))
def tridiagonal_matmul(diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None) -> Tensor:
    """A tridiagonal matrix (formats as in `tridiagonal_solve`) times a matrix.

    Shapes: rhs [..., m, k] -> [..., m, k].
    Raises: ValueError for another format or a matrix that is not square.
    """
    if diagonals_format == "compact":
        upper, middle, lower = (diagonals[..., i, :] for i in range(3))
    elif diagonals_format == "sequence":
        upper, middle, lower = diagonals
    elif diagonals_format == "matrix":
        rows, columns = diagonals._dims[-2:]
        if not rows or not columns:
            raise ValueError('The size of the matrix needs to be known for diagonals_format="matrix"')
        if rows != columns:
            raise ValueError(f"Expected last two dimensions of diagonals to be same, got {columns} and {rows}")
        middle = matrix_diag_part(diagonals)
        flipped = permuting.transpose(diagonals)
        above = [[i + 1, i] for i in range(rows - 1)] + [[0, 0]]
        below = [[0, 0]] + [[i - 1, i] for i in range(1, rows)]
        upper = permuting.transpose(gathering.gather_nd(flipped, above))
        lower = permuting.transpose(gathering.gather_nd(flipped, below))
    else:
        raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")
    upper = shapes.expand_dims(upper, -2)
    middle = shapes.expand_dims(middle, -2)
    lower = shapes.expand_dims(lower, -2)
    return tridiagonal_mat_mul_op(upper, middle, lower, rhs, name=name)  # type: ignore[no-any-return]
