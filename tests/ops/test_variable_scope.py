"""Variable scopes, get_variable, partitions and templates against TF 1.15's results."""

from __future__ import annotations

import pytest

from tests.ops.recorded_state import check, names


@pytest.mark.parametrize("name", names("scopes"))
def test_as_in_tensorflow(name: str) -> None:
    check("scopes", name)
