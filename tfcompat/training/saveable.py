"""What a Saver can save: variables, parts of variables, and objects that know how to save themselves.

Source: TF 1.15, python/training/saving/saveable_object.py, saveable_object_util.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.device import DeviceSpec
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import assignment, shapes
from tfcompat.ops.identity import identity
from tfcompat.ops.resource_variables import assign_variable_op
from tfcompat.ops.variable_base import Variable
from tfcompat.ops.variable_parts import PartitionedVariable
from tfcompat.ops.variable_resource import BaseResourceVariable

_REFERENCES = ("Variable", "VariableV2", "AutoReloadVariable")
_VARIABLE_OPS = frozenset({*_REFERENCES, "VarHandleOp", "ReadVariableOp"})
_VARIABLE_VALUE_KEY = "VARIABLE_VALUE"


class SaveSpec:
    """One tensor of a checkpoint: where its value comes from, its name, and which slice of a larger tensor it is."""

    def __init__(self, tensor: Any, slice_spec: str, name: str, dtype: Any = None, device: Any = None) -> None:
        self._tensor = tensor
        self.slice_spec = slice_spec
        self.name = name
        if callable(tensor):
            if dtype is None or device is None:
                raise AssertionError(
                    "When passing a callable `tensor` to a SaveSpec, an explicit dtype and device must be provided."
                )
            self.dtype = dtype
            self.device = device
        else:
            self.dtype = tensor.dtype
            self.device = tensor.device

    @property
    def tensor(self) -> Any:
        return self._tensor() if callable(self._tensor) else self._tensor


class SaveableObject:
    """Something made of one or more tensors that are saved, and restored together by `restore`."""

    def __init__(self, op: Any, specs: Sequence[SaveSpec], name: str) -> None:
        self.op = op
        self.specs = specs
        self.name = name

    @property
    def optional_restore(self) -> bool:
        """Whether it may be missing in a checkpoint."""
        return False

    @property
    def device(self) -> Any:
        return self.specs[0].device

    def restore(self, restored_tensors: Sequence[Any], restored_shapes: Any) -> Any:
        """The operation that takes the restored values; with shapes, after reshaping."""
        raise ValueError("Calling an abstract method.")


class ReferenceVariableSaveable(SaveableObject):
    """A reference variable."""

    def __init__(self, var: Any, slice_spec: str, name: str) -> None:
        super().__init__(var, [SaveSpec(var, slice_spec, name, dtype=var.dtype)], name)

    def restore(self, restored_tensors: Sequence[Any], restored_shapes: Any) -> Any:
        restored = restored_tensors[0]
        if restored_shapes is not None:
            restored = shapes.reshape(restored, restored_shapes[0])
        validate = restored_shapes is None and self.op.get_shape().is_fully_defined()
        return assignment.assign(self.op, restored, validate_shape=validate)


class ResourceVariableSaveable(SaveableObject):
    """A resource variable, given as such or as a read of it."""

    def __init__(self, var: Any, slice_spec: str, name: str) -> None:
        self._var_device = var.device
        self._var_shape = var.shape
        tensor: Any
        if isinstance(var, Tensor):
            self.handle_op = var.op.inputs[0]
            tensor = var
        elif isinstance(var, BaseResourceVariable):
            self.handle_op = var.handle
            tensor = _reader(var)
        else:
            raise ValueError(f"Saveable is neither a resource variable nor a read operation. Got: {var!r}")
        super().__init__(var, [SaveSpec(tensor, slice_spec, name, dtype=var.dtype, device=var.device)], name)

    def restore(self, restored_tensors: Sequence[Any], restored_shapes: Any) -> Any:
        restored = restored_tensors[0]
        if restored_shapes is not None:
            restored = shapes.reshape(restored, restored_shapes[0])
        with stacks.get_default_graph().device(self._var_device):
            restored = identity(restored)
            self._var_shape.assert_is_compatible_with(restored.get_shape())
            return assign_variable_op(self.handle_op, restored)


def _reader(var: Any) -> Callable[[], Tensor]:
    def read() -> Tensor:
        graph = stacks.get_default_graph()
        with graph.device(var.device):
            value = var.read_value()
            with graph.device("/device:CPU:0"):
                return identity(value)

    return read


def set_cpu0(device_string: str) -> str:
    """The same device, but the first CPU of its task."""
    spec = DeviceSpec.from_string(device_string)
    return spec.replace(device_type="CPU", device_index=0).to_string()


def _comes_from_variable(v: Any) -> bool:
    return isinstance(v, Tensor) and v.op.type in _VARIABLE_OPS


def _saves_itself(v: Any) -> bool:
    return hasattr(v, "_gather_saveables_for_checkpoint") and not isinstance(v, Variable)


def saveable_objects_for_op(op: Any, name: str) -> Iterator[SaveableObject]:
    """The saveable objects that stand for `op`: a variable, parts of one, a tensor that reads one, or an object.

    Raises: TypeError or ValueError for anything else.
    """
    if not isinstance(name, str):
        raise TypeError(
            "names_to_saveables must be a dict mapping string names to trackable operations. Name is not a string: "
            f"{name}"
        )
    if isinstance(op, SaveableObject):
        yield op
    elif isinstance(op, (list, tuple, PartitionedVariable)):
        yield from _part_saveables(op, name)
    elif _saves_itself(op):
        for attribute, factory in op._gather_saveables_for_checkpoint().items():
            full_name = name if attribute == _VARIABLE_VALUE_KEY else f"{name}_{attribute}"
            made = factory(full_name) if callable(factory) else factory
            yield from saveable_objects_for_op(made, made.name)
    elif isinstance(op, BaseResourceVariable):
        yield ResourceVariableSaveable(op._graph_element, "", name)
    else:
        variable = to_tensor(op, as_ref=True)
        if not _comes_from_variable(variable):
            raise TypeError(
                "names_to_saveables must be a dict mapping string names to Tensors/Variables. Not a variable: "
                f"{variable}"
            )
        kind = ReferenceVariableSaveable if variable.op.type in _REFERENCES else ResourceVariableSaveable
        yield kind(variable, "", name)


def _part_saveables(parts: Any, name: str) -> Iterator[SaveableObject]:
    slice_name = None
    for variable in parts:
        if not isinstance(variable, Variable):
            raise ValueError(f"Slices must all be Variables: {variable}")
        info = variable._save_slice_info
        if not info:
            raise ValueError(f"Slices must all be slices: {variable}")
        if slice_name is None:
            slice_name = info.full_name
        elif slice_name != info.full_name:
            raise ValueError(f"Slices must all be from the same tensor: {slice_name} != {info.full_name}")
        kind = ReferenceVariableSaveable if variable.op.type in _REFERENCES else ResourceVariableSaveable
        yield kind(variable, info.spec, name)


def op_list_to_dict(op_list: Any, convert_variable_to_tensor: bool = True) -> dict[str, Any]:
    """Names in the checkpoint to what is saved under them; parts of one variable are a list.

    Raises: TypeError for anything but a list, or an item that is no variable; ValueError for a name given twice.
    """
    if not isinstance(op_list, (list, tuple, set)):
        raise TypeError(f"Variables to save should be passed in a dict or a list: {op_list}")
    names: dict[str, Any] = {}
    for var in sorted(op_list, key=lambda x: x.name):
        if isinstance(var, SaveableObject):
            names[var.name] = var
        elif isinstance(var, PartitionedVariable):
            _add_once(names, var.name, var)
        elif isinstance(var, Variable) and var._save_slice_info:
            found = names.setdefault(var._save_slice_info.full_name, [])
            if not isinstance(found, list):
                raise ValueError(f"Mixing slices and non-slices with the same name: {var._save_slice_info.full_name}")
            found.append(var)
        elif _saves_itself(var):
            factories = var._gather_saveables_for_checkpoint().values()
            names.update(op_list_to_dict([f() if callable(f) else f for f in factories]))
        else:
            _add_variable(names, var, convert_variable_to_tensor)
    return names


def _add_once(names: dict[str, Any], name: str, var: Any) -> None:
    if name in names:
        raise ValueError(f"At least two variables have the same name: {name}")
    names[name] = var


def _add_variable(names: dict[str, Any], var: Any, convert: bool) -> None:
    if convert:
        var = var._graph_element if isinstance(var, BaseResourceVariable) else to_tensor(var, as_ref=True)
        if not _comes_from_variable(var):
            raise TypeError(f"Variable to save is not a Variable: {var}")
    op = var.op
    _add_once(names, op.inputs[0].op.name if op.type == "ReadVariableOp" else op.name, var)


def validate_and_slice_inputs(names_to_saveables: Any) -> list[SaveableObject]:
    """The saveable objects of a Saver's variables (a dict by name, or a list), sorted by name.

    Raises: ValueError when one object is given under two names; TypeError for what cannot be saved.
    """
    if not isinstance(names_to_saveables, dict):
        names_to_saveables = op_list_to_dict(names_to_saveables)
    saveables: list[SaveableObject] = []
    seen: set[int] = set()
    for name, op in sorted(names_to_saveables.items(), key=lambda item: item[0]):
        for saveable in saveable_objects_for_op(op, name):
            if id(saveable.op) in seen:
                raise ValueError(f"The same saveable will be restored with two names: {saveable.name}")
            saveables.append(saveable)
            seen.add(id(saveable.op))
    return saveables
