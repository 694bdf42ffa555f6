"""Pooling by ratios that need not be whole: the windows' borders are drawn at random.

A pooling sequence holds where each window begins, and one number more for the end. With `overlapping` a window
includes the first element of the next one.
Source: TF 1.15, core/kernels/fractional_pool_common.cc, fractional_max_pool_op.cc, fractional_avg_pool_op.cc.
"""

from __future__ import annotations

import functools
import itertools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError, UnimplementedError
from tfcompat.framework.export import export
from tfcompat.framework.op import KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, drawn, fixed, real, sample
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, comparison, matmul, permuting, philox, ranges, segments, shapes
from tfcompat.ops.convolution import spread
from tfcompat.ops.random import get_seed

# --- drawing the borders -------------------------------------------------------------------------------------------


def pooling_sequence(length: int, windows: int, state: philox.PhiloxState, pseudo_random: bool) -> list[int]:
    """Borders of `windows` windows over `length` elements, each of floor(length / windows) elements or one more."""
    sizes = (_pseudo_random_sizes if pseudo_random else _random_sizes)(length, windows, state)
    return [0, *itertools.accumulate(sizes)]


def _random_sizes(length: int, windows: int, state: philox.PhiloxState) -> list[int]:
    size, larger = divmod(length, windows)
    sizes = [size + 1] * larger + [size] * (windows - larger)
    words = philox.WordStream(state.reserve_words(windows))
    for i in range(windows - 1):
        j = i + words.word() % (windows - i)
        sizes[i], sizes[j] = sizes[j], sizes[i]
    return sizes


def _pseudo_random_sizes(length: int, windows: int, state: philox.PhiloxState) -> list[int]:
    # Borders at ceil(alpha * (i + u)) with one random u, bounded so that the outer windows are of no other size.
    alpha = length / windows
    size = length // windows
    most = min((size + 2) / alpha - 1, (length + 1 - size) / alpha - (windows - 1))
    u = philox.WordStream(state.reserve_words(2)).float64() * most
    borders = [1, *(math.ceil(alpha * (i + u)) for i in range(1, windows)), length + 1]
    return [b - a for a, b in itertools.pairwise(borders)]


def _ends(sequence: Sequence[int], size: int, overlapping: bool) -> list[int]:
    """The last element of each window."""
    return [min(s if overlapping else s - 1, size - 1) for s in sequence[1:]]


# --- pooling with known borders ------------------------------------------------------------------------------------


def _taken(sequence: Sequence[int], size: int, overlapping: bool, device: Any) -> torch.Tensor:
    """[windows, longest]: the elements of each window; short ones repeat their last."""
    return _taken_elements(tuple(sequence), size, overlapping, device)


@functools.lru_cache(maxsize=64)
def _taken_elements(sequence: tuple[int, ...], size: int, overlapping: bool, device: Any) -> torch.Tensor:
    ends = _ends(sequence, size, overlapping)
    longest = max(e - s for s, e in zip(sequence, ends, strict=False)) + 1
    rows = [[min(s + i, e) for i in range(longest)] for s, e in zip(sequence, ends, strict=False)]
    return torch.tensor(rows, dtype=torch.int64, device=device)


