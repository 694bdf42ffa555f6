"""tf.test.compute_gradient: a gradient of the graph beside finite differences. Source: TF 1.15, gradient_checker.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcompat.framework import stacks
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.gradients.engine import gradients
from tfcompat.ops import shapes


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _scalars(array: np.ndarray) -> np.ndarray:
    """Complex numbers as pairs of real ones."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(flat.real.dtype) if np.iscomplexobj(flat) else flat


def _theoretical(x: Any, shape: Any, value: np.ndarray, dy: Any, dx: Any, y_shape: Any, feed: dict[Any, Any]) -> Any:
    session = stacks.get_default_session()
    kind = dy.dtype.base_dtype.as_numpy_dtype
    n = int(np.prod(y_shape)) if len(y_shape) else 1
    parts = 2 if np.issubdtype(np.dtype(kind), np.complexfloating) else 1
    jacobian = np.zeros((_scalars(value).size, n * parts), value.real.dtype)
    for column in range(n * parts):
        seed = np.zeros(y_shape, kind)
        _scalars(seed.reshape(-1))[column] = 1
        seed = seed.reshape(y_shape)
        found = session.run(dx, feed_dict={**feed, x: value, dy: seed})
        if isinstance(dx, IndexedSlices):
            for i, row in zip(found.indices, found.values, strict=True):
                width = row.size
                jacobian[i * width : (i + 1) * width, column] += _scalars(row)
        else:
            jacobian[:, column] = _scalars(np.asarray(found))
    return jacobian


def _numeric(x: Any, value: np.ndarray, y: Any, y_shape: Any, delta: float, feed: dict[Any, Any]) -> np.ndarray:
    session = stacks.get_default_session()
    moved = np.array(value)
    flat = _scalars(moved)
    columns = _scalars(np.zeros(y_shape, y.dtype.base_dtype.as_numpy_dtype)).size
    jacobian = np.zeros((flat.size, columns), value.real.dtype)
    for row in range(flat.size):
        kept = flat[row]
        flat[row] = kept + delta
        high = session.run(y, feed_dict={**feed, x: flat.view(value.dtype).reshape(value.shape)})
        flat[row] = kept - delta
        low = session.run(y, feed_dict={**feed, x: flat.view(value.dtype).reshape(value.shape)})
        flat[row] = kept
        jacobian[row] = _scalars((np.asarray(high) - np.asarray(low)) / (2 * delta))
    return jacobian


@export("test.compute_gradient")
def compute_gradient(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: Any = None,
) -> Any:
    """(theoretical, numerical) jacobians of y by x, or a list of such pairs when x is a list. Needs a default session.

    Shapes: each jacobian [size of x, size of y].
    """
    feed = dict(extra_feed_dict or {})
    session = stacks.get_default_session()
    if init_targets is not None:
        for target in _as_list(init_targets):
            session.run(target, feed_dict=feed)
    many = isinstance(x, (list, tuple))
    xs, all_shapes = (list(x), list(x_shape)) if many else ([x], [x_shape])
    starts = list(x_init_value) if many and x_init_value is not None else [x_init_value] * len(xs)
    y_shape = tuple(y_shape)
    dy = shapes.ones(y_shape, dtype=y.dtype.base_dtype) if y_shape else shapes.ones([], dtype=y.dtype.base_dtype)
    dxs = gradients(y, xs, grad_ys=dy)
    values = []
    for t, shape, start in zip(xs, all_shapes, starts, strict=True):
        kind = t.dtype.base_dtype.as_numpy_dtype
        values.append(np.asarray(np.random.random_sample(tuple(shape)) if start is None else start, kind))
    feed.update({t: v for t, v in zip(xs, values, strict=True)})
    pairs = []
    for t, shape, value, dx in zip(xs, all_shapes, values, dxs, strict=True):
        if dx is None:
            raise ValueError(f"y does not depend on {t}")
        theory = _theoretical(t, shape, value, dy, dx, y_shape, feed)
        pairs.append((theory, _numeric(t, value, y, y_shape, delta, feed)))
    return pairs if many else pairs[0]


@export("test.compute_gradient_error")
def compute_gradient_error(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: Any = None,
) -> float:
    """The largest difference between the two jacobians of `compute_gradient`."""
    found = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    pairs = found if isinstance(found, list) else [found]
    errors = [np.fabs(theory - numeric).max() for theory, numeric in pairs if theory.size]
    return float(max(errors, default=0.0))


