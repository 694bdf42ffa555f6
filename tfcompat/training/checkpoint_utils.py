"""Variables that start with values of a checkpoint.

Source: TF 1.15, python/training/checkpoint_utils.py, warm_starting_util.py.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from typing import Any

from tfcompat.framework import errors, stacks, tf_logging
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.io.checkpoint_reader import load_checkpoint
from tfcompat.io.checkpoint_state import latest_checkpoint
from tfcompat.io.save_restore_ops import restore_v2_op
from tfcompat.ops.variable_base import Variable
from tfcompat.ops.variable_parts import PartitionedVariable
from tfcompat.ops.variable_store import default_variable_store
from tfcompat.platform import gfile
from tfcompat.training import saveable, saver


@export("train.init_from_checkpoint")
def init_from_checkpoint(ckpt_dir_or_file: str, assignment_map: dict[str, Any]) -> None:
    """Replaces the initializers of variables by reads of a checkpoint.

    assignment_map: names in the checkpoint to variables (or their names, or lists of the parts of one), or scopes
    "old/" to scopes "new/".
    Raises: ValueError when a name is not in the checkpoint, or a shape differs.
    """
    path = _get_checkpoint_filename(ckpt_dir_or_file)
    stored = load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map()
    made = default_variable_store()._vars
    for stored_name, target in sorted(assignment_map.items(), key=lambda item: item[0]):
        var = target
        if not _is_variable(target) and not (isinstance(target, list) and all(_is_variable(v) for v in target)):
            var = made.get(target)
            if var is None:
                var = _collect_partitioned_variable(target, made)
        if var is not None:
            _check_stored(var, stored_name, stored, ckpt_dir_or_file)
            _set_variable_or_list_initializer(var, path, stored_name)
        else:
            _init_scope_from_checkpoint(path, ckpt_dir_or_file, stored, stored_name, target, made)


def _check_stored(var: Any, stored_name: str, stored: dict[str, Any], given: str) -> None:
    if stored_name not in stored:
        raise ValueError(f"Tensor {stored_name} is not found in {given} checkpoint {stored}")
    if _is_variable(var) and not var.get_shape().is_compatible_with(stored[stored_name]):
        raise ValueError(
            f"Shape of variable {var.name} ({var.get_shape()}) doesn't match with shape of tensor {stored_name} "
            f"({stored[stored_name]}) from checkpoint reader."
        )


def _init_scope_from_checkpoint(
    path: Any, given: str, stored: dict[str, Any], stored_scope: str, target: str, made: dict[str, Any]
) -> None:
    """All variables under a scope from tensors under another one."""
    scope = target.rpartition("/")[0]
    if not stored_scope.endswith("/"):
        raise ValueError(
            f"Assignment map with scope only name {scope} should map to scope only {stored_scope}. Should be 'scope/': "
            "'other_scope/'."
        )
    names = {name.partition("/part_")[0] for name in made if not scope or name.startswith(scope + "/")}
    for name in sorted(names):
        inside = name[len(scope) :]
        stored_name = inside if target == "/" else inside[1:]
        if stored_scope != "/":
            stored_name = stored_scope + stored_name
        stored_name = stored_name.removesuffix("/")
        if stored_name not in stored:
            raise ValueError(
                f"Tensor {stored_name} ({name[len(scope) + 1 :]} in {stored_scope}) is not found in {given} checkpoint"
            )
        var = made.get(name)
        if var is None:
            var = _collect_partitioned_variable(name, made)
        _set_variable_or_list_initializer(var, path, stored_name)


def _get_checkpoint_filename(ckpt_dir_or_file: str) -> Any:
    return latest_checkpoint(ckpt_dir_or_file) if gfile.is_directory(ckpt_dir_or_file) else ckpt_dir_or_file


def _set_checkpoint_initializer(
    variable: Any, ckpt_file: Any, tensor_name: str, slice_spec: str, name: str = "checkpoint_initializer"
) -> None:
    graph = stacks.get_default_graph()
    dtype = variable.dtype.base_dtype
    with graph.device(variable.device), graph.device("/cpu:0"):
        (restored,) = restore_v2_op(ckpt_file, [tensor_name], [slice_spec], dtypes=[dtype], name=name)
        (found,) = saveable.op_list_to_dict([variable]).items()
        (target,) = saveable.saveable_objects_for_op(found[1], found[0])
    variable._initializer_op = target.restore([restored], restored_shapes=None)
    restored.set_shape(variable.shape)
    variable._initial_value = restored


def _set_variable_or_list_initializer(variable_or_list: Any, ckpt_file: Any, tensor_name: str) -> None:
    if not isinstance(variable_or_list, (list, tuple)):
        _set_checkpoint_initializer(variable_or_list, ckpt_file, tensor_name, "")
        return
    whole = None
    for v in variable_or_list:
        part = v._save_slice_info
        if whole is None:
            whole = part.full_name
        elif whole != part.full_name:
            raise ValueError(f"Slices must all be from the same tensor: {whole} != {part.full_name}")
        _set_checkpoint_initializer(v, ckpt_file, tensor_name, part.spec)


def _is_variable(x: Any) -> bool:
    return isinstance(x, Variable)


def _collect_partitioned_variable(name: str, made: dict[str, Any]) -> list[Any] | None:
    parts: list[Any] = []
    while f"{name}/part_{len(parts)}" in made:
        parts.append(made[f"{name}/part_{len(parts)}"])
    return parts or None


# --- warm start ------------------------------------------------------------------------------------------------


@export("train.VocabInfo")
class VocabInfo(
    collections.namedtuple(
        "VocabInfo",
        "new_vocab new_vocab_size num_oov_buckets old_vocab old_vocab_size backup_initializer axis",
    )
):
    """How the rows (axis 0) or columns (axis 1) of a variable follow two vocabularies, an old and a new one."""

    def __new__(
        cls,
        new_vocab: Any,
        new_vocab_size: Any,
        num_oov_buckets: Any,
        old_vocab: Any,
        old_vocab_size: int = -1,
        backup_initializer: Any = None,
        axis: int = 0,
    ) -> VocabInfo:
        if axis not in (0, 1):
            raise ValueError(f"The only supported values for the axis argument are 0 and 1.  Provided axis: {axis}")
        return super().__new__(
            cls, new_vocab, new_vocab_size, num_oov_buckets, old_vocab, old_vocab_size, backup_initializer, axis
        )


def _infer_var_name(var: Any) -> str:
    names = saveable.op_list_to_dict(var)
    if len(names) > 1:
        raise TypeError(f"`var` = {var} passed as arg violates the constraints.  name_to_var_dict = {names}")
    return next(iter(names))


def _grouped_variables(wanted: Any) -> dict[str, list[Any]]:
    """The variables to start, parts of one variable together, by their names in a checkpoint."""
    graph = stacks.get_default_graph()
    if isinstance(wanted, str) or wanted is None:
        tf_logging.info("Warm-starting variables only in TRAINABLE_VARIABLES.")
        found = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES, scope=wanted)
    elif not isinstance(wanted, list):
        raise ValueError(f"`vars_to_warm_start must be a `list` or `str`.  Given type is {type(wanted)}")
    elif all(isinstance(v, str) for v in wanted):
        found = [v for scope in wanted for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope=scope)]
    elif all(_is_variable(v) for v in wanted):
        found = wanted
    else:
        raise ValueError(
            "If `vars_to_warm_start` is a list, it must be all `Variable` or all `str`.  Given types are "
            f"{[type(v) for v in wanted]}"
        )
    grouped: dict[str, list[Any]] = {}
    for v in found:
        grouped.setdefault(_infer_var_name(v if isinstance(v, list) else [v]), []).append(v)
    return grouped


def _object_checkpoint_renames(path: str, names: Iterable[str]) -> dict[str, str]:
    """Keys of the variables in an object-based checkpoint; empty for one that goes by names."""
    try:
        keys = saver.object_graph_key_mapping(_get_checkpoint_filename(path))
    except errors.NotFoundError:
        return {}
    missing = set(names) - keys.keys()
    if missing:
        raise ValueError(
            "Attempting to warm-start from an object-based checkpoint, but found that the checkpoint did not contain "
            f"values for all variables. The following variables were missing: {missing}"
        )
    return {name: keys[name] for name in names}


@export("train.warm_start")
def warm_start(
    ckpt_to_initialize_from: str,
    vars_to_warm_start: Any = ".*",
    var_name_to_vocab_info: dict[str, VocabInfo] | None = None,
    var_name_to_prev_var_name: dict[str, str] | None = None,
) -> None:
    """Lets variables start with the values that a checkpoint has for them.

    vars_to_warm_start: a pattern over trainable variables, a list of patterns over all, or a list of variables.
    Raises: ValueError for settings of variables that are not started; NotImplementedError for vocabularies.
    """
    tf_logging.info("Warm-starting from: %s", ckpt_to_initialize_from)
    grouped = _grouped_variables(vars_to_warm_start)
    vocabularies = var_name_to_vocab_info or {}
    renames = var_name_to_prev_var_name or _object_checkpoint_renames(ckpt_to_initialize_from, list(grouped))
    assignment: dict[str, Any] = {}
    for name, parts in grouped.items():
        if vocabularies.get(name):
            raise NotImplementedError(f"warm_start of {name} with a vocabulary is not supported")
        if vars_to_warm_start:
            var = parts[0] if len(parts) == 1 else parts
            if isinstance(var, PartitionedVariable):
                var = var._get_variable_list()
            assignment[renames.get(name) or name] = var
    init_from_checkpoint(ckpt_to_initialize_from, assignment)
    tf_logging.info("Warm-started %d variables.", len(assignment))
    for unused, what in (
        (renames.keys() - grouped.keys(), "var_name_to_prev_var_name"),
        (vocabularies.keys() - grouped.keys(), "var_name_to_vocab_info"),
    ):
        if unused:
            raise ValueError(
                f"You provided the following variables in {what} that were not used: {unused}.  Perhaps you misspelled "
                f"them?  Here is the list of viable variable names: {list(grouped)}"
            )
