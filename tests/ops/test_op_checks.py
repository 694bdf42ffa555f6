"""The checks are checked: each of them must see an error that is planted for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch

import tfcompat.ops  # noqa: F401  declares the ops
from tests.ops import op_checks
from tfcompat.framework.op import OPS, Op
from tfcompat.framework.samples import real, sample


@contextlib.contextmanager
def planted(op: Op, **changes: Any) -> Iterator[None]:
    """The op with some of its parts replaced; no builder may go around a planted kernel."""
    if "kernel_fn" in changes:
        changes.setdefault("build_fn", None)
    before = {k: getattr(op, k) for k in changes}
    for k, v in changes.items():
        setattr(op, k, v)
    try:
        yield
    finally:
        for k, v in before.items():
            setattr(op, k, v)


EXP = sample(real(2, 3))


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    op = OPS["Exp"]
    for known in op_checks.SHAPES:
        op_checks.check_shape_and_dtype(op, EXP, known)
    op_checks.check_memory(op, EXP)
    assert op_checks.check_gradient(op, EXP)
    assert op_checks.check_gradient(op, EXP, second=True)


@pytest.mark.parametrize("wrong", [(3, 2), (2, None, 3), (2, 4)])
def test_a_wrong_shape_is_seen(wrong: Any) -> None:
    with planted(OPS["Exp"], shape_fn=lambda c: wrong), pytest.raises(AssertionError, match="claims"):
        op_checks.check_shape_and_dtype(OPS["Exp"], EXP, "known")


def test_a_shape_that_claims_more_than_it_knows_is_seen() -> None:
    rule = OPS["Exp"].shape_fn
    with (
        planted(OPS["Exp"], shape_fn=lambda c: (9,) if c.shape(0) is None else rule(c)),
        pytest.raises(AssertionError, match="claims"),
    ):
        op_checks.check_shape_and_dtype(OPS["Exp"], EXP, "unknown")


def test_a_wrong_dtype_is_seen() -> None:
    with planted(OPS["Exp"], kernel_fn=lambda x: torch.exp(x).float()), pytest.raises(AssertionError, match="float32"):
        op_checks.check_shape_and_dtype(OPS["Exp"], EXP, "known")


def test_a_changed_input_is_seen() -> None:
    with planted(OPS["Exp"], kernel_fn=lambda x: x.exp_().clone()), pytest.raises(AssertionError, match="was changed"):
        op_checks.check_memory(OPS["Exp"], EXP)


def test_undeclared_sharing_is_seen() -> None:
    with planted(OPS["Exp"], kernel_fn=lambda x: x.view(2, 3)), pytest.raises(AssertionError, match="shares memory"):
        op_checks.check_memory(OPS["Exp"], EXP)


@pytest.mark.parametrize(
    "rule",
    [
        lambda node, dy: dy,
        lambda node, dy: -dy * node.outputs[0],
        lambda node, dy: dy * node.outputs[0] * 1.0001,
        lambda node, dy: None,
    ],
    ids=["identity", "sign", "a ten-thousandth", "none"],
)
def test_a_wrong_gradient_is_seen(rule: Any) -> None:
    with planted(OPS["Exp"], gradient_fn=rule), pytest.raises(AssertionError, match="derivative"):
        op_checks.check_gradient(OPS["Exp"], EXP)


def test_a_right_gradient_with_a_wrong_derivative_is_seen() -> None:
    """The value is right, but stop_gradient cuts the path of the second derivative."""
    from tfcompat.ops.identity import stop_gradient

    with (
        planted(OPS["Exp"], gradient_fn=lambda node, dy: dy * stop_gradient(node.outputs[0])),
        pytest.raises(AssertionError, match="second order"),
    ):
        assert op_checks.check_gradient(OPS["Exp"], EXP)
        op_checks.check_gradient(OPS["Exp"], EXP, second=True)
