"""Reductions over axes: sums, means, products, extremes, logic, norms, and the indices of extremes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, bools, fixed, ints, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import axis_of, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    comparison,
    constants,
    elementwise,
    exponents,
    families,
    gathering,
    identity,
    permuting,
    ranges,
    scans,
    shapes,
    stitching,
)
from tfcompat.ops.accumulation import accumulate_n as accumulate_n
from tfcompat.ops.accumulation import add_n as add_n
from tfcompat.ops.segments import unsorted_segment_sum as unsorted_segment_sum

# (input, axes as a tuple of distinct numbers 0..rank-1 (never empty), keep_dims) -> reduced input
Reduce = Callable[[torch.Tensor, tuple[int, ...], bool], torch.Tensor]


# --- declaring -------------------------------------------------------------------------------------------------


def reduction_shape(c: ShapeContext) -> Shape:
    """The shape left by reducing axes that may be known or not."""
    dims, keep = c.shape(0), c.attrs["keep_dims"]
    indices = c.shape(1)
    if indices is not None and len(indices) > 1:
        raise ShapeError(f"Shape must be at most rank 1 but is rank {len(indices)}")
    axes = c.value(1)
    if axes is None:
        # With one axis per dimension nothing is left; fewer are not known to be distinct.
        return (None,) * len(dims) if keep and dims is not None else None
    if dims is None:
        return None
    reduced = {axis_of(int(a), len(dims)) for a in axes.ravel()}
    if keep:
        return tuple(1 if i in reduced else d for i, d in enumerate(dims))
    return tuple(d for i, d in enumerate(dims) if i not in reduced)


def reduced_axes(indices: Any, rank: int) -> tuple[int, ...]:
    """Axes as a sorted tuple; one given twice counts once. Raises InvalidArgumentError for one out of range."""
    axes = set()
    for index in indices if isinstance(indices, list) else [indices]:
        if not -rank <= index < rank:
            raise InvalidArgumentError(
                None, None, f"Invalid reduction dimension ({index} for input with {rank} dimension(s)"
            )
        axes.add(index % rank)
    return tuple(sorted(axes))


# For a floating tensor: (static shape, axes, keep_dims) -> kernel in as few torch calls as there can be
Direct = Callable[[tuple[Any, ...], tuple[int, ...], bool, KernelContext], Callable[[torch.Tensor, Any], torch.Tensor]]


def reduction(op_type: str, reduce: Reduce, direct: Direct | None = None) -> Op:
    """Declares a reduction. `direct` makes the kernel of a plan that knows the axes, for floating tensors."""
    made = op(op_type, host=("reduction_indices",))(reduction_shape)

    @made.kernel
    def kernel(input: torch.Tensor, reduction_indices: Any, *, keep_dims: bool) -> torch.Tensor:
        axes = reduced_axes(reduction_indices, input.ndim)
        return reduce(input, axes, keep_dims) if axes else input.clone()

    @made.builder
    def build(c: KernelContext) -> Any:
        dims = c.shapes[0]
        if dims is None or 1 not in c.constants:
            return None
        try:
            axes = reduced_axes(c.constants[1], len(dims))
        except InvalidArgumentError:
            return None
        keep = c.attrs["keep_dims"]
        if not axes:
            return lambda x, indices: x.clone()
        kind = c.node._inputs[0]._dtype.base_dtype
        if direct is not None and (kind.is_floating or kind.is_complex):
            return direct(dims, axes, keep, c)
        return lambda x, indices: reduce(x, axes, keep)

    return made


def _reduction_samples(low: float = -1.0, high: float = 1.0, distinct: bool = False) -> Callable[[], Iterator[Sample]]:
    def samples() -> Iterator[Sample]:
        yield sample(real(2, 3, low=low, high=high, distinct=distinct), fixed([0, 1]))
        yield sample(real(2, 3, 2, low=low, high=high, distinct=distinct), fixed([-1, 0]), keep_dims=True)
        yield sample(real(2, 3, low=low, high=high, distinct=distinct), fixed(1))
        yield sample(real(2, 3, low=low, high=high, distinct=distinct), fixed(np.zeros(0, np.int32)))

    return samples


# --- kernels ---------------------------------------------------------------------------------------------------


def _sum(x: torch.Tensor, axes: tuple[int, ...], keep: bool) -> torch.Tensor:
    return torch.sum(x, axes, keep, dtype=x.dtype) if x.dtype not in families.WIDE else _wide_sum(x, axes, keep)


def _wide_sum(x: torch.Tensor, axes: tuple[int, ...], keep: bool) -> torch.Tensor:
    return torch.sum(x.to(torch.int64), axes, keep).to(x.dtype)


def _direct_sum(
    dims: tuple[Any, ...], axes: tuple[int, ...], keep: bool, c: KernelContext
) -> Callable[[torch.Tensor, Any], torch.Tensor]:
    if len(axes) == len(dims) and not keep:
        return lambda x, indices: x.sum()
    total = torch.sum
    return lambda x, indices: total(x, axes, keep)


def _direct_mean(
    dims: tuple[Any, ...], axes: tuple[int, ...], keep: bool, c: KernelContext
) -> Callable[[torch.Tensor, Any], torch.Tensor]:
    kind = c.node._inputs[0]._dtype.base_dtype
    lengths = [dims[a] for a in axes]
    if None in lengths or kind.size < 4:  # half: the sum may overflow where the mean does not
        mean = torch.mean
        return lambda x, indices: mean(x, axes, keep)
    # Dividing by a tensor made beforehand is cheaper than torch.mean, which makes one in every call.
    n = torch.tensor(int(np.prod(lengths, dtype=np.int64)), dtype=kind.torch, device=c.device)
    total, divide = _direct_sum(dims, axes, keep, c), torch.div
    return lambda x, indices: divide(total(x, indices), n)


def _count(x: torch.Tensor, axes: tuple[int, ...]) -> int:
    n = 1
    for a in axes:
        n *= x.shape[a]
    return n


def _mean(x: torch.Tensor, axes: tuple[int, ...], keep: bool) -> torch.Tensor:
    if x.is_floating_point() or x.is_complex():
        return torch.mean(x, axes, keep)
    # The sum wraps around in the type itself and is then divided towards zero, as TF does.
    total = _sum(x, axes, keep)
    n = _count(x, axes)
    return torch.div(total.to(torch.int64), max(n, 1), rounding_mode="trunc").to(x.dtype)


def _last(x: torch.Tensor, axes: tuple[int, ...]) -> torch.Tensor:
    """The reduced axes moved to the end and joined into one."""
    if len(axes) == 1:
        return x.movedim(axes[0], -1)
    kept = [i for i in range(x.ndim) if i not in axes]
    moved = x.permute(*kept, *axes)
    return moved.reshape([x.shape[i] for i in kept] + [_count(x, axes)])


def _with_ones(y: torch.Tensor, rank: int, axes: tuple[int, ...], keep: bool) -> torch.Tensor:
    if not keep:
        return y
    for a in axes:
        y = y.unsqueeze(a)
    return y


def _prod(x: torch.Tensor, axes: tuple[int, ...], keep: bool) -> torch.Tensor:
    kind = x.dtype
    if kind in families.WIDE:
        return _prod(x.to(torch.int64), axes, keep).to(kind)
    return _with_ones(torch.prod(_last(x, axes), -1, dtype=kind), x.ndim, axes, keep)


def _extreme(fn: Callable[..., torch.Tensor], sign: int) -> Reduce:
    def reduce(x: torch.Tensor, axes: tuple[int, ...], keep: bool) -> torch.Tensor:
        kind = x.dtype
        if _count(x, axes) == 0:
            dims = [1 if i in axes else d for i, d in enumerate(x.shape) if keep or i not in axes]
            return torch.full(dims, least(kind, sign), dtype=kind, device=x.device)
        if kind in families.WIDE:
            return _wide_extreme(fn, x, axes, keep)
        y = fn(x, axes, keep)
        # TF's reducer passes over NaN (a comparison with it is false) where there is anything to compare; torch lets
        # it win.
        if kind.is_floating_point and y.numel() != x.numel() and (x.device.type != "cpu" or bool(torch.isnan(y).any())):
            return fn(without_nan(x, sign), axes, keep)
        return y

    return reduce


def without_nan(x: torch.Tensor, sign: int) -> torch.Tensor:
    """NaN replaced by the number that never wins: -inf for a maximum (sign 1), inf for a minimum (sign -1)."""
    return torch.nan_to_num(x, nan=-sign * float("inf"), posinf=float("inf"), neginf=-float("inf"))


def least(kind: torch.dtype, sign: int) -> Any:
    """What the maximum (sign 1) or minimum (sign -1) of nothing is."""
    if kind.is_floating_point:
        return -sign * float("inf")
    info = torch.iinfo(kind)
    return info.min if sign > 0 else info.max


def _wide_extreme(
    fn: Callable[..., torch.Tensor], x: torch.Tensor, axes: tuple[int, ...], keep: bool
) -> torch.Tensor:
    if x.dtype is torch.uint64:  # flipping the top bit keeps the order
        return (fn(x.view(torch.int64) ^ -(2**63), axes, keep) ^ -(2**63)).view(torch.uint64)
    return fn(x.to(torch.int64), axes, keep).to(x.dtype)


def _euclidean_norm(x: torch.Tensor, axes: tuple[int, ...], keep: bool) -> torch.Tensor:
    if x.is_complex():
        return torch.sqrt(torch.sum(x * x.conj(), axes, keep))
    if x.is_floating_point():
        return torch.sqrt(torch.sum(x * x, axes, keep))
    return torch.sqrt(_sum(x * x, axes, keep).to(torch.float64)).to(x.dtype)


sum_op = reduction("Sum", _sum, _direct_sum)
mean_op = reduction("Mean", _mean, _direct_mean)
prod_op = reduction("Prod", _prod)
max_op = reduction("Max", _extreme(torch.amax, 1))
min_op = reduction("Min", _extreme(torch.amin, -1))
all_op = reduction("All", torch.all)
any_op = reduction("Any", torch.any)
euclidean_norm_op = reduction("EuclideanNorm", _euclidean_norm)

all_op.gradient(NOT_DIFFERENTIABLE)
any_op.gradient(NOT_DIFFERENTIABLE)
euclidean_norm_op.gradient(NOT_DIFFERENTIABLE)

sum_op.samples(_reduction_samples())
mean_op.samples(_reduction_samples())
prod_op.samples(_reduction_samples())
max_op.samples(_reduction_samples(distinct=True))
min_op.samples(_reduction_samples(distinct=True))
euclidean_norm_op.samples(_reduction_samples(low=0.5))


@all_op.samples
@any_op.samples
def _logic_samples() -> Iterator[Sample]:
    yield sample(bools(2, 3), fixed([0, 1]))
    yield sample(bools(2, 3), fixed(1), keep_dims=True)


# --- gradients -------------------------------------------------------------------------------------------------


def reduced_shape(input_shape: Any, axes: Any) -> Tensor:
    """Nodes for the shape with 1 at the reduced axes."""
    input_shape = casting.cast(input_shape, dtypes.int32)
    axes = casting.cast(axes, dtypes.int32)
    rank = shapes.size(input_shape)
    axes = (axes + rank) % rank
    axes_shape = shapes.shape(axes)
    return stitching.dynamic_stitch_op(
        [ranges.range(rank), axes], [input_shape, shapes.fill(axes_shape, 1)]
    )


def _shape_ratio(x: Any, y: Any) -> Any:
    """x // y with 0 / 0 = 0."""
    return x // elementwise.maximum(y, 1)


