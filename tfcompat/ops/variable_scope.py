"""Variable scopes: names and defaults for tf.get_variable.

Source: TF 1.15, python/ops/variable_scope.py.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from tfcompat.framework import build, dtypes, scopes, stacks, tf_logging
from tfcompat.framework.collections import GraphKeys, get_collection
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.ops.variable_base import (
    VariableAggregation,
    VariableSynchronization,
    set_default_creators,
)
from tfcompat.ops.variable_ref import RefVariable
from tfcompat.ops.variable_resource import ResourceVariable
from tfcompat.ops.variable_store import AUTO_REUSE as AUTO_REUSE
from tfcompat.ops.variable_store import VariableStore, default_use_resource, default_variable_store


@export("enable_resource_variables")
def enable_resource_variables() -> None:
    """From now on new variables are of the resource kind unless a call or scope says otherwise."""
    default_use_resource[0] = True


@export("disable_resource_variables")
def disable_resource_variables() -> None:
    """From now on new variables are of the reference kind unless a call or scope says otherwise."""
    default_use_resource[0] = False


@export("resource_variables_enabled")
def resource_variables_enabled() -> bool:
    """Whether new variables are of the resource kind by default."""
    return default_use_resource[0]


@export("no_regularizer")
def no_regularizer(_: Any) -> None:
    """A regularizer that adds nothing: stops a scope's default from applying."""
    return


@export("VariableScope")
class VariableScope:
    """The defaults that `get_variable` uses inside a `variable_scope` block, and the prefix of names.

    Source: TF 1.15, python/ops/variable_scope.py.
    """

    def __init__(
        self,
        reuse: Any,
        name: str = "",
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        name_scope: str | None = "",
        dtype: Any = dtypes.float32,
        use_resource: bool | None = None,
        constraint: Any = None,
    ) -> None:
        self._name = name
        self._initializer = initializer
        self._regularizer = regularizer
        self._reuse = reuse
        self._caching_device = caching_device
        self._partitioner = partitioner
        self._custom_getter = custom_getter
        self._name_scope = name_scope
        self._dtype = dtype
        self._use_resource = use_resource
        self._constraint = constraint

    @property
    def name(self) -> str:
        return self._name

    @property
    def original_name_scope(self) -> str | None:
        """The name scope opened together with this variable scope."""
        return self._name_scope

    @property
    def reuse(self) -> Any:
        return self._reuse

    @property
    def initializer(self) -> Any:
        return self._initializer

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def use_resource(self) -> bool | None:
        return self._use_resource

    @property
    def regularizer(self) -> Any:
        return self._regularizer

    @property
    def caching_device(self) -> Any:
        return self._caching_device

    @property
    def partitioner(self) -> Any:
        return self._partitioner

    @property
    def custom_getter(self) -> Any:
        return self._custom_getter

    @property
    def constraint(self) -> Any:
        return self._constraint

    def reuse_variables(self) -> None:
        """From now on get_variable only finds existing variables in this scope."""
        self._reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """Sets the default initializer."""
        self._initializer = initializer

    def set_dtype(self, dtype: Any) -> None:
        """Sets the default dtype."""
        self._dtype = dtype

    def set_use_resource(self, use_resource: bool | None) -> None:
        """Sets which kind of variables are made."""
        self._use_resource = use_resource

    def set_regularizer(self, regularizer: Any) -> None:
        """Sets the default regularizer."""
        self._regularizer = regularizer

    def set_caching_device(self, caching_device: Any) -> None:
        """Sets the default caching device."""
        self._caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        """Sets the default partitioner."""
        self._partitioner = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        """Sets the default custom getter."""
        self._custom_getter = custom_getter

    def get_collection(self, name: Any) -> list[Any]:
        """The items of a collection whose names are under this scope."""
        return get_collection(name, self._name + "/" if self._name else "")

    def trainable_variables(self) -> list[Any]:
        """This scope's trainable variables."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Any]:
        """This scope's global variables."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Any]:
        """This scope's local variables."""
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(
        self,
        var_store: VariableStore,
        name: str,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        reuse: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        validate_shape: bool = True,
        use_resource: bool | None = None,
        custom_getter: Any = None,
        constraint: Any = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
    ) -> Any:
        """`var_store.get_variable` with this scope's prefix and defaults."""
        full_name = f"{self._name}/{name}" if self._name else name
        with scopes.name_scope(None):
            if dtype is not None and initializer is not None and not callable(initializer):
                given = to_tensor(initializer).dtype.base_dtype
                if given != dtype:
                    raise ValueError(f"Initializer type '{given}' and explicit dtype '{dtype}' don't match.")
            return var_store.get_variable(
                full_name,
                shape=shape,
                dtype=_first(dtype, self._dtype),
                initializer=_first(initializer, self._initializer),
                regularizer=_first(regularizer, self._regularizer),
                reuse=_first(reuse, self._reuse),
                trainable=trainable,
                collections=collections,
                caching_device=_first(caching_device, self._caching_device),
                partitioner=_first(partitioner, self._partitioner),
                validate_shape=validate_shape,
                use_resource=_first(use_resource, self._use_resource),
                custom_getter=_first(custom_getter, self._custom_getter),
                constraint=_first(constraint, self._constraint),
                synchronization=synchronization,
                aggregation=aggregation,
            )

    def _get_partitioned_variable(
        self, var_store: VariableStore, name: str | None, partitioner: Any, dtype: Any = None, **settings: Any
    ) -> Any:
        if self._custom_getter is not None:
            raise ValueError(
                "Private access to _get_partitioned_variable is not allowed when a custom getter is set.  Current "
                f"custom getter: {self._custom_getter}.  It is likely that you're using create_partitioned_variables.  "
                "If so, consider instead using get_variable with a non-empty partitioner parameter instead."
            )
        partitioner = _first(partitioner, self._partitioner)
        if partitioner is None:
            raise ValueError("No partitioner was specified")
        for key in ("initializer", "regularizer", "constraint", "caching_device", "use_resource"):
            settings[key] = _first(settings.get(key), getattr(self, "_" + key))
        full_name = "/".join(part for part in (self._name, name) if part)
        with scopes.name_scope(None):
            return var_store._get_partitioned_variable(
                full_name, partitioner, dtype=_first(dtype, self._dtype), reuse=self._reuse, **settings
            )


