"""How an op is declared: shape rule, kernel and gradient together, under TF's op type name.

    @op("MatMul")
    def mat_mul(c):                       # the shape rule; c is a ShapeContext
        ...
        return (m, n)

    @mat_mul.kernel
    def _mat_mul_kernel(a, b, *, transpose_a, transpose_b): ...

    @mat_mul.gradient
    def _mat_mul_grad(node, dy): ...

The signature (inputs, outputs, attrs and their defaults) is TF's own op definition, looked up by type, so
`mat_mul(a, b, transpose_a=True, name="x")` checks and converts its arguments exactly as TF's generated wrapper does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import op_defs
from tfcompat.framework.dtypes import DType

# A static shape: None = unknown rank, a tuple with None for an unknown dimension.
Shape = tuple[int | None, ...] | None


class _NotDifferentiable:
    def __repr__(self) -> str:
        return "NOT_DIFFERENTIABLE"


NOT_DIFFERENTIABLE = _NotDifferentiable()


class ShapeError(ValueError):
    """Raised by shape rules; the builder adds the op's name and its input shapes as TF does."""


class ShapeContext:
    """What a shape rule may know: input shapes and dtypes, attrs, and values of inputs that are constants."""

    __slots__ = ("_constant", "attrs", "dtypes", "handles", "op_type", "out_handles", "shapes")

    def __init__(
        self,
        op_type: str,
        shapes: Sequence[Shape],
        dtypes: Sequence[DType],
        attrs: dict[str, Any],
        constant: Callable[[int], np.ndarray | None],
        handles: Sequence[Any] = (),
    ) -> None:
        self.op_type = op_type
        self.shapes = shapes
        self.dtypes = dtypes
        self.attrs = attrs
        self._constant = constant
        self.handles = handles
        self.out_handles: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self.shapes)

    def shape(self, i: int) -> Shape:
        return self.shapes[i]

    def value(self, i: int) -> np.ndarray | None:
        """The value of input i (flat index) when it is a constant, as numpy; else None."""
        return self._constant(i)

    def shape_value(self, i: int) -> Shape:
        """Input i read as a shape vector: known entries as ints, unknown ones None; None when nothing is known."""
        value = self._constant(i)
        if value is not None and value.ndim < 2:
            if value.ndim == 0:
                return None if int(value) < 0 else (int(value),)
            dims = value.tolist()
            for d in dims:
                if d < -1:
                    raise ValueError(f"Invalid value in tensor used for shape: {d}")
            return tuple(None if d < 0 else d for d in dims)
        partial = getattr(self._constant, "partial", None)
        if partial is not None:
            found = partial(i)
            if found is not None:
                return found  # type: ignore[no-any-return]
        length = self.shapes[i]
        if length is not None and len(length) == 1 and length[0] is not None and length[0] <= 254:  # TF's largest rank
            return (None,) * length[0]
        return None


class KernelContext:
    """What a kernel's builder may know when a plan is made: the node, its attrs, the device and the session's state."""

    __slots__ = ("attrs", "constants", "device", "node", "session", "shapes")

    def __init__(
        self,
        node: Any,
        attrs: dict[str, Any],
        device: Any,
        session: Any,
        shapes: Sequence[Shape],
        constants: dict[int, Any],
    ) -> None:
        self.node = node
        self.attrs = attrs
        self.device = device
        self.session = session
        self.shapes = shapes
        self.constants = constants  # argument position -> Python value of a host input that is a constant


