"""Public names of `tf.compat.v2.train`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = []

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
