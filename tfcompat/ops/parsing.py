"""tf.parse_example and its relatives: the features of tf.train.Example messages as tensors.

Source: TF 1.15, core/ops/parsing_ops.cc, core/kernels/example_parsing_ops.cc, python/ops/parsing_ops.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tfcompat.framework import dtypes, tf_logging, values
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.dtypes import DType
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import text as shape_text_of
from tfcompat.framework.shape_rules import with_rank
from tfcompat.framework.shapes import TensorShape, as_shape
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor, dims_of
from tfcompat.ops import assertions, comparison, control, shape_queries, shapes, slicing, sparse
from tfcompat.ops.constants import constant
from tfcompat.ops.decoding import on_device
from tfcompat.ops.example_values import (
    Dense,
    Sequences,
    Sparse,
    Steps,
    dense_batch,
    key_text,
    parse_examples,
    refuse,
    sparse_batch,
    sparse_cube,
    sparse_vector,
)
from tfcompat.ops.example_values import (
    parse_example as parse_one,
)
from tfcompat.ops.string_values import shape_text

# --- what is asked for -----------------------------------------------------------------------------------------


@export("io.VarLenFeature", "VarLenFeature", v2=("io.VarLenFeature",))
class VarLenFeature(NamedTuple):
    """A feature of any number of values: parsed into a SparseTensor."""

    dtype: Any


class _SparseFields(NamedTuple):
    index_key: Any
    value_key: Any
    dtype: Any
    size: Any
    already_sorted: bool = False


@export("io.SparseFeature", "SparseFeature", v2=("io.SparseFeature",))
class SparseFeature(_SparseFields):
    """A SparseTensor of size `size` whose indices and values stand in features of their own."""

    __slots__ = ()


@export("io.FixedLenFeature", "FixedLenFeature", v2=("io.FixedLenFeature",))
class FixedLenFeature(NamedTuple):
    """A feature of a known shape: parsed into a tensor. Without a default it must be there."""

    shape: Any
    dtype: Any
    default_value: Any = None


@export("io.FixedLenSequenceFeature", "FixedLenSequenceFeature", v2=("io.FixedLenSequenceFeature",))
class FixedLenSequenceFeature(NamedTuple):
    """A sequence of any length of values of a known shape: parsed into a tensor, padded in a batch."""

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class _Wanted:
    """Features sorted by key, as the ops take them."""

    def __init__(self, features: Mapping[str, Any] | None, kinds: Sequence[type]) -> None:
        self.sparse_keys: list[str] = []
        self.sparse_types: list[Any] = []
        self.dense_keys: list[str] = []
        self.dense_types: list[Any] = []
        self.dense_shapes: list[Any] = []
        self.defaults: dict[str, Any] = {}
        for key in sorted(features or {}):
            feature = features[key]  # type: ignore[index]
            kind = type(feature)
            if kind not in (VarLenFeature, SparseFeature, FixedLenFeature, FixedLenSequenceFeature):
                raise ValueError(f"Invalid feature {key}:{feature}.")
            if kind not in kinds:
                raise ValueError(f"Unsupported {kind.__name__} {feature}.")
            if kind is SparseFeature:
                self._add_sparse_feature(key, feature)
                continue
            if not feature.dtype:
                raise ValueError(f"Missing type for feature {key}.")
            if kind is VarLenFeature:
                self.sparse_keys.append(key)
                self.sparse_types.append(feature.dtype)
            else:
                self._add_dense(key, feature)

    def _add_sparse_feature(self, key: str, feature: SparseFeature) -> None:
        if not feature.index_key:
            raise ValueError(f"Missing index_key for SparseFeature {feature}.")
        if not feature.value_key:
            raise ValueError(f"Missing value_key for SparseFeature {feature}.")
        if not feature.dtype:
            raise ValueError(f"Missing type for feature {key}.")
        index_keys = [feature.index_key] if isinstance(feature.index_key, str) else feature.index_key
        if len(index_keys) > 1:
            tf_logging.warning(
                "SparseFeature is a complicated feature config and should only be used after careful consideration of "
                "VarLenFeature."
            )
        for index_key in sorted(index_keys):
            self._add_column(index_key, dtypes.int64, "Conflicting type {} vs int64 for feature {}.")
        self._add_column(feature.value_key, feature.dtype, None)

    def _add_column(self, key: str, dtype: Any, conflict: str | None) -> None:
        if key not in self.sparse_keys:
            self.sparse_keys.append(key)
            self.sparse_types.append(dtype)
            return
        other = self.sparse_types[self.sparse_keys.index(key)]
        if other != dtype:
            if conflict is not None:
                raise ValueError(conflict.format(other, key))
            raise ValueError(f"Conflicting type {other} vs {dtype} for feature {key}.")

    def _add_dense(self, key: str, feature: Any) -> None:
        if feature.shape is None:
            raise ValueError(f"Missing shape for feature {key}.")
        if isinstance(feature, FixedLenFeature):
            known = as_shape(feature.shape)
            if feature.shape and known.ndims and known.dims[0].value is None:
                raise ValueError(
                    f"First dimension of shape for feature {key} unknown. Consider using FixedLenSequenceFeature."
                )
            if not known.is_fully_defined():
                raise ValueError(
                    f"All dimensions of shape for feature {key} need to be known but received {feature.shape}."
                )
        elif feature.allow_missing:
            self.defaults[key] = None
        self.dense_keys.append(key)
        self.dense_shapes.append(feature.shape)
        self.dense_types.append(feature.dtype)
        if feature.default_value is not None:
            self.defaults[key] = feature.default_value


_ALL_KINDS = (VarLenFeature, SparseFeature, FixedLenFeature, FixedLenSequenceFeature)


def _with_unknown_length(features: Mapping[str, Any]) -> dict[str, Any]:
    """FixedLenSequenceFeatures with their length as a first, unknown dimension."""
    changed = dict(features)
    for key, feature in features.items():
        if isinstance(feature, FixedLenSequenceFeature):
            if not feature.allow_missing:
                raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
            changed[key] = feature._replace(shape=[None, *feature.shape])
    return changed


def _merged(features: Mapping[str, Any], parsed: dict[str, Any]) -> dict[str, Any]:
    """The results with SparseFeatures put together; what was parsed only for them is dropped."""
    parsed = dict(parsed)
    for key in sorted(features):
        feature = features[key]
        if isinstance(feature, SparseFeature):
            single = isinstance(feature.index_key, str)
            ids = parsed[feature.index_key] if single else [parsed[k] for k in feature.index_key]
            parsed[key] = sparse.sparse_merge(
                ids, parsed[feature.value_key], vocab_size=feature.size, already_sorted=feature.already_sorted
            )
    return {k: v for k, v in parsed.items() if k in features}


def _safe(key: str) -> str:
    return re.sub("[^A-Za-z0-9_.\\-/]", "_", key)


def _default_tensors(wanted: _Wanted) -> tuple[list[Tensor], list[TensorShape]]:
    known = [as_shape(s) for s in wanted.dense_shapes]
    made = []
    for key, dtype, shape in zip(wanted.dense_keys, wanted.dense_types, known, strict=True):
        default = wanted.defaults.get(key)
        if shape.ndims and shape.dims[0].value is None:
            # The one value that short rows are filled up with.
            if default is None:
                default = to_tensor("" if dtypes.as_dtype(dtype) is dtypes.string else 0, dtype=dtypes.as_dtype(dtype))
            else:
                default = to_tensor(default, dtype=dtypes.as_dtype(dtype), name="padding_" + _safe(key))
                default = shapes.reshape(default, [])
        elif default is None:
            default = constant([], dtype=dtype)
        elif not isinstance(default, Tensor):
            default = to_tensor(default, dtype=dtypes.as_dtype(dtype), name="key_" + _safe(key))
            default = shapes.reshape(default, shape)
        made.append(default)
    return made, known


def _check_keys(dense: Sequence[str], sparse_keys: Sequence[str]) -> None:
    if not dense and not sparse_keys:
        raise ValueError("Must provide at least one sparse key or dense key")
    both = set(dense) & set(sparse_keys)
    if both:
        raise ValueError(f"Dense and sparse keys must not intersect; intersection: {both}")


def _sparse_tensors(indices: Any, found: Any, sizes: Any) -> list[SparseTensor]:
    return [SparseTensor(i, v, s) for i, v, s in zip(indices, found, sizes, strict=True)]


# --- the ops ---------------------------------------------------------------------------------------------------


def _concat(a: Shape, b: Shape) -> Shape:
    return None if a is None or b is None else (*a, *b)


def _sparse_shapes(count: int, rank: int) -> list[Shape]:
    return [*[(None, rank)] * count, *[(None,)] * count, *[(rank,)] * count]


@op("ParseExample")
def parse_example_op(c: ShapeContext) -> list[Shape]:
    batch = with_rank(c.shape(0), 1)
    with_rank(c.shape(1), 1)
    dense = [_concat(batch, dims_of(s)) for s in c.attrs["dense_shapes"]]
    return [*_sparse_shapes(c.attrs["Nsparse"], 2), *dense]


@op("ParseSingleExample")
def parse_single_example_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    return [*_sparse_shapes(c.attrs["num_sparse"], 1), *(dims_of(s) for s in c.attrs["dense_shapes"])]


parse_example_op.gradient(NOT_DIFFERENTIABLE)
parse_single_example_op.gradient(NOT_DIFFERENTIABLE)


def _array(value: Any, dtype: DType) -> np.ndarray:
    return np.asarray(values.to_numpy(value, dtype))


def _denses(keys: Sequence[str], types: Sequence[DType], dims: Sequence[Shape], defaults: Sequence[Any]) -> list[Dense]:
    made = []
    for i, (key, dtype, shape, default) in enumerate(zip(keys, types, dims, defaults, strict=True)):
        want = Dense(key, dtype, shape, _array(default, dtype))
        shown = shape_text_of(shape)
        if want.variable:
            if want.default.size != 1:
                raise refuse(
                    f"dense_shape[{i}] is a variable length shape: {shown}, therefore def_value[{i}] must contain a "
                    f"single element (the padding element).  But its shape is: {shape_text(want.default)}"
                )
        elif want.default.size and shape is not None and tuple(shape) != want.default.shape:
            raise refuse(
                f"def_value[{i}].shape() == {shape_text(want.default)} is not compatible with dense_shapes_[{i}] == "
                f"{shown}"
            )
        made.append(want)
    return made


class _Outputs:
    """Arrays in the order of the op's outputs, on the session's device."""

    def __init__(self, device: Any) -> None:
        self.device = device
        self.parts: list[Any] = []

    def add(self, array: np.ndarray, dtype: DType = dtypes.int64) -> None:
        self.parts.append(on_device(array, dtype, self.device))

    def add_sparse(self, found: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], types: Sequence[DType]) -> None:
        for indices, _, _ in found:
            self.add(indices)
        for (_, held, _), dtype in zip(found, types, strict=True):
            self.add(held, dtype)
        for _, _, size in found:
            self.add(size)

    def add_dense(self, found: Sequence[np.ndarray], types: Sequence[DType]) -> None:
        for array, dtype in zip(found, types, strict=True):
            self.add(array, dtype)


@parse_example_op.builder
def _build_parse_example(c: KernelContext) -> Any:
    attrs, device = c.attrs, c.device
    types, sparse_types = list(attrs["Tdense"]), list(attrs["sparse_types"])
    dims = [dims_of(s) for s in attrs["dense_shapes"]]

    def parse(serialized: np.ndarray, names: np.ndarray, sparse_keys: Any, dense_keys: Any, dense_defaults: Any) -> Any:
        if names.size and names.ndim != 1:
            raise refuse(f"Expected names to be a vector, got shape: {shape_text(names)}")
        if names.size and names.size != serialized.size:
            raise refuse(f"Expected len(names) == len(serialized), but got: {names.size} vs. {serialized.size}")
        if serialized.ndim != 1:
            raise refuse(f"Expected serialized to be a vector, got shape: {shape_text(serialized)}")
        dense = _denses([key_text(k.item()) for k in dense_keys], types, dims, dense_defaults)
        wanted = [Sparse(key_text(k.item()), t) for k, t in zip(sparse_keys, sparse_types, strict=True)]
        found, filled = parse_examples(serialized.tolist(), names.tolist(), dense, wanted)
        out = _Outputs(device)
        out.add_sparse(found, sparse_types)
        out.add_dense(filled, types)
        return out.parts

    return parse


@parse_single_example_op.builder
def _build_parse_single_example(c: KernelContext) -> Any:
    attrs, device = c.attrs, c.device
    types, sparse_types = list(attrs["Tdense"]), list(attrs["sparse_types"])
    dims = [dims_of(s) for s in attrs["dense_shapes"]]
    dense_keys = [key_text(k) for k in attrs["dense_keys"]]
    wanted = [Sparse(key_text(k), t) for k, t in zip(attrs["sparse_keys"], sparse_types, strict=True)]

    def parse(serialized: np.ndarray, dense_defaults: Any) -> Any:
        if serialized.ndim:
            raise refuse(f"Expected serialized to be a scalar, got shape: {shape_text(serialized)}")
        dense = _denses(dense_keys, types, dims, dense_defaults)
        found, filled = parse_one(serialized.item(), dense, wanted)
        out = _Outputs(device)
        out.add_sparse(found, sparse_types)
        out.add_dense(filled, types)
        return out.parts

    return parse


def _sequence_shapes(c: ShapeContext, batch: tuple[int | None, ...]) -> list[Shape]:
    attrs, rank = c.attrs, len(batch)
    return [
        *_sparse_shapes(attrs["Ncontext_sparse"], rank + 1),
        *(_concat(batch, dims_of(s)) for s in attrs["context_dense_shapes"]),
        *_sparse_shapes(attrs["Nfeature_list_sparse"], rank + 2),
        *(_concat((*batch, None), dims_of(s)) for s in attrs["feature_list_dense_shapes"]),
    ]


@op("ParseSequenceExample")
def parse_sequence_example_op(c: ShapeContext) -> list[Shape]:
    batch = with_rank(c.shape(0), 1)
    return [*_sequence_shapes(c, batch), *[batch] * c.attrs["Nfeature_list_dense"]]


@op("ParseSingleSequenceExample")
def parse_single_sequence_example_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    return _sequence_shapes(c, ())


parse_sequence_example_op.gradient(NOT_DIFFERENTIABLE)
parse_single_sequence_example_op.gradient(NOT_DIFFERENTIABLE)


class _SequenceTypes:
    """Types and shapes of an op on SequenceExamples."""

    def __init__(self, attrs: dict[str, Any]) -> None:
        self.context_dense = list(attrs["Tcontext_dense"])
        self.context_sparse = list(attrs["context_sparse_types"])
        self.list_dense = list(attrs["feature_list_dense_types"])
        self.list_sparse = list(attrs["feature_list_sparse_types"])
        self.context_shapes = [dims_of(s) for s in attrs["context_dense_shapes"]]
        self.list_shapes = [dims_of(s) for s in attrs["feature_list_dense_shapes"]]

    def wanted(self, keys: Sequence[Sequence[Any]], defaults: Sequence[Any], may_miss: Sequence[Any]) -> Sequences:
        context_sparse, context_dense, list_sparse, list_dense = ([key_text(k) for k in group] for group in keys)
        dense = []
        for key, dtype, shape, default in zip(
            context_dense, self.context_dense, self.context_shapes, defaults, strict=True
        ):
            made = Dense(key, dtype, shape, _array(default, dtype))
            if made.default.size and shape is not None and tuple(shape) != made.default.shape:
                raise refuse(
                    f"Default value for context feature {key} has an incorrect shape: saw "
                    f"{shape_text(made.default)} but expected {shape_text_of(shape)}"
                )
            dense.append(made)
        empty = np.zeros(0)
        return Sequences(
            dense,
            [Sparse(k, t) for k, t in zip(context_sparse, self.context_sparse, strict=True)],
            [
                Dense(k, t, s, empty)
                for k, t, s in zip(list_dense, self.list_dense, self.list_shapes, strict=True)
            ],
            [Sparse(k, t) for k, t in zip(list_sparse, self.list_sparse, strict=True)],
            frozenset(key_text(k) for k in may_miss),
        )


@parse_single_sequence_example_op.builder
def _build_parse_single_sequence(c: KernelContext) -> Any:
    types, device = _SequenceTypes(c.attrs), c.device

    def parse(
        serialized: np.ndarray,
        may_miss: np.ndarray,
        context_sparse_keys: Any,
        context_dense_keys: Any,
        list_sparse_keys: Any,
        list_dense_keys: Any,
        defaults: Any,
        debug_name: np.ndarray,
    ) -> Any:
        if serialized.ndim:
            raise refuse(f"Expected serialized to be a scalar, got shape: {shape_text(serialized)}")
        groups = (context_sparse_keys, context_dense_keys, list_sparse_keys, list_dense_keys)
        want = types.wanted([[k.item() for k in keys] for keys in groups], defaults, may_miss.reshape(-1).tolist())
        steps = Steps(serialized.item(), key_text(debug_name.item()) if debug_name.size else "<unknown>", want)
        out = _Outputs(device)
        out.add_sparse([sparse_vector(v) for v in steps.context_sparse], types.context_sparse)
        out.add_dense(steps.context_dense, types.context_dense)
        out.add_sparse(
            [sparse_batch(rows, t) for rows, t in zip(steps.sparse, types.list_sparse, strict=True)], types.list_sparse
        )
        out.add_dense(steps.dense, types.list_dense)
        return out.parts

    return parse


@parse_sequence_example_op.builder
def _build_parse_sequence(c: KernelContext) -> Any:
    attrs, device = c.attrs, c.device
    types = _SequenceTypes(attrs)
    keys = [
        attrs[k] for k in ("context_sparse_keys", "context_dense_keys", "feature_list_sparse_keys", "feature_list_dense_keys")
    ]
    may_miss = attrs["feature_list_dense_missing_assumed_empty"]

    def parse(serialized: np.ndarray, debug_name: np.ndarray, defaults: Any) -> Any:
        if debug_name.size and debug_name.size != serialized.size:
            raise refuse("example_names must be empty or have the correct number of elements")
        want = types.wanted(keys, defaults, may_miss)
        names = [key_text(n) for n in debug_name.reshape(-1).tolist()] or ["<unknown>"] * serialized.size
        rows = [Steps(data, name, want) for data, name in zip(serialized.reshape(-1).tolist(), names, strict=True)]
        out = _Outputs(device)
        out.add_sparse(
            [sparse_batch([r.context_sparse[i] for r in rows], t) for i, t in enumerate(types.context_sparse)],
            types.context_sparse,
        )
        out.add_dense(
            [dense_batch([r.context_dense[i] for r in rows], w) for i, w in enumerate(want.context_dense)],
            types.context_dense,
        )
        out.add_sparse(
            [sparse_cube([r.sparse[i] for r in rows], t) for i, t in enumerate(types.list_sparse)], types.list_sparse
        )
        lists = [Dense(w.key, w.dtype, (None, *w.row), w.default) for w in want.list_dense]
        out.add_dense([dense_batch([r.dense[i] for r in rows], w) for i, w in enumerate(lists)], types.list_dense)
        for i in range(len(lists)):
            out.add(np.array([len(r.dense[i]) for r in rows], np.int64).reshape(serialized.shape))
        return out.parts

    return parse


# --- the functions ---------------------------------------------------------------------------------------------


@export("io.parse_example", "parse_example")
def parse_example(serialized: Any, features: Any, name: str | None = None, example_names: Any = None) -> dict[str, Any]:
    """The features of a batch of serialized Examples, by name.

    Raises: ValueError for features that make no sense; InvalidArgumentError while running for examples without them.
    """
    return parse_example_v2(serialized, features, example_names, name)


@export(v2=("io.parse_example",))
def parse_example_v2(
    serialized: Any, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """As `parse_example`, with the arguments in TF 2's order."""
    if not features:
        raise ValueError(f"Missing: features was {features}.")
    features = _with_unknown_length(features)
    return _merged(features, _parse_batch(serialized, example_names, _Wanted(features, _ALL_KINDS), name))


