"""tf.contrib.summary: summaries that are written when their nodes run, to the default writer, where recording is on.

Source: TF 1.15, python/ops/summary_ops_v2.py.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tfcompat.framework import constant_value, conversion, dtypes, stacks, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.graph import Graph
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import comparison, constants, control_flow
from tfcompat.ops.identity import identity, no_op
from tfcompat.summary import writer_ops
from tfcompat.summary.summary_ops import summary_scope
from tfcompat.training import training_util

_WRITERS = "_SUMMARY_WRITER_V2"
_SUMMARIES = "_SUMMARY_V2"


class _Recording(threading.local):
    """What this thread's summaries go by: the default writer, and whether (a bool, tensor or function) to record."""

    def __init__(self) -> None:
        self.writer: Any = None
        self.condition: Any = None


_STATE = _Recording()


def _on_cpu() -> Any:
    return stacks.get_default_graph().device("cpu:0")


# --- whether to record ---------------------------------------------------------------------------------------------


@export("contrib.summary.should_record_summaries")
def should_record_summaries() -> Tensor:
    """A boolean: whether summaries are recorded now."""
    condition = _STATE.condition() if callable(_STATE.condition) else _STATE.condition
    return comparison.logical_and(True, False if condition is None else condition)


@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """A block in which summaries are recorded where the condition holds."""
    before, _STATE.condition = _STATE.condition, condition
    try:
        yield
    finally:
        _STATE.condition = before


@export("contrib.summary.always_record_summaries")
def always_record_summaries() -> Any:
    """A block in which all summaries are recorded."""
    return record_if(True)


@export("contrib.summary.never_record_summaries")
def never_record_summaries() -> Any:
    """A block in which no summary is recorded."""
    return record_if(False)


@export("contrib.summary.record_summaries_every_n_global_steps")
def record_summaries_every_n_global_steps(n: int, global_step: Any = None) -> Any:
    """A block in which summaries are recorded in runs where the global step is a multiple of n."""
    if global_step is None:
        global_step = training_util.get_or_create_global_step()
    with _on_cpu():
        return record_if(comparison.equal(global_step % n, 0))


# --- writers -------------------------------------------------------------------------------------------------------


@export("contrib.summary.SummaryWriter")
class SummaryWriter:
    """A writer of summaries; see `create_file_writer`."""

    def set_as_default(self) -> None:
        raise NotImplementedError

    def as_default(self) -> Any:
        raise NotImplementedError

    def init(self) -> Any:
        raise NotImplementedError

    def flush(self) -> Any:
        raise NotImplementedError

    def close(self) -> Any:
        raise NotImplementedError


class ResourceSummaryWriter(SummaryWriter):
    """A writer that lives in the session as a resource."""

    def __init__(self, shared_name: str, create: Callable[[Tensor], Any]) -> None:
        self._resource = writer_ops.summary_writer_op(shared_name=shared_name)
        self._create = create
        stacks.get_default_graph().add_to_collection(_WRITERS, create(self._resource))

    def set_as_default(self) -> None:
        """Makes this the writer of the summaries from here on."""
        _STATE.writer = self

    @contextmanager
    def as_default(self) -> Iterator[ResourceSummaryWriter]:
        """A block in which this is the default writer."""
        before, _STATE.writer = _STATE.writer, self
        try:
            yield self
            self.flush()
        finally:
            _STATE.writer = before

    def init(self) -> Any:
        """An operation that makes the file."""
        return self._create(self._resource)

    def flush(self) -> Any:
        """An operation that writes what waits."""
        return flush(writer=self)

    def close(self) -> Any:
        """An operation that flushes and closes the file."""
        with stacks.get_default_graph().control_dependencies([self.flush()]), _on_cpu():
            return writer_ops.close_summary_writer_op(self._resource)


class NoopSummaryWriter(SummaryWriter):
    """A writer that writes nothing."""

    def set_as_default(self) -> None:
        pass

    @contextmanager
    def as_default(self) -> Iterator[None]:
        yield

    def init(self) -> None:
        pass

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


@export("contrib.summary.create_file_writer")
def create_file_writer(
    logdir: Any, max_queue: Any = None, flush_millis: Any = None, filename_suffix: Any = None, name: str | None = None
) -> SummaryWriter:
    """A writer of an event file in `logdir` (None: one that writes nothing). Writers of one name share a file."""
    if logdir is None:
        return NoopSummaryWriter()
    logdir = str(logdir)
    with _on_cpu():
        max_queue = constants.constant(10) if max_queue is None else max_queue
        flush_millis = constants.constant(2 * 60 * 1000) if flush_millis is None else flush_millis
        filename_suffix = constants.constant(".v2") if filename_suffix is None else filename_suffix
        return ResourceSummaryWriter(
            "logdir:" + logdir if name is None else name,
            lambda writer: writer_ops.create_summary_file_writer_op(
                writer, logdir, max_queue, flush_millis, filename_suffix
            ),
        )


