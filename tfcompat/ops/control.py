"""Joining operations by control dependencies: group, tuple, with_dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tfcompat.framework import nest, stacks
from tfcompat.framework.conversion import is_dense_tensor_like, to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.identity import identity, no_op, ref_identity_op


def _no_op_after(device: str | None, deps: Iterable[Any], name: str | None = None) -> Operation:
    graph = stacks.get_default_graph()
    with graph.control_dependencies(deps):
        if device is None:
            return no_op(name=name)  # type: ignore[no-any-return]
        with graph.device(device):
            return no_op(name=name)  # type: ignore[no-any-return]


@export("group")
def group(*inputs: Any, **kwargs: Any) -> Operation:
    """A node that runs after all `inputs` (operations, tensors or nests of them) have run.

    With inputs on several devices there is one node for each device, and one after those.
    Raises: ValueError for an unknown keyword; TypeError for an input that is no graph element.
    Source: TF 1.15, python/ops/control_flow_ops.py.
    """
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unknown keyword arguments: " + ", ".join(kwargs.keys()))
    with name_scope(name, "group_deps", inputs) as name:
        if not inputs:
            return no_op(name=name)  # type: ignore[no-any-return]
        by_device: dict[str, list[Any]] = {}
        for item in nest.flatten(inputs, expand_composites=True):
            if not hasattr(item, "device"):
                raise TypeError(f"Expected tf.group() expected Tensor arguments not '{item}' with type '{type(item)}'")
            by_device.setdefault(item.device, []).append(item)
        if len(by_device) == 1:
            ((device, deps),) = by_device.items()
            return _no_op_after(device, deps, name)
        joints = [_no_op_after(device, by_device[device]) for device in sorted(by_device)]
        return _no_op_after(None, joints, name)


def with_dependencies(dependencies: Sequence[Any], output_tensor: Any, name: str | None = None) -> Any:
    """`output_tensor` (a Tensor or IndexedSlices) passed on after `dependencies` have run.

    Source: TF 1.15, python/ops/control_flow_ops.py.
    """
    with name_scope(name, "control_dependency", [*dependencies, output_tensor]) as name:
        graph = stacks.get_default_graph()
        with graph.colocate_with(output_tensor), graph.control_dependencies(dependencies):
            if isinstance(output_tensor, IndexedSlices):
                values = identity(output_tensor.values, name=name)
                return IndexedSlices(values, output_tensor.indices, output_tensor.dense_shape)
            output = to_tensor(output_tensor, as_ref=True)
            return (ref_identity_op if output.dtype._is_ref_dtype else identity)(output, name=name)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, IndexedSlices) or is_dense_tensor_like(value)


@export("tuple")
def tuple(tensors: Iterable[Any], name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """The same tensors, each given out only after all of them (and `control_inputs`) were computed.

    None stays None; an operation comes back as an operation.
    Raises: ValueError when there is no tensor; TypeError for a control input that is no graph element.
    Source: TF 1.15, python/ops/control_flow_ops.py.
    """
    given = list(tensors)
    with name_scope(name, "tuple", [t for t in given if t is not None]) as name:
        items = [t if t is None or isinstance(t, Operation) or _is_tensor(t) else to_tensor(t) for t in given]
        gates = [t if isinstance(t, Operation) else t.op for t in items if t is not None]
        for control in control_inputs or ():
            if isinstance(control, Tensor):
                control = control.op
            elif not isinstance(control, Operation):
                raise TypeError(f"Control input must be Operation or Tensor: {control}")
            gates.append(control)
        gates = sorted(set(gates), key=lambda op: op._id)
        if not gates:
            raise ValueError(f"Must have at least one Tensor: {items}")
        gate = group(*gates)
        out: list[Any] = []
        for item in items:
            if isinstance(item, Operation):
                with stacks.get_default_graph().control_dependencies([gate]):
                    out.append(group(item))
            else:
                out.append(None if item is None else with_dependencies([gate], item))
        return out
