"""Strings and numbers: as_string, string_to_number, hash buckets.

Source: TF 1.15, core/ops/string_ops.cc, core/kernels/as_string_op.cc, string_to_hash_bucket_op.h, core/lib/hash/hash.cc.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.dtypes import DType, cpp_name
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, op
from tfcompat.framework.shape_rules import unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.decoding import on_device
from tfcompat.ops.farmhash import fingerprint64
from tfcompat.ops.number_text import parse_number
from tfcompat.ops.shapes import renamed_argument
from tfcompat.ops.string_values import as_text_attr, string_array

_ALL = (1 << 64) - 1


def _refuse(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)


# --- numbers as strings ----------------------------------------------------------------------------------------

as_string_op = op("AsString")(unchanged)
as_string_op.gradient(NOT_DIFFERENTIABLE)


@as_string_op.builder
def _build_as_string(c: KernelContext) -> Any:
    format_one = _formatter(c.attrs)

    def as_string(input: Any) -> np.ndarray:
        flat = input.reshape(-1).tolist()
        return string_array([format_one(v).encode() for v in flat], input.shape)

    return as_string


def _formatter(attrs: dict[str, Any]) -> Callable[[Any], str]:
    dtype: DType = attrs["T"]
    precision, width, fill = attrs["precision"], attrs["width"], as_text_attr(attrs["fill"])
    real = dtype.is_floating or dtype.is_complex
    if attrs["scientific"] and attrs["shortest"]:
        raise _refuse("Cannot select both scientific and shortest notation")
    if not real and (attrs["scientific"] or attrs["shortest"]):
        raise _refuse(f"scientific and shortest format not supported for datatype {cpp_name(dtype)}")
    if not real and precision > -1:
        raise _refuse(f"precision not supported for datatype {cpp_name(dtype)}")
    if len(fill) > 1:
        raise _refuse(f"Fill string must be one or fewer characters: \"{fill}\"")
    if fill and fill not in " +-0#":
        raise _refuse(f'Fill argument not supported: "{fill}"')
    if dtype is dtypes.bool:
        return lambda v: "true" if v else "false"
    form = "%" + (f"{fill}{width}" if width > -1 else "") + (f".{precision}" if precision > -1 else "")
    form += ("e" if attrs["scientific"] else "g" if attrs["shortest"] else "f") if real else "d"
    if dtype.is_complex:
        return lambda v: f"({form % v.real},{form % v.imag})"
    return lambda v: form % v


@export("strings.as_string", "as_string", "dtypes.as_string", v2=("strings.as_string",))
def as_string(
    input: Any,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Tensor:
    """Each number as a string, written as C's printf does."""
    return as_string_op(  # type: ignore[no-any-return]
        input, precision=precision, scientific=scientific, shortest=shortest, width=width, fill=fill, name=name
    )


# --- strings as numbers ----------------------------------------------------------------------------------------

string_to_number_op = op("StringToNumber")(unchanged)
string_to_number_op.gradient(NOT_DIFFERENTIABLE)


@string_to_number_op.kernel
def _string_to_number(string_tensor: np.ndarray, *, out_type: DType, device: Any) -> torch.Tensor:
    numbers = []
    for text in string_tensor.reshape(-1).tolist():
        number = parse_number(text, out_type)
        if number is None:
            shown = text.decode("utf-8", "replace")
            raise _refuse(f"StringToNumberOp could not correctly convert string: {shown}")
        numbers.append(number)
    made = np.array(numbers, out_type.as_numpy_dtype).reshape(string_tensor.shape)
    return on_device(made, out_type, device)  # type: ignore[no-any-return]


@export("strings.to_number", "string_to_number")
def string_to_number(
    string_tensor: Any = None, out_type: Any = dtypes.float32, name: str | None = None, input: Any = None
) -> Tensor:
    """The number in each string.

    Raises: InvalidArgumentError while running for a string that is no number.
    """
    string_tensor = renamed_argument("input", input, "string_tensor", string_tensor)
    return string_to_number_op(string_tensor, out_type=out_type, name=name)  # type: ignore[no-any-return]


