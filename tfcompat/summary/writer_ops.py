"""Ops that write events from within a run: a writer is a resource of the session, shared by name.

Source: TF 1.15, core/ops/summary_ops.cc, core/kernels/summary_kernels.cc, core/summary/summary_file_writer.cc.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tfcompat.framework import dtypes, protos, values
from tfcompat.framework.compat_strings import as_bytes, as_text
from tfcompat.framework.errors import InvalidArgumentError, NotFoundError, UnimplementedError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Fixed, KernelContext, Op, op
from tfcompat.framework.shape_rules import no_outputs
from tfcompat.platform import filesystem, gfile
from tfcompat.summary import summary_protos
from tfcompat.summary.event_files import EventsWriter


class SummaryWriterResource:
    """A writer of one session. It has no file before it is created, and after it is closed."""

    def __init__(self, container: str, name: str) -> None:
        self._name = f"{container or 'localhost'}/{name}"
        self._lock = threading.Lock()
        self._events: EventsWriter | None = None
        self._waiting = 0
        self._most = 0
        self._seconds = 0.0
        self._flushed = 0.0

    def create(self, logdir: str, max_queue: int, flush_millis: int, suffix: str) -> None:
        """Makes the file; does nothing where it is there."""
        with self._lock:
            if self._events is not None:
                return
            if not filesystem.exists(logdir):
                gfile.recursive_create_dir(logdir)
            self._events = EventsWriter(os.path.join(logdir, "events"))
            self._events.init_with_suffix(suffix)
            self._most, self._seconds, self._flushed = max_queue, flush_millis / 1000.0, time.time()

    def _open(self) -> EventsWriter:
        if self._events is None:
            kind = "N10tensorflow22SummaryWriterInterfaceE"
            raise NotFoundError(None, None, f"Resource {self._name}/{kind} does not exist.")
        return self._events

    def write(self, event: Any) -> None:
        with self._lock:
            events = self._open()
            events.write_event(event)
            self._waiting += 1
            if self._waiting > self._most or time.time() - self._flushed > self._seconds:
                self._flush(events)

    def _flush(self, events: EventsWriter) -> None:
        events.flush()
        self._waiting, self._flushed = 0, time.time()

    def flush(self) -> None:
        with self._lock:
            self._flush(self._open())

    def close(self) -> None:
        with self._lock:
            self._open().close()
            self._events = None

    def close_resource(self) -> None:
        """Called when the session forgets its resources."""
        with self._lock:
            if self._events is not None:
                self._events.close()
                self._events = None


@op("SummaryWriter")
def summary_writer_op(c: Any) -> Any:
    return ()


@summary_writer_op.builder
def _writer(c: KernelContext) -> Any:
    container, name = as_text(c.attrs["container"]), as_text(c.attrs["shared_name"]) or c.node.name
    make = lambda: SummaryWriterResource(container, name)
    return Fixed(c.session.resources.get_or_create("summary writer", container, name, make))


@op("CreateSummaryFileWriter", host=("max_queue", "flush_millis"), writes=("writer",))
def create_summary_file_writer_op(c: Any) -> Any:
    return []


def _text(value: np.ndarray) -> str:
    return as_text(np.asarray(value, object).item())


@create_summary_file_writer_op.kernel
def _create(
    writer: SummaryWriterResource, logdir: Any, max_queue: int, flush_millis: int, filename_suffix: Any
) -> None:
    writer.create(_text(logdir), max_queue, flush_millis, _text(filename_suffix))


create_summary_db_writer_op = op("CreateSummaryDbWriter", writes=("writer",))(no_outputs)


@create_summary_db_writer_op.kernel
def _create_db(writer: Any, db_uri: Any, experiment_name: Any, run_name: Any, user_name: Any) -> None:
    raise UnimplementedError(None, None, "Summaries in SQLite databases are not supported: write event files")


flush_summary_writer_op = op("FlushSummaryWriter", writes=("writer",))(no_outputs)
flush_summary_writer_op.kernel(lambda writer: writer.flush())
close_summary_writer_op = op("CloseSummaryWriter", writes=("writer",))(no_outputs)
close_summary_writer_op.kernel(lambda writer: writer.close())


@op("ImportEvent", writes=("writer",))
def import_event_op(c: Any) -> Any:
    return []


def _parsed(kind: Any, serialized: Any, what: str) -> Any:
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(as_bytes(np.asarray(serialized, object).item()))
    except DecodeError:
        raise InvalidArgumentError(None, None, f"{what} tensor proto not parseable") from None


@import_event_op.kernel
def _import(writer: SummaryWriterResource, event: Any) -> None:
    writer.write(_parsed(protos.Event, event, "Event"))


# (kernel context) -> function of the inputs after writer and step, as numpy arrays, that gives the event's content
Content = Callable[[KernelContext], Callable[..., dict[str, Any]]]


def _writing(op_type: str, content: Content) -> Op:
    """Declares an op that writes an event with a step."""
    made = op(op_type, host=("step",), writes=("writer",))(no_outputs)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.builder
    def build(c: KernelContext) -> Callable[..., None]:
        make = content(c)
        types = [t._dtype for t in c.node.inputs[2:]]

        def run(writer: SummaryWriterResource, step: int, *inputs: Any) -> None:
            arrays = [values.to_numpy(x, t) for x, t in zip(inputs, types, strict=True)]
            writer.write(protos.Event(wall_time=time.time(), step=step, **make(*arrays)))

        return run

    return made


def _plain(c: KernelContext, array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if c.attrs["T"] is dtypes.bfloat16 else array


write_summary_op = _writing(
    "WriteSummary",
    lambda c: (
        lambda tensor, tag, metadata: {
            "summary": summary_protos.tensor(tag, tensor, as_bytes(metadata.item()), c.attrs["T"])
        }
    ),
)
write_raw_proto_summary_op = _writing(
    "WriteRawProtoSummary",
    lambda c: lambda tensor: {"summary": _parsed(protos.Summary, tensor, "Summary")},
)
write_graph_summary_op = _writing(
    "WriteGraphSummary",
    lambda c: lambda tensor: {"graph_def": _parsed(protos.GraphDef, tensor, "Graph").SerializeToString()},
)
write_scalar_summary_op = _writing(
    "WriteScalarSummary",
    lambda c: lambda tag, value: {"summary": summary_protos.scalar(tag, _plain(c, value))},
)
write_histogram_summary_op = _writing(
    "WriteHistogramSummary",
    lambda c: lambda tag, array: {"summary": summary_protos.histogram(tag, _plain(c, array), c.node.name)},
)
write_image_summary_op = _writing(
    "WriteImageSummary",
    lambda c: (
        lambda tag, tensor, color: {"summary": summary_protos.image(tag, tensor, c.attrs["max_images"], color.ravel())}
    ),
)
write_audio_summary_op = _writing(
    "WriteAudioSummary",
    lambda c: (
        lambda tag, tensor, rate: {"summary": summary_protos.audio(tag, tensor, float(rate), c.attrs["max_outputs"])}
    ),
)

for _op in (
    summary_writer_op,
    create_summary_file_writer_op,
    create_summary_db_writer_op,
    flush_summary_writer_op,
    close_summary_writer_op,
    import_event_op,
):
    _op.gradient(NOT_DIFFERENTIABLE)
