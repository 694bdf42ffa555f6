"""Public names of `tf.contrib.nn`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.topk import nth_element as nth_element

__all__ = [
    "nth_element",
]

__getattr__ = _namespace_getattr("tf.contrib.nn")
