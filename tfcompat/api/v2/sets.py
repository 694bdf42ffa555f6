"""Public names of `tf.compat.v2.sets`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.sets import (
    set_difference as difference,
    set_intersection as intersection,
    set_size as size,
    set_union as union,
)

__all__ = [
    "difference",
    "intersection",
    "size",
    "union",
]

__getattr__ = _namespace_getattr("tf.compat.v2.sets")
