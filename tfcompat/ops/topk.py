"""The largest elements of rows: TopK, NthElement, InTopK.

Of equal elements the one with the lower index comes first; NaN comes last.
Source: TF 1.15, core/kernels/topk_op.cc, nth_element_op.cc, in_topk_op.h; python/ops/nn_grad.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, ints, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge_dim, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, comparison, elementwise, gathering, ranges, reductions, shapes
from tfcompat.ops.families import WIDE


def _refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


def _scalar_size(c: ShapeContext, i: int) -> int | None:
    """The value of input i, a scalar that is some dimension's size."""
    with_rank(c.shape(i), 0)
    value = c.value(i)
    if value is None:
        return None
    if value < 0:
        raise ShapeError(f"Dimension size, given by scalar input {i}, must be non-negative but is {int(value)}")
    return int(value)


def _top_k_shapes(c: ShapeContext) -> list[Shape]:
    x = at_least_rank(c.shape(0), 1)
    k = _scalar_size(c, 1) if len(c) > 1 else c.attrs["k"]
    if x is None:
        return [None, None]
    if x[-1] is not None and k is not None and x[-1] < k:
        raise ShapeError(f"input must have last dimension >= k = {k} but is {x[-1]}")
    out = (*x[:-1], k)
    return [out, out]


top_k_op = op("TopK")(_top_k_shapes)
top_k_v2_op = op("TopKV2", host=("k",))(_top_k_shapes)


def _sortable(x: torch.Tensor) -> torch.Tensor | None:
    """int64 numbers below 2**31 in size that are ordered as the elements are; None for types with more bits."""
    if x.dtype in (torch.float16, torch.bfloat16):
        x = x.float()
    if x.dtype is torch.float32:
        x = torch.where(torch.isnan(x), -torch.inf, x) + 0.0  # 0.0: no negative zero, which is equal to zero
        bits = x.view(torch.int32)
        # Negative floats count down as their bits count up.
        return torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits).long()
    if x.dtype in (torch.float64, torch.int64, torch.uint64):
        return None
    return x.long()


def _top_indices(x: torch.Tensor, k: int) -> torch.Tensor:
    columns = x.shape[-1]
    keys = _sortable(x) if 8 * k < columns else None
    if keys is not None:
        # Value and position in one number, so that equal values rank by position.
        position = torch.arange(columns, 0, -1, device=x.device)
        found = torch.topk((keys << 32) | position, k, -1).values
        return columns - (found & 0xFFFFFFFF)
    if x.is_floating_point():
        x = torch.where(torch.isnan(x), -torch.inf, x)
    elif x.dtype is torch.uint64:
        x = x.long() ^ torch.iinfo(torch.int64).min  # the order of unsigned numbers
    elif x.dtype in WIDE:
        x = x.long()
    return torch.sort(x, dim=-1, descending=True, stable=True).indices[..., :k]


