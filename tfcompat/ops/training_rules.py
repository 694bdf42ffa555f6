"""The update rules of the optimizers, on plain tensors and in place.

Each rule takes the variable, its slots, the gradient and the scalars in the order of the inputs of TensorFlow's Apply*
op, and changes the variable and the slots. A scalar is a Python number, or a rank-0 tensor where its value lives on an
accelerator and reading it would wait. The rows of a sparse update go through the same rules.
Source: TF 1.15, core/kernels/training_ops.cc.
"""

from __future__ import annotations

import functools
import math
from typing import TypeAlias

import torch

Number: TypeAlias = "float | torch.Tensor"


# --- arithmetic on numbers that may be tensors -----------------------------------------------------------------


def _root(x: Number) -> Number:
    if isinstance(x, torch.Tensor):
        return x.sqrt()
    return math.sqrt(x) if x >= 0 else math.nan


def _ratio(a: Number, b: Number) -> Number:
    """a / b, infinite or NaN where Python would raise."""
    if b == 0 and not isinstance(a, torch.Tensor) and not isinstance(b, torch.Tensor):
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a)
    return a / b


@functools.lru_cache(maxsize=512)
def _scalar(x: float, dtype: torch.dtype) -> torch.Tensor:
    return torch.tensor(x, dtype=dtype)


def _plain(x: Number, like: torch.Tensor) -> torch.Tensor:
    """The number as a rank-0 tensor: torch takes those in half the time that it takes a Python number."""
    return x if isinstance(x, torch.Tensor) else _scalar(x, like.dtype)


def _add(target: torch.Tensor, x: torch.Tensor, scale: Number) -> None:
    """target += scale * x"""
    if isinstance(scale, torch.Tensor):
        target.addcmul_(x, scale)
    else:
        target.add_(x, alpha=scale)


def _subtract(target: torch.Tensor, x: torch.Tensor, scale: Number) -> None:
    """target -= scale * x"""
    if isinstance(scale, torch.Tensor):
        target.addcmul_(x, scale, value=-1)
    else:
        target.sub_(x, alpha=scale)


def _subtract_ratio(target: torch.Tensor, x: torch.Tensor, y: torch.Tensor, scale: Number) -> None:
    """target -= scale * x / y"""
    if isinstance(scale, torch.Tensor):
        target.addcdiv_(x * scale, y, value=-1)
    else:
        target.addcdiv_(x, y, value=-scale)


def _shrunk(x: torch.Tensor, limit: Number) -> torch.Tensor:
    """sign(x) * max(|x| - limit, 0); NaN stays NaN."""
    return x - x.clamp(-limit, limit)


# --- the rules -------------------------------------------------------------------------------------------------


def gradient_descent(var: torch.Tensor, alpha: Number, delta: torch.Tensor) -> None:
    _subtract(var, delta, alpha)


def momentum(
    var: torch.Tensor, accum: torch.Tensor, lr: Number, grad: torch.Tensor, momentum: Number, *, use_nesterov: bool
) -> None:
    accum.mul_(_plain(momentum, accum)).add_(grad)
    if use_nesterov:
        _subtract(var, grad, lr)
        _subtract(var, accum, momentum * lr)
    else:
        _subtract(var, accum, lr)


def keras_momentum(
    var: torch.Tensor, accum: torch.Tensor, lr: Number, grad: torch.Tensor, momentum: Number, *, use_nesterov: bool
) -> None:
    _subtract(accum.mul_(_plain(momentum, accum)), grad, lr)
    if use_nesterov:
        _add(var, accum, momentum)
        _subtract(var, grad, lr)
    else:
        var.add_(accum)


def adam(
    var: torch.Tensor,
    m: torch.Tensor,
    v: torch.Tensor,
    beta1_power: Number,
    beta2_power: Number,
    lr: Number,
    beta1: Number,
    beta2: Number,
    epsilon: Number,
    grad: torch.Tensor,
    *,
    use_nesterov: bool,
) -> None:
    alpha = _ratio(lr * _root(1 - beta2_power), 1 - beta1_power)
    m.lerp_(grad, 1 - beta1)
    v.lerp_(grad.square(), 1 - beta2)
    step = m
    if use_nesterov:
        step = m * _plain(beta1, m)
        _add(step, grad, 1 - beta1)
    _subtract_ratio(var, step, v.sqrt().add_(_plain(epsilon, v)), alpha)


