"""Imports go one way, torch's own autograd stays out, and importing the package has no side effects."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tfcompat").rglob("*.py"))
LAYERS = [  # lower never imports higher
    {"framework"},
    {"ops"},
    {"gradients", "runtime"},
    {"client"},
    {"training", "layers", "losses", "metrics", "rnn", "data", "summary", "io", "platform"},
    {"contrib", "keras", "estimator", "learn"},
    {"api"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
STRANGERS = {"gradients", "runtime"}  # of one rank, and not to know each other
FORBIDDEN = re.compile(
    r"requires_grad|\.backward\(|torch\.(autograd|func|fx|compile|jit)\b|"
    r"from torch import .*\b(autograd|func|fx|compile|jit)\b"
)


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and package below tfcompat of every import, those inside functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".")
            assert node.level == 0, f"line {node.lineno}: relative import"
            if parts[0] == "tfcompat":
                yield from ((node.lineno, name) for name in (parts[1:2] or [alias.name for alias in node.names]))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                # Sub-packages share names with public ones (tf.gradients, tf.data), so this form finds the wrong thing.
                assert not alias.name.startswith("tfcompat."), f"line {node.lineno}: write `from {alias.name} import`"


def violations(package: str, tree: ast.AST) -> list[str]:
    rank = RANK.get(package, len(LAYERS))
    return [
        f"line {line}: {package} imports {other}"
        for line, other in imported(tree)
        if RANK.get(other, -1) > rank or ({package, other} == STRANGERS)
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_go_down_only(file: Path) -> None:
    package = file.relative_to(ROOT / "tfcompat").parts[0].removesuffix(".py")
    assert violations(package, ast.parse(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "package, source",
    [
        ("framework", "from tfcompat.ops.math import add"),
        ("ops", "def f():\n    from tfcompat.runtime import plan"),
        ("gradients", "from tfcompat.runtime.plan import Plan"),
        ("runtime", "from tfcompat import gradients"),
        ("client", "from tfcompat.api.v1 import nn"),
    ],
)
def test_a_planted_import_is_seen(package: str, source: str) -> None:
    assert violations(package, ast.parse(source))


def test_torch_autograd_and_compilers_are_not_used() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in FILES
        if not file.relative_to(ROOT / "tfcompat").parts[0].startswith("torch_interop")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


IMPORT = """
import os, sys, threading
import numpy, torch                       # what these two do at import is theirs
tasks = "/proc/self/task"
count = lambda: len(os.listdir(tasks)) if os.path.isdir(tasks) else 0
before = count()
import tfcompat
assert count() == before and threading.active_count() == 1, threading.enumerate()
assert not [m for m in sys.modules if m.partition(".")[0] in ("tensorflow", "keras", "jax")]
"""


def test_import_starts_no_threads_and_needs_no_tensorflow() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORT], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
