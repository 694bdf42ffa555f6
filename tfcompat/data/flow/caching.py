"""Elements kept in memory or in a file after the first walk.

Source: TF 1.15, core/kernels/data/cache_dataset_ops.cc. A file cache is a tensor bundle, as TensorFlow writes it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from typing import Any

from tfcompat.data.flow.core import Element, Elements, Flow, Run
from tfcompat.framework import dtypes, errors, values
from tfcompat.io.tensor_bundle import BundleReader, index_file
from tfcompat.io.tensor_bundle_writer import BundleWriter
from tfcompat.platform import filesystem

_ITEM_DIGITS = 7


class _Memory:
    """The elements of a complete walk, once there was one."""

    def __init__(self) -> None:
        self.elements: list[Element] | None = None


class _Remembered(Elements):
    def __init__(self, flow: Cache, run: Run, prefix: str, memory: _Memory) -> None:
        self._memory = memory
        self._fresh: list[Element] = []
        self._at = 0
        self._inner = None if memory.elements is not None else flow.inputs[0].iterate(run, prefix)

    def next(self) -> Element:
        if self._inner is not None:
            try:
                found = self._inner.next()
            except StopIteration:
                self._memory.elements = self._fresh
                self._inner, self._at = None, len(self._fresh)
                raise
            self._fresh.append(found)
            return list(found)
        kept = self._memory.elements
        assert kept is not None
        if self._at >= len(kept):
            raise StopIteration
        self._at += 1
        return list(kept[self._at - 1])


class _Writing(Elements):
    def __init__(self, flow: Cache, inner: Elements) -> None:
        self._flow, self._inner, self._at = flow, inner, 0
        self._writer: BundleWriter | None = None
        self._lock = f"{flow.path}_0.lockfile"
        self._done = False

    def _begin(self) -> BundleWriter:
        path = self._lock
        with filesystem.os_errors_as_tf(path):
            try:
                handle = os.open(filesystem.local(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            except FileExistsError:
                raise errors.AlreadyExistsError(
                    None, None,
                    "There appears to be a concurrent caching iterator running - cache lockfile already exists "
                    f"('{path}'). If you are sure no other running TF computations are using this cache prefix, delete "
                    "the lockfile and re-initialize the iterator.",
                ) from None
            os.close(handle)
        return BundleWriter(self._flow.path)

    def next(self) -> Element:
        if self._done:
            raise StopIteration
        if self._writer is None:
            self._writer = self._begin()
        try:
            found = self._inner.next()
        except StopIteration:
            self._finish(complete=True)
            raise
        for i, (v, dtype) in enumerate(zip(found, self._flow.types, strict=True)):
            if dtype.torch is None and dtype is not dtypes.string:
                raise errors.UnimplementedError(None, None, f"A file cannot cache values of type {dtype.name}")
            self._writer.add(self._flow.key(self._at, i), values.to_numpy(v, dtype), dtype)
        self._at += 1
        return found

    def _finish(self, complete: bool) -> None:
        self._done = True
        writer, self._writer = self._writer, None
        if writer is None:
            return
        if complete:
            writer.finish()
        else:
            writer.discard()
        filesystem.delete_file(self._lock)

    def __del__(self) -> None:
        if self._writer is not None:
            with contextlib.suppress(Exception):  # nobody is left to hear of it
                self._finish(complete=False)


class _Reading(Elements):
    def __init__(self, flow: Cache) -> None:
        self._flow, self._at = flow, 0
        self._reader = BundleReader(flow.path)

    def next(self) -> Element:
        flow, at = self._flow, self._at
        if flow.key(at, 0) not in self._reader:
            raise StopIteration
        self._at = at + 1
        return [values.from_numpy(self._reader.read(flow.key(at, i)), dtype) for i, dtype in enumerate(flow.types)]


class Cache(Flow):
    """The elements of the input, which is read once; into memory when `path` is empty."""

    kind = "Cache"

    def __init__(self, source: Flow, path: str, types: Sequence[Any]) -> None:
        self.inputs = (source,)
        self.path, self.types = path, list(types)
        self._digits = len(str(max(len(self.types) - 1, 0)))
        self.kind = "FileCache" if path else "MemoryCache"

    def key(self, item: int, part: int) -> str:
        return f"{item:{_ITEM_DIGITS}d}_{part:{self._digits}d}"

    def elements(self, run: Run, prefix: str) -> Elements:
        if not self.path:
            return _Remembered(self, run, prefix, run.shared(f"{prefix}::memory", _Memory))
        if os.path.exists(filesystem.local(index_file(self.path))):
            return _Reading(self)
        return _Writing(self, self.inputs[0].iterate(run, prefix))

    def cardinality(self) -> int:
        return self.inputs[0].cardinality()
