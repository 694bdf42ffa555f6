"""Draws that choose among given things: multinomial samples of logits, and shuffles.

Source: TF 1.15, core/kernels/multinomial_op.cc (CPU), core/kernels/random_shuffle_op.cc.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from tfcompat.ops.philox.counter import PhiloxState, wrap_int32
from tfcompat.ops.philox.fill import fill_uniform
from tfcompat.ops.philox.shards import blocks
from tfcompat.ops.philox.words import words


def multinomial(
    state: PhiloxState,
    logits: torch.Tensor,
    num_samples: int,
    output_dtype: torch.dtype = torch.int64,
    threads: int = 1,
) -> torch.Tensor:
    """Draw class numbers from unnormalised log-probabilities, row by row.

    Logits that are not finite count as probability zero; a row without any finite logit gives `classes`, as in TF.
    `threads` is the size of the thread pool whose cutting into blocks is to be followed.
    Shapes: logits [batch, classes] -> [batch, num_samples].
    Raises: ValueError for logits that are not a matrix, for no classes, for a negative number of samples.
    Source: TF 1.15, core/kernels/multinomial_op.cc, the CPU kernel, on every device.
    """
    if logits.dim() != 2:
        raise ValueError(f"logits should be a matrix, got shape {list(logits.shape)}")
    if num_samples < 0:
        raise ValueError(f"num_samples should be nonnegative, got {num_samples}")
    batch, classes = logits.shape
    if classes <= 0:
        raise ValueError(f"num_classes should be positive, got {classes}")
    if batch * num_samples == 0:
        return torch.empty((batch, num_samples), dtype=output_dtype, device=logits.device)
    cursor = state.reserve_outputs(wrap_int32(batch * ((num_samples + 3) // 4 * 8)))
    cost = int(50 * (num_samples * math.log(classes) / math.log(2) + classes))
    chance = torch.cat(
        [
            fill_uniform(
                cursor.skip(start * (num_samples + 3) // 4), (limit - start) * num_samples, torch.float64, logits.device
            )
            for start, limit in blocks(batch, cost, threads)
        ]
    ).view(batch, num_samples)
    finite = torch.isfinite(logits)
    wide = logits.double()
    largest = wide.masked_fill(~finite, -math.inf).amax(1, keepdim=True).clamp_min_(torch.finfo(logits.dtype).min)
    mass = (wide - largest).exp_().masked_fill_(~finite, 0.0).cumsum_(1)
    found = torch.searchsorted(mass, chance.mul_(mass[:, -1:]), right=True)
    return found.to(output_dtype)


def shuffle_permutation(state: PhiloxState, size: int) -> torch.Tensor:
    """The order in which TF's shuffle puts `size` things: output i is input permutation[i]. Reserves nothing below 2.

    Shapes: -> int64 [size], on the CPU.
    """
    order = list(range(size))
    if size > 1:
        bits = words(state.reserve_words(size - 1), (size + 2) // 4).numpy().view(np.uint32).reshape(-1)[: size - 1]
        others = np.arange(size - 1) + bits % np.arange(size, 1, -1, dtype=np.uint32)
        for i, j in enumerate(others.tolist()):
            order[i], order[j] = order[j], order[i]
    return torch.tensor(order, dtype=torch.int64)


def random_shuffle(state: PhiloxState, value: torch.Tensor) -> torch.Tensor:
    """`value` with its first dimension shuffled; a scalar, or anything with at most one element, comes back as it is.

    Shapes: [n, ...] -> [n, ...].
    Source: TF 1.15, core/kernels/random_shuffle_op.cc.
    """
    if value.numel() <= 1 or value.shape[0] <= 1:
        return value
    return value.index_select(0, shuffle_permutation(state, value.shape[0]).to(value.device))
