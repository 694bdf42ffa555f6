"""Shapes of tensors: changing them, broadcasting to them, and tensors made from a shape alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.op import Shape as Dims
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import (
    at_most_rank,
    merge,
    text,
    unchanged,
    with_rank,
)
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor, dims_of
from tfcompat.ops.constants import constant
from tfcompat.ops.shape_queries import rank as rank
from tfcompat.ops.shape_queries import rank_internal as rank_internal
from tfcompat.ops.shape_queries import rank_op as rank_op
from tfcompat.ops.shape_queries import shape as shape
from tfcompat.ops.shape_queries import shape_internal as shape_internal
from tfcompat.ops.shape_queries import shape_n as shape_n
from tfcompat.ops.shape_queries import shape_n_op as shape_n_op
from tfcompat.ops.shape_queries import shape_op as shape_op
from tfcompat.ops.shape_queries import shape_v2 as shape_v2
from tfcompat.ops.shape_queries import size as size
from tfcompat.ops.shape_queries import size_internal as size_internal
from tfcompat.ops.shape_queries import size_op as size_op
from tfcompat.ops.shape_queries import size_v2 as size_v2

# --- reshape, expand_dims, squeeze ---------------------------------------------------------------------------------


@op("Reshape", host=("shape",), alias=True)
def reshape_op(c: ShapeContext) -> Dims:
    with_rank(c.shape(1), 1)
    out = c.shape_value(1)
    source = c.shape(0)
    if out is None or source is None:
        return out
    return _reshaped(source, out)


def _known_product(dims: Sequence[int | None]) -> tuple[int, int]:
    """The product of the known dimensions and the number of unknown ones; a 0 settles the product."""
    if 0 in dims:
        return 0, 0
    return math.prod(d for d in dims if d is not None), sum(d is None for d in dims)


def _reshaped(source: tuple[int | None, ...], out: tuple[int | None, ...]) -> Dims:
    """What is known of the result of reshaping `source` to `out`, where None is unknown or to be inferred."""
    have, have_unknown = _known_product(source)
    want, want_unknown = _known_product(out)
    if have_unknown > 1 or want_unknown > 1:
        return out
    if not have_unknown and not want_unknown:
        if have != want:
            raise ShapeError(
                f"Cannot reshape a tensor with {have} elements to shape {text(out)} ({want} elements)"
            )
    elif not have_unknown:
        if have % want:
            raise ShapeError(f"Dimension size must be evenly divisible by {want} but is {have}")
        return tuple(have // want if d is None else d for d in out)
    elif not want_unknown and have and want % have:
        raise ShapeError(f"Dimension size must be evenly divisible by {have} but is {want}")
    return out


@reshape_op.kernel
def _reshape(tensor: Any, shape: Any) -> Any:
    if type(shape) is not list:  # torch would take a number for a vector of one
        raise _reshape_error(tensor, shape)
    try:
        return tensor.reshape(shape)
    except (RuntimeError, ValueError, TypeError):
        inferred = _reshape_of_nothing(tensor, shape)
        if inferred is None:
            raise _reshape_error(tensor, shape) from None
        return tensor.reshape(inferred)


def _reshape_of_nothing(tensor: Any, shape: list[int]) -> list[int] | None:
    """For an empty tensor and a shape with 0 and -1 in it, TF infers the -1 from the dimensions that are not 0."""
    if shape.count(-1) != 1 or 0 not in shape or min(shape) < -1 or 0 not in tensor.shape:
        return None
    have = math.prod(d for d in tensor.shape if d)
    want = math.prod(d for d in shape if d > 0)
    return [have // want if d == -1 else d for d in shape]


def _reshape_error(tensor: Any, shape: Any) -> InvalidArgumentError:
    """TF's reason why the tensor cannot have this shape."""
    if not isinstance(shape, list) or (shape and isinstance(shape[0], list)):
        found = list(np.shape(shape))
        return InvalidArgumentError(None, None, f"sizes input must be 1-D, not {found}")
    unknown = -1
    product = 1
    for i, d in enumerate(shape):
        if d == -1:
            if unknown >= 0:
                return InvalidArgumentError(
                    None, None, f"Only one input size may be -1, not both {unknown} and {i}"
                )
            unknown = i
        elif d < 0:
            return InvalidArgumentError(None, None, f"Size {i} must be non-negative, not {d}")
        else:
            product *= d
    have = math.prod(tensor.shape)
    if unknown >= 0:
        product = math.prod(d for d in shape if d > 0)
        reason = (
            f"Input to reshape is a tensor with {have} values, but the requested shape requires a multiple of {product}"
        )
    else:
        reason = f"Input to reshape is a tensor with {have} values, but the requested shape has {product}"
    return InvalidArgumentError(None, None, reason)