@export(v2=("strings.to_number",))
def string_to_number_v2(input: Any, out_type: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """As `string_to_number`."""
    return string_to_number_op(input, out_type=out_type, name=name)  # type: ignore[no-any-return]


# --- hash buckets ----------------------------------------------------------------------------------------------

_MUL, _SEED = 0xC6A4A7935BD1E995, 0xDECAFCAFFE


def murmur64(data: bytes) -> int:
    """MurmurHash64A with TensorFlow's seed: the hash of the oldest op."""
    n = len(data)
    h = _SEED ^ (n * _MUL & _ALL)
    whole = n & ~7
    for (k,) in struct.iter_unpack("<Q", data[:whole]):
        k = k * _MUL & _ALL
        k = (k ^ k >> 47) * _MUL & _ALL
        h = (h ^ k) * _MUL & _ALL
    if n > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _MUL & _ALL
    h = (h ^ h >> 47) * _MUL & _ALL
    return h ^ h >> 47


def siphash(data: bytes, key: tuple[int, int]) -> int:
    """SipHash-2-4, the keyed hash."""
    k0, k1 = key
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    n = len(data)
    padded = data + b"\0" * (7 - n % 8) + bytes((n & 255,))
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        _sip_rounds(v, 2)
        v[0] ^= word
    v[2] ^= 0xFF
    _sip_rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _turn(x: int, by: int) -> int:
    return (x << by | x >> (64 - by)) & _ALL


def _sip_rounds(v: list[int], count: int) -> None:
    a, b, c, d = v
    for _ in range(count):
        a = a + b & _ALL
        b = _turn(b, 13) ^ a
        a = _turn(a, 32)
        c = c + d & _ALL
        d = _turn(d, 16) ^ c
        a = a + d & _ALL
        d = _turn(d, 21) ^ a
        c = c + b & _ALL
        b = _turn(b, 17) ^ c
        c = _turn(c, 32)
    v[:] = a, b, c, d


hash_bucket_fast_op = op("StringToHashBucketFast")(unchanged)
hash_bucket_strong_op = op("StringToHashBucketStrong")(unchanged)
hash_bucket_op = op("StringToHashBucket")(unchanged)
for _declared in (hash_bucket_fast_op, hash_bucket_strong_op, hash_bucket_op):
    _declared.gradient(NOT_DIFFERENTIABLE)


def _buckets(value: np.ndarray, count: int, function: Callable[[bytes], int], device: Any) -> torch.Tensor:
    found = [function(v) % count for v in value.reshape(-1).tolist()]
    return torch.tensor(found, dtype=torch.int64, device=device).reshape(value.shape)


@hash_bucket_fast_op.kernel
def _hash_fast(input: np.ndarray, *, num_buckets: int, device: Any) -> torch.Tensor:
    return _buckets(input, num_buckets, fingerprint64, device)


@hash_bucket_op.kernel
def _hash_old(string_tensor: np.ndarray, *, num_buckets: int, device: Any) -> torch.Tensor:
    return _buckets(string_tensor, num_buckets, murmur64, device)


@hash_bucket_strong_op.kernel
def _hash_strong(input: np.ndarray, *, num_buckets: int, key: Any, device: Any) -> torch.Tensor:
    if len(key) != 2:
        raise _refuse("Key must have 2 elements")
    pair = (int(key[0]) & _ALL, int(key[1]) & _ALL)
    return _buckets(input, num_buckets, lambda data: siphash(data, pair), device)


@export("strings.to_hash_bucket", "string_to_hash_bucket")
def string_to_hash_bucket(
    string_tensor: Any = None, num_buckets: Any = None, name: str | None = None, input: Any = None
) -> Tensor:
    """A number below `num_buckets` for each string, by a hash that may change with the platform."""
    string_tensor = renamed_argument("input", input, "string_tensor", string_tensor)
    return hash_bucket_op(string_tensor, num_buckets=num_buckets, name=name)  # type: ignore[no-any-return]


@export(v2=("strings.to_hash_bucket",))
def string_to_hash_bucket_v2(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """As `string_to_hash_bucket`."""
    return hash_bucket_op(input, num_buckets=num_buckets, name=name)  # type: ignore[no-any-return]


@export("strings.to_hash_bucket_fast", "string_to_hash_bucket_fast", v2=("strings.to_hash_bucket_fast",))
def string_to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Tensor:
    """A number below `num_buckets` for each string, by a hash that never changes."""
    return hash_bucket_fast_op(input, num_buckets=num_buckets, name=name)  # type: ignore[no-any-return]


@export("strings.to_hash_bucket_strong", "string_to_hash_bucket_strong", v2=("strings.to_hash_bucket_strong",))
def string_to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Tensor:
    """A number below `num_buckets` for each string, by a hash that only holders of the key can foresee."""
    return hash_bucket_strong_op(input, num_buckets=num_buckets, key=key, name=name)  # type: ignore[no-any-return]
