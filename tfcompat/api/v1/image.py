"""Public names of `tf.image`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.image import (
    ResizeMethod as ResizeMethod,
    central_crop as central_crop,
    crop_to_bounding_box as crop_to_bounding_box,
    flip_left_right as flip_left_right,
    flip_up_down as flip_up_down,
    pad_to_bounding_box as pad_to_bounding_box,
    random_flip_left_right as random_flip_left_right,
    random_flip_up_down as random_flip_up_down,
    resize_images as resize,
    resize_image_with_crop_or_pad as resize_image_with_crop_or_pad,
    resize_image_with_pad as resize_image_with_pad,
    resize_images as resize_images,
    resize_image_with_crop_or_pad as resize_with_crop_or_pad,
    rot90 as rot90,
    transpose as transpose,
    transpose as transpose_image,
)
from tfcompat.ops.image_resize import (
    resize_area as resize_area,
    resize_bicubic as resize_bicubic,
    resize_bilinear as resize_bilinear,
    resize_nearest_neighbor as resize_nearest_neighbor,
)
from tfcompat.ops.patches import extract_image_patches as extract_image_patches, extract_patches as extract_patches
from tfcompat.ops.random import random_crop as random_crop

__all__ = [
    "ResizeMethod",
    "central_crop",
    "crop_to_bounding_box",
    "extract_image_patches",
    "extract_patches",
    "flip_left_right",
    "flip_up_down",
    "pad_to_bounding_box",
    "random_crop",
    "random_flip_left_right",
    "random_flip_up_down",
    "resize",
    "resize_area",
    "resize_bicubic",
    "resize_bilinear",
    "resize_image_with_crop_or_pad",
    "resize_image_with_pad",
    "resize_images",
    "resize_nearest_neighbor",
    "resize_with_crop_or_pad",
    "rot90",
    "transpose",
    "transpose_image",
]

__getattr__ = _namespace_getattr("tf.image")
