"""The report's frame, and the tier `api` against a small fake TensorFlow with planted faults."""

from __future__ import annotations

import enum
import inspect
import json
import sys
import types
from pathlib import Path

import pytest

from compat_suite import __main__ as command
from compat_suite import report, tiers
from compat_suite.facts import Symbol, api_symbols, contrib_symbols
from compat_suite.public_api import (
    DIFFERS,
    EQUAL,
    KIND,
    MISSING,
    class_signature,
    compare,
    percent,
    render_signature,
    render_value,
)
from compat_suite.tier import Options, Row, Table, TierResult
from compat_suite.tiers.api import TIER, Coverage, hold_to_floor, is_core, namespace


class DType:
    def __init__(self, name: str) -> None:
        self.name = name


class Mode(enum.Enum):
    NONE = "none"


def relu(features: object, name: str | None = None) -> None: ...


class Cell:
    size = 3

    def __init__(self, units: int, activation: object = relu, dtype: object = DType("float32")) -> None: ...

    def build(self, shape: object, *args: object, axis: int = -1, **kwargs: object) -> None: ...

    @staticmethod
    def make(units: int) -> None: ...

    @classmethod
    def load(cls, path: str) -> None: ...

    @property
    def state(self) -> int:
        raise AssertionError("looking a property up must not run it")


@pytest.fixture
def fake() -> types.ModuleType:
    root, nn = types.ModuleType("fake"), types.ModuleType("fake.nn")
    vars(root).update(nn=nn, float32=DType("float32"), Mode=Mode, mode=Mode.NONE, newaxis=None, log=3)
    vars(nn).update(relu=relu, Cell=Cell)
    return root


CASES = [
    (Symbol("tf.nn", "module", ""), EQUAL),
    (Symbol("tf.nn.relu", "function", "(features, name=None)"), EQUAL),
    (Symbol("tf.nn.relu", "function", "(features, name='x')"), DIFFERS),
    (Symbol("tf.nn.relu", "function", "(x, name=None)"), DIFFERS),
    (Symbol("tf.nn.relu6", "function", "(features, name=None)"), MISSING),
    (Symbol("tf.math.relu", "function", "(features, name=None)"), MISSING),
    (Symbol("tf.nn.relu", "class", "(features, name=None)"), KIND),
    (Symbol("tf.log", "function", "(x)"), KIND),
    (Symbol("tf.nn.Cell", "class", "(units, activation=relu, dtype=tf.float32)"), EQUAL),
    (Symbol("tf.nn.Cell", "class", "(units, activation=relu, dtype=tf.float64)"), DIFFERS),
    (Symbol("tf.nn.Cell.build", "method", "(shape, *args, axis=-1, **kwargs)"), EQUAL),
    (Symbol("tf.nn.Cell.build", "method", "(self, shape, *args, axis=-1, **kwargs)"), DIFFERS),
    (Symbol("tf.nn.Cell.make", "method", "(units)"), EQUAL),
    (Symbol("tf.nn.Cell.load", "method", "(path)"), EQUAL),
    (Symbol("tf.nn.Cell.state", "property", ""), EQUAL),
    (Symbol("tf.nn.Cell.gone", "property", ""), MISSING),
    (Symbol("tf.nn.Cell.size", "constant", "= 3"), EQUAL),
    (Symbol("tf.nn.Cell.size", "constant", "= 4"), DIFFERS),
    (Symbol("tf.float32", "constant", "= tf.float32"), EQUAL),
    (Symbol("tf.newaxis", "constant", "= None"), EQUAL),
    (Symbol("tf.Mode", "class", "(value)"), EQUAL),
    (Symbol("tf.Mode.NONE", "constant", "= 'none'"), EQUAL),  # a member of a public enum class
    (Symbol("tf.mode", "constant", "= Mode.NONE"), EQUAL),
]


@pytest.mark.parametrize("symbol, status", CASES, ids=lambda x: x if isinstance(x, str) else f"{x.name}{x.signature}")
def test_verdicts(fake: types.ModuleType, symbol: Symbol, status: str) -> None:
    (row,) = compare(fake, [symbol])
    assert (row.name, row.status) == (symbol.name, status)
    assert status in (EQUAL, MISSING) or row.detail


@pytest.mark.parametrize(
    "value, text",
    [
        (float("inf"), "inf"),
        ((1,), "(1,)"),
        (((1, 1), [0.5]), "((1, 1), [0.5])"),
        (relu, "relu"),
        (Cell, "Cell"),
        (object(), "<object>"),
        (frozenset(), "<frozenset>"),
        ({1: "ZLIB"}, "{1: 'ZLIB'}"),
        (Mode.NONE, "Mode.NONE"),
    ],
)
def test_values_are_rendered_as_in_the_tables(value: object, text: str) -> None:
    assert render_value(value) == text


def test_markers_of_parameter_kinds_are_rendered() -> None:
    def f(a: int, /, b: int, *, c: int = 1) -> None: ...

    assert render_signature(inspect.signature(f)) == "(a, /, b, *, c=1)"
    assert class_signature(type("Empty", (), {})) == "()"


def test_recorded_tables_have_the_totals_they_were_recorded_with() -> None:
    symbols = api_symbols()
    assert len(symbols) == 21192 and sum(s.in_1_15 for s in symbols) == 19277
    core = [s for s in symbols if is_core(s) and s.kind not in ("method", "property")]
    assert len(core) == 2223
    assert sum(s.uses for s in symbols) == 21562
    assert len(contrib_symbols()) == 165


