"""tf.image: flips, turns, crops, paddings and resizes.

All of it is made of other ops, node by node as in TF 1.15's python/ops/image_ops_impl.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.constant_value import constant_value_as_shape
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    case,
    casting,
    comparison,
    control,
    control_flow,
    elementwise,
    image_checks,
    image_resize,
    padding,
    permuting,
    random,
    shapes,
    slicing,
)
from tfcompat.ops.image_checks import is_tensor, require

# --- flips and turns -------------------------------------------------------------------------------------------

_WRONG_RANK = "'image' must have either 3 or 4 dimensions."


def _as_image(image: Any) -> Tensor:
    return image_checks.at_least_3d(conversion.to_tensor(image, name="image"))


def _is_single(image: Tensor) -> bool:
    """Whether this is one image, not a batch of them. Raises ValueError for other ranks."""
    rank = image._rank()
    if rank is None or rank == 3:
        return True
    if rank == 4:
        return False
    raise ValueError(_WRONG_RANK)


def _same_shape(image: Tensor, result: Tensor) -> Tensor:
    result.set_shape([None, None, None] if image._dims is None else image._dims)
    return result


def _flip(image: Any, axis: int, scope: str) -> Tensor:
    with name_scope(None, scope, [image]):
        image = _as_image(image)
        if _is_single(image):
            return _same_shape(image, permuting.reverse(image, [axis]))
        return permuting.reverse(image, [axis + 1])


@export("image.flip_left_right", v2=("image.flip_left_right",))
def flip_left_right(image: Any) -> Tensor:
    """The columns of one or several images in opposite order."""
    return _flip(image, 1, "flip_left_right")


@export("image.flip_up_down", v2=("image.flip_up_down",))
def flip_up_down(image: Any) -> Tensor:
    """The rows of one or several images in opposite order."""
    return _flip(image, 0, "flip_up_down")


def _random_flip(image: Any, axis: int, seed: int | None, scope_name: str) -> Tensor:
    with name_scope(None, scope_name, [image]) as scope:
        image = _as_image(image)
        if _is_single(image):
            drawn = random.random_uniform([], 0, 1.0, seed=seed)
            result = control_flow.cond(
                comparison.less(drawn, 0.5), lambda: permuting.reverse(image, [axis]), lambda: image, name=scope
            )
            return _same_shape(image, result)
        count = shapes.shape(image)[0]
        drawn = random.random_uniform([count], 0, 1.0, seed=seed)
        flips = casting.cast(elementwise.round(shapes.reshape(drawn, [count, 1, 1, 1])), image.dtype)
        flipped = permuting.reverse(image, [axis + 1])
        return flips * flipped + (1 - flips) * image  # type: ignore[no-any-return]


@export("image.random_flip_left_right", v2=("image.random_flip_left_right",))
def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """Each image with its columns in opposite order, or as it is, with equal chances."""
    return _random_flip(image, 1, seed, "random_flip_left_right")


@export("image.random_flip_up_down", v2=("image.random_flip_up_down",))
def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """Each image with its rows in opposite order, or as it is, with equal chances."""
    return _random_flip(image, 0, seed, "random_flip_up_down")


@export("image.rot90", v2=("image.rot90",))
def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """One or several images turned counter-clockwise by k right angles."""
    with name_scope(name, "rot90", [image, k]) as scope:
        image = _as_image(image)
        k = conversion.to_tensor(k, dtypes.int32, name="k")
        k.shape.assert_has_rank(0)
        k = elementwise.floormod(k, 4)
        first = 0 if _is_single(image) else 1
        swapped = [1, 0, 2] if not first else [0, 2, 1, 3]

        def quarter() -> Tensor:
            return permuting.transpose(permuting.reverse(image, [first + 1]), swapped)

        def half() -> Tensor:
            return permuting.reverse(image, [first, first + 1])

        def three_quarters() -> Tensor:
            return permuting.reverse(permuting.transpose(image, swapped), [first + 1])

        turns = [
            (comparison.equal(k, 1), quarter),
            (comparison.equal(k, 2), half),
            (comparison.equal(k, 3), three_quarters),
        ]
        result = case.case(turns, default=lambda: image, exclusive=True, name=scope)
        if first:
            dims = result.shape
            result.set_shape([dims[0], None, None, dims[3]])
        else:
            result.set_shape([None, None, image.shape[2]])
        return result  # type: ignore[no-any-return]


@export("image.transpose", "image.transpose_image", v2=("image.transpose",))
def transpose(image: Any, name: str | None = None) -> Tensor:
    """One or several images with rows and columns swapped."""
    with name_scope(name, "transpose", [image]):
        image = _as_image(image)
        return permuting.transpose(image, [1, 0, 2] if _is_single(image) else [0, 2, 1, 3], name=name)


# --- crops and paddings ----------------------------------------------------------------------------------------


def _dimension(image: Tensor, axis: int) -> tuple[Any, bool]:
    """(the dimension as a number or a tensor, whether it is a tensor)."""
    assert image._dims is not None
    known = image._dims[axis]
    return (shapes.shape(image)[axis], True) if known is None else (known, False)


def _cut_from_start(size: Any, dynamic: bool, fraction: float) -> Any:
    if dynamic:
        wide = casting.cast(size, dtypes.float64)
        return casting.cast((wide - wide * fraction) / 2, dtypes.int32)
    return int((float(size) - float(size) * fraction) / 2)


@export("image.central_crop", v2=("image.central_crop",))
def central_crop(image: Any, central_fraction: float) -> Tensor:
    """The middle of one or several images: this fraction of the height and of the width.

    Raises: ValueError for a fraction outside (0, 1] and for other ranks than 3 and 4.
    """
    with name_scope(None, "central_crop", [image]):
        image = conversion.to_tensor(image, name="image")
        if central_fraction <= 0.0 or central_fraction > 1.0:
            raise ValueError("central_fraction must be within (0, 1]")
        if central_fraction == 1.0:
            return image
        image_checks.at_least_3d(image)
        rank = image._rank()
        if rank not in (3, 4):
            raise ValueError(f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {rank}.")
        first = rank - 3
        height, height_dynamic = _dimension(image, first)
        width, width_dynamic = _dimension(image, first + 1)
        top = _cut_from_start(height, height_dynamic, central_fraction)
        left = _cut_from_start(width, width_dynamic, central_fraction)
        rows, columns = height - top * 2, width - left * 2
        begin = arrays.stack([0] * first + [top, left, 0])
        size = arrays.stack([-1] * first + [rows, columns, -1])
        static = [
            *image.shape.as_list()[:first],
            None if height_dynamic else rows,
            None if width_dynamic else columns,
            image.shape.as_list()[-1],
        ]
        out = slicing.slice(image, begin, size)
        out.set_shape(static)
        return out


def _static(sizes: list[Any]) -> list[Any]:
    return [None if is_tensor(s) else s for s in sizes]


@export("image.pad_to_bounding_box", v2=("image.pad_to_bounding_box",))
def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """One or several images in the middle of zeros: their corner at the offsets, in an image of the target's size.

    Raises: ValueError (or InvalidArgumentError while running) when they do not fit.
    """
    with name_scope(None, "pad_to_bounding_box", [image]):
        image, is_batch = image_checks.as_batch(conversion.to_tensor(image, name="image"))
        found = image_checks.check_at_least_3d(image)
        batch, height, width, depth = image_checks.dimensions(image, rank=4)
        right = target_width - offset_width - width
        below = target_height - offset_height - height
        found += require(offset_height >= 0, "offset_height must be >= 0")
        found += require(offset_width >= 0, "offset_width must be >= 0")
        found += require(right >= 0, "width must be <= target - offset")
        found += require(below >= 0, "height must be <= target - offset")
        image = control.with_dependencies(found, image)
        pads = shapes.reshape(arrays.stack([0, 0, offset_height, below, offset_width, right, 0, 0]), [4, 2])
        padded = padding.pad(image, pads)
        padded.set_shape(_static([batch, target_height, target_width, depth]))
        return padded if is_batch else shapes.squeeze(padded, axis=[0])


@export("image.crop_to_bounding_box", v2=("image.crop_to_bounding_box",))
def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Tensor:
    """The part of one or several images that begins at the offsets and has the target's size.

    Raises: ValueError (or InvalidArgumentError while running) when it reaches outside.
    """
    with name_scope(None, "crop_to_bounding_box", [image]):
        image, is_batch = image_checks.as_batch(conversion.to_tensor(image, name="image"))
        found = image_checks.check_at_least_3d(image)
        batch, height, width, depth = image_checks.dimensions(image, rank=4)
        found += require(offset_width >= 0, "offset_width must be >= 0.")
        found += require(offset_height >= 0, "offset_height must be >= 0.")
        found += require(target_width > 0, "target_width must be > 0.")
        found += require(target_height > 0, "target_height must be > 0.")
        found += require(width >= (target_width + offset_width), "width must be >= target + offset.")
        found += require(height >= (target_height + offset_height), "height must be >= target + offset.")
        image = control.with_dependencies(found, image)
        begin = arrays.stack([0, offset_height, offset_width, 0])
        cropped = slicing.slice(image, begin, arrays.stack([-1, target_height, target_width, -1]))
        cropped.set_shape(_static([batch, target_height, target_width, depth]))
        return cropped if is_batch else shapes.squeeze(cropped, axis=[0])


def _larger(x: Any, y: Any) -> Any:
    return elementwise.maximum(x, y) if is_tensor(x) or is_tensor(y) else max(x, y)


def _smaller(x: Any, y: Any) -> Any:
    return elementwise.minimum(x, y) if is_tensor(x) or is_tensor(y) else min(x, y)


def _equal(x: Any, y: Any) -> Any:
    return comparison.equal(x, y) if is_tensor(x) or is_tensor(y) else x == y


def _checked_target(image: Tensor, target_height: Any, target_width: Any) -> tuple[Tensor, list[Any]]:
    found = image_checks.check_at_least_3d(image)
    found += require(target_width > 0, "target_width must be > 0.")
    found += require(target_height > 0, "target_height must be > 0.")
    return control.with_dependencies(found, image), found


@export(
    "image.resize_image_with_crop_or_pad", "image.resize_with_crop_or_pad", v2=("image.resize_with_crop_or_pad",)
)
def resize_image_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """The middle of one or several images where they are too large, and zeros around them where too small.

    Raises: ValueError (or InvalidArgumentError while running) for a target that is not positive.
    """
    with name_scope(None, "resize_image_with_crop_or_pad", [image]):
        image, is_batch = image_checks.as_batch(conversion.to_tensor(image, name="image"))
        image, found = _checked_target(image, target_height, target_width)
        if is_tensor(target_height):
            target_height = control.with_dependencies(found, target_height)
        if is_tensor(target_width):
            target_width = control.with_dependencies(found, target_width)
        _, height, width, _ = image_checks.dimensions(image, rank=4)
        wider = target_width - width
        crop_left = _larger(-wider // 2, 0)
        pad_left = _larger(wider // 2, 0)
        higher = target_height - height
        crop_top = _larger(-higher // 2, 0)
        pad_top = _larger(higher // 2, 0)
        cropped = crop_to_bounding_box(
            image, crop_top, crop_left, _smaller(target_height, height), _smaller(target_width, width)
        )
        resized = pad_to_bounding_box(cropped, pad_top, pad_left, target_height, target_width)
        if resized._dims is None:
            raise ValueError("resized contains no shape.")
        _, new_height, new_width, _ = image_checks.dimensions(resized, rank=4)
        found = require(_equal(new_height, target_height), "resized height is not correct.")
        found += require(_equal(new_width, target_width), "resized width is not correct.")
        resized = control.with_dependencies(found, resized)
        return resized if is_batch else shapes.squeeze(resized, axis=[0])


# --- resizes ---------------------------------------------------------------------------------------------------


@export("image.ResizeMethod")
class ResizeMethod:
    """How `resize_images` makes new pixels."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


