"""Diagonals: matrices made of them, taken of matrices, set in matrices; bands; the identity matrix."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, at_most_rank, merge, merge_dim, text, unchanged, with_rank
from tfcompat.framework.stacks import get_default_graph
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, shapes, slicing
from tfcompat.ops.movement import moves

# --- tensors whose diagonal is a tensor ----------------------------------------------------------------------------


@op("Diag")
def diag_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 1)
    return None if dims is None else dims + dims


@diag_op.kernel
def _diag(diagonal: torch.Tensor) -> torch.Tensor:
    if diagonal.dim() < 1:
        raise InvalidArgumentError(None, None, "Input must be at least rank 1, got 0")
    return torch.diag(diagonal.reshape(-1)).reshape(*diagonal.shape, *diagonal.shape)


@op("DiagPart", alias=True)
def diag_part_op(c: ShapeContext) -> Shape:
    dims = c.shape(0)
    if dims is None:
        return None
    n = len(dims)
    if n % 2 or not n:
        raise ShapeError(f"Input must have even and non-zero rank, input rank is {n}")
    return tuple(merge_dim(dims[i], dims[i + n // 2]) for i in range(n // 2))


@diag_part_op.kernel
def _diag_part(input: torch.Tensor) -> torch.Tensor:
    n = input.dim()
    if n % 2 or not n:
        raise InvalidArgumentError(
            None,
            None,
            # TF's message has this gap.
            f"The rank of the tensor should be {' ' * 41}even and positive, got shape {text(tuple(input.shape))}",
        )
    half = input.shape[: n // 2]
    if half != input.shape[n // 2 :]:
        i = next(i for i in range(n // 2) if input.shape[i] != input.shape[i + n // 2])
        raise InvalidArgumentError(
            None,
            None,
            f"Invalid shape {text(tuple(input.shape))}: dimensions {i} and {i + n // 2} do not match.",
        )
    size = math.prod(half)
    return input.reshape(size, size).diagonal().reshape(half)


@diag_op.gradient
def _diag_grad(node: Any, dy: Any) -> Tensor:
    return diag_part_op(dy)


@diag_part_op.gradient
def _diag_part_grad(node: Any, dy: Any) -> Tensor:
    return diag_op(dy)


@diag_op.samples
def _diag_samples() -> Iterator[Sample]:
    yield sample(real(3))
    yield sample(real(2, 3))


@diag_part_op.samples
def _diag_part_samples() -> Iterator[Sample]:
    yield sample(real(3, 3))
    yield sample(real(2, 3, 2, 3))


@export("diag", "linalg.tensor_diag")
def diag(diagonal: Any, name: str | None = None) -> Tensor:
    """The tensor of twice the rank whose diagonal is `diagonal`, zero elsewhere."""
    return diag_op(diagonal, name=name)


@export("diag_part", "linalg.tensor_diag_part")
def diag_part(input: Any, name: str | None = None) -> Tensor:
    """The elements `input[i, ..., k, i, ..., k]`."""
    return diag_part_op(input, name=name)


# --- batches of matrices, main diagonal ----------------------------------------------------------------------------


def _smaller(a: int | None, b: int | None) -> int | None:
    if a == 0 or b == 0:
        return 0
    return None if a is None or b is None else min(a, b)


@op("MatrixDiag")
def matrix_diag_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 1)
    return None if dims is None else (*dims, dims[-1])


@matrix_diag_op.kernel
def _matrix_diag(diagonal: torch.Tensor) -> torch.Tensor:
    if diagonal.dim() < 1:
        raise InvalidArgumentError(
            None, None, f"diagonal must be at least 1-dim, received shape: {text(tuple(diagonal.shape))}"
        )
    return torch.diag_embed(diagonal)


@op("MatrixDiagPart", alias=True)
def matrix_diag_part_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 2)
    return None if dims is None else (*dims[:-2], _smaller(dims[-2], dims[-1]))


def _need_matrix(x: torch.Tensor) -> None:
    if x.dim() < 2:
        raise InvalidArgumentError(None, None, f"input must be at least 2-dim, received shape: {text(tuple(x.shape))}")


@matrix_diag_part_op.kernel
def _matrix_diag_part(input: torch.Tensor) -> torch.Tensor:
    _need_matrix(input)
    return input.diagonal(dim1=-2, dim2=-1)


def _mismatch(input: torch.Tensor, diagonal: torch.Tensor, wanted: tuple[int, ...]) -> str:
    return (
        "Either first dimensions of diagonal don't match input.shape[:-2], or diagonal.shape[:-1] is not equal to the "
        "longests diagonal in range [lower_diag_index:upper_diag_index].\n"
        f"Input shape: {text(tuple(input.shape))}\nDiagonal shape: {text(tuple(diagonal.shape))}\n"
        f"Expected diagonal shape: {text(wanted)}"
    )


@op("MatrixSetDiag")
def matrix_set_diag_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 2)
    diagonal = at_least_rank(c.shape(1), 1)
    if dims is not None:
        diagonal = with_rank(c.shape(1), len(dims) - 1)
    if dims is not None and diagonal is not None:
        merge_dim(_smaller(dims[-2], dims[-1]), diagonal[-1])
    if diagonal is None or (dims is not None and None not in dims):
        return dims
    return merge(dims, (*diagonal[:-1], None, None))


@matrix_set_diag_op.kernel
def _matrix_set_diag(input: torch.Tensor, diagonal: torch.Tensor) -> torch.Tensor:
    _need_matrix(input)
    if not diagonal.dim():
        raise InvalidArgumentError(None, None, "diagonal must be at least 1-dim, received shape: []")
    out = input.clone(memory_format=torch.contiguous_format)
    part = out.diagonal(dim1=-2, dim2=-1)
    if part.shape != diagonal.shape:
        raise InvalidArgumentError(
            None,
            None,
            _mismatch(input, diagonal, tuple(part.shape)),
        )
    part.copy_(diagonal)
    return out


for _made in (matrix_diag_op, matrix_diag_part_op):
    moves(_made, 0)
moves(matrix_set_diag_op, 0, 1)


@matrix_diag_op.gradient
def _matrix_diag_grad(node: Any, dy: Any) -> Tensor:
    return matrix_diag_part(dy)


@matrix_diag_part_op.gradient
def _matrix_diag_part_grad(node: Any, dy: Any) -> Tensor:
    dims = node.inputs[0]._dims
    if dims is not None and None not in dims[-2:] and dims[-2] == dims[-1]:
        return matrix_diag(dy)
    return matrix_set_diag(shapes.zeros_like(node.inputs[0]), dy)


@matrix_set_diag_op.gradient
def _matrix_set_diag_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor]:
    known = node.inputs[0].shape.merge_with(dy.shape)
    batch = known[:-2].merge_with(node.inputs[1].shape[:-1])
    matrix = known[-2:]
    if batch.is_fully_defined() and matrix.is_fully_defined():
        diagonal: Any = [*batch.as_list(), min(matrix.as_list())]
    else:
        from tfcompat.ops import reductions

        with get_default_graph().colocate_with(dy.op):
            dims, rank = shapes.shape(dy), shapes.rank(dy)
            front = slicing.slice(dims, [0], [rank - 2])
            smaller = reductions.reduce_min(slicing.slice(dims, [rank - 2], [2]))
            diagonal = arrays.concat([front, [smaller]], 0)
    return matrix_set_diag(dy, shapes.zeros(diagonal, dtype=dy.dtype)), matrix_diag_part(dy)


@matrix_diag_op.samples
def _matrix_diag_samples() -> Iterator[Sample]:
    yield sample(real(2, 3))
    yield sample(real(3))


@matrix_diag_part_op.samples
def _matrix_diag_part_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 3))
    yield sample(real(2, 3))


@matrix_set_diag_op.samples
def _matrix_set_diag_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 3), real(2, 3))
    yield sample(real(3, 2), real(2))


# --- batches of matrices, any diagonals ----------------------------------------------------------------------------


def _diagonal_range(k: Any) -> tuple[int, int]:
    """The lowest and the highest diagonal that `k` (a number, or one or two of them) names."""
    ks = np.ravel(k).tolist()
    if len(ks) not in (1, 2):
        raise ShapeError(
            f"diag_index must be a vector with one or two elements. It has {len(ks)} elements."
        )
    if ks[0] > ks[-1]:
        raise ShapeError("lower_diag_index is greater than upper_diag_index")
    return ks[0], ks[-1]


def _matrix_size(longest: int, low: int, high: int, rows: int, cols: int) -> tuple[int, int]:
    """Rows and columns of the matrix that holds these diagonals; -1 asks for the smallest that fits."""
    least_rows, least_cols = longest - min(high, 0), longest + max(low, 0)
    if rows == -1 and cols == -1:
        rows = cols = max(least_rows, least_cols)
    if rows == -1:
        rows = least_rows
    elif rows < least_rows:
        raise ShapeError("num_rows is too small")
    if cols == -1:
        cols = least_cols
    elif cols < least_cols:
        raise ShapeError("num_cols is too small.")
    if rows != least_rows and cols != least_cols:
        raise ShapeError(
            "num_rows and num_cols are not consistent with lower_diag_index, upper_diag_index, and the length of the "
            f"given diagonals.\nnum_rows = {rows} != min_num_rows = {least_rows}, num_cols = {cols} != min_num_cols = "
            f"{least_cols}"
        )
    return rows, cols


@op("MatrixDiagV2", host=("k", "num_rows", "num_cols"))
def matrix_diag_v2_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 1)
    at_most_rank(c.shape(1), 1)
    for i in (2, 3, 4):
        with_rank(c.shape(i), 0)
    k = c.value(1)
    if dims is None or k is None:
        return None
    low, high = _diagonal_range(k)
    if low < high and (len(dims) < 2 or (dims[-2] is not None and dims[-2] != high - low + 1)):
        raise ShapeError(
            "The number of rows of `diagonal` doesn't match the number of diagonals implied from `d_lower` and "
            f"`d_upper`.\nnum_diags = {dims[-2] if len(dims) > 1 else -1}, d_lower = {low}, d_upper = {high} "
            f"{len(dims)} {dims[-1]}"
        )
    batch = dims[:-1] if low == high else dims[:-2]
    rows, cols = c.value(2), c.value(3)
    if dims[-1] is None or rows is None or cols is None:
        return (*batch, None, None)
    return (*batch, *_matrix_size(dims[-1], low, high, int(rows), int(cols)))


def _checked(rule: Callable[[], Any]) -> Any:
    try:
        return rule()
    except ShapeError as cause:
        raise InvalidArgumentError(None, None, str(cause)) from None


def _lengths(rows: int, cols: int, low: int, high: int) -> list[tuple[int, int]]:
    """(diagonal, its length), from the highest to the lowest: the order in which they are packed."""
    return [(d, min(rows + min(d, 0), cols - max(d, 0))) for d in range(high, low - 1, -1)]


@matrix_diag_v2_op.kernel
def _matrix_diag_v2(
    diagonal: torch.Tensor, k: Any, num_rows: int, num_cols: int, padding_value: torch.Tensor
) -> torch.Tensor:
    low, high = _checked(lambda: _diagonal_range(k))
    rows, cols = _checked(lambda: _matrix_size(diagonal.shape[-1], low, high, num_rows, num_cols))
    packed = diagonal.unsqueeze(-2) if low == high else diagonal
    if packed.dim() < 2 or packed.shape[-2] != high - low + 1:
        raise InvalidArgumentError(
            None,
            None,
            "The number of diagonals provided in the input does not match the lower_diag_index and upper_diag_index "
            "range.",
        )
    out = padding_value.expand(*packed.shape[:-2], rows, cols).clone(memory_format=torch.contiguous_format)
    for i, (d, n) in enumerate(_lengths(rows, cols, low, high)):
        out.diagonal(d, dim1=-2, dim2=-1).copy_(packed[..., i, :n])
    return out


def _check_within(low: int, high: int, rows: int, cols: int) -> None:
    if low != 0 and not -rows < low < cols:
        raise ShapeError("lower_diag_index is out of bound.")
    if high != 0 and not -rows < high < cols:
        raise ShapeError("upper_diag_index is out of bound.")


@op("MatrixDiagPartV2", host=("k",))
def matrix_diag_part_v2_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 2)
    at_most_rank(c.shape(1), 1)
    with_rank(c.shape(2), 0)
    k = c.value(1)
    if dims is None or k is None:
        return None
    low, high = _diagonal_range(k)
    rows, cols = dims[-2:]
    longest = None
    if rows is not None and cols is not None:
        _check_within(low, high, rows, cols)
        longest = min(rows + min(high, 0), cols - max(low, 0))
    return (*dims[:-2], longest) if low == high else (*dims[:-2], high - low + 1, longest)


@matrix_diag_part_v2_op.kernel
def _matrix_diag_part_v2(input: torch.Tensor, k: Any, padding_value: torch.Tensor) -> torch.Tensor:
    _need_matrix(input)
    low, high = _checked(lambda: _diagonal_range(k))
    rows, cols = input.shape[-2:]
    _checked(lambda: _check_within(low, high, rows, cols))
    if low == high:
        return input.diagonal(low, dim1=-2, dim2=-1).clone(memory_format=torch.contiguous_format)
    longest = min(rows + min(high, 0), cols - max(low, 0))
    out = padding_value.expand(*input.shape[:-2], high - low + 1, longest).clone(memory_format=torch.contiguous_format)
    for i, (d, n) in enumerate(_lengths(rows, cols, low, high)):
        out[..., i, :n] = input.diagonal(d, dim1=-2, dim2=-1)
    return out


@op("MatrixSetDiagV2", host=("k",))
def matrix_set_diag_v2_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 2)
    diagonal = at_least_rank(c.shape(1), 1)
    at_most_rank(c.shape(2), 1)
    k = c.value(2)
    low, high = (0, 0) if k is None else _diagonal_range(k)
    if dims is not None:
        n = len(dims)
        if k is not None:
            diagonal = with_rank(c.shape(1), n - 1 if low == high else n)
        else:
            at_least_rank(diagonal, n - 1)
            at_most_rank(diagonal, n)
        if dims[-2] is not None and dims[-1] is not None:
            _check_within(low, high, dims[-2], dims[-1])
    if k is None or diagonal is None or (dims is not None and None not in dims):
        return dims
    return merge(dims, (*(diagonal[:-1] if low == high else diagonal[:-2]), None, None))


@matrix_set_diag_v2_op.kernel
def _matrix_set_diag_v2(input: torch.Tensor, diagonal: torch.Tensor, k: Any) -> torch.Tensor:
    _need_matrix(input)
    low, high = _checked(lambda: _diagonal_range(k))
    rows, cols = input.shape[-2:]
    _checked(lambda: _check_within(low, high, rows, cols))
    longest = min(rows + min(high, 0), cols - max(low, 0))
    wanted = (*input.shape[:-2], longest) if low == high else (*input.shape[:-2], high - low + 1, longest)
    if tuple(diagonal.shape) != wanted:
        raise InvalidArgumentError(
            None,
            None,
            _mismatch(input, diagonal, wanted),
        )
    packed = diagonal.unsqueeze(-2) if low == high else diagonal
    out = input.clone(memory_format=torch.contiguous_format)
    for i, (d, n) in enumerate(_lengths(rows, cols, low, high)):
        out.diagonal(d, dim1=-2, dim2=-1).copy_(packed[..., i, :n])
    return out


moves(matrix_diag_v2_op, 0, 4)
moves(matrix_diag_part_v2_op, 0, 2)
moves(matrix_set_diag_v2_op, 0, 1)


def _zero(x: Tensor) -> Tensor:
    return shapes.zeros((), dtype=x.dtype)


@matrix_diag_v2_op.gradient
def _matrix_diag_v2_grad(node: Any, dy: Any) -> list[Any]:
    # TF 1.15 makes nodes of the op without k here and loses k; these keep it.
    return [matrix_diag_part_v2_op(dy, node.inputs[1], _zero(dy)), None, None, None, None]


@matrix_diag_part_v2_op.gradient
def _matrix_diag_part_v2_grad(node: Any, dy: Any) -> list[Any]:
    return [matrix_set_diag_v2_op(shapes.zeros_like(node.inputs[0]), dy, node.inputs[1]), None, None]


@matrix_set_diag_v2_op.gradient
def _matrix_set_diag_v2_grad(node: Any, dy: Any) -> list[Any]:
    k = node.inputs[2]
    rest = matrix_set_diag_v2_op(dy, shapes.zeros_like(node.inputs[1]), k)
    return [rest, matrix_diag_part_v2_op(dy, k, _zero(dy)), None]


@matrix_diag_v2_op.samples
def _matrix_diag_v2_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed(1), fixed(-1), fixed(-1), fixed(0.0))
    yield sample(real(2, 3), fixed(0), fixed(3), fixed(4), fixed(9.0))


@matrix_diag_part_v2_op.samples
def _matrix_diag_part_v2_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 4), fixed([-1, 2]), fixed(7.0))
    yield sample(real(3, 4), fixed(-1), fixed(0.0))


@matrix_set_diag_v2_op.samples
def _matrix_set_diag_v2_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 4), real(2, 3), fixed(1))


# --- bands ---------------------------------------------------------------------------------------------------------


@op("MatrixBandPart", host=("num_lower", "num_upper"))
def matrix_band_part_op(c: ShapeContext) -> Shape:
    return unchanged(c)


@matrix_band_part_op.kernel
def _matrix_band_part(input: torch.Tensor, num_lower: int, num_upper: int) -> torch.Tensor:
    _need_matrix(input)
    rows, cols = input.shape[-2:]
    if num_lower > rows:
        raise InvalidArgumentError(
            None, None, f"num_lower must be negative or less or equal to number of rows ({rows}) got: {num_lower}"
        )
    if num_upper > cols:
        raise InvalidArgumentError(
            None, None, f"num_upper must be negative or less or equal to number of columns ({cols}) got: {num_upper}"
        )
    ahead = torch.arange(cols, device=input.device) - torch.arange(rows, device=input.device).unsqueeze(1)
    outside = torch.zeros_like(ahead, dtype=torch.bool)
    if num_lower >= 0:
        outside |= ahead < -num_lower
    if num_upper >= 0:
        outside |= ahead > num_upper
    return input.masked_fill(outside, 0)


moves(matrix_band_part_op, 0)


@matrix_band_part_op.gradient
def _matrix_band_part_grad(node: Any, dy: Any) -> tuple[Tensor, None, None]:
    return matrix_band_part_op(dy, node.inputs[1], node.inputs[2]), None, None


@matrix_band_part_op.samples
def _matrix_band_part_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 4), fixed(1), fixed(0))
    yield sample(real(3, 3), fixed(-1), fixed(1))


@export("linalg.band_part", "matrix_band_part")
def matrix_band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Each matrix with zeros outside a band around the main diagonal; a negative number keeps that whole triangle."""
    return matrix_band_part_op(input, num_lower, num_upper, name=name)


