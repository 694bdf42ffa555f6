"""Storage, assignment and scatter against TF 1.15's results."""

from __future__ import annotations

import pytest

from tests.ops.recorded_state import check, names


@pytest.mark.parametrize("name", names("state"))
def test_as_in_tensorflow(name: str) -> None:
    check("state", name)
