"""The generator of tfcompat/api: what it writes for given declarations, and what it refuses."""

from __future__ import annotations

import sys
import types

import pytest

from tfcompat.framework import export as export_module
from tfcompat.framework.export import Declaration
from tools import generate_api
from tools.generate_api import Namespace, Problem, Target


def test_a_namespace_becomes_plain_imports() -> None:
    names = {
        "nn.relu": Target("m.nn", "relu"),
        "nn.rnn_cell.Cell": Target("m.rnn", "Cell"),
        "add": Target("m.add", "add"),
    }
    spaces = generate_api.namespaces(names)
    assert sorted(spaces) == ["", "nn", "nn.rnn_cell"]
    text = generate_api.source(spaces["nn"], "v1")
    assert "from m.nn import relu as relu\n" in text
    assert "from tfcompat.api.v1.nn import rnn_cell as rnn_cell\n" in text
    assert '__all__ = [\n    "relu",\n    "rnn_cell",\n]' in text
    assert '__getattr__ = _namespace_getattr("tf.nn")' in text


def test_lazy_names_are_not_imported() -> None:
    space = Namespace("train", {"Example": Target("m.protos", "Example", lazy=True)})
    text = generate_api.source(space, "v1")
    assert '"Example": "m.protos:Example"' in text
    assert "import Example" not in text and "__all__ = []" in text


def test_a_costly_namespace_is_imported_on_first_use_only() -> None:
    spaces = generate_api.namespaces({"keras.layers.Dense": Target("m.k", "Dense"), "x": Target("m.x", "x")})
    text = generate_api.source(spaces[""], "v1")
    assert '"keras": "tfcompat.api.v1.keras"' in text and "import keras" not in text


def test_members_of_exported_classes_are_left_to_the_class() -> None:
    names = {"GraphKeys": Target("m", "GraphKeys"), "GraphKeys.LOSSES": Target("m", "LOSSES")}
    assert list(generate_api.namespaces(names)[""].names) == ["GraphKeys"]


def test_a_name_cannot_be_a_namespace_too() -> None:
    with pytest.raises(Problem, match="tf.nn is both a namespace and a name"):
        generate_api.namespaces({"nn": Target("m", "nn"), "nn.relu": Target("m", "relu")})


def test_tensorflow_aliases_are_added_where_their_namespace_is_wanted() -> None:
    add = Target("m", "add")
    out = generate_api.with_aliases({"math.add": add, "name_scope": Target("m", "name_scope")})
    assert out["add"] == add
    assert "keras.backend.name_scope" not in out  # nothing else is in keras


def declare(monkeypatch: pytest.MonkeyPatch, **found: object) -> types.ModuleType:
    module = types.ModuleType("fake_module")
    vars(module).update(found)
    monkeypatch.setitem(sys.modules, "fake_module", module)
    return module


def test_the_same_name_for_two_things_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, a=1, b=2)
    both = [Declaration(("x",), (), "fake_module", name, None) for name in "ab"]
    monkeypatch.setattr(export_module, "DECLARATIONS", both)
    with pytest.raises(Problem, match="declared twice"):
        generate_api.declared("v1")
    assert generate_api.declared("v2") == {}


def test_a_value_that_no_module_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch)
    monkeypatch.setattr(export_module, "DECLARATIONS", [Declaration(("f",), (), "fake_module", None, object())])
    with pytest.raises(Problem, match="outermost decorator"):
        generate_api.declared("v1")


def test_a_value_is_found_under_its_own_name_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def relu() -> None: ...

    declare(monkeypatch, a_relu=relu, relu=relu)
    assert generate_api.locate(relu, "fake_module") == Target("fake_module", "relu")
