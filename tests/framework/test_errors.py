"""Errors: codes, classes and how they print. The texts are what TF 1.15 prints for the same stacks."""

from __future__ import annotations

import pickle

import pytest

from tfcompat.framework import errors

CODES = [
    ("OK", 0, None),
    ("CANCELLED", 1, "CancelledError"),
    ("UNKNOWN", 2, "UnknownError"),
    ("INVALID_ARGUMENT", 3, "InvalidArgumentError"),
    ("DEADLINE_EXCEEDED", 4, "DeadlineExceededError"),
    ("NOT_FOUND", 5, "NotFoundError"),
    ("ALREADY_EXISTS", 6, "AlreadyExistsError"),
    ("PERMISSION_DENIED", 7, "PermissionDeniedError"),
    ("RESOURCE_EXHAUSTED", 8, "ResourceExhaustedError"),
    ("FAILED_PRECONDITION", 9, "FailedPreconditionError"),
    ("ABORTED", 10, "AbortedError"),
    ("OUT_OF_RANGE", 11, "OutOfRangeError"),
    ("UNIMPLEMENTED", 12, "UnimplementedError"),
    ("INTERNAL", 13, "InternalError"),
    ("UNAVAILABLE", 14, "UnavailableError"),
    ("DATA_LOSS", 15, "DataLossError"),
    ("UNAUTHENTICATED", 16, "UnauthenticatedError"),
]


class Op:
    """As much of an operation as an error looks at."""

    def __init__(self, name, traceback, original=None):
        self.name = name
        self.traceback = traceback
        self._original_op = original


@pytest.mark.parametrize("constant, code, _", CODES)
def test_code(constant, code, _):
    assert getattr(errors, constant) == code


@pytest.mark.parametrize("_, code, name", CODES[1:])
def test_class_of_code(_, code, name):
    error_type = getattr(errors, name)
    assert errors.exception_type_from_error_code(code) is error_type
    assert errors.error_code_from_exception_type(error_type) == code
    error = error_type("def", None, "why")
    assert isinstance(error, errors.OpError)
    assert (error.node_def, error.op, error.message, error.error_code) == ("def", None, "why", code)
    assert (str(error), repr(error), error.args) == ("why", f"{name}()", ())
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.message, again.error_code) == (error_type, "why", code)


def test_errors_with_a_code_of_their_own():
    for error in (errors.OpError(None, None, "m", 3), errors.UnknownError(None, None, "m", 99)):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.error_code) == (type(error), error.error_code)
    with pytest.raises(TypeError, match="missing 3 required positional arguments"):
        errors.InvalidArgumentError()


def test_ok_is_no_error():
    with pytest.raises(KeyError):
        errors.exception_type_from_error_code(0)


def test_unknown_codes_and_classes_warn():
    with pytest.warns(UserWarning, match="Unknown class exception"):
        unknown = errors.error_code_from_exception_type(ValueError)
    assert isinstance(unknown, errors.UnknownError)
    with pytest.warns(UserWarning, match="Unknown error code: 99"):
        assert errors._make_specific_exception(None, None, "m", 99).error_code == 99


def test_graph_errors_are_python_errors_too():
    assert issubclass(errors.InaccessibleTensorError, ValueError)
    assert issubclass(errors.OperatorNotAllowedInGraphError, TypeError)


def test_stack_of_the_operation():
    op = Op("px", [("/a/main.py", 8, "<module>", "x = placeholder()"), ("/a/lib/ops.py", 12, "placeholder", "make()")])
    assert str(errors.InvalidArgumentError(None, op, "must feed")) == (
        "must feed\n\n"
        "Original stack trace for 'px':\n"
        '  File "/main.py", line 8, in <module>\n'
        "    x = placeholder()\n"
        '  File "/lib/ops.py", line 12, in placeholder\n'
        "    make()\n"
    )


F = [("/f.py", n, "f", f"line {n}") for n in range(9)]


def frame(n):
    return f'  File "/f.py", line {n}, in f\n    line {n}\n'


@pytest.mark.parametrize(
    "of_op, of_original, shown",
    [
        (F[:1], F[1:2], [frame(1)]),
        (F[:1], F[:1], [frame(0)]),
        (F[:3], F[:3], [frame(0)]),  # a run that reaches the end: the first line alone
        (F[:2], [F[0], F[5]], [frame(0), frame(5)]),
        (F[:3], [*F[:2], F[5]], [frame(0), "[elided 0 identical lines from previous traceback]\n", frame(1), frame(5)]),
        (F[:4], [*F[:3], F[5]], [frame(0), "[elided 1 identical lines from previous traceback]\n", frame(2), frame(5)]),
        (F[:1], F[:4], [frame(0)]),  # no further than the shorter stack
        ([F[0], F[1], F[2]], [F[5], F[1], F[2]], [frame(5), frame(1)]),
    ],
)
def test_stack_of_the_original_operation(of_op, of_original, shown):
    # Both stacks are of one file, so the directory they share is cut from each alike.
    at_slash = [("/d" + row[0], *row[1:]) for row in of_op]
    original = Op("ee", [("/d" + row[0], *row[1:]) for row in of_original])
    text = str(errors.InternalError(None, Op("gradients/ee_grad/mul", at_slash, original), "m"))
    head = "\n...which was originally created as op 'ee', defined at:\n"
    assert text.partition(head)[2] == "".join(shown)


def test_not_ok_status():
    with errors.raise_exception_on_not_ok_status():
        pass
    with (
        pytest.raises(errors.NotFoundError, match="no such file"),
        errors.raise_exception_on_not_ok_status() as status,
    ):
        status.code, status.message = errors.NOT_FOUND, "no such file"
    with pytest.raises(ZeroDivisionError), errors.raise_exception_on_not_ok_status():
        raise ZeroDivisionError
