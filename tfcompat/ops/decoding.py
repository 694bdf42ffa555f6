"""Strings of bytes to numbers: decode_raw, decode_csv, decompression, serialized tensors.

Source: TF 1.15, core/ops/parsing_ops.cc, core/kernels/decode_*_op.cc, parse_tensor_op.cc, python/ops/parsing_ops.py.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, protos, tensor_proto, values
from tfcompat.framework.dtypes import DType, cpp_name
from tfcompat.framework.errors import DataLossError, InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.shape_rules import at_most_rank, scalar, unchanged, unknown
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.number_text import parse_number
from tfcompat.ops.shapes import renamed_argument
from tfcompat.ops.string_values import as_bytes_attr, as_text_attr, each, shape_text, string_array, string_scalar


def on_device(array: np.ndarray, dtype: DType, device: Any) -> Any:
    """An array as a kernel's result."""
    made = values.from_numpy(array, dtype)
    return made.to(device) if isinstance(made, torch.Tensor) else made


def refuse(text: str) -> InvalidArgumentError:
    """The error of a kernel about its inputs; the run adds the node."""
    return InvalidArgumentError(None, None, text)


# --- raw bytes -------------------------------------------------------------------------------------------------


@op("DecodeRaw")
def decode_raw_op(c: ShapeContext) -> Shape:
    shape = c.shape(0)
    return None if shape is None else (*shape, None)


decode_raw_op.gradient(NOT_DIFFERENTIABLE)


