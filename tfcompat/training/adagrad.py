"""Adagrad (Duchi, Hazan and Singer, 2011).

Source: TF 1.15, python/training/adagrad.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.op import get_op
from tfcompat.ops import casting, initializers, shapes
from tfcompat.training.optimizer import KernelOptimizer


@export("train.AdagradOptimizer")
class AdagradOptimizer(KernelOptimizer):
    """accumulator += gradient^2; var -= learning_rate * gradient / sqrt(accumulator).

    Raises: ValueError unless the initial accumulator is positive.
    """

    _SLOTS = {"accum": "accumulator"}

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ) -> None:
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._initial_accumulator_value = initial_accumulator_value
        self._learning_rate_tensor: Any = None

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            dtype = v.dtype.base_dtype
            init: Any
            if v.get_shape().is_fully_defined():
                init = initializers.Constant(self._initial_accumulator_value, dtype=dtype)
            else:
                init = self._init_constant_op(v, dtype)
            self._get_or_make_slot_with_initializer(v, init, v.get_shape(), dtype, "accumulator", self._name)

    def _init_constant_op(self, v: Any, dtype: Any) -> Callable[[], Any]:
        return lambda: casting.cast(get_op("Fill")(shapes.shape(v), self._initial_accumulator_value), dtype)

    def _prepare(self) -> None:
        self._learning_rate_tensor = to_tensor(self._call_if_callable(self._learning_rate), name="learning_rate")

    def _kernel(self) -> str:
        return "Adagrad"

    def _scalars(self, var: Any) -> dict[str, Any]:
        return {"lr": self._learning_rate_tensor}
