"""The pooling ops in two and three dimensions: MaxPool and AvgPool with all their *Grad and *GradGrad ops.

The gradient of a maximum goes to the first largest element in two dimensions and to all of them in three, as TF's CPU
kernels do it. Beyond TF on the CPU: NCHW. A NaN in a window is its maximum.
Source: TF 1.15, core/kernels/maxpooling_op.cc, avgpooling_op.cc, pooling_ops_3d.cc, pooling_ops_common.cc.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError, UnimplementedError
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, drawn, fixed, real, sample
from tfcompat.framework.shape_rules import merge, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import identity, shapes, windows
from tfcompat.ops.windows import Extent

aten = torch.ops.aten


class _Fit(NamedTuple):
    """What pooling over inputs of one size comes to."""

    extents: list[Extent]
    out: list[int]  # all of the output's dimensions, in the data format's order
    padding: list[int]  # what torch is to pad
    ceil: bool  # windows may end outside, so that only the padding in front counts
    written: bool  # all padding has to be written out
    empty: bool


class Pooling:
    """The geometry of a pooling op: its window slides over the spatial dimensions."""

    __slots__ = ("_fits", "dims", "layout", "ones", "padding", "strides", "window", "zeros")

    def __init__(self, ksize: Sequence[int], strides: Sequence[int], padding: str, data_format: str) -> None:
        self.layout = windows.format_of(data_format)
        self.window = [ksize[i] for i in self.layout.spatial]
        self.strides = [strides[i] for i in self.layout.spatial]
        self.padding = padding
        self.dims = len(self.window)
        self.ones = [1] * self.dims
        self.zeros = [0] * self.dims
        self._fits: dict[tuple[int, ...], _Fit] = {}

    def fit(self, dims: Sequence[int]) -> _Fit:
        key = tuple(dims)
        found = self._fits.get(key)
        if found is None:
            if len(self._fits) > 64:
                self._fits.clear()
            found = self._fits[key] = self._make_fit(key)
        return found

    def _make_fit(self, dims: tuple[int, ...]) -> _Fit:
        if len(dims) != self.dims + 2:
            raise InvalidArgumentError(None, None, f"tensor_in must be {self.dims + 2}-dimensional")
        sizes = [dims[i] for i in self.layout.spatial]
        extents = [
            windows.extent(size, k, s, self.padding)
            for size, k, s in zip(sizes, self.window, self.strides, strict=True)
        ]
        out = list(dims)
        for axis, e in zip(self.layout.spatial, extents, strict=True):
            out[axis] = e.out
        front = [e.before for e in extents]
        empty = 0 in dims or 0 in out
        if all(e.before == e.after for e in extents) and (self.dims == 2 or self._all_fit(sizes)):
            return _Fit(extents, out, front, False, False, empty)
        ceil = (self.dims == 2 or self._all_fit(sizes)) and all(
            self._ceil_size(size, k, s, e.before) == e.out
            for size, k, s, e in zip(sizes, self.window, self.strides, extents, strict=True)
        )
        return _Fit(extents, out, front if ceil else self.zeros, ceil, not ceil, empty)

    def _all_fit(self, sizes: Sequence[int]) -> bool:
        """Whether no window is larger than the image: in three dimensions torch asks for that, padding or not."""
        return all(size >= k for size, k in zip(sizes, self.window, strict=True))

    @staticmethod
    def _ceil_size(size: int, k: int, s: int, front: int) -> int:
        """How many windows torch slides with ceil_mode: the last one may end, but not begin, outside."""
        out = -(-(size + 2 * front - k) // s) + 1
        return out - 1 if (out - 1) * s >= size + front else out

    def sizes(self, dims: Sequence[int]) -> list[int]:
        return [dims[i] for i in self.layout.spatial]

    def check_shape(self, name: str, found: Sequence[int], wanted: Sequence[int]) -> None:
        if list(found) != list(wanted):
            raise InvalidArgumentError(
                None, None, f"Expected {name} shape to be {text(tuple(wanted))}, but got {text(tuple(found))}"
            )


def _lowest(x: torch.Tensor) -> float:
    return -math.inf if x.is_floating_point() else torch.iinfo(x.dtype).min


class MaxPooling(Pooling):
    """Maxima of windows, and what flows back through them. Tensors are in the data format's order."""

    __slots__ = ()

    def _find(self, x: torch.Tensor, fit: _Fit) -> Any:
        """Maxima and their flat positions in the (padded) image; channels second."""
        x = windows.channels_second(x, self.layout)
        if fit.written:
            x = windows.padded(x, fit.extents, _lowest(x))
        find = aten.max_pool2d_with_indices if self.dims == 2 else aten.max_pool3d_with_indices
        return find(x, self.window, self.strides, fit.padding, self.ones, fit.ceil)

    def _positions(self, x: torch.Tensor, fit: _Fit) -> torch.Tensor:
        """For each output the flat position of its maximum among the spatial dimensions of x."""
        found = self._find(x, fit)[1]
        if not fit.written:
            return found  # type: ignore[no-any-return]
        sizes = self.sizes(x.shape)
        position = torch.zeros_like(found)
        rest = found
        scale = 1
        for size, e in zip(reversed(sizes), reversed(fit.extents), strict=True):
            whole = size + e.before + e.after
            position += (rest % whole - e.before) * scale
            rest = rest // whole
            scale *= size
        return position

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fit = self.fit(x.shape)
        if fit.empty:
            return x.new_zeros(fit.out)
        return windows.channels_back(self._find(x, fit)[0], self.layout)

    def input_gradient(self, x: torch.Tensor, y: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
        fit = self.fit(x.shape)
        self.check_shape("orig_output", y.shape, fit.out)
        self.check_shape("grad", dy.shape, fit.out)
        if fit.empty:
            return torch.zeros_like(x)
        if self.dims == 3:
            return self._gradient_to_all(x, y, dy, fit)
        if x.is_floating_point() and x.device.type == "cpu" and bool(torch.isnan(y).any()):
            # For torch the last NaN is the maximum, for TF the first one where there is nothing else.
            x = torch.where(torch.isnan(x), -math.inf, x)
        if fit.written or not x.is_floating_point():
            return self.scattered(self._positions(x, fit), dy, x.shape)
        found = self._find(x, fit)[1]
        dx = aten.max_pool2d_with_indices_backward(
            windows.channels_second(dy, self.layout),
            windows.channels_second(x, self.layout),
            self.window,
            self.strides,
            fit.padding,
            self.ones,
            fit.ceil,
            found,
        )
        return windows.channels_back(dx, self.layout)

    def scattered(self, positions: torch.Tensor, dy: torch.Tensor, dims: Sequence[int]) -> torch.Tensor:
        """dy added up at the positions (channels second, per image and channel)."""
        dy = windows.channels_second(dy, self.layout)
        n, c = dy.shape[:2]
        sizes = self.sizes(dims)
        dx = dy.new_zeros((n, c, math.prod(sizes)))
        dx.scatter_add_(2, positions.reshape(n, c, -1), dy.reshape(n, c, -1))
        return windows.channels_back(dx.view(n, c, *sizes), self.layout)

    def _gradient_to_all(self, x: torch.Tensor, y: torch.Tensor, dy: torch.Tensor, fit: _Fit) -> torch.Tensor:
        """Every element that equals the maximum gets the whole gradient, as TF's three-dimensional kernel has it.

        (TF also counts elements within 1e-5 of the maximum; those that differ get nothing here.)
        """
        sizes = self.sizes(x.shape)
        x, y, dy = (windows.channels_second(t, self.layout) for t in (x, y, dy))
        x = windows.padded(x, fit.extents, math.nan)
        dx = torch.zeros_like(x)
        for offset in itertools.product(*(range(k) for k in self.window)):
            at = (...,) + tuple(
                slice(o, o + (e.out - 1) * s + 1, s) for o, e, s in zip(offset, fit.extents, self.strides, strict=True)
            )
            dx[at] += torch.where(x[at] == y, dy, 0)
        return windows.channels_back(windows.cropped(dx, fit.extents, sizes), self.layout)

    def gathered_gradient(self, x: torch.Tensor, y: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        """g, of x's shape, taken where the maxima are: the gradient of `input_gradient` with respect to dy."""
        fit = self.fit(x.shape)
        self.check_shape("orig_output", y.shape, fit.out)
        self.check_shape("grad", g.shape, x.shape)
        if fit.empty:
            return g.new_zeros(fit.out)
        return self.gathered(self._positions(x, fit), g)

    def gathered(self, positions: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        g = windows.channels_second(g, self.layout)
        n, c = g.shape[:2]
        taken = g.reshape(n, c, -1).gather(2, positions.reshape(n, c, -1))
        return windows.channels_back(taken.view(n, c, *positions.shape[2:]), self.layout)


class AvgPooling(Pooling):
    """Means of windows over the elements inside the image, and what flows back through them."""

    __slots__ = ("_counts",)

    def __init__(self, ksize: Sequence[int], strides: Sequence[int], padding: str, data_format: str) -> None:
        super().__init__(ksize, strides, padding, data_format)
        self._counts: dict[Any, torch.Tensor] = {}

    def _count(self, dims: Sequence[int], fit: _Fit, like: torch.Tensor) -> torch.Tensor:
        """How many elements inside the image each window has (only needed when padding is written out)."""
        key = (tuple(dims), like.dtype, like.device)
        found = self._counts.get(key)
        if found is None:
            found = torch.ones((), dtype=like.dtype)
            for size, k, s, e in zip(self.sizes(dims), self.window, self.strides, fit.extents, strict=True):
                begin = torch.arange(e.out) * s - e.before
                inside = (begin + k).clamp(max=size) - begin.clamp(min=0)
                found = found.unsqueeze(-1) * inside.to(like.dtype)
            if len(self._counts) > 16:
                self._counts.clear()
            found = self._counts[key] = found.to(like.device)
        return found

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        fit = self.fit(x.shape)
        if fit.empty:
            return x.new_zeros(fit.out)
        pool = aten.avg_pool2d if self.dims == 2 else aten.avg_pool3d
        dims = x.shape
        x = windows.channels_second(x, self.layout)
        if fit.written:
            x = windows.padded(x, fit.extents)
            y = pool(x, self.window, self.strides, self.zeros, False, True, 1) / self._count(dims, fit, x)
        else:
            y = pool(x, self.window, self.strides, fit.padding, fit.ceil, False)
        return windows.channels_back(y, self.layout)

    def input_gradient(self, dims: Sequence[int], dy: torch.Tensor) -> torch.Tensor:
        fit = self.fit(dims)
        self.check_shape("out_backprop", dy.shape, fit.out)
        if fit.empty:
            return dy.new_zeros(list(dims))
        pool = aten.avg_pool2d_backward if self.dims == 2 else aten.avg_pool3d_backward
        dy = windows.channels_second(dy, self.layout)
        if not fit.written:
            x = windows.empty_like_layout(dims, self.layout, dy)
            dx = pool(dy, x, self.window, self.strides, fit.padding, fit.ceil, False, None)
            return windows.channels_back(dx, self.layout)
        whole = list(dims)
        for axis, e in zip(self.layout.spatial, fit.extents, strict=True):
            whole[axis] += e.before + e.after
        x = windows.empty_like_layout(whole, self.layout, dy)
        dx = pool(dy / self._count(dims, fit, dy), x, self.window, self.strides, self.zeros, False, True, 1)
        return windows.channels_back(windows.cropped(dx, fit.extents, self.sizes(dims)), self.layout)


# --- making kernels ------------------------------------------------------------------------------------------------


def _data_format(attrs: dict[str, Any], dims: int) -> str:
    return attrs.get("data_format", "NHWC" if dims == 4 else "NDHWC")  # type: ignore[no-any-return]


def _refusal(ksize: Sequence[int], strides: Sequence[int], data_format: str, message: str) -> UnimplementedError | None:
    """What TF's kernels say when they are made for windows over the batch or the channels."""
    if ksize[0] != 1 or strides[0] != 1:
        return UnimplementedError(None, None, "Pooling is not yet supported on the batch dimension.")
    channel = windows.format_of(data_format).channel
    if ksize[channel] != 1 or strides[channel] != 1:
        return UnimplementedError(None, None, message)
    return None


Run = Callable[..., Any]


def _make(kind: type[Pooling], method: str, attrs: dict[str, Any], ksize: Any, strides: Any, refused: str) -> Run:
    data_format = _data_format(attrs, len(ksize))
    error = _refusal(ksize, strides, data_format, refused)
    if error is not None:
        raise error
    found: Run = getattr(kind(ksize, strides, attrs["padding"], data_format), method)
    return found


def _run_by(
    made: Op, kind: type[Pooling], method: str, refused: str, forward: Callable[..., Run | None] | None = None
) -> None:
    """Gives `made` the kernel that is `method` of a pooling of the given kind."""

    def build(attrs: dict[str, Any], device: Any) -> Run:
        ksize, strides = attrs["ksize"], attrs["strides"]
        run = None if forward is None else forward(ksize, strides, _data_format(attrs, len(ksize)))
        if run is None:
            run = _make(kind, method, attrs, ksize, strides, refused)
        return windows.through_float32(run) if windows.needs_float32(attrs["T"], device) else run

    made.builder(lambda c: build(c.attrs, c.device))
    names = [k for k in ("T", "data_format", "ksize", "padding", "strides") if k in made.definition.attrs]

    def kernel(*inputs: Any, device: Any, **attrs: Any) -> Any:
        return build(attrs, device)(*inputs)

    made.kernel(kernel)
    made.kernel_attrs = ("device", *names)


def _over_channels(ksize: Sequence[int], strides: Sequence[int], data_format: str) -> Run | None:
    """MaxPool over the channels, which TF has where windows neither overlap nor span positions."""
    if len(ksize) != 4:
        return None
    layout = windows.format_of(data_format)
    k = ksize[layout.channel]
    if k == 1 or ksize[0] != 1 or strides[0] != 1:
        return None
    if any(ksize[i] != 1 for i in layout.spatial):
        raise UnimplementedError(
            None,
            None,
            "MaxPooling supports exactly one of pooling across depth or pooling across width/height.",
        )
    if strides[layout.channel] != k:
        raise UnimplementedError(
            None, None, "Depthwise max pooling requires the depth window to equal the depth stride"
        )

    def run(x: torch.Tensor) -> torch.Tensor:
        depth = x.shape[layout.channel]
        if depth % k:
            raise UnimplementedError(
                None, None, "Depthwise max pooling requires the depth window to evenly divide the input depth"
            )
        steps = tuple(slice(None, None, strides[i]) if i in layout.spatial else slice(None) for i in range(4))
        return x[steps].unflatten(layout.channel, (depth // k, k)).amax(layout.channel + 1)

    return run


_ON_DEPTH = "MaxPoolingGrad is not yet supported on the depth dimension."
_POOLING_3D = "Pooling is not yet supported on the depth dimension."


# --- static shapes -------------------------------------------------------------------------------------------------


def _pooled_shape(c: ShapeContext, name: str, ksize: Sequence[int], strides: Sequence[int], rank: int) -> Shape:
    x = with_rank(c.shape(0), rank)
    if len(strides) != rank:
        raise ShapeError(f"{name} the stride attribute to contain {rank} values, but got: {len(strides)}")
    if len(ksize) != rank:
        name = name.replace("Pool3D ops require", "Pool3D requires")
        raise ShapeError(f"{name} the ksize attribute to contain {rank} values, but got: {len(ksize)}")
    layout = windows.format_of(_data_format(c.attrs, rank))
    out = list(x)
    channels = (layout.channel,) if name.startswith("MaxPool") else ()
    for axis in (*layout.spatial, *channels):
        out[axis] = windows.static_size(x[axis], ksize[axis], strides[axis], c.attrs["padding"])
    return tuple(out)


def _pool_rule(name: str, rank: int) -> Callable[[ShapeContext], Shape]:
    return lambda c: _pooled_shape(c, name, c.attrs["ksize"], c.attrs["strides"], rank)


def _grad_grad_rule(name: str, rank: int) -> Callable[[ShapeContext], Shape]:
    def rule(c: ShapeContext) -> Shape:
        out = _pooled_shape(c, name, c.attrs["ksize"], c.attrs["strides"], rank)
        merge(c.shape(0), c.shape(2))
        merge(c.shape(1), out)
        return out

    return rule


def _unchanged_rank(rank: int) -> Callable[[ShapeContext], Shape]:
    return lambda c: with_rank(c.shape(0), rank)


def _sizes_rule(rank: int) -> Callable[[ShapeContext], Shape]:
    def rule(c: ShapeContext) -> Shape:
        with_rank(c.shape(0), 1)
        return with_rank(c.shape_value(0), rank)

    return rule


# --- declarations --------------------------------------------------------------------------------------------------


def _attrs_of(node: Any) -> dict[str, Any]:
    return {name: node._attrs[name] for name in ("ksize", "strides", "padding", "data_format")}


def _zeros_of(x: Tensor) -> Tensor:
    return shapes.zeros(shape=shapes.shape(x), dtype=x.dtype)


def _max_family(dims: int) -> tuple[Op, Op, Op]:
    tail, rank = ("3D", 5) if dims == 3 else ("", 4)
    words = "Pool3D ops require" if dims == 3 else "MaxPool requires"
    forward = op(f"MaxPool{tail}")(_pool_rule(words, rank))
    backward = op(f"MaxPool{tail}Grad")(_unchanged_rank(rank))
    second = op(f"MaxPool{tail}GradGrad")(_grad_grad_rule(words, rank))
    _run_by(forward, MaxPooling, "forward", _POOLING_3D, _over_channels)
    _run_by(backward, MaxPooling, "input_gradient", _ON_DEPTH)
    _run_by(second, MaxPooling, "gathered_gradient", _ON_DEPTH.replace("Grad ", "GradGrad "))

    def forward_rule(node: Any, dy: Tensor) -> Tensor:
        return backward(node.inputs[0], node.outputs[0], dy, **_attrs_of(node))  # type: ignore[no-any-return]

    def through(made: Op) -> Callable[[Any, Tensor], tuple[Tensor, Tensor, Tensor]]:
        def rule(node: Any, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            x, y = node.inputs[:2]
            return _zeros_of(x), _zeros_of(y), made(x, y, g, **_attrs_of(node))

        return rule

    forward.gradient(forward_rule)
    backward.gradient(through(second))
    second.gradient(through(backward))
    return forward, backward, second


max_pool_op, max_pool_grad_op, max_pool_grad_grad_op = _max_family(2)
max_pool3d_op, max_pool3d_grad_op, max_pool3d_grad_grad_op = _max_family(3)


def _avg_family(dims: int) -> tuple[Op, Op]:
    tail, rank = ("3D", 5) if dims == 3 else ("", 4)
    words = "Pool3D ops require" if dims == 3 else "AvgPool requires"
    forward = op(f"AvgPool{tail}")(_pool_rule(words, rank))
    backward = op(f"AvgPool{tail}Grad", host=("orig_input_shape",))(_sizes_rule(rank))
    refused = _POOLING_3D if dims == 3 else "Non-spatial pooling is not yet supported. Volunteers? :)"
    _run_by(forward, AvgPooling, "forward", refused)
    _run_by(backward, AvgPooling, "input_gradient", refused)

    def forward_rule(node: Any, dy: Tensor) -> Tensor:
        return backward(shapes.shape(node.inputs[0]), dy, **_attrs_of(node))  # type: ignore[no-any-return]

    def backward_rule(node: Any, g: Tensor) -> tuple[Tensor, Tensor]:
        return identity.stop_gradient(node.inputs[0]), forward(g, **_attrs_of(node))

    forward.gradient(forward_rule)
    backward.gradient(backward_rule)
    return forward, backward


avg_pool_op, avg_pool_grad_op = _avg_family(2)
avg_pool3d_op, avg_pool3d_grad_op = _avg_family(3)


# --- windows as inputs: the V2 ops ---------------------------------------------------------------------------------


def _v2_shape(c: ShapeContext) -> Shape:
    n = len(c)
    for i in (n - 2, n - 1):
        (length,) = with_rank(c.shape(i), 1)  # type: ignore[misc]
        if length is not None and length != 4:
            raise ShapeError(f"Dimension must be 4 but is {length}")
    with_rank(c.shape(0), 4)
    ksize, strides = c.value(n - 2), c.value(n - 1)
    if ksize is None or strides is None:
        return None
    return _pooled_shape(c, "MaxPool requires", ksize.tolist(), strides.tolist(), 4)


def _v2_grad_grad_shape(c: ShapeContext) -> Shape:
    out = _v2_shape(c)
    merge(c.shape(0), c.shape(2))
    merge(c.shape(1), out)
    return out


_WINDOW_INPUTS = ("ksize", "strides")
max_pool_v2_op = op("MaxPoolV2", host=_WINDOW_INPUTS)(_v2_shape)
max_pool_grad_v2_op = op("MaxPoolGradV2", host=_WINDOW_INPUTS)(_unchanged_rank(4))
max_pool_grad_grad_v2_op = op("MaxPoolGradGradV2", host=_WINDOW_INPUTS)(_v2_grad_grad_shape)


def _run_v2(made: Op, method: str, over_channels: bool = False) -> None:
    def kernel(*inputs: Any, padding: str, data_format: str) -> Any:
        *tensors, ksize, strides = inputs
        if len(ksize) != 4 or len(strides) != 4:
            which = "ksize" if len(ksize) != 4 else "stride"
            raise InvalidArgumentError(None, None, f"Sliding window {which} field must specify 4 dimensions")
        run = _over_channels(ksize, strides, data_format) if over_channels else None
        if run is None:
            run = _make(MaxPooling, method, {"padding": padding, "data_format": data_format}, ksize, strides, _ON_DEPTH)
        return run(*tensors)

    made.kernel(kernel)


_run_v2(max_pool_v2_op, "forward", over_channels=True)
_run_v2(max_pool_grad_v2_op, "input_gradient")
_run_v2(max_pool_grad_grad_v2_op, "gathered_gradient")


def _v2_attrs(node: Any) -> dict[str, Any]:
    return {name: node._attrs[name] for name in ("padding", "data_format")}


@max_pool_v2_op.gradient
def _max_pool_v2_grad(node: Any, dy: Tensor) -> tuple[Tensor, None, None]:
    x, ksize, strides = node.inputs
    return max_pool_grad_v2_op(x, node.outputs[0], dy, ksize, strides, **_v2_attrs(node)), None, None


@max_pool_grad_v2_op.gradient
def _max_pool_grad_v2_grad(node: Any, g: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
    x, y, _, ksize, strides = node.inputs
    zeros = _zeros_of(x), _zeros_of(y)
    return *zeros, max_pool_grad_grad_v2_op(x, y, g, ksize, strides, **_v2_attrs(node)), None, None


@max_pool_grad_grad_v2_op.gradient
def _max_pool_grad_grad_v2_grad(node: Any, g: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
    x, y, _, ksize, strides = node.inputs
    zeros = _zeros_of(x), _zeros_of(y)
    return *zeros, max_pool_grad_v2_op(x, y, g, ksize, strides, **_v2_attrs(node)), None, None


# --- maxima with their positions -----------------------------------------------------------------------------------


@op("MaxPoolWithArgmax")
def max_pool_with_argmax_op(c: ShapeContext) -> list[Shape]:
    out = _pooled_shape(c, "MaxPool requires", c.attrs["ksize"], c.attrs["strides"], 4)
    return [out, out]


max_pool_grad_with_argmax_op = op("MaxPoolGradWithArgmax")(_unchanged_rank(4))


@op("MaxPoolGradGradWithArgmax")
def max_pool_grad_grad_with_argmax_op(c: ShapeContext) -> Shape:
    out = _pooled_shape(c, "MaxPool requires", c.attrs["ksize"], c.attrs["strides"], 4)
    merge(c.shape(0), c.shape(1))
    merge(c.shape(2), out)
    return out


def _pooling(ksize: Any, strides: Any, padding: str) -> MaxPooling:
    error = _refusal(ksize, strides, "NHWC", _ON_DEPTH)
    if error is not None:
        raise error
    return MaxPooling(ksize, strides, padding, "NHWC")


@max_pool_with_argmax_op.kernel
def _max_pool_with_argmax(
    input: torch.Tensor, *, ksize: Any, strides: Any, padding: str, Targmax: Any, include_batch_in_index: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    pool = _pooling(ksize, strides, padding)
    fit = pool.fit(input.shape)
    if fit.empty:
        return input.new_zeros(fit.out), torch.zeros(fit.out, dtype=Targmax.torch, device=input.device)
    wide = input.float() if input.dtype in (torch.float16, torch.bfloat16) else input
    maxima = windows.channels_back(pool._find(wide, fit)[0], pool.layout).to(input.dtype)
    # Flat positions in (rows, columns, channels), or in the whole batch.
    n, h, w, depth = input.shape
    at = windows.channels_back(pool._positions(wide, fit), pool.layout) * depth
    at = at + torch.arange(depth, device=input.device)
    if include_batch_in_index:
        at = at + (torch.arange(n, device=input.device) * (h * w * depth)).view(-1, 1, 1, 1)
    return maxima, at.to(Targmax.torch)


def _flat_positions(argmax: torch.Tensor, x: torch.Tensor, include_batch_in_index: bool) -> torch.Tensor:
    """Positions in the flattened batch. Raises InvalidArgumentError for those outside of their image."""
    n = x.shape[0]
    image = math.prod(x.shape[1:])
    base = (torch.arange(n, device=x.device) * image).view(-1, 1)
    at = argmax.reshape(n, -1).long()
    if not include_batch_in_index:
        at = at + base
    if bool(((at < base) | (at >= base + image)).any()):
        bad = int(at[(at < base) | (at >= base + image)][0])
        raise InvalidArgumentError(None, None, f"Invalid output gradient index: {bad}, 0, {n * image}")
    return at.reshape(-1)


@max_pool_grad_with_argmax_op.kernel
def _max_pool_grad_with_argmax(
    input: torch.Tensor,
    grad: torch.Tensor,
    argmax: torch.Tensor,
    *,
    ksize: Any,
    strides: Any,
    padding: str,
    include_batch_in_index: bool,
) -> torch.Tensor:
    pool = _pooling(ksize, strides, padding)
    pool.check_shape("grad", grad.shape, pool.fit(input.shape).out)
    out = torch.zeros(input.shape, dtype=input.dtype, device=input.device)
    if grad.numel():
        at = _flat_positions(argmax, input, include_batch_in_index)
        out.view(-1).index_add_(0, at, grad.reshape(-1))
    return out


@max_pool_grad_grad_with_argmax_op.kernel
def _max_pool_grad_grad_with_argmax(
    input: torch.Tensor, grad: torch.Tensor, argmax: torch.Tensor, *, include_batch_in_index: bool
) -> torch.Tensor:
    if not argmax.numel():
        return grad.new_zeros(argmax.shape)
    at = _flat_positions(argmax, input, include_batch_in_index)
    return grad.reshape(-1)[at].view(argmax.shape)


def _argmax_attrs(node: Any) -> dict[str, Any]:
    return {name: node._attrs[name] for name in ("ksize", "strides", "padding", "include_batch_in_index")}


@max_pool_with_argmax_op.gradient
def _max_pool_with_argmax_rule(node: Any, dy: Tensor, _: Any) -> Tensor:
    return max_pool_grad_with_argmax_op(node.inputs[0], dy, node.outputs[1], **_argmax_attrs(node))


@max_pool_grad_with_argmax_op.gradient
def _max_pool_grad_with_argmax_rule(node: Any, g: Tensor) -> tuple[None, Tensor, None]:
    x, _, argmax = node.inputs
    return None, max_pool_grad_grad_with_argmax_op(x, g, argmax, **_argmax_attrs(node)), None


@max_pool_grad_grad_with_argmax_op.gradient
def _max_pool_grad_grad_with_argmax_rule(node: Any, g: Tensor) -> tuple[None, Tensor, None]:
    x, _, argmax = node.inputs
    return None, max_pool_grad_with_argmax_op(x, g, argmax, **_argmax_attrs(node)), None


# --- samples -------------------------------------------------------------------------------------------------------

# (input, output, attrs); the third pads one side only, with windows that overlap.
_SAMPLES_2D: list[tuple[Any, Any, dict[str, Any]]] = [
    ((2, 4, 5, 2), (2, 2, 2, 2), {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}),
    ((1, 5, 4, 2), (1, 3, 2, 2), {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}),
    ((1, 3, 4, 1), (1, 3, 4, 1), {"ksize": [1, 2, 2, 1], "strides": [1, 1, 1, 1], "padding": "SAME"}),
    (
        (1, 2, 3, 4),
        (1, 2, 2, 2),
        {"ksize": [1, 1, 2, 2], "strides": [1, 1, 2, 2], "padding": "SAME", "data_format": "NCHW"},
    ),
    ((0, 2, 2, 1), (0, 1, 1, 1), {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "VALID"}),
]
_SAMPLES_3D: list[tuple[Any, Any, dict[str, Any]]] = [
    ((1, 3, 4, 2, 2), (1, 2, 3, 1, 2), {"ksize": [1, 2, 2, 2, 1], "strides": [1, 1, 1, 1, 1], "padding": "VALID"}),
    ((1, 3, 4, 3, 1), (1, 2, 2, 2, 1), {"ksize": [1, 2, 3, 2, 1], "strides": [1, 2, 2, 2, 1], "padding": "SAME"}),
    (
        (1, 2, 2, 3, 2),
        (1, 2, 2, 3, 2),
        {"ksize": [1, 1, 2, 2, 2], "strides": [1, 1, 1, 1, 1], "padding": "SAME", "data_format": "NCDHW"},
    ),
]


def _add_samples(
    table: list[tuple[Any, Any, dict[str, Any]]], maxima: tuple[Op, Op, Op], averages: tuple[Op, Op]
) -> None:
    def forwards() -> Iterator[Sample]:
        for x, _, attrs in table:
            yield sample(real(*x, distinct=True), **attrs)

    maxima[0].samples(forwards)
    averages[0].samples(forwards)

    @averages[1].samples
    def average_gradients() -> Iterator[Sample]:
        for x, y, attrs in table:
            yield sample(fixed(list(x)), real(*y), **attrs)


_add_samples(_SAMPLES_2D, (max_pool_op, max_pool_grad_op, max_pool_grad_grad_op), (avg_pool_op, avg_pool_grad_op))
_add_samples(
    _SAMPLES_3D, (max_pool3d_op, max_pool3d_grad_op, max_pool3d_grad_grad_op), (avg_pool3d_op, avg_pool3d_grad_op)
)


def _constant_maxima(x_dims: Any, attrs: dict[str, Any]) -> tuple[Any, Any, list[int]]:
    """An input with distinct elements, its maxima, and where in the data format those lie; not to be varied."""
    rng = np.random.RandomState(0)
    n = math.prod(x_dims)
    x = rng.permutation((np.arange(n) + 0.5) / max(n, 1)).reshape(x_dims)
    pool = MaxPooling(attrs["ksize"], attrs["strides"], attrs["padding"], _data_format(attrs, len(x_dims)))
    y = pool.forward(torch.from_numpy(x)).numpy()
    return drawn(lambda rng: x, False), drawn(lambda rng: y, False), list(y.shape)


def _add_maxima_gradient_samples(table: list[tuple[Any, Any, dict[str, Any]]], backward: Op, second: Op) -> None:
    @backward.samples
    def backwards() -> Iterator[Sample]:
        for dims, _, attrs in table:
            x, y, out = _constant_maxima(dims, attrs)
            yield sample(x, y, real(*out), **attrs)

    @second.samples
    def seconds() -> Iterator[Sample]:
        for dims, _, attrs in table:
            x, y, _ = _constant_maxima(dims, attrs)
            yield sample(x, y, real(*dims), **attrs)


_add_maxima_gradient_samples(_SAMPLES_2D, max_pool_grad_op, max_pool_grad_grad_op)
_add_maxima_gradient_samples(_SAMPLES_3D, max_pool3d_grad_op, max_pool3d_grad_grad_op)


def _v2_arguments(attrs: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    kept = {k: v for k, v in attrs.items() if k in ("padding", "data_format")}
    return fixed(attrs["ksize"]), fixed(attrs["strides"]), kept


@max_pool_v2_op.samples
def _max_pool_v2_samples() -> Iterator[Sample]:
    for x, _, attrs in _SAMPLES_2D:
        ksize, strides, kept = _v2_arguments(attrs)
        yield sample(real(*x, distinct=True), ksize, strides, **kept)


@max_pool_grad_v2_op.samples
def _max_pool_grad_v2_samples() -> Iterator[Sample]:
    for dims, _, attrs in _SAMPLES_2D:
        x, y, out = _constant_maxima(dims, attrs)
        ksize, strides, kept = _v2_arguments(attrs)
        yield sample(x, y, real(*out), ksize, strides, **kept)


@max_pool_grad_grad_v2_op.samples
def _max_pool_grad_grad_v2_samples() -> Iterator[Sample]:
    for dims, _, attrs in _SAMPLES_2D:
        x, y, _ = _constant_maxima(dims, attrs)
        ksize, strides, kept = _v2_arguments(attrs)
        yield sample(x, y, real(*dims), ksize, strides, **kept)


_ARGMAX_SAMPLES = [row for row in _SAMPLES_2D if "data_format" not in row[2] and 0 not in row[0]]


@max_pool_with_argmax_op.samples
def _max_pool_with_argmax_samples() -> Iterator[Sample]:
    for i, (x, _, attrs) in enumerate(_ARGMAX_SAMPLES):
        yield sample(real(*x, distinct=True), include_batch_in_index=bool(i % 2), **attrs)


def _constant_positions(dims: Any, attrs: dict[str, Any], include_batch_in_index: bool) -> tuple[Any, Any]:
    x, _, _ = _constant_maxima(dims, attrs)
    values = torch.from_numpy(x.draw(np.random.RandomState(0)))
    _, at = _max_pool_with_argmax(values, Targmax=dtypes.int64, include_batch_in_index=include_batch_in_index, **attrs)
    return x, at.numpy()


@max_pool_grad_with_argmax_op.samples
def _max_pool_grad_with_argmax_samples() -> Iterator[Sample]:
    for i, (dims, out, attrs) in enumerate(_ARGMAX_SAMPLES):
        x, at = _constant_positions(dims, attrs, bool(i % 2))
        yield sample(x, real(*out), drawn(lambda rng, at=at: at, False), include_batch_in_index=bool(i % 2), **attrs)


@max_pool_grad_grad_with_argmax_op.samples
def _max_pool_grad_grad_with_argmax_samples() -> Iterator[Sample]:
    for i, (dims, _, attrs) in enumerate(_ARGMAX_SAMPLES):
        x, at = _constant_positions(dims, attrs, bool(i % 2))
        yield sample(x, real(*dims), drawn(lambda rng, at=at: at, False), include_batch_in_index=bool(i % 2), **attrs)
