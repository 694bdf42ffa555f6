"""Layers with weights: fully connected ones and convolutions. Source: TF 1.15, contrib/layers/python/layers/layers.py."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from tfcompat.contrib.arg_scoping import add_arg_scope
from tfcompat.contrib.model_variables import model_variable
from tfcompat.contrib.named_outputs import add_variable, collect_named_outputs, get_variable_collections
from tfcompat.contrib.weight_initializers import xavier_initializer
from tfcompat.framework import conversion
from tfcompat.framework.export import export, export_value
from tfcompat.layers import convolutional, core
from tfcompat.ops import activations, bias, depthwise, initializers
from tfcompat.ops.variable_base import VariableAggregation, VariableSynchronization
from tfcompat.ops.variable_scope import variable_scope

_PLAIN = {"bias": "biases", "kernel": "weights"}
_SEPARABLE = {
    "bias": "biases",
    "depthwise_kernel": "depthwise_weights",
    "pointwise_kernel": "pointwise_weights",
}


def model_variable_getter(
    getter: Callable[..., Any],
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    rename: Mapping[str, str] | None = None,
    use_resource: bool | None = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
    **_: Any,
) -> Any:
    """A custom getter that makes model variables and gives some of them other names (`kernel` -> `weights`)."""
    scope, slash, last = name.rpartition("/")
    return model_variable(
        scope + slash + (rename or {}).get(last, last),
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        collections=collections,
        trainable=trainable,
        caching_device=caching_device,
        partitioner=partitioner,
        custom_getter=getter,
        use_resource=use_resource,
        synchronization=synchronization,
        aggregation=aggregation,
    )


def layer_variables(rename: Mapping[str, str] | None = None) -> Callable[..., Any]:
    """The custom getter of a layer's scope."""
    return functools.partial(model_variable_getter, rename=rename)


def keras_format(data_format: str | None) -> str:
    """NHWC and the like in the words of tf.layers."""
    return "channels_first" if data_format and data_format.startswith("NC") else "channels_last"


def check_format(data_format: str | None) -> None:
    """Raises ValueError unless it is a format of images."""
    if data_format not in ("NCHW", "NHWC"):
        raise ValueError("data_format has to be either NCHW or NHWC.")


