"""Trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

from typing import Any

import torch

from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, constants, elementwise, exponents, families


def _sin_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        return dy * cos_op(casting.conj(x))


def _cos_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        x = casting.conj(x)
        return elementwise.negated(dy) * sin_op(x)


def _tan_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        secant = exponents.reciprocal(cos_op(casting.conj(x)))
        return exponents.square(secant) * dy


def _one(dy: Any) -> Tensor:
    return constants.constant(1, dtype=dy.dtype)


def _inverse_of_circle(node: Any, dy: Any) -> Tensor:
    """1 / sqrt(1 - x x), from the input."""
    x2 = exponents.square(casting.conj(node.inputs[0]))
    one = _one(dy)
    return exponents.reciprocal(exponents.sqrt(elementwise.subtract(one, x2)))


def _asin_rule(node: Any, dy: Any) -> Tensor:
    with elementwise.after(dy):
        return dy * _inverse_of_circle(node, dy)


def _acos_rule(node: Any, dy: Any) -> Tensor:
    with elementwise.after(dy):
        inverse = _inverse_of_circle(node, dy)
        return elementwise.negated(dy) * inverse


def _atan_rule(node: Any, dy: Any) -> Tensor:
    with elementwise.after(dy):
        x2 = exponents.square(casting.conj(node.inputs[0]))
        one = _one(dy)
        return dy * exponents.reciprocal(elementwise.add(one, x2))


def _sinh_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        return dy * cosh_op(casting.conj(x))


def _cosh_rule(node: Any, dy: Any) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        return dy * sinh_op(casting.conj(x))


def _asinh_rule(node: Any, dy: Any) -> Tensor:
    y = node.outputs[0]
    with elementwise.after(dy):
        return dy / cosh_op(casting.conj(y))


def _acosh_rule(node: Any, dy: Any) -> Tensor:
    y = node.outputs[0]
    with elementwise.after(dy):
        return dy / sinh_op(casting.conj(y))


def _atanh_rule(node: Any, dy: Any) -> Tensor:
    with elementwise.after(dy):
        x2 = exponents.square(casting.conj(node.inputs[0]))
        one = _one(dy)
        return dy * exponents.reciprocal(elementwise.subtract(one, x2))


sin_op = families.unary("Sin", torch.sin, _sin_rule)
cos_op = families.unary("Cos", torch.cos, _cos_rule)
tan_op = families.unary("Tan", torch.tan, _tan_rule, low=-1.0, high=1.0)
asin_op = families.unary("Asin", torch.asin, _asin_rule, low=-0.8, high=0.8)
acos_op = families.unary("Acos", torch.acos, _acos_rule, low=-0.8, high=0.8)
atan_op = families.unary("Atan", torch.atan, _atan_rule)
sinh_op = families.unary("Sinh", torch.sinh, _sinh_rule)
cosh_op = families.unary("Cosh", torch.cosh, _cosh_rule)
asinh_op = families.unary("Asinh", torch.asinh, _asinh_rule)
acosh_op = families.unary("Acosh", torch.acosh, _acosh_rule, low=1.5, high=3.0)
atanh_op = families.unary("Atanh", torch.atanh, _atanh_rule, low=-0.8, high=0.8)

atan2_op = families.binary("Atan2", torch.atan2, low=0.5, high=2.0)


@atan2_op.gradient
def _atan2_rule(node: Any, dz: Any) -> tuple[Tensor, Tensor]:
    y, x = node.inputs
    with elementwise.after(dz):
        scaled = dz / (exponents.square(x) + exponents.square(y))
        gy, gx = x * scaled, -y * scaled
    if elementwise.same_static_shape(y, x, dz):
        return gy, gx
    # TF 1.15 leaves broadcast gradients as they are, which have a wrong shape; here they are summed.
    to_y, to_x = elementwise.static_reductions(y, x, dz)
    return to_y(gy), to_x(gx)


@export("sin", v2=("sin",))
def sin(x: Any, name: str | None = None) -> Tensor:
    """The sine of each element, in radians."""
    return sin_op(x, name=name)


@export("cos", v2=("cos",))
def cos(x: Any, name: str | None = None) -> Tensor:
    """The cosine of each element, in radians."""
    return cos_op(x, name=name)


@export("tan", v2=("tan",))
def tan(x: Any, name: str | None = None) -> Tensor:
    """The tangent of each element, in radians."""
    return tan_op(x, name=name)


@export("asin", v2=("asin",))
def asin(x: Any, name: str | None = None) -> Tensor:
    """The angle in [-pi/2, pi/2] whose sine is x."""
    return asin_op(x, name=name)


@export("acos", v2=("acos",))
def acos(x: Any, name: str | None = None) -> Tensor:
    """The angle in [0, pi] whose cosine is x."""
    return acos_op(x, name=name)


@export("atan", v2=("atan",))
def atan(x: Any, name: str | None = None) -> Tensor:
    """The angle in (-pi/2, pi/2) whose tangent is x."""
    return atan_op(x, name=name)


@export("atan2", v2=("atan2",))
def atan2(y: Any, x: Any, name: str | None = None) -> Tensor:
    """The angle in [-pi, pi] of the point (x, y)."""
    return atan2_op(y, x, name=name)


@export("sinh", v2=("sinh",))
def sinh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic sine of each element."""
    return sinh_op(x, name=name)


@export("cosh", v2=("cosh",))
def cosh(x: Any, name: str | None = None) -> Tensor:
    """The hyperbolic cosine of each element."""
    return cosh_op(x, name=name)


@export("asinh", v2=("asinh",))
def asinh(x: Any, name: str | None = None) -> Tensor:
    """The inverse of sinh."""
    return asinh_op(x, name=name)


@export("acosh", v2=("acosh",))
def acosh(x: Any, name: str | None = None) -> Tensor:
    """The inverse of cosh, for x >= 1."""
    return acosh_op(x, name=name)


@export("atanh", v2=("atanh",))
def atanh(x: Any, name: str | None = None) -> Tensor:
    """The inverse of tanh, for |x| < 1."""
    return atanh_op(x, name=name)
