"""`tf.gfile` and `tf.io.gfile`: files with TF's rules and TF's errors.

A file opens at its first read or write, not before. Reading and writing keep separate positions, and text mode only
means that what is read is decoded: sizes and positions count bytes in every mode.

Source: TF 1.15, python/lib/io/file_io.py and python/platform/gfile.py.
"""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable, Iterator
from io import BufferedReader, BufferedWriter
from typing import Any

from tfcompat.framework import errors
from tfcompat.framework.compat_strings import as_bytes, as_str_any
from tfcompat.framework.export import export
from tfcompat.platform import filesystem
from tfcompat.platform.filesystem import FileStatistics, name_of

_MODES = ("r", "w", "a", "r+", "w+", "a+")


class FileIO:
    """A file under the name and mode given; an iterator over its lines.

    Raises: InvalidArgumentError for an unknown mode; later, at the first use, whatever opening the file raises.
    """

    def __init__(self, name: str, mode: str) -> None:
        self._name = name
        self._mode = mode
        self._binary = "b" in mode
        kind = mode.replace("b", "")
        if kind not in _MODES:
            raise errors.InvalidArgumentError(None, None, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'")
        self._may_read = kind not in ("w", "a")
        self._may_write = kind != "r"
        self._reader: BufferedReader | None = None
        self._writer: BufferedWriter | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self._name

    @property
    def mode(self) -> str:
        """The mode it was opened with."""
        return self._mode

    def _open(self, mode: str) -> Any:
        path = name_of(self._name)
        with filesystem.os_errors_as_tf(path):
            return open(filesystem.local(path), mode)

    def _reading(self) -> BufferedReader:
        if self._reader is None:
            if not self._may_read:
                raise errors.PermissionDeniedError(None, None, "File isn't open for reading")
            self._reader = self._open("rb")
        return self._reader

    def _writing(self) -> BufferedWriter:
        if self._writer is None:
            if not self._may_write:
                raise errors.PermissionDeniedError(None, None, "File isn't open for writing")
            self._writer = self._open("ab" if "a" in self._mode else "wb")
        return self._writer

    def _as_read(self, data: bytes) -> Any:
        return data if self._binary else as_str_any(data)

    def size(self) -> int:
        """The file's length in bytes."""
        return stat(self._name).length

    def write(self, file_content: str | bytes) -> None:
        """Appends text or bytes to what has been written."""
        writer = self._writing()
        with filesystem.os_errors_as_tf(name_of(self._name)):
            writer.write(as_bytes(file_content))

    def read(self, n: int = -1) -> Any:
        """The next `n` bytes, or all that is left; text in text mode."""
        if n < -1:
            raise OverflowError(f"read() needs a number of bytes, or -1 for all of them: got {n}")
        reader = self._reading()
        with filesystem.os_errors_as_tf(name_of(self._name)):
            return self._as_read(reader.read(n))

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Moves the reading position to `offset` bytes from the start (0), from here (1) or from the end (2).

        Raises: OutOfRangeError past the end, InvalidArgumentError before the start.
        """
        reader = self._reading()
        if offset is None and position is None:
            raise TypeError("seek(): offset argument required")
        if offset is not None and position is not None:
            raise TypeError("seek(): offset and position may not be set simultaneously.")
        if whence not in (0, 1, 2):
            raise errors.InvalidArgumentError(
                None, None, f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2."
            )
        start = (0, reader.tell(), self.size() if whence == 2 else 0)[whence]
        target = start + (position if offset is None else offset)  # type: ignore[operator]
        if target < 0:
            raise errors.InvalidArgumentError(None, None, f"Seeking to a negative position: {target}")
        if target > self.size():
            reader.seek(0, os.SEEK_END)
            raise errors.OutOfRangeError(None, None, "reached end of file")
        reader.seek(target)

    def readline(self) -> Any:
        """The next line with its line end; empty at the end of the file."""
        reader = self._reading()
        with filesystem.os_errors_as_tf(name_of(self._name)):
            return self._as_read(reader.readline())

    def readlines(self) -> list[Any]:
        """The lines that are left."""
        return list(self)

    def tell(self) -> int:
        """The reading position, or the writing position of a file that is not read."""
        return self._reading().tell() if self._may_read else self._writing().tell()

    def flush(self) -> None:
        """Hands what has been written to the operating system."""
        if self._writer is not None:
            with filesystem.os_errors_as_tf(name_of(self._name)):
                self._writer.flush()

    def close(self) -> None:
        """Closes the file; a later read or write opens it again."""
        reader, writer, self._reader, self._writer = self._reader, self._writer, None, None
        if reader is not None:
            reader.close()
        if writer is not None:
            with filesystem.os_errors_as_tf(name_of(self._name)):
                writer.close()

    def __del__(self) -> None:
        # TF's file needs no close() to be read, and a forgotten writer flushes when it goes away.
        if getattr(self, "_reader", None) or getattr(self, "_writer", None):
            self.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return self

    def next(self) -> Any:
        """The next line.

        Raises: StopIteration at the end of the file.
        """
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __next__(self) -> Any:
        return self.next()

    def seekable(self) -> bool:
        """True."""
        return True


@export("gfile.GFile", "gfile.Open", "io.gfile.GFile", v2=("io.gfile.GFile",))
class GFile(FileIO):
    """A file, opened at its first read or write."""

    def __init__(self, name: str, mode: str = "r") -> None:
        super().__init__(name=name, mode=mode)


@export("gfile.FastGFile")
class FastGFile(FileIO):
    """An older name of GFile."""

    def __init__(self, name: str, mode: str = "r") -> None:
        super().__init__(name=name, mode=mode)


Open = GFile


@export("gfile.Exists")
def file_exists(filename: str) -> bool:
    """Whether there is a file or directory of that name."""
    return filesystem.exists(name_of(filename))


@export("io.gfile.exists", v2=("io.gfile.exists",))
def file_exists_v2(path: str) -> bool:
    """Whether there is a file or directory of that name."""
    return file_exists(path)


@export("gfile.Remove")
def delete_file(filename: str) -> None:
    """Removes a file.

    Raises: NotFoundError when it does not exist, FailedPreconditionError for a directory.
    """
    filesystem.delete_file(name_of(filename))


@export("io.gfile.remove", v2=("io.gfile.remove",))
def delete_file_v2(path: str) -> None:
    """Removes a file."""
    delete_file(path)


@export("gfile.Glob")
def get_matching_files(filename: Any) -> list[str]:
    """The paths that match a pattern, or one of several patterns, in that order."""
    return [path for pattern in filesystem.as_list_of_patterns(filename) for path in filesystem.matching(pattern)]


@export("io.gfile.glob", v2=("io.gfile.glob",))
def get_matching_files_v2(pattern: Any) -> list[str]:
    """The paths that match a pattern, or one of several patterns, in that order."""
    return get_matching_files(pattern)


@export("gfile.MkDir")
def create_dir(dirname: str) -> None:
    """Makes a directory in one that exists.

    Raises: NotFoundError when the directory above is missing.
    """
    filesystem.make_directory(name_of(dirname))


@export("io.gfile.mkdir", v2=("io.gfile.mkdir",))
def create_dir_v2(path: str) -> None:
    """Makes a directory in one that exists."""
    create_dir(path)


@export("gfile.MakeDirs")
def recursive_create_dir(dirname: str) -> None:
    """Makes a directory and those above it, where they do not exist yet."""
    filesystem.make_directories(name_of(dirname))


@export("io.gfile.makedirs", v2=("io.gfile.makedirs",))
def recursive_create_dir_v2(path: str) -> None:
    """Makes a directory and those above it, where they do not exist yet."""
    recursive_create_dir(path)


@export("gfile.Copy")
def copy(oldpath: str, newpath: str, overwrite: bool = False) -> None:
    """Copies a file.

    Raises: AlreadyExistsError when `newpath` exists and `overwrite` is not set.
    """
    filesystem.copy(name_of(oldpath), name_of(newpath), overwrite)


@export("io.gfile.copy", v2=("io.gfile.copy",))
def copy_v2(src: str, dst: str, overwrite: bool = False) -> None:
    """Copies a file."""
    copy(src, dst, overwrite)


@export("gfile.Rename")
def rename(oldname: str, newname: str, overwrite: bool = False) -> None:
    """Moves a file or directory.

    Raises: AlreadyExistsError when `newname` exists and `overwrite` is not set.
    """
    filesystem.rename(name_of(oldname), name_of(newname), overwrite)


@export("io.gfile.rename", v2=("io.gfile.rename",))
def rename_v2(src: str, dst: str, overwrite: bool = False) -> None:
    """Moves a file or directory."""
    rename(src, dst, overwrite)


@export("gfile.DeleteRecursively")
def delete_recursively(dirname: str) -> None:
    """Removes a directory and all below it."""
    filesystem.delete_recursively(name_of(dirname))


@export("io.gfile.rmtree", v2=("io.gfile.rmtree",))
def delete_recursively_v2(path: str) -> None:
    """Removes a directory and all below it."""
    delete_recursively(path)


@export("gfile.IsDirectory")
def is_directory(dirname: str) -> bool:
    """Whether there is a directory of that name."""
    return filesystem.is_directory(name_of(dirname))


@export("io.gfile.isdir", v2=("io.gfile.isdir",))
def is_directory_v2(path: str) -> bool:
    """Whether there is a directory of that name."""
    return is_directory(path)


@export("gfile.ListDirectory")
def list_directory(dirname: str) -> list[str]:
    """The names in a directory, in no particular order.

    Raises: NotFoundError when it is no directory.
    """
    if not is_directory(dirname):
        raise errors.NotFoundError(None, None, f"Could not find directory {dirname}")
    return filesystem.children(name_of(dirname))


@export("io.gfile.listdir", v2=("io.gfile.listdir",))
def list_directory_v2(path: str) -> list[str]:
    """The names in a directory, in no particular order."""
    return list_directory(path)


@export("gfile.Walk")
def walk(top: str, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """(directory, names of its directories, names of its files) of `top` and all below, `top` first or last."""
    return walk_v2(top, in_order)


@export("io.gfile.walk", v2=("io.gfile.walk",))
def walk_v2(
    top: str, topdown: bool = True, onerror: Callable[[Exception], Any] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """(directory, names of its directories, names of its files) of `top` and all below, `top` first or last.

    A directory that cannot be listed is left out, after `onerror` has been called with the error.
    """
    top = as_str_any(top)
    try:
        listing = list_directory(top)
    except errors.NotFoundError as error:
        if onerror:
            onerror(error)
        return
    inside: list[str] = []
    files: list[str] = []
    for name in listing:
        (inside if is_directory(os.path.join(top, name)) else files).append(name)
    here = (top, inside, files)
    if topdown:
        yield here
    for name in inside:
        yield from walk_v2(os.path.join(top, name), topdown, onerror)
    if not topdown:
        yield here


@export("gfile.Stat")
def stat(filename: str) -> FileStatistics:
    """The length, time and kind of a path.

    Raises: NotFoundError when it does not exist.
    """
    return filesystem.statistics(name_of(filename))


@export("io.gfile.stat", v2=("io.gfile.stat",))
def stat_v2(path: str) -> FileStatistics:
    """The length, time and kind of a path."""
    return stat(path)


# The names under which programs import these from tensorflow.python.platform.gfile.
Exists, Remove, Glob, MkDir, MakeDirs = file_exists, delete_file, get_matching_files, create_dir, recursive_create_dir
Copy, Rename, DeleteRecursively, IsDirectory = copy, rename, delete_recursively, is_directory
ListDirectory, Walk, Stat = list_directory, walk, stat


def read_file_to_string(filename: str, binary_mode: bool = False) -> Any:
    """All of a file, as text or as bytes."""
    with FileIO(filename, "rb" if binary_mode else "r") as f:
        return f.read()


def write_string_to_file(filename: str, file_content: str | bytes) -> None:
    """Makes a file with the given content."""
    with FileIO(filename, "w") as f:
        f.write(file_content)


def atomic_write_string_to_file(filename: str, contents: str | bytes, overwrite: bool = True) -> None:
    """Makes a file that nobody can see half written."""
    temporary = f"{filename}.tmp{os.urandom(16).hex()}"
    write_string_to_file(temporary, contents)
    try:
        rename(temporary, filename, overwrite)
    except errors.OpError:
        delete_file(temporary)
        raise


def file_crc32(filename: str, block_size: int = 16 * 1024 * 1024) -> str:
    """The CRC-32 of a file's bytes in hexadecimal; the file is read in blocks of `block_size` bytes."""
    crc = 0
    with FileIO(filename, "rb") as f:
        while block := f.read(block_size):
            crc = binascii.crc32(block, crc)
    return hex(crc & 0xFFFFFFFF)


def filecmp(filename_a: str, filename_b: str) -> bool:
    """Whether two files have the same length and CRC-32."""
    return stat(filename_a).length == stat(filename_b).length and file_crc32(filename_a) == file_crc32(filename_b)
