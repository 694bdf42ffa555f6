"""tf.metrics: precision, recall and average precision among the k highest predictions.

Labels are class numbers: one for each prediction, or several in a dense or sparse tensor.

Source: TF 1.15, python/ops/metrics_impl.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor, is_sparse
from tfcompat.framework.tensor import Tensor
from tfcompat.metrics.accumulating import collect, metric_variable
from tfcompat.ops import (
    arrays,
    assignment,
    casting,
    comparison,
    control_flow,
    elementwise,
    reductions,
    scans,
    selecting,
    sets,
    shapes,
    slicing,
    sparse,
    topk,
    weights_broadcast,
)

Metric = tuple[Tensor, Tensor]


def _at_k_name(name: str, k: Any = None, class_id: Any = None) -> str:
    name = f"{name}_at_{k}" if k is not None else f"{name}_at_k"
    return name if class_id is None else f"{name}_class{class_id}"


def _expanded_labels(labels: Any, predictions: Tensor) -> Any:
    """Labels with a last dimension of size 1 added where they have one dimension less than the predictions."""
    with name_scope(None, "expand_labels", (labels, predictions)) as scope:
        labels = convert_to_tensor_or_sparse_tensor(labels)
        if isinstance(labels, SparseTensor):
            return control_flow.cond(
                comparison.equal(shapes.rank(predictions), shapes.size(labels.dense_shape) + 1),
                lambda: sparse.sparse_reshape(labels, shape=arrays.concat((labels.dense_shape, (1,)), 0), name=scope),
                lambda: labels,
            )
        if labels.shape.ndims is not None:
            rank = predictions.get_shape().ndims
            if rank is not None:
                if rank == labels.shape.ndims:
                    return labels
                if rank == labels.shape.ndims + 1:
                    return shapes.expand_dims(labels, -1, name=scope)
                raise ValueError(f"Unexpected labels shape {labels.shape} for predictions shape {predictions.shape}.")
        return control_flow.cond(
            comparison.equal(shapes.rank(predictions), shapes.rank(labels) + 1),
            lambda: shapes.expand_dims(labels, -1, name=scope),
            lambda: labels,
        )


# --- counting by sets ----------------------------------------------------------------------------------------------


def _only_class(ids: Any, class_id: Any) -> SparseTensor:
    """The entries of `ids` that are `class_id`."""
    ids = convert_to_tensor_or_sparse_tensor(ids)
    if isinstance(ids, SparseTensor):
        return sparse.sparse_retain(ids, comparison.equal(ids.values, class_id))
    dims = shapes.shape(ids, out_type=dtypes.int64)
    last = shapes.size(dims) - 1
    wanted_dims = reductions.reduced_shape(dims, shapes.reshape(last, [1]))
    wanted = shapes.fill(wanted_dims, casting.cast(class_id, dtypes.int64))
    found = sets.set_intersection(wanted, ids)
    return SparseTensor(indices=found.indices, values=found.values, dense_shape=dims)


# Key -> (name of the variable, name of the scope, (top k, labels) -> SparseTensor of what counts).
_KINDS: dict[str, tuple[str, str, Callable[[Any, Any], SparseTensor]]] = {
    "tp": ("true_positive", "true_positives", sets.set_intersection),
    "fn": ("false_negative", "false_negatives", lambda a, b: sets.set_difference(a, b, aminusb=False)),
    "fp": ("false_positive", "false_positives", lambda a, b: sets.set_difference(a, b, aminusb=True)),
}


def _number(
    key: str, labels: Any, predictions_idx: Any, class_id: Any = None, weights: Any = None, name: str | None = None
) -> Tensor:
    """For each example, how many of its labels or top predictions count as `key`."""
    _, scope_name, operation = _KINDS[key]
    with name_scope(name, scope_name, (predictions_idx, labels, weights)):
        if class_id is not None:
            labels, predictions_idx = _only_class(labels, class_id), _only_class(predictions_idx, class_id)
        found = casting.cast(sets.set_size(operation(predictions_idx, labels)), dtypes.float64)
        if weights is not None:
            fits = weights_broadcast.assert_broadcastable(weights, found)
            with stacks.get_default_graph().control_dependencies((fits,)):
                found = elementwise.multiply(found, casting.cast(weights, dtypes.float64))
        return found


def _streaming_number(key: str, labels: Any, predictions_idx: Any, k: Any, class_id: Any, weights: Any) -> Any:
    """The sum of `_number` over all batches: its variable and update."""
    default_name = _at_k_name(_KINDS[key][0], k, class_id)
    with name_scope(None, default_name, (predictions_idx, labels, weights)) as scope:
        found = _number(key, labels, predictions_idx, class_id, weights)
        batch = casting.cast(reductions.reduce_sum(found), dtypes.float64)
        variable = metric_variable([], dtypes.float64, name=scope)
        return variable, assignment.assign_add(variable, batch, name="update")


def _share_at_top_k(
    metric: str,
    rest: str,
    labels: Any,
    predictions_idx: Any,
    k: Any,
    class_id: Any,
    weights: Any,
    metrics_collections: Any,
    updates_collections: Any,
    name: str | None,
) -> Metric:
    """hits / (hits + rest), where rest is false negatives or false positives."""
    with name_scope(name, _at_k_name(metric, k, class_id), (predictions_idx, labels, weights)) as scope:
        labels = _expanded_labels(labels, predictions_idx)
        top = casting.cast(predictions_idx, dtypes.int64)
        hits, hits_update = _streaming_number("tp", labels, top, k, class_id, weights)
        others, others_update = _streaming_number(rest, labels, top, k, class_id, weights)
        value = elementwise.div(hits, elementwise.add(hits, others), name=scope)
        collect(metrics_collections, value)
        update = elementwise.div(hits_update, elementwise.add(hits_update, others_update), name="update")
        return value, collect(updates_collections, update)


@export("metrics.recall_at_top_k")
def recall_at_top_k(
    labels: Any,
    predictions_idx: Any,
    k: Any = None,
    class_id: Any = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """Which share of the labels is among the top predictions, given by their class numbers."""
    return _share_at_top_k(
        "recall", "fn", labels, predictions_idx, k, class_id, weights, metrics_collections, updates_collections, name
    )


@export("metrics.precision_at_top_k")
def precision_at_top_k(
    labels: Any,
    predictions_idx: Any,
    k: Any = None,
    class_id: Any = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """Which share of the top predictions, given by their class numbers, is among the labels."""
    return _share_at_top_k(
        "precision",
        "fp",
        labels,
        predictions_idx,
        k,
        class_id,
        weights,
        metrics_collections,
        updates_collections,
        name,
    )


@export("metrics.recall_at_k")
def recall_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    class_id: Any = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """Which share of the labels is among the k classes with the highest predictions."""
    with name_scope(name, _at_k_name("recall", k, class_id), (predictions, labels, weights)) as scope:
        _, top = topk.top_k(predictions, k)
        return recall_at_top_k(labels, top, k, class_id, weights, metrics_collections, updates_collections, scope)


@export("metrics.precision_at_k")
def precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    class_id: Any = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """Which share of the k classes with the highest predictions is among the labels."""
    with name_scope(name, _at_k_name("precision", k, class_id), (predictions, labels, weights)) as scope:
        _, top = topk.top_k(predictions, k)
        return precision_at_top_k(labels, top, k, class_id, weights, metrics_collections, updates_collections, scope)


@export("metrics.sparse_precision_at_k")
def sparse_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    class_id: Any = None,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The old name of `precision_at_k`."""
    return precision_at_k(labels, predictions, k, class_id, weights, metrics_collections, updates_collections, name)


