"""TensorProto: values to protocol messages and back, encoded and checked as TF 1.15 does.

`constant_array` holds the rules by which Python values become a typed array; making a proto adds the encoding.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, protos
from tfcompat.framework.compat_strings import as_bytes
from tfcompat.framework.dtypes import DType
from tfcompat.framework.export import export
from tfcompat.framework.shapes import Dimension
from tfcompat.framework.tensor import Tensor

__all__ = ["constant_array", "make_ndarray", "make_tensor_proto", "shape_of_proto"]

# Two or more elements of these travel as raw bytes, everything else one by one. 16-bit types other than int16,
# bool and complex numbers are not among them; GraphDefs written by TF 1.15 show the same.
_RAW_TYPES = frozenset(
    (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.uint8, dtypes.int16, dtypes.int8, dtypes.int64)
    + (dtypes.qint8, dtypes.quint8, dtypes.qint16, dtypes.quint16, dtypes.qint32, dtypes.uint32, dtypes.uint64)
)
_LARGEST_CONTENT = 1 << 31

# The field that holds single elements, by type.
_INT_TYPES = ("int32", "int16", "int8", "uint8", "uint16", "qint8", "quint8", "qint16", "quint16", "qint32")
_FIELD = {getattr(dtypes, name): "int_val" for name in _INT_TYPES} | {
    dtypes.float32: "float_val",
    dtypes.float64: "double_val",
    dtypes.int64: "int64_val",
    dtypes.uint32: "uint32_val",
    dtypes.uint64: "uint64_val",
    dtypes.bool: "bool_val",
    dtypes.float16: "half_val",
    dtypes.bfloat16: "half_val",
    dtypes.complex64: "scomplex_val",
    dtypes.complex128: "dcomplex_val",
}


class _MismatchError(Exception):
    """A leaf that the wanted type does not take."""

    def __init__(self, leaf: Any) -> None:
        super().__init__()
        self.leaf = leaf


def _leaves(values: Any) -> Iterator[Any]:
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _leaves(value)
    elif isinstance(values, Mapping):
        for key in sorted(values):
            yield from _leaves(values[key])
    else:
        yield values


def _all_are(*types: Any) -> Callable[[Any], None]:
    def check(values: Any) -> None:
        for leaf in _leaves(values):
            if not isinstance(leaf, types):
                raise _MismatchError(leaf)

    return check


_check_integers = _all_are(numbers.Integral, np.integer, Dimension)
_check_reals = _all_are(numbers.Real, np.integer, np.floating)
_check_complexes = _all_are(numbers.Complex, np.number)
_check_strings = _all_are(bytes, str)
_check_bools = _all_are(bool)


def _check_quantized(values: Any) -> None:
    # An element is a tuple of one number, the value of NumPy's one-field record.
    if not isinstance(values, (list, tuple)):
        raise _MismatchError(values)
    for value in values:
        (_check_integers if isinstance(values, tuple) else _check_quantized)(value)


def _check_no_tensors(values: Any) -> None:
    for leaf in _leaves(values):
        if isinstance(leaf, Tensor):
            raise _MismatchError(leaf)


def _check_leaves(values: Any, dtype: DType | None) -> None:
    """Raises TypeError when a leaf is of a kind that `dtype` does not take (NumPy would convert more than TF does)."""
    check: Callable[[Any], None] = _check_no_tensors
    if dtype is None:
        pass
    elif dtype.is_bool:
        check = _check_bools
    elif dtype.is_integer:
        check = _check_integers
    elif dtype.is_floating:
        check = _check_reals
    elif dtype.is_complex:
        check = _check_complexes
    elif dtype.is_quantized:
        check = _check_quantized
    elif dtype is dtypes.string:
        check = _check_strings
    try:
        check(values)
    except _MismatchError as mismatch:
        if dtype is None:
            raise TypeError("List of Tensors when single Tensor expected") from None
        leaf = mismatch.leaf
        # NumPy 2 would print its numbers as np.float32(1.0).
        shown = str(leaf) if isinstance(leaf, (np.number, np.bool_)) else repr(leaf)
        raise TypeError(f"Expected {dtype.name}, got {shown} of type '{type(leaf).__name__}' instead.") from None


def _nested_lengths(values: Any) -> list[int]:
    """The shape that lists and tuples claim by their first items."""
    if not isinstance(values, (list, tuple)):
        return []
    return [len(values), *_nested_lengths(values[0])] if values else [0]


def _even_prefix(values: Any) -> list[int]:
    """The shape down to which nested lists are of even length: what NumPy gives an array of left-over lists."""
    shape: list[int] = []
    level = [values]
    while all(isinstance(v, (list, tuple, np.ndarray)) for v in level) and len({len(v) for v in level}) == 1:
        shape.append(len(level[0]))
        level = [item for value in level for item in value]
        if not level:
            break
    return shape


def _not_dense(values: Any, shape: Sequence[int]) -> ValueError:
    return ValueError(
        f"Argument must be a dense tensor: {values} - got shape {list(shape)}, but wanted {_nested_lengths(values)}."
    )


def _is_array_like(value: Any) -> bool:
    if isinstance(value, Tensor):
        return False
    if callable(getattr(value, "__array__", None)) or isinstance(getattr(value, "__array_interface__", None), dict):
        return True
    if isinstance(value, bytes):
        return False
    try:
        memoryview(value)
    except TypeError:
        return False
    return True


def _numpy_type(dtype: DType | None) -> Any:
    return dtype.as_numpy_dtype if dtype is not None and dtype.is_numpy_compatible else None


def _array_of_python(values: Any, numpy_type: Any, dtype: DType | None) -> np.ndarray:
    try:
        with np.errstate(over="ignore"):  # too large for float32 is infinity, without a word
            return np.array(values, dtype=numpy_type)
    except OverflowError:
        if dtype is None or not dtype.is_integer:
            raise
        # Numbers outside a type's range wrap around, as C's conversions do.
        wide = np.array(values, dtype=object)
        if any(not -(2**63) <= int(v) < 2**63 for v in wide.flat):
            raise OverflowError("Python int too large to convert to C long") from None
        return wide.astype(np.int64).astype(numpy_type)
    except ValueError:
        if numpy_type is not None:
            raise ValueError("setting an array element with a sequence.") from None
        shape = _even_prefix(values)
        if shape != _nested_lengths(values):
            raise _not_dense(values, shape) from None
        return np.full(shape, None, dtype=object)


def _to_array(values: Any, dtype: DType | None, shape: Sequence[int] | None) -> np.ndarray:
    """The values as an array; without a dtype, Python's numbers become float32 and int32."""
    if _is_array_like(values):
        array = np.asarray(values)
        numpy_type = _numpy_type(dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            return array if numpy_type is None else array.astype(numpy_type)
    if values is None:
        raise ValueError("None values not supported.")
    numpy_type = _numpy_type(dtype)
    if shape is not None and 0 in shape:
        array = np.empty(shape, dtype=numpy_type)
    else:
        _check_leaves(values, dtype)
        array = _array_of_python(values, numpy_type, dtype)
        if not (dtype is not None and dtype.is_quantized) and list(array.shape) != _nested_lengths(values):
            raise _not_dense(values, array.shape)
    if dtype is None:
        if array.dtype == np.float64:
            with np.errstate(over="ignore"):
                return array.astype(np.float32)
        if array.dtype == np.int64:
            narrow = array.astype(np.int32)
            return narrow if np.array_equal(narrow, array) else array
    return array


def _typed_array(values: Any, dtype: DType | None, shape: Sequence[int] | None) -> tuple[np.ndarray, DType]:
    array = _to_array(values, dtype, shape)
    if dtype is not None and (dtype.is_quantized or dtype.base_dtype is dtypes.bfloat16):
        # NumPy's type does not name these (bfloat16 may be a float32 array here).
        found = dtype.base_dtype if dtype.is_quantized else dtypes.bfloat16
    elif array.dtype.names:
        found = dtypes.as_dtype(getattr(dtypes, array.dtype.names[0], array.dtype))
    else:
        found = dtypes.as_dtype(array.dtype)
    if dtype is not None and dtype.base_dtype is not found.base_dtype:
        raise TypeError(f"Incompatible types: {dtype} vs. {array.dtype}. Value is {values}")
    return array, found


def _checked_shape(array: np.ndarray, shape: Any, verify_shape: bool, allow_broadcast: bool) -> tuple[int, ...]:
    """The shape asked for, once it fits the array's number of elements."""
    if shape is None:
        return array.shape
    wanted = tuple(int(dim) for dim in shape)
    size = math.prod(wanted)
    if allow_broadcast:
        if array.shape not in ((), (1,)) and array.size != size:
            raise TypeError(f"Expected Tensor's shape: {wanted}, got {array.shape}.")
        return wanted
    if verify_shape and array.shape != wanted:
        raise TypeError(f"Expected Tensor's shape: {wanted}, got {array.shape}.")
    if array.size > size:
        raise ValueError(f"Too many elements provided. Needed at most {size}, but received {array.size}")
    return wanted


def _string_elements(values: Any, array: np.ndarray) -> list[bytes]:
    if isinstance(values, np.ndarray):
        return [as_bytes(x) for x in array.ravel()]
    # Not from the array: NumPy's text types drop zero bytes at the end.
    try:
        return [as_bytes(x) for x in _leaves_in_order(values)]
    except TypeError:
        raise TypeError(
            f"Failed to convert object of type {type(values)} to Tensor. Contents: {values}. "
            "Consider casting elements to a supported type."
        ) from None


def _leaves_in_order(values: Any) -> Iterator[Any]:
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _leaves_in_order(value)
    else:
        yield values


def _shape_argument(shape: Any) -> Any:
    return None if shape is None else [int(dim) for dim in shape]


def constant_array(
    values: Any, dtype: Any = None, shape: Any = None, verify_shape: bool = False, allow_broadcast: bool = False
) -> tuple[np.ndarray, DType]:
    """The array and type that `values` stand for in a constant: what decoding `make_tensor_proto(...)` gives.

    Fewer values than `shape` holds are filled up with the last one. Strings are bytes in an object array.
    Raises: TypeError and ValueError as make_tensor_proto does.
    """
    if allow_broadcast and verify_shape:
        raise ValueError("allow_broadcast and verify_shape are not both allowed.")
    wanted = None if dtype is None else dtypes.as_dtype(dtype)
    array, found = _typed_array(values, wanted, _shape_argument(shape))
    full = _checked_shape(array, shape, verify_shape, allow_broadcast)
    if found is dtypes.string:
        elements = _string_elements(values, array)
        array = np.empty(len(elements), dtype=object)
        array[:] = elements
    elif found is dtypes.bfloat16:
        array = bfloat16_from_bits(bfloat16_bits(array))
    if array.size == math.prod(full):
        return array.reshape(full), found
    return _fill_up(array.ravel(), full, found), found


def _fill_up(flat: np.ndarray, shape: Sequence[int], dtype: DType) -> np.ndarray:
    """Repeats the last element until the shape is full."""
    if flat.size == 0:
        return np.full(shape, b"", dtype=object) if dtype is dtypes.string else np.zeros(shape, flat.dtype)
    full = np.empty(math.prod(shape), dtype=flat.dtype)
    full[: flat.size] = flat
    full[flat.size :] = flat[-1]
    return full.reshape(shape)


@export("make_tensor_proto", v2=("make_tensor_proto",))
def make_tensor_proto(
    values: Any, dtype: Any = None, shape: Any = None, verify_shape: bool = False, allow_broadcast: bool = False
) -> Any:
    """Encodes a number, string, nested list or array as a `TensorProto`; one that is a TensorProto is returned as is.

    With `shape`, missing values repeat the last one; `verify_shape` wants the very shape, `allow_broadcast` takes
    one value or all of them.
    Raises: TypeError for values that do not fit `dtype` or, when checked, `shape`; ValueError for None, ragged lists,
    too many values, and content of 2 GB and more.
    Source: TF 1.15, python/framework/tensor_util.py.
    """
    if allow_broadcast and verify_shape:
        raise ValueError("allow_broadcast and verify_shape are not both allowed.")
    if isinstance(values, protos.TensorProto):
        return values
    wanted = dtypes.as_dtype(dtype) if dtype else None
    array, found = _typed_array(values, wanted, _shape_argument(shape))
    full = _checked_shape(array, shape, verify_shape, allow_broadcast)
    size = math.prod(full)
    proto = protos.TensorProto(dtype=found.as_datatype_enum)
    proto.tensor_shape.SetInParent()
    for dim in full:
        proto.tensor_shape.dim.add(size=dim)
    if array.size == size > 1 and found in _RAW_TYPES:
        if array.nbytes >= _LARGEST_CONTENT:
            raise ValueError("Cannot create a tensor proto whose content is larger than 2GB.")
        proto.tensor_content = array.tobytes()
    elif found is dtypes.string:
        proto.string_val.extend(_string_elements(values, array))
    else:
        field = _FIELD.get(found)
        if field is None:
            raise TypeError(f"Element type not supported in TensorProto: {found.name}")
        getattr(proto, field).extend(elements_of_array(array, found))
    return proto


def fill_with_bytes(proto: Any, array: np.ndarray, dtype: DType) -> None:
    """Makes `proto` the TensorProto of an array with the elements as their bytes, as TensorFlow's kernels write it."""
    proto.dtype = int(dtype.as_datatype_enum)
    proto.tensor_shape.SetInParent()
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if dtype is dtypes.string:
        proto.string_val.extend(as_bytes(x) for x in array.ravel())
    else:
        proto.tensor_content = (bfloat16_bits(array) if dtype is dtypes.bfloat16 else array).tobytes()


def element_field(dtype: DType) -> str | None:
    """The field of a TensorProto that holds elements of this type; None when there is none."""
    return "string_val" if dtype is dtypes.string else _FIELD.get(dtype)


def elements_of_array(array: np.ndarray, dtype: DType) -> list[Any]:
    """The elements in the form in which `element_field(dtype)` holds them."""
    flat = array.ravel()
    if dtype is dtypes.string:
        return [as_bytes(x) for x in flat]
    if dtype.is_quantized and flat.dtype.names:
        flat = flat[flat.dtype.names[0]]
    if dtype is dtypes.float16:
        flat = flat.view(np.uint16)
    elif dtype is dtypes.bfloat16:
        flat = bfloat16_bits(flat)
    elif dtype.is_complex:
        flat = np.ascontiguousarray(flat).view(dtype.real_dtype.as_numpy_dtype)
    listed: list[Any] = flat.tolist()
    return listed


def bfloat16_bits(array: np.ndarray) -> np.ndarray:
    """The 16-bit patterns of a bfloat16 array, which may be held as float32 (then rounded to nearest even)."""
    if array.dtype.itemsize == 2:
        return array.view(np.uint16)
    rounded = torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32)).to(torch.bfloat16)
    return rounded.view(torch.int16).numpy().view(np.uint16)


