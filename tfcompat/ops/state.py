"""Variables of the reference kind: storage, assignment, scatter updates.

A reference tensor is the storage itself: whoever reads it after a write sees the new value.
Source: TF 1.15, core/ops/state_ops.cc, core/kernels/{variable,assign,dense_update,scatter}_op*.cc.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    OutOfRangeError,
)
from tfcompat.framework.op import (
    NOT_DIFFERENTIABLE,
    Fixed,
    KernelContext,
    Op,
    Shape,
    ShapeContext,
    ShapeError,
    op,
)
from tfcompat.framework.shape_rules import merge, scalar
from tfcompat.framework.tensor import dims_of
from tfcompat.ops.scatter import dims_text, scatter_nd, scatter_rows


def value_of(cell: Any) -> Any:
    """The value in a variable's cell.

    Raises: FailedPreconditionError (reference variables) or NotFoundError (resources) when there is none yet.
    """
    value = cell.tensor
    if value is None:
        raise no_value(cell)
    return value


def no_value(cell: Any) -> Exception:
    """The error of updating a variable that has no value yet."""
    if cell.is_resource:
        return NotFoundError(None, None, missing_resource(cell))
    return FailedPreconditionError(None, None, f"Attempting to use uninitialized value {cell.name}")


def missing_resource(cell: Any) -> str:
    container = cell.container or "localhost"
    return f"Resource {container}/{cell.name}/N10tensorflow3VarE does not exist."


# --- storage ---------------------------------------------------------------------------------------------------


def _declared_shape(c: ShapeContext) -> Shape:
    return dims_of(c.attrs["shape"])


def _variable_shape_v1(c: ShapeContext) -> Shape:
    # In old graphs a scalar shape stood for "unknown".
    return dims_of(c.attrs["shape"]) or None


def _make_cell(c: KernelContext) -> Fixed:
    attrs = c.attrs
    name = attrs["shared_name"] or c.node.name
    return Fixed(
        c.session.variable_cell(attrs["container"], name, attrs["dtype"], dims_of(attrs["shape"]), is_resource=False)
    )


variable_op = op("Variable")(_variable_shape_v1)
variable_op.builder(_make_cell)
variable_op.gradient(NOT_DIFFERENTIABLE)

variable_v2_op = op("VariableV2")(_declared_shape)
variable_v2_op.builder(_make_cell)
variable_v2_op.gradient(NOT_DIFFERENTIABLE)

temporary_variable_op = op("TemporaryVariable")(_declared_shape)
temporary_variable_op.gradient(NOT_DIFFERENTIABLE)


@temporary_variable_op.builder
def _make_temporary(c: KernelContext) -> Callable[[], Any]:
    dtype, dims, device, session = c.attrs["dtype"], dims_of(c.attrs["shape"]), c.device, c.session
    name = c.attrs["var_name"] or c.node.name
    if dims is None or None in dims:
        raise InvalidArgumentError(None, c.node, "TemporaryVariable needs a fully defined shape")

    def make() -> Any:
        cell = session.temporary_cell(name, dtype, dims)
        cell.tensor = (
            np.full(dims, b"", object) if dtype.torch is None else torch.zeros(dims, dtype=dtype.torch, device=device)
        )
        return cell

    return make


@op("DestroyTemporaryVariable")
def destroy_temporary_variable_op(c: ShapeContext) -> Shape:
    return c.shape(0)


@destroy_temporary_variable_op.kernel
def _destroy_temporary(ref: Any, *, var_name: str) -> Any:
    if ref.name != var_name:
        raise NotFoundError(
            None, None, f"Resource {var_name}/N10tensorflow19TemporaryVariableOp6TmpVarE does not exist."
        )
    return ref.tensor


is_variable_initialized_op = op("IsVariableInitialized")(scalar)
is_variable_initialized_op.gradient(NOT_DIFFERENTIABLE)


@is_variable_initialized_op.kernel
def _is_initialized(ref: Any, *, device: Any) -> torch.Tensor:
    return torch.tensor(ref.tensor is not None, device=device)


# --- assignment ------------------------------------------------------------------------------------------------


@op("Assign", writes=("ref",))
def assign_op(c: ShapeContext) -> Shape:
    return merge(c.shape(0), c.shape(1)) if c.attrs["validate_shape"] else c.shape(1)


assign_op.gradient(NOT_DIFFERENTIABLE)


@assign_op.builder
def _make_assign(c: KernelContext) -> Callable[[Any, Any], Any]:
    if not c.attrs["validate_shape"]:

        def assign_any(ref: Any, value: Any) -> Any:
            ref.assign(value)
            return ref

        return assign_any

    def assign(ref: Any, value: Any) -> Any:
        old = ref.tensor
        shape = ref.dims if old is None else old.shape
        if shape != value.shape and shape is not None and tuple(shape) != tuple(value.shape):
            raise InvalidArgumentError(
                None,
                None,
                "Assign requires shapes of both tensors to match. lhs shape= "
                f"{dims_text(shape)} rhs shape= {dims_text(value.shape)}",
            )
        ref.assign(value)
        return ref

    return assign


def _same_shapes(c: ShapeContext) -> Shape:
    return merge(c.shape(0), c.shape(1))


def add_in_place(target: torch.Tensor, value: torch.Tensor, sign: int) -> None:
    """target += sign * value, for every type a variable can have."""
    try:
        if sign > 0:
            target.add_(value)
        else:
            target.sub_(value)
    except (RuntimeError, NotImplementedError):
        if target.dtype not in (torch.uint16, torch.uint32, torch.uint64):
            raise
        wide = target.to(torch.int64) + sign * value.to(torch.int64)
        target.copy_(wide)


def _update_kernel(sign: int) -> Callable[[Any, Any], Any]:
    def update(ref: Any, value: Any) -> Any:
        old = value_of(ref)
        if old.shape != value.shape:
            raise InvalidArgumentError(None, None, "Parameters and update must be the same size")
        with ref.lock:
            add_in_place(old, value, sign)
        return ref

    return update


assign_add_op = op("AssignAdd", writes=("ref",))(_same_shapes)
assign_add_op.kernel(_update_kernel(1))
assign_add_op.gradient(NOT_DIFFERENTIABLE)

assign_sub_op = op("AssignSub", writes=("ref",))(_same_shapes)
assign_sub_op.kernel(_update_kernel(-1))
assign_sub_op.gradient(NOT_DIFFERENTIABLE)


def counting_kernel(c: KernelContext) -> Callable[[Any], Any]:
    """Gives out the variable's value and adds one, until it has reached the limit."""
    limit = c.attrs["limit"]

    def count(cell: Any) -> Any:
        value = value_of(cell)
        if value.dim() != 0:
            raise InvalidArgumentError(None, None, f"input is not a scalar: {dims_text(value.shape)}")
        with cell.lock:
            if int(value) >= limit:
                raise OutOfRangeError(None, None, f"Reached limit of {limit}")
            before = value.clone()
            value.add_(1)
        return before

    return count


