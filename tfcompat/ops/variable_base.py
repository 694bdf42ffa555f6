"""What all variables share: the classes behind tf.Variable, how one is created, and how they act as tensors.

Source: TF 1.15, python/ops/variables.py.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from tfcompat.framework import scopes, stacks
from tfcompat.framework.export import export
from tfcompat.framework.graph import Graph
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.tensor import OVERLOADABLE_OPERATORS, Reference, Tensor
from tfcompat.ops import assignment, control_flow, slicing
from tfcompat.ops import operators as operators  # its operators of tensors become those of variables

Creator = Callable[..., Any]


@export("VariableSynchronization", v2=("VariableSynchronization",))
class VariableSynchronization(enum.Enum):
    """When copies of a distributed variable are brought together."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


@export(v2=("VariableAggregation",))
class VariableAggregationV2(enum.Enum):
    """How copies of a distributed variable are combined."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3

    def __hash__(self) -> int:
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, VariableAggregation) and self.value == other.value)


@export("VariableAggregation")
class VariableAggregation(enum.Enum):
    """How copies of a distributed variable are combined."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3
    ONLY_FIRST_TOWER = 3

    def __hash__(self) -> int:
        return hash(self.value)


def checked_modes(synchronization: Any, aggregation: Any, trainable: bool | None, name: Any) -> tuple[Any, Any, bool]:
    """The modes with their defaults; a variable is trainable by default unless it is synchronised on read.

    Raises: ValueError for a mode that does not exist.
    """
    if aggregation is None:
        aggregation = VariableAggregation.NONE
    elif not isinstance(aggregation, (VariableAggregation, VariableAggregationV2)):
        try:
            aggregation = VariableAggregationV2(aggregation)
        except ValueError:
            raise ValueError(f"Invalid variable aggregation mode: {aggregation} for variable: {name}") from None
    if synchronization is None:
        synchronization = VariableSynchronization.AUTO
    else:
        try:
            synchronization = VariableSynchronization(synchronization)
        except ValueError:
            raise ValueError(f"Invalid variable synchronization mode: {synchronization} for variable: {name}") from None
    if trainable is None:
        trainable = synchronization != VariableSynchronization.ON_READ
    return synchronization, aggregation, trainable


# --- how a variable is made ------------------------------------------------------------------------------------

# Set by ops/variable_scope.py: which class a new variable gets depends on the scope.
_default_creators: dict[str, Creator] = {}


def set_default_creators(v1: Creator, v2: Creator) -> None:
    """Registers what makes a variable when no creator scope intercepts."""
    _default_creators.update(v1=v1, v2=v2)


def _creators(graph: Graph) -> list[tuple[int, Creator]]:
    return graph._attached.setdefault("variable creators", [])  # type: ignore[no-any-return]


@export("variable_creator_scope", v2=("variable_creator_scope",))
@contextlib.contextmanager
def variable_creator_scope(variable_creator: Creator) -> Iterator[None]:
    """A block in which `variable_creator(next_creator, **kwargs)` makes the variables.

    Raises: RuntimeError when such blocks are not left in the reverse order.
    """
    with creator_scope(stacks.get_default_graph(), variable_creator):
        yield


@contextlib.contextmanager
def creator_scope(graph: Graph, creator: Creator, priority: int = 100) -> Iterator[None]:
    """`variable_creator_scope` on a given graph; creators with high priority are asked first."""
    stack = _creators(graph)
    before = list(stack)
    stack.append((priority, creator))
    stack.sort(key=lambda item: item[0])
    inside = list(stack)
    try:
        yield
    finally:
        if stack != inside:
            raise RuntimeError("Exiting variable_creator_scope without proper nesting.")
        stack[:] = before


def _create(kind: str, **kwargs: Any) -> Any:
    creator: Creator = functools.partial(_default_creators[kind], None)
    for _, outer in _creators(stacks.get_default_graph()):
        creator = _chained(outer, creator)
    if kwargs["aggregation"] is None:
        kwargs["aggregation"] = VariableAggregation.NONE
    return creator(**kwargs)


