"""Comparisons, logic, tests for NaN and infinity, and choosing between two tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, bools, fixed, ints, real, sample
from tfcompat.framework.shape_rules import broadcast, broadcast_binary, merge, text, unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import families, reductions, shapes

Kernel = Callable[..., Any]


# --- order -----------------------------------------------------------------------------------------------------


def _ordering(op_type: str, fn: Kernel) -> Op:
    made = op(op_type)(broadcast_binary)

    def unsigned(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        # uint64 has no order in torch; flipping the top bit maps it onto int64's.
        if x.dtype is torch.uint64:
            return fn(x.view(torch.int64) ^ -(2**63), y.view(torch.int64) ^ -(2**63))
        return fn(x.to(torch.int64), y.to(torch.int64))

    wide = families.WIDE
    made.kernel(lambda x, y: unsigned(x, y) if x.dtype in wide else fn(x, y))
    made.builder(lambda c: unsigned if c.attrs["T"].torch in wide else fn)
    made.failure(families.incompatible_shapes)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(ints(2, 3, high=3), ints(2, 3, high=3))
        yield sample(fixed(np.array([[1.0], [np.nan]])), fixed(np.array([1.0, 2.0, np.inf])))
        yield sample(ints(4, 1, 3, dtype=np.int64), ints(2, 1, dtype=np.int64))

    return made


less_op = _ordering("Less", torch.lt)
less_equal_op = _ordering("LessEqual", torch.le)
greater_op = _ordering("Greater", torch.gt)
greater_equal_op = _ordering("GreaterEqual", torch.ge)


# --- equality --------------------------------------------------------------------------------------------------


def _equality_shape(c: ShapeContext) -> Shape:
    if c.attrs["incompatible_shape_error"]:
        return broadcast(c.shape(0), c.shape(1))
    try:
        return broadcast(c.shape(0), c.shape(1)) if _known(c.shape(0)) and _known(c.shape(1)) else None
    except ShapeError:
        return ()  # one answer for the whole pair: they differ


def _known(shape: Shape) -> bool:
    return shape is not None and None not in shape


def _equal_strings(x: Any, y: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(np.equal(x, y), dtype=bool))


def _equality(op_type: str, fn: Kernel, negate: bool) -> Op:
    made = op(op_type)(_equality_shape)

    def strings(x: Any, y: Any) -> torch.Tensor:
        same = _equal_strings(x, y)
        return ~same if negate else same

    def plain(x: Any, y: Any) -> torch.Tensor:
        return fn(x, y) if isinstance(x, torch.Tensor) else strings(x, y)

    def tolerant(x: Any, y: Any) -> torch.Tensor:
        if families.incompatible_shapes((x, y), {}) is not None:
            return torch.tensor(negate)
        return plain(x, y)

    @made.kernel
    def kernel(x: Any, y: Any, *, incompatible_shape_error: bool) -> torch.Tensor:
        return (plain if incompatible_shape_error else tolerant)(x, y)

    @made.builder
    def build(c: Any) -> Kernel:
        if not c.attrs["incompatible_shape_error"]:
            return tolerant
        return strings if c.attrs["T"] is dtypes.string else fn

    made.failure(families.incompatible_shapes)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(ints(2, 3, high=3), ints(3, high=3))
        yield sample(bools(2, 3), bools(2, 1))
        yield sample(fixed(np.array([b"a", b"b"], object)), fixed(np.array(b"b", object)))
        yield sample(ints(2), ints(3), incompatible_shape_error=False)

    return made


equal_op = _equality("Equal", torch.eq, False)
not_equal_op = _equality("NotEqual", torch.ne, True)


@op("ApproximateEqual")
def approximate_equal_op(c: ShapeContext) -> Shape:
    return merge(c.shape(0), c.shape(1))


@approximate_equal_op.kernel
def _approximate_equal(x: torch.Tensor, y: torch.Tensor, *, tolerance: float) -> torch.Tensor:
    if x.shape != y.shape:
        of_x, of_y = text(tuple(x.shape)), text(tuple(y.shape))
        raise InvalidArgumentError(
            None, None, f"x and y must be of the same shape. x shape: {of_x}. y shape: {of_y}"
        )
    return torch.abs(x - y) < tolerance


approximate_equal_op.gradient(NOT_DIFFERENTIABLE)


@approximate_equal_op.samples
def _approximate_equal_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), real(2, 3), tolerance=0.5)


# --- logic -----------------------------------------------------------------------------------------------------


def _logical(op_type: str, fn: Kernel) -> Op:
    made = op(op_type)(broadcast_binary)
    made.kernel(fn)
    made.failure(families.incompatible_shapes)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(bools(2, 3), bools(2, 3))
        yield sample(bools(2, 1), bools())

    return made


logical_and_op = _logical("LogicalAnd", torch.logical_and)
logical_or_op = _logical("LogicalOr", torch.logical_or)
logical_not_op = op("LogicalNot")(unchanged)
logical_not_op.kernel(torch.logical_not)
logical_not_op.gradient(NOT_DIFFERENTIABLE)


@logical_not_op.samples
def _logical_not_samples() -> Iterator[Sample]:
    yield sample(bools(2, 3))


# --- kinds of numbers ------------------------------------------------------------------------------------------


def _kind_test(op_type: str, fn: Kernel) -> Op:
    made = op(op_type)(unchanged)
    made.kernel(fn)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(fixed(np.array([[1.0, np.nan], [np.inf, -np.inf]])))

    return made


is_nan_op = _kind_test("IsNan", torch.isnan)
is_inf_op = _kind_test("IsInf", torch.isinf)
is_finite_op = _kind_test("IsFinite", torch.isfinite)


# --- choosing --------------------------------------------------------------------------------------------------


@op("Select")
def select_op(c: ShapeContext) -> Shape:
    condition, t, e = c.shapes
    data = merge(t, e)
    if condition is None or data is None or len(condition) == 0:
        return data
    if len(condition) == 1 and len(data) != 1:
        if len(data) and condition[0] is not None and data[0] is not None and condition[0] != data[0]:
            raise ShapeError(f"Dimensions must be equal, but are {data[0]} and {condition[0]}")
        return data
    return merge(data, condition)


@select_op.kernel
def _select(condition: torch.Tensor, t: Any, e: Any) -> Any:
    return _choose(condition, t, e, "Select")


@select_op.builder
def _build_select(c: KernelContext) -> Kernel:
    name = c.node._name
    return lambda condition, t, e: _choose(condition, t, e, name)


def _choose(condition: torch.Tensor, t: Any, e: Any, node_name: str) -> Any:
    if not condition.shape == t.shape == e.shape:
        _check_select(condition, t, e, node_name)
        if condition.ndim < t.ndim:  # a scalar, or one answer for each row
            condition = condition.reshape(tuple(condition.shape) + (1,) * (t.ndim - condition.ndim))
    if isinstance(t, torch.Tensor):
        return torch.where(condition, t, e)
    return choose_strings(condition, t, e)


def choose_strings(condition: torch.Tensor, t: Any, e: Any) -> Any:
    """`where` for string tensors."""
    mask = condition.cpu().numpy()
    out = np.empty(np.broadcast_shapes(mask.shape, t.shape, e.shape), dtype=object)
    out[...] = np.where(mask, t, e)
    return out


def _check_select(condition: Any, t: Any, e: Any, node_name: str) -> None:
    """Raises InvalidArgumentError, in TF's words, for shapes that Select does not take."""
    of_c, of_t, of_e = (tuple(x.shape) for x in (condition, t, e))
    by_row = len(of_c) == 1 and len(of_t) != 1
    if by_row:
        if not of_t:
            raise InvalidArgumentError(None, None, "'then' must be at least a vector, but saw shape: []")
        if of_t[0] != of_c[0]:
            raise InvalidArgumentError(
                None,
                None,
                f"Number of batches of 'then' must match size of 'cond', but saw: {of_t[0]} vs. {of_c[0]}",
            )
    if not of_c or by_row:
        if of_t != of_e:
            raise InvalidArgumentError(
                None, None, f"'then' and 'else' must have the same size.  but received: {text(of_t)} vs. {text(of_e)}"
            )
        return
    for i, other in ((1, of_t), (2, of_e)):
        if of_c != other:
            raise InvalidArgumentError(
                None,
                None,
                f"Inputs to operation {node_name} of type Select must have the same size and shape.  "
                f"Input 0: {text(of_c)} != input {i}: {text(other)}",
            )


