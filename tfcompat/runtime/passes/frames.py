"""Conditionals and loops of imported graphs: Switch and Merge, Enter, Exit and NextIteration.

Each loop becomes one instruction that runs its rounds. What may lie on a side that is not taken is guarded: with a DEAD
input, or after a DEAD node, it gives DEAD and does nothing. Programs without such nodes pass through untouched.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import KernelContext, Op
from tfcompat.framework.operation import Operation
from tfcompat.ops.frames import DEAD
from tfcompat.runtime.program import Instr, Program, Value

_ENTER = frozenset(("Enter", "RefEnter"))
_EXIT = frozenset(("Exit", "RefExit"))
_NEXT = frozenset(("NextIteration", "RefNextIteration"))
_SWITCH = frozenset(("Switch", "RefSwitch"))
_MERGE = frozenset(("Merge", "RefMerge"))
_ALL = _ENTER | _EXIT | _NEXT | _SWITCH | _MERGE


class _Inside:
    """Stands for the graph of a program inside another one."""

    building_function = True


def structure(program: Program) -> Program:
    """Makes loops into instructions and guards what may be dead."""
    if not any(instr.op.type in _ALL for instr in program.instrs):
        return program
    instrs = _with_loops(program)
    made = program.replace(_Guards(instrs, program).run())
    if not isinstance(program.graph, _Inside):
        made.fetches = [_checked(v, made.instrs) for v in program.fetches]
    return made


def _opaque(node: Operation, inputs: list[Value], outputs: list[Value], build: Any) -> Instr:
    """An instruction with effects, whose kernel takes a list and returns one."""
    made = Op("StatefulPartitionedCall", None, stateful=True)
    made.build_fn = build
    attrs = {"Tin": [v.dtype for v in inputs], "Tout": [v.dtype for v in outputs]}
    return Instr(node, made, attrs, inputs, outputs)


def _checked(v: Value, instrs: list[Instr]) -> Value:
    """The value of a fetch; a dead one is an error."""
    out = Value(v.name, v.dtype, v.dims, v.handle)

    def build(c: KernelContext) -> Any:
        def check(args: list[Any]) -> list[Any]:
            if args[0] is DEAD:
                raise InvalidArgumentError(None, None, "Retval[0] does not have value")
            return args

        return check

    if v.instr is None:
        return v
    instrs.append(_opaque(v.instr.node, [v], [out], build))
    return out


# --- loops -----------------------------------------------------------------------------------------------------


def _with_loops(program: Program) -> list[Instr]:
    """The instructions in a running order, each outermost loop as one."""
    by_node = {instr.node: instr for instr in program.instrs}
    frames = _frames(program.instrs, by_node)
    members: dict[str, list[Instr]] = {}
    outside: list[Instr] = []
    for instr in program.instrs:
        path = frames[instr]
        if path:
            members.setdefault(path[0], []).append(instr)
        else:
            outside.append(instr)
    if not members:
        return program.instrs
    loop_of: dict[Instr, Instr] = {}
    made = []
    for group in members.values():
        loop = _loop(group, frames)
        made.append(loop)
        loop_of.update(dict.fromkeys(group, loop))
    return _in_order(outside, made, loop_of, by_node, program.instrs)


def _frames(instrs: Iterable[Instr], by_node: dict[Operation, Instr]) -> dict[Instr, tuple[str, ...]]:
    """The loops that each instruction runs in, outermost first. Raises: InvalidArgumentError for a mixture."""
    frames: dict[Instr, tuple[str, ...]] = {}

    def around(instr: Instr | None) -> tuple[str, ...] | None:
        path = None if instr is None else frames.get(instr)
        return path[:-1] if path and instr.op.type in _EXIT else path  # type: ignore[union-attr]

    for instr in instrs:
        found = [p for p in (around(v.instr) for v in instr.inputs) if p is not None]
        if any(p != found[0] for p in found[1:]):
            names = ", ".join("/".join(p) for p in found)
            raise InvalidArgumentError(
                None, instr.node, f"{{{{node {instr.node._name}}}}} has inputs from different frames: '{names}'"
            )
        controls = [p for p in (around(by_node.get(c)) for c in instr.node._control_inputs) if p is not None]
        path = max([*found, *controls, ()], key=len)
        if instr.op.type in _ENTER:
            name = instr.attrs["frame_name"]
            path = (*path, name.decode() if isinstance(name, bytes) else name)
        frames[instr] = path
    return frames


def _in_order(
    outside: list[Instr],
    loops: list[Instr],
    loop_of: dict[Instr, Instr],
    by_node: dict[Operation, Instr],
    original: list[Instr],
) -> list[Instr]:
    """Dependencies first, otherwise as the program was written."""
    place = {instr: i for i, instr in enumerate(original)}
    first = {loop: min(place[m] for m in loop_of if loop_of[m] is loop) for loop in loops}
    place.update(first)
    nodes: dict[Instr, list[Instr]] = {}
    for member, loop in loop_of.items():
        nodes.setdefault(loop, []).append(member)

    def needs(instr: Instr) -> list[Instr]:
        found: set[Instr] = set()
        for part in nodes.get(instr, [instr]):
            sources = [v.instr for v in part.inputs]
            sources += [by_node.get(c) for c in part.node._control_inputs]
            for source in sources:
                if source is not None:
                    source = loop_of.get(source, source)
                    if source is not instr and source in place:
                        found.add(source)
        return sorted(found, key=lambda i: place[i])

    done: dict[Instr, bool] = {}
    out: list[Instr] = []
    for root in sorted([*outside, *loops], key=lambda i: place[i]):
        if root in done:
            continue
        done[root] = False
        stack = [(root, iter(needs(root)))]
        while stack:
            instr, rest = stack[-1]
            for need in rest:
                if need not in done:
                    done[need] = False
                    stack.append((need, iter(needs(need))))
                    break
            else:
                done[instr] = True
                out.append(instr)
                stack.pop()
    return out


def _loop(group: list[Instr], frames: dict[Instr, tuple[str, ...]]) -> Instr:
    """One outermost loop as an instruction from what enters it to what leaves it."""
    own = [i for i in group if len(frames[i]) == 1]
    enters = [i for i in own if i.op.type in _ENTER]
    exits = [i for i in own if i.op.type in _EXIT]
    merges = [
        i for i in own
        if i.op.type in _MERGE and any(v.instr is not None and v.instr.op.type in _NEXT for v in i.inputs)
    ]
    constants = [i for i in enters if i.attrs["is_constant"]]
    apart = {*enters, *exits, *merges, *(i for i in own if i.op.type in _NEXT)}
    first, following = [], []
    for merge in merges:
        for v in merge.inputs:
            assert v.instr is not None
            if v.instr.op.type in _NEXT:
                following.append(v.instr.inputs[0])
            else:
                first.append(v.instr.inputs[0])
    feeds = [m.outputs[0] for m in merges] + [m.outputs[1] for m in merges] + [c.outputs[0] for c in constants]
    inner = Program(
        _Inside(),  # type: ignore[arg-type]
        [i for i in group if i not in apart],
        feeds,
        following + [e.inputs[0] for e in exits],
    )
    n, n_exits = len(merges), len(exits)

    def build(c: KernelContext) -> Any:
        step = c.session.compile_program(inner)
        indices = [[torch.tensor(i, dtype=torch.int32)] * n for i in (0, 1)]

        def run(args: list[Any]) -> list[Any]:
            if any(a is DEAD for a in args):
                return [DEAD] * n_exits
            values, fixed = args[:n], args[n:]
            index = indices[0]
            while True:
                out = step([*values, *index, *fixed])
                values = out[:n]
                if all(v is DEAD for v in values):
                    return out[n:]  # type: ignore[no-any-return]
                index = indices[1]

        return run

    node = (exits or merges or group)[0].node
    inputs = first + [c.inputs[0] for c in constants]
    return _opaque(node, inputs, [e.outputs[0] for e in exits], build)


# --- what may be dead ------------------------------------------------------------------------------------------


class _Guards:
    """Wraps the instructions that depend on one side of a Switch."""

    def __init__(self, instrs: list[Instr], program: Program) -> None:
        self.instrs = instrs
        self.maybe_dead: set[Value] = set()
        # For each node that may be dead, a value that says so.
        self.flags: dict[Operation, Value] = {}
        if isinstance(program.graph, _Inside):
            self.maybe_dead.update(v for v in program.feeds if v.instr is None)

    def run(self) -> list[Instr]:
        return [self.guarded(instr) for instr in self.instrs]

    def guarded(self, instr: Instr) -> Instr:
        kind = instr.op.type
        flags = [self.flags[c] for c in instr.node._control_inputs if c in self.flags]
        dead = bool(flags) or any(v in self.maybe_dead for v in instr.inputs)
        if kind in _SWITCH or kind in _MERGE:
            self.maybe_dead.update(instr.outputs)
            if kind in _MERGE:
                self.flags[instr.node] = instr.outputs[0]
            if not (flags and kind in _SWITCH):
                return instr
        if not dead:
            return instr
        self.maybe_dead.update(instr.outputs)
        flag = Value(instr.node._name + ":alive", dtypes.bool, ())
        self.flags[instr.node] = flag
        return _guard(instr, flags, flag)


def _guard(instr: Instr, flags: list[Value], flag: Value) -> Instr:
    outputs = list(instr.outputs)
    # Inside, the instruction works on values of its own; a value has one maker.
    inside = [Value(v.name, v.dtype, v.dims, v.handle) for v in outputs]
    feeds = list(dict.fromkeys(instr.inputs))
    alone = Instr(instr.node, instr.op, instr.attrs, list(instr.inputs), inside)
    program = Program(_Inside(), [alone], feeds, inside, [instr.node])  # type: ignore[arg-type]
    n, count = len(feeds), len(outputs) + 1
    alive = torch.tensor(True)

    def build(c: KernelContext) -> Any:
        call = c.session.compile_program(program)

        def run(args: list[Any]) -> list[Any]:
            for a in args:
                if a is DEAD:
                    return [DEAD] * count
            return [*call(args[:n]), alive]

        return run

    return _opaque(instr.node, feeds + flags, [*outputs, flag], build)
