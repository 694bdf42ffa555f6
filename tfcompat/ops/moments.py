"""Means and variances, and normalizing by them: moments, batch_normalization, l2_normalize and their relatives.

Source: TF 1.15, python/ops/nn_impl.py; the nodes are the same.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    casting,
    comparison,
    control_flow,
    elementwise,
    exponents,
    gathering,
    identity,
    reductions,
    shapes,
)
from tfcompat.ops.batch_norm import fused_batch_norm_v3_op
from tfcompat.ops.constants import constant

renamed = shapes.renamed_argument


def _keep(keepdims: Any, keep_dims: Any) -> bool:
    found = renamed("keepdims", keepdims, "keep_dims", keep_dims)
    return False if found is None else found  # type: ignore[no-any-return]


# --- statistics ----------------------------------------------------------------------------------------------------


@export("nn.sufficient_statistics")
def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keep_dims: Any = None, name: str | None = None, keepdims: Any = None
) -> tuple[Tensor, Tensor, Tensor, Any]:
    """Count, sum and sum of squares of `x - shift` over `axes`, and the shift: what `normalize_moments` needs."""
    axes = list(set(axes))
    keep = _keep(keepdims, keep_dims)
    with name_scope(name, "sufficient_statistics", [x, shift]):
        x = conversion.to_tensor(x, name="x")
        dims = x._dims
        if dims is not None and all(dims[d] is not None for d in axes):
            number = 1
            for d in axes:
                number *= dims[d]
            counts = constant(number, dtype=x.dtype)
        else:
            sizes = gathering.gather(casting.cast(shapes.shape(x), x.dtype), axes)
            counts = reductions.reduce_prod(sizes, name="count")
        if shift is not None:
            shift = conversion.to_tensor(shift, name="shift")
            first = elementwise.subtract(x, shift)
            second = elementwise.squared_difference(x, shift)
        else:
            first = x
            second = exponents.square(x)
        first = reductions.reduce_sum(first, axes, keepdims=keep, name="mean_ss")
        second = reductions.reduce_sum(second, axes, keepdims=keep, name="var_ss")
    return counts, first, second, shift


@export(v2=("nn.sufficient_statistics",))
def sufficient_statistics_v2(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Any]:
    """Count, sum and sum of squares of `x - shift` over `axes`, and the shift."""
    return sufficient_statistics(x, axes, shift, keepdims, name)


@export("nn.normalize_moments", v2=("nn.normalize_moments",))
def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance from sufficient statistics."""
    with name_scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = exponents.reciprocal(counts, name="divisor")
        if shift is not None:
            shifted = elementwise.multiply(mean_ss, divisor, name="shifted_mean")
            mean = elementwise.add(shifted, shift, name="mean")
        else:
            shifted = elementwise.multiply(mean_ss, divisor, name="mean")
            mean = shifted
        variance = elementwise.subtract(
            elementwise.multiply(variance_ss, divisor), exponents.square(shifted), name="variance"
        )
    return mean, variance


