"""Public names of `tf.contrib.training`; written by tools/generate_api.py."""

from tfcompat.contrib.hparam import HParams as HParams, parse_values as parse_values
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "HParams",
    "parse_values",
]

__getattr__ = _namespace_getattr("tf.contrib.training")
