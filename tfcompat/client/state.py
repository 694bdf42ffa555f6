"""The state behind a session: resources, device, random streams, and the compilation of sub-graphs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import torch

from tfcompat.framework.dtypes import DType
from tfcompat.runtime import plan as plan_lib
from tfcompat.runtime import program as program_lib
from tfcompat.runtime.executors import source
from tfcompat.runtime.resources import ResourceStore, VariableCell


class SessionState:
    """What kernels' builders see as `context.session`."""

    def __init__(self, device: torch.device, config: Any = None) -> None:
        self.device = device
        self.config = config
        self.resources = ResourceStore()
        # Things one node keeps for the whole session (random streams, counters), keyed by node.
        self._node_state: dict[Any, Any] = {}
        self._functions: dict[Any, Callable[[Sequence[Any]], list[Any]]] = {}
        self.lock = threading.RLock()

    def node_state(self, node: Any, make: Callable[[], Any]) -> Any:
        """The object that `node` keeps in this session, made on first use."""
        with self.lock:
            found = self._node_state.get(node)
            if found is None:
                found = self._node_state[node] = make()
            return found

    def variable_cell(self, container: str, name: str, dtype: DType, dims: Any, is_resource: bool) -> VariableCell:
        """The storage of the variable of that name, made on first use."""
        kind = "variable" if is_resource else "ref variable"
        return self.resources.get_or_create(
            kind, container, name, lambda: VariableCell(name, container, dtype, dims, is_resource)
        )

    def temporary_cell(self, name: str, dtype: DType, dims: Any) -> VariableCell:
        """Storage for one run that nobody else finds."""
        return VariableCell(name, "", dtype, dims, is_resource=False)

    def compile_function(
        self, function: Any, inputs: Sequence[Any] | None = None, outputs: Sequence[Any] | None = None
    ) -> Callable[[Sequence[Any]], list[Any]]:
        """A sub-graph (with `.inputs`, `.outputs` and `.control_outputs`) as a callable on a list of values.

        `inputs` may give its inputs in another order, `outputs` only some of its outputs.
        """
        inputs = list(function.inputs if inputs is None else inputs)
        outputs = list(function.outputs if outputs is None else outputs)
        # A function may gain inputs and outputs (see the gradients of loops); plans made before keep what they have.
        key = (function, tuple(inputs), tuple(outputs))
        with self.lock:
            found = self._functions.get(key)
            if found is None:
                made = program_lib.make_program(
                    function, outputs, list(getattr(function, "control_outputs", ())), inputs
                )
                found = source.compile_plan(plan_lib.make_plan(plan_lib.optimize(made), self))
                self._functions[key] = found
            return found

    def compile_program(self, program: program_lib.Program) -> Callable[[Sequence[Any]], list[Any]]:
        """A part of a program as a callable on the list of its feeds."""
        return source.compile_plan(plan_lib.make_plan(plan_lib.optimize(program), self))
