"""tf.sparse: functions on SparseTensor that make, rearrange and convert. Arithmetic is in sparse_arithmetic.py.

Source: TF 1.15, python/ops/sparse_ops.py.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import constant_value, conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.sparse_tensor import SparseTensor, SparseTensorValue, is_sparse
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    checks,
    comparison,
    constants,
    control,
    elementwise,
    gathering,
    identity,
    permuting,
    ranges,
    reductions,
    selecting,
    shapes,
    slicing,
)
from tfcompat.ops.sparse_moving import (
    sparse_concat_op,
    sparse_fill_empty_rows_op,
    sparse_reorder_op,
    sparse_reshape_op,
    sparse_slice_op,
    sparse_split_op,
    sparse_to_dense_op,
)


def as_sparse(value: Any) -> SparseTensor:
    """A SparseTensor, made where the parts of one are given. Raises TypeError for anything else."""
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    if not isinstance(value, SparseTensor):
        raise TypeError("Input must be a SparseTensor.")
    return value


def _as_int64(value: Any, name: str) -> Tensor:
    if isinstance(value, (int, np.integer)):
        return conversion.to_tensor(value, dtypes.int64, name)
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be an integer value")
    return value if value.dtype == dtypes.int64 else casting.cast(value, dtypes.int64)


# --- making --------------------------------------------------------------------------------------------------------


@export("sparse_placeholder", "sparse.placeholder")
def sparse_placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> SparseTensor:
    """A SparseTensor whose value must be fed, as a SparseTensorValue or a tuple (indices, values, dense_shape).

    `shape` may be a tensor too. Where it is known in full, it need not be fed.
    """

    def part(label: str) -> str | None:
        return None if name is None else f"{name}/{label}"

    rank: Any = None
    if isinstance(shape, Tensor):
        rank = shape.shape[0]
        shape = conversion.to_tensor(shape, dtypes.int64, part("shape"))
    elif shape is not None:
        rank = len(shape)
        dims = [getattr(d, "value", d) for d in shape]
        shape = None if None in dims else conversion.to_tensor(dims, dtypes.int64, part("shape"))
    if shape is None:
        shape = constants.placeholder(dtypes.int64, shape=[rank], name=part("shape"))
    return SparseTensor(
        values=constants.placeholder(dtype, shape=[None], name=part("values")),
        indices=constants.placeholder(dtypes.int64, shape=[None, rank], name=part("indices")),
        dense_shape=shape,
    )


@export("sparse.from_dense", v2=("sparse.from_dense",))
def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a dense tensor that are not zero."""
    with name_scope(name, "dense_to_sparse"):
        tensor = conversion.to_tensor(tensor)
        indices = selecting.where_v2(comparison.not_equal(tensor, constants.constant(0, tensor.dtype)))
        values = gathering.gather_nd(tensor, indices)
        return SparseTensor(indices, values, shapes.shape(tensor, out_type=dtypes.int64))


@export("sparse.eye", v2=("sparse.eye",))
def sparse_eye(
    num_rows: Any, num_columns: Any = None, dtype: Any = dtypes.float32, name: str | None = None
) -> SparseTensor:
    """Ones on the diagonal of a matrix."""
    with name_scope(name, "eye", [num_rows, num_columns]):
        num_rows = _as_int64(num_rows, "num_rows")
        num_columns = num_rows if num_columns is None else _as_int64(num_columns, "num_columns")
        size = elementwise.minimum(num_rows, num_columns)
        diagonal = ranges.range(size, dtype=dtypes.int64)
        return SparseTensor(
            indices=arrays.stack([diagonal, diagonal], axis=1),
            values=shapes.ones(size, dtype=dtype),
            dense_shape=[num_rows, num_columns],
        )


# --- shape and order -----------------------------------------------------------------------------------------------


