"""Tier `upstream`: TF 1.15's own unit tests, run by a harness that lies outside this repository.

The harness is a folder with `run.py` (commands `run` and `summary`); it takes the tests' text from a git checkout of
TensorFlow's sources. Neither is stored here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from compat_suite.public_api import percent
from compat_suite.tier import Options, Row, Table, TierResult

HOW_TO = (
    "Skipped: name the harness with --harness DIR (a folder with run.py, or TFCOMPAT_UPSTREAM_HARNESS) and the git "
    "directory of TensorFlow 1.15's sources with --sources DIR (or MIRROR_TF): git clone --bare --branch r1.15 "
    "https://github.com/tensorflow/tensorflow tf115.git"
)


def _skipped(text: str) -> TierResult:
    return TierResult([], {"skipped": 1}, passed=True, notes=[text])


class Upstream:
    """The tier; see the module."""

    name = "upstream"
    description = "TF 1.15's own unit tests, by an outside harness"

    def run(self, options: Options) -> TierResult:
        """Runs the harness and adds up its summary by area; `--only` picks files."""
        folder = options.harness or os.environ.get("TFCOMPAT_UPSTREAM_HARNESS", "")
        sources = options.sources or os.environ.get("MIRROR_TF", "")
        if not folder:
            return _skipped(HOW_TO)
        run = Path(folder) / "run.py"
        if not run.is_file():
            return _skipped(f"{run} is not there. {HOW_TO}")
        if not sources:
            return _skipped(f"No sources given. {HOW_TO}")
        options.out.mkdir(parents=True, exist_ok=True)
        kept = (options.out / "upstream.json").resolve()
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
        env = {**os.environ, "MIRROR_TF": sources, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        env.setdefault("UPSTREAM_SRC", str((options.out / "upstream_sources").resolve()))
        which = [options.only] if options.only else ["--calibrated"]
        command = [sys.executable, str(run), "run", "--subject", options.package, "--python", sys.executable]
        subprocess.run([*command, "--out", str(kept), *which], cwd=folder, env=env, check=True)
        summary = kept.with_name("upstream_summary.json")
        only = ["--only-run"] if options.only else []
        command = [sys.executable, str(run), "summary", str(kept), *only, "--json", str(summary)]
        subprocess.run(command, cwd=folder, env=env, check=True, stdout=subprocess.DEVNULL)
        return result(json.loads(summary.read_text(encoding="utf-8")))


def result(summary: dict[str, Any]) -> TierResult:
    """The harness's summary ({"areas": {name: [passed, tests]}}) as the tier's answer."""
    areas = summary["areas"]
    passed = sum(a[0] for a in areas.values())
    total = sum(a[1] for a in areas.values())
    rows = [Row(name, "pass" if a[0] == a[1] else "part", f"{a[0]} of {a[1]}") for name, a in areas.items()]
    table = [(name, *a, percent(*a)) for name, a in sorted(areas.items(), key=lambda kv: -kv[1][1])]
    return TierResult(
        rows,
        {"tests": total, "pass": passed, "share": percent(passed, total)},
        passed=True,  # a figure to watch: not every test of TensorFlow asks for what this package promises
        tables=[Table("By area", ("area", "pass", "tests", ""), table)],
    )


TIER = Upstream()
