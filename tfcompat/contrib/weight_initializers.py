"""Xavier and variance scaling initializers. Source: TF 1.15, contrib/layers/python/layers/initializers.py."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import dtypes
from tfcompat.framework.export import export, export_value
from tfcompat.ops import random

# A normal distribution cut off at two deviations has less than its variance; this makes up for it.
_TRUNCATION = 1.3


def _fans(shape: Sequence[Any]) -> tuple[float, float]:
    """How many inputs and outputs a unit of weights of that shape has."""
    sizes = [float(size) for size in shape]
    if not sizes:
        return 1.0, 1.0
    taps = math.prod(sizes[:-2])
    return taps * (sizes[-2] if len(sizes) > 1 else sizes[-1]), taps * sizes[-1]


@export("contrib.layers.variance_scaling_initializer", "contrib.slim.variance_scaling_initializer")
def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = dtypes.float32,
) -> Callable[..., Any]:
    """An initializer whose values have the variance factor / n.

    n is the number of inputs of a unit (FAN_IN), of outputs (FAN_OUT) or the mean of both (FAN_AVG).
    Raises: TypeError for a dtype that is not floating and for another mode.
    """
    if not dtype.is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError("Unknown mode %s [FAN_IN, FAN_OUT, FAN_AVG]", mode)

    def _initializer(shape: Any, dtype: Any = dtype, partition_info: Any = None) -> Any:
        if not dtype.is_floating:
            raise TypeError("Cannot create initializer for non-floating point type.")
        fan_in, fan_out = _fans(shape)
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return random.random_uniform(shape, -limit, limit, dtype, seed=seed)
        return random.truncated_normal(shape, 0.0, math.sqrt(_TRUNCATION * factor / n), dtype, seed=seed)

    return _initializer


@export("contrib.layers.xavier_initializer", "contrib.slim.xavier_initializer")
def xavier_initializer(
    uniform: bool = True, seed: int | None = None, dtype: Any = dtypes.float32
) -> Callable[..., Any]:
    """An initializer with variance 2 / (inputs + outputs), after Glorot and Bengio (2010)."""
    return variance_scaling_initializer(factor=1.0, mode="FAN_AVG", uniform=uniform, seed=seed, dtype=dtype)


xavier_initializer_conv2d = xavier_initializer
export_value("contrib.layers.xavier_initializer_conv2d", "contrib.slim.xavier_initializer_conv2d")
