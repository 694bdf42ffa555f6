"""Structures of dataset elements: tuples, namedtuples, mappings and attrs objects. A list is a leaf: it means a tensor.

Source: TF 1.15, python/data/util/nest.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tfcompat.framework import nest as core
from tfcompat.framework.sparse_tensor import SparseTensorValue


def is_sequence(value: Any) -> bool:
    """Whether a value is a structure rather than a component."""
    if isinstance(value, SparseTensorValue):
        return False
    return isinstance(value, (tuple, Mapping)) or hasattr(type(value), "__attrs_attrs__")


def _children(structure: Any) -> list[Any]:
    if isinstance(structure, Mapping):
        return [structure[k] for k in core._sorted(structure)]
    if isinstance(structure, tuple):
        return list(structure)
    return [getattr(structure, a.name) for a in type(structure).__attrs_attrs__]


def flatten(structure: Any) -> list[Any]:
    """The components from left to right; mappings in the order of their sorted keys."""
    if not is_sequence(structure):
        return [structure]
    return [leaf for child in _children(structure) for leaf in flatten(child)]


def pack_sequence_as(structure: Any, flat_sequence: Any) -> Any:
    """The components put into the form of `structure`.

    Raises: TypeError when they are not in a sequence, ValueError when their number differs.
    """
    if not (is_sequence(flat_sequence) or isinstance(flat_sequence, list)):
        raise TypeError("flat_sequence must be a sequence")
    flat = list(flat_sequence)
    if not is_sequence(structure):
        if len(flat) != 1:
            raise ValueError(f"Structure is a scalar but len(flat_sequence) == {len(flat)} > 1")
        return flat[0]
    wanted = len(flatten(structure))
    if wanted != len(flat):
        raise ValueError(
            f"Could not pack sequence. Structure had {wanted} elements, but flat_sequence had {len(flat)} elements.  "
            f"Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    leaves = iter(flat)

    def pack(part: Any) -> Any:
        if not is_sequence(part):
            return next(leaves)
        return core._sequence_like(part, [pack(child) for child in _children(part)])

    return pack(structure)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True) -> None:
    """Checks that two structures have the same form.

    Raises: ValueError when they differ in form, TypeError when only their types do.
    """
    flat1 = flatten(nest1) if is_sequence(nest1) else [nest1]
    flat2 = flatten(nest2) if is_sequence(nest2) else [nest2]
    if len(flat1) != len(flat2):
        raise ValueError(
            "The two structures don't have the same number of elements. First "
            f"structure: {nest1}, second structure: {nest2}."
        )
    _same(nest1, nest2, check_types)


def _same(a: Any, b: Any, check_types: bool) -> None:
    if is_sequence(a) != is_sequence(b):
        raise ValueError(
            "The two structures don't have the same nested structure. "
            f"First structure: {a}, second structure: {b}."
        )
    if not is_sequence(a):
        return
    if check_types:
        if type(a) is not type(b):
            raise TypeError(
                "The two structures don't have the same sequence type. First structure has type "
                f"{type(a)}, while second structure has type {type(b)}."
            )
        if isinstance(a, dict) and set(a) != set(b):
            raise ValueError(
                "The two dictionaries don't have the same set of keys. First structure has keys "
                f"{list(a)}, while second structure has keys {list(b)}."
            )
    for x, y in zip(_children(a), _children(b), strict=False):
        _same(x, y, check_types)


def map_structure(func: Callable[..., Any], *structure: Any, check_types: bool = True) -> Any:
    """`func` over the components in the same place of each structure, in the form of the first."""
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types)
    columns = zip(*[flatten(s) for s in structure], strict=False)
    return pack_sequence_as(structure[0], [func(*x) for x in columns])


def assert_shallow_structure(shallow: Any, deep: Any, check_types: bool = True) -> None:
    """Checks that `deep` has at least the form of `shallow`. Raises TypeError or ValueError."""
    if not is_sequence(shallow):
        return
    if not is_sequence(deep):
        raise TypeError(
            f"If shallow structure is a sequence, input must also be a sequence. Input has type: {type(deep)}."
        )
    if check_types and not isinstance(deep, type(shallow)):
        raise TypeError(
            "The two structures don't have the same sequence type. Input structure has type "
            f"{type(deep)}, while shallow structure has type {type(shallow)}."
        )
    if len(deep) != len(shallow):
        raise ValueError(
            "The two structures don't have the same sequence length. Input structure has length "
            f"{len(deep)}, while shallow structure has length {len(shallow)}."
        )
    if check_types and isinstance(shallow, Mapping) and set(deep) != set(shallow):
        raise ValueError(
            "The two structures don't have the same keys. Input structure has keys "
            f"{list(deep)}, while shallow structure has keys {list(shallow)}."
        )
    for a, b in zip(_children(shallow), _children(deep), strict=True):
        assert_shallow_structure(a, b, check_types)


def flatten_up_to(shallow_tree: Any, input_tree: Any) -> list[Any]:
    """The parts of `input_tree` that stand where `shallow_tree` has its leaves."""
    assert_shallow_structure(shallow_tree, input_tree)
    if not is_sequence(shallow_tree):
        return [input_tree]
    return [
        leaf
        for a, b in zip(_children(shallow_tree), _children(input_tree), strict=True)
        for leaf in flatten_up_to(a, b)
    ]


def map_structure_up_to(shallow_tree: Any, func: Callable[..., Any], *inputs: Any) -> Any:
    """`func` over the parts of the inputs that stand where `shallow_tree` has its leaves."""
    if not inputs:
        raise ValueError("Cannot map over no sequences")
    for tree in inputs:
        assert_shallow_structure(shallow_tree, tree)
    columns = zip(*[flatten_up_to(shallow_tree, tree) for tree in inputs], strict=True)
    return pack_sequence_as(shallow_tree, [func(*x) for x in columns])