@select_op.gradient
def _select_grad(node: Any, dy: Any) -> tuple[None, Tensor, Tensor]:
    condition, x, _ = node.inputs
    zeros = shapes.zeros_like(x)
    return None, select_op(condition, dy, zeros), select_op(condition, zeros, dy)


@select_op.samples
def _select_samples() -> Iterator[Sample]:
    yield sample(bools(2, 3), real(2, 3), real(2, 3))
    yield sample(bools(2), real(2, 3), real(2, 3))
    yield sample(bools(), real(2, 3), real(2, 3))


@op("SelectV2")
def select_v2_op(c: ShapeContext) -> Shape:
    condition, t, e = c.shapes
    return broadcast(condition, broadcast(t, e))


@select_v2_op.kernel
def _select_v2(condition: torch.Tensor, t: Any, e: Any) -> Any:
    if isinstance(t, torch.Tensor):
        return torch.where(condition, t, e)
    return choose_strings(condition, t, e)


@select_v2_op.failure
def _select_v2_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    condition, t, e = (tuple(x.shape) for x in args)
    try:
        torch.broadcast_shapes(condition, t, e)
    except RuntimeError:
        return f"condition {text(condition)}, then {text(t)}, and else {text(e)} must be broadcastable"
    return None


@select_v2_op.gradient
def _select_v2_grad(node: Any, dy: Any) -> tuple[None, Tensor, Tensor]:
    condition, x, y = node.inputs
    zeros = shapes.zeros([], dtype=dy.dtype.base_dtype)
    gx = select_v2_op(condition, dy, zeros)
    x_shape = shapes.shape(x)
    output_shape = shapes.shape(node.outputs[0])
    over_x, _ = shapes.broadcast_gradient_args(x_shape, output_shape)
    gx = shapes.reshape(reductions.reduce_sum(gx, keepdims=True, axis=over_x), x_shape)
    gy = select_v2_op(condition, zeros, dy)
    y_shape = shapes.shape(y)
    over_y, _ = shapes.broadcast_gradient_args(y_shape, output_shape)
    gy = shapes.reshape(reductions.reduce_sum(gy, keepdims=True, axis=over_y), y_shape)
    return None, gx, gy


