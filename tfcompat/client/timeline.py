"""What a traced run took, in the format of Chrome's chrome://tracing page.

Source: TF 1.15, python/client/timeline.py, for the shape of the result.
"""

from __future__ import annotations

import json
from typing import Any


class Timeline:
    """A run's `step_stats` (of RunMetadata), for `generate_chrome_trace_format`."""

    def __init__(self, step_stats: Any, graph: Any = None) -> None:
        self._step_stats = step_stats
        self._graph = graph

    def generate_chrome_trace_format(self, show_dataflow: bool = True, show_memory: bool = False) -> str:
        """The trace as JSON: one row of operations per device, arrows between them, and the memory in use."""
        events: list[dict[str, Any]] = []
        for number, device in enumerate(self._step_stats.dev_stats):
            compute, tensors = 2 * number, 2 * number + 1
            events.append(_process(compute, f"{device.device} Compute"))
            events.append(_process(tensors, f"{device.device} Tensors"))
            rows = _Rows()
            started: dict[str, tuple[int, int, int]] = {}
            memory = 0
            for stats in sorted(device.node_stats, key=lambda s: s.all_start_micros):
                start, duration = stats.all_start_micros, max(stats.all_end_rel_micros, 1)
                row = rows.place(start, start + duration)
                op, inputs = _parsed(stats.timeline_label)
                events.append(_operation(compute, row, op, stats.node_name, inputs, start, duration))
                if show_dataflow:
                    for name in inputs:
                        source = started.get(name.removeprefix("^").partition(":")[0])
                        if source is not None:
                            events.extend(_arrow(len(events), source, (compute, row, start)))
                started[stats.node_name] = (compute, row, start + duration)
                if show_memory:
                    for output in stats.output:
                        memory += output.tensor_description.allocation_description.requested_bytes
                    events.append(_counter(tensors, memory, start + duration))
        return json.dumps({"traceEvents": events}, indent=4, separators=(",", ": "))


class _Rows:
    """Places intervals in as few rows as keep them apart."""

    def __init__(self) -> None:
        self._ends: list[int] = []

    def place(self, start: int, end: int) -> int:
        for row, busy_until in enumerate(self._ends):
            if busy_until <= start:
                self._ends[row] = end
                return row
        self._ends.append(end)
        return len(self._ends) - 1


def _parsed(label: str) -> tuple[str, list[str]]:
    """From `name = Type(input, input)` to type and inputs."""
    _, _, call = label.partition(" = ")
    op, _, inputs = call.partition("(")
    return op, [i for i in inputs.rstrip(")").split(", ") if i]


def _process(pid: int, name: str) -> dict[str, Any]:
    return {"name": "process_name", "ph": "M", "pid": pid, "args": {"name": name}}


def _operation(pid: int, row: int, op: str, name: str, inputs: list[str], start: int, duration: int) -> dict[str, Any]:
    arguments: dict[str, Any] = {"name": name, "op": op}
    arguments.update((f"input{i}", value) for i, value in enumerate(inputs))
    return {
        "name": op,
        "ph": "X",
        "cat": "Op",
        "pid": pid,
        "tid": row,
        "ts": start,
        "dur": duration,
        "args": arguments,
    }


def _arrow(number: int, source: tuple[int, int, int], target: tuple[int, int, int]) -> list[dict[str, Any]]:
    return [
        {"name": "t", "ph": phase, "cat": "DataFlow", "id": number, "pid": pid, "tid": row, "ts": at}
        for phase, (pid, row, at) in (("s", source), ("t", target))
    ]


def _counter(pid: int, memory: int, at: int) -> dict[str, Any]:
    return {"name": "Memory", "ph": "C", "cat": "Memory", "pid": pid, "ts": at, "args": {"bytes": memory}}
