"""Random numbers whose state is a variable (three int64), which each draw moves on.

Source: TF 1.15, core/kernels/stateful_random_ops.cc. The numbers are in ops/philox.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tfcompat.framework.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, op
from tfcompat.framework.shape_rules import from_shape_input, no_outputs
from tfcompat.ops import philox
from tfcompat.ops.random import check_dims

_PHILOX = 1  # the only algorithm that TF 1.15 has
Draw = Callable[..., tuple[torch.Tensor, list[int]]]


def _state(cell: Any) -> list[int]:
    """The state in a variable, checked."""
    tensor = getattr(cell, "tensor", None)
    if tensor is None:
        if not hasattr(cell, "tensor"):
            raise NotFoundError(None, None, "the generator's state is a variable; another resource was given")
        raise FailedPreconditionError(None, None, f"the generator's state {cell.name} is not initialized")
    if tensor.dtype is not torch.int64:
        raise InvalidArgumentError(None, None, f"dtype of RNG state variable must be int64, not {tensor.dtype}")
    if tensor.ndim != 1:
        raise InvalidArgumentError(None, None, f"RNG state must have one and only one dimension, not {tensor.ndim}")
    if tensor.numel() < 3:
        raise InvalidArgumentError(
            None, None, f"For the Philox algorithm, the size of state must be at least 3; got {tensor.numel()}"
        )
    return tensor.tolist()  # type: ignore[no-any-return]


def _move(cell: Any, before: list[int], after: list[int]) -> None:
    cell.assign(torch.tensor([*after, *before[3:]], dtype=torch.int64, device=cell.tensor.device))


def _check_algorithm(algorithm: Any) -> None:
    if isinstance(algorithm, list):
        raise InvalidArgumentError(None, None, "algorithm must be of shape [], not a vector")
    if algorithm != _PHILOX:
        raise InvalidArgumentError(None, None, f"Unsupported algorithm id: {algorithm}")


def _drawing_op(op_type: str, draw: Draw, at: int = 2, host: tuple[str, ...] = ()) -> Op:
    """An op (resource, algorithm, shape, more...); `at` is the place of the shape."""
    made = op(op_type, host=("algorithm", "shape", *host), writes=("resource",))(from_shape_input(at))
    made.gradient(NOT_DIFFERENTIABLE)

    def run(cell: Any, shape: Any, more: tuple[Any, ...], dtype: Any) -> torch.Tensor:
        before = _state(cell)
        with cell.lock:
            try:
                drawn, after = draw(before, check_dims(shape), *more, dtype=dtype.torch)
            except TypeError as cause:
                raise InvalidArgumentError(None, None, str(cause)) from cause
            _move(cell, before, after)
        return drawn

    if at == 1:

        @made.kernel
        def kernel(resource: Any, shape: Any, *, dtype: Any, device: Any) -> torch.Tensor:
            return run(resource, shape, (), dtype).to(device)
    else:

        @made.kernel
        def kernel_with_algorithm(
            resource: Any, algorithm: Any, shape: Any, *more: Any, dtype: Any, device: Any
        ) -> torch.Tensor:
            _check_algorithm(algorithm)
            return run(resource, shape, more, dtype).to(device)

    return made


stateful_uniform_op = _drawing_op("StatefulUniform", philox.stateful_uniform)
stateful_uniform_full_int_op = _drawing_op("StatefulUniformFullInt", philox.stateful_uniform_full_int)
stateful_uniform_int_op = _drawing_op("StatefulUniformInt", philox.stateful_uniform_int, host=("minval", "maxval"))
stateful_standard_normal_op = _drawing_op("StatefulStandardNormal", philox.stateful_standard_normal, at=1)
stateful_standard_normal_v2_op = _drawing_op("StatefulStandardNormalV2", philox.stateful_standard_normal)
stateful_truncated_normal_op = _drawing_op("StatefulTruncatedNormal", philox.stateful_truncated_normal)
stateful_random_binomial_op = _drawing_op("StatefulRandomBinomial", philox.stateful_random_binomial)


rng_skip_op = op("RngSkip", host=("algorithm", "delta"), writes=("resource",))(no_outputs)
rng_skip_op.gradient(NOT_DIFFERENTIABLE)


@rng_skip_op.kernel
def _rng_skip(resource: Any, algorithm: Any, delta: Any) -> None:
    _check_algorithm(algorithm)
    before = _state(resource)
    with resource.lock:
        _move(resource, before, philox.rng_skip(before, int(delta)))


non_deterministic_ints_op = op("NonDeterministicInts", host=("shape",))(from_shape_input(0))
non_deterministic_ints_op.gradient(NOT_DIFFERENTIABLE)


@non_deterministic_ints_op.kernel
def _non_deterministic_ints(shape: Any, *, dtype: Any, device: Any) -> torch.Tensor:
    try:
        return philox.non_deterministic_ints(check_dims(shape), dtype.torch).to(device)
    except TypeError as cause:
        raise InvalidArgumentError(None, None, str(cause)) from cause