def bfloat16_from_bits(bits: np.ndarray) -> np.ndarray:
    """The inverse of `bfloat16_bits`, in the NumPy type that stands for bfloat16."""
    kind = np.dtype(dtypes.bfloat16.as_numpy_dtype)
    if kind.itemsize == 2:
        return bits.astype(np.uint16, copy=False).view(kind)
    return (bits.astype(np.uint32) << 16).view(np.float32)


@export("make_ndarray", v2=("make_ndarray",))
def make_ndarray(tensor: Any) -> np.ndarray:
    """The array in a `TensorProto`.

    Raises: TypeError for types without values (resource, variant); ValueError when values and shape disagree.
    Source: TF 1.15, python/framework/tensor_util.py; uint32 and uint64, which 1.15 refuses, as in 2.x.
    """
    shape = shape_of_proto(tensor.tensor_shape)
    dtype = dtypes.as_dtype(tensor.dtype).base_dtype
    if tensor.tensor_content:
        return _from_content(tensor.tensor_content, dtype).reshape(shape)
    field = element_field(dtype)
    if field is None:
        raise TypeError(f"Unsupported tensor type: {tensor.dtype}")
    flat = elements_to_array(getattr(tensor, field), dtype)
    # math.prod: a product that overflowed could pass for a small one.
    return flat.reshape(shape) if 0 < math.prod(shape) <= flat.size else _fill_up(flat, shape, dtype)