@export("contrib.summary.create_summary_file_writer")
def create_summary_file_writer(*args: Any, **kwargs: Any) -> SummaryWriter:
    """The old name of `create_file_writer`."""
    tf_logging.warning("Deprecation Warning: create_summary_file_writer was renamed to create_file_writer")
    return create_file_writer(*args, **kwargs)


@export("contrib.summary.create_db_writer")
def create_db_writer(
    db_uri: Any, experiment_name: Any = None, run_name: Any = None, user_name: Any = None, name: str | None = None
) -> SummaryWriter:
    """A writer into a SQLite database, whose operations raise UnimplementedError when they run."""
    with _on_cpu():
        return ResourceSummaryWriter(
            name or "",
            lambda writer: writer_ops.create_summary_db_writer_op(
                writer, db_uri, experiment_name or "", run_name or "", user_name or ""
            ),
        )


@export("contrib.summary.summary_writer_initializer_op")
def summary_writer_initializer_op() -> list[Any]:
    """The operations that make the files of all writers of the default graph."""
    return stacks.get_default_graph().get_collection(_WRITERS)


@export("summary.initialize", "contrib.summary.initialize")
def initialize(graph: Any = None, session: Any = None) -> None:
    """Makes the files of all writers, and writes `graph`, in the given or the default session.

    Raises: RuntimeError without a default writer, ValueError without a session.
    """
    if _STATE.writer is None:
        raise RuntimeError("No default tf.contrib.summary.SummaryWriter found")
    session = session or stacks.get_default_session()
    if session is None:
        raise ValueError("session must be passed if no default session exists")
    session.run(summary_writer_initializer_op())
    if graph is not None:
        data = _serialized(graph)
        fed = constants.placeholder(dtypes.string)
        session.run(write_graph(fed, 0), feed_dict={fed: data})


@export("contrib.summary.flush")
def flush(writer: Any = None, name: str | None = None) -> Any:
    """An operation that writes what waits in a writer, by default the default one."""
    writer = _STATE.writer if writer is None else writer
    if writer is None:
        return no_op()
    with _on_cpu():
        return writer_ops.flush_summary_writer_op(getattr(writer, "_resource", writer), name=name)


@export("contrib.summary.eval_dir")
def eval_dir(model_dir: str, name: str | None = None) -> str:
    """The directory for the summaries of an evaluation."""
    return os.path.join(model_dir, "eval" if not name else "eval_" + name)


# --- summaries -----------------------------------------------------------------------------------------------------


@export("summary.all_v2_summary_ops", "contrib.summary.all_summary_ops")
def all_v2_summary_ops() -> list[Any]:
    """The nodes that write summaries of the default graph."""
    return stacks.get_default_graph().get_collection(_SUMMARIES)


def _step(step: Any) -> Any:
    if step is None:
        return training_util.get_or_create_global_step()
    return step if isinstance(step, Tensor) else conversion.to_tensor(step, dtypes.int64)


def _recorded(name: str, tensor: Any, write: Callable[[str, str], Any], family: str | None) -> Any:
    """A node that is true once `write(tag, scope)` has run, or false where nothing is recorded."""
    outer = stacks.get_default_graph().get_name_scope()

    def record() -> Tensor:
        with (
            name_scope(outer + "/" if outer else ""),
            summary_scope(name, family, values=[tensor]) as (tag, scope),
            stacks.get_default_graph().control_dependencies([write(tag, scope)]),
        ):
            return constants.constant(True)

    if _STATE.writer is None:
        return no_op()
    with _on_cpu():
        condition = should_record_summaries()
        known = constant_value.folded(condition)
        if known is None:
            made = control_flow.cond(condition, true_fn=record, false_fn=_nothing, name="")
        else:
            made = record() if known else _nothing()
        stacks.get_default_graph().add_to_collection(_SUMMARIES, made)
    return made


def _nothing() -> Tensor:
    return constants.constant(False)


@export("contrib.summary.generic")
def generic(name: str, tensor: Any, metadata: Any = None, family: str | None = None, step: Any = None) -> Any:
    """Writes a whole tensor, with a SummaryMetadata that says which plugin shows it."""

    def write(tag: str, scope: str) -> Any:
        if metadata is None:
            serialized: Any = constants.constant("")
        elif hasattr(metadata, "SerializeToString"):
            serialized = constants.constant(metadata.SerializeToString())
        else:
            serialized = metadata
        return writer_ops.write_summary_op(
            _STATE.writer._resource, _step(step), identity(tensor), tag, serialized, name=scope
        )

    return _recorded(name, tensor, write, family)


