"""TensorFlow's op definitions: the signature of every op type, read from `op_defs.tsv`.

The table holds facts of TF 1.15's op registry (argument names, types, attrs, defaults). A line is parsed the
first time its op is used, so importing costs one split of the file.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import pathlib
from typing import Any

import numpy as np

from tfcompat.framework import dtypes
from tfcompat.framework.shapes import TensorShape

_DTYPES = {d.name: d for d in dtypes._BY_ENUM.values() if not d._is_ref_dtype}
_TABLE = pathlib.Path(__file__).with_name("op_defs.tsv")


@dataclasses.dataclass(frozen=True, slots=True)
class ArgDef:
    """One input or output. Exactly one of `type`, `type_attr`, `type_list_attr` says what flows through it."""

    name: str
    type: dtypes.DType | None
    type_attr: str
    number_attr: str
    type_list_attr: str
    is_ref: bool

    @property
    def is_list(self) -> bool:
        return bool(self.number_attr or self.type_list_attr)


@dataclasses.dataclass(frozen=True, slots=True)
class AttrDef:
    """One attr: TF's type name, the values it may take, its default."""

    name: str
    type: str
    allowed: tuple[Any, ...] | None
    minimum: int | None
    has_default: bool
    default: Any


@dataclasses.dataclass(frozen=True, slots=True)
class OpDef:
    """The signature of an op type."""

    name: str
    inputs: tuple[ArgDef, ...]
    outputs: tuple[ArgDef, ...]
    attrs: dict[str, AttrDef]
    is_stateful: bool
    is_commutative: bool
    allows_uninitialized_input: bool
    # attrs whose value follows from the inputs (types and list lengths); the others are the caller's to give
    inferred: frozenset[str]


@functools.cache
def _lines() -> dict[str, str]:
    lines = _TABLE.read_text(encoding="utf-8").split("\n")[1:]
    return {line.partition("\t")[0]: line for line in lines if line}


def op_types() -> list[str]:
    """Every op type the table defines, sorted."""
    return sorted(_lines())


def has_op_def(op_type: str) -> bool:
    return op_type in _lines()


def in_raw_ops(op_type: str) -> bool:
    """Whether `tf.raw_ops` has a function for the type."""
    line = _lines().get(op_type)
    return line is not None and line.endswith("\tyes")


@functools.cache
def op_def(op_type: str) -> OpDef:
    """The definition of `op_type`. Raises KeyError for an unknown type."""
    return parse_op_def(_lines()[op_type])


def parse_op_def(line: str) -> OpDef:
    """Parses one tab-separated line: op, inputs, outputs, attrs, four flags."""
    name, inputs, outputs, attrs, stateful, commutative, _, uninitialized = line.split("\t")[:8]
    ins, outs = _args(inputs), _args(outputs)
    parsed = [_attr(text) for text in attrs.split("; ")] if attrs else []
    inferred = {n for a in ins for n in (a.type_attr, a.number_attr, a.type_list_attr) if n}
    return OpDef(
        name=name,
        inputs=ins,
        outputs=outs,
        attrs={a.name: a for a in parsed},
        is_stateful=stateful == "yes",
        is_commutative=commutative == "yes",
        allows_uninitialized_input=uninitialized == "yes",
        inferred=frozenset(inferred),
    )


def _args(text: str) -> tuple[ArgDef, ...]:
    return tuple(_arg(part) for part in text.split(", ")) if text else ()


def _arg(text: str) -> ArgDef:
    name, _, kind = text.partition(":")
    is_ref = kind.startswith("ref(")
    if is_ref:
        kind = kind[4:-1]
    if kind.startswith("list("):
        return ArgDef(name, None, "", "", kind[5:-1], is_ref)
    number, star, rest = kind.partition("*")
    if star:
        kind = rest
        if kind.startswith("ref("):
            is_ref, kind = True, kind[4:-1]
    else:
        number = ""
    known = _DTYPES.get(kind)
    return ArgDef(name, known, "" if known else kind, number, "", is_ref)


def _attr(text: str) -> AttrDef:
    name, _, rest = text.partition(":")
    rest, has_default, default = rest.partition(" = ")
    rest, _, minimum = rest.partition(" >= ")
    kind, _, allowed = rest.partition(" in ")
    choices = tuple(_scalar(kind, c) for c in allowed.strip("{}").split("|")) if allowed else None
    value = None
    if has_default:
        if kind.startswith("list("):
            value = _list_default(kind[5:-1], default)
        else:
            value = _scalar(kind, default)
    return AttrDef(name, kind, choices, int(minimum) if minimum else None, bool(has_default), value)


def _list_default(kind: str, text: str) -> list[Any]:
    if kind == "type":
        return [dtypes.as_dtype(t) for t in text.strip("[]").split(", ") if t]
    values = ast.literal_eval(text)
    return [TensorShape(v) for v in values] if kind == "shape" else list(values)


def _scalar(kind: str, text: str) -> Any:
    base = kind[5:-1] if kind.startswith("list(") else kind
    if base == "type":
        return dtypes.as_dtype(text)
    if base == "shape":
        return TensorShape(None) if text == "unknown" else TensorShape(ast.literal_eval(text))
    if base == "tensor":
        # The table has one default of this kind: the red that an image summary shows bad pixels in.
        return np.array([255, 0, 0, 255], np.uint8)
    if base == "float":
        return float(text)
    return ast.literal_eval(text)
