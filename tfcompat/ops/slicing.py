"""Slices: Slice, StridedSlice and its gradient and assignments, and what `tensor[...]` makes of its argument."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError, UnimplementedError
from tfcompat.framework.export import export, export_value
from tfcompat.framework.op import KernelContext, Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import merge, no_outputs, text, unchanged, with_rank
from tfcompat.framework.shapes import Dimension
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, shapes
from tfcompat.ops.constants import constant
from tfcompat.ops.movement import moves

newaxis = None
export_value("newaxis")

# --- slice ---------------------------------------------------------------------------------------------------------


@op("Slice", host=("begin", "size"), alias=True)
def slice_op(c: ShapeContext) -> Shape:
    lengths = merge(with_rank(c.shape(1), 1), with_rank(c.shape(2), 1))
    dims = c.shape(0)
    n = lengths[0] if lengths is not None else None
    if n is not None:
        dims = with_rank(dims, n)
    begin = c.shape_value(1)
    partial = c.shape_value(2)
    sizes = c.value(2)
    if sizes is None:
        if partial is not None:
            return partial
        return None if dims is None else (None,) * len(dims)
    count = sizes.size
    begin = (None,) * count if begin is None else with_rank(begin, count)
    dims = with_rank(dims, count)
    return tuple(
        _static_length(i, *known) for i, known in enumerate(zip(dims, begin, sizes.ravel().tolist(), strict=True))
    )


def _static_length(i: int, d: int | None, begin: int | None, size: int) -> int | None:
    if size < -1:
        length = -1 if d is None else d
        raise ShapeError(
            f"Out of bounds slicing on dimension {i} of length {length}: sizes vector cannot be < -1, but was {size}"
        )
    if size != -1:
        return size
    if d is None or begin is None:
        return None
    if begin > d:
        raise ShapeError(f"Negative dimension size caused by subtracting {begin} from {d}")
    return d - begin


def _begin_text(i: int, d: int, begin: int) -> str:
    return f"Expected begin[{i}] in [0, {d}], but got {begin}"


@slice_op.kernel
def _slice(input: torch.Tensor, begin: list[int], size: list[int]) -> torch.Tensor:
    dims = input.shape
    if len(begin) != len(dims) or len(size) != len(dims):
        raise InvalidArgumentError(
            None,
            None,
            f"Expected begin and size arguments to be 1-D tensors of size {len(dims)}, but got shapes "
            f"[{len(begin)}] and [{len(size)}] instead.",
        )
    index = []
    for i, (b, s, d) in enumerate(zip(begin, size, dims, strict=True)):
        if not 0 <= b <= d:
            raise InvalidArgumentError(None, None, _begin_text(i, d, b))
        if s == -1:
            s = d - b
        elif s < 0 or b + s > d:
            raise InvalidArgumentError(None, None, f"Expected size[{i}] in [0, {d - b}], but got {s}")
        index.append(slice_(b, b + s))
    return input[tuple(index)]


slice_ = slice  # this module's `slice` is TF's


def _build_slice(c: KernelContext) -> Callable[..., Any] | None:
    """Constant bounds that are inside a known shape are checked once and for all."""
    begin, size, dims = c.constants.get(1), c.constants.get(2), c.shapes[0]
    if begin is None or size is None or dims is None or None in dims or not len(dims) == len(begin) == len(size):
        return None
    index = []
    for b, s, d in zip(begin, size, dims, strict=True):
        end = d if s == -1 else b + s
        if not 0 <= b <= end <= d:  # type: ignore[operator]
            return None  # the kernel says what is wrong
        index.append(slice_(b, end))
    fixed_parts = tuple(index)
    wanted = torch.Size(dims)  # type: ignore[arg-type]
    return lambda input, begin, size: input[fixed_parts] if input.shape == wanted else _slice(input, begin, size)


moves(slice_op, 0, own=_build_slice)


@slice_op.gradient
def _slice_grad(node: Any, dy: Any) -> tuple[Any, None, None]:
    source, begin = node.inputs[0], node.inputs[1]
    rank = shapes.rank(source)
    length = shapes.shape(node.outputs[0])
    column = arrays.stack([rank, 1])
    before = shapes.reshape(begin, column)
    after = shapes.reshape(shapes.shape(source) - length - begin, column)
    paddings = arrays.concat([before, after], 1)
    from tfcompat.ops import padding

    return padding.pad(dy, paddings), None, None


@slice_op.samples
def _slice_samples() -> Iterator[Sample]:
    yield sample(real(4, 3), fixed([1, 0]), fixed([2, -1]))
    yield sample(real(4), fixed([4]), fixed([0]))


@export("slice")
def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """The part of a tensor that starts at `begin` and has `size`; -1 in size means up to the end.

    Raises: ValueError while building, InvalidArgumentError while running, when the part does not lie inside.
    """
    return slice_op(input_, begin, size, name=name)


# --- what masks mean -----------------------------------------------------------------------------------------------


_MASKS = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")


class Masks:
    """The five bit masks of a strided slice."""

    __slots__ = ("begin", "ellipsis", "end", "new_axis", "shrink")

    def __init__(self, attrs: dict[str, Any]) -> None:
        self.begin: int = attrs["begin_mask"]
        self.end: int = attrs["end_mask"]
        self.ellipsis: int = attrs["ellipsis_mask"]
        self.new_axis: int = attrs["new_axis_mask"]
        self.shrink: int = attrs["shrink_axis_mask"]


_NEW, _FULL = -1, -2


def _layout(n: int, masks: Masks, rank: int) -> list[tuple[int, int]]:
    """Pairs (entry of the spec, axis of the input) in order; entry _FULL for axes taken whole, axis _NEW for new ones.

    Raises: ShapeError when the spec has more entries than the tensor has axes, or several ellipses.
    """
    if bin(masks.ellipsis & ((1 << n) - 1)).count("1") > 1:
        raise ShapeError("Multiple ellipses in slice spec not allowed")
    out: list[tuple[int, int]] = []
    axis = 0
    seen = False
    for i in range(n):
        bit = 1 << i
        if masks.ellipsis & bit:
            seen = True
            later = sum(1 for j in range(i + 1, n) if not masks.new_axis & (1 << j))
            while axis < rank - later:
                out.append((_FULL, axis))
                axis += 1
        elif masks.new_axis & bit:
            out.append((i, _NEW))
        else:
            if axis >= rank:
                raise ShapeError(f"Index out of range using input dim {axis}; input has only {rank} dims")
            out.append((i, axis))
            axis += 1
    if not seen:
        out.extend((_FULL, a) for a in range(axis, rank))
    return out


def _bounds(begin: int | None, end: int | None, step: int, size: int) -> tuple[int, int]:
    """First index and count of what a slice with these (None: masked) bounds takes, Python's clamping."""
    picked = range(size)[slice_(begin, end, step)]
    return picked.start, len(picked)


