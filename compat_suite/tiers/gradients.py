"""Tier "gradients": the documented examples of tf.gradients and of the core graph pages give their values.

The examples are in compat_suite/gradient_examples.py; a value comes from the documentation where it prints one, from
TF 1.15 (data/gradients.json.gz) elsewhere, and from mathematics where TF 1.15 refuses.
"""

from __future__ import annotations

import gzip
import importlib
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

from compat_suite.examples import MISSING, Example
from compat_suite.examples.running import run, same
from compat_suite.gradient_examples import EXAMPLES
from compat_suite.tier import Options, Row, Table, TierResult

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "compat_suite" / "data" / "gradients.json.gz"


def expected_values() -> dict[str, Any]:
    """Example name -> the value it must give."""
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        recorded = json.load(lines)["values"]
    return {name: recorded[name] if e.value is MISSING else e.value for name, e in EXAMPLES.items()}


def run_apart(package: str, entry: Example) -> Any:
    """The value of an example that needs eager execution, from a process of its own."""
    command = [sys.executable, "-m", "compat_suite.examples.running", package, entry.name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


# Examples that cannot pass yet, and why. The list may only shrink: one that passes must leave it.
OPEN = {"gradients_in_eager_mode": "eager execution is not there yet"}


def judge(tf: ModuleType, package: str, entry: Example, want: object) -> Row:
    """Runs one example; the row's detail says what came instead of what."""
    try:
        got = run_apart(package, entry) if entry.eager else run(tf, entry)
    except Exception as error:
        text = (str(error).splitlines() or [""])[0]
        return Row(entry.name, "error", f"{entry.covers}: {type(error).__name__}: {text}")
    if same(got, want):
        return Row(entry.name, "pass")
    return Row(entry.name, "differs", f"{entry.covers}: {json.dumps(got)}, expected {json.dumps(want)}")


class Gradients:
    """The tier; see the module."""

    name = "gradients"
    description = "documented examples of tf.gradients and of the core graph pages give their values"

    def run(self, options: Options) -> TierResult:
        """Runs every example with the package."""
        tf = importlib.import_module(options.package)
        chosen = {n: e for n, e in EXAMPLES.items() if re.search(options.only, n)}
        expected = expected_values()
        rows = [judge(tf, options.package, entry, expected[name]) for name, entry in chosen.items()]
        asked: Counter[str] = Counter(e.covers.split(":")[0] for e in chosen.values())
        good: Counter[str] = Counter(chosen[r.name].covers.split(":")[0] for r in rows if r.status == "pass")
        statuses = Counter(row.status for row in rows)
        counts: dict[str, int | float | str] = {
            "examples": len(rows),
            **{status: statuses[status] for status in ("pass", "differs", "error")},
        }
        table = [(part, good[part], asked[part]) for part in asked]
        return TierResult(
            rows,
            counts,
            passed={row.name for row in rows if row.status != "pass"} == OPEN.keys() & chosen.keys(),
            notes=[f"open: {name}: {why}" for name, why in OPEN.items()],
            tables=[Table("Examples by part", ("part", "pass", "examples"), table)],
        )


TIER = Gradients()
