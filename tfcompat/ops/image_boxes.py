"""Bounding boxes: choosing among overlapping ones, drawing them, random ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes, seeds, stacks, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge_dim, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import heap
from tfcompat.ops.image_resize import single
from tfcompat.ops.linalg_common import refuse
from tfcompat.ops.philox import WordStream
from tfcompat.ops.random import generator

# --- how much two boxes overlap --------------------------------------------------------------------------------


class _Boxes:
    """Corners and areas of boxes, in the precision of their type."""

    def __init__(self, boxes: np.ndarray) -> None:
        self.low_y, self.high_y = np.minimum(boxes[:, 0], boxes[:, 2]), np.maximum(boxes[:, 0], boxes[:, 2])
        self.low_x, self.high_x = np.minimum(boxes[:, 1], boxes[:, 3]), np.maximum(boxes[:, 1], boxes[:, 3])
        self.area = (self.high_y - self.low_y) * (self.high_x - self.low_x)

    def overlap(self, i: Any, j: Any) -> Any:
        """Intersection over union of box i with boxes j; 0 where one is empty."""
        zero = self.area.dtype.type(0)
        height = np.minimum(self.high_y[i], self.high_y[j]) - np.maximum(self.low_y[i], self.low_y[j])
        width = np.minimum(self.high_x[i], self.high_x[j]) - np.maximum(self.low_x[i], self.low_x[j])
        both = np.maximum(height, zero) * np.maximum(width, zero)
        with np.errstate(all="ignore"):
            share = both / (self.area[i] + self.area[j] - both)
        return np.where((self.area[i] <= 0) | (self.area[j] <= 0), zero, share)


Overlap = Callable[[Any, Any], Any]


def _greedy(
    overlap: Overlap, scores: np.ndarray, count: int, threshold: Any, least: Any, sigma: Any = 0
) -> tuple[list[int], list[Any]]:
    """The boxes chosen, the best first, and their scores: each puts out those that overlap it too much.

    With a sigma (soft suppression) a box loses some of its score for each overlap, and is chosen when nothing lowered
    its score since it was put back. As in TF 1.15 a chosen box is put back too: it goes out by overlapping itself,
    unless it has no area.
    """
    kind = scores.dtype.type
    candidates = np.flatnonzero(scores > least)
    order = heap.Heap((scores[i], (int(i), 0)) for i in candidates)
    scale = kind(-0.5) / kind(sigma) if sigma > 0 else kind(0)
    chosen: list[int] = []
    chosen_scores: list[Any] = []
    while len(chosen) < count and order:
        score, (box, seen) = order.pop()
        before = score
        hard = False
        if len(chosen) > seen:
            # Newest first, as in TF: the order decides where the score is cut off.
            similar = overlap(box, chosen[seen:])[::-1]
            if scale == 0:
                hard = bool((similar >= threshold).any())
            else:
                for s in similar:
                    weight = kind(math.exp(float(np.float32(scale * s * s)))) if s <= threshold else kind(0)
                    score = kind(score * weight)
                    if s >= threshold:
                        hard = True
                        break
                    if score <= least:
                        break
        if hard:
            continue
        seen = len(chosen)
        if score == before:
            chosen.append(box)
            chosen_scores.append(score)
        if score > least:
            order.push(score, (box, seen))
    return chosen, chosen_scores


# --- the ops ---------------------------------------------------------------------------------------------------


def _needs(dim: int | None, value: int) -> None:
    if dim is not None and dim != value:
        raise ShapeError(f"Dimension must be {value} but is {dim}")


def _check_shapes(c: ShapeContext) -> None:
    boxes = with_rank(c.shape(0), 2)
    (scores,) = with_rank(c.shape(1), 1)
    for i in range(2, len(c)):
        with_rank(c.shape(i), 0)
    merge_dim(boxes[0], scores)
    if c.op_type == "NonMaxSuppressionWithOverlaps":
        merge_dim(boxes[0], boxes[1])
    else:
        _needs(boxes[1], 4)


def _length(c: ShapeContext) -> int | None:
    """The length of the outputs: known where they are padded to the wanted number."""
    if not c.attrs.get("pad_to_max_output_size", False):
        return None
    value = c.value(2)
    return None if value is None else int(value)


def _check_inputs(boxes: torch.Tensor, scores: torch.Tensor, scalars: dict[str, Any]) -> None:
    for name, value in scalars.items():
        if isinstance(value, list) or (isinstance(value, torch.Tensor) and value.dim()):
            shape = [len(value)] if isinstance(value, list) else list(value.shape)
            raise refuse(f"{name} must be 0-D, got shape {text(tuple(shape))}")
    threshold = scalars.get("iou_threshold")
    if threshold is not None and not 0 <= float(threshold) <= 1:
        raise refuse("iou_threshold must be in [0, 1]")
    if boxes.dim() != 2:
        raise refuse(f"boxes must be 2-D{text(tuple(boxes.shape))}")
    if boxes.shape[1] != 4:
        raise refuse("boxes must have 4 columns")
    _check_scores(scores, boxes.shape[0])


def _check_scores(scores: torch.Tensor, count: int) -> None:
    if scores.dim() != 1:
        raise refuse(f"scores must be 1-D{text(tuple(scores.shape))}")
    if scores.shape[0] != count:
        raise refuse("scores has incompatible shape")


def _chosen(
    boxes: torch.Tensor, scores: torch.Tensor, count: Any, threshold: Any, least: Any = None, sigma: Any = None
) -> tuple[list[int], list[Any]]:
    """The greedy choice with thresholds as numbers of the scores' type. Raises InvalidArgumentError."""
    values = scores.cpu().numpy()
    kind = values.dtype.type
    if count < 0:
        raise refuse("output size must be non-negative")
    lowest = np.finfo(values.dtype).min if least is None else kind(float(least))
    softness = kind(0 if sigma is None else float(sigma))
    found = _Boxes(boxes.cpu().numpy())
    return _greedy(found.overlap, values, count, kind(float(threshold)), lowest, softness)