@export("sparse.expand_dims", v2=("sparse.expand_dims",))
def sparse_expand_dims(sp_input: SparseTensor, axis: Any = None, name: str | None = None) -> SparseTensor:
    """`sp_input` with a dimension of size 1 inserted at `axis` (-1: the last).

    Raises: TypeError for an axis that is no integer.
    """
    rank = sp_input.dense_shape.shape[0]
    axis = -1 if axis is None else axis
    with name_scope(name, "expand_dims", [sp_input]):
        if isinstance(axis, (int, np.integer)):
            axis = conversion.to_tensor(axis, dtypes.int32, "axis")
        elif not isinstance(axis, Tensor):
            raise TypeError("axis must be an integer value in range [-rank(sp_input) - 1, rank(sp_input)]")
        axis = selecting.where_v2(axis >= 0, axis, axis + rank + 1)
        rows = shapes.shape(sp_input.indices)[0]
        column = shapes.zeros([rows, 1], dtype=dtypes.int64)
        before = slicing.slice(sp_input.indices, [0, 0], [-1, axis])
        after = slicing.slice(sp_input.indices, [0, axis], [-1, -1])
        indices = arrays.concat([before, column, after], axis=1)
        dims_before = slicing.slice(sp_input.dense_shape, [0], [axis])
        dims_after = slicing.slice(sp_input.dense_shape, [axis], [-1])
        one = conversion.to_tensor([1], dtypes.int64, "new_shape")
        shape = arrays.concat([dims_before, one, dims_after], axis=0)
        return SparseTensor(indices=indices, values=sp_input.values, dense_shape=shape)


@export("sparse_reorder", "sparse.reorder", v2=("sparse.reorder",))
def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The same entries in row-major order of their places, which many functions rely on."""
    sp_input = as_sparse(sp_input)
    indices, values = sparse_reorder_op(sp_input.indices, sp_input.values, sp_input.dense_shape, name=name)
    if sp_input.shape.is_fully_defined():
        shape: Any = sp_input.shape.as_list()
    else:
        shape = identity.identity(sp_input.dense_shape)
    return SparseTensor(indices, values, shape)


@export("sparse_reshape", "sparse.reshape", v2=("sparse.reshape",))
def sparse_reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The same values at the places they have in another shape; one dimension may be -1.

    Raises: ValueError when the static shapes cannot hold the same number of elements.
    """
    sp_input = as_sparse(sp_input)
    shape = casting.cast(shape, dtypes.int64)
    with name_scope(name, "SparseReshape", [sp_input]) as scope:
        indices, made = sparse_reshape_op(sp_input.indices, sp_input.dense_shape, shape, name=scope)
        known = _static_reshape(sp_input, shape)
        if known is not None:
            made = constants.constant(known, dtype=dtypes.int64)
        return SparseTensor(indices, identity.identity(sp_input.values), made)


def _static_reshape(sp_input: SparseTensor, shape: Tensor) -> list[int] | None:
    """The new shape where it follows from what is known while building."""
    wanted = constant_value.constant_value_as_shape(shape)
    if wanted.ndims is None or not sp_input.shape.is_fully_defined():
        return None
    given = constant_value.constant_value(shape)
    if given is not None and int((given == -1).sum()) > 1:
        raise ValueError(f"At most one dimension can be inferred (-1). Found: {given}")
    dims = wanted.as_list()
    size = int(np.prod(sp_input.shape.as_list(), dtype=np.int64))
    unknown = [i for i, d in enumerate(dims) if d is None]
    if len(unknown) > 1:
        return None
    out = list(dims)
    if unknown:
        rest = int(np.prod([d for d in dims if d is not None], dtype=np.int64))
        out[unknown[0]] = size // rest
    total = int(np.prod(out, dtype=np.int64))
    if total != size:
        raise ValueError(f"Cannot reshape a tensor with {size} elements to shape {dims} ({total} elements).")
    return out


