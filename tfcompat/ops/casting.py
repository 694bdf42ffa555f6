"""Changing dtypes, and the parts of complex numbers."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.errors import InvalidArgumentError, UnimplementedError
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.op import NOT_DIFFERENTIABLE, op
from tfcompat.framework.samples import Sample, complex_, fixed, ints, real, sample
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import broadcast_binary, unchanged
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import constants, elementwise, exponents, families, shapes

Convert = Callable[[torch.Tensor], torch.Tensor]

_INEXACT = frozenset(
    {dtypes.float16, dtypes.float32, dtypes.float64, dtypes.bfloat16, dtypes.complex64, dtypes.complex128}
)


# --- Cast ------------------------------------------------------------------------------------------------------

cast_op = op("Cast")(unchanged)


def _narrow_int(to: torch.dtype) -> Convert:
    # C++ goes through int32 and keeps the low bits; what int32 cannot hold becomes its minimum, so 0 here.
    return lambda x: x.to(torch.int32).to(to)


def _float_to_uint64(x: torch.Tensor) -> torch.Tensor:
    """x86's conversion: numbers from 2**63 on are shifted down first; what does not fit has only the top bit."""
    x = x.to(torch.float64)
    large = x >= 2.0**63
    low = torch.where(large, x - 2.0**63, x).to(torch.int64)
    return torch.where(large, low ^ -(2**63), low).view(torch.uint64)


def _truncate_mantissa(x: torch.Tensor, to: torch.dtype) -> torch.Tensor:
    """Rounds towards zero instead of to nearest; what overflows becomes the largest finite number."""
    near = x.to(to)
    too_far = torch.isfinite(x) & (near.to(x.dtype).abs() > x.abs())
    return torch.where(too_far, _step_towards_zero(near), near)


def _step_towards_zero(x: torch.Tensor) -> torch.Tensor:
    """The next 16-bit number towards zero: one less as a sign-and-magnitude integer."""
    return (x.view(torch.int16) - 1).view(x.dtype)


def _converter(source: dtypes.DType, target: dtypes.DType, truncate: bool) -> Convert | None:
    """The function for one pair of types; None when TF has no such cast. Numbers are those of TF on x86."""
    src, dst = source.torch, target.torch
    if src is None or dst is None:
        return (lambda x: x.copy()) if source is target and source is dtypes.string else None
    if source is target:
        return torch.clone
    if source.is_complex and not target.is_complex:
        inner = _converter(source.real_dtype, target, truncate)
        return None if inner is None else lambda x: inner(x.real)
    if truncate and source in (dtypes.float32, dtypes.float64) and target in (dtypes.float16, dtypes.bfloat16):
        return lambda x: _truncate_mantissa(x, dst)
    if target.is_bool:
        return lambda x: x != 0
    if source.is_floating and (target.is_integer or target.is_quantized):
        if dst is torch.uint64:
            return _float_to_uint64
        if dst is torch.uint32:
            return lambda x: x.to(torch.int64).to(dst)
        if target.size < 4:
            return _narrow_int(dst)
    if src is torch.uint64 and target.is_floating:
        # Through two halves: torch would read the top bit as a sign in some of its kernels.
        return lambda x: ((x.view(torch.int64) >> 32 & 0xFFFFFFFF).to(torch.float64) * 2.0**32
                          + (x.view(torch.int64) & 0xFFFFFFFF).to(torch.float64)).to(dst)
    return lambda x: x.to(dst)


@cast_op.kernel
def _cast(x: Any, *, SrcT: dtypes.DType, DstT: dtypes.DType, Truncate: bool) -> Any:
    return _required(SrcT, DstT, Truncate)(x)


def _required(source: dtypes.DType, target: dtypes.DType, truncate: bool) -> Convert:
    found = _converter(source, target, truncate)
    if found is None:
        names = f"{dtypes.cpp_name(source)} to {dtypes.cpp_name(target)}"
        raise UnimplementedError(None, None, f"Cast {names} is not supported")
    return found


@cast_op.builder
def _build_cast(c: Any) -> Convert | None:
    return _converter(c.attrs["SrcT"], c.attrs["DstT"], c.attrs["Truncate"])


@cast_op.gradient
def _cast_grad(node: Any, dy: Any) -> Any:
    source, target = node.inputs[0].dtype.base_dtype, dy.dtype.base_dtype
    return cast(dy, source) if source in _INEXACT and target in _INEXACT else None


@cast_op.samples
def _cast_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), DstT=dtypes.complex128)
    yield sample(complex_(2, 3), DstT=dtypes.float64)
    yield sample(ints(2, 3), DstT=dtypes.float32)
    yield sample(fixed(np.array([0.9, -1.5, 300.0, np.nan])), DstT=dtypes.uint8)


