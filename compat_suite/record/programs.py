"""Records the losses that public programs print on TF 1.15, seeded with 1: compat_suite/data/programs.json.

    python compat_suite/record/programs.py --tf1 PYTHON --checkout-root DIR [names ...]
    python compat_suite/record/programs.py --logs DIR          (reads NAME.tf1 files that run_seeded.py's runs wrote)

The MNIST-format data must lie in /tmp/data (`python -m compat_suite.mnist_data /tmp/data`).
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from compat_suite import public_programs  # noqa: E402

DATA = ROOT / "compat_suite" / "data" / "programs.json"
RUNNER = ROOT / "compat_suite" / "record" / "run_seeded.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--tf1", help="a Python with TF 1.15")
    parser.add_argument("--checkout-root", type=pathlib.Path)
    parser.add_argument("--logs", type=pathlib.Path)
    args = parser.parse_args()
    known = json.loads(DATA.read_text()) if DATA.exists() else {}
    for program in public_programs.PROGRAMS:
        if args.names and program.name not in args.names:
            continue
        if args.logs:
            log = args.logs / f"{program.name}.tf1"
            if not log.exists():
                continue
            output = log.read_text()
        else:
            found = public_programs.folder(program, args.checkout_root)
            if found is None:
                print(f"{program.name}: no checkout of {program.repository}")
                continue
            status, output = public_programs.run([args.tf1, str(RUNNER), "1"], found / program.script, 3600)
            if status:
                print(f"{program.name}: failed\n{output[-800:]}")
                continue
        known[program.name] = public_programs.losses(program, output)
        print(f"{program.name}: {len(known[program.name])} losses")
    DATA.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
