"""Numbers in text, read as TensorFlow's string conversions read them.

Source: TF 1.15, core/lib/strings/numbers.cc.
"""

from __future__ import annotations

import re

import numpy as np

from tfcompat.framework import dtypes
from tfcompat.framework.dtypes import DType

_INTEGER = re.compile(rb"[ \t\n\v\f\r]*(-?[0-9]+)[ \t\n\v\f\r]*")
_REAL = re.compile(
    rb"[ \t\n\v\f\r]*([+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?"
    rb"|inf(?:inity)?|nan))[ \t\n\v\f\r]*",
    re.IGNORECASE,
)
_HEXADECIMAL = re.compile(rb"[ \t\n\v\f\r]*([+-]?0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*(?:[pP][+-]?[0-9]+)?)[ \t\n\v\f\r]*")
_RANGES = {dtypes.int32: (-(2**31), 2**31 - 1), dtypes.int64: (-(2**63), 2**63 - 1)}


def parse_number(text: bytes, dtype: DType) -> int | float | None:
    """The number in the text; None when there is none, something else stands beside it, or it does not fit an integer."""
    limits = _RANGES.get(dtype)
    if limits is not None:
        found = _INTEGER.fullmatch(text)
        if found is None:
            return None
        number = int(found[1])
        return number if limits[0] <= number <= limits[1] else None
    found = _REAL.fullmatch(text)
    if found is not None:
        return float(found[1]) if dtype is dtypes.float64 else float(np.float32(found[1].decode()))
    found = _HEXADECIMAL.fullmatch(text)
    try:
        return None if found is None else float.fromhex(found[1].decode())
    except (ValueError, OverflowError):
        return None
