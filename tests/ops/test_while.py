"""while_loop: values, gradients to second order against differences, structures, errors, counts of nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tfcompat as tf

X = np.array([0.3, -0.7, 0.5])
W = np.array([0.9, 1.1, -0.8])


def power(x: Any, w: Any) -> Any:
    return tf.while_loop(lambda i, y: i < 4, lambda i, y: (i + 1, y * w), [0, x])[1]


def until(x: Any, w: Any) -> Any:
    return tf.while_loop(lambda y: tf.reduce_sum(y * y) < 40.0, lambda y: y * 1.5 + tf.sin(w * y), [x])


def limited(x: Any, w: Any) -> Any:
    return tf.while_loop(lambda y: tf.reduce_sum(y) < 1e9, lambda y: tf.tanh(y + w), [x], maximum_iterations=3)


def two_states(x: Any, w: Any) -> Any:
    _, a, b = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b * w, a + tf.sin(b)), [0, x, w])
    return a + 2.0 * b


def passed_through(x: Any, w: Any) -> Any:
    _, a, b = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, a * b, b), [0, x, w])
    return a + b


def with_cond(x: Any, w: Any) -> Any:
    def body(i: Any, y: Any) -> Any:
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: tf.exp(y * 0.3) * w, lambda: y * y + x)

    return tf.while_loop(lambda i, y: i < 5, body, [0, x])[1]


def loop_in_cond(x: Any, w: Any) -> Any:
    return tf.cond(
        tf.reduce_sum(x) < 10.0,
        lambda: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y * w)), [0, x])[1],
        lambda: x,
    )


def nested(x: Any, w: Any) -> Any:
    def outer(i: Any, y: Any) -> Any:
        inner = tf.while_loop(lambda j, z: j < i + 1, lambda j, z: (j + 1, tf.sin(z) * w + y), [0, y])[1]
        return i + 1, inner * 0.7

    return tf.while_loop(lambda i, y: i < 3, outer, [0, x])[1]


def nested_twice(x: Any, w: Any) -> Any:
    def innermost(y: Any) -> Any:
        return tf.while_loop(lambda k, u: k < 2, lambda k, u: (k + 1, u * w + tf.cos(y)), [0, y])[1]

    def middle(y: Any) -> Any:
        return tf.while_loop(lambda j, z: j < 2, lambda j, z: (j + 1, tf.sin(innermost(z))), [0, y])[1]

    return tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, middle(y) + x), [0, x])[1]


def growing(x: Any, w: Any) -> Any:
    y = tf.while_loop(
        lambda i, y: i < 3,
        lambda i, y: (i + 1, tf.concat([y, y * w[0] + x[1]], 0)),
        [0, x],
        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
    )[1]
    return y * y


def gathering(x: Any, w: Any) -> Any:
    return tf.while_loop(
        lambda i, s: i < 6, lambda i, s: (i + 1, s * 0.5 + tf.gather(w, i % 3)), [0, tf.reduce_sum(x)]
    )[1]


def unused_twice(x: Any, w: Any) -> Any:
    first = tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, y * w), [0, x])[1]
    return tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, y * first), [0, w])[1]


def no_rounds(x: Any, w: Any) -> Any:
    return tf.while_loop(lambda i, y: i < 0, lambda i, y: (i + 1, y * w), [0, x])[1] * x


def stopped(x: Any, w: Any) -> Any:
    return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * w + tf.stop_gradient(y)), [0, x])[1]


SMOOTH = [
    power,
    until,
    limited,
    two_states,
    passed_through,
    with_cond,
    loop_in_cond,
    nested,
    nested_twice,
    growing,
    gathering,
    unused_twice,
    no_rounds,
]


def numeric(f: Callable[[dict[Any, np.ndarray]], float], feeds: dict[Any, np.ndarray], x: Any) -> np.ndarray:
    out = np.zeros_like(feeds[x])
    for i in range(out.size):
        ends = []
        for step in (1e-6, -1e-6):
            moved = dict(feeds)
            moved[x] = feeds[x].copy()
            moved[x].flat[i] += step
            ends.append(f(moved))
        out.flat[i] = (ends[0] - ends[1]) / 2e-6
    return out


@pytest.mark.parametrize("fn", SMOOTH, ids=lambda f: f.__name__)
def test_gradients_match_differences(fn: Callable[..., Any]) -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x = tf.placeholder(tf.float64, [3])
        w = tf.placeholder(tf.float64, [3])
        y = tf.reduce_sum(fn(x, w) * np.array(0.7))
        first = tf.gradients(y, [x, w])
        weighted = tf.add_n(
            [tf.reduce_sum(tf.convert_to_tensor(g) * np.array([0.3, -1.1, 0.6])) for g in first if g is not None]
        )
        second = tf.gradients(weighted, [x, w])
        feeds = {x: X, w: W}
        for v, g in zip((x, w), first, strict=True):
            want = numeric(lambda f: sess.run(y, f), feeds, v)
            got = np.zeros(3) if g is None else sess.run(tf.convert_to_tensor(g), feeds)
            np.testing.assert_allclose(got, want, rtol=2e-6, atol=1e-7)
        for v, g in zip((x, w), second, strict=True):
            want = numeric(lambda f: sess.run(weighted, f), feeds, v)
            got = np.zeros(3) if g is None else sess.run(tf.convert_to_tensor(g), feeds)
            np.testing.assert_allclose(got, want, rtol=2e-6, atol=1e-7)


def test_third_order() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x, w = tf.placeholder(tf.float64, [3]), tf.placeholder(tf.float64, [3])
        g = power(x, w)
        want = [X * W**4, 4 * X * W**3, 12 * X * W**2, 24 * X * W, 24 * X]
        for i, value in enumerate(want):
            np.testing.assert_allclose(sess.run(g, {x: X, w: W}), value, err_msg=str(i))
            g = tf.gradients(g, w)[0]


def test_stop_gradient_inside() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        x, w = tf.placeholder(tf.float64, [3]), tf.placeholder(tf.float64, [3])
        g = tf.gradients(stopped(x, w), x)[0]
        np.testing.assert_allclose(sess.run(g, {x: X, w: W}), W**3)


def test_unconnected_is_none() -> None:
    with tf.Graph().as_default():
        x, w, u = (tf.placeholder(tf.float64, [3]) for _ in range(3))
        _, a, b = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, a * w, b * u), [0, x, x])
        assert tf.gradients(a, [u]) == [None]
        assert tf.gradients(b, [w]) == [None]
        assert tf.gradients(tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0]), [x]) == [None]
        y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * w), [0, x], back_prop=False)[1]
        assert tf.gradients(y, [x, w]) == [None, None]


def test_values_and_structures() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        n = tf.placeholder(tf.int32, [])
        i, (a, d) = tf.while_loop(
            lambda i, s: i < n, lambda i, s: (i + 1, (s[0] * 2, {"k": s[1]["k"] + s[0]})), (0, (1, {"k": 0}))
        )
        for rounds in (0, 1, 5):
            assert sess.run([i, a, d["k"]], {n: rounds}) == [rounds, 2**rounds, 2**rounds - 1]
        single = tf.while_loop(lambda v: v < 10, lambda v: v * 3, [1])
        assert sess.run(single) == 27
        kept = tf.while_loop(lambda v: v < 10, lambda v: v * 3, [1], return_same_structure=True)
        assert isinstance(kept, list) and sess.run(kept) == [27]
        assert (
            sess.run(tf.while_loop(lambda v: v < 100, lambda v: v + 1, (tf.constant(0),), maximum_iterations=n), {n: 7})
            == 7
        )


def test_assign_in_the_body() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:
        v = tf.Variable(1.0)
        r = tf.Variable(1.0, use_resource=True)

        def body(i: Any) -> Any:
            with tf.control_dependencies([tf.assign_add(v, 2.0), r.assign(r * 2.0)]):
                return tf.identity(i) + 1

        done = tf.while_loop(lambda i: i < 5, body, [0])
        sess.run(tf.global_variables_initializer())
        assert sess.run(done) == 5
        assert sess.run([v, r]) == [11.0, 32.0]


def test_variables_of_the_body_are_outside() -> None:
    with tf.Graph().as_default(), tf.Session() as sess:

        def body(i: Any, x: Any) -> Any:
            w = tf.get_variable("w", [3, 3], initializer=tf.constant_initializer(0.5))
            return i + 1, tf.matmul(x, w)

        _, y = tf.while_loop(lambda i, x: i < 2, body, [0, tf.ones([1, 3])])
        (w,) = tf.trainable_variables()
        g = tf.gradients(y, w)[0]
        sess.run(tf.global_variables_initializer())
        np.testing.assert_allclose(sess.run(y), np.full((1, 3), 2.25))
        np.testing.assert_allclose(sess.run(g), np.full((3, 3), 3.0))


# Numbers of nodes and names read off TensorFlow 1.15.
COUNTS = [
    (lambda x, p: tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0]), "while/Exit:0", 14),
    (lambda x, p: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), [0, x])[1], "while/Exit_1:0", 22),
    (lambda x, p: tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0], maximum_iterations=5), "while/Exit_1:0", 27),
    (lambda x, p: tf.cond(p, lambda: x * 2.0, lambda: x), "cond/Merge:0", 11),
]


@pytest.mark.parametrize(("fn", "name", "count"), COUNTS)
def test_names_and_counts(fn: Callable[..., Any], name: str, count: int) -> None:
    with tf.Graph().as_default() as g:
        x, p = tf.placeholder(tf.float32, []), tf.placeholder(tf.bool, [])
        y = fn(x, p)
        assert (y.name, g._last_id) == (name, count)


def i_(shape: Any = ()) -> Any:
    return tf.zeros(shape, tf.int32)


ERRORS = [
    (lambda: tf.while_loop(3, lambda i: i, [0]), TypeError, "cond must be callable."),
    (lambda: tf.while_loop(lambda i: True, 3, [0]), TypeError, "body must be callable."),
    (lambda: tf.while_loop(lambda: True, lambda: 0, []), ValueError, "No loop variables provided"),
    (
        lambda: tf.while_loop(lambda i: i < 1, lambda i: i, [0], parallel_iterations=0),
        TypeError,
        "parallel_iterations must be a positive integer.",
    ),
    (
        lambda: tf.while_loop(lambda i: tf.reduce_sum(i) < 1, lambda i: tf.concat([i, i], 0), [i_([2])]),
        ValueError,
        "enters the loop with shape (2,), but has shape (4,) after one iteration",
    ),
    (
        lambda: tf.while_loop(lambda i: True, lambda i: i, [i_([2])], shape_invariants=[tf.TensorShape([3])]),
        ValueError,
        "is not compatible with the initial shape of the loop variable",
    ),
    (lambda: tf.while_loop(lambda i: i < 1, lambda i: (i, i), [0]), ValueError, "don't have the same"),
    (
        lambda: tf.while_loop(lambda i: i < 1, lambda i: i, [0], maximum_iterations=[1]),
        ValueError,
        "maximum_iterations must be a scalar",
    ),
]


@pytest.mark.parametrize(("make", "kind", "text"), ERRORS)
def test_errors(make: Callable[[], Any], kind: type, text: str) -> None:
    with tf.Graph().as_default(), pytest.raises(kind) as caught:
        make()
    assert text in str(caught.value)
