"""The base class of optimizers: gradients of a loss, and the nodes that apply them to variables.

Source: TF 1.15, python/training/optimizer.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tfcompat.framework import dtypes, nest, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.conversion import convert_to_tensor_or_indexed_slices, to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import init_scope, name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.trackable import TrackableReference
from tfcompat.gradients.engine import gradients
from tfcompat.ops import casting, control, shapes
from tfcompat.ops.assignment import assign_add
from tfcompat.ops.resource_variables import assign_add_variable_op
from tfcompat.ops.variable_base import Variable, VariableV1
from tfcompat.ops.variable_resource import BaseResourceVariable
from tfcompat.training import slot_creator

_VALID_DTYPES = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)


def _deduplicate_indexed_slices(values: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """The rows summed over equal indices, and those indices, each once.

    Shapes: values [n, ...], indices [n] -> [m, ...], [m].
    """
    unique, position = get_op("Unique")(indices)
    summed = get_op("UnsortedSegmentSum")(values, position, shapes.shape(unique)[0])
    return summed, unique


def _var_key(var: Any) -> Any:
    """What slots are filed under."""
    return (var.op.graph, var.op.name)


# --- what a gradient is taken of, and how it is applied ---------------------------------------------------------


class _RefVariableProcessor:
    def __init__(self, v: Any) -> None:
        self._v = v

    def __str__(self) -> str:
        return f"<_RefVariableProcessor({self._v})>"

    def target(self) -> Any:
        return self._v._ref()

    def update_op(self, optimizer: Any, g: Any) -> Any:
        v = self._v
        if isinstance(g, Tensor):
            return _constrained(v, optimizer._apply_dense(g, v))
        _refuse_sparse_constraint(v)
        return optimizer._apply_sparse_duplicate_indices(g, v)


class _DenseResourceVariableProcessor:
    def __init__(self, v: Any) -> None:
        self._v = v

    def target(self) -> Any:
        return self._v

    def update_op(self, optimizer: Any, g: Any) -> Any:
        v = self._v
        if isinstance(g, IndexedSlices):
            _refuse_sparse_constraint(v)
            return optimizer._resource_apply_sparse_duplicate_indices(g.values, v, g.indices)
        return _constrained(v, optimizer._resource_apply_dense(g, v))


class _TensorProcessor:
    """A tensor has gradients, but cannot be updated."""

    def __init__(self, v: Any) -> None:
        self._v = v

    def target(self) -> Any:
        return self._v

    def update_op(self, optimizer: Any, g: Any) -> Any:
        raise NotImplementedError("Trying to update a Tensor ", self._v)


def _refuse_sparse_constraint(v: Any) -> None:
    if v.constraint is not None:
        raise RuntimeError("Cannot use a constraint function on a sparse variable.")


def _constrained(v: Any, update: Any) -> Any:
    """The update, followed by the variable's constraint where it has one."""
    if v.constraint is None:
        return update
    with stacks.get_default_graph().control_dependencies([update]):
        return v.assign(v.constraint(v))


def _get_processor(v: Any) -> Any:
    """How gradients of `v` are taken and applied. Raises NotImplementedError for anything but variables and tensors."""
    if isinstance(v, BaseResourceVariable) or v.op.type == "VarHandleOp":
        return _DenseResourceVariableProcessor(v)
    if isinstance(v, Variable):
        return _RefVariableProcessor(v)
    if isinstance(v, Tensor):
        return _TensorProcessor(v)
    raise NotImplementedError("Trying to optimize unsupported type ", v)


