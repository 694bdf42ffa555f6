"""Flows that put several elements into one, or take one apart: batches, padded batches, windows, groups.

Source: TF 1.15, core/kernels/data/{batch,padded_batch,window}_dataset_op.cc and experimental/{unbatch,group_by_window,
group_by_reducer,dense_to_sparse_batch}_dataset_op.cc.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.data.flow.core import (
    Element,
    Elements,
    Flow,
    Function,
    Run,
    as_array,
    invalid,
    row,
    shape_of,
    shape_text,
    stack,
)
from tfcompat.framework import errors


class Listed(Flow):
    """Elements that are there already."""

    kind = "Window"

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = list(elements)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Listed(self._elements)

    def cardinality(self) -> int:
        return len(self._elements)


class _Listed(Elements):
    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = iter(elements)

    def next(self) -> Element:
        return next(self._elements)


def stacked(elements: Sequence[Element], after_map: bool = False) -> Element:
    """A batch. Raises InvalidArgumentError when the elements differ in shape (`after_map`: in the words of that op)."""
    out: Element = []
    for i, column in enumerate(zip(*elements, strict=True)):
        first = shape_of(column[0])
        for at, v in enumerate(column):
            if shape_of(v) != first and after_map:
                raise invalid(
                    "Cannot add tensor to the batch: number of elements does not match. Shapes are: [tensor]: "
                    f"{shape_text(shape_of(v))}, [batch]: {shape_text(first)}"
                )
            if shape_of(v) != first:
                raise invalid(
                    f"Cannot batch tensors with different shapes in component {i}. First element had shape "
                    f"{shape_text(first)} and element {at} had shape {shape_text(shape_of(v))}."
                )
        out.append(stack(column))
    return out


class _Batched(Elements):
    def __init__(self, inner: Elements, flow: Batch) -> None:
        self._inner: Elements | None = inner
        self._flow = flow

    def next(self) -> Element:
        found: list[Element] = []
        while self._inner is not None and len(found) < self._flow.size:
            try:
                found.append(self._inner.next())
            except StopIteration:
                self._inner = None
        if not found or (self._flow.drop_remainder and len(found) < self._flow.size):
            raise StopIteration
        return self._flow.joined(found)


class Batch(Flow):
    """`size` elements in one, stacked along a new first dimension."""

    kind = "Batch"
    after_map = False

    def __init__(self, source: Flow, size: int, drop_remainder: bool) -> None:
        if size <= 0:
            raise invalid("Batch size must be greater than zero.")
        self.inputs = (source,)
        self.size, self.drop_remainder = size, drop_remainder

    def joined(self, elements: list[Element]) -> Element:
        return stacked(elements, self.after_map)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Batched(self.inputs[0].iterate(run, prefix), self)

    def cardinality(self) -> int:
        n = self.inputs[0].cardinality()
        if n < 0:
            return n
        return n // self.size if self.drop_remainder else -(-n // self.size)


class MapAndBatch(Batch):
    """A map and its batch as TensorFlow fuses them: the same elements, another message when they differ in shape."""

    after_map = True


class PaddedBatch(Batch):
    """Batches whose elements are padded to a common shape; -1 in a shape means the longest of the batch."""

    kind = "PaddedBatch"

    def __init__(
        self, source: Flow, size: int, shapes: Sequence[Sequence[int]], padding: Element, drop_remainder: bool
    ) -> None:
        super().__init__(source, size, drop_remainder)
        for v in padding:
            if shape_of(v):
                raise invalid("All padding values must be scalars")
        self.shapes = [list(s) for s in shapes]
        self.padding = padding

    def joined(self, elements: list[Element]) -> Element:
        columns = zip(*elements, strict=True)
        return [
            self._padded(i, column, shape, pad)
            for i, (column, shape, pad) in enumerate(zip(columns, self.shapes, self.padding, strict=True))
        ]

    @staticmethod
    def _padded(i: int, column: Sequence[Any], shape: Sequence[int], pad: Any) -> Any:
        arrays = [as_array(v) for v in column]
        dims = list(shape)
        for a in arrays:
            if a.ndim != len(dims):
                raise invalid(
                    f"All elements in a batch must have the same rank as the padded shape for component{i}: expected "
                    f"rank {len(dims)} but got element with rank {a.ndim}"
                )
        for d, wanted in enumerate(shape):
            longest = max(int(a.shape[d]) for a in arrays)
            if wanted == -1:
                dims[d] = longest
            elif longest > wanted:
                raise errors.DataLossError(
                    None,
                    None,
                    f"Attempted to pad to a smaller size than the input element. (component {i}, dimension {d}: "
                    f"{longest} > {wanted})",
                )
        if all(tuple(a.shape) == tuple(dims) for a in arrays):
            return stack(column)
        full = (len(arrays), *dims)
        out: Any
        if isinstance(arrays[0], torch.Tensor):
            out = torch.full(full, pad.item(), dtype=arrays[0].dtype)
        else:
            out = np.empty(full, object)
            out.fill(pad[()])
        for n, a in enumerate(arrays):
            out[(n, *(slice(0, int(k)) for k in a.shape))] = a if a.ndim else a[()]
        return out


class _Unbatched(Elements):
    def __init__(self, inner: Elements) -> None:
        self._inner = inner
        self._batch: Element = []
        self._size = 0
        self._at = 0

    def next(self) -> Element:
        while self._at >= self._size:
            batch = self._inner.next()
            sizes = []
            for v in batch:
                shape = shape_of(v)
                if not shape:
                    raise invalid("Input element must have a non-scalar value in each component.")
                sizes.append(shape[0])
            for i, n in enumerate(sizes):
                if n != sizes[0]:
                    raise invalid(
                        "Input element must have the same batch size in each component. Component 0 had size "
                        f"{sizes[0]} but component {i} had size, {n}."
                    )
            self._batch, self._size, self._at = batch, sizes[0], 0
        i = self._at
        self._at += 1
        return [row(v, i) for v in self._batch]


class Unbatch(Flow):
    """The slices of each element along its first dimension."""

    kind = "Unbatch"

    def __init__(self, source: Flow) -> None:
        self.inputs = (source,)

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Unbatched(self.inputs[0].iterate(run, prefix))


class _Windowed(Elements):
    def __init__(self, inner: Elements, flow: Window) -> None:
        self._inner: Elements | None = inner
        self._flow = flow
        self._buffer: deque[Element] = deque()

    def _pull(self) -> Element | None:
        if self._inner is not None:
            try:
                return self._inner.next()
            except StopIteration:
                self._inner = None
        return None

    def next(self) -> Element:
        flow, buffer = self._flow, self._buffer
        reach = (flow.size - 1) * flow.stride + 1
        while len(buffer) < reach:
            found = self._pull()
            if found is None:
                break
            buffer.append(found)
        if not buffer or (flow.drop_remainder and len(buffer) < reach):
            raise StopIteration
        chosen = [buffer[i] for i in range(0, min(len(buffer), reach), flow.stride)]
        held = len(buffer)
        for _ in range(min(flow.shift, held)):
            buffer.popleft()
        for _ in range(flow.shift - held):
            if self._pull() is None:
                break
        return [Listed([[v] for v in column]) for column in zip(*chosen, strict=True)]


class Window(Flow):
    """Flows of `size` elements each, `stride` apart, which begin `shift` elements apart; one flow a component."""

    kind = "Window"

    def __init__(self, source: Flow, size: int, shift: int, stride: int, drop_remainder: bool) -> None:
        if size <= 0:
            raise invalid("Window size must be greater than zero.")
        if shift <= 0:
            raise invalid("Window shift must be greater than zero.")
        if stride <= 0:
            raise invalid("Window stride must be greater than zero.")
        self.inputs = (source,)
        self.size, self.shift, self.stride, self.drop_remainder = size, shift, stride, drop_remainder

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Windowed(self.inputs[0].iterate(run, prefix), self)


def _scalar_key(result: Element) -> int:
    if len(result) != 1 or not isinstance(result[0], torch.Tensor) or result[0].dim() != 0:
        raise invalid("`key_func` must return a scalar int64.")
    return int(result[0])


class _Grouped(Elements):
    def __init__(self, flow: GroupByWindow, run: Run, prefix: str) -> None:
        self._flow, self._run, self._prefix = flow, run, prefix
        self._input: Elements | None = flow.inputs[0].iterate(run, prefix)
        self._groups: dict[int, list[Element]] = {}
        self._sizes: dict[int, int] = {}
        self._current: Elements | None = None

    def _flush(self, key: int) -> None:
        group = Listed(self._groups.pop(key))
        result = self._flow.reduce_func([torch.tensor(key), group])
        if len(result) != 1 or not isinstance(result[0], Flow):
            raise invalid("`reduce_func` must return a single scalar of dtype DT_VARIANT.")
        self._current = result[0].iterate(self._run, self._prefix)

    def _window_size(self, key: int) -> int:
        found = self._sizes.get(key)
        if found is None:
            result = self._flow.size_func([torch.tensor(key)])
            if len(result) != 1 or not isinstance(result[0], torch.Tensor) or result[0].dim() != 0:
                raise invalid("`window_size_func` must return a scalar int64.")
            found = int(result[0])
            if found <= 0:
                raise invalid(f"Window size must be greater than zero, but got {found}.")
            self._sizes[key] = found
        return found

    def next(self) -> Element:
        while True:
            if self._current is not None:
                try:
                    return self._current.next()
                except StopIteration:
                    self._current = None
            if self._input is None:
                if not self._groups:
                    raise StopIteration
                self._flush(min(self._groups))
                continue
            try:
                element = self._input.next()
            except StopIteration:
                self._input = None
                continue
            key = _scalar_key(self._flow.key_func(element))
            size = self._window_size(key)
            group = self._groups.setdefault(key, [])
            group.append(element)
            if len(group) == size:
                self._flush(key)


class GroupByWindow(Flow):
    """Elements collected by key; when a window is full, a function makes a flow of it, whose elements come out."""

    kind = "GroupByWindow"

    def __init__(self, source: Flow, key_func: Function, reduce_func: Function, size_func: Function) -> None:
        self.inputs = (source,)
        self.key_func, self.reduce_func, self.size_func = key_func, reduce_func, size_func

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Grouped(self, run, prefix)


class _Reduced(Elements):
    def __init__(self, flow: GroupByReducer, run: Run, prefix: str) -> None:
        self._flow = flow
        self._input: Elements | None = flow.inputs[0].iterate(run, prefix)
        self._states: dict[int, Element] = {}
        self._keys: list[int] = []

    def next(self) -> Element:
        flow = self._flow
        while self._input is not None:
            try:
                element = self._input.next()
            except StopIteration:
                self._input = None
                self._keys = sorted(self._states, reverse=True)
                break
            key = _scalar_key(flow.key_func(element))
            state = self._states.get(key)
            if state is None:
                state = flow.init_func([torch.tensor(key)])
            self._states[key] = flow.reduce_func([*state, *element])
        if not self._keys:
            raise StopIteration
        return flow.finalize_func(self._states.pop(self._keys.pop()))


class GroupByReducer(Flow):
    """One element a key: what a function made of a state and all elements of that key, in the order of the keys."""

    kind = "GroupByReducer"

    def __init__(
        self, source: Flow, key_func: Function, init_func: Function, reduce_func: Function, finalize_func: Function
    ) -> None:
        self.inputs = (source,)
        self.key_func, self.init_func = key_func, init_func
        self.reduce_func, self.finalize_func = reduce_func, finalize_func

    def elements(self, run: Run, prefix: str) -> Elements:
        return _Reduced(self, run, prefix)


class DenseToSparse(Batch):
    """Batches as packed sparse tensors; elements may differ in size within `row_shape`, -1 being any size."""

    kind = "DenseToSparseBatch"

    def __init__(self, source: Flow, size: int, row_shape: Sequence[int]) -> None:
        super().__init__(source, size, False)
        self.row_shape = list(row_shape)

    def joined(self, elements: list[Element]) -> Element:
        arrays = [as_array(e[0]) for e in elements]
        dims = [0 if d == -1 else d for d in self.row_shape]
        for a in arrays:
            if a.ndim != len(dims):
                raise invalid(
                    f"Input element had shape ({shape_text(a.shape)}) that is incompatible with the row shape "
                    f"({shape_text(self.row_shape)})."
                )
            for d, n in enumerate(a.shape):
                if self.row_shape[d] == -1:
                    dims[d] = max(dims[d], int(n))
                elif n > dims[d]:
                    raise invalid(
                        f"Input element had shape ({shape_text(a.shape)}) that is incompatible with the row shape "
                        f"({shape_text(self.row_shape)})."
                    )
        places = [np.indices(tuple(a.shape)).reshape(a.ndim, -1).T for a in arrays]
        rows = [np.insert(p, 0, i, axis=1) for i, p in enumerate(places)]
        indices = torch.from_numpy(np.concatenate(rows).astype(np.int64))
        flat = [a.reshape(-1) for a in arrays]
        out = np.empty(3, object)
        out[0] = indices
        out[1] = torch.cat(flat) if isinstance(flat[0], torch.Tensor) else np.concatenate(flat)
        out[2] = torch.tensor([len(arrays), *dims], dtype=torch.int64)
        return [out]
