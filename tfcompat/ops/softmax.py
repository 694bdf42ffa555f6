"""Softmax and its logarithm over the last dimension, or over any other by way of transposes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from tfcompat.framework import conversion
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.shape_rules import at_least_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, comparison, elementwise, exponents, permuting, ranges, reductions, shapes


def _one_distribution_a_row(c: ShapeContext) -> Shape:
    return at_least_rank(c.shape(0), 1)


def _softmax_like(op_type: str, kernel: Callable[..., Any], gradient: Any) -> Op:
    made = op(op_type)(_one_distribution_a_row)
    made.kernel(kernel)
    made.gradient(gradient)

    def samples() -> Iterator[Sample]:
        yield sample(real(3, 4, low=-2.0, high=2.0))
        yield sample(real(2, 1, 3))
        yield sample(real(5))
        yield sample(real(0, 3))

    made.samples(samples)
    return made


def _check_rank(logits: torch.Tensor) -> None:
    if logits.dim() < 1:
        raise InvalidArgumentError(None, None, "logits must have >= 1 dimension, got []")


def _softmax_kernel(logits: torch.Tensor) -> torch.Tensor:
    _check_rank(logits)
    return torch.softmax(logits, -1)


def _log_softmax_kernel(logits: torch.Tensor) -> torch.Tensor:
    _check_rank(logits)
    return torch.log_softmax(logits, -1)


def _softmax_grad(node: Any, dy: Tensor) -> Tensor:
    y = node.outputs[0]
    along = reductions.reduce_sum(dy * y, -1, keepdims=True)
    return (dy - along) * y


def _log_softmax_grad(node: Any, dy: Tensor) -> Tensor:
    probabilities = exponents.exp(node.outputs[0])
    return dy - reductions.reduce_sum(dy, -1, keepdims=True) * probabilities


softmax_op = _softmax_like("Softmax", _softmax_kernel, _softmax_grad)
log_softmax_op = _softmax_like("LogSoftmax", _log_softmax_kernel, _log_softmax_grad)


def _swap_axis(logits: Tensor, axis: Any, last: Tensor, name: str | None = None) -> Tensor:
    before = ranges.range(axis)
    between = ranges.range(axis + 1, last)
    return permuting.transpose(logits, arrays.concat([before, [last], between, [axis]], 0), name=name)


def _along(made: Op, logits: Any, axis: Any, name: str | None) -> Tensor:
    """`made` over dimension `axis`, which is swapped with the last one where it is not that."""
    logits = conversion.to_tensor(logits)
    dims = logits._dims
    if not isinstance(axis, Tensor) and (axis == -1 or (dims is not None and axis == len(dims) - 1)):
        return made(logits, name=name)  # type: ignore[no-any-return]
    value: Any = constant_value(axis) if isinstance(axis, Tensor) else axis
    if dims is None:
        raise TypeError("the rank of the logits must be known unless axis is the last")
    rank = len(dims)
    if value is not None and not -rank <= value < rank:
        raise InvalidArgumentError(
            None,
            None,
            f"Dimension ({value}) must be in the range [{-rank}, {rank}) where {rank} is the number of dimensions in "
            "the input.",
        )
    rank_node = shapes.rank(logits)
    if isinstance(axis, Tensor):
        axis = comparison.select_op(comparison.less(axis, 0), axis + rank_node, axis)
    elif axis < 0:
        axis = axis + rank_node
    input_rank = shapes.rank(logits)
    axis = axis % rank
    swapped = _swap_axis(logits, axis, elementwise.subtract(input_rank, 1))
    out = _swap_axis(made(swapped), axis, elementwise.subtract(input_rank, 1), name)
    out.set_shape(logits.shape)
    return out


@export("nn.softmax")
def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """exp(logits) / sum(exp(logits)) along `axis` (the last one by default; old name: dim).

    Raises: InvalidArgumentError when `axis` is out of range.
    """
    axis = shapes.renamed_argument("axis", axis, "dim", dim)
    return _along(softmax_op, logits, -1 if axis is None else axis, name)


@export(v2=("nn.softmax",))
def softmax_v2(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """exp(logits) / sum(exp(logits)) along `axis`."""
    return softmax(logits, axis, name)


@export("nn.log_softmax")
def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """logits - log(sum(exp(logits))) along `axis` (the last one by default; old name: dim).

    Raises: InvalidArgumentError when `axis` is out of range.
    """
    axis = shapes.renamed_argument("axis", axis, "dim", dim)
    return _along(log_softmax_op, logits, -1 if axis is None else axis, name)


@export(v2=("nn.log_softmax",))
def log_softmax_v2(logits: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """logits - log(sum(exp(logits))) along `axis`."""
    return log_softmax(logits, axis, name)