def _check_step(i: int, step: int, masks: Masks) -> None:
    if step == 0:
        raise ShapeError(f"strides[{i}] must be non-zero")
    if step < 0 and masks.shrink & (1 << i):
        raise ShapeError("only stride 1 allowed on non-range indexing.")


def _outside(index: int, axis: int, d: int) -> str:
    return f"slice index {index + d if index < 0 else index} of dimension {axis} out of bounds."


def _static_entry(
    c: tuple[Sequence[int] | None, Sequence[int] | None, Sequence[int]], masks: Masks, i: int, axis: int, d: int | None
) -> int | str | None:
    """The output dimension of one entry; "gone" for a shrunk axis."""
    begins, ends, steps = c
    bit = 1 << i
    step = steps[i]
    if masks.shrink & bit:
        if begins is not None and ends is not None and d is not None and not -d <= begins[i] < d:
            raise ShapeError(_outside(begins[i], axis, d))
        return "gone"
    if d is None:
        return None
    begin_masked, end_masked = bool(masks.begin & bit), bool(masks.end & bit)
    if begins is None or ends is None:
        if begin_masked and end_masked:
            return _bounds(None, None, step, d)[1]
        return None
    return _bounds(None if begin_masked else begins[i], None if end_masked else ends[i], step, d)[1]