def adam_with_amsgrad(
    var: torch.Tensor,
    m: torch.Tensor,
    v: torch.Tensor,
    vhat: torch.Tensor,
    beta1_power: Number,
    beta2_power: Number,
    lr: Number,
    beta1: Number,
    beta2: Number,
    epsilon: Number,
    grad: torch.Tensor,
) -> None:
    alpha = _ratio(lr * _root(1 - beta2_power), 1 - beta1_power)
    m.lerp_(grad, 1 - beta1)
    v.lerp_(grad.square(), 1 - beta2)
    torch.maximum(vhat, v, out=vhat)
    _subtract_ratio(var, m, vhat.sqrt().add_(_plain(epsilon, v)), alpha)


def ada_max(
    var: torch.Tensor,
    m: torch.Tensor,
    v: torch.Tensor,
    beta1_power: Number,
    lr: Number,
    beta1: Number,
    beta2: Number,
    epsilon: Number,
    grad: torch.Tensor,
) -> None:
    m.lerp_(grad, 1 - beta1)
    torch.maximum(v.mul_(_plain(beta2, v)), grad.abs(), out=v)
    _subtract_ratio(var, m, v + _plain(epsilon, v), _ratio(lr, 1 - beta1_power))


def adagrad(var: torch.Tensor, accum: torch.Tensor, lr: Number, grad: torch.Tensor, *, update_slots: bool) -> None:
    if update_slots:
        accum.addcmul_(grad, grad)
    _subtract_ratio(var, grad, accum.sqrt(), lr)


def adagrad_v2(
    var: torch.Tensor, accum: torch.Tensor, lr: Number, epsilon: Number, grad: torch.Tensor, *, update_slots: bool
) -> None:
    if update_slots:
        accum.addcmul_(grad, grad)
    _subtract_ratio(var, grad, accum.sqrt().add_(_plain(epsilon, accum)), lr)


def adagrad_da(
    var: torch.Tensor,
    gradient_accumulator: torch.Tensor,
    gradient_squared_accumulator: torch.Tensor,
    grad: torch.Tensor,
    lr: Number,
    l1: Number,
    l2: Number,
    global_step: Number,
) -> None:
    gradient_accumulator.add_(grad)
    gradient_squared_accumulator.addcmul_(grad, grad)
    top = gradient_accumulator
    if isinstance(l1, torch.Tensor):
        top = _shrunk(top, l1.clamp_min(0) * global_step)
    elif l1 > 0:
        top = _shrunk(top, global_step * l1)
    below = gradient_squared_accumulator.sqrt().add_(_plain(l2 * (global_step * lr), var))
    torch.div(top * _plain(-lr, var), below, out=var)


def adadelta(
    var: torch.Tensor,
    accum: torch.Tensor,
    accum_update: torch.Tensor,
    lr: Number,
    rho: Number,
    epsilon: Number,
    grad: torch.Tensor,
) -> None:
    small = _plain(epsilon, var)
    accum.lerp_(grad.square(), 1 - rho)
    update = (accum_update + small).sqrt_().mul_((accum + small).rsqrt_()).mul_(grad)
    _subtract(var, update, lr)
    accum_update.lerp_(update.square(), 1 - rho)


def rms_prop(
    var: torch.Tensor,
    ms: torch.Tensor,
    mom: torch.Tensor,
    lr: Number,
    rho: Number,
    momentum: Number,
    epsilon: Number,
    grad: torch.Tensor,
) -> None:
    ms.lerp_(grad.square(), 1 - rho)
    _velocity(var, mom, ms + _plain(epsilon, ms), lr, momentum, grad)


def centered_rms_prop(
    var: torch.Tensor,
    mg: torch.Tensor,
    ms: torch.Tensor,
    mom: torch.Tensor,
    lr: Number,
    rho: Number,
    momentum: Number,
    epsilon: Number,
    grad: torch.Tensor,
) -> None:
    # ms - mg * mg cancels where the gradient hardly changes, so ms and mg are rounded here as TensorFlow rounds them.
    _add(ms, grad.square().sub_(ms), 1 - rho)
    _add(mg, grad - mg, 1 - rho)
    _velocity(var, mom, (ms - mg.square()).add_(_plain(epsilon, ms)), lr, momentum, grad)


