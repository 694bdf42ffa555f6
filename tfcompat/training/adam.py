"""Adam (Kingma and Ba, 2014), in the form before section 2.1 of the paper.

Source: TF 1.15, python/training/adam.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.scopes import init_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import assignment, casting, control
from tfcompat.ops.exponents import sqrt
from tfcompat.ops.resource_variables import resource_scatter_add_op
from tfcompat.training.optimizer import KernelOptimizer


@export("train.AdamOptimizer")
class AdamOptimizer(KernelOptimizer):
    """Steps by the running mean of gradients over the root of the running mean of their squares.

    lr_t = learning_rate * sqrt(1 - beta2^t) / (1 - beta1^t); m and v are the means; var -= lr_t * m / (sqrt(v) +
    epsilon). A sparse gradient counts as zero where it names no row: m, v and var change everywhere.
    """

    _SLOTS = {"m": "m", "v": "v"}

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ) -> None:
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon
        self._lr_t: Any = None
        self._beta1_t: Any = None
        self._beta2_t: Any = None
        self._epsilon_t: Any = None

    def _get_beta_accumulators(self) -> tuple[Any, Any]:
        """The variables that hold beta1^t and beta2^t."""
        with init_scope():
            graph = stacks.get_default_graph()
            return (
                self._get_non_slot_variable("beta1_power", graph=graph),
                self._get_non_slot_variable("beta2_power", graph=graph),
            )

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        # On the device of one variable that all workers agree on.
        first = min(var_list, key=lambda v: v.name)
        self._create_non_slot_variable(initial_value=self._beta1, name="beta1_power", colocate_with=first)
        self._create_non_slot_variable(initial_value=self._beta2, name="beta2_power", colocate_with=first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _prepare(self) -> None:
        lr = self._call_if_callable(self._lr)
        beta1 = self._call_if_callable(self._beta1)
        beta2 = self._call_if_callable(self._beta2)
        epsilon = self._call_if_callable(self._epsilon)
        self._lr_t = to_tensor(lr, name="learning_rate")
        self._beta1_t = to_tensor(beta1, name="beta1")
        self._beta2_t = to_tensor(beta2, name="beta2")
        self._epsilon_t = to_tensor(epsilon, name="epsilon")

    def _kernel(self) -> str:
        return "Adam"

    def _scalars(self, var: Any) -> dict[str, Any]:
        beta1_power, beta2_power = self._get_beta_accumulators()
        return {
            "beta1_power": beta1_power,
            "beta2_power": beta2_power,
            "lr": self._lr_t,
            "beta1": self._beta1_t,
            "beta2": self._beta2_t,
            "epsilon": self._epsilon_t,
        }

    def _apply_sparse_shared(
        self, grad: Tensor, var: Any, indices: Tensor, scatter_add: Callable[[Any, Tensor, Tensor], Any]
    ) -> Any:
        """The update for a gradient of rows, written with ordinary ops."""
        graph = stacks.get_default_graph()
        scalars = {k: casting.cast(x, var.dtype.base_dtype) for k, x in self._scalars(var).items()}
        beta1, beta2 = scalars["beta1"], scalars["beta2"]
        rate = scalars["lr"] * sqrt(1 - scalars["beta2_power"]) / (1 - scalars["beta1_power"])
        means = []
        for slot_name, beta in (("m", beta1), ("v", beta2)):
            slot = self.get_slot(var, slot_name)
            fresh = (grad if slot_name == "m" else grad * grad) * (1 - beta)
            decayed = assignment.assign(slot, slot * beta, use_locking=self._use_locking)
            with graph.control_dependencies([decayed]):
                means.append(scatter_add(slot, indices, fresh))
        m_t, v_t = means
        root = sqrt(v_t)
        update = assignment.assign_sub(var, rate * m_t / (root + scalars["epsilon"]), use_locking=self._use_locking)
        return control.group(update, m_t, v_t)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        def scatter_add(x: Any, i: Tensor, v: Tensor) -> Any:
            return assignment.scatter_add(x, i, v, use_locking=self._use_locking)

        return self._apply_sparse_shared(grad.values, var, grad.indices, scatter_add)

    def _resource_scatter_add(self, x: Any, i: Tensor, v: Tensor) -> Tensor:
        with stacks.get_default_graph().control_dependencies([resource_scatter_add_op(x.handle, i, v)]):
            return x.value()  # type: ignore[no-any-return]

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        return self._apply_sparse_shared(grad, handle, indices, self._resource_scatter_add)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        """The updates, then the next powers of the betas."""
        graph = stacks.get_default_graph()
        with graph.control_dependencies(update_ops):
            beta1_power, beta2_power = self._get_beta_accumulators()
            with graph.colocate_with(beta1_power):
                update_beta1 = beta1_power.assign(beta1_power * self._beta1_t, use_locking=self._use_locking)
                update_beta2 = beta2_power.assign(beta2_power * self._beta2_t, use_locking=self._use_locking)
        return control.group(*update_ops, update_beta1, update_beta2, name=name_scope)
