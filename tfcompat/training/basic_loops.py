"""A training loop that survives lost sessions.

Source: TF 1.15, python/training/basic_loops.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import errors
from tfcompat.framework.export import export


@export("train.basic_train_loop")
def basic_train_loop(
    supervisor: Any,
    train_step_fn: Callable[..., Any],
    args: Any = None,
    kwargs: Any = None,
    master: str = "",
) -> None:
    """Calls `train_step_fn(session, *args, **kwargs)` until the supervisor stops.

    After an AbortedError it goes on with a new session.
    """
    while True:
        try:
            with supervisor.managed_session(master) as sess:
                while not supervisor.should_stop():
                    train_step_fn(sess, *(args or ()), **(kwargs or {}))
            return
        except errors.AbortedError:
            continue
