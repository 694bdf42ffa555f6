"""Records the tables of TensorFlow's public names that the suite and the API generator need.

    python compat_suite/record/facts.py FACTS_FOLDER

The folder holds api_v1.tsv and contrib_used.tsv: name, kind, signature, use counts and aliases of each public name,
read off the installed TensorFlow 1.15.0 and 2.21.0. The output is the same bytes for the same input.
"""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
TABLES = {
    "api_v1.tsv": ("symbol", "kind", "in_1_15", "signature", "uses", "repos", "same_as"),
    "contrib_used.tsv": ("symbol", "kind", "signature", "uses", "repos"),
}


def record(source: Path, target: Path, columns: tuple[str, ...]) -> int:
    """Copies the named columns of one table; returns how many rows it has."""
    with source.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    text = "".join("\t".join(cells) + "\n" for cells in [columns, *([row[c] for c in columns] for row in rows)])
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    return len(rows)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name, columns in TABLES.items():
        count = record(folder / name, DATA / f"{name}.gz", columns)
        print(f"{name}: {count} rows")
