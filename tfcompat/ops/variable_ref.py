"""Variables of the reference kind, which tf.Variable makes by default.

Source: TF 1.15, python/ops/variables.py, RefVariable.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import scopes, stacks, tf_logging
from tfcompat.framework.body_graph import count_nodes, outermost
from tfcompat.framework.build import create_node
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.conversion import register_tensor_conversion_function, to_tensor
from tfcompat.framework.dtypes import as_dtype
from tfcompat.framework.op import get_op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import assignment, state
from tfcompat.ops.identity import identity_op
from tfcompat.ops.variable_base import SaveSliceInfo, VariableV1, checked_modes, graph_key, incompatible_dtype


def checked_collections(collections: Any, trainable: bool) -> Any:
    """The collections a new variable goes to. Raises ValueError when they are given as something else than a list."""
    if collections is None:
        collections = [GraphKeys.GLOBAL_VARIABLES]
    if not isinstance(collections, (list, tuple, set)):
        raise ValueError(
            "collections argument to Variable constructor must be a list, tuple, or set. "
            f"Got {collections} of type {type(collections)}"
        )
    if trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
        collections = [*collections, GraphKeys.TRAINABLE_VARIABLES]
    return collections


def check_initial_value(initial_value: Any, constraint: Any) -> None:
    """Raises ValueError without an initial value, or when the constraint is no function."""
    if initial_value is None:
        raise ValueError("initial_value must be specified.")
    if constraint is not None and not callable(constraint):
        raise ValueError("The `constraint` argument must be a callable.")


def inside_control_flow(name: str) -> ValueError:
    """The error of initialising a variable by a tensor of a branch or loop."""
    return ValueError(
        f"Initializer for variable {name} is from inside a control-flow construct, such as a loop or conditional. When "
        "creating a variable inside a loop or conditional, use a lambda as the initializer."
    )


def _is_inner(value: Any) -> bool:
    return isinstance(value, Tensor) and value.graph.building_function


class RefVariable(VariableV1):
    """A variable whose reads are aliases: they see later writes of the same run."""

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: str | None = None,
        constraint: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        self._in_graph_mode = True
        if variable_def is not None:
            if initial_value is not None:
                raise ValueError("variable_def and initial_value are mutually exclusive.")
            self._init_from_proto(variable_def, import_scope)
            return
        check_initial_value(initial_value, constraint)
        self._graph_key = graph_key(stacks.get_default_graph())
        self._synchronization, self._aggregation, self._trainable = checked_modes(
            synchronization, aggregation, trainable, name
        )
        collections = checked_collections(collections, self._trainable)
        with scopes.init_scope():
            from_function = callable(initial_value)
            with scopes.name_scope(name, "Variable", [] if from_function else [initial_value]) as scope:
                if from_function:
                    shape = self._make_from_function(scope, initial_value, dtype, shape, validate_shape)
                else:
                    shape = self._make_from_value(scope, initial_value, dtype, shape, validate_shape)
                self._add_assignment_and_read(scope, validate_shape, caching_device)
            stacks.get_default_graph().add_to_collections(collections, self)
        self._caching_device = caching_device
        self._save_slice_info = None
        self._constraint = constraint

    def _make_from_function(self, scope: str, fn: Any, dtype: Any, shape: Any, validate_shape: bool) -> Any:
        graph = stacks.get_default_graph()
        with graph._attr_scope({"_class": [b"loc:@" + scope.rstrip("/").encode()]}):
            with scopes.name_scope("Initializer"), graph.device(None):
                self._initial_value = to_tensor(fn(), None if dtype is None else as_dtype(dtype), name="initial_value")
            shape = self._storage_shape(shape, validate_shape)
            self._variable = assignment.variable_op_v2(shape, self._initial_value.dtype.base_dtype, name=scope)
        return shape

    def _make_from_value(self, scope: str, value: Any, dtype: Any, shape: Any, validate_shape: bool) -> Any:
        if _is_inner(value):
            raise inside_control_flow(scope)
        self._initial_value = to_tensor(value, None if dtype is None else as_dtype(dtype), name="initial_value")
        shape = self._storage_shape(shape, validate_shape)
        self._variable = assignment.variable_op_v2(shape, self._initial_value.dtype.base_dtype, name=scope)
        return shape

    def _storage_shape(self, shape: Any, validate_shape: bool) -> Any:
        if shape is not None:
            return shape
        return self._initial_value.get_shape() if validate_shape else TensorShape(None)

    def _add_assignment_and_read(self, scope: str, validate_shape: bool, caching_device: Any) -> None:
        graph = stacks.get_default_graph()
        if validate_shape and not self._initial_value.get_shape().is_fully_defined():
            raise ValueError(f"initial_value must have a shape specified: {self._initial_value}")
        safe = without_uninitialized_reads(scope, self._initial_value)
        self._initializer_op = assignment.assign(self._variable, safe, validate_shape=validate_shape).op
        with graph.colocate_with(self._variable.op) if caching_device is None else graph.device(caching_device):
            self._snapshot = identity_op(self._variable, name="read")

    def _init_from_proto(self, variable_def: Any, import_scope: str | None) -> None:
        graph = stacks.get_default_graph()

        def element(name: str) -> Any:
            return graph.as_graph_element(scopes.prepend_name_scope(name, import_scope))

        self._variable = element(variable_def.variable_name)
        self._initializer_op = element(variable_def.initializer_name)
        self._initial_value = element(variable_def.initial_value_name) if variable_def.initial_value_name else None  # type: ignore[assignment]
        self._synchronization, self._aggregation, self._trainable = checked_modes(
            variable_def.synchronization, variable_def.aggregation, variable_def.trainable, variable_def.variable_name
        )
        self._snapshot = element(variable_def.snapshot_name)
        self._save_slice_info = None
        if variable_def.HasField("save_slice_info_def"):
            self._save_slice_info = SaveSliceInfo(
                save_slice_info_def=variable_def.save_slice_info_def, import_scope=import_scope
            )
        self._caching_device = None
        self._constraint = None
        self._graph_key = graph_key(graph)

    # --- reading ---

    def _as_graph_element(self) -> Tensor:
        return self._variable

    def value(self) -> Tensor:
        return self._snapshot  # type: ignore[no-any-return]

    def read_value(self) -> Tensor:
        return identity_op(self._variable, name="read")  # type: ignore[no-any-return]

    def _ref(self) -> Tensor:
        return self._variable

    # --- what it is ---

    @property
    def name(self) -> str:
        return self._variable.name

    @property
    def dtype(self) -> Any:
        return self._variable.dtype

    @property
    def device(self) -> str:
        return self._variable.device

    @property
    def op(self) -> Operation:
        return self._variable.op

    @property
    def graph(self) -> Any:
        return self._variable.graph

    @property
    def shape(self) -> TensorShape:
        return self._variable.get_shape()

    def set_shape(self, shape: Any) -> None:
        self._variable.set_shape(shape)
        self.value().set_shape(shape)

    @property
    def trainable(self) -> bool:
        return self._trainable

    @property
    def synchronization(self) -> Any:
        return self._synchronization

    @property
    def aggregation(self) -> Any:
        return self._aggregation

    @property
    def constraint(self) -> Any:
        return self._constraint

    @property
    def initial_value(self) -> Any:
        return self._initial_value

    @property
    def initializer(self) -> Operation:
        return self._initializer_op  # type: ignore[no-any-return]

    @property
    def _distribute_strategy(self) -> None:
        return None

    # --- writing ---

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        made = assignment.assign(self._variable, value, use_locking=use_locking, name=name)
        return made if read_value else made.op

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        made = assignment.assign_add(self._variable, delta, use_locking=use_locking, name=name)
        return made if read_value else made.op

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        made = assignment.assign_sub(self._variable, delta, use_locking=use_locking, name=name)
        return made if read_value else made.op

    def _scatter(self, how: str, indices: Any, updates: Any, use_locking: bool, name: str | None) -> Any:
        return assignment.REF_SCATTER[how](self._variable, indices, updates, use_locking=use_locking, name=name)

    def _strided_slice_assign(
        self, begin: Any, end: Any, strides: Any, value: Any, name: str | None, **masks: int
    ) -> Any:
        return get_op("StridedSliceAssign")(self._variable, begin, end, strides, value, name=name, **masks)

    def count_up_to(self, limit: int) -> Tensor:
        return state.count_up_to_op(self._variable, limit=limit)  # type: ignore[no-any-return]

    # --- protos ---

    def to_proto(self, export_scope: str | None = None) -> Any:
        from tfcompat.framework.protos import VariableDef

        if export_scope is not None and not self._variable.name.startswith(export_scope):
            return None
        made = VariableDef(
            variable_name=scopes.strip_name_scope(self._variable.name, export_scope),
            initializer_name=scopes.strip_name_scope(self.initializer.name, export_scope),
            snapshot_name=scopes.strip_name_scope(self._snapshot.name, export_scope),
            trainable=self.trainable,
            synchronization=self.synchronization.value,
            aggregation=self.aggregation.value,
        )
        if self._initial_value is not None:
            made.initial_value_name = scopes.strip_name_scope(self._initial_value.name, export_scope)
        if self._save_slice_info:
            made.save_slice_info_def.MergeFrom(self._save_slice_info.to_proto(export_scope))
        return made

    # --- Python: `v += x` makes a tensor, with a word of warning ---

    def __iadd__(self, other: Any) -> Any:
        _warn_once("+=", "variable.assign_add", "x = x + y")
        return self + other  # type: ignore[operator]

    def __isub__(self, other: Any) -> Any:
        _warn_once("-=", "variable.assign_sub", "x = x - y")
        return self - other  # type: ignore[operator]

    def __imul__(self, other: Any) -> Any:
        _warn_once("*=", "`var.assign(var * other)`", "x = x * y")
        return self * other  # type: ignore[operator]

    def __itruediv__(self, other: Any) -> Any:
        _warn_once("/=", "`var.assign(var / other)`", "x = x / y")
        return self / other  # type: ignore[operator]

    def __ipow__(self, other: Any) -> Any:
        _warn_once("**=", "`var.assign(var ** other)`", "x = x ** y")
        return self**other  # type: ignore[operator]


_warned: set[str] = set()


def _warn_once(operator: str, assignment_form: str, tensor_form: str) -> None:
    if operator not in _warned:
        _warned.add(operator)
        tf_logging.warning(
            "Variable %s will be deprecated. Use %s if you want assignment to the variable value or `%s` if you want a "
            "new python Tensor object.",
            operator,
            assignment_form,
            tensor_form,
        )


def _to_tensor(v: RefVariable, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Tensor:
    if dtype is not None and not dtype.is_compatible_with(v.dtype):
        raise incompatible_dtype(dtype, v)
    return v._ref() if as_ref else v.value()


register_tensor_conversion_function(RefVariable, _to_tensor)


# --- initial values that read other variables ------------------------------------------------------------------

# Ops that read a variable only where it has a value.
_READS_SAFELY = frozenset({"IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp"})
_CONDITIONALS = frozenset({"If", "StatelessIf"})
_VARIABLES = frozenset({"Variable", "VariableV2", "VarHandleOp"})


def without_uninitialized_reads(name: str, initial_value: Any) -> Tensor:
    """`initial_value` with each variable it reads replaced by that variable's `initialized_value()`.

    All initializers may run at once, in any order; so what an initial value computes from other variables is built
    again from values that exist either way.
    Raises: TypeError when it is no tensor.
    """
    if not isinstance(initial_value, Tensor):
        raise TypeError(f"initial_value needs to be a Tensor: {initial_value}")
    if _dependency_order(initial_value.op, _all_dependencies) is None:
        return initial_value
    order = _dependency_order(initial_value.op, _unsafe_dependencies)
    assert order is not None
    return _Rebuilt(name).build(order).tensor(initial_value)


def _all_dependencies(op: Operation) -> list[Operation]:
    return [t.op for t in op._inputs] + op._control_inputs


def _unsafe_dependencies(op: Operation) -> list[Operation]:
    return [] if op.type in _READS_SAFELY or op.type in _CONDITIONALS else [t.op for t in op._inputs]


def _dependency_order(root: Operation, dependencies: Any) -> list[Operation] | None:
    """`root` and all it depends on, each after what it depends on itself; None when there is a cycle."""
    done: dict[Operation, bool] = {root: False}
    order: list[Operation] = []
    stack = [(root, iter(dependencies(root)))]
    while stack:
        op, rest = stack[-1]
        for dep in rest:
            known = done.get(dep)
            if known is None:
                done[dep] = False
                stack.append((dep, iter(dependencies(dep))))
                break
            if known is False:
                return None
        else:
            done[op] = True
            order.append(op)
            stack.pop()
    return order


class _Rebuilt:
    """Copies of operations that read variables, made to read initialised values instead."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.copies: dict[Operation, Operation] = {}
        # Also holds conditionals, which are safe as they are, but which TensorFlow copies like everything else.
        self.changed: set[Operation] = set()

    def build(self, order: list[Operation]) -> _Rebuilt:
        for op in order:
            self.copies[op] = self.visit(op)
        return self

    def tensor(self, t: Tensor) -> Tensor:
        return self.copies[t.op].outputs[t.value_index]

    def visit(self, op: Operation) -> Operation:
        kind = op.type
        if kind in _READS_SAFELY:
            return op
        if kind in _CONDITIONALS:
            if _count_copies_of_branches(op):
                self.changed.add(op)
            return op
        if kind in _VARIABLES:
            value = _initialized_value(op)
            if value is None:
                return op
            self.changed.add(op)
            return value.op
        if not any(t.op in self.changed for t in op._inputs):
            return op
        self.changed.add(op)
        inputs = [self.tensor(t) for t in op._inputs]
        copy_name = f"{op.name}_{self.name}".replace(":", "_")
        return create_node(
            op.graph, get_op(kind), inputs, dict(op._attrs), copy_name, [t.dtype.base_dtype for t in op._outputs]
        )


