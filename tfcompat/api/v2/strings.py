"""Public names of `tf.compat.v2.strings`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.ops.printing import string_format as format
from tfcompat.ops.string_join import string_join as join
from tfcompat.ops.string_numbers import (
    as_string as as_string,
    string_to_hash_bucket_v2 as to_hash_bucket,
    string_to_hash_bucket_fast as to_hash_bucket_fast,
    string_to_hash_bucket_strong as to_hash_bucket_strong,
    string_to_number_v2 as to_number,
)
from tfcompat.ops.strings import (
    string_length_v2 as length,
    string_lower as lower,
    reduce_join_v2 as reduce_join,
    regex_full_match as regex_full_match,
    regex_replace as regex_replace,
    string_strip as strip,
    substr_v2 as substr,
    unsorted_segment_join as unsorted_segment_join,
    string_upper as upper,
)
from tfcompat.ops.unicode_strings import unicode_transcode as unicode_transcode

__all__ = [
    "as_string",
    "format",
    "join",
    "length",
    "lower",
    "reduce_join",
    "regex_full_match",
    "regex_replace",
    "strip",
    "substr",
    "to_hash_bucket",
    "to_hash_bucket_fast",
    "to_hash_bucket_strong",
    "to_number",
    "unicode_transcode",
    "unsorted_segment_join",
    "upper",
]

__getattr__ = _namespace_getattr("tf.compat.v2.strings")
