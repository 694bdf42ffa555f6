"""Public names of `tf.contrib.framework.nest`; written by tools/generate_api.py."""

from tfcompat.contrib.other_names import (
    assert_same_structure as assert_same_structure,
    flatten as flatten,
    is_sequence as is_sequence,
    map_structure as map_structure,
    pack_sequence_as as pack_sequence_as,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "assert_same_structure",
    "flatten",
    "is_sequence",
    "map_structure",
    "pack_sequence_as",
]

__getattr__ = _namespace_getattr("tf.contrib.framework.nest")
