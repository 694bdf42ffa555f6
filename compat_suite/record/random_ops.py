"""Record what TensorFlow 1.15's random kernels draw, for tests/ops/test_philox.py.

Run with an interpreter that has TensorFlow 1.15 (TFCOMPAT_ORACLE_TF1):

    $TFCOMPAT_ORACLE_TF1 compat_suite/record/random_ops.py tests/ops/data/philox_tf115.npz

The file holds one list of cases as JSON (op, arguments, and per execution the place of each output: type, offset,
shape), and one long array for each type. Cases named "hash" keep the SHA-256 of all bytes and 16 values; "thin" ones
keep every 61st value of a large draw. (Not called random.py: the folder is on the path of its neighbours, where that
name would hide the standard library's.)
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import collections
import hashlib
import json
import pickle
import subprocess
import sys
import tempfile
import zlib

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.framework import random_seed

raw = tf.raw_ops
SEEDS = [(1, 0), (0, 5), (87654321, 42), (-1, -7), (2**40 + 3, 2**35 + 1), (-(2**63), 2**63 - 1), (123, 2147483646)]
FLOATS = ["float16", "bfloat16", "float32", "float64"]
SHAPES = [(), (0,), (1,), (3,), (4,), (7,), (2, 3), (257,), (3, 0, 2)]

cases: list = []


def plain(value):
    """An array as numpy can store it: bfloat16 travels as float32, which holds it exactly."""
    value = np.asarray(value)
    return value.astype(np.float32) if value.dtype.name == "bfloat16" else value


def keep(op, args, runs, how="full", **extra):
    """Add one case: `runs` is a list (one per execution) of lists of arrays."""
    entry = dict(op=op, args=args, how=how, runs=[], **extra)
    if how == "hash":
        entry["sha256"] = [[hashlib.sha256(plain(x).tobytes()).hexdigest() for x in run] for run in runs]
    shorten = dict(full=lambda x: x, thin=lambda x: x.reshape(-1)[::61], hash=lambda x: x.reshape(-1)[:16])[how]
    entry["runs"] = [[shorten(plain(x)) for x in run] for run in runs]
    cases.append(entry)


class Batch:
    """Many ops in one graph, executed `runs` times in one session with a given number of threads."""

    def __init__(self, runs=3, threads=1):
        self.runs, self.threads, self.items = runs, threads, []
        self.graph = tf.Graph()

    def add(self, op, args, make, how="full", **extra):
        with self.graph.as_default():
            out = make()
        out = list(out) if isinstance(out, (tuple, list)) else [out]
        self.items.append((op, args, out, how, extra))

    def record(self):
        config = tf.ConfigProto(intra_op_parallelism_threads=self.threads, inter_op_parallelism_threads=1)
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        with tf.Session(graph=self.graph, config=config) as session:
            with self.graph.as_default():
                session.run(tf.global_variables_initializer())
            got = [session.run([item[2] for item in self.items]) for _ in range(self.runs)]
        for i, (op, args, _, how, extra) in enumerate(self.items):
            keep(op, args, [run[i] for run in got], how, threads=self.threads, **extra)


def seeded_floats():
    batch = Batch()
    for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal"):
        fn = getattr(raw, op)

        def add(dtype, shape, seeds, how="full"):
            batch.add(
                op,
                dict(dtype=dtype, shape=list(shape), seed=seeds[0], seed2=seeds[1]),
                lambda: fn(shape=np.array(shape, np.int32), dtype=dtype, seed=seeds[0], seed2=seeds[1]),
                how,
            )

        for dtype in FLOATS:
            for shape in SHAPES:
                add(dtype, shape, (87654321, 42))
            for seeds in SEEDS:
                add(dtype, (11,), seeds)
            add(dtype, (10003,), (7, 8), "hash" if op == "RandomUniform" else "thin")
    batch.record()


def seeded_ints():
    batch = Batch()
    ranges = {
        "int32": [(0, 10), (-5, 7), (0, 2**31 - 1), (-(2**31), 2**31 - 1), (0, 1), (3, 2**30 + 4), (-3, 13)],
        "int64": [(0, 10), (-5, 7), (0, 2**33), (-(2**63), 2**63 - 1), (0, 2**62 + 12345), (0, 1)]
        + [(-(2**62) - 5, 2**62 + 77), (0, 2**63 - 1), (5, 2**31 + 9)],
    }
    for dtype, pairs in ranges.items():
        todo = [(lo, hi, (9,), SEEDS[2], "full") for lo, hi in pairs]
        todo += [(-5, 7, shape, SEEDS[2], "full") for shape in SHAPES]
        todo += [(-5, 700, (5,), seeds, "full") for seeds in SEEDS]
        todo += [(lo, hi, (10003,), (7, 8), "hash") for lo, hi in pairs[:5]]
        for lo, hi, shape, seeds, how in todo:
            batch.add(
                "RandomUniformInt",
                dict(dtype=dtype, shape=list(shape), minval=lo, maxval=hi, seed=seeds[0], seed2=seeds[1]),
                lambda: raw.RandomUniformInt(
                    shape=np.array(shape, np.int32),
                    minval=np.array(lo, dtype),
                    maxval=np.array(hi, dtype),
                    seed=seeds[0],
                    seed2=seeds[1],
                ),
                how,
            )
    batch.record()


def stateless():
    batch = Batch(runs=1)
    seeds = [((0, 0), "int32"), ((1, 2), "int32"), ((-3, 7), "int32"), ((2**45, -(2**62)), "int64"), ((5, -1), "int64")]
    for pair, kind in seeds:
        seed = np.array(pair, kind)
        for op in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"):
            for dtype in FLOATS:
                for shape in [(0,), (7,), (3, 5)]:
                    batch.add(
                        op,
                        dict(dtype=dtype, shape=list(shape), seed=list(pair), seed_dtype=kind),
                        lambda: getattr(raw, op)(shape=np.array(shape, np.int32), seed=seed, dtype=dtype),
                    )
        for dtype, lo, hi in [("int32", -4, 9), ("int64", -(2**40), 2**41), ("int32", -(2**31), 2**31 - 1)]:
            batch.add(
                "StatelessRandomUniformInt",
                dict(dtype=dtype, shape=[9], minval=lo, maxval=hi, seed=list(pair), seed_dtype=kind),
                lambda: raw.StatelessRandomUniformInt(
                    shape=np.array([9], np.int32), seed=seed, minval=np.array(lo, dtype), maxval=np.array(hi, dtype)
                ),
            )
        logits = np.array([[0.0, 1.0, 2.0], [5.0, -np.inf, 0.1]], np.float32)
        batch.add(
            "StatelessMultinomial",
            dict(num_samples=9, seed=list(pair), seed_dtype=kind, output_dtype="int64", logits=logits.tolist()),
            lambda: raw.StatelessMultinomial(logits=logits, num_samples=9, seed=seed, output_dtype=tf.int64),
        )
    batch.record()


def shuffles():
    batch = Batch()
    for shape in [(0,), (1,), (2,), (3,), (10,), (1000,), (5, 3), (4, 0), (1, 7), (6, 2, 2)]:
        for seeds in [(1, 0), (-9, 2**40)]:
            value = np.arange(int(np.prod(shape)), dtype=np.int64).reshape(shape)
            batch.add(
                "RandomShuffle",
                dict(shape=list(shape), seed=seeds[0], seed2=seeds[1]),
                lambda: raw.RandomShuffle(value=value, seed=seeds[0], seed2=seeds[1]),
            )
    batch.record()


def multinomials(threads):
    batch = Batch(threads=threads)
    rng = np.random.RandomState(3)
    shapes = [(1, 1, 1), (1, 5, 8), (3, 4, 5), (2, 7, 4), (4, 3, 0), (0, 3, 2)] if threads == 1 else []
    shapes += [(64, 50, 33), (257, 40, 1), (900, 8, 6), (31, 400, 3)]
    for batch_size, classes, samples in shapes:
        for dtype in ("float16", "float32", "float64"):
            logits = np.round(rng.randn(batch_size, classes) * 4).astype(dtype) / 2
            if classes == 7:
                logits[0, 1:3] = [np.inf, -np.inf]
                logits[1, :] = -np.inf
            for out in ("int32", "int64") if batch_size < 10 else ("int32",):
                batch.add(
                    "Multinomial",
                    dict(
                        num_samples=samples,
                        dtype=dtype,
                        output_dtype=out,
                        shape=list(logits.shape),
                        halves=[int(v) if np.isfinite(v) else repr(float(v)) for v in (logits * 2).ravel()],
                        seed=11,
                        seed2=-4,
                    ),
                    lambda: raw.Multinomial(logits=logits, num_samples=samples, seed=11, seed2=-4, output_dtype=out),
                    "thin" if batch_size > 10 else "full",
                )
    batch.record()


def gammas_and_poissons():
    batch = Batch()
    alphas = [0.01, 0.3, 0.999, 1.0, 1.5, 4.0, 1000.0]
    for dtype in ("float16", "float32", "float64"):
        for shape, how in [((), "full"), ((3,), "full"), ((2, 2), "full"), ((0,), "full"), ((500,), "thin")]:
            batch.add(
                "RandomGamma",
                dict(dtype=dtype, shape=list(shape), alpha=alphas, seed=3, seed2=4),
                lambda: raw.RandomGamma(
                    shape=np.array(shape, np.int32), alpha=np.array(alphas, dtype), seed=3, seed2=4
                ),
                how,
            )
    rates = [0.0, 0.2, 3.0, 9.99, 10.0, 30.5, 1e4, -1.0]
    whole = [0, 3, 9, 10, 40, 60000]
    for rtype in ("float16", "float32", "float64", "int32", "int64"):
        values = whole if rtype.startswith("int") else rates
        for out in ("float16", "float32", "float64", "int32", "int64"):
            for shape, how in [((4,), "full"), ((0,), "full"), ((400,), "thin")]:
                batch.add(
                    "RandomPoissonV2",
                    dict(rate_dtype=rtype, dtype=out, shape=list(shape), rate=values, seed=3, seed2=4),
                    lambda: raw.RandomPoissonV2(
                        shape=np.array(shape, np.int32), rate=np.array(values, rtype), seed=3, seed2=4, dtype=out
                    ),
                    how,
                )
    batch.record()


def parameterized(threads):
    batch = Batch(threads=threads)
    inf = float("inf")
    table = [  # mean, stddev, minval, maxval: each kind of proposal, flipped and not
        (0.0, 1.0, -2.0, 2.0),
        (1.0, 2.0, 0.5, 0.75),
        (0.0, 1.0, 3.0, 5.0),
        (0.0, 1.0, 3.0, inf),
        (0.0, 1.0, -inf, -2.0),
        (5.0, 0.5, -inf, 9.0),
        (-1.0, 3.0, -0.5, 40.0),
        (2.0, 1.0, -6.0, -3.0),
    ]
    for dtype in ("float16", "float32", "float64"):
        rows = table if threads == 1 else table[:3]
        for row in rows:
            for shape, how in [((250,), "full"), ((0,), "full"), ((7, 3), "full"), ((20000,), "thin")]:
                if (how == "thin" and row != table[0]) or (how == "full" and threads > 1):
                    continue
                batch.add(
                    "ParameterizedTruncatedNormal",
                    dict(dtype=dtype, shape=list(shape), params=[repr(x) for x in row], seed=5, seed2=6),
                    lambda: raw.ParameterizedTruncatedNormal(
                        shape=np.array(shape, np.int32),
                        means=np.array(row[0], dtype),
                        stdevs=np.array(row[1], dtype),
                        minvals=np.array(row[2], dtype),
                        maxvals=np.array(row[3], dtype),
                        seed=5,
                        seed2=6,
                    ),
                    how,
                )
        for width, how in [(9, "full"), (3000, "thin")]:
            cols = np.array(table, dtype).T
            batch.add(
                "ParameterizedTruncatedNormal",
                dict(
                    dtype=dtype,
                    shape=[len(table), width],
                    params=[[repr(float(x)) for x in c] for c in cols],
                    seed=5,
                    seed2=6,
                ),
                lambda: raw.ParameterizedTruncatedNormal(
                    shape=np.array([len(table), width], np.int32),
                    means=cols[0],
                    stdevs=cols[1],
                    minvals=cols[2],
                    maxvals=cols[3],
                    seed=5,
                    seed2=6,
                ),
                how,
            )
    batch.record()


def stateful(threads):
    batch = Batch(threads=threads)
    starts = [[1, 2, 3], [-1, 5, 9], [2**63 - 1, -1, -(2**60)], [-2, -1, 77]]

    def add(op, start, args, call, how="full"):
        def make():
            var = tf.Variable(np.array(start, np.int64), use_resource=True)
            out = call(var.handle)
            with tf.control_dependencies([out]):
                return [out if not isinstance(out, tf.Operation) else tf.constant(0), var.read_value()]

        batch.add(op, dict(args, state=start), make, how)

    def each(op, start, shape, args, how="full", **more):
        fn = getattr(raw, op)
        size = np.array(shape, np.int32)
        add(op, start, dict(args, shape=list(shape)), lambda h: fn(resource=h, algorithm=1, shape=size, **more), how)

    for start in starts if threads == 1 else []:
        for op in ("StatefulUniform", "StatefulStandardNormalV2", "StatefulTruncatedNormal"):
            for dtype in FLOATS:
                each(op, start, (21,), dict(dtype=dtype), dtype=dtype)
            each(op, start, (0,), dict(dtype="float32"), dtype="float32")
        for dtype in ("int32", "int64", "uint32", "uint64"):
            each("StatefulUniformFullInt", start, (13,), dict(dtype=dtype), dtype=dtype)
        for dtype in ("int32", "int64"):
            with batch.graph.as_default():  # a bare array of int32 would become the attr's default type, int64
                lo, hi = tf.constant(-9, dtype), tf.constant(2**31 - 1, dtype)
            args = dict(dtype=dtype, minval=-9, maxval=2**31 - 1)
            each("StatefulUniformInt", start, (13,), args, minval=lo, maxval=hi)
        for delta in (0, 5, 2**40, -3):
            add(
                "RngSkip",
                start,
                dict(delta=delta),
                lambda h: raw.RngSkip(resource=h, algorithm=1, delta=np.array(delta, np.int64)),
            )
    for kind in ("float16", "float32", "float64"):
        for count, prob in [(10.0, 0.3), (100.0, 0.5), (100.0, 0.8), (7.0, 0.9), (0.0, 0.5), (4.0, 1.0)]:
            for shape, how in [((9,), "full"), ((3000,), "thin")]:
                if threads > 1 and how == "full":
                    continue
                for dtype in ("int32", "float32", "float64", "int64", "float16") if how == "full" else ("int32",):
                    each(
                        "StatefulRandomBinomial",
                        starts[0],
                        shape,
                        dict(dtype=dtype, kind=kind, counts=count, probs=prob),
                        how,
                        counts=np.array(count, kind),
                        probs=np.array(prob, kind),
                        dtype=dtype,
                    )
        counts, probs = np.array([3.0, 50.0, 200.0], kind), np.array([0.25, 0.9, 0.5], kind)
        each(
            "StatefulRandomBinomial",
            starts[1],
            (3, 40),
            dict(dtype="int32", kind=kind, counts=counts.tolist(), probs=probs.tolist()),
            counts=counts,
            probs=probs,
            dtype="int32",
        )
    batch.record()


def candidates():
    batch = Batch()
    seeds = [(1, 0), (-3, 2**34)]
    true = np.array([[0, 3], [5, 5], [9, 1]], np.int64)
    simple = ["UniformCandidateSampler", "LogUniformCandidateSampler", "LearnedUnigramCandidateSampler"]
    simple.append("ThreadUnsafeUnigramCandidateSampler")
    for op in simple:
        for sampled, unique, range_max in [
            (4, True, 10),
            (10, True, 10),
            (9, False, 10),
            (16, True, 16),
            (40, True, 64),
        ] + [
            (30, False, 12345),
            (500, True, 1000),
        ]:
            for seed in seeds:
                args = dict(num_sampled=sampled, unique=unique, range_max=range_max, seed=seed[0], seed2=seed[1])
                batch.add(
                    op, dict(args, true=true.tolist()), lambda: getattr(raw, op)(true_classes=true, num_true=2, **args)
                )
    handle, path = tempfile.mkstemp()
    with os.fdopen(handle, "w") as f:
        f.write("a,1.5\nb,2\nc,,0.25\nd,4\n7\nf,3\ng,0.5\nh,1\n")
    for sampled, unique, distortion, reserved, shards, shard, source in [
        (3, True, 1.0, 0, 1, 0, "list"),
        (8, True, 0.75, 0, 1, 0, "list"),
        (20, False, 0.75, 2, 1, 0, "list"),
        (4, True, 0.0, 0, 2, 1, "list"),
        (9, False, 1.0, 1, 3, 0, "list"),
        (20, False, 0.5, 0, 1, 0, "file"),
        (4, True, 1.0, 1, 2, 1, "file"),
        (200, False, 0.75, 0, 1, 0, "long"),
        (60, True, 0.75, 0, 1, 0, "long"),
    ]:
        unigrams = {
            "list": [1.5, 2.0, 0.25, 4.0, 7.0, 3.0, 0.5, 1.0],
            "file": [],
            "long": [1000.0 / (i + 3) for i in range(123)],
        }[source]
        many = (len(unigrams) or 8) + reserved
        range_max = len([i for i in range(many) if i % shards == shard])
        if reserved and shards > 1:  # ids left out by the shard still count as numbers of words
            kept = len([i for i in range(reserved) if i % shards == shard])
            range_max = kept + len([i for i in range(kept, kept + (len(unigrams) or 8)) if i % shards == shard])
        true_ids = np.array([[1, 2], [0, 3]], np.int64)
        for seed in seeds:
            args = dict(
                num_sampled=sampled,
                unique=unique,
                range_max=range_max,
                distortion=distortion,
                num_reserved_ids=reserved,
                num_shards=shards,
                shard=shard,
                unigrams=unigrams,
                seed=seed[0],
                seed2=seed[1],
            )
            batch.add(
                "FixedUnigramCandidateSampler",
                dict(args, true=true_ids.tolist(), file=source == "file"),
                lambda: raw.FixedUnigramCandidateSampler(
                    true_classes=true_ids, num_true=2, vocab_file=path if source == "file" else "", **args
                ),
            )
    batch.add(
        "AllCandidateSampler",
        dict(num_sampled=10, unique=True, seed=1, seed2=2, true=true.tolist()),
        lambda: raw.AllCandidateSampler(true_classes=true, num_true=2, num_sampled=10, unique=True, seed=1, seed2=2),
    )
    sampled = np.array([5, 1, 5, 7, 0], np.int64)
    batch.add(
        "ComputeAccidentalHits",
        dict(true=true.tolist(), sampled=sampled.tolist()),
        lambda: raw.ComputeAccidentalHits(true_classes=true, sampled_candidates=sampled, num_true=2),
    )
    batch.record()
    os.remove(path)


def seeds():
    rows = []
    for graph_seed in (None, 0, 1, 42, -5, 2**31 - 1, 2**31, 2**70):
        for op_seed in (None, 0, 1, -1, 2**31 - 1, 2**40):
            for nodes in (0, 3):
                with tf.Graph().as_default() as graph:
                    tf.set_random_seed(graph_seed)
                    for _ in range(nodes):
                        tf.no_op()
                    rows.append([graph_seed, op_seed, graph._last_id, list(random_seed.get_seed(op_seed))])
    eager = []
    with context.eager_mode():
        for seed in (1, 87):
            tf.set_random_seed(seed)
            eager.append([seed, [list(random_seed.get_seed(op)) for op in (None, None, 4, None)]])
    keep("get_seed", dict(rows=rows, eager=eager), [[np.zeros(0)]])


def record(threads):
    """Everything that is recorded with a thread pool of this size.

    A process has one pool for all sessions, of the size that its first session asks for.
    """
    if threads == 1:
        seeded_floats()
        seeded_ints()
        stateless()
        shuffles()
        gammas_and_poissons()
        candidates()
        seeds()
    multinomials(threads)
    parameterized(threads)
    stateful(threads)


def pack(path):
    """Write the file: arrays of one type end to end, their places in the cases."""
    pieces = collections.defaultdict(list)

    def place(x):
        offset = sum(piece.size for piece in pieces[x.dtype.name])
        pieces[x.dtype.name].append(x.reshape(-1))
        return [x.dtype.name, offset, list(x.shape)]

    for case in cases:
        case["runs"] = [[place(x) for x in run] for run in case["runs"]]
    text = json.dumps(dict(tensorflow=tf.__version__, cases=cases)).encode()
    arrays = {kind: np.concatenate(known) for kind, known in pieces.items()}
    arrays["cases"] = np.frombuffer(zlib.compress(text, 9), np.uint8)
    np.savez_compressed(path, **arrays)
    print(len(cases), "cases,", os.path.getsize(path), "bytes")


def main(path):
    assert tf.__version__ == "1.15.0", tf.__version__
    for threads in (1, 2, 5):
        handle, part = tempfile.mkstemp()
        os.close(handle)
        subprocess.run([sys.executable, os.path.abspath(__file__), "--part", str(threads), part], check=True)
        with open(part, "rb") as f:
            cases.extend(pickle.load(f))
        os.remove(part)
    pack(path)


if __name__ == "__main__":
    if sys.argv[1] == "--part":
        record(int(sys.argv[2]))
        with open(sys.argv[3], "wb") as f:
            pickle.dump(cases, f)
    else:
        main(sys.argv[1])
