"""Nested structures: lists, tuples, namedtuples, mappings and attrs objects holding leaves (`tf.nest`).

What counts as nested: every `collections.abc.Sequence` but strings and bytes, every mapping, mapping
views (`d.items()`), and objects of attrs classes. Sets, arrays and tensors are leaves. Mappings are
walked in the order of their sorted keys, whatever order they keep themselves.

With `expand_composites=True`, objects made of tensors (sparse tensors, indexed slices) count as nested
too. Their types say how they come apart through `register_composite`; this module knows none of them.

Source: TF 1.15, python/util/nest.py and python/util/util.cc.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator, Mapping, MappingView, Sequence
from dataclasses import dataclass
from typing import Any

from tfcompat.framework.export import export

# -- Composite types ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Composite:
    to_components: Callable[[Any], Any]
    from_components: Callable[[Any, Any], Any]
    spec: Callable[[Any], Any] | None
    is_spec: bool


_composites: dict[type, _Composite] = {}
_composite_cache: dict[type, _Composite | None] = {}


def register_composite(
    cls: type,
    to_components: Callable[[Any], Any],
    from_components: Callable[[Any, Any], Any],
    *,
    spec: Callable[[Any], Any] | None = None,
    is_spec: bool = False,
) -> None:
    """Lets objects of `cls` and its subclasses come apart under `expand_composites`.

    `to_components(x)` gives a nested structure of parts; `from_components(x, parts)` builds an object
    like `x` from new ones. `spec(x)`, where given, is what `assert_same_structure` compares through its
    method `most_specific_compatible_type`; without it the types alone must agree. `is_spec` marks a type
    that describes composites (a TypeSpec) and is not one itself.
    """
    _composites[cls] = _Composite(to_components, from_components, spec, is_spec)
    _composite_cache.clear()


def _registered(instance: Any) -> _Composite | None:
    cls = type(instance)
    try:
        return _composite_cache[cls]
    except KeyError:
        found = next((_composites[base] for base in cls.__mro__ if base in _composites), None)
        _composite_cache[cls] = found
        return found


def _is_composite_tensor(instance: Any) -> bool:
    found = _registered(instance)
    return found is not None and not found.is_spec


def _is_type_spec(instance: Any) -> bool:
    found = _registered(instance)
    return found is not None and found.is_spec


def _spec_of(instance: Any) -> Any:
    """What describes a composite: its registered spec, itself when it is a spec, else its type."""
    found = _registered(instance)
    if found is None or found.is_spec:
        return instance
    return type(instance) if found.spec is None else found.spec(instance)


def _check_specs(first: Any, second: Any) -> None:
    """Raises: TypeError or ValueError when two specs have nothing in common."""
    if hasattr(first, "most_specific_compatible_type"):
        first.most_specific_compatible_type(second)
    elif first is not second:
        raise TypeError(f"{first} is not {second}")


# -- Kinds of structures -----------------------------------------------------------------------------------

_KINDS_LIMIT = 1024  # classes made on the fly must not be kept alive without end
_nested_types: dict[type, bool] = {list: True, tuple: True, dict: True, str: False, bytes: False}


def is_sequence(seq: Any) -> bool:
    """Whether `seq` is nested (mappings included); strings, sets and arrays are not."""
    cls = type(seq)
    found = _nested_types.get(cls)
    if found is None:
        found = (
            isinstance(seq, Mapping | MappingView)
            or _is_attrs(seq)
            or (isinstance(seq, Sequence) and not isinstance(seq, str | bytes))
        )
        if len(_nested_types) < _KINDS_LIMIT:
            _nested_types[cls] = found
    return found


def is_nested(seq: Any) -> bool:
    """Whether `seq` is a nested structure rather than a leaf."""
    return is_sequence(seq)


def is_sequence_or_composite(seq: Any) -> bool:
    """Whether `seq` is nested when composites count as nested."""
    return is_sequence(seq) or _registered(seq) is not None


def is_mapping(instance: Any) -> bool:
    """Whether `instance` is a mapping."""
    return isinstance(instance, Mapping)


def _is_mapping_view(instance: Any) -> bool:
    return isinstance(instance, MappingView)


def _is_attrs(instance: Any) -> bool:
    return hasattr(type(instance), "__attrs_attrs__")


def _is_namedtuple(instance: Any, strict: bool = False) -> bool:
    """Whether `instance` is of a namedtuple class; `strict` leaves out classes derived from one."""
    if not isinstance(instance, tuple) or (strict and type(instance).__base__ is not tuple):
        return False
    fields = getattr(instance, "_fields", None)
    return isinstance(fields, Sequence) and all(isinstance(field, str | bytes) for field in fields)


def _same_namedtuples(first: Any, second: Any) -> bool:
    """Whether two namedtuples have the same fields and class name, be they of one class or not."""
    same: bool = first._fields == second._fields
    return same and type(first).__name__ == type(second).__name__


_is_mapping = is_mapping


def _tester(expand_composites: bool) -> Callable[[Any], bool]:
    return is_sequence_or_composite if expand_composites else is_sequence


# -- Taking apart and putting together -----------------------------------------------------------------------


def _sorted(dict_: Any) -> list[Any]:
    try:
        return sorted(dict_)
    except TypeError:
        raise TypeError("nest only supports dicts with sortable keys.") from None


def _yield_sorted_items(iterable: Any) -> Iterator[tuple[Any, Any]]:
    """The (key, value) pairs of one level: a mapping's key, a field's name, an index, or a composite's type name."""
    if isinstance(iterable, Mapping):
        for key in _sorted(iterable):
            yield key, iterable[key]
    elif _is_attrs(iterable):
        for attribute in type(iterable).__attrs_attrs__:
            yield attribute.name, getattr(iterable, attribute.name)
    elif _is_namedtuple(iterable):
        for field in iterable._fields:
            yield field, getattr(iterable, field)
    elif (composite := _registered(iterable)) is not None:
        described = getattr(iterable, "value_type", type(iterable)) if composite.is_spec else type(iterable)
        yield described.__name__, composite.to_components(iterable)
    else:
        yield from enumerate(iterable)


