"""Exponential, logarithm and square root of square matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from tfcompat.framework.export import export
from tfcompat.framework.op import Op, op
from tfcompat.framework.samples import Sample, sample
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    elementwise,
    permuting,
    reductions,
    schur,
    shapes,
    slicing,
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
