"""Public names of `tf.contrib.summary`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.summary.recording import (
    SummaryWriter as SummaryWriter,
    all_v2_summary_ops as all_summary_ops,
    always_record_summaries as always_record_summaries,
    audio as audio,
    create_db_writer as create_db_writer,
    create_file_writer as create_file_writer,
    create_summary_file_writer as create_summary_file_writer,
    eval_dir as eval_dir,
    flush as flush,
    generic as generic,
    write_graph as graph,
    histogram as histogram,
    image as image,
    import_event as import_event,
    initialize as initialize,
    never_record_summaries as never_record_summaries,
    record_summaries_every_n_global_steps as record_summaries_every_n_global_steps,
    scalar as scalar,
    should_record_summaries as should_record_summaries,
    summary_writer_initializer_op as summary_writer_initializer_op,
)

__all__ = [
    "SummaryWriter",
    "all_summary_ops",
    "always_record_summaries",
    "audio",
    "create_db_writer",
    "create_file_writer",
    "create_summary_file_writer",
    "eval_dir",
    "flush",
    "generic",
    "graph",
    "histogram",
    "image",
    "import_event",
    "initialize",
    "never_record_summaries",
    "record_summaries_every_n_global_steps",
    "scalar",
    "should_record_summaries",
    "summary_writer_initializer_op",
]

__getattr__ = _namespace_getattr("tf.contrib.summary")
