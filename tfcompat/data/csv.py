"""Datasets of CSV files.

Source: TF 1.15, python/data/experimental/ops/readers.py.
"""

from __future__ import annotations

import collections
import csv
import gzip
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tfcompat.data import dataset_ops as ops
from tfcompat.data import structure
from tfcompat.data.dataset import AUTOTUNE, DatasetV1, DatasetV1Adapter, NodeDataset, mapped, setting
from tfcompat.data.experimental import ignore_errors as ignore_errors_of
from tfcompat.data.experimental import parallel_interleave, shuffle_and_repeat
from tfcompat.data.options import Options
from tfcompat.framework import constant_value, conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.ops import constants
from tfcompat.platform import filesystem, gfile

_TYPES = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.string)
_BUFFER_BYTES = 4 * 1024 * 1024


def _is_column_type(value: Any) -> bool:
    return isinstance(value, dtypes.DType) and value in _TYPES


def _defaults(given: Sequence[Any]) -> list[Any]:
    """A type alone means a column without default: an empty vector."""
    return [constants.constant([], dtype=d) if _is_column_type(d) else d for d in given]


@export("data.experimental.CsvDataset")
class CsvDatasetV1(DatasetV1Adapter):
    """The rows of CSV files, one component a column; `record_defaults` says types, and values of empty fields."""

    def __init__(
        self,
        filenames: Any,
        record_defaults: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        header: Any = False,
        field_delim: Any = ",",
        use_quote_delim: Any = True,
        na_value: Any = "",
        select_cols: Any = None,
    ) -> None:
        names = conversion.convert_to_tensor(filenames, dtype=dtypes.string, name="filenames")
        compression = setting("compression_type", compression_type, "", dtypes.string)
        defaults = [
            conversion.convert_to_tensor(d, name=f"record_defaults_{i}")
            for i, d in enumerate(_defaults(record_defaults))
        ]
        size = setting("buffer_size", buffer_size, _BUFFER_BYTES)
        settings = [
            conversion.convert_to_tensor(value, dtype=dtype, name=name)
            for name, value, dtype in (
                ("header", header, dtypes.bool),
                ("field_delim", field_delim, dtypes.string),
                ("use_quote_delim", use_quote_delim, dtypes.bool),
                ("na_value", na_value, dtypes.string),
            )
        ]
        columns = setting("select_cols", select_cols, [])
        spec = tuple(TensorSpec([], d.dtype) for d in defaults)
        made = ops.csv_dataset_op(
            names, compression, size, *settings, columns, defaults, output_shapes=structure.flat_shapes(spec)
        )
        super().__init__(NodeDataset(made, spec))


# -- what the files themselves tell -----------------------------------------------------------------------------------


def _opener(compression_type: Any) -> Callable[[str], Any]:
    kind: Any = "" if compression_type is None else compression_type
    if isinstance(kind, Tensor):
        kind = constant_value.folded(kind)
        if kind is None:
            raise ValueError("Received unkown compression_type")
        kind = kind.item()
    kind = kind.decode() if isinstance(kind, bytes) else kind
    if kind == "GZIP":
        return lambda name: gzip.open(filesystem.local(name), "rt", newline="")
    if kind == "ZLIB":
        raise ValueError(f"compression_type ({compression_type}) is not supported for probing columns")
    if kind:
        raise ValueError(f"compression_type ({compression_type}) is not supported")
    return lambda name: open(filesystem.local(name), newline="", encoding="utf-8")


class _Probe:
    """Reads the beginnings of files with Python's csv module."""

    def __init__(self, names: Sequence[str], delim: str, quotes: bool, open_file: Callable[[str], Any]) -> None:
        self._names, self._open = names, open_file
        quoting: Any = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
        self._reader = lambda file: csv.reader(file, delimiter=delim, quoting=quoting)

    def column_names(self) -> list[str]:
        found: list[str] | None = None
        for name in self._names:
            with self._open(name) as file:
                first = next(self._reader(file), None)
            if first is None:
                raise ValueError(
                    f"Received StopIteration when reading the header line of {self._names[0]}.  Empty file?"
                )
            if found is not None and first != found:
                raise ValueError("Files have different column names in the header row.")
            found = first
        assert found is not None
        return found

    def rows(self, columns: int, header: bool) -> Iterator[list[str]]:
        for name in self._names:
            with self._open(name) as file:
                reader = self._reader(file)
                if header:
                    next(reader)
                for row in reader:
                    if len(row) != columns:
                        raise ValueError(
                            "Problem inferring types: CSV row has different number of fields than expected."
                        )
                    yield row


def _fits(text: str, dtype: dtypes.DType) -> bool:
    try:
        if dtype is dtypes.int32:
            return -(2**31) <= int(text) < 2**31
        if dtype is dtypes.int64:
            return -(2**63) <= int(text) < 2**63
        if dtype is dtypes.string:
            return True
        with np.errstate(over="ignore"):
            return bool(dtype.as_numpy_dtype(text) < np.inf)
    except ValueError:
        return False


def _wider(text: str, na_value: str, before: Any) -> Any:
    """The least type for a column that held `before` and now a text."""
    if text in ("", na_value):
        return before
    order = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64, dtypes.string)
    for i, dtype in enumerate(order):
        if _fits(text, dtype) and (before is None or before in order[: i + 1]):
            return dtype
    return dtypes.string


