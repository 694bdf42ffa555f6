"""Public names of `tf.train`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.io.checkpoint_reader import (
    NewCheckpointReader as NewCheckpointReader,
    checkpoints_iterator as checkpoints_iterator,
    list_variables as list_variables,
    load_checkpoint as load_checkpoint,
    load_variable as load_variable,
)
from tfcompat.io.checkpoint_state import (
    checkpoint_exists as checkpoint_exists,
    generate_checkpoint_state_proto as generate_checkpoint_state_proto,
    get_checkpoint_mtimes as get_checkpoint_mtimes,
    get_checkpoint_state as get_checkpoint_state,
    latest_checkpoint as latest_checkpoint,
    remove_checkpoint as remove_checkpoint,
    update_checkpoint_state as update_checkpoint_state,
)
from tfcompat.summary.event_files import summary_iterator as summary_iterator
from tfcompat.training.adadelta import AdadeltaOptimizer as AdadeltaOptimizer
from tfcompat.training.adagrad import AdagradOptimizer as AdagradOptimizer
from tfcompat.training.adagrad_da import AdagradDAOptimizer as AdagradDAOptimizer
from tfcompat.training.adam import AdamOptimizer as AdamOptimizer
from tfcompat.training.basic_loops import basic_train_loop as basic_train_loop
from tfcompat.training.basic_session_run_hooks import (
    CheckpointSaverHook as CheckpointSaverHook,
    CheckpointSaverListener as CheckpointSaverListener,
    FeedFnHook as FeedFnHook,
    FinalOpsHook as FinalOpsHook,
    GlobalStepWaiterHook as GlobalStepWaiterHook,
    LoggingTensorHook as LoggingTensorHook,
    NanLossDuringTrainingError as NanLossDuringTrainingError,
    NanTensorHook as NanTensorHook,
    ProfilerHook as ProfilerHook,
    SecondOrStepTimer as SecondOrStepTimer,
    StepCounterHook as StepCounterHook,
    StopAtStepHook as StopAtStepHook,
    SummarySaverHook as SummarySaverHook,
)
from tfcompat.training.checkpoint import Checkpoint as Checkpoint
from tfcompat.training.checkpoint_manager import CheckpointManager as CheckpointManager
from tfcompat.training.checkpoint_utils import (
    VocabInfo as VocabInfo,
    init_from_checkpoint as init_from_checkpoint,
    warm_start as warm_start,
)
from tfcompat.training.coordinator import Coordinator as Coordinator, LooperThread as LooperThread
from tfcompat.training.device_setter import replica_device_setter as replica_device_setter
from tfcompat.training.ftrl import FtrlOptimizer as FtrlOptimizer
from tfcompat.training.gradient_descent import GradientDescentOptimizer as GradientDescentOptimizer
from tfcompat.training.graph_io import write_graph as write_graph
from tfcompat.training.input import (
    batch as batch,
    batch_join as batch_join,
    input_producer as input_producer,
    limit_epochs as limit_epochs,
    match_filenames_once as match_filenames_once,
    maybe_batch as maybe_batch,
    maybe_batch_join as maybe_batch_join,
    maybe_shuffle_batch as maybe_shuffle_batch,
    maybe_shuffle_batch_join as maybe_shuffle_batch_join,
    range_input_producer as range_input_producer,
    shuffle_batch as shuffle_batch,
    shuffle_batch_join as shuffle_batch_join,
    slice_input_producer as slice_input_producer,
    string_input_producer as string_input_producer,
)
from tfcompat.training.learning_rate_decay import (
    cosine_decay as cosine_decay,
    cosine_decay_restarts as cosine_decay_restarts,
    exponential_decay as exponential_decay,
    inverse_time_decay as inverse_time_decay,
    linear_cosine_decay as linear_cosine_decay,
    natural_exp_decay as natural_exp_decay,
    noisy_linear_cosine_decay as noisy_linear_cosine_decay,
    piecewise_constant as piecewise_constant,
    piecewise_constant as piecewise_constant_decay,
    polynomial_decay as polynomial_decay,
)
from tfcompat.training.momentum import MomentumOptimizer as MomentumOptimizer
from tfcompat.training.monitored_session import (
    ChiefSessionCreator as ChiefSessionCreator,
    MonitoredSession as MonitoredSession,
    MonitoredTrainingSession as MonitoredTrainingSession,
    Scaffold as Scaffold,
    SessionCreator as SessionCreator,
    SingularMonitoredSession as SingularMonitoredSession,
    WorkerSessionCreator as WorkerSessionCreator,
)
from tfcompat.training.moving_averages import ExponentialMovingAverage as ExponentialMovingAverage
from tfcompat.training.optimizer import Optimizer as Optimizer
from tfcompat.training.proximal_adagrad import ProximalAdagradOptimizer as ProximalAdagradOptimizer
from tfcompat.training.proximal_gradient_descent import (
    ProximalGradientDescentOptimizer as ProximalGradientDescentOptimizer,
)
from tfcompat.training.queue_runner import (
    QueueRunner as QueueRunner,
    add_queue_runner as add_queue_runner,
    start_queue_runners as start_queue_runners,
)
from tfcompat.training.rmsprop import RMSPropOptimizer as RMSPropOptimizer
from tfcompat.training.saver import (
    Saver as Saver,
    export_meta_graph as export_meta_graph,
    import_meta_graph as import_meta_graph,
)
from tfcompat.training.server_lib import ClusterSpec as ClusterSpec, Server as Server
from tfcompat.training.session_manager import SessionManager as SessionManager
from tfcompat.training.session_run_hook import (
    SessionRunArgs as SessionRunArgs,
    SessionRunContext as SessionRunContext,
    SessionRunHook as SessionRunHook,
    SessionRunValues as SessionRunValues,
)
from tfcompat.training.supervisor import Supervisor as Supervisor
from tfcompat.training.training_util import (
    assert_global_step as assert_global_step,
    create_global_step as create_global_step,
    get_global_step as get_global_step,
    get_or_create_global_step as get_or_create_global_step,
    global_step as global_step,
)
from tfcompat.api.v1.train import queue_runner as queue_runner

__all__ = [
    "AdadeltaOptimizer",
    "AdagradDAOptimizer",
    "AdagradOptimizer",
    "AdamOptimizer",
    "Checkpoint",
    "CheckpointManager",
    "CheckpointSaverHook",
    "CheckpointSaverListener",
    "ChiefSessionCreator",
    "ClusterSpec",
    "Coordinator",
    "ExponentialMovingAverage",
    "FeedFnHook",
    "FinalOpsHook",
    "FtrlOptimizer",
    "GlobalStepWaiterHook",
    "GradientDescentOptimizer",
    "LoggingTensorHook",
    "LooperThread",
    "MomentumOptimizer",
    "MonitoredSession",
    "MonitoredTrainingSession",
    "NanLossDuringTrainingError",
    "NanTensorHook",
    "NewCheckpointReader",
    "Optimizer",
    "ProfilerHook",
    "ProximalAdagradOptimizer",
    "ProximalGradientDescentOptimizer",
    "QueueRunner",
    "RMSPropOptimizer",
    "Saver",
    "Scaffold",
    "SecondOrStepTimer",
    "Server",
    "SessionCreator",
    "SessionManager",
    "SessionRunArgs",
    "SessionRunContext",
    "SessionRunHook",
    "SessionRunValues",
    "SingularMonitoredSession",
    "StepCounterHook",
    "StopAtStepHook",
    "SummarySaverHook",
    "Supervisor",
    "VocabInfo",
    "WorkerSessionCreator",
    "add_queue_runner",
    "assert_global_step",
    "basic_train_loop",
    "batch",
    "batch_join",
    "checkpoint_exists",
    "checkpoints_iterator",
    "cosine_decay",
    "cosine_decay_restarts",
    "create_global_step",
    "exponential_decay",
    "export_meta_graph",
    "generate_checkpoint_state_proto",
    "get_checkpoint_mtimes",
    "get_checkpoint_state",
    "get_global_step",
    "get_or_create_global_step",
    "global_step",
    "import_meta_graph",
    "init_from_checkpoint",
    "input_producer",
    "inverse_time_decay",
    "latest_checkpoint",
    "limit_epochs",
    "linear_cosine_decay",
    "list_variables",
    "load_checkpoint",
    "load_variable",
    "match_filenames_once",
    "maybe_batch",
    "maybe_batch_join",
    "maybe_shuffle_batch",
    "maybe_shuffle_batch_join",
    "natural_exp_decay",
    "noisy_linear_cosine_decay",
    "piecewise_constant",
    "piecewise_constant_decay",
    "polynomial_decay",
    "queue_runner",
    "range_input_producer",
    "remove_checkpoint",
    "replica_device_setter",
    "shuffle_batch",
    "shuffle_batch_join",
    "slice_input_producer",
    "start_queue_runners",
    "string_input_producer",
    "summary_iterator",
    "update_checkpoint_state",
    "warm_start",
    "write_graph",
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
    "SaverDef": "tfcompat.framework.protos:SaverDef",
    "SequenceExample": "tfcompat.framework.protos:SequenceExample",
    "ServerDef": "tfcompat.framework.protos:ServerDef",
}
__getattr__ = _namespace_getattr("tf.train", LAZY)
