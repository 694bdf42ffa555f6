"""Public names of `tf.compat.v2`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.tensor_proto import make_ndarray as make_ndarray, make_tensor_proto as make_tensor_proto
from tfcompat.platform.tf_logging import get_logger as get_logger
from tfcompat.api.v2 import compat as compat, io as io, sysconfig as sysconfig, train as train

__all__ = [
    "compat",
    "get_logger",
    "io",
    "make_ndarray",
    "make_tensor_proto",
    "sysconfig",
    "train",
]

LAZY = {
    "test": "tfcompat.api.v2.test",
}
__getattr__ = _namespace_getattr("tf.compat.v2", LAZY)
