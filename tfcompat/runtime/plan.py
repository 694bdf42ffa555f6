"""Plan: a program bound to kernels, slots and a session's state, ready for an executor."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import values
from tfcompat.framework.constant_value import kernel_kwargs
from tfcompat.framework.errors import FailedPreconditionError, UnimplementedError
from tfcompat.framework.op import Fixed, KernelContext
from tfcompat.runtime.explain import explain
from tfcompat.runtime.passes import PASSES
from tfcompat.runtime.program import Instr, Program, Value
from tfcompat.runtime.resources import VariableCell
from tfcompat.runtime.snapshots import copies_needed, copying
from tfcompat.runtime.widening import needs_widening, widened

# How a kernel argument is had from a slot.
PLAIN, HOST, DEREF, HOST_DEREF = 0, 1, 2, 3


class Arg:
    """One argument of a step: a slot, or a list of slots, or a constant made beforehand."""

    __slots__ = ("const", "how", "is_const", "slot", "slots")

    def __init__(self, slot: int = -1, how: int = PLAIN, slots: list[Arg] | None = None) -> None:
        self.slot = slot
        self.how = how
        self.slots = slots
        self.is_const = False
        self.const: Any = None

    @classmethod
    def constant(cls, value: Any) -> Arg:
        arg = cls()
        arg.is_const = True
        arg.const = value
        return arg


class Step:
    """One kernel call: read `args`, write `outputs`, drop `frees`. The numbers are slots of the run."""

    __slots__ = ("args", "frees", "instr", "kernel", "outputs", "single")

    def __init__(
        self, instr: Instr, kernel: Callable[..., Any], args: list[Arg], outputs: list[int], single: bool
    ) -> None:
        self.instr = instr
        self.kernel = kernel
        self.args = args
        self.outputs = outputs
        self.single = single  # the kernel returns its one output itself, not in a list
        self.frees: tuple[int, ...] = ()


class Plan:
    """Steps in order. Slots hold the values of a run; `initial` are the slots that every run starts with."""

    __slots__ = ("feed_slots", "fetch_args", "fetch_copies", "fetch_values", "initial", "program", "slots", "steps")

    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps: list[Step] = []
        self.slots = 0
        self.feed_slots: list[int] = []
        self.fetch_args: list[Arg] = []
        self.fetch_copies: list[bool] = []
        self.fetch_values: list[Value] = []
        self.initial: dict[int, Any] = {}


def optimize(program: Program) -> Program:
    for run_pass in PASSES:
        program = run_pass(program)
    return program


def make_plan(program: Program, session: Any) -> Plan:
    """Binds a program to kernels. `session` gives state, device and the compilation of sub-graphs.

    Raises: UnimplementedError for an op without a kernel.
    """
    return _Binder(program, session).plan


class _Binder:
    def __init__(self, program: Program, session: Any) -> None:
        self.session = session
        self.device = session.device
        self.plan = Plan(program)
        self.slot_of: dict[Value, int] = {}
        self.const_of: dict[Value, Any] = {}
        for v in program.feeds:
            self.plan.feed_slots.append(self.new_slot(v))
        for instr in program.instrs:
            self.bind(instr)
        self.copy_endangered_reads(program)
        self.bind_fetches(program)
        self.plan.slots = len(self.slot_of)
        self.free_early()

    def new_slot(self, v: Value) -> int:
        slot = self.slot_of[v] = len(self.slot_of)
        return slot

    def tensor_of(self, v: Value) -> Any:
        """The constant as a runtime value on the device, made once a plan."""
        found = self.const_of.get(v)
        if found is None:
            assert v.const is not None
            found = values.from_numpy(v.const.copy(), v.dtype)
            if isinstance(found, torch.Tensor) and self.device.type != "cpu":
                found = found.to(self.device)
            self.const_of[v] = found
        return found

    def arg(self, v: Value, host: bool, wants_ref: bool) -> Arg:
        if v.const is not None:
            if host:
                return Arg.constant(values.python_value(values.from_numpy(v.const, v.dtype)))
            return Arg.constant(self.tensor_of(v))
        slot = self.slot_of[v]
        if v.dtype._is_ref_dtype and not wants_ref:
            held = self.plan.initial.get(slot)
            if held is not None and not hasattr(held, "tensor"):  # a table: TF's handle is its container and name
                return Arg.constant(np.array([b"", str(getattr(held, "name", "")).encode()], object))
            return Arg(slot, HOST_DEREF if host else DEREF)
        return Arg(slot, HOST if host else PLAIN)

    def bind(self, instr: Instr) -> None:
        op = instr.op
        args: list[Arg] = []
        at = 0
        constants: dict[int, Any] = {}
        # A sub-graph gets variables themselves: it may assign to them.
        calls = any(spec.type in ("func", "list(func)") for spec in op.definition.attrs.values())
        for position, spec in enumerate(op.definition.inputs):
            host = spec.name in op.host
            if spec.is_list:
                n = instr.attrs[spec.number_attr] if spec.number_attr else len(instr.attrs[spec.type_list_attr])
                args.append(Arg(slots=[self.arg(v, host, spec.is_ref or calls) for v in instr.inputs[at : at + n]]))
                at += n
            else:
                v = instr.inputs[at]
                made = self.arg(v, host or (v.const is not None and spec.name in op.numbers), spec.is_ref)
                if host and made.is_const:
                    constants[position] = made.const
                args.append(made)
                at += 1
        kernel = self.kernel(instr, constants)
        if needs_widening([v.dtype.torch for v in instr.inputs]) and not op.writes and not isinstance(kernel, Fixed):
            kernel = widened(kernel, [v.dtype.base_dtype.torch for v in instr.outputs])
        outputs = [self.new_slot(v) for v in instr.outputs]
        if isinstance(kernel, Fixed):
            self.plan.initial[outputs[0]] = kernel.value
            return
        # One output that is not a list output comes bare; everything else comes as a sequence.
        single = len(op.definition.outputs) == 1 and not op.definition.outputs[0].is_list
        self.plan.steps.append(Step(instr, kernel, args, outputs, single))

    def kernel(self, instr: Instr, constants: dict[int, Any]) -> Callable[..., Any]:
        op = instr.op
        if op.build_fn is not None:
            context = KernelContext(
                instr.node, instr.attrs, self.device, self.session, [v.dims for v in instr.inputs], constants
            )
            try:
                made = op.build_fn(context)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as cause:
                raise explain(instr, (), cause) from cause  # attrs that no kernel can be made for
            if made is not None:
                return made
        if op.kernel_fn is None:
            raise UnimplementedError(
                None,
                instr.node,
                f"No OpKernel was registered to support Op '{op.type}' used by {{{{node {instr.node._name}}}}}",
            )
        if not op.kernel_attrs:
            return op.kernel_fn
        return functools.partial(op.kernel_fn, **kernel_kwargs(op, instr.attrs, self.device))

    def copy_endangered_reads(self, program: Program) -> None:
        """Makes the reads of variables copy whose memory is written before their last use."""
        resources = {v: self.plan.initial[slot] for v, slot in self.slot_of.items() if slot in self.plan.initial}
        endangered = copies_needed(program, resources)
        for step in self.plan.steps:
            if step.instr in endangered:
                step.kernel = copying(step.kernel)

    def bind_fetches(self, program: Program) -> None:
        plan = self.plan
        shared = _shared_memory(program)
        for v in program.fetches:
            made = self.arg(v, False, False)
            plan.fetch_args.append(made)
            plan.fetch_values.append(v)
            plan.fetch_copies.append(made.is_const or v in shared)

    def free_early(self) -> None:
        """Marks, for each step, the slots nobody reads after it, so that memory goes back during the run."""
        keep = set(self.plan.initial) | set(self.plan.feed_slots)
        for a in self.plan.fetch_args:
            keep.update(slots_of(a))
        seen: set[int] = set(keep)
        for step in reversed(self.plan.steps):
            last = {s for a in step.args for s in slots_of(a) if s not in seen}
            last.update(s for s in step.outputs if s not in seen)
            step.frees = tuple(sorted(last))
            seen |= last


def slots_of(arg: Arg) -> Sequence[int]:
    if arg.is_const:
        return ()
    if arg.slots is not None:
        return [s for a in arg.slots for s in slots_of(a)]
    return (arg.slot,)


def _shared_memory(program: Program) -> set[Value]:
    """Values that may share memory with a feed, a constant or a variable: fetched, they are copied."""
    shared: set[Value] = set(program.feeds)
    for instr in program.instrs:
        opaque = instr.op.alias or instr.op.is_stateful
        for v in instr.outputs:
            if v.dtype._is_ref_dtype:
                shared.add(v)
        if opaque and (
            instr.op.is_stateful
            or any(v in shared or v.const is not None or v.dtype._is_ref_dtype for v in instr.inputs)
        ):
            shared.update(instr.outputs)
    return shared


def uninitialized(cell: Any, node: Any) -> FailedPreconditionError:
    """TF's error for reading a variable that has no value yet."""
    if isinstance(cell, VariableCell) and cell.is_resource:
        return FailedPreconditionError(
            None,
            node,
            f"Error while reading resource variable {cell.name} from Container: {cell.container or 'localhost'}. This "
            "could mean that the variable was uninitialized. Not found: Resource "
            f"{cell.container or 'localhost'}/{cell.name}/N10tensorflow3VarE does not exist.",
        )
    name = cell.name if isinstance(cell, VariableCell) else str(cell)
    return FailedPreconditionError(None, node, f"Attempting to use uninitialized value {name}")
