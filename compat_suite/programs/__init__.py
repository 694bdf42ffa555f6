"""Small TF 1 programs, written against a module argument so that TF 1.15 and tfcompat run the same source.

Everything in this package is Python 3.7 syntax: the recorder runs it inside TF 1.15's own interpreter.
"""

PROGRAMS = {}


def program(build):
    """Add `build(tf)` to the table under its function name."""
    if build.__name__ in PROGRAMS:
        raise ValueError(f"two programs are called {build.__name__}")
    PROGRAMS[build.__name__] = build
    return build
