"""The batch normalization ops: FusedBatchNorm in three versions, their gradients, and BatchNormWithGlobalNormalization.

All statistics are per channel, over everything else. Beyond TF on the CPU: NCHW, and gradients that arrive at the
batch statistics.
Source: TF 1.15, core/kernels/fused_batch_norm_op.cc, batch_norm_op.h; python/ops/nn_grad.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import Op, Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, drawn, fixed, real, sample
from tfcompat.framework.shape_rules import merge, merge_dim, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, exponents, permuting, reductions, shapes, windows
from tfcompat.ops.cross_entropy import is_unused_gradient

aten = torch.ops.aten

# --- kernels -------------------------------------------------------------------------------------------------------


def _check_inputs(x: torch.Tensor, channel: int, **vectors: torch.Tensor) -> None:
    if x.dim() != 4:
        raise InvalidArgumentError(None, None, f"input must be 4-dimensional{text(tuple(x.shape))}")
    for name, vector in vectors.items():
        if vector.dim() != 1:
            raise InvalidArgumentError(None, None, f"{name} must be 1-dimensional{text(tuple(vector.shape))}")
        if vector.shape[0] != x.shape[channel]:
            raise InvalidArgumentError(
                None,
                None,
                f"{name} must have the same number of elements as the channels of x, got {vector.shape[0]} and "
                f"{x.shape[channel]}",
            )


def _narrow_on_cpu(x: torch.Tensor) -> bool:
    return x.device.type == "cpu" and x.dtype in (torch.float16, torch.bfloat16)


def _forward(
    x: torch.Tensor,
    scale: torch.Tensor,
    offset: torch.Tensor,
    mean: torch.Tensor,
    variance: torch.Tensor,
    *,
    epsilon: float,
    data_format: str,
    is_training: bool,
) -> list[torch.Tensor]:
    """y, mean and variance (Bessel-corrected) of the batch, and both again as the gradient wants them."""
    layout = windows.format_of(data_format)
    _check_inputs(x, layout.channel, scale=scale, offset=offset)
    narrow = x.dtype if _narrow_on_cpu(x) else None
    z = windows.channels_second(x.float() if narrow else x, layout)
    if not is_training:
        _check_inputs(x, layout.channel, estimated_mean=mean, estimated_variance=variance)
        y = aten.native_batch_norm(z, scale, offset, mean, variance, False, 0.0, epsilon)[0]
        y = windows.channels_back(y, layout)
        return [y.to(narrow) if narrow else y, mean, variance, mean, variance]
    depth = scale.shape[0]
    if mean.numel() or variance.numel():
        raise InvalidArgumentError(None, None, f"estimated_mean must be empty for training{text(tuple(mean.shape))}")
    if x.numel() == 0:
        nothing = torch.full((depth,), math.nan, dtype=scale.dtype, device=x.device)
        return [torch.empty_like(x), nothing, nothing, nothing, nothing]
    # With a momentum of 1 torch leaves mean and corrected variance in the buffers for the running ones.
    batch_mean, batch_variance = torch.zeros((2, depth), dtype=scale.dtype, device=x.device)
    y = aten.native_batch_norm(z, scale, offset, batch_mean, batch_variance, True, 1.0, epsilon)[0]
    n = x.numel() // depth
    if n == 1:
        batch_variance = torch.zeros_like(batch_variance)
        plain = batch_variance
    else:
        plain = batch_variance * ((n - 1) / n)
    y = windows.channels_back(y, layout)
    return [y.to(narrow) if narrow else y, batch_mean, batch_variance, batch_mean, plain]


def _backward(
    y_backprop: torch.Tensor,
    x: torch.Tensor,
    scale: torch.Tensor,
    mean: torch.Tensor,
    variance: torch.Tensor,
    *,
    epsilon: float,
    data_format: str,
    is_training: bool,
) -> list[torch.Tensor]:
    """Gradients of x, scale and offset; then what the ops have in place of those of mean and variance."""
    layout = windows.format_of(data_format)
    if y_backprop.shape != x.shape:
        raise InvalidArgumentError(
            None,
            None,
            f"x and y_backprop must have same shape, but x has shape {text(tuple(x.shape))} and y_backprop has shape "
            f"{text(tuple(y_backprop.shape))}",
        )
    _check_inputs(x, layout.channel, scale=scale, reserve_space_1=mean, reserve_space_2=variance)
    depth = scale.shape[0]
    rest = scale.new_zeros((2, 0) if is_training else (2, depth)).unbind(0)
    if x.numel() == 0:
        return [torch.empty_like(x), torch.zeros_like(scale), torch.zeros_like(scale), *rest]
    narrow = x.dtype if _narrow_on_cpu(x) else None
    if narrow:
        x, y_backprop = x.float(), y_backprop.float()
    dx, dscale, doffset = aten.native_batch_norm_backward(
        windows.channels_second(y_backprop, layout),
        windows.channels_second(x, layout),
        scale,
        mean,
        variance,
        mean,
        torch.rsqrt(variance + epsilon),
        is_training,
        epsilon,
        [True, True, True],
    )
    dx = windows.channels_back(dx, layout)
    return [dx.to(narrow) if narrow else dx, dscale, doffset, *rest]


def _forward_v3(*inputs: torch.Tensor, **attrs: Any) -> list[torch.Tensor]:
    return [*_forward(*inputs, **attrs), inputs[1].new_zeros(())]


def _backward_v3(*inputs: torch.Tensor, **attrs: Any) -> list[torch.Tensor]:
    return _backward(*inputs[:5], **attrs)


# --- static shapes -------------------------------------------------------------------------------------------------


def _forward_shapes(c: ShapeContext) -> list[Shape]:
    channel = windows.format_of(c.attrs["data_format"]).channel
    x = with_rank(c.shape(0), 4)
    depth = x[channel]
    for i in range(1, 3 if c.attrs["is_training"] else 5):
        depth = merge_dim(depth, with_rank(c.shape(i), 1)[0])
    y = list(x)
    y[channel] = depth
    return [tuple(y), *[(depth,)] * 4]


def _backward_shapes(c: ShapeContext) -> list[Shape]:
    channel = windows.format_of(c.attrs["data_format"]).channel
    dy, x = with_rank(c.shape(0), 4), with_rank(c.shape(1), 4)
    depth = merge_dim(dy[channel], x[channel])
    for i in range(2, 5):
        depth = merge_dim(depth, with_rank(c.shape(i), 1)[0])
    dx = list(dy)
    dx[channel] = depth
    rest: Shape = (0,) if c.attrs["is_training"] else (depth,)
    return [tuple(dx), (depth,), (depth,), rest, rest]


# --- gradients -----------------------------------------------------------------------------------------------------

_TO_LAST, _TO_SECOND = [0, 2, 3, 1], [0, 3, 1, 2]


def _forward_rule(backward: Callable[[], Op]) -> Callable[..., Sequence[Any]]:
    def rule(node: Any, dy: Tensor, *rest: Any) -> Sequence[Any]:
        x, scale = node.inputs[:2]
        attrs = {name: node._attrs[name] for name in ("epsilon", "data_format", "is_training")}
        third = (node.outputs[5],) if len(node.outputs) == 6 else ()
        if attrs["is_training"]:
            grads = backward()(dy, x, scale, node.outputs[3], node.outputs[4], *third, **attrs)
            return [_with_statistics(node, grads[0], *rest[:4]), *grads[1:]]
        first = attrs["data_format"] == "NCHW"
        if first:
            x = permuting.transpose(x, _TO_LAST)
            dy = permuting.transpose(dy, _TO_LAST)
            attrs["data_format"] = "NHWC"
        dx, dscale, doffset = backward()(dy, x, scale, node.inputs[3], node.inputs[4], *third, **attrs)[:3]
        if first:
            dx = permuting.transpose(dx, _TO_SECOND)
        return dx, dscale, doffset, None, None

    return rule


def _axes_of(node: Any) -> tuple[list[int], list[int] | None]:
    """The axes that statistics are taken over, and the shape that puts them beside x (None: they fit as they are)."""
    return ([0, 1, 2], None) if node._attrs["data_format"] == "NHWC" else ([0, 2, 3], [1, -1, 1, 1])


def _with_statistics(node: Any, dx: Tensor, *by_statistics: Tensor) -> Tensor:
    """Adds what comes through the batch's statistics (outputs 1 to 4), when something does; TF drops it."""
    _, _, spread = _channelwise(node)
    x = node.inputs[0]
    for i, g in enumerate(by_statistics):
        if is_unused_gradient(g):
            continue
        n = _rest_size(x, g)
        if i in (0, 2):  # the mean
            dx += casting.cast(spread(g / n), dx.dtype)
            continue
        centered = casting.cast(x, g.dtype) - spread(node.outputs[1])
        dx += casting.cast(2.0 * centered * spread(g / (n - 1.0 if i == 1 else n)), dx.dtype)
    return dx


