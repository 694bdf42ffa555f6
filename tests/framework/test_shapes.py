"""Shapes against what TF 1.15 answers with either version's habits, and the cheap way in and out."""

from __future__ import annotations

import copy
import pickle

import facts
import numpy as np
import pytest

from tfcompat.framework import dtypes, protos, shapes
from tfcompat.framework.shapes import Dimension, TensorShape

SCOPE = facts.names("shapes", shapes, protos, dtypes.float32)


@pytest.fixture
def v2_habits():
    shapes.enable_v2_tensorshape()
    yield
    shapes.disable_v2_tensorshape()


@pytest.mark.parametrize("expression, expected", facts.load("shapes_v1"))
def test_answers_as_tf_does(expression, expected):
    assert facts.answer(expression, SCOPE) == expected


@pytest.mark.parametrize("expression, expected", facts.load("shapes_v2"))
def test_answers_as_tf_does_with_v2_habits(expression, expected, v2_habits):
    assert facts.answer(expression, SCOPE) == expected


@pytest.mark.parametrize("dims", [None, (), (3,), (2, None), (None, None, 0)])
def test_tuple_goes_in_and_out(dims):
    shape = TensorShape._from_tuple(dims)
    assert shape._tuple is dims
    assert TensorShape(dims)._tuple == dims
    assert str(shape) == str(TensorShape(dims))


@pytest.mark.parametrize("dims", [None, (), (3,), (2, None)])
def test_proto_goes_in_and_out(dims):
    proto = TensorShape(dims).as_proto()
    assert isinstance(proto, protos.TensorShapeProto)
    assert TensorShape(type(proto).FromString(proto.SerializeToString()))._tuple == dims


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize("dims", [None, (), (3,), (2, None)])
def test_copies(again, dims):
    assert again(TensorShape(dims))._tuple == dims
    assert repr(again(Dimension(None))) == "Dimension(None)"


def test_dims_cannot_be_changed_through_the_list():
    shape = TensorShape([1, None])
    shape.dims.append(Dimension(3))
    assert shape.as_list() == [1, None]
    assert shape.rank == 2


@pytest.mark.parametrize("size", [np.array([3]), np.array(3), np.uint8(3), 3.0, "3", b"3", Dimension(3)])
def test_sizes_become_ints(size):
    (only,) = TensorShape([size])._tuple
    assert only == 3
    assert type(only) is int


def test_what_cannot_be_iterated_says_so_itself():
    class Refusing:
        def __iter__(self):
            raise TypeError("not here")

    with pytest.raises(TypeError, match="not here"):
        TensorShape(Refusing())


@pytest.mark.parametrize("shape", [TensorShape([]), Dimension(3)])
def test_unhashable(shape):
    with pytest.raises(TypeError, match="unhashable"):
        hash(shape)
