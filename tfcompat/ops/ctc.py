"""Connectionist temporal classification: the loss op, and decoding by the best path or by beam search.

The blank is the last class. Time comes first: inputs are [time, batch, classes].
Source: TF 1.15, core/util/ctc/ctc_loss_calculator.h, ctc_beam_search.h, core/kernels/ctc_loss_op.cc,
ctc_decoder_ops.cc; python/ops/ctc_ops.py.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import FailedPreconditionError, InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import merge_dim, text, with_rank
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import identity, permuting, shapes
from tfcompat.ops.cross_entropy import is_unused_gradient, times_rows

aten = torch.ops.aten


def _refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


# --- the loss ------------------------------------------------------------------------------------------------------


@op("CTCLoss")
def ctc_loss_op(c: ShapeContext) -> list[Shape]:
    x = with_rank(c.shape(0), 3)
    indices, values, lengths = with_rank(c.shape(1), 2), with_rank(c.shape(2), 1), with_rank(c.shape(3), 1)
    merge_dim(indices[0], values[0])
    batch = merge_dim(x[1], lengths[0])
    return [(batch,), (x[0], batch, x[2])]


@ctc_loss_op.kernel
def _ctc_loss(
    inputs: torch.Tensor,
    labels_indices: torch.Tensor,
    labels_values: torch.Tensor,
    sequence_length: torch.Tensor,
    *,
    preprocess_collapse_repeated: bool,
    ctc_merge_repeated: bool,
    ignore_longer_outputs_than_inputs: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = sequence_length.tolist()
    labels = _label_sequences(inputs, labels_indices, labels_values, sequence_length, lengths)
    targets = _targets(labels, lengths, inputs, preprocess_collapse_repeated, ignore_longer_outputs_than_inputs)
    log_p = torch.log_softmax(inputs, 2)
    # Sequences without time for their labels, or without any time, count as nothing.
    skipped = [
        n == 0 or (ignore_longer_outputs_than_inputs and len(row) > n) for n, row in zip(lengths, labels, strict=True)
    ]
    for b, skip in enumerate(skipped):
        if skip:
            lengths[b], targets[b] = 1, []
    compute = _merging_loss if ctc_merge_repeated else _unmerged_loss
    loss, gradient = compute(log_p, targets, lengths)
    if any(skipped):
        none = torch.tensor(skipped, device=inputs.device)
        loss = torch.where(none, 0, loss)
        gradient = torch.where(none.view(1, -1, 1), 0, gradient)
    return loss, gradient


def _label_sequences(
    inputs: torch.Tensor, indices: torch.Tensor, values: torch.Tensor, lengths: torch.Tensor, times: list[int]
) -> list[list[int]]:
    """The labels of each batch entry. Raises InvalidArgumentError for inputs that do not fit together."""
    if inputs.dim() != 3:
        raise _refuse("inputs is not a 3-Tensor")
    if lengths.dim() != 1:
        raise _refuse("sequence_length is not a vector")
    if indices.dim() != 2:
        raise _refuse("labels_indices is not a matrix")
    if values.dim() != 1:
        raise _refuse("labels_values is not a vector")
    max_time, batch, _ = inputs.shape
    if batch != len(times):
        raise _refuse(f"len(sequence_length) != batch_size.  len(sequence_length):  {len(times)} batch_size: {batch}")
    if indices.shape[0] != values.shape[0]:
        raise _refuse(
            "labels_indices and labels_values must contain the same number of rows, but saw shapes: "
            f"{text(tuple(indices.shape))} vs. {text(tuple(values.shape))}"
        )
    if batch == 0:
        raise _refuse("batch_size must not be 0")
    labels: list[list[int]] = [[] for _ in range(batch)]
    previous = [-1, -1]
    for at, value in zip(indices.tolist(), values.tolist(), strict=True):
        if not 0 <= at[0] < batch:
            raise _refuse(f"labels batch index must be between 0 and {batch} but saw: {at[0]}")
        if at <= previous:
            raise _refuse(
                f"label SparseTensor is not valid: indices[{sum(map(len, labels))}] = [{at[0]},{at[1]}] is out of order"
            )
        previous = at
        labels[at[0]].append(value)
    for b, n in enumerate(times):
        if n > max_time:
            raise _refuse(f"sequence_length({b}) <= {max_time}")
        if n < 0:
            raise _refuse(f"seq_len({b}) < 0")
    return labels


def _targets(
    labels: list[list[int]], lengths: list[int], inputs: torch.Tensor, collapse: bool, ignore_longer: bool
) -> list[list[int]]:
    """What each sequence is to say: its labels up to the first blank, repeated ones collapsed if asked for."""
    classes = inputs.shape[2]
    out = []
    for b, label in enumerate(labels):
        if not label:
            raise _refuse(f"Labels length is zero in batch {b}")
        kept: list[int] = []
        finished = False
        listed = ",".join(map(str, label))
        for i, value in enumerate(label):
            if collapse and i and value == label[i - 1]:
                continue
            if value >= classes - 1:
                finished = True
            elif finished:
                raise _refuse(
                    "Saw a non-null label (index >= num_classes - 1) following a null label, batch: "
                    f"{b} num_classes: {classes} labels: {listed} labels seen so far: {','.join(map(str, kept))}"
                )
            else:
                kept.append(value)
        if any(value < 0 for value in kept):
            raise _refuse(f"All labels must be nonnegative integers, batch: {b} labels: {','.join(map(str, kept))}")
        if not ignore_longer and len(label) > lengths[b]:
            raise _refuse(
                f"Not enough time for target transition sequence (required: {len(label)}, available: {lengths[b]}){b}"
                "You can turn this error into a warning by using the flag ignore_longer_outputs_than_inputs"
            )
        out.append(kept)
    return out


def _merging_loss(
    log_p: torch.Tensor, targets: list[list[int]], lengths: list[int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss and its gradient, by torch's kernels: equal classes in a row are one label unless a blank parts them."""
    blank = log_p.shape[2] - 1
    sizes = [len(t) for t in targets]
    flat = torch.tensor(list(itertools.chain(*targets)), dtype=torch.int64, device=log_p.device)
    loss, log_alpha = aten._ctc_loss(log_p, flat, lengths, sizes, blank, False)
    gradient = aten._ctc_loss_backward(
        torch.ones_like(loss), log_p, flat, lengths, sizes, loss, log_alpha, blank, False
    )
    impossible = torch.isinf(loss)
    if bool(impossible.any()):
        time = torch.arange(log_p.shape[0], device=log_p.device).view(-1, 1)
        within = (time < torch.tensor(lengths, device=log_p.device)).unsqueeze(2)
        gradient = torch.where(impossible.view(1, -1, 1), torch.where(within, log_p.exp(), 0), gradient)
    return loss, gradient