def _indices(found: list[int], device: torch.device) -> torch.Tensor:
    return torch.tensor(found, dtype=torch.int32, device=device)


@op("NonMaxSuppression", host=("max_output_size",))
def non_max_suppression_op(c: ShapeContext) -> Shape:
    _check_shapes(c)
    return (None,)


@non_max_suppression_op.kernel
def _nms(boxes: torch.Tensor, scores: torch.Tensor, max_output_size: Any, *, iou_threshold: float) -> torch.Tensor:
    _check_inputs(boxes, scores, {"max_output_size": max_output_size, "iou_threshold": iou_threshold})
    return _indices(_chosen(boxes, scores, max_output_size, iou_threshold)[0], boxes.device)


@op("NonMaxSuppressionV2", host=("max_output_size",))
def non_max_suppression_v2_op(c: ShapeContext) -> Shape:
    _check_shapes(c)
    return (None,)


@non_max_suppression_v2_op.kernel
def _nms_v2(
    boxes: torch.Tensor, scores: torch.Tensor, max_output_size: Any, iou_threshold: torch.Tensor
) -> torch.Tensor:
    _check_inputs(boxes, scores, {"max_output_size": max_output_size, "iou_threshold": iou_threshold})
    return _indices(_chosen(boxes, scores, max_output_size, iou_threshold)[0], boxes.device)


@op("NonMaxSuppressionV3", host=("max_output_size",))
def non_max_suppression_v3_op(c: ShapeContext) -> Shape:
    _check_shapes(c)
    return (None,)


@non_max_suppression_v3_op.kernel
def _nms_v3(
    boxes: torch.Tensor,
    scores: torch.Tensor,
    max_output_size: Any,
    iou_threshold: torch.Tensor,
    score_threshold: torch.Tensor,
) -> torch.Tensor:
    scalars = {"max_output_size": max_output_size, "iou_threshold": iou_threshold, "score_threshold": score_threshold}
    _check_inputs(boxes, scores, scalars)
    return _indices(_chosen(boxes, scores, max_output_size, iou_threshold, score_threshold)[0], boxes.device)


@op("NonMaxSuppressionV4", host=("max_output_size",))
def non_max_suppression_v4_op(c: ShapeContext) -> list[Shape]:
    _check_shapes(c)
    return [(_length(c),), ()]


