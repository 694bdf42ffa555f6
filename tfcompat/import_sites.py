"""Reading a program's own source around an import or a call: what would the program do if this failed?"""

from __future__ import annotations

import ast
import dis
import functools
import itertools
import linecache
import sys
from collections.abc import Iterator
from types import FrameType

_IMPORTS = {dis.opmap["IMPORT_NAME"], dis.opmap["IMPORT_FROM"]}
_CATCH_MISSING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def importer(start: FrameType | None) -> FrameType | None:
    """The frame whose import statement led here, skipping the import system's frames; None where none did."""
    frame = start
    while frame is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None or frame.f_lasti < 0 or frame.f_code.co_code[frame.f_lasti] not in _IMPORTS:
        return None
    return frame


def in_from_list(start: FrameType | None) -> bool:
    """Whether the import system is looking for `b` of `from a import b`, where b need not be a module."""
    frame = start
    while frame is not None and "importlib" in frame.f_code.co_filename:
        if frame.f_code.co_name == "_handle_fromlist":
            return True
        frame = frame.f_back
    return False


def is_unguarded_import(start: FrameType | None) -> bool:
    """Whether an import statement led here that is in no `try` which expects it to fail."""
    frame = importer(start)
    if frame is None:
        return False
    return not any(
        _expects_import_error(block)
        for path in _paths_to(frame, (ast.Import, ast.ImportFrom))
        for block, child in itertools.pairwise(path)
        if not isinstance(block, ast.Try) or child in block.body
    )


def is_decorator(frame: FrameType) -> bool:
    """Whether the frame is evaluating or applying a decorator."""
    for path in _paths_to(frame, (ast.AST,)):
        for owner, child in itertools.pairwise(path):
            if child in getattr(owner, "decorator_list", ()):
                return True
        # Python 3.10 applies a decorator on the line of the `def`.
        on_def = getattr(path[-1], "decorator_list", ()) and getattr(path[-1], "lineno", None) == frame.f_lineno
        if sys.version_info < (3, 11) and on_def:
            return True
    return False


def _expects_import_error(block: ast.AST) -> bool:
    if isinstance(block, ast.Try):
        return any(h.type is None or _names(h.type) & _CATCH_MISSING for h in block.handlers)
    if isinstance(block, ast.With):
        return any("suppress" in _names(item.context_expr) for item in block.items)
    return False


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def _paths_to(frame: FrameType, kinds: tuple[type[ast.AST], ...]) -> Iterator[list[ast.AST]]:
    """Paths from the module down to the nodes of these kinds on the frame's current line."""
    tree = _tree("".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals)))
    pending: list[list[ast.AST]] = [[tree]] if tree is not None else []
    while pending:
        path = pending.pop()
        for child in ast.iter_child_nodes(path[-1]):
            first, last = getattr(child, "lineno", None), getattr(child, "end_lineno", None)
            if first is not None:
                # A decorated function's own lines start at its `def`, below its decorators.
                first = min([first, *(d.lineno for d in getattr(child, "decorator_list", ()))])
                if not first <= frame.f_lineno <= (last or first):
                    continue
            if isinstance(child, kinds):
                yield [*path, child]
            pending.append([*path, child])


@functools.lru_cache(maxsize=64)
def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source) if source else None
    except SyntaxError:
        return None


def caller(depth: int = 1) -> FrameType:
    """The frame `depth` above the function that asks."""
    return sys._getframe(depth + 1)