def _reshape_to_input(node: Any, dy: Any) -> Tensor:
    return reshape_op(dy, shape(node.inputs[0]))


@reshape_op.gradient
def _reshape_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return _reshape_to_input(node, dy), None


@reshape_op.samples
def _reshape_samples() -> Iterator[Sample]:
    yield sample(real(2, 6), fixed([3, 4]))
    yield sample(real(2, 3, 2), fixed([-1, 4]))
    yield sample(real(1), fixed(np.zeros(0, np.int32)))
    yield sample(real(0, 3), fixed([3, 0]))


@export("reshape", "manip.reshape")
def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """`tensor` with the same elements in another shape; one entry of `shape` may be -1, the rest decides it.

    Raises: ValueError while building, InvalidArgumentError while running, when the sizes do not fit.
    """
    return reshape_op(tensor, shape, name=name)


def _single(value: Any) -> int | None:
    """The one number of a 0-d or one-element array; None where there are more or fewer."""
    return int(value.ravel()[0]) if value.size == 1 else None


@op("ExpandDims", host=("dim",), alias=True)
def expand_dims_op(c: ShapeContext) -> Dims:
    value = c.value(1)
    if value is not None and value.size != 1:
        raise ShapeError("'dim' input must be a tensor with a single value")
    dims = c.shape(0)
    if value is None or dims is None:
        return None
    axis = _single(value)
    n = len(dims)
    if axis is None or not -n - 1 <= axis <= n:
        raise ShapeError(f"dim {axis} not in the interval [{-n - 1}, {n}].")
    if axis < 0:
        axis += n + 1
    return (*dims[:axis], 1, *dims[axis:])


@expand_dims_op.kernel
def _expand_dims(input: Any, dim: Any) -> Any:
    if isinstance(dim, list):
        if len(dim) != 1 or isinstance(dim[0], list):
            raise InvalidArgumentError(None, None, "'dim' must be a tensor with a single value")
        dim = dim[0]
    n = len(input.shape)
    if not -n - 1 <= dim <= n:
        raise InvalidArgumentError(None, None, f"Tried to expand dim index {dim} for tensor with {n} dimensions.")
    if isinstance(input, torch.Tensor):
        return input.unsqueeze(dim)
    return np.expand_dims(input, dim)


@expand_dims_op.builder
def _build_expand_dims(c: KernelContext) -> Any:
    dim, dims = c.constants.get(1), c.shapes[0]
    if type(dim) is not int or dims is None or c.attrs["T"].torch is None or not -len(dims) - 1 <= dim <= len(dims):
        return None
    return lambda input, _: input.unsqueeze(dim)


@expand_dims_op.gradient
def _expand_dims_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return _reshape_to_input(node, dy), None


@expand_dims_op.samples
def _expand_dims_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed(0))
    yield sample(real(2, 3), fixed([-1]))
    yield sample(real(), fixed(0))


@export("expand_dims")
def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """`input` with a dimension of size 1 inserted at `axis` (`dim` is its old name).

    Raises: ValueError when neither or both are given, or the axis is out of range.
    """
    axis = renamed_argument("axis", axis, "dim", dim)
    if axis is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return expand_dims_op(input, axis, name=name)


@export(v2=("expand_dims",))
def expand_dims_v2(input: Any, axis: Any, name: str | None = None) -> Tensor:
    """`input` with a dimension of size 1 inserted at `axis`."""
    return expand_dims_op(input, axis, name=name)


def renamed_argument(new_name: str, new: Any, old_name: str, old: Any) -> Any:
    """The value of an argument that has an old name too. Raises ValueError when both are given."""
    if old is None:
        return new
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'")
    return old


def _squeeze_axes(squeeze_dims: Sequence[int], n: int) -> set[int]:
    axes = set()
    for i, axis in enumerate(squeeze_dims):
        if not -n <= axis < n:
            raise ShapeError(f"squeeze_dims[{i}] not in [{-n},{n}).")
        axes.add(axis % n)
    return axes


