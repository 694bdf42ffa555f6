"""The summary ops and tf.summary: bytes, names, collections and errors of TF 1.15, recorded in cases_tf115.json.gz."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import tfcompat as tf
from tests.recorded_cases import Cases

CASES = Cases(Path(__file__).with_name("cases.txt"))


@pytest.fixture(scope="module", autouse=True)
def _without_leftovers() -> Iterator[None]:
    yield
    shutil.rmtree(Path(tempfile.gettempdir()) / "tfcompat_summary_cases", ignore_errors=True)


@CASES.parametrize()
def test_as_tensorflow(program: str) -> None:
    CASES.check(program)


def test_written_and_read_back(tmp_path: Path) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], "x")
        tf.summary.scalar("average", tf.reduce_mean(x))
        tf.summary.histogram("values", x)
        merged = tf.summary.merge_all()
        with tf.Session() as session, tf.summary.FileWriter(str(tmp_path), graph) as writer:
            for step in range(3):
                writer.add_summary(session.run(merged, {x: [step, step + 1, step + 2]}), step)
    (file,) = tmp_path.iterdir()
    means = [
        (event.step, value.simple_value)
        for event in tf.train.summary_iterator(str(file))
        for value in event.summary.value
        if value.tag == "average"
    ]
    assert means == [(0, 1.0), (1, 2.0), (2, 3.0)]
