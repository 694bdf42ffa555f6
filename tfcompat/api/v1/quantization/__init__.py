"""Public names of `tf.quantization`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.quantization import experimental as experimental

__all__ = [
    "experimental",
]

__getattr__ = _namespace_getattr("tf.quantization")
