"""tf.flags and tf.app.run."""

from __future__ import annotations

import sys

import pytest
from absl import flags as absl_flags

from tfcompat.platform import app, flags


@pytest.fixture
def values(monkeypatch):
    """Flag values of the test's own under the names that the module uses."""
    own = absl_flags.FlagValues()
    wrapper = flags._FlagValuesWrapper(own)
    monkeypatch.setattr(flags, "FLAGS", wrapper)
    flags.DEFINE_integer("n", 3, "a number", flag_values=own)
    flags.DEFINE_string("name", default_value="q", docstring="a name", flag_values=own)
    flags.DEFINE_bool("on", False, "a switch", flag_values=own)
    flags.DEFINE_list("items", "a,b", "a list", flag_values=own)
    flags.DEFINE_enum("kind", "x", ["x", "y"], "a kind", flag_values=own)
    return wrapper


def test_reading_parses_the_command_line(values, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["prog", "--n=5", "--on", "--items", "c,d"])
    assert not values.is_parsed()
    assert (values.n, values.name, values.on, values.items, values.kind) == (5, "q", True, ["c", "d"], "x")
    assert values.is_parsed()
    assert isinstance(values, absl_flags.FlagValues)


def test_setting_asking_and_deleting(values):
    values(["prog"])
    values.n = 7
    assert (values.n, "n" in values, "m" in values, "n" in dir(values), values["n"].value) == (7, True, False, True, 7)
    del values.n
    with pytest.raises(AttributeError, match="n"):
        _ = values.n


def test_an_unknown_flag_is_an_error_when_read_early(values, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["prog", "--unknown"])
    with pytest.raises(flags.UnrecognizedFlagError, match="Unknown command line flag 'unknown'"):
        _ = values.n


def test_bounds_and_requirements():
    own = absl_flags.FlagValues()
    flags.DEFINE_float("rate", None, "a rate", lower_bound=0.0, upper_bound=1.0, flag_values=own)
    flags.mark_flag_as_required("rate", flag_values=own)
    with pytest.raises(flags.IllegalFlagValueError, match="is not a number in the range"):
        own(["prog", "--rate=2"])
    with pytest.raises(flags.IllegalFlagValueError, match="must have a value other than None"):
        own(["prog"])


def test_all_public_names_exist():
    assert all(hasattr(flags, name) for name in flags.PUBLIC)
    assert flags.DEFINE_bool is flags.DEFINE_boolean


@pytest.fixture
def absl_run(monkeypatch):
    """absl's run() can be called once in a process, so only what it is given is looked at here."""

    def run(main, argv, flags_parser):
        sys.exit(main(flags_parser(argv)))

    monkeypatch.setattr(app.absl_app, "run", run)


def test_run_passes_on_what_is_left_and_exits_with_the_result(values, absl_run):
    seen = []

    def main(argv):
        seen.append(argv)
        return 3

    with pytest.raises(SystemExit) as ended:
        app.run(main, argv=["prog", "--n=9", "--unknown=1", "word"])
    assert ended.value.code == 3
    assert seen == [["prog", "--unknown=1", "word"]]
    assert values.n == 9


def test_run_finds_main_in_the_main_module(values, absl_run, monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "main", lambda argv: f"bye {argv[1:]}", raising=False)
    monkeypatch.setattr(sys, "argv", ["prog", "x"])
    with pytest.raises(SystemExit, match=r"bye \['x'\]"):
        app.run()
