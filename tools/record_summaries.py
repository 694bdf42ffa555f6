"""Records what the kernels of TF 1.15's summary ops give for a table of calls.

    TFCOMPAT_ORACLE_TF1=.../python python tools/record_summaries.py

writes tests/summary/summaries.json: per call its text, then the serialized Summary, the pixels of its images, or the
error. A call names a function of tfcompat.summary.summary_protos and is spelled in its terms.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

OUT = pathlib.Path(__file__).parents[1] / "tests/summary/summaries.json"

CALLS = [
    "scalar('a', 1.5)",
    "scalar(['a', 'b'], [1.5, -2])",
    "scalar('a', [7])",
    "scalar('a', np.float64(1e300))",
    "scalar('a', np.int64(2 ** 60 + 1))",
    "scalar('a', np.float16(0.1))",
    "scalar('a', float('nan'))",
    "scalar('a', [1, 2])",
    "scalar(['a', 'b'], [1, 2, 3])",
    "scalar(['a', 'b'], [[1, 2]])",
    "histogram('h', [1.0, 2.0, 2.0, 5.5])",
    "histogram('h', np.zeros([0], np.float32))",
    "histogram('h', [0.0])",
    "histogram('h', [-0.0, 1e-13, -1e-13, 1e-12])",
    "histogram('h', [1e30, -1e30, 1.0])",
    "histogram('h', [1e200, 1.0])",
    "histogram('h', np.arange(-5, 5, dtype=np.int32))",
    "histogram('h', np.array([1, 200], np.uint8))",
    "histogram('h', np.array([0.1, 0.2, 65504], np.float16))",
    "histogram('h', np.random.RandomState(0).randn(1000))",
    "histogram('h', np.random.RandomState(1).randn(300, 7).astype(np.float32))",
    "histogram(['h'], [1.0])",
    "histogram(['h', 'i'], [1.0])",
    "histogram('h', [1.0, float('nan'), float('inf')])",
    "histogram('h', [1.0, float('inf'), float('nan')])",
    "image('i', np.arange(24, dtype=np.uint8).reshape(2, 3, 4, 1))",
    "image('i', np.arange(2 * 5 * 7 * 3, dtype=np.uint8).reshape(2, 5, 7, 3), 1)",
    "image('i', np.random.RandomState(0).randint(0, 255, [5, 9, 8, 4]).astype(np.uint8))",
    "image('i', np.add.outer(np.arange(90), np.arange(70)).astype(np.uint8)[None, :, :, None])",
    "image('i', np.random.RandomState(0).randint(0, 99, [1, 60, 70, 3]).astype(np.uint8))",
    "image('i', np.random.RandomState(0).rand(1, 6, 5, 3).astype(np.float32))",
    "image('i', np.random.RandomState(0).randn(1, 6, 5, 3).astype(np.float32))",
    "image('i', np.random.RandomState(0).randn(1, 6, 5, 1).astype(np.float64))",
    "image('i', np.random.RandomState(0).rand(1, 6, 5, 4).astype(np.float16))",
    "image('i', np.random.RandomState(0).randn(1, 6, 5, 4).astype(np.float16))",
    "image('i', np.array([[[[0.5], [float('nan')]], [[float('inf')], [1.0]]]], np.float32))",
    "image('i', np.array([[[[0.5], [float('nan')]], [[-2.0], [1.0]]]], np.float32), bad_color=[7])",
    "image('i', np.full([1, 2, 2, 1], np.nan, np.float32))",
    "image('i', np.zeros([1, 2, 2, 3], np.float32))",
    "image('i', np.full([1, 2, 2, 1], -1e-9, np.float32))",
    "image('i', np.zeros([0, 2, 2, 3], np.float32))",
    "image('i', np.zeros([1, 0, 2, 3], np.float32))",
    "image('i', np.zeros([1, 2, 2, 2], np.float32))",
    "image('i', np.zeros([2, 2, 3], np.float32))",
    "image(['i', 'j'], np.zeros([1, 2, 2, 3], np.float32))",
    "image('i', np.zeros([1, 2, 2, 3], np.float32), bad_color=[1, 2])",
    "audio('s', np.array([[0.0, 0.5, -1.0, 1.0, 2.0, -3.0]], np.float32), 44100.0)",
    "audio('s', np.array([[0.5 / 32768, 1.5 / 32768, -0.5 / 32768, -2.5 / 32768]], np.float32), 2.5, 1)",
    "audio('s', np.random.RandomState(0).uniform(-1, 1, [4, 10, 2]).astype(np.float32), 8000.0)",
    "audio('s', np.zeros([1, 3], np.float32), 0.0)",
    "audio('s', np.zeros([1, 3], np.float32), 0.2)",
    "audio('s', np.zeros([3], np.float32), 1.0)",
    "audio('s', np.zeros([1, 0], np.float32), 1.0)",
    "audio('s', np.zeros([0, 3], np.float32), 1.0)",
    "tensor('t', np.arange(4, dtype=np.float32).reshape(2, 2), b'\\n\\x06\\n\\x04text')",
    "tensor('t', np.float32(2.5))",
    "tensor('t', np.array([b'a', b''], dtype=object), b'\\n\\x06\\n\\x04text')",
    "tensor('t', np.zeros([0], np.int64))",
    "merge([b'\\n\\x08\\n\\x01a\\x15\\x00\\x00\\xc0?', b'\\n\\x08\\n\\x01b\\x15\\x00\\x00\\xc0?', b''])",
    "merge([b'\\n\\x08\\n\\x01a\\x15\\x00\\x00\\xc0?', b'\\n\\x08\\n\\x01a\\x15\\x00\\x00\\xc0?'])",
    "merge([b'\\xff'])",
]

RECORDER = """
import hashlib, json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np, tensorflow as tf
raw = tf.raw_ops
def run(op):
    with tf.Session() as session:
        return session.run(op)
