"""Queue ops and the queue classes: tf.FIFOQueue, RandomShuffleQueue, PaddingFIFOQueue, PriorityQueue.

Source: TF 1.15, core/ops/data_flow_ops.cc, core/kernels/queue_ops.cc, python/ops/data_flow_ops.py.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import constant_value as constant_values
from tfcompat.framework import dtypes as dtypes_lib
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Fixed, KernelContext, Op, Shape, ShapeContext, op
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import scalar, with_rank
from tfcompat.framework.shapes import Dimension, TensorShape, as_shape, dimension_value, unknown_shape
from tfcompat.framework.tensor import Tensor, dims_of
from tfcompat.ops import arrays, gathering, philox, queue_state
from tfcompat.ops.random import get_seed

# --- making queues ---------------------------------------------------------------------------------------------


def _old_handle(c: ShapeContext) -> Shape:
    return (2,)


def _check_handle(c: ShapeContext, outputs: Any) -> Any:
    with_rank(c.shape(0), 1 if c.op_type in _OLD else 0)
    return outputs


def _make(c: KernelContext, name: str) -> queue_state.Queue:
    attrs = c.attrs
    kind = c.node.type.removesuffix("V2")
    types = list(attrs["component_types"])
    shapes = [dims_of(s) for s in attrs["shapes"]]
    capacity = attrs["capacity"]
    if kind == "RandomShuffleQueue":
        seeds = attrs["seed"], attrs["seed2"]
        word = philox.WordStream(philox.PhiloxState(*seeds).cursor).word
        reserve = attrs["min_after_dequeue"]
        return queue_state.RandomShuffleQueue(name, capacity, types, shapes, reserve, word, seeds)
    if kind == "PriorityQueue":
        return queue_state.PriorityQueue(name, capacity, *_with_priority(types, shapes))
    made = queue_state.PaddingQueue if kind == "PaddingFIFOQueue" else queue_state.Queue
    return made(name, capacity, types, shapes)


def _with_priority(types: list[Any], shapes: list[Shape]) -> tuple[list[Any], list[Shape]]:
    return [dtypes_lib.int64, *types], [(), *shapes] if shapes else shapes


def _build_queue(c: KernelContext) -> Any:
    shared = c.attrs["shared_name"]
    shared = shared.decode() if isinstance(shared, bytes) else shared
    container = c.attrs["container"]
    store = c.session.resources
    if not shared:
        name = c.node.name
        return Fixed(
            store.get_or_create("private queue", container, name, lambda: _make(c, queue_state.private_name(name)))
        )
    queue = store.get_or_create("queue", container, shared, lambda: _make(c, shared))
    types, shapes = list(c.attrs["component_types"]), [dims_of(s) for s in c.attrs["shapes"]]
    if c.node.type.startswith("Priority"):
        types, shapes = _with_priority(types, shapes)

    def checked() -> Any:
        queue.check_node(c.node.type, c.attrs["capacity"], types, shapes, c.attrs)
        return queue

    return checked


_OLD: set[str] = set()
_QUEUES: dict[str, Op] = {}
for _kind in ("FIFOQueue", "RandomShuffleQueue", "PaddingFIFOQueue", "PriorityQueue"):
    _QUEUES[_kind] = op(_kind + "V2")(scalar)
    _QUEUES[_kind + " by reference"] = op(_kind)(_old_handle)
for _declared in _QUEUES.values():
    _declared.gradient(NOT_DIFFERENTIABLE)
    _declared.builder(_build_queue)

# --- using queues ----------------------------------------------------------------------------------------------


def _pair(op_type: str, rule: Callable[[ShapeContext], Any], host: tuple[str, ...] = ()) -> tuple[Op, Op]:
    """The op on a resource and the older one on a reference."""
    old = op_type.removesuffix("V2")
    _OLD.add(old)
    pair = op(op_type, host=host)(rule), op(old, host=host, stateful=True)(rule)
    for made in pair:
        made.gradient(NOT_DIFFERENTIABLE)
    return pair


def _nothing(c: ShapeContext) -> Any:
    return _check_handle(c, [])


def _a_scalar(c: ShapeContext) -> Any:
    return _check_handle(c, ())


def _components(c: ShapeContext) -> Any:
    return _check_handle(c, [None] * len(c.attrs["component_types"]))


def _the_queue(handle: Any) -> Any:
    """The queue itself, also where the handle was picked out of a tensor of handles."""
    return handle.item() if isinstance(handle, np.ndarray) else handle


def _timeout(c: KernelContext) -> float | None:
    """How long a run may wait, in seconds, where the session's config says."""
    limit = getattr(c.session.config, "operation_timeout_in_ms", 0) or 0
    return limit / 1000.0 if limit > 0 else None


