"""The messages BenchmarkEntries, BenchmarkEntry and MetricEntry, in which benchmarks report.

Source: TF 1.15, core/util/test_log.proto.
"""

from __future__ import annotations

import functools
from typing import Any

_NUMBER, _TEXT, _MESSAGE, _INTEGER = 1, 9, 11, 3  # protobuf's numbers for double, string, message, int64
_BOUND = ".google.protobuf.DoubleValue"

# message -> (field, number, type, message type, repeated)
_FIELDS: dict[str, list[tuple[str, int, int, str, bool]]] = {
    "EntryValue": [("double_value", 1, _NUMBER, "", False), ("string_value", 2, _TEXT, "", False)],
    "MetricEntry": [
        ("name", 1, _TEXT, "", False),
        ("value", 2, _NUMBER, "", False),
        ("min_value", 3, _MESSAGE, _BOUND, False),
        ("max_value", 4, _MESSAGE, _BOUND, False),
    ],
    "BenchmarkEntry": [
        ("name", 1, _TEXT, "", False),
        ("iters", 2, _INTEGER, "", False),
        ("cpu_time", 3, _NUMBER, "", False),
        ("wall_time", 4, _NUMBER, "", False),
        ("throughput", 5, _NUMBER, "", False),
        ("extras", 6, _MESSAGE, ".tensorflow.BenchmarkEntry.ExtrasEntry", True),
        ("metrics", 7, _MESSAGE, ".tensorflow.MetricEntry", True),
    ],
    "BenchmarkEntries": [("entry", 1, _MESSAGE, ".tensorflow.BenchmarkEntry", True)],
}


def _fill(message: Any, fields: list[tuple[str, int, int, str, bool]]) -> None:
    for name, number, kind, type_name, repeated in fields:
        message.field.add(name=name, number=number, type=kind, type_name=type_name or None, label=3 if repeated else 1)


@functools.cache
def message_class(name: str) -> Any:
    """The class of one of the messages above."""
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"tensorflow.{name}"))


@functools.cache
def _pool() -> Any:
    """A pool of our own: real TensorFlow may have put the same names in the default one."""
    from google.protobuf import descriptor_pb2, descriptor_pool, wrappers_pb2

    pool = descriptor_pool.DescriptorPool()
    wrappers_pb2.DESCRIPTOR.CopyToProto(wrappers := descriptor_pb2.FileDescriptorProto())
    pool.Add(wrappers)
    file = descriptor_pb2.FileDescriptorProto(
        name="tfcompat/benchmark_entries.proto", package="tensorflow", syntax="proto3", dependency=[wrappers.name]
    )
    for name, fields in _FIELDS.items():
        _fill(file.message_type.add(name=name), fields)
    value, entry = file.message_type[0], file.message_type[2]
    value.oneof_decl.add(name="kind")
    for field in value.field:
        field.oneof_index = 0
    extras = entry.nested_type.add(name="ExtrasEntry")
    extras.options.map_entry = True
    _fill(extras, [("key", 1, _TEXT, "", False), ("value", 2, _MESSAGE, ".tensorflow.EntryValue", False)])
    pool.Add(file)
    return pool
