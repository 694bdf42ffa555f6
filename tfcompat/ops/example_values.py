"""What stands in tf.train.Example messages, as arrays: the work behind ParseExample and its relatives.

Source: TF 1.15, core/util/example_proto_fast_parsing.cc, core/util/example_proto_helper.cc.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import dtypes, protos
from tfcompat.framework.dtypes import DType, cpp_name
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import Shape
from tfcompat.framework.shape_rules import text as shape_text
from tfcompat.ops.string_values import string_vector

_KIND = {"int64_list": dtypes.int64, "float_list": dtypes.float32, "bytes_list": dtypes.string}
_LIST_NAME = {dtypes.int64: "int64", dtypes.float32: "float", dtypes.string: "bytes"}

# Makes an error from what is wrong with a feature.
Complain = Callable[[str], InvalidArgumentError]


@dataclasses.dataclass(slots=True)
class Dense:
    """A feature of known shape; with an unknown first size, of as many rows as an example has."""

    key: str
    dtype: DType
    shape: Shape
    default: np.ndarray

    @property
    def variable(self) -> bool:
        return bool(self.shape) and self.shape[0] is None  # type: ignore[index]

    @property
    def row(self) -> tuple[int, ...]:
        """The shape of what repeats: the whole feature, or one row of one of variable length."""
        dims = self.shape[1:] if self.variable else self.shape  # type: ignore[index]
        return tuple(d or 0 for d in dims or ())


@dataclasses.dataclass(slots=True)
class Sparse:
    """A feature of any number of values."""

    key: str
    dtype: DType


def refuse(text: str) -> InvalidArgumentError:
    """The error of a kernel about its inputs; the run adds the node."""
    return InvalidArgumentError(None, None, text)


def key_text(key: Any) -> str:
    """A feature's name as text."""
    return key.decode("utf-8", "surrogateescape") if isinstance(key, bytes) else str(key)


def parsed(message_type: str, data: bytes, problem: str | None = None) -> Any:
    """The message in some bytes."""
    try:
        return getattr(protos, message_type).FromString(data)
    except Exception as cause:  # protobuf's own error class
        shown = data.decode("latin-1")
        raise refuse(problem or f"Could not parse example input, value: '{shown}'") from cause


def feature_type(feature: Any) -> DType | None:
    """The type of a feature's values; None for one without."""
    kind = feature.WhichOneof("kind") if feature is not None else None
    return None if kind is None else _KIND[kind]


def feature_values(feature: Any, dtype: DType) -> np.ndarray:
    """The values of a feature of that type."""
    if dtype is dtypes.string:
        return string_vector(list(feature.bytes_list.value))
    if dtype is dtypes.int64:
        return np.array(feature.int64_list.value, np.int64)
    return np.array(feature.float_list.value, np.float32)


def no_values(dtype: DType, shape: Sequence[int] = (0,)) -> np.ndarray:
    """An array to be filled: zeros, or empty strings."""
    return np.full(tuple(shape), b"", object) if dtype is dtypes.string else np.zeros(tuple(shape), dtype.as_numpy_dtype)


def dense_values(features: Mapping[str, Any], want: Dense, complain: Complain, missing: str) -> np.ndarray:
    """A dense feature of one example: its values, or the default."""
    feature = features.get(want.key)
    found = feature_type(feature)
    if found is None:
        if want.variable:
            return no_values(want.dtype, (0, *want.row))
        if not want.default.size:
            raise refuse(missing)
        return want.default.reshape(want.row)
    if found is not want.dtype:
        if want.variable:
            raise complain(f"Data types don't match. Expected type: {cpp_name(want.dtype)}")
        raise complain(
            f"Data types don't match. Data type: {cpp_name(found)} but expected type: {cpp_name(want.dtype)}"
        )
    values = feature_values(feature, want.dtype)
    stride = math.prod(want.row)
    name = _LIST_NAME[want.dtype]
    if want.variable:
        if stride == 0 or values.size % stride:
            raise complain(
                f"Number of {name} values is not a multiple of stride length. Saw {values.size} values but output "
                f"shape is: {shape_text(want.shape)}"
            )
        return values.reshape(-1, *want.row)
    if values.size != stride:
        raise complain(
            f"Number of {name} values != expected.  Values size: {values.size} but output shape: "
            f"{shape_text(want.shape)}"
        )
    return values.reshape(want.row)


