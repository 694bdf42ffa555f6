"""The ops, one file per family. Importing this package declares them all."""

import importlib

_FAMILIES = (
    "constants",
    "identity",
    "shapes",
    "control",
    "state",
    "resource_variables",
    "elementwise",
)

for _family in _FAMILIES:
    importlib.import_module(f"tfcompat.ops.{_family}")
