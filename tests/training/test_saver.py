"""tf.train.Saver and MetaGraphs: what is kept and deleted, errors, and files that TF 1.15 wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tfcompat as tf
from tfcompat.io import checkpoint_state
from tfcompat.training import saver as saver_lib

FIXTURES = Path(__file__).parent / "fixtures"
VALUES: dict[str, Any] = json.loads((FIXTURES / "values.json").read_text())
BATCH = [[1.0, -1.0], [0.5, 2.0]]


def two_variables() -> tuple[Any, Any]:
    ref = tf.Variable([1.0, 2.0], name="ref")
    return ref, tf.get_variable("resource", initializer=np.arange(3.0), use_resource=True)


def test_a_meta_graph_of_tensorflow_trains_on() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(str(FIXTURES / "small-3.meta"))
        saver.restore(session, str(FIXTURES / "small-3"))
        assert [v.name for v in tf.global_variables()] == VALUES["small"]["names"]
        assert tf.get_collection("text") == [b"abc"] and tf.get_collection("number") == [3]
        assert tf.get_collection("loss")[0].op.type == "AddV2"
        assert [v.op.name for v in tf.trainable_variables()] == ["w", "r", "p/v/part_0", "p/v/part_1", "p/v/part_2"]
        assert [v.op.name for v in tf.moving_average_variables()] == ["w"]
        (train,) = tf.get_collection("train_op")
        session.run(train, {"x:0": BATCH})
        for name, mine, theirs in zip(
            VALUES["small"]["names"], session.run(tf.global_variables()), VALUES["small"]["after_one_more_step"]
        ):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, err_msg=name)


def test_import_under_a_scope() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(str(FIXTURES / "small-3.meta"), import_scope="old", clear_devices=True)
        saver.restore(session, str(FIXTURES / "small-3"))
        assert tf.global_variables()[0].name == "old/w:0"
        assert session.run("old/global_step:0") == 3


def test_restore_with_other_names_and_parts(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        whole = tf.Variable(tf.zeros([7, 2]), name="whole")
        tf.train.Saver({"p/v": whole}).restore(session, str(FIXTURES / "small-3"))
        with tf.variable_scope("two", partitioner=tf.fixed_size_partitioner(2, axis=1)):
            parts = tf.get_variable("v", [7, 2])
        tf.train.Saver({"p/v": parts}).restore(session, str(FIXTURES / "small-3"))
        np.testing.assert_array_equal(session.run(whole), session.run(tf.convert_to_tensor(parts)))
        assert session.run(whole).max() < 1.0


@pytest.mark.parametrize("version", [tf.train.SaverDef.V1, tf.train.SaverDef.V2])
@pytest.mark.parametrize("sharded", [False, True])
def test_values_survive(tmp_path: Path, sharded: bool, version: int) -> None:
    prefix = str(tmp_path / "model")
    with tf.Graph().as_default(), tf.Session() as session:
        variables = two_variables()
        saver = tf.train.Saver(sharded=sharded, write_version=version)
        session.run(tf.global_variables_initializer())
        path = saver.save(session, prefix)
        session.run([variables[0].assign([0.0, 0.0]), variables[1].assign([0.0, 0.0, 0.0])])
        saver.restore(session, path)
        got = session.run(variables)
    np.testing.assert_array_equal(got[0], [1.0, 2.0])
    np.testing.assert_array_equal(got[1], [0.0, 1.0, 2.0])


def test_old_checkpoints_go(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        two_variables()
        saver = tf.train.Saver(max_to_keep=2, pad_step_number=True, save_relative_paths=True)
        session.run(tf.global_variables_initializer())
        paths = [saver.save(session, str(tmp_path / "m"), global_step=n) for n in (1, 2, 3)]
        assert saver.last_checkpoints == paths[1:]
        assert sorted(p for p in os.listdir(tmp_path) if p.endswith(".index")) == [
            "m-00000002.index",
            "m-00000003.index",
        ]
        text = (tmp_path / "checkpoint").read_text()
        assert text.splitlines() == [
            'model_checkpoint_path: "m-00000003"',
            'all_model_checkpoint_paths: "m-00000002"',
            'all_model_checkpoint_paths: "m-00000003"',
        ]
        again = tf.train.Saver(max_to_keep=2)
        again.recover_last_checkpoints([*paths, "gone"])
        assert again.last_checkpoints == paths[1:]
        again.save(session, str(tmp_path / "m"), global_step=4, write_meta_graph=False)
        assert not (tmp_path / "m-00000002.index").exists() and not (tmp_path / "m-4.meta").exists()


def test_some_checkpoints_are_kept_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(saver_lib.time, "time", lambda: now[0])
    with tf.Graph().as_default(), tf.Session() as session:
        two_variables()
        saver = tf.train.Saver(max_to_keep=1, keep_checkpoint_every_n_hours=1.0)
        session.run(tf.global_variables_initializer())
        for n, now[0] in enumerate((10.0, 4000.0, 4100.0, 8000.0), 1):
            saver.save(session, str(tmp_path / "m"), global_step=n, write_meta_graph=False)
    assert sorted(p.name for p in tmp_path.glob("*.index")) == ["m-2.index", "m-4.index"]


def test_a_failed_save_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        variables = two_variables()
        saver = tf.train.Saver(max_to_keep=1)
        session.run(tf.global_variables_initializer())
        first = saver.save(session, str(tmp_path / "m"), global_step=1)

        def full(*args: Any, **kwargs: Any) -> None:
            raise OSError("No space left on device")

        monkeypatch.setattr(checkpoint_state, "written_atomically", full)
        with pytest.raises(OSError, match="No space"):
            saver.save(session, str(tmp_path / "m"), global_step=2)
        monkeypatch.undo()
        assert tf.train.latest_checkpoint(str(tmp_path)) == first
        tf.train.Saver().restore(session, first)
        assert session.run(variables[0]).tolist() == [1.0, 2.0]


def test_nodes_are_named_as_in_tensorflow() -> None:
    with tf.Graph().as_default() as graph:
        two_variables()
        saver = tf.train.Saver()
        names = [op.name for op in graph.get_operations() if op.name.startswith("save/")]
        assert saver.saver_def.filename_tensor_name == "save/Const:0"
        assert saver.saver_def.save_tensor_name == "save/control_dependency:0"
        assert saver.saver_def.restore_op_name == "save/restore_all"
    # recorded from TF 1.15
    assert names == [
        "save/filename/input",
        "save/filename",
        "save/Const",
        "save/SaveV2/tensor_names",
        "save/SaveV2/shape_and_slices",
        "save/SaveV2",
        "save/control_dependency",
        "save/RestoreV2/tensor_names",
        "save/RestoreV2/shape_and_slices",
        "save/RestoreV2",
        "save/Assign",
        "save/Identity",
        "save/AssignVariableOp",
        "save/restore_all",
    ]


def test_wrong_uses(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        with pytest.raises(ValueError, match="No variables to save"):
            tf.train.Saver()
        assert tf.train.Saver(allow_empty=True).save(session, str(tmp_path / "m"), write_meta_graph=False) is None
        a, b = two_variables()
        with pytest.raises(ValueError, match="The same saveable will be restored with two names: y"):
            tf.train.Saver({"x": b, "y": b})
        with pytest.raises(TypeError, match="Not a variable"):
            tf.train.Saver({"x": tf.constant(1.0)})
        with pytest.raises(TypeError, match="Variables to save should be passed in a dict or a list"):
            tf.train.Saver(a)
        with pytest.raises(ValueError, match="If `var_list` is provided then build cannot be deferred"):
            tf.train.Saver([a], defer_build=True)
        deferred = tf.train.Saver(defer_build=True)
        with pytest.raises(RuntimeError, match="`build\\(\\)` should be called before save"):
            deferred.save(session, str(tmp_path / "m"))
        saver = tf.train.Saver()
        with pytest.raises(tf.errors.FailedPreconditionError, match="Error while reading resource variable resource"):
            saver.save(session, str(tmp_path / "m"))
        session.run(tf.global_variables_initializer())
        with pytest.raises(ValueError, match="Parent directory of .* doesn't exist, can't save"):
            saver.save(session, str(tmp_path / "no" / "no" / "m"))
        with pytest.raises(ValueError, match="'latest_filename' collides with 'save_path'"):
            saver.save(session, str(tmp_path / "checkpoint"))
        with pytest.raises(ValueError, match="'latest_filename' must not contain path components"):
            saver.save(session, str(tmp_path / "m"), latest_filename="a/b")
        with pytest.raises(TypeError, match="'sess' must be a Session"):
            saver.save(None, str(tmp_path / "m"))
        with pytest.raises(ValueError, match="Can't load save_path when it is None"):
            saver.restore(session, None)
        with pytest.raises(ValueError, match="The passed save_path is not a valid checkpoint"):
            saver.restore(session, str(tmp_path / "none"))


def test_restore_errors_name_the_cause(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        tf.Variable([1.0], name="missing")
        with pytest.raises(tf.errors.NotFoundError, match="a Variable name or other graph key that is missing") as e:
            tf.train.Saver().restore(session, str(FIXTURES / "small-3"))
        assert "Key missing not found in checkpoint" in str(e.value)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.Variable([1.0], name="w")
        with pytest.raises(tf.errors.InvalidArgumentError, match="a mismatch between the current graph and the graph"):
            tf.train.Saver().restore(session, str(FIXTURES / "small-3"))


def test_reshape_on_restore(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="v")
        session.run(v.initializer)
        path = tf.train.Saver().save(session, str(tmp_path / "m"))
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(tf.zeros([4, 1]), name="v")
        tf.train.Saver(reshape=True).restore(session, path)
        assert session.run(v).ravel().tolist() == [1.0, 2.0, 3.0, 4.0]


def test_export_of_a_scope_and_copy() -> None:
    from tfcompat.training import meta_graph

    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [], name="x")
        with tf.name_scope("layer"):
            w = tf.Variable(2.0, name="w")
            tf.multiply(w, x, name="y")
        message, variables = meta_graph.export_scoped_meta_graph(export_scope="layer")
        assert list(variables) == ["w:0"]
        assert "$unbound_inputs_x" in [i for n in message.graph_def.node for i in n.input]
        with pytest.raises(ValueError, match="Graph contains unbound inputs: \\$unbound_inputs_x"):
            meta_graph.import_scoped_meta_graph(message, import_scope="copy")
        copied = meta_graph.import_scoped_meta_graph(
            message, import_scope="copy", input_map={"$unbound_inputs_x": tf.constant(5.0)}
        )
        session.run(tf.global_variables_initializer())
        assert copied["w:0"].name == "copy/w:0"
        assert session.run("copy/y:0") == 10.0


def test_text_meta_graphs_and_extra_savers(tmp_path: Path) -> None:
    path = str(tmp_path / "graph.pbtxt")
    with tf.Graph().as_default():
        two_variables()
        first, second = tf.train.Saver(), tf.train.Saver(name="other")
        message = second.export_meta_graph(path, as_text=True, clear_extraneous_savers=True, strip_default_attrs=True)
        assert not [n.name for n in message.graph_def.node if n.name.startswith("save/")]
        assert "use_locking" in {a for n in first.export_meta_graph().graph_def.node for a in n.attr}
        assert message.meta_info_def.stripped_default_attrs
    with tf.Graph().as_default():
        saver = tf.train.import_meta_graph(path)
        assert saver.saver_def.save_tensor_name == "other/control_dependency:0"
    with pytest.raises(OSError, match="does not exist"):
        tf.train.import_meta_graph(str(tmp_path / "none"))
    (tmp_path / "bad").write_text("{{{")
    with pytest.raises(OSError, match="Cannot parse file"):
        tf.train.import_meta_graph(str(tmp_path / "bad"))


def test_init_from_checkpoint() -> None:
    path = str(FIXTURES / "small-3")
    with tf.Graph().as_default(), tf.Session() as session:
        with tf.variable_scope("mine"):
            w = tf.get_variable("w", [2, 2])
            slots = tf.get_variable("w/Adam", [2, 2], use_resource=True)
            with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(3)):
                parts = tf.get_variable("v", [7, 2])
        other = tf.get_variable("other", [3], tf.float64)
        tf.train.init_from_checkpoint(path, {"/": "mine/", "r": other})
        session.run(tf.global_variables_initializer())
        for mine, name in ((w, "w"), (slots, "w/Adam"), (tf.convert_to_tensor(parts), "p/v"), (other, "r")):
            np.testing.assert_array_equal(session.run(mine), tf.train.load_variable(path, name))
        with pytest.raises(ValueError, match="Tensor none is not found in"):
            tf.train.init_from_checkpoint(path, {"none": w})
        with pytest.raises(ValueError, match="Shape of variable other:0 \\(\\(3,\\)\\) doesn't match"):
            tf.train.init_from_checkpoint(path, {"w": other})
        with pytest.raises(ValueError, match="should map to scope only"):
            tf.train.init_from_checkpoint(path, {"w": "mine/none/"})


def test_warm_start() -> None:
    path = str(FIXTURES / "small-3")
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.get_variable("w", [2, 2])
        r = tf.get_variable("renamed", [3], tf.float64)
        with tf.variable_scope("p", partitioner=tf.fixed_size_partitioner(2)):
            tf.get_variable("v", [7, 2])
        tf.train.warm_start(path, var_name_to_prev_var_name={"renamed": "r"})
        session.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(session.run(w), tf.train.load_variable(path, "w"))
        np.testing.assert_array_equal(session.run(r), tf.train.load_variable(path, "r"))
        with pytest.raises(ValueError, match="var_name_to_prev_var_name that were not used"):
            tf.train.warm_start(path, ["w"], var_name_to_prev_var_name={"x": "r"})
