"""The derivative of a gamma-distributed sample with respect to its shape parameter.

The sample x is thought of as the solution of P(a, x) = u for a fixed u, P being the regularised lower incomplete gamma
function; so dx/da = -(dP/da) / (dP/dx). Both routes below are quotients in which the density cancels.
"""

from __future__ import annotations

import numpy as np
import torch

_MOST_TERMS = 2000
_BIG = 2.0**52


def gamma_derivative(alpha: torch.Tensor, sample: torch.Tensor) -> torch.Tensor:
    """dx/da for samples x of Gamma(a, 1), computed in float64.

    Shapes: alpha and sample broadcast.
    """
    a, x = torch.broadcast_tensors(alpha.double(), sample.double())
    flat_a, flat_x = a.reshape(-1).cpu().numpy(), x.reshape(-1).cpu().numpy()
    out = np.full(flat_a.shape, np.nan)
    valid = (flat_a > 0) & (flat_x >= 0)
    out[valid & (flat_x == 0)] = 0.0
    tail = valid & (flat_x > 1) & (flat_x > flat_a)
    body = valid & (flat_x > 0) & ~tail
    with np.errstate(all="ignore"):
        out[body] = _by_series(flat_a[body], flat_x[body])
        out[tail] = _by_fraction(flat_a[tail], flat_x[tail])
    return torch.from_numpy(out).reshape(a.shape).to(device=alpha.device, dtype=alpha.dtype)


def _digamma(a: np.ndarray) -> np.ndarray:
    return torch.digamma(torch.from_numpy(np.ascontiguousarray(a))).numpy()  # type: ignore[no-any-return]


def _by_series(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    # P = x^a e^-x / Gamma(a + 1) * S with S = sum of c_n, c_n = x^n / ((a + 1) ... (a + n)).
    term = np.ones_like(a)
    rate = np.zeros_like(a)  # d log c_n / da
    total, slope = term.copy(), np.zeros_like(a)
    for n in range(1, _MOST_TERMS):
        term = term * x / (a + n)
        rate = rate - 1.0 / (a + n)
        total += term
        change = term * rate
        slope += change
        if np.all(np.abs(change) <= 1e-17 * np.abs(slope)):
            break
    return -(x / a) * ((np.log(x) - _digamma(a + 1)) * total + slope)


def _by_fraction(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    # 1 - P = x^a e^-x / Gamma(a) * F, F a continued fraction p_k / q_k; its derivative is carried along.
    p0, q0 = np.ones_like(x), x.copy()
    p1, q1 = x + 1, (x + 2 - a) * x
    dp0, dq0, dp1, dq1 = (np.zeros_like(x) for _ in range(4))
    dq1 = -x
    fraction = p1 / q1
    slope = (dp1 - fraction * dq1) / q1
    for k in range(1, _MOST_TERMS):
        z = x + 2 - a + 2 * k
        yc = (1 - a + k) * k
        p2, q2 = p1 * z - p0 * yc, q1 * z - q0 * yc
        dp2 = dp1 * z - p1 - dp0 * yc + p0 * k
        dq2 = dq1 * z - q1 - dq0 * yc + q0 * k
        before, fraction = fraction, p2 / q2
        slope_before, slope = slope, (dp2 - fraction * dq2) / q2
        scale = np.where(np.abs(p2) > _BIG, 1 / _BIG, 1.0)
        p0, q0, p1, q1 = p1 * scale, q1 * scale, p2 * scale, q2 * scale
        dp0, dq0, dp1, dq1 = dp1 * scale, dq1 * scale, dp2 * scale, dq2 * scale
        settled = np.abs(slope - slope_before) <= 1e-16 * np.abs(slope)
        if np.all(settled & (np.abs(fraction - before) <= 1e-16 * np.abs(fraction))):
            break
    return x * ((np.log(x) - _digamma(a)) * fraction + slope)
