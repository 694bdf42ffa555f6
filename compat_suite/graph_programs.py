"""The table of graph programs: name -> `build(tf)`, each run in a fresh default graph.

The recorder (`record/graphs.py`, TF 1.15) and the tier (`tiers/graphs.py`, tfcompat) both read this table.
"""

from compat_suite.programs import (  # noqa: F401  (imported for the programs they register)
    PROGRAMS,
    arrays,
    inputs,
    layers,
    math,
    nn,
    scopes,
    training,
    variables,
)

__all__ = ["PROGRAMS"]
