"""Public names of `tf.graph_util`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.importer import import_graph_def as import_graph_def

__all__ = [
    "import_graph_def",
]

__getattr__ = _namespace_getattr("tf.graph_util")
