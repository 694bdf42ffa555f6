"""Public names of `tf.compat.v2.strings`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.printing import string_format as format
from tfcompat.ops.string_join import string_join as join

__all__ = [
    "format",
    "join",
]

__getattr__ = _namespace_getattr("tf.compat.v2.strings")
