"""Declaring a public name returns the thing unchanged and records where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tfcompat.framework import export as under_test
from tfcompat.framework.export import Declaration, export, export_lazy, export_value

SOME_VALUE = 3


@pytest.fixture
def declarations(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Declaration]]:
    fresh: list[Declaration] = []
    monkeypatch.setattr(under_test, "DECLARATIONS", fresh)
    yield fresh


def test_export_returns_its_argument(declarations: list[Declaration]) -> None:
    def add(x: int, y: int) -> int:
        return x + y

    assert export("math.add", "add", v2=("math.add",))(add) is add
    assert declarations == [Declaration(("math.add", "add"), ("math.add",), __name__, None, add)]


def test_export_value_names_a_global(declarations: list[Declaration]) -> None:
    export_value("dtypes.SOME_VALUE", "SOME_VALUE")
    export_value("bool", attribute="bool_")
    export_value(v2=("experimental.X",))
    assert [d.attribute for d in declarations] == ["SOME_VALUE", "bool_", "X"]
    assert {d.module for d in declarations} == {__name__}


def test_export_lazy_names_what_is_not_imported_yet(declarations: list[Declaration]) -> None:
    export_lazy("GraphDef", target="a.b:GraphDef")
    assert declarations == [Declaration(("GraphDef",), (), "a.b", "GraphDef", None, lazy=True)]
