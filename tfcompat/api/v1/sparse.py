"""Public names of `tf.sparse`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.sparse_tensor import SparseTensor as SparseTensor
from tfcompat.ops.segments import (
    sparse_segment_mean as segment_mean,
    sparse_segment_sqrt_n as segment_sqrt_n,
    sparse_segment_sum as segment_sum,
)
from tfcompat.ops.selecting import sparse_mask as mask

__all__ = [
    "SparseTensor",
    "mask",
    "segment_mean",
    "segment_sqrt_n",
    "segment_sum",
]

__getattr__ = _namespace_getattr("tf.sparse")
