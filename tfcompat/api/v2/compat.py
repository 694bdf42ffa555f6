"""Public names of `tf.compat.v2.compat`; written by tools/generate_api.py."""

from tfcompat.framework.compat_strings import (
    as_bytes as as_bytes,
    as_text as as_str,
    as_str_any as as_str_any,
    as_text as as_text,
    bytes_or_text_types as bytes_or_text_types,
    complex_types as complex_types,
    forward_compatibility_horizon as forward_compatibility_horizon,
    forward_compatible as forward_compatible,
    integral_types as integral_types,
    path_to_str as path_to_str,
    real_types as real_types,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.shapes import dimension_at_index as dimension_at_index, dimension_value as dimension_value

__all__ = [
    "as_bytes",
    "as_str",
    "as_str_any",
    "as_text",
    "bytes_or_text_types",
    "complex_types",
    "dimension_at_index",
    "dimension_value",
    "forward_compatibility_horizon",
    "forward_compatible",
    "integral_types",
    "path_to_str",
    "real_types",
]

LAZY = {
    "v1": "tfcompat.api.v1",
    "v2": "tfcompat.api.v2",
}
__getattr__ = _namespace_getattr("tf.compat.v2.compat", LAZY)
