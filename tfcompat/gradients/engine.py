"""tf.gradients: from ys and xs to new nodes that compute the sums of dy/dx. A walk with a queue, never recursion.

Source: TF 1.15, python/ops/gradients_util.py, for the order of the walk and the names of the nodes.
"""

from __future__ import annotations

import collections
import contextlib
import enum
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tfcompat.framework import conversion, dtypes, scopes, stacks
from tfcompat.framework.export import export
from tfcompat.framework.graph import Graph
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor
from tfcompat.gradients import aggregate
from tfcompat.gradients.registry import gradient_rule
from tfcompat.ops import constants, control, identity, shapes

_TRAINABLE = frozenset(
    {
        dtypes.float16,
        dtypes.float32,
        dtypes.float64,
        dtypes.bfloat16,
        dtypes.complex64,
        dtypes.complex128,
        dtypes.resource,
        dtypes.variant,
    }
)


@export("UnconnectedGradients")
class UnconnectedGradients(enum.Enum):
    """What `gradients` returns for an x that no y depends on."""

    NONE = "none"
    ZERO = "zero"


def is_trainable(tensor: Tensor) -> bool:
    """Whether a gradient can flow through the tensor: floating, complex, resource or variant."""
    return tensor._dtype.base_dtype in _TRAINABLE


@export("gradients")
def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = UnconnectedGradients.NONE,
) -> list[Any]:
    """For each x, the sum over all ys of dy/dx, as new nodes; None where no path connects them.

    grad_ys: the gradient to start each y with (default ones). stop_gradients: tensors treated as constants.
    Raises: LookupError when an op between has no gradient; TypeError and ValueError for arguments that do not fit;
    RuntimeError in eager mode.
    """
    return Walk(stacks.get_default_graph(), colocate_gradients_with_ops, gate_gradients, aggregation_method).run(
        ys, xs, grad_ys, name, stop_gradients, unconnected_gradients
    )


@export(v2=("gradients",))
def gradients_v2(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = UnconnectedGradients.NONE,
) -> list[Any]:
    """TF 2's form of `gradients`: gradient nodes are placed with their forward nodes."""
    return gradients(
        ys, xs, grad_ys, name, True, gate_gradients, aggregation_method, stop_gradients, unconnected_gradients
    )


