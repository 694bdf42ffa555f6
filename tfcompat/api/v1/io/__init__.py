"""Public names of `tf.io`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.io import gfile as gfile

__all__ = [
    "gfile",
]

__getattr__ = _namespace_getattr("tf.io")
