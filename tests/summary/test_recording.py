"""tf.contrib.summary and tf.summary.FileWriter(session=...): what is in the event files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfcompat as tf


def events(folder: Path) -> list[Any]:
    (file,) = sorted(folder.iterdir())
    return list(tf.train.summary_iterator(str(file)))


def test_summaries_are_written_where_recording_is_on(tmp_path: Path) -> None:
    recording: Any = tf.contrib.summary
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        writer = recording.create_file_writer(str(tmp_path))
        with writer.as_default(), recording.record_summaries_every_n_global_steps(2):
            recording.scalar("x", tf.cast(step, tf.float32) * 10)
        more = tf.assign_add(step, 1)
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), writer.init()])
            for _ in range(4):
                session.run(recording.all_summary_ops())
                session.run(more)
            session.run(writer.close())
    found = events(tmp_path)
    assert found[0].file_version == "brain.Event:2"
    assert [(e.step, e.summary.value[0].tag, e.summary.value[0].simple_value) for e in found[1:]] == [
        (0, "x", 0.0),
        (2, "x", 20.0),
    ]


def test_every_kind_of_summary(tmp_path: Path) -> None:
    recording: Any = tf.contrib.summary
    with tf.Graph().as_default() as graph:
        writer = recording.create_file_writer(str(tmp_path))
        with writer.as_default(), recording.always_record_summaries():
            made = [
                recording.scalar("s", 1.5, step=1, family="fam"),
                recording.histogram("h", [1.0, 3.0], step=2),
                recording.generic("g", np.array([1, 2], np.int32), step=3),
                recording.image("i", tf.zeros([1, 2, 3, 3]), step=4),
                recording.audio("a", tf.zeros([1, 4]), 8.0, 1, step=5),
            ]
            with tf.Session() as session:
                recording.initialize(graph=graph)
                for node in made:
                    session.run(node)
                session.run(recording.flush())
    found = events(tmp_path)[1:]
    assert [e.WhichOneof("what") for e in found] == ["graph_def"] + ["summary"] * 5
    assert [e.step for e in found] == [0, 1, 2, 3, 4, 5]
    scalar, histogram, generic, image, audio = (e.summary.value[0] for e in found[1:])
    assert (scalar.tag, scalar.simple_value) == ("fam/fam/s", 1.5)
    assert (histogram.tag, histogram.histo.sum) == ("h", 4.0)
    assert tf.make_ndarray(generic.tensor).tolist() == [1, 2]
    assert (image.tag, image.image.height, image.image.width) == ("i/image/0", 2, 3)
    assert (audio.tag, audio.audio.length_frames) == ("a/audio", 4)


def test_a_writer_that_is_not_open(tmp_path: Path) -> None:
    recording: Any = tf.contrib.summary
    with tf.Graph().as_default():
        writer = recording.create_file_writer(str(tmp_path))
        with writer.as_default(), recording.always_record_summaries():
            made = recording.scalar("s", 1.5, step=1)
        with tf.Session() as session, pytest.raises(tf.errors.NotFoundError, match="does not exist"):
            session.run(made)


def test_file_writers_of_a_session_share_a_file(tmp_path: Path) -> None:
    summary = tf.Summary()
    summary.value.add(tag="one", simple_value=1.0)
    with tf.Graph().as_default(), tf.Session() as session:
        first = tf.summary.FileWriter(str(tmp_path), session=session)
        second = tf.summary.FileWriter(str(tmp_path), session=session)
        first.add_summary(summary, 1)
        second.add_summary(summary, 2)
        first.flush()
        assert first.get_logdir() == str(tmp_path)
        second.close()
    assert [e.step for e in events(tmp_path)[1:]] == [1, 2]
