"""Elements as structures of TypeSpecs, and as flat lists of tensors.

Source: TF 1.15, python/data/util/structure.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.data import nest
from tfcompat.framework import conversion
from tfcompat.framework import nest as core_nest
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.framework.type_spec import TypeSpec, known_type_spec
from tfcompat.ops.sparse_serialize import SparseTensorSpec


@export("data.experimental.TensorStructure")
def _TensorStructure(dtype: Any, shape: Any) -> TensorSpec:
    """A TensorSpec, by its name of earlier days."""
    return TensorSpec(shape, dtype)


@export("data.experimental.SparseTensorStructure")
def _SparseTensorStructure(dtype: Any, shape: Any) -> SparseTensorSpec:
    """A SparseTensorSpec, by its name of earlier days."""
    return SparseTensorSpec(shape, dtype)


def spec_of(element: Any) -> Any:
    """The structure of specs of an element; what is no tensor yet is described as the tensor it converts to.

    Raises: TypeError when something in it cannot be converted.
    """
    known = known_type_spec(element)
    if known is not None:
        return known
    if isinstance(element, dict):
        made = element.copy()
        for k in element:
            made[k] = spec_of(element[k])
        return made
    if isinstance(element, tuple):
        parts = [spec_of(v) for v in element]
        return type(element)(*parts) if core_nest._is_namedtuple(element) else tuple(parts)
    if hasattr(type(element), "__attrs_attrs__"):
        return type(element)(*[spec_of(getattr(element, a.name)) for a in type(element).__attrs_attrs__])
    try:
        return known_type_spec(conversion.convert_to_tensor(element))
    except (ValueError, TypeError):
        raise TypeError(f"Could not build a TypeSpec for {element!r} with type {type(element).__name__}") from None


def normalize_element(element: Any) -> Any:
    """The element with every component a tensor (or an object made of tensors)."""
    made: list[Any] = []
    with name_scope("normalize_element"):
        for i, part in enumerate(nest.flatten(element)):
            spec = known_type_spec(part)
            if isinstance(spec, SparseTensorSpec):
                made.append(SparseTensor.from_value(part))
            elif spec is None or isinstance(spec, TensorSpec):
                made.append(conversion.convert_to_tensor(part, name=f"component_{i}"))
            else:
                made.append(part)
    return nest.pack_sequence_as(element, made)


def from_legacy(output_types: Any, output_shapes: Any, output_classes: Any) -> Any:
    """The structure of specs that three structures (types, shapes, classes) describe.

    Raises: TypeError for a class that cannot be an element's component.
    """
    specs: list[Any] = []
    rows = zip(nest.flatten(output_types), nest.flatten(output_shapes), nest.flatten(output_classes), strict=False)
    for dtype, shape, kind in rows:
        if isinstance(kind, TypeSpec):
            specs.append(kind)
        elif issubclass(kind, SparseTensor):
            specs.append(SparseTensorSpec(shape, dtype))
        elif issubclass(kind, Tensor):
            specs.append(TensorSpec(shape, dtype))
        else:
            raise TypeError(f"Could not build a structure for output class {kind!r}")
    return nest.pack_sequence_as(output_classes, specs)


def legacy_types(spec: Any) -> Any:
    return nest.map_structure(lambda s: s._to_legacy_output_types(), spec)


def legacy_shapes(spec: Any) -> Any:
    return nest.map_structure(lambda s: s._to_legacy_output_shapes(), spec)


def legacy_classes(spec: Any) -> Any:
    return nest.map_structure(lambda s: s._to_legacy_output_classes(), spec)


def flat_specs(spec: Any) -> list[Any]:
    return [flat for s in nest.flatten(spec) for flat in s._flat_tensor_specs]


def flat_shapes(spec: Any) -> list[Any]:
    return [s.shape for s in flat_specs(spec)]


def flat_types(spec: Any) -> list[Any]:
    return [s.dtype for s in flat_specs(spec)]


def flat_attrs(spec: Any) -> dict[str, Any]:
    """The attrs that every dataset node has."""
    flat = flat_specs(spec)
    return {"output_types": [s.dtype for s in flat], "output_shapes": [s.shape for s in flat]}


def _from_tensors(spec: Any, tensors: Any, method: str) -> Any:
    tensors = list(tensors)
    parts = nest.flatten(spec)
    counts = [len(s._flat_tensor_specs) for s in parts]
    if sum(counts) != len(tensors):
        raise ValueError(f"Expected {sum(counts)} tensors but got {len(tensors)}.")
    made, at = [], 0
    for s, n in zip(parts, counts, strict=True):
        made.append(getattr(s, method)(tensors[at : at + n]))
        at += n
    return nest.pack_sequence_as(spec, made)


def from_compatible_tensors(spec: Any, tensors: Any) -> Any:
    """The element made of tensors that are known to fit. Raises ValueError when their number does not."""
    return _from_tensors(spec, tensors, "_from_compatible_tensor_list")


def from_tensors(spec: Any, tensors: Any) -> Any:
    """The element made of tensors. Raises ValueError where they do not fit."""
    return _from_tensors(spec, tensors, "_from_tensor_list")


def _to_tensors(spec: Any, element: Any, method: str) -> list[Any]:
    nest.assert_same_structure(spec, element)
    pairs = zip(nest.flatten(spec), nest.flatten(element), strict=True)
    return [t for s, part in pairs for t in getattr(s, method)(part)]


def to_tensors(spec: Any, element: Any) -> list[Any]:
    """The tensors that an element comes apart into."""
    return _to_tensors(spec, element, "_to_tensor_list")


def to_batched_tensors(spec: Any, element: Any) -> list[Any]:
    """The tensors of an element whose first dimension counts elements."""
    return _to_tensors(spec, element, "_to_batched_tensor_list")


def are_compatible(spec1: Any, spec2: Any) -> bool:
    """Whether two structures of specs describe values in common."""
    try:
        nest.assert_same_structure(spec1, spec2)
    except (TypeError, ValueError):
        return False
    pairs = zip(nest.flatten(spec1), nest.flatten(spec2), strict=True)
    return all(a.is_compatible_with(b) and b.is_compatible_with(a) for a, b in pairs)
