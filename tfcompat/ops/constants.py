"""Constants and placeholders: where values enter a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes, stacks, values
from tfcompat.framework.build import create_node
from tfcompat.framework.dtypes import DType
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Fixed, KernelContext, Shape, ShapeContext, op
from tfcompat.framework.shape_rules import text as shape_text
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor, dims_of
from tfcompat.framework.tensor_proto import constant_array


@op("Const")
def const(c: ShapeContext) -> Shape:
    return tuple(c.attrs["value"].shape)


const.gradient(NOT_DIFFERENTIABLE)


@const.builder
def _constant(c: KernelContext) -> Any:
    """For plans that are made without folding; elsewhere constants are no instructions."""
    value = values.from_numpy(c.attrs["value"].copy(), c.attrs["dtype"])
    return Fixed(value.to(c.device) if isinstance(value, torch.Tensor) else value)


@op("Placeholder")
def placeholder_op(c: ShapeContext) -> Shape:
    return dims_of(c.attrs["shape"])


placeholder_op.gradient(NOT_DIFFERENTIABLE)


@placeholder_op.builder
def _unfed(c: KernelContext) -> Any:
    """A placeholder that a plan has to run was not fed."""
    text = unfed_text(c.node)

    def fail() -> Any:
        raise InvalidArgumentError(None, None, text)

    return fail


def unfed_text(node: Any) -> str:
    """What TensorFlow says of a placeholder that was not fed."""
    kind = dtypes.cpp_name(node.outputs[0].dtype)
    text = f"You must feed a value for placeholder tensor '{node.name}' with dtype {kind}"
    dims = dims_of(node._attrs.get("shape"))
    return text if dims is None else f"{text} and shape {shape_text(dims)}"


@op("PlaceholderWithDefault", alias=True)
def placeholder_with_default_op(c: ShapeContext) -> Shape:
    return dims_of(c.attrs["shape"])


@placeholder_with_default_op.kernel
def _default(input: Any) -> Any:
    return input


@placeholder_with_default_op.gradient
def _default_grad(node: Any, dy: Tensor) -> Tensor:
    return dy


@export("constant")
def constant_v1(
    value: Any, dtype: Any = None, shape: Any = None, name: str = "Const", verify_shape: bool = False
) -> Tensor:
    """A tensor with a fixed value. A single number fills `shape`; fewer numbers are padded with the last one.

    Shapes: those of `value`, or `shape`.
    Raises: TypeError or ValueError when value, dtype and shape do not fit.
    Source: TF 1.15, python/framework/constant_op.py.
    """
    return constant(value, dtype, shape, name, verify_shape=verify_shape, allow_broadcast=False)


def constant(
    value: Any,
    dtype: Any = None,
    shape: Any = None,
    name: str | None = "Const",
    verify_shape: bool = False,
    allow_broadcast: bool = True,
) -> Tensor:
    """The Const node for `value`; the array is checked and converted as TF's make_tensor_proto does."""
    wanted = None if dtype is None else dtypes.as_dtype(dtype)
    array, found = constant_array(value, wanted, shape, verify_shape=verify_shape, allow_broadcast=allow_broadcast)
    return constant_of_array(array, found, name)


def constant_of_array(array: np.ndarray, dtype: DType, name: str | None = "Const") -> Tensor:
    """A Const node from an array that is ready (object array of bytes for strings)."""
    graph = stacks.get_default_graph()
    node = create_node(graph, const, [], {"value": array, "dtype": dtype}, name or "Const", (dtype,))
    return node._outputs[0]


def _to_constant(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    return constant(value, dtype, name=name or "Const")


def _shape_to_constant(value: TensorShape, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    if not value.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {value}")
    if dtype is None:
        dtype = dtypes.int64 if any(d >= 2**31 for d in value.as_list()) else dtypes.int32  # type: ignore[operator]
    elif dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype: {dtype}")
    return constant(value.as_list(), dtype, name=name or "shape_as_tensor")


def _dimension_to_constant(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    if value.value is None:
        raise ValueError(f"Cannot convert an unknown Dimension to a Tensor: {value}")
    if dtype is not None and dtype not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"Cannot convert a TensorShape to dtype: {dtype}")
    return constant(value.value, dtype or dtypes.int32, name=name or "shape_as_tensor")


def _register() -> None:
    from tfcompat.framework.shapes import Dimension

    conversion.register_tensor_conversion_function((list, tuple), _to_constant, 100)
    conversion.register_tensor_conversion_function(object, _to_constant, 200)
    conversion.register_tensor_conversion_function(TensorShape, _shape_to_constant, 100)
    conversion.register_tensor_conversion_function(Dimension, _dimension_to_constant, 100)


_register()


@export("placeholder")
def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor whose value must be fed: `sess.run(..., feed_dict={x: value})`."""
    return placeholder_op(dtype=dtype, shape=TensorShape(None) if shape is None else shape, name=name)


@export("placeholder_with_default")
def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """A tensor that is `input` unless another value is fed."""
    return placeholder_with_default_op(input, shape=shape, name=name)