# --- average precision ---------------------------------------------------------------------------------------------


def _tiled(tensor: Any, times: int, dim: int, name: str) -> Any:
    """A new dimension at `dim` along which the tensor, dense or sparse, stands `times` times."""
    with name_scope(name, "expand_and_tile", (tensor, times, dim)) as scope:
        tensor = convert_to_tensor_or_sparse_tensor(tensor)
        if isinstance(tensor, SparseTensor):
            at: Any = [dim] if dim >= 0 else shapes.reshape(shapes.size(tensor.dense_shape) + dim, [1])
            before = slicing.slice(tensor.dense_shape, [0], at)
            after = slicing.slice(tensor.dense_shape, at, [-1])
            wide = arrays.concat((before, [1], after), 0, name="expanded_shape")
            expanded = sparse.sparse_reshape(tensor, shape=wide, name="expand")
            if times == 1:
                return expanded
            return sparse.sparse_concat(dim - 1 if dim < 0 else dim, [expanded] * times, name=scope)
        expanded = shapes.expand_dims(tensor, dim if dim >= 0 else dim - 1, name="expand")
        if times == 1:
            return expanded
        ones = shapes.ones_like(shapes.shape(tensor))
        multiples = arrays.concat((ones[:dim], (times,), ones[dim:]), 0, name="multiples")
        return arrays.tile(expanded, multiples, name=scope)


def _num_relevant(labels: Any, k: int) -> Tensor:
    """How many labels an example has, at most k; negative ones do not count."""
    with name_scope(None, "num_relevant", (labels,)) as scope:
        labels = convert_to_tensor_or_sparse_tensor(labels)
        if isinstance(labels, SparseTensor):
            return elementwise.minimum(sets.set_size(labels), k, name=scope)
        number = reductions.reduce_sum(
            selecting.where_v2(
                comparison.greater_equal(labels, 0), shapes.ones_like(labels), shapes.zeros_like(labels)
            ),
            axis=-1,
        )
        return elementwise.minimum(number, k, name=scope)


