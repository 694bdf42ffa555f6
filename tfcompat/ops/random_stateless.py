"""Random numbers that are functions of a seed tensor: the same seed gives the same numbers.

Source: TF 1.15, core/ops/stateless_random_ops.cc, python/ops/stateless_random_ops.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tfcompat.framework import dtypes
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import from_shape_input, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import elementwise, philox
from tfcompat.ops.random import as_float, check_dims, samples_shape, shape_tensor, uniform_arguments


def _check_seed_shape(c: ShapeContext, i: int) -> None:
    (length,) = with_rank(c.shape(i), 1)
    if length not in (None, 2):
        raise ShapeError(f"Dimension must be 2 but is {length}")


def _stateless_shape(c: ShapeContext) -> Shape:
    _check_seed_shape(c, 1)
    return from_shape_input(0)(c)


def _seed(seed: Any) -> list[int]:
    if not isinstance(seed, list) or len(seed) != 2:
        found = [len(seed)] if isinstance(seed, list) else []
        raise InvalidArgumentError(None, None, f"seed must have shape [2], not {found}")
    return seed


def _filling_op(op_type: str, draw: Callable[..., torch.Tensor]) -> Op:
    made = op(op_type, host=("shape", "seed"))(_stateless_shape)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.kernel
    def kernel(shape: Any, seed: Any, *, dtype: Any, device: Any) -> torch.Tensor:
        return draw(check_dims(shape), _seed(seed), dtype.torch, device)

    return made


stateless_random_uniform_op = _filling_op("StatelessRandomUniform", philox.stateless_random_uniform)
stateless_random_normal_op = _filling_op("StatelessRandomNormal", philox.stateless_random_normal)
stateless_truncated_normal_op = _filling_op("StatelessTruncatedNormal", philox.stateless_truncated_normal)


@op("StatelessRandomUniformInt", host=("shape", "seed", "minval", "maxval"))
def stateless_random_uniform_int_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(2), 0)
    with_rank(c.shape(3), 0)
    return _stateless_shape(c)


@stateless_random_uniform_int_op.kernel
def _uniform_int(shape: Any, seed: Any, minval: int, maxval: int, *, dtype: Any, device: Any) -> torch.Tensor:
    return philox.stateless_random_uniform_int(check_dims(shape), _seed(seed), minval, maxval, dtype.torch, device)


stateless_random_uniform_int_op.gradient(NOT_DIFFERENTIABLE)


@op("StatelessMultinomial", host=("num_samples", "seed"))
def stateless_multinomial_op(c: ShapeContext) -> Shape:
    _check_seed_shape(c, 2)
    return samples_shape(c)


@stateless_multinomial_op.kernel
def _multinomial(logits: Any, num_samples: int, seed: Any, *, output_dtype: Any) -> torch.Tensor:
    return philox.stateless_multinomial(as_float(logits), num_samples, _seed(seed), output_dtype.torch)


stateless_multinomial_op.gradient(NOT_DIFFERENTIABLE)


@export("random.stateless_uniform", v2=("random.stateless_uniform",))
def stateless_random_uniform(
    shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """Uniform numbers in [minval, maxval), a function of the two seeds.

    Raises: ValueError for a type without such numbers, or without maxval for integers.
    """
    dtype, maxval = uniform_arguments(dtype, maxval)
    with name_scope(name, "stateless_random_uniform", [shape, seed, minval, maxval]) as scope:
        shape = shape_tensor(shape)
        minval = to_tensor(minval, dtype, name="min")
        maxval = to_tensor(maxval, dtype, name="max")
        if dtype.is_integer:
            return stateless_random_uniform_int_op(shape, seed, minval, maxval, name=scope)  # type: ignore[no-any-return]
        drawn = stateless_random_uniform_op(shape, seed, dtype=dtype)
        return elementwise.add(drawn * (maxval - minval), minval, name=scope)


@export("random.stateless_normal", v2=("random.stateless_normal",))
def stateless_random_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """Normal numbers, a function of the two seeds."""
    return _scaled(stateless_random_normal_op, "stateless_random_normal", shape, seed, mean, stddev, dtype, name)


@export("random.stateless_truncated_normal", v2=("random.stateless_truncated_normal",))
def stateless_truncated_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = dtypes.float32, name: str | None = None
) -> Tensor:
    """Normal numbers within two standard deviations of the mean, a function of the two seeds."""
    return _scaled(stateless_truncated_normal_op, "stateless_truncated_normal", shape, seed, mean, stddev, dtype, name)


def _scaled(
    drawing: Op, default_name: str, shape: Any, seed: Any, mean: Any, stddev: Any, dtype: Any, name: str | None
) -> Tensor:
    dtype = dtypes.as_dtype(dtype)
    with name_scope(name, default_name, [shape, seed, mean, stddev]) as scope:
        shape = shape_tensor(shape)
        mean = to_tensor(mean, dtype, name="mean")
        stddev = to_tensor(stddev, dtype, name="stddev")
        drawn = drawing(shape, seed, dtype=dtype)
        return elementwise.add(drawn * stddev, mean, name=scope)


@export("random.stateless_multinomial")
def stateless_multinomial(
    logits: Any, num_samples: Any, seed: Any, output_dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """Class numbers drawn from rows of logits, a function of the two seeds. Now `stateless_categorical`."""
    with name_scope(name, "stateless_multinomial", [logits, seed]):
        return _draw_classes(logits, num_samples, output_dtype, seed)


@export("random.stateless_categorical", v2=("random.stateless_categorical",))
def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """Class numbers drawn from rows of logits, a function of the two seeds.

    Shapes: logits [batch, classes] -> [batch, num_samples].
    """
    with name_scope(name, "stateless_categorical", [logits, seed]):
        return _draw_classes(logits, num_samples, dtype, seed)


def _draw_classes(logits: Any, num_samples: Any, dtype: Any, seed: Any) -> Tensor:
    logits = to_tensor(logits, name="logits")
    return stateless_multinomial_op(logits, num_samples, seed, output_dtype=dtype)  # type: ignore[no-any-return]
