"""Public names of `tf.compat.v2.math`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.accumulation import accumulate_n as accumulate_n
from tfcompat.ops.casting import angle as angle, conj as conj, imag_part as imag, real_part as real
from tfcompat.ops.checks import is_non_decreasing as is_non_decreasing, is_strictly_increasing as is_strictly_increasing
from tfcompat.ops.comparison import (
    is_finite as is_finite,
    is_inf as is_inf,
    is_nan as is_nan,
    logical_xor as logical_xor,
)
from tfcompat.ops.confusion_matrix import confusion_matrix as confusion_matrix
from tfcompat.ops.elementwise import (
    ceil as ceil,
    divide_no_nan as divide_no_nan,
    floordiv as floordiv,
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
from tfcompat.ops.moments import l2_normalize_v2 as l2_normalize, zero_fraction as zero_fraction
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
from tfcompat.ops.special import (
    bessel_i0 as bessel_i0,
    bessel_i0e as bessel_i0e,
    bessel_i1 as bessel_i1,
    bessel_i1e as bessel_i1e,
    betainc as betainc,
    digamma as digamma,
    erf as erf,
    erfc as erfc,
    igamma as igamma,
    igammac as igammac,
    lbeta as lbeta,
    lgamma as lgamma,
    polygamma as polygamma,
    zeta as zeta,
)
from tfcompat.ops.topk import in_top_k_v2 as in_top_k, top_k as top_k

__all__ = [
    "accumulate_n",
    "angle",
    "bessel_i0",
    "bessel_i0e",
    "bessel_i1",
    "bessel_i1e",
    "betainc",
    "bincount",
    "ceil",
    "confusion_matrix",
    "conj",
    "count_nonzero",
    "cumprod",
    "cumulative_logsumexp",
    "digamma",
    "divide_no_nan",
    "erf",
    "erfc",
    "expm1",
    "floordiv",
    "floormod",
    "igamma",
    "igammac",
    "imag",
    "in_top_k",
    "is_finite",
    "is_inf",
    "is_nan",
    "is_non_decreasing",
    "is_strictly_increasing",
    "l2_normalize",
    "lbeta",
    "lgamma",
    "log",
    "log1p",
    "log_sigmoid",
    "logical_xor",
    "multiply_no_nan",
    "nextafter",
    "polygamma",
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
    "top_k",
    "unsorted_segment_max",
    "unsorted_segment_mean",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sqrt_n",
    "unsorted_segment_sum",
    "xdivy",
    "xlogy",
    "zero_fraction",
    "zeta",
]

__getattr__ = _namespace_getattr("tf.compat.v2.math")
