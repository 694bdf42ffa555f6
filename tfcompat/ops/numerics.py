"""Checks for NaN and infinity.

Source: TF 1.15, python/ops/numerics.py, core/kernels/check_numerics_op.cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.control import group, with_dependencies
from tfcompat.ops.shapes import renamed_argument

check_numerics_op = op("CheckNumerics", alias=True, stateful=True)(unchanged)


@check_numerics_op.kernel
def _check_numerics(tensor: Any, *, message: str) -> Any:
    # One pass where all is well: a sum is finite unless something is not (or it overflows, which is looked into).
    if not torch.isfinite(tensor.sum()):
        nan, inf = bool(torch.isnan(tensor).any()), bool(torch.isinf(tensor).any())
        if nan or inf:
            kind = "Inf and NaN" if nan and inf else "NaN" if nan else "Inf"
            raise InvalidArgumentError(None, None, f"{message} : Tensor had {kind} values")
    return tensor


@check_numerics_op.gradient
def _check_numerics_grad(node: Any, dy: Tensor) -> Tensor:
    return check_numerics(
        dy, "Not a number (NaN) or infinity (Inf) values detected in gradient. " + node._attrs["message"]
    )


@check_numerics_op.samples
def _samples() -> Iterator[Sample]:
    yield sample(real(2, 3), message="bad")


@export("check_numerics", "debugging.check_numerics", v2=("debugging.check_numerics",))
def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """`tensor`; the run fails with `message` if it has NaN or infinite elements."""
    return check_numerics_op(tensor, message=message, name=name)


@export("verify_tensor_all_finite", "debugging.assert_all_finite")
def verify_tensor_all_finite(
    t: Any = None, msg: Any = None, name: str | None = None, x: Any = None, message: Any = None
) -> Tensor:
    """`x` (or `t`), given out after it was checked for NaN and infinity."""
    x = renamed_argument("x", x, "t", t)
    message = renamed_argument("message", message, "msg", msg)
    return assert_all_finite(x, message, name)


@export(v2=("debugging.assert_all_finite",))
def assert_all_finite(x: Any, message: str, name: str | None = None) -> Tensor:
    """`x`, given out after it was checked for NaN and infinity."""
    with name_scope(name, "VerifyFinite", [x]):
        x = to_tensor(x, name="x")
        with stacks.get_default_graph().colocate_with(x):
            checked = check_numerics(x, message=message)
            return with_dependencies([checked], x)  # type: ignore[no-any-return]


@export("add_check_numerics_ops")
def add_check_numerics_ops() -> Any:
    """A node that checks every floating tensor made so far, in order of creation.

    Raises: ValueError when the graph has conditionals or loops.
    """
    checks: list[Any] = []
    graph = stacks.get_default_graph()
    for node in graph.get_operations():
        for output in node._outputs:
            if output.dtype in (dtypes.float16, dtypes.float32, dtypes.float64):
                if node._type in _CONTROL_FLOW:
                    raise ValueError(
                        "`tf.add_check_numerics_ops() is not compatible with TensorFlow control flow operations such "
                        "as `tf.cond()` or `tf.while_loop()`."
                    )
                with graph.control_dependencies(checks):
                    checks = [check_numerics(output, message=f"{node.name}:{output.value_index}")]
    return group(*checks)


_CONTROL_FLOW = frozenset(
    {"If", "StatelessIf", "While", "StatelessWhile", "Case", "Switch", "Merge", "Enter", "Exit", "NextIteration"}
)
