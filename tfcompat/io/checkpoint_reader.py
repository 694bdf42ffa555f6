"""`tf.train.NewCheckpointReader` and the functions built on it: checkpoints of both versions behind one face.

Source: TF 1.15, c/checkpoint_reader.cc, python/training/checkpoint_utils.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tfcompat.framework import errors, protos, tf_logging
from tfcompat.framework.compat_strings import as_bytes
from tfcompat.framework.dtypes import DType
from tfcompat.framework.export import export
from tfcompat.io.checkpoint_state import latest_checkpoint
from tfcompat.io.checkpoint_v1 import SliceReader
from tfcompat.io.tensor_bundle import BundleReader, index_file, shape_of
from tfcompat.io.tensor_slices import TensorSlice, shape_text
from tfcompat.platform import filesystem


def is_version_2(prefix: str) -> bool:
    """Whether there is a checkpoint of version 2 under this prefix."""
    try:
        return bool(filesystem.matching(index_file(prefix)))
    except errors.OpError:
        return False


class CheckpointReader:
    """Reads the tensors of a checkpoint: a prefix (version 2) or a file or pattern of files (version 1).

    Raises: NotFoundError when there is none; DataLossError when it is damaged.
    """

    def __init__(self, filename: Any) -> None:
        path = filesystem.name_of(filename)
        self._bundle = BundleReader(path) if is_version_2(path) else None
        self._slices = None if self._bundle else SliceReader(path)
        tensors = (self._bundle or self._slices).tensors()  # type: ignore[union-attr]
        self._tensors: dict[str, tuple[DType, tuple[int, ...]]] = dict(sorted(tensors.items()))

    def has_tensor(self, tensor_str: Any) -> bool:
        """Whether the checkpoint has a tensor of this name."""
        name = as_bytes(tensor_str)
        if self._bundle is not None:
            return name in self._bundle
        return _text(name) in self._tensors

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shape of every tensor by name; a tensor saved in slices counts as one."""
        return {name: list(shape) for name, (_, shape) in self._tensors.items()}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """The type of every tensor by name."""
        return {name: dtype for name, (dtype, _) in self._tensors.items()}

    def get_tensor(self, tensor_str: Any) -> Any:
        """The value of a tensor: an array; a NumPy scalar or bytes for rank 0.

        Raises: NotFoundError for an unknown name; DataLossError when the value is damaged.
        """
        array = self.read(as_bytes(tensor_str))
        if array.ndim:
            return array
        return array.item() if array.dtype == object else array[()]

    def read(self, name: bytes, part: TensorSlice | None = None) -> np.ndarray:
        """The value of a tensor or of a slice of it, always an array."""
        if self._bundle is not None:
            return self._bundle.read(name, part)
        assert self._slices is not None
        return self._slices.read(_text(name), part)

    def debug_string(self) -> bytes:
        """A line per tensor: its name, type and shape."""
        if self._bundle is None:
            return b"".join(self._line(name.encode("utf-8", "surrogateescape")) for name in self._tensors)
        entries = ((key, self._bundle.entry(key)) for key in self._bundle.all_keys())
        # As in TF, a sliced tensor is shown by its slices, whose keys are not text.
        return b"".join(_line(key, entry.dtype, shape_of(entry)) for key, entry in entries if not entry.slices)

    def _line(self, name: bytes) -> bytes:
        dtype, shape = self._tensors[_text(name)]
        line = _line(name, dtype.as_datatype_enum, shape)
        count = self._slices.slice_count(_text(name)) if self._slices else 1
        return line if count < 2 else line[:-1] + f", {count} slices\n".encode()

    def _GetVariableToDataTypeMap(self) -> dict[str, int]:
        return {name: dtype.as_datatype_enum for name, (dtype, _) in self._tensors.items()}

    def _HasTensor(self, name: Any) -> bool:
        return self.has_tensor(name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _line(name: bytes, dtype: int, shape: tuple[int, ...]) -> bytes:
    return name + f" ({protos.DataType.Name(dtype)}) {shape_text(shape)}\n".encode()


@export("train.NewCheckpointReader")
def NewCheckpointReader(filepattern: Any) -> CheckpointReader:
    """A reader of the checkpoint at a prefix.

    Raises: NotFoundError when there is none; DataLossError when it is damaged.
    """
    return CheckpointReader(filepattern)


@export("train.load_checkpoint", v2=("train.load_checkpoint",))
def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """A reader of a checkpoint, or of the latest one in a directory.

    Raises: ValueError for a directory without checkpoints; as NewCheckpointReader otherwise.
    """
    path = ckpt_dir_or_file
    if filesystem.is_directory(filesystem.name_of(path)):
        path = latest_checkpoint(path)
        if path is None:
            raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {ckpt_dir_or_file}")
    return NewCheckpointReader(path)


@export("train.load_variable", v2=("train.load_variable",))
def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """The value of one tensor of a checkpoint, or of the latest one in a directory; a ":0" after the name is ignored.

    Raises: NotFoundError for an unknown name; as load_checkpoint otherwise.
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


@export("train.list_variables", v2=("train.list_variables",))
def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """(name, shape) of the tensors of a checkpoint, sorted by name. Raises: as load_checkpoint."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def wait_for_new_checkpoint(
    checkpoint_dir: str, last_checkpoint: str | None = None, seconds_to_sleep: float = 1, timeout: float | None = None
) -> str | None:
    """Waits until the latest checkpoint is another than `last_checkpoint`; None after `timeout` seconds."""
    tf_logging.info("Waiting for new checkpoint at %s", checkpoint_dir)
    stop_time = None if timeout is None else time.time() + timeout
    while True:
        found = latest_checkpoint(checkpoint_dir)
        if found is not None and found != last_checkpoint:
            tf_logging.info("Found new checkpoint at %s", found)
            return found
        if stop_time is not None and time.time() + seconds_to_sleep > stop_time:
            return None
        time.sleep(seconds_to_sleep)


@export("train.checkpoints_iterator", v2=("train.checkpoints_iterator",))
def checkpoints_iterator(
    checkpoint_dir: str,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], Any] | None = None,
) -> Iterator[str]:
    """Yields the latest checkpoint of a directory whenever there is a new one.

    After `timeout` seconds without one it ends, unless `timeout_fn` is given and says False.
    """
    path = None
    while True:
        new_path = wait_for_new_checkpoint(checkpoint_dir, path, timeout=timeout)
        if new_path is None:
            if timeout_fn is None:
                tf_logging.info("Timed-out waiting for a checkpoint.")
                return
            if timeout_fn():
                return
            continue
        start = time.time()
        path = new_path
        yield path
        time.sleep(max(0.0, start + min_interval_secs - time.time()))
