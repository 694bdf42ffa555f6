"""Tensor: one output of a node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tfcompat.framework import stacks
from tfcompat.framework.dtypes import DType
from tfcompat.framework.errors import OperatorNotAllowedInGraphError
from tfcompat.framework.export import export
from tfcompat.framework.shapes import Dimension, TensorShape

if TYPE_CHECKING:
    from tfcompat.framework.graph import Graph
    from tfcompat.framework.op import Shape
    from tfcompat.framework.operation import Operation

# Operators that ops/ provide (see override_operator); Python looks them up on the class.
OVERLOADABLE_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        "add radd sub rsub mul rmul div rdiv truediv rtruediv floordiv rfloordiv mod rmod lt le gt ge and rand "
        "or ror xor rxor getitem pow rpow invert neg abs matmul rmatmul ne eq"
    ).split()
)


class HandleData:
    """What a resource or variant tensor points to: the dtype and shape of the value behind it."""

    __slots__ = ("dtype", "shape")

    def __init__(self, dtype: DType, shape: Shape) -> None:
        self.dtype = dtype
        self.shape = shape


@export("Tensor")
class Tensor:
    """The symbolic result of an op: `op.outputs[value_index]`.

    It holds no value; a session computes one. `shape` is what is known before the run.
    """

    __slots__ = ("__dict__", "__weakref__", "_consumers", "_dims", "_dtype", "_handle", "_index", "_name", "_op")

    # Makes numpy leave `array + tensor` to us.
    __array_priority__ = 100
    OVERLOADABLE_OPERATORS = OVERLOADABLE_OPERATORS
    _USE_EQUALITY = False

    def __init__(self, op: Operation, value_index: int, dtype: Any) -> None:
        self._op = op
        self._index = value_index
        self._dtype = dtype
        self._dims: Shape = None
        self._consumers: list[Operation] = []
        self._handle: HandleData | None = None
        self._name: str | None = None

    @property
    def op(self) -> Operation:
        return self._op

    @property
    def dtype(self) -> DType:
        return self._dtype  # type: ignore[no-any-return]

    @property
    def graph(self) -> Graph:
        return self._op._graph

    @property
    def name(self) -> str:
        found = self._name
        if found is None:
            found = self._name = f"{self._op._name}:{self._index}"
        return found

    @property
    def device(self) -> str:
        return self._op.device

    @property
    def value_index(self) -> int:
        return self._index

    @property
    def shape(self) -> TensorShape:
        return TensorShape._from_tuple(self._dims)

    def get_shape(self) -> TensorShape:
        """Alias of `shape`."""
        return TensorShape._from_tuple(self._dims)

    @property
    def _shape(self) -> TensorShape:
        return self.shape

    def _shape_as_list(self) -> list[int | None] | None:
        return None if self._dims is None else list(self._dims)

    def _shape_tuple(self) -> Shape:
        return self._dims

    def _rank(self) -> int | None:
        return None if self._dims is None else len(self._dims)

    @property
    def ndim(self) -> int | None:
        return self._rank()

    def set_shape(self, shape: Any) -> None:
        """Merges what the caller knows into the static shape. Raises ValueError when both cannot be true."""
        known, wanted = self._dims, dims_of(shape)
        if known is None or wanted is None:
            self._dims = wanted if known is None else known
            return
        if len(known) != len(wanted):
            raise ValueError(f"Shapes must be equal rank, but are {len(known)} and {len(wanted)}")
        for i, (a, b) in enumerate(zip(known, wanted, strict=True)):
            if a is not None and b is not None and a != b:
                both = " and ".join(
                    "[" + ",".join("?" if d is None else str(d) for d in s) + "]" for s in (known, wanted)
                )
                raise ValueError(f"Dimension {i} in both shapes must be equal, but are {a} and {b}. Shapes are {both}.")
        self._dims = tuple(b if a is None else a for a, b in zip(known, wanted, strict=True))

    def consumers(self) -> list[Operation]:
        """The nodes that read this tensor."""
        return list(self._consumers)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """`session.run(self, feed_dict)` in the given or the default session."""
        if session is None:
            session = stacks.get_default_session()
            if session is None:
                raise ValueError(
                    "Cannot evaluate tensor using `eval()`: No default session is registered. Use "
                    "`with sess.as_default()` or pass an explicit session to `eval(session=sess)`"
                )
            if session.graph is not self.graph:
                raise ValueError(
                    "Cannot use the default session to evaluate tensor: the tensor's graph is different from the "
                    "session's graph. Pass an explicit session to `eval(session=sess)`."
                )
        elif session.graph is not self.graph:
            raise ValueError(
                "Cannot use the given session to evaluate tensor: the tensor's graph is different from the session's "
                "graph."
            )
        return session.run(self, feed_dict)

    def _as_node_def_input(self) -> str:
        return self._op._name if self._index == 0 else f"{self._op._name}:{self._index}"

    def __str__(self) -> str:
        dims = self._dims
        shape = ""
        if dims is not None:
            shape = f", shape={self.shape}"
        device = f", device={self.device}" if self.device else ""
        return f'Tensor("{self.name}"{shape}, dtype={self._dtype.name}{device})'

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self._dtype.name}>"

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __bool__(self) -> bool:
        raise OperatorNotAllowedInGraphError(
            "using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution. Use Eager execution or decorate "
            "this function with @tf.function. (Use `if t is not None:` to test whether a tensor is defined, and tf.cond "
            f"to decide by its value; tensor {self.name}, created at {self._op.site})"
        )

    __nonzero__ = __bool__

    def __len__(self) -> int:
        raise TypeError(
            f"len is not well defined for symbolic Tensors. ({self.name}) Please call `x.shape` rather than `len(x)` "
            "for shape information."
        )

    def __iter__(self) -> Any:
        raise OperatorNotAllowedInGraphError(
            "iterating over `tf.Tensor` is not allowed in Graph execution. Use Eager execution or decorate this function "
            f"with @tf.function. (tf.map_fn runs over the first dimension; tensor {self.name}, created at {self._op.site})"
        )

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise NotImplementedError(f"Cannot convert a symbolic Tensor ({self.name}) to a numpy array.")

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        return self

    def experimental_ref(self) -> Any:
        """A hashable reference to this tensor."""
        return Reference(self)

    ref = experimental_ref

    @staticmethod
    def _override_operator(operator: str, func: Callable[..., Any]) -> None:
        """Installs `func` as an operator; ops/ call this at import."""
        setattr(Tensor, operator, func)


class Reference:
    """Wraps an object so that it is compared and hashed by identity."""

    __slots__ = ("_wrapped",)

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    def deref(self) -> Any:
        return self._wrapped

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._wrapped is other._wrapped

    def __hash__(self) -> int:
        return id(self._wrapped)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._wrapped!r}>"


def dims_of(shape: Any) -> Shape:
    """A shape given as TensorShape, list, Dimension, int or None -> plain tuple."""
    if isinstance(shape, TensorShape):
        return shape._tuple
    if isinstance(shape, Dimension):
        return (shape.value,)
    return TensorShape(shape)._tuple
