"""Is a public name there, and is its signature the recorded one?

Signatures are rendered as in the recorded tables: parameters without annotations and without self; a dtype as
`tf.float32`, an enum member as `Class.MEMBER`, a function or class by its name, any other object as `<Class>`.
"""

from __future__ import annotations

import enum
import inspect
import math
import warnings
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from compat_suite.facts import Symbol
from compat_suite.tier import Row

MISSING, DIFFERS, KIND, EQUAL = "missing", "differs", "kind", "pass"
_ABSENT = object()


def render_value(value: Any) -> str:
    """A default value or a constant as the tables write it."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if type(value).__name__ == "DType":
        return f"tf.{value.name}"
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return repr(value)
    if isinstance(value, tuple):
        inner = ", ".join(render_value(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, list):
        return f"[{', '.join(render_value(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{render_value(k)}: {render_value(v)}" for k, v in value.items()) + "}"
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    return f"<{value.__class__.__name__}>"  # __class__: what a proxy says it is


def render_signature(signature: inspect.Signature) -> str:
    """`(a, b=1, *args, c=None, **kwargs)`."""
    out: list[str] = []
    parameters = list(signature.parameters.values())
    for i, p in enumerate(parameters):
        previous = parameters[i - 1].kind if i else None
        if previous is p.POSITIONAL_ONLY and p.kind is not p.POSITIONAL_ONLY:
            out.append("/")
        if p.kind is p.KEYWORD_ONLY and previous not in (p.KEYWORD_ONLY, p.VAR_POSITIONAL):
            out.append("*")
        text = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "") + p.name
        if p.default is not p.empty:
            text += "=" + render_value(p.default)
        out.append(text)
    if parameters and parameters[-1].kind is inspect.Parameter.POSITIONAL_ONLY:
        out.append("/")
    return f"({', '.join(out)})"


def _without_first(signature: inspect.Signature) -> inspect.Signature:
    parameters = list(signature.parameters.values())
    if parameters and parameters[0].kind is not inspect.Parameter.VAR_POSITIONAL:
        parameters = parameters[1:]
    return signature.replace(parameters=parameters)


def class_signature(cls: type) -> str:
    """The constructor's parameters: what the class itself defines, whatever its metaclass does."""
    if issubclass(cls, enum.Enum):
        return "(value)"
    if hasattr(cls, "DESCRIPTOR") and hasattr(cls, "SerializeToString"):
        return "(**fields)"  # a protocol buffer message
    if "__signature__" in vars(cls):
        return render_signature(cls.__signature__)
    for base in inspect.getmro(cls)[:-1]:
        for constructor in ("__init__", "__new__"):
            if constructor in vars(base):
                return render_signature(_without_first(inspect.signature(getattr(base, constructor))))
    return "()"


def member_signature(cls: type, name: str) -> str:
    """The parameters of a method as its caller sees them."""
    found = inspect.getattr_static(cls, name, _ABSENT)
    bound = getattr(cls, name)
    signature = inspect.signature(bound)
    takes_self = not isinstance(found, (staticmethod, classmethod)) and not inspect.ismethod(bound)
    return render_signature(_without_first(signature) if takes_self else signature)


class Package:
    """Looks names up in the module under test, each name once; a name that cannot be had is absent."""

    def __init__(self, root: ModuleType) -> None:
        self._found: dict[str, Any] = {"tf": root}

    def get(self, name: str) -> Any:
        """The object called `tf.x.y`, or the marker for absent."""
        if name not in self._found:
            parent, _, last = name.rpartition(".")
            holder = self.get(parent)
            self._found[name] = _ABSENT if holder is _ABSENT else self._attribute(holder, last)
        return self._found[name]

    @staticmethod
    def _attribute(holder: Any, name: str) -> Any:
        if inspect.isclass(holder):
            static = inspect.getattr_static(holder, name, _ABSENT)
            if isinstance(static, property) or inspect.isdatadescriptor(static):
                return static
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return getattr(holder, name)
        except Exception:  # whatever goes wrong on the way to it, the name is not there for a program
            return _ABSENT

    def compare(self, symbol: Symbol) -> Row:
        """One name's verdict."""
        value = self.get(symbol.name)
        if value is _ABSENT:
            return Row(symbol.name, MISSING)
        parent_name, _, last = symbol.name.rpartition(".")
        parent = self.get(parent_name)
        if symbol.kind == "class" and not inspect.isclass(value):
            return Row(symbol.name, KIND, f"a class in TensorFlow, here {type(value).__name__}")
        if symbol.kind in ("function", "method") and not callable(value):
            return Row(symbol.name, KIND, f"a {symbol.kind} in TensorFlow, here {type(value).__name__}")
        if not symbol.signature:
            return Row(symbol.name, EQUAL)
        try:
            if symbol.kind == "constant":
                # A member of a public enum class is recorded by its value.
                member = isinstance(value, enum.Enum) and isinstance(parent, type)
                ours = "= " + render_value(value.value if member else value)
            elif inspect.isclass(value):
                ours = class_signature(value)
            elif inspect.isclass(parent):
                ours = member_signature(parent, last)
            else:
                ours = render_signature(inspect.signature(value))
        except (TypeError, ValueError) as problem:
            return Row(symbol.name, DIFFERS, f"no signature: {problem}; TensorFlow has {symbol.signature}")
        if ours == symbol.signature:
            return Row(symbol.name, EQUAL)
        return Row(symbol.name, DIFFERS, f"{ours} ; TensorFlow has {symbol.signature}")


def compare(root: ModuleType, symbols: Iterable[Symbol]) -> list[Row]:
    """The verdict on each name, in the order given."""
    package = Package(root)
    return [package.compare(symbol) for symbol in symbols]


def percent(part: float, whole: float) -> str:
    """`97.3 %`, rounded down: 100 % means all."""
    return f"{math.floor(1000 * part / whole) / 10:.1f} %" if whole else "-"