@export(v2=("image.ResizeMethod",))
class ResizeMethodV2:
    """How TF 2's `resize` makes new pixels."""

    BILINEAR = "bilinear"
    NEAREST_NEIGHBOR = "nearest"
    BICUBIC = "bicubic"
    AREA = "area"
    LANCZOS3 = "lanczos3"
    LANCZOS5 = "lanczos5"
    GAUSSIAN = "gaussian"
    MITCHELLCUBIC = "mitchellcubic"


ResizeMethodV2.__name__ = ResizeMethodV2.__qualname__ = "ResizeMethod"

Resizer = Callable[[Tensor, Tensor], Tensor]


def _resized(
    images: Any, resizer: Resizer, size: Any, preserve_aspect_ratio: bool, name: str | None, skip_if_same: bool
) -> Tensor:
    with name_scope(name, "resize", [images, size]):
        images = conversion.to_tensor(images, name="images")
        rank = images._rank()
        if rank is None:
            raise ValueError("'images' contains no shape.")
        is_batch = rank != 3
        if not is_batch:
            images = shapes.expand_dims(images, 0)
        elif rank != 4:
            raise ValueError("'images' must have either 3 or 4 dimensions.")
        _, height, width, _ = images.shape.as_list()
        try:
            size = conversion.to_tensor(size, dtypes.int32, name="size")
        except (TypeError, ValueError):
            raise ValueError("'size' must be a 1-D int32 Tensor") from None
        if not size.shape.is_compatible_with([2]):
            raise ValueError("'size' must be a 1-D Tensor of 2 elements: new_height, new_width")
        new_height, new_width = constant_value_as_shape(size).as_list()
        if preserve_aspect_ratio:
            size = _in_proportion(images, new_height, new_width)
            new_height, new_width = constant_value_as_shape(size).as_list()
        known = None not in (new_width, width, new_height, height)
        if not (skip_if_same and known and width == new_width and height == new_height):
            images = resizer(images, size)
            images.set_shape([None, new_height, new_width, None])
        return images if is_batch else shapes.squeeze(images, axis=[0])