def test_coverage_counts_names_and_uses() -> None:
    symbols = [
        Symbol("tf.a", "function", "", uses=6),
        Symbol("tf.b", "function", "", uses=3),
        Symbol("tf.c", "class", ""),
    ]
    rows = [Row("tf.a", EQUAL), Row("tf.b", DIFFERS), Row("tf.c", MISSING)]
    assert Coverage.of(zip(symbols, rows)) == Coverage(3, 2, 1, 9, 9, 6)
    assert percent(999_999, 1_000_000) == "99.9 %"  # never rounded up to all


def test_namespaces_are_modules_not_classes() -> None:
    modules = frozenset({"tf.nn"})
    assert namespace(Symbol("tf.nn.rnn_cell.X", "class", ""), modules) == "nn"
    assert namespace(Symbol("tf.name_scope.name", "property", ""), modules) == "tf"


def test_tier_api_sees_planted_faults(fake: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = [
        Symbol("tf.nn", "module", ""),
        Symbol("tf.nn.relu", "function", "(features, name='planted')", uses=5, repos=2),
        Symbol("tf.nn.planted", "function", "()", uses=9, repos=3),
        Symbol("tf.Mode", "class", "(value)", uses=1, repos=1),
    ]
    monkeypatch.setattr("compat_suite.tiers.api.api_symbols", lambda: recorded)
    monkeypatch.setattr("compat_suite.tiers.api.contrib_symbols", lambda: [])
    monkeypatch.setitem(sys.modules, "fake", fake)
    result = TIER.run(Options(package="fake"))
    assert result.counts["core names"] == 4 and result.counts["present"] == 3 and result.counts["same signature"] == 2
    assert result.counts["uses present"] == "40.0 %" and result.counts["uses same signature"] == "6.6 %"
    missing, differing = result.tables[-2:]
    assert [row[0] for row in missing.rows] == ["tf.nn.planted"]
    assert [row[0] for row in differing.rows] == ["tf.nn.relu"]


def test_counts_may_only_grow() -> None:
    result = TierResult([], {"present": 5, "same signature": 7}, passed=True)
    hold_to_floor(result, {"present": 5, "same signature": 6})
    assert result.passed and result.notes == ["same signature: 7, 6 recorded; api_floor.json can be raised"]
    hold_to_floor(result, {"present": 6})
    assert not result.passed and "fewer than the 6" in result.notes[-1]


def test_tier_api_fails_when_the_package_cannot_be_imported() -> None:
    result = TIER.run(Options(package="no_such_package"))
    assert not result.passed and "no_such_package" in result.notes[0]


class FakeTier:
    description = "a <fake> tier"

    def __init__(self, name: str, passed: bool, tables: list[Table]) -> None:
        self.name, self.passed, self.tables = name, passed, tables

    def run(self, options: Options) -> TierResult:
        rows = [Row("case-1", "pass"), Row("case|2", "error", "<b> & more")]
        return TierResult(rows, {"cases": 2}, self.passed, self.tables, notes=["a note"])


@pytest.fixture
def fake_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        "good": FakeTier("good", True, [Table("Figures", ("", "n"), [("x", 12), ("y", 7)])]),
        "bad": FakeTier("bad", False, []),
    }
    monkeypatch.setattr(tiers, "TIERS", found)
    monkeypatch.setattr(command, "TIERS", found)
    monkeypatch.setattr(command, "load", found.__getitem__)


@pytest.mark.usefixtures("fake_tiers")
def test_command_writes_the_report_in_all_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--out", str(tmp_path), "--json"]) == 1  # one tier failed
    printed = capsys.readouterr().out
    assert "good: passed (cases 2" in printed and "bad: FAILED" in printed and "note: a note" in printed
    assert "    x  12\n    y   7\n" in printed  # numbers stand right
    assert "case|2" in printed.partition("bad: FAILED")[2]  # a tier without tables has its failing cases listed

    text = (tmp_path / "report.md").read_text()
    assert "## bad: a <fake> tier" in text and "| case\\|2 | error | &lt;b> & more |" in text
    page = (tmp_path / "report.html").read_text()
    assert "&lt;b&gt; &amp; more" in page and "<b>" not in page
    cases = json.loads((tmp_path / "report.json").read_text())["tiers"]["bad"]["rows"]
    assert cases == [["case-1", "pass", ""], ["case|2", "error", "<b> & more"]]


@pytest.mark.usefixtures("fake_tiers")
def test_short_form_is_one_line_a_tier(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["good", "--short", "--out", str(tmp_path)]) == 0
    first, last = capsys.readouterr().out.splitlines()[::2]
    assert first.startswith("good: passed") and last.startswith("Report:")


def test_unknown_tier_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["no_such_tier"])
    assert "no tier no_such_tier" in capsys.readouterr().err


def test_rich_form_has_every_table() -> None:
    pytest.importorskip("rich", reason="the terminal form with colours needs rich")
    tier = FakeTier("good", True, [Table("Figures", ("", "n"), [("x", 12)])])
    shown = report.rich_text([report.Section("good", "d", tier.run(Options()), 0.1)], Options())
    assert shown is not None and "Figures" in shown and "12" in shown


@pytest.mark.parametrize("name", tiers.TIERS)
def test_listed_tiers_can_be_loaded(name: str) -> None:
    tier = tiers.load(name)
    assert tier.name == name and tier.description
