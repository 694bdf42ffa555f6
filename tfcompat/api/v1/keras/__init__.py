"""Public names of `tf.keras`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.keras import (
    backend as backend,
    experimental as experimental,
    initializers as initializers,
    layers as layers,
    optimizers as optimizers,
)

__all__ = [
    "backend",
    "experimental",
    "initializers",
    "layers",
    "optimizers",
]

__getattr__ = _namespace_getattr("tf.keras")
