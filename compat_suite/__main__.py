"""`python -m compat_suite [tier ...]`: runs tiers, prints the report, writes it as Markdown and HTML.

Two commands beside the tiers: `python -m compat_suite fuzz` and `python -m compat_suite tables` (see their --help).
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from compat_suite import report
from compat_suite.tier import Options
from compat_suite.tiers import TIERS, load

COMMANDS = {"fuzz": "compat_suite.fuzz", "tables": "compat_suite.support_tables"}


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    defaults = Options()
    parser = argparse.ArgumentParser("python -m compat_suite", description=__doc__)
    parser.add_argument("tiers", nargs="*", metavar="tier", help=f"of {', '.join(TIERS)}; none named: all")
    parser.add_argument("--out", type=Path, default=defaults.out, help="folder for the report (%(default)s)")
    parser.add_argument("--json", action="store_true", help="also write report.json, with every case")
    parser.add_argument("--short", action="store_true", help="print one line a tier")
    parser.add_argument("--missing", type=int, metavar="N", default=defaults.listed, help="how long listings may get")
    parser.add_argument("--only", default=defaults.only, metavar="REGEX", help="only cases whose name matches")
    parser.add_argument("--checkout-root", type=Path, help="folder with checkouts of public programs (tier programs)")
    parser.add_argument("--package", default=defaults.package, help="the module under test (%(default)s)")
    parser.add_argument("--oracle", default="", metavar="PYTHON", help="tier oracle: a TensorFlow to ask now")
    parser.add_argument("--harness", default="", metavar="DIR", help="tier upstream: the folder with run.py")
    parser.add_argument("--sources", default="", metavar="DIR", help="tier upstream: git directory of TF 1.15")
    parsed = parser.parse_args(argv)
    unknown = [name for name in parsed.tiers if name not in TIERS]
    if unknown:
        parser.error(f"no tier {', '.join(unknown)}; there are {', '.join(TIERS)}")
    return parsed


def run_tiers(names: Sequence[str], options: Options) -> list[report.Section]:
    """Runs tiers one after the other."""
    sections = []
    for name in names:
        tier = load(name)
        began = time.perf_counter()
        result = tier.run(options)
        sections.append(report.Section(tier.name, tier.description, result, time.perf_counter() - began))
    return sections


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0 when every tier passed."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in COMMANDS:
        return int(importlib.import_module(COMMANDS[words[0]]).main(words[1:]))
    asked = arguments(words)
    options = Options(
        package=asked.package,
        listed=asked.missing,
        out=asked.out,
        checkout_root=asked.checkout_root,
        only=asked.only,
        oracle=asked.oracle,
        harness=asked.harness,
        sources=asked.sources,
    )
    sections = run_tiers(asked.tiers or list(TIERS), options)

    colours = report.rich_text(sections, options) if sys.stdout.isatty() and not asked.short else None
    print(colours or report.plain_text(sections, options, short=asked.short), end="")
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "report.md").write_text(report.markdown(sections, options), encoding="utf-8")
    (asked.out / "report.html").write_text(report.html_page(sections, options), encoding="utf-8")
    if asked.json:
        (asked.out / "report.json").write_text(report.as_json(sections), encoding="utf-8")
    print(f"Report: {asked.out}/report.md, {asked.out}/report.html")
    return 0 if all(s.result.passed for s in sections) else 1


if __name__ == "__main__":
    sys.exit(main())
