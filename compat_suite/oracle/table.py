"""Oracle cases by hand, for ops without samples: random numbers, strings, quantized values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from compat_suite.oracle.cases import FREE_OUTPUTS, SMOOTH_OUTPUTS, Case, attr, public_name
from compat_suite.oracle.evaluate import pack
from tfcompat.framework import dtypes, op_defs
from tfcompat.framework.op import OPS

FLOATS = (np.float32, np.float64, np.float16)
SHAPE = np.array([3, 5], np.int32)


def _line(op: str, *inputs: Any, **attrs: Any) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
    return op, inputs, attrs


def random_numbers() -> Iterator[Any]:
    """Generators: the numbers that follow from the seeds."""
    for seeds in ({"seed": 5, "seed2": 7}, {"seed": 87654321, "seed2": 0}):
        for kind in FLOATS:
            for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal"):
                yield _line(op, SHAPE, dtype=dtypes.as_dtype(kind), **seeds)
        for kind in (np.int32, np.int64):
            yield _line("RandomUniformInt", SHAPE, np.array(-7, kind), np.array(90, kind), **seeds)
        for kind in (np.float32, np.float64):
            rates = np.array([0.5, 3.0, 20.0], kind)
            yield _line("RandomGamma", np.array([4], np.int32), rates, **seeds)
            yield _line("RandomPoissonV2", np.array([4], np.int32), rates, dtype=dtypes.int64, **seeds)
            means = [np.array(v, kind) for v in (0.0, 1.0, -1.0, 2.0)]
            yield _line("ParameterizedTruncatedNormal", np.array([20], np.int32), *means, **seeds)
        logits = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]], np.float32))
        yield _line("Multinomial", logits, np.array(10, np.int32), output_dtype=dtypes.int32, **seeds)
        yield _line("Multinomial", logits.astype(np.float64), np.array(10, np.int32), **seeds)
        yield _line("RandomShuffle", np.arange(24).reshape(12, 2), **seeds)
        for op in ("UniformCandidateSampler", "LogUniformCandidateSampler", "LearnedUnigramCandidateSampler"):
            for unique in (True, False):
                labels = np.array([[1], [4]], np.int64)
                yield _line(op, labels, num_true=1, num_sampled=5, unique=unique, range_max=12, **seeds)
        yield _line(
            "AllCandidateSampler", np.array([[1], [4]], np.int64), num_true=1, num_sampled=6, unique=True, **seeds
        )
    for seed in ([1, 2], [12345678901, -3]):
        key = np.array(seed, np.int64)
        for kind in FLOATS:
            for op in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"):
                yield _line(op, SHAPE, key, dtype=dtypes.as_dtype(kind))
        for kind in (np.int32, np.int64):
            yield _line("StatelessRandomUniformInt", SHAPE, key, np.array(-7, kind), np.array(90, kind))
        yield _line("StatelessMultinomial", np.zeros((2, 3), np.float32), np.array(6, np.int32), key)
    yield _line("RandomGammaGrad", np.array([0.5, 2.0, 9.0]), np.array([0.2, 2.5, 8.0]))
    yield _line("RandomGammaGrad", np.array([0.5, 2.0, 9.0], np.float32), np.array([0.2, 2.5, 8.0], np.float32))
    hits = (np.array([[1, 2], [0, 4]], np.int64), np.array([4, 2, 1, 4], np.int64))
    yield _line("ComputeAccidentalHits", *hits, num_true=2)


def linear_algebra() -> Iterator[Any]:
    """Factorizations of given matrices."""
    a = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]])
    for kind in (np.float64, np.float32):
        m = a.astype(kind)
        yield _line("Cholesky", m)
        yield _line("Cholesky", np.stack([m, 2 * m]))
        yield _line("BatchCholesky", np.stack([m, 2 * m]))
        yield _line("SelfAdjointEig", m)
        yield _line("SelfAdjointEigV2", m, compute_v=False)
        yield _line("Svd", m[:, :2], compute_uv=False)
        yield _line("MatrixDeterminant", m)
        yield _line("LogMatrixDeterminant", m)
        yield _line("MatrixInverse", m, adjoint=True)
        yield _line("MatrixSolve", m, m[:, :2])
        yield _line("MatrixExponential", m / 4)
        yield _line("MatrixSquareRoot", m)


def strings() -> Iterator[Any]:
    """Text, and numbers as text."""
    words = np.array([b"Ab c", b"", b"x_y, z", b"\xc3\xa9t\xc3\xa9"], object)
    yield _line("StringJoin", [words, words], separator="-")
    yield _line("StringJoin", [words, np.array(b"!", object)])
    for unit in ("BYTE", "UTF8_CHAR"):
        yield _line("StringLength", words, unit=unit)
        yield _line("Substr", words[[0, 2]], np.array(1, np.int32), np.array(2, np.int32), unit=unit)
    yield _line("StringStrip", np.array([b" a ", b"b\n"], object))
    for op in ("StringLower", "StringUpper"):
        yield _line(op, words)
        yield _line(op, words, encoding="utf-8")
    for op in ("StringToHashBucket", "StringToHashBucketFast"):
        yield _line(op, words, num_buckets=1000)
    yield _line("StringToHashBucketStrong", words, num_buckets=1000, key=[5, 9])
    yield _line("StringToNumber", np.array([b"1.5", b"-3e2"], object), out_type=dtypes.float32)
    yield _line("StringToNumber", np.array([b"12", b"-3"], object), out_type=dtypes.int64)
    yield _line("RegexReplace", words, np.array(b"[a-z]", object), np.array(b"<\\0>", object))
    yield _line("RegexFullMatch", words, np.array(b"[A-Z].*", object))
    yield _line("StaticRegexReplace", words, pattern=" ", rewrite="_")
    yield _line("StaticRegexFullMatch", words, pattern=".*c")
    yield _line("StringSplit", words, np.array(b" ", object))
    yield _line("StringSplitV2", words, np.array(b"", object))
    yield _line("EncodeBase64", words)
    yield _line("DecodeBase64", np.array([b"QWIgYw", b""], object))
    yield _line("ReduceJoin", words.reshape(2, 2), np.array([0], np.int32), separator=",")
    yield _line("UnsortedSegmentJoin", words, np.array([1, 0, 1, 0], np.int32), np.array(2, np.int32), separator="|")
    for kind in (np.float32, np.float64, np.int32, np.int64, np.bool_, np.complex64):
        yield _line("AsString", np.array([0, 1, 2]).astype(kind))
    yield _line("AsString", np.array([1.5, -2.25], np.float32), precision=3, width=9, fill="0")
    yield _line("AsString", np.array([15000.5], np.float32), scientific=True)
    yield _line("DecodeRaw", np.array([b"\x01\x00\x02\x00"], object), out_type=dtypes.int16)
    yield _line("UnicodeScript", np.array([65, 1046, 0x4E2D], np.int32))


def quantization() -> Iterator[Any]:
    """Values on a grid, and what comes of them."""
    x = np.array([[-3.0, -0.6, 0.1, 0.45], [0.9, 1.7, 2.2, 7.5]], np.float32)
    low, high = np.float32(-2.5), np.float32(5.0)
    for bits in (2, 8, 16):
        for narrow in (False, True):
            attrs = {"num_bits": bits, "narrow_range": narrow}
            yield _line("FakeQuantWithMinMaxArgs", x, min=-2.5, max=5.0, **attrs)
            yield _line("FakeQuantWithMinMaxArgsGradient", x, x, min=-2.5, max=5.0, **attrs)
            yield _line("FakeQuantWithMinMaxVars", x, low, high, **attrs)
            yield _line("FakeQuantWithMinMaxVarsGradient", x, x, low, high, **attrs)
            per = (np.array([-1, -2, -3, 0], np.float32), np.array([1, 2, 0.5, 6], np.float32))
            yield _line("FakeQuantWithMinMaxVarsPerChannel", x, *per, **attrs)
            yield _line("FakeQuantWithMinMaxVarsPerChannelGradient", x, x, *per, **attrs)
    for signed in (True, False):
        for given in (True, False):
            both = {"signed_input": signed, "range_given": given}
            for kind in (np.float32, np.float64):
                ends = [np.array(v, kind) for v in ((-2.5, 5.0) if signed else (0.0, 5.0))]
                y = x.astype(kind) if signed else np.abs(x.astype(kind))
                for rounding in ("HALF_TO_EVEN", "HALF_UP"):
                    yield _line("QuantizeAndDequantizeV2", y, *ends, num_bits=4, round_mode=rounding, **both)
                yield _line("QuantizeAndDequantizeV2", y, *ends, narrow_range=True, **both)
                yield _line("QuantizeAndDequantizeV3", y, *ends, np.array(6, np.int32), **both)
                yield _line(
                    "QuantizeAndDequantize", y, num_bits=5, input_min=float(ends[0]), input_max=float(ends[1]), **both
                )
    for kind in ("quint8", "qint8", "qint32", "quint16", "qint16"):
        for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
            if mode == "SCALED" and kind not in ("quint8", "qint8"):
                continue
            t = dtypes.as_dtype(kind)
            for rounding in ("HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN") if mode == "SCALED" else ("HALF_AWAY_FROM_ZERO",):
                if kind != "qint32":  # TF loses digits there, and overflows
                    yield _line("QuantizeV2", x, low, high, T=t, mode=mode, round_mode=rounding)
            numbers = np.array([0, 1, 50, 100], kind[1:])
            yield _line("Dequantize", (kind, numbers), low, high, mode=mode)
    big = ("qint32", np.array([[-50000, 0, 12345], [7, 99999, -3]], np.int32))
    ends = (np.float32(-4.0), np.float32(4.0))
    yield _line("RequantizationRange", big, *ends)
    for kind in (dtypes.quint8, dtypes.qint8):
        yield _line("Requantize", big, *ends, np.float32(-0.0001), np.float32(0.0002), out_type=kind)
        yield _line("QuantizeDownAndShrinkRange", big, *ends, out_type=kind)
    a = ("quint8", np.array([[10, 20, 200], [0, 128, 255]], np.uint8))
    b = ("quint8", np.array([[1, 2], [30, 40], [250, 128]], np.uint8))
    ab = (np.float32(-1.0), np.float32(3.0), np.float32(-2.0), np.float32(2.0))
    yield _line("QuantizedMatMul", a, b, *ab, Toutput=dtypes.qint32)
    yield _line("QuantizedMatMul", a, a, *ab, Toutput=dtypes.qint32, transpose_b=True)
    yield _line("QuantizedMul", a, a, *ab, Toutput=dtypes.qint32)
    yield _line("QuantizedAdd", a, a, *ab, Toutput=dtypes.qint32)
    yield _line("QuantizedBiasAdd", a, ("quint8", np.array([5, 100, 250], np.uint8)), *ab, out_type=dtypes.qint32)
    for op in ("QuantizedRelu", "QuantizedRelu6"):
        yield _line(op, a, *ab[:2], out_type=dtypes.quint8)
    yield _line("QuantizedReluX", a, np.float32(2.0), *ab[:2], out_type=dtypes.quint8)
    yield _line("QuantizedReshape", a, np.array([3, 2], np.int32), *ab[:2])
    yield _line("QuantizedConcat", np.array(0, np.int32), [a, a], [ab[0], ab[2]], [ab[1], ab[3]])
    image = ("quint8", (np.arange(32) * 7 % 256).astype(np.uint8).reshape(1, 4, 4, 2))
    window = {"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}
    yield _line("QuantizedMaxPool", image, *ab[:2], **window)
    yield _line("QuantizedAvgPool", image, *ab[:2], **window)
    filters = ("quint8", (np.arange(24) * 11 % 256).astype(np.uint8).reshape(2, 2, 2, 3))
    for padding in ("SAME", "VALID"):
        yield _line("QuantizedConv2D", image, filters, *ab, strides=[1, 1, 1, 1], padding=padding)


def others() -> Iterator[Any]:
    """What fits nowhere else."""
    x = np.array([[1, -2, 3, 4, 5, 6, -7, 8], [0, 0, 1, 1, -1, -1, 2, 2]])
    for kind in (np.float32, np.float64, np.int32, np.int64, np.int8, np.int16, np.float16):
        yield _line("CompareAndBitpack", x.astype(kind), np.array(1, kind))
    yield _line("CompareAndBitpack", x > 0, np.array(False))
    equations = {
        "ij,jk->ik": ((2, 3), (3, 4)), "bij,bjk->bik": ((2, 2, 3), (2, 3, 2)), "ij->ji": ((2, 3),), "ij->": ((2, 3),),
        "ii->i": ((3, 3),), "i,j->ij": ((2,), (3,)), "...ij,...jk->...ik": ((2, 2, 3), (3, 2)), "ij,ij->i": ((2, 3), (2, 3)),
    }  # fmt: skip
    rng = np.random.RandomState(1)
    for kind in (np.float32, np.float64, np.complex64):
        for equation, dims in equations.items():
            yield _line("Einsum", [rng.uniform(-1, 1, d).astype(kind) for d in dims], equation=equation)
    for kind in (np.int32, np.int64, np.float32, np.float64):
        starts, limits, steps = np.array([0, 5, 8], kind), np.array([3, 5, 2], kind), np.array([1, 1, -2], kind)
        yield _line("RaggedRange", starts, limits, steps)
        yield _line(
            "RaggedRange", np.array(0, kind), np.array([3, 0, 2], kind), np.array(1, kind), Tsplits=dtypes.int32
        )
    splits = np.array([0, 2, 2, 5], np.int64)
    numbers = np.arange(5.0)
    yield _line("RaggedGather", [splits], numbers, np.array([2, 0, 1, 2], np.int32), OUTPUT_RAGGED_RANK=1)
    yield _line("RaggedGather", [splits], numbers, np.array([[2, 0], [0, 0]], np.int64), OUTPUT_RAGGED_RANK=2)
    yield _line("RaggedTensorToSparse", [splits], numbers)
    yield _line("RaggedTensorToSparse", [np.array([0, 1, 3], np.int64), splits[:4]], numbers)
    for kind in (np.int32, np.int64, np.float32, np.float64):
        yield _line("Bucketize", np.array([-5, 0, 3, 100]).astype(kind), boundaries=[0.0, 3.0, 10.0])
    yield _line("DataFormatDimMap", np.array([0, 1, 2, 3, -1], np.int32))
    yield _line("DataFormatVecPermute", np.array([1, 2, 3, 4], np.int64), src_format="NCHW", dst_format="NHWC")


def generators() -> Iterator[Any]:
    """Draws from a generator whose state is a variable."""
    for state in ([0, 0, 1], [5, 7, -3], [-1, 4, 123456789]):
        cell, philox, shape = (
            {"resource": pack(np.array(state, np.int64))},
            np.array(1, np.int64),
            SHAPE.astype(np.int64),
        )
        for kind in (np.float32, np.float64):
            dtype = dtypes.as_dtype(kind)
            yield _line("StatefulStandardNormal", cell, shape, dtype=dtype)
            for op in ("StatefulUniform", "StatefulStandardNormalV2", "StatefulTruncatedNormal"):
                yield _line(op, cell, philox, shape, dtype=dtype)
        for kind in (np.int32, np.int64):
            yield _line("StatefulUniformInt", cell, philox, shape, np.array(-7, kind), np.array(90, kind))
        yield _line("StatefulUniformFullInt", cell, philox, shape, dtype=dtypes.uint64)
        yield _line("StatefulRandomBinomial", cell, philox, np.array([6], np.int64), np.array(20.0), np.array(0.3))
        yield _line("RngSkip", cell, philox, np.array(12, np.int64))


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return [_value(v) for v in value]
    if isinstance(value, tuple):  # a quantized type and the numbers it stands on
        kind, array = value
        return {"a": [kind, *pack(array)[1:]]}
    return {"a": pack(np.asarray(value))}


def lines() -> Iterator[Any]:
    for part in (random_numbers, linear_algebra, strings, quantization, others, generators):
        yield from part()


def cases() -> Iterator[Case]:
    """The table's cases of ops that have a kernel. The gradient is asked of every float input of a differentiable op."""
    count: dict[str, int] = {}
    for op_type, inputs, attrs in lines():
        op = OPS.get(op_type)
        if op is None or (op.kernel_fn is None and op.build_fn is None) or not op_defs.in_raw_ops(op_type):
            continue
        place = count[op_type] = count.get(op_type, -1) + 1
        given = [
            [public_name(op_type, arg.name), _value(v)] for arg, v in zip(op.definition.inputs, inputs, strict=True)
        ]
        flat = [v for _, value in given for v in (value if isinstance(value, list) else [value])]
        smooth = [i for i, v in enumerate(flat) if v.get("a", [""])[0] in ("float32", "float64", "complex64")]
        wrt = smooth if callable(op.gradient_fn) and not attrs.get("adjoint") else []
        made = {key: attr(value) for key, value in attrs.items()}
        case = {"id": f"{op_type}-t{place}", "op": op_type, "inputs": given, "attrs": made}
        yield {**case, "wrt": wrt, "ys": SMOOTH_OUTPUTS.get(op_type), "skip": FREE_OUTPUTS.get(op_type, [])}
