"""Public names of `tf.data.experimental`; written by tools/generate_api.py."""

from tfcompat.data.csv import CsvDatasetV1 as CsvDataset, make_csv_dataset as make_csv_dataset
from tfcompat.data.dataset import (
    AUTOTUNE as AUTOTUNE,
    DatasetSpec as DatasetStructure,
    from_variant as from_variant,
    get_structure as get_structure,
    to_variant as to_variant,
)
from tfcompat.data.experimental import (
    Counter as Counter,
    INFINITE as INFINITE_CARDINALITY,
    RandomDatasetV1 as RandomDataset,
    Reducer as Reducer,
    UNKNOWN as UNKNOWN_CARDINALITY,
    bucket_by_sequence_length as bucket_by_sequence_length,
    cardinality as cardinality,
    choose_from_datasets as choose_from_datasets,
    copy_to_device as copy_to_device,
    dense_to_sparse_batch as dense_to_sparse_batch,
    enumerate_dataset as enumerate_dataset,
    get_single_element as get_single_element,
    group_by_reducer as group_by_reducer,
    group_by_window as group_by_window,
    ignore_errors as ignore_errors,
    map_and_batch as map_and_batch,
    map_and_batch_with_legacy_function as map_and_batch_with_legacy_function,
    parallel_interleave as parallel_interleave,
    prefetch_to_device as prefetch_to_device,
    sample_from_datasets as sample_from_datasets,
    scan as scan,
    shuffle_and_repeat as shuffle_and_repeat,
    take_while as take_while,
    unbatch as unbatch,
    unique as unique,
)
from tfcompat.data.iterating import get_next_as_optional as get_next_as_optional
from tfcompat.data.optional import Optional as Optional, OptionalSpec as OptionalStructure
from tfcompat.data.options import (
    DistributeOptions as DistributeOptions,
    MapVectorizationOptions as MapVectorizationOptions,
    OptimizationOptions as OptimizationOptions,
    StatsOptions as StatsOptions,
    ThreadingOptions as ThreadingOptions,
)
from tfcompat.data.resampling import rejection_resample as rejection_resample
from tfcompat.data.structure import _SparseTensorStructure as SparseTensorStructure, _TensorStructure as TensorStructure
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.type_spec import TypeSpec as Structure

__all__ = [
    "AUTOTUNE",
    "Counter",
    "CsvDataset",
    "DatasetStructure",
    "DistributeOptions",
    "INFINITE_CARDINALITY",
    "MapVectorizationOptions",
    "OptimizationOptions",
    "Optional",
    "OptionalStructure",
    "RandomDataset",
    "Reducer",
    "SparseTensorStructure",
    "StatsOptions",
    "Structure",
    "TensorStructure",
    "ThreadingOptions",
    "UNKNOWN_CARDINALITY",
    "bucket_by_sequence_length",
    "cardinality",
    "choose_from_datasets",
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
    "make_csv_dataset",
    "map_and_batch",
    "map_and_batch_with_legacy_function",
    "parallel_interleave",
    "prefetch_to_device",
    "rejection_resample",
    "sample_from_datasets",
    "scan",
    "shuffle_and_repeat",
    "take_while",
    "to_variant",
    "unbatch",
    "unique",
]

__getattr__ = _namespace_getattr("tf.data.experimental")
