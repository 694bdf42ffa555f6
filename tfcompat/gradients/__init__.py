"""Gradients as new nodes. Importing this package registers the rules that need the engine itself."""

import importlib

for _rules in ("branches", "loops", "tensor_arrays"):
    importlib.import_module(f"tfcompat.gradients.{_rules}")
