"""arg_scope: default keyword arguments for marked functions. Source: TF 1.15, contrib/framework/python/ops/arg_scope.py."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tfcompat.framework.export import export

F = TypeVar("F", bound=Callable[..., Any])
Scope = dict[str, dict[str, Any]]

_open_scopes: list[Scope] = [{}]
_marked: dict[str, tuple[str, ...]] = {}


@export("contrib.slim.arg_scope_func_key")
def arg_scope_func_key(op: Any) -> str:
    """What a function is known as in a scope's dict."""
    return getattr(op, "_key_op", str(op))


@export("contrib.framework.current_arg_scope", "contrib.slim.current_arg_scope")
def current_arg_scope() -> Scope:
    """The innermost open scope: key of a function -> its defaults there."""
    return _open_scopes[-1]


@export("contrib.framework.arg_scope", "contrib.slim.arg_scope")
@contextmanager
def arg_scope(list_ops_or_scope: Any, **kwargs: Any) -> Iterator[Scope]:
    """`with arg_scope([f, g], x=1) as scope:`: inside, f and g are called with x=1 unless told otherwise.

    A scope handed out so can be opened again, without keywords.
    Raises: ValueError for a function without `add_arg_scope`, or for keywords next to a scope; TypeError for others.
    """
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError("When attempting to re-use a scope by suppling adictionary, kwargs must be empty.")
        scope = list_ops_or_scope.copy()
    elif isinstance(list_ops_or_scope, (list, tuple)):
        scope = current_arg_scope().copy()
        for op in list_ops_or_scope:
            if not has_arg_scope(op):
                raise ValueError("%s is not decorated with @add_arg_scope", (op.__module__, op.__name__))
            key = arg_scope_func_key(op)
            scope[key] = {**scope.get(key, {}), **kwargs}
    else:
        raise TypeError("list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict)")
    _open_scopes.append(scope)
    try:
        yield scope
    finally:
        _open_scopes.pop()


@export("contrib.framework.add_arg_scope", "contrib.slim.add_arg_scope")
def add_arg_scope(func: F) -> F:
    """Decorator: lets `arg_scope` give the function's keyword arguments defaults."""
    key = arg_scope_func_key(func)

    @functools.wraps(func)
    def with_scope(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **{**current_arg_scope().get(key, {}), **kwargs})

    parameters = inspect.signature(func).parameters.values()
    _marked[key] = tuple(p.name for p in parameters if p.default is not p.empty and p.kind is p.POSITIONAL_OR_KEYWORD)
    with_scope._key_op = key  # type: ignore[attr-defined]
    return with_scope  # type: ignore[return-value]


@export("contrib.framework.has_arg_scope", "contrib.slim.has_arg_scope")
def has_arg_scope(func: Any) -> bool:
    """Whether `add_arg_scope` has been applied to the function."""
    return arg_scope_func_key(func) in _marked


@export("contrib.framework.arg_scoped_arguments", "contrib.slim.arg_scoped_arguments")
def arg_scoped_arguments(func: Any) -> tuple[str, ...]:
    """The arguments of a marked function that a scope can set."""
    assert has_arg_scope(func)
    return _marked[arg_scope_func_key(func)]
