"""Tensors of uniform, normal and truncated normal numbers from a cursor, value for value as TensorFlow fills them.

Output i comes from group i // g, where g numbers come out of one group of words: 4 for types of up to 32 bits,
2 for wider ones. Truncated normals give every g outputs a stretch of 64 * g groups of its own to reject from.
Source: TF 1.15, core/lib/random/random_distributions.h, core/kernels/random_op_cpu.h.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from tfcompat.ops.philox.counter import MASK32, RESERVED_PER_OUTPUT, Cursor
from tfcompat.ops.philox.words import Device, words, words_at

SMALLEST_UNIFORM = 1e-7  # what Box-Muller takes the logarithm of at least, in both widths
TRUNCATE_AT = 2.0


def numbers_per_group(dtype: torch.dtype) -> int:
    """How many outputs of a type one group of four words gives."""
    return 2 if dtype.itemsize == 8 else 4


def fill_uniform(cursor: Cursor, count: int, dtype: torch.dtype = torch.float32, device: Device = None) -> torch.Tensor:
    """`count` uniform numbers in [0, 1) of a floating type.

    Shapes: -> [count].
    """
    return uniform_from_words(words(cursor, _groups(count, dtype), device), dtype)[:count]


def uniform_from_words(bits: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """All uniform numbers of some groups of words, in stream order. Overwrites `bits`.

    Shapes: int32 [n, 4] -> [n * numbers per group].
    """
    if dtype == torch.float32:
        return bits.bitwise_and_(0x7FFFFF).bitwise_or_(0x3F800000).view(torch.float32).sub_(1.0).view(-1)
    if dtype == torch.float64:
        pair = bits.view(torch.int64)
        fraction = ((pair & 0xFFFFF) << 32) | ((pair >> 32) & MASK32)  # the first word holds the upper 20 bits
        return fraction.bitwise_or_(0x3FF << 52).view(torch.float64).sub_(1.0).view(-1)
    if dtype == torch.float16:
        return (bits.bitwise_and_(0x3FF).to(torch.float32) * 2.0**-10).to(dtype).view(-1)
    if dtype == torch.bfloat16:
        return (bits.bitwise_and_(0x7F).to(torch.float32) * 2.0**-7).to(dtype).view(-1)
    raise TypeError(f"uniform random numbers come as float16, bfloat16, float32 or float64, not {dtype}")


def fill_full_int(cursor: Cursor, count: int, dtype: torch.dtype = torch.int64, device: Device = None) -> torch.Tensor:
    """`count` integers over the whole range of int32, uint32, int64 or uint64.

    Shapes: -> [count].
    """
    return words(cursor, _groups(count, dtype), device).view(dtype).view(-1)[:count]


def fill_uniform_int(
    cursor: Cursor, count: int, minval: int, maxval: int, dtype: torch.dtype = torch.int32, device: Device = None
) -> torch.Tensor:
    """`count` integers in [minval, maxval): random bits modulo the width of the range, so slightly uneven as in TF.

    Shapes: -> [count].
    Raises: ValueError unless minval < maxval; TypeError for types other than int32 and int64.
    """
    if dtype not in (torch.int32, torch.int64):
        raise TypeError(f"uniform random integers come as int32 or int64, not {dtype}")
    if minval >= maxval:
        raise ValueError(f"Need minval < maxval, got {minval} >= {maxval}")
    bits = fill_full_int(cursor, count, dtype, device)
    span = maxval - minval
    if bits.device.type == "cpu":
        # numpy divides by one number with vector instructions; its remainder does not.
        unsigned = np.uint32 if dtype == torch.int32 else np.uint64
        array = bits.numpy().view(unsigned)
        quotient = np.floor_divide(array, unsigned(span))
        np.multiply(quotient, unsigned(span), out=quotient)
        np.subtract(array, quotient, out=array)
        np.add(array, unsigned(minval % 2 ** (8 * array.itemsize)), out=array)
        return bits
    if dtype == torch.int32:
        return (((bits.to(torch.int64) & MASK32) % span) + minval).to(torch.int32)
    return unsigned_remainder(bits, span) + minval


def unsigned_remainder(bits: torch.Tensor, span: int) -> torch.Tensor:
    """int64 bits read as uint64, modulo `span` < 2**64, without unsigned arithmetic (CUDA has none in torch)."""

    def at_least(x: torch.Tensor) -> torch.Tensor:
        flipped = (span ^ 2**63) - (2**64 if (span ^ 2**63) >= 2**63 else 0)
        return (x ^ -(2**63)) >= flipped

    wrapped = span - 2**64 if span >= 2**63 else span
    if span < 2**63:
        # Halve, reduce, double: the doubled remainder is below 2 * span, so one subtraction ends it.
        half = ((bits >> 1) & (2**63 - 1)) % span
        bits = half * 2 + (bits & 1)
    return torch.where(at_least(bits), bits - wrapped, bits)


def fill_normal(cursor: Cursor, count: int, dtype: torch.dtype = torch.float32, device: Device = None) -> torch.Tensor:
    """`count` standard normal numbers of a floating type.

    Shapes: -> [count].
    """
    return normal_from_words(words(cursor, _groups(count, dtype), device), dtype)[:count]


def normal_from_words(bits: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """All standard normal numbers of some groups of words, in stream order. Overwrites `bits`.

    Shapes: int32 [n, 4] -> [n * numbers per group].
    """
    if dtype == torch.float64:
        return box_muller(uniform_from_words(bits, torch.float64)).view(-1)
    if dtype not in (torch.float16, torch.bfloat16, torch.float32):
        raise TypeError(f"normal random numbers come as float16, bfloat16, float32 or float64, not {dtype}")
    return box_muller(uniform_from_words(bits, torch.float32)).view(-1).to(dtype)


def box_muller(uniforms: torch.Tensor) -> torch.Tensor:
    """Pairs of uniform numbers to pairs of standard normal ones.

    The result has the uniforms' type. For float32 each function is evaluated in float64 and rounded, which differs
    from the C library's float functions that TF calls in one value of fifty, by one unit in the last place.
    Shapes: [2 n] -> [n, 2].
    """
    pairs = uniforms.view(-1, 2)
    out = torch.empty_like(pairs)
    if pairs.dtype == torch.float64 and pairs.device.type == "cpu":
        _box_muller_numpy(pairs.numpy(), out.numpy())
        return out
    u, v = pairs[:, 0].clamp_min(SMALLEST_UNIFORM), pairs[:, 1]
    radius = u.double().log_().to(pairs.dtype).mul_(-2.0)
    if radius.device.type == "cpu":
        np.sqrt(radius.numpy(), out=radius.numpy())  # torch's own is off by one unit in a fifth of all values
    else:
        radius.sqrt_()
    angle = (v.double() * (2.0 * math.pi)).to(pairs.dtype).double()
    torch.mul(angle.sin().to(pairs.dtype), radius, out=out[:, 0])
    torch.mul(angle.cos_().to(pairs.dtype), radius, out=out[:, 1])
    return out


def _box_muller_numpy(pairs: np.ndarray, out: np.ndarray) -> None:
    """float64 in numpy, whose sine and cosine are the C library's."""
    radius = np.log(np.maximum(pairs[:, 0], SMALLEST_UNIFORM))
    radius *= -2.0
    np.sqrt(radius, out=radius)
    angle = pairs[:, 1] * (2.0 * math.pi)
    np.multiply(np.sin(angle), radius, out=out[:, 0])
    np.multiply(np.cos(angle), radius, out=out[:, 1])


