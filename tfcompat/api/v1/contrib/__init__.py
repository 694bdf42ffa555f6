"""Public names of `tf.contrib`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.contrib import (
    data as data,
    framework as framework,
    layers as layers,
    lookup as lookup,
    losses as losses,
    nn as nn,
    rnn as rnn,
    slim as slim,
    summary as summary,
    training as training,
    util as util,
)

__all__ = [
    "data",
    "framework",
    "layers",
    "lookup",
    "losses",
    "nn",
    "rnn",
    "slim",
    "summary",
    "training",
    "util",
]

__getattr__ = _namespace_getattr("tf.contrib")
