"""Public names of `tf.image`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.patches import extract_image_patches as extract_image_patches, extract_patches as extract_patches
from tfcompat.ops.random import random_crop as random_crop

__all__ = [
    "extract_image_patches",
    "extract_patches",
    "random_crop",
]

__getattr__ = _namespace_getattr("tf.image")
