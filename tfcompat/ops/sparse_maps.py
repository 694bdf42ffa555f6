"""Sparse tensors put aside under a number, so that queues can carry them: AddSparseToTensorsMap and its inverse.

Source: TF 1.15, core/kernels/sparse_tensors_map_ops.cc, python/ops/sparse_ops.py.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import torch

from tfcompat.framework import stacks
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, op
from tfcompat.framework.scopes import colocate_with
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.queue_state import copied
from tfcompat.ops.sparse_parts import join, take
from tfcompat.ops.string_values import as_text_attr, shape_text

Parts = tuple[torch.Tensor, Any, list[int]]


class SparseMap:
    """Sparse tensors by number, each given out once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._count = 0
        self._held: dict[int, Parts] = {}

    def add(self, parts: Parts) -> int:
        with self._lock:
            number = self._count
            self._count += 1
            self._held[number] = parts
            return number

    def take(self, number: int) -> Parts:
        with self._lock:
            found = self._held.pop(number, None)
        if found is None:
            raise InvalidArgumentError(None, None, f"Unable to find SparseTensor: {number} in map: {self.name}")
        return found


def _map_of(c: KernelContext) -> SparseMap:
    name = as_text_attr(c.attrs["shared_name"]) or c.node.name
    return c.session.resources.get_or_create(  # type: ignore[no-any-return]
        "sparse map", c.attrs["container"], name, lambda: SparseMap(name)
    )


def _check(indices: torch.Tensor, values: Any, shape: torch.Tensor) -> None:
    for what, value, rank, kind in (
        ("indices", indices, 2, "matrix"),
        ("values", values, 1, "vector"),
        ("shape", shape, 1, "vector"),
    ):
        if len(value.shape) != rank:
            raise InvalidArgumentError(
                None, None, f"Input {what} should be a {kind} but received shape {shape_text(value)}"
            )


@op("AddSparseToTensorsMap")
def add_sparse_op(c: ShapeContext) -> Shape:
    for i, rank in enumerate((2, 1, 1)):
        with_rank(c.shape(i), rank)
    return ()


@op("AddManySparseToTensorsMap")
def add_many_sparse_op(c: ShapeContext) -> Shape:
    for i, rank in enumerate((2, 1, 1)):
        with_rank(c.shape(i), rank)
    return (None,)


@op("TakeManySparseFromTensorsMap")
def take_many_sparse_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 1)
    return [(None, None), (None,), (None,)]


for _declared in (add_sparse_op, add_many_sparse_op, take_many_sparse_op):
    _declared.gradient(NOT_DIFFERENTIABLE)


@add_sparse_op.builder
def _build_add(c: KernelContext) -> Any:
    kept = _map_of(c)

    def add(indices: torch.Tensor, values: Any, shape: torch.Tensor) -> torch.Tensor:
        _check(indices, values, shape)
        return torch.tensor(kept.add((indices.clone(), copied(values), shape.tolist())))

    return add


@add_many_sparse_op.builder
def _build_add_many(c: KernelContext) -> Any:
    kept = _map_of(c)

    def add_many(indices: torch.Tensor, values: Any, shape: torch.Tensor) -> torch.Tensor:
        _check(indices, values, shape)
        dims = shape.tolist()
        if len(dims) < 2:
            raise InvalidArgumentError(
                None, None, f"Rank of input SparseTensor should be > 1, but saw rank: {len(dims)}"
            )
        rows = indices[:, 0]
        bad = (rows < 0) | (rows >= dims[0])
        if bool(bad.any()):
            raise InvalidArgumentError(
                None,
                None,
                f"Received unexpected column 0 value in input SparseTensor: {int(rows[bad][0])} < 0 or >= N (= {dims[0]})",
            )
        numbers = []
        for row in range(dims[0]):
            at = torch.nonzero(rows == row).reshape(-1)
            numbers.append(kept.add((indices[at, 1:].clone(), take(values, at), dims[1:])))
        return torch.tensor(numbers, dtype=torch.int64)

    return add_many


@take_many_sparse_op.builder
def _build_take(c: KernelContext) -> Any:
    kept = _map_of(c)

    def take_many(sparse_handles: torch.Tensor) -> list[Any]:
        if sparse_handles.dim() != 1:
            raise InvalidArgumentError(
                None, None, f"sparse_handles should be a vector but received shape {shape_text(sparse_handles)}"
            )
        if not len(sparse_handles):
            raise InvalidArgumentError(
                None, None, "Must have at least 1 serialized SparseTensor, but input matrix has 0 rows"
            )
        parts = [kept.take(number) for number in sparse_handles.tolist()]
        rank = len(parts[0][2])
        for i, (_, _, dims) in enumerate(parts):
            if len(dims) != rank:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"Inconsistent rank across SparseTensors: rank prior to SparseTensor[{i}] was: {rank} but rank of "
                    f"SparseTensor[{i}] is: {len(dims)}",
                )
        indices = [
            torch.cat([torch.full((len(own), 1), i, dtype=torch.int64), own.cpu()], 1)
            for i, (own, _, _) in enumerate(parts)
        ]
        dims = [len(parts), *(max(d[axis] for _, _, d in parts) for axis in range(rank))]
        return [torch.cat(indices), join([v for _, v, _ in parts]), torch.tensor(dims, dtype=torch.int64)]

    return take_many


def add_sparse_to_tensors_map(sp_input: SparseTensor, shared_name: str | None = None) -> Tensor:
    """Puts a sparse tensor aside; the number under which it lies."""
    return add_sparse_op(sp_input.indices, sp_input.values, sp_input.dense_shape, shared_name=shared_name or "")  # type: ignore[no-any-return]


def add_many_sparse_to_tensors_map(sp_input: SparseTensor, shared_name: str | None = None) -> Tensor:
    """Puts the rows of a sparse tensor aside; the numbers under which they lie."""
    return add_many_sparse_op(sp_input.indices, sp_input.values, sp_input.dense_shape, shared_name=shared_name or "")  # type: ignore[no-any-return]


def take_many_sparse_from_tensors_map(map_op: Any, handles: Tensor, rank: int | None = None) -> SparseTensor:
    """The sparse tensors under these numbers, as rows of one. `map_op` is the operation that put them aside."""
    # A map that is filled in a branch belongs to the branch's own graph.
    own = map_op.graph is stacks.get_default_graph()
    with colocate_with(map_op) if own else contextlib.nullcontext():
        indices, values, shape = take_many_sparse_op(
            handles,
            dtype=map_op.get_attr("T"),
            container=map_op.get_attr("container"),
            shared_name=as_text_attr(map_op.get_attr("shared_name")) or map_op.name,
        )
    indices.set_shape([None, rank])
    shape.set_shape([rank])
    return SparseTensor(indices, values, shape)
