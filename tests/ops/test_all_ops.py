"""What holds for every op: shape rule, dtype, memory, gradient, and the gradient's gradient, driven by its samples."""

from __future__ import annotations

import pathlib

import pytest

import tfcompat.ops  # noqa: F401  declares the ops
from tests.ops import op_checks
from tfcompat.framework.op import OPS, Op
from tfcompat.framework.samples import Sample

WITHOUT_SAMPLES = pathlib.Path(__file__).with_name("data") / "ops_without_samples.txt"


def _declared() -> list[Op]:
    return [OPS[k] for k in sorted(OPS) if OPS[k].kernel_fn is not None or OPS[k].build_fn is not None]


CASES = [
    pytest.param(op, sample, id=f"{op.type}-{i}")
    for op in _declared()
    if op.samples_fn is not None and op_checks.unusable(op) is None
    for i, sample in enumerate(op.samples_fn())
]
DIFFERENTIABLE = [p for p in CASES if op_checks.has_rule(p.values[0])]


@pytest.mark.parametrize("known", op_checks.SHAPES)
@pytest.mark.parametrize("op, sample", CASES)
def test_claims_before_the_run_hold_in_it(op: Op, sample: Sample, known: str) -> None:
    op_checks.check_shape_and_dtype(op, sample, known)


@pytest.mark.parametrize("op, sample", CASES)
def test_inputs_are_left_alone_and_sharing_is_declared(op: Op, sample: Sample) -> None:
    op_checks.check_memory(op, sample)


@pytest.mark.parametrize("op, sample", DIFFERENTIABLE)
def test_gradient_matches_differences(op: Op, sample: Sample) -> None:
    op_checks.check_gradient(op, sample)


@pytest.mark.parametrize("op, sample", [p for p in DIFFERENTIABLE if p.values[1].second_order])
def test_second_gradient_matches_differences(op: Op, sample: Sample) -> None:
    op_checks.check_gradient(op, sample, second=True)


@pytest.mark.parametrize("op, sample", [p for p in CASES if not p.values[1].second_order])
def test_leaving_out_the_second_order_has_a_reason(op: Op, sample: Sample) -> None:
    assert sample.note


def test_every_op_says_whether_it_is_differentiable_or_has_samples() -> None:
    """The list of ops without samples may only shrink: a new op brings samples, and one that got them leaves it."""
    listed = {line for line in WITHOUT_SAMPLES.read_text().split("\n") if line}
    missing = {op.type for op in _declared() if op.samples_fn is None}
    assert missing - listed == set(), "ops without samples"
    assert listed - missing == set(), "listed as without samples, but they have some (or are gone): take them off"
