"""GradientTape and ForwardAccumulator on graphs: what was built while they recorded, differentiated afterwards.

A tape notes which nodes were added while it was active. Its gradient is the symbolic one along those nodes alone, from
the tensors and variables it watches; every result is part of the graph, so an outer tape differentiates it again.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

from tfcompat.framework import conversion, nest, stacks
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor
from tfcompat.gradients.engine import UnconnectedGradients, Walk, gradients, is_trainable
from tfcompat.ops import arrays, reductions, shapes, variables

_READS = frozenset({"ReadVariableOp", "ResourceGather", "ResourceGatherNd"})


class _Recording:
    """Spans of node ids in one graph."""

    def __init__(self) -> None:
        self.graph = stacks.get_default_graph()
        self.spans: list[tuple[int, int]] = []
        self.start: int | None = None

    def begin(self) -> None:
        self.start = self.graph._last_id

    def end(self) -> None:
        if self.start is not None:
            self.spans.append((self.start, self.graph._last_id))
            self.start = None

    def holds(self, op: Operation) -> bool:
        if op._graph is not self.graph:
            return False
        if self.start is not None and op._id > self.start:
            return True
        return any(low < op._id <= high for low, high in self.spans)

    def nodes(self) -> list[Operation]:
        return [op for op in self.graph.get_operations() if self.holds(op)]


@export("GradientTape", v2=("GradientTape",))
class GradientTape:
    """`with tf.GradientTape() as tape:` records what is built inside; `tape.gradient(y, x)` differentiates it.

    Trainable variables that are used inside are watched unless `watch_accessed_variables` is False; other tensors by
    `watch`. A persistent tape answers more than once.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed = watch_accessed_variables
        self._recording_now = False
        self._used = False
        self._reset_state()

    def _reset_state(self) -> None:
        self._record = _Recording()
        self._watched: set[Tensor] = set()
        self._watched_variables: list[Any] = []

    def __enter__(self) -> GradientTape:
        if self._recording_now:
            raise ValueError("Tape is already recording.")
        if not self._persistent and self._used:
            raise RuntimeError("GradientTape.gradient can only be called once on non-persistent tapes.")
        self._record.begin()
        self._recording_now = True
        return self

    def __exit__(self, typ: Any, value: Any, traceback: Any) -> None:
        if self._recording_now:
            self._record.end()
            self._recording_now = False

    def watch(self, tensor: Any) -> None:
        """Makes tensors (or variables) count as inputs of the recording."""
        for t in nest.flatten(tensor):
            handle = getattr(t, "_gradient_handle", None)
            if handle is not None:
                self._watched.add(handle)
                self._watched_variables.append(t)
                continue
            found = conversion.to_tensor(t)
            if is_trainable(found):
                self._watched.add(found)

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A block that the tape does not see."""
        if not self._recording_now:
            raise ValueError("Tape is not recording.")
        self._record.end()
        self._recording_now = False
        try:
            yield
        finally:
            self._record.begin()
            self._recording_now = True

    def reset(self) -> None:
        """Forgets everything recorded so far."""
        recording = self._recording_now
        self._reset_state()
        if recording:
            self._record.begin()

    def watched_variables(self) -> list[Any]:
        """The variables watched so far, in order of first use."""
        return list(dict.fromkeys([*self._watched_variables, *self._accessed()]))

    def _accessed(self) -> list[Any]:
        if not self._watch_accessed:
            return []
        with self._record.graph.as_default():
            by_handle = {getattr(v, "_gradient_handle", None): v for v in variables.trainable_variables()}
        by_handle.pop(None, None)
        used = []
        for op in self._record.nodes():
            for t in op._inputs:
                if op._type in _READS and t in by_handle:
                    used.append(by_handle[t])
        return list(dict.fromkeys(used))

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradients of `target` by `sources`, in the structure of `sources`; None where no recorded path leads.

        Raises: RuntimeError for a second call of a tape that is not persistent.
        """
        self._take()
        targets = nest.flatten(target)
        starts = None if output_gradients is None else nest.flatten(output_gradients)
        return nest.pack_sequence_as(sources, self._differentiate(targets, sources, starts, unconnected_gradients))

    def _take(self) -> None:
        if self._used and not self._persistent:
            raise RuntimeError("GradientTape.gradient can only be called once on non-persistent tapes.")
        self._used = True
        if self._recording_now and not self._persistent:
            self._record.end()
            self._recording_now = False

    def _differentiate(self, targets: list[Any], sources: Any, starts: Any, unconnected: Any) -> list[Any]:
        watched = self._watched | {v._gradient_handle for v in self._accessed()}
        flat = nest.flatten(sources)
        keys = [_key(x) for x in flat]
        walk = Walk(stacks.get_default_graph(), within=self._record.holds)
        # A source that the tape does not watch is no source: gradients pass it by.
        known = [x for x, key in zip(flat, keys, strict=True) if key in watched]
        found = iter(walk.run(targets, known, starts, "gradient_tape", None, UnconnectedGradients.NONE))
        zero = UnconnectedGradients(unconnected) is UnconnectedGradients.ZERO
        out = []
        for x, key in zip(flat, keys, strict=True):
            value = next(found) if key in watched else None
            out.append(shapes.zeros_like(x) if value is None and zero else value)
        return out

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """d target[i...] / d source[j...] for every pair of elements.

        Shapes: target [a...], source [b...] -> [a..., b...]. The shape of `target` must be static.
        """
        self._take()
        target = conversion.to_tensor(target)
        n = _static_size(target)
        elements = arrays.unstack(shapes.reshape(target, [-1]), num=n)
        rows = [self._differentiate([e], sources, None, unconnected_gradients) for e in _within(self, elements)]
        columns = [
            None
            if any(row[i] is None for row in rows)
            else shapes.reshape(
                arrays.stack([row[i] for row in rows]), arrays.concat([shapes.shape(target), shapes.shape(x)], 0)
            )
            for i, x in enumerate(nest.flatten(sources))
        ]
        return nest.pack_sequence_as(sources, columns)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The jacobian of each example: target[b] depends on source[b] alone.

        Shapes: target [b, m...], source [b, n...] -> [b, m..., n...].
        Raises: ValueError when the batch sizes differ or the target's shape is not static.
        """
        self._take()
        target, source = conversion.to_tensor(target), conversion.to_tensor(source)
        if target.shape.ndims is None or target.shape.dims is None or source.shape.dims is None:
            raise ValueError("Unknown rank is not supported by batch_jacobian")
        if not target.shape.dims[0].is_compatible_with(source.shape.dims[0]):
            raise ValueError(f"Need first dimension of target shape ({target.shape}) and source shape ({source.shape}) to match.")
        per_example = math.prod(d or 0 for d in target.shape.as_list()[1:])
        dynamic: Any = shapes.shape(target)
        batch = dynamic[0]
        flat = shapes.reshape(target, [batch, per_example])
        columns = _within(self, [reductions.reduce_sum(c) for c in arrays.unstack(flat, num=per_example, axis=1)])
        rows = [self._differentiate([c], source, None, unconnected_gradients)[0] for c in columns]
        if any(r is None for r in rows):
            return None
        of_source: Any = shapes.shape(source)
        shape = arrays.concat([dynamic, of_source[1:]], 0)
        return shapes.reshape(arrays.stack(rows, axis=1), shape)


def _within(tape: GradientTape, tensors: Sequence[Tensor]) -> list[Tensor]:
    """Counts the nodes just made to take a target apart as recorded."""
    low = min(t._op._id for t in tensors) if tensors else 0
    tape._record.spans.append((low - 64, tape._record.graph._last_id))
    return list(tensors)


def _key(x: Any) -> Tensor:
    handle = getattr(x, "_gradient_handle", None)
    if handle is not None:
        return handle  # type: ignore[no-any-return]
    return x.values if isinstance(x, IndexedSlices) else conversion.to_tensor(x)


def _static_size(t: Tensor) -> int:
    n = t.shape.num_elements()
    if n is None:
        raise ValueError(f"the shape of {t} must be known to take its jacobian")
    return n


@export("autodiff.ForwardAccumulator", v2=("autodiff.ForwardAccumulator",))
class ForwardAccumulator:
    """Products of a jacobian with a vector: `with ForwardAccumulator(primals, tangents) as acc: ...; acc.jvp(y)`.

    Made of two backward passes: with g(u) = J' u, the gradient of <g(u), v> by u is J v.
    """

    def __init__(self, primals: Any, tangents: Any) -> None:
        nest.assert_same_structure(primals, tangents)
        self._primals = nest.flatten(primals)
        self._tangents = [conversion.to_tensor(t) for t in nest.flatten(tangents)]

    def __enter__(self) -> ForwardAccumulator:
        return self

    def __exit__(self, typ: Any, value: Any, traceback: Any) -> None:
        return None

    def jvp(self, primals: Any, unconnected_gradients: Any = UnconnectedGradients.NONE) -> Any:
        """The directional derivative of each tensor of `primals` along the tangents."""
        return nest.map_structure(lambda y: self._along(y, unconnected_gradients), primals)

    def _along(self, y: Any, unconnected: Any) -> Any:
        y = conversion.to_tensor(y)
        direction = shapes.zeros_like(y)
        backward = gradients(y, self._primals, grad_ys=direction)
        pairs = [(g, t) for g, t in zip(backward, self._tangents, strict=True) if g is not None]
        found = None
        if pairs:
            found = gradients([g for g, _ in pairs], direction, grad_ys=[t for _, t in pairs])[0]
        if found is None and UnconnectedGradients(unconnected) is UnconnectedGradients.ZERO:
            return shapes.zeros_like(y)
        return found
