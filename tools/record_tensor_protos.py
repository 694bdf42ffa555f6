"""Records what TF 1.15's make_tensor_proto gives for a table of calls.

    TFCOMPAT_ORACLE_TF1=.../python python tools/record_tensor_protos.py

writes tests/framework/tensor_protos.json: per call its text, then the bytes and the decoded array, or the error.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

OUT = pathlib.Path(__file__).parents[1] / "tests/framework/tensor_protos.json"

NUMBERS = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]

CALLS = [
    *(f"make(3, {t})" for t in ["tf.bfloat16", "tf.complex64", "tf.complex128"] + [f"tf.{n}" for n in NUMBERS]),
    *(f"make([1, 2, 3], {t})" for t in ["tf.bfloat16", "tf.complex64", "tf.complex128"] + [f"tf.{n}" for n in NUMBERS]),
    *(f"make([[1, 2], [3, 4]], tf.{n}, [2, 2], True)" for n in NUMBERS),
    *(f"make(np.arange(6, dtype=np.{n}).reshape(2, 3))" for n in NUMBERS),
    *(f"make(np.arange(6, dtype=np.{n}).reshape(2, 3), tf.float32)" for n in NUMBERS),
    *(f"make(np.{n}(7))" for n in NUMBERS),
    *(f"make(np.zeros([0, 2], np.{n}))" for n in NUMBERS),
    *(f"make(1, tf.{n}, [2, 2])" for n in NUMBERS),
    *(f"make((1,), tf.{n})" for n in ("qint8", "quint8", "qint32")),
    *(f"make([(1,), (2,)], tf.{n})" for n in ("qint8", "quint8", "qint16", "quint16", "qint32")),
    *(f"make(1, tf.{n})" for n in ("qint8", "quint16")),
    *(f"make(np.array([(1,), (2,), (3,)], tf.{n}.as_numpy_dtype))" for n in ("qint8", "quint8", "qint32")),
    *(f"make(np.array((5,), tf.{n}.as_numpy_dtype), tf.{n})" for n in ("qint8", "quint8", "qint32")),
    "make(1.5)",
    "make(1)",
    "make(True)",
    "make(1 + 2j)",
    "make('a')",
    "make(b'a')",
    "make(u'\\xe4')",
    "make(2 ** 31)",
    "make(2 ** 31 - 1)",
    "make([1, 2 ** 40])",
    "make(2 ** 63)",
    "make(-2 ** 70)",
    "make(300, tf.int8)",
    "make(-1, tf.uint8)",
    "make([70000, -1], tf.uint16)",
    "make(2 ** 40, tf.int32)",
    "make(-1, tf.uint64)",
    "make(2 ** 64 - 1, tf.uint64)",
    "make(2 ** 63, tf.int64)",
    "make(2 ** 70, tf.float32)",
    "make(1e40, tf.float32)",
    "make(1e40)",
    "make(float('nan'))",
    "make([1, 2.5])",
    "make([True, False])",
    "make([True, 1])",
    "make([1.5, 'a'])",
    "make(['a', 1])",
    "make([1, 'a'], tf.string)",
    "make([1 + 2j, 3])",
    "make([1 + 2j, 3], tf.complex128)",
    "make([1, 2], tf.bool)",
    "make([True, False, True], tf.bool)",
    "make(True, tf.int32)",
    "make(True, tf.float32)",
    "make(1.5, tf.int32)",
    "make([1, 2.5], tf.int64)",
    "make('a', tf.float32)",
    "make(1, tf.string)",
    "make(b'a', tf.int32)",
    "make(1j, tf.float32)",
    "make(None)",
    "make(None, tf.float32)",
    "make([None])",
    "make([1, None])",
    "make([None], tf.float32)",
    "make([])",
    "make([], tf.int32)",
    "make([[], []])",
    "make([], tf.string)",
    "make([], tf.float32, [0, 3])",
    "make([[]], None, [0])",
    "make('x', tf.string, [0])",
    "make([[1], [2, 3]])",
    "make([[1, 2], 3])",
    "make([1, [2, 3]])",
    "make([[1], [2, 3]], tf.float32)",
    "make([['a'], ['b', 'c']])",
    "make([['a'], ['b', 'c']], tf.string)",
    "make([np.array([1, 2]), np.array([3, 4])])",
    "make([np.array([1., 2.]), np.array([3., 4.])], tf.float32)",
    "make([np.float32(1), np.float32(2)])",
    "make([np.float64(1), 2.0])",
    "make([np.int64(1), 2])",
    "make([np.int64(1), 2], tf.int32)",
    "make([np.float32(1), 2], tf.int32)",
    "make([np.bool_(True)])",
    "make((1, 2, 3))",
    "make(((1, 2), (3, 4)))",
    "make(range(3))",
    "make([range(3)])",
    "make([[b'ab', b''], [b'c\\0d', b'\\0']])",
    "make(np.array([b'ab', b'c']))",
    "make(np.array([u'ab', u'\\u20ac']))",
    "make(np.array([b'ab', u'c'], dtype=object))",
    "make(np.array([b'ab', 1], dtype=object))",
    "make(np.array([b'ab', b'c\\0']), tf.string)",
    "make(np.array([[1.5, 2.5]]))",
    "make(np.array([1.5, 2.5]), tf.int32)",
    "make(np.array([1, 2]), tf.bool)",
    "make(np.array([1, 2]), tf.string)",
    "make(np.array([1, 0], np.bool_))",
    "make(np.array([1 + 2j, 3j]))",
    "make(np.array([1 + 2j, 3j], np.complex64))",
    "make(np.array([1 + 2j, 3j], np.complex64), tf.complex128, [2])",
    "make(np.asfortranarray([[1, 2], [3, 4]]))",
    "make(np.arange(6)[::2])",
    "make(np.array([1.5, 2.5, -3], np.float16))",
    "make([1.5, 3.14159, -0.0, 1e-40], tf.bfloat16)",
    "make([1.5, float('inf')], tf.float16)",
    "make(memoryview(b'abc'))",
    "make(bytearray(b'abc'))",
    "make(1, shape=[3])",
    "make(1, shape=[])",
    "make([1, 2], shape=[4])",
    "make([1, 2, 3, 4], shape=[2, 2])",
    "make([1, 2, 3, 4], shape=[2])",
    "make([1, 2, 3], shape=(5,))",
    "make([1, 2], shape=[1, 2], verify_shape=True)",
    "make([1, 2], shape=[2], verify_shape=True)",
    "make([[1, 2]], shape=[2], verify_shape=True)",
    "make(1, shape=[2], allow_broadcast=True)",
    "make([1], shape=[2, 2], allow_broadcast=True)",
    "make([1, 2], shape=[2, 2], allow_broadcast=True)",
    "make([1, 2], shape=[2, 1], allow_broadcast=True)",
    "make(1, shape=[2], verify_shape=True, allow_broadcast=True)",
    "make('ab', shape=[3])",
    "make(['a', 'b'], shape=[3])",
    "make('', shape=[2])",
    "make(0.0, shape=[2, 3])",
    "make(tf.TensorShape([1, 2]).as_list())",
    "make(tf.Dimension(3), tf.int32)",
    "make([tf.Dimension(3), 2], tf.int32)",
    "make(1, 'float32')",
    "make(1, np.float32)",
    "make(1, float)",
    "make(1.0, np.dtype('float64'))",
    "make(1, tf.float32._as_ref)",
    "make(np.array(['2001-01-01'], dtype='datetime64[D]'))",
    "make({'a': 1})",
    "make(object())",
    "make(object(), tf.float32)",
    "make(1, tf.resource)",
    "make(1, tf.variant)",
]

RECORDER = """
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np, tensorflow as tf
make = tf.make_tensor_proto
out = []
for call in json.load(sys.stdin):
    row = {"call": call}
    try:
        proto = eval(call)
        row["bytes"] = proto.SerializeToString(deterministic=True).hex()
        try:
            array = tf.make_ndarray(proto)
            row["array"] = repr((array.astype("f4") if proto.dtype == 14 else array).tolist())
            row["shape"] = list(array.shape)
        except Exception as e:
            row["decode_error"] = [type(e).__name__, str(e)]
    except Exception as e:
        row["error"] = [type(e).__name__, str(e)]
    out.append(row)
json.dump({"tensorflow": tf.__version__, "rows": out}, sys.stdout, indent=0)
"""


def main() -> None:
    done = subprocess.run(
        [os.environ["TFCOMPAT_ORACLE_TF1"], "-c", RECORDER],
        input=json.dumps(CALLS),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    OUT.write_text(done.stdout + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
