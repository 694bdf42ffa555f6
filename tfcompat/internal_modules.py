"""TensorFlow's internal modules, such as `tensorflow.python.ops.math_ops`, as modules that point at public names.

Which names a module has, and under which public name TensorFlow exports each of them, stands in
`data/internal_symbols.tsv.gz` (written by `tools/record_internal_symbols.py`, where the format is described).
"""

from __future__ import annotations

import functools
import gzip
import importlib
import json
import pathlib
import re
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import tfcompat
from tfcompat import import_sites
from tfcompat.missing import MissingSymbol

_PACKAGE = pathlib.Path(__file__).parent
_TABLE = _PACKAGE / "data" / "internal_symbols.tsv.gz"

# Modules of ours that have names which TensorFlow keeps in an internal module and exports nowhere.
PROVIDED: dict[str, tuple[str, ...]] = {
    "contrib.learn.datasets": ("learn.datasets",),
    "contrib.learn.python.learn.datasets": ("learn.datasets",),
    "contrib.learn.python.learn.datasets.base": ("learn.datasets.base",),
    "contrib.learn.python.learn.datasets.mnist": ("learn.datasets.mnist",),
    "examples.tutorials.mnist.input_data": ("learn.input_data",),
    "examples.tutorials.mnist.mnist": ("learn.mnist_model",),
    "python.client.device_lib": ("platform.device_lib",),
    "python.client.session": ("client.session",),
    "python.client.timeline": ("client.timeline",),
    "python.compat.compat": ("framework.compat_strings",),
    "python.framework.constant_op": ("ops.constants",),
    "python.framework.device": ("framework.device",),
    "python.framework.dtypes": ("framework.dtypes",),
    "python.framework.errors": ("framework.errors",),
    "python.framework.errors_impl": ("framework.errors",),
    "python.framework.graph_io": ("training.graph_io",),
    "python.framework.meta_graph": ("training.meta_graph",),
    "python.framework.ops": (
        "framework.graph",
        "framework.operation",
        "framework.stacks",
        "framework.tensor",
        "framework.conversion",
        "framework.indexed_slices",
    ),
    "python.framework.tensor_shape": ("framework.shapes",),
    "python.framework.tensor_util": ("framework.tensor_proto", "framework.constant_value"),
    "python.framework.test_util": ("platform.test_util",),
    "python.framework.versions": ("framework.versions",),
    "python.keras.optimizer_v2.learning_rate_schedule": ("training.learning_rate_schedule",),
    "python.lib.io.file_io": ("platform.gfile",),
    "python.ops.resources": ("ops.resources",),
    "python.platform.app": ("platform.app",),
    "python.platform.benchmark": ("platform.benchmark",),
    "python.platform.flags": ("platform.flags",),
    "python.platform.gfile": ("platform.gfile",),
    "python.platform.googletest": ("platform.googletest", "platform.test_case", "platform.benchmark"),
    "python.platform.resource_loader": ("platform.resource_loader",),
    "python.platform.sysconfig": ("platform.sysconfig",),
    "python.platform.test": ("platform.googletest", "platform.test_util"),
    "python.platform.tf_logging": ("framework.tf_logging",),
    "python.training.adadelta": ("training.adadelta",),
    "python.training.adagrad": ("training.adagrad",),
    "python.training.adagrad_da": ("training.adagrad_da",),
    "python.training.adam": ("training.adam",),
    "python.training.basic_loops": ("training.basic_loops",),
    "python.training.basic_session_run_hooks": ("training.basic_session_run_hooks",),
    "python.training.checkpoint_management": ("io.checkpoint_state", "training.checkpoint_manager"),
    "python.training.checkpoint_utils": ("training.checkpoint_utils", "io.checkpoint_reader"),
    "python.training.coordinator": ("training.coordinator",),
    "python.training.device_setter": ("training.device_setter",),
    "python.training.ftrl": ("training.ftrl",),
    "python.training.gradient_descent": ("training.gradient_descent",),
    "python.training.learning_rate_decay": ("training.learning_rate_decay",),
    "python.training.momentum": ("training.momentum",),
    "python.training.monitored_session": ("training.monitored_session",),
    "python.training.moving_averages": ("training.moving_averages",),
    "python.training.optimizer": ("training.optimizer",),
    "python.training.proximal_adagrad": ("training.proximal_adagrad",),
    "python.training.proximal_gradient_descent": ("training.proximal_gradient_descent",),
    "python.training.queue_runner": ("training.queue_runner",),
    "python.training.queue_runner_impl": ("training.queue_runner",),
    "python.training.rmsprop": ("training.rmsprop",),
    "python.training.saver": ("training.saver", "io.checkpoint_state"),
    "python.training.saving.saveable_object": ("training.saveable",),
    "python.training.saving.saveable_object_util": ("training.saveable",),
    "python.training.server_lib": ("training.server_lib",),
    "python.training.session_manager": ("training.session_manager",),
    "python.training.session_run_hook": ("training.session_run_hook",),
    "python.training.slot_creator": ("training.slot_creator",),
    "python.training.supervisor": ("training.supervisor",),
    "python.training.tracking.base": ("framework.trackable",),
    "python.training.tracking.tracking": ("framework.trackable",),
    "python.training.tracking.util": ("training.checkpoint",),
    "python.training.training_util": ("training.training_util", "training.graph_io"),
    "python.training.warm_starting_util": ("training.checkpoint_utils",),
    "python.util.all_util": ("platform.python_util",),
    "python.util.compat": ("framework.compat_strings",),
    "python.util.deprecation": ("platform.python_util",),
    "python.util.lazy_loader": ("platform.python_util",),
    "python.util.nest": ("framework.nest",),
    "python.util.tf_contextlib": ("platform.python_util",),
    "python.util.tf_decorator": ("platform.python_util",),
    "python.util.tf_export": ("platform.python_util",),
    "python.util.tf_inspect": ("platform.python_util", "/inspect"),
}

