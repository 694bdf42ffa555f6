"""Kernels on unsigned integers that torch has no kernels for: computed in a wider signed type and cast back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

# torch has conversions and little else for these.
_WIDER = {torch.uint16: torch.int32, torch.uint32: torch.int64, torch.uint64: torch.int64}


def needs_widening(dtypes: Any) -> bool:
    """Whether one of the torch dtypes is among those that torch supports only in part."""
    return any(d in _WIDER for d in dtypes)


def _wide(value: Any, cause: BaseException) -> Any:
    if isinstance(value, (list, tuple)):
        return [_wide(v, cause) for v in value]
    if not isinstance(value, torch.Tensor) or value.dtype not in _WIDER:
        return value
    wide = value.to(_WIDER[value.dtype])
    if value.dtype is torch.uint64 and bool((wide < 0).any()):
        raise cause  # beyond int64: refused rather than wrong
    return wide


def _fitting(value: Any, dtype: Any) -> Any:
    if isinstance(value, torch.Tensor) and dtype in _WIDER and value.dtype is _WIDER[dtype]:
        return value.to(dtype)
    return value


def widened(kernel: Callable[..., Any], outputs: list[Any]) -> Callable[..., Any]:
    """The kernel; where torch lacks it for an unsigned type, the same over a wider one.

    `outputs` are the torch dtypes of the node's outputs.
    """

    @functools.wraps(kernel)
    def run(*args: Any) -> Any:
        try:
            return kernel(*args)
        except (NotImplementedError, RuntimeError) as cause:
            if "not implemented for" not in str(cause) and "Promotion for uint" not in str(cause):
                raise
            made = kernel(*_wide(args, cause))
        if isinstance(made, (list, tuple)):
            return [_fitting(v, d) for v, d in zip(made, outputs, strict=False)]
        return _fitting(made, outputs[0]) if outputs else made

    return run