def _maxima(x: torch.Tensor, rows: Any, cols: Any, overlapping: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Maxima of the windows, and the flat position of the first of each in its image's height and width."""
    n, h, w, c = x.shape
    across = _taken(cols, w, overlapping, x.device)
    best, at = x[:, :, across].max(3)  # over the columns, for every row
    col_at = across.view(1, 1, *across.shape, 1).expand(n, h, *across.shape, c).gather(3, at.unsqueeze(3)).squeeze(3)
    down = _taken(rows, h, overlapping, x.device)
    best, at = best[:, down].max(2)
    row_at = (
        down.view(1, *down.shape, 1, 1).expand(n, *down.shape, len(cols) - 1, c).gather(2, at.unsqueeze(2)).squeeze(2)
    )
    return best, row_at * w + col_at[:, down].gather(2, at.unsqueeze(2)).squeeze(2)


def _members(sequence: Sequence[int], size: int, overlapping: bool, device: Any) -> torch.Tensor:
    """[windows, size]: 1 where an element belongs to a window."""
    made = torch.zeros((len(sequence) - 1, size), dtype=torch.float64, device=device)
    for i, (start, end) in enumerate(zip(sequence, _ends(sequence, size, overlapping), strict=False)):
        made[i, start : end + 1] = 1
    return made


def _forward(made: Op, pool: Callable[[torch.Tensor, list[int], list[int], bool], torch.Tensor], label: str) -> None:
    @made.builder
    def build(c: KernelContext) -> Callable[[torch.Tensor], Any]:
        attrs = c.attrs
        ratio = np.array(attrs["pooling_ratio"], np.float32)
        seeds = attrs["seed"], attrs["seed2"]
        problem = _refusal(ratio, attrs, label)
        if attrs["deterministic"] and seeds == (0, 0):
            seeds = tuple(int.from_bytes(os.urandom(7), "little") for _ in range(2))

        def borders(out: list[int], dims: Any) -> list[list[int]]:
            # A fresh generator each time: equal seeds give equal windows in every run.
            state = philox.PhiloxState(*seeds)
            return [pooling_sequence(dims[i], out[i], state, attrs["pseudo_random"]) for i in (1, 2)]

        known: dict[Any, list[list[int]]] = {}

        def run(value: torch.Tensor) -> Any:
            if problem is not None:
                raise problem
            out = _checked_sizes(value, ratio)
            dims = tuple(value.shape)
            found = known.get(dims)
            if found is None:
                found = borders(out, dims)
                if attrs["deterministic"] and len(known) < 64:
                    known[dims] = found
            rows, cols = found
            y = pool(value, rows, cols, attrs["overlapping"])
            return [y, *(torch.tensor(s, dtype=torch.int64, device=value.device) for s in (rows, cols))]

        return run


def _refusal(ratio: np.ndarray, attrs: dict[str, Any], label: str) -> Exception | None:
    for r in ratio:
        if r < 1:
            return InvalidArgumentError(None, None, f"pooling_ratio cannot be smaller than 1, got: {r:g}")
    if ratio[0] != 1 and ratio[3] != 1:
        return UnimplementedError(
            None, None, f"Fractional {label} pooling is not yet supported on the batch nor channel dimension."
        )
    if not attrs["deterministic"] and (attrs["seed"] or attrs["seed2"]):
        return InvalidArgumentError(None, None, "Both seed and seed2 should be 0 if deterministic is false.")
    return None


def _checked_sizes(value: torch.Tensor, ratio: np.ndarray) -> list[int]:
    if value.dim() != 4:
        raise InvalidArgumentError(None, None, "tensor_in must be 4-dimensional")
    for i, (size, r) in enumerate(zip(value.shape, ratio, strict=True)):
        if size < r:
            raise InvalidArgumentError(
                None,
                None,
                f"Pooling ratio is higher than input dimension size for dimension {i}. Input dim size: {size} pooling "
                f"ratio: {r:g}",
            )
    return [int(np.floor(np.float32(size) / r)) for size, r in zip(value.shape, ratio, strict=True)]


def _average(x: torch.Tensor, rows: list[int], cols: list[int], overlapping: bool) -> torch.Tensor:
    down = _members(rows, x.shape[1], overlapping, x.device)
    across = _members(cols, x.shape[2], overlapping, x.device)
    total = torch.einsum("rh,nhwc,sw->nrsc", down, x.double(), across)
    mean = total / _counts(down, across)
    return mean.to(x.dtype) if x.is_floating_point() else mean.trunc().to(x.dtype)


def _counts(down: torch.Tensor, across: torch.Tensor) -> torch.Tensor:
    return (down.sum(1)[:, None] * across.sum(1)).unsqueeze(-1)


# --- declarations --------------------------------------------------------------------------------------------------


def _pooled_shapes(c: ShapeContext) -> list[Shape]:
    x = with_rank(c.shape(0), 4)
    ratio = np.array(c.attrs["pooling_ratio"], np.float32)
    if len(ratio) != 4:
        raise ShapeError("pooling_ratio field must specify 4 dimensions")
    out = tuple(None if d is None else int(np.floor(np.float32(d) / r)) for d, r in zip(x, ratio, strict=True))
    # TF claims one entry too few for the sequences.
    borders = [None if d is None else d + 1 for d in out[1:3]]
    return [out, (borders[0],), (borders[1],)]


fractional_max_pool_op = op("FractionalMaxPool", stateful=True)(_pooled_shapes)
fractional_avg_pool_op = op("FractionalAvgPool", stateful=True)(_pooled_shapes)
_forward(fractional_max_pool_op, lambda x, rows, cols, overlapping: _maxima(x, rows, cols, overlapping)[0], "max")
_forward(fractional_avg_pool_op, _average, "average")

_SEQUENCES = ("row_pooling_sequence", "col_pooling_sequence")
fractional_max_pool_grad_op = op("FractionalMaxPoolGrad", host=_SEQUENCES)(lambda c: with_rank(c.shape(0), 4))


@op("FractionalAvgPoolGrad", host=("orig_input_tensor_shape", *_SEQUENCES))
def fractional_avg_pool_grad_op(c: ShapeContext) -> Shape:
    return with_rank(c.shape_value(0), 4)


@fractional_max_pool_grad_op.kernel
def _fractional_max_pool_grad(
    orig_input: Any,
    orig_output: Any,
    out_backprop: Any,
    row_pooling_sequence: list[int],
    col_pooling_sequence: list[int],
    *,
    overlapping: bool,
) -> torch.Tensor:
    n, h, w, c = orig_input.shape
    _, at = _maxima(orig_input, row_pooling_sequence, col_pooling_sequence, overlapping)
    dx = out_backprop.new_zeros((n, h * w, c))
    dx.scatter_add_(1, at.reshape(n, -1, c), out_backprop.reshape(n, -1, c))
    return dx.view(n, h, w, c)  # type: ignore[no-any-return]


@fractional_avg_pool_grad_op.kernel
def _fractional_avg_pool_grad(
    orig_input_tensor_shape: list[int],
    out_backprop: Any,
    row_pooling_sequence: list[int],
    col_pooling_sequence: list[int],
    *,
    overlapping: bool,
) -> torch.Tensor:
    dims = orig_input_tensor_shape
    if len(dims) != 4:
        raise InvalidArgumentError(None, None, "original input tensor shape must be1-dimensional and 4 elements")
    for name, d in zip(("Batch", "Rows", "Columns", "Depth"), dims, strict=True):
        if d == 0:
            raise InvalidArgumentError(None, None, f"{name} dimension of input must not be 0")
    for name, sequence in (("Row", row_pooling_sequence), ("Column", col_pooling_sequence)):
        if min(sequence) < 0:
            raise InvalidArgumentError(
                None, None, f"{name} sequence tensor values must not be negative, got {' '.join(map(str, sequence))}"
            )
    down = _members(row_pooling_sequence, dims[1], overlapping, out_backprop.device)
    across = _members(col_pooling_sequence, dims[2], overlapping, out_backprop.device)
    share = out_backprop.double() / _counts(down, across)
    return torch.einsum("rh,nrsc,sw->nhwc", down, share, across).to(out_backprop.dtype)


@fractional_max_pool_op.gradient
def _fractional_max_pool_rule(node: Any, dy: Tensor, *_: Any) -> Tensor:
    y, rows, cols = node.outputs
    return fractional_max_pool_grad_op(node.inputs[0], y, dy, rows, cols, overlapping=node._attrs["overlapping"])


@fractional_avg_pool_op.gradient
def _fractional_avg_pool_rule(node: Any, dy: Tensor, *_: Any) -> Tensor:
    x, (_, rows, cols) = node.inputs[0], node.outputs
    known = x.shape.is_fully_defined()
    dims = x.shape if known else shapes.shape(x, out_type=dtypes.int64)
    return fractional_avg_pool_grad_op(dims, dy, rows, cols, overlapping=node._attrs["overlapping"])


@fractional_max_pool_grad_op.gradient
def _fractional_max_pool_grad_rule(node: Any, g: Tensor) -> list[Any]:
    # The op sends outputs' numbers to the places of their maxima, which tells where each has to be read. Windows that
    # overlap may send two to one place, but not every other row and every other column of them.
    x, y, _, rows, cols = node.inputs
    precise = [casting.cast(t, dtypes.float64) for t in (x, y)]
    out_shape = shapes.shape(y)
    count = shapes.size(y)
    numbers = shapes.reshape(casting.cast(ranges.range(count), dtypes.float64) + 1.0, out_shape)
    total: Any = None
    for row, col in itertools.product((0, 1), repeat=2) if node._attrs["overlapping"] else [(None, None)]:
        chosen = numbers
        for axis, parity in ((1, row), (2, col)):
            if parity is not None:
                beside = [1, -1, 1, 1] if axis == 1 else [1, 1, -1, 1]
                picked = comparison.equal(ranges.range(out_shape[axis]) % 2, parity)
                chosen *= shapes.reshape(casting.cast(picked, dtypes.float64), beside)
        sent = fractional_max_pool_grad_op(*precise, chosen, rows, cols, overlapping=node._attrs["overlapping"])
        number = shapes.reshape(casting.cast(sent, dtypes.int32), [-1]) - 1
        part = segments.unsorted_segment_sum(shapes.reshape(g, [-1]), number, count)
        total = part if total is None else total + part
    return [None, None, shapes.reshape(total, out_shape), None, None]


@fractional_avg_pool_grad_op.gradient
def _fractional_avg_pool_grad_rule(node: Any, g: Tensor) -> list[Any]:
    dims, _, rows, cols = node.inputs
    for axis, sequence in ((1, rows), (2, cols)):
        members = _membership(sequence, dims[axis], node._attrs["overlapping"], g.dtype)
        # [windows, size] times g, along the axis.
        g = matmul.tensordot(members, g, [[1], [axis]])
        g = permuting.transpose(g, [1, 0, 2, 3] if axis == 1 else [1, 2, 0, 3])
    return [None, g, None, None]


def _membership(sequence: Tensor, size: Tensor, overlapping: bool, dtype: Any) -> Tensor:
    """[windows, size]: each row averages over a window."""
    element = shapes.expand_dims(ranges.range(size), 0)
    begin = shapes.expand_dims(sequence[:-1], 1)
    end = shapes.expand_dims(sequence[1:], 1)
    inside = comparison.less_equal(element, end) if overlapping else comparison.less(element, end)
    members = casting.cast(comparison.logical_and(comparison.greater_equal(element, begin), inside), dtype)
    return members / _row_sums(members)


def _row_sums(members: Tensor) -> Tensor:
    ones = shapes.ones(arrays.stack([shapes.shape(members)[1], 1]), members.dtype)
    return matmul.matmul(members, ones)


# --- samples and public names --------------------------------------------------------------------------------------

_RATIO = [1.0, 1.5, 1.4, 1.0]
_ROWS, _COLS = [0, 2, 3, 5], [0, 1, 3, 5]  # for images of 5 x 5


@fractional_max_pool_op.samples
@fractional_avg_pool_op.samples
def _fractional_samples() -> Iterator[Sample]:
    for overlapping in (False, True):
        yield sample(
            real(2, 5, 5, 2, distinct=True), pooling_ratio=_RATIO, deterministic=True, seed=3, overlapping=overlapping
        )


def _sequences() -> tuple[np.ndarray, np.ndarray]:
    return fixed(np.array(_ROWS), np.int64), fixed(np.array(_COLS), np.int64)


@fractional_max_pool_grad_op.samples
def _fractional_max_pool_grad_samples() -> Iterator[Sample]:
    rng = np.random.RandomState(4)
    x = rng.permutation(2 * 5 * 5 * 2).reshape(2, 5, 5, 2) / 100.0
    for overlapping in (False, True):
        y = _maxima(torch.from_numpy(x), _ROWS, _COLS, overlapping)[0].numpy()
        # Other numbers have other maxima elsewhere, so these stay as they are.
        held = (drawn(lambda rng, v=v: v, False) for v in (x, y))
        yield sample(*held, real(2, 3, 3, 2), *_sequences(), overlapping=overlapping)


@fractional_avg_pool_grad_op.samples
def _fractional_avg_pool_grad_samples() -> Iterator[Sample]:
    for overlapping in (False, True):
        dims = fixed(np.array([2, 5, 5, 2]), np.int64)
        yield sample(dims, real(2, 3, 3, 2), *_sequences(), overlapping=overlapping)


def _settings(local: dict[str, Any]) -> dict[str, Any]:
    names = ("pooling_ratio", "pseudo_random", "overlapping", "deterministic", "seed", "seed2", "name")
    return {name: local[name] for name in names}


@export("nn.fractional_max_pool")
def fractional_max_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    deterministic: bool = False,
    seed: int = 0,
    seed2: int = 0,
    name: str | None = None,
) -> Any:
    """Maxima of windows whose sizes are drawn: (output, row borders, column borders).

    pooling_ratio: one number of at least 1 for each dimension; the batch's and the channels' must be 1.
    """
    return fractional_max_pool_op(value, **_settings(locals()))


