"""The errors of `tf.errors`: one class per status code that a run can end with.

An error knows the operation it came from where there is one. Printing it then adds where the user's
program made that operation, and, for an operation that gradients made, the one it was derived from.
From an operation it needs: `name`, `_original_op`, and `traceback` (a list of
(filename, line number, function, line of source) rows).
"""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, Literal

from tfcompat.framework.export import export, export_value

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


class InaccessibleTensorError(ValueError):
    """A tensor was used outside the function or branch that it belongs to."""


class OperatorNotAllowedInGraphError(TypeError):
    """A symbolic tensor was used where only a value can answer, such as in `if`."""


class OpError(Exception):
    """The base of every error that a run can raise.

    Source: TF 1.15, python/framework/errors_impl.py; codes from core/lib/core/error_codes.proto.
    """

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int | None) -> None:
        # The arguments are left out of Exception.args: TF's errors have an empty repr().
        super().__init__()
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code

    @property
    def message(self) -> str:
        """What went wrong."""
        return self._message

    @property
    def op(self) -> Any:
        """The operation that failed, or None when it is not known or not the user's."""
        return self._op

    @property
    def error_code(self) -> int | None:
        """The status code, one of the numbers of this module."""
        return self._error_code

    @property
    def node_def(self) -> Any:
        """The NodeDef of what failed, or None."""
        return self._node_def

    def __reduce__(self) -> tuple[Any, ...]:
        # Subclasses fix their own code; OpError and UnknownError are given one.
        fixed = isinstance(self, _CodedError)
        args = (self._node_def, self._op, self._message)
        return type(self), args if fixed else (*args, self._error_code)

    def __str__(self) -> str:
        if self._op is None:
            return self._message
        parts = [f"{self._message}\n\nOriginal stack trace for {self._op.name!r}:\n"]
        lines = _stack_lines(self._op)
        parts.extend(lines)
        original = getattr(self._op, "_original_op", None)
        while original is not None:
            parts.append(f"\n...which was originally created as op {original.name!r}, defined at:\n")
            previous, lines = lines, _stack_lines(original)
            parts.extend(_elide_repeats(lines, previous))
            original = getattr(original, "_original_op", None)
        return "".join(parts)


def _stack_lines(op: Any) -> list[str]:
    """The stack of an operation as printable lines, paths without the directory all its files share."""
    rows: Sequence[Sequence[Any]] = getattr(op, "traceback", ())
    files = {row[0] for row in rows if "<embedded" not in row[0]}
    shared = os.path.split(os.path.commonprefix(list(files)))[0]  # noqa: RUF071 - character by character, as TF
    frames = []
    for row in rows:
        filename, lineno, name, line = row[0], row[1], row[2], row[3]
        if filename.startswith(shared):
            filename = filename[len(shared) :]
        frames.append((filename, lineno, name, line))
    return traceback.format_list(frames)


def _elide_repeats(lines: Iterable[str], previous: Iterable[str]) -> Iterator[str]:
    """`lines`, where of each run of lines known from `previous` only the first and last are kept.

    Stacks are compared line by line from their outer end and only as far as the shorter one goes; a
    run that reaches the end keeps its first line only. Both are how TF prints them.
    """
    run = 0  # how many lines in a row were the same, this one included
    last = ""
    for line, line_before in zip(lines, previous, strict=False):
        if line == line_before:
            run += 1
            last = line
            if run == 1:
                yield line
            continue
        if run > 1:
            yield f"[elided {run - 2} identical lines from previous traceback]\n"
            yield last
        run = 0
        yield line


class _CodedError(OpError):
    """An error whose class says its code."""

    _code: int

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(node_def, op, message, self._code)


class CancelledError(_CodedError):
    """The run, or the queue or step it waited for, was cancelled."""

    _code = CANCELLED


class UnknownError(OpError):
    """An error without a code of its own."""

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int | None = UNKNOWN) -> None:
        super().__init__(node_def, op, message, error_code)


class InvalidArgumentError(_CodedError):
    """An operation was given a value or shape that it cannot take."""

    _code = INVALID_ARGUMENT


class DeadlineExceededError(_CodedError):
    """The run took longer than it was allowed to."""

    _code = DEADLINE_EXCEEDED


class NotFoundError(_CodedError):
    """A file, a checkpoint's entry or a resource does not exist."""

    _code = NOT_FOUND


class AlreadyExistsError(_CodedError):
    """What was to be made exists already."""

    _code = ALREADY_EXISTS


