"""Which gradient rule an operation has: its own op's, one registered by the user, or an overriding one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, OPS
from tfcompat.framework.operation import Operation

Rule = Callable[..., Any]

# Registered by programs; NOT_DIFFERENTIABLE for types declared so.
_registered: dict[str, Any] = {}


@export("RegisterGradient")
class RegisterGradient:
    """`@tf.RegisterGradient("MyType")` registers `fn(op, *grads)` as the gradient of an op type.

    Raises: KeyError when the type has a gradient already.
    """

    __slots__ = ("_op_type",)

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, f: Rule) -> Rule:
        _register(self._op_type, f)
        return f


def _register(op_type: str, rule: Any) -> None:
    declared = OPS.get(op_type)
    if op_type in _registered or (declared is not None and declared.gradient_fn is not None):
        raise KeyError(f"Registering two gradient with name '{op_type}'! (Previous registration was elsewhere)")
    _registered[op_type] = rule


@export("NotDifferentiable", "NoGradient", "no_gradient")
def not_differentiable(op_type: str) -> None:
    """Declares that ops of this type have no derivative: gradients stop there without an error."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _register(op_type, NOT_DIFFERENTIABLE)


def gradient_rule(op: Operation) -> Rule | None:
    """The rule for `op`; None when it is declared not differentiable or has no inputs.

    Raises: LookupError when nothing is registered for its type.
    """
    if not op._inputs:
        return None
    override = op._attrs.get("_gradient_op_type")
    name = override if override is not None else op._type
    if isinstance(name, bytes):
        name = name.decode()
    found: Any = _registered.get(name)
    if found is None:
        declared = OPS.get(name)
        found = None if declared is None else declared.gradient_fn
    if found is None:
        if override is None:
            raise LookupError(f"No gradient defined for operation '{op._name}' (op type: {op._type})")
        raise LookupError(f"gradient registry has no entry for: {name}")
    return None if found is NOT_DIFFERENTIABLE else found
