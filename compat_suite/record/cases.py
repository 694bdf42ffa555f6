"""What TensorFlow 1.15 makes of the short programs in text files: the recorder, and the evaluation tests share with it.

    $TFCOMPAT_ORACLE_TF1 compat_suite/record/cases.py tests/losses/cases.txt ...

writes tests/losses/cases_tf115.json.gz, and so on. A file begins with a preamble, which ends at the line `# cases`;
each line after that (with the indented lines under it) is a program of its own, run after the preamble. A program sets
`y`, the tensors to fetch, and may set `steps`, a list of operations to run before, one after the other. Variables are
initialised first. (Python 3.7 syntax: this file runs inside TF 1.15.)
"""

import gzip
import io
import json
import sys

import numpy as np

MARK = "# cases"


def read(path):
    """The preamble, and the programs."""
    with open(str(path), encoding="utf-8") as lines:
        preamble, _, rest = lines.read().partition(MARK + "\n")
    programs = []
    for line in rest.split("\n"):
        if line[:1] in (" ", ")", "]") and programs:
            programs[-1] += "\n" + line
        elif line.strip() and not line.startswith("#"):
            programs.append(line)
    return preamble, programs


def plain(value):
    """A fetched value as JSON: [dtype, shape, elements]."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in sorted(value.items())}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    array = np.asarray(value)
    kind = array.dtype.kind
    if kind in "OSU":
        return ["object", list(array.shape), [_text(v) for v in array.ravel()]]
    if kind == "c":
        parts = np.stack([array.real, array.imag])
        return [str(array.dtype), list(array.shape), [float(v) for v in parts.ravel()]]
    convert = float if kind == "f" or kind == "V" else int
    return [str(array.dtype), list(array.shape), [convert(v) for v in array.ravel()]]


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def first_line(error):
    """Class and first line of the message, without the places in TF's own source files."""
    lines = [line for line in str(error).split("\n") if line]
    return type(error).__name__ + ": " + (lines[0].split("  [[")[0] if lines else "")


def names(y):
    """Names and static shapes of what a program made."""
    if y is None:
        return None
    if isinstance(y, dict):
        return {str(k): names(v) for k, v in sorted(y.items())}
    if hasattr(y, "values") and hasattr(y, "indices"):
        return [names(y.indices), names(y.values), names(y.dense_shape) if y.dense_shape is not None else None]
    if isinstance(y, (list, tuple)):
        return [names(v) for v in y]
    return [y.name, str(y.get_shape()) if hasattr(y, "get_shape") else "operation"]


def collections(graph):
    """Collection -> names of its members, for collections of graph elements and variables."""
    found = {}
    for key in graph.get_all_collection_keys():
        if str(key).endswith("_context"):  # of v1 control flow, which is built otherwise here
            continue
        members = [getattr(v, "name", None) for v in graph.get_collection(key)]
        if isinstance(key, str) and all(isinstance(m, str) for m in members):
            found[key] = members
    return found


def evaluate(tf, preamble, program):
    """What a program does in the library `tf`: names, node count, collections, values, or the error."""
    graph, found = tf.Graph(), {}
    scope = {"tf": tf, "np": np, "feed": {}, "steps": []}
    with graph.as_default():
        try:
            exec(preamble, scope)  # the text of our own case files
            exec(program, scope)
        except Exception as error:
            found["build_error"] = first_line(error)
            return found
        found["count"] = graph._last_id
        found["collections"] = collections(graph)
        y = scope["y"]
        found["names"] = names(y)
        start = [tf.global_variables_initializer(), tf.local_variables_initializer()]
        try:
            with tf.Session(graph=graph) as session:
                session.run(start)
                for step in scope["steps"]:
                    session.run(step, scope["feed"])
                found["values"] = plain(session.run(y, scope["feed"]))
        except Exception as error:
            found["run_error"] = first_line(error)
    return found


def main(paths):
    import tensorflow as tf

    tf.compat.v1.logging.set_verbosity("ERROR")
    for path in paths:
        preamble, programs = read(path)
        made = {p: evaluate(tf, preamble, p) for p in programs}
        data = json.dumps({"tensorflow": tf.__version__, "cases": made}, sort_keys=True).encode()
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as out:
            out.write(data)
        with open(path.replace(".txt", "_tf115.json.gz"), "wb") as file:
            file.write(packed.getvalue())
        print(path, len(made), "cases from TensorFlow", tf.__version__)


if __name__ == "__main__":
    main(sys.argv[1:])
