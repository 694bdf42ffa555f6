"""Wrong uses of graph-mode TensorFlow, one module per subject; `compat_suite.error_programs` is their table."""

WRONG = {}


def wrong(use):
    """Add a wrong use to the table under its function name."""
    if use.__name__ in WRONG:
        raise ValueError(f"two wrong uses are called {use.__name__}")
    WRONG[use.__name__] = use
    return use
