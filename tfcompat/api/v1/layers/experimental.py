"""Public names of `tf.layers.experimental`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.layers.keras_style import keras_style_scope as keras_style_scope, set_keras_style as set_keras_style

__all__ = [
    "keras_style_scope",
    "set_keras_style",
]

__getattr__ = _namespace_getattr("tf.layers.experimental")
