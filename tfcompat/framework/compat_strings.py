"""`tf.compat`: strings, bytes and number types, and the forward-compatibility window.

Source: TF 1.15, python/util/compat.py and python/compat/compat.py.
"""

from __future__ import annotations

import contextlib
import datetime
import numbers
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from tfcompat.framework.export import export, export_value

integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)
bytes_or_text_types = (bytes, str)
for _name in ("integral_types", "real_types", "complex_types", "bytes_or_text_types"):
    export_value(f"compat.{_name}", v2=(f"compat.{_name}",))


@export("compat.as_bytes", v2=("compat.as_bytes",))
def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Text encoded, bytes as they are.

    Raises: TypeError for anything else.
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


@export("compat.as_text", "compat.as_str", v2=("compat.as_text", "compat.as_str"))
def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Bytes decoded, text as it is.

    Raises: TypeError for anything else.
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


as_str = as_text


@export("compat.as_str_any", v2=("compat.as_str_any",))
def as_str_any(value: Any) -> str:
    """`str(value)`, except that bytes are decoded."""
    return as_text(value) if isinstance(value, bytes) else str(value)


@export("compat.path_to_str", v2=("compat.path_to_str",))
def path_to_str(path: Any) -> Any:
    """The string of a path object; anything else is returned unchanged."""
    return as_str_any(path.__fspath__()) if hasattr(path, "__fspath__") else path


# The date compiled into the 1.15.0 wheel.
_HORIZON = datetime.date(2019, 8, 21)
_DELTA_DAYS = "TF_FORWARD_COMPATIBILITY_DELTA_DAYS"
_override: datetime.date | None = None


def _horizon() -> tuple[int, int, int]:
    date = _override or _HORIZON + datetime.timedelta(days=int(os.environ.get(_DELTA_DAYS) or 0))
    return date.year, date.month, date.day


@export("compat.forward_compatible", v2=("compat.forward_compatible",))
def forward_compatible(year: int, month: int, day: int) -> bool:
    """Whether graphs may use what was added on the given day."""
    return _horizon() > (year, month, day)


@export("compat.forward_compatibility_horizon", v2=("compat.forward_compatibility_horizon",))
@contextlib.contextmanager
def forward_compatibility_horizon(year: int, month: int, day: int) -> Iterator[None]:
    """A block in which the forward-compatibility window ends on the given day."""
    global _override
    _override = datetime.date(year, month, day)
    try:
        yield
    finally:
        _override = None
