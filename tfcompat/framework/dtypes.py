"""Element types of tensors: `DType`, its singletons and `as_dtype`.

Every type is one interned object, so `is` and dictionary lookups are exact and cheap. What TensorFlow
computes in properties is worked out once here and kept as plain slots.

bfloat16: the value that kernels see is `torch.bfloat16`. NumPy has no such type of its own; where the
package `ml_dtypes` is importable its scalar type stands for it (as in TensorFlow), elsewhere
`as_numpy_dtype` is `numpy.float32`, which holds every bfloat16 value exactly. Either way `size` is 2.
"""

from __future__ import annotations

import builtins
import functools
from typing import Any, NoReturn

import numpy as np
import torch

from tfcompat.framework.export import export, export_value

__all__ = ["QUANTIZED_DTYPES", "TF_VALUE_DTYPES", "DType", "as_dtype", "dtype_range", "from_torch"]

_REF_OFFSET = 100


@functools.lru_cache(maxsize=1)
def _numpy_bfloat16() -> type[Any]:
    """The NumPy scalar type that stands for bfloat16 on this machine (see the module's docstring)."""
    try:
        import ml_dtypes  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        return np.float32
    return ml_dtypes.bfloat16  # type: ignore[no-any-return,unused-ignore]


class DType:
    """The type of a tensor's elements, such as `tf.float32`.

    `DType(enum)` gives the interned object for a number of the protocol buffer enum `DataType`.

    Raises: TypeError when the number names no type.
    Source: TF 1.15, python/framework/dtypes.py; numbers from core/framework/types.proto.
    """

    __slots__ = {  # noqa: RUF023 - in the order of meaning
        "name": "The type's name, for example 'float32' or 'float32_ref'.",
        "as_datatype_enum": "The type's number in the protocol buffer enum DataType.",
        "torch": "The torch.dtype that holds such values while running, or None (string, resource, variant).",
        "base_dtype": "The same type without the reference mark.",
        "real_dtype": "The type of the real part: float32 for complex64, float64 for complex128, else itself.",
        "size": "Bytes per element.",
        "is_numpy_compatible": "Whether values can travel as NumPy arrays.",
        "is_bool": "Whether this is the boolean type.",
        "is_integer": "Whether this is an integer type (quantized ones are not).",
        "is_floating": "Whether this is a real floating point type.",
        "is_complex": "Whether this is a complex type.",
        "is_quantized": "Whether this is a quantized type.",
        "is_unsigned": "Whether this is an unsigned integer type.",
        "_type_enum": "Same as as_datatype_enum.",
        "_is_ref_dtype": "Whether this is a reference type.",
        "_as_ref": "The reference type to this one; a reference type gives itself.",
        "_numpy": "NumPy's type; None where there is none, and for bfloat16 (found on first use).",
    }

    name: str
    as_datatype_enum: int
    torch: torch.dtype | None
    base_dtype: DType
    real_dtype: DType
    size: int
    is_numpy_compatible: builtins.bool
    is_bool: builtins.bool
    is_integer: builtins.bool
    is_floating: builtins.bool
    is_complex: builtins.bool
    is_quantized: builtins.bool
    is_unsigned: builtins.bool
    _type_enum: int
    _is_ref_dtype: builtins.bool
    _as_ref: DType
    _numpy: Any

    def __new__(cls, type_enum: int) -> DType:
        number = int(type_enum)
        found = _BY_ENUM.get(number)
        if found is None:
            raise TypeError(f"type_enum is not a valid types_pb2.DataType: {number}")
        return found

    @property
    def as_numpy_dtype(self) -> Any:
        """NumPy's type for such values.

        Raises: KeyError for resource and variant, which have none.
        """
        if self._numpy is not None:
            return self._numpy
        if self.base_dtype is bfloat16:
            return _numpy_bfloat16()
        raise KeyError(self._type_enum)

    @property
    def min(self) -> Any:
        """The smallest finite value.

        Raises: TypeError for types without an order, and for quantized ones.
        """
        return self._extreme("minimum")

    @property
    def max(self) -> Any:
        """The largest finite value.

        Raises: TypeError for types without an order, and for quantized ones.
        """
        return self._extreme("maximum")

    def _extreme(self, which: str) -> Any:
        if self.base_dtype is bfloat16:
            top = float.fromhex("0x1.FEp127")
            return _numpy_bfloat16()(top if which == "maximum" else -top)
        if self.is_floating:
            info: Any = np.finfo(self._numpy)
        elif self.is_integer:
            info = np.iinfo(self._numpy)
        else:
            raise TypeError(f"Cannot find {which} value of {self}.")
        return info.max if which == "maximum" else info.min

    @property
    def limits(self) -> tuple[Any, Any]:
        """The intensity limits (0, max) that images of this type use.

        Raises: KeyError for types that images do not use.
        """
        return 0, dtype_range[self.as_numpy_dtype][1]

    def is_compatible_with(self, other: Any) -> builtins.bool:
        """Whether a tensor of type `other` can be used where this type is asked for.

        Raises: TypeError when `other` is no type.
        """
        other = as_dtype(other)
        return self is other or self is other.base_dtype

    def __eq__(self, other: object) -> builtins.bool:
        if other is self:
            return True
        if other is None or type(other) is DType:
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __ne__(self, other: object) -> builtins.bool:
        return not self.__eq__(other)

    def __hash__(self) -> int:
        # TF's dictionaries are keyed by type and by enum number alike; equal things need equal hashes.
        return self._type_enum

    def __int__(self) -> int:
        return self._type_enum

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return "tf." + self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("DType is not made to be subclassed: its objects are a fixed set")


