"""Runtime values: torch tensors, and numpy object arrays of bytes for strings. Conversions from and to numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.dtypes import DType


def from_numpy(array: np.ndarray, dtype: DType) -> Any:
    """A runtime value sharing memory with `array` where possible; strings stay a numpy array of bytes."""
    if dtype.torch is None:
        return array
    if array.dtype.names:  # quantized types are one-field records in numpy
        array = array[array.dtype.names[0]]
    if dtype.torch is torch.bfloat16:
        if array.dtype.itemsize == 2 and array.dtype.kind not in "f":
            array = np.ascontiguousarray(array).reshape(array.shape)  # numpy gives a scalar a dimension there
            return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32).reshape(array.shape)).to(torch.bfloat16)
    if not array.flags.writeable or any(s < 0 for s in array.strides):
        array = array.copy()
    if array.dtype.byteorder not in "=|":
        array = array.astype(array.dtype.newbyteorder("="))
    if array.ndim == 0:
        return torch.tensor(array.item(), dtype=dtype.torch) if array.dtype != np.bool_ else torch.tensor(bool(array))
    return torch.from_numpy(array)


def to_numpy(value: Any, dtype: DType) -> Any:
    """The numpy form of a runtime value; shares memory where possible. A rank-0 result is still an array."""
    if not isinstance(value, torch.Tensor):
        return value
    if value.device.type != "cpu":
        value = value.cpu()
    if value.is_conj() or value.is_neg():
        value = value.resolve_conj().resolve_neg()
    base = dtype.base_dtype
    if value.dtype is torch.bfloat16:
        kind = base.as_numpy_dtype
        if np.dtype(kind).itemsize == 2:
            return value.contiguous().view(torch.int16).numpy().view(kind)
        return value.float().numpy()
    array = value.numpy()
    if base.is_quantized:
        return array.view(np.dtype(base.as_numpy_dtype))
    return array


def python_value(value: Any) -> Any:
    """A host input as plain Python: a scalar, or nested lists."""
    return value.tolist()


def fetch_value(value: Any, dtype: DType, copy: bool) -> Any:
    """What `Session.run` returns: numpy arrays, and numpy scalars (bytes for strings) for rank 0."""
    array = to_numpy(value, dtype)
    if isinstance(array, np.ndarray):
        if array.dtype.names:  # quantized values come out as the integers they are stored as
            array = array[array.dtype.names[0]]
        if array.ndim == 0:
            return array.item() if array.dtype == object else array[()]
        if copy:
            return array.copy()
    return array


def numpy_dtype(dtype: DType) -> Any:
    """The numpy dtype arrays of this DType have (object for strings)."""
    return np.dtype(object) if dtype.base_dtype is dtypes.string else np.dtype(dtype.as_numpy_dtype)
