"""Makes the public namespaces importable: `import tfcompat.nn`, `from tfcompat.compat.v1 import nn`.
(`import tensorflow.nn` is the business of tfcompat.install.)

A public namespace may share its name with a package of the implementation (`tf.data`, `tfcompat/data`). As an
attribute, `tfcompat.data` is the public one. `from tfcompat.data import X` finds the package, which then falls back to
the public names.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class NamespaceFinder(MetaPathFinder, Loader):
    """Imports `tfcompat.x.y` as the module that the attribute path `x.y` leads to; `own` are left to others."""

    def __init__(self, package: ModuleType, own: frozenset[str] = frozenset()) -> None:
        self.package, self.own = package, own

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root, _, inner = fullname.partition(".")
        parts = inner.split(".")
        if root != self.package.__name__ or not inner or parts[0] in self.own:
            return None
        found: Any = self.package
        for part in parts:
            found = getattr(found, part, None)
        if not isinstance(found, ModuleType):
            return None
        return ModuleSpec(fullname, self, is_package=True, loader_state=(found, found.__spec__))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module: ModuleType = spec.loader_state[0]
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The module has run already, under its own name; the import system has just put another spec on it.
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state[1]


def _falls_back_to(public: Callable[[], ModuleType], package: str) -> Callable[[str], Any]:
    def __getattr__(name: str) -> Any:
        if not name.startswith("__"):
            return getattr(public(), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)

    return __getattr__


def publish(package: ModuleType, api: ModuleType, lazy: Sequence[str]) -> None:
    """Settles which of two things of one name is an attribute of the package, once for the whole run.

    The import system binds a sub-package on its parent when it first loads it. So each implementation package whose
    name is public too is loaded here; then the public thing takes its place, or, where that is only to be imported on
    first use, nothing does, and the package's `__getattr__` is asked.
    """
    own = frozenset(module.name for module in pkgutil.iter_modules(package.__path__))
    public = vars(api)
    for name in sorted(own & {*api.__all__, *lazy}):
        below = importlib.import_module(f"{package.__name__}.{name}")
        if name in lazy:
            vars(package).pop(name, None)
        else:
            setattr(package, name, public[name])
        if (name in lazy or isinstance(public[name], ModuleType)) and not hasattr(below, "__getattr__"):
            below.__getattr__ = _falls_back_to(lambda name=name: getattr(api, name), below.__name__)  # type: ignore
    # Before all other finders, which would load a namespace a second time from its parent's folder; for names of the
    # implementation's packages after them: `tfcompat.io.varints` is a file of ours, `tfcompat.io.gfile` a namespace.
    sys.meta_path.insert(0, NamespaceFinder(package, own))
    sys.meta_path.append(NamespaceFinder(package))