def _inferred(rows: Iterator[list[str]], columns: Sequence[int], na_value: str, limit: int | None) -> list[Any]:
    kinds: list[Any] = [None] * len(columns)
    for row in itertools.islice(rows, limit):
        kinds = [_wider(row[c], na_value, kind) for c, kind in zip(columns, kinds, strict=True)]
    found = [kind or dtypes.string for kind in kinds]
    return [constants.constant([0 if t is not dtypes.string else ""], dtype=t) for t in found]


def _column_numbers(selected: Sequence[Any], names: Sequence[str]) -> list[int]:
    numbers = {name: i for i, name in enumerate(names)}
    found = []
    for v in selected:
        if isinstance(v, int):
            if not 0 <= v < len(names):
                raise ValueError(f"Column index {v} specified in select_columns out of valid range.")
            found.append(v)
        elif v in numbers:
            found.append(numbers[v])
        else:
            raise ValueError(f"Value '{v}' specified in select_columns not a valid column index or name.")
    if len(set(found)) != len(found):
        raise ValueError("select_columns contains duplicate columns")
    return sorted(found)


def files_matching(pattern: Any) -> list[str]:
    """The sorted names of the files of one or several patterns. Raises ValueError when there are none."""
    if isinstance(pattern, list) and not pattern:
        raise ValueError("File pattern is empty.")
    patterns = pattern if isinstance(pattern, list) else [pattern]
    names = [name for p in patterns for name in gfile.get_matching_files(p)]
    if not names:
        raise ValueError(f"No files match {pattern}.")
    return sorted(names)


def shuffled_and_repeated(dataset: Any, epochs: Any, shuffle: bool, buffer_size: Any, seed: Any) -> Any:
    """As often as asked, in random order if asked."""
    if shuffle and epochs != 1:
        return dataset.apply(shuffle_and_repeat(buffer_size, epochs, seed))
    if shuffle:
        return dataset.shuffle(buffer_size, seed)
    return dataset.repeat(epochs) if epochs != 1 else dataset


@export("data.experimental.make_csv_dataset")
def make_csv_dataset(
    file_pattern: Any,
    batch_size: Any,
    column_names: Any = None,
    column_defaults: Any = None,
    label_name: Any = None,
    select_columns: Any = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: Any = None,
    shuffle: bool = True,
    shuffle_buffer_size: Any = 10000,
    shuffle_seed: Any = None,
    prefetch_buffer_size: Any = None,
    num_parallel_reads: Any = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: Any = None,
    ignore_errors: bool = False,
) -> Any:
    """Batches of the rows of CSV files: a mapping from column names to tensors, and the label's column where one is named.

    Names and types of the columns are read from the files where they are not given.
    Raises: ValueError for files that tell nothing, or arguments that do not agree with them.
    """
    names = files_matching(file_pattern)
    dataset = DatasetV1.from_tensor_slices(names)
    if shuffle:
        dataset = dataset.shuffle(len(names), shuffle_seed)
    probe = None
    if column_names is None or column_defaults is None:
        probe = _Probe(names, field_delim, use_quote_delim, _opener(compression_type))
    if column_names is None:
        if not header:
            raise ValueError("Cannot infer column names without a header line.")
        assert probe is not None
        column_names = probe.column_names()
    if len(column_names) != len(set(column_names)):
        raise ValueError("Cannot have duplicate column names.")
    if select_columns is not None:
        select_columns = _column_numbers(select_columns, column_names)
    if column_defaults is not None:
        defaults = _defaults(column_defaults)
    else:
        assert probe is not None
        chosen = range(len(column_names)) if select_columns is None else select_columns
        defaults = _inferred(probe.rows(len(column_names), header), chosen, na_value, num_rows_for_inference)
    if select_columns is not None and len(defaults) != len(select_columns):
        raise ValueError("If specified, column_defaults and select_columns must have same length.")
    if select_columns is not None and len(column_names) > len(select_columns):
        column_names = [column_names[i] for i in select_columns]
    if label_name is not None and label_name not in column_names:
        raise ValueError("`label_name` provided must be one of the columns.")

    def filename_to_dataset(name: Any) -> Any:
        rows = CsvDatasetV1(
            name, record_defaults=defaults, field_delim=field_delim, use_quote_delim=use_quote_delim,
            na_value=na_value, select_cols=select_columns, header=header, compression_type=compression_type,
        )
        return rows.apply(ignore_errors_of()) if ignore_errors else rows

    def map_fn(*columns: Any) -> Any:
        features = collections.OrderedDict(zip(column_names, columns, strict=True))
        if label_name is None:
            return features
        label = features.pop(label_name)
        return features, label

    if num_parallel_reads == AUTOTUNE:
        options = Options()
        options.experimental_deterministic = not sloppy
        dataset = dataset.interleave(filename_to_dataset, num_parallel_calls=num_parallel_reads).with_options(options)
    else:
        reads = 1 if num_parallel_reads is None else num_parallel_reads
        dataset = dataset.apply(parallel_interleave(filename_to_dataset, cycle_length=reads, sloppy=sloppy))
    dataset = shuffled_and_repeated(dataset, num_epochs, shuffle, shuffle_buffer_size, shuffle_seed)
    dataset = dataset.batch(batch_size=batch_size, drop_remainder=num_epochs is None)
    rows = mapped(dataset, map_fn, None, False, use_inter_op_parallelism=False)
    return DatasetV1Adapter(rows.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size))
