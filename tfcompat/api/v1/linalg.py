"""Public names of `tf.linalg`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.clipping import global_norm as global_norm
from tfcompat.ops.diagonals import (
    matrix_band_part as band_part,
    matrix_diag as diag,
    matrix_diag_part as diag_part,
    eye as eye,
    matrix_set_diag as set_diag,
    diag as tensor_diag,
    diag_part as tensor_diag_part,
)
from tfcompat.ops.einsum import einsum as einsum, trace as trace
from tfcompat.ops.factorizations import qr as qr
from tfcompat.ops.linalg_common import adjoint as adjoint
from tfcompat.ops.matmul import matmul as matmul, matvec as matvec, tensordot as tensordot
from tfcompat.ops.permuting import matrix_transpose as matrix_transpose, matrix_transpose as transpose
from tfcompat.ops.solving import matrix_triangular_solve as triangular_solve

__all__ = [
    "adjoint",
    "band_part",
    "diag",
    "diag_part",
    "einsum",
    "eye",
    "global_norm",
    "matmul",
    "matrix_transpose",
    "matvec",
    "qr",
    "set_diag",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "transpose",
    "triangular_solve",
]

__getattr__ = _namespace_getattr("tf.linalg")
