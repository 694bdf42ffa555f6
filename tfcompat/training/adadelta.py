"""Adadelta (Zeiler, 2012).

Source: TF 1.15, python/training/adadelta.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.training.optimizer import KernelOptimizer


@export("train.AdadeltaOptimizer")
class AdadeltaOptimizer(KernelOptimizer):
    """Scales gradients by the root of mean squared updates over that of mean squared gradients."""

    _SLOTS = {"accum": "accum", "accum_update": "accum_update"}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._rho = rho
        self._epsilon = epsilon
        self._lr_t: Any = None
        self._rho_t: Any = None
        self._epsilon_t: Any = None

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)

    def _prepare(self) -> None:
        lr = self._call_if_callable(self._lr)
        rho = self._call_if_callable(self._rho)
        epsilon = self._call_if_callable(self._epsilon)
        self._lr_t = to_tensor(lr, name="lr")
        self._rho_t = to_tensor(rho, name="rho")
        self._epsilon_t = to_tensor(epsilon, name="epsilon")

    def _kernel(self) -> str:
        return "Adadelta"

    def _scalars(self, var: Any) -> dict[str, Any]:
        return {"lr": self._lr_t, "rho": self._rho_t, "epsilon": self._epsilon_t}
