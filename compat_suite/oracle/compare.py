"""Judges two answers to one case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from compat_suite.oracle.evaluate import unpack

# Relative difference allowed by the narrowest type that takes part.
TOLERANCE = {"float64": 1e-9, "complex128": 1e-9, "float32": 1e-4, "complex64": 1e-4, "float16": 1e-2, "bfloat16": 4e-2}

# Ops whose kernels in TF compute in less than their type has.
COARSE = {"CTCLoss": 1e-6, "CTCBeamSearchDecoder": 1e-6, "CTCGreedyDecoder": 1e-6}


@dataclass(frozen=True)
class Verdict:
    """status: same, close, differs (over tolerance), error (one side fails), refused (both do), more (only TF fails)."""

    status: str
    worst: float = 0.0  # largest relative difference
    detail: str = ""


def relative(got: np.ndarray, want: np.ndarray) -> float:
    """Largest |got - want| over the size of the values; inf where NaN or infinities sit elsewhere or shapes differ."""
    if got.shape != want.shape:
        return float("inf")
    if got.dtype.kind not in "fc" and want.dtype.kind not in "fc":
        return 0.0 if np.array_equal(got, want) else float("inf")
    got = got.astype(np.complex128 if got.dtype.kind == "c" else np.float64)
    want = want.astype(np.complex128 if want.dtype.kind == "c" else np.float64)
    finite = np.isfinite(want)
    if not np.array_equal(finite, np.isfinite(got)):
        return float("inf")
    if not np.array_equal(got[~finite], want[~finite], equal_nan=True):
        return float("inf")
    if not finite.any():
        return 0.0
    scale = max(float(np.max(np.abs(want[finite]))), 1e-3)
    return float(np.max(np.abs(got[finite] - want[finite]))) / scale


def tolerance(case: dict[str, Any], answer: dict[str, Any]) -> float:
    """By the narrowest type among the inputs and outputs."""
    names = set(answer.get("types", ()))
    for _, value in case["inputs"]:
        for v in value if isinstance(value, list) else [value]:
            names.add((v.get("a") or v.get("ref") or v.get("resource"))[0])
    return max([COARSE.get(case["op"], 0.0), *(TOLERANCE[n] for n in names if n in TOLERANCE)])


def judge(case: dict[str, Any], got: dict[str, Any], want: dict[str, Any]) -> Verdict:
    """`got` is ours, `want` TensorFlow's."""
    if "error" in want:
        if "error" in got:
            return Verdict("refused")
        return Verdict("more", detail=": ".join(want["error"][1:]))
    if "error" in got:
        return Verdict("error", detail=": ".join(got["error"]))
    limit = tolerance(case, want)
    if got["types"] != want["types"]:
        return Verdict("differs", float("inf"), f"types {got['types']}, TF has {want['types']}")
    worst = 0.0
    for part in ("out", "state", "grad"):
        mine, theirs = got.get(part), want.get(part)
        if theirs is None or (part == "grad" and mine is None):
            if part == "grad" and theirs is not None:
                return Verdict("error", detail="gradient: " + ": ".join(got["no_grad"]))
            continue
        if mine is None or len(mine) != len(theirs):
            return Verdict("differs", float("inf"), f"{part}: another number of values")
        for i, (a, b) in enumerate(zip(mine, theirs)):
            if a is None or b is None:
                if a is not b:
                    return Verdict(
                        "differs", float("inf"), f"gradient {i}: None on one side ({a is None}, {b is None})"
                    )
                continue
            if part == "out" and i in case.get("skip", ()):
                continue
            if a[0] != b[0]:
                return Verdict("differs", float("inf"), f"{part} {i}: {a[0]}, TF has {b[0]}")
            apart = relative(unpack(a), unpack(b))
            worst = max(worst, apart)
            if apart > limit:
                text = f"{part} {i}: {apart:.2g} apart; {_short(a)}, TF has {_short(b)}"
                return Verdict("differs", apart, text)
    return Verdict("same" if worst == 0.0 else "close", worst)


def _short(packed: list[Any]) -> str:
    array = unpack(packed)
    return f"{list(array.shape)} {np.array2string(array.ravel()[:8], precision=6, separator=',')}"
