"""tf.data.experimental: transformations given to `Dataset.apply`, and other datasets.

Source: TF 1.15, python/data/experimental/ops/*.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tfcompat.data import dataset_ops as ops
from tfcompat.data import nest, structure
from tfcompat.data.dataset import (
    DatasetSpec,
    DatasetV1,
    DatasetV1Adapter,
    DatasetV2,
    NodeDataset,
    _is_scalar,
    batched_spec,
    common_shapes,
    int64,
    mapped,
    setting,
    trace_dataset,
)
from tfcompat.data.options import Options
from tfcompat.data.readers import parallel_interleave_dataset
from tfcompat.data.seeds import seed_tensors
from tfcompat.data.tracing import TracedFunction, trace_with_state
from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export, export_value
from tfcompat.framework.scopes import control_dependencies, name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.ops import checks, comparison, constants, exponents, random_stateless, reductions, selecting, shapes
from tfcompat.ops.sparse_serialize import SparseTensorSpec

Transformation = Callable[[Any], Any]

INFINITE = -1
UNKNOWN = -2
export_value("data.experimental.INFINITE_CARDINALITY", attribute="INFINITE")
export_value("data.experimental.UNKNOWN_CARDINALITY", attribute="UNKNOWN")


def _key_spec() -> TensorSpec:
    return TensorSpec([], dtypes.int64)


# -- batches and groups ---------------------------------------------------------------------------------------------------


@export("data.experimental.map_and_batch", "contrib.data.map_and_batch", v2=("data.experimental.map_and_batch",))
def map_and_batch(
    map_func: Any,
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """A map and a batch in one. Raises ValueError when both ways to say how parallel it is are used."""
    if num_parallel_batches is not None and num_parallel_calls is not None:
        raise ValueError("The `num_parallel_batches` and `num_parallel_calls` arguments are mutually exclusive.")
    if num_parallel_calls is None:
        num_parallel_calls = batch_size if num_parallel_batches is None else batch_size * num_parallel_batches

    def apply(dataset: Any) -> Any:
        traced = TracedFunction(map_func, "tf.data.experimental.map_and_batch()", dataset.element_spec)
        size = int64(batch_size, "batch_size")
        calls = int64(num_parallel_calls, "num_parallel_calls")
        drop = conversion.convert_to_tensor(drop_remainder, dtype=dtypes.bool, name="drop_remainder")
        spec = batched_spec(traced.output_structure, size, drop)
        made = ops.map_and_batch_dataset_op(
            dataset._variant_tensor, traced.captured, size, calls, drop, f=traced.graph, preserve_cardinality=True,
            **structure.flat_attrs(spec),
        )
        return NodeDataset(made, spec, [dataset], [traced])

    return apply


@export("data.experimental.map_and_batch_with_legacy_function")
def map_and_batch_with_legacy_function(
    map_func: Any,
    batch_size: Any,
    num_parallel_batches: Any = None,
    drop_remainder: Any = False,
    num_parallel_calls: Any = None,
) -> Transformation:
    """`map_and_batch`, by its name of earlier days."""
    return map_and_batch(map_func, batch_size, num_parallel_batches, drop_remainder, num_parallel_calls)


@export("data.experimental.unbatch", "contrib.data.unbatch", v2=("data.experimental.unbatch",))
def unbatch() -> Transformation:
    """`Dataset.unbatch` as a transformation."""
    return lambda dataset: dataset.unbatch()


@export("data.experimental.dense_to_sparse_batch", v2=("data.experimental.dense_to_sparse_batch",))
def dense_to_sparse_batch(batch_size: Any, row_shape: Any) -> Transformation:
    """Batches as sparse tensors of elements that may differ in size. Raises TypeError for elements of several parts."""

    def apply(dataset: Any) -> Any:
        types = structure.legacy_types(dataset.element_spec)
        if not isinstance(types, dtypes.DType):
            raise TypeError(
                "DenseToSparseDataset requires an input whose elements have a single component, whereas the input has "
                f"{types!r}."
            )
        spec = SparseTensorSpec(TensorShape([None]).concatenate(row_shape), types)
        dims = [-1 if d is None else d for d in TensorShape(row_shape).as_list()]
        rows = conversion.convert_to_tensor(dims, dtype=dtypes.int64)
        made = ops.dense_to_sparse_batch_dataset_op(
            dataset._variant_tensor, batch_size, rows, **structure.flat_attrs(spec)
        )
        return NodeDataset(made, spec, [dataset])

    return apply


@export("data.experimental.group_by_window", "contrib.data.group_by_window", v2=("data.experimental.group_by_window",))
def group_by_window(
    key_func: Any, reduce_func: Any, window_size: Any = None, window_size_func: Any = None
) -> Transformation:
    """Elements collected by key; a function makes a dataset of each full window, whose elements come out.

    Raises: ValueError unless exactly one of the sizes is given; TypeError when `reduce_func` gives no dataset.
    """
    if (window_size is not None and window_size_func) or not (window_size is not None or window_size_func):
        raise ValueError("Must pass either window_size or window_size_func.")
    size_func = window_size_func
    if window_size is not None:

        def size_func(unused_key: Any) -> Any:
            return conversion.convert_to_tensor(window_size, dtype=dtypes.int64)

    name = "tf.data.experimental.group_by_window()"

    def as_int64(func: Any) -> Any:
        return lambda *args: conversion.convert_to_tensor(func(*args), dtype=dtypes.int64)

    def apply(dataset: Any) -> Any:
        key = TracedFunction(as_int64(key_func), name, dataset.element_spec)
        if not _is_scalar(key.output_structure, dtypes.int64):
            raise ValueError("`key_func` must return a single tf.int64 scalar tensor.")
        pair = _key_spec(), DatasetSpec(dataset.element_spec)
        reduce, spec = trace_dataset(reduce_func, name, pair, "`reduce_func` must return a `Dataset` object.")
        size = TracedFunction(as_int64(size_func), name, _key_spec())
        if not _is_scalar(size.output_structure, dtypes.int64):
            raise ValueError("`window_size_func` must return a single tf.int64 scalar tensor.")
        made = ops.group_by_window_dataset_op(
            dataset._variant_tensor, key.captured, reduce.captured, size.captured, key_func=key.graph,
            reduce_func=reduce.graph, window_size_func=size.graph, **structure.flat_attrs(spec),
        )
        return NodeDataset(made, spec, [dataset], [key, reduce, size])

    return apply


@export("data.experimental.Reducer", v2=("data.experimental.Reducer",))
class Reducer:
    """Three functions: of a key the first state, of state and element the next, of the last state the result."""

    def __init__(self, init_func: Any, reduce_func: Any, finalize_func: Any) -> None:
        self._functions = init_func, reduce_func, finalize_func

    @property
    def init_func(self) -> Any:
        return self._functions[0]

    @property
    def reduce_func(self) -> Any:
        return self._functions[1]

    @property
    def finalize_func(self) -> Any:
        return self._functions[2]


@export("data.experimental.group_by_reducer", v2=("data.experimental.group_by_reducer",))
def group_by_reducer(key_func: Any, reducer: Reducer) -> Transformation:
    """One element for each key: what a Reducer makes of all elements that have it."""
    name = "tf.data.experimental.group_by_reducer()"

    def apply(dataset: Any) -> Any:
        key = TracedFunction(key_func, name, dataset.element_spec)
        if not _is_scalar(key.output_structure, dtypes.int64):
            raise ValueError(
                f"`key_func` must return a single tf.int64 tensor. Got type={key.output_types} and "
                f"shape={key.output_shapes}"
            )
        init = TracedFunction(reducer.init_func, name, _key_spec())
        reduce, state = trace_with_state(
            reducer.reduce_func, name, init.output_structure, dataset.element_spec, False, "reduce_func"
        )
        final = TracedFunction(reducer.finalize_func, name, state)
        spec = final.output_structure
        made = ops.experimental_group_by_reducer_dataset_op(
            dataset._variant_tensor, key.captured, init.captured, reduce.captured, final.captured, key_func=key.graph,
            init_func=init.graph, reduce_func=reduce.graph, finalize_func=final.graph, **structure.flat_attrs(spec),
        )
        return NodeDataset(made, spec, [dataset], [key, init, reduce, final])

    return apply


@export("data.experimental.bucket_by_sequence_length", "contrib.data.bucket_by_sequence_length", v2=("data.experimental.bucket_by_sequence_length",))
def bucket_by_sequence_length(
    element_length_func: Any,
    bucket_boundaries: Any,
    bucket_batch_sizes: Any,
    padded_shapes: Any = None,
    padding_values: Any = None,
    pad_to_bucket_boundary: bool = False,
    no_padding: bool = False,
    drop_remainder: bool = False,
) -> Transformation:
    """Padded batches of elements of similar length. Raises ValueError unless there is one batch size a bucket."""
    with name_scope("bucket_by_seq_length"):
        if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
            raise ValueError("len(bucket_batch_sizes) must equal len(bucket_boundaries) + 1")
        batch_sizes = constants.constant(bucket_batch_sizes, dtype=dtypes.int64)

        def bucket_of(*args: Any) -> Any:
            length = element_length_func(*args)
            limits = list(bucket_boundaries)
            least = [np.iinfo(np.int32).min, *limits]
            most = [*limits, np.iinfo(np.int32).max]
            within = comparison.logical_and(comparison.less_equal(least, length), comparison.less(length, most))
            return reductions.reduce_min(selecting.where(within))

        def window_size(bucket: Any) -> Any:
            return batch_sizes[bucket]

        def batch(bucket: Any, group: Any) -> Any:
            size = window_size(bucket)
            if no_padding:
                return group.batch(size, drop_remainder=drop_remainder)
            filler = None
            if pad_to_bucket_boundary:
                check = checks.assert_less(
                    bucket,
                    constants.constant(len(bucket_batch_sizes) - 1, dtype=dtypes.int64),
                    message="When pad_to_bucket_boundary=True, elements must have length < max(bucket_boundaries).",
                )
                with control_dependencies([check]):
                    limits = constants.constant(bucket_boundaries, dtype=dtypes.int64)
                    filler = limits[bucket] - 1
            wanted = padded_shapes or structure.legacy_shapes(group.element_spec)
            filled = [
                [filler if d is None else d for d in TensorShape(s).as_list()] for s in nest.flatten(wanted)
            ]
            return group.padded_batch(
                size, nest.pack_sequence_as(wanted, filled), padding_values, drop_remainder=drop_remainder
            )

        return lambda dataset: dataset.apply(group_by_window(bucket_of, batch, window_size_func=window_size))


# -- order ----------------------------------------------------------------------------------------------------------------


@export("data.experimental.shuffle_and_repeat", "contrib.data.shuffle_and_repeat", v2=("data.experimental.shuffle_and_repeat",))
def shuffle_and_repeat(buffer_size: Any, count: Any = None, seed: Any = None) -> Transformation:
    """A shuffle over `count` rounds of the dataset, without end when that is None."""

    def apply(dataset: Any) -> Any:
        size = int64(buffer_size, "buffer_size")
        rounds = setting("count", count, -1)
        seeds = seed_tensors(seed)
        made = ops.shuffle_and_repeat_dataset_op(
            dataset._variant_tensor, size, *seeds, rounds, **structure.flat_attrs(dataset.element_spec)
        )
        return NodeDataset(made, dataset.element_spec, [dataset])

    return apply


@export("data.experimental.parallel_interleave", "contrib.data.parallel_interleave", v2=("data.experimental.parallel_interleave",))
def parallel_interleave(
    map_func: Any,
    cycle_length: Any,
    block_length: Any = 1,
    sloppy: Any = False,
    buffer_output_elements: Any = None,
    prefetch_input_elements: Any = None,
) -> Transformation:
    """Elements of several datasets at a time, each read ahead by a thread, in a fixed order."""
    return lambda dataset: parallel_interleave_dataset(
        dataset, map_func, cycle_length, block_length, sloppy, buffer_output_elements, prefetch_input_elements
    )


def directed_interleave(selector: Any, datasets: Any) -> NodeDataset:
    """Elements of the datasets that a dataset of numbers names. Raises TypeError when their types differ."""
    specs = [d.element_spec for d in datasets]
    types, classes = structure.legacy_types(specs[0]), structure.legacy_classes(specs[0])
    for spec in specs[1:]:
        if structure.legacy_types(spec) != types or structure.legacy_classes(spec) != classes:
            raise TypeError("All datasets must have the same type and class.")
    spec = structure.from_legacy(types, common_shapes(specs), classes)
    variants = [d._variant_tensor for d in datasets]
    made = ops.directed_interleave_dataset_op(selector._variant_tensor, variants, **structure.flat_attrs(spec))
    return NodeDataset(made, spec, [selector, *datasets])


def _random_dataset(seed: Any) -> NodeDataset:
    spec = _key_spec()
    return NodeDataset(ops.random_dataset_op(*seed_tensors(seed), **structure.flat_attrs(spec)), spec)


@export("data.experimental.RandomDataset")
class RandomDatasetV1(DatasetV1Adapter):
    """Random numbers in [0, 2**32) as int64, without end."""

    def __init__(self, seed: Any = None) -> None:
        super().__init__(_random_dataset(seed))


@export("data.experimental.sample_from_datasets")
def sample_from_datasets(datasets: Any, weights: Any = None, seed: Any = None) -> Any:
    """Elements of several datasets, chosen at random by `weights`: a vector, or a dataset of vectors.

    Raises: TypeError or ValueError for weights that do not fit.
    """

    def chosen(logits: Any, seeds: Any) -> Any:
        return shapes.squeeze(random_stateless.stateless_multinomial_op(logits, 1, seeds), axis=[0, 1])

    if isinstance(weights, DatasetV2):
        logits_of = weights.map(lambda *p: exponents.log(p, name="logits"))
        pairs = DatasetV1.zip((logits_of, RandomDatasetV1(seed).batch(2)))

        def select_dataset_varying_logits(logits: Any, seed: Any) -> Any:
            return chosen(logits, seed)

        selector = mapped(pairs, select_dataset_varying_logits, None, False, use_inter_op_parallelism=False)
        return DatasetV1Adapter(directed_interleave(selector, datasets))
    n = len(datasets)
    if weights is None:
        logits: Any = [[1.0] * n]
    else:
        given = conversion.convert_to_tensor(weights, name="weights")
        if given.dtype not in (dtypes.float32, dtypes.float64):
            raise TypeError(
                "`weights` must be convertible to a tensor of `tf.float32` or `tf.float64` elements."
            )
        if not given.shape.is_compatible_with([n]):
            raise ValueError("`weights` must be a vector of length `len(datasets)`.")
        logits = shapes.expand_dims(exponents.log(given, name="logits"), 0)
    if n == 1:
        return DatasetV1Adapter(datasets[0])

    def select_dataset_constant_logits(seed: Any) -> Any:
        return chosen(logits, seed)

    numbers = RandomDatasetV1(seed).batch(2)
    selector = mapped(numbers, select_dataset_constant_logits, None, False, use_inter_op_parallelism=False)
    return DatasetV1Adapter(directed_interleave(selector, datasets))


@export("data.experimental.choose_from_datasets")
def choose_from_datasets(datasets: Any, choice_dataset: Any) -> Any:
    """Elements of several datasets in the order that a dataset of their numbers says. Raises TypeError for another."""
    if not structure.are_compatible(choice_dataset.element_spec, _key_spec()):
        raise TypeError("`choice_dataset` must be a dataset of scalar `tf.int64` tensors.")
    return DatasetV1Adapter(directed_interleave(choice_dataset, datasets))


# -- elements -----------------------------------------------------------------------------------------------------------


@export("data.experimental.scan", "contrib.data.scan", v2=("data.experimental.scan",))
def scan(initial_state: Any, scan_func: Any) -> Transformation:
    """A map that also carries a state: `scan_func(state, element)` gives the next state and the result."""
    name = "tf.data.experimental.scan()"

    def apply(dataset: Any) -> Any:
        initial = structure.normalize_element(initial_state)
        traced, state = trace_with_state(
            scan_func, name, structure.spec_of(initial), dataset.element_spec, True, "scan_func"
        )
        spec = traced.output_structure[1]
        made = ops.scan_dataset_op(
            dataset._variant_tensor, structure.to_tensors(state, initial), traced.captured, f=traced.graph,
            preserve_cardinality=True, **structure.flat_attrs(spec),
        )
        return NodeDataset(made, spec, [dataset], [traced])

    return apply


@export("data.experimental.take_while", v2=("data.experimental.take_while",))
def take_while(predicate: Any) -> Transformation:
    """The elements before the first for which a function is False. Raises ValueError when it gives no scalar bool."""

    def apply(dataset: Any) -> Any:
        traced = TracedFunction(predicate, "tf.data.experimental.take_while()", dataset.element_spec)
        if not _is_scalar(traced.output_structure, dtypes.bool):
            raise ValueError("`predicate` must return a scalar boolean tensor.")
        made = ops.take_while_dataset_op(
            dataset._variant_tensor, traced.captured, predicate=traced.graph,
            **structure.flat_attrs(dataset.element_spec),
        )
        return NodeDataset(made, dataset.element_spec, [dataset], [traced])

    return apply


def _same_elements(op: Any) -> Transformation:
    def apply(dataset: Any) -> Any:
        made = op(dataset._variant_tensor, **structure.flat_attrs(dataset.element_spec))
        return NodeDataset(made, dataset.element_spec, [dataset])

    return apply


@export("data.experimental.ignore_errors", "contrib.data.ignore_errors", v2=("data.experimental.ignore_errors",))
def ignore_errors() -> Transformation:
    """The elements that could be had; errors are passed over."""
    return _same_elements(ops.ignore_errors_dataset_op)


@export("data.experimental.unique", v2=("data.experimental.unique",))
def unique() -> Transformation:
    """Elements that have not come before. Raises TypeError unless they are single integers or strings."""

    def apply(dataset: Any) -> Any:
        if structure.legacy_types(dataset.element_spec) not in (dtypes.int32, dtypes.int64, dtypes.string):
            raise TypeError(
                "`tf.data.experimental.unique()` only supports inputs with a single `tf.int32`, `tf.int64`, or "
                "`tf.string` component."
            )
        return _same_elements(ops.unique_dataset_op)(dataset)

    return apply


@export("data.experimental.enumerate_dataset", v2=("data.experimental.enumerate_dataset",))
def enumerate_dataset(start: Any = 0) -> Transformation:
    """`Dataset.enumerate` as a transformation."""
    return lambda dataset: dataset.enumerate(start)


@export("data.experimental.Counter")
def Counter(start: Any = 0, step: Any = 1, dtype: Any = dtypes.int64) -> Any:
    """The numbers start, start + step ... without end."""
    with name_scope("counter"):
        first = conversion.convert_to_tensor(start, dtype=dtype, name="start")
        by = conversion.convert_to_tensor(step, dtype=dtype, name="step")
        endless = DatasetV1.from_tensors(0).repeat(None)
        return endless.apply(scan(first, lambda state, _: (state + by, state)))


@export("data.experimental.get_single_element", v2=("data.experimental.get_single_element",))
def get_single_element(dataset: Any) -> Any:
    """The only element of a dataset. InvalidArgumentError in the run when there is none, or more."""
    if not isinstance(dataset, DatasetV2):
        raise TypeError("`dataset` must be a `tf.data.Dataset` object.")
    flat = ops.dataset_to_single_element_op(dataset._variant_tensor, **dataset._flat_structure)
    return structure.from_compatible_tensors(dataset.element_spec, flat)


@export("data.experimental.cardinality", v2=("data.experimental.cardinality",))
def cardinality(dataset: Any) -> Any:
    """How many elements a dataset has, as far as that can be told without making them: int64, or -1, or -2."""
    return ops.dataset_cardinality_op(dataset._variant_tensor)


@export("data.experimental.prefetch_to_device", v2=("data.experimental.prefetch_to_device",))
def prefetch_to_device(device: str, buffer_size: Any = None) -> Transformation:
    """The elements, made ahead. Iterators give them on the device that reads them, so the name has no effect."""
    return lambda dataset: DatasetV2.prefetch(dataset, buffer_size)


@export("data.experimental.copy_to_device", v2=("data.experimental.copy_to_device",))
def copy_to_device(target_device: str, source_device: str = "/cpu:0") -> Transformation:
    """The elements as they are: iterators give them on the device that reads them."""

    def apply(dataset: Any) -> Any:
        options = Options()
        options.experimental_optimization.apply_default_optimizations = False
        options.experimental_optimization.autotune = False
        return DatasetV2.with_options(dataset, options)

    return apply


