"""make_tensor_proto and make_ndarray against calls recorded from TF 1.15 (tools/record_tensor_protos.py)."""

from __future__ import annotations

import json
import pathlib
import types

import numpy as np
import pytest

from tfcompat.framework import dtypes, protos, shapes
from tfcompat.framework.tensor_proto import constant_array, make_ndarray, make_tensor_proto

ROWS = json.loads(pathlib.Path(__file__).with_name("tensor_protos.json").read_text(encoding="utf-8"))["rows"]
TF = types.SimpleNamespace(
    Dimension=shapes.Dimension, TensorShape=shapes.TensorShape, **{t.name: t for t in dtypes.TF_VALUE_DTYPES}
)
TF.resource, TF.variant = dtypes.resource, dtypes.variant
# 1.15 cannot decode these two types; 2.x and tfcompat can.
DECODED_SINCE = {"Unsupported tensor type: 22", "Unsupported tensor type: 23"}


def evaluate(call, function):
    return eval(call, {"make": function, "np": np, "tf": TF})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["call"])
def test_calls_of_tensorflow(row):
    call = row["call"]
    if "error" in row:
        name, message = row["error"]
        for function in (make_tensor_proto, constant_array):
            with pytest.raises(Exception) as caught:
                evaluate(call, function)
            assert type(caught.value).__name__ == name
            if "object at 0x" not in message:
                assert str(caught.value) == message
        return
    proto = evaluate(call, make_tensor_proto)
    assert proto.SerializeToString(deterministic=True).hex() == row["bytes"]
    if "decode_error" in row:
        name, message = row["decode_error"]
        if message not in DECODED_SINCE:
            return  # a proto with more values than its shape holds
        array = make_ndarray(proto)
    else:
        array = make_ndarray(proto)
        assert list(array.shape) == row["shape"]
        listed = (array.astype(np.float32) if proto.dtype == protos.DT_BFLOAT16 else array).tolist()
        assert repr(listed) == row["array"]
    constant, dtype = evaluate(call, constant_array)
    assert dtype.as_datatype_enum == proto.dtype
    np.testing.assert_array_equal(constant, array)


def test_a_tensor_proto_is_returned_as_it_is():
    proto = make_tensor_proto([1, 2])
    assert make_tensor_proto(proto, dtypes.float32) is proto


def test_bfloat16_held_as_float32_is_rounded_to_even(monkeypatch):
    monkeypatch.setattr(dtypes, "_numpy_bfloat16", lambda: np.float32)
    values = np.array([1.0, 1.00390625, 1.01171875, -3.0e38], np.float32)
    proto = make_tensor_proto(values, dtypes.bfloat16)
    assert list(proto.half_val) == [0x3F80, 0x3F80, 0x3F82, 0xFF62]
    assert make_ndarray(proto).tolist() == [1.0, 1.0, 1.015625, pytest.approx(-3.004e38, rel=1e-3)]


@pytest.mark.parametrize("dtype", ["resource", "variant"])
def test_types_without_values_do_not_decode(dtype):
    number = getattr(dtypes, dtype).as_datatype_enum
    with pytest.raises(TypeError, match=f"Unsupported tensor type: {number}"):
        make_ndarray(protos.TensorProto(dtype=number))


def test_content_that_does_not_fit_the_shape_fails():
    proto = make_tensor_proto([1.0, 2.0, 3.0])
    proto.tensor_shape.dim[0].size = 4
    with pytest.raises(ValueError, match="reshape"):
        make_ndarray(proto)


def test_a_huge_content_is_refused():
    big = np.lib.stride_tricks.as_strided(np.zeros(1, np.float32), shape=(1 << 29,), strides=(0,))
    with pytest.raises(ValueError, match="larger than 2GB"):
        make_tensor_proto(big)
