"""Sample inputs of an op: what the tests that hold for every op feed.

    @exp.samples
    def _exp_samples():
        yield sample(real(2, 3))
        yield sample(real(0, 3))
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Spec:
    """An input to be drawn: `draw(rng)` gives a float64 (or complex128, or integer) array."""

    draw: Callable[[np.random.RandomState], np.ndarray]
    differentiable: bool


@dataclasses.dataclass(frozen=True)
class Sample:
    """Inputs (Specs, arrays, or lists of them for list inputs) and attrs of one use of an op.

    second_order: False when the second derivative is not smooth at the sample, with the reason in `note`.
    rtol: looser tolerance of the numeric gradient where float64 differences cannot do better, reason in `note`.
    outputs: positions of the outputs whose derivatives are checked (None: all), reason for the others in `note`.
    """

    inputs: tuple[Any, ...]
    attrs: dict[str, Any]
    second_order: bool = True
    rtol: float = 1e-6
    note: str = ""
    outputs: tuple[int, ...] | None = None


def real(*dims: int, low: float = -1.0, high: float = 1.0, distinct: bool = False) -> Spec:
    """Uniform numbers in [low, high). `distinct`: no two closer than a grid step (for max, sort and their ties)."""

    def draw(rng: np.random.RandomState) -> np.ndarray:
        n = int(np.prod(dims, dtype=np.int64))
        if distinct:
            grid = low + (high - low) * (np.arange(n) + 0.5) / max(n, 1)
            return rng.permutation(grid).reshape(dims)
        return rng.uniform(low, high, dims)

    return Spec(draw, True)


def complex_(*dims: int) -> Spec:
    """Complex numbers with both parts uniform in [-1, 1)."""
    return Spec(lambda rng: rng.uniform(-1, 1, dims) + 1j * rng.uniform(-1, 1, dims), True)


def ints(*dims: int, low: int = 0, high: int = 5, dtype: Any = np.int32) -> Spec:
    """Integers in [low, high)."""
    return Spec(lambda rng: np.asarray(rng.randint(low, high, dims), dtype), False)


def bools(*dims: int) -> Spec:
    return Spec(lambda rng: np.asarray(rng.rand(*dims) < 0.5), False)


def drawn(draw: Callable[[np.random.RandomState], np.ndarray], differentiable: bool = True) -> Spec:
    """An input by a function of the random state (a positive definite matrix, a permutation)."""
    return Spec(draw, differentiable)


def fixed(value: Any, dtype: Any = None) -> np.ndarray:
    """A constant input that no gradient is taken of (a shape, an axis; int32 unless said otherwise)."""
    array = np.asarray(value, dtype)
    return array.astype(np.int32) if dtype is None and array.dtype == np.int64 else array


def sample(
    *inputs: Any,
    second_order: bool = True,
    rtol: float = 1e-6,
    note: str = "",
    outputs: tuple[int, ...] | None = None,
    **attrs: Any,
) -> Sample:
    """One use of an op: its inputs in TF's order, its attrs by keyword."""
    return Sample(inputs, attrs, second_order, rtol, note, outputs)
