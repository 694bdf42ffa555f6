"""Where in the user's code a node was made."""

from __future__ import annotations

import linecache
import os
import sys
from types import CodeType, FrameType
from typing import NamedTuple

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_DEPTH = 12

# (code object, line number), innermost first: formatted only when somebody asks.
Stack = tuple[tuple[CodeType, int], ...]


class Frame(NamedTuple):
    """One line of an op's traceback; unpacks like TF's (filename, lineno, name, line)."""

    filename: str
    lineno: int
    name: str
    line: str | None


_internal: dict[str, bool] = {}


def _is_internal(filename: str) -> bool:
    known = _internal.get(filename)
    if known is None:
        known = _internal[filename] = filename.startswith(_PACKAGE)
    return known


def user_stack(start: FrameType | None = None) -> Stack:
    """The innermost frames outside tfcompat, at most a dozen: cheap enough to keep for every node."""
    frame: FrameType | None = start or sys._getframe(1)
    while frame is not None and _is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    out: list[tuple[CodeType, int]] = []
    while frame is not None and len(out) < _DEPTH:
        code = frame.f_code
        if not _is_internal(code.co_filename):
            out.append((code, frame.f_lineno))
        frame = frame.f_back
    return tuple(out)


def frames(stack: Stack) -> list[Frame]:
    """The stack as TF prints it: outermost first."""
    return [
        Frame(code.co_filename, line, code.co_name, linecache.getline(code.co_filename, line).strip() or None)
        for code, line in reversed(stack)
    ]


def describe(stack: Stack) -> str:
    """`train.py:41 in build_decoder`, or the empty string when nothing is known."""
    if not stack:
        return ""
    code, line = stack[0]
    where = "" if code.co_name == "<module>" else f" in {code.co_name}"
    return f"{os.path.basename(code.co_filename)}:{line}{where}"