def _in_proportion(images: Tensor, new_height: Any, new_width: Any) -> Tensor:
    """The largest size within the given one that keeps the proportions of the images."""
    _, height, width, _ = image_checks.dimensions(images, rank=4)
    scales = []
    for new, old in ((new_height, height), (new_width, width)):
        wanted = casting.cast(new, dtypes.float32)
        scales.append(wanted / casting.cast(old, dtypes.float32))
    scale = elementwise.minimum(*scales)
    sizes = []
    for old in (height, width):
        scaled = scale * casting.cast(old, dtypes.float32)
        sizes.append(casting.cast(elementwise.round(scaled), dtypes.int32))
    return conversion.to_tensor(sizes, dtypes.int32, name="size")


def _by_method(method: Any, align_corners: bool) -> Resizer:
    v1, v2 = ResizeMethod, ResizeMethodV2

    def resize(images: Tensor, size: Tensor) -> Tensor:
        if method in (v1.BILINEAR, v2.BILINEAR):
            made = image_resize.resize_bilinear_op
        elif method in (v1.NEAREST_NEIGHBOR, v2.NEAREST_NEIGHBOR):
            made = image_resize.resize_nearest_neighbor_op
        elif method in (v1.BICUBIC, v2.BICUBIC):
            made = image_resize.resize_bicubic_op
        elif method in (v1.AREA, v2.AREA):
            made = image_resize.resize_area_op
        else:
            raise ValueError("Resize method is not implemented.")
        return made(images, size, align_corners=align_corners)  # type: ignore[no-any-return]

    return resize


