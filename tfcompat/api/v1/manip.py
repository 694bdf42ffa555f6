"""Public names of `tf.manip`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.arrays import tile as tile
from tfcompat.ops.blocks import batch_to_space_nd as batch_to_space_nd, space_to_batch_nd as space_to_batch_nd
from tfcompat.ops.gathering import gather_nd as gather_nd, scatter_nd as scatter_nd
from tfcompat.ops.permuting import reverse as reverse, roll as roll
from tfcompat.ops.shapes import reshape as reshape

__all__ = [
    "batch_to_space_nd",
    "gather_nd",
    "reshape",
    "reverse",
    "roll",
    "scatter_nd",
    "space_to_batch_nd",
    "tile",
]

__getattr__ = _namespace_getattr("tf.manip")