def sparse_values(features: Mapping[str, Any], want: Sparse, complain: Complain) -> np.ndarray:
    """The values of a sparse feature of one example; none where it is missing."""
    feature = features.get(want.key)
    found = feature_type(feature)
    if found is None:
        return no_values(want.dtype)
    if found is not want.dtype:
        raise complain(
            f"Data types don't match. Expected type: {cpp_name(want.dtype)}, Actual type: {cpp_name(found)}"
        )
    return feature_values(feature, want.dtype)


def padded(rows: Sequence[np.ndarray], want: Dense) -> np.ndarray:
    """The rows of several examples in one array, short ones filled up with the default."""
    longest = max((len(r) for r in rows), default=0)
    out = no_values(want.dtype, (len(rows), longest, *want.row))
    if want.default.size:
        out[...] = want.default.reshape(-1)[0]
    for at, row in enumerate(rows):
        out[at, : len(row)] = row
    return out


def sparse_batch(rows: Sequence[np.ndarray], dtype: DType) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices, values and shape of a sparse matrix with these rows."""
    sizes = [len(r) for r in rows]
    if sum(sizes):
        indices = np.stack(
            [np.repeat(np.arange(len(rows)), sizes), np.concatenate([np.arange(n) for n in sizes])], axis=1
        ).astype(np.int64)
        values = np.concatenate(rows)
    else:
        indices, values = np.zeros((0, 2), np.int64), no_values(dtype)
    return indices, values, np.array([len(rows), max(sizes, default=0)], np.int64)


def parse_examples(
    serialized: Sequence[bytes], names: Sequence[bytes], dense: Sequence[Dense], sparse: Sequence[Sparse]
) -> tuple[list[tuple[np.ndarray, np.ndarray, np.ndarray]], list[np.ndarray]]:
    """A batch of examples: the sparse features as (indices, values, shape), and the dense ones."""
    dense_rows: list[list[np.ndarray]] = [[] for _ in dense]
    sparse_rows: list[list[np.ndarray]] = [[] for _ in sparse]
    for at, data in enumerate(serialized):
        features = parsed("Example", data).features.feature
        name = key_text(names[at]) if names else "<unknown>"
        for rows, want in zip(dense_rows, dense, strict=True):
            missing = (
                f"Name: {name}, Feature: {want.key} (data type: {cpp_name(want.dtype)}) is required but could not be "
                "found."
            )
            rows.append(dense_values(features, want, _complaint(f"Name: {name}, Key: {want.key}, Index: {at}.  "), missing))
        for rows, wanted in zip(sparse_rows, sparse, strict=True):
            rows.append(sparse_values(features, wanted, _complaint(f"Name: {name}, Key: {wanted.key}, Index: {at}.  ")))
    return (
        [sparse_batch(rows, want.dtype) for rows, want in zip(sparse_rows, sparse, strict=True)],
        [dense_batch(rows, want) for rows, want in zip(dense_rows, dense, strict=True)],
    )


def dense_batch(rows: Sequence[np.ndarray], want: Dense) -> np.ndarray:
    """The dense feature of several examples."""
    if want.variable:
        return padded(rows, want)
    out = no_values(want.dtype, (len(rows), *want.row))
    for at, row in enumerate(rows):
        out[at] = row
    return out


def parse_example(
    data: bytes, dense: Sequence[Dense], sparse: Sequence[Sparse]
) -> tuple[list[tuple[np.ndarray, np.ndarray, np.ndarray]], list[np.ndarray]]:
    """One example: the sparse features as vectors, and the dense ones."""
    features = parsed("Example", data).features.feature
    denses = []
    for want in dense:
        missing = f"Feature: {want.key} (data type: {cpp_name(want.dtype)}) is required but could not be found."
        denses.append(dense_values(features, want, _complaint(f"Key: {want.key}.  "), missing))
    return [sparse_vector(sparse_values(features, w, _complaint(f"Key: {w.key}.  "))) for w in sparse], denses


def sparse_vector(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices, values and shape of a sparse vector without gaps."""
    n = len(values)
    return np.arange(n, dtype=np.int64).reshape(n, 1), values, np.array([n], np.int64)


def _complaint(prefix: str) -> Complain:
    return lambda text: refuse(prefix + text)


# --- sequences -------------------------------------------------------------------------------------------------


