"""Sequences of numbers: Range and LinSpace."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting

builtin_range = range

_INFERRED = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)


def _length(start: Any, limit: Any, delta: Any) -> int:
    """How many numbers a range has. Raises ShapeError when it does not end."""
    if delta == 0:
        raise ShapeError("Requires delta != 0: 0")
    if delta > 0 and start > limit:
        raise ShapeError(f"Requires start <= limit when delta > 0: {start:g}/{limit:g}")
    if delta < 0 and start < limit:
        raise ShapeError(f"Requires start >= limit when delta < 0: {start:g}/{limit:g}")
    if isinstance(delta, int):
        return (abs(limit - start) + abs(delta) - 1) // abs(delta)
    return math.ceil(abs((limit - start) / delta))


@op("Range", host=("start", "limit", "delta"))
def range_op(c: ShapeContext) -> Shape:
    for i in builtin_range(3):
        with_rank(c.shape(i), 0)
    bounds = [c.value(i) for i in builtin_range(3)]
    if any(b is None for b in bounds):
        return (None,)
    return (_length(*(b.item() for b in bounds if b is not None)),)


@range_op.kernel
def _range(start: Any, limit: Any, delta: Any, *, Tidx: dtypes.DType, device: Any) -> torch.Tensor:
    for label, value in (("start", start), ("limit", limit), ("delta", delta)):
        if isinstance(value, list):
            raise InvalidArgumentError(
                None, None, f"{label} must be a scalar, not shape {text(np.shape(value))}"
            )
    try:
        n = _length(start, limit, delta)
    except ShapeError as cause:
        raise InvalidArgumentError(None, None, str(cause)) from None
    if Tidx.is_integer:
        return torch.arange(start, start + n * delta, delta, dtype=Tidx.torch, device=device)
    kind = np.float64 if Tidx is dtypes.float64 else np.float32
    # TF adds delta again and again in the type itself; the rounding is part of the numbers.
    steps = np.full(n, delta, kind)
    if n:
        steps[0] = start
    return torch.from_numpy(np.add.accumulate(steps, dtype=kind)).to(device=device, dtype=Tidx.torch)


range_op.gradient(NOT_DIFFERENTIABLE)


@range_op.samples
def _range_samples() -> Iterator[Sample]:
    yield sample(fixed(3), fixed(18), fixed(4))
    yield sample(fixed(3.0), fixed(1.0), fixed(-0.5))
    yield sample(fixed(3), fixed(3), fixed(1))


@op("LinSpace", host=("num",))
def lin_space_op(c: ShapeContext) -> Shape:
    for i in builtin_range(3):
        with_rank(c.shape(i), 0)
    num = c.value(2)
    if num is None:
        return (None,)
    if int(num) <= 0:
        raise ShapeError(f"Requires num > 0: {int(num)}")
    return (int(num),)


@lin_space_op.kernel
def _lin_space(start: torch.Tensor, stop: torch.Tensor, num: int) -> torch.Tensor:
    if num <= 0:
        raise InvalidArgumentError(None, None, f"Requires num > 0: {num}")
    if num == 1:
        return start.reshape(1).clone()
    step = (stop - start) / (num - 1)
    made = start + step * torch.arange(num, dtype=start.dtype, device=start.device)
    made[-1] = stop  # exactly, not start plus rounded steps
    return made


lin_space_op.gradient(NOT_DIFFERENTIABLE)


@lin_space_op.samples
def _lin_space_samples() -> Iterator[Sample]:
    yield sample(fixed(1.0), fixed(2.0), fixed(7))
    yield sample(fixed(1.0), fixed(2.0), fixed(1))


@export("range", v2=("range",))
def range(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range"
) -> Tensor:
    """start, start + delta, ... below `limit` (above it for a negative delta); with one argument, from 0 to it.

    The dtype is the widest of the arguments' (int32, int64, float32, float64) unless given.
    Raises: ValueError or InvalidArgumentError when the sequence does not end.
    """
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "Range", [start, limit, delta]) as scope:
        wanted = None if dtype is None else dtypes.as_dtype(dtype)
        start = conversion.to_tensor(start, wanted, name="start")
        limit = conversion.to_tensor(limit, wanted, name="limit")
        delta = conversion.to_tensor(delta, wanted, name="delta")
        if wanted is None:
            kinds = [t.dtype.base_dtype for t in (start, limit, delta)]
            if not all(k in _INFERRED for k in kinds):
                raise AssertionError(f"tf.range needs int32, int64, float32 or float64, got {kinds}")
            widest = max(kinds, key=_INFERRED.index)
            start, limit, delta = (casting.cast(t, widest) for t in (start, limit, delta))
        return range_op(start, limit, delta, name=scope)


@export("lin_space", v2=("linspace",))
def linspace(start: Any, stop: Any, num: Any, name: str | None = None) -> Tensor:
    """`num` numbers evenly spaced from `start` to `stop`, both included."""
    return lin_space_op(start, stop, num, name=name)
