"""Proximal Adagrad (Duchi and Singer, 2009: forward-backward splitting).

Source: TF 1.15, python/training/proximal_adagrad.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.ops.constants import constant
from tfcompat.training.optimizer import KernelOptimizer


@export("train.ProximalAdagradOptimizer")
class ProximalAdagradOptimizer(KernelOptimizer):
    """An Adagrad step, then the proximal step of L1 and L2 penalties. Variables must be float32, as in TensorFlow.

    Raises: ValueError unless the initial accumulator is positive.
    """

    _SLOTS = {"accum": "accumulator"}
    _CASTS = False

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ) -> None:
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._l1_regularization_strength_tensor: Any = None
        self._l2_regularization_strength_tensor: Any = None
        self._learning_rate_tensor: Any = None

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            with stacks.get_default_graph().colocate_with(v):
                start = constant(self._initial_accumulator_value, shape=v.get_shape(), dtype=v.dtype.base_dtype)
            self._get_or_make_slot(v, start, "accumulator", self._name)

    def _prepare(self) -> None:
        for what in ("learning_rate", "l1_regularization_strength", "l2_regularization_strength"):
            setattr(self, f"_{what}_tensor", to_tensor(getattr(self, f"_{what}"), name=what))

    def _kernel(self) -> str:
        return "ProximalAdagrad"

    def _scalars(self, var: Any) -> dict[str, Any]:
        return {
            "lr": self._learning_rate_tensor,
            "l1": self._l1_regularization_strength_tensor,
            "l2": self._l2_regularization_strength_tensor,
        }
