"""Losses against logits: cross entropies, softmax and sigmoid, l2_loss and log_poisson_loss."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import conversion, dtypes, shape_rules, stacks
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, drawn, ints, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import merge_dim, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    activations,
    arrays,
    casting,
    checks,
    comparison,
    elementwise,
    exponents,
    identity,
    matmul,
    permuting,
    ranges,
    shapes,
    slicing,
)
from tfcompat.ops.constants import constant
from tfcompat.ops.softmax import log_softmax, softmax

# --- the fused ops -------------------------------------------------------------------------------------------------


def _text(x: torch.Tensor) -> str:
    return shape_rules.text(tuple(x.shape))


@op("SoftmaxCrossEntropyWithLogits")
def softmax_xent_op(c: ShapeContext) -> list[Shape]:
    logits, labels = c.shape(0), c.shape(1)
    try:
        both: Shape = shape_rules.merge(with_rank(logits, 2), labels)
    except ShapeError:
        both = shape_rules.broadcast(logits, labels)
        if both is None:
            raise ShapeError("Shape must be broadcasted with rank 2, but is rank is unknown.") from None
        if len(both) != 2:
            raise ShapeError(f"Shape must be broadcasted with rank 2, but is rank {len(both)}") from None
    assert both is not None
    return [(both[0],), both]


@softmax_xent_op.kernel
def _softmax_xent(features: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    if features.shape != labels.shape:
        features, labels = _broadcast(features, labels)
    if features.dim() != 2:
        raise InvalidArgumentError(
            None, None, "logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional"
        )
    log_p = torch.log_softmax(features, 1)
    return (labels * log_p).sum(1).neg_(), log_p.exp() - labels


def _broadcast(features: torch.Tensor, labels: torch.Tensor) -> Any:
    try:
        return torch.broadcast_tensors(features, labels)
    except RuntimeError:
        raise InvalidArgumentError(
            None,
            None,
            f"logits and labels must be broadcastable: logits_size={_text(features)} labels_size={_text(labels)}",
        ) from None


def is_unused_gradient(t: Tensor) -> bool:
    """Whether a gradient is only there because the output it belongs to was not used."""
    if t.op.type in ("ZerosLike", "Zeros"):
        return True
    value = constant_value(t)
    return value is not None and bool((value == 0).all())


def times_rows(vector: Tensor, matrix: Tensor) -> Tensor:
    return shapes.expand_dims(vector, -1) * matrix


def _through_backprop(node: Any, by_loss: Tensor, second: Tensor) -> Tensor:
    """Adds what comes through the op's second output, softmax(logits) minus the labels."""
    if is_unused_gradient(second):
        return by_loss
    p = softmax(node.inputs[0])
    inner = matmul.matmul(shapes.expand_dims(second, 1), shapes.expand_dims(p, 2))
    return by_loss + (second - shapes.squeeze(inner, axis=1)) * p


