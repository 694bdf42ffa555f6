"""Small decisions that several layers share: static conditions, data formats, padding lengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import constant_value, stacks
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import constants, control_flow
from tfcompat.ops.variable_base import Variable


def static_bool(value: Any) -> bool | None:
    """The value of a condition known while building, else None.

    Raises: TypeError for anything but a tensor, a variable, a bool, 0 and 1.
    """
    if isinstance(value, Tensor):
        found = constant_value.constant_value(value)
        if found is None:
            found = constant_value.folded(value)
        return None if found is None else bool(found)
    if isinstance(value, Variable):
        return None
    if isinstance(value, (bool, int, float)) and value in (0, 1):
        return bool(value)
    raise TypeError(f"`pred` must be a Tensor, or a Python bool, or 1 or 0. Found instead: {type(value)}")


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`tf.cond`, decided while building where the condition is known."""
    known = static_bool(pred)
    if known is None:
        return control_flow.cond(pred, true_fn=true_fn, false_fn=false_fn)
    return true_fn() if known else false_fn()


def learning_phase() -> Any:
    """Whether the graph is being run for training: a tensor that is false unless fed, one for each graph.

    It stands for `training=None`. What Keras sets instead is kept in the same place.
    """
    graph = stacks.get_default_graph()
    found = graph._attached.get("keras_learning_phase")
    if found is None:
        with graph.name_scope(""):
            found = constants.placeholder_with_default(False, shape=(), name="keras_learning_phase")
        graph._attached["keras_learning_phase"] = found
    return found


def data_format(value: str) -> str:
    """Raises ValueError unless `value` is one of the two formats."""
    lower = value.lower()
    if lower not in ("channels_first", "channels_last"):
        raise ValueError(
            f'The `data_format` argument must be one of "channels_first", "channels_last". Received: {value}'
        )
    return lower


def channels_format(value: str, rank: int) -> str:
    """`channels_last` and the rank -> the op's data_format, such as NHWC."""
    axes = {3: "W", 4: "HW", 5: "DHW"}[rank]
    return f"N{axes}C" if value == "channels_last" else f"NC{axes}"


def numbers(value: Any, n: int, name: str) -> tuple[int, ...]:
    """One number n times, or n numbers as a tuple. Raises ValueError otherwise."""
    if isinstance(value, int):
        return (value,) * n
    try:
        found = tuple(value)
    except TypeError:
        raise ValueError(f"The `{name}` argument must be a tuple of {n} integers. Received: {value}") from None
    if len(found) != n:
        raise ValueError(f"The `{name}` argument must be a tuple of {n} integers. Received: {value}")
    for single in found:
        try:
            int(single)
        except (ValueError, TypeError):
            raise ValueError(
                f"The `{name}` argument must be a tuple of {n} integers. Received: {value} including element {single} "
                f"of type {type(single)}"
            ) from None
    return found


def padding(value: Any) -> Any:
    """Raises ValueError unless `value` is a padding a layer takes."""
    if isinstance(value, (list, tuple)):
        return value
    lower = value.lower()
    if lower not in ("valid", "same", "causal"):
        raise ValueError(
            f'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", only for `Conv1D). '
            f"Received: {lower}"
        )
    return lower


def conv_output_length(length: int | None, size: int, pad: str, stride: int, dilation: int = 1) -> int | None:
    """Length of a convolution's output along one axis."""
    if length is None:
        return None
    effective = size + (size - 1) * (dilation - 1)
    out = length if pad in ("same", "causal") else length - effective + 1
    if pad == "full":
        out = length + effective - 1
    return (out + stride - 1) // stride


def deconv_output_length(
    length: int | None, size: int, pad: str, output_padding: int | None = None, stride: int = 0, dilation: int = 1
) -> Any:
    """Length of a transposed convolution's output along one axis."""
    if length is None:
        return None
    size = size + (size - 1) * (dilation - 1)
    if output_padding is None:
        if pad == "valid":
            return length * stride + max(size - stride, 0)
        if pad == "full":
            return length * stride - (stride + size - 2)
        return length * stride
    base = {"same": size // 2, "valid": 0, "full": size - 1}[pad]
    return (length - 1) * stride + size - 2 * base + output_padding
