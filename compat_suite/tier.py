"""What a tier of the report is: a question asked of the package, answered case by case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; every tier gets the same object."""

    package: str = "tfcompat"  # the module under test
    listed: int = 25  # how many entries a listing in the report shows
    out: Path = Path("out/compat")
    checkout_root: Path | None = None  # where repositories of public programs are checked out
    only: str = ""  # a regular expression: the cases whose name matches
    oracle: str = ""  # interpreter of a TensorFlow to ask
    harness: str = ""  # folder of the harness for TensorFlow's own tests
    sources: str = ""  # git directory of TensorFlow's sources


@dataclass(frozen=True, slots=True)
class Row:
    """One case. `status` is "pass" where all is well; a tier names its other statuses itself."""

    name: str
    status: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures for people: the first column holds labels."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]


@dataclass(slots=True)
class TierResult:
    """The answer: every case, the figures that matter, and whether they are good enough."""

    rows: list[Row]
    counts: dict[str, int | float | str]
    passed: bool
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Tier(Protocol):
    """A module in compat_suite/tiers holds one of these as `TIER`."""

    name: str
    description: str

    def run(self, options: Options) -> TierResult: ...