def _finished(
    outputs: Any, scope: Any, normalizer_fn: Any, normalizer_params: Any, activation_fn: Any, outputs_collections: Any
) -> Any:
    """Normalized, activated, collected."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return collect_named_outputs(outputs_collections, scope.name, outputs)


@export("contrib.layers.fully_connected", "contrib.slim.fully_connected")
@add_arg_scope
def fully_connected(
    inputs: Any,
    num_outputs: int,
    activation_fn: Any = activations.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = xavier_initializer(),
    weights_regularizer: Any = None,
    biases_initializer: Any = initializers.Zeros(),
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """activation_fn(inputs @ weights + biases) over the last axis; a normalizer takes the place of the biases.

    Shapes: inputs [..., n] -> [..., num_outputs].
    Raises: ValueError when num_outputs is no int or when n is not known.
    """
    if not isinstance(num_outputs, int):
        raise ValueError(f"num_outputs type should be one of [<class 'int'>], got {type(num_outputs)}.")
    getter = layer_variables(_PLAIN)
    with variable_scope(scope, "fully_connected", [inputs], reuse=reuse, custom_getter=getter) as sc:
        inputs = conversion.to_tensor(inputs)
        layer = core.Dense(
            units=num_outputs,
            use_bias=bool(not normalizer_fn and biases_initializer),
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=sc.name,
            dtype=inputs.dtype.base_dtype,
            _scope=sc,
            _reuse=reuse,
        )
        outputs = layer.apply(inputs)
        add_variable(layer.kernel, variables_collections, "weights")
        if layer.bias is not None:
            add_variable(layer.bias, variables_collections, "biases")
        return _finished(outputs, sc, normalizer_fn, normalizer_params, activation_fn, outputs_collections)


elu = functools.partial(fully_connected, activation_fn=activations.elu)
relu = functools.partial(fully_connected, activation_fn=activations.relu)
relu6 = functools.partial(fully_connected, activation_fn=activations.relu6)
linear = functools.partial(fully_connected, activation_fn=None)
for _name in ("elu", "relu", "relu6", "linear"):
    export_value(f"contrib.layers.{_name}", f"contrib.slim.{_name}")

_BY_RANK = {3: convolutional.Conv1D, 4: convolutional.Conv2D, 5: convolutional.Conv3D}


@export("contrib.layers.convolution", "contrib.slim.convolution")
@add_arg_scope
def convolution(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str | None = None,
    rate: Any = 1,
    activation_fn: Any = activations.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = xavier_initializer(),
    weights_regularizer: Any = None,
    biases_initializer: Any = initializers.Zeros(),
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
    conv_dims: int | None = None,
) -> Any:
    """A convolution over 1, 2 or 3 axes; `rate` spreads the filter's taps, a normalizer takes the biases' place.

    Raises: ValueError for an unknown data_format or an input of another rank.
    """
    if data_format not in (None, "NWC", "NCW", "NHWC", "NCHW", "NDHWC", "NCDHW"):
        raise ValueError(f"Invalid data_format: {data_format!r}")
    with variable_scope(scope, "Conv", [inputs], reuse=reuse, custom_getter=layer_variables(_PLAIN)) as sc:
        inputs = conversion.to_tensor(inputs)
        rank = inputs.get_shape().ndims
        if conv_dims is not None and conv_dims + 2 != rank:
            raise ValueError(f"Convolution expects input with rank {conv_dims + 2}, got {rank}")
        if rank not in _BY_RANK:
            raise ValueError("Convolution not supported for input with rank", rank)
        layer: Any = _BY_RANK[rank](
            filters=num_outputs,
            kernel_size=kernel_size,
            strides=stride,
            padding=padding,
            data_format=keras_format(data_format),
            dilation_rate=rate,
            use_bias=bool(not normalizer_fn and biases_initializer),
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=sc.name,
            dtype=inputs.dtype.base_dtype,
            _scope=sc,
            _reuse=reuse,
        )
        outputs = layer.apply(inputs)
        add_variable(layer.kernel, variables_collections, "weights")
        if layer.use_bias:
            add_variable(layer.bias, variables_collections, "biases")
        return _finished(outputs, sc, normalizer_fn, normalizer_params, activation_fn, outputs_collections)


def _of_rank(dims: int) -> Callable[..., Any]:
    """`convolution` for inputs with that many axes to convolve over."""

    def convolve(
        inputs: Any,
        num_outputs: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: str = "SAME",
        data_format: str | None = None,
        rate: Any = 1,
        activation_fn: Any = activations.relu,
        normalizer_fn: Any = None,
        normalizer_params: Any = None,
        weights_initializer: Any = xavier_initializer(),
        weights_regularizer: Any = None,
        biases_initializer: Any = initializers.Zeros(),
        biases_regularizer: Any = None,
        reuse: Any = None,
        variables_collections: Any = None,
        outputs_collections: Any = None,
        trainable: bool = True,
        scope: Any = None,
    ) -> Any:
        return convolution(
            inputs,
            num_outputs,
            kernel_size,
            stride,
            padding,
            data_format,
            rate,
            activation_fn,
            normalizer_fn,
            normalizer_params,
            weights_initializer,
            weights_regularizer,
            biases_initializer,
            biases_regularizer,
            reuse,
            variables_collections,
            outputs_collections,
            trainable,
            scope,
            conv_dims=dims,
        )

    convolve.__name__ = convolve.__qualname__ = f"convolution{dims}d"
    convolve.__doc__ = f"A convolution over {dims} axes: see `convolution`."
    return add_arg_scope(convolve)


convolution1d = conv1d = _of_rank(1)
convolution2d = conv2d = _of_rank(2)
convolution3d = conv3d = _of_rank(3)
for _name in ("convolution1d", "convolution2d", "convolution3d", "conv1d", "conv2d", "conv3d"):
    export_value(f"contrib.layers.{_name}", f"contrib.slim.{_name}")


@export(
    "contrib.layers.convolution2d_transpose",
    "contrib.layers.conv2d_transpose",
    "contrib.slim.convolution2d_transpose",
    "contrib.slim.conv2d_transpose",
)
@add_arg_scope
def convolution2d_transpose(
    inputs: Any,
    num_outputs: int,
    kernel_size: Any,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    activation_fn: Any = activations.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = xavier_initializer(),
    weights_regularizer: Any = None,
    biases_initializer: Any = initializers.Zeros(),
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """The transpose of a 2-D convolution, which makes images larger. Raises ValueError for an unknown data_format."""
    getter = layer_variables(_PLAIN)
    with variable_scope(scope, "Conv2d_transpose", [inputs], reuse=reuse, custom_getter=getter) as sc:
        check_format(data_format)
        inputs = conversion.to_tensor(inputs)
        layer = convolutional.Conv2DTranspose(
            filters=num_outputs,
            kernel_size=kernel_size,
            strides=stride,
            padding=padding,
            data_format=keras_format(data_format),
            use_bias=bool(not normalizer_fn and biases_initializer),
            kernel_initializer=weights_initializer,
            bias_initializer=biases_initializer,
            kernel_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer,
            trainable=trainable,
            name=sc.name,
            dtype=inputs.dtype.base_dtype,
            _scope=sc,
            _reuse=reuse,
        )
        outputs = layer.apply(inputs)
        add_variable(layer.kernel, variables_collections, "weights")
        if layer.bias is not None:
            add_variable(layer.bias, variables_collections, "biases")
        return _finished(outputs, sc, normalizer_fn, normalizer_params, activation_fn, outputs_collections)


def _pair(value: Any) -> tuple[int, int]:
    """One number twice, or two."""
    if isinstance(value, (list, tuple)):
        if len(value) != 2:
            raise ValueError(f"Must be a list with 2 elements: {value}")
        return int(value[0]), int(value[1])
    return int(value), int(value)


@export(
    "contrib.layers.separable_convolution2d",
    "contrib.layers.separable_conv2d",
    "contrib.slim.separable_convolution2d",
    "contrib.slim.separable_conv2d",
)
@add_arg_scope
def separable_convolution2d(
    inputs: Any,
    num_outputs: int | None,
    kernel_size: Any,
    depth_multiplier: int = 1,
    stride: Any = 1,
    padding: str = "SAME",
    data_format: str = "NHWC",
    rate: Any = 1,
    activation_fn: Any = activations.relu,
    normalizer_fn: Any = None,
    normalizer_params: Any = None,
    weights_initializer: Any = xavier_initializer(),
    pointwise_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = initializers.Zeros(),
    biases_regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    scope: Any = None,
) -> Any:
    """Each channel convolved by itself, then (unless num_outputs is None) the channels mixed at each place.

    Raises: ValueError for an unknown data_format.
    """
    check_format(data_format)
    getter = layer_variables(_SEPARABLE)
    with variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse, custom_getter=getter) as sc:
        inputs = conversion.to_tensor(inputs)
        if num_outputs is not None:
            layer = convolutional.SeparableConv2D(
                filters=num_outputs,
                kernel_size=kernel_size,
                strides=stride,
                padding=padding,
                data_format=keras_format(data_format),
                dilation_rate=_pair(rate),
                depth_multiplier=depth_multiplier,
                use_bias=bool(not normalizer_fn and biases_initializer),
                depthwise_initializer=weights_initializer,
                pointwise_initializer=weights_initializer if pointwise_initializer is None else pointwise_initializer,
                bias_initializer=biases_initializer,
                depthwise_regularizer=weights_regularizer,
                pointwise_regularizer=weights_regularizer,
                bias_regularizer=biases_regularizer,
                trainable=trainable,
                name=sc.name,
                dtype=inputs.dtype.base_dtype,
                _scope=sc,
                _reuse=reuse,
            )
            outputs = layer.apply(inputs)
            add_variable(layer.depthwise_kernel, variables_collections, "weights")
            add_variable(layer.pointwise_kernel, variables_collections, "weights")
            if layer.bias is not None:
                add_variable(layer.bias, variables_collections, "biases")
            return _finished(outputs, sc, normalizer_fn, normalizer_params, activation_fn, outputs_collections)
        dtype = inputs.dtype.base_dtype
        channels = int(inputs.get_shape().dims[1 if data_format == "NCHW" else -1].value)
        settings: dict[str, Any] = {"dtype": dtype, "trainable": trainable}
        weights = model_variable(
            "depthwise_weights",
            shape=[*_pair(kernel_size), channels, depth_multiplier],
            initializer=weights_initializer,
            regularizer=weights_regularizer,
            collections=get_variable_collections(variables_collections, "weights"),
            **settings,
        )
        steps = _pair(stride)
        strides = [1, 1, *steps] if data_format == "NCHW" else [1, *steps, 1]
        outputs = depthwise.depthwise_conv2d(
            inputs, weights, strides, padding, rate=_pair(rate), data_format=data_format
        )
        if normalizer_fn is None and biases_initializer is not None:
            biases = model_variable(
                "biases",
                shape=[depth_multiplier * channels],
                initializer=biases_initializer,
                regularizer=biases_regularizer,
                collections=get_variable_collections(variables_collections, "biases"),
                **settings,
            )
            outputs = bias.bias_add(outputs, biases, data_format=data_format)
        return _finished(outputs, sc, normalizer_fn, normalizer_params, activation_fn, outputs_collections)


@export("contrib.layers.bias_add", "contrib.slim.bias_add")
@add_arg_scope
def bias_add(
    inputs: Any,
    activation_fn: Any = None,
    initializer: Any = initializers.Zeros(),
    regularizer: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    data_format: str = "NHWC",
    scope: Any = None,
) -> Any:
    """Inputs plus a variable `biases` with one value per channel.

    Raises: ValueError for an unknown data_format, rank or number of channels.
    """
    check_format(data_format)
    with variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as sc:
        inputs = conversion.to_tensor(inputs)
        shape = inputs.get_shape()
        if shape.ndims is None:
            raise ValueError("Dims of shape must be known but is None")
        if shape.ndims != 4 and data_format == "NCHW":
            raise ValueError("Data format NCHW only supports 4D Tensor")
        channels = shape.dims[1 if data_format == "NCHW" else -1].value
        if channels is None:
            raise ValueError("`C` dimension must be known but is None")
        biases = model_variable(
            "biases",
            shape=[channels],
            dtype=inputs.dtype.base_dtype,
            initializer=initializer,
            regularizer=regularizer,
            collections=get_variable_collections(variables_collections, "biases"),
            trainable=trainable,
        )
        outputs = bias.bias_add(inputs, biases, data_format=data_format)
        return _finished(outputs, sc, None, None, activation_fn, outputs_collections)
