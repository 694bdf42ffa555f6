"""Seeds as tensors.

Source: TF 1.15, python/data/util/random_seed.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.scopes import name_scope
from tfcompat.ops import comparison, constants, random, selecting


def seed_tensors(seed: Any) -> tuple[Any, Any]:
    """The two seeds of a dataset op, zeros where there are none."""
    first, second = random.get_seed(seed)
    if first is None:
        a = constants.constant(0, dtype=dtypes.int64, name="seed")
    else:
        a = conversion.convert_to_tensor(first, dtype=dtypes.int64, name="seed")
    if second is None:
        return a, constants.constant(0, dtype=dtypes.int64, name="seed2")
    with name_scope("seed2") as scope:
        b = conversion.convert_to_tensor(second, dtype=dtypes.int64)
        both = comparison.logical_and(comparison.equal(a, 0), comparison.equal(b, 0))
        return a, selecting.where(both, constants.constant(2**31 - 1, dtype=dtypes.int64), b, name=scope)
