"""Nested structures against what TF 1.15 answers, and the protocol of composite types."""

from __future__ import annotations

import collections
from dataclasses import dataclass

import facts
import pytest

from tfcompat.framework import nest

SCOPE = facts.names("nest", nest)


@pytest.mark.parametrize("expression, expected", facts.load("nest"))
def test_answers_as_tf_does(expression, expected):
    assert facts.answer(expression, SCOPE) == expected


@dataclass(frozen=True)
class Spec:
    rank: int

    def most_specific_compatible_type(self, other):
        if self != other:
            raise ValueError("ranks differ")
        return self


@dataclass
class Pair:
    left: object
    right: object
    rank: int = 2

    @property
    def spec(self):
        return Spec(self.rank)


class SubPair(Pair):
    pass


@pytest.fixture(autouse=True)
def composites(monkeypatch):
    """Pair and its Spec are registered during each test."""
    monkeypatch.setattr(nest, "_composites", {})
    monkeypatch.setattr(nest, "_composite_cache", {})
    nest.register_composite(
        Pair,
        lambda pair: [pair.left, pair.right],
        lambda like, parts: type(like)(*parts, rank=like.rank),
        spec=lambda pair: pair.spec,
    )
    nest.register_composite(
        Spec,
        lambda spec: ["left", "right"],
        lambda spec, parts: Pair(*parts, rank=spec.rank),
        is_spec=True,
    )


def test_composites_are_leaves_unless_asked():
    pair = Pair(1, 2)
    assert nest.flatten([pair, 3]) == [pair, 3]
    assert nest.flatten([pair, 3], expand_composites=True) == [1, 2, 3]
    assert not nest.is_sequence(pair)
    assert nest.is_sequence_or_composite(pair)
    assert nest.is_sequence_or_composite(Spec(2))


def test_components_may_nest():
    inner = Pair((1, {"b": 2, "a": 3}), SubPair(4, 5, rank=7))
    assert nest.flatten(inner, expand_composites=True) == [1, 3, 2, 4, 5]
    packed = nest.pack_sequence_as({"x": inner}, [10, 20, 30, 40, 50], expand_composites=True)
    assert packed == {"x": Pair((10, {"a": 20, "b": 30}), SubPair(40, 50, rank=7))}
    assert type(packed["x"].right) is SubPair


def test_map_structure_rebuilds_composites():
    doubled = nest.map_structure(lambda x: 2 * x, [Pair(1, 2), 3], expand_composites=True)
    assert doubled == [Pair(2, 4), 6]
    summed = nest.map_structure(lambda x, y: x + y, Pair(1, 2), Pair(10, 20), expand_composites=True)
    assert summed == Pair(11, 22)


def test_a_spec_packs_into_what_it_describes():
    assert nest.flatten(Spec(2), expand_composites=True) == ["left", "right"]
    assert nest.pack_sequence_as([Spec(3)], [1, 2], expand_composites=True) == [Pair(1, 2, rank=3)]
    nest.assert_same_structure([Spec(2)], [Pair(1, 2)], expand_composites=True)
    nest.assert_shallow_structure([Spec(2)], [Pair(1, 2)], expand_composites=True)


def test_paths_name_the_composite():
    assert nest.flatten_with_joined_string_paths([Pair(1, 2)], expand_composites=True) == [
        ("0/Pair/0", 1),
        ("0/Pair/1", 2),
    ]


def test_different_specs_are_different_structures():
    first, second = [Pair(1, 2)], [Pair(3, 4, rank=9)]
    nest.assert_same_structure(first, second)
    with pytest.raises(ValueError, match="Incompatible CompositeTensor TypeSpecs: type=Spec") as caught:
        nest.assert_same_structure(first, second, expand_composites=True)
    assert str(caught.value).endswith("\nEntire first structure:\n[.]\nEntire second structure:\n[.]")
    with pytest.raises(ValueError, match=r"Spec\(rank=2\) vs\. Spec\(rank=9\) -- ranks differ"):
        nest.assert_shallow_structure(first, second, expand_composites=True)


@pytest.mark.parametrize("other", [[1, 2], 3, {"left": 1, "right": 2}])
def test_a_composite_against_something_else(other):
    with pytest.raises((TypeError, ValueError)):
        nest.assert_same_structure(Pair(1, 2), other, expand_composites=True)
    with pytest.raises(TypeError):
        nest.assert_shallow_structure(Pair(1, 2), other, expand_composites=True)


def test_without_a_spec_the_types_must_agree():
    nest.register_composite(Pair, lambda pair: (pair.left, pair.right), lambda like, parts: type(like)(*parts))
    nest.assert_same_structure(Pair(1, 2), Pair(3, 4, rank=9), expand_composites=True)
    with pytest.raises(ValueError, match="Incompatible CompositeTensor TypeSpecs"):
        nest.assert_same_structure(Pair(1, 2), SubPair(3, 4), check_types=False, expand_composites=True)


@pytest.mark.parametrize(
    "structure, expected",
    [
        (3, 3),
        ([1, [2, (3, [])]], (1, (2, (3, ())))),
        ({"a": [1], "b": 2}, {"a": (1,), "b": 2}),
    ],
)
def test_list_to_tuple(structure, expected):
    assert nest.list_to_tuple(structure) == expected


def test_yield_flattened_up_to():
    assert list(nest.yield_flattened_up_to({"a": 0, "b": [0]}, {"b": [(1, 2)], "a": [3]})) == [[3], (1, 2)]


def test_order_of_a_mapping_is_kept_when_packing():
    packed = nest.map_structure(str, collections.OrderedDict([("b", 1), ("a", 2)]))
    assert list(packed.items()) == [("b", "1"), ("a", "2")]


def test_a_mapping_that_its_type_cannot_make():
    import types

    with pytest.raises(TypeError):
        nest.map_structure(str, types.MappingProxyType({"a": 1}))


def test_built_in_types_are_named_with_their_module():
    with pytest.raises(TypeError, match=r"has type list, while second structure .* has type collections\.\w+"):
        nest.assert_same_structure([1], collections.OrderedDict(a=1))
