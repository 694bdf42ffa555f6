"""Public convolutions: tf.nn.conv1d, conv2d, conv3d, their transposes, `convolution` and atrous ones.

Source: TF 1.15, python/ops/nn_ops.py; the nodes are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any

import numpy as np

from tfcompat.framework import conversion
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape, as_shape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, blocks, shapes
from tfcompat.ops.conv import (
    conv2d_backprop_filter_op,
    conv2d_backprop_input_op,
    conv2d_op,
    conv3d_backprop_filter_op,
    conv3d_backprop_input_op,
    conv3d_op,
)
from tfcompat.ops.dilated import Call, dilated_call

_ONES_2D = [1, 1, 1, 1]
_ONES_3D = [1, 1, 1, 1, 1]
renamed = shapes.renamed_argument


def spread(value: Any, n: int, channel: int, name: str) -> Any:
    """A setting given once, per spatial dimension, or in full, as a list over all dimensions.

    Raises: ValueError naming the setting when its length is none of these.
    """
    if value is None:
        value = [1]
    elif not isinstance(value, Sized):
        value = [value]
    length = len(value)
    if length == n + 2:
        return value
    if length == 1:
        value = list((value[0],) * n)
    elif length == n:
        value = list(value)
    else:
        raise ValueError(f"{name} should be of length 1, {n} or {n + 2} but was {length}")
    return [1, 1, *value] if channel == 1 else [1, *value, 1]


def _padding_attrs(padding: Any) -> tuple[Any, list[Any]]:
    """The attrs `padding` and `explicit_paddings` from a scheme's name or a list of pairs."""
    explicit: list[Any] = []
    if isinstance(padding, str) and padding == "EXPLICIT":
        raise ValueError(
            '"EXPLICIT" is not a valid value for the padding parameter. To use explicit padding, the padding '
            "parameter must be a list."
        )
    if isinstance(padding, (list, tuple)):
        for i, pair in enumerate(padding):
            if not isinstance(pair, (list, tuple)):
                raise ValueError(
                    "When padding is a list, each element of padding must be a list/tuple of size 2. Element with "
                    f"index {i} of padding is not a list/tuple"
                )
            if len(pair) != 2:
                raise ValueError(
                    "When padding is a list, each element of padding must be a list/tuple of size 2. Element with "
                    f"index {i} of padding has size {len(pair)}"
                )
            explicit.extend(pair)
        if len(padding) != 4:
            raise ValueError(f"When padding is a list, it must be of size 4. Got padding of size: {len(padding)}")
        padding = "EXPLICIT"
    return padding, explicit


# --- one dimension -------------------------------------------------------------------------------------------------


def _formats_1d(data_format: str | None, *, old_names: bool) -> tuple[str, int, int]:
    """(format of the two-dimensional op, where its dimension of size 1 goes, channel index of the given format)."""
    if data_format is None or data_format == "NWC" or (old_names and data_format == "NHWC"):
        return "NHWC", 1, 2
    if data_format == "NCW" or (old_names and data_format == "NCHW"):
        return "NCHW", 2, 1
    raise ValueError('data_format must be "NWC" or "NCW".')


@export("nn.conv1d")
def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
    input: Any = None,
    dilations: Any = None,
) -> Tensor:
    """Convolution in one dimension, by a two-dimensional one of height 1 (`input` is the newer name of `value`).

    Shapes: value [batch, width, in], filters [width, in, out] -> [batch, width', out]; NCW: channels second.
    """
    value = renamed("input", input, "value", value)
    with name_scope(name, "conv1d", [value, filters]) as name:
        data_format, axis, channel = _formats_1d(data_format, old_names=True)
        strides = [1, *spread(stride, 1, channel, "stride")]
        dilations = [1, *spread(dilations, 1, channel, "dilations")]
        value = shapes.expand_dims(value, axis)
        filters = shapes.expand_dims(filters, 0)
        result = conv2d_op(
            value,
            filters,
            strides=strides,
            padding=padding,
            use_cudnn_on_gpu=use_cudnn_on_gpu,
            data_format=data_format,
            dilations=dilations,
            name=name,
        )
        return shapes.squeeze(result, [axis])


