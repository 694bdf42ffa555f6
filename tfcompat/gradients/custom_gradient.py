"""tf.custom_gradient and what is built with it: functions whose gradient is written by hand.

Source: TF 1.15, python/ops/custom_gradient.py: results and arguments pass through one IdentityN node that carries the
gradient under a name of its own.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, nest, stacks
from tfcompat.framework.export import export
from tfcompat.gradients import registry
from tfcompat.gradients.engine import gradients
from tfcompat.ops import identity, variables

_count = itertools.count(1)
_READS = frozenset({"ReadVariableOp", "ResourceGather", "ResourceGatherNd"})


@export("custom_gradient", v2=("custom_gradient",))
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates `f(*x) -> (y, grad_fn)`: `grad_fn(*dy)` gives the gradients of x instead of those of f's nodes.

    When f uses trainable resource variables, grad_fn must take `variables` and return a second list, their gradients.
    Raises: TypeError when it does not; ValueError for a wrong number of gradients.
    """

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        return _apply(f, args, kwargs)

    return decorated


def _apply(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    graph = stacks.get_default_graph()
    tensors = [conversion.to_tensor(x) for x in args]
    before = graph._last_id
    result, grad_fn = f(*tensors, **kwargs)
    used = _used_variables(graph, before, args)
    takes = inspect.signature(grad_fn).parameters
    accepts = "variables" in takes or any(p.kind is p.VAR_KEYWORD for p in takes.values())
    if used and not accepts:
        raise TypeError(
            "If using @custom_gradient with a function that uses variables, then grad_fn must accept a 'variables' "
            "keyword argument."
        )
    flat = [conversion.to_tensor(y) for y in nest.flatten(result)]
    for y in flat:
        identity.identity(y)  # read by nobody; TensorFlow makes these nodes, and op seeds count them

    def rule(node: Any, *dys: Any) -> list[Any]:
        return [None] * len(flat) + _call(grad_fn, dys[: len(flat)], used)

    name = f"CustomGradient-{next(_count)}"
    registry._register(name, rule)
    handles = [v._gradient_handle for v in used]
    with graph.gradient_override_map({"IdentityN": name}):
        passed = identity.identity_n([*flat, *tensors, *handles])
    return nest.pack_sequence_as(result, passed[: len(flat)])


def _used_variables(graph: Any, before: int, args: tuple[Any, ...]) -> list[Any]:
    """Trainable resource variables that nodes made since `before` read."""
    by_handle = {getattr(v, "_gradient_handle", None): v for v in variables.trainable_variables()}
    by_handle.pop(None, None)
    given = {id(a) for a in args}
    found = []
    for op in graph.get_operations():
        if op._id > before and op._type in _READS:
            v = by_handle.get(op._inputs[0])
            if v is not None and id(v) not in given:
                found.append(v)
    return list(dict.fromkeys(found))


def _call(grad_fn: Callable[..., Any], dys: tuple[Any, ...], used: list[Any]) -> list[Any]:
    if used:
        by_args, by_variables = grad_fn(*dys, variables=used)
        by_variables = list(by_variables)
        if len(by_variables) != len(used):
            raise ValueError("Must return gradient for each variable from @custom_gradient grad_fn.")
    else:
        by_args, by_variables = grad_fn(*dys), []
    # A wrong number of them is found by the engine, which knows the node.
    by_args = list(by_args) if isinstance(by_args, (list, tuple)) else [by_args]
    return by_args + by_variables


@export("grad_pass_through", v2=("grad_pass_through",))
def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """f in the forward pass, the identity in the backward one."""

    @custom_gradient
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        def grad(*dys: Any, variables: Any = None) -> Any:
            if variables is not None:
                return list(dys), [None] * len(variables)
            return list(dys)

        return f(*args, **kwargs), grad

    return wrapped


@export("recompute_grad", "contrib.layers.recompute_grad", v2=("recompute_grad",))
def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, computed again in the backward pass instead of keeping its intermediate values."""

    @custom_gradient
    def inner(*args: Any, **kwargs: Any) -> Any:
        result = f(*args, **kwargs)

        def grad(*dys: Any, variables: Any = None) -> Any:
            # Not before the gradient arrives: that is what saves the memory.
            with stacks.get_default_graph().control_dependencies(list(dys)):
                again = [identity.identity(identity.stop_gradient(a)) for a in args]
                outputs = nest.flatten(f(*again, **kwargs))
            found = gradients(outputs, [*again, *(variables or [])], grad_ys=list(dys))
            by_args = found[: len(again)]
            return by_args if variables is None else (by_args, found[len(again) :])

        return result, grad

    return inner
