"""The nodes that a Saver runs: those that write a checkpoint, and those that read one back into the variables.

Source: TF 1.15, python/training/saver.py, BaseSaverBuilder and BulkSaverBuilder.
"""

from __future__ import annotations

import collections
import uuid
from collections.abc import Sequence
from typing import Any

from tfcompat.framework import protos, stacks
from tfcompat.framework.device import canonical_name
from tfcompat.framework.op import get_op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.io import save_restore_ops as io_ops
from tfcompat.ops import control, shapes
from tfcompat.ops.constants import constant, placeholder_with_default
from tfcompat.ops.identity import identity
from tfcompat.ops.variable_parts import PartitionedVariable
from tfcompat.training import saveable as saveable_lib
from tfcompat.training.saveable import SaveableObject, set_cpu0

PerDevice = list[tuple[str, list[SaveableObject]]]


class BaseSaverBuilder:
    """Builds save and restore nodes; one restore node for each tensor. Subclasses change how tensors are stored."""

    SaveSpec = saveable_lib.SaveSpec
    SaveableObject = saveable_lib.SaveableObject
    VariableSaveable = saveable_lib.ReferenceVariableSaveable
    ResourceVariableSaveable = saveable_lib.ResourceVariableSaveable

    def __init__(self, write_version: int = 2) -> None:
        self._write_version = write_version

    # --- saving ---

    def save_op(self, filename_tensor: Tensor, saveables: Sequence[SaveableObject]) -> Any:
        """The node that writes the saveables to one file (or prefix)."""
        names, slices, tensors = [], [], []
        for saveable in saveables:
            for spec in saveable.specs:
                names.append(spec.name)
                tensors.append(spec.tensor)
                slices.append(spec.slice_spec)
        if self._write_version == protos.SaverDef.V1:
            return io_ops.save_slices_op(filename_tensor, names, slices, tensors, name="save")
        if self._write_version == protos.SaverDef.V2:
            return io_ops.save_v2_op(filename_tensor, names, slices, tensors)
        raise RuntimeError(f"Unexpected write_version: {self._write_version}")

    def sharded_filename(self, filename_tensor: Tensor, shard: int, num_shards: Tensor) -> Tensor:
        """The name of one file of several."""
        return io_ops.sharded_filename_op(filename_tensor, shard, num_shards)  # type: ignore[no-any-return]

    def _AddSaveOps(self, filename_tensor: Tensor, saveables: Sequence[SaveableObject]) -> Tensor:
        save = self.save_op(filename_tensor, saveables)
        return control.with_dependencies([save], filename_tensor)  # type: ignore[no-any-return]

    def _AddShardedSaveOps(self, filename_tensor: Tensor, per_device: PerDevice) -> Tensor:
        if self._write_version == protos.SaverDef.V2:
            return self._AddShardedSaveOpsForV2(filename_tensor, per_device)
        graph = stacks.get_default_graph()
        saves = []
        num_shards = constant(len(per_device), name="num_shards")
        for shard, (device, saveables) in enumerate(per_device):
            with graph.device(device):
                name = self.sharded_filename(filename_tensor, shard, num_shards)
                saves.append(self._AddSaveOps(name, saveables))
        with graph.control_dependencies([s.op for s in saves]):
            return io_ops.sharded_filespec_op(filename_tensor, num_shards)  # type: ignore[no-any-return]

    def _AddShardedSaveOpsForV2(self, checkpoint_prefix: Tensor, per_device: PerDevice) -> Tensor:
        """Each device writes a checkpoint of its own into a directory beside the prefix; one node merges them."""
        graph = stacks.get_default_graph()
        suffix = f"_temp_{uuid.uuid4().hex}/part"
        temporary = get_op("StringJoin")([checkpoint_prefix, suffix])
        saves, prefixes = [], []
        num_shards = constant(len(per_device), name="num_shards")
        for shard, (device, saveables) in enumerate(per_device):
            with graph.device(set_cpu0(device)):
                prefix = self.sharded_filename(temporary, shard, num_shards)
                prefixes.append(prefix)
                saves.append(self._AddSaveOps(prefix, saveables))
        with graph.control_dependencies([s.op for s in saves]), graph.device(set_cpu0(per_device[-1][0])):
            merge = io_ops.merge_v2_checkpoints_op(prefixes, checkpoint_prefix, delete_old_dirs=True)
            with graph.control_dependencies([merge]):
                return identity(checkpoint_prefix)

    # --- restoring ---

    def restore_op(self, filename_tensor: Tensor, saveable: SaveableObject, preferred_shard: int) -> list[Tensor]:
        """The tensors of one saveable, read from the file."""
        return [
            io_ops.restore_v2_op(filename_tensor, [spec.name], [spec.slice_spec], dtypes=[spec.dtype.base_dtype])[0]
            for spec in saveable.specs
        ]

    def bulk_restore(
        self,
        filename_tensor: Tensor,
        saveables: Sequence[SaveableObject],
        preferred_shard: int,
        restore_sequentially: bool,
    ) -> list[Tensor]:
        """The tensors of all saveables, in order."""
        tensors: list[Tensor] = []
        for saveable in saveables:
            device = set_cpu0(saveable.device) if saveable.device else None
            with stacks.get_default_graph().device(device):
                tensors.extend(self.restore_op(filename_tensor, saveable, preferred_shard))
        return tensors

    def _AddRestoreOps(
        self,
        filename_tensor: Tensor,
        saveables: Sequence[SaveableObject],
        restore_sequentially: bool,
        reshape: bool,
        preferred_shard: int = -1,
        name: str = "restore_all",
    ) -> Any:
        tensors = self.bulk_restore(filename_tensor, saveables, preferred_shard, restore_sequentially)
        assigns = []
        at = 0
        for saveable in saveables:
            wanted = [_shape_of(spec.tensor) for spec in saveable.specs] if reshape else None
            own = tensors[at : at + len(saveable.specs)]
            at += len(saveable.specs)
            assigns.append(saveable.restore(own, wanted))
        return control.group(*assigns, name=name)

    def _AddShardedRestoreOps(
        self, filename_tensor: Tensor, per_device: PerDevice, restore_sequentially: bool, reshape: bool
    ) -> Any:
        restores = []
        for shard, (device, saveables) in enumerate(per_device):
            with stacks.get_default_graph().device(device):
                restores.append(
                    self._AddRestoreOps(
                        filename_tensor,
                        saveables,
                        restore_sequentially,
                        reshape,
                        preferred_shard=shard,
                        name="restore_shard",
                    )
                )
        return control.group(*restores, name="restore_all")

    # --- both ---

    def _GroupByDevices(self, saveables: Sequence[SaveableObject]) -> PerDevice:
        per_device: dict[str, list[SaveableObject]] = collections.defaultdict(list)
        for saveable in saveables:
            devices = {canonical_name(spec.tensor.device) for spec in saveable.specs}
            if len(devices) != 1:
                raise ValueError(f"All tensors of a saveable object must be on the same device: {saveable.name}")
            per_device[devices.pop()].append(saveable)
        return sorted(per_device.items())

    def build(
        self,
        names_to_saveables: Any,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        filename: str | None = "model",
    ) -> Any:
        """Adds the nodes to the default graph; the SaverDef that names them."""
        return self._build_internal(
            names_to_saveables,
            reshape,
            sharded,
            max_to_keep,
            keep_checkpoint_every_n_hours,
            name,
            restore_sequentially,
            filename,
        )

    def _build_internal(
        self,
        names_to_saveables: Any,
        reshape: bool = False,
        sharded: bool = False,
        max_to_keep: int | None = 5,
        keep_checkpoint_every_n_hours: float = 10000.0,
        name: str | None = None,
        restore_sequentially: bool = False,
        filename: str | None = "model",
        build_save: bool = True,
        build_restore: bool = True,
    ) -> Any:
        if not build_save or not build_restore:
            raise ValueError(
                "save and restore operations need to be built together  when eager execution is not enabled."
            )
        saveables = saveable_lib.validate_and_slice_inputs(names_to_saveables)
        with name_scope(name, "save", [saveable.op for saveable in saveables]) as name:
            filename_tensor = placeholder_with_default(filename or "model", shape=(), name="filename")
            # The name that programs feed is `save/Const`.
            filename_tensor = placeholder_with_default(filename_tensor, shape=(), name="Const")
            if sharded:
                per_device = self._GroupByDevices(saveables)
                save_tensor = self._AddShardedSaveOps(filename_tensor, per_device)
                restore_op = self._AddShardedRestoreOps(filename_tensor, per_device, restore_sequentially, reshape)
            else:
                save_tensor = self._AddSaveOps(filename_tensor, saveables)
                restore_op = self._AddRestoreOps(filename_tensor, saveables, restore_sequentially, reshape)
        _name_partitioned_variables()
        return protos.SaverDef(
            filename_tensor_name=filename_tensor.name,
            save_tensor_name=save_tensor.name,
            restore_op_name=restore_op.name,
            max_to_keep=max_to_keep or 0,
            sharded=sharded,
            keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours,
            version=self._write_version,
        )


def _shape_of(v: Any) -> Any:
    shape = v.get_shape()
    return shape if shape.is_fully_defined() else shapes.shape(v)


def _name_partitioned_variables() -> None:
    """Collections are exported by the names of nodes, and partitioned variables have none until they are read."""
    graph = stacks.get_default_graph()
    for key in graph.get_all_collection_keys():
        for item in graph.get_collection(key):
            if isinstance(item, PartitionedVariable):
                try:
                    graph.get_operation_by_name(item.name)
                except KeyError:
                    item.as_tensor()


class BulkSaverBuilder(BaseSaverBuilder):
    """Reads all tensors with one node."""

    def bulk_restore(
        self,
        filename_tensor: Tensor,
        saveables: Sequence[SaveableObject],
        preferred_shard: int,
        restore_sequentially: bool,
    ) -> list[Tensor]:
        specs = [spec for saveable in saveables for spec in saveable.specs]
        with stacks.get_default_graph().device("cpu:0"):
            return io_ops.restore_v2_op(  # type: ignore[no-any-return]
                filename_tensor,
                [spec.name for spec in specs],
                [spec.slice_spec for spec in specs],
                dtypes=[spec.dtype.base_dtype for spec in specs],
            )
