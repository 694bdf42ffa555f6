"""Datasets of files: TextLineDataset, TFRecordDataset, FixedLengthRecordDataset.

Source: TF 1.15, python/data/ops/readers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.data import dataset_ops as ops
from tfcompat.data import structure
from tfcompat.data.dataset import (
    AUTOTUNE,
    DatasetV1Adapter,
    DatasetV2,
    NodeDataset,
    get_legacy_output_shapes,
    get_legacy_output_types,
    int64,
    setting,
    trace_dataset,
)
from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.ops import shapes

_BUFFER_BYTES = 256 * 1024


def _scalar_string() -> TensorSpec:
    return TensorSpec([], dtypes.string)


def _compression(kind: Any) -> Any:
    return setting("compression_type", kind, "", dtypes.string)


def parallel_interleave_dataset(
    source: Any,
    map_func: Any,
    cycle_length: Any,
    block_length: Any,
    sloppy: Any,
    buffer_output_elements: Any,
    prefetch_input_elements: Any,
) -> NodeDataset:
    """The node of `parallel_interleave`. Raises TypeError when `map_func` gives no dataset."""
    name = "tf.data.experimental.parallel_interleave()"
    traced, spec = trace_dataset(map_func, name, source.element_spec, "`map_func` must return a `Dataset` object.")
    settings = [
        int64(cycle_length, "cycle_length"),
        int64(block_length, "block_length"),
        conversion.convert_to_tensor(sloppy, dtype=dtypes.bool, name="sloppy"),
        setting("buffer_output_elements", buffer_output_elements, 2 * block_length),
        setting("prefetch_input_elements", prefetch_input_elements, 2 * cycle_length),
    ]
    made = ops.parallel_interleave_dataset_op(
        source._variant_tensor, traced.captured, *settings, f=traced.graph, **structure.flat_attrs(spec)
    )
    return NodeDataset(made, spec, [source], [traced])


def _names(filenames: Any) -> Any:
    if isinstance(filenames, DatasetV2):
        if get_legacy_output_types(filenames) != dtypes.string:
            raise TypeError("`filenames` must be a `tf.data.Dataset` of `tf.string` elements.")
        if not get_legacy_output_shapes(filenames).is_compatible_with(TensorShape([])):
            raise TypeError("`filenames` must be a `tf.data.Dataset` of scalar `tf.string` elements.")
        return filenames
    names = conversion.convert_to_tensor(filenames, dtype=dtypes.string)
    return DatasetV2.from_tensor_slices(shapes.reshape(names, [-1], name="flat_filenames"))


class _FilesDataset(DatasetV1Adapter):
    """What all datasets of files share: one file's records after another's, or several files read at once."""

    def __init__(self, filenames: Any, read: Callable[[Any], NodeDataset], num_parallel_reads: Any) -> None:
        self._filenames = names = _names(filenames)
        self._num_parallel_reads = num_parallel_reads

        def read_one_file(filename: Any) -> NodeDataset:
            return read(conversion.convert_to_tensor(filename, dtypes.string, name="filename"))

        if num_parallel_reads is None:
            made = names.flat_map(read_one_file)
        elif num_parallel_reads == AUTOTUNE:
            made = names.interleave(read_one_file, num_parallel_calls=num_parallel_reads)
        else:
            made = parallel_interleave_dataset(names, read_one_file, num_parallel_reads, 1, False, None, None)
        super().__init__(made)


@export("data.TextLineDataset")
class TextLineDatasetV1(_FilesDataset):
    """The lines of text files, without their ends."""

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None
    ) -> None:
        def read(name: Any) -> NodeDataset:
            size = _compression(compression_type), setting("buffer_size", buffer_size, _BUFFER_BYTES)
            return NodeDataset(ops.text_line_dataset_op(name, *size), _scalar_string())

        super().__init__(filenames, read, num_parallel_reads)


@export("data.TFRecordDataset")
class TFRecordDatasetV1(_FilesDataset):
    """The records of TFRecord files."""

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None
    ) -> None:
        self._compression_type, self._buffer_size = compression_type, buffer_size

        def read(name: Any) -> NodeDataset:
            size = _compression(compression_type), setting("buffer_size", buffer_size, _BUFFER_BYTES)
            return NodeDataset(ops.tf_record_dataset_op(name, *size), _scalar_string())

        super().__init__(filenames, read, num_parallel_reads)

    def _clone(
        self,
        filenames: Any = None,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
    ) -> TFRecordDatasetV1:
        return TFRecordDatasetV1(
            filenames or self._filenames,
            compression_type or self._compression_type,
            buffer_size or self._buffer_size,
            num_parallel_reads or self._num_parallel_reads,
        )


@export("data.FixedLengthRecordDataset")
class FixedLengthRecordDatasetV1(_FilesDataset):
    """Pieces of `record_bytes` each of binary files, between a header and a footer."""

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: Any = None,
        num_parallel_reads: Any = None,
    ) -> None:
        def read(name: Any) -> NodeDataset:
            record = int64(record_bytes, "record_bytes")
            header, footer = setting("header_bytes", header_bytes), setting("footer_bytes", footer_bytes)
            size = setting("buffer_size", buffer_size, _BUFFER_BYTES)
            made = ops.fixed_length_record_dataset_v2_op(
                name, header, record, footer, size, _compression(compression_type)
            )
            return NodeDataset(made, _scalar_string())

        super().__init__(filenames, read, num_parallel_reads)
