"""Public names of `tf.compat.v2.train`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.io.checkpoint_reader import (
    checkpoints_iterator as checkpoints_iterator,
    list_variables as list_variables,
    load_checkpoint as load_checkpoint,
    load_variable as load_variable,
)
from tfcompat.io.checkpoint_state import (
    get_checkpoint_state as get_checkpoint_state,
    latest_checkpoint as latest_checkpoint,
)
from tfcompat.training.checkpoint import CheckpointV2 as Checkpoint
from tfcompat.training.checkpoint_manager import CheckpointManager as CheckpointManager
from tfcompat.training.coordinator import Coordinator as Coordinator
from tfcompat.training.server_lib import ClusterSpec as ClusterSpec

__all__ = [
    "Checkpoint",
    "CheckpointManager",
    "ClusterSpec",
    "Coordinator",
    "checkpoints_iterator",
    "get_checkpoint_state",
    "latest_checkpoint",
    "list_variables",
    "load_checkpoint",
    "load_variable",
]

LAZY = {
    "BytesList": "tfcompat.framework.protos:BytesList",
    "ClusterDef": "tfcompat.framework.protos:ClusterDef",
    "Example": "tfcompat.framework.protos:Example",
    "Feature": "tfcompat.framework.protos:Feature",
    "FeatureList": "tfcompat.framework.protos:FeatureList",
    "FeatureLists": "tfcompat.framework.protos:FeatureLists",
    "Features": "tfcompat.framework.protos:Features",
    "FloatList": "tfcompat.framework.protos:FloatList",
    "Int64List": "tfcompat.framework.protos:Int64List",
    "JobDef": "tfcompat.framework.protos:JobDef",
    "SequenceExample": "tfcompat.framework.protos:SequenceExample",
    "ServerDef": "tfcompat.framework.protos:ServerDef",
}
__getattr__ = _namespace_getattr("tf.compat.v2.train", LAZY)
