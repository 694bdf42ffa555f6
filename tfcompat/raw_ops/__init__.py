"""tf.raw_ops: one function for each op definition of TF 1.15, by keyword arguments only.

`tf.raw_ops.MatMul(a=x, b=y, transpose_b=True)`. Functions are made when they are first asked for; an op that has no
kernel yet can be built into a graph, and says so when it is run.
"""

from __future__ import annotations

import inspect as _inspect
import typing as _t

from tfcompat.framework import op_defs as _op_defs
from tfcompat.framework.op import get_op as _get_op

# Imports have private names here: `tf.raw_ops.Any` is an op.

_AXIS = {"reduction_indices": "axis"}
# Where TF's Python functions call an argument otherwise than the op definition (its ApiDef files).
_RENAMED: dict[str, dict[str, str]] = {
    **dict.fromkeys(("All", "Any", "EuclideanNorm", "Max", "Mean", "Min", "Prod", "Sum"), _AXIS),
    "ExpandDims": {"dim": "axis"},
    "Select": {"t": "x", "e": "y"},
    "Split": {"split_dim": "axis"},
    "SplitV": {"split_dim": "axis"},
    "Squeeze": {"squeeze_dims": "axis"},
    "Where": {"input": "condition"},
}


def _signature(definition: _op_defs.OpDef) -> _inspect.Signature:
    kind = _inspect.Parameter.POSITIONAL_OR_KEYWORD
    shown = _RENAMED.get(definition.name, {})
    attrs = [a for a in definition.attrs.values() if a.name not in definition.inferred]
    # An attr whose default is a tensor has none that could be written down here; it is left to the definition.
    required = [a.name for a in attrs if not a.has_default]
    parameters = [_inspect.Parameter(shown.get(arg.name, arg.name), kind) for arg in definition.inputs]
    parameters += [_inspect.Parameter(name, kind) for name in required]
    parameters += [
        _inspect.Parameter(shown.get(a.name, a.name), kind, default=a.default) for a in attrs if a.has_default
    ]
    return _inspect.Signature([*parameters, _inspect.Parameter("name", kind, default=None)])


def _make(op_type: str) -> _t.Callable[..., _t.Any]:
    decl = _get_op(op_type)
    signature = _signature(decl.definition)
    renamed = list(_RENAMED.get(op_type, {}).items())

    def raw(*args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        if args:
            raise TypeError(
                f"{op_type} only takes keyword args (possible keys: {list(signature.parameters)}). Please pass these args as kwargs instead."
            )
        signature.bind(**kwargs)
        for own, public in renamed:
            if public in kwargs:
                kwargs[own] = kwargs.pop(public)
        return decl(name=kwargs.pop("name", None), **kwargs)

    raw.__name__ = raw.__qualname__ = op_type
    raw.__doc__ = f"Adds a `{op_type}` node from its inputs and attrs, all by keyword: {signature}."
    raw.__signature__ = signature  # type: ignore[attr-defined]
    return raw


def __getattr__(name: str) -> _t.Any:
    if name.startswith("_") or not _op_defs.in_raw_ops(name):
        raise AttributeError(f"module 'tensorflow.raw_ops' has no attribute {name!r}", name=name)
    made = globals()[name] = _make(name)
    return made


def __dir__() -> list[str]:
    return [t for t in _op_defs.op_types() if _op_defs.in_raw_ops(t)]
