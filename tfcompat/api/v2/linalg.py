"""Public names of `tf.compat.v2.linalg`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.clipping import global_norm as global_norm
from tfcompat.ops.einsum import trace as trace
from tfcompat.ops.factorizations import qr as qr
from tfcompat.ops.linalg_common import adjoint as adjoint
from tfcompat.ops.matmul import matvec as matvec
from tfcompat.ops.solving import matrix_triangular_solve as triangular_solve

__all__ = [
    "adjoint",
    "global_norm",
    "matvec",
    "qr",
    "trace",
    "triangular_solve",
]

__getattr__ = _namespace_getattr("tf.compat.v2.linalg")
