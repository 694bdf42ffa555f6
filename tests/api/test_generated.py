"""The committed modules under tfcompat/api are what the declarations say, and behave as namespaces."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tfcompat as tf
from tfcompat.framework.export import namespace_getattr
from tfcompat.namespaces import NamespaceFinder

ROOT = Path(__file__).parents[2]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_generated_modules_are_up_to_date() -> None:
    done = python("tools/generate_api.py", "--check")
    assert done.returncode == 0, f"run tools/generate_api.py\n{done.stdout[-3000:]}{done.stderr[-3000:]}"


@pytest.mark.parametrize("space, module", [(tf, "tensorflow"), (tf.gfile, "tensorflow._api.v1.gfile")])
def test_missing_name_is_reported_in_tensorflow_words(space: object, module: str) -> None:
    with pytest.raises(AttributeError) as caught:
        _ = space.no_such_name
    first, second = str(caught.value).splitlines()
    assert first == f"module '{module}' has no attribute 'no_such_name'"
    assert second.startswith("tfcompat does not provide tf.") and second.endswith("no_such_name yet")
    assert not hasattr(space, "__no_such_dunder__")


def test_versions_are_those_of_the_tensorflow_that_is_followed() -> None:
    assert tf.__version__ == tf.VERSION == tf.version.VERSION == "1.15.0"
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{tf.version.TFCOMPAT_VERSION}"' in project


def test_lazy_names_are_imported_on_first_use() -> None:
    look_up = namespace_getattr("tf.x", {"json": "json", "dumps": "json:dumps"})
    import json

    assert look_up("json") is json
    assert look_up("dumps") is json.dumps
    with pytest.raises(AttributeError, match=r"tf\.x\.loads"):
        look_up("loads")


IMPORTS = """
import tfcompat as tf
import tfcompat.compat.v1 as v1
import tfcompat.io.gfile as gfile
from tfcompat.app import flags
from tfcompat.summary import Summary           # tfcompat/summary holds the implementation of tf.summary
assert v1.VERSION == "1.15.0" and v1.io.gfile is gfile is tf.io.gfile
assert gfile.__name__ == gfile.__spec__.name
assert flags is tf.app.flags and Summary is tf.summary.Summary

try:
    import tfcompat.no_such_name
except ModuleNotFoundError:
    pass
else:
    raise AssertionError("imported")
"""


def test_namespaces_can_be_imported_by_their_dotted_names() -> None:
    done = python("-c", IMPORTS)
    assert done.returncode == 0, done.stderr


def test_finder_leaves_the_implementation_alone() -> None:
    finder = NamespaceFinder(tf, own=frozenset({"gfile"}))
    assert finder.find_spec("tfcompat.gfile") is None
    assert finder.find_spec("other.gfile") is None
    assert finder.find_spec("tfcompat.VERSION") is None  # not a module
    assert finder.find_spec("tfcompat.logging") is not None
