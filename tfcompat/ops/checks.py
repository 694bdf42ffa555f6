"""tf.debugging: checks of values, ranks, types and shapes, done while building where that is possible.

Source: TF 1.15, python/ops/check_ops.py.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import dtypes, nest, stacks
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import comparison, elementwise, reductions, shapes, slicing
from tfcompat.ops import constants as constant_ops
from tfcompat.ops.assertions import Assert
from tfcompat.ops.control import group, with_dependencies
from tfcompat.ops.control_flow import cond
from tfcompat.ops.identity import no_op

_NUMERIC = frozenset(
    {
        dtypes.float32,
        dtypes.float64,
        dtypes.int8,
        dtypes.int16,
        dtypes.int32,
        dtypes.int64,
        dtypes.uint8,
        dtypes.qint8,
        dtypes.qint32,
        dtypes.quint8,
        dtypes.complex64,
    }
)
_STATIC_RANK = "Static rank condition failed"
_Compare = Callable[[Any, Any], Any]


# --- values ----------------------------------------------------------------------------------------------------


def _known_text(value: Any) -> str:
    if not isinstance(value, Tensor):
        return str(value)
    known = constant_value(value)
    return str(value if known is None else known)


def _binary(
    sign: str,
    scope: str,
    test: _Compare,
    static: _Compare,
    x: Any,
    y: Any,
    data: Any,
    summarize: Any,
    message: Any,
    name: str | None,
) -> Any:
    """Asserts that `test(x, y)` holds everywhere; at once where both are constants."""
    with name_scope(name, scope, [x, y, data]):
        x = to_tensor(x, name="x")
        y = to_tensor(y, name="y")
        if data is None:
            data = [f"Condition x {sign} y did not hold element-wise:", f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        if message is not None:
            data = [message, *data]
        condition = reductions.reduce_all(test(x, y))
        x_known, y_known = constant_value(x), constant_value(y)
        if x_known is not None and y_known is not None and not np.all(static(x_known, y_known)):
            raise InvalidArgumentError(None, None, "\n".join(_known_text(d) for d in data))
        return Assert(condition, data, summarize=summarize)


def _signed(
    sign: str,
    scope: str,
    compare: Callable[..., Any],
    zero_first: bool,
    x: Any,
    data: Any,
    summarize: Any,
    message: Any,
    name: str | None,
) -> Any:
    """Asserts how x compares with zero."""
    with name_scope(name, scope, [x, data]):
        x = to_tensor(x, name="x")
        if data is None:
            text = f"Condition x {sign} 0 did not hold element-wise:"
            label = f"x ({x.name}) = "
            # TensorFlow joins these two for non_positive.
            data = [message or "", text + label, x] if sign == "<=" else [message or "", text, label, x]
        zero = to_tensor(0, dtype=x.dtype)
        return (
            compare(zero, x, data=data, summarize=summarize)
            if zero_first
            else compare(x, zero, data=data, summarize=summarize)
        )


@export("assert_negative", "debugging.assert_negative")
def assert_negative(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless all elements of x are below zero."""
    return _signed("<", "assert_negative", assert_less, False, x, data, summarize, message, name)


