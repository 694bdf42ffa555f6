"""Print, tf.print and tf.strings.format: values as text while the graph runs.

Source: TF 1.15, python/ops/logging_ops.py, core/kernels/logging_ops.cc.
"""

from __future__ import annotations

import logging
import os
import pprint
import random
import sys
import threading
from typing import Any

import numpy as np

from tfcompat.framework import dtypes, nest, tf_logging
from tfcompat.framework.conversion import is_dense_tensor_like
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, op
from tfcompat.framework.shape_rules import scalar, unchanged, with_rank
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.summarize import summarize as as_text
from tfcompat.ops.summarize import summarize_ends

# --- Print -----------------------------------------------------------------------------------------------------

print_op = op("Print", alias=True)(unchanged)


@print_op.builder
def _print(c: KernelContext) -> Any:
    types = c.attrs["U"]
    message, limit, entries = c.attrs["message"], c.attrs["first_n"], c.attrs["summarize"]
    if isinstance(message, bytes):
        message = message.decode("utf-8", "replace")
    # The count of calls is the session's, not the plan's.
    calls = c.session.node_state(c.node, lambda: [0])
    lock = threading.Lock()

    def show(input: Any, data: list[Any]) -> Any:
        if limit >= 0:
            with lock:
                if calls[0] >= limit:
                    return input
                calls[0] += 1
        text = message + "".join(f"[{as_text(v, t, entries)}]" for v, t in zip(data, types, strict=True))
        print(text, file=sys.stderr)
        return input

    return show


@print_op.gradient
def _print_grad(node: Any, dy: Tensor) -> list[Any]:
    return [dy] + [None] * (len(node._inputs) - 1)


@export("Print")
def Print(
    input_: Any,
    data: Any,
    message: Any = None,
    first_n: Any = None,
    summarize: Any = None,
    name: str | None = None,
) -> Tensor:
    """`input_`; each run prints `message` and the first `summarize` (3) elements of each of `data` to stderr.

    first_n: print only that many times (a negative number: always).
    """
    return print_op(input_, data, message=message, first_n=first_n, summarize=summarize, name=name)


# --- text of tensors -------------------------------------------------------------------------------------------

string_format_op = op("StringFormat")(scalar)
string_format_op.gradient(NOT_DIFFERENTIABLE)


@string_format_op.builder
def _string_format(c: KernelContext) -> Any:
    types, entries = c.attrs["T"], c.attrs["summarize"]
    parts = _text(c.attrs["template"]).split(_text(c.attrs["placeholder"]))

    def join(inputs: list[Any]) -> Any:
        out = [parts[0]]
        for value, dtype, following in zip(inputs, types, parts[1:], strict=False):
            out.append(summarize_ends(value, dtype, entries))
            out.append(following)
        return np.array("".join(out).encode("utf-8"), object)

    return join


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else value


@export("strings.format", v2=("strings.format",))
def string_format(
    template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None
) -> Tensor:
    """`template` with each placeholder replaced by the text of the next tensor.

    summarize: how many first and last elements of each dimension are written; -1: all.
    Raises: ValueError when the number of placeholders differs from that of the tensors.
    """
    if is_dense_tensor_like(inputs):
        inputs = [inputs]
    count = template.count(placeholder)
    if count != len(inputs):
        raise ValueError(
            f"{count} placeholder(s) in template does not match {len(inputs)} tensor(s) provided as input"
        )
    return string_format_op(inputs, template=template, placeholder=placeholder, summarize=summarize, name=name)


# --- tf.print --------------------------------------------------------------------------------------------------


@op("PrintV2")
def print_v2_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    return []


print_v2_op.gradient(NOT_DIFFERENTIABLE)

_LOG_LEVELS = {"log(info)": logging.INFO, "log(warning)": logging.WARNING, "log(error)": logging.ERROR}