@op("Squeeze", alias=True)
def squeeze_op(c: ShapeContext) -> Dims:
    dims = c.shape(0)
    if dims is None:
        return None
    axes = _squeeze_axes(c.attrs["squeeze_dims"], len(dims))
    out: list[int | None] = []
    for i, d in enumerate(dims):
        if d is None and not axes:
            return None
        if d is not None and d != 1 and i in axes:
            raise ShapeError(f"Can not squeeze dim[{i}], expected a dimension of 1, got {d}")
        if i in axes or (d == 1 and not axes):
            continue
        out.append(d)
    return tuple(out)


@squeeze_op.kernel
def _squeeze(input: Any, *, squeeze_dims: Sequence[int]) -> Any:
    dims = input.shape
    n = len(dims)
    if not squeeze_dims:
        return input.reshape([d for d in dims if d != 1])
    axes = set()
    for axis in squeeze_dims:
        if not -n <= axis < n:
            raise InvalidArgumentError(None, None, f"Tried to squeeze dim index {axis} for tensor with {n} dimensions.")
        axis %= n
        if dims[axis] != 1:
            raise InvalidArgumentError(
                None, None, f"Can not squeeze dim[{axis}], expected a dimension of 1, got {dims[axis]}"
            )
        axes.add(axis)
    return input.reshape([d for i, d in enumerate(dims) if i not in axes])


@squeeze_op.builder
def _build_squeeze(c: KernelContext) -> Any:
    axes, dims = c.attrs["squeeze_dims"], c.shapes[0]
    if not axes or dims is None or c.attrs["T"].torch is None:
        return None
    if any(not -len(dims) <= a < len(dims) or dims[a] != 1 for a in axes):
        return None  # the kernel checks and explains
    chosen = tuple({a % len(dims) for a in axes})
    rank = len(dims) - len(chosen)

    def kernel(input: torch.Tensor) -> torch.Tensor:
        out = input.squeeze(chosen)
        return out if out.dim() == rank else _squeeze(input, squeeze_dims=axes)  # torch leaves other axes as they are

    return kernel


@squeeze_op.gradient
def _squeeze_grad(node: Any, dy: Any) -> Tensor:
    return _reshape_to_input(node, dy)


@squeeze_op.samples
def _squeeze_samples() -> Iterator[Sample]:
    yield sample(real(1, 2, 1, 3))
    yield sample(real(1, 2, 1, 3), squeeze_dims=[-2])


@export("squeeze")
def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:
    """`input` without its dimensions of size 1: all of them, or those in `axis` (old name: squeeze_dims)."""
    return squeeze_v2(input, renamed_argument("axis", axis, "squeeze_dims", squeeze_dims), name)


@export(v2=("squeeze",))
def squeeze_v2(input: Any, axis: Any = None, name: str | None = None) -> Tensor:
    """`input` without its dimensions of size 1: all of them, or those in `axis`."""
    if np.isscalar(axis):
        axis = [axis]
    return squeeze_op(input, squeeze_dims=[] if axis is None else axis, name=name)


@op("EnsureShape", alias=True)
def ensure_shape_op(c: ShapeContext) -> Dims:
    wanted = dims_of(c.attrs["shape"])
    if wanted is None:
        return c.shape(0)
    return merge(wanted, with_rank(c.shape(0), len(wanted)))


@ensure_shape_op.builder
def _build_ensure_shape(c: KernelContext) -> Any:
    wanted = dims_of(c.attrs["shape"])
    source = c.node.inputs[0]
    label = source.op.name if source.value_index == 0 else source.name
    return lambda input: _ensure_shape(input, wanted, label)


def _ensure_shape(input: Any, wanted: Dims, label: str) -> Any:
    found = tuple(input.shape)
    if wanted is not None and (
        len(wanted) != len(found) or any(w is not None and w != d for w, d in zip(wanted, found, strict=True))
    ):
        raise InvalidArgumentError(
            None,
            None,
            f"Shape of tensor {label} {text(found)} is not compatible with expected shape {text(wanted)}.",
        )
    return input


@ensure_shape_op.gradient
def _ensure_shape_grad(node: Any, dy: Any) -> Any:
    return dy