@op("StridedSlice", host=("begin", "end", "strides"), alias=True)
def strided_slice_op(c: ShapeContext) -> Shape:
    vector = merge(merge(with_rank(c.shape(1), 1), with_rank(c.shape(2), 1)), with_rank(c.shape(3), 1))
    dims = c.shape(0)
    steps = c.value(3)
    if dims is None or vector is None or vector[0] is None or steps is None:
        return None
    masks = Masks(c.attrs)
    layout = _layout(vector[0], masks, len(dims))
    strides = steps.tolist()
    for i, axis in layout:
        if axis != _NEW and i != _FULL:
            _check_step(i, strides[i], masks)
    begin, end = c.value(1), c.value(2)
    values = (None if begin is None else begin.tolist(), None if end is None else end.tolist(), strides)
    out: list[int | None] = []
    for i, axis in layout:
        if axis == _NEW:
            out.append(1)
        elif i == _FULL:
            out.append(dims[axis])
        else:
            made = _static_entry(values, masks, i, axis, dims[axis])
            if made != "gone":
                out.append(made)  # type: ignore[arg-type]
    return tuple(out)


class Selection:
    """A strided slice of a tensor of known rank as torch can take it: an index with positive steps, then flips."""

    __slots__ = ("flips", "index")

    def __init__(self, index: tuple[Any, ...], flips: list[int]) -> None:
        self.index = index
        self.flips = flips

    def take(self, x: Any) -> Any:
        found = x[self.index]
        if self.flips:
            found = torch.flip(found, self.flips) if isinstance(found, torch.Tensor) else np.flip(found, self.flips)
        return found


def select(dims: Sequence[int], begin: list[int], end: list[int], strides: list[int], masks: Masks) -> Selection:
    """The selection for a tensor of shape `dims`. Raises InvalidArgumentError when the spec does not fit."""
    if not len(begin) == len(end) == len(strides):
        raise InvalidArgumentError(
            None,
            None,
            f"Expected begin, end, and strides to be 1D equal size tensors, but got shapes [{len(begin)}], "
            f"[{len(end)}], and [{len(strides)}] instead.",
        )
    try:
        return _select(dims, begin, end, strides, masks)
    except ShapeError as cause:
        raise InvalidArgumentError(None, None, str(cause)) from None


def _select(dims: Sequence[int], begin: list[int], end: list[int], strides: list[int], masks: Masks) -> Selection:
    index: list[Any] = []
    flips: list[int] = []
    out = 0
    for i, axis in _layout(len(begin), masks, len(dims)):
        if axis == _NEW:
            index.append(None)
        elif i == _FULL:
            index.append(slice_(None))
        else:
            bit = 1 << i
            step = strides[i]
            _check_step(i, step, masks)
            if masks.shrink & bit:
                b, d = begin[i], dims[axis]
                if not -d <= b < d:
                    raise ShapeError(_outside(b, axis, d))
                index.append(b)
                continue
            b = None if masks.begin & bit else begin[i]
            e = None if masks.end & bit else end[i]
            if step > 0:
                index.append(slice_(b, e, step))
            else:
                first, count = _bounds(b, e, step, dims[axis])
                last = first + (count - 1) * step
                index.append(slice_(last, first + 1, -step) if count else slice_(0, 0))
                flips.append(out)
        out += 1
    return Selection(tuple(index), flips)


def fixed_index(attrs: dict[str, Any], begin: list[int], end: list[int], strides: list[int]) -> tuple[Any, ...] | None:
    """The torch index for constant bounds when it holds for every input shape; None when steps are negative."""
    masks = Masks(attrs)
    n = len(begin)
    if bin(masks.ellipsis & ((1 << n) - 1)).count("1") > 1:
        return None
    index: list[Any] = []
    for i in range(n):
        bit = 1 << i
        if masks.ellipsis & bit:
            index.append(Ellipsis)
        elif masks.new_axis & bit:
            index.append(None)
        elif strides[i] <= 0:
            return None
        elif masks.shrink & bit:
            index.append(begin[i])
        else:
            b = None if masks.begin & bit else begin[i]
            e = None if masks.end & bit else end[i]
            index.append(slice_(b, e, None if strides[i] == 1 else strides[i]))
    return tuple(index)


# --- strided slice -------------------------------------------------------------------------------------------------


@strided_slice_op.kernel
def _strided_slice(
    input: Any,
    begin: list[int],
    end: list[int],
    strides: list[int],
    **masks: int,
) -> Any:
    return select(input.shape, begin, end, strides, Masks(masks)).take(input)


strided_slice_op.kernel_attrs = _MASKS


