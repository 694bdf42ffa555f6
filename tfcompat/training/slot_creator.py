"""Slots: variables that an optimizer keeps beside a variable, named and placed after it.

Source: TF 1.15, python/training/slot_creator.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from tfcompat.framework import stacks
from tfcompat.ops import initializers, shapes, variable_scope
from tfcompat.ops.variable_base import SaveSliceInfo, Variable
from tfcompat.ops.variable_ref import RefVariable
from tfcompat.ops.variable_resource import BaseResourceVariable


def _create_slot_var(primary: Any, val: Any, scope: str, validate_shape: bool, shape: Any, dtype: Any) -> Any:
    """The variable itself, never partitioned; of the primary's kind and with its part of a larger tensor."""
    current = variable_scope.get_variable_scope()
    partitioner = current.partitioner
    current.set_partitioner(None)
    use_resource = None
    if isinstance(primary, BaseResourceVariable):
        use_resource = True
    elif isinstance(primary, RefVariable):
        use_resource = False
    slot = variable_scope.get_variable(
        scope,
        initializer=val,
        trainable=False,
        use_resource=use_resource,
        shape=shape if callable(val) else None,
        dtype=dtype,
        validate_shape=validate_shape,
    )
    variable_scope.get_variable_scope().set_partitioner(partitioner)
    if isinstance(primary, Variable) and primary._save_slice_info:
        part = primary._save_slice_info
        own_name = slot.name[len(primary.op.name + "/") : -2]
        slot._set_save_slice_info(
            SaveSliceInfo(f"{part.full_name}/{own_name}", part.full_shape[:], part.var_offset[:], part.var_shape[:])
        )
    return slot


def _in_scope(primary: Any, name: str, colocate: bool, make: Callable[[], Any]) -> Any:
    """`make()` under the primary's name, made unique, and on its device."""
    with variable_scope.variable_scope(None, f"{primary.op.name}/{name}"):
        beside = stacks.get_default_graph().colocate_with(primary) if colocate else contextlib.nullcontext()
        with beside:
            return make()


def create_slot(primary: Any, val: Any, name: str, colocate_with_primary: bool = True) -> Any:
    """A slot of `primary` that starts with the tensor `val`."""
    validate_shape = val.get_shape().is_fully_defined()
    return _in_scope(
        primary,
        name,
        colocate_with_primary,
        lambda: _create_slot_var(primary, val, "", validate_shape, None, None),
    )


def create_slot_with_initializer(
    primary: Any, initializer: Any, shape: Any, dtype: Any, name: str, colocate_with_primary: bool = True
) -> Any:
    """A slot of `primary` that starts with what `initializer` gives for `shape` and `dtype`."""
    validate_shape = shape.is_fully_defined()
    return _in_scope(
        primary,
        name,
        colocate_with_primary,
        lambda: _create_slot_var(primary, initializer, "", validate_shape, shape, dtype),
    )


def create_zeros_slot(primary: Any, name: str, dtype: Any = None, colocate_with_primary: bool = True) -> Any:
    """A slot of `primary` that starts with zeros of its shape."""
    if dtype is None:
        dtype = primary.dtype
    shape = primary.get_shape()
    if shape.is_fully_defined():
        return create_slot_with_initializer(primary, initializers.Zeros(), shape, dtype, name, colocate_with_primary)
    source = primary.initialized_value() if isinstance(primary, Variable) else primary
    val = shapes.zeros(shapes.shape(source), dtype=dtype)
    return create_slot(primary, val, name, colocate_with_primary)