@export("train.Optimizer")
class Optimizer:
    """Base class of optimizers: `minimize`, or `compute_gradients` and `apply_gradients`.

    A subclass gives `_apply_dense`, `_resource_apply_dense`, `_apply_sparse` and `_resource_apply_sparse`, and where it
    needs them `_create_slots`, `_prepare` and `_finish`.
    """

    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking: bool, name: str) -> None:
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        # slot name -> key of the primary variable -> slot variable
        self._slots: dict[str, dict[Any, Any]] = {}
        # (name, graph) -> variable that belongs to the optimizer as a whole
        self._non_slot_dict: dict[Any, Any] = {}

    def get_name(self) -> str:
        """The name given to the constructor."""
        return self._name

    # --- gradients ---

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Any:
        """The operation that makes one step: gradients of `loss`, applied to `var_list` (default: all trainable).

        Raises: ValueError when no variable has a gradient.
        """
        grads_and_vars = self.compute_gradients(
            loss,
            var_list=var_list,
            gate_gradients=gate_gradients,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
            grad_loss=grad_loss,
        )
        if all(g is None for g, _ in grads_and_vars):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, "
                f"between variables {[str(v) for _, v in grads_and_vars]} and loss {loss}."
            )
        return self.apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Any]]:
        """Pairs (gradient, variable); the gradient is a Tensor, IndexedSlices, or None where the loss does not depend.

        `loss` may be a function of no arguments that makes the loss; then the variables are those it reads.
        Raises: ValueError for arguments that do not fit.
        """
        if callable(loss):
            return self._gradients_of_function(loss, var_list, grad_loss)
        if gate_gradients not in (Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  Not "
                f"{gate_gradients}"
            )
        self._assert_valid_dtypes([loss])
        if grad_loss is not None:
            self._assert_valid_dtypes([grad_loss])
        graph = stacks.get_default_graph()
        if var_list is None:
            var_list = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES) + graph.get_collection(
                GraphKeys.TRAINABLE_RESOURCE_VARIABLES
            )
        else:
            var_list = nest.flatten(var_list)
        var_list += graph.get_collection(GraphKeys._STREAMING_MODEL_PORTS)
        targets = [_get_processor(v).target() for v in var_list]
        if not var_list:
            raise ValueError("No variables to optimize.")
        grads = gradients(
            loss,
            targets,
            grad_ys=grad_loss,
            gate_gradients=gate_gradients == Optimizer.GATE_OP,
            aggregation_method=aggregation_method,
            colocate_gradients_with_ops=colocate_gradients_with_ops,
        )
        if gate_gradients == Optimizer.GATE_GRAPH:
            grads = control.tuple(grads)
        pairs = list(zip(grads, var_list, strict=True))
        self._assert_valid_dtypes([v for g, v in pairs if g is not None and v.dtype != dtypes.resource])
        return pairs

    def _gradients_of_function(self, loss: Callable[[], Any], var_list: Any, grad_loss: Any) -> list[tuple[Any, Any]]:
        graph = stacks.get_default_graph()
        before = graph.version
        value = loss()
        variables = nest.flatten(var_list) if var_list is not None else _variables_read_since(graph, before)
        with graph.control_dependencies([value]):
            grads = gradients(value, [_get_processor(v).target() for v in variables], grad_ys=grad_loss)
        return list(zip(grads, variables, strict=True))

    # --- updates ---

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Any, Any]], global_step: Any = None, name: str | None = None
    ) -> Any:
        """The operation that applies the gradients and, where given, adds one to `global_step`.

        Raises: TypeError for a gradient that is no tensor; ValueError when there is none at all.
        """
        grads_and_vars = tuple(grads_and_vars)
        if not grads_and_vars:
            raise ValueError("No variables provided.")
        converted = [(_converted_gradient(g), v, _get_processor(v)) for g, v in grads_and_vars]
        var_list = [v for g, v, _ in converted if g is not None]
        if not var_list:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v, _ in converted]}.")
        with init_scope():
            self._create_slots(var_list)
        graph = stacks.get_default_graph()
        update_ops = []
        with name_scope(name, self._name) as scope:
            self._prepare()
            for gradient, var, processor in converted:
                if gradient is None:
                    continue
                with name_scope("update_" + var.op.name), graph.colocate_with(var):
                    update_ops.append(processor.update_op(self, gradient))
            if global_step is None:
                apply_updates = self._finish(update_ops, scope)
            else:
                with graph.control_dependencies([self._finish(update_ops, "update")]), graph.colocate_with(global_step):
                    apply_updates = _add_one(global_step, scope)
            if isinstance(apply_updates, Tensor):
                apply_updates = apply_updates.op
            train_ops = graph.get_collection_ref(GraphKeys.TRAIN_OP)
            if apply_updates not in train_ops:
                train_ops.append(apply_updates)
            return apply_updates

    # --- slots ---

    def get_slot(self, var: Any, name: str) -> Any:
        """The slot variable `name` of `var`; None where there is none."""
        named = self._slots.get(name)
        return named.get(_var_key(var)) if named else None

    def get_slot_names(self) -> list[str]:
        """The names of the slots made so far, sorted."""
        return sorted(self._slots)

    def variables(self) -> list[Any]:
        """The slots and other variables of this optimizer in the default graph, sorted by name."""
        graph = stacks.get_default_graph()
        found = [*self._non_slot_variables(), *(s for named in self._slots.values() for s in named.values())]
        return sorted((v for v in found if v.op.graph is graph), key=lambda v: v.name)

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Any) -> Any:
        """A variable of the optimizer as a whole, on the device of `colocate_with`."""
        key = (name, colocate_with.graph)
        found = self._non_slot_dict.get(key)
        if found is None:
            with stacks.get_default_graph().colocate_with(colocate_with):
                found = VariableV1(
                    initial_value,
                    name=name,
                    trainable=False,
                    use_resource=isinstance(colocate_with, BaseResourceVariable),
                )
            self._non_slot_dict[key] = found
        return found

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Any:
        return self._non_slot_dict.get((name, graph))

    def _non_slot_variables(self) -> Any:
        return self._non_slot_dict.values()

    @property
    def _checkpoint_dependencies(self) -> list[TrackableReference]:
        """What tf.train.Checkpoint saves of the optimizer besides its slots."""
        graph = stacks.get_default_graph()
        return [
            TrackableReference(name, v)
            for (name, _), v in sorted(self._non_slot_dict.items(), key=lambda item: item[0][0])
            if v.op.graph is graph
        ]

    def _slot_dict(self, slot_name: str) -> dict[Any, Any]:
        return self._slots.setdefault(slot_name, {})

    def _slot(self, var: Any, slot_name: str, make: Callable[[], Any]) -> Any:
        named = self._slot_dict(slot_name)
        key = _var_key(var)
        if key not in named:
            named[key] = make()
        return named[key]

    def _get_or_make_slot(self, var: Any, val: Any, slot_name: str, op_name: str) -> Any:
        """The slot, made with the tensor `val` as its initial value."""
        return self._slot(var, slot_name, lambda: slot_creator.create_slot(var, val, op_name))

    def _get_or_make_slot_with_initializer(
        self, var: Any, initializer: Any, shape: Any, dtype: Any, slot_name: str, op_name: str
    ) -> Any:
        """The slot, made with an initializer for `shape` and `dtype`."""
        return self._slot(
            var,
            slot_name,
            lambda: slot_creator.create_slot_with_initializer(var, initializer, shape, dtype, op_name),
        )

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Any:
        """The slot, made with zeros."""
        return self._slot(var, slot_name, lambda: slot_creator.create_zeros_slot(var, op_name))

    # --- for subclasses ---

    def _valid_dtypes(self) -> Any:
        """The types of losses and variables that this optimizer takes."""
        return set(_VALID_DTYPES)

    def _assert_valid_dtypes(self, tensors: Sequence[Any]) -> None:
        """Raises ValueError for a tensor of a type that is not valid."""
        valid = self._valid_dtypes()
        for t in tensors:
            dtype = t.dtype.base_dtype
            if dtype not in valid:
                raise ValueError(f"Invalid type {dtype!r} for {t.name}, expected: {list(valid)}.")

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        """Makes the slots of the variables; by default there are none."""

    def _prepare(self) -> None:
        """Makes tensors that all updates share, inside the optimizer's name scope."""

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        """The update of a reference variable."""
        raise NotImplementedError()

    def _resource_apply_dense(self, grad: Tensor, handle: Any) -> Any:
        """The update of a resource variable."""
        raise NotImplementedError()

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        """The update of rows of a reference variable; no index occurs twice."""
        raise NotImplementedError()

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        """The update of rows of a resource variable; no index occurs twice."""
        raise NotImplementedError()

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        """As `_apply_sparse`, but indices may repeat: their gradients are summed first."""
        summed, unique = _deduplicate_indexed_slices(values=grad.values, indices=grad.indices)
        return self._apply_sparse(IndexedSlices(summed, unique, grad.dense_shape), var)

    def _resource_apply_sparse_duplicate_indices(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        """As `_resource_apply_sparse`, but indices may repeat: their gradients are summed first."""
        summed, unique = _deduplicate_indexed_slices(values=grad, indices=indices)
        return self._resource_apply_sparse(summed, handle, unique)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        """The operation, named `name_scope`, that stands for all updates."""
        return control.group(*update_ops, name=name_scope)

    def _call_if_callable(self, param: Any) -> Any:
        return param() if callable(param) else param


def _converted_gradient(g: Any) -> Any:
    if g is None:
        return None
    try:
        g = convert_to_tensor_or_indexed_slices(g)
    except TypeError:
        raise TypeError(f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {g}") from None
    if not isinstance(g, (Tensor, IndexedSlices)):
        raise TypeError(f"Gradient must be a Tensor, IndexedSlices, or None: {g}")
    return g


def _add_one(global_step: Any, name: str) -> Any:
    if isinstance(global_step, BaseResourceVariable):
        return assign_add_variable_op(global_step.handle, to_tensor(1, global_step.dtype), name=name)
    return assign_add(global_step, 1, name=name)


def _variables_read_since(graph: Any, version: int) -> list[Any]:
    """The trainable resource variables that nodes newer than `version` read."""
    return [
        v
        for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        if isinstance(v, BaseResourceVariable) and any(reader._id > version for reader in v.handle._consumers)
    ]


class KernelOptimizer(Optimizer):
    """An optimizer whose update of a variable is one node of an Apply* type.

    `_SLOTS` maps the node's state inputs, after the variable, to slot names; `_scalars` gives its other inputs.
    """

    _SLOTS: dict[str, str] = {}
    # Whether scalars are cast to the variable's type; two optimizers leave that to the caller, as in TensorFlow.
    _CASTS = True

    def _kernel(self) -> str:
        """The op type without its prefix."""
        raise NotImplementedError()

    def _scalars(self, var: Any) -> dict[str, Any]:
        """The scalar inputs of the node by name."""
        raise NotImplementedError()

    def _attrs(self) -> dict[str, Any]:
        return {}

    def _apply(self, prefix: str, var: Any, grad: Tensor, indices: Any = None) -> Operation:
        op = get_op(prefix + self._kernel())
        resource = prefix.startswith("Resource")
        scalars = self._scalars(var)
        casts = scalars.keys() - {"global_step"} if self._CASTS or prefix == "ResourceSparseApply" else set()
        given = {**scalars, "grad": grad, "delta": grad, "indices": indices, "var": var}
        inputs = []
        for arg in op.definition.inputs:
            name = arg.name
            if name in self._SLOTS:
                given[name] = self.get_slot(var, self._SLOTS[name])
            value = given[name]
            if resource and (name == "var" or name in self._SLOTS):
                value = value.handle
            elif name in casts:
                value = casting.cast(value, grad.dtype.base_dtype)
            inputs.append(value)
        made = op(*inputs, use_locking=self._use_locking, **self._attrs())
        return made if isinstance(made, Operation) else made.op

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        return self._apply("Apply", var, grad)

    def _resource_apply_dense(self, grad: Tensor, handle: Any) -> Any:
        return self._apply("ResourceApply", handle, grad)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        return self._apply("SparseApply", var, grad.values, grad.indices)

    def _resource_apply_sparse(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        return self._apply("ResourceSparseApply", handle, grad, indices)
