"""Constant folding and shape specialisation: what the shapes of the feeds settle is computed once."""

from __future__ import annotations

import math

import numpy as np

from tfcompat.framework import dtypes
from tfcompat.framework.constant_value import run_kernel_on
from tfcompat.framework.op import Shape, ShapeContext
from tfcompat.runtime.program import Instr, Program, Value

# Larger results are cheaper to compute in each run than to keep for ever.
_MAX_FOLDED = 1 << 16
_FROM_SHAPE = frozenset({"Shape", "ShapeN", "Size", "Rank"})


def fold_constants(program: Program) -> Program:
    """Infers shapes again from those of the feeds, and evaluates pure instructions whose inputs are all known."""
    kept = []
    fetched = set(program.fetches)
    for instr in program.instrs:
        _infer(instr)
        asked = instr.node in program.ordered or any(v in fetched for v in instr.outputs)
        if asked and instr.op.type in _FROM_SHAPE and any(_reads_variable(v) for v in instr.inputs):
            # Whoever asks a variable without a value for its shape is to hear of it.
            kept.append(instr)
            continue
        if not _fold(instr):
            kept.append(instr)
    return program.replace(kept)


class _Lookup:
    __slots__ = ("inputs",)

    def __init__(self, inputs: list[Value]) -> None:
        self.inputs = inputs

    def __call__(self, i: int) -> np.ndarray | None:
        return self.inputs[i].const

    def partial(self, i: int) -> Shape:
        return None


def _infer(instr: Instr) -> None:
    """Refines output shapes; a rule that fails here fails in the run, where the error can be explained."""
    rule = instr.op.shape_fn
    if rule is None or all(v.dims is not None and None not in v.dims for v in instr.outputs):
        return
    context = ShapeContext(
        instr.op.type,
        [v.dims for v in instr.inputs],
        [v.dtype for v in instr.inputs],
        instr.attrs,
        _Lookup(instr.inputs),
        [v.handle for v in instr.inputs],
    )
    try:
        found = rule(context)
    except Exception:
        return
    for v, dims in zip(instr.outputs, found if isinstance(found, list) else [found], strict=True):
        v.dims = _more_known(v.dims, dims)


def _more_known(old: Shape, new: Shape) -> Shape:
    if new is None:
        return old
    if old is None or len(old) != len(new):
        return new
    return tuple(o if n is None else n for o, n in zip(old, new, strict=True))


def _fold(instr: Instr) -> bool:
    """Turns the outputs into constants where possible; says whether the instruction is done with."""
    kind = instr.op.type
    if kind == "Const":
        instr.outputs[0].const = instr.attrs["value"]
        return True
    if kind in _FROM_SHAPE:
        return _fold_shape(instr)
    op = instr.op
    if op.kernel_fn is None or op.is_stateful or not instr.inputs or not instr.outputs:
        return False
    for v in instr.inputs:
        if v.const is None or v.const.size > _MAX_FOLDED:
            return False
    for v in instr.outputs:
        if v.dtype.torch is None and v.dtype is not dtypes.string:
            return False
        if v.dims is not None and None not in v.dims and math.prod(d or 0 for d in v.dims) > _MAX_FOLDED:
            return False
    try:
        results = run_kernel_on(
            op, instr.attrs, [(v.const, v.dtype) for v in instr.inputs], [v.dtype for v in instr.outputs]
        )
    except Exception:  # reported by the run itself, with the node and its inputs
        return False
    for v, result in zip(instr.outputs, results, strict=True):
        v.const = result
        v.dims = result.shape
    return True


def _fold_shape(instr: Instr) -> bool:
    kind = instr.op.type
    dims = [v.dims for v in instr.inputs]
    if kind == "Rank":
        if dims[0] is None:
            return False
        instr.outputs[0].const = np.array(len(dims[0]), np.int32)
        return True
    if any(d is None or None in d for d in dims):
        return False
    for v, d in zip(instr.outputs, dims, strict=True):
        kind_np = v.dtype.as_numpy_dtype
        v.const = np.array(math.prod(n or 0 for n in d or ()) if kind == "Size" else d, kind_np)
        v.dims = v.const.shape
    return True


def _reads_variable(v: Value) -> bool:
    source = v.instr
    return v.dtype._is_ref_dtype or (
        source is not None and source.op.type == "Identity" and source.inputs[0].dtype._is_ref_dtype
    )