def _scalar_only(c: ShapeContext) -> Shape:
    shape = c.shape(0)
    if shape:
        raise ShapeError(f"Shape must be rank 0 but is rank {len(shape)}")
    return ()


count_up_to_op = op("CountUpTo", writes=("ref",))(_scalar_only)
count_up_to_op.builder(counting_kernel)


# --- scatter ---------------------------------------------------------------------------------------------------


def scatter_updates_shape(params: Shape, indices: Shape, updates: Shape) -> None:
    """Raises ShapeError unless updates is indices.shape + params.shape[1:], or a scalar."""
    if updates is None or len(updates) == 0 or indices is None or params is None or not params:
        return
    merge(updates, indices + params[1:])


def _scatter_shape(c: ShapeContext) -> Shape:
    scatter_updates_shape(c.shape(0), c.shape(1), c.shape(2))
    return c.shape(0)


def _scatter_kernel(how: str) -> Callable[[Any, Any, Any], Any]:
    def scatter(ref: Any, indices: Any, updates: Any) -> Any:
        target = value_of(ref)
        if target.ndim == 0:
            raise InvalidArgumentError(None, None, f"params must be at least 1-D, got shape {dims_text(target.shape)}")
        if updates.ndim and tuple(updates.shape) != (*indices.shape, *target.shape[1:]):
            raise InvalidArgumentError(
                None,
                None,
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                f"{dims_text(updates.shape)}, indices.shape {dims_text(indices.shape)}, params.shape "
                f"{dims_text(target.shape)}",
            )
        with ref.lock:
            scatter_rows(target, indices, updates, how)
        return ref

    return scatter


