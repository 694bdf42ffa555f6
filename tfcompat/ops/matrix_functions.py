"""Exponential, logarithm and square root of square matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, op
from tfcompat.framework.samples import Sample, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    comparison,
    constants,
    elementwise,
    exponents,
    matmul,
    permuting,
    reductions,
    schur,
    selecting,
    shapes,
    slicing,
    while_loop,
)
from tfcompat.ops.diagonals import eye
from tfcompat.ops.linalg_common import adjoint, check_square, square_unchanged, through_float, well_conditioned
from tfcompat.ops.solving import matrix_solve_op

# --- the ops ---------------------------------------------------------------------------------------------------


def _by_blocks(function: Callable[[], Op]) -> Callable[[Any, Any], Tensor]:
    """The rule of an analytic function f: f of [[a^H, dy], [0, a^H]] has the gradient in its upper right block."""

    def rule(node: Any, dy: Any) -> Tensor:
        flipped = adjoint(node.inputs[0])
        above = arrays.concat([flipped, dy], axis=-1)
        below = arrays.concat([shapes.zeros_like(flipped), flipped], axis=-1)
        whole = function()(arrays.concat([above, below], axis=-2))
        n = shapes.shape(dy)[-1]
        made = whole[..., :n, n:]
        made.set_shape(dy.shape)
        return made

    return rule


matrix_exponential_op = op("MatrixExponential")(square_unchanged)
matrix_exponential_op.gradient(_by_blocks(lambda: matrix_exponential_op))


@matrix_exponential_op.kernel
@through_float
def _matrix_exponential(input: torch.Tensor) -> torch.Tensor:
    check_square(input)
    return torch.linalg.matrix_exp(input)


matrix_logarithm_op = op("MatrixLogarithm")(square_unchanged)
matrix_logarithm_op.gradient(_by_blocks(lambda: matrix_logarithm_op))


@matrix_logarithm_op.kernel
def _matrix_logarithm(input: torch.Tensor) -> torch.Tensor:
    check_square(input)
    return schur.of_matrices(input, schur.triangular_logarithm)


matrix_square_root_op = op("MatrixSquareRoot")(square_unchanged)


@matrix_square_root_op.kernel
@through_float
def _matrix_square_root(input: torch.Tensor) -> torch.Tensor:
    check_square(input)
    return schur.of_matrices(input, schur.triangular_square_root)


def _all_but_two(dims: Tensor) -> Tensor:
    """The batch part of a shape vector."""
    count = [elementwise.subtract(shapes.size(dims), 2)]
    return slicing.slice(dims, [0], count)


def _kronecker(a: Tensor, b: Tensor) -> Tensor:
    """The Kronecker products of two batches of square matrices."""
    dims_a, dims_b = shapes.shape(a), shapes.shape(b)
    n, m = dims_a[-1], dims_b[-1]
    batch = _all_but_two(dims_a)
    spread_a = arrays.concat([batch, [n], [1], [n], [1]], 0)
    spread_b = arrays.concat([batch, [1], [m], [1], [m]], 0)
    a, b = shapes.reshape(a, spread_a), shapes.reshape(b, spread_b)
    size = n * m
    whole = arrays.concat([batch, [size], [size]], 0)
    return shapes.reshape(a * b, whole)


@matrix_square_root_op.gradient
def _matrix_square_root_grad(node: Any, dy: Any) -> Tensor:
    # From a = r r: da = r dr + dr r, one equation for the entries of dr.
    root = node.outputs[0]
    if root.dtype.is_complex:  # the equation is that of the adjoint; TF 1.15 forgets to conjugate
        root = casting.conj(root)
    dims = shapes.shape(root)
    n = dims[-1]
    count = reductions.reduce_prod(dims[0:-2])
    identity = shapes.reshape(eye(n, dtype=root.dtype), [-1])
    identities = shapes.reshape(arrays.tile(identity, [count]), dims)
    first = _kronecker(identities, permuting.matrix_transpose(root))
    second = _kronecker(root, identities)
    equations = elementwise.add(first, second)
    column = arrays.concat([_all_but_two(dims), [n * n], [1]], 0)
    right = shapes.reshape(permuting.matrix_transpose(dy), column)
    solution = matrix_solve_op(equations, right)
    return permuting.matrix_transpose(shapes.reshape(solution, dims))


@matrix_exponential_op.samples
@matrix_square_root_op.samples
def _samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3))
    yield sample(well_conditioned(2, 2, 2))
    yield sample(well_conditioned(2, 2, complex_numbers=True))


@matrix_logarithm_op.samples
def _logarithm_samples() -> Iterator[Sample]:
    yield sample(well_conditioned(3, 3, complex_numbers=True))
    yield sample(well_conditioned(2, 2, 2, complex_numbers=True))


@export("linalg.logm", v2=("linalg.logm",))
def logm(input: Any, name: str | None = None) -> Tensor:
    """The principal logarithms of square complex matrices."""
    return matrix_logarithm_op(input, name=name)  # type: ignore[no-any-return]


@export("linalg.sqrtm", "matrix_square_root", v2=("linalg.sqrtm",))
def matrix_square_root(input: Any, name: str | None = None) -> Tensor:
    """The principal square roots of square matrices."""
    return matrix_square_root_op(input, name=name)  # type: ignore[no-any-return]


# --- the exponential as a graph of its own ---------------------------------------------------------------------

# Numerators of the diagonal Pade approximants of exp, by degree.
_PADE = {
    3: [120.0, 60.0, 12.0],
    5: [30240.0, 15120.0, 3360.0, 420.0, 30.0],
    7: [17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0],
    9: [17643225600.0, 8821612800.0, 2075673600.0, 302702400.0, 30270240.0, 2162160.0, 110880.0, 3960.0, 90.0],
    13: [
        64764752532480000.0, 32382376266240000.0, 7771770303897600.0, 1187353796428800.0, 129060195264000.0,
        10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0, 182.0,
    ],
}  # fmt: skip
# The largest 1-norm at which each degree but the last is exact to rounding, and that of the last.
_SINGLE = ((3, 4.258730016922831e-1), (5, 1.880152677804762e0), (7, 3.925724783138660))
_DOUBLE = (
    (3, 1.495585217958292e-2),
    (5, 2.539398330063230e-1),
    (7, 9.504178996162932e-1),
    (9, 2.097847961257068e0),
    (13, 5.371920351148152),
)


def _pade(a: Tensor, degree: int) -> tuple[Tensor, Tensor]:
    """Odd and even part of the approximant's numerator: exp(a) is (v + u) / (v - u)."""
    b = [constants.constant(x, a.dtype) for x in _PADE[degree]]
    one = eye(shapes.shape(a)[-2], batch_shape=shapes.shape(a)[:-2], dtype=a.dtype)
    powers = [one, matmul.matmul(a, a)]
    while len(powers) <= min(degree, 9) // 2 - (degree == 13):
        powers.append(matmul.matmul(powers[-1], powers[1]))
    if degree == 13:
        _, a2, a4, a6 = powers
        odd = matmul.matmul(a6, a6 + b[11] * a4 + b[9] * a2) + b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * one
        u = matmul.matmul(a, odd)
        high = b[12] * a6 + b[10] * a4 + b[8] * a2
        return u, matmul.matmul(a6, high) + b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * one
    odd = powers[-1]
    for i in range(len(powers) - 2, -1, -1):
        odd = odd + b[2 * i + 1] * powers[i]
    u = matmul.matmul(a, odd)
    v = b[degree - 1] * powers[-1]
    for i in range(len(powers) - 2, -1, -1):
        v = v + b[2 * i] * powers[i]
    return u, v


