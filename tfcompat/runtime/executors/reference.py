"""The reference executor: slow, plain, right. The others are tested against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.runtime.explain import explain
from tfcompat.runtime.plan import DEREF, HOST, HOST_DEREF, Arg, Plan, Step, uninitialized

Watch = Callable[[Step, Any], None]


def run_steps(plan: Plan, feeds: Sequence[Any], watch: Watch | None = None) -> list[Any]:
    """Runs the plan step by step. `watch` sees each step and its result (profiles, NaN checks)."""
    slot: list[Any] = [None] * plan.slots
    for i, value in plan.initial.items():
        slot[i] = value
    for i, value in zip(plan.feed_slots, feeds, strict=True):
        slot[i] = value
    for step in plan.steps:
        run_step(step, slot, watch)
        for i in step.frees:
            slot[i] = None
    return [read(arg, slot, None) for arg in plan.fetch_args]


def run_step(step: Step, slot: list[Any], watch: Watch | None = None) -> None:
    args = [read(a, slot, step) for a in step.args]
    try:
        result = step.kernel(*args)
    except Exception as cause:
        raise explain(step.instr, args, cause) from cause
    if watch is not None:
        watch(step, result)
    if step.single:
        slot[step.outputs[0]] = result
    else:
        for i, value in zip(step.outputs, result or (), strict=True):
            slot[i] = value


def read(arg: Arg, slot: list[Any], step: Step | None) -> Any:
    if arg.is_const:
        return arg.const
    if arg.slots is not None:
        return [read(a, slot, step) for a in arg.slots]
    value = slot[arg.slot]
    if arg.how >= DEREF:
        if value.tensor is None:
            raise uninitialized(value, step.instr.node if step else None)
        return value.tensor.tolist() if arg.how == HOST_DEREF else value.tensor
    return value.tolist() if arg.how == HOST else value