def _sum_grad(node: Any, dy: Any) -> Tensor:
    x, indices = node.inputs
    dims = x._dims
    axes = None if dims is None else constant_value(indices)
    if dims is not None and axes is not None:
        if axes.ndim == 1 and axes.tolist() == list(range(len(dims))):
            dy = shapes.reshape(dy, [1] * len(dims))
            whole = constants.constant(dims, dtype=dtypes.int32) if None not in dims else shapes.shape(x)
            return arrays.tile(dy, whole)
        if None not in dims:
            kept, repeats = _static_expansion(dims, tuple(axes.ravel().tolist()))
            return arrays.tile(shapes.reshape(dy, kept), repeats)
    input_shape = shapes.shape(x)
    with stacks.get_default_graph().colocate_with(input_shape):
        kept_shape = reduced_shape(input_shape, indices)
        repeats = _shape_ratio(input_shape, kept_shape)
    return arrays.tile(shapes.reshape(dy, kept_shape), repeats)


def _static_expansion(dims: tuple[int, ...], axes: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shape to give the gradient and how often to repeat it; TF makes the nodes once a graph, then knows."""
    cache = elementwise.attached_cache(stacks.get_default_graph(), "reduced_shapes")
    found = cache.get((dims, axes))
    if found is None:
        kept = tuple(elementwise.static_vector(reduced_shape(dims, axes)))
        repeats = tuple(elementwise.static_vector(_shape_ratio(dims, kept)))
        found = cache[dims, axes] = kept, repeats
    return found  # type: ignore[no-any-return]


@sum_op.gradient
def _sum_rule(node: Any, dy: Any) -> tuple[Tensor, None]:
    return _sum_grad(node, dy), None


@mean_op.gradient
def _mean_rule(node: Any, dy: Any) -> tuple[Tensor, None]:
    total = _sum_grad(node, dy)
    before, left = node.inputs[0]._dims, node.outputs[0]._dims
    factor: Any
    if before is not None and left is not None and None not in before and None not in left:
        n = int(np.prod(before, dtype=np.int64)) // max(int(np.prod(left, dtype=np.int64)), 1)
        factor = constants.constant(n, dtype=total.dtype)
    else:
        before_shape = shapes.shape(node.inputs[0])
        left_shape = shapes.shape(node.outputs[0])
        factor = _shape_ratio(reduce_prod(before_shape), reduce_prod(left_shape))
    return elementwise.truediv(total, casting.cast(factor, total.dtype)), None


@max_op.gradient
@min_op.gradient
def _extreme_rule(node: Any, dy: Any) -> tuple[Tensor, None]:
    x, indices = node.inputs
    kept_shape = reduced_shape(shapes.shape(x), indices)
    y = shapes.reshape(node.outputs[0], kept_shape)
    dy = shapes.reshape(dy, kept_shape)
    # Several equal extremes share the gradient.
    chosen = casting.cast(comparison.equal(y, x), dy.dtype)
    number = shapes.reshape(reduce_sum(chosen, indices), kept_shape)
    return elementwise.divide(chosen, number) * dy, None


@prod_op.gradient
def _prod_rule(node: Any, dy: Any) -> tuple[Tensor, None]:
    """dy times the product of the other elements, from two exclusive running products (so zeros are no problem)."""
    x, indices = node.inputs
    input_shape = shapes.shape(x)
    flat_indices = shapes.reshape(indices, [-1])
    kept_shape = reduced_shape(input_shape, indices)
    repeats = _shape_ratio(input_shape, kept_shape)
    dy = arrays.tile(shapes.reshape(dy, kept_shape), repeats)
    with stacks.get_default_graph().device("/cpu:0"):
        rank = shapes.rank(x)
        flat_indices = (flat_indices + rank) % rank
        reduced = casting.cast(flat_indices, dtypes.int32)
        every = ranges.range(0, rank)
        other, _ = get_op("ListDiff")(every, reduced)
        perm = arrays.concat([reduced, other], 0)
        reduced_num = reduce_prod(gathering.gather(input_shape, reduced))
        other_num = reduce_prod(gathering.gather(input_shape, other))
    permuted = permuting.transpose(x, perm)
    permuted_shape = shapes.shape(permuted)
    matrix = shapes.reshape(permuted, (reduced_num, other_num))
    left = scans.cumprod(matrix, axis=0, exclusive=True)
    right = scans.cumprod(matrix, axis=0, exclusive=True, reverse=True)
    y = shapes.reshape(casting.conj(left) * casting.conj(right), permuted_shape)
    out = dy * permuting.transpose(y, permuting.invert_permutation(perm))
    return shapes.reshape(out, input_shape), None


# --- indices of extremes ---------------------------------------------------------------------------------------


def _arg_shape(c: ShapeContext) -> Shape:
    dims = c.shape(0)
    with_rank(c.shape(1), 0)
    if dims is None:
        return None
    if len(dims) <= 1:
        return ()
    axis = c.value(1)
    if axis is None:
        return (None,) * (len(dims) - 1)
    rank, at = len(dims), int(axis)
    if not -rank <= at < rank:
        raise ShapeError(
            f"Dimension ({at}) must be in the range [{-rank}, {rank}), where {rank} is the number of dimensions in the "
            "input."
        )
    at %= rank
    return dims[:at] + dims[at + 1 :]


def _arg(op_type: str, fn: Callable[..., torch.Tensor], sign: int) -> Op:
    made = op(op_type, host=("dimension",))(_arg_shape)

    @made.kernel
    def kernel(input: torch.Tensor, dimension: int, *, output_type: dtypes.DType) -> torch.Tensor:
        if not -input.ndim <= dimension < input.ndim:
            raise InvalidArgumentError(
                None, None, f"Expected dimension in the range [{-input.ndim}, {input.ndim}), but got {dimension}"
            )
        axis = dimension % input.ndim
        if input.shape[axis] == 0:
            raise InvalidArgumentError(
                None, None, f"Reduction axis {axis} is empty in shape [{','.join(map(str, input.shape))}]"
            )
        if input.dtype.is_floating_point:
            input = without_nan(input, sign)
        elif input.dtype in families.WIDE:
            input = input.view(torch.int64) ^ -(2**63) if input.dtype is torch.uint64 else input.to(torch.int64)
        if 0 in input.shape:
            dims = [d for i, d in enumerate(input.shape) if i != axis]
            return torch.zeros(dims, dtype=output_type.torch, device=input.device)
        return fn(input, axis).to(output_type.torch)

    made.gradient(lambda node, dy: (None, None))

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(real(2, 3, distinct=True), fixed(1))
        yield sample(ints(2, 3, 2), fixed(-2), output_type=dtypes.int32)

    return made


arg_max_op = _arg("ArgMax", torch.argmax, 1)
arg_min_op = _arg("ArgMin", torch.argmin, -1)


# --- public names ----------------------------------------------------------------------------------------------


def _axes_or_all(x: Any, axis: Any) -> Any:
    """The axes to reduce: as given, or all of them (a constant; Range nodes when the rank is unknown)."""
    if axis is not None:
        return axis
    rank = _static_rank(x)
    if rank is not None:
        return constants.constant(np.arange(rank), dtype=dtypes.int32)
    return ranges.range(0, shapes.rank(x))


def _static_rank(x: Any) -> int | None:
    if isinstance(x, Tensor):
        return x._rank()
    if hasattr(x, "dense_shape"):
        length = x.dense_shape.shape
        return length.dims[0].value if length.is_fully_defined() else None
    return None  # variables and Python values too: TF adds Rank and Range nodes for them


def _scalar_if_all(y: Tensor, axis: Any, keepdims: Any) -> Tensor:
    """Reducing every axis leaves a scalar, even where the rank was not known."""
    if axis is None and not keepdims and (y._dims is None or None in y._dims):
        y.set_shape(())
    return y


def _reduce(made: Op, x: Any, axis: Any, keepdims: Any, name: str | None) -> Tensor:
    keepdims = False if keepdims is None else bool(keepdims)
    return _scalar_if_all(made(x, _axes_or_all(x, axis), keep_dims=keepdims, name=name), axis, keepdims)


def _old_names(axis: Any, reduction_indices: Any, keepdims: Any, keep_dims: Any) -> tuple[Any, Any]:
    """Arguments that have an old and a new name. Raises ValueError when both are given."""
    axis = shapes.renamed_argument("axis", axis, "reduction_indices", reduction_indices)
    return axis, shapes.renamed_argument("keepdims", keepdims, "keep_dims", keep_dims)


@export("reduce_sum")
def reduce_sum(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """The sum over `axis` (an int, a list, a tensor; all axes by default); integers wrap around.

    Raises: ValueError when an argument is given under its old name too.
    """
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    return _reduce(sum_op, input_tensor, axis, keepdims, name)


@export("reduce_mean")
def reduce_mean(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """The mean over `axis` (default all); of integers, the sum divided towards zero."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    return _reduce(mean_op, input_tensor, axis, keepdims, name)


@export("reduce_prod")
def reduce_prod(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """The product over `axis` (default all)."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    return _reduce(prod_op, input_tensor, axis, keepdims, name)


@export("reduce_max")
def reduce_max(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """The maximum over `axis` (default all); NaN is passed over, and the maximum of nothing is the type's lowest."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    return _reduce(max_op, input_tensor, axis, keepdims, name)


@export("reduce_min")
def reduce_min(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """The minimum over `axis` (default all); NaN is passed over, and the minimum of nothing is the type's highest."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    return _reduce(min_op, input_tensor, axis, keepdims, name)


@export("reduce_all")
def reduce_all(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """Whether all elements over `axis` (default all axes) are true."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    return _reduce(all_op, input_tensor, axis, keepdims, name)


@export("reduce_any")
def reduce_any(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """Whether any element over `axis` (default all axes) is true."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    return _reduce(any_op, input_tensor, axis, keepdims, name)


@export("reduce_logsumexp")
def reduce_logsumexp(
    input_tensor: Any,
    axis: Any = None,
    keepdims: Any = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
) -> Tensor:
    """log(sum(exp(x))) over `axis` (default all), without overflow: the maximum is taken out first."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    keepdims = False if keepdims is None else keepdims
    x = conversion.to_tensor(input_tensor)
    with name_scope(name, "ReduceLogSumExp", [x]):
        top = reduce_max(x, axis=axis, keepdims=True)
        finite = comparison.is_finite_op(top)
        shift = identity.stop_gradient(comparison.select_op(finite, top, shapes.zeros_like(top)))
        total = reduce_sum(exponents.exp_op(elementwise.sub_op(x, shift)), axis, keepdims=keepdims)
        result = exponents.log_op(total)
        if not keepdims:
            shift = shapes.reshape(shift, shapes.shape(result))
        return _scalar_if_all(elementwise.add_op(result, shift), axis, keepdims)


@export("math.reduce_euclidean_norm", v2=("math.reduce_euclidean_norm",))
def reduce_euclidean_norm(
    input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None
) -> Tensor:
    """The square root of the sum of squares over `axis` (default all).

    Over a single element TF 1.15 returns the element with its sign; here it is the norm, which is not negative.
    """
    return _reduce(euclidean_norm_op, input_tensor, axis, keepdims, name)


@export("math.reduce_variance", v2=("math.reduce_variance",))
def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """The mean squared distance from the mean over `axis` (default all)."""
    with name_scope(name or "reduce_variance"):
        means = reduce_mean(input_tensor, axis=axis, keepdims=True)
        return reduce_mean(exponents.square_op(input_tensor - means), axis=axis, keepdims=keepdims)


@export("math.reduce_std", v2=("math.reduce_std",))
def reduce_std(input_tensor: Any, axis: Any = None, keepdims: Any = False, name: str | None = None) -> Tensor:
    """The square root of the variance over `axis` (default all)."""
    with name_scope(name or "reduce_std"):
        return exponents.sqrt_op(reduce_variance(input_tensor, axis=axis, keepdims=keepdims))


@export("count_nonzero")
def count_nonzero(
    input_tensor: Any = None,
    axis: Any = None,
    keepdims: Any = None,
    dtype: Any = dtypes.int64,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: Any = None,
    input: Any = None,
) -> Tensor:
    """How many elements over `axis` (default all) are not zero (of strings: not empty)."""
    axis, keepdims = _old_names(axis, reduction_indices, keepdims, keep_dims)
    x = shapes.renamed_argument("input", input, "input_tensor", input_tensor)
    with name_scope(name, "count_nonzero", [x]):
        x = conversion.to_tensor(x, name="input")
        zero = shapes.zeros([], dtype=x.dtype)
        ones = casting.cast(comparison.not_equal_op(x, zero), dtypes.int64)
        return casting.cast(reduce_sum(ones, axis=axis, keepdims=bool(keepdims)), dtype)


@export("argmax")
def argmax(
    input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64
) -> Tensor:
    """The index of the first largest element along `axis` (default 0); NaN is passed over."""
    axis = shapes.renamed_argument("axis", axis, "dimension", dimension)
    return arg_max_op(input, 0 if axis is None else axis, output_type=output_type, name=name)


@export("argmin")
def argmin(
    input: Any, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64
) -> Tensor:
    """The index of the first smallest element along `axis` (default 0); NaN is passed over."""
    axis = shapes.renamed_argument("axis", axis, "dimension", dimension)
    return arg_min_op(input, 0 if axis is None else axis, output_type=output_type, name=name)


@export("arg_max")
def arg_max(input: Any, dimension: Any, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the first largest element along `dimension`."""
    return arg_max_op(input, dimension, output_type=output_type, name=name)


@export("arg_min")
def arg_min(input: Any, dimension: Any, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the first smallest element along `dimension`."""
    return arg_min_op(input, dimension, output_type=output_type, name=name)