_ABSENT = object()
_RAW_OP = re.compile(r"!(\w+)\((.*)\)")


# ---------------------------------------------------------------- the table


@functools.cache
def _lines() -> dict[str, str]:
    text = gzip.decompress(_TABLE.read_bytes()).decode()
    return {line.partition("\t")[0]: line for line in text.splitlines()}


@functools.cache
def _packages() -> frozenset[str]:
    """The modules of the table and of PROVIDED, and the packages above them."""
    found: set[str] = set()
    for name in [*_lines(), *PROVIDED]:
        while name and name not in found:
            found.add(name)
            name = name.rpartition(".")[0]
    return frozenset(found)


@functools.cache
def symbols(module: str) -> dict[str, str] | None:
    """Attribute -> target of a module named without `tensorflow.`; None where its contents are not recorded."""
    fields = _lines().get(module, "").split("\t")[1:]
    if fields == ["*"]:
        return None
    return {name: target for name, _, target in (field.partition("=") for field in fields)}


def is_known(module: str) -> bool:
    """Whether TensorFlow 1.15 has such a module."""
    return module in _packages()


# ---------------------------------------------------------------- finding the object


def own_attribute(module: Any, name: str) -> Any:
    """`module.name` without the fallbacks that `fall_back` adds, or _ABSENT: they would lead back here."""
    found = vars(module).get(name, _ABSENT) if isinstance(module, ModuleType) else getattr(module, name, _ABSENT)
    if found is _ABSENT and isinstance(module, ModuleType) and not isinstance(module, InternalModule):
        own = _patched.get(id(module), (None, vars(module).get("__getattr__")))[1]
        try:
            return own(name) if own is not None else _ABSENT
        except AttributeError:
            return _ABSENT
    return found


def public(path: str) -> Any:
    """The public object that `path` leads to from `tf`, or _ABSENT."""
    found: Any = tfcompat
    for part in path.split("."):
        found = own_attribute(found, part)
        if found is _ABSENT:
            return _ABSENT
    return found