def scalar(tags, values): return run(raw.ScalarSummary(tags=tags, values=tf.constant(np.asarray(values))))
def histogram(tag, values): return run(raw.HistogramSummary(tag=tag, values=tf.constant(np.asarray(values)), name="op"))
def image(tag, tensor, max_images=3, bad_color=(255, 0, 0, 255)):
    color = tf.make_tensor_proto(np.array(bad_color, np.uint8))
    return run(raw.ImageSummary(tag=tag, tensor=tf.constant(tensor), max_images=max_images, bad_color=color))
def audio(tag, tensor, rate, most=3):
    return run(raw.AudioSummaryV2(tag=tag, tensor=tensor, sample_rate=rate, max_outputs=most))
def tensor(tag, array, metadata=b""):
    return run(raw.TensorSummaryV2(tag=tag, tensor=tf.constant(array), serialized_summary_metadata=metadata))
def merge(inputs): return run(raw.MergeSummary(inputs=inputs))
out = []
for call in json.load(sys.stdin):
    row = {"call": call}
    try:
        with tf.Graph().as_default():
            data = eval(call)
        row["bytes"] = data.hex() if len(data) < 2000 else None
        row["sha256"] = hashlib.sha256(data).hexdigest()
        images = [v.image.encoded_image_string for v in tf.Summary.FromString(data).value if v.HasField("image")]
        if images and len(data) < 2000:
            with tf.Graph().as_default():
                row["pixels"] = [run(tf.image.decode_png(i)).tolist() for i in images]
    except Exception as e:
        row["error"] = [type(e).__name__, (getattr(e, "message", None) or str(e)).split("\\n")[0]]
    out.append(row)
json.dump({"tensorflow": tf.__version__, "rows": out}, sys.stdout)
"""


def main() -> None:
    done = subprocess.run(
        [os.environ["TFCOMPAT_ORACLE_TF1"], "-c", RECORDER],
        input=json.dumps(CALLS),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
    )
    OUT.write_text(done.stdout + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
