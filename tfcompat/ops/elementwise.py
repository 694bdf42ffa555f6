"""Element-wise arithmetic, and how broadcasting is undone in gradients.

Gradients follow TF 1.15's python/ops/math_grad.py node by node: seeds of later random ops count nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes, nest, stacks
from tfcompat.framework.constant_value import folded
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.graph import Graph
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.samples import Sample, ints, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, comparison, constants, exponents, reductions, shapes
from tfcompat.ops.families import Kernel, binary, is_integer, sparse_too, unary

# --- undoing broadcasting --------------------------------------------------------------------------------------


def attached_cache(graph: Graph, name: str) -> dict[Any, Any]:
    """A dictionary that lives with the graph (for node results that TF computes once a graph)."""
    return graph._attached.setdefault(name, {})  # type: ignore[no-any-return]


def reduced_to(grad: Any, axes: Any, shape: Any) -> Tensor:
    """`grad` summed over the broadcast axes and given the input's shape."""
    return shapes.reshape(reductions.reduce_sum(grad, axes), shape)


def broadcast_axes(x: Tensor, y: Tensor) -> tuple[Any, Any, Any, Any]:
    """Nodes for (shape of x, shape of y, axes to sum for x, axes to sum for y)."""
    sx = shapes.shape(x)
    sy = shapes.shape(y)
    rx, ry = shapes.broadcast_gradient_args(sx, sy)
    return sx, sy, rx, ry


def same_static_shape(x: Tensor, y: Tensor, grad: Any) -> bool:
    """Whether all three shapes are fully known and equal, so that nothing was broadcast."""
    dims = x._dims
    return isinstance(grad, Tensor) and dims is not None and dims == y._dims == grad._dims and None not in dims


class Reduction:
    """How the gradient of one input of a broadcasting op is brought to that input's shape."""

    __slots__ = ("axes", "needed", "shape")

    def __init__(self, shape: Any, axes: Any, needed: bool) -> None:
        self.shape = shape
        self.axes = axes
        self.needed = needed

    def __call__(self, grad: Any) -> Any:
        return reduced_to(grad, self.axes, self.shape) if self.needed else grad


def static_reductions(x: Tensor, y: Tensor, grad: Any) -> tuple[Reduction, Reduction]:
    """Like `broadcast_axes`, but what static shapes settle is worked out while building (once a graph).

    Source: TF 1.15, math_grad.py, SmartBroadcastGradientArgs.
    """
    dx, dy = x._dims, y._dims
    if not isinstance(grad, Tensor):
        sx, sy, rx, ry = broadcast_axes(x, y)
        return Reduction(sx, rx, True), Reduction(sy, ry, True)
    if dx is None or None in dx or dy is None or None in dy:
        sx = shapes.shape_internal(x, optimize=False)
        sy = shapes.shape_internal(y, optimize=False)
        rx, ry = shapes.broadcast_gradient_args(sx, sy)
        return Reduction(sx, rx, True), Reduction(sy, ry, True)
    cache = attached_cache(stacks.get_default_graph(), "broadcast_gradient_args")
    axes = cache.get((dx, dy))
    if axes is None:
        found = shapes.broadcast_gradient_args(dx, dy)
        axes = cache[dx, dy] = tuple(tuple(static_vector(r)) for r in found)
    return Reduction(dx, axes[0], dx != grad._dims), Reduction(dy, axes[1], dy != grad._dims)


def static_vector(t: Tensor) -> list[int]:
    """The value of a tensor that is known to be a constant."""
    value = folded(t)
    assert value is not None, t
    return value.tolist()  # type: ignore[no-any-return]


def negated(grad: Any) -> Any:
    """-grad, also of IndexedSlices."""
    if isinstance(grad, IndexedSlices):
        return IndexedSlices(-grad.values, grad.indices, grad.dense_shape)
    return -grad


def after(grad: Any) -> Any:
    """A block of nodes that run once `grad` is there: TF delays what gradients recompute, to save memory."""
    return stacks.get_default_graph().control_dependencies([grad])


# --- addition and multiplication -------------------------------------------------------------------------------


def _add_strings(x: Any, y: Any) -> Any:
    made = np.empty(np.broadcast_shapes(x.shape, y.shape), dtype=object)
    made[...] = x + y
    return made


def _add(x: Any, y: Any) -> Any:
    return torch.add(x, y) if isinstance(x, torch.Tensor) else _add_strings(x, y)


