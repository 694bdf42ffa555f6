"""Ops that reorder elements: transpose, reverse, roll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, ShapeError, get_op, op
from tfcompat.framework.samples import Sample, complex_, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import (
    at_least_rank,
    at_most_rank,
    merge,
    merge_dim,
    multiply_dims,
    unchanged,
    with_rank,
)
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, shapes
from tfcompat.ops.movement import moves

# --- transpose -----------------------------------------------------------------------------------------------------


def _transposed(c: ShapeContext) -> Shape:
    dims, vector = c.shape(0), c.shape(1)
    count = None if vector is None else multiply_dims(vector)
    if dims is not None:
        rank = len(dims)
    elif count is not None:
        rank = count
    else:
        perm = c.value(1)
        if perm is None:
            return None
        rank = perm.size
    if dims is None and rank < 2:
        return None  # one entry may mean a scalar or a vector
    dims = with_rank(dims, rank)
    with_rank(vector, 1)
    if count is not None and count != rank:
        raise ShapeError(f"Dimension must be {rank} but is {count}")
    perm = c.value(1)
    if perm is None:
        return (None,) * rank
    out = []
    for p in perm.tolist():
        if p >= rank or p <= -rank:
            raise ShapeError(f"perm dim {p} is out of range of input rank {rank}")
        out.append(dims[p])
    return tuple(out)


transpose_op = op("Transpose", host=("perm",), alias=True)(_transposed)
conjugate_transpose_op = op("ConjugateTranspose", host=("perm",), alias=True)(_transposed)


@transpose_op.kernel
def _transpose(x: torch.Tensor, perm: list[int]) -> torch.Tensor:
    return x.permute(perm)


@conjugate_transpose_op.kernel
def _conjugate_transpose(x: torch.Tensor, perm: list[int]) -> torch.Tensor:
    return x.permute(perm).conj_physical()


@transpose_op.failure
@conjugate_transpose_op.failure
def _transpose_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    x, perm = args
    rank = len(x.shape)
    if not isinstance(perm, list):
        return "perm must be rank 1, got shape []"
    if len(perm) != rank:
        return f"transpose expects a vector of size {rank}. But input(1) is a vector of size {len(perm)}"
    for p in perm:
        if not -rank <= p < rank:
            return f"{p} is out of range [0 .. {rank})"
    present = {p % rank for p in perm}
    missing = next((i for i in range(rank) if i not in present), None)
    return None if missing is None else f"{missing} is missing from {{{','.join(map(str, perm))}}}."


moves(transpose_op, 0)


@transpose_op.gradient
def _transpose_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return transpose(dy, invert_permutation_op(node.inputs[1])), None


@conjugate_transpose_op.gradient
def _conjugate_transpose_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return transpose(dy, invert_permutation_op(node.inputs[1]), conjugate=True), None


@transpose_op.samples
def _transpose_samples() -> Iterator[Sample]:
    yield sample(real(2, 3, 4), fixed([2, 0, 1]))
    yield sample(real(3), fixed([0]))
    yield sample(real(), fixed(np.zeros(0, np.int32)))


@conjugate_transpose_op.samples
def _conjugate_transpose_samples() -> Iterator[Sample]:
    yield sample(complex_(2, 3), fixed([1, 0]))


@op("InvertPermutation", host=("x",))
def invert_permutation_op(c: ShapeContext) -> Shape:
    return with_rank(c.shape(0), 1)


@invert_permutation_op.kernel
def _invert_permutation(x: list[int], *, T: Any, device: Any) -> torch.Tensor:
    n = len(x)
    out = [-1] * n
    for i, p in enumerate(x):
        if not 0 <= p < n:
            raise InvalidArgumentError(None, None, f"{p} is not between 0 and {n}")
        if out[p] != -1:
            raise InvalidArgumentError(None, None, f"{p} is duplicated in the input.")
        out[p] = i
    return torch.tensor(out, dtype=T.torch, device=device)


invert_permutation_op.gradient(NOT_DIFFERENTIABLE)


@invert_permutation_op.samples
def _invert_permutation_samples() -> Iterator[Sample]:
    yield sample(fixed([2, 0, 3, 1]))


@export("invert_permutation", "math.invert_permutation")
def invert_permutation(x: Any, name: str | None = None) -> Tensor:
    """The permutation y with `y[x[i]] == i`. Raises InvalidArgumentError when x is no permutation of 0..n-1."""
    return invert_permutation_op(x, name=name)


@export("transpose")
def transpose(a: Any, perm: Any = None, name: str | None = "transpose", conjugate: bool = False) -> Tensor:
    """Reorders the axes of a tensor (the last first, without `perm`); conjugates complex values on request.

    Shapes: [d_0, ..., d_n] -> [d_perm[0], ..., d_perm[n]].
    """
    with name_scope(name, "transpose", [a]) as scope:
        chosen = conjugate_transpose_op if conjugate and a.dtype.is_complex else transpose_op
        if perm is not None:
            return chosen(a, perm, name=scope)
        a = conversion.to_tensor(a, name="a")
        rank = None if a._dims is None else len(a._dims)
        if not rank:  # an unknown rank, and (as in TF) rank 0
            nodes = shapes.rank_op(a)
            perm = (nodes - 1) - get_op("Range")(0, nodes, 1)
        else:
            perm = (rank - 1) - np.arange(rank)
        out = chosen(a, perm, name=scope)
        if a._dims is not None:
            out.set_shape(a._dims[::-1])
        return out


@export(v2=("transpose",))
def transpose_v2(a: Any, perm: Any = None, conjugate: bool = False, name: str | None = "transpose") -> Tensor:
    """Reorders the axes of a tensor."""
    return transpose(a, perm, name, conjugate)


@export("linalg.matrix_transpose", "linalg.transpose", "matrix_transpose")
def matrix_transpose(a: Any, name: str | None = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """Swaps the last two axes.

    Raises: ValueError for a tensor of rank below 2.
    """
    with name_scope(name, values=[a]):
        a = conversion.to_tensor(a, name="a")
        dims = a._dims
        if dims is not None:
            n = len(dims)
            if n < 2:
                raise ValueError(f"Argument 'a' should be a (batch) matrix, with rank >= 2.  Found: {a.shape}")
            perm: Any = [*range(n - 2), n - 1, n - 2]
        else:
            rank = shapes.rank(a)
            perm = arrays.concat((get_op("Range")(0, rank - 2, 1), [rank - 1, rank - 2]), 0)
        return transpose(a, perm=perm, conjugate=conjugate)


# --- reverse -------------------------------------------------------------------------------------------------------


def _at_most_eight(dims: Shape) -> None:
    if dims is not None and len(dims) > 8:
        raise ShapeError("reverse does not work on tensors with more than 8 dimensions")


@op("ReverseV2", host=("axis",))
def reverse_v2_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 1)
    dims = c.shape(0)
    _at_most_eight(dims)
    axes = c.value(1)
    if axes is not None and dims is not None:
        rank = len(dims)
        seen = set()
        for i, axis in enumerate(axes.tolist()):
            at = axis + rank if axis < 0 else axis
            if not 0 <= at < rank:
                raise ShapeError(f"'axis'[{i}] = {axis} is out of valid range [0, {rank - 1}")
            if at in seen:
                raise ShapeError(f"axis {at} specified more than once.")
            seen.add(at)
    return dims


@reverse_v2_op.kernel
def _reverse_v2(tensor: torch.Tensor, axis: list[int]) -> torch.Tensor:
    return torch.flip(tensor, axis)


@reverse_v2_op.failure
def _reverse_v2_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    tensor, axes = args
    rank = len(tensor.shape)
    seen = set()
    for i, axis in enumerate(axes):
        at = axis + rank if axis < 0 else axis
        if not 0 <= at < rank:
            return f"'axis'[{i}] = {axis} is out of valid range [0, {rank - 1}"
        if at in seen:
            return f"axis {at} specified more than once."
        seen.add(at)
    return None


moves(reverse_v2_op, 0)


@reverse_v2_op.gradient
def _reverse_v2_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return reverse_v2_op(dy, node.inputs[1]), None


@reverse_v2_op.samples
def _reverse_v2_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed([-1]))
    yield sample(real(2, 3), fixed([0, 1]))
    yield sample(real(2, 3), fixed(np.zeros(0, np.int32)))


@export("reverse", "reverse_v2", "manip.reverse")
def reverse(tensor: Any, axis: Any, name: str | None = None) -> Tensor:
    """The tensor with the order of elements turned round along each axis of the vector `axis`."""
    return reverse_v2_op(tensor, axis, name=name)


@op("Reverse", host=("dims",))
def reverse_op(c: ShapeContext) -> Shape:
    flags = with_rank(c.shape(1), 1)
    dims = c.shape(0)
    if flags[0] is not None:
        dims = with_rank(dims, flags[0])
    _at_most_eight(dims)
    return dims


@reverse_op.kernel
def _reverse(tensor: torch.Tensor, dims: list[bool]) -> torch.Tensor:
    if len(dims) != tensor.dim():
        raise InvalidArgumentError(
            None, None, f"reverse 'dims'.size() must equal 'tensor'.dims() == {tensor.dim()}, got {len(dims)}"
        )
    return torch.flip(tensor, [i for i, d in enumerate(dims) if d])


moves(reverse_op, 0)


@reverse_op.gradient
def _reverse_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return reverse_op(dy, node.inputs[1]), None


@reverse_op.samples
def _reverse_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed([False, True]))




@op("ReverseSequence")
def reverse_sequence_op(c: ShapeContext) -> Shape:
    dims = c.shape(0)
    lengths = with_rank(c.shape(1), 1)
    if dims is None:
        return None
    seq, batch = c.attrs["seq_dim"], c.attrs["batch_dim"]
    rank = len(dims)
    if batch >= rank:
        raise ShapeError(f"batch_dim must be < input rank: {batch} vs. {rank}")
    if seq >= rank:
        raise ShapeError(f"seq_dim must be < input rank: {seq} vs. {rank}")
    if batch < 0:
        raise ShapeError(f"batch_dim must be >=0, got {batch}")
    return (*dims[:batch], merge_dim(dims[batch], lengths[0]), *dims[batch + 1 :])


@reverse_sequence_op.kernel
def _reverse_sequence(
    input: torch.Tensor, seq_lengths: torch.Tensor, *, seq_dim: int, batch_dim: int
) -> torch.Tensor:
    if seq_dim == batch_dim:
        raise InvalidArgumentError(None, None, f"batch_dim == seq_dim == {seq_dim}")
    rank = input.dim()
    if not 0 <= seq_dim < rank:
        raise InvalidArgumentError(None, None, f"seq_dim must be < input.dims()( {seq_dim} vs. {rank})")
    if not 0 <= batch_dim < rank:
        raise InvalidArgumentError(None, None, f"batch_dim must be < input.dims()( {batch_dim} vs. {rank})")
    batch, steps = input.shape[batch_dim], input.shape[seq_dim]
    if seq_lengths.shape[0] != batch:
        raise InvalidArgumentError(
            None, None, f"len(seq_lens) != input.dims({batch_dim}), ({seq_lengths.shape[0]} vs. {batch})"
        )
    lengths = seq_lengths.to(torch.int64)
    if batch:
        low, high = int(lengths.min()), int(lengths.max())
        if low < 0:
            at = int((lengths < 0).nonzero()[0])
            raise InvalidArgumentError(None, None, f"seq_lens({at}) < 0")
        if high > steps:
            at = int((lengths > steps).nonzero()[0])
            raise InvalidArgumentError(None, None, f"seq_lens({at}) > input.dims({seq_dim})")
    step = torch.arange(steps, device=input.device)
    column = lengths.unsqueeze(1)
    source = torch.where(step < column, column - 1 - step, step)
    rows = torch.arange(batch, device=input.device).unsqueeze(1)
    return input.movedim((batch_dim, seq_dim), (0, 1))[rows, source].movedim((0, 1), (batch_dim, seq_dim))


moves(reverse_sequence_op, 0)


@reverse_sequence_op.gradient
def _reverse_sequence_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    attrs = node._attrs
    return reverse_sequence_op(dy, node.inputs[1], seq_dim=attrs["seq_dim"], batch_dim=attrs["batch_dim"]), None


@reverse_sequence_op.samples
def _reverse_sequence_samples() -> Iterator[Sample]:
    yield sample(real(3, 4, 2), fixed([2, 4, 0]), seq_dim=1, batch_dim=0)
    yield sample(real(4, 2), fixed([3, 1]), seq_dim=0, batch_dim=1)


@export("reverse_sequence")
def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_axis: Any = None,
    batch_axis: Any = None,
    name: str | None = None,
    seq_dim: Any = None,
    batch_dim: Any = None,
) -> Tensor:
    """Turns round the first `seq_lengths[i]` steps along `seq_axis` of entry i along `batch_axis`."""
    seq_axis = shapes.renamed_argument("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch_axis = shapes.renamed_argument("batch_axis", batch_axis, "batch_dim", batch_dim)
    return reverse_sequence_op(
        input, seq_lengths, seq_dim=seq_axis, batch_dim=0 if batch_axis is None else batch_axis, name=name
    )


@export(v2=("reverse_sequence",))
def reverse_sequence_v2(
    input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None, name: str | None = None
) -> Tensor:
    """Turns round the first `seq_lengths[i]` steps along `seq_axis` of entry i along `batch_axis`."""
    return reverse_sequence(input, seq_lengths, seq_axis, batch_axis, name)


# --- roll ----------------------------------------------------------------------------------------------------------


@op("Roll", host=("shift", "axis"))
def roll_op(c: ShapeContext) -> Shape:
    at_least_rank(c.shape(0), 1)
    at_most_rank(c.shape(1), 1)
    at_most_rank(c.shape(2), 1)
    merge(c.shape(1), c.shape(2))
    return unchanged(c)


@roll_op.kernel
def _roll(input: torch.Tensor, shift: Any, axis: Any) -> torch.Tensor:
    rank = input.dim()
    if rank < 1:
        raise InvalidArgumentError(None, None, "input must be 1-D or higher")
    for label, value in (("shift", shift), ("axis", axis)):
        if np.ndim(value) > 1:
            found = ",".join(map(str, np.shape(value)))
            raise InvalidArgumentError(None, None, f"{label} must be a scalar or a 1-D vector. Found: [{found}]")
    axes = axis if isinstance(axis, list) else [axis]
    shifts = shift if isinstance(shift, list) else [shift]
    if len(axes) != len(shifts):
        raise InvalidArgumentError(None, None, "shift and axis must have the same size")
    for a in axes:
        if not -rank <= a < rank:
            raise InvalidArgumentError(None, None, f"axis {a + rank if a < 0 else a} is out of range")
    return torch.roll(input, shifts, axes)


moves(roll_op, 0)


@roll_op.gradient
def _roll_grad(node: Any, dy: Any) -> tuple[Tensor, None, None]:
    _, shift, axis = node.inputs
    return roll_op(dy, -shift, axis), None, None


@roll_op.samples
def _roll_samples() -> Iterator[Sample]:
    yield sample(real(5), fixed(2), fixed(0))
    yield sample(real(2, 3), fixed([-1, 1, 1]), fixed([0, 1, 1]))


@export("roll", "manip.roll")
def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Tensor:
    """Shifts elements along axes; those that leave at one end come back at the other."""
    return roll_op(input, shift, axis, name=name)


