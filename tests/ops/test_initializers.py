"""Initializers against TF 1.15's results."""

from __future__ import annotations

import pytest

from tests.ops.recorded_state import check, names

# Normal numbers are TensorFlow's to within two units in the last place (docs/random.md).
ROUNDING = 4e-7
# Through a QR decomposition of LAPACK's and Eigen's, respectively.
DECOMPOSED = {"matrices": 5e-6}


@pytest.mark.parametrize("name", names("initializers"))
def test_as_in_tensorflow(name: str) -> None:
    check("initializers", name, rtol=DECOMPOSED.get(name, ROUNDING))
