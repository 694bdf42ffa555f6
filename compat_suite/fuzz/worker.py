"""Runs drawn uses in this process: `python -m compat_suite.fuzz.worker SEED FIRST STEP END OUT ONLY SECONDS`.

Two lines a case go to OUT: its number before it runs, what came of it after.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import signal
import sys
import traceback
import warnings
from typing import Any

from compat_suite.fuzz.drawing import HUGE, Drawer, Use, candidates

MEMORY = 12 << 30  # address space; torch's libraries alone take some


class TimeLimit(BaseException):
    """A case took too long."""


def drawn(seed: int, number: int, ops: list[str]) -> Use:
    """Case `number` of a seed; the same whatever ran before."""
    drawer = Drawer(seed * 1_000_003 + number)
    return drawer.use(ops[number % len(ops)])


def attempt(use: Use) -> str:
    """What came: "value", the class of TF's error, or "finding: ..." with the exception."""
    import tfcompat as tf
    from tfcompat.framework import errors

    graph = tf.Graph()
    feeds: dict[Any, Any] = {}
    inputs: list[Any] = []
    ready: list[Any] = []
    try:
        with graph.as_default():
            result = getattr(tf.raw_ops, use.op)(**build(tf, use, feeds, ready, inputs))
            outputs = [t for t in flat(result) if hasattr(t, "dtype")]
            slopes = []
            if use.gradient and outputs:
                smooth = [t for t in outputs if t.dtype.is_floating or t.dtype.is_complex]
                places = [t for t in inputs if t.dtype.is_floating or t.dtype.is_complex]
                if smooth and places:
                    with contextlib.suppress(LookupError, NotImplementedError):  # no gradient: TF's classes for it
                        slopes = [g for g in tf.gradients(smooth, places) if g is not None]
    except (ValueError, TypeError, errors.OpError) as error:
        return type(error).__name__
    except TimeLimit:
        return "finding: build: time limit"
    except Exception as error:
        return finding("build", error)
    if use.static == "huge":
        return "built"
    try:
        with tf.Session(graph=graph) as session:
            for step in ready:
                session.run(step)
            session.run([t for t in outputs if t.dtype.base_dtype.name not in ("resource", "variant")] or result.op
                        if hasattr(result, "op") else outputs or result, feeds)  # fmt: skip
            if slopes:
                session.run(slopes, feeds)
    except errors.OpError as error:
        return type(error).__name__
    except TimeLimit:
        return "finding: run: time limit"
    except Exception as error:
        return finding("run", error)
    return "value"


def finding(where: str, error: BaseException) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = str(error).split("\n")[0][:160]
    return f"finding: {where}: {type(error).__name__}: {text} ({os.path.basename(last.filename)}:{last.lineno})"


def flat(result: Any) -> list[Any]:
    if isinstance(result, (list, tuple)):
        return [t for part in result for t in flat(part)]
    return [result]


def build(tf: Any, use: Use, feeds: dict[Any, Any], ready: list[Any], inputs: list[Any]) -> dict[str, Any]:
    """The arguments of the raw op: placeholders, constants and variables for what was drawn."""
    from tfcompat import raw_ops
    from tfcompat.framework.op import OPS

    names = raw_ops._RENAMED.get(use.op, {})

    def one(value: Any) -> Any:
        kind, dtype, array = value
        if kind == "ref":
            made = tf.raw_ops.VariableV2(shape=array.shape, dtype=dtype)
            ready.append(tf.raw_ops.Assign(ref=made, value=tf.constant(array, dtype, shape=array.shape)).op)
            return made
        if kind == "resource":
            made = tf.raw_ops.VarHandleOp(dtype=dtype, shape=array.shape)
            ready.append(tf.raw_ops.AssignVariableOp(resource=made, value=tf.constant(array, dtype, shape=array.shape)))
            return made
        if dtype.is_quantized:
            return tf.bitcast(tf.constant(array), dtype)
        if use.static == "constant" or dtype.name == "bfloat16" or dtype.name == "string":
            made = tf.constant(array.tolist() if dtype.name == "string" else array, dtype, shape=array.shape)
        else:
            dims: Any = array.shape
            if use.static == "rank":
                dims = [None] * array.ndim
            elif use.static == "unknown":
                dims = None
            elif use.static == "huge" and dims:
                dims = (HUGE[array.size % 3], *dims[1:])
            made = tf.placeholder(dtype, dims)
            feeds[made] = array
        inputs.append(made)
        return made

    definition = OPS[use.op].definition
    values = {
        names.get(arg.name, arg.name): [one(v) for v in value] if isinstance(value, list) else one(value)
        for arg, value in zip(definition.inputs, use.inputs, strict=True)
    }
    return {**values, **{names.get(key, key): value for key, value in use.attrs.items()}}


def on_alarm(*_: Any) -> None:
    raise TimeLimit


def main() -> None:
    seed, first, step, end = map(int, sys.argv[1:5])
    target, only, seconds = sys.argv[5], sys.argv[6], int(sys.argv[7])
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
    import tfcompat as tf

    tf.logging.set_verbosity(tf.logging.FATAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, on_alarm)
    ops = [name for name in candidates() if re.search(only, name)]
    with open(target, "a", encoding="utf-8") as out:
        for number in range(first, end, step):
            out.write(f"{number}\n")
            out.flush()
            use = drawn(seed, number, ops)
            signal.alarm(seconds)
            try:
                came = attempt(use)
            except TimeLimit:
                came = "finding: time limit"
            signal.alarm(0)
            out.write(json.dumps([number, use.op, came, str(use)[:1500] if came.startswith("finding") else ""]) + "\n")


if __name__ == "__main__":
    main()
