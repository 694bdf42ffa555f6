"""The ops, one file per family. Importing this package declares them all."""

import importlib

_FAMILIES = (
    "constants",
    "identity",
    "shapes",
    "arrays",
    "slicing",
    "permuting",
    "padding",
    "gathering",
    "selecting",
    "control",
    "state",
    "resource_variables",
    "elementwise",
    "exponents",
    "trigonometry",
    "comparison",
    "casting",
    "ranges",
    "accumulation",
    "scans",
    "segments",
    "reductions",
    "reductions_v2",
    "stitching",
    "matmul",
    "operators",
    "branches",
    "control_flow",
    "assertions",
    "case",
)

for _family in _FAMILIES:
    importlib.import_module(f"tfcompat.ops.{_family}")
