"""tf.losses: loss functions weighted, reduced, and kept in a collection. Source: TF 1.15, python/ops/losses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    accumulation,
    activations,
    casting,
    comparison,
    confusion_matrix,
    constants,
    control_flow,
    cross_entropy,
    elementwise,
    exponents,
    identity,
    ranges,
    reductions,
    selecting,
    shapes,
    weights_broadcast,
)

LOSSES = GraphKeys.LOSSES


@export("losses.Reduction")
class Reduction:
    """How a tensor of weighted losses becomes one number."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return (
            cls.NONE,
            cls.SUM,
            cls.MEAN,
            cls.SUM_OVER_BATCH_SIZE,
            cls.SUM_OVER_NONZERO_WEIGHTS,
            cls.SUM_BY_NONZERO_WEIGHTS,
        )

    @classmethod
    def validate(cls, key: str) -> None:
        """Raises ValueError unless `key` is one of `all()`."""
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key {key}.")


_NONZERO = Reduction.SUM_BY_NONZERO_WEIGHTS


@export("losses.add_loss")
def add_loss(loss: Any, loss_collection: Any = LOSSES) -> None:
    """Adds a loss made elsewhere to a collection."""
    if loss_collection:
        stacks.get_default_graph().add_to_collection(loss_collection, loss)


@export("losses.get_losses")
def get_losses(scope: str | None = None, loss_collection: Any = LOSSES) -> list[Any]:
    """The losses collected so far, those under `scope` only if given."""
    return stacks.get_default_graph().get_collection(loss_collection, scope)


@export("losses.get_regularization_losses")
def get_regularization_losses(scope: str | None = None) -> list[Any]:
    """The regularisation losses that layers and variables have added."""
    return stacks.get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


@export("losses.get_regularization_loss")
def get_regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Tensor:
    """The sum of the regularisation losses; 0 when there is none."""
    found = get_regularization_losses(scope)
    return accumulation.add_n(found, name=name) if found else constants.constant(0.0)


@export("losses.get_total_loss")
def get_total_loss(
    add_regularization_losses: bool = True, name: str = "total_loss", scope: str | None = None
) -> Tensor:
    """The sum of all collected losses, with the regularisation losses unless told not to."""
    found = get_losses(scope)
    if add_regularization_losses:
        found += get_regularization_losses(scope)
    return accumulation.add_n(found, name=name)


def _safe_mean(losses: Tensor, count: Tensor) -> Tensor:
    return elementwise.divide_no_nan(reductions.reduce_sum(losses), count, name="value")


def _num_elements(losses: Tensor) -> Tensor:
    with name_scope(None, "num_elements", [losses]) as scope:
        return casting.cast(shapes.size(losses, name=scope), losses.dtype)


def _num_present(losses: Tensor, weights: Any, per_batch: bool = False) -> Tensor:
    """How many losses have a weight that is not zero; for each batch element with `per_batch`."""
    if isinstance(weights, float) and weights != 0.0:
        return _num_elements(losses)
    with name_scope(None, "num_present", (losses, weights)) as scope:
        weights = casting.cast(weights, dtypes.float32)
        present = selecting.where(comparison.equal(weights, 0.0), shapes.zeros_like(weights), shapes.ones_like(weights))
        present = weights_broadcast.broadcast_weights(present, losses)
        if per_batch:
            return reductions.reduce_sum(present, axis=ranges.range(1, shapes.rank(present)), keepdims=True, name=scope)
        return reductions.reduce_sum(present, name=scope)


@export("losses.compute_weighted_loss")
def compute_weighted_loss(
    losses: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: Any = LOSSES, reduction: str = _NONZERO
) -> Tensor:
    """`losses * weights`, reduced and added to a collection.

    Shapes: losses [batch, ...]; weights a scalar or of the same rank with sizes 1 or equal -> [] (or losses' shape).
    Raises: ValueError for an unknown reduction or weights that do not broadcast.
    """
    Reduction.validate(reduction)
    with name_scope(scope, "weighted_loss", (losses, weights)):
        graph = stacks.get_default_graph()
        graph._attached["last_loss_reduction"] = reduction
        with graph.control_dependencies((weights_broadcast.assert_broadcastable(weights, losses),)):
            losses = conversion.to_tensor(losses)
            dtype = losses.dtype
            losses = casting.cast(losses, dtypes.float32)
            weights = casting.cast(weights, dtypes.float32)
            weighted = elementwise.multiply(losses, weights)
            loss = weighted if reduction == Reduction.NONE else _reduce(weighted, losses, weights, reduction)
            loss = casting.cast(loss, dtype)
            add_loss(loss, loss_collection)
            return loss


