"""tf.train's learning-rate schedules: functions of a step tensor.

Source: TF 1.15, python/training/learning_rate_decay.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import dtypes
from tfcompat.framework.conversion import to_tensor, to_tensors
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import elementwise, exponents
from tfcompat.ops.casting import cast
from tfcompat.training import learning_rate_schedule as schedules


@export("train.exponential_decay")
def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * decay_rate ^ (global_step / decay_steps); staircase: the exponent rounded down."""
    return schedules.ExponentialDecay(learning_rate, decay_steps, decay_rate, staircase, name)(global_step)


@export("train.piecewise_constant_decay", "train.piecewise_constant")
def piecewise_constant(x: Any, boundaries: Any, values: Any, name: str | None = None) -> Tensor:
    """values[0] while x <= boundaries[0], values[1] while x <= boundaries[1], ..., values[-1] after that.

    Raises: ValueError when the types of x and boundaries, or those of the values, differ.
    """
    boundaries = to_tensors(boundaries)
    values = to_tensors(values)
    dtype = to_tensor(x).dtype.base_dtype
    for i, b in enumerate(boundaries):
        own = b.dtype.base_dtype
        if own == dtype:
            continue
        # Only this promotion cannot change a comparison.
        if own != dtypes.int32 or dtype != dtypes.int64:
            raise ValueError(f"Boundaries ({own}) must have the same dtype as x ({dtype}).")
        boundaries[i] = cast(b, dtype)
    for v in values[1:]:
        if v.dtype.base_dtype != values[0].dtype.base_dtype:
            raise ValueError(
                "Values must have elements all with the same dtype "
                f"({values[0].dtype.base_dtype} vs {v.dtype.base_dtype})."
            )
    return schedules.PiecewiseConstantDecay(boundaries, values, name)(x)


@export("train.polynomial_decay")
def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Tensor:
    """From learning_rate to end_learning_rate in decay_steps steps, as (1 - global_step / decay_steps) ^ power."""
    make = schedules.PolynomialDecay(learning_rate, decay_steps, end_learning_rate, power, cycle, name)
    return make(global_step)


@export("train.natural_exp_decay")
def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate * exp(-decay_rate * global_step / decay_steps); staircase: the quotient rounded down."""
    rate = exponents.exp(elementwise.negative(decay_rate))
    return schedules.ExponentialDecay(learning_rate, decay_steps, rate, staircase, name)(global_step)


@export("train.inverse_time_decay")
def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Tensor:
    """learning_rate / (1 + decay_rate * global_step / decay_steps); staircase: the quotient rounded down."""
    return schedules.InverseTimeDecay(learning_rate, decay_steps, decay_rate, staircase, name)(global_step)


@export("train.cosine_decay")
def cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, alpha: Any = 0.0, name: str | None = None
) -> Tensor:
    """Half a cosine from learning_rate down to alpha * learning_rate."""
    return schedules.CosineDecay(learning_rate, decay_steps, alpha, name)(global_step)


@export("train.cosine_decay_restarts")
def cosine_decay_restarts(
    learning_rate: Any,
    global_step: Any,
    first_decay_steps: Any,
    t_mul: Any = 2.0,
    m_mul: Any = 1.0,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Tensor:
    """Half cosines one after the other, each t_mul times as long and m_mul times as high as the one before."""
    make = schedules.CosineDecayRestarts(learning_rate, first_decay_steps, t_mul, m_mul, alpha, name)
    return make(global_step)


@export("train.linear_cosine_decay")
def linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    """A line down to zero times cosine waves."""
    return schedules.LinearCosineDecay(learning_rate, decay_steps, num_periods, alpha, beta, name)(global_step)


@export("train.noisy_linear_cosine_decay")
def noisy_linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    initial_variance: Any = 1.0,
    variance_decay: Any = 0.55,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Tensor:
    """`linear_cosine_decay` with noise on the line."""
    make = schedules.NoisyLinearCosineDecay(
        learning_rate, decay_steps, initial_variance, variance_decay, num_periods, alpha, beta, name
    )
    return make(global_step)