@export("assert_positive", "debugging.assert_positive")
def assert_positive(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless all elements of x are above zero."""
    return _signed(">", "assert_positive", assert_less, True, x, data, summarize, message, name)


@export("assert_non_negative", "debugging.assert_non_negative")
def assert_non_negative(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails if an element of x is below zero."""
    return _signed(">=", "assert_non_negative", assert_less_equal, True, x, data, summarize, message, name)


@export("assert_non_positive", "debugging.assert_non_positive")
def assert_non_positive(
    x: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails if an element of x is above zero."""
    return _signed("<=", "assert_non_positive", assert_less_equal, False, x, data, summarize, message, name)


@export("assert_equal", "debugging.assert_equal")
def assert_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x == y everywhere.

    Raises: InvalidArgumentError while building when both are constants and differ.
    """
    with name_scope(name, "assert_equal", [x, y, data]):
        if x is y:
            return no_op()
    return _binary("==", "assert_equal", comparison.equal, np.equal, x, y, data, summarize, message, name)


@export("assert_none_equal", "debugging.assert_none_equal")
def assert_none_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x != y everywhere."""
    return _binary("!=", "assert_none_equal", comparison.not_equal, np.not_equal, x, y, data, summarize, message, name)


@export("assert_less", "debugging.assert_less")
def assert_less(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x < y everywhere."""
    return _binary("<", "assert_less", comparison.less, np.less, x, y, data, summarize, message, name)


@export("assert_less_equal", "debugging.assert_less_equal")
def assert_less_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x <= y everywhere."""
    return _binary(
        "<=", "assert_less_equal", comparison.less_equal, np.less_equal, x, y, data, summarize, message, name
    )


@export("assert_greater", "debugging.assert_greater")
def assert_greater(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x > y everywhere."""
    return _binary(">", "assert_greater", comparison.greater, np.greater, x, y, data, summarize, message, name)


@export("assert_greater_equal", "debugging.assert_greater_equal")
def assert_greater_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x >= y everywhere."""
    return _binary(
        ">=", "assert_greater_equal", comparison.greater_equal, np.greater_equal, x, y, data, summarize, message, name
    )


@export("assert_near", "debugging.assert_near")
def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    data: Any = None,
    summarize: Any = None,
    message: Any = None,
    name: str | None = None,
) -> Any:
    """A node that fails unless |x - y| < atol + rtol * |y| everywhere; both default to 10 machine epsilons."""
    with name_scope(name, "assert_near", [x, y, rtol, atol, data]):
        x = to_tensor(x, name="x")
        y = to_tensor(y, dtype=x.dtype, name="y")
        ten_eps = 10 * np.finfo(x.dtype.as_numpy_dtype).eps
        rtol = to_tensor(ten_eps if rtol is None else rtol, name="rtol", dtype=x.dtype)
        atol = to_tensor(ten_eps if atol is None else atol, name="atol", dtype=x.dtype)
        if data is None:
            data = [
                message or "",
                f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}",
                f"x ({x.name}) = ",
                x,
                f"y ({y.name}) = ",
                y,
            ]
        tolerance = atol + rtol * elementwise.abs(y)
        difference = elementwise.abs(x - y)
        return Assert(reductions.reduce_all(comparison.less(difference, tolerance)), data, summarize=summarize)


# --- ranks -----------------------------------------------------------------------------------------------------


def _rank_condition(
    x: Tensor,
    ranks: Sequence[Tensor],
    static: Callable[[int, Any], bool],
    dynamic: Callable[[Tensor, Any], Tensor],
    one: bool,
    data: Any,
    summarize: Any,
) -> Any:
    for rank in ranks:
        assert_type(rank, dtypes.int32)
    known = tuple(constant_value(rank) for rank in ranks)
    if not any(k is None for k in known):
        if any(k.ndim != 0 for k in known):  # type: ignore[union-attr]
            raise ValueError("Rank must be a scalar.")
        actual = x._rank()
        if actual is not None:
            wanted = known[0] if one else known
            if not static(actual, wanted):
                raise ValueError(_STATIC_RANK, actual, wanted)
            return no_op(name="static_checks_determined_all_ok")
    condition = dynamic(shapes.rank(x), ranks[0] if one else ranks)
    for rank, value in zip(ranks, known, strict=True):
        if value is None:
            check = assert_rank(rank, 0, data=["Rank must be a scalar. Received rank: ", rank])
            condition = with_dependencies([check], condition)
    return Assert(condition, data, summarize=summarize)


def _one_rank(
    scope: str,
    phrase: str,
    static: Callable[[int, Any], bool],
    dynamic: Callable[..., Tensor],
    x: Any,
    rank: Any,
    data: Any,
    summarize: Any,
    message: Any,
    name: str | None,
) -> Any:
    with name_scope(name, scope, [x, rank, *(data or [])]):
        x = to_tensor(x, name="x")
        rank = to_tensor(rank, name="rank")
        message = message or ""
        if data is None:
            data = [message, f"Tensor {x.name} must have {phrase}", rank, "Received shape: ", shapes.shape(x)]
        try:
            return _rank_condition(x, [rank], static, dynamic, True, data, summarize)
        except ValueError as cause:
            if cause.args[0] != _STATIC_RANK:
                raise
            raise ValueError(
                f"{message}.  Tensor {x.name} must have {phrase} {int(cause.args[2])}.  Received rank {cause.args[1]}, "
                f"shape {x.shape}"
            ) from None


@export("assert_rank", "debugging.assert_rank")
def assert_rank(
    x: Any, rank: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x has the given rank.

    Raises: ValueError while building when the ranks are known and differ.
    """
    return _one_rank(
        "assert_rank", "rank", lambda a, b: bool(a == b), comparison.equal, x, rank, data, summarize, message, name
    )


@export("assert_rank_at_least", "debugging.assert_rank_at_least")
def assert_rank_at_least(
    x: Any, rank: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless x has at least the given rank."""
    return _one_rank(
        "assert_rank_at_least",
        "rank at least",
        lambda a, b: bool(a >= b),
        comparison.greater_equal,
        x,
        rank,
        data,
        summarize,
        message,
        name,
    )


@export("assert_rank_in", "debugging.assert_rank_in")
def assert_rank_in(
    x: Any, ranks: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless the rank of x is one of `ranks`."""
    with name_scope(name, "assert_rank_in", [x, *ranks, *(data or [])]):
        x = to_tensor(x, name="x")
        ranks = tuple(to_tensor(rank, name="rank") for rank in ranks)
        message = message or ""
        if data is None:
            data = [message, f"Tensor {x.name} must have rank in", *ranks, "Received shape: ", shapes.shape(x)]
        try:
            return _rank_condition(x, ranks, lambda a, given: a in given, _rank_among, False, data, summarize)
        except ValueError as cause:
            if cause.args[0] != _STATIC_RANK:
                raise
            raise ValueError(
                f"{message}.  Tensor {x.name} must have rank in {cause.args[2]}.  Received rank {cause.args[1]}, "
                f"shape {x.shape}"
            ) from None


def _rank_among(actual: Tensor, ranks: Sequence[Tensor]) -> Tensor:
    if not ranks:
        return to_tensor(False)
    result = comparison.equal(ranks[0], actual)
    for rank in ranks[1:]:
        result = comparison.logical_or(result, comparison.equal(rank, actual))
    return result


# --- types -----------------------------------------------------------------------------------------------------


@export("assert_integer", "debugging.assert_integer")
def assert_integer(x: Any, message: Any = None, name: str | None = None) -> Any:
    """A no-op. Raises: TypeError unless x is of an integer type."""
    with name_scope(name, "assert_integer", [x]):
        x = to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(f'{message or ""}  Expected "x" to be integer type.  Found: {x.name} of dtype {x.dtype}')
        return no_op("statically_determined_was_integer")


@export("assert_type", "debugging.assert_type")
def assert_type(tensor: Any, tf_type: Any, message: Any = None, name: str | None = None) -> Any:
    """A no-op. Raises: TypeError unless the tensor is of the given type."""
    with name_scope(name, "assert_type", [tensor]):
        tensor = to_tensor(tensor, name="tensor")
        if tensor.dtype != tf_type:
            raise TypeError(f"{message or ''}  {tensor.name} must be of type {tf_type}")
        return no_op("statically_determined_correct_type")


@export("is_numeric_tensor", "debugging.is_numeric_tensor")
def is_numeric_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a Tensor of numbers."""
    return isinstance(tensor, Tensor) and tensor.dtype in _NUMERIC


@export("assert_same_float_dtype", "debugging.assert_same_float_dtype")
def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> Any:
    """The one floating type that all `tensors` (None among them is skipped) and `dtype` have; float32 without any.

    Raises: ValueError when they differ or are not floating.
    """
    if tensors:
        dtype = _same_base_type(tensors, dtype)
    if not dtype:
        return dtypes.float32
    if not dtype.is_floating:
        raise ValueError(f"Expected floating point type, got {dtype}.")
    return dtype


def _same_base_type(items: Sequence[Any], expected: Any) -> Any:
    origin = None
    for item in items:
        if item is None:
            continue
        found = item.dtype.base_dtype
        label = item.name if hasattr(item, "name") else str(item)
        if not expected:
            expected, origin = found, label
        elif expected != found:
            tail = f" as {origin}" if origin else ""
            raise ValueError(f"{label}, type={found}, must be of the same type ({expected}){tail}.")
    return expected


@export("assert_scalar", "debugging.assert_scalar")
def assert_scalar(tensor: Any, name: str | None = None, message: Any = None) -> Tensor:
    """The tensor. Raises: ValueError unless its static shape is that of a scalar."""
    with name_scope(name, "assert_scalar", [tensor]) as scope:
        made = to_tensor(tensor, name=scope)
        if made._rank() != 0:
            raise ValueError(f"{message or ''}Expected scalar shape for {made.name}, saw shape: {made.shape}.")
        return made


@export("assert_proper_iterable", "debugging.assert_proper_iterable", v2=("debugging.assert_proper_iterable",))
def assert_proper_iterable(values: Any) -> None:
    """Raises: TypeError unless `values` is iterable and no tensor, array or string."""
    composite = nest.is_sequence_or_composite(values) and not nest.is_sequence(values)
    if composite or isinstance(values, (Tensor, np.ndarray, str, bytes)):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


# --- order -----------------------------------------------------------------------------------------------------


def _differences(x: Tensor) -> Any:
    """The differences of neighbours in the flattened x; nothing for fewer than two elements."""
    x = shapes.reshape(x, [-1])
    if not is_numeric_tensor(x):
        raise TypeError(f"Expected x to be numeric, instead found: {x}")
    short = comparison.less(shapes.size(x), 2)
    last = shapes.shape(x) - 1
    return cond(
        short,
        lambda: to_tensor([], dtype=x.dtype),
        lambda: slicing.strided_slice(x, [1], [1] + last) - slicing.strided_slice(x, [0], last),
    )


@export("math.is_non_decreasing", "debugging.is_non_decreasing", "is_non_decreasing", v2=("math.is_non_decreasing",))
def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Whether no element of the flattened x is smaller than the one before it."""
    with name_scope(name, "is_non_decreasing", [x]):
        difference = _differences(x)
        zero = to_tensor(0, dtype=difference.dtype)
        return reductions.reduce_all(comparison.less_equal(zero, difference))


@export(
    "math.is_strictly_increasing",
    "debugging.is_strictly_increasing",
    "is_strictly_increasing",
    v2=("math.is_strictly_increasing",),
)
def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Whether each element of the flattened x is larger than the one before it."""
    with name_scope(name, "is_strictly_increasing", [x]):
        difference = _differences(x)
        zero = to_tensor(0, dtype=difference.dtype)
        return reductions.reduce_all(comparison.less(zero, difference))


# --- shapes that belong together -------------------------------------------------------------------------------

_Sizes = collections.namedtuple("_Sizes", ["x", "open_start", "actual", "symbols"])


@export("debugging.assert_shapes")
def assert_shapes(
    shapes: Any, data: Any = None, summarize: Any = None, message: Any = None, name: str | None = None
) -> Any:
    """A node that fails unless tensors have the shapes given by sizes and symbols: equal symbols are equal sizes.

    shapes: pairs (tensor, shape), or a dict. A shape's entries are sizes, symbols, or None or "." for any size; a first
    entry of `...` or "*" stands for any number of dimensions.
    Raises: ValueError while building for what is known to differ.
    """
    pairs = shapes.items() if isinstance(shapes, dict) else shapes
    message = message or ""
    with name_scope(name, "assert_shapes", [shapes, data]):
        parsed = [_parse(x, s, message) for x, s in [(to_tensor(x), s) for x, s in pairs if s is not None]]
        ranks = [r for r in (_rank_check(p, data, summarize, message, name) for p in parsed) if r is not None]
        checks: list[Any] = []
        first_use: dict[Any, Any] = {}
        for p in parsed:
            for i, symbol in enumerate(p.symbols):
                if symbol in [None, "."]:
                    continue
                dim = i - len(p.symbols) if p.open_start else i
                if symbol not in first_use and not _is_number(symbol):
                    first_use[symbol] = (p.actual[dim], p.x, dim)
                    continue
                if _is_number(symbol):
                    size, origin = int(symbol), "Specified explicitly"
                else:
                    size, by, at = first_use[symbol]
                    origin = f"Specified by tensor {by.name} dimension {at}"
                check = _size_check(p, dim, size, origin, data, summarize, message)
                if check is not None:
                    checks.append(check)
        with stacks.get_default_graph().control_dependencies(ranks):
            return group(checks)


def _parse(x: Tensor, shape: Any, message: str) -> _Sizes:
    if not (hasattr(shape, "__iter__") or hasattr(shape, "__getitem__")):
        raise ValueError(
            f"{message}.  Tensor {x.name}.  Specified shape must be an iterable.  An iterable has the attribute "
            f"`__iter__` or `__getitem__`.  Received specified shape: {shape}"
        )
    symbols = tuple(shape)
    open_start = False
    for i, symbol in enumerate(symbols):
        if symbol is not Ellipsis and not (isinstance(symbol, str) and symbol == "*"):
            continue
        if i != 0:
            raise ValueError(
                f"{message}.  Tensor {x.name} specified shape index {i}.  Symbol `...` or `*` for a variable number of "
                "unspecified dimensions is only allowed as the first entry"
            )
        open_start = True
    rest = symbols[1:] if open_start else symbols
    return _Sizes(x, open_start, _actual_sizes(x), rest or (1,))


def _actual_sizes(x: Tensor) -> Any:
    dynamic = shapes.shape(x)
    dims = x._dims
    if dims is not None:
        return tuple(d if d is not None else dynamic[i] for i, d in enumerate(dims)) or (1,)
    scalar = comparison.equal(shapes.rank(x), 0)
    return cond(scalar, lambda: constant_ops.constant([1]), lambda: dynamic)


def _rank_check(p: _Sizes, data: Any, summarize: Any, message: str, name: str | None) -> Any:
    rank = len(p.symbols)
    extra = {"data": data, "summarize": summarize, "message": message, "name": name}
    if p.open_start:
        return None if rank in (0, 1) else assert_rank_at_least(p.x, rank, **extra)
    return assert_rank_in(p.x, [0, 1], **extra) if rank in (0, 1) else assert_rank(p.x, rank, **extra)


def _is_number(size: Any) -> bool:
    try:
        int(size)
    except (ValueError, TypeError):
        return False
    return True


def _size_check(p: _Sizes, dim: int, size: Any, origin: str, data: Any, summarize: Any, message: str) -> Any:
    actual = p.actual[dim]
    if _is_number(actual) and _is_number(size):
        if int(actual) != int(size):
            raise ValueError(
                f"{message}.  {origin}.  Tensor {p.x.name} dimension {dim} must have size {size}.  Received size "
                f"{actual}, shape {p.x.shape}"
            )
        return None
    condition = comparison.equal(to_tensor(actual), to_tensor(size))
    if data is None:
        data = [
            message,
            origin,
            f"Tensor {p.x.name} dimension",
            dim,
            "must have size",
            size,
            "Received shape: ",
            shapes.shape(p.x),
        ]
    return Assert(condition, data, summarize=summarize)
