"""What programs import from tensorflow.python.util."""

from __future__ import annotations

import logging
import math
import sys

import pytest

from tfcompat.platform import python_util as u


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(u, "_warned", set())
    # Programs (and other tests) set the logger's level and whether it passes messages on.
    logger = logging.getLogger("tensorflow")
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "level", logging.WARNING)
    monkeypatch.setattr(logger, "disabled", False)
    logger.manager._clear_cache()


def messages(caplog):
    return [record.getMessage() for record in caplog.records]


def test_deprecated_warns_at_the_first_call(caplog):
    @u.deprecated("2020-01-01", "Use new().")
    def old(x):
        return x + 1

    assert (old(1), old(2), old.__name__) == (2, 3, "old")
    (message,) = messages(caplog)
    assert f"From {__file__}:" in message and "old (from " in message
    assert "is deprecated and will be removed after 2020-01-01.\nInstructions for updating:\nUse new()." in message

    @u.deprecated(None, "No.")
    class Old:
        def __init__(self, x):
            self.x = x

    assert Old(3).x == 3
    assert "will be removed in a future version" in messages(caplog)[-1]


def test_deprecated_arguments(caplog):
    @u.deprecated_args(None, "Use axis.", "dim", ("keep", False))
    def reduce(x, dim=None, keep=None):
        return x, dim, keep

    assert reduce(1, keep=False) == (1, None, False)
    assert messages(caplog) == []
    assert reduce(1, 2, keep=True) == (1, 2, True)
    assert ["with dim is" in m or "with keep is" in m for m in messages(caplog)] == [True, True]

    @u.deprecated_arg_values(None, "No.", mode="old")
    def run(mode):
        return mode

    assert (run("new"), run("old")) == ("new", "old")
    assert "with mode=old is deprecated" in messages(caplog)[-1]
    with pytest.raises(TypeError, match="required positional argument"):
        reduce()


def test_silence(caplog):
    old = u.deprecated_alias("old", "new", lambda: 1)
    with u.silence():
        assert old() == 1
    assert messages(caplog) == []
    assert old() == 1
    assert "Please use new instead." in messages(caplog)[0]


def test_two_names_of_an_argument():
    assert u.deprecated_argument_lookup("axis", None, "dim", 1) == 1
    assert u.deprecated_argument_lookup("axis", 2, "dim", None) == 2
    with pytest.raises(ValueError, match="Cannot specify both 'dim' and 'axis'"):
        u.deprecated_argument_lookup("axis", 2, "dim", 1)


def test_decorators_and_inspection():
    def target(a, b=1, *c, d=2, **e):
        """Documented."""

    made = u.make_decorator(target, lambda *args, **kwargs: "wrapped")
    assert (made(), made.__doc__, u.unwrap(made)) == ("wrapped", "Documented.", ([made], target))
    assert u.tf_export("x.y")(target) is target
    assert u.getargspec(lambda a, b=1: 0) == (["a", "b"], None, None, (1,))
    assert u.getfullargspec(target).kwonlydefaults == {"d": 2}

    class Callable:
        def __call__(self, x):
            pass

    assert u.getfullargspec(Callable()).args == ["self", "x"]
    assert "make_decorator" in u.make_all(u.__name__)
    u.remove_undocumented(__name__)


def test_lazy_loader():
    names = {}
    loader = u.LazyLoader("m", names, "math")
    assert names == {} and loader.pi == math.pi and names["m"] is sys.modules["math"] and "pi" in dir(loader)
