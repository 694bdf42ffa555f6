"""Reductions over groups of rows: sorted, unsorted and gathered segments."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_least_rank, merge, merge_dim, text, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, comparison, constants, elementwise, exponents, families, gathering, shapes

# Adds, multiplies ... the rows of `data` into the rows of a result: (data, ids, number of rows) -> result
Combine = Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]


# --- kernels ---------------------------------------------------------------------------------------------------


def _invalid(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


def _rows(data: torch.Tensor, n: int, value: Any) -> torch.Tensor:
    return torch.full((n, *data.shape[1:]), value, dtype=data.dtype, device=data.device)


def _sum_rows(data: torch.Tensor, ids: torch.Tensor, n: int) -> torch.Tensor:
    if data.dtype in families.WIDE:
        return _sum_rows(data.to(torch.int64), ids, n).to(data.dtype)
    return _rows(data, n, 0).index_add_(0, ids, data)


def _reduced_rows(mode: str, empty: Callable[[torch.dtype], Any]) -> Combine:
    """By `index_reduce`; `empty` is what a row without members holds."""

    def combine(data: torch.Tensor, ids: torch.Tensor, n: int) -> torch.Tensor:
        value = empty(data.dtype)
        if data.dtype in families.WIDE:
            narrow = _reduced_rows(mode, lambda kind: value)
            if data.dtype is torch.uint64 and mode != "prod":
                flip = -(2**63)
                value = value - 2**63
                return (narrow(data.view(torch.int64) ^ flip, ids, n) ^ flip).view(torch.uint64)
            return narrow(data.to(torch.int64), ids, n).to(data.dtype)
        out = _rows(data, n, value)
        if data.is_complex():  # torch has no index_reduce for these; only products reach here
            for i, row in zip(ids.tolist(), data, strict=True):
                out[i] *= row
            return out
        return out.index_reduce_(0, ids, data, mode, include_self=mode == "prod")

    return combine


def _announce_index_reduce() -> None:
    """torch says once that index_reduce is in beta: said here, to nobody, and not in a user's run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.zeros(1).index_reduce_(0, torch.zeros(1, dtype=torch.int64), torch.zeros(1), "amax")


_announce_index_reduce()


def _lowest(kind: torch.dtype) -> Any:
    return torch.finfo(kind).min if kind.is_floating_point else torch.iinfo(kind).min


def _highest(kind: torch.dtype) -> Any:
    return torch.finfo(kind).max if kind.is_floating_point else torch.iinfo(kind).max


def _counts(data: torch.Tensor, ids: torch.Tensor, n: int) -> torch.Tensor:
    """Members of each row (at least 1), shaped to divide the rows by."""
    counts = torch.bincount(ids, minlength=n)[:n].clamp_(min=1)
    return counts.reshape((n,) + (1,) * (data.ndim - 1))


def _mean_rows(data: torch.Tensor, ids: torch.Tensor, n: int) -> torch.Tensor:
    total, counts = _sum_rows(data, ids, n), _counts(data, ids, n)
    if data.is_floating_point() or data.is_complex():
        return total / counts.to(data.dtype)
    return torch.div(total.to(torch.int64), counts, rounding_mode="trunc").to(data.dtype)


def _root_rows(data: torch.Tensor, ids: torch.Tensor, n: int) -> torch.Tensor:
    return _sum_rows(data, ids, n) / torch.sqrt(_counts(data, ids, n).to(data.dtype))


# --- sorted segments -------------------------------------------------------------------------------------------


def _segment_shape(c: ShapeContext) -> Shape:
    data = at_least_rank(c.shape(0), 1)
    with_rank(c.shape(1), 1)
    return None if data is None else (None, *data[1:])


def _check_ids(ids: torch.Tensor, n: int) -> None:
    """Ids must grow and lie in [0, n). Raises InvalidArgumentError for the first that does not, as TF walks them."""
    if int(ids[0]) >= 0 and not bool((ids[1:] < ids[:-1]).any()):
        return
    runs = [i for i, _ in itertools.groupby(ids.tolist())]
    for i, following in itertools.zip_longest(runs, runs[1:]):
        if following is not None and following < i:
            raise _invalid("segment ids are not increasing")
        if not 0 <= i < n:
            raise _invalid(
                f"Segment id {i} out of range [0, {n}), possibly because 'segment_ids' input is not sorted."
            )