def _reduce(weighted: Tensor, losses: Tensor, weights: Tensor, reduction: str) -> Tensor:
    loss = reductions.reduce_sum(weighted)
    if reduction == Reduction.MEAN:
        return _safe_mean(loss, reductions.reduce_sum(shapes.ones_like(losses) * weights))
    if reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
        return _safe_mean(loss, _num_present(losses, weights))
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        return _safe_mean(loss, _num_elements(losses))
    return loss


@contextmanager
def _as_floats(
    default: str,
    scope: str | None,
    weights: Any,
    labels: Any,
    outputs: Any,
    names: tuple[str, str] = ("labels", "predictions"),
) -> Iterator[tuple[Tensor, Tensor, str]]:
    """The scope of a loss, with labels and outputs as float32 of compatible shapes."""
    _required(labels, names[0])
    _required(outputs, names[1])
    with name_scope(scope, default, _tensors(outputs, labels, weights)) as opened:
        outputs = casting.cast(outputs, dtypes.float32)
        labels = casting.cast(labels, dtypes.float32)
        outputs.shape.assert_is_compatible_with(labels.shape)
        yield labels, outputs, opened


def _tensors(*values: Any) -> list[Any]:
    return [v for v in values if isinstance(v, Tensor)]


def _required(value: Any, name: str) -> None:
    if value is None:
        raise ValueError(f"{name} must not be None.")