@export("image.resize_images", "image.resize")
def resize_images(
    images: Any,
    size: Any,
    method: Any = ResizeMethod.BILINEAR,
    align_corners: bool = False,
    preserve_aspect_ratio: bool = False,
    name: str | None = None,
) -> Tensor:
    """One or several images in a new size, as float32 (by nearest neighbours: in their own type).

    Shapes: [batch, h, w, channels] or [h, w, channels], size [2] -> the same with new height and width.
    Raises: ValueError for other ranks, sizes and methods.
    """
    return _resized(images, _by_method(method, align_corners), size, preserve_aspect_ratio, name, True)


@export(v2=("image.resize",))
def resize_images_v2(
    images: Any,
    size: Any,
    method: Any = ResizeMethodV2.BILINEAR,
    preserve_aspect_ratio: bool = False,
    antialias: bool = False,
    name: str | None = None,
) -> Tensor:
    """TF 2's resize: pixels are squares with their centers at halves."""
    return _resized(images, _with_half_pixels(method, antialias), size, preserve_aspect_ratio, name, False)


_ANTIALIASED = {"bilinear": "triangle", "bicubic": "keyscubic"}
_OTHER_KERNELS = ("lanczos3", "lanczos5", "gaussian", "mitchellcubic")


def _with_half_pixels(method: Any, antialias: bool) -> Resizer:
    def by_kernel(images: Tensor, size: Tensor, kernel: str) -> Tensor:
        scale = casting.cast(size, dtypes.float32) / casting.cast(shapes.shape(images)[1:3], dtypes.float32)
        return image_resize.scale_and_translate_op(  # type: ignore[no-any-return]
            images, size, scale, shapes.zeros([2]), kernel_type=kernel, antialias=antialias
        )

    def resize(images: Tensor, size: Tensor) -> Tensor:
        if antialias and method in _ANTIALIASED:
            return by_kernel(images, size, _ANTIALIASED[method])
        if method in _OTHER_KERNELS:
            return by_kernel(images, size, method)
        if method == ResizeMethodV2.BILINEAR:
            return image_resize.resize_bilinear_op(images, size, half_pixel_centers=True)  # type: ignore[no-any-return]
        if method == ResizeMethodV2.NEAREST_NEIGHBOR:
            return image_resize.resize_nearest_neighbor_op(images, size, half_pixel_centers=True)  # type: ignore[no-any-return]
        if method == ResizeMethodV2.BICUBIC:
            return image_resize.resize_bicubic_op(images, size, half_pixel_centers=True)  # type: ignore[no-any-return]
        if method == ResizeMethodV2.AREA:
            return image_resize.resize_area_op(images, size)  # type: ignore[no-any-return]
        raise ValueError("Resize method is not implemented.")

    return resize


