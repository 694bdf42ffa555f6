"""Public names of `tf.contrib.slim.learning`; written by tools/generate_api.py."""

from tfcompat.contrib.train_ops import (
    add_gradients_summaries as add_gradients_summaries,
    clip_gradient_norms as clip_gradient_norms,
    slim_create_train_op as create_train_op,
    multiply_gradients as multiply_gradients,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "add_gradients_summaries",
    "clip_gradient_norms",
    "create_train_op",
    "multiply_gradients",
]

__getattr__ = _namespace_getattr("tf.contrib.slim.learning")
