"""Objects that tf.train.Checkpoint can save: which objects they consist of, under which names.

Source: TF 1.15, python/training/tracking/base.py, tracking.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class TrackableReference(NamedTuple):
    """One object that another consists of."""

    name: str
    ref: Any


class Trackable:
    """Base class of objects that name the objects they consist of."""

    @property
    def _own_references(self) -> dict[str, Any]:
        return self.__dict__.setdefault("_trackable_references", {})  # type: ignore[no-any-return]

    @property
    def _checkpoint_dependencies(self) -> list[TrackableReference]:
        """The objects this one consists of, in order."""
        return [TrackableReference(name, ref) for name, ref in self._own_references.items()]

    def _lookup_dependency(self, name: str) -> Any:
        """The object of that name, or None."""
        return next((r.ref for r in self._checkpoint_dependencies if r.name == name), None)

    def _track_trackable(self, trackable: Any, name: str, overwrite: bool = False) -> Any:
        """Adds an object under a name. Raises ValueError when the name is taken by another one."""
        known = self._own_references.get(name)
        if known is not None and known is not trackable and not overwrite:
            raise ValueError(
                f"Called Trackable._track_trackable() with name='{name}', but a Trackable with this name is already "
                "declared as a dependency. Names must be unique (or overwrite=True)."
            )
        self._own_references[name] = trackable
        return trackable

    def _gather_saveables_for_checkpoint(self) -> dict[str, Any]:
        """State of its own: attribute names to saveables, or to functions of a name that make them."""
        return {}


class AutoTrackable(Trackable):
    """An object that consists of what is assigned to its attributes."""

    def __setattr__(self, name: str, value: Any) -> None:
        if is_trackable(value):
            self._own_references[name] = value
        else:
            self._own_references.pop(name, None)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._own_references.pop(name, None)
        super().__delattr__(name)


def _is_layer(value: Any) -> bool:
    return hasattr(type(value), "trainable_weights") and hasattr(type(value), "get_config")


def is_trackable(value: Any) -> bool:
    """Whether a checkpoint can hold `value`: a variable, optimizer, layer, or a container."""
    return (
        isinstance(value, (Trackable, list, dict, tuple))
        or hasattr(type(value), "_checkpoint_dependencies")
        or _is_layer(value)
    )


def dependencies(value: Any) -> list[TrackableReference]:
    """The objects that `value` consists of; of a container or layer, those parts that a checkpoint can hold."""
    items: Any
    if isinstance(value, dict):
        items = [(k, v) for k, v in value.items() if isinstance(k, str)]
    elif isinstance(value, (list, tuple)):
        items = [(str(i), v) for i, v in enumerate(value)]
    elif hasattr(value, "_checkpoint_dependencies"):
        return list(value._checkpoint_dependencies)
    else:
        items = [(k, v) for k, v in vars(value).items() if not k.startswith("_")]
    return [TrackableReference(k, v) for k, v in items if is_trackable(v) and not _is_plain(v)]


def _is_plain(value: Any) -> bool:
    """A container without anything in it that a checkpoint can hold: an ordinary setting of a layer."""
    return isinstance(value, (list, dict, tuple)) and not dependencies(value)
