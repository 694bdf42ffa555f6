"""Public names of `tf.distribute`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.training.server_lib import Server as Server

__all__ = [
    "Server",
]

__getattr__ = _namespace_getattr("tf.distribute")
