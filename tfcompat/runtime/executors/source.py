"""The source executor: a plan as straight-line Python, one line a step.

A traceback's line number is the step, so no step pays for its own `try`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.runtime.explain import explain
from tfcompat.runtime.plan import DEREF, HOST, HOST_DEREF, Arg, Plan, Step, uninitialized

Runner = Callable[..., list[Any]]


def compile_plan(plan: Plan) -> Runner:
    """A function of the feeds that runs the plan and returns the fetched values."""
    writer = _Writer(plan)
    text = writer.text()
    scope = writer.scope
    exec(compile(text, "<tfcompat plan>", "exec"), scope)  # the source is generated above from slots and numbers only
    body = scope["run"]
    steps = writer.step_at

    def run(feeds: Sequence[Any]) -> list[Any]:
        try:
            return body(*feeds)  # type: ignore[no-any-return]
        except Exception as cause:
            found = _failed_step(cause, steps, body.__code__)
            if found is None:
                raise
            step, local = found
            args = [_from_locals(a, local, writer.initial_names, scope) for a in step.args]
            error = explain(step.instr, args, cause)
            if error is cause:
                raise
            raise error from cause

    run.source = text  # type: ignore[attr-defined]
    return run


def _failed_step(cause: BaseException, steps: dict[int, Step], code: Any) -> tuple[Step, dict[str, Any]] | None:
    trace = cause.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is code:
            step = steps.get(trace.tb_lineno)
            return None if step is None else (step, trace.tb_frame.f_locals)
        trace = trace.tb_next
    return None


def _from_locals(arg: Arg, local: dict[str, Any], fixed: dict[int, str], scope: dict[str, Any]) -> Any:
    if arg.is_const:
        return arg.const
    if arg.slots is not None:
        return [_from_locals(a, local, fixed, scope) for a in arg.slots]
    name = fixed.get(arg.slot)
    value = scope[name] if name is not None else local.get(f"v{arg.slot}")
    if arg.how >= DEREF:
        return getattr(value, "tensor", None)
    return value


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.scope: dict[str, Any] = {"_uninitialized": uninitialized}
        self.initial_names = {slot: f"s{slot}" for slot in plan.initial}
        for slot, value in plan.initial.items():
            self.scope[f"s{slot}"] = value
        self.lines: list[str] = []
        self.step_at: dict[int, Step] = {}
        self.checked: set[int] = set()

    def text(self) -> str:
        plan = self.plan
        params = ", ".join(f"v{s}" for s in plan.feed_slots)
        self.lines.append(f"def run({params}):")
        for n, step in enumerate(plan.steps):
            self.write_step(n, step)
        for arg in plan.fetch_args:
            self.check(arg, None)
        results = ", ".join(self.expr(a) for a in plan.fetch_args)
        self.lines.append(f"    return [{results}]")
        return "\n".join(self.lines) + "\n"

    def write_step(self, n: int, step: Step) -> None:
        for arg in step.args:
            self.check(arg, step)
        kernel = self.constant(step.kernel, "k")
        call = f"{kernel}({', '.join(self.expr(a) for a in step.args)})"
        if step.single:
            target = f"v{step.outputs[0]} = "
        elif step.outputs:
            target = "[" + ", ".join(f"v{s}" for s in step.outputs) + "] = "
        else:
            target = ""
        self.lines.append(f"    {target}{call}")
        self.step_at[len(self.lines)] = step
        dead = [f"v{s}" for s in step.frees if s not in self.initial_names]
        if dead:
            self.lines.append(f"    {' = '.join(dead)} = None")

    def check(self, arg: Arg, step: Step | None) -> None:
        """A variable is checked for a value where it is first read; later reads in the same run need no check."""
        if arg.slots is not None:
            for a in arg.slots:
                self.check(a, step)
        elif not arg.is_const and arg.how >= DEREF and arg.slot not in self.checked:
            self.checked.add(arg.slot)
            cell = self.name(arg.slot)
            node = self.constant(step.instr.node if step else None, "n")
            self.lines.append(f"    if {cell}.tensor is None: raise _uninitialized({cell}, {node})")

    def name(self, slot: int) -> str:
        return self.initial_names.get(slot) or f"v{slot}"

    def expr(self, arg: Arg) -> str:
        if arg.is_const:
            return self.constant(arg.const, "c")
        if arg.slots is not None:
            return "[" + ", ".join(self.expr(a) for a in arg.slots) + "]"
        name = self.name(arg.slot)
        if arg.how == DEREF:
            return f"{name}.tensor"
        if arg.how == HOST_DEREF:
            return f"{name}.tensor.tolist()"
        return f"{name}.tolist()" if arg.how == HOST else name

    def constant(self, value: Any, prefix: str) -> str:
        if prefix == "c" and (value is None or type(value) in (int, bool)):
            return repr(value)
        name = f"{prefix}{len(self.scope)}"
        self.scope[name] = value
        return name
