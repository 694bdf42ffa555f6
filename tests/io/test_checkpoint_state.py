"""The `checkpoint` file: texts, answers and errors compared with TF 1.15.0 call by call."""

from __future__ import annotations

import os

import pytest

from tfcompat.framework import errors
from tfcompat.io import atomic_files
from tfcompat.io.checkpoint_reader import checkpoints_iterator
from tfcompat.io.checkpoint_state import (
    checkpoint_exists,
    generate_checkpoint_state_proto,
    get_checkpoint_mtimes,
    get_checkpoint_state,
    latest_checkpoint,
    meta_graph_filename,
    remove_checkpoint,
    update_checkpoint_state,
    update_checkpoint_state_internal,
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    return tmp_path


def paths(state):
    return state.model_checkpoint_path, list(state.all_model_checkpoint_paths)


def test_generated_states(here):
    kept = ["d/a-1", "d/a-2"]
    assert paths(generate_checkpoint_state_proto("d", "d/a-2", kept)) == ("a-2", ["a-1", "a-2"])
    assert kept == ["a-1", "a-2"]  # as in TF, the caller's list changes
    assert paths(generate_checkpoint_state_proto("d", "d/a-3")) == ("a-3", ["a-3"])
    assert paths(generate_checkpoint_state_proto("/abs", "d/a-3", ["x"])) == ("d/a-3", ["x", "d/a-3"])
    state = generate_checkpoint_state_proto("/abs", "/abs/q", ["/abs/p", "/abs/q"], [1.5, 2.25], 3.5)
    assert paths(state) == ("/abs/q", ["/abs/p", "/abs/q"])
    assert list(state.all_model_checkpoint_timestamps) == [1.5, 2.25] and state.last_preserved_timestamp == 3.5
    with pytest.raises(ValueError) as caught:
        generate_checkpoint_state_proto("d", "d/a", ["d/a"], [1.0, 2.0])
    assert str(caught.value) == (
        "Checkpoint timestamps, if provided, must match checkpoint paths (got paths ['d/a'] and timestamps [1.0, 2.0])"
    )


def test_written_states(here):
    update_checkpoint_state("d", "d/a-2", ["d/a-1", "d/a-2"])
    assert (here / "d/checkpoint").read_text() == (
        'model_checkpoint_path: "a-2"\nall_model_checkpoint_paths: "a-1"\nall_model_checkpoint_paths: "a-2"\n'
    )
    assert paths(get_checkpoint_state("d")) == ("d/a-2", ["d/a-1", "d/a-2"])
    folder = str(here / "d")
    update_checkpoint_state_internal(folder, folder + "/m-2", [folder + "/m-1", "m-2"], save_relative_paths=True)
    assert paths(get_checkpoint_state(folder)) == (folder + "/m-2", [folder + "/m-1", folder + "/m-2"])
    update_checkpoint_state(
        folder,
        "m-2",
        ["m-2"],
        latest_filename="other",
        all_model_checkpoint_timestamps=[1.0],
        last_preserved_timestamp=2,
    )
    assert (
        (here / "d/other").read_text().endswith("all_model_checkpoint_timestamps: 1.0\nlast_preserved_timestamp: 2.0\n")
    )
    with pytest.raises(RuntimeError) as caught:
        update_checkpoint_state(folder, folder + "/checkpoint")
    assert str(caught.value) == (
        f"Save path '{folder}/checkpoint' conflicts with path used for checkpoint state.  "
        "Please use a different save path."
    )


def test_a_failed_update_keeps_the_file(here, monkeypatch):
    update_checkpoint_state("d", "d/a-1")

    def fail(file):
        raise OSError(5, os.strerror(5))

    with monkeypatch.context() as patch, pytest.raises(errors.OpError):
        patch.setattr(atomic_files, "sync", fail)
        update_checkpoint_state("d", "d/a-2")
    assert get_checkpoint_state("d").model_checkpoint_path == "d/a-1"
    assert os.listdir("d") == ["checkpoint"]


def test_states_that_cannot_be_read(here):
    assert get_checkpoint_state("d") is None and get_checkpoint_state("nodir") is None
    (here / "d/bad").write_text("nonsense {")
    assert get_checkpoint_state("d", "bad") is None
    (here / "d/empty").write_text("")
    with pytest.raises(ValueError, match="Invalid checkpoint state loaded from d"):
        get_checkpoint_state("d", "empty")


def test_latest_and_existing(here):
    update_checkpoint_state("d", "d/a-2", ["d/a-1", "d/a-2"])
    assert latest_checkpoint("d") is None and latest_checkpoint("nodir") is None
    (here / "d/a-2.index").touch()
    (here / "d/v1").touch()
    assert latest_checkpoint("d") == "d/a-2"
    found = [checkpoint_exists(p) for p in ("d/a-2", "d/v1", "d/no", "d/a-*")]
    assert found == [True, True, False, True]
    with pytest.raises(errors.NotFoundError) as caught:
        checkpoint_exists("nodir/x")
    assert caught.value.message == "nodir; No such file or directory"
    os.utime("d/a-2.index", (1000, 1234.5))
    os.utime("d/v1", (1000, 99))
    assert get_checkpoint_mtimes(["d/a-2", "d/no", "d/v1"]) == [1234.0, 99.0]


def test_removing(here):
    names = "a-2.index a-2.meta a-2.data-00000-of-00001 a-2.data-00001-of-00002 a-20.index a-2.foo v1 v1.meta".split()
    for name in names:
        (here / "d" / name).touch()
    remove_checkpoint("d/a-2")
    assert sorted(os.listdir("d")) == ["a-2.foo", "a-20.index", "v1", "v1.meta"]
    remove_checkpoint("d/v1", 1)
    remove_checkpoint("d/none")
    assert sorted(os.listdir("d")) == ["a-2.foo", "a-20.index"]


def test_names_of_meta_graphs():
    assert meta_graph_filename("m-3") == "m-3.meta"
    assert meta_graph_filename("m-3-00001-of-00002", "x") == meta_graph_filename("m-3-?????-of-00002", "x") == "m-3.x"


def test_checkpoints_are_waited_for(here):
    (here / "d/a-1.index").touch()
    update_checkpoint_state("d", "d/a-1")
    asked = []
    found = checkpoints_iterator("d", timeout=0, timeout_fn=lambda: asked.append(1) or len(asked) == 2)
    assert list(found) == ["d/a-1"] and len(asked) == 2
    assert list(checkpoints_iterator("d", timeout=0)) == ["d/a-1"]