@ensure_shape_op.samples
def _ensure_shape_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), shape=TensorShape([None, 3]))


@export("ensure_shape")
def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """`x`, statically known to have `shape`; running checks that it has.

    Raises: ValueError while building, InvalidArgumentError while running, when x has another shape.
    """
    return ensure_shape_op(x, shape=TensorShape(shape), name=name)


# --- broadcasting --------------------------------------------------------------------------------------------------


@op("BroadcastTo", host=("shape",), alias=True)
def broadcast_to_op(c: ShapeContext) -> Dims:
    count = with_rank(c.shape(1), 1)[0]
    source = c.shape(0)
    if count is not None:
        at_most_rank(source, count)
    out = c.shape_value(1)
    if out is None or source is None:
        return out
    at_most_rank(source, len(out))
    dims = list(out)
    for i in range(1, len(source) + 1):
        d = source[-i]
        if d is not None and d > 1:
            if dims[-i] is not None and dims[-i] != d:
                raise ShapeError(f"Dimensions must be equal, but are {d} and {dims[-i]}")
            dims[-i] = d
    return tuple(dims)


@broadcast_to_op.kernel
def _broadcast_to(input: Any, shape: list[int]) -> Any:
    source = tuple(input.shape)
    if any(d < 0 for d in shape):
        raise InvalidArgumentError(None, None, f"Dimension {min(shape)} must be >= 0")
    if len(source) > len(shape):
        raise InvalidArgumentError(
            None,
            None,
            f"Rank of input ({len(source)}) must be no greater than rank of output shape ({len(shape)}).",
        )
    if any(a != b and a != 1 for a, b in zip(reversed(source), reversed(shape), strict=False)):
        raise InvalidArgumentError(None, None, f"Incompatible shapes: {text(source)} vs. {text(tuple(shape))}")
    return input.expand(shape) if isinstance(input, torch.Tensor) else np.broadcast_to(input, shape)


@broadcast_to_op.gradient
def _broadcast_to_grad(node: Any, dy: Tensor) -> tuple[Tensor, None]:
    x_shape = shape(node.inputs[0])
    _, axes = broadcast_gradient_args_op(node.inputs[1], x_shape)
    return reshape_op(get_op("Sum")(dy, axes, keep_dims=True), x_shape), None


@broadcast_to_op.samples
def _broadcast_to_samples() -> Iterator[Sample]:
    yield sample(real(3, 1), fixed([2, 3, 4]))
    yield sample(real(), fixed([2]))


