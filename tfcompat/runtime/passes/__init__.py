"""Passes: pure functions Program -> Program, run in the order of PASSES. That order is part of the design."""

from __future__ import annotations

from collections.abc import Callable

from tfcompat.runtime.passes.fold import fold_constants
from tfcompat.runtime.passes.frames import structure
from tfcompat.runtime.passes.prune import prune
from tfcompat.runtime.passes.share import share_equal
from tfcompat.runtime.passes.simplify import simplify
from tfcompat.runtime.program import Program

Pass = Callable[[Program], Program]

PASSES: tuple[Pass, ...] = (structure, fold_constants, simplify, share_equal, prune)
