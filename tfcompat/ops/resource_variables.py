"""Variables of the resource kind: a handle, and ops that read and write what it stands for.

A value read from a handle is a snapshot: a later write does not change it (runtime/snapshots.py sees to that, since
these kernels write in place).
Source: TF 1.15, core/ops/resource_variable_ops.cc, core/kernels/resource_variable_ops.cc.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import (
    NOT_DIFFERENTIABLE,
    Fixed,
    KernelContext,
    Op,
    Shape,
    ShapeContext,
    ShapeError,
    get_op,
    op,
)
from tfcompat.framework.shape_rules import merge, no_outputs, scalar
from tfcompat.framework.tensor import HandleData, Tensor, dims_of
from tfcompat.ops import arrays, shapes
from tfcompat.ops.constants import constant
from tfcompat.ops.scatter import check_indices, dims_text, flat_rows, scatter_nd, scatter_rows
from tfcompat.ops.state import (
    add_in_place,
    counting_kernel,
    missing_resource,
    scatter_nd_updates_shape,
    scatter_updates_shape,
    value_of,
)


@op("VarHandleOp")
def var_handle_op(c: ShapeContext) -> Shape:
    c.out_handles[0] = HandleData(c.attrs["dtype"], dims_of(c.attrs["shape"]))
    return ()


var_handle_op.gradient(NOT_DIFFERENTIABLE)


@var_handle_op.builder
def _make_cell(c: KernelContext) -> Fixed:
    attrs = c.attrs
    name = attrs["shared_name"] or c.node.name
    return Fixed(
        c.session.variable_cell(attrs["container"], name, attrs["dtype"], dims_of(attrs["shape"]), is_resource=True)
    )


def _shape_behind(c: ShapeContext, dtype: Any = None) -> Shape:
    """The static shape of the variable behind input 0. Raises ShapeError when it holds another dtype."""
    data = c.handles[0]
    if data is None:
        return None
    if dtype is not None and data.dtype.base_dtype is not dtype.base_dtype:
        raise ShapeError(
            "Trying to read variable with wrong dtype. "
            f"Expected {_c_name(data.dtype.base_dtype)} got {_c_name(dtype.base_dtype)}"
        )
    return data.shape  # type: ignore[no-any-return]


_C_NAMES = {"float32": "float", "float64": "double", "float16": "half"}


def _c_name(dtype: Any) -> str:
    return _C_NAMES.get(dtype.name, dtype.name)


@op("ReadVariableOp", alias=True)
def read_variable_op(c: ShapeContext) -> Shape:
    return _shape_behind(c, c.attrs["dtype"])


@read_variable_op.kernel
def _read(resource: Any) -> Any:
    value = resource.tensor
    if value is None:
        raise FailedPreconditionError(
            None,
            None,
            f"Error while reading resource variable {resource.name} from Container: "
            f"{resource.container or 'localhost'}. "
            f"This could mean that the variable was uninitialized. Not found: {missing_resource(resource)}",
        )
    return value


@read_variable_op.gradient
def _read_grad(node: Any, dy: Tensor) -> Tensor:
    return dy


@op("AssignVariableOp", writes=("resource",))
def assign_variable_op(c: ShapeContext) -> list[Shape]:
    merge(_shape_behind(c, c.attrs["dtype"]), c.shape(1))
    return []


@assign_variable_op.kernel
def _assign(resource: Any, value: Any) -> None:
    if resource.is_resource is not True:
        raise InvalidArgumentError(None, None, f"Trying to assign to {resource!r}, which is no resource variable")
    resource.assign(value)


def _update_op(op_type: str, sign: int) -> Op:
    @op(op_type, writes=("resource",))
    def made(c: ShapeContext) -> list[Shape]:
        merge(_shape_behind(c, c.attrs["dtype"]), c.shape(1))
        return []

    @made.kernel
    def _update(resource: Any, value: Any) -> None:
        old = value_of(resource)
        if old.shape != value.shape:
            raise InvalidArgumentError(
                None,
                None,
                f"Cannot update variable with shape {dims_text(old.shape)} using a Tensor with shape "
                f"{dims_text(value.shape)}, shapes must be equal.",
            )
        with resource.lock:
            add_in_place(old, value, sign)

    return made


assign_add_variable_op = _update_op("AssignAddVariableOp", 1)
assign_sub_variable_op = _update_op("AssignSubVariableOp", -1)

var_is_initialized_op = op("VarIsInitializedOp")(scalar)
var_is_initialized_op.gradient(NOT_DIFFERENTIABLE)


@var_is_initialized_op.kernel
def _is_initialized(resource: Any, *, device: Any) -> torch.Tensor:
    return torch.tensor(getattr(resource, "tensor", resource) is not None, device=device)


@op("VariableShape")
def variable_shape_op(c: ShapeContext) -> Shape:
    shape = _shape_behind(c)
    return (None,) if shape is None else (len(shape),)


@variable_shape_op.kernel
def _variable_shape(input: Any, *, out_type: Any, device: Any) -> Any:
    return torch.tensor(tuple(value_of(input).shape), dtype=out_type.torch, device=device)


variable_shape_op.gradient(NOT_DIFFERENTIABLE)

destroy_resource_op = op("DestroyResourceOp", writes=("resource",))(no_outputs)


@destroy_resource_op.kernel
def _destroy(resource: Any, *, ignore_lookup_error: bool) -> None:
    if hasattr(resource, "tensor"):
        if resource.tensor is None and not ignore_lookup_error:
            raise NotFoundError(None, None, missing_resource(resource))
        resource.tensor = None
    else:
        close = getattr(resource, "close_resource", None)
        if close is not None:
            close()


def _scalar_behind(c: ShapeContext) -> Shape:
    shape = _shape_behind(c, c.attrs["T"])
    if shape:
        raise ShapeError(f"Shape must be rank 0 but is rank {len(shape)}")
    return ()


resource_count_up_to_op = op("ResourceCountUpTo", writes=("resource",))(_scalar_behind)
resource_count_up_to_op.builder(counting_kernel)


# --- gather and scatter ----------------------------------------------------------------------------------------


@op("ResourceGather")
def resource_gather_op(c: ShapeContext) -> Shape:
    params, indices = _shape_behind(c, c.attrs["dtype"]), c.shape(1)
    batch = c.attrs["batch_dims"]
    if params is not None and not params:
        raise ShapeError("Shape must be at least rank 1 but is rank 0")
    if params is None or indices is None:
        return None
    return indices[:batch] + indices[batch:] + params[batch + 1 :]


@resource_gather_op.kernel
def _resource_gather(resource: Any, indices: Any, *, batch_dims: int) -> Any:
    params = value_of(resource)
    if params.ndim < 1:
        raise InvalidArgumentError(None, None, "params must be at least 1 dimensional")
    check_indices(indices, params.shape[batch_dims])
    if not isinstance(params, torch.Tensor):
        return params[indices.numpy()]
    if batch_dims:
        n, limit = 1, params.shape[batch_dims]
        for d in params.shape[:batch_dims]:
            n *= d
        start = torch.arange(n, device=indices.device) * limit
        rows = indices.reshape(n, -1).long() + start[:, None]
        taken = params.reshape(n * limit, *params.shape[batch_dims + 1 :]).index_select(0, rows.reshape(-1))
    else:
        taken = params.index_select(0, indices.reshape(-1))
    return taken.reshape(*indices.shape, *params.shape[batch_dims + 1 :])


@resource_gather_op.gradient
def _resource_gather_grad(node: Any, dy: Tensor) -> Any:
    # The gradient of the handle is sparse: the rows that were taken, with the incoming gradient.
    handle, indices = node.inputs
    params_shape = variable_shape(handle)
    size = shapes.expand_dims(shapes.size(indices), 0)
    values_shape = arrays.concat([size, params_shape[1:]], 0)
    values = shapes.reshape(dy, values_shape)
    return IndexedSlices(values, shapes.reshape(indices, size), params_shape), None


def variable_shape(handle: Tensor, out_type: Any = dtypes.int32) -> Tensor:
    """The shape of the variable behind a handle: a constant where it is known while building."""
    data = handle._handle
    if data is None or data.shape is None or None in data.shape:
        return variable_shape_op(handle, out_type=out_type)  # type: ignore[no-any-return]
    return constant(list(data.shape), dtype=out_type)


@op("ResourceGatherNd")
def resource_gather_nd_op(c: ShapeContext) -> Shape:
    params, indices = _shape_behind(c, c.attrs["dtype"]), c.shape(1)
    if indices is None or not indices or params is None or indices[-1] is None:
        return None
    depth = indices[-1]
    if depth > len(params):
        raise ShapeError(
            "indices.shape[-1] must be <= params.rank, but saw indices shape: "
            f"{list(indices)} and params shape: {list(params)}"
        )
    return indices[:-1] + params[depth:]


@resource_gather_nd_op.kernel
def _resource_gather_nd(resource: Any, indices: Any) -> Any:
    params = value_of(resource)
    depth = indices.shape[-1]
    dims = tuple(params.shape)
    rows = flat_rows(indices.reshape(-1, depth), dims, "param shape")
    count = 1
    for d in dims[:depth]:
        count *= d
    flat = params.reshape(count, *dims[depth:])
    taken = flat[rows.numpy()] if not isinstance(params, torch.Tensor) else flat.index_select(0, rows)
    return taken.reshape(*indices.shape[:-1], *dims[depth:])


@resource_gather_nd_op.gradient
def _resource_gather_nd_grad(node: Any, dy: Tensor) -> Any:
    handle, indices = node.inputs
    params_shape = variable_shape_op(handle, out_type=indices.dtype)
    if indices._dims is not None and len(indices._dims) == 2 and indices._dims[-1] == 1:
        return IndexedSlices(dy, shapes.squeeze(indices, axis=-1), params_shape), None
    return get_op("ScatterNd")(indices, dy, params_shape), None


def _resource_scatter_op(op_type: str, how: str) -> Op:
    @op(op_type, writes=("resource",))
    def made(c: ShapeContext) -> list[Shape]:
        scatter_updates_shape(_shape_behind(c, c.attrs["dtype"]), c.shape(1), c.shape(2))
        return []

    @made.kernel
    def _scatter(resource: Any, indices: Any, updates: Any) -> None:
        target = value_of(resource)
        if updates.ndim and tuple(updates.shape) != (*indices.shape, *target.shape[1:]):
            raise InvalidArgumentError(
                None,
                None,
                f"shape of indices ({dims_text(indices.shape)}) is not compatible with the shape of updates "
                f"({dims_text(updates.shape)})",
            )
        with resource.lock:
            scatter_rows(target, indices, updates, how)

    return made


resource_scatter_update_op = _resource_scatter_op("ResourceScatterUpdate", "update")
resource_scatter_add_op = _resource_scatter_op("ResourceScatterAdd", "add")
resource_scatter_sub_op = _resource_scatter_op("ResourceScatterSub", "sub")
resource_scatter_mul_op = _resource_scatter_op("ResourceScatterMul", "mul")
resource_scatter_div_op = _resource_scatter_op("ResourceScatterDiv", "div")
resource_scatter_min_op = _resource_scatter_op("ResourceScatterMin", "min")
resource_scatter_max_op = _resource_scatter_op("ResourceScatterMax", "max")


def _resource_scatter_nd_op(op_type: str, how: str) -> Op:
    @op(op_type, writes=("ref",))
    def made(c: ShapeContext) -> list[Shape]:
        scatter_nd_updates_shape(_shape_behind(c, c.attrs["T"]), c.shape(1), c.shape(2))
        return []

    @made.kernel
    def _scatter(ref: Any, indices: Any, updates: Any) -> None:
        with ref.lock:
            scatter_nd(value_of(ref), indices, updates, how)

    return made


resource_scatter_nd_update_op: Callable[..., Any] = _resource_scatter_nd_op("ResourceScatterNdUpdate", "update")
resource_scatter_nd_add_op: Callable[..., Any] = _resource_scatter_nd_op("ResourceScatterNdAdd", "add")
resource_scatter_nd_sub_op: Callable[..., Any] = _resource_scatter_nd_op("ResourceScatterNdSub", "sub")
