"""Public names of `tf.debugging`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.assertions import Assert as Assert
from tfcompat.ops.comparison import is_finite as is_finite, is_inf as is_inf, is_nan as is_nan

__all__ = [
    "Assert",
    "is_finite",
    "is_inf",
    "is_nan",
]

__getattr__ = _namespace_getattr("tf.debugging")
