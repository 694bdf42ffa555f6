"""Local response normalization: each channel is divided by a power of the energy of its neighbours.

Source: TF 1.15, core/kernels/lrn_op.cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, drawn, real, sample
from tfcompat.framework.shape_rules import merge, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, exponents, shapes
from tfcompat.ops.conv import conv2d_op

aten = torch.ops.aten


@op("LRN")
def lrn_op(c: ShapeContext) -> Shape:
    return with_rank(c.shape(0), 4)


@op("LRNGrad")
def lrn_grad_op(c: ShapeContext) -> Shape:
    return merge(merge(with_rank(c.shape(0), 4), c.shape(1)), c.shape(2))


def _sum_near(x: torch.Tensor, radius: int) -> torch.Tensor:
    """For each channel the sum over the channels within `radius`."""
    rows = x.reshape(-1, 1, 1, x.shape[-1])
    window = 2 * radius + 1
    return aten.avg_pool2d(rows, [1, window], [1, 1], [0, radius], False, True, 1).view(x.shape)  # type: ignore[no-any-return]


@lrn_op.kernel
def _lrn(input: torch.Tensor, *, depth_radius: int, bias: float, alpha: float, beta: float) -> torch.Tensor:
    x = input.float() if input.dtype in (torch.float16, torch.bfloat16) else input
    if not x.numel():
        return input.clone()
    norm = _sum_near(x * x, depth_radius).mul_(alpha).add_(bias)
    return (x * norm.pow(-beta)).to(input.dtype)


@lrn_grad_op.kernel
def _lrn_grad(
    input_grads: Any, input_image: Any, output_image: Any, *, depth_radius: int, bias: float, alpha: float, beta: float
) -> torch.Tensor:
    narrow = input_image.dtype
    if not input_image.numel():
        return input_image.clone()  # type: ignore[no-any-return]
    if narrow in (torch.float16, torch.bfloat16):
        input_grads, input_image, output_image = (t.float() for t in (input_grads, input_image, output_image))
    norm = _sum_near(input_image * input_image, depth_radius).mul_(alpha).add_(bias)
    shared = _sum_near(input_grads * output_image / norm, depth_radius)
    out = input_grads * norm.pow(-beta) - (2 * alpha * beta) * input_image * shared
    return out.to(narrow)  # type: ignore[no-any-return]


def _attrs_of(node: Any) -> dict[str, Any]:
    return {name: node._attrs[name] for name in ("depth_radius", "bias", "alpha", "beta")}


@lrn_op.gradient
def _lrn_rule(node: Any, dy: Tensor) -> Tensor:
    return lrn_grad_op(dy, node.inputs[0], node.outputs[0], **_attrs_of(node))


def _near(x: Tensor, radius: int) -> Tensor:
    """`_sum_near` in nodes: a convolution with ones along the channels."""
    rows = shapes.reshape(x, [-1, 1, shapes.shape(x)[3], 1])
    ones = shapes.ones([1, 2 * radius + 1, 1, 1], x.dtype)
    return shapes.reshape(conv2d_op(rows, ones, strides=[1, 1, 1, 1], padding="SAME"), shapes.shape(x))


@lrn_grad_op.gradient
def _lrn_grad_rule(node: Any, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    # out = g n^-beta - 2 alpha beta x S(g y / n), with n = bias + alpha S(x^2). S sums over neighbours: <a, S b> = <S a, b>.
    kind = u.dtype
    g, x, y = node.inputs
    narrow = kind is not dtypes.float32
    if narrow:
        u, g, x, y = (casting.cast(t, dtypes.float32) for t in (u, g, x, y))
    radius, bias, alpha, beta = (node._attrs[k] for k in ("depth_radius", "bias", "alpha", "beta"))
    n = bias + alpha * _near(exponents.square(x), radius)
    power = n ** (-beta)
    both = -2.0 * alpha * beta
    seen = both * _near(u * x, radius)
    by_g = u * power + y / n * seen
    by_y = g / n * seen
    by_n = -beta * u * g * power / n - by_y * y / n
    by_x = both * u * _near(g * y / n, radius) + 2.0 * alpha * x * _near(by_n, radius)
    if narrow:
        by_g, by_x, by_y = (casting.cast(t, kind) for t in (by_g, by_x, by_y))
    return by_g, by_x, by_y


@lrn_op.samples
def _lrn_samples() -> Iterator[Sample]:
    yield sample(real(1, 2, 2, 4), depth_radius=1, bias=1.2, alpha=0.7, beta=0.6)
    yield sample(real(2, 1, 1, 3))


@lrn_grad_op.samples
def _lrn_grad_samples() -> Iterator[Sample]:
    image = drawn(lambda rng: rng.uniform(0.3, 1, (1, 2, 2, 4)))
    yield sample(real(1, 2, 2, 4), image, real(1, 2, 2, 4), depth_radius=1, bias=1.2, alpha=0.7, beta=0.6)


@export("nn.local_response_normalization", "nn.lrn")
def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5, name: str | None = None
) -> Tensor:
    """input / (bias + alpha * sum of squares over the channels within depth_radius) ** beta.

    Shapes: [batch, height, width, channels], kept.
    """
    return lrn_op(input, depth_radius=depth_radius, bias=bias, alpha=alpha, beta=beta, name=name)
