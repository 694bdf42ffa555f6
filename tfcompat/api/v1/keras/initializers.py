"""Public names of `tf.keras.initializers`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.initializers import (
    Constant as Constant,
    Identity as Identity,
    Initializer as Initializer,
    Ones as Ones,
    Orthogonal as Orthogonal,
    VarianceScaling as VarianceScaling,
    Zeros as Zeros,
    Constant as constant,
    GlorotNormal as glorot_normal,
    GlorotUniform as glorot_uniform,
    he_normal as he_normal,
    he_uniform as he_uniform,
    Identity as identity,
    lecun_normal as lecun_normal,
    lecun_uniform as lecun_uniform,
    Ones as ones,
    Orthogonal as orthogonal,
    Zeros as zeros,
)

__all__ = [
    "Constant",
    "Identity",
    "Initializer",
    "Ones",
    "Orthogonal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "zeros",
]

__getattr__ = _namespace_getattr("tf.keras.initializers")
