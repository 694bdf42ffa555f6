"""The tiers of the report, in the order in which it shows them. A new tier is a module here and a line in TIERS."""

from __future__ import annotations

import importlib

from compat_suite.tier import Tier

# name -> module with a `TIER`. Listed rather than discovered: the order is part of the report.
TIERS = {
    "api": "compat_suite.tiers.api",
    "graphs": "compat_suite.tiers.graphs",
    "gradients": "compat_suite.tiers.gradients",
    "oracle": "compat_suite.tiers.oracle",
    "upstream": "compat_suite.tiers.upstream",
    "programs": "compat_suite.tiers.programs",
}


def load(name: str) -> Tier:
    """Imports one tier."""
    return importlib.import_module(TIERS[name]).TIER