def _unmerged_loss(
    log_p: torch.Tensor, targets: list[list[int]], lengths: list[int]
) -> tuple[torch.Tensor, torch.Tensor]:
    """The same where every label lasts one step only, so that equal labels in a row are several."""
    max_time, batch, classes = log_p.shape
    device = log_p.device
    blank = classes - 1
    states = 2 * max(len(t) for t in targets) + 1
    path = torch.full((batch, states), blank, dtype=torch.int64)
    for b, target in enumerate(targets):
        path[b, 1 : 2 * len(target) : 2] = torch.tensor(target, dtype=torch.int64)
    path = path.to(device)
    is_blank = path == blank
    last = torch.tensor([2 * len(t) for t in targets], device=device)
    state = torch.arange(states, device=device)
    ends = torch.tensor(lengths, device=device)
    emitted = log_p.gather(2, path.expand(max_time, batch, states))
    impossible = torch.full((batch, states), -math.inf, dtype=log_p.dtype, device=device)

    def shifted(x: torch.Tensor, by: int) -> torch.Tensor:
        pads = (by, 0) if by > 0 else (0, -by)
        moved = torch.constant_pad_nd(x, pads, -math.inf)
        return moved[:, :states] if by > 0 else moved[:, -states:]

    # A label is left at once; a blank may last.
    alphas = [torch.where(state < 2, emitted[0], impossible)]
    for t in range(1, max_time):
        before = alphas[-1]
        ways = [torch.where(is_blank, before, impossible), shifted(before, 1)]
        ways.append(torch.where(is_blank, impossible, shifted(before, 2)))
        alphas.append(emitted[t] + torch.logsumexp(torch.stack(ways), 0))
    final = (state >= last.unsqueeze(1) - 1) & (state <= last.unsqueeze(1))
    beta = impossible
    betas = []
    for t in range(max_time - 1, -1, -1):
        if t < max_time - 1:
            after = beta + emitted[t + 1]
            ways = [torch.where(is_blank, after, impossible), shifted(after, -1)]
            ways.append(torch.where(is_blank, impossible, shifted(after, -2)))
            beta = torch.logsumexp(torch.stack(ways), 0)
        at_end = (ends - 1 == t).unsqueeze(1)
        beta = torch.where(at_end, torch.where(final, torch.zeros_like(impossible), impossible), beta)
        betas.append(beta)
    both = torch.stack(alphas) + torch.stack(betas[::-1])
    both = torch.where(state <= last.unsqueeze(1), both, impossible)
    total = torch.logsumexp(both[0], 1)
    share = torch.zeros_like(log_p).scatter_add_(
        2,
        path.expand(max_time, batch, states),
        torch.exp(both - torch.where(torch.isinf(total), 0, total).view(1, -1, 1)),
    )
    within = (torch.arange(max_time, device=device).view(-1, 1) < ends).unsqueeze(2)
    return -total, torch.where(within, log_p.exp() - share, 0)


