"""Padding with a value, or with what lies next to the edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import KernelContext, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, shapes, slicing
from tfcompat.ops.movement import moves


def _padded_shape(c: ShapeContext) -> Shape:
    n, two = with_rank(c.shape(1), 2)
    if two is not None and two != 2:
        raise ShapeError(f"Dimension must be 2 but is {two}")
    dims = c.shape(0)
    if n is not None:
        dims = with_rank(dims, n)
    elif dims is not None:
        n = len(dims)
    pads = c.value(1)
    if pads is None:
        return None if n is None else (None,) * n
    if pads.size and (pads < 0).any():
        raise ShapeError("Paddings must be non-negative")
    dims = with_rank(dims, len(pads))
    return tuple(None if d is None else d + int(p.sum()) for d, p in zip(dims, pads, strict=True))


def _checked(dims: Any, paddings: list[list[int]]) -> None:
    if len(paddings) != len(dims):
        raise InvalidArgumentError(
            None,
            None,
            "The first dimension of paddings must be the rank of inputs"
            f"[{len(paddings)},2] [{','.join(map(str, dims))}]",
        )
    for before, after in paddings:
        if before < 0 or after < 0:
            raise InvalidArgumentError(None, None, f"Paddings must be non-negative: {before} {after}")


def _torch_order(paddings: list[list[int]]) -> list[int]:
    """Torch names the last axis first."""
    return [p for pair in reversed(paddings) for p in pair]


pad_op = op("Pad", host=("paddings",))(_padded_shape)


@pad_op.kernel
def _pad(input: torch.Tensor, paddings: list[list[int]]) -> torch.Tensor:
    _checked(input.shape, paddings)
    return torch.constant_pad_nd(input, _torch_order(paddings), 0)


def _build_pad(c: KernelContext) -> Any:
    pads = c.constants.get(1)
    dims = c.shapes[0]
    if pads is None or dims is None:
        return None
    _checked(dims, pads)
    order = _torch_order(pads)
    return lambda input, paddings: torch.constant_pad_nd(input, order, 0)


moves(pad_op, 0, own=_build_pad)

pad_v2_op = op("PadV2", host=("paddings", "constant_values"))(_padded_shape)


@pad_v2_op.kernel
def _pad_v2(input: Any, paddings: list[list[int]], constant_values: Any) -> Any:
    _checked(input.shape, paddings)
    if isinstance(input, torch.Tensor):
        return torch.constant_pad_nd(input, _torch_order(paddings), constant_values)
    at = torch.arange(1, input.size + 1).reshape(input.shape)
    pool = [constant_values, *input.reshape(-1)]
    found = torch.constant_pad_nd(at, _torch_order(paddings), 0).numpy()
    out = np.empty(found.shape, object)
    out.reshape(-1)[:] = [pool[i] for i in found.reshape(-1)]
    return out


@pad_op.gradient
@pad_v2_op.gradient
def _pad_grad(node: Any, dy: Any) -> list[Any]:
    x, paddings = node.inputs[0], node.inputs[1]
    before = slicing.slice(paddings, [0, 0], arrays.stack([shapes.rank(x), 1]))
    begin = shapes.reshape(before, [-1])
    dx = slicing.slice(dy, begin, shapes.shape(x))
    return [dx] + [None] * (len(node.inputs) - 1)


@pad_op.samples
def _pad_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed([[1, 0], [0, 2]]))


@pad_v2_op.samples
def _pad_v2_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), fixed([[1, 0], [0, 2]]), fixed(2.5))


# --- mirrors -------------------------------------------------------------------------------------------------------

mirror_pad_op = op("MirrorPad", host=("paddings",))(_padded_shape)


def _mirror_index(size: int, before: int, after: int, reflect: bool, device: Any) -> torch.Tensor:
    """Where in 0..size-1 each element of the padded axis comes from."""
    skip = 1 if reflect else 0
    left = range(before - 1 + skip, skip - 1, -1)
    right = range(size - 1 - skip, size - 1 - skip - after, -1)
    return torch.tensor([*left, *range(size), *right], dtype=torch.int64, device=device)


def _check_mirror(size: int, before: int, after: int, reflect: bool) -> None:
    if before < 0 or after < 0:
        raise InvalidArgumentError(None, None, f"paddings must be non-negative: {before} {after}")
    if reflect and (before >= size or after >= size):
        raise InvalidArgumentError(
            None,
            None,
            f"paddings must be less than the dimension size: {before}, {after} not less than {size}",
        )
    if before > size or after > size:
        raise InvalidArgumentError(
            None,
            None,
            f"paddings must be no greater than the dimension size: {before}, {after} greater than {size}",
        )


@mirror_pad_op.kernel
def _mirror_pad(input: torch.Tensor, paddings: list[list[int]], *, mode: str) -> torch.Tensor:
    _checked(input.shape, paddings)
    out = input
    for axis, (before, after) in enumerate(paddings):
        _check_mirror(input.shape[axis], before, after, mode == "REFLECT")
        if before or after:
            index = _mirror_index(input.shape[axis], before, after, mode == "REFLECT", input.device)
            out = out.index_select(axis, index)
    return out.clone() if out is input else out


moves(mirror_pad_op, 0)


@mirror_pad_op.gradient
def _mirror_pad_grad_rule(node: Any, dy: Any) -> tuple[Tensor, None]:
    return mirror_pad_grad_op(dy, node.inputs[1], mode=node._attrs["mode"]), None


@op("MirrorPadGrad", host=("paddings",))
def mirror_pad_grad_op(c: ShapeContext) -> Shape:
    n, _ = with_rank(c.shape(1), 2)
    if n is None:
        return None
    dims = with_rank(c.shape(0), n)
    pads = c.value(1)
    if pads is None:
        return (None,) * n
    if pads.size and (pads < 0).any():
        raise ShapeError("Paddings must be non-negative")
    return tuple(None if d is None else d - int(p.sum()) for d, p in zip(dims, pads, strict=True))


@mirror_pad_grad_op.kernel
def _mirror_pad_grad(input: torch.Tensor, paddings: list[list[int]], *, mode: str) -> torch.Tensor:
    _checked(input.shape, paddings)
    out = input
    for axis, (before, after) in enumerate(paddings):
        size = input.shape[axis] - before - after
        _check_mirror(size, before, after, mode == "REFLECT")
        if before or after:
            index = _mirror_index(size, before, after, mode == "REFLECT", input.device)
            dims = list(out.shape)
            dims[axis] = size
            out = torch.zeros(dims, dtype=out.dtype, device=out.device).index_add_(axis, index, out)
    return out.clone() if out is input else out


@mirror_pad_grad_op.gradient
def _mirror_pad_grad_grad(node: Any, dy: Any) -> tuple[Tensor, None]:
    return mirror_pad_op(dy, node.inputs[1], mode=node._attrs["mode"]), None


@mirror_pad_op.samples
def _mirror_pad_samples() -> Iterator[Sample]:
    yield sample(real(3, 4), fixed([[1, 2], [0, 3]]), mode="REFLECT")
    yield sample(real(3, 2), fixed([[3, 1], [0, 2]]), mode="SYMMETRIC")


@mirror_pad_grad_op.samples
def _mirror_pad_grad_samples() -> Iterator[Sample]:
    yield sample(real(6, 4), fixed([[1, 2], [0, 1]]), mode="REFLECT")
    yield sample(real(6, 4), fixed([[2, 1], [2, 0]]), mode="SYMMETRIC")


@export("pad")
def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0
) -> Tensor:
    """Puts `paddings[i] = [before, after]` elements around axis i: a constant, or a mirror image of the inside.

    mode: CONSTANT, REFLECT (without the edge element) or SYMMETRIC (with it), in any case of letters.
    Raises: ValueError for another mode.
    """
    kind = mode.upper()
    if kind == "CONSTANT":
        if not isinstance(constant_values, Tensor) and constant_values == 0:
            out = pad_op(tensor, paddings, name=name)
        else:
            out = pad_v2_op(tensor, paddings, constant_values, name=name)
    elif kind in ("REFLECT", "SYMMETRIC"):
        out = mirror_pad_op(tensor, paddings, mode=kind, name=name)
    else:
        raise ValueError(f"Unknown padding mode: {kind}")
    _keep_static_shape(out)
    return out


def _keep_static_shape(out: Tensor) -> None:
    """Where the paddings are partly known, their sums still give some of the dimensions."""
    source, paddings = out.op.inputs[0], out.op.inputs[1]
    if source._dims is None or (out._dims is not None and None not in out._dims):
        return
    known = _partial_rows(paddings)
    if known is None:
        return
    dims = []
    for pair, d in zip(known, source._dims, strict=False):
        unknown = d is None or pair is None or any(p is None for p in pair)
        dims.append(None if unknown else int(sum(pair)) + d)
    out.set_shape(dims)


def _partial_rows(paddings: Tensor) -> list[Any] | None:
    """The rows of a matrix packed from scalars, with None for those not known while building."""
    value = constant_value(paddings)
    if value is not None:
        return value.tolist()  # type: ignore[no-any-return]
    if paddings.op.type != "Pack" or paddings.op._attrs["axis"] != 0:
        return None
    rows = []
    for row in paddings.op.inputs:
        known = constant_value(row)
        if known is not None:
            rows.append(known.tolist())
        elif row.op.type == "Pack" and row.op._attrs["axis"] == 0:
            rows.append([None if v is None else int(v) for v in map(constant_value, row.op.inputs)])
        else:
            rows.append(None)
    return rows


@export(v2=("pad",))
def pad_v2(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None
) -> Tensor:
    """Puts elements around a tensor."""
    return pad(tensor, paddings, mode, name, constant_values)
