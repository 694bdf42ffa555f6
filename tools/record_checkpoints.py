"""Makes tests/io/fixtures: small checkpoints written by real TensorFlow, and what it reads from them.

    TFCOMPAT_ORACLE_TF1=.../python TFCOMPAT_ORACLE_TF2=.../python python tools/record_checkpoints.py

recorded.json has each tensor's value, the readers' other answers, and the errors for damaged copies.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess

FIXTURES = pathlib.Path(__file__).parents[1] / "tests/io/fixtures"

COMMON = """
import json, os, shutil, sys
import numpy as np
import tensorflow as tf
tf1 = tf.compat.v1
out = sys.argv[1]

def values(prefix):
    reader = tf1.train.NewCheckpointReader(prefix)
    shapes, types = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    found = {}
    for name in sorted(shapes):
        row = {"shape": shapes[name], "dtype": types[name].name}
        try:
            value = reader.get_tensor(name)
            row["python_type"] = type(value).__name__
            array = np.asarray(value)
            if types[name] == tf.string:
                row["strings"] = [s.hex() for s in array.ravel().tolist()]
            else:
                row["bytes"] = array.tobytes().hex()
        except Exception as e:
            row["error"] = [type(e).__name__, str(e)]
        found[name] = row
    try:
        text = reader.debug_string()
    except UnicodeDecodeError as e:  # 2.x, at the binary keys of slices
        text = str(e)
    return {"tensors": found, "debug_string": text.decode("latin-1") if isinstance(text, bytes) else text}

def all_values():
    rng = np.random.RandomState(0)
    for name in "half float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64".split():
        yield name, rng.randint(0, 100, [2, 3]).astype("float16" if name == "half" else name)
    yield "bool", np.array([True, False, True])
    yield "complex64", np.array([1 + 2j, -3j], np.complex64)
    yield "complex128", np.array([1 + 2j, -3j])
    yield "bfloat16", np.array([1.5, -2.0], np.float32)
    for name in ("qint8", "quint8", "qint32", "qint16", "quint16"):
        yield name, np.array([(1,), (2,)], getattr(tf, name).as_numpy_dtype)
    yield "scalar", np.float32(2.5)
    yield "empty", np.zeros([0, 3], np.float32)
    yield "strings", np.array([[b"", b"a\\0b"], [b"x" * 300, u"\\xe4".encode()]], dtype=object)
    yield "string scalar", np.array(b"one", dtype=object)
    yield "empty strings", np.zeros([0], dtype=object)
    yield u"n\\xe4me/with:odd chars", np.float32(1)

def graph_values(skip=()):
    names, tensors = [], []
    for name, value in all_values():
        if name in skip:
            continue
        tensor = tf.constant(value)
        if name == "bfloat16":
            tensor = tf.cast(tensor, tf.bfloat16)
        names.append(name)
        tensors.append(tensor)
    return names, tensors

def damaged(prefix, suffix, change, name=None):
    copy = os.path.join(out, "copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(os.path.dirname(prefix), copy)
    prefix = os.path.join(copy, os.path.basename(prefix))
    if change == "remove":
        os.remove(prefix + suffix)
    else:
        with open(prefix + suffix, "rb") as f:
            data = bytearray(f.read())
        kind, at = change
        if kind == "flip":
            data[at] ^= 1
        else:
            del data[at:]
        with open(prefix + suffix, "wb") as f:
            f.write(data)
    try:
        reader = tf1.train.NewCheckpointReader(prefix)
        reader.get_tensor(name)
        error = None
    except Exception as e:
        error = [type(e).__name__, str(e).replace(copy, "{dir}")]
    shutil.rmtree(copy)
    return error
"""

TF1 = (
    COMMON
    + """
recorded = {}
def run(*ops):
    with tf.Session() as session:
        return session.run(ops)

os.makedirs(out + "/v2")
prefix = out + "/v2/model"
with tf.Graph().as_default():
    names, tensors = graph_values()
    part = np.arange(12, dtype=np.float32).reshape(4, 3)
    specs = [""] * len(names)
    for spec, piece in (("4 3 0,2:-", part[:2]), ("4 3 2,1:0,1", part[2:3, :1]), ("4 3 2,1:1,2", part[2:3, 1:]),
                        ("4 3 3,1:-", part[3:])):
        names.append("sliced"); tensors.append(tf.constant(piece)); specs.append(spec)
    names.append("one full slice"); tensors.append(tf.constant(part)); specs.append("4 3 0,4:0,3")
    run(tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=specs, tensors=tensors))
recorded["v2/model"] = values(prefix)
with tf.Graph().as_default():
    wanted = ["", "4 3 1,2:-", "4 3 2,1:0,3", "4 3 -:1,1"]
    got = tf.raw_ops.RestoreV2(prefix=prefix, tensor_names=["sliced"] * 4, shape_and_slices=wanted,
                               dtypes=[tf.float32] * 4)
    recorded["slices"] = {text: value.tolist() for text, value in zip(wanted, run(*got))}

os.makedirs(out + "/sharded")
with tf.Graph().as_default():
    a = tf.raw_ops.SaveV2(prefix=out + "/sharded/a", tensor_names=["a", "p"], shape_and_slices=["", "4 1,1"],
                          tensors=[tf.constant([1.0, 2.0]), tf.constant([5])])
    b = tf.raw_ops.SaveV2(prefix=out + "/sharded/b", tensor_names=["b", "p", "p"],
                          shape_and_slices=["", "4 0,1", "4 2,2"],
                          tensors=[tf.constant([b"x", b"yz"]), tf.constant([4]), tf.constant([6, 7])])
    run(a, b)
    shutil.copytree(out + "/sharded", out + "/parts")
    run(tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=[out + "/sharded/a", out + "/sharded/b"],
                                      destination_prefix=out + "/sharded/model", delete_old_dirs=False))