@export("broadcast_to")
def broadcast_to(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """`input` repeated along its dimensions of size 1, and new ones in front, to have `shape`."""
    return broadcast_to_op(input, shape, name=name)


@op("BroadcastArgs", host=("s0", "s1"))
def broadcast_args_op(c: ShapeContext) -> Dims:
    x, y = with_rank(c.shape(0), 1), with_rank(c.shape(1), 1)
    if x[0] is None or y[0] is None:
        return (None,)
    return (max(x[0], y[0]),)


@broadcast_args_op.kernel
def _broadcast_args(s0: list[int], s1: list[int], *, T: Any, device: Any) -> torch.Tensor:
    return torch.tensor(_broadcast_lists(s0, s1), dtype=T.torch, device=device)


def _broadcast_lists(s0: list[int], s1: list[int]) -> list[int]:
    n = max(len(s0), len(s1))
    out = []
    for x, y in zip([1] * (n - len(s0)) + s0, [1] * (n - len(s1)) + s1, strict=True):
        if x != y and x != 1 and y != 1:
            left, right = ",".join(map(str, s0)), ",".join(map(str, s1))
            raise InvalidArgumentError(None, None, f"Incompatible shapes: [{left}] vs. [{right}]")
        out.append(y if x == 1 else x)
    return out


broadcast_args_op.gradient(NOT_DIFFERENTIABLE)


@op("BroadcastGradientArgs", host=("s0", "s1"))
def broadcast_gradient_args_op(c: ShapeContext) -> list[Dims]:
    with_rank(c.shape(0), 1)
    with_rank(c.shape(1), 1)
    return [(None,), (None,)]


@broadcast_gradient_args_op.kernel
def _broadcast_gradient_args(s0: list[int], s1: list[int], *, T: Any, device: Any) -> list[torch.Tensor]:
    axes = reduction_axes(s0, s1)
    return [torch.tensor(a, dtype=T.torch, device=device) for a in axes]


def reduction_axes(s0: list[int], s1: list[int]) -> tuple[list[int], list[int]]:
    """For two broadcast shapes, the axes of the result over which each one's gradient is summed.

    Equal shapes need none; otherwise an axis where both are 1 counts for both, as in TF.
    """
    if s0 == s1:
        return [], []
    _broadcast_lists(s0, s1)
    n = max(len(s0), len(s1))
    left, right = [1] * (n - len(s0)) + s0, [1] * (n - len(s1)) + s1
    return (
        [i for i in range(n) if left[i] == 1],
        [i for i in range(n) if right[i] == 1],
    )


broadcast_gradient_args_op.gradient(NOT_DIFFERENTIABLE)


def broadcast_gradient_args(s0: Any, s1: Any, name: str | None = None) -> list[Tensor]:
    """For each of two shapes, as tensors, the axes over which its gradient is summed."""
    return broadcast_gradient_args_op(s0, s1, name=name)  # type: ignore[no-any-return]


@broadcast_args_op.samples
@broadcast_gradient_args_op.samples
def _broadcast_args_samples() -> Iterator[Sample]:
    yield sample(fixed([2, 1, 3]), fixed([4, 1]))
    yield sample(fixed([2]), fixed(np.zeros(0, np.int32)))


@export("broadcast_dynamic_shape")
def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Tensor:
    """The shape, as a tensor, that two shapes (as tensors) broadcast to."""
    return broadcast_args_op(shape_x, shape_y)


@export("broadcast_static_shape")
def broadcast_static_shape(shape_x: TensorShape, shape_y: TensorShape) -> TensorShape:
    """The TensorShape that two TensorShapes broadcast to, as far as it is known.

    Raises: ValueError when they do not broadcast.
    """
    if shape_x.ndims is None or shape_y.ndims is None:
        return TensorShape(None)
    left, right = shape_x._tuple, shape_y._tuple
    assert left is not None and right is not None
    n = max(len(left), len(right))
    out: list[int | None] = []
    for x, y in zip((1,) * (n - len(left)) + left, (1,) * (n - len(right)) + right, strict=True):
        if x is None or y is None:
            known = y if x is None else x
            out.append(known if known is not None and known > 1 else None)
        elif x != y and x != 1 and y != 1:
            raise ValueError(f"Incompatible shapes for broadcasting: {shape_x} and {shape_y}")
        else:
            out.append(y if x == 1 else x)
    return TensorShape(out)


# --- filled tensors ------------------------------------------------------------------------------------------------


@op("Fill", host=("dims",))
def fill_op(c: ShapeContext) -> Dims:
    with_rank(c.shape(0), 1)
    with_rank(c.shape(1), 0)
    out = c.shape_value(0)
    value = c.value(0)
    if value is not None and (value < 0).any():
        raise ShapeError("Fill dimensions must be >= 0")
    return out


@fill_op.kernel
def _fill(dims: list[int], value: Any) -> Any:
    for d in dims:
        if d < 0:
            raise InvalidArgumentError(None, None, f"Dimension {d} must be >= 0")
    if value.ndim:
        raise InvalidArgumentError(None, None, f"value must be a scalar, got shape {text(tuple(value.shape))}")
    if isinstance(value, torch.Tensor):
        return value.expand(dims).clone(memory_format=torch.contiguous_format)
    return np.full(dims, value.item(), object)


@fill_op.gradient
def _fill_grad(node: Any, dy: Tensor) -> tuple[None, Tensor]:
    from tfcompat.ops import reductions

    return None, reductions.reduce_sum(dy)


@fill_op.samples
def _fill_samples() -> Iterator[Sample]:
    yield sample(fixed([2, 3]), real())
    yield sample(fixed(np.zeros(0, np.int32)), real())
    yield sample(fixed([0, 2]), real())


@export("fill")
def fill(dims: Any, value: Any, name: str | None = None) -> Tensor:
    """A tensor of shape `dims` in which every element is the scalar `value`."""
    return fill_op(dims, value, name=name)


zeros_like_op = op("ZerosLike")(unchanged)


@zeros_like_op.kernel
def _zeros_like(x: Any) -> Any:
    if isinstance(x, torch.Tensor):
        return torch.zeros_like(x, memory_format=torch.contiguous_format)
    if isinstance(x, np.ndarray):
        return np.full(x.shape, b"", object)
    return x.zeros_like()


zeros_like_op.gradient(NOT_DIFFERENTIABLE)

ones_like_op = op("OnesLike")(unchanged)


@ones_like_op.kernel
def _ones_like(x: torch.Tensor) -> torch.Tensor:
    return torch.ones_like(x, memory_format=torch.contiguous_format)


ones_like_op.gradient(NOT_DIFFERENTIABLE)


@zeros_like_op.samples
@ones_like_op.samples
def _like_samples() -> Iterator[Sample]:
    yield sample(real(2, 3))
    yield sample(real())


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple, TensorShape)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _is_small(shape: Any) -> bool:
    """Whether a shape given in Python has fewer than 1000 elements. Raises TypeError where that cannot be said.

    A list with tensors in it is multiplied and compared in the graph, as in TF: the nodes count for op seeds.
    """
    if isinstance(shape, np.ndarray):
        return bool(np.prod(shape) < 1000)
    product: Any = None
    for d in _flat(shape):
        product = d if product is None else product * d
    if product is None:
        return True
    return bool(product < 1000)


