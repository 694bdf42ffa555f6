"""Public names of protocol messages; the classes themselves are made on first use (see `protos`)."""

from __future__ import annotations

from tfcompat.framework.export import export_lazy

_TOP_LEVEL = """
AttrValue ConfigProto Event GPUOptions GraphDef GraphOptions HistogramProto LogMessage MetaGraphDef NameAttrList
NodeDef OptimizerOptions RunMetadata RunOptions SessionLog Summary SummaryMetadata TensorInfo
"""
_BY_NAMESPACE = {
    "profiler": "AdviceProto GraphNodeProto MultiGraphNodeProto OpLogProto",
    "quantization.experimental": """QuantizationComponentSpec QuantizationMethod QuantizationOptions
        UnitWiseQuantizationSpec""",
    "summary": "Event SessionLog Summary SummaryDescription TaggedRunMetadata",
    "train": """BytesList ClusterDef Example Feature FeatureList FeatureLists Features FloatList Int64List JobDef
        SaverDef SequenceExample ServerDef""",
}

for _name in _TOP_LEVEL.split():
    export_lazy(_name, target=f"tfcompat.framework.protos:{_name}")
for _namespace, _names in _BY_NAMESPACE.items():
    for _name in _names.split():
        _public = f"{_namespace}.{_name}"
        _v2 = (_public,) if _namespace == "train" and _name != "SaverDef" else ()
        export_lazy(_public, target=f"tfcompat.framework.protos:{_name}", v2=_v2)