def _yield_value(iterable: Any) -> Iterator[Any]:
    for _, value in _yield_sorted_items(iterable):
        yield value


def _children(structure: Any) -> Any:
    """The values of one level, as `flatten` and `assert_same_structure` walk them."""
    if isinstance(structure, list | tuple):
        return structure
    if isinstance(structure, Mapping):
        return [structure[key] for key in sorted(structure)]  # Python's own error for keys without an order
    return _yield_value(structure)


def _sequence_like(instance: Any, args: Any) -> Any:
    """`args` in a container of the kind of `instance`; a mapping's are in the order of its sorted keys."""
    if isinstance(instance, Mapping):
        result = dict(zip(_sorted(instance), args, strict=False))
        cls: Any = type(instance)
        if cls is collections.defaultdict:
            return collections.defaultdict(
                instance.default_factory,  # type: ignore[attr-defined]
                {key: result[key] for key in instance},
            )
        return cls((key, result[key]) for key in instance)
    if isinstance(instance, MappingView | range):
        return list(args)
    if _is_namedtuple(instance) or _is_attrs(instance):
        return type(instance)(*args)
    if (composite := _registered(instance)) is not None:
        (components,) = args
        return composite.from_components(instance, components)
    return type(instance)(args)


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves of `structure` from left to right; a leaf gives a list of itself.

    Raises: TypeError for a mapping whose keys cannot be sorted.
    """
    leaves: list[Any] = []
    _flatten_into(leaves, structure, _tester(expand_composites))
    return leaves


def _flatten_into(leaves: list[Any], structure: Any, is_seq: Callable[[Any], bool]) -> None:
    if not is_seq(structure):
        leaves.append(structure)
        return
    for child in _children(structure):
        _flatten_into(leaves, child, is_seq)


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """The leaves `flat_sequence` put into the form of `structure`: the way back from `flatten`.

    Raises: TypeError when `flat_sequence` is no sequence; ValueError when it has too many or too few leaves.
    """
    is_seq = _tester(expand_composites)
    if not is_seq(flat_sequence):
        raise TypeError("flat_sequence must be a sequence")
    given = len(flat_sequence)
    if not is_seq(structure):
        if given != 1:
            raise ValueError(f"Structure is a scalar but len(flat_sequence) == {given} > 1")
        return flat_sequence[0]
    try:
        used, packed = _pack(structure, flat_sequence, 0, is_seq)
        fits = used == given
    except IndexError:
        fits = False
    if not fits:
        wanted = len(flatten(structure, expand_composites))
        raise ValueError(
            f"Could not pack sequence. Structure had {wanted} elements, but flat_sequence had {given} elements.  "
            f"Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    return packed


def _pack(structure: Any, flat: Any, index: int, is_seq: Callable[[Any], bool]) -> tuple[int, Any]:
    """`structure` with leaves from `flat[index:]`, and the index after the last one used."""
    packed = []
    for child in _yield_value(structure):
        if is_seq(child):
            index, child = _pack(child, flat, index, is_seq)
            packed.append(child)
        else:
            packed.append(flat[index])
            index += 1
    return index, _sequence_like(structure, packed)


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """`func` over the leaves that stand in the same place of each structure, in the form of the first one.

    Takes check_types=True (containers must be of the same types) and expand_composites=False.

    Raises: TypeError or ValueError when the structures differ.
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    check_types = kwargs.pop("check_types", True)
    expand_composites = kwargs.pop("expand_composites", False)
    if kwargs:
        raise ValueError(
            "Only valid keyword arguments are `check_types` and `expand_composites`, not: `{}`".format(
                "`, `".join(kwargs)
            )
        )
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types=check_types, expand_composites=expand_composites)
    flat = [flatten(s, expand_composites) for s in structure]
    results = [func(*leaves) for leaves in zip(*flat, strict=False)]
    return pack_sequence_as(structure[0], results, expand_composites=expand_composites)