def _rest_size(x: Tensor, vector: Tensor) -> Tensor:
    return casting.cast(shapes.size(x), vector.dtype) / casting.cast(shapes.size(vector), vector.dtype)


def _backward_rule(node: Any, *grads: Tensor) -> list[Any]:
    """The derivatives of x_backprop, scale_backprop and offset_backprop.

    TF differentiates the formulas once more with a tape; here the result is written down. With a and b for the
    gradient of x_backprop and y_backprop, c for the centered x, r for 1 / sqrt(var + epsilon), means over the rest:
    x_backprop = scale r (b - mean(b) - r^2 c mean(b c)) is symmetric in a and b, so b's derivative looks the same.
    """
    dy, x, scale, mean, variance = node.inputs[:5]
    more = [None] * (len(node.inputs) - 3)
    kind = x.dtype
    narrow = kind in (dtypes.float16, dtypes.bfloat16)
    a, b = grads[0], dy
    if narrow:
        a, b, x = (casting.cast(t, dtypes.float32) for t in (a, b, x))
    derive = _training_second if node._attrs["is_training"] else _inference_second
    by_dy, by_x, by_scale = derive(node, a, b, x, scale, mean, variance, grads[1], grads[2])
    if narrow:
        by_dy, by_x = casting.cast(by_dy, kind), casting.cast(by_x, kind)
    return [by_dy, by_x, by_scale, *more]