def public_module(path: str) -> ModuleType | None:
    """The public namespace of that name; `compat.v1.x` is `x` where there is no separate one."""
    found = public(path)
    if found is _ABSENT and path.startswith("compat.v1."):
        found = public(path.removeprefix("compat.v1."))
    if found is _ABSENT and path == "compat.v1":
        found = tfcompat
    if found is _ABSENT and path.startswith("contrib."):
        found = _real_contrib(path)
    return found if isinstance(found, ModuleType) else None


def _real_contrib(path: str) -> Any:
    """A module of ours for something in contrib whose public names are not declared; looked for on disk, because an
    import that fails would ask the public namespaces again."""
    file = _PACKAGE.joinpath(*path.split("."))
    if file.with_suffix(".py").is_file() or (file / "__init__.py").is_file():
        return importlib.import_module(f"tfcompat.{path}")
    return _ABSENT


class RawOp:
    """An op function of a `gen_..._ops` module: tf.raw_ops takes keywords only, this one positions too."""

    def __init__(self, function: Callable[..., Any], name: str, arguments: list[str]) -> None:
        self._function, self._arguments = function, arguments
        self.__name__ = self.__qualname__ = name
        self.__doc__ = function.__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) > len(self._arguments):
            raise TypeError(f"{self.__name__}() takes {len(self._arguments)} arguments, got {len(args)}")
        return self._function(**dict(zip(self._arguments, args, strict=False)), **kwargs)


def _from_target(target: str) -> Any:
    """The object that one part of a target names, or _ABSENT."""
    if target.startswith("#"):
        return json.loads(target[1:])
    if target.startswith("@"):
        module, _, attribute = target[1:].rpartition(".")
        if is_known(target[1:]):
            return importlib.import_module(f"tensorflow.{target[1:]}")
        return resolve(module, attribute)
    if target.startswith("2:"):
        return public(f"compat.v2.{target[2:]}")
    raw = _RAW_OP.fullmatch(target)
    if raw:
        function = public(f"raw_ops.{raw[1]}")
        return _ABSENT if function is _ABSENT else RawOp(function, raw[1], raw[2].split(","))
    if target.startswith("c."):
        namespace, _, attribute = target[2:].rpartition(".")
        module = public_module(f"contrib.{namespace}") if namespace else None
        return _ABSENT if module is None else own_attribute(module, attribute)
    return public(target)


def _first(candidates: Iterable[Any]) -> Any:
    return next((found for found in candidates if found is not _ABSENT), _ABSENT)


def _provided(module: str, name: str) -> Iterable[Any]:
    for ours in PROVIDED.get(module, ()):
        full = ours[1:] if ours.startswith("/") else f"tfcompat.{ours}"
        try:
            yield own_attribute(importlib.import_module(full), name)
        except ModuleNotFoundError as error:
            if error.name != full and not full.startswith(f"{error.name}."):
                raise


def resolve(module: str, name: str) -> Any:
    """What attribute `name` of `tensorflow.<module>` is here, or _ABSENT."""
    inner = f"{module}.{name}"
    if is_known(inner):
        return importlib.import_module(f"tensorflow.{inner}")
    target = (symbols(module) or {}).get(name)
    found = _first(_from_target(part) for part in target.split("|")) if target else _ABSENT
    return _first(_provided(module, name)) if found is _ABSENT else found


