"""Resizing images: bilinear, bicubic, nearest neighbour, by area, and with other kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, Spec, drawn, fixed, ints, real, sample
from tfcompat.framework.shape_rules import text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, image_taps, shapes
from tfcompat.ops.linalg_common import refuse
from tfcompat.ops.movement import moves

# --- shapes and checks -----------------------------------------------------------------------------------------


def sized_image(c: ShapeContext, batch: int | None, size_input: int, channels: int | None) -> Shape:
    """[batch, height, width, channels] with the two sizes that an input holds."""
    (count,) = with_rank(c.shape(size_input), 1)
    if count is not None and count != 2:
        raise ShapeError(f"Dimension must be 2 but is {count}")
    size = c.value(size_input)
    height, width = (None, None) if size is None else size.tolist()
    for d in (height, width):
        if d is not None and d < 0:
            raise ShapeError(f"Dimension size, given by scalar input {size_input} must be non-negative but is {d}")
    return (batch, height, width, channels)


def _resized(c: ShapeContext) -> Shape:
    dims = with_rank(c.shape(0), 4)
    return sized_image(c, dims[0], 1, dims[3])


def _check_resize(images: torch.Tensor, size: Any, align_corners: bool, half_pixel_centers: bool) -> None:
    if half_pixel_centers and align_corners:
        raise refuse("If half_pixel_centers is True, align_corners must be False.")
    if images.dim() != 4:
        raise refuse(f"input must be 4-dimensional{text(tuple(images.shape))}")
    if not isinstance(size, list):
        raise refuse("shape_t must be 1-dimensional[]")
    if len(size) != 2:
        raise refuse(f"shape_t must have two elements[{len(size)}]")
    if size[0] <= 0 or size[1] <= 0:
        raise refuse("output dimensions must be positive")
    if not images.shape[3]:
        raise refuse("image must have at least one channel")
    if not images.shape[1] or not images.shape[2]:
        raise refuse("input image must be of non-zero size")


def _check_resize_grad(grads: torch.Tensor, original: torch.Tensor, align_corners: bool, half: bool) -> None:
    if half and align_corners:
        raise refuse("If half_pixel_centers is True, align_corners must be False.")
    if grads.dim() != 4:
        raise refuse(f"input_grad must be 4-dimensional{text(tuple(grads.shape))}")
    if original.dim() != 4:
        raise refuse(f"original_image must be 4-dimensional{text(tuple(original.shape))}")
    if not grads.shape[1] or not grads.shape[2]:
        raise refuse("resized dimensions must be positive")
    if not original.shape[1] or not original.shape[2]:
        raise refuse("original dimensions must be positive")


def _inner_size(t: Tensor) -> Tensor:
    """Height and width of a batch of images, as the size input of a resize."""
    return shapes.shape(t)[1:3]


def single(*dims: int) -> Spec:
    """Numbers in single precision, for ops whose results are float32 whatever their inputs are."""
    return drawn(lambda rng: rng.uniform(-1, 1, dims).astype(np.float32))


Pass = Callable[[torch.Tensor, int, image_taps.Taps], torch.Tensor]
TapsOf = Callable[[int, int, bool, bool], image_taps.Taps]


def _resize_ops(kind: str, taps_of: TapsOf, forward: Pass, rows_first: bool) -> tuple[Op, Op]:
    """A resize of float32 results and the op of its gradient, which is the transpose of the same matrix."""
    made = op(f"Resize{kind}", host=("size",))(_resized)
    grad = op(f"Resize{kind}Grad")(lambda c: c.shape(1))
    axes = (1, 2) if rows_first else (2, 1)

    @made.kernel
    def kernel(
        images: torch.Tensor, size: list[int], *, align_corners: bool, half_pixel_centers: bool
    ) -> torch.Tensor:
        _check_resize(images, size, align_corners, half_pixel_centers)
        x = images.float()
        if list(x.shape[1:3]) == size and kind == "Bilinear":
            return x.clone() if x is images else x
        for axis in axes:
            taps = taps_of(x.shape[axis], size[axis - 1], align_corners, half_pixel_centers)
            x = forward(x, axis, taps)
        return x

    @grad.kernel
    def grad_kernel(
        grads: torch.Tensor, original_image: torch.Tensor, *, align_corners: bool, half_pixel_centers: bool
    ) -> torch.Tensor:
        _check_resize_grad(grads, original_image, align_corners, half_pixel_centers)
        g = grads.double() if original_image.dtype is torch.float64 else grads
        for axis in (1, 2):
            taps = taps_of(original_image.shape[axis], g.shape[axis], align_corners, half_pixel_centers)
            g = image_taps.spread(g, axis, taps)
        return g.to(original_image.dtype)

    @made.gradient
    def rule(node: Any, dy: Any) -> tuple[Any, None]:
        image = node.inputs[0]
        if kind == "Bicubic" and image.dtype not in (dtypes.float32, dtypes.float64):
            return None, None
        return grad(dy, image, **_flags(node)), None

    @grad.gradient
    def grad_rule(node: Any, d: Any) -> tuple[Tensor, None]:
        return made(d, _inner_size(node.inputs[0]), **_flags(node)), None

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(single(2, 3, 4, 2), fixed([5, 3]))
        yield sample(single(1, 5, 6, 1), fixed([2, 9]), align_corners=True)
        yield sample(single(1, 4, 3, 3), fixed([6, 2]), half_pixel_centers=True)
        yield sample(ints(1, 4, 3, 1, high=200, dtype=np.uint8), fixed([2, 2]))

    @grad.samples
    def grad_samples() -> Iterator[Sample]:
        yield sample(single(2, 5, 3, 2), single(2, 3, 4, 2))
        yield sample(single(1, 2, 9, 1), single(1, 5, 6, 1), align_corners=True)
        yield sample(single(1, 6, 2, 3), single(1, 4, 3, 3), half_pixel_centers=True)

    return made, grad


def _flags(node: Any) -> dict[str, bool]:
    return {k: node._attrs[k] for k in ("align_corners", "half_pixel_centers")}


resize_bilinear_op, resize_bilinear_grad_op = _resize_ops(
    "Bilinear", image_taps.linear, image_taps.interpolate, rows_first=False
)
resize_bicubic_op, resize_bicubic_grad_op = _resize_ops(
    "Bicubic", image_taps.cubic, image_taps.resample, rows_first=True
)

# --- nearest neighbours ----------------------------------------------------------------------------------------

resize_nearest_neighbor_op = op("ResizeNearestNeighbor", host=("size",))(_resized)


@resize_nearest_neighbor_op.kernel
def _resize_nearest_neighbor(
    images: torch.Tensor, size: list[int], *, align_corners: bool, half_pixel_centers: bool
) -> torch.Tensor:
    _check_resize(images, size, align_corners, half_pixel_centers)
    for axis in (1, 2):
        taps = image_taps.nearest(images.shape[axis], size[axis - 1], align_corners, half_pixel_centers)
        images = images.index_select(axis, taps.on(images.device)[0][0])
    return images


moves(resize_nearest_neighbor_op, 0)


@op("ResizeNearestNeighborGrad", host=("size",))
def resize_nearest_neighbor_grad_op(c: ShapeContext) -> Shape:
    return _resized(c)


@resize_nearest_neighbor_grad_op.kernel
def _resize_nearest_neighbor_grad(
    grads: torch.Tensor, size: Any, *, align_corners: bool, half_pixel_centers: bool
) -> torch.Tensor:
    if grads.dim() != 4:
        raise refuse(f"input must be 4-dimensional{text(tuple(grads.shape))}")
    if not isinstance(size, list):
        raise refuse("shape_t must be 1-dimensional[]")
    if len(size) != 2:
        raise refuse(f"shape_t must have two elements[{len(size)}]")
    if size[0] <= 0 or size[1] <= 0:
        raise refuse("shape_t's elements must be positive")
    g = grads
    for axis in (1, 2):
        taps = image_taps.nearest(size[axis - 1], g.shape[axis], align_corners, half_pixel_centers)
        shape = list(g.shape)
        shape[axis] = taps.length
        g = g.new_zeros(shape).index_add_(axis, taps.on(g.device)[0][0], g)
    return g


@resize_nearest_neighbor_op.gradient
def _resize_nearest_neighbor_rule(node: Any, dy: Any) -> tuple[Tensor, None]:
    image = node.inputs[0]
    inner = image.shape[1:3]
    size = inner if inner.is_fully_defined() else _inner_size(image)
    return resize_nearest_neighbor_grad_op(dy, size, **_flags(node)), None


@resize_nearest_neighbor_grad_op.gradient
def _resize_nearest_neighbor_grad_rule(node: Any, d: Any) -> tuple[Tensor, None]:
    return resize_nearest_neighbor_op(d, _inner_size(node.inputs[0]), **_flags(node)), None


@resize_nearest_neighbor_op.samples
@resize_nearest_neighbor_grad_op.samples
def _nearest_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 4, 2), fixed([5, 3]))
    yield sample(real(1, 5, 6, 1), fixed([2, 9]), align_corners=True)
    yield sample(real(1, 4, 3, 3), fixed([6, 2]), half_pixel_centers=True)


# --- by area ---------------------------------------------------------------------------------------------------

resize_area_op = op("ResizeArea", host=("size",))(_resized)


@resize_area_op.kernel
def _resize_area(images: torch.Tensor, size: list[int], *, align_corners: bool) -> torch.Tensor:
    _check_resize(images, size, align_corners, False)
    x = images.float()
    pixels = image_taps.F32(1)
    for axis in (2, 1):
        taps = image_taps.area(x.shape[axis], size[axis - 1], align_corners)
        pixels = pixels * image_taps.scale_of(x.shape[axis], size[axis - 1], align_corners)
        x = image_taps.resample(x, axis, taps)
    return x * float(image_taps.F32(1.0 / float(pixels)))


@resize_area_op.samples
def _resize_area_samples() -> Iterator[Sample]:
    yield sample(real(2, 5, 6, 2), fixed([3, 2]))
    yield sample(real(1, 3, 4, 1), fixed([5, 3]), align_corners=True)


# --- other kernels ---------------------------------------------------------------------------------------------


@op("ScaleAndTranslate", host=("size", "scale", "translation"))
def scale_and_translate_op(c: ShapeContext) -> Shape:
    return _resized(c)


def _check_kernel(kernel_type: str, scale: Any, translation: Any) -> str:
    name = kernel_type.lower()
    if name not in image_taps.KERNELS:
        raise refuse(f"Unrecognized kernel type: {kernel_type}")
    for pair in (scale, translation):
        if not isinstance(pair, list):
            raise refuse("t must be 1-dimensional[]")
        if len(pair) != 2:
            raise refuse(f"t must have two elements[{len(pair)}]")
    if scale[0] <= 0 or scale[1] <= 0:
        raise refuse("Scale must be greater than zero.")
    return name


@scale_and_translate_op.kernel
def _scale_and_translate(
    images: torch.Tensor, size: Any, scale: Any, translation: Any, *, kernel_type: str, antialias: bool
) -> torch.Tensor:
    if images.dim() != 4:
        raise refuse(f"input must be 4-dimensional{text(tuple(images.shape))}")
    if not isinstance(size, list) or len(size) != 2:
        raise refuse("output_shape_t must have two elements")
    _check_resize(images, size, False, False)
    name = _check_kernel(kernel_type, scale, translation)
    x = images.float()
    for axis in (1, 2):
        i = axis - 1
        x = image_taps.resample(
            x, axis, image_taps.sampled(x.shape[axis], size[i], scale[i], translation[i], name, antialias)
        )
    return x


@op("ScaleAndTranslateGrad", host=("scale", "translation"))
def scale_and_translate_grad_op(c: ShapeContext) -> Shape:
    return c.shape(1)


@scale_and_translate_grad_op.kernel
def _scale_and_translate_grad(
    grads: torch.Tensor,
    original_image: torch.Tensor,
    scale: Any,
    translation: Any,
    *,
    kernel_type: str,
    antialias: bool,
) -> torch.Tensor:
    _check_resize_grad(grads, original_image, False, False)
    name = _check_kernel(kernel_type, scale, translation)
    for axis in (1, 2):
        i = axis - 1
        taps = image_taps.sampled(
            original_image.shape[axis], grads.shape[axis], scale[i], translation[i], name, antialias
        )
        grads = image_taps.spread(grads, axis, taps)
    return grads


def _kernel_attrs(node: Any) -> dict[str, Any]:
    return {k: node._attrs[k] for k in ("kernel_type", "antialias")}


@scale_and_translate_op.gradient
def _scale_and_translate_rule(node: Any, dy: Any) -> tuple[Tensor, None, None, None]:
    image, _, scale, translation = node.inputs
    kind = image.dtype
    if kind is not dtypes.float32:  # the gradient op knows no other type; TF 1.15 stops here
        image = casting.cast(image, dtypes.float32)
    da = scale_and_translate_grad_op(dy, image, scale, translation, **_kernel_attrs(node))
    return casting.cast(da, kind), None, None, None


@scale_and_translate_grad_op.gradient
def _scale_and_translate_grad_rule(node: Any, d: Any) -> tuple[Tensor, None, None, None]:
    grads, _, scale, translation = node.inputs
    size = _inner_size(grads)
    return scale_and_translate_op(d, size, scale, translation, **_kernel_attrs(node)), None, None, None


def _scale_samples(second: Callable[[], Any]) -> Iterator[Sample]:
    for kernel in image_taps.KERNELS:
        scale, shift = np.array([0.7, 1.6], np.float32), np.array([0.4, -0.3], np.float32)
        yield sample(single(1, 5, 4, 2), second(), scale, shift, kernel_type=kernel, antialias=kernel != "box")


@scale_and_translate_op.samples
def _scale_and_translate_samples() -> Iterator[Sample]:
    yield from _scale_samples(lambda: fixed([3, 6]))


@scale_and_translate_grad_op.samples
def _scale_and_translate_grad_samples() -> Iterator[Sample]:
    yield from _scale_samples(lambda: single(1, 7, 3, 2))


# --- public names ----------------------------------------------------------------------------------------------


def _resize_function(made: Op, name: str, what: str) -> Callable[..., Tensor]:
    def resize(
        images: Any, size: Any, align_corners: bool = False, name: str | None = None, half_pixel_centers: bool = False
    ) -> Tensor:
        return made(  # type: ignore[no-any-return]
            images, size, align_corners=align_corners, half_pixel_centers=half_pixel_centers, name=name
        )

    resize.__name__ = resize.__qualname__ = name
    resize.__doc__ = f"Images resized {what}.\n\n    Shapes: [batch, h, w, channels], [2] -> [batch, *size, channels]."
    return resize


resize_bilinear = export("image.resize_bilinear")(
    _resize_function(resize_bilinear_op, "resize_bilinear", "by bilinear interpolation, as float32")
)
resize_bicubic = export("image.resize_bicubic")(
    _resize_function(resize_bicubic_op, "resize_bicubic", "by bicubic interpolation, as float32")
)
resize_nearest_neighbor = export("image.resize_nearest_neighbor")(
    _resize_function(resize_nearest_neighbor_op, "resize_nearest_neighbor", "by taking the nearest pixel")
)


@export("image.resize_area")
def resize_area(images: Any, size: Any, align_corners: bool = False, name: str | None = None) -> Tensor:
    """Images resized by averaging the pixels that a new one covers, as float32.

    Shapes: [batch, h, w, channels], [2] -> [batch, *size, channels].
    """
    return resize_area_op(images, size, align_corners=align_corners, name=name)  # type: ignore[no-any-return]

