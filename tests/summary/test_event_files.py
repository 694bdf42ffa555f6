"""Event files and `tf.summary.FileWriter`; messages and order of events as TF 1.15.0 gave them."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import summary_pb2

from tfcompat.framework import errors, protos, tf_logging
from tfcompat.framework.graph import Graph
from tfcompat.summary import event_files
from tfcompat.summary.event_files import EventFileWriter, summary_iterator
from tfcompat.summary.file_writer import FileWriter, FileWriterCache


def events(folder):
    """The events of all files of a directory, without the first of each, which says the version."""
    found = []
    for path in sorted(folder.iterdir()):
        first, *rest = summary_iterator(str(path))
        assert first.file_version == "brain.Event:2" and first.wall_time == int(first.wall_time)
        found += rest
    return found


def scalar(tag="a", value=1.0, **metadata):
    value = protos.Summary.Value(tag=tag, simple_value=value)
    if metadata:
        value.metadata.MergeFrom(protos.SummaryMetadata(**metadata))
    return protos.Summary(value=[value])


def test_what_is_written(tmp_path):
    with FileWriter(str(tmp_path / "new"), filename_suffix=".x") as writer:
        (path,) = (tmp_path / "new").iterdir()
        assert re.fullmatch(r"events\.out\.tfevents\.\d{10}\..+\.x", path.name)
        writer.add_summary(scalar(), 5)
        for step in (6, 7):
            writer.add_summary(scalar("b", display_name="q").SerializeToString(), step)
        writer.add_session_log(protos.SessionLog(status=protos.SessionLog.START), 0)
        writer.add_run_metadata(protos.RunMetadata(), "t", 3)
        writer.add_event(protos.Event(step=8))
        assert writer.get_logdir() == str(tmp_path / "new")
    written = events(tmp_path / "new")
    assert [e.step for e in written] == [5, 6, 7, 0, 3, 8]
    assert [e.WhichOneof("what") for e in written] == ["summary"] * 3 + ["session_log", "tagged_run_metadata", None]
    # Metadata goes with the first value of a tag only.
    assert [e.summary.value[0].HasField("metadata") for e in written[:3]] == [False, True, False]
    assert abs(written[0].wall_time - time.time()) < 60


def test_tensorboard_reads_it(tmp_path):
    with FileWriter(str(tmp_path)) as writer:
        for step in range(3):
            writer.add_summary(scalar("loss", step / 2), step)
        # TensorBoard's own messages are taken as well.
        writer.add_summary(summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="theirs", simple_value=4)]), 1)
    accumulator = EventAccumulator(str(tmp_path)).Reload()
    assert [(e.step, e.value) for e in accumulator.Scalars("loss")] == [(0, 0.0), (1, 0.5), (2, 1.0)]
    assert [e.value for e in accumulator.Scalars("theirs")] == [4.0]


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda w: w.add_graph(None), TypeError, "The passed graph must be an instance of `Graph` or the deprecated "),
        (lambda w: w.add_meta_graph(1), TypeError, "meta_graph_def must be type MetaGraphDef, saw type: <class 'int'>"),
        (
            lambda w: w.add_graph(Graph(), graph_def=protos.GraphDef()),
            ValueError,
            "Please pass only graph, or graph_def",
        ),
        (lambda w: [w.add_run_metadata(protos.RunMetadata(), "t") for _ in "ab"], ValueError, "The provided tag was"),
        (lambda w: w.add_summary(3), AttributeError, "'int' object has no attribute 'value'"),
    ],
)
def test_wrong_arguments(tmp_path, call, error, message):
    with FileWriter(str(tmp_path)) as writer, pytest.raises(error) as caught:
        call(writer)
    assert str(caught.value).startswith(message)


def test_graphs(tmp_path):
    definition = protos.GraphDef(node=[protos.NodeDef(name="c", op="Const"), protos.NodeDef(name="n", op="Mine")])
    with FileWriter(str(tmp_path), graph_def=definition):
        pass
    graph, meta_graph = events(tmp_path)
    assert protos.GraphDef.FromString(graph.graph_def) == definition
    meta = protos.MetaGraphDef.FromString(meta_graph.meta_graph_def)
    assert meta.graph_def == definition and meta.meta_info_def.tensorflow_version == "1.15.0"
    assert [op.name for op in meta.meta_info_def.stripped_op_list.op] == ["Const"]


def test_closing_and_opening_again(tmp_path):
    writer = FileWriter(str(tmp_path))
    writer.add_summary(scalar(), 1)
    writer.close()
    writer.close()
    with pytest.warns(UserWarning, match="Attempting to use a closed FileWriter"):
        writer.add_summary(scalar(), 2)
    writer.reopen()
    writer.reopen()
    for path in tmp_path.iterdir():
        path.rename(path.with_name("0" + path.name))  # the new file may have the same second in its name
    writer.add_summary(scalar(), 3)
    writer.close()
    assert [e.step for e in events(tmp_path)] == [1, 3]


def test_no_thread_without_a_writer_and_none_left(tmp_path):
    def ours():
        return [t for t in threading.enumerate() if t.name == "tfcompat-events"]

    assert not ours()
    writer = EventFileWriter(tmp_path)
    assert len(ours()) == 1
    writer.add_event(protos.Event(step=1))
    del writer  # as good as close()
    assert not ours() and [e.step for e in events(tmp_path)] == [1]


def test_the_end_of_a_program_writes_what_is_queued(tmp_path):
    program = """
        import sys
        from tfcompat.framework import protos
        from tfcompat.summary.event_files import EventFileWriter
        writer = EventFileWriter(sys.argv[1], max_queue=1000)
        for step in range(500):
            writer.add_event(protos.Event(step=step))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program), str(tmp_path)], check=True)
    assert [e.step for e in events(tmp_path)] == list(range(500))


def test_a_removed_file_is_made_again(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(tf_logging, "error", lambda text, *args: said.append(text % args))
    writer = EventFileWriter(tmp_path)
    writer.add_event(protos.Event(step=1))
    writer.flush()
    (path,) = tmp_path.iterdir()
    path.unlink()
    writer.add_event(protos.Event(step=2))
    writer.flush()
    assert said and said[0].endswith("has disappeared.")
    writer.add_event(protos.Event(step=3))
    writer.close()
    assert [e.step for e in events(tmp_path)] == [3]


def test_a_failing_write_stops_nobody(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(tf_logging, "error", lambda text, *args: said.append(text % args))
    writer = EventFileWriter(tmp_path, max_queue=1)
    with monkeypatch.context() as patch:
        patch.setattr(event_files.EventsWriter, "write_event", lambda self, event: 1 / 0)
        for step in range(5):
            writer.add_event(protos.Event(step=step))
        writer.flush()
    writer.add_event(protos.Event(step=7))
    writer.close()
    assert len(said) == 5 and [e.step for e in events(tmp_path)] == [7]


def test_directories_that_cannot_be_made():
    with pytest.raises(errors.OpError):
        FileWriter("/proc/nope/x")


def test_the_cache(tmp_path):
    with Graph().as_default():
        writer = FileWriterCache.get(str(tmp_path))
        assert FileWriterCache.get(str(tmp_path)) is writer
        FileWriterCache.clear()
        assert FileWriterCache.get(str(tmp_path)) is not writer
        FileWriterCache.clear()
