"""Public names of `tf.compat.v2.image`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.image import (
    ResizeMethodV2 as ResizeMethod,
    central_crop as central_crop,
    crop_to_bounding_box as crop_to_bounding_box,
    flip_left_right as flip_left_right,
    flip_up_down as flip_up_down,
    pad_to_bounding_box as pad_to_bounding_box,
    random_flip_left_right as random_flip_left_right,
    random_flip_up_down as random_flip_up_down,
    resize_images_v2 as resize,
    resize_image_with_crop_or_pad as resize_with_crop_or_pad,
    resize_image_with_pad_v2 as resize_with_pad,
    rot90 as rot90,
    transpose as transpose,
)
from tfcompat.ops.random import random_crop as random_crop

__all__ = [
    "ResizeMethod",
    "central_crop",
    "crop_to_bounding_box",
    "flip_left_right",
    "flip_up_down",
    "pad_to_bounding_box",
    "random_crop",
    "random_flip_left_right",
    "random_flip_up_down",
    "resize",
    "resize_with_crop_or_pad",
    "resize_with_pad",
    "rot90",
    "transpose",
]

__getattr__ = _namespace_getattr("tf.compat.v2.image")
