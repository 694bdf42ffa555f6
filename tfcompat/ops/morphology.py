"""Grey-scale morphology: dilation (the maximum of input + filter over a window) and erosion.

Of several equal maxima the first one gets the gradient. Second derivatives, which TF lacks, are put together from
slices, one for each tap of the filter, so sizes must be known while building.
Source: TF 1.15, core/kernels/dilation_ops.cc; python/ops/nn_ops.py.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, drawn, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import merge_dim, text, unchanged, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import comparison, elementwise, padding, permuting, shapes, windows
from tfcompat.ops.windows import Extent


def _dilation_shape(c: ShapeContext) -> Shape:
    x, w = with_rank(c.shape(0), 4), with_rank(c.shape(1), 3)
    strides, rates = c.attrs["strides"], c.attrs["rates"]
    for name, values in (("stride", strides), ("rates", rates)):
        if len(values) != 4:
            raise ShapeError(f"Dilation2D requires the {name} attribute to contain 4 values, but got: {len(values)}")
    if None in (x[1], x[2], w[0], w[1]):
        return (x[0], None, None, w[2])
    merge_dim(x[3], w[2])
    out = []
    for i in (0, 1):
        size, taps = x[i + 1], w[i]
        assert size is not None and taps is not None
        try:
            out.append(windows.extent(size, taps, strides[i + 1], c.attrs["padding"], rates[i + 1]).out)
        except InvalidArgumentError as error:
            raise ShapeError(error.message) from None
    return (x[0], *out, w[2])


dilation2d_op = op("Dilation2D")(_dilation_shape)
dilation2d_backprop_input_op = op("Dilation2DBackpropInput")(unchanged)
dilation2d_backprop_filter_op = op("Dilation2DBackpropFilter")(lambda c: c.shape(1))


def _slices(tap: tuple[int, int], strides: Sequence[int], rates: Sequence[int], extents: list[Extent]) -> Any:
    """What a tap of the filter sees of the padded input, as an index."""
    return (slice(None),) + tuple(
        slice(t * r, t * r + (e.out - 1) * s + 1, s) for t, r, s, e in zip(tap, rates, strides, extents, strict=True)
    )


class _Dilation:
    """One use of the ops: the maxima, and which tap each comes from."""

    def __init__(
        self, x: torch.Tensor, w: torch.Tensor, strides: Sequence[int], rates: Sequence[int], scheme: str
    ) -> None:
        if strides[0] != 1 or strides[3] != 1:
            raise self._error("Stride is only supported across spatial dimensions.")
        if rates[0] != 1 or rates[3] != 1:
            raise self._error("Rate is only supported across spatial dimensions.")
        if x.dim() != 4:
            raise self._error(f"input must be 4-dimensional{text(tuple(x.shape))}")
        if w.dim() != 3:
            raise self._error(f"filter must be 3-dimensional: {text(tuple(w.shape))}")
        if x.shape[3] != w.shape[2]:
            raise self._error(f"input and filter must have the same depth: {x.shape[3]} vs {w.shape[2]}")
        self.x, self.w = x, w
        self.strides, self.rates = strides[1:3], rates[1:3]
        self.extents = [
            windows.extent(x.shape[i + 1], w.shape[i], self.strides[i], scheme, self.rates[i]) for i in (0, 1)
        ]
        self.taps = list(itertools.product(range(w.shape[0]), range(w.shape[1])))
        self.out_dims = [x.shape[0], self.extents[0].out, self.extents[1].out, x.shape[3]]

    @staticmethod
    def _error(message: str) -> InvalidArgumentError:
        return InvalidArgumentError(None, None, message)

    def padded(self, x: torch.Tensor, value: float) -> torch.Tensor:
        (top, bottom), (left, right) = ((e.before, e.after) for e in self.extents)
        return torch.constant_pad_nd(x, [0, 0, left, right, top, bottom], value)

    def at(self, tap: tuple[int, int]) -> Any:
        return _slices(tap, self.strides, self.rates, self.extents)

    def maxima(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Values and the number of the tap, both of the output's shape."""
        x, w = self.x, self.w
        if not x.is_floating_point():
            # The sum with what lies outside must neither overflow nor win.
            x, w = x.long(), w.long()
            outside = float(torch.iinfo(torch.int64).min // 2)
        else:
            outside = -math.inf
        x = self.padded(x, outside)
        best = torch.full(self.out_dims, outside, dtype=x.dtype, device=x.device)
        where = torch.zeros(self.out_dims, dtype=torch.int64, device=x.device)
        for i, tap in enumerate(self.taps):
            value = x[self.at(tap)] + w[tap]
            larger = value > best
            best = torch.where(larger, value, best)
            where = torch.where(larger, i, where)
        return best.to(self.x.dtype), where

    def check(self, dy: torch.Tensor) -> None:
        if list(dy.shape) != self.out_dims:
            raise self._error("out_backprop has incompatible size.")


@dilation2d_op.kernel
def _dilation2d(input: Any, filter: Any, *, strides: Any, rates: Any, padding: str) -> torch.Tensor:
    return _Dilation(input, filter, strides, rates, padding).maxima()[0]


@dilation2d_backprop_input_op.kernel
def _dilation2d_backprop_input(
    input: Any, filter: Any, out_backprop: Any, *, strides: Any, rates: Any, padding: str
) -> torch.Tensor:
    run = _Dilation(input, filter, strides, rates, padding)
    run.check(out_backprop)
    _, where = run.maxima()
    dx = torch.zeros_like(run.padded(input, 0))
    for i, tap in enumerate(run.taps):
        dx[run.at(tap)] += torch.where(where == i, out_backprop, 0)
    top, left = (e.before for e in run.extents)
    return dx[:, top : top + input.shape[1], left : left + input.shape[2]].contiguous()


@dilation2d_backprop_filter_op.kernel
def _dilation2d_backprop_filter(
    input: Any, filter: Any, out_backprop: Any, *, strides: Any, rates: Any, padding: str
) -> torch.Tensor:
    run = _Dilation(input, filter, strides, rates, padding)
    run.check(out_backprop)
    _, where = run.maxima()
    dw = torch.zeros_like(filter)
    for i, tap in enumerate(run.taps):
        dw[tap] = torch.where(where == i, out_backprop, 0).sum((0, 1, 2)).to(dw.dtype)
    return dw


def _attrs_of(node: Any) -> dict[str, Any]:
    return {name: node._attrs[name] for name in ("strides", "rates", "padding")}


@dilation2d_op.gradient
def _dilation2d_grad(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    x, w = node.inputs
    attrs = _attrs_of(node)
    dx = dilation2d_backprop_input_op(x, w, dy, **attrs)
    return dx, dilation2d_backprop_filter_op(x, w, dy, **attrs)


def _static_extents(node: Any) -> tuple[list[tuple[int, int]], list[Extent]]:
    """Taps and geometry. Raises LookupError when they are not known while building."""
    x, w = node.inputs[0]._dims, node.inputs[1]._dims
    if x is None or w is None or None in (x[1], x[2], w[0], w[1]):
        raise LookupError(
            f"the gradient of '{node.name}' (op type: {node.type}) needs static heights and widths of input and filter"
        )
    if w[0] * w[1] > 1 << 16:
        raise LookupError(f"the gradient of '{node.name}' (op type: {node.type}) is not for {w[0]} by {w[1]} taps")
    strides, rates, scheme = node._attrs["strides"], node._attrs["rates"], node._attrs["padding"]
    extents = [windows.extent(x[i + 1], w[i], strides[i + 1], scheme, rates[i + 1]) for i in (0, 1)]
    return list(itertools.product(range(w[0]), range(w[1]))), extents


def _chosen_taps(node: Any) -> Iterator[tuple[tuple[int, int], Any, list[Extent], Tensor]]:
    """For each tap: itself, its slices, the geometry, and where its value is the first maximum."""
    x, w, _ = node.inputs
    taps, extents = _static_extents(node)
    strides, rates = node._attrs["strides"][1:3], node._attrs["rates"][1:3]
    padded = _pad(x, extents, float(x.dtype.min) / 2 if x.dtype.is_floating else 0)
    best = dilation2d_op(x, w, **_attrs_of(node))
    taken: Tensor | None = None
    for tap in taps:
        at = _slices(tap, strides, rates, extents)
        here = comparison.equal(padded[at] + w[tap], best)
        chosen = here if taken is None else comparison.logical_and(here, comparison.logical_not(taken))
        taken = here if taken is None else comparison.logical_or(taken, here)
        yield tap, at, extents, chosen


def _pad(x: Tensor, extents: list[Extent], value: float) -> Tensor:
    pairs = [[0, 0], *([e.before, e.after] for e in extents), [0, 0]]
    return padding.pad(x, pairs, constant_values=value)


def _pick(condition: Tensor, value: Tensor) -> Tensor:
    return comparison.select_op(condition, value, shapes.zeros_like(value))


@dilation2d_backprop_input_op.gradient
def _dilation2d_backprop_input_grad(node: Any, g: Tensor) -> tuple[None, None, Tensor]:
    total: Any = None
    padded: Tensor | None = None
    for _, at, extents, chosen in _chosen_taps(node):
        padded = _pad(g, extents, 0.0) if padded is None else padded
        part = _pick(chosen, padded[at])
        total = part if total is None else total + part
    return None, None, total


@dilation2d_backprop_filter_op.gradient
def _dilation2d_backprop_filter_grad(node: Any, g: Tensor) -> tuple[None, None, Tensor]:
    dy = node.inputs[2]
    total: Any = None
    for tap, _, _, chosen in _chosen_taps(node):
        part = _pick(chosen, shapes.zeros_like(dy) + g[tap])
        total = part if total is None else total + part
    return None, None, total


_CASES: list[tuple[Any, Any, Any, dict[str, Any]]] = [
    ((1, 4, 5, 2), (2, 2, 2), (1, 3, 4, 2), {"strides": [1, 1, 1, 1], "rates": [1, 1, 1, 1], "padding": "VALID"}),
    ((2, 5, 4, 1), (2, 3, 1), (2, 3, 4, 1), {"strides": [1, 2, 1, 1], "rates": [1, 1, 2, 1], "padding": "SAME"}),
]


@dilation2d_op.samples
def _dilation2d_samples() -> Iterator[Sample]:
    for x, w, _, attrs in _CASES:
        yield sample(real(*x, distinct=True), real(*w, distinct=True), **attrs)


def _constant(seed: int, *dims: int) -> Any:
    """Fixed numbers: moving them would only show where the maxima change place."""
    values = np.random.RandomState(seed).uniform(-1, 1, dims)
    return drawn(lambda rng: values, False)


@dilation2d_backprop_input_op.samples
@dilation2d_backprop_filter_op.samples
def _dilation2d_backprop_samples() -> Iterator[Sample]:
    for x, w, y, attrs in _CASES:
        yield sample(_constant(1, *x), _constant(2, *w), real(*y), **attrs)


@export("nn.dilation2d")
def dilation2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    rates: Any = None,
    padding: Any = None,
    name: str | None = None,
    filters: Any = None,
    dilations: Any = None,
) -> Tensor:
    """Grey-scale dilation: for each window the largest `input + filter`, per channel.

    `filters` and `dilations` are the newer names of `filter` and `rates`.
    Shapes: input [batch, height, width, depth], filter [height, width, depth] -> [batch, height', width', depth].
    """
    filter = shapes.renamed_argument("filters", filters, "filter", filter)
    rates = shapes.renamed_argument("dilations", dilations, "rates", rates)
    return dilation2d_op(input, filter, strides=strides, rates=rates, padding=padding, name=name)


@export(v2=("nn.dilation2d",))
def dilation2d_v2(
    input: Any, filters: Any, strides: Any, padding: Any, data_format: str, dilations: Any, name: str | None = None
) -> Tensor:
    """Grey-scale dilation: for each window the largest `input + filters`, per channel."""
    if data_format != "NHWC":
        raise ValueError("Data formats other than NHWC are not yet supported")
    return dilation2d_op(input, filters, strides=strides, rates=dilations, padding=padding, name=name)


@export("nn.erosion2d")
def erosion2d(value: Any, kernel: Any, strides: Any, rates: Any, padding: Any, name: str | None = None) -> Tensor:
    """Grey-scale erosion: for each window the smallest `value - kernel`, per channel, with the kernel as it stands.

    Shapes: value [batch, height, width, depth], kernel [height, width, depth] -> [batch, height', width', depth].
    """
    with name_scope(name, "erosion2d", [value, kernel]) as name:
        # The dual of dilation: of the negative, by the reflected kernel.
        return elementwise.negative(
            dilation2d_op(
                elementwise.negative(value),
                permuting.reverse(kernel, [0, 1]),
                strides=strides,
                rates=rates,
                padding=padding,
                name=name,
            )
        )


@export(v2=("nn.erosion2d",))
def erosion2d_v2(
    value: Any, filters: Any, strides: Any, padding: Any, data_format: str, dilations: Any, name: str | None = None
) -> Tensor:
    """Grey-scale erosion: for each window the smallest `value - filters`, per channel."""
    if data_format != "NHWC":
        raise ValueError("Data formats other than NHWC are not yet supported")
    return erosion2d(value, filters, strides, dilations, padding, name)