def _count_copies_of_branches(node: Operation) -> bool:
    """Counts the nodes TensorFlow makes when it copies a conditional that reads reference variables, and says if any.

    TensorFlow's conditionals are nodes like others, so it copies what they compute from variables. They read safely
    or not, as the program says: one If node keeps that, and only the number of nodes (op seeds depend on it) is due.
    """
    variables = [t for t in node._inputs if t.dtype._is_ref_dtype]
    if not variables:
        return False
    copies = 0
    for branch in (node._attrs["then_branch"], node._attrs["else_branch"]):
        from_variables = {p for t in variables if (p := branch.captured_placeholder(t)) is not None and p.consumers()}
        copies += len(from_variables)  # the Switch of each
        reached = set(from_variables)
        for inner in branch.get_operations():
            if any(t in reached for t in inner._inputs):
                copies += 1
                reached.update(inner.outputs)
    for t in variables:
        _initialized_value(t.op)
    count_nodes(outermost(node.graph), copies)
    return True


def _initialized_value(op: Operation) -> Tensor | None:
    names = (op.name, op.name + ":0")
    for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES):
        for variable in op.graph.get_collection(key):
            if getattr(variable, "name", None) in names and hasattr(variable, "initialized_value"):
                return variable.initialized_value()  # type: ignore[no-any-return]
    return None
