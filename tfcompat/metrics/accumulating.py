"""What all metrics share: their variables, the alignment of predictions, labels and weights, the collections.

A metric is a pair: a tensor of its value so far, and an operation that takes in another batch and gives the new value.

Source: TF 1.15, python/ops/metrics_impl.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import comparison, confusion_matrix, control_flow, elementwise, shapes
from tfcompat.ops.variable_base import VariableAggregation, VariableSynchronization, VariableV1


def metric_variable(shape: Any, dtype: Any, validate_shape: bool = True, name: str | None = None) -> Any:
    """A variable of zeros in the collections LOCAL_VARIABLES and METRIC_VARIABLES."""
    return VariableV1(
        lambda: shapes.zeros(shape, dtype),
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES],
        validate_shape=validate_shape,
        synchronization=VariableSynchronization.ON_READ,
        aggregation=VariableAggregation.SUM,
        name=name,
    )


def collect(collections: Any, value: Any) -> Any:
    """Adds `value` to the collections (None: to none) and returns it."""
    if collections:
        stacks.get_default_graph().add_to_collections(collections, value)
    return value


def ratio(total: Any, count: Any, name: str | None) -> Tensor:
    """total / count, 0 where nothing was counted."""
    return elementwise.divide_no_nan(total, elementwise.maximum(count, 0), name=name)


def aligned(predictions: Any, labels: Any, weights: Any) -> tuple[Tensor, Any, Any]:
    """Predictions, labels and weights as tensors of one rank, last dimensions of size 1 squeezed or added as needed.

    Labels may be None, and weights None or scalar.
    """
    predictions = conversion.to_tensor(predictions)
    if labels is not None:
        labels, predictions = confusion_matrix.remove_squeezable_dimensions(labels, predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
    if weights is None:
        return predictions, labels, None
    weights = conversion.to_tensor(weights)
    w_rank, p_rank = weights.shape.ndims, predictions.shape.ndims
    if w_rank == 0:
        return predictions, labels, weights
    if p_rank is None or w_rank is None:
        return predictions, labels, _aligned_in_the_run(weights, predictions)
    if w_rank - p_rank == 1:
        weights = shapes.squeeze(weights, [-1])
    elif p_rank - w_rank == 1:
        weights = shapes.expand_dims(weights, [-1])
    return predictions, labels, weights


def _aligned_in_the_run(weights: Tensor, predictions: Tensor) -> Tensor:
    rank = shapes.rank(weights)
    difference = rank - shapes.rank(predictions)
    fixed = weights.shape.ndims is not None and not weights.shape.dims[-1].is_compatible_with(1)

    def expanded() -> Tensor:
        return control_flow.cond(  # type: ignore[no-any-return]
            comparison.equal(difference, -1), lambda: shapes.expand_dims(weights, [-1]), lambda: weights
        )

    def squeezed() -> Tensor:
        return weights if fixed else shapes.squeeze(weights, [-1])

    def adjusted() -> Tensor:
        return control_flow.cond(comparison.equal(difference, 1), squeezed, expanded)  # type: ignore[no-any-return]

    return control_flow.cond(comparison.equal(rank, 0), lambda: weights, adjusted)  # type: ignore[no-any-return]