def _channelwise(node: Any) -> tuple[Callable[..., Tensor], Callable[..., Tensor], Callable[..., Tensor]]:
    """(mean and sum per channel, a vector put beside x)."""
    axes, beside = _axes_of(node)

    def average(t: Tensor) -> Tensor:
        return reductions.reduce_mean(t, axes)

    def total(t: Tensor) -> Tensor:
        return reductions.reduce_sum(t, axes)

    def spread(v: Tensor) -> Tensor:
        return v if beside is None else shapes.reshape(v, beside)

    return average, total, spread


def _training_second(
    node: Any, a: Tensor, b: Tensor, x: Tensor, scale: Tensor, _m: Any, _v: Any, by_scale: Tensor, by_offset: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    average, total, spread = _channelwise(node)
    c = x - spread(average(x))
    r = exponents.rsqrt(average(exponents.square(c)) + node._attrs["epsilon"])
    r2 = exponents.square(r)
    a_c, b_c = a - spread(average(a)), b - spread(average(b))
    ac, bc, ab = average(a * c), average(b * c), average(a_c * b_c)
    # What follows from y_backprop's place in all three results.
    by_dy = spread(scale * r) * (a_c - c * spread(r2 * ac)) + spread(by_scale * r) * c + spread(by_offset)
    r3 = r * r2
    through_c = scale * r3 * (3.0 * r2 * ac * bc - ab) - by_scale * r3 * bc
    by_x = (
        c * spread(through_c) - spread(scale * r3) * (a_c * spread(bc) + b_c * spread(ac)) + spread(by_scale * r) * b_c
    )
    result = r * total(a * (b_c - c * spread(r2 * bc)))
    return by_dy, by_x, result


def _inference_second(
    node: Any,
    a: Tensor,
    b: Tensor,
    x: Tensor,
    scale: Tensor,
    mean: Tensor,
    variance: Tensor,
    by_scale: Any,
    by_offset: Any,
) -> tuple[Tensor, Tensor, Tensor]:
    _, total, spread = _channelwise(node)
    r = exponents.rsqrt(variance + node._attrs["epsilon"])
    by_dy = a * spread(scale * r) + spread(by_scale * r) * (x - spread(mean)) + spread(by_offset)
    by_x = b * spread(by_scale * r)
    return by_dy, by_x, r * total(a * b)


# --- declarations --------------------------------------------------------------------------------------------------


def _family(version: str) -> tuple[Op, Op]:
    third = version == "V3"
    forward = op(f"FusedBatchNorm{version}")((lambda c: [*_forward_shapes(c), None]) if third else _forward_shapes)
    backward = op(f"FusedBatchNormGrad{version}")(_backward_shapes)
    attrs = ("epsilon", "data_format", "is_training")
    forward.kernel(_forward_v3 if third else _forward)
    backward.kernel(_backward_v3 if third else _backward)
    forward.kernel_attrs = backward.kernel_attrs = attrs
    # Inference hands mean and variance on.
    forward.alias = True
    forward.gradient(_forward_rule(lambda: backward))
    backward.gradient(_backward_rule)

    @forward.samples
    def forwards() -> Iterator[Sample]:
        for data_format in ("NHWC", "NCHW"):
            none = fixed([], "float32")
            yield sample(real(3, 2, 2, 2), real(2), real(2), none, none, data_format=data_format, epsilon=0.01)
            yield sample(
                real(2, 2, 1, 2), real(2), real(2), _constant(0.0, 1.0), _constant(0.5, 2.0),
                data_format=data_format, epsilon=0.01, is_training=False,
            )  # fmt: skip

    @backward.samples
    def backwards() -> Iterator[Sample]:
        more = (fixed(0.0, "float32"),) if third else ()
        for data_format in ("NHWC", "NCHW"):
            yield sample(
                real(2, 2, 1, 2), real(2, 2, 1, 2), real(2), _constant(0.0, 1.0), _constant(0.5, 2.0), *more,
                data_format=data_format, epsilon=0.01, is_training=False,
            )  # fmt: skip

    return forward, backward


def _constant(low: float, high: float) -> Any:
    """Two numbers that no gradient is taken of."""
    return drawn(lambda rng: rng.uniform(low, high, 2), False)


fused_batch_norm_op, fused_batch_norm_grad_op = _family("")
fused_batch_norm_v2_op, fused_batch_norm_grad_v2_op = _family("V2")
fused_batch_norm_v3_op, fused_batch_norm_grad_v3_op = _family("V3")


# --- the op of old graphs ------------------------------------------------------------------------------------------


@op("BatchNormWithGlobalNormalization")
def batch_norm_with_global_normalization_op(c: ShapeContext) -> Shape:
    x = with_rank(c.shape(0), 4)
    depth = x[3]
    for i in range(1, 5):
        depth = merge_dim(depth, with_rank(c.shape(i), 1)[0])
    return (*x[:3], depth)


@op("BatchNormWithGlobalNormalizationGrad")
def batch_norm_with_global_normalization_grad_op(c: ShapeContext) -> list[Shape]:
    x = with_rank(merge(with_rank(c.shape(0), 4), c.shape(4)), 4)
    depth = x[3]
    for i in range(1, 4):
        depth = merge_dim(depth, with_rank(c.shape(i), 1)[0])
    return [(*x[:3], depth), *[(depth,)] * 4]


@batch_norm_with_global_normalization_op.kernel
def _global_norm(
    t: Any, m: Any, v: Any, beta: Any, gamma: Any, *, variance_epsilon: float, scale_after_normalization: bool
) -> torch.Tensor:
    factor = torch.rsqrt(v + variance_epsilon)
    return (t - m) * (factor * gamma if scale_after_normalization else factor) + beta


@batch_norm_with_global_normalization_grad_op.kernel
def _global_norm_grad(
    t: Any, m: Any, v: Any, gamma: Any, backprop: Any, *, variance_epsilon: float, scale_after_normalization: bool
) -> list[torch.Tensor]:
    factor = torch.rsqrt(v + variance_epsilon)
    scaled = factor * gamma if scale_after_normalization else factor
    axes = (0, 1, 2)
    db = backprop.sum(axes)
    along = (backprop * (t - m)).sum(axes)
    dg = along * factor if scale_after_normalization else torch.zeros_like(gamma)
    return [backprop * scaled, -db * scaled, along * scaled / (v + variance_epsilon) / -2, db, dg]


@batch_norm_with_global_normalization_op.gradient
def _global_norm_rule(node: Any, dy: Tensor) -> Sequence[Tensor]:
    t, m, v, _, gamma = node.inputs
    attrs = {name: node._attrs[name] for name in ("variance_epsilon", "scale_after_normalization")}
    return batch_norm_with_global_normalization_grad_op(t, m, v, gamma, dy, **attrs)  # type: ignore[no-any-return]


@batch_norm_with_global_normalization_grad_op.gradient
def _global_norm_grad_rule(node: Any, gx: Tensor, gm: Tensor, gv: Tensor, gb: Tensor, gg: Tensor) -> list[Tensor]:
    t, m, v, gamma, dy = node.inputs
    scaled = node._attrs["scale_after_normalization"]
    r = exponents.rsqrt(v + node._attrs["variance_epsilon"])
    f = r * gamma if scaled else r
    r2 = exponents.square(r)
    c = t - m
    axes = [0, 1, 2]
    along, total, across = (reductions.reduce_sum(z, axes) for z in (dy * c, dy, gx * dy))
    # The results are dy f, -total f, -along f r2 / 2, total, along r; first what multiplies dy and c in them.
    by_along = -0.5 * gv * f * r2
    if scaled:
        by_along = by_along + gg * r
    by_dy = gx * f + c * by_along + (gb - gm * f)
    by_t = dy * by_along
    by_f = across - gm * total - 0.5 * gv * along * r2
    by_r2 = -0.5 * gv * along * f
    by_r = by_f * gamma + gg * along if scaled else by_f
    by_v = -0.5 * by_r * r * r2 - by_r2 * exponents.square(r2)
    by_gamma = by_f * r if scaled else shapes.zeros_like(gamma)
    return [by_t, -total * by_along, by_v, by_gamma, by_dy]
