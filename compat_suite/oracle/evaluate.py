"""Runs oracle cases in one library; the same code answers for tfcompat and for TensorFlow. (Python 3.7 syntax.)

    python evaluate.py MODULE CASES.jsonl ANSWERS.jsonl [START]

A case is a dictionary: `op`, `inputs` (argument name, value), `attrs`, `wrt` (flat positions of the inputs that the
gradient is asked of), `ys` (positions of the outputs it is taken of, None: all that are smooth). A value is
{"a": array, "fed": bool}, {"ref": array} or {"resource": array} for a variable, or a list of such values.
Arrays are [dtype, shape, base64 of the bytes], strings ["string", shape, list].
"""

import base64
import importlib
import json
import os
import sys
import time
import warnings

import numpy as np

SMOOTH = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")


def pack(array):
    """An array as JSON."""
    array = np.asarray(array)
    if array.dtype.names:
        array = array[array.dtype.names[0]]
    if array.dtype.kind in "OSU":
        texts = [v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in array.ravel().tolist()]
        return ["string", list(array.shape), texts]
    if array.dtype.name == "bfloat16":
        return ["bfloat16", list(array.shape), _text(array.astype(np.float32))]
    return [array.dtype.name, list(array.shape), _text(array)]


def _text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def unpack(packed):
    """The array; bfloat16 comes as float32, strings as objects (bytes)."""
    name, shape, data = packed
    if name == "string":
        made = np.empty(len(data), object)
        made[:] = [v.encode("latin-1") for v in data]
        return made.reshape(shape)
    kind = {"bfloat16": "float32"}.get(name, name).lstrip("q") if name.startswith("q") else name
    kind = "float32" if name == "bfloat16" else kind
    return np.frombuffer(base64.b64decode(data), kind).reshape(shape).copy()


def attr(tf, value):
    """An attr from its JSON form."""
    if isinstance(value, list):
        return [attr(tf, v) for v in value]
    if isinstance(value, dict):
        if "type" in value:
            return tf.as_dtype(value["type"])
        return tf.TensorShape(value["shape"])
    return value


def grad_y(shape, name):
    """A fixed incoming gradient: no two entries alike."""
    n = int(np.prod(shape, dtype=np.int64))
    wave = np.cos(np.arange(n) * 0.7 + 0.3).reshape(shape)
    if name.startswith("complex"):
        wave = wave + 1j * np.sin(np.arange(n) * 0.9 + 0.1).reshape(shape)
    return wave.astype("float32" if name == "bfloat16" else name)


def tensors(result):
    """The tensors in what an op function returned."""
    if isinstance(result, (list, tuple)):
        return [t for part in result for t in tensors(part)]
    return [result] if hasattr(result, "dtype") and hasattr(result, "get_shape") else []


class Inputs:
    """The inputs of one case as nodes of the default graph."""

    def __init__(self, tf, raw):
        self.tf, self.raw = tf, raw
        self.feed, self.flat, self.before, self.reads = {}, [], [], []

    def one(self, value):
        tf = self.tf
        if "ref" in value or "resource" in value:
            return self.variable(value)
        packed = value["a"]
        array, dtype = unpack(packed), tf.as_dtype(packed[0])
        if packed[0] == "bfloat16":
            t = tf.cast(tf.constant(array), tf.bfloat16)
        elif value.get("fed"):
            t = tf.placeholder(dtype, array.shape)
            self.feed[t] = array
        elif packed[0].startswith("q"):
            t = tf.bitcast(tf.constant(array), dtype)
        else:
            t = tf.constant(array.tolist() if packed[0] == "string" else array, dtype, shape=array.shape)
        self.flat.append(t)
        return t

    def variable(self, value):
        tf, raw = self.tf, self.raw
        kind = "ref" if "ref" in value else "resource"
        array, dtype = unpack(value[kind]), tf.as_dtype(value[kind][0])
        first = tf.constant(array)
        if value[kind][0] == "bfloat16":
            first = tf.cast(first, dtype)
        if kind == "ref":
            made = raw.VariableV2(shape=array.shape, dtype=dtype)
            if not value.get("unset"):
                self.before.append(raw.Assign(ref=made, value=first).op)
            self.reads.append(tf.identity(made))
        else:
            made = raw.VarHandleOp(dtype=dtype, shape=array.shape, shared_name="v" + str(len(self.reads)))
            if not value.get("unset"):
                self.before.append(raw.AssignVariableOp(resource=made, value=first))
            self.reads.append(raw.ReadVariableOp(resource=made, dtype=dtype))
        self.flat.append(made)
        return made


