"""The second form of CTC loss: dense labels, any class as the blank; and what prepares labels for it.

The loss of dense labels is computed by a function outside of the graph's ops: TF has loops over time there. Its
numbers are kept, among them 1e-307 for what is impossible, and gradients of softmax behind the end of a sequence.
Source: TF 1.15, python/ops/ctc_ops.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import dimension_value
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    comparison,
    gathering,
    own_gradient,
    permuting,
    ranges,
    reductions,
    scans,
    script,
    selecting,
    shapes,
)
from tfcompat.ops.ctc import ctc_loss

_IMPOSSIBLE = float(np.float32(math.log(1e-307)))


def _size(t: Tensor, i: int) -> Any:
    """Dimension i: a number where it is known (and not 0), else a tensor."""
    return dimension_value(t.shape[i]) or shapes.shape(t)[i]


# --- the algorithm -------------------------------------------------------------------------------------------------


def _transitions(labels: torch.Tensor) -> torch.Tensor:
    """[batch, to, from]: log 1 or log 0.

    States 0..n are those of the labels (0: nothing said yet), then come as many blanks behind them.
    """
    batch, n = labels.shape
    states = 2 * (n + 1)
    may = torch.eye(states).repeat(batch, 1, 1)
    label = torch.arange(n + 1)
    blank = label + n + 1
    may[:, blank, label] = 1
    may[:, label[1:], blank[:-1]] = 1
    may[:, 1:2, 0] = 1
    if n > 1:
        # From one label to the next without a blank, unless they are equal.
        may[:, label[2:], label[1:-1]] = (labels[:, 1:] != labels[:, :-1]).float()
    return may.log()


def _emissions(log_p: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """[time, batch, states]: the log probability of what a state says. The first says nothing."""
    time, batch, classes = log_p.shape
    n = labels.shape[1]
    known = (labels >= 0) & (labels < classes)
    said = log_p.gather(2, torch.where(known, labels, 0).expand(time, batch, n))
    said = torch.where(known, said, 0)
    return torch.cat([log_p.new_full((time, batch, 1), -math.inf), said, log_p[:, :, :1].expand(-1, -1, n + 1)], 2)


def _normalized(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    total = torch.logsumexp(x, -1, keepdim=True)
    return x - total, total.squeeze(-1)


def loss_and_gradient(
    logits: np.ndarray, labels: np.ndarray, label_length: np.ndarray, logit_length: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The loss of each batch entry and its gradient by the logits; class 0 is the blank.

    Shapes: logits float32 [time, batch, classes], labels [batch, n], lengths [batch] -> [batch], logits' shape.
    """
    log_p = torch.log_softmax(torch.from_numpy(logits), 2)
    targets = torch.from_numpy(labels.astype(np.int64))
    time, batch, classes = log_p.shape
    n = targets.shape[1]
    may = _transitions(targets)
    said = _emissions(log_p, targets)
    states = said.shape[2]
    mask = (torch.arange(time).unsqueeze(1) < torch.from_numpy(logit_length.astype(np.int64))).float()

    state = torch.full((batch, states), _IMPOSSIBLE)
    state[:, 0] = 0
    forward = []
    for t in range(time):
        state, _ = _normalized(torch.logsumexp(state.unsqueeze(1) + may, 2) + said[t])
        forward.append(state)

    ends = torch.from_numpy(label_length.astype(np.int64)).unsqueeze(1)
    place = torch.arange(states)
    final = torch.where((place == ends) | (place == ends + n + 1), 0.0, _IMPOSSIBLE)
    state, total = final, torch.zeros(batch)
    back = may.transpose(1, 2)
    backward = [final]
    for t in range(time - 1, -1, -1):
        state, sums = _normalized(torch.logsumexp((state + said[t]).unsqueeze(1) + back, 2))
        total = total + sums * mask[t]
        here = mask[t].unsqueeze(1)
        state = state * here + final * (1 - here)
        backward.append(state)
    backward.reverse()

    both, _ = _normalized(torch.stack(forward) + torch.stack(backward[1:]))
    both = both + mask.log().unsqueeze(2)
    share = torch.zeros_like(log_p)
    share[:, :, 0] = both[:, :, n + 1 :].exp().sum(2)
    spoken = (targets > 0) & (targets < classes)
    share.scatter_add_(
        2,
        torch.where(spoken, targets, 1).expand(time, batch, n) if classes > 1 else targets.expand(time, batch, n) * 0,
        torch.where(spoken, both[:, :, 1 : n + 1].exp(), 0),
    )
    loss = -(backward[0][:, 0] + total)
    return loss.numpy(), (log_p.exp() - share).numpy()


# --- the loss in the graph -----------------------------------------------------------------------------------------

_RULE = "CustomGradient-ctc_loss_dense"


def _rule(sources: Sequence[Tensor], dy: Tensor) -> list[Tensor | None]:
    gradient, *rest = sources
    return [None] + [shapes.reshape(dy, [1, -1, 1]) * gradient] + [None] * (len(rest) - 1)


own_gradient.declare_rule(_RULE, 1, _rule)


