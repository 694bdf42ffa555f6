"""Loss curves of two small networks under Adam, against TF 1.15's (compat_suite/data/optimizers.json.gz)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

import compat_suite
import tfcompat as tf
from compat_suite import curve_programs

DATA = Path(compat_suite.__file__).parent / "data" / "optimizers.json.gz"
with gzip.open(DATA, "rt", encoding="utf-8") as lines:
    RECORDED = json.load(lines)["curves"]


@pytest.mark.parametrize("name", RECORDED)
def test_curve_follows_tensorflow(name: str) -> None:
    got = curve_programs.run_curve(tf, name)
    np.testing.assert_allclose(got["losses"], RECORDED[name]["losses"], rtol=1e-5)
    np.testing.assert_allclose(got["norms"], RECORDED[name]["norms"], rtol=1e-4)
