"""Singular values and the eigenvalues of self-adjoint matrices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, sample
from tfcompat.framework.stacks import get_default_graph
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, exponents, matmul, permuting, shapes
from tfcompat.ops.diagonals import eye, matrix_band_part, matrix_diag, matrix_diag_part, matrix_set_diag
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
    through_float,
    with_distinct_spectrum,
)

# --- self-adjoint eigenvalues ----------------------------------------------------------------------------------


@op("SelfAdjointEigV2")
def self_adjoint_eig_v2_op(c: ShapeContext) -> list[Shape]:
    dims = square(c.shape(0))
    return [None if dims is None else dims[:-1], dims if c.attrs["compute_v"] else (0,)]


@self_adjoint_eig_v2_op.kernel
@through_float
def _self_adjoint_eig_v2(input: torch.Tensor, *, compute_v: bool) -> tuple[torch.Tensor, torch.Tensor]:
    check_square(input)
    try:
        if not compute_v:
            return torch.linalg.eigvalsh(input, UPLO="L").to(input.dtype), input.new_zeros(0)
        values, vectors = torch.linalg.eigh(input, UPLO="L")
    except torch.linalg.LinAlgError as cause:
        raise refuse(
            "Self-adjoint eigen decomposition was not successful. The input might not be valid."
        ) from cause
    return values.to(input.dtype), vectors


@self_adjoint_eig_v2_op.gradient
def _self_adjoint_eig_v2_grad(node: Any, de: Any, dv: Any) -> Tensor:
    e = node.outputs[0]
    with get_default_graph().control_dependencies([de, dv]):
        if node._attrs["compute_v"]:
            return _of_lower_triangle(_eigen_gradient(e, node.outputs[1], de, dv))
        _, v = self_adjoint_eig(node.inputs[0])
        da = matmul.matmul(v, matmul.matmul(matrix_diag(de), v, adjoint_b=True))
        return _of_lower_triangle(da)


def _eigen_gradient(e: Tensor, v: Tensor, de: Any, dv: Any) -> Tensor:
    """Infinite where eigenvalues coincide: their eigenvectors are not determined."""
    gaps = shapes.expand_dims(e, -2) - shapes.expand_dims(e, -1)
    f = matrix_set_diag(exponents.reciprocal(gaps), shapes.zeros_like(e))
    inner = matrix_diag(de) + f * matmul.matmul(v, dv, adjoint_a=True)
    return matmul.matmul(v, matmul.matmul(inner, v, adjoint_b=True))


def _of_lower_triangle(da: Tensor) -> Tensor:
    """The gradient of a symmetric matrix as one of its lower triangle, which is all that the op reads."""
    da = matrix_band_part(da + adjoint(da), -1, 0)
    return matrix_set_diag(da, 0.5 * matrix_diag_part(da))


@self_adjoint_eig_v2_op.samples
def _self_adjoint_eig_v2_samples() -> Iterator[Sample]:
    yield sample(with_distinct_spectrum(3, 3))
    yield sample(with_distinct_spectrum(2, 3, 3), compute_v=False)
    yield sample(with_distinct_spectrum(3, 3, complex_numbers=True), compute_v=False)


batch_alias(self_adjoint_eig_v2_op, "BatchSelfAdjointEigV2")


@op("SelfAdjointEig")
def self_adjoint_eig_op(c: ShapeContext) -> Shape:
    dims = square(c.shape(0))
    if dims is None:
        return None
    return (*dims[:-2], None if dims[-1] is None else dims[-1] + 1, dims[-1])


@self_adjoint_eig_op.kernel
@through_float
def _self_adjoint_eig(input: torch.Tensor) -> torch.Tensor:
    values, vectors = _self_adjoint_eig_v2(input, compute_v=True)
    return torch.cat([values.unsqueeze(-2), vectors], dim=-2)


@self_adjoint_eig_op.gradient
def _self_adjoint_eig_grad(node: Any, dy: Any) -> Tensor:
    y = node.outputs[0]
    return _of_lower_triangle(_eigen_gradient(y[..., 0, :], y[..., 1:, :], dy[..., 0, :], dy[..., 1:, :]))


@self_adjoint_eig_op.samples
def _self_adjoint_eig_samples() -> Iterator[Sample]:
    yield sample(with_distinct_spectrum(3, 3))


batch_alias(self_adjoint_eig_op, "BatchSelfAdjointEig")


@export("linalg.eigh", "self_adjoint_eig", v2=("linalg.eigh",))
def self_adjoint_eig(tensor: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Eigenvalues, the smallest first, and eigenvectors (columns) of self-adjoint matrices.

    Only the lower triangle is read.
    Shapes: [..., n, n] -> [..., n], [..., n, n].
    """
    e, v = self_adjoint_eig_v2_op(tensor, compute_v=True, name=name)
    return e, v


@export("linalg.eigvalsh", "self_adjoint_eigvals", v2=("linalg.eigvalsh",))
def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Tensor:
    """Eigenvalues of self-adjoint matrices, the smallest first.

    Shapes: [..., n, n] -> [..., n].
    """
    return self_adjoint_eig_v2_op(tensor, compute_v=False, name=name)[0]  # type: ignore[no-any-return]


# --- singular values -------------------------------------------------------------------------------------------


@op("Svd")
def svd_op(c: ShapeContext) -> list[Shape]:
    batch, m, n = matrix(c.shape(0))
    p = smaller(m, n)
    if not c.attrs["compute_uv"]:
        return [joined(batch, p), (0,), (0,)]
    if c.attrs["full_matrices"]:
        return [joined(batch, p), joined(batch, m, m), joined(batch, n, n)]
    return [joined(batch, p), joined(batch, m, p), joined(batch, n, p)]


