"""Public names of `tf.compat.v2.lookup.experimental`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.training.mutable_tables import DenseHashTable as DenseHashTable

__all__ = [
    "DenseHashTable",
]

__getattr__ = _namespace_getattr("tf.compat.v2.lookup.experimental")
