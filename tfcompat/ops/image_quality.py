"""tf.image: how alike two images are (PSNR, SSIM), and how much one varies (gradients, edges, total variation).

All of it is made of other ops, node by node as in TF 1.15's python/ops/image_ops_impl.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.stacks import get_default_graph
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    activations,
    arrays,
    assertions,
    casting,
    comparison,
    constants,
    control_flow,
    depthwise,
    elementwise,
    exponents,
    padding,
    pool,
    ranges,
    reductions,
    shapes,
    softmax,
)
from tfcompat.ops.identity import identity
from tfcompat.ops.image_adjust import convert_image_dtype

# --- variation within an image ---------------------------------------------------------------------------------


@export("image.total_variation", v2=("image.total_variation",))
def total_variation(images: Any, name: str | None = None) -> Tensor:
    """The sum of absolute differences between neighbouring pixels.

    Shapes: [h, w, channels] -> [], [batch, h, w, channels] -> [batch].
    Raises: ValueError for other ranks.
    """
    with name_scope(name, "total_variation"):
        rank = images.shape.ndims
        if rank == 3:
            rows = images[1:, :, :] - images[:-1, :, :]
            columns = images[:, 1:, :] - images[:, :-1, :]
            axes = None
        elif rank == 4:
            rows = images[:, 1:, :, :] - images[:, :-1, :, :]
            columns = images[:, :, 1:, :] - images[:, :, :-1, :]
            axes = [1, 2, 3]
        else:
            raise ValueError("'images' must be either 3 or 4-dimensional.")
        down = reductions.reduce_sum(elementwise.abs(rows), axis=axes)
        return down + reductions.reduce_sum(elementwise.abs(columns), axis=axes)


@export("image.image_gradients", v2=("image.image_gradients",))
def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """(dy, dx): the differences to the pixel below and to the right; zero in the last row and column.

    Shapes: [batch, h, w, channels] -> the same, twice.
    Raises: ValueError for other ranks.
    """
    if image.shape.ndims != 4:
        raise ValueError("image_gradients expects a 4D tensor [batch_size, h, w, d], not %s.", image.shape)
    dims = shapes.shape(image)
    batch, height, width, depth = arrays.unstack(dims)
    dy = image[:, 1:, :, :] - image[:, :-1, :, :]
    dx = image[:, :, 1:, :] - image[:, :, :-1, :]
    row = arrays.stack([batch, 1, width, depth])
    dy = shapes.reshape(arrays.concat([dy, shapes.zeros(row, image.dtype)], 1), dims)
    column = arrays.stack([batch, height, 1, depth])
    dx = shapes.reshape(arrays.concat([dx, shapes.zeros(column, image.dtype)], 2), dims)
    return dy, dx


@export("image.sobel_edges", v2=("image.sobel_edges",))
def sobel_edges(image: Any) -> Tensor:
    """Sobel's derivatives down and to the right, of every channel.

    Shapes: [batch, h, w, channels] -> [batch, h, w, channels, 2].
    """
    static = image.shape
    dims = shapes.shape(image)
    down = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    kernels = np.stack([down, down.T], axis=-1)[:, :, None, :]
    filters = constants.constant(kernels, dtype=image.dtype)
    filters = arrays.tile(filters, [1, 1, dims[-1], 1], name="sobel_filters")
    padded = padding.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    edges = depthwise.depthwise_conv2d(padded, filters, [1, 1, 1, 1], "VALID")
    out = shapes.reshape(edges, shape=arrays.concat([dims, [2]], 0))
    out.set_shape(static.concatenate([2]))
    return out


# --- two images ------------------------------------------------------------------------------------------------


def _compatible(img1: Any, img2: Any) -> tuple[Tensor, Tensor, list[Any]]:
    """The shapes of both, and assertions that they fit. Raises ValueError where they are known not to."""
    shape1, shape2 = img1.shape.with_rank_at_least(3), img2.shape.with_rank_at_least(3)
    shape1[-3:].assert_is_compatible_with(shape2[-3:])
    if shape1.ndims is not None and shape2.ndims is not None:
        for d1, d2 in zip(reversed(shape1.dims[:-3]), reversed(shape2.dims[:-3]), strict=False):
            if not (d1 == 1 or d2 == 1 or d1.is_compatible_with(d2)):
                raise ValueError(f"Two images are not compatible: {shape1} and {shape2}")
    dims1, dims2 = shapes.shape_n([img1, img2])
    enough = comparison.greater_equal(shapes.size(dims1), 3)
    checks = [assertions.Assert(enough, [dims1, dims2], summarize=10)]
    same = reductions.reduce_all(comparison.equal(dims1[-3:], dims2[-3:]))
    checks.append(assertions.Assert(same, [dims1, dims2], summarize=10))
    return dims1, dims2, checks


@export("image.psnr", v2=("image.psnr",))
def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    """The peak signal-to-noise ratio in decibels; max_val is the span of the values.

    Shapes: [..., h, w, channels] twice -> [...].
    """
    with name_scope(name, "PSNR", [a, b]):
        max_val = convert_image_dtype(casting.cast(max_val, a.dtype), dtypes.float32)
        a = convert_image_dtype(a, dtypes.float32)
        b = convert_image_dtype(b, dtypes.float32)
        error = reductions.reduce_mean(elementwise.squared_difference(a, b), [-3, -2, -1])
        peak = 20 * exponents.log(max_val) / exponents.log(10.0)
        ratio = elementwise.subtract(peak, np.float32(10 / np.log(10)) * exponents.log(error), name="psnr")
        _, _, checks = _compatible(a, b)
        with get_default_graph().control_dependencies(checks):
            return identity(ratio)


def _gaussian(size: Tensor, sigma: Tensor) -> Tensor:
    """A [size, size, 1, 1] filter of weights that fall off from the middle and add up to 1."""
    size = conversion.to_tensor(size, dtypes.int32)
    sigma = conversion.to_tensor(sigma)
    place = casting.cast(ranges.range(size), sigma.dtype)
    place -= casting.cast(size - 1, sigma.dtype) / 2.0
    g = exponents.square(place)
    g *= -0.5 / exponents.square(sigma)
    g = shapes.reshape(g, shape=[1, -1]) + shapes.reshape(g, shape=[-1, 1])
    g = softmax.softmax(shapes.reshape(g, shape=[1, -1]))
    return shapes.reshape(g, shape=[size, size, 1, 1])


def _luminance_and_structure(
    x: Tensor, y: Tensor, smooth: Callable[[Tensor], Tensor], max_val: Tensor, k1: float, k2: float
) -> tuple[Tensor, Tensor]:
    c1 = (k1 * max_val) ** 2
    c2 = (k2 * max_val) ** 2
    mean0, mean1 = smooth(x), smooth(y)
    products = mean0 * mean1 * 2.0
    squares = exponents.square(mean0) + exponents.square(mean1)
    luminance = (products + c1) / (squares + c1)
    joint = smooth(x * y) * 2.0
    own = smooth(exponents.square(x) + exponents.square(y))
    c2 *= 1.0
    return luminance, (joint - products + c2) / (own - squares + c2)


def _ssim_per_channel(
    img1: Tensor, img2: Tensor, max_val: Tensor, filter_size: Any, filter_sigma: Any, k1: float, k2: float
) -> tuple[Tensor, Tensor]:
    """(similarity, its part without the luminance), of every channel."""
    size = constants.constant(filter_size, dtype=dtypes.int32)
    sigma = constants.constant(filter_sigma, dtype=img1.dtype)
    dims1, dims2 = shapes.shape_n([img1, img2])
    checks = []
    for dims in (dims1, dims2):
        enough = reductions.reduce_all(comparison.greater_equal(dims[-3:-1], size))
        checks.append(assertions.Assert(enough, [dims, size], summarize=8))
    with get_default_graph().control_dependencies(checks):
        img1 = identity(img1)
    kernel = arrays.tile(_gaussian(size, sigma), multiples=[1, 1, dims1[-1], 1])

    def smooth(x: Tensor) -> Tensor:
        dims = shapes.shape(x)
        flat = shapes.reshape(x, shape=arrays.concat([[-1], dims[-3:]], 0))
        y = depthwise.depthwise_conv2d(flat, kernel, strides=[1, 1, 1, 1], padding="VALID")
        return shapes.reshape(y, arrays.concat([dims[:-3], shapes.shape(y)[1:]], 0))

    luminance, structure = _luminance_and_structure(img1, img2, smooth, max_val, k1, k2)
    axes = constants.constant([-3, -2], dtype=dtypes.int32)
    similarity = reductions.reduce_mean(luminance * structure, axes)
    return similarity, reductions.reduce_mean(structure, axes)


@export("image.ssim", v2=("image.ssim",))
def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity of images (Wang et al. 2004); max_val is the span of the values.

    Shapes: [..., h, w, channels] twice -> [...].
    """
    _, _, checks = _compatible(img1, img2)
    with get_default_graph().control_dependencies(checks):
        img1 = identity(img1)
    max_val = convert_image_dtype(casting.cast(max_val, img1.dtype), dtypes.float32)
    img1 = convert_image_dtype(img1, dtypes.float32)
    img2 = convert_image_dtype(img2, dtypes.float32)
    similarity, _ = _ssim_per_channel(img1, img2, max_val, filter_size, filter_sigma, k1, k2)
    return reductions.reduce_mean(similarity, [-1])


