"""Parts of images: boxes resized to one size, glimpses, random crops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import FailedPreconditionError, OutOfRangeError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, sample
from tfcompat.framework.shape_rules import merge_dim, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, comparison, elementwise, gathering, ranges, reductions, shapes
from tfcompat.ops.image_resize import single, sized_image
from tfcompat.ops.linalg_common import refuse
from tfcompat.ops.philox import WordStream
from tfcompat.ops.random import generator

# --- crop and resize -------------------------------------------------------------------------------------------


@op("CropAndResize", host=("crop_size",))
def crop_and_resize_op(c: ShapeContext) -> Shape:
    image = with_rank(c.shape(0), 4)
    boxes = with_rank(c.shape(1), 2)
    (count,) = with_rank(c.shape(2), 1)
    count = merge_dim(boxes[0], count)
    _needs(boxes[1], 4)
    return sized_image(c, count, 3, image[3])


def _needs(dim: int | None, value: int) -> None:
    if dim is not None and dim != value:
        raise ShapeError(f"Dimension must be {value} but is {dim}")


def _check_boxes(boxes: torch.Tensor, box_ind: torch.Tensor, batch: int) -> None:
    if boxes.dim() != 2:
        raise refuse(f"boxes must be 2-D{text(tuple(boxes.shape))}")
    if boxes.shape[1] != 4:
        raise refuse("boxes must have 4 columns")
    if box_ind.dim() != 1:
        raise refuse(f"box_index must be 1-D{text(tuple(box_ind.shape))}")
    if box_ind.shape[0] != boxes.shape[0]:
        raise refuse("box_index has incompatible shape")
    if box_ind.numel() and not (int(box_ind.min()) >= 0 and int(box_ind.max()) < batch):
        raise OutOfRangeError(None, None, "box_index has values outside [0, batch_size)")


def _check_image(image: torch.Tensor) -> None:
    if image.dim() != 4:
        raise refuse(f"input image must be 4-D{text(tuple(image.shape))}")
    if not image.shape[1] or not image.shape[2]:
        raise refuse("image dimensions must be positive")


def _places(first: torch.Tensor, last: torch.Tensor, size: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Where the `count` points of every box lie on an axis of `size` pixels, and which of them are inside.

    Shapes: [boxes] twice -> [boxes, count] twice.
    """
    if count > 1:
        step = (last - first) * (size - 1) / (count - 1)
        number = torch.arange(count, dtype=torch.float32, device=first.device)
        place = (first * (size - 1)).unsqueeze(1) + number * step.unsqueeze(1)
    else:
        place = (0.5 * (first + last) * (size - 1)).unsqueeze(1)
    return place, (place >= 0) & (place <= size - 1)


class _Points:
    """The points of all boxes: the four pixels around each, as flat positions, and how far it is into them.

    The arrays are [boxes, height, width]; y and x of the boxes are [boxes, height, 1] and [boxes, 1, width].
    """

    def __init__(self, boxes: torch.Tensor, box_ind: torch.Tensor, image: Any, size: Any) -> None:
        height, width = int(image[1]), int(image[2])
        y, inside_y = _places(boxes[:, 0], boxes[:, 2], height, size[0])
        x, inside_x = _places(boxes[:, 1], boxes[:, 3], width, size[1])
        self.inside = inside_y.unsqueeze(2) & inside_x.unsqueeze(1)
        self.y = torch.where(inside_y, y, 0.0).unsqueeze(2)
        self.x = torch.where(inside_x, x, 0.0).unsqueeze(1)
        self.width = width
        self.first = (box_ind.long() * (height * width)).view(-1, 1, 1)
        top, left = self.y.floor(), self.x.floor()
        self.dy, self.dx = self.y - top, self.x - left
        self.rows = (top.long(), self.y.ceil().long())
        self.columns = (left.long(), self.x.ceil().long())

    def corner(self, below: int, right: int) -> torch.Tensor:
        return self.first + self.rows[below] * self.width + self.columns[right]

    def nearest(self) -> torch.Tensor:
        def rounded(t: torch.Tensor) -> torch.Tensor:
            return (t + 0.5).floor().long()  # halves away from zero; places are not negative

        return self.first + rounded(self.y) * self.width + rounded(self.x)


def _pixels(image: torch.Tensor) -> torch.Tensor:
    return image.reshape(-1, image.shape[3])