# --- public functions of diagonals ---------------------------------------------------------------------------------


@export("linalg.diag", "matrix_diag")
def matrix_diag(
    diagonal: Any, name: str | None = "diag", k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding_value: Any = 0
) -> Tensor:
    """Matrices with the given main diagonals. As in TF 1.15, the arguments after `name` have no effect yet."""
    return matrix_diag_op(diagonal, name=name)


@export("linalg.diag_part", "matrix_diag_part")
def matrix_diag_part(input: Any, name: str | None = "diag_part", k: Any = 0, padding_value: Any = 0) -> Tensor:
    """The main diagonals of matrices. As in TF 1.15, the arguments after `name` have no effect yet."""
    return matrix_diag_part_op(input, name=name)


@export("linalg.set_diag", "matrix_set_diag")
def matrix_set_diag(input: Any, diagonal: Any, name: str | None = "set_diag", k: Any = 0) -> Tensor:
    """Matrices with their main diagonals replaced. As in TF 1.15, `k` has no effect yet."""
    return matrix_set_diag_op(input, diagonal, name=name)


@export("eye", "linalg.eye")
def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """Identity matrices: ones on the main diagonal, zeros elsewhere, for every entry of `batch_shape`.

    Raises: TypeError for sizes that are neither integers nor tensors.
    """
    with name_scope(name, default_name="eye", values=[num_rows, num_columns, batch_shape]):
        square = num_columns is None
        batch = [] if batch_shape is None else batch_shape
        columns = num_rows if num_columns is None else num_columns
        smaller: Any
        if isinstance(num_rows, Tensor) or isinstance(columns, Tensor):
            smaller = get_op("Minimum")(num_rows, columns)
        else:
            if not isinstance(num_rows, (int, np.integer)) or not isinstance(columns, (int, np.integer)):
                raise TypeError("num_rows and num_columns must be positive integer values.")
            square = num_rows == columns
            smaller = min(num_rows, columns)
        diagonal: Any
        whole: Any = None
        if isinstance(batch, Tensor) or isinstance(smaller, Tensor):
            batch = conversion.to_tensor(batch, dtypes.int32, "shape")
            diagonal = arrays.concat((batch, [smaller]), axis=0)
            if not square:
                whole = arrays.concat((batch, [num_rows, columns]), axis=0)
        else:
            batch = list(batch)
            diagonal = [*batch, smaller]
            whole = [*batch, num_rows, columns]
        ones = shapes.ones(diagonal, dtype=dtype)
        if square:
            return matrix_diag(ones)
        return matrix_set_diag(shapes.zeros(whole, dtype=dtype), ones)
