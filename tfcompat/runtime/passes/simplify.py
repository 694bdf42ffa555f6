"""Instructions that change nothing: with the shapes of this run known, many casts, reshapes and sums pass values on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfcompat.runtime.program import Instr, Program, Value

Rule = Callable[[Instr], Value | None]


def simplify(program: Program) -> Program:
    """Lets the readers of an instruction that changes nothing read its input instead."""
    instead: dict[Value, Value] = {}
    kept = []
    # A sub-graph tells a variable from its value, so reads of variables stay where there are calls.
    calls = any(_is_call(instr) for instr in program.instrs)
    for instr in program.instrs:
        if instead and any(v in instead for v in instr.inputs):
            instr.inputs = [instead.get(v, v) for v in instr.inputs]
        rule = RULES.get(instr.op.type)
        same = None if rule is None else rule(instr)
        if same is None or (calls and same.dtype._is_ref_dtype):
            kept.append(instr)
        else:
            instead[instr.outputs[0]] = same
    made = program.replace(kept)
    made.fetches = [instead.get(v, v) for v in program.fetches]
    return made


def _is_call(instr: Instr) -> bool:
    return any(spec.type in ("func", "list(func)") for spec in instr.op.definition.attrs.values())


def _known(v: Value) -> bool:
    return v.dims is not None and None not in v.dims


def _passed_on(instr: Instr) -> Value | None:
    return instr.inputs[0]


def _same_shape(instr: Instr) -> Value | None:
    """Reshape, BroadcastTo, Tile: nothing to do when the shape stays what it is."""
    x, y = instr.inputs[0], instr.outputs[0]
    return x if _known(x) and x.dims == y.dims else None


def _same_type(instr: Instr) -> Value | None:
    return instr.inputs[0] if instr.attrs["SrcT"] is instr.attrs["DstT"] else None


def _reduces_nothing(instr: Instr) -> Value | None:
    """A reduction over no axis at all."""
    axes = instr.inputs[1].const
    return instr.inputs[0] if axes is not None and axes.size == 0 else None


def _in_order(instr: Instr) -> Value | None:
    perm = instr.inputs[1].const
    return instr.inputs[0] if perm is not None and np.array_equal(perm, np.arange(perm.size)) else None


def _is_filled_with(v: Value, number: int) -> bool:
    return v.const is not None and v.const.dtype != object and v.const.size == 1 and bool((v.const == number).all())


def _times_one(instr: Instr) -> Value | None:
    """x * 1 and 1 * x, bit for bit x, where the one does not widen the shape."""
    x, y = instr.inputs
    out = instr.outputs[0].dims
    if _is_filled_with(y, 1) and _known(x) and x.dims == out:
        return x
    if _is_filled_with(x, 1) and _known(y) and y.dims == out:
        return y
    return None


def _by_one(instr: Instr) -> Value | None:
    x, y = instr.inputs
    return x if _is_filled_with(y, 1) and _known(x) and x.dims == instr.outputs[0].dims else None


def _minus_zero(instr: Instr) -> Value | None:
    """x - 0 is x even for a negative zero; x + 0 is not."""
    x, y = instr.inputs
    return x if _is_filled_with(y, 0) and _known(x) and x.dims == instr.outputs[0].dims else None


def _only_one(instr: Instr) -> Value | None:
    return instr.inputs[0] if len(instr.inputs) == 1 else None


RULES: dict[str, Rule] = {
    "Identity": _passed_on,
    "StopGradient": _passed_on,
    "PreventGradient": _passed_on,
    "PlaceholderWithDefault": _passed_on,
    "Reshape": _same_shape,
    "BroadcastTo": _same_shape,
    "Tile": _same_shape,
    "Squeeze": _same_shape,
    "Cast": _same_type,
    "Sum": _reduces_nothing,
    "Mean": _reduces_nothing,
    "Max": _reduces_nothing,
    "Min": _reduces_nothing,
    "Prod": _reduces_nothing,
    "Transpose": _in_order,
    "Mul": _times_one,
    "RealDiv": _by_one,
    "Sub": _minus_zero,
    "AddN": _only_one,
}
