"""Session: feeds, fetches, and a cache of plans over one graph."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from tfcompat.client import fetches as fetch_lib
from tfcompat.client import servers, threads
from tfcompat.client.state import SessionState
from tfcompat.framework import dtypes, errors, stacks, values
from tfcompat.framework.export import export
from tfcompat.framework.graph import Graph
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import constants
from tfcompat.runtime import plan as plan_lib
from tfcompat.runtime import program as program_lib
from tfcompat.runtime.executors import reference, source

# A plan is specialised for the shapes of its feeds; a signature with more than these runs from one general plan.
_MAX_SHAPES = 16


# Fetched tensors of these types are numpy arrays without any change of form.
_PLAIN = frozenset({dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64, dtypes.bool, dtypes.uint8})


class _Feed:
    """How the value of one fed tensor is converted and checked."""

    __slots__ = ("dims", "direct", "dtype", "numpy", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor
        self.dtype = tensor._dtype.base_dtype
        opaque = self.dtype.torch is None and self.dtype is not dtypes.string
        self.numpy = None if opaque else values.numpy_dtype(self.dtype)
        self.dims = tensor._dims
        # Types whose arrays torch takes as they are.
        self.direct = self.dtype.torch is not None and not self.dtype.is_quantized and self.dtype is not dtypes.bfloat16

    def convert(self, value: Any, device: torch.device) -> Any:
        """The runtime value to feed. Raises TypeError or ValueError in TF's words when it does not fit."""
        array: Any
        if type(value) is np.ndarray and value.dtype == self.numpy and self.direct:
            shape = value.shape
            if shape != self.dims:
                self._check_shape(shape)
            if shape and device.type == "cpu" and value.flags.writeable:
                try:
                    return torch.from_numpy(value)
                except ValueError:  # negative strides: taken below, with a copy
                    pass
            array = value
        elif isinstance(value, torch.Tensor):
            return self._torch(value, device)
        else:
            array = self._array(value)
            if array is None:
                return value
        self._check_shape(array.shape)
        made = values.from_numpy(array, self.dtype)
        if device.type != "cpu" and isinstance(made, torch.Tensor):
            made = made.to(device, non_blocking=True)
        return made

    def _torch(self, value: torch.Tensor, device: torch.device) -> Any:
        self._check_shape(tuple(value.shape))
        return value.detach().to(device=device, dtype=self.dtype.torch)

    def _array(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            raise TypeError(
                "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, "
                "strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was "
                f"{value} which was passed to the feed with key {self.tensor}."
            )
        if self.numpy is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and self.dtype.torch is not None:
            try:
                fits = np.array(value).astype(self.numpy) == value
            except OverflowError:
                fits = False
            if not fits:
                raise TypeError(
                    f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type "
                    f"{self.dtype.as_numpy_dtype}. Try explicitly setting the type of the feed tensor to a larger type "
                    "(e.g. int64)."
                )
        if self.dtype is dtypes.string:
            return _string_array(value)
        return np.asarray(value, dtype=self.numpy)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        dims = self.dims
        if dims is None:
            return
        if len(dims) == len(shape):
            for d, s in zip(dims, shape, strict=True):
                if d is not None and d != s:
                    break
            else:
                return
        raise ValueError(
            f"Cannot feed value of shape {shape!r} for Tensor {self.tensor.name!r}, which has shape "
            f"{str(self.tensor.shape)!r} (tensor made at {self.tensor._op.site or 'an unknown place'})"
        )


def _string_array(value: Any) -> np.ndarray:
    array = np.asarray(value, dtype=object)
    flat = [
        v.encode("utf-8") if isinstance(v, str) else bytes(v) if isinstance(v, np.bytes_) else v
        for v in array.ravel().tolist()
    ]
    for v in flat:
        if not isinstance(v, bytes):
            raise TypeError(f"Unable to convert {v!r} of type {type(v).__name__} to a string tensor element")
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return out.reshape(array.shape)


class _Signature:
    """All that is known about one (fetches, feeds) pair: its program's plans by feed shapes."""

    def __init__(self, session: BaseSession, fetch: fetch_lib.FetchPlan, feeds: list[Tensor]) -> None:
        self.fetch = fetch
        self.feeds = [_Feed(t) for t in feeds]
        self.session = session
        self.general: plan_lib.Plan | None = None
        self.compiled: dict[Any, tuple[Callable[..., list[Any]], plan_lib.Plan]] = {}
        self.seen: set[Any] = set()
        self.lock = threading.Lock()

    def program(self) -> program_lib.Program:
        fetch = self.fetch
        return program_lib.make_program(
            self.session.graph, fetch.tensors, fetch.targets, [f.tensor for f in self.feeds]
        )

    def plan_for(self, shapes: Any) -> plan_lib.Plan:
        """A plan specialised for these feed shapes (None: for any)."""
        program = self.program()
        if shapes is not None:
            for v, shape in zip(program.feeds, shapes, strict=True):
                if shape is not None:
                    v.dims = tuple(shape)
        return plan_lib.make_plan(plan_lib.optimize(program), self.session._state)

    def run(self, inputs: list[Any]) -> list[Any]:
        key = tuple([v.shape if isinstance(v, (torch.Tensor, np.ndarray)) else None for v in inputs])
        found = self.compiled.get(key)
        if found is None:
            found = self._runner(key)
        run, plan = found
        results = run(inputs)
        out = []
        for value, wanted, copy in zip(results, plan.fetch_values, plan.fetch_copies, strict=True):
            if not copy and wanted.dtype in _PLAIN and value.device.type == "cpu":
                array = value.numpy()
                out.append(array if array.ndim else array[()])
            else:
                out.append(values.fetch_value(value, wanted.dtype, copy))
        return out

    def _runner(self, key: Any) -> tuple[Callable[..., list[Any]], plan_lib.Plan]:
        with self.lock:
            found = self.compiled.get(key)
            if found is not None:
                return found
            shapes = key
            if len(self.compiled) >= _MAX_SHAPES:
                found = self.compiled.get("general")
                if found is not None:
                    return found
                key, shapes = "general", None
            plan = self.plan_for(shapes)
            if key in self.seen or key == "general":
                run: Any = source.compile_plan(plan)
                if self.session._state.device.type == "cpu":
                    run = threads.Tuned(run, threads.allowed(self.session._config))
                found = (run, plan)
                self.compiled[key] = found
                return found
            # The first run of a signature is often the only one: no source is generated for it.
            self.seen.add(key)
            return (lambda feeds: reference.run_steps(plan, feeds)), plan


def pick_device(config: Any = None) -> torch.device:
    """The device a session computes on: the first CUDA device, unless there is none or the config hides it."""
    if config is not None and config.device_count.get("GPU", 1) == 0:
        return torch.device("cpu")
    return torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")


class BaseSession:
    """Runs parts of a graph. Several threads may use one session."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if graph is None:
            graph = stacks.get_default_graph()
        elif not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        if isinstance(target, bytes):
            target = target.decode()
        if not isinstance(target, str):
            raise TypeError(f"target must be a string, but got {type(target)}")
        if config is not None and not hasattr(config, "device_count"):
            raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")
        self._graph = graph
        self._target = target
        self._config = config
        self._closed = False
        self._opened = False
        self._state = SessionState(pick_device(config), config)
        shared = servers.resources_of(target) if target else None
        self._owns_resources = shared is None
        if shared is not None:
            self._state.resources = shared
        self._signatures: dict[Any, _Signature] = {}
        self._partial: dict[str, Any] = {}

    @property
    def graph(self) -> Graph:
        return self._graph

    @property
    def graph_def(self) -> Any:
        return self._graph.as_graph_def(add_shapes=False)

    @property
    def sess_str(self) -> str:
        return self._target

    def list_devices(self) -> list[Any]:
        """The devices this session can use."""
        from tfcompat.client.devices import session_devices

        return session_devices(self._state.device)

    def close(self) -> None:
        """Releases the session's variables and other resources; further runs are errors."""
        if not self._closed:
            self._closed = True
            if self._owns_resources:
                self._state.resources.clear()
            self._signatures.clear()

    def as_default(self) -> Any:
        """A block in which this is the default session (it is not closed at its end)."""
        return stacks.default_session(self)

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if self._graph.version == 0:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """Computes `fetches` (any structure of tensors, nodes, names) with the given feeds.

        Returns numpy arrays in the structure of `fetches`; None for nodes.
        Raises: RuntimeError, TypeError, ValueError for wrong use; a tf.errors.OpError when a node fails.
        """
        if self._closed or self._graph._next_id_counter == 0:
            self._check_open()
        signature, feed_values = self._signature(fetches, feed_dict)
        device = self._state.device
        inputs = [f.convert(v, device) for f, v in zip(signature.feeds, feed_values, strict=True)]
        if options is not None or run_metadata is not None:
            from tfcompat.client import tracing

            results = tracing.run(signature, inputs, options, run_metadata)
        else:
            results = signature.run(inputs)
        return signature.fetch.pack(results)

    def _signature(self, fetches: Any, feed_dict: Any) -> tuple[_Signature, list[Any]]:
        """The cached signature of a call, and its feed values in order. The common forms need no walk."""
        graph = self._graph
        key: Any
        try:
            kind = type(fetches)
            if kind is list or kind is tuple:
                key = (kind, tuple(fetches), tuple(feed_dict) if feed_dict else (), graph._edits)
            else:
                key = (None, fetches, tuple(feed_dict) if feed_dict else (), graph._edits)
            found = self._signatures.get(key)
        except TypeError:  # a nested structure, or one whose parts have no hash
            key, found = None, None
        if found is not None:
            return found, list(feed_dict.values()) if feed_dict else []
        feeds, feed_values, plain = self._expand_feeds(feed_dict)
        fetch = fetch_lib.FetchPlan(graph, fetches)
        if key is None or not plain:
            key = self._slow_key(fetch, feeds)
            found = self._signatures.get(key)
            if found is not None:
                made = _Signature.__new__(_Signature)
                made.__dict__.update(found.__dict__)
                made.fetch = fetch
                return made, feed_values
        found = self._signatures[key] = _Signature(self, fetch, feeds)
        return found, feed_values

    def _slow_key(self, fetch: fetch_lib.FetchPlan, feeds: list[Tensor]) -> Any:
        return ("elements", tuple(fetch.elements), tuple(feeds), self._graph._edits)

    def _expand_feeds(self, feed_dict: Any) -> tuple[list[Tensor], list[Any], bool]:
        """Feed tensors and their values; composite keys taken apart. The flag: every key was one plain tensor."""
        tensors: list[Tensor] = []
        given: list[Any] = []
        plain = True
        if not feed_dict:
            return tensors, given, plain
        if not isinstance(feed_dict, Mapping):
            raise TypeError(f"input must be a dictionary, but feed_dict is a {type(feed_dict).__name__}")
        for key, value in feed_dict.items():
            for sub, sub_value in self._feed_parts(key, value):
                plain = plain and sub is key
                try:
                    tensor = self._graph.as_graph_element(sub, allow_tensor=True, allow_operation=False)
                except Exception as cause:
                    text = cause.args[0] if cause.args else str(cause)
                    raise TypeError(f"Cannot interpret feed_dict key as Tensor: {text}") from None
                if not self._graph.is_feedable(tensor):
                    raise ValueError(f"Tensor {tensor} may not be fed.")
                tensors.append(tensor)
                given.append(sub_value)
        return tensors, given, plain

    def _feed_parts(self, key: Any, value: Any) -> list[tuple[Any, Any]]:
        if isinstance(key, (Tensor, str, bytes)):
            return [(key, value)]
        if isinstance(key, tuple):
            return [pair for k, v in zip(key, value, strict=True) for pair in self._feed_parts(k, v)]
        entry = fetch_lib.conversion_for(key)
        if entry is not None and entry[2] is not None:
            return list(entry[2](key, value))
        return [(key, value)]

    def make_callable(self, fetches: Any, feed_list: Any = None, accept_options: bool = False) -> Callable[..., Any]:
        """A function of the values of `feed_list` that runs `fetches`; cheaper than `run` when called often."""
        self._check_open()
        if feed_list is not None and not isinstance(feed_list, (list, tuple)):
            raise TypeError("`feed_list` must be a list or tuple.")
        names = [self._graph.as_graph_element(t, allow_operation=False) for t in feed_list or ()]
        signature = _Signature(self, fetch_lib.FetchPlan(self._graph, fetches), names)

        def call(*feed_args: Any, **kwargs: Any) -> Any:
            if self._closed:
                self._check_open()
            if len(feed_args) < len(names):
                missing = names[len(feed_args)]
                raise errors.InvalidArgumentError(None, missing.op, constants.unfed_text(missing.op))
            if len(feed_args) > len(names):
                raise TypeError(f"make_callable's function takes {len(names)} feeds, got {len(feed_args)}")
            device = self._state.device
            inputs = [f.convert(v, device) for f, v in zip(signature.feeds, feed_args, strict=True)]
            if accept_options and (kwargs.get("options") is not None or kwargs.get("run_metadata") is not None):
                from tfcompat.client import tracing

                return signature.fetch.pack(
                    tracing.run(signature, inputs, kwargs.get("options"), kwargs.get("run_metadata"))
                )
            return signature.fetch.pack(signature.run(inputs))

        return call

    def partial_run_setup(self, fetches: Any, feeds: Any = None) -> str:
        """Declares what a series of `partial_run` calls will fetch and feed; returns its handle."""
        from tfcompat.client.partial import PartialRun

        self._check_open()
        handle = f"partial_{len(self._partial)}"
        names = [self._graph.as_graph_element(f, allow_operation=False) for f in feeds or ()]
        self._partial[handle] = PartialRun(self._graph, self._state, fetch_lib.FetchPlan(self._graph, fetches), names)
        return handle

    def partial_run(self, handle: str, fetches: Any, feed_dict: Any = None) -> Any:
        """Continues a partial run with more feeds; each node runs at most once under one handle."""
        self._check_open()
        if handle not in self._partial:
            raise errors.InvalidArgumentError(
                None, None, f"Must run 'setup' before performing partial runs! (handle {handle!r})"
            )
        fetch = fetch_lib.FetchPlan(self._graph, fetches)
        tensors, given, _ = self._expand_feeds(feed_dict)
        device = self._state.device
        fed = {t: _Feed(t).convert(v, device) for t, v in zip(tensors, given, strict=True)}
        return fetch.pack(self._partial[handle].run(fetch, fed))


@export("Session")
class Session(BaseSession):
    """Runs nodes and evaluates tensors of a graph; `with tf.Session() as sess:` makes it the default one.

    Source: TF 1.15, python/client/session.py.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        self._default_contexts: list[Any] = []

    def __enter__(self) -> Session:
        entered = [self.graph.as_default(), self.as_default()]
        for context in entered:
            context.__enter__()
        self._default_contexts.append(entered)
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, exc_tb: Any) -> None:
        for context in reversed(self._default_contexts.pop()):
            context.__exit__(exc_type, exc_value, exc_tb)
        self.close()

    @staticmethod
    def reset(target: str, containers: Any = None, config: Any = None) -> None:
        """Clears the resources (of the given containers) of a server; a session of its own has nothing left to clear."""
        shared = servers.resources_of(target) if target else None
        if shared is not None:
            for container in containers or (None,):
                shared.clear(container)


@export("InteractiveSession")
class InteractiveSession(BaseSession):
    """A session that is the default one from its making until `close`."""

    _active = 0

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        self._explicit_graph = graph
        if InteractiveSession._active > 0:
            warnings.warn(
                "An interactive session is already active. This can cause out-of-memory errors in some cases. You must "
                "explicitly call `InteractiveSession.close()` to release resources held by the other session(s).",
                stacklevel=2,
            )
        InteractiveSession._active += 1
        self._session_context = self.as_default()
        self._session_context.__enter__()
        self._graph_context = self._explicit_graph.as_default() if self._explicit_graph is not None else None
        if self._graph_context is not None:
            self._graph_context.__enter__()

    def close(self) -> None:
        if self._closed:
            return
        super().close()
        InteractiveSession._active -= 1
        if self._graph_context is not None:
            self._graph_context.__exit__(None, None, None)
        self._session_context.__exit__(None, None, None)


def register_session_run_conversion_functions(
    tensor_type: type,
    fetch_function: Callable[..., Any],
    feed_function: Any = None,
    feed_function_for_partial_run: Any = None,
) -> None:
    """Makes objects of a type fetchable (and feedable) as a list of tensors."""
    fetch_lib.register_fetch_type(tensor_type, fetch_function, feed_function, feed_function_for_partial_run)
