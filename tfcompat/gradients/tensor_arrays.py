"""Gradients of TensorArray ops: what was read is written to a gradient array, what was written is read from it.

Source: TF 1.15, python/ops/tensor_array_grad.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor
from tfcompat.gradients.engine import current_source
from tfcompat.ops import tensor_arrays as ops
from tfcompat.ops.tensor_array import TensorArray


def _gradient_array(node: Operation, flow: Tensor, dtype: Any) -> TensorArray:
    array = TensorArray(dtype, handle=node._inputs[0], flow=flow, colocate_with_first_write_call=False)
    return array.grad(current_source(), flow)


@ops.tensor_array_read_op.gradient
def _read_grad(node: Operation, dy: Tensor) -> list[Any]:
    _, index, flow = node._inputs
    return [None, None, _gradient_array(node, flow, node._attrs["dtype"]).write(index, dy).flow]


@ops.tensor_array_write_op.gradient
def _write_grad(node: Operation, flow: Tensor) -> list[Any]:
    return [None, None, _gradient_array(node, flow, node._attrs["T"]).read(node._inputs[1]), flow]


@ops.tensor_array_gather_op.gradient
def _gather_grad(node: Operation, dy: Tensor) -> list[Any]:
    _, indices, flow = node._inputs
    return [None, None, _gradient_array(node, flow, node._attrs["dtype"]).scatter(indices, dy).flow]


@ops.tensor_array_scatter_op.gradient
def _scatter_grad(node: Operation, flow: Tensor) -> list[Any]:
    return [None, None, _gradient_array(node, flow, node._attrs["T"]).gather(node._inputs[1]), flow]


@ops.tensor_array_concat_op.gradient
def _concat_grad(node: Operation, dy: Tensor, _: Any) -> list[Any]:
    array = _gradient_array(node, node._inputs[1], node._attrs["dtype"])
    return [None, array.split(dy, lengths=node._outputs[1]).flow]


@ops.tensor_array_split_op.gradient
def _split_grad(node: Operation, flow: Tensor) -> list[Any]:
    return [None, _gradient_array(node, flow, node._attrs["T"]).concat(), None, flow]
