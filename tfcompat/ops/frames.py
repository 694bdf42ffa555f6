"""The nodes that TensorFlow 1 writes conditionals and loops with: Switch, Merge, Enter, Exit, NextIteration, LoopCond.

`tf.cond` and `tf.while_loop` here make If and While; these come from imported graphs. A value on the side of a Switch
that is not taken is DEAD, and so is what is computed from it; runtime/passes/frames.py sees to that.

Source: TF 1.15, core/kernels/control_flow_ops.cc, core/ops/control_flow_ops.cc.
"""

from __future__ import annotations

from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.errors import InternalError, InvalidArgumentError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, Shape, ShapeContext, op
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.tensor import Tensor


class _Dead:
    """What is computed on a side that is not taken."""

    __slots__ = ()

    @property
    def tensor(self) -> _Dead:
        return self

    def tolist(self) -> _Dead:
        return self

    def __repr__(self) -> str:
        return "DEAD"


DEAD = _Dead()


def _same(data: Any) -> Any:
    return data


def _pass_gradient(node: Operation, dy: Tensor) -> Tensor:
    return dy


# --- conditionals ----------------------------------------------------------------------------------------------


def _switch_shapes(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(1), 0)
    if c.handles[0] is not None:
        c.out_handles[0] = c.out_handles[1] = c.handles[0]
    return [c.shape(0), c.shape(0)]


def _switch(data: Any, pred: bool) -> Any:
    if pred is DEAD or data is DEAD:
        return DEAD, DEAD
    return (DEAD, data) if pred else (data, DEAD)


switch_op = op("Switch", host=("pred",), alias=True, stateful=True)(_switch_shapes)
switch_op.kernel(_switch)
ref_switch_op = op("RefSwitch", host=("pred",), alias=True, stateful=True)(_switch_shapes)
ref_switch_op.kernel(_switch)


@switch_op.gradient
@ref_switch_op.gradient
def _switch_grad(node: Operation, if_false: Any, if_true: Any) -> list[Any]:
    pred = node._inputs[1]
    if if_false is None and if_true is None:
        return [None, None]
    sides = []
    for i, g in enumerate((if_false, if_true)):
        if g is None:
            from tfcompat.ops.shapes import zeros_like

            g = zeros_like(node._outputs[i])
        sides.append(switch_op(g, pred)[i])
    return [merge_op(sides)[0], None]


_switch_grad.takes_none = True  # type: ignore[attr-defined]


def _merge_shapes(c: ShapeContext) -> list[Shape]:
    shape = c.shape(0)
    for other in c.shapes[1:]:
        if shape is None or other is None or len(shape) != len(other):
            shape = None
            break
        shape = tuple(a if a == b else None for a, b in zip(shape, other, strict=True))
    if c.handles[0] is not None:
        c.out_handles[0] = c.handles[0]
    return [shape, ()]


def _merge(inputs: list[Any]) -> Any:
    found = [(i, v) for i, v in enumerate(inputs) if v is not DEAD]
    if not found:
        return DEAD, DEAD
    if len(found) > 1:
        raise InternalError(None, None, "Merge can not have more than one valid input.")
    at, value = found[0]
    return value, torch.tensor(at, dtype=torch.int32)


merge_op = op("Merge", alias=True, stateful=True)(_merge_shapes)
merge_op.kernel(_merge)
ref_merge_op = op("RefMerge", alias=True, stateful=True)(_merge_shapes)
ref_merge_op.kernel(_merge)


@merge_op.gradient
@ref_merge_op.gradient
def _merge_grad(node: Operation, dy: Tensor, _: Any) -> list[Tensor]:
    from tfcompat.ops.comparison import equal

    return [switch_op(dy, equal(node._outputs[1], i))[1] for i in range(len(node._inputs))]


