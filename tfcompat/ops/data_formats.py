"""Translating dimensions and per-dimension vectors from one data format into another.

Source: TF 1.15, core/kernels/data_format_ops.cc.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, op
from tfcompat.framework.samples import Sample, fixed, ints, sample
from tfcompat.framework.shape_rules import text, unchanged

data_format_dim_map_op = op("DataFormatDimMap")(unchanged)
data_format_vec_permute_op = op("DataFormatVecPermute")(unchanged)


def _refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


def _check(source: str, target: str) -> None:
    for name, letters, attr in (("Source", source, "src_format"), ("Destination", target, "dst_format")):
        if len(letters) not in (4, 5):
            raise _refuse(f"{name} format must be of length 4 or 5, received {attr} = {letters}")
    if len(set(source)) != len(source) or sorted(source) != sorted(target):
        raise _refuse(f"Destination and source format must determine a permutation, got {source} and {target}")


@data_format_dim_map_op.kernel
def _dim_map(x: torch.Tensor, *, src_format: str, dst_format: str) -> torch.Tensor:
    _check(src_format, dst_format)
    table = torch.tensor([dst_format.index(c) for c in src_format], dtype=x.dtype, device=x.device)
    return table[torch.remainder(x, len(src_format)).long()]


@data_format_vec_permute_op.kernel
def _vec_permute(x: torch.Tensor, *, src_format: str, dst_format: str) -> torch.Tensor:
    _check(src_format, dst_format)
    if x.dim() not in (1, 2):
        raise _refuse(f"input must be a vector or 2D tensor, but got shape {text(tuple(x.shape))}")
    n = x.shape[0]
    if x.dim() == 1 and n not in (4, 5):
        raise _refuse(f"1D input must be of size 4 or 5, but got shape {text(tuple(x.shape))}")
    if x.dim() == 2:
        if n != 4:
            raise _refuse(f"First dimension of 2D input must be of size 4, but got shape {text(tuple(x.shape))}")
        if x.shape[1] != 2:
            raise _refuse(f"Second dimension of 2D input must be of size 2, but got shape {text(tuple(x.shape))}")
    if n != len(src_format):
        raise _refuse(f"input of {n} entries does not fit the format {src_format}")
    return x[[src_format.index(c) for c in dst_format]]


data_format_dim_map_op.gradient(NOT_DIFFERENTIABLE)
data_format_vec_permute_op.gradient(NOT_DIFFERENTIABLE)


@data_format_dim_map_op.samples
def _dim_map_samples() -> Iterator[Sample]:
    yield sample(ints(3, low=-4, high=4))


@data_format_vec_permute_op.samples
def _vec_permute_samples() -> Iterator[Sample]:
    yield sample(ints(4))
    yield sample(fixed([[1, 2], [3, 4], [5, 6], [7, 8]]), src_format="NCHW", dst_format="HWNC")
