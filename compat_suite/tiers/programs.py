"""Tier "programs": public TF1 programs run unmodified by `python -m tfcompat run`, judged by TF 1.15's own losses."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from compat_suite import public_programs
from compat_suite.tier import Options, Row, TierResult

RECORDED = Path(__file__).resolve().parents[1] / "data" / "programs.json"
_SECONDS = 1800.0


class ProgramsTier:
    name = "programs"
    description = "public TF1 programs, unmodified: the losses they print beside TF 1.15's from equal initial values"

    def run(self, options: Options) -> TierResult:
        """Runs every program whose checkout is there and whose losses are recorded."""
        recorded = json.loads(RECORDED.read_text())
        rows = []
        for program in public_programs.PROGRAMS:
            if options.only and options.only not in program.name:
                continue
            if program.name not in recorded:
                rows.append(Row(program.name, "not recorded"))
                continue
            found = public_programs.folder(program, options.checkout_root) if options.checkout_root else None
            if found is None:
                rows.append(Row(program.name, "no checkout", f"{program.repository} below --checkout-root"))
                continue
            rows.append(_judge(program, found, recorded[program.name]))
        ran = [r for r in rows if r.status not in ("no checkout", "not recorded")]
        counts: dict[str, int | float | str] = {
            "programs": len(rows), "run": len(ran), "pass": sum(r.status == "pass" for r in rows)
        }
        return TierResult(rows, counts, all(r.status == "pass" for r in ran))


def _judge(program: public_programs.Program, folder: Path, theirs: list[float]) -> Row:
    _provide_data()
    command = [sys.executable, "-m", "tfcompat", "run", "--seed", "1"]
    try:
        status, output = public_programs.run(command, folder / program.script, _SECONDS)
    except subprocess.TimeoutExpired:
        return Row(program.name, "timeout", f"after {_SECONDS:.0f} s")
    if status:
        return Row(program.name, "error", output.strip().splitlines()[-1])
    ours = public_programs.losses(program, output)
    n = program.steady if program.steady is not None else len(theirs)
    first = public_programs.compare(ours[:n], theirs[:n])
    worst = public_programs.compare(ours, theirs)
    passed = first <= 0.02 and worst <= program.spread
    shown = f"{len(ours)} losses, TF has {len(theirs)}; worst relative difference {first:.1e} in the first {n}, {worst:.1e} in all"
    return Row(program.name, "pass" if passed else "differs", shown)


def _provide_data() -> None:
    """The programs read MNIST from /tmp/data."""
    from compat_suite import mnist_data

    folder = Path(tempfile.gettempdir()) / "data"
    if not (folder / "train-images-idx3-ubyte.gz").exists():
        mnist_data.write(str(folder))


TIER = ProgramsTier()
