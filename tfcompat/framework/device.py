"""Device names: `/job:worker/replica:0/task:1/device:GPU:0`, whole or in parts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tfcompat.framework.export import export

# What tf.device accepts: a name, a DeviceSpec, a function of the node, or None.
DeviceLike = Any


@export("DeviceSpec")
class DeviceSpec:
    """A (possibly partial) device name, field by field.

    Raises: ValueError for text that is no device name.
    Source: TF 1.15, python/framework/device_spec.py.
    """

    __slots__ = ("_device_index", "_device_type", "_job", "_replica", "_task")

    def __init__(
        self,
        job: str | None = None,
        replica: int | None = None,
        task: int | None = None,
        device_type: str | None = None,
        device_index: int | None = None,
    ) -> None:
        self._job = None if job is None else str(job)
        self._replica = None if replica is None else int(replica)
        self._task = None if task is None else int(task)
        if device_type is not None and device_type.lower() in ("cpu", "gpu"):
            device_type = device_type.upper()
        self._device_type = device_type
        self._device_index = None if device_index is None else int(device_index)

    @property
    def job(self) -> str | None:
        return self._job

    @job.setter
    def job(self, job: str | None) -> None:
        self._job = None if job is None else str(job)

    @property
    def replica(self) -> int | None:
        return self._replica

    @replica.setter
    def replica(self, replica: int | None) -> None:
        self._replica = None if replica is None else int(replica)

    @property
    def task(self) -> int | None:
        return self._task

    @task.setter
    def task(self, task: int | None) -> None:
        self._task = None if task is None else int(task)

    @property
    def device_type(self) -> str | None:
        return self._device_type

    @device_type.setter
    def device_type(self, device_type: str | None) -> None:
        self._device_type = device_type

    @property
    def device_index(self) -> int | None:
        return self._device_index

    @device_index.setter
    def device_index(self, device_index: int | None) -> None:
        self._device_index = None if device_index is None else int(device_index)

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        return cls().parse_from_string(spec)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """Reads every field from `spec`; fields it does not name become None. Returns self."""
        self._job = self._replica = self._task = self._device_type = self._device_index = None
        for part in spec.split("/"):
            fields = part.split(":")
            match fields:
                case [""]:
                    continue
                case ["job", job]:
                    self._job = job
                case ["replica", number]:
                    self._replica = _number(number, spec)
                case ["task", number]:
                    self._task = _number(number, spec)
                case ["device", kind, index]:
                    self._device_type = kind.upper() if kind.lower() in ("cpu", "gpu") else kind
                    self._device_index = None if index == "*" else _number(index, spec)
                case ["device", kind]:
                    self._device_type = kind.upper() if kind.lower() in ("cpu", "gpu") else kind
                case [("cpu" | "gpu" | "CPU" | "GPU") as kind, index]:
                    self._device_type = kind.upper()
                    self._device_index = None if index == "*" else _number(index, spec)
                case [("cpu" | "gpu" | "CPU" | "GPU") as kind]:
                    self._device_type = kind.upper()
                case _:
                    raise ValueError(f"Unknown attribute: '{fields[0]}' in '{spec}'")
        return self

    def merge_from(self, dev: DeviceSpec) -> None:
        """Takes over every field that `dev` names."""
        for field in self.__slots__:
            value = getattr(dev, field)
            if value is not None:
                setattr(self, field, value)

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        merged = DeviceSpec(self._job, self._replica, self._task, self._device_type, self._device_index)
        merged.merge_from(dev)
        return merged

    def replace(self, **kwargs: Any) -> DeviceSpec:
        fields = {name[1:]: getattr(self, name) for name in self.__slots__}
        return DeviceSpec(**{**fields, **kwargs})

    def to_string(self) -> str:
        parts = []
        if self._job is not None:
            parts.append(f"/job:{self._job}")
        if self._replica is not None:
            parts.append(f"/replica:{self._replica}")
        if self._task is not None:
            parts.append(f"/task:{self._task}")
        if self._device_type is not None:
            index = "*" if self._device_index is None else self._device_index
            parts.append(f"/device:{self._device_type}:{index}")
        return "".join(parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self) -> int:
        return hash(self.to_string())

    def __repr__(self) -> str:
        return self.to_string()


def _number(text: str, spec: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"Could not parse '{spec}': '{text}' is not a number") from None


@functools.lru_cache(maxsize=1024)
def canonical_name(device: str) -> str:
    return DeviceSpec.from_string(device).to_string() if device else ""


@functools.lru_cache(maxsize=4096)
def merge_names(inner: str, outer: str) -> str:
    """What a node placed at `inner` gets inside a scope `outer`: inner's fields win."""
    merged = DeviceSpec.from_string(outer)
    merged.merge_from(DeviceSpec.from_string(inner))
    return merged.to_string()


def as_device_function(device: DeviceLike) -> Callable[[Any], str]:
    """The function of a node that a `tf.device(...)` argument stands for."""
    if callable(device):

        def call(node: Any) -> str:
            result = device(node)
            if result is None:
                return ""
            return result.to_string() if isinstance(result, DeviceSpec) else str(result)

        return call
    name = device.to_string() if isinstance(device, DeviceSpec) else canonical_name(str(device))

    def merge(node: Any) -> str:
        return merge_names(node.device, name)

    return merge