def _segment(op_type: str, combine: Combine) -> Op:
    made = op(op_type)(_segment_shape)

    @made.kernel
    def kernel(data: torch.Tensor, segment_ids: torch.Tensor) -> torch.Tensor:
        if segment_ids.ndim != 1:
            raise _invalid("segment_ids should be a vector.")
        if segment_ids.shape[0] != data.shape[0]:
            raise _invalid("segment_ids should be the same size as dimension 0 of input.")
        if segment_ids.shape[0] == 0:
            return _rows(data, 0, 0)
        n = int(segment_ids[-1]) + 1
        if n <= 0:
            raise _invalid("segment ids must be >= 0")
        _check_ids(segment_ids, n)
        return combine(data, segment_ids, n)

    @made.samples
    def samples() -> Iterator[Sample]:
        low = 0.5 if op_type == "SegmentProd" else -1.0
        # TF's rules divide by the size of a segment; of an empty one the second derivative is NaN there, and so here.
        divides = op_type in ("SegmentMean", "SegmentMax", "SegmentMin")
        note = "0 / 0 in an empty segment, as in TF" if divides else ""
        yield sample(real(4, 2, low=low, distinct=True), fixed([0, 0, 1, 3]), second_order=not divides, note=note)
        yield sample(real(3, low=low, distinct=True), fixed(np.array([0, 0, 0], np.int64)))

    return made


segment_sum_op = _segment("SegmentSum", _sum_rows)
segment_mean_op = _segment("SegmentMean", _mean_rows)
segment_prod_op = _segment("SegmentProd", _reduced_rows("prod", lambda kind: 1))
segment_max_op = _segment("SegmentMax", _reduced_rows("amax", lambda kind: 0))
segment_min_op = _segment("SegmentMin", _reduced_rows("amin", lambda kind: 0))


@segment_sum_op.gradient
def _segment_sum_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return gathering.gather(dy, node.inputs[1]), None


@segment_mean_op.gradient
def _segment_mean_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    data, ids = node.inputs
    rank = shapes.rank(data)
    ones_shape = arrays.concat([shapes.shape(ids), shapes.fill(shapes.expand_dims(rank - 1, 0), 1)], 0)
    ones = shapes.fill(ones_shape, constants.constant(1, dtype=dy.dtype))
    scaled = elementwise.divide(dy, segment_sum_op(ones, ids))
    return gathering.gather(scaled, ids), None


@segment_max_op.gradient
@segment_min_op.gradient
def _segment_extreme_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    data, ids = node.inputs
    zeros = shapes.zeros_like(data, dtype=data.dtype)
    chosen = comparison.equal(data, gathering.gather(node.outputs[0], ids))
    number = segment_sum_op(casting.cast(chosen, dy.dtype), ids)
    shared = gathering.gather(elementwise.divide(dy, number), ids)
    return comparison.select_op(chosen, shared, zeros), None


@segment_prod_op.gradient
def _segment_prod_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    """TF has no rule here; this is the one of unsorted products."""
    data, ids = node.inputs
    n = shapes.shape(node.outputs[0])[0]
    return _product_grad(data, node.outputs[0], ids, n, dy), None


# --- unsorted segments -----------------------------------------------------------------------------------------


def _unsorted_shape(c: ShapeContext) -> Shape:
    data, ids = c.shape(0), c.shape(1)
    with_rank(c.shape(2), 0)
    if ids is None:
        return None
    if data is None:
        return None
    if len(data) < len(ids):
        raise ShapeError(f"Shape must be at least rank {len(ids)} but is rank {len(data)}")
    for d, i in zip(data, ids, strict=False):
        merge_dim(d, i)
    n = c.value(2)
    if n is not None and int(n) < 0:
        raise ShapeError(f"Dimension size, given by scalar input 2, must be non-negative but is {int(n)}")
    return (None if n is None else int(n), *data[len(ids) :])


def _refuse_id(ids: torch.Tensor, n: int) -> None:
    """Raises InvalidArgumentError naming the first id that is too large, if there is one."""
    bad = (ids.reshape(-1) >= n).nonzero()
    if len(bad):
        at = int(bad[0])
        where = ",".join(str(i) for i in np.unravel_index(at, tuple(ids.shape)))
        raise _invalid(f"segment_ids[{where}] = {int(ids.reshape(-1)[at])} is out of range [0, {n})")