class Fixed:
    """What a builder returns for an op whose output is one object for the whole session (a variable, a queue)."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, *args: Any) -> Any:
        return self.value


ShapeRule = Callable[[ShapeContext], Any]
Kernel = Callable[..., Any]
KernelBuilder = Callable[[KernelContext], Kernel | None]
GradientRule = Callable[..., Any]


class Op:
    """A declared op type. Calling it adds a node to the current graph (or runs it, in eager mode)."""

    __slots__ = (
        "_definition",
        "alias",
        "build_fn",
        "failure_fn",
        "gradient_fn",
        "host",
        "kernel_attrs",
        "kernel_fn",
        "numbers",
        "reads",
        "samples_fn",
        "shape_fn",
        "stateful",
        "type",
        "writes",
    )

    def __init__(
        self,
        op_type: str,
        shape_fn: ShapeRule | None,
        *,
        host: Iterable[str] = (),
        numbers: Iterable[str] = (),
        alias: bool = False,
        writes: Iterable[str] = (),
        stateful: bool | None = None,
    ) -> None:
        self.type = op_type
        self.shape_fn = shape_fn
        self.kernel_fn: Kernel | None = None
        self.kernel_attrs: tuple[str, ...] = ()
        self.build_fn: KernelBuilder | None = None
        self.failure_fn: Callable[[Sequence[Any], dict[str, Any]], str | None] | None = None
        self.gradient_fn: GradientRule | _NotDifferentiable | None = None
        self.samples_fn: Callable[[], Iterator[Any]] | None = None
        self.host = frozenset(host)
        self.numbers = frozenset(numbers)
        self.alias = alias
        self.writes = frozenset(writes)
        self.stateful = stateful
        self._definition: op_defs.OpDef | None = None

    def __repr__(self) -> str:
        return f"<Op {self.type}>"

    @property
    def definition(self) -> op_defs.OpDef:
        found = self._definition
        if found is None:
            found = self._definition = op_defs.op_def(self.type)
        return found

    @property
    def is_stateful(self) -> bool:
        """Whether two runs on equal inputs may differ or leave something behind: never folded, never shared."""
        if self.stateful is not None:
            return self.stateful
        return bool(self.writes) or self.definition.is_stateful

    def __call__(self, *args: Any, name: str | None = None, **kwargs: Any) -> Any:
        """Builds the op: inputs in TF's order (or by keyword), attrs by keyword."""
        return _builder(self, args, kwargs, name)

    def kernel(self, fn: Kernel) -> Kernel:
        """Registers the torch function: one parameter per input (a list for a list input), attrs keyword-only.

        Inputs named in `host` arrive as Python values (scalar, or nested lists); strings as numpy object arrays.
        """
        self.kernel_fn = fn
        try:
            params = inspect.signature(fn).parameters.values()
            self.kernel_attrs = tuple(p.name for p in params if p.kind is p.KEYWORD_ONLY)
        except (TypeError, ValueError):  # a torch builtin has no signature and takes no attrs
            self.kernel_attrs = ()
        return fn

    def builder(self, fn: KernelBuilder) -> KernelBuilder:
        """Registers a function that makes the kernel when a plan is built (state, or special cases).

        It returns a callable over the inputs, or None for the plain kernel.
        """
        self.build_fn = fn
        return fn

    def failure(self, fn: Callable[[Sequence[Any], dict[str, Any]], str | None]) -> Any:
        """Registers `fn(args, attrs)`: TF's message for inputs that torch refused; asked only after the kernel failed."""
        self.failure_fn = fn
        return fn

    def gradient(self, fn: Any) -> Any:
        """Registers the gradient rule `fn(node, *output_gradients)`, or NOT_DIFFERENTIABLE as a decision."""
        self.gradient_fn = fn
        return fn

    def samples(self, fn: Callable[[], Iterator[Any]]) -> Callable[[], Iterator[Any]]:
        """Registers sample inputs for the tests that hold for every op."""
        self.samples_fn = fn
        return fn


OPS: dict[str, Op] = {}


def op(
    op_type: str,
    *,
    host: Iterable[str] = (),
    numbers: Iterable[str] = (),
    alias: bool = False,
    writes: Iterable[str] = (),
    stateful: bool | None = None,
) -> Callable[[ShapeRule], Op]:
    """Declares op type `op_type`; decorates its shape rule.

    host: names of inputs that are settings (a shape, an axis): the kernel gets Python values.
    numbers: names of scalar inputs (a learning rate): the kernel gets a Python number where the plan knows the value,
        else the tensor.
    alias: an output may share memory with an input (views, pass-through).
    writes: names of ref or resource inputs whose state the kernel changes.
    stateful: overrides TF's own flag.
    """
    if not op_defs.has_op_def(op_type):
        raise KeyError(f"no op definition for {op_type!r}")

    def declare(shape_fn: ShapeRule) -> Op:
        if op_type in OPS:
            raise ValueError(f"op {op_type} is declared twice")
        made = OPS[op_type] = Op(
            op_type, shape_fn, host=host, numbers=numbers, alias=alias, writes=writes, stateful=stateful
        )
        return made

    return declare


def get_op(op_type: str) -> Op:
    """The declared op, or a bare one (unknown shapes, no kernel) for a type we only know the signature of."""
    found = OPS.get(op_type)
    if found is None:
        if not op_defs.has_op_def(op_type):
            raise KeyError(op_type)
        found = OPS[op_type] = Op(op_type, None)
    return found


# framework/build.py puts its builder here: declaration does not depend on graphs.
Builder = Callable[[Op, tuple[Any, ...], dict[str, Any], "str | None"], Any]


def _no_builder(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any], name: str | None) -> Any:
    raise RuntimeError("tfcompat.framework.build is not imported")


_builder: Builder = _no_builder


def set_builder(fn: Builder) -> None:
    global _builder
    _builder = fn