@export("nn.fractional_avg_pool")
def fractional_avg_pool(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    deterministic: bool = False,
    seed: int = 0,
    seed2: int = 0,
    name: str | None = None,
) -> Any:
    """Means of windows whose sizes are drawn: (output, row borders, column borders)."""
    return fractional_avg_pool_op(value, **_settings(locals()))


def _seeded(made: Op, value: Any, pooling_ratio: Any, seed: int, **settings: Any) -> Any:
    """TF 2's form: a seed other than 0 makes the windows the same in every run."""
    seeds = get_seed(seed) if seed else (0, 0)
    return made(value, pooling_ratio=pooling_ratio, deterministic=bool(seed), seed=seeds[0], seed2=seeds[1], **settings)


@export(v2=("nn.fractional_max_pool",))
def fractional_max_pool_v2(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: int = 0,
    name: str | None = None,
) -> Any:
    """Maxima of windows whose sizes are drawn; pooling_ratio may be one number, or those of height and width."""
    ratio = spread(pooling_ratio, 2, 3, "pooling_ratio")
    settings = {"pseudo_random": pseudo_random, "overlapping": overlapping, "name": name}
    return _seeded(fractional_max_pool_op, value, ratio, seed, **settings)


@export(v2=("nn.fractional_avg_pool",))
def fractional_avg_pool_v2(
    value: Any,
    pooling_ratio: Any,
    pseudo_random: bool = False,
    overlapping: bool = False,
    seed: int = 0,
    name: str | None = None,
) -> Any:
    """Means of windows whose sizes are drawn."""
    settings = {"pseudo_random": pseudo_random, "overlapping": overlapping, "name": name}
    return _seeded(fractional_avg_pool_op, value, pooling_ratio, seed, **settings)
