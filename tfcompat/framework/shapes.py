"""Static shapes: `Dimension` and `TensorShape`, and the switch between their version 1 and 2 habits.

A shape is a plain tuple of `int | None`, or None where even the rank is unknown; `TensorShape._from_tuple`
and `TensorShape._tuple` are the cheap way in and out. `Dimension` objects are made when somebody asks.
They are then kept, because TensorFlow's comparison of unknown sizes goes by object identity: a shape
with an unknown size equals itself (and its copies and slices) but no other shape of the same form.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeAlias

import numpy as np

from tfcompat.framework import protos
from tfcompat.framework.export import export

Dims: TypeAlias = "tuple[int | None, ...]"

_v2_behavior = False


def enable_v2_tensorshape() -> None:
    """From now on, items of a `TensorShape` are plain ints or None, as in TensorFlow 2."""
    global _v2_behavior
    _v2_behavior = True


def disable_v2_tensorshape() -> None:
    """From now on, items of a `TensorShape` are `Dimension` objects again."""
    global _v2_behavior
    _v2_behavior = False


def _binary(
    symbol: Callable[[int, int], int], *, swapped: bool = False, strict: bool = False
) -> Callable[[Dimension, Any], Any]:
    """An arithmetic method of Dimension: unknown in, unknown out.

    A `strict` one lets the error of an operand that is no dimension through, where the others
    answer NotImplemented so that Python words the error. TF does so for `-` and `//` from the right.
    """

    def method(self: Dimension, other: Any) -> Any:
        try:
            left, right = self._value, as_dimension(other)._value
        except (TypeError, ValueError):
            if strict:
                raise
            return NotImplemented
        if left is None or right is None:
            return Dimension(None)
        return Dimension(symbol(right, left) if swapped else symbol(left, right))

    return method


def _comparison(symbol: Callable[[int, int], bool], *, strict: bool) -> Callable[[Dimension, Any], Any]:
    """A comparing method of Dimension; None ("cannot say") when either side is unknown."""

    def method(self: Dimension, other: Any) -> Any:
        try:
            left, right = self._value, as_dimension(other)._value
        except (TypeError, ValueError):
            if strict:
                raise
            return NotImplemented
        return None if left is None or right is None else symbol(left, right)

    return method


class Dimension:
    """The size of one dimension: a number, or unknown.

    Raises: ValueError for a negative or fractional size; TypeError for what is no number at all.
    Source: TF 1.15, python/framework/tensor_shape.py.
    """

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value: int | None = value if value is None else _as_size(value)

    def __repr__(self) -> str:
        return f"Dimension({self._value!r})"

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)

    @property
    def value(self) -> int | None:
        """The size, or None when it is unknown."""
        return self._value

    # An unknown size makes int(), range() and indexing fail with Python's own TypeError, as in TF.
    def __int__(self) -> int:
        return self._value  # type: ignore[return-value]

    def __index__(self) -> int:
        return self._value  # type: ignore[return-value]

    def __long__(self) -> int:
        return self._value  # type: ignore[return-value]

    __hash__ = None  # type: ignore[assignment]
    __eq__ = _comparison(operator.eq, strict=False)
    __ne__ = _comparison(operator.ne, strict=False)
    __lt__ = _comparison(operator.lt, strict=True)
    __le__ = _comparison(operator.le, strict=True)
    __gt__ = _comparison(operator.gt, strict=True)
    __ge__ = _comparison(operator.ge, strict=True)

    __add__ = _binary(operator.add)
    __sub__ = _binary(operator.sub)
    __rsub__ = _binary(operator.sub, swapped=True, strict=True)
    __mul__ = _binary(operator.mul)
    __floordiv__ = _binary(operator.floordiv)
    __rfloordiv__ = _binary(operator.floordiv, swapped=True, strict=True)
    __mod__ = _binary(operator.mod, strict=True)
    __rmod__ = _binary(operator.mod, swapped=True, strict=True)
    __div__ = __floordiv__

    # Through the operator with the sides exchanged, so that the TypeError names this class first, as TF's does.
    def __radd__(self, other: Any) -> Any:
        return self + other

    def __rmul__(self, other: Any) -> Any:
        return self * other

    def __truediv__(self, other: Any) -> NoReturn:
        raise TypeError(
            f"unsupported operand type(s) for /: 'Dimension' and '{type(other).__name__}', please use // instead"
        )

    def __rtruediv__(self, other: Any) -> NoReturn:
        raise TypeError(
            f"unsupported operand type(s) for /: '{type(other).__name__}' and 'Dimension', please use // instead"
        )

    __rdiv__ = __rtruediv__

    def is_compatible_with(self, other: Any) -> Any:
        """Whether both could be the same size; an unknown size is compatible with every size."""
        try:
            right = as_dimension(other)._value
        except (TypeError, ValueError):
            return NotImplemented
        return self._value is None or right is None or self._value == right

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises: ValueError when the two cannot be the same size."""
        # Truth of NotImplemented (what is no dimension passes, in TF too) is deprecated, hence the `is`.
        if self.is_compatible_with(other) is False:
            raise ValueError(f"Dimensions {self} and {other} are not compatible")

    def merge_with(self, other: Any) -> Any:
        """The dimension that knows what either side knows.

        Raises: ValueError when the two cannot be the same size.
        """
        try:
            other = as_dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        self.assert_is_compatible_with(other)
        return Dimension(other._value if self._value is None else self._value)

    def __reduce__(self) -> tuple[Any, ...]:
        return Dimension, (self._value,)


