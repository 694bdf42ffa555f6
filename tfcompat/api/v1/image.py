"""Public names of `tf.image`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.random import random_crop as random_crop

__all__ = [
    "random_crop",
]

__getattr__ = _namespace_getattr("tf.image")
