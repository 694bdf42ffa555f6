"""Public names of `tf.keras.backend`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.scopes import name_scope as name_scope

__all__ = [
    "name_scope",
]

__getattr__ = _namespace_getattr("tf.keras.backend")
