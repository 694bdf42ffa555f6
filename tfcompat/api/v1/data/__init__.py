"""Public names of `tf.data`; written by tools/generate_api.py."""

from tfcompat.data.dataset import (
    DatasetV1 as Dataset,
    DatasetSpec as DatasetSpec,
    get_legacy_output_classes as get_output_classes,
    get_legacy_output_shapes as get_output_shapes,
    get_legacy_output_types as get_output_types,
    make_initializable_iterator as make_initializable_iterator,
    make_one_shot_iterator as make_one_shot_iterator,
)
from tfcompat.data.iterating import Iterator as Iterator
from tfcompat.data.options import Options as Options, ThreadingOptions as ThreadingOptions
from tfcompat.data.readers import (
    FixedLengthRecordDatasetV1 as FixedLengthRecordDataset,
    TFRecordDatasetV1 as TFRecordDataset,
    TextLineDatasetV1 as TextLineDataset,
)
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.api.v1.data import experimental as experimental

__all__ = [
    "Dataset",
    "DatasetSpec",
    "FixedLengthRecordDataset",
    "Iterator",
    "Options",
    "TFRecordDataset",
    "TextLineDataset",
    "ThreadingOptions",
    "experimental",
    "get_output_classes",
    "get_output_shapes",
    "get_output_types",
    "make_initializable_iterator",
    "make_one_shot_iterator",
]

__getattr__ = _namespace_getattr("tf.data")