def _constant_bounds(c: KernelContext, first: int = 1) -> tuple[list[int], list[int], list[int]] | None:
    found = [c.constants.get(i) for i in range(first, first + 3)]
    if any(f is None for f in found):
        return None
    return found[0], found[1], found[2]  # type: ignore[return-value]


def _build_strided_slice(c: KernelContext) -> Callable[..., Any] | None:
    bounds = _constant_bounds(c)
    index = None if bounds is None else fixed_index(c.attrs, *bounds)
    if index is None:
        return None
    if len(index) == 1:
        index = index[0]  # torch takes a bare index faster than a tuple of one
        if index is None or index is Ellipsis:
            index = (index,)
    return lambda input, begin, end, strides: input[index]


moves(strided_slice_op, 0, own=_build_strided_slice)


@strided_slice_op.failure
def _strided_slice_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    try:
        _select(tuple(args[0].shape), *args[1:4], Masks(attrs))
    except ShapeError as cause:
        return str(cause)
    return None


def _masks_of(node: Any) -> dict[str, int]:
    return {k: node._attrs[k] for k in _MASKS}


@strided_slice_op.gradient
def _strided_slice_grad_rule(node: Any, dy: Any) -> tuple[Tensor, None, None, None]:
    source, begin, end, strides = node.inputs
    dims = shapes.shape(source, out_type=begin.dtype)
    return strided_slice_grad_op(dims, begin, end, strides, dy, **_masks_of(node)), None, None, None


@strided_slice_op.samples
def _strided_slice_samples() -> Iterator[Sample]:
    yield sample(real(4, 3), fixed([1, 0]), fixed([3, 2]), fixed([1, 2]))
    yield sample(real(4, 3), fixed([-1, 0]), fixed([0, 0]), fixed([-2, 1]), end_mask=3, begin_mask=2)
    yield sample(real(4, 3), fixed([1, 0, 0]), fixed([2, 0, 0]), fixed([1, 1, 1]), shrink_axis_mask=1, new_axis_mask=2)
    yield sample(real(2, 3, 4), fixed([0, 2]), fixed([0, 3]), fixed([1, 1]), ellipsis_mask=1, shrink_axis_mask=2)


@op("StridedSliceGrad", host=("shape", "begin", "end", "strides"))
def strided_slice_grad_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 1)
    return c.shape_value(0)


@strided_slice_grad_op.kernel
def _strided_slice_grad(
    shape: list[int],
    begin: list[int],
    end: list[int],
    strides: list[int],
    dy: torch.Tensor,
    **masks: int,
) -> torch.Tensor:
    chosen = select(shape, begin, end, strides, Masks(masks))
    out = torch.zeros(shape, dtype=dy.dtype, device=dy.device)
    put(out, chosen, dy, "shape of dy was {1} instead of {0}")
    return out


strided_slice_grad_op.kernel_attrs = _MASKS


def put(target: Any, chosen: Selection, value: Any, mismatch: str) -> None:
    """Writes `value` into the selected part of `target`, which must have exactly its shape."""
    part = target[chosen.index]
    if 0 in part.shape and mismatch is _MISMATCH:
        return  # TF writes nothing, and asks nothing of the value
    if tuple(part.shape) != tuple(value.shape):
        raise InvalidArgumentError(None, None, mismatch.format(text(tuple(part.shape)), text(tuple(value.shape))))
    if isinstance(target, torch.Tensor):
        part.copy_(torch.flip(value, chosen.flips) if chosen.flips else value)
    else:
        target[chosen.index] = np.flip(value, chosen.flips) if chosen.flips else value


@strided_slice_grad_op.builder
def _build_strided_slice_grad(c: KernelContext) -> Callable[..., Any] | None:
    bounds = _constant_bounds(c)
    index = None if bounds is None else fixed_index(c.attrs, *bounds)
    if index is None:
        return None

    def kernel(shape: list[int], begin: Any, end: Any, strides: Any, dy: torch.Tensor) -> torch.Tensor:
        out = torch.zeros(shape, dtype=dy.dtype, device=dy.device)
        part = out[index]
        if part.shape != dy.shape:
            raise InvalidArgumentError(
                None,
                None,
                f"shape of dy was {text(tuple(dy.shape))} instead of {text(tuple(part.shape))}",
            )
        part.copy_(dy)
        return out

    return kernel


