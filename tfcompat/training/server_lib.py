"""Clusters and servers. A server lives in this process; sessions on one target share its variables.

Source: TF 1.15, python/training/server_lib.py.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

from tfcompat.client import servers
from tfcompat.framework import protos
from tfcompat.framework.compat_strings import as_bytes
from tfcompat.framework.errors import UnimplementedError
from tfcompat.framework.export import export
from tfcompat.runtime.resources import ResourceStore


@export("train.ClusterSpec", v2=("train.ClusterSpec",))
class ClusterSpec:
    """Jobs and the addresses of their tasks, from a dict (of lists, or of dicts by index), a ClusterDef or another one.

    Raises: TypeError for anything else.
    """

    def __init__(self, cluster: Any) -> None:
        self._cluster_spec: dict[str, dict[int, str]] = {}
        if isinstance(cluster, dict):
            for job, tasks in cluster.items():
                if isinstance(tasks, (list, tuple)):
                    self._cluster_spec[job] = dict(enumerate(tasks))
                elif isinstance(tasks, dict):
                    self._cluster_spec[job] = dict(tasks)
                else:
                    raise TypeError(
                        f"The tasks for job {job!r} must be a list or a dictionary from integers to strings."
                    )
            self._make_cluster_def()
            return
        if isinstance(cluster, ClusterSpec):
            self._cluster_def = protos.ClusterDef()
            self._cluster_def.MergeFrom(cluster.as_cluster_def())
        elif isinstance(cluster, protos.ClusterDef):
            self._cluster_def = cluster
        else:
            raise TypeError(
                "`cluster` must be a dictionary mapping one or more job names to lists of network addresses, or a "
                "`ClusterDef` protocol buffer"
            )
        for job_def in self._cluster_def.job:
            self._cluster_spec[job_def.name] = dict(job_def.tasks.items())

    def _make_cluster_def(self) -> None:
        self._cluster_def = protos.ClusterDef()
        for job, tasks in sorted(self._cluster_spec.items()):
            try:
                name = as_bytes(job).decode()
            except TypeError:
                raise TypeError(f"Job name {job!r} must be bytes or unicode") from None
            job_def = self._cluster_def.job.add(name=name)
            for i, address in sorted(tasks.items()):
                try:
                    job_def.tasks[i] = as_bytes(address).decode()
                except TypeError:
                    raise TypeError(f"Task address {address!r} must be bytes or unicode") from None

    def __bool__(self) -> bool:
        return bool(self._cluster_spec)

    __nonzero__ = __bool__

    def __eq__(self, other: object) -> bool:
        return self._cluster_spec == (other._cluster_spec if isinstance(other, ClusterSpec) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        jobs = self.as_dict()
        return "ClusterSpec({" + ", ".join(f"{k!r}: {jobs[k]!r}" for k in sorted(jobs)) + "})"

    def as_dict(self) -> dict[str, Any]:
        """Jobs to lists of addresses; to dicts where indices are missing."""
        out: dict[str, Any] = {}
        for job in self.jobs:
            indices = self.task_indices(job)
            if not indices:
                out[job] = {}
            elif max(indices) + 1 == len(indices):
                out[job] = self.job_tasks(job)
            else:
                out[job] = {i: self.task_address(job, i) for i in indices}
        return out

    def as_cluster_def(self) -> Any:
        """The cluster as a ClusterDef message."""
        return self._cluster_def

    @property
    def jobs(self) -> list[str]:
        """The names of the jobs."""
        return list(self._cluster_spec)

    def _tasks(self, job_name: str) -> dict[int, str]:
        if job_name not in self._cluster_spec:
            raise ValueError(f"No such job in cluster: {job_name!r}")
        return self._cluster_spec[job_name]

    def num_tasks(self, job_name: str) -> int:
        """How many tasks a job has. Raises ValueError for an unknown job."""
        return len(self._tasks(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The indices of a job's tasks, sorted. Raises ValueError for an unknown job."""
        return sorted(self._tasks(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """The address of one task. Raises ValueError when there is no such task."""
        tasks = self._tasks(job_name)
        if task_index not in tasks:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """The addresses of a job's tasks by index; None where an index is missing."""
        tasks = self._tasks(job_name)
        return [tasks.get(i) for i in range(max(tasks) + 1)]


def _make_server_def(
    server_or_cluster_def: Any, job_name: str | None, task_index: int | None, protocol: str | None, config: Any
) -> Any:
    if isinstance(server_or_cluster_def, protos.ServerDef):
        made = protos.ServerDef()
        made.MergeFrom(server_or_cluster_def)
        if job_name is not None:
            made.job_name = job_name
        if task_index is not None:
            made.task_index = task_index
        if protocol is not None:
            made.protocol = protocol
    else:
        try:
            cluster = ClusterSpec(server_or_cluster_def)
        except TypeError:
            raise TypeError(
                "Could not convert `server_or_cluster_def` to a `tf.train.ServerDef` or `tf.train.ClusterSpec`."
            ) from None
        if job_name is None:
            if len(cluster.jobs) != 1:
                raise ValueError("Must specify an explicit `job_name`.")
            job_name = cluster.jobs[0]
        if task_index is None:
            indices = cluster.task_indices(job_name)
            if len(indices) != 1:
                raise ValueError("Must specify an explicit `task_index`.")
            task_index = indices[0]
        made = protos.ServerDef(
            cluster=cluster.as_cluster_def(),
            job_name=job_name,
            task_index=task_index,
            protocol="grpc" if protocol is None else protocol,
        )
    if config is not None:
        made.default_session_config.MergeFrom(config)
    return made


class _Cluster:
    """The servers of one cluster that are in this process, and the resources that they share."""

    _lock = threading.Lock()
    _all: dict[bytes, _Cluster] = {}

    def __init__(self, definition: Any) -> None:
        self.tasks = {(job.name, i): address for job in definition.job for i, address in job.tasks.items()}
        self.here: set[tuple[str, int]] = set()
        self.resources = ResourceStore()

    @classmethod
    def join(cls, definition: Any, task: tuple[str, int]) -> _Cluster:
        """The cluster with this definition. One of a single task with a free port is always a new one."""
        with cls._lock:
            made = cls(definition)
            if len(made.tasks) > 1 or not next(iter(made.tasks.values()), ":0").endswith(":0"):
                made = cls._all.setdefault(definition.SerializeToString(deterministic=True), made)
            made.here.add(task)
            return made

    def shared(self) -> ResourceStore:
        """The resources. Raises UnimplementedError while some task is not in this process."""
        missing = sorted(self.tasks.keys() - self.here)
        if missing:
            job, index = missing[0]
            raise UnimplementedError(
                None,
                None,
                f"Clusters of several processes are not supported: /job:{job}/task:{index} at "
                f"{self.tasks[missing[0]]} is not a server of this process.",
            )
        return self.resources


@export("train.Server", "distribute.Server", v2=("distribute.Server",))
class Server:
    """A server of this process: sessions on its `target` share variables, queues and other resources.

    All tasks of its cluster must be servers of this process, too.
    Raises: TypeError or ValueError when the task is not told clearly.
    """

    def __init__(
        self,
        server_or_cluster_def: Any,
        job_name: str | None = None,
        task_index: int | None = None,
        protocol: str | None = None,
        config: Any = None,
        start: bool = True,
    ) -> None:
        self._target: str | None = None
        self._server_def = _make_server_def(server_or_cluster_def, job_name, task_index, protocol, config)
        task = (self._server_def.job_name, self._server_def.task_index)
        self._cluster = _Cluster.join(self._server_def.cluster, task)
        self._socket: Any = None
        self._target = f"{self._server_def.protocol}://localhost:{self._port(task)}"
        if start:
            self.start()

    def _port(self, task: tuple[str, int]) -> str:
        port = self._cluster.tasks.get(task, ":0").rpartition(":")[2]
        if port != "0":
            return port
        # A number nobody else has, for as long as this server lives.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.bind(("localhost", 0))
        return str(self._socket.getsockname()[1])

    def __del__(self) -> None:
        target = getattr(self, "_target", None)
        if target is not None:
            servers.unregister(target)
        if getattr(self, "_socket", None) is not None:
            self._socket.close()

    def start(self) -> None:
        """Makes the target known to sessions."""
        servers.register(self._target, self._cluster.shared)  # type: ignore[arg-type]

    def join(self) -> None:
        """Waits for ever, as parameter servers do."""
        threading.Event().wait()

    @property
    def server_def(self) -> Any:
        """The ServerDef of this server."""
        return self._server_def

    @property
    def target(self) -> str:
        """What to pass to a session as its target."""
        return self._target  # type: ignore[return-value]

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> Server:
        """A cluster of one."""
        return Server({"local": ["localhost:0"]}, protocol="grpc", config=config, start=start)
