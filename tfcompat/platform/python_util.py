"""What programs import from `tensorflow.python.util`: decorators that mark, warn or rename, and plain inspection.

Source: TF 1.15, python/util: deprecation.py, tf_decorator.py, tf_inspect.py, tf_contextlib.py, tf_export.py,
all_util.py, lazy_loader.py.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from tfcompat.framework import tf_logging as logging

# ---------------------------------------------------------------- deprecation

# Programs set this to False to be left alone.
_PRINT_DEPRECATION_WARNINGS = True
_warned: set[Any] = set()


def _warnings_wanted() -> bool:
    # The program sets it on the module that it imported, which is a stand-in for this one.
    seen_by_program = sys.modules.get("tensorflow.python.util.deprecation")
    return bool(vars(seen_by_program or sys.modules[__name__]).get("_PRINT_DEPRECATION_WARNINGS", True))


def _warn_once(key: Any, message: str, *args: Any) -> None:
    if key not in _warned and _warnings_wanted():
        _warned.add(key)
        logging.warning(message, *args)


def _caller() -> str:
    frame = sys._getframe(3)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _name_of(thing: Any) -> str:
    return getattr(thing, "__qualname__", None) or getattr(thing, "__name__", str(thing))


def _when(date: str | None) -> str:
    return "in a future version" if date is None else f"after {date}"


def deprecated(date: str | None, instructions: str, warn_once: bool = True) -> Callable[[Any], Any]:
    """Decorates a function or class that will go away on a date (YYYY-MM-DD or None): its first call warns."""

    def decorator(thing: Any) -> Any:
        name = _name_of(thing)

        def warn() -> None:
            _warn_once(
                name if warn_once else object(),
                "From %s: %s (from %s) is deprecated and will be removed %s.\nInstructions for updating:\n%s",
                _caller(),
                name,
                thing.__module__,
                _when(date),
                instructions,
            )

        if isinstance(thing, type):
            init = thing.__init__  # type: ignore[misc]

            @functools.wraps(init)
            def new_init(self: Any, *args: Any, **kwargs: Any) -> None:
                warn()
                init(self, *args, **kwargs)

            thing.__init__ = new_init  # type: ignore[misc]
            return thing

        @functools.wraps(thing)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            warn()
            return thing(*args, **kwargs)

        return wrapper

    return decorator


def deprecated_args(date: str | None, instructions: str, *names: Any, **options: Any) -> Callable[[Any], Any]:
    """Decorates a function of which some arguments will go away: giving one of them warns.

    An argument is a name, or a pair of a name and the value which is fine to give.
    """
    fine = dict((name, None) if isinstance(name, str) else name for name in names)

    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                given = signature.bind(*args, **kwargs).arguments
            except TypeError:
                given = kwargs  # the call below says what is wrong
            for name in fine:
                if name in given and not (fine[name] is not None and given[name] == fine[name]):
                    _warn_once(
                        (_name_of(function), name) if options.get("warn_once", True) else object(),
                        "From %s: calling %s (from %s) with %s is deprecated and will be removed %s.\n"
                        "Instructions for updating:\n%s",
                        _caller(),
                        _name_of(function),
                        function.__module__,
                        name,
                        _when(date),
                        instructions,
                    )
            return function(*args, **kwargs)

        return wrapper

    return decorator


def deprecated_arg_values(
    date: str | None, instructions: str, warn_once: bool = True, **values: Any
) -> Callable[[Any], Any]:
    """Decorates a function of which some argument values will go away: giving one of them warns."""

    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            given = signature.bind(*args, **kwargs).arguments
            for name, value in values.items():
                if name in given and given[name] is value:
                    _warn_once(
                        (_name_of(function), name, "value") if warn_once else object(),
                        "From %s: calling %s (from %s) with %s=%s is deprecated and will be removed %s.\n"
                        "Instructions for updating:\n%s",
                        _caller(),
                        _name_of(function),
                        function.__module__,
                        name,
                        value,
                        _when(date),
                        instructions,
                    )
            return function(*args, **kwargs)

        return wrapper

    return decorator


def deprecated_alias(deprecated_name: str, name: str, func_or_class: Any, warn_once: bool = True) -> Any:
    """A second, old name of a function or class, which warns."""
    instructions = f"Please use {name} instead."
    if isinstance(func_or_class, type):
        func_or_class = type(func_or_class)(func_or_class.__name__, (func_or_class,), {})
    return deprecated(None, instructions, warn_once)(func_or_class)


def deprecated_argument_lookup(new_name: str, new_value: Any, old_name: str, old_value: Any) -> Any:
    """The value of an argument that has two names.

    Raises: ValueError when both are given.
    """
    if old_value is None:
        return new_value
    if new_value is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'")
    return old_value


@contextlib.contextmanager
def silence() -> Any:
    """A block in which nothing warns of deprecation."""
    module: Any = sys.modules.get("tensorflow.python.util.deprecation") or sys.modules[__name__]
    before = vars(module).get("_PRINT_DEPRECATION_WARNINGS", True)
    module._PRINT_DEPRECATION_WARNINGS = False
    try:
        yield
    finally:
        module._PRINT_DEPRECATION_WARNINGS = before


# ---------------------------------------------------------------- decorators, context managers, exports


def make_decorator(
    target: Callable[..., Any],
    decorator_func: Callable[..., Any],
    decorator_name: str | None = None,
    decorator_doc: str = "",
    decorator_argspec: Any = None,
) -> Callable[..., Any]:
    """`decorator_func` with the name, documentation and signature of `target`."""
    return functools.wraps(target)(decorator_func)


def unwrap(maybe_tf_decorator: Any) -> tuple[list[Any], Any]:
    """(the decorators, outermost first; what they decorate)."""
    decorators = []
    target = maybe_tf_decorator
    while hasattr(target, "__wrapped__"):
        decorators.append(target)
        target = target.__wrapped__
    return decorators, target


contextmanager = contextlib.contextmanager


class tf_export:
    """Decorates a thing with a public name; here it leaves the thing as it is."""

    def __init__(self, *args: str, **kwargs: Any) -> None:
        self._names = args

    def __call__(self, thing: Any) -> Any:
        return thing

    def export_constant(self, module_name: str, name: str) -> None:
        """Does nothing."""


keras_export = estimator_export = tf_export


def remove_undocumented(
    module_name: str, allowed_exception_list: Iterable[str] | None = None, doc_string_modules: Any = None
) -> None:
    """Does nothing: names that TF would remove from a program's module stay."""


