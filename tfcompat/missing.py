"""Stand-ins for symbols of TensorFlow that tfcompat does not have.

A program may import many names and use few of them, so a missing one is no error until it is used: called, derived
from and instantiated, read an attribute of, computed with. Deriving a class from it and decorating with it work, and
what was derived or decorated raises when it is used.
"""

from __future__ import annotations

import functools
from typing import Any, NoReturn

from tfcompat import import_sites


class MissingSymbolError(NotImplementedError, AttributeError):
    """A symbol that tfcompat does not have was used."""


def _fail(symbol: str) -> NoReturn:
    raise MissingSymbolError(f"tfcompat does not provide {symbol}, which the program uses here")


def _decorated(symbol: str, thing: Any) -> Any:
    """`thing`, decorated with what is missing: it exists, and raises when it is called."""

    def raises(*args: Any, **kwargs: Any) -> NoReturn:
        raise MissingSymbolError(
            f"tfcompat does not provide {symbol}, with which {getattr(thing, '__qualname__', thing)!s} is decorated"
        )

    if isinstance(thing, type):
        return type(thing)(thing.__name__, (thing,), {"__init__": raises, "__module__": thing.__module__})
    return functools.wraps(thing)(raises)


class _Decorator:
    """What `@missing(arguments)` gives."""

    def __init__(self, symbol: str) -> None:
        self._symbol = symbol

    def __call__(self, thing: Any) -> Any:
        return _decorated(self._symbol, thing)


class MissingSymbol:
    """Stands for the symbol named; every use raises MissingSymbolError."""

    def __init__(self, symbol: str) -> None:
        self.__dict__["_symbol"] = symbol
        self.__dict__["__name__"] = symbol.rpartition(".")[2]
        self.__dict__["__doc__"] = f"{symbol}, which tfcompat does not provide."

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        symbol = self.__dict__["_symbol"]
        if import_sites.is_decorator(import_sites.caller()):
            is_bare = len(args) == 1 and not kwargs and callable(args[0]) and hasattr(args[0], "__qualname__")
            return _decorated(symbol, args[0]) if is_bare else _Decorator(symbol)
        _fail(symbol)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        symbol = self.__dict__["_symbol"]

        def __new__(cls: type, *args: Any, **kwargs: Any) -> NoReturn:
            raise MissingSymbolError(f"tfcompat does not provide {symbol}, the base class of {cls.__qualname__}")

        return (type(self.__dict__["__name__"], (), {"__new__": __new__, "__module__": symbol.rpartition(".")[0]}),)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):  # asked by Python's own protocols, not by the program
            raise AttributeError(name)
        _fail(f"{self.__dict__['_symbol']} (nor its attribute {name!r})")

    def __setattr__(self, name: str, value: Any) -> None:
        _fail(self.__dict__["_symbol"])

    def __repr__(self) -> str:
        return f"<{self.__dict__['_symbol']}, not provided by tfcompat>"

    # Nothing can be an instance of what does not exist, so these two are answers and no use.
    def __instancecheck__(self, instance: Any) -> bool:
        return False

    def __subclasscheck__(self, subclass: Any) -> bool:
        return False


def _uses(*names: str) -> None:
    """Makes special methods that raise."""
    for name in names:

        def special(self: MissingSymbol, *args: Any, **kwargs: Any) -> NoReturn:
            _fail(self.__dict__["_symbol"])

        special.__name__ = f"__{name}__"
        setattr(MissingSymbol, special.__name__, special)


_uses("bool", "len", "iter", "contains", "getitem", "setitem", "delitem", "enter", "exit", "index", "int", "float")
_uses("neg", "pos", "abs", "invert", "lt", "le", "gt", "ge", "array")
_uses(
    *(
        side + op
        for op in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split()
        for side in ("", "r")
    )
)