@ctc_loss_op.gradient
def _ctc_loss_grad(node: Any, dy: Tensor, second: Tensor) -> list[Any]:
    if not is_unused_gradient(second):
        raise LookupError(f"'{node.name}' (op type: CTCLoss) has no gradient by way of its second output, the gradient")
    gradient = identity.prevent_gradient(
        node.outputs[1],
        message="Currently there is no way to take the second  derivative of ctc_loss due to the fused "
        "implementation's interaction  with tf.gradients()",
    )
    return [times_rows(dy, gradient), None, None, None]


@ctc_loss_op.samples
def _ctc_loss_samples() -> Iterator[Sample]:
    reason = "TF has no second derivative of ctc_loss either"
    indices = fixed(np.array([[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]]), np.int64)
    lengths = fixed([4, 5])
    for attrs in ({}, {"ctc_merge_repeated": False}, {"preprocess_collapse_repeated": True}):
        labels = fixed([0, 2, 1, 1, 0])
        yield sample(real(5, 2, 4), indices, labels, lengths, second_order=False, note=reason, outputs=(0,), **attrs)


# --- decoding ------------------------------------------------------------------------------------------------------


def _check_decoder(inputs: torch.Tensor, lengths: torch.Tensor) -> None:
    if inputs.dim() != 3:
        raise _refuse("inputs is not a 3-Tensor")
    max_time, batch, _ = inputs.shape
    if max_time == 0:
        raise _refuse("max_time is 0")
    if lengths.dim() != 1:
        raise _refuse("sequence_length is not a vector")
    if batch != lengths.shape[0]:
        raise FailedPreconditionError(
            None,
            None,
            f"len(sequence_length) != batch_size.  len(sequence_length):  {lengths.shape[0]} batch_size: {batch}",
        )
    for b, n in enumerate(lengths.tolist()):
        if n > max_time:
            raise FailedPreconditionError(None, None, f"sequence_length({b}) <= {max_time}")


def _as_sparse(rows: Sequence[Sequence[int]], device: Any) -> list[torch.Tensor]:
    """Indices, values and shape of a sparse matrix with these rows."""
    indices = [[b, t] for b, row in enumerate(rows) for t in range(len(row))]
    values = [v for row in rows for v in row]
    shape = [len(rows), max((len(row) for row in rows), default=0)]
    return [
        torch.tensor(indices, dtype=torch.int64, device=device).reshape(-1, 2),
        torch.tensor(values, dtype=torch.int64, device=device),
        torch.tensor(shape, dtype=torch.int64, device=device),
    ]


def _decoder_batch(c: ShapeContext) -> int | None:
    return merge_dim(with_rank(c.shape(0), 3)[1], with_rank(c.shape(1), 1)[0])


@op("CTCGreedyDecoder")
def ctc_greedy_decoder_op(c: ShapeContext) -> list[Shape]:
    return [(None, 2), (None,), (2,), (_decoder_batch(c), 1)]


@ctc_greedy_decoder_op.kernel
def _ctc_greedy_decoder(
    inputs: torch.Tensor, sequence_length: torch.Tensor, *, merge_repeated: bool
) -> list[torch.Tensor]:
    _check_decoder(inputs, sequence_length)
    max_time, batch, classes = inputs.shape
    within = torch.arange(max_time, device=inputs.device).unsqueeze(1) < sequence_length
    best = torch.argmax(inputs, 2)
    highest = inputs.amax(2)
    kept = within & (best != classes - 1)
    if merge_repeated:
        kept[1:] &= best[1:] != best[:-1]
    rows = [best[:, b][kept[:, b]].tolist() for b in range(batch)]
    log_probability = -torch.where(within, highest, 0).sum(0).unsqueeze(1)
    return [*_as_sparse(rows, inputs.device), log_probability]