def _as_list(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


class Walk:
    """One call of `gradients`."""

    def __init__(
        self,
        graph: Graph,
        colocate: bool = False,
        gate: bool = False,
        method: Any = None,
        within: Callable[[Operation], bool] | None = None,
    ) -> None:
        self.graph = graph
        # The operations that gradients may flow through (a tape's recording); None: all.
        self.within = within
        self.colocate = colocate
        self.gate = gate
        self.method = method
        # Function graphs from the innermost outwards: what they capture connects them.
        self.functions: list[Any] = []
        current: Any = graph
        while current is not None and current.building_function:
            self.functions.append(current)
            current = current.outer_graph
        # operation -> for each output, the gradients received so far (a list), or their sum once it is made
        self.received: dict[Operation, list[Any]] = {}
        self.xs: set[Tensor] = set()

    def run(self, ys: Any, xs: Any, grad_ys: Any, name: str, stop: Any, unconnected: Any) -> list[Any]:
        ys, xs = _as_list(ys), _as_list(xs)
        stop = [] if stop is None else _as_list(stop)
        grad_ys = [None] * len(ys) if grad_ys is None else _as_list(grad_ys)
        try:
            unconnected = UnconnectedGradients(unconnected)
        except ValueError:
            raise ValueError(f"Unknown value for unconnected_gradients: {unconnected!r}") from None
        aggregate.check_method(self.method)
        with scopes.name_scope(name, "gradients", _tensors([*ys, *xs, *stop, *grad_ys])) as scope, _source(self.graph, scope):
            # TensorFlow reserves this name for each call; keeping it keeps the names of what follows.
            self.graph.unique_name("uid")
            y_tensors = [_as_y(y, f"y_{i}") for i, y in enumerate(ys)]
            x_tensors = [_as_x(x, f"x_{i}") for i, x in enumerate(xs)]
            self.xs = {_key(x) for x in x_tensors}
            self._check_loop_variables(y_tensors, x_tensors)
            starts = self._initial(grad_ys, y_tensors)
            self._walk(y_tensors, x_tensors, starts, [_key(_as_x(s, None)) for s in stop])
        return [self._result(x, unconnected) for x in x_tensors]

    def _check_loop_variables(self, ys: Sequence[Any], xs: Sequence[Any]) -> None:
        """Raises ValueError, as TensorFlow does, when a y in a loop's body depends on an x through the value that a
        loop variable starts with: what the rounds before have made of it is not known there."""
        if not any(getattr(f, "is_loop", False) for f in self.functions):
            return
        wanted = {_key(x) for x in xs}
        seen: set[tuple[Tensor, bool]] = set()
        stack = [(_key(y), False) for y in ys]
        while stack:
            t, through = stack.pop()
            if (t, through) in seen:
                continue
            seen.add((t, through))
            if through and t in wanted:
                raise ValueError(
                    f"Cannot compute gradient inside while loop with respect to op '{t._op._name}'. We do not support "
                    "taking the gradient wrt or through the initial value of a loop variable. Gradients can be computed "
                    "through loop invariants or wrt the input parameters to the loop body."
                )
            if t in wanted:
                continue
            first = getattr(t._op._graph, "initial_of", {}).get(t)
            if first is not None:
                stack.append((first, True))
            captured = _captured(t)
            if captured is not t:
                stack.append((captured, through))
            stack.extend((s, through) for s in t._op._inputs)

    # --- starting values ---------------------------------------------------------------------------------------

    def _initial(self, grad_ys: list[Any], ys: list[Any]) -> list[Any]:
        if len(grad_ys) != len(ys):
            raise ValueError(f"Length mismatch. Passed {len(grad_ys)} grad_ys for {len(ys)} ys")
        grad_ys = [
            None if g is None else conversion.convert_to_tensor_or_indexed_slices(g, name=f"grad_y_{i}")
            for i, g in enumerate(grad_ys)
        ]
        out = []
        for i, (y, g) in enumerate(zip(ys, grad_ys, strict=True)):
            with self._colocated(y.op):
                if g is None:
                    out.append(_ones(y, i))
                else:
                    _check_kind(y, g)
                    out.append(_named_start(g, i))
        return out

    # --- the walk ----------------------------------------------------------------------------------------------

    def _inputs(self, op: Operation) -> list[Tensor]:
        """The inputs of `op`; inside a function, what a captured placeholder stands for (unless it is an x itself)."""
        if not op._graph.building_function:
            return op._inputs
        return [t if t in self.xs else _captured(t) for t in op._inputs]

    def _consumers(self, t: Tensor) -> list[Operation]:
        found = t._consumers
        if self.within is not None:
            found = [op for op in found if self.within(op)]
        if not self.functions:
            return found
        found = list(found)
        for function in self.functions:
            inner = function.captured_placeholder(t)
            if inner is not None:
                found.extend(self._consumers(inner))
        return found

    def _pending(
        self, to_ops: list[Operation], from_ops: list[Operation]
    ) -> tuple[set[Operation], dict[Operation, int]]:
        """The operations between xs and ys, and how many of their readers are between too."""
        reached: set[Operation] = set()
        stack = list(from_ops)
        while stack:
            op = stack.pop()
            if op not in reached:
                reached.add(op)
                for t in op._outputs:
                    if t._dtype.base_dtype in _TRAINABLE:
                        stack.extend(self._consumers(t))
        # A y that is reached, then backwards through what is reached.
        reachable_ys = {op for op in to_ops if op in reached}
        between: set[Operation] = set()
        ordered: list[Operation] = []
        queue = collections.deque(op for op in to_ops if op in reached)
        while queue:
            op = queue.popleft()
            if op in between:
                continue
            between.add(op)
            ordered.append(op)
            for t in self._inputs(op):
                if t._op in reached:
                    queue.append(t._op)
        pending = dict.fromkeys(between, 0)
        for op in ordered:
            for t in self._inputs(op):
                if t._op in between:
                    pending[t._op] += 1
        return reachable_ys, pending

    def _stops(self, from_ops: list[Operation], stop: list[Tensor], pending: dict[Operation, int]) -> set[Operation]:
        """Operations of xs that no other x's operation lies before, and those the caller stops at."""
        found = {op for op in from_ops if not any(pending.get(t._op, 0) > 0 for t in self._inputs(op))}
        found.update(t._op for t in stop)
        return found

    def _walk(self, ys: list[Any], xs: list[Any], starts: list[Any], stop: list[Tensor]) -> None:
        to_ops = [y.op for y in ys]
        from_ops = [x.op for x in xs]
        reachable, pending = self._pending(to_ops, from_ops)
        for y, start in zip(ys, starts, strict=True):
            self._receive(_key(y), start)
        queue: collections.deque[Operation] = collections.deque()
        queued: set[Operation] = set()
        for op in to_ops:
            if op in reachable and pending[op] == 0 and op not in queued:
                queued.add(op)
                queue.append(op)
        stops = self._stops(from_ops, stop, pending)
        while queue:
            op = queue.popleft()
            with self._colocated(op):
                received = self._summed(op)
                has_any = any(g is not None for g in received)
                if has_any and op not in stops:
                    self._apply_rule(op, received)
            for t in self._inputs(op):
                source = t._op
                if source in pending:
                    pending[source] -= 1
                    if pending[source] == 0:
                        queue.append(source)

    def _apply_rule(self, op: Operation, received: list[Any]) -> None:
        rule = gradient_rule(op)
        if rule is None:
            return
        if not getattr(rule, "takes_none", False):
            for i, g in enumerate(received):
                if g is None and is_trainable(op._outputs[i]):
                    # The ys do not depend on this output: its gradient is zero.
                    received[i] = zeros_for(op._outputs[i])
        with scopes.name_scope(op._name + "_grad"), self.graph._original_op_scope(op):
            result = rule(op, *received)
            given = list(result) if isinstance(result, (list, tuple)) else [result]
            _check_count(given, op)
            if self.gate and sum(g is not None for g in given) > 1:
                with self.graph.device(None), self.graph.colocate_with(None, ignore_existing=True):
                    given = control.tuple(given)
        for i, (t, g) in enumerate(zip(self._inputs(op), given, strict=True)):
            if g is None:
                continue
            if isinstance(g, Tensor) and t._dtype.base_dtype is not dtypes.resource:
                _match_shape(op, i, t, g)
            self._receive(t, g)

    def _receive(self, t: Tensor, gradient: Any) -> None:
        slots = self.received.get(t._op)
        if slots is None:
            slots = self.received[t._op] = [[] for _ in t._op._outputs]
        slots[t._index].append(gradient)

    def _summed(self, op: Operation) -> list[Any]:
        """The gradient of each output of `op`; None where there is none. The sums are kept for `_result`."""
        slots = self.received.get(op)
        if slots is None:
            return [None] * len(op._outputs)
        for i, got in enumerate(slots):
            if isinstance(got, list) and got:
                slots[i] = aggregate.aggregate(got, op, self.method)
        return [None if isinstance(g, list) else g for g in slots]

    def _result(self, x: Any, unconnected: UnconnectedGradients) -> Any:
        t = _key(x)
        slots = self.received.get(t._op)
        found = None if slots is None else slots[t._index]
        if isinstance(found, list):
            # Never taken from the queue (a y that is itself an x, with nothing between): summed now.
            found = aggregate.aggregate(found, t._op, self.method) if found else None
        if found is None and unconnected is UnconnectedGradients.ZERO:
            return shapes.zeros_like(t) if t._dtype is not dtypes.resource else zeros_for(t)
        return found

    @contextlib.contextmanager
    def _colocated(self, op: Operation) -> Iterator[None]:
        if self.colocate and op._graph is self.graph:
            with self.graph.colocate_with(op):
                yield
        else:
            yield


class _Sources(threading.local):
    def __init__(self) -> None:
        self.names: list[str] = []


_sources = _Sources()


@contextlib.contextmanager
def _source(graph: Graph, scope: str) -> Iterator[None]:
    # Two calls may share a scope where one was imported; their arrays must not.
    taken: set[str] = graph._attached.setdefault("gradient_sources", set())
    name = scope.rstrip("/")
    while name in taken:
        name += "_"
    taken.add(name)
    _sources.names.append(name)
    try:
        yield
    finally:
        _sources.names.pop()


def current_source() -> str:
    """What tells the gradient TensorArrays of the call of `gradients` that is being worked on from others."""
    return _sources.names[-1] if _sources.names else "gradients"


def between(
    graph: Graph, ys: Sequence[Tensor], dys: Sequence[Any], xs: Sequence[Tensor], stop: Sequence[Tensor] = ()
) -> list[Any]:
    """The gradients of xs given those of ys, as nodes of `graph`: the walk alone, without starting values or a scope."""
    walk = Walk(graph, False, False, None)
    walk.xs = set(xs)
    walk._walk(list(ys), list(xs), list(dys), list(stop))
    return [walk._result(x, UnconnectedGradients.NONE) for x in xs]


def _tensors(items: Sequence[Any]) -> list[Any]:
    return [item for item in items if isinstance(item, Tensor)]


def _as_y(y: Any, name: str) -> Any:
    return conversion.convert_to_tensor_or_indexed_slices(y, name=name)


def _as_x(x: Any, name: str | None) -> Any:
    handle = getattr(x, "_gradient_handle", None)
    if handle is not None:
        return handle
    if isinstance(x, IndexedSlices):
        return x
    return conversion.to_tensor(x, name=name, as_ref=True)


def _key(t: Any) -> Tensor:
    """The tensor that stands for an x or y: the values of an IndexedSlices, else itself."""
    return t.values if isinstance(t, IndexedSlices) else t  # type: ignore[no-any-return]


def _captured(t: Tensor) -> Tensor:
    """What the placeholder of a capture stands for in the outermost graph it came from."""
    while t._op._graph.building_function:
        outer = t._op._graph.captured_tensor(t)  # type: ignore[attr-defined]
        if outer is None:
            return t
        t = outer
    return t


def _ones(y: Any, i: int) -> Tensor:
    if y.dtype.is_complex:
        raise TypeError(f"Gradients of complex tensors ({y}) must set grad_ys (y.dtype = {y.dtype.base_dtype!r})")
    dense = _key(y)
    return shapes.fill(shapes.shape(dense), constants.constant(1, y.dtype.base_dtype, name=f"grad_ys_{i}"))


def _check_kind(y: Any, g: Any) -> None:
    """The kinds of y and its starting gradient must agree. Raises TypeError naming both; ValueError for shapes."""
    kind, given = y.dtype.base_dtype, g.dtype.base_dtype
    if kind.is_floating or kind.is_integer:
        if not (given.is_floating or given.is_integer):
            raise TypeError(
                f"Gradient type {given.name} generated for real or integer-valued tensor {y} with type {kind.name} "
                "must be real or integer"
            )
    elif kind.is_complex:
        if not given.is_complex:
            raise TypeError(
                f"Gradient type {given.name} generated for complex-valued tensor {y} with type {kind.name} must be real"
            )
    elif kind is dtypes.variant:
        if given is not dtypes.variant:
            raise TypeError(
                f"Gradient type {given.name} generated for variant tensor {y} with type {kind.name} must be variant"
            )
    elif kind is not dtypes.resource:
        raise TypeError(f"Tensor {y} with type {kind.name} must be numeric to obtain a default gradient")
    if isinstance(g, Tensor):
        sizes = g.shape.num_elements(), _key(y).shape.num_elements()
        if None not in sizes and sizes[0] != sizes[1]:
            raise ValueError(
                f"Cannot reshape a tensor with {sizes[0]} elements to shape {_key(y).shape.as_list()} ({sizes[1]} "
                f"elements): the gradient {g} does not fit {y}"
            )


def _named_start(g: Any, i: int) -> Any:
    if isinstance(g, IndexedSlices):
        dense_shape = g.dense_shape
        if isinstance(dense_shape, Tensor):
            dense_shape = identity.identity(dense_shape, name=f"grad_ys_{i}_shape")
        return IndexedSlices(
            identity.identity(g.values, name=f"grad_ys_{i}_values"),
            identity.identity(g.indices, name=f"grad_ys_{i}_indices"),
            dense_shape,
        )
    return identity.identity(g, name=f"grad_ys_{i}")


def zeros_for(t: Tensor) -> Tensor:
    """Zeros like `t`; for a resource, like the variable behind it."""
    if t._dtype is dtypes.resource:
        from tfcompat.ops.resource_variables import variable_shape

        handle = t._handle
        return shapes.zeros(variable_shape(t), dtype=dtypes.float32 if handle is None else handle.dtype)
    return shapes.zeros_like(t, optimize=False)


def _check_count(given: list[Any], op: Operation) -> None:
    if len(given) != len(op._inputs):
        raise ValueError(
            f"Num gradients {len(given)} generated for op {op.node_def} do not match num inputs {len(op._inputs)}"
        )


def _match_shape(op: Operation, i: int, t: Tensor, g: Tensor) -> None:
    """Tells the gradient the input's static shape. Raises ValueError when the rule gave another one."""
    if g._dims == t._dims:
        return
    try:
        g.set_shape(t.shape)
    except ValueError:
        raise ValueError(
            "Incompatible shapes between op input and calculated input gradient.  Forward operation: "
            f"{op._name}.  Input index: {i}. Original input shape: {t.shape}.  Calculated input gradient shape: {g.shape}"
        ) from None
