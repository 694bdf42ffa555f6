"""tf.train.Checkpoint: saves variables by the objects they belong to, not by their names.

Source: TF 1.15, python/training/tracking/util.py.
"""

from __future__ import annotations

import collections
import os
from typing import Any

from tfcompat.framework import dtypes, errors, protos, stacks, tf_logging
from tfcompat.framework.compat_strings import as_str
from tfcompat.framework.export import export
from tfcompat.framework.trackable import AutoTrackable, dependencies, is_trackable
from tfcompat.io import checkpoint_state
from tfcompat.io.checkpoint_reader import NewCheckpointReader
from tfcompat.io.save_restore_ops import restore_v2_op, save_v2_op
from tfcompat.ops.constants import constant
from tfcompat.ops.identity import identity
from tfcompat.ops.variable_base import Variable, VariableV1
from tfcompat.platform import gfile
from tfcompat.training.object_graph import (
    OBJECT_GRAPH_PROTO_KEY,
    ObjectGraph,
    attributes_of,
    saveables_of,
)
from tfcompat.training.saver import Saver


def _session(given: Any = None) -> Any:
    found = given if given is not None else stacks.get_default_session()
    if found is None:
        raise RuntimeError("tf.train.Checkpoint needs a session: pass one, or make one the default")
    return found


# --- what came of a restore ------------------------------------------------------------------------------------


class _LoadStatus:
    """The result of `Checkpoint.restore`: runs the restore, and says what it covers."""

    def assert_consumed(self) -> Any:
        """Raises AssertionError unless everything in the checkpoint has an object, and every object its values."""
        raise NotImplementedError

    def assert_existing_objects_matched(self) -> Any:
        """Raises AssertionError when an object has no values in the checkpoint."""
        raise NotImplementedError

    def assert_nontrivial_match(self) -> Any:
        """Raises AssertionError when nothing but the root was found."""
        raise NotImplementedError

    def run_restore_ops(self, session: Any = None) -> None:
        """Gives the variables their values."""
        raise NotImplementedError

    def initialize_or_restore(self, session: Any = None) -> None:
        """Gives the variables their values, and initialises those that are not in the checkpoint."""
        raise NotImplementedError

    def expect_partial(self) -> Any:
        """Says that a part of the checkpoint is not needed."""
        return self


