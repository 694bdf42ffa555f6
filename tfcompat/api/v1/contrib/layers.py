"""Public names of `tf.contrib.layers`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.gradients.custom_gradient import recompute_grad as recompute_grad

__all__ = [
    "recompute_grad",
]

__getattr__ = _namespace_getattr("tf.contrib.layers")
