"""Iterators, files and caches; what pipelines.py cannot say in one expression."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

import tfcompat as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as g:
        yield g


def drained(dataset, session=None) -> list:
    element = tf.data.make_one_shot_iterator(dataset).get_next()
    out = []
    with tf.Session() as s:
        while True:
            try:
                out.append(s.run(element))
            except tf.errors.OutOfRangeError as e:
                assert e.message.startswith("End of sequence")
                return out


def test_one_iterator_for_two_datasets() -> None:
    iterator = tf.data.Iterator.from_structure(tf.int64, [])
    element = iterator.get_next()
    first = iterator.make_initializer(tf.data.Dataset.range(2))
    second = iterator.make_initializer(tf.data.Dataset.range(5, 7))
    with tf.Session() as s:
        with pytest.raises(tf.errors.FailedPreconditionError, match="has not been initialized"):
            s.run(element)
        for start, want in ((first, [0, 1]), (second, [5, 6])):
            s.run(start)
            assert [s.run(element) for _ in want] == want
    with pytest.raises(TypeError, match="Expected output types"):
        iterator.make_initializer(tf.data.Dataset.from_tensors(1.0))


def test_feedable_iterator() -> None:
    handle = tf.placeholder(tf.string, [])
    element = tf.data.Iterator.from_string_handle(handle, tf.int64, []).get_next()
    a = tf.data.Dataset.range(3).make_one_shot_iterator()
    b = tf.data.Dataset.range(10, 13).make_initializable_iterator()
    floats = tf.data.Dataset.from_tensors(1.0).make_one_shot_iterator()
    with tf.Session() as s:
        ha, hb, hf = s.run([a.string_handle(), b.string_handle(), floats.string_handle()])
        s.run(b.initializer)
        found = [s.run(element, {handle: h}) for h in (ha, hb, ha, hb)]
        with pytest.raises(tf.errors.InvalidArgumentError, match="Data type mismatch at component 0"):
            s.run(element, {handle: hf})
    assert found == [0, 10, 1, 11]


def test_sessions_walk_apart() -> None:
    element = tf.data.Dataset.range(3).make_one_shot_iterator().get_next()
    with tf.Session() as s, tf.Session() as other:
        assert (s.run(element), s.run(element), other.run(element)) == (0, 1, 0)


def test_fed_tensors_become_a_dataset() -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    iterator = tf.data.Dataset.from_tensor_slices(x).batch(2).make_initializable_iterator()
    element = iterator.get_next()
    assert element.shape.as_list() == [None, 2]
    with tf.Session() as s:
        s.run(iterator.initializer, {x: np.arange(6.0).reshape(3, 2)})
        assert [s.run(element).tolist() for _ in range(2)] == [[[0, 1], [2, 3]], [[4, 5]]]


@pytest.mark.parametrize("placeholder, message", [(True, "Cannot capture a placeholder"), (False, "stateful node")])
def test_one_shot_iterators_copy_constants_only(placeholder: bool, message: str) -> None:
    x = tf.placeholder(tf.int64, []) if placeholder else tf.Variable(1, dtype=tf.int64)
    with pytest.raises(ValueError, match=message):
        tf.data.Dataset.range(2).map(lambda v: v + x).make_one_shot_iterator()


def test_resource_variables_are_read_anew() -> None:
    v = tf.get_variable("v", initializer=np.int64(3), use_resource=True)
    iterator = tf.data.Dataset.range(3).map(lambda x: x + v).make_initializable_iterator()
    element = iterator.get_next()
    with tf.Session() as s:
        s.run(tf.global_variables_initializer())
        s.run(iterator.initializer)
        assert s.run(element) == 3
        s.run(v.assign(10))
        assert s.run(element) == 11


def test_functions_with_effects_run_them() -> None:
    seen: list[int] = []

    def note(x):
        tf.py_func(lambda v: seen.append(int(v)), [x], [])
        return x

    assert drained(tf.data.Dataset.range(3).map(note)) == [0, 1, 2]
    assert seen == [0, 1, 2]


def test_records_and_lines(tmp_path: Path) -> None:
    records, text, fixed = (str(tmp_path / n) for n in ("a.tfrecord", "a.txt", "a.bin"))
    with tf.python_io.TFRecordWriter(records) as w:
        for r in (b"one", b"two"):
            w.write(r)
    Path(text).write_bytes(b"a\r\nb\n\nc")
    Path(fixed).write_bytes(b"HHabcdefF")
    assert drained(tf.data.TFRecordDataset([records, records])) == [b"one", b"two"] * 2
    assert drained(tf.data.TextLineDataset(text)) == [b"a", b"b", b"", b"c"]
    assert drained(tf.data.FixedLengthRecordDataset(fixed, 3, 2, 1)) == [b"abc", b"def"]
    assert drained(tf.data.TFRecordDataset([records, records], num_parallel_reads=2)) == [b"one"] * 2 + [b"two"] * 2
    names = drained(tf.data.Dataset.list_files(str(tmp_path / "a.*"), shuffle=False))
    assert [Path(n.decode()).name for n in names] == ["a.bin", "a.tfrecord", "a.txt"]
    with pytest.raises(tf.errors.InvalidArgumentError, match="not an exact multiple of the record length"):
        drained(tf.data.FixedLengthRecordDataset(fixed, 4))


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('x,y,name\n1,2.5,"a ""b"""\n2,,c\n')
    rows = tf.data.experimental.CsvDataset([str(path)], [tf.int32, tf.constant([9.0]), tf.string], header=True)
    assert drained(rows) == [(1, 2.5, b'a "b"'), (2, 9.0, b"c")]
    batches = tf.data.experimental.make_csv_dataset(str(path), 2, label_name="name", num_epochs=1, shuffle=False)
    ((features, label),) = drained(batches)
    assert {k: v.tolist() for k, v in features.items()} == {"x": [1, 2], "y": [2.5, 0.0]}
    assert label.tolist() == [b'a "b"', b"c"]


