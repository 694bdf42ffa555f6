"""Public names of `tf.contrib.data`; written by tools/generate_api.py."""

from tfcompat.data.experimental import (
    bucket_by_sequence_length as bucket_by_sequence_length,
    group_by_window as group_by_window,
    ignore_errors as ignore_errors,
    map_and_batch as map_and_batch,
    parallel_interleave as parallel_interleave,
    scan as scan,
    shuffle_and_repeat as shuffle_and_repeat,
    unbatch as unbatch,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "bucket_by_sequence_length",
    "group_by_window",
    "ignore_errors",
    "map_and_batch",
    "parallel_interleave",
    "scan",
    "shuffle_and_repeat",
    "unbatch",
]

__getattr__ = _namespace_getattr("tf.contrib.data")
