"""Writing graphs to files.

Source: TF 1.15, python/framework/graph_io.py.
"""

from __future__ import annotations

import os
from typing import Any

from tfcompat.framework.export import export
from tfcompat.framework.graph import Graph
from tfcompat.platform import gfile


@export("train.write_graph", "io.write_graph", v2=("io.write_graph",))
def write_graph(graph_or_graph_def: Any, logdir: str, name: str, as_text: bool = True) -> str:
    """Writes a graph, or any message such as a GraphDef, to the file `name` in `logdir`; returns the file's path."""
    message = graph_or_graph_def.as_graph_def() if isinstance(graph_or_graph_def, Graph) else graph_or_graph_def
    if logdir and not logdir.startswith("gs:") and not gfile.file_exists(logdir):
        gfile.recursive_create_dir(logdir)
    path = os.path.join(logdir, name)
    if as_text:
        from google.protobuf import text_format

        gfile.atomic_write_string_to_file(path, text_format.MessageToString(message))
    else:
        gfile.atomic_write_string_to_file(path, message.SerializeToString())
    return path
