"""Running sums and products along an axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import text
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import comparison, exponents, families


def _scan_shape(c: ShapeContext) -> Shape:
    return c.shape(0)


def _shifted(y: torch.Tensor, axis: int, first: float) -> torch.Tensor:
    """Moves everything one place on; `first` enters at the start."""
    n = y.shape[axis]
    head = list(y.shape)
    head[axis] = 1
    return torch.cat([torch.full(head, first, dtype=y.dtype, device=y.device), y.narrow(axis, 0, n - 1)], axis)


def _scan(op_type: str, fn: Callable[[torch.Tensor, int], torch.Tensor], start: Callable[[torch.dtype], float]) -> Op:
    made = op(op_type, host=("axis",))(_scan_shape)

    @made.kernel
    def kernel(x: torch.Tensor, axis: Any, *, exclusive: bool, reverse: bool) -> torch.Tensor:
        if isinstance(axis, list):
            raise InvalidArgumentError(None, None, f"ScanOp: axis must be a scalar, not {text(np.shape(axis))}")
        if not -x.ndim <= axis < x.ndim:
            shown = axis + x.ndim if axis < 0 else axis  # TF names the axis after counting it from the front
            raise InvalidArgumentError(
                None, None, f"ScanOp: Expected scan axis in the range [{-x.ndim}, {x.ndim}), but got {shown}"
            )
        axis %= x.ndim
        if x.numel() == 0:
            return x.clone()
        if reverse:
            x = x.flip(axis)
        y = fn(x, axis)
        if exclusive:
            y = _shifted(y, axis, start(x.dtype))
        return y.flip(axis) if reverse else y

    return made


def _in_its_type(
    fn: Callable[..., torch.Tensor], accumulate: Callable[..., np.ndarray]
) -> Callable[[torch.Tensor, int], torch.Tensor]:
    """Integers wrap around in their own type, not in int64; half is rounded after every step, as in TF."""

    def run(x: torch.Tensor, axis: int) -> torch.Tensor:
        if x.dtype in families.WIDE:
            return fn(x.to(torch.int64), axis).to(x.dtype)
        if x.dtype is torch.float16 and x.device.type == "cpu":
            with np.errstate(over="ignore", invalid="ignore"):
                return torch.from_numpy(accumulate(x.numpy(), axis=axis, dtype=np.float16))
        return fn(x, axis, dtype=x.dtype)

    return run


cumsum_op = _scan("Cumsum", _in_its_type(torch.cumsum, np.cumsum), lambda kind: 0)
cumprod_op = _scan("Cumprod", _in_its_type(torch.cumprod, np.cumprod), lambda kind: 1)
cumulative_logsumexp_op = _scan("CumulativeLogsumexp", torch.logcumsumexp, lambda kind: torch.finfo(kind).min)


@cumsum_op.gradient
def _cumsum_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    axis = node.inputs[1]
    exclusive, reverse = node._attrs["exclusive"], node._attrs["reverse"]
    return cumsum(dy, axis, exclusive=exclusive, reverse=not reverse), None


@cumprod_op.gradient
def _cumprod_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    x, axis = node.inputs
    exclusive, reverse = node._attrs["exclusive"], node._attrs["reverse"]
    product = cumprod(x, axis, exclusive=exclusive, reverse=reverse)
    out = cumsum(product * dy, axis, exclusive=exclusive, reverse=not reverse)
    return out / x, None


@cumulative_logsumexp_op.gradient
def _cumulative_logsumexp_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    x, axis = node.inputs
    y = node.outputs[0]
    exclusive, reverse = node._attrs["exclusive"], node._attrs["reverse"]

    def part(logs: Tensor) -> Tensor:
        scanned = cumulative_logsumexp(logs - y, axis=axis, reverse=not reverse, exclusive=exclusive)
        return exponents.exp(scanned + x)

    # The positive and the negative part of dy apart, so that both have logarithms.
    positive = comparison.select_v2_op(comparison.greater(dy, 0), exponents.log(dy), dy.dtype.min)
    negative = comparison.select_v2_op(comparison.less(dy, 0), exponents.log(-dy), dy.dtype.min)
    gain = part(positive)
    return gain - part(negative), None


def _samples() -> Iterator[Sample]:
    yield sample(real(2, 3, low=0.5, high=2.0), fixed(0))
    yield sample(real(2, 3, low=0.5, high=2.0), fixed(-1), exclusive=True)
    yield sample(real(4, low=0.5, high=2.0), fixed(0), reverse=True)
    yield sample(real(4, low=0.5, high=2.0), fixed(0), exclusive=True, reverse=True)


cumsum_op.samples(_samples)
cumprod_op.samples(_samples)


@cumulative_logsumexp_op.samples
def _logsumexp_samples() -> Iterator[Sample]:
    note = "the rule takes logarithms of dy, whose sign decides a branch"
    yield sample(real(2, 3), fixed(0), second_order=False, note=note)
    yield sample(real(4), fixed(0), reverse=True, second_order=False, note=note)


@export("cumsum", v2=("cumsum",))
def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running sum along `axis`; exclusive: of what comes before each element; reverse: from the end."""
    with name_scope(name, "Cumsum", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        return cumsum_op(x, axis, exclusive=exclusive, reverse=reverse, name=scope)


@export("cumprod", v2=("math.cumprod",))
def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The running product along `axis`; exclusive: of what comes before each element; reverse: from the end."""
    with name_scope(name, "Cumprod", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        return cumprod_op(x, axis, exclusive=exclusive, reverse=reverse, name=scope)


@export("math.cumulative_logsumexp", v2=("math.cumulative_logsumexp",))
def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """log of the running sum of exp along `axis`, without overflow; exclusive starts at the type's lowest number."""
    with name_scope(name, "CumulativeLogsumexp", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        return cumulative_logsumexp_op(x, axis, exclusive=exclusive, reverse=reverse, name=scope)