@export("sparse_transpose", "sparse.transpose", v2=("sparse.transpose",))
def sparse_transpose(sp_input: SparseTensor, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The dimensions in the order `perm`, by default reversed; entries in row-major order."""
    with name_scope(name, "SparseTranspose", [sp_input]):
        if perm is None:
            rank = shapes.rank(sp_input)
            perm = rank - 1 - ranges.range(0, rank, 1)
        moved = permuting.transpose(gathering.gather(permuting.transpose(sp_input.indices), perm))
        order = constant_value.constant_value(conversion.to_tensor(perm))
        if order is not None and sp_input.shape.is_fully_defined():
            dims = sp_input.shape.as_list()
            shape: Any = [dims[p] for p in order]
        else:
            shape = gathering.gather(sp_input.dense_shape, perm)
        return sparse_reorder(SparseTensor(moved, sp_input.values, shape))


@export("sparse_reset_shape", "sparse.reset_shape", v2=("sparse.reset_shape",))
def sparse_reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same entries in a larger shape; without one, in the smallest that holds them.

    Raises: ValueError for a new shape of another rank or, where it is known, a smaller one.
    """
    sp_input = as_sparse(sp_input)
    indices = identity.identity(sp_input.indices)
    values = identity.identity(sp_input.values)
    shape = identity.identity(sp_input.dense_shape)
    if new_shape is None:
        largest = reductions.reduce_max(indices, axis=0)
        made: Any = elementwise.maximum(
            constants.constant(0, dtype=dtypes.int64), elementwise.add(largest, shapes.ones_like(shape))
        )
        return SparseTensor(indices, values, made)
    made = conversion.to_tensor(new_shape)
    made.shape.assert_has_rank(1)
    made = casting.cast(made, dtypes.int64)
    if made.shape.rank is not None:
        made.shape.dims[0].merge_with(shape.shape.dims[0])
    known = constant_value.constant_value(made)
    if known is not None and sp_input.shape.is_fully_defined():
        before = np.array(sp_input.shape.as_list())
        if not np.all(before <= known):
            raise ValueError(
                f"Requested new_shape should have dimension sizes >= sp_input.shape.  Found new_shape ({before}), "
                f"sp_input.shape ({known})."
            )
        return SparseTensor(indices, values, known)
    made = control.with_dependencies([checks.assert_equal(shapes.shape(shape), shapes.shape(made))], made)
    made = control.with_dependencies([checks.assert_less_equal(shape, made)], made)
    return SparseTensor(indices, values, made)


# --- joining, cutting, filling -------------------------------------------------------------------------------------


@export("sparse_concat", "sparse.concat")
def sparse_concat(
    axis: int | None,
    sp_inputs: Any,
    name: str | None = None,
    expand_nonconcat_dim: bool = False,
    concat_dim: int | None = None,
    expand_nonconcat_dims: bool | None = None,
) -> SparseTensor:
    """Sparse tensors joined along `axis`. With `expand_nonconcat_dims` the others are widened to the largest."""
    if expand_nonconcat_dims is not None:
        if expand_nonconcat_dim:
            raise ValueError("Cannot specify both 'expand_nonconcat_dim' and 'expand_nonconcat_dims'")
        expand_nonconcat_dim = expand_nonconcat_dims
    axis = shapes.renamed_argument("axis", axis, "concat_dim", concat_dim)
    return sparse_concat_v2(axis, sp_inputs, expand_nonconcat_dim, name)


@export(v2=("sparse.concat",))
def sparse_concat_v2(
    axis: Any, sp_inputs: Any, expand_nonconcat_dims: bool = False, name: str | None = None
) -> SparseTensor:
    """Sparse tensors joined along `axis`.

    Raises: TypeError for anything but a list or tuple of sparse tensors.
    """
    if not isinstance(sp_inputs, (list, tuple)):
        raise TypeError("Inputs must be a list or tuple.")
    inputs = [as_sparse(x) for x in sp_inputs]
    if len(inputs) == 1:
        return inputs[0]
    dims: list[Any] = [x.dense_shape for x in inputs]
    if expand_nonconcat_dims:
        dims = _widened(dims, axis)
    indices, values, shape = sparse_concat_op(
        [x.indices for x in inputs], [x.values for x in inputs], dims, concat_dim=axis, name=name
    )
    known = [constant_value.constant_value(d) for d in dims]
    if all(d is not None for d in known):
        total = sum(d[axis] for d in known)  # type: ignore[index]
        first = np.array(known[0])
        first[axis] = total
        shape = conversion.to_tensor(first)
    return SparseTensor(indices, values, shape)


def _widened(dims: Sequence[Tensor], axis: int) -> list[Tensor]:
    """Shapes whose dimensions other than `axis` are the largest of all."""
    largest = reductions.reduce_max(arrays.concat([shapes.reshape(d, [1, -1]) for d in dims], 0), 0)
    return [
        arrays.concat(
            [
                largest[:axis],
                d[-1:] if axis == -1 else d[axis : axis + 1],
                [] if axis == -1 else largest[axis + 1 :],
            ],
            0,
        )
        for d in dims
    ]


class KeywordRequired:
    """Stands first in a signature whose arguments are to be given by keyword."""

    def __repr__(self) -> str:
        return "KeywordRequired()"


@export("sparse_split", "sparse.split")
def sparse_split(
    keyword_required: Any = KeywordRequired(),
    sp_input: Any = None,
    num_split: int | None = None,
    axis: Any = None,
    name: str | None = None,
    split_dim: Any = None,
) -> list[SparseTensor]:
    """`sp_input` cut along `axis` into `num_split` parts; the first ones are one longer where it does not divide.

    Raises: ValueError when an argument is missing or not given by keyword.
    """
    if not isinstance(keyword_required, KeywordRequired):
        raise ValueError("Keyword arguments are required for this function.")
    if sp_input is None:
        raise ValueError("sp_input is required")
    if num_split is None:
        raise ValueError("num_split is required")
    if axis is None:
        raise ValueError("axis is required")
    axis = shapes.renamed_argument("axis", axis, "split_dim", split_dim)
    sp_input = as_sparse(sp_input)
    parts = sparse_split_op(
        axis, sp_input.indices, sp_input.values, sp_input.dense_shape, num_split=num_split, name=name
    )
    return [SparseTensor(*part) for part in zip(*parts, strict=True)]


@export(v2=("sparse.split",))
def sparse_split_v2(
    sp_input: Any = None, num_split: int | None = None, axis: Any = None, name: str | None = None
) -> list[SparseTensor]:
    """`sp_input` cut along `axis` into `num_split` parts."""
    return sparse_split(sp_input=sp_input, num_split=num_split, axis=axis, name=name)


@export("sparse_slice", "sparse.slice", v2=("sparse.slice",))
def sparse_slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The part that starts at `start` and has (at most) `size`; places count from `start`."""
    sp_input = as_sparse(sp_input)
    start = conversion.to_tensor(start, dtypes.int64)
    size = conversion.to_tensor(size, dtypes.int64)
    with name_scope(name, "SparseSlice", [sp_input]) as scope:
        return SparseTensor(
            *sparse_slice_op(sp_input.indices, sp_input.values, sp_input.dense_shape, start, size, name=scope)
        )


@export("sparse_retain", "sparse.retain", v2=("sparse.retain",))
def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The entries for which the boolean vector `to_retain` is true."""
    sp_input = as_sparse(sp_input)
    to_retain = conversion.to_tensor(to_retain)
    to_retain.shape.assert_has_rank(1)
    if sp_input.values.shape.dims is not None:
        sp_input.values.shape.dims[0].merge_with(to_retain.shape[0])
    kept = shapes.reshape(selecting.where_v2(to_retain), [-1])
    indices = gathering.gather(sp_input.indices, kept)
    values = gathering.gather(sp_input.values, kept)
    return SparseTensor(indices, values, identity.identity(sp_input.dense_shape))


@export("sparse_fill_empty_rows", "sparse.fill_empty_rows", v2=("sparse.fill_empty_rows",))
def sparse_fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = None) -> tuple[SparseTensor, Tensor]:
    """`sp_input` with an entry `default_value` in column 0 of each row that had none, and which rows those were."""
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [sp_input]):
        default_value = conversion.to_tensor(default_value, sp_input.values.dtype)
        indices, values, empty, _ = sparse_fill_empty_rows_op(
            indices=sp_input.indices,
            values=sp_input.values,
            dense_shape=sp_input.dense_shape,
            default_value=default_value,
        )
        return SparseTensor(indices, values, sp_input.dense_shape), empty


