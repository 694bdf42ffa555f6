"""Tier `oracle`: one op at a time, the package's numbers against TensorFlow's - values, state, gradients.

Without a TensorFlow the recorded numbers are compared (data/oracle.json.gz); with one (TFCOMPAT_ORACLE_TF1 or
TFCOMPAT_ORACLE_TF2 name its interpreter) every case is run there now.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from typing import Any

from compat_suite.oracle import compare, evaluate
from compat_suite.oracle.recorded import load, version
from compat_suite.oracle.running import HOW_TO, answers, oracle
from compat_suite.tier import Options, Row, Table, TierResult

GOOD = ("same", "close")
Pair = tuple[dict[str, Any], dict[str, Any]]


def pairs(options: Options) -> tuple[list[Pair], str]:
    """Cases with TensorFlow's answers, and where those are from."""
    which = oracle(options.oracle)
    if which is None:
        found = [(c, a) for c, a in load() if re.search(options.only, c["id"])]
        return found, f"Numbers recorded from {version()}. {HOW_TO}"
    from compat_suite.oracle.cases import all_cases

    cases = [c for c in all_cases() if re.search(options.only, c["id"])]
    found_now = answers(which[1], "tensorflow", cases)
    return list(zip(cases, found_now, strict=True)), f"Run now by {which[0]}: {which[1]}"


class Oracle:
    """The tier; see the module."""

    name = "oracle"
    description = "ops one by one: TensorFlow's values, state and gradients"

    def run(self, options: Options) -> TierResult:
        """Runs every case with the package and compares."""
        found, source = pairs(options)
        statuses: Counter[str] = Counter()
        worst: defaultdict[str, float] = defaultdict(float)
        ops: Counter[str] = Counter()
        graded: set[str] = set()
        rows = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tf, raw, _ = evaluate.libraries(options.package)
            for case, want in found:
                got = evaluate.answer(tf, raw, case)
                verdict = compare.judge(case, got, want)
                statuses[verdict.status] += 1
                if verdict.status in ("same", "close", "differs"):
                    ops[case["op"]] += 1
                    worst[case["op"]] = max(worst[case["op"]], verdict.worst)
                    if want.get("grad"):
                        graded.add(case["op"])
                if verdict.status in ("differs", "error"):
                    rows.append(Row(case["id"], verdict.status, verdict.detail))
                elif verdict.status in GOOD:
                    rows.append(Row(case["id"], "pass"))
        return self._result(rows, statuses, worst, ops, graded, source, options)

    def _result(
        self,
        rows: list[Row],
        statuses: Counter[str],
        worst: dict[str, float],
        ops: Counter[str],
        graded: set[str],
        source: str,
        options: Options,
    ) -> TierResult:
        bad = statuses["differs"] + statuses["error"]
        counts: dict[str, int | float | str] = {
            "cases": sum(ops.values()) + statuses["error"],
            "ops": len(ops),
            "ops with gradients": len(graded),
            "equal to the last bit": statuses["same"],
            "over tolerance": statuses["differs"],
            "error": statuses["error"],
            "TF refuses": statuses["more"] + statuses["refused"],
        }
        far = sorted(worst, key=worst.__getitem__, reverse=True)[: options.listed]
        table = [(op, ops[op], f"{worst[op]:.1e}") for op in far]
        tables = [Table("Worst relative difference", ("op", "cases", "apart"), table)]
        if bad:
            failed = [(r.name, r.status, r.detail[:160]) for r in rows if r.status != "pass"]
            tables.insert(0, Table(f"Not passing: {bad}", ("case", "status", ""), failed[: options.listed]))
        return TierResult(rows, counts, passed=not bad and bool(rows), tables=tables, notes=[source])


TIER = Oracle()