def _unsorted(op_type: str, combine: Combine) -> Op:
    made = op(op_type, host=("num_segments",))(_unsorted_shape)

    @made.kernel
    def kernel(data: torch.Tensor, segment_ids: torch.Tensor, num_segments: Any) -> torch.Tensor:
        if isinstance(num_segments, list):
            raise _invalid(f"num_segments should be a scalar, not shape {text(np.shape(num_segments))}")
        if num_segments < 0:
            raise _invalid(f"Input num_segments == {num_segments} must not be negative.")
        dims = segment_ids.shape
        if data.shape[: len(dims)] != dims:
            raise _invalid(
                f"data.shape = {text(tuple(data.shape))} does not start with segment_ids.shape = {text(tuple(dims))}"
            )
        if len(dims) == 1:
            rows, ids = data, segment_ids
        else:
            ids = segment_ids.reshape(-1)
            rows = data.reshape(ids.shape[0], *data.shape[len(dims) :])
        if data.device.type != "cpu":
            # Without waiting for the device: rows that belong nowhere go to one that is cut off.
            ids = torch.where((ids < 0) | (ids >= num_segments), num_segments, ids)
            return combine(rows, ids, num_segments + 1)[:num_segments]
        if ids.numel() and (int(ids.min()) < 0 or int(ids.max()) >= num_segments):
            _refuse_id(segment_ids, num_segments)
            keep = ids >= 0
            rows, ids = rows[keep], ids[keep]
        return combine(rows, ids, num_segments)

    @made.samples
    def samples() -> Iterator[Sample]:
        low = 0.5 if op_type == "UnsortedSegmentProd" else -1.0
        # Empty segments of an extreme hold the type's limits, which no difference can be taken of.
        extreme = op_type in ("UnsortedSegmentMax", "UnsortedSegmentMin")
        ids, n = ([1, 0, -1, 1], 2) if extreme else ([2, 0, -1, 2], 4)
        yield sample(real(4, 2, low=low, distinct=True), fixed(ids), fixed(n))
        yield sample(real(2, 2, 3, low=low, distinct=True), fixed([[0, 1], [1, 1]]), fixed(2))

    return made


unsorted_segment_sum_op = _unsorted("UnsortedSegmentSum", _sum_rows)
unsorted_segment_prod_op = _unsorted("UnsortedSegmentProd", _reduced_rows("prod", lambda kind: 1))
unsorted_segment_max_op = _unsorted("UnsortedSegmentMax", _reduced_rows("amax", _lowest))
unsorted_segment_min_op = _unsorted("UnsortedSegmentMin", _reduced_rows("amin", _highest))