class PermissionDeniedError(_CodedError):
    """The file system does not allow it."""

    _code = PERMISSION_DENIED


class UnauthenticatedError(_CodedError):
    """The caller did not say who it is."""

    _code = UNAUTHENTICATED


class ResourceExhaustedError(_CodedError):
    """Memory or another resource has run out."""

    _code = RESOURCE_EXHAUSTED


class FailedPreconditionError(_CodedError):
    """The state does not allow the operation, for example a variable without a value."""

    _code = FAILED_PRECONDITION


class AbortedError(_CodedError):
    """The operation was stopped, for example because a session was closed or lost."""

    _code = ABORTED


class OutOfRangeError(_CodedError):
    """The end was reached, of a data set, a queue or a file."""

    _code = OUT_OF_RANGE


class UnimplementedError(_CodedError):
    """The operation does not exist for these types or this device."""

    _code = UNIMPLEMENTED


class InternalError(_CodedError):
    """Something in the system itself went wrong."""

    _code = INTERNAL


class UnavailableError(_CodedError):
    """The runtime cannot be reached at the moment."""

    _code = UNAVAILABLE


class DataLossError(_CodedError):
    """Data is damaged and cannot be recovered, for example a truncated file."""

    _code = DATA_LOSS


_CODE_TO_TYPE: dict[int, type[Any]] = {
    UNKNOWN: UnknownError,
    **{
        error._code: error
        for error in (
            CancelledError,
            InvalidArgumentError,
            DeadlineExceededError,
            NotFoundError,
            AlreadyExistsError,
            PermissionDeniedError,
            UnauthenticatedError,
            ResourceExhaustedError,
            FailedPreconditionError,
            AbortedError,
            OutOfRangeError,
            UnimplementedError,
            InternalError,
            UnavailableError,
            DataLossError,
        )
    },
}
_TYPE_TO_CODE = {error: code for code, error in _CODE_TO_TYPE.items()}


def exception_type_from_error_code(error_code: int) -> type[Any]:
    """The class of error for a status code.

    Raises: KeyError for OK and for numbers that are no code.
    """
    return _CODE_TO_TYPE[error_code]


def error_code_from_exception_type(cls: type[Any]) -> Any:
    """The status code of a class of error; an `UnknownError` object (TF's habit) for any other class."""
    try:
        return _TYPE_TO_CODE[cls]
    except KeyError:
        warnings.warn("Unknown class exception", stacklevel=2)
        return UnknownError(None, None, "Unknown class exception", None)


def _make_specific_exception(node_def: Any, op: Any, message: str, error_code: int) -> OpError:
    """The error object for a status code; UnknownError carries a code without a class."""
    error_type = _CODE_TO_TYPE.get(error_code)
    if error_type is None:
        warnings.warn(f"Unknown error code: {error_code}", stacklevel=2)
        return UnknownError(node_def, op, message, error_code)
    made: OpError = error_type(node_def, op, message)
    return made


class _Status:
    """What a status holds: a code, and a message when the code is not OK."""

    __slots__ = ("code", "message")

    def __init__(self) -> None:
        self.code = OK
        self.message = ""


class raise_exception_on_not_ok_status:
    """Deprecated: `with` hands out a status; leaving it raises the error that was set on it.

    TF's status is an object of its C library. Ours has `code` and `message` to be set directly.
    """

    def __enter__(self) -> _Status:
        self.status = _Status()
        return self.status

    def __exit__(
        self, type_arg: type[BaseException] | None, value_arg: BaseException | None, traceback_arg: TracebackType | None
    ) -> Literal[False]:
        status = self.status
        del self.status
        if status.code != OK:
            raise _make_specific_exception(None, None, status.message, status.code)
        return False


# --- public names ----------------------------------------------------------------------------------------------

for _name, _value in list(globals().items()):
    if isinstance(_value, type) and issubclass(_value, OpError):
        export(f"errors.{_name}", v2=(f"errors.{_name}",))(_value)
    elif _name.isupper() and isinstance(_value, int) and not _name.startswith("_"):
        export_value(f"errors.{_name}", v2=(f"errors.{_name}",))
export("OpError")(OpError)
export("errors.error_code_from_exception_type")(error_code_from_exception_type)
export("errors.exception_type_from_error_code")(exception_type_from_error_code)
export("errors.raise_exception_on_not_ok_status")(raise_exception_on_not_ok_status)
