"""Clipping: by value, by norm, by the norm of several tensors together."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import get_op, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import text, unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    comparison,
    constants,
    elementwise,
    exponents,
    identity,
    ranges,
    reductions,
    shapes,
)

clip_by_value_op = op("ClipByValue")(unchanged)


@clip_by_value_op.kernel
def _clip(t: torch.Tensor, clip_value_min: torch.Tensor, clip_value_max: torch.Tensor) -> torch.Tensor:
    for bound in (clip_value_min, clip_value_max):
        if bound.ndim and bound.shape != t.shape:
            raise InvalidArgumentError(
                None,
                None,
                "clip_value_min and clip_value_max must be either of the same shape as input, or a scalar. "
                f"input shape: {text(tuple(t.shape))}clip_value_min shape: {text(tuple(clip_value_min.shape))}"
                f"clip_value_max shape: {text(tuple(clip_value_max.shape))}",
            )
    low = torch.where(t > clip_value_max, clip_value_max, t)
    return torch.where(low < clip_value_min, clip_value_min, low)


@clip_by_value_op.gradient
def _clip_grad(node: Any, dy: Any) -> tuple[Tensor, Tensor, Tensor]:
    x, low, high = node.inputs
    sx = shapes.shape(x)
    s_low = shapes.shape(low)
    s_high = shapes.shape(high)
    zeros = shapes.zeros(shapes.shape(dy), dy.dtype)
    below = comparison.less(x, low)
    above = comparison.greater(x, high)
    rx, r_low = shapes.broadcast_gradient_args(sx, s_low)
    rx, r_high = shapes.broadcast_gradient_args(sx, s_high)
    gx = comparison.select_op(comparison.logical_or(below, above), zeros, dy)
    g_low = comparison.select_op(below, dy, zeros)
    g_high = comparison.select_op(above, dy, zeros)
    return (
        elementwise.reduced_to(gx, rx, sx),
        elementwise.reduced_to(g_low, r_low, s_low),
        elementwise.reduced_to(g_high, r_high, s_high),
    )


@clip_by_value_op.samples
def _clip_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed(-0.5), fixed(0.5))
    yield sample(real(2, 3), real(2, 3, low=-2.0, high=-1.5), real(2, 3, low=1.5, high=2.0))


def _values(t: Any, name: str) -> Tensor:
    return conversion.to_tensor(t.values if isinstance(t, IndexedSlices) else t, name=name)


def _like(clipped: Tensor, t: Any) -> Any:
    """`clipped` in the form `t` came in."""
    return IndexedSlices(clipped, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else clipped


@export("clip_by_value", v2=("clip_by_value",))
def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """Each element of `t` (a tensor or IndexedSlices) brought into [clip_value_min, clip_value_max].

    Raises: ValueError when the bounds would change the shape of `t`.
    """
    with name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        values = _values(t, "t")
        below = elementwise.minimum(values, clip_value_max)
        values.shape.merge_with(below.shape)
        clipped = elementwise.maximum(below, clip_value_min, name=scope)
        values.shape.merge_with(clipped.shape)
        return _like(clipped, t)


@export("clip_by_norm", v2=("clip_by_norm",))
def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """`t` scaled down where its L2 norm over `axes` (default all) is above `clip_norm`.

    A norm of zero has no derivative; its gradient is 0 here, not NaN.
    """
    with name_scope(name, "clip_by_norm", [t, clip_norm]) as scope:
        values = _values(t, "t")
        squares = reductions.reduce_sum(values * values, axes, keepdims=True)
        positive = squares > 0
        safe = comparison.select_op(positive, squares, shapes.ones_like(squares))
        norm = comparison.select_op(positive, exponents.sqrt(safe), squares)
        scaled = values * clip_norm
        values.shape.merge_with(scaled.shape)
        clipped = identity.identity(scaled / elementwise.maximum(norm, clip_norm), name=scope)
        return _like(clipped, t)


def _as_sequence(t_list: Any) -> list[Any]:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError("t_list should be a sequence")
    return list(t_list)


def _all_values(t_list: list[Any]) -> list[Tensor | None]:
    return [None if t is None else _values(t, f"t_{i}") for i, t in enumerate(t_list)]


def _beside(v: Tensor) -> contextlib.AbstractContextManager[Any]:
    return stacks.get_default_graph().colocate_with(v)


@export("global_norm", "linalg.global_norm", v2=("linalg.global_norm",))
def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """The L2 norm of all elements of several tensors (or IndexedSlices; None entries are left out) together.

    Raises: TypeError when `t_list` is no sequence.
    """
    tensors = _as_sequence(t_list)
    with name_scope(name, "global_norm", tensors):
        halves = []
        for v in _all_values(tensors):
            if v is not None:
                with _beside(v):
                    halves.append(get_op("L2Loss")(v))
        half = reductions.reduce_sum(arrays.stack(halves))
        return exponents.sqrt(half * constants.constant(2.0, dtype=half.dtype), name="global_norm")


@export("clip_by_global_norm", v2=("clip_by_global_norm",))
def clip_by_global_norm(
    t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """All tensors scaled by one factor so that their norm together is at most `clip_norm`; and that norm as it was.

    A norm that is not finite makes every result NaN.
    Raises: TypeError when `t_list` is no sequence.
    """
    tensors = _as_sequence(t_list)
    if use_norm is None:
        use_norm = global_norm(tensors, name)
    with name_scope(name, "clip_by_global_norm", [*tensors, clip_norm]) as scope:
        inverse = 1.0 / use_norm
        one = constants.constant(1.0, dtype=use_norm.dtype)
        factor = clip_norm * elementwise.minimum(inverse, one / clip_norm)
        finite = comparison.is_finite(use_norm)
        scale = comparison.select_op(finite, factor, constants.constant(float("nan"), dtype=use_norm.dtype))
        clipped: list[Any] = []
        for i, v in enumerate(_all_values(tensors)):
            if v is None:
                clipped.append(None)
                continue
            with _beside(v):
                clipped.append(identity.identity(v * scale, name=f"{scope}_{i}"))
        results = [None if c is None else _like(c, t) for c, t in zip(clipped, tensors, strict=True)]
    return results, use_norm


@export("clip_by_average_norm")
def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Tensor:
    """`t` scaled down where its L2 norm divided by its number of elements is above `clip_norm`."""
    with name_scope(name, "clip_by_average_norm", [t, clip_norm]) as scope:
        t = conversion.to_tensor(t, name="t")
        count = casting.cast(shapes.size(t), dtypes.float32)
        inverse = exponents.rsqrt(reductions.reduce_sum(t * t, ranges.range(shapes.rank(t))))
        scaled = t * clip_norm
        limit = elementwise.minimum(inverse * count, constants.constant(1.0) / clip_norm)
        return identity.identity(scaled * limit, name=scope)
