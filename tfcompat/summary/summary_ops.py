"""tf.summary: ops whose value is a serialized `Summary`, and what collects and merges them.

Source: TF 1.15, python/summary/summary.py, python/ops/summary_op_util.py, core/ops/logging_ops.cc.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes, protos, stacks, tf_logging, values
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.compat_strings import as_text
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import scalar as scalar_shape
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.tensor_proto import make_ndarray
from tfcompat.summary import summary_protos

# (kernel context) -> function of the inputs as numpy arrays that returns a Summary
Maker = Callable[[KernelContext], Callable[..., Any]]


def _summary(op_type: str, make: Maker, samples: Callable[[], Iterator[Sample]]) -> Op:
    """Declares an op that makes a Summary of numpy arrays."""
    made = op(op_type)(scalar_shape)
    made.gradient(NOT_DIFFERENTIABLE)
    made.samples(samples)

    @made.builder
    def build(c: KernelContext) -> Callable[..., np.ndarray]:
        function = make(c)
        types = [t._dtype for t in c.node.inputs]

        def run(*inputs: Any) -> np.ndarray:
            arrays = [values.to_numpy(x, t) for x, t in zip(inputs, types, strict=True)]
            return np.array(function(*arrays).SerializeToString(), object)

        return run

    return made


def _numbers(array: np.ndarray, c: KernelContext) -> np.ndarray:
    """Numbers of a type that numpy computes with."""
    return array.astype(np.float32) if c.attrs["T"] is dtypes.bfloat16 else array


def _scalar_samples() -> Iterator[Sample]:
    yield sample(fixed(np.array(b"a", object)), real())
    yield sample(fixed(np.array([b"a", b"b"], object)), real(2))


def _one_tag(*dims: int) -> Callable[[], Iterator[Sample]]:
    def samples() -> Iterator[Sample]:
        yield sample(fixed(np.array(b"a", object)), real(*dims))

    return samples


def _image_samples() -> Iterator[Sample]:
    yield sample(fixed(np.array(b"a", object)), fixed(np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3), np.uint8))


def _sound_samples() -> Iterator[Sample]:
    sound = fixed(np.linspace(-1, 1, 8).reshape(2, 4), np.float32)
    yield sample(fixed(np.array(b"a", object)), sound, fixed(4.0, np.float32))


def _old_sound_samples() -> Iterator[Sample]:
    sound = fixed(np.linspace(-1, 1, 8).reshape(2, 4), np.float32)
    yield sample(fixed(np.array(b"a", object)), sound, sample_rate=4.0)


def _tensor_samples() -> Iterator[Sample]:
    yield sample(real(2))


def _tagged_tensor_samples() -> Iterator[Sample]:
    yield sample(fixed(np.array(b"a", object)), real(2), fixed(np.array(b"", object)))


scalar_summary_op = _summary(
    "ScalarSummary",
    lambda c: lambda tags, numbers: summary_protos.scalar(tags, _numbers(numbers, c)),
    _scalar_samples,
)
histogram_summary_op = _summary(
    "HistogramSummary",
    lambda c: lambda tag, numbers: summary_protos.histogram(tag, _numbers(numbers, c), c.node.name),
    _one_tag(3),
)


def _image_maker(c: KernelContext) -> Callable[..., Any]:
    color = c.attrs["bad_color"]
    bad = (color if isinstance(color, np.ndarray) else make_ndarray(color)).ravel()
    return lambda tag, pixels: summary_protos.image(tag, pixels, c.attrs["max_images"], bad)


image_summary_op = _summary("ImageSummary", _image_maker, _image_samples)
audio_summary_op = _summary(
    "AudioSummary",
    lambda c: lambda tag, sound: summary_protos.audio(tag, sound, c.attrs["sample_rate"], c.attrs["max_outputs"]),
    _old_sound_samples,
)
audio_summary_v2_op = _summary(
    "AudioSummaryV2",
    lambda c: lambda tag, sound, rate: summary_protos.audio(tag, sound, _scalar_rate(rate), c.attrs["max_outputs"]),
    _sound_samples,
)
tensor_summary_op = _summary(
    "TensorSummary",
    lambda c: lambda array: summary_protos.tensor_of_node(c.node.name, array, c.attrs["T"]),
    _tensor_samples,
)
tensor_summary_v2_op = _summary(
    "TensorSummaryV2",
    lambda c: lambda tag, array, metadata: summary_protos.tensor(tag, array, metadata.item(), c.attrs["T"]),
    _tagged_tensor_samples,
)


def _scalar_rate(rate: np.ndarray) -> float:
    return float(np.asarray(rate).reshape(-1)[0])


@op("MergeSummary")
def merge_summary_op(c: Any) -> Any:
    return ()


@merge_summary_op.kernel
def _merge(inputs: list[Any]) -> np.ndarray:
    serialized = [text for part in inputs for text in np.asarray(part, object).ravel()]
    return np.array(summary_protos.merge(serialized).SerializeToString(), object)


merge_summary_op.gradient(NOT_DIFFERENTIABLE)


@merge_summary_op.samples
def _merge_samples() -> Iterator[Sample]:
    text = summary_protos.scalar(np.array(b"a", object), np.float32(1)).SerializeToString()
    yield sample([fixed(np.array(text, object))])


# --- names, tags, collections --------------------------------------------------------------------------------------

_NOT_IN_TAGS = re.compile(r"[^-/\w\.]")


def clean_tag(name: str | None) -> str | None:
    """`name` with underscores for characters that TensorBoard does not take."""
    if name is None:
        return None
    cleaned = _NOT_IN_TAGS.sub("_", name).lstrip("/")
    if cleaned != name:
        tf_logging.info("Summary name %s is illegal; using %s instead." % (name, cleaned))  # noqa: UP031 - TF's text
    return cleaned


@contextmanager
def summary_scope(
    name: str | None, family: str | None = None, default_name: str | None = None, values: Any = None
) -> Iterator[tuple[str, str]]:
    """The scope of a summary's node, and the tag that goes with it."""
    name, family = clean_tag(name), clean_tag(family)
    with name_scope(name if family is None else f"{family}/{name}", default_name, values) as scope:
        tag = scope.rstrip("/")
        yield (tag if family is None else f"{family}/{tag}"), scope


