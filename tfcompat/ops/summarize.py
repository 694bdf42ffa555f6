"""Tensors as text, the way TensorFlow's kernels print them: Assert and Print in one form, tf.print in another.

Source: TF 1.15, core/framework/tensor.cc (what it prints, read off its output).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from tfcompat.framework.dtypes import DType
from tfcompat.framework.values import to_numpy

_ESCAPES = {10: "\\n", 13: "\\r", 9: "\\t", 34: '\\"', 39: "\\'", 92: "\\\\"}


def c_escape(data: bytes) -> str:
    """Bytes as a C string literal's inside."""
    return "".join(_ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\{b:03o}") for b in data)


def number_text(value: Any, single: bool) -> str:
    """The shortest of two fixed precisions that reads back as the same float (single) or double."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    text = f"{float(value):.{6 if single else 15}g}"
    back = np.float32(text) if single else float(text)
    return text if back == value else f"{float(value):.{9 if single else 17}g}"


def _elements(value: Any, dtype: DType, quoted: bool) -> tuple[list[str], tuple[int, ...]]:
    if not isinstance(value, (torch.Tensor, np.ndarray)):
        return ["?"], ()
    array = to_numpy(value, dtype) if isinstance(value, torch.Tensor) else value
    flat = array.ravel()
    if array.dtype == object:
        texts = [c_escape(v if isinstance(v, bytes) else str(v).encode()) for v in flat.tolist()]
        return [f'"{t}"' for t in texts] if quoted else texts, array.shape
    base = dtype.base_dtype
    if base.is_bool:
        return ["1" if v else "0" for v in flat.tolist()], array.shape
    if base.is_complex:
        return ["?"] * flat.size, array.shape
    if base.is_floating:
        single = base.size <= 4
        wide = flat.astype(np.float32) if single else flat
        return [number_text(v, single) for v in wide], array.shape
    return [str(v) for v in flat.tolist()], array.shape


def summarize(value: Any, dtype: DType, entries: int) -> str:
    """The first `entries` elements (negative: all) on one line, rows in brackets: the form of Assert and Print."""
    texts, shape = _elements(value, dtype, quoted=False)
    limit = len(texts) if entries < 0 else min(entries, len(texts))
    dots = "..." if len(texts) > limit else ""
    if not shape:
        return " ".join(texts[:limit]) + dots
    out: list[str] = []
    _rows(texts, shape, limit, 0, 0, out)
    return "".join(out) + dots


def _rows(texts: list[str], shape: tuple[int, ...], limit: int, dim: int, at: int, out: list[str]) -> int:
    if at >= limit:
        return at
    if dim == len(shape) - 1:
        for i in range(shape[dim]):
            if at >= limit:
                if dim != 0:
                    out.append("...")
                return at
            out.append((" " if i else "") + texts[at])
            at += 1
        return at
    for _ in range(shape[dim]):
        opened = at < limit
        if opened:
            out.append("[")
        at = _rows(texts, shape, limit, dim + 1, at, out)
        if opened or at < limit:
            out.append("]")
    return at


def summarize_ends(value: Any, dtype: DType, entries: int) -> str:
    """The first and last `entries` of each dimension (negative: all), rows on lines: the form of tf.print."""
    texts, shape = _elements(value, dtype, quoted=True)
    count = len(texts)
    limit = count if entries < 0 else min(entries, count)
    if not shape:
        return " ".join(texts)
    out: list[str] = []
    _ends(texts, shape, limit, 0, 0, out)
    return "".join(out)


def _ends(texts: list[str], shape: tuple[int, ...], ends: int, dim: int, at: int, out: list[str]) -> None:
    if dim == len(shape):
        out.append(texts[at])
        return
    between = " " if dim == len(shape) - 1 else "\n" * (len(shape) - dim - 1) + " " * (dim + 1)
    each = math.prod(shape[dim + 1 :])
    n = shape[dim]
    out.append("[")
    for i in range(min(ends, n)):
        if i:
            out.append(between)
        _ends(texts, shape, ends, dim + 1, at + i * each, out)
    if n > 2 * ends:
        out.append(between + "...")
    for i in range(max(ends, n - ends), n):
        out.append(between)
        _ends(texts, shape, ends, dim + 1, at + i * each, out)
    out.append("]")
