"""Assert: a node that fails the run where a condition does not hold.

Source: TF 1.15, python/ops/control_flow_ops.py, core/kernels/logging_ops.cc.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import dtypes
from tfcompat.framework.conversion import to_tensor, to_tensors
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import with_rank
from tfcompat.ops.control_flow import cond
from tfcompat.ops.identity import no_op
from tfcompat.ops.summarize import summarize as as_text


@op("Assert", host=("condition",))
def assert_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    return []


@assert_op.builder
def _assert(c: KernelContext) -> Any:
    types = c.attrs["T"]
    entries = c.attrs["summarize"]

    def check(condition: bool, data: list[Any]) -> None:
        if not condition:
            texts = [as_text(v, t, entries) for v, t in zip(data, types, strict=True)]
            raise InvalidArgumentError(None, None, "assertion failed: " + " ".join(f"[{t}]" for t in texts))

    return check


assert_op.gradient(NOT_DIFFERENTIABLE)


@export("Assert", "debugging.Assert")
def Assert(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> Any:
    """A node that raises InvalidArgumentError with the first `summarize` (3) elements of each of `data`
    when `condition` is false in the run.

    Data other than strings and int32 is only looked at when the condition is false.
    """
    with name_scope(name, "Assert", [condition, data]):
        tensors = to_tensors(data)
        if all(t.dtype in (dtypes.string, dtypes.int32) for t in tensors):
            return assert_op(condition, data, summarize=summarize, name="Assert")
        condition = to_tensor(condition, name="Condition")
        guarded = cond(
            condition, no_op, lambda: assert_op(condition, data, summarize=summarize, name="Assert"), name="AssertGuard"
        )
        return guarded.op
