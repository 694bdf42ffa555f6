"""Tier `api`: which public names of TensorFlow 1.15 are there, and with TensorFlow's signature.

Of a function, class or method the signature is compared, of a constant the value, of anything else its being there.
"""

from __future__ import annotations

import importlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compat_suite.facts import DATA, Symbol, api_symbols, contrib_symbols
from compat_suite.public_api import EQUAL, MISSING, compare, percent
from compat_suite.tier import Options, Row, Table, TierResult

OUTSIDE_CORE = ("keras", "raw_ops", "estimator", "lite", "tpu", "distribute", "contrib")
MEMBERS = ("method", "property")
FLOOR = DATA / "api_floor.json"  # counts that may only grow
Judged = tuple[Symbol, Row]


def namespace(symbol: Symbol, modules: frozenset[str]) -> str:
    """`tf.nn.rnn_cell.X` -> `nn`; names directly under tf, and members of classes there, -> `tf`."""
    first = ".".join(symbol.name.split(".")[:2])
    return first.removeprefix("tf.") if first in modules else "tf"


def is_core(symbol: Symbol) -> bool:
    """In 1.15, and outside the big satellites."""
    return symbol.in_1_15 and symbol.name.split(".")[1] not in OUTSIDE_CORE


@dataclass(frozen=True, slots=True)
class Coverage:
    """Totals over some names, each also weighted by how often programs use it."""

    names: int
    present: int
    equal: int
    uses: int
    uses_present: int
    uses_equal: int

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Coverage:
        totals = [0] * 6
        for symbol, row in judged:
            present, equal = row.status != MISSING, row.status == EQUAL
            for i, part in enumerate((1, present, equal)):
                totals[i] += part
                totals[i + 3] += part * symbol.uses
        return cls(*totals)

    def cells(self) -> tuple[object, ...]:
        return (
            self.names,
            self.present,
            percent(self.present, self.names),
            self.equal,
            percent(self.equal, self.names),
            self.uses,
            percent(self.uses_present, self.uses),
            percent(self.uses_equal, self.uses),
        )


COLUMNS = ("names", "present", "", "same", "", "uses", "present", "same")


def parts(judged: Sequence[Judged], contrib: Sequence[Judged]) -> dict[str, list[Judged]]:
    """The sets of names that the report gives totals for."""
    in_1_15 = [j for j in judged if j[0].in_1_15]
    return {
        "1.15 core: functions, classes, constants, modules": [
            j for j in in_1_15 if is_core(j[0]) and j[0].kind not in MEMBERS
        ],
        "1.15 core: methods and properties": [j for j in in_1_15 if is_core(j[0]) and j[0].kind in MEMBERS],
        "1.15 whole": in_1_15,
        "only in 2.21's compat.v1": [j for j in judged if not j[0].in_1_15],
        "tf.contrib names in use": list(contrib),
    }


def hold_to_floor(result: TierResult, floor: dict[str, int]) -> None:
    """Fails the result where a count has fallen below the recorded one; says where the record can be raised."""
    for name, least in floor.items():
        count = int(result.counts[name])
        if count < least:
            result.passed = False
            result.notes.append(f"{name}: {count}, fewer than the {least} recorded in {FLOOR.name}")
        elif count > least:
            result.notes.append(f"{name}: {count}, {least} recorded; {FLOOR.name} can be raised")


class ApiTier:
    """Looks every recorded name up in the package."""

    name = "api"
    description = "public names and signatures, against TensorFlow 1.15"

    def run(self, options: Options) -> TierResult:
        try:
            root = importlib.import_module(options.package)
        except Exception as problem:
            return TierResult([], {}, passed=False, notes=[f"import {options.package} failed: {problem!r}"])
        chosen = re.compile(options.only)
        symbols = [s for s in api_symbols() if chosen.search(s.name)]
        contrib = [s for s in contrib_symbols() if chosen.search(s.name)]
        rows = compare(root, [*symbols, *contrib])
        judged = list(zip([*symbols, *contrib], rows))
        result = self.summarise(judged[: len(symbols)], judged[len(symbols) :], options)
        if options == Options(listed=options.listed, out=options.out):  # the whole of tfcompat
            hold_to_floor(result, json.loads(FLOOR.read_text(encoding="utf-8")))
        return result

    def summarise(self, judged: Sequence[Judged], contrib: Sequence[Judged], options: Options) -> TierResult:
        groups = parts(judged, contrib)
        core_names, whole = (Coverage.of(groups[k]) for k in list(groups)[:3:2])
        by_namespace: dict[str, list[Judged]] = defaultdict(list)
        modules = frozenset(s.name for s, _ in judged if s.kind == "module")
        for j in judged:
            if j[0].in_1_15:
                by_namespace[namespace(j[0], modules)].append(j)
        largest = sorted(by_namespace, key=lambda n: (-sum(s.uses for s, _ in by_namespace[n]), n))

        # A member of a class that is missing says nothing new, so listings leave it out.
        missing = {s.name for s, row in judged if row.status == MISSING}
        wanted = [
            j for j in [*judged, *contrib] if j[1].status == MISSING and j[0].name.rpartition(".")[0] not in missing
        ]
        differing = [j for j in [*judged, *contrib] if j[1].status not in (MISSING, EQUAL)]
        for found in (wanted, differing):
            found.sort(key=lambda j: (-j[0].repos, -j[0].uses, not is_core(j[0]), j[0].name))

        def listing(title: str, found: Sequence[Judged]) -> Table:
            rows = [(s.name, s.kind, s.repos, s.uses, row.detail or s.signature) for s, row in found[: options.listed]]
            return Table(f"{title}: {len(found)}, most used first", ("name", "kind", "repos", "uses", ""), rows)

        return TierResult(
            rows=[row for _, row in [*judged, *contrib]],
            counts={
                "core names": core_names.names,
                "present": core_names.present,
                "same signature": core_names.equal,
                "uses present": percent(whole.uses_present, whole.uses),
                "uses same signature": percent(whole.uses_equal, whole.uses),
            },
            passed=True,
            tables=[
                Table(
                    "Names: present, with the same signature, and both weighted by use",
                    ("", *COLUMNS),
                    [(k, *Coverage.of(v).cells()) for k, v in groups.items()],
                ),
                Table(
                    "By namespace, 1.15", ("", *COLUMNS), [(n, *Coverage.of(by_namespace[n]).cells()) for n in largest]
                ),
                listing("Missing", wanted),
                listing("Present, but not the same", differing),
            ],
        )


TIER = ApiTier()
