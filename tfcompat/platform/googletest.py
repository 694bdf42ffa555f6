"""The parts of `tf.test` that know nothing of graphs: running a test file, its temporary directory, stubs.

Source: TF 1.15, python/platform/googletest.py and test.py.
"""

from __future__ import annotations

import atexit
import inspect
import os
import shutil
import sys
import tempfile
import types
from typing import Any
from unittest import mock as mock

from absl.testing import absltest

from tfcompat.framework.export import export, export_value
from tfcompat.platform import app, benchmark

export_value("test.mock")

_temp_dir = ""


def _run_tests(argv: list[str]) -> None:
    absltest.main(argv=argv)


@export("test.main", v2=("test.main",))
def main(argv: list[str] | None = None) -> None:
    """Runs the tests of the main module, or with `--benchmarks=regex` its benchmarks, and exits."""
    benchmark.benchmarks_main(true_main=lambda: app.run(main=_run_tests, argv=sys.argv if argv is None else argv))


@export("test.get_temp_dir")
def get_temp_dir() -> str:
    """A directory that exists until the program ends, the same one at every call."""
    global _temp_dir
    if not _temp_dir:
        below = os.environ.get("TEST_TMPDIR")
        if below:
            _temp_dir = tempfile.mkdtemp(prefix=below)
        else:
            program = os.path.basename(inspect.stack()[-1].filename).removesuffix(".py")
            _temp_dir = tempfile.mkdtemp(prefix=os.path.join(tempfile.gettempdir(), program.strip("<>")))
        atexit.register(shutil.rmtree, _temp_dir, ignore_errors=True)
    return _temp_dir


GetTempDir = get_temp_dir


@export("test.test_src_dir_path")
def test_src_dir_path(relative_path: str) -> str:
    """The path of a file of TF's source tree below the environment's TEST_SRCDIR."""
    return os.path.join(os.environ["TEST_SRCDIR"], "org_tensorflow/tensorflow", relative_path)


test_src_dir_path.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test


def _as_stored(parent: Any, name: str, value: Any) -> Any:
    """`value` as it has to be stored so that reading it gives the same: getattr turns static methods into functions."""
    stored = getattr(parent, "__dict__", {}).get(name)
    return staticmethod(value) if isinstance(stored, staticmethod) else value


@export("test.StubOutForTesting")
class StubOutForTesting:
    """Replaces attributes of modules, classes and objects until CleanUp()."""

    def __init__(self) -> None:
        self.cache: list[tuple[Any, Any, str]] = []
        self.stubs: list[tuple[Any, str, Any]] = []

    def __del__(self) -> None:
        self.CleanUp()

    def __enter__(self) -> StubOutForTesting:
        return self

    def __exit__(self, *exc: object) -> None:
        self.CleanUp()

    def CleanUp(self) -> None:
        """Puts back everything that SmartSet() and Set() replaced."""
        self.SmartUnsetAll()
        self.UnsetAll()

    def SmartSet(self, obj: Any, attr_name: str, new_attr: Any) -> None:
        """Replaces an attribute; one that an object has from its class is replaced in the class.

        Raises: AttributeError when there is none.
        """
        obj = inspect.unwrap(obj) if callable(obj) and not isinstance(obj, type) else obj
        if isinstance(obj, types.ModuleType) or (not isinstance(obj, type) and attr_name in vars(obj)):
            owner = obj
        else:
            classes = inspect.getmro(obj if isinstance(obj, type) else type(obj))
            if not hasattr(obj, attr_name):
                raise AttributeError("Attribute not found.")
            owner = classes[0]
        original = _as_stored(owner, attr_name, getattr(obj, attr_name))
        self.stubs.append((owner, attr_name, original))
        setattr(owner, attr_name, new_attr)

    def SmartUnsetAll(self) -> None:
        """Undoes SmartSet(), the last one first."""
        while self.stubs:
            setattr(*self.stubs.pop())

    def Set(self, parent: Any, child_name: str, new_child: Any) -> None:
        """Replaces `parent.child_name`."""
        original = _as_stored(parent, child_name, getattr(parent, child_name))
        self.cache.append((parent, original, child_name))
        setattr(parent, child_name, new_child)

    def UnsetAll(self) -> None:
        """Undoes Set(), the last one first."""
        while self.cache:
            parent, original, name = self.cache.pop()
            setattr(parent, name, original)
