"""Flow, Elements and Run: a dataset's description, one walk through it, and what the parts of a walk share.

A flow is the value of a dataset node. An element is a list of runtime values: torch tensors, numpy object arrays for
strings and arrays of variants, and the object itself for a single variant. The end is Python's StopIteration; an error
does not end a walk, the next element may still be had.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.client.state import SessionState
from tfcompat.framework import dtypes, errors

INFINITE = -1
UNKNOWN = -2

Element = list[Any]


class Run:
    """One walk from the top of a pipeline: what its parts share, and who is to be told when it is over."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._shared: dict[str, Any] = {}
        self._closers: weakref.WeakSet[Any] = weakref.WeakSet()
        self.closed = False

    def shared(self, key: str, make: Callable[[], Any]) -> Any:
        """The object that all walks through the same place of the pipeline use, made on first use."""
        with self.lock:
            if key not in self._shared:
                self._shared[key] = make()
            return self._shared[key]

    def on_close(self, worker: Any) -> None:
        """`worker.close()` is called when the run is closed, if it is alive by then."""
        with self.lock:
            if not self.closed:
                self._closers.add(worker)
                return
        worker.close()

    def close(self) -> None:
        """Stops the threads that work ahead."""
        with self.lock:
            self.closed = True
            workers = list(self._closers)
        for worker in workers:
            worker.close()


def _session_of_run(session: Any) -> SessionState:
    made = SessionState(session.device, session.config)
    made.resources = session.resources
    return made


class Elements:
    """One walk through a flow. Not thread safe: one reader at a time."""

    def next(self) -> Element:
        """The next element. Raises StopIteration at the end."""
        raise NotImplementedError

    def __iter__(self) -> Elements:
        return self

    def __next__(self) -> Element:
        return self.next()


class Flow:
    """What a dataset node's value is. `inputs` are the flows that this one reads; `kind` is its name in TF's prefixes."""

    kind = "Dataset"
    inputs: tuple[Flow, ...] = ()

    def iterate(self, run: Run, prefix: str) -> Elements:
        """A walk from the start. `prefix` says where in the pipeline: equal places share caches and seeds."""
        return self.bound(run).elements(run, f"{prefix}::{self.kind}")

    def bound(self, run: Run) -> Flow:
        """This flow with functions that draw random numbers from streams of the run's own."""
        own = {k: f.on(run) for k, f in self.__dict__.items() if isinstance(f, Function) and f.draws}
        if not own:
            return self
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__ | own)
        return made

    def elements(self, run: Run, prefix: str) -> Elements:
        raise NotImplementedError

    def cardinality(self) -> int:
        """How many elements come: a number, INFINITE or UNKNOWN."""
        return UNKNOWN

    def rebuilt(self, inputs: Sequence[Flow]) -> Flow:
        """The same flow over other inputs."""
        if all(a is b for a, b in zip(inputs, self.inputs, strict=True)):
            return self
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made.inputs = tuple(inputs)
        return made

    def __repr__(self) -> str:
        return f"<{self.kind}Dataset>"


def draws_numbers(graph: Any) -> bool:
    """Whether a sub-graph, or one in it, has a node that keeps a stream of random numbers."""
    for node in graph._nodes_by_id.values():
        attrs = node._attrs
        if "seed" in attrs and node._decl.is_stateful:
            return True
        for value in attrs.values():
            for inner in value if isinstance(value, list) else (value,):
                if hasattr(inner, "_nodes_by_id") and draws_numbers(inner):
                    return True
    return False


class Function:
    """A traced function with the values it captured, ready to be called with elements."""

    __slots__ = ("_compiled", "captured", "draws", "graph", "session")

    def __init__(self, session: Any, graph: Any, captured: Sequence[Any], draws: bool | None = None) -> None:
        self.session = session
        self.graph = graph
        self.captured = list(captured)
        self.draws = draws_numbers(graph) if draws is None else draws
        self._compiled: Any = None

    def on(self, run: Run) -> Function:
        """The same function in a session of the run's own, where random streams start anew."""
        session = run.shared("session", lambda: _session_of_run(self.session))
        return Function(session, self.graph, self.captured, draws=False)

    def __call__(self, args: Sequence[Any]) -> Element:
        run = self._compiled
        if run is None:
            run = self._compiled = self.session.compile_function(self.graph)
        return run([*args, *self.captured])  # type: ignore[no-any-return]

    def flow(self, args: Sequence[Any]) -> Flow:
        """The dataset that the function gives. Raises InvalidArgumentError where it gives something else."""
        result = self(args)
        if len(result) != 1 or not isinstance(result[0], Flow):
            raise errors.InvalidArgumentError(
                None, None, "Function must return a single scalar of dtype DT_VARIANT."
            )
        return result[0]

    def truth(self, args: Sequence[Any]) -> bool:
        """The single bool that the function gives."""
        result = self(args)
        if len(result) != 1 or not isinstance(result[0], torch.Tensor) or result[0].dim() != 0:
            raise errors.InvalidArgumentError(None, None, "Predicate function must return a scalar bool.")
        return bool(result[0])


def invalid(message: str) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(None, None, message)


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of a runtime value; a single variant has none."""
    found = getattr(value, "shape", ())
    return tuple(found) if isinstance(value, (torch.Tensor, np.ndarray)) else ()


def shape_text(shape: Sequence[int]) -> str:
    return "[" + ",".join(str(d) for d in shape) + "]"


def as_array(value: Any) -> Any:
    """A single variant as an array of one without dimensions; everything else as it is."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value
    out = np.empty((), object)
    out[()] = value
    return out


def row(value: Any, i: int) -> Any:
    """`value[i]`, strings and arrays staying arrays; a single variant comes bare."""
    if isinstance(value, torch.Tensor):
        return value[i]
    found = value[i]
    if isinstance(found, np.ndarray) and value.ndim > 1:
        return found
    if isinstance(found, (bytes, str)):
        out = np.empty((), object)
        out[()] = found
        return out
    return found


def stack(items: Sequence[Any]) -> Any:
    """Values of one shape along a new first dimension."""
    if isinstance(items[0], torch.Tensor):
        return torch.stack(list(items))
    arrays = [as_array(v) for v in items]
    out = np.empty((len(arrays), *arrays[0].shape), object)
    for i, a in enumerate(arrays):
        out[i] = a if a.ndim else a[()]
    return out


def empty(dtype: dtypes.DType, shape: Sequence[int]) -> Any:
    """A value of zeros (of empty strings, of nothing)."""
    if dtype.torch is not None:
        return torch.zeros(tuple(shape), dtype=dtype.torch)
    out = np.empty(tuple(shape), object)
    if dtype is dtypes.string:
        out.fill(b"")
    return out


def string_scalar(data: bytes) -> np.ndarray:
    """A runtime value holding one string."""
    out = np.empty((), object)
    out[()] = data
    return out
