"""Public names of `tf.compat.v2.debugging`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.checks import assert_proper_iterable as assert_proper_iterable
from tfcompat.ops.numerics import assert_all_finite as assert_all_finite, check_numerics as check_numerics

__all__ = [
    "assert_all_finite",
    "assert_proper_iterable",
    "check_numerics",
]

__getattr__ = _namespace_getattr("tf.compat.v2.debugging")