def _add_grad(node: Any, dz: Any) -> tuple[Any, Any]:
    x, y = node.inputs
    if same_static_shape(x, y, dz):
        return dz, dz
    to_x, to_y = static_reductions(x, y, dz)
    return to_x(dz), to_y(dz)


add_op = binary("Add", _add, _add_grad)
add_op.builder(lambda c: torch.add if c.attrs["T"] is not dtypes.string else _add_strings)
add_v2_op = binary("AddV2", torch.add, _add_grad)


def _sub_grad(node: Any, dz: Any) -> tuple[Any, Any]:
    x, y = node.inputs
    if same_static_shape(x, y, dz):
        return dz, -dz
    to_x, to_y = static_reductions(x, y, dz)
    return to_x(dz), to_y(negated(dz))


sub_op = binary("Sub", torch.sub, _sub_grad)


def _mul_grad(node: Any, dz: Any) -> tuple[Any, Any]:
    x, y = node.inputs
    if same_static_shape(x, y, dz) and dz.dtype in (dtypes.int32, dtypes.float32):
        return mul_op(dz, y), mul_op(dz, x)
    to_x, to_y = static_reductions(x, y, dz)
    x, y = casting.conj(x), casting.conj(y)
    return to_x(mul_op(dz, y)), to_y(mul_op(x, dz))


mul_op = binary("Mul", torch.mul, _mul_grad)