def test_cache_in_a_file(tmp_path: Path) -> None:
    calls: list[int] = []

    def count(x):
        return tf.py_func(lambda v: (calls.append(1), v)[1], [x], tf.int64)

    dataset = tf.data.Dataset.range(3).map(count).cache(str(tmp_path / "cache")).repeat(2)
    assert drained(dataset) == [0, 1, 2] * 2
    assert drained(dataset) == [0, 1, 2] * 2
    assert len(calls) == 3


def test_prefetch_works_ahead_and_stops_with_the_session() -> None:
    made = threading.Semaphore(0)

    def generate():
        for i in range(1000):
            made.release()
            yield i

    element = tf.data.Dataset.from_generator(generate, tf.int64, []).prefetch(3).make_one_shot_iterator().get_next()
    with tf.Session() as s:
        assert s.run(element) == 0
        for _ in range(4):  # the first and what fits into the buffer
            assert made.acquire(timeout=10)
    deadline = time.monotonic() + 10
    while any(t.name == "tf_data_ahead" for t in threading.enumerate()) and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert not any(t.name == "tf_data_ahead" for t in threading.enumerate())


def test_optionals() -> None:
    iterator = tf.data.Dataset.range(1).make_one_shot_iterator()
    following = tf.data.experimental.get_next_as_optional(iterator)
    has, value = following.has_value(), following.get_value()
    with tf.Session() as s:
        assert s.run([has, value]) == [True, 0]
        assert not s.run(has)
        with pytest.raises(tf.errors.InvalidArgumentError, match="does not have a value"):
            s.run(value)


def test_structures_and_their_words() -> None:
    dataset = tf.data.Dataset.from_tensor_slices({"b": [1, 2], "a": ([1.0, 2.0], ["x", "y"])}).batch(2)
    assert repr(dataset) == (
        "<DatasetV1Adapter shapes: {b: (?,), a: ((?,), (?,))}, types: {b: tf.int32, a: (tf.float32, tf.string)}>"
    )
    assert dataset.element_spec["b"] == tf.TensorSpec([None], tf.int32)
    with pytest.raises(TypeError, match="Nested structures do not support Python lists"):
        tf.data.Dataset.zip([dataset, dataset])
    with pytest.raises(TypeError, match="Unsupported return value"):
        dataset.map(lambda d: None)
    with pytest.raises(TypeError, match="must return a `Dataset` object"):
        dataset.flat_map(lambda d: 1)