@export("cast", v2=("cast",))
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """`x` (a tensor, SparseTensor or IndexedSlices) with another dtype; floats are cut towards zero to be integers.

    Raises: TypeError for an unknown dtype.
    """
    base = dtypes.as_dtype(dtype).base_dtype
    if (isinstance(x, Tensor) and base is x.dtype) or (conversion.is_dense_tensor_like(x) and base == x.dtype):
        return x
    with name_scope(name, "Cast", [x]) as scope:
        if isinstance(x, IndexedSlices):
            x = IndexedSlices(cast(x.values, base, name=scope), x.indices, x.dense_shape)
        elif hasattr(x, "dense_shape"):
            x = type(x)(x.indices, cast(x.values, base, name=scope), x.dense_shape)
        else:
            x = conversion.to_tensor(x, name="x")
            if x.dtype.base_dtype is not base:
                x = cast_op(x, DstT=base, name=scope)
        if x.dtype.is_complex and base.is_floating:
            warnings.warn("Casting complex to real discards imaginary part.", stacklevel=2)
        return x


@export("saturate_cast", v2=("dtypes.saturate_cast",))
def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`cast`, but numbers beyond the range of `dtype` become its nearest limit."""
    with name_scope(name, "saturate_cast", [value]) as scope:
        value = conversion.to_tensor(value, name="value")
        dtype = dtypes.as_dtype(dtype).base_dtype
        if value.dtype.min < dtype.min:
            limit = conversion.to_tensor(dtype.min, dtype=value.dtype, name="min")
            value = elementwise.maximum_op(value, limit)
        if value.dtype.max > dtype.max:
            limit = conversion.to_tensor(dtype.max, dtype=value.dtype, name="max")
            value = elementwise.minimum_op(value, limit)
        return cast(value, dtype, name=scope)  # type: ignore[no-any-return]


@export("to_float")
def to_float(x: Any, name: str = "ToFloat") -> Any:
    """`tf.cast(x, tf.float32)`."""
    return cast(x, dtypes.float32, name=name)


@export("to_double")
def to_double(x: Any, name: str = "ToDouble") -> Any:
    """`tf.cast(x, tf.float64)`."""
    return cast(x, dtypes.float64, name=name)


@export("to_int32")
def to_int32(x: Any, name: str = "ToInt32") -> Any:
    """`tf.cast(x, tf.int32)`."""
    return cast(x, dtypes.int32, name=name)


@export("to_int64")
def to_int64(x: Any, name: str = "ToInt64") -> Any:
    """`tf.cast(x, tf.int64)`."""
    return cast(x, dtypes.int64, name=name)


@export("to_bfloat16")
def to_bfloat16(x: Any, name: str = "ToBFloat16") -> Any:
    """`tf.cast(x, tf.bfloat16)`."""
    return cast(x, dtypes.bfloat16, name=name)


@export("to_complex64")
def to_complex64(x: Any, name: str = "ToComplex64") -> Any:
    """`tf.cast(x, tf.complex64)`."""
    return cast(x, dtypes.complex64, name=name)


@export("to_complex128")
def to_complex128(x: Any, name: str = "ToComplex128") -> Any:
    """`tf.cast(x, tf.complex128)`."""
    return cast(x, dtypes.complex128, name=name)


# --- complex numbers -------------------------------------------------------------------------------------------

complex_op = op("Complex")(broadcast_binary)
complex_op.failure(families.incompatible_shapes)


@complex_op.kernel
def _complex(real: torch.Tensor, imag: torch.Tensor, *, Tout: dtypes.DType) -> torch.Tensor:
    return torch.complex(*torch.broadcast_tensors(real, imag)).to(Tout.torch)


@complex_op.gradient
def _complex_grad(node: Any, dz: Tensor) -> tuple[Tensor, Tensor]:
    sx, sy, rx, ry = elementwise.broadcast_axes(*node.inputs)
    gx = elementwise.reduced_to(real_part(dz), rx, sx)
    return gx, elementwise.reduced_to(imag_part(dz), ry, sy)


@complex_op.samples
def _complex_samples() -> Iterator[Sample]:
    yield sample(real(2, 3), real(2, 3), Tout=dtypes.complex128)
    yield sample(real(2, 1), real(3), Tout=dtypes.complex128)


real_op = op("Real")(unchanged)


@real_op.kernel
def _real_part(input: torch.Tensor, *, Tout: dtypes.DType) -> torch.Tensor:
    return (input.real.clone() if input.is_complex() else input.clone()).to(Tout.torch)


imag_op = op("Imag")(unchanged)


@imag_op.kernel
def _imag_part(input: torch.Tensor, *, Tout: dtypes.DType) -> torch.Tensor:
    return (input.imag.clone() if input.is_complex() else torch.zeros_like(input)).to(Tout.torch)


conj_op = op("Conj", alias=True)(unchanged)
conj_op.kernel(torch.conj_physical)
angle_op = op("Angle")(unchanged)


@angle_op.kernel
def _angle(input: torch.Tensor, *, Tout: dtypes.DType) -> torch.Tensor:
    return torch.angle(input).to(Tout.torch)


complex_abs_op = op("ComplexAbs")(unchanged)


@complex_abs_op.kernel
def _complex_abs(x: torch.Tensor, *, Tout: dtypes.DType) -> torch.Tensor:
    return torch.abs(x).to(Tout.torch)


@real_op.gradient
def _real_grad(node: Any, dy: Tensor) -> Tensor:
    return complex(dy, constants.constant(0, dtype=dy.dtype))


@imag_op.gradient
def _imag_grad(node: Any, dy: Tensor) -> Tensor:
    return complex(constants.constant(0, dtype=dy.dtype), dy)


@conj_op.gradient
def _conj_grad(node: Any, dy: Tensor) -> Tensor:
    return conj(dy)


@angle_op.gradient
def _angle_grad(node: Any, dy: Tensor) -> Tensor:
    x = node.inputs[0]
    with elementwise.after(dy):
        re = real_part(x)
        im = imag_part(x)
        z = exponents.reciprocal(complex(im, re))
        zero = constants.constant(0, dtype=dy.dtype)
        return -complex(dy, zero) * z


@complex_abs_op.gradient
def _complex_abs_grad(node: Any, dy: Tensor) -> Tensor:
    y = node.outputs[0]
    toward = complex(dy, shapes.zeros_like(dy)) * node.inputs[0]
    return elementwise.divide_no_nan(toward, complex(y, shapes.zeros_like(y)))


def _parts_samples() -> Iterator[Sample]:
    yield sample(complex_(2, 3), Tout=dtypes.float64)
    yield sample(complex_(), Tout=dtypes.float64)


for _op in (real_op, imag_op, angle_op, complex_abs_op):
    _op.samples(_parts_samples)


@conj_op.samples
def _conj_samples() -> Iterator[Sample]:
    yield sample(complex_(2, 3))


@export("complex", v2=("complex",))
def complex(real: Any, imag: Any, name: str | None = None) -> Tensor:
    """real + i imag, from two float32 or two float64 tensors.

    Raises: TypeError for other dtypes.
    """
    real = conversion.to_tensor(real, name="real")
    imag = conversion.to_tensor(imag, name="imag")
    with name_scope(name, "Complex", [real, imag]) as scope:
        kinds = (real.dtype.base_dtype, imag.dtype.base_dtype)
        if kinds == (dtypes.float64, dtypes.float64):
            out = dtypes.complex128
        elif kinds == (dtypes.float32, dtypes.float32):
            out = dtypes.complex64
        else:
            raise TypeError(f"real and imag have incorrect types: {real.dtype.name} {imag.dtype.name}")
        return complex_op(real, imag, Tout=out, name=scope)


@export("real", v2=("math.real",))
def real_part(input: Any, name: str | None = None) -> Tensor:
    """The real part of each element; real tensors are returned as they are."""
    with name_scope(name, "Real", [input]) as scope:
        x = conversion.to_tensor(input, name="input")
        return real_op(x, Tout=x.dtype.real_dtype, name=scope) if x.dtype.is_complex else x


@export("imag", v2=("math.imag",))
def imag_part(input: Any, name: str | None = None) -> Tensor:
    """The imaginary part of each element; zeros for real tensors."""
    with name_scope(name, "Imag", [input]) as scope:
        x = conversion.to_tensor(input, name="input")
        return imag_op(x, Tout=x.dtype.real_dtype, name=scope) if x.dtype.is_complex else shapes.zeros_like(x)


@export("angle", v2=("math.angle",))
def angle(input: Any, name: str | None = None) -> Tensor:
    """The argument of each complex element, in radians; zeros for real tensors."""
    with name_scope(name, "Angle", [input]) as scope:
        x = conversion.to_tensor(input, name="input")
        return angle_op(x, Tout=x.dtype.real_dtype, name=scope) if x.dtype.is_complex else shapes.zeros_like(x)


@export("conj", v2=("math.conj",))
def conj(x: Any, name: str | None = None) -> Tensor:
    """The complex conjugate; real tensors are returned as they are.

    Raises: TypeError for a tensor that is not numeric.
    """
    if isinstance(x, Tensor) and (x.dtype.is_floating or x.dtype.is_integer):
        return x
    with name_scope(name, "Conj", [x]) as scope:
        x = conversion.to_tensor(x, name="x")
        if x.dtype.is_complex or x.dtype is dtypes.variant:
            return conj_op(x, name=scope)
        if x.dtype.is_floating or x.dtype.is_integer:
            return x
        raise TypeError(f"Expected numeric or variant tensor, got dtype {x.dtype!r}")


# --- Bucketize -------------------------------------------------------------------------------------------------

bucketize_op = op("Bucketize")(unchanged)
bucketize_op.gradient(NOT_DIFFERENTIABLE)


@bucketize_op.kernel
def _bucketize(input: torch.Tensor, *, boundaries: list[float]) -> torch.Tensor:
    if any(a > b for a, b in itertools.pairwise(boundaries)):
        raise InvalidArgumentError(None, None, "Expected sorted boundaries")
    # The attr holds float32 numbers; comparisons are made with the input's values unrounded.
    edges = torch.tensor(np.asarray(boundaries, np.float32).astype(np.float64), device=input.device)
    return torch.bucketize(input.to(torch.float64), edges, right=True, out_int32=True)


@bucketize_op.samples
def _bucketize_samples() -> Iterator[Sample]:
    yield sample(ints(2, 3, low=-20, high=200), boundaries=[0.0, 10.0, 100.0])