def list_to_tuple(structure: Any) -> Any:
    """`structure` with every list in it, at any depth, made a tuple."""
    if not is_sequence(structure):
        return structure
    children = [list_to_tuple(child) for child in _yield_value(structure)]
    return tuple(children) if isinstance(structure, list) else _sequence_like(structure, children)


def flatten_dict_items(dictionary: Any) -> dict[Any, Any]:
    """A flat dictionary from one whose keys may be nested: each leaf of a key goes with that of its value.

    Raises: TypeError when it is no mapping; ValueError when a key and its value differ in number of
    leaves, or a leaf is a key twice.
    """
    if not isinstance(dictionary, Mapping):
        raise TypeError("input must be a dictionary")
    flat: dict[Any, Any] = {}
    for key, value in dictionary.items():
        if is_sequence(key):
            keys, values = flatten(key), flatten(value)
            if len(keys) != len(values):
                raise ValueError(
                    f"Could not flatten dictionary. Key had {len(keys)} elements, but value had {len(values)} "
                    f"elements. Key: {keys}, value: {values}."
                )
        else:
            keys, values = [key], [value]
        for one_key, one_value in zip(keys, values, strict=True):
            if one_key in flat:
                raise ValueError(f"Could not flatten dictionary: key {one_key} is not unique.")
            flat[one_key] = one_value
    return flat


# -- Comparing -----------------------------------------------------------------------------------------------


class _Dot:
    """Stands for a leaf where an error prints the form of a structure."""

    def __repr__(self) -> str:
        return "."


_DOT = _Dot()


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Checks that two structures have the same form.

    With `check_types`, containers must be of the same types and mappings have the same keys. Any two
    mappings count as one type, so do any two lists, and namedtuples of the same name and fields.

    Raises: TypeError when the types of containers differ; ValueError for every other difference.
    """
    try:
        found = _difference(nest1, nest2, check_types, expand_composites)
        if found is not None:
            error, what = found
            raise error(
                "The two structures don't have the same nested structure.\n\n"
                f"First structure: {_shown(nest1)}\n\nSecond structure: {_shown(nest2)}\n\nMore specifically: {what}"
            )
    except (ValueError, TypeError) as cause:
        form1, form2 = (str(map_structure(lambda _: _DOT, nest)) for nest in (nest1, nest2))
        raise type(cause)(f"{cause}\nEntire first structure:\n{form1}\nEntire second structure:\n{form2}") from None


def _shown(instance: Any) -> str:
    return f"type={type(instance).__name__} str={instance}"


def _c_name(cls: type) -> str:
    """The name CPython's C code has for a class: built-in ones carry their module."""
    heap_type = 1 << 9
    bare = cls.__flags__ & heap_type or cls.__module__ == "builtins"
    return cls.__name__ if bare else f"{cls.__module__}.{cls.__name__}"


_Difference = tuple[type[TypeError] | type[ValueError], str]


