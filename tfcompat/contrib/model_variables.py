"""Variables of models: made, looked up by scope, restored. Source: TF 1.15, contrib/framework/python/ops/variables.py."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.contrib.arg_scoping import add_arg_scope
from tfcompat.framework import dtypes, stacks, tf_logging
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.io import checkpoint_reader
from tfcompat.ops import constants, control, variable_scope
from tfcompat.ops.variable_base import VariableAggregation, VariableSynchronization, VariableV1
from tfcompat.training import saver, training_util

_AUTO, _NONE = VariableSynchronization.AUTO, VariableAggregation.NONE


@export("contrib.framework.assert_global_step", "contrib.slim.assert_global_step")
def assert_global_step(global_step_tensor: Any) -> None:
    """Raises TypeError unless the tensor can be a global step."""
    training_util.assert_global_step(global_step_tensor)


@export("contrib.framework.get_global_step", "contrib.slim.get_global_step")
def get_global_step(graph: Any = None) -> Any:
    """The graph's global step, or None."""
    return training_util.get_global_step(graph)


@export("contrib.framework.create_global_step", "contrib.slim.create_global_step")
def create_global_step(graph: Any = None) -> Any:
    """Makes the graph's global step. Raises ValueError when it has one."""
    return training_util.create_global_step(graph)


@export("contrib.framework.get_or_create_global_step", "contrib.slim.get_or_create_global_step")
def get_or_create_global_step(graph: Any = None) -> Any:
    """The graph's global step, made if need be."""
    return training_util.get_or_create_global_step(graph)


@export("contrib.framework.assert_or_get_global_step", "contrib.slim.assert_or_get_global_step")
def assert_or_get_global_step(graph: Any = None, global_step_tensor: Any = None) -> Any:
    """The tensor, checked to be a global step; the graph's own where none is given."""
    if global_step_tensor is None:
        return get_global_step(graph)
    assert_global_step(global_step_tensor)
    return global_step_tensor


@export("contrib.framework.local_variable", "contrib.slim.local_variable")
def local_variable(
    initial_value: Any, validate_shape: bool = True, name: str | None = None, use_resource: bool | None = None
) -> Any:
    """A variable in LOCAL_VARIABLES."""
    return VariableV1(
        initial_value,
        trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES],
        validate_shape=validate_shape,
        use_resource=use_resource,
        name=name,
    )


@export("contrib.framework.global_variable", "contrib.slim.global_variable")
def global_variable(
    initial_value: Any, validate_shape: bool = True, name: str | None = None, use_resource: bool | None = None
) -> Any:
    """A variable in GLOBAL_VARIABLES that is not trained."""
    return VariableV1(
        initial_value,
        trainable=False,
        collections=[GraphKeys.GLOBAL_VARIABLES],
        validate_shape=validate_shape,
        use_resource=use_resource,
        name=name,
    )


@export("contrib.framework.variable", "contrib.slim.variable")
@add_arg_scope
def variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: bool | None = None,
    synchronization: Any = _AUTO,
    aggregation: Any = _NONE,
) -> Any:
    """`tf.get_variable` with a device; `custom_getter` takes its place where given."""
    wanted = [GraphKeys.GLOBAL_VARIABLES] if collections is None else collections
    getter: Callable[..., Any] = variable_scope.get_variable
    if custom_getter is not None:
        getter = functools.partial(custom_getter, reuse=variable_scope.get_variable_scope().reuse)
    with stacks.get_default_graph().device(device or ""):
        return getter(
            name,
            shape=shape,
            dtype=dtype,
            initializer=initializer,
            regularizer=regularizer,
            trainable=trainable,
            collections=list(dict.fromkeys(wanted)),
            caching_device=caching_device,
            partitioner=partitioner,
            use_resource=use_resource,
            synchronization=synchronization,
            aggregation=aggregation,
        )


@export("contrib.framework.model_variable", "contrib.slim.model_variable")
@add_arg_scope
def model_variable(
    name: str,
    shape: Any = None,
    dtype: Any = dtypes.float32,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = True,
    collections: Any = None,
    caching_device: Any = None,
    device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    use_resource: bool | None = None,
    synchronization: Any = _AUTO,
    aggregation: Any = _NONE,
) -> Any:
    """A variable that is also in MODEL_VARIABLES."""
    return variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=[*(collections or []), GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES],
        caching_device=caching_device,
        device=device,
        partitioner=partitioner,
        custom_getter=custom_getter,
        use_resource=use_resource,
        synchronization=synchronization,
        aggregation=aggregation,
    )


