"""Dataset nodes: each makes a flow of the flows, settings and functions it is given.

Source: TF 1.15, core/ops/dataset_ops.cc, core/ops/experimental_dataset_ops.cc.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from tfcompat.client.state import SessionState
from tfcompat.data.flow import batching, caching, files, mapping, ordering, sources
from tfcompat.data.flow.core import Flow, Function, Run, invalid
from tfcompat.framework import errors
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, op
from tfcompat.framework.tensor import dims_of

Make = Callable[..., Any]


def host_session(session: Any) -> Any:
    """The session, or where it computes on another device, one on the host with the same resources: pipelines run there."""
    if session.device.type == "cpu":
        return session

    def make() -> SessionState:
        made = SessionState(torch.device("cpu"), session.config)
        made.resources = session.resources
        return made

    return session.resources.get_or_create("tf.data", "", "host session", make)


def on_host(value: Any) -> Any:
    return value.cpu() if isinstance(value, torch.Tensor) else value


def on_device(value: Any, device: torch.device) -> Any:
    return value.to(device) if isinstance(value, torch.Tensor) and device.type != "cpu" else value


def _scalar(c: ShapeContext) -> Shape:
    return ()


def function(c: KernelContext, attr: str, captured: list[Any]) -> Function:
    """The function in an attr, with what it captured."""
    return Function(host_session(c.session), c.attrs[attr], [on_host(v) for v in captured])


def variant_op(op_type: str, host: tuple[str, ...] = ()) -> Callable[[Make], Op]:
    """Declares an op of one scalar variant output; decorates `make(context, *inputs)`, which gives its value."""

    def declare(make: Make) -> Op:
        declared = op(op_type, host=host)(_scalar)

        @declared.builder
        def _build(c: KernelContext) -> Any:
            return lambda *args: make(c, *args)

        declared.gradient(NOT_DIFFERENTIABLE)
        return declared

    return declare


# -- sources ----------------------------------------------------------------------------------------------------------


@variant_op("TensorDataset")
def tensor_dataset_op(c: KernelContext, components: list[Any]) -> Flow:
    return sources.Single([on_host(v) for v in components])


@variant_op("TensorSliceDataset")
def tensor_slice_dataset_op(c: KernelContext, components: list[Any]) -> Flow:
    return sources.Slices([on_host(v) for v in components])


@variant_op("SparseTensorSliceDataset")
def sparse_tensor_slice_dataset_op(c: KernelContext, indices: Any, values: Any, dims: Any) -> Flow:
    return sources.SparseSlices(on_host(indices), on_host(values), on_host(dims))


@variant_op("RangeDataset", host=("start", "stop", "step"))
def range_dataset_op(c: KernelContext, start: int, stop: int, step: int) -> Flow:
    return sources.Range(start, stop, step)


@variant_op("GeneratorDataset")
def generator_dataset_op(c: KernelContext, init_args: list[Any], next_args: list[Any], finalize_args: list[Any]) -> Flow:
    return sources.Generated(
        function(c, "init_func", init_args),
        function(c, "next_func", next_args),
        function(c, "finalize_func", finalize_args),
    )


def _names(value: Any) -> list[bytes]:
    if isinstance(value, bytes):
        return [value]
    if any(isinstance(v, list) for v in value):
        raise invalid("`filenames` must be a scalar or a vector.")
    return list(value)


@variant_op("TextLineDataset", host=("filenames", "compression_type", "buffer_size"))
def text_line_dataset_op(c: KernelContext, filenames: Any, compression_type: bytes, buffer_size: int) -> Flow:
    return files.TextLines(_names(filenames), compression_type, buffer_size)


@variant_op("TFRecordDataset", host=("filenames", "compression_type", "buffer_size"))
def tf_record_dataset_op(c: KernelContext, filenames: Any, compression_type: bytes, buffer_size: int) -> Flow:
    return files.Records(_names(filenames), compression_type, buffer_size)


@variant_op(
    "FixedLengthRecordDataset", host=("filenames", "header_bytes", "record_bytes", "footer_bytes", "buffer_size")
)
def fixed_length_record_dataset_op(
    c: KernelContext, filenames: Any, header: int, record: int, footer: int, buffer_size: int
) -> Flow:
    return files.FixedRecords(_names(filenames), header, record, footer, buffer_size)


@variant_op(
    "FixedLengthRecordDatasetV2",
    host=("filenames", "header_bytes", "record_bytes", "footer_bytes", "buffer_size", "compression_type"),
)
def fixed_length_record_dataset_v2_op(
    c: KernelContext, filenames: Any, header: int, record: int, footer: int, buffer_size: int, compression: bytes
) -> Flow:
    return files.FixedRecords(_names(filenames), header, record, footer, buffer_size, compression)


def _csv(c: KernelContext, filenames: Any, *settings: Any) -> Flow:
    *most, defaults = settings
    return files.Csv(_names(filenames), *most, [on_host(v) for v in defaults], c.attrs["output_types"])


_CSV_HOST = (
    "filenames", "compression_type", "buffer_size", "header", "field_delim", "use_quote_delim", "na_value", "select_cols",
)
csv_dataset_op = variant_op("CSVDataset", host=_CSV_HOST)(_csv)
experimental_csv_dataset_op = variant_op("ExperimentalCSVDataset", host=_CSV_HOST)(_csv)


@variant_op("RandomDataset", host=("seed", "seed2"))
def random_dataset_op(c: KernelContext, seed: int, seed2: int) -> Flow:
    return sources.RandomNumbers(seed, seed2)


# -- order ------------------------------------------------------------------------------------------------------------


@variant_op("RepeatDataset", host=("count",))
def repeat_dataset_op(c: KernelContext, source: Flow, count: int) -> Flow:
    return ordering.Repeat(source, count)


@variant_op("TakeDataset", host=("count",))
def take_dataset_op(c: KernelContext, source: Flow, count: int) -> Flow:
    return ordering.Take(source, count)


@variant_op("SkipDataset", host=("count",))
def skip_dataset_op(c: KernelContext, source: Flow, count: int) -> Flow:
    return ordering.Skip(source, count)


@variant_op("ShardDataset", host=("num_shards", "index"))
def shard_dataset_op(c: KernelContext, source: Flow, num_shards: int, index: int) -> Flow:
    return ordering.Shard(source, num_shards, index, c.attrs["require_non_empty"])


@variant_op("ConcatenateDataset")
def concatenate_dataset_op(c: KernelContext, first: Flow, second: Flow) -> Flow:
    return ordering.Concatenate(first, second)


@variant_op("ZipDataset")
def zip_dataset_op(c: KernelContext, inputs: list[Flow]) -> Flow:
    return ordering.Zip(inputs)


@variant_op("ShuffleDataset", host=("buffer_size", "seed", "seed2"))
def shuffle_dataset_op(c: KernelContext, source: Flow, buffer_size: int, seed: int, seed2: int) -> Flow:
    return ordering.Shuffle(source, buffer_size, seed, seed2, c.attrs["reshuffle_each_iteration"])


@variant_op("ShuffleAndRepeatDataset", host=("buffer_size", "seed", "seed2", "count"))
def shuffle_and_repeat_dataset_op(
    c: KernelContext, source: Flow, buffer_size: int, seed: int, seed2: int, count: int
) -> Flow:
    return ordering.Shuffle(source, buffer_size, seed, seed2, False, count)


@variant_op("DirectedInterleaveDataset")
def directed_interleave_dataset_op(c: KernelContext, selector: Flow, inputs: list[Flow]) -> Flow:
    return ordering.Directed(selector, inputs)


@variant_op("UniqueDataset")
def unique_dataset_op(c: KernelContext, source: Flow) -> Flow:
    return ordering.Unique(source, c.attrs["output_types"][0])


@variant_op("CacheDataset", host=("filename",))
def cache_dataset_op(c: KernelContext, source: Flow, filename: bytes) -> Flow:
    return caching.Cache(source, filename.decode("utf-8", "surrogateescape"), c.attrs["output_types"])


# -- functions of elements ----------------------------------------------------------------------------------------------


@variant_op("MapDataset")
def map_dataset_op(c: KernelContext, source: Flow, captured: list[Any]) -> Flow:
    return mapping.Map(source, function(c, "f", captured), c.attrs["preserve_cardinality"])


@variant_op("ParallelMapDataset", host=("num_parallel_calls",))
def parallel_map_dataset_op(c: KernelContext, source: Flow, captured: list[Any], num_parallel_calls: int) -> Flow:
    threads = mapping.parallelism(num_parallel_calls, "num_parallel_calls")
    return mapping.Map(source, function(c, "f", captured), c.attrs["preserve_cardinality"], threads)


@variant_op("FilterDataset")
def filter_dataset_op(c: KernelContext, source: Flow, captured: list[Any]) -> Flow:
    return mapping.Filter(source, function(c, "predicate", captured))


@variant_op("FlatMapDataset")
def flat_map_dataset_op(c: KernelContext, source: Flow, captured: list[Any]) -> Flow:
    return mapping.FlatMap(source, function(c, "f", captured))


@variant_op("InterleaveDataset", host=("cycle_length", "block_length"))
def interleave_dataset_op(
    c: KernelContext, source: Flow, captured: list[Any], cycle_length: int, block_length: int
) -> Flow:
    return mapping.Interleave(source, function(c, "f", captured), cycle_length, block_length)


@variant_op("ParallelInterleaveDatasetV2", host=("cycle_length", "block_length", "num_parallel_calls"))
def parallel_interleave_dataset_v2_op(
    c: KernelContext, source: Flow, captured: list[Any], cycle_length: int, block_length: int, num_parallel_calls: int
) -> Flow:
    mapping.parallelism(num_parallel_calls, "num_parallel_calls")
    made = mapping.Interleave(source, function(c, "f", captured), cycle_length, block_length, threads=True)
    if num_parallel_calls > made.cycle_length:
        raise invalid(
            f"num_parallel_calls must less than or equal to cycle_length. num_parallel_calls: {num_parallel_calls} "
            f"cycle_length: {made.cycle_length}"
        )
    return made


_PARALLEL_INTERLEAVE_HOST = (
    "cycle_length", "block_length", "sloppy", "buffer_output_elements", "prefetch_input_elements",
)


def _parallel_interleave(
    c: KernelContext, source: Flow, captured: list[Any], cycle_length: int, block_length: int, sloppy: bool,
    buffered: int, prefetched: int,
) -> Flow:
    if cycle_length <= 0:
        raise invalid("`cycle_length` must be > 0")
    if block_length <= 0:
        raise invalid("`block_length` must be > 0")
    if buffered <= 0:
        raise invalid("`buffer_output_elements` must be > 0")
    if prefetched < 0:
        raise invalid("`prefetch_input_elements` must be >= 0")
    return mapping.Interleave(
        source, function(c, "f", captured), cycle_length, block_length, threads=True, buffered=buffered
    )


parallel_interleave_dataset_op = variant_op("ParallelInterleaveDataset", host=_PARALLEL_INTERLEAVE_HOST)(
    _parallel_interleave
)
experimental_parallel_interleave_dataset_op = variant_op(
    "ExperimentalParallelInterleaveDataset", host=_PARALLEL_INTERLEAVE_HOST
)(_parallel_interleave)


@variant_op("ScanDataset")
def scan_dataset_op(c: KernelContext, source: Flow, initial: list[Any], captured: list[Any]) -> Flow:
    state = [on_host(v) for v in initial]
    return mapping.Scan(source, state, function(c, "f", captured), c.attrs["preserve_cardinality"])


@variant_op("TakeWhileDataset")
def take_while_dataset_op(c: KernelContext, source: Flow, captured: list[Any]) -> Flow:
    return mapping.TakeWhile(source, function(c, "predicate", captured))


@variant_op("IgnoreErrorsDataset")
def ignore_errors_dataset_op(c: KernelContext, source: Flow) -> Flow:
    return mapping.IgnoreErrors(source)


@variant_op("PrefetchDataset", host=("buffer_size",))
def prefetch_dataset_op(c: KernelContext, source: Flow, buffer_size: int) -> Flow:
    return mapping.Prefetch(source, buffer_size)


# -- batches ----------------------------------------------------------------------------------------------------------


@variant_op("BatchDataset", host=("batch_size",))
def batch_dataset_op(c: KernelContext, source: Flow, size: int) -> Flow:
    return batching.Batch(source, size, False)


@variant_op("BatchDatasetV2", host=("batch_size", "drop_remainder"))
def batch_dataset_v2_op(c: KernelContext, source: Flow, size: int, drop_remainder: bool) -> Flow:
    return batching.Batch(source, size, drop_remainder)


@variant_op("PaddedBatchDataset", host=("batch_size", "padded_shapes"))
def padded_batch_dataset_op(
    c: KernelContext, source: Flow, size: int, shapes: list[list[int]], padding: list[Any]
) -> Flow:
    return batching.PaddedBatch(source, size, shapes, [on_host(v) for v in padding], False)


@variant_op("PaddedBatchDatasetV2", host=("batch_size", "padded_shapes", "drop_remainder"))
def padded_batch_dataset_v2_op(
    c: KernelContext, source: Flow, size: int, shapes: list[list[int]], padding: list[Any], drop_remainder: bool
) -> Flow:
    return batching.PaddedBatch(source, size, shapes, [on_host(v) for v in padding], drop_remainder)


@variant_op("MapAndBatchDataset", host=("batch_size", "num_parallel_calls", "drop_remainder"))
def map_and_batch_dataset_op(
    c: KernelContext, source: Flow, captured: list[Any], size: int, num_parallel_calls: int, drop_remainder: bool
) -> Flow:
    if size <= 0:
        raise invalid("batch_size must be greater than zero.")
    threads = mapping.parallelism(num_parallel_calls, "num_parallel_calls")
    mapped = mapping.Map(source, function(c, "f", captured), c.attrs["preserve_cardinality"], threads)
    return batching.MapAndBatch(mapped, size, drop_remainder)


@variant_op("UnbatchDataset")
def unbatch_dataset_op(c: KernelContext, source: Flow) -> Flow:
    return batching.Unbatch(source)


@variant_op("WindowDataset", host=("size", "shift", "stride", "drop_remainder"))
def window_dataset_op(c: KernelContext, source: Flow, size: int, shift: int, stride: int, drop_remainder: bool) -> Flow:
    return batching.Window(source, size, shift, stride, drop_remainder)


@variant_op("GroupByWindowDataset")
def group_by_window_dataset_op(
    c: KernelContext, source: Flow, key_args: list[Any], reduce_args: list[Any], size_args: list[Any]
) -> Flow:
    return batching.GroupByWindow(
        source,
        function(c, "key_func", key_args),
        function(c, "reduce_func", reduce_args),
        function(c, "window_size_func", size_args),
    )


def _group_by_reducer(
    c: KernelContext, source: Flow, key: list[Any], init: list[Any], reduce: list[Any], finalize: list[Any]
) -> Flow:
    return batching.GroupByReducer(
        source,
        function(c, "key_func", key),
        function(c, "init_func", init),
        function(c, "reduce_func", reduce),
        function(c, "finalize_func", finalize),
    )


group_by_reducer_dataset_op = variant_op("GroupByReducerDataset")(_group_by_reducer)
experimental_group_by_reducer_dataset_op = variant_op("ExperimentalGroupByReducerDataset")(_group_by_reducer)


@variant_op("DenseToSparseBatchDataset", host=("batch_size", "row_shape"))
def dense_to_sparse_batch_dataset_op(c: KernelContext, source: Flow, size: int, row_shape: list[int]) -> Flow:
    return batching.DenseToSparse(source, size, row_shape)


# -- how a pipeline should run ------------------------------------------------------------------------------------------


def _passes(op_type: str, host: tuple[str, ...] = ()) -> Op:
    """An op whose elements are those of its input: what it asks for (threads, statistics) changes no element."""
    kind = op_type.removesuffix("Dataset")
    return variant_op(op_type, host)(lambda c, source, *settings: mapping.Same(source, kind))


model_dataset_op = _passes("ModelDataset")
max_intra_op_parallelism_dataset_op = _passes("MaxIntraOpParallelismDataset", ("max_intra_op_parallelism",))
private_thread_pool_dataset_op = _passes("PrivateThreadPoolDataset", ("num_threads",))
assert_next_dataset_op = _passes("AssertNextDataset")
non_serializable_dataset_op = _passes("NonSerializableDataset")
latency_stats_dataset_op = _passes("LatencyStatsDataset")
bytes_produced_stats_dataset_op = _passes("BytesProducedStatsDataset")


def fused(flow: Flow, optimizations: list[bytes]) -> Flow:
    """The pipeline as TensorFlow's optimizer leaves it, as far as that can be told from outside: it draws a repeated
    shuffle over the borders of the rounds from one stream of random numbers, and joins a map with its batch."""
    flow = flow.rebuilt([fused(f, optimizations) for f in flow.inputs])
    if isinstance(flow, mapping.Map) and flow.threads is not None and b"make_sloppy" in optimizations:
        return flow.made_sloppy()
    if isinstance(flow, ordering.Repeat) and b"shuffle_and_repeat_fusion" in optimizations:
        inner = flow.inputs[0]
        fits = flow.count > 1 or flow.count == -1  # one round is left out as a whole, none cannot be fused
        if fits and isinstance(inner, ordering.Shuffle) and inner.reshuffle and inner.count == 1:
            return inner.repeated(flow.count)
    if type(flow) is batching.Batch and b"map_and_batch_fusion" in optimizations and isinstance(flow.inputs[0], mapping.Map):
        return batching.MapAndBatch(flow.inputs[0], flow.size, flow.drop_remainder)
    return flow


@variant_op("OptimizeDataset", host=("optimizations",))
def optimize_dataset_op(c: KernelContext, source: Flow, optimizations: list[bytes]) -> Flow:
    return mapping.Same(fused(source, optimizations), "Optimize")


wrap_dataset_variant_op = variant_op("WrapDatasetVariant")(lambda c, handle: handle)
unwrap_dataset_variant_op = variant_op("UnwrapDatasetVariant")(lambda c, handle: handle)


# -- what is made of a whole dataset ------------------------------------------------------------------------------------


def component_shapes(c: ShapeContext) -> list[Shape]:
    """The static shapes that a node's attrs promise of its components."""
    return [dims_of(s) for s in c.attrs["output_shapes"]]


