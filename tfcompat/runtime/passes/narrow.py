"""Conditionals and loops give only what is used, and take only what that needs.

A node may have outputs for its gradient alone. A run without the gradient does not compute them; nor does it keep the
intermediates of a loop that the gradient does not look at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor
from tfcompat.runtime.program import Instr, Value

_LOOPS = ("While", "StatelessWhile")
_CHOICES = ("If", "StatelessIf", "Case")


def narrow(instr: Instr, needed: set[Value], ordered: frozenset[Operation]) -> Instr:
    """The instruction without the outputs that nobody needs; itself where all are needed."""
    kind = instr.op.type
    if instr.node in ordered:
        return instr
    if kind in _LOOPS and hasattr(instr.attrs["body"], "inputs"):
        return _narrow_loop(instr, needed)
    if kind in _CHOICES and all(hasattr(g, "inputs") for g in _graphs(instr.attrs)):
        return _narrow_choice(instr, needed)
    return instr


def _graphs(attrs: dict[str, Any]) -> list[Any]:
    return attrs["branches"] if "branches" in attrs else [attrs["then_branch"], attrs["else_branch"]]


def _used(instr: Instr, needed: set[Value]) -> set[int]:
    """Positions of the outputs that are needed. Side effects of the others do not happen, as in TensorFlow 1.15."""
    return {i for i, v in enumerate(instr.outputs) if v in needed}


def _narrow_loop(instr: Instr, needed: set[Value]) -> Instr:
    cond, body = instr.attrs["cond"], instr.attrs["body"]
    place = {t: i for i, t in enumerate(body.inputs)}
    tested = {t: i for i, t in enumerate(cond.inputs)}
    live = _used(instr, needed) | _reached([cond.outputs[0]], tested, {})
    todo = list(live)
    seen: dict[Operation, None] = {}
    while todo:
        found = _reached([body.outputs[todo.pop()]], place, seen)
        todo.extend(found - live)
        live |= found
    if len(live) == len(instr.inputs):
        return instr
    kept = sorted(live)
    attrs = dict(instr.attrs)
    attrs["T"] = [attrs["T"][i] for i in kept]
    attrs["_kept"] = kept
    return Instr(
        instr.node, instr.op, attrs, [instr.inputs[i] for i in kept], [instr.outputs[i] for i in kept]
    )


def _narrow_choice(instr: Instr, needed: set[Value]) -> Instr:
    kept_out = sorted(_used(instr, needed))
    kept_in: set[int] = set()
    for graph in _graphs(instr.attrs):
        place = {t: i for i, t in enumerate(graph.inputs)}
        kept_in |= _reached([graph.outputs[i] for i in kept_out], place, {})
    if len(kept_out) == len(instr.outputs) and len(kept_in) == len(instr.inputs) - 1:
        return instr
    ordered = sorted(kept_in)
    attrs = dict(instr.attrs)
    attrs["Tin"] = [attrs["Tin"][i] for i in ordered]
    attrs["Tout"] = [attrs["Tout"][i] for i in kept_out]
    attrs["_kept_in"], attrs["_kept_out"] = ordered, kept_out
    inputs = [instr.inputs[0], *(instr.inputs[1 + i] for i in ordered)]
    return Instr(instr.node, instr.op, attrs, inputs, [instr.outputs[i] for i in kept_out])


def _reached(results: Iterable[Tensor], place: dict[Tensor, int], seen: dict[Operation, None]) -> set[int]:
    """Positions of the parameters that results depend on. Operations in `seen` are not looked at again."""
    found: set[int] = set()
    stack: list[Operation] = []
    for t in results:
        at = place.get(t)
        if at is None:
            stack.append(t._op)
        else:
            found.add(at)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen[node] = None
        for t in node._inputs:
            at = place.get(t)
            if at is None:
                stack.append(t._op)
            else:
                found.add(at)
        stack.extend(c for c in node._control_inputs)
    return found