def _chained(outer: Creator, inner: Creator) -> Creator:
    return lambda **kwargs: outer(inner, **kwargs)


class VariableMetaclass(type):
    """Calling tf.Variable asks the creators in scope; calling a subclass makes an instance of it."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is VariableV1:
            return _create_v1(*args, **kwargs)
        if cls is Variable:
            return _create_v2(*args, **kwargs)
        return super().__call__(*args, **kwargs)


def _create_v1(
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
    use_resource: bool | None = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
    shape: Any = None,
) -> Any:
    return _create(
        "v1",
        initial_value=initial_value,
        trainable=trainable,
        collections=collections,
        validate_shape=validate_shape,
        caching_device=caching_device,
        name=name,
        variable_def=variable_def,
        dtype=dtype,
        expected_shape=expected_shape,
        import_scope=import_scope,
        constraint=constraint,
        use_resource=use_resource,
        synchronization=synchronization,
        aggregation=aggregation,
        shape=shape,
    )


def _create_v2(
    initial_value: Any = None,
    trainable: bool | None = None,
    validate_shape: bool = True,
    caching_device: Any = None,
    name: str | None = None,
    variable_def: Any = None,
    dtype: Any = None,
    import_scope: str | None = None,
    constraint: Any = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
    shape: Any = None,
) -> Any:
    return _create(
        "v2",
        initial_value=initial_value,
        trainable=trainable,
        validate_shape=validate_shape,
        caching_device=caching_device,
        name=name,
        variable_def=variable_def,
        dtype=dtype,
        import_scope=import_scope,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
        shape=shape,
    )


# --- the classes -----------------------------------------------------------------------------------------------


class SaveSliceInfo:
    """Where a variable lies inside the larger tensor that checkpoints store it as."""

    def __init__(
        self,
        full_name: str | None = None,
        full_shape: Any = None,
        var_offset: Any = None,
        var_shape: Any = None,
        save_slice_info_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        if save_slice_info_def is not None:
            full_name = scopes.prepend_name_scope(save_slice_info_def.full_name, import_scope)
            full_shape = list(save_slice_info_def.full_shape)
            var_offset = list(save_slice_info_def.var_offset)
            var_shape = list(save_slice_info_def.var_shape)
        self.full_name = full_name
        self.full_shape = full_shape
        self.var_offset = var_offset
        self.var_shape = var_shape

    @property
    def spec(self) -> str:
        """The slice as checkpoints write it: the full shape, then offset,length for each dimension."""
        full = "".join(f"{d} " for d in self.full_shape)
        return full + ":".join(f"{o},{s}" for o, s in zip(self.var_offset, self.var_shape, strict=False))

    def to_proto(self, export_scope: str | None = None) -> Any:
        """A SaveSliceInfoDef, or None when the name is not under `export_scope`."""
        from tfcompat.framework.protos import SaveSliceInfoDef

        if export_scope is not None and not self.full_name.startswith(export_scope):  # type: ignore[union-attr]
            return None
        return SaveSliceInfoDef(
            full_name=scopes.strip_name_scope(self.full_name, export_scope),  # type: ignore[arg-type]
            full_shape=list(self.full_shape),
            var_offset=list(self.var_offset),
            var_shape=list(self.var_shape),
        )


@export(v2=("Variable",))
class Variable(metaclass=VariableMetaclass):
    """A tensor with a value that lasts from run to run and that programs may change.

    Source: TF 1.15, python/ops/variables.py.
    """

    SaveSliceInfo = SaveSliceInfo
    # Makes numpy leave `array + variable` to us.
    __array_priority__ = 100
    _is_tensor_like = True
    _save_slice_info: SaveSliceInfo | None = None
    # Variables are the leaves of what tf.train.Checkpoint saves.
    _checkpoint_dependencies: tuple[Any, ...] = ()

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: str | None = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        shape: Any = None,
    ) -> None:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.get_shape()} dtype={self.dtype.name}>"

    # --- reading ---

    def value(self) -> Tensor:
        """The value as a tensor; several calls may share one node."""
        raise NotImplementedError

    def read_value(self) -> Tensor:
        """The value as a new node, so that its control inputs decide when it is read."""
        raise NotImplementedError

    def eval(self, session: Any = None) -> Any:
        """The value in the given or the default session, as numpy."""
        return self._as_graph_element().eval(session=session)

    def initialized_value(self) -> Tensor:
        """The value when the variable has one, else its initial value."""
        with scopes.init_scope():
            return control_flow.cond(  # type: ignore[no-any-return]
                assignment.is_variable_initialized(self), self.read_value, lambda: self.initial_value
            )

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows `indices` of the variable. Raises AttributeError where the kind of variable has no such read."""
        raise AttributeError

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """The slices named by index vectors. Raises AttributeError where the kind of variable has no such read."""
        raise AttributeError

    # --- what it is ---

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def _shared_name(self) -> str:
        return self.name[: self.name.index(":")]

    @property
    def dtype(self) -> Any:
        raise NotImplementedError

    @property
    def device(self) -> str:
        raise NotImplementedError

    @property
    def op(self) -> Any:
        raise NotImplementedError

    @property
    def graph(self) -> Graph:
        raise NotImplementedError

    @property
    def shape(self) -> Any:
        raise NotImplementedError

    def get_shape(self) -> Any:
        """Alias of `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Merges `shape` into the static shape."""
        raise NotImplementedError

    @property
    def trainable(self) -> bool:
        raise NotImplementedError

    @property
    def synchronization(self) -> Any:
        raise NotImplementedError

    @property
    def aggregation(self) -> Any:
        raise NotImplementedError

    @property
    def constraint(self) -> Any:
        """The function that optimizers apply after an update, or None."""
        raise NotImplementedError

    @property
    def initial_value(self) -> Any:
        """The tensor that the initializer assigns."""
        raise NotImplementedError

    @property
    def initializer(self) -> Any:
        """The operation that gives the variable its initial value."""
        raise NotImplementedError

    def _as_graph_element(self) -> Any:
        raise NotImplementedError

    @property
    def _graph_element_tensor(self) -> Tensor:
        return self._as_graph_element()  # type: ignore[no-any-return]

    # --- writing ---

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Stores `value`; gives the variable after that, or the operation when read_value is False."""
        raise NotImplementedError

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Adds `delta` in place; gives the variable after that, or the operation when read_value is False."""
        raise NotImplementedError

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Subtracts `delta` in place; gives the variable after that, or the operation when read_value is False."""
        raise NotImplementedError

    def _scatter(self, how: str, indices: Any, updates: Any, use_locking: bool, name: str | None) -> Any:
        raise NotImplementedError

    def _scatter_slices(self, how: str, delta: Any, use_locking: bool, name: str | None) -> Any:
        if not isinstance(delta, IndexedSlices):
            raise TypeError(f"sparse_delta is not IndexedSlices: {delta}")
        return self._scatter(how, delta.indices, delta.values, use_locking, name)

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Subtracts an IndexedSlices in place."""
        return self._scatter_slices("sub", sparse_delta, use_locking, name)

    def scatter_add(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Adds an IndexedSlices in place."""
        return self._scatter_slices("add", sparse_delta, use_locking, name)

    def scatter_max(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Takes the maximum with an IndexedSlices in place."""
        return self._scatter_slices("max", sparse_delta, use_locking, name)

    def scatter_min(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Takes the minimum with an IndexedSlices in place."""
        return self._scatter_slices("min", sparse_delta, use_locking, name)

    def scatter_mul(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Multiplies by an IndexedSlices in place."""
        return self._scatter_slices("mul", sparse_delta, use_locking, name)

    def scatter_div(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Divides by an IndexedSlices in place."""
        return self._scatter_slices("div", sparse_delta, use_locking, name)

    def scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Stores the rows of an IndexedSlices."""
        return self._scatter_slices("update", sparse_delta, use_locking, name)

    def batch_scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Stores the rows of an IndexedSlices within each batch."""
        return assignment.batch_scatter_update(
            self, sparse_delta.indices, sparse_delta.values, use_locking=use_locking, name=name
        )

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Subtracts slices named by index vectors in place."""
        return self._scatter("nd_sub", indices, updates, True, name)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Adds slices named by index vectors in place."""
        return self._scatter("nd_add", indices, updates, True, name)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Stores slices named by index vectors."""
        return self._scatter("nd_update", indices, updates, True, name)

    def count_up_to(self, limit: int) -> Tensor:
        """Gives out the value and increments it; OutOfRangeError once it has reached `limit`."""
        raise NotImplementedError

    def load(self, value: Any, session: Any = None) -> None:
        """Stores a value at once, in the given or the default session.

        Raises: ValueError without a session.
        """
        session = session or stacks.get_default_session()
        if session is None:
            raise ValueError("Either session argument should be provided or default session should be established")
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    # --- Python ---

    def __getitem__(self, slice_spec: Any) -> Tensor:
        return slicing.slice_helper(self.value(), slice_spec, self)

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __iter__(self) -> Iterator[Any]:
        # Without this Python would fall back on __getitem__ and never end.
        raise TypeError("'Variable' object is not iterable.")

    def experimental_ref(self) -> Reference:
        """A hashable reference to this variable."""
        return Reference(self)

    ref = experimental_ref

    def _gather_saveables_for_checkpoint(self) -> dict[str, Any]:
        return {"VARIABLE_VALUE": self}

    # --- protos ---

    def to_proto(self, export_scope: str | None = None) -> Any:
        """A VariableDef naming the variable's nodes, or None when it is not under `export_scope`."""
        raise NotImplementedError

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> Any:
        """The variable, of either kind, whose nodes, already in the default graph, a VariableDef names."""
        make = _default_creators["v1"]
        return make(None, variable_def=variable_def, import_scope=import_scope, use_resource=variable_def.is_resource)

    def _set_save_slice_info(self, save_slice_info: SaveSliceInfo) -> None:
        self._save_slice_info = save_slice_info

    def _get_save_slice_info(self) -> SaveSliceInfo | None:
        return self._save_slice_info


@export("Variable")
class VariableV1(Variable):
    """A tensor with a value that lasts from run to run and that programs may change.

    The initial value (a tensor, a value, or a function without arguments giving one) settles dtype and shape. The
    variable must be initialised before it is read: run its `initializer`, or `tf.global_variables_initializer()`.
    Raises: ValueError without an initial value, or with one whose shape is unknown while validate_shape holds.
    Source: TF 1.15, python/ops/variables.py.
    """

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
        use_resource: bool | None = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        shape: Any = None,
    ) -> None:
        pass


def _overload(operator: str) -> None:
    on_tensor = getattr(Tensor, operator)

    @functools.wraps(on_tensor)
    def run(a: Variable, *args: Any, **kwargs: Any) -> Any:
        return on_tensor(a.value(), *args, **kwargs)

    if operator != "__abs__":
        del run.__wrapped__  # the signature stays (*args, **kwargs), as TF shows it
    setattr(Variable, operator, run)


for _operator in OVERLOADABLE_OPERATORS - {"__eq__", "__ne__", "__getitem__"}:
    if hasattr(Tensor, _operator):
        _overload(_operator)


_graph_numbers = itertools.count()


def graph_key(graph: Graph) -> str:
    """A name for a graph (with its functions) that no other graph has."""
    found = graph._attached.get("graph key")
    if found is None:
        found = graph._attached["graph key"] = f"graph-key-{next(_graph_numbers)}/"
    return found  # type: ignore[no-any-return]


def incompatible_dtype(dtype: Any, variable: Variable) -> ValueError:
    """The error of asking a variable for a tensor of another dtype."""
    return ValueError(
        f"Incompatible type conversion requested to type '{dtype.name}' for variable of type '{variable.dtype.name}'"
    )