def _gather_or_zero(
    params: Tensor, ids: Tensor | None, clipped: Tensor | None = None, positive: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of params, zeros where the id is negative; with what it worked out on the way, to be used again."""
    if clipped is None:
        clipped = elementwise.maximum(ids, shapes.zeros_like(ids))
    gathered = gathering.gather(params, clipped)
    if positive is None:
        positive = comparison.greater_equal(ids, 0)
        for _ in range(gathered.shape.ndims - positive.shape.ndims):
            positive = shapes.expand_dims(positive, -1)
        positive = positive & shapes.ones_like(gathered, dtype=dtypes.bool)
    zeros = shapes.zeros_like(gathered)
    return comparison.select_op(positive, gathered, zeros), clipped, positive


@unsorted_segment_sum_op.gradient
def _unsorted_sum_grad(node: Any, dy: Any) -> tuple[Tensor, None, None]:
    return _gather_or_zero(dy, node.inputs[1])[0], None, None


@unsorted_segment_max_op.gradient
@unsorted_segment_min_op.gradient
def _unsorted_extreme_grad(node: Any, dy: Any) -> tuple[Tensor, None, None]:
    data, ids, n = node.inputs
    gathered, clipped, positive = _gather_or_zero(node.outputs[0], ids)
    chosen = comparison.equal(data, gathered)
    chosen = comparison.logical_and(chosen, positive)
    number = unsorted_segment_sum_op(casting.cast(chosen, dy.dtype), ids, n)
    shared, _, _ = _gather_or_zero(elementwise.divide(dy, number), None, clipped, positive)
    return comparison.select_op(chosen, shared, shapes.zeros_like(shared)), None, None


def _product_grad(data: Tensor, product: Tensor, ids: Tensor, n: Any, dy: Any) -> Tensor:
    """product / element, but right where elements are zero.

    A segment with one zero has a gradient at that element only: the product of the others. With more it has none.
    """
    is_zero = comparison.equal(data, 0)
    zeros = unsorted_segment_sum_op(casting.cast(is_zero, dtype=dtypes.int32), ids, n)
    dy = comparison.select_op(comparison.greater(zeros, 1), shapes.zeros_like(dy), dy)
    others = comparison.select_op(is_zero, shapes.ones_like(data), data)
    product_of_others = unsorted_segment_prod_op(others, ids, n)
    clipped = elementwise.maximum(ids, shapes.zeros_like(ids))
    whole = gathering.gather(product, clipped)
    without_zero = gathering.gather(product_of_others, clipped)
    divided = whole / data
    partial = comparison.select_op(is_zero, without_zero, divided)
    return _gather_or_zero(dy, ids, clipped)[0] * partial


@unsorted_segment_prod_op.gradient
def _unsorted_prod_grad(node: Any, dy: Any) -> tuple[Tensor, None, None]:
    data, ids, n = node.inputs
    return _product_grad(data, node.outputs[0], ids, n, dy), None, None


# --- segments of gathered rows ---------------------------------------------------------------------------------


def _gathered_shape(c: ShapeContext) -> Shape:
    data = at_least_rank(c.shape(0), 1)
    merge(with_rank(c.shape(1), 1), with_rank(c.shape(2), 1))
    n = None
    if len(c) > 3:
        with_rank(c.shape(3), 0)
        value = c.value(3)
        if value is not None and int(value) < 0:
            raise ShapeError("Cannot specify a negative value for num_segments")
        n = None if value is None else int(value)
    return None if data is None else (n, *data[1:])


def _gathered_rows(data: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    bad = ((indices < 0) | (indices >= data.shape[0])).nonzero()
    if len(bad):
        at = int(bad[0])
        raise _invalid(f"Bad: indices[{at}] == {int(indices[at])} out of range [0, {data.shape[0]})")
    return data.index_select(0, indices)


def _reduce_gathered(
    combine: Combine, data: torch.Tensor, indices: torch.Tensor, ids: torch.Tensor, num_segments: int | None
) -> torch.Tensor:
    if num_segments is not None and num_segments < 0:
        raise _invalid("segment ids must be >= 0")
    for label, value in (("indices", indices), ("segment_ids", ids)):
        if value.ndim != 1:
            raise _invalid(f"{label} should be a vector.")
    if indices.shape != ids.shape:
        raise _invalid("segment_ids and indices should have same size.")
    last = int(ids[-1]) + 1 if len(ids) else 0
    if num_segments is not None and num_segments < last:
        raise _invalid("segment ids must be < num_segments")
    n = last if num_segments is None else num_segments
    if n < 0:
        raise _invalid("segment ids must be >= 0")
    if len(ids):
        if n == 0:
            raise _invalid("segment ids must be >= 0")
        _check_ids(ids, n)
    return combine(_gathered_rows(data, indices), ids, n)


def _gathered(op_type: str, combine: Combine) -> tuple[Op, Op]:
    """The op and its form with a given number of segments."""
    plain = op(op_type)(_gathered_shape)
    plain.kernel(lambda data, indices, segment_ids: _reduce_gathered(combine, data, indices, segment_ids, None))
    counted = op(op_type + "WithNumSegments", host=("num_segments",))(_gathered_shape)
    counted.kernel(
        lambda data, indices, segment_ids, num_segments: _reduce_gathered(
            combine, data, indices, segment_ids, num_segments
        )
    )

    @plain.samples
    def samples() -> Iterator[Sample]:
        yield sample(real(3, 2), fixed([0, 2, 2, 1]), fixed([0, 0, 0, 2]))

    @counted.samples
    def counted_samples() -> Iterator[Sample]:
        yield sample(real(3, 2), fixed([0, 2, 2, 1]), fixed([0, 0, 0, 2]), fixed(5))

    return plain, counted


sparse_segment_sum_op, sparse_segment_sum_with_num_segments_op = _gathered("SparseSegmentSum", _sum_rows)
sparse_segment_mean_op, sparse_segment_mean_with_num_segments_op = _gathered("SparseSegmentMean", _mean_rows)
sparse_segment_sqrt_n_op, sparse_segment_sqrt_n_with_num_segments_op = _gathered("SparseSegmentSqrtN", _root_rows)


@sparse_segment_sum_op.gradient
@sparse_segment_sum_with_num_segments_op.gradient
def _gathered_sum_grad(node: Any, dy: Any) -> list[Any]:
    data, indices, ids = node.inputs[:3]
    rows = shapes.shape(data)[0]
    back = unsorted_segment_sum_op(gathering.gather(dy, ids), indices, rows)
    return [back] + [None] * (len(node.inputs) - 1)


def _scatter_op(op_type: str, weight: Callable[[torch.Tensor], torch.Tensor]) -> Op:
    """XGrad: each segment's gradient, divided by a function of its size, added to the rows it was made of."""

    @op(op_type, host=("output_dim0",))
    def made(c: ShapeContext) -> Shape:
        dy = at_least_rank(c.shape(0), 1)
        merge(c.shape(2), with_rank(c.shape(1), 1))
        with_rank(c.shape(3), 0)
        rows = c.value(3)
        if rows is not None and int(rows) < 0:
            raise ShapeError("Cannot specify a negative value for output_dim0")
        return None if dy is None else (None if rows is None else int(rows), *dy[1:])

    @made.kernel
    def kernel(grad: torch.Tensor, indices: torch.Tensor, segment_ids: torch.Tensor, output_dim0: int) -> torch.Tensor:
        if indices.shape != segment_ids.shape:
            raise _invalid("segment_ids and indices should have same size.")
        n = grad.shape[0]
        if len(segment_ids) and int(segment_ids[-1]) + 1 > n:
            raise _invalid("Invalid number of segments")
        for label, value, limit in (("Segment id", segment_ids, n), ("Index", indices, output_dim0)):
            if len(value) and (int(value.min()) < 0 or int(value.max()) >= limit):
                bad = int(value[((value < 0) | (value >= limit)).nonzero()[0]])
                raise _invalid(f"{label} {bad} out of range [0, {limit}).")
        scaled = grad / weight(_counts(grad, segment_ids, n).to(grad.dtype))
        return _sum_rows(scaled.index_select(0, segment_ids), indices, output_dim0)

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample(real(3, 2), fixed([0, 3, 3, 1]), fixed([0, 0, 0, 2]), fixed(4))

    return made


sparse_segment_mean_grad_op = _scatter_op("SparseSegmentMeanGrad", lambda n: n)
sparse_segment_sqrt_n_grad_op = _scatter_op("SparseSegmentSqrtNGrad", torch.sqrt)


def _scatter_rule(scatter: Op) -> Callable[[Any, Any], list[Any]]:
    def rule(node: Any, dy: Any) -> list[Any]:
        data, indices, ids = node.inputs[:3]
        rows = shapes.shape(data)[0]
        return [scatter(dy, indices, ids, rows)] + [None] * (len(node.inputs) - 1)

    return rule


def _scatter_second(counted: Op) -> Callable[[Any, Any], list[Any]]:
    """The transpose of the scatter is the forward op again, with as many segments as there were gradients."""

    def rule(node: Any, g: Any) -> list[Any]:
        dy, indices, ids, _ = node.inputs
        return [counted(g, indices, ids, shapes.shape(dy)[0]), None, None, None]

    return rule


for _op in (sparse_segment_mean_op, sparse_segment_mean_with_num_segments_op):
    _op.gradient(_scatter_rule(sparse_segment_mean_grad_op))
for _op in (sparse_segment_sqrt_n_op, sparse_segment_sqrt_n_with_num_segments_op):
    _op.gradient(_scatter_rule(sparse_segment_sqrt_n_grad_op))
sparse_segment_mean_grad_op.gradient(_scatter_second(sparse_segment_mean_with_num_segments_op))
sparse_segment_sqrt_n_grad_op.gradient(_scatter_second(sparse_segment_sqrt_n_with_num_segments_op))


# --- public names ----------------------------------------------------------------------------------------------


@export("segment_sum", v2=("math.segment_sum",))
def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """Sums rows with equal ids; ids must be sorted.

    Shapes: data [n, ...], segment_ids [n] -> [last id + 1, ...].
    """
    return segment_sum_op(data, segment_ids, name=name)


@export("segment_mean", v2=("math.segment_mean",))
def segment_mean(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The mean of rows with equal ids; ids must be sorted. Rows without members are 0."""
    return segment_mean_op(data, segment_ids, name=name)


@export("segment_prod", v2=("math.segment_prod",))
def segment_prod(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The product of rows with equal ids; ids must be sorted. Rows without members are 1."""
    return segment_prod_op(data, segment_ids, name=name)


@export("segment_max", v2=("math.segment_max",))
def segment_max(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The maximum of rows with equal ids; ids must be sorted. Rows without members are 0."""
    return segment_max_op(data, segment_ids, name=name)


@export("segment_min", v2=("math.segment_min",))
def segment_min(data: Any, segment_ids: Any, name: str | None = None) -> Tensor:
    """The minimum of rows with equal ids; ids must be sorted. Rows without members are 0."""
    return segment_min_op(data, segment_ids, name=name)


@export("unsorted_segment_sum", v2=("math.unsorted_segment_sum",))
def unsorted_segment_sum(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """Sums the slices of `data` with equal ids, in any order; negative ids are dropped.

    Shapes: data [i..., k...], segment_ids [i...] -> [num_segments, k...].
    """
    return unsorted_segment_sum_op(data, segment_ids, num_segments, name=name)


@export("unsorted_segment_prod", v2=("math.unsorted_segment_prod",))
def unsorted_segment_prod(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The product of slices with equal ids; of none, 1."""
    return unsorted_segment_prod_op(data, segment_ids, num_segments, name=name)


@export("unsorted_segment_max", v2=("math.unsorted_segment_max",))
def unsorted_segment_max(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The maximum of slices with equal ids; of none, the type's lowest number."""
    return unsorted_segment_max_op(data, segment_ids, num_segments, name=name)


@export("unsorted_segment_min", v2=("math.unsorted_segment_min",))
def unsorted_segment_min(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The minimum of slices with equal ids; of none, the type's highest number."""
    return unsorted_segment_min_op(data, segment_ids, num_segments, name=name)


def _members(data: Tensor, ids: Tensor, num_segments: Any) -> Tensor:
    """How many slices each segment has, at least 1, shaped to divide by."""
    ones = shapes.ones(shapes.shape_internal(ids), dtype=data.dtype)
    counts = unsorted_segment_sum_op(ones, ids, num_segments)
    trailing = data.shape.ndims - ids.shape.ndims
    return elementwise.maximum_op(shapes.reshape(counts, [num_segments] + [1] * trailing), 1)


@export("unsorted_segment_mean", v2=("math.unsorted_segment_mean",))
def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The mean of slices with equal ids; of none, 0."""
    with name_scope(name, "UnsortedSegmentMean"):
        data, ids = conversion.to_tensor(data), conversion.to_tensor(segment_ids)
        counts = _members(data, ids, num_segments)
        return unsorted_segment_sum_op(data, ids, num_segments) / counts


@export("unsorted_segment_sqrt_n", v2=("math.unsorted_segment_sqrt_n",))
def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Tensor:
    """The sum of slices with equal ids over the square root of their number."""
    with name_scope(name, "UnsortedSegmentSqrtN"):
        data, ids = conversion.to_tensor(data), conversion.to_tensor(segment_ids)
        counts = _members(data, ids, num_segments)
        total = unsorted_segment_sum_op(data, ids, num_segments)
        return total / exponents.sqrt_op(counts)


@export("sparse_segment_sum", "sparse.segment_sum")
def sparse_segment_sum(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None
) -> Tensor:
    """`segment_sum` of the rows `indices` of `data`."""
    if num_segments is None:
        return sparse_segment_sum_op(data, indices, segment_ids, name=name)
    return sparse_segment_sum_with_num_segments_op(data, indices, segment_ids, num_segments, name=name)


@export("sparse_segment_mean", "sparse.segment_mean")
def sparse_segment_mean(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None
) -> Tensor:
    """`segment_mean` of the rows `indices` of `data`."""
    if num_segments is None:
        return sparse_segment_mean_op(data, indices, segment_ids, name=name)
    return sparse_segment_mean_with_num_segments_op(data, indices, segment_ids, num_segments, name=name)


@export("sparse_segment_sqrt_n", "sparse.segment_sqrt_n")
def sparse_segment_sqrt_n(
    data: Any, indices: Any, segment_ids: Any, name: str | None = None, num_segments: Any = None
) -> Tensor:
    """The sum of the rows `indices` of `data` with equal ids, over the square root of their number."""
    if num_segments is None:
        return sparse_segment_sqrt_n_op(data, indices, segment_ids, name=name)
    return sparse_segment_sqrt_n_with_num_segments_op(data, indices, segment_ids, num_segments, name=name)
