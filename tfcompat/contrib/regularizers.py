"""Penalties on weights. Source: TF 1.15, contrib/layers/python/layers/regularizers.py."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import conversion, stacks, tf_logging
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.ops import accumulation, constants, cross_entropy, elementwise, reductions

Regularizer = Callable[..., Any]


def _disabled(scale: Any, stop: str = "") -> bool:
    """Whether the scale is zero. Raises ValueError for an integer or a negative one."""
    if isinstance(scale, numbers.Integral):
        raise ValueError(f"scale cannot be an integer: {scale}")
    if not isinstance(scale, numbers.Real):
        return False
    if scale < 0.0:
        raise ValueError(f"Setting a scale less than 0 on a regularizer: {scale:g}{stop}")
    if scale == 0.0:
        tf_logging.info("Scale of 0 disables regularizer.")
    return scale == 0.0


def _scaled(scale: Any, weights: Any) -> Any:
    return conversion.to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")


@export("contrib.layers.l1_regularizer", "contrib.slim.l1_regularizer")
def l1_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """A function from weights to scale * sum(|weights|); to None for a scale of 0.0.

    Raises: ValueError for an integer or a negative scale.
    """
    if _disabled(scale):
        return lambda _: None

    def l1(weights: Any, name: str | None = None) -> Any:
        with name_scope(scope, "l1_regularizer", [weights]) as name:
            factor = _scaled(scale, weights)
            return elementwise.multiply(factor, reductions.reduce_sum(elementwise.abs(weights)), name=name)

    return l1


@export("contrib.layers.l2_regularizer", "contrib.slim.l2_regularizer")
def l2_regularizer(scale: Any, scope: str | None = None) -> Regularizer:
    """A function from weights to scale * sum(weights**2) / 2; to None for a scale of 0.0.

    Raises: ValueError for an integer or a negative scale.
    """
    if _disabled(scale, "."):
        return lambda _: None

    def l2(weights: Any) -> Any:
        with name_scope(scope, "l2_regularizer", [weights]) as name:
            return elementwise.multiply(_scaled(scale, weights), cross_entropy.l2_loss(weights), name=name)

    return l2


@export("contrib.layers.l1_l2_regularizer", "contrib.slim.l1_l2_regularizer")
def l1_l2_regularizer(scale_l1: Any = 1.0, scale_l2: Any = 1.0, scope: str | None = None) -> Regularizer | None:
    """The sum of an L1 and an L2 penalty, or the one whose scale is not 0.0.

    Raises: ValueError for an integer or a negative scale.
    """
    if isinstance(scale_l1, numbers.Integral):
        raise ValueError(f"scale_l1 cannot be an integer: {scale_l1}")
    if isinstance(scale_l2, numbers.Integral):
        raise ValueError(f"scale_l2 cannot be an integer: {scale_l2}")
    scope = scope or "l1_l2_regularizer"
    if scale_l1 == 0.0:
        return l2_regularizer(scale_l2, scope)
    if scale_l2 == 0.0:
        return l1_regularizer(scale_l1, scope)
    return sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope=scope)


@export("contrib.layers.sum_regularizer", "contrib.slim.sum_regularizer")
def sum_regularizer(regularizer_list: Sequence[Regularizer | None], scope: str | None = None) -> Regularizer | None:
    """The sum of the penalties in the list that are not None; None where there is none."""
    given = [regularizer for regularizer in regularizer_list if regularizer is not None]
    if not given:
        return None

    def sum_reg(weights: Any) -> Any:
        with name_scope(scope, "sum_regularizer", [weights]) as name:
            penalties = [penalty for regularizer in given if (penalty := regularizer(weights)) is not None]
            return accumulation.add_n(penalties, name=name) if penalties else None

    return sum_reg


@export("contrib.layers.apply_regularization", "contrib.slim.apply_regularization")
def apply_regularization(regularizer: Regularizer, weights_list: Any = None) -> Any:
    """The summed penalty of the weights (default: those in the collection WEIGHTS), also put into
    REGULARIZATION_LOSSES.

    Raises: ValueError when there are no weights, or when a penalty is no scalar.
    """
    graph = stacks.get_default_graph()
    weights_list = weights_list or graph.get_collection(GraphKeys.WEIGHTS)
    if not weights_list:
        raise ValueError("No weights to regularize.")
    with name_scope("get_regularization_penalty", values=weights_list) as scope:
        found = [regularizer(weights) for weights in weights_list]
        penalties = [constants.constant(0.0) if penalty is None else penalty for penalty in found]
        for penalty in penalties:
            if (rank := penalty.get_shape().ndims) != 0:
                raise ValueError(f"regularizer must return a scalar Tensor instead of a Tensor with rank {rank}.")
        total = accumulation.add_n(penalties, name=scope)
        graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, total)
        return total