@crop_and_resize_op.kernel
def _crop_and_resize(
    image: torch.Tensor,
    boxes: torch.Tensor,
    box_ind: torch.Tensor,
    crop_size: Any,
    *,
    method: str,
    extrapolation_value: float,
) -> torch.Tensor:
    _check_image(image)
    _check_boxes(boxes, box_ind, image.shape[0])
    if not isinstance(crop_size, list):
        raise refuse("crop_size must be 1-D[]")
    if len(crop_size) != 2:
        raise refuse(f"crop_size must have two elements[{len(crop_size)}]")
    if crop_size[0] <= 0 or crop_size[1] <= 0:
        raise refuse("crop dimensions must be positive")
    points = _Points(boxes, box_ind, image.shape, crop_size)
    pixels = _pixels(image)
    if method == "nearest":
        made = pixels[points.nearest()].float()
    else:
        rows = []
        for below in (0, 1):
            left, right = (pixels[points.corner(below, i)].float() for i in (0, 1))
            rows.append(left + (right - left) * points.dx.unsqueeze(3))
        made = rows[0] + (rows[1] - rows[0]) * points.dy.unsqueeze(3)
    return torch.where(points.inside.unsqueeze(3), made, extrapolation_value)


@op("CropAndResizeGradImage", host=("image_size",))
def crop_and_resize_grad_image_op(c: ShapeContext) -> Shape:
    return with_rank(c.shape_value(3), 4)


@crop_and_resize_grad_image_op.kernel
def _crop_and_resize_grad_image(
    grads: torch.Tensor, boxes: torch.Tensor, box_ind: torch.Tensor, image_size: Any, *, method: str, T: Any
) -> torch.Tensor:
    if grads.dim() != 4:
        raise refuse(f"grads image must be 4-D{text(tuple(grads.shape))}")
    if not grads.shape[1] or not grads.shape[2]:
        raise refuse("grads dimensions must be positive")
    if not isinstance(image_size, list) or len(image_size) != 4:
        raise refuse("image_size must have 4 elements")
    if grads.shape[3] != image_size[3]:
        raise refuse("image_size and grads are incompatible")
    _check_boxes(boxes, box_ind, image_size[0])
    points = _Points(boxes, box_ind, image_size, grads.shape[1:3])
    wide = torch.float64 if T is dtypes.float64 else torch.float32
    g = torch.where(points.inside.unsqueeze(3), grads, 0.0).to(wide)
    out = g.new_zeros((image_size[0] * image_size[1] * image_size[2], image_size[3]))

    def put(index: torch.Tensor, part: torch.Tensor) -> None:
        out.index_add_(0, index.reshape(-1), part.reshape(-1, image_size[3]))

    if method == "nearest":
        put(points.nearest().expand(g.shape[:3]), g)
    else:
        for below in (0, 1):
            dy = points.dy if below else 1 - points.dy
            for right in (0, 1):
                dx = points.dx if right else 1 - points.dx
                put(points.corner(below, right), g * (dy * dx).unsqueeze(3))
    return out.view(image_size).to(T.torch)


@op("CropAndResizeGradBoxes")
def crop_and_resize_grad_boxes_op(c: ShapeContext) -> Shape:
    return c.shape(2)


