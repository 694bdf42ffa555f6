"""The file `checkpoint` beside checkpoints, which says which there are and which is the latest.

Source: TF 1.15, python/training/checkpoint_management.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from tfcompat.framework import errors, protos, tf_logging
from tfcompat.framework.export import export
from tfcompat.io.atomic_files import written_atomically
from tfcompat.platform import gfile

_V2 = 2  # SaverDef.V2, spelled out so that importing this loads no protocol messages


def _state_file(directory: str, latest_filename: str | None) -> str:
    return os.path.join(directory, "checkpoint" if latest_filename is None else latest_filename)


@export("train.generate_checkpoint_state_proto")
def generate_checkpoint_state_proto(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: list[str] | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> Any:
    """A `CheckpointState`, in which paths are relative to a relative `save_dir`.

    As in TF, a path that is missing from `all_model_checkpoint_paths` is added to the caller's list, and that list's
    paths are rewritten in place.
    Raises: ValueError when there are timestamps, but not one per path.
    """
    paths = [] if all_model_checkpoint_paths is None else all_model_checkpoint_paths
    if not paths or paths[-1] != model_checkpoint_path:
        tf_logging.info("%s is not in all_model_checkpoint_paths. Manually adding it.", model_checkpoint_path)
        paths.append(model_checkpoint_path)
    times = all_model_checkpoint_timestamps
    if times and len(times) != len(paths):
        raise ValueError(
            "Checkpoint timestamps, if provided, must match checkpoint paths "
            f"(got paths {paths} and timestamps {times})"
        )
    if not os.path.isabs(save_dir):
        model_checkpoint_path = _relative_to(save_dir, model_checkpoint_path)
        paths[:] = [_relative_to(save_dir, path) for path in paths]
    return protos.CheckpointState(
        model_checkpoint_path=model_checkpoint_path,
        all_model_checkpoint_paths=paths,
        all_model_checkpoint_timestamps=times,
        last_preserved_timestamp=last_preserved_timestamp,
    )


def _relative_to(directory: str, path: str) -> str:
    return path if os.path.isabs(path) else os.path.relpath(path, directory)


@export("train.update_checkpoint_state")
def update_checkpoint_state(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: list[str] | None = None,
    latest_filename: str | None = None,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """Writes the file that names the latest checkpoint and those kept, all at once.

    Raises: RuntimeError when the checkpoint has the name of that file; ValueError for timestamps that do not fit.
    """
    update_checkpoint_state_internal(
        save_dir,
        model_checkpoint_path,
        all_model_checkpoint_paths,
        latest_filename,
        all_model_checkpoint_timestamps=all_model_checkpoint_timestamps,
        last_preserved_timestamp=last_preserved_timestamp,
    )


def update_checkpoint_state_internal(
    save_dir: str,
    model_checkpoint_path: str,
    all_model_checkpoint_paths: list[str] | None = None,
    latest_filename: str | None = None,
    save_relative_paths: bool = False,
    all_model_checkpoint_timestamps: Sequence[float] | None = None,
    last_preserved_timestamp: float | None = None,
) -> None:
    """`update_checkpoint_state`; with `save_relative_paths` absolute paths are made relative to `save_dir`."""
    path, paths = model_checkpoint_path, all_model_checkpoint_paths
    if save_relative_paths:
        path = os.path.relpath(path, save_dir) if os.path.isabs(path) else path
        paths = [os.path.relpath(p, save_dir) if os.path.isabs(p) else p for p in paths or []]
    state = generate_checkpoint_state_proto(
        save_dir, path, paths, all_model_checkpoint_timestamps, last_preserved_timestamp
    )
    state_file = _state_file(save_dir, latest_filename)
    if state_file == state.model_checkpoint_path:
        raise RuntimeError(
            f"Save path '{model_checkpoint_path}' conflicts with path used for checkpoint state.  "
            "Please use a different save path."
        )
    from google.protobuf import text_format

    with written_atomically(state_file) as file:
        file.write(text_format.MessageToString(state).encode())


@export("train.get_checkpoint_state", v2=("train.get_checkpoint_state",))
def get_checkpoint_state(checkpoint_dir: str, latest_filename: str | None = None) -> Any:
    """The `CheckpointState` of a directory, its paths made absolute or relative to here; None when there is none.

    A file that cannot be read or understood is ignored with a warning.
    Raises: ValueError when it names no checkpoint.
    """
    from google.protobuf import text_format

    path = _state_file(checkpoint_dir, latest_filename)
    try:
        if not gfile.file_exists(path):
            return None
        state = text_format.Merge(gfile.read_file_to_string(path), protos.CheckpointState())
    except (errors.OpError, text_format.ParseError) as cause:
        tf_logging.warning("%s: %s", type(cause).__name__, cause)
        tf_logging.warning("%s: Checkpoint ignored", path)
        return None
    if not state.model_checkpoint_path:
        raise ValueError("Invalid checkpoint state loaded from " + checkpoint_dir)
    state.model_checkpoint_path = os.path.join(checkpoint_dir, state.model_checkpoint_path)
    for i, kept in enumerate(state.all_model_checkpoint_paths):
        state.all_model_checkpoint_paths[i] = os.path.join(checkpoint_dir, kept)  # an absolute path wins
    return state


def prefix_to_checkpoint_path(prefix: str, format_version: int) -> str:
    """The file whose existence shows that a checkpoint is there."""
    return prefix + ".index" if format_version == _V2 else prefix


def _files_of(prefix: str) -> list[str]:
    """The files that show the checkpoint, of version 2 or else of version 1; empty when there is none."""
    return gfile.get_matching_files(prefix + ".index") or gfile.get_matching_files(prefix)


@export("train.latest_checkpoint", v2=("train.latest_checkpoint",))
def latest_checkpoint(checkpoint_dir: str, latest_filename: str | None = None) -> str | None:
    """The prefix of the latest checkpoint in a directory, or None."""
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    prefix: str = state.model_checkpoint_path
    if _files_of(prefix):
        return prefix
    tf_logging.error("Couldn't match files for checkpoint %s", prefix)
    return None


@export("train.checkpoint_exists")
def checkpoint_exists(checkpoint_prefix: str) -> bool:
    """Whether there is a checkpoint of either version under this prefix."""
    return bool(_files_of(checkpoint_prefix))


@export("train.get_checkpoint_mtimes")
def get_checkpoint_mtimes(checkpoint_prefixes: Sequence[str]) -> list[float]:
    """When the checkpoints were written, in seconds since 1970; those that do not exist are left out."""
    found = (_files_of(prefix) for prefix in checkpoint_prefixes)
    return [gfile.stat(files[0]).mtime_nsec / 1e9 for files in found if files]


@export("train.remove_checkpoint")
def remove_checkpoint(
    checkpoint_prefix: str, checkpoint_format_version: int = _V2, meta_graph_suffix: str = "meta"
) -> None:
    """Removes the files of a checkpoint, as far as they exist."""
    patterns = [meta_graph_filename(checkpoint_prefix, meta_graph_suffix)]
    if checkpoint_format_version == _V2:
        patterns += [checkpoint_prefix + ".index", checkpoint_prefix + ".data-?????-of-?????"]
    else:
        patterns.append(checkpoint_prefix)
    for path in gfile.get_matching_files(patterns):
        gfile.delete_file(path)


def meta_graph_filename(checkpoint_filename: str, meta_graph_suffix: str = "meta") -> str:
    """The file of the MetaGraphDef that belongs to a checkpoint; a shard's number in the name is left out."""
    return re.sub(r"-[\d\?]+-of-\d+$", "", checkpoint_filename) + "." + meta_graph_suffix
