"""Public names of `tf`; written by tools/generate_api.py."""

from tfcompat.client.fetched_types import (
    IndexedSlicesValue as IndexedSlicesValue,
    SparseTensorValue as SparseTensorValue,
)
from tfcompat.client.session import InteractiveSession as InteractiveSession, Session as Session
from tfcompat.framework.collections import (
    GraphKeys as GraphKeys,
    add_to_collection as add_to_collection,
    add_to_collections as add_to_collections,
    get_collection as get_collection,
    get_collection_ref as get_collection_ref,
)
from tfcompat.framework.constant_value import constant_value as get_static_value
from tfcompat.framework.conversion import (
    convert_to_tensor as convert_to_tensor,
    convert_to_tensor_or_indexed_slices as convert_to_tensor_or_indexed_slices,
    register_tensor_conversion_function as register_tensor_conversion_function,
)
from tfcompat.framework.device import DeviceSpec as DeviceSpec
from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.framework.graph import Graph as Graph
from tfcompat.framework.importer import import_graph_def as import_graph_def
from tfcompat.framework.indexed_slices import IndexedSlices as IndexedSlices
from tfcompat.framework.operation import Operation as Operation
from tfcompat.framework.scopes import (
    colocate_with as colocate_with,
    container as container,
    control_dependencies as control_dependencies,
    device as device,
    name_scope as name_scope,
    op_scope as op_scope,
)
from tfcompat.framework.stacks import (
    get_default_graph as get_default_graph,
    get_default_session as get_default_session,
    reset_default_graph as reset_default_graph,
)
from tfcompat.framework.tensor import Tensor as Tensor
from tfcompat.framework.tensor_proto import make_ndarray as make_ndarray, make_tensor_proto as make_tensor_proto
from tfcompat.framework.versions import (
    COMPILER_VERSION as COMPILER_VERSION,
    CXX11_ABI_FLAG as CXX11_ABI_FLAG,
    GIT_VERSION as GIT_VERSION,
    GRAPH_DEF_VERSION as GRAPH_DEF_VERSION,
    GRAPH_DEF_VERSION_MIN_CONSUMER as GRAPH_DEF_VERSION_MIN_CONSUMER,
    GRAPH_DEF_VERSION_MIN_PRODUCER as GRAPH_DEF_VERSION_MIN_PRODUCER,
    MONOLITHIC_BUILD as MONOLITHIC_BUILD,
    VERSION as VERSION,
)
from tfcompat.gradients.registry import (
    not_differentiable as NoGradient,
    not_differentiable as NotDifferentiable,
    RegisterGradient as RegisterGradient,
    not_differentiable as no_gradient,
)
from tfcompat.ops.constants import (
    constant_v1 as constant,
    placeholder as placeholder,
    placeholder_with_default as placeholder_with_default,
)
from tfcompat.ops.identity import (
    identity as identity,
    identity_n as identity_n,
    no_op as no_op,
    stop_gradient as stop_gradient,
)
from tfcompat.platform.tf_logging import get_logger as get_logger
from tfcompat.api.v1 import (
    app as app,
    compat as compat,
    flags as flags,
    gfile as gfile,
    graph_util as graph_util,
    io as io,
    logging as logging,
    profiler as profiler,
    python_io as python_io,
    quantization as quantization,
    resource_loader as resource_loader,
    summary as summary,
    sysconfig as sysconfig,
    train as train,
    version as version,
)

__all__ = [
    "COMPILER_VERSION",
    "CXX11_ABI_FLAG",
    "DeviceSpec",
    "GIT_VERSION",
    "GRAPH_DEF_VERSION",
    "GRAPH_DEF_VERSION_MIN_CONSUMER",
    "GRAPH_DEF_VERSION_MIN_PRODUCER",
    "Graph",
    "GraphKeys",
    "IndexedSlices",
    "IndexedSlicesValue",
    "InteractiveSession",
    "MONOLITHIC_BUILD",
    "NoGradient",
    "NotDifferentiable",
    "Operation",
    "RegisterGradient",
    "Session",
    "SparseTensorValue",
    "Tensor",
    "VERSION",
    "add_to_collection",
    "add_to_collections",
    "app",
    "colocate_with",
    "compat",
    "constant",
    "container",
    "control_dependencies",
    "convert_to_tensor",
    "convert_to_tensor_or_indexed_slices",
    "device",
    "flags",
    "get_collection",
    "get_collection_ref",
    "get_default_graph",
    "get_default_session",
    "get_logger",
    "get_static_value",
    "gfile",
    "graph_util",
    "identity",
    "identity_n",
    "import_graph_def",
    "io",
    "logging",
    "make_ndarray",
    "make_tensor_proto",
    "name_scope",
    "no_gradient",
    "no_op",
    "op_scope",
    "placeholder",
    "placeholder_with_default",
    "profiler",
    "python_io",
    "quantization",
    "register_tensor_conversion_function",
    "reset_default_graph",
    "resource_loader",
    "stop_gradient",
    "summary",
    "sysconfig",
    "train",
    "version",
]

LAZY = {
    "AttrValue": "tfcompat.framework.protos:AttrValue",
    "ConfigProto": "tfcompat.framework.protos:ConfigProto",
    "Event": "tfcompat.framework.protos:Event",
    "GPUOptions": "tfcompat.framework.protos:GPUOptions",
    "GraphDef": "tfcompat.framework.protos:GraphDef",
    "GraphOptions": "tfcompat.framework.protos:GraphOptions",
    "HistogramProto": "tfcompat.framework.protos:HistogramProto",
    "LogMessage": "tfcompat.framework.protos:LogMessage",
    "MetaGraphDef": "tfcompat.framework.protos:MetaGraphDef",
    "NameAttrList": "tfcompat.framework.protos:NameAttrList",
    "NodeDef": "tfcompat.framework.protos:NodeDef",
    "OptimizerOptions": "tfcompat.framework.protos:OptimizerOptions",
    "RunMetadata": "tfcompat.framework.protos:RunMetadata",
    "RunOptions": "tfcompat.framework.protos:RunOptions",
    "SessionLog": "tfcompat.framework.protos:SessionLog",
    "Summary": "tfcompat.framework.protos:Summary",
    "SummaryMetadata": "tfcompat.framework.protos:SummaryMetadata",
    "TensorInfo": "tfcompat.framework.protos:TensorInfo",
    "contrib": "tfcompat.api.v1.contrib",
    "keras": "tfcompat.api.v1.keras",
    "test": "tfcompat.api.v1.test",
}
__getattr__ = _namespace_getattr("tf", LAZY)