def _resized_with_pad(image: Any, target_height: Any, target_width: Any, resize: Callable[..., Tensor]) -> Tensor:
    with name_scope(None, "resize_image_with_pad", [image]):
        image, is_batch = image_checks.as_batch(conversion.to_tensor(image, name="image"))
        image, _ = _checked_target(image, target_height, target_width)
        _, height, width, _ = image_checks.dimensions(image, rank=4)
        f_height, f_width, f_target_height, f_target_width = (
            casting.cast(x, dtype=dtypes.float64) for x in (height, width, target_height, target_width)
        )
        ratio = _larger(f_width / f_target_width, f_height / f_target_height)
        rows, columns = f_height / ratio, f_width / ratio
        new_height = casting.cast(elementwise.floor(rows), dtype=dtypes.int32)
        new_width = casting.cast(elementwise.floor(columns), dtype=dtypes.int32)
        pad_rows = (f_target_height - rows) / 2
        pad_columns = (f_target_width - columns) / 2
        above, left = elementwise.floor(pad_rows), elementwise.floor(pad_columns)
        top = _larger(0, casting.cast(above, dtype=dtypes.int32))
        start = _larger(0, casting.cast(left, dtype=dtypes.int32))
        resized = resize(image, [new_height, new_width])
        padded = pad_to_bounding_box(resized, top, start, target_height, target_width)
        if padded._dims is None:
            raise ValueError("padded contains no shape.")
        image_checks.dimensions(padded, rank=4)
        return padded if is_batch else shapes.squeeze(padded, axis=[0])


@export("image.resize_image_with_pad")
def resize_image_with_pad(
    image: Any, target_height: Any, target_width: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False
) -> Tensor:
    """One or several images resized in proportion to fit the target, in the middle of zeros."""
    return _resized_with_pad(
        image, target_height, target_width, lambda im, size: resize_images(im, size, method, align_corners)
    )


@export(v2=("image.resize_with_pad",))
def resize_image_with_pad_v2(
    image: Any,
    target_height: Any,
    target_width: Any,
    method: Any = ResizeMethodV2.BILINEAR,
    antialias: bool = False,
) -> Tensor:
    """TF 2's form of `resize_image_with_pad`."""
    return _resized_with_pad(
        image, target_height, target_width, lambda im, size: resize_images_v2(im, size, method, antialias=antialias)
    )
