"""Public pooling functions: tf.nn.max_pool and avg_pool in one to three dimensions, and `pool`.

Source: TF 1.15, python/ops/nn_ops.py; the nodes are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import shapes
from tfcompat.ops.convolution import spread, strides_and_rates
from tfcompat.ops.dilated import with_space_to_batch
from tfcompat.ops.pooling import avg_pool3d_op, avg_pool_op, max_pool3d_op, max_pool_op, max_pool_with_argmax_op

renamed = shapes.renamed_argument


def _pool_2d(
    made: Op, value: Any, ksize: Any, strides: Any, padding: str, data_format: str | None, name: str | None
) -> Tensor:
    if data_format is None:
        data_format = "NHWC"
    channel = 1 if data_format.startswith("NC") else 3
    ksize = spread(ksize, 2, channel, "ksize")
    strides = spread(strides, 2, channel, "strides")
    if made is max_pool_op and any(k == 0 for k in ksize):
        raise ValueError("ksize cannot be zero.")
    return made(  # type: ignore[no-any-return]
        value, ksize=ksize, strides=strides, padding=padding, data_format=data_format, name=name
    )


def _pool_1d(
    made: Op, input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None, name: str | None
) -> Tensor:
    if data_format is None:
        data_format = "NWC"
    channel = 1 if data_format.startswith("NC") else 2
    ksize = [1, *spread(ksize, 1, channel, "ksize")]
    strides = [1, *spread(strides, 1, channel, "strides")]
    axis, layout = (1, "NHWC") if data_format == "NWC" else (2, "NCHW")
    input = shapes.expand_dims_v2(input, axis)
    result = made(input, ksize=ksize, strides=strides, padding=padding, data_format=layout, name=name)
    return shapes.squeeze(result, axis)


def _pool_3d(
    made: Op, input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None, name: str | None, last: int
) -> Tensor:
    if data_format is None:
        data_format = "NDHWC"
    channel = 1 if data_format.startswith("NC") else last
    ksize = spread(ksize, 3, channel, "ksize")
    strides = spread(strides, 3, channel, "strides")
    return made(  # type: ignore[no-any-return]
        input, ksize=ksize, strides=strides, padding=padding, data_format=data_format, name=name
    )


def _by_rank(
    ops: dict[int, Callable[..., Tensor]],
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str | None,
    name: str | None,
) -> Tensor:
    if input.shape is not None:
        n = len(input.shape) - 2
    elif data_format is not None:
        n = len(data_format) - 2
    else:
        raise ValueError("The input must have a rank or a data format must be given.")
    if not 1 <= n <= 3:
        raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {n + 2}.")
    channel = 1 if data_format is not None and data_format.startswith("NC") else n + 1
    ksize = spread(ksize, n, channel, "ksize")
    strides = spread(strides, n, channel, "strides")
    return ops[n](input, ksize=ksize, strides=strides, padding=padding, data_format=data_format, name=name)


# --- averages ------------------------------------------------------------------------------------------------------


@export("nn.avg_pool", "nn.avg_pool2d")
def avg_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The mean of every window; what lies outside the image does not count (`input` is the newer name of `value`)."""
    with name_scope(name, "AvgPool", [value]) as name:
        value = renamed("input", input, "value", value)
        return _pool_2d(avg_pool_op, value, ksize, strides, padding, data_format, name)


@export(v2=("nn.avg_pool2d",))
def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NHWC", name: str | None = None
) -> Tensor:
    """The mean of every window of two dimensions."""
    with name_scope(name, "AvgPool2D", [input]) as name:
        return _pool_2d(avg_pool_op, input, ksize, strides, padding, data_format, name)


@export("nn.avg_pool1d", v2=("nn.avg_pool1d",))
def avg_pool1d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NWC", name: str | None = None
) -> Tensor:
    """The mean of every window of one dimension."""
    with name_scope(name, "AvgPool1D", [input]) as name:
        return _pool_1d(avg_pool_op, input, ksize, strides, padding, data_format, name)


@export("nn.avg_pool3d", v2=("nn.avg_pool3d",))
def avg_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """The mean of every window of three dimensions."""
    with name_scope(name, "AvgPool3D", [input]) as name:
        return _pool_3d(avg_pool3d_op, input, ksize, strides, padding, data_format, name, last=3)