def _difference(o1: Any, o2: Any, check_types: bool, expand: bool) -> _Difference | None:
    """The first difference found: which error it makes and what it says."""
    is_seq = _tester(expand)
    nested1, nested2 = is_seq(o1), is_seq(o2)
    if nested1 != nested2:
        seq, leaf = (o1, o2) if nested1 else (o2, o1)
        return ValueError, f'Substructure "{_shown(seq)}" is a sequence, while substructure "{_shown(leaf)}" is not'
    if not nested1:
        return None
    if check_types:
        found = _type_difference(o1, o2, expand) or _key_difference(o1, o2)
        if found is not None:
            return found
    if expand and (_is_composite_tensor(o1) or _is_composite_tensor(o2)):
        spec1, spec2 = _spec_of(o1), _spec_of(o2)
        try:
            _check_specs(spec1, spec2)
        except (TypeError, ValueError):
            return ValueError, f"Incompatible CompositeTensor TypeSpecs: {_shown(spec1)} vs. {_shown(spec2)}"
    left, right = iter(_children(o1)), iter(_children(o2))
    end = object()
    while True:
        child1, child2 = next(left, end), next(right, end)
        if child1 is end and child2 is end:
            return None
        if child1 is end or child2 is end:
            return ValueError, (
                "The two structures don't have the same number of elements. "
                f"First structure: {_shown(o1)}. Second structure: {_shown(o2)}"
            )
        found = _difference(child1, child2, check_types, expand)
        if found is not None:
            return found


def _type_difference(o1: Any, o2: Any, expand: bool) -> _Difference | None:
    type1, type2 = type(o1), type(o2)
    if type1 is type2:
        return None
    if _is_namedtuple(o1, True) and _is_namedtuple(o2, True):
        same = _same_namedtuples(o1, o2)
    else:
        same = (
            (isinstance(o1, list) and isinstance(o2, list))
            or (isinstance(o1, Mapping) and isinstance(o2, Mapping))
            # A composite against a description of one: their specs are compared instead.
            or (expand and _composite_and_spec(o1, o2))
        )
    if same:
        return None
    return TypeError, (  # TF words it so for all containers, not for namedtuples alone
        f"The two namedtuples don't have the same sequence type. First structure {_shown(o1)} has type "
        f"{_c_name(type1)}, while second structure {_shown(o2)} has type {_c_name(type2)}"
    )


def _composite_and_spec(o1: Any, o2: Any) -> bool:
    either_composite = _is_composite_tensor(o1) or _is_composite_tensor(o2)
    return either_composite and (_is_type_spec(o1) or _is_type_spec(o2))


def _key_difference(o1: Any, o2: Any) -> _Difference | None:
    if not isinstance(o1, Mapping) or (len(o1) == len(o2) and all(key in o2 for key in o1)):
        return None
    return ValueError, (
        "The two dictionaries don't have the same set of keys. First structure has keys "
        f"{_shown(list(o1.keys()))}, while second structure has keys {_shown(list(o2.keys()))}"
    )


# -- Down to the depth of another structure ------------------------------------------------------------------


def assert_shallow_structure(
    shallow_tree: Any,
    input_tree: Any,
    check_types: bool = True,
    expand_composites: bool = False,
    check_subtrees_length: bool = True,
) -> None:
    """Checks that `input_tree` has the form of `shallow_tree` as far down as that goes.

    With `check_subtrees_length=False`, a container may hold more than its counterpart.

    Raises: TypeError when a type differs or a leaf stands where a container should; ValueError when a
    length or the keys differ.
    """
    is_seq = _tester(expand_composites)
    if not is_seq(shallow_tree):
        return
    if not is_seq(input_tree):
        raise TypeError(
            f"If shallow structure is a sequence, input must also be a sequence. Input has type: {type(input_tree)}."
        )
    if check_types and not isinstance(input_tree, type(shallow_tree)):
        _check_shallow_types(shallow_tree, input_tree)
    if _is_composite_tensor(shallow_tree) or _is_composite_tensor(input_tree):
        if _registered(shallow_tree) is None or _registered(input_tree) is None:
            raise _mismatching_types(shallow_tree, input_tree)
        spec1, spec2 = _spec_of(shallow_tree), _spec_of(input_tree)
        try:
            _check_specs(spec1, spec2)
        except (TypeError, ValueError) as cause:
            raise ValueError(f"Incompatible CompositeTensor TypeSpecs: {spec1} vs. {spec2} -- {cause}") from cause
    elif _is_type_spec(shallow_tree):
        if not _is_type_spec(input_tree):
            raise TypeError(
                "If shallow structure is a TypeSpec, input must also be a TypeSpec.  "
                f"Input has type: {type(input_tree)}."
            )
    elif check_subtrees_length and len(input_tree) != len(shallow_tree):
        raise ValueError(
            "The two structures don't have the same sequence length. Input structure has length "
            f"{len(input_tree)}, while shallow structure has length {len(shallow_tree)}."
        )
    elif len(input_tree) < len(shallow_tree):
        raise ValueError(
            "The input_tree has fewer elements than the shallow_tree. Input structure has length "
            f"{len(input_tree)}, while shallow structure has length {len(shallow_tree)}."
        )
    if isinstance(shallow_tree, Mapping):
        absent = set(shallow_tree) - set(input_tree)
        if absent:
            raise ValueError(
                "The shallow_tree's keys are not a subset of the input_tree's keys. The shallow_tree has the "
                f"following keys that are not in the input_tree: {sorted(absent)}."
            )
    for shallow, branch in zip(_yield_value(shallow_tree), _yield_value(input_tree), strict=False):
        assert_shallow_structure(
            shallow,
            branch,
            check_types=check_types,
            expand_composites=expand_composites,
            check_subtrees_length=check_subtrees_length,
        )