def _average_precision(labels: Any, predictions_idx: Any) -> Tensor:
    """For each example, the mean of the precisions at the ranks where a relevant class stands."""
    with name_scope(None, "average_precision", (predictions_idx, labels)) as scope:
        predictions_idx = casting.cast(predictions_idx, dtypes.int64, name="predictions_idx")
        if predictions_idx.shape.ndims == 0:
            raise ValueError("The rank of predictions_idx must be at least 1.")
        k = predictions_idx.shape.as_list()[-1]
        if k is None:
            raise ValueError("The last dimension of predictions_idx must be set.")
        labels = _expanded_labels(labels, predictions_idx)
        top_per_rank = shapes.expand_dims(predictions_idx, -1, name="predictions_idx_per_k")
        labels_per_rank = _tiled(labels, k, -1, "labels_per_k")
        relevant = _number("tp", labels_per_rank, top_per_rank, name="relevant_per_k")
        hits = scans.cumsum(relevant, axis=-1, name="tp_per_k")
        retrieved = scans.cumsum(shapes.ones_like(relevant), axis=-1, name="retrieved_per_k")
        precisions = elementwise.div(
            casting.cast(hits, dtypes.float64), casting.cast(retrieved, dtypes.float64), name="precision_per_k"
        )
        precisions = elementwise.multiply(
            precisions, casting.cast(relevant, dtypes.float64), name="relevant_precision_per_k"
        )
        total = reductions.reduce_sum(precisions, axis=(-1,), name="precision_sum")
        number = casting.cast(_num_relevant(labels, k), dtypes.float64)
        return elementwise.div(total, number, name=scope)


def _safe_quotient(numerator: Any, denominator: Any, name: str) -> Tensor:
    numerator.shape.with_rank_at_most(1)
    denominator.shape.with_rank_at_most(1)
    return elementwise.divide_no_nan(numerator, denominator, name=name)


def _streaming_average_precision(
    labels: Any, predictions_idx: Any, weights: Any, metrics_collections: Any, updates_collections: Any, name: str
) -> Metric:
    with name_scope(name, "average_precision_at_top_k", (predictions_idx, labels, weights)) as scope:
        average = _average_precision(labels, predictions_idx)
        if weights is not None:
            weights = weights_broadcast.broadcast_weights(casting.cast(weights, dtypes.float64), average)
            average = elementwise.multiply(average, weights)
        with name_scope(None, "max", (average,)) as max_scope:
            most = metric_variable([], dtypes.float64, name=max_scope)
            if weights is None:
                batch = casting.cast(shapes.size(average, name="batch_max"), dtypes.float64)
            else:
                batch = reductions.reduce_sum(weights, name="batch_max")
            most_update = assignment.assign_add(most, batch, name="update")
        with name_scope(None, "total", (average,)) as total_scope:
            total = metric_variable([], dtypes.float64, name=total_scope)
            batch = reductions.reduce_sum(average, name="batch_total")
            total_update = assignment.assign_add(total, batch, name="update")
        value = collect(metrics_collections, _safe_quotient(total, most, "mean"))
        return value, collect(updates_collections, _safe_quotient(total_update, most_update, scope))


def _without_unknown_classes(labels: Any, num_classes: Tensor) -> Any:
    """Labels with -1 for classes that are not among the predictions."""

    def cleaned(values: Any) -> Tensor:
        return selecting.where_v2(comparison.greater_equal(values, num_classes), -1 * shapes.ones_like(values), values)

    def clean() -> Any:
        if is_sparse(labels):
            return type(labels)(indices=labels.indices, values=cleaned(labels.values), dense_shape=labels.dense_shape)
        return cleaned(labels)

    largest = reductions.reduce_max(labels.values if is_sparse(labels) else labels)
    return control_flow.cond(comparison.greater_equal(largest, num_classes), clean, lambda: labels)


@export("metrics.average_precision_at_k")
def average_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The mean over examples of the average precision among the k highest predictions.

    Raises: ValueError for k below 1.
    """
    if k < 1:
        raise ValueError(f"Invalid k={k}.")
    with name_scope(name, _at_k_name("average_precision", k), (predictions, labels, weights)) as scope:
        _, top = topk.top_k(predictions, k)
        classes = casting.cast(shapes.shape(predictions)[-1], dtypes.int64)
        labels = _without_unknown_classes(labels, classes)
        return _streaming_average_precision(labels, top, weights, metrics_collections, updates_collections, scope)


@export("metrics.sparse_average_precision_at_k")
def sparse_average_precision_at_k(
    labels: Any,
    predictions: Any,
    k: int,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The old name of `average_precision_at_k`."""
    return average_precision_at_k(labels, predictions, k, weights, metrics_collections, updates_collections, name)
