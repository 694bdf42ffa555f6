"""The array ops against TF 1.15: the graphs their functions build, values, errors; and every dtype they move."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from tests.ops import array_programs

with gzip.open(Path(__file__).parent / "data" / "arrays_tf115.json.gz", "rt", encoding="utf-8") as _lines:
    _RECORDED: dict[str, Any] = json.load(_lines)


@pytest.mark.parametrize("expression", array_programs.NODES)
def test_builds_the_nodes_of_tensorflow(expression: str) -> None:
    assert array_programs.nodes(tf, expression) == _RECORDED["nodes"][expression]


@pytest.mark.parametrize("expression", array_programs.VALUES)
def test_computes_the_values_of_tensorflow(expression: str) -> None:
    assert array_programs.values(tf, expression) == _RECORDED["values"][expression]


_DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32"]
_DTYPES += ["float64", "complex64", "complex128", "string"]

# What moves elements, with what numpy makes of it.
_MOVES: dict[str, tuple[Callable[[Any], Any], Callable[[np.ndarray], Any]]] = {
    "concat": (lambda x: tf.concat([x, x], 1), lambda a: np.concatenate([a, a], 1)),
    "stack": (lambda x: tf.stack([x, x], 1), lambda a: np.stack([a, a], 1)),
    "unstack": (lambda x: tf.unstack(x)[1], lambda a: a[1]),
    "split": (lambda x: tf.split(x, 2)[1], lambda a: a[1:]),
    "split sizes": (lambda x: tf.split(x, [1, 2], 1)[1], lambda a: a[:, 1:]),
    "tile": (lambda x: tf.tile(x, [2, 1]), lambda a: np.tile(a, (2, 1))),
    "slice": (lambda x: tf.slice(x, [0, 1], [2, 2]), lambda a: a[:, 1:]),
    "strided": (lambda x: x[1, ::2], lambda a: a[1, ::2]),
    "backwards": (lambda x: x[::-1, None], lambda a: a[::-1, None]),
    "transpose": (lambda x: tf.transpose(x), lambda a: a.T),
    "reshape": (lambda x: tf.reshape(x, [3, -1]), lambda a: a.reshape(3, 2)),
    "expand": (lambda x: tf.squeeze(tf.expand_dims(x, 1)), lambda a: a),
    "broadcast": (lambda x: tf.broadcast_to(x, [2, 2, 3]), lambda a: np.broadcast_to(a, (2, 2, 3))),
    "gather": (lambda x: tf.gather(x, [2, 0], axis=1), lambda a: a[:, [2, 0]]),
    "gather_nd": (lambda x: tf.gather_nd(x, [[0, 2], [1, 0]]), lambda a: a[[0, 1], [2, 0]]),
    "roll": (lambda x: tf.roll(x, 1, 1), lambda a: np.roll(a, 1, 1)),
    "where": (lambda x: tf.boolean_mask(x, [False, True]), lambda a: a[1:]),
    "partition": (lambda x: tf.dynamic_partition(x, [1, 0], 2)[0], lambda a: a[1:]),
    "zeros_like": (lambda x: tf.shape(tf.zeros_like(x)), lambda a: np.array(a.shape, np.int32)),
}
# TF has kernels of these for fewer dtypes.
_NUMBERS: dict[str, tuple[Callable[[Any], Any], Callable[[np.ndarray], Any]]] = {
    "reverse": (lambda x: tf.reverse(x, [1]), lambda a: a[:, ::-1]),
    "pad": (lambda x: tf.pad(x, [[0, 1], [1, 0]]), lambda a: np.pad(a, [[0, 1], [1, 0]])),
    "mirror": (lambda x: tf.pad(x, [[0, 0], [2, 1]], "REFLECT"), lambda a: np.pad(a, [[0, 0], [2, 1]], "reflect")),
    "diag": (lambda x: tf.matrix_diag(x)[0], lambda a: np.diag(a[0])),
    "band": (lambda x: tf.matrix_band_part(x, 0, -1), lambda a: np.triu(a)),
    "sequence": (lambda x: tf.reverse_sequence(x, [2, 3], 1), lambda a: np.stack([a[0, [1, 0, 2]], a[1, ::-1]])),
    "to batch": (
        lambda x: tf.batch_to_space_nd(tf.space_to_batch_nd(x, [3], [[0, 0]]), [3], [[0, 0]]),
        lambda a: a,
    ),
}


def _values(name: str) -> np.ndarray:
    numbers = np.arange(6).reshape(2, 3)
    if name == "string":
        return np.array([[b"a", b"bc", b""], [b"d", b"e", b"f"]], object)
    if name == "bool":
        return numbers % 2 == 0
    if name.startswith("complex"):
        return (numbers + 1j * numbers[::-1]).astype(name)
    return numbers.astype(name)


def _cases() -> list[Any]:
    out = []
    for dtype in _DTYPES:
        for name in [*_MOVES, *(_NUMBERS if dtype not in ("string", "uint32", "uint64") else ())]:
            out.append(pytest.param(dtype, name, id=f"{dtype}-{name}"))
    return out


@pytest.mark.parametrize("dtype, name", _cases())
def test_moves_every_dtype(dtype: str, name: str) -> None:
    build, expected = _MOVES.get(name) or _NUMBERS[name]
    a = _values(dtype)
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.as_dtype(dtype), [2, 3])
        got = session.run(build(x), {x: a})
    want = expected(a)
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    assert got.tolist() == want.tolist()


def test_an_index_outside_is_never_silent() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        i = tf.placeholder(tf.int32, [1])
        x = tf.constant([1.0, 2.0])
        vectors = tf.expand_dims(i, 1)
        for fetch in (tf.gather(x, i), tf.gather_nd(x, vectors), tf.scatter_nd(vectors, [1.0], [2])):
            for wrong in (2, -1):
                with pytest.raises(tf.errors.InvalidArgumentError, match=rf"indices\[0\] = \[?{wrong}\]? "):
                    session.run(fetch, {i: [wrong]})


def test_part_of_a_variable_is_assigned() -> None:
    for resource in (False, True):
        with tf.Graph().as_default(), tf.Session() as session:
            v = tf.Variable([[1, 2, 3], [4, 5, 6]], use_resource=resource)
            session.run(v.initializer)
            session.run(v[0, 1:].assign([7, 8]))
            session.run(v[:, ::-2].assign([[30, 10], [60, 40]]))
            assert session.run(v).tolist() == [[10, 7, 30], [40, 5, 60]]
            with pytest.raises(tf.errors.UnimplementedError, match=r"l-value shape \[3\] does not match r-value"):
                session.run(v[0].assign(1))
            with pytest.raises(ValueError, match="only supported for variables"):
                tf.constant([1])[0].assign(2)


def test_feeds_of_other_shapes_take_constant_slices() -> None:
    """A plan's slice, made once from constants, means the same for every shape that is fed."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.int32)
        parts = [x[1:], x[-3:], x[:2, None], x[..., -1:], x[::2]]
        for n in (2, 5, 3):
            a = np.arange(n)
            for got, want in zip(session.run(parts, {x: a}), [a[1:], a[-3:], a[:2, None], a[-1:], a[::2]], strict=True):
                assert got.tolist() == want.tolist()