ctc_greedy_decoder_op.gradient(NOT_DIFFERENTIABLE)


class _Beam:
    """One label sequence of the search, with log probabilities: all of it, ending in a blank, ending in its label.

    `old` are those one step earlier.
    """

    __slots__ = ("blank", "children", "label", "label_p", "old_blank", "old_total", "parent", "total")

    def __init__(self, parent: _Beam | None, label: int) -> None:
        self.parent = parent
        self.label = label
        self.children: dict[int, _Beam] = {}
        self.old_total = self.old_blank = -math.inf
        self.reset()

    def reset(self) -> None:
        self.total = self.blank = self.label_p = -math.inf

    def sequence(self, merge_repeated: bool) -> list[int]:
        labels = []
        previous = -1
        beam = self
        while beam.parent is not None:
            if not merge_repeated or beam.label != previous:
                labels.append(beam.label)
            previous = beam.label
            beam = beam.parent
        return labels[::-1]


def _add_logs(a: float, b: float) -> float:
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


class _BeamSearch:
    """The search over one sequence: at most `width` beams survive each step."""

    def __init__(self, width: int) -> None:
        self.width = width
        root = _Beam(None, -1)
        root.total = root.blank = 0.0
        # A heap of (total, order of insertion, beam): the least likely beam comes first.
        self.leaves: list[tuple[float, int, _Beam]] = [(0.0, 0, root)]

    def ranked(self) -> list[_Beam]:
        return [beam for _, _, beam in sorted(self.leaves, key=lambda leaf: (-leaf[0], leaf[1]))]

    def step(self, log_p: np.ndarray) -> None:
        beams = self.ranked()
        for beam in beams:
            beam.old_total, beam.old_blank = beam.total, beam.blank
        values = log_p.tolist()
        self.leaves = []
        for order, beam in enumerate(beams):
            parent = beam.parent
            if parent is not None:
                if parent.total != -math.inf:
                    before = parent.old_blank if beam.label == parent.label else parent.old_total
                    beam.label_p = _add_logs(beam.label_p, before)
                beam.label_p += values[beam.label]
            beam.blank = beam.old_total + values[-1]
            beam.total = _add_logs(beam.blank, beam.label_p)
            self.leaves.append((beam.total, order, beam))
        heapq.heapify(self.leaves)
        order = itertools.count(len(beams))
        for beam in beams:
            if self._is_candidate(beam.old_total):
                self._grow(beam, log_p, values, order)

    def _is_candidate(self, total: float) -> bool:
        return total > -math.inf and (len(self.leaves) < self.width or total > self.leaves[0][0])

    def _grow(self, beam: _Beam, log_p: np.ndarray, values: list[float], order: Iterator[int]) -> None:
        labels: Any = range(len(values) - 1)
        if len(self.leaves) == self.width:
            # The bar only rises, so what is below it now need not be looked at; known children must be, see below.
            labels = {*np.flatnonzero(log_p[:-1] + beam.old_total >= self.leaves[0][0]).tolist(), *beam.children}
            labels = sorted(labels)
        for label in labels:
            child = beam.children.get(label)
            if child is None:
                child = _Beam(beam, label)
            elif child.total != -math.inf:
                continue
            before = beam.old_blank if label == beam.label else beam.old_total
            total = values[label] + before
            if not self._is_candidate(total):
                # It may have been a beam until a moment ago: then TF does not let it grow either.
                child.reset()
                child.old_total = child.old_blank = -math.inf
                continue
            beam.children[label] = child
            child.blank = -math.inf
            child.label_p = child.total = total
            leaf = (total, next(order), child)
            if len(self.leaves) == self.width:
                heapq.heapreplace(self.leaves, leaf)[2].reset()
            else:
                heapq.heappush(self.leaves, leaf)

    def top(self, n: int, merge_repeated: bool) -> tuple[list[list[int]], list[float]]:
        if n > self.width:
            raise _refuse("requested more paths than the beam width.")
        if n > len(self.leaves):
            raise _refuse("Less leaves in the beam search than requested.")
        best = self.ranked()[:n]
        return [b.sequence(merge_repeated) for b in best], [b.total for b in best]


@op("CTCBeamSearchDecoder")
def ctc_beam_search_decoder_op(c: ShapeContext) -> list[Shape]:
    batch = _decoder_batch(c)
    n = c.attrs["top_paths"]
    return [*[(None, 2)] * n, *[(None,)] * n, *[(2,)] * n, (batch, n)]


