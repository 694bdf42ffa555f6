"""Random numbers: ops that keep a generator in the session, and the functions of tf.random over them.

Each node has a Philox generator of its own in each session, started from the node's two seeds; with seeds the numbers
are TensorFlow 1.15's, bit for bit.
Source: TF 1.15, core/ops/random_ops.cc, core/kernels/random_op.cc, python/ops/random_ops.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, seeds, stacks
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import at_most_rank, broadcast_binary, from_shape_input, unchanged, with_rank
from tfcompat.framework.shapes import Dimension
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    assertions,
    comparison,
    control,
    elementwise,
    philox,
    ranges,
    reductions,
    shapes,
    slicing,
)
from tfcompat.ops.random_gamma_gradient import gamma_derivative

RANDOM_UNIFORM_TYPES = (
    dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64,
)  # fmt: skip


def generator(c: KernelContext) -> philox.PhiloxState:
    """The node's generator in this session, started from its seeds."""
    return c.session.node_state(c.node, lambda: philox.PhiloxState(c.attrs["seed"], c.attrs["seed2"]))  # type: ignore[no-any-return]


def check_dims(shape: Any) -> list[int]:
    """A shape input, checked. Raises InvalidArgumentError for a shape that is no vector, or has negative entries."""
    if not isinstance(shape, list) or any(isinstance(d, list) for d in shape):
        found = list(np.shape(shape))
        raise InvalidArgumentError(
            None, None, f"shape must be a vector of {{int32,int64}}, got shape {str(found).replace(' ', '')}"
        )
    for d in shape:
        if d < 0:
            raise InvalidArgumentError(None, None, f"Dimension {d} must be >= 0")
    return shape


def _shape_from_input(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 1)
    value = c.value(0)
    if value is not None and value.ndim == 1:
        for d in value.tolist():
            if d < 0:
                raise ShapeError(f"Invalid value in tensor used for shape: {d}")
    return from_shape_input(0)(c)


def _filling_op(op_type: str, draw: Callable[..., torch.Tensor]) -> Op:
    """An op of one input, the shape, that fills a tensor of its dtype."""
    made = op(op_type, host=("shape",))(_shape_from_input)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.builder
    def build(c: KernelContext) -> Callable[[Any], torch.Tensor]:
        state, dtype, device = generator(c), c.attrs["dtype"].torch, c.device
        fixed = c.constants.get(0)
        if fixed is not None and isinstance(fixed, list) and all(type(d) is int and d >= 0 for d in fixed):
            return lambda shape: draw(state, fixed, dtype, device)
        return lambda shape: draw(state, check_dims(shape), dtype, device)

    return made


random_uniform_op = _filling_op("RandomUniform", philox.random_uniform)
random_standard_normal_op = _filling_op("RandomStandardNormal", philox.random_standard_normal)
truncated_normal_op = _filling_op("TruncatedNormal", philox.truncated_normal)


@op("RandomUniformInt", host=("shape", "minval", "maxval"))
def random_uniform_int_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0)
    with_rank(c.shape(2), 0)
    return _shape_from_input(c)


@random_uniform_int_op.builder
def _build_uniform_int(c: KernelContext) -> Callable[..., torch.Tensor]:
    state, dtype, device = generator(c), c.attrs["Tout"].torch, c.device

    def draw(shape: Any, minval: Any, maxval: Any) -> torch.Tensor:
        return philox.random_uniform_int(state, check_dims(shape), minval, maxval, dtype, device)

    return draw


random_uniform_int_op.gradient(NOT_DIFFERENTIABLE)


@op("ParameterizedTruncatedNormal", host=("shape",))
def parameterized_truncated_normal_op(c: ShapeContext) -> Shape:
    for i in range(1, 5):
        at_most_rank(c.shape(i), 1)
    return _shape_from_input(c)


@parameterized_truncated_normal_op.builder
def _build_parameterized(c: KernelContext) -> Callable[..., torch.Tensor]:
    state = generator(c)

    def draw(shape: Any, means: Any, stdevs: Any, minvals: Any, maxvals: Any) -> torch.Tensor:
        return philox.parameterized_truncated_normal(state, check_dims(shape), means, stdevs, minvals, maxvals)

    return draw


