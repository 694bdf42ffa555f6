"""Files exchanged with real TensorFlow; runs where TFCOMPAT_ORACLE_TF1 or TFCOMPAT_ORACLE_TF2 name its interpreter."""

from __future__ import annotations

import os
import subprocess

import numpy as np
import pytest

from tfcompat.framework import dtypes
from tfcompat.io import checkpoint_ops
from tfcompat.io.checkpoint_reader import NewCheckpointReader
from tfcompat.io.tfrecord import TFRecordWriter, tf_record_iterator

ORACLES = [os.environ.get("TFCOMPAT_ORACLE_TF1"), os.environ.get("TFCOMPAT_ORACLE_TF2")]
pytestmark = pytest.mark.skipif(not any(ORACLES), reason="needs an interpreter with TensorFlow (TFCOMPAT_ORACLE_TF1)")

PROGRAM = """
import sys
import numpy as np
import tensorflow as tf
folder = sys.argv[1]
tf1 = tf.compat.v1
for kind in ("", "GZIP", "ZLIB"):
    records = list(tf1.python_io.tf_record_iterator(folder + "/ours" + kind, tf1.io.TFRecordOptions(kind)))
    assert records == [b"hello", b"", b"x" * 100000], kind
    with tf1.io.TFRecordWriter(folder + "/theirs" + kind, kind) as writer:
        for record in records:
            writer.write(record)
reader = tf1.train.NewCheckpointReader(folder + "/big")
shapes = reader.get_variable_to_shape_map()
assert len(shapes) == 8002, len(shapes)
for i in range(0, 8000, 97):
    assert reader.get_tensor("layer_%d/a rather long name of a variable" % i) == i
assert reader.get_tensor("sliced").tolist() == [[0, 1, 2], [3, 4, 5]]
assert reader.get_tensor("strings").tolist() == [b"a" * 70000, b""]
v1 = tf1.train.NewCheckpointReader(folder + "/v1")
assert v1.get_tensor("x").tolist() == [1.5, 2.5] and v1.get_tensor("s") == b"text"
tf1.disable_eager_execution()
names = sorted(shapes)
names.remove("sliced")
with tf1.Session() as session:
    tensors = [tf.constant(reader.get_tensor(name)) for name in names]
    texts = [""] * len(names) + ["2 3 0,1:-", "2 3 1,1:-"]
    tensors += [tf.constant([[0.0, 1, 2]], tf.float32), tf.constant([[3.0, 4, 5]], tf.float32)]
    session.run(tf.raw_ops.SaveV2(prefix=folder + "/again", tensor_names=names + ["sliced"] * 2, shape_and_slices=texts,
                                  tensors=tensors))
"""


@pytest.mark.parametrize("oracle", [o for o in ORACLES if o])
def test_both_ways(tmp_path, oracle):
    for kind in ("", "GZIP", "ZLIB"):
        with TFRecordWriter(str(tmp_path / f"ours{kind}"), kind) as writer:
            for record in (b"hello", b"", b"x" * 100000):
                writer.write(record)
    # An index of several blocks, written in the order in which the program below writes it again.
    values = {f"layer_{i}/a rather long name of a variable": np.float32(i) for i in range(8000)}
    values["strings"] = np.array([b"a" * 70000, b""], dtype=object)
    names = sorted(values)
    whole = np.arange(6, dtype=np.float32).reshape(2, 3)
    checkpoint_ops.save_v2(
        str(tmp_path / "big"),
        [*names, "sliced", "sliced"],
        [""] * len(names) + ["2 3 0,1:-", "2 3 1,1:-"],
        [*(values[name] for name in names), whole[:1], whole[1:]],
    )
    checkpoint_ops.save_slices(
        str(tmp_path / "v1"), ["x", "s"], ["", ""], [np.array([1.5, 2.5]), np.array(b"text", dtype=object)]
    )
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [oracle, "-W", "ignore", "-c", PROGRAM, str(tmp_path)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    for suffix in (".index", ".data-00000-of-00001"):
        assert (tmp_path / f"again{suffix}").read_bytes() == (tmp_path / f"big{suffix}").read_bytes()
    assert (tmp_path / "theirs").read_bytes() == (tmp_path / "ours").read_bytes()
    for kind in ("", "GZIP", "ZLIB"):
        assert list(tf_record_iterator(str(tmp_path / f"theirs{kind}"), kind)) == [b"hello", b"", b"x" * 100000]
    reader = NewCheckpointReader(str(tmp_path / "again"))
    assert reader.get_tensor("sliced").tolist() == whole.tolist()
    assert reader.get_variable_to_dtype_map()["strings"] is dtypes.string