def _check_shallow_types(shallow_tree: Any, input_tree: Any) -> None:
    if _is_namedtuple(shallow_tree) and _is_namedtuple(input_tree):
        same = _same_namedtuples(shallow_tree, input_tree)
    else:
        both_mappings = isinstance(shallow_tree, Mapping) and isinstance(input_tree, Mapping)
        same = both_mappings or _composite_and_spec(shallow_tree, input_tree)
    if not same:
        raise _mismatching_types(shallow_tree, input_tree)


def _mismatching_types(shallow_tree: Any, input_tree: Any) -> TypeError:
    return TypeError(
        "The two structures don't have the same sequence type. Input structure has type "
        f"{type(input_tree)}, while shallow structure has type {type(shallow_tree)}."
    )


def _yield_flat_up_to(
    shallow_tree: Any, input_tree: Any, is_seq: Callable[[Any], bool], path: tuple[Any, ...] = ()
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """(path, part of input_tree) for each leaf of shallow_tree."""
    if not is_seq(shallow_tree):
        yield path, input_tree
        return
    parts = dict(_yield_sorted_items(input_tree))
    for key, shallow in _yield_sorted_items(shallow_tree):
        yield from _yield_flat_up_to(shallow, parts[key], is_seq, (*path, key))


def yield_flattened_up_to(shallow_tree: Any, input_tree: Any, expand_composites: bool = False) -> Iterator[Any]:
    """The parts of `input_tree` that stand where `shallow_tree` has leaves, without checks."""
    for _, part in _yield_flat_up_to(shallow_tree, input_tree, _tester(expand_composites)):
        yield part


def flatten_with_tuple_paths_up_to(
    shallow_tree: Any,
    input_tree: Any,
    check_types: bool = True,
    expand_composites: bool = False,
    check_subtrees_length: bool = True,
) -> list[tuple[tuple[Any, ...], Any]]:
    """As `flatten_up_to`, each part with its path (a tuple of keys, field names and indices)."""
    assert_shallow_structure(shallow_tree, input_tree, check_types, expand_composites, check_subtrees_length)
    return list(_yield_flat_up_to(shallow_tree, input_tree, _tester(expand_composites)))


def flatten_up_to(
    shallow_tree: Any,
    input_tree: Any,
    check_types: bool = True,
    expand_composites: bool = False,
    check_subtrees_length: bool = True,
) -> list[Any]:
    """The parts of `input_tree` that stand where `shallow_tree` has leaves.

    Raises: as `assert_shallow_structure`.
    """
    pairs = flatten_with_tuple_paths_up_to(
        shallow_tree, input_tree, check_types, expand_composites, check_subtrees_length
    )
    return [part for _, part in pairs]


def map_structure_with_tuple_paths_up_to(
    shallow_tree: Any, func: Callable[..., Any], *inputs: Any, **kwargs: Any
) -> Any:
    """`func(path, *parts)` over the parts of each input, in the form of `shallow_tree`.

    Takes check_types, expand_composites and check_subtrees_length; other keywords go to `func`.

    Raises: ValueError without inputs; else as `assert_shallow_structure`.
    """
    if not inputs:
        raise ValueError("Cannot map over no sequences")
    check_types = kwargs.pop("check_types", True)
    expand_composites = kwargs.pop("expand_composites", False)
    check_subtrees_length = kwargs.pop("check_subtrees_length", True)
    parts = [
        flatten_with_tuple_paths_up_to(shallow_tree, tree, check_types, expand_composites, check_subtrees_length)
        for tree in inputs
    ]
    results = [func(row[0][0], *[part for _, part in row], **kwargs) for row in zip(*parts, strict=True)]
    return pack_sequence_as(shallow_tree, results, expand_composites=expand_composites)


def map_structure_up_to(shallow_tree: Any, func: Callable[..., Any], *inputs: Any, **kwargs: Any) -> Any:
    """As `map_structure`, but `func` gets whatever stands where `shallow_tree` has leaves."""
    return map_structure_with_tuple_paths_up_to(shallow_tree, lambda _, *parts: func(*parts), *inputs, **kwargs)


def map_structure_with_tuple_paths(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """As `map_structure`; `func` gets each leaf's path first, as a tuple."""
    return map_structure_with_tuple_paths_up_to(structure[0], func, *structure, **kwargs)


def map_structure_with_paths(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """As `map_structure`; `func` gets each leaf's path first, as a string joined by '/'."""

    def with_string(path: tuple[Any, ...], *leaves: Any, **more: Any) -> Any:
        return func("/".join(str(key) for key in path), *leaves, **more)

    return map_structure_with_tuple_paths_up_to(structure[0], with_string, *structure, **kwargs)


def yield_flat_paths(nest: Any, expand_composites: bool = False) -> Iterator[tuple[Any, ...]]:
    """The path of each leaf, in the order of `flatten`."""
    for path, _ in _yield_flat_up_to(nest, nest, _tester(expand_composites)):
        yield path


def flatten_with_tuple_paths(structure: Any, expand_composites: bool = False) -> list[tuple[tuple[Any, ...], Any]]:
    """(path, leaf) for each leaf, the path as a tuple."""
    return list(_yield_flat_up_to(structure, structure, _tester(expand_composites)))


def flatten_with_joined_string_paths(
    structure: Any, separator: str = "/", expand_composites: bool = False
) -> list[tuple[str, Any]]:
    """(path, leaf) for each leaf, the path as a string joined by `separator`."""
    pairs = flatten_with_tuple_paths(structure, expand_composites)
    return [(separator.join(str(key) for key in path), leaf) for path, leaf in pairs]


def get_traverse_shallow_structure(
    traverse_fn: Callable[[Any], Any], structure: Any, expand_composites: bool = False
) -> Any:
    """The upper part of `structure` that `traverse_fn` wants walked, with a bool for each leaf.

    `traverse_fn` is asked about every part it lets the walk reach: True walks on, False stops, and a
    structure of bools one level deep answers for each child.

    Raises: TypeError when it answers anything else.
    """
    is_seq = _tester(expand_composites)
    answer = traverse_fn(structure)
    if not is_seq(structure):
        if not isinstance(answer, bool):
            raise TypeError(f"traverse_fn returned structure: {answer} for non-structure: {structure}")
        return answer
    if answer is False:
        return False
    children = list(_yield_value(structure))
    if answer is True:
        wanted = [True] * len(children)
    elif is_seq(answer):
        assert_shallow_structure(answer, structure, expand_composites=expand_composites)
        wanted = list(_yield_value(answer))
        if not all(isinstance(want, bool) for want in wanted):
            raise TypeError(
                f"traverse_fn didn't return a depth=1 structure of bools.  saw: {answer}  for structure: {structure}"
            )
    else:
        raise TypeError(f"traverse_fn returned a non-bool scalar: {answer} for input: {structure}")
    level = [
        get_traverse_shallow_structure(traverse_fn, child, expand_composites) if want else False
        for want, child in zip(wanted, children, strict=False)
    ]
    return _sequence_like(structure, level)


# --- public names ----------------------------------------------------------------------------------------------

for _public in (assert_same_structure, flatten, is_nested, map_structure, pack_sequence_as):
    export(f"nest.{_public.__name__}", v2=(f"nest.{_public.__name__}",))(_public)