def _collect(summary: Tensor, collections: Any, default: Sequence[str]) -> Tensor:
    for key in default if collections is None else collections:
        stacks.get_default_graph().add_to_collection(key, summary)
    return summary


# --- public functions ----------------------------------------------------------------------------------------------


@export("summary.scalar")
def scalar(name: str, tensor: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of one number. It enters the collection SUMMARIES, or `collections`.

    Its tag is the node's name; with `family`, `family/` before it.
    """
    with summary_scope(name, family, values=[tensor]) as (tag, scope):
        return _collect(scalar_summary_op(tag, tensor, name=scope), collections, [GraphKeys.SUMMARIES])


@export("summary.image")
def image(name: str, tensor: Any, max_outputs: int = 3, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of up to `max_outputs` images.

    Shapes: tensor [batch, height, width, channels] of uint8 or floating point numbers; 1, 3 or 4 channels.
    """
    with summary_scope(name, family, values=[tensor]) as (tag, scope):
        made = image_summary_op(tag, tensor, max_images=max_outputs, name=scope)
        return _collect(made, collections, [GraphKeys.SUMMARIES])


@export("summary.histogram")
def histogram(name: str, values: Any, collections: Any = None, family: str | None = None) -> Tensor:
    """A summary of how the elements of a tensor are distributed."""
    with summary_scope(name, family, default_name="HistogramSummary", values=[values]) as (tag, scope):
        return _collect(histogram_summary_op(tag, values, name=scope), collections, [GraphKeys.SUMMARIES])


@export("summary.audio")
def audio(
    name: str,
    tensor: Any,
    sample_rate: Any,
    max_outputs: int = 3,
    collections: Any = None,
    family: str | None = None,
) -> Tensor:
    """A summary of up to `max_outputs` sounds, whose samples are in [-1, 1].

    Shapes: tensor [batch, frames] or [batch, frames, channels]; sample_rate [] in Hz.
    """
    with summary_scope(name, family=family, values=[tensor]) as (tag, scope):
        rate = conversion.to_tensor(sample_rate, dtypes.float32, "sample_rate")
        made = audio_summary_v2_op(tag, tensor, rate, max_outputs=max_outputs, name=scope)
        return _collect(made, collections, [GraphKeys.SUMMARIES])


@export("summary.text")
def text(name: str, tensor: Tensor, collections: Any = None) -> Tensor:
    """A summary of strings, which TensorBoard shows as Markdown.

    Raises: ValueError for a tensor of another type.
    """
    if tensor.dtype != dtypes.string:
        raise ValueError(f"Expected tensor {tensor.name} to have dtype string, got {tensor.dtype}")
    metadata = protos.SummaryMetadata(plugin_data=protos.SummaryMetadata.PluginData(plugin_name="text"))
    return tensor_summary(name=name, tensor=tensor, summary_metadata=metadata, collections=collections)


@export("summary.tensor_summary")
def tensor_summary(
    name: str,
    tensor: Any,
    summary_description: str | None = None,
    collections: Any = None,
    summary_metadata: Any = None,
    family: str | None = None,
    display_name: str | None = None,
) -> Tensor:
    """A summary that holds a whole tensor, for a TensorBoard plugin that `summary_metadata` names."""
    metadata = protos.SummaryMetadata() if summary_metadata is None else summary_metadata
    if summary_description is not None:
        metadata.summary_description = summary_description
    if display_name is not None:
        metadata.display_name = display_name
    serialized = metadata.SerializeToString()
    with summary_scope(name, family, values=[tensor]) as (tag, scope):
        made = tensor_summary_v2_op(tensor=tensor, tag=tag, name=scope, serialized_summary_metadata=serialized)
        return _collect(made, collections, [GraphKeys.SUMMARIES])


@export("summary.merge")
def merge(inputs: Any, collections: Any = None, name: str | None = None) -> Tensor:
    """One summary with the values of all `inputs`.

    Raises: InvalidArgumentError in the run when two inputs have a tag in common.
    """
    name = clean_tag(name)
    with name_scope(name, "Merge", inputs):
        return _collect(merge_summary_op(inputs=inputs, name=name), collections, [])


@export("summary.merge_all")
def merge_all(key: Any = GraphKeys.SUMMARIES, scope: str | None = None, name: str | None = None) -> Tensor | None:
    """All summaries of a collection merged into one; None when there is none."""
    found = stacks.get_default_graph().get_collection(key, scope)
    return merge(found, name=name) if found else None


@export("summary.get_summary_description")
def get_summary_description(node_def: Any) -> Any:
    """The SummaryDescription of a TensorSummary node, from its NodeDef. Raises ValueError for another op."""
    from google.protobuf import json_format

    if node_def.op != "TensorSummary":
        raise ValueError(f"Can't get_summary_description on {node_def.op}")
    return json_format.Parse(as_text(node_def.attr["description"].s), protos.SummaryDescription())
