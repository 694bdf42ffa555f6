"""The recorded answers of TensorFlow."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).resolve().parents[1] / "data" / "oracle.json.gz"


def load() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of a case and TensorFlow's answer."""
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        next(lines)
        return [(one["case"], one["answer"]) for one in map(json.loads, lines)]


def version() -> str:
    """The TensorFlow that was recorded."""
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        return str(json.loads(next(lines))["version"])