class CheckpointLoadStatus(_LoadStatus):
    """The restore of an object-based checkpoint; objects that come later are found when it is run."""

    def __init__(self, root: Any, message: Any, save_path: str) -> None:
        self._root = root
        self._message = message
        self._save_path = save_path
        self._path_tensor = _fed_text("model")
        self._matched: dict[int, Any] = {}
        self._restored: set[int] = set()
        self._restore_ops: list[Any] = []
        self._match()

    def _match(self) -> None:
        """Finds the objects that the checkpoint's nodes stand for, by their names, and adds what restores them."""
        self._matched = {0: self._root}
        queue = collections.deque([0])
        while queue:
            number = queue.popleft()
            children = {r.name: r.ref for r in dependencies(self._matched[number])}
            for child in self._message.nodes[number].children:
                found = children.get(child.local_name)
                if found is None:
                    continue
                known = self._matched.get(child.node_id)
                if known is None:
                    self._matched[child.node_id] = found
                    queue.append(child.node_id)
                elif known is not found:
                    tf_logging.warning(
                        "Inconsistent references when loading the checkpoint into this object graph. Either the "
                        "Trackable object references in the Python program have changed in an incompatible way, or "
                        "the checkpoint was generated in an incompatible program.\n\nTwo checkpoint references "
                        "resolved to different objects (%s and %s).",
                        known,
                        found,
                    )
        self._match_slots()
        self._add_restore_ops()

    def _match_slots(self) -> None:
        for number, optimizer in list(self._matched.items()):
            for slot in self._message.nodes[number].slot_variables:
                original = self._matched.get(slot.original_variable_node_id)
                if original is not None and hasattr(optimizer, "get_slot"):
                    found = optimizer.get_slot(original, slot.slot_name)
                    if found is not None:
                        self._matched[slot.slot_variable_node_id] = found

    def _add_restore_ops(self) -> None:
        keys, saveables = [], []
        for number, value in self._matched.items():
            if number in self._restored:
                continue
            own = attributes_of(value)
            for attribute in self._message.nodes[number].attributes:
                if attribute.name in own:
                    self._restored.add(number)
                    for saveable in saveables_of(own[attribute.name], attribute.checkpoint_key):
                        saveables.append(saveable)
                        keys.extend(saveable.specs)
        if not keys:
            return
        with stacks.get_default_graph().device("/cpu:0"):
            values = restore_v2_op(
                self._path_tensor,
                [spec.name for spec in keys],
                [spec.slice_spec for spec in keys],
                dtypes=[spec.dtype.base_dtype for spec in keys],
            )
        at = 0
        for saveable in saveables:
            count = len(saveable.specs)
            self._restore_ops.append(saveable.restore(values[at : at + count], None))
            at += count

    # --- asserts ---

    def _unmatched_objects(self) -> list[Any]:
        # A checkpoint of `write` has no counter.
        matched = {id(v) for v in (*self._matched.values(), getattr(self._root, "_counter", None))}
        return [
            v
            for v in ObjectGraph(self._root).all_objects()
            if id(v) not in matched and not (isinstance(v, (list, dict, tuple)) and not dependencies(v))
        ]

    def assert_consumed(self) -> CheckpointLoadStatus:
        self.assert_existing_objects_matched()
        for number, node in enumerate(self._message.nodes):
            value = self._matched.get(number)
            if value is None:
                raise AssertionError(f"Unresolved object in checkpoint {self._name_of(number)}: {node}")
            unused = [a for a in node.attributes if a.name not in attributes_of(value)]
            if unused:
                raise AssertionError(
                    "Unused attributes in these objects (the attributes exist in the checkpoint but were not "
                    f"restored):\n{self._name_of(number)} ({value}): {unused}"
                )
        return self

    def _name_of(self, wanted: int) -> str:
        names = {0: "(root)"}
        for number, node in enumerate(self._message.nodes):
            for child in node.children:
                names.setdefault(child.node_id, f"{names.get(number, '')}.{child.local_name}")
        return names.get(wanted, str(wanted))

    def assert_existing_objects_matched(self) -> CheckpointLoadStatus:
        self._match()
        for number, value in self._matched.items():
            if isinstance(value, Variable) and number not in self._restored:
                raise AssertionError(f"Object not assigned a value from checkpoint: {self._message.nodes[number]}")
        unmatched = self._unmatched_objects()
        if unmatched:
            raise AssertionError(
                "Some Python objects were not bound to checkpointed values, likely due to changes in the Python "
                f"program: {unmatched}"
            )
        return self

    def assert_nontrivial_match(self) -> CheckpointLoadStatus:
        self._match()
        if len(self._matched) > 1:
            return self
        unmatched = self._unmatched_objects()
        if unmatched:
            raise AssertionError(
                "Nothing except the root object matched a checkpointed value. Typically this means that the checkpoint "
                "does not match the Python program. The following objects have no matching checkpointed value: "
                f"{unmatched}"
            )
        raise AssertionError(f"Nothing to load. No dependencies have been added to {self._root} yet.")

    # --- running ---

    def run_restore_ops(self, session: Any = None) -> None:
        self._match_if_open()
        _session(session).run(self._restore_ops, feed_dict={self._path_tensor: self._save_path})

    def _match_if_open(self) -> None:
        if not stacks.get_default_graph().finalized:
            self._match()

    def initialize_or_restore(self, session: Any = None) -> None:
        session = _session(session)
        self._match_if_open()
        matched = {id(v) for v in self._matched.values()}
        fresh = [
            v.initializer
            for v in ObjectGraph(self._root).all_objects()
            if isinstance(v, Variable) and id(v) not in matched
        ]
        self.run_restore_ops(session)
        session.run(fresh)


