"""Resources other than variables that must be created before a session is ready to train.

Source: TF 1.15, python/ops/resources.py.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Sequence
from typing import Any

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, comparison, control, selecting
from tfcompat.ops.constants import constant
from tfcompat.ops.identity import no_op

_Resource = collections.namedtuple("_Resource", ["handle", "create", "is_initialized"])


def register_resource(handle: Any, create_op: Any, is_initialized_op: Any, is_shared: bool = True) -> None:
    """Adds a resource to those that training waits for."""
    key = GraphKeys.RESOURCES if is_shared else GraphKeys.LOCAL_RESOURCES
    stacks.get_default_graph().add_to_collection(key, _Resource(handle, create_op, is_initialized_op))


def shared_resources() -> list[Any]:
    """The resources of the default graph that all workers share."""
    return stacks.get_default_graph().get_collection(GraphKeys.RESOURCES)


def local_resources() -> list[Any]:
    """The resources of the default graph that each worker has for itself."""
    return stacks.get_default_graph().get_collection(GraphKeys.LOCAL_RESOURCES)


def report_uninitialized_resources(
    resource_list: Sequence[Any] | None = None, name: str = "report_uninitialized_resources"
) -> Tensor:
    """The names of those resources that are not there yet, as a string vector."""
    if resource_list is None:
        resource_list = shared_resources() + local_resources()
    device = os.environ.get("TF_DEVICE_FOR_UNINITIALIZED_VARIABLE_REPORTING", "/cpu:0")
    with name_scope(name), stacks.get_default_graph().device(device):
        if not resource_list:
            return constant([], dtype=dtypes.string)
        missing = comparison.logical_not(arrays.stack([r.is_initialized for r in resource_list]))
        names = constant([r.handle.name for r in resource_list])
        return selecting.boolean_mask(names, missing)


def initialize_resources(resource_list: Sequence[Any], name: str = "init") -> Operation:
    """The operation that creates the resources."""
    if resource_list:
        return control.group(*[r.create for r in resource_list], name=name)
    return no_op(name=name)  # type: ignore[no-any-return]


@export("tables_initializer", "initializers.tables_initializer")
def tables_initializer(name: str = "init_all_tables") -> Operation:
    """The operation that initialises all lookup tables of the default graph."""
    initializers = stacks.get_default_graph().get_collection(GraphKeys.TABLE_INITIALIZERS)
    return control.group(*initializers, name=name) if initializers else no_op(name=name)  # type: ignore[no-any-return]


@export("initialize_all_tables")
def initialize_all_tables(name: str = "init_all_tables") -> Operation:
    """The old name of `tables_initializer`."""
    return tables_initializer(name)
