"""Public names of `tf.summary`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.summary.file_writer import FileWriter as FileWriter, FileWriterCache as FileWriterCache
from tfcompat.summary.recording import all_v2_summary_ops as all_v2_summary_ops, initialize as initialize
from tfcompat.summary.summary_ops import (
    audio as audio,
    get_summary_description as get_summary_description,
    histogram as histogram,
    image as image,
    merge as merge,
    merge_all as merge_all,
    scalar as scalar,
    tensor_summary as tensor_summary,
    text as text,
)

__all__ = [
    "FileWriter",
    "FileWriterCache",
    "all_v2_summary_ops",
    "audio",
    "get_summary_description",
    "histogram",
    "image",
    "initialize",
    "merge",
    "merge_all",
    "scalar",
    "tensor_summary",
    "text",
]

LAZY = {
    "Event": "tfcompat.framework.protos:Event",
    "SessionLog": "tfcompat.framework.protos:SessionLog",
    "Summary": "tfcompat.framework.protos:Summary",
    "SummaryDescription": "tfcompat.framework.protos:SummaryDescription",
    "TaggedRunMetadata": "tfcompat.framework.protos:TaggedRunMetadata",
}
__getattr__ = _namespace_getattr("tf.summary", LAZY)