@svd_op.kernel
@through_float
def _svd(
    input: torch.Tensor, *, compute_uv: bool, full_matrices: bool
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    check_matrices(input)
    if not compute_uv:
        nothing = input.new_zeros(0)
        return torch.linalg.svdvals(input).to(input.dtype), nothing, nothing.clone()
    u, s, v = torch.linalg.svd(input, full_matrices=full_matrices)
    return s.to(input.dtype), u, v.mH.resolve_conj()


@svd_op.gradient
def _svd_grad(node: Any, ds: Any, du: Any, dv: Any) -> Tensor:
    a = node.inputs[0]
    ds_matrix = matrix_diag(ds)
    if not node._attrs["compute_uv"]:
        _, u, v = svd(a, compute_uv=True)
        da = matmul.matmul(u, matmul.matmul(ds_matrix, v, adjoint_b=True))
        da.set_shape(a._dims)
        return da
    if a.dtype.is_complex:
        raise NotImplementedError("SVD gradient is not implemented for complex types and compute_uv=True.")
    full = node._attrs["full_matrices"]
    static = _known_shape(a, du, dv)
    m, n = static[-2:]
    if m is None or n is None:
        raise NotImplementedError("SVD gradient has not been implemented for input with unknown inner matrix shape.")
    s, u, v = node.outputs
    tall = m > n
    if tall:  # the gradient of the transpose: a^T = v s u^T
        m, n, u, v, du, dv = n, m, v, u, dv, du
    with get_default_graph().control_dependencies([ds, du, dv]):
        if full and abs(m - n) > 1:
            raise NotImplementedError(
                "svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True"
            )
        da = _wide_svd_gradient(s, u, v, ds_matrix, du, dv, m, n, full)
        if tall:
            da = permuting.matrix_transpose(da)
        da.set_shape(static)
        return da


def _known_shape(a: Tensor, du: Tensor, dv: Tensor) -> list[Any]:
    dims = a.shape.with_rank_at_least(2)
    of_u, of_v = du.shape.with_rank_at_least(2), dv.shape.with_rank_at_least(2)
    m = dims.dims[-2].merge_with(of_u[-2])
    n = dims.dims[-1].merge_with(of_v[-2])
    batch = dims[:-2].merge_with(of_u[:-2]).merge_with(of_v[:-2])
    return batch.concatenate([m, n]).as_list()  # type: ignore[no-any-return]


def _wide_svd_gradient(
    s: Tensor, u: Tensor, v: Tensor, ds: Tensor, du: Tensor, dv: Tensor, m: int, n: int, full: bool
) -> Tensor:
    """For m <= n. Infinite where singular values coincide: their vectors are not determined."""
    s_matrix = matrix_diag(s)
    squares = exponents.square(s)
    dims = shapes.shape(s)
    # Ones on the diagonal: 1 / 0 there would spoil second derivatives, although it is overwritten.
    ones = eye(dims[-1], batch_shape=dims[:-1], dtype=s.dtype)
    gaps = shapes.expand_dims(squares, -2) - shapes.expand_dims(squares, -1) + ones
    f = matrix_set_diag(exponents.reciprocal(gaps), shapes.zeros_like(s))
    inverse = matrix_diag(exponents.reciprocal(s))
    v1, dv1 = v[..., :, :m], dv[..., :, :m]
    by_u = matmul.matmul(u, du, adjoint_a=True)
    by_v = matmul.matmul(v1, dv1, adjoint_a=True)
    f_u = f * by_u
    f_v = f * by_v
    core = (
        ds
        + matmul.matmul(f_u + adjoint(f_u), s_matrix)
        + matmul.matmul(s_matrix, f_v + adjoint(f_v))
    )
    inside = matmul.matmul(u, matmul.matmul(core, v1, adjoint_b=True))
    if m == n:
        return inside
    # What moves the row space itself.
    flipped = permuting.matrix_transpose(dv1)
    outside = flipped - matmul.matmul(matmul.matmul(flipped, v1), v1, adjoint_b=True)
    if full:
        v2, dv2 = v[..., :, m:n], dv[..., :, m:n]
        outside -= matmul.matmul(matmul.matmul(v1, dv2, adjoint_a=True), v2, adjoint_b=True)
    return inside + matmul.matmul(matmul.matmul(u, inverse), outside)


@svd_op.samples
def _svd_samples() -> Iterator[Sample]:
    yield sample(with_distinct_spectrum(3, 3))
    yield sample(with_distinct_spectrum(2, 3, 4))
    yield sample(with_distinct_spectrum(4, 2))
    yield sample(with_distinct_spectrum(3, 3), full_matrices=True)
    yield sample(with_distinct_spectrum(3, 4), full_matrices=True)
    yield sample(with_distinct_spectrum(2, 3, 4), compute_uv=False)


batch_alias(svd_op, "BatchSvd")


@export("linalg.svd", "svd", v2=("linalg.svd",))
def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Singular values, the largest first, and singular vectors: `tensor = u diag(s) v^H`.

    Shapes: [..., m, n] -> s [..., p], u [..., m, p], v [..., n, p], p = min(m, n); with full_matrices u and v are
    square. Without compute_uv only s is returned.
    """
    s, u, v = svd_op(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    return (casting.real_part(s), u, v) if compute_uv else casting.real_part(s)
