"""Values with a gradient rule of their own, made of the nodes that TF's custom_gradient makes.

A node IdentityN passes on the results, and what they came from, and carries the name of the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework.op import OPS, Op
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import identity

# (sources, gradient of each result...) -> one gradient per source
Rule = Callable[..., Sequence[Tensor | None]]


def declare_rule(name: str, results: int, rule: Rule) -> None:
    """Declares a gradient rule for so many results, under a name that no op type has (TF: CustomGradient-...).

    The rule takes the list of sources, then one gradient per result.
    """
    made = Op(name, None)

    def whole(node: Any, *dys: Tensor) -> list[Tensor | None]:
        return [None] * results + list(rule(node.inputs[results:], *dys[:results]))

    made.gradient(whole)
    OPS[name] = made


def with_rule(name: str, results: Sequence[Tensor], sources: Sequence[Tensor]) -> list[Tensor]:
    """The results, whose gradient by the sources is what the rule of this name says."""
    for result in results:
        identity.identity(result)
    passed = identity.identity_n_op([*results, *sources], _gradient_op_type=name)
    return list(passed[: len(results)])