@export("nn.moments")
def moments(
    x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: Any = None, keepdims: Any = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes` (`shift` is accepted and not used, as in TF)."""
    keep = _keep(keepdims, keep_dims)
    with name_scope(name, "moments", [x, axes]):
        half = x.dtype == dtypes.float16
        y = casting.cast(x, dtypes.float32) if half else x
        mean = reductions.reduce_mean(y, axes, keepdims=True, name="mean")
        spread = elementwise.squared_difference(y, identity.stop_gradient(mean))
        variance = reductions.reduce_mean(spread, axes, keepdims=True, name="variance")
        if not keep:
            mean = shapes.squeeze(mean, axes)
            variance = shapes.squeeze(variance, axes)
        if half:
            return casting.cast(mean, dtypes.float16), casting.cast(variance, dtypes.float16)
        return mean, variance


@export(v2=("nn.moments",))
def moments_v2(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes`."""
    return moments(x, axes, shift, name, keepdims)


@export("nn.weighted_moments")
def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, name: str | None = None, keep_dims: Any = None, keepdims: Any = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes`, each element counted as often as its weight says."""
    keep = _keep(keepdims, keep_dims)
    with name_scope(name, "weighted_moments", [x, frequency_weights, axes]):
        x = conversion.to_tensor(x, name="x")
        weights = conversion.to_tensor(frequency_weights, name="frequency_weights")
        half = x.dtype is dtypes.float16
        if half:
            x = casting.cast(x, dtypes.float32)
        if weights.dtype is not x.dtype:
            weights = casting.cast(weights, x.dtype)
        total = reductions.reduce_sum(weights * x, axes, name="weighted_input_sum", keepdims=True)
        everywhere = weights + shapes.zeros_like(x)
        whole = reductions.reduce_sum(everywhere, axes, name="sum_of_weights", keepdims=True)
        divisor = exponents.reciprocal(whole, name="inv_weight_sum")
        mean = elementwise.multiply(total, divisor)
        squares = reductions.reduce_sum(
            weights * elementwise.squared_difference(x, mean), axes, name="weighted_distsq", keepdims=True
        )
        variance = elementwise.multiply(squares, divisor)
        if not keep:
            mean = shapes.squeeze(mean, axis=axes)
            variance = shapes.squeeze(variance, axis=axes)
        if half:
            mean = casting.cast(mean, dtypes.float16)
            variance = casting.cast(variance, dtypes.float16)
        return mean, variance


@export(v2=("nn.weighted_moments",))
def weighted_moments_v2(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and variance over `axes`, each element counted as often as its weight says."""
    return weighted_moments(x, axes, frequency_weights, name, keepdims)


# --- batch normalization -------------------------------------------------------------------------------------------


@export("nn.batch_normalization", v2=("nn.batch_normalization",))
def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any, name: str | None = None
) -> Tensor:
    """scale * (x - mean) / sqrt(variance + variance_epsilon) + offset; scale and offset may be None."""
    with name_scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        factor = exponents.rsqrt(variance + variance_epsilon)
        if scale is not None:
            factor *= scale
        # Two roundings of factor, to the type of x and not: TF computes it so.
        scaled = x * casting.cast(factor, x.dtype)
        return scaled + casting.cast(offset - mean * factor if offset is not None else -mean * factor, x.dtype)


@export("nn.fused_batch_norm")
def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Batch normalization in one op: (normalized x, batch mean, Bessel-corrected batch variance).

    Shapes: x [batch, height, width, channels] (NCHW: channels second); the others [channels].
    Raises: ValueError when training is given statistics.
    """
    x = conversion.to_tensor(x, name="input")
    scale = conversion.to_tensor(scale, name="scale")
    offset = conversion.to_tensor(offset, name="offset")
    if is_training and (mean is not None or variance is not None):
        raise ValueError("Both 'mean' and 'variance' must be None if is_training is True.")
    if mean is None:
        mean = constant([])
    if variance is None:
        variance = constant([])
    # What cuDNN accepts at least.
    epsilon = max(epsilon, 1.001e-5)
    y, batch_mean, batch_variance, *_ = fused_batch_norm_v3_op(
        x,
        scale,
        offset,
        mean,
        variance,
        epsilon=epsilon,
        data_format=data_format,
        is_training=is_training,
        name=name,
    )
    return y, batch_mean, batch_variance


@export("nn.batch_norm_with_global_normalization")
def batch_norm_with_global_normalization(
    t: Any = None,
    m: Any = None,
    v: Any = None,
    beta: Any = None,
    gamma: Any = None,
    variance_epsilon: Any = None,
    scale_after_normalization: bool | None = None,
    name: str | None = None,
    input: Any = None,
    mean: Any = None,
    variance: Any = None,
) -> Tensor:
    """batch_normalization under its old name; gamma counts only with scale_after_normalization.

    `input`, `mean` and `variance` are the newer names of `t`, `m` and `v`.
    """
    t = renamed("input", input, "t", t)
    m = renamed("mean", mean, "m", m)
    v = renamed("variance", variance, "v", v)
    return batch_normalization(t, m, v, beta, gamma if scale_after_normalization else None, variance_epsilon, name)


@export(v2=("nn.batch_norm_with_global_normalization",))
def batch_norm_with_global_normalization_v2(
    input: Any,
    mean: Any,
    variance: Any,
    beta: Any,
    gamma: Any,
    variance_epsilon: Any,
    scale_after_normalization: bool,
    name: str | None = None,
) -> Tensor:
    """batch_normalization under its old name; gamma counts only with scale_after_normalization."""
    return batch_norm_with_global_normalization(
        input, mean, variance, beta, gamma, variance_epsilon, scale_after_normalization, name
    )


# --- other normalizations ------------------------------------------------------------------------------------------


@export("math.l2_normalize", "linalg.l2_normalize", "nn.l2_normalize")
def l2_normalize(x: Any, axis: Any = None, epsilon: Any = 1e-12, name: str | None = None, dim: Any = None) -> Tensor:
    """x / sqrt(max(sum(x ** 2), epsilon)) along `axis` (old name: dim)."""
    axis = renamed("axis", axis, "dim", dim)
    return l2_normalize_v2(x, axis, epsilon, name)


@export(v2=("math.l2_normalize", "linalg.l2_normalize", "nn.l2_normalize"))
def l2_normalize_v2(x: Any, axis: Any = None, epsilon: Any = 1e-12, name: str | None = None) -> Tensor:
    """x / sqrt(max(sum(x ** 2), epsilon)) along `axis`."""
    with name_scope(name, "l2_normalize", [x]) as name:
        x = conversion.to_tensor(x, name="x")
        energy = reductions.reduce_sum(exponents.square(x), axis, keepdims=True)
        factor = exponents.rsqrt(elementwise.maximum(energy, epsilon))
        return elementwise.multiply(x, factor, name=name)


def _nonzeros(value: Tensor, dtype: Any) -> Tensor:
    with name_scope("count_nonzero", values=[value]):
        zero = shapes.zeros([], dtype=value.dtype)
        return reductions.reduce_sum(casting.cast(comparison.not_equal(value, zero), dtype=dtype), name="nonzero_count")


@export("math.zero_fraction", "nn.zero_fraction", v2=("math.zero_fraction", "nn.zero_fraction"))
def zero_fraction(value: Any, name: str | None = None) -> Tensor:
    """How large a part of the elements of `value` is zero, as float32."""
    with name_scope(name, "zero_fraction", [value]):
        value = conversion.to_tensor(value, name="value")
        size = shapes.size(value, out_type=dtypes.int64)
        # Counting in int32 is faster where it suffices.
        nonzero = control_flow.cond(
            size <= dtypes.int32.max,
            true_fn=lambda: casting.cast(_nonzeros(value, dtypes.int32), dtype=dtypes.int64),
            false_fn=lambda: _nonzeros(value, dtypes.int64),
        )
        with name_scope("counts_to_fraction"):
            zeros = casting.cast(size - nonzero, dtype=dtypes.float32)
            whole = casting.cast(size, dtype=dtypes.float32)
            fraction = zeros / whole
        return identity.identity(fraction, "fraction")