@decode_raw_op.kernel
def _decode_raw(bytes: np.ndarray, *, out_type: DType, little_endian: bool, device: Any) -> torch.Tensor:
    strings = bytes.reshape(-1).tolist()
    kind = np.dtype(out_type.as_numpy_dtype)
    if not strings or not strings[0]:
        size = 0
    else:
        size = len(strings[0])
    for i, s in enumerate(strings):
        if len(s) != size:
            raise refuse(
                "DecodeRaw requires input strings to all be the same size, but element "
                f"{i} has size {size} != {len(s)}"
            )
    if size % kind.itemsize:
        raise refuse(
            f"Input to DecodeRaw has length {size} that is not a multiple of {kind.itemsize}, the size of "
            f"{cpp_name(out_type)}"
        )
    data = strings[0] if len(strings) == 1 else b"".join(strings)
    return _numbers(data, kind, little_endian, (*bytes.shape, size // kind.itemsize), out_type, device)


def _numbers(data: Any, kind: Any, little_endian: bool, shape: Sequence[int], out_type: DType, device: Any) -> Any:
    found = np.frombuffer(data, kind if little_endian else kind.newbyteorder(">"))
    if not little_endian:
        found = found.astype(kind)
    return on_device(found.reshape(tuple(shape)).copy(), out_type, device)


@op("DecodePaddedRaw", host=("fixed_length",))
def decode_padded_raw_op(c: ShapeContext) -> Shape:
    length = c.value(1)
    width: int | None = None
    if length is not None:
        size = np.dtype(c.attrs["out_type"].as_numpy_dtype).itemsize
        if int(length) % size:
            raise ShapeError(f"Dimension size must be evenly divisible by {size} but is {int(length)}")
        width = int(length) // size
    shape = c.shape(0)
    return None if shape is None else (*shape, width)


decode_padded_raw_op.gradient(NOT_DIFFERENTIABLE)


@decode_padded_raw_op.kernel
def _decode_padded_raw(
    input_bytes: np.ndarray, fixed_length: int, *, out_type: DType, little_endian: bool, device: Any
) -> torch.Tensor:
    kind = np.dtype(out_type.as_numpy_dtype)
    if fixed_length % kind.itemsize:
        raise refuse(
            f"fixed_length ({fixed_length}) must be a multiple of the size of out_type ({kind.itemsize})"
        )
    if fixed_length <= 0:
        raise refuse(f"fixed_length ({fixed_length}) must be greater than zero.")
    data = b"".join(s[:fixed_length].ljust(fixed_length, b"\0") for s in input_bytes.reshape(-1).tolist())
    shape = (*input_bytes.shape, fixed_length // kind.itemsize)
    return _numbers(data, kind, little_endian, shape, out_type, device)


@export("decode_raw", "io.decode_raw")
def decode_raw(
    input_bytes: Any = None, out_type: Any = None, little_endian: bool = True, name: str | None = None, bytes: Any = None
) -> Tensor:
    """The bytes of each string read as numbers, along a new last dimension.

    Raises: InvalidArgumentError while running when lengths differ or do not fit the type.
    """
    input_bytes = renamed_argument("input_bytes", input_bytes, "bytes", bytes)
    if out_type is None:
        raise ValueError("decode_raw_v1() missing 1 positional argument: 'out_type'")
    return decode_raw_op(input_bytes, out_type=out_type, little_endian=little_endian, name=name)  # type: ignore[no-any-return]


@export(v2=("io.decode_raw",))
def decode_raw_v2(
    input_bytes: Any, out_type: Any, little_endian: bool = True, fixed_length: Any = None, name: str | None = None
) -> Tensor:
    """As `decode_raw`; with `fixed_length`, strings are cut or padded with zeros to so many bytes."""
    if fixed_length is not None:
        return decode_padded_raw_op(  # type: ignore[no-any-return]
            input_bytes, fixed_length=fixed_length, out_type=out_type, little_endian=little_endian, name=name
        )
    return decode_raw_op(input_bytes, out_type=out_type, little_endian=little_endian, name=name)  # type: ignore[no-any-return]


# --- compressed bytes ------------------------------------------------------------------------------------------

decode_compressed_op = op("DecodeCompressed")(unchanged)
decode_compressed_op.gradient(NOT_DIFFERENTIABLE)


@decode_compressed_op.kernel
def _decode_compressed(bytes: np.ndarray, *, compression_type: Any) -> np.ndarray:
    how = as_text_attr(compression_type)
    if how not in ("", "ZLIB", "GZIP"):
        raise refuse("Only ZLIB, GZIP or NONE are supported compressions")
    if not how:
        return bytes
    bits = zlib.MAX_WBITS + (16 if how == "GZIP" else 0)

    def inflate(data: Any) -> Any:
        try:
            return zlib.decompressobj(bits).decompress(data)
        except zlib.error as cause:
            text = str(cause).replace("Error ", "", 1).replace(" while decompressing data", "")
            raise DataLossError(None, None, f"inflate() failed with error {text}") from cause

    return each(inflate, bytes)


@export("decode_compressed", "io.decode_compressed", v2=("io.decode_compressed",))
def decode_compressed(bytes: Any, compression_type: str = "", name: str | None = None) -> Tensor:
    """Strings without their compression ("ZLIB", "GZIP" or none)."""
    return decode_compressed_op(bytes, compression_type=compression_type, name=name)  # type: ignore[no-any-return]


# --- tensors as strings ----------------------------------------------------------------------------------------

serialize_tensor_op = op("SerializeTensor")(scalar)
serialize_tensor_op.gradient(NOT_DIFFERENTIABLE)
parse_tensor_op = op("ParseTensor")(unknown)
parse_tensor_op.gradient(NOT_DIFFERENTIABLE)


@serialize_tensor_op.kernel
def _serialize_tensor(tensor: Any, *, T: DType) -> np.ndarray:
    array = values.to_numpy(tensor, T)
    proto = protos.TensorProto(dtype=T.as_datatype_enum)
    proto.tensor_shape.SetInParent()
    for size in array.shape:
        proto.tensor_shape.dim.add(size=size)
    if T is dtypes.string:
        proto.string_val.extend(array.reshape(-1).tolist())
    else:
        proto.tensor_content = np.ascontiguousarray(array).tobytes()
    return string_scalar(proto.SerializeToString())


@parse_tensor_op.kernel
def _parse_tensor(serialized: np.ndarray, *, out_type: DType, device: Any) -> Any:
    if serialized.ndim:
        raise refuse(f"Expected `serialized` to be a scalar, got shape: {shape_text(serialized)}")
    data = serialized.item()
    try:
        proto = protos.TensorProto.FromString(data)
    except Exception as cause:  # protobuf's own error class
        shown = data.decode("latin-1")
        raise refuse(f"Could not parse `serialized` as TensorProto, bytes: '{shown}'") from cause
    found = dtypes.as_dtype(proto.dtype) if proto.dtype else None
    if found is not out_type:
        raise refuse(
            f"Type mismatch between parsed tensor ({cpp_name(found) if found else 'INVALID'}) and dtype "
            f"({cpp_name(out_type)})"
        )
    return on_device(tensor_proto.make_ndarray(proto), out_type, device)


@export("serialize_tensor", "io.serialize_tensor", v2=("io.serialize_tensor",))
def serialize_tensor(tensor: Any, name: str | None = None) -> Tensor:
    """A tensor as the bytes of a TensorProto."""
    return serialize_tensor_op(tensor, name=name)  # type: ignore[no-any-return]


@export("parse_tensor", "io.parse_tensor", v2=("io.parse_tensor",))
def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Tensor:
    """The tensor in the bytes of a TensorProto.

    Raises: InvalidArgumentError while running for other bytes or another type.
    """
    return parse_tensor_op(serialized, out_type=out_type, name=name)  # type: ignore[no-any-return]


# --- examples as JSON ------------------------------------------------------------------------------------------

decode_json_example_op = op("DecodeJSONExample")(unchanged)
decode_json_example_op.gradient(NOT_DIFFERENTIABLE)


@decode_json_example_op.kernel
def _decode_json_example(json_examples: np.ndarray) -> np.ndarray:
    from google.protobuf import json_format

    def encoded(text: Any) -> Any:
        try:
            return json_format.Parse(text.decode(), protos.Example()).SerializeToString()
        except (json_format.ParseError, UnicodeDecodeError) as cause:
            raise refuse(f"Error while parsing JSON: {cause}") from cause

    return each(encoded, json_examples)


@export("decode_json_example", "io.decode_json_example", v2=("io.decode_json_example",))
def decode_json_example(json_examples: Any, name: str | None = None) -> Tensor:
    """Examples written as JSON, in their binary form."""
    return decode_json_example_op(json_examples, name=name)  # type: ignore[no-any-return]


# --- comma-separated values ------------------------------------------------------------------------------------


@op("DecodeCSV")
def decode_csv_op(c: ShapeContext) -> list[Shape]:
    for shape in c.shapes[1:]:
        at_most_rank(shape, 1)
        if shape is not None and len(shape) == 1 and (shape[0] or 0) > 1:
            raise ShapeError("Shape of a default must be a length-0 or length-1 vector, or a scalar.")
    return [c.shape(0)] * (len(c) - 1)


decode_csv_op.gradient(NOT_DIFFERENTIABLE)


@decode_csv_op.builder
def _build_decode_csv(c: KernelContext) -> Any:
    attrs = c.attrs
    types = list(attrs["OUT_TYPE"])
    delimiter = as_bytes_attr(attrs["field_delim"])
    if len(delimiter) != 1:
        raise refuse("field_delim should be only 1 char")
    quoted, missing = attrs["use_quote_delim"], as_bytes_attr(attrs["na_value"])
    chosen = list(attrs["select_cols"])
    device = c.device

    def decode(records: np.ndarray, record_defaults: list[Any]) -> list[Any]:
        for i, default in enumerate(record_defaults):
            size = default.size if isinstance(default, np.ndarray) else default.numel()
            if size > 1:
                raise refuse(f"There should only be 1 default per field but field {i} has {size}")
        defaults = [d.reshape(-1).tolist() for d in record_defaults]
        columns: list[list[Any]] = [[] for _ in types]
        for i, record in enumerate(records.reshape(-1).tolist()):
            fields = _fields(record, delimiter[0], quoted, chosen)
            if len(fields) != len(types):
                raise refuse(f"Expect {len(types)} fields but have {len(fields)} in record {i}")
            for f, (field, dtype) in enumerate(zip(fields, types, strict=True)):
                if not field or field == missing:
                    if len(defaults[f]) != 1:
                        raise refuse(f"Field {f} is required but missing in record {i}!")
                    columns[f].append(defaults[f][0])
                elif dtype is dtypes.string:
                    columns[f].append(field)
                else:
                    number = parse_number(field, dtype)
                    if number is None:
                        shown = field.decode("latin-1")
                        raise refuse(f"Field {f} in record {i} is not a valid {cpp_name(dtype)}: {shown}")
                    columns[f].append(number)
        return [
            string_array(column, records.shape)
            if dtype is dtypes.string
            else on_device(np.array(column, dtype.as_numpy_dtype).reshape(records.shape), dtype, device)
            for column, dtype in zip(columns, types, strict=True)
        ]

    return decode


_QUOTE, _LINE_ENDS = ord('"'), b"\r\n"


def _fields(record: bytes, delimiter: int, quoted: bool, chosen: list[int]) -> list[bytes]:
    """The fields of one record; with `chosen`, only those at these (increasing) positions."""
    out: list[bytes] = []
    at, number, size = 0, 0, len(record)
    while at < size:
        if record[at] in _LINE_ENDS:
            at += 1
            continue
        if quoted and record[at] == _QUOTE:
            field, at = _quoted_field(record, at + 1, delimiter)
        else:
            end = record.find(delimiter, at)
            end = size if end < 0 else end
            field = record[at:end]
            if (quoted and b'"' in field) or b"\n" in field or b"\r" in field:
                raise refuse("Unquoted fields cannot have quotes/CRLFs inside")
            at = end + 1
        if not chosen or number == chosen[len(out)]:
            out.append(field)
            if len(out) == len(chosen):
                return out
        number += 1
    # A delimiter at the end stands before one more, empty field.
    if record and record[-1] == delimiter and (not chosen or number == chosen[len(out)]):
        out.append(b"")
    return out


def _quoted_field(record: bytes, at: int, delimiter: int) -> tuple[bytes, int]:
    """The field whose text starts at `at`, and where the next one starts."""
    size = len(record)
    field = bytearray()
    while at < size - 1 and (record[at] != _QUOTE or record[at + 1] != delimiter):
        if record[at] != _QUOTE:
            field.append(record[at])
            at += 1
            continue
        if record[at + 1] != _QUOTE:
            raise refuse("Quote inside a string has to be escaped by another quote")
        field.append(_QUOTE)
        at += 2
    if not (at < size and record[at] == _QUOTE and (at == size - 1 or record[at + 1] == delimiter)):
        raise refuse("Quoted field has to end with quote followed by delim or end")
    return bytes(field), at + 2


@export("io.decode_csv", "decode_csv")
def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Any = None,
) -> list[Tensor]:
    """The columns of comma-separated records, one tensor for each default, of its type.

    Raises: ValueError for wrong `select_cols`; InvalidArgumentError while running for records that do not fit.
    """
    return decode_csv_v2(records, record_defaults, field_delim, use_quote_delim, na_value, select_cols, name)


@export(v2=("io.decode_csv",))
def decode_csv_v2(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Any = None,
    name: str | None = None,
) -> list[Tensor]:
    """As `decode_csv`, with the arguments in TF 2's order."""
    if select_cols is not None:
        if any(a >= b for a, b in itertools.pairwise(select_cols)):
            raise ValueError("select_cols is not strictly increasing.")
        if select_cols[0] < 0:
            raise ValueError("select_cols contains negative values.")
        if len(select_cols) != len(record_defaults):
            raise ValueError("Length of select_cols and record_defaults do not match.")
    return decode_csv_op(  # type: ignore[no-any-return]
        records,
        record_defaults,
        field_delim=field_delim,
        use_quote_delim=use_quote_delim,
        na_value=na_value,
        select_cols=select_cols or [],
        name=name,
    )
