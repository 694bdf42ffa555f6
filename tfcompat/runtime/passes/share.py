"""Common sub-expressions: equal pure instructions on equal inputs run once."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcompat.runtime.passes.prune import HARMLESS
from tfcompat.runtime.program import Instr, Program, Value


def share_equal(program: Program) -> Program:
    """Makes later equal instructions read the first one's outputs."""
    first: dict[Any, list[Value]] = {}
    instead: dict[Value, Value] = {}
    live = memory_of_variables(program)
    writes = 0
    kept = []
    for instr in program.instrs:
        if any(v in instead for v in instr.inputs):
            instr.inputs = [instead.get(v, v) for v in instr.inputs]
        if instr.op.writes or instr.op.is_stateful:
            writes += 1
        key = None if instr.node in program.ordered and instr.op.type not in HARMLESS else _key(instr)
        if key is None:
            kept.append(instr)
            continue
        if any(v in live for v in instr.inputs):
            # A reference variable's memory changes under its readers: equal only between the same two writes.
            key = (*key, writes)
        known = first.get(key)
        if known is None:
            first[key] = instr.outputs
            kept.append(instr)
        else:
            instead.update(zip(instr.outputs, known, strict=True))
    made = program.replace(kept)
    made.fetches = [instead.get(v, v) for v in program.fetches]
    return made


def memory_of_variables(program: Program) -> set[Value]:
    """The values that may be the memory of a reference variable itself, not a copy."""
    live: set[Value] = set()
    for instr in program.instrs:
        for v in instr.outputs:
            if v.dtype._is_ref_dtype:
                live.add(v)
        if instr.op.alias and any(v in live for v in instr.inputs):
            live.update(instr.outputs)
    return live


def _key(instr: Instr) -> Any:
    if instr.op.is_stateful or not instr.inputs or not instr.outputs:
        return None
    # What is read from a variable depends on when it is read.
    if any(v.dtype._is_ref_dtype or (v.dtype.torch is None and v.const is None) for v in instr.inputs):
        return None
    try:
        attrs = tuple((k, _plain(v)) for k, v in sorted(instr.attrs.items()) if k[0] != "_")
    except TypeError:
        return None
    device = instr.node._device
    inputs = tuple(_input_key(v) for v in instr.inputs)
    return (instr.op.type, device, inputs, attrs)


def _input_key(v: Value) -> Any:
    if v.const is not None and v.const.dtype != object and v.const.size <= 64:
        return (v.const.dtype.str, v.const.shape, v.const.tobytes())
    return v


def _plain(value: Any) -> Any:
    """A hashable form of an attr. Raises TypeError where there is none."""
    if isinstance(value, list):
        return tuple(_plain(v) for v in value)
    if isinstance(value, np.ndarray):
        raise TypeError
    if hasattr(value, "_tuple"):
        return ("shape", value._tuple)
    if value is True or value is False:
        return ("bool", value)
    hash(value)
    return value
