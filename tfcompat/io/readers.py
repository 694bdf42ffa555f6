"""Readers: state that takes file names from a queue and gives the records of those files one by one.

Source: TF 1.15, core/framework/reader_base.cc, core/kernels/reader_ops.cc and *_reader_op.cc, python/ops/io_ops.py.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.errors import InvalidArgumentError, UnimplementedError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Fixed, KernelContext, Op, Shape, ShapeContext, op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.io.file_ops import read_whole
from tfcompat.io.tfrecord import RecordReader, TFRecordOptions
from tfcompat.io.varints import read_varint, varint
from tfcompat.ops.queues import fake_queue_op
from tfcompat.ops.string_values import as_text_attr, shape_text, string_scalar, string_vector

Record = tuple[bytes, bytes]


class Reader:
    """Reads the records of one file after the other; `records` gives (key, value) pairs of a file."""

    def __init__(self, name: str, records: Callable[[str], Iterator[Record]], keeps_state: bool) -> None:
        self.name = name
        self._records = records
        self._keeps_state = keeps_state
        self._lock = threading.RLock()
        self._current: Iterator[Record] | None = None
        self.reset()

    def reset(self) -> None:
        """Starts anew, as if nothing had been read."""
        with self._lock:
            self._work = b""
            self._started = self.finished = self.produced = 0
            self._current = None

    def read(self, queue: Any) -> Record:
        """The next record; waits for a file name where the queue has none."""
        return self.read_up_to(queue, 1)[0]

    def read_up_to(self, queue: Any, count: int) -> list[Record]:
        """Up to `count` records; fewer at the end of a file."""
        with self._lock:
            found: list[Record] = []
            while len(found) < count:
                if self._current is None:
                    self._start(queue)
                assert self._current is not None
                record = next(self._current, None)
                if record is None:
                    self._current = None
                    self.finished = self._started
                    if found:
                        break
                    continue
                found.append(record)
                self.produced += 1
                if self._keeps_state:  # a file is one record: its work is done with it
                    self._current = None
                    self.finished = self._started
                    if len(found) < count and count > 1:
                        break
            return found

    def _start(self, queue: Any) -> None:
        element = queue.dequeue()
        if len(element) != 1:
            raise InvalidArgumentError(None, None, "Expected single component queue")
        if not isinstance(element[0], np.ndarray):
            raise InvalidArgumentError(None, None, "Expected queue with single string component")
        if element[0].size != 1:
            raise InvalidArgumentError(None, None, "Expected to dequeue a one-element string tensor")
        self._work = element[0].item()
        self._current = iter(self._records(os.fsdecode(self._work)))
        self._started += 1

    def state(self) -> bytes:
        """What is needed to go on from here, as a ReaderBaseState message."""
        with self._lock:
            if not self._keeps_state:
                raise UnimplementedError(None, None, "Reader SerializeState")
            out = b""
            for field, number in ((1, self._started), (2, self.finished), (3, self.produced)):
                if number:
                    out += varint(field << 3) + varint(number)
            return out + (varint(4 << 3 | 2) + varint(len(self._work)) + self._work if self._work else b"")

    def restore(self, state: bytes) -> None:
        """Goes on from a state. Raises: InvalidArgumentError for what is no state of such a reader."""
        with self._lock:
            if not self._keeps_state:
                raise UnimplementedError(None, None, "Reader RestoreState")
            try:
                started, finished, produced, work = _parse_state(state)
            except (ValueError, IndexError):
                self.reset()
                shown = "".join(chr(b) if 32 <= b < 127 else f"\\{b:03o}" for b in state)
                raise InvalidArgumentError(None, None, f"Could not parse state for {self.name}: {shown}") from None
            problem = None
            if min(started, finished, produced) < 0:
                problem = "Unexpected negative value when restoring in"
            elif started > finished:
                problem = "Inconsistent work started vs. finished when restoring in"
            if problem is not None:
                self.reset()
                shown = f"work_started: {started} work_finished: {finished} num_records_produced: {produced}"
                raise InvalidArgumentError(None, None, f"{problem} {self.name}: {shown}")
            self._started, self.finished, self.produced, self._work = started, finished, produced, work
            self._current = None


def _parse_state(data: bytes) -> tuple[int, int, int, bytes]:
    numbers = {1: 0, 2: 0, 3: 0}
    work = b""
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at, len(data))
        if tag in (8, 16, 24):
            number, at = read_varint(data, at, len(data))
            numbers[tag >> 3] = number - 2**64 if number >= 2**63 else number
        elif tag == 34:
            size, at = read_varint(data, at, len(data))
            if at + size > len(data):
                raise ValueError("truncated")
            work = data[at : at + size]
            at += size
        else:
            raise ValueError("unknown field")
    return numbers[1], numbers[2], numbers[3], work


# --- the kinds of readers --------------------------------------------------------------------------------------


def _whole_files(attrs: dict[str, Any]) -> Callable[[str], Iterator[Record]]:
    def records(path: str) -> Iterator[Record]:
        yield os.fsencode(path), read_whole(path)

    return records


def _names(attrs: dict[str, Any]) -> Callable[[str], Iterator[Record]]:
    def records(path: str) -> Iterator[Record]:
        yield os.fsencode(path), os.fsencode(path)

    return records


def _lines(attrs: dict[str, Any]) -> Callable[[str], Iterator[Record]]:
    skipped = attrs["skip_header_lines"]

    def records(path: str) -> Iterator[Record]:
        lines = read_whole(path).split(b"\n")
        if not lines[-1]:
            lines.pop()
        for number, line in enumerate(lines[skipped:], skipped + 1):
            yield os.fsencode(f"{path}:{number}"), line.replace(b"\r", b"")

    return records


def _tf_records(attrs: dict[str, Any]) -> Callable[[str], Iterator[Record]]:
    compression = as_text_attr(attrs["compression_type"])

    def records(path: str) -> Iterator[Record]:
        with RecordReader(path, compression) as reader:
            while True:
                at = reader.offset
                record = reader.read()
                if record is None:
                    return
                yield os.fsencode(f"{path}:{at}"), record

    return records


def _fixed_lengths(attrs: dict[str, Any]) -> Callable[[str], Iterator[Record]]:
    size, header, footer, hop = (attrs[k] for k in ("record_bytes", "header_bytes", "footer_bytes", "hop_bytes"))
    encoding = as_text_attr(attrs.get("encoding", ""))
    for text, number, least in (
        ("header_bytes must be >= 0 but got ", header, 0),
        ("record_bytes must be >= 0 but got ", size, 0),
        ("footer_bytes must be >= 0 but got ", footer, 0),
        ("hop_bytes must be >= 0 but got ", hop, 0),
    ):
        if number < least:
            raise InvalidArgumentError(None, None, f"{text}{number}")
    if encoding not in ("", "ZLIB", "GZIP"):
        raise InvalidArgumentError(None, None, f"Unsupported encoding {encoding}")

    def records(path: str) -> Iterator[Record]:
        data = read_whole(path)
        if encoding:
            data = zlib.decompress(data, zlib.MAX_WBITS + (16 if encoding == "GZIP" else 0))
        end = len(data) - footer
        at, number = header, 0
        while at + size <= end:
            yield os.fsencode(f"{path}:{number}"), data[at : at + size]
            at += hop or size
            number += 1

    return records


_KINDS: dict[str, Any] = {
    "WholeFileReader": _whole_files,
    "IdentityReader": _names,
    "TextLineReader": _lines,
    "TFRecordReader": _tf_records,
    "FixedLengthRecordReader": _fixed_lengths,
}
_READERS: dict[str, Op] = {}


def _build_reader(c: KernelContext) -> Any:
    kind = c.node.type.removesuffix("V2")
    shared = as_text_attr(c.attrs["shared_name"])

    def make() -> Reader:
        keeps_state = kind in ("WholeFileReader", "IdentityReader")
        return Reader(f"{kind} '{c.node.name}'", _KINDS[kind](c.attrs), keeps_state)

    scope = f"shared {kind}" if shared else "private reader"
    return Fixed(c.session.resources.get_or_create(scope, c.attrs["container"], shared or c.node.name, make))


for _kind in _KINDS:
    _READERS[_kind] = op(_kind + "V2")(lambda c: ())
    _READERS[_kind + " by reference"] = op(_kind)(lambda c: (2,))
for _declared in _READERS.values():
    _declared.gradient(NOT_DIFFERENTIABLE)
    _declared.builder(_build_reader)


def _pair(op_type: str, shapes: Any) -> tuple[Op, Op]:
    def rule(c: ShapeContext) -> Any:
        for i in range(1 if not op_type.startswith(("ReaderRead", "ReaderReadUpTo")) else 2):
            with_rank(c.shape(i), 0 if c.op_type.endswith("V2") else 1)
        return shapes

    pair = op(op_type + "V2")(rule), op(op_type, stateful=True)(rule)
    for made in pair:
        made.gradient(NOT_DIFFERENTIABLE)
    return pair


read_v2_op, read_op = _pair("ReaderRead", [(), ()])
read_up_to_v2_op, read_up_to_op = _pair("ReaderReadUpTo", [(None,), (None,)])
records_produced_v2_op, records_produced_op = _pair("ReaderNumRecordsProduced", ())
units_completed_v2_op, units_completed_op = _pair("ReaderNumWorkUnitsCompleted", ())
serialize_v2_op, serialize_op = _pair("ReaderSerializeState", ())
restore_v2_op, restore_op = _pair("ReaderRestoreState", [])
reset_v2_op, reset_op = _pair("ReaderReset", [])


@read_v2_op.kernel
@read_op.kernel
def _read(reader: Any, queue: Any) -> list[np.ndarray]:
    key, value = reader.read(queue)
    return [string_scalar(key), string_scalar(value)]


@read_up_to_v2_op.kernel
@read_up_to_op.kernel
def _read_up_to(reader: Any, queue: Any, num_records: torch.Tensor) -> list[np.ndarray]:
    records = reader.read_up_to(queue, int(num_records))
    return [string_vector([k for k, _ in records]), string_vector([v for _, v in records])]


@records_produced_v2_op.kernel
@records_produced_op.kernel
def _records_produced(reader: Any, *, device: Any) -> torch.Tensor:
    return torch.tensor(reader.produced, device=device)


@units_completed_v2_op.kernel
@units_completed_op.kernel
def _units_completed(reader: Any, *, device: Any) -> torch.Tensor:
    return torch.tensor(reader.finished, device=device)


@serialize_v2_op.kernel
@serialize_op.kernel
def _serialize(reader: Any) -> np.ndarray:
    return string_scalar(reader.state())


@restore_v2_op.kernel
@restore_op.kernel
def _restore(reader: Any, state: np.ndarray) -> None:
    if state.ndim:
        raise InvalidArgumentError(None, None, f"Reader state must be scalar, but had shape: {shape_text(state)}")
    reader.restore(state.item())


@reset_v2_op.kernel
@reset_op.kernel
def _reset(reader: Any) -> None:
    reader.reset()


@op("LMDBReader")
def lmdb_reader_op(c: ShapeContext) -> Shape:
    return (2,)


lmdb_reader_op.gradient(NOT_DIFFERENTIABLE)


@lmdb_reader_op.kernel
def _lmdb() -> Any:
    raise UnimplementedError(None, None, "reading LMDB files is not supported")


# --- the classes -----------------------------------------------------------------------------------------------


@export("ReaderBase")
class ReaderBase:
    """What all readers can do: read records of the files whose names stand in a queue."""

    def __init__(self, reader_ref: Tensor, supports_serialize: bool = False) -> None:
        self._reader_ref = reader_ref
        self._supports_serialize = supports_serialize

    @property
    def reader_ref(self) -> Tensor:
        """The tensor that stands for the reader in the graph."""
        return self._reader_ref

    @property
    def supports_serialize(self) -> bool:
        """Whether the reader can say where it stands."""
        return self._supports_serialize

    def _pick(self, new: Op, old: Op) -> Op:
        return new if self._reader_ref.dtype == dtypes.resource else old

    def _queue_handle(self, queue: Any) -> Tensor:
        handle = queue if isinstance(queue, Tensor) else queue.queue_ref
        return handle if self._reader_ref.dtype == dtypes.resource else fake_queue_op(handle)  # type: ignore[no-any-return]

    def read(self, queue: Any, name: str | None = None) -> Any:
        """The next record as (key, value); the key says where it comes from.

        Raises: OutOfRangeError while running when the queue is closed and there is nothing more to read.
        """
        return self._pick(read_v2_op, read_op)(self._reader_ref, self._queue_handle(queue), name=name)

    def read_up_to(self, queue: Any, num_records: Any, name: str | None = None) -> Any:
        """Up to `num_records` records as (keys, values)."""
        made = self._pick(read_up_to_v2_op, read_up_to_op)
        return made(self._reader_ref, self._queue_handle(queue), num_records, name=name)

    def num_records_produced(self, name: str | None = None) -> Tensor:
        """How many records were read."""
        return self._pick(records_produced_v2_op, records_produced_op)(self._reader_ref, name=name)  # type: ignore[no-any-return]

    def num_work_units_completed(self, name: str | None = None) -> Tensor:
        """How many files were read to their end."""
        return self._pick(units_completed_v2_op, units_completed_op)(self._reader_ref, name=name)  # type: ignore[no-any-return]

    def serialize_state(self, name: str | None = None) -> Tensor:
        """Where the reader stands, as a string for `restore_state`; not all readers can."""
        return self._pick(serialize_v2_op, serialize_op)(self._reader_ref, name=name)  # type: ignore[no-any-return]

    def restore_state(self, state: Any, name: str | None = None) -> Operation:
        """The operation that goes on from a state."""
        return self._pick(restore_v2_op, restore_op)(self._reader_ref, state, name=name)  # type: ignore[no-any-return]

    def reset(self, name: str | None = None) -> Operation:
        """The operation that starts anew."""
        return self._pick(reset_v2_op, reset_op)(self._reader_ref, name=name)  # type: ignore[no-any-return]


@export("WholeFileReader")
class WholeFileReader(ReaderBase):
    """Each file is one record: its name and its contents."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(_READERS["WholeFileReader"](name=name), supports_serialize=True)


