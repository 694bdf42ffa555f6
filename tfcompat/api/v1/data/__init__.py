"""Public names of `tf.data`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.data import experimental as experimental

__all__ = [
    "experimental",
]

__getattr__ = _namespace_getattr("tf.data")