def _first(given: Any, default: Any) -> Any:
    return default if given is None else given


# --- the current scope -----------------------------------------------------------------------------------------


class _ScopeStore(threading.local):
    """The current scope of each thread in one graph, and how often each scope name was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.current_scope = VariableScope(False)
        self.variable_scopes_count: dict[str, int] = {}

    def open_variable_scope(self, scope_name: str) -> None:
        self.variable_scopes_count[scope_name] = self.variable_scopes_count.get(scope_name, 0) + 1

    def close_variable_subscopes(self, scope_name: str | None) -> None:
        for name in self.variable_scopes_count:
            if scope_name is None or name.startswith(scope_name + "/"):
                self.variable_scopes_count[name] = 0

    def variable_scope_count(self, scope_name: str) -> int:
        return self.variable_scopes_count.get(scope_name, 0)


_SCOPE_STORE_KEY = ("__varscope",)


def get_variable_scope_store() -> _ScopeStore:
    """The scopes of the default graph."""
    found = stacks.get_default_graph().get_collection_ref(_SCOPE_STORE_KEY)
    if not found:
        found.append(_ScopeStore())
    return found[0]  # type: ignore[no-any-return]


@export("get_variable_scope")
def get_variable_scope() -> VariableScope:
    """The scope that `get_variable` uses here."""
    return get_variable_scope_store().current_scope


@export("get_variable")
def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """The variable of that name in the current variable scope: made, or found when the scope reuses variables.

    What is not given comes from the scope; the default initializer is Glorot's uniform one.
    Raises: ValueError when the variable exists and should not, or should and does not, or differs in shape or dtype.
    Source: TF 1.15, python/ops/variable_scope.py.
    """
    return get_variable_scope().get_variable(
        default_variable_store(),
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=collections,
        caching_device=caching_device,
        partitioner=partitioner,
        validate_shape=validate_shape,
        use_resource=use_resource,
        custom_getter=custom_getter,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
    )


@export("get_local_variable")
def get_local_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool = False,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = VariableSynchronization.AUTO,
    aggregation: Any = VariableAggregation.NONE,
) -> Any:
    """`get_variable` for a local variable, which is never trained and not saved."""
    return get_variable(
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=False,
        collections=[*(collections or ()), GraphKeys.LOCAL_VARIABLES],
        caching_device=caching_device,
        partitioner=partitioner,
        validate_shape=validate_shape,
        use_resource=use_resource,
        custom_getter=custom_getter,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
    )


@export("create_partitioned_variables")
def create_partitioned_variables(
    shape: Sequence[int],
    slicing: Sequence[int],
    initializer: Any,
    dtype: Any = dtypes.float32,
    trainable: bool = True,
    collections: Any = None,
    name: str | None = None,
    reuse: Any = None,
) -> list[Any]:
    """The parts of a partitioned variable cut as `slicing` says. Deprecated: give get_variable a partitioner.

    Raises: ValueError when shape and slicing do not fit.
    """
    if len(shape) != len(slicing):
        raise ValueError(
            "The 'shape' and 'slicing' of a partitioned Variable must have the length: "
            f"shape: {shape}, slicing: {slicing}"
        )
    if len(shape) < 1:
        raise ValueError(f"A partitioned Variable must have rank at least 1: shape: {shape}")
    with variable_scope(name, "PartitionedVariable", reuse=reuse) as scope:
        made = scope._get_partitioned_variable(
            default_variable_store(),
            None,
            lambda **unused: slicing,
            dtype,
            shape=shape,
            initializer=initializer,
            trainable=trainable,
            collections=collections,
        )
        return list(made)


# --- opening a scope -------------------------------------------------------------------------------------------


def _chained_getter(custom_getter: Any, outer_getter: Any) -> Any:
    """A getter that asks `custom_getter`, whose inner getter is the enclosing scope's."""
    if outer_getter is None:
        return custom_getter

    def getter_of_both(getter: Any, *args: Any, **kwargs: Any) -> Any:
        return custom_getter(functools.partial(outer_getter, getter), *args, **kwargs)

    return getter_of_both


