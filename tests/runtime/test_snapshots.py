"""Which reads of variables copy: those, and only those, that a later write of the run would spoil."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tfcompat.client.session import Session
from tfcompat.framework import dtypes
from tfcompat.framework.graph import Graph
from tfcompat.framework.scopes import control_dependencies
from tfcompat.ops.constants import constant
from tfcompat.ops.elementwise import add
from tfcompat.ops.identity import identity
from tfcompat.ops.permuting import transpose
from tfcompat.ops.variable_ref import RefVariable
from tfcompat.ops.variable_resource import ResourceVariable
from tfcompat.runtime.plan import make_plan, optimize
from tfcompat.runtime.program import make_program
from tfcompat.runtime.snapshots import copies_needed

START = [[1.0, 2.0], [3.0, 4.0]]
ONES = [[1.0, 1.0], [1.0, 1.0]]


def copied(fetches: list[Any]) -> set[str]:
    """The types of the nodes that would copy in a run of these fetches."""
    graph = fetches[0].graph
    program = optimize(make_program(graph, fetches, [], []))
    session = Session(graph=graph)
    plan = make_plan(program, session._state)
    known = {v: plan.initial[slot] for slot in plan.initial for v in _value_of_slot(program, plan, slot)}
    return {instr.op.type for instr in copies_needed(program, known)}


def _value_of_slot(program: Any, plan: Any, slot: int) -> list[Any]:
    cell = plan.initial[slot]
    return [v for i in program.instrs for v in i.outputs if i.node.name == cell.name]


def read_then_write(v: ResourceVariable) -> list[Any]:
    before = v.read_value()
    with control_dependencies([before]):
        write = v.assign_add(ONES)
    with control_dependencies([write]):
        return [identity(before), v.read_value()]


def train_step(v: ResourceVariable) -> list[Any]:
    loss = add(v.value(), 1.0)
    with control_dependencies([loss]):
        return [loss, v.assign_sub(ONES)._graph_element]


def turn_in_place(v: Any) -> list[Any]:
    with control_dependencies([v.assign(transpose(v.value()))]):
        return [v.read_value()]


def write_then_read(v: ResourceVariable) -> list[Any]:
    with control_dependencies([v.assign_add(ONES)]):
        return [v.read_value()]


CASES: list[tuple[Callable[..., list[Any]], bool, set[str], list[Any]]] = [
    (read_then_write, True, {"ReadVariableOp"}, [START, np.add(START, 1)]),
    (train_step, True, set(), [np.add(START, 1), np.subtract(START, 1)]),
    (write_then_read, True, set(), [np.add(START, 1)]),
    (turn_in_place, True, {"ReadVariableOp"}, [np.transpose(START)]),
    (turn_in_place, False, {"Transpose"}, [np.transpose(START)]),
]


@pytest.mark.parametrize("build, resource, copies, values", CASES)
def test_reads_copy_when_they_must(
    build: Callable[..., list[Any]], resource: bool, copies: set[str], values: list[Any]
) -> None:
    with Graph().as_default() as graph:
        v = (ResourceVariable if resource else RefVariable)(START, name="v")
        fetches = build(v)
        assert copied(fetches) == copies
        with Session(graph=graph) as session:
            for _ in range(3):  # the interpreter, then generated source
                session.run(v.initializer)
                for got, want in zip(session.run(fetches), values, strict=True):
                    np.testing.assert_array_equal(got, want)


def test_aliases_of_reference_variables_see_writes() -> None:
    with Graph().as_default() as graph:
        v = RefVariable(START, name="v")
        alias = v.read_value()
        with control_dependencies([alias]):
            write = v.assign_add(ONES)
        with control_dependencies([write]):
            late = identity(alias)
        with Session(graph=graph) as session:
            session.run(v.initializer)
            np.testing.assert_array_equal(session.run(late), np.add(START, 1))


def test_what_somebody_waits_for_runs_even_when_nobody_reads_it() -> None:
    from tfcompat.framework import errors
    from tfcompat.ops.shapes import rank_internal

    with Graph().as_default() as graph:
        v = RefVariable(START, name="v")
        check = rank_internal(v, optimize=False)
        with control_dependencies([check]):
            result = identity(constant(1.0, dtypes.float32))
        with Session(graph=graph) as session:
            for fetch in (check.op, result):
                with pytest.raises(errors.FailedPreconditionError, match="Attempting to use uninitialized value v"):
                    session.run(fetch)
            session.run(v.initializer)
            assert session.run(result) == 1.0
