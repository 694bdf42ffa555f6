"""Templates: functions whose variables are made in the first call and shared by later ones.

Source: TF 1.15, python/ops/template.py.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from typing import Any

from tfcompat.framework import tf_logging
from tfcompat.framework.collections import GraphKeys, get_collection, get_collection_ref
from tfcompat.framework.export import export
from tfcompat.ops.variable_scope import (
    VariableScope,
    _get_unique_variable_scope,
    _pure_variable_scope,
    variable_scope,
)


@export("make_template")
def make_template(
    name_: str,
    func_: Callable[..., Any],
    create_scope_now_: bool = False,
    unique_name_: str | None = None,
    custom_getter_: Any = None,
    **kwargs: Any,
) -> Template:
    """`func_` as a template: each call uses the same variables, made with get_variable in a scope named after it.

    unique_name_ is taken as it is (ValueError where it is in use); name_ is made unique. kwargs go to every call.
    Raises: ValueError without a name, or when a later call makes a new trainable variable.
    """
    if kwargs:
        func_ = functools.wraps(func_)(functools.partial(func_, **kwargs))
    return Template(
        name_, func_, create_scope_now=create_scope_now_, unique_name=unique_name_, custom_getter=custom_getter_
    )


class Template:
    """What `make_template` returns: call it like the function."""

    def __init__(
        self,
        name: str | None,
        func: Callable[..., Any],
        create_scope_now: bool = False,
        unique_name: str | None = None,
        custom_getter: Any = None,
    ) -> None:
        if name is None:
            raise ValueError("name cannot be None.")
        self._func = func
        self._stacktrace = traceback.format_stack()[:-2]
        self._name = name
        self._unique_name = unique_name
        self._custom_getter = custom_getter
        self._variable_scope: VariableScope | None = None
        if create_scope_now:
            scope_name = unique_name or _get_unique_variable_scope(name)
            with _pure_variable_scope(scope_name, custom_getter=custom_getter) as scope:
                self._variable_scope = scope
        # Set once a call has gone through; _first_call already while it is under way.
        self._variables_created = False
        self._first_call = True

    def _call_func(self, args: Any, kwargs: Any) -> Any:
        try:
            if self._variables_created:
                return self._call_again(args, kwargs)
            if not self._first_call:
                return self._func(*args, **kwargs)
            self._first_call = False
            try:
                result = self._func(*args, **kwargs)
            except BaseException:
                self._first_call = True
                raise
            self._variables_created = True
            return result
        except Exception as cause:
            where = "".join(_own_part(self._stacktrace, traceback.format_stack()))
            text = cause.args[0] if cause.args else ""
            cause.args = (f"{text}\n\noriginally defined at:\n{where}", *cause.args[1:])
            raise

    def _call_again(self, args: Any, kwargs: Any) -> Any:
        trainable = get_collection_ref(GraphKeys.TRAINABLE_VARIABLES)
        variables = get_collection_ref(GraphKeys.GLOBAL_VARIABLES)
        trainable_before, before = len(trainable), len(variables)
        result = self._func(*args, **kwargs)
        if len(trainable) != trainable_before:
            raise ValueError(
                "Trainable variable created when calling a template after the first time, perhaps you used tf.Variable "
                f"when you meant tf.get_variable: {trainable[trainable_before:]}"
            )
        if len(variables) != before:
            tf_logging.info(
                "New variables created when calling a template after the first time, perhaps you used tf.Variable when "
                "you meant tf.get_variable: %s",
                variables[before:],
            )
        return result

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._variable_scope is not None:
            with variable_scope(self._variable_scope, reuse=not self._first_call):
                return self._call_func(args, kwargs)
        with variable_scope(self._unique_name, self._name, custom_getter=self._custom_getter) as scope:
            self._variable_scope = scope
            return self._call_func(args, kwargs)

    @property
    def name(self) -> str:
        return self._name

    @property
    def func(self) -> Callable[..., Any]:
        return self._func

    @property
    def variable_scope(self) -> VariableScope | None:
        """The scope of the template's variables; None before the first call."""
        return self._variable_scope

    var_scope = variable_scope

    @property
    def variable_scope_name(self) -> str | None:
        """The name of the scope with a slash at its end; None before the first call."""
        if self._variable_scope is None:
            return None
        name = self._variable_scope.name
        return name if not name or name[-1] == "/" else name + "/"

    def _collection(self, key: str) -> list[Any]:
        return get_collection(key, self.variable_scope_name) if self._variables_created else []

    @property
    def variables(self) -> list[Any]:
        """Global and local variables of the template."""
        return self.global_variables + self.local_variables

    @property
    def trainable_variables(self) -> list[Any]:
        return self._collection(GraphKeys.TRAINABLE_VARIABLES)

    @property
    def non_trainable_variables(self) -> list[Any]:
        trainable = set(self.trainable_variables)
        return [v for v in self.global_variables if v not in trainable]

    @property
    def global_variables(self) -> list[Any]:
        return self._collection(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self) -> list[Any]:
        return self._collection(GraphKeys.LOCAL_VARIABLES)

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables


def _own_part(stack: list[str], base: list[str]) -> list[str]:
    """The frames of `stack` from where it leaves `base`."""
    for i, (mine, other) in enumerate(zip(stack, base, strict=False)):
        if mine != other:
            return stack[i:]
    return stack[-1:]