def make_all(module_name: str, doc_string_modules: Iterable[Any] | None = None) -> list[str]:
    """The public names of a module."""
    return sorted(name for name in vars(sys.modules[module_name]) if not name.startswith("_"))


class LazyLoader(ModuleType):
    """A module that is imported at the first use of an attribute, and then bound in its parent's globals."""

    def __init__(self, local_name: str, parent_module_globals: dict[str, Any], name: str) -> None:
        self._local_name = local_name
        self._parent_module_globals = parent_module_globals
        super().__init__(name)

    def _load(self) -> ModuleType:
        module = importlib.import_module(self.__name__)
        self._parent_module_globals[self._local_name] = module
        self.__dict__.update(vars(module))
        return module

    def __getattr__(self, item: str) -> Any:
        return getattr(self._load(), item)

    def __dir__(self) -> list[str]:
        return dir(self._load())


# ---------------------------------------------------------------- inspection


def getfullargspec(obj: Any) -> inspect.FullArgSpec:
    """The arguments of a function, of a class's constructor or of an object's call."""
    if not inspect.isroutine(obj) and not isinstance(obj, (type, functools.partial)):
        obj = type(obj).__call__
    return inspect.getfullargspec(obj)


ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")


def getargspec(obj: Any) -> Any:
    """(args, varargs, keywords, defaults) of a function: Python has given this function up."""
    found = getfullargspec(obj)
    return ArgSpec(found.args, found.varargs, found.varkw, found.defaults)
