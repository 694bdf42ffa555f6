"""The local file system as TF's C++ layer sees it: TF's error classes, messages and path rules.

Source: TF 1.15, core/platform: posix/posix_file_system.cc, posix/error.cc, file_system_helper.cc, env.cc.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat as stat_bits
from collections.abc import Iterator
from typing import Any, NamedTuple

from tfcompat.framework import errors
from tfcompat.framework.compat_strings import as_bytes, as_str_any

_SCHEME = re.compile(r"([a-zA-Z0-9.]+)://(.*)", re.DOTALL)

_CLASS_OF_ERRNO = {
    number: error
    for error, names in (
        (errors.InvalidArgumentError, "EINVAL ENAMETOOLONG E2BIG EDESTADDRREQ EDOM EFAULT EILSEQ ENOTTY ESPIPE"),
        (errors.DeadlineExceededError, "ETIMEDOUT ETIME"),
        (errors.NotFoundError, "ENODEV ENOENT ENXIO ESRCH"),
        (errors.AlreadyExistsError, "EEXIST EADDRNOTAVAIL EALREADY"),
        (errors.PermissionDeniedError, "EPERM EACCES EROFS"),
        (errors.FailedPreconditionError, "ENOTEMPTY EISDIR ENOTDIR EBADF EBUSY ECHILD EPIPE ETXTBSY ENOTCONN"),
        (errors.ResourceExhaustedError, "ENOSPC EDQUOT EMFILE EMLINK ENFILE ENOBUFS ENODATA ENOMEM"),
        (errors.OutOfRangeError, "EFBIG EOVERFLOW ERANGE"),
        (errors.UnimplementedError, "ENOSYS ENOTSUP EXDEV"),
        (errors.UnavailableError, "EAGAIN ECONNREFUSED ECONNABORTED ECONNRESET EINTR ENOLCK ENOLINK EHOSTUNREACH"),
        (errors.AbortedError, "EDEADLK ESTALE"),
        (errors.CancelledError, "ECANCELED"),
    )
    for name in names.split()
    if (number := getattr(errno, name, None)) is not None
}


class FileStatistics(NamedTuple):
    """What `tf.gfile.Stat` says about a path: bytes, nanoseconds since 1970, whether it is a directory."""

    length: int
    mtime_nsec: int
    is_directory: bool


def error_for(path: str, number: int) -> Exception:
    """The TF error for an errno met at `path`."""
    error = _CLASS_OF_ERRNO.get(number, errors.UnknownError)
    return error(None, None, f"{path}; {os.strerror(number)}")


@contextlib.contextmanager
def os_errors_as_tf(path: str) -> Iterator[None]:
    """A block in which an OSError is raised again as TF's error about `path`."""
    try:
        yield
    except OSError as cause:
        raise error_for(path, cause.errno or errno.EIO) from cause


def name_of(path: Any) -> str:
    """A path given as text or bytes, as text.

    Raises: TypeError for any other type, path objects included, as in TF 1.15.
    """
    return os.fsdecode(as_bytes(path))


def local(path: str) -> str:
    """The path on this machine, `file://` taken off.

    Raises: UnimplementedError for the scheme of a remote file system.
    """
    match = _SCHEME.match(path)
    if match is None:
        return path
    scheme, rest = match.groups()
    if scheme == "file":
        return rest
    raise errors.UnimplementedError(None, None, f"File system scheme '{scheme}' not implemented (file: '{path}')")


def exists(path: str) -> bool:
    """Whether there is something at `path`."""
    return os.access(local(path), os.F_OK)


def is_directory(path: str) -> bool:
    """Whether `path` is a directory; False for what does not exist."""
    return os.path.isdir(local(path))


def statistics(path: str) -> FileStatistics:
    """Length, time and kind of a path. As in TF, the time has whole seconds."""
    with os_errors_as_tf(path):
        found = os.stat(local(path))
    return FileStatistics(found.st_size, int(found.st_mtime) * 10**9, stat_bits.S_ISDIR(found.st_mode))


def children(path: str) -> list[str]:
    """The names in a directory."""
    with os_errors_as_tf(path):
        return os.listdir(local(path))


