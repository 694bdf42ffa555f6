"""Files that appear all at once: written under another name, forced to the disk, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from tfcompat.platform import filesystem


def temporary_name(path: str) -> str:
    """A new name beside `path`, in the form TF gives its own: what a crash leaves behind is recognised by it."""
    return f"{path}.tempstate{secrets.randbits(64)}"


def sync(file: BinaryIO) -> None:
    """Makes what was written to a file survive a crash of the machine."""
    file.flush()
    os.fsync(file.fileno())


def sync_directory(path: str) -> None:
    """Makes renames in the directory of `path` survive a crash, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows: renames are on the disk when they return
        return
    with contextlib.suppress(OSError):  # some network file systems refuse
        descriptor = os.open(os.path.dirname(filesystem.local(path)) or ".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def move(source: str, target: str) -> None:
    """Renames a file, in one step and over an older one."""
    with filesystem.os_errors_as_tf(source):
        os.replace(filesystem.local(source), filesystem.local(target))


def remove_if_there(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(filesystem.local(path))


@contextlib.contextmanager
def written_atomically(path: str) -> Iterator[BinaryIO]:
    """A file to write; it takes the place of `path` when the block ends without an error, and is removed otherwise.

    Raises: an OpError when the file cannot be written.
    """
    temporary = temporary_name(path)
    try:
        with filesystem.os_errors_as_tf(path), open(filesystem.local(temporary), "wb") as file:
            yield file
            sync(file)
        move(temporary, path)
    except BaseException:
        remove_if_there(temporary)
        raise
    sync_directory(path)