@ctc_beam_search_decoder_op.kernel
def _ctc_beam_search_decoder(
    inputs: torch.Tensor, sequence_length: torch.Tensor, *, beam_width: int, top_paths: int, merge_repeated: bool
) -> list[torch.Tensor]:
    _check_decoder(inputs, sequence_length)
    log_p = torch.log_softmax(inputs, 2).cpu().numpy()
    paths: list[list[list[int]]] = [[] for _ in range(top_paths)]
    scores = []
    for b, n in enumerate(sequence_length.tolist()):
        search = _BeamSearch(beam_width)
        for t in range(n):
            search.step(log_p[t, b])
        found, totals = search.top(top_paths, merge_repeated)
        for p, path in enumerate(found):
            paths[p].append(path)
        scores.append(totals)
    parts = [_as_sparse(rows, inputs.device) for rows in paths]
    log_probability = torch.tensor(scores, dtype=inputs.dtype, device=inputs.device).reshape(-1, top_paths)
    return [*(p[0] for p in parts), *(p[1] for p in parts), *(p[2] for p in parts), log_probability]


ctc_beam_search_decoder_op.gradient(NOT_DIFFERENTIABLE)


@ctc_greedy_decoder_op.samples
def _ctc_greedy_decoder_samples() -> Iterator[Sample]:
    yield sample(real(4, 2, 3), fixed([4, 2]), merge_repeated=True)


@ctc_beam_search_decoder_op.samples
def _ctc_beam_search_decoder_samples() -> Iterator[Sample]:
    yield sample(real(4, 2, 3), fixed([4, 2]), beam_width=5, top_paths=2)


# --- public names --------------------------------------------------------------------------------------------------


@export("nn.ctc_loss")
def ctc_loss(
    labels: Any,
    inputs: Any = None,
    sequence_length: Any = None,
    preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True,
    ignore_longer_outputs_than_inputs: bool = False,
    time_major: bool = True,
    logits: Any = None,
) -> Tensor:
    """-log p(labels | inputs), summed over all alignments; the last class is the blank.

    `logits` is the newer name of `inputs`.
    Shapes: labels sparse int32 [batch, length], inputs [time, batch, classes] (or batch first) -> [batch].
    Raises: TypeError for labels that are not sparse; InvalidArgumentError while running for labels that do not fit.
    """
    if not isinstance(labels, SparseTensor):
        raise TypeError("Expected labels (first argument) to be a SparseTensor")
    inputs = shapes.renamed_argument("logits", logits, "inputs", inputs)
    if not time_major:
        inputs = permuting.transpose(inputs, [1, 0, 2])
    return ctc_loss_op(  # type: ignore[no-any-return]
        inputs,
        labels.indices,
        labels.values,
        sequence_length,
        preprocess_collapse_repeated=preprocess_collapse_repeated,
        ctc_merge_repeated=ctc_merge_repeated,
        ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs,
    )[0]


@export("nn.ctc_greedy_decoder", v2=("nn.ctc_greedy_decoder",))
def ctc_greedy_decoder(
    inputs: Any, sequence_length: Any, merge_repeated: bool = True
) -> tuple[list[SparseTensor], Tensor]:
    """The most likely class of each step, blanks left out, repeated ones merged: ([decoded], negative sum of logits).

    Shapes: inputs [time, batch, classes] -> sparse int64 [batch, length], [batch, 1].
    """
    indices, values, shape, log_probability = ctc_greedy_decoder_op(
        inputs, sequence_length, merge_repeated=merge_repeated
    )
    return [SparseTensor(indices, values, shape)], log_probability


@export("nn.ctc_beam_search_decoder")
def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1, merge_repeated: bool = True
) -> tuple[list[SparseTensor], Tensor]:
    """The most likely label sequences that a beam search finds, each summed over its alignments.

    merge_repeated: repeated labels in the results are merged (though the search tells them apart).
    Shapes: inputs [time, batch, classes] -> top_paths times sparse int64 [batch, length], [batch, top_paths].
    """
    indices, values, dense_shapes, log_probability = ctc_beam_search_decoder_op(
        inputs, sequence_length, beam_width=beam_width, top_paths=top_paths, merge_repeated=merge_repeated
    )
    decoded = [SparseTensor(*parts) for parts in zip(indices, values, dense_shapes, strict=True)]
    return decoded, log_probability


@export("nn.ctc_beam_search_decoder_v2", v2=("nn.ctc_beam_search_decoder",))
def ctc_beam_search_decoder_v2(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[SparseTensor], Tensor]:
    """The most likely label sequences that a beam search finds."""
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)
