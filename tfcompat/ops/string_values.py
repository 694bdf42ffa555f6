"""String tensors as kernels make them: numpy object arrays of bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework.shape_rules import text


def string_scalar(value: bytes) -> np.ndarray:
    """One string as a tensor of rank 0."""
    made = np.empty((), object)
    made[()] = value
    return made


def string_vector(values: Sequence[bytes]) -> np.ndarray:
    """Strings as a tensor of rank 1."""
    made = np.empty(len(values), object)
    made[:] = values
    return made


def string_array(values: Sequence[bytes], shape: Sequence[int]) -> np.ndarray:
    """Strings in row-major order as a tensor of a shape."""
    return string_vector(values).reshape(tuple(shape))


def each(function: Callable[[bytes], Any], value: np.ndarray) -> np.ndarray:
    """A function of bytes applied to every string."""
    return string_array([function(v) for v in value.reshape(-1).tolist()], value.shape)


def shape_text(value: Any) -> str:
    """The shape of a value as messages print it."""
    return text(tuple(value.shape))


def as_bytes_attr(value: Any) -> bytes:
    """A string attr as bytes."""
    return value.encode() if isinstance(value, str) else value  # type: ignore[no-any-return]


def as_text_attr(value: Any) -> str:
    """A string attr as text."""
    return value.decode() if isinstance(value, bytes) else value  # type: ignore[no-any-return]