@print_v2_op.builder
def _print_v2(c: KernelContext) -> Any:
    stream, end = _text(c.attrs["output_stream"]), _text(c.attrs["end"])

    def show(input: Any) -> None:
        text = bytes(input.item()).decode("utf-8", "replace")
        if stream in _LOG_LEVELS:
            tf_logging.get_logger().log(_LOG_LEVELS[stream], "%s", text)
        elif stream.startswith("file://"):
            with open(stream[7:], "a", encoding="utf-8") as file:
                file.write(text + end)
        else:
            out = sys.stdout if stream == "stdout" else sys.stderr
            out.write(text + end)
            out.flush()

    return show


def _stream_name(stream: Any) -> str:
    """What the op calls an output stream. Raises ValueError for one it does not know."""
    if isinstance(stream, str) and stream.startswith("file://"):
        return stream
    if stream is sys.stdout:
        return "stdout"
    if stream is sys.stderr:
        return "stderr"
    named = getattr(stream, "__name__", None) if callable(stream) else stream
    for level, known in (
        ("log(info)", ("info", logging.INFO)),
        ("log(warning)", ("warning", "warn", logging.WARNING)),
        ("log(error)", ("error", logging.ERROR)),
    ):
        if (callable(stream) or isinstance(stream, int)) and named in known:
            return level
    raise ValueError(
        f"Unsupported output stream, logging level, or file.{stream}. Supported streams are sys.stdout, sys.stderr, "
        "tf.logging.info, tf.logging.warning, tf.logging.error. File needs to be in the form of 'file://<filepath>'."
    )


def _unused_placeholder(text: str) -> str:
    placeholder = "{}"
    digits = random.Random(5)
    while placeholder in text:
        placeholder += str(digits.randint(0, 9))
    return placeholder


def _template_of(item: Any, placeholder: str, tensors: list[Any]) -> str:
    """The text of one argument of tf.print with placeholders for its tensors, which are appended to `tensors`."""
    if isinstance(item, str):
        return item
    leaves: list[Any] = []
    for leaf in nest.flatten(item):
        if isinstance(leaf, SparseTensor):
            tensors.extend([leaf.indices, leaf.values, leaf.dense_shape])
            leaves.append(f"SparseTensor(indices={placeholder}, values={placeholder}, shape={placeholder})")
        elif is_dense_tensor_like(leaf):
            tensors.append(leaf)
            leaves.append(placeholder)
        else:
            leaves.append(leaf)
    return pprint.pformat(nest.pack_sequence_as(item, leaves))


@export("print", v2=("print",))
def print_v2(*inputs: Any, **kwargs: Any) -> Any:
    """A node that prints its arguments (tensors, nests of them, any object) when it runs.

    Keywords: output_stream (sys.stderr; sys.stdout, a tf.logging function or level, "file://..."), summarize (3),
    sep (" "), end (newline), name.
    Raises: ValueError for another keyword or stream.
    """
    stream = kwargs.pop("output_stream", sys.stderr)
    name = kwargs.pop("name", None)
    entries = kwargs.pop("summarize", 3)
    sep = kwargs.pop("sep", " ")
    end = kwargs.pop("end", os.linesep)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {kwargs}")
    target = _stream_name(stream)
    only = inputs[0] if len(inputs) == 1 else None
    if isinstance(only, Tensor) and only._rank() == 0 and only.dtype == dtypes.string:
        text = only
    else:
        bare = nest.map_structure(lambda x: "" if _is_tensor(x) else x, inputs)
        placeholder = _unused_placeholder(" ".join(pprint.pformat(x) for x in bare))
        tensors: list[Any] = []
        templates = [_template_of(item, placeholder, tensors) for item in inputs]
        template = sep.join(templates).replace(f"'{placeholder}'", placeholder)
        text = string_format(
            template, tensors, placeholder=placeholder, summarize=entries, name=f"{name}_format" if name else None
        )
    return print_v2_op(text, output_stream=target, end=end, name=name)


def _is_tensor(value: Any) -> bool:
    return is_dense_tensor_like(value) or isinstance(value, SparseTensor)
