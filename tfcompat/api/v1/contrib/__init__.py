"""Public names of `tf.contrib`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.contrib import layers as layers, nn as nn, rnn as rnn, util as util

__all__ = [
    "layers",
    "nn",
    "rnn",
    "util",
]

__getattr__ = _namespace_getattr("tf.contrib")