@export("nn.avg_pool_v2", v2=("nn.avg_pool",))
def avg_pool_v2(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The mean of every window, in as many dimensions as `input` has between batch and channels.

    Raises: ValueError for other ranks than 3, 4 and 5.
    """
    ops = {1: avg_pool1d, 2: avg_pool_op, 3: avg_pool3d_op}
    return _by_rank(ops, input, ksize, strides, padding, data_format, name)


# --- maxima --------------------------------------------------------------------------------------------------------


@export("nn.max_pool")
def max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Tensor:
    """The largest element of every window (`input` is the newer name of `value`)."""
    value = renamed("input", input, "value", value)
    with name_scope(name, "MaxPool", [value]) as name:
        return _pool_2d(max_pool_op, value, ksize, strides, padding, data_format, name)


@export("nn.max_pool1d", v2=("nn.max_pool1d",))
def max_pool1d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NWC", name: str | None = None
) -> Tensor:
    """The largest element of every window of one dimension."""
    with name_scope(name, "MaxPool1d", [input]) as name:
        return _pool_1d(max_pool_op, input, ksize, strides, padding, data_format, name)


@export("nn.max_pool2d", v2=("nn.max_pool2d",))
def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NHWC", name: str | None = None
) -> Tensor:
    """The largest element of every window of two dimensions."""
    with name_scope(name, "MaxPool2d", [input]) as name:
        return _pool_2d(max_pool_op, input, ksize, strides, padding, data_format, name)


@export("nn.max_pool3d", v2=("nn.max_pool3d",))
def max_pool3d(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = "NDHWC", name: str | None = None
) -> Tensor:
    """The largest element of every window of three dimensions."""
    with name_scope(name, "MaxPool3D", [input]) as name:
        return _pool_3d(max_pool3d_op, input, ksize, strides, padding, data_format, name, last=4)


@export("nn.max_pool_v2", v2=("nn.max_pool",))
def max_pool_v2(
    input: Any, ksize: Any, strides: Any, padding: str, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The largest element of every window, in as many dimensions as `input` has between batch and channels.

    Raises: ValueError for other ranks than 3, 4 and 5.
    """
    ops = {1: max_pool1d, 2: max_pool_op, 3: max_pool3d_op}
    return _by_rank(ops, input, ksize, strides, padding, data_format, name)


@export("nn.max_pool_with_argmax")
def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    Targmax: Any = None,
    name: str | None = None,
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
) -> Any:
    """The largest element of every window, and its position in the flattened image (or batch).

    `output_dtype` is the newer name of `Targmax`: int64 (default) or int32.
    Raises: ValueError for another data format than NHWC.
    """
    if data_format != "NHWC":
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    kind = renamed("output_dtype", output_dtype, "Targmax", Targmax)
    return max_pool_with_argmax_op(
        input,
        ksize=ksize,
        strides=strides,
        padding=padding,
        Targmax=dtypes.int64 if kind is None else kind,
        include_batch_in_index=include_batch_in_index,
        name=name,
    )


@export(v2=("nn.max_pool_with_argmax",))
def max_pool_with_argmax_v2(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    output_dtype: Any = dtypes.int64,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> Any:
    """The largest element of every window, and its position in the flattened image (or batch)."""
    if data_format != "NHWC":
        raise ValueError("Data formats other than 'NHWC' are not yet supported")
    return max_pool_with_argmax_op(
        input,
        ksize=spread(ksize, 2, 3, "ksize"),
        strides=spread(strides, 2, 3, "strides"),
        padding=padding,
        Targmax=output_dtype,
        include_batch_in_index=include_batch_in_index,
        name=name,
    )


# --- both ----------------------------------------------------------------------------------------------------------


@export("nn.pool")
def pool(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    padding: str,
    dilation_rate: Any = None,
    strides: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Tensor:
    """Pooling ("MAX" or "AVG") in one to three dimensions; either strided or dilated.

    `dilations` is the newer name of `dilation_rate`.
    Raises: ValueError for settings that do not fit together.
    """
    dilation_rate = renamed("dilations", dilations, "dilation_rate", dilation_rate)
    with name_scope(name, f"{pooling_type.lower()}_pool", [input]) as scope:
        input = conversion.to_tensor(input, name="input")
        n = len(window_shape)
        if not 1 <= n <= 3:
            raise ValueError("It is required that 1 <= num_spatial_dims <= 3.")
        input.shape.with_rank(n + 2)
        strides, dilation_rate = strides_and_rates(n, strides, dilation_rate)
        if padding == "SAME" and np.any(dilation_rate > 1):
            raise ValueError("pooling with SAME padding is not implemented for dilation_rate > 1")
        if np.any(strides > window_shape):
            raise ValueError(
                "strides > window_shape not supported due to inconsistency between CPU and GPU implementations"
            )
        run = {
            ("MAX", 1): max_pool,
            ("MAX", 2): max_pool,
            ("MAX", 3): max_pool3d,
            ("AVG", 1): avg_pool,
            ("AVG", 2): avg_pool,
            ("AVG", 3): avg_pool3d,
        }.get((pooling_type, n))
        if run is None:
            raise ValueError(f"{n}-D {pooling_type} pooling is not supported.")
        return _pool_any(run, input, n, window_shape, strides, dilation_rate, padding, data_format, scope)


def _pool_any(
    run: Callable[..., Tensor],
    input: Tensor,
    n: int,
    window_shape: Any,
    strides: Any,
    rates: Any,
    padding: str,
    data_format: str | None,
    scope: str,
) -> Tensor:
    if data_format is None or not data_format.startswith("NC"):
        window, steps = [1, *window_shape, 1], [1, *strides, 1]
        axes = range(1, n + 1)
    else:
        window, steps = [1, 1, *window_shape], [1, 1, *strides]
        axes = range(2, n + 2)
    layout = data_format
    if n == 1:
        formats = {None: "NHWC", "NWC": "NHWC", "NCW": "NCHW"}
        if data_format not in formats:
            raise ValueError('data_format must be either "NWC" or "NCW".')
        layout = formats[data_format]
        window, steps = [1, *window], [1, *steps]

    def op(x: Tensor, _: int, scheme: str) -> Tensor:
        if n == 1:
            x = shapes.expand_dims(x, axes[0])
        result = run(x, window, steps, scheme, name=scope, data_format=layout)
        return shapes.squeeze(result, [axes[0]]) if n == 1 else result

    return with_space_to_batch(
        input=input, dilation_rate=rates, padding=padding, op=op, spatial_dims=axes, filter_shape=window_shape
    )


@export(v2=("nn.pool",))
def pool_v2(
    input: Any,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: str = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Pooling ("MAX" or "AVG") in one to three dimensions; either strided or dilated."""
    return pool(input, window_shape, pooling_type, padding, dilations, strides, name, data_format)
