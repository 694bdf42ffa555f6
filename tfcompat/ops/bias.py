"""Adding a bias to every position of a feature map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import conversion
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge_dim, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import activations, arrays, matmul, ranges, reductions, shapes


def _bias_add_shape(c: ShapeContext) -> Shape:
    first = c.attrs.get("data_format") == "NCHW"
    x = at_least_rank(c.shape(0), 3 if first else 2)
    bias = with_rank(c.shape(1), 1)
    if x is None:
        return None
    out = list(x)
    axis = 1 if first else len(x) - 1
    out[axis] = merge_dim(x[axis], bias[0])
    return tuple(out)


bias_add_op = op("BiasAdd")(_bias_add_shape)
bias_add_v1_op = op("BiasAddV1")(_bias_add_shape)


def _check(value: torch.Tensor, bias: torch.Tensor, axis: int) -> None:
    if value.dim() < 2:
        raise InvalidArgumentError(None, None, f"Input tensor must be at least 2D: {text(tuple(value.shape))}")
    if bias.dim() != 1:
        raise InvalidArgumentError(None, None, f"Biases must be 1D: {text(tuple(bias.shape))}")
    if bias.shape[0] != value.shape[axis]:
        raise InvalidArgumentError(
            None,
            None,
            "Must provide as many biases as the last dimension of the input tensor: "
            f"{text(tuple(bias.shape))} vs. {text(tuple(value.shape))}",
        )


def _add_last(value: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    _check(value, bias, -1)
    return torch.add(value, bias)


def _add_second(value: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    _check(value, bias, 1)
    return torch.add(value, bias.view(-1, *[1] * (value.dim() - 2)))


@bias_add_op.kernel
def _bias_add(value: torch.Tensor, bias: torch.Tensor, *, data_format: str) -> torch.Tensor:
    return _add_second(value, bias) if data_format == "NCHW" else _add_last(value, bias)


bias_add_op.builder(lambda c: _add_second if c.attrs["data_format"] == "NCHW" else _add_last)
bias_add_v1_op.kernel(_add_last)


@op("BiasAddGrad")
def bias_add_grad_op(c: ShapeContext) -> Shape:
    first = c.attrs["data_format"] == "NCHW"
    x = at_least_rank(c.shape(0), 3 if first else 2)
    return (None,) if x is None else (x[1 if first else -1],)


@bias_add_grad_op.kernel
def _bias_add_grad(out_backprop: torch.Tensor, *, data_format: str) -> torch.Tensor:
    n = out_backprop.dim()
    if n < 2:
        raise InvalidArgumentError(None, None, f"Input tensor must be at least 2D: {text(tuple(out_backprop.shape))}")
    axes = (0, *range(2, n)) if data_format == "NCHW" else tuple(range(n - 1))
    return torch.sum(out_backprop, axes, dtype=out_backprop.dtype)


@bias_add_op.gradient
def _bias_add_gradient(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    return dy, bias_add_grad_op(dy, data_format=node._attrs["data_format"])


@bias_add_grad_op.gradient
def _bias_add_grad_gradient(node: Any, g: Tensor) -> Tensor:
    """The gradient of a sum: every position gets g."""
    x_shape = shapes.shape(node.inputs[0])
    bias_shape = shapes.shape(g)
    if node._attrs["data_format"] == "NCHW":
        parts = [shapes.ones_like(x_shape[:1]), bias_shape, shapes.ones_like(x_shape[2:])]
        expanded_shape = arrays.concat(parts, 0)
        repeats = arrays.concat([x_shape[:1], [1], x_shape[2:]], 0)
    else:
        expanded_shape = arrays.concat([shapes.ones_like(x_shape[:-1]), bias_shape], 0)
        repeats = arrays.concat([x_shape[:-1], [1]], 0)
    return arrays.tile(shapes.reshape(g, expanded_shape), repeats)


@bias_add_v1_op.gradient
def _bias_add_v1_gradient(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    axes = ranges.range(shapes.rank(dy) - 1)
    return dy, reductions.reduce_sum(dy, axes)


@bias_add_op.samples
def _bias_add_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), real(3))
    yield sample(real(2, 3, 2, 2), real(2))
    yield sample(real(2, 3, 2, 2), real(3), data_format="NCHW")


@bias_add_v1_op.samples
def _bias_add_v1_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), real(3))


@bias_add_grad_op.samples
def _bias_add_grad_samples() -> Iterator[Sample]:
    yield sample(real(2, 3))
    yield sample(real(2, 3, 2))
    yield sample(real(2, 3, 2, 2), data_format="NCHW")


@export("nn.bias_add")
def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """`value + bias`, the bias along the channels: the last dimension, or the second for data_format NC....

    Raises: ValueError for another data_format, or when the sizes differ.
    """
    with name_scope(name, "BiasAdd", [value, bias]) as name:
        if data_format is not None:
            if data_format.startswith("NC"):
                data_format = "NCHW"
            elif data_format.startswith("N") and data_format.endswith("C"):
                data_format = "NHWC"
            else:
                raise ValueError("data_format must be of the form `N...C` or `NC...`")
        value = conversion.to_tensor(value, name="input")
        bias = conversion.to_tensor(bias, dtype=value.dtype, name="bias")
        return bias_add_op(value, bias, data_format=data_format, name=name)


def bias_add_v1(value: Any, bias: Any, name: str | None = None) -> Tensor:
    """`value + bias` along the last dimension, by the older op."""
    with name_scope(name, "BiasAddV1", [value, bias]) as name:
        value = conversion.to_tensor(value, name="input")
        bias = conversion.to_tensor(bias, dtype=value.dtype, name="bias")
        return bias_add_v1_op(value, bias, name=name)


@export("nn.xw_plus_b")
def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """matmul(x, weights) + biases."""
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as name:
        x = conversion.to_tensor(x, name="x")
        weights = conversion.to_tensor(weights, name="weights")
        biases = conversion.to_tensor(biases, name="biases")
        return bias_add(matmul.matmul(x, weights), biases, name=name)


@export("nn.relu_layer")
def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Tensor:
    """relu(matmul(x, weights) + biases)."""
    with name_scope(name, "relu_layer", [x, weights, biases]) as name:
        x = conversion.to_tensor(x, name="x")
        weights = conversion.to_tensor(weights, name="weights")
        biases = conversion.to_tensor(biases, name="biases")
        return activations.relu(bias_add(matmul.matmul(x, weights), biases), name=name)