def fetchable(tf, t):
    """A tensor whose value has a NumPy form in every library; None for handles."""
    name = t.dtype.base_dtype.name
    if name in ("resource", "variant"):
        return None
    if name == "bfloat16":
        return tf.cast(t, tf.float32)
    if name.startswith("q"):
        return tf.bitcast(t, tf.as_dtype(name[1:]))
    return t


def answer(tf, raw, case):
    """What the case gives: `out`, `state`, `grad`, or `error` (where, class, first line)."""
    found = {}
    graph = tf.Graph()
    where = "build"
    try:
        with graph.as_default():
            inputs = Inputs(tf, raw)
            values = {
                name: [inputs.one(v) for v in value] if isinstance(value, list) else inputs.one(value)
                for name, value in case["inputs"]
            }
            attrs = {key: attr(tf, value) for key, value in case["attrs"].items()}
            made = getattr(raw, case["op"])(**dict(values, **attrs))
            outputs = tensors(made)
            fetches = [fetchable(tf, t) for t in outputs]
            target = [t for t in fetches if t is not None] or made
        where = "run"
        with tf.Session(graph=graph) as session:
            session.run(inputs.before)
            # The state is read in a run of its own, after the op; a reference is fetched by value.
            results = session.run(target, inputs.feed)
            arrays = results if isinstance(results, list) else []
            found["out"] = [pack(v) for v in arrays]
            found["types"] = [t.dtype.base_dtype.name for t in outputs]
            if inputs.reads:
                with graph.as_default():
                    reads = [fetchable(tf, t) for t in inputs.reads]
                found["state"] = [pack(v) for v in session.run(reads)]
            if case["wrt"]:
                where = "gradient"
                found["grad"] = gradient(tf, session, graph, case, inputs, outputs, fetches, arrays)
    except Exception as error:
        text = str(error).split("\n")[0]
        if where == "gradient":
            found["no_grad"] = [type(error).__name__, text[:200]]
        else:
            found = {"error": [where, type(error).__name__, text[:200]]}
    return found


def gradient(tf, session, graph, case, inputs, outputs, fetches, arrays):
    """tf.gradients of the smooth outputs with fixed grad_ys; an array or None for each position in `wrt`."""
    left = iter(arrays)
    shapes = [None if f is None else next(left).shape for f in fetches]
    with graph.as_default():
        ys, dys = [], []
        for i, t in enumerate(outputs):
            name = t.dtype.base_dtype.name
            if name not in SMOOTH or (case["ys"] is not None and i not in case["ys"]):
                continue
            dy = tf.constant(grad_y(shapes[i], name))
            ys.append(t)
            dys.append(tf.cast(dy, tf.bfloat16) if name == "bfloat16" else dy)
        if not ys:
            return []
        grads = tf.gradients(ys, [inputs.flat[i] for i in case["wrt"]], dys)
        grads = [None if g is None else fetchable(tf, tf.convert_to_tensor(g)) for g in grads]
        present = [g for g in grads if g is not None]
    values = iter(session.run(present, inputs.feed) if present else [])
    return [None if g is None else pack(next(values)) for g in grads]


def libraries(module):
    """The v1 interface of a module, its raw ops, its version."""
    top = importlib.import_module(module)
    version = getattr(top, "__version__", "")
    tf = top.compat.v1 if module == "tensorflow" else top
    if module == "tensorflow":
        tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    return tf, top.raw_ops, version


def main():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")
    sys.path[:] = [p for p in sys.path if os.path.abspath(p or ".") != os.path.dirname(os.path.abspath(__file__))]
    module, source, target = sys.argv[1:4]
    start = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    tf, raw, version = libraries(module)
    with open(source) as lines, open(target, "a") as out:
        for i, line in enumerate(lines):
            if i < start:
                continue
            began = time.time()
            found = answer(tf, raw, json.loads(line))
            found["at"] = i
            found["seconds"] = round(time.time() - began, 4)
            found["version"] = version
            out.write(json.dumps(found) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
