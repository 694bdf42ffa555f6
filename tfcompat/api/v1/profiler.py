"""Public names of `tf.profiler`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = []

LAZY = {
    "AdviceProto": "tfcompat.framework.protos:AdviceProto",
    "GraphNodeProto": "tfcompat.framework.protos:GraphNodeProto",
    "MultiGraphNodeProto": "tfcompat.framework.protos:MultiGraphNodeProto",
    "OpLogProto": "tfcompat.framework.protos:OpLogProto",
}
__getattr__ = _namespace_getattr("tf.profiler", LAZY)
