"""tf.sets: union, intersection and difference of the sets along the last axis.

Source: TF 1.15, python/ops/sets_impl.py, core/kernels/set_kernels.cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, ints, sample
from tfcompat.framework.shape_rules import at_least_rank, merge, with_rank
from tfcompat.framework.sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.sparse_parts import check_valid, refuse

_TYPES = frozenset({dtypes.int8, dtypes.int16, dtypes.int32, dtypes.int64, dtypes.uint8, dtypes.uint16, dtypes.string})
_OPERATIONS = {
    "a-b": np.setdiff1d,
    "b-a": lambda a, b: np.setdiff1d(b, a),
    "intersection": np.intersect1d,
    "union": np.union1d,
}


def _result_shapes(rank: int | None) -> list[Shape]:
    return [(None, rank), (None,), (rank,)]


def _sparse_rank(c: ShapeContext, first: int) -> int | None:
    """The rank that the parts of a sparse tensor (inputs first, first + 1, first + 2) agree on."""
    indices, values, shape = (with_rank(c.shape(first + i), rank) for i, rank in enumerate((2, 1, 1)))
    if None not in (indices[0], values[0]) and indices[0] != values[0]:
        raise ShapeError(f"Number of elements in index ({indices[0]}) and values ({values[0]}) do not match.")
    if None not in (indices[1], shape[0]) and indices[1] != shape[0]:
        raise ShapeError(f"Index rank ({indices[1]}) and shape rank ({shape[0]}) do not match.")
    return shape[0]


# --- kernels: places become numbers of groups, values become numbers of distinct values ----------------------------


def _array(values: Any) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else values.cpu().numpy()


def _group_text(dims: tuple[int, ...]) -> str:
    return "[" + ",".join(str(d) for d in dims) + "]"


def _dense(values: Any) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """(group of each value, values, dims of the groups) of a dense tensor of sets."""
    array = _array(values)
    if array.ndim < 2:
        raise refuse(f"Shape {_group_text(array.shape)} has rank {array.ndim} < 2")
    groups = array.shape[:-1]
    count = int(np.prod(groups, dtype=np.int64))
    return np.repeat(np.arange(count), array.shape[-1]), array.reshape(-1), groups


def _sparse(indices: torch.Tensor, values: Any, shape: list[int]) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    dims = tuple(shape)
    if len(dims) < 2:
        raise refuse(f"Invalid rank {len(dims)}.")
    check_valid(indices, dims)
    groups = dims[:-1]
    places = _array(indices)
    keys = np.zeros(len(places), np.int64)
    for d, size in enumerate(groups):
        keys = keys * size + places[:, d]
    return keys, _array(values), groups


def _combine(
    a: tuple[np.ndarray, np.ndarray, tuple[int, ...]], b: tuple[np.ndarray, np.ndarray, tuple[int, ...]], operation: str
) -> list[Any]:
    """The sets of both, group by group, as the parts of a sparse tensor."""
    if operation.lower() not in _OPERATIONS:
        raise refuse(f"Invalid set_operation {operation}.")
    groups = a[2]
    if groups != b[2]:
        raise refuse(f"Mismatched shapes {_group_text(groups)} vs {_group_text(b[2])}")
    distinct, number = np.unique(np.concatenate([a[1], b[1]]), return_inverse=True)
    number = number.reshape(-1)
    width = max(len(distinct), 1)
    split = len(a[1])
    found = _OPERATIONS[operation.lower()](a[0] * width + number[:split], b[0] * width + number[split:])
    group = found // width
    start = np.searchsorted(group, group)
    position = np.arange(len(group)) - start
    rows = np.empty((len(group), len(groups) + 1), np.int64)
    rest = group
    for d in range(len(groups) - 1, -1, -1):
        rows[:, d] = rest % groups[d] if groups[d] else 0
        rest = rest // max(groups[d], 1)
    rows[:, -1] = position
    largest = int(position.max()) + 1 if len(position) else 0
    return [rows, distinct[found % width], np.array([*groups, largest], np.int64)]


def _placed(parts: list[Any], like: torch.Tensor | np.ndarray, device: torch.device) -> list[Any]:
    indices, values, shape = parts
    made = values if isinstance(like, np.ndarray) else torch.from_numpy(np.ascontiguousarray(values)).to(device)
    return [torch.from_numpy(indices).to(device), made, torch.from_numpy(shape).to(device)]


@op("SetSize", host=("set_shape",))
def set_size_op(c: ShapeContext) -> Shape:
    return None


@set_size_op.kernel
def _set_size(
    set_indices: torch.Tensor, set_values: Any, set_shape: list[int], *, device: torch.device
) -> torch.Tensor:
    keys, values, groups = _sparse(set_indices, set_values, set_shape)
    distinct, number = np.unique(values, return_inverse=True)
    width = max(len(distinct), 1)
    found = np.unique(keys * width + number.reshape(-1)) // width
    count = int(np.prod(groups, dtype=np.int64))
    return torch.from_numpy(np.bincount(found, minlength=count).astype(np.int32).reshape(groups)).to(device)


@op("DenseToDenseSetOperation")
def dense_to_dense_set_operation_op(c: ShapeContext) -> list[Shape]:
    a = at_least_rank(c.shape(0), 2)
    b = c.shape(1)
    if a is None:
        b = at_least_rank(b, 2)
        return _result_shapes(None if b is None else len(b))
    if b is not None:
        merge(a[:-1], with_rank(b, len(a))[:-1])
    return _result_shapes(len(a))


@dense_to_dense_set_operation_op.kernel
def _dense_to_dense(set1: Any, set2: Any, *, set_operation: str, device: torch.device) -> list[Any]:
    return _placed(_combine(_dense(set1), _dense(set2), set_operation), set1, device)


@op("DenseToSparseSetOperation", host=("set2_shape",))
def dense_to_sparse_set_operation_op(c: ShapeContext) -> list[Shape]:
    rank = _sparse_rank(c, 1)
    a = at_least_rank(c.shape(0), 2)
    if a is None:
        return _result_shapes(rank)
    if rank is not None and rank != len(a):
        raise ShapeError(f"Dimension must be {len(a)} but is {rank}")
    return _result_shapes(len(a))


@dense_to_sparse_set_operation_op.kernel
def _dense_to_sparse(
    set1: Any, set2_indices: Any, set2_values: Any, set2_shape: Any, *, set_operation: str, device: torch.device
) -> list[Any]:
    second = _sparse(set2_indices, set2_values, set2_shape)
    return _placed(_combine(_dense(set1), second, set_operation), set1, device)


@op("SparseToSparseSetOperation", host=("set1_shape", "set2_shape"))
def sparse_to_sparse_set_operation_op(c: ShapeContext) -> list[Shape]:
    first, second = _sparse_rank(c, 0), _sparse_rank(c, 3)
    for i, rank in enumerate((first, second)):
        if rank is not None and rank < 2:
            raise ShapeError(f"Input {i}, expected rank >= 2, got {rank}.")
    if first is not None and second is not None and first != second:
        raise ShapeError(f"Dimension must be {first} but is {second}")
    return _result_shapes(second if first is None else first)


@sparse_to_sparse_set_operation_op.kernel
def _sparse_to_sparse(
    set1_indices: Any,
    set1_values: Any,
    set1_shape: Any,
    set2_indices: Any,
    set2_values: Any,
    set2_shape: Any,
    *,
    set_operation: str,
    device: torch.device,
) -> list[Any]:
    first = _sparse(set1_indices, set1_values, set1_shape)
    second = _sparse(set2_indices, set2_values, set2_shape)
    return _placed(_combine(first, second, set_operation), set1_values, device)


for _op in (
    set_size_op,
    dense_to_dense_set_operation_op,
    dense_to_sparse_set_operation_op,
    sparse_to_sparse_set_operation_op,
):
    _op.gradient(NOT_DIFFERENTIABLE)


def _parts() -> tuple[Any, Any, Any]:
    return fixed([[0, 0], [0, 2], [1, 1]], np.int64), fixed([3, 1, 2]), fixed([2, 3], np.int64)


@set_size_op.samples
def _set_size_samples() -> Iterator[Sample]:
    yield sample(*_parts())


@dense_to_dense_set_operation_op.samples
def _dense_samples() -> Iterator[Sample]:
    for operation in ("a-b", "b-a", "intersection", "union"):
        yield sample(ints(2, 3), ints(2, 4), set_operation=operation)


@dense_to_sparse_set_operation_op.samples
def _dense_to_sparse_samples() -> Iterator[Sample]:
    yield sample(ints(2, 3), *_parts(), set_operation="union")


@sparse_to_sparse_set_operation_op.samples
def _sparse_samples() -> Iterator[Sample]:
    yield sample(*_parts(), *_parts(), set_operation="intersection")


# --- public functions ----------------------------------------------------------------------------------------------


@export("sets.set_size", "sets.size", v2=("sets.size",))
def set_size(a: Any, validate_indices: bool = True) -> Tensor:
    """How many distinct values stand along the last axis of a SparseTensor.

    Shapes: a [d0, ..., dn] -> [d0, ..., dn-1] int32.
    Raises: TypeError for anything but a SparseTensor of integers or strings.
    """
    a = convert_to_tensor_or_sparse_tensor(a, name="a")
    if not isinstance(a, SparseTensor):
        raise TypeError(f"Expected `SparseTensor`, got {a}.")
    if a.values.dtype.base_dtype not in _TYPES:
        raise TypeError(f"Invalid dtype {a.values.dtype}.")
    return set_size_op(a.indices, a.values, a.dense_shape, validate_indices=validate_indices)  # type: ignore[no-any-return]


def _operands(a: Any, b: Any) -> tuple[Any, Any, bool]:
    """Both as tensors, the dense one first; and whether they changed places."""
    a = convert_to_tensor_or_sparse_tensor(a, name="a")
    if a.dtype.base_dtype not in _TYPES:
        raise TypeError(f"'a' invalid dtype {a.dtype}.")
    b = convert_to_tensor_or_sparse_tensor(b, name="b")
    if b.dtype.base_dtype != a.dtype.base_dtype:
        raise TypeError(f"Types don't match, {a.dtype} vs {b.dtype}.")
    if isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):
        return b, a, True
    return a, b, False


def _apply(a: Any, b: Any, operation: str, validate_indices: bool) -> SparseTensor:
    def parts(x: Any) -> list[Any]:
        return [x.indices, x.values, x.dense_shape] if isinstance(x, SparseTensor) else [x]

    kinds: dict[tuple[bool, bool], Op] = {
        (True, True): sparse_to_sparse_set_operation_op,
        (False, True): dense_to_sparse_set_operation_op,
        (False, False): dense_to_dense_set_operation_op,
    }
    chosen = kinds[isinstance(a, SparseTensor), isinstance(b, SparseTensor)]
    return SparseTensor(*chosen(*parts(a), *parts(b), set_operation=operation, validate_indices=validate_indices))


@export("sets.set_intersection", "sets.intersection", v2=("sets.intersection",))
def set_intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The values that a and b (dense or sparse, of equal leading dimensions) have in common, row by row, sorted."""
    a, b, _ = _operands(a, b)
    return _apply(a, b, "intersection", validate_indices)


@export("sets.set_difference", "sets.difference", v2=("sets.difference",))
def set_difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """The values of a that are not in b, row by row, sorted; with aminusb=False those of b that are not in a."""
    a, b, swapped = _operands(a, b)
    return _apply(a, b, "a-b" if aminusb is not swapped else "b-a", validate_indices)


@export("sets.set_union", "sets.union", v2=("sets.union",))
def set_union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """The values of a or b, row by row, sorted."""
    a, b, _ = _operands(a, b)
    return _apply(a, b, "union", validate_indices)