@export(v2=("nn.conv1d",))
def conv1d_v2(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolution in one dimension."""
    return conv1d(input, filters, stride, padding, True, data_format, name, dilations=dilations)


@export("nn.conv1d_transpose")
def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose (gradient) of conv1d: from its output's shape to its input's, `output_shape`.

    Shapes: input [batch, width, out], filters [width, in, out] -> output_shape [batch, width', in].
    """
    with name_scope(name, "conv1d_transpose", [input, filters, output_shape]) as name:
        data_format, axis, channel = _formats_1d(data_format, old_names=False)
        strides = [1, *spread(strides, 1, channel, "stride")]
        dilations = [1, *spread(dilations, 1, channel, "dilations")]
        input = shapes.expand_dims(input, axis)
        filters = shapes.expand_dims(filters, 0)
        if not isinstance(output_shape, Tensor):
            output_shape = list(output_shape)
        output_shape = arrays.concat([output_shape[:axis], [1], output_shape[axis:]], 0)
        result = conv2d_backprop_input_op(
            output_shape,
            filters,
            input,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilations=dilations,
            name=name,
        )
        return shapes.squeeze(result, axis)


# --- two dimensions ------------------------------------------------------------------------------------------------


@export("nn.conv2d")
def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = _ONES_2D,
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """Convolution in two dimensions (`filters` is the newer name of `filter`).

    padding: "SAME", "VALID", or a list of (before, after) for every dimension.
    Shapes: input [batch, height, width, in], filter [height, width, in, out] -> [batch, height', width', out].
    Raises: ValueError for depths, strides or paddings that do not fit.
    """
    filter = renamed("filters", filters, "filter", filter)
    padding, explicit = _padding_attrs(padding)
    if data_format is None:
        data_format = "NHWC"
    channel = 1 if data_format.startswith("NC") else 3
    strides = spread(strides, 2, channel, "strides")
    dilations = spread(dilations, 2, channel, "dilations")
    return conv2d_op(
        input,
        filter,
        strides=strides,
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )


@export(v2=("nn.conv2d",))
def conv2d_v2(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolution in two dimensions."""
    return conv2d(input, filters, strides, padding, True, data_format, dilations, name)


@export("nn.conv2d_backprop_filter")
def conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = _ONES_2D,
    name: str | None = None,
) -> Tensor:
    """The gradient of conv2d with respect to its filter, of shape `filter_sizes`."""
    padding, explicit = _padding_attrs(padding)
    return conv2d_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        strides=strides,
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )


@export("nn.conv2d_backprop_input")
def conv2d_backprop_input(
    input_sizes: Any,
    filter: Any = None,
    out_backprop: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = _ONES_2D,
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """The gradient of conv2d with respect to its input, of shape `input_sizes`."""
    filter = renamed("filters", filters, "filter", filter)
    padding, explicit = _padding_attrs(padding)
    return conv2d_backprop_input_op(
        input_sizes,
        filter,
        out_backprop,
        strides=strides,
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        explicit_paddings=explicit,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )


@export("nn.conv2d_transpose")
def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The transpose (gradient) of conv2d: from its output's shape to its input's, `output_shape`.

    Shapes: value [batch, height, width, out], filter [height, width, in, out] -> output_shape [batch, ..., in].
    """
    value = renamed("input", input, "value", value)
    filter = renamed("filters", filters, "filter", filter)
    with name_scope(name, "conv2d_transpose", [value, filter, output_shape]) as name:
        return conv2d_transpose_v2(value, filter, output_shape, strides, padding, data_format, dilations, name)


@export(v2=("nn.conv2d_transpose",))
def conv2d_transpose_v2(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose (gradient) of conv2d."""
    with name_scope(name, "conv2d_transpose", [input, output_shape]) as name:
        if data_format is None:
            data_format = "NHWC"
        channel = 1 if data_format.startswith("NC") else 3
        strides = spread(strides, 2, channel, "strides")
        dilations = spread(dilations, 2, channel, "dilations")
        return conv2d_backprop_input_op(
            output_shape,
            filters,
            input,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilations=dilations,
            name=name,
        )


@export("nn.atrous_conv2d")
def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: str, name: str | None = None) -> Tensor:
    """Convolution with `rate - 1` gaps between the filter's taps."""
    return convolution(value, filters, padding, dilation_rate=np.broadcast_to(rate, (2,)), name=name)


@export("nn.atrous_conv2d_transpose")
def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: int, padding: str, name: str | None = None
) -> Tensor:
    """The transpose (gradient) of atrous_conv2d.

    Raises: ValueError for depths, a rate or a padding that do not fit.
    """
    with name_scope(name, "atrous_conv2d_transpose", [value, filters, output_shape]) as name:
        value = conversion.to_tensor(value, name="value")
        filters = conversion.to_tensor(filters, name="filters")
        if not value.shape.dims[3].is_compatible_with(filters.shape[3]):
            raise ValueError(
                f"value's input channels does not match filters' input channels, {value.shape[3]} != {filters.shape[3]}"
            )
        if rate < 1:
            raise ValueError(f"rate {rate} cannot be less than one")
        if rate == 1:
            return conv2d_transpose(value, filters, output_shape, [1, 1, 1, 1], padding, "NHWC")
        shape_tensor = conversion.to_tensor(output_shape, name="output_shape")
        if not shape_tensor.shape.is_compatible_with(TensorShape([4])):
            raise ValueError(f"output_shape must have shape (4,), got {shape_tensor.shape}")
        if isinstance(output_shape, tuple):
            output_shape = list(output_shape)
        if isinstance(output_shape, (list, np.ndarray)) and not filters.shape.dims[2].is_compatible_with(
            output_shape[3]
        ):
            raise ValueError(
                f"output_shape does not match filter's output channels, {output_shape[3]} != {filters.shape[2]}"
            )
        (top, bottom), (left, right) = _atrous_padding(filters, rate, padding)
        height = output_shape[1] + top + bottom
        width = output_shape[2] + left + right
        more_bottom = (rate - height % rate) % rate
        more_right = (rate - width % rate) % rate
        value = blocks.space_to_batch(input=value, paddings=[[0, more_bottom], [0, more_right]], block_size=rate)
        sizes = [
            rate * rate * output_shape[0],
            (height + more_bottom) // rate,
            (width + more_right) // rate,
            output_shape[3],
        ]
        value = conv2d_backprop_input_op(
            sizes, filters, value, strides=[1, 1, 1, 1], padding="VALID", data_format="NHWC"
        )
        crops = [[top, bottom + more_bottom], [left, right + more_right]]
        return blocks.batch_to_space(input=value, crops=crops, block_size=rate)


def _atrous_padding(filters: Tensor, rate: int, padding: str) -> list[tuple[Any, Any]]:
    """(before, after) in height and width for a filter dilated by rate."""
    if padding == "VALID":
        return [(0, 0), (0, 0)]
    if padding != "SAME":
        raise ValueError(f"padding must be either VALID or SAME: {padding}")
    shape: Any = filters.shape.as_list() if filters.shape.is_fully_defined() else shapes.shape(filters)
    sizes = shape[0], shape[1]
    reaches = [size + (size - 1) * (rate - 1) for size in sizes]
    totals = [reach - 1 for reach in reaches]
    out = []
    for total in totals:
        before = total // 2
        out.append((before, total - before))
    return out


# --- three dimensions ----------------------------------------------------------------------------------------------


@export("nn.conv3d")
def conv3d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    data_format: str = "NDHWC",
    dilations: Any = _ONES_3D,
    name: str | None = None,
    filters: Any = None,
) -> Tensor:
    """Convolution in three dimensions (`filters` is the newer name of `filter`).

    Shapes: input [batch, depth, height, width, in], filter [depth, height, width, in, out] -> [batch, ..., out].
    """
    filter = renamed("filters", filters, "filter", filter)
    return conv3d_op(
        input, filter, strides=strides, padding=padding, data_format=data_format, dilations=dilations, name=name
    )


@export(v2=("nn.conv3d",))
def conv3d_v2(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolution in three dimensions."""
    return conv3d(input, filters, strides, padding, data_format, _ONES_3D if dilations is None else dilations, name)


@export("nn.conv3d_backprop_filter")
def conv3d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: str = "NDHWC",
    dilations: Any = _ONES_3D,
    name: str | None = None,
) -> Tensor:
    """The gradient of conv3d with respect to its filter, of shape `filter_sizes`."""
    return conv3d_backprop_filter_op(
        input,
        filter_sizes,
        out_backprop,
        strides=strides,
        padding=padding,
        data_format=data_format,
        dilations=dilations,
        name=name,
    )


@export("nn.conv3d_transpose")
def conv3d_transpose(
    value: Any,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str | None = "NDHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """The transpose (gradient) of conv3d: from its output's shape to its input's, `output_shape`."""
    filter = renamed("filters", filters, "filter", filter)
    value = renamed("input", input, "value", value)
    return conv3d_transpose_v2(value, filter, output_shape, strides, padding, data_format, dilations, name)


@export(v2=("nn.conv3d_transpose",))
def conv3d_transpose_v2(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose (gradient) of conv3d."""
    with name_scope(name, "conv3d_transpose", [input, output_shape]) as name:
        if data_format is None:
            data_format = "NDHWC"
        channel = 1 if data_format.startswith("NC") else 4
        strides = spread(strides, 3, channel, "strides")
        dilations = spread(dilations, 3, channel, "dilations")
        return conv3d_backprop_input_op(
            output_shape,
            filters,
            input,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilations=dilations,
            name=name,
        )


@export("nn.conv_transpose")
def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution in one, two or three dimensions, by the length of `output_shape`.

    Raises: ValueError for another length.
    """
    with name_scope(name, "conv_transpose", [input, output_shape]) as name:
        if isinstance(output_shape, Tensor):
            n = output_shape.shape[0].value - 2
        elif isinstance(output_shape, Sized):
            n = len(output_shape) - 2
        else:
            raise ValueError("output_shape must be a tensor or sized collection.")
        if not 1 <= n <= 3:
            raise ValueError(f"output_shape must be of length 3, 4 or 5 but was {n + 2}.")
        transpose = (conv1d_transpose, conv2d_transpose_v2, conv3d_transpose_v2)[n - 1]
        return transpose(input, filters, output_shape, strides, padding, data_format, dilations, name)


# --- any number of dimensions --------------------------------------------------------------------------------------


@export("nn.convolution")
def convolution(
    input: Any,
    filter: Any,
    padding: str,
    strides: Any = None,
    dilation_rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """Convolution in one to three dimensions, by the rank of `input`; either strided or dilated.

    `filters` and `dilations` are the newer names of `filter` and `dilation_rate`.
    Raises: ValueError for ranks, lengths or combinations that do not fit.
    """
    filter = renamed("filters", filters, "filter", filter)
    dilation_rate = renamed("dilations", dilations, "dilation_rate", dilation_rate)
    return _convolution(input, filter, strides, padding, data_format, dilation_rate, name)


@export(v2=("nn.convolution",))
def convolution_v2(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: str = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """Convolution in one to three dimensions, by the rank of `input`."""
    return _convolution(input, filters, strides, padding, data_format, dilations, name)


def _rank_of(shape: Any) -> int | None:
    if isinstance(shape, TensorShape):
        return shape.ndims
    return None if shape is None else len(shape)


def _convolution(
    input: Any, filters: Any, strides: Any, padding: str, data_format: str | None, dilations: Any, name: str | None
) -> Tensor:
    rank = _rank_of(input.shape)
    if rank is None:
        rank = _rank_of(filters.shape)
    if rank is None:
        raise ValueError("rank of input or filter must be known")
    n = rank - 2
    if not 1 <= n <= 3:
        raise ValueError(f"Input tensor must be of rank 3, 4 or 5 but was {n + 2}.")
    channel = 1 if data_format is not None and data_format.startswith("NC") else n + 1
    strides = spread(strides, n, channel, "strides")
    dilations = spread(dilations, n, channel, "dilations")
    with name_scope(name, "convolution", [input, filters]) as name:
        if all(d == 1 for d in dilations):
            if n == 1:
                return conv1d(input, filters, strides, padding, data_format=data_format, dilations=dilations, name=name)
            made = conv2d_op if n == 2 else conv3d_op
            return made(
                input,
                filters,
                strides=strides,
                padding=padding,
                data_format=data_format,
                dilations=dilations,
                name=name,
            )
        inner = slice(2, None) if channel == 1 else slice(1, -1)
        call = _dilated_convolution(
            as_shape(input.shape), as_shape(filters.shape), padding, strides[inner], dilations[inner], name, data_format
        )
        return call(input, filters)


def convolution_call(
    input_shape: TensorShape,
    filter_shape: TensorShape,
    padding: str,
    strides: Any = None,
    dilation_rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
) -> Call:
    """`(input, filter) -> output` for inputs and filters of these static shapes: checked once, used many times.

    Raises: ValueError for shapes or settings that do not fit.
    """
    return _dilated_convolution(input_shape, filter_shape, padding, strides, dilation_rate, name, data_format)


def _dilated_convolution(
    input_shape: TensorShape,
    filter_shape: TensorShape,
    padding: str,
    strides: Any,
    dilation_rate: Any,
    name: str | None,
    data_format: str | None,
) -> Call:
    rank = filter_shape.ndims if filter_shape.ndims is not None else input_shape.ndims
    if rank is None:
        raise ValueError("rank of input or filter must be known")
    n = rank - 2
    for label, shape in (("input", input_shape), ("filter", filter_shape)):
        try:
            shape.with_rank(rank)
        except ValueError:
            raise ValueError(f"{label} tensor must have rank {rank}") from None
    channels_first = data_format is not None and data_format.startswith("NC")
    depth = input_shape.with_rank(rank).dims[1 if channels_first else n + 1]
    filter_depth = filter_shape.with_rank(rank).dims[n]
    if not depth.is_compatible_with(filter_depth):
        raise ValueError(
            f"number of input channels does not match corresponding dimension of filter, {depth} != {filter_depth}"
        )
    strides, dilation_rate = strides_and_rates(n, strides, dilation_rate)

    def build(_: int, scheme: str) -> Call:
        return _plain_convolution(input_shape, filter_shape, scheme, data_format, strides, name)

    first = 2 if channels_first else 1
    return dilated_call(input_shape, dilation_rate, padding, build, filter_shape, range(first, n + first), data_format)


def strides_and_rates(n: int, strides: Any, dilation_rate: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both settings per spatial dimension, checked. Raises ValueError; only one of them may be other than 1."""
    if dilation_rate is None:
        dilation_rate = [1] * n
    elif len(dilation_rate) != n:
        raise ValueError(f"len(dilation_rate)={len(dilation_rate)} but should be {n}")
    dilation_rate = np.array(dilation_rate, dtype=np.int32)
    if np.any(dilation_rate < 1):
        raise ValueError("all values of dilation_rate must be positive")
    if strides is None:
        strides = [1] * n
    elif len(strides) != n:
        raise ValueError(f"len(strides)={len(strides)} but should be {n}")
    strides = np.array(strides, dtype=np.int32)
    if np.any(strides < 1):
        raise ValueError("all values of strides must be positive")
    if np.any(strides > 1) and np.any(dilation_rate > 1):
        raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    return strides, dilation_rate


def _plain_convolution(
    input_shape: TensorShape,
    filter_shape: TensorShape,
    padding: str,
    data_format: str | None,
    strides: Any,
    name: str | None,
) -> Call:
    """A convolution without dilation, of one to three dimensions."""
    filter_shape = filter_shape.with_rank(input_shape.ndims)
    input_shape = input_shape.with_rank(filter_shape.ndims)
    if input_shape.ndims is None:
        raise ValueError("Rank of convolution must be known")
    if not 3 <= input_shape.ndims <= 5:
        raise ValueError("`input` and `filter` must have rank at least 3 and at most 5")
    n = input_shape.ndims - 2
    formats: dict[int, tuple[str, ...]] = {2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}
    if n == 1:
        if data_format is None:
            data_format = "NWC"
        elif data_format not in {"NCW", "NWC", "NCHW", "NHWC"}:
            raise ValueError('data_format must be "NWC" or "NCW".')
        chosen = data_format
        return lambda x, w: conv1d(
            value=x, filters=w, stride=strides[0], padding=padding, data_format=chosen, name=name
        )
    last, first = formats[n]
    if data_format is None or data_format == last:
        chosen, all_strides = last, [1, *strides, 1]
    elif data_format == first:
        chosen, all_strides = first, [1, 1, *strides]
    else:
        have = f" Have: {data_format}" if n == 3 else ""
        raise ValueError(f'data_format must be "{last}" or "{first}".{have}')
    run: Callable[..., Tensor] = conv2d if n == 2 else conv3d
    if n == 2:
        return lambda x, w: run(x, w, all_strides, padding, data_format=chosen, dilations=None, name=name)
    return lambda x, w: run(x, w, all_strides, padding, data_format=chosen, name=name)