class InitializationOnlyStatus(_LoadStatus):
    """There is no checkpoint: everything can only be initialised."""

    def __init__(self, root: Any) -> None:
        self._root = root

    def assert_consumed(self) -> Any:
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    assert_existing_objects_matched = assert_consumed
    assert_nontrivial_match = assert_consumed

    def run_restore_ops(self, session: Any = None) -> None:
        raise AssertionError(
            "No checkpoint specified, so no restore ops are available (save_path=None to Saver.restore)."
        )

    def initialize_or_restore(self, session: Any = None) -> None:
        variables = [v for v in ObjectGraph(self._root).all_objects() if isinstance(v, Variable)]
        _session(session).run([v.initializer for v in variables if v.initializer is not None])


class NameBasedSaverStatus(_LoadStatus):
    """The restore of a tf.train.Saver's checkpoint: variables are found by their names."""

    def __init__(self, root: Any, save_path: str) -> None:
        self._root = root
        self._save_path = save_path

    def _variables(self) -> list[Any]:
        return [v for v in ObjectGraph(self._root).all_objects() if isinstance(v, Variable)]

    def assert_consumed(self) -> Any:
        reader = NewCheckpointReader(self._save_path)
        for v in self._variables():
            if not reader.has_tensor(v.op.name):
                raise AssertionError(f"Object not restored: {v}")
        return self

    assert_existing_objects_matched = assert_consumed
    assert_nontrivial_match = assert_consumed

    def run_restore_ops(self, session: Any = None) -> None:
        reader = NewCheckpointReader(self._save_path)
        found = [v for v in self._variables() if reader.has_tensor(v.op.name)]
        if found:
            Saver(found).restore(_session(session), self._save_path)

    def initialize_or_restore(self, session: Any = None) -> None:
        session = _session(session)
        reader = NewCheckpointReader(self._save_path)
        session.run([v.initializer for v in self._variables() if not reader.has_tensor(v.op.name)])
        self.run_restore_ops(session)


# --- saving ----------------------------------------------------------------------------------------------------


def _fed_text(default: str) -> Any:
    with stacks.get_default_graph().device("/cpu:0"):
        return constant(default, dtype=dtypes.string)


