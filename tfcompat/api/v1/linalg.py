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
from tfcompat.ops.einsum import einsum as einsum
from tfcompat.ops.factorizations import cholesky as cholesky, lu as lu, qr as qr
from tfcompat.ops.linalg_common import adjoint as adjoint
from tfcompat.ops.matmul import matmul as matmul, matvec as matvec, tensordot as tensordot
from tfcompat.ops.matrix_functions import matrix_exponential as expm, logm as logm, matrix_square_root as sqrtm
from tfcompat.ops.moments import l2_normalize as l2_normalize
from tfcompat.ops.norms import (
    cross as cross,
    matrix_rank as matrix_rank,
    norm as norm,
    normalize as normalize,
    pinv as pinv,
    trace as trace,
)
from tfcompat.ops.permuting import matrix_transpose as matrix_transpose, matrix_transpose as transpose
from tfcompat.ops.solving import (
    cholesky_solve as cholesky_solve,
    matrix_determinant as det,
    matrix_inverse as inv,
    logdet as logdet,
    matrix_solve_ls as lstsq,
    slogdet as slogdet,
    matrix_solve as solve,
    matrix_triangular_solve as triangular_solve,
)
from tfcompat.ops.spectral import self_adjoint_eig as eigh, self_adjoint_eigvals as eigvalsh, svd as svd
from tfcompat.ops.tridiagonal import tridiagonal_matmul as tridiagonal_matmul, tridiagonal_solve as tridiagonal_solve

__all__ = [
    "adjoint",
    "band_part",
    "cholesky",
    "cholesky_solve",
    "cross",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "eigvalsh",
    "einsum",
    "expm",
    "eye",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "logm",
    "lstsq",
    "lu",
    "matmul",
    "matrix_rank",
    "matrix_transpose",
    "matvec",
    "norm",
    "normalize",
    "pinv",
    "qr",
    "set_diag",
    "slogdet",
    "solve",
    "sqrtm",
    "svd",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "transpose",
    "triangular_solve",
    "tridiagonal_matmul",
    "tridiagonal_solve",
]

__getattr__ = _namespace_getattr("tf.linalg")
