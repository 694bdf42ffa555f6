"""Public names of `tf.keras.layers`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.layers.input_spec import InputSpec as InputSpec

__all__ = [
    "InputSpec",
]

__getattr__ = _namespace_getattr("tf.keras.layers")
