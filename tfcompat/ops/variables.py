"""The variables of a graph: lists of them, their initializers, and checks that they have values.

Source: TF 1.15, python/ops/variables.py.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tfcompat.framework import dtypes, scopes, stacks
from tfcompat.framework.collections import GraphKeys, get_collection
from tfcompat.framework.export import export
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, assignment, comparison, selecting, shapes
from tfcompat.ops.constants import constant
from tfcompat.ops.control import group
from tfcompat.ops.identity import no_op
from tfcompat.ops.variable_base import Variable as Variable
from tfcompat.ops.variable_base import VariableAggregation as VariableAggregation
from tfcompat.ops.variable_base import VariableSynchronization as VariableSynchronization
from tfcompat.ops.variable_base import VariableV1 as VariableV1
from tfcompat.ops.variable_ref import RefVariable as RefVariable
from tfcompat.ops.variable_resource import ResourceVariable as ResourceVariable
from tfcompat.ops.variable_resource import is_resource_variable as is_resource_variable

_STORAGE = ("Variable", "VariableV2", "AutoReloadVariable")


@export("global_variables")
def global_variables(scope: str | None = None) -> list[Any]:
    """The variables that are saved and shared; with `scope`, those whose name matches it (re.match)."""
    return get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


@export("all_variables")
def all_variables() -> list[Any]:
    """Old name of `global_variables`."""
    return global_variables()


@export("local_variables")
def local_variables(scope: str | None = None) -> list[Any]:
    """The variables of this process that are not saved; with `scope`, those whose name matches it (re.match)."""
    return get_collection(GraphKeys.LOCAL_VARIABLES, scope)


@export("model_variables")
def model_variables(scope: str | None = None) -> list[Any]:
    """The variables in the collection MODEL_VARIABLES."""
    return get_collection(GraphKeys.MODEL_VARIABLES, scope)


@export("trainable_variables")
def trainable_variables(scope: str | None = None) -> list[Any]:
    """The variables made with trainable=True; with `scope`, those whose name matches it (re.match)."""
    return get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


@export("moving_average_variables")
def moving_average_variables(scope: str | None = None) -> list[Any]:
    """The variables that have moving averages."""
    return get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def all_saveable_objects(scope: str | None = None) -> list[Any]:
    """What a Saver without arguments saves."""
    return global_variables(scope) + get_collection(GraphKeys.SAVEABLE_OBJECTS, scope)


@export("variables_initializer", "initializers.variables")
def variables_initializer(var_list: Sequence[Any], name: str = "init") -> Operation:
    """An operation that gives each variable of the list its initial value."""
    if var_list:
        return group(*[v.initializer for v in var_list], name=name)
    return no_op(name=name)  # type: ignore[no-any-return]


@export("initialize_variables")
def initialize_variables(var_list: Sequence[Any], name: str = "init") -> Operation:
    """Old name of `variables_initializer`."""
    return variables_initializer(var_list, name)


@export("global_variables_initializer", "initializers.global_variables")
def global_variables_initializer() -> Operation:
    """An operation that initialises all global variables."""
    return variables_initializer(global_variables())


@export("initialize_all_variables")
def initialize_all_variables() -> Operation:
    """Old name of `global_variables_initializer`."""
    return global_variables_initializer()


@export("local_variables_initializer", "initializers.local_variables")
def local_variables_initializer() -> Operation:
    """An operation that initialises all local variables."""
    return variables_initializer(local_variables())


@export("initialize_local_variables")
def initialize_local_variables() -> Operation:
    """Old name of `local_variables_initializer`."""
    return local_variables_initializer()


@export("is_variable_initialized")
def is_variable_initialized(variable: Any) -> Tensor:
    """Whether a variable has a value, as a boolean tensor."""
    return assignment.is_variable_initialized(variable)


def _variables_or_storage() -> list[Any]:
    found = global_variables() + local_variables()
    if not found:
        nodes = stacks.get_default_graph().get_operations()
        found = [op.outputs[0] for op in nodes if op.type in _STORAGE]
    return found


@export("assert_variables_initialized")
def assert_variables_initialized(var_list: Sequence[Any] | None = None) -> Tensor | None:
    """A tensor whose run fails with FailedPreconditionError unless all variables (by default all) have values."""
    variables = _variables_or_storage() if var_list is None else list(var_list)
    if not variables:
        return None
    ranks = []
    for variable in variables:
        with stacks.get_default_graph().colocate_with(variable.op):
            ranks.append(shapes.rank_internal(variable, optimize=False))
    return ranks[0] if len(ranks) == 1 else arrays.stack(ranks)


@export("report_uninitialized_variables")
def report_uninitialized_variables(
    var_list: Sequence[Any] | None = None, name: str = "report_uninitialized_variables"
) -> Tensor:
    """The names of the variables (by default all there are) that have no value yet, as a string vector."""
    variables = _variables_or_storage() if var_list is None else list(var_list)
    with scopes.name_scope(name):
        known = [assignment.is_variable_initialized(v) for v in variables]
        device = os.environ.get("TF_DEVICE_FOR_UNINITIALIZED_VARIABLE_REPORTING", "/cpu:0")
        with stacks.get_default_graph().device(device):
            if not variables:
                return constant([], dtype=dtypes.string)
            missing = comparison.logical_not(arrays.stack(known))
            names = constant([v.op.name for v in variables])
            return selecting.boolean_mask(names, missing)


# --- exported collections --------------------------------------------------------------------------------------

# The collections whose items travel in MetaGraphDefs as VariableDefs.
PROTO_COLLECTIONS = (
    GraphKeys.GLOBAL_VARIABLES,
    GraphKeys.TRAINABLE_VARIABLES,
    GraphKeys.MOVING_AVERAGE_VARIABLES,
    GraphKeys.LOCAL_VARIABLES,
    GraphKeys.MODEL_VARIABLES,
    GraphKeys.GLOBAL_STEP,
    GraphKeys.METRIC_VARIABLES,
)


def variable_to_proto(variable: Any, export_scope: str | None = None) -> Any:
    """The VariableDef of an item of one of PROTO_COLLECTIONS."""
    return variable.to_proto(export_scope=export_scope)


def variable_from_proto(variable_def: Any, import_scope: str | None = None) -> Any:
    """The variable, of either kind, that a VariableDef names."""
    return VariableV1.from_proto(variable_def, import_scope)
