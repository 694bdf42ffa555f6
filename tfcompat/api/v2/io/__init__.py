"""Public names of `tf.compat.v2.io`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.io.tfrecord import TFRecordOptions as TFRecordOptions, TFRecordWriter as TFRecordWriter
from tfcompat.training.graph_io import write_graph as write_graph
from tfcompat.api.v2.io import gfile as gfile

__all__ = [
    "TFRecordOptions",
    "TFRecordWriter",
    "gfile",
    "write_graph",
]

__getattr__ = _namespace_getattr("tf.compat.v2.io")
