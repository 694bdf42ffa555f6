"""Random uses of every op: each must end in a value or in an error of TensorFlow's classes.

    python -m compat_suite fuzz --cases 20000 --seed 1 [--only REGEX] [--jobs N]
    python -m compat_suite fuzz --seed 1 --case 1234          # one case again, with what it does

Cases run in worker processes with a limit of memory and a limit of time a case, so that a crash or a hang is a
finding like any other: the parent names the case and goes on after it.
"""

from compat_suite.fuzz.command import main

__all__ = ["main"]
