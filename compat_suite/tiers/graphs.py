"""Tier "graphs": small programs build the same nodes as in TF 1.15, recorded in data/graphs.json.gz.

Six questions per program, answered apart: the forward nodes (names, op types, inputs, order), their attrs and
devices, their static shapes and dtypes, the collections, the kinds of nodes in the gradient part, and their names.
A program's status is the first of them that fails.
"""

from __future__ import annotations

import gzip
import importlib
import json
import logging
import math
import re
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from compat_suite.graph_facts import graph_facts
from compat_suite.graph_programs import PROGRAMS
from compat_suite.tier import Options, Row, Table, TierResult

RECORDED = Path(__file__).resolve().parents[1] / "data" / "graphs.json.gz"
NAME, OP, INPUTS, DEVICE, ATTRS, OUTPUTS = range(6)  # places in a node's facts

Facts = dict[str, Any]


def recorded_programs() -> dict[str, Facts]:
    """Program name -> what TF 1.15 built."""
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        return json.load(lines)["programs"]


def open_programs() -> set[str]:
    """Programs whose forward nodes are not TF's yet, or are not by design; the list may only shrink."""
    lines = (RECORDED.parent / "graphs_open.tsv").read_text(encoding="utf-8").splitlines()
    return {line.split("\t")[0] for line in lines if line and not line.startswith("#")}