def _as_size(value: Any) -> int | None:
    """What one entry of a shape says: an int, or None for unknown."""
    if value is None or (type(value) is int and value >= 0):
        return value  # type: ignore[no-any-return,unused-ignore]
    if isinstance(value, Dimension):
        return value._value
    if hasattr(value, "as_datatype_enum"):  # a DType converts to int, which a shape must not take for a size
        raise TypeError(f"Cannot convert {value} to Dimension")
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()  # NumPy 1 converted such arrays to int by itself
    size = int(value)
    if not isinstance(value, str | bytes) and size != value:
        raise ValueError(f"Ambiguous dimension: {value}")
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


def as_dimension(value: Any) -> Dimension:
    """`value` itself when it is a Dimension, else a new one made from it."""
    return value if isinstance(value, Dimension) else Dimension(value)


def dimension_value(dimension: Any) -> Any:
    """The plain int or None behind an item of a shape, whichever version's habits are on."""
    return dimension._value if isinstance(dimension, Dimension) else dimension


def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """The `Dimension` at `index` of a shape, whichever version's habits are on; unknown for unknown rank."""
    assert isinstance(shape, TensorShape)
    return Dimension(None) if shape._dims is None else shape._items()[index]


class TensorShape:
    """What is known about a tensor's shape: every size, some sizes, the rank alone, or nothing.

    `dims` is None (nothing known), a size, an iterable of sizes (ints, None, Dimension), another
    TensorShape or a TensorShapeProto.

    Raises: ValueError for a negative or fractional size; TypeError for strings and what is no number.
    Source: TF 1.15, python/framework/tensor_shape.py.
    """

    __slots__ = ("_cells", "_dims")

    _dims: Dims | None
    _cells: list[Dimension] | None  # the Dimension objects that go with _dims, once somebody has asked

    def __init__(self, dims: Any) -> None:
        self._cells = None
        if dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            # A copy shares the Dimension objects, so that it equals its original even where sizes are unknown.
            self._dims = dims._dims
            if self._dims is not None and None in self._dims:
                self._cells = dims._items()
        elif isinstance(dims, str | bytes):
            text = dims if isinstance(dims, str) else dims.decode("utf-8", "replace")
            raise TypeError(f"A string has ambiguous TensorShape, please wrap in a list or convert to an int: {text}")
        elif type(dims).__name__ == "TensorShapeProto":
            sizes = (None if d.size == -1 else d.size for d in dims.dim)
            self._dims = None if dims.unknown_rank else tuple(_as_size(size) for size in sizes)
        else:
            try:
                entries = list(dims)
            except TypeError:
                if hasattr(dims, "__iter__") and not hasattr(dims, "__index__"):
                    raise
                entries = [dims]
            self._dims = tuple([_as_size(d) for d in entries])
            if any(isinstance(d, Dimension) and d._value is None for d in entries):
                self._cells = [as_dimension(d) for d in entries]

    @classmethod
    def _from_tuple(cls, dims: Dims | None) -> TensorShape:
        """A shape from sizes known to be good (ints and None), without checks."""
        shape = cls.__new__(cls)
        shape._dims = dims
        shape._cells = None
        return shape

    @property
    def _tuple(self) -> Dims | None:
        """The sizes as a plain tuple, or None when the rank is unknown."""
        return self._dims

    def _items(self) -> list[Dimension]:
        """The Dimension objects of a shape of known rank: always the same ones for one shape."""
        cells = self._cells
        if cells is None:
            assert self._dims is not None
            cells = self._cells = [Dimension(d) for d in self._dims]
        return cells

    @property
    def _v2_behavior(self) -> bool:
        return _v2_behavior

    def __repr__(self) -> str:
        if self._dims is None:
            return "TensorShape(None)"
        return f"TensorShape({list(self._dims) if _v2_behavior else self._items()!r})"

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        unknown = "None" if _v2_behavior else "?"
        inside = ", ".join([unknown if d is None else str(d) for d in self._dims])
        return f"({inside},)" if len(self._dims) == 1 else f"({inside})"

    @property
    def rank(self) -> int | None:
        """The number of dimensions, or None when it is unknown."""
        return None if self._dims is None else len(self._dims)

    @property
    def ndims(self) -> int | None:
        """The older name of `rank`."""
        return self.rank

    @property
    def dims(self) -> list[Dimension] | None:
        """The dimensions as a new list of `Dimension`, or None when the rank is unknown."""
        return None if self._dims is None else list(self._items())

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    __nonzero__ = __bool__

    def __iter__(self) -> Iterator[Any]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims) if _v2_behavior else iter(self._items())

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return self._slice(key)
        if self._dims is None:
            return None if _v2_behavior else Dimension(None)
        # The lists word the errors for a bad index; a tuple would say "tuple index".
        return list(self._dims)[key] if _v2_behavior else self._items()[key]

    def _slice(self, key: slice) -> TensorShape:
        if self._dims is not None:
            part = TensorShape._from_tuple(self._dims[key])
            if None in self._dims:
                part._cells = self._items()[key]
            return part
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        start = 0 if key.start is None else key.start
        if key.stop is None or start < 0 or key.stop < 0:
            return unknown_shape()
        return unknown_shape(rank=key.stop - start)

    def num_elements(self) -> int | None:
        """The product of the sizes, or None unless all are known."""
        if self._dims is None or None in self._dims:
            return None
        return math.prod(self._dims)  # type: ignore[arg-type]

    def merge_with(self, other: Any) -> TensorShape:
        """The shape that knows what either side knows.

        Raises: ValueError when no shape fits both.
        """
        other = as_shape(other)
        if self._dims is None:
            return other  # type: ignore[no-any-return]
        if other._dims is None:
            # TF looks up each dimension of the unknown shape in turn: all are unknown.
            return TensorShape._from_tuple(self._dims)
        if not _compatible(self._dims, other._dims):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        pairs = zip(self._dims, other._dims, strict=True)
        return TensorShape._from_tuple(tuple([b if a is None else a for a, b in pairs]))

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return as_shape(other).concatenate(self)

    def concatenate(self, other: Any) -> TensorShape:
        """The dimensions of both in a row; unknown when either rank is unknown."""
        other = as_shape(other)
        if self._dims is None or other._dims is None:
            return unknown_shape()
        joined = TensorShape._from_tuple(self._dims + other._dims)
        if None in joined._dims:  # type: ignore[operator]
            joined._cells = self._items() + other._items()
        return joined

    __concat__ = concatenate

    def assert_same_rank(self, other: Any) -> None:
        """Raises: ValueError when both ranks are known and differ."""
        other = as_shape(other)
        if self._dims is not None and other._dims is not None and len(self._dims) != len(other._dims):
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_has_rank(self, rank: int | None) -> None:
        """Raises: ValueError when the rank is known and is not `rank`."""
        if self.rank not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def with_rank(self, rank: int | None) -> TensorShape:
        """This shape, with the rank filled in when it was unknown.

        Raises: ValueError when the rank is known and is not `rank`.
        """
        try:
            return self.merge_with(unknown_shape(rank=rank))
        except ValueError:
            raise ValueError(f"Shape {self} must have rank {rank}") from None

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape itself.

        Raises: ValueError when the rank is known and lower than `rank`.
        """
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape itself.

        Raises: ValueError when the rank is known and higher than `rank`.
        """
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def is_compatible_with(self, other: Any) -> bool:
        """Whether some fully known shape fits both."""
        return _compatible(self._dims, as_shape(other)._dims)

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises: ValueError when no fully known shape fits both."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """The shape that says only what both sides agree on."""
        right = as_shape(other)._dims
        if self._dims is None or right is None or len(self._dims) != len(right):
            return unknown_shape()
        return TensorShape._from_tuple(tuple([a if a == b else None for a, b in zip(self._dims, right, strict=True)]))

    def is_fully_defined(self) -> bool:
        """Whether every size is known."""
        return self._dims is not None and None not in self._dims

    def assert_is_fully_defined(self) -> None:
        """Raises: ValueError unless every size is known."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def as_list(self) -> list[int | None]:
        """The sizes as a list of int or None.

        Raises: ValueError when the rank is unknown.
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def as_proto(self) -> Any:
        """This shape as a `TensorShapeProto`, where -1 is an unknown size."""
        if self._dims is None:
            return protos.TensorShapeProto(unknown_rank=True)
        dim = protos.TensorShapeProto.Dim
        return protos.TensorShapeProto(dim=[dim(size=-1 if d is None else d) for d in self._dims])

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> Any:
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        return self._same(other)

    def __ne__(self, other: object) -> Any:
        try:
            other = as_shape(other)
        except TypeError:
            return NotImplemented
        if self._dims is None or other._dims is None:
            raise ValueError("The inequality of unknown TensorShapes is undefined.")
        return not self._same(other)

    def _same(self, other: TensorShape) -> bool:
        if self is other:
            return True
        if self._dims is None or self._dims != other._dims:
            return self._dims is other._dims
        if None not in self._dims:
            return True
        # Same form with unknown sizes: equal only where both hold the very same unknown dimensions.
        mine, yours = self._cells, other._cells
        if mine is None or yours is None:
            return False
        return all(size is not None or a is b for size, a, b in zip(self._dims, mine, yours, strict=True))

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorShape, (self.dims,)


def _compatible(left: Dims | None, right: Dims | None) -> bool:
    if left is None or right is None:
        return True
    if len(left) != len(right):
        return False
    return all(a is None or b is None or a == b for a, b in zip(left, right, strict=True))


def as_shape(shape: Any) -> TensorShape:
    """`shape` itself when it is a TensorShape, else a new one made from it."""
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def unknown_shape(rank: Any = None, **kwargs: Any) -> TensorShape:
    """A shape of unknown sizes, and of unknown rank unless `rank` is given (`ndims` is its older name)."""
    if rank is None and "ndims" in kwargs:
        rank = kwargs.pop("ndims")
    if kwargs:
        raise TypeError(f"Unknown argument: {kwargs}")
    return TensorShape._from_tuple(None if rank is None else (None,) * rank)


def scalar() -> TensorShape:
    """The shape of a scalar."""
    return TensorShape._from_tuple(())


def vector(length: Any) -> TensorShape:
    """The shape of a vector."""
    return TensorShape([length])


def matrix(rows: Any, cols: Any) -> TensorShape:
    """The shape of a matrix."""
    return TensorShape([rows, cols])


# --- public names ----------------------------------------------------------------------------------------------

export("Dimension")(Dimension)
export("TensorShape", v2=("TensorShape",))(TensorShape)
export("enable_v2_tensorshape")(enable_v2_tensorshape)
export("disable_v2_tensorshape")(disable_v2_tensorshape)
export("compat.dimension_value", "dimension_value", v2=("compat.dimension_value",))(dimension_value)
export("compat.dimension_at_index", "dimension_at_index", v2=("compat.dimension_at_index",))(dimension_at_index)