def resolve_or_stand_in(module: str, name: str) -> Any:
    """What attribute `name` of `tensorflow.<module>` is, or a stand-in that raises when it is used.

    Raises: AttributeError for a name that TensorFlow 1.15 does not have either, unless a program imports it without
    being prepared for that to fail.
    """
    found = resolve(module, name)
    if found is not _ABSENT:
        return found
    recorded = symbols(module)
    # Read by the import system (`hasattr` for a from-list) the answer is the plain one; the program asks again itself.
    asking = import_sites.caller(2)
    if recorded is not None and name in recorded:
        return MissingSymbol(f"tensorflow.{module}.{name}")
    imports = "importlib" not in asking.f_code.co_filename and import_sites.importer(asking) is asking
    if imports and (recorded is None or import_sites.is_unguarded_import(asking)):
        return MissingSymbol(f"tensorflow.{module}.{name}")
    raise AttributeError(f"module 'tensorflow.{module}' has no attribute {name!r}", name=name)


# ---------------------------------------------------------------- modules


class InternalModule(ModuleType):
    """A module that looks up each of its attributes when it is first read."""

    def __init__(self, inner: str) -> None:
        super().__init__(f"tensorflow.{inner}", f"tensorflow.{inner}, with the names that tfcompat provides.")
        self.__dict__["_inner"] = inner
        self.__dict__["__path__"] = []

    def __getattr__(self, name: str) -> Any:
        inner = self.__dict__["_inner"]
        if name == "__all__":
            return [
                n for n in sorted(symbols(inner) or {}) if not n.startswith("_") and resolve(inner, n) is not _ABSENT
            ]
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        found = resolve_or_stand_in(inner, name)
        if not isinstance(found, MissingSymbol):
            self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *(symbols(self.__dict__["_inner"]) or ())})


# id(module) -> (module, the __getattr__ it had)
_patched: dict[int, tuple[ModuleType, Any]] = {}


def fall_back(module: ModuleType, inner: str, only: frozenset[str] | None = None) -> None:
    """Makes a real module answer for the other names of `tensorflow.<inner>`, or of those in `only`."""
    if id(module) in _patched or isinstance(module, InternalModule):
        return
    own = vars(module).get("__getattr__")
    _patched[id(module)] = (module, own)

    def __getattr__(name: str) -> Any:
        found = own_attribute(module, name)
        if found is _ABSENT and not name.startswith("__") and (only is None or name in only):
            if not inner:
                return importlib.import_module(f"tensorflow.{name}")
            found = resolve_or_stand_in(inner, name)
        if found is not _ABSENT:
            if isinstance(found, ModuleType) and not isinstance(found, InternalModule) and inner:
                fall_back(found, f"{inner}.{name}")
            return found
        if own is not None:
            return own(name)  # raises, in its own words
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}", name=name)

    module.__getattr__ = __getattr__  # type: ignore[method-assign]


def undo_fall_backs() -> None:
    """Takes back what `fall_back` did."""
    for module, own in _patched.values():
        if own is None:
            del module.__getattr__  # type: ignore[attr-defined]
        else:
            module.__getattr__ = own  # type: ignore[method-assign]
    _patched.clear()


def patch_namespaces(module: ModuleType, inner: str) -> None:
    """`fall_back` for a public namespace and those below it that are loaded."""
    fall_back(module, inner)
    for name, below in list(vars(module).items()):
        if isinstance(below, ModuleType) and is_known(f"{inner}.{name}") and id(below) not in _patched:
            patch_namespaces(below, f"{inner}.{name}")


def load(inner: str) -> ModuleType | None:
    """The module to import as `tensorflow.<inner>`; None where TensorFlow 1.15 has none."""
    found = public_module(inner)
    if found is not None:
        if inner.startswith("contrib"):
            patch_namespaces(found, inner)
        return found
    if inner.endswith("_pb2"):
        from tfcompat.framework import protos  # not before it is needed: most programs never are here

        try:
            return protos.pb2_module(f"tensorflow.{inner}")
        except ImportError:
            pass
    if is_known(inner):
        return InternalModule(inner)
    asking = sys._getframe(1)
    while asking is not None and asking.f_globals.get("__name__") in ("tfcompat.install", __name__):
        asking = asking.f_back  # type: ignore[assignment]
    if not import_sites.in_from_list(asking) and import_sites.is_unguarded_import(asking):
        return InternalModule(inner)
    return None
