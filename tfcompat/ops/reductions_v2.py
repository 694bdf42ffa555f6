"""TF 2's forms of the reductions: the same nodes, without the arguments' old names."""

from __future__ import annotations

from typing import Any

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import reductions


@export(v2=("reduce_sum",))
def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """The sum over `axis`."""
    return reductions.reduce_sum(input_tensor, axis, keepdims, name)


@export(v2=("reduce_mean",))
def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """The mean over `axis`."""
    return reductions.reduce_mean(input_tensor, axis, keepdims, name)


@export(v2=("reduce_prod",))
def reduce_prod(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """The product over `axis`."""
    return reductions.reduce_prod(input_tensor, axis, keepdims, name)


@export(v2=("reduce_max",))
def reduce_max(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """The maximum over `axis`."""
    return reductions.reduce_max(input_tensor, axis, keepdims, name)


@export(v2=("reduce_min",))
def reduce_min(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """The minimum over `axis`."""
    return reductions.reduce_min(input_tensor, axis, keepdims, name)


@export(v2=("reduce_all",))
def reduce_all(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """Whether all elements over `axis` are true."""
    return reductions.reduce_all(input_tensor, axis, keepdims, name)


@export(v2=("reduce_any",))
def reduce_any(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """Whether any element over `axis` is true."""
    return reductions.reduce_any(input_tensor, axis, keepdims, name)


@export(v2=("reduce_logsumexp",))
def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """log(sum(exp(x))) over `axis`, without overflow."""
    return reductions.reduce_logsumexp(input_tensor, axis, keepdims, name)


@export(v2=("math.count_nonzero",))
def count_nonzero(
    input: Any, axis: Any = None, keepdims: Any = None, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """How many elements over `axis` are not zero."""
    return reductions.count_nonzero(input, axis, keepdims, dtype, name)


@export(v2=("argmax",))
def argmax(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the first largest element along `axis`."""
    return reductions.argmax(input, axis, name, output_type=output_type)


@export(v2=("argmin",))
def argmin(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the first smallest element along `axis`."""
    return reductions.argmin(input, axis, name, output_type=output_type)