@strided_slice_grad_op.gradient
def _strided_slice_grad_grad(node: Any, dy: Any) -> tuple[None, None, None, None, Tensor]:
    _, begin, end, strides, _ = node.inputs
    return None, None, None, None, strided_slice_op(dy, begin, end, strides, **_masks_of(node))


@strided_slice_grad_op.samples
def _strided_slice_grad_samples() -> Iterator[Sample]:
    yield sample(fixed([4, 3]), fixed([1, 0]), fixed([3, 2]), fixed([1, 2]), real(2, 1))
    yield sample(fixed([4]), fixed([-1]), fixed([0]), fixed([-2]), real(2))
    yield sample(fixed([4, 3]), fixed([1]), fixed([2]), fixed([1]), real(3), shrink_axis_mask=1)


@op("TensorStridedSliceUpdate", host=("begin", "end", "strides"))
def tensor_strided_slice_update_op(c: ShapeContext) -> Shape:
    return c.shape(0)


_MISMATCH = (
    "sliced l-value shape {0} does not match r-value shape {1}. Automatic broadcasting not yet implemented."
)


def _assign_part(
    target: Any, begin: list[int], end: list[int], strides: list[int], value: Any, attrs: dict[str, Any]
) -> None:
    chosen = select(target.shape, begin, end, strides, Masks(attrs))
    try:
        put(target, chosen, value, _MISMATCH)
    except InvalidArgumentError as cause:
        raise UnimplementedError(None, None, cause.message) from None


@tensor_strided_slice_update_op.kernel
def _tensor_strided_slice_update(
    input: Any,
    begin: list[int],
    end: list[int],
    strides: list[int],
    value: Any,
    **masks: int,
) -> Any:
    out = input.clone() if isinstance(input, torch.Tensor) else input.copy()
    _assign_part(out, begin, end, strides, value, masks)
    return out


tensor_strided_slice_update_op.kernel_attrs = _MASKS


@tensor_strided_slice_update_op.gradient
def _tensor_strided_slice_update_grad(node: Any, dy: Tensor) -> tuple[Tensor, None, None, None, Tensor]:
    # TF 1.15 has none: the written part passes its gradient to the value, the rest to the input.
    _, begin, end, strides, value = node.inputs
    masks = _masks_of(node)
    rest = tensor_strided_slice_update_op(dy, begin, end, strides, shapes.zeros_like(value), **masks)
    return rest, None, None, None, strided_slice_op(dy, begin, end, strides, **masks)


@tensor_strided_slice_update_op.samples
def _tensor_strided_slice_update_samples() -> Iterator[Sample]:
    yield sample(real(4, 3), fixed([1]), fixed([3]), fixed([1]), real(2, 3))


@op("StridedSliceAssign", host=("begin", "end", "strides"), writes=("ref",), alias=True)
def strided_slice_assign_op(c: ShapeContext) -> Shape:
    return unchanged(c)


@op("ResourceStridedSliceAssign", host=("begin", "end", "strides"), writes=("ref",))
def resource_strided_slice_assign_op(c: ShapeContext) -> list[Shape]:
    return no_outputs(c)


def _assigned(cell: Any) -> Any:
    from tfcompat.framework.errors import FailedPreconditionError

    if cell.tensor is None:
        raise FailedPreconditionError(None, None, f"Attempting to use uninitialized value {cell.name}")
    return cell.tensor


@strided_slice_assign_op.builder
def _build_assign(c: KernelContext) -> Callable[..., Any]:
    attrs = c.attrs

    def kernel(ref: Any, begin: list[int], end: list[int], strides: list[int], value: Any) -> Any:
        _assign_part(_assigned(ref), begin, end, strides, value, attrs)
        return ref

    return kernel


@resource_strided_slice_assign_op.builder
def _build_resource_assign(c: KernelContext) -> Callable[..., Any]:
    attrs = c.attrs

    def kernel(ref: Any, begin: list[int], end: list[int], strides: list[int], value: Any) -> list[Any]:
        _assign_part(_assigned(ref), begin, end, strides, value, attrs)
        return []

    return kernel


