"""Threads that keep queues filled.

Source: TF 1.15, python/training/queue_runner_impl.py.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import Any

from tfcompat.client.session import BaseSession
from tfcompat.framework import errors, protos, stacks, tf_logging
from tfcompat.framework.collection_protos import register_proto_function
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.framework.scopes import prepend_name_scope, strip_name_scope
from tfcompat.training.coordinator import Coordinator


@export("train.queue_runner.QueueRunner", "train.QueueRunner")
class QueueRunner:
    """Runs each of `enqueue_ops` again and again in a thread of its own, until the queue is closed or all must stop.

    Raises: ValueError when the queue or the operations are missing; TypeError for exception types that are not TF's.
    """

    def __init__(
        self,
        queue: Any = None,
        enqueue_ops: Sequence[Any] | None = None,
        close_op: Any = None,
        cancel_op: Any = None,
        queue_closed_exception_types: tuple[type, ...] | None = None,
        queue_runner_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        if queue_runner_def:
            if queue or enqueue_ops:
                raise ValueError("queue_runner_def and queue are mutually exclusive.")
            self._init_from_proto(queue_runner_def, import_scope)
        else:
            self._init_from_args(queue, enqueue_ops, close_op, cancel_op, queue_closed_exception_types)
        self._lock = threading.Lock()
        # How many threads still run for a session.
        self._runs_per_session: Any = weakref.WeakKeyDictionary()
        self._exceptions_raised: list[Exception] = []

    def _init_from_args(self, queue: Any, enqueue_ops: Any, close_op: Any, cancel_op: Any, closed_types: Any) -> None:
        if not queue or not enqueue_ops:
            raise ValueError("Must provide queue and enqueue_ops.")
        if closed_types is not None and not (
            isinstance(closed_types, tuple)
            and closed_types
            and all(issubclass(t, errors.OpError) for t in closed_types)
        ):
            raise TypeError(
                "queue_closed_exception_types, when provided, must be a tuple of tf.error types, but saw: "
                f"{closed_types}"
            )
        self._queue = queue
        self._enqueue_ops = enqueue_ops
        # Closing keeps what is being enqueued; cancelling, after an error, unblocks whoever waits.
        self._close_op = queue.close() if close_op is None else close_op
        self._cancel_op = queue.close(cancel_pending_enqueues=True) if cancel_op is None else cancel_op
        self._queue_closed_exception_types = closed_types or (errors.OutOfRangeError,)

    def _init_from_proto(self, message: Any, import_scope: str | None) -> None:
        assert isinstance(message, protos.QueueRunnerDef)
        graph = stacks.get_default_graph()

        def element(name: str) -> Any:
            return graph.as_graph_element(prepend_name_scope(name, import_scope))

        self._queue = element(message.queue_name)
        self._enqueue_ops = [element(name) for name in message.enqueue_op_name]
        self._close_op = element(message.close_op_name)
        self._cancel_op = element(message.cancel_op_name)
        self._queue_closed_exception_types = tuple(
            errors.exception_type_from_error_code(code) for code in message.queue_closed_exception_types
        ) or (errors.OutOfRangeError,)

    @property
    def queue(self) -> Any:
        return self._queue

    @property
    def enqueue_ops(self) -> Any:
        return self._enqueue_ops

    @property
    def close_op(self) -> Any:
        return self._close_op

    @property
    def cancel_op(self) -> Any:
        return self._cancel_op

    @property
    def queue_closed_exception_types(self) -> tuple[type, ...]:
        """The exceptions that mean that the queue was closed."""
        return self._queue_closed_exception_types

    @property
    def exceptions_raised(self) -> list[Exception]:
        """What the threads raised, when no coordinator takes it."""
        return self._exceptions_raised

    @property
    def name(self) -> str:
        """The name of the queue."""
        return self._queue.name  # type: ignore[no-any-return]

    # --- threads ---

    def _run(self, sess: Any, enqueue_op: Any, coord: Coordinator | None = None) -> None:
        counted = True
        try:
            enqueue = sess.make_callable(enqueue_op)
            while not (coord and coord.should_stop()):
                try:
                    enqueue()
                except self._queue_closed_exception_types:
                    counted = False
                    if self._one_less(sess) == 0:
                        _run_quietly(sess, self._close_op)
                    return
        except Exception as cause:
            if coord:
                coord.request_stop(cause)
            else:
                tf_logging.error("Exception in QueueRunner: %s", cause)
                with self._lock:
                    self._exceptions_raised.append(cause)
                raise
        finally:
            if counted:
                self._one_less(sess)

    def _one_less(self, sess: Any) -> int:
        with self._lock:
            self._runs_per_session[sess] -= 1
            return self._runs_per_session[sess]  # type: ignore[no-any-return]

    def _close_on_stop(self, sess: Any, cancel_op: Any, coord: Coordinator) -> None:
        coord.wait_for_stop()
        _run_quietly(sess, cancel_op)

    def create_threads(
        self, sess: Any, coord: Coordinator | None = None, daemon: bool = False, start: bool = False
    ) -> list[threading.Thread]:
        """One thread per enqueue operation, and with a coordinator one that cancels when all must stop.

        None for a session whose threads are still running.
        """
        with self._lock:
            if self._runs_per_session.get(sess, 0) > 0:
                return []
            self._runs_per_session[sess] = len(self._enqueue_ops)
            self._exceptions_raised = []
        threads = [
            threading.Thread(target=self._run, args=(sess, op, coord), name=f"QueueRunnerThread-{self.name}-{op.name}")
            for op in self._enqueue_ops
        ]
        if coord:
            threads.append(
                threading.Thread(
                    target=self._close_on_stop,
                    args=(sess, self._cancel_op, coord),
                    name=f"QueueRunnerThread-{self.name}-close_on_stop",
                )
            )
        for t in threads:
            if coord:
                coord.register_thread(t)
            if daemon:
                t.daemon = True
            if start:
                t.start()
        return threads

    # --- protos ---

    def to_proto(self, export_scope: str | None = None) -> Any:
        """A QueueRunnerDef; None when the queue is not under `export_scope`."""
        if export_scope is not None and not self.queue.name.startswith(export_scope):
            return None
        return protos.QueueRunnerDef(
            queue_name=strip_name_scope(self.queue.name, export_scope),
            enqueue_op_name=[strip_name_scope(op.name, export_scope) for op in self.enqueue_ops],
            close_op_name=strip_name_scope(self.close_op.name, export_scope),
            cancel_op_name=strip_name_scope(self.cancel_op.name, export_scope),
            queue_closed_exception_types=[
                errors.error_code_from_exception_type(t) for t in self._queue_closed_exception_types
            ],
        )

    @staticmethod
    def from_proto(queue_runner_def: Any, import_scope: str | None = None) -> QueueRunner:
        """A runner on nodes that are in the default graph already."""
        return QueueRunner(queue_runner_def=queue_runner_def, import_scope=import_scope)


def _run_quietly(sess: Any, op: Any) -> None:
    """Closing a queue that is gone already, or whose session is, is no error."""
    try:
        sess.run(op)
    except Exception as cause:
        tf_logging.vlog(1, "Ignored exception: %s", cause)


@export("train.queue_runner.add_queue_runner", "train.add_queue_runner")
def add_queue_runner(qr: QueueRunner, collection: str = GraphKeys.QUEUE_RUNNERS) -> None:
    """Adds a runner to a collection of the default graph."""
    stacks.get_default_graph().add_to_collection(collection, qr)


@export("train.queue_runner.start_queue_runners", "train.start_queue_runners")
def start_queue_runners(
    sess: Any = None,
    coord: Coordinator | None = None,
    daemon: bool = True,
    start: bool = True,
    collection: str = GraphKeys.QUEUE_RUNNERS,
) -> list[threading.Thread]:
    """Starts the threads of all runners in a collection of the default graph; returns them.

    Raises: ValueError without a session; TypeError when `sess` is none.
    """
    if sess is None:
        sess = stacks.get_default_session()
        if not sess:
            raise ValueError(
                "Cannot start queue runners: No default session is registered. Use `with sess.as_default()` or pass an "
                "explicit session to tf.start_queue_runners(sess=sess)"
            )
    if not isinstance(sess, BaseSession):
        # These start the runners themselves.
        if type(sess).__name__ in ("MonitoredSession", "SingularMonitoredSession"):
            return []
        raise TypeError(f"sess must be a `tf.Session` object. Given class: {sess.__class__}")
    runners = stacks.get_default_graph().get_collection(collection)
    if not runners:
        tf_logging.warning(
            "`tf.train.start_queue_runners()` was called when no queue runners were defined. You can safely remove the "
            "call to this deprecated function."
        )
    with sess.graph.as_default():
        return [t for qr in runners for t in qr.create_threads(sess, coord=coord, daemon=daemon, start=start)]


register_proto_function(GraphKeys.QUEUE_RUNNERS, lambda: protos.QueueRunnerDef, QueueRunner.to_proto, QueueRunner.from_proto)
