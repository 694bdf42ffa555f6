"""tf.train.Checkpoint: object-based checkpoints, those of TF 1.15 included, and CheckpointManager."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfcompat as tf

FIXTURES = Path(__file__).parent / "fixtures"
WANT: dict[str, Any] = json.loads((FIXTURES / "values.json").read_text())["objects"]


def model(name: str = "w") -> tuple[Any, Any, Any, Any]:
    w = tf.get_variable(name, initializer=np.zeros((2, 2), np.float32), use_resource=True)
    ref = tf.Variable([0.0, 0.0], name="ref")
    optimizer = tf.train.AdamOptimizer(0.1)
    train = optimizer.minimize(tf.reduce_sum(tf.square(w)), var_list=[w])
    checkpoint = tf.train.Checkpoint(optimizer=optimizer, w=w, ref=ref)
    checkpoint.parts = [w, {"a/b.c": tf.get_variable("z", initializer=0.0, use_resource=True)}]
    return checkpoint, optimizer, train, [w, ref]


def test_a_checkpoint_of_tensorflow() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        checkpoint, optimizer, _, (w, ref) = model("renamed")
        status = checkpoint.restore(str(FIXTURES / "objects-1"))
        status.assert_consumed().assert_nontrivial_match()
        status.run_restore_ops()
        slots = [optimizer.get_slot(w, name) for name in ("m", "v")]
        for mine, theirs in zip(session.run([w, *slots, ref]), WANT["values"]):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)
        assert session.run(checkpoint.save_counter) == 1


def test_keys_are_those_of_tensorflow(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        checkpoint, _, train, (w, _) = model()
        session.run(tf.global_variables_initializer())
        session.run(train)
        path = checkpoint.save(str(tmp_path / "c"))
        assert path == str(tmp_path / "c-1") == tf.train.latest_checkpoint(str(tmp_path))
        assert [name for name, _ in tf.train.list_variables(path)] == WANT["keys"]
        want = session.run(w)
        # A Saver finds the variables by the names that the checkpoint also has.
        session.run(w.initializer)
        tf.train.Saver([w]).restore(session, path)
        np.testing.assert_array_equal(session.run(w), want)


def test_what_comes_later_is_restored_and_what_is_new_initialised(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        checkpoint = tf.train.Checkpoint()
        status = checkpoint.restore(str(FIXTURES / "objects-1"))
        checkpoint.ref = tf.Variable([0.0, 0.0])
        checkpoint.new = tf.Variable(7.0)
        status.initialize_or_restore(session)
        assert session.run(checkpoint.ref).tolist() == WANT["values"][3]
        assert session.run(checkpoint.new) == 7.0
        with pytest.raises(AssertionError, match="Some Python objects were not bound to checkpointed values"):
            status.assert_existing_objects_matched()
        del checkpoint.new
        with pytest.raises(AssertionError, match="Unresolved object in checkpoint \\(root\\)\\.optimizer"):
            status.assert_consumed()


def test_without_a_checkpoint() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        checkpoint, *_ = model()
        status = checkpoint.restore(None)
        with pytest.raises(AssertionError, match="No checkpoint specified"):
            status.assert_consumed()
        status.initialize_or_restore()
        assert session.run(checkpoint.save_counter) == 0
        with pytest.raises(tf.errors.NotFoundError):
            checkpoint.restore(str(FIXTURES / "none"))
        with pytest.raises(ValueError, match="was expecting a trackable object"):
            tf.train.Checkpoint(x=3)


def test_a_checkpoint_of_a_saver(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        checkpoint, _, train, (w, ref) = model()
        session.run(tf.global_variables_initializer())
        session.run([train, ref.assign([3.0, 4.0])])
        path = tf.train.Saver([w, ref]).save(session, str(tmp_path / "s"))
        session.run(tf.global_variables_initializer())
        checkpoint.restore(path).initialize_or_restore()
        assert session.run(ref).tolist() == [3.0, 4.0]


def test_manager_keeps_the_last(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        checkpoint, *_ = model()
        manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2, checkpoint_name="m")
        session.run(tf.global_variables_initializer())
        paths = [manager.save() for _ in range(3)]
        assert paths == [str(tmp_path / f"m-{n}") for n in (1, 2, 3)]
        assert manager.checkpoints == paths[1:] and manager.latest_checkpoint == paths[2]
        assert sorted(p.name for p in tmp_path.glob("*.index")) == ["m-2.index", "m-3.index"]
        again = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=1, checkpoint_name="m")
        assert again.checkpoints == paths[1:]
        assert again.save(checkpoint_number=20) == str(tmp_path / "m-20")
        assert [p.name for p in tmp_path.glob("*.index")] == ["m-20.index"]
        with pytest.raises(ValueError, match="Expected a positive integer"):
            tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=0)


def test_a_scaffold_takes_a_checkpoint(tmp_path: Path) -> None:
    with tf.Graph().as_default():
        checkpoint, _, train, (_w, _) = model()
        scaffold = tf.train.Scaffold(saver=checkpoint)
        with tf.train.MonitoredTrainingSession(scaffold=scaffold) as session:
            session.run(train)
        assert isinstance(scaffold.saver, tf.train.Saver)