@export("strided_slice")
def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """The elements begin, begin + stride, ... before end, in each axis; masks as bits say what a bound means.

    The result has a method `assign`, which works when the slice was taken of a variable (`var`).
    """
    if strides is None:
        strides = shapes.ones_like(begin)
    masks = {
        "begin_mask": begin_mask,
        "end_mask": end_mask,
        "ellipsis_mask": ellipsis_mask,
        "new_axis_mask": new_axis_mask,
        "shrink_axis_mask": shrink_axis_mask,
    }
    out = strided_slice_op(input_, begin, end, strides, name=name, **masks)
    parent_name = name

    def assign(val: Any, name: str | None = None) -> Any:
        """Assigns to this part of the variable. Raises ValueError when it is a part of a tensor."""
        if var is None:
            raise ValueError("Sliced assignment is only supported for variables")
        if name is None:
            name = f"{parent_name}_assign"
        return var._strided_slice_assign(begin=begin, end=end, strides=strides, value=val, name=name, **masks)

    out.assign = assign
    return out  # type: ignore[no-any-return]


# --- tensor[...] ---------------------------------------------------------------------------------------------------

_INDEX_ERROR = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are "
    "valid indices"
)
_INDEX_DTYPES = frozenset({dtypes.int32, dtypes.int64})


def _check_index(index: Any) -> None:
    if isinstance(index, (int, Dimension)):
        return
    dtype = getattr(index, "dtype", None)
    if dtype is not None:
        try:
            allowed = dtypes.as_dtype(dtype).base_dtype in _INDEX_DTYPES
        except TypeError:
            allowed = False
        if allowed and not (index.shape and len(index.shape) == 1):
            return
    raise TypeError(f"{_INDEX_ERROR}, got {index!r}")


def _is_bound(value: Any) -> bool:
    """Whether a slice says something here; Python gives sys.maxsize for a missing bound in some places."""
    return value is not None and (isinstance(value, Tensor) or value != sys.maxsize)


def _is_mask(spec: Any) -> bool:
    return (
        isinstance(spec, bool)
        or (isinstance(spec, Tensor) and spec.dtype == dtypes.bool)
        or (isinstance(spec, np.ndarray) and spec.dtype == bool)
    )


def slice_helper(tensor: Any, slice_spec: Any, var: Any = None) -> Tensor:
    """`tensor[slice_spec]` as numpy's basic indexing: integers, slices, `...`, newaxis, scalar tensors, or one mask.

    Raises: TypeError for other indices.
    """
    if _is_mask(slice_spec):
        from tfcompat.ops import selecting

        return selecting.boolean_mask(tensor=tensor, mask=slice_spec)
    if not isinstance(slice_spec, (list, tuple)):
        slice_spec = [slice_spec]
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    masks = dict.fromkeys(_MASKS, 0)
    for i, s in enumerate(slice_spec):
        bit = 1 << i
        b: Any = 0
        e: Any = 0
        step: Any = 1
        if isinstance(s, slice_):
            if _is_bound(s.start):
                _check_index(s.start)
                b = s.start
            else:
                masks["begin_mask"] |= bit
            if _is_bound(s.stop):
                _check_index(s.stop)
                e = s.stop
            else:
                masks["end_mask"] |= bit
            if s.step is not None:
                _check_index(s.step)
                step = s.step
        elif s is Ellipsis:
            masks["ellipsis_mask"] |= bit
        elif s is newaxis:
            masks["new_axis_mask"] |= bit
        else:
            _check_index(s)
            b, e = s, s + 1
            masks["shrink_axis_mask"] |= bit
        begin.append(b)
        end.append(e)
        strides.append(step)
    with name_scope(None, "strided_slice", [tensor, *begin, *end, *strides]) as scope:
        if begin:
            packed = _same_width([arrays.stack(begin), arrays.stack(end), arrays.stack(strides)])
        else:
            packed = [constant([], dtype=dtypes.int32)] * 3
        return strided_slice(tensor, *packed, var=var, name=scope, **masks)


def _same_width(packed: list[Tensor]) -> list[Tensor]:
    """All int64 as soon as one is."""
    if all(p.dtype != dtypes.int64 for p in packed):
        return packed
    return [p if p.dtype == dtypes.int64 else get_op("Cast")(p, DstT=dtypes.int64) for p in packed]


def slice_variable(var: Any, slice_spec: Any) -> Tensor:
    """`variable[...]`: a slice of its value whose `assign` writes to the variable."""
    return slice_helper(var.value(), slice_spec, var)


Tensor._override_operator("__getitem__", slice_helper)

