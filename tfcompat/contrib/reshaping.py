"""Layers without weights: flatten, dropout, pools, one-hot, softmax; repeat and stack.

Source: TF 1.15, contrib/layers/python/layers/layers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.contrib.arg_scoping import add_arg_scope
from tfcompat.contrib.connected import check_format, keras_format, model_variable_getter
from tfcompat.contrib.named_outputs import collect_named_outputs
from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.layers import core, pooling
from tfcompat.ops import casting, selecting, shape_queries, shapes
from tfcompat.ops import softmax as softmax_ops
from tfcompat.ops.variable_scope import variable_scope


@export("contrib.layers.flatten", "contrib.slim.flatten")
@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: str | None = None) -> Any:
    """Shapes: [batch, ...] -> [batch, the product of the rest]."""
    with name_scope(scope, "Flatten", [inputs]) as sc:
        outputs = core.flatten(conversion.to_tensor(inputs))
        return collect_named_outputs(outputs_collections, sc, outputs)


@export("contrib.layers.dropout", "contrib.slim.dropout")
@add_arg_scope
def dropout(
    inputs: Any,
    keep_prob: Any = 0.5,
    noise_shape: Any = None,
    is_training: Any = True,
    outputs_collections: Any = None,
    scope: Any = None,
    seed: int | None = None,
) -> Any:
    """Each value kept with the probability `keep_prob` and divided by it, else 0; outside training nothing changes."""
    with variable_scope(scope, "Dropout", [inputs], custom_getter=model_variable_getter) as sc:
        inputs = conversion.to_tensor(inputs)
        layer = core.Dropout(rate=1 - keep_prob, noise_shape=noise_shape, seed=seed, name=sc.name, _scope=sc)
        outputs = layer.apply(inputs, training=is_training)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


def _pooled(layer: type, default_name: str, inputs: Any, options: dict[str, Any], collections: Any, scope: Any) -> Any:
    check_format(options["data_format"])
    options["data_format"] = keras_format(options["data_format"])
    with name_scope(scope, default_name, [inputs]) as sc:
        outputs = layer(_scope=sc, **options).apply(conversion.to_tensor(inputs))
        return collect_named_outputs(collections, sc, outputs)


@export("contrib.layers.max_pool2d", "contrib.slim.max_pool2d")
@add_arg_scope
def max_pool2d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NHWC",
    outputs_collections: Any = None,
    scope: str | None = None,
) -> Any:
    """The largest value of each window of an image. Raises ValueError for an unknown data_format."""
    options = {"pool_size": kernel_size, "strides": stride, "padding": padding, "data_format": data_format}
    return _pooled(pooling.MaxPooling2D, "MaxPool2D", inputs, options, outputs_collections, scope)


@export("contrib.layers.avg_pool2d", "contrib.slim.avg_pool2d")
@add_arg_scope
def avg_pool2d(
    inputs: Any,
    kernel_size: Any,
    stride: Any = 2,
    padding: str = "VALID",
    data_format: str = "NHWC",
    outputs_collections: Any = None,
    scope: str | None = None,
) -> Any:
    """The mean of each window of an image. Raises ValueError for an unknown data_format."""
    options = {"pool_size": kernel_size, "strides": stride, "padding": padding, "data_format": data_format}
    return _pooled(pooling.AveragePooling2D, "AvgPool2D", inputs, options, outputs_collections, scope)


@export("contrib.layers.one_hot_encoding", "contrib.slim.one_hot_encoding")
@add_arg_scope
def one_hot_encoding(
    labels: Any,
    num_classes: Any,
    on_value: float = 1.0,
    off_value: float = 0.0,
    outputs_collections: Any = None,
    scope: str | None = None,
) -> Any:
    """Shapes: labels [...] -> [..., num_classes]."""
    with name_scope(scope, "OneHotEncoding", [labels, num_classes]) as sc:
        labels = conversion.to_tensor(labels)
        if labels.dtype == dtypes.int32:
            labels = casting.to_int64(labels)
        outputs = selecting.one_hot(labels, num_classes, on_value=on_value, off_value=off_value)
        return collect_named_outputs(outputs_collections, sc, outputs)


@export("contrib.layers.softmax", "contrib.slim.softmax")
@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Any:
    """Softmax over the last axis, whose size must be known, of at least two."""
    with variable_scope(scope, "softmax", [logits]):
        shape = logits.get_shape()
        if shape.ndims is None:
            raise ValueError("dims of shape must be known but is None")
        if shape.ndims < 2:
            raise ValueError(f"rank of shape must be at least 2 not: {shape.ndims}")
        if (classes := shape.dims[-1].value) is None:
            raise ValueError("last dimension shape must be known but is None")
        predictions = softmax_ops.softmax(shapes.reshape(logits, [-1, classes]))
        predictions = shapes.reshape(predictions, shape_queries.shape(logits))
        predictions.set_shape(shape)
        return predictions


def _name_of(layer: Any, otherwise: str) -> str:
    """A function's name; for a partial, that of its function."""
    return getattr(layer, "__name__", None) or getattr(getattr(layer, "func", None), "__name__", otherwise)


@export("contrib.layers.repeat", "contrib.slim.repeat")
def repeat(inputs: Any, repetitions: int, layer: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The same layer applied `repetitions` times, each with variables of its own in `scope`_1, `scope`_2, ..."""
    scope = kwargs.pop("scope", None)
    with variable_scope(scope, "Repeat", [inputs]):
        outputs = conversion.to_tensor(inputs)
        name = _name_of(layer, "repeat") if scope is None else scope
        for i in range(repetitions):
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{name}_{i + 1}"})
        return outputs


@export("contrib.layers.stack", "contrib.slim.stack")
def stack(inputs: Any, layer: Callable[..., Any], stack_args: Any, **kwargs: Any) -> Any:
    """A layer applied once for each item of `stack_args`, with these positional arguments, in `scope`_1, ...

    Raises: ValueError when stack_args is no list or tuple.
    """
    scope = kwargs.pop("scope", None)
    if not isinstance(stack_args, (list, tuple)):
        raise ValueError("stack_args need to be a list or tuple")
    with variable_scope(scope, "Stack", [inputs]):
        outputs = conversion.to_tensor(inputs)
        name = _name_of(layer, "stack") if scope is None else scope
        for i, given in enumerate(stack_args):
            positional = given if isinstance(given, (list, tuple)) else [given]
            outputs = layer(outputs, *positional, **{**kwargs, "scope": f"{name}_{i + 1}"})
        return outputs