_POWERS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


@export("image.ssim_multiscale", v2=("image.ssim_multiscale",))
def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Sequence[float] = _POWERS,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """The structural similarity over several scales (Wang et al. 2003), each half the one before.

    Shapes: [..., h, w, channels] twice -> [...].
    """
    with name_scope(None, "MS-SSIM", [img1, img2]):
        img1 = conversion.to_tensor(img1, name="img1")
        img2 = conversion.to_tensor(img2, name="img2")
        dims1, dims2, checks = _compatible(img1, img2)
        with get_default_graph().control_dependencies(checks):
            img1 = identity(img1)
        max_val = convert_image_dtype(casting.cast(max_val, img1.dtype), dtypes.float32)
        img1 = convert_image_dtype(img1, dtypes.float32)
        img2 = convert_image_dtype(img2, dtypes.float32)
        imgs = [img1, img2]
        heads = [d[:-3] for d in (dims1, dims2)]
        tails = [d[-3:] for d in (dims1, dims2)]
        divisor = constants.constant([2, 2, 1], dtype=dtypes.int32)
        structures = []
        similarity: Any = None
        for k in range(len(power_factors)):
            with name_scope(None, f"Scale{k}", imgs):
                if k > 0:
                    imgs, tails = _halved(imgs, heads, tails, divisor)
                similarity, structure = _ssim_per_channel(
                    *imgs, max_val=max_val, filter_size=filter_size, filter_sigma=filter_sigma, k1=k1, k2=k2
                )
                structures.append(activations.relu(structure))
        # At the last scale the luminance counts too.
        whole = arrays.stack(structures[:-1] + [activations.relu(similarity)], axis=-1)
        product = reductions.reduce_prod(elementwise.pow(whole, power_factors), [-1])
        return reductions.reduce_mean(product, [-1])


def _halved(
    imgs: list[Tensor], heads: list[Tensor], tails: list[Tensor], divisor: Tensor
) -> tuple[list[Tensor], list[Tensor]]:
    """Both images at half the size (rounded up, with their edges mirrored), and their new inner shapes."""
    flat = [shapes.reshape(x, arrays.concat([[-1], t], 0)) for x, t in zip(imgs, tails, strict=True)]
    rest = tails[0] % divisor  # type: ignore[operator]
    odd = reductions.reduce_any(comparison.not_equal(rest, 0))

    def padded() -> list[Tensor]:
        pads = padding.pad(shapes.expand_dims(rest, -1), [[1, 0], [1, 0]])
        return [padding.pad(x, pads, mode="SYMMETRIC") for x in flat]

    even = control_flow.cond(odd, padded, lambda: flat)
    small = [pool.avg_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="VALID") for x in even]
    tails = [d[1:] for d in shapes.shape_n(small)]  # type: ignore[index]
    return [
        shapes.reshape(x, arrays.concat([h, t], 0)) for x, h, t in zip(small, heads, tails, strict=True)
    ], tails
