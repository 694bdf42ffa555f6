"""`python -m tfcompat COMMAND ...`: see `tfcompat/commands`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any

from tfcompat.commands import COMMANDS


def _parser(commands: Sequence[Any]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tfcompat",
        description="TensorFlow 1 programs without TensorFlow.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    below = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in commands:
        sub = below.add_parser(
            command.NAME,
            help=command.HELP,
            description=command.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.configure(sub)
        sub.set_defaults(execute=command.execute)
    return parser


def _own_arguments(command: Any, arguments: list[str]) -> tuple[list[str], list[str]]:
    """Splits what is for the command (its options up to the first other word) from what it passes on."""
    if not getattr(command, "PASSES_ON_ARGUMENTS", False):
        return arguments, []
    takes_value = getattr(command, "OPTIONS_WITH_VALUES", ())
    for i, word in enumerate(arguments):
        if i and arguments[i - 1] in takes_value:
            continue
        if word == "--":
            return arguments[:i], arguments[i + 1 :]
        if not word.startswith("-") or word == "-" or word in getattr(command, "TAKES_THE_REST", ()):
            return arguments[:i], arguments[i:]
    return arguments, []


def main(argv: list[str] | None = None) -> int:
    """Runs a command line without the program's name; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    name = argv[0] if argv else ""
    if name in COMMANDS:
        command = importlib.import_module(COMMANDS[name])
        own, rest = _own_arguments(command, argv[1:])
        options = _parser([command]).parse_args([name, *own])
        options.rest = rest
    else:
        options = _parser([importlib.import_module(module) for module in COMMANDS.values()]).parse_args(argv)
    return int(options.execute(options) or 0)


if __name__ == "__main__":
    sys.exit(main())
