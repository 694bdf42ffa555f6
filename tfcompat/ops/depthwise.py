"""Depthwise and separable convolutions: every channel has filters of its own.

Source: TF 1.15, python/ops/nn_impl.py; the nodes are the same.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import shapes
from tfcompat.ops.conv import depthwise_backprop_filter_op, depthwise_backprop_input_op, depthwise_conv2d_op
from tfcompat.ops.convolution import conv2d
from tfcompat.ops.dilated import with_space_to_batch

_ONES = [1, 1, 1, 1]


@export("nn.depthwise_conv2d_native")
def depthwise_conv2d_native(
    input: Any,
    filter: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    dilations: Any = _ONES,
    name: str | None = None,
) -> Tensor:
    """Each channel convolved with its own filters, all results side by side.

    Shapes: input [batch, height, width, in], filter [height, width, in, multiplier] -> [..., in * multiplier].
    """
    return depthwise_conv2d_op(
        input, filter, strides=strides, padding=padding, data_format=data_format, dilations=dilations, name=name
    )


@export("nn.depthwise_conv2d_native_backprop_input", "nn.depthwise_conv2d_backprop_input")
def depthwise_conv2d_native_backprop_input(
    input_sizes: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    dilations: Any = _ONES,
    name: str | None = None,
) -> Tensor:
    """The gradient of depthwise_conv2d_native with respect to its input, of shape `input_sizes`."""
    return depthwise_backprop_input_op(
        input_sizes,
        filter,
        out_backprop,
        strides=strides,
        padding=padding,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )


@export("nn.depthwise_conv2d_native_backprop_filter", "nn.depthwise_conv2d_backprop_filter")
def depthwise_conv2d_native_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    dilations: Any = _ONES,
    name: str | None = None,
) -> Tensor:
    """The gradient of depthwise_conv2d_native with respect to its filter, of shape `filter_sizes`."""
    return depthwise_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        strides=strides,
        padding=padding,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )


def _dilated(
    input: Tensor, filter: Tensor, strides: Any, padding: str, rate: Any, data_format: str | None, name: str | None
) -> Tensor:
    def op(x: Tensor, _: int, scheme: str) -> Tensor:
        return depthwise_conv2d_op(x, filter, strides=strides, padding=scheme, data_format=data_format, name=name)

    return with_space_to_batch(
        input=input,
        filter_shape=shapes.shape(filter),
        dilation_rate=[1, 1] if rate is None else rate,
        padding=padding,
        data_format=data_format,
        op=op,
    )


@export("nn.depthwise_conv2d")
def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Tensor:
    """Each channel convolved with its own filters, all results side by side; `rate` (or `dilations`) dilates them.

    Shapes: input [batch, height, width, in], filter [height, width, in, multiplier] -> [..., in * multiplier].
    """
    rate = shapes.renamed_argument("dilations", dilations, "rate", rate)
    with name_scope(name, "depthwise", [input, filter]) as name:
        input = conversion.to_tensor(input, name="tensor_in")
        filter = conversion.to_tensor(filter, name="filter_in")
        return _dilated(input, filter, strides, padding, rate, data_format, name)


@export(v2=("nn.depthwise_conv2d",))
def depthwise_conv2d_v2(
    input: Any,
    filter: Any,
    strides: Any,
    padding: str,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Each channel convolved with its own filters, all results side by side."""
    return depthwise_conv2d(input, filter, strides, padding, dilations, name, data_format)


@export("nn.separable_conv2d")
def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Tensor:
    """A depthwise convolution followed by one that mixes channels at each position.

    Shapes: depthwise_filter [height, width, in, multiplier], pointwise_filter [1, 1, in * multiplier, out].
    Raises: ValueError when pointwise_filter is not 1 x 1.
    """
    rate = shapes.renamed_argument("dilations", dilations, "rate", rate)
    with name_scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as name:
        input = conversion.to_tensor(input, name="tensor_in")
        depthwise_filter = conversion.to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise_filter = conversion.to_tensor(pointwise_filter, name="pointwise_filter")
        pointwise_shape = pointwise_filter.shape.with_rank(4)
        pointwise_shape.dims[0].assert_is_compatible_with(1)
        pointwise_shape.dims[1].assert_is_compatible_with(1)
        depthwise = _dilated(input, depthwise_filter, strides, padding, rate, data_format, "depthwise")
        return conv2d(depthwise, pointwise_filter, [1, 1, 1, 1], padding="VALID", data_format=data_format, name=name)


@export(v2=("nn.separable_conv2d",))
def separable_conv2d_v2(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: str,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A depthwise convolution followed by one that mixes channels at each position."""
    return separable_conv2d(input, depthwise_filter, pointwise_filter, strides, padding, dilations, name, data_format)
