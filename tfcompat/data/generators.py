"""from_generator: a Python generator called from the graph.

Source: TF 1.15, python/data/ops/dataset_ops.py (Dataset.from_generator).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from tfcompat.data import nest
from tfcompat.framework import conversion, dtypes
from tfcompat.framework.shapes import TensorShape
from tfcompat.ops.script import numpy_function


class GeneratorCalls:
    """The three functions of a generator's dataset: begin a walk, take a step of it, end it. Walks have numbers."""

    def __init__(self, generator: Any, output_types: Any, output_shapes: Any, args: Any) -> None:
        if not callable(generator):
            raise TypeError("`generator` must be callable.")
        self._generator = generator
        self._types = output_types
        if output_shapes is None:
            output_shapes = nest.map_structure(lambda _: TensorShape(None), output_types)
        else:
            output_shapes = nest.map_structure_up_to(output_types, TensorShape, output_shapes)
        self._args = () if args is None else tuple(conversion.convert_to_tensor(a, name=f"args_{i}") for i, a in enumerate(args))
        self._flat_types = [dtypes.as_dtype(t) for t in nest.flatten(output_types)]
        self._flat_shapes = nest.flatten(output_shapes)
        self._lock = threading.Lock()
        self._count = 0
        self._begun: dict[int, tuple[Any, ...]] = {}
        self._walks: dict[int, Iterator[Any]] = {}

    def init(self, unused_dummy: Any) -> Any:
        """The number of a new walk, as a tensor."""
        return numpy_function(self._new_walk, self._args, dtypes.int64)

    def step(self, walk: Any) -> Any:
        """The next element of a walk, as tensors."""
        flat = numpy_function(self._next, [walk], self._flat_types)
        for t, shape in zip(flat, self._flat_shapes, strict=True):
            t.set_shape(shape)
        return nest.pack_sequence_as(self._types, flat)

    def finalize(self, walk: Any) -> Any:
        """Forgets a walk."""
        return numpy_function(self._end, [walk], dtypes.int64)

    def _new_walk(self, *args: Any) -> np.ndarray:
        with self._lock:
            number = self._count
            self._count += 1
        self._begun[number] = args
        return np.array(number, dtype=np.int64)

    def _next(self, walk: Any) -> list[np.ndarray]:
        number = int(walk)
        found = self._walks.get(number)
        if found is None:
            found = self._walks[number] = iter(self._generator(*self._begun.pop(number)))
        values = next(found)
        try:
            parts = nest.flatten_up_to(self._types, values)
        except (TypeError, ValueError):
            raise TypeError(
                "`generator` yielded an element that did not match the expected structure. The expected structure was "
                f"{self._types}, but the yielded element was {values}."
            ) from None
        rows = zip(parts, self._flat_types, self._flat_shapes, strict=True)
        return [self._checked(value, dtype, shape) for value, dtype, shape in rows]

    @staticmethod
    def _checked(value: Any, dtype: dtypes.DType, shape: TensorShape) -> np.ndarray:
        try:
            array = _converted(value, dtype)
        except (TypeError, ValueError):
            raise TypeError(
                "`generator` yielded an element that could not be converted to the expected type. The expected type was "
                f"{dtype.name}, but the yielded element was {value}."
            ) from None
        if array.dtype != np.dtype(dtype.as_numpy_dtype):
            raise TypeError(
                f"`generator` yielded an element of type {array.dtype} where an element of type "
                f"{dtype.as_numpy_dtype} was expected."
            )
        if not shape.is_compatible_with(array.shape):
            raise ValueError(
                f"`generator` yielded an element of shape {array.shape} where an element of shape {shape} was expected."
            )
        return array

    def _end(self, walk: Any) -> np.ndarray:
        number = int(walk)
        self._begun.pop(number, None)
        found = self._walks.pop(number, None)
        close = getattr(found, "close", None)
        if close is not None:
            close()
        return np.array(0, dtype=np.int64)


def _converted(value: Any, dtype: dtypes.DType) -> np.ndarray:
    if dtype is not dtypes.string:
        array = np.asarray(value)
        if array.dtype.kind in "OSU":
            raise TypeError(f"{array.dtype} is no {dtype.name}")
        return np.asarray(value, dtype=dtype.as_numpy_dtype, order="C")
    array = np.asarray(value, dtype=object)
    flat = [v.encode() if isinstance(v, str) else v for v in array.ravel().tolist()]
    if not all(isinstance(v, bytes) for v in flat):
        raise TypeError("not a string")
    out = np.empty(len(flat), object)
    out[:] = flat
    return out.reshape(array.shape)
