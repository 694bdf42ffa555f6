"""partial_run: one step of a graph, fed and fetched in several calls."""

from __future__ import annotations

import threading
from typing import Any

from tfcompat.client.fetches import FetchPlan
from tfcompat.client.state import SessionState
from tfcompat.framework import errors, values
from tfcompat.framework.graph import Graph
from tfcompat.framework.tensor import Tensor
from tfcompat.runtime import plan as plan_lib
from tfcompat.runtime import program as program_lib
from tfcompat.runtime.executors import reference


class PartialRun:
    """The state of one handle: what has been fed, computed and fetched."""

    def __init__(self, graph: Graph, state: SessionState, fetch: FetchPlan, feeds: list[Tensor]) -> None:
        program = program_lib.make_program(graph, fetch.tensors, fetch.targets, feeds)
        self._plan = plan_lib.make_plan(program, state)
        self._feed_slots = dict(zip(feeds, self._plan.feed_slots, strict=True))
        self._slot: list[Any] = [None] * self._plan.slots
        self._known: set[int] = set(self._plan.initial)
        for i, value in self._plan.initial.items():
            self._slot[i] = value
        self._tensor_arg = dict(
            zip(fetch.tensors, zip(self._plan.fetch_args, program.fetches, strict=True), strict=True)
        )
        self._pending = set(fetch.elements)
        self._waiting = list(self._plan.steps)
        self._lock = threading.Lock()

    def run(self, fetch: FetchPlan, fed: dict[Tensor, Any]) -> list[Any]:
        """Feeds, runs what the fetches need and can now run, and returns their values."""
        with self._lock:
            for t, value in fed.items():
                slot = self._feed_slots.get(t)
                if slot is None or slot in self._known:
                    raise errors.InvalidArgumentError(
                        None, t.op, f"The feed {t.name} had already been fed or was not specified in partial_run_setup."
                    )
                self._slot[slot] = value
                self._known.add(slot)
            for e in fetch.elements:
                if e not in self._pending:
                    raise errors.InvalidArgumentError(
                        None,
                        None,
                        f"The fetch {e.name} had already been fetched or was not specified in partial_run_setup.",
                    )
            self._advance()
            out = []
            for t in fetch.tensors:
                arg, value = self._tensor_arg[t]
                if not arg.is_const and arg.slot not in self._known:
                    raise errors.InvalidArgumentError(
                        None, t.op, f"Must feed the inputs of {t.name} before it is fetched in a partial run."
                    )
                out.append(values.fetch_value(reference.read(arg, self._slot, None), value.dtype, True))
            self._pending.difference_update(fetch.elements)
            return out

    def _advance(self) -> None:
        """Runs every step whose inputs are all known; those that wait for a feed stay for a later call."""
        progress = True
        while progress:
            progress = False
            rest = []
            for step in self._waiting:
                ready = all(s in self._known for a in step.args for s in plan_lib.slots_of(a))
                ready = ready and self._controls_done(step)
                if ready:
                    reference.run_step(step, self._slot)
                    self._known.update(step.outputs)
                    progress = True
                else:
                    rest.append(step)
            self._waiting = rest

    def _controls_done(self, step: plan_lib.Step) -> bool:
        waiting = {s.instr.node for s in self._waiting}
        unfed = {t._op for t, slot in self._feed_slots.items() if slot not in self._known}
        return not any(c in waiting or c in unfed for c in step.instr.node._control_inputs)
