"""edit_distance, fingerprints, and coordinates of places in an array."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, sample
from tfcompat.framework.shape_rules import at_least_rank, num_elements, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.farmhash import fingerprint64


@op("EditDistance", host=("hypothesis_shape", "truth_shape"))
def edit_distance_op(c: ShapeContext) -> Shape:
    for i, rank in ((0, 2), (1, 1), (2, 1), (3, 2), (4, 1), (5, 1)):
        with_rank(c.shape(i), rank)
    left, right = c.value(2), c.value(5)
    if left is None or right is None or left.size != right.size:
        return None
    return tuple(max(int(a), int(b)) for a, b in zip(left[:-1], right[:-1], strict=True))


def _groups(indices: torch.Tensor, values: Any) -> dict[tuple[int, ...], list[Any]]:
    """The sequences of a sparse tensor, by their place in the other axes."""
    out: dict[tuple[int, ...], list[Any]] = {}
    for at, v in zip(indices.tolist(), values.tolist(), strict=True):
        out.setdefault(tuple(at[:-1]), []).append(v)
    return out


def _levenshtein(a: list[Any], b: list[Any]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


@edit_distance_op.kernel
def _edit_distance(
    hypothesis_indices: torch.Tensor,
    hypothesis_values: Any,
    hypothesis_shape: list[int],
    truth_indices: torch.Tensor,
    truth_values: Any,
    truth_shape: list[int],
    *,
    normalize: bool,
    device: Any,
) -> torch.Tensor:
    for label, indices, dims in (
        ("hypothesis", hypothesis_indices, hypothesis_shape),
        ("truth", truth_indices, truth_shape),
    ):
        if indices.shape[1] != len(dims):
            raise InvalidArgumentError(
                None, None, f"{label}_indices should have {len(dims)} columns, but got {indices.shape[1]}"
            )
    if len(hypothesis_shape) != len(truth_shape):
        raise InvalidArgumentError(
            None,
            None,
            "hypothesis_shape and truth_shape should have the same length, but got: "
            f"{len(hypothesis_shape)} vs. {len(truth_shape)}",
        )
    dims = [max(a, b) for a, b in zip(hypothesis_shape[:-1], truth_shape[:-1], strict=True)]
    left, right = _groups(hypothesis_indices, hypothesis_values), _groups(truth_indices, truth_values)
    out = np.zeros(dims, np.float32)
    for at in itertools.product(*map(range, dims)):
        a, b = left.get(at, []), right.get(at, [])
        distance = _levenshtein(a, b)
        if normalize:
            out[at] = distance / len(b) if b else math.inf if a else 0.0
        else:
            out[at] = distance
    return torch.from_numpy(out).to(device)


edit_distance_op.gradient(NOT_DIFFERENTIABLE)


@edit_distance_op.samples
def _edit_distance_samples() -> Iterator[Sample]:
    def places(rows: list[list[int]]) -> np.ndarray:
        return np.array(rows, np.int64)

    yield sample(
        places([[0, 0], [0, 1], [1, 0]]),
        fixed([1, 2, 3]),
        np.array([2, 2]),
        places([[0, 0], [1, 0], [1, 1]]),
        fixed([1, 3, 4]),
        np.array([2, 2]),
    )


@export("edit_distance")
def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Tensor:
    """The Levenshtein distances between the sequences of two SparseTensors, divided by the true lengths on request.

    Raises: TypeError for other arguments.
    """
    for label, value in (("Hypothesis", hypothesis), ("Truth", truth)):
        if not all(hasattr(value, part) for part in ("indices", "values", "dense_shape")):
            raise TypeError(f"{label} must be a SparseTensor.")
    return edit_distance_op(
        hypothesis.indices,
        hypothesis.values,
        hypothesis.dense_shape,
        truth.indices,
        truth.values,
        truth.dense_shape,
        normalize=normalize,
        name=name,
    )


@op("UnravelIndex", host=("dims",))
def unravel_index_op(c: ShapeContext) -> Shape:
    indices = c.shape(0)
    rank = with_rank(c.shape(1), 1)[0]
    if indices is None:
        return None
    return (rank,) if not indices else (rank, num_elements(indices))


@unravel_index_op.kernel
def _unravel_index(indices: torch.Tensor, dims: list[int]) -> torch.Tensor:
    if indices.dim() > 1:
        raise InvalidArgumentError(
            None, None, f"The indices can only be scalar or vector, got \"[{','.join(map(str, indices.shape))}]\""
        )
    if not isinstance(dims, list):
        raise InvalidArgumentError(None, None, 'The indices can only be 1-D, got "[]"')
    total = 1
    limit = torch.iinfo(indices.dtype).max
    for i, d in enumerate(dims):
        if d == 0:
            raise InvalidArgumentError(
                None, None, f"Input dims cannot contain a dim of zero, but dims contains zero at index {i}"
            )
        if d < 0:
            raise InvalidArgumentError(None, None, f"Input dims cannot be negative. Got dim = {d} at index {i}")
        total *= d
        if total > limit:
            listed = " ".join(map(str, dims))
            raise InvalidArgumentError(None, None, f"Input dims product is causing integer overflow: ({listed})")
    if indices.numel() and (int(indices.min()) < 0 or int(indices.max()) >= total):
        # TF 1.15 wraps round silently.
        raise InvalidArgumentError(None, None, f"index is out of bound of dims {dims}")
    rest = indices
    out = []
    for d in reversed(dims):
        out.append(torch.remainder(rest, d))
        rest = torch.div(rest, d, rounding_mode="floor")
    return torch.stack(out[::-1]) if out else indices.new_zeros((0, *indices.shape))


unravel_index_op.gradient(NOT_DIFFERENTIABLE)


@unravel_index_op.samples
def _unravel_index_samples() -> Iterator[Sample]:
    yield sample(fixed([5, 0, 3]), fixed([2, 3]))
    yield sample(fixed(4), fixed([2, 3]))


@export("unravel_index")
def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Tensor:
    """Coordinates of flat indices in an array of shape `dims`, one column each."""
    return unravel_index_op(indices, dims, name=name)


@op("Fingerprint", host=("method",))
def fingerprint_op(c: ShapeContext) -> Shape:
    dims = at_least_rank(c.shape(0), 1)
    with_rank(c.shape(1), 0)
    method = c.value(1)
    if method is not None and method.item() != b"farmhash64":
        raise ShapeError(f"Unsupported method: {method.item().decode()}")
    return (None if dims is None else dims[0], None if method is None else 8)


@fingerprint_op.kernel
def _fingerprint(data: Any, method: bytes, *, device: Any) -> torch.Tensor:
    if method != b"farmhash64":
        raise InvalidArgumentError(None, None, f"Unsupported fingerprint method: {method.decode()}")
    if len(data.shape) < 1:
        raise InvalidArgumentError(None, None, "`data` should have at least one dimension: []")
    rows = [_row_bytes(row) for row in data] if isinstance(data, np.ndarray) else _tensor_rows(data)
    hashes = np.array([fingerprint64(row) for row in rows], "<u8")
    return torch.from_numpy(hashes.view(np.uint8).reshape(len(rows), 8).copy()).to(device)


def _row_bytes(row: Any) -> bytes:
    """A string itself; of several strings, their fingerprints."""
    if isinstance(row, bytes):
        return row
    flat = row.reshape(-1).tolist()
    if len(flat) == 1:
        return flat[0]  # type: ignore[no-any-return]
    return np.array([fingerprint64(s) for s in flat], "<u8").tobytes()


def _tensor_rows(data: torch.Tensor) -> list[bytes]:
    n = data.shape[0]
    whole = data.cpu().contiguous().reshape(n, -1).view(torch.uint8) if data.numel() else None
    return [b""] * n if whole is None else [row.numpy().tobytes() for row in whole]


fingerprint_op.gradient(NOT_DIFFERENTIABLE)


@fingerprint_op.samples
def _fingerprint_samples() -> Iterator[Sample]:
    yield sample(fixed([[1, 2], [3, 4]]), np.array(b"farmhash64", object))


@export("fingerprint")
def fingerprint(data: Any, method: str = "farmhash64", name: str | None = None) -> Tensor:
    """A hash of each row of `data`, as 8 bytes."""
    return fingerprint_op(data, method, name=name)