@non_max_suppression_v4_op.kernel
def _nms_v4(
    boxes: torch.Tensor,
    scores: torch.Tensor,
    max_output_size: Any,
    iou_threshold: torch.Tensor,
    score_threshold: torch.Tensor,
    *,
    pad_to_max_output_size: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    scalars = {"max_output_size": max_output_size, "iou_threshold": iou_threshold, "score_threshold": score_threshold}
    _check_inputs(boxes, scores, scalars)
    found, _ = _chosen(boxes, scores, max_output_size, iou_threshold, score_threshold)
    padding = [0] * (max_output_size - len(found)) if pad_to_max_output_size else []
    valid = torch.tensor(len(found), dtype=torch.int32, device=boxes.device)
    return _indices(found + padding, boxes.device), valid


@op("NonMaxSuppressionV5", host=("max_output_size",))
def non_max_suppression_v5_op(c: ShapeContext) -> list[Shape]:
    _check_shapes(c)
    return [(_length(c),), (_length(c),), ()]


@non_max_suppression_v5_op.kernel
def _nms_v5(
    boxes: torch.Tensor,
    scores: torch.Tensor,
    max_output_size: Any,
    iou_threshold: torch.Tensor,
    score_threshold: torch.Tensor,
    soft_nms_sigma: torch.Tensor,
    *,
    pad_to_max_output_size: bool,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    scalars = {
        "max_output_size": max_output_size,
        "iou_threshold": iou_threshold,
        "score_threshold": score_threshold,
        "soft_nms_sigma": soft_nms_sigma,
    }
    _check_inputs(boxes, scores, scalars)
    if float(soft_nms_sigma) < 0:
        raise refuse("soft_nms_sigma_val must be >= 0")
    found, values = _chosen(boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma)
    padding = [0] * (max_output_size - len(found)) if pad_to_max_output_size else []
    valid = torch.tensor(len(found), dtype=torch.int32, device=boxes.device)
    kept = torch.tensor([float(v) for v in values] + padding, dtype=scores.dtype, device=boxes.device)
    return _indices(found + padding, boxes.device), kept, valid


@op("NonMaxSuppressionWithOverlaps", host=("max_output_size",))
def non_max_suppression_with_overlaps_op(c: ShapeContext) -> Shape:
    _check_shapes(c)
    return (None,)


@non_max_suppression_with_overlaps_op.kernel
def _nms_with_overlaps(
    overlaps: torch.Tensor,
    scores: torch.Tensor,
    max_output_size: Any,
    overlap_threshold: torch.Tensor,
    score_threshold: torch.Tensor,
) -> torch.Tensor:
    for name, value in (("overlap_threshold", overlap_threshold), ("score_threshold", score_threshold)):
        if value.dim():
            raise refuse(f"{name} must be 0-D, got shape {text(tuple(value.shape))}")
    if isinstance(max_output_size, list):
        raise refuse(f"max_output_size must be 0-D, got shape [{len(max_output_size)}]")
    if overlaps.dim() != 2:
        raise refuse(f"overlaps must be 2-D{text(tuple(overlaps.shape))}")
    if overlaps.shape[0] != overlaps.shape[1]:
        raise refuse(f"overlaps must be square{text(tuple(overlaps.shape))}")
    _check_scores(scores, overlaps.shape[0])
    if max_output_size < 0:
        raise refuse("output size must be non-negative")
    table = overlaps.cpu().numpy()
    threshold, least = np.float32(float(overlap_threshold)), np.float32(float(score_threshold))
    found, _ = _greedy(lambda i, j: table[i, j], scores.cpu().numpy(), max_output_size, threshold, least)
    return _indices(found, overlaps.device)


# --- many classes at once --------------------------------------------------------------------------------------


@op("CombinedNonMaxSuppression", host=("max_output_size_per_class", "max_total_size"))
def combined_non_max_suppression_op(c: ShapeContext) -> list[Shape]:
    boxes, scores = with_rank(c.shape(0), 4), with_rank(c.shape(1), 3)
    for i in range(2, 6):
        with_rank(c.shape(i), 0)
    batch = merge_dim(boxes[0], scores[0])
    merge_dim(boxes[1], scores[1])
    _needs(boxes[3], 4)
    classes = scores[2]
    if boxes[2] is not None and classes is not None and boxes[2] not in (1, classes):
        raise ShapeError("third dimension of boxes must be either 1 or equal to the third dimension of scores")
    total, per_class = c.value(3), c.value(2)
    if total is not None and total <= 0:
        raise ShapeError("max_total_size should be > 0 ")
    size = None if total is None else int(total)
    if c.attrs["pad_per_class"]:
        if per_class is not None and per_class <= 0:
            raise ShapeError("max_output_size_per_class must be > 0 if pad_per_class is set to true ")
        known = size is not None and per_class is not None and classes is not None
        size = min(size, int(per_class) * classes) if known else None  # type: ignore[arg-type,operator,type-var]
    return [(boxes[0], size, 4), (boxes[0], size), (boxes[0], size), (batch,)]


@combined_non_max_suppression_op.kernel
def _combined_nms(
    boxes: torch.Tensor,
    scores: torch.Tensor,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: torch.Tensor,
    score_threshold: torch.Tensor,
    *,
    pad_per_class: bool,
    clip_boxes: bool,
) -> tuple[torch.Tensor, ...]:
    _check_combined(boxes, scores, max_total_size, iou_threshold, score_threshold)
    classes = scores.shape[2]
    size = min(max_total_size, max_output_size_per_class * classes) if pad_per_class else max_total_size
    all_boxes, all_scores = boxes.cpu().numpy(), scores.cpu().numpy()
    out = [np.zeros((len(all_boxes), size, n), np.float32) for n in (4, 1, 1)]
    valid = np.zeros(len(all_boxes), np.int32)
    for b in range(len(all_boxes)):
        rows = _of_one_image(
            all_boxes[b], all_scores[b], max_output_size_per_class, float(iou_threshold), float(score_threshold)
        )[:size]
        valid[b] = len(rows)
        for i, (score, kind, box) in enumerate(rows):
            out[0][b, i], out[1][b, i], out[2][b, i] = np.clip(box, 0, 1) if clip_boxes else box, score, kind
    arrays = [out[0], out[1][:, :, 0], out[2][:, :, 0], valid]
    return tuple(torch.from_numpy(np.ascontiguousarray(a)).to(boxes.device) for a in arrays)


def _of_one_image(
    boxes: np.ndarray, scores: np.ndarray, per_class: int, threshold: float, least: float
) -> list[tuple[Any, int, np.ndarray]]:
    """(score, class, box) of what is chosen in all classes, the best first."""
    rows = []
    for kind in range(scores.shape[1]):
        own = np.ascontiguousarray(boxes[:, kind if boxes.shape[1] > 1 else 0])
        found = _Boxes(own)
        order = np.flatnonzero(scores[:, kind] > np.float32(least))
        order = order[np.argsort(-scores[order, kind], kind="stable")]
        chosen: list[int] = []
        for i in order.tolist():
            if len(chosen) >= min(per_class, len(own)):
                break
            if not chosen or not (found.overlap(i, chosen) > np.float32(threshold)).any():
                chosen.append(i)
        rows += [(scores[i, kind], kind, own[i]) for i in chosen]
    return sorted(rows, key=lambda row: -row[0])


def _check_combined(
    boxes: torch.Tensor, scores: torch.Tensor, total: Any, threshold: torch.Tensor, least: torch.Tensor
) -> None:
    if boxes.dim() != 4:
        raise refuse(f"boxes must be 4-D{text(tuple(boxes.shape))}")
    if scores.dim() != 3:
        raise refuse(f"scores must be 3-D{text(tuple(scores.shape))}")
    if boxes.shape[0] != scores.shape[0]:
        raise refuse("boxes and scores must have same batch size")
    if total <= 0:
        raise refuse("max_total_size must be > 0")
    for name, value in (("iou_threshold", threshold), ("score_threshold", least)):
        if value.dim():
            raise refuse(f"{name} must be 0-D, got shape {text(tuple(value.shape))}")
    if not 0 <= float(threshold) <= 1:
        raise refuse("iou_threshold must be in [0, 1]")
    if boxes.shape[2] not in (1, scores.shape[2]):
        raise refuse("third dimension of boxes must be either 1 or num classes")
    if boxes.shape[3] != 4:
        raise refuse("boxes must have 4 columns")
    if scores.shape[1] != boxes.shape[1]:
        raise refuse("scores has incompatible shape")


# --- drawing ---------------------------------------------------------------------------------------------------

# Yellow, blue, red, lime, purple, olive, maroon, navy blue, aqua, fuchsia.
_PALETTE = [
    [1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1],
    [0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1],
]  # fmt: skip


@op("DrawBoundingBoxes")
def draw_bounding_boxes_op(c: ShapeContext) -> Shape:
    images = with_rank(c.shape(0), 4)
    if images[3] not in (None, 1, 3, 4):
        raise ShapeError("Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA)")
    _needs(with_rank(c.shape(1), 3)[2], 4)
    return c.shape(0)


@op("DrawBoundingBoxesV2")
def draw_bounding_boxes_v2_op(c: ShapeContext) -> Shape:
    return at_least_rank(c.shape(0), 3)


def _drawn(images: torch.Tensor, boxes: torch.Tensor, colors: torch.Tensor | None) -> torch.Tensor:
    if images.dim() != 4:
        raise refuse("The rank of the images should be 4")
    if boxes.dim() != 3:
        raise refuse("The rank of the boxes tensor should be 3")
    if images.shape[0] != boxes.shape[0]:
        raise refuse("The batch sizes should be the same")
    height, width, depth = images.shape[1:]
    if depth not in (1, 3, 4):
        raise refuse("Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA)")
    if boxes.shape[2] != 4:
        raise refuse(f"The size of the third dimension of the box must be 4. Received: {boxes.shape[2]}")
    if colors is not None:
        if colors.dim() != 2:
            raise refuse(f"colors must be a 2-D matrix{text(tuple(colors.shape))}")
        if colors.shape[1] < depth:
            shown = text(tuple(colors.shape))
            raise refuse(f"colors must have equal or more channels than the image provided: {shown}")
    if colors is None or not colors.numel():
        colors = torch.tensor(_PALETTE)
        if depth == 1:
            colors[:, 0] = 1
    paint = colors[:, :depth].to(images)
    canvas = images.clone()
    limits = torch.tensor([height - 1, width - 1, height - 1, width - 1], dtype=torch.float32)
    corners = (boxes.float().cpu() * limits).trunc().long().tolist()
    for image, group in zip(canvas, corners, strict=True):
        for i, corner in enumerate(group):
            _outline(image, corner, paint[i % len(paint)])
    return canvas


def _outline(image: torch.Tensor, corner: list[int], color: torch.Tensor) -> None:
    top, left, bottom, right = corner
    height, width = image.shape[:2]
    shown = f"Bounding box ({top},{left},{bottom},{right})"
    if top > bottom or left > right:
        tf_logging.warning(f"{shown} is inverted and will not be drawn.")
        return
    if top >= height or bottom < 0 or left >= width or right < 0:
        tf_logging.warning(f"{shown} is completely outside the image and will not be drawn.")
        return
    rows, columns = slice(max(top, 0), min(bottom, height - 1) + 1), slice(max(left, 0), min(right, width - 1) + 1)
    if top >= 0:
        image[top, columns] = color
    if bottom < height:
        image[bottom, columns] = color
    if left >= 0:
        image[rows, left] = color
    if right < width:
        image[rows, right] = color


@draw_bounding_boxes_op.kernel
def _draw(images: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    return _drawn(images, boxes, None)


@draw_bounding_boxes_v2_op.kernel
def _draw_v2(images: torch.Tensor, boxes: torch.Tensor, colors: torch.Tensor) -> torch.Tensor:
    return _drawn(images, boxes, colors)


# --- random boxes ----------------------------------------------------------------------------------------------


def _sampled_shapes(c: ShapeContext) -> list[Shape]:
    _needs(with_rank(c.shape(0), 1)[0], 3)
    _needs(with_rank(c.shape(1), 3)[2], 4)
    if len(c) > 2:
        with_rank(c.shape(2), 0)
    return [(3,), (3,), (1, 1, 4)]


Rectangle = tuple[int, int, int, int]  # left, top, right, bottom
_F32 = np.float32


def _area(r: Rectangle) -> int:
    return (r[2] - r[0]) * (r[3] - r[1])


def _common(a: Rectangle, b: Rectangle) -> Rectangle:
    left, top, right, bottom = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return (0, 0, 0, 0) if left > right or top > bottom else (left, top, right, bottom)


def _covers(crop: Rectangle, least: Any, objects: list[Rectangle]) -> bool:
    """Whether the crop holds at least this share of one of the objects."""
    if _area(crop) < 1:
        return False
    return any(_area(o) >= 1 and _F32(_area(_common(crop, o))) / _F32(_area(o)) >= least for o in objects)


def _random_crop(width: int, height: int, areas: Any, aspect: Any, stream: WordStream) -> Rectangle | None:
    """A crop of the given aspect ratio and an area between two shares of the image's; None where there is none."""
    if width <= 0 or height <= 0 or areas[0] > areas[1]:
        return None
    least, most = (_F32(_F32(share * _F32(width)) * _F32(height)) for share in areas)
    rows = int(np.rint(np.sqrt(least / aspect)))
    most_rows = int(np.rint(np.sqrt(most / aspect)))
    if int(np.rint(_F32(most_rows) * aspect)) > width:
        most_rows = int((width + 0.5 - float(_F32(0.0000001))) / float(aspect))
    most_rows = min(most_rows, height)
    rows = min(rows, most_rows)
    if rows < most_rows:
        rows += stream.below(most_rows - rows + 1)
    columns = int(np.rint(_F32(rows) * aspect))
    if _F32(columns * rows) < least:
        rows += 1
        columns = int(np.rint(_F32(rows) * aspect))
    if _F32(columns * rows) > most:
        rows -= 1
        columns = int(np.rint(_F32(rows) * aspect))
    found = _F32(columns * rows)
    if found < least or found > most or columns > width or rows > height or columns <= 0 or rows <= 0:
        return None
    top = stream.below(height - rows) if rows < height else 0
    left = stream.below(width - columns) if columns < width else 0
    return left, top, left + columns, top + rows


def _check_ranges(attrs: dict[str, Any]) -> None:
    def shown(pair: list[float]) -> str:
        return f"[{_F32(pair[0]):g}, {_F32(pair[1]):g}]"

    aspect, area = attrs["aspect_ratio_range"], attrs["area_range"]
    if len(aspect) != 2:
        raise refuse("Aspect ratio range field must specify 2 dimensions")
    if aspect[0] <= 0 or aspect[1] <= 0:
        raise refuse(f"Aspect ratio range must be non-negative: {shown(aspect)}")
    if len(area) != 2:
        raise refuse("Area range field must specify 2 dimensions")
    if area[0] <= 0 or area[1] <= 0:
        raise refuse(f"Area range must be non-negative: {shown(area)}")
    if area[0] > 1 or area[1] > 1:
        raise refuse(f"Area range must be less then or equal to 1.0: {shown(area)}")
    if attrs["max_attempts"] <= 0:
        raise refuse(f"Max attempts must be non-negative: {attrs['max_attempts']}")


def _objects(boxes: np.ndarray, width: int, height: int, use_image: bool) -> list[Rectangle]:
    outside = boxes[~((boxes >= 0) & (boxes <= 1))]
    if outside.size:
        raise refuse(f"All bounding box coordinates must be in [0.0, 1.0]: {outside[0]:g}")
    sides = np.array([height, width, height, width], np.float32)
    found = [(x1, y1, x2, y2) for y1, x1, y2, x2 in (boxes.reshape(-1, 4) * sides).astype(np.int32).tolist()]
    if not found:
        if not use_image:
            raise refuse(
                "No bounding boxes provided as input. One must enable use_image_if_no_bounding_boxes if you wish to "
                "not provide any bounding boxes."
            )
        found = [(0, 0, width, height)]
    return found


def _sampling(op_type: str) -> Op:
    made = op(op_type, host=("image_size",))(_sampled_shapes)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.builder
    def build(c: KernelContext) -> Callable[..., tuple[torch.Tensor, ...]]:
        attrs = c.attrs
        state = generator(c)
        kind = attrs["T"].torch
        areas = tuple(_F32(x) for x in attrs["area_range"])
        low, high = (_F32(x) for x in (*attrs["aspect_ratio_range"], 0, 0)[:2])

        def sample_box(
            image_size: Any, bounding_boxes: torch.Tensor, min_object_covered: torch.Tensor | None = None
        ) -> tuple[torch.Tensor, ...]:
            _check_ranges(attrs)
            if not isinstance(image_size, list) or len(image_size) != 3:
                raise refuse("image_size must contain 3 elements")
            height, width = image_size[:2]
            if bounding_boxes.dim() != 3:
                shown = text(tuple(bounding_boxes.shape))
                raise refuse(f"input boxes must be 3-dimensional [batch, num_boxes, coords]: {shown}")
            if bounding_boxes.shape[2] != 4:
                raise refuse(f"bounding boxes must have shape [4] or [*, 4], got {text(tuple(bounding_boxes.shape))}")
            covered = attrs["min_object_covered"] if min_object_covered is None else min_object_covered
            least = _F32(float(covered))
            if least < 0:
                raise refuse(f"Min object covered must be non-negative: {least:g}")
            objects = _objects(
                bounding_boxes.cpu().numpy(), width, height, attrs["use_image_if_no_bounding_boxes"]
            )
            stream = WordStream(state.reserve_words(4 * attrs["max_attempts"]), ahead=4)
            crop: Rectangle = (0, 0, width, height)
            for _ in range(attrs["max_attempts"]):
                aspect = _F32(_F32(stream.float32()) * (high - low) + low)
                found = _random_crop(width, height, areas, aspect, stream)
                if found is not None and _covers(found, least, objects):
                    crop = found
                    break
            left, top, right, bottom = crop
            with np.errstate(all="ignore"):
                box = np.array([top, left, bottom, right], np.float32) / np.array(
                    [height, width, height, width], np.float32
                )
            device = bounding_boxes.device
            begin = torch.tensor([top, left, 0], device=device).to(kind)
            size = torch.tensor([bottom - top, right - left, -1], device=device).to(kind)
            return begin, size, torch.from_numpy(box).view(1, 1, 4).to(device)

        return sample_box

    return made


sample_distorted_bounding_box_op = _sampling("SampleDistortedBoundingBox")
sample_distorted_bounding_box_v2_op = _sampling("SampleDistortedBoundingBoxV2")

for _made in (
    non_max_suppression_op,
    non_max_suppression_v2_op,
    non_max_suppression_with_overlaps_op,
    combined_non_max_suppression_op,
    draw_bounding_boxes_op,
):
    _made.gradient(NOT_DIFFERENTIABLE)


# --- samples ---------------------------------------------------------------------------------------------------

_SOME = np.array([[0, 0, 1, 1], [0, 0.1, 1, 1.1], [0, -0.1, 1, 0.9], [0, 10, 1, 11]], np.float32)
_SCORES = np.array([0.9, 0.75, 0.6, 0.95], np.float32)


def _give_samples(made: Op, *more: float, **attrs: Any) -> None:
    numbers = [fixed(x, np.float32) for x in more]
    made.samples(lambda: iter([sample(fixed(_SOME), fixed(_SCORES), fixed(3), *numbers, **attrs)]))


_give_samples(non_max_suppression_op)
_give_samples(non_max_suppression_v2_op, 0.5)
_give_samples(non_max_suppression_v3_op, 0.5, 0.1)
_give_samples(non_max_suppression_v4_op, 0.5, 0.1, pad_to_max_output_size=True)
_give_samples(non_max_suppression_v5_op, 0.5, 0.1, 0.4)


@non_max_suppression_with_overlaps_op.samples
def _overlap_samples() -> Iterator[Sample]:
    table = np.eye(4, dtype=np.float32)
    yield sample(fixed(table), fixed(_SCORES), fixed(3), fixed(0.5, np.float32), fixed(0.1, np.float32))


@combined_non_max_suppression_op.samples
def _combined_samples() -> Iterator[Sample]:
    boxes, scores = fixed(_SOME.reshape(1, 4, 1, 4)), fixed(np.stack([_SCORES, _SCORES / 2], 1)[None])
    half, tenth = fixed(0.5, np.float32), fixed(0.1, np.float32)
    yield sample(boxes, scores, fixed(2), fixed(5), half, tenth)
    yield sample(boxes, scores, fixed(2), fixed(5), half, tenth, pad_per_class=True)


@draw_bounding_boxes_op.samples
def _draw_samples() -> Iterator[Sample]:
    yield sample(single(1, 5, 6, 3), fixed([[[0.1, 0.2, 0.7, 0.9]]], np.float32))


@draw_bounding_boxes_v2_op.samples
def _draw_v2_samples() -> Iterator[Sample]:
    yield sample(
        single(1, 5, 6, 3), fixed([[[0.1, 0.2, 0.7, 0.9]]], np.float32), fixed([[0.1, 0.2, 0.3, 1.0]], np.float32)
    )


# --- public names ----------------------------------------------------------------------------------------------


@export("image.non_max_suppression", v2=("image.non_max_suppression",))
def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """The indices of boxes, the best first, without those that overlap a better one by more than the threshold.

    Shapes: boxes [n, 4] (two opposite corners), scores [n] -> [m], m at most max_output_size.
    """
    with name_scope(name, "non_max_suppression"):
        iou_threshold = conversion.to_tensor(iou_threshold, name="iou_threshold")
        score_threshold = conversion.to_tensor(score_threshold, name="score_threshold")
        return non_max_suppression_v3_op(boxes, scores, max_output_size, iou_threshold, score_threshold)  # type: ignore[no-any-return]


@export("image.non_max_suppression_with_scores", v2=("image.non_max_suppression_with_scores",))
def non_max_suppression_with_scores(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    soft_nms_sigma: Any = 0.0,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """Like `non_max_suppression`, with the scores; with a sigma overlaps lower scores instead of putting boxes out."""
    with name_scope(name, "non_max_suppression_with_scores"):
        iou_threshold = conversion.to_tensor(iou_threshold, name="iou_threshold")
        score_threshold = conversion.to_tensor(score_threshold, name="score_threshold")
        soft_nms_sigma = conversion.to_tensor(soft_nms_sigma, name="soft_nms_sigma")
        indices, kept, _ = non_max_suppression_v5_op(
            boxes,
            scores,
            max_output_size,
            iou_threshold,
            score_threshold,
            soft_nms_sigma,
            pad_to_max_output_size=False,
        )
        return indices, kept


@export("image.non_max_suppression_padded", v2=("image.non_max_suppression_padded",))
def non_max_suppression_padded(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_to_max_output_size: bool = False,
    name: str | None = None,
) -> Any:
    """(indices as of `non_max_suppression`, padded with zeros on request, how many of them count)."""
    with name_scope(name, "non_max_suppression_padded"):
        iou_threshold = conversion.to_tensor(iou_threshold, name="iou_threshold")
        score_threshold = conversion.to_tensor(score_threshold, name="score_threshold")
        return non_max_suppression_v4_op(
            boxes,
            scores,
            max_output_size,
            iou_threshold,
            score_threshold,
            pad_to_max_output_size=pad_to_max_output_size,
        )


@export("image.non_max_suppression_overlaps", v2=("image.non_max_suppression_overlaps",))
def non_max_suppression_with_overlaps(
    overlaps: Any,
    scores: Any,
    max_output_size: Any,
    overlap_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Tensor:
    """Like `non_max_suppression`, given how much each pair of boxes overlaps.

    Shapes: overlaps [n, n], scores [n] -> [m].
    """
    with name_scope(name, "non_max_suppression_overlaps"):
        overlap_threshold = conversion.to_tensor(overlap_threshold, name="overlap_threshold")
        return non_max_suppression_with_overlaps_op(  # type: ignore[no-any-return]
            overlaps, scores, max_output_size, overlap_threshold, score_threshold
        )


@export("image.combined_non_max_suppression", v2=("image.combined_non_max_suppression",))
def combined_non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> Any:
    """(boxes, scores, classes, how many count) of what `non_max_suppression` keeps in each class of each image.

    Shapes: boxes [batch, n, q, 4], scores [batch, n, classes]; q is 1 or classes.
    """
    with name_scope(name, "combined_non_max_suppression"):
        iou_threshold = conversion.to_tensor(iou_threshold, dtypes.float32, name="iou_threshold")
        score_threshold = conversion.to_tensor(score_threshold, dtypes.float32, name="score_threshold")
        return combined_non_max_suppression_op(
            boxes,
            scores,
            max_output_size_per_class,
            max_total_size,
            iou_threshold,
            score_threshold,
            pad_per_class=pad_per_class,
            clip_boxes=clip_boxes,
        )


@export("image.draw_bounding_boxes")
def draw_bounding_boxes(images: Any, boxes: Any, name: str | None = None, colors: Any = None) -> Tensor:
    """Images with the outlines of boxes, in given colours or ten others.

    Shapes: images [batch, h, w, channels], boxes [batch, n, 4] (y1, x1, y2, x2 in [0, 1]), colors [m, channels].
    """
    return draw_bounding_boxes_v2(images, boxes, colors, name)


@export(v2=("image.draw_bounding_boxes",))
def draw_bounding_boxes_v2(images: Any, boxes: Any, colors: Any, name: str | None = None) -> Tensor:
    """Images with the outlines of boxes, in given colours or ten others."""
    if colors is None:
        return draw_bounding_boxes_op(images, boxes, name=name)  # type: ignore[no-any-return]
    return draw_bounding_boxes_v2_op(images, boxes, colors, name=name)  # type: ignore[no-any-return]


@export("image.sample_distorted_bounding_box")
def sample_distorted_bounding_box(
    image_size: Any,
    bounding_boxes: Any,
    seed: int | None = None,
    seed2: int | None = None,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> Any:
    """(begin, size, box) of a random part of an image that holds enough of one of the boxes; else the whole image.

    begin and size are for `tf.slice`, the box for `draw_bounding_boxes`.
    Shapes: image_size [3], bounding_boxes [batch, n, 4] -> [3], [3], [1, 1, 4].
    """
    with name_scope(name, "sample_distorted_bounding_box"):
        given = {
            "seed": seed,
            "seed2": seed2,
            "aspect_ratio_range": aspect_ratio_range,
            "area_range": area_range,
            "max_attempts": max_attempts,
            "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes,
        }
        attrs = {k: v for k, v in given.items() if v is not None}
        return sample_distorted_bounding_box_v2_op(image_size, bounding_boxes, min_object_covered, name=name, **attrs)


@export(v2=("image.sample_distorted_bounding_box",))
def sample_distorted_bounding_box_v2(
    image_size: Any,
    bounding_boxes: Any,
    seed: int = 0,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: int | None = None,
    use_image_if_no_bounding_boxes: bool | None = None,
    name: str | None = None,
) -> Any:
    """A random part of an image that holds enough of one of the boxes."""
    seed1, seed2 = seeds.graph_op_seeds(stacks.get_default_graph(), seed) if seed else (0, 0)
    return sample_distorted_bounding_box(
        image_size,
        bounding_boxes,
        seed1,
        seed2,
        min_object_covered,
        aspect_ratio_range,
        area_range,
        max_attempts,
        use_image_if_no_bounding_boxes,
        name,
    )
