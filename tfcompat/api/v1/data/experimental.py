"""Public names of `tf.data.experimental`; written by tools/generate_api.py."""

from tfcompat.data.structure import _SparseTensorStructure as SparseTensorStructure, _TensorStructure as TensorStructure
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.type_spec import TypeSpec as Structure

__all__ = [
    "SparseTensorStructure",
    "Structure",
    "TensorStructure",
]

__getattr__ = _namespace_getattr("tf.data.experimental")
