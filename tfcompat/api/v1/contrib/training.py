"""Public names of `tf.contrib.training`; written by tools/generate_api.py."""

from tfcompat.contrib.hparam import HParams as HParams, parse_values as parse_values
from tfcompat.contrib.train_ops import (
    add_gradients_summaries as add_gradients_summaries,
    clip_gradient_norms as clip_gradient_norms,
    clip_gradient_norms_fn as clip_gradient_norms_fn,
    create_train_op as create_train_op,
    multiply_gradients as multiply_gradients,
    train as train,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "HParams",
    "add_gradients_summaries",
    "clip_gradient_norms",
    "clip_gradient_norms_fn",
    "create_train_op",
    "multiply_gradients",
    "parse_values",
    "train",
]

__getattr__ = _namespace_getattr("tf.contrib.training")
