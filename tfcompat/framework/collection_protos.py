"""How the items of a collection become messages and back: what MetaGraph files store.

Source: TF 1.15, python/framework/ops.py, register_proto_function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class CollectionProtos(NamedTuple):
    """The message type of a collection (a function that gives it, so that messages load late), and both conversions."""

    proto_type: Callable[[], Any] | None
    to_proto: Callable[..., Any] | None
    from_proto: Callable[..., Any] | None


_NONE = CollectionProtos(None, None, None)
_REGISTERED: dict[str, CollectionProtos] = {}


def register_proto_function(
    collection_name: str, proto_type: Any = None, to_proto: Any = None, from_proto: Any = None
) -> None:
    """Declares the message type of a collection and the functions between items and messages.

    Raises: TypeError for a conversion that is no function; KeyError when the collection has an entry already.
    """
    if to_proto is not None and not callable(to_proto):
        raise TypeError("to_proto must be callable.")
    if from_proto is not None and not callable(from_proto):
        raise TypeError("from_proto must be callable.")
    if collection_name in _REGISTERED:
        raise KeyError(
            f"Registering two proto_functions with name '{collection_name}'! (Previous registration was in "
            "register_proto_function tfcompat)"
        )
    late = proto_type if proto_type is None or not isinstance(proto_type, type) else lambda: proto_type
    _REGISTERED[collection_name] = CollectionProtos(late, to_proto, from_proto)


def get_collection_proto_type(collection_name: str) -> Any:
    """The message type of the collection's items; None where none is registered."""
    make = _REGISTERED.get(collection_name, _NONE).proto_type
    return None if make is None else make()


def get_to_proto_function(collection_name: str) -> Any:
    """From an item to its message, or None."""
    return _REGISTERED.get(collection_name, _NONE).to_proto


def get_from_proto_function(collection_name: str) -> Any:
    """From a message to the item it stands for, or None."""
    return _REGISTERED.get(collection_name, _NONE).from_proto
