"""Gradient descent with momentum.

Source: TF 1.15, python/training/momentum.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.training.optimizer import KernelOptimizer


@export("train.MomentumOptimizer")
class MomentumOptimizer(KernelOptimizer):
    """accum = momentum * accum + gradient; var -= learning_rate * accum.

    use_nesterov: steps along gradient + momentum * accum. Of a sparse gradient only the named rows are updated.
    """

    _SLOTS = {"accum": "momentum"}

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._use_nesterov = use_nesterov

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        self._learning_rate_tensor = to_tensor(self._call_if_callable(self._learning_rate), name="learning_rate")
        self._momentum_tensor = to_tensor(self._call_if_callable(self._momentum), name="momentum")

    def _kernel(self) -> str:
        return "Momentum"

    def _scalars(self, var: Any) -> dict[str, Any]:
        return {"lr": self._learning_rate_tensor, "momentum": self._momentum_tensor}

    def _attrs(self) -> dict[str, Any]:
        return {"use_nesterov": self._use_nesterov}
