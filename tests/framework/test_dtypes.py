"""Element types against what TF 1.15 answers, and the ways into NumPy and torch that are our own."""

from __future__ import annotations

import copy
import pickle
import sys
import timeit
import types

import facts
import numpy as np
import pytest
import torch

from tfcompat.framework import dtypes

SCOPE = facts.names("dtypes", dtypes)
ALL = sorted(dtypes._BY_ENUM.values(), key=int)


@pytest.mark.parametrize("expression, expected", facts.load("dtypes"))
def test_answers_as_tf_does(expression, expected):
    assert facts.answer(expression, SCOPE) == expected


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_each_type_is_one_object(dtype):
    ways = [dtypes.as_dtype(dtype.name), dtypes.as_dtype(int(dtype)), dtypes.DType(int(dtype))]
    ways += [pickle.loads(pickle.dumps(dtype)), copy.copy(dtype), copy.deepcopy(dtype)]
    assert all(way is dtype for way in ways)


def test_there_are_all_types():
    assert [int(d) for d in ALL] == [*range(1, 24), *range(101, 124)]


@pytest.mark.parametrize(
    "dtype, expected",
    [
        ("float16", torch.float16),
        ("bfloat16", torch.bfloat16),
        ("float64_ref", torch.float64),
        ("bool", torch.bool),
        ("complex64", torch.complex64),
        ("uint16", torch.uint16),
        ("uint32", torch.uint32),
        ("uint64", torch.uint64),
        ("qint8", torch.int8),
        ("quint8", torch.uint8),
        ("qint16", torch.int16),
        ("quint16", torch.uint16),
        ("qint32", torch.int32),
        ("string", None),
        ("resource", None),
        ("variant", None),
    ],
)
def test_torch_type(dtype, expected):
    assert dtypes.as_dtype(dtype).torch is expected


@pytest.mark.parametrize("dtype", [d for d in ALL if d.torch and not d._is_ref_dtype], ids=str)
def test_from_torch_undoes_torch(dtype):
    plain = dtypes.from_torch(dtype.torch)
    assert plain is (dtypes.as_dtype(dtype.name[1:]) if dtype.is_quantized else dtype)
    assert dtypes.as_dtype(dtype.torch) is plain
    assert dtype.size == dtype.torch.itemsize


def test_from_torch_refuses_other_types():
    with pytest.raises(TypeError, match=r"Cannot convert value torch\.float8_e5m2 to a TensorFlow DType\."):
        dtypes.from_torch(torch.float8_e5m2)


@pytest.mark.parametrize("c_type", [np.intc, np.uintc, np.int_, np.uint, np.longlong, np.ulonglong, np.short, np.byte])
def test_c_integer_types(c_type):
    assert dtypes.as_dtype(c_type) is dtypes.as_dtype(np.dtype(c_type)) is dtypes.as_dtype(np.dtype(c_type).name)


@pytest.fixture
def fresh_bfloat16():
    dtypes._numpy_bfloat16.cache_clear()
    yield
    dtypes._numpy_bfloat16.cache_clear()


def test_bfloat16_without_ml_dtypes_is_float32_in_numpy(monkeypatch, fresh_bfloat16):
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    assert dtypes.bfloat16.as_numpy_dtype is np.float32
    assert dtypes.bfloat16_ref.max == np.float32(float.fromhex("0x1.FEp127"))
    assert dtypes.bfloat16.is_numpy_compatible


def test_bfloat16_with_ml_dtypes_is_its_type(monkeypatch, fresh_bfloat16):
    scalar = type("bfloat16", (np.float32,), {"__module__": "ml_dtypes"})
    module = types.ModuleType("ml_dtypes")
    module.bfloat16 = scalar
    monkeypatch.setitem(sys.modules, "ml_dtypes", module)
    assert dtypes.bfloat16.as_numpy_dtype is scalar
    assert dtypes.as_dtype(scalar) is dtypes.bfloat16
    assert type(dtypes.bfloat16.min) is scalar


def test_types_are_closed():
    with pytest.raises(TypeError, match="subclassed"):
        type("Mine", (dtypes.DType,), {})
    with pytest.raises(AttributeError):
        dtypes.float32.colour = "red"


def test_as_dtype_of_a_dtype_is_quick():
    # Graphs call it for every tensor. The bound is loose: other work shares the machine.
    seconds = min(timeit.repeat(lambda: dtypes.as_dtype(dtypes.float32), number=10000, repeat=5))
    assert seconds / 10000 < 2e-6
