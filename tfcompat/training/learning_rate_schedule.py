"""Learning-rate schedules as objects: called with a step, they build the nodes that compute the rate.

Source: TF 1.15, python/keras/optimizer_v2/learning_rate_schedule.py.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.conversion import to_tensor, to_tensors
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import case, comparison, control_flow, elementwise, exponents, random, trigonometry
from tfcompat.ops.casting import cast
from tfcompat.ops.constants import constant


@contextlib.contextmanager
def _scope(name: str) -> Iterator[str]:
    with stacks.get_default_graph().name_scope(name) as scope:
        yield scope


def _cosine(fraction: Tensor) -> Tensor:
    """cos(pi * fraction)"""
    return trigonometry.cos(constant(math.pi) * fraction)


@export("keras.optimizers.schedules.LearningRateSchedule")
class LearningRateSchedule:
    """A learning rate as a function of the step."""

    def __call__(self, step: Any) -> Tensor:
        raise NotImplementedError("Learning rate schedule must override __call__")

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this schedule again."""
        raise NotImplementedError("Learning rate schedule must override get_config")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A schedule from what `get_config` gave."""
        return cls(**config)


@export("keras.optimizers.schedules.ExponentialDecay")
class ExponentialDecay(LearningRateSchedule):
    """initial_learning_rate * decay_rate ^ (step / decay_steps); staircase: the exponent rounded down."""

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        decay_rate: Any,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "ExponentialDecay") as scope:
            initial = to_tensor(self.initial_learning_rate, name="initial_learning_rate")
            dtype = initial.dtype
            decay_steps = cast(self.decay_steps, dtype)
            decay_rate = cast(self.decay_rate, dtype)
            p = cast(step, dtype) / decay_steps
            if self.staircase:
                p = elementwise.floor(p)
            return elementwise.multiply(initial, elementwise.pow(decay_rate, p), name=scope)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@export("keras.optimizers.schedules.PiecewiseConstantDecay")
class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to boundaries[0], values[1] up to boundaries[1], ..., values[-1] beyond the last boundary.

    Raises: ValueError unless there is one value more than boundaries.
    """

    def __init__(self, boundaries: Any, values: Any, name: str | None = None) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError("The length of boundaries should be 1 less than the length of values")
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "PiecewiseConstant"):
            boundaries = to_tensors(self.boundaries)
            values = to_tensors(self.values)
            x = to_tensor(step)
            dtype = x.dtype.base_dtype
            boundaries = [b if b.dtype.base_dtype == dtype else cast(b, dtype) for b in boundaries]
            pairs = [(x <= boundaries[0], lambda: values[0]), (x > boundaries[-1], lambda: values[-1])]
            for low, high, v in zip(boundaries[:-1], boundaries[1:], values[1:-1], strict=True):
                pairs.append(((x > low) & (x <= high), lambda v=v: v))
            return case.case(pairs, lambda: values[0], exclusive=True)  # type: ignore[no-any-return]

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}


