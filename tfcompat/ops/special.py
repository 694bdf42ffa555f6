"""Special functions: gamma and its relatives, error functions, Bessel functions, the incomplete beta function."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape, ShapeContext, op
from tfcompat.framework.samples import Sample, fixed, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import merge, text
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, comparison, constants, elementwise, exponents, families, reductions, shapes

# Terms after which a series is given up; far more than any argument of ordinary size needs.
_MAX_TERMS = 2000


def _nan(x: torch.Tensor) -> torch.Tensor:
    return torch.full((), float("nan"), dtype=x.dtype, device=x.device)


# --- gamma -----------------------------------------------------------------------------------------------------


def _digamma(x: torch.Tensor) -> torch.Tensor:
    # At the poles 0, -1, -2 ... and at -inf TF answers inf, where torch answers NaN or -inf.
    pole = (x <= 0) & (x == torch.floor(x))
    return torch.where(pole, torch.full((), float("inf"), dtype=x.dtype, device=x.device), torch.digamma(x))


def _lgamma_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        return dy * digamma_op(casting.conj(x))


def _digamma_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        x = casting.conj(x)
        return dy * polygamma_op(constants.constant(1, dtype=x.dtype), x)


lgamma_op = families.unary("Lgamma", torch.lgamma, _lgamma_rule, low=0.5, high=3.0)
digamma_op = families.unary("Digamma", _digamma, _digamma_rule, low=0.5, high=3.0)


def _zeta(x: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    return torch.special.zeta(x, q)


def _polygamma(n: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """(-1)^(n+1) n! zeta(n + 1, x); of order 0, digamma; NaN for orders that are no counts."""
    factor = torch.exp(torch.lgamma(n + 1)) * torch.where(torch.remainder(n, 2) == 0, -1.0, 1.0).to(n.dtype)
    value = torch.where(n == 0, _digamma(x), factor * torch.special.zeta(n + 1, x))
    return torch.where((n < 0) | (n != torch.floor(n)), _nan(x), value)


zeta_op = families.binary("Zeta", _zeta)
polygamma_op = families.binary("Polygamma", _polygamma)


@zeta_op.gradient
def _zeta_grad(node: Any, dz: Any) -> tuple[None, Tensor]:
    """By q only: TF has no derivative by x."""
    _, sq, _, rq = elementwise.broadcast_axes(*node.inputs)
    with elementwise.after(dz):
        x, q = (casting.conj(t) for t in node.inputs)
        partial = -x * zeta_op(x + 1, q)
        return None, elementwise.reduced_to(partial * dz, rq, sq)


@polygamma_op.gradient
def _polygamma_grad(node: Any, dz: Any) -> tuple[None, Tensor]:
    """By x only: the order is a count."""
    _, sx, _, rx = elementwise.broadcast_axes(*node.inputs)
    with elementwise.after(dz):
        n, x = (casting.conj(t) for t in node.inputs)
        partial = polygamma_op(n + 1, x)
        return None, elementwise.reduced_to(partial * dz, rx, sx)


@zeta_op.samples
def _zeta_samples() -> Iterator[Sample]:
    yield sample(fixed(np.full((2, 3), 2.5)), real(2, 3, low=1.0, high=2.0))
    yield sample(fixed(np.full((2, 1), 3.0)), real(3, low=1.0, high=2.0))


@polygamma_op.samples
def _polygamma_samples() -> Iterator[Sample]:
    yield sample(fixed(np.full((2, 3), 1.0)), real(2, 3, low=1.0, high=2.0))
    yield sample(fixed(np.array([[2.0], [0.0]])), real(3, low=1.0, high=2.0))


# --- incomplete gamma ------------------------------------------------------------------------------------------


def _outside(a: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Where the incomplete gamma functions have no value (NaN in, NaN out)."""
    return ~((a > 0) & (x >= 0))