enqueue_v2_op, enqueue_op = _pair("QueueEnqueueV2", _nothing)
enqueue_many_v2_op, enqueue_many_op = _pair("QueueEnqueueManyV2", _nothing)
dequeue_v2_op, dequeue_op = _pair("QueueDequeueV2", _components)
dequeue_many_v2_op, dequeue_many_op = _pair("QueueDequeueManyV2", _components, ("n",))
dequeue_up_to_v2_op, dequeue_up_to_op = _pair("QueueDequeueUpToV2", _components, ("n",))
close_v2_op, close_op = _pair("QueueCloseV2", _nothing)
size_v2_op, size_op = _pair("QueueSizeV2", _a_scalar)
is_closed_v2_op, is_closed_op = _pair("QueueIsClosedV2", _a_scalar)


@enqueue_v2_op.builder
@enqueue_op.builder
def _build_enqueue(c: KernelContext) -> Any:
    types, timeout = list(c.attrs["Tcomponents"]), _timeout(c)

    def enqueue(queue: Any, components: list[Any]) -> None:
        queue = _the_queue(queue)
        queue.check_inputs(types)
        queue.enqueue(components, timeout)

    return enqueue


@enqueue_many_v2_op.builder
@enqueue_many_op.builder
def _build_enqueue_many(c: KernelContext) -> Any:
    types, timeout = list(c.attrs["Tcomponents"]), _timeout(c)

    def enqueue_many(queue: Any, components: list[Any]) -> None:
        queue = _the_queue(queue)
        queue.check_inputs(types)
        queue.enqueue_many(components, timeout)

    return enqueue_many


@dequeue_v2_op.builder
@dequeue_op.builder
def _build_dequeue(c: KernelContext) -> Any:
    types, timeout = list(c.attrs["component_types"]), _timeout(c)

    def dequeue(queue: Any) -> list[Any]:
        queue = _the_queue(queue)
        queue.check_outputs(types)
        return list(queue.dequeue(timeout))

    return dequeue


@dequeue_many_v2_op.builder
@dequeue_many_op.builder
@dequeue_up_to_v2_op.builder
@dequeue_up_to_op.builder
def _build_dequeue_many(c: KernelContext) -> Any:
    types, timeout = list(c.attrs["component_types"]), _timeout(c)
    allow_small = "UpTo" in c.node.type

    def dequeue_many(queue: Any, n: int) -> list[Any]:
        queue = _the_queue(queue)
        queue.check_outputs(types)
        return queue.dequeue_many(n, allow_small, timeout)  # type: ignore[no-any-return]

    return dequeue_many


@close_v2_op.kernel
@close_op.kernel
def _close(handle: Any, *, cancel_pending_enqueues: bool) -> None:
    _the_queue(handle).close(cancel_pending_enqueues)


@size_v2_op.kernel
@size_op.kernel
def _size(handle: Any, *, device: Any) -> torch.Tensor:
    return torch.tensor(_the_queue(handle).size(), dtype=torch.int32, device=device)


@is_closed_v2_op.kernel
@is_closed_op.kernel
def _is_closed(handle: Any, *, device: Any) -> torch.Tensor:
    return torch.tensor(_the_queue(handle).closed, device=device)


fake_queue_op = op("FakeQueue")(_old_handle)
fake_queue_op.gradient(NOT_DIFFERENTIABLE)
fake_queue_op.kernel(lambda resource: resource)

# --- the classes -----------------------------------------------------------------------------------------------


def as_type_list(types: Any) -> list[Any]:
    """One type or several as a list of DTypes."""
    if not isinstance(types, (list, tuple)):
        types = [types]
    return [dtypes_lib.as_dtype(t) for t in types]


