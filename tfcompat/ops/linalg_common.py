"""What the ops on batches of matrices share: shape rules, TF's checks of their inputs, half precision, old names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, Spec, drawn
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge, merge_dim, unknown
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import permuting

Kernel = Callable[..., Any]


# --- shape rules -----------------------------------------------------------------------------------------------


def square(dims: Shape) -> Shape:
    """The shape of a batch of square matrices. Raises ShapeError when the last two dimensions differ."""
    dims = at_least_rank(dims, 2)
    if dims is None:
        return None
    n = merge_dim(dims[-2], dims[-1])
    return (*dims[:-2], n, n)


def square_unchanged(c: ShapeContext) -> Shape:
    """One batch of square matrices in, the same shape out."""
    return square(c.shape(0))


def matrix(dims: Shape) -> tuple[Any, Any, Any]:
    """(batch dimensions, rows, columns) of a batch of matrices; the batch is None when the rank is not known."""
    dims = at_least_rank(dims, 2)
    return (None, None, None) if dims is None else (dims[:-2], dims[-2], dims[-1])


def joined(batch: Any, *inner: int | None) -> Shape:
    """The batch dimensions followed by the inner ones; unknown when the batch is."""
    return None if batch is None else (*batch, *inner)


def smaller(m: int | None, n: int | None) -> int | None:
    """The smaller of two dimensions, as far as they are known."""
    if m == 0 or n == 0:
        return 0
    return None if m is None or n is None else min(m, n)


def solved(c: ShapeContext, is_square: bool) -> Shape:
    """[..., m, n] and [..., m, k] -> [..., n, k]."""
    left = square(c.shape(0)) if is_square else at_least_rank(c.shape(0), 2)
    batch, m, n = matrix(left)
    batch2, m2, k = matrix(c.shape(1))
    batch = merge(batch, batch2)
    m = merge_dim(m, m2)
    if is_square:
        n = merge_dim(m, n)
    return joined(batch, n, k)


# --- kernels ---------------------------------------------------------------------------------------------------

_WIDER = {torch.float16: torch.float32, torch.bfloat16: torch.float32}


def through_float(fn: Kernel) -> Kernel:
    """`fn` with half precision computed in float32: LAPACK has no half."""

    @functools.wraps(fn)
    def kernel(*xs: torch.Tensor, **attrs: Any) -> Any:
        narrow = xs[0].dtype
        wide = _WIDER.get(narrow)
        if wide is None:
            return fn(*xs, **attrs)
        made = fn(*[x.to(wide) if x.dtype is narrow else x for x in xs], **attrs)
        if isinstance(made, torch.Tensor):
            return made.to(narrow)
        return type(made)(m.to(narrow) if m.dtype is wide else m for m in made)

    return kernel


def refuse(message: str) -> InvalidArgumentError:
    """TF's error for an input that an op cannot work on."""
    return InvalidArgumentError(None, None, message)


def check_matrices(*xs: torch.Tensor) -> None:
    """All are batches of matrices with the same outer dimensions. Raises InvalidArgumentError."""
    rank = xs[0].dim()
    if rank < 2:
        raise refuse(f"Input tensor 0 must have rank >= 2, got {rank}")
    for x in xs[1:]:
        if x.dim() != rank:
            raise refuse("All input tensors must have the same rank.")
        if x.shape[:-2] != xs[0].shape[:-2]:
            raise refuse("All input tensors must have the same outer dimensions.")


def check_square(x: torch.Tensor) -> None:
    """x is a batch of square matrices. Raises InvalidArgumentError."""
    check_matrices(x)
    if x.shape[-1] != x.shape[-2]:
        raise refuse("Input matrix must be square.")


def check_square_solver(a: torch.Tensor, b: torch.Tensor) -> None:
    """a is square and b has as many rows. Raises InvalidArgumentError."""
    check_matrices(a, b)
    if a.shape[-1] != a.shape[-2]:
        raise refuse("First input (lhs) must be a square matrix.")
    if a.shape[-2] != b.shape[-2]:
        raise refuse("Input matrix and rhs are incompatible.")


def adjoint_of(x: torch.Tensor) -> torch.Tensor:
    """The transpose, conjugated where the numbers are complex."""
    return x.mH if x.is_complex() else x.mT


def batch_alias(made: Op, op_type: str, **options: Any) -> Op:
    """Declares an old `Batch...` op type that computes what `made` computes; TF knows no shapes of those."""
    rule: Any = unknown if len(made.definition.outputs) == 1 else lambda c: [None] * len(made.definition.outputs)
    old = op(op_type, **options)(rule)
    assert made.kernel_fn is not None
    old.kernel(made.kernel_fn)
    old.gradient(made.gradient_fn if made.gradient_fn is not None else NOT_DIFFERENTIABLE)
    if made.samples_fn is not None:
        old.samples(functools.partial(_real_samples, made.samples_fn))
    return old


def _real_samples(samples: Callable[[], Iterator[Sample]]) -> Iterator[Sample]:
    # The old ops know no complex numbers.
    rng = np.random.RandomState(0)
    for s in samples():
        if not any(isinstance(x, Spec) and np.iscomplexobj(x.draw(rng)) for x in s.inputs):
            yield s


# --- sample inputs ---------------------------------------------------------------------------------------------


def well_conditioned(*dims: int, complex_numbers: bool = False) -> Spec:
    """Matrices far from singular: random ones with the identity added."""

    def draw(rng: np.random.RandomState) -> np.ndarray:
        x = rng.uniform(-0.4, 0.4, dims)
        if complex_numbers:
            x = x + 1j * rng.uniform(-0.4, 0.4, dims)
        return x + np.eye(dims[-2], dims[-1])

    return drawn(draw)


def with_distinct_spectrum(*dims: int, complex_numbers: bool = False) -> Spec:
    """Matrices whose singular values (and eigenvalues) are apart: a diagonal 1, 2, ... and something small."""

    def draw(rng: np.random.RandomState) -> np.ndarray:
        x = rng.uniform(-0.3, 0.3, dims)
        if complex_numbers:
            x = x + 1j * rng.uniform(-0.3, 0.3, dims)
        return x + np.diag(np.arange(1.0, max(dims[-2:]) + 1))[: dims[-2], : dims[-1]]

    return drawn(draw)


# --- the adjoint -----------------------------------------------------------------------------------------------


@export("linalg.adjoint", v2=("linalg.adjoint",))
def adjoint(matrix: Any, name: str | None = None) -> Tensor:
    """The last two axes swapped, complex numbers conjugated."""
    from tfcompat.framework.conversion import to_tensor

    with name_scope(name, "adjoint", [matrix]):
        return permuting.matrix_transpose(to_tensor(matrix, name="matrix"), conjugate=True)

