"""tf.metrics: true and false positives and negatives, precision, recall; of booleans, and at thresholds.

Source: TF 1.15, python/ops/metrics_impl.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.metrics.accumulating import aligned, collect, metric_variable
from tfcompat.ops import (
    arrays,
    assignment,
    casting,
    checks,
    comparison,
    constants,
    elementwise,
    permuting,
    reductions,
    selecting,
    shapes,
    weights_broadcast,
)
from tfcompat.ops.identity import identity
from tfcompat.ops.variable_scope import variable_scope

Metric = tuple[Tensor, Tensor]
_NAMES = {"tp": "true_positives", "fn": "false_negatives", "tn": "true_negatives", "fp": "false_positives"}


# --- of booleans ---------------------------------------------------------------------------------------------------


def _count(values: Tensor, weights: Any, metrics_collections: Any, updates_collections: Any) -> Metric:
    """The weighted number of true values so far."""
    checks.assert_type(values, dtypes.bool)
    count = metric_variable([], dtypes.float32, name="count")
    values = casting.cast(values, dtypes.float32)
    if weights is not None:
        checked = checks.assert_rank_in(weights, (0, shapes.rank(values)))
        with stacks.get_default_graph().control_dependencies((checked,)):
            weights = casting.cast(weights, dtypes.float32)
            values = elementwise.multiply(values, weights)
    value = collect(metrics_collections, identity(count))
    update = assignment.assign_add(count, reductions.reduce_sum(values))
    return value, collect(updates_collections, update)


def _as_booleans(predictions: Any, labels: Any, weights: Any) -> tuple[Tensor, Tensor, Any]:
    return aligned(casting.cast(predictions, dtypes.bool), casting.cast(labels, dtypes.bool), weights)


def _counted(
    key: str,
    labels: Any,
    predictions: Any,
    weights: Any,
    metrics_collections: Any,
    updates_collections: Any,
    name: str | None,
) -> Metric:
    """How often a label and a prediction are as `key` says."""
    label, prediction = {"tp": (True, True), "fn": (True, False), "tn": (False, False), "fp": (False, True)}[key]
    with variable_scope(name, _NAMES[key], (predictions, labels, weights)):
        predictions, labels, weights = _as_booleans(predictions, labels, weights)
        found = comparison.logical_and(comparison.equal(labels, label), comparison.equal(predictions, prediction))
        return _count(found, weights, metrics_collections, updates_collections)


@export("metrics.true_positives")
def true_positives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """How many (or what weight of) true labels were predicted."""
    return _counted("tp", labels, predictions, weights, metrics_collections, updates_collections, name)


@export("metrics.false_negatives")
def false_negatives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """How many (or what weight of) true labels were not predicted."""
    return _counted("fn", labels, predictions, weights, metrics_collections, updates_collections, name)


@export("metrics.true_negatives")
def true_negatives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """How many (or what weight of) false labels were not predicted."""
    return _counted("tn", labels, predictions, weights, metrics_collections, updates_collections, name)


@export("metrics.false_positives")
def false_positives(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """How many (or what weight of) false labels were predicted."""
    return _counted("fp", labels, predictions, weights, metrics_collections, updates_collections, name)


def _share(part: Any, rest: Any, name: str) -> Tensor:
    """part / (part + rest), 0 where both are 0."""
    return selecting.where(comparison.greater(part + rest, 0), elementwise.div(part, part + rest), 0, name)


def _share_metric(
    default_name: str,
    rest: Callable[..., Metric],
    labels: Any,
    predictions: Any,
    weights: Any,
    metrics_collections: Any,
    updates_collections: Any,
    name: str | None,
) -> Metric:
    with variable_scope(name, default_name, (predictions, labels, weights)):
        predictions, labels, weights = _as_booleans(predictions, labels, weights)
        hits, hits_update = true_positives(labels, predictions, weights)
        others, others_update = rest(labels, predictions, weights)
        value = collect(metrics_collections, _share(hits, others, "value"))
        return value, collect(updates_collections, _share(hits_update, others_update, "update_op"))


@export("metrics.precision")
def precision(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """Which share of what was predicted is true."""
    return _share_metric(
        "precision", false_positives, labels, predictions, weights, metrics_collections, updates_collections, name
    )


@export("metrics.recall")
def recall(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """Which share of what is true was predicted."""
    return _share_metric(
        "recall", false_negatives, labels, predictions, weights, metrics_collections, updates_collections, name
    )


# --- at thresholds -------------------------------------------------------------------------------------------------


def confusion_at_thresholds(
    labels: Any, predictions: Any, thresholds: Sequence[float], weights: Any = None, includes: Any = None
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """For each of tp, fn, tn, fp (or those in `includes`), a variable with one count per threshold, and its update.

    Raises: InvalidArgumentError in the run for predictions outside [0, 1].
    """
    includes = tuple(_NAMES) if includes is None else includes
    graph = stacks.get_default_graph()
    text = "predictions must be in [0, 1]"
    low = checks.assert_greater_equal(predictions, casting.cast(0.0, predictions.dtype), message=text)
    high = checks.assert_less_equal(predictions, casting.cast(1.0, predictions.dtype), message=text)
    with graph.control_dependencies([low, high]):
        predictions, labels, weights = aligned(
            casting.cast(predictions, dtypes.float32), casting.cast(labels, dtypes.bool), weights
        )
    n = len(thresholds)
    column = shapes.reshape(predictions, [-1, 1])
    row = shapes.reshape(casting.cast(labels, dtypes.bool), [1, -1])
    count = column.shape.as_list()[0]
    if count is None:
        count = shapes.shape(column)[0]
    limits = arrays.tile(shapes.expand_dims(constants.constant(thresholds), [1]), arrays.stack([1, count]))
    positive = comparison.greater(arrays.tile(permuting.transpose(column), [n, 1]), limits)
    negative = comparison.logical_not(positive) if "fn" in includes or "tn" in includes else None
    is_true = arrays.tile(row, [n, 1])
    is_false = comparison.logical_not(is_true) if "fp" in includes or "tn" in includes else None
    if weights is not None:
        weights = weights_broadcast.broadcast_weights(casting.cast(weights, dtypes.float32), predictions)
        weights = arrays.tile(shapes.reshape(weights, [1, -1]), [n, 1])
        limits.shape.assert_is_compatible_with(weights.shape)
    sides = {
        "tp": (is_true, positive),
        "fn": (is_true, negative),
        "tn": (is_false, negative),
        "fp": (is_false, positive),
    }
    values: dict[str, Any] = {}
    updates: dict[str, Tensor] = {}
    for key, name in _NAMES.items():
        if key in includes:
            variable = metric_variable([n], dtypes.float32, name=name)
            found = casting.cast(comparison.logical_and(*sides[key]), dtypes.float32)
            if weights is not None:
                found *= weights
            updates[key] = assignment.assign_add(variable, reductions.reduce_sum(found, 1))
            values[key] = variable
    return values, updates


def _counted_at_thresholds(
    key: str,
    labels: Any,
    predictions: Any,
    thresholds: Sequence[float],
    weights: Any,
    metrics_collections: Any,
    updates_collections: Any,
    name: str | None,
) -> Metric:
    with variable_scope(name, _NAMES[key], (predictions, labels, weights)):
        values, updates = confusion_at_thresholds(labels, predictions, thresholds, weights, (key,))
        value = collect(metrics_collections, identity(values[key]))
        return value, collect(updates_collections, updates[key])


@export("metrics.true_positives_at_thresholds")
def true_positives_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Sequence[float],
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """For each threshold, how many true labels have a prediction above it."""
    return _counted_at_thresholds(
        "tp", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name
    )


@export("metrics.false_negatives_at_thresholds")
def false_negatives_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Sequence[float],
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """For each threshold, how many true labels have no prediction above it."""
    return _counted_at_thresholds(
        "fn", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name
    )


@export("metrics.true_negatives_at_thresholds")
def true_negatives_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Sequence[float],
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """For each threshold, how many false labels have no prediction above it."""
    return _counted_at_thresholds(
        "tn", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name
    )


@export("metrics.false_positives_at_thresholds")
def false_positives_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Sequence[float],
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """For each threshold, how many false labels have a prediction above it."""
    return _counted_at_thresholds(
        "fp", labels, predictions, thresholds, weights, metrics_collections, updates_collections, name
    )


_SMALL = 1e-7


@export("metrics.precision_at_thresholds")
def precision_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Sequence[float],
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """For each threshold, which share of the predictions above it is true."""
    with variable_scope(name, "precision_at_thresholds", (predictions, labels, weights)):
        values, updates = confusion_at_thresholds(labels, predictions, thresholds, weights, ("tp", "fp"))

        def of(counts: dict[str, Any], label: str) -> Tensor:
            return elementwise.div(counts["tp"], _SMALL + counts["tp"] + counts["fp"], name="precision_" + label)

        value = collect(metrics_collections, of(values, "value"))
        return value, collect(updates_collections, of(updates, "update_op"))


@export("metrics.recall_at_thresholds")
def recall_at_thresholds(
    labels: Any,
    predictions: Any,
    thresholds: Sequence[float],
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """For each threshold, which share of what is true has a prediction above it."""
    with variable_scope(name, "recall_at_thresholds", (predictions, labels, weights)):
        values, updates = confusion_at_thresholds(labels, predictions, thresholds, weights, ("tp", "fn"))

        def of(counts: dict[str, Any], label: str) -> Tensor:
            return elementwise.div(counts["tp"], _SMALL + counts["tp"] + counts["fn"], name="recall_" + label)

        value = collect(metrics_collections, of(values, "value"))
        return value, collect(updates_collections, of(updates, "update_op"))
