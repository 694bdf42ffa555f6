"""Writing updates into parts of a tensor, in place: what the Scatter* kernels share.

Repeated indices take their updates one after another, in order, as TensorFlow's CPU kernels do.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError

# Integer types of the same width, for types that torch cannot index or numpy does not know.
_STORED_AS = {
    torch.uint16: torch.int16,
    torch.uint32: torch.int32,
    torch.uint64: torch.int64,
    torch.bfloat16: torch.int16,
}
# Types torch can store but not compute with.
_COMPUTED_AS = {torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.int64}

# Types whose sums torch keeps wider between the additions; TensorFlow rounds after each.
_SHORT = (torch.float16, torch.bfloat16)

_REDUCED = {"max": torch.maximum, "min": torch.minimum, "mul": torch.mul, "add": torch.add, "sub": torch.sub}


def dims_text(shape: Any) -> str:
    """A run-time shape as TensorFlow prints it."""
    return "[" + ",".join(str(int(d)) for d in shape) + "]"


def check_indices(indices: torch.Tensor, limit: int) -> None:
    """Raises InvalidArgumentError naming the first index that is not in [0, limit)."""
    if indices.device.type != "cpu" or indices.numel() == 0:
        return  # on an accelerator a look at the values would wait for it; torch itself refuses them there
    bad = (indices < 0) | (indices >= limit)
    if bad.any():
        at = tuple(int(i) for i in bad.nonzero()[0])
        raise InvalidArgumentError(
            None, None, f"indices{dims_text(at) if at else ''} = {int(indices[at])} is not in [0, {limit})"
        )


def scatter_rows(target: Any, indices: torch.Tensor, updates: Any, how: str) -> None:
    """target[indices[i]] op= updates[i] for op in update, add, sub, mul, div, min, max.

    Shapes: target [n, ...], indices any shape, updates indices.shape + target.shape[1:] or [] for all rows alike.
    Raises: InvalidArgumentError for an index outside [0, n), and for an integer division by zero.
    """
    if isinstance(target, np.ndarray):
        _scatter_strings(target, indices, updates)
        return
    if target.dim() == 0:
        target = target.view(1)
    check_indices(indices, target.shape[0])
    flat = indices.reshape(-1).long()
    rest = target.shape[1:]
    rows = updates.expand(flat.shape[0], *rest) if updates.dim() == 0 else updates.reshape(flat.shape[0], *rest)
    if rows.untyped_storage().data_ptr() == target.untyped_storage().data_ptr():
        rows = rows.clone()
    apply_rows(target, flat, rows, how)


def _scatter_strings(target: np.ndarray, indices: torch.Tensor, updates: np.ndarray) -> None:
    check_indices(indices, target.shape[0])
    target[indices.numpy()] = updates if updates.ndim else updates.item()


def apply_rows(target: torch.Tensor, rows: torch.Tensor, updates: torch.Tensor, how: str) -> None:
    """The rows of `target` named by the vector `rows`, changed in place."""
    if how == "update":
        stored = _STORED_AS.get(target.dtype)
        if stored is not None:
            target, updates = target.view(stored), updates.contiguous().view(stored)
        if target.device.type == "cpu":
            # Torch stores large updates in parallel, in no order; the last of several for one row must win.
            target.numpy()[rows.numpy()] = updates.numpy()
        else:
            target.index_copy_(0, rows, updates)
        return
    wide = _COMPUTED_AS.get(target.dtype)
    if wide is not None:
        computed = target.to(wide)
        apply_rows(computed, rows, updates.to(wide), how)
        target.copy_(computed)
    elif how in ("add", "sub") and target.dtype in _SHORT:
        _apply_in_rounds(target, rows, updates, how)
    elif how == "add":
        target.index_add_(0, rows, updates)
    elif how == "sub":
        if target.dtype == torch.bool:
            raise InvalidArgumentError(None, None, "Subtraction of booleans is not defined")
        target.index_add_(0, rows, updates, alpha=-1)
    else:
        _apply_in_rounds(target, rows, updates, how)


def _apply_in_rounds(target: torch.Tensor, rows: torch.Tensor, updates: torch.Tensor, how: str) -> None:
    """Takes the first occurrence of every row, then the second, and so on: each round has no row twice."""
    if how == "div" and not target.is_floating_point() and not target.is_complex() and bool((updates == 0).any()):
        raise InvalidArgumentError(None, None, "Integer division by zero")
    turn = occurrence(rows)
    for k in range(int(turn.max()) + 1 if turn.numel() else 0):
        chosen = turn == k
        where, change = rows[chosen], updates[chosen]
        old = target.index_select(0, where)
        target.index_copy_(0, where, _combined(old, change, how))


def _combined(old: torch.Tensor, change: torch.Tensor, how: str) -> torch.Tensor:
    if how != "div":
        return _REDUCED[how](old, change)
    if old.is_floating_point() or old.is_complex():
        return old / change
    return torch.div(old, change, rounding_mode="trunc")


def occurrence(rows: torch.Tensor) -> torch.Tensor:
    """For each entry, how often its value came before it."""
    order = torch.argsort(rows, stable=True)
    ordered = rows[order]
    at = torch.arange(len(rows), device=rows.device)
    starts = torch.ones_like(ordered, dtype=torch.bool)
    if len(rows) > 1:
        starts[1:] = ordered[1:] != ordered[:-1]
    first = torch.cummax(torch.where(starts, at, torch.zeros_like(at)), 0).values if len(rows) else at
    turn = torch.empty_like(at)
    turn[order] = at - first
    return turn


def check_nd_shapes(params: Any, indices: Any, updates: Any) -> None:
    """Raises InvalidArgumentError when the shapes of a ScatterNd* op do not fit.

    Shapes: indices [..., k], updates [..., *params[k:]].
    """
    if len(params) < 1:
        raise InvalidArgumentError(None, None, "Output must be at least 1-D, got shape: []")
    if len(indices) < 1:
        raise InvalidArgumentError(None, None, "Indices shape must have rank at least one. Found:[]")
    depth = int(indices[-1])
    outer = len(indices) - 1
    if len(updates) < outer or tuple(updates[:outer]) != tuple(indices[:-1]):
        raise InvalidArgumentError(
            None,
            None,
            "The outermost dimension of updates and indices must match. Got indices.shape "
            f"{dims_text(indices)}, updates.shape {dims_text(updates)}",
        )
    if depth > len(params) or tuple(updates[outer:]) != tuple(params[depth:]):
        raise InvalidArgumentError(
            None,
            None,
            "Must have updates.shape = indices.shape[:batch_dim] + params_shape[slice_dim:], got updates.shape: "
            f"{dims_text(updates)}, indices.shape: {dims_text(indices)}, params_shape: {dims_text(params)}, slice_dim: "
            f"{depth}, and batch_dim: {outer}",
        )


def flat_rows(indices: torch.Tensor, dims: tuple[int, ...], what: str = "shape") -> torch.Tensor:
    """Row numbers of the index vectors `indices` [n, k] in a tensor of leading dimensions `dims` [k].

    Raises: InvalidArgumentError naming the first vector that is outside.
    """
    if indices.device.type == "cpu" and indices.numel():
        limits = torch.tensor(dims[: indices.shape[1]], dtype=indices.dtype)
        bad = ((indices < 0) | (indices >= limits)).any(1)
        if bad.any():
            at = int(bad.nonzero()[0, 0])
            vector = ", ".join(str(int(i)) for i in indices[at])
            raise InvalidArgumentError(
                None, None, f"indices[{at}] = [{vector}] does not index into {what} {dims_text(dims)}"
            )
    rows = torch.zeros(indices.shape[0], dtype=torch.int64, device=indices.device)
    for k in range(indices.shape[1]):
        rows = rows * dims[k] + indices[:, k]
    return rows


def scatter_nd(target: Any, indices: torch.Tensor, updates: Any, how: str) -> None:
    """target[indices[i, 0], ..., indices[i, k - 1]] op= updates[i], in place.

    Raises: InvalidArgumentError when shapes do not fit or an index is outside.
    """
    check_nd_shapes(target.shape, indices.shape, updates.shape)
    depth = int(indices.shape[-1])
    dims = tuple(int(d) for d in target.shape)
    vectors = indices.reshape(-1, depth) if depth else indices.new_zeros((int(np.prod(indices.shape[:-1])), 0))
    rows = flat_rows(vectors, dims)
    count = int(np.prod(dims[:depth], dtype=np.int64))
    if isinstance(target, np.ndarray):
        flat = target.reshape(count, *dims[depth:])
        flat[rows.numpy()] = updates.reshape(len(rows), *dims[depth:])
        return
    changes = updates.reshape(len(rows), *dims[depth:])
    if changes.untyped_storage().data_ptr() == target.untyped_storage().data_ptr():
        changes = changes.clone()
    apply_rows(target.view(count, *dims[depth:]), rows, changes, how)
