"""Public names of `tf.compat.v2.linalg`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.clipping import global_norm as global_norm
from tfcompat.ops.einsum import trace as trace
from tfcompat.ops.matmul import matvec as matvec

__all__ = [
    "global_norm",
    "matvec",
    "trace",
]

__getattr__ = _namespace_getattr("tf.compat.v2.linalg")
