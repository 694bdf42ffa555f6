"""Coordinates: what the kernels of sparse tensors share. `indices` is [n, rank] int64, one row for each value.

Values are torch tensors, or numpy object arrays where they are strings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.ops.scatter import dims_text, occurrence

_LARGEST = 2**63 - 1


def refuse(message: str) -> InvalidArgumentError:
    """The error of a kernel that cannot take its inputs; the run adds the node."""
    return InvalidArgumentError(None, None, message)


def check_dims(dims: Sequence[int]) -> None:
    """Raises InvalidArgumentError for dims that no tensor can have."""
    for size in dims:
        if size < 0:
            raise refuse(f"Dimension {size} must be >= 0")
    if not fits(dims):
        raise refuse(f"Shape {dims_text(dims)} results in overflow when computing number of elements")


def take(values: Any, at: torch.Tensor) -> Any:
    """`values[at]` along the first axis."""
    if isinstance(values, np.ndarray):
        return values[at.cpu().numpy()]
    return values[at]


def join(parts: Sequence[Any]) -> Any:
    """The values of several tensors in one vector."""
    if isinstance(parts[0], np.ndarray):
        return np.concatenate(parts)
    return torch.cat(list(parts))


def strides_of(dims: Sequence[int]) -> list[int]:
    """Row-major strides, in elements."""
    out = [1] * len(dims)
    for i in range(len(dims) - 2, -1, -1):
        out[i] = out[i + 1] * int(dims[i + 1])
    return out


def fits(dims: Sequence[int]) -> bool:
    """Whether every place of a tensor of these dims has a number in int64."""
    return math.prod(int(d) for d in dims) <= _LARGEST


def flat_keys(indices: torch.Tensor, dims: Sequence[int]) -> torch.Tensor:
    """The row-major number of each place. The caller knows that `fits(dims)`."""
    keys = torch.zeros(indices.shape[0], dtype=torch.int64, device=indices.device)
    for d, stride in enumerate(strides_of(dims)):
        keys += indices[:, d].long() * stride
    return keys


def keys_of(indices: torch.Tensor, dims: Sequence[int]) -> torch.Tensor:
    """Numbers that order places row by row, equal for equal ones: row-major numbers, or ranks where those overflow."""
    if fits(dims) and len(dims) == indices.shape[1]:
        return flat_keys(indices, dims)
    if indices.shape[0] == 0:
        return torch.zeros(0, dtype=torch.int64, device=indices.device)
    return torch.unique(indices, dim=0, return_inverse=True)[1]


def compare(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """-1, 0 or 1 for each pair of rows: which one comes first in row-major order."""
    out = torch.zeros(a.shape[0], dtype=torch.int64, device=a.device)
    for d in range(a.shape[1]):
        out = torch.where(out == 0, torch.sign(a[:, d] - b[:, d]).long(), out)
    return out


def check_valid(indices: torch.Tensor, dims: Sequence[int]) -> None:
    """Raises InvalidArgumentError for the first place that is out of bounds, out of order or repeated."""
    if indices.shape[0] == 0:
        return
    limits = torch.tensor([int(d) for d in dims], dtype=indices.dtype, device=indices.device)
    outside = ((indices < 0) | (indices >= limits)).any(1)
    bad = outside.clone()
    order = compare(indices[:-1], indices[1:])
    bad[1:] |= order >= 0
    if not bool(bad.any()):
        return
    at = int(bad.nonzero()[0, 0])
    text = f"indices[{at}] = {dims_text(indices[at])} is "
    if bool(outside[at]):
        raise refuse(f"{text}out of bounds: need 0 <= index < {dims_text(dims)}")
    if int(order[at - 1]) > 0:
        raise refuse(
            f"{text}out of order. Many sparse ops require sorted indices.\n    Use `tf.sparse.reorder` to create a "
            "correctly ordered copy.\n\n"
        )
    raise refuse(f"{text}repeated")


def in_order(indices: torch.Tensor) -> bool:
    """Whether the places stand in row-major order (repeated ones may stand side by side)."""
    return not bool((compare(indices[:-1], indices[1:]) > 0).any())


def sorting(indices: torch.Tensor, dims: Sequence[int]) -> torch.Tensor | None:
    """The permutation that puts places in row-major order, None where they are."""
    if in_order(indices):
        return None
    bounded = not bool((indices < 0).any()) and fits([int(m) + 1 for m in indices.max(0).values])
    if bounded:
        widest = [int(m) + 1 for m in indices.max(0).values]
        return torch.argsort(flat_keys(indices, widest), stable=True)
    order = torch.arange(indices.shape[0], device=indices.device)
    for d in range(indices.shape[1] - 1, -1, -1):
        order = order[torch.argsort(indices[order, d], stable=True)]
    return order


def united(a: torch.Tensor, b: torch.Tensor, dims: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The places of a or b in row-major order, and where the rows of a and of b stand in them.

    A place that one side has twice meets the other side's first one only, as in TensorFlow.
    """
    both = torch.cat([a, b])
    count = a.shape[0]
    keys = keys_of(both, dims)
    place, inverse = torch.unique(keys, return_inverse=True)
    at_a, at_b = inverse[:count], inverse[count:]
    if place.shape[0] < max(count, b.shape[0]) or _repeats(at_a) or _repeats(at_b):
        turn = torch.cat([occurrence(at_a), occurrence(at_b)])
        width = int(turn.max()) + 1 if turn.numel() else 1
        place, inverse = torch.unique(inverse * width + turn, return_inverse=True)
        at_a, at_b = inverse[:count], inverse[count:]
    rows = torch.empty((place.shape[0], both.shape[1]), dtype=both.dtype, device=both.device)
    rows[at_b] = b
    rows[at_a] = a
    return rows, at_a, at_b


def _repeats(keys: torch.Tensor) -> bool:
    return torch.unique(keys).shape[0] < keys.shape[0]


def check_parts(
    indices: Any, values: Any, shape: Any, names: tuple[str, str, str] = ("indices", "values", "shape")
) -> None:
    """Raises InvalidArgumentError unless the parts of a sparse tensor are a matrix and two vectors."""
    kinds = ((2, "matrix"), (1, "vector"), (1, "vector"))
    for part, (rank, word), name in zip((indices, values, shape), kinds, names, strict=True):
        if part is not None and len(np.shape(part)) != rank:
            raise refuse(f"Input {name} should be a {word} but received shape {dims_text(np.shape(part))}")
