"""Input pipelines on queues: tf.train.string_input_producer, batch, shuffle_batch and their relatives.

Source: TF 1.15, python/training/input.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import dtypes
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.conversion import convert_to_tensor_or_indexed_slices, to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.scopes import control_dependencies, name_scope
from tfcompat.framework.shapes import Dimension, as_shape, dimension_value
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.io.file_ops import matching_files
from tfcompat.ops import (
    assertions,
    casting,
    comparison,
    control,
    elementwise,
    gathering,
    ranges,
    selecting,
    shape_queries,
    shapes,
    sparse,
)
from tfcompat.ops.constants import constant
from tfcompat.ops.control_flow import cond
from tfcompat.ops.identity import identity, no_op
from tfcompat.ops.queues import FIFOQueue, PaddingFIFOQueue, QueueBase, RandomShuffleQueue
from tfcompat.ops.random import random_shuffle
from tfcompat.ops.sparse_maps import (
    add_many_sparse_to_tensors_map,
    add_sparse_to_tensors_map,
    take_many_sparse_from_tensors_map,
)
from tfcompat.ops.variable_base import VariableV1
from tfcompat.summary import summary_ops
from tfcompat.training.queue_runner import QueueRunner, add_queue_runner

# --- producers -------------------------------------------------------------------------------------------------


@export("io.match_filenames_once", "train.match_filenames_once", v2=("io.match_filenames_once",))
def match_filenames_once(pattern: Any, name: str | None = None) -> Any:
    """A local variable with the paths that matched when it was initialised."""
    with name_scope(name, "matching_filenames", [pattern]) as scope:
        return VariableV1(
            initial_value=matching_files(pattern),
            trainable=False,
            name=scope,
            validate_shape=False,
            collections=[GraphKeys.LOCAL_VARIABLES],
        )


@export("train.limit_epochs")
def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Any:
    """`tensor` for `num_epochs` runs (None: for ever), counted in a local variable; then OutOfRangeError.

    Raises: ValueError when num_epochs is not positive.
    """
    if num_epochs is None:
        return tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with name_scope(name, "limit_epochs", [tensor]) as scope:
        zero = constant(0, dtype=dtypes.int64)
        epochs = VariableV1(zero, name="epochs", trainable=False, collections=[GraphKeys.LOCAL_VARIABLES])
        counter = epochs.count_up_to(num_epochs)
        with control_dependencies([counter]):
            return identity(tensor, name=scope)


@export("train.input_producer")
def input_producer(
    input_tensor: Any,
    element_shape: Any = None,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    summary_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> FIFOQueue:
    """A queue that a thread fills with the rows of `input_tensor`, epoch after epoch.

    Raises: ValueError when the shape of a row is not known.
    """
    with name_scope(name, "input_producer", [input_tensor]):
        input_tensor = to_tensor(input_tensor, name="input_tensor")
        row_shape = input_tensor.shape[1:].merge_with(element_shape)
        if not row_shape.is_fully_defined():
            raise ValueError(
                "Either `input_tensor` must have a fully defined shape or `element_shape` must be specified"
            )
        if shuffle:
            input_tensor = random_shuffle(input_tensor, seed=seed)
        input_tensor = limit_epochs(input_tensor, num_epochs)
        queue = FIFOQueue(
            capacity=capacity,
            dtypes=[input_tensor.dtype.base_dtype],
            shapes=[row_shape],
            shared_name=shared_name,
            name=name,  # type: ignore[arg-type]
        )
        filled = queue.enqueue_many([input_tensor])
        add_queue_runner(QueueRunner(queue, [filled], cancel_op=cancel_op))
        if summary_name is not None:
            _fullness(summary_name, queue.size(), capacity)
        return queue


@export("train.string_input_producer")
def string_input_producer(
    string_tensor: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
    cancel_op: Any = None,
) -> FIFOQueue:
    """A queue of strings, such as file names for a reader.

    Raises: ValueError for an empty list; InvalidArgumentError while running for an empty tensor.
    """
    missing = "string_input_producer requires a non-null input tensor"
    if not isinstance(string_tensor, Tensor) and not string_tensor:
        raise ValueError(missing)
    with name_scope(name, "input_producer", [string_tensor]) as scope:
        string_tensor = to_tensor(string_tensor, dtype=dtypes.string)
        with control_dependencies(
            [assertions.Assert(comparison.greater(shape_queries.size(string_tensor), 0), [missing])]
        ):
            string_tensor = identity(string_tensor)
        return input_producer(
            input_tensor=string_tensor,
            element_shape=[],
            num_epochs=num_epochs,
            shuffle=shuffle,
            seed=seed,
            capacity=capacity,
            shared_name=shared_name,
            name=scope,
            summary_name=f"fraction_of_{capacity}_full",
            cancel_op=cancel_op,
        )


@export("train.range_input_producer")
def range_input_producer(
    limit: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> FIFOQueue:
    """A queue of the integers from 0 to limit - 1."""
    with name_scope(name, "input_producer", [limit]) as scope:
        numbers = ranges.range(limit)
        summary_name = f"fraction_of_{capacity}_full"
        return input_producer(numbers, [], num_epochs, shuffle, seed, capacity, shared_name, summary_name, scope)


@export("train.slice_input_producer")
def slice_input_producer(
    tensor_list: Any,
    num_epochs: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    capacity: int = 32,
    shared_name: str | None = None,
    name: str | None = None,
) -> list[Tensor]:
    """One row of each tensor, the same row of all of them, another one in each run.

    Raises: ValueError for an empty list.
    """
    with name_scope(name, "input_producer", tensor_list):
        tensor_list = _to_tensors(tensor_list)
        if not tensor_list:
            raise ValueError("Expected at least one tensor in slice_input_producer().")
        count = shape_queries.shape(tensor_list[0])[0]
        queue = range_input_producer(
            count, num_epochs=num_epochs, shuffle=shuffle, seed=seed, capacity=capacity, shared_name=shared_name
        )
        index = queue.dequeue()
        return [gathering.gather(t, index) for t in tensor_list]


def _fullness(summary_name: str, held: Tensor, capacity: int) -> None:
    summary_ops.scalar(summary_name, casting.cast(held, dtypes.float32) * (1.0 / capacity))


# --- what goes into a batch queue ------------------------------------------------------------------------------


def _to_tensors(values: Any) -> list[Any]:
    return [
        v if isinstance(v, SparseTensor) else convert_to_tensor_or_indexed_slices(v)
        for v in values
    ]


class _SparseInfo:
    """How a component is carried: as itself, or as the number of a sparse tensor that was put aside."""

    def __init__(self, sparse: bool, map_op: Any, rank: Any) -> None:
        self.sparse = sparse
        self.map_op = map_op
        self.rank = Dimension(rank)

    def agrees_with(self, other: _SparseInfo) -> bool:
        if self.sparse != other.sparse:
            return False
        return not self.sparse or (self.map_op is other.map_op and self.rank.is_compatible_with(other.rank))


def _in_order(tensors: Any) -> Any:
    return [tensors[k] for k in sorted(tensors, key=str)] if isinstance(tensors, dict) else tensors


def _all_in_order(tensors_list: Any) -> Any:
    if not tensors_list:
        raise ValueError("Expected at least one set of tensors")
    if isinstance(tensors_list[0], dict):
        expected = set(tensors_list[0])
        if any(set(tensors) != expected for tensors in tensors_list[1:]):
            raise ValueError("All dictionaries in tensors_list must have the same keys")
        return [_in_order(tensors) for tensors in tensors_list]
    return tensors_list


def _as_given(given: Any, results: Any) -> Any:
    if not isinstance(given, dict):
        return results
    if len(given) == 1:
        results = [results]
    return {k: results[i] for i, k in enumerate(sorted(given, key=str))}


def _static_cond(pred: Tensor, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """One of the two now where the choice is known, else both as branches."""
    known = constant_value(pred)
    if known is None:
        return cond(pred, true_fn=true_fn, false_fn=false_fn)
    return true_fn() if known else false_fn()


def _put_aside(t: Any, name: str | None, enqueue_many: bool, keep_input: Tensor) -> tuple[Any, Any]:
    """The number (or numbers) of a sparse tensor that was put aside, and the operation that did; others as they are."""
    if not isinstance(t, SparseTensor):
        return t, None
    # The operation may stand in a branch, where it cannot be found from the result.
    makers: list[Any] = []

    def noted(stored: Tensor) -> Tensor:
        makers.append(stored.op)
        return stored

    if keep_input.shape.ndims == 1:
        kept = sparse.sparse_retain(t, gathering.gather(keep_input, t.indices[:, 0]))
        return noted(add_many_sparse_to_tensors_map(kept, shared_name=name)), makers[0]
    if not enqueue_many:
        number = _static_cond(
            keep_input,
            lambda: noted(add_sparse_to_tensors_map(t, shared_name=name)),
            lambda: constant(-1, dtypes.int64),
        )
        return number, makers[0] if makers else number.op
    numbers = _static_cond(
        keep_input,
        lambda: noted(add_many_sparse_to_tensors_map(t, shared_name=name)),
        lambda: -1 * shapes.ones(shape_queries.shape(t)[0:1], dtypes.int64),
    )
    numbers.set_shape([None])
    return numbers, makers[0] if makers else numbers.op


def _store_sparse(
    tensors: Sequence[Any], enqueue_many: bool, keep_input: Tensor, maps: Sequence[Any] | None = None
) -> tuple[list[Any], list[_SparseInfo]]:
    maps = maps or [None] * len(tensors)
    stored = [
        _put_aside(t, found.name if found else None, enqueue_many, keep_input)
        for t, found in zip(tensors, maps, strict=True)
    ]
    infos = []
    for t, (_, maker), found in zip(tensors, stored, maps, strict=True):
        if not isinstance(t, SparseTensor):
            infos.append(_SparseInfo(False, None, None))
            continue
        rank = t.dense_shape.shape.with_rank(1).dims[0]
        infos.append(_SparseInfo(True, found or maker, rank - 1 if enqueue_many else rank))
    carried = [shapes.expand_dims(s, [-1]) if i.sparse else s for (s, _), i in zip(stored, infos, strict=True)]
    return carried, infos


def _store_sparse_join(
    tensors_list: Sequence[Any], enqueue_many: bool, keep_input: Tensor
) -> tuple[list[Any], list[_SparseInfo]]:
    first, infos = _store_sparse(tensors_list[0], enqueue_many, keep_input)
    stored = [first]
    for tensors in tensors_list[1:]:
        held, found = _store_sparse(tensors, enqueue_many, keep_input, [i.map_op for i in infos])
        if not all(a.agrees_with(b) for a, b in zip(infos, found, strict=True)):
            raise ValueError(f"Inconsistent SparseTensors list: {tensors_list[0]} vs. {tensors}")
        stored.append(held)
    return stored, infos


def _restore_sparse(dequeued: Any, infos: Sequence[_SparseInfo]) -> Any:
    several = isinstance(dequeued, (list, tuple))
    values = dequeued if several else (dequeued,)
    tensors = [
        take_many_sparse_from_tensors_map(info.map_op, shapes.squeeze(s, [1]), dimension_value(info.rank + 1))
        if info.sparse
        else s
        for s, info in zip(values, infos, strict=True)
    ]
    if any(isinstance(t, SparseTensor) for t in tensors):
        # What is put aside is given out once: whoever reads one component must make all of them be taken.
        together = [t.values if isinstance(t, SparseTensor) else t for t in tensors]

        def tied(x: Any) -> Any:
            return control.with_dependencies(together, x)

        tensors = [
            SparseTensor(indices=tied(t.indices), values=tied(t.values), dense_shape=tied(t.dense_shape))
            if isinstance(t, SparseTensor)
            else tied(t)
            for t in tensors
        ]
    return tensors if several else tensors[0]


def _keep_input_tensor(keep_input: Any, enqueue_many: bool) -> Tensor:
    keep_input = to_tensor(keep_input)
    rank = keep_input.shape.ndims
    if rank is None:
        raise ValueError("`keep_input` dimensions must be known at graph construction.")
    if not enqueue_many and rank == 1:
        raise ValueError("`keep_input` cannot be a vector when `enqueue_many=False`.")
    if rank > 1:
        raise ValueError("`keep_input` must be 0 or 1 dimensions.")
    return keep_input


def _types(tensors_list: Sequence[Sequence[Any]]) -> list[Any]:
    every = [[t.dtype for t in tensors] for tensors in tensors_list]
    for other in every[1:]:
        if other != every[0]:
            raise TypeError(
                "Expected types to be consistent: "
                f"{', '.join(t.name for t in every[0])} vs. {', '.join(t.name for t in other)}."
            )
    return every[0]


def _merged_shapes(tensors_list: Sequence[Sequence[Any]], given: Any, enqueue_many: bool) -> Any:
    if given is not None:
        return given
    merged = []
    for i in range(len(tensors_list[0])):
        for tensors in tensors_list:
            if tensors[i].shape.ndims is None:
                raise ValueError(f"Cannot infer Tensor's rank: {tensors[i]}")
    for i in range(len(tensors_list[0])):
        found = [as_shape(tensors[i].shape.as_list()) for tensors in tensors_list]
        if enqueue_many:
            found = [s.with_rank_at_least(1)[1:] for s in found]
        for other in found[1:]:
            found[0].merge_with(other)
        merged.append(found[0].as_list())
    return merged


def _chosen(tensors: Sequence[Any], keep_input: Tensor) -> list[Tensor]:
    which = casting.cast(keep_input, dtypes.int32)
    return [selecting.dynamic_partition(t, which, num_partitions=2)[1] for t in tensors]


def _enqueue_op(queue: QueueBase, tensors: Sequence[Any], enqueue_many: bool, keep_input: Tensor) -> Any:
    enqueue = queue.enqueue_many if enqueue_many else queue.enqueue
    if keep_input.shape.ndims == 1:
        return enqueue(_chosen(tensors, keep_input))
    return _static_cond(keep_input, lambda: enqueue(tensors), no_op)


def _dequeue(queue: QueueBase, batch_size: Any, smaller: bool, infos: Sequence[_SparseInfo], name: str) -> Any:
    take = queue.dequeue_up_to if smaller else queue.dequeue_many
    return _restore_sparse(take(batch_size, name=name), infos)


def _check_reserve(capacity: int, min_after_dequeue: int) -> None:
    if capacity <= min_after_dequeue:
        raise ValueError(f"capacity {capacity} must be bigger than min_after_dequeue {min_after_dequeue}.")


def _fullness_over(queue: QueueBase, capacity: int, min_after_dequeue: int) -> None:
    span = capacity - min_after_dequeue
    over = elementwise.maximum(0, queue.size() - min_after_dequeue)
    full = casting.cast(over, dtypes.float32) * (1.0 / span)
    summary_ops.scalar(f"fraction_over_{min_after_dequeue}_of_{span}_full", full)


def _batch(
    tensors: Any,
    keep_input: Any,
    batch_size: Any,
    num_threads: int,
    enqueue_many: bool,
    shapes_given: Any,
    smaller: bool,
    name: str | None,
    default_name: str,
    make_queue: Callable[[list[Any], Any], QueueBase],
    report: Callable[[QueueBase], None],
    check: Callable[[], None] = lambda: None,
) -> Any:
    """One set of tensors, enqueued by `num_threads` threads."""
    tensor_list = _in_order(tensors)
    with name_scope(name, default_name, [*tensor_list, keep_input]) as scope:
        check()
        tensor_list = _to_tensors(tensor_list)
        if not tensor_list:
            raise ValueError("Expected at least one tensor in batch().")
        keep_input = _keep_input_tensor(keep_input, enqueue_many)
        tensor_list, infos = _store_sparse(tensor_list, enqueue_many, keep_input)
        queue = make_queue(_types([tensor_list]), _merged_shapes([tensor_list], shapes_given, enqueue_many))
        enqueued = [_enqueue_op(queue, tensor_list, enqueue_many, keep_input)] * num_threads
        add_queue_runner(QueueRunner(queue, enqueued))
        report(queue)
        return _as_given(tensors, _dequeue(queue, batch_size, smaller, infos, scope))


def _batch_join(
    tensors_list: Any,
    keep_input: Any,
    batch_size: Any,
    enqueue_many: bool,
    shapes_given: Any,
    smaller: bool,
    name: str | None,
    default_name: str,
    make_queue: Callable[[list[Any], Any], QueueBase],
    report: Callable[[QueueBase], None],
) -> Any:
    """Several sets of tensors, each enqueued by a thread of its own."""
    lists = _all_in_order(tensors_list)
    with name_scope(name, default_name, [*(t for tensors in lists for t in tensors), keep_input]) as scope:
        lists = [_to_tensors(tensors) for tensors in lists]
        if not lists:
            raise ValueError("Expected at least one input in batch_join().")
        keep_input = _keep_input_tensor(keep_input, enqueue_many)
        lists, infos = _store_sparse_join(lists, enqueue_many, keep_input)
        queue = make_queue(_types(lists), _merged_shapes(lists, shapes_given, enqueue_many))
        enqueued = [_enqueue_op(queue, tensors, enqueue_many, keep_input) for tensors in lists]
        add_queue_runner(QueueRunner(queue, enqueued))
        report(queue)
        return _as_given(tensors_list[0], _dequeue(queue, batch_size, smaller, infos, scope))


def _fifo(capacity: int, shared_name: str | None, dynamic_pad: bool) -> Callable[[list[Any], Any], QueueBase]:
    kind = PaddingFIFOQueue if dynamic_pad else FIFOQueue
    return lambda types, known: kind(capacity=capacity, dtypes=types, shapes=known, shared_name=shared_name)


def _shuffling(
    capacity: int, min_after_dequeue: int, seed: int | None, shared_name: str | None
) -> Callable[[list[Any], Any], QueueBase]:
    return lambda types, known: RandomShuffleQueue(
        capacity=capacity,
        min_after_dequeue=min_after_dequeue,
        seed=seed,
        dtypes=types,
        shapes=known,
        shared_name=shared_name,
    )


def _reports(capacity: int) -> Callable[[QueueBase], None]:
    return lambda queue: _fullness(f"fraction_of_{capacity}_full", queue.size(), capacity)


def _reports_over(capacity: int, min_after_dequeue: int) -> Callable[[QueueBase], None]:
    return lambda queue: _fullness_over(queue, capacity, min_after_dequeue)


# --- the functions ---------------------------------------------------------------------------------------------


@export("train.batch")
def batch(
    tensors: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of `tensors` (a list or dict), gathered by threads in a queue.

    Raises: ValueError when shapes are not known well enough for the queue.
    """
    return maybe_batch(
        tensors, True, batch_size, num_threads, capacity, enqueue_many, shapes, dynamic_pad,
        allow_smaller_final_batch, shared_name, name,
    )  # fmt: skip