def build(tf: ModuleType, name: str) -> Facts:
    """Runs one program in a fresh graph and returns the facts about it, in the form of the recording."""
    graph = tf.Graph()
    with graph.as_default(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        PROGRAMS[name](tf)
        # A round trip through JSON turns tuples and numpy scalars into what the recording holds.
        return json.loads(json.dumps(graph_facts(graph)))


def same(got: object, want: object) -> bool:
    """Equality of JSON values; numbers that were computed may differ in the last bit."""
    if isinstance(got, dict) and isinstance(want, dict):
        return got.keys() == want.keys() and all(same(got[key], want[key]) for key in want)
    if isinstance(got, list) and isinstance(want, list):
        return len(got) == len(want) and all(same(g, w) for g, w in zip(got, want))
    if isinstance(got, float) and isinstance(want, float):
        return math.isclose(got, want, rel_tol=1e-6, abs_tol=1e-12)
    return type(got) is type(want) and got == want


def forward_difference(got: Sequence[list], want: Sequence[list]) -> str:
    """The first place where names, op types, inputs or order differ; empty when nothing does."""
    for place, (mine, theirs) in enumerate(zip(got, want)):
        for column, label in ((NAME, "name"), (OP, "op"), (INPUTS, "inputs")):
            if mine[column] != theirs[column]:
                where = f"{theirs[NAME]} ({theirs[OP]})"
                return f"node {place}: {label} {mine[column]!r}, TF has {theirs[column]!r} in {where}"
    if len(got) != len(want):
        longer, whose = (got, "ours") if len(got) > len(want) else (want, "TF's")
        extra = longer[min(len(got), len(want))]
        return f"{len(got)} nodes, TF has {len(want)}; {whose} goes on with {extra[NAME]} ({extra[OP]})"
    return ""


def attr_difference(got: Sequence[list], want: Sequence[list]) -> str:
    """The first attr or device that differs, over the nodes that both graphs have under one name."""
    mine = {node[NAME]: node for node in got}
    for theirs in want:
        ours = mine.get(theirs[NAME])
        if ours is None or ours[OP] != theirs[OP]:
            continue
        if ours[DEVICE] != theirs[DEVICE]:
            return f"{theirs[NAME]} ({theirs[OP]}): device {ours[DEVICE]!r}, TF has {theirs[DEVICE]!r}"
        for key in sorted(ours[ATTRS].keys() | theirs[ATTRS].keys()):
            mine_value, their_value = ours[ATTRS].get(key), theirs[ATTRS].get(key)
            if not same(mine_value, their_value):
                return f"{theirs[NAME]} ({theirs[OP]}): attr {key} {mine_value!r}, TF has {their_value!r}"
    return ""


def output_difference(got: Sequence[list], want: Sequence[list]) -> str:
    """The first output whose dtype or static shape differs, over the nodes that both graphs have."""
    mine = {node[NAME]: node for node in got}
    for theirs in want:
        ours = mine.get(theirs[NAME])
        if ours is not None and ours[OP] == theirs[OP] and ours[OUTPUTS] != theirs[OUTPUTS]:
            return f"{theirs[NAME]} ({theirs[OP]}): outputs {ours[OUTPUTS]}, TF has {theirs[OUTPUTS]}"
    return ""


def collection_difference(got: dict[str, list], want: dict[str, list]) -> str:
    """The first collection that differs."""
    for key in sorted(got.keys() | want.keys()):
        if got.get(key) != want.get(key):
            return f"collection {key}: {got.get(key)}, TF has {want.get(key)}"
    return ""


def gradient_difference(got: Sequence[list], want: Sequence[list]) -> str:
    """Which op types the gradient part has too many or too few of."""
    mine, theirs = Counter(n[OP] for n in got), Counter(n[OP] for n in want)
    parts = [f"{op} {mine[op]} (TF {theirs[op]})" for op in sorted(mine | theirs) if mine[op] != theirs[op]]
    return ", ".join(parts)


def name_difference(got: Sequence[list], want: Sequence[list]) -> str:
    """The first gradient node that only one of the graphs has."""
    mine, theirs = {n[NAME]: n[OP] for n in got}, {n[NAME]: n[OP] for n in want}
    for name in [*theirs, *mine]:
        if mine.get(name) != theirs.get(name):
            return f"{name}: {mine.get(name)}, TF has {theirs.get(name)}"
    return ""


def differences(got: Facts, want: Facts) -> dict[str, str]:
    """Question -> first difference ('' where equal), in the order of the statuses."""
    return {
        "forward": forward_difference(got["forward"], want["forward"]),
        "attrs": attr_difference(got["forward"], want["forward"]),
        "shapes": output_difference(got["forward"], want["forward"]),
        "collections": collection_difference(got["collections"], want["collections"]),
        "gradient types": gradient_difference(got["gradients"], want["gradients"]),
        "gradient names": name_difference(got["gradients"], want["gradients"]),
    }


class Graphs:
    """The tier; see the module."""

    name = "graphs"
    description = "small programs build TF 1.15's nodes: names, op types, inputs, attrs, shapes, gradients"

    def run(self, options: Options) -> TierResult:
        """Builds every recorded program with the package and compares."""
        tf = importlib.import_module(options.package)
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        recorded = {n: f for n, f in recorded_programs().items() if re.search(options.only, n)}
        rows: list[Row] = []
        equal: Counter[str] = Counter()
        asked: Counter[str] = Counter()
        ids = 0
        for name, want in recorded.items():
            try:
                got = build(tf, name)
            except Exception as error:
                text = (str(error).splitlines() or [""])[0]
                rows.append(Row(name, "error", f"{type(error).__name__}: {text}"))
                for question in differences(want, want):
                    asked[question] += not question.startswith("gradient") or bool(want["gradients"])
                continue
            found = differences(got, want)
            for question, text in found.items():
                counted = not question.startswith("gradient") or bool(want["gradients"] or got["gradients"])
                asked[question] += counted
                equal[question] += counted and not text
            ids += got["last_id"] == want["last_id"]
            status = next((question for question, text in found.items() if text), "pass")
            rows.append(Row(name, status, found.get(status, "")))
        return self._result(rows, asked, equal, ids)

    def _result(self, rows: list[Row], asked: Counter[str], equal: Counter[str], ids: int) -> TierResult:
        statuses = Counter(row.status for row in rows)
        counts: dict[str, int | float | str] = {
            "programs": len(rows),
            "pass": statuses["pass"],
            "error": statuses["error"],
        }
        table = []
        for question in differences(_EMPTY, _EMPTY):
            counts[f"{question} equal"] = equal[question]
            table.append((question, equal[question], asked[question]))
        counts["last id equal"] = ids
        table.append(("last id", ids, len(rows)))
        return TierResult(
            rows,
            counts,
            passed={r.name for r in rows if r.status in ("error", "forward")} <= open_programs(),
            tables=[Table("What is equal to TF 1.15", ("question", "equal", "programs"), table)],
            notes=[
                "The tier passes when the forward part of every program is equal that data/graphs_open.tsv does not name."
            ],
        )


_EMPTY: Facts = {"forward": [], "gradients": [], "collections": {}, "last_id": 0}

TIER = Graphs()