def make_directory(path: str) -> None:
    """Makes one directory; one that exists already is fine."""
    if not local(path):
        raise errors.AlreadyExistsError(None, None, path)
    with os_errors_as_tf(path), contextlib.suppress(FileExistsError):
        os.mkdir(local(path), 0o755)


def make_directories(path: str) -> None:
    """Makes a directory and those above it; what exists already is fine."""
    if local(path):
        with os_errors_as_tf(path), contextlib.suppress(FileExistsError):
            os.makedirs(local(path), 0o755)


def delete_file(path: str) -> None:
    """Removes a file."""
    with os_errors_as_tf(path):
        if os.path.isdir(local(path)) and not os.path.islink(local(path)):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))  # what Linux says; macOS says EPERM
        os.unlink(local(path))


def delete_recursively(path: str) -> None:
    """Removes a directory and all below it."""
    if not exists(path):
        raise errors.NotFoundError(None, None, f"{path} not found")
    with os_errors_as_tf(path):
        if not os.path.isdir(local(path)):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        shutil.rmtree(local(path))


def _check_free(target: str, overwrite: bool) -> None:
    if not overwrite and exists(target):
        raise errors.AlreadyExistsError(None, None, "file already exists")


def copy(source: str, target: str, overwrite: bool) -> None:
    """Copies a file's bytes and permissions."""
    _check_free(target, overwrite)
    with os_errors_as_tf(source):
        mode = os.stat(local(source)).st_mode
    if stat_bits.S_ISDIR(mode):
        raise error_for(target, errno.EINVAL)
    with os_errors_as_tf(source):
        read_from = open(local(source), "rb")
    with read_from, os_errors_as_tf(target):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(local(target), flags, mode & 0o777), "wb") as write_to:
            shutil.copyfileobj(read_from, write_to)


def rename(source: str, target: str, overwrite: bool) -> None:
    """Moves a file or a directory."""
    _check_free(target, overwrite)
    with os_errors_as_tf(source):
        os.replace(local(source), local(target))


def matching(pattern: str) -> list[str]:
    """The paths that match a glob pattern, sorted.

    A wildcard stays within one path component, names that start with a dot match too, and what a relative pattern
    without a directory finds starts with `./`, all as in TF; TF leaves the order open.
    Raises: NotFoundError when the directory before the first wildcard does not exist.
    """
    scheme = "file://" if pattern.startswith("file://") else ""
    plain = local(pattern)
    prefix = re.split(r"[*?\[\\]", plain, maxsplit=1)[0]
    top = os.path.dirname(prefix)
    if not top:
        top, prefix, plain = ".", os.path.join(".", prefix), os.path.join(".", plain)
    depth, wanted = plain.count("/"), re.compile(_regular_expression(plain), re.DOTALL)
    found = []
    queue = [top]
    for directory in queue:
        try:
            names = children(directory)
        except errors.PermissionDeniedError:
            continue
        for name in names:
            path = os.path.join(directory, name)
            if not path.startswith(prefix):
                continue
            if path.count("/") == depth and wanted.fullmatch(path):
                found.append(scheme + path)
            elif path.count("/") < depth and os.path.isdir(path):
                queue.append(path)
    return sorted(found)


_GLOB_PIECE = re.compile(r"\*+|\?|\[(?P<not>[!^]?)(?P<set>\]?[^\]]*)\]|\\(?P<quoted>.)|(?P<plain>.)", re.DOTALL)


def _regular_expression(pattern: str) -> str:
    """What fnmatch(3) matches with FNM_PATHNAME, as a regular expression."""
    out = []
    for piece in _GLOB_PIECE.finditer(pattern):
        text = piece.group()
        if piece["set"] is not None:
            members = piece["set"].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"(?!/)[{'^' if piece['not'] else ''}{members}]")
        elif text[0] == "*":
            out.append("[^/]*")
        elif text == "?":
            out.append("[^/]")
        else:
            out.append(re.escape(piece["quoted"] or piece["plain"]))
    return "".join(out)


def as_list_of_patterns(pattern: Any) -> list[str]:
    """One pattern or several, as a list."""
    return [pattern] if isinstance(pattern, str) else [as_str_any(as_bytes(p)) for p in pattern]