def as_shape_list(shapes: Any, partial: bool = False) -> list[TensorShape] | None:
    """One shape or several as a list of TensorShapes; None stays None.

    Raises: ValueError for shapes that are not known well enough; TypeError for what is no shape.
    """
    if partial and (
        not isinstance(shapes, (list, tuple)) or not shapes or any(s is None or isinstance(s, int) for s in shapes)
    ):
        raise ValueError("When providing partial shapes, a list of shapes must be provided.")
    if shapes is None:
        return None
    if isinstance(shapes, TensorShape):
        shapes = [shapes]
    if not isinstance(shapes, (list, tuple)):
        raise TypeError("shapes must be a TensorShape or a list or tuple of TensorShapes.")
    if all(s is None or isinstance(s, int) for s in shapes):
        shapes = [shapes]
    made = [as_shape(s) for s in shapes]
    if not partial and any(not s.is_fully_defined() for s in made):
        raise ValueError(f"All shapes must be fully defined: {made}")
    if any(s.dims is None for s in made):
        raise ValueError(f"All shapes must have a defined rank: {made}")
    return made


def _as_name_list(names: Any, types: Sequence[Any]) -> list[str] | None:
    if names is None:
        return None
    if not isinstance(names, (list, tuple)):
        names = [names]
    if len(names) != len(types):
        raise ValueError("List of names must have the same length as the list of dtypes")
    return list(names)


def _common_shape(a: TensorShape, b: TensorShape) -> TensorShape:
    if a.ndims is None or b.ndims is None or a.ndims != b.ndims:
        return unknown_shape()
    return TensorShape([x if x is not None and x == y else None for x, y in zip(a.as_list(), b.as_list(), strict=True)])


