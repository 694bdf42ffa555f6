"""`tf.app.run`.

Source: TF 1.15, python/platform/app.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

from absl import app as absl_app

from tfcompat.framework.export import export
from tfcompat.platform import flags


def _parse_known(argv: list[str] | None) -> list[str]:
    """Parses the flags that are defined and leaves the others in the list."""
    return flags.FLAGS(sys.argv if argv is None else argv, known_only=True)


@export("app.run")
def run(main: Callable[[list[str]], Any] | None = None, argv: list[str] | None = None) -> NoReturn:
    """Parses the known flags of `argv` (default `sys.argv`), then exits with what `main(remaining argv)` returns.

    Without `main`, the function of that name in the program's main module is called.
    """
    main = main or sys.modules["__main__"].main  # type: ignore[attr-defined]
    absl_app.run(main=main, argv=argv, flags_parser=_parse_known)
    raise SystemExit  # absl exits; this line only says so to type checkers