@export("contrib.framework.add_model_variable", "contrib.slim.add_model_variable")
def add_model_variable(var: Any) -> None:
    """Puts a variable into MODEL_VARIABLES unless it is there."""
    graph = stacks.get_default_graph()
    if all(var is not other for other in graph.get_collection(GraphKeys.MODEL_VARIABLES)):
        graph.add_to_collection(GraphKeys.MODEL_VARIABLES, var)


@export("contrib.framework.get_variables", "contrib.slim.get_variables")
def get_variables(
    scope: Any = None, suffix: str | None = None, collection: str = GraphKeys.GLOBAL_VARIABLES
) -> list[Any]:
    """The variables of a collection in a scope (a name or a VariableScope) whose names end with `suffix`."""
    if isinstance(scope, variable_scope.VariableScope):
        scope = scope.name
    if suffix is not None:
        scope = f"{scope or ''}.*{suffix}{'' if ':' in suffix else ':'}"
    return stacks.get_default_graph().get_collection(collection, scope)


@export("contrib.framework.get_model_variables", "contrib.slim.get_model_variables")
def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """`get_variables` of MODEL_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.MODEL_VARIABLES)


@export("contrib.framework.get_local_variables", "contrib.slim.get_local_variables")
def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """`get_variables` of LOCAL_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.LOCAL_VARIABLES)