def _scatter_op(op_type: str, how: str, gradient: Any = None) -> Op:
    made = op(op_type, writes=("ref",))(_scatter_shape)
    made.kernel(_scatter_kernel(how))
    made.gradient(gradient)
    return made


scatter_update_op = _scatter_op("ScatterUpdate", "update")
scatter_add_op = _scatter_op("ScatterAdd", "add", NOT_DIFFERENTIABLE)
scatter_sub_op = _scatter_op("ScatterSub", "sub", NOT_DIFFERENTIABLE)
scatter_mul_op = _scatter_op("ScatterMul", "mul", NOT_DIFFERENTIABLE)
scatter_div_op = _scatter_op("ScatterDiv", "div", NOT_DIFFERENTIABLE)
scatter_min_op = _scatter_op("ScatterMin", "min")
scatter_max_op = _scatter_op("ScatterMax", "max")


def scatter_nd_updates_shape(params: Shape, indices: Shape, updates: Shape) -> None:
    """Raises ShapeError in TF's words unless updates is indices.shape[:-1] + params.shape[indices.shape[-1]:]."""
    if indices is None or updates is None or not indices:
        return
    outer = len(indices) - 1
    listed = f"indices.shape={_text(indices)} must match the outer {outer} dimensions of updates.shape={_text(updates)}"
    try:
        merge(indices[:-1], updates[:outer])
    except ShapeError as cause:
        raise ShapeError(f"The outer {outer} dimensions of {listed}: {cause}") from None
    depth = indices[-1]
    if depth is None or params is None or depth > len(params):
        return
    inner, want = updates[outer:], params[depth:]
    try:
        merge(want, inner)
    except ShapeError as cause:
        raise ShapeError(
            f"The inner {len(want)} dimensions of input.shape={_text(params)} must match the inner {len(inner)} "
            f"dimensions of updates.shape={_text(updates)}: {cause}"
        ) from None


def _text(shape: Shape) -> str:
    return "?" if shape is None else "[" + ",".join("?" if d is None else str(d) for d in shape) + "]"


def _scatter_nd_shape(c: ShapeContext) -> Shape:
    scatter_nd_updates_shape(c.shape(0), c.shape(1), c.shape(2))
    return c.shape(0)


def _scatter_nd_kernel(how: str) -> Callable[[Any, Any, Any], Any]:
    def scatter(ref: Any, indices: Any, updates: Any) -> Any:
        with ref.lock:
            scatter_nd(value_of(ref), indices, updates, how)
        return ref

    return scatter


def _scatter_nd_op(op_type: str, how: str) -> Op:
    made = op(op_type, writes=("ref",))(_scatter_nd_shape)
    made.kernel(_scatter_nd_kernel(how))
    made.gradient(NOT_DIFFERENTIABLE)
    return made


scatter_nd_update_op = _scatter_nd_op("ScatterNdUpdate", "update")
scatter_nd_add_op = _scatter_nd_op("ScatterNdAdd", "add")
scatter_nd_sub_op = _scatter_nd_op("ScatterNdSub", "sub")
