"""Assigning to variables: tf.assign, tf.scatter_* and their like, for both kinds of variables.

Source: TF 1.15, python/ops/state_ops.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, ranges, shapes, state
from tfcompat.ops import resource_variables as resource

REF_SCATTER = {
    "update": state.scatter_update_op,
    "add": state.scatter_add_op,
    "sub": state.scatter_sub_op,
    "mul": state.scatter_mul_op,
    "div": state.scatter_div_op,
    "min": state.scatter_min_op,
    "max": state.scatter_max_op,
    "nd_update": state.scatter_nd_update_op,
    "nd_add": state.scatter_nd_add_op,
    "nd_sub": state.scatter_nd_sub_op,
}
RESOURCE_SCATTER = {
    "update": resource.resource_scatter_update_op,
    "add": resource.resource_scatter_add_op,
    "sub": resource.resource_scatter_sub_op,
    "mul": resource.resource_scatter_mul_op,
    "div": resource.resource_scatter_div_op,
    "min": resource.resource_scatter_min_op,
    "max": resource.resource_scatter_max_op,
    "nd_update": resource.resource_scatter_nd_update_op,
    "nd_add": resource.resource_scatter_nd_add_op,
    "nd_sub": resource.resource_scatter_nd_sub_op,
}


def variable_op_v2(
    shape: Any, dtype: Any, name: str = "Variable", container: str = "", shared_name: str = ""
) -> Tensor:
    """The reference tensor of a new variable's storage."""
    return state.variable_v2_op(  # type: ignore[no-any-return]
        shape=shape, dtype=dtype, name=name, container=container, shared_name=shared_name
    )


def variable_op(
    shape: Any, dtype: Any, name: str = "Variable", set_shape: bool = True, container: str = "", shared_name: str = ""
) -> Tensor:
    """The old form of `variable_op_v2`, where a scalar's shape counts as unknown unless set."""
    if not set_shape:
        shape = TensorShape(None)
    made: Tensor = state.variable_op(shape=shape, dtype=dtype, name=name, container=container, shared_name=shared_name)
    if set_shape:
        made.set_shape(shape)
    return made


def is_variable_initialized(ref: Any, name: str | None = None) -> Tensor:
    """Whether a variable has a value, as a boolean tensor."""
    if ref.dtype._is_ref_dtype:
        return state.is_variable_initialized_op(ref, name=name)  # type: ignore[no-any-return]
    return ref.is_initialized(name=name)  # type: ignore[no-any-return]


@export("assign")
def assign(
    ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None, name: str | None = None
) -> Any:
    """Stores `value` in a variable; the result is the variable after that.

    validate_shape=False lets a reference variable take any shape.
    """
    if ref.dtype._is_ref_dtype:
        return state.assign_op(ref, value, use_locking=use_locking, name=name, validate_shape=validate_shape)
    return ref.assign(value, name=name)


@export("assign_add")
def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """Adds `value` to a variable in place; the result is the variable after that."""
    if ref.dtype._is_ref_dtype:
        return state.assign_add_op(ref, value, use_locking=use_locking, name=name)
    return ref.assign_add(value)


@export("assign_sub")
def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """Subtracts `value` from a variable in place; the result is the variable after that."""
    if ref.dtype._is_ref_dtype:
        return state.assign_sub_op(ref, value, use_locking=use_locking, name=name)
    return ref.assign_sub(value)


@export("count_up_to")
def count_up_to(ref: Any, limit: int, name: str | None = None) -> Tensor:
    """Gives out a scalar integer variable's value and increments it; OutOfRangeError once it has reached `limit`."""
    if ref.dtype._is_ref_dtype:
        return state.count_up_to_op(ref, limit=limit, name=name)  # type: ignore[no-any-return]
    return resource.resource_count_up_to_op(ref.handle, limit=limit, T=ref.dtype, name=name)  # type: ignore[no-any-return]


def _scatter(how: str, ref: Any, indices: Any, updates: Any, use_locking: bool, name: str | None) -> Any:
    if ref.dtype._is_ref_dtype:
        return REF_SCATTER[how](ref, indices, updates, use_locking=use_locking, name=name)
    return ref._lazy_read(RESOURCE_SCATTER[how](ref.handle, indices, to_tensor(updates, ref.dtype), name=name))


@export("scatter_update")
def scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Any:
    """Stores rows in a variable: `ref[indices[i]] = updates[i]`; the last of repeated indices wins.

    Shapes: updates indices.shape + ref.shape[1:], or [].
    """
    return _scatter("update", ref, indices, updates, use_locking, name)


@export("scatter_add")
def scatter_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[indices[i]] += updates[i]`, repeated indices adding up."""
    return _scatter("add", ref, indices, updates, use_locking, name)


@export("scatter_sub")
def scatter_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[indices[i]] -= updates[i]`, repeated indices adding up."""
    return _scatter("sub", ref, indices, updates, use_locking, name)


@export("scatter_mul")
def scatter_mul(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[indices[i]] *= updates[i]`."""
    return _scatter("mul", ref, indices, updates, use_locking, name)


@export("scatter_div")
def scatter_div(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[indices[i]] /= updates[i]`; integers are truncated toward zero."""
    return _scatter("div", ref, indices, updates, use_locking, name)


@export("scatter_max")
def scatter_max(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[indices[i]] = max(ref[indices[i]], updates[i])`."""
    return _scatter("max", ref, indices, updates, use_locking, name)


@export("scatter_min")
def scatter_min(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[indices[i]] = min(ref[indices[i]], updates[i])`."""
    return _scatter("min", ref, indices, updates, use_locking, name)


@export("scatter_nd_update")
def scatter_nd_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Any:
    """Stores slices named by index vectors: `ref[tuple(indices[i])] = updates[i]`.

    Shapes: indices [..., k], updates indices.shape[:-1] + ref.shape[k:].
    """
    return _scatter("nd_update", ref, indices, updates, use_locking, name)


@export("scatter_nd_add")
def scatter_nd_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[tuple(indices[i])] += updates[i]`, repeated vectors adding up."""
    return _scatter("nd_add", ref, indices, updates, use_locking, name)


@export("scatter_nd_sub")
def scatter_nd_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Any:
    """`ref[tuple(indices[i])] -= updates[i]`, repeated vectors adding up."""
    return _scatter("nd_sub", ref, indices, updates, use_locking, name)


@export("batch_scatter_update")
def batch_scatter_update(
    ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None
) -> Any:
    """Stores rows within each batch: `ref[b1, ..., bn, indices[b1, ..., bn, j]] = updates[b1, ..., bn, j]`.

    Shapes: indices [b1, ..., bn, m], updates indices.shape + ref.shape[n + 1:].
    Raises: ValueError when the rank of indices is not known.
    """
    with name_scope(name):
        indices = to_tensor(indices, name="indices")
        indices_shape = shapes.shape(indices)
        rank = indices.get_shape().ndims
        if rank is None:
            raise ValueError("batch_gather does not allow indices with unknown shape.")
        last = shapes.expand_dims(indices, axis=-1)
        parts = []
        for dimension in range(rank - 1):
            size = indices_shape[dimension]
            target: list[Any] = [1] * (rank + 1)
            target[dimension] = size
            along = shapes.reshape(ranges.range_op(0, size, 1), target)
            if along.dtype.base_dtype != last.dtype:
                along = casting.cast_op(along, DstT=last.dtype)
            parts.append(along * shapes.ones_like(last))
        parts.append(last)
        return scatter_nd_update(ref, arrays.concat(parts, axis=-1), updates, use_locking=use_locking)
