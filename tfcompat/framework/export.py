"""Public names, declared where the thing they name lives.

    @export("math.add", "add")            # names in the TF 1 API, without the leading `tf.`
    def add(x, y, name=None): ...

    @export("nn.dropout", v2=("nn.experimental.dropout",))     # a v1 name and a v2 name
    @export(v2=("math.reduce_sum",))                           # a v2 name only

    float32 = DType("float32")
    export_value("float32", "dtypes.float32")                  # a constant: the module global of that name
    bool_ = DType("bool")
    export_value("bool", attribute="bool_")                    # ... or of another name

    export_lazy("GraphDef", target="tfcompat.framework.protos:GraphDef")     # looked up when the name is first used

Declaring costs one list entry. `tools/generate_api.py` reads the list and writes the modules under `tfcompat/api`,
which is what users import; nothing looks at it while a program runs. `export` goes on top of other decorators.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Declaration(NamedTuple):
    """One `export` or `export_value`: the public names and where the thing is found."""

    v1: tuple[str, ...]
    v2: tuple[str, ...]
    module: str
    attribute: str | None  # None: search the module's globals for `value`
    value: Any
    lazy: bool = False  # True: the namespace imports `module` and takes `attribute` on first use, not before


DECLARATIONS: list[Declaration] = []


def export(*names: str, v2: tuple[str, ...] = ()) -> Callable[[T], T]:
    """Declares a function's or class's public TF 1 names (and TF 2 names); returns it unchanged."""

    def declare(value: T) -> T:
        module = sys._getframe(1).f_globals["__name__"]
        DECLARATIONS.append(Declaration(names, v2, module, None, value))
        return value

    return declare


def export_value(*names: str, attribute: str | None = None, v2: tuple[str, ...] = ()) -> None:
    """Declares public names of a global of the calling module: `attribute`, or else the last part of the first name."""
    found_as = attribute or (names or v2)[0].rpartition(".")[2]
    module = sys._getframe(1).f_globals["__name__"]
    DECLARATIONS.append(Declaration(names, v2, module, found_as, None))


def export_lazy(*names: str, target: str, v2: tuple[str, ...] = ()) -> None:
    """Declares public names of "module:attribute", which is looked up the first time a program uses the name."""
    module, _, attribute = target.partition(":")
    DECLARATIONS.append(Declaration(names, v2, module, attribute, None, lazy=True))


def namespace_getattr(namespace: str, lazy: Mapping[str, str] | None = None) -> Callable[[str], Any]:
    """The `__getattr__` of a public namespace such as `tf.nn`.

    `lazy` maps a sub-namespace to the module that is imported on its first use, and other names to "module:attribute".
    Any other name is missing.
    Raises: AttributeError in TF's words, then that tfcompat does not provide the name.
    """
    below_tf = namespace.removeprefix("tf").removeprefix(".")
    tf_module = f"tensorflow._api.v1.{below_tf}" if below_tf else "tensorflow"

    def __getattr__(name: str) -> Any:
        if lazy and name in lazy:
            module, _, attribute = lazy[name].partition(":")
            found = importlib.import_module(module)
            return getattr(found, attribute) if attribute else found
        text = f"module {tf_module!r} has no attribute {name!r}"
        if not name.startswith("__"):
            text += f"\ntfcompat does not provide {namespace}.{name} yet"
        raise AttributeError(text, name=name)

    return __getattr__