@export("contrib.framework.get_trainable_variables", "contrib.slim.get_trainable_variables")
def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """`get_variables` of TRAINABLE_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.TRAINABLE_VARIABLES)


@export("contrib.framework.get_variables_by_suffix", "contrib.slim.get_variables_by_suffix")
def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Any]:
    """The variables whose names end so."""
    return get_variables(scope=scope, suffix=suffix)


@export("contrib.framework.get_variables_by_name", "contrib.slim.get_variables_by_name")
def get_variables_by_name(given_name: str, scope: Any = None) -> list[Any]:
    """The variables whose last name part is `given_name`."""
    return get_variables(scope=scope, suffix=f"/{given_name}:|^{given_name}:")


@export("contrib.framework.get_unique_variable", "contrib.slim.get_unique_variable")
def get_unique_variable(var_op_name: str) -> Any:
    """The variable of that full name. Raises ValueError when there is none."""
    candidates = get_variables(scope=var_op_name)
    if not candidates:
        raise ValueError(f"Couldn't find variable {var_op_name}")
    for candidate in candidates:
        if candidate.op.name == var_op_name:
            return candidate
    raise ValueError(f"Variable {var_op_name} does not uniquely identify a variable")


def _scopes(value: Any, what: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{what} is provided but is not a list or a tuple.")
    return value


@export("contrib.framework.get_variables_to_restore", "contrib.slim.get_variables_to_restore")
def get_variables_to_restore(include: Any = None, exclude: Any = None) -> list[Any]:
    """The global variables in the scopes `include` (default: all) and not in the scopes `exclude`.

    Raises: TypeError when one is no list or tuple.
    """
    if include is None:
        wanted = get_variables()
    else:
        wanted = [v for scope in _scopes(include, "include") for v in get_variables(scope)]
    unwanted = set()
    if exclude is not None:
        unwanted = {id(v) for scope in _scopes(exclude, "exclude") for v in get_variables(scope)}
    return [v for v in wanted if id(v) not in unwanted]


@export("contrib.framework.filter_variables", "contrib.slim.filter_variables")
def filter_variables(
    var_list: Sequence[Any], include_patterns: Any = None, exclude_patterns: Any = None, reg_search: bool = True
) -> list[Any]:
    """The variables whose names fit one of `include_patterns` (default: all) and none of `exclude_patterns`.

    A pattern may stand anywhere in a name, or with reg_search=False only at its beginning.
    """
    fits = re.search if reg_search else re.match

    def fits_any(var: Any, patterns: Any) -> bool:
        return any(fits(pattern, var.name) for pattern in patterns)

    wanted = [v for v in var_list if include_patterns is None or fits_any(v, include_patterns)]
    return [v for v in wanted if exclude_patterns is None or not fits_any(v, exclude_patterns)]


def _feed(var: Any, value: Any, feeds: dict[Any, Any]) -> Any:
    """An op that assigns what is fed to a new placeholder, for which `value` goes into `feeds`."""
    fed = constants.placeholder(dtype=var.dtype.base_dtype, shape=var.get_shape(), name=f"placeholder/{var.op.name}")
    feeds[fed] = value
    return var.assign(fed)


@export("contrib.framework.assign_from_values", "contrib.slim.assign_from_values")
def assign_from_values(var_names_to_values: dict[str, Any]) -> tuple[Any, dict[Any, Any]]:
    """(op, feeds): running the op with these feeds gives the named global variables these values.

    Raises: ValueError for a name that leads to no variable or to several.
    """
    feeds: dict[Any, Any] = {}
    assignments = []
    for name, value in var_names_to_values.items():
        found = stacks.get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, name)
        if not found:
            raise ValueError(f"Variable {name} wasn't found")
        exact = found if len(found) == 1 else [v for v in found if v.op.name == name]
        if not exact:
            raise ValueError(f"Variable {name} doesn't uniquely identify a variable")
        assignments.append(_feed(exact[0], value.reshape(exact[0].get_shape().as_list()), feeds))
    return control.group(*assignments), feeds


@export("contrib.framework.assign_from_values_fn", "contrib.slim.assign_from_values_fn")
def assign_from_values_fn(var_names_to_values: dict[str, Any]) -> Callable[[Any], Any]:
    """A function of a session that assigns the values."""
    op, feeds = assign_from_values(var_names_to_values)
    return lambda session: session.run(op, feeds)


@export("contrib.framework.get_variable_full_name", "contrib.slim.get_variable_full_name")
def get_variable_full_name(var: Any) -> str:
    """The name of the variable, or of the one that it is a slice of."""
    part = var._save_slice_info
    return str(part.full_name if part else var.op.name)


@export("contrib.framework.assign_from_checkpoint", "contrib.slim.assign_from_checkpoint")
def assign_from_checkpoint(
    model_path: str, var_list: Any, ignore_missing_vars: bool = False
) -> tuple[Any, dict[Any, Any]]:
    """(op, feeds): running the op with these feeds restores the variables from a checkpoint.

    var_list: variables, or a dict from names in the checkpoint to a variable or its slices.
    Raises: ValueError for a variable that is missing there (unless ignored) or has another shape.
    """
    grouped: dict[str, list[Any]] = {}
    if isinstance(var_list, (tuple, list)):
        for var in var_list:
            grouped.setdefault(get_variable_full_name(var), []).append(var)
    else:
        grouped = {n: list(v) if isinstance(v, (tuple, list)) else [v] for n, v in var_list.items()}
    reader = checkpoint_reader.NewCheckpointReader(model_path)
    feeds: dict[Any, Any] = {}
    assignments = []
    for name, parts in grouped.items():
        if not reader.has_tensor(name):
            if not ignore_missing_vars:
                raise ValueError(f"Checkpoint is missing variable [{name}]")
            tf_logging.warning(f"Checkpoint is missing variable [{name}]")
            continue
        stored = reader.get_tensor(name)
        for var in parts:
            part, value = var._save_slice_info, stored
            if part:
                spans = zip(part.var_offset, part.var_shape, strict=True)
                value = stored[tuple(slice(start, start + size) for start, size in spans)]
            elif tuple(var.get_shape().as_list()) != stored.shape:
                raise ValueError(
                    f"Total size of new array must be unchanged for {name} lh_shape: [{stored.shape}], "
                    f"rh_shape: [{var.get_shape()}]"
                )
            assignments.append(_feed(var, value, feeds))
    return control.group(*assignments), feeds


@export("contrib.framework.assign_from_checkpoint_fn", "contrib.slim.assign_from_checkpoint_fn")
def assign_from_checkpoint_fn(
    model_path: str, var_list: Any, ignore_missing_vars: bool = False, reshape_variables: bool = False
) -> Callable[[Any], None] | None:
    """A function of a session that restores the variables; None where none of them is in the checkpoint.

    Raises: ValueError for an empty list.
    """
    if not var_list:
        raise ValueError("var_list cannot be empty")
    if ignore_missing_vars:
        reader = checkpoint_reader.NewCheckpointReader(model_path)
        named = var_list if isinstance(var_list, dict) else {var.op.name: var for var in var_list}
        for name in named:
            if not reader.has_tensor(name):
                tf_logging.warning("Variable %s missing in checkpoint %s", name, model_path)
        var_list = {name: var for name, var in named.items() if reader.has_tensor(name)}
    if not var_list:
        tf_logging.warning("No Variables to restore")
        return None
    restorer = saver.Saver(var_list, reshape=reshape_variables, write_version=1)
    return lambda session: restorer.restore(session, model_path)
