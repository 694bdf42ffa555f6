"""Records what TensorFlow answers to the oracle cases: compat_suite/data/oracle.json.gz, one line a case.

    TFCOMPAT_ORACLE_TF1=... python -m compat_suite.record.oracle [REGEX of ops to record again]

Runs under tfcompat's own Python; the cases come from the ops' samples. Cases that TensorFlow refuses are left out.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from typing import Any

from compat_suite.oracle.cases import all_cases
from compat_suite.oracle.recorded import RECORDED, load
from compat_suite.oracle.running import HOW_TO, answers, oracle

LARGEST = 40_000  # characters of a line: larger cases are run live only


def line(case: dict[str, Any], answer: dict[str, Any]) -> str:
    kept = {k: v for k, v in answer.items() if k in ("out", "state", "grad", "types", "no_grad")}
    return json.dumps({"case": case, "answer": kept}, separators=(",", ":"))


def write(version: str, lines: list[str]) -> None:
    """The file of the recording; the same input gives the same bytes."""
    text = "\n".join([json.dumps({"version": version}), *lines]) + "\n"
    with (
        open(RECORDED, "wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as out,
    ):
        out.write(text.encode("utf-8"))


def main() -> int:
    which = oracle()
    if which is None:
        print(HOW_TO, file=sys.stderr)
        return 2
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    cases = [c for c in all_cases() if re.search(only, c["op"])]
    found = answers(which[1], "tensorflow", cases)
    kept = [] if not only else [line(c, a) for c, a in load() if not re.search(only, c["op"])]
    refused = 0
    for case, answer in zip(cases, found, strict=True):
        text = line(case, answer)
        if "error" in answer or len(text) > LARGEST:
            refused += 1
        else:
            kept.append(text)
    version = next(a["version"] for a in found if "version" in a)
    write(version, sorted(kept))
    print(f"{len(kept)} cases recorded from {version}, {refused} left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
