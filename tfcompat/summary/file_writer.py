"""`tf.summary.FileWriter`: puts summaries, graphs and logs into event files.

Source: TF 1.15, python/summary/writer/writer.py, writer_cache.py.
"""

from __future__ import annotations

import threading
import time
import warnings
from typing import Any

from tfcompat.framework import graph_def, op_defs, protos, tf_logging, versions
from tfcompat.framework.export import export
from tfcompat.framework.graph import Graph
from tfcompat.framework.stacks import get_default_graph
from tfcompat.summary.event_files import EventFileWriter
from tfcompat.summary.recording import SessionEventFileWriter


def _is_message(value: Any, name: str) -> bool:
    """Whether this is a message of that name, TensorBoard's copy of it included."""
    descriptor = getattr(value, "DESCRIPTOR", None)
    return descriptor is not None and descriptor.name == name


def _meta_graph_def(definition: Any) -> Any:
    """A `MetaGraphDef` of a GraphDef: versions and the ops it uses, no collections."""
    meta = protos.MetaGraphDef(graph_def=definition)
    meta.meta_info_def.tensorflow_version = versions.VERSION
    meta.meta_info_def.tensorflow_git_version = versions.GIT_VERSION
    for name in sorted({node.op for node in definition.node}):
        if op_defs.has_op_def(name):
            meta.meta_info_def.stripped_op_list.op.append(graph_def.op_def_proto(op_defs.op_def(name)))
    return meta


class SummaryToEventTransformer:
    """Wraps what it is given in `Event` messages and hands them to an event writer."""

    def __init__(self, event_writer: Any, graph: Any = None, graph_def: Any = None) -> None:
        self.event_writer = event_writer
        self._session_run_tags: set[str] = set()
        self._seen_summary_tags: set[str] = set()
        if graph is not None or graph_def is not None:
            self.add_graph(graph=graph, graph_def=graph_def)
            shown = graph.as_graph_def(add_shapes=True) if isinstance(graph, Graph) else graph
            self.add_meta_graph(_meta_graph_def(graph_def or shown))

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Adds a `Summary`, which may be serialized.

        Metadata is written only with the first value of a tag, as TensorBoard expects.
        Raises: DecodeError for bytes that are no Summary.
        """
        if isinstance(summary, bytes):
            summary = protos.Summary.FromString(summary)
        for value in summary.value:
            if value.tag in self._seen_summary_tags:
                value.ClearField("metadata")
            elif value.metadata:
                self._seen_summary_tags.add(value.tag)
        self._add_event(protos.Event(summary=_ours(summary, protos.Summary)), global_step)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """Adds a `SessionLog`."""
        self._add_event(protos.Event(session_log=_ours(session_log, protos.SessionLog)), global_step)

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Adds a graph, which TensorBoard then shows. A `GraphDef` is taken too; TF deprecated that.

        Raises: ValueError when both are given; TypeError for anything else.
        """
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        given = graph if graph is not None else graph_def
        if isinstance(given, Graph):
            if graph is None:
                tf_logging.warning(
                    "When passing a `Graph` object, please use the `graph` named argument instead of `graph_def`."
                )
            definition = given.as_graph_def(add_shapes=True)
        elif _is_message(given, "GraphDef"):
            tf_logging.warning(
                "Passing a `GraphDef` to the SummaryWriter is deprecated. Pass a `Graph` object instead, such as "
                "`sess.graph`."
            )
            definition = given
        else:
            raise TypeError("The passed graph must be an instance of `Graph` or the deprecated `GraphDef`")
        self._add_event(protos.Event(graph_def=definition.SerializeToString()), global_step)

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """Adds a `MetaGraphDef`. Raises: TypeError for anything else."""
        if not _is_message(meta_graph_def, "MetaGraphDef"):
            raise TypeError(f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def)}")
        self._add_event(protos.Event(meta_graph_def=meta_graph_def.SerializeToString()), global_step)

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Adds the `RunMetadata` of one run under a tag. Raises: ValueError when there is one of that tag."""
        if tag in self._session_run_tags:
            raise ValueError("The provided tag was already used for this event type")
        self._session_run_tags.add(tag)
        tagged = protos.TaggedRunMetadata(tag=tag, run_metadata=run_metadata.SerializeToString())
        self._add_event(protos.Event(tagged_run_metadata=tagged), global_step)

    def _add_event(self, event: Any, step: Any) -> None:
        event.wall_time = time.time()
        if step is not None:
            event.step = int(step)
        self.event_writer.add_event(event)


def _ours(message: Any, kind: Any) -> Any:
    """The message as one of our own classes; TensorBoard's messages have classes of their own."""
    return message if isinstance(message, kind) else kind.FromString(message.SerializeToString())


@export("summary.FileWriter")
class FileWriter(SummaryToEventTransformer):
    """Writes summaries and graphs to an event file in `logdir`, from a thread of its own.

    `max_queue` events may wait before adding one does; the file is flushed every `flush_secs` seconds.
    With a `session`, events are written by nodes that this adds to its graph, to a file that writers of the session share.
    Raises: an OpError when the directory cannot be made.
    """

    def __init__(
        self,
        logdir: Any,
        graph: Any = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
        session: Any = None,
    ) -> None:
        self._closed = False
        if session is not None:
            events: Any = SessionEventFileWriter(session, logdir, max_queue, flush_secs, filename_suffix)
        else:
            events = EventFileWriter(logdir, max_queue, flush_secs, filename_suffix)
        super().__init__(events, graph, graph_def)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, unused_type: Any, unused_value: Any, unused_traceback: Any) -> None:
        self.close()

    def get_logdir(self) -> str:
        """The directory of the event file."""
        return str(self.event_writer.get_logdir())

    def _warn_if_closed(self) -> None:
        if self._closed:
            warnings.warn(
                "Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter is "
                "explicitly reopened.",
                stacklevel=4,
            )

    def _add_event(self, event: Any, step: Any) -> None:
        self._warn_if_closed()
        super()._add_event(event, step)

    def add_event(self, event: Any) -> None:
        """Adds an `Event` as it is."""
        self._warn_if_closed()
        self.event_writer.add_event(event)

    def flush(self) -> None:
        """Waits until all events so far are in the file."""
        self._warn_if_closed()
        self.event_writer.flush()

    def close(self) -> None:
        """Writes what is queued and closes the file."""
        self.event_writer.close()
        self._closed = True

    def reopen(self) -> None:
        """After close(): takes events again, which go to a new file."""
        self.event_writer.reopen()
        self._closed = False


@export("summary.FileWriterCache")
class FileWriterCache:
    """One `FileWriter` per directory, shared by whoever asks."""

    _cache: dict[Any, FileWriter] = {}
    _lock = threading.RLock()

    @staticmethod
    def clear() -> None:
        """Closes and forgets all of them."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache.clear()

    @staticmethod
    def get(logdir: Any) -> FileWriter:
        """The writer of a directory; a new one gets the default graph."""
        with FileWriterCache._lock:
            if logdir not in FileWriterCache._cache:
                FileWriterCache._cache[logdir] = FileWriter(logdir, graph=get_default_graph())
            return FileWriterCache._cache[logdir]
