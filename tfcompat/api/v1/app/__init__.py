"""Public names of `tf.app`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.platform.app import run as run
from tfcompat.api.v1.app import flags as flags

__all__ = [
    "flags",
    "run",
]

__getattr__ = _namespace_getattr("tf.app")