class _ObjectSaver:
    """The nodes that save a root; made again only when its objects changed."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._prefix: Any = None
        self._description: Any = None
        self._made_for: Any = None
        self._save: Any = None

    def save(self, file_prefix: str, session: Any) -> str:
        if self._prefix is None:
            self._prefix, self._description = _fed_text(""), _fed_text("")
        message, state = ObjectGraph(self._root).serialize()
        if self._made_for != message:
            self._save = self._nodes(state)
            self._made_for = message
        gfile.recursive_create_dir(os.path.dirname(file_prefix) or ".")
        feeds = {self._prefix: file_prefix, self._description: message.SerializeToString()}
        return as_str(session.run(self._save, feed_dict=feeds))  # type: ignore[no-any-return]

    def _nodes(self, state: list[tuple[str, Any]]) -> Any:
        specs = [spec for key, attribute in state for s in saveables_of(attribute, key) for spec in s.specs]
        names = [spec.name for spec in specs] + [OBJECT_GRAPH_PROTO_KEY]
        slices = [spec.slice_spec for spec in specs] + [""]
        graph = stacks.get_default_graph()
        with graph.device("/cpu:0"):
            save = save_v2_op(self._prefix, names, slices, [spec.tensor for spec in specs] + [self._description])
            with graph.control_dependencies([save]):
                return identity(self._prefix)

    def restore(self, save_path: str | None) -> _LoadStatus:
        if save_path is None:
            return InitializationOnlyStatus(self._root)
        try:
            text = NewCheckpointReader(save_path).get_tensor(OBJECT_GRAPH_PROTO_KEY)
        except errors.NotFoundError:
            if not checkpoint_state.checkpoint_exists(save_path):
                raise
            return NameBasedSaverStatus(self._root, save_path)
        message = protos.TrackableObjectGraph()
        message.ParseFromString(text)
        return CheckpointLoadStatus(self._root, message, save_path)


@export("train.Checkpoint")
class Checkpoint(AutoTrackable):
    """Groups objects (variables, optimizers, layers, lists, dicts) under names; saves and restores what they hold.

    Raises: ValueError for an object that a checkpoint cannot hold.
    """

    def __init__(self, **kwargs: Any) -> None:
        for name, value in sorted(kwargs.items()):
            if not is_trackable(value) or isinstance(value, (list, dict, tuple)):
                raise ValueError(
                    "`Checkpoint` was expecting a trackable object (an object derived from `TrackableBase`), got "
                    f"{value}. If you believe this object should be trackable (i.e. it is part of the TensorFlow "
                    "Python API and manages state), please open an issue."
                )
            setattr(self, name, value)
        self.__dict__.update(_counter=None, _count=None, _object_saver=_ObjectSaver(self))

    @property
    def save_counter(self) -> Any:
        """The variable that numbers the checkpoints of `save`; made on first use."""
        if self._counter is None:
            with stacks.get_default_graph().device("/cpu:0"):
                made = VariableV1(0, dtype=dtypes.int64, trainable=False, name="save_counter", use_resource=True)
            self.__dict__["_counter"] = self._track_trackable(made, "save_counter")
        return self._counter

    def write(self, file_prefix: str, session: Any = None) -> str:
        """Saves to exactly this prefix, without a number and without telling the `checkpoint` file."""
        return self._object_saver.save(file_prefix, _session(session))  # type: ignore[no-any-return]

    def save(self, file_prefix: str, session: Any = None) -> str:
        """Saves to `file_prefix-<number>`; the number counts the saves. Returns the path."""
        session = _session(session)
        if self._counter is None:
            session.run(self.save_counter.initializer)
        if self._count is None:
            with stacks.get_default_graph().colocate_with(self.save_counter):
                self.__dict__["_count"] = self.save_counter.assign_add(1, read_value=True)
        path = self.write(f"{file_prefix}-{session.run(self._count)}", session)
        checkpoint_state.update_checkpoint_state_internal(
            save_dir=os.path.dirname(file_prefix),
            model_checkpoint_path=path,
            all_model_checkpoint_paths=[path],
            save_relative_paths=True,
        )
        return path

    def restore(self, save_path: str | None) -> _LoadStatus:
        """A restore of a checkpoint, to be run by the result's `run_restore_ops` or `initialize_or_restore`.

        Raises: NotFoundError when there is no such checkpoint.
        """
        # Made before the match: a saved checkpoint counts on.
        _ = self.save_counter
        return self._object_saver.restore(save_path)  # type: ignore[no-any-return]

    def _frozen_saver(self) -> Saver:
        """A Saver of the objects as they are now, for a Scaffold."""
        _, state = ObjectGraph(self).serialize()
        return Saver([s for key, attribute in state for s in saveables_of(attribute, key)], sharded=True)


@export(v2=("train.Checkpoint",))
class CheckpointV2(Checkpoint):
    """`tf.train.Checkpoint` of TF 2: the session is the default one."""

    def write(self, file_prefix: str) -> str:  # type: ignore[override]
        """Saves to exactly this prefix, without a number and without telling the `checkpoint` file."""
        return super().write(file_prefix)

    def save(self, file_prefix: str) -> str:  # type: ignore[override]
        """Saves to `file_prefix-<number>`; the number counts the saves. Returns the path."""
        return super().save(file_prefix)
