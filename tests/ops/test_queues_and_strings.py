"""Queues, readers, parsing, tables and strings: values and messages recorded from TF 1.15."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest

import tfcompat as tf

PAIRS = [["a", "b"], ["c", "d"]]

STRINGS: list[tuple[Any, Any]] = [
    (lambda: tf.string_split(["hello world", "a  b c", ""]).values, [b"hello", b"world", b"a", b"b", b"c"]),
    (lambda: tf.string_split(["a,b;c,,"], ",;", skip_empty=False).values, [b"a", b"b", b"c", b"", b""]),
    (lambda: tf.strings.split(["1<>2<><>3"], "<>").values, [b"1", b"2", b"", b"3"]),
    (lambda: tf.strings.split(["a b c d "], None, 2).values, [b"a", b"b", b"c d "]),
    (lambda: tf.substr(["hello", "world"], [1, -2], [2, 5]), [b"el", b"ld"]),
    (lambda: tf.strings.substr(["hé!".encode()], 1, 1, unit="UTF8_CHAR"), ["é".encode()]),
    (lambda: tf.strings.length(["hé".encode()], unit="UTF8_CHAR"), [2]),
    (lambda: tf.regex_replace(["baac"], "a*", "-"), [b"-b-c-"]),
    (lambda: tf.regex_replace(["abc"], "(a)(b)", r"\2\1<\0>"), [b"ba<ab>c"]),
    (lambda: tf.strings.regex_full_match(["abc", "abcd", "ab\n"], "ab.?"), [True, False, False]),
    (lambda: tf.reduce_join(PAIRS, [0, 1], separator="."), b"a.c.b.d"),
    (lambda: tf.reduce_join(PAIRS), b"abcd"),
    (lambda: tf.encode_base64(["a?>~", "b"]), [b"YT8-fg", b"Yg"]),
    (lambda: tf.string_to_hash_bucket(["", "a", "hello wor", "x" * 40], 1000003), [598820, 789371, 409985, 862193]),
    (
        lambda: tf.string_to_hash_bucket_strong(["", "a", "hello wor", "x" * 40], 1000003, [17, 2**63 - 1]),
        [910213, 101356, 880312, 729810],
    ),
    (lambda: tf.as_string([7, 8], width=5, fill="0"), [b"00007", b"00008"]),
    (lambda: tf.as_string([1 + 2j]), [b"(1.000000,2.000000)"]),
    (lambda: tf.string_to_number([" 1.5 ", "-2e3", "inf"]), np.float32([1.5, -2000, np.inf])),
    (lambda: tf.decode_raw(b"\1\2\3\4", tf.int16, little_endian=False), [258, 772]),
    (lambda: tf.decode_csv(['1,"a ""q"" b",2.5'], [[0], ["d"], [9.0]])[1], [b'a "q" b']),
    (lambda: tf.strings.unicode_transcode(["é".encode()], "UTF-8", "UTF-16-BE"), ["é".encode("utf-16-be")]),
    (lambda: tf.parse_tensor(tf.serialize_tensor([[1.0, 2.0]]), tf.float32), np.float32([[1, 2]])),
]


@pytest.mark.parametrize("case", range(len(STRINGS)))
def test_values(case: int) -> None:
    build, expected = STRINGS[case]
    with tf.Graph().as_default(), tf.Session() as session:
        found = session.run(build())
    np.testing.assert_array_equal(found, np.array(expected, object) if np.asarray(found).dtype == object else expected)


def test_shuffle_queue_gives_tensorflows_order() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(3)
        queue = tf.RandomShuffleQueue(20, 0, tf.int32, shapes=[[]], seed=5)
        session.run(queue.enqueue_many([list(range(10))]))
        assert session.run(queue.dequeue_many(4)).tolist() == [1, 9, 4, 2]
        session.run(queue.close())
        assert session.run(queue.dequeue_up_to(9)).tolist() == [6, 0, 8, 7, 5, 3]
        with pytest.raises(tf.errors.OutOfRangeError, match=r"is closed and has insufficient elements \(requested 1, "):
            session.run(queue.dequeue())
        with pytest.raises(tf.errors.CancelledError, match="is closed"):
            session.run(queue.enqueue(1))


def test_closing_the_session_wakes_who_waits() -> None:
    with tf.Graph().as_default():
        waiting = tf.FIFOQueue(2, tf.int32, [[]]).dequeue()
        session = tf.Session()
    raised: list[Exception] = []

    def run() -> None:
        try:
            session.run(waiting)
        except tf.errors.OpError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.1)
    session.close()
    thread.join(5)
    assert not thread.is_alive()
    assert "Dequeue operation was cancelled" in raised[0].message


def test_pipeline_reads_records_to_the_end(tmp_path: Any) -> None:
    path = str(tmp_path / "data.tfrecord")
    with tf.python_io.TFRecordWriter(path) as writer:
        for i in range(5):
            feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[i, i * i]))
            example = tf.train.Example(features=tf.train.Features(feature={"x": feature}))
            writer.write(example.SerializeToString())
    with tf.Graph().as_default(), tf.Session() as session:
        files = tf.train.string_input_producer([path], num_epochs=2)
        _, record = tf.TFRecordReader().read(files)
        x = tf.parse_single_example(record, {"x": tf.FixedLenFeature([2], tf.int64)})["x"]
        batch = tf.train.batch([x], 4, allow_smaller_final_batch=True)
        session.run(tf.local_variables_initializer())
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        rows: list[Any] = []
        with pytest.raises(tf.errors.OutOfRangeError):
            while True:
                rows += session.run(batch).tolist()
        coordinator.request_stop()
        coordinator.join(threads)
    assert rows == [[i, i * i] for i in range(5)] * 2


def test_tables() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        table = tf.contrib.lookup.index_table_from_tensor(["a", "b", "c"], num_oov_buckets=3)
        ids = table.lookup(tf.constant(["b", "zz", "q", "c"]))
        with pytest.raises(tf.errors.FailedPreconditionError, match="Table not initialized"):
            session.run(ids)
        session.run(tf.tables_initializer())
        assert session.run(ids).tolist() == [1, 4, 5, 2]
        counts = tf.contrib.lookup.MutableHashTable(tf.string, tf.int64, -1)
        session.run(counts.insert(["k"], [4]))
        assert session.run(counts.lookup(["k", "o"])).tolist() == [4, -1]
