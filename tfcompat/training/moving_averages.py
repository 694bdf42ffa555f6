"""Moving averages of variables and tensors.

Source: TF 1.15, python/training/moving_averages.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import init_scope, name_scope
from tfcompat.ops import assignment, casting, control, elementwise, initializers, variable_scope
from tfcompat.ops.variable_base import Variable
from tfcompat.training import slot_creator

_AVERAGED = (dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64)
_STORAGE = ("Variable", "VariableV2", "VarHandleOp")


def assign_moving_average(
    variable: Any, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None
) -> Any:
    """variable -= (1 - decay) * (variable - value); the variable after that.

    zero_debias: for a variable that starts at zero: a hidden average is kept beside it and divided by how far it can
    have come, 1 - decay ^ steps (Kingma and Ba, 2014, section 3).
    """
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope:
        rate = to_tensor(1.0 - decay, name="decay")
        if rate.dtype != variable.dtype.base_dtype:
            rate = casting.cast(rate, variable.dtype.base_dtype)
        graph = stacks.get_default_graph()
        if zero_debias:
            return _zero_debias(variable, value, rate)
        with graph.colocate_with(variable):
            return assignment.assign_sub(variable, (variable - value) * rate, name=scope)


def _unused_name(name: str) -> str:
    """`name`, numbered where the current variable scope has such a variable already (unless it is being reused)."""
    scope = variable_scope.get_variable_scope()
    if scope.reuse:
        return name
    taken = {v.op.name for v in scope.global_variables()}
    found, n = name, 0
    while f"{scope.name}/{found}" in taken:
        n += 1
        found = f"{name}_{n}"
    return found


def _zero_debias(unbiased: Any, value: Any, rate: Any) -> Any:
    """`rate` is one minus the decay."""
    graph = stacks.get_default_graph()
    scope = variable_scope.variable_scope(unbiased.name[: -len(":0")], values=[unbiased, value, rate])
    with scope, graph.colocate_with(unbiased):
        biased = variable_scope.get_variable(
            _unused_name("biased"),
            initializer=initializers.Zeros(),
            shape=unbiased.get_shape(),
            dtype=unbiased.dtype,
            trainable=False,
        )
        local_step = variable_scope.get_variable(
            _unused_name("local_step"),
            shape=[],
            dtype=unbiased.dtype,
            initializer=initializers.Zeros(),
            trainable=False,
        )
    with graph.colocate_with(unbiased):
        update_biased = assignment.assign_sub(biased, (biased - value) * rate)
        update_step = local_step.assign_add(1)
        factor = 1 - elementwise.pow(1.0 - rate, update_step)
        return assignment.assign(unbiased, update_biased / factor, name=graph.get_name_scope() + "/")


def weighted_moving_average(
    value: Any, decay: Any, weight: Any, truediv: bool = True, collections: Any = None, name: str | None = None
) -> Any:
    """The moving average of value * weight over that of weight, kept in two hidden variables."""
    if collections is None:
        collections = [GraphKeys.GLOBAL_VARIABLES]
    with variable_scope.variable_scope(name, "WeightedMovingAvg", [value, weight, decay]) as scope:
        averages = [
            variable_scope.get_variable(
                own_name,
                shape=source.get_shape(),
                dtype=source.dtype,
                initializer=initializers.Zeros(),
                trainable=False,
                collections=collections,
            )
            for own_name, source in (("value_x_weight", value), ("weight", weight))
        ]
        numerator = assign_moving_average(averages[0], value * weight, decay, zero_debias=False)
        denominator = assign_moving_average(averages[1], weight, decay, zero_debias=False)
        divide = elementwise.truediv if truediv else elementwise.div
        return divide(numerator, denominator, name=scope.name)


@export("train.ExponentialMovingAverage")
class ExponentialMovingAverage:
    """Keeps averages of variables that follow them slowly: average = decay * average + (1 - decay) * value.

    num_updates: while it is small, the decay is at most (1 + num_updates) / (10 + num_updates). zero_debias: averages
    of tensors, which start at zero, are corrected for that.
    """

    def __init__(
        self, decay: Any, num_updates: Any = None, zero_debias: bool = False, name: str = "ExponentialMovingAverage"
    ) -> None:
        self._decay = decay
        self._num_updates = num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages: dict[Any, Any] = {}

    @property
    def name(self) -> str:
        """The name given to the constructor."""
        return self._name

    def apply(self, var_list: Iterable[Any] | None = None) -> Operation:
        """The operation that updates the averages of `var_list` (default: all trainable variables).

        Averages are made on the first use: of a variable with its initial value, of a tensor with zeros.
        Raises: TypeError for a variable that is not floating.
        """
        if var_list is None:
            var_list = stacks.get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES)
        var_list = list(var_list)
        corrected = set()
        for var in var_list:
            if var.dtype.base_dtype not in _AVERAGED:
                raise TypeError(f"The variables must be half, float, or double: {var.name}")
            if var.experimental_ref() not in self._averages:
                average = self._create(var)
                if self._zero_debias and not isinstance(var, Variable):
                    corrected.add(average.experimental_ref())
                self._averages[var.experimental_ref()] = average
        with name_scope(self.name) as scope:
            decay = to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                updates_so_far = casting.cast(self._num_updates, dtypes.float32, name="num_updates")
                decay = elementwise.minimum(decay, (1.0 + updates_so_far) / (10.0 + updates_so_far))
            updates = []
            for var in var_list:
                average = self._averages[var.experimental_ref()]
                zero_debias = average.experimental_ref() in corrected
                updates.append(assign_moving_average(average, var, decay, zero_debias))
            return control.group(*updates, name=scope)

    def _create(self, var: Any) -> Any:
        with init_scope():
            if isinstance(var, Variable):
                average = slot_creator.create_slot(var, var.initialized_value(), self.name, colocate_with_primary=True)
                stacks.get_default_graph().add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, var)
                return average
            return slot_creator.create_zeros_slot(var, self.name, colocate_with_primary=var.op.type in _STORAGE)

    def average(self, var: Any) -> Any:
        """The variable that holds the average of `var`; None where there is none."""
        return self._averages.get(var.experimental_ref())

    def average_name(self, var: Any) -> str:
        """The name of the average of `var`, or the one it would get."""
        found = self.average(var)
        if found is not None:
            return found.op.name  # type: ignore[no-any-return]
        return stacks.get_default_graph().unique_name(f"{var.op.name}/{self.name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Iterable[Any] | None = None) -> dict[str, Any]:
        """Names to variables for a Saver that restores averages in the place of the variables they belong to."""
        graph = stacks.get_default_graph()
        if moving_avg_variables is None:
            moving_avg_variables = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES) + graph.get_collection(
                GraphKeys.MOVING_AVERAGE_VARIABLES
            )
        averaged = {id(v): v for v in moving_avg_variables}.values()
        names = {self.average_name(v): v for v in averaged}
        averaged_names = {v.name for v in averaged}
        for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES):
            if v.name not in averaged_names and v.op.name not in names:
                names[v.op.name] = v
        return names