parameterized_truncated_normal_op.gradient(NOT_DIFFERENTIABLE)


def samples_shape(c: ShapeContext) -> Shape:
    """[rows of the logits, number of samples]."""
    rows = with_rank(c.shape(0), 2)[0]
    with_rank(c.shape(1), 0)
    count = c.value(1)
    if count is None:
        return (rows, None)
    if int(count) < 0:
        raise ShapeError(f"Dimension size, given by scalar input 1, must be non-negative but is {int(count)}")
    return (rows, int(count))


multinomial_op = op("Multinomial", host=("num_samples",))(samples_shape)
multinomial_op.gradient(NOT_DIFFERENTIABLE)


@multinomial_op.builder
def _build_multinomial(c: KernelContext) -> Callable[..., torch.Tensor]:
    state, dtype = generator(c), c.attrs["output_dtype"].torch
    return lambda logits, num_samples: philox.multinomial(state, as_float(logits), num_samples, dtype)


def as_float(logits: torch.Tensor) -> torch.Tensor:
    """Logits of an integer type as float64, which holds what TensorFlow computes with."""
    return logits if logits.is_floating_point() else logits.double()


random_shuffle_op = op("RandomShuffle", alias=True)(unchanged)


@random_shuffle_op.builder
def _build_shuffle(c: KernelContext) -> Callable[[Any], Any]:
    state = generator(c)

    def shuffle(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return philox.random_shuffle(state, value)
        if value.size <= 1 or value.shape[0] <= 1:
            return value
        return value[philox.shuffle_permutation(state, value.shape[0]).numpy()]

    return shuffle


def _per_parameter_shape(c: ShapeContext) -> Shape:
    """The shape input, then the shape of the parameter."""
    outer, inner = _shape_from_input(c), c.shape(1)
    return None if outer is None or inner is None else outer + inner


random_gamma_op = op("RandomGamma", host=("shape",))(_per_parameter_shape)


@random_gamma_op.builder
def _build_gamma(c: KernelContext) -> Callable[..., torch.Tensor]:
    state = generator(c)

    def draw(shape: Any, alpha: torch.Tensor) -> torch.Tensor:
        if alpha.numel() == 0:
            return alpha.new_empty((*check_dims(shape), *alpha.shape))
        return philox.random_gamma(state, check_dims(shape), alpha)

    return draw


@random_gamma_op.gradient
def _random_gamma_grad(node: Any, dy: Tensor) -> tuple[None, Tensor]:
    # Implicit differentiation of the sample with respect to alpha, summed over the samples of each alpha.
    shape, alpha = node.inputs
    with stacks.get_default_graph().control_dependencies([dy]):
        outer = shapes.shape(shape)[0]
        new_shape = arrays.concat([shapes.ones([outer], dtype=dtypes.int32), shapes.shape(alpha)], axis=0)
        partial = random_gamma_grad_op(shapes.reshape(alpha, new_shape), node.outputs[0])
        return None, reductions.reduce_sum(dy * partial, axis=ranges.range(outer))


random_gamma_grad_op = op("RandomGammaGrad")(broadcast_binary)
random_gamma_grad_op.kernel(lambda alpha, sample: gamma_derivative(alpha, sample))


def _poisson_op(op_type: str, dtype_attr: str) -> Op:
    made = op(op_type, host=("shape",))(_per_parameter_shape)
    made.gradient(NOT_DIFFERENTIABLE)

    @made.builder
    def build(c: KernelContext) -> Callable[..., torch.Tensor]:
        state, dtype = generator(c), c.attrs[dtype_attr].torch
        return lambda shape, rate: philox.random_poisson(state, check_dims(shape), rate, dtype)

    return made


random_poisson_op = _poisson_op("RandomPoisson", "dtype")
random_poisson_v2_op = _poisson_op("RandomPoissonV2", "dtype")


# --- public functions ------------------------------------------------------------------------------------------


@export("set_random_seed", "random.set_random_seed")
def set_random_seed(seed: int | None) -> None:
    """Sets the default graph's seed: ops without a seed of their own then get one from it and from their place."""
    stacks.get_default_graph().seed = seed


@export("get_seed", "random.get_seed")
def get_seed(op_seed: int | None) -> tuple[int, int] | tuple[None, None]:
    """The two seeds an op made now is given, from the graph's seed and the op's own."""
    return seeds.graph_op_seeds(stacks.get_default_graph(), op_seed)


def shape_tensor(shape: Any) -> Tensor:
    """A shape argument as a tensor named `shape`; an empty list is an int32 vector."""
    dtype = None
    if isinstance(shape, (list, tuple)):
        if not shape:
            dtype = dtypes.int32
        else:
            shape = tuple(d.value if isinstance(d, Dimension) else d for d in shape)
    return to_tensor(shape, dtype, name="shape")


@export("random_uniform", "random.uniform", v2=("random.uniform",))
def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Uniform numbers in [minval, maxval); maxval is 1 by default for floating types, and must be given for integers.

    Raises: ValueError for another type, or without maxval for integers.
    """
    dtype, maxval = uniform_arguments(dtype, maxval)
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as scope:
        shape = shape_tensor(shape)
        minval = to_tensor(minval, dtype, name="min")
        maxval = to_tensor(maxval, dtype, name="max")
        seed1, seed2 = get_seed(seed)
        if dtype.is_integer:
            return random_uniform_int_op(shape, minval, maxval, seed=seed1, seed2=seed2, name=scope)  # type: ignore[no-any-return]
        drawn = random_uniform_op(shape, dtype=dtype, seed=seed1, seed2=seed2)
        return elementwise.add(drawn * (maxval - minval), minval, name=scope)


def uniform_arguments(dtype: Any, maxval: Any) -> tuple[Any, Any]:
    """dtype and upper bound of uniform numbers, checked."""
    dtype = dtypes.as_dtype(dtype)
    if dtype not in RANDOM_UNIFORM_TYPES:
        raise ValueError(f"Invalid dtype {dtype!r}")
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    return dtype, maxval


@export("random_normal", "random.normal", v2=("random.normal",))
def random_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers of the given mean and standard deviation."""
    return _scaled(random_standard_normal_op, "random_normal", shape, mean, stddev, dtype, seed, name)


@export("truncated_normal", "random.truncated_normal", v2=("random.truncated_normal",))
def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers, drawn again while they are two standard deviations or more from the mean."""
    return _scaled(truncated_normal_op, "truncated_normal", shape, mean, stddev, dtype, seed, name)


def _scaled(
    drawing: Op, default_name: str, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: int | None, name: str | None
) -> Tensor:
    dtype = dtypes.as_dtype(dtype)
    with name_scope(name, default_name, [shape, mean, stddev]) as scope:
        shape = shape_tensor(shape)
        mean = to_tensor(mean, dtype, name="mean")
        stddev = to_tensor(stddev, dtype, name="stddev")
        seed1, seed2 = get_seed(seed)
        drawn = drawing(shape, dtype=dtype, seed=seed1, seed2=seed2)
        return elementwise.add(drawn * stddev, mean, name=scope)


def parameterized_truncated_normal(
    shape: Any,
    means: Any = 0.0,
    stddevs: Any = 1.0,
    minvals: Any = -2.0,
    maxvals: Any = 2.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers within bounds; each parameter is a scalar or a vector with one entry per row."""
    dtype = dtypes.as_dtype(dtype)
    with name_scope(name, "parameterized_truncated_normal", [shape, means, stddevs, minvals, maxvals]):
        shape = shape_tensor(shape)
        parameters = [
            to_tensor(value, dtype, name=label)
            for label, value in (("means", means), ("stddevs", stddevs), ("minvals", minvals), ("maxvals", maxvals))
        ]
        seed1, seed2 = get_seed(seed)
        return parameterized_truncated_normal_op(shape, *parameters, seed=seed1, seed2=seed2)  # type: ignore[no-any-return]


@export("random_shuffle", "random.shuffle", v2=("random.shuffle",))
def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """`value` with the order of its first dimension shuffled."""
    seed1, seed2 = get_seed(seed)
    return random_shuffle_op(value, seed=seed1, seed2=seed2, name=name)  # type: ignore[no-any-return]


@export("random_crop", "image.random_crop", v2=("image.random_crop",))
def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """A piece of `value` of the given size, from a random place.

    Raises: InvalidArgumentError when a dimension of value is smaller than the size.
    """
    with name_scope(name, "random_crop", [value, size]) as scope:
        value = to_tensor(value, name="value")
        size = to_tensor(size, dtypes.int32, name="size")
        shape = shapes.shape(value)
        check = assertions.Assert(
            reductions.reduce_all(comparison.greater_equal(shape, size)),
            ["Need value.shape >= size, got ", shape, size],
            summarize=1000,
        )
        shape = control.with_dependencies([check], shape)
        limit = shape - size + 1
        offset = random_uniform(shapes.shape(shape), dtype=size.dtype, maxval=size.dtype.max, seed=seed) % limit
        return slicing.slice(value, offset, size, name=scope)


@export("multinomial", "random.multinomial")
def multinomial(
    logits: Any, num_samples: Any, seed: int | None = None, name: str | None = None, output_dtype: Any = None
) -> Tensor:
    """Class numbers drawn from rows of unnormalised log-probabilities. Deprecated name of `tf.random.categorical`.

    Shapes: logits [batch, classes] -> [batch, num_samples].
    """
    with name_scope(name, "multinomial", [logits]):
        return _draw_classes(logits, num_samples, output_dtype, seed)


@export("random.categorical", v2=("random.categorical",))
def categorical(
    logits: Any, num_samples: Any, dtype: Any = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Class numbers drawn from rows of unnormalised log-probabilities.

    Shapes: logits [batch, classes] -> [batch, num_samples].
    """
    with name_scope(name, "categorical", [logits]):
        return _draw_classes(logits, num_samples, dtype, seed)


def _draw_classes(logits: Any, num_samples: Any, dtype: Any, seed: int | None) -> Tensor:
    logits = to_tensor(logits, name="logits")
    seed1, seed2 = get_seed(seed)
    return multinomial_op(logits, num_samples, seed=seed1, seed2=seed2, output_dtype=dtype)  # type: ignore[no-any-return]


@export("random_gamma", "random.gamma", v2=("random.gamma",))
def random_gamma(
    shape: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Gamma-distributed numbers of shape parameter alpha and rate beta, `shape` of them for each pair.

    Shapes: -> shape + the broadcast shape of alpha and beta.
    """
    dtype = dtypes.as_dtype(dtype)
    with name_scope(name, "random_gamma", [v for v in (shape, alpha, beta) if v is not None]):
        shape = to_tensor(shape, dtypes.int32, name="shape")
        alpha = to_tensor(alpha, dtype, name="alpha")
        beta = to_tensor(1 if beta is None else beta, dtype, name="beta")
        alpha = alpha + shapes.zeros_like(beta)
        seed1, seed2 = get_seed(seed)
        tiny = np.finfo(alpha.dtype.as_numpy_dtype).tiny
        return elementwise.maximum(tiny, random_gamma_op(shape, alpha, seed=seed1, seed2=seed2) / beta)


@export("random_poisson", "random.poisson")
def random_poisson(
    lam: Any, shape: Any, dtype: Any = dtypes.float32, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Poisson-distributed numbers of rate lam, `shape` of them for each rate.

    Shapes: -> shape + lam.shape.
    """
    return random_poisson_v2(shape, lam, dtype, seed, name)


@export(v2=("random.poisson",))
def random_poisson_v2(
    shape: Any, lam: Any, dtype: Any = dtypes.float32, seed: int | None = None, name: str | None = None
) -> Tensor:
    """TF 2's argument order of `random_poisson`."""
    with name_scope(name, "random_poisson", [lam, shape]):
        shape = to_tensor(shape, dtypes.int32, name="shape")
        seed1, seed2 = get_seed(seed)
        return random_poisson_v2_op(shape, lam, dtype=dtype, seed=seed1, seed2=seed2)  # type: ignore[no-any-return]
