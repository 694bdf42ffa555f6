"""tf.train.Saver: writes the variables of a session to checkpoints, keeps the newest ones, and reads them back.

Source: TF 1.15, python/training/saver.py.
"""

from __future__ import annotations

import math
import os
import time
from typing import Any

import numpy as np

from tfcompat.client.session import BaseSession
from tfcompat.framework import errors, protos, stacks, tf_logging
from tfcompat.framework.collection_protos import register_proto_function
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.compat_strings import as_str
from tfcompat.framework.export import export
from tfcompat.framework.scopes import prepend_name_scope, strip_name_scope
from tfcompat.io import checkpoint_state
from tfcompat.io.checkpoint_reader import NewCheckpointReader
from tfcompat.platform import gfile
from tfcompat.training import meta_graph, training_util
from tfcompat.training.saveable import SaveableObject, SaveSpec, validate_and_slice_inputs
from tfcompat.training.saver_builder import BaseSaverBuilder, BulkSaverBuilder

__all__ = ["BaseSaverBuilder", "BulkSaverBuilder", "SaveSpec", "SaveableObject", "Saver"]

_OBJECT_GRAPH_PROTO_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
_SECONDS_PER_HOUR = 3600


def _all_saveable_objects(scope: str | None = None) -> list[Any]:
    """What a Saver saves by default: all global variables and the collection of saveable objects."""
    graph = stacks.get_default_graph()
    return graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope) + graph.get_collection(
        GraphKeys.SAVEABLE_OBJECTS, scope
    )


def _get_saver_or_default() -> Any:
    """The Saver of the graph's collection, made where there is none. Raises RuntimeError when there are several."""
    graph = stacks.get_default_graph()
    savers = graph.get_collection(GraphKeys.SAVERS)
    if len(savers) > 1:
        raise RuntimeError(
            f"More than one item in collection {GraphKeys.SAVERS}. Please indicate which one to use by passing it to "
            "the constructor."
        )
    if savers:
        return savers[0]
    saver = Saver(sharded=True, allow_empty=True)
    graph.add_to_collection(GraphKeys.SAVERS, saver)
    return saver


