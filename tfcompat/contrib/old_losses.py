"""tf.contrib.losses: predictions come before labels, and each loss is a mean over what has a weight.

Source: TF 1.15, contrib/losses/python/losses/loss_ops.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.contrib.arg_scoping import add_arg_scope
from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.losses import weighted
from tfcompat.ops import accumulation, casting, cross_entropy, elementwise, shape_queries, shapes


@export("contrib.losses.add_loss", "contrib.slim.losses.add_loss")
@add_arg_scope
def add_loss(loss: Any, loss_collection: Any = GraphKeys.LOSSES) -> None:
    """Puts a loss into a collection (None: nowhere)."""
    if loss_collection:
        stacks.get_default_graph().add_to_collection(loss_collection, loss)


@export("contrib.losses.get_losses", "contrib.slim.losses.get_losses")
def get_losses(scope: str | None = None, loss_collection: str = GraphKeys.LOSSES) -> list[Any]:
    """The losses of a collection."""
    return stacks.get_default_graph().get_collection(loss_collection, scope)


@export("contrib.losses.get_regularization_losses", "contrib.slim.losses.get_regularization_losses")
def get_regularization_losses(scope: str | None = None) -> list[Any]:
    """The penalties on weights."""
    return stacks.get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


@export("contrib.losses.get_total_loss", "contrib.slim.losses.get_total_loss")
def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss") -> Any:
    """The sum of all losses and, unless told otherwise, of the penalties."""
    penalties = get_regularization_losses() if add_regularization_losses else []
    return accumulation.add_n(get_losses() + penalties, name=name)


@export("contrib.losses.compute_weighted_loss", "contrib.slim.losses.compute_weighted_loss")
def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None) -> Any:
    """The sum of losses times weights, divided by the number of losses whose weight is not 0.

    Shapes: weights [] or the leading axes of the losses -> [].
    Raises: ValueError for unknown ranks.
    """
    losses = conversion.to_tensor(losses)
    weights = casting.cast(conversion.to_tensor(weights), dtypes.float32)
    rank, given = losses.get_shape().ndims, weights.get_shape().ndims
    if rank is None:
        raise ValueError("losses.get_shape().ndims cannot be None")
    if given is None:
        raise ValueError("weights.get_shape().ndims cannot be None")
    if 0 < given < rank:
        sizes = [-1 if size is None else size for size in weights.get_shape().as_list()]
        weights = shapes.reshape(weights, sizes + [1] * (rank - given))
    elif given > 1 and given > rank and weights.get_shape().dims[-1].value == 1:
        weights = shapes.squeeze(weights, [-1])
    return weighted.compute_weighted_loss(losses, weights, scope=scope)


def _alike(predictions: Any, labels: Any) -> tuple[Any, Any]:
    predictions.get_shape().assert_is_compatible_with(labels.get_shape())
    return casting.cast(predictions, dtypes.float32), casting.cast(labels, dtypes.float32)


@export("contrib.losses.absolute_difference", "contrib.slim.losses.absolute_difference")
def absolute_difference(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None) -> Any:
    """The mean of |predictions - labels|."""
    with name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = _alike(predictions, labels)
        return compute_weighted_loss(elementwise.abs(elementwise.subtract(predictions, labels)), weights, scope=scope)


@export("contrib.losses.mean_squared_error", "contrib.slim.losses.mean_squared_error")
def mean_squared_error(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None) -> Any:
    """The mean of (predictions - labels)**2."""
    with name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _alike(predictions, labels)
        return compute_weighted_loss(elementwise.squared_difference(predictions, labels), weights, scope=scope)


@export("contrib.losses.sigmoid_cross_entropy", "contrib.slim.losses.sigmoid_cross_entropy")
def sigmoid_cross_entropy(
    logits: Any, multi_class_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: str | None = None
) -> Any:
    """The mean cross entropy of independent classes; smoothing moves labels towards 1/2."""
    with name_scope(scope, "sigmoid_cross_entropy_loss", [logits, multi_class_labels, weights]) as scope:
        logits.get_shape().assert_is_compatible_with(multi_class_labels.get_shape())
        labels = casting.cast(multi_class_labels, logits.dtype)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = cross_entropy.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope=scope)


@export("contrib.losses.softmax_cross_entropy", "contrib.slim.losses.softmax_cross_entropy")
def softmax_cross_entropy(
    logits: Any, onehot_labels: Any, weights: Any = 1.0, label_smoothing: float = 0, scope: str | None = None
) -> Any:
    """The mean cross entropy of exclusive classes; smoothing moves labels towards 1/classes."""
    with name_scope(scope, "softmax_cross_entropy_loss", [logits, onehot_labels, weights]) as scope:
        logits.get_shape().assert_is_compatible_with(onehot_labels.get_shape())
        labels = casting.cast(onehot_labels, logits.dtype)
        if label_smoothing > 0:
            classes = casting.cast(shape_queries.shape(labels)[1], logits.dtype)
            labels = labels * (1.0 - label_smoothing) + label_smoothing / classes
        losses = cross_entropy.softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope=scope)


@export("contrib.losses.sparse_softmax_cross_entropy", "contrib.slim.losses.sparse_softmax_cross_entropy")
def sparse_softmax_cross_entropy(logits: Any, labels: Any, weights: Any = 1.0, scope: str | None = None) -> Any:
    """The mean cross entropy of exclusive classes given by number."""
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", [logits, labels, weights]) as scope:
        labels = shapes.reshape(labels, shape=[shape_queries.shape(labels)[0]])
        losses = cross_entropy.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope=scope)
