"""Public names of `tf.compat.v2.math`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.accumulation import accumulate_n as accumulate_n
from tfcompat.ops.casting import angle as angle, conj as conj, imag_part as imag, real_part as real
from tfcompat.ops.comparison import (
    is_finite as is_finite,
    is_inf as is_inf,
    is_nan as is_nan,
    logical_xor as logical_xor,
)
from tfcompat.ops.elementwise import (
    ceil as ceil,
    divide_no_nan as divide_no_nan,
    floormod as floormod,
    multiply_no_nan as multiply_no_nan,
    nextafter as nextafter,
    polyval as polyval,
    reciprocal_no_nan as reciprocal_no_nan,
    rint as rint,
    squared_difference as squared_difference,
    xdivy as xdivy,
    xlogy as xlogy,
)
from tfcompat.ops.exponents import (
    expm1 as expm1,
    log as log,
    log1p as log1p,
    log_sigmoid as log_sigmoid,
    reciprocal as reciprocal,
    rsqrt as rsqrt,
)
from tfcompat.ops.histograms import bincount_v2 as bincount
from tfcompat.ops.reductions import (
    reduce_euclidean_norm as reduce_euclidean_norm,
    reduce_std as reduce_std,
    reduce_variance as reduce_variance,
)
from tfcompat.ops.reductions_v2 import count_nonzero as count_nonzero
from tfcompat.ops.scans import cumprod as cumprod, cumulative_logsumexp as cumulative_logsumexp
from tfcompat.ops.segments import (
    segment_max as segment_max,
    segment_mean as segment_mean,
    segment_min as segment_min,
    segment_prod as segment_prod,
    segment_sum as segment_sum,
    unsorted_segment_max as unsorted_segment_max,
    unsorted_segment_mean as unsorted_segment_mean,
    unsorted_segment_min as unsorted_segment_min,
    unsorted_segment_prod as unsorted_segment_prod,
    unsorted_segment_sqrt_n as unsorted_segment_sqrt_n,
    unsorted_segment_sum as unsorted_segment_sum,
)

__all__ = [
    "accumulate_n",
    "angle",
    "bincount",
    "ceil",
    "conj",
    "count_nonzero",
    "cumprod",
    "cumulative_logsumexp",
    "divide_no_nan",
    "expm1",
    "floormod",
    "imag",
    "is_finite",
    "is_inf",
    "is_nan",
    "log",
    "log1p",
    "log_sigmoid",
    "logical_xor",
    "multiply_no_nan",
    "nextafter",
    "polyval",
    "real",
    "reciprocal",
    "reciprocal_no_nan",
    "reduce_euclidean_norm",
    "reduce_std",
    "reduce_variance",
    "rint",
    "rsqrt",
    "segment_max",
    "segment_mean",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "squared_difference",
    "unsorted_segment_max",
    "unsorted_segment_mean",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sqrt_n",
    "unsorted_segment_sum",
    "xdivy",
    "xlogy",
]

__getattr__ = _namespace_getattr("tf.compat.v2.math")
