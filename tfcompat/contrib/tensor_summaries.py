"""Summaries of tensors and of collections of them. Source: TF 1.15, contrib/layers/python/layers/summaries.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.ops import casting, comparison, reductions
from tfcompat.summary import summary_ops


@export("contrib.layers.summarize_tensor")
def summarize_tensor(tensor: Any, tag: str | None = None) -> Any:
    """The value of a scalar, a histogram of others; None for strings and bools."""
    if tensor.dtype.base_dtype in (dtypes.string, dtypes.bool_):
        return None
    tag = tag or f"{tensor.op.name}_summary"
    return summary_ops.scalar(tag, tensor) if tensor.get_shape().ndims == 0 else summary_ops.histogram(tag, tensor)


@export("contrib.layers.summarize_activation")
def summarize_activation(op: Any) -> Any:
    """A histogram of a layer's output; after Relu and the like also how much of its input was cut off."""
    kind, name = op.op.type, op.op.name

    def share(tag: str, beyond: Callable[..., Any], limit: float) -> None:
        before = op.op.inputs[0]
        cut = casting.to_float(beyond(before, casting.cast(limit, before.dtype)))
        summary_ops.scalar(f"{name}/{tag}", reductions.reduce_mean(cut))

    if kind in ("Relu", "Softplus", "Relu6"):
        share("zeros", comparison.less, 0.0)
    if kind == "Relu6":
        share("sixes", comparison.greater, 6.0)
    return summary_ops.histogram(f"{name}/activation", op)


@export("contrib.layers.summarize_tensors")
def summarize_tensors(tensors: Iterable[Any], summarizer: Callable[[Any], Any] = summarize_tensor) -> list[Any]:
    """A summary of each tensor."""
    return [summarizer(tensor) for tensor in tensors]


@export("contrib.layers.summarize_collection")
def summarize_collection(
    collection: str, name_filter: str | None = None, summarizer: Callable[[Any], Any] = summarize_tensor
) -> list[Any]:
    """A summary of each tensor in a collection whose name begins as the pattern says."""
    found = stacks.get_default_graph().get_collection(collection)
    return summarize_tensors([t for t in found if name_filter is None or re.match(name_filter, t.op.name)], summarizer)


@export("contrib.layers.summarize_activations")
def summarize_activations(
    name_filter: str | None = None, summarizer: Callable[[Any], Any] = summarize_activation
) -> list[Any]:
    """`summarize_collection` of ACTIVATIONS."""
    return summarize_collection(GraphKeys.ACTIVATIONS, name_filter, summarizer)
