"""Public names of `tf.compat.v2.linalg`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.clipping import global_norm as global_norm
from tfcompat.ops.factorizations import cholesky as cholesky, lu as lu, qr as qr
from tfcompat.ops.linalg_common import adjoint as adjoint
from tfcompat.ops.matmul import matvec as matvec
from tfcompat.ops.matrix_functions import matrix_exponential as expm, logm as logm, matrix_square_root as sqrtm
from tfcompat.ops.moments import l2_normalize_v2 as l2_normalize
from tfcompat.ops.norms import (
    cross as cross,
    matrix_rank as matrix_rank,
    norm_v2 as norm,
    normalize as normalize,
    pinv as pinv,
    trace as trace,
)
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
    "cholesky",
    "cholesky_solve",
    "cross",
    "det",
    "eigh",
    "eigvalsh",
    "expm",
    "global_norm",
    "inv",
    "l2_normalize",
    "logdet",
    "logm",
    "lstsq",
    "lu",
    "matrix_rank",
    "matvec",
    "norm",
    "normalize",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "sqrtm",
    "svd",
    "trace",
    "triangular_solve",
    "tridiagonal_matmul",
    "tridiagonal_solve",
]

__getattr__ = _namespace_getattr("tf.compat.v2.linalg")