def _parse_batch(serialized: Any, names: Any, wanted: _Wanted, name: str | None) -> dict[str, Any]:
    with name_scope(name, "ParseExample", [serialized, names]):
        _check_keys(wanted.dense_keys, wanted.sparse_keys)
        defaults, known = _default_tensors(wanted)
        indices, found, sizes, dense = parse_example_op(
            serialized,
            [] if names is None else names,
            wanted.sparse_keys,
            wanted.dense_keys,
            defaults,
            sparse_types=wanted.sparse_types,
            dense_shapes=known,
            name=name,
        )
        keys = wanted.sparse_keys + wanted.dense_keys
        return dict(zip(keys, [*_sparse_tensors(indices, found, sizes), *dense], strict=True))


@export("io.parse_single_example", "parse_single_example")
def parse_single_example(
    serialized: Any, features: Any, name: str | None = None, example_names: Any = None
) -> dict[str, Any]:
    """The features of one serialized Example, by name.

    Raises: ValueError for features that make no sense; InvalidArgumentError while running for an example without them.
    """
    return parse_single_example_v2(serialized, features, example_names, name)


@export(v2=("io.parse_single_example",))
def parse_single_example_v2(
    serialized: Any, features: Any, example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """As `parse_single_example`, with the arguments in TF 2's order."""
    if not features:
        raise ValueError("Missing features.")
    features = _with_unknown_length(features)
    wanted = _Wanted(features, _ALL_KINDS)
    if example_names is None:
        return _merged(features, _parse_single(serialized, wanted, name))
    return _merged(features, _parse_named(serialized, example_names, wanted, name))


def _parse_single(serialized: Any, wanted: _Wanted, name: str | None) -> dict[str, Any]:
    with name_scope(name, "ParseSingleExample", [serialized]):
        serialized = to_tensor(serialized, name="serialized")
        _check_keys(wanted.dense_keys, wanted.sparse_keys)
        defaults, known = _default_tensors(wanted)
        indices, found, sizes, dense = parse_single_example_op(
            serialized,
            defaults,
            num_sparse=len(wanted.sparse_keys),
            sparse_keys=wanted.sparse_keys,
            sparse_types=wanted.sparse_types,
            dense_keys=wanted.dense_keys,
            dense_shapes=known,
            name=name,
        )
        keys = wanted.sparse_keys + wanted.dense_keys
        return dict(zip(keys, [*_sparse_tensors(indices, found, sizes), *dense], strict=True))


def _parse_named(serialized: Any, names: Any, wanted: _Wanted, name: str | None) -> dict[str, Any]:
    """One example with a name for messages: a batch of one, taken apart."""
    with name_scope(name, "ParseSingleExample", [serialized, names]):
        serialized = _as_batch_of_one(to_tensor(serialized), "serialized", "Serialized")
        names = _as_batch_of_one(to_tensor(names), "names", "Names")
        outputs = _parse_batch(serialized, names, wanted, name)
        for key in wanted.dense_keys:
            outputs[key] = shapes.squeeze(outputs[key], [0], name=f"Squeeze_{_safe(key)}")
        for key in wanted.sparse_keys:
            found = outputs[key]
            outputs[key] = SparseTensor(
                slicing.slice(found.indices, [0, 1], [-1, -1], name=f"Slice_Indices_{_safe(key)}"),
                found.values,
                slicing.slice(found.dense_shape, [1], [-1], name=f"Squeeze_Shape_{_safe(key)}"),
            )
        return outputs


def _as_batch_of_one(value: Tensor, what: str, label: str) -> Tensor:
    rank = value.get_shape().ndims
    if rank is None:
        check = assertions.Assert(
            comparison.equal(shape_queries.rank(value), 0),
            [f"Input {what} must be a scalar"],
            name=f"{label}IsScalar",
        )
        value = control.with_dependencies([check], value, name=f"{label}Dependencies")
    elif rank != 0:
        raise ValueError(f"Input {what} must be a scalar")
    return shapes.expand_dims(value, 0)


def _sequence_arguments(context: _Wanted, lists: _Wanted, reshape_defaults: bool) -> tuple[list[Tensor], list[str]]:
    """The default tensors of the context, and the lists that may be missing."""
    if not (context.dense_keys or context.sparse_keys or lists.dense_keys or lists.sparse_keys):
        raise ValueError(
            "Must provide at least one context_sparse key, context_dense key, , feature_list_sparse key, or "
            "feature_list_dense key"
        )
    for what, wanted in (("context", context), ("feature_list", lists)):
        both = set(wanted.dense_keys) & set(wanted.sparse_keys)
        if both:
            raise ValueError(f"{what}_dense and {what}_sparse keys must not intersect; intersection: {both}")
    for key, value in lists.defaults.items():
        if value is not None:
            raise ValueError(f"Value feature_list_dense_defaults[{key}] must be None")
    defaults = []
    for key, dtype, shape in zip(context.dense_keys, context.dense_types, context.dense_shapes, strict=True):
        default = context.defaults.get(key)
        if default is None:
            default = constant([], dtype=dtype)
        elif not isinstance(default, Tensor):
            default = to_tensor(default, dtype=dtypes.as_dtype(dtype), name="key_" + _safe(key))
            if reshape_defaults:
                default = shapes.reshape(default, shape)
        defaults.append(default)
    return defaults, list(lists.defaults)


@export("io.parse_sequence_example", v2=("io.parse_sequence_example",))
def parse_sequence_example(
    serialized: Any,
    context_features: Any = None,
    sequence_features: Any = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A batch of SequenceExamples: features of the context, feature lists padded to one length, and their lengths."""
    if not (context_features or sequence_features):
        raise ValueError("Missing features.")
    context = _Wanted(context_features, (VarLenFeature, FixedLenFeature))
    lists = _Wanted(sequence_features, (VarLenFeature, FixedLenSequenceFeature))
    with name_scope(name, "ParseSequenceExample", [serialized]):
        defaults, may_miss = _sequence_arguments(context, lists, reshape_defaults=False)
        out = parse_sequence_example_op(
            serialized,
            [] if example_names is None else example_names,
            defaults,
            Ncontext_sparse=len(context.sparse_keys),
            Ncontext_dense=len(context.dense_keys),
            Nfeature_list_sparse=len(lists.sparse_keys),
            Nfeature_list_dense=len(lists.dense_keys),
            context_sparse_keys=context.sparse_keys,
            context_sparse_types=context.sparse_types,
            context_dense_keys=context.dense_keys,
            context_dense_shapes=[as_shape(s) for s in context.dense_shapes],
            feature_list_sparse_keys=lists.sparse_keys,
            feature_list_sparse_types=lists.sparse_types,
            feature_list_dense_keys=lists.dense_keys,
            feature_list_dense_types=lists.dense_types,
            feature_list_dense_shapes=[as_shape(s) for s in lists.dense_shapes],
            feature_list_dense_missing_assumed_empty=may_miss,
            name=name,
        )
    lengths = dict(zip(lists.dense_keys, out[8], strict=True))
    return _context_of(context, out), _lists_of(lists, out), lengths


@export("io.parse_single_sequence_example", "parse_single_sequence_example", v2=("io.parse_single_sequence_example",))
def parse_single_sequence_example(
    serialized: Any,
    context_features: Any = None,
    sequence_features: Any = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One SequenceExample: the features of its context, and its feature lists."""
    if not (context_features or sequence_features):
        raise ValueError("Missing features.")
    context = _Wanted(context_features, (VarLenFeature, FixedLenFeature))
    lists = _Wanted(sequence_features, (VarLenFeature, FixedLenSequenceFeature))
    with name_scope(name, "ParseSingleSequenceExample", [serialized]):
        defaults, may_miss = _sequence_arguments(context, lists, reshape_defaults=True)
        out = parse_single_sequence_example_op(
            serialized,
            may_miss,
            context.sparse_keys,
            context.dense_keys,
            lists.sparse_keys,
            lists.dense_keys,
            defaults,
            "" if example_name is None else example_name,
            context_sparse_types=context.sparse_types,
            context_dense_shapes=[as_shape(s) for s in context.dense_shapes],
            feature_list_sparse_types=lists.sparse_types,
            feature_list_dense_types=lists.dense_types,
            feature_list_dense_shapes=[as_shape(s) for s in lists.dense_shapes],
            name=name,
        )
    return _context_of(context, out), _lists_of(lists, out)


def _context_of(wanted: _Wanted, out: Any) -> dict[str, Any]:
    found = [*_sparse_tensors(out[0], out[1], out[2]), *out[3]]
    return dict(zip(wanted.sparse_keys + wanted.dense_keys, found, strict=True))


def _lists_of(wanted: _Wanted, out: Any) -> dict[str, Any]:
    found = [*_sparse_tensors(out[4], out[5], out[6]), *out[7]]
    return dict(zip(wanted.sparse_keys + wanted.dense_keys, found, strict=True))
