"""tf.logging."""

from __future__ import annotations

import logging

import pytest

from tfcompat.framework import tf_logging


@pytest.fixture(autouse=True)
def level():
    before = tf_logging.get_logger().level
    yield
    tf_logging.set_verbosity(before)


def test_levels_and_verbosity(caplog):
    assert (tf_logging.DEBUG, tf_logging.INFO, tf_logging.WARN, tf_logging.ERROR, tf_logging.FATAL) == (
        10,
        20,
        30,
        40,
        50,
    )
    tf_logging.set_verbosity(tf_logging.INFO)
    assert tf_logging.get_verbosity() == 20
    tf_logging.debug("no")
    tf_logging.info("a %d", 1)
    tf_logging.warn("b")
    tf_logging.warning("c")
    tf_logging.error("d")
    tf_logging.fatal("e")
    tf_logging.log(20, "f")
    tf_logging.vlog(20, "g")
    tf_logging.TaskLevelStatusMessage("h")
    tf_logging.log_if(20, "i %s", True, 1)
    tf_logging.log_if(20, "j", False)
    found = [(r.levelno, r.getMessage()) for r in caplog.records]
    assert found == [
        (20, "a 1"),
        (30, "b"),
        (30, "c"),
        (40, "d"),
        (50, "e"),
        (20, "f"),
        (20, "g"),
        (40, "h"),
        (20, "i 1"),
    ]
    assert {r.name for r in caplog.records} == {"tensorflow"}
    assert {r.filename for r in caplog.records} == {"test_tf_logging.py"}


def test_every_n_and_first_n_count_per_line(caplog):
    tf_logging.set_verbosity("INFO")
    for i in range(5):
        tf_logging.log_every_n(tf_logging.INFO, "every %d", 2, i)
        tf_logging.log_first_n(tf_logging.INFO, "first %d", 2, i)
    assert [r.getMessage() for r in caplog.records] == ["every 0", "first 0", "first 1", "every 2", "every 4"]


def test_flush_is_not_implemented():
    with pytest.raises(NotImplementedError):
        tf_logging.flush()


def test_get_logger():
    assert tf_logging.get_logger() is logging.getLogger("tensorflow")
