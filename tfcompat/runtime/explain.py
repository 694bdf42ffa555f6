"""From a kernel's exception to TF's error, with the node, the user's line and the inputs."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, errors
from tfcompat.runtime.program import Instr


def explain(instr: Instr, args: Sequence[Any], cause: BaseException) -> BaseException:
    """The error to raise when the kernel of `instr` failed with `cause` on `args`.

    Errors of TF's own classes keep their class and gain the node; what torch or numpy refuse is an invalid argument.
    """
    if isinstance(cause, errors.OpError):
        if cause.op is None or not getattr(cause, "_located", False):
            own: Any = type(cause)
            same: Any = cause if own is errors.OpError else own(None, instr.node, locate(instr, args, cause.message))
            same._located = True
            return same  # type: ignore[no-any-return]
        return cause
    if isinstance(cause, (KeyboardInterrupt, SystemExit)):
        return cause
    if isinstance(cause, (torch.OutOfMemoryError, MemoryError)):
        kind: Any = errors.ResourceExhaustedError
    elif isinstance(cause, NotImplementedError):
        kind = errors.UnimplementedError
    elif isinstance(
        cause, (ValueError, TypeError, RuntimeError, IndexError, OverflowError, ZeroDivisionError, ArithmeticError)
    ):
        kind = errors.InvalidArgumentError
    elif isinstance(cause, (AttributeError, AssertionError, LookupError)):
        kind = errors.InternalError  # a kernel's own mistake, or a handle to another kind of resource
    elif type(cause).__module__.startswith("google.protobuf"):
        kind = errors.InvalidArgumentError  # bytes that are no message
    else:
        return cause
    found = None
    if instr.op.failure_fn is not None:
        with contextlib.suppress(Exception):  # inputs that even the explanation does not expect
            found = instr.op.failure_fn(args, instr.attrs)
    made = kind(None, instr.node, locate(instr, args, found or str(cause)))
    made._located = True
    return made  # type: ignore[no-any-return]


def locate(instr: Instr, args: Sequence[Any], text: str) -> str:
    """TF's text, then the node, the user's line, and what each input was."""
    node = instr.node
    lines = [text, f"\t [[node {node._name} (op: {node._type}, created at {node.site or 'an unknown place'})]]"]
    for value, got in zip(instr.inputs, _flat(args), strict=False):
        lines.append(f"\t   {value.name}: expected {_expected(value)}, got {_describe(got)}")
    return "\n".join(lines)


def _flat(args: Sequence[Any]) -> list[Any]:
    out: list[Any] = []
    for a in args:
        if isinstance(a, list) and a and isinstance(a[0], (torch.Tensor, np.ndarray)):
            out.extend(a)
        else:
            out.append(a)
    return out


def _expected(value: Any) -> str:
    dims = "<unknown>" if value.dims is None else "[" + ",".join("?" if d is None else str(d) for d in value.dims) + "]"
    return f"{dims} {value.dtype.name}"


def _describe(got: Any) -> str:
    if isinstance(got, torch.Tensor):
        dtype = dtypes.from_torch(got.dtype).name
        return f"[{','.join(map(str, got.shape))}] {dtype} on {got.device}"
    if isinstance(got, np.ndarray):
        return f"[{','.join(map(str, got.shape))}] string"
    text = repr(got)
    return text if len(text) < 80 else text[:77] + "..."
