"""Powers, exponentials, logarithms and the squashing functions, with the ops of their gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from tfcompat.framework import conversion
from tfcompat.framework.export import export
from tfcompat.framework.op import Op, get_op, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, constants, elementwise, families


def through_output(op_type: str, kernel: Callable[..., Any], low: float = 0.5, high: float = 2.0) -> Op:
    """Declares `XGrad(y, dy)`: the gradient of an op from its output y. Its two inputs have one shape."""
    made = families.numeric(op(op_type)(unchanged), kernel)

    def samples() -> Iterator[Sample]:
        yield sample(real(2, 3, low=low, high=high), real(2, 3))
        yield sample(real(low=low, high=high), real())

    made.samples(samples)
    return made


def _zero(x: torch.Tensor) -> torch.Tensor:
    return torch.zeros((), dtype=x.dtype, device=x.device)


# --- reciprocal ------------------------------------------------------------------------------------------------


def _reciprocal(x: torch.Tensor) -> torch.Tensor:
    if x.is_floating_point() or x.is_complex():
        return torch.reciprocal(x)
    return elementwise._div(torch.ones((), dtype=x.dtype, device=x.device), x)


def _reciprocal_grad(y: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
    c = y.conj()
    return torch.where(dy == 0, _zero(dy), -c * c * dy)


def _reciprocal_rule(node: Any, dy: Any) -> Tensor:
    return reciprocal_grad_op(node.outputs[0], dy)


def _reciprocal_second(node: Any, g: Any) -> tuple[Tensor, Tensor]:
    dy = node.inputs[1]
    with elementwise.after(g):
        y = casting.conj(node.inputs[0])
        return casting.conj(g) * -2.0 * dy * y, reciprocal_grad_op(y, g)


reciprocal_op = families.unary("Reciprocal", _reciprocal, _reciprocal_rule, low=0.5, high=2.0)
inv_op = families.unary("Inv", _reciprocal, _reciprocal_rule, low=0.5, high=2.0)
reciprocal_grad_op = through_output("ReciprocalGrad", _reciprocal_grad)
reciprocal_grad_op.gradient(_reciprocal_second)
inv_grad_op = through_output("InvGrad", _reciprocal_grad)
inv_grad_op.gradient(_reciprocal_second)


# --- squares and roots -----------------------------------------------------------------------------------------


def _square_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        x = casting.conj(x)
        two = constants.constant(2.0, dtype=x.dtype)
        return elementwise.multiply(dy, elementwise.multiply(x, two))


square_op = families.unary("Square", lambda x: x * x, _square_rule)


def _sqrt_grad(y: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
    return torch.where(dy == 0, _zero(dy), dy * 0.5 / y.conj())


sqrt_op = families.unary(
    "Sqrt", torch.sqrt, lambda node, dy: sqrt_grad_op(node.outputs[0], dy), low=0.5, high=2.0
)
sqrt_grad_op = through_output("SqrtGrad", _sqrt_grad)


@sqrt_grad_op.gradient
def _sqrt_second(node: Any, g: Any) -> tuple[Tensor, Tensor]:
    y = node.inputs[0]
    out = node.outputs[0]
    with elementwise.after(g):
        ratio = g / y
        return -casting.conj(ratio) * out, 0.5 * ratio


def _rsqrt_grad(y: torch.Tensor, dy: torch.Tensor) -> torch.Tensor:
    c = y.conj()
    return torch.where(dy == 0, _zero(dy), -0.5 * (dy * c) * (c * c))


rsqrt_op = families.unary(
    "Rsqrt", torch.rsqrt, lambda node, dy: rsqrt_grad_op(node.outputs[0], dy), low=0.5, high=2.0
)
rsqrt_grad_op = through_output("RsqrtGrad", _rsqrt_grad)


@rsqrt_grad_op.gradient
def _rsqrt_second(node: Any, g: Any) -> tuple[Tensor, Tensor]:
    y, dy = node.inputs
    with elementwise.after(g):
        c = casting.conj(y)
        by_y = -1.5 * casting.conj(g) * dy * square(c)
        return by_y, rsqrt_grad_op(c, g)


# --- exponentials and logarithms -------------------------------------------------------------------------------


def _exp_rule(node: Any, dy: Any) -> Tensor:
    y = node.outputs[0]
    with elementwise.after(dy):
        return dy * casting.conj(y)


def _expm1_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        return dy * exp_op(casting.conj(x))


def _log_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        return dy * reciprocal_op(casting.conj(x))


def _log1p_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        x = casting.conj(x)
        return dy * reciprocal_op(1 + x)


exp_op = families.unary("Exp", torch.exp, _exp_rule)
expm1_op = families.unary("Expm1", torch.expm1, _expm1_rule)
log_op = families.unary("Log", torch.log, _log_rule, low=0.5, high=3.0)
log1p_op = families.unary("Log1p", torch.log1p, _log1p_rule, low=-0.5, high=3.0)


# --- squashing functions ---------------------------------------------------------------------------------------


def _sigmoid_rule(node: Any, dy: Any) -> Tensor:
    y = node.outputs[0]
    with elementwise.after(dy):
        return sigmoid_grad_op(casting.conj(y), dy)


sigmoid_op = families.unary("Sigmoid", torch.sigmoid, _sigmoid_rule)
sigmoid_grad_op = through_output("SigmoidGrad", lambda y, dy: dy * y * (1 - y), low=0.1, high=0.9)


@sigmoid_grad_op.gradient
def _sigmoid_second(node: Any, g: Any) -> tuple[Tensor, Tensor]:
    with elementwise.after(g):
        y = casting.conj(node.inputs[0])
        dy = casting.conj(node.inputs[1])
        both = g * dy
        return both - 2.0 * both * y, sigmoid_grad_op(y, g)


def _tanh_rule(node: Any, dy: Any) -> Tensor:
    y = node.outputs[0]
    with elementwise.after(dy):
        return tanh_grad_op(casting.conj(y), dy)


tanh_op = families.unary("Tanh", torch.tanh, _tanh_rule)
tanh_grad_op = through_output("TanhGrad", lambda y, dy: dy * (1 - y * y), low=-0.9, high=0.9)


@tanh_grad_op.gradient
def _tanh_second(node: Any, g: Any) -> tuple[Tensor, Tensor]:
    with elementwise.after(g):
        y = casting.conj(node.inputs[0])
        dy = casting.conj(node.inputs[1])
        return g * -2.0 * dy * y, tanh_grad_op(y, g)


# --- public names ----------------------------------------------------------------------------------------------


@export("reciprocal", v2=("math.reciprocal",))
def reciprocal(x: Any, name: str | None = None) -> Tensor:
    """1 / x element-wise."""
    return reciprocal_op(x, name=name)


@export("square", v2=("square",))
@families.sparse_too("Square")
def square(x: Any, name: str | None = None) -> Tensor:
    """x x element-wise."""
    return square_op(x, name=name)


@export("sqrt", v2=("sqrt",))
@families.sparse_too("Sqrt")
def sqrt(x: Any, name: str | None = None) -> Tensor:
    """The square root of each element."""
    return sqrt_op(x, name=name)


@export("rsqrt", v2=("math.rsqrt",))
def rsqrt(x: Any, name: str | None = None) -> Tensor:
    """1 over the square root of each element."""
    return rsqrt_op(x, name=name)


@export("exp", v2=("exp",))
def exp(x: Any, name: str | None = None) -> Tensor:
    """e to the power of each element."""
    return exp_op(x, name=name)


@export("expm1", v2=("math.expm1",))
def expm1(x: Any, name: str | None = None) -> Tensor:
    """exp(x) - 1, exact near 0 too."""
    return expm1_op(x, name=name)


@export("log", v2=("math.log",))
def log(x: Any, name: str | None = None) -> Tensor:
    """The natural logarithm of each element."""
    return log_op(x, name=name)


@export("log1p", v2=("math.log1p",))
def log1p(x: Any, name: str | None = None) -> Tensor:
    """log(1 + x), exact near 0 too."""
    return log1p_op(x, name=name)


@export("sigmoid", v2=("sigmoid",))
def sigmoid(x: Any, name: str | None = None) -> Tensor:
    """1 / (1 + exp(-x)) element-wise."""
    with name_scope(name, "Sigmoid", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        return sigmoid_op(x, name=scope)


@export("tanh", v2=("tanh",))
@families.sparse_too("Tanh")
def tanh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic tangent of each element."""
    return tanh_op(x, name=name)


@export("log_sigmoid", v2=("math.log_sigmoid",))
def log_sigmoid(x: Any, name: str | None = None) -> Tensor:
    """log(sigmoid(x)), computed as -softplus(-x)."""
    with name_scope(name, "LogSigmoid", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        return elementwise.neg_op(get_op("Softplus")(-x), name=scope)
