"""Public names of `tf.compat.v2.data`; written by tools/generate_api.py."""

from tfcompat.data.dataset import DatasetSpec as DatasetSpec
from tfcompat.data.options import Options as Options
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v2.data import experimental as experimental

__all__ = [
    "DatasetSpec",
    "Options",
    "experimental",
]

__getattr__ = _namespace_getattr("tf.compat.v2.data")
