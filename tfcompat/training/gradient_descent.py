"""Plain gradient descent.

Source: TF 1.15, python/training/gradient_descent.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting
from tfcompat.ops.resource_variables import resource_scatter_add_op
from tfcompat.training.optimizer import KernelOptimizer


@export("train.GradientDescentOptimizer")
class GradientDescentOptimizer(KernelOptimizer):
    """var -= learning_rate * gradient."""

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._learning_rate_tensor: Any = None

    def _prepare(self) -> None:
        self._learning_rate_tensor = to_tensor(self._call_if_callable(self._learning_rate), name="learning_rate")

    def _kernel(self) -> str:
        return "GradientDescent"

    def _scalars(self, var: Any) -> dict[str, Any]:
        return {"alpha": self._learning_rate_tensor}

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        rate = casting.cast(self._learning_rate_tensor, var.dtype.base_dtype)
        delta = IndexedSlices(grad.values * rate, grad.indices, grad.dense_shape)
        return var.scatter_sub(delta, use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        return resource_scatter_add_op(handle.handle, indices, -grad * self._learning_rate)
