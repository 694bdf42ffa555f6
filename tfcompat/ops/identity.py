"""Ops that pass their input on: identity, stop_gradient, prevent_gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, op
from tfcompat.framework.samples import Sample, real, sample
from tfcompat.framework.shape_rules import no_outputs, unchanged
from tfcompat.framework.tensor import Tensor


def _same(input: Any) -> Any:
    return input


def _pass_gradient(node: Any, dy: Tensor) -> Tensor:
    return dy


identity_op = op("Identity", alias=True)(unchanged)
identity_op.kernel(_same)
identity_op.gradient(_pass_gradient)

ref_identity_op = op("RefIdentity", alias=True)(unchanged)
ref_identity_op.kernel(_same)
ref_identity_op.gradient(_pass_gradient)


@op("IdentityN", alias=True)
def identity_n_op(c: Any) -> Any:
    return list(c.shapes)


@identity_n_op.kernel
def _identity_n(input: list[Any]) -> list[Any]:
    return input


@identity_n_op.gradient
def _identity_n_grad(node: Any, *dys: Tensor) -> list[Tensor]:
    return list(dys)


stop_gradient_op = op("StopGradient", alias=True)(unchanged)
stop_gradient_op.kernel(_same)
stop_gradient_op.gradient(NOT_DIFFERENTIABLE)

prevent_gradient_op = op("PreventGradient", alias=True)(unchanged)
prevent_gradient_op.kernel(_same)


@prevent_gradient_op.gradient
def _prevented(node: Any, dy: Tensor) -> Any:
    raise LookupError(f"Gradient explicitly disabled. Reason: {node.get_attr('message')!r}")


no_op_op = op("NoOp")(no_outputs)
no_op_op.kernel(lambda: None)
no_op_op.gradient(NOT_DIFFERENTIABLE)


@identity_op.samples
@ref_identity_op.samples
@stop_gradient_op.samples
def _samples() -> Iterator[Sample]:
    yield sample(real(2, 3))
    yield sample(real())


@identity_n_op.samples
def _identity_n_samples() -> Iterator[Sample]:
    yield sample([real(2), real(3, 1)])


@export("identity")
def identity(input: Any, name: str | None = None) -> Tensor:
    """A tensor with the same shape and contents as `input`."""
    return identity_op(input, name=name)


@export("identity_n")
def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """Each tensor of a list, passed on together."""
    return identity_n_op(input, name=name)


@export("stop_gradient")
def stop_gradient(input: Any, name: str | None = None) -> Tensor:
    """`input`, treated as a constant by gradients."""
    return stop_gradient_op(input, name=name)


def prevent_gradient(input: Any, message: str = "", name: str | None = None) -> Tensor:
    """`input`; asking for a gradient through it raises LookupError with `message`."""
    return prevent_gradient_op(input, message=message, name=name)


@export("no_op")
def no_op(name: str | None = None) -> Any:
    """A node that does nothing; useful for what it depends on."""
    return no_op_op(name=name)

