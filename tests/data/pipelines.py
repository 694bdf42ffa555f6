"""Pipelines whose elements real TensorFlow 1.15 gave: `python record.py > pipelines_tf115.json` with its interpreter.

A pipeline is a function of `tf`; it is read twice to its end, errors included.
"""

from __future__ import annotations

import numpy as np

CASES = {}


def _bad():
    yield 1
    yield "x"
    yield 2


CASES["s1"] = lambda tf: tf.data.Dataset.range(10).shuffle(4, seed=3)
CASES["s2"] = lambda tf: tf.data.Dataset.range(10).shuffle(4, seed=3).repeat(2)
CASES["s3"] = lambda tf: tf.data.Dataset.range(10).shuffle(20).repeat(3)
CASES["s4"] = lambda tf: tf.data.Dataset.range(5).shuffle(3, seed=3, reshuffle_each_iteration=False).repeat(3)
CASES["s5"] = lambda tf: tf.data.Dataset.range(5).shuffle(3, seed=3).map(lambda x: x).repeat(3)
CASES["s6"] = lambda tf: tf.data.Dataset.range(3).interleave(
    lambda x: tf.data.Dataset.range(4).shuffle(4, seed=1), cycle_length=2, block_length=2
)
CASES["s7"] = lambda tf: (
    tf.data.Dataset.range(3).flat_map(lambda x: tf.data.Dataset.range(4).shuffle(4, seed=1)).repeat(2)
)
CASES["s8"] = lambda tf: tf.data.Dataset.range(5).shuffle(2, seed=1).repeat().take(13)
CASES["s9"] = lambda tf: tf.data.Dataset.range(3).shuffle(10, seed=1).shuffle(2).repeat(5)
CASES["r1"] = lambda tf: tf.data.Dataset.range(5).map(lambda x: tf.random_uniform([])).repeat(2)
CASES["r2"] = lambda tf: tf.data.Dataset.range(5).map(lambda x: tf.random_uniform([], seed=4) + tf.cast(x, tf.float32))
CASES["r3"] = lambda tf: (
    tf.data.Dataset.range(5)
    .map(lambda x: (x, tf.random_uniform([2], maxval=10, dtype=tf.int32)))
    .filter(lambda x, y: tf.random_uniform([]) > 0.4)
)
CASES["e1"] = lambda tf: tf.data.Dataset.from_tensor_slices([1.0, 0.0, 2.0]).map(
    lambda x: tf.check_numerics(1 / x, "bad")
)
CASES["e2"] = lambda tf: (
    tf.data.Dataset.from_tensor_slices([1.0, 0.0, 2.0, 3.0]).map(lambda x: tf.check_numerics(1 / x, "bad")).batch(2)
)
CASES["e3"] = lambda tf: tf.data.Dataset.range(3).map(lambda x: tf.fill([x], x)).batch(2)
CASES["e4"] = lambda tf: tf.data.Dataset.range(3).map(lambda x: tf.fill([x], x)).padded_batch(2, [1])
CASES["e5"] = lambda tf: tf.data.Dataset.range(3).batch(0)
CASES["e6"] = lambda tf: tf.data.Dataset.range(3).shuffle(0)
CASES["e7"] = lambda tf: tf.data.Dataset.range(3).shard(2, 2)
CASES["e8"] = lambda tf: tf.data.Dataset.range(3).window(0)
CASES["g1"] = lambda tf: tf.data.Dataset.from_generator(_bad, tf.int32)
CASES["g2"] = lambda tf: tf.data.Dataset.from_generator(lambda n: iter(range(n)), tf.int64, [], args=(3,)).repeat(2)
CASES["g3"] = lambda tf: tf.data.Dataset.from_generator(lambda: iter([b"a", "b"]), tf.string, [])
CASES["c1"] = lambda tf: tf.data.Dataset.range(4).cache().repeat(2)
CASES["c2"] = lambda tf: tf.data.Dataset.range(4).shuffle(4, seed=5).cache().repeat(2)
CASES["w1"] = lambda tf: tf.data.Dataset.range(7).window(3, 2, 2).flat_map(lambda w: w.batch(3))
CASES["w2"] = lambda tf: tf.data.Dataset.range(7).window(2, 5, drop_remainder=True).flat_map(lambda w: w.batch(3))
CASES["w3"] = lambda tf: (
    tf.data.Dataset.zip((tf.data.Dataset.range(4), tf.data.Dataset.range(4)))
    .window(2)
    .flat_map(lambda a, b: tf.data.Dataset.zip((a, b)))
)
CASES["i1"] = lambda tf: tf.data.Dataset.range(5).interleave(
    lambda x: tf.data.Dataset.from_tensors(x).repeat(x), cycle_length=3, block_length=2
)
CASES["i2"] = lambda tf: tf.data.Dataset.range(5).interleave(
    lambda x: tf.data.Dataset.from_tensors(x).repeat(x), cycle_length=3, block_length=2, num_parallel_calls=2
)
CASES["p1"] = lambda tf: (
    tf.data.Dataset.range(5)
    .map(lambda x: (tf.fill([x], x), x))
    .padded_batch(2, ([-1], []), (np.int64(9), np.int64(0)), drop_remainder=True)
)
CASES["sp"] = lambda tf: (
    tf.data.Dataset.from_tensors(tf.SparseTensor([[0, 1], [2, 0]], ["a", "b"], [3, 3])).repeat(2).batch(2)
)
CASES["sp2"] = lambda tf: tf.data.Dataset.from_sparse_tensor_slices(tf.SparseTensor([[0, 1], [2, 0]], [1, 2], [3, 3]))
CASES["rep"] = lambda tf: tf.data.Dataset.range(0).repeat()
CASES["bt"] = lambda tf: tf.data.Dataset.from_tensor_slices(np.arange(6).reshape(3, 2)).batch(2, drop_remainder=True)
CASES["nt"] = lambda tf: tf.data.Dataset.from_tensors({"b": 1, "a": (2, 3)}).map(lambda d: d["a"])
CASES["mp"] = lambda tf: tf.data.Dataset.range(3).map(lambda x: [x, x])
CASES["exp_sample"] = lambda tf: tf.data.experimental.sample_from_datasets(
    [tf.data.Dataset.range(4), tf.data.Dataset.range(10, 15)], [0.3, 0.7], seed=3
)
CASES["exp_sample2"] = lambda tf: tf.data.experimental.sample_from_datasets(
    [tf.data.Dataset.range(4), tf.data.Dataset.range(10, 15)]
)
CASES["exp_choose"] = lambda tf: tf.data.experimental.choose_from_datasets(
    [tf.data.Dataset.range(4), tf.data.Dataset.range(10, 15)],
    tf.data.Dataset.from_tensor_slices(np.int64([0, 1, 1, 0, 1, 0, 0, 0, 1])),
)
CASES["exp_window"] = lambda tf: (
    tf.data.Dataset.range(11)
    .apply(tf.data.experimental.group_by_window(lambda x: x % 3, lambda k, d: d.batch(2), 2))
    .repeat(1)
)
CASES["exp_reducer"] = lambda tf: (
    tf.data.Dataset.range(11)
    .apply(
        tf.data.experimental.group_by_reducer(
            lambda x: (5 - x) % 3, tf.data.experimental.Reducer(lambda k: np.int64(0), lambda s, x: s + x, lambda s: s)
        )
    )
    .repeat(1)
)
CASES["exp_bucket"] = lambda tf: (
    tf.data.Dataset.range(9)
    .map(lambda x: tf.fill([x], x))
    .apply(tf.data.experimental.bucket_by_sequence_length(lambda x: tf.shape(x)[0], [2, 5], [2, 2, 2]))
    .repeat(1)
)
CASES["exp_scan"] = lambda tf: (
    tf.data.Dataset.range(5).apply(tf.data.experimental.scan(np.int64(0), lambda s, x: (s + x, (s, x)))).repeat(1)
)
CASES["exp_while"] = lambda tf: (
    tf.data.Dataset.range(5).apply(tf.data.experimental.take_while(lambda x: x < 3)).repeat(2)
)
CASES["exp_ignore"] = lambda tf: (
    tf.data.Dataset.from_tensor_slices([1.0, 0.0, 2.0])
    .map(lambda x: tf.check_numerics(1 / x, "bad"))
    .apply(tf.data.experimental.ignore_errors())
    .repeat(1)
)
CASES["exp_unique"] = lambda tf: (
    tf.data.Dataset.from_tensor_slices([1, 2, 1, 3, 2]).apply(tf.data.experimental.unique()).repeat(1)
)
CASES["exp_shuffle"] = lambda tf: (
    tf.data.Dataset.range(5).apply(tf.data.experimental.shuffle_and_repeat(3, 3, seed=2)).repeat(1)
)
CASES["exp_counter"] = lambda tf: tf.data.experimental.Counter(3, 2).take(4)
CASES["exp_dense"] = lambda tf: (
    tf.data.Dataset.range(4)
    .map(lambda x: tf.fill([x], x))
    .apply(tf.data.experimental.dense_to_sparse_batch(3, [4]))
    .repeat(1)
)
CASES["exp_parallel"] = lambda tf: (
    tf.data.Dataset.range(4)
    .apply(tf.data.experimental.parallel_interleave(lambda x: tf.data.Dataset.from_tensors(x).repeat(x), 2, 2))
    .repeat(1)
)
CASES["exp_map_batch"] = lambda tf: (
    tf.data.Dataset.range(5).apply(tf.data.experimental.map_and_batch(lambda x: (x, x * 2), 2)).repeat(1)
)
CASES["exp_random"] = lambda tf: tf.data.experimental.RandomDataset(4).take(5)
CASES["exp_unbatch"] = lambda tf: tf.data.Dataset.range(4).batch(3).apply(tf.data.experimental.unbatch())
CASES["exp_resample"] = lambda tf: tf.data.Dataset.range(40).apply(
    tf.data.experimental.rejection_resample(lambda x: tf.cast(x % 2, tf.int32), [0.9, 0.1], [0.5, 0.5], seed=1)
)
CASES["list_files"] = lambda tf: tf.data.Dataset.list_files("/nowhere/*")
CASES["lines"] = lambda tf: tf.data.TextLineDataset("/nowhere/a")
CASES["opts"] = lambda tf: (
    tf.data.Dataset.range(10).shuffle(4, seed=3).repeat(2).prefetch(2).map(lambda x: x, num_parallel_calls=2)
)


def plain(x):
    """A fetched element as JSON has it."""
    if isinstance(x, dict):
        return {k: plain(x[k]) for k in sorted(x)}
    if isinstance(x, (list, tuple)):
        return [plain(i) for i in x]
    if isinstance(x, np.ndarray):
        return {"dtype": str(x.dtype), "values": plain(x.tolist())}
    if isinstance(x, np.generic):
        return plain(x.item())
    return x.decode() if isinstance(x, bytes) else x


def walks(tf, name, most=60):
    """The elements of two walks through a pipeline."""
    found = []
    with tf.Graph().as_default():
        tf.set_random_seed(7)
        dataset = CASES[name](tf)
        iterator = tf.data.make_initializable_iterator(dataset)
        element = iterator.get_next()
        with tf.Session() as session:
            for _ in range(2):
                walk = []
                try:
                    session.run(iterator.initializer)
                    for _ in range(most):
                        try:
                            walk.append(plain(session.run(element)))
                        except tf.errors.OutOfRangeError:
                            walk.append("END")
                            break
                        except tf.errors.OpError as e:
                            walk.append(type(e).__name__)
                except tf.errors.OpError as e:
                    walk.append("init: " + type(e).__name__)
                found.append(walk)
    return found
