"""Public names of `tf.autodiff`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.gradients.tape import ForwardAccumulator as ForwardAccumulator

__all__ = [
    "ForwardAccumulator",
]

__getattr__ = _namespace_getattr("tf.autodiff")
