"""tf.image: types of images, brightness, contrast, colour; random changes of them.

All of it is made of other ops, node by node as in TF 1.15's python/ops/image_ops_impl.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion, dtypes, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    control,
    elementwise,
    exponents,
    image_checks,
    image_color,
    matmul,
    random,
    reductions,
    shapes,
)
from tfcompat.ops.identity import identity

# --- types -----------------------------------------------------------------------------------------------------


@export("image.convert_image_dtype", v2=("image.convert_image_dtype",))
def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Tensor:
    """The image in another type, with its values scaled: 0 to 1 in floating types, 0 to the largest in integer ones.

    saturate: values outside the new type's range become its ends.
    Raises: AttributeError for a type that is neither floating nor integer.
    """
    image = conversion.to_tensor(image, name="image")
    dtype = dtypes.as_dtype(dtype)
    kind = image.dtype
    if not dtype.is_floating and not dtype.is_integer:
        raise AttributeError("dtype must be either floating point or integer")
    if dtype == kind:
        tf_logging.warning(
            "The operation `tf.image.convert_image_dtype` will be skipped since the input and output dtypes are identical."
        )
        return identity(image, name=name)
    with name_scope(name, "convert_image", [image]) as scope:
        to = casting.saturate_cast if saturate else casting.cast
        if kind.is_integer and dtype.is_integer:
            return _between_integers(image, dtype, to, scope)
        if kind.is_floating and dtype.is_floating:
            tf_logging.warning(
                "The operation `tf.image.convert_image_dtype` will not automatically renormalize input data since "
                "input and output dtypes are both floating point formats."
            )
            return casting.cast(image, dtype, name=scope)  # type: ignore[no-any-return]
        if kind.is_integer:
            return elementwise.multiply(casting.cast(image, dtype), 1.0 / kind.max, name=scope)
        # The half makes the cast, which cuts off, reach the largest integer.
        return to(elementwise.multiply(image, dtype.max + 0.5), dtype, name=scope)  # type: ignore[no-any-return]


def _between_integers(image: Tensor, dtype: Any, to: Any, scope: str) -> Tensor:
    largest, wanted = image.dtype.max, dtype.max
    if largest > wanted:
        scaled = elementwise.div(image, (largest + 1) // (wanted + 1))
        return to(scaled, dtype, name=scope)  # type: ignore[no-any-return]
    return elementwise.multiply(to(image, dtype), (wanted + 1) // (largest + 1), name=scope)


def _as_float(image: Tensor) -> Tensor:
    """The image as it is in half or single precision, else converted to single."""
    return image if image.dtype in (dtypes.float16, dtypes.float32) else convert_image_dtype(image, dtypes.float32)


@export("image.rgb_to_grayscale", v2=("image.rgb_to_grayscale",))
def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """How bright colours look.

    Shapes: [..., 3] -> [..., 1].
    """
    with name_scope(name, "rgb_to_grayscale", [images]) as scope:
        images = conversion.to_tensor(images, name="images")
        kind = images.dtype
        gray = matmul.tensordot(convert_image_dtype(images, dtypes.float32), [0.2989, 0.5870, 0.1140], [-1, -1])
        return convert_image_dtype(shapes.expand_dims(gray, -1), kind, name=scope)


@export("image.grayscale_to_rgb", v2=("image.grayscale_to_rgb",))
def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Gray images with three equal channels.

    Shapes: [..., 1] -> [..., 3].
    """
    with name_scope(name, "grayscale_to_rgb", [images]) as scope:
        images = conversion.to_tensor(image_checks.grayscale(images), name="images")
        rank = shapes.expand_dims(shapes.rank(images) - 1, 0)
        multiples = arrays.concat([shapes.ones(rank, dtype=dtypes.int32), shapes.expand_dims(3, 0)], 0)
        rgb = arrays.tile(images, multiples, name=scope)
        rgb.set_shape(images.shape[:-1].concatenate([3]))
        return rgb


@export("image.per_image_standardization", v2=("image.per_image_standardization",))
def per_image_standardization(image: Any) -> Tensor:
    """Each image with mean 0 and deviation 1 (of images of one colour, only the mean).

    Shapes: [..., h, w, channels] -> the same.
    """
    with name_scope(None, "per_image_standardization", [image]) as scope:
        image = image_checks.at_least_3d(conversion.to_tensor(image, name="image"))
        kind = image.dtype
        image = _as_float(image)
        count = reductions.reduce_prod(shapes.shape(image)[-3:])
        mean = reductions.reduce_mean(image, axis=[-1, -2, -3], keepdims=True)
        deviation = reductions.reduce_std(image, axis=[-1, -2, -3], keepdims=True)
        least = exponents.rsqrt(casting.cast(count, image.dtype))
        deviation = elementwise.maximum(deviation, least)
        image = elementwise.div(image - mean, deviation, name=scope)
        return convert_image_dtype(image, kind, saturate=True)


# --- brightness, contrast, gamma -------------------------------------------------------------------------------


@export("image.adjust_brightness", v2=("image.adjust_brightness",))
def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """The image with `delta` added to its values (on the scale from 0 to 1)."""
    with name_scope(None, "adjust_brightness", [image, delta]) as scope:
        image = conversion.to_tensor(image, name="image")
        bright = _as_float(image)
        adjusted = elementwise.add(bright, casting.cast(delta, bright.dtype), name=scope)
        return convert_image_dtype(adjusted, image.dtype, saturate=True)


