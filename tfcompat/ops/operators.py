"""Python's operators on tensors: `a + b`, `-a`, `a < b`, `a @ b` and the others, named as TF 1.15 names their nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import get_op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import comparison, elementwise, matmul


def is_sparse(value: Any) -> bool:
    """Whether `value` is a SparseTensor."""
    return not isinstance(value, IndexedSlices) and hasattr(value, "dense_shape") and hasattr(value, "indices")


def binary_operator(name: str, function: Callable[..., Any]) -> None:
    """Installs `function` as Tensor's operator `__name__` and its reflected form."""
    reflected = f"__r{name}__"

    def forward(x: Tensor, y: Any) -> Any:
        with name_scope(None, name, [x, y]) as scope:
            if not isinstance(y, Tensor) and not is_sparse(y):
                try:
                    y = conversion.to_tensor(y, name="y", preferred_dtype=x.dtype.base_dtype)
                except TypeError:
                    if hasattr(type(y), reflected):
                        return NotImplemented
                    raise
            return function(x, y, name=scope)

    def backward(y: Tensor, x: Any) -> Any:
        with name_scope(None, name, [x, y]) as scope:
            x = conversion.to_tensor(x, dtype=y.dtype.base_dtype, name="x")
            return function(x, y, name=scope)

    Tensor._override_operator(f"__{name}__", forward)
    Tensor._override_operator(reflected, backward)


def _add(x: Tensor, y: Any, name: str | None = None) -> Tensor:
    strings = x.dtype.base_dtype is dtypes.string
    return (elementwise.add_op if strings else elementwise.add_v2_op)(x, y, name=name)


def _mul(x: Tensor, y: Any, name: str | None = None) -> Any:
    if is_sparse(y):
        values = get_op("SparseDenseCwiseMul")(y.indices, y.values, y.dense_shape, x, name=name)
        return type(y)(y.indices, values, y.dense_shape)
    return elementwise.mul_op(x, y, name=name)


def _install() -> None:
    for name, function in (
        ("add", _add),
        ("sub", elementwise.sub_op),
        ("mul", _mul),
        ("div", elementwise.div),
        ("truediv", elementwise.truediv),
        ("floordiv", elementwise.floordiv),
        ("mod", elementwise.floor_mod_op),
        ("pow", elementwise.pow),
        ("matmul", matmul.matmul),
        ("and", comparison.logical_and_op),
        ("or", comparison.logical_or_op),
        ("xor", comparison.logical_xor),
    ):
        binary_operator(name, function)
    for name, function in (
        ("lt", comparison.less_op),
        ("le", comparison.less_equal_op),
        ("gt", comparison.greater_op),
        ("ge", comparison.greater_equal_op),
    ):
        Tensor._override_operator(f"__{name}__", _plain(function))
    Tensor._override_operator("__neg__", elementwise.negative)
    Tensor._override_operator("__abs__", elementwise.abs)
    Tensor._override_operator("__invert__", comparison.logical_not)


def _plain(function: Callable[..., Any]) -> Callable[[Tensor, Any], Tensor]:
    def compare(x: Tensor, y: Any) -> Tensor:
        return function(x, y)  # type: ignore[no-any-return]

    return compare


_install()
