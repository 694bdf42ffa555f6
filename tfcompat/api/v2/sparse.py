"""Public names of `tf.compat.v2.sparse`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.sparse import (
    sparse_concat_v2 as concat,
    sparse_expand_dims as expand_dims,
    sparse_eye as eye,
    sparse_fill_empty_rows as fill_empty_rows,
    from_dense as from_dense,
    sparse_reorder as reorder,
    sparse_reset_shape as reset_shape,
    sparse_reshape as reshape,
    sparse_retain as retain,
    sparse_slice as slice,
    sparse_split_v2 as split,
    sparse_tensor_to_dense as to_dense,
    sparse_to_indicator as to_indicator,
    sparse_transpose as transpose,
)
from tfcompat.ops.sparse_arithmetic import (
    sparse_add_v2 as add,
    sparse_maximum as maximum,
    sparse_minimum as minimum,
    sparse_reduce_max_v2 as reduce_max,
    sparse_reduce_sum_v2 as reduce_sum,
    sparse_softmax as softmax,
    sparse_tensor_dense_matmul as sparse_dense_matmul,
)
from tfcompat.ops.sparse_cross import sparse_cross as cross, sparse_cross_hashed as cross_hashed

__all__ = [
    "add",
    "concat",
    "cross",
    "cross_hashed",
    "expand_dims",
    "eye",
    "fill_empty_rows",
    "from_dense",
    "maximum",
    "minimum",
    "reduce_max",
    "reduce_sum",
    "reorder",
    "reset_shape",
    "reshape",
    "retain",
    "slice",
    "softmax",
    "sparse_dense_matmul",
    "split",
    "to_dense",
    "to_indicator",
    "transpose",
]

__getattr__ = _namespace_getattr("tf.compat.v2.sparse")
