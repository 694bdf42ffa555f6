"""Stack ops: last in, first out, for one run. Loops of imported graphs keep intermediates in them.

Source: TF 1.15, core/kernels/stack.cc.
"""

from __future__ import annotations

import itertools
from typing import Any

from tfcompat.framework.dtypes import DType
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, op
from tfcompat.framework.tensor import HandleData

_numbers = itertools.count()


class StackState:
    """A stack at run time. It is its own reference and its own handle."""

    __slots__ = ("closed", "dtype", "items", "limit", "name")

    def __init__(self, name: str, dtype: DType, limit: int) -> None:
        self.name = name
        self.dtype = dtype
        self.limit = limit
        self.items: list[Any] = []
        self.closed = False

    @property
    def tensor(self) -> StackState:
        return self

    def __getitem__(self, i: int) -> str:
        """What a fetched reference shows: container and name."""
        return ("_stacks", self.name)[i]

    def check(self) -> None:
        if self.closed:
            raise InvalidArgumentError(None, None, f"Stack[{self.name}] has already been closed.")

    def push(self, value: Any) -> Any:
        self.check()
        if 0 <= self.limit <= len(self.items):
            raise InvalidArgumentError(
                None, None, f"Stack[{self.name}] overflowed its max_size ({self.limit})"
            )
        self.items.append(value)
        return value

    def pop(self) -> Any:
        self.check()
        if not self.items:
            raise InvalidArgumentError(None, None, f"Stack[{self.name}] is empty when calling Pop().")
        return self.items.pop()

    def close(self) -> None:
        self.closed = True
        self.items = []

    def __repr__(self) -> str:
        return f"<Stack {self.name} of {len(self.items)}>"


def _new(c: KernelContext) -> Any:
    dtype, name = c.attrs["elem_type"], c.attrs["stack_name"]
    name = (name.decode() if isinstance(name, bytes) else name) or c.node._name

    def make(max_size: int = -1) -> StackState:
        return StackState(f"{name}_{next(_numbers)}", dtype, max_size)

    return make


def _handle(c: ShapeContext) -> Shape:
    c.out_handles[0] = HandleData(c.attrs["elem_type"], None)
    return (2,) if c.op_type == "Stack" else ()


def _pushed(c: ShapeContext) -> Shape:
    return c.shape(1)


def _unknown(c: ShapeContext) -> Shape:
    return None


def _nothing(c: ShapeContext) -> list[Shape]:
    return []


def _declare(suffix: str) -> tuple[Op, Op, Op, Op]:
    made = op(f"Stack{suffix}", host=("max_size",))(_handle)
    made.builder(_new)
    push = op(f"StackPush{suffix}", stateful=True)(_pushed)
    push.kernel(lambda handle, elem: handle.push(elem))
    pop = op(f"StackPop{suffix}", stateful=True)(_unknown)
    pop.kernel(lambda handle: handle.pop())
    close = op(f"StackClose{suffix}", stateful=True)(_nothing)
    close.kernel(lambda handle: handle.close())
    for each in (made, push, pop, close):
        each.gradient(NOT_DIFFERENTIABLE)
    return made, push, pop, close


stack_v2_op, stack_push_v2_op, stack_pop_v2_op, stack_close_v2_op = _declare("V2")
stack_op, stack_push_op, stack_pop_op, stack_close_op = _declare("")
stack_op.stateful = True