@export("losses.absolute_difference")
def absolute_difference(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """|predictions - labels|, weighted and reduced."""
    with _as_floats("absolute_difference", scope, weights, labels, predictions) as (labels, predictions, opened):
        losses = elementwise.abs(elementwise.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.cosine_distance")
def cosine_distance(
    labels: Any,
    predictions: Any,
    axis: int | None = None,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
    dim: int | None = None,
) -> Tensor:
    """1 - sum(labels * predictions) along `axis`; both are taken to be of unit length."""
    if axis is not None and dim is not None:
        raise ValueError("Cannot specify both 'dim' and 'axis'")
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    with _as_floats("cosine_distance_loss", scope, weights, labels, predictions) as (labels, predictions, opened):
        products = elementwise.multiply(predictions, labels)
        losses = 1 - reductions.reduce_sum(products, axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.hinge_loss")
def hinge_loss(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """max(0, 1 - (2 labels - 1) * logits) for labels 0 and 1."""
    with _as_floats("hinge_loss", scope, weights, labels, logits, ("labels", "logits")) as (labels, logits, opened):
        ones = shapes.ones_like(labels)
        signs = elementwise.subtract(2 * labels, ones)
        losses = activations.relu(elementwise.subtract(ones, elementwise.multiply(signs, logits)))
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.huber_loss")
def huber_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    delta: float = 1.0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """Half the squared error up to `delta`, linear beyond it (Huber 1964)."""
    with _as_floats("huber_loss", scope, weights, labels, predictions) as (labels, predictions, opened):
        error = elementwise.abs(elementwise.subtract(predictions, labels))
        quadratic = elementwise.minimum(error, delta)
        linear = elementwise.subtract(error, quadratic)
        losses = elementwise.add(
            elementwise.multiply(
                conversion.to_tensor(0.5, quadratic.dtype), elementwise.multiply(quadratic, quadratic)
            ),
            elementwise.multiply(delta, linear),
        )
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.log_loss")
def log_loss(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """-labels log(p + epsilon) - (1 - labels) log(1 - p + epsilon)."""
    with _as_floats("log_loss", scope, weights, labels, predictions) as (labels, predictions, opened):
        hit = -elementwise.multiply(labels, exponents.log(predictions + epsilon))
        losses = hit - elementwise.multiply(1 - labels, exponents.log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.mean_squared_error")
def mean_squared_error(
    labels: Any,
    predictions: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """(predictions - labels)^2, weighted and reduced."""
    with _as_floats("mean_squared_error", scope, weights, labels, predictions) as (labels, predictions, opened):
        losses = elementwise.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.mean_pairwise_squared_error")
def mean_pairwise_squared_error(
    labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None, loss_collection: Any = LOSSES
) -> Tensor:
    """The mean over pairs of elements of one example of ((p_i - p_j) - (l_i - l_j))^2."""
    _required(labels, "labels")
    _required(predictions, "predictions")
    with name_scope(scope, "mean_pairwise_squared_error", _tensors(predictions, labels, weights)):
        weights = casting.cast(weights, dtypes.float32)
        labels = casting.cast(labels, dtypes.float32)
        graph = stacks.get_default_graph()
        with graph.control_dependencies((weights_broadcast.assert_broadcastable(weights, labels),)):
            predictions = casting.cast(predictions, dtypes.float32)
            predictions.shape.assert_is_compatible_with(labels.shape)
            diffs = elementwise.subtract(predictions, labels)
            axis = ranges.range(1, shapes.rank(diffs))
            squares = reductions.reduce_sum(exponents.square(diffs), axis=axis, keepdims=True)
            count = _num_present(diffs, weights, per_batch=True)
            first = 2.0 * elementwise.divide_no_nan(squares, elementwise.maximum(count - 1, 0), name="value")
            total = reductions.reduce_sum(diffs, axis=axis, keepdims=True)
            second = 2.0 * elementwise.divide_no_nan(
                exponents.square(total),
                elementwise.maximum(elementwise.multiply(count, count - 1), 0),
                name="value",
            )
            weighted = elementwise.multiply(first - second, weights)
            loss = reductions.reduce_sum(weighted)
            mean = selecting.where(reductions.reduce_sum(count) > 0, loss, shapes.zeros_like(loss), name="value")
            add_loss(mean, loss_collection)
            return mean


@export("losses.sigmoid_cross_entropy")
def sigmoid_cross_entropy(
    multi_class_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """Cross entropy of independent classes. With smoothing s, labels become labels * (1 - s) + s / 2."""
    _required(multi_class_labels, "multi_class_labels")
    _required(logits, "logits")
    values = _tensors(logits, multi_class_labels, weights)
    with name_scope(scope, "sigmoid_cross_entropy_loss", values) as opened:
        logits = conversion.to_tensor(logits)
        labels = casting.cast(multi_class_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = cross_entropy.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.softmax_cross_entropy")
def softmax_cross_entropy(
    onehot_labels: Any,
    logits: Any,
    weights: Any = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """Cross entropy of exclusive classes. With smoothing s, labels become labels * (1 - s) + s / classes."""
    _required(onehot_labels, "onehot_labels")
    _required(logits, "logits")
    with name_scope(scope, "softmax_cross_entropy_loss", _tensors(logits, onehot_labels, weights)) as opened:
        logits = conversion.to_tensor(logits)
        labels = casting.cast(onehot_labels, logits.dtype)
        logits.shape.assert_is_compatible_with(labels.shape)
        if label_smoothing > 0:
            classes = casting.cast(shapes.shape(labels)[-1], logits.dtype)
            negative = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + negative
        labels = identity.stop_gradient(labels, name="labels_stop_gradient")
        losses = cross_entropy.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


@export("losses.sparse_softmax_cross_entropy")
def sparse_softmax_cross_entropy(
    labels: Any,
    logits: Any,
    weights: Any = 1.0,
    scope: str | None = None,
    loss_collection: Any = LOSSES,
    reduction: str = _NONZERO,
) -> Tensor:
    """Cross entropy of exclusive classes given by number.

    Shapes: labels [d0, ..., dn] or [d0, ..., dn, 1], logits [d0, ..., dn, classes].
    """
    _required(labels, "labels")
    _required(logits, "logits")
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", _tensors(logits, labels, weights)) as opened:
        labels, logits, weights = _squeezed(labels, logits, weights)
        losses = cross_entropy.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, opened, loss_collection, reduction)


def _squeezed(labels: Any, logits: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Labels without a last dimension of 1 (so that logits have one more), and weights of the labels' rank."""
    labels, logits = confusion_matrix.remove_squeezable_dimensions(labels, logits, expected_rank_diff=1)
    if weights is None:
        return labels, logits, None
    weights = conversion.to_tensor(weights)
    label_rank, weight_rank = labels.shape.ndims, weights.shape.ndims
    if label_rank is not None and weight_rank is not None:
        if weight_rank - label_rank == 1:
            weights = shapes.squeeze(weights, [-1])
        return labels, logits, weights
    difference = shapes.rank(weights) - shapes.rank(labels)
    if weight_rank is None or (weight_rank > 0 and weights.shape.dims[-1].is_compatible_with(1)):
        weights = control_flow.cond(
            comparison.equal(1, difference), lambda: shapes.squeeze(weights, [-1]), lambda: weights
        )
    return labels, logits, weights
