"""Event files: what TensorBoard reads. Written by a thread of their own, which exists only once a writer does.

Source: TF 1.15, core/util/events_writer.cc, python/summary/writer/event_file_writer.py, summary_iterator.py.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

from tfcompat.framework import protos, tf_logging
from tfcompat.framework.compat_strings import as_bytes
from tfcompat.framework.export import export
from tfcompat.io.tfrecord import TFRecordWriter, tf_record_iterator
from tfcompat.platform import filesystem, gfile

_FILE_VERSION = "brain.Event:2"
# How long the end of a program waits for events that are still to be written.
_SECONDS_TO_FINISH = 30.0


class EventsWriter:
    """Writes serialized events to `<prefix>.out.tfevents.<time>.<host><suffix>`, which is made with the first one.

    Once a flush finds that somebody removed the file, the next event makes a new one.
    """

    def __init__(self, file_prefix: str) -> None:
        self._prefix = file_prefix
        self._suffix = ""
        self._name = ""
        self._records: TFRecordWriter | None = None
        self._unflushed = 0

    def init_with_suffix(self, suffix: str) -> None:
        """Makes the file, its name ending in `suffix`. Raises: an OpError when that fails."""
        self._suffix = suffix
        self._open()

    @property
    def file_name(self) -> str:
        """The name of the file; empty while there is none."""
        return self._name

    def _open(self) -> TFRecordWriter:
        if self._records is not None:
            return self._records
        seconds = int(time.time())
        self._name = f"{self._prefix}.out.tfevents.{seconds:010d}.{socket.gethostname()}{self._suffix}"
        self._records = TFRecordWriter(self._name)
        # Flushed at once, so that it can be seen what the file is.
        first = protos.Event(wall_time=seconds, file_version=_FILE_VERSION)
        self._records.write(first.SerializeToString())
        self._records.flush()
        self._unflushed = 0
        return self._records

    def write_event(self, event: Any) -> None:
        """Appends an `Event`, ours or TensorBoard's. Raises: an OpError when there can be no file."""
        records = self._open()
        self._unflushed += 1
        records.write(event.SerializeToString())

    def flush(self) -> None:
        """Hands what was written to the operating system; says so when somebody removed the file."""
        if self._records is None or not self._unflushed:
            return
        self._records.flush()
        if not filesystem.exists(self._name):
            tf_logging.error(
                "Failed to flush %d events to %s: The events file %s has disappeared.",
                self._unflushed,
                self._name,
                self._name,
            )
            self.close()
        self._unflushed = 0

    def close(self) -> None:
        """Flushes and closes the file; a later event makes a new one."""
        records, self._records = self._records, None
        self._unflushed = 0
        if records is not None:
            records.close()


class _Worker(threading.Thread):
    """Takes events from a queue and writes them, until it meets the event that says stop."""

    def __init__(self, events: queue.Queue[Any], writer: EventsWriter, flush_secs: float, stop: Any) -> None:
        super().__init__(name="tfcompat-events", daemon=True)
        self._events = events
        self._writer = writer
        self._flush_secs = flush_secs
        self._stop_event = stop
        self._next_flush = 0.0  # the first event is flushed at once

    def run(self) -> None:
        while (event := self._events.get()) is not self._stop_event:
            try:
                self._writer.write_event(event)
                now = time.time()
                if now > self._next_flush:
                    self._writer.flush()
                    self._next_flush = now + self._flush_secs
            except Exception as cause:
                # A full disk must not end the thread: whoever waits for the queue would wait for ever.
                tf_logging.error("Could not write an event to %s: %s", self._writer.file_name, cause)
            finally:
                self._events.task_done()
        self._events.task_done()


def _finish(events: queue.Queue[Any], writer: EventsWriter, worker: threading.Thread, stop: Any) -> None:
    """What close() does, for a writer that is dropped or still open when the program ends."""
    if worker.is_alive():
        try:
            events.put(stop, timeout=_SECONDS_TO_FINISH)
        except queue.Full:
            return
        worker.join(_SECONDS_TO_FINISH)
    writer.close()


class EventFileWriter:
    """Writes `Event` messages to a new file in `logdir`, which is made where it does not exist.

    `max_queue` events may wait before `add_event` does; the file is flushed every `flush_secs` seconds.
    Raises: an OpError when the directory, or with a suffix the file, cannot be made.
    """

    def __init__(
        self, logdir: Any, max_queue: int = 10, flush_secs: float = 120, filename_suffix: str | None = None
    ) -> None:
        self._logdir = str(logdir)
        if not gfile.is_directory(self._logdir):
            gfile.recursive_create_dir(self._logdir)
        self._events: queue.Queue[Any] = queue.Queue(max_queue)
        self._writer = EventsWriter(os.path.join(self._logdir, "events"))
        self._flush_secs = flush_secs
        self._stop = object()
        if filename_suffix:
            self._writer.init_with_suffix(as_bytes(filename_suffix).decode())
        self._start()

    def _start(self) -> None:
        self._worker = _Worker(self._events, self._writer, self._flush_secs, self._stop)
        self._worker.start()
        self._closed = False
        self._finalizer = weakref.finalize(self, _finish, self._events, self._writer, self._worker, self._stop)

    def get_logdir(self) -> str:
        """The directory of the file."""
        return self._logdir

    def reopen(self) -> None:
        """After close(): takes events again, which go to a new file. Does nothing while open."""
        if self._closed:
            self._start()

    def add_event(self, event: Any) -> None:
        """Queues an event; when closed, drops it."""
        if not self._closed:
            self._events.put(event)

    def flush(self) -> None:
        """Waits until all events so far are in the file."""
        self._events.join()
        self._writer.flush()

    def close(self) -> None:
        """Writes what is queued and closes the file."""
        if self._closed:
            return
        self._finalizer.detach()
        self._events.put(self._stop)
        self._worker.join()
        self._closed = True
        self._writer.flush()
        self._writer.close()


@export("train.summary_iterator")
def summary_iterator(path: Any) -> Iterator[Any]:
    """The `Event` messages of an event file.

    Raises: an OpError when the file cannot be read; DataLossError at a damaged one.
    """
    for record in tf_record_iterator(path):
        yield protos.Event.FromString(record)
