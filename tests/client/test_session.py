"""Sessions: what fetches return, how feeds are taken, and that threads and shapes do not disturb each other."""

from __future__ import annotations

import collections
import threading

import numpy as np
import pytest
import torch

import tfcompat as tf

Pair = collections.namedtuple("Pair", ["first", "second"])


@pytest.fixture
def graph():
    with tf.Graph().as_default() as g:
        yield g


def test_fetch_structures(graph: tf.Graph) -> None:
    a, b = tf.constant(1.0, name="a"), tf.constant([2, 3], name="b")
    op = tf.no_op(name="nothing")
    slices = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([4]))
    sparse = tf.SparseTensor([[0, 1]], [5.0], [2, 2])
    with tf.Session() as sess:
        for _ in range(3):  # reference executor, then generated source
            assert sess.run(a) == 1.0 and isinstance(sess.run(a), np.float32)
            assert sess.run(op) is None
            assert sess.run("a:0") == 1.0
            out = sess.run({"x": [a, (b, op)], "y": Pair(a, b)})
            assert out["x"][0] == 1.0 and out["x"][1][0].tolist() == [2, 3] and out["x"][1][1] is None
            assert isinstance(out["y"], Pair) and out["y"].second.tolist() == [2, 3]
            assert sess.run([]) == [] and sess.run(()) == ()
            ordered = sess.run(collections.OrderedDict([("q", a), ("p", b)]))
            assert list(ordered) == ["q", "p"]
            got = sess.run(slices)
            assert got.values.tolist() == [[1.0]] and got.indices.tolist() == [4] and got.dense_shape is None
            got = sess.run(sparse)
            assert got.indices.tolist() == [[0, 1]] and got.values.tolist() == [5.0]


def test_any_tensor_can_be_fed(graph: tf.Graph) -> None:
    x = tf.constant(2.0)
    y = x * 3.0
    z = y + 1.0
    with tf.Session() as sess:
        assert sess.run(z) == 7.0
        assert sess.run(z, {x: 10.0}) == 31.0
        assert sess.run(z, {y: 10}) == 11.0
        assert sess.run([y, z], {y: 10}) == [10.0, 11.0]
        assert sess.run(z, {"mul:0": 4.0}) == 5.0
        assert sess.run(z, {y: torch.tensor(5.0)}) == 6.0


@pytest.mark.parametrize("make", [list, tuple, np.array, lambda v: np.array(v)[::-1][::-1], lambda v: np.array(v, np.int64)])
def test_feeds_are_converted(graph: tf.Graph, make) -> None:
    x = tf.placeholder(tf.float32, [None])
    with tf.Session() as sess:
        for n in (3, 1, 5):
            value = list(range(n))
            assert sess.run(x * 2.0, {x: make(value)}).tolist() == [2.0 * v for v in value]


def test_fetched_arrays_are_the_callers_own(graph: tf.Graph) -> None:
    v = tf.Variable([1.0, 2.0])
    c = tf.constant([3.0, 4.0])
    x = tf.placeholder(tf.float32, [2])
    same = tf.identity(x)
    reshaped = tf.reshape(v, [2, 1])
    feed = np.array([5.0, 6.0], np.float32)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for _ in range(3):
            got = sess.run([v, c, same, reshaped], {x: feed})
            for array in got:
                array += 100.0
        assert sess.run(v).tolist() == [1.0, 2.0] and sess.run(c).tolist() == [3.0, 4.0]
        assert feed.tolist() == [5.0, 6.0]


def test_more_shapes_than_plans_are_kept(graph: tf.Graph) -> None:
    x = tf.placeholder(tf.float32, [None, None])
    y = tf.reduce_sum(x, axis=0) + tf.cast(tf.shape(x)[0], tf.float32)
    with tf.Session() as sess:
        for n in list(range(1, 40)) * 2:
            got = sess.run(y, {x: np.ones((n, n % 3 + 1), np.float32)})
            assert got.tolist() == [2.0 * n] * (n % 3 + 1)


def test_threads_share_a_session(graph: tf.Graph) -> None:
    x = tf.placeholder(tf.float32, [None])
    y = tf.reduce_sum(tf.square(x))
    errors = []
    with tf.Session() as sess:

        def work(seed: int) -> None:
            rng = np.random.RandomState(seed)
            for _ in range(60):
                value = rng.randint(0, 9, rng.randint(1, 8)).astype(np.float32)
                if sess.run(y, {x: value}) != (value**2).sum():
                    errors.append(value)

        threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert not errors


def test_partial_run(graph: tf.Graph) -> None:
    a, b, c = (tf.placeholder(tf.float32, []) for _ in range(3))
    first = a + b
    second = first * c
    with tf.Session() as sess:
        handle = sess.partial_run_setup([first, second], [a, b, c])
        assert sess.partial_run(handle, first, {a: 1.0, b: 2.0}) == 3.0
        assert sess.partial_run(handle, second, {c: 10.0}) == 30.0
        with pytest.raises(tf.errors.InvalidArgumentError, match="already been fed"):
            sess.partial_run(handle, second, {c: 1.0})


def test_make_callable(graph: tf.Graph) -> None:
    x = tf.placeholder(tf.float32, [])
    with tf.Session() as sess:
        call = sess.make_callable([x * 2.0, {"s": x + 1.0}], feed_list=[x])
        for n in range(4):
            assert call(float(n)) == [2.0 * n, {"s": n + 1.0}]


def test_run_metadata_names_the_nodes(graph: tf.Graph) -> None:
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.tanh(x, name="squashed")
    metadata = tf.RunMetadata()
    with tf.Session() as sess:
        sess.run(y, {x: [1.0, 2.0]}, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), metadata)
    names = [n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats]
    assert "squashed" in names


def test_errors_name_the_users_line(graph: tf.Graph) -> None:
    x = tf.placeholder(tf.float32, [None, None], name="x")
    y = tf.matmul(x, x, name="product")
    with tf.Session() as sess:
        for _ in range(3):
            with pytest.raises(tf.errors.InvalidArgumentError) as caught:
                sess.run(y, {x: np.ones((2, 3), np.float32)})
            text = str(caught.value)
            assert "Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]" in text
            assert "product" in text and "test_session.py" in text and caught.value.op is y.op


def test_a_session_sees_nodes_added_later(graph: tf.Graph) -> None:
    x = tf.constant(1.0)
    with tf.Session() as sess:
        assert sess.run(x) == 1.0
        assert sess.run(x + 1.0) == 2.0
        late = tf.constant(5.0)
        y = tf.identity(x)
        y.op._add_control_input(late.op)
        assert sess.run(y) == 1.0