def _velocity(
    var: torch.Tensor, mom: torch.Tensor, variance: torch.Tensor, lr: Number, momentum: Number, grad: torch.Tensor
) -> None:
    """mom = mom * momentum + lr * grad / sqrt(variance); var -= mom. Overwrites `variance`."""
    root = variance.sqrt_()
    mom.mul_(_plain(momentum, mom))
    if isinstance(lr, torch.Tensor):
        mom.addcdiv_(grad * lr, root)
    else:
        mom.addcdiv_(grad, root, value=lr)
    var.sub_(mom)


def ftrl(
    var: torch.Tensor,
    accum: torch.Tensor,
    linear: torch.Tensor,
    grad: torch.Tensor,
    lr: Number,
    l1: Number,
    l2: Number,
    lr_power: Number,
) -> None:
    _ftrl(var, accum, linear, grad, grad, lr, l1, l2, lr_power)


def ftrl_v2(
    var: torch.Tensor,
    accum: torch.Tensor,
    linear: torch.Tensor,
    grad: torch.Tensor,
    lr: Number,
    l1: Number,
    l2: Number,
    l2_shrinkage: Number,
    lr_power: Number,
) -> None:
    with_shrinkage = grad.clone()
    _add(with_shrinkage, var, 2 * l2_shrinkage)
    _ftrl(var, accum, linear, grad, with_shrinkage, lr, l1, l2, lr_power)


def _ftrl(
    var: torch.Tensor,
    accum: torch.Tensor,
    linear: torch.Tensor,
    grad: torch.Tensor,
    with_shrinkage: torch.Tensor,
    lr: Number,
    l1: Number,
    l2: Number,
    lr_power: Number,
) -> None:
    before = _power(accum, lr_power)
    accum.addcmul_(grad, grad)
    after = _power(accum, lr_power)
    linear.add_(with_shrinkage).sub_((after - before).div_(_plain(lr, var)).mul_(var))
    # Zero where |linear| <= l1, else (l1 sign(linear) - linear) / y.
    torch.div(_shrunk(linear, l1).neg_(), (after / _plain(lr, var)).add_(_plain(2 * l2, var)), out=var)


def _power(accum: torch.Tensor, lr_power: Number) -> torch.Tensor:
    return accum.sqrt() if not isinstance(lr_power, torch.Tensor) and lr_power == -0.5 else accum.pow(-lr_power)


def proximal_gradient_descent(var: torch.Tensor, alpha: Number, l1: Number, l2: Number, delta: torch.Tensor) -> None:
    _subtract(var, delta, alpha)
    if isinstance(l1, torch.Tensor):
        var.copy_(_shrunk(var, l1.clamp_min(0) * alpha))
    elif l1 > 0:
        var.copy_(_shrunk(var, alpha * l1))
    var.div_(_plain(1 + l2 * alpha, var))


def proximal_adagrad(
    var: torch.Tensor, accum: torch.Tensor, lr: Number, l1: Number, l2: Number, grad: torch.Tensor
) -> None:
    accum.addcmul_(grad, grad)
    rate = accum.rsqrt().mul_(_plain(lr, accum))
    var.addcmul_(grad, rate, value=-1)
    if isinstance(l1, torch.Tensor) or l1 > 0:
        var.copy_(_shrunk(var, rate * _plain(l1, rate)))
    var.div_((rate * _plain(l2, rate)).add_(_scalar(1.0, rate.dtype)))


def add_sign(
    var: torch.Tensor, m: torch.Tensor, lr: Number, alpha: Number, sign_decay: Number, beta: Number, grad: torch.Tensor
) -> None:
    m.lerp_(grad, 1 - beta)
    scale = (grad.sign() * m.sign()).mul_(_plain(sign_decay, var)).add_(_plain(alpha, var))
    _subtract(var, scale.mul_(grad), lr)


def power_sign(
    var: torch.Tensor,
    m: torch.Tensor,
    lr: Number,
    logbase: Number,
    sign_decay: Number,
    beta: Number,
    grad: torch.Tensor,
) -> None:
    m.lerp_(grad, 1 - beta)
    scale = (grad.sign() * m.sign()).mul_(_plain(logbase * sign_decay, var)).exp_()
    _subtract(var, scale.mul_(grad), lr)
