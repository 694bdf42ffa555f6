"""The Schur form of small matrices, and square roots and logarithms by it. On the host, in complex numbers.

A matrix is u t u^H with unitary u and upper triangular t; functions of triangular matrices have recurrences. Defective
and singular matrices are no special case, as they would be with eigenvectors.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

MatrixFunction = Callable[[np.ndarray], np.ndarray]


def schur(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, t) with a = u t u^H, by QR steps with Wilkinson's shift on a Hessenberg matrix.

    Raises: np.linalg.LinAlgError when the steps do not converge.
    """
    t = np.array(a, np.complex128)
    n = t.shape[0]
    u = np.eye(n, dtype=np.complex128)
    _to_hessenberg(t, u)
    end, rounds = n - 1, 0
    while end > 0:
        start = end
        while start > 0 and not _negligible(t, start):
            start -= 1
        if start == end:
            end, rounds = end - 1, 0
            continue
        rounds += 1
        if rounds > 30 + 10 * n:
            raise np.linalg.LinAlgError("the Schur form did not converge")
        # A shift away from the pattern now and then ends the rare cycles.
        shift = _wilkinson(t[end - 1 : end + 1, end - 1 : end + 1])
        if rounds % 10 == 0:
            shift = abs(t[end, end - 1]) + abs(t[end - 1, end - 2] if end > 1 else 0)
        _qr_step(t, u, start, end, shift)
    return u, np.triu(t)


def _negligible(t: np.ndarray, k: int) -> bool:
    size = abs(t[k - 1, k - 1]) + abs(t[k, k])
    if abs(t[k, k - 1]) <= np.finfo(np.float64).eps * (size if size else np.abs(t).max(initial=0.0)):
        t[k, k - 1] = 0
        return True
    return False


def _to_hessenberg(t: np.ndarray, u: np.ndarray) -> None:
    for k in range(t.shape[0] - 2):
        x = t[k + 1 :, k].copy()
        norm = np.linalg.norm(x)
        if norm == 0:
            continue
        x[0] += norm * (x[0] / abs(x[0]) if x[0] else 1)
        x /= np.linalg.norm(x)
        t[k + 1 :, :] -= 2 * np.outer(x, x.conj() @ t[k + 1 :, :])
        t[:, k + 1 :] -= 2 * np.outer(t[:, k + 1 :] @ x, x.conj())
        u[:, k + 1 :] -= 2 * np.outer(u[:, k + 1 :] @ x, x.conj())
        t[k + 2 :, k] = 0


def _wilkinson(block: np.ndarray) -> complex:
    """The eigenvalue of a 2 x 2 block that is nearer to its last entry."""
    (a, b), (c, d) = block
    half = (a - d) / 2
    root = np.sqrt(half * half + b * c)
    far = half + root if abs(half + root) > abs(half - root) else half - root
    return d - b * c / far if far else d  # type: ignore[no-any-return]


def _qr_step(t: np.ndarray, u: np.ndarray, start: int, end: int, shift: complex) -> None:
    """One step on rows start..end, chasing a bulge with rotations."""
    x, y = t[start, start] - shift, t[start + 1, start]
    for k in range(start, end):
        if k > start:
            x, y = t[k, k - 1], t[k + 1, k - 1]
        size = np.hypot(abs(x), abs(y))
        if size == 0:
            continue
        c, s = x / size, y / size
        rotation = np.array([[c.conj(), s.conj()], [-s, c]])
        left = max(k - 1, 0)
        t[k : k + 2, left:] = rotation @ t[k : k + 2, left:]
        below = min(k + 3, t.shape[0])
        t[:below, k : k + 2] = t[:below, k : k + 2] @ rotation.conj().T
        u[:, k : k + 2] = u[:, k : k + 2] @ rotation.conj().T
        if k > start:
            t[k + 1, k - 1] = 0


def triangular_square_root(t: np.ndarray) -> np.ndarray:
    """r with r r = t for an upper triangular t, column by column."""
    n = t.shape[0]
    r = np.zeros_like(t)
    for j in range(n):
        r[j, j] = np.sqrt(t[j, j])
        for i in range(j - 1, -1, -1):
            rest = t[i, j] - r[i, i + 1 : j] @ r[i + 1 : j, j]
            sum_ = r[i, i] + r[j, j]
            r[i, j] = rest / sum_ if sum_ or rest else 0
    return r


def triangular_logarithm(t: np.ndarray) -> np.ndarray:
    """The logarithm of an upper triangular t: of a root near the identity by a quadrature, doubled back.

    Source: Higham, Functions of Matrices, chapter 11 (inverse scaling and squaring).
    """
    n = t.shape[0]
    root, doublings = t, 0
    identity = np.eye(n)
    while doublings < 100 and np.linalg.norm(root - identity, 1) > 0.1:
        root = triangular_square_root(root)
        doublings += 1
    x = root - identity
    # Gauss-Legendre nodes of log(1 + x) = integral of x / (1 + s x): the diagonal Pade approximant.
    nodes, weights = np.polynomial.legendre.leggauss(10)
    out = np.zeros_like(t)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        out += weight * np.linalg.solve(identity + node * x, x)
    out = np.triu(out) * 2.0**doublings
    np.fill_diagonal(out, np.log(np.diag(t)))  # exact, and on the principal branch
    return out


def of_matrices(x: torch.Tensor, of_triangle: MatrixFunction) -> torch.Tensor:
    """`of_triangle` applied through the Schur form to each matrix of a batch.

    Real matrices give real results; where an eigenvalue is a negative number and the result would not be real, NaN.
    """
    matrices = x.detach().cpu().resolve_conj().numpy()
    n = matrices.shape[-1]
    out = np.empty(matrices.shape, np.complex128)
    if not out.size:
        return x.clone()
    flat, made = matrices.reshape(-1, n, n), out.reshape(-1, n, n)
    with np.errstate(all="ignore"):
        for i, a in enumerate(flat):
            made[i] = _of_matrix(a, of_triangle)
    if x.is_complex():
        return torch.from_numpy(out).to(device=x.device, dtype=x.dtype)
    # Rounding leaves a small imaginary part; a real one means that there is no real result.
    size = np.abs(made).max(axis=(-2, -1), keepdims=True, initial=0.0)
    no_real = np.abs(made.imag).max(axis=(-2, -1), keepdims=True, initial=0.0) > 1e-6 * size
    real = np.where(no_real, np.nan, made.real).reshape(matrices.shape)
    return torch.from_numpy(real).to(device=x.device, dtype=x.dtype)


def _of_matrix(a: np.ndarray, of_triangle: MatrixFunction) -> np.ndarray:
    if not np.isfinite(a).all():
        return np.full(a.shape, np.nan, np.complex128)
    u, t = schur(a)
    return u @ of_triangle(t) @ u.conj().T
