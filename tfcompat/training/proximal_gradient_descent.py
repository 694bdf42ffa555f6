"""Proximal gradient descent (Duchi and Singer, 2009: forward-backward splitting).

Source: TF 1.15, python/training/proximal_gradient_descent.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.training.optimizer import KernelOptimizer


@export("train.ProximalGradientDescentOptimizer")
class ProximalGradientDescentOptimizer(KernelOptimizer):
    """A gradient step, then the proximal step of L1 and L2 penalties. Variables must be float32, as in TensorFlow."""

    _CASTS = False

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1_regularization_strength = l1_regularization_strength
        self._l2_regularization_strength = l2_regularization_strength
        self._l1_regularization_strength_tensor: Any = None
        self._l2_regularization_strength_tensor: Any = None

    def _prepare(self) -> None:
        for what in ("learning_rate", "l1_regularization_strength", "l2_regularization_strength"):
            setattr(self, f"_{what}_tensor", to_tensor(getattr(self, f"_{what}"), name=what))

    def _kernel(self) -> str:
        return "ProximalGradientDescent"

    def _scalars(self, var: Any) -> dict[str, Any]:
        return {
            "alpha": self._learning_rate_tensor,  # type: ignore[attr-defined]
            "l1": self._l1_regularization_strength_tensor,
            "l2": self._l2_regularization_strength_tensor,
        }
