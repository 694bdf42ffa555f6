"""Kernels that only move elements, made to work for the dtypes torch does not move: strings and some unsigned integers.

Strings live in numpy object arrays. A kernel that moves numbers is run on positions instead, and the strings are
picked by the positions that come out; position 0 stands for what a kernel fills in, the empty string.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tfcompat.framework.op import KernelBuilder, KernelContext, Op

Kernel = Callable[..., Any]

# Torch lacks most kernels for these; the same bits under a signed type move just as well.
_SAME_BITS = {torch.uint16: torch.int16, torch.uint32: torch.int32, torch.uint64: torch.int64}


def moves(made: Op, *data: int, own: KernelBuilder | None = None) -> None:
    """Declares that the kernel of `made` only moves the elements of its arguments `data` (positions).

    own: the op's own builder of a special kernel, where it has one.
    """
    type_attr = made.definition.inputs[data[0]].type_attr

    @made.builder
    def build(c: KernelContext) -> Kernel | None:
        dtype = c.attrs[type_attr]
        special = dtype.torch is None or dtype.torch in _SAME_BITS
        if not special:
            return own(c) if own is not None else None
        kernel = own(c) if own is not None else None
        if kernel is None:
            assert made.kernel_fn is not None
            attrs = {k: c.device if k == "device" else c.attrs[k] for k in made.kernel_attrs}
            kernel = functools.partial(made.kernel_fn, **attrs)
        if dtype.torch is None:
            return _by_positions(kernel, data)
        return _by_bits(kernel, data, dtype.torch)


def _by_positions(kernel: Kernel, data: tuple[int, ...]) -> Kernel:
    def run(*args: Any) -> Any:
        pool: list[np.ndarray] = [np.array([b""], object)]
        size = 1

        def positions(array: Any) -> torch.Tensor:
            nonlocal size
            array = np.asarray(array, object)
            pool.append(array.reshape(-1))
            found = torch.arange(size, size + array.size).reshape(array.shape)
            size += array.size
            return found

        moved = list(args)
        for i in data:
            moved[i] = [positions(a) for a in args[i]] if isinstance(args[i], list) else positions(args[i])
        result = kernel(*moved)
        every = np.concatenate(pool)
        if isinstance(result, torch.Tensor):
            return np.asarray(every[result.numpy()], object)
        return [np.asarray(every[r.numpy()], object) for r in result]

    return run


def _by_bits(kernel: Kernel, data: tuple[int, ...], dtype: torch.dtype) -> Kernel:
    signed = _SAME_BITS[dtype]

    def run(*args: Any) -> Any:
        moved = list(args)
        for i in data:
            moved[i] = [a.view(signed) for a in args[i]] if isinstance(args[i], list) else args[i].view(signed)
        result = kernel(*moved)
        if isinstance(result, torch.Tensor):
            return result.view(dtype)
        return [r.view(dtype) for r in result]

    return run
