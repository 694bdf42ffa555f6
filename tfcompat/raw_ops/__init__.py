"""tf.raw_ops: one function for each op definition of TF 1.15, by keyword arguments only.

`tf.raw_ops.MatMul(a=x, b=y, transpose_b=True)`. Functions are made when they are first asked for; an op that has no
kernel yet can be built into a graph, and says so when it is run.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tfcompat.framework import op_defs
from tfcompat.framework.op import get_op


def _signature(definition: op_defs.OpDef) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    attrs = [a for a in definition.attrs.values() if a.name not in definition.inferred]
    # An attr whose default is a tensor has none that could be written down here; it is left to the definition.
    required = [a.name for a in attrs if not a.has_default]
    parameters = [inspect.Parameter(arg.name, kind) for arg in definition.inputs]
    parameters += [inspect.Parameter(name, kind) for name in required]
    parameters += [inspect.Parameter(a.name, kind, default=a.default) for a in attrs if a.has_default]
    return inspect.Signature([*parameters, inspect.Parameter("name", kind, default=None)])


def _make(op_type: str) -> Callable[..., Any]:
    decl = get_op(op_type)
    signature = _signature(decl.definition)

    def raw(*args: Any, **kwargs: Any) -> Any:
        if args:
            raise TypeError(
                f"{op_type} only takes keyword args (possible keys: {list(signature.parameters)}). Please pass these args as kwargs instead."
            )
        signature.bind(**kwargs)
        return decl(name=kwargs.pop("name", None), **kwargs)

    raw.__name__ = raw.__qualname__ = op_type
    raw.__doc__ = f"Adds a `{op_type}` node from its inputs and attrs, all by keyword: {signature}."
    raw.__signature__ = signature  # type: ignore[attr-defined]
    return raw


def __getattr__(name: str) -> Any:
    if name.startswith("_") or not op_defs.in_raw_ops(name):
        raise AttributeError(f"module 'tensorflow.raw_ops' has no attribute {name!r}", name=name)
    made = globals()[name] = _make(name)
    return made


def __dir__() -> list[str]:
    return [t for t in op_defs.op_types() if op_defs.in_raw_ops(t)]