@export("nn.ctc_loss_v2", v2=("nn.ctc_loss",))
def ctc_loss_v2(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    logits_time_major: bool = True,
    unique: Any = None,
    blank_index: int | None = None,
    name: str | None = None,
) -> Tensor:
    """-log p(labels | logits), summed over all alignments; labels dense (padded to label_length) or sparse.

    unique: accepted for TF's sake (it speeds up TF's computation).
    Shapes: labels [batch, length], logits [time, batch, classes] (batch first unless logits_time_major) -> [batch].
    Raises: ValueError for sparse labels without blank_index.
    """
    if not isinstance(labels, SparseTensor):
        return _dense_loss(labels, logits, label_length, logit_length, logits_time_major, blank_index or 0, name)
    if blank_index is None:
        raise ValueError("blank_index must be given when using SparseTensor labels.")
    if blank_index < 0:
        blank_index += _size(logits, 2)
    before = logits[:, :, :blank_index]
    after = logits[:, :, blank_index + 1 :]
    blank = logits[:, :, blank_index : blank_index + 1]
    logits = arrays.concat([before, after, blank], axis=2)
    moved = selecting.where(labels.values < blank_index, labels.values, labels.values - 1)
    labels = SparseTensor(labels.indices, moved, labels.dense_shape)
    return ctc_loss(labels=labels, inputs=logits, sequence_length=logit_length, time_major=logits_time_major)


def _dense_loss(
    labels: Any,
    logits: Any,
    label_length: Any,
    logit_length: Any,
    time_major: bool,
    blank_index: int,
    name: str | None,
) -> Tensor:
    with name_scope(name, "ctc_loss_dense", [logits, labels, label_length, logit_length]):
        logits = conversion.to_tensor(logits, name="logits")
        labels = conversion.to_tensor(labels, name="labels")
        label_length = conversion.to_tensor(label_length, name="label_length")
        logit_length = conversion.to_tensor(logit_length, name="logit_length")
        if not time_major:
            logits = permuting.transpose(logits, perm=[1, 0, 2])
        if blank_index != 0:
            if blank_index < 0:
                blank_index += _size(logits, 2)
            parts = [
                logits[:, :, blank_index : blank_index + 1],
                logits[:, :, :blank_index],
                logits[:, :, blank_index + 1 :],
            ]
            logits = arrays.concat(parts, axis=2)
            labels = selecting.where(labels < blank_index, labels + 1, labels)
        arguments = [logits, labels, label_length, logit_length]
        loss, gradient = script.py_func(loss_and_gradient, arguments, [dtypes.float32, dtypes.float32], stateful=False)
        loss.set_shape(label_length.shape)
        gradient.set_shape(logits.shape)
        return own_gradient.with_rule(_RULE, [loss], [gradient, *arguments])[0]


# --- labels --------------------------------------------------------------------------------------------------------


@export("nn.collapse_repeated", v2=("nn.collapse_repeated",))
def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """Runs of equal labels made one: (shorter labels, padded with 0; their lengths).

    Shapes: labels [batch, length], seq_length [batch] -> [batch, longest], [batch].
    """
    with name_scope(name, "collapse_repeated_labels", [labels, seq_length]):
        labels = conversion.to_tensor(labels, name="labels")
        seq_length = conversion.to_tensor(seq_length, name="seq_length")
        first = shapes.ones_like(labels[:, :1], dtypes.bool)
        keep = arrays.concat([first, comparison.not_equal(labels[:, 1:], labels[:, :-1])], axis=1)
        within = selecting.sequence_mask(seq_length, maxlen=_size(labels, 1))
        keep = comparison.logical_and(keep, within)
        lengths = reductions.reduce_sum(casting.cast(keep, dtypes.int32), axis=1)
        longest = reductions.reduce_max(lengths)
        places = selecting.sequence_mask(lengths, maxlen=longest)
        flat_labels = shapes.reshape(labels, [-1])
        flat_keep = shapes.reshape(keep, [-1])
        flat_places = shapes.reshape(places, [-1])
        position = ranges.range(_size(flat_places, 0))
        flat = gathering.scatter_nd(
            indices=shapes.expand_dims(selecting.boolean_mask(position, flat_places), axis=1),
            updates=selecting.boolean_mask(flat_labels, flat_keep),
            shape=shapes.shape(flat_places),
        )
        collapsed = shapes.reshape(flat, [_size(labels, 0), longest])
        return collapsed, casting.cast(lengths, seq_length.dtype)


@export("nn.ctc_unique_labels", v2=("nn.ctc_unique_labels",))
def ctc_unique_labels(labels: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """For each row its distinct labels in order of first occurrence (padded with 0), and which of them each label is.

    Shapes: labels [batch, length] -> int64 [batch, length], int32 [batch, length].
    """
    with name_scope(name, "ctc_unique_labels", [labels]):
        labels = conversion.to_tensor(labels, name="labels")
        length = shapes.shape(labels)[1]
        same = comparison.equal(shapes.expand_dims(labels, 2), shapes.expand_dims(labels, 1))
        first = reductions.argmax(casting.cast(same, dtypes.int32), 2, output_type=dtypes.int32)
        is_first = casting.cast(comparison.equal(first, ranges.range(length)), dtypes.int32)
        number = scans.cumsum(is_first, axis=1) - 1
        index = gathering.gather(number, first, batch_dims=1)
        chosen = comparison.equal(shapes.expand_dims(number, 2), ranges.range(length))
        chosen = comparison.logical_and(chosen, shapes.expand_dims(casting.cast(is_first, dtypes.bool), 2))
        values = casting.cast(shapes.expand_dims(labels, 2), dtypes.int64) * casting.cast(chosen, dtypes.int64)
        return reductions.reduce_sum(values, 1), index
