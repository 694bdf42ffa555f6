"""Drops what nothing needs any more after other passes."""

from __future__ import annotations

from tfcompat.runtime.program import Program, Value


def prune(program: Program) -> Program:
    """Removes pure instructions that nobody waits for and whose outputs nobody reads."""
    needed: set[Value] = set(program.fetches)
    ordered = program.ordered
    kept = []
    for instr in reversed(program.instrs):
        if (
            instr.op.is_stateful
            or not instr.outputs
            or instr.node in ordered
            or any(v in needed for v in instr.outputs)
        ):
            kept.append(instr)
            needed.update(v for v in instr.inputs if v.const is None)
    kept.reverse()
    return program.replace(kept)
