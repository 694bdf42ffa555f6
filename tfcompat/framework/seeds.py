"""Seeds of single ops from a program's seed and its own.

Source: TF 1.15, python/framework/random_seed.py, python/eager/context.py.
"""

from __future__ import annotations

import random
from typing import Any

DEFAULT_GRAPH_SEED = 87654321
_MODULUS = 2**31 - 1  # seeds are kept modulo this, not modulo 2**32

Seeds = tuple[int, int] | tuple[None, None]


def get_seed(graph_seed: int | None, op_seed: int | None, node_count: int) -> Seeds:
    """The two seeds an op is given, from the graph's seed and the op's; (None, None) leaves it unseeded.

    `node_count` stands in for the op's seed when only the graph has one: the number of nodes made in the graph so
    far, so the same program gives the same seeds.
    Source: TF 1.15, python/framework/random_seed.py, get_seed.
    """
    if graph_seed is None:
        if op_seed is None:
            return None, None
        graph_seed = DEFAULT_GRAPH_SEED
    else:
        op_seed = node_count if op_seed is None else op_seed
        graph_seed = graph_seed % _MODULUS
    seeds = graph_seed, op_seed % _MODULUS
    # Kernels read (0, 0) as "not seeded", which only (None, None) may mean.
    return (0, _MODULUS) if seeds == (0, 0) else seeds


def graph_op_seeds(graph: Any, op_seed: int | None) -> Seeds:
    """`get_seed` for an op about to be added to `graph` (anything with `seed` and `_last_id`).

    Sets `graph._seed_used` where the graph has one and its seed stood in for the op's.
    """
    if graph.seed is not None and op_seed is None and hasattr(graph, "_seed_used"):
        graph._seed_used = True
    return get_seed(graph.seed, op_seed, graph._last_id)


class EagerSeeds:
    """The seeds of a program that runs eagerly: after `set`, ops without a seed draw theirs in turn.

    Source: TF 1.15, python/eager/context.py.
    """

    def __init__(self) -> None:
        self.seed: int | None = None
        self._draws = random.Random()

    def set(self, seed: int | None) -> None:
        """Start over from a seed; None goes back to unseeded ops."""
        self.seed = seed
        self._draws = random.Random(seed)

    def get(self, op_seed: int | None) -> Seeds:
        """The two seeds of the next op."""
        if self.seed is not None and op_seed is None:
            op_seed = self._draws.randint(0, _MODULUS)
        return get_seed(self.seed, op_seed, 0)
