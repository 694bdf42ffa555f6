"""Writes constraints.txt from what pip resolves for each supported Python; needs pip and its index, installs nothing.

    python tools/pin_constraints.py PYTHON3.10 PYTHON3.11 PYTHON3.12 PYTHON3.13 > constraints.txt

torch is pinned by hand (TORCH): asking an index for any torch downloads gigabytes. What it needs is resolved here.
"""

from __future__ import annotations

import json
import subprocess
import sys

TORCH = "2.13.0"
TORCH_NEEDS = ["filelock", "typing_extensions>=4.10", "sympy>=1.13.3", "networkx", "jinja2", "fsspec", "setuptools"]
ASKED = [
    "numpy>=1.26", "protobuf", "tensorboard", "absl-py", "ml_dtypes", "six", "scikit-learn", "matplotlib", "pytest", "scipy",
    "pillow",
]  # fmt: skip
DEVELOPMENT = ["ruff", "mypy", "pre-commit", "nox", "rich"]


def resolved(python: str) -> tuple[str, dict[str, str]]:
    """The Python version (as 3.11) and the versions pip picks with that interpreter."""
    wanted = [*ASKED, *DEVELOPMENT, *TORCH_NEEDS]
    command = [python, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", *wanted]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    version = ".".join(report["environment"]["python_full_version"].split(".")[:2])
    return version, {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in report["install"]}


def lines(by_python: dict[str, dict[str, str]]) -> list[str]:
    """One pin per package, or one per range of Pythons where pip's choice differs."""
    out = []
    for name in sorted({name for pins in by_python.values() for name in pins}):
        chosen = {python: pins.get(name) for python, pins in by_python.items()}
        versions = set(chosen.values())
        if versions == {next(iter(versions))}:
            out.append(f"{name}=={chosen.popitem()[1]}")
            continue
        for version in sorted(versions - {None}):
            pythons = [python for python, picked in chosen.items() if picked == version]
            marker = " or ".join(f'python_version == "{python}"' for python in pythons)
            out.append(f"{name}=={version}; {marker}")
    return out


if __name__ == "__main__":
    print(f"# Versions for development and CI; written by tools/pin_constraints.py.\ntorch=={TORCH}")
    print("\n".join(lines(dict(resolved(python) for python in sys.argv[1:]))))
