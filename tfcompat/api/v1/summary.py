"""Public names of `tf.summary`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.summary.file_writer import FileWriter as FileWriter, FileWriterCache as FileWriterCache

__all__ = [
    "FileWriter",
    "FileWriterCache",
]

LAZY = {
    "Event": "tfcompat.framework.protos:Event",
    "SessionLog": "tfcompat.framework.protos:SessionLog",
    "Summary": "tfcompat.framework.protos:Summary",
    "SummaryDescription": "tfcompat.framework.protos:SummaryDescription",
    "TaggedRunMetadata": "tfcompat.framework.protos:TaggedRunMetadata",
}
__getattr__ = _namespace_getattr("tf.summary", LAZY)
