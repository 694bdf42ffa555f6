"""tf.Variable and its like against TF 1.15's results."""

from __future__ import annotations

import pytest

from tests.ops.recorded_state import check, names

# A branch is one If node here and Switch and Merge nodes there.
WITH_BRANCHES = {"control_flow", "initial_values_from_variables"}


@pytest.mark.parametrize("name", names("variables"))
def test_as_in_tensorflow(name: str) -> None:
    check("variables", name, nodes=name not in WITH_BRANCHES)
