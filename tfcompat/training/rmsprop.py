"""RMSProp (Tieleman and Hinton, 2012), plain and centered.

Source: TF 1.15, python/training/rmsprop.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.ops import initializers, shapes
from tfcompat.training.optimizer import KernelOptimizer


@export("train.RMSPropOptimizer")
class RMSPropOptimizer(KernelOptimizer):
    """Divides gradients by the root of the running mean of their squares (centered: of their variance).

    mom = momentum * mom + learning_rate * gradient / sqrt(mean + epsilon); var -= mom. Of a sparse gradient only the
    named rows are updated.
    """

    _SLOTS = {"ms": "rms", "mg": "mg", "mom": "momentum"}

    def __init__(
        self,
        learning_rate: Any,
        decay: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: Any = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ) -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._decay = decay
        self._momentum = momentum
        self._epsilon = epsilon
        self._centered = centered
        self._learning_rate_tensor: Any = None
        self._decay_tensor: Any = None
        self._momentum_tensor: Any = None
        self._epsilon_tensor: Any = None

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            init: Any
            if v.get_shape().is_fully_defined():
                init = initializers.Ones(dtype=dtype)
            else:
                init = shapes.ones_like(v)
            self._get_or_make_slot_with_initializer(v, init, v.get_shape(), dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        learning_rate = self._call_if_callable(self._learning_rate)
        decay = self._call_if_callable(self._decay)
        momentum = self._call_if_callable(self._momentum)
        epsilon = self._call_if_callable(self._epsilon)
        self._learning_rate_tensor = to_tensor(learning_rate, name="learning_rate")
        self._decay_tensor = to_tensor(decay, name="decay")
        self._momentum_tensor = to_tensor(momentum, name="momentum")
        self._epsilon_tensor = to_tensor(epsilon, name="epsilon")

    def _kernel(self) -> str:
        return "CenteredRMSProp" if self._centered else "RMSProp"

    def _scalars(self, var: Any) -> dict[str, Any]:
        return {
            "lr": self._learning_rate_tensor,
            "rho": self._decay_tensor,
            "momentum": self._momentum_tensor,
            "epsilon": self._epsilon_tensor,
        }
