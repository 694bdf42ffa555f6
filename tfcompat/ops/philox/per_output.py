"""Gamma and Poisson numbers: every output rejects from a stream of its own, 256 groups after its neighbour's.

All outputs go through the rejection loop together, in blocks; those that are done leave. Computed in float64 on the
CPU, as TF does (it has no other kernel).
Source: TF 1.15, core/kernels/random_op.cc (RandomGamma), core/kernels/random_poisson_op.cc.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from tfcompat.ops.philox.counter import RESERVED_PER_OUTPUT, Cursor, PhiloxState
from tfcompat.ops.philox.fill import normal_from_words, uniform_from_words
from tfcompat.ops.philox.words import words_at

_BLOCK = 1 << 16


_Make = Callable[[torch.Tensor, torch.dtype], torch.Tensor]


class _Streams:
    """The streams of outputs [start, limit): pairs of float64 numbers, of which TF takes the second one first."""

    def __init__(self, cursor: Cursor, start: int, limit: int) -> None:
        self._cursor = cursor
        self._next_group = np.arange(start, limit, dtype=np.int64) * RESERVED_PER_OUTPUT
        makes: tuple[_Make, ...] = (uniform_from_words, normal_from_words)
        self._kept: dict[_Make, np.ndarray] = {make: np.empty((limit - start, 2)) for make in makes}
        self._left: dict[_Make, np.ndarray] = {make: np.zeros(limit - start, np.int64) for make in makes}

    def _draw(self, make: _Make, who: np.ndarray) -> np.ndarray:
        kept, left = self._kept[make], self._left[make]
        empty = who[left[who] == 0]
        if empty.size:
            bits = words_at(self._cursor, torch.from_numpy(self._next_group[empty]))
            self._next_group[empty] += 1
            kept[empty] = make(bits, torch.float64).view(-1, 2).numpy()
            left[empty] = 2
        left[who] -= 1
        drawn: np.ndarray = kept[who, left[who]]
        return drawn

    def uniform(self, who: np.ndarray) -> np.ndarray:
        """The next uniform number of each of the streams `who`."""
        return self._draw(uniform_from_words, who)

    def normal(self, who: np.ndarray) -> np.ndarray:
        """The next standard normal number of each of the streams `who`."""
        return self._draw(normal_from_words, who)


def random_gamma(state: PhiloxState, shape: Sequence[int], alpha: torch.Tensor) -> torch.Tensor:
    """Gamma-distributed numbers of rate 1, `shape` of them for each alpha.

    Shapes: -> shape + alpha.shape, of alpha's type and on its device.
    Raises: ValueError when alpha is empty and the shape is not; for an alpha that is NaN or below -2/3, on which
    TF's kernel loops for ever.
    """
    if alpha.numel() == 0 and 0 not in shape:
        raise ValueError("Input alpha should have non-zero element count, got: 0")
    if not bool((alpha.double() >= -2.0 / 3).all()):
        raise ValueError("random_gamma needs positive alpha")
    return _per_parameter(state, shape, alpha, alpha.dtype, _gamma)


def random_poisson(
    state: PhiloxState, shape: Sequence[int], rate: torch.Tensor, dtype: torch.dtype = torch.int64
) -> torch.Tensor:
    """Poisson-distributed numbers, `shape` of them for each rate.

    Shapes: -> shape + rate.shape, on rate's device.
    Raises: ValueError for a rate that is NaN or infinite, on which TF's kernel loops for ever.
    """
    largest = float(torch.finfo(dtype).max if dtype.is_floating_point else torch.iinfo(dtype).max)

    def poisson(streams: _Streams, rates: np.ndarray) -> np.ndarray:
        return _poisson(streams, rates, largest)

    if rate.is_floating_point() and not bool(torch.isfinite(rate).all()):
        raise ValueError("random_poisson needs finite rates")
    return _per_parameter(state, shape, rate, dtype, poisson)


def _per_parameter(
    state: PhiloxState,
    shape: Sequence[int],
    parameter: torch.Tensor,
    dtype: torch.dtype,
    sample: Callable[[_Streams, np.ndarray], np.ndarray],
) -> torch.Tensor:
    """Number outputs parameter by parameter, draw them, and put the parameters' axes last."""
    samples, parameters = int(np.prod(shape, dtype=np.int64)), parameter.numel()
    full = (*shape, *parameter.shape)
    if samples * parameters == 0:
        return torch.empty(full, dtype=dtype, device=parameter.device)
    cursor = state.reserve_outputs(samples * parameters)
    values = parameter.detach().cpu().double().numpy().reshape(-1)
    out = np.empty(samples * parameters)
    # An overflow turns into infinity, which the acceptance tests below then refuse, as they do in C.
    with np.errstate(all="ignore"):
        for start in range(0, len(out), _BLOCK):
            limit = min(start + _BLOCK, len(out))
            out[start:limit] = sample(_Streams(cursor, start, limit), values[np.arange(start, limit) // samples])
    drawn = torch.from_numpy(np.ascontiguousarray(out.reshape(parameters, samples).T))
    if dtype == torch.float16:
        drawn = drawn.float()  # TF rounds twice on the way to half
    drawn = drawn.to(dtype)
    if dtype in (torch.float32, torch.float64):
        drawn[drawn.abs() < torch.finfo(dtype).tiny] = 0  # TF's threads flush denormal numbers to zero
    return drawn.view(full).to(parameter.device)


def _gamma(streams: _Streams, alpha: np.ndarray) -> np.ndarray:
    """Marsaglia and Tsang's method; alpha below 1 is raised by 1 and made up for by a power of a uniform number."""
    out = np.empty(len(alpha))
    exponential = np.flatnonzero(alpha == 1.0)
    if exponential.size:
        out[exponential] = -np.log(1.0 - streams.uniform(exponential))
    small = alpha < 1
    d = alpha + np.where(small, 2.0 / 3, -1.0 / 3)
    c = 1.0 / 3 / np.sqrt(d)
    active = np.flatnonzero(alpha != 1.0)
    while active.size:
        x = streams.normal(active)
        v = 1 + c[active] * x
        positive = ~(v <= 0)
        tried, x, v = active[positive], x[positive], v[positive]
        v = v * v * v
        u = streams.uniform(tried)
        square = x * x
        # The cheap test covers most of the area under the exact one and is part of what is accepted.
        accepted = u < 1 - 0.0331 * square * square
        slow = np.flatnonzero(~accepted)
        accepted[slow] = np.log(u[slow]) < 0.5 * x[slow] * x[slow] + d[tried[slow]] * (1 - v[slow] + np.log(v[slow]))
        done = tried[accepted]
        out[done] = d[done] * v[accepted]
        raised = done[small[done]]
        if raised.size:
            out[raised] *= np.power(streams.uniform(raised), 1 / alpha[raised])
        left = np.ones(len(alpha), bool)
        left[done] = False
        active = active[left[active]]
    return out


def _poisson(streams: _Streams, rate: np.ndarray, largest: float) -> np.ndarray:
    out = np.empty(len(rate))
    low = rate < 10
    for who, method in ((np.flatnonzero(low), _poisson_by_product), (np.flatnonzero(~low), _poisson_by_rejection)):
        if who.size:
            out[who] = method(streams, who, rate[who], largest)
    return out


def _poisson_by_product(streams: _Streams, who: np.ndarray, rate: np.ndarray, largest: float) -> np.ndarray:
    """Knuth's method: count uniform numbers until their product falls to exp(-rate)."""
    bound, product, count = np.exp(-rate), np.ones(len(who)), np.zeros(len(who))
    active = np.arange(len(who))
    while active.size:
        product[active] *= streams.uniform(who[active])
        going = ~((product[active] <= bound[active]) & (count[active] <= largest))
        active = active[going]
        count[active] += 1
    return count


def _poisson_by_rejection(streams: _Streams, who: np.ndarray, rate: np.ndarray, largest: float) -> np.ndarray:
    """Hormann's transformed rejection (PTRS)."""
    log_rate = np.log(rate)
    b = 0.931 + 2.53 * np.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    out = np.empty(len(who))
    active = np.arange(len(who))
    while active.size:
        u = streams.uniform(who[active]) - 0.5
        v = streams.uniform(who[active])
        shifted = 0.5 - np.abs(u)
        a_, b_ = a[active], b[active]
        k = np.floor((2 * a_ / shifted + b_) * u + rate[active] + 0.43)
        fits = ~(k > largest)
        inside = (shifted >= 0.07) & (v <= 0.9277 - 3.6224 / (b_ - 2))
        hopeless = (k < 0) | ((shifted < 0.013) & (v > shifted))
        accepted = fits & inside
        slow = np.flatnonzero(fits & ~inside & ~hopeless)
        at = active[slow]
        height = np.log(v[slow] * inverse_alpha[at] / (a_[slow] / (shifted[slow] * shifted[slow]) + b_[slow]))
        log_gamma = torch.lgamma(torch.from_numpy(k[slow] + 1)).numpy()
        accepted[slow] = height <= -rate[at] + k[slow] * log_rate[at] - log_gamma
        out[active[accepted]] = k[accepted]
        active = active[~accepted]
    return out