def _along_box(size: int, count: int, device: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """How much each of `count` points moves, in pixels, with the box's first and with its last coordinate."""
    if count > 1:
        last = torch.arange(count, dtype=torch.float32, device=device) * ((size - 1) / (count - 1))
        return (size - 1) - last, last
    half = torch.full((1,), 0.5 * (size - 1), device=device)
    return half, half


@crop_and_resize_grad_boxes_op.kernel
def _crop_and_resize_grad_boxes(
    grads: torch.Tensor, image: torch.Tensor, boxes: torch.Tensor, box_ind: torch.Tensor
) -> torch.Tensor:
    if grads.dim() != 4:
        raise refuse(f"grads image must be 4-D{text(tuple(grads.shape))}")
    if not grads.shape[1] or not grads.shape[2]:
        raise refuse("grads dimensions must be positive")
    _check_image(image)
    if image.shape[3] != grads.shape[3]:
        raise refuse("image, grads depth differ")
    _check_boxes(boxes, box_ind, image.shape[0])
    points = _Points(boxes, box_ind, image.shape, grads.shape[1:3])
    pixels = _pixels(image)
    (tl, tr), (bl, br) = (
        [pixels[points.corner(below, right)].float() for right in (0, 1)] for below in (0, 1)
    )
    dy, dx = points.dy.unsqueeze(3), points.dx.unsqueeze(3)
    g = torch.where(points.inside.unsqueeze(3), grads, 0.0)
    by_y = (g * ((1 - dx) * (bl - tl) + dx * (br - tr))).sum(3)
    by_x = (g * ((1 - dy) * (tr - tl) + dy * (br - bl))).sum(3)
    y1, y2 = _along_box(image.shape[1], grads.shape[1], grads.device)
    x1, x2 = _along_box(image.shape[2], grads.shape[2], grads.device)
    rows, columns = by_y.sum(2), by_x.sum(1)
    return torch.stack([(rows * y1).sum(1), (columns * x1).sum(1), (rows * y2).sum(1), (columns * x2).sum(1)], dim=1)


@crop_and_resize_op.gradient
def _crop_and_resize_rule(node: Any, dy: Any) -> tuple[Any, Tensor, None, None]:
    image, boxes, box_ind, _ = node.inputs
    size = image.shape.as_list() if image.shape.is_fully_defined() else shapes.shape(image)
    by_image = None
    if image.dtype in (dtypes.float16, dtypes.float32, dtypes.float64):
        by_image = crop_and_resize_grad_image_op(
            dy, boxes, box_ind, size, T=node._attrs["T"], method=node._attrs["method"]
        )
    # Also of nearest pixels, whose choice does not move with the box: TF takes the bilinear derivative.
    return by_image, crop_and_resize_grad_boxes_op(dy, image, boxes, box_ind), None, None


@crop_and_resize_grad_image_op.gradient
def _crop_and_resize_grad_image_rule(node: Any, d: Any) -> tuple[Tensor, Any, None, None]:
    grads, boxes, box_ind, _ = node.inputs
    size, method = shapes.shape(grads)[1:3], node._attrs["method"]
    by_grads = crop_and_resize_op(d, boxes, box_ind, size, method=method)
    by_boxes = crop_and_resize_grad_boxes_op(grads, d, boxes, box_ind) if method == "bilinear" else None
    return by_grads, by_boxes, None, None


class _Corners:
    """The bilinear crop in differentiable ops, as far as derivatives by the boxes need it."""

    def __init__(self, image: Tensor, boxes: Tensor, box_ind: Tensor, crop: Tensor) -> None:
        dims = shapes.shape(image)
        self.image = image
        self.dims = dims
        self.box_ind = box_ind
        y, y_inside, self.y_first, self.y_last = self._axis(boxes[:, 0], boxes[:, 2], dims[1], crop[0])
        x, x_inside, self.x_first, self.x_last = self._axis(boxes[:, 1], boxes[:, 3], dims[2], crop[1])
        self.inside = shapes.expand_dims(y_inside, 2) * shapes.expand_dims(x_inside, 1)
        top, left = elementwise.floor(y), elementwise.floor(x)
        self.dy = shapes.expand_dims(shapes.expand_dims(y - top, 2), 3)
        self.dx = shapes.expand_dims(shapes.expand_dims(x - left, 1), 3)
        self.rows = (top, elementwise.ceil(y))
        self.columns = (left, elementwise.ceil(x))

    @staticmethod
    def _axis(first: Tensor, last: Tensor, size: Tensor, count: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(places inside or 0, 1 or 0, how they move with the first and with the last coordinate)."""
        span = casting.cast(size - 1, dtypes.float32)
        several = casting.cast(count > 1, dtypes.float32)
        steps = casting.cast(elementwise.maximum(count - 1, 1), dtypes.float32)
        share = casting.cast(ranges.range(count), dtypes.float32) / steps
        share = share * several + 0.5 * (1.0 - several)
        by_first, by_last = (1.0 - share) * span, share * span
        place = shapes.expand_dims(first, 1) * by_first + shapes.expand_dims(last, 1) * by_last
        inside = casting.cast(comparison.logical_and(place >= 0.0, place <= span), dtypes.float32)
        return place * inside, inside, by_first, by_last

    def index(self, below: int, right: int) -> Tensor:
        """[boxes, height, width, 3] positions of the pixels at one corner."""
        row = casting.cast(self.rows[below], dtypes.int32)
        column = casting.cast(self.columns[right], dtypes.int32)
        zeros = shapes.zeros_like(shapes.expand_dims(row, 2) + shapes.expand_dims(column, 1))
        batch = shapes.expand_dims(shapes.expand_dims(self.box_ind, 1), 2) + zeros
        return arrays.stack([batch, shapes.expand_dims(row, 2) + zeros, shapes.expand_dims(column, 1) + zeros], axis=3)

    def pixel(self, below: int, right: int) -> Tensor:
        return casting.cast(gathering.gather_nd(self.image, self.index(below, right)), dtypes.float32)

    def put(self, below: int, right: int, values: Tensor) -> Tensor:
        """Values added up at the pixels of one corner."""
        return gathering.scatter_nd(self.index(below, right), values, self.dims)

    def moved(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """How far, in pixels, points move down and to the right when the boxes change by u."""

        def along(i: int, by_first: Tensor, by_last: Tensor) -> Tensor:
            return shapes.expand_dims(u[:, i], 1) * by_first + shapes.expand_dims(u[:, i + 2], 1) * by_last

        down = shapes.expand_dims(along(0, self.y_first, self.y_last), 2)
        right = shapes.expand_dims(along(1, self.x_first, self.x_last), 1)
        return tuple(shapes.expand_dims(m * self.inside, 3) for m in (down, right))  # type: ignore[return-value]

    def boxes(self, by_y: Tensor, by_x: Tensor) -> Tensor:
        """The gradient of the boxes from those of the points' places, [boxes, height, width]."""
        rows = reductions.reduce_sum(by_y * self.inside, axis=2)
        columns = reductions.reduce_sum(by_x * self.inside, axis=1)
        parts = [(rows, self.y_first), (columns, self.x_first), (rows, self.y_last), (columns, self.x_last)]
        return arrays.stack([reductions.reduce_sum(g * m, axis=1) for g, m in parts], axis=1)


@crop_and_resize_grad_boxes_op.gradient
def _crop_and_resize_grad_boxes_rule(node: Any, u: Any) -> tuple[Tensor, Any, Tensor, None]:
    # <u, grad of boxes> is <grads, change of the crops when the boxes change by u>.
    grads, image, boxes, box_ind = node.inputs
    c = _Corners(image, boxes, box_ind, shapes.shape(grads)[1:3])
    tl, tr, bl, br = c.pixel(0, 0), c.pixel(0, 1), c.pixel(1, 0), c.pixel(1, 1)
    down, right = c.moved(u)
    by_y = (1.0 - c.dx) * (bl - tl) + c.dx * (br - tr)
    by_x = (1.0 - c.dy) * (tr - tl) + c.dy * (br - bl)
    by_grads = down * by_y + right * by_x
    twist = reductions.reduce_sum(grads * (br - bl - tr + tl), axis=3)
    flat_down, flat_right = shapes.squeeze(down, [3]), shapes.squeeze(right, [3])
    by_boxes = c.boxes(twist * flat_right, twist * flat_down)
    if not image.dtype.is_floating:
        return by_grads, None, by_boxes, None
    y_part, x_part = grads * down, grads * right
    by_image = (
        c.put(0, 0, -y_part * (1.0 - c.dx) - x_part * (1.0 - c.dy))
        + c.put(0, 1, -y_part * c.dx + x_part * (1.0 - c.dy))
        + c.put(1, 0, y_part * (1.0 - c.dx) - x_part * c.dy)
        + c.put(1, 1, y_part * c.dx + x_part * c.dy)
    )
    return by_grads, casting.cast(by_image, image.dtype), by_boxes, None


_BOXES = np.array([[0.13, 0.22, 0.71, 0.83], [0.61, 0.93, 0.17, 0.05], [-0.4, 0.3, 0.6, 1.7]], np.float32)


def _box_spec() -> Any:
    from tfcompat.framework.samples import drawn

    return drawn(lambda rng: _BOXES + rng.uniform(-0.01, 0.01, _BOXES.shape).astype(np.float32))


@crop_and_resize_op.samples
def _crop_and_resize_samples() -> Iterator[Sample]:
    ind = fixed([1, 0, 1])
    yield sample(single(2, 5, 6, 2), fixed(_BOXES, np.float32), ind, fixed([3, 4]))
    yield sample(single(2, 5, 6, 2), fixed(_BOXES, np.float32), ind, fixed([1, 2]), extrapolation_value=3.0)
    yield sample(single(2, 5, 6, 2), fixed(_BOXES, np.float32), ind, fixed([3, 4]), method="nearest")


@crop_and_resize_grad_image_op.samples
def _crop_and_resize_grad_image_samples() -> Iterator[Sample]:
    ind, size = fixed([1, 0, 1]), fixed([2, 5, 6, 2])
    yield sample(single(3, 3, 4, 2), fixed(_BOXES, np.float32), ind, size, T=dtypes.float32)
    yield sample(single(3, 3, 4, 2), fixed(_BOXES, np.float32), ind, size, T=dtypes.float32, method="nearest")


@crop_and_resize_grad_boxes_op.samples
def _crop_and_resize_grad_boxes_samples() -> Iterator[Sample]:
    yield sample(single(3, 3, 4, 2), single(2, 5, 6, 2), fixed(_BOXES, np.float32), fixed([1, 0, 1]))
    yield sample(single(3, 1, 2, 2), single(2, 5, 6, 2), fixed(_BOXES, np.float32), fixed([1, 0, 1]))


@export("image.crop_and_resize")
def crop_and_resize(
    image: Any,
    boxes: Any,
    box_ind: Any = None,
    crop_size: Any = None,
    method: str = "bilinear",
    extrapolation_value: float = 0,
    name: str | None = None,
    box_indices: Any = None,
) -> Tensor:
    """Boxes cut out of images, all resized to one size, as float32.

    boxes: [y1, x1, y2, x2] each, 0 and 1 being the first and the last pixel; points outside the image get the
    extrapolation value. box_ind: the image of each box.
    Shapes: image [batch, h, w, channels], boxes [n, 4] -> [n, *crop_size, channels].
    """
    box_ind = shapes.renamed_argument("box_indices", box_indices, "box_ind", box_ind)
    return crop_and_resize_v2(image, boxes, box_ind, crop_size, method, extrapolation_value, name)


@export(v2=("image.crop_and_resize",))
def crop_and_resize_v2(
    image: Any,
    boxes: Any,
    box_indices: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: float = 0,
    name: str | None = None,
) -> Tensor:
    """Boxes cut out of images, all resized to one size, as float32."""
    return crop_and_resize_op(  # type: ignore[no-any-return]
        image, boxes, box_indices, crop_size, method=method, extrapolation_value=extrapolation_value, name=name
    )


# --- glimpses --------------------------------------------------------------------------------------------------


@op("ExtractGlimpse", host=("size",), stateful=True)
def extract_glimpse_op(c: ShapeContext) -> Shape:
    image = with_rank(c.shape(0), 4)
    offsets = with_rank(c.shape(2), 2)
    batch = merge_dim(image[0], offsets[0])
    _needs(offsets[1], 2)
    if c.attrs["uniform_noise"] and c.attrs["noise"] not in ("", "uniform"):
        raise ShapeError("The uniform_noise and noise should not be specified at the same time")
    return sized_image(c, batch, 1, image[3])


extract_glimpse_op.gradient(NOT_DIFFERENTIABLE)


@extract_glimpse_op.kernel
def _extract_glimpse(
    input: torch.Tensor,
    size: Any,
    offsets: torch.Tensor,
    *,
    centered: bool,
    normalized: bool,
    uniform_noise: bool,
    noise: str,
) -> torch.Tensor:
    kind = noise or ("uniform" if uniform_noise else "gaussian")
    if kind not in ("uniform", "gaussian", "zero"):
        raise refuse(f"The noise could only be uniform, gaussian, or zero, got{noise}")
    if input.dim() != 4:
        raise refuse(f"input must be 4-dimensional (batch_size, height, width, depth){text(tuple(input.shape))}")
    if not isinstance(size, list) or len(size) != 2:
        raise refuse("input must be a vector of size 2 (height, width)")
    if offsets.dim() != 2:
        raise refuse(f"input must be a matrix{text(tuple(offsets.shape))}")
    if offsets.shape[0] != input.shape[0]:
        raise refuse(f"first dimension should be batch{text(tuple(offsets.shape))}")
    if offsets.shape[1] != 2:
        raise refuse(f"second dimension should be of size 2 (y,x){text(tuple(offsets.shape))}")
    out = input.new_empty((input.shape[0], *size, input.shape[3]))
    if not out.numel():
        return out
    extent = offsets.new_tensor(input.shape[1:3])
    place = offsets * extent if normalized else offsets
    if centered:
        place = place / 2 + extent / 2
    starts = (place - offsets.new_tensor(size) / 2).trunc().long().tolist()
    for image, glimpse, start in zip(input, out, starts, strict=True):
        _glimpse(image, glimpse, start, kind)
    return out


def _overlap(start: int, wanted: int, have: int) -> tuple[bool, slice, slice]:
    """(whether the window reaches the image's edge, what is taken of the image, where it goes in the glimpse)."""
    if start < 0:
        length = max(0, wanted + start)
        taken = min(have, length)
        return True, slice(0, taken), slice(wanted - length, wanted - length + taken)
    if start + wanted >= have:
        length = max(0, have - start)
        return True, slice(start, start + length), slice(0, length)
    return False, slice(start, start + wanted), slice(0, wanted)


def _glimpse(image: torch.Tensor, glimpse: torch.Tensor, start: list[int], noise: str) -> None:
    outside_y, rows, to_rows = _overlap(start[0], glimpse.shape[0], image.shape[0])
    outside_x, columns, to_columns = _overlap(start[1], glimpse.shape[1], image.shape[1])
    if outside_y or outside_x:
        if noise == "zero":
            glimpse.zero_()
        elif noise == "uniform":
            low, high = image.min(), image.max()
            glimpse.copy_(low + torch.rand_like(glimpse) * (high - low))
        else:
            pixels = image.reshape(-1, image.shape[2])
            mean, deviation = pixels.mean(0), pixels.std(0, correction=0)
            drawn = mean + torch.randn_like(glimpse) * deviation
            glimpse.copy_(torch.minimum(torch.maximum(drawn, pixels.amin(0)), pixels.amax(0)))
    glimpse[to_rows, to_columns] = image[rows, columns]


@extract_glimpse_op.samples
def _extract_glimpse_samples() -> Iterator[Sample]:
    yield sample(single(2, 5, 6, 2), fixed([2, 3]), fixed([[0.0, 0.1], [0.2, -0.1]], np.float32))


@export("image.extract_glimpse")
def extract_glimpse(
    input: Any,
    size: Any,
    offsets: Any,
    centered: bool = True,
    normalized: bool = True,
    uniform_noise: bool = True,
    name: str | None = None,
) -> Tensor:
    """A window of each image around the given place; outside the image it is noise.

    centered: offsets count from the middle of the image; normalized: in heights and widths, not pixels.
    Shapes: input [batch, h, w, channels], offsets [batch, 2] -> [batch, *size, channels].
    """
    return extract_glimpse_op(  # type: ignore[no-any-return]
        input,
        size,
        offsets,
        centered=centered,
        normalized=normalized,
        uniform_noise=uniform_noise,
        name=name,
    )


@export(v2=("image.extract_glimpse",))
def extract_glimpse_v2(
    input: Any,
    size: Any,
    offsets: Any,
    centered: bool = True,
    normalized: bool = True,
    noise: str = "uniform",
    name: str | None = None,
) -> Tensor:
    """A window of each image around the given place; outside the image it is `noise`."""
    return extract_glimpse_op(  # type: ignore[no-any-return]
        input,
        size,
        offsets,
        centered=centered,
        normalized=normalized,
        noise=noise,
        uniform_noise=False,
        name=name,
    )


# --- random crops (a GraphDef of old; tf.random_crop is made of other ops) ----------------------------------------


@op("RandomCrop", host=("size",))
def random_crop_op(c: ShapeContext) -> Shape:
    image = with_rank(c.shape(0), 3)
    (count,) = with_rank(c.shape(1), 1)
    _needs(count, 2)
    size = c.value(1)
    height, width = (None, None) if size is None else size.tolist()
    return (height, width, image[2])


random_crop_op.gradient(NOT_DIFFERENTIABLE)


@random_crop_op.builder
def _build_random_crop(c: KernelContext) -> Callable[..., torch.Tensor]:
    state = generator(c)

    def crop(image: torch.Tensor, size: Any) -> torch.Tensor:
        if image.dim() != 3:
            raise refuse(f"input must be 3-dimensional{text(tuple(image.shape))}")
        if not isinstance(size, list) or len(size) != 2:
            raise refuse("shape_t must have two elements")
        (height, width), (rows, columns) = image.shape[:2], size
        if width < columns:
            raise FailedPreconditionError(
                None, None, f"width must be >= target_width: width = {width}, target_width = {columns}"
            )
        if height < rows:
            raise FailedPreconditionError(
                None, None, f"height must be >= target_height: height = {height}, target_height = {rows}"
            )
        stream = WordStream(state.reserve_words(2), ahead=1)
        left = stream.word() % (width - columns + 1) if width > columns else 0
        top = stream.word() % (height - rows + 1) if height > rows else 0
        return image[top : top + rows, left : left + columns].clone()

    return crop