def _from_content(content: bytes, dtype: DType) -> np.ndarray:
    if dtype is dtypes.bfloat16:
        return bfloat16_from_bits(np.frombuffer(content, np.uint16)).copy()
    if dtype is dtypes.string or dtype not in _FIELD:
        raise TypeError(f"Unsupported tensor type: {dtype.as_datatype_enum}")
    return np.frombuffer(content, dtype=dtype.as_numpy_dtype).copy()


def elements_to_array(numbers_in_field: Any, dtype: DType) -> np.ndarray:
    """The flat array of what `element_field(dtype)` holds."""
    if dtype is dtypes.string:
        strings = list(numbers_in_field)
        text = np.empty(len(strings), dtype=object)
        text[:] = strings
        return text
    if dtype in (dtypes.float16, dtypes.bfloat16):
        bits = np.array(numbers_in_field, dtype=np.int64).astype(np.uint16)
        return bits.view(np.float16) if dtype is dtypes.float16 else bfloat16_from_bits(bits)
    if dtype.is_complex:
        parts = np.array(numbers_in_field, dtype=dtype.real_dtype.as_numpy_dtype)
        return parts[: parts.size // 2 * 2].view(dtype.as_numpy_dtype)
    kind = np.dtype(dtype.as_numpy_dtype)
    if kind.names:  # quantized: a record of one field
        flat = np.empty(len(numbers_in_field), dtype=kind)
        flat[kind.names[0]] = np.array(numbers_in_field, dtype=np.int64).astype(kind[0])
        return flat
    if dtype.is_integer and kind.itemsize < 4:
        return np.array(numbers_in_field, dtype=np.int64).astype(kind)
    return np.array(numbers_in_field, dtype=kind)


def shape_of_proto(proto: Any) -> list[int]:
    """The sizes in a `TensorShapeProto` (-1 for unknown ones)."""
    return [dim.size for dim in proto.dim]