_SETTINGS = ("initializer", "regularizer", "caching_device", "partitioner", "dtype", "use_resource")


class _pure_variable_scope:
    """A variable scope without a name scope: by name below the current scope, or an existing scope opened again."""

    def __init__(
        self,
        name_or_scope: Any,
        reuse: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        old_name_scope: str | None = None,
        dtype: Any = dtypes.float32,
        use_resource: bool | None = None,
        constraint: Any = None,
    ) -> None:
        self._target = name_or_scope
        self._reuse = reuse
        self._settings = {
            "initializer": initializer,
            "regularizer": regularizer,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "dtype": dtype,
            "use_resource": use_resource,
        }
        self._custom_getter = custom_getter
        self._constraint = constraint
        self._old_name_scope = old_name_scope
        self._store = get_variable_scope_store()
        self._entered: VariableScope | None = None
        self._reopened: VariableScope | None = None
        if isinstance(name_or_scope, VariableScope):
            # Made once: changes inside one block are seen when the same block object is entered again.
            self._reopened = self._derived(
                name_or_scope, reuse or name_or_scope.reuse, name_or_scope.name, name_or_scope.original_name_scope
            )

    def _derived(self, base: VariableScope, reuse: Any, name: str, name_scope: str | None) -> VariableScope:
        """`base` with this block's settings on top."""
        settings = {key: _first(self._settings[key], getattr(base, key)) for key in _SETTINGS}
        getter = base.custom_getter
        if self._custom_getter is not None:
            getter = _chained_getter(self._custom_getter, getter)
        return VariableScope(
            reuse, name=name, name_scope=name_scope, custom_getter=getter, constraint=self._constraint, **settings
        )

    def __enter__(self) -> VariableScope:
        store = self._store
        self._old = store.current_scope
        if self._reopened is not None:
            self._name = self._reopened.name
            store.open_variable_scope(self._name)
            self._old_subscopes = dict(store.variable_scopes_count)
            entered = self._reopened
        else:
            self._name = f"{self._old.name}/{self._target}" if self._old.name else self._target
            self._reuse = self._reuse or self._old.reuse
            name_scope = self._target if self._old_name_scope is None else self._old_name_scope
            entered = self._derived(self._old, self._reuse, self._name, name_scope)
            store.open_variable_scope(self._name)
        store.current_scope = self._entered = entered
        return entered

    def __exit__(self, *exc: object) -> None:
        store = self._store
        if store.current_scope is not self._entered:
            raise RuntimeError("Improper nesting of variable_scope.")
        if self._reopened is not None:
            store.variable_scopes_count = self._old_subscopes
        else:
            store.close_variable_subscopes(self._name)
        store.current_scope = self._old


