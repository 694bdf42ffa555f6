"""Placing variables on parameter servers and everything else on workers.

Source: TF 1.15, python/training/device_setter.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from tfcompat.framework import tf_logging
from tfcompat.framework.device import DeviceSpec
from tfcompat.framework.export import export
from tfcompat.training.server_lib import ClusterSpec

STANDARD_PS_OPS = (
    "Variable",
    "VariableV2",
    "AutoReloadVariable",
    "MutableHashTable",
    "MutableHashTableV2",
    "MutableHashTableOfTensors",
    "MutableHashTableOfTensorsV2",
    "MutableDenseHashTable",
    "MutableDenseHashTableV2",
    "VarHandleOp",
    "BoostedTreesEnsembleResourceHandleOp",
    "BoostedTreesQuantileStreamResourceHandleOp",
    "ResourceConditionalAccumulator",
)


class _RoundRobinStrategy:
    """One parameter server after the other."""

    def __init__(self, num_tasks: int) -> None:
        self._num_tasks = num_tasks
        self._next_task = 0

    def __call__(self, unused_op: Any) -> int:
        task = self._next_task
        self._next_task = (task + 1) % self._num_tasks
        return task


class _ReplicaDeviceChooser:
    """The device function that `replica_device_setter` gives."""

    def __init__(
        self,
        ps_tasks: int,
        ps_device: str,
        worker_device: str,
        merge_devices: bool,
        ps_ops: Collection[str],
        ps_strategy: Callable[[Any], int],
    ) -> None:
        self._ps_tasks = ps_tasks
        self._ps_device = ps_device
        self._worker_device = worker_device
        self._merge_devices = merge_devices
        self._ps_ops = ps_ops
        self._ps_strategy = ps_strategy

    def device_function(self, op: Any) -> str:
        """The device of a node (or NodeDef), merged with the one it has."""
        if not self._merge_devices and op.device:
            return op.device  # type: ignore[no-any-return]
        current = DeviceSpec.from_string(op.device or "")
        kind = op.op if not hasattr(op, "type") else op.type
        if self._ps_tasks and self._ps_device and kind in self._ps_ops:
            spec = DeviceSpec.from_string(self._ps_device)
            if spec.job and (not current.job or current.job == spec.job):
                spec = spec.replace(task=self._ps_strategy(op))
        else:
            spec = DeviceSpec.from_string(self._worker_device or "")
        return spec.make_merged_spec(current).to_string()


@export("train.replica_device_setter")
def replica_device_setter(
    ps_tasks: int = 0,
    ps_device: str = "/job:ps",
    worker_device: str = "/job:worker",
    merge_devices: bool = True,
    cluster: Any = None,
    ps_ops: Collection[str] | None = None,
    ps_strategy: Callable[[Any], int] | None = None,
) -> Callable[[Any], str] | None:
    """A device function for `tf.device`: variables on parameter servers in turn, the rest on the worker.

    None where there is no parameter server.
    Raises: TypeError for a cluster that is none, or a strategy that is no function.
    """
    if cluster is not None:
        jobs = (cluster if isinstance(cluster, ClusterSpec) else ClusterSpec(cluster)).as_dict()
        job = DeviceSpec.from_string(ps_device).job
        if jobs.get(job) is None:
            return None
        ps_tasks = len(jobs[job])
    if ps_tasks == 0:
        return None
    if not merge_devices:
        tf_logging.warning("DEPRECATION: It is recommended to set merge_devices=true in replica_device_setter")
    if ps_strategy is None:
        ps_strategy = _RoundRobinStrategy(ps_tasks)
    if not callable(ps_strategy):
        raise TypeError("ps_strategy must be callable")
    chooser = _ReplicaDeviceChooser(
        ps_tasks, ps_device, worker_device, merge_devices, STANDARD_PS_OPS if ps_ops is None else ps_ops, ps_strategy
    )
    return chooser.device_function
