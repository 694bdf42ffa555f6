"""Runs cases in another interpreter; a case that ends the process is named and left out."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EVALUATE = Path(__file__).with_name("evaluate.py")
HOW_TO = (
    "To ask TensorFlow itself: make an environment with Python 3.7 (python3.7 -m venv tf1; tf1/bin/pip install "
    "tensorflow==1.15.0 'numpy<1.19' 'protobuf<3.21') and set TFCOMPAT_ORACLE_TF1 to its python, or one with a current "
    "TensorFlow (pip install tensorflow-cpu) and set TFCOMPAT_ORACLE_TF2."
)


def oracle(given: str = "") -> tuple[str, str] | None:
    """(name, interpreter) of the TensorFlow to ask: what was given, else what the environment names."""
    if given:
        return "given", given
    for name, key in (("TF 1.15", "TFCOMPAT_ORACLE_TF1"), ("TF 2", "TFCOMPAT_ORACLE_TF2")):
        if os.environ.get(key):
            return name, os.environ[key]
    return None


def answers(python: str, module: str, cases: Sequence[dict[str, Any]], seconds: float = 600) -> list[dict[str, Any]]:
    """The answers of `module` under the interpreter `python`, one per case.

    Raises: RuntimeError when the interpreter cannot import the module.
    """
    found: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "cases.jsonl"), Path(folder, "answers.jsonl")
        source.write_text("".join(json.dumps(c) + "\n" for c in cases), encoding="utf-8")
        target.touch()
        start = 0
        while start < len(cases):
            command = [python, str(EVALUATE), module, str(source), str(target), str(start)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
                ended, text = done.returncode, done.stderr
            except subprocess.TimeoutExpired:
                ended, text = -1, "timeout"
            for line in target.read_text(encoding="utf-8").splitlines():
                one = json.loads(line)
                found[one["at"]] = one
            reached = max(found, default=-1) + 1
            if ended == 0:
                break
            if reached == start and not found and "ImportError" in text + "ModuleNotFoundError" and "Traceback" in text:
                raise RuntimeError(text.strip().splitlines()[-1])
            found[reached] = {"at": reached, "error": ["process", "Ended", f"{ended}: {text.strip()[-200:]}"]}
            start = reached + 1
    return [found.get(i, {"error": ["process", "Ended", "no answer"]}) for i in range(len(cases))]
