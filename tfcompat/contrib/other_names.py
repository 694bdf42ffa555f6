"""tf.contrib.framework names of things that live elsewhere."""

from __future__ import annotations

from tfcompat.framework.export import export_value
from tfcompat.framework.nest import (
    assert_same_structure,
    flatten,
    is_sequence,
    map_structure,
    pack_sequence_as,
)
from tfcompat.io.checkpoint_reader import list_variables, load_checkpoint, load_variable
from tfcompat.training.checkpoint_utils import init_from_checkpoint

__all__ = [
    "assert_same_structure",
    "flatten",
    "init_from_checkpoint",
    "is_sequence",
    "list_variables",
    "load_checkpoint",
    "load_variable",
    "map_structure",
    "pack_sequence_as",
]
for _name in ("assert_same_structure", "flatten", "is_sequence", "map_structure", "pack_sequence_as"):
    export_value(f"contrib.framework.nest.{_name}")
for _name in ("init_from_checkpoint", "list_variables", "load_checkpoint", "load_variable"):
    export_value(f"contrib.framework.{_name}")
