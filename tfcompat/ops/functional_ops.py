"""map_fn, foldl, foldr, scan: loops over the rows of tensors.

Source: TF 1.15, python/ops/map_fn.py, python/ops/functional_ops.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from tfcompat.framework import nest
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import Dimension, TensorShape
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import constants, shapes, variable_scope
from tfcompat.ops.tensor_array import TensorArray
from tfcompat.ops.while_loop import while_loop


@contextlib.contextmanager
def _cached_variables() -> Iterator[None]:
    """Variables made by the function are read on the device that uses them, so that a loop reads them once."""
    scope = variable_scope.get_variable_scope()
    if scope.caching_device is not None:
        yield
        return
    scope.set_caching_device(lambda op: op.device)
    try:
        yield
    finally:
        scope.set_caching_device(None)


class _Packing:
    """A structure of tensors, or a single one, as a flat list and back."""

    def __init__(self, like: Any) -> None:
        self.like = like
        self.several = nest.is_sequence(like)

    def flat(self, value: Any) -> list[Any]:
        return nest.flatten(value) if self.several else [value]

    def pack(self, flat: list[Any]) -> Any:
        return nest.pack_sequence_as(self.like, flat) if self.several else flat[0]


def _row_count(elem: Tensor, zero_is_unknown: bool = True) -> Any:
    """The number of rows: static where known."""
    known = elem.shape.dims[0].value if elem.shape.dims is not None else None
    if known or (known is not None and not zero_is_unknown):
        return known
    return shapes.shape(elem)[0]


def _with_rows(results: list[Tensor], elems: list[Tensor]) -> None:
    rows = Dimension(elems[0].shape.with_rank_at_least(1)[0])
    for elem in elems[1:]:
        rows.merge_with(Dimension(elem.shape.with_rank_at_least(1)[0]))
    for r in results:
        r.set_shape(TensorShape([rows]).concatenate(r.shape[1:]))


def _need_callable(fn: Any) -> None:
    if not callable(fn):
        raise TypeError("fn must be callable.")


@export("map_fn", v2=("map_fn",))
def map_fn(
    fn: Callable[[Any], Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
) -> Any:
    """`fn` applied to each row of `elems` (a tensor, or a structure of tensors with equally many rows).

    dtype: the dtypes of what fn returns, in its structure; those of elems when not given.
    Shapes: [n, ...] -> [n, ...].
    Raises: TypeError for a fn that cannot be called or a sparse tensor; ValueError for scalars.
    """
    _need_callable(fn)
    if isinstance(elems, SparseTensor):
        raise TypeError(
            "To perform a map on the values of a sparse tensor use either  SparseTensor(input.indices, "
            "fn(input.values), input.dense_shape) or  SparseTensor(input.indices, map_fn(fn, input.values), "
            "input.dense_shape)"
        )
    taken = _Packing(elems)
    given = taken if dtype is None else _Packing(dtype)
    flat = taken.flat(elems)
    with name_scope(name, "map", flat), _cached_variables():
        flat = [to_tensor(e, name="elem") for e in flat]
        dtype = dtype or taken.pack([e.dtype for e in flat])
        if flat[0].shape.ndims is not None and flat[0].shape.ndims < 1:
            if len(flat) == 1:
                raise ValueError("elems must be a 1+ dimensional Tensor, not a scalar")
            raise ValueError("elements in elems must be 1+ dimensional Tensors, not scalars")
        n = _row_count(flat[0])
        sources = [TensorArray(dtype=e.dtype, size=n, dynamic_size=False, infer_shape=True) for e in flat]
        sources = [array.unstack(e) for array, e in zip(sources, flat, strict=True)]
        i = constants.constant(0)
        targets = [
            TensorArray(dtype=d, size=n, dynamic_size=False, infer_shape=infer_shape) for d in given.flat(dtype)
        ]

        def compute(i: Any, arrays: Any) -> Any:
            result = fn(taken.pack([array.read(i) for array in sources]))
            nest.assert_same_structure(dtype or elems, result)
            return i + 1, [array.write(i, v) for array, v in zip(arrays, given.flat(result), strict=True)]

        _, done = while_loop(
            lambda i, _: i < n,
            compute,
            (i, targets),
            parallel_iterations=parallel_iterations or 10,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=n,
        )
        results = [array.stack() for array in done]
        _with_rows(results, flat)
        return given.pack(results)


def _arrays_of(elems: Any, n: Any) -> Any:
    def make(elem: Any) -> TensorArray:
        return TensorArray(dtype=elem.dtype, size=n, dynamic_size=False, infer_shape=True).unstack(elem)

    return nest.map_structure(make, elems)


def _fold(
    scope: str, fn: Any, elems: Any, initializer: Any, backwards: bool, parallel: int, back_prop: bool, swap: bool,
    name: str | None,
) -> Any:
    _need_callable(fn)
    with name_scope(name, scope, [elems] if isinstance(elems, Tensor) else None), _cached_variables():
        flat = [to_tensor(e, name="elem") for e in nest.flatten(elems)]
        n = _row_count(flat[0])
        # Python values in elems are converted once, here; what TensorFlow takes besides tensors fails there too.
        arrays = _arrays_of(elems, n)
        if initializer is not None:
            total = initializer
            i: Any = n if backwards else constants.constant(0)
        elif backwards:
            i = n - 1
            total = nest.map_structure(lambda array: array.read(i), arrays)
        else:
            total = nest.map_structure(lambda array: array.read(0), arrays)
            i = constants.constant(1)

        def forwards_step(i: Any, total: Any) -> Any:
            row = nest.map_structure(lambda array: array.read(i), arrays)
            total = fn(total, row)
            return [i + 1, total]

        def backwards_step(i: Any, total: Any) -> Any:
            i -= 1
            row = nest.map_structure(lambda array: array.read(i), arrays)
            return [i, fn(total, row)]

        _, result = while_loop(
            (lambda i, _: i > 0) if backwards else (lambda i, _: i < n),
            backwards_step if backwards else forwards_step,
            [i, total],
            parallel_iterations=parallel,
            back_prop=back_prop,
            swap_memory=swap,
            maximum_iterations=n,
        )
        return result


@export("foldl", v2=("foldl",))
def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """`fn(...fn(fn(initializer, row 0), row 1)...)`; without an initializer it starts with the first row."""
    return _fold("foldl", fn, elems, initializer, False, parallel_iterations, back_prop, swap_memory, name)


@export("foldr", v2=("foldr",))
def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Like `foldl`, from the last row to the first."""
    return _fold("foldr", fn, elems, initializer, True, parallel_iterations, back_prop, swap_memory, name)


