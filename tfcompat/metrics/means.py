"""tf.metrics: means of values, of errors, of accuracies.

Source: TF 1.15, python/ops/metrics_impl.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.metrics.accumulating import aligned, collect, metric_variable, ratio
from tfcompat.ops import (
    assignment,
    casting,
    comparison,
    confusion_matrix,
    diagonals,
    elementwise,
    exponents,
    reductions,
    selecting,
    shapes,
    weights_broadcast,
)
from tfcompat.ops.variable_scope import variable_scope

Metric = tuple[Tensor, Tensor]


def _weighted(values: Tensor, weights: Any) -> tuple[Tensor, Tensor]:
    """values * weights, and the weights in the shape of the values."""
    values, _, weights = aligned(values, None, weights)
    weights = weights_broadcast.broadcast_weights(casting.cast(weights, dtypes.float32), values)
    return elementwise.multiply(values, weights), weights


@export("metrics.mean")
def mean(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The weighted mean of all values so far."""
    with variable_scope(name, "mean", (values, weights)):
        values = casting.cast(values, dtypes.float32)
        total = metric_variable([], dtypes.float32, name="total")
        count = metric_variable([], dtypes.float32, name="count")
        if weights is None:
            number = casting.cast(shapes.size(values), dtypes.float32)
        else:
            values, weights = _weighted(values, weights)
            number = reductions.reduce_sum(weights)
        more = assignment.assign_add(total, reductions.reduce_sum(values))
        with stacks.get_default_graph().control_dependencies([values]):
            counted = assignment.assign_add(count, number)
        value = collect(metrics_collections, ratio(total, count, "value"))
        return value, collect(updates_collections, ratio(more, counted, "update_op"))


