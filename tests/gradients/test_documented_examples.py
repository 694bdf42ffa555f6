"""The documented examples of tf.gradients and of the core graph pages, one test each (tier "gradients")."""

from __future__ import annotations

import pytest

import tfcompat as tf
from compat_suite.gradient_examples import EXAMPLES
from compat_suite.tiers.gradients import OPEN, expected_values, judge

EXPECTED = expected_values()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.xfail(strict=True, reason=OPEN[n])) if n in OPEN else n  # leaves when it passes
        for n in EXAMPLES
    ],
)
def test_example_gives_its_value(name: str) -> None:
    row = judge(tf, "tfcompat", EXAMPLES[name], EXPECTED[name])
    assert row.status == "pass", row.detail