@dataclasses.dataclass(slots=True)
class Sequences:
    """What is wanted of SequenceExamples."""

    context_dense: list[Dense]
    context_sparse: list[Sparse]
    list_dense: list[Dense]  # shape: that of one step
    list_sparse: list[Sparse]
    may_miss: frozenset[str]


class Steps:
    """The feature lists of one SequenceExample: dense ones as [steps, ...], sparse ones as a list of vectors."""

    def __init__(self, data: bytes, name: str, want: Sequences) -> None:
        message = parsed("SequenceExample", data, f"Invalid protocol message input, example id: {name}")
        context = message.context.feature
        lists = message.feature_lists.feature_list
        self.context_dense = [self._context_dense(context, w, name) for w in want.context_dense]
        self.context_sparse = [
            sparse_values(context, w, _complaint(f"Name: {name}, Context feature: {w.key}.  "))
            for w in want.context_sparse
        ]
        self.dense = [self._dense(lists, w, name, want.may_miss) for w in want.list_dense]
        self.sparse = [self._sparse(lists, w, name) for w in want.list_sparse]

    @staticmethod
    def _context_dense(context: Mapping[str, Any], want: Dense, name: str) -> np.ndarray:
        prefix = f"Name: {name}, Context feature: {want.key}"
        feature = context.get(want.key)
        found = feature_type(feature)
        if found is not None and found is not want.dtype:
            shown = str(feature).replace("\n", " ")
            raise refuse(
                f"{prefix}.  Data types don't match. Expected type: {cpp_name(want.dtype)}  Feature is: {shown}"
            )
        return dense_values(
            context,
            want,
            _complaint(f"Name: {name}, Key: {want.key}, Index: 0.  "),
            f"{prefix} (data type: {cpp_name(want.dtype)}) is required but could not be found.",
        )

    @staticmethod
    def _dense(lists: Mapping[str, Any], want: Dense, name: str, may_miss: frozenset[str]) -> np.ndarray:
        found = lists.get(want.key)
        steps = found.feature if found is not None else []
        if found is None and want.key not in may_miss:
            raise refuse(
                f"Name: {name}, Feature list '{want.key}' is required but could not be found.  Did you mean to include "
                "it in feature_list_dense_missing_assumed_empty or feature_list_dense_defaults?"
            )
        out = no_values(want.dtype, (len(steps), *want.row))
        for at, feature in enumerate(steps):
            kind = feature_type(feature)
            if kind is not want.dtype:
                shown = str(feature).replace("\n", " ")
                raise refuse(
                    f"Name: {name}, Feature list: {want.key}, Index: {at}.  Data types don't match. Expected type: "
                    f"{cpp_name(want.dtype)}  Feature is: {shown}"
                )
            values = feature_values(feature, want.dtype)
            if values.size != math.prod(want.row):
                raise refuse(
                    f"Name: {name}, Key: {want.key}, Index: {at}.  Number of {_LIST_NAME[want.dtype]} values != "
                    f"expected.  values size: {values.size} but output shape: {shape_text(want.shape)}"
                )
            out[at] = values.reshape(want.row)
        return out

    @staticmethod
    def _sparse(lists: Mapping[str, Any], want: Sparse, name: str) -> list[np.ndarray]:
        found = lists.get(want.key)
        out = []
        for at, feature in enumerate(found.feature if found is not None else []):
            kind = feature_type(feature)
            if kind is not None and kind is not want.dtype:
                shown = str(feature).replace("\n", " ")
                raise refuse(
                    f"Name: {name}, Feature list: {want.key}, Index: {at}.  Data types don't match. Expected type: "
                    f"{cpp_name(want.dtype)}  Feature is: {shown}"
                )
            out.append(no_values(want.dtype) if kind is None else feature_values(feature, want.dtype))
        return out


def sparse_cube(
    batch: Sequence[Sequence[np.ndarray]], dtype: DType
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices, values and shape of a sparse [examples, steps, values] tensor."""
    indices, values = [], []
    longest = widest = 0
    for example, steps in enumerate(batch):
        longest = max(longest, len(steps))
        for step, found in enumerate(steps):
            widest = max(widest, len(found))
            values.append(found)
            indices += [(example, step, i) for i in range(len(found))]
    return (
        np.array(indices, np.int64).reshape(-1, 3),
        np.concatenate(values) if values else no_values(dtype),
        np.array([len(batch), longest, widest], np.int64),
    )
