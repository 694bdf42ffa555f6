"""Runs a TensorFlow 1 program as Python would, with tfcompat in TensorFlow's place.

    python -m tfcompat run [options] [--] script.py [arguments]
    python -m tfcompat run [options] -m package.module [arguments]

What the program's Python and NumPy may have lost since it was written is put back (see tfcompat/old_names.py);
--no-old-names leaves that out.
"""

from __future__ import annotations

import argparse
import importlib.machinery
import importlib.util
import io
import os
import signal
import sys
import traceback
from types import CodeType, ModuleType, TracebackType
from typing import Any

NAME = "run"
HELP = "run a script or module whose `import tensorflow` gets tfcompat"
PASSES_ON_ARGUMENTS = True
TAKES_THE_REST = ("-m",)
OPTIONS_WITH_VALUES = ("--seed",)


class _CannotRun(Exception):
    """Nothing to run; the message is for the user."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `run`."""
    parser.usage = (
        "python -m tfcompat run [-h] [--seed N] [--no-old-names] [--] (script.py | -m module) [arguments ...]"
    )
    parser.add_argument("--seed", type=int, help="seed the default graph, NumPy and Python's random before it starts")
    parser.add_argument("--no-old-names", action="store_true", help="leave Python and NumPy as they are")


def execute(options: argparse.Namespace) -> int:
    """Runs the program named by `options.rest`."""
    rest: list[str] = options.rest
    if not rest or rest == ["-m"]:
        print("tfcompat run: which script? (python -m tfcompat run script.py)", file=sys.stderr)
        return 2
    import tfcompat

    if not options.no_old_names:
        from tfcompat import old_names

        old_names.provide()
    tfcompat.install()
    if options.seed is not None:
        _seed(options.seed)
    try:
        if rest[0] == "-m":
            code, module = _module_program(rest[1], rest[2:])
        else:
            code, module = _script_program(rest[0], rest[1:])
    except _CannotRun as error:
        print(f"tfcompat run: {error}", file=sys.stderr)
        return 1 if rest[0] == "-m" else 2
    return _run(code, module)


def _seed(seed: int) -> None:
    """What a program without seeds of its own draws is the same in each run."""
    import random

    import numpy as np

    import tfcompat

    random.seed(seed)
    np.random.seed(seed)
    tfcompat.set_random_seed(seed)


# ---------------------------------------------------------------- finding the program


def _script_program(path: str, arguments: list[str]) -> tuple[Any, ModuleType]:
    """A script, or a directory or archive with a `__main__.py`."""
    sys.argv = [path, *arguments]
    path = os.path.abspath(path)
    if os.path.isdir(path) or _is_archive(path):
        _set_first_path(path)
        spec = importlib.machinery.PathFinder.find_spec("__main__", [path])
        if spec is None:
            raise _CannotRun(f"can't find '__main__' module in {path!r}")
        return _code_of(spec, path), _main_module(spec.origin or path, spec, "")
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        raise _CannotRun(f"can't open file {path!r}: [Errno {error.errno}] {error.strerror}") from None
    _set_first_path(os.path.dirname(os.path.realpath(path)))
    # Compiled later, where a SyntaxError is shown as Python shows it.
    return (source, path), _main_module(path, None, None)


def _is_archive(path: str) -> bool:
    with open(path, "rb") if os.path.isfile(path) else io.BytesIO() as file:
        return file.read(4) == b"PK\x03\x04"


def _module_program(name: str, arguments: list[str]) -> tuple[Any, ModuleType]:
    """A module, or the `__main__` of a package, found like an import finds it."""
    _set_first_path(os.getcwd())
    sys.argv = ["-m", *arguments]
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            name += ".__main__"
            spec = importlib.util.find_spec(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise _CannotRun(f"Error while finding module specification for {name!r} ({error})") from None
    if spec is None:
        raise _CannotRun(f"No module named {name}")
    code = _code_of(spec, name)
    sys.argv[0] = spec.origin or name
    return code, _main_module(spec.origin or name, spec, spec.parent)


def _code_of(spec: importlib.machinery.ModuleSpec, name: str) -> CodeType:
    loader: Any = spec.loader
    code = loader.get_code(spec.name) if hasattr(loader, "get_code") else None
    if code is None:
        raise _CannotRun(f"No code object available for {name}")
    return code


def _set_first_path(directory: str) -> None:
    """Python puts the program's directory first; `python -m tfcompat` has put the current one there."""
    if not getattr(sys.flags, "safe_path", False) and not sys.flags.isolated:
        sys.path[0] = directory


def _main_module(file: str, spec: importlib.machinery.ModuleSpec | None, package: str | None) -> ModuleType:
    """A fresh `__main__`, so that pickle, absl and tf.app.run find the program's functions in it."""
    module = ModuleType("__main__")
    module.__file__ = file
    module.__spec__ = spec
    module.__package__ = package
    module.__loader__ = spec.loader if spec else importlib.machinery.SourceFileLoader("__main__", file)
    module.__dict__["__builtins__"] = sys.modules["builtins"]
    module.__dict__["__cached__"] = None
    sys.modules["__main__"] = module
    return module


# ---------------------------------------------------------------- running it


def _run(program: Any, module: ModuleType) -> int:
    try:
        code = program if isinstance(program, CodeType) else compile(program[0], program[1], "exec", dont_inherit=True)
        exec(code, module.__dict__)
    except SystemExit:
        raise
    except BaseException as error:
        _show(error)
        if isinstance(error, KeyboardInterrupt):
            _die_of_interrupt()
        return 1
    return 0


def _show(error: BaseException) -> None:
    """Shows an uncaught exception without the frames above the program's own."""
    tb: TracebackType | None = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename == __file__:
        tb = tb.tb_next
    error.__traceback__ = tb
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, tb
    try:
        sys.excepthook(type(error), error, tb)
    except BaseException:
        traceback.print_exc()


def _die_of_interrupt() -> None:
    """Ends as Python ends after Ctrl-C, so that a shell sees a killed program."""
    sys.stdout.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