_BY_ENUM: dict[int, DType] = {}
# Everything `as_dtype` knows besides DType objects: numbers, names, NumPy, Python and torch types.
_KNOWN: dict[Any, DType] = {}
_BY_TORCH: dict[torch.dtype, DType] = {}


def _build(name: str, number: int, numpy_type: Any, torch_type: torch.dtype | None, kind: str, size: int) -> DType:
    self: DType = object.__new__(DType)
    self.name = name
    self.as_datatype_enum = self._type_enum = number
    self.torch = torch_type
    self.base_dtype = self.real_dtype = self._as_ref = self
    self.size = size
    self.is_numpy_compatible = kind != "opaque"
    self.is_bool = kind == "bool"
    self.is_integer = kind in ("int", "uint")
    self.is_floating = kind == "float"
    self.is_complex = kind == "complex"
    self.is_quantized = kind == "quantized"
    self.is_unsigned = kind == "uint"
    self._is_ref_dtype = number > _REF_OFFSET
    self._numpy = numpy_type
    _BY_ENUM[number] = self
    _KNOWN[number] = _KNOWN[name] = self
    return self


def _declare(name: str, number: int, numpy_type: Any, torch_type: torch.dtype | None, kind: str, size: int) -> DType:
    """Makes a type and the reference type that goes with it."""
    base = _build(name, number, numpy_type, torch_type, kind, size)
    ref = _build(name + "_ref", number + _REF_OFFSET, numpy_type, torch_type, kind, size)
    base._as_ref = ref._as_ref = ref
    ref.base_dtype = base
    return base


def _quantized(name: str, number: int, storage: Any, torch_type: torch.dtype) -> DType:
    # TF marks quantized arrays by a one-field record whose field carries the type's name.
    record = np.dtype([(name, storage)])
    return _declare(name, number, record, torch_type, "quantized", record.itemsize)


