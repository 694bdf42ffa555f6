"""How TensorFlow's CPU device cuts a loop into blocks for its thread pool.

A few kernels (multinomial, parameterized truncated normal, binomial) restart their stream at each block, so what
they draw depends on the number of threads. One thread makes one block.
Source: TF 1.15, core/util/work_sharder.cc, core/lib/core/threadpool.cc; Eigen's TensorDeviceThreadPool.h and
TensorCostModel.h of that release.
"""

from __future__ import annotations

_STARTUP_CYCLES = _CYCLES_PER_THREAD = 100000
_TASK_CYCLES = 40000
_BLOCKS_PER_THREAD = 4


def _ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def blocks(total: int, cost: int, threads: int) -> list[tuple[int, int]]:
    """The (start, limit) ranges of [0, total) that a pool of `threads` works on, each item taking `cost` cycles."""
    if total == 0:
        return []
    wanted = (cost * total - _STARTUP_CYCLES) / _CYCLES_PER_THREAD + 0.9
    if total <= 1 or threads <= 1 or min(threads, max(1, int(wanted))) == 1:
        return [(0, total)]
    size = min(total, max(_ceil_div(total, _BLOCKS_PER_THREAD * threads), int(_TASK_CYCLES / cost)))
    largest = min(total, 2 * size)
    count = _ceil_div(total, size)

    def efficiency(blocks_made: int) -> float:
        return blocks_made / (_ceil_div(blocks_made, threads) * threads)

    best = efficiency(count)
    tried = count
    # Larger blocks are taken as long as they keep the threads about as busy.
    while best < 1.0 and tried > 1:
        coarser = _ceil_div(total, tried - 1)
        if coarser > largest:
            break
        tried = _ceil_div(total, coarser)
        if efficiency(tried) + 0.01 >= best:
            size = coarser
            best = max(best, efficiency(tried))
    return [(start, min(start + size, total)) for start in range(0, total, size)]
