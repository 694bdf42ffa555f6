"""Linear algebra against TF 1.15's nodes, numbers and errors, and against the mathematics where TF has no number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tfcompat as tf
from tests.ops.recorded_cases import check, recorded
from tfcompat.ops import schur


@pytest.mark.parametrize("source, want", recorded("linalg"))
def test_same_as_tf(source: str, want: dict[str, Any]) -> None:
    check(source, want)


def slopes(function: Callable[[Any], Any], a: np.ndarray, second: bool = True) -> tuple[list[float], list[float]]:
    """First and second directional derivatives of a sum over function(a): by the graph, and by differences."""
    rng = np.random.RandomState(1)
    step, width = rng.randn(*a.shape), 1e-5
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float64, a.shape)
        y = function(x)
        values = [tf.reduce_sum(tf.sin(y))]
        for _ in range(1 + second):
            values.append(tf.reduce_sum(tf.gradients(values[-1], x)[0] * step))

        def difference(t: Any) -> float:
            ahead, behind = (session.run(t, {x: a + s * step}) for s in (width, -width))
            return float(ahead - behind) / (2 * width)

        return session.run(values[1:], {x: a}), [difference(v) for v in values[:-1]]


@pytest.mark.parametrize("size", [0.01, 0.2, 0.8, 2.0, 20.0])
def test_matrix_exponential(size: float) -> None:
    a = np.random.RandomState(0).uniform(-1, 1, (2, 3, 3)) * size
    with tf.Graph().as_default(), tf.Session() as session:
        for dtype, rtol in (("float32", 5e-5), ("float64", 1e-9), ("complex128", 1e-9)):
            x = tf.placeholder(dtype)
            got = session.run(tf.linalg.expm(x), {x: a})
            want = torch.linalg.matrix_exp(torch.tensor(a)).numpy()
            np.testing.assert_allclose(got, want.astype(dtype), rtol=rtol, atol=rtol * np.abs(want).max())
    if size < 20:
        got, want = slopes(tf.linalg.expm, a)
        np.testing.assert_allclose(got, want, rtol=1e-5)


def test_matrix_exponential_of_nothing_and_of_integers() -> None:
    with tf.Graph().as_default():
        assert tf.linalg.expm(tf.zeros([2, 0, 0])).shape.as_list() == [2, 0, 0]
        with pytest.raises(ValueError, match="does not support matrices of type"):
            tf.linalg.expm([[1, 2], [3, 4]])


def test_cholesky_has_all_derivatives_along_symmetric_matrices() -> None:
    b = np.random.RandomState(2).uniform(-1, 1, (2, 3, 3))
    # The op reads the lower triangle only; its gradient is that of a symmetric matrix, as in TF.
    got, want = slopes(lambda x: tf.cholesky(tf.matmul(x, x, transpose_b=True) + tf.eye(3, dtype=tf.float64)), b)
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_complex_singular_values_have_a_derivative() -> None:
    a = np.random.RandomState(3).uniform(-1, 1, (2, 3, 4)) + np.eye(3, 4) * [1.0, 2.0, 3.0, 4.0]

    def values(x: Any) -> Any:
        return tf.svd(tf.complex(x, x[:, ::-1] * 0.3), compute_uv=False)

    got, want = slopes(values, a, second=False)
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_norm_of_matrices_by_their_largest_singular_value() -> None:
    a = np.random.RandomState(4).randn(2, 3, 4)
    with tf.Graph().as_default(), tf.Session() as session:
        for axis in ([-2, -1], [0, 2], (2, 1)):
            for keep in (False, True):
                got = session.run(tf.norm(tf.constant(a), 2, axis=axis, keepdims=keep))
                np.testing.assert_allclose(got, np.linalg.norm(a, 2, tuple(axis), keepdims=keep), rtol=1e-10)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 15])
@pytest.mark.parametrize("kind", ["random", "complex", "defective", "singular", "orthogonal", "unit steps"])
def test_schur_form(n: int, kind: str) -> None:
    rng = np.random.RandomState(n)
    a = {
        "random": lambda: rng.randn(n, n),
        "complex": lambda: rng.randn(n, n) + 1j * rng.randn(n, n),
        "defective": lambda: np.triu(np.ones((n, n))),
        "singular": lambda: np.outer(rng.randn(n), rng.randn(n)),
        "orthogonal": lambda: np.linalg.qr(rng.randn(n, n))[0],
        "unit steps": lambda: np.roll(np.eye(n), 1, 0),
    }[kind]()
    u, t = schur.schur(a)
    np.testing.assert_allclose(u @ u.conj().T, np.eye(n), atol=1e-12)
    np.testing.assert_allclose(u @ t @ u.conj().T, a, atol=1e-11)
    assert not np.tril(t, -1).any()


@pytest.mark.parametrize("half", ["float16"])
def test_half_precision_goes_through_float(half: str) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        a = tf.constant([[2.0, 1.0], [0.0, 4.0]], half)
        got = session.run([tf.matrix_inverse(a), tf.qr(a)[1], tf.matrix_determinant(a)])
    assert [g.dtype for g in got] == [np.dtype(half)] * 3
    np.testing.assert_allclose(got[0], [[0.5, -0.125], [0.0, 0.25]])


def test_failures_name_the_line_and_the_inputs() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        a = tf.placeholder(tf.float32, [None, None])
        y = tf.matrix_inverse(a)
        with pytest.raises(tf.errors.InvalidArgumentError, match="Input is not invertible.") as caught:
            session.run(y, {a: [[1.0, 2.0], [2.0, 4.0]]})
    assert "test_linalg.py" in str(caught.value)
