"""What programs' tests import from `tensorflow.python.framework.test_util`, for graph mode.

A decorator that in TF runs a test "in graph and eager modes" runs it in graph mode here.

Source: TF 1.15, python/framework/test_util.py.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import unittest
from collections.abc import Callable, Iterator
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.export import export
from tfcompat.platform.device_lib import (
    gpu_device_name,
    is_built_with_cuda,
    is_built_with_rocm,
    is_gpu_available,
)
from tfcompat.platform.graph_def_equality import assert_equal_graph_def, assert_equal_graph_def_v2
from tfcompat.platform.test_case import CapturedWrites, TensorFlowTestCase, TestCase

__all__ = [
    "CapturedWrites",
    "TensorFlowTestCase",
    "TestCase",
    "assert_equal_graph_def",
    "assert_equal_graph_def_v2",
    "assert_ops_in_graph",
    "create_local_cluster",
    "gpu_device_name",
    "is_gpu_available",
]

IsGoogleCudaEnabled = is_built_with_cuda
IsBuiltWithROCm = is_built_with_rocm


def is_xla_enabled() -> bool:
    """False: there is no XLA."""
    return False


def IsMklEnabled() -> bool:
    """False: what torch uses inside is not TF's MKL build."""
    return False


def GpuSupportsHalfMatMulAndConv() -> bool:
    """True."""
    return True


def InstallStackTraceHandler() -> None:
    """Does nothing: Python's faulthandler is there for that."""


def assert_ops_in_graph(expected_ops: dict[str, str], graph: Any) -> dict[str, Any]:
    """The nodes of a graph with the given names and op types.

    Raises: ValueError when one is missing or of another type.
    """
    found = {}
    for node in graph.as_graph_def().node:
        wanted = expected_ops.get(node.name)
        if wanted is None:
            continue
        if wanted != node.op:
            raise ValueError(f"Expected op for node {node.name} is different. {wanted} vs {node.op}")
        found[node.name] = node
    if found.keys() != expected_ops.keys():
        raise ValueError(f"Not all expected ops are present. Expected {expected_ops.keys()}, found {found.keys()}")
    return found


# ---------------------------------------------------------------- devices


@contextlib.contextmanager
def device(use_gpu: bool) -> Iterator[None]:
    """A block whose ops go to the first GPU, if that is wanted and there is one, else to the CPU."""
    where = "/device:GPU:0" if use_gpu and is_gpu_available() else "/device:CPU:0"
    with stacks.get_default_graph().device(where):
        yield


def use_gpu() -> Any:
    """A block whose ops go to the first GPU if there is one."""
    return device(True)


def force_gpu() -> Any:
    """A block whose ops go to the first GPU."""
    return stacks.get_default_graph().device("/device:GPU:0")


def force_cpu() -> Any:
    """A block whose ops go to the CPU."""
    return stacks.get_default_graph().device("/device:CPU:0")


# ---------------------------------------------------------------- decorators


def skip_if(condition: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Leaves a function out when a condition, or a function without arguments, is true at the time of the call."""

    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> None:
            if not (condition() if callable(condition) else condition):
                function(*args, **kwargs)

        return wrapper

    return decorator


def run_in_graph_and_eager_modes(
    func: Callable[..., Any] | None = None,
    config: Any = None,
    use_gpu: bool = True,
    reset_test: bool = True,
    assert_no_eager_garbage: bool = False,
) -> Any:
    """Runs a test method inside the test's session."""

    def decorator(method: Callable[..., Any]) -> Callable[..., Any]:
        if isinstance(method, type):
            raise ValueError(
                "`run_in_graph_and_eager_modes` only supports test methods. "
                "Did you mean to use `run_all_in_graph_and_eager_modes`?"
            )

        @functools.wraps(method)
        def decorated(self: TestCase, *args: Any, **kwargs: Any) -> None:
            with contextlib.suppress(unittest.SkipTest), self.test_session(use_gpu=use_gpu, config=config):
                method(self, *args, **kwargs)

        return decorated

    return decorator if func is None else decorator(func)


def run_all_in_graph_and_eager_modes(cls: type) -> type:
    """run_in_graph_and_eager_modes for every test method of a class."""
    for name, method in list(vars(cls).items()):
        if callable(method) and name.startswith("test") and name != "test_session":
            setattr(cls, name, run_in_graph_and_eager_modes(method))
    return cls


def _unchanged(func: Any = None) -> Any:
    """A decorator, with or without call, for what is always so here."""
    return func if func is not None else (lambda method: method)


run_deprecated_v1 = deprecated_graph_mode_only = _unchanged


def run_v1_only(reason: str, func: Any = None) -> Any:
    """The test as it is: this is TF 1."""
    return _unchanged(func)


def run_v2_only(func: Any = None) -> Any:
    """Leaves the test out: this is TF 1."""
    skip = unittest.skip("Test is only compatible with v2")
    return skip(func) if func is not None else skip


def run_gpu_only(func: Any = None) -> Any:
    """Leaves the test out where there is no GPU."""
    skip = unittest.skipUnless(is_gpu_available(), "Test requires GPU")
    return skip(func) if func is not None else skip


run_cuda_only = run_gpu_only


def disable_xla(description: str) -> Any:
    """The test as it is."""
    return _unchanged()


no_xla_auto_jit = xla_allow_fallback = enable_tf_xla_constant_folding = disable_xla


# ---------------------------------------------------------------- clusters


@export("test.create_local_cluster", v2=("test.create_local_cluster",))
def create_local_cluster(
    num_workers: int, num_ps: int, protocol: str = "grpc", worker_config: Any = None, ps_config: Any = None
) -> tuple[list[Any], list[Any]]:
    """Servers in this process: (workers, parameter servers).

    Raises: whatever `tf.train.Server` raises for a cluster of more than one task.
    """
    from tfcompat import train  # the servers are above this layer

    def free_ports(count: int) -> list[int]:
        sockets = [socket.create_server(("localhost", 0)) for _ in range(count)]
        ports = [s.getsockname()[1] for s in sockets]
        for s in sockets:
            s.close()
        return ports

    tasks = {
        "worker": [f"localhost:{port}" for port in free_ports(num_workers)],
        "ps": [f"localhost:{port}" for port in free_ports(num_ps)],
    }
    cluster = train.ClusterSpec(tasks)

    def servers(job: str, config: Any) -> list[Any]:
        return [
            train.Server(cluster, job_name=job, protocol=protocol, task_index=i, config=config, start=True)
            for i in range(len(tasks[job]))
        ]

    return servers("worker", worker_config), servers("ps", ps_config)
