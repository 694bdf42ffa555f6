"""The devices a session reports."""

from __future__ import annotations

from typing import NamedTuple

import torch


class DeviceAttributes(NamedTuple):
    """One device, as `session.list_devices()` gives it. memory_limit_bytes is in bytes."""

    name: str
    device_type: str
    memory_limit_bytes: int
    incarnation: int = 1


_PREFIX = "/job:localhost/replica:0/task:0/device:"


def session_devices(device: torch.device) -> list[DeviceAttributes]:
    """The CPU, and the CUDA devices torch sees unless the session hides them."""
    found = [DeviceAttributes(f"{_PREFIX}CPU:0", "CPU", 268435456)]
    if device.type == "cuda":
        for i in range(torch.cuda.device_count()):
            total = torch.cuda.get_device_properties(i).total_memory
            found.append(DeviceAttributes(f"{_PREFIX}GPU:{i}", "GPU", total))
    return found
