"""Optionals: values that may be missing.

Source: TF 1.15, python/data/ops/optional_ops.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.data import iterator_ops, structure
from tfcompat.framework import dtypes, nest
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.framework.type_spec import TypeSpec


@export("data.experimental.Optional", v2=("data.experimental.Optional",))
class Optional:
    """A value of a known structure, or nothing; which it is shows in the run."""

    def has_value(self, name: str | None = None) -> Any:
        """Whether there is a value: a scalar bool."""
        raise NotImplementedError("Optional.has_value()")

    def get_value(self, name: str | None = None) -> Any:
        """The value. InvalidArgumentError in the run where there is none."""
        raise NotImplementedError("Optional.get_value()")

    @property
    def value_structure(self) -> Any:
        """The structure of the value."""
        raise NotImplementedError("Optional.value_structure")

    @staticmethod
    def from_value(value: Any) -> Optional:
        """An optional that has the value."""
        with name_scope("optional") as scope, name_scope("value"):
            spec = structure.spec_of(value)
            parts = structure.to_tensors(spec, value)
        return OptionalOfTensors(iterator_ops.optional_from_value_op(parts, name=scope), spec)

    @staticmethod
    def none_from_structure(value_structure: Any) -> Optional:
        """An optional without a value of that structure."""
        return OptionalOfTensors(iterator_ops.optional_none_op(), value_structure)


class OptionalOfTensors(Optional):
    """An optional by its node."""

    def __init__(self, variant_tensor: Any, value_structure: Any) -> None:
        self._variant_tensor = variant_tensor
        self._value_structure = value_structure

    def has_value(self, name: str | None = None) -> Any:
        return iterator_ops.optional_has_value_op(self._variant_tensor, name=name)

    def get_value(self, name: str | None = None) -> Any:
        with name_scope(name, "OptionalGetValue", [self._variant_tensor]) as scope:
            flat = iterator_ops.optional_get_value_op(
                self._variant_tensor, name=scope, **structure.flat_attrs(self._value_structure)
            )
            return structure.from_tensors(self._value_structure, flat)

    @property
    def value_structure(self) -> Any:
        return self._value_structure

    @property
    def _type_spec(self) -> OptionalSpec:
        return OptionalSpec.from_value(self)


@export("OptionalSpec", "data.experimental.OptionalStructure", v2=("OptionalSpec",))
class OptionalSpec(TypeSpec):
    """What is known of an optional: the structure of its value."""

    __slots__ = ("_value_structure",)

    def __init__(self, value_structure: Any) -> None:
        self._value_structure = value_structure

    @property
    def value_type(self) -> Any:
        return OptionalOfTensors

    def _serialize(self) -> tuple[Any, ...]:
        return (self._value_structure,)

    @property
    def _component_specs(self) -> Any:
        return [TensorSpec((), dtypes.variant)]

    def _to_components(self, value: Any) -> Any:
        return [value._variant_tensor]

    def _from_components(self, components: Any) -> Any:
        return OptionalOfTensors(components[0], self._value_structure)

    @staticmethod
    def from_value(value: Any) -> OptionalSpec:
        """The spec of an optional."""
        return OptionalSpec(value.value_structure)

    def _to_legacy_output_types(self) -> Any:
        return self

    def _to_legacy_output_shapes(self) -> Any:
        return self

    def _to_legacy_output_classes(self) -> Any:
        return self


nest.register_composite(
    OptionalOfTensors, lambda o: [o._variant_tensor], lambda o, parts: OptionalOfTensors(parts[0], o.value_structure)
)