reduce_dataset_op = op("ReduceDataset")(component_shapes)
reduce_dataset_op.gradient(NOT_DIFFERENTIABLE)


@reduce_dataset_op.builder
def _reduce(c: KernelContext) -> Any:
    def run(source: Flow, initial: list[Any], captured: list[Any]) -> list[Any]:
        call = function(c, "f", captured)
        state = [on_host(v) for v in initial]
        walk = Run()
        try:
            for element in source.iterate(walk, "ReduceIterator"):
                try:
                    state = call([*state, *element])
                except errors.OutOfRangeError:
                    break
        finally:
            walk.close()
        return [on_device(v, c.device) for v in state]

    return run


dataset_to_single_element_op = op("DatasetToSingleElement")(component_shapes)
dataset_to_single_element_op.gradient(NOT_DIFFERENTIABLE)


@dataset_to_single_element_op.builder
def _single_element(c: KernelContext) -> Any:
    def run(source: Flow) -> list[Any]:
        walk = Run()
        try:
            elements = source.iterate(walk, "SingleElementIterator")
            found = next(elements, None)
            if found is None:
                raise invalid("Dataset was empty.")
            if next(elements, None) is not None:
                raise invalid("Dataset had more than one element.")
        finally:
            walk.close()
        return [on_device(v, c.device) for v in found]

    return run


def _cardinality(op_type: str) -> Op:
    declared = op(op_type)(_scalar)
    declared.gradient(NOT_DIFFERENTIABLE)

    @declared.kernel
    def _count(input_dataset: Flow) -> Any:
        return torch.tensor(input_dataset.cardinality())

    return declared


dataset_cardinality_op = _cardinality("DatasetCardinality")
experimental_dataset_cardinality_op = _cardinality("ExperimentalDatasetCardinality")