def _get_unique_variable_scope(prefix: str) -> str:
    """`prefix`, with _1, _2 ... where the current scope has opened that name already."""
    store = get_variable_scope_store()
    above = store.current_scope.name
    name = f"{above}/{prefix}" if above else prefix
    if store.variable_scope_count(name) == 0:
        return prefix
    i = 1
    while store.variable_scope_count(f"{name}_{i}") > 0:
        i += 1
    return f"{prefix}_{i}"


@export("variable_scope")
class variable_scope:
    """`with tf.variable_scope(name) as scope:`: variables and nodes made inside are named under it.

    name_or_scope: a name below the current scope, or a VariableScope to open again. default_name is made unique and
    used when that is None. The other arguments are defaults for get_variable; reuse goes on to inner scopes.
    auxiliary_name_scope=False opens no name scope.
    Raises: TypeError or ValueError for arguments that do not fit.
    Source: TF 1.15, python/ops/variable_scope.py.
    """

    def __init__(
        self,
        name_or_scope: Any,
        default_name: str | None = None,
        values: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        reuse: Any = None,
        dtype: Any = None,
        use_resource: bool | None = None,
        constraint: Any = None,
        auxiliary_name_scope: bool = True,
    ) -> None:
        self._name_or_scope = name_or_scope
        self._default_name = default_name
        self._settings = {
            "initializer": initializer,
            "regularizer": regularizer,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "custom_getter": custom_getter,
            "dtype": dtype,
            "use_resource": use_resource,
            "constraint": constraint,
        }
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        self._reuse = None if reuse is False else reuse
        if not (self._reuse is True or self._reuse is None or self._reuse is AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        self._graph = build.graph_of(list(values) if values is not None else [])
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(f"The auxiliary_name_scope must be `True` or `False`, while get {auxiliary_name_scope}")
        self._auxiliary_name_scope = auxiliary_name_scope
        self._pure: _pure_variable_scope | None = None
        self._name_scope: Any = None
        self._graph_context: Any = None

    def __enter__(self) -> VariableScope:
        if not stacks.get_default_graph().building_function:
            self._graph_context = self._graph.as_default()
            self._graph_context.__enter__()
        else:
            self._graph_context = None
        try:
            if self._pure is None:
                return self._first_entry()
            if self._name_scope is not None:
                self._name_scope.__enter__()
            return self._pure.__enter__()
        except BaseException:
            if self._graph_context is not None:
                self._graph_context.__exit__(None, None, None)
            raise

    def _first_entry(self) -> VariableScope:
        target = self._name_or_scope
        name_scope = None
        if not self._auxiliary_name_scope:
            # The scope in force is entered again, by its full name.
            current = stacks.get_default_graph().get_name_scope()
            name_scope = scopes.name_scope(current + "/" if current else current)
        if target is None:
            if self._reuse:
                raise ValueError("reuse=True cannot be used without a name_or_scope")
            return self._open(name_scope or scopes.name_scope(self._default_name), None, None)
        if not isinstance(target, (VariableScope, str)):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        name = target if isinstance(target, str) else target.name.split("/")[-1]
        if not name and name_scope is None:
            self._pure = _pure_variable_scope(target, reuse=self._reuse, **self._settings)
            return self._pure.__enter__()
        return self._open(name_scope or scopes.name_scope(name), target, self._reuse)

    def _open(self, name_scope: Any, target: Any, reuse: Any) -> VariableScope:
        opened = name_scope.__enter__()
        try:
            if target is None:
                target = _get_unique_variable_scope(self._default_name)  # type: ignore[arg-type]
            old = opened if isinstance(target, str) else target.original_name_scope
            pure = _pure_variable_scope(target, reuse=reuse, old_name_scope=old, **self._settings)
            entered = pure.__enter__()
        except BaseException:
            name_scope.__exit__(None, None, None)
            raise
        self._name_scope, self._pure = name_scope, pure
        return entered

    def __exit__(self, type_arg: Any, value_arg: Any, traceback_arg: Any) -> None:
        assert self._pure is not None
        try:
            self._pure.__exit__(type_arg, value_arg, traceback_arg)
        finally:
            try:
                if self._name_scope is not None:
                    self._name_scope.__exit__(type_arg, value_arg, traceback_arg)
            finally:
                if self._graph_context is not None:
                    self._graph_context.__exit__(type_arg, value_arg, traceback_arg)


@export("variable_op_scope")
@contextlib.contextmanager
def variable_op_scope(
    values: Any,
    name_or_scope: Any,
    default_name: str | None = None,
    initializer: Any = None,
    regularizer: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    reuse: Any = None,
    dtype: Any = None,
    use_resource: bool | None = None,
    constraint: Any = None,
) -> Iterator[VariableScope]:
    """The old argument order of `variable_scope`."""
    tf_logging.warn(
        "tf.variable_op_scope(values, name, default_name) is deprecated, use tf.variable_scope(name, default_name, "
        "values)"
    )
    with variable_scope(
        name_or_scope,
        default_name=default_name,
        values=values,
        initializer=initializer,
        regularizer=regularizer,
        caching_device=caching_device,
        partitioner=partitioner,
        custom_getter=custom_getter,
        reuse=reuse,
        dtype=dtype,
        use_resource=use_resource,
        constraint=constraint,
    ) as scope:
        yield scope


# --- which class a new variable gets ---------------------------------------------------------------------------


def _of_either_kind(
    next_creator: Any = None,
    use_resource: bool | None = None,
    expected_shape: Any = None,
    distribute_strategy: Any = None,
    **kwargs: Any,
) -> Any:
    assert next_creator is None
    if use_resource is None:
        use_resource = get_variable_scope().use_resource
    if use_resource is None:
        use_resource = default_use_resource[0]
    if use_resource:
        return ResourceVariable(distribute_strategy=distribute_strategy, **kwargs)
    return RefVariable(expected_shape=expected_shape, **kwargs)


def _of_resource_kind(next_creator: Any = None, **kwargs: Any) -> Any:
    assert next_creator is None
    return ResourceVariable(**kwargs)


set_default_creators(_of_either_kind, _of_resource_kind)

default_variable_creator = _of_either_kind
default_variable_creator_v2 = _of_resource_kind
