"""Writes docs/support.md: what each op type has, and which public names are there.

    python -m compat_suite tables [--out docs/support.md] [--check]

"Compared" types are those in which the op gave TensorFlow's numbers when they were recorded (tier oracle).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from compat_suite.oracle.recorded import load, version
from compat_suite.public_api import percent
from compat_suite.tier import Options
from compat_suite.tiers.api import TIER as API
from tfcompat.framework import op_defs
from tfcompat.framework.op import NOT_DIFFERENTIABLE, OPS, Op

SHORT = {"float": "f", "bfloat": "bf", "int": "i", "uint": "u", "complex": "c", "qint": "qi", "quint": "qu"}


def short(name: str) -> str:
    """float32 -> f32."""
    letters = name.rstrip("0123456789")
    return SHORT.get(letters, letters) + name[len(letters) :]


def main_type(case: dict) -> str:
    """The type a case is about: that of its first floating input, else of its first input."""
    names = []
    for _, value in case["inputs"]:
        for v in value if isinstance(value, list) else [value]:
            names.append((v.get("a") or v.get("ref") or v.get("resource"))[0])
    floats = [n for n in names if "float" in n or "complex" in n]
    return (floats or names or [""])[0]


def compared() -> tuple[dict[str, dict[str, None]], set[str], dict[str, int]]:
    """By op: the types that were compared, whether its gradient was, how many cases."""
    types: defaultdict[str, dict[str, None]] = defaultdict(dict)
    graded: set[str] = set()
    count: defaultdict[str, int] = defaultdict(int)
    for case, want in load():
        count[case["op"]] += 1
        types[case["op"]][main_type(case)] = None
        if want.get("grad"):
            graded.add(case["op"])
    return types, graded, count


def has_kernel(op: Op) -> bool:
    return op.kernel_fn is not None or op.build_fn is not None


def gradient(op: Op) -> str:
    if op.gradient_fn is None:
        return ""
    return "none, as in TF" if op.gradient_fn is NOT_DIFFERENTIABLE else "yes"


def second_order(op: Op) -> str:
    """Whether the derivative of the rule is checked by differences."""
    if op.gradient_fn is None or op.gradient_fn is NOT_DIFFERENTIABLE or op.samples_fn is None:
        return ""
    return "checked" if any(s.second_order for s in op.samples_fn()) else ""


def op_table() -> list[str]:
    types, graded, count = compared()
    rows = ["| op | gradient | second order | compared types | cases |", "| --- | --- | --- | --- | --- |"]
    for name in sorted(OPS):
        op = OPS[name]
        if has_kernel(op):
            slope = gradient(op) + (" (compared)" if name in graded else "")
            of = " ".join(short(t) for t in types.get(name, ()) if t)
            rows.append(f"| {name} | {slope} | {second_order(op)} | {of} | {count.get(name, 0) or ''} |")
    return rows


def figures() -> list[str]:
    ready = [op for op in OPS.values() if has_kernel(op)]
    public = [t for t in op_defs.op_types() if op_defs.in_raw_ops(t)]
    rules = [op for op in ready if gradient(op) == "yes"]
    types, graded, count = compared()
    return [
        "| what | number |",
        "| --- | --- |",
        f"| op types in `tf.raw_ops` of TF 1.15 | {len(public)} |",
        f"| with a kernel | {sum(op.type in set(public) for op in ready)} |",
        f"| with a gradient rule | {len(rules)} |",
        f"| whose second order is checked by differences | {sum(bool(second_order(op)) for op in rules)} |",
        f"| compared with TF {version()}: op types | {len(types)} |",
        f"| of those, gradients too | {len(graded)} |",
        f"| cases | {sum(count.values())} |",
    ]


def symbol_table() -> list[str]:
    result = API.run(Options())
    table = next(t for t in result.tables if t.title.startswith("By namespace"))
    rows = ["| namespace | names | present | | same signature | |", "| --- | --- | --- | --- | --- | --- |"]
    for name, names, present, share, equal, equal_share, *_ in sorted(table.rows, key=lambda r: str(r[0])):
        rows.append(f"| `{name}` | {names} | {present} | {share} | {equal} | {equal_share} |")
    total = sum(int(str(r[1])) for r in table.rows)
    there = sum(int(str(r[2])) for r in table.rows)
    rows.append(f"| all | {total} | {there} | {percent(there, total)} | | |")
    return rows


def missing() -> list[str]:
    names = [t for t in op_defs.op_types() if op_defs.in_raw_ops(t) and not (t in OPS and has_kernel(OPS[t]))]
    return [", ".join(f"`{n}`" for n in names) + "."]


def page() -> str:
    """The whole document."""
    import tfcompat.ops  # noqa: F401  declares the ops

    parts = [
        ["# What is supported", "", "Written by `python -m compat_suite tables`; do not edit.", ""],
        ["## Figures", "", *figures(), ""],
        ["## Public names by namespace", "", *symbol_table(), ""],
        ["## Op types", "", "Types: " + ", ".join(f"{v} = {k}" for k, v in SHORT.items()) + ".", "", *op_table(), ""],
        ["## Op types without a kernel", "", "They can be built into a graph and say so when run.", "", *missing(), ""],
    ]
    return "\n".join(line for part in parts for line in part)


def main(argv: Sequence[str]) -> int:
    """Writes the page; with --check only says whether it is up to date (exit status 1: it is not)."""
    parser = argparse.ArgumentParser("python -m compat_suite tables", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/support.md"))
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args(argv)
    text = page()
    if asked.check:
        return int(not asked.out.is_file() or asked.out.read_text(encoding="utf-8") != text)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(text, encoding="utf-8")
    print(f"{asked.out}: {len(text.splitlines())} lines")
    return 0
