"""The convolution ops: Conv2D, Conv3D, depthwise, and their backprop ops, which are convolutions again.

Data in NHWC order are handed to torch as channels_last views, so neither they nor the results are copied; filters
(HWIO) are permuted views as well. Padding is written out only where it differs before and behind.
Beyond TF on the CPU: NCHW, groups, dilations in three dimensions, and unequal strides of depthwise convolutions.
Source: TF 1.15, core/framework/common_shape_fns.cc, core/kernels/conv_ops.cc, conv_grad_ops.cc, conv_ops_3d.cc.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import merge_dim, multiply_dims, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import shapes, windows
from tfcompat.ops.windows import Extent, Format

aten = torch.ops.aten


class _Fit(NamedTuple):
    """What a convolution of inputs and filters of given sizes comes to."""

    extents: list[Extent]
    symmetric: bool
    padding: list[int]  # what torch is to pad: zeros where the padding is written out
    groups: int
    empty: bool


class Convolution:
    """One convolution op's attrs, ready to run: forwards, and both ways backwards."""

    __slots__ = ("_fits", "depthwise", "dilations", "label", "layout", "padding", "pads", "strides", "zeros")

    def __init__(self, attrs: dict[str, Any], label: str, depthwise: bool = False) -> None:
        self.layout: Format = windows.format_of(attrs.get("data_format", "NDHWC"))
        spatial = self.layout.spatial
        self.strides = [attrs["strides"][i] for i in spatial]
        self.dilations = [attrs["dilations"][i] for i in spatial]
        self.padding: str = attrs["padding"]
        self.pads = windows.explicit_pads(attrs.get("explicit_paddings", ()), self.layout)
        self.zeros = [0] * len(spatial)
        self.depthwise = depthwise
        self.label = label
        self._fits: dict[Any, _Fit] = {}

    # Sizes are lists in the data format's order; filters are [spatial..., in, out].

    def _fit(self, dims: Sequence[int], filter_dims: Sequence[int]) -> _Fit:
        key = (tuple(dims), tuple(filter_dims))
        found = self._fits.get(key)
        if found is None:
            if len(self._fits) > 64:
                self._fits.clear()
            found = self._fits[key] = self._make_fit(*key)
        return found

    def _make_fit(self, dims: tuple[int, ...], filter_dims: tuple[int, ...]) -> _Fit:
        n = len(self.zeros)
        if len(dims) != n + 2:
            raise self._error(f"input must be {n + 2}-dimensional{text(dims)}")
        if len(filter_dims) != n + 2:
            raise self._error(f"filter must be {n + 2}-dimensional: {text(filter_dims)}")
        depth, filter_depth = dims[self.layout.channel], filter_dims[n]
        if self.depthwise:
            if depth != filter_depth:
                raise self._error(f"input and filter must have the same depth: {depth} vs {filter_depth}")
            groups = depth
        elif filter_depth == 0 or depth % filter_depth:
            raise self._error(f"input depth must be evenly divisible by filter depth: {depth} vs {filter_depth}")
        else:
            groups = depth // filter_depth
            if groups and filter_dims[n + 1] % groups:
                raise self._error(
                    f"output depth must be evenly divisible by number of groups: {filter_dims[n + 1]} vs {groups}"
                )
        extents = [
            windows.extent(dims[axis], filter_dims[i], self.strides[i], self.padding, self.dilations[i], self.pads[i])
            for i, axis in enumerate(self.layout.spatial)
        ]
        symmetric = all(e.before == e.after for e in extents)
        empty = 0 in dims or 0 in filter_dims or any(e.out == 0 for e in extents)
        return _Fit(extents, symmetric, [e.before for e in extents] if symmetric else self.zeros, groups, empty)

    def _error(self, message: str) -> InvalidArgumentError:
        return InvalidArgumentError(None, None, message)

    def _out_dims(self, dims: Sequence[int], filter_dims: Sequence[int], fit: _Fit) -> list[int]:
        out = list(dims)
        for axis, e in zip(self.layout.spatial, fit.extents, strict=True):
            out[axis] = e.out
        out[self.layout.channel] = filter_dims[-1] * (filter_dims[-2] if self.depthwise else 1)
        return out

    def _to_torch_filter(self, w: torch.Tensor) -> torch.Tensor:
        """[spatial..., in, out] as torch's [out, in / groups, spatial...]."""
        n = len(self.zeros)
        if self.depthwise:
            return w.permute(n, n + 1, *range(n)).reshape(-1, 1, *w.shape[:n])
        return w.permute(n + 1, n, *range(n))

    def _torch_filter_dims(self, filter_dims: Sequence[int]) -> list[int]:
        n = len(self.zeros)
        depth, outs = filter_dims[n:]
        return [depth * outs, 1, *filter_dims[:n]] if self.depthwise else [outs, depth, *filter_dims[:n]]

    def _from_torch_filter(self, w: torch.Tensor, filter_dims: Sequence[int]) -> torch.Tensor:
        n = len(self.zeros)
        if self.depthwise:
            w = w.reshape(filter_dims[n], filter_dims[n + 1], *w.shape[2:])
            return w.permute(*range(2, n + 2), 0, 1).contiguous()
        # Copied once here: filters' gradients are read many times, by sums and optimizers.
        return w.permute(*range(2, n + 2), 1, 0).contiguous()

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        fit = self._fit(x.shape, w.shape)
        if fit.empty:
            return x.new_zeros(self._out_dims(x.shape, w.shape, fit))
        x = windows.channels_second(x, self.layout)
        if not fit.symmetric:
            x = windows.padded(x, fit.extents)
        out = aten.convolution(
            x, self._to_torch_filter(w), None, self.strides, fit.padding, self.dilations, False, self.zeros, fit.groups
        )
        return windows.channels_back(out, self.layout)

    def _check_backprop(self, dims: Sequence[int], filter_dims: Sequence[int], dy: torch.Tensor) -> _Fit:
        label, rank = self.label, len(self.zeros) + 2
        if len(dims) != rank:
            raise self._error(f"{label}: input must be {rank}-dimensional")
        if len(filter_dims) != rank:
            raise self._error(f"{label}: filter must be {rank}-dimensional")
        if dy.dim() != rank:
            raise self._error(f"{label}: out_backprop must be {rank}-dimensional")
        if dims[0] != dy.shape[0]:
            raise self._error(
                f"{label}: input and out_backprop must have the same batch sizeinput batch: {dims[0]}"
                f"outbackprop batch: {dy.shape[0]} batch_dim: 0"
            )
        depth, filter_depth = dims[self.layout.channel], filter_dims[-2]
        if filter_depth == 0 or depth % filter_depth:
            raise self._error(f"{label}: input depth must be evenly divisible by filter depth")
        fit = self._fit(dims, filter_dims)
        out = self._out_dims(dims, filter_dims, fit)
        if out[self.layout.channel] != dy.shape[self.layout.channel]:
            raise self._error(f"{label}: filter and out_backprop must have the same out_depth")
        for i, axis in enumerate(self.layout.spatial):
            if out[axis] != dy.shape[axis]:
                raise self._error(
                    f"{label}: Size of out_backprop doesn't match computed: actual = {dy.shape[axis]}, computed = "
                    f"{out[axis]} spatial_dim: {axis} input: {dims[axis]} filter: {filter_dims[i]} output: "
                    f"{dy.shape[axis]} stride: {self.strides[i]} dilation: {self.dilations[i]}"
                )
        return fit

    def input_gradient(self, dims: Sequence[int], w: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
        fit = self._check_backprop(dims, w.shape, dy)
        if fit.empty:
            return dy.new_zeros(list(dims))
        x_dims = list(dims)
        if not fit.symmetric:
            for axis, e in zip(self.layout.spatial, fit.extents, strict=True):
                x_dims[axis] += e.before + e.after
        dx = aten.convolution_backward(
            windows.channels_second(dy, self.layout),
            windows.empty_like_layout(x_dims, self.layout, dy),
            self._to_torch_filter(w),
            None,
            self.strides,
            fit.padding,
            self.dilations,
            False,
            self.zeros,
            fit.groups,
            [True, False, False],
        )[0]
        if not fit.symmetric:
            dx = windows.cropped(dx, fit.extents, [dims[axis] for axis in self.layout.spatial])
        return windows.channels_back(dx, self.layout)

    def filter_gradient(self, x: torch.Tensor, filter_dims: Sequence[int], dy: torch.Tensor) -> torch.Tensor:
        fit = self._check_backprop(x.shape, filter_dims, dy)
        if fit.empty:
            return dy.new_zeros(list(filter_dims))
        x = windows.channels_second(x, self.layout)
        if not fit.symmetric:
            x = windows.padded(x, fit.extents)
        dw = aten.convolution_backward(
            windows.channels_second(dy, self.layout),
            x,
            dy.new_empty(self._torch_filter_dims(filter_dims)),
            None,
            self.strides,
            fit.padding,
            self.dilations,
            False,
            self.zeros,
            fit.groups,
            [False, True, False],
        )[1]
        return self._from_torch_filter(dw, filter_dims)


def _refusal(attrs: dict[str, Any]) -> str | None:
    """TF's message for attrs that its kernels cannot be made with."""
    layout = windows.format_of(attrs.get("data_format", "NDHWC"))
    outer = (0, layout.channel)
    if any(attrs["strides"][i] != 1 for i in outer):
        return "Current implementation does not yet support strides in the batch and depth dimensions."
    if any(attrs["dilations"][i] != 1 for i in outer):
        return "Current implementation does not yet support dilations in the batch and depth dimensions."
    try:
        windows.check_explicit(attrs["padding"], attrs.get("explicit_paddings", ()), layout)
    except ShapeError as error:
        return str(error)
    return None


def _run_by(made: Op, method: str, label: str, depthwise: bool = False) -> None:
    """Gives `made` the kernel that is `method` of its Convolution."""

    def build(attrs: dict[str, Any], device: Any) -> Callable[..., Any]:
        refused = _refusal(attrs)
        if refused is not None:
            raise InvalidArgumentError(None, None, refused)
        run: Callable[..., Any] = getattr(Convolution(attrs, label, depthwise), method)
        return windows.through_float32(run) if windows.needs_float32(attrs["T"], device) else run

    def builder(c: KernelContext) -> Callable[..., Any]:
        return build(c.attrs, c.device)

    made.builder(builder)
    names = [
        key
        for key in ("T", "data_format", "dilations", "explicit_paddings", "padding", "strides")
        if key in made.definition.attrs
    ]

    def kernel(*inputs: Any, device: Any, **attrs: Any) -> Any:
        return build(attrs, device)(*inputs)

    made.kernel(kernel)
    made.kernel_attrs = ("device", *names)


# --- static shapes -------------------------------------------------------------------------------------------------


def _conv_shape(c: ShapeContext, rank: int) -> Shape:
    name = c.op_type
    x, w = with_rank(c.shape(0), rank), with_rank(c.shape(1), rank)
    data_format = c.attrs.get("data_format", "NDHWC")
    layout = windows.format_of(data_format)
    strides, dilations = c.attrs["strides"], c.attrs["dilations"]
    if len(dilations) != rank:
        raise ShapeError(f"{name} requires the dilation attribute to contain {rank} values, but got: {len(dilations)}")
    if len(strides) != rank:
        on_format = f" on data format {data_format}" if rank == 4 else ""
        raise ShapeError(
            f"{name}{on_format} requires the stride attribute to contain {rank} values, but got: {len(strides)}"
        )
    _check_depths(x[layout.channel], w[rank - 2], w[rank - 1])
    explicit = c.attrs.get("explicit_paddings", ())
    windows.check_explicit(c.attrs["padding"], explicit, layout)
    pads = windows.explicit_pads(explicit, layout)
    out = list(x)
    for i, axis in enumerate(layout.spatial):
        out[axis] = windows.static_size(x[axis], w[i], strides[axis], c.attrs["padding"], dilations[axis], pads[i])
    out[layout.channel] = w[rank - 1]
    return tuple(out)


def _check_depths(depth: int | None, filter_depth: int | None, out_depth: int | None) -> None:
    if depth is None or filter_depth is None:
        return
    if filter_depth == 0:
        raise ShapeError("Depth of filter must not be 0")
    if depth % filter_depth:
        raise ShapeError(f"Depth of input ({depth}) is not a multiple of input depth of filter ({filter_depth})")
    groups = depth // filter_depth
    if out_depth is not None and groups > 1 and out_depth % groups:
        raise ShapeError(f"Depth of output ({out_depth}) is not a multiple of the number of groups ({groups})")


def _depthwise_shape(c: ShapeContext) -> Shape:
    x, w = with_rank(c.shape(0), 4), with_rank(c.shape(1), 4)
    strides, dilations = c.attrs["strides"], c.attrs["dilations"]
    if len(strides) != 4:
        raise ShapeError(f"DepthwiseConv2D requires the stride attribute to contain 4 values, but got: {len(strides)}")
    layout = windows.format_of(c.attrs["data_format"])
    depth = merge_dim(x[layout.channel], w[2])
    out = list(x)
    for i, axis in enumerate(layout.spatial):
        out[axis] = windows.static_size(x[axis], w[i], strides[axis], c.attrs["padding"], dilations[axis])
    out[layout.channel] = multiply_dims((depth, w[3]))
    return tuple(out)


def _sizes_input(i: int, rank: int) -> Callable[[ShapeContext], Shape]:
    """The output's shape is the value of input i, which must have `rank` entries."""

    def rule(c: ShapeContext) -> Shape:
        with_rank(c.shape(i), 1)
        return with_rank(c.shape_value(i), rank)

    return rule


def _same_as_input(i: int, rank: int) -> Callable[[ShapeContext], Shape]:
    return lambda c: with_rank(c.shape(i), rank)


# --- declarations --------------------------------------------------------------------------------------------------


def _attrs_of(node: Any, *names: str) -> dict[str, Any]:
    return {name: node._attrs[name] for name in names}


def _conv2d_attrs(node: Any) -> dict[str, Any]:
    return _attrs_of(node, "dilations", "strides", "padding", "explicit_paddings", "use_cudnn_on_gpu", "data_format")


def _conv3d_attrs(node: Any) -> dict[str, Any]:
    return _attrs_of(node, "dilations", "strides", "padding", "data_format")


conv2d_op = op("Conv2D")(lambda c: _conv_shape(c, 4))
conv2d_backprop_input_op = op("Conv2DBackpropInput", host=("input_sizes",))(_sizes_input(0, 4))
conv2d_backprop_filter_op = op("Conv2DBackpropFilter", host=("filter_sizes",))(_sizes_input(1, 4))
_run_by(conv2d_op, "forward", "Conv2D")
_run_by(conv2d_backprop_input_op, "input_gradient", "Conv2DCustomBackpropInput")
_run_by(conv2d_backprop_filter_op, "filter_gradient", "Conv2DCustomBackpropFilter")


@conv2d_op.gradient
def _conv2d_grad(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    attrs = _conv2d_attrs(node)
    x, w = node.inputs
    x_shape, w_shape = shapes.shape_n([x, w])
    dx = conv2d_backprop_input_op(x_shape, w, dy, **attrs)
    return dx, conv2d_backprop_filter_op(x, w_shape, dy, **attrs)


@conv2d_backprop_input_op.gradient
def _conv2d_backprop_input_grad(node: Any, g: Tensor) -> tuple[None, Tensor, Tensor]:
    attrs = _conv2d_attrs(node)
    _, w, dy = node.inputs
    dw = conv2d_backprop_filter_op(g, shapes.shape(w), dy, **attrs)
    return None, dw, conv2d_op(g, w, **attrs)


@conv2d_backprop_filter_op.gradient
def _conv2d_backprop_filter_grad(node: Any, g: Tensor) -> tuple[Tensor, None, Tensor]:
    attrs = _conv2d_attrs(node)
    x, _, dy = node.inputs
    dx = conv2d_backprop_input_op(shapes.shape(x), g, dy, **attrs)
    return dx, None, conv2d_op(x, g, **attrs)


conv3d_op = op("Conv3D")(lambda c: _conv_shape(c, 5))
conv3d_backprop_input_op = op("Conv3DBackpropInputV2", host=("input_sizes",))(_sizes_input(0, 5))
conv3d_backprop_filter_op = op("Conv3DBackpropFilterV2", host=("filter_sizes",))(_sizes_input(1, 5))
_run_by(conv3d_op, "forward", "Conv3D")
_run_by(conv3d_backprop_input_op, "input_gradient", "Conv3DBackpropInputOp")
_run_by(conv3d_backprop_filter_op, "filter_gradient", "Conv3DBackpropFilterOp")


@conv3d_op.gradient
def _conv3d_grad(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    attrs = _conv3d_attrs(node)
    x, w = node.inputs
    dx = conv3d_backprop_input_op(shapes.shape(x), w, dy, **attrs)
    return dx, conv3d_backprop_filter_op(x, shapes.shape(w), dy, **attrs)


@conv3d_backprop_input_op.gradient
def _conv3d_backprop_input_grad(node: Any, g: Tensor) -> tuple[None, Tensor, Tensor]:
    attrs = _conv3d_attrs(node)
    _, w, dy = node.inputs
    dw = conv3d_backprop_filter_op(g, shapes.shape(w), dy, **attrs)
    return None, dw, conv3d_op(g, w, **attrs)


@conv3d_backprop_filter_op.gradient
def _conv3d_backprop_filter_grad(node: Any, g: Tensor) -> tuple[Tensor, None, Tensor]:
    attrs = _conv3d_attrs(node)
    x, _, dy = node.inputs
    dx = conv3d_backprop_input_op(shapes.shape(x), g, dy, **attrs)
    return dx, None, conv3d_op(x, g, **attrs)


# The first versions of these take a tensor of the wanted shape in place of the shape.
conv3d_backprop_input_v1_op = op("Conv3DBackpropInput")(_same_as_input(0, 5))
conv3d_backprop_filter_v1_op = op("Conv3DBackpropFilter")(_same_as_input(1, 5))


@conv3d_backprop_input_v1_op.kernel
def _conv3d_backprop_input_v1(
    input: Any, filter: Any, out_backprop: Any, *, strides: Any, padding: Any, dilations: Any
) -> Any:
    run = Convolution({"strides": strides, "padding": padding, "dilations": dilations}, "Conv3DBackpropInputOp")
    return run.input_gradient(input.shape, filter, out_backprop)


@conv3d_backprop_filter_v1_op.kernel
def _conv3d_backprop_filter_v1(
    input: Any, filter: Any, out_backprop: Any, *, strides: Any, padding: Any, dilations: Any
) -> Any:
    run = Convolution({"strides": strides, "padding": padding, "dilations": dilations}, "Conv3DBackpropFilterOp")
    return run.filter_gradient(input, filter.shape, out_backprop)


@conv3d_backprop_input_v1_op.gradient
def _conv3d_backprop_input_v1_grad(node: Any, g: Tensor) -> tuple[None, Tensor, Tensor]:
    attrs = _attrs_of(node, "dilations", "strides", "padding")
    _, w, dy = node.inputs
    return None, conv3d_backprop_filter_v1_op(g, w, dy, **attrs), conv3d_op(g, w, **attrs)


@conv3d_backprop_filter_v1_op.gradient
def _conv3d_backprop_filter_v1_grad(node: Any, g: Tensor) -> tuple[Tensor, None, Tensor]:
    attrs = _attrs_of(node, "dilations", "strides", "padding")
    x, _, dy = node.inputs
    return conv3d_backprop_input_v1_op(x, g, dy, **attrs), None, conv3d_op(x, g, **attrs)


depthwise_conv2d_op = op("DepthwiseConv2dNative")(_depthwise_shape)
depthwise_backprop_input_op = op("DepthwiseConv2dNativeBackpropInput", host=("input_sizes",))(_sizes_input(0, 4))
depthwise_backprop_filter_op = op("DepthwiseConv2dNativeBackpropFilter", host=("filter_sizes",))(_sizes_input(1, 4))
_run_by(depthwise_conv2d_op, "forward", "DepthwiseConv2D", depthwise=True)
_run_by(depthwise_backprop_input_op, "input_gradient", "Conv2DBackpropInput", depthwise=True)
_run_by(depthwise_backprop_filter_op, "filter_gradient", "Conv2DBackpropFilter", depthwise=True)


@depthwise_conv2d_op.gradient
def _depthwise_grad(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    attrs = _conv3d_attrs(node)
    x, w = node.inputs
    dx = depthwise_backprop_input_op(shapes.shape(x), w, dy, **attrs)
    return dx, depthwise_backprop_filter_op(x, shapes.shape(w), dy, **attrs)


@depthwise_backprop_input_op.gradient
def _depthwise_backprop_input_grad(node: Any, g: Tensor) -> tuple[None, Tensor, Tensor]:
    attrs = _conv3d_attrs(node)
    _, w, dy = node.inputs
    dw = depthwise_backprop_filter_op(g, shapes.shape(w), dy, **attrs)
    return None, dw, depthwise_conv2d_op(g, w, **attrs)


@depthwise_backprop_filter_op.gradient
def _depthwise_backprop_filter_grad(node: Any, g: Tensor) -> tuple[Tensor, None, Tensor]:
    attrs = _conv3d_attrs(node)
    x, _, dy = node.inputs
    dx = depthwise_backprop_input_op(shapes.shape(x), g, dy, **attrs)
    return dx, None, depthwise_conv2d_op(x, g, **attrs)


# --- samples -------------------------------------------------------------------------------------------------------

# (input, filter, output, attrs): SAME pads unevenly in some of them.
_SAMPLES_2D: list[tuple[Any, Any, Any, dict[str, Any]]] = [
    ((2, 4, 5, 2), (3, 2, 2, 3), (2, 2, 4, 3), {"strides": [1, 1, 1, 1], "padding": "VALID"}),
    ((1, 5, 4, 2), (3, 3, 2, 2), (1, 3, 2, 2), {"strides": [1, 2, 2, 1], "padding": "SAME"}),
    ((1, 4, 4, 1), (2, 2, 1, 2), (1, 4, 4, 2), {"strides": [1, 1, 1, 1], "padding": "SAME"}),
    (
        (1, 6, 5, 1),
        (2, 2, 1, 1),
        (1, 4, 3, 1),
        {"strides": [1, 1, 1, 1], "padding": "VALID", "dilations": [1, 2, 2, 1]},
    ),
    (
        (1, 3, 3, 2),
        (2, 2, 2, 1),
        (1, 3, 5, 1),
        {"strides": [1, 1, 1, 1], "padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 0, 1, 2, 0, 0]},
    ),
    ((1, 2, 5, 4), (2, 3, 2, 2), (1, 2, 3, 2), {"strides": [1, 1, 2, 2], "padding": "SAME", "data_format": "NCHW"}),
    ((1, 3, 3, 4), (2, 2, 2, 2), (1, 2, 2, 2), {"strides": [1, 1, 1, 1], "padding": "VALID"}),  # two groups
    ((0, 3, 3, 2), (2, 2, 2, 3), (0, 2, 2, 3), {"strides": [1, 1, 1, 1], "padding": "VALID"}),
]
_SAMPLES_3D: list[tuple[Any, Any, Any, dict[str, Any]]] = [
    ((1, 3, 4, 3, 2), (2, 2, 2, 2, 1), (1, 2, 3, 2, 1), {"strides": [1, 1, 1, 1, 1], "padding": "VALID"}),
    ((1, 3, 2, 4, 1), (2, 2, 3, 1, 2), (1, 2, 1, 2, 2), {"strides": [1, 2, 2, 2, 1], "padding": "SAME"}),
    (
        (1, 1, 3, 2, 3),
        (2, 1, 2, 1, 1),
        (1, 1, 2, 2, 2),
        {"strides": [1, 1, 1, 1, 1], "padding": "VALID", "data_format": "NCDHW"},
    ),
]
_SAMPLES_DEPTHWISE: list[tuple[Any, Any, Any, dict[str, Any]]] = [
    ((1, 4, 4, 2), (2, 3, 2, 2), (1, 3, 2, 4), {"strides": [1, 1, 1, 1], "padding": "VALID"}),
    ((2, 4, 3, 3), (3, 2, 3, 1), (2, 2, 2, 3), {"strides": [1, 2, 2, 1], "padding": "SAME"}),
    ((1, 2, 4, 4), (2, 2, 2, 1), (1, 2, 3, 3), {"strides": [1, 1, 1, 1], "padding": "VALID", "data_format": "NCHW"}),
]


def _yield_samples(
    table: list[tuple[Any, Any, Any, dict[str, Any]]], forward: Op, by_input: Op, by_filter: Op, without: str = ""
) -> None:
    def kept(attrs: dict[str, Any]) -> bool:
        return without not in attrs

    def forwards() -> Iterator[Sample]:
        for x, w, _, attrs in table:
            yield sample(real(*x), real(*w), **attrs)

    def by_inputs() -> Iterator[Sample]:
        for x, w, y, attrs in filter(lambda row: kept(row[3]), table):
            first = real(*x) if without else fixed(list(x))
            yield sample(first, real(*w), real(*y), **attrs)

    def by_filters() -> Iterator[Sample]:
        for x, w, y, attrs in filter(lambda row: kept(row[3]), table):
            second = real(*w) if without else fixed(list(w))
            yield sample(real(*x), second, real(*y), **attrs)

    if not without:
        forward.samples(forwards)
    by_input.samples(by_inputs)
    by_filter.samples(by_filters)


_yield_samples(_SAMPLES_2D, conv2d_op, conv2d_backprop_input_op, conv2d_backprop_filter_op)
_yield_samples(_SAMPLES_3D, conv3d_op, conv3d_backprop_input_op, conv3d_backprop_filter_op)
_yield_samples(_SAMPLES_3D, conv3d_op, conv3d_backprop_input_v1_op, conv3d_backprop_filter_v1_op, without="data_format")
_yield_samples(_SAMPLES_DEPTHWISE, depthwise_conv2d_op, depthwise_backprop_input_op, depthwise_backprop_filter_op)
