"""Small programs build the nodes that TF 1.15 built (tier "graphs"); what does not yet is listed and may only shrink."""

from __future__ import annotations

import pytest

import tfcompat as tf
from compat_suite.graph_programs import PROGRAMS
from compat_suite.tiers.graphs import build, differences, open_programs, recorded_programs

RECORDED = recorded_programs()
OPEN = open_programs()


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_forward_nodes_are_those_of_tensorflow(name: str) -> None:
    try:
        found = differences(build(tf, name), RECORDED[name])["forward"]
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    if name in OPEN:
        assert found, f"{name} is equal now: take it off compat_suite/data/graphs_open.tsv"
    else:
        assert not found
