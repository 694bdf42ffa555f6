"""`tfcompat.install()`: from then on, a program's `import tensorflow` gets tfcompat.

- `tensorflow` is the module object `tfcompat`, and `tensorflow.nn`, `tensorflow.compat.v1` and the like are its
  public namespaces.
- TensorFlow's internal modules (`tensorflow.python.ops.math_ops`, `tensorflow.contrib.layers.python.layers`) import
  as modules whose attributes are the public objects of the same meaning.
- What TensorFlow 1.15 has and tfcompat lacks imports as a stand-in that raises when it is used. What TensorFlow 1.15
  does not have either is an ImportError for a program that expects one (an import inside `try: ... except
  ImportError:`), and a stand-in for one that does not.

A TensorFlow that is installed, or even imported already, is hidden until `uninstall()`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_ROOTS = ("tensorflow", "tensorflow_core")
# Packages of TensorFlow that are no public namespaces, but attributes of `tf` all the same.
_BELOW_ROOT = frozenset({"contrib", "python", "core", "examples", "tools"})


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in _ROOTS


class TensorflowFinder(MetaPathFinder, Loader):
    """Imports `tensorflow` and everything below it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for what tfcompat provides or stands in for.

        Raises: ModuleNotFoundError for the rest, so that no other finder looks for it in tfcompat's directories.
        """
        if not _is_ours(fullname):
            return None
        from tfcompat import internal_modules  # the table and what it needs: only when a program gets here

        inner = fullname.partition(".")[2]
        module = internal_modules.load(inner) if inner else importlib.import_module("tfcompat")
        if module is None:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return ModuleSpec(fullname, self, is_package=True, loader_state=(module, module.__spec__))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module found above."""
        module: ModuleType = spec.loader_state[0]
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing has to run; a module that is imported under its own name too gets its own spec back."""
        assert module.__spec__ is not None
        own = module.__spec__.loader_state[1]
        if own is not None:
            module.__spec__ = own


_finder = TensorflowFinder()
_hidden: dict[str, ModuleType] = {}


def _take_out() -> dict[str, ModuleType]:
    """Removes every module called `tensorflow...` from sys.modules."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if _is_ours(name)}


def is_installed() -> bool:
    """Whether `import tensorflow` gets tfcompat."""
    return _finder in sys.meta_path


def install() -> None:
    """Makes `import tensorflow` get tfcompat in this process; a second call changes nothing."""
    if is_installed():
        return
    from tfcompat import internal_modules

    _hidden.update(_take_out())
    sys.meta_path.insert(0, _finder)
    root = importlib.import_module("tfcompat")
    for name in _ROOTS:
        sys.modules[name] = root
    contrib = internal_modules.public("contrib")
    if isinstance(contrib, ModuleType):
        internal_modules.patch_namespaces(contrib, "contrib")
    internal_modules.fall_back(root, "", only=_BELOW_ROOT)


def uninstall() -> None:
    """Undoes `install()`: `import tensorflow` means again what it meant before."""
    if not is_installed():
        return
    from tfcompat import internal_modules

    sys.meta_path.remove(_finder)
    removed = _take_out()
    for name, module in removed.items():
        # The import system has bound what it loaded on its parent, which may be a module of ours that stays.
        parent, _, child = name.rpartition(".")
        if isinstance(module, internal_modules.InternalModule) and parent in removed:
            vars(removed[parent]).pop(child, None)
    internal_modules.undo_fall_backs()
    sys.modules.update(_hidden)
    _hidden.clear()