@select_v2_op.samples
def _select_v2_samples() -> Iterator[Sample]:
    yield sample(bools(2, 3), real(2, 3), real(2, 3))
    yield sample(bools(3), real(2, 1), real())


# --- public names ----------------------------------------------------------------------------------------------


@export("equal", v2=("equal",))
def equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x == y, element-wise with broadcasting."""
    return equal_op(x, y, name=name)


@export("not_equal", v2=("not_equal",))
def not_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x != y, element-wise with broadcasting."""
    return not_equal_op(x, y, name=name)


@export("less", v2=("less",))
def less(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x < y, element-wise with broadcasting."""
    return less_op(x, y, name=name)


@export("less_equal", v2=("less_equal",))
def less_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x <= y, element-wise with broadcasting."""
    return less_equal_op(x, y, name=name)


@export("greater", v2=("greater",))
def greater(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x > y, element-wise with broadcasting."""
    return greater_op(x, y, name=name)


@export("greater_equal", v2=("greater_equal",))
def greater_equal(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether x >= y, element-wise with broadcasting."""
    return greater_equal_op(x, y, name=name)


@export("logical_and", v2=("logical_and",))
def logical_and(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether both are true."""
    return logical_and_op(x, y, name=name)


@export("logical_or", v2=("logical_or",))
def logical_or(x: Any, y: Any, name: str | None = None) -> Tensor:
    """Whether either is true."""
    return logical_or_op(x, y, name=name)


@export("logical_not", v2=("logical_not",))
def logical_not(x: Any, name: str | None = None) -> Tensor:
    """Whether each element is false."""
    return logical_not_op(x, name=name)


@export("logical_xor", v2=("math.logical_xor",))
def logical_xor(x: Any, y: Any, name: str | None = "LogicalXor") -> Tensor:
    """Whether exactly one is true: (x or y) and not (x and y)."""
    either = logical_or_op(x, y)
    return logical_and_op(either, logical_not_op(logical_and_op(x, y)), name=name)


@export("is_nan", v2=("math.is_nan",))
def is_nan(x: Any, name: str | None = None) -> Tensor:
    """Which elements are NaN."""
    return is_nan_op(x, name=name)


@export("is_inf", v2=("math.is_inf",))
def is_inf(x: Any, name: str | None = None) -> Tensor:
    """Which elements are infinite."""
    return is_inf_op(x, name=name)


@export("is_finite", v2=("math.is_finite",))
def is_finite(x: Any, name: str | None = None) -> Tensor:
    """Which elements are neither infinite nor NaN."""
    return is_finite_op(x, name=name)
