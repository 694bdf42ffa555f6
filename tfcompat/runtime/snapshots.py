"""Which reads of a variable must copy, because a later write in the same run would change what was read.

Kernels write variables in place, and what they read is the variable's own memory. That is right while nobody looks at
an old value after a write, which is the rule; where a plan breaks it, the instruction that gave the memory out copies.
A reference variable's aliases (Identity, Reshape) do see later writes, as in TensorFlow; views that TensorFlow would
have copied (a transpose, a slice) do not.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.runtime.program import Instr, Program, Value

# Ops whose output shares its input's memory in TensorFlow too.
_PASSED_ON = frozenset(
    "Identity IdentityN RefIdentity Reshape ExpandDims Squeeze StopGradient PreventGradient Bitcast EnsureShape Switch "
    "Merge RefSwitch RefMerge RefSelect PlaceholderWithDefault Enter Exit NextIteration".split()
)
# Ops that keep a tensor beyond the run, and those that keep it until a later instruction of the run.
_KEEPS_FOR_EVER = ("Queue", "Stage", "MapStage", "OrderedMapStage", "Barrier", "LookupTable", "TensorDataset")
_KEEPS_FOR_THE_RUN = ("TensorArray", "TensorList", "Stack")

# A piece of variable memory: the variable, and the instruction that can copy it (None: an alias by right).
Memory = tuple[Any, Instr | None]


def copies_needed(program: Program, known: Mapping[Value, Any]) -> set[Instr]:
    """The instructions whose outputs must be copies. `known` gives the resource that a handle's value stands for."""
    scan = _Scan(program, known)
    if not scan.memory:
        return set()
    return scan.endangered()


class _Scan:
    """One walk over the program: what memory each value shows, and when each variable is written."""

    def __init__(self, program: Program, known: Mapping[Value, Any]) -> None:
        self.program = program
        self.known = known
        self.memory: dict[Value, set[Memory]] = {}
        self.variables: dict[Value, set[Any]] = {}
        self.position: dict[Instr, int] = {}
        self.writes: dict[Any, list[int]] = {}
        self.last_use: dict[Value, int] = {}
        self.kept: set[Value] = set()
        self.kept_for_run: set[Value] = set()
        for at, instr in enumerate(program.instrs):
            self.position[instr] = at
            self.visit(instr, at)

    def of(self, v: Value) -> set[Any]:
        """The variables that a handle or reference may stand for."""
        found = self.variables.get(v)
        if found is None:
            found = self.variables[v] = {self.known.get(v, v)}
        return found

    def visit(self, instr: Instr, at: int) -> None:
        op = instr.op
        calls = any(spec.type in ("func", "list(func)") for spec in op.definition.attrs.values())
        for v in instr.inputs:
            self.last_use[v] = at
        if op.writes or calls:
            for v in _written(instr, calls):
                for variable in self.of(v):
                    self.writes.setdefault(variable, []).append(at)
        shown: set[Memory] = set()
        pointed: set[Any] = set()
        for v in instr.inputs:
            if v.dtype.base_dtype is dtypes.resource or v.dtype._is_ref_dtype:
                pointed |= self.of(v)
        if op.type == "ReadVariableOp" or calls:
            shown |= {(variable, instr) for variable in pointed}
        if op.alias:
            for v in instr.inputs:
                shown |= self._through(instr, v)
        elif self.memory or any(v.dtype._is_ref_dtype for v in instr.inputs):
            self._note_kept(instr)
        for v in instr.outputs:
            if v.dtype.base_dtype is dtypes.resource or v.dtype._is_ref_dtype:
                self.variables[v] = pointed or {self.known.get(v, v)}
            elif shown:
                self.memory[v] = shown

    def _through(self, instr: Instr, v: Value) -> set[Memory]:
        """What an aliasing instruction shows of input v."""
        if v.dtype.base_dtype is dtypes.resource:
            return set()
        if v.dtype._is_ref_dtype:
            found: set[Memory] = {(variable, None) for variable in self.of(v)}
        else:
            found = self.memory.get(v, set())
        if instr.op.type in _PASSED_ON:
            return found
        return {(variable, instr if owner is None else owner) for variable, owner in found}

    def _note_kept(self, instr: Instr) -> None:
        kind = instr.op.type
        if kind.startswith(_KEEPS_FOR_EVER):
            self.kept.update(instr.inputs)
        elif kind.startswith(_KEEPS_FOR_THE_RUN):
            self.kept_for_run.update(instr.inputs)

    def endangered(self) -> set[Instr]:
        fetched = set(self.program.fetches)
        in_function = self.program.graph.building_function
        found: set[Instr] = set()
        for v, pieces in self.memory.items():
            for variable, owner in pieces:
                if owner is None or owner in found:
                    continue
                writes = self.writes.get(variable, ())
                escapes = v in fetched or v in self.kept_for_run
                if v in self.kept or (escapes and in_function and writes):
                    # What leaves a function may meet the function's own writes in its next call.
                    found.add(owner)
                    continue
                until = len(self.program.instrs) if escapes else self.last_use.get(v, -1)
                following = bisect.bisect_right(writes, self.position[owner])
                if following < len(writes) and writes[following] <= until:
                    found.add(owner)
        return found


def _written(instr: Instr, calls: bool) -> list[Value]:
    if calls:
        return [v for v in instr.inputs if v.dtype.base_dtype is dtypes.resource or v.dtype._is_ref_dtype]
    found = []
    at = 0
    for spec in instr.op.definition.inputs:
        n = 1
        if spec.is_list:
            n = instr.attrs[spec.number_attr] if spec.number_attr else len(instr.attrs[spec.type_list_attr])
        if spec.name in instr.op.writes:
            found.extend(instr.inputs[at : at + n])
        at += n
    return found


def copying(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel, giving out copies."""

    def copied(*args: Any) -> Any:
        result = kernel(*args)
        return [_copy(r) for r in result] if isinstance(result, (list, tuple)) else _copy(result)

    return copied


def _copy(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.clone()
    return value.copy() if isinstance(value, np.ndarray) else value
