"""The objects under a root, numbered and named as object-based checkpoints number and name them.

Source: TF 1.15, python/training/tracking/graph_view.py.
"""

from __future__ import annotations

import collections
from typing import Any, NamedTuple

from tfcompat.framework import protos
from tfcompat.framework.trackable import dependencies
from tfcompat.ops.variable_base import Variable
from tfcompat.training.saveable import SaveableObject, saveable_objects_for_op

VARIABLE_VALUE_KEY = "VARIABLE_VALUE"
OBJECT_GRAPH_PROTO_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
_ESCAPE = "."
_ATTRIBUTES = ".ATTRIBUTES"
_SLOTS = ".OPTIMIZER_SLOT"


class Slot(NamedTuple):
    """A slot variable: what an optimizer keeps for another variable."""

    optimizer: Any
    original: Any
    name: str
    variable: Any


def _escaped(name: str) -> str:
    return name.replace(_ESCAPE, _ESCAPE + _ESCAPE).replace("/", _ESCAPE + "S")


def attributes_of(value: Any) -> dict[str, Any]:
    """The state an object has itself: attribute names to a variable, a saveable, or a function of a name."""
    if isinstance(value, Variable):
        return {VARIABLE_VALUE_KEY: value}
    gather = getattr(value, "_gather_saveables_for_checkpoint", None)
    return gather() if gather is not None else {}


def saveables_of(attribute: Any, key: str) -> list[SaveableObject]:
    """The saveable objects of one attribute, under its key in the checkpoint."""
    return list(saveable_objects_for_op(attribute(key) if callable(attribute) else attribute, key))


def slots_of(objects: list[Any]) -> list[Slot]:
    """The slots that optimizers among the objects keep for variables among them."""
    found = []
    for optimizer in objects:
        if not hasattr(optimizer, "get_slot_names"):
            continue
        for name in optimizer.get_slot_names():
            for original in objects:
                if isinstance(original, Variable):
                    slot = optimizer.get_slot(original, name)
                    if slot is not None:
                        found.append(Slot(optimizer, original, name, slot))
    return found


class ObjectGraph:
    """All objects that `root` consists of, nearest first, and the slots of its optimizers."""

    def __init__(self, root: Any) -> None:
        self.objects: list[Any] = []
        self.number: dict[int, int] = {}
        self._path: dict[int, str] = {id(root): ""}
        self._children: list[list[tuple[str, Any]]] = []
        queue = collections.deque([root])
        while queue:
            current = queue.popleft()
            self.number[id(current)] = len(self.objects)
            self.objects.append(current)
            children = [(r.name, r.ref) for r in dependencies(current)]
            self._children.append(children)
            for name, child in children:
                if id(child) not in self._path:
                    above = self._path[id(current)]
                    self._path[id(child)] = f"{above}/{_escaped(name)}" if above else _escaped(name)
                    queue.append(child)
        self.slots = slots_of(self.objects)

    def all_objects(self) -> list[Any]:
        """The objects and the slot variables."""
        return [*self.objects, *(slot.variable for slot in self.slots)]

    def serialize(self) -> tuple[Any, list[tuple[str, Any]]]:
        """The message that describes the objects, and (key, attribute) of all their state."""
        message = protos.TrackableObjectGraph()
        state: list[tuple[str, Any]] = []
        for value, children in zip(self.objects, self._children, strict=True):
            node = message.nodes.add()
            for name, child in children:
                node.children.add(node_id=self.number[id(child)], local_name=name)
            self._add_attributes(node, value, self._path[id(value)], state)
        for slot in self.slots:
            path = "/".join(
                (self._path[id(slot.original)], _SLOTS, self._path[id(slot.optimizer)], _escaped(slot.name))
            )
            message.nodes[self.number[id(slot.optimizer)]].slot_variables.add(
                original_variable_node_id=self.number[id(slot.original)],
                slot_name=slot.name,
                slot_variable_node_id=len(message.nodes),
            )
            self._add_attributes(message.nodes.add(), slot.variable, path, state)
        return message, state

    def _add_attributes(self, node: Any, value: Any, path: str, state: list[tuple[str, Any]]) -> None:
        for name, attribute in attributes_of(value).items():
            key = f"{path}/{_ATTRIBUTES}/{_escaped(name)}"
            full_name = value.op.name if isinstance(value, Variable) else ""
            node.attributes.add(name=name, full_name=full_name, checkpoint_key=key)
            state.append((key, attribute))
