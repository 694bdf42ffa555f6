"""Public names of `tf.train.queue_runner`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.training.queue_runner import (
    QueueRunner as QueueRunner,
    add_queue_runner as add_queue_runner,
    start_queue_runners as start_queue_runners,
)

__all__ = [
    "QueueRunner",
    "add_queue_runner",
    "start_queue_runners",
]

__getattr__ = _namespace_getattr("tf.train.queue_runner")