def _igamma(a: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return torch.where(_outside(a, x), _nan(x), torch.special.gammainc(a, x))


def _igammac(a: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return torch.where(_outside(a, x), _nan(x), torch.special.gammaincc(a, x))


def _slope_by_series(a: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """dP/da from P = x^a e^-x / Gamma(a+1) * sum of x^n / ((a+1) ... (a+n)), differentiated term by term."""
    term, slope = torch.ones_like(a), torch.zeros_like(a)
    total, total_slope = term.clone(), slope.clone()
    for n in range(1, _MAX_TERMS):
        ratio = x / (a + n)
        slope = (slope - term / (a + n)) * ratio
        term = term * ratio
        total = total + term
        total_slope = total_slope + slope
        if bool((slope.abs() <= 1e-17 * total_slope.abs()).all()) and bool((term <= 1e-17 * total).all()):
            break
    scale = torch.exp(a * torch.log(x) - x - torch.lgamma(a + 1))
    return scale * (total_slope + total * (torch.log(x) - torch.digamma(a + 1)))


def _slope_by_fraction(a: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """dP/da = -dQ/da from Legendre's continued fraction of Q; numerators p and denominators q with their slopes."""
    y = 1 - a
    z = x + y + 1
    p2, q2 = torch.ones_like(x), x.clone()
    p1, q1 = x + 1, z * x
    dp2, dq2, dp1, dq1 = torch.zeros_like(x), torch.zeros_like(x), torch.zeros_like(x), -x
    value = p1 / q1
    slope = (dp1 - value * dq1) / q1
    for c in range(1, _MAX_TERMS):
        y, z = y + 1, z + 2
        yc = y * c
        p, q = p1 * z - p2 * yc, q1 * z - q2 * yc
        dp = dp1 * z - p1 - dp2 * yc + p2 * c
        dq = dq1 * z - q1 - dq2 * yc + q2 * c
        new_value = p / q
        new_slope = (dp - new_value * dq) / q
        done = (new_slope - slope).abs() <= 1e-15 * new_slope.abs()
        value, slope = new_value, new_slope
        p2, p1, q2, q1, dp2, dp1, dq2, dq1 = p1, p, q1, q, dp1, dp, dq1, dq
        if bool(done.all()):
            break
        # Only the ratios matter: keep the numbers from overflowing.
        scale = torch.where(q.abs() > 2.0**52, 2.0**-52, 1.0)
        p2, p1, q2, q1 = p2 * scale, p1 * scale, q2 * scale, q1 * scale
        dp2, dp1, dq2, dq1 = dp2 * scale, dp1 * scale, dq2 * scale, dq1 * scale
    weight = torch.exp(a * torch.log(x) - x - torch.lgamma(a))
    return -weight * (slope + value * (torch.log(x) - torch.digamma(a)))


def _igamma_grad_a(a: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    kind = x.dtype
    a, x = torch.broadcast_tensors(a.double(), x.double())
    good = (a > 0) & (x > 0) & torch.isfinite(a) & torch.isfinite(x)
    fraction = good & (x > 1) & (x > a)
    series = good & ~fraction
    out = torch.where(_outside(a, x), float("nan"), torch.zeros_like(x))
    for where, slope in ((series, _slope_by_series), (fraction, _slope_by_fraction)):
        if bool(where.any()):
            out[where] = slope(a[where], x[where])
    return out.to(kind)


igamma_op = families.binary("Igamma", _igamma)
igammac_op = families.binary("Igammac", _igammac)
igamma_grad_a_op = families.binary("IgammaGradA", _igamma_grad_a)
# TF has no derivative of the derivative by a; asking for one is an error there and here.
igamma_grad_a_op.gradient_fn = None


def _density_grads(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
    a, x = node.inputs
    sa, sx, ra, rx = elementwise.broadcast_axes(a, x)
    with elementwise.after(dz):
        by_a = igamma_grad_a_op(a, x)
        # In logarithms: Gamma(a) alone overflows early.
        by_x = exponents.exp(-x + (a - 1) * exponents.log(x) - lgamma_op(a))
        ga = elementwise.reduced_to(by_a * dz, ra, sa)
        return ga, elementwise.reduced_to(by_x * dz, rx, sx)


igamma_op.gradient(_density_grads)


@igammac_op.gradient
def _igammac_grad(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
    ga, gx = _density_grads(node, dz)
    return -ga, -gx


@igamma_op.samples
@igammac_op.samples
def _igamma_samples() -> Iterator[Sample]:
    note = "IgammaGradA has no gradient, as in TF"
    yield sample(real(2, 3, low=0.5, high=3.0), real(2, 3, low=0.5, high=3.0), second_order=False, note=note)
    yield sample(real(2, 1, low=2.5, high=3.0), real(3, low=3.5, high=6.0), second_order=False, note=note)


@igamma_grad_a_op.samples
def _igamma_grad_a_samples() -> Iterator[Sample]:
    yield sample(fixed(np.array([[0.5], [2.5]])), fixed(np.array([0.5, 1.5, 6.0])))


# --- incomplete beta -------------------------------------------------------------------------------------------


def _betainc_shape(c: ShapeContext) -> Shape:
    """All scalars, or the rest of one shape."""
    shape: Shape = ()
    if any(s is None for s in c.shapes):
        known = [s for s in c.shapes if s]
        for s in known:
            shape = merge(shape or s, s)
        return shape if known else None
    for s in c.shapes:
        if s:
            shape = merge(shape or s, s)
    return shape


def _beta_fraction(a: torch.Tensor, b: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    tiny = 1e-300

    def safe(v: torch.Tensor) -> torch.Tensor:
        return torch.where(v.abs() < tiny, tiny, v)

    c = torch.ones_like(x)
    d = 1 / safe(1 - (a + b) * x / (a + 1))
    h = d.clone()
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / safe(1 + even * d), safe(1 + even / c)
        h = h * d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / safe(1 + odd * d), safe(1 + odd / c)
        step = d * c
        h = h * step
        if bool(((step - 1).abs() <= 1e-15).all()):
            break
    return h


def _betainc(a: torch.Tensor, b: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    kind = x.dtype
    sizes = [tuple(t.shape) for t in (a, b, x) if t.ndim]
    if any(s != sizes[0] for s in sizes):
        raise ValueError  # the failure function has the message
    a, b, x = torch.broadcast_tensors(a.double(), b.double(), x.double())
    valid = (a > 0) & (b > 0) & (x >= 0) & (x <= 1)
    out = torch.where(valid, torch.where(x == 1, 1.0, 0.0), float("nan")).to(torch.float64)
    inside = valid & (x > 0) & (x < 1)
    if bool(inside.any()):
        p, q, v = a[inside], b[inside], x[inside]
        # The fraction converges fast on one side of the mean; the other side is its mirror image.
        mirrored = v > (p + 1) / (p + q + 2)
        p, q = torch.where(mirrored, q, p), torch.where(mirrored, p, q)
        v = torch.where(mirrored, 1 - v, v)
        front = torch.exp(
            p * torch.log(v) + q * torch.log1p(-v) + torch.lgamma(p + q) - torch.lgamma(p) - torch.lgamma(q)
        )
        value = front * _beta_fraction(p, q, v) / p
        out[inside] = torch.where(mirrored, 1 - value, value)
    return out.to(kind)


betainc_op = op("Betainc")(_betainc_shape)
betainc_op.kernel(_betainc)


@betainc_op.failure
def _betainc_failure(args: Sequence[Any], attrs: dict[str, Any]) -> str | None:
    dims = [tuple(t.shape) for t in args]
    filled = [(n, d) for n, d in zip("abx", dims, strict=True) if d]
    for (n, d), (m, e) in itertools.pairwise(filled):
        if d != e:
            return f"Shapes of {n} and {m} are inconsistent: {text(d)} vs. {text(e)}"
    return None


@betainc_op.gradient
def _betainc_grad(node: Any, dz: Any) -> tuple[None, None, Tensor]:
    """By x only: TF has no derivative by a and b."""
    a, b, x = node.inputs
    sa = shapes.shape(a)
    sx = shapes.shape(x)
    _, rx = shapes.broadcast_gradient_args(sa, sx)
    log_beta = lgamma_op(a) + lgamma_op(b) - lgamma_op(a + b)
    by_x = exponents.exp((b - 1) * exponents.log(1 - x) + (a - 1) * exponents.log(x) - log_beta)
    return None, None, elementwise.reduced_to(by_x * dz, rx, sx)


@betainc_op.samples
def _betainc_samples() -> Iterator[Sample]:
    a, b = fixed(np.full((2, 3), 2.5)), fixed(np.full((2, 3), 1.5))
    yield sample(a, b, real(2, 3, low=0.1, high=0.9))
    yield sample(fixed(0.5), fixed(2.0), real(3, low=0.1, high=0.9))


# --- error functions -------------------------------------------------------------------------------------------


def _error_rule(factor: float) -> Callable[[Any, Any], Tensor]:
    def rule(node: Any, dy: Any) -> Tensor:
        x = node.inputs[0]
        scale = constants.constant(factor, dtype=dy.dtype)
        with elementwise.after(dy):
            x = casting.conj(x)
            return dy * scale * exponents.exp(-exponents.square(x))

    return rule


erf_op = families.unary("Erf", torch.erf, _error_rule(2 / np.sqrt(np.pi)))
erfc_op = families.unary("Erfc", torch.erfc, _error_rule(-2 / np.sqrt(np.pi)))


# --- Bessel functions ------------------------------------------------------------------------------------------


def _bessel_i0e_rule(node: Any, dy: Any) -> Tensor:
    x, y = node.inputs[0], node.outputs[0]
    with elementwise.after(dy):
        return dy * (bessel_i1e_op(x) - elementwise.sign(x) * y)


def _bessel_i1e_rule(node: Any, dy: Any) -> Tensor:
    """i0e(x) - y (sign(x) + 1/x); near 0, where that divides by zero, one half."""
    x, y = node.inputs[0], node.outputs[0]
    with elementwise.after(dy):
        eps = np.finfo(x.dtype.as_numpy_dtype).eps
        zeros = shapes.zeros_like(x)
        not_tiny = elementwise.abs(x) > eps
        safe = comparison.select_op(not_tiny, x, eps + zeros)
        slope = bessel_i0e_op(safe) - y * (elementwise.sign(safe) + exponents.reciprocal(safe))
        slope = comparison.select_op(not_tiny, slope, 0.5 + zeros)
        return dy * slope


bessel_i0e_op = families.unary("BesselI0e", torch.special.i0e, _bessel_i0e_rule, low=0.5, high=3.0)
bessel_i1e_op = families.unary("BesselI1e", torch.special.i1e, _bessel_i1e_rule, low=0.5, high=3.0)


# --- public names ----------------------------------------------------------------------------------------------


@export("lgamma", v2=("math.lgamma",))
def lgamma(x: Any, name: str | None = None) -> Tensor:
    """The logarithm of |gamma(x)|."""
    return lgamma_op(x, name=name)


@export("digamma", v2=("math.digamma",))
def digamma(x: Any, name: str | None = None) -> Tensor:
    """The derivative of lgamma; inf at its poles."""
    return digamma_op(x, name=name)


@export("polygamma", v2=("math.polygamma",))
def polygamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The a-th derivative of digamma; NaN when a is no count."""
    return polygamma_op(a, x, name=name)


@export("zeta", v2=("math.zeta",))
def zeta(x: Any, q: Any, name: str | None = None) -> Tensor:
    """Hurwitz's zeta function: the sum of (q + n)^-x over n = 0, 1, 2 ..."""
    return zeta_op(x, q, name=name)


@export("igamma", v2=("math.igamma",))
def igamma(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The lower incomplete gamma function, divided by gamma(a)."""
    return igamma_op(a, x, name=name)


@export("igammac", v2=("math.igammac",))
def igammac(a: Any, x: Any, name: str | None = None) -> Tensor:
    """The upper incomplete gamma function, divided by gamma(a)."""
    return igammac_op(a, x, name=name)


@export("betainc", v2=("math.betainc",))
def betainc(a: Any, b: Any, x: Any, name: str | None = None) -> Tensor:
    """The incomplete beta function divided by beta(a, b); NaN outside a, b > 0 and 0 <= x <= 1."""
    return betainc_op(a, b, x, name=name)


@export("erf", v2=("math.erf",))
@families.sparse_too("Erf")
def erf(x: Any, name: str | None = None) -> Tensor:
    """The error function."""
    return erf_op(x, name=name)


@export("erfc", v2=("math.erfc",))
def erfc(x: Any, name: str | None = None) -> Tensor:
    """1 - erf(x), exact for large x too."""
    return erfc_op(x, name=name)


@export("math.bessel_i0e", v2=("math.bessel_i0e",))
@families.sparse_too("BesselI0e")
def bessel_i0e(x: Any, name: str | None = None) -> Tensor:
    """exp(-|x|) times the modified Bessel function of order 0."""
    return bessel_i0e_op(x, name=name)


@export("math.bessel_i1e", v2=("math.bessel_i1e",))
@families.sparse_too("BesselI1e")
def bessel_i1e(x: Any, name: str | None = None) -> Tensor:
    """exp(-|x|) times the modified Bessel function of order 1."""
    return bessel_i1e_op(x, name=name)


@export("math.bessel_i0", v2=("math.bessel_i0",))
def bessel_i0(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of order 0."""
    with name_scope(name, "bessel_i0", [x]):
        return exponents.exp(elementwise.abs(x)) * bessel_i0e(x)


@export("math.bessel_i1", v2=("math.bessel_i1",))
def bessel_i1(x: Any, name: str | None = None) -> Tensor:
    """The modified Bessel function of order 1."""
    with name_scope(name, "bessel_i1", [x]):
        return exponents.exp(elementwise.abs(x)) * bessel_i1e(x)


@export("lbeta", v2=("math.lbeta",))
def lbeta(x: Any, name: str | None = None) -> Tensor:
    """log |beta(x)| along the last dimension: the sum of lgamma(x) minus lgamma of the sum."""
    with name_scope(name, "lbeta", [x]):
        x = conversion.to_tensor(x, name="x")
        logs = reductions.reduce_sum(lgamma(x), axis=[-1])
        total = reductions.reduce_sum(x, axis=[-1])
        return logs - lgamma(total)
