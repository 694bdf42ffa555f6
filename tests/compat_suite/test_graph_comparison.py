"""The comparison behind tier "graphs" sees every kind of difference, in nodes recorded from TF 1.15."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from compat_suite.graph_programs import PROGRAMS
from compat_suite.tiers.graphs import ATTRS, DEVICE, INPUTS, NAME, OP, OUTPUTS, differences, recorded_programs

RECORDED = recorded_programs()
WANT = RECORDED["minimize_adam"]


def first_named(part: list[list[Any]], op: str) -> list[Any]:
    return next(node for node in part if node[OP] == op)


def rename(facts: dict[str, Any]) -> None:
    facts["forward"][3][NAME] += "_1"


def swap(facts: dict[str, Any]) -> None:
    facts["forward"][3:5] = facts["forward"][3:5][::-1]


def drop_control_input(facts: dict[str, Any]) -> None:
    next(node for node in facts["forward"] if any(i.startswith("^") for i in node[INPUTS]))[INPUTS].pop()


def drop_last(facts: dict[str, Any]) -> None:
    facts["forward"].pop()


def other_attr(facts: dict[str, Any]) -> None:
    first_named(facts["forward"], "MatMul")[ATTRS]["transpose_a"] = True


def other_value(facts: dict[str, Any]) -> None:
    first_named(facts["forward"], "Const")[ATTRS]["value"]["dtype"] = "float64"


def other_device(facts: dict[str, Any]) -> None:
    facts["forward"][0][DEVICE] = "/device:CPU:0"


def other_shape(facts: dict[str, Any]) -> None:
    first_named(facts["forward"], "MatMul")[OUTPUTS][0][1] = [2, 1]


def lost_variable(facts: dict[str, Any]) -> None:
    facts["collections"]["trainable_variables"].pop()


def extra_gradient(facts: dict[str, Any]) -> None:
    facts["gradients"].append(copy.deepcopy(facts["gradients"][0]))


def renamed_gradient(facts: dict[str, Any]) -> None:
    facts["gradients"][0][NAME] += "_1"


@pytest.mark.parametrize(
    ("plant", "question"),
    [
        (rename, "forward"),
        (swap, "forward"),
        (drop_control_input, "forward"),
        (drop_last, "forward"),
        (other_attr, "attrs"),
        (other_value, "attrs"),
        (other_device, "attrs"),
        (other_shape, "shapes"),
        (lost_variable, "collections"),
        (extra_gradient, "gradient types"),
        (renamed_gradient, "gradient names"),
    ],
)
def test_planted_difference_is_found(plant: Any, question: str) -> None:
    changed = copy.deepcopy(WANT)
    plant(changed)
    found = differences(changed, WANT)
    assert found[question]
    assert next(q for q, text in found.items() if text) == question


def test_equal_graphs_have_no_difference() -> None:
    assert not any(differences(copy.deepcopy(WANT), WANT).values())


def test_every_program_is_recorded() -> None:
    assert sorted(PROGRAMS) == sorted(RECORDED)
    assert len(PROGRAMS) >= 120