def fill_truncated_normal(
    cursor: Cursor, count: int, dtype: torch.dtype = torch.float32, device: Device = None
) -> torch.Tensor:
    """`count` standard normal numbers, those of magnitude 2 or more drawn again.

    Shapes: -> [count].
    """
    compute = torch.float64 if dtype == torch.float64 else torch.float32
    per_group = numbers_per_group(dtype)
    stretch = per_group * RESERVED_PER_OUTPUT // 4
    groups = _groups(count, dtype)
    device = torch.device("cpu" if device is None else device)
    out = torch.empty((groups, per_group), dtype=compute, device=device)
    rows = torch.arange(groups, dtype=torch.int64, device=device)  # output groups that lack numbers
    kept = torch.empty((groups, 0), dtype=compute, device=device)  # what they drew so far, and which of it fits
    fitting = torch.empty((groups, 0), dtype=torch.bool, device=device)
    for attempt in range(stretch):
        if rows.numel() == 0:
            return out.view(-1)[:count].to(dtype)
        drawn = normal_from_words(words_at(cursor, rows * stretch + attempt), compute).view(-1, per_group)
        kept, fitting = torch.cat((kept, drawn), 1), torch.cat((fitting, drawn.abs() < TRUNCATE_AT), 1)
        complete = fitting.sum(1) >= per_group
        done = kept[complete]
        if attempt:
            # A stable sort brings the fitting numbers to the front in the order they were drawn.
            order = torch.sort((~fitting[complete]).to(torch.int8), dim=1, stable=True).indices
            done = done.gather(1, order)[:, :per_group]
        out[rows[complete]] = done
        lacking = ~complete
        rows, kept, fitting = rows[lacking], kept[lacking], fitting[lacking]
    raise RuntimeError("truncated normal: too few numbers of magnitude below 2 in a whole reserved stretch")


def _groups(count: int, dtype: torch.dtype) -> int:
    per_group = numbers_per_group(dtype)
    return (count + per_group - 1) // per_group
