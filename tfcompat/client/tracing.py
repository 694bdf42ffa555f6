"""Runs with RunOptions and RunMetadata: the same plan, step by step, with what each step took."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from tfcompat.framework import protos, values
from tfcompat.runtime import program as program_lib
from tfcompat.runtime.executors import reference


def run(signature: Any, inputs: list[Any], options: Any, run_metadata: Any) -> list[Any]:
    """Runs a signature as `options` ask. With FULL_TRACE, step_stats of `run_metadata` get one entry a node."""
    if options is not None and type(options).__name__ != "RunOptions":
        raise TypeError(f"options must be a tf.RunOptions, but got {type(options)}")
    if run_metadata is not None and type(run_metadata).__name__ != "RunMetadata":
        raise TypeError(f"run_metadata must be a tf.RunMetadata, but got {type(run_metadata)}")
    level = 0 if options is None else options.trace_level
    if run_metadata is None or level == 0:
        return signature.run(inputs)  # type: ignore[no-any-return]
    shapes = [tuple(v.shape) if isinstance(v, (torch.Tensor, np.ndarray)) else None for v in inputs]
    plan = signature.plan_for(shapes)
    state = signature.session._state
    trace = _Trace(state.device)
    results = reference.run_steps(plan, inputs, trace.step)
    trace.write(run_metadata)
    if options is not None and options.output_partition_graphs:
        run_metadata.partition_graphs.add().CopyFrom(_partition(plan.program))
    out = []
    for value, wanted, copy in zip(results, plan.fetch_values, plan.fetch_copies, strict=True):
        out.append(values.fetch_value(value, wanted.dtype, copy))
    return out


def _partition(program: program_lib.Program) -> Any:
    made = protos.GraphDef()
    for instr in program.instrs:
        made.node.add().CopyFrom(instr.node.node_def)
    return made


class _Trace:
    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.rows: list[tuple[Any, float, float, Any]] = []
        self.last = time.time()

    def step(self, step: Any, result: Any) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        now = time.time()
        self.rows.append((step.instr.node, self.last, now, result))
        self.last = now

    def write(self, metadata: Any) -> None:
        kind = "GPU" if self.device.type == "cuda" else "CPU"
        stats = metadata.step_stats.dev_stats.add(device=f"/job:localhost/replica:0/task:0/device:{kind}:0")
        for node, start, end, result in self.rows:
            entry = stats.node_stats.add(node_name=node._name)
            entry.all_start_micros = int(start * 1e6)
            entry.op_end_rel_micros = entry.all_end_rel_micros = max(int((end - start) * 1e6), 1)
            inputs = ", ".join(t.name for t in node._inputs)
            entry.timeline_label = f"{node._name} = {node._type}({inputs})"
            results = result if isinstance(result, (list, tuple)) else [result]
            for i, r in enumerate(results):
                if isinstance(r, torch.Tensor):
                    out = entry.output.add(slot=i)
                    out.tensor_description.dtype = int(node._outputs[i]._dtype.base_dtype.as_datatype_enum)
                    for d in r.shape:
                        out.tensor_description.shape.dim.add(size=int(d))
                    size = r.numel() * r.element_size()
                    out.tensor_description.allocation_description.requested_bytes = size

