"""Counting values: bincount and histograms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, ints, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, clipping, constants, elementwise, reductions, segments, shapes


@op("Bincount", host=("size",))
def bincount_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0)
    size = c.value(1)
    if size is not None and int(size) < 0:
        raise ShapeError(f"size ({int(size)}) must be non-negative")
    return (None if size is None else int(size),)


@bincount_op.kernel
def _bincount(arr: torch.Tensor, size: int, weights: torch.Tensor) -> torch.Tensor:
    if size < 0:
        raise InvalidArgumentError(None, None, f"size ({size}) must be non-negative")
    flat = arr.reshape(-1).to(torch.int64)
    if flat.numel() and int(flat.min()) < 0:
        raise InvalidArgumentError(None, None, "Input arr must be non-negative!")
    out = torch.zeros(size, dtype=weights.dtype, device=arr.device)
    inside = flat < size
    added = weights.reshape(-1) if weights.numel() else torch.ones_like(flat, dtype=weights.dtype)
    return out.index_add_(0, flat[inside], added[inside])


bincount_op.gradient(NOT_DIFFERENTIABLE)


@bincount_op.samples
def _bincount_samples() -> Iterator[Sample]:
    yield sample(ints(5), fixed(4), real(5))
    yield sample(ints(5), fixed(7), real(0))


@op("HistogramFixedWidth", host=("nbins",))
def histogram_fixed_width_op(c: ShapeContext) -> Shape:
    (length,) = with_rank(c.shape(1), 1)
    if length is not None and length != 2:
        raise ShapeError(f"Dimension must be 2 but is {length}")
    with_rank(c.shape(2), 0)
    n = c.value(2)
    if n is not None and int(n) <= 0:
        raise ShapeError(f"Requires nbins > 0: {int(n)}")
    return (None if n is None else int(n),)


@histogram_fixed_width_op.kernel
def _histogram(values: torch.Tensor, value_range: torch.Tensor, nbins: int, *, dtype: dtypes.DType) -> torch.Tensor:
    if tuple(value_range.shape) != (2,):
        raise InvalidArgumentError(
            None, None, f"value_range should be a vector of 2 elements, got shape {list(value_range.shape)}"
        )
    low, high = value_range.tolist()
    if low >= high:
        raise InvalidArgumentError(
            None, None, f"value_range should satisfy value_range[0] < value_range[1], but got '[{low:g}, {high:g}]'"
        )
    if nbins <= 0:
        raise InvalidArgumentError(None, None, f"nbins should be a positive number, but got '{nbins}'")
    flat = values.reshape(-1).to(torch.float64)
    if bool(torch.isnan(flat).any()):
        raise InvalidArgumentError(None, None, "values of a histogram must not be NaN")
    step = (high - low) / nbins
    bins = torch.floor((flat - low) / step).clamp(0, nbins - 1).to(torch.int64)
    return torch.bincount(bins, minlength=nbins).to(dtype.torch)


histogram_fixed_width_op.gradient(NOT_DIFFERENTIABLE)


@histogram_fixed_width_op.samples
def _histogram_samples() -> Iterator[Sample]:
    yield sample(real(4, 5), fixed([-1.0, 1.0]), fixed(6))


@export("bincount", "math.bincount")
def bincount(
    arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = dtypes.int32
) -> Tensor:
    """How often each number 0, 1, 2 ... occurs in `arr`; with `weights`, their sums.

    Shapes: [n...] -> [largest + 1], at least minlength, at most maxlength.
    Raises: InvalidArgumentError while running for a negative number.
    """
    return bincount_v2(arr, weights, minlength, maxlength, dtype)


@export(v2=("math.bincount",))
def bincount_v2(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How often each number occurs in `arr`; with `weights`, their sums."""
    with name_scope("bincount" if name is None else name):
        arr = conversion.to_tensor(arr, dtypes.int32, name="arr")
        nonempty = reductions.reduce_prod(shapes.shape(arr)) > 0
        size = casting.cast(nonempty, dtypes.int32) * (reductions.reduce_max(arr) + 1)
        if minlength is not None:
            size = elementwise.maximum_op(conversion.to_tensor(minlength, dtypes.int32, name="minlength"), size)
        if maxlength is not None:
            size = elementwise.minimum_op(conversion.to_tensor(maxlength, dtypes.int32, name="maxlength"), size)
        if weights is not None:
            weights = conversion.to_tensor(weights, name="weights")
            return segments.unsorted_segment_sum_op(weights, arr, size)
        return bincount_op(arr, size, constants.constant([], dtype))


@export("histogram_fixed_width", v2=("histogram_fixed_width",))
def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """How many values fall into each of `nbins` equal bins of `value_range`; those outside count in the end bins."""
    with name_scope(name, "histogram_fixed_width", [values, value_range, nbins]) as scope:
        return histogram_fixed_width_op(values, value_range, nbins, dtype=dtype, name=scope)


@export("histogram_fixed_width_bins", v2=("histogram_fixed_width_bins",))
def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """The bin of each value, out of `nbins` equal bins of `value_range`."""
    with name_scope(name, "histogram_fixed_width_bins", [values, value_range, nbins]):
        values = conversion.to_tensor(values, name="values")
        shape = shapes.shape(values)
        values = shapes.reshape(values, [-1])
        value_range = conversion.to_tensor(value_range, name="value_range")
        nbins = conversion.to_tensor(nbins, dtypes.int32, name="nbins")
        count = casting.cast(nbins, values.dtype)
        scaled = elementwise.truediv(
            values - value_range[0], value_range[1] - value_range[0], name="scaled_values"
        )
        indices = elementwise.floor(count * scaled, name="indices")
        indices = casting.cast(clipping.clip_by_value(indices, 0, count - 1), dtypes.int32)
        return shapes.reshape(indices, shape)