recorded["sharded/model"] = values(out + "/sharded/model")

os.makedirs(out + "/v1")
with tf.Graph().as_default():
    names, tensors = graph_values(skip=("bfloat16", "uint32", "uint64", "qint16", "quint16"))
    specs = [""] * len(names)
    for spec, piece in (("4 3 0,2:-", part[:2]), ("4 3 2,2:-", part[2:])):
        names.append("sliced"); tensors.append(tf.constant(piece)); specs.append(spec)
    run(tf.raw_ops.SaveSlices(filename=out + "/v1/model", tensor_names=names, shapes_and_slices=specs, data=tensors))
    wanted = [(n, s, t.dtype) for n, s, t in zip(names, specs, tensors) if n != "sliced"]
    wanted += [("sliced", "", tf.float32), ("sliced", "4 3 1,2:-", tf.float32)]
    got = tf.raw_ops.RestoreV2(prefix=out + "/v1/model", tensor_names=[w[0] for w in wanted],
                               shape_and_slices=[w[1] for w in wanted], dtypes=[w[2] for w in wanted])
    recorded["v1 restored"] = [
        [name, spec, dtype.name, list(value.shape),
         [s.hex() for s in value.ravel().tolist()] if dtype == tf.string else value.tobytes().hex()]
        for (name, spec, dtype), value in zip(wanted, map(np.asarray, run(*got)))
    ]
recorded["v1/model"] = values(out + "/v1/model")

os.makedirs(out + "/saver")
with tf.Graph().as_default(), tf.Session() as session:
    tf.get_variable("w", initializer=np.arange(6, dtype=np.float32).reshape(2, 3))
    tf.get_variable("part", [4, 2], initializer=tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(2))
    step = tf.train.get_or_create_global_step()
    saver = tf.train.Saver(max_to_keep=2)
    session.run(tf.global_variables_initializer())
    os.chdir(out)
    for number in (1, 2, 3):
        saver.save(session, "saver/model.ckpt", global_step=number)
    for name in os.listdir("saver"):
        if name.endswith(".meta") or "-2" in name:
            os.remove("saver/" + name)
recorded["saver/model.ckpt-3"] = values(out + "/saver/model.ckpt-3")

size = os.path.getsize(prefix + ".data-00000-of-00001")
index = os.path.getsize(prefix + ".index")
data = open(prefix + ".data-00000-of-00001", "rb").read()
floats = data.index(np.asarray(dict(all_values())["float32"]).tobytes())
strings = data.index(b"x" * 300)
D, I = ".data-00000-of-00001", ".index"
cases = [(D, ["flip", floats + 1], "float32"), (D, ["flip", strings + 1], "strings"),
         (D, ["flip", strings - 9], "strings"), (D, ["flip", strings - 6], "strings"),
         (D, ["cut", floats + 2], "float32"),
         (D, ["cut", strings], "strings"),
         (D, ["cut", strings - 8], "strings"), (D, "remove", "float32"), (I, "remove", "float32"),
         (I, ["cut", 20], "float32"),
         (I, ["cut", index - 1], "float32"), (I, ["flip", index - 1], "float32"), (I, ["flip", 10], "float32"),
         (I, ["flip", index - 60], "float32"), (I, ["cut", 0], "float32"), (D, ["flip", size - 1], "no such tensor")]
recorded["damaged v2"] = [[s, c, n, damaged(prefix, s, c, n)] for s, c, n in cases]
size = os.path.getsize(out + "/v1/model")
cases = [("", ["flip", 10], "float32"), ("", ["cut", size - 1], "float32"), ("", ["flip", size - 60], "float32"),
         ("", ["cut", 10], "float32"), ("", "remove", "float32"), ("", ["flip", size // 2], "no such tensor")]
recorded["damaged v1"] = [[s, c, n, damaged(out + "/v1/model", s, c, n)] for s, c, n in cases]
json.dump(recorded, open(out + "/recorded.json", "w"), indent=0, sort_keys=True)
"""
)

TF2 = (
    COMMON
    + """
recorded = {}
os.makedirs(out + "/object")
checkpoint = tf.train.Checkpoint(v=tf.Variable([1.5, 2.5]), step=tf.Variable(7, dtype=tf.int64),
                                 many=[tf.Variable(float(i)) for i in range(3)])
checkpoint.save(out + "/object/ckpt")
recorded["object/ckpt-1"] = values(out + "/object/ckpt-1")
os.makedirs(out + "/v2")
with tf.Graph().as_default():
    names, tensors = graph_values()
    texts = [""] * len(names)
    save = tf.raw_ops.SaveV2(prefix=out + "/v2/model", tensor_names=names, shape_and_slices=texts, tensors=tensors)
    tf1.Session().run(save)
recorded["v2/model"] = values(out + "/v2/model")
json.dump(recorded, open(out + "/recorded.json", "w"), indent=0, sort_keys=True)
"""
)


def main() -> None:
    for folder, variable, program in (("tf1", "TFCOMPAT_ORACLE_TF1", TF1), ("tf2", "TFCOMPAT_ORACLE_TF2", TF2)):
        out = FIXTURES / folder
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        subprocess.run([os.environ[variable], "-W", "ignore", "-c", program, str(out)], check=True, env=environment)
        recorded = json.loads((out / "recorded.json").read_text(encoding="utf-8"))
        print(folder, {name: len(rows) for name, rows in recorded.items()})


if __name__ == "__main__":
    main()