@export("keras.optimizers.schedules.PolynomialDecay")
class PolynomialDecay(LearningRateSchedule):
    """(initial - end) * (1 - step / decay_steps) ^ power + end, with the step held at decay_steps.

    cycle: decay_steps grows to its first multiple beyond the step instead.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        end_learning_rate: Any = 0.0001,
        power: Any = 1.0,
        cycle: bool = False,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "PolynomialDecay") as scope:
            initial = to_tensor(self.initial_learning_rate, name="initial_learning_rate")
            dtype = initial.dtype
            end = cast(self.end_learning_rate, dtype)
            power = cast(self.power, dtype)
            at = cast(step, dtype)
            total = cast(self.decay_steps, dtype)
            if self.cycle:
                multiplier = control_flow.cond(
                    comparison.equal(at, 0), lambda: 1.0, lambda: elementwise.ceil(at / self.decay_steps)
                )
                total = elementwise.multiply(total, multiplier)
            else:
                at = elementwise.minimum(at, self.decay_steps)
            p = elementwise.divide(at, total)
            return elementwise.add(elementwise.multiply(initial - end, elementwise.pow(1 - p, power)), end, name=scope)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


@export("keras.optimizers.schedules.InverseTimeDecay")
class InverseTimeDecay(LearningRateSchedule):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps); staircase: the quotient rounded down."""

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        decay_rate: Any,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "InverseTimeDecay") as scope:
            initial = to_tensor(self.initial_learning_rate, name="initial_learning_rate")
            dtype = initial.dtype
            decay_steps = cast(self.decay_steps, dtype)
            decay_rate = cast(self.decay_rate, dtype)
            p = cast(step, dtype) / decay_steps
            if self.staircase:
                p = elementwise.floor(p)
            one = cast(constant(1), dtype)
            denominator = elementwise.add(one, elementwise.multiply(decay_rate, p))
            return elementwise.divide(initial, denominator, name=scope)  # type: ignore[no-any-return]

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@export("keras.experimental.CosineDecay")
class CosineDecay(LearningRateSchedule):
    """Half a cosine from the initial rate down to alpha times it (Loshchilov and Hutter, 2016)."""

    def __init__(self, initial_learning_rate: Any, decay_steps: Any, alpha: Any = 0.0, name: str | None = None) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "CosineDecay"):
            initial = to_tensor(self.initial_learning_rate, name="initial_learning_rate")
            dtype = initial.dtype
            decay_steps = cast(self.decay_steps, dtype)
            at = elementwise.minimum(cast(step, dtype), decay_steps)
            completed = at / decay_steps
            cosine = 0.5 * (1.0 + _cosine(completed))
            return elementwise.multiply(initial, (1 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
        }


@export("keras.experimental.CosineDecayRestarts")
class CosineDecayRestarts(LearningRateSchedule):
    """Half cosines one after the other (Loshchilov and Hutter, 2016).

    Each lasts t_mul times as long as the one before and starts m_mul times as high.
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        first_decay_steps: Any,
        t_mul: Any = 2.0,
        m_mul: Any = 1.0,
        alpha: Any = 0.0,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "SGDRDecay") as scope:
            initial = to_tensor(self.initial_learning_rate, name="initial_learning_rate")
            dtype = initial.dtype
            first = cast(self.first_decay_steps, dtype)
            alpha = cast(self.alpha, dtype)
            t_mul = cast(self._t_mul, dtype)
            m_mul = cast(self._m_mul, dtype)
            completed = cast(step, dtype) / first

            def even() -> tuple[Tensor, Tensor]:
                restarts = elementwise.floor(completed)
                return restarts, completed - restarts

            def growing() -> tuple[Tensor, Tensor]:
                # The periods are a geometric series; its inverse gives how many are over.
                restarts = elementwise.floor(exponents.log(1.0 - completed * (1.0 - t_mul)) / exponents.log(t_mul))
                before = (1.0 - t_mul**restarts) / (1.0 - t_mul)
                return restarts, (completed - before) / t_mul**restarts

            restarts, within = control_flow.cond(comparison.equal(t_mul, 1.0), even, growing)
            cosine = 0.5 * m_mul**restarts * (1.0 + _cosine(within))
            return elementwise.multiply(initial, (1 - alpha) * cosine + alpha, name=scope)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


@export("keras.experimental.LinearCosineDecay")
class LinearCosineDecay(LearningRateSchedule):
    """A line down to zero times cosine waves (Bello et al., 2017): (alpha + linear) * cosine + beta."""

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        num_periods: Any = 0.5,
        alpha: Any = 0.0,
        beta: Any = 0.001,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.num_periods = num_periods
        self.alpha = alpha
        self.beta = beta
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "LinearCosineDecay") as scope:
            initial = to_tensor(self.initial_learning_rate, name="initial_learning_rate")
            dtype = initial.dtype
            decay_steps = cast(self.decay_steps, dtype)
            num_periods = cast(self.num_periods, dtype)
            alpha = cast(self.alpha, dtype)
            beta = cast(self.beta, dtype)
            at = elementwise.minimum(cast(step, dtype), decay_steps)
            linear = (decay_steps - at) / decay_steps
            completed = at / decay_steps
            cosine = 0.5 * (1.0 + _cosine(2.0 * num_periods * completed))
            return elementwise.multiply(initial, (alpha + linear) * cosine + beta, name=scope)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "num_periods": self.num_periods,
            "alpha": self.alpha,
            "beta": self.beta,
            "name": self.name,
        }


@export("keras.experimental.NoisyLinearCosineDecay")
class NoisyLinearCosineDecay(LearningRateSchedule):
    """`LinearCosineDecay` with noise on the line, of variance initial_variance / (1 + step) ^ variance_decay."""

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        initial_variance: Any = 1.0,
        variance_decay: Any = 0.55,
        num_periods: Any = 0.5,
        alpha: Any = 0.0,
        beta: Any = 0.001,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.initial_variance = initial_variance
        self.variance_decay = variance_decay
        self.num_periods = num_periods
        self.alpha = alpha
        self.beta = beta
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        with _scope(self.name or "NoisyLinearCosineDecay") as scope:
            initial = to_tensor(self.initial_learning_rate, name="initial_learning_rate")
            dtype = initial.dtype
            decay_steps = cast(self.decay_steps, dtype)
            initial_variance = cast(self.initial_variance, dtype)
            variance_decay = cast(self.variance_decay, dtype)
            num_periods = cast(self.num_periods, dtype)
            alpha = cast(self.alpha, dtype)
            beta = cast(self.beta, dtype)
            at = elementwise.minimum(cast(step, dtype), decay_steps)
            linear = (decay_steps - at) / decay_steps
            variance = initial_variance / elementwise.pow(1.0 + at, variance_decay)
            noisy = linear + random.random_normal(linear.shape, stddev=exponents.sqrt(variance))
            completed = at / decay_steps
            cosine = 0.5 * (1.0 + _cosine(2.0 * num_periods * completed))
            return elementwise.multiply(initial, (alpha + noisy) * cosine + beta, name=scope)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "initial_variance": self.initial_variance,
            "variance_decay": self.variance_decay,
            "num_periods": self.num_periods,
            "alpha": self.alpha,
            "beta": self.beta,
            "name": self.name,
        }