@export("scan", v2=("scan",))
def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """All intermediate results of `foldl` (of `foldr` with reverse, in the order of the rows).

    Shapes: rows of [n, ...] -> [n, ...]. Without an initializer the first result is the first row.
    """
    _need_callable(fn)
    taken = _Packing(elems)
    given = taken if initializer is None else _Packing(initializer)
    flat = taken.flat(elems)
    with name_scope(name, "scan", flat), _cached_variables():
        flat = [to_tensor(e, name="elem") for e in flat]
        n = _row_count(flat[0], zero_is_unknown=False)
        sources = [
            TensorArray(dtype=e.dtype, size=n, dynamic_size=False, element_shape=e.shape[1:], infer_shape=True)
            for e in flat
        ]
        sources = [array.unstack(e) for array, e in zip(sources, flat, strict=True)]
        first = n - 1 if reverse else 0
        if initializer is None:
            totals = [array.read(first) for array in sources]
            i = 1
        else:
            totals = [to_tensor(t) for t in given.flat(initializer)]
            i = 0
        targets = [
            TensorArray(
                dtype=t.dtype,
                size=n,
                element_shape=t.shape if infer_shape else None,
                dynamic_size=False,
                infer_shape=infer_shape,
            )
            for t in totals
        ]
        if initializer is None:
            targets = [array.write(first, t) for array, t in zip(targets, totals, strict=True)]

        def compute(i: Any, totals: Any, arrays: Any) -> Any:
            row = taken.pack([array.read(i) for array in sources])
            result = fn(given.pack(totals), row)
            nest.assert_same_structure(elems if initializer is None else initializer, result)
            parts = given.flat(result)
            arrays = [array.write(i, v) for array, v in zip(arrays, parts, strict=True)]
            return i - 1 if reverse else i + 1, parts, arrays

        _, _, done = while_loop(
            (lambda i, _1, _2: i >= 0) if reverse else (lambda i, _1, _2: i < n),
            compute,
            (n - 1 - i if reverse else i, totals, targets),
            parallel_iterations=parallel_iterations,
            back_prop=back_prop,
            swap_memory=swap_memory,
            maximum_iterations=n,
        )
        results = [array.stack() for array in done]
        _with_rows(results, flat)
        return given.pack(results)


