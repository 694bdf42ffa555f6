"""py_func: Python functions of numpy arrays as nodes.

Source: TF 1.15, python/ops/script_ops.py, python/lib/core/py_func.cc.
"""

from __future__ import annotations

import itertools
import traceback
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, errors, stacks, values
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, op

_CPP_NAMES = {"float32": "float", "float64": "double", "float16": "half"}


class _Registry:
    """The functions that nodes call, by token. The graph that uses a function keeps it alive."""

    def __init__(self) -> None:
        self._count = itertools.count()
        self._functions: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()

    def insert(self, holder: _Holder) -> str:
        token = f"pyfunc_{next(self._count)}"
        self._functions[token] = holder
        return token

    def get(self, token: str) -> _Holder | None:
        return self._functions.get(token)

    def size(self) -> int:
        """How many functions are alive."""
        return len(self._functions)


class _Holder:
    """A function under its token; not every callable can be referenced weakly itself."""

    __slots__ = ("__weakref__", "function")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function


registry = _Registry()


def _unknown_shapes(c: ShapeContext) -> list[Shape]:
    return [None] * len(c.attrs["Tout"])


py_func_op = op("PyFunc")(_unknown_shapes)
py_func_stateless_op = op("PyFuncStateless")(_unknown_shapes)
py_func_op.gradient(NOT_DIFFERENTIABLE)
py_func_stateless_op.gradient(NOT_DIFFERENTIABLE)


@py_func_op.builder
@py_func_stateless_op.builder
def _py_func(c: KernelContext) -> Any:
    token = c.attrs["token"]
    token = token.decode() if isinstance(token, bytes) else token
    wanted = c.attrs["Tout"]
    given = c.attrs["Tin"]
    device = c.device

    def call(inputs: list[Any]) -> list[Any]:
        holder = registry.get(token)
        if holder is None:
            raise errors.UnknownError(None, None, f"ValueError: callback {token} is not found")
        args = [_argument(v, t) for v, t in zip(inputs, given, strict=True)]
        try:
            result = holder.function(*args)
        except Exception as cause:
            raise _as_tf_error(cause) from cause
        return _results(result, token, wanted, device)

    return call


def _argument(value: Any, dtype: dtypes.DType) -> Any:
    """A numpy array; for rank 0 a numpy scalar or bytes."""
    array = values.to_numpy(value, dtype)
    if array.ndim == 0:
        return array.item() if array.dtype == object else array[()]
    # The function may keep or change what it gets.
    return array.copy()


def _as_tf_error(cause: Exception) -> errors.OpError:
    kinds: tuple[tuple[Any, Any], ...] = (
        ((ValueError, TypeError), errors.InvalidArgumentError),
        (StopIteration, errors.OutOfRangeError),
        (MemoryError, errors.ResourceExhaustedError),
        (NotImplementedError, errors.UnimplementedError),
    )
    kind = next((k for bases, k in kinds if isinstance(cause, bases)), errors.UnknownError)
    text = f"{type(cause).__name__}: {cause}\n" + "".join(traceback.format_exception(cause))
    return kind(None, None, text)  # type: ignore[no-any-return]


def _results(result: Any, token: str, wanted: list[dtypes.DType], device: Any) -> list[Any]:
    if result is None:
        given: list[Any] = []
    else:
        given = list(result) if isinstance(result, (tuple, list)) else [result]
    if len(given) != len(wanted):
        raise errors.InvalidArgumentError(
            None, None, f"{token} returns {len(given)} values, but expects to see {len(wanted)} values."
        )
    return [_result(i, v, t, token, device) for i, (v, t) in enumerate(zip(given, wanted, strict=True))]


def _result(i: int, value: Any, dtype: dtypes.DType, token: str, device: Any) -> Any:
    array = _strings(value) if dtype is dtypes.string else np.asarray(value, order="C")
    if array.dtype.kind in "OSU" and dtype is not dtypes.string:
        if array.dtype.kind == "O" and array.size and not isinstance(array.ravel()[0], (bytes, str)):
            kind = type(array.ravel()[0]).__name__
            raise errors.InternalError(None, None, f"Unsupported object type {kind}")
        found = "string"
    elif array.dtype == object:
        found = "string"
    else:
        name = dtypes.as_dtype(array.dtype).name
        found = _CPP_NAMES.get(name, name)
    expected = _CPP_NAMES.get(dtype.name, dtype.name)
    if found != expected:
        raise errors.InvalidArgumentError(
            None, None, f"{i}-th value returned by {token} is {found}, but expects {expected}"
        )
    if found == "string":
        return array
    made = values.from_numpy(array.copy(), dtype)
    return made.to(device) if isinstance(made, torch.Tensor) and device.type != "cpu" else made


def _strings(value: Any) -> np.ndarray:
    """Text as an object array of bytes; anything else as the array it is."""
    array = np.asarray(value, order="C")
    if array.dtype.kind not in "OSU":
        return array
    flat = np.asarray(value, dtype=object).ravel().tolist()
    out = np.empty(len(flat), object)
    for i, v in enumerate(flat):
        if isinstance(v, str):
            out[i] = v.encode("utf-8")
        elif isinstance(v, bytes):
            out[i] = bytes(v)
        else:
            raise errors.InternalError(None, None, f"Unsupported object type {type(v).__name__}")
    return out.reshape(array.shape)


def _make(made: Any, func: Callable[..., Any], inp: Any, Tout: Any, name: str | None) -> Any:
    if not callable(func):
        raise ValueError(f"Expected func to be callable, got func of type {type(func)}")
    several = isinstance(Tout, (list, tuple))
    types = list(Tout) if several else [Tout]
    holder = _Holder(func)
    token = registry.insert(holder)
    stacks.get_default_graph()._attached.setdefault("py_funcs", []).append(holder)
    result = made(inp, token=token, Tout=[dtypes.as_dtype(t) for t in types], name=name)
    return result if several else result[0]


@export("py_func")
def py_func(func: Any, inp: Any, Tout: Any, stateful: bool = True, name: str | None = None) -> Any:
    """`func` applied to the values of the tensors `inp` in each run: numpy arrays in, arrays of types Tout out.

    Shapes: unknown. No gradient. A stateless call may be run fewer times than written.
    Raises: InvalidArgumentError in the run when number or types of the results differ from Tout.
    """
    return _make(py_func_op if stateful else py_func_stateless_op, func, inp, Tout, name)


@export("numpy_function", v2=("numpy_function",))
def numpy_function(func: Any, inp: Any, Tout: Any, name: str | None = None) -> Any:
    """`py_func` that is always taken to have effects."""
    return _make(py_func_op, func, inp, Tout, name)
