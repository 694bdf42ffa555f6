"""Public names of `tf.experimental`; written by tools/generate_api.py."""

from tfcompat.data.optional import Optional as Optional
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "Optional",
]

__getattr__ = _namespace_getattr("tf.experimental")