@softmax_xent_op.gradient
def _softmax_xent_grad(node: Any, dy: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    # The second output is softmax(logits) - labels, the derivative of the loss.
    used = not is_unused_gradient(second)
    by_logits = _through_backprop(node, times_rows(dy, node.outputs[1]), second)
    by_labels = times_rows(dy, -log_softmax(node.inputs[0]))
    return by_logits, by_labels - second if used else by_labels


def _probabilities(*dims: int) -> Any:
    return drawn(lambda rng: rng.dirichlet([1.0] * dims[-1], dims[:-1]))


@softmax_xent_op.samples
def _softmax_xent_samples() -> Iterator[Sample]:
    yield sample(real(3, 4, low=-2.0, high=2.0), _probabilities(3, 4))
    yield sample(real(1, 2), _probabilities(1, 2))


@op("SparseSoftmaxCrossEntropyWithLogits")
def sparse_softmax_xent_op(c: ShapeContext) -> list[Shape]:
    logits, labels = with_rank(c.shape(0), 2), with_rank(c.shape(1), 1)
    batch = merge_dim(logits[0], labels[0])
    return [(batch,), (batch, logits[1])]


@sparse_softmax_xent_op.kernel
def _sparse_softmax_xent(features: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    _check_sparse(features, labels)
    at = labels.long().unsqueeze(1)
    outside: torch.Tensor | None = None
    if features.device.type == "cpu":
        _check_labels(labels, features.shape[1])
    else:
        # Asking would wait for the device: there, as in TF, results are NaN instead.
        outside = (at < 0) | (at >= features.shape[1])
        at = torch.where(outside, 0, at)
    log_p = torch.log_softmax(features, 1)
    loss = log_p.gather(1, at).neg_()
    backprop = log_p.exp()
    backprop.scatter_add_(1, at, torch.full((), -1.0, dtype=backprop.dtype, device=backprop.device).expand(at.shape))
    if outside is not None:
        loss = torch.where(outside, math.nan, loss)
        backprop = torch.where(outside, math.nan, backprop)
    return loss.squeeze(1), backprop


def _check_labels(labels: torch.Tensor, classes: int) -> None:
    if not labels.numel():
        return
    low, high = torch.aminmax(labels)
    if low < 0 or high >= classes:
        bad = int(labels[(labels < 0) | (labels >= classes)][0])
        listed = " ".join(str(v) for v in labels.tolist())
        raise InvalidArgumentError(
            None,
            None,
            f"Received a label value of {bad} which is outside the valid range of [0, {classes}).  "
            f"Label values: {listed}",
        )


def _check_sparse(features: torch.Tensor, labels: torch.Tensor) -> None:
    text = None
    if features.dim() != 2:
        text = f"logits must be 2-D, but got shape {_text(features)}"
    elif labels.dim() != 1:
        text = f"labels must be 1-D, but got shape {_text(labels)}"
    elif features.shape[0] != labels.shape[0]:
        text = (
            f"logits and labels must have the same first dimension, got logits shape {_text(features)} and labels "
            f"shape {_text(labels)}"
        )
    elif features.shape[1] == 0:
        text = f"Must have at least one class, but got logits shape {_text(features)}"
    if text is not None:
        raise InvalidArgumentError(None, None, text)


@sparse_softmax_xent_op.gradient
def _sparse_softmax_xent_grad(node: Any, dy: Tensor, second: Tensor) -> tuple[Tensor, None]:
    # TF puts a PreventGradient here and has no second derivative. Ours has one (the second output is softmax(logits)
    # minus one-hot labels): the node is the same, but gradients pass it as they pass an Identity.
    backprop = identity.prevent_gradient_op(
        node.outputs[1],
        message="Currently there is no way to take the second derivative of sparse_softmax_cross_entropy_with_logits "
        "due to the fused implementation's interaction with tf.gradients()",
        _gradient_op_type="Identity",
    )
    return _through_backprop(node, times_rows(dy, backprop), second), None


@sparse_softmax_xent_op.samples
def _sparse_softmax_xent_samples() -> Iterator[Sample]:
    yield sample(real(3, 4, low=-2.0, high=2.0), ints(3, high=4))
    yield sample(real(2, 5), ints(2, high=5, dtype="int64"))


l2_loss_op = op("L2Loss")(shape_rules.scalar)


@l2_loss_op.kernel
def _l2_loss(t: torch.Tensor) -> torch.Tensor:
    return torch.dot(t.reshape(-1), t.reshape(-1)) / 2


@l2_loss_op.gradient
def _l2_loss_grad(node: Any, dy: Tensor) -> Tensor:
    return node.inputs[0] * dy


@l2_loss_op.samples
def _l2_loss_samples() -> Iterator[Sample]:
    yield sample(real(2, 3))
    yield sample(real())
    yield sample(real(0, 3))


@export("nn.l2_loss")
def l2_loss(t: Any, name: str | None = None) -> Tensor:
    """Half the sum of the squares of `t`."""
    return l2_loss_op(t, name=name)


# --- softmax cross entropy -----------------------------------------------------------------------------------------


def _named_arguments(function: str, sentinel: Any, labels: Any, logits: Any) -> None:
    if sentinel is not None:
        raise ValueError(f"Only call `{function}` with named arguments (labels=..., logits=..., ...)")
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


def _rows(logits: Tensor) -> Tensor:
    """All but the last dimension flattened into one."""
    rank = shapes.rank(logits)
    last = slicing.slice(shapes.shape(logits), [elementwise.subtract(rank, 1)], [1])
    out = shapes.reshape(logits, arrays.concat([[-1], last], 0))
    dims = logits._dims
    if dims is not None and None not in dims[:-1]:
        out.set_shape([math.prod(dims[:-1]), dims[-1]])  # type: ignore[arg-type]
    return out


def _moved_to_end(t: Tensor, axis: Any, rank: Tensor) -> Tensor:
    before = ranges.range(axis)
    return permuting.transpose(t, arrays.concat([before, ranges.range(axis + 1, rank), [axis]], 0))


@export("nn.softmax_cross_entropy_with_logits_v2")
def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None
) -> Tensor:
    """-sum(labels * log_softmax(logits)) along `axis`; gradients flow into both.

    Shapes: labels and logits of one shape -> that shape without `axis`.
    """
    axis = shapes.renamed_argument("axis", axis, "dim", dim)
    if axis is None:
        axis = -1
    with name_scope(name, "softmax_cross_entropy_with_logits", [logits, labels]) as name:
        logits = conversion.to_tensor(logits, name="logits")
        labels = conversion.to_tensor(labels, name="labels")
        narrow = logits.dtype in (dtypes.float16, dtypes.bfloat16)
        precise = casting.cast(logits, dtypes.float32) if narrow else logits
        labels = casting.cast(labels, precise.dtype)
        rank = shapes.rank(precise)
        dims = logits._dims
        if axis != -1:
            precise = _moved_to_end(precise, axis, rank)
            labels = _moved_to_end(labels, axis, rank)
        shape = shapes.shape(precise)
        precise = _rows(precise)
        labels = _rows(labels)
        cost, _ = softmax_xent_op(precise, labels, name=name)
        outer = slicing.slice(shape, [0], [elementwise.subtract(rank, 1)])
        cost = shapes.reshape(cost, outer)
        if dims is not None:
            kept = list(dims)
            del kept[axis]
            cost.set_shape(kept)
        return casting.cast(cost, logits.dtype) if narrow else cost


@export(v2=("nn.softmax_cross_entropy_with_logits",))
def softmax_cross_entropy_with_logits_of_v2(
    labels: Any, logits: Any, axis: Any = -1, name: str | None = None
) -> Tensor:
    """-sum(labels * log_softmax(logits)) along `axis`; gradients flow into both."""
    return softmax_cross_entropy_with_logits_v2(labels, logits, axis, name)


@export("nn.softmax_cross_entropy_with_logits")
def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: Any = -1,
    name: str | None = None,
    axis: Any = None,
) -> Tensor:
    """Like the v2 function, but no gradient flows into the labels. Arguments go by name.

    Raises: ValueError for positional arguments, missing ones, and for `axis` (dim's default counts as given, as in TF).
    """
    dim = shapes.renamed_argument("axis", axis, "dim", dim)
    _named_arguments("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as name:
        labels = identity.stop_gradient(labels, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, axis=dim, name=name)


@export("nn.sparse_softmax_cross_entropy_with_logits")
def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """-log_softmax(logits) at the class of each label. Arguments go by name.

    Shapes: labels [...], integers; logits [..., classes] -> [...].
    Raises: ValueError for arguments or static shapes that do not fit; InvalidArgumentError for labels out of range.
    """
    _named_arguments("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "SparseSoftmaxCrossEntropyWithLogits", [labels, logits]):
        labels = conversion.to_tensor(labels)
        logits = conversion.to_tensor(logits)
        narrow = logits.dtype is dtypes.float16
        precise = casting.cast(logits, dtypes.float32) if narrow else logits
        static_labels = labels.shape
        shape = shapes.shape(labels)
        settled = _check_sparse_shapes(labels, logits)
        if logits.shape.ndims == 2:
            cost, _ = sparse_softmax_xent_op(precise, labels, name=name)
            return casting.cast(cost, dtypes.float16) if narrow else cost
        to_check = []
        if not settled:
            to_check.append(checks.assert_equal(shapes.shape(labels), shapes.shape(logits)[:-1]))
        with stacks.get_default_graph().control_dependencies(to_check):
            classes = shapes.shape(logits)[shapes.rank(logits) - 1]
            precise = shapes.reshape(precise, [-1, classes])
            labels = shapes.reshape(labels, [-1])
            cost, _ = sparse_softmax_xent_op(precise, labels, name=name)
            cost = shapes.reshape(cost, shape)
            cost.set_shape(static_labels)
            return casting.cast(cost, dtypes.float16) if narrow else cost


def _check_sparse_shapes(labels: Tensor, logits: Tensor) -> bool:
    """Whether the static shapes are known as far as they must agree. Raises ValueError when they do not."""
    found, wanted = labels.shape, logits.shape
    settled = found.is_fully_defined() and wanted[:-1].is_fully_defined()
    if wanted.ndims == 0:
        raise ValueError(f"Logits cannot be scalars - received shape {wanted}.")
    if wanted.ndims is not None and found.ndims is not None and found.ndims != wanted.ndims - 1:
        raise ValueError(
            f"Rank mismatch: Rank of labels (received {found.ndims}) should equal rank of logits minus 1 (received "
            f"{wanted.ndims})."
        )
    if settled and found != wanted[:-1]:
        raise ValueError(
            f"Shape mismatch: The shape of labels (received {found}) should equal the shape of logits except for the "
            f"last dimension (received {wanted})."
        )
    return settled


@export(v2=("nn.sparse_softmax_cross_entropy_with_logits",))
def sparse_softmax_cross_entropy_with_logits_v2(labels: Any, logits: Any, name: str | None = None) -> Tensor:
    """-log_softmax(logits) at the class of each label."""
    return sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name=name)


# --- sigmoid cross entropy and Poisson -----------------------------------------------------------------------------


def _one_shape(labels: Tensor, logits: Tensor, names: str, first: Tensor, second: Tensor) -> None:
    try:
        labels.shape.merge_with(logits.shape)
    except ValueError:
        raise ValueError(f"{names} must have the same shape ({first.shape} vs {second.shape})") from None


@export("nn.sigmoid_cross_entropy_with_logits")
def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """-labels * log(sigmoid(logits)) - (1 - labels) * log(1 - sigmoid(logits)), computed without overflow.

    Raises: ValueError for positional arguments, missing ones, and shapes that differ.
    """
    _named_arguments("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "logistic_loss", [logits, labels]) as name:
        logits = conversion.to_tensor(logits, name="logits")
        labels = conversion.to_tensor(labels, name="labels")
        _one_shape(labels, logits, "logits and labels", logits, labels)
        # max(x, 0) - x * z + log(1 + exp(-|x|)); written with selections so that the derivative at 0 is right.
        zeros = shapes.zeros_like(logits, dtype=logits.dtype)
        positive = logits >= zeros
        relu_logits = comparison.select_op(positive, logits, zeros)
        minus_abs = comparison.select_op(positive, -logits, logits)
        return elementwise.add(relu_logits - logits * labels, exponents.log1p(exponents.exp(minus_abs)), name=name)


@export(v2=("nn.sigmoid_cross_entropy_with_logits",))
def sigmoid_cross_entropy_with_logits_v2(labels: Any = None, logits: Any = None, name: str | None = None) -> Tensor:
    """Cross entropy of independent classes, from logits."""
    return sigmoid_cross_entropy_with_logits(logits=logits, labels=labels, name=name)


@export(v2=("nn.weighted_cross_entropy_with_logits",))
def weighted_cross_entropy_with_logits_v2(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Tensor:
    """Sigmoid cross entropy in which positive labels count `pos_weight` times.

    Raises: ValueError for shapes that differ.
    """
    with name_scope(name, "logistic_loss", [logits, labels]) as name:
        logits = conversion.to_tensor(logits, name="logits")
        labels = conversion.to_tensor(labels, name="labels")
        _one_shape(labels, logits, "logits and labels", logits, labels)
        weight = 1 + (pos_weight - 1) * labels
        return elementwise.add(
            (1 - labels) * logits,
            weight * (exponents.log1p(exponents.exp(-elementwise.abs(logits))) + activations.relu(-logits)),
            name=name,
        )


@export("nn.weighted_cross_entropy_with_logits")
def weighted_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, pos_weight: Any = None, name: str | None = None, targets: Any = None
) -> Tensor:
    """Sigmoid cross entropy in which positive labels count `pos_weight` times (old name of labels: targets).

    Raises: ValueError for shapes that differ.
    """
    labels = shapes.renamed_argument("labels", labels, "targets", targets)
    return weighted_cross_entropy_with_logits_v2(labels, logits, pos_weight, name)


@export("nn.log_poisson_loss")
def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Tensor:
    """exp(log_input) - log_input * targets; with compute_full_loss plus Stirling's approximation of log(targets!).

    Raises: ValueError for shapes that differ.
    """
    with name_scope(name, "log_poisson_loss", [log_input, targets]) as name:
        log_input = conversion.to_tensor(log_input, name="log_input")
        targets = conversion.to_tensor(targets, name="targets")
        _one_shape(targets, log_input, "log_input and targets", log_input, targets)
        result = exponents.exp(log_input) - log_input * targets
        if compute_full_loss:
            half = constant(0.5, dtype=targets.dtype)
            two_pi = constant(2 * math.pi, dtype=targets.dtype)
            stirling = targets * exponents.log(targets) - targets + half * exponents.log(two_pi * targets)
            zeros = shapes.zeros_like(targets, dtype=targets.dtype)
            ones = shapes.ones_like(targets, dtype=targets.dtype)
            small = comparison.logical_and(targets >= zeros, targets <= ones)
            result += comparison.select_op(small, zeros, stirling)
        return result