@export("queue.QueueBase", "io.QueueBase", "QueueBase", v2=("queue.QueueBase",))
class QueueBase:
    """What all queues can do: put elements (tuples of tensors) in and take them out, in some order.

    Raises: ValueError when shapes or names do not match the types.
    """

    def __init__(self, dtypes: Any, shapes: Any, names: Any, queue_ref: Tensor) -> None:
        self._dtypes = dtypes
        if shapes is not None:
            if len(shapes) != len(dtypes):
                raise ValueError("Queue shapes must have the same length as dtypes")
            self._shapes = [TensorShape(s) for s in shapes]
        else:
            self._shapes = [unknown_shape() for _ in dtypes]
        if names is not None and len(names) != len(dtypes):
            raise ValueError("Queue names must have the same length as dtypes")
        self._names = names
        self._queue_ref = queue_ref
        self._name = queue_ref.op.name.split("/")[-1]

    @staticmethod
    def from_list(index: Any, queues: Any) -> QueueBase:
        """The queue that stands at `index` (a tensor) of a list of queues.

        Raises: TypeError for queues that do not hold the same kinds of elements.
        """
        if not queues or not isinstance(queues, list) or not all(isinstance(q, QueueBase) for q in queues):
            raise TypeError("A list of queues expected")
        types = queues[0].dtypes
        if not all(types == q.dtypes for q in queues[1:]):
            raise TypeError("Queues do not have matching component dtypes.")
        names = queues[0].names
        if not all(names == q.names for q in queues[1:]):
            raise TypeError("Queues do not have matching component names.")
        common = [functools.reduce(_common_shape, s) for s in zip(*(q.shapes for q in queues), strict=True)]
        handles = arrays.stack([q.queue_ref for q in queues])
        return QueueBase(types, common, names, gathering.gather(handles, index))

    @property
    def queue_ref(self) -> Tensor:
        """The tensor that stands for the queue in the graph."""
        return self._queue_ref

    @property
    def name(self) -> str:
        return self._queue_ref.op.name

    @property
    def dtypes(self) -> Any:
        """The types of an element's components."""
        return self._dtypes

    @property
    def shapes(self) -> list[TensorShape]:
        """The shapes of an element's components, as far as they are known."""
        return self._shapes

    @property
    def names(self) -> Any:
        """The names of an element's components, or None."""
        return self._names

    @property
    def _is_resource(self) -> bool:
        return self._queue_ref.dtype == dtypes_lib.resource

    def _as_components(self, vals: Any) -> list[Tensor]:
        if isinstance(vals, dict):
            if not self._names:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names, key=str) != sorted(vals.keys(), key=str):
                raise ValueError(
                    "Keys in dictionary to enqueue do not match names of Queue.  "
                    f"Dictionary: ({sorted(vals.keys())}), Queue: ({sorted(self._names)})"
                )
            vals = [vals[k] for k in self._names]
        else:
            if self._names:
                raise ValueError("You must enqueue a dictionary in a Queue with names")
            if not isinstance(vals, (list, tuple)):
                vals = [vals]
        return [
            to_tensor(val, dtype=dtype, name=f"component_{i}")
            for i, (val, dtype) in enumerate(zip(vals, self._dtypes, strict=False))
        ]

    def enqueue(self, vals: Any, name: str | None = None) -> Operation:
        """The operation that puts one element in; it waits while the queue is full.

        Raises: CancelledError while running when the queue is closed.
        """
        with name_scope(name, f"{self._name}_enqueue", _scope_values(vals)) as scope:
            components = self._as_components(vals)
            for value, shape in zip(components, self._shapes, strict=False):
                value.get_shape().assert_is_compatible_with(shape)
            made = enqueue_v2_op if self._is_resource else enqueue_op
            return made(self._queue_ref, components, name=scope)

    def enqueue_many(self, vals: Any, name: str | None = None) -> Operation:
        """The operation that puts in one element for each row of the components."""
        with name_scope(name, f"{self._name}_EnqueueMany", _scope_values(vals)) as scope:
            components = self._as_components(vals)
            batch = Dimension(dimension_value(components[0].get_shape().with_rank_at_least(1)[0]))
            for value, shape in zip(components, self._shapes, strict=False):
                found = Dimension(dimension_value(value.get_shape().with_rank_at_least(1)[0]))
                batch = batch.merge_with(found)
                value.get_shape()[1:].assert_is_compatible_with(shape)
            made = enqueue_many_v2_op if self._is_resource else enqueue_many_op
            return made(self._queue_ref, components, name=scope)

    def _dequeued(self, tensors: list[Tensor]) -> Any:
        if self._names:
            return dict(zip(self._names, tensors, strict=True))
        return tensors[0] if len(tensors) == 1 else tensors

    def dequeue(self, name: str | None = None) -> Any:
        """One element: a tensor, a list of tensors, or a dict of them by name; waits until there is one.

        Raises: OutOfRangeError while running when the queue is closed and empty.
        """
        made = dequeue_v2_op if self._is_resource else dequeue_op
        outputs = made(self._queue_ref, component_types=self._dtypes, name=name or f"{self._name}_Dequeue")
        for output, shape in zip(outputs, self._shapes, strict=True):
            output.set_shape(shape)
        return self._dequeued(outputs)

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """`n` elements stacked along a new first dimension; waits until they are there."""
        made = dequeue_many_v2_op if self._is_resource else dequeue_many_op
        outputs = made(self._queue_ref, n=n, component_types=self._dtypes, name=name or f"{self._name}_DequeueMany")
        batch = Dimension(_static_int(outputs[0].op.inputs[1]))
        for output, shape in zip(outputs, self._shapes, strict=True):
            output.set_shape(TensorShape([batch]).concatenate(shape))
        return self._dequeued(outputs)

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """As `dequeue_many`, but what is left of a closed queue comes even when it is less than `n`."""
        made = dequeue_up_to_v2_op if self._is_resource else dequeue_up_to_op
        outputs = made(self._queue_ref, n=n, component_types=self._dtypes, name=name or f"{self._name}_DequeueUpTo")
        for output, shape in zip(outputs, self._shapes, strict=True):
            output.set_shape(TensorShape([None]).concatenate(shape))
        return self._dequeued(outputs)

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """The operation after which nothing can be put in any more."""
        made = close_v2_op if self._is_resource else close_op
        return made(
            self._queue_ref, cancel_pending_enqueues=cancel_pending_enqueues, name=name or f"{self._name}_Close"
        )

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether the queue is closed."""
        made = is_closed_v2_op if self._is_resource else is_closed_op
        return made(self._queue_ref, name=name or f"{self._name}_Is_Closed")  # type: ignore[no-any-return]

    def size(self, name: str | None = None) -> Tensor:
        """How many elements the queue holds."""
        made = size_v2_op if self._is_resource else size_op
        return made(self._queue_ref, name=name or f"{self._name}_Size")  # type: ignore[no-any-return]


def _scope_values(vals: Any) -> Any:
    if isinstance(vals, (list, tuple)):
        return vals
    return list(vals.values()) if isinstance(vals, dict) else [vals]


def _static_int(tensor: Tensor) -> int | None:
    value = constant_values.constant_value(tensor)
    return None if value is None else int(value)


@export("queue.RandomShuffleQueue", "io.RandomShuffleQueue", "RandomShuffleQueue", v2=("queue.RandomShuffleQueue",))
class RandomShuffleQueue(QueueBase):
    """A queue that gives its elements in random order, keeping `min_after_dequeue` of them back until it is closed."""

    def __init__(
        self,
        capacity: int,
        min_after_dequeue: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        seed: int | None = None,
        shared_name: str | None = None,
        name: str = "random_shuffle_queue",
    ) -> None:
        types = as_type_list(dtypes)
        known = as_shape_list(shapes)
        names = _as_name_list(names, types)
        seed1, seed2 = get_seed(seed)
        if seed1 is None and seed2 is None:
            seed1, seed2 = 0, 0
        elif seed is None and shared_name is not None:
            # Programs that share the queue need not have as many nodes: the name decides, not the count of nodes.
            digest = hashlib.md5((str(seed1) + shared_name).encode(), usedforsecurity=False).hexdigest()
            seed2 = int(digest[:8], 16) & 0x7FFFFFFF
        handle = _QUEUES["RandomShuffleQueue"](
            component_types=types,
            shapes=known or [],
            capacity=capacity,
            min_after_dequeue=min_after_dequeue,
            seed=seed1,
            seed2=seed2,
            shared_name=shared_name or "",
            name=name,
        )
        super().__init__(types, known, names, handle)


@export("queue.FIFOQueue", "FIFOQueue", v2=("queue.FIFOQueue",))
class FIFOQueue(QueueBase):
    """A queue that gives its elements in the order they came."""

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "fifo_queue",
    ) -> None:
        types = as_type_list(dtypes)
        known = as_shape_list(shapes)
        names = _as_name_list(names, types)
        handle = _QUEUES["FIFOQueue"](
            component_types=types, shapes=known or [], capacity=capacity, shared_name=shared_name or "", name=name
        )
        super().__init__(types, known, names, handle)


@export("queue.PaddingFIFOQueue", "io.PaddingFIFOQueue", "PaddingFIFOQueue", v2=("queue.PaddingFIFOQueue",))
class PaddingFIFOQueue(QueueBase):
    """A FIFOQueue of elements whose sizes may differ; those of a batch are padded with zeros."""

    def __init__(
        self,
        capacity: int,
        dtypes: Any,
        shapes: Any,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "padding_fifo_queue",
    ) -> None:
        types = as_type_list(dtypes)
        known = as_shape_list(shapes, partial=True)
        names = _as_name_list(names, types)
        assert known is not None
        if len(types) != len(known):
            raise ValueError(
                f"Shapes must be provided for all components, but received {len(types)} dtypes and {len(known)} shapes."
            )
        handle = _QUEUES["PaddingFIFOQueue"](
            component_types=types, shapes=known, capacity=capacity, shared_name=shared_name or "", name=name
        )
        super().__init__(types, known, names, handle)


@export("queue.PriorityQueue", "io.PriorityQueue", "PriorityQueue", v2=("queue.PriorityQueue",))
class PriorityQueue(QueueBase):
    """A queue whose elements begin with an int64; the smallest comes out first."""

    def __init__(
        self,
        capacity: int,
        types: Any,
        shapes: Any = None,
        names: Any = None,
        shared_name: str | None = None,
        name: str = "priority_queue",
    ) -> None:
        types = as_type_list(types)
        known = as_shape_list(shapes)
        handle = _QUEUES["PriorityQueue"](
            component_types=types, shapes=known or [], capacity=capacity, shared_name=shared_name or "", name=name
        )
        super().__init__([dtypes_lib.int64, *types], [TensorShape([]), *known] if known else known, names, handle)