@top_k_v2_op.kernel
def _top_k(input: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    if k < 0:
        raise _refuse(f"Need k >= 0, got {k}")
    if input.dim() < 1:
        raise _refuse(f"input must be >= 1-D, got shape {text(tuple(input.shape))}")
    if input.shape[-1] < k:
        raise _refuse(f"input must have at least k columns. Had {input.shape[-1]}, needed {k}")
    at = _top_indices(input, k)
    wide = input.long() if input.dtype in WIDE else input
    return wide.gather(-1, at).to(input.dtype), at.to(torch.int32)


@top_k_op.kernel
def _old_top_k(input: torch.Tensor, *, k: int) -> tuple[torch.Tensor, torch.Tensor]:
    return _top_k(input, k)


def _top_k_grad(node: Any, dy: Tensor, _: Any) -> list[Tensor]:
    # dy goes to the places in the flattened input that the indices name.
    in_shape = shapes.shape(node.inputs[0])
    at_shape = shapes.shape(node.outputs[1])
    k = gathering.gather(casting.cast(at_shape, dtypes.int64), shapes.size(at_shape) - 1)
    at = shapes.reshape(node.outputs[1], arrays.stack([-1, k]))
    columns = gathering.gather(casting.cast(in_shape, dtypes.int64), shapes.size(in_shape) - 1)
    rows = shapes.shape(at)[0]
    starts = ranges.range(0, casting.cast(rows, dtypes.int64) * columns, columns)
    at = shapes.reshape(at + casting.cast(shapes.expand_dims(starts, -1), dtypes.int32), [-1])
    flat = gathering.scatter_nd(
        shapes.expand_dims(at, -1), shapes.reshape(dy, [-1]), [reductions.reduce_prod(in_shape)]
    )
    dx = [shapes.reshape(flat, in_shape)]
    return dx if node.type == "TopK" else [*dx, shapes.zeros([], dtype=dtypes.int32)]


top_k_op.gradient(_top_k_grad)
top_k_v2_op.gradient(_top_k_grad)


@top_k_v2_op.samples
def _top_k_v2_samples() -> Iterator[Sample]:
    yield sample(real(2, 5, distinct=True), fixed(3))
    yield sample(real(3, 1, 4, distinct=True), fixed(1))
    yield sample(real(40, distinct=True), fixed(2))


@top_k_op.samples
def _top_k_samples() -> Iterator[Sample]:
    yield sample(real(2, 5, distinct=True), k=3)


@op("NthElement", host=("n",))
def nth_element_op(c: ShapeContext) -> Shape:
    x = at_least_rank(c.shape(0), 1)
    n = _scalar_size(c, 1)
    if x is None:
        return None
    if x[-1] is not None and n is not None and x[-1] <= n:
        raise ShapeError(f"Input must have last dimension > n = {n} but is {x[-1]}")
    return x[:-1]


@nth_element_op.kernel
def _nth_element(input: torch.Tensor, n: Any, *, reverse: bool) -> torch.Tensor:
    if isinstance(n, list):
        raise _refuse(f"N must be scalar, got shape [{len(n)}]")
    if n < 0:
        raise _refuse(f"Need n >= 0, got {n}")
    if input.dim() < 1:
        raise _refuse(f"Input must be >= 1-D, got shape {text(tuple(input.shape))}")
    columns = input.shape[-1]
    if columns <= n:
        raise _refuse("Input must have at least n+1 columns")
    wide = input.long() if input.dtype in WIDE else input
    return torch.kthvalue(wide, columns - n if reverse else n + 1, -1).values.to(input.dtype)


@nth_element_op.gradient
def _nth_element_grad(node: Any, dy: Tensor) -> tuple[Tensor, None]:
    # Elements that tie share the gradient.
    x, y = node.inputs[0], node.outputs[0]
    chosen = casting.cast(comparison.equal(shapes.expand_dims(y, -1), x), dy.dtype)
    dy = shapes.expand_dims(dy, -1)
    number = shapes.expand_dims(reductions.reduce_sum(chosen, -1), -1)
    return elementwise.div(chosen, number) * dy, None


@nth_element_op.samples
def _nth_element_samples() -> Iterator[Sample]:
    yield sample(real(2, 5, distinct=True), fixed(1))
    yield sample(real(4, distinct=True), fixed(0), reverse=True)


def _in_top_k_shape(c: ShapeContext) -> Shape:
    predictions, targets = with_rank(c.shape(0), 2), with_rank(c.shape(1), 1)
    return (merge_dim(predictions[0], targets[0]),)


in_top_k_op = op("InTopK")(_in_top_k_shape)
in_top_k_v2_op = op("InTopKV2", host=("k",))(_in_top_k_shape)


@in_top_k_v2_op.kernel
def _in_top_k(predictions: torch.Tensor, targets: torch.Tensor, k: Any) -> torch.Tensor:
    if isinstance(k, list):
        raise _refuse(f"k must be 0-D, got shape [{len(k)}]")
    if predictions.dim() != 2:
        raise _refuse("predictions must be 2-dimensional")
    if targets.dim() != 1:
        raise _refuse("targets must be 1-dimensional")
    n, classes = predictions.shape
    if n != targets.shape[0]:
        raise _refuse(f"First dimension of predictions {n} must match length of targets {targets.shape[0]}")
    if classes == 0:
        return torch.zeros(n, dtype=torch.bool, device=predictions.device)
    targets = targets.long()
    inside = (targets >= 0) & (targets < classes)
    own = predictions.gather(1, torch.where(inside, targets, 0).unsqueeze(1))
    better = (predictions > own).sum(1)
    # Where a prediction is not finite TF says no, unless it has counted enough better ones before.
    return inside & torch.isfinite(predictions).all(1) & (better < k)


@in_top_k_op.kernel
def _old_in_top_k(predictions: torch.Tensor, targets: torch.Tensor, *, k: int) -> torch.Tensor:
    return _in_top_k(predictions, targets, k)


in_top_k_op.gradient(NOT_DIFFERENTIABLE)
in_top_k_v2_op.gradient(NOT_DIFFERENTIABLE)


@in_top_k_v2_op.samples
def _in_top_k_v2_samples() -> Iterator[Sample]:
    yield sample(real(3, 4, distinct=True), ints(3, high=4), fixed(2))


@in_top_k_op.samples
def _in_top_k_samples() -> Iterator[Sample]:
    yield sample(real(3, 4, distinct=True), ints(3, high=4), k=2)


@export("nn.top_k", "math.top_k", v2=("nn.top_k", "math.top_k"))
def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> Any:
    """The k largest elements of each row (the last dimension), largest first, and their indices.

    They come in order with sorted=False too.
    Shapes: input [..., n] -> values [..., k], indices [..., k].
    """
    return top_k_v2_op(input, k, sorted=sorted, name=name)


@export("contrib.nn.nth_element")
def nth_element(input: Any, n: Any, reverse: bool = False, name: str | None = None) -> Tensor:
    """The element of each row that n others come before in ascending (reverse: descending) order.

    Shapes: input [..., m] -> [...].
    """
    return nth_element_op(input, n, reverse=reverse, name=name)


@export("nn.in_top_k", "math.in_top_k")
def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether each target is among the k highest predictions of its row; False where that cannot be said.

    Shapes: predictions [batch, classes], targets [batch] -> bool [batch].
    """
    with name_scope(name, "in_top_k"):
        return in_top_k_v2_op(predictions, targets, k, name=name)


@export(v2=("nn.in_top_k", "math.in_top_k"))
def in_top_k_v2(targets: Any, predictions: Any, k: Any, name: str | None = None) -> Tensor:
    """Whether each target is among the k highest predictions of its row."""
    return in_top_k(predictions, targets, k, name)
