"""Dilation of any windowed function by way of SpaceToBatchND, as TF builds atrous convolutions and pooling.

A window with gaps of `rate` sees each residue class of positions alone: the classes become batches, the window
without gaps runs over them, and the classes are put back in order.
Source: TF 1.15, python/ops/nn_ops.py, with_space_to_batch; the nodes are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, blocks, shapes

# (input, filter) -> output
Call = Callable[[Any, Any], Tensor]
# (number of spatial dimensions, padding scheme) -> Call
BuildCall = Callable[[int, str], Call]


@export("nn.with_space_to_batch")
def with_space_to_batch(
    input: Any,
    dilation_rate: Any,
    padding: str,
    op: Callable[..., Tensor],
    filter_shape: Any = None,
    spatial_dims: Any = None,
    data_format: str | None = None,
) -> Tensor:
    """`op(converted input, number of spatial dimensions, padding)` with its windows dilated.

    filter_shape is needed for SAME padding. spatial_dims: the dimensions that are dilated, by default those after the
    batch (and the channels, for data_format NC...).
    Raises: ValueError for arguments that do not fit together.
    """
    input = conversion.to_tensor(input, name="input")

    def build(n: int, scheme: str) -> Call:
        return lambda x, _: op(x, n, scheme)

    call = dilated_call(input.shape, dilation_rate, padding, build, filter_shape, spatial_dims, data_format)
    return call(input, None)


def dilated_call(
    input_shape: TensorShape,
    dilation_rate: Any,
    padding: str,
    build: BuildCall,
    filter_shape: Any = None,
    spatial_dims: Any = None,
    data_format: str | None = None,
) -> Call:
    """What `with_space_to_batch` does to any input of this static shape.

    Raises: ValueError for arguments that do not fit together.
    """
    rate = conversion.to_tensor(dilation_rate, dtypes.int32, name="dilation_rate")
    try:
        rate_shape = rate.shape.with_rank(1)
    except ValueError:
        raise ValueError("rate must be rank 1") from None
    if not rate.shape.is_fully_defined():
        raise ValueError("rate must have known shape")
    n = rate_shape.dims[0].value
    channels_first = data_format is not None and data_format.startswith("NC")
    dims = _spatial_dims(spatial_dims, n, channels_first)
    expected_rank = dims[-1] + (0 if channels_first else 1)
    try:
        input_shape.with_rank_at_least(expected_rank)
    except ValueError:
        raise ValueError(f"input tensor must have rank {expected_rank} at least") from None
    known_rate = constant_value(rate)
    if known_rate is not None:
        if np.any(known_rate < 1):
            raise ValueError("dilation_rate must be positive")
        if np.all(known_rate == 1):
            return build(n, padding)
    rates: Any = rate if known_rate is None else known_rate
    if padding == "SAME":
        base = _same_paddings_of(filter_shape, n, rates)
    elif padding == "VALID":
        base = np.zeros([n, 2], np.int32)
    else:
        raise ValueError(f"Invalid padding method {padding!r}")
    inner = build(n, "VALID")

    def call(x: Any, filter: Any) -> Tensor:
        paddings = _same_paddings(shapes.shape(filter), n, rates) if base is None else base
        return _through_batches(x, filter, inner, input_shape, rate, paddings, dims, channels_first)

    return call


def _spatial_dims(given: Any, n: int, channels_first: bool) -> list[int]:
    if given is None:
        first = 2 if channels_first else 1
        given = range(first, n + first)
    given = list(given)
    dims = sorted({int(d) for d in given})
    if dims != given or any(d < 1 for d in dims):
        raise ValueError("spatial_dims must be a montonically increasing sequence of positive integers")
    return dims


def _same_paddings_of(filter_shape: Any, n: int, rates: Any) -> Any:
    """Padding of SAME when the filter's shape is known while building, else None."""
    if filter_shape is None:
        raise ValueError("filter_shape must be specified for SAME padding")
    known = constant_value(conversion.to_tensor(filter_shape, name="filter_shape"))
    return None if known is None else _same_paddings(known, n, rates)


def _same_paddings(filter_shape: Any, n: int, rates: Any) -> Tensor:
    """[n, 2]: how much a dilated filter of this shape pads before and after, with stride 1."""
    spatial = filter_shape[:n]
    extra = spatial + (spatial - 1) * (rates - 1) - 1
    before = extra // 2
    after = extra - before
    return arrays.stack([[before[i], after[i]] for i in range(n)])


def _through_batches(
    x: Any,
    filter: Any,
    inner: Call,
    static_shape: TensorShape,
    rate: Tensor,
    base_paddings: Any,
    dims: Sequence[int],
    channels_first: bool,
) -> Tensor:
    sizes: Any = None
    if static_shape.ndims is not None:
        whole = static_shape.as_list()
        sizes = [whole[d] for d in dims]
    if sizes is None or None in sizes:
        dynamic = shapes.shape(x)
        sizes = arrays.stack([dynamic[d] for d in dims])
    paddings, crops = blocks.required_space_to_batch_paddings(
        input_shape=sizes, base_paddings=base_paddings, block_shape=rate
    )
    block = _on_dims(rate, 1, dims)
    paddings = _on_dims(paddings, 0, dims)
    crops = _on_dims(crops, 0, dims)
    batches = blocks.space_to_batch_nd(input=x, block_shape=block, paddings=paddings)
    result = inner(batches, filter)
    out = blocks.batch_to_space_nd(input=result, block_shape=block, crops=crops)
    if channels_first and filter is not None and not out.shape.dims[1].value:
        known = out.shape.as_list()
        known[1] = filter.shape[-1]
        out.set_shape(known)
    return out


def _on_dims(value: Tensor, fill: int, dims: Sequence[int]) -> Any:
    """`value`, one row for each of `dims`, with rows of `fill` for the dimensions between (all but the batch)."""
    row = value.shape.as_list()[1:]
    dtype = value.dtype.as_numpy_dtype
    known = constant_value(value)
    source: Any = value if known is None else known
    parts: list[Any] = []
    previous = 0
    i = 0
    while i < len(dims):
        start = i
        if dims[i] > 1:
            parts.append(np.full([dims[i] - 1 - previous, *row], fill, dtype=dtype))
        while i + 1 < len(dims) and dims[i + 1] == dims[i] + 1:
            i += 1
        parts.append(source[start : i + 1])
        previous = dims[i]
        i += 1
    return np.concatenate(parts) if known is not None else arrays.concat(parts, 0)
