"""Public names of `tf.compat.v2.data.experimental`; written by tools/generate_api.py."""

from tfcompat.data.dataset import (
    AUTOTUNE as AUTOTUNE,
    from_variant as from_variant,
    get_structure as get_structure,
    to_variant as to_variant,
)
from tfcompat.data.experimental import (
    Reducer as Reducer,
    bucket_by_sequence_length as bucket_by_sequence_length,
    cardinality as cardinality,
    copy_to_device as copy_to_device,
    dense_to_sparse_batch as dense_to_sparse_batch,
    enumerate_dataset as enumerate_dataset,
    get_single_element as get_single_element,
    group_by_reducer as group_by_reducer,
    group_by_window as group_by_window,
    ignore_errors as ignore_errors,
    map_and_batch as map_and_batch,
    parallel_interleave as parallel_interleave,
    prefetch_to_device as prefetch_to_device,
    scan as scan,
    shuffle_and_repeat as shuffle_and_repeat,
    take_while as take_while,
    unbatch as unbatch,
    unique as unique,
)
from tfcompat.data.iterating import get_next_as_optional as get_next_as_optional
from tfcompat.data.optional import Optional as Optional
from tfcompat.data.resampling import rejection_resample as rejection_resample
from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = [
    "AUTOTUNE",
    "Optional",
    "Reducer",
    "bucket_by_sequence_length",
    "cardinality",
    "copy_to_device",
    "dense_to_sparse_batch",
    "enumerate_dataset",
    "from_variant",
    "get_next_as_optional",
    "get_single_element",
    "get_structure",
    "group_by_reducer",
    "group_by_window",
    "ignore_errors",
    "map_and_batch",
    "parallel_interleave",
    "prefetch_to_device",
    "rejection_resample",
    "scan",
    "shuffle_and_repeat",
    "take_while",
    "to_variant",
    "unbatch",
    "unique",
]

__getattr__ = _namespace_getattr("tf.compat.v2.data.experimental")