@export("metrics.mean_tensor")
def mean_tensor(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The weighted mean of each element of a tensor over the batches."""
    with variable_scope(name, "mean", (values, weights)):
        values = casting.cast(values, dtypes.float32)
        total = metric_variable(values.shape, dtypes.float32, name="total_tensor")
        count = metric_variable(values.shape, dtypes.float32, name="count_tensor")
        number = shapes.ones_like(values)
        if weights is not None:
            values, weights = _weighted(values, weights)
            number = elementwise.multiply(number, weights)
        more = assignment.assign_add(total, values)
        with stacks.get_default_graph().control_dependencies([values]):
            counted = assignment.assign_add(count, number)
        value = collect(metrics_collections, ratio(total, count, "value"))
        return value, collect(updates_collections, ratio(more, counted, "update_op"))


@export("metrics.accuracy")
def accuracy(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """How often predictions equal labels."""
    predictions, labels, weights = aligned(predictions, labels, weights)
    predictions.shape.assert_is_compatible_with(labels.shape)
    if labels.dtype != predictions.dtype:
        predictions = casting.cast(predictions, labels.dtype)
    correct = casting.cast(comparison.equal(predictions, labels), dtypes.float32)
    return mean(correct, weights, metrics_collections, updates_collections, name or "accuracy")


@export("metrics.mean_absolute_error")
def mean_absolute_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The mean of |predictions - labels|."""
    predictions, labels, weights = aligned(predictions, labels, weights)
    errors = elementwise.abs(predictions - labels)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_absolute_error")


@export("metrics.mean_squared_error")
def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The mean of (predictions - labels)^2."""
    predictions, labels, weights = aligned(predictions, labels, weights)
    errors = elementwise.squared_difference(labels, predictions)
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_squared_error")


@export("metrics.root_mean_squared_error")
def root_mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The square root of the mean of (predictions - labels)^2."""
    predictions, labels, weights = aligned(predictions, labels, weights)
    value, update = mean_squared_error(labels, predictions, weights, None, None, name or "root_mean_squared_error")
    root = collect(metrics_collections, exponents.sqrt(value))
    return root, collect(updates_collections, exponents.sqrt(update))


@export("metrics.mean_relative_error")
def mean_relative_error(
    labels: Any,
    predictions: Any,
    normalizer: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The mean of |labels - predictions| / normalizer; 0 where the normalizer is 0."""
    predictions, labels, weights = aligned(predictions, labels, weights)
    predictions, normalizer = confusion_matrix.remove_squeezable_dimensions(predictions, normalizer)
    predictions.shape.assert_is_compatible_with(normalizer.shape)
    errors = selecting.where(
        comparison.equal(normalizer, 0.0),
        shapes.zeros_like(labels),
        elementwise.div(elementwise.abs(labels - predictions), normalizer),
    )
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_relative_error")


@export("metrics.mean_cosine_distance")
def mean_cosine_distance(
    labels: Any,
    predictions: Any,
    dim: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """1 - the mean of sum(labels * predictions) along `dim`; both are taken to be of unit length."""
    predictions, labels, weights = aligned(predictions, labels, weights)
    products = elementwise.multiply(predictions, labels)
    products = reductions.reduce_sum(products, axis=[dim], keepdims=True)
    value, update = mean(products, weights, None, None, name or "mean_cosine_distance")
    value, update = elementwise.subtract(1.0, value), elementwise.subtract(1.0, update)
    return collect(metrics_collections, value), collect(updates_collections, update)


@export("metrics.percentage_below")
def percentage_below(
    values: Any,
    threshold: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """Which share of the values is below `threshold`."""
    below = casting.cast(comparison.less(values, threshold), dtypes.float32)
    return mean(below, weights, metrics_collections, updates_collections, name or "percentage_below_threshold")


def _flat(tensor: Tensor) -> Tensor:
    return shapes.reshape(tensor, [-1]) if tensor.shape.ndims > 1 else tensor


@export("metrics.mean_per_class_accuracy")
def mean_per_class_accuracy(
    labels: Any,
    predictions: Any,
    num_classes: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The mean over classes of the accuracy among the examples of a class; the update gives each class's."""
    with variable_scope(name, "mean_accuracy", (predictions, labels, weights)):
        labels = _flat(casting.cast(labels, dtypes.int64))
        predictions = _flat(predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
        total = metric_variable([num_classes], dtypes.float32, name="total")
        count = metric_variable([num_classes], dtypes.float32, name="count")
        ones = shapes.ones([shapes.size(labels)], dtypes.float32)
        if labels.dtype != predictions.dtype:
            predictions = casting.cast(predictions, labels.dtype)
        correct = casting.cast(comparison.equal(predictions, labels), dtypes.float32)
        if weights is not None:
            weights = casting.cast(_flat(weights), dtypes.float32)
            correct *= weights
            ones *= weights
        more = assignment.scatter_add(total, labels, ones)
        counted = assignment.scatter_add(count, labels, correct)
        value = reductions.reduce_mean(ratio(count, total, None), name="mean_accuracy")
        collect(metrics_collections, value)
        return value, collect(updates_collections, ratio(counted, more, "update_op"))


@export("metrics.mean_iou")
def mean_iou(
    labels: Any,
    predictions: Any,
    num_classes: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The mean over classes of intersection over union; the update gives the confusion matrix so far."""
    with variable_scope(name, "mean_iou", (predictions, labels, weights)):
        predictions.shape.assert_is_compatible_with(labels.shape)
        matrix, update = _streaming_confusion_matrix(labels, predictions, num_classes, weights)
        value = collect(metrics_collections, _mean_iou_of(matrix))
        return value, collect(updates_collections, update)


def _streaming_confusion_matrix(labels: Any, predictions: Any, num_classes: Any, weights: Any) -> tuple[Any, Tensor]:
    total = metric_variable([num_classes, num_classes], dtypes.float64, name="total_confusion_matrix")
    predictions = casting.cast(predictions, dtypes.int64)
    labels = casting.cast(labels, dtypes.int64)
    num_classes = casting.cast(num_classes, dtypes.int64)
    predictions, labels = _flat(predictions), _flat(labels)
    if weights is not None:
        weights = _flat(weights)
    current = confusion_matrix.confusion_matrix(labels, predictions, num_classes, weights=weights, dtype=dtypes.float64)
    return total, assignment.assign_add(total, current)


def _mean_iou_of(matrix: Any) -> Tensor:
    rows = casting.cast(reductions.reduce_sum(matrix, 0), dtypes.float32)
    columns = casting.cast(reductions.reduce_sum(matrix, 1), dtypes.float32)
    diagonal = casting.cast(diagonals.diag_part(matrix), dtypes.float32)
    union = rows + columns - diagonal
    # Classes that no label and no prediction has do not count.
    present = reductions.reduce_sum(casting.cast(comparison.not_equal(union, 0), dtypes.float32))
    union = selecting.where(comparison.greater(union, 0), union, shapes.ones_like(union))
    iou = elementwise.div(diagonal, union)
    return selecting.where(comparison.greater(present, 0), reductions.reduce_sum(iou, name="mean_iou") / present, 0)