@export("train.maybe_batch")
def maybe_batch(
    tensors: Any,
    keep_input: Any,
    batch_size: Any,
    num_threads: int = 1,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """As `batch`, of those examples only for which `keep_input` is true."""
    return _batch(
        tensors, keep_input, batch_size, num_threads, enqueue_many, shapes, allow_smaller_final_batch, name, "batch",
        _fifo(capacity, shared_name, dynamic_pad), _reports(capacity),
    )  # fmt: skip


@export("train.batch_join")
def batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches from several sources, a thread for each."""
    return maybe_batch_join(
        tensors_list, True, batch_size, capacity, enqueue_many, shapes, dynamic_pad, allow_smaller_final_batch,
        shared_name, name,
    )  # fmt: skip


@export("train.maybe_batch_join")
def maybe_batch_join(
    tensors_list: Any,
    keep_input: Any,
    batch_size: Any,
    capacity: int = 32,
    enqueue_many: bool = False,
    shapes: Any = None,
    dynamic_pad: bool = False,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """As `batch_join`, of those examples only for which `keep_input` is true."""
    return _batch_join(
        tensors_list, keep_input, batch_size, enqueue_many, shapes, allow_smaller_final_batch, name, "batch_join",
        _fifo(capacity, shared_name, dynamic_pad), _reports(capacity),
    )  # fmt: skip


@export("train.shuffle_batch")
def shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches of `tensors` in random order, from a queue that keeps `min_after_dequeue` examples to choose from."""
    return maybe_shuffle_batch(
        tensors, batch_size, capacity, min_after_dequeue, True, num_threads, seed, enqueue_many, shapes,
        allow_smaller_final_batch, shared_name, name,
    )  # fmt: skip


@export("train.maybe_shuffle_batch")
def maybe_shuffle_batch(
    tensors: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    keep_input: Any,
    num_threads: int = 1,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """As `shuffle_batch`, of those examples only for which `keep_input` is true."""
    return _batch(
        tensors, keep_input, batch_size, num_threads, enqueue_many, shapes, allow_smaller_final_batch, name,
        "shuffle_batch", _shuffling(capacity, min_after_dequeue, seed, shared_name),
        _reports_over(capacity, min_after_dequeue), lambda: _check_reserve(capacity, min_after_dequeue),
    )  # fmt: skip


@export("train.shuffle_batch_join")
def shuffle_batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """Batches in random order from several sources, a thread for each."""
    return maybe_shuffle_batch_join(
        tensors_list, batch_size, capacity, min_after_dequeue, True, seed, enqueue_many, shapes,
        allow_smaller_final_batch, shared_name, name,
    )  # fmt: skip


@export("train.maybe_shuffle_batch_join")
def maybe_shuffle_batch_join(
    tensors_list: Any,
    batch_size: Any,
    capacity: int,
    min_after_dequeue: int,
    keep_input: Any,
    seed: int | None = None,
    enqueue_many: bool = False,
    shapes: Any = None,
    allow_smaller_final_batch: bool = False,
    shared_name: str | None = None,
    name: str | None = None,
) -> Any:
    """As `shuffle_batch_join`, of those examples only for which `keep_input` is true."""
    return _batch_join(
        tensors_list, keep_input, batch_size, enqueue_many, shapes, allow_smaller_final_batch, name,
        "shuffle_batch_join", _shuffling(capacity, min_after_dequeue, seed, shared_name),
        _reports_over(capacity, min_after_dequeue),
    )  # fmt: skip