@export("IdentityReader")
class IdentityReader(ReaderBase):
    """Each entry of the queue is one record: key and value are the entry."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(_READERS["IdentityReader"](name=name), supports_serialize=True)


@export("TextLineReader")
class TextLineReader(ReaderBase):
    """Each line of a file is one record."""

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None) -> None:
        super().__init__(_READERS["TextLineReader"](skip_header_lines=skip_header_lines or 0, name=name))


@export("FixedLengthRecordReader")
class FixedLengthRecordReader(ReaderBase):
    """Records of `record_bytes` bytes between a header and a footer; `hop_bytes` from one record's start to the next's."""

    def __init__(
        self,
        record_bytes: int,
        header_bytes: int | None = None,
        footer_bytes: int | None = None,
        hop_bytes: int | None = None,
        name: str | None = None,
        encoding: str | None = None,
    ) -> None:
        handle = _READERS["FixedLengthRecordReader"](
            record_bytes=record_bytes,
            header_bytes=header_bytes or 0,
            footer_bytes=footer_bytes or 0,
            hop_bytes=hop_bytes or 0,
            encoding=encoding or "",
            name=name,
        )
        super().__init__(handle)


@export("TFRecordReader")
class TFRecordReader(ReaderBase):
    """The records of TFRecord files."""

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        compression_type = TFRecordOptions.get_compression_type_string(options)
        super().__init__(_READERS["TFRecordReader"](name=name, compression_type=compression_type))


@export("LMDBReader")
class LMDBReader(ReaderBase):
    """The entries of an LMDB database; running it raises UnimplementedError."""

    def __init__(self, name: str | None = None, options: Any = None) -> None:
        super().__init__(lmdb_reader_op(name=name))