def _constant_if_small(value: Any, shape: Any, dtype: Any, name: str) -> Tensor | None:
    try:
        if _is_small(shape):
            return constant(value, shape=shape, dtype=dtype, name=name)
    except TypeError:  # a tensor among the dimensions, or an unknown one
        pass
    return None


def _filled(value: Any, shape: Any, dtype: Any, scope: str) -> Tensor:
    """A Const for few elements, else a Fill, so that graphs stay small."""
    if not isinstance(shape, Tensor):
        try:
            small = _constant_if_small(value, shape, dtype, scope)
            if small is not None:
                return small
            shape = conversion.to_tensor(TensorShape(shape))
        except (TypeError, ValueError):
            shape = conversion.to_tensor(shape, dtypes.int32)
    if not shape._dims:
        shape = reshape_op(shape, [-1])
    return fill_op(shape, constant(value, dtype=dtype), name=scope)


@export("zeros")
def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """A tensor of zeros (False, or empty strings) of the given shape."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    with name_scope(name, "zeros", [shape]) as scope:
        zero: Any = False if dtype is dtypes.bool else "" if dtype is dtypes.string else 0
        return _filled(zero, shape, dtype, scope)


@export("ones")
def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """A tensor of ones (True for bool) of the given shape."""
    dtype = dtypes.as_dtype(dtype).base_dtype
    with name_scope(name, "ones", [shape]) as scope:
        return _filled(True if dtype is dtypes.bool else 1, shape, dtype, scope)


@export("zeros_like")
def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Zeros of the shape (and the dtype, unless given) of `tensor`; a constant where the shape is known."""
    with name_scope(name, "zeros_like", [tensor]) as scope:
        tensor = conversion.to_tensor(tensor, name="tensor")
        own = tensor._dtype
        wanted = None if dtype is None else dtypes.as_dtype(dtype)
        if optimize and own is not dtypes.variant and tensor._dims is not None and None not in tensor._dims:
            return zeros(tensor.shape, dtype=wanted or own, name=scope)
        if wanted is not None and wanted is not own and wanted is not dtypes.variant:
            return zeros(shape_internal(tensor, optimize=optimize), dtype=wanted, name=scope)
        return zeros_like_op(tensor, name=scope)


@export(v2=("zeros_like",))
def zeros_like_v2(input: Any, dtype: Any = None, name: str | None = None) -> Tensor:
    """Zeros of the shape and dtype of `input`."""
    return zeros_like(input, dtype, name)


@export("ones_like")
def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Ones of the shape (and the dtype, unless given) of `tensor`."""
    with name_scope(name, "ones_like", [tensor]) as scope:
        tensor = conversion.to_tensor(tensor, name="tensor")
        made = ones(shape_internal(tensor, optimize=optimize), dtype=dtype or tensor._dtype, name=scope)
        made.set_shape(tensor.shape)
        return made


@export(v2=("ones_like",))
def ones_like_v2(input: Any, dtype: Any = None, name: str | None = None) -> Tensor:
    """Ones of the shape and dtype of `input`."""
    return ones_like(input, dtype, name)
