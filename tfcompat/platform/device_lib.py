"""The machine's devices as `device_lib.list_local_devices()` and `tf.test` report them.

Source: TF 1.15, python/client/device_lib.py, python/framework/test_util.py, core/common_runtime/gpu/gpu_device.cc.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

import torch

from tfcompat.framework import protos
from tfcompat.framework.export import export

# What TF reports for the host's memory, whatever there is.
_CPU_MEMORY_LIMIT = 268435456
_CAPABILITY = re.compile(r"compute capability: (\d+)\.(\d+)")


def _attributes(name: str, device_type: str, memory_limit: int, description: str = "") -> Any:
    # TF's incarnation is a random number that tells two processes' devices apart; here it only has to be steady.
    return protos.DeviceAttributes(
        name=name,
        device_type=device_type,
        memory_limit=memory_limit,
        locality=protos.DeviceLocality(),
        incarnation=zlib.crc32(name.encode()) + 1,
        physical_device_desc=description,
    )


def list_local_devices(session_config: Any = None) -> list[Any]:
    """A DeviceAttributes message for the CPU and for every CUDA device."""
    devices = [_attributes("/device:CPU:0", "CPU", _CPU_MEMORY_LIMIT)]
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        found = torch.cuda.get_device_properties(index)
        bus = f"{getattr(found, 'pci_domain_id', 0):04x}:{getattr(found, 'pci_bus_id', 0):02x}:00.0"
        description = (
            f"device: {index}, name: {found.name}, pci bus id: {bus}, compute capability: {found.major}.{found.minor}"
        )
        devices.append(_attributes(f"/device:GPU:{index}", "GPU", found.total_memory, description))
    return devices


@export("test.gpu_device_name", v2=("test.gpu_device_name",))
def gpu_device_name() -> str:
    """The name of the first GPU, or the empty string."""
    return next((device.name for device in list_local_devices() if device.device_type == "GPU"), "")


@export("test.is_gpu_available", v2=("test.is_gpu_available",))
def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: tuple[int, int] | None = None) -> bool:
    """Whether there is a GPU, of at least the compute capability given as (major, minor)."""
    for device in list_local_devices():
        match = _CAPABILITY.search(device.physical_device_desc)
        if match and (int(match[1]), int(match[2])) >= tuple(min_cuda_compute_capability or (0, 0)):
            return True
    return False


@export("test.is_built_with_cuda", v2=("test.is_built_with_cuda",))
def is_built_with_cuda() -> bool:
    """Whether the torch underneath was built with CUDA."""
    return torch.version.cuda is not None


@export("test.is_built_with_rocm", v2=("test.is_built_with_rocm",))
def is_built_with_rocm() -> bool:
    """Whether the torch underneath was built with ROCm."""
    return torch.version.hip is not None


@export("test.is_built_with_gpu_support", v2=("test.is_built_with_gpu_support",))
def is_built_with_gpu_support() -> bool:
    """Whether the torch underneath was built for GPUs."""
    return is_built_with_cuda() or is_built_with_rocm()