# --- to dense tensors ----------------------------------------------------------------------------------------------


@export("sparse_to_dense")
def sparse_to_dense(
    sparse_indices: Any,
    output_shape: Any,
    sparse_values: Any,
    default_value: Any = 0,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """A dense tensor of `output_shape` with values at the given places and `default_value` elsewhere.

    Shapes: sparse_indices [], [n] (of a vector) or [n, rank]; sparse_values [] or [n].
    """
    return sparse_to_dense_op(  # type: ignore[no-any-return]
        sparse_indices, output_shape, sparse_values, default_value, validate_indices=validate_indices, name=name
    )


@export("sparse_tensor_to_dense", "sparse.to_dense", v2=("sparse.to_dense",))
def sparse_tensor_to_dense(
    sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None
) -> Tensor:
    """`sp_input` as a dense tensor, `default_value` (zero, or the empty string) where it has no entry."""
    sp_input = as_sparse(sp_input)
    if default_value is None:
        default_value = shapes.zeros([], dtype=sp_input.dtype)
    return sparse_to_dense_op(  # type: ignore[no-any-return]
        sp_input.indices,
        sp_input.dense_shape,
        sp_input.values,
        default_value,
        validate_indices=validate_indices,
        name=name,
    )


@export("sparse_to_indicator", "sparse.to_indicator", v2=("sparse.to_indicator",))
def sparse_to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Tensor:
    """A dense boolean tensor that is true at each value of `sp_input` (along a last axis of size `vocab_size`)."""
    sp_input = as_sparse(sp_input)
    with name_scope(name, "SparseToIndicator", [sp_input]) as scope:
        count = shapes.shape(sp_input.indices)[0]
        ones = shapes.fill(shapes.expand_dims(count, 0), True)
        present = SparseTensor(sp_input.indices, ones, sp_input.dense_shape)
        merged = sparse_merge(sp_input, present, vocab_size, scope)
        return sparse_tensor_to_dense(merged, default_value=False, validate_indices=False, name=scope)


@export("sparse_merge", "sparse.merge")
def sparse_merge(
    sp_ids: Any, sp_values: Any, vocab_size: Any, name: str | None = None, already_sorted: bool = False
) -> SparseTensor:
    """`sp_values` at the places that the values of `sp_ids` (one sparse tensor for each new axis) say.

    Raises: TypeError for ids or sizes of the wrong kind; ValueError when their numbers differ.
    """
    if is_sparse(sp_ids):
        sp_ids = [sp_ids]
        if not isinstance(vocab_size, (Tensor, numbers.Integral)):
            raise TypeError(f"vocab_size has to be a Tensor or Python int. Found {type(vocab_size)}")
        vocab_size = [vocab_size]
    else:
        if not isinstance(sp_ids, Iterable):
            raise TypeError(f"sp_ids has to be a SparseTensor or list thereof. Found {type(sp_ids)}")
        if not isinstance(vocab_size, Iterable):
            raise TypeError(f"vocab_size has to be a list of Tensors or Python ints. Found {type(vocab_size)}")
        for size in vocab_size:
            if not isinstance(size, (Tensor, numbers.Integral)):
                raise TypeError(f"vocab_size has to be a list of Tensors or Python ints. Found {type(size)}")
    sp_ids = list(sp_ids)
    if len(sp_ids) != len(vocab_size):
        raise ValueError("sp_ids and vocab_size have to have equal lengths.")
    with name_scope(name, "SparseMerge", [*sp_ids, sp_values]):
        sp_ids = [as_sparse(ids) for ids in sp_ids]
        sp_values = as_sparse(sp_values)
        columns = []
        for ids in sp_ids:
            column = ids.values
            if ids.dtype != dtypes.int64:
                column = casting.cast(column, dtypes.int64)
            columns.append(shapes.expand_dims(column, axis=1))
        sizes = [casting.cast(size, dtypes.int64) for size in vocab_size]
        kept = sp_ids[0].indices[:, :-1]
        indices = arrays.concat([kept, *columns], 1)
        shape = arrays.concat([sp_ids[0].dense_shape[:-1], sizes], 0)
        result = SparseTensor(indices, sp_values.values, shape)
        if already_sorted:
            return result
        ordered = sparse_reorder(result)
        return SparseTensor(ordered.indices, ordered.values, shape)
