"""Tier `upstream` against a harness made for the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from compat_suite.tier import Options
from compat_suite.tiers.upstream import TIER

HARNESS = """
import json, sys
if sys.argv[1] == "summary":
    json.dump({"areas": {"ops": [3, 4], "client": [2, 2]}}, open(sys.argv[sys.argv.index("--json") + 1], "w"))
"""


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TFCOMPAT_UPSTREAM_HARNESS", raising=False)
    monkeypatch.delenv("MIRROR_TF", raising=False)


def test_without_a_harness_it_is_skipped_and_says_how(tmp_path: Path) -> None:
    for options in (Options(), Options(harness=str(tmp_path)), Options(sources="x")):
        result = TIER.run(options)
        assert result.counts == {"skipped": 1}
        assert result.passed
        assert "--harness" in result.notes[0]


def test_counts_are_those_of_the_harness(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(HARNESS, encoding="utf-8")
    result = TIER.run(Options(harness=str(tmp_path), sources="x", out=tmp_path / "out"))
    assert (result.counts["pass"], result.counts["tests"]) == (5, 6)
    assert [(r.name, r.status) for r in result.rows] == [("ops", "part"), ("client", "pass")]
