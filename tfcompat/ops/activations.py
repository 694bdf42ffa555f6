"""Activation functions: relu and its relatives, each with its *Grad op and the gradient of that.

Source: TF 1.15, core/kernels/relu_op_functor.h, softplus_op.h, softsign_op.h; python/ops/nn_grad.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.op import KernelContext, Op, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import merged, unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, comparison, elementwise, exponents, families, own_gradient, shapes

aten = torch.ops.aten

# lambda and lambda * alpha of self-normalizing networks.
_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_SCALE_ALPHA = 1.7580993408473768599402175208123
# Beyond this, log(1 + exp(x)) is x in float64 too, and exp(x) is still finite in float32.
_SOFTPLUS_IS_IDENTITY = 40.0


def _activation(op_type: str, kernel: Callable[..., Any], gradient: Any) -> Op:
    made = families.numeric(op(op_type)(unchanged), kernel)
    made.gradient(gradient)

    def samples() -> Iterator[Sample]:
        # Away from 0 and 6, where the derivatives of some of these jump.
        yield sample(real(3, 4, low=-2.5, high=2.5, distinct=True))
        yield sample(real(3, 4, low=3.1, high=9.0, distinct=True))
        yield sample(real(low=0.5, high=2.0))
        yield sample(real(0, 3))

    made.samples(samples)
    return made


def _activation_grad(op_type: str, kernel: Callable[..., Any], gradient: Any) -> Op:
    """An op of (gradients, features or outputs)."""
    made = families.numeric(op(op_type)(merged), kernel)
    made.gradient(gradient)

    def samples() -> Iterator[Sample]:
        yield sample(real(3, 4), real(3, 4, low=-2.5, high=2.5, distinct=True))
        yield sample(real(2, 4), real(2, 4, low=3.1, high=9.0, distinct=True))

    made.samples(samples)
    return made


def _zeros_of(x: Tensor) -> Tensor:
    return shapes.zeros(shapes.shape(x), dtype=x.dtype)


# --- relu ----------------------------------------------------------------------------------------------------------


def _relu_grad(gradients: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    return aten.threshold_backward(gradients, features, 0)  # type: ignore[no-any-return]


def _relu6(features: torch.Tensor) -> torch.Tensor:
    return torch.clamp(features, 0, 6)


def _relu6_grad(gradients: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    if features.is_floating_point():
        return aten.hardtanh_backward(gradients, features, 0, 6)  # type: ignore[no-any-return]
    return gradients * ((features > 0) & (features < 6))


relu_op = _activation("Relu", torch.relu, lambda node, dy: relu_grad_op(dy, node.outputs[0]))
relu_grad_op = _activation_grad(
    "ReluGrad", _relu_grad, lambda node, dy: (relu_grad_op(dy, node.inputs[1]), _zeros_of(node.inputs[1]))
)
relu6_op = _activation("Relu6", _relu6, lambda node, dy: relu6_grad_op(dy, node.outputs[0]))
relu6_grad_op = _activation_grad(
    "Relu6Grad", _relu6_grad, lambda node, dy: (relu6_grad_op(dy, node.inputs[1]), _zeros_of(node.inputs[1]))
)

leaky_relu_op = op("LeakyRelu")(unchanged)


def _in_type(alpha: float, dtype: torch.dtype) -> float:
    """The attr as TF's kernels have it: a float32 that is converted to the features' type."""
    return float(torch.tensor(alpha, dtype=torch.float32).to(dtype))


@leaky_relu_op.kernel
def _leaky_relu(features: torch.Tensor, *, alpha: float) -> torch.Tensor:
    return aten.leaky_relu(features, _in_type(alpha, features.dtype))  # type: ignore[no-any-return]


@leaky_relu_op.builder
def _build_leaky_relu(c: KernelContext) -> Callable[[torch.Tensor], torch.Tensor]:
    alpha = _in_type(c.attrs["alpha"], c.attrs["T"].torch)
    return lambda features: aten.leaky_relu(features, alpha)


@leaky_relu_op.gradient
def _leaky_relu_gradient(node: Any, dy: Tensor) -> Tensor:
    return leaky_relu_grad_op(dy, node.inputs[0], alpha=node.get_attr("alpha"))


leaky_relu_grad_op = op("LeakyReluGrad")(merged)


@leaky_relu_grad_op.kernel
def _leaky_relu_grad(gradients: torch.Tensor, features: torch.Tensor, *, alpha: float) -> torch.Tensor:
    slope = _in_type(alpha, features.dtype)
    return aten.leaky_relu_backward(gradients, features, slope, False)  # type: ignore[no-any-return]


@leaky_relu_grad_op.builder
def _build_leaky_relu_grad(c: KernelContext) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    alpha = _in_type(c.attrs["alpha"], c.attrs["T"].torch)
    return lambda gradients, features: aten.leaky_relu_backward(gradients, features, alpha, False)


@leaky_relu_grad_op.gradient
def _leaky_relu_grad_gradient(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    x = node.inputs[1]
    return leaky_relu_grad_op(dy, x, alpha=node.get_attr("alpha")), _zeros_of(x)


@leaky_relu_op.samples
def _leaky_relu_samples() -> Iterator[Sample]:
    yield sample(real(3, 4, distinct=True))
    yield sample(real(3, 4, distinct=True), alpha=1.5)
    yield sample(real(2, 4, distinct=True), alpha=-0.5)


@leaky_relu_grad_op.samples
def _leaky_relu_grad_samples() -> Iterator[Sample]:
    yield sample(real(3, 4), real(3, 4, distinct=True), alpha=0.3)


# --- exponential units ---------------------------------------------------------------------------------------------


def _elu_grad(gradients: torch.Tensor, outputs: torch.Tensor) -> torch.Tensor:
    return aten.elu_backward(gradients, 1.0, 1.0, 1.0, True, outputs)  # type: ignore[no-any-return]


def _selu_grad(gradients: torch.Tensor, outputs: torch.Tensor) -> torch.Tensor:
    # Not torch's: at an output of exactly 0 TF takes the slope of the right side.
    return torch.where(outputs < 0, gradients * (outputs + _SELU_SCALE_ALPHA), gradients * _SELU_SCALE)


def _exponential_unit_grad_gradient(own: Callable[[], Op]) -> Callable[[Any, Tensor], tuple[Tensor, Tensor]]:
    """Below 0 the op is gradients * (outputs + constant)."""

    def rule(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
        gradients, outputs = node.inputs
        return own()(dy, outputs), comparison.select_op(outputs < 0.0, dy * gradients, shapes.zeros_like(outputs))

    return rule


elu_op = _activation("Elu", aten.elu, lambda node, dy: elu_grad_op(dy, node.outputs[0]))
elu_grad_op = _activation_grad("EluGrad", _elu_grad, _exponential_unit_grad_gradient(lambda: elu_grad_op))
selu_op = _activation("Selu", torch.selu, lambda node, dy: selu_grad_op(dy, node.outputs[0]))
selu_grad_op = _activation_grad("SeluGrad", _selu_grad, _exponential_unit_grad_gradient(lambda: selu_grad_op))


# --- softplus, softsign --------------------------------------------------------------------------------------------


def _softplus(features: torch.Tensor) -> torch.Tensor:
    return aten.softplus(features, 1, _SOFTPLUS_IS_IDENTITY)  # type: ignore[no-any-return]


def _softplus_grad(gradients: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    return gradients / (torch.exp(-features) + 1)


def _softplus_grad_gradient(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    gradients, x = node.inputs
    with elementwise.after(dy):
        by_gradients = softplus_grad_op(dy, x)
        by_x = dy * gradients / (exponents.exp(-x) + 2.0 + exponents.exp(x))
        return by_gradients, by_x


softplus_op = _activation("Softplus", _softplus, lambda node, dy: dy * exponents.sigmoid(node.inputs[0]))
softplus_grad_op = _activation_grad("SoftplusGrad", _softplus_grad, _softplus_grad_gradient)


def _softsign(features: torch.Tensor) -> torch.Tensor:
    return features / (features.abs() + 1)


def _softsign_grad(gradients: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
    return gradients / (features.abs() + 1).square_()


def _softsign_grad_gradient(node: Any, dy: Tensor) -> tuple[Tensor, Tensor]:
    # d/dx (1 + |x|)**-2 = -2 sign(x) (1 + |x|)**-3 = -2 sign(x) softsign_grad(1, x) / (1 + |x|)
    gradients, x = node.inputs
    by_gradients = softsign_grad_op(dy, x)
    slope = elementwise.sign_op(x) / (elementwise.abs_op(x) + 1.0)
    return by_gradients, -2.0 * gradients * by_gradients * slope


softsign_op = _activation("Softsign", _softsign, lambda node, dy: softsign_grad_op(dy, node.inputs[0]))
softsign_grad_op = _activation_grad("SoftsignGrad", _softsign_grad, _softsign_grad_gradient)


# --- public names --------------------------------------------------------------------------------------------------


@export("nn.relu")
def relu(features: Any, name: str | None = None) -> Tensor:
    """max(features, 0)."""
    return relu_op(features, name=name)


@export("nn.relu6")
def relu6(features: Any, name: str | None = None) -> Tensor:
    """min(max(features, 0), 6)."""
    with name_scope(name, "Relu6", [features]) as name:
        features = conversion.to_tensor(features, name="features")
        return relu6_op(features, name=name)


@export("nn.leaky_relu")
def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Tensor:
    """`features` where positive, else `alpha * features`; integers become float32."""
    with name_scope(name, "LeakyRelu", [features, alpha]) as name:
        features = conversion.to_tensor(features, name="features")
        if features.dtype.is_integer:
            features = casting.cast(features, dtypes.float32)
        if isinstance(alpha, np.ndarray):
            alpha = alpha.item()
        return leaky_relu_op(features, alpha=alpha, name=name)


@export("nn.crelu")
def crelu(features: Any, name: str | None = None, axis: int = -1) -> Tensor:
    """relu of `features` and of `-features`, joined along `axis`."""
    with name_scope(name, "CRelu", [features]) as name:
        features = conversion.to_tensor(features, name="features")
        return relu_op(arrays.concat([features, -features], axis, name=name))


@export(v2=("nn.crelu",))
def crelu_v2(features: Any, axis: int = -1, name: str | None = None) -> Tensor:
    """relu of `features` and of `-features`, joined along `axis`."""
    return crelu(features, name=name, axis=axis)


@export("nn.elu")
def elu(features: Any, name: str | None = None) -> Tensor:
    """`features` where not negative, else exp(features) - 1."""
    return elu_op(features, name=name)


@export("nn.selu")
def selu(features: Any, name: str | None = None) -> Tensor:
    """Scaled elu: scale * features where not negative, else scale * alpha * (exp(features) - 1)."""
    return selu_op(features, name=name)


@export("nn.softplus")
def softplus(features: Any, name: str | None = None) -> Tensor:
    """log(1 + exp(features))."""
    return softplus_op(features, name=name)


@export("nn.softsign")
def softsign(features: Any, name: str | None = None) -> Tensor:
    """features / (1 + |features|)."""
    return softsign_op(features, name=name)


def _swish_rule(sources: Sequence[Tensor], dy: Tensor) -> list[Tensor]:
    (x,) = sources
    # The sigmoid is computed again, so that it need not be kept from the forward pass on.
    with elementwise.after(dy):
        gate = exponents.sigmoid(x)
    return [dy * (gate * (1.0 + x * (1.0 - gate)))]


own_gradient.declare_rule("CustomGradient-swish", 1, _swish_rule)


@export("nn.swish", v2=("nn.swish",))
def swish(features: Any) -> Tensor:
    """features * sigmoid(features)."""
    features = conversion.to_tensor(features, name="features")
    return own_gradient.with_rule("CustomGradient-swish", [features * exponents.sigmoid(features)], [features])[0]