@export("image.adjust_contrast", v2=("image.adjust_contrast",))
def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    """Each channel with its distance from the channel's mean multiplied by a factor."""
    with name_scope(None, "adjust_contrast", [images, contrast_factor]) as scope:
        images = conversion.to_tensor(images, name="images")
        adjusted = image_color.adjust_contrast_v2_op(_as_float(images), contrast_factor, name=scope)
        return convert_image_dtype(adjusted, images.dtype, saturate=True)


@export("image.adjust_gamma", v2=("image.adjust_gamma",))
def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """`gain * image ** gamma`, on the scale from 0 to 1.

    Raises: ValueError (or InvalidArgumentError while running) for a negative gamma.
    """
    with name_scope(None, "adjust_gamma", [image, gamma, gain]):
        image = conversion.to_tensor(image, name="image")
        bright = _as_float(image)
        found = image_checks.require(gamma >= 0, "Gamma should be a non-negative real number.")
        if found:
            gamma = control.with_dependencies(found, gamma)
        return convert_image_dtype(gain * bright**gamma, image.dtype, saturate=True)


# --- hue and saturation ----------------------------------------------------------------------------------------


@export("image.adjust_hue", v2=("image.adjust_hue",))
def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """The image with its hues moved by `delta` turns of the circle of hues.

    Shapes: [..., h, w, 3] -> the same.
    """
    with name_scope(name, "adjust_hue", [image]):
        image = conversion.to_tensor(image, name="image")
        return convert_image_dtype(image_color.adjust_hue_op(_as_float(image), delta), image.dtype)


@export("image.adjust_saturation", v2=("image.adjust_saturation",))
def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """The image with its saturation multiplied by a factor.

    Shapes: [..., h, w, 3] -> the same.
    """
    with name_scope(name, "adjust_saturation", [image]):
        image = conversion.to_tensor(image, name="image")
        adjusted = image_color.adjust_saturation_op(_as_float(image), saturation_factor)
        return convert_image_dtype(adjusted, image.dtype)


# --- random changes --------------------------------------------------------------------------------------------


def _check_delta(max_delta: Any) -> None:
    if max_delta < 0:
        raise ValueError("max_delta must be non-negative.")


def _factor(lower: Any, upper: Any, seed: int | None) -> Tensor:
    if upper <= lower:
        raise ValueError("upper must be > lower.")
    if lower < 0:
        raise ValueError("lower must be non-negative.")
    return random.random_uniform([], lower, upper, seed=seed)


@export("image.random_brightness", v2=("image.random_brightness",))
def random_brightness(image: Any, max_delta: Any, seed: int | None = None) -> Tensor:
    """`adjust_brightness` by a number from [-max_delta, max_delta)."""
    _check_delta(max_delta)
    return adjust_brightness(image, random.random_uniform([], -max_delta, max_delta, seed=seed))


@export("image.random_contrast", v2=("image.random_contrast",))
def random_contrast(image: Any, lower: Any, upper: Any, seed: int | None = None) -> Tensor:
    """`adjust_contrast` by a factor from [lower, upper)."""
    return adjust_contrast(image, _factor(lower, upper, seed))


@export("image.random_hue", v2=("image.random_hue",))
def random_hue(image: Any, max_delta: Any, seed: int | None = None) -> Tensor:
    """`adjust_hue` by a number from [-max_delta, max_delta), which may be half a turn at most."""
    if max_delta > 0.5:
        raise ValueError("max_delta must be <= 0.5.")
    _check_delta(max_delta)
    return adjust_hue(image, random.random_uniform([], -max_delta, max_delta, seed=seed))


@export("image.random_saturation", v2=("image.random_saturation",))
def random_saturation(image: Any, lower: Any, upper: Any, seed: int | None = None) -> Tensor:
    """`adjust_saturation` by a factor from [lower, upper)."""
    return adjust_saturation(image, _factor(lower, upper, seed))


# --- other colour spaces ---------------------------------------------------------------------------------------

_RGB_TO_YIQ = [
    [0.299, 0.59590059, 0.2115],
    [0.587, -0.27455667, -0.52273617],
    [0.114, -0.32134392, 0.31119955],
]
_YIQ_TO_RGB = [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
_RGB_TO_YUV = [
    [0.299, -0.14714119, 0.61497538],
    [0.587, -0.28886916, -0.51496512],
    [0.114, 0.43601035, -0.10001026],
]
_YUV_TO_RGB = [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]]


def _changed_basis(images: Any, kernel: Any) -> Tensor:
    images = conversion.to_tensor(images, name="images")
    kernel = conversion.to_tensor(kernel, dtype=images.dtype, name="kernel")
    return matmul.tensordot(images, kernel, axes=[[len(images.shape) - 1], [0]])


@export("image.rgb_to_yiq", v2=("image.rgb_to_yiq",))
def rgb_to_yiq(images: Any) -> Tensor:
    """Colours in the YIQ space. Shapes: [..., 3] -> [..., 3]."""
    return _changed_basis(images, _RGB_TO_YIQ)


@export("image.yiq_to_rgb", v2=("image.yiq_to_rgb",))
def yiq_to_rgb(images: Any) -> Tensor:
    """Colours from the YIQ space. Shapes: [..., 3] -> [..., 3]."""
    return _changed_basis(images, _YIQ_TO_RGB)


@export("image.rgb_to_yuv", v2=("image.rgb_to_yuv",))
def rgb_to_yuv(images: Any) -> Tensor:
    """Colours in the YUV space. Shapes: [..., 3] -> [..., 3]."""
    return _changed_basis(images, _RGB_TO_YUV)


@export("image.yuv_to_rgb", v2=("image.yuv_to_rgb",))
def yuv_to_rgb(images: Any) -> Tensor:
    """Colours from the YUV space. Shapes: [..., 3] -> [..., 3]."""
    return _changed_basis(images, _YUV_TO_RGB)
