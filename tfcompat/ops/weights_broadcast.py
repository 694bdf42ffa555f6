"""The limited broadcasting of weights that losses and metrics allow: scalars, or the same rank with ones.

Source: TF 1.15, python/ops/weights_broadcast_ops.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import constant_value, conversion, stacks
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, assertions, comparison, control_flow, elementwise, identity, sets, shapes

_PREFIX = "weights can not be broadcast to values."


def assert_broadcastable(weights: Any, values: Any) -> Any:
    """An operation that fails unless `weights` is a scalar or has the rank of `values` with sizes 1 or equal.

    Raises: ValueError when the static shapes say so already.
    """
    with name_scope(None, "assert_broadcastable", (weights, values)) as scope:
        weights, w_shape, w_rank = _described(weights, "weights")
        values, v_shape, v_rank = _described(values, "values")
        decided = _check_static(weights, w_shape, w_rank, values, v_shape, v_rank)
        if decided is not None:
            return decided
        is_scalar = comparison.equal(0, w_rank, name="is_scalar")
        data = (
            _PREFIX,
            "weights.shape=",
            weights.name,
            w_shape,
            "values.shape=",
            values.name,
            v_shape,
            "is_scalar=",
            is_scalar,
        )
        valid = control_flow.cond(
            is_scalar,
            lambda: is_scalar,
            lambda: _valid_nonscalar(w_rank, w_shape, v_rank, v_shape),
            name="is_valid_shape",
        )
        return assertions.Assert(valid, data, name=scope)


def _described(value: Any, name: str) -> tuple[Tensor, Tensor, Tensor]:
    with name_scope(None, name, (value,)) as scope:
        tensor = conversion.to_tensor(value, name=scope)
        return tensor, shapes.shape(tensor, name="shape"), shapes.rank(tensor, name="rank")


def _check_static(
    weights: Tensor, w_shape: Tensor, w_rank: Tensor, values: Tensor, v_shape: Tensor, v_rank: Tensor
) -> Any:
    w_known, v_known = constant_value.constant_value(w_rank), constant_value.constant_value(v_rank)
    if w_known is None or v_known is None:
        return None
    if int(w_known) == 0:
        return identity.no_op(name="static_scalar_check_success")
    if int(w_known) != int(v_known):
        raise ValueError(
            f"{_PREFIX} values.rank={int(v_known)}. weights.rank={int(w_known)}. values.shape={values.shape}. "
            f"weights.shape={weights.shape}."
        )
    w_dims, v_dims = constant_value.constant_value(w_shape), constant_value.constant_value(v_shape)
    if w_dims is None or v_dims is None:
        return None
    for i, (w, v) in enumerate(zip(w_dims, v_dims, strict=True)):
        if w not in (1, v):
            raise ValueError(f"{_PREFIX} Mismatch at dim {i}. values.shape={v_dims} weights.shape={w_dims}.")
    return identity.no_op(name="static_dims_check_success")


def _valid_nonscalar(w_rank: Tensor, w_shape: Tensor, v_rank: Tensor, v_shape: Tensor) -> Tensor:
    with name_scope(None, "has_valid_nonscalar_shape", (w_rank, w_shape, v_rank, v_shape)) as scope:
        same = comparison.equal(v_rank, w_rank, name="is_same_rank")
        return control_flow.cond(same, lambda: _valid_dims(w_shape, v_shape), lambda: same, name=scope)


def _valid_dims(w_shape: Tensor, v_shape: Tensor) -> Tensor:
    """Every weight dimension is 1 or the value's: the set difference of the two is empty."""
    with name_scope(None, "has_invalid_dims", (w_shape, v_shape)) as scope:
        v_wide = shapes.expand_dims(v_shape, -1)
        valid = arrays.concat((v_wide, shapes.ones_like(v_wide)), axis=1)
        w_wide = shapes.expand_dims(w_shape, -1)
        invalid = sets.set_difference(w_wide, valid)
        count = shapes.size(invalid.values, name="num_invalid_dims")
        return comparison.equal(0, count, name=scope)


def broadcast_weights(weights: Any, values: Any) -> Tensor:
    """`weights` in the shape of `values`, by the rules of `assert_broadcastable`."""
    with name_scope(None, "broadcast_weights", (weights, values)) as scope:
        values = conversion.to_tensor(values, name="values")
        weights = conversion.to_tensor(weights, values.dtype.base_dtype, name="weights")
        if (
            weights.shape.is_fully_defined()
            and values.shape.is_fully_defined()
            and weights.shape.is_compatible_with(values.shape)
        ):
            return weights
        with stacks.get_default_graph().control_dependencies((assert_broadcastable(weights, values),)):
            return elementwise.multiply(weights, shapes.ones_like(values), name=scope)
