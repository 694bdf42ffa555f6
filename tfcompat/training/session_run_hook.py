"""Hooks: objects that take part in every run of a MonitoredSession.

Source: TF 1.15, python/training/session_run_hook.py.
"""

from __future__ import annotations

import collections
from typing import Any

from tfcompat.framework.export import export


@export("train.SessionRunHook", "estimator.SessionRunHook", v2=("estimator.SessionRunHook",))
class SessionRunHook:
    """Base class of hooks; every method does nothing."""

    def begin(self) -> None:
        """Called once before the session is made; the only place where a hook may add nodes to the graph."""

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Called after a session was made, also when one was lost and made again; the graph is final."""

    def before_run(self, run_context: Any) -> Any:
        """Called before each run; may return SessionRunArgs: what to fetch and feed besides the caller's own."""
        return None

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Called after each run with what `before_run` asked for; may request a stop."""

    def end(self, session: Any) -> None:
        """Called before the session is closed, unless an exception ended it."""


@export("train.SessionRunArgs", "estimator.SessionRunArgs", v2=("estimator.SessionRunArgs",))
class SessionRunArgs(collections.namedtuple("SessionRunArgs", ["fetches", "feed_dict", "options"])):
    """What a hook adds to a run."""

    def __new__(cls, fetches: Any, feed_dict: Any = None, options: Any = None) -> SessionRunArgs:
        return super().__new__(cls, fetches, feed_dict, options)


@export("train.SessionRunContext", "estimator.SessionRunContext", v2=("estimator.SessionRunContext",))
class SessionRunContext:
    """What a hook may know of a run, and its means to end the training."""

    def __init__(self, original_args: SessionRunArgs, session: Any) -> None:
        self._original_args = original_args
        self._session = session
        self._stop_requested = False

    @property
    def original_args(self) -> SessionRunArgs:
        """The caller's fetches and feeds."""
        return self._original_args

    @property
    def session(self) -> Any:
        """The session that will run."""
        return self._session

    @property
    def stop_requested(self) -> bool:
        """Whether a hook requested a stop."""
        return self._stop_requested

    def request_stop(self) -> None:
        """Ends the training after this run."""
        self._stop_requested = True


@export("train.SessionRunValues", "estimator.SessionRunValues", v2=("estimator.SessionRunValues",))
class SessionRunValues(collections.namedtuple("SessionRunValues", ["results", "options", "run_metadata"])):
    """What a run gave a hook: the values of its fetches, and the options and metadata of the run."""
