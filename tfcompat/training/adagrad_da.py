"""Adagrad with dual averaging (Duchi, Hazan and Singer, 2011), for sparse linear models.

Source: TF 1.15, python/training/adagrad_da.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.ops.constants import constant
from tfcompat.ops.identity import identity
from tfcompat.training.optimizer import KernelOptimizer


@export("train.AdagradDAOptimizer")
class AdagradDAOptimizer(KernelOptimizer):
    """Each step solves for the variable anew from the sums of gradients and of their squares.

    Raises: ValueError unless the initial accumulator is positive.
    """

    _SLOTS = {
        "gradient_accumulator": "gradient_accumulator",
        "gradient_squared_accumulator": "gradient_squared_accumulator",
    }

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ) -> None:
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise ValueError(
                "initial_gradient_squared_accumulator_value must be positive: "
                f"{initial_gradient_squared_accumulator_value}"
            )
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_gradient_squared_accumulator_value = initial_gradient_squared_accumulator_value
        self._learning_rate_tensor: Any = None
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._global_step = global_step
        self._global_step_on_worker: Any = None

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            with stacks.get_default_graph().colocate_with(v):
                zero = constant(0.0, shape=v.get_shape(), dtype=v.dtype.base_dtype)
                start = constant(
                    self._initial_gradient_squared_accumulator_value, shape=v.get_shape(), dtype=v.dtype.base_dtype
                )
            self._get_or_make_slot(v, zero, "gradient_accumulator", self._name)
            self._get_or_make_slot(v, start, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = to_tensor(self._learning_rate, name="learning_rate")
        with stacks.get_default_graph().colocate_with(self._learning_rate_tensor):
            self._global_step_on_worker = identity(self._global_step) + 1

    def _kernel(self) -> str:
        return "AdagradDA"

    def _scalars(self, var: Any) -> dict[str, Any]:
        with stacks.get_default_graph().device(var.device):
            global_step = identity(self._global_step_on_worker)
        return {
            "lr": self._learning_rate_tensor,
            "l1": self._l1_regularization_strength,
            "l2": self._l2_regularization_strength,
            "global_step": global_step,
        }
