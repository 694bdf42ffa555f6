"""Public names of `tf.sets`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.sets import (
    set_difference as difference,
    set_intersection as intersection,
    set_difference as set_difference,
    set_intersection as set_intersection,
    set_size as set_size,
    set_union as set_union,
    set_size as size,
    set_union as union,
)

__all__ = [
    "difference",
    "intersection",
    "set_difference",
    "set_intersection",
    "set_size",
    "set_union",
    "size",
    "union",
]

__getattr__ = _namespace_getattr("tf.sets")