def _by_size(sizes: Tensor, limits: list[float], cases: list[Tensor]) -> Tensor:
    """For each matrix the first case whose limit is above its size, else the last."""
    small = comparison.less(sizes, constants.constant(limits[0], sizes.dtype))
    # As TF's nested calls do, the innermost choice is made after the comparisons before it.
    rest = cases[1] if len(limits) == 1 else _by_size(sizes, limits[1:], cases[1:])
    return selecting.where(small, cases[0], rest)


@export("linalg.expm", v2=("linalg.expm",))
def matrix_exponential(input: Any, name: str | None = None) -> Tensor:
    """The exponentials of square matrices, by scaling, a Pade approximant and squaring.

    Shapes: [..., m, m] -> [..., m, m].
    Raises: ValueError for a type that is neither floating nor complex.
    Source: Higham, The scaling and squaring method for the matrix exponential revisited (2005).
    """
    with name_scope(name, "matrix_exponential", [input]):
        a = conversion.to_tensor(input, name="input")
        if a.shape[-2:] == [0, 0]:
            return a
        batch: Any = a.shape[:-2]
        if not batch.is_fully_defined():
            batch = shapes.shape(a)[:-2]
        a = shapes.reshape(a, arrays.concat(([-1], shapes.shape(a)[-2:]), axis=0))
        columns = reductions.reduce_sum(elementwise.abs(a), axis=shapes.size(shapes.shape(a)) - 2)
        sizes = reductions.reduce_max(columns, axis=-1)
        if a.dtype in (dtypes.float16, dtypes.float32, dtypes.complex64):
            steps = _SINGLE
        elif a.dtype in (dtypes.float64, dtypes.complex128):
            steps = _DOUBLE
        else:
            raise ValueError(f"tf.linalg.expm does not support matrices of type {a.dtype}")
        limit = constants.constant(steps[-1][1], sizes.dtype)
        ratio = exponents.log(sizes / limit) / exponents.log(constants.constant(2.0, sizes.dtype))
        squarings = elementwise.maximum(elementwise.floor(ratio), 0)
        parts = [_pade(a, degree) for degree, _ in steps[:-1]]
        scale = elementwise.pow(constants.constant(2.0, dtype=a.dtype), casting.cast(squarings, a.dtype))
        parts.append(_pade(a / scale[..., None, None], steps[-1][0]))
        limits = [size for _, size in steps[:-1]]
        u = _by_size(sizes, limits, [p[0] for p in parts])
        v = _by_size(sizes, limits, [p[1] for p in parts])
        numerator = u + v
        out = matrix_solve_op(-u + v, numerator)
        most = reductions.reduce_max(squarings)

        def body(i: Tensor, r: Tensor) -> tuple[Tensor, Tensor]:
            return i + 1, selecting.where(comparison.less(i, squarings), matmul.matmul(r, r), r)

        first = constants.constant(0.0, sizes.dtype)
        _, out = while_loop.while_loop(lambda i, r: comparison.less(i, most), body, [first, out])
        if not a.shape.is_fully_defined():
            return shapes.reshape(out, arrays.concat((batch, shapes.shape(out)[-2:]), axis=0))
        return shapes.reshape(out, batch.concatenate(out.shape[-2:]))