float32 = _declare("float32", 1, np.float32, torch.float32, "float", 4)
float64 = _declare("float64", 2, np.float64, torch.float64, "float", 8)
int32 = _declare("int32", 3, np.int32, torch.int32, "int", 4)
uint8 = _declare("uint8", 4, np.uint8, torch.uint8, "uint", 1)
int16 = _declare("int16", 5, np.int16, torch.int16, "int", 2)
int8 = _declare("int8", 6, np.int8, torch.int8, "int", 1)
string = _declare("string", 7, object, None, "string", np.dtype(object).itemsize)
complex64 = _declare("complex64", 8, np.complex64, torch.complex64, "complex", 8)
int64 = _declare("int64", 9, np.int64, torch.int64, "int", 8)
bool = _declare("bool", 10, builtins.bool, torch.bool, "bool", 1)
qint8 = _quantized("qint8", 11, np.int8, torch.int8)
quint8 = _quantized("quint8", 12, np.uint8, torch.uint8)
qint32 = _quantized("qint32", 13, np.int32, torch.int32)
bfloat16 = _declare("bfloat16", 14, None, torch.bfloat16, "float", 2)
qint16 = _quantized("qint16", 15, np.int16, torch.int16)
quint16 = _quantized("quint16", 16, np.uint16, torch.uint16)
uint16 = _declare("uint16", 17, np.uint16, torch.uint16, "uint", 2)
complex128 = _declare("complex128", 18, np.complex128, torch.complex128, "complex", 16)
float16 = _declare("float16", 19, np.float16, torch.float16, "float", 2)
resource = _declare("resource", 20, None, None, "opaque", 1)
variant = _declare("variant", 21, None, None, "opaque", 1)
uint32 = _declare("uint32", 22, np.uint32, torch.uint32, "uint", 4)
uint64 = _declare("uint64", 23, np.uint64, torch.uint64, "uint", 8)
half = float16
double = float64

float32_ref = float32._as_ref
float64_ref = float64._as_ref
int32_ref = int32._as_ref
uint8_ref = uint8._as_ref
int16_ref = int16._as_ref
int8_ref = int8._as_ref
string_ref = string._as_ref
complex64_ref = complex64._as_ref
int64_ref = int64._as_ref
bool_ref = bool._as_ref
qint8_ref = qint8._as_ref
quint8_ref = quint8._as_ref
qint32_ref = qint32._as_ref
bfloat16_ref = bfloat16._as_ref
qint16_ref = qint16._as_ref
quint16_ref = quint16._as_ref
uint16_ref = uint16._as_ref
complex128_ref = complex128._as_ref
float16_ref = float16._as_ref
resource_ref = resource._as_ref
variant_ref = variant._as_ref
uint32_ref = uint32._as_ref
uint64_ref = uint64._as_ref
half_ref = float16_ref
double_ref = float64_ref

for _complex, _real in ((complex64, float32), (complex128, float64)):
    _complex.real_dtype = _complex._as_ref.real_dtype = _real

# What an image of each NumPy type can hold; real images live in [-1, 1], or [0, 1] once clipped.
dtype_range: dict[Any, tuple[Any, Any]] = {np.bool_: (False, True), np.float32: (-1, 1), np.float64: (-1, 1)}
dtype_range.update(
    (t._numpy, (int(np.iinfo(t._numpy).min), int(np.iinfo(t._numpy).max)))
    for t in (uint8, uint16, uint32, uint64, int8, int16, int32, int64)
)

QUANTIZED_DTYPES = frozenset(t for t in _BY_ENUM.values() if t.is_quantized)
TF_VALUE_DTYPES = frozenset(t for t in _BY_ENUM.values() if t.is_numpy_compatible and not t._is_ref_dtype)

# Struct type for a directly fed resource handle.
np_resource = np.dtype([("resource", np.ubyte)])


