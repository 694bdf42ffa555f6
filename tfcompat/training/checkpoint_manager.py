"""Keeps the newest checkpoints of a tf.train.Checkpoint and deletes the others.

Source: TF 1.15, python/training/checkpoint_management.py.
"""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from tfcompat.framework import stacks, tf_logging
from tfcompat.framework.export import export
from tfcompat.io.checkpoint_state import get_checkpoint_state, remove_checkpoint, update_checkpoint_state_internal
from tfcompat.training import training_util

_SECONDS_PER_HOUR = 3600.0


@export("train.CheckpointManager", v2=("train.CheckpointManager",))
class CheckpointManager:
    """Saves to `directory/checkpoint_name-<number>` and keeps the last `max_to_keep` (None: all).

    keep_checkpoint_every_n_hours: one checkpoint of so many hours is kept for good. A manager of a directory that has
    checkpoints takes them over.
    Raises: ValueError when max_to_keep is not positive.
    """

    def __init__(
        self,
        checkpoint: Any,
        directory: str,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
    ) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(f"Expected a positive integer or `None` for `max_to_max_to_keep`, got {max_to_keep:d}.")
        self._checkpoint = checkpoint
        self._count: Any = None
        self._max_to_keep = max_to_keep
        self._keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        self._directory = directory
        self._checkpoint_prefix = os.path.join(directory, checkpoint_name)
        now = time.time()
        # Path -> time of those that may be deleted one day, the oldest first.
        self._maybe_delete: dict[str, float] = {}
        self._latest_checkpoint: str | None = None
        self._last_preserved_timestamp = now - 1.0
        state = get_checkpoint_state(directory)
        if state is not None:
            self._take_over(state, now)

    def _take_over(self, state: Any, now: float) -> None:
        self._latest_checkpoint = state.model_checkpoint_path
        self._last_preserved_timestamp = state.last_preserved_timestamp
        if now < self._last_preserved_timestamp:
            tf_logging.warning(
                "time.time() returned a value %f seconds behind the last preserved checkpoint timestamp.",
                self._last_preserved_timestamp - now,
            )
            self._last_preserved_timestamp = now
        paths = state.all_model_checkpoint_paths
        times = state.all_model_checkpoint_timestamps or [self._last_preserved_timestamp] * len(paths)
        for path, made_at in zip(paths, times, strict=True):
            if min(made_at, now) > self._last_preserved_timestamp:
                self._maybe_delete[path] = min(made_at, now)

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the newest checkpoint, or None."""
        return self._latest_checkpoint

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that may be deleted one day, the oldest first."""
        return list(self._maybe_delete)

    @property
    def _prefix(self) -> str:
        return self._checkpoint_prefix

    def _sweep(self) -> None:
        """Deletes the oldest ones beyond `max_to_keep`, except those whose time has come to be kept."""
        if not self._max_to_keep:
            return
        while len(self._maybe_delete) > self._max_to_keep:
            path = next(iter(self._maybe_delete))
            made_at = self._maybe_delete.pop(path)
            hours = self._keep_checkpoint_every_n_hours
            if hours and made_at - hours * _SECONDS_PER_HOUR >= self._last_preserved_timestamp:
                self._last_preserved_timestamp = made_at
                continue
            remove_checkpoint(path)

    def _record_state(self) -> None:
        update_checkpoint_state_internal(
            self._directory,
            model_checkpoint_path=self.latest_checkpoint,  # type: ignore[arg-type]
            all_model_checkpoint_paths=list(self._maybe_delete),
            all_model_checkpoint_timestamps=list(self._maybe_delete.values()),
            last_preserved_timestamp=self._last_preserved_timestamp,
            save_relative_paths=True,
        )

    def save(self, checkpoint_number: Any = None) -> str:
        """Writes a checkpoint, numbered by `checkpoint_number` or else by how many were saved; returns its path."""
        session = stacks.get_default_session()
        if session is None:
            raise RuntimeError("CheckpointManager.save needs a default session")
        if self._checkpoint._counter is None:
            session.run(self._checkpoint.save_counter.initializer)
        if self._count is None:
            self._count = self._checkpoint.save_counter.assign_add(1, read_value=False)
        session.run(self._count)
        number = self._checkpoint.save_counter if checkpoint_number is None else checkpoint_number
        if not isinstance(number, (int, np.integer)):
            number = training_util.global_step(session, number)
        path: str = self._checkpoint.write(f"{self._prefix}-{number:d}")
        self._maybe_delete.pop(path, None)
        self._maybe_delete[path] = time.time()
        self._latest_checkpoint = path
        # Recorded before and after: a crash between leaves a list with gone files, never one that lacks the newest.
        self._record_state()
        self._sweep()
        self._record_state()
        return path
