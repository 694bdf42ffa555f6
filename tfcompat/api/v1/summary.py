"""Public names of `tf.summary`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr

__all__ = []

LAZY = {
    "Event": "tfcompat.framework.protos:Event",
    "SessionLog": "tfcompat.framework.protos:SessionLog",
    "Summary": "tfcompat.framework.protos:Summary",
    "SummaryDescription": "tfcompat.framework.protos:SummaryDescription",
    "TaggedRunMetadata": "tfcompat.framework.protos:TaggedRunMetadata",
}
__getattr__ = _namespace_getattr("tf.summary", LAZY)
