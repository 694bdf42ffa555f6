"""Losses over many classes that look at a sample of them: nce_loss, sampled_softmax_loss.

Source: TF 1.15, python/ops/nn_impl.py; the nodes are the same.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    candidate_sampling,
    casting,
    elementwise,
    exponents,
    identity,
    matmul,
    shapes,
    slicing,
    sparse,
)
from tfcompat.ops.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2,
)
from tfcompat.ops.embedding import embedding_lookup
from tfcompat.ops.variable_parts import PartitionedVariable


def _sum_rows(x: Tensor) -> Tensor:
    # A product with ones, which is faster than a reduction in TF.
    columns = shapes.shape(x)[1]
    ones = shapes.ones(arrays.stack([columns, 1]), x.dtype)
    return shapes.reshape(matmul.matmul(x, ones), [-1])


def compute_sampled_logits(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    subtract_log_q: bool = True,
    remove_accidental_hits: bool = False,
    partition_strategy: str = "mod",
    name: str | None = None,
    seed: int | None = None,
) -> tuple[Tensor, Tensor]:
    """Logits and labels of the true classes and of sampled ones, in this order.

    Shapes: weights [num_classes, d], inputs [batch, d], labels [batch, num_true] -> twice [batch, num_true + sampled].
    """
    if isinstance(weights, PartitionedVariable):
        weights = list(weights)
    if not isinstance(weights, list):
        weights = [weights]
    with name_scope(name, "compute_sampled_logits", [*weights, biases, inputs, labels]):
        if labels.dtype != dtypes.int64:
            labels = casting.cast(labels, dtypes.int64)
        flat = shapes.reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = candidate_sampling.log_uniform_candidate_sampler(
                true_classes=labels,
                num_true=num_true,
                num_sampled=num_sampled,
                unique=True,
                range_max=num_classes,
                seed=seed,
            )
        sampled, true_count, sampled_count = (identity.stop_gradient(s) for s in sampled_values)
        sampled = casting.cast(sampled, dtypes.int64)
        all_ids = arrays.concat([flat, sampled], 0)
        all_w = embedding_lookup(weights, all_ids, partition_strategy=partition_strategy)
        if all_w.dtype != inputs.dtype:
            all_w = casting.cast(all_w, inputs.dtype)
        true_w = slicing.slice(all_w, [0, 0], arrays.stack([shapes.shape(flat)[0], -1]))
        sampled_w = slicing.slice(all_w, arrays.stack([shapes.shape(flat)[0], 0]), [-1, -1])
        sampled_logits = matmul.matmul(inputs, sampled_w, transpose_b=True)
        all_b = embedding_lookup(biases, all_ids, partition_strategy=partition_strategy)
        if all_b.dtype != inputs.dtype:
            all_b = casting.cast(all_b, inputs.dtype)
        true_b = slicing.slice(all_b, [0], shapes.shape(flat))
        sampled_b = slicing.slice(all_b, shapes.shape(flat), [-1])
        true_logits = _true_logits(true_w, inputs, num_true)
        true_logits += shapes.reshape(true_b, [-1, num_true])
        sampled_logits += sampled_b
        if remove_accidental_hits:
            sampled_logits += _penalties(labels, sampled, num_true, num_sampled, sampled_logits.dtype)
        if subtract_log_q:
            true_logits -= exponents.log(true_count)
            sampled_logits -= exponents.log(sampled_count)
        out_logits = arrays.concat([true_logits, sampled_logits], 1)
        parts = [shapes.ones_like(true_logits) / num_true, shapes.zeros_like(sampled_logits)]
        return out_logits, arrays.concat(parts, 1)


def _true_logits(true_w: Tensor, inputs: Tensor, num_true: int) -> Tensor:
    """[batch, num_true]: each input with the weights of each of its classes."""
    dim = shapes.shape(true_w)[1:2]
    shape = arrays.concat([[-1, num_true], dim], 0)
    products = elementwise.multiply(shapes.expand_dims(inputs, 1), shapes.reshape(true_w, shape))
    matrix = shapes.reshape(products, arrays.concat([[-1], dim], 0))
    return shapes.reshape(_sum_rows(matrix), [-1, num_true])


def _penalties(labels: Tensor, sampled: Tensor, num_true: int, num_sampled: int, dtype: Any) -> Tensor:
    """[batch, num_sampled]: a very negative number where a sampled class is a true one, else 0."""
    rows, ids, weights = candidate_sampling.compute_accidental_hits(labels, sampled, num_true=num_true)
    rows = shapes.reshape(rows, [-1, 1])
    columns = shapes.reshape(casting.cast(ids, dtypes.int32), [-1, 1])
    at = arrays.concat([rows, columns], 1, "sparse_indices")
    shape = arrays.concat([shapes.shape(labels)[:1], shapes.expand_dims(num_sampled, 0)], 0)
    if weights.dtype != dtype:
        weights = casting.cast(weights, dtype)
    return sparse.sparse_to_dense(at, shape, weights, default_value=0.0, validate_indices=False)


@export("nn.nce_loss")
def nce_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    partition_strategy: str = "mod",
    name: str = "nce_loss",
) -> Tensor:
    """Noise-contrastive estimation: true classes against sampled ones, each by a logistic loss.

    Shapes: weights [num_classes, d], biases [num_classes], labels [batch, num_true], inputs [batch, d] -> [batch].
    """
    logits, targets = compute_sampled_logits(
        weights=weights,
        biases=biases,
        labels=labels,
        inputs=inputs,
        num_sampled=num_sampled,
        num_classes=num_classes,
        num_true=num_true,
        sampled_values=sampled_values,
        subtract_log_q=True,
        remove_accidental_hits=remove_accidental_hits,
        partition_strategy=partition_strategy,
        name=name,
    )
    losses = sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name="sampled_losses")
    return _sum_rows(losses)


@export(v2=("nn.nce_loss",))
def nce_loss_v2(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = False,
    name: str = "nce_loss",
) -> Tensor:
    """Noise-contrastive estimation; parts of the weights are split by "div"."""
    return nce_loss(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        "div",
        name,
    )


@export("nn.sampled_softmax_loss")
def sampled_softmax_loss(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    partition_strategy: str = "mod",
    name: str = "sampled_softmax_loss",
    seed: int | None = None,
) -> Tensor:
    """Softmax cross entropy over the true classes and sampled ones.

    Shapes: weights [num_classes, d], biases [num_classes], labels [batch, num_true], inputs [batch, d] -> [batch].
    """
    logits, targets = compute_sampled_logits(
        weights=weights,
        biases=biases,
        labels=labels,
        inputs=inputs,
        num_sampled=num_sampled,
        num_classes=num_classes,
        num_true=num_true,
        sampled_values=sampled_values,
        subtract_log_q=True,
        remove_accidental_hits=remove_accidental_hits,
        partition_strategy=partition_strategy,
        name=name,
        seed=seed,
    )
    targets = identity.stop_gradient(targets, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=targets, logits=logits)


@export(v2=("nn.sampled_softmax_loss",))
def sampled_softmax_loss_v2(
    weights: Any,
    biases: Any,
    labels: Any,
    inputs: Any,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: Any = None,
    remove_accidental_hits: bool = True,
    seed: int | None = None,
    name: str = "sampled_softmax_loss",
) -> Tensor:
    """Softmax cross entropy over the true classes and sampled ones; parts of the weights are split by "div"."""
    return sampled_softmax_loss(
        weights,
        biases,
        labels,
        inputs,
        num_sampled,
        num_classes,
        num_true,
        sampled_values,
        remove_accidental_hits,
        "div",
        name,
        seed,
    )
