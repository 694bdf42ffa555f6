"""Public names of `tf.contrib.util`; written by tools/generate_api.py."""

from tfcompat.framework.constant_value import (
    constant_value as constant_value,
    constant_value_as_shape as constant_value_as_shape,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.graph_def import stripped_op_list_for_graph as stripped_op_list_for_graph

__all__ = [
    "constant_value",
    "constant_value_as_shape",
    "stripped_op_list_for_graph",
]

__getattr__ = _namespace_getattr("tf.contrib.util")
