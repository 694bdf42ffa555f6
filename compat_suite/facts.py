"""The recorded tables about TensorFlow's public surface; compat_suite/record/facts.py writes them."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
API_TABLE = DATA / "api_v1.tsv.gz"
CONTRIB_TABLE = DATA / "contrib_used.tsv.gz"


@dataclass(frozen=True, slots=True)
class Symbol:
    """One public name of TensorFlow, written as `tf.x.y`."""

    name: str
    kind: str  # function, class, method, property, constant, module
    signature: str  # of 1.15 where it is there, else of 2.21's compat.v1; empty: not known
    uses: int = 0
    repos: int = 0
    in_1_15: bool = True
    same_as: tuple[str, ...] = ()


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a gzipped tab-separated table with a header line and no quoting."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def api_symbols() -> list[Symbol]:
    """Every public name of 1.15 (without contrib) and of 2.21's compat.v1, most used first."""
    return [
        Symbol(
            name=row["symbol"],
            kind=row["kind"],
            signature=row["signature"],
            uses=int(row["uses"] or 0),
            repos=int(row["repos"] or 0),
            in_1_15=row["in_1_15"] == "yes",
            same_as=tuple(row["same_as"].split(", ")) if row["same_as"] else (),
        )
        for row in read_table(API_TABLE)
    ]


def contrib_symbols() -> list[Symbol]:
    """The tf.contrib names that programs use and that 1.15 has."""
    return [
        Symbol(row["symbol"], row["kind"], row["signature"], int(row["uses"] or 0), int(row["repos"] or 0))
        for row in read_table(CONTRIB_TABLE)
        if row["kind"] != "absent"
    ]