def switch(data: Any, pred: Any, dtype: Any = None, name: str | None = None) -> Any:
    """(output_false, output_true): `data` on the side that `pred` takes; nothing computed from the other one runs."""
    with name_scope(name, "Switch", [t for t in (data, pred) if isinstance(t, Tensor)]) as scope:
        data = to_tensor(data, None if dtype is None else dtypes.as_dtype(dtype), name="data")
        pred = to_tensor(pred, name="pred")
        return switch_op(data, pred, name=scope)


def merge(inputs: Any, name: str | None = None) -> Any:
    """(value, index): the one of `inputs` that was computed. Raises: ValueError when one is None."""
    if any(x is None for x in inputs):
        raise ValueError(f"At least one of the merge inputs is None: {inputs}")
    with name_scope(name, "Merge", [t for t in inputs if isinstance(t, Tensor)]) as scope:
        tensors = [to_tensor(x) for x in inputs]
        kind = ref_merge_op if all(t._dtype._is_ref_dtype for t in tensors) else merge_op
        return kind(tensors, name=scope)


# --- loops -----------------------------------------------------------------------------------------------------


def _enter_shape(c: ShapeContext) -> Shape:
    if c.handles[0] is not None:
        c.out_handles[0] = c.handles[0]
    # The shape of a loop variable may change from round to round; that of a constant cannot.
    return c.shape(0) if c.attrs["is_constant"] else None


def _same_with_handle(c: ShapeContext) -> Shape:
    if c.handles[0] is not None:
        c.out_handles[0] = c.handles[0]
    return c.shape(0)


def _passing(op_type: str, shape: Any) -> Op:
    made = op(op_type, alias=True, stateful=True)(shape)
    made.kernel(_same)
    made.gradient(_no_loop_gradient)
    return made


def _no_loop_gradient(node: Operation, *dys: Any) -> Any:
    raise LookupError(
        f"No gradient defined for operation '{node._name}' (op type: {node._type}): tfcompat does not differentiate "
        "loops of imported graphs; those made by tf.while_loop it does"
    )


enter_op = _passing("Enter", _enter_shape)
ref_enter_op = _passing("RefEnter", _enter_shape)
exit_op = _passing("Exit", _same_with_handle)
ref_exit_op = _passing("RefExit", _same_with_handle)
next_iteration_op = _passing("NextIteration", _same_with_handle)
ref_next_iteration_op = _passing("RefNextIteration", _same_with_handle)


@op("LoopCond", alias=True, stateful=True)
def loop_cond_op(c: ShapeContext) -> Shape:
    return with_rank(c.shape(0), 0)


loop_cond_op.kernel(_same)
loop_cond_op.gradient(NOT_DIFFERENTIABLE)


# --- the rest --------------------------------------------------------------------------------------------------

control_trigger_op = op("ControlTrigger", stateful=True)(lambda c: [])
control_trigger_op.kernel(lambda: None)
control_trigger_op.gradient(NOT_DIFFERENTIABLE)

abort_op = op("Abort", stateful=True)(lambda c: [])


@abort_op.kernel
def _abort(*, error_msg: Any, exit_without_error: bool) -> None:
    text = error_msg.decode() if isinstance(error_msg, bytes) else error_msg
    raise SystemExit(0 if exit_without_error else text or "Abort was run")


abort_op.gradient(NOT_DIFFERENTIABLE)


@op("RefSelect", host=("index",), alias=True, stateful=True)
def ref_select_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 0)
    first = c.shape(1)
    return first if all(s == first for s in c.shapes[1:]) else None


@ref_select_op.kernel
def _ref_select(index: int, inputs: list[Any]) -> Any:
    if not 0 <= index < len(inputs):
        raise InvalidArgumentError(None, None, f"Index must be in the range [0, {len(inputs)}) but got {index}")
    return inputs[index]


def ref_select(index: Any, inputs: Any, name: str | None = None) -> Tensor:
    """The reference at `index` of a list of references (variables)."""
    return ref_select_op(index, inputs, name=name)  # type: ignore[no-any-return]


