"""Outputs and variables put into collections on a layer's behalf. Source: TF 1.15, contrib/layers/python/layers/utils.py."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from tfcompat.framework import stacks
from tfcompat.framework.export import export
from tfcompat.ops.variable_parts import PartitionedVariable


@export("contrib.slim.utils.append_tensor_alias")
def append_tensor_alias(tensor: Any, alias: str) -> Any:
    """Adds another name to `tensor.aliases`."""
    alias = alias.removesuffix("/")
    tensor.aliases = [*getattr(tensor, "aliases", []), alias]
    return tensor


@export("contrib.slim.utils.collect_named_outputs")
def collect_named_outputs(collections: Any, alias: str, outputs: Any) -> Any:
    """Puts `outputs` into the collection or collections (if any) under the name `alias`; returns them."""
    if collections:
        append_tensor_alias(outputs, alias)
        stacks.get_default_graph().add_to_collections(collections, outputs)
    return outputs


@export("contrib.slim.utils.get_tensor_aliases")
def get_tensor_aliases(tensor: Any) -> list[str]:
    """The names given to a tensor, or else its own."""
    own = tensor.op.name if tensor.name.endswith(":0") else tensor.name
    return getattr(tensor, "aliases", None) or [own]


@export("contrib.slim.utils.gather_tensors_aliases")
def gather_tensors_aliases(tensors: Any) -> list[str]:
    """The names of several tensors, in order."""
    return [alias for tensor in tensors for alias in get_tensor_aliases(tensor)]


@export("contrib.slim.utils.convert_collection_to_dict")
def convert_collection_to_dict(collection: str, clear_collection: bool = False) -> OrderedDict[str, Any]:
    """Name -> tensor for a collection, which is emptied if asked to."""
    graph = stacks.get_default_graph()
    tensors = graph.get_collection(collection)
    if clear_collection:
        graph.clear_collection(collection)
    return OrderedDict((alias, tensor) for tensor in tensors for alias in get_tensor_aliases(tensor))


@export("contrib.slim.utils.get_variable_collections")
def get_variable_collections(variables_collections: Any, name: str) -> Any:
    """The collections for the variable `name`: looked up in a dict, otherwise the same for all."""
    if isinstance(variables_collections, dict):
        return variables_collections.get(name)
    return variables_collections


def add_variable(variable: Any, variables_collections: Any, name: str) -> None:
    """Puts a layer's variable into its collections, once."""
    graph = stacks.get_default_graph()
    parts = list(variable) if isinstance(variable, PartitionedVariable) else [variable]
    for collection in get_variable_collections(variables_collections, name) or []:
        for part in parts:
            if all(part is not other for other in graph.get_collection(collection)):
                graph.add_to_collection(collection, part)
