"""DynamicStitch: one tensor put together from rows of several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.shape_rules import merge, merge_dim, text
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import gathering


def _stitched_shape(c: ShapeContext) -> Shape:
    n = len(c) // 2
    rest: Shape = None
    top, known = -1, True
    for i in range(n):
        indices, data = c.shape(i), c.shape(n + i)
        value = c.value(i)
        if value is None:
            known = False
        elif value.size:
            top = max(top, int(value.max()))
        if indices is None or data is None:
            continue
        if len(data) < len(indices):
            raise ShapeError(f"Shape must be at least rank {len(indices)} but is rank {len(data)}")
        for d, j in zip(data, indices, strict=False):
            merge_dim(d, j)
        rest = merge(rest, data[len(indices) :])
    return None if rest is None else (top + 1 if known else None, *rest)


def _check(indices: list[Any], data: list[Any]) -> None:
    first = data[0].shape[indices[0].ndim :]
    for i, (at, values) in enumerate(zip(indices, data, strict=True)):
        if values.shape[: at.ndim] != at.shape:
            raise InvalidArgumentError(
                None,
                None,
                f"data[{i}].shape = {text(tuple(values.shape))} does not start with indices[{i}].shape = "
                f"{text(tuple(at.shape))}",
            )
        if values.shape[at.ndim :] != first:
            raise InvalidArgumentError(
                None,
                None,
                f"Need data[0].shape[{indices[0].ndim}:] = data[{i}].shape[{at.ndim}:], got data[0].shape = "
                f"{text(tuple(data[0].shape))}, data[{i}].shape = {text(tuple(values.shape))}, indices[0].shape = "
                f"{text(tuple(indices[0].shape))}, indices[{i}].shape = {text(tuple(at.shape))}",
            )


def _stitch(indices: list[torch.Tensor], data: list[Any]) -> Any:
    _check(indices, data)
    rows = max((int(i.max()) + 1 for i in indices if i.numel()), default=0)
    rest = tuple(data[0].shape[indices[0].ndim :])
    strings = not isinstance(data[0], torch.Tensor)
    if strings:
        out: Any = np.full((rows, *rest), b"", dtype=object)
    else:
        out = torch.zeros((rows, *rest), dtype=data[0].dtype, device=data[0].device)
    for at, values in zip(indices, data, strict=True):
        flat = at.reshape(-1)
        if flat.numel() and int(flat.min()) < 0:
            bad = int((flat < 0).nonzero()[0])
            raise InvalidArgumentError(None, None, f"indices[{bad}] is out of range")
        picked = values.reshape(-1, *rest) if flat.numel() else values.reshape(0, *rest)
        # Of rows with one index the last one stays; torch does not promise an order within one assignment.
        last = {row: i for i, row in enumerate(flat.tolist())}
        keep = list(last.values())
        if strings:
            out[list(last)] = picked[keep]
        else:
            out[torch.tensor(list(last), dtype=torch.int64, device=out.device)] = picked[keep]
    return out


def _stitch_op(op_type: str) -> Op:
    made = op(op_type)(_stitched_shape)
    made.kernel(_stitch)

    @made.gradient
    def grad(node: Any, dy: Any) -> list[Any]:
        inputs = node.inputs[: len(node.inputs) // 2]
        return [None] * len(inputs) + [gathering.gather(dy, i) for i in inputs]

    @made.samples
    def samples() -> Iterator[Sample]:
        yield sample([fixed([0, 2]), fixed(1)], [real(2, 3), real(3)])
        yield sample([fixed([[0, 2]]), fixed([3, 1])], [real(1, 2), real(2)])

    return made


dynamic_stitch_op = _stitch_op("DynamicStitch")
parallel_dynamic_stitch_op = _stitch_op("ParallelDynamicStitch")


@export("dynamic_stitch", v2=("dynamic_stitch",))
def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """`merged[indices[m][i...]] = data[m][i...]`; of several values for one row the last stays.

    Shapes: data[m] = indices[m] shape + rest -> [largest index + 1] + rest.
    """
    return dynamic_stitch_op(indices, data, name=name)