def _mul_no_nan(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.where(y == 0, torch.zeros((), dtype=x.dtype, device=x.device), x * y)


def _mul_no_nan_grad(node: Any, dz: Any) -> tuple[Any, Any]:
    x, y = node.inputs
    if same_static_shape(x, y, dz):
        return mul_no_nan_op(dz, y), mul_no_nan_op(x, dz)
    sx, sy, rx, ry = broadcast_axes(x, y)
    return reduced_to(mul_no_nan_op(dz, y), rx, sx), reduced_to(mul_no_nan_op(x, dz), ry, sy)


mul_no_nan_op = binary("MulNoNan", _mul_no_nan, _mul_no_nan_grad)


def _squared_difference(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    d = x - y
    return d * d.conj() if d.is_complex() else d * d


def _squared_difference_grad(node: Any, dz: Any) -> tuple[Any, Any]:
    x, y = node.inputs
    with after(dz):
        twice = scalar_mul(2.0, dz) * (x - y)
    if same_static_shape(x, y, dz):
        return twice, -twice
    to_x, to_y = static_reductions(x, y, dz)
    gx = to_x(twice)
    return gx, -to_y(twice)


squared_difference_op = binary("SquaredDifference", _squared_difference, _squared_difference_grad)


# --- division --------------------------------------------------------------------------------------------------


def _refuse_zero(y: torch.Tensor) -> None:
    if bool((y == 0).any()):
        raise InvalidArgumentError(None, None, "Integer division by zero")


def _div(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Integers are divided towards zero, as C does; TF's TruncateDiv divides floats exactly, too."""
    if not is_integer(x):
        return torch.div(x, y)
    _refuse_zero(y)
    if x.dtype in (torch.int32, torch.int64):
        # The least integer by -1 overflows, and the processor's division traps: negation wraps.
        minus = y == -1
        return torch.where(minus, -x, torch.div(x, torch.where(minus, torch.ones_like(y), y), rounding_mode="trunc"))
    return torch.div(x, y, rounding_mode="trunc")


def _floor_div(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    if not is_integer(x):
        # Not torch's floor_divide, which corrects the quotient: 1 // 0.1 is 10 here, as in TF.
        return torch.floor(torch.div(x, y))
    _refuse_zero(y)
    return torch.div(x, y, rounding_mode="floor")


def _floor_mod(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    if is_integer(x):
        _refuse_zero(y)
    return torch.remainder(x, y)


def _truncate_mod(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    if is_integer(x):
        _refuse_zero(y)
    return torch.fmod(x, y)


def _quotient_grad(divide_op: Callable[[], Any]) -> Callable[[Any, Any], tuple[Tensor, Tensor]]:
    """The rule of x / y: dx = dz / y, dy = dz * ((-x / y) / y)."""

    def rule(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
        divided = divide_op()
        x, y = node.inputs
        sx, sy, rx, ry = broadcast_axes(x, y)
        x, y = casting.conj(x), casting.conj(y)
        dx = reduced_to(divided(dz, y), rx, sx)
        return dx, reduced_to(dz * divided(divided(-x, y), y), ry, sy)

    return rule


def _no_gradients(node: Any, *dys: Any) -> list[None]:
    return [None] * len(node.inputs)


div_op = binary("Div", _div, _quotient_grad(lambda: divide), low=1.0, high=3.0)
real_div_op = binary("RealDiv", _div, _quotient_grad(lambda: real_div_op), low=1.0, high=3.0)
truncate_div_op = binary("TruncateDiv", _div, _no_gradients)
floor_div_op = binary("FloorDiv", _floor_div, _no_gradients, low=1.0, high=3.0)


@truncate_div_op.samples
def _truncate_div_samples() -> Iterator[Sample]:
    # Integers only: TF gives floats no gradient here although their quotient is not cut.
    yield sample(ints(2, 3, low=-9, high=9), ints(3, low=1, high=5))


@real_div_op.builder
def _build_real_div(c: Any) -> Kernel | None:
    kind = c.attrs["T"]
    return torch.div if kind.is_floating or kind.is_complex else None


def _div_no_nan(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.where(y == 0, torch.zeros((), dtype=x.dtype, device=x.device), x / y)


div_no_nan_op = binary("DivNoNan", _div_no_nan, _quotient_grad(lambda: divide_no_nan), low=1.0, high=3.0)


def _floor_mod_grad(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
    x, y = (casting.conj(t) for t in node.inputs)
    sx, sy, rx, ry = broadcast_axes(x, y)
    quotient = floor_div_op(x, y)
    gx = reduced_to(dz, rx, sx)
    return gx, reduced_to(dz * neg_op(quotient), ry, sy)


# Samples stay away from the jumps of the quotient: it is 1 (or -2) throughout.
floor_mod_op = binary("FloorMod", _floor_mod, _floor_mod_grad)
truncate_mod_op = binary("TruncateMod", _truncate_mod)
mod_op = binary("Mod", _truncate_mod)


@floor_mod_op.samples
@truncate_mod_op.samples
@mod_op.samples
def _mod_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, low=2.1, high=2.9), real(2, 3, low=1.5, high=2.0))
    yield sample(real(2, 1, 3, low=-2.9, high=-2.1), real(2, 1, low=1.5, high=2.0))


def _x_over_y(compute: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Kernel:
    """`compute`, but zero wherever x is zero, whatever y is."""

    def kernel(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.where(x == 0, torch.zeros((), dtype=x.dtype, device=x.device), compute(x, y))

    return kernel


def _not_zero(x: Tensor) -> Tensor:
    return casting.cast(comparison.not_equal(x, casting.cast(0.0, dtype=x.dtype)), dtype=x.dtype)


def _xlogy_grad(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
    x, y = node.inputs
    sx, sy, rx, ry = broadcast_axes(x, y)
    with after(dz):
        by_x = xlogy_op(_not_zero(x), y)
        by_y = xdivy_op(x, y)
        gx = reduced_to(by_x * dz, rx, sx)
        return gx, reduced_to(by_y * dz, ry, sy)


def _xdivy_grad(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
    x, y = node.inputs
    sx, sy, rx, ry = broadcast_axes(x, y)
    with after(dz):
        by_x = xdivy_op(_not_zero(x), y)
        by_y = xdivy_op(neg_op(x), y**2)
        gx = reduced_to(by_x * dz, rx, sx)
        return gx, reduced_to(by_y * dz, ry, sy)


xlogy_op = binary("Xlogy", _x_over_y(lambda x, y: x * torch.log(y)), _xlogy_grad, low=0.5, high=3.0)
xdivy_op = binary("Xdivy", _x_over_y(torch.div), _xdivy_grad, low=0.5, high=3.0)


# --- powers, extremes ------------------------------------------------------------------------------------------


def _pow(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    if is_integer(x) and bool((y < 0).any()):
        raise InvalidArgumentError(None, None, "Integers to negative integer powers are not allowed")
    return torch.pow(x, y)


def _pow_grad(node: Any, dz: Any) -> tuple[Any, Any]:
    x, y = node.inputs
    to_x, to_y = static_reductions(x, y, dz)
    x, y = casting.conj(x), casting.conj(y)
    gx = to_x(dz * y * pow(x, y - 1))
    z = casting.conj(node.outputs[0])
    # log(x) is only meant where x > 0 (complex: x != 0); elsewhere the derivative by y is taken as 0.
    mask = comparison.not_equal(x, 0) if x.dtype.is_complex else x > 0
    safe_x = comparison.select_op(mask, x, shapes.ones_like(x))
    log_x = comparison.select_op(mask, exponents.log_op(safe_x), shapes.zeros_like(x))
    return gx, to_y(dz * z * log_x)


pow_op = binary("Pow", _pow, _pow_grad, low=0.5, high=2.0)


@pow_op.builder
def _build_pow(c: Any) -> Kernel | None:
    kind = c.attrs["T"]
    return torch.pow if kind.is_floating or kind.is_complex else None


def _maximum(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    # C++'s max(x, y): the first one unless the second is greater, so a NaN in y is passed over.
    return torch.where(y > x, y, x)


def _minimum(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.where(y < x, y, x)


def _extreme_grad(node: Any, dz: Any, chooses_x: Callable[..., Tensor]) -> tuple[Tensor, Tensor]:
    x, y = node.inputs
    sx = shapes.shape(x)
    sy = shapes.shape(y)
    zeros = shapes.zeros(shapes.shape(dz), dz.dtype)
    mask = chooses_x(x, y)
    rx, ry = shapes.broadcast_gradient_args(sx, sy)
    gx = reduced_to(comparison.select_op(mask, dz, zeros), rx, sx)
    return gx, reduced_to(comparison.select_op(mask, zeros, dz), ry, sy)


maximum_op = binary("Maximum", _maximum, lambda node, dz: _extreme_grad(node, dz, comparison.greater_equal))
minimum_op = binary("Minimum", _minimum, lambda node, dz: _extreme_grad(node, dz, comparison.less_equal))


@maximum_op.builder
def _build_maximum(c: Any) -> Kernel | None:
    return torch.maximum if c.attrs["T"].is_integer else None


@minimum_op.builder
def _build_minimum(c: Any) -> Kernel | None:
    return torch.minimum if c.attrs["T"].is_integer else None


next_after_op = binary("NextAfter", torch.nextafter)


@next_after_op.gradient
def _next_after_grad(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
    x1, x2 = node.inputs
    s1, s2, r1, r2 = broadcast_axes(x1, x2)
    with after(dz):
        by_x1 = shapes.ones(s1, dtype=x1.dtype)
        by_x2 = shapes.zeros(s2, dtype=x2.dtype)
        g1 = reduced_to(by_x1 * dz, r1, s1)
        return g1, reduced_to(by_x2 * dz, r2, s2)


# --- signs and rounding ----------------------------------------------------------------------------------------


def _neg_grad(node: Any, dy: Any) -> Any:
    return negated(dy)


def _abs_grad(node: Any, dy: Any) -> Tensor:
    return dy * sign_op(node.inputs[0])


def _sign_grad(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    return shapes.zeros(shapes.shape(x), dtype=x.dtype)


def _sign(x: torch.Tensor) -> torch.Tensor:
    return torch.sgn(x) if x.is_complex() else torch.sign(x)


def _round(x: torch.Tensor) -> torch.Tensor:
    return x.clone() if is_integer(x) else torch.round(x)


neg_op = unary("Neg", torch.neg, _neg_grad)
abs_op = unary("Abs", torch.abs, _abs_grad)
sign_op = unary("Sign", _sign, _sign_grad)
floor_op = unary("Floor", torch.floor, _no_gradients)
ceil_op = unary("Ceil", torch.ceil, _no_gradients)
rint_op = unary("Rint", torch.round, _no_gradients)
round_op = unary("Round", _round, _no_gradients)


# --- public names ----------------------------------------------------------------------------------------------


@export("add", v2=("add",))
def add(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x + y element-wise, with broadcasting; strings are joined."""
    return add_op(x, y, name=name)


@export("subtract", v2=("subtract",))
def subtract(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x - y element-wise, with broadcasting."""
    return sub_op(x, y, name=name)


@export("multiply", v2=("multiply",))
def multiply(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x * y element-wise, with broadcasting."""
    return mul_op(x, y, name=name)


@export("scalar_mul")
def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """A number times a tensor or IndexedSlices (whose rows alone are multiplied).

    Raises: ValueError when `scalar` is not rank 0.
    """
    scalar = conversion.to_tensor(scalar, dtype=x.dtype.base_dtype, name="scalar")
    if scalar._dims != ():
        raise ValueError(f"Only scalar multiply works, got shape {scalar.shape}")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(mul_op(scalar, x.values, name=name), x.indices, x.dense_shape)
    return mul_op(scalar, x, name=name)


@export(v2=("scalar_mul",))
def scalar_mul_v2(scalar: Any, x: Any, name: str | None = None) -> Any:
    """A number times a tensor or IndexedSlices."""
    with name_scope(name, "scalar_mul", [x]) as scope:
        return scalar_mul(scalar, x, scope)


@export("negative", v2=("negative",))
@sparse_too("Neg")
def negative(x: Any, name: str | None = None) -> Tensor:
    """-x element-wise."""
    return neg_op(x, name=name)


@export("abs", v2=("abs",))
@sparse_too("Abs")
def abs(x: Any, name: str | None = None) -> Tensor:
    """The absolute value of each element; of complex numbers, the modulus as a real tensor."""
    with name_scope(name, "Abs", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        if x.dtype.is_complex:
            return casting.complex_abs_op(x, Tout=x.dtype.real_dtype, name=scope)
        return abs_op(x, name=scope)


@export("sign", v2=("sign",))
@sparse_too("Sign")
def sign(x: Any, name: str | None = None) -> Tensor:
    """-1, 0 or 1 by the sign of each element; of complex numbers x / |x|, or 0."""
    return sign_op(x, name=name)


@export("floor", v2=("floor",))
def floor(x: Any, name: str | None = None) -> Tensor:
    """The largest integer not above each element."""
    return floor_op(x, name=name)


@export("ceil", v2=("math.ceil",))
def ceil(x: Any, name: str | None = None) -> Tensor:
    """The smallest integer not below each element."""
    return ceil_op(x, name=name)


@export("rint", v2=("math.rint",))
def rint(x: Any, name: str | None = None) -> Tensor:
    """The nearest integer, halves to the even one."""
    return rint_op(x, name=name)


@export("round", v2=("round",))
def round(x: Any, name: str | None = None) -> Tensor:
    """The nearest integer, halves to the even one; integers are returned as they are."""
    x = conversion.to_tensor(x, name="x")
    return x if x.dtype.is_integer else round_op(x, name=name)


@export("pow", v2=("pow",))
def pow(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x to the power y, element-wise with broadcasting.

    Raises: InvalidArgumentError while running, for a negative power of integers.
    """
    with name_scope(name, "Pow", [x]) as scope:
        return pow_op(x, y, name=scope)


@export("maximum", v2=("maximum",))
def maximum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The larger of x and y element-wise, with broadcasting."""
    return maximum_op(x, y, name=name)


@export("minimum", v2=("minimum",))
def minimum(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The smaller of x and y element-wise, with broadcasting."""
    return minimum_op(x, y, name=name)


@export("squared_difference", v2=("math.squared_difference",))
def squared_difference(x: Any, y: Any, name: str | None = None) -> Tensor:
    """(x - y)(x - y) element-wise, with broadcasting (complex: times the conjugate)."""
    return squared_difference_op(x, y, name=name)


@export("math.nextafter", v2=("math.nextafter",))
def nextafter(x1: Any, x2: Any, name: str | None = None) -> Tensor:
    """The next representable number after x1 towards x2."""
    return next_after_op(x1, x2, name=name)


@export("math.xlogy", v2=("math.xlogy",))
def xlogy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x log(y), and 0 where x is 0 whatever y is."""
    return xlogy_op(x, y, name=name)


@export("math.xdivy", v2=("math.xdivy",))
def xdivy(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, and 0 where x is 0 whatever y is."""
    return xdivy_op(x, y, name=name)


def same_dtype_pair(x: Any, y: Any, convert_y: bool) -> tuple[Tensor, Tensor]:
    """Both as tensors. Raises TypeError when their dtypes differ."""
    x = conversion.to_tensor(x, name="x")
    y = conversion.to_tensor(y, x.dtype.base_dtype if convert_y else None, name="y")
    x_type, y_type = x.dtype.base_dtype, y.dtype.base_dtype
    if x_type is not y_type:
        raise TypeError(f"x and y must have the same dtype, got {x_type!r} != {y_type!r}")
    return x, y


@export("div_no_nan", v2=("math.divide_no_nan",))
def divide_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y, and 0 where y is 0."""
    with name_scope(name, "div_no_nan", [x, y]) as scope:
        x, y = same_dtype_pair(x, y, True)
        return div_no_nan_op(x, y, name=scope)


@export("math.multiply_no_nan", v2=("math.multiply_no_nan",))
def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x * y, and 0 where y is 0 even if x is infinite or NaN."""
    with name_scope(name, "multiply_no_nan", [x, y]) as scope:
        x, y = same_dtype_pair(x, y, True)
        return mul_no_nan_op(x, y, name=scope)


@export("math.reciprocal_no_nan", v2=("math.reciprocal_no_nan",))
def reciprocal_no_nan(x: Any, name: str | None = None) -> Tensor:
    """1 / x, and 0 where x is 0."""
    with name_scope(name, "reciprocal_no_nan", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        one = constants.constant(1, dtype=x.dtype.base_dtype, name="one")
        return div_no_nan_op(one, x, name=scope)


_TRUE_DIVISION = {
    **dict.fromkeys((dtypes.uint8, dtypes.int8, dtypes.uint16, dtypes.int16), dtypes.float32),
    **dict.fromkeys((dtypes.int32, dtypes.int64), dtypes.float64),
    **dict.fromkeys((dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64), None),
    **dict.fromkeys((dtypes.complex64, dtypes.complex128), None),
}


def true_division_type(kind: dtypes.DType) -> dtypes.DType | None:
    """The float type integers are cast to before `/`; None when they stay. Raises TypeError for other types."""
    try:
        return _TRUE_DIVISION[kind]
    except KeyError:
        raise TypeError(f"Invalid dtype {kind!r} in __truediv__") from None


@export("truediv", v2=("truediv",))
def truediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 3 divides: integers become floats first (float64 from int32 and int64, else float32)."""
    with name_scope(name, "truediv", [x, y]) as scope:
        x, y = same_dtype_pair(x, y, False)
        kind = true_division_type(x.dtype.base_dtype)
        if kind is not None:
            x, y = casting.cast(x, kind), casting.cast(y, kind)
        return real_div_op(x, y, name=scope)


@export("div")
def div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y as Python 2 divides: integers by flooring."""
    with name_scope(name, "div", [x, y]) as scope:
        x, y = same_dtype_pair(x, y, True)
        kind = x.dtype.base_dtype
        return (real_div_op if kind.is_floating or kind.is_complex else floor_div_op)(x, y, name=scope)


@export("divide", v2=("divide",))
def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y by Python 3's division operator."""
    return x / y if name is None else truediv(x, y, name)


@export("floordiv", v2=("math.floordiv",))
def floordiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x // y, rounded towards minus infinity."""
    with name_scope(name, "floordiv", [x, y]) as scope:
        return floor_div_op(x, y, name=scope)


@export("floor_div")
def floor_div(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x // y, rounded towards minus infinity."""
    return floor_div_op(x, y, name=name)


@export("realdiv", v2=("realdiv",))
def realdiv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y of real or complex tensors."""
    return real_div_op(x, y, name=name)


@export("truncatediv", v2=("truncatediv",))
def truncatediv(x: Any, y: Any, name: str | None = None) -> Tensor:
    """x / y of integers, rounded towards zero."""
    return truncate_div_op(x, y, name=name)


@export("floormod", v2=("math.floormod",))
def floormod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The remainder that goes with flooring division: it has the sign of y."""
    return floor_mod_op(x, y, name=name)


@export("truncatemod", v2=("truncatemod",))
def truncatemod(x: Any, y: Any, name: str | None = None) -> Tensor:
    """The remainder that goes with division towards zero: it has the sign of x."""
    return truncate_mod_op(x, y, name=name)


@export("math.polyval", v2=("math.polyval",))
def polyval(coeffs: Any, x: Any, name: str | None = None) -> Tensor:
    """The polynomial with the given coefficients, highest power first, at x (Horner's rule)."""
    with name_scope(name, "polyval", [*nest.flatten(coeffs), x]) as scope:
        x = conversion.to_tensor(x, name="x")
        if len(coeffs) < 1:
            return shapes.zeros_like(x, name=scope)
        terms = [conversion.to_tensor(c, name=f"coeff_{i}") for i, c in enumerate(coeffs)]
        p = terms[0]
        for c in terms[1:]:
            p = c + p * x
        return p
