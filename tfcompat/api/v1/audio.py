"""Public names of `tf.audio`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.audio import decode_wav as decode_wav, encode_wav as encode_wav

__all__ = [
    "decode_wav",
    "encode_wav",
]

__getattr__ = _namespace_getattr("tf.audio")