def _fill_lookups() -> None:
    for name, dtype in (("half", float16), ("float", float32), ("double", float64)):
        _KNOWN[name], _KNOWN[name + "_ref"] = dtype, dtype._as_ref
    for dtype in TF_VALUE_DTYPES:
        if dtype._numpy is not None:
            _KNOWN[dtype._numpy] = dtype
        if dtype.torch is not None and not dtype.is_quantized:
            _KNOWN[dtype.torch] = _BY_TORCH[dtype.torch] = dtype
    _KNOWN[float] = float32
    _KNOWN[np.bool_] = bool
    for text in (np.object_, np.str_, np.bytes_):
        _KNOWN[text] = string
    # C's integer types may or may not be the same objects as the sized ones, depending on the platform.
    for c_type in (np.intc, np.uintc, np.int_, np.uint, np.longlong, np.ulonglong):
        _KNOWN.setdefault(c_type, _KNOWN[getattr(np, np.dtype(c_type).name)])
    for quantized, dtype in ((torch.qint8, qint8), (torch.quint8, quint8), (torch.qint32, qint32)):
        _KNOWN[quantized] = _BY_TORCH[quantized] = dtype


_fill_lookups()


@export("as_dtype", v2=("as_dtype",))
def as_dtype(type_value: Any) -> DType:
    """The `DType` that `type_value` names: a DType, enum number, name, NumPy, torch or Python type.

    Of Python's own types only float, bool and object are known, as in TF 1.15.

    Raises: TypeError when it names none.
    """
    if type(type_value) is DType:
        return type_value
    if isinstance(type_value, np.dtype):
        found = _KNOWN.get(type_value.type)
        if found is not None:
            return found
    found = _KNOWN.get(type_value)
    if found is not None:
        return found
    # ml_dtypes may be the user's import rather than ours, so its type is known by name.
    scalar = type_value.type if isinstance(type_value, np.dtype) else type_value
    if isinstance(scalar, type) and scalar.__name__ == "bfloat16" and scalar.__module__ == "ml_dtypes":
        return bfloat16
    raise TypeError(f"Cannot convert value {type_value!r} to a TensorFlow DType.")


def from_torch(torch_type: torch.dtype) -> DType:
    """The `DType` whose values have the torch type `torch_type`; plain integers are never quantized types.

    Raises: TypeError when there is none.
    """
    try:
        return _BY_TORCH[torch_type]
    except KeyError:
        raise TypeError(f"Cannot convert value {torch_type!r} to a TensorFlow DType.") from None


export_value("DType", v2=("DType",))
export_value("QUANTIZED_DTYPES")
export_value("dtypes.QUANTIZED_DTYPES", v2=("dtypes.QUANTIZED_DTYPES",))
for _name in (
    "bfloat16 bool complex128 complex64 double float16 float32 float64 half int16 int32 int64 int8 qint16 qint32 qint8 "
    "quint16 quint8 resource string uint16 uint32 uint64 uint8 variant"
).split():
    export_value(_name, f"dtypes.{_name}", attribute=_name, v2=(_name, f"dtypes.{_name}"))


_CPP_NAMES = {"float32": "float", "float64": "double", "float16": "half"}


def cpp_name(dtype: DType) -> str:
    """What TensorFlow's C++ messages call the type: `float` for float32."""
    return _CPP_NAMES.get(dtype.base_dtype.name, dtype.base_dtype.name)


# --- public names ----------------------------------------------------------------------------------------------

for _type in TF_VALUE_DTYPES | {resource, variant}:
    if not _type._is_ref_dtype:
        export_value(_type.name, f"dtypes.{_type.name}", v2=(_type.name, f"dtypes.{_type.name}"))
for _alias in ("half", "double"):
    export_value(_alias, f"dtypes.{_alias}", v2=(_alias, f"dtypes.{_alias}"))
export_value("QUANTIZED_DTYPES", "dtypes.QUANTIZED_DTYPES")
export("DType", "dtypes.DType", v2=("DType", "dtypes.DType"))(DType)
export("as_dtype", "dtypes.as_dtype", v2=("as_dtype", "dtypes.as_dtype"))(as_dtype)
