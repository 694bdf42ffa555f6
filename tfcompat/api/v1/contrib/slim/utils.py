"""Public names of `tf.contrib.slim.utils`; written by tools/generate_api.py."""

from tfcompat.contrib.named_outputs import (
    append_tensor_alias as append_tensor_alias,
    collect_named_outputs as collect_named_outputs,
    convert_collection_to_dict as convert_collection_to_dict,
    gather_tensors_aliases as gather_tensors_aliases,
    get_tensor_aliases as get_tensor_aliases,
    get_variable_collections as get_variable_collections,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "append_tensor_alias",
    "collect_named_outputs",
    "convert_collection_to_dict",
    "gather_tensors_aliases",
    "get_tensor_aliases",
    "get_variable_collections",
]

__getattr__ = _namespace_getattr("tf.contrib.slim.utils")