@export("train.Saver")
class Saver:
    """Saves and restores variables.

    var_list: a list of variables, or a dict from names in the checkpoint (default: all saveable objects).
    max_to_keep: older checkpoints are deleted, except one every keep_checkpoint_every_n_hours; None or 0 keeps all.
    Raises: TypeError or ValueError for variables that cannot be saved, or none at all (unless allow_empty).
    """

    def __init__(
        self,
        var_list: Any = None,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        saver_def: Any = None,
        builder: Any = None,
        defer_build: bool = False,
        allow_empty: bool = False,
        write_version: int = 2,
        pad_step_number: bool = False,
        save_relative_paths: bool = False,
        filename: str | None = None,
    ) -> None:
        if defer_build and var_list:
            raise ValueError(
                "If `var_list` is provided then build cannot be deferred. Either set defer_build=False or "
                "var_list=None."
            )
        self._var_list = var_list
        self._reshape = reshape
        self._sharded = sharded
        self._max_to_keep = max_to_keep
        self._keep_checkpoint_every_n_hours = keep_checkpoint_every_n_hours
        self._name = name
        self._restore_sequentially = restore_sequentially
        self.saver_def = saver_def
        self._builder = builder
        self._is_built = False
        self._allow_empty = allow_empty
        self._is_empty: bool | None = None
        self._write_version = write_version
        self._pad_step_number = pad_step_number
        self._filename = filename
        # Pairs of path and time, the newest last.
        self._last_checkpoints: list[tuple[str, float]] = []
        self._checkpoints_to_be_deleted: list[tuple[str, float]] = []
        self._next_checkpoint_time = math.inf
        if not defer_build:
            self.build()
        if self.saver_def:
            self._check_saver_def()
            self._write_version = self.saver_def.version
        self._save_relative_paths = save_relative_paths
        self._object_restore_saver: Any = None

    # --- nodes ---

    def build(self) -> None:
        """Adds the nodes to the default graph, unless that was done; needed only after defer_build."""
        if self._is_built:
            return
        self._is_built = True
        if not self.saver_def:
            if self._builder is None:
                self._builder = BulkSaverBuilder(self._write_version)
            if self._var_list is None:
                self._var_list = _all_saveable_objects()
            if not self._var_list:
                if self._allow_empty:
                    self._is_empty = True
                    return
                raise ValueError("No variables to save")
            self._is_empty = False
            self.saver_def = self._builder._build_internal(
                self._var_list,
                reshape=self._reshape,
                sharded=self._sharded,
                max_to_keep=self._max_to_keep,
                keep_checkpoint_every_n_hours=self._keep_checkpoint_every_n_hours,
                name=self._name,
                restore_sequentially=self._restore_sequentially,
                filename=self._filename,
            )
        elif self._name:
            for field in ("filename_tensor_name", "save_tensor_name", "restore_op_name"):
                setattr(self.saver_def, field, prepend_name_scope(getattr(self.saver_def, field), self._name))
        self._check_saver_def()
        self._next_checkpoint_time = time.time() + self.saver_def.keep_checkpoint_every_n_hours * _SECONDS_PER_HOUR

    def _check_saver_def(self) -> None:
        if not isinstance(self.saver_def, protos.SaverDef):
            raise ValueError(f"saver_def must be a saver_pb2.SaverDef: {self.saver_def}")
        for field in ("save_tensor_name", "restore_op_name"):
            if not getattr(self.saver_def, field):
                raise ValueError(f"saver_def must specify the {field}: {self.saver_def}")

    def as_saver_def(self) -> Any:
        """The SaverDef that names this Saver's nodes."""
        return self.saver_def

    def to_proto(self, export_scope: str | None = None) -> Any:
        """The SaverDef, its names inside `export_scope`; None when the nodes are elsewhere."""
        if export_scope is None:
            return self.saver_def
        fields = ("filename_tensor_name", "save_tensor_name", "restore_op_name")
        if not all(getattr(self.saver_def, f).startswith(export_scope) for f in fields):
            return None
        made = protos.SaverDef()
        made.CopyFrom(self.saver_def)
        for f in fields:
            setattr(made, f, strip_name_scope(getattr(made, f), export_scope))
        return made

    @staticmethod
    def from_proto(saver_def: Any, import_scope: str | None = None) -> Saver:
        """A Saver on nodes that are in the default graph already."""
        return Saver(saver_def=saver_def, name=import_scope)

    # --- which checkpoints there are ---

    def _CheckpointFilename(self, p: tuple[str, float]) -> str:
        return p[0]

    def _RecordLastCheckpoint(self, latest_save_path: str) -> None:
        if not self.saver_def.max_to_keep:
            return
        self._last_checkpoints = [p for p in self._last_checkpoints if p[0] != latest_save_path]
        self._last_checkpoints.append((latest_save_path, time.time()))
        if len(self._last_checkpoints) > self.saver_def.max_to_keep:
            self._checkpoints_to_be_deleted.append(self._last_checkpoints.pop(0))

    def _MaybeDeleteOldCheckpoints(self, meta_graph_suffix: str = "meta") -> None:
        if not self._checkpoints_to_be_deleted:
            return
        path, made_at = self._checkpoints_to_be_deleted.pop(0)
        if made_at > self._next_checkpoint_time:
            self._next_checkpoint_time += self.saver_def.keep_checkpoint_every_n_hours * _SECONDS_PER_HOUR
            return
        try:
            checkpoint_state.remove_checkpoint(path, self.saver_def.version, meta_graph_suffix)
        except Exception as cause:  # the new checkpoint is there, whatever hinders removing the old one
            tf_logging.warning("Ignoring: %s", cause)

    @property
    def last_checkpoints(self) -> list[str]:
        """The paths of the checkpoints that are kept, the newest last."""
        return [path for path, _ in self._last_checkpoints]

    def set_last_checkpoints(self, last_checkpoints: list[str]) -> None:
        """Says which checkpoints there are, without their times. Superseded by `set_last_checkpoints_with_time`."""
        assert isinstance(last_checkpoints, list)
        self._last_checkpoints = [(path, np.inf) for path in last_checkpoints]

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time: list[tuple[str, float]]) -> None:
        """Says which checkpoints there are, with the time each was made."""
        assert isinstance(last_checkpoints_with_time, list)
        self._last_checkpoints = last_checkpoints_with_time

    def recover_last_checkpoints(self, checkpoint_paths: list[str]) -> None:
        """Takes over the checkpoints of an earlier run; those whose files are gone are left out."""
        found = [(path, checkpoint_state.get_checkpoint_mtimes([path])) for path in checkpoint_paths]
        self.set_last_checkpoints_with_time([(path, times[0]) for path, times in found if times])

    # --- saving ---

    def save(
        self,
        sess: Any,
        save_path: str,
        global_step: Any = None,
        latest_filename: str | None = None,
        meta_graph_suffix: str = "meta",
        write_meta_graph: bool = True,
        write_state: bool = True,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> str | None:
        """Writes a checkpoint `save_path[-global_step]` and, by default, the MetaGraph; returns its path.

        Raises: TypeError when `sess` is no session; ValueError when names collide or the directory is missing;
        RuntimeError when the nodes were not built.
        """
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if defer_build==True")
        if latest_filename is None:
            latest_filename = "checkpoint"
        if self._write_version != protos.SaverDef.V2:
            _warn_of_version_1()
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        checkpoint_file = self._numbered(sess, save_path, global_step)
        if global_step is None and os.path.basename(save_path) == latest_filename and not self._sharded:
            raise ValueError(f"'latest_filename' collides with 'save_path': '{latest_filename}' and '{save_path}'")
        if not isinstance(sess, BaseSession):
            raise TypeError(f"'sess' must be a Session; {sess}")
        written = None
        if not self._is_empty:
            try:
                written = self._write(sess, save_path, checkpoint_file, latest_filename, meta_graph_suffix, write_state)
            except (errors.FailedPreconditionError, errors.NotFoundError):
                if gfile.is_directory(os.path.dirname(save_path) or "."):
                    raise
                raise ValueError(f"Parent directory of {save_path} doesn't exist, can't save.") from None
        if write_meta_graph:
            with sess.graph.as_default():
                self.export_meta_graph(
                    checkpoint_state.meta_graph_filename(checkpoint_file, meta_graph_suffix),
                    strip_default_attrs=strip_default_attrs,
                    save_debug_info=save_debug_info,
                )
        return written

    def _numbered(self, sess: Any, save_path: str, global_step: Any) -> str:
        if global_step is None:
            return save_path
        if not isinstance(global_step, (int, np.integer)):
            global_step = training_util.global_step(sess, global_step)
        return f"{save_path}-{global_step:08d}" if self._pad_step_number else f"{save_path}-{global_step:d}"

    def _write(
        self,
        sess: Any,
        save_path: str,
        checkpoint_file: str,
        latest_filename: str,
        meta_graph_suffix: str,
        write_state: bool,
    ) -> str:
        """Data first, then the file that points at them; only then an old checkpoint goes."""
        path = as_str(sess.run(self.saver_def.save_tensor_name, {self.saver_def.filename_tensor_name: checkpoint_file}))
        if write_state:
            self._RecordLastCheckpoint(path)
            checkpoint_state.update_checkpoint_state_internal(
                save_dir=os.path.dirname(save_path),
                model_checkpoint_path=path,
                all_model_checkpoint_paths=self.last_checkpoints,
                latest_filename=latest_filename,
                save_relative_paths=self._save_relative_paths,
            )
            self._MaybeDeleteOldCheckpoints(meta_graph_suffix=meta_graph_suffix)
        return path  # type: ignore[no-any-return]

    def export_meta_graph(
        self,
        filename: str | None = None,
        collection_list: Any = None,
        as_text: bool = False,
        export_scope: str | None = None,
        clear_devices: bool = False,
        clear_extraneous_savers: bool = False,
        strip_default_attrs: bool = False,
        save_debug_info: bool = False,
    ) -> Any:
        """The default graph with its collections and this Saver, as a MetaGraphDef; written to `filename` if given."""
        return export_meta_graph(
            filename=filename,
            graph_def=stacks.get_default_graph().as_graph_def(add_shapes=True),
            saver_def=self.saver_def,
            collection_list=collection_list,
            as_text=as_text,
            export_scope=export_scope,
            clear_devices=clear_devices,
            clear_extraneous_savers=clear_extraneous_savers,
            strip_default_attrs=strip_default_attrs,
            save_debug_info=save_debug_info,
        )

    # --- restoring ---

    def restore(self, sess: Any, save_path: Any) -> None:
        """Reads the checkpoint into the session's variables, which need not be initialised.

        Raises: ValueError when there is no such checkpoint; NotFoundError when a variable is not in it;
        InvalidArgumentError when one has another shape or type there.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        save_path = as_str(os.fspath(save_path))
        if not checkpoint_state.checkpoint_exists(save_path):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {save_path}")
        tf_logging.info("Restoring parameters from %s", save_path)
        try:
            sess.run(self.saver_def.restore_op_name, {self.saver_def.filename_tensor_name: save_path})
        except errors.NotFoundError as cause:
            # A checkpoint of tf.train.Checkpoint names tensors by their place among objects.
            try:
                names_to_keys = object_graph_key_mapping(save_path)
            except errors.NotFoundError:
                raise _explained(cause, "a Variable name or other graph key that is missing") from None
            tf_logging.warning(
                "Restoring an object-based checkpoint using a name-based saver. This may be somewhat fragile, and will "
                "re-build the Saver. Instead, consider loading object-based checkpoints using tf.train.Checkpoint()."
            )
            self._object_restore_saver = saver_from_object_based_checkpoint(
                checkpoint_path=save_path,
                var_list=self._var_list,
                builder=self._builder,
                names_to_keys=names_to_keys,
                cached_saver=self._object_restore_saver,
            )
            self._object_restore_saver.restore(sess=sess, save_path=save_path)
        except errors.InvalidArgumentError as cause:
            raise _explained(cause, "a mismatch between the current graph and the graph") from None

    @staticmethod
    def _add_collection_def(meta_graph_def: Any, key: Any, export_scope: str | None = None) -> None:
        meta_graph.add_collection_def(meta_graph_def, key, export_scope=export_scope)


def _warn_of_version_1() -> None:
    stars = "*" * 55
    for line in (
        stars,
        "TensorFlow's V1 checkpoint format has been deprecated.",
        "Consider switching to the more efficient V2 format:",
        "   `tf.train.Saver(write_version=tf.train.SaverDef.V2)`",
        "now on by default.",
        stars,
    ):
        tf_logging.warning(line)


def _explained(cause: Any, what: str) -> Exception:
    message = (
        f"Restoring from checkpoint failed. This is most likely due to {what} from the checkpoint. Please ensure that "
        f"you have not altered the graph expected based on the checkpoint. Original error:\n\n{cause.message}"
    )
    return cause.__class__(cause.node_def, cause.op, message)  # type: ignore[no-any-return]


register_proto_function(GraphKeys.SAVERS, lambda: protos.SaverDef, Saver.to_proto, Saver.from_proto)


# --- MetaGraphs ------------------------------------------------------------------------------------------------


@export("train.import_meta_graph")
def import_meta_graph(
    meta_graph_or_file: Any, clear_devices: bool = False, import_scope: str | None = None, **kwargs: Any
) -> Saver | None:
    """Adds a MetaGraph (a message or a file) to the default graph; returns a Saver for its variables, or None.

    Raises: IOError when the file cannot be read; ValueError when the graph needs inputs that are not given.
    """
    return _import_meta_graph_with_return_elements(meta_graph_or_file, clear_devices, import_scope, **kwargs)[0]


def _import_meta_graph_with_return_elements(
    meta_graph_or_file: Any,
    clear_devices: bool = False,
    import_scope: str | None = None,
    return_elements: Any = None,
    **kwargs: Any,
) -> tuple[Saver | None, Any]:
    """`import_meta_graph`, and the elements of the imported graph that are asked for."""
    message = meta_graph_or_file
    if not isinstance(message, protos.MetaGraphDef):
        message = meta_graph.read_meta_graph_file(message)
    variables, returned = meta_graph.import_scoped_meta_graph_with_return_elements(
        message, clear_devices=clear_devices, import_scope=import_scope, return_elements=return_elements, **kwargs
    )
    return _create_saver_from_imported_meta_graph(message, import_scope, variables), returned


def _create_saver_from_imported_meta_graph(
    meta_graph_def: Any, import_scope: str | None, imported_vars: dict[str, Any]
) -> Saver | None:
    if meta_graph_def.HasField("saver_def"):
        # The scope may have got a number: a variable's name tells.
        scope = import_scope
        for name, variable in imported_vars.items():
            scope = variable.name[: -len(name)]
            break
        return Saver(saver_def=meta_graph_def.saver_def, name=scope)
    if _all_saveable_objects(scope=import_scope):
        return Saver()
    tf_logging.info("Saver not created because there are no variables in the graph to restore")
    return None


@export("train.export_meta_graph")
def export_meta_graph(
    filename: str | None = None,
    meta_info_def: Any = None,
    graph_def: Any = None,
    saver_def: Any = None,
    collection_list: Any = None,
    as_text: bool = False,
    graph: Any = None,
    export_scope: str | None = None,
    clear_devices: bool = False,
    clear_extraneous_savers: bool = False,
    strip_default_attrs: bool = False,
    save_debug_info: bool = False,
    **kwargs: Any,
) -> Any:
    """The graph (default: the default one), or one scope of it, as a MetaGraphDef; written to `filename` if given."""
    made, _ = meta_graph.export_scoped_meta_graph(
        filename=filename,
        meta_info_def=meta_info_def,
        graph_def=graph_def,
        saver_def=saver_def,
        collection_list=collection_list,
        as_text=as_text,
        graph=graph,
        export_scope=export_scope,
        clear_devices=clear_devices,
        clear_extraneous_savers=clear_extraneous_savers,
        strip_default_attrs=strip_default_attrs,
        save_debug_info=save_debug_info,
        **kwargs,
    )
    return made


# --- checkpoints of tf.train.Checkpoint ------------------------------------------------------------------------


def object_graph_key_mapping(checkpoint_path: str) -> dict[str, str]:
    """Names of variables to keys of an object-based checkpoint. Raises NotFoundError when it is none."""
    reader = NewCheckpointReader(checkpoint_path)
    message = protos.TrackableObjectGraph()
    message.ParseFromString(reader.get_tensor(_OBJECT_GRAPH_PROTO_KEY))
    return {a.full_name: a.checkpoint_key for node in message.nodes for a in node.attributes}


def saver_from_object_based_checkpoint(
    checkpoint_path: str,
    var_list: Any = None,
    builder: Any = None,
    names_to_keys: dict[str, str] | None = None,
    cached_saver: Any = None,
) -> Saver:
    """A Saver that finds variables, by their names, in an object-based checkpoint.

    Raises: ValueError when the checkpoint is none; NotFoundError when a name is not in it.
    """
    if names_to_keys is None:
        try:
            names_to_keys = object_graph_key_mapping(checkpoint_path)
        except errors.NotFoundError:
            raise ValueError(f"Checkpoint in {checkpoint_path} not an object-based checkpoint.") from None
    if var_list is None:
        var_list = _all_saveable_objects()
    if builder is None:
        builder = BulkSaverBuilder()
    saveables = validate_and_slice_inputs(var_list)
    current = {spec.name for saveable in saveables for spec in saveable.specs}
    missing = current - names_to_keys.keys()
    if missing:
        extra = names_to_keys.keys() - current
        intersecting = names_to_keys.keys() & current
        raise errors.NotFoundError(
            None,
            None,
            message=(
                "\n\nExisting variables not in the checkpoint: "
                f"{', '.join(sorted(missing))}\n\nVariables names when this checkpoint was written which don't exist "
                f"now: {', '.join(sorted(extra))}\n\n({len(intersecting)} variable name(s) did match)\n\n"
                "Could not find some variables in the checkpoint (see names above). Saver was attempting to load an "
                "object-based "
                "checkpoint (saved using tf.train.Checkpoint or tf.keras.Model.save_weights) using variable names. If "
                "the checkpoint was written with eager execution enabled, it's possible that variable names have "
                "changed (for example missing a '_1' suffix). It's also possible that there are new variables which "
                "did not exist when the checkpoint was written. You can construct a Saver(var_list=...) with only the "
                "variables which previously existed, and if variable names have changed you may need to make this a "
                "dictionary with the old names as keys. If you're using an Estimator, you'll need to return a "
                "tf.train.Saver inside a tf.train.Scaffold from your model_fn."
            ),
        )
    for saveable in saveables:
        for spec in saveable.specs:
            spec.name = names_to_keys[spec.name]
    return cached_saver if cached_saver is not None else Saver(saveables, builder=builder)
