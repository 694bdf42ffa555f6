"""Public names of `tf.keras.optimizers`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.keras.optimizers import schedules as schedules

__all__ = [
    "schedules",
]

__getattr__ = _namespace_getattr("tf.keras.optimizers")