@export("contrib.summary.scalar")
def scalar(name: str, tensor: Any, family: str | None = None, step: Any = None) -> Any:
    """Writes one number at `step`, by default the global step."""

    def write(tag: str, scope: str) -> Any:
        return writer_ops.write_scalar_summary_op(
            _STATE.writer._resource, _step(step), tag, identity(tensor), name=scope
        )

    return _recorded(name, tensor, write, family)


@export("contrib.summary.histogram")
def histogram(name: str, tensor: Any, family: str | None = None, step: Any = None) -> Any:
    """Writes how the elements of a tensor are distributed."""

    def write(tag: str, scope: str) -> Any:
        return writer_ops.write_histogram_summary_op(
            _STATE.writer._resource, _step(step), tag, identity(tensor), name=scope
        )

    return _recorded(name, tensor, write, family)


@export("contrib.summary.image")
def image(
    name: str, tensor: Any, bad_color: Any = None, max_images: int = 3, family: str | None = None, step: Any = None
) -> Any:
    """Writes up to `max_images` images."""

    def write(tag: str, scope: str) -> Any:
        color = constants.constant([255, 0, 0, 255], dtypes.uint8) if bad_color is None else bad_color
        return writer_ops.write_image_summary_op(
            _STATE.writer._resource, _step(step), tag, identity(tensor), color, max_images=max_images, name=scope
        )

    return _recorded(name, tensor, write, family)


@export("contrib.summary.audio")
def audio(
    name: str, tensor: Any, sample_rate: Any, max_outputs: int, family: str | None = None, step: Any = None
) -> Any:
    """Writes up to `max_outputs` sounds."""

    def write(tag: str, scope: str) -> Any:
        return writer_ops.write_audio_summary_op(
            _STATE.writer._resource,
            _step(step),
            tag,
            identity(tensor),
            sample_rate,
            max_outputs=max_outputs,
            name=scope,
        )

    return _recorded(name, tensor, write, family)


def _serialized(graph: Any) -> bytes:
    definition = graph.as_graph_def(add_shapes=True) if isinstance(graph, Graph) else graph
    return definition.SerializeToString()  # type: ignore[no-any-return]


@export("contrib.summary.graph")
def write_graph(param: Any, step: Any = None, name: str | None = None) -> Any:
    """Writes a graph, given as a tensor of a serialized GraphDef. Raises TypeError for anything else."""
    if not isinstance(param, Tensor):
        raise TypeError(f"graph() needs a tf.Tensor (e.g. tf.placeholder) in graph mode, but was: {type(param)}")
    if _STATE.writer is None:
        return no_op()
    with _on_cpu():
        return writer_ops.write_graph_summary_op(_STATE.writer._resource, _step(step), identity(param), name=name)


@export("contrib.summary.import_event")
def import_event(tensor: Any, name: str | None = None) -> Any:
    """Writes an event, given as a tensor of a serialized Event."""
    return writer_ops.import_event_op(_STATE.writer._resource, tensor, name=name)


# --- tf.summary.FileWriter(session=...) ----------------------------------------------------------------------------


class SessionEventFileWriter:
    """Writes events through a session: writers of one session and directory share a file.

    Source: TF 1.15, python/summary/writer/event_file_writer_v2.py.
    """

    def __init__(
        self, session: Any, logdir: Any, max_queue: int = 10, flush_secs: float = 120, filename_suffix: Any = ""
    ) -> None:
        self._session = session
        self._logdir = str(logdir)
        self._closed = False
        with session.graph.as_default(), name_scope("filewriter"):
            writer = create_file_writer(self._logdir, max_queue, int(flush_secs * 1000), filename_suffix or "")
            with always_record_summaries(), writer.as_default():
                unused = constants.constant("unused", dtypes.string)
                self._event = constants.placeholder_with_default(unused, shape=[])
                self._add = import_event(self._event)
            self._init = writer.init()
            self._flush = writer.flush()
            self._close = writer.close()
        session.run(self._init)

    def get_logdir(self) -> str:
        """The directory of the file."""
        return self._logdir

    def reopen(self) -> None:
        """After close(): takes events again. Does nothing while open."""
        if self._closed:
            self._closed = False
            self._session.run(self._init)

    def add_event(self, event: Any) -> None:
        """Writes an event; when closed, drops it."""
        if not self._closed:
            self._session.run(self._add, {self._event: event.SerializeToString()})

    def flush(self) -> None:
        """Puts all events so far into the file."""
        self._session.run(self._flush)

    def close(self) -> None:
        """Flushes and closes the file."""
        if not self._closed:
            self.flush()
            self._session.run(self._close)
            self._closed = True
